"""Tables of a plan with a line per territory and area: posts and money, and kinds of buyer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from fte_alloc import numbers as show
from fte_alloc.language import _
from fte_alloc.names import LIMIT_WORDS, ROLE_NAMES, of_limit
from fte_alloc.programme.data import COORDINATOR, FACILITATOR, ROLES
from fte_alloc.questions.answer import Table
from fte_alloc.questions.cells import Cell, Column, Content, Row, cell_number
from fte_alloc.questions.document import Document, document_territory_word
from fte_alloc.questions.inputs_in_words import buyer_name
from fte_alloc.questions.places import (
    Place,
    add_up_places,
    place_columns,
    place_lines,
    place_totals,
    sheet_name_with_ending,
    territory_sheet_name,
)
from fte_alloc.questions.wording import few

#: Columns of posts in their order: the figure of a post, and the role.
POSTS = {
    f"{kind}_{role}s": (f"{kind}_fte", role)
    for kind in ("existing", "committed", "new", "opened")
    for role in ROLES
}
#: Columns of posts that are shown even where they are 0 everywhere.
_ALWAYS = ("existing_facilitators", "committed_facilitators", "new_facilitators")
#: Figures of a page that add up both roles.
_BOTH = ("existing", "committed")
#: Figures that the line of an area sums over its territories; coordinators belong to the area.
_SUMMED = (*(key for key, (_, role) in POSTS.items() if role == FACILITATOR), *_BOTH)


def documents_by_year(document: Document) -> list[dict[str, Any]]:
    """Copies of the document for each year, with figures and rows of this year only."""
    figures = document.get("by_year") or [{"year": document["years"][0]}]
    rows = ("posts", "territories", "segments")
    return [
        {
            **document,
            **year,
            **{k: [row for row in document[k] if row["year"] == year["year"]] for k in rows},
        }
        for year in figures
    ]


def posts_shown(document: Document) -> list[str]:
    """Columns of posts that a workbook shows: those not 0 everywhere, and ``_ALWAYS``."""
    rows = document["posts"]
    used = {k for k, (kind, role) in POSTS.items() for p in rows if p["role"] == role and p[kind]}
    several = len(document["years"]) > 1
    return [
        key
        for key in POSTS
        if key in used | set(_ALWAYS) and (several or not key.startswith("opened"))
    ]


def binding_nationally(document: Document) -> list[str]:
    """Names of the national limits without room for more posts; in steps, for one step more."""
    network, money = document["network"], document["money"]
    values = document.get("inputs", {}).get("values", {})
    step = values.get("posts.step_fte") or 0.0
    step_eur = step * min(each["state_eur"] for _, each in _per_fte(document))  # the cheapest
    binding = []
    budget = money["state_budget_eur"]
    if budget is not None and money["state_eur"] + step_eur >= budget * (1 - 1e-6):
        binding.append("budget")
    if network["cap_fte"] is not None and network["used_fte"] + step >= network["cap_fte"] - 1e-4:
        binding.append("cap")
    return binding


# -- posts and money -------------------------------------------------------------------------------


def posts_tables(document: Document, *, by_area: bool = False) -> list[Table]:
    """Tables of posts, contracts and money by place, one per year; a page shows the last one."""
    shown, tables = posts_shown(document), list[Table]()
    for year in documents_by_year(document):
        before = tables[-1].name if tables else ""
        tables.append(_posts_table(year, shown, before, by_area=by_area))
    return tables


def _posts_table(year: Document, posts: Sequence[str], before: str, *, by_area: bool) -> Table:
    """Table of one year; *before* is the name of the table of the year before, or empty."""
    several = len(year["years"]) > 1
    in_post = [key for key in posts if not key.startswith("opened")]
    places = place_lines(year["posts"], by_area=by_area)
    lines = _lines(year, places)
    for n, line in enumerate(lines):
        line["total"] = Cell(
            sum(cell_number(line, key) for key in in_post),
            f"SUM({{{in_post[0]}}}:{{{in_post[-1]}}})",
        )
        for key in posts[len(in_post) :]:
            in_year = key.replace("opened", "new")
            less = f"-{{{before}:{in_year}#{n}}}" if before else ""
            line[key] = Cell(cell_number(line, key), f"{{{in_year}}}{less}")
        for payer in ("state", "partners"):
            line[payer] = _money(year, line, payer, posts)
    if any(role == FACILITATOR and "places" in each for role, each in _per_fte(year)):
        add_up_places(places, lines, ["state", "partners"])
    fte = _("FTE in {year}").format(year=year["year"]) if several else _("FTE")
    weight = any(abs(row["weight"] - 1) > 1e-12 for row in year["territories"])
    headings = {"new_facilitators": _("NEW facil."), "new_coordinators": _("NEW coord.")}
    of_roles = [
        Column(key, "fte", width=10, page=headings.get(key), book=key in posts, none=show.NOTHING)
        for key in POSTS
        if key in in_post or key in headings
    ]
    ending = str(year["year"]) if several else ""
    return Table(
        "",
        [
            Column("place", page=_("{fte}, both roles").format(fte=fte), book=False),
            *place_columns(places),
            Column("existing", "fte", page=_("in place"), book=False),
            Column("committed", "fte", page=_("renewed"), book=False),
            *of_roles,
            Column("total", "fte", width=10, page=_("total")),
            *(Column(key, "fte_change", width=10) for key in posts if key not in in_post),
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
        sheet=(
            territory_sheet_name(document_territory_word(year), ending),
            _("posts, contracts, money and what stands in the way, line by line"),
        ),
        rules=[("bar", [key for key in posts if key.startswith("new")])],
        below=[_costs(year, posts)],
    )


def _lines(year: Document, places: Sequence[Place]) -> list[dict[str, Content]]:
    """One line per place; the line of an area has the sums of its territories."""
    lines: list[dict[str, Content]] = []
    for place in places:
        line, own = place.cells, [post for post in year["posts"] if place.has(post)]
        for key, (kind, role) in POSTS.items():
            if of_role := [post[kind] for post in own if post["role"] == role]:
                line[key] = sum(of_role)
        line |= {kind: sum(post[f"{kind}_fte"] for post in own) for kind in _BOTH}
        if covered := [row for row in year["territories"] if place.has(row)]:
            line["contracts"] = sum(row["contracts"] for row in covered)
            line["covered"] = sum(row["expected_contracts"] for row in covered)
            line["weight"] = covered[0]["weight"] if place.territory else None
        # An area is held by the limits that hold all of its territories.
        first, *more = (row["held_by"] for row in year["territories"] if place.holds(row))
        line["held"] = _listed(name for name in first if all(name in held for held in more))
        lines.append(line)
    add_up_places(places, lines, [*_SUMMED, "contracts", "covered"])
    for line in lines:
        if contracts := cell_number(line, "contracts"):
            line["rate"] = Cell(cell_number(line, "covered") / contracts, "{covered}/{contracts}")
    return lines


def _listed(limits: Iterable[str]) -> str:
    return ", ".join(of_limit(LIMIT_WORDS, name) for name in limits)


def _per_fte(year: Document) -> list[tuple[str, Document]]:
    """Roles with the cost of a post by payer; several entries of a role where places differ."""
    roles = year["money"]["per_fte"].items()
    return [(role, each) for role, per_fte in roles for each in per_fte.get("by_place", [per_fte])]


def _money(year: Document, line: Row, payer: str, posts: Sequence[str]) -> Cell:
    """Cost of a line's renewed and new posts to one payer, with its formula [EUR/yr]."""
    value, terms = 0.0, []
    for n, (role, per_fte) in enumerate(_per_fte(year)):
        paid = [key for key in (f"committed_{role}s", f"new_{role}s") if key in posts]
        place = line["area" if role == COORDINATOR else "code"]
        if paid and place in per_fte.get("places", [place]):
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
        "held": _listed(binding_nationally(year)),
    }


