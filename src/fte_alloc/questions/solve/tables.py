"""Tables of a plan: posts, contracts and money by territory and area; headline figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fte_alloc import numbers as show
from fte_alloc.language import _, few
from fte_alloc.names import LIMIT_WORDS, ROLE_NAMES, limit_name
from fte_alloc.programme.data import COORDINATOR, FACILITATOR, ROLES
from fte_alloc.questions.answer import Table
from fte_alloc.questions.cells import KINDS, Cell, Column, Content, Row, cell_kind, cell_number
from fte_alloc.questions.column_names import BOOK_SUMMARY
from fte_alloc.questions.document import Document, inputs_of, territory_word
from fte_alloc.questions.places import (
    Place,
    add_up_places,
    place_columns,
    place_lines,
    place_sheet_name,
    place_totals,
)

#: Columns of posts in their order: the figure of a post, and the role.
POSTS = {
    f"{kind}_{role}s": (f"{kind}_fte", role)
    for kind in ("existing", "committed", "new", "opened")
    for role in ROLES
}
_OPENED = [key for key in POSTS if key.startswith("opened")]
_IN_POST = [key for key in POSTS if key not in _OPENED]
#: Figures of a page that add up both roles.
_BOTH = ("existing", "committed")
#: Figures that the line of an area sums over its territories; coordinators belong to the area.
_SUMMED = (*(key for key, (_, role) in POSTS.items() if role == FACILITATOR), *_BOTH)


def documents_by_year(document: Document) -> list[dict[str, Any]]:
    """Copies of the document for each year, with figures and rows of this year only."""
    figures = document.get("by_year") or [{"year": document["years"][0]}]
    return [
        {
            **document,
            **year,
            "posts": [post for post in document["posts"] if post["year"] == year["year"]],
            "territories": [row for row in document["territories"] if row["year"] == year["year"]],
            "before": [row for row in document["territories"] if row["year"] < year["year"]],
        }
        for year in figures
    ]


def binding_nationally(document: Document) -> list[str]:
    """Names of the binding national limits: no room for more posts or, in steps, for a step."""
    network, money = document["network"], document["money"]
    step = inputs_of(document).get("posts.step_fte") or 0.0
    step_eur = step * min(each["state_eur"] for _, each in _roles_by_cost(document))  # the cheapest
    binding = []
    budget = money["state_budget_eur"]
    if budget is not None and money["state_eur"] + step_eur >= budget * (1 - 1e-6):
        binding.append("budget")
    if network["cap_fte"] is not None and network["used_fte"] + step >= network["cap_fte"] - 1e-4:
        binding.append("cap")
    return binding


def posts_tables(document: Document, *, by_area: bool = False) -> list[Table]:
    """Tables of posts, contracts and money by place, one per year; a page shows the last one."""
    return [_posts_table(year, by_area=by_area) for year in documents_by_year(document)]


def _posts_table(year: Document, *, by_area: bool) -> Table:
    several = len(year["years"]) > 1
    places = place_lines(year["posts"], by_area=by_area)
    lines, span = _lines(year, places), f"SUM({{{_IN_POST[0]}}}:{{{_IN_POST[-1]}}})"
    for line in lines:
        line["total"] = Cell(sum(cell_number(line, key) for key in _IN_POST), span)
        for payer in ("state", "partners"):
            line[payer] = _money(year, line, payer)
    if any(role == FACILITATOR and "places" in each for role, each in _roles_by_cost(year)):
        add_up_places(places, lines, ["state", "partners"])
    fte = _("FTE in {year}").format(year=year["year"]) if several else _("FTE")
    weight = any(abs(row["weight"] - 1) > 1e-12 for row in year["territories"])
    new = {"new_facilitators": _("NEW facil."), "new_coordinators": _("NEW coord.")}
    posts = [Column(key, "fte", width=10, page=new.get(key), none=show.NOTHING) for key in _IN_POST]
    ending = str(year["year"]) if several else ""
    holds = _("posts, contracts, money and what stands in the way, line by line")
    return Table(
        "",
        [
            Column("place", page=_("{fte}, both roles").format(fte=fte), book=False),
            *place_columns(places),
            Column("existing", "fte", page=_("in place"), book=False),
            Column("committed", "fte", page=_("renewed"), book=False),
            *posts,
            Column("total", "fte", width=10, page=_("total")),
            *(Column(key, "fte_change", width=10) for key in _OPENED if several),
            Column("contracts", "contracts"),
            Column("covered", "contracts"),
            Column("rate", "rate", page=_("rate"), none="–"),
            *([Column("weight", "fine", width=9, page=_("weight"))] if weight else []),
            Column("state", "eur"),
            Column("partners", "eur"),
            Column("held", page=_("held by"), left=True),
        ],
        lines,
        _total(year, places, lines),
        name=f"posts {year['year']}",
        sheet=(place_sheet_name(territory_word(year), ending), holds),
        rules=[("bar", list(new))],
        below=[_costs_of_posts(year)],
    )


def _lines(year: Document, places: Sequence[Place]) -> list[dict[str, Content]]:
    """One line per place; the line of an area has the sums of its territories."""
    lines: list[dict[str, Content]] = []
    for place in places:
        line, own = place.cells, [post for post in year["posts"] if place.is_place_of(post)]
        for key, (kind, role) in POSTS.items():
            if of_role := [post[kind] for post in own if post["role"] == role]:
                line[key] = sum(of_role)
        line |= {kind: sum(post[f"{kind}_fte"] for post in own) for kind in _BOTH}
        if covered := [row for row in year["territories"] if place.is_place_of(row)]:
            line["contracts"] = sum(row["contracts"] for row in covered)
            line["covered"] = sum(row["expected_contracts"] for row in covered)
            line["weight"] = covered[0]["weight"] if place.territory else None
        # An area is held by the limits that hold all of its territories.
        first, *more = (_held(year, row) for row in year["territories"] if place.contains(row))
        line["held"] = ", ".join(name for name in first if all(name in held for held in more))
        lines.append(line)
    add_up_places(places, lines, [*_SUMMED, "contracts", "covered"])
    for line in lines:
        if contracts := cell_number(line, "contracts"):
            line["rate"] = Cell(cell_number(line, "covered") / contracts, "{covered}/{contracts}")
    return lines


def _held(year: Document, row: Document) -> list[str]:
    """What holds a territory, in words; what held it in years before only, with these years."""
    then: dict[str, list[str]] = {}
    for old in year["before"]:
        for name in old["held_by"] if old["territory"] == row["territory"] else ():
            then.setdefault(name, []).append(str(old["year"]))
    before = {name: f" ({', '.join(years)})" for name, years in then.items()}
    now = dict.fromkeys(row["held_by"], "")
    return [limit_name(LIMIT_WORDS, name) + when for name, when in (now | before | now).items()]


def _roles_by_cost(year: Document) -> list[tuple[str, Document]]:
    """Roles with the cost of a post by payer; several entries of a role where places differ."""
    roles = year["money"]["per_fte"].items()
    return [(role, each) for role, per_fte in roles for each in per_fte.get("by_place", [per_fte])]


def _money(year: Document, line: Row, payer: str) -> Cell:
    """Cost of a line's renewed and new posts to one payer, with its formula [EUR/yr]."""
    value, terms = 0.0, []
    for n, (role, per_fte) in enumerate(_roles_by_cost(year)):
        paid = f"committed_{role}s", f"new_{role}s"
        place = line["area" if role == COORDINATOR else "code"]
        if place in per_fte.get("places", [place]):
            value += per_fte[f"{payer}_eur"] * sum(cell_number(line, key) for key in paid)
            cells = "+".join(f"{{{key}}}" for key in paid)
            terms.append(f"({cells})*{{costs {year['year']}:post_{payer}#{n}}}")
    return Cell(value, "+".join(terms))


