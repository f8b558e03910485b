"""Tables of the first sheet of a plan's workbook: figures and kinds of buyer."""

from __future__ import annotations

from collections.abc import Sequence

from fte_alloc.language import _
from fte_alloc.questions.answer import Table
from fte_alloc.questions.cells import KINDS, Cell, Column, Row, difference
from fte_alloc.questions.column_names import BOOK_SUMMARY
from fte_alloc.questions.results import Document
from fte_alloc.questions.solve.tables import POSTS, documents_by_year, posts_shown
from fte_alloc.questions.wording import buyer_of


def no_new_post(coverage: Document) -> float:
    """Most contracts without new posts; in old files, those under the scenario's objective."""
    return float(coverage.get("no_new_post_contracts", coverage["status_quo_contracts"]))


def redirected(coverage: Document) -> float:
    """Contracts gained by directing the effort of posts in place at the scenario's objective."""
    return float(coverage["status_quo_contracts"]) - no_new_post(coverage)


def figures(document: Document) -> Table:
    """Table of headline figures with a column per year."""
    shown = posts_shown(document)
    of_year = {f"y{year['year']}": _headlines(year, shown) for year in documents_by_year(document)}
    columns = [
        Column("figure"),
        *(Column("in_year", "value", key[1:], key) for key in of_year),
        Column("unit"),
        Column("means", span=0),
    ]
    keys = [k for k in BOOK_SUMMARY if any(k in found for found in of_year.values())]
    rows: list[Row] = []
    for key in keys:
        row = {year: found.get(key) for year, found in of_year.items()}
        kind = next(cell.kind for cell in row.values() if cell)
        name, meaning = map(_, BOOK_SUMMARY[key])
        rows.append({**row, "figure": name, "unit": _(KINDS[kind].unit), "means": meaning})
    return Table(_("Figures"), columns, rows, keys=keys, page=False)


def _headlines(year: Document, shown: Sequence[str]) -> dict[str, Cell]:
    """Headline figures of a year by key of ``BOOK_SUMMARY``, without figures that do not apply."""
    coverage, network, money = (year[k] for k in ("coverage", "network", "money"))
    target, contracts, covered = (
        coverage[k] for k in ("target_rate", "contracts", "expected_contracts")
    )
    cap, budget, before = network["cap_fte"], money["state_budget_eur"], no_new_post(coverage)

    def total(*keys: str) -> str:
        """Formula of the sum of the totals of some columns in the year's table of posts."""
        return "+".join(f"{{posts {year['year']}:{key}!}}" for key in keys)

    def posts(kind: str) -> str:
        """Formula of the total of a kind of posts over both roles."""
        return total(*(key for key in shown if POSTS[key][0] == kind))

    figures = {
        "contracts": Cell(contracts, total("contracts"), "contracts"),
        "expected_contracts": Cell(covered, total("covered"), "contracts"),
        "status_quo": Cell(before, kind="contracts"),
        "existing_fte": Cell(network["existing_fte"], posts("existing_fte"), "fte"),
        "committed_fte": Cell(network["committed_fte"], posts("committed_fte"), "fte"),
        "new_fte": Cell(network["new_fte"], posts("new_fte"), "fte"),
        "used_fte": Cell(network["used_fte"], "[existing_fte]+[committed_fte]+[new_fte]", "fte"),
        "state_eur": Cell(money["state_eur"], total("state"), "eur"),
        "partners_eur": Cell(money["partners_eur"], total("partners"), "eur"),
        "full_cost_eur": Cell(money["full_cost_eur"], "[state_eur]+[partners_eur]", "eur"),
    }
    ends = ("[expected_contracts]", "[status_quo]")
    figures["gained"] = difference(covered, before, "contracts", ends)
    if contracts:
        figures["rate"] = Cell(coverage["rate"], "[expected_contracts]/[contracts]", "rate")
        figures["status_quo_rate"] = Cell(before / contracts, "[status_quo]/[contracts]", "rate")
    if target is not None:
        missing = max(0.0, target * contracts - covered)
        figures["target_rate"] = Cell(target, kind="rate")
        figures["missing"] = Cell(
            missing, "MAX(0,[target_rate]*[contracts]-[expected_contracts])", "contracts"
        )
    for key, unused, most, kind, used in (
        ("cap_fte", "unused_fte", cap, "fte", "used_fte"),
        ("state_budget_eur", "unused_eur", budget, "eur", "state_eur"),
    ):
        if most is not None:
            figures[key] = Cell(most, kind=kind)
            left = difference(most, (network | money)[used], kind, (f"[{key}]", f"[{used}]"))
            figures[unused] = Cell(left.value, left.formula, kind)
    if money["full_cost_eur"]:
        share = money["state_eur"] / money["full_cost_eur"]
        figures["state_share"] = Cell(share, "[state_eur]/[full_cost_eur]", "rate")
    return figures


def buyers(document: Document) -> Table:
    """Table of contracts and coverage rates by kind of buyer and year."""
    columns = [
        Column("buyer"),
        *([Column("year", "year")] if len(document["years"]) > 1 else []),
        Column("contracts", "contracts"),
        Column("covered", "contracts"),
        Column("rate", "rate"),
    ]
    if any(row["weight"] != 1 for row in document["segments"]):
        columns.append(Column("weight", "fine"))
    rows: list[Row] = [
        {
            "buyer": buyer_of(document, row),
            "year": row["year"],
            "contracts": row["contracts"],
            "covered": Cell(row["expected_contracts"], f"{{buyers {row['year']}:covered{n}!}}"),
            "rate": None if row["rate"] is None else Cell(row["rate"], "{covered}/{contracts}"),
            "weight": row["weight"],
        }
        for year in documents_by_year(document)
        for n, row in enumerate(year["segments"])
    ]
    return Table(_("By kind of buyer"), columns, rows, page=False)
