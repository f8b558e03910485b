"""The trade-off curve as an SVG picture, and its page for a browser; nothing needs a script."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from fte_alloc import numbers as show
from fte_alloc.language import N_, _
from fte_alloc.questions.frontier.page import Curve, Objective, frontier_page
from fte_alloc.render.html import html_page
from fte_alloc.texts import visible

FRONTIER_BETTER = {
    "right": N_("better to the right"),
    "left": N_("better to the left"),
    "up": N_("better upwards"),
    "down": N_("better downwards"),
}

Document = Mapping[str, Any]
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


def frontier_html(document: Document) -> str:
    """The page of ``frontier`` for a browser, with its picture; a file of its own."""
    drawn = frontier_svg(document) if document["conflict"] else ""
    return html_page(frontier_page(document), Curve(document).title, drawn)


def frontier_svg(document: Document) -> str:
    """The curve as an SVG picture: what is gained across, what it costs upwards."""
    curve = Curve(document)
    if not document["conflict"]:
        height, text = 60, _("One plan is best at both: there is no curve to draw.")
        drawn = [*_head(curve.title, text, height), _text(WIDTH / 2, height / 2 + 5, text)]
    else:
        drawn = [*_drawn(curve)]
    return "\n".join([*drawn, "</svg>"]) + "\n"


def _drawn(curve: Curve) -> Iterator[str]:
    """Axes, the region that no plan reaches, the line, its points and the names of some."""
    told = [(curve.a.named(point), curve.b.named(point)) for point in curve.points]
    text = _("A curve of {count} points, from {first} to {last}. {price}").format(
        count=len(told),
        first=", ".join(told[0]),
        last=", ".join(told[-1]),
        price=curve.price_sentence.partition("  ")[2].strip(),
    )
    yield from _head(curve.title, text, HEIGHT)
    across, up = _Axis(curve, curve.b, _ACROSS), _Axis(curve, curve.a, _UP)
    places = [(across.place(x), up.place(y)) for x, y in zip(across.values, up.values, strict=True)]
    yield f'<polygon class="beyond" points="{_path(_beyond(places, across, up))}"/>'
    yield from _across(across)
    yield from _up(up)
    side = 1 if across.more_is_better else -1
    corner = across.best - 20 * side, up.best + (20 if up.more_is_better else -20)
    yield _text(*corner, _("no plan is here: proved"), -side, "note")
    yield f'<polyline class="curve" points="{_path(places)}"/>'
    for number, ((x, y), (first, second)) in enumerate(zip(places, told, strict=True), start=1):
        text = _("{number}: {first}, {second}")
        tip = _safe(text.format(number=number, first=first, second=second))
        yield f'<circle class="point" cx="{x}" cy="{y}" r="3"><title>{tip}</title></circle>'
    best_a, best_b = curve.best
    named = {0: best_a, len(places) - 1: best_b}
    elbow = curve.document["elbow"]
    named |= {} if elbow is None else {elbow: _("elbow")}
    for index, name in sorted(named.items()):
        x, y = places[index]
        beyond = 1 if index == 0 else -1  # the first above the curve, others below it
        yield f'<circle class="named" cx="{x}" cy="{y}" r="6"/>'
        down = 5 - 17 * beyond * (1 if up.more_is_better else -1)
        yield _text(x, y + down, name, side * beyond)


class _Axis:
    """An axis of the picture.

    values : of the points, rates in percent
    best, worst : places of its ends
    """

    def __init__(self, curve: Curve, objective: Objective, ends: tuple[float, float]) -> None:
        self.values = [objective.in_unit(point[objective.key]) for point in curve.points]
        low, high = min(self.values), max(self.values)
        room = _ROOM * (high - low)
        self.low, self.high, self.ends = low - room, high + room, ends
        self.more_is_better = objective.maximised
        self.worst, self.best = ends if self.more_is_better else ends[::-1]
        label = objective.heading
        if objective.unit == "rate":
            label = _("{objective}, {unit}").format(objective=label, unit="%")
        directions = ("right", "left") if ends is _ACROSS else ("up", "down")
        better = _(FRONTIER_BETTER[directions[0 if self.more_is_better else 1]])
        self.label = _("{objective} ({better})").format(objective=label, better=better)

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


def _text(x: float, y: float, text: str, towards: int = 0, kind: str = "label") -> str:
    """A text that begins at x, ends there or, towards 0, has its middle there."""
    place = f'x="{round(x, 2)}" y="{round(y, 2)}" text-anchor="{_ANCHORS[towards]}"'
    return f'<text class="{kind}" {place}>{_safe(text)}</text>'


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'


def _path(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in places)


def _beyond(
    places: Sequence[tuple[float, float]], across: _Axis, up: _Axis
) -> list[tuple[float, float]]:
    """Where no plan is: beyond the curve, and past its ends, where one of the two is better."""
    edge = [(across.worst, places[0][1]), *places, (places[-1][0], up.worst)]
    return [*edge, (across.best, up.worst), (across.best, up.best), (across.worst, up.best)]


def _across(axis: _Axis) -> Iterator[str]:
    """The axis below, with its lines."""
    (left, right), (bottom, top) = _ACROSS, _UP
    for x, number in axis.ticks():
        yield _line("grid", x, top, x, bottom)
        yield _text(x, bottom + 22, number)
    yield _line("axis", left, bottom, right, bottom)
    yield _text((left + right) / 2, HEIGHT - 14, axis.label)


def _up(axis: _Axis) -> Iterator[str]:
    """The axis on the left, with its lines; its label stands above it, to be read."""
    (left, right), (bottom, top) = _ACROSS, _UP
    for y, number in axis.ticks():
        yield _line("grid", left, y, right, y)
        yield _text(left - 8, y + 5, number, -1)
    yield _line("axis", left, bottom, left, top)
    yield _text(8, top - 18, axis.label, 1)
