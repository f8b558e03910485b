"""Tables of a plan with one line a territory: posts and money, and kinds of buyer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fte_alloc import numbers as show
from fte_alloc.language import N_, _
from fte_alloc.names import HOLDING, of_limit
from fte_alloc.programme.data import COORDINATOR, FACILITATOR, ROLES
from fte_alloc.questions.answer import Table
from fte_alloc.questions.cells import Cell, Column, Content, Row, number_of, summed
from fte_alloc.questions.wording import buyer_of, territories_name, with_ending, word_of

BOOK_ROLES = {"facilitator": N_("facilitator"), "coordinator": N_("coordinator")}

Document = Mapping[str, Any]
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
    place, existing, committed, *new, total, rate, held = (
        heading.format(fte=fte)
        for heading in (
            _("{fte}, both roles"),
            _("in place"),
            _("renewed"),
            _("NEW facil."),
            _("NEW coord."),
            _("total"),
            _("rate"),
            _("held by"),
        )
    )
    weight = any(abs(row["weight"] - 1) > 1e-12 for row in year["territories"])
    headings = dict(zip((f"new_{role}s" for role in ROLES), new, strict=True))
    of_roles = [
        Column(key, "fte", width=10, page=headings.get(key), book=key in posts, none=show.NOTHING)
        for key in POSTS
        if key in in_post or key in headings
    ]
    ending = str(year["year"]) if several else ""
    return Table(
        "",
        [
            Column("place", page=place, book=False),
            Column("code", "code"),
            Column("name"),
            *([Column("area", "code")] if apart else []),
            Column("existing", "fte", page=existing, book=False),
            Column("committed", "fte", page=committed, book=False),
            *of_roles,
            Column("total", "fte", width=10, page=total),
            *(Column(key, "fte_change", width=10) for key in posts if key not in in_post),
            Column("contracts", "contracts"),
            Column("covered", "contracts"),
            Column("rate", "rate", page=rate, none="–"),
            *([Column("weight", "fine", width=9, page=_("weight"))] if weight else []),
            Column("state", "eur"),
            Column("partners", "eur"),
            Column("share", "rate"),
            Column("held"),
            Column("held_short", page=held, book=False, left=True),
        ],
        lines,
        _total(year, lines, posts),
        name=f"posts {year['year']}",
        sheet=(territories_name(word_of(year), ending), "territories"),
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


def _money(year: Document, line: Row, payer: str, posts: Sequence[str]) -> Cell:
    """What one payer pays for the renewed and new posts of a line."""
    value, terms = 0.0, []
    for n, (role, per_fte) in enumerate(year["money"]["per_fte"].items()):
        paid = [key for key in (f"committed_{role}s", f"new_{role}s") if key in posts]
        if paid:
            value += per_fte[f"{payer}_eur"] * sum(number_of(line, key) for key in paid)
            cells = "+".join(f"{{{key}}}" for key in paid)
            terms.append(f"({cells})*{{costs {year['year']}:post_{payer}#{n}}}")
    return Cell(value, "+".join(terms))


def _total(year: Document, lines: Sequence[Row], posts: Sequence[str]) -> Row:
    """The last line: sums, and what they give."""
    coverage, network, money = (year[k] for k in ("coverage", "network", "money"))
    total: dict[str, Content] = {"place": _("Total"), "code": _("Total")}
    summing = dict.fromkeys([*posts, *_BOTH, *(f"new_{role}s" for role in ROLES)])
    total |= {key: summed(sum(number_of(line, key) for line in lines)) for key in summing}
    total |= {
        "total": summed(network["used_fte"]),
        "contracts": summed(coverage["contracts"]),
        "covered": summed(coverage["expected_contracts"]),
        "state": summed(money["state_eur"]),
        "partners": summed(money["partners_eur"]),
        "rate": None,
        **_held(binding_nationally(year)),
    }
    if coverage["rate"] is not None:
        total["rate"] = Cell(coverage["rate"], "{covered}/{contracts}")
    if money["state_eur"] > 0:
        total["share"] = summed(1.0)
    return total


def _costs(year: Document, posts: Sequence[str]) -> Table:
    """What a post of each role costs whom."""
    rows: list[Row] = [
        {
            "role": _(BOOK_ROLES[role]),
            "post_state": per_fte["state_eur"],
            "post_partners": per_fte["partners_eur"],
            "post_full": Cell(per_fte["full_cost_eur"], "{post_state}+{post_partners}"),
        }
        for role, per_fte in year["money"]["per_fte"].items()
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
        effort = sum(number_of(line, f"effort{n}") for n in range(len(kinds)))
        for what, amount in (("effort", effort), ("covered", row["expected_contracts"])):
            parts = "+".join(f"{{{what}{n}}}" for n in range(len(kinds)))
            line[f"{what}_all"] = Cell(amount, parts)
        lines.append(line)
    total: dict[str, Content] = {"code": _("Total")}
    for column in columns[2:]:
        total[column.id] = summed(sum(number_of(line, column.id) for line in lines))
    ending = str(year["year"]) if len(document["years"]) > 1 else ""
    sheet = (with_ending(_("By buyer"), ending), "buyers")
    return Table("", columns, lines, total, name=f"buyers {year['year']}", sheet=sheet)
