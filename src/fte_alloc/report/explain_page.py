"""Why a plan is what it is, on a page: for one territory, or for all."""

from __future__ import annotations

import math

from fte_alloc import words
from fte_alloc.analysis.explain import Explanation
from fte_alloc.analysis.views import STAYS_FTE
from fte_alloc.report import numbers as show
from fte_alloc.report.claims import regional_lines
from fte_alloc.report.gains import (
    Document,
    amount,
    conceded,
    continuous,
    fte,
    gain_says,
    gain_text,
    is_shown,
    no_gain,
    objective_name,
    plan_says,
    say,
    set_by,
    shares,
    title,
    within,
    worth,
    years,
)
from fte_alloc.report.names import title_of
from fte_alloc.report.nation_page import nation_page
from fte_alloc.report.pages import Grid, Line, Page


def explain_page(explanation: Explanation) -> Page:
    """The page of ``explain``."""
    document = {**explanation.document, "title": title_of(explanation.plan.document)}
    page = nation_page(document) if document["territory"] is None else _territory(document)
    return [*page, *regional_lines(explanation.plan.document)]


# -- one territory ---------------------------------------------------------------------------------


def _territory(document: Document) -> Page:
    new, led = fte(document["new_facilitators_fte"]), document["coordinator"]
    page: Page = [
        title(document, words.WHY_TITLE.format(**_named(document), posts=new)),
        say(
            words.WHY_POSTS,
            new=new,
            existing=fte(document["existing_facilitators_fte"]),
            committed=fte(document["committed_facilitators_fte"]),
            coordinators=fte(led["new_coordinators_fte"]),
        ),
    ]
    if led["last_post_gain"] is not None:
        gain = gain_says(document, led["last_post_gain"])
        page.append(say(words.WHY_COORDINATOR, fte=fte(led["last_post_fte"]), **gain))
    page += [
        say(
            words.WHY_COVERS,
            covered=show.count(document["expected_contracts"]),
            contracts=show.count(document["contracts"]),
            rate=show.rate(document["rate"]),
            **plan_says(document),
        ),
        *years(document),
        Line(""),
        Line(words.WHY.format(posts=new, reason=_reason(document)), "head"),
    ]
    for limit in document["national_limits"]:
        page += [Line(words.of_limit(words.NATIONAL, limit["constraint"])), *set_by(limit)]
    page += _posts(document)
    page += [Line(""), *_limits(document)] if document["limits"] else []
    page += [Line(""), *_one_more(document), *_next(document)]
    ends = document["range"]
    if None not in ends.values():
        says = {name.removesuffix("_fte"): fte(end) for name, end in ends.items()}
        page += [say(words.OWN_RANGE, within=within(document), **says), *continuous(document)]
    return page


def _named(document: Document) -> dict[str, str]:
    return {"code": document["territory"], "name": document["name"]}


def _reason(document: Document) -> str:
    led = document["coordinator"]
    in_area = led["new_coordinators_fte"] + led["fixed_coordinators_fte"]
    supported = show.plain_value(show.rounded(led["supports_fte"] * in_area, 1))
    later = document["next_post"]["stages"] or []
    objective = next((objective_name(stage) for stage in later[1:]), "")
    why = words.of_limit(words.STOPPED_WHY, document["stopped_by"])
    return why.format(supported=supported, objective=objective)


def _posts(document: Document) -> Page:
    """What the last and the next post bring, here and elsewhere."""
    rows, later, new = [], [], document["new_facilitators_fte"]
    for key, sign, template, change, post in (
        ("last_post", -1, words.LAST_POST, words.PLAN_WITHOUT, words.LAST),
        ("next_post", 1, words.NEXT_POST, words.PLAN_WITH, words.NEXT),
    ):
        forced = document[key]
        if forced is None:
            continue
        before, after = sorted((new, new + sign * forced["fte"]))
        here, moved, given = (
            forced[of] for of in ("gain_here", "change_of_plan", "limits_given_way")
        )
        elsewhere = words.UNKNOWN
        if forced["gain_elsewhere"] is not None:
            elsewhere = amount(document["objective"]["objective"], here, sign * (moved or 0.0))
        plan = words.NOT_POSSIBLE
        if moved is not None:
            plan = change.format(change=gain_text(document, moved, signed=True))
        rows.append(
            [
                template.format(after=fte(after), before=fte(before)),
                gain_text(document, here),
                elsewhere,
                plan,
                words.GIVEN_WAY.format(limits=_given_way(given)) if given else "",
            ]
        )
        later += _later(document, forced, post)
    headings = [heading.format(worth=worth(document)) for heading in words.POST_HEADINGS]
    page: Page = [Grid(headings, rows, left_too=(4,)), *later, *conceded(document)]
    return page if document["objective"]["concede"] else [*page, Line(words.ELSEWHERE_MEANING)]


def _given_way(limits: list[str]) -> str:
    return ", ".join(words.of_limit(words.GIVES_WAY, name) for name in limits)


