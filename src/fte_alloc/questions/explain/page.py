"""The page of ``explain``: on a territory, an area or the whole country."""

from __future__ import annotations

import math

from fte_alloc import numbers as show
from fte_alloc.language import N_, _
from fte_alloc.names import PRICED_LIMITS, REACHED, STOPPED_WHY, of_limit
from fte_alloc.questions.answer import Grid, Line, Page
from fte_alloc.questions.claims import objective_name, regional_lines
from fte_alloc.questions.document_parts import Found, about
from fte_alloc.questions.explain.explain import STAYS_FTE
from fte_alloc.questions.explain.gains import (
    amount,
    conceded,
    continuous,
    ends_of,
    fte,
    gain_says,
    gain_text,
    is_shown,
    named,
    next_lines,
    no_gain,
    plan_says,
    set_by,
    stopped,
    territories,
    worth,
    years,
)
from fte_alloc.questions.results import Document
from fte_alloc.questions.wording import headed, territory_words

MORE_NAMES = {
    "contracts": N_("its contracts, of all kinds"),
    "cost": N_("cost of a facilitator, EUR"),
    "own cost": N_("cost of its facilitators, EUR"),
    "weight": N_("its weight"),
}
MORE_UNKNOWN = {
    "not_within": N_("none within a factor of 10"),
    "no_inputs": N_("needs a scenario"),
    "no_effect": N_("counts for nothing"),
}
NATIONAL = {
    "budget": N_("           The State's money is all used:"),
    "cap": N_("           The cap of the network is reached:"),
    "own": N_("           The limit {name} is reached:"),
}


def explain_page(found: Found, whole: Document | None = None) -> Page:
    """The page of ``explain``; *whole* is the document of a plan of its problem, made if None."""
    document, whole = found.document, whole or about(found.problem)
    if "area" in document:
        right = _("{code} {name}: {posts} new facilitators").format(
            **named(document), posts=fte(document["new_facilitators_fte"])
        )
        page = _place(document)
    else:
        right, page = _("{value}, {proof}").format(**plan_says(document)), _nation(document)
    return [Line(headed(whole), right=right), *page, *regional_lines(whole)]


def _nation(document: Document) -> Page:
    lost = document["within_share"] * abs(document["objective"]["value"])
    text = _(
        "Firm?      With any one number in one {territory}'s range, the best plan loses at most "
        "{within} ({lost} {unit})."
    )
    firm = text.format(
        within=show.share(document["within_share"]),
        lost=gain_text(document, lost),
        unit=show.unit_after(lost, document["objective"]["unit"]),
        territory=territory_words(document["territory_kind"])[0],
    )
    return [
        *years(document),
        *conceded(document),
        *_resource(document, "budget"),
        *_resource(document, "cap"),
        *next_lines(document),
        Line(_("Stopped    {counts}.").format(counts=stopped(document))),
        Line(""),
        *territories(document),
        Line(firm),
        *continuous(document),
    ]


def _place(document: Document) -> Page:
    is_territory, new = document["territory"] is not None, fte(document["new_facilitators_fte"])
    reason = _("{counts}.").format(counts=stopped(document)) if not is_territory else ""
    text = _("Why {posts:<6} {reason}")
    why = text.format(posts=new, reason=reason or _reason(document))
    page: Page = [*_head(document, new), Line(why, "head")]
    for limit in document["national_limits"]:
        page += [Line(of_limit(NATIONAL, limit["constraint"])), *set_by(limit)]
    page += _posts(document)
    page += [] if is_territory else [Line(""), *territories(document)]
    page += [Line(""), *_limits(document)] if document["limits"] else []
    page += [Line(""), *(_one_more(document) if is_territory else ()), *next_lines(document)]
    ends = ends_of(document["range"]) if is_territory else {}
    if ends:
        text = _(
            "Firm?      With any number from {least} to {greatest} here, the best plan of all "
            "loses at most {within}."
        )
        firm = text.format(within=show.share(document["within_share"]), **ends)
        page += [Line(firm), *continuous(document)]
    return page


