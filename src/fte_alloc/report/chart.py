"""A curve drawn as SVG: two axes, a line, points with names; nothing that needs a script."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from fte_alloc.texts import visible

WIDTH, HEIGHT = 800, 520
#: From where to where the axes go, in the direction of their numbers.
_ACROSS, _UP = (100.0, WIDTH - 30.0), (HEIGHT - 70.0, 44.0)
#: Room beside the curve, of its extent; ticks wanted on an axis.
_ROOM, _TICKS = 0.08, 6
_STYLE = (
    "text{font:14px system-ui,sans-serif;fill:#1b1b1b}"
    ".grid{stroke:#d9d9d9}.axis{stroke:#1b1b1b}"
    ".beyond{fill:#f0f0f0}.note{fill:#5a5a5a}"
    ".curve{fill:none;stroke:#0b5394;stroke-width:2.5}"
    ".point{fill:#0b5394}.named{fill:#fff;stroke:#a03c00;stroke-width:3;pointer-events:none}"
)


@dataclass(frozen=True)
class Axis:
    """An axis: its label, how its numbers are written, whether more is better.

    label : with the unit
    written : a number, to so many digits
    """

    label: str
    written: Callable[[float, int], str]
    more_is_better: bool = True


def ticks(low: float, high: float) -> tuple[list[float], int]:
    """Round numbers between two, and how many digits they need."""
    rough = (high - low) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    size = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * (1 - 1e-9))
    digits = max(0, -math.floor(math.log10(size) + 1e-9))
    first, last = math.ceil(low / size - 1e-9), math.floor(high / size + 1e-9)
    return [round(j * size, digits + 2) for j in range(first, last + 1)], digits


def curve(
    points: Sequence[tuple[float, float]],
    across: Axis,
    up: Axis,
    *,
    title: str,
    description: str,
    beyond: str,
    tips: Sequence[str],
    named: Mapping[int, str],
) -> str:
    """A curve that nothing lies beyond, as an SVG picture.

    points : (across, up), from the best up to the best across
    beyond : what stands in the corner where both would be better
    tips : what is shown where the pointer rests on a point
    named : names of a few points, by index; those of the ends stand where no curve is
    """
    spans = [_span([point[j] for point in points]) for j in range(2)]
    places = [(_place(x, spans[0], *_ACROSS), _place(y, spans[1], *_UP)) for x, y in points]
    sides = (1 if across.more_is_better else -1, -1 if up.more_is_better else 1)
    path = " ".join(f"{x},{y}" for x, y in places)
    parts = [
        *_head(title, description, HEIGHT),
        f'<polygon class="beyond" points="{_beyond(places, sides)}"/>',
        *_across(spans[0], across),
        *_up(spans[1], up),
        _text(_inside(_ACROSS, sides[0]), _inside(_UP, sides[1]), beyond, -sides[0], "note"),
        f'<polyline class="curve" points="{path}"/>',
        *(
            f'<circle class="point" cx="{x}" cy="{y}" r="3"><title>{_safe(tip)}</title></circle>'
            for (x, y), tip in zip(places, tips, strict=True)
        ),
        *_names(places, named, sides),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def notice(text: str, title: str) -> str:
    """A sentence in the place of a curve."""
    height = 60
    parts = [*_head(title, text, height), _text(WIDTH / 2, height / 2 + 5, text), "</svg>"]
    return "\n".join(parts) + "\n"


def _head(title: str, description: str, height: int) -> Iterator[str]:
    """What a picture begins with: its name and description for those who do not see it."""
    said = 'role="img" aria-labelledby="chart-title chart-description"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" {said}>'
    yield f'<title id="chart-title">{_safe(title)}</title>'
    yield f'<desc id="chart-description">{_safe(description)}</desc>'
    yield f"<style>{_STYLE}</style>"
    yield f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>'


def _safe(text: str) -> str:
    """A text inside an element, of signs that XML allows."""
    return escape(visible(text))


def _span(values: Sequence[float]) -> tuple[float, float]:
    """What an axis shows: the values, and some room beside them."""
    low, high = min(values), max(values)
    room = _ROOM * (high - low)
    return low - room, high + room


def _place(value: float, span: tuple[float, float], start: float, end: float) -> float:
    """Where a value stands, to a hundredth of a pixel."""
    return round(start + (value - span[0]) / (span[1] - span[0]) * (end - start), 2)


def _beyond(places: Sequence[tuple[float, float]], sides: tuple[int, int]) -> str:
    """Where no plan is: beyond the curve, and past its ends, where one of the two is better."""
    (best_x, worst_x), (best_y, worst_y) = (
        sorted(span, key=lambda end: -side * end)
        for span, side in ((_ACROSS, sides[0]), (_UP, sides[1]))
    )
    edge = [(worst_x, places[0][1]), *places, (places[-1][0], worst_y)]
    edge += [(best_x, worst_y), (best_x, best_y), (worst_x, best_y)]
    return " ".join(f"{x},{y}" for x, y in edge)


def _inside(span: tuple[float, float], side: int) -> float:
    """Just inside an axis at its end on a side."""
    return (max(span) if side > 0 else min(span)) - 20 * side


def _text(x: float, y: float, text: str, towards: int = 0, kind: str = "label") -> str:
    """A text that begins at x, ends there or, towards 0, has its middle there."""
    anchor = {1: "start", 0: "middle", -1: "end"}[towards]
    place = f'x="{round(x, 2)}" y="{round(y, 2)}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {place}>{_safe(text)}</text>'


def _names(
    places: Sequence[tuple[float, float]], named: Mapping[int, str], sides: tuple[int, int]
) -> Iterator[str]:
    """Points with their names beside them: of the first above the curve, of others below it."""
    for index, name in sorted(named.items()):
        x, y = places[index]
        beyond = index == 0
        down = 5 + 17 * sides[1] * (1 if beyond else -1)
        yield f'<circle class="named" cx="{x}" cy="{y}" r="6"/>'
        yield _text(x, y + down, name, sides[0] * (1 if beyond else -1))


def _across(span: tuple[float, float], axis: Axis) -> Iterator[str]:
    """The axis below, with its lines."""
    values, digits = ticks(*span)
    bottom, top = _UP
    for value in values:
        x = _place(value, span, *_ACROSS)
        yield f'<line class="grid" x1="{x}" y1="{top}" x2="{x}" y2="{bottom}"/>'
        yield _text(x, bottom + 22, axis.written(value, digits))
    left, right = _ACROSS
    yield f'<line class="axis" x1="{left}" y1="{bottom}" x2="{right}" y2="{bottom}"/>'
    yield _text((left + right) / 2, HEIGHT - 14, axis.label)


def _up(span: tuple[float, float], axis: Axis) -> Iterator[str]:
    """The axis on the left, with its lines; its label stands above it, to be read."""
    values, digits = ticks(*span)
    left, right = _ACROSS
    for value in values:
        y = _place(value, span, *_UP)
        yield f'<line class="grid" x1="{left}" y1="{y}" x2="{right}" y2="{y}"/>'
        yield _text(left - 8, y + 5, axis.written(value, digits), -1)
    bottom, top = _UP
    yield f'<line class="axis" x1="{left}" y1="{bottom}" x2="{left}" y2="{top}"/>'
    yield _text(8, top - 18, axis.label, 1)
