"""Tables of the first sheet of a plan's workbook: figures and kinds of buyer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fte_alloc.language import _
from fte_alloc.questions.answer import Table
from fte_alloc.questions.cells import KINDS, Cell, Column, Row, cell_kind, difference_cell
from fte_alloc.questions.column_names import BOOK_SUMMARY
from fte_alloc.questions.document import Document
from fte_alloc.questions.inputs_in_words import buyer_name
from fte_alloc.questions.solve.tables import POSTS, documents_by_year, posts_shown


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
    values = {**year["coverage"], **year["network"], **year["money"]}
    contracts, covered, target = (
        values[key] for key in ("contracts", "expected_contracts", "target_rate")
    )
    values["status_quo"] = before = no_new_post(year["coverage"])
    if contracts:
        values["status_quo_rate"] = before / contracts
    if target is not None:
        values["missing"] = max(0.0, target * contracts - covered)
    if values["full_cost_eur"]:
        values["state_rate"] = values["state_eur"] / values["full_cost_eur"]

    def total(*keys: str) -> str:
        """Formula of the sum of the totals of some columns in the year's table of posts."""
        return "+".join(f"{{posts {year['year']}:{key}!}}" for key in keys)

    formulas = {
        "contracts": total("contracts"),
        "expected_contracts": total("covered"),
        "rate": "[expected_contracts]/[contracts]",
        "status_quo_rate": "[status_quo]/[contracts]",
        "missing": "MAX(0,[target_rate]*[contracts]-[expected_contracts])",
        "used_fte": "[existing_fte]+[committed_fte]+[new_fte]",
        "state_eur": total("state"),
        "partners_eur": total("partners"),
        "full_cost_eur": "[state_eur]+[partners_eur]",
        "state_rate": "[state_eur]/[full_cost_eur]",
    }
    for kind in ("existing_fte", "committed_fte", "new_fte"):
        formulas[kind] = total(*(key for key in shown if POSTS[key][0] == kind))
    figures = {
        key: Cell(values[key], formulas.get(key, ""), cell_kind(key))
        for key in BOOK_SUMMARY
        if values.get(key) is not None
    }
    ends = ("[expected_contracts]", "[status_quo]")
    figures["gained"] = difference_cell(covered, before, "contracts", ends)
    for left, most, used in (
        ("unused_fte", "cap_fte", "used_fte"),
        ("unused_eur", "state_budget_eur", "state_eur"),
    ):
        if most in figures:
            cell = difference_cell(
                values[most], values[used], cell_kind(most), (f"[{most}]", f"[{used}]")
            )
            figures[left] = replace(cell, kind=cell_kind(most))
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
            "buyer": buyer_name(document, row),
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
