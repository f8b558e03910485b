"""Figures of an explanation as texts, and the table of its territories."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

from fte_alloc import numbers as show
from fte_alloc.inputs.entries import entry_origin
from fte_alloc.inputs.values import show_value
from fte_alloc.language import _, few
from fte_alloc.names import STOPPED_BY, limit_name
from fte_alloc.programme.data import FACILITATOR, ROLES
from fte_alloc.questions.answer import Grid, Line, Page
from fte_alloc.questions.document import Document
from fte_alloc.questions.objectives_in_words import gain_noun, gain_text

#: Largest number of posts that a sentence names.
_NAMED = 10


def fte_text(value: float) -> str:
    """Posts as text, to one decimal; 0 is written 0.0, not as a dot."""
    return show.count(value if abs(value) >= 0.05 else 0.0, 1)


def set_by_lines(limit: Document) -> Page:
    """Lines on the inputs that set a limit, each with its value, file and line."""
    text, page = _("           {key} = {value} ({origin})"), list[Line | Grid]()
    for by in limit["set_by"]:
        value, origin = show_value(by["value"]), entry_origin(by["origin"])
        page.append(Line(text.format(key=by["key"], value=value, origin=origin)))
    return page


def posts_text(posts: Sequence[Document]) -> str:
    """Text of the posts that change, in the given order; at most ``_NAMED`` of them are named."""
    texts = []
    for post in posts:
        text = _("{code} {name} {fte}")
        if post["role"] != FACILITATOR:
            text = _("{code} {name} {fte} (coordinators)")
        code, fte = post["territory"] or post["area"], show.count_change(post["change_fte"], 2)
        texts.append(text.format(code=code, name=post["name"], fte=fte))
    return few(texts, _NAMED)


def territories_table(document: Document) -> Page:
    """Table of territories with the gains of the last and the next post, grouped by area.

    The gain of a last post that exists in part only is scaled to a whole post.
    """
    post, areas = document["post_fte"], {row["area"]: row for row in document.get("areas", ())}
    legend = _("New posts; {worth} per {fte} FTE: what the last brings and the next would")
    legend = legend.format(worth=gain_noun(document), fte=show.plain_value(post))
    firm = _(
        "Firm?      If any one number moves in its range, the best plan loses at most {within}."
    )
    firm = firm.format(within=show.share(document["within_share"]))
    posts = _("FTE"), _("facil."), _("coord."), _("last"), _("next")
    headings = (*posts, _("what stops it"), _("range"))
    lines, rows = list[list[str]](), document["territories"]
    rows = sorted(rows, key=itemgetter("area")) if areas else rows
    for code, inside in groupby(rows, key=itemgetter("area")):
        if code in areas:
            lines.append([*_place_cells(areas[code]), *[""] * (len(headings) - 3)])
        for row in inside:
            last, (name, *cells) = row["last_post_gain"], _place_cells(row)
            whole = None if last is None else last * (post / row["last_post_fte"])
            cells += ["" if whole is None else gain_text(document, whole)]
            cells += [gain_text(document, row["next_post_gain"])]
            cells += [limit_name(STOPPED_BY, row["stopped_by"]), range_text(row)]
            lines.append(["  " * (code in areas) + name, *cells])
    return [Line(legend), Grid(headings, lines, left_too=(5,)), Line(firm)]


def _place_cells(row: Document) -> list[str]:
    posts = (row[f"new_{role}s_fte"] for role in ROLES)
    return [f"{row['territory'] or row['area']} {row['name']}", *map(show.fte, posts)]


def range_text(row: Document) -> str:
    """Text of the fewest and most posts of a territory; a dash where either is unknown."""
    least, greatest = row["least_fte"], row["greatest_fte"]
    if least is None or greatest is None:
        return _("–")
    return _("{least}–{greatest}").format(least=fte_text(least), greatest=fte_text(greatest))
