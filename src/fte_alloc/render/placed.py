"""Tables that have their places in a workbook, and formulas that name their cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xlsxwriter.utility import xl_range, xl_range_abs, xl_rowcol_to_cell

from fte_alloc.questions.answer import Table
from fte_alloc.questions.cells import Column, Row

#: What formulas name cells by: see ``cells.Cell``.
_PLACE = re.compile(r"\{(?:([^{}]*):)?(.*?)(!|#(\d+))?\}|\[(.*?)\]|<>")


@dataclass(frozen=True)
class Placed:
    """A table that has its place, for formulas and charts.

    sheet : name of the sheet
    first : row of its first line, from 0
    columns : those that it has in a workbook, each over so many of the sheet as it takes
    at : first column of the sheet of each of them, by key
    """

    table: Table
    sheet: str
    first: int
    columns: Sequence[Column]
    at: Mapping[str, int]

    @property
    def lines(self) -> list[Row]:
        """Its lines, the total last."""
        return [*self.table.rows, *([self.table.total] if self.table.total else [])]

    @property
    def last(self) -> int:
        """Row of its last line, without the total."""
        return self.first + len(self.table.rows) - 1

    def range(self, key: str) -> str:
        """All lines of a column: ``'Regions'!$C$5:$C$22``."""
        j = self.at[key]
        return f"{_on(self.sheet)}{xl_range_abs(self.first, j, self.last, j)}"

    def formula(
        self,
        text: str,
        row: int,
        column: int,
        tables: Mapping[str, Placed],
        *,
        lasting: bool = False,
    ) -> str:
        """A formula of a cell of the table as a spreadsheet takes it.

        text : as in ``cells.Cell``
        tables : by name
        lasting : whether columns stay where the formula is that of several
        """

        def found(match: re.Match[str]) -> str:
            name, key, mark, line, in_column = match.groups()
            if in_column is not None:
                return str(xl_rowcol_to_cell(self.first + self.table.keys.index(in_column), column))
            if key is None:
                return str(xl_range(self.first, column, row - 1, column))
            of = tables[name] if name else self
            if not mark:
                return str(xl_rowcol_to_cell(row, of.at[key], col_abs=lasting))
            there = of.last + 1 if mark == "!" else of.first + int(line)
            sheet = _on(of.sheet) if of.sheet != self.sheet else ""
            return f"{sheet}{xl_rowcol_to_cell(there, of.at[key], True, True)}"

        return "=" + _PLACE.sub(found, text)


def _on(sheet: str) -> str:
    """The name of a sheet before a cell of it."""
    return "'{}'!".format(sheet.replace("'", "''"))