def _total(year: Document, places: Sequence[Place], lines: Sequence[Row]) -> Row:
    rate, keys = year["coverage"]["rate"], [*POSTS, *_BOTH, "total", "contracts", "covered"]
    return {
        "place": _("Total"),
        place_columns(places)[0].id: _("Total"),
        **place_totals(places, lines, [*keys, "state", "partners"]),
        "rate": None if rate is None else Cell(rate, "{covered}/{contracts}"),
        "held": ", ".join(limit_name(LIMIT_WORDS, name) for name in binding_nationally(year)),
    }


def _costs_of_posts(year: Document) -> Table:
    """Table of the yearly cost of a post of each role, by payer."""
    rows: list[Row] = [
        {
            "role": _(ROLE_NAMES[role]) + (where and f" ({where})"),
            "post_state": per_fte["state_eur"],
            "post_partners": per_fte["partners_eur"],
            "post_full": Cell(per_fte["full_cost_eur"], "{post_state}+{post_partners}"),
        }
        for role, per_fte in _roles_by_cost(year)
        for where in [few(per_fte.get("places", []), 6)]
    ]
    payers = (Column(f"post_{payer}", "eur") for payer in ("state", "partners", "full"))
    columns = [Column("role", span=2), *payers]
    return Table(_("What a post costs in a year"), columns, rows, name=f"costs {year['year']}")


def no_new_post(coverage: Document) -> float:
    """Contracts covered at most without new posts; in old files, under the scenario's objective."""
    return float(coverage.get("no_new_post_contracts", coverage["status_quo_contracts"]))


def headline_table(document: Document) -> Table:
    """Table of headline figures with a column per year."""
    of_year = {
        f"y{year['year']}": {**year["coverage"], **year["network"], **year["money"]}
        | {"no_new_post": no_new_post(year["coverage"])}
        for year in documents_by_year(document)
    }
    years = (Column("in_year", "value", key[1:], key) for key in of_year)
    columns = [Column("figure"), *years, Column("unit"), Column("means", span=0)]
    rows: list[Row] = []
    for key, (name, meaning) in BOOK_SUMMARY.items():
        kind = cell_kind(key)
        row = {year: Cell(found[key], kind=kind) for year, found in of_year.items()}
        if any(cell.value is not None for cell in row.values()):
            unit = _(KINDS[kind].unit)
            rows.append({**row, "figure": _(name), "unit": unit, "means": _(meaning)})
    return Table(_("Figures"), columns, rows, page=False)
