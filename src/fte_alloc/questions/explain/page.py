"""Why a plan is what it is, on a page: for one territory, or for all."""

from __future__ import annotations

import math

from fte_alloc import numbers as show
from fte_alloc.language import N_, _
from fte_alloc.names import PRICED_LIMITS, REACHED, STOPPED_WHY, of_limit
from fte_alloc.questions.answer import Grid, Line, Page
from fte_alloc.questions.claims import objective_name, regional_lines
from fte_alloc.questions.document_parts import Found, about
from fte_alloc.questions.explain import gains
from fte_alloc.questions.explain.explain import STAYS_FTE
from fte_alloc.questions.explain.gains import (
    amount,
    fte,
    gain_says,
    gain_text,
    no_gain,
    say,
    set_by,
    worth,
)
from fte_alloc.questions.explain.nation_page import nation_page, stopped, territories
from fte_alloc.questions.places import area_key, labels_of
from fte_alloc.questions.results import Document
from fte_alloc.questions.wording import headed, title_of

MORE_NAMES = {
    "contracts": N_("its contracts, of all kinds"),
    "cost": N_("cost of any facilitator, EUR"),
    "cost True": N_("cost of its facilitators, EUR"),
    "cost False": N_("cost where none is its own, EUR"),
    "weight": N_("its weight"),
}
MORE_NOT_WITHIN = {
    "contracts": N_("none up to ×10"),
    "weight": N_("none up to ×10"),
    "cost": N_("none down to a tenth"),
}
MORE_UNKNOWN = {"no_inputs": N_("needs a scenario"), "no_effect": N_("counts for nothing")}
NATIONAL = {
    "budget": N_("           The State's money is all used:"),
    "cap": N_("           The cap of the network is reached:"),
    "own": N_("           The limit {name} is reached:"),
}


def explain_page(found: Found, whole: Document | None = None) -> Page:
    """The page of ``explain``; *whole* is any document of its problem, where there is one."""
    whole = whole or about(found.problem)
    document = {**found.document, "title": title_of(whole)}
    if document["territory"]:  # whose coordinators are those of an area of several, if of one
        area = labels_of(whole["posts"]).get(area_key(document["area"]))
        document["led_with"] = _(" of {area}").format(area=area) if area else ""
    told = nation_page if "area" not in document else _territory if document["territory"] else _area
    return [*told(document), *regional_lines(whole)]


def _head(document: Document) -> Page:
    """Posts of a territory or an area, and what they cover."""
    new, led = fte(document["new_facilitators_fte"]), document["coordinator"]
    text = _("{code} {name}: {posts} new facilitators")
    posts = _(
        "Posts      {new} new facilitators beside {existing} in place and {committed} renewed; "
        "{coordinators} new coordinators{of_area}."
    )
    page: Page = [
        Line(headed(document), right=text.format(**_named(document), posts=new)),
        say(
            posts,
            new=new,
            existing=fte(document["existing_facilitators_fte"]),
            committed=fte(document["committed_facilitators_fte"]),
            coordinators=fte(led["new_coordinators_fte"]),
            of_area=document.get("led_with", ""),
        ),
    ]
    if led["last_post_gain"] is not None:
        text = _(
            "           The last {fte} FTE of its coordinators bring {gain} {worth}, by their "
            "support."
        )
        gain = gain_says(document, led["last_post_gain"])
        page.append(say(text, fte=fte(led["last_post_fte"]), **gain))
    text = _("Covers     {covered} of {contracts} contracts = {rate}. The plan: {value}, {proof}.")
    return [
        *page,
        say(
            text,
            covered=show.count(document["expected_contracts"]),
            contracts=show.count(document["contracts"]),
            rate=show.rate(document["rate"]),
            **gains.plan_says(document),
        ),
        *gains.years(document),
        Line(""),
    ]


def _why(document: Document, reason: str) -> Page:
    """Why there are so many posts: a reason, and limits of the whole country."""
    text = _("Why {posts:<6} {reason}")
    new = fte(document["new_facilitators_fte"])
    page: Page = [Line(text.format(posts=new, reason=reason), "head")]
    for limit in document["national_limits"]:
        page += [Line(of_limit(NATIONAL, limit["constraint"])), *set_by(limit)]
    return page


def _area(document: Document) -> Page:
    """The page of an area of several territories."""
    told = {}
    for key in ("last_post", "next_post"):
        gain = (document[key] or {}).get("change_of_plan")
        told[key] = _("not possible") if gain is None else gain_text(document, gain, signed=True)
    text = _(
        "One post   in the area, wherever in it; {worth} of the whole plan: {next_post} with one "
        "more, {last_post} with one fewer."
    )
    page = [*_head(document), *_why(document, _("{counts}.").format(counts=stopped(document)))]
    page += [say(text, worth=worth(document), **told), Line(""), *territories(document)]
    page += [Line(""), *_limits(document)] if document["limits"] else []
    return [*page, Line(""), *_next(document)]


