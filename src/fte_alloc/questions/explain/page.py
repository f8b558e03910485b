"""The page of ``explain``: on a territory, an area or the whole country."""

from __future__ import annotations

import math

from fte_alloc import numbers as show
from fte_alloc.language import N_, _
from fte_alloc.names import LIMIT_WORDS, REACHED, STOPPED_WHY, limit_name
from fte_alloc.programme.data import ROLES
from fte_alloc.programme.limits import OWN
from fte_alloc.questions.answer import Grid, Line, Page
from fte_alloc.questions.document import Document, Documented, page_head, scenario_keys
from fte_alloc.questions.explain.explain import NO_GAIN
from fte_alloc.questions.explain.texts import (
    fte_text,
    posts_text,
    range_text,
    set_by_lines,
    territories_table,
)
from fte_alloc.questions.inputs_in_words import assumed_figures_lines, continuous_options
from fte_alloc.questions.objectives_in_words import (
    gain_noun,
    gain_text,
    gain_with_noun,
    objective_amount,
    objective_name,
    plan_text,
)
from fte_alloc.questions.places import territory_words

MORE_NAMES = {
    "contracts": N_("its contracts, of all kinds"),
    "cost": N_("cost of a facilitator, EUR"),
    "weight": N_("its weight"),
}
MORE_UNKNOWN = {
    "not_within": N_("none within a factor of 10"),
    "no_inputs": N_("needs a scenario"),
    "no_effect": N_("counts for nothing"),
    "zero": N_("no factor changes 0"),
}
#: Names of national limits, their units and the decimals of amounts.
RESOURCES = {"budget": (N_("Money"), N_("EUR"), 0), "cap": (N_("Cap"), N_("FTE"), 1)}
NATIONAL = {
    "budget": N_("           The State's money is all used:"),
    "cap": N_("           The cap of the network is reached:"),
    "own": N_("           The limit {name} is reached:"),
}


def explain_page(found: Documented) -> Page:
    """Text page of the command ``explain``, on the whole plan or on one place."""
    whole = scenario_keys(found.problem)
    document = {**found.document, "continuous": continuous_options(found.problem)}
    right, page = plan_text(document), _national_page
    if "area" in document:
        right, page = _("{code} {name}: {posts} new facilitators"), _territory_page
        right = right.format(
            code=document["territory"] or document["area"],
            name=document["name"],
            posts=fte_text(document["new_facilitators_fte"]),
        )
    return [Line(page_head(whole), right=right), *page(document), *assumed_figures_lines(whole)]


def _national_page(document: Document) -> Page:
    resources = [line for name in RESOURCES for line in _resource(document, name)]
    following = [*_next(document), Line("")]
    return [*_notes(document), *resources, *following, *territories_table(document)]


def _territory_page(document: Document) -> Page:
    is_territory = document["territory"] is not None
    new, reason = fte_text(document["new_facilitators_fte"]), _reason_for_posts(document)
    why = _("Why {posts:<6} {reason}").format(posts=new, reason=reason)
    page: Page = [*_head(document), *_notes(document), Line(""), Line(why, "head")]
    for limit in document["national_limits"]:
        page += [Line(limit_name(NATIONAL, limit["constraint"])), *set_by_lines(limit)]
    table = [] if is_territory else [Line(""), *territories_table(document)]
    page += [*_posts(document), *table, Line(""), *_limits(document)]
    page += [*(_one_more(document) if is_territory else ()), *_next(document)]
    row = document["territories"][0]
    if is_territory and None not in (row["least_fte"], row["greatest_fte"]):
        firm = _(
            "Firm?      With any number in {range} here, the best plan of all loses at most "
            "{within}."
        )
        within = show.share(document["within_share"])
        page.append(Line(firm.format(range=range_text(row), within=within)))
    return page


def _notes(document: Document) -> Page:
    """Notes that apply to the whole page: several years, a conceding objective, steps."""
    concede = document["objective"]["concede"]
    notes = {
        _(
            "Figures of {year}. A post more or fewer is one in every year; money and cap likewise."
        ): len(document["years"]) > 1,
        _(
            "The first objective gives up {concede} of what it could reach: the plan keeps the "
            "rest."
        ): concede > 0,
        _(
            "Ranges are of posts without steps; {continuous} also searches what gives one more."
        ): document["step_fte"] > 0,
    }
    values = {"year": document["year"], "concede": show.share(concede)}
    values |= {"continuous": document["continuous"]}
    return [Line(text.format(**values)) for text, is_so in notes.items() if is_so]


