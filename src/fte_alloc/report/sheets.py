"""What a workbook is made of: sheets of sentences and tables, cells with formulas and values.

Every formula is stored with its value, so that programs that do not calculate show the same figures
as those that do. Text stays text, whatever it starts with. The same input gives the same bytes.
"""

from __future__ import annotations

import io
import math
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from fte_alloc import words

#: Spreadsheets take no more characters for the name of a sheet, for a text, for a footer.
_NAME, _TEXT, _FOOTER = 31, 32_767, 200
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\{}\x00-\x1f]")
#: No clock in a result: the date stored as that of creation.
_CREATED = datetime(2000, 1, 1, tzinfo=UTC)
#: Columns of text are as wide as their longest text, up to this many characters.
_WIDEST = 44
#: A page in landscape holds about so many characters before its print gets small.
_PAGE = 210
_ROW, _HEAD = 15, "#DCE6F1"
_STYLES: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "title": {"bold": True, "font_size": 16},
    "section": {"bold": True, "font_size": 12},
    "head": {"bold": True, "bg_color": _HEAD, "bottom": 1, "text_wrap": True, "valign": "vcenter"},
    "total": {"bold": True, "top": 1},
    "good": {"bold": True, "font_color": "#1E6B34"},
    "bad": {"bold": True, "font_color": "#A61C1C"},
    "warn": {"bg_color": "#FFF2CC"},
    "mark": {"bg_color": "#DDEBF7"},
}
#: Number format and width of each kind of column; formats say no language.
_KINDS: Mapping[str, tuple[str, float]] = {
    "line": ("@", 0),
    "text": ("@", 0),
    "code": ("@", 7),
    "year": ("0", 7),
    "fte": ('#,##0.0;-#,##0.0;"·"', 11),
    "fte_change": ('+#,##0.0;-#,##0.0;"·"', 11),
    "contracts": ("#,##0", 11),
    "contracts_change": ("+#,##0;-#,##0;0", 11),
    "eur": ("#,##0", 13),
    "eur_change": ("+#,##0;-#,##0;0", 13),
    "rate": ("0.0%", 9),
    "rate_change": ("+0.00%;-0.00%;0.00%", 11),
    "points": ("+0.0;-0.0;0.0", 11),
    "fine": ("#,##0.00", 12),
    "fine_rate": ("0.00%", 12),
    "tiny_rate": ("0.0000%", 12),
    "gap": ("0.0E+00", 10),
    "value": ("General", 14),
    "whole": ("#,##0", 14),
}
_TEXTS = ("line", "text", "code")
#: Differences that are 0 once shown, by kind: below this there is no sign, but this text.
_NO_CHANGE: Mapping[str, tuple[float, str]] = {
    "fte_change": (0.05, '"·"'),
    "contracts_change": (0.5, "0"),
    "eur_change": (0.5, "0"),
    "points": (0.05, "0.0"),
    "rate_change": (5e-5, "0.00%"),
}


@dataclass(frozen=True)
class Cell:
    """What a cell holds beyond a plain value.

    formula : what works the value out, without the sign of equality; ``{key}`` is the cell of that
        column in the same row, ``{key!}`` its total, ``[key]`` the cell of that row in the same
        column, ``<>`` all cells of the table above it
    kind : where it is not that of the column
    style : ``plain``, ``warn``, ``mark``, ``good`` or ``bad``
    """

    value: float | str | None
    formula: str = ""
    kind: str = ""
    style: str = ""


