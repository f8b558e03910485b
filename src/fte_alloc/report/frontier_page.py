"""What one objective costs in terms of another, on a page of 100 columns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from fte_alloc import words
from fte_alloc.analysis.comparable import COUNTING
from fte_alloc.analysis.side import new_posts
from fte_alloc.report import numbers as show
from fte_alloc.report.claims import objective_value, regional_lines
from fte_alloc.report.pages import Grid, Line, Page
from fte_alloc.scenario.overrides import command
from fte_alloc.texts import Lines

Document = Mapping[str, Any]
#: Points shown, besides the elbow.
_SHOWN = 12
#: A step whose price is told is the power of ten that goes so often into the whole way; or so,
#: where the price would be told to less than two digits.
_STEPS, _FEW_STEPS = 5, 2
#: The column of prices, and what stands in it where there is none.
_PRICE, NO_PRICE = 5, "–"
#: Digits of differences, by unit.
_DIGITS = {"rate": 2, "EUR": 0, "FTE": 2}


def frontier_page(document: Document) -> Page:
    """The page of ``frontier``."""
    page: Page = [_title(document)]
    if not document["conflict"]:
        return [*page, *_no_conflict(document), *_assumed(document)]
    return [
        *page,
        Line(price_sentence(document)),
        Line(next_sentence(document)),
        Line(elbow_sentence(document)),
        Line(""),
        *_points(document),
        Line(""),
        *_posts(document),
        Line(""),
        Line(words.FRONTIER_MEANS.format(distance=_distance(document))),
        *_assumed(document),
    ]


# -- in words --------------------------------------------------------------------------------------


def name_of(document: Document, key: str) -> str:
    """The name of the objective a or b."""
    return str(words.FRONTIER_NAMES[_plain(document, key)])


def heading_of(document: Document, key: str) -> str:
    """The name of the objective a or b, with its unit where the name does not say it."""
    unit = unit_of(document, key)
    if objective_of(document, key) in COUNTING or unit == "rate":
        return name_of(document, key)
    unit = show.unit_after(2.0, unit)
    return str(words.FRONTIER_WITH_UNIT.format(objective=name_of(document, key), unit=unit))


def _plain(document: Document, key: str) -> str:
    """The objective a or b; unweighted coverage is contracts."""
    objective = objective_of(document, key)
    is_plain = objective == "coverage" and unit_of(document, key) == "contracts"
    return "contracts" if is_plain else objective


def named_value(document: Document, key: str, point: Document) -> str:
    """What a point has of the objective a or b, by its name."""
    value = value_of(document, key, point[key])
    return str(words.FRONTIER_VALUE.format(objective=name_of(document, key), value=value))


def value_of(document: Document, key: str, value: float) -> str:
    """A value of the objective a or b with its unit, but for contracts, which its name says."""
    text = objective_value(objective_of(document, key), value)
    unit = unit_of(document, key)
    return text if unit not in ("EUR", "FTE") else f"{text} {show.unit_after(value, unit)}"


def title(document: Document) -> str:
    """The scenario and its two objectives."""
    names = {"first": name_of(document, "a"), "second": name_of(document, "b")}
    return str(words.FRONTIER_TITLE.format(scenario=document["scenario"], **names))


def price_sentence(document: Document) -> str:
    """What all that can be gained costs, and what half of it does."""
    first, last = document["points"][0], document["points"][-1]
    middle = _first_at(document, (first["b"] + last["b"]) / 2)
    gain = words.FRONTIER_GAINS[_plain(document, "b")].format(
        worst=value_of(document, "b", first["b"]), best=value_of(document, "b", last["b"])
    )
    unit, whole = unit_of(document, "a"), abs(last["a"] - first["a"])
    told = f"{_way(document, 'a', last)} {show.unit_after(whole, unit)}"
    half = _amount(document, "a", abs(middle - first["a"]))
    return str(words.FRONTIER_PRICE.format(gain=gain, all=told, half=half))


def next_sentence(document: Document) -> str:
    """What a step costs at the start, from the elbow on and last, before the end."""
    points, elbow, size = document["points"], document["elbow"], step(document)
    at = {"start": points[0]["b"]}
    if elbow is not None and abs(points[-1]["b"] - points[elbow]["b"]) >= size:
        at["elbow"] = points[elbow]["b"]
    at["end"] = points[-1]["b"] - _towards_end(document, size)
    prices = [
        words.FRONTIER_AT[place].format(price=_amount(document, "a", _cost(document, b, size)))
        for place, b in at.items()
    ]
    return str(words.FRONTIER_NEXT.format(step=_step_text(document, size), prices=_and(prices)))


def _and(parts: Sequence[str]) -> str:
    """A list in words: « a, b and c »."""
    *first, last = parts
    return str(words.AND.join([", ".join(first), last]) if first else last)


def elbow_sentence(document: Document) -> str:
    """Where the curve turns, and how much of the gain is had there for how much of the price."""
    if document["elbow"] is None:
        return str(words.FRONTIER_STRAIGHT)
    point = document["points"][document["elbow"]]
    return str(
        words.FRONTIER_ELBOW.format(
            gained=show.rate(_share(document, "b", point), 0),
            given=show.rate(_share(document, "a", point), 0),
            first=named_value(document, "a", point),
            second=named_value(document, "b", point),
        )
    )


def _title(document: Document) -> Line:
    done = document["status"] == "optimal"
    claim = words.FRONTIER_PROVED
    if not done:
        claim = words.FRONTIER_OPEN_TITLE.format(distance=_distance(document))
    return Line(title(document), "good" if done else "warn", right=claim)


def _no_conflict(document: Document) -> Page:
    (point,) = document["points"]
    says = {name: named_value(document, k, point) for name, k in (("first", "a"), ("second", "b"))}
    page: Page = [Line(words.FRONTIER_NO_CONFLICT.format(**says))]
    if document["inputs"]:
        why = words.FRONTIER_WHY.format(command=command("solve", document["inputs"]))
        page.append(Line(why, whole=True))
    return page


def _distance(document: Document) -> str:
    return show.share_at_most(document["distance"])


def objective_of(document: Document, key: str) -> str:
    """The objective a or b."""
    return str(document["objectives"]["ab".index(key)])


def unit_of(document: Document, key: str) -> str:
    """The unit of the objective a or b."""
    return str(document["units"][objective_of(document, key)])


def _plain_amount(document: Document, key: str, value: float) -> str:
    """A difference of an objective, without its unit."""
    return show.count(_in_unit(document, key, value), _digits(document, key))


def _way(document: Document, key: str, point: Document) -> str:
    """How far an objective is from the first point, both as they are shown."""
    digits, shift = _digits(document, key), 2 if unit_of(document, key) == "rate" else 0
    ends = [show.rounded(p[key], digits, shift) for p in (document["points"][0], point)]
    return show.count(abs(ends[1] - ends[0]), digits)


def _in_unit(document: Document, key: str, value: float) -> float:
    """A difference of an objective in the unit it is told in: rates in points."""
    return 100 * value if unit_of(document, key) == "rate" else value


def _digits(document: Document, key: str) -> int:
    return _DIGITS.get(unit_of(document, key), 1)


def _amount(document: Document, key: str, value: float) -> str:
    """A difference of an objective, with its unit."""
    unit = unit_of(document, key)
    return f"{_plain_amount(document, key, value)} {show.unit_after(value, unit)}"


def _share(document: Document, key: str, point: Document) -> float:
    """How far an objective has come on its way between the ends."""
    first, last = (document["points"][j][key] for j in (0, -1))
    return float((point[key] - first) / (last - first))


def _first_at(document: Document, second: float) -> float:
    """What can be had of a with so much of b, on the lines between the points."""
    for one, other in pairwise(document["points"]):
        low, high = sorted((one["b"], other["b"]))
        if low <= second <= high and low < high:
            share = (second - one["b"]) / (other["b"] - one["b"])
            return float(one["a"] + share * (other["a"] - one["a"]))
    return float(document["points"][-1]["a"])


# -- the table -------------------------------------------------------------------------------------


def representative(document: Document) -> list[int]:
    """Indices of a dozen points spread evenly along the curve, the ends and the elbow."""
    points = document["points"]
    places = [(_share(document, "a", p), _share(document, "b", p)) for p in points]
    along = [0.0]
    for one, other in pairwise(places):
        along.append(along[-1] + math.dist(one, other))
    wanted = [along[-1] * j / (_SHOWN - 1) for j in range(_SHOWN)]
    nearest = {min(range(len(points)), key=lambda j: abs(along[j] - at)) for at in wanted}
    elbow = document["elbow"]
    return sorted(nearest | (set() if elbow is None else {elbow}))


def step(document: Document) -> float:
    """How much of b is a step whose price is told: 0.1 points, 100,000 EUR."""
    first, last = (document["points"][j]["b"] for j in (0, -1))
    small, great = (
        float(10.0 ** math.floor(math.log10(abs(last - first) / times)))
        for times in (_STEPS, _FEW_STEPS)
    )
    price = _in_unit(document, "a", _cost(document, first, small))
    return small if price >= 10.0 ** (1 - _digits(document, "a")) else great


def _points(document: Document) -> Page:
    points, shown = document["points"], representative(document)
    size = step(document)
    given, gained, price, moved = words.FRONTIER_HEADINGS
    is_weighted = "weighted contracts" in document["units"].values()
    counted = [words.FRONTIER_COUNTED] if is_weighted else []
    headings = [
        "",
        heading_of(document, "a"),
        heading_of(document, "b"),
        given,
        gained,
        Lines(
            price.format(
                unit=show.unit_after(2.0, unit_of(document, "a")), step=_step_text(document, size)
            )
        ),
        moved,
        *counted,
    ]
    rows = [
        [
            words.FRONTIER_NUMBER.format(number=j + 1) if j == document["elbow"] else str(j + 1),
            objective_value(objective_of(document, "a"), points[j]["a"]),
            objective_value(objective_of(document, "b"), points[j]["b"]),
            _way(document, "a", points[j]),
            _way(document, "b", points[j]),
            _price(document, points[j], size),
            show.fte(_moved(points[0]["posts"], points[j]["posts"])),
            *[show.count(points[j]["expected_contracts"], 1) for _ in counted],
        ]
        for j in shown
    ]
    says = {"shown": len(shown), "count": len(points)}
    heading = words.FRONTIER_GRID_ALL if len(shown) == len(points) else words.FRONTIER_GRID
    page: Page = [Line(heading.format(**says), "head"), Grid(headings, rows)]
    without = any(row[_PRICE] == NO_PRICE for row in rows)
    return [*page, Line(words.FRONTIER_NO_PRICE)] if without else page


def _step_text(document: Document, size: float) -> str:
    """A step with its unit: 0.1 points more, 1,000 EUR less."""
    value = _in_unit(document, "b", size)
    digits = max(0, -math.floor(math.log10(value) + 1e-9))
    text = f"{show.count(value, digits)} {show.unit_after(size, unit_of(document, 'b'))}"
    return str(
        words.FRONTIER_MORE[document["senses"][objective_of(document, "b")]].format(step=text)
    )


def _cost(document: Document, second: float, size: float) -> float:
    """What the next step from so much of b costs."""
    there = second + _towards_end(document, size)
    return abs(_first_at(document, there) - _first_at(document, second))


def _towards_end(document: Document, size: float) -> float:
    """A step with the sign of the way."""
    first, last = (document["points"][j]["b"] for j in (0, -1))
    return math.copysign(size, last - first)


def _price(document: Document, point: Document, size: float) -> str:
    """What the next step from a point costs, at the rate of what is left where that is less."""
    left = abs(document["points"][-1]["b"] - point["b"])
    if left == 0:
        return NO_PRICE
    reach = min(size, left)
    return _plain_amount(document, "a", _cost(document, point["b"], reach) * size / reach)


def _moved(before: Sequence[Document], after: Sequence[Document]) -> float:
    """Posts of the last year that are elsewhere, opened or cut [FTE]."""
    last = max(row["year"] for row in after)
    pairs = zip(before, after, strict=True)
    more = [a["new_fte"] - b["new_fte"] for b, a in pairs if a["year"] == last]
    return float(max(sum(max(0.0, m) for m in more), sum(max(0.0, -m) for m in more)))


def _posts(document: Document) -> Page:
    """New posts of the last year at the ends and at the elbow."""
    points, years, elbow = document["points"], document["years"], document["elbow"]
    chosen = [points[0], points[-1]] if elbow is None else [points[0], points[elbow], points[-1]]
    plans = [new_posts({"years": years, "posts": point["posts"]}) for point in chosen]
    rows = [
        [f"{code} {document['names'][code]}", *(show.fte(plan[code]) for plan in plans)]
        for code in sorted(plans[0])
    ]
    rows.append([words.COUNTRY, *(show.fte(sum(plan.values())) for plan in plans)])
    ends = [words.FRONTIER_BEST.format(objective=name_of(document, key)) for key in "ab"]
    middle = [] if elbow is None else [words.FRONTIER_AT_ELBOW]
    heading = words.FRONTIER_POSTS
    if len(years) > 1:
        heading = words.FRONTIER_POSTS_IN.format(year=years[-1])
    grid = Grid(["", ends[0], *middle, ends[1]], rows, total=True)
    return [Line(heading, "head"), grid]


def _assumed(document: Document) -> Page:
    """How many regional figures are assumed."""
    named = {**document["inputs"], "values": {"territory": document["territory"] or ""}}
    return [*regional_lines({"regional_figures": document["regional_figures"], "inputs": named})]