def _costs(year: Document, posts: Sequence[str]) -> Table:
    """Table of the yearly cost of a post of each role, by payer."""
    rows: list[Row] = [
        {
            "role": _(ROLE_NAMES[role]) + (where and f" ({where})"),
            "post_state": per_fte["state_eur"],
            "post_partners": per_fte["partners_eur"],
            "post_full": Cell(per_fte["full_cost_eur"], "{post_state}+{post_partners}"),
        }
        for role, per_fte in _per_fte(year)
        for where in [few(per_fte.get("places", []), 6)]
        if any(key.endswith(f"{role}s") for key in posts)
    ]
    columns = [Column("role"), *(Column(f"post_{k}", "eur") for k in ("state", "partners", "full"))]
    title, name = _("What a post costs in a year"), f"costs {year['year']}"
    return Table(title, columns, rows, name=name, at=1)


# -- kinds of buyer --------------------------------------------------------------------------------


def buyers_table(document: Document, year: Document, *, by_area: bool = False) -> Table:
    """Table of effort and contracts covered, by place and kind of buyer, in one year."""
    kinds = year["segments"]
    places = place_lines(year["posts"], by_area=by_area)
    columns = place_columns(places)
    for n, kind in enumerate(kinds):
        name = buyer_name(year, kind)
        columns.append(Column("effort", "fte", name, f"effort{n}", 14))
        columns.append(Column("covered_of", "contracts", name, f"covered{n}", 14))
    figures = {"effort": "effort_fte", "covered": "expected_contracts"}
    lines: list[dict[str, Content]] = []
    for place in places:
        own = [row["by_segment"] for row in year["territories"] if place.has(row)]
        lines.append(place.cells)
        for n, kind in enumerate(kinds if own else ()):
            for what, key in figures.items():
                lines[-1][f"{what}{n}"] = sum(parts[kind["segment"]][key] for parts in own)
    summed = [f"{what}{n}" for n in range(len(kinds)) for what in figures]
    add_up_places(places, lines, summed)
    total = {columns[0].id: _("Total")} | place_totals(places, lines, summed)
    ending = str(year["year"]) if len(document["years"]) > 1 else ""
    holds = _("effort and contracts covered, by kind of buyer")
    sheet = (sheet_name_with_ending(_("By buyer"), ending), holds)
    return Table("", columns, lines, total, name=f"buyers {year['year']}", sheet=sheet)
