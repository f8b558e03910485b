"""Pictures as SVG, drawn by hand: no script, the same bytes for the same picture."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from fte_alloc import numbers as show
from fte_alloc.questions.answer import Axis, Bars, Map, Picture, Plot
from fte_alloc.render.charts import bars, frame, line, safe, shaded_map, style, text_at

WIDTH, HEIGHT = 800, 520
#: From where to where the axes go, in the direction of their numbers.
_ACROSS, _UP = (100.0, WIDTH - 30.0), (HEIGHT - 70.0, 44.0)
#: Room beside the curve, of its extent; ticks wanted on an axis.
_ROOM, _TICKS = 0.08, 6


def svg(picture: Picture, within: str | None = None) -> str:
    """A picture; its description alone where there is nothing to draw.

    within : None: a picture for itself, with its style; else one of a document that has it, and
        the name of a map before it there, whose outlines it takes
    """
    if isinstance(picture, Map):
        drawn = [*shaded_map(picture, within or "")]
    elif isinstance(picture, Bars):
        drawn = [*bars(picture)]
    elif picture.across is None or picture.up is None:
        said = text_at(WIDTH / 2, 35.0, picture.description)
        drawn = [*frame(picture, "plot", WIDTH, 60), said]
    else:
        drawn = [*_drawn(picture, _Scale(picture.across, _ACROSS), _Scale(picture.up, _UP))]
    if within is None:
        drawn.insert(1, f"<style>{style('pictures')}</style>")
    return "\n".join([*drawn, "</svg>"]) + "\n"


def _drawn(plot: Plot, across: _Scale, up: _Scale) -> Iterator[str]:
    """Axes, the region beyond the curve, the curve, its points and the names of some."""
    yield from frame(plot, "plot", WIDTH, HEIGHT)
    pairs = (across.axis.values, up.axis.values), (across.axis.curve, up.axis.curve)
    places, curve = ([*zip(map(across.place, x), map(up.place, y), strict=True)] for x, y in pairs)
    # No plan is beyond the curve, nor past its ends, where one of the two is better.
    edge = [(across.worst, curve[0][1]), *curve, (curve[-1][0], up.worst)]
    edge += [(across.best, up.worst), (across.best, up.best), (across.worst, up.best)]
    yield f'<polygon class="beyond" points="{_path(edge)}"/>'
    yield from _axes(across, up)
    side, height = (1 if scale.axis.more_is_better else -1 for scale in (across, up))
    yield text_at(across.best - 20 * side, up.best + 20 * height, plot.beyond, -side, "note")
    yield f'<polyline class="curve" points="{_path(curve)}"/>'
    for (x, y), tip in zip(places, plot.tips, strict=True):
        title = f"<title>{safe(tip)}</title>"
        yield f'<circle class="point" cx="{x}" cy="{y}" r="3">{title}</circle>'
    for index, name in sorted(plot.named.items()):
        x, y = places[index]
        beyond = 1 if index == 0 else -1  # the first above the curve, others below it
        yield f'<circle class="named" cx="{x}" cy="{y}" r="6"/>'
        yield text_at(x, y + 5 - 17 * beyond * height, name, side * beyond)


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


def _path(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in places)


def _axes(across: _Scale, up: _Scale) -> Iterator[str]:
    """The axes with their lines; the label of the one on the left stands above it, to be read."""
    (left, right), (bottom, top) = _ACROSS, _UP
    for x, number in across.ticks():
        yield line("grid", x, top, x, bottom)
        yield text_at(x, bottom + 22, number)
    yield line("axis", left, bottom, right, bottom)
    yield text_at((left + right) / 2, HEIGHT - 14, across.axis.label)
    for y, number in up.ticks():
        yield line("grid", left, y, right, y)
        yield text_at(left - 8, y + 5, number, -1)
    yield line("axis", left, bottom, left, top)
    yield text_at(8, top - 18, up.axis.label, 1)
