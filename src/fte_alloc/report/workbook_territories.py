"""The sheets of a workbook with one line a territory: posts and money, and kinds of buyer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from fte_alloc import words
from fte_alloc.programme.data import COORDINATOR, FACILITATOR, ROLES
from fte_alloc.report.cells import Cell, Column, Content, Row, Table, number_of, summed, widths
from fte_alloc.report.formats import bar
from fte_alloc.report.names import buyer_of
from fte_alloc.report.plan_page import binding_nationally
from fte_alloc.report.sheets import Book

Document = Mapping[str, Any]
#: Columns of posts in their order: which figure of a post, and of which role.
_POSTS = {
    f"{kind}_{role}s": (f"{kind}_fte", role)
    for kind in ("existing", "committed", "new", "opened")
    for role in ROLES
}
#: Shown even where they are 0 everywhere.
_ALWAYS = ("existing_facilitators", "committed_facilitators", "new_facilitators")


def territories_name(word: str | None, ending: str = "") -> str:
    """Name of the sheet of territories, by the model's own word for one.

    ending : what tells it from others, such as a year
    """
    word = word or "territory"
    name = words.BOOK_TERRITORIES.get(word, word.capitalize())
    return _with(name, ending)


def _with(name: str, ending: str) -> str:
    """The name of a sheet of a year; the year is not cut off."""
    return f"{name[: 30 - len(ending)]} {ending}" if ending else name


def word_of(document: Document) -> str | None:
    """What the model calls a territory, None where it does not say."""
    word = document.get("inputs", {}).get("values", {}).get("territory")
    return None if word is None else str(word)


# -- posts and money -------------------------------------------------------------------------------


def territories_sheets(book: Book, years: Sequence[Document]) -> list[Table]:
    """Posts, contracts and money of every territory, a sheet a year.

    years : documents with the rows and the figures of one year each
    """
    lines = [_lines(year) for year in years]
    used = {key for rows in lines for row in rows for key in _POSTS if row.get(key)}
    posts = [
        key
        for key in _POSTS
        if key in used | set(_ALWAYS) and (len(years) > 1 or not key.startswith("opened"))
    ]
    tables: list[Table] = []
    for year, rows in zip(years, lines, strict=True):
        ending = str(year["year"]) if len(years) > 1 else ""
        before = tables[-1] if tables else None
        tables.append(_territories_sheet(book, year, rows, posts, (ending, before)))
    return tables


def _lines(year: Document) -> list[dict[str, Content]]:
    """One line a territory, then one an area where areas are not territories."""
    posts = {(p["role"], p["territory"]): p for p in year["posts"]}
    areas = [row["area"] for row in year["territories"]]
    apart = len(set(areas)) < len(areas)
    lines: list[dict[str, Content]] = []
    for row in year["territories"]:
        line: dict[str, Content] = {
            "code": row["territory"],
            "name": row["name"],
            "contracts": row["contracts"],
            "covered": row["expected_contracts"],
            "rate": None if row["rate"] is None else Cell(row["rate"], "{covered}/{contracts}"),
            "weight": row["weight"],
            "held": ", ".join(words.of_limit(words.HELD, name) for name in row["held_by"]),
        }
        if apart:
            line["area"] = row["area"]
        mine = {FACILITATOR: posts[FACILITATOR, row["territory"]]}
        if not apart:
            mine[COORDINATOR] = posts[COORDINATOR, row["area"]]
        lines.append(line | _posts_of(mine))
    for area in sorted(set(areas)) if apart else ():
        post = posts[COORDINATOR, area]
        name = words.BOOK_AREA.format(name=post["name"])
        line = {"code": area, "name": name, "area": area}
        lines.append(line | _posts_of({COORDINATOR: post}))
    return lines


def _posts_of(posts: Mapping[str, Document]) -> dict[str, Content]:
    return {key: posts[role][figure] for key, (figure, role) in _POSTS.items() if role in posts}


def _territories_sheet(
    book: Book,
    year: Document,
    lines: Sequence[dict[str, Content]],
    posts: Sequence[str],
    previous: tuple[str, Table | None],
) -> Table:
    """The sheet of one year.

    posts : columns of posts that are shown
    previous : the ending of the sheet's name; the sheet of the year before
    """
    ending, before = previous
    in_post = [key for key in posts if not key.startswith("opened")]
    columns = [
        Column("code", "code"),
        Column("name"),
        *([Column("area", "code")] if "area" in lines[0] else []),
        *(Column(key, "fte", width=10) for key in in_post),
        Column("total", "fte", width=10),
        *(Column(key, "fte_change", width=10) for key in posts if key not in in_post),
        Column("contracts", "contracts"),
        Column("covered", "contracts"),
        Column("rate", "rate"),
        *([Column("weight", "fine", width=9)] if _is_weighted(lines) else []),
        Column("state", "eur"),
        Column("partners", "eur"),
        Column("share", "rate"),
        Column("held"),
    ]
    name = territories_name(word_of(year), ending)
    sheet = book.sheet(name, widths(columns, lines))
    top = sheet.row
    sheet.row += len(lines) + 4
    sheet.writer.write_string(sheet.row - 1, 1, words.BOOK_COSTS, book.formats.style("section"))
    costs = _costs(year, posts)
    prices = sheet.table(
        [Column("role"), *(Column(f"post_{k}", "eur") for k in ("state", "partners", "full"))],
        costs,
        at=1,
    )
    sheet.writer.write_string(sheet.row - 1, 1, words.BOOK_MONEY)
    after, sheet.row = sheet.row, top

    for n, line in enumerate(lines):
        line["total"] = Cell(
            sum(number_of(line, key) for key in in_post), f"SUM({{{in_post[0]}}}:{{{in_post[-1]}}})"
        )
        for key in posts:
            if key.startswith("opened"):
                in_year = key.replace("opened", "new")
                less = f"-{before.cell(in_year, n)}" if before else ""
                line[key] = Cell(number_of(line, key), f"{{{in_year}}}{less}")
        for payer in ("state", "partners"):
            line[payer] = _money(year, line, payer, prices, posts)
        if year["money"]["state_eur"] > 0:
            share = number_of(line, "state") / year["money"]["state_eur"]
            line["share"] = Cell(share, "{state}/{state!}")
    table = sheet.table(columns, lines, total=_total(year, lines, posts), main=True)
    sheet.row = after
    new = [key for key in posts if key.startswith("new")]
    most = max(number_of(line, key) for line in lines for key in new)
    if most > 0:
        sheet.highlight(table, bar(most), *new)
    return table


def _is_weighted(lines: Sequence[Row]) -> bool:
    return any(abs(number_of(line, "weight") - 1) > 1e-12 for line in lines if "weight" in line)


def _costs(year: Document, posts: Collection[str]) -> list[Row]:
    """What a post of each role costs whom."""
    rows: list[Row] = []
    for role, per_fte in year["money"]["per_fte"].items():
        if any(key.endswith(f"{role}s") for key in posts):
            rows.append(
                {
                    "role": words.BOOK_ROLES[role],
                    "post_state": per_fte["state_eur"],
                    "post_partners": per_fte["partners_eur"],
                    "post_full": Cell(per_fte["full_cost_eur"], "{post_state}+{post_partners}"),
                }
            )
    return rows


def _money(year: Document, line: Row, payer: str, prices: Table, posts: Collection[str]) -> Cell:
    """What one payer pays for the renewed and new posts of a line."""
    value, terms = 0.0, []
    for n, (role, per_fte) in enumerate(year["money"]["per_fte"].items()):
        paid = [key for key in (f"committed_{role}s", f"new_{role}s") if key in posts]
        if paid:
            value += per_fte[f"{payer}_eur"] * sum(number_of(line, key) for key in paid)
            cells = "+".join(f"{{{key}}}" for key in paid)
            terms.append(f"({cells})*{prices.place(f'post_{payer}', n)}")
    return Cell(value, "+".join(terms))


def _total(year: Document, lines: Sequence[Row], posts: Sequence[str]) -> Row:
    """The last line: sums, and what they give."""
    coverage, network, money = (year[k] for k in ("coverage", "network", "money"))
    held = ", ".join(words.of_limit(words.HELD, name) for name in binding_nationally(year))
    total: dict[str, Content] = {"code": words.COUNTRY, "held": held}
    total |= {key: summed(sum(number_of(line, key) for line in lines)) for key in posts}
    total |= {
        "total": summed(network["used_fte"]),
        "contracts": summed(coverage["contracts"]),
        "covered": summed(coverage["expected_contracts"]),
        "state": summed(money["state_eur"]),
        "partners": summed(money["partners_eur"]),
    }
    if coverage["rate"] is not None:
        total["rate"] = Cell(coverage["rate"], "{covered}/{contracts}")
    if money["state_eur"] > 0:
        total["share"] = summed(1.0)
    return total


# -- kinds of buyer --------------------------------------------------------------------------------


def buyers_sheets(book: Book, years: Sequence[Document]) -> list[Table]:
    """Effort and contracts covered by kind of buyer, a sheet a year."""
    name = words.BOOK_SHEETS["buyers"]
    return [
        _buyers_sheet(book, year, _with(name, str(year["year"])) if len(years) > 1 else name)
        for year in years
    ]


def _buyers_sheet(book: Book, year: Document, name: str) -> Table:
    kinds = [row["segment"] for row in year["segments"]]
    efforts, covered = [f"effort_{kind}" for kind in kinds], [f"covered_{kind}" for kind in kinds]
    columns = [
        Column("code", "code"),
        Column("name"),
        *(
            column
            for row in year["segments"]
            for column in (
                Column("effort", "fte", buyer_of(year, row), f"effort_{row['segment']}", 14),
                Column(
                    "covered_of",
                    "contracts",
                    buyer_of(year, row),
                    f"covered_{row['segment']}",
                    14,
                ),
            )
        ),
        Column("effort_all", "fte"),
        Column("covered_all", "contracts"),
    ]
    lines: list[dict[str, Content]] = []
    for row in year["territories"]:
        line: dict[str, Content] = {"code": row["territory"], "name": row["name"]}
        for kind, part in row["by_segment"].items():
            line[f"effort_{kind}"] = part["effort_fte"]
            line[f"covered_{kind}"] = part["expected_contracts"]
        effort = sum(number_of(line, key) for key in efforts)
        line["effort_all"] = Cell(effort, "+".join(f"{{{key}}}" for key in efforts))
        all_covered = "+".join(f"{{{key}}}" for key in covered)
        line["covered_all"] = Cell(row["expected_contracts"], all_covered)
        lines.append(line)
    total: dict[str, Content] = {"code": words.COUNTRY}
    for column in columns[2:]:
        total[column.id] = summed(sum(number_of(line, column.id) for line in lines))
    sheet = book.sheet(name, widths(columns, lines))
    return sheet.table(columns, lines, total=total, main=True)