def _territory(document: Document) -> Page:
    """The page of one territory."""
    page = [*_head(document), *_why(document, _reason(document)), *_posts(document)]
    page += [Line(""), *_limits(document)] if document["limits"] else []
    page += [Line(""), *_one_more(document), *_next(document)]
    least, greatest = document["range"]["least_fte"], document["range"]["greatest_fte"]
    if None not in (least, greatest):
        text = _(
            "Firm?      With any number from {least} to {greatest} here, the best plan of all "
            "loses at most {within}."
        )
        within = show.share(document["within_share"])
        page.append(say(text, within=within, least=fte(least), greatest=fte(greatest)))
        page += gains.continuous(document)
    return page


def _named(document: Document) -> dict[str, str]:
    return {"code": document["territory"] or document["area"], "name": document["name"]}


def _reason(document: Document) -> str:
    """What stops a territory from getting more."""
    led = document["coordinator"]
    in_area = led["new_coordinators_fte"] + led["fixed_coordinators_fte"]
    later = document["next_post"]["stages"] or []
    return of_limit(STOPPED_WHY, document["stopped_by"]).format(
        supported=show.plain_value(show.rounded(led["supports_fte"] * in_area, 1)),
        objective=next((objective_name(stage) for stage in later[1:]), ""),
    )


def _posts(document: Document) -> Page:
    """What the last and the next post bring, here and elsewhere."""
    rows, later, new = [], [], document["new_facilitators_fte"]
    last_post = _("last: {after} instead of {before}")
    next_post = _("next: {after} instead of {before}")
    for key, sign, template, change, post in (
        ("last_post", -1, last_post, _("{change} without it"), _("Without the last")),
        ("next_post", 1, next_post, _("{change} with it"), _("With the next")),
    ):
        forced = document[key]
        if forced is None:
            continue
        before, after = sorted((new, new + sign * forced["fte"]))
        here, moved, given = (
            forced[of] for of in ("gain_here", "change_of_plan", "limits_given_way")
        )
        elsewhere, plan = _("–"), _("not possible")
        if forced["gain_elsewhere"] is not None:
            elsewhere = amount(document["objective"]["objective"], here, sign * (moved or 0.0))
        if moved is not None:
            plan = change.format(change=gain_text(document, moved, signed=True))
        told = template.format(after=fte(after), before=fte(before))
        gave = _("if {limits} gave way").format(limits=_given_way(given)) if given else ""
        rows.append([told, gain_text(document, here), elsewhere, plan, gave])
        later += _later(document, forced, post)
    brings = _("One post brings, {worth}").format(worth=worth(document))
    headings = (brings, _("here"), _("elsewhere"), _("the plan"), "")
    page: Page = [Grid(headings, rows, left_too=(4,)), *later, *gains.conceded(document)]
    text = _(
        "Elsewhere: what all others lose by this post, or would gain without it; the plan: the "
        "difference."
    )
    return page if document["objective"]["concede"] else [*page, Line(text)]


def _given_way(limits: list[str]) -> str:
    return ", ".join(of_limit(PRICED_LIMITS, name) for name in limits)


def _later(document: Document, forced: Document, post: str) -> Page:
    """Which later stage changes where the first does not."""
    first, *others = forced["stages"] or [None]
    if first is None or abs(first["gain"]) > no_gain(document):
        return []
    for stage in others:
        changed = amount(stage["objective"], abs(stage["gain"]))
        if gains.is_shown(changed):
            better = _("better") if stage["gain"] > 0 else _("worse")
            text = _("           {post}: {objective}: {amount} {better}.")
            says = {"post": post, "objective": objective_name(stage), "better": better}
            return [say(text, amount=changed, **says)]
    return []


def _limits(document: Document) -> Page:
    """Limits that leave no room: what they are, cost, and where they are set."""
    page: Page = []
    written = {"rate": show.rate, "EUR": show.count}
    for limit in document["limits"]:
        shown = written.get(limit["unit"], fte)(limit["limit"])
        text = of_limit(REACHED, limit["constraint"]).format(limit=shown)
        gain, here = limit["gain_without"], limit["new_facilitators_without_fte"]
        if gain is None:
            text += _(" If dropped here, nothing would limit the posts.")
        elif (
            abs(gain) <= no_gain(document)
            and abs(here - document["new_facilitators_fte"]) <= STAYS_FTE
        ):
            text += _(" If dropped here, nothing changes.")
        else:
            dropped = _(" If dropped here: {gain} {worth}, {posts} facilitators.")
            if limit["constraint"].startswith("coordinator"):
                dropped = _(
                    " If dropped here: {gain} {worth}, {led} coordinators, {posts} facilitators."
                )
            text += dropped.format(
                posts=fte(here),
                led=fte(limit["new_coordinators_without_fte"]),
                **gain_says(document, gain, signed=True),
            )
        page += [Line(text), *set_by(limit)]
    return page


