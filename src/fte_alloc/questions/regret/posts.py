"""Posts of the plan regretted least, beside those of the plans it was compared with."""

from __future__ import annotations

from collections.abc import Sequence

from fte_alloc.language import N_, _
from fte_alloc.programme.data import FACILITATOR, ROLES
from fte_alloc.questions.answer import Chart, Table
from fte_alloc.questions.cells import Column, Content, Row, added, difference, number_of
from fte_alloc.questions.places import (
    Place,
    add_up,
    key_of,
    lines_of,
    place_columns,
    totals,
)
from fte_alloc.questions.results import Document
from fte_alloc.questions.wording import territories_name

BOOK_SAFE_SERIES = {
    "new_facilitators": N_("this plan: facilitators"),
    "new_coordinators": N_("this plan: coordinators"),
    "other": N_("best plan: {name}"),
}

#: Columns of posts that the plan does not decide on, and their figures in a document.
_IN_PLACE = {"posts_existing": "existing_fte", "posts_committed": "committed_fte"}
_COLUMNS = {"new_facilitators": "#2E75B6", "new_coordinators": "#9DC3E6"}


def _plans(document: Document) -> dict[str, Sequence[Document]]:
    """The plans this one is put beside: the best on average, and each scenario's own."""
    average = {_("on average"): document["average"]["posts"]}
    return average | {name: plan["posts"] for name, plan in document["own_plans"].items()}


def posts_table(document: Document, year: int) -> Table:
    """Posts of this plan, of the others, and the differences; on a page the new ones alone."""
    plans, years = _plans(document), document["years"]
    this, *others = (
        {(p["role"], key_of(p)): p["new_fte"] for p in posts if p["year"] == year}
        for posts in (document["posts"], *plans.values())
    )
    opened = {role for plan in (this, *others) for (role, _), fte in plan.items() if fte}
    roles = [role for role in ROLES if role in opened | {FACILITATOR}]
    new, changes = [f"new_{role}s" for role in roles], [f"change{n}" for n in range(len(plans))]
    lines = lines_of(document["posts"])
    columns = [
        Column("place", page="", book=False),
        *place_columns(lines),
        *(Column(key, "fte") for key in (*_IN_PLACE, *new)),
        Column("posts_new", "fte", page=_("this plan")),
        Column("total", "fte"),
    ]
    for n, name in enumerate(plans):
        columns += [Column(f"best_{role}s", "fte", name, f"{role}{n}", 12) for role in roles]
        columns.append(Column("best_new", "fte", name, f"best{n}", 12, page=name))
        columns.append(Column("best_change", "fte_change", name, f"change{n}", 12))
    rows: list[dict[str, Content]] = []
    for line in lines:
        row = line.cells | _in_place(document, line)
        for place in ((role, line.keys[0]) for role in roles if (role, line.keys[0]) in this):
            row[f"new_{place[0]}s"] = this[place]
            row |= {f"{place[0]}{n}": plan[place] for n, plan in enumerate(others)}
        rows.append(row)
    known = [key for key in _IN_PLACE if all(row[key] is not None for row in rows)]
    of_others = [f"{role}{n}" for role in roles for n in range(len(plans))]
    of_territories = [f"new_{FACILITATOR}s", *(f"{FACILITATOR}{n}" for n in range(len(plans)))]
    add_up(lines, rows, [*known, *of_territories])
    rows = [row | _worked_out(row, roles, len(plans)) for row in rows]
    total: dict[str, Content] = {"place": _("Total"), columns[1].id: _("Total")}
    total |= totals(lines, rows, [*known, *new, *of_others])
    total |= _worked_out(total, roles, len(plans))
    several = len(years) > 1
    title = _(
        "New posts of both roles, FTE: this plan, the one best on average and the best for each "
        "alone"
    )
    if several:
        title = _(
            "New posts of both roles in {year}, FTE: this plan, the one best on average and the "
            "best for each alone"
        ).format(year=year)
    return Table(
        title,
        columns,
        rows,
        total,
        name=f"posts {year}",
        sheet=(
            territories_name(document["territory"], str(year) if several else ""),
            _("posts of this plan, line by line, beside those of the best plans"),
        ),
        page=year == years[-1],
        rules=[("bar", new), ("shade", changes)],
    )


def _in_place(document: Document, line: Place) -> dict[str, Content]:
    """Posts in place and renewed of a line, None where scenarios differ in them."""
    posts = [post for post in document["posts"] if line.has(post)]
    found: dict[str, Content] = {}
    for key, figure in _IN_PLACE.items():
        known = [post[figure] for post in posts if post["year"] == document["years"][0]]
        found[key] = None if None in known else sum(known)
    return found


def _worked_out(line: Row, roles: Sequence[str], others: int) -> dict[str, Content]:
    """What follows from the posts of a line: new ones, all of them, differences to other plans."""
    new = [f"new_{role}s" for role in roles]
    found: dict[str, Content] = {"posts_new": added(line, new)}
    if all(line.get(key) is not None for key in _IN_PLACE):
        found["total"] = added(line, [*_IN_PLACE, *new])
    for n in range(others):
        found[f"best{n}"] = added(line, [f"{role}{n}" for role in roles])
        this, best = (number_of(found, key) for key in ("posts_new", f"best{n}"))
        found[f"change{n}"] = difference(this, best, "fte", ("{posts_new}", f"{{best{n}}}"))
    return found


def posts_chart(document: Document) -> Chart:
    """New posts by territory: this plan's as columns, those of the others as marks."""
    year = document["years"][-1]
    other = _(BOOK_SAFE_SERIES["other"])
    return Chart(
        _("New posts in {year}, FTE").format(year=year),
        (_("Chart"), _("new posts of this plan as columns, those of the best plans as marks")),
        f"posts {year}",
        {key: (_(BOOK_SAFE_SERIES[key]), colour) for key, colour in _COLUMNS.items()},
        {f"best{n}": other.format(name=name) for n, name in enumerate(_plans(document))},
    )
