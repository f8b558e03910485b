"""Posts of the plan regretted least, beside those of the plans it was compared with."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from fte_alloc.language import _
from fte_alloc.programme.data import COORDINATOR, FACILITATOR, ROLES
from fte_alloc.questions.answer import Chart, Table
from fte_alloc.questions.cells import Column, Content, Row, added, difference, number_of
from fte_alloc.questions.places import Place, add_up, key_of, lines_of, place_columns, totals
from fte_alloc.questions.results import Document
from fte_alloc.questions.wording import territories_name

#: Columns of posts that the plan does not decide on, and their figures in a document.
_IN_PLACE = {"posts_existing": "existing_fte", "posts_committed": "committed_fte"}


def _plans(document: Document) -> dict[str, Sequence[Document]]:
    """The plans this one is put beside: the best on average, and each scenario's own."""
    average = {_("on average"): document["average"]["posts"]}
    return average | {name: plan["posts"] for name, plan in document["own_plans"].items()}


def posts_table(document: Document, year: int) -> Table:
    """Posts of this plan, of the others, and the differences; on a page the new ones alone."""
    others, years = _plans(document), document["years"]
    plans = [
        {(p["role"], key_of(p)): p["new_fte"] for p in posts if p["year"] == year}
        for posts in (document["posts"], *others.values())
    ]
    opened = {role for plan in plans for (role, _), fte in plan.items() if fte}
    roles = [role for role in ROLES if role in opened | {FACILITATOR}]
    lines = lines_of(document["posts"])
    columns = [
        Column("place", page="", book=False),
        *place_columns(lines),
        *(Column(key, "fte") for key in _IN_PLACE),
        *(Column(f"new_{role}s", "fte", key=f"{role}0") for role in roles),
        Column("posts_new", "fte", key="new0", page=_("this plan")),
        Column("total", "fte"),
    ]
    for n, name in enumerate(others, start=1):
        columns += [Column(f"best_{role}s", "fte", name, f"{role}{n}", 12) for role in roles]
        columns.append(Column("best_new", "fte", name, f"new{n}", 12, page=name))
        columns.append(Column("best_change", "fte_change", name, f"change{n}", 12))
    rows = [
        line.cells
        | _in_place(document, line)
        | {
            f"{role}{n}": plan.get((role, line.keys[0]))
            for role in roles
            for n, plan in enumerate(plans)
        }
        for line in lines
    ]
    known = [key for key in _IN_PLACE if all(row[key] is not None for row in rows)]
    new = {role: [f"{role}{n}" for n in range(len(plans))] for role in roles}
    add_up(lines, rows, [*known, *new[FACILITATOR]])
    rows = [row | _worked_out(row, roles, len(plans)) for row in rows]
    total: dict[str, Content] = {"place": _("Total"), columns[1].id: _("Total")}
    total |= totals(lines, rows, [*known, *chain(*new.values())])
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
        rules=[
            ("bar", [f"{role}0" for role in roles]),
            ("shade", [f"change{n}" for n in range(1, len(plans))]),
        ],
    )


def _in_place(document: Document, line: Place) -> dict[str, Content]:
    """Posts in place and renewed of a line, None where scenarios differ in them."""
    posts = [post for post in document["posts"] if line.has(post)]
    found: dict[str, Content] = {}
    for key, figure in _IN_PLACE.items():
        known = [post[figure] for post in posts if post["year"] == document["years"][0]]
        found[key] = None if None in known else sum(known)
    return found


def _worked_out(line: Row, roles: Sequence[str], plans: int) -> dict[str, Content]:
    """What follows from the posts of a line: new ones, all of them, differences to other plans."""
    found: dict[str, Content] = {
        f"new{n}": added(line, [f"{role}{n}" for role in roles]) for n in range(plans)
    }
    if all(line.get(key) is not None for key in _IN_PLACE):
        found["total"] = added(line, [*_IN_PLACE, *(f"{role}0" for role in roles)])
    for n in range(1, plans):
        this, best = (number_of(found, key) for key in ("new0", f"new{n}"))
        found[f"change{n}"] = difference(this, best, "fte", ("{new0}", f"{{new{n}}}"))
    return found


def posts_chart(document: Document) -> Chart:
    """New posts by territory: this plan's as columns, those of the others as marks."""
    year = document["years"][-1]
    other = _("best plan: {name}")
    return Chart(
        _("New posts in {year}, FTE").format(year=year),
        (_("Chart"), _("new posts of this plan as columns, those of the best plans as marks")),
        f"posts {year}",
        {
            f"{FACILITATOR}0": (_("this plan: facilitators"), "#2E75B6"),
            f"{COORDINATOR}0": (_("this plan: coordinators"), "#9DC3E6"),
        },
        {f"new{n}": other.format(name=name) for n, name in enumerate(_plans(document), start=1)},
    )
