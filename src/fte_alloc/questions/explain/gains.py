"""What explanations say alike: gains in words, posts that move, territories line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

from fte_alloc import numbers as show
from fte_alloc.inputs.entries import shown_origin
from fte_alloc.inputs.values import show_value
from fte_alloc.language import _
from fte_alloc.names import STOPPED_BY, of_limit
from fte_alloc.programme.data import ROLES
from fte_alloc.programme.objectives import OBJECTIVES
from fte_alloc.questions.answer import Grid, Line, Page
from fte_alloc.questions.claims import objective_name
from fte_alloc.questions.explain.explain import NO_GAIN
from fte_alloc.questions.results import Document
from fte_alloc.questions.wording import gained

_SHOWN_FTE = 0.005
#: More moves than this are not all told: the first of them are, and the rest counted.
_MANY, _FIRST = 20, 10
_INDENT, _WIDE = " " * 11, 98


def years(document: Document) -> Page:
    """What a post more is where there are several years."""
    text = _(
        "Figures of {year}. A post more or fewer is one in every year; money and cap likewise."
    )
    return [Line(text.format(**document))] if len(document["years"]) > 1 else []


def conceded(document: Document) -> Page:
    """That the first objective gives something up, where it does."""
    share = document["objective"]["concede"]
    text = _(
        "The first objective gives up {concede} of what it could reach: the plan keeps the rest."
    )
    return [Line(text.format(concede=show.share(share)))] if share else []


def continuous(document: Document) -> Page:
    """That ranges are of continuous posts, where the plan's are not."""
    text = _("           Ranges are of posts that do not come in steps.")
    return [Line(text)] if document["step_fte"] > 0 else []


def named(document: Document) -> dict[str, str]:
    """Code and name of the territory or the area explained."""
    return {"code": document["territory"] or document["area"], "name": document["name"]}


def plan_says(document: Document) -> dict[str, str]:
    """What the plan reaches with its objective, and whose word it is that it is best."""
    objective = document["objective"]
    value = amount(objective["objective"], objective["value"])
    if objective["unit"] == "rate":
        value = _("{number}%").format(number=value)
    value = _("{value} {objective}").format(value=value, objective=objective_name(objective))
    if objective["unit"] == "weighted contracts":
        text = _("{value} (unweighted {contracts})")
        value = text.format(value=value, contracts=show.count(objective["expected_contracts"]))
    by_solver = _("best by the solver's bound")
    return {"value": value, "proof": by_solver if objective["by_solver"] else _("proved best")}


def worth(document: Document, gain: float = 2.0) -> str:
    """What is gained, in words; *gain* is how much, where it stands before them."""
    return gained(document["objective"]["objective"], document["objective"]["unit"], gain)


def gain_says(document: Document, gain: float) -> dict[str, str]:
    """A gain with its sign, and its unit, for a sentence."""
    return {"gain": gain_text(document, gain, signed=True), "worth": worth(document, gain)}


def no_gain(document: Document) -> float:
    """A gain up to here is none."""
    return NO_GAIN * max(1.0, abs(document["objective"]["value"]))


def gain_text(document: Document, gain: float | None, *, signed: bool = False) -> str:
    """A gain to the digits that tell something; none where no plan is known."""
    if gain is None:
        return _("–")
    text = amount(document["objective"]["objective"], gain)
    if signed:
        return show.signed(text.replace(show.MINUS, "-"), gain)
    return text if is_shown(text) else text.replace(show.MINUS, "")


def is_shown(text: str) -> bool:
    """Whether a figure shows as another than 0."""
    return any(digit in text for digit in "123456789")


def amount(objective: str, value: float, part: float = 0.0) -> str:
    """A value of an objective to the digits that tell something.

    part : taken from it, both as they are shown
    """
    one = OBJECTIVES[objective]
    digits, shift = (3, 2) if one.unit == "rate" else (one.digits, 0)
    left = show.rounded(value, digits, shift) - show.rounded(part, digits, shift)
    return show.count(left, digits)


def fte(value: float) -> str:
    """Posts to a tenth, and 0.0 where there are none: the page is about this number."""
    return show.count(value if abs(value) >= 0.05 else 0.0, 1)


def set_by(limit: Document) -> Page:
    """The inputs that set a limit, with their files and lines."""
    text = _("           {key} = {value} ({origin})")
    return [
        Line(
            text.format(
                key=by["key"], value=show_value(by["value"]), origin=shown_origin(by["origin"])
            )
        )
        for by in limit["set_by"]
    ]


