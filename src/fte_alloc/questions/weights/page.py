"""The pages of ``weights``, of 100 columns: intervals of weights, and posts along one weight."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import numpy as np

from fte_alloc import numbers as show
from fte_alloc.inputs.weighing import KINDS
from fte_alloc.language import N_, _, pgettext
from fte_alloc.names import COLUMN_NAMES
from fte_alloc.programme.data import FACILITATOR
from fte_alloc.questions.answer import Grid, Line, Page, wrapped
from fte_alloc.questions.document import Document, Documented, inputs_of, page_head, scenario_keys
from fte_alloc.questions.inputs_in_words import assumed_figures_lines, buyer_name, input_in_words
from fte_alloc.questions.places import place_key
from fte_alloc.texts import Lines

WEIGHT_KINDS_HEAD = {
    "segment": N_("Kinds of buyer"),
    "year": N_("Years"),
    "indicators": N_("Coefficients of indicators"),
    "territory": N_("Territories"),
}

#: Largest number of columns of posts on a page.
_MOST_POSTS = 12
#: Keys of the two sides of a weight: its end, and what happens there.
_SIDES = (("low", "below"), ("high", "above"))


def weights_page(found: Documented) -> Page:
    """Text page of ``weights``: the interval of each weight, and the posts it moves first."""
    whole, document = scenario_keys(found.problem), found.document
    ranked = sorted(
        (weight | {"words": _weight_words(whole, weight)} for weight in document["weights"]),
        key=lambda weight: (weight["slack"] is None, weight["slack"] or 0.0, weight["key"]),
    )
    tolerance = show.plain_value(document["tolerance_fte"])
    same = _("moves no post by more than {tolerance} FTE").format(tolerance=tolerance)
    if document["step_fte"] > 0:
        same = _("gives the same plan or one as good")
    head = Line(page_head(whole), right=_("How far a weight may move"))
    if not ranked:  # the time was over
        return [head, Line(_("No weight was looked at."))]
    first = ranked[0]
    claim = _("Tightest   any {weight} from {low} to {high} {same}.")
    if first["still"] == "no_stage":
        claim = _("No stage looks at weights: whatever their values, the plan is the same.")
    elif first["slack"] is None:
        claim = _("Tightest   none: whatever the value of a weight shown here, it {same}.")
        if any(weight[side]["end"] == "far" for weight in ranked for _, side in _SIDES):
            claim = _("Tightest   none: any value tried of a weight shown here {same}.")
    elif first["high"] is None:
        claim = _("Tightest   any {weight} above {low} {same}.")
    elif first["low"] is None:
        claim = _("Tightest   any {weight} below {high} {same}.")
    low, high = (_end(first["value"], first[key]) for key, _ in _SIDES)
    claim = claim.format(weight=_weight_name(first), low=low, high=high, same=same)
    page: Page = [head, Line(claim), Line(""), _grid(document, ranked), Line("")]
    if first["still"] != "no_stage":
        text = _(
            "From, to   any value between them {same} while the other weights stay as they are; "
            "just beyond, or at 0, the post named moves most, by so many FTE. As --set takes them, "
            "before weights of territories are rescaled."
        )
        rate = _(
            "Rate       FTE per unit of the weight, of that post, just where the weight is now; on "
            "the way to an end that is far it may turn. –: not known, as for posts in steps or "
            "tied, or where coverage is not the first objective."
        )
        page += [Line(text.format(same=same)), Line(rate)]
    if still := [_weight_name(weight) for weight in ranked if weight["still"] == "same"]:
        text = _(
            "No effect  {weights}: applies to all that can be covered or to none; favours no plan."
        )
        page.append(Line(text.format(weights=", ".join(still))))
    movers = (weight[side]["moves_first"] for weight in ranked for _, side in _SIDES)
    rows = [weight["code"] for weight in ranked if weight["kind"] == "territory"]
    page += _codes(document, list(filter(None, movers)), rows)
    return [*page, *assumed_figures_lines(whole)]


def _weight_words(whole: Document, weight: Document) -> str:
    if weight["kind"] == "segment":
        return buyer_name(whole, {"segment": weight["code"], "name": weight["name"]})
    return _(COLUMN_NAMES.get(weight["name"], str(weight["name"])))


def _weight_name(weight: Document) -> str:
    is_coefficient = weight["kind"] == "indicators"
    text = _("coefficient of {name}") if is_coefficient else _("weight of {name}")
    return text.format(name=weight["words"])


def _grid(document: Document, ranked: Sequence[Document]) -> Grid:
    """Table of weights by kind, each kind in the order of *ranked*."""
    rows: list[list[str]] = []
    for kind in KINDS:
        of_kind = [_row(document, weight) for weight in ranked if weight["kind"] == kind]
        rows += [[_(WEIGHT_KINDS_HEAD[kind]), *[""] * 7], *of_kind] if of_kind else []
    rate = pgettext("slope", "rate")
    sides = (_("below,\nfirst"), rate, _("above,\nfirst"), rate)
    return Grid([*map(Lines, ("", _("now"), _("from"), _("to"), *sides))], rows)


def _row(document: Document, weight: Document) -> list[str]:
    """Row of a weight: value, interval, and for each end the first post to move and its rate."""
    name, value = weight["words"], weight["value"]
    if weight["kind"] == "territory":
        name = _("{code} {name}").format(code=weight["code"], name=name)
    cells = [f"  {name}", show.plain_value(value)]
    cells += [_end(value, weight[key]) for key, _ in _SIDES]
    for __, side in _SIDES:
        first = weight[side]["moves_first"]
        if first is None:
            cells += [_("nobody"), ""]
            continue
        mover = _heading(first, document, " {year}") + " " + show.fte_change(first["fte"])
        cells += [mover, _rate(first["rate"], abs(value) or 1.0)]
    return cells


def _heading(post: Document, document: Document, of_year: str = "\n{year}") -> str:
    """Heading of a post: its code, c for a coordinator, and its year where there are several."""
    code = str(post["territory"] or post["area"])
    if post["role"] != FACILITATOR:
        code = _("{code}c").format(code=code)
    return Lines(code + (of_year.format(**post) if len(document["years"]) > 1 else ""))


def _rate(rate: float | None, scale: float) -> str:
    """A rate as text, to three digits; 0 where rate times *scale* would print as 0.000."""
    if rate is None:
        return "–"
    if abs(rate) * scale < 0.0005:
        return show.count(0.0)
    digits = max(0, 2 - math.floor(math.log10(abs(rate))))
    return show.count_change(rate, min(digits, 6))


def _end(value: float, end: float | None) -> str:
    """An end as text, rounded inwards, to three digits of its distance from the value."""
    if end is None:
        return _("no end")
    distance = abs(value - end)
    if distance == 0 or end == 0:
        return show.plain_value(end)
    digits = max(0, 2 - math.floor(math.log10(distance)))
    return (show.at_most if end < value else show.at_least)(end, digits)


def _codes(document: Document, posts: Sequence[Document], known: Collection[str] = ()) -> Page:
    """Line that explains the codes of the places of *posts*, but for those in *known*."""
    codes = {
        place_key(post): post["territory"] or _("{code}c").format(code=post["area"])
        for post in posts
    }
    named = [
        _("{code} {name}").format(code=codes[key], name=document["names"][key])
        for key in sorted(codes.keys() - set(known))
    ]
    if any(post["role"] != FACILITATOR for post in posts):
        named.append(_("c: coordinator"))
    return [Line(_("Codes      {codes}.").format(codes=", ".join(named)))] if named else []


# -- posts along one weight ------------------------------------------------------------------------


def path_page(found: Documented) -> Page:
    """The page of ``weights --path``: a table of the posts that move most, by point."""
    whole, document, posts = scenario_keys(found.problem), found.document, found.document["posts"]
    in_steps, points = document["step_fte"] > 0, document["points"]
    least = min(document["tolerance_fte"], document["step_fte"] / 2 or math.inf)
    spans = np.ptp([point["new_fte"] for point in points], axis=0)
    moving = sorted((j for j, s in enumerate(spans) if s > least), key=lambda j: -spans[j])
    shown = sorted(moving[:_MOST_POSTS])
    claim = _("From {low} to {high}, {count} of {all} posts move by more than {tolerance} FTE.")
    if document["status"] != "optimal":
        claim += " " + _("Stopped: between two of the {points} points solved, some may be further.")
    elif not in_steps:
        claim += " " + _(
            "Between two neighbours of the {points} points solved, no post is further than that "
            "from a straight line."
        )
    claim = claim.format(
        low=show.plain_value(points[0]["value"]),
        high=show.plain_value(points[-1]["value"]),
        tolerance=show.plain_value(least),
        count=len(moving),
        all=sum(post["role"] in found.problem.roles for post in posts),
        points=len(points),
    )
    page: Page = [Line(page_head(whole), right=_("Posts along one weight")), Line(claim)]
    if shown:
        rows = []
        for n, point in enumerate(points):
            around = points[max(0, n - 1) : n + 2]
            same = all(other["new_fte"] == point["new_fte"] for other in around)
            if in_steps and same and 0 < n < len(points) - 1:
                continue  # in steps, only points beside a change are shown
            fte = [show.fte(point["new_fte"][j]) for j in shown]
            rows.append([show.significant(point["value"], 6), *fte])
        named = wrapped(input_in_words(document["key"], inputs_of(whole)))
        headings = [named, *(_heading(posts[j], document) for j in shown)]
        page += [Line(""), Grid(headings, rows)]
    if more := len(moving) - len(shown):
        text = _("Posts that move less: {count} more; --format csv has all.")
        page.append(Line(text.format(count=more)))
    codes = _codes(document, [posts[j] for j in shown])
    return [*page, Line(""), *codes, *assumed_figures_lines(whole)]