def _resource(document: Document, name: str) -> Page:
    """Lines on the use of State money or of the cap, and what a little more or less brings."""
    resource, (head, unit, digits) = document[name], RESOURCES[name]
    if resource is None:
        return [Line(_("{head:<10} no limit.").format(head=_(head)))]
    text = _(
        "{head:<10} {used} of {limit} {unit}, {unused} left over. Last {tranche} {unit}: {last} "
        "{worth}; next: {next}."
    )
    used, limit, tranche = (resource[f"{of}_{unit.lower()}"] for of in ("used", "limit", "tranche"))
    used, last = show.rounded(used, digits), resource["last_gain"]
    sentence = text.format(
        head=_(head),
        used=show.count(used, digits),
        limit=show.plain_value(limit),
        unit=_(unit),
        unused=show.count(limit - used, digits),
        tranche=show.plain_value(tranche),
        last=gain_text(document, last),
        next=gain_text(document, resource["next_gain"]),
        worth=gain_noun(document, last or 0.0),
    )
    return [Line(sentence), *set_by_lines(resource)]


def _next(document: Document) -> Page:
    """Line on the gain of one facilitator more, and on the places that get the posts."""
    following = document["next_facilitator"]
    if (following["gain"] or 0.0) <= _no_gain(document):
        text = _("Next       Even with more money and a higher cap, one post more brings nothing.")
        return [Line(text)]
    text = _(
        "Next       {state} EUR more, highest grant of {fte} FTE, and room under the cap: {gain}, "
        "to {posts}."
    )
    sentence = text.format(
        fte=show.plain_value(following["fte"]),
        state=show.count(following["state_eur"]),
        gain=gain_with_noun(document, following["gain"]),
        posts=posts_text(following["posts"]),
    )
    return [Line(sentence)]


def _no_gain(document: Document) -> float:
    return NO_GAIN * max(1.0, abs(document["objective"]["value"]))


def _head(document: Document) -> Page:
    """Line on the posts of a place, and on the contracts that they cover."""
    text = _(
        "Posts      {new} new facilitators beside {existing} in place and {committed} renewed; "
        "area: {coordinators} new coordinators. Covered: {covered} of {contracts} contracts = "
        "{rate}. The plan: {plan}."
    )
    kinds = ("new", "existing", "committed")
    sentence = text.format(
        **{kind: fte_text(document[f"{kind}_facilitators_fte"]) for kind in kinds},
        coordinators=fte_text(document["coordinator"]["new_coordinators_fte"]),
        covered=show.count(document["expected_contracts"]),
        contracts=show.count(document["contracts"]),
        rate=show.rate(document["rate"]),
        plan=plan_text(document),
    )
    return [Line(sentence)]


def _reason_for_posts(document: Document) -> str:
    if document["territory"] is None:
        territory = territory_words(document["territory_kind"])[0]
        return _("Each {territory} has a reason of its own, below.").format(territory=territory)
    led, later = document["coordinator"], document["next_post"]["stages"]
    in_area = led["new_coordinators_fte"] + led["fixed_coordinators_fte"]
    reason = document["territories"][0]["stopped_by"]
    if later is None and reason in ("coordinator", "later", "elsewhere", "worth_less"):
        reason = "no_room"
    return limit_name(STOPPED_WHY, reason).format(
        supported=show.plain_value(show.rounded(led["supports_fte"] * in_area, 1)),
        objective=next((objective_name(stage) for stage in (later or [])[1:]), ""),
    )


def _posts(document: Document) -> Page:
    """Table of the gains from the last and the next post: here, in other places, in total."""
    rows, new, objective = [], document["new_facilitators_fte"], document["objective"]["objective"]
    for key, sign, text in (
        ("last_post", -1, _("last {fte} FTE: {after} instead of {before}")),
        ("next_post", 1, _("next {fte} FTE: {after} instead of {before}")),
    ):
        if (forced := document[key]) is None:
            continue
        before, after = map(fte_text, sorted((new, new + sign * forced["fte"])))
        change, elsewhere, plan = forced["change_of_plan"], _("–"), _("not possible")
        if forced["gain_elsewhere"] is not None:
            elsewhere = objective_amount(objective, forced["gain_here"], sign * change)
        if change is not None:
            plan = gain_text(document, sign * change, signed=True)
        raised = _("with {limit} at {to}, not {low}")
        notes = [
            raised.format(
                limit=limit_name(LIMIT_WORDS, limit["constraint"]),
                to=_amount_text(limit["to"], limit["unit"]),
                low=_amount_text(limit["from"], limit["unit"]),
            )
            for limit in forced["limits_given_way"]
        ]
        label = text.format(fte=fte_text(forced["fte"]), after=after, before=before)
        here, notes = gain_text(document, forced["gain_here"]), notes + _later(document, key)
        rows.append([label, here, elsewhere, plan, ", ".join(notes)])
    brings = _("What posts bring, {worth}").format(worth=gain_noun(document))
    whole = _("The plan: effect on the whole, all other posts being shared out anew.")
    if document["territory"] is None:  # what a post brings to an area alone is not known
        rows = [[row[0], *row[3:]] for row in rows]
        return [Grid((brings, _("the plan"), ""), rows, left_too=(2,)), Line(whole)]
    text = _("Elsewhere: what all others lose by this post; the plan: the difference.")
    if document["objective"]["concede"]:  # what others lose is not known
        text = whole
    headings = (brings, _("here"), _("elsewhere"), _("the plan"), "")
    return [Grid(headings, rows, left_too=(4,)), Line(text)]