def _resource(document: Document, name: str) -> Page:
    """Lines on the use of State money or of the cap, and on the gains of a little more or less."""
    resource, is_money = document[name], name == "budget"
    if resource is None:
        return [Line(_("Money      no limit.") if is_money else _("Cap        none."))]
    unit, digits = ("eur", 0) if is_money else ("fte", 1)
    used, limit, unused, tranche = (
        resource[f"{of}_{unit}"] for of in ("used", "limit", "unused", "tranche")
    )
    left = _(", all used")
    if unused > (0.5 if is_money else STAYS_FTE):
        rest = show.count(limit - show.rounded(used, digits), digits)
        left = _(", {unused} left over").format(unused=rest)
    text = _("Cap        {used} of {limit} FTE{left}. {brings}")
    if is_money:
        text = _("Money      {used} of {limit} EUR{left}. {brings}")
    small = _("{amount} EUR") if is_money else _("{amount} FTE of cap")
    brings = _("Last {tranche}: {last} {worth}; next: {next}.").format(
        tranche=small.format(amount=show.plain_value(tranche)),
        last=gain_text(document, resource["last_gain"]),
        next=gain_text(document, resource["next_gain"]),
        worth=worth(document, resource["last_gain"] or 0.0),
    )
    used, limit = show.count(used, digits), show.plain_value(limit)
    return [Line(text.format(used=used, limit=limit, left=left, brings=brings)), *set_by(resource)]


def _head(document: Document, new: str) -> Page:
    """Lines on the posts of a territory or an area, and on the contracts that they cover."""
    led = document["coordinator"]
    text = _(
        "Posts      {new} new facilitators beside {existing} in place and {committed} renewed; "
        "area: {coordinators} new coordinators."
    )
    posts = text.format(
        new=new,
        existing=fte(document["existing_facilitators_fte"]),
        committed=fte(document["committed_facilitators_fte"]),
        coordinators=fte(led["new_coordinators_fte"]),
    )
    page: Page = [Line(posts)]
    if led["last_post_gain"] is not None:
        text = _(
            "           The last {fte} FTE of its coordinators bring {gain} {worth}, by their "
            "support."
        )
        gain = led["last_post_gain"]
        says = {"gain": gain_text(document, gain), "worth": worth(document, gain)}
        page.append(Line(text.format(fte=fte(led["last_post_fte"]), **says)))
    text = _("Covers     {covered} of {contracts} contracts = {rate}. The plan: {value}, {proof}.")
    covers = text.format(
        covered=show.count(document["expected_contracts"]),
        contracts=show.count(document["contracts"]),
        rate=show.rate(document["rate"]),
        **plan_says(document),
    )
    return [*page, Line(covers), *years(document), Line("")]


def _reason(document: Document) -> str:
    led = document["coordinator"]
    in_area = led["new_coordinators_fte"] + led["fixed_coordinators_fte"]
    later = document["next_post"]["stages"] or []
    return of_limit(STOPPED_WHY, document["stopped_by"]).format(
        supported=show.plain_value(show.rounded(led["supports_fte"] * in_area, 1)),
        objective=next((objective_name(stage) for stage in later[1:]), ""),
    )


