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
    gain_text,
    no_gain,
    objective_name,
    proof,
    rest_text,
    set_by,
    shares,
    title,
    value_of_plan,
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
    page: Page = [title(document, words.WHY_TITLE.format(**_named(document)))]
    new = document["new_facilitators_fte"]
    page.append(
        Line(
            words.WHY_POSTS.format(
                new=fte(new),
                existing=fte(document["existing_facilitators_fte"]),
                committed=fte(document["committed_facilitators_fte"]),
                coordinators=fte(document["coordinator"]["new_coordinators_fte"]),
            )
        )
    )
    led = document["coordinator"]["last_post_gain"]
    if led is not None:
        says = {
            "fte": fte(document["coordinator"]["last_post_fte"]),
            "gain": gain_text(document, led),
            "worth": worth(document, led),
        }
        page.append(Line(words.WHY_COORDINATOR.format(**says)))
    page.append(
        Line(
            words.WHY_COVERS.format(
                covered=show.count(document["expected_contracts"]),
                contracts=show.count(document["contracts"]),
                rate=show.rate(document["rate"]),
                value=value_of_plan(document),
                proof=proof(document),
            )
        )
    )
    page += years(document)
    page += [Line(""), Line(words.WHY.format(posts=fte(new), reason=_reason(document)), "head")]
    for limit in document["national_limits"]:
        page += [
            Line(words.of_limit(words.NATIONAL, limit["constraint"])),
            *map(set_by, limit["set_by"]),
        ]
    page += _posts(document)
    page += [Line(""), *_limits(document)] if document["limits"] else []
    page += [Line(""), *_one_more(document), *_next(document)]
    ends = document["range"]
    if None not in ends.values():
        says = {name.removesuffix("_fte"): fte(end) for name, end in ends.items()}
        sentence = words.OWN_RANGE.format(within=within(document), **says)
        page += [Line(sentence), *continuous(document)]
    return page


def _named(document: Document) -> dict[str, str]:
    return {
        "code": document["territory"],
        "name": document["name"],
        "posts": fte(document["new_facilitators_fte"]),
    }


def _reason(document: Document) -> str:
    coordinator = document["coordinator"]
    in_area = coordinator["new_coordinators_fte"] + coordinator["fixed_coordinators_fte"]
    supported = show.plain_value(show.rounded(coordinator["supports_fte"] * in_area, 1))
    later = document["next_post"]["stages"] or []
    objective = next((objective_name(stage) for stage in later[1:]), "")
    says = {"supported": supported, "objective": objective}
    return words.of_limit(words.STOPPED_WHY, document["stopped_by"]).format(**says)


def _posts(document: Document) -> Page:
    """What the last and the next post bring, here and elsewhere."""
    rows, later = [], []
    for key, template, change, post in (
        ("last_post", words.LAST_POST, words.PLAN_WITHOUT, words.LAST),
        ("next_post", words.NEXT_POST, words.PLAN_WITH, words.NEXT),
    ):
        forced = document[key]
        if forced is None:
            continue
        after = document["new_facilitators_fte"]
        before = after - forced["fte"]
        if key == "next_post":
            before, after = after, after + forced["fte"]
        moved, given = forced["change_of_plan"], forced["limits_given_way"]
        part = (moved or 0.0) if key == "next_post" else -(moved or 0.0)
        gives = ", ".join(words.of_limit(words.GIVES_WAY, name) for name in given)
        rows.append(
            [
                template.format(after=fte(after), before=fte(before)),
                gain_text(document, forced["gain_here"]),
                words.UNKNOWN
                if forced["gain_elsewhere"] is None
                else rest_text(document, forced["gain_here"], part),
                words.NOT_POSSIBLE
                if moved is None
                else change.format(change=gain_text(document, moved, signed=True)),
                words.GIVEN_WAY.format(limits=gives) if given else "",
            ]
        )
        later += _later(document, forced, post)
    headings = [heading.format(worth=worth(document)) for heading in words.POST_HEADINGS]
    page: Page = [Grid(headings, rows, left_too=(4,)), *later, *conceded(document)]
    return page if document["objective"]["concede"] else [*page, Line(words.ELSEWHERE_MEANING)]


def _later(document: Document, forced: Document, post: str) -> Page:
    """Which later stage changes where the first does not."""
    stages = forced["stages"] or []
    if not stages or abs(stages[0]["gain"]) > no_gain(document):
        return []
    for stage in stages[1:]:
        changed = amount(stage["objective"], abs(stage["gain"]))
        if any(digit in changed for digit in "123456789"):
            says = {
                "post": post,
                "objective": objective_name(stage),
                "better": words.BETTER if stage["gain"] > 0 else words.WORSE,
                "amount": changed,
            }
            return [Line(words.LATER_STAGE.format(**says))]
    return []


