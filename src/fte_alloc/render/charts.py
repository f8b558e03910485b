"""Maps in shades and bars, parts of every picture; ``questions/report`` names what may move."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from importlib.resources import files

from fte_alloc.questions.answer import Bars, Map, Picture
from fte_alloc.texts import visible

#: Where a text has its anchor: it begins at a place, has its middle there, ends there.
_ANCHORS = {1: "start", 0: "middle", -1: "end"}
#: Above the outlines of a map, for the heading; a swatch of the legend; where that begins.
_HEAD, _SWATCH, _LEGEND = 60.0, 40.0, (10.0, 700.0)
#: From where to where bars go, how high one is, room between groups, above and below all.
_LEFT, _RIGHT, _BAR, _GAP, _TOP, _BOTTOM = 205.0, 515.0, 13.0, 7.0, 30.0, 10.0


def shaded_map(chart: Map, outlines: str = "") -> Iterator[str]:
    """A map, its panels side by side.

    outlines : the name of a map before it in the same document, whose outlines it takes
    """
    width, height = chart.size
    more = f' data-limits="{" ".join(map(repr, chart.limits))}"'
    yield from frame(chart, "map", width * len(chart.values), height + _HEAD, more)
    for n, (heading, values) in enumerate(chart.values.items()):
        yield f'<g transform="translate({of(width * n)} {of(_HEAD)})">'
        yield text_at(width / 2, -20, heading, kind="head")
        for code, (path, transform, x, y) in chart.outlines.items():
            value, place, to = values.get(code), safe(code), chart.links.get(code)
            shade = "" if value is None else f' class="shade{chart.shade(value)}"'
            tag, link = ("a", f' href="#{safe(to)}"') if to else ("g", "")
            yield f'<{tag}{link} data-place="{place}"{shade}>'
            yield f"<title>{safe(chart.labels[code])}</title>"
            if n or outlines:
                yield f'<use href="#{outlines or chart.name}-{place}"/>'
            else:
                at = f' transform="{transform}" vector-effect="non-scaling-stroke"'
                yield f'<path id="{chart.name}-{place}"{at} d="{path}"/>'
            yield f"{text_at(x, y, chart.written(value), kind='figure')}</{tag}>"
        for m, limit in enumerate((None, *chart.limits)):
            (left, top), size = _LEGEND, f'width="{of(_SWATCH)}" height="30"'
            top += m * (_SWATCH + 4)
            said = f"< {chart.written(chart.limits[0])}"
            said = said if limit is None else f"≥ {chart.written(limit)}"
            yield f'<rect class="shade{m}" x="{of(left)}" y="{of(top)}" {size}/>'
            yield text_at(left + _SWATCH + 10, top + 25, said, 1)
        yield "</g>"


def bars(chart: Bars) -> Iterator[str]:
    """Bars that lie, a group a place."""
    every = (value or 0.0 for of in chart.values.values() for value in of.values())
    longest = max(every, default=0.0)
    per_unit, count = round((_RIGHT - 45 - _LEFT) / max(1e-9, longest), 4), len(chart.values)
    head, step = _TOP + 16 * count, count * _BAR + _GAP
    bottom = head + step * len(chart.labels)
    more = f' data-left="{_LEFT!r}" data-per-unit="{per_unit!r}"'
    yield from frame(chart, "bars", _RIGHT + 20, bottom + _BOTTOM, more)
    for n, name in enumerate(chart.values):
        yield f'<rect data-series="{n}" x="{of(_LEFT)}" y="{8 + 16 * n}" width="16" height="10"/>'
        yield text_at(_LEFT + 24, 17 + 16 * n, name, 1)
    for m, (key, label) in enumerate(chart.labels.items()):
        top, to = head + step * m, chart.links.get(key)
        said = text_at(_LEFT - 8, top + count * _BAR / 2 + 4, label, -1)
        said = f'<a href="#{safe(to)}">{said}</a>' if to else said
        yield f'<g data-place="{safe(key)}">{said}'
        for n, values in enumerate(chart.values.values()):
            value, y = values.get(key), top + n * _BAR
            long = (value or 0.0) * per_unit
            place = f'x="{of(_LEFT)}" y="{of(y)}" width="{of(long)}" height="{of(_BAR - 2)}"'
            yield f'<rect data-series="{n}" {place}/>'
            yield text_at(_LEFT + long + 5, y + 10, chart.written(value), 1)
        yield "</g>"
    yield line("axis", _LEFT, head - 4, _LEFT, bottom)


# -- parts of every picture ------------------------------------------------------------------------


def frame(
    picture: Picture, kind: str, width: float, height: float, more: str = ""
) -> Iterator[str]:
    """What a picture begins with: its name and description, and its ground.

    kind : class of the element, which rules of the style begin with
    more : further attributes
    """
    name = safe(picture.name)
    # What an img contains is not read out, links neither.
    role = "group" if isinstance(picture, Bars) and picture.links else "img"
    said = f'role="{role}" aria-labelledby="{name}-title {name}-description"'
    box = f'id="{name}" class="{kind}" viewBox="0 0 {of(width)} {of(height)}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {box} {said}{more}>'
    yield f'<title id="{name}-title">{safe(picture.title)}</title>'
    yield f'<desc id="{name}-description">{safe(picture.description)}</desc>'
    yield f'<rect width="{of(width)}" height="{of(height)}" fill="#fff"/>'


def style(name: str) -> str:
    """Rules of a style sheet of the package."""
    return files(__package__).joinpath(f"{name}.css").read_text(encoding="utf-8")


def safe(text: str) -> str:
    """A text inside an element or an attribute, of signs that XML allows."""
    return escape(visible(text))


def of(length: float) -> str:
    """A place or a length, to a hundredth of a unit."""
    return str(round(length, 2)).removesuffix(".0")


def text_at(x: float, y: float, text: str, towards: int = 0, kind: str = "label") -> str:
    """A text that begins at x, ends there or, towards 0, has its middle there."""
    place = f'x="{of(x)}" y="{of(y)}" text-anchor="{_ANCHORS[towards]}"'
    return f'<text class="{kind}" {place}>{safe(text)}</text>'


def line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    """A straight line."""
    return f'<line class="{kind}" x1="{of(x1)}" y1="{of(y1)}" x2="{of(x2)}" y2="{of(y2)}"/>'
