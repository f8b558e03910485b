"""How far weights may move, and posts along one of them, on pages of 100 columns."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from fte_alloc import words
from fte_alloc.analysis.weight_path import WeightPath
from fte_alloc.analysis.weights_document import Weights
from fte_alloc.programme.data import FACILITATOR
from fte_alloc.report import numbers as show
from fte_alloc.report.claims import regional_lines
from fte_alloc.report.names import buyer_of, title_of
from fte_alloc.report.pages import Grid, Line, Page
from fte_alloc.scenario.weighing import KINDS
from fte_alloc.search.document import evaluation_document
from fte_alloc.texts import Lines

Document = Mapping[str, Any]
#: Digits of an end count from the first of its distance.
_DIGITS = 3
#: Columns of posts that a page has room for.
_MOST_POSTS = 12


def weights_page(found: Weights) -> Page:
    """The page of ``weights``."""
    whole, document = found.plan.document, found.document
    ranked = sorted(document["weights"], key=_tightness)
    return [
        _title(whole, words.WEIGHTS_TITLE),
        Line(_claim(whole, document, ranked)),
        Line(""),
        _grid(whole, document, ranked),
        Line(""),
        *_meaning(document, ranked),
        *_without_effect(whole, ranked),
        *_codes(document, ranked),
        *regional_lines(whole),
    ]


def _title(whole: Document, right: str) -> Line:
    title = words.TITLE.format(scenario=whole["scenario"], title=title_of(whole))
    return Line(title, "plain", right)


def _tightness(weight: Document) -> tuple[bool, float, str]:
    """The weight with the least room first."""
    slack = weight["slack"]
    return slack is None, slack or 0.0, weight["key"]


# -- the first sentence ----------------------------------------------------------------------------


def _claim(whole: Document, document: Document, ranked: Sequence[Document]) -> str:
    """The weight with the least room, and how far it may move."""
    if ranked and all(weight["still"] == "no_stage" for weight in ranked):
        return str(words.WEIGHTS_NO_STAGE)
    same = words.WEIGHTS_SAME.format(tolerance=_tolerance(document))
    if document["step_fte"] > 0:
        same = words.WEIGHTS_SAME_STEPS
    if not ranked or ranked[0]["slack"] is None:
        return str(words.WEIGHTS_CLAIM["none"]).format(same=same)
    first = ranked[0]
    ends = {
        key: first[key]
        for key, side in (("low", "below"), ("high", "above"))
        if first[side]["moves_first"]
    }
    sentence = words.WEIGHTS_CLAIM["both" if len(ends) == 2 else next(iter(ends))]
    return str(sentence).format(
        weight=_weight(whole, first),
        same=same,
        **{key: _end(first["value"], value, up=key == "low") for key, value in ends.items()},
    )


def _name(whole: Document, weight: Document) -> str:
    """What a weight is of."""
    if weight["kind"] == "segment":
        return buyer_of(whole, {"segment": weight["code"], "name": weight["name"]})
    return str(weight["name"])


def _weight(whole: Document, weight: Document) -> str:
    """A weight in a sentence."""
    return str(words.WEIGHT_OF[weight["kind"]]).format(name=_name(whole, weight))


def _tolerance(document: Document) -> str:
    return show.plain_value(document["tolerance_fte"])


# -- the table -------------------------------------------------------------------------------------


def _grid(whole: Document, document: Document, ranked: Sequence[Document]) -> Grid:
    """Kind by kind, the weights with the least room first."""
    rows: list[list[str]] = []
    for kind in KINDS:
        of_kind = [weight for weight in ranked if weight["kind"] == kind]
        if of_kind:
            rows.append([words.WEIGHT_KINDS_HEAD[kind], *[""] * 7])
        rows += [_row(whole, document, weight) for weight in of_kind]
    return Grid([Lines(heading) for heading in words.WEIGHTS_HEADINGS], rows)


def _row(whole: Document, document: Document, weight: Document) -> list[str]:
    name = _name(whole, weight)
    if weight["kind"] == "territory":
        name = words.WEIGHTS_CODE.format(code=weight["code"], name=name)
    cells = [f"  {name}", show.plain_value(weight["value"])]
    for key, up in (("low", True), ("high", False)):
        cells.append(_end(weight["value"], weight[key], up=up))
    for side in ("below", "above"):
        first = weight[side]["moves_first"]
        if first is None:
            cells += [words.NOBODY, ""]
            continue
        several = len(document["years"]) > 1
        cells += [_mover(first, several=several), _rate(first["rate"], weight)]
    return cells


def _mover(first: Document, *, several: bool) -> str:
    """Who moves, when where there are several years, and by how much."""
    code = first["territory"]
    if first["role"] != FACILITATOR:
        code = words.COORDINATOR_OF.format(code=code)
    when = f" {first['year']}" if several else ""
    return f"{code}{when} {show.fte_change(first['fte'])}"


def _rate(rate: float | None, weight: Document) -> str:
    """A rate to three digits; nothing that a weight twice as large would not show."""
    if rate is None:
        return "–"
    scale = abs(weight["value"]) or 1.0
    if abs(rate) * scale < 0.0005:
        return show.count(0.0)
    digits = max(0, 2 - math.floor(math.log10(abs(rate))))
    return show.count_change(rate, min(digits, 6))


def _end(value: float, end: float | None, *, up: bool) -> str:
    """An end, rounded towards the value, to three digits of its distance.

    up : whether it lies below the value
    """
    if end is None:
        return str(words.NO_END)
    distance = abs(value - end)
    if distance == 0 or end == 0:
        return show.plain_value(end)
    digits = max(0, _DIGITS - 1 - math.floor(math.log10(distance)))
    rounded = (math.ceil if up else math.floor)(round(end * 10**digits, 3)) / 10**digits
    return show.count(rounded, digits)


# -- what it means ---------------------------------------------------------------------------------


def _meaning(document: Document, ranked: Sequence[Document]) -> Page:
    """What the columns say."""
    if all(weight["still"] == "no_stage" for weight in ranked):
        return []
    in_steps = document["step_fte"] > 0
    means = words.WEIGHTS_MEANS_STEPS if in_steps else words.WEIGHTS_MEANS
    page: Page = [Line(means.format(tolerance=_tolerance(document)))]
    reasons = {weight["rate_unknown"]: None for weight in ranked if weight["rate_unknown"]}
    if any(not weight["rate_unknown"] for weight in ranked):
        page.append(Line(words.WEIGHTS_RATE))
    return [*page, *[Line(words.WEIGHT_NO_RATE[reason]) for reason in reasons]]


def _without_effect(whole: Document, ranked: Sequence[Document]) -> Page:
    """The weights that tell no contracts apart."""
    told = [_weight(whole, weight) for weight in ranked if weight["still"] == "same"]
    return [Line(words.WEIGHTS_STILL.format(weights=", ".join(told)))] if told else []


def _codes(document: Document, ranked: Sequence[Document]) -> Page:
    """Names of those who move and have no row of their own."""
    sides = [weight[side]["moves_first"] for weight in ranked for side in ("below", "above")]
    rows = [weight["code"] for weight in ranked if weight["kind"] == "territory"]
    return _named(document, [first for first in sides if first], rows)


def _named(document: Document, posts: Sequence[Document], known: Collection[str] = ()) -> Page:
    """Names of the territories of posts, but for those that are known."""
    codes = sorted({post["territory"] for post in posts} - set(known))
    named = [
        words.WEIGHTS_CODE.format(code=code, name=document["names"][code])
        for code in codes
        if document["names"].get(code, code) != code
    ]
    led = any(post["role"] != FACILITATOR for post in posts)
    if led:
        named.append(words.WEIGHTS_LED)
    return [Line(words.WEIGHTS_CODES.format(codes=", ".join(named)))] if named else []


# -- posts along one weight ------------------------------------------------------------------------


def path_page(path: WeightPath) -> Page:
    """The page of ``weights --path``: the posts that move, at every point."""
    document = path.document
    nothing = path.problem.judge(*path.problem.zeros())
    whole = evaluation_document(nothing, nothing)
    moving = sorted(
        (j for j, post in enumerate(document["posts"]) if _moves(document, post)),
        key=lambda j: -_span(document["posts"][j]),
    )
    shown = sorted(moving[:_MOST_POSTS])
    several = len(document["years"]) > 1
    posts = [document["posts"][j] for j in shown]
    says = {
        "low": show.plain_value(document["low"]),
        "high": show.plain_value(document["high"]),
        "tolerance": _tolerance(document),
        "count": len(moving),
        "all": sum(post["role"] in path.problem.roles for post in document["posts"]),
        "points": len(document["points"]),
    }
    claim = words.PATH_CLAIM_STEPS if document["step_fte"] > 0 else words.PATH_CLAIM
    claim = claim if moving else words.PATH_NOBODY
    claim = claim if document["status"] == "optimal" else words.PATH_CLAIM_STOPPED
    page: Page = [
        _title(whole, words.PATH_TITLE),
        Line(claim.format(**says)),
    ]
    if shown:
        headings = [document["key"], *(_heading(post, several=several) for post in posts)]
        page += [Line(""), Grid(headings, list(_path_rows(document, shown)))]
    if len(moving) > len(shown):
        more = len(moving) - len(shown)
        page.append(Line(words.plural(words.PATH_MORE, more).format(count=more)))
    page += [Line(""), *_named(document, posts)]
    return [*page, *regional_lines(whole)]


def _span(post: Document) -> float:
    return float(post["greatest_fte"] - post["least_fte"])


def _moves(document: Document, post: Document) -> bool:
    least = min(document["tolerance_fte"], document["step_fte"] / 2 or math.inf)
    return _span(post) > least


def _heading(post: Document, *, several: bool) -> str:
    code = str(post["territory"])
    if post["role"] != FACILITATOR:
        code = words.COORDINATOR_OF.format(code=code)
    return Lines(f"{code}\n{post['year']}") if several else code


def _path_rows(document: Document, shown: Sequence[int]) -> Iterator[list[str]]:
    """One row a point; of plans in steps, those where one begins or ends."""
    points = document["points"]
    for n, point in enumerate(points):
        around = points[max(0, n - 1) : n + 2]
        same = all(other["new_fte"] == point["new_fte"] for other in around)
        if document["step_fte"] > 0 and same and 0 < n < len(points) - 1:
            continue
        row = [point["new_fte"][j] for j in shown]
        yield [show.significant(point["value"], 6), *(show.fte(fte) for fte in row)]
