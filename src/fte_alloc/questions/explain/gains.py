"""Texts that pages of explanations share: gains, moved posts, the table of territories."""

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
#: Of more than _MANY moves, only the first _FIRST are listed and the rest counted.
_MANY, _FIRST = 20, 10
_INDENT, _WIDE = " " * 11, 98


def years(document: Document) -> Page:
    """Line on the meaning of one post more where there are several years."""
    text = _(
        "Figures of {year}. A post more or fewer is one in every year; money and cap likewise."
    )
    return [Line(text.format(**document))] if len(document["years"]) > 1 else []


def conceded(document: Document) -> Page:
    """Line on the share that the first objective concedes, where it concedes."""
    share = document["objective"]["concede"]
    text = _(
        "The first objective gives up {concede} of what it could reach: the plan keeps the rest."
    )
    return [Line(text.format(concede=show.share(share)))] if share else []


def continuous(document: Document) -> Page:
    """Line that ranges are of continuous posts, where the plan is in steps."""
    text = _("           Ranges are of posts that do not come in steps.")
    return [Line(text)] if document["step_fte"] > 0 else []


def named(document: Document) -> dict[str, str]:
    """Code and name of the territory or the area explained, by placeholder."""
    return {"code": document["territory"] or document["area"], "name": document["name"]}


def plan_says(document: Document) -> dict[str, str]:
    """Texts of the plan's value of its first objective and of the kind of proof, by placeholder."""
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
    """Noun of a gain, such as contracts, in the singular or plural that the amount *gain* needs."""
    return gained(document["objective"]["objective"], document["objective"]["unit"], gain)


def gain_says(document: Document, gain: float) -> dict[str, str]:
    """Texts of a gain with its sign and of the noun gained, by placeholder."""
    return {"gain": gain_text(document, gain, signed=True), "worth": worth(document, gain)}


def no_gain(document: Document) -> float:
    """Largest gain that counts as none."""
    return NO_GAIN * max(1.0, abs(document["objective"]["value"]))


def gain_text(document: Document, gain: float | None, *, signed: bool = False) -> str:
    """A gain as text, to the digits of its objective; a dash where no plan is known."""
    if gain is None:
        return _("–")
    text = amount(document["objective"]["objective"], gain)
    if signed:
        return show.signed(text.replace(show.MINUS, "-"), gain)
    return text if is_shown(text) else text.replace(show.MINUS, "")


def is_shown(text: str) -> bool:
    """Whether a figure, as printed, differs from 0."""
    return any(digit in text for digit in "123456789")


def amount(objective: str, value: float, part: float = 0.0) -> str:
    """A value of an objective as text, to the digits of the objective; rates in percent.

    part : amount subtracted from the value, after both are rounded as shown
    """
    one = OBJECTIVES[objective]
    digits, shift = (3, 2) if one.unit == "rate" else (one.digits, 0)
    left = show.rounded(value, digits, shift) - show.rounded(part, digits, shift)
    return show.count(left, digits)


def fte(value: float) -> str:
    """Posts as text, to a tenth; 0.0 instead of a dot for none, as pages explain this number."""
    return show.count(value if abs(value) >= 0.05 else 0.0, 1)


def set_by(limit: Document) -> Page:
    """Lines on the inputs that set a limit, each with its value, file and line."""
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
    """Lines on the gain of one facilitator more, and on the places that get the posts."""
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
    """Lines on moved posts in the order given; of many, the first ones and the sum of the rest."""
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
    """Text of the number of territories per reason ``stopped_by``, largest number first."""
    counts = Counter(row["stopped_by"] for row in document["territories"])
    return _("; ").join(
        _("{count}: {reason}").format(reason=of_limit(STOPPED_BY, name), count=n)
        for name, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def territories(document: Document) -> Page:
    """Table of territories with the gains of the last and the next post, grouped by area.

    The gain of a last post that exists in part only is scaled to a whole post.
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
    posts = (row[f"new_{role}s_fte"] for role in ROLES)
    return [f"{row['territory'] or row['area']} {row['name']}", *map(show.fte, posts)]


def ends_of(row: Document) -> dict[str, str]:
    """Texts of the fewest and most posts of a territory; empty where either is unknown."""
    ends = {name: row[f"{name}_fte"] for name in ("least", "greatest")}
    return {} if None in ends.values() else {name: fte(end) for name, end in ends.items()}
