"""What decides a plan as a whole, on a page."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from fte_alloc import numbers as show
from fte_alloc.language import _
from fte_alloc.names import STOPPED_BY, of_limit
from fte_alloc.programme.data import ROLES
from fte_alloc.questions.answer import Grid, Line, Page
from fte_alloc.questions.explain import gains
from fte_alloc.questions.explain.explain import STAYS_FTE
from fte_alloc.questions.explain.gains import gain_says, gain_text, no_gain, say, worth
from fte_alloc.questions.results import Document
from fte_alloc.questions.wording import headed, territory_words

#: Ranges narrower than this do not show [FTE].
_SHOWN_RANGE_FTE = 0.1


def nation_page(document: Document) -> Page:
    """The page of ``explain`` without a territory."""
    return [
        Line(headed(document), right=_("{value}, {proof}").format(**gains.plan_says(document))),
        *gains.years(document),
        *gains.conceded(document),
        *_resource(document, "budget"),
        *_resource(document, "cap"),
        *_price(document),
        say(_("Stopped    {counts}."), counts=stopped(document)),
        Line(""),
        *territories(document),
        *_firmness(document),
        *gains.continuous(document),
    ]


def stopped(document: Document) -> str:
    """How many territories each reason stops, the most first."""
    counts = sorted(document["stopped_by_counts"].items(), key=lambda item: (-item[1], item[0]))
    return _("; ").join(
        _("{count}: {reason}").format(reason=of_limit(STOPPED_BY, name), count=n)
        for name, n in counts
    )


def territories(document: Document) -> Page:
    """What the last and the next post bring, line by line, areas of several above theirs."""
    post, rows = document["post_fte"], document["territories"]
    legend = _(
        "New posts; {worth}: what the last post brings and the next would; range within {within}"
    )
    per_post = _(
        "           Where less than a post is there, the last is told as if {fte} FTE were."
    )
    in_part = min(row["last_post_fte"] or post for row in rows) < 0.95 * post
    headings = (
        *(_("FTE"), _("facil."), _("coord."), _("last"), _("next")),
        *(_("what stops it"), _("range")),
    )
    areas = {row["area"]: row for row in document.get("areas", ())}
    lines: list[list[str]] = []
    in_order = sorted(rows, key=itemgetter("area")) if areas else rows
    for code, inside in groupby(in_order, key=itemgetter("area")):
        if code in areas:
            lines.append([*_place(areas[code]), *[""] * (len(headings) - 3)])
        for name, *cells in (_row(document, row) for row in inside):
            lines.append(["  " * (code in areas) + name, *cells])
    return [
        say(legend, worth=worth(document), within=show.share(document["within_share"])),
        *([say(per_post, fte=show.plain_value(post))] if in_part else []),
        Grid(headings, lines, left_too=(5,)),
    ]


def _price(document: Document) -> Page:
    """What a post brings elsewhere: what one more to give, money and cap for it, brings."""
    price = document["next_facilitator"]
    if price["gain"] is None or price["gain"] <= no_gain(document):
        return [
            Line(_("Elsewhere  With more money and a higher cap together the plan gains nothing."))
        ]
    resources = [document[name] for name in ("budget", "cap") if document[name]]
    is_told = any((r["next_gain"] or 0.0) > no_gain(document) for r in resources)
    differs = "least_state_eur" in price
    text = _(
        "Elsewhere  {state} EUR more, the grant of {fte} FTE, and room under the cap bring {gain} "
        "{worth}{where}."
    )
    if differs:
        text = _(
            "Elsewhere  {state} EUR more, the highest grant of {fte} FTE (lowest {least}), and "
            "room under the cap bring {gain} {worth}{where}."
        )
    text = text.format(
        fte=show.plain_value(price["fte"]),
        least=show.count(price.get("least_state_eur", 0.0)),
        state=show.count(price["state_eur"]),
        where="" if is_told else _(", to"),
        **gain_says(document, price["gain"]),
    )
    page: Page = (
        [Line(text)] if is_told else [Line(text.rstrip(".")), *gains.shares(price["posts"])]
    )
    if not document["objective"]["concede"] and document["step_fte"] == 0 and not differs:
        said = _(
            "           Where nothing holds a {territory}, its last post brings no less, its next "
            "no more."
        )
        page.append(say(said, territory=territory_words(document["territory_kind"])[0]))
    return page


def _resource(document: Document, name: str) -> Page:
    """What is used of the money or of the cap, and what a little more or less of it does."""
    resource, is_money = document[name], name == "budget"
    if resource is None:
        return [Line(_("Money      no limit.") if is_money else _("Cap        none."))]
    unit, value = ("eur", show.count) if is_money else ("fte", gains.fte)
    limit, used, unused, tranche = (
        resource[f"{of}_{unit}"] for of in ("limit", "used", "unused", "tranche")
    )
    small = _("{amount} EUR") if is_money else _("{amount} FTE of cap")
    small = small.format(amount=show.plain_value(tranche))
    last, more = resource["last_gain"], resource["next_gain"]
    says = {"tranche": small, "worth": worth(document, last or 0.0)}
    helps = more is not None and more > no_gain(document)
    left = _(", all used")
    if unused > (0.5 if is_money else STAYS_FTE):
        rest = limit - show.rounded(used, 0 if is_money else 1)
        left = (_(", {unused} unused") if helps else _(", {unused} left over")).format(
            unused=show.count(rest) if is_money else show.fte(rest)
        )
    following, brings = _("With {tranche} more no plan was found."), ""
    if helps:
        following = _("The next {tranche} would bring {gain}, to")
    elif more is not None:
        following = _("{tranche} more would bring nothing.")
    if last is not None and last > no_gain(document):
        text = _("The last {tranche} bring {gain} {worth}. ")
        brings = text.format(gain=gain_text(document, last), **says)
    text = _("Money      {used} of {limit} EUR{left}. {last}{next}")
    line = say(
        text if is_money else _("Cap        {used} of {limit} FTE{left}. {last}{next}"),
        used=value(used),
        limit=show.plain_value(limit),
        left=left,
        last=brings,
        next=following.format(gain=gain_text(document, more or 0.0), **says),
    )
    moves = gains.shares(resource["next_posts"]) if helps else []
    return [line, *moves, *gains.set_by(resource)]


def _row(document: Document, row: Document) -> list[str]:
    """A territory in the table; what a post brings that is there in part only is for a whole."""
    last, ends = row["last_post_gain"], _ends(row)
    whole = None if last is None else last * (document["post_fte"] / row["last_post_fte"])
    return [
        *_place(row),
        "" if whole is None else gain_text(document, whole),
        gain_text(document, row["next_post_gain"]),
        of_limit(STOPPED_BY, row["stopped_by"]),
        _("{least}–{greatest}").format(**ends) if ends else _("–"),
    ]


def _place(row: Document) -> list[str]:
    """A territory or an area, and its posts of both roles."""
    posts = (row[f"new_{role}s_fte"] for role in ROLES)
    return [f"{row['territory'] or row['area']} {row['name']}", *map(show.fte, posts)]


def _ends(row: Document) -> dict[str, str]:
    """Fewest and most posts of a territory; nothing where one of them is not known."""
    ends = {name: row[f"{name}_fte"] for name in ("least", "greatest")}
    return {} if None in ends.values() else {name: gains.fte(end) for name, end in ends.items()}


def _firmness(document: Document) -> Page:
    """The territory whose posts are least firm."""
    known = [row for row in document["territories"] if _ends(row)]
    if not known:
        return []
    row = max(known, key=lambda row: (row["greatest_fte"] - row["least_fte"], row["territory"]))
    lost = document["within_share"] * abs(document["objective"]["value"])
    unit = show.unit_after(lost, document["objective"]["unit"])
    cost = _(" ({lost} {unit})").format(lost=gain_text(document, lost), unit=unit)
    nation_range = _(
        "Firm?      With any one number in one {territory}'s range, the best plan loses at most "
        "{within}{lost}."
    )
    firm = _("Firm?      No {territory} moves by a tenth of a post within {within} of the best.")
    widest = _("           The widest: {name}, from {least} to {greatest}.")
    return [
        say(
            nation_range if row["greatest_fte"] - row["least_fte"] >= _SHOWN_RANGE_FTE else firm,
            within=show.share(document["within_share"]),
            lost=cost if lost > no_gain(document) else "",
            territory=territory_words(document["territory_kind"])[0],
        ),
        say(widest, name=f"{row['territory']} {row['name']}", **_ends(row)),
    ]