def next_lines(document: Document) -> Page:
    """Who gets what one facilitator more buys, and how much of it the place that is explained."""
    following = document["next_facilitator"]
    gain, posts = following["gain"], following["posts"]
    if gain is None:
        return [Line(_("Next       With more money and a higher cap no plan was found."))]
    if gain <= no_gain(document):
        return [Line(_("Next       More money and a higher cap bring nothing: nobody is next."))]
    text = _(
        "Next       {state} EUR more, {grant} of {fte} FTE, and room under the cap: {gain} "
        "{worth}, to"
    )
    head = text.format(
        fte=show.plain_value(following["fte"]),
        state=show.count(following["state_eur"]),
        grant=_("the grant") if document["territory"] else _("highest grant"),
        **gain_says(document, gain),
    )
    page: Page = [Line(head), *shares(posts)]
    if "area" in document:
        kind = "territory" if document["territory"] else "area"
        own = sum(m["facilitators_fte"] for m in posts if m[kind] == document[kind])
        text = _("           {code} {name} gets {fte} facilitators of it.")
        page.append(Line(text.format(fte=show.count(own, 2), **named(document))))
    return page


def shares(moves: Sequence[Document]) -> Page:
    """Who gets how much, most first; who loses last. Of many the first, the rest together."""
    lines: list[str] = []
    told = [m for m in moves if abs(m["facilitators_fte"] + m["coordinators_fte"]) >= _SHOWN_FTE]
    told, rest = (told, []) if len(told) <= _MANY else (told[:_FIRST], told[_FIRST:])
    for move in told:
        each = move["facilitators_fte"], move["coordinators_fte"]
        facilitators, coordinators, both = (show.count_change(of, 2) for of in (*each, sum(each)))
        said = _("{code} {name} {fte} ({facilitators} facil., {coordinators} coord.)")
        text = (said if abs(each[1]) >= _SHOWN_FTE else _("{code} {name} {fte}")).format(
            code=move["territory"] or move["area"],
            name=move["name"],
            fte=both,
            facilitators=facilitators,
            coordinators=coordinators,
        )
        # A name and its figure stay on one line.
        if lines and len(lines[-1]) + len(text) + 2 <= _WIDE:
            lines[-1] += f", {text}"
        else:
            lines.append(_INDENT + text)
    if rest:
        fte = sum(move["facilitators_fte"] + move["coordinators_fte"] for move in rest)
        text = _("{count} others {fte} together")
        lines.append(_INDENT + text.format(count=len(rest), fte=show.count_change(fte, 2)))
    ends = [","] * (len(lines) - 1) + ["."]
    return [Line(line + end) for line, end in zip(lines, ends, strict=True)]


def stopped(document: Document) -> str:
    """How many territories each reason stops, the most first."""
    counts = Counter(row["stopped_by"] for row in document["territories"])
    return _("; ").join(
        _("{count}: {reason}").format(reason=of_limit(STOPPED_BY, name), count=n)
        for name, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def territories(document: Document) -> Page:
    """What the last and the next post bring, line by line, areas of several above theirs.

    What a post brings that is there in part only is told as for a whole one.
    """
    post, areas = document["post_fte"], {row["area"]: row for row in document.get("areas", ())}
    legend = _(
        "New posts; {worth} per {fte} FTE: what the last brings and the next would; range within "
        "{within}"
    ).format(
        worth=worth(document),
        fte=show.plain_value(post),
        within=show.share(document["within_share"]),
    )
    headings = (
        *(_("FTE"), _("facil."), _("coord."), _("last"), _("next")),
        *(_("what stops it"), _("range")),
    )
    lines: list[list[str]] = []
    rows = sorted(document["territories"], key=itemgetter("area")) if areas else None
    for code, inside in groupby(rows or document["territories"], key=itemgetter("area")):
        if code in areas:
            lines.append([*_place_cells(areas[code]), *[""] * (len(headings) - 3)])
        for row in inside:
            last, ends = row["last_post_gain"], ends_of(row)
            whole = None if last is None else last * (post / row["last_post_fte"])
            name, *posts = _place_cells(row)
            lines.append(
                [
                    *("  " * (code in areas) + name, *posts),
                    "" if whole is None else gain_text(document, whole),
                    gain_text(document, row["next_post_gain"]),
                    of_limit(STOPPED_BY, row["stopped_by"]),
                    _("{least}–{greatest}").format(**ends) if ends else _("–"),
                ]
            )
    return [Line(legend), Grid(headings, lines, left_too=(5,))]


def _place_cells(row: Document) -> list[str]:
    """A territory or an area, and its posts of both roles."""
    posts = (row[f"new_{role}s_fte"] for role in ROLES)
    return [f"{row['territory'] or row['area']} {row['name']}", *map(show.fte, posts)]


def ends_of(row: Document) -> dict[str, str]:
    """Fewest and most posts of a territory; nothing where one of them is not known."""
    ends = {name: row[f"{name}_fte"] for name in ("least", "greatest")}
    return {} if None in ends.values() else {name: fte(end) for name, end in ends.items()}
