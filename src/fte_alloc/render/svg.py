"""Pictures as SVG without scripts; equal pictures give equal bytes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from importlib.resources import files

from fte_alloc import numbers as show
from fte_alloc.questions.answer import Axis, Bars, Map, Picture, Plot
from fte_alloc.texts import xml_escaped

WIDTH, HEIGHT = 800, 520
#: Start and end of the axes, in the direction of growing numbers.
_ACROSS, _UP = (100.0, WIDTH - 30.0), (HEIGHT - 70.0, 44.0)
#: Margin beside the curve, as a share of its extent; ticks wanted on an axis.
_ROOM, _TICKS = 0.08, 6

#: ``text-anchor`` of SVG, by the direction in which a text runs from its position.
_ANCHORS = {1: "start", 0: "middle", -1: "end"}
#: Room for the heading above a map; size of a swatch of the legend; its first position.
_HEAD, _SWATCH, _LEGEND = 60.0, 40.0, (10.0, 700.0)
#: Left and right end of the bars, height of a bar, gap between groups, margin above and below.
_LEFT, _RIGHT, _BAR, _GAP, _TOP, _BOTTOM = 205.0, 515.0, 13.0, 7.0, 30.0, 10.0


def svg(picture: Picture, within: str | None = None) -> str:
    """A picture as an SVG element; its description alone where there is nothing to draw.

    within : None for a picture on its own, with its style sheet; for a picture of a document, the
        name of an earlier map whose outlines are used again, or an empty text
    """
    if isinstance(picture, Map):
        drawn = [*_map(picture, within or "")]
    elif isinstance(picture, Bars):
        drawn = [*_bar_chart(picture)]
    elif picture.across is None or picture.up is None:
        text = _text(WIDTH / 2, 35.0, picture.description)
        drawn = [*_frame(picture, WIDTH, 60), text]
    else:
        drawn = [*_plot(picture, _Scale(picture.across, _ACROSS), _Scale(picture.up, _UP))]
    if within is None:
        drawn.insert(1, f"<style>{style_sheet('pictures')}</style>")
    return "\n".join([*drawn, "</svg>"]) + "\n"


def _plot(plot: Plot, across: _Scale, up: _Scale) -> Iterator[str]:
    """The SVG lines of a plot: axes, region beyond the curve, curve, points, names of points."""
    yield from _frame(plot, WIDTH, HEIGHT)
    pairs = (across.axis.values, up.axis.values), (across.axis.curve, up.axis.curve)
    places, curve = ([*zip(map(across.place, x), map(up.place, y), strict=True)] for x, y in pairs)
    # No plan is beyond the curve, nor past its ends, where one of the two is better.
    edge = [(across.worst, curve[0][1]), *curve, (curve[-1][0], up.worst)]
    edge += [(across.best, up.worst), (across.best, up.best), (across.worst, up.best)]
    yield f'<polygon class="beyond" points="{_polyline(edge)}"/>'
    yield from _axes(across, up)
    side, height = (1 if scale.axis.more_is_better else -1 for scale in (across, up))
    yield _text(across.best - 20 * side, up.best + 20 * height, plot.beyond, -side, "note")
    yield f'<polyline class="curve" points="{_polyline(curve)}"/>'
    for (x, y), tip in zip(places, plot.tips, strict=True):
        title = f"<title>{xml_escaped(tip)}</title>"
        yield f'<circle class="point" cx="{x}" cy="{y}" r="3">{title}</circle>'
    for index, name in sorted(plot.named.items()):
        x, y = places[index]
        beyond = 1 if index == 0 else -1  # the first above the curve, others below it
        yield f'<circle class="named" cx="{x}" cy="{y}" r="6"/>'
        yield _text(x, y + 5 - 17 * beyond * height, name, side * beyond)


class _Scale:
    """Positions of the values of an axis from its start to its end, of its better and worse end."""

    def __init__(self, axis: Axis, ends: tuple[float, float]) -> None:
        values = [*axis.values, *axis.bound]
        low, high = min(values), max(values)
        room = _ROOM * (high - low)
        self.axis, self.low, self.high, self.ends = axis, low - room, high + room, ends
        self.worst, self.best = ends if axis.more_is_better else ends[::-1]

    def place(self, value: float) -> float:
        start, end = self.ends
        return round(start + (value - self.low) / (self.high - self.low) * (end - start), 2)

    def ticks(self) -> Iterator[tuple[float, str]]:
        values, digits = axis_ticks(self.low, self.high)
        for value in values:
            yield self.place(value), show.count(value, digits)


def axis_ticks(low: float, high: float) -> tuple[list[float], int]:
    """Round numbers between two values, and the decimals that they need."""
    rough = (high - low) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    size = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * (1 - 1e-9))
    digits = max(0, -math.floor(math.log10(size) + 1e-9))
    first, last = math.ceil(low / size - 1e-9), math.floor(high / size + 1e-9)
    return [round(j * size, digits + 2) for j in range(first, last + 1)], digits


def _polyline(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in places)


def _axes(across: _Scale, up: _Scale) -> Iterator[str]:
    """The axes with grid lines; the label of the vertical axis stands above it, horizontally."""
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


def _map(chart: Map, outlines: str) -> Iterator[str]:
    """The SVG lines of a map, its panels side by side; *outlines* as *within* of ``svg``."""
    width, height = chart.size
    yield from _frame(chart, width * len(chart.values), height + _HEAD)
    for n, (heading, values) in enumerate(chart.values.items()):
        yield f'<g transform="translate({_px(width * n)} {_px(_HEAD)})">'
        yield _text(width / 2, -20, heading, kind="head")
        for code, (path, transform, x, y) in chart.outlines.items():
            value, place, to = values.get(code), xml_escaped(code), chart.links.get(code)
            shade = "" if value is None else f' class="shade{chart.shade(value)}"'
            tag, link = ("a", f' href="#{xml_escaped(to)}"') if to else ("g", "")
            yield f'<{tag}{link} data-place="{place}"{shade}>'
            yield f"<title>{xml_escaped(chart.labels[code])}</title>"
            if n or outlines:
                yield f'<use href="#{outlines or chart.name}-{place}"/>'
            else:
                at = f' transform="{transform}" vector-effect="non-scaling-stroke"'
                yield f'<path id="{chart.name}-{place}"{at} d="{path}"/>'
            yield f"{_text(x, y, chart.written(value), kind='figure')}</{tag}>"
        for m, limit in enumerate((None, *chart.limits)):
            (left, top), size = _LEGEND, f'width="{_px(_SWATCH)}" height="30"'
            top += m * (_SWATCH + 4)
            below = f"< {chart.written(chart.limits[0])}"
            text = below if limit is None else f"≥ {chart.written(limit)}"
            yield f'<rect class="shade{m}" x="{_px(left)}" y="{_px(top)}" {size}/>'
            yield _text(left + _SWATCH + 10, top + 25, text, 1)
        yield "</g>"


def _bar_chart(chart: Bars) -> Iterator[str]:
    every = (value or 0.0 for values in chart.values.values() for value in values.values())
    longest = max(every, default=0.0)
    per_unit, count = round((_RIGHT - 45 - _LEFT) / max(1e-9, longest), 4), len(chart.values)
    head, step = _TOP + 16 * count, count * _BAR + _GAP
    bottom = head + step * len(chart.labels)
    yield from _frame(chart, _RIGHT + 20, bottom + _BOTTOM)
    for n, name in enumerate(chart.values):
        yield f'<rect data-series="{n}" x="{_px(_LEFT)}" y="{8 + 16 * n}" width="16" height="10"/>'
        yield _text(_LEFT + 24, 17 + 16 * n, name, 1)
    for m, (key, label) in enumerate(chart.labels.items()):
        top, to = head + step * m, chart.links.get(key)
        name = _text(_LEFT - 8, top + count * _BAR / 2 + 4, label, -1)
        name = f'<a href="#{xml_escaped(to)}">{name}</a>' if to else name
        yield f'<g data-place="{xml_escaped(key)}">{name}'
        for n, values in enumerate(chart.values.values()):
            value, y = values.get(key), top + n * _BAR
            long = (value or 0.0) * per_unit
            place = f'x="{_px(_LEFT)}" y="{_px(y)}" width="{_px(long)}" height="{_px(_BAR - 2)}"'
            yield f'<rect data-series="{n}" {place}/>'
            yield _text(_LEFT + long + 5, y + 10, chart.written(value), 1)
        yield "</g>"
    yield _line("axis", _LEFT, head - 4, _LEFT, bottom)


# -- parts of every picture ------------------------------------------------------------------------


def _frame(picture: Picture, width: float, height: float) -> Iterator[str]:
    """The opening SVG element of a picture with its title, description and background."""
    name, kind = xml_escaped(picture.name), type(picture).__name__.lower()  # for the style sheet
    # What an img contains is not read out, links neither.
    role = "group" if isinstance(picture, Bars) and picture.links else "img"
    labels = f'role="{role}" aria-labelledby="{name}-title {name}-description"'
    box = f'id="{name}" class="{kind}" viewBox="0 0 {_px(width)} {_px(height)}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {box} {labels}>'
    yield f'<title id="{name}-title">{xml_escaped(picture.title)}</title>'
    yield f'<desc id="{name}-description">{xml_escaped(picture.description)}</desc>'
    yield f'<rect width="{_px(width)}" height="{_px(height)}" fill="#fff"/>'


def style_sheet(name: str) -> str:
    """The text of a style sheet of this package, by its name without ending."""
    return files(__package__).joinpath(f"{name}.css").read_text(encoding="utf-8")


def _px(length: float) -> str:
    """A coordinate or a length as SVG writes it, to a hundredth of a unit."""
    return str(round(length, 2)).removesuffix(".0")


def _text(x: float, y: float, text: str, towards: int = 0, kind: str = "label") -> str:
    """A text at x that runs to the right (1), to the left (−1) or is centred there (0)."""
    place = f'x="{_px(x)}" y="{_px(y)}" text-anchor="{_ANCHORS[towards]}"'
    return f'<text class="{kind}" {place}>{xml_escaped(text)}</text>'


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{_px(x1)}" y1="{_px(y1)}" x2="{_px(x2)}" y2="{_px(y2)}"/>'