Content = Cell | str | float | int | None
Row = Mapping[str, Content]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    about : its entry in ``words.BOOK_COLUMNS``: heading and meaning
    kind : of its cells: how numbers are shown, and their unit
    name : a scenario, a year or a kind of buyer, where the heading has room for one
    key : what formulas call it, where several columns are about the same
    width : in characters, where it is not that of the kind
    span : over how many columns of the sheet it goes
    """

    about: str
    kind: str = "text"
    name: str = ""
    key: str = ""
    width: float = 0
    span: int = 1

    @property
    def id(self) -> str:
        """What rows and formulas call it."""
        return self.key or self.about

    @property
    def heading(self) -> str:
        """What stands above it."""
        return str(words.BOOK_COLUMNS[self.about][0]).format(name=self.name)

    @property
    def meaning(self) -> str:
        """What it says, in a sentence."""
        return str(words.BOOK_COLUMNS[self.about][1]).format(name=self.name)


def summed(total: float) -> Cell:
    """A total: the sum of the column above it."""
    return Cell(total, "SUM(<>)")


@dataclass(frozen=True)
class Table:
    """A table that was written, for formulas and charts of other sheets."""

    sheet: str
    first: int  # row of the first line, from 0
    count: int
    columns: Mapping[str, int]

    def range(self, key: str) -> str:
        """All lines of a column: ``'Regions'!$C$5:$C$22``."""
        from xlsxwriter.utility import xl_range_abs

        j = self.columns[key]
        return f"{self._at}{xl_range_abs(self.first, j, self.first + self.count - 1, j)}"

    def place(self, key: str, line: int) -> str:
        """A cell of a line for formulas of the same sheet: ``$C$5``."""
        from xlsxwriter.utility import xl_rowcol_to_cell

        return str(xl_rowcol_to_cell(self.first + line, self.columns[key], True, True))

    def cell(self, key: str, line: int) -> str:
        """A cell of a line; the line after the last is the total."""
        return f"{self._at}{self.place(key, line)}"

    def total(self, key: str) -> str:
        """The cell of a total."""
        return self.cell(key, self.count)

    @property
    def _at(self) -> str:
        return "'{}'!".format(self.sheet.replace("'", "''"))


class Book:
    """A workbook under way.

    title : what it is about, at the foot of every page
    """

    def __init__(self, title: str) -> None:
        import xlsxwriter

        self.title, self._buffer = title, io.BytesIO()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        }
        self.writer: Any = xlsxwriter.Workbook(self._buffer, options)
        self.writer.set_properties({"title": title[:_FOOTER], "created": _CREATED})
        self._formats: dict[tuple[str, str], Any] = {}
        self._names: set[str] = set()
        self._sheets: list[Sheet] = []

    def sheet(self, name: str, widths: Sequence[float]) -> Sheet:
        """A new sheet, its columns so many characters wide."""
        self._sheets.append(Sheet(self, self._free(name), widths, headed=bool(self._sheets)))
        return self._sheets[-1]

    @property
    def columns(self) -> list[tuple[str, Column]]:
        """Every column written: its sheet, the column; from left to right, from the top down."""
        return [
            (sheet.name, column)
            for sheet in self._sheets
            for _, columns in sorted(sheet.columns.items())
            for column in columns
        ]

    def _free(self, name: str) -> str:
        """A legal name that no other sheet has."""
        plain = _NOT_IN_NAMES.sub(" ", name).strip().strip("'") or "-"
        found, again = plain[:_NAME].rstrip(" '"), 1
        while found.casefold() in self._names:
            again += 1
            ending = f" ({again})"
            found = plain[: _NAME - len(ending)].rstrip(" '") + ending
        self._names.add(found.casefold())
        return found

    def style(self, style: str, kind: str = "text") -> Any:
        """The format of a style and a kind of cell."""
        if (style, kind) not in self._formats:
            shown: dict[str, Any] = {"num_format": _KINDS[kind][0], "valign": "top"}
            if kind in _TEXTS:
                shown["text_wrap"] = True
            else:
                shown["align"] = "right"
            if kind == "text":
                shown |= {"align": "left", "indent": 1}
            self._formats[style, kind] = self.writer.add_format(shown | dict(_STYLES[style]))
        return self._formats[style, kind]

    def unsigned(self, kind: str) -> dict[str, Any]:
        """The rule that takes the sign off differences that do not show."""
        most, shown = _NO_CHANGE[kind]
        if ("unsigned", kind) not in self._formats:
            # The second part is that of numbers below 0: it writes no minus by itself.
            plain = f"{shown};{shown};{shown}"
            self._formats["unsigned", kind] = self.writer.add_format({"num_format": plain})
        return {
            "type": "cell",
            "criteria": "between",
            "minimum": -most * (1 - 1e-9),
            "maximum": most * (1 - 1e-9),
            "format": self._formats["unsigned", kind],
        }

    def finish(self) -> bytes:
        """The file."""
        self.writer.close()
        return self._buffer.getvalue()


def widths(columns: Sequence[Column], rows: Iterable[Row]) -> list[float]:
    """How wide columns are, in characters."""
    longest = dict.fromkeys((c.id for c in columns if c.kind == "text"), 0)
    for row in rows:
        for key in longest:
            longest[key] = max(longest[key], len(str(_value(row.get(key)) or "")))
    return [
        c.width
        or (min(_WIDEST, max(9, longest[c.id] + 2)) if c.id in longest else _KINDS[c.kind][1])
        for c in columns
    ]


def _value(content: Content) -> float | str | None:
    return content.value if isinstance(content, Cell) else content


class Sheet:
    """A sheet, filled from the top.

    row : the next free one, from 0
    columns : of its tables, by the row of their headings
    """

    def __init__(
        self, book: Book, name: str, widths: Sequence[float], *, headed: bool = True
    ) -> None:
        self.book, self.name, self.row, self._widths = book, name, 0, list(widths)
        self.writer = book.writer.add_worksheet(name)
        for j, width in enumerate(self._widths):
            self.writer.set_column(j, j, width)
        self.columns: dict[int, Sequence[Column]] = {}
        self.writer.set_landscape()
        self.writer.set_paper(9)  # A4
        self.writer.set_margins(left=0.4, right=0.4, top=0.75 if headed else 0.5, bottom=0.7)
        if headed:
            self.writer.set_header('&L&"-,Bold"&14&A')
        across = max(1, math.ceil(sum(self._widths) / _PAGE))
        self.writer.fit_to_pages(across, 0)
        if across > 1:
            self.writer.repeat_columns(0, 1)
        title = textwrap.shorten(book.title, _FOOTER // 2, placeholder="…").replace("&", "&&")
        page = words.BOOK_PAGE.format(page="&P", pages="&N")
        self.writer.set_footer(f"&L&9 {title}&C&9&A&R&9 {page}")  # a digit would be read as a size
        self.writer.hide_gridlines(2)

    def sentence(self, text: str, style: str = "plain", *, gap: int = 0) -> None:
        """A text over the whole width, with some free rows after it."""
        last = len(self._widths) - 1
        wide = sum(self._widths) * (11 / _STYLES[style].get("font_size", 11))
        lines = sum(len(textwrap.wrap(part, int(1.05 * wide))) or 1 for part in text.split("\n"))
        if last:
            self.writer.merge_range(self.row, 0, self.row, last, "", self.book.style(style, "line"))
        self.writer.write_string(self.row, 0, text[:_TEXT], self.book.style(style, "line"))
        size = _STYLES[style].get("font_size", 11) / 11
        self.writer.set_row(self.row, math.ceil(lines * _ROW * size) + (3 if size > 1 else 0))
        self.row += 1 + gap

    def table(
        self,
        columns: Sequence[Column],
        rows: Sequence[Row],
        *,
        total: Row | None = None,
        keys: Sequence[str] = (),
        at: int = 0,
        main: bool = False,
    ) -> Table:
        """Write a table, and leave a free row after it.

        keys : of the rows, for formulas that name another row
        at : its first column
        main : the sheet's own: with a filter, its heading always in sight and on every page
        """
        top = self.row
        place = dict(zip((c.id for c in columns), accumulate(c.span for c in columns), strict=True))
        place = {c.id: at + place[c.id] - c.span for c in columns}
        lines = dict(zip(keys, range(top + 1, top + 1 + len(keys)), strict=True))
        table = Table(self.name, top + 1, len(rows), place)
        self.columns[top] = columns
        high = 1
        for c in columns:
            j, head = place[c.id], self.book.style("head", c.kind)
            high = max(high, self._lines(c.heading + "  ", j, c.span))
            if c.span > 1:
                self.writer.merge_range(top, j, top, j + c.span - 1, "", head)
            self.writer.write_string(top, j, c.heading, head)
        self.writer.set_row(top, _ROW * high + 3)
        for n, row in enumerate([*rows, total] if total else rows):
            style = "total" if n == len(rows) else "plain"
            high = 1
            for c in columns:
                self._cell(table, lines, (table.first + n, c), row.get(c.id), style)
                text = _value(row.get(c.id))
                if isinstance(text, str):
                    high = max(high, self._lines(text, place[c.id], c.span))
            if high > 1:  # not every program finds the height by itself
                self.writer.set_row(table.first + n, _ROW * high)
        for c in columns:
            if c.kind in _NO_CHANGE:
                j, rule = place[c.id], self.book.unsigned(c.kind)
                self.writer.conditional_format(top + 1, j, top + len(rows) + 1, j, rule)
        last = at + sum(c.span for c in columns) - 1
        if main:
            if rows:
                self.writer.autofilter(top, at, top + len(rows), last)
            held = sum(c.kind == "code" for c in columns[:1]) + 1
            self.writer.freeze_panes(top + 1, held)
            self.writer.repeat_rows(top)
        if any(c.kind in _TEXTS for c in columns):
            from xlsxwriter.utility import xl_range

            where = xl_range(top, at, top + len(rows) + 1, last)
            self.writer.ignore_errors({"number_stored_as_text": where})
        self.row = table.first + len(rows) + (1 if total else 0) + 1
        return table

    def _lines(self, text: str, first: int, span: int) -> int:
        """On how many lines a text stands in a cell; letters are narrower than digits."""
        wide = max(4, int(1.05 * sum(self._widths[first : first + span])) - 1)
        return len(textwrap.wrap(text, wide)) or 1

    def _cell(
        self,
        table: Table,
        lines: Mapping[str, int],
        where: tuple[int, Column],
        content: Content,
        style: str,
    ) -> None:
        """Write one cell."""
        from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

        row, column = where
        cell = content if isinstance(content, Cell) else Cell(content)
        j = table.columns[column.id]
        kind = cell.kind or column.kind
        if kind in _NO_CHANGE and kind != column.kind:
            self.writer.conditional_format(row, j, row, j, self.book.unsigned(kind))
        shown = self.book.style(cell.style or style, kind)
        if column.span > 1:
            self.writer.merge_range(row, j, row, j + column.span - 1, "", shown)
        if cell.formula:
            above = xl_range(table.first, j, row - 1, j)
            text = cell.formula.replace("<>", above)
            text = re.sub(r"\{(\w+)\}", lambda m: xl_rowcol_to_cell(row, table.columns[m[1]]), text)
            text = re.sub(r"\{(\w+)!\}", lambda m: table.place(m[1], table.count), text)
            text = re.sub(r"\[(\w+)\]", lambda m: xl_rowcol_to_cell(lines[m[1]], j), text)
            self.writer.write_formula(row, j, f"={text}", shown, cell.value)
        elif cell.value is None:
            self.writer.write_blank(row, j, None, shown)
        elif isinstance(cell.value, str):
            self.writer.write_string(row, j, cell.value[:_TEXT], shown)
        else:
            self.writer.write_number(row, j, cell.value, shown)

    @property
    def across(self) -> int:
        """How many columns it has."""
        return len(self._widths)

    # -- pictures ------------------------------------------------------------------------------

    def bars(self, table: Table, most: float, *keys: str) -> None:
        """A bar in every cell of some columns, over the whole cell at *most*."""
        for key in keys if most > 0 else ():
            self._conditional(
                table,
                key,
                {
                    "type": "data_bar",
                    "bar_color": "#9DC3E6",
                    "bar_solid": True,
                    "min_type": "num",
                    "max_type": "num",
                    "min_value": 0,
                    "max_value": most,
                },
            )

    def shades(self, table: Table, most: float, *keys: str) -> None:
        """Orange for less, blue for more, white for the same; deepest at *most*."""
        for key in keys if most > 0 else ():
            self._conditional(
                table,
                key,
                {
                    "type": "3_color_scale",
                    "min_type": "num",
                    "mid_type": "num",
                    "max_type": "num",
                    "min_value": -most,
                    "mid_value": 0,
                    "max_value": most,
                    "min_color": "#F4B183",
                    "mid_color": "#FFFFFF",
                    "max_color": "#9DC3E6",
                },
            )

    def _conditional(self, table: Table, key: str, rule: Mapping[str, Any]) -> None:
        j = table.columns[key]
        self.writer.conditional_format(table.first, j, table.first + table.count - 1, j, dict(rule))

    def link(self, row: int, column: int, sheet: str) -> None:
        """The name of another sheet that leads there."""
        target = sheet.replace("'", "''")
        self.writer.write_url(
            row, column, f"internal:'{target}'!A1", self.book.style("plain"), sheet
        )
