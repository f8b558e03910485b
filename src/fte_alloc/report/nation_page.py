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
    gain_text,
    no_gain,
    proof,
    set_by,
    shares,
    title,
    value_of_plan,
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
    says = {"value": value_of_plan(document), "proof": proof(document)}
    page: Page = [title(document, words.WHY_NATION.format(**says))]
    page += [*years(document), *conceded(document)]
    page += _resource(document, "budget")
    page += _resource(document, "cap")
    page += _price(document)
    counts = sorted(document["stopped_by_counts"].items(), key=lambda item: (-item[1], item[0]))
    said = [
        words.COUNTED.format(reason=words.of_limit(words.STOPPED_BY, name), count=n)
        for name, n in counts
    ]
    page.append(Line(words.NATION_COUNTS.format(counts=words.SEMICOLON.join(said))))
    legend = {"worth": worth(document), "within": within(document)}
    page += [Line(""), Line(words.NATION_LEGEND.format(**legend))]
    page += [*_in_part(document), _grid(document)]
    page += [*_firmness(document), *continuous(document)]
    return page


def _price(document: Document) -> Page:
    """What a post brings elsewhere: what one more to give, money and cap for it, brings."""
    price = document["next_facilitator"]
    gain = price["gain"]
    if gain is None or gain <= no_gain(document):
        return [Line(words.PRICE_OF_POST_NONE)]
    resources = [document[name] for name in ("budget", "cap") if document[name]]
    is_told = any((r["next_gain"] or 0.0) > no_gain(document) for r in resources)
    says = {
        "fte": show.plain_value(price["fte"]),
        "state": show.count(price["state_eur"]),
        "gain": gain_text(document, gain),
        "worth": worth(document, gain),
        "where": "" if is_told else words.PRICE_GOES,
    }
    text = words.PRICE_OF_POST.format(**says)
    page: Page = [Line(text)] if is_told else [Line(text.rstrip(".")), *shares(price["posts"])]
    if not document["objective"]["concede"] and document["step_fte"] == 0:
        page.append(Line(words.PRICE_MEANS.format(territory=_one_territory(document))))
    return page


def _resource(document: Document, name: str) -> Page:
    """What is used of the money or of the cap, and what a little more or less of it does."""
    resource, is_money = document[name], name == "budget"
    if resource is None:
        return [Line(words.NO_BUDGET if is_money else words.NO_CAP_LINE)]
    unit = "eur" if is_money else "fte"
    unused, more = resource[f"unused_{unit}"], resource["next_gain"]
    amount = (
        show.count(resource["tranche_eur"])
        if is_money
        else show.plain_value(resource["tranche_fte"])
    )
    tranche = (words.TRANCHE_EUR if is_money else words.TRANCHE_FTE).format(amount=amount)
    helps = more is not None and more > no_gain(document)
    used = show.rounded(resource[f"used_{unit}"], 0 if is_money else 1)
    left, shown = words.ALL_USED, resource[f"limit_{unit}"] - used
    if unused > (0.5 if is_money else STAYS_FTE):
        left = (words.LEFT_OVER_SMALL if helps else words.LEFT_OVER).format(
            unused=show.count(shown) if is_money else show.fte(shown)
        )
    last, following = resource["last_gain"], words.NEXT_UNKNOWN.format(tranche=tranche)
    says = {"tranche": tranche, "worth": worth(document, last or 0.0)}
    if more is not None and not helps:
        following = words.NEXT_BRINGS_NOTHING.format(**says)
    elif more is not None:
        following = words.NEXT_BRINGS.format(gain=gain_text(document, more), **says)
    value = show.count if is_money else fte
    line = (words.NATION_BUDGET if is_money else words.NATION_CAP).format(
        used=value(resource[f"used_{unit}"]),
        limit=show.plain_value(resource[f"limit_{unit}"]),
        left=left,
        last=""
        if last is None or last <= no_gain(document)
        else words.LAST_BRINGS.format(gain=gain_text(document, last), **says),
        next=following,
    )
    page: Page = [Line(line)]
    if helps:
        page += shares(resource["next_posts"])
    return page + [set_by(setting) for setting in resource["set_by"]]


def _one_territory(document: Document) -> str:
    """What the model calls a territory."""
    return territory_words(document["territory_kind"])[0]


def _grid(document: Document) -> Grid:
    rows = []
    for row in document["territories"]:
        last, following = row["last_post_gain"], row["next_post_gain"]
        ends = [row["least_fte"], row["greatest_fte"]]
        span = words.UNKNOWN
        if None not in ends:
            span = words.RANGE.format(least=fte(ends[0]), greatest=fte(ends[1]))
        rows.append(
            [
                f"{row['territory']} {row['name']}",
                show.fte(row["new_facilitators_fte"]),
                show.fte(row["new_coordinators_fte"]),
                "" if last is None else gain_text(document, last * _part(document, row)),
                gain_text(document, following),
                words.of_limit(words.STOPPED_BY, row["stopped_by"]),
                span,
            ]
        )
    return Grid(words.NATION_HEADINGS, rows, left_too=(5,))


def _part(document: Document, row: Document) -> float:
    """Posts for one that is there in part only."""
    return float(document["post_fte"] / row["last_post_fte"])


def _in_part(document: Document) -> Page:
    """That some territories have less than a post, where any has."""
    post = document["post_fte"]
    parts = [row["last_post_fte"] or post for row in document["territories"]]
    return (
        [Line(words.PER_POST.format(fte=show.plain_value(post)))]
        if min(parts) < 0.95 * post
        else []
    )


def _firmness(document: Document) -> Page:
    """The territory whose posts are least firm."""
    known = [row for row in document["territories"] if row["least_fte"] is not None]
    known = [row for row in known if row["greatest_fte"] is not None]
    if not known:
        return []
    wide = max(known, key=lambda row: (row["greatest_fte"] - row["least_fte"], row["territory"]))
    width = wide["greatest_fte"] - wide["least_fte"]
    lost = document["within_share"] * abs(document["objective"]["value"])
    unit = document["objective"]["unit"]
    shown = {"lost": gain_text(document, lost), "unit": show.unit_after(lost, unit)}
    says = {
        "within": within(document),
        "lost": words.NATION_LOST.format(**shown) if lost > no_gain(document) else "",
        "territory": _one_territory(document),
    }
    ends = {"least": fte(wide["least_fte"]), "greatest": fte(wide["greatest_fte"])}
    name = f"{wide['territory']} {wide['name']}"
    return [
        Line(
            (words.NATION_RANGE if width >= _SHOWN_RANGE_FTE else words.NATION_FIRM).format(**says)
        ),
        Line(words.NATION_WIDEST.format(name=name, **ends)),
    ]