def _limits(document: Document) -> Page:
    """Limits that leave no room: what they are, cost, and where they are set."""
    page: Page = []
    for limit in document["limits"]:
        shown = show.rate(limit["limit"]) if limit["unit"] == "rate" else fte(limit["limit"])
        if limit["unit"] == "EUR":
            shown = show.count(limit["limit"])
        text = words.of_limit(words.REACHED, limit["constraint"]).format(limit=shown)
        gain = limit["gain_without"]
        here = limit["new_facilitators_without_fte"]
        if gain is None:
            text += words.REACHED_UNKNOWN
        elif abs(gain) <= no_gain(document) and _same(here, document["new_facilitators_fte"]):
            text += words.REACHED_NOTHING
        else:
            led = limit["constraint"].startswith("coordinator")
            text += (words.REACHED_WITHOUT_LED if led else words.REACHED_WITHOUT).format(
                gain=gain_text(document, gain, signed=True),
                worth=worth(document, gain),
                posts=fte(here),
                led=fte(limit["new_coordinators_without_fte"]),
            )
        page.append(Line(text))
        page += [set_by(setting) for setting in limit["set_by"]]
    return page


def _one_more(document: Document) -> Page:
    """What alone would give one post more."""
    more = document["one_more"]
    wanted = fte(more["new_facilitators_fte"])
    page: Page = []
    if document["step_fte"] > 0 and not more["held_by"]:
        page.append(Line(words.MORE_IN_STEPS))
    elif more["held_by"]:
        limits = ", ".join(words.of_limit(words.GIVES_WAY, name) for name in more["held_by"])
        page.append(Line(words.MORE_HELD.format(posts=wanted, limits=limits)))
    else:
        rows = [_needed(document, change) for change in more["changes"]]
        headings = [heading.format(posts=wanted) for heading in words.MORE_HEADINGS]
        page.append(Grid(headings, rows, left_too=(3,)))
    gain = more["gain_with_raised_limits"]
    for raised in more["raised_limits"] if gain is not None else []:
        money = raised["constraint"] == "partners"
        template = words.MORE_RAISED_PARTNERS if money else words.MORE_RAISED
        low, high = (show.count(raised[k]) if money else fte(raised[k]) for k in ("from", "to"))
        page.append(
            Line(
                template.format(
                    limit=words.of_limit(words.GIVES_WAY, raised["constraint"]),
                    low=low,
                    high=high,
                    gain=gain_text(document, gain, signed=True),
                    worth=worth(document, gain),
                    posts=fte(more["new_facilitators_with_raised_limits_fte"]),
                )
            )
        )
    return page


def _needed(document: Document, change: Document) -> list[str]:
    """An input and the value it must have, printed on the side where the post is there."""
    lever, factor = change["change"], change["factor"]
    now = next((change[key] for key in ("now", "now_eur_per_fte") if change.get(key)), None)
    now = document["contracts"] if lever == "contracts" else now
    rises = lever != "cost"
    if factor is None:
        needed = words.MORE_UNKNOWN.get(change["reason"], words.MORE_NOT_WITHIN[lever])
    elif now is None:
        needed = words.UNKNOWN
    else:
        needed = _safe(now * factor, up=rises)
        if lever == "contracts":
            times = _safe(factor, up=True)
            needed = words.TIMES.format(needed=needed, factor=times)
    where = change["origin"] or (change["keys"] or [""])[0]
    return [
        words.MORE_NAMES[lever],
        "" if now is None else show.plain_value(show.rounded(now, 4)),
        needed,
        where,
    ]


def _safe(value: float, *, up: bool) -> str:
    """A number to five digits, never short of what is needed."""
    unit = 10.0 ** (math.floor(math.log10(value)) - 4)
    rounded = (math.ceil if up else math.floor)(value / unit) * unit
    return show.count(rounded, max(0, round(-math.log10(unit))))


def _next(document: Document) -> Page:
    """Who gets what one facilitator more buys."""
    following = document["next_facilitator"]
    gain = following["gain"]
    if gain is None:
        return [Line(words.NEXT_IMPOSSIBLE)]
    if gain <= no_gain(document):
        return [Line(words.NEXT_NONE)]
    head = words.NEXT_HERE.format(
        fte=show.plain_value(following["fte"]),
        state=show.count(following["state_eur"]),
        gain=gain_text(document, gain, signed=True),
        worth=worth(document, gain),
    )
    says = {"code": document["territory"], "name": document["name"]}
    own = words.OWN_SHARE_NONE.format(**says)
    if following["territory_rank"] is not None:
        gaining = [p for p in following["posts"] if p["facilitators_fte"] >= STAYS_FTE]
        own = words.OWN_SHARE.format(
            fte=show.count(following["territory_share_fte"], 2),
            rank=following["territory_rank"],
            many=len(gaining),
            **says,
        )
    return [Line(head), *shares(following["posts"]), Line(own)]


def _same(one: float | None, other: float) -> bool:
    return one is not None and abs(one - other) <= STAYS_FTE
