"""Tables of CSV files and workbooks: cells by row and key, numbers as people type them.

A value that can be read in two ways is refused with its cell and the remedy; nothing is guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

from fte_alloc.errors import Mistake
from fte_alloc.inputs.headings import heading_unit
from fte_alloc.inputs.sheets import CellSheet, Unreadable, Value, cell_name, csv_sheet, sheet_row
from fte_alloc.inputs.typed_numbers import possible_numbers
from fte_alloc.inputs.values import show_value, written_value
from fte_alloc.language import N_, _, localised, ngettext

#: Units that a number may name, by the beginning of the unit of its column.
_UNITS = {"FTE": "etp|fte|post", "EUR": "[€$£]|eur", "1": "%"}
PLAIN_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_PERHAPS_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}", re.ASCII)
#: Most mistakes of a file that are told of those alike but for numbers and quotations.
_MOST_ALIKE = 5
_QUOTED = re.compile(r'"[^"]*"|\d+')
_TWO_WAYS = N_(
    "is {value}, which can be read in two ways; write {whole} if the mark parts the thousands, "
    "{decimal} if it is the decimal one"
)


@dataclass(frozen=True)
class Typed:
    """A cell of a table: its value, None where the cell is empty, and its place."""

    value: Value | None
    where: str

    @property
    def text(self) -> str:
        """The value of the cell as text; a whole number, such as a code, has no decimals."""
        if isinstance(self.value, Unreadable):
            return self.value.shown
        if isinstance(self.value, str):
            return " ".join(self.value.split())
        return "" if self.value is None else show_value(self.value)


class Row(dict[str, Typed]):
    """Cells of a row by key of their column; a missing column has an empty cell."""

    def __missing__(self, key: str) -> Typed:
        return Typed(None, "")


@dataclass
class TypedTable:
    """A table of a sheet, its columns by key.

    top : row of the headings
    headings : place and text of the heading of every column that is read, by key
    unread : place and text of the heading of every column with numbers that is not read
    aside : one warning per row set aside as a total, with the reason
    totals : codes and names of rows set aside, as changed by ``plain_name``
    rows : rows of the table that are not set aside; every row has every key
    """

    sheet: CellSheet
    top: int
    headings: dict[str, tuple[str, str]] = field(default_factory=dict)
    unread: list[tuple[str, str]] = field(default_factory=list)
    aside: list[Mistake] = field(default_factory=list)
    totals: set[str] = field(default_factory=set)
    rows: list[Row] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)

    def wrong(self, row: Row, key: str, what: str) -> None:
        """Note a mistake in a cell; in CSV, whose places are lines, with the column's heading."""
        column = "" if self.sheet.name else f"{self.headings[key][1]}: "
        self.mistakes.append(Mistake(row[key].where, column + what))

    def number(self, row: Row, key: str, unit: str = "") -> float | None:
        """The number in a cell; None if the cell is empty, or if it is invalid, which is a mistake.

        unit : unit of the number; if empty, the unit of its column
        """
        try:
            return self.read(row[key].value, unit or heading_unit(key))
        except ValueError as error:
            self.wrong(row, key, str(error))
            return None

    def number_if_any(self, row: Row, key: str) -> float | None:
        """The number in a cell; None, without a mistake, if the cell is empty or invalid."""
        with suppress(ValueError):
            return self.read(row[key].value, heading_unit(key))
        return None

    def read(self, value: Value | None, unit: str = "") -> float | None:
        """Number that a value means. Raises ValueError, with the reason, for none or several."""
        if value is None or (isinstance(value, float)):
            return value
        if isinstance(value, Unreadable):
            raise ValueError(value.what)  # noqa: TRY004 - of the file, not of the programme
        text = str(value)
        if PLAIN_NUMBER.fullmatch(text) and not _PERHAPS_THOUSANDS.fullmatch(text):
            return float(text)
        found = possible_numbers(text)
        others = (words for of, words in _UNITS.items() if not unit.startswith(of))
        if not found or any(re.search(words, text.lower()) for words in others):
            what = _("is {value}, expected a number; leave the cell empty where it is not known")
            raise ValueError(what.format(value=written_value(value)))
        if len(found) == 2:
            mark = "," if "," in text else "."
            if len(marks := self._decimal_marks) != 1 or (mark not in marks and unit == "FTE"):
                parts = {"whole": found[0], "decimal": localised(f"{found[1]}0")}
                raise ValueError(_(_TWO_WAYS).format(value=written_value(value), **parts))
            found = [found[1] if mark in marks else found[0]]
        return float(found[0])

    def width(self, keys: Iterable[int] = ()) -> int:
        """Number of the last column, from 1, that has a heading or is among *keys*."""
        return max([*self.sheet.rows.get(self.top, {}), *keys], default=0)

    def row(self, number: int, keys: Mapping[int, str]) -> Row:
        """The cells of a row by key; none, with a mistake, if a row of CSV is too long.

        keys : key of each column, by number of the column
        """
        sheet, cells = self.sheet, max(self.sheet.rows[number])
        if number in sheet.widths and cells > (width := self.width(keys)):
            text = _("expected {columns} cells, found {cells}")
            text += _("; a decimal comma needs semicolons between the cells")
            what = text.format(columns=width, cells=cells)
            self.mistakes.append(Mistake(sheet.where(number), what))
            return Row()
        return Row({key: _cell(sheet, number, column, key) for column, key in keys.items()})

    def refuse_short_rows(self) -> None:
        """Refuse rows of CSV with fewer cells than headings, as in a file that was cut off."""
        width, sheet = self.width(), self.sheet
        short = {sheet.where(n): w for n, w in sheet.widths.items() if n > self.top and w < width}
        self.rows = [row for row in self.rows if next(iter(row.values())).where not in short]
        for where, cells in short.items():
            what = _("expected {columns} cells, found {cells}").format(columns=width, cells=cells)
            self.mistakes.append(Mistake(where, what))

    @cached_property
    def _decimal_marks(self) -> set[str]:
        """Decimal marks in those numbers typed as text that can be read in only one way."""
        numeric = [key for key in self.headings if heading_unit(key)]
        texts = (row[key].value for row in self.rows for key in numeric)
        marks = set()
        for text in texts:
            found = re.findall(r"[.,]", text) if isinstance(text, str) else []
            read = possible_numbers(str(text)) if found else []
            if len(read) == 1 and "%" not in str(text):
                is_one, by_three = found.count(found[-1]) == 1, str(text)[-4:-3] == found[-1]
                is_decimal = is_one and ("." in read[0] or not by_three)
                other = {",": ".", ".": ","}[found[-1]]
                marks.add(found[-1] if is_decimal else other)
        return marks