def _posts(document: Document) -> Page:
    """Table of the gains of the last and the next post: here, elsewhere and for the plan."""
    rows, later, new = [], [], document["new_facilitators_fte"]
    objective, is_told = document["objective"]["objective"], False
    for key, sign, template, change, post in (
        (
            *("last_post", -1, _("last: {after} instead of {before}")),
            *(_("{change} without it"), _("Without the last")),
        ),
        (
            *("next_post", 1, _("next: {after} instead of {before}")),
            *(_("{change} with it"), _("With the next")),
        ),
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
            elsewhere, is_told = amount(objective, here, sign * moved), True
        if moved is not None:
            plan = change.format(change=gain_text(document, moved, signed=True))
        told = template.format(after=fte(after), before=fte(before))
        text = _("with {limit} at {to}, not {low}")
        gave = ", ".join(
            text.format(
                limit=of_limit(PRICED_LIMITS, limit["constraint"]),
                to=_written(limit["to"], limit["unit"]),
                low=_written(limit["from"], limit["unit"]),
            )
            for limit in given
        )
        rows.append([told, gain_text(document, here), elsewhere, plan, gave])
        later += _later(document, forced, post)
    brings = _("One post brings, {worth}").format(worth=worth(document))
    headings = (brings, _("here"), _("elsewhere"), _("the plan"), "")
    page: Page = [Grid(headings, rows, left_too=(4,)), *later, *conceded(document)]
    text = _(
        "Elsewhere: what all others lose by this post, or would gain without it; the plan: the "
        "difference."
    )
    return [*page, Line(text)] if is_told else page


def _written(amount: float, unit: str) -> str:
    return {"rate": show.rate, "EUR": show.count}.get(unit, fte)(amount)


def _later(document: Document, forced: Document, post: str) -> Page:
    """Line on the first later stage that changes, where the first stage does not."""
    first, *others = forced["stages"] or [None]
    if first is None or abs(first["gain"]) > no_gain(document):
        return []
    for stage in others:
        changed = amount(stage["objective"], abs(stage["gain"]))
        if is_shown(changed):
            better = _("better") if stage["gain"] > 0 else _("worse")
            text = _("           {post}: {objective}: {amount} {better}.")
            says = {"post": post, "objective": objective_name(stage), "better": better}
            return [Line(text.format(amount=changed, **says))]
    return []


def _limits(document: Document) -> Page:
    """Lines on reached limits: their amounts, the gain without each, and the inputs that set it."""
    page: Page = []
    for limit in document["limits"]:
        shown = _written(limit["limit"], limit["unit"])
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
            dropped = _(
                " If dropped here: {gain} {worth}, {posts} facilitators, {led} coordinators."
            )
            text += dropped.format(
                posts=fte(here),
                led=fte(limit["new_coordinators_without_fte"]),
                **gain_says(document, gain),
            )
        page += [Line(text), *set_by(limit)]
    return page


def _one_more(document: Document) -> Page:
    more = document["one_more"]
    wanted, page = fte(more["new_facilitators_fte"]), Page()
    if more["held_by"]:
        text = _(
            "For {posts:<6} its contracts, its weight and the cost of a post do nothing: {limits} "
            "holds it."
        )
        names = ", ".join(of_limit(PRICED_LIMITS, name) for name in more["held_by"])
        page = [Line(text.format(posts=wanted, limits=names))]
    elif document["step_fte"] > 0:
        text = _("One more   is not searched for in plans in steps; --set posts.step_fte=0 does.")
        page = [Line(text)]
    elif more["changes"]:
        one_of = _("For {posts} here, one of these").format(posts=wanted)
        headings = (one_of, _("now"), _("needed"), _("set by"))
        page = [Grid(headings, [*map(_needed, more["changes"])], left_too=(3,))]
    return page


def _needed(change: Document) -> list[str]:
    """Row of an input: its name, present value, needed value and origin."""
    moved, keys, now, factor = (change[of] for of in ("change", "keys", "now", "factor"))
    if factor is None:
        needed = _(MORE_UNKNOWN[change["reason"]])
    else:
        needed = _safe(change["needed"], up=moved != "cost")
        if moved == "contracts":
            needed = _("{needed} (×{factor})").format(needed=needed, factor=_safe(factor, up=True))
    shown = "" if now is None else show.plain_value(show.rounded(now, 4))
    is_own = moved == "cost" and any(key.startswith("territories.") for key in keys)
    name = _(MORE_NAMES["own cost" if is_own else moved])
    return [name, shown, needed, change["origin"] or (keys or [""])[0]]


def _safe(value: float, *, up: bool) -> str:
    """A number as text, rounded up or down to five digits, so that it suffices as printed."""
    unit = 10.0 ** (math.floor(math.log10(value)) - 4)
    rounded = (math.ceil if up else math.floor)(value / unit) * unit
    return show.count(rounded, max(0, round(-math.log10(unit))))
