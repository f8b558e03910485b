"""Workbooks written with xlsxwriter: sheets of sentences and tables, formulas.

Every formula is stored with its value, so that programs that do not calculate show the same figures
as those that do. A text is never taken for a formula. Equal input gives equal bytes.
"""

from __future__ import annotations

import io
import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range, xl_range_abs, xl_rowcol_to_cell

from fte_alloc.language import _
from fte_alloc.questions.answer import Line, Table
from fte_alloc.questions.cells import KINDS, Cell, Column, Row, cell_value
from fte_alloc.render.cell_formats import STYLES, cell_entry, cell_format, cell_highlight
from fte_alloc.texts import Lines, visible

#: Most characters of the name of a sheet, of a text, and of a footer.
_NAME, _TEXT, _FOOTER = 31, 32_767, 100
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\{}<>]")
#: Constant date of creation, so that equal input gives equal bytes.
_CREATED = datetime(2000, 1, 1, tzinfo=UTC)
#: Characters across a landscape page before its print gets too small.
_PAGE = 210
#: Characters across a portrait page in full size.
_UPRIGHT = 97
#: Height of a row, and the greatest that there is [points].
_ROW, _HIGHEST = 15, 409
#: Average letters per unit of width, which is the width of a digit.
_LETTERS = 1.05
_A4 = 9
#: References to cells in a formula, as ``cells.Cell`` describes them.
_PLACE = re.compile(r"\{(?:([^{}]*):)?(.*?)(!|#(\d+))?\}|<>")


class WorkbookWriter:
    """A workbook that is being written; its title is printed at the foot of every page."""

    def __init__(self, title: str) -> None:
        self.title, self._buffer = _on_one_line(title), io.BytesIO()
        self.writer: Any = xlsxwriter.Workbook(self._buffer, {"in_memory": True})
        self.writer.set_properties({"title": self.title[:_FOOTER], "created": _CREATED})
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._sheets: list[SheetWriter] = []
        self.tables: dict[str, PlacedTable] = {}

    def sheet(self, name: str, widths: Sequence[float]) -> SheetWriter:
        """A new sheet with columns of given widths; all but the first print their name."""
        self._sheets.append(
            SheetWriter(self, self._unique_name(name), widths, headed=bool(self._sheets))
        )
        return self._sheets[-1]

    def format(self, properties: Mapping[str, Any]) -> Any:
        """The cell format with these properties, created once."""
        key = tuple(properties.items())
        if key not in self._formats:
            self._formats[key] = self.writer.add_format(dict(properties))
        return self._formats[key]

    def _unique_name(self, name: str) -> str:
        """A legal name for a sheet, different from those of the other sheets."""
        plain = _on_one_line(_NOT_IN_NAMES.sub(" ", name)).strip(" '") or "-"
        found, again = plain[:_NAME].rstrip(" '"), 1
        while found.casefold() in {sheet.name.casefold() for sheet in self._sheets}:
            again += 1
            ending = f" ({again})"
            found = plain[: _NAME - len(ending)].rstrip(" '") + ending
        return found

    @property
    def columns(self) -> list[tuple[str, Column]]:
        """All columns written, with the name of their sheet, in order."""
        sheets = ((sheet.name, table) for sheet in self._sheets for table in sheet.placed)
        return [(name, column) for name, table in sheets for column in table.table.book_columns]

    def finish(self) -> bytes:
        """The bytes of the file; tables are written last, as formulas refer to any of them."""
        for sheet in self._sheets:
            for table in sheet.placed:
                sheet.write(table)
        self.writer.close()
        return self._buffer.getvalue()