def repeated_row(what: str, first: str) -> str:
    """Text of the mistake for a row about the same as another one.

    first : place of the other row
    """
    return _("{what} stands twice (first on line {line})").format(
        what=what, line=sheet_row(first)[1]
    )


def counted_mistakes(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """The mistakes; of those of a file that differ in numbers and quotations alone, the first five.

    The others are counted at the end.
    """
    told, alike = list[Mistake](), Counter[tuple[str, str]]()
    for mistake in dict.fromkeys(mistakes):
        kind = sheet_row(mistake.where)[0], _QUOTED.sub("", mistake.what.partition(";")[0])
        alike[kind] += 1
        if alike[kind] <= _MOST_ALIKE:
            told.append(mistake)
    for (file, __), count in alike.items():
        if more := max(0, count - _MOST_ALIKE):
            text = ngettext("{count} more row like these", "{count} more rows like these", more)
            told.append(Mistake(file, text.format(count=more)))
    return told


def _cell(sheet: CellSheet, row: int, column: int, key: str) -> Typed:
    """A cell of a table; further rows of a merged range repeat a text, but refuse a number."""
    value = sheet.rows.get(row, {}).get(column)
    first = sheet.merged.get((row, column))
    if value is None and first and first[1] == column:
        value = sheet.rows.get(first[0], {}).get(column)
        if value is not None and heading_unit(key):
            text = _("is merged with {cell}: whose number is it? Take the cells apart")
            cell = cell_name(first[0], column)
            value = Unreadable(cell, text.format(cell=cell))
    return Typed(value, sheet.where(row, column))


def keyed_table(data: bytes, name: str) -> TypedTable:
    """The table of a CSV file whose headings may be any keys, such as those of ``--set``."""
    sheet = csv_sheet(data, name)
    table = TypedTable(sheet, next(iter(sheet.rows), 1))
    header, keys = sheet.rows.get(table.top, {}), dict[int, str]()
    for column in range(1, max(header, default=0) + 1):
        key, where = str(header.get(column, "")), sheet.where(table.top)
        if not key:
            what = _("column {number} has no name").format(number=column)
            table.mistakes.append(Mistake(where, what))
        elif key in table.headings:
            what = _("column {column} stands twice").format(column=key)
            table.mistakes.append(Mistake(where, what))
        table.headings[key], keys[column] = (where, key), key
    found = (table.row(number, keys) for number in sheet.rows if number > table.top)
    table.rows = [row for row in found if row]
    table.refuse_short_rows()
    if not table.rows and not table.mistakes:
        table.mistakes.append(Mistake(name, _("has no rows under its header")))
    return table
