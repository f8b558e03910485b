"""Plots as SVG pictures, drawn by hand: no script, the same bytes for the same plot."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape

from fte_alloc import numbers as show
from fte_alloc.questions.answer import Axis, Plot
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
#: Where a text has its anchor: it begins at a place, has its middle there, ends there.
_ANCHORS = {1: "start", 0: "middle", -1: "end"}


def svg(plot: Plot) -> str:
    """The picture of a plot; its description alone where there is nothing to draw."""
    if plot.across is None or plot.up is None:
        drawn = [*_head(plot, 60), _text(WIDTH / 2, 35.0, plot.description)]
    else:
        drawn = [*_drawn(plot, _Scale(plot.across, _ACROSS), _Scale(plot.up, _UP))]
    return "\n".join([*drawn, "</svg>"]) + "\n"


def _drawn(plot: Plot, across: _Scale, up: _Scale) -> Iterator[str]:
    """Axes, the region beyond the curve, the curve, its points and the names of some."""
    yield from _head(plot, HEIGHT)
    places, curve = (
        [(across.place(x), up.place(y)) for x, y in zip(*pairs, strict=True)]
        for pairs in (
            (across.axis.values, up.axis.values),
            (across.axis.curve, up.axis.curve),
        )
    )
    yield f'<polygon class="beyond" points="{_path(_beyond(curve, across, up))}"/>'
    yield from _axes(across, up)
    side, height = (1 if scale.axis.more_is_better else -1 for scale in (across, up))
    yield _text(across.best - 20 * side, up.best + 20 * height, plot.beyond, -side, "note")
    yield f'<polyline class="curve" points="{_path(curve)}"/>'
    for (x, y), tip in zip(places, plot.tips, strict=True):
        title = f"<title>{_safe(tip)}</title>"
        yield f'<circle class="point" cx="{x}" cy="{y}" r="3">{title}</circle>'
    for index, name in sorted(plot.named.items()):
        x, y = places[index]
        beyond = 1 if index == 0 else -1  # the first above the curve, others below it
        yield f'<circle class="named" cx="{x}" cy="{y}" r="6"/>'
        yield _text(x, y + 5 - 17 * beyond * height, name, side * beyond)


class _Scale:
    """Where the values of an axis stand in the picture.

    ends : from where to where it goes, in the direction of its numbers
    best, worst : places of its ends
    """

    def __init__(self, axis: Axis, ends: tuple[float, float]) -> None:
        values = [*axis.values, *axis.bound]
        low, high = min(values), max(values)
        room = _ROOM * (high - low)
        self.axis, self.low, self.high, self.ends = axis, low - room, high + room, ends
        self.worst, self.best = ends if axis.more_is_better else ends[::-1]

    def place(self, value: float) -> float:
        """Where a value stands, to a hundredth of a pixel."""
        start, end = self.ends
        return round(start + (value - self.low) / (self.high - self.low) * (end - start), 2)

    def ticks(self) -> Iterator[tuple[float, str]]:
        """Places of round numbers, and how these are written."""
        values, digits = ticks(self.low, self.high)
        for value in values:
            yield self.place(value), show.count(value, digits)


def ticks(low: float, high: float) -> tuple[list[float], int]:
    """Round numbers between two, and how many digits they need."""
    rough = (high - low) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    size = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * (1 - 1e-9))
    digits = max(0, -math.floor(math.log10(size) + 1e-9))
    first, last = math.ceil(low / size - 1e-9), math.floor(high / size + 1e-9)
    return [round(j * size, digits + 2) for j in range(first, last + 1)], digits


def _head(plot: Plot, height: int) -> Iterator[str]:
    """What a picture begins with: its name and description for those who do not see it."""
    said = 'role="img" aria-labelledby="chart-title chart-description"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" {said}>'
    yield f'<title id="chart-title">{_safe(plot.title)}</title>'
    yield f'<desc id="chart-description">{_safe(plot.description)}</desc>'
    yield f"<style>{_STYLE}</style>"
    yield f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>'


def _safe(text: str) -> str:
    """A text inside an element, of signs that XML allows."""
    return escape(visible(text))


def _text(x: float, y: float, text: str, towards: int = 0, kind: str = "label") -> str:
    """A text that begins at x, ends there or, towards 0, has its middle there."""
    place = f'x="{round(x, 2)}" y="{round(y, 2)}" text-anchor="{_ANCHORS[towards]}"'
    return f'<text class="{kind}" {place}>{_safe(text)}</text>'


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'


def _path(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in places)


def _beyond(
    places: Sequence[tuple[float, float]], across: _Scale, up: _Scale
) -> list[tuple[float, float]]:
    """Where no plan is: beyond the curve, and past its ends, where one of the two is better."""
    edge = [(across.worst, places[0][1]), *places, (places[-1][0], up.worst)]
    return [*edge, (across.best, up.worst), (across.best, up.best), (across.worst, up.best)]


def _axes(across: _Scale, up: _Scale) -> Iterator[str]:
    """The axes with their lines; the label of the one on the left stands above it, to be read."""
    (left, right), (bottom, top) = _ACROSS, _UP
    for x, number in across.ticks():
        yield _line("grid", x, top, x, bottom)
        yield _text(x, bottom + 22, number)
    yield _line("axis", left, bottom, right, bottom)
    yield _text((left + right) / 2, HEIGHT - 14, across.axis.label)
    for y, number in up.ticks():
        yield _line("grid", left, y, right, y)
        yield _text(left - 8, y + 5, number, -1)
    yield _line("axis", left, bottom, left, top)
    yield _text(8, top - 18, up.axis.label, 1)
