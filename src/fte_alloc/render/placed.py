"""Positions of tables in a workbook, and the formulas that refer to their cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xlsxwriter.utility import xl_range, xl_range_abs, xl_rowcol_to_cell

from fte_alloc.questions.answer import Table
from fte_alloc.questions.cells import Column, Row

#: References to cells in a formula, as ``cells.Cell`` describes them.
_PLACE = re.compile(r"\{(?:([^{}]*):)?(.*?)(!|#(\d+))?\}|\[(.*?)\]|<>")


@dataclass(frozen=True)
class Placed:
    """A table with its position in a workbook, to which formulas and charts refer.

    sheet : name of the sheet
    first : sheet row of the first row of data, from 0
    columns : the columns shown in a workbook, with the number of sheet columns they span
    at : first sheet column of each of them, by key
    """

    table: Table
    sheet: str
    first: int
    columns: Sequence[Column]
    at: Mapping[str, int]

    @property
    def lines(self) -> list[Row]:
        """The rows of the table, the total last."""
        return [*self.table.rows, *([self.table.total] if self.table.total else [])]

    @property
    def last(self) -> int:
        """Sheet row of the last row of data, the total left out."""
        return self.first + len(self.table.rows) - 1

    def range(self, key: str) -> str:
        """The range of a column without its total: ``'Regions'!$C$5:$C$22``."""
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
        """A formula of a cell of the table with references that a spreadsheet understands.

        text : the formula as in ``cells.Cell``
        tables : all tables of the workbook by name
        lasting : whether references keep their column when the formula serves several columns
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
    """The name of a sheet as a prefix of a reference to one of its cells."""
    return "'{}'!".format(sheet.replace("'", "''"))
