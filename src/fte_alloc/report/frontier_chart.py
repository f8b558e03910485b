"""The trade-off curve drawn, and its page for a browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fte_alloc import words
from fte_alloc.report import frontier_page as page
from fte_alloc.report import numbers as show
from fte_alloc.report.chart import Axis, curve, notice
from fte_alloc.report.html_page import html_page

Document = Mapping[str, Any]


def frontier_svg(document: Document) -> str:
    """The curve as an SVG picture: what is gained across, what it costs upwards."""
    points = document["points"]
    if not document["conflict"]:
        return notice(words.FRONTIER_NO_CURVE, page.title(document))
    elbow = document["elbow"]
    named = {
        0: words.FRONTIER_BEST.format(objective=page.name_of(document, "a")),
        len(points) - 1: words.FRONTIER_BEST.format(objective=page.name_of(document, "b")),
    }
    told = [
        (page.named_value(document, "a", p), page.named_value(document, "b", p)) for p in points
    ]
    return curve(
        [(_shown(document, "b", p["b"]), _shown(document, "a", p["a"])) for p in points],
        _axis(document, "b", ("right", "left")),
        _axis(document, "a", ("up", "down")),
        title=page.title(document),
        description=words.FRONTIER_DESCRIPTION.format(
            count=len(points),
            first=", ".join(told[0]),
            last=", ".join(told[-1]),
            price=page.price_sentence(document).partition("  ")[2].strip(),
        ),
        beyond=words.FRONTIER_BEYOND,
        tips=[
            words.FRONTIER_POINT.format(number=n, first=a, second=b)
            for n, (a, b) in enumerate(told, start=1)
        ],
        named=named if elbow is None else named | {elbow: words.FRONTIER_AT_ELBOW},
    )


def frontier_html(document: Document) -> str:
    """The page of ``frontier`` for a browser, with its picture; a file of its own."""
    drawn = frontier_svg(document) if document["conflict"] else ""
    return html_page(page.frontier_page(document), page.title(document), drawn)


def _shown(document: Document, key: str, value: float) -> float:
    """A value on its axis: rates in percent."""
    return 100 * value if page.unit_of(document, key) == "rate" else value


def _axis(document: Document, key: str, directions: tuple[str, str]) -> Axis:
    """The axis of an objective; the first direction is that of more."""
    more = document["senses"][page.objective_of(document, key)] == "maximise"
    label = page.heading_of(document, key)
    if page.unit_of(document, key) == "rate":
        label = words.FRONTIER_WITH_UNIT.format(objective=label, unit="%")
    better = words.FRONTIER_BETTER[directions[0] if more else directions[1]]
    return Axis(words.FRONTIER_AXIS.format(objective=label, better=better), show.count, more)
