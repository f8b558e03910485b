"""Tables that have their places in a workbook, and formulas that name their cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fte_alloc.questions.answer import Table
from fte_alloc.questions.cells import Column, Row

#: What formulas name cells by: see ``cells.Cell``.
_PLACE = re.compile(r"\{(?:([^{}]*):)?(.*?)(!|#(\d+))?\}|\[(.*?)\]|<>")


@dataclass(frozen=True)
class Placed:
    """Where a table stands, for formulas and charts.

    first : row of its first line, from 0
    count : of its lines, without a total
    columns : of the sheet, by key
    described, lines : its columns, and its lines with the total
    keys : of its lines
    """

    sheet: str
    first: int
    count: int
    columns: Mapping[str, int]
    described: Sequence[Column]
    lines: Sequence[Row]
    keys: Sequence[str]

    def range(self, key: str) -> str:
        """All lines of a column: ``'Regions'!$C$5:$C$22``."""
        from xlsxwriter.utility import xl_range_abs

        j = self.columns[key]
        return f"{self._at}{xl_range_abs(self.first, j, self.first + self.count - 1, j)}"

    def place(self, key: str, line: int, sheet: str) -> str:
        """A cell of a line: ``$C$5``, for formulas of another sheet ``'Regions'!$C$5``.

        sheet : of the formula
        """
        from xlsxwriter.utility import xl_rowcol_to_cell

        cell = xl_rowcol_to_cell(self.first + line, self.columns[key], True, True)
        return f"{self._at if sheet != self.sheet else ''}{cell}"

    @property
    def _at(self) -> str:
        return "'{}'!".format(self.sheet.replace("'", "''"))


def of_book(table: Table) -> list[Column]:
    """The columns that a table has in a workbook."""
    return [column for column in table.columns if column.book]


def formula_at(
    text: str,
    table: Placed,
    where: tuple[int, int],
    others: Mapping[str, Placed],
    *,
    lasting: bool = False,
) -> str:
    """A formula of a table as a spreadsheet takes it.

    text : as in ``cells.Cell``
    where : row and column of the cell
    others : tables by name
    lasting : whether columns stay where the formula is that of several
    """
    from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

    row, column = where

    def found(match: re.Match[str]) -> str:
        name, key, mark, line, in_column = match.groups()
        if in_column is not None:
            return str(xl_rowcol_to_cell(table.first + table.keys.index(in_column), column))
        if key is None:
            return str(xl_range(table.first, column, row - 1, column))
        at = others[name] if name else table
        if not mark:
            return str(xl_rowcol_to_cell(row, at.columns[key], col_abs=lasting))
        return at.place(key, at.count if mark == "!" else int(line), table.sheet)

    return "=" + _PLACE.sub(found, text)