def _later(document: Document, forced: Document, post: str) -> Page:
    """Which later stage changes where the first does not."""
    first, *others = forced["stages"] or [None]
    if first is None or abs(first["gain"]) > no_gain(document):
        return []
    for stage in others:
        changed = amount(stage["objective"], abs(stage["gain"]))
        if is_shown(changed):
            better = words.BETTER if stage["gain"] > 0 else words.WORSE
            name = objective_name(stage)
            return [
                say(words.LATER_STAGE, post=post, objective=name, better=better, amount=changed)
            ]
    return []


def _limits(document: Document) -> Page:
    """Limits that leave no room: what they are, cost, and where they are set."""
    page: Page = []
    written = {"rate": show.rate, "EUR": show.count}
    for limit in document["limits"]:
        shown = written.get(limit["unit"], fte)(limit["limit"])
        text = words.of_limit(words.REACHED, limit["constraint"]).format(limit=shown)
        gain, here = limit["gain_without"], limit["new_facilitators_without_fte"]
        if gain is None:
            text += words.REACHED_UNKNOWN
        elif abs(gain) <= no_gain(document) and _same(here, document["new_facilitators_fte"]):
            text += words.REACHED_NOTHING
        else:
            led = limit["constraint"].startswith("coordinator")
            text += (words.REACHED_WITHOUT_LED if led else words.REACHED_WITHOUT).format(
                **gain_says(document, gain, signed=True),
                posts=fte(here),
                led=fte(limit["new_coordinators_without_fte"]),
            )
        page += [Line(text), *set_by(limit)]
    return page


def _one_more(document: Document) -> Page:
    """What alone would give one post more."""
    more = document["one_more"]
    wanted, held = fte(more["new_facilitators_fte"]), more["held_by"]
    page: Page = []
    if held:
        page.append(say(words.MORE_HELD, posts=wanted, limits=_given_way(held)))
    elif document["step_fte"] > 0:
        page.append(Line(words.MORE_IN_STEPS))
    else:
        rows = [_needed(document, change) for change in more["changes"]]
        headings = [heading.format(posts=wanted) for heading in words.MORE_HEADINGS]
        page.append(Grid(headings, rows, left_too=(3,)))
    gain = more["gain_with_raised_limits"]
    for raised in more["raised_limits"] if gain is not None else []:
        money = raised["constraint"] == "partners"
        low, high = (show.count(raised[k]) if money else fte(raised[k]) for k in ("from", "to"))
        page.append(
            say(
                words.MORE_RAISED_PARTNERS if money else words.MORE_RAISED,
                limit=words.of_limit(words.GIVES_WAY, raised["constraint"]),
                low=low,
                high=high,
                posts=fte(more["new_facilitators_with_raised_limits_fte"]),
                **gain_says(document, gain, signed=True),
            )
        )
    return page


def _needed(document: Document, change: Document) -> list[str]:
    """An input and the value it must have, printed on the side where the post is there."""
    lever, factor = change["change"], change["factor"]
    now = next((change[key] for key in ("now", "now_eur_per_fte") if change.get(key)), None)
    now = document["contracts"] if lever == "contracts" else now
    if factor is None:
        needed = words.MORE_UNKNOWN.get(change["reason"], words.MORE_NOT_WITHIN[lever])
    elif now is None:
        needed = words.UNKNOWN
    else:
        needed = _safe(now * factor, up=lever != "cost")
        if lever == "contracts":
            needed = words.TIMES.format(needed=needed, factor=_safe(factor, up=True))
    shown = "" if now is None else show.plain_value(show.rounded(now, 4))
    where = change["origin"] or (change["keys"] or [""])[0]
    return [words.MORE_NAMES[lever], shown, needed, where]


def _safe(value: float, *, up: bool) -> str:
    """A number to five digits, never short of what is needed."""
    unit = 10.0 ** (math.floor(math.log10(value)) - 4)
    rounded = (math.ceil if up else math.floor)(value / unit) * unit
    return show.count(rounded, max(0, round(-math.log10(unit))))


def _next(document: Document) -> Page:
    """Who gets what one facilitator more buys."""
    following, named = document["next_facilitator"], _named(document)
    gain, rank = following["gain"], following["territory_rank"]
    if gain is None:
        return [Line(words.NEXT_IMPOSSIBLE)]
    if gain <= no_gain(document):
        return [Line(words.NEXT_NONE)]
    head = say(
        words.NEXT_HERE,
        fte=show.plain_value(following["fte"]),
        state=show.count(following["state_eur"]),
        **gain_says(document, gain, signed=True),
    )
    own = say(words.OWN_SHARE_NONE, **named)
    if rank is not None:
        many = sum(post["facilitators_fte"] >= STAYS_FTE for post in following["posts"])
        share = show.count(following["territory_share_fte"], 2)
        own = say(words.OWN_SHARE, fte=share, rank=rank, many=many, **named)
    return [head, *shares(following["posts"]), own]


def _same(one: float | None, other: float) -> bool:
    return one is not None and abs(one - other) <= STAYS_FTE
