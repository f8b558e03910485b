"""What decides a plan as a whole, on a page."""

from __future__ import annotations

from fte_alloc import words
from fte_alloc.analysis.views import STAYS_FTE
from fte_alloc.report import numbers as show
from fte_alloc.report.gains import (
    Document,
    conceded,
    continuous,
    fte,
    gain_says,
    gain_text,
    no_gain,
    plan_says,
    say,
    set_by,
    shares,
    title,
    within,
    worth,
    years,
)
from fte_alloc.report.names import territory_words
from fte_alloc.report.pages import Grid, Line, Page

#: Ranges narrower than this do not show [FTE].
_SHOWN_RANGE_FTE = 0.1


def nation_page(document: Document) -> Page:
    """The page of ``explain`` without a territory."""
    counts = sorted(document["stopped_by_counts"].items(), key=lambda item: (-item[1], item[0]))
    said = words.SEMICOLON.join(
        words.COUNTED.format(reason=words.of_limit(words.STOPPED_BY, name), count=n)
        for name, n in counts
    )
    post, rows = document["post_fte"], document["territories"]
    in_part = min(row["last_post_fte"] or post for row in rows) < 0.95 * post
    return [
        title(document, words.WHY_NATION.format(**plan_says(document))),
        *years(document),
        *conceded(document),
        *_resource(document, "budget"),
        *_resource(document, "cap"),
        *_price(document),
        say(words.NATION_COUNTS, counts=said),
        Line(""),
        say(words.NATION_LEGEND, worth=worth(document), within=within(document)),
        *([say(words.PER_POST, fte=show.plain_value(post))] if in_part else []),
        Grid(words.NATION_HEADINGS, [_row(document, row) for row in rows], left_too=(5,)),
        *_firmness(document),
        *continuous(document),
    ]


def _price(document: Document) -> Page:
    """What a post brings elsewhere: what one more to give, money and cap for it, brings."""
    price = document["next_facilitator"]
    gain = price["gain"]
    if gain is None or gain <= no_gain(document):
        return [Line(words.PRICE_OF_POST_NONE)]
    resources = [document[name] for name in ("budget", "cap") if document[name]]
    is_told = any((r["next_gain"] or 0.0) > no_gain(document) for r in resources)
    text = words.PRICE_OF_POST.format(
        fte=show.plain_value(price["fte"]),
        state=show.count(price["state_eur"]),
        where="" if is_told else words.PRICE_GOES,
        **gain_says(document, gain),
    )
    page: Page = [Line(text)] if is_told else [Line(text.rstrip(".")), *shares(price["posts"])]
    if not document["objective"]["concede"] and document["step_fte"] == 0:
        page.append(say(words.PRICE_MEANS, territory=_one_territory(document)))
    return page


def _resource(document: Document, name: str) -> Page:
    """What is used of the money or of the cap, and what a little more or less of it does."""
    resource, is_money = document[name], name == "budget"
    if resource is None:
        return [Line(words.NO_BUDGET if is_money else words.NO_CAP_LINE)]
    unit, value = ("eur", show.count) if is_money else ("fte", fte)
    limit, used, unused, tranche = (
        resource[f"{of}_{unit}"] for of in ("limit", "used", "unused", "tranche")
    )
    small = words.TRANCHE_EUR if is_money else words.TRANCHE_FTE
    shown = show.count(tranche) if is_money else show.plain_value(tranche)
    last, more = resource["last_gain"], resource["next_gain"]
    says = {"tranche": small.format(amount=shown), "worth": worth(document, last or 0.0)}
    helps = more is not None and more > no_gain(document)
    left = words.ALL_USED
    if unused > (0.5 if is_money else STAYS_FTE):
        rest = limit - show.rounded(used, 0 if is_money else 1)
        left = (words.LEFT_OVER_SMALL if helps else words.LEFT_OVER).format(
            unused=show.count(rest) if is_money else show.fte(rest)
        )
    following, brings = words.NEXT_UNKNOWN.format(**says), ""
    if helps:
        following = words.NEXT_BRINGS.format(gain=gain_text(document, more), **says)
    elif more is not None:
        following = words.NEXT_BRINGS_NOTHING.format(**says)
    if last is not None and last > no_gain(document):
        brings = words.LAST_BRINGS.format(gain=gain_text(document, last), **says)
    line = say(
        words.NATION_BUDGET if is_money else words.NATION_CAP,
        used=value(used),
        limit=show.plain_value(limit),
        left=left,
        last=brings,
        next=following,
    )
    return [line, *(shares(resource["next_posts"]) if helps else []), *set_by(resource)]


def _one_territory(document: Document) -> str:
    """What the model calls a territory."""
    return territory_words(document["territory_kind"])[0]


def _row(document: Document, row: Document) -> list[str]:
    """A territory in the table; what a post brings that is there in part only is for a whole."""
    last, ends = row["last_post_gain"], _ends(row)
    whole = None if last is None else last * (document["post_fte"] / row["last_post_fte"])
    return [
        f"{row['territory']} {row['name']}",
        show.fte(row["new_facilitators_fte"]),
        show.fte(row["new_coordinators_fte"]),
        "" if whole is None else gain_text(document, whole),
        gain_text(document, row["next_post_gain"]),
        words.of_limit(words.STOPPED_BY, row["stopped_by"]),
        words.RANGE.format(**ends) if ends else words.UNKNOWN,
    ]


def _ends(row: Document) -> dict[str, str]:
    """Fewest and most posts of a territory; nothing where one of them is not known."""
    ends = {name: row[f"{name}_fte"] for name in ("least", "greatest")}
    return {} if None in ends.values() else {name: fte(end) for name, end in ends.items()}


def _firmness(document: Document) -> Page:
    """The territory whose posts are least firm."""
    known = [row for row in document["territories"] if _ends(row)]
    if not known:
        return []
    width, wide = max(
        ((row["greatest_fte"] - row["least_fte"], row) for row in known),
        key=lambda pair: (pair[0], pair[1]["territory"]),
    )
    lost = document["within_share"] * abs(document["objective"]["value"])
    unit = show.unit_after(lost, document["objective"]["unit"])
    cost = words.NATION_LOST.format(lost=gain_text(document, lost), unit=unit)
    return [
        say(
            words.NATION_RANGE if width >= _SHOWN_RANGE_FTE else words.NATION_FIRM,
            within=within(document),
            lost=cost if lost > no_gain(document) else "",
            territory=_one_territory(document),
        ),
        say(words.NATION_WIDEST, name=f"{wide['territory']} {wide['name']}", **_ends(wide)),
    ]
