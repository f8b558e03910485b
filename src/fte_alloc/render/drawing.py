"""What every picture is drawn with: its frame, for those who do not see it too, texts and lines."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from fte_alloc.questions.answer import Picture
from fte_alloc.texts import visible

#: Where a text has its anchor: it begins at a place, has its middle there, ends there.
_ANCHORS = {1: "start", 0: "middle", -1: "end"}


def frame(
    picture: Picture, kind: str, style: str, size: tuple[float, float], more: str = ""
) -> Iterator[str]:
    """What a picture begins with: its name and description, style and ground.

    kind : class of the element, which rules of the style begin with
    size : across and down
    more : further attributes
    """
    name, (width, height) = safe(picture.name), size
    role = "group" if getattr(picture, "links", None) else "img"  # what is in an img is not read
    said = f'role="{role}" aria-labelledby="{name}-title {name}-description"'
    box = f'viewBox="0 0 {of(width)} {of(height)}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" id="{name}" class="{kind}" {box} {said}{more}>'
    yield f'<title id="{name}-title">{safe(picture.title)}</title>'
    yield f'<desc id="{name}-description">{safe(picture.description)}</desc>'
    yield f"<style>{style}</style>"
    yield f'<rect width="{of(width)}" height="{of(height)}" fill="#fff"/>'


def safe(text: str) -> str:
    """A text inside an element or an attribute, of signs that XML allows."""
    return escape(visible(text))


def text_at(x: float, y: float, text: str, towards: int = 0, kind: str = "label") -> str:
    """A text that begins at x, ends there or, towards 0, has its middle there."""
    place = f'x="{of(x)}" y="{of(y)}" text-anchor="{_ANCHORS[towards]}"'
    return f'<text class="{kind}" {place}>{safe(text)}</text>'


def line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    """A straight line."""
    return f'<line class="{kind}" x1="{of(x1)}" y1="{of(y1)}" x2="{of(x2)}" y2="{of(y2)}"/>'


def of(length: float) -> str:
    """A place or a length, to a hundredth of a unit, as attributes have it."""
    return str(round(length, 2)).removesuffix(".0")
