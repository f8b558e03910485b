"""Tables of a plan with one line a territory: posts and money, and kinds of buyer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fte_alloc import numbers as show
from fte_alloc.language import _
from fte_alloc.names import HOLDING, ROLE_NAMES, of_limit
from fte_alloc.programme.data import COORDINATOR, FACILITATOR, ROLES
from fte_alloc.questions.answer import Table
from fte_alloc.questions.cells import Cell, Column, Content, Row, added, number_of, sums
from fte_alloc.questions.results import Document
from fte_alloc.questions.wording import buyer_of, few, territories_name, with_ending, word_of

#: Columns of posts in their order: which figure of a post, and of which role.
POSTS = {
    f"{kind}_{role}s": (f"{kind}_fte", role)
    for kind in ("existing", "committed", "new", "opened")
    for role in ROLES
}
#: Shown even where they are 0 everywhere.
_ALWAYS = ("existing_facilitators", "committed_facilitators", "new_facilitators")
#: Figures of a page that add up both roles.
_BOTH = ("existing", "committed")


def yearly(document: Document) -> list[dict[str, Any]]:
    """The document of each year: its figures, and the rows of that year only."""
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
    """The columns of posts of a workbook: those that are not 0 everywhere."""
    rows = document["posts"]
    used = {k for k, (kind, role) in POSTS.items() for p in rows if p["role"] == role and p[kind]}
    several = len(document["years"]) > 1
    return [
        key
        for key in POSTS
        if key in used | set(_ALWAYS) and (several or not key.startswith("opened"))
    ]


def binding_nationally(document: Document) -> list[str]:
    """National limits without room for more; in steps, for one step more."""
    network, money = document["network"], document["money"]
    values = document.get("inputs", {}).get("values", {})
    step = values.get("posts.step_fte") or 0.0
    new = network["new_fte"] + network["committed_fte"]
    step_eur = step * money["state_eur"] / new if new else 0.0
    if any("by_place" in per_fte for per_fte in money["per_fte"].values()):
        step_eur = step * min(each["state_eur"] for _, each in _per_fte(document))  # the cheapest
    binding = []
    budget = money["state_budget_eur"]
    if budget is not None and money["state_eur"] + step_eur >= budget * (1 - 1e-6):
        binding.append("budget")
    if network["cap_fte"] is not None and network["used_fte"] + step >= network["cap_fte"] - 1e-4:
        binding.append("cap")
    return binding


# -- posts and money -------------------------------------------------------------------------------


def posts_tables(document: Document) -> tuple[Table, list[Table]]:
    """Posts, contracts and money of every territory: on a page, and in a workbook year by year.

    A page has the last year, an area's coordinators in the line of its first territory; a workbook
    has lines of their own for them where areas are not territories.
    """
    years = yearly(document)
    areas = [row["area"] for row in years[-1]["territories"]]
    apart = len(set(areas)) < len(areas)
    sheets = [_posts_table(document, n, apart=apart) for n in range(len(years))]
    page = _posts_table(document, len(years) - 1, apart=False) if apart else sheets[-1]
    return page, sheets


def _posts_table(document: Document, number: int, *, apart: bool) -> Table:
    """One year.

    number : of the year, from 0
    apart : whether areas have lines of their own
    """
    year, several = yearly(document)[number], len(document["years"]) > 1
    posts = posts_shown(document)
    in_post = [key for key in posts if not key.startswith("opened")]
    lines = _lines(year, apart=apart)
    before = f"posts {document['years'][number - 1]}" if number else ""
    for n, line in enumerate(lines):
        line["total"] = Cell(
            sum(number_of(line, key) for key in in_post), f"SUM({{{in_post[0]}}}:{{{in_post[-1]}}})"
        )
        for key in posts[len(in_post) :]:
            in_year = key.replace("opened", "new")
            less = f"-{{{before}:{in_year}#{n}}}" if before else ""
            line[key] = Cell(number_of(line, key), f"{{{in_year}}}{less}")
        for payer in ("state", "partners"):
            line[payer] = _money(year, line, payer, posts)
        if year["money"]["state_eur"] > 0:
            share = number_of(line, "state") / year["money"]["state_eur"]
            line["share"] = Cell(share, "{state}/{state!}")
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
            Column("code", "code"),
            Column("name"),
            *([Column("area", "code")] if apart else []),
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
            Column("share", "rate"),
            Column("held"),
            Column("held_short", page=_("held by"), book=False, left=True),
        ],
        lines,
        _total(year, lines, posts),
        name=f"posts {year['year']}",
        sheet=(
            territories_name(word_of(year), ending),
            _("posts, contracts, money and what stands in the way, line by line"),
        ),
        rules=[("bar", [key for key in posts if key.startswith("new")])],
        below=[_costs(year, posts)],
    )


def _lines(year: Document, *, apart: bool) -> list[dict[str, Content]]:
    """One line a territory, then, where they stand apart, one an area."""
    posts = {(p["role"], p["territory"]): p for p in year["posts"]}
    lines: list[dict[str, Content]] = []
    areas: dict[str, str] = {}
    for row in year["territories"]:
        code, area = row["territory"], row["area"]
        line: dict[str, Content] = {
            "place": f"{code} {row['name']}",
            "code": code,
            "name": row["name"],
            "area": area,
            "contracts": row["contracts"],
            "covered": row["expected_contracts"],
            "rate": None if row["rate"] is None else Cell(row["rate"], "{covered}/{contracts}"),
            "weight": row["weight"],
            **_held(row["held_by"]),
        }
        mine = {FACILITATOR: posts[FACILITATOR, code]}
        if areas.setdefault(area, code) == code and not apart:
            mine[COORDINATOR] = posts[COORDINATOR, area]
        lines.append(line | _posts_of(mine))
    for area in sorted(areas) if apart else ():
        post = posts[COORDINATOR, area]
        name = _("{name}: coordinators").format(name=post["name"])
        line = {"code": area, "name": name, "area": area}
        lines.append(line | _posts_of({COORDINATOR: post}))
    return lines


def _held(limits: Sequence[str]) -> dict[str, Content]:
    """What holds a line, for sheets and for pages."""
    names = [of_limit(HOLDING, name) for name in limits]
    return {"held": ", ".join(names), "held_short": " ".join(names)}


def _posts_of(posts: Mapping[str, Document]) -> dict[str, Content]:
    """The posts of a line by column."""
    line = {key: posts[role][kind] for key, (kind, role) in POSTS.items() if role in posts}
    return line | {kind: sum(p[f"{kind}_fte"] for p in posts.values()) for kind in _BOTH}


def _per_fte(year: Document) -> list[tuple[str, Document]]:
    """What a post costs whom, a line a role, and a place or more where that differs."""
    roles = year["money"]["per_fte"].items()
    return [(role, each) for role, per_fte in roles for each in per_fte.get("by_place", [per_fte])]


def _money(year: Document, line: Row, payer: str, posts: Sequence[str]) -> Cell:
    """What one payer pays for the renewed and new posts of a line."""
    value, terms = 0.0, []
    for n, (role, per_fte) in enumerate(_per_fte(year)):
        paid = [key for key in (f"committed_{role}s", f"new_{role}s") if key in posts]
        place = line["area" if role == COORDINATOR else "code"]
        if paid and place in per_fte.get("places", [place]):
            value += per_fte[f"{payer}_eur"] * sum(number_of(line, key) for key in paid)
            cells = "+".join(f"{{{key}}}" for key in paid)
            terms.append(f"({cells})*{{costs {year['year']}:post_{payer}#{n}}}")
    return Cell(value, "+".join(terms))


def _total(year: Document, lines: Sequence[Row], posts: Sequence[str]) -> Row:
    """The last line: sums, and what they give."""
    known = dict.fromkeys([*posts, *_BOTH, *(f"new_{role}s" for role in ROLES)])
    rate = year["coverage"]["rate"]
    return {
        "place": _("Total"),
        "code": _("Total"),
        **sums(lines, [*known, "total", "contracts", "covered", "state", "partners"]),
        **(sums(lines, ["share"]) if year["money"]["state_eur"] > 0 else {}),
        "rate": None if rate is None else Cell(rate, "{covered}/{contracts}"),
        **_held(binding_nationally(year)),
    }


def _costs(year: Document, posts: Sequence[str]) -> Table:
    """What a post of each role costs whom."""
    rows: list[Row] = [
        {
            "role": ": ".join(
                filter(None, (_(ROLE_NAMES[role]), few(per_fte.get("places", []), 6)))
            ),
            "post_state": per_fte["state_eur"],
            "post_partners": per_fte["partners_eur"],
            "post_full": Cell(per_fte["full_cost_eur"], "{post_state}+{post_partners}"),
        }
        for role, per_fte in _per_fte(year)
        if any(key.endswith(f"{role}s") for key in posts)
    ]
    columns = [Column("role"), *(Column(f"post_{k}", "eur") for k in ("state", "partners", "full"))]
    title, name = _("What a post costs in a year"), f"costs {year['year']}"
    text = _("State and partners: renewed and new posts times what one costs, by role.")
    return Table(title, columns, rows, name=name, at=1, note=text)


# -- kinds of buyer --------------------------------------------------------------------------------


def buyers_table(document: Document, year: Document) -> Table:
    """Effort and contracts covered by kind of buyer."""
    kinds = year["segments"]
    columns = [Column("code", "code"), Column("name")]
    for n, kind in enumerate(kinds):
        name = buyer_of(year, kind)
        columns.append(Column("effort", "fte", name, f"effort{n}", 14))
        columns.append(Column("covered_of", "contracts", name, f"covered{n}", 14))
    columns += [Column("effort_all", "fte"), Column("covered_all", "contracts")]
    lines: list[dict[str, Content]] = []
    for row in year["territories"]:
        line: dict[str, Content] = {"code": row["territory"], "name": row["name"]}
        for n, kind in enumerate(kinds):
            part = row["by_segment"][kind["segment"]]
            line |= {f"effort{n}": part["effort_fte"], f"covered{n}": part["expected_contracts"]}
        for what in ("effort", "covered"):
            line[f"{what}_all"] = added(line, [f"{what}{n}" for n in range(len(kinds))])
        lines.append(line)
    total = {"code": _("Total")} | sums(lines, [column.id for column in columns[2:]])
    ending = str(year["year"]) if len(document["years"]) > 1 else ""
    holds = _("effort and contracts covered, by kind of buyer")
    sheet = (with_ending(_("By buyer"), ending), holds)
    return Table("", columns, lines, total, name=f"buyers {year['year']}", sheet=sheet)