def _amount_text(amount: float, unit: str) -> str:
    return {"rate": show.rate, "1": show.rate, "EUR": show.count}.get(unit, fte_text)(amount)


def _later(document: Document, key: str) -> list[str]:
    """Text on the first later objective that a post changes, if the first objective stays."""
    sign, (first, *others) = -1 if key == "last_post" else 1, document[key]["stages"] or [None]
    if first is None or abs(first["gain"]) > _no_gain(document):
        return []
    for stage in others:
        changed = objective_amount(stage["objective"], abs(stage["gain"]))
        if show.is_nonzero(changed):
            better, worse = _("{objective}: {amount} better"), _("{objective}: {amount} worse")
            text = better if sign * stage["gain"] > 0 else worse
            return [text.format(objective=objective_name(stage), amount=changed)]
    return []


def _limits(document: Document) -> Page:
    """Lines on reached limits that change something or forbid the next post.

    With the amount of each, the plan without it, and the inputs that set it.
    """
    page: Page = []
    coordinator, following = document["coordinator"], document["next_post"]
    fixed, led = (fte_text(coordinator[f"{of}_coordinators_fte"]) for of in ("fixed", "new"))
    beside = _(", beside {fixed} in place or renewed").format(fixed=fixed)
    beside = beside if show.is_nonzero(fixed) else ""
    here = [fte_text(document["new_facilitators_fte"]), led]
    given_way = [limit["constraint"] for limit in following["limits_given_way"]]
    for limit in document["limits"]:
        is_own = limit["constraint"].startswith(OWN)
        gain, free = limit["gain_without"], _(" If dropped here, nothing would limit the posts.")
        if gain is not None:
            posts, led = (fte_text(limit[f"new_{role}s_without_fte"]) for role in ROLES)
            changes = show.is_nonzero(gain_text(document, gain)) or [posts, led] != here
            forbids = limit["constraint"] in given_way or (is_own and following["stages"] is None)
            if not (changes or forbids):
                continue
            free = _(" If dropped here: {gain}, {posts} facilitators, {led} coordinators.")
            free = free.format(gain=gain_with_noun(document, gain), posts=posts, led=led)
        shown = _amount_text(limit["limit"], limit["unit"])
        if is_own and limit["unit"] in show.QUANTITIES:
            shown = show.quantity(shown, limit["unit"])
        text = limit_name(REACHED, limit["constraint"]).format(limit=shown, beside=beside)
        page += [Line(text + free), *_growth(document, limit), *set_by_lines(limit)]
    return page


def _growth(document: Document, limit: Document) -> Page:
    """Line on the two terms of the recruitment limit: a number, and a share of existing posts."""
    given = {by["key"].rpartition(".")[2]: by["value"] for by in limit["set_by"]}
    posts, share = (given.get(f"max_growth_{part}") or 0.0 for part in ("fte", "share"))
    existing = document["existing_facilitators_fte"]
    if not posts * share or abs(posts + share * existing - limit["limit"]) > 1e-6:
        return []
    text = _("           That is {posts} and {share} of the {existing} in place.")
    values = {"posts": fte_text(posts), "share": show.share(share), "existing": fte_text(existing)}
    return [Line(text.format(**values))]


def _one_more(document: Document) -> Page:
    more = document["one_more"]
    if not more["changes"]:  # a limit of its own holds it, or posts come in steps
        return []
    posts, one_of = fte_text(more["new_facilitators_fte"]), _("For {posts} here, one of these")
    headings = (one_of.format(posts=posts), _("now"), _("needed"), _("set by"))
    return [Grid(headings, [*map(_needed_change, more["changes"])], left_too=(3,))]


def _needed_change(change: Document) -> list[str]:
    moved, keys, now, factor = (change[key] for key in ("change", "keys", "now", "factor"))
    if factor is None:
        needed = _(MORE_UNKNOWN[change["reason"]])
    else:
        needed = _sufficient(change["needed"], up=moved != "cost")
        if moved == "contracts":
            factor = _sufficient(factor, up=True)
            needed = _("{needed} (×{factor})").format(needed=needed, factor=factor)
    shown = "" if now is None else show.plain_value(show.rounded(now, 4))
    return [_(MORE_NAMES[moved]), shown, needed, change["origin"] or (keys or [""])[0]]


def _sufficient(value: float, *, up: bool) -> str:
    """A number as text, rounded up or down to five digits, so that it suffices as printed."""
    digits = max(0, 4 - math.floor(math.log10(value)))
    return (show.at_most if up else show.at_least)(value, digits)