def _on_one_line(text: str) -> str:
    """A text on one line, without characters that do not print."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _literal(text: str) -> str:
    """A text for a cell: visible, not too long, never taken for rich-text marks."""
    text = visible(Lines(text))
    return text[:_TEXT] + (" " if text.startswith("<r>") and text.endswith("</r>") else "")


class SheetWriter:
    """A sheet, filled from the top: its next free row, its tables, its number of columns."""

    def __init__(
        self, book: WorkbookWriter, name: str, widths: Sequence[float], *, headed: bool
    ) -> None:
        self.book, self.name, self.row, self._widths = book, name, 0, list(widths)
        self.placed: list[PlacedTable] = []
        self.across = len(self._widths)
        self.writer = book.writer.add_worksheet(name)
        for j, width in enumerate(self._widths):
            self.writer.set_column(j, j, width)
        self.writer.hide_gridlines(2)
        # No warnings about codes that consist of digits.
        self.writer.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        self._set_up_print(headed=headed)

    def _set_up_print(self, *, headed: bool) -> None:
        """Fit the first sheet to one portrait page, wide sheets to several pages across."""
        self.writer.set_paper(_A4)
        self.writer.set_margins(left=0.4, right=0.4, top=0.75 if headed else 0.5, bottom=0.7)
        pages = math.ceil(sum(self._widths) / _PAGE) if headed else 1
        self.writer.fit_to_pages(pages, 0 if headed else 1)
        if headed:
            self.writer.set_header('&L&"-,Bold"&14&A')
            if sum(self._widths) > _UPRIGHT:
                self.writer.set_landscape()
        if pages > 1:
            self.writer.repeat_columns(0, 1)
        title = self.book.title[:_FOOTER].replace("&", "&&")
        page = _("page {page} of {pages}").format(page="&P", pages="&N")
        # The spaces: a digit at the start would be read as part of the size.
        self.writer.set_footer(f"&L&9 {title}&C&9&A&R&9 {page}")

    # -- sentences -----------------------------------------------------------------------------

    def sentence(self, text: str, style: str = "plain") -> None:
        """Write a text over the whole width."""
        size, shown = STYLES[style].get("font_size", 11) / 11, self.book.format(cell_format(style))
        if self.across > 1:
            self.writer.merge_range(self.row, 0, self.row, self.across - 1, "", shown)
        self.writer.write_string(self.row, 0, _literal(text), shown)
        lines = _lines(text, sum(self._widths) / size)
        self.writer.set_row(self.row, min(_HIGHEST, math.ceil(lines * _ROW * size)))
        self.row += 1

    def blocks(self, blocks: Sequence[Line | Table]) -> None:
        """Write sentences, headings, empty rows and tables with their titles."""
        for block in blocks:
            if isinstance(block, Table):
                if block.title:
                    self.sentence(block.title, "section")
                self.table(block)
            elif block.text:
                self.sentence(block.text, "section" if block.tone == "head" else block.tone)
            else:
                self.row += 1

    # -- tables --------------------------------------------------------------------------------

    def table(self, made: Table, *, main: bool = False) -> None:
        """Place a table, with an empty row after it; it is written when the file is finished.

        main : whether it gets a filter and headings that stay in view and on every page
        """
        columns, top = made.book_columns, self.row
        rest = max(1, self.across - sum(column.span for column in columns))
        columns = [replace(column, span=column.span or rest) for column in columns]
        ends = accumulate(c.span for c in columns)
        place = {c.id: end - c.span for c, end in zip(columns, ends, strict=True)}
        table = PlacedTable(made, self, top + 1, columns, place)
        self.placed.append(table)
        if made.name:
            self.book.tables[made.name] = table
        if main:
            self.writer.freeze_panes(top + 1, 2 if columns[0].kind == "code" else 1)
        if main and made.locked:
            self.writer.protect("", {"format_columns": True, "format_rows": True})
        elif main:
            self.writer.repeat_rows(top)
            if made.rows:
                last = sum(c.span for c in columns) - 1
                self.writer.autofilter(top, 0, table.last, last)
        self.row = top + len(table.lines) + 2

    def write(self, table: PlacedTable) -> None:
        """Write a placed table; rows are set high enough for their texts."""
        headings = {c.id: Cell(c.heading, kind=c.kind, style="head") for c in table.columns}
        high = self._line(table, table.first - 1, headings, "head")
        self.writer.set_row(table.first - 1, _ROW * high + 3)
        for n, cells in enumerate(table.lines):
            row = table.first + n
            style = str(cells.get("style", "plain")) if row <= table.last else "total"
            high = self._line(table, row, cells, style)
            if high > 1:
                self.writer.set_row(row, min(_HIGHEST, _ROW * high))
        for c in table.columns:
            self._unsigned(c.kind, table.at[c.id], table.first, table.first + len(table.lines) - 1)
        for kind, keys in table.table.rules:
            figures = (cell_value(row.get(key)) for row in table.table.rows for key in keys)
            most = max((abs(f) for f in figures if isinstance(f, float)), default=0.0)
            for key in keys if most > 0 else ():
                self._rule(table, key, cell_highlight(kind, most))
        for style, keys, formula in table.table.marks:
            for key in keys:
                holds = table.formula(formula, table.first, table.at[key])
                look = self.book.format(STYLES[style])
                self._rule(table, key, {"type": "formula", "criteria": holds, "format": look})

    def _rule(self, table: PlacedTable, key: str, rule: Mapping[str, Any]) -> None:
        """Apply a rule of conditional format to a column of a table, without its total."""
        if table.table.rows:
            j = table.at[key]
            self.writer.conditional_format(table.first, j, table.last, j, rule)

    def _line(self, table: PlacedTable, row: int, cells: Row, style: str) -> int:
        """Write a row of cells; returns the number of text lines of its tallest cell."""
        high = 1
        for c in table.columns:
            content = cells.get(c.id)
            cell = content if isinstance(content, Cell) else Cell(content)
            j, kind = table.at[c.id], cell.kind or c.kind
            look = "entry" if cell.entry else cell.style or style
            shown = self.book.format(cell_format(look, kind))
            if cell.entry:
                self.writer.data_validation(row, j, row, j, cell_entry(cell.entry, row, j))
            if c.span > 1:
                self.writer.merge_range(row, j, row, j + c.span - 1, "", shown)
            if cell.style == "link":
                target = "internal:'{}'!A1".format(str(cell.value).replace("'", "''"))
                self.writer.write_url(row, j, target, shown, str(cell.value))
            elif cell.formula:
                formula = table.formula(cell.formula, row, j)
                value = _literal(cell.value) if isinstance(cell.value, str) else cell.value
                self.writer.write_formula(row, j, formula, shown, value)
            elif cell.value is None:
                self.writer.write_blank(row, j, None, shown)
            elif isinstance(cell.value, str):
                self.writer.write_string(row, j, _literal(cell.value), shown)
                wide = sum(self._widths[j : j + c.span]) - 1
                high = max(high, _lines(cell.value, wide))
            else:
                self.writer.write_number(row, j, _Exact(cell.value), shown)
            if kind != c.kind:
                self._unsigned(kind, j, row, row)
        return high

    def _unsigned(self, kind: str, column: int, first: int, last: int) -> None:
        """Leave out the sign of differences that round to 0, in some rows of a column."""
        shown = KINDS[kind]
        if shown.format.startswith("+") and first <= last:
            # The second part of a format is for negative numbers; Excel adds no minus to it.
            zero = ";".join([shown.format.rpartition(";")[2]] * 3)
            least = 0.5 * 10.0 ** -(shown.digits + shown.shift) * (1 - 1e-9)
            rule = {"type": "cell", "criteria": "between", "minimum": -least, "maximum": least}
            rule["format"] = self.book.format({"num_format": zero})
            self.writer.conditional_format(first, column, last, column, rule)


class _Exact(float):
    """A number written with all its digits; a format would keep sixteen of them."""

    def __format__(self, _: str) -> str:
        return float.__repr__(self)


def _lines(text: str, width: float) -> int:
    """Number of lines that a text takes in a cell of a width."""
    wide = max(4, int(_LETTERS * width))
    return sum(max(1, len(textwrap.wrap(part, wide))) for part in (text or " ").split("\n"))


@dataclass(frozen=True)
class PlacedTable:
    """A table with its position in a workbook, to which formulas and charts refer.

    first : sheet row of the first row of data, from 0
    columns : the columns shown in a workbook, with the number of sheet columns they span
    at : first sheet column of each of them, by key
    """

    table: Table
    sheet: SheetWriter
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

    def formula(self, text: str, row: int, column: int) -> str:
        """A formula of a cell, written as in ``cells.Cell``, with references of spreadsheets."""

        def found(match: re.Match[str]) -> str:
            name, key, mark, line = match.groups()
            if key is None:
                return str(xl_range(self.first, column, row - 1, column))
            table = self.sheet.book.tables[name] if name else self
            if not mark:
                return str(xl_rowcol_to_cell(row, table.at[key]))
            there = table.last + 1 if mark == "!" else table.first + int(line)
            sheet = _on(table.sheet) if table.sheet != self.sheet else ""
            return f"{sheet}{xl_rowcol_to_cell(there, table.at[key], True, True)}"

        return "=" + _PLACE.sub(found, text)


def _on(sheet: SheetWriter) -> str:
    """The name of a sheet as a prefix of a reference to one of its cells."""
    return "'{}'!".format(sheet.name.replace("'", "''"))