def _one_more(document: Document) -> Page:
    """What alone would give one post more."""
    more = document["one_more"]
    wanted, held = fte(more["new_facilitators_fte"]), more["held_by"]
    if held:
        text = _(
            "For {posts:<6} its contracts, its weight and the cost of a post do nothing: {limits} "
            "holds it."
        )
        page: Page = [say(text, posts=wanted, limits=_given_way(held))]
    elif document["step_fte"] > 0:
        text = _("One more   is not searched for in plans in steps; --set posts.step_fte=0 does.")
        page = [Line(text)]
    else:
        rows = [_needed(document, change) for change in more["changes"]]
        one_of = _("For {posts} here, one of these").format(posts=wanted)
        headings = (one_of, _("now"), _("needed"), _("set by"))
        page = [Grid(headings, rows, left_too=(3,))] if rows else []
    gain = more["gain_with_raised_limits"]
    for raised in more["raised_limits"] if gain is not None else []:
        money = raised["constraint"] == "partners"
        low, high = (show.count(raised[k]) if money else fte(raised[k]) for k in ("from", "to"))
        partners = _(
            "           partners with {high} EUR instead of {low}: {gain} {worth}, {posts} "
            "facilitators."
        )
        other = _(
            "           {limit} raised from {low} to {high}, here alone: {gain} {worth}, "
            "{posts} facilitators."
        )
        page.append(
            say(
                partners if money else other,
                limit=of_limit(PRICED_LIMITS, raised["constraint"]),
                low=low,
                high=high,
                posts=fte(more["new_facilitators_with_raised_limits_fte"]),
                **gain_says(document, gain, signed=True),
            )
        )
    return page


def _needed(document: Document, change: Document) -> list[str]:
    """An input and the value it must have, printed on the side where the post is there."""
    moved, factor, reason = change["change"], change["factor"], change["reason"]
    now = change.get("now") or change.get("now_eur_per_fte") or None
    now = document["contracts"] if moved == "contracts" else now
    if factor is None:
        needed = _(MORE_UNKNOWN.get(reason, MORE_NOT_WITHIN[moved]))
    else:
        needed = _safe(now * factor, up=moved != "cost")
        if moved == "contracts":
            needed = _("{needed} (×{factor})").format(needed=needed, factor=_safe(factor, up=True))
    shown = "" if now is None else show.plain_value(show.rounded(now, 4))
    where = change["origin"] or (change["keys"] or [""])[0]
    kind = f"{moved} {change['is_own']}" if "is_own" in change else moved
    return [_(MORE_NAMES[kind]), shown, needed, where]


def _safe(value: float, *, up: bool) -> str:
    """A number to five digits, never short of what is needed."""
    unit = 10.0 ** (math.floor(math.log10(value)) - 4)
    rounded = (math.ceil if up else math.floor)(value / unit) * unit
    return show.count(rounded, max(0, round(-math.log10(unit))))


def _next(document: Document) -> Page:
    """Who gets what one facilitator more buys."""
    following, gain = document["next_facilitator"], document["next_facilitator"]["gain"]
    if gain is None:
        return [Line(_("Next       With more money and a higher cap no plan was found."))]
    if gain <= no_gain(document):
        return [Line(_("Next       More money and a higher cap bring nothing: nobody is next."))]
    text = _(
        "Next       {state} EUR more, the grant of {fte} FTE, and room under the cap: {gain} "
        "{worth}, to"
    )
    head = say(
        text,
        fte=show.plain_value(following["fte"]),
        state=show.count(following["state_eur"]),
        **gain_says(document, gain, signed=True),
    )
    own = _("           {code} {name} gets none of it.")
    if following.get("area_share_fte", 0.0) >= STAYS_FTE:
        own = _("           {code} {name} gets {fte} facilitators of it.")
    elif following.get("territory_rank") is not None:
        own = _("           {code} {name} gets {fte} facilitators of it, rank {rank} of {many}.")
    share = following.get("territory_share_fte") or following.get("area_share_fte") or 0.0
    own = own.format(
        fte=show.count(share, 2),
        rank=following.get("territory_rank"),
        many=sum(post["facilitators_fte"] >= STAYS_FTE for post in following["posts"]),
        **_named(document),
    )
    return [head, *gains.shares(following["posts"]), Line(own)]
