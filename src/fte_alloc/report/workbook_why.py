"""Sheets on why plans differ, and on what each does in the worlds of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from fte_alloc import words
from fte_alloc.report.cells import Cell, Column, Content, Placed, Row, difference
from fte_alloc.report.sheets import Book, Sheet
from fte_alloc.report.why_page import most_lost

Document = Mapping[str, Any]
#: {plan: {world: value}}; None where a plan cannot be judged.
Payoffs = Mapping[str, Mapping[str, float | None]]
#: Kinds of cells of a figure's value and of its change, by how its name ends.
_KINDS = {
    "rate": ("fine_rate", "rate_change"),
    "eur": ("eur", "eur_change"),
    "fte": ("fte", "fte_change"),
    "contracts": ("contracts", "contracts_change"),
}


def why_sheet(book: Book, bridges: Sequence[Document], names: Mapping[str, str]) -> Sheet:
    """From one plan to another, one group of inputs after the other, a table a figure.

    names : of figures, by key
    """
    sheet = book.sheet(words.BOOK_SHEETS["why"], [50.0, 18.0, 18.0, 60.0])
    sheet.sentence(words.BOOK_WHY_ABOUT, gap=1)
    for bridge in bridges:
        figure = names.get(bridge["figure"], bridge["figure"])
        says = {"figure": figure, "before": bridge["from"], "after": bridge["to"]}
        sheet.sentence(words.BOOK_WHY.format(**says), "section")
        ending = str(bridge["figure"]).partition(".")[0].rpartition("_")[2]
        value, change = _KINDS.get(ending, _KINDS["contracts"])
        is_sampled = any("standard_error" in part for part in bridge["parts"])
        columns = [
            Column("group"),
            Column("amount", change),
            *([Column("error", change)] if is_sampled else []),
        ]
        start: Row = {"group": bridge["from"], "amount": Cell(bridge["start"], kind=value)}
        parts: list[Row] = [
            {
                "group": part.get("label", part["group"]),
                "amount": part["amount"],
                "error": part.get("standard_error"),
            }
            for part in bridge["parts"]
        ]
        end: Row = {"group": bridge["to"], "amount": Cell(bridge["end"], "SUM(<>)", value)}
        sheet.table(columns, [start, *parts], total=end)
    return sheet


def cross_sheet(book: Book, cross: Document) -> Sheet:
    """What each plan reaches in each world, what it loses there, and what it breaks."""
    values: Payoffs = cross["values"]
    worlds = list(dict.fromkeys(world for row in values.values() for world in row))
    sheet = book.sheet(words.BOOK_SHEETS["cross"], [36.0, *[18.0] * max(4, len(worlds))])
    sheet.sentence(words.BOOK_CROSS_ABOUT, gap=1)
    table = _payoffs(sheet, "values", values, worlds)
    regrets: Payoffs = cross.get("regrets") or {}
    if regrets:
        own = {world: n for n, world in enumerate(values) if world in worlds}
        lines = list(values)
        cells: dict[str, dict[str, Content]] = {}
        for plan, row in regrets.items():
            cells[plan] = {}
            for world, regret in row.items():
                cells[plan][world] = regret
                best = values.get(world, {}).get(world)
                value = values.get(plan, {}).get(world)
                if None not in (best, value, regret) and regret == best - value:  # type: ignore[operator]
                    key = f"w{worlds.index(world)}"
                    places = (table.place(key, own[world]), table.place(key, lines.index(plan)))
                    lost = difference(best, value, "contracts", places)  # type: ignore[arg-type]
                    cells[plan][world] = replace(lost, kind="contracts")
        _payoffs(sheet, "regrets", cells, worlds)
    broken = {
        plan: {world: float(sum((counts or {}).values())) for world, counts in row.items()}
        for plan, row in (cross.get("violations") or {}).items()
    }
    if any(count for row in broken.values() for count in row.values()):
        _payoffs(sheet, "violations", broken, worlds)
    if cross.get("dominated"):
        sheet.sentence(words.CROSS_DOMINATED.format(names=", ".join(cross["dominated"])))
    if plans := cross.get("least_regretted"):
        most = most_lost(cross["values"], plans[0])
        sheet.sentence(words.CROSS_LEAST.format(names=", ".join(plans), regret=most))
    return sheet


def _payoffs(
    sheet: Sheet, what: str, payoffs: Mapping[str, Mapping[str, Content]], worlds: Sequence[str]
) -> Placed:
    """A line a plan, a column a world."""
    sheet.sentence(words.BOOK_CROSS[what], "section")
    kind = "whole" if what == "violations" else "contracts"
    columns = [
        Column("plan"),
        *(Column(f"{what}_in", kind, world, f"w{n}") for n, world in enumerate(worlds)),
    ]
    rows: list[Row] = [
        {"plan": plan} | {f"w{n}": row.get(world) for n, world in enumerate(worlds)}
        for plan, row in payoffs.items()
    ]
    return sheet.table(columns, rows)
