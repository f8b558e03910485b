"""Workbooks and CSV files as sheets of cells; an unreadable cell is not taken for an empty one.

Nothing of a workbook is run or fetched: no formula, no macro, no link to another file.
"""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import lru_cache
from itertools import product
from typing import Any

from fte_alloc.errors import InputError, mistaken
from fte_alloc.inputs.headings import heading_key
from fte_alloc.language import N_, _

#: Endings of workbooks, and of all files whose tables are read as planners keep them.
WORKBOOKS = (".xlsx", ".xls", ".ods")
SPREADSHEETS = (*WORKBOOKS, ".csv")
#: Largest unzipped size of a workbook [bytes], and most cells in all its sheets.
MOST_UNZIPPED, MOST_CELLS = 200 << 20, 1_000_000

_NOT_TEXT = N_("is not a text file in UTF-8; save it as CSV UTF-8")
#: Apostrophe that keeps a text from being taken for a formula.
_INERT = re.compile(r"^'(?=[=+@＝＋－＠-])")
_SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=([;,\t])\"?", re.IGNORECASE)
#: Number of first rows in which headings are searched for.
MOST_TITLES = 200
_DAMAGED = N_("is no workbook, or a damaged one; open it in a spreadsheet and save it as .xlsx")
_XLSX_CELL = re.compile(rb"<(?:\w+:)?c[ />]")
_XLSX_MERGED = re.compile(rb"mergeCell\s+ref\s*=\s*.([A-Z]{1,3}\d{1,9}:[A-Z]{1,3}\d{1,9})")


@dataclass(frozen=True)
class Unreadable:
    """A cell whose content cannot be taken for a value.

    shown : text of the content
    what : why it cannot be taken, and the remedy
    """

    shown: str
    what: str


#: Content of a cell that is not empty.
Value = str | float | bool | Unreadable


@dataclass(frozen=True)
class CellSheet:
    """A sheet of a workbook, or a CSV file.

    file : name of the file in messages
    name : name of the sheet, empty for CSV
    rows : value by number of row (in CSV the line) and column, both from 1; no empty cells
    hidden : numbers of hidden rows
    merged : first cell of a merged range, by each of its other cells
    widths : number of cells of every row of CSV, empty cells included
    sees_blanks : whether empty cells are certainly empty; else they may be errors or formulas
    notes : remarks on the sheet that are worth a warning
    """

    file: str
    name: str
    rows: Mapping[int, Mapping[int, Value]]
    hidden: Collection[int] = ()
    merged: Mapping[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    widths: Mapping[int, int] = field(default_factory=dict)
    sees_blanks: bool = True
    notes: tuple[str, ...] = ()

    def where(self, row: int, column: int = 0) -> str:
        """Name of a cell's place: ``study.xlsx, Territories!C14``, or of CSV ``posts.csv:14``."""
        if not self.name:
            return f"{self.file}:{row}"
        return f"{self.file}, {self.name}!{cell_name(row, column)}"


def cell_name(row: int, column: int) -> str:
    """Name of a cell, such as ``C14``; the row alone where no column is given."""
    from openpyxl.utils import get_column_letter

    return f"{get_column_letter(column) if column else ''}{row}"


def read_sheets(data: bytes, name: str) -> list[CellSheet]:
    """The sheets of a workbook; of a CSV file, the file as its only sheet.

    name : name of the file in messages

    Raises InputError for a file of another kind, damaged, protected or too large.
    """
    if name.lower().endswith(".csv"):
        return [csv_sheet(data, name)]
    if data[:4] == b"\xd0\xcf\x11\xe0":
        if not name.lower().endswith(".xls"):
            text = _("is protected by a password, or an old workbook; save it as .xlsx without one")
            raise mistaken(name, text)
        return _by_calamine(data, name)
    try:
        parts = _unzipped(data, name)
        return _by_openpyxl(data, name) if "xl/workbook.xml" in parts else _by_calamine(data, name)
    except InputError:
        raise
    except Exception:  # noqa: BLE001 - a damaged file raises anything at all
        raise mistaken(name, _(_DAMAGED)) from None


@lru_cache(maxsize=8)
def sheets_of(data: bytes, name: str, spoken: str) -> list[CellSheet]:
    """The sheets of a workbook, cached for the cases of a sweep, by language of messages."""
    del spoken
    return read_sheets(data, name)


def _unzipped(data: bytes, name: str) -> set[str]:
    """Names of the files in a workbook; each is unzipped once, to refuse too large ones."""
    from openpyxl.worksheet.cell_range import CellRange

    cells = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(part.file_size for part in archive.infolist()) > MOST_UNZIPPED:
            text = _("is larger than {most} MB unzipped; no workbook of figures is")
            raise mistaken(name, text, most=MOST_UNZIPPED >> 20)
        for part in archive.infolist():
            with archive.open(part) as file:
                content = file.read(MOST_UNZIPPED)  # no more, whatever size it says to have
            cells += sum(1 for _cell in _XLSX_CELL.finditer(content))
            merged = (CellRange(ref.decode()).size for ref in _XLSX_MERGED.findall(content))
            cells += sum(size["rows"] * size["columns"] for size in merged)
        _refuse_many_cells(cells, name)
        return set(archive.namelist())


def _refuse_many_cells(cells: int, name: str) -> None:
    if cells > MOST_CELLS:
        text = _("has more than {most} cells; keep the tables and delete the rest")
        raise mistaken(name, text, most=f"{MOST_CELLS:,}")


def _by_openpyxl(data: bytes, name: str) -> list[CellSheet]:
    """The sheets of an .xlsx file; one with formulas is read again, for the values stored."""
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about parts that openpyxl cannot write
        file = io.BytesIO(data)
        typed = load_workbook(file, keep_links=False)
        has_formulas = any(c.data_type == "f" for s in typed.worksheets for c in s._cells.values())
        stored = load_workbook(file, data_only=True, keep_links=False) if has_formulas else typed
    sheets = []
    for sheet, values in zip(typed.worksheets, stored.worksheets, strict=True):
        rows: dict[int, dict[int, Value]] = {}
        for (row, column), cell in sorted(sheet._cells.items()):
            beside = values._cells.get((row, column))
            value = _value(cell, None if beside is None else beside.value)
            if value is not None:
                rows.setdefault(row, {})[column] = value
        areas = sheet.merged_cells.ranges
        merged = _merged((a.min_row, a.min_col, a.max_row, a.max_col) for a in areas)
        hidden = {n for n, row in sheet.row_dimensions.items() if row.hidden}
        title, text = sheet.title, _("the hidden sheet {name} is read as the others")
        notes = () if sheet.sheet_state == "visible" else (text.format(name=title),)
        sheets.append(CellSheet(name, title, rows, hidden & rows.keys(), merged, notes=notes))
    return sheets


def _value(cell: Any, stored: Any) -> Value | None:
    """The value of a cell of openpyxl; of a formula, the value *stored* in the file."""
    if cell.data_type != "f":
        return _plain(cell.value, is_error=cell.data_type == "e")
    value = _plain(stored, is_error=isinstance(stored, str) and stored.startswith("#"))
    if value is None:
        text = _("is a formula without a stored value; open the file in a spreadsheet and save it")
        return Unreadable(_("a formula"), text)
    return value


def _plain(value: Any, *, is_error: bool = False) -> Value | None:
    """The value of a cell: text, number, truth value or ``Unreadable``; None if empty."""
    if value is None or isinstance(value, bool):
        return value
    if is_error:
        text = _("is {value}, an error of the spreadsheet; put a number in its place")
        return Unreadable(str(value), text.format(value=value))
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, date | time | timedelta | list):
        shown = str(value[0] if isinstance(value, list) else value).removesuffix(" 00:00:00")
        text = _("is a date ({value}); a spreadsheet makes one of 12.5: type the number again")
        return Unreadable(shown, text.format(value=shown))
    return str(value).strip() or None


#: Script that reads an .ods or .xls file in another process, as a damaged file may crash it.
_CALAMINE = """
import io, json, sys
from contextlib import suppress
import python_calamine
with suppress(ImportError, ValueError):
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
sheets, left = [], int(sys.argv[1])
for name in book.sheet_names:
    sheet = book.get_sheet_by_name(name)
    left -= sheet.total_height * sheet.total_width
    rows = sheet.to_python(skip_empty_area=False) if left >= 0 else []
    ranges = sheet.merged_cell_ranges or []
    plain = (bool, float, int, str)
    rows = [[v if isinstance(v, plain) else [str(v)] for v in row] for row in rows]
    ranges = [[n + 1 for n in (*first, *last)] for first, last in ranges]
    sheets.append([name, rows, ranges])
json.dump([left, sheets], sys.stdout)
"""


def _by_calamine(data: bytes, name: str) -> list[CellSheet]:
    """The sheets of an .ods or .xls file, where errors and formulas never computed are empty."""
    command = [sys.executable, "-P", "-c", _CALAMINE, str(MOST_CELLS)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=60, check=True)
        left, found = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        raise mistaken(name, _(_DAMAGED)) from None
    _refuse_many_cells(MOST_CELLS - left, name)
    sheets = []
    for title, cells, ranges in found:
        rows: dict[int, dict[int, Value]] = {}
        for row, values in enumerate(cells, start=1):
            plain = enumerate(map(_plain, values), start=1)
            if kept := {column: value for column, value in plain if value is not None}:
                rows[row] = kept
        sheets.append(CellSheet(name, title, rows, merged=_merged(ranges), sees_blanks=False))
    return sheets


def _merged(ranges: Iterable[Sequence[int]]) -> dict[tuple[int, int], tuple[int, int]]:
    """First cell of each merged range, by its other cells; too large ranges are left out."""
    merged: dict[tuple[int, int], tuple[int, int]] = {}
    for top, left, bottom, right in ranges:
        if (bottom - top + 1) * (right - left + 1) <= MOST_CELLS:
            cells = product(range(top, bottom + 1), range(left, right + 1))
            merged |= {cell: (top, left) for cell in cells if cell != (top, left)}
    return merged


# -- CSV -------------------------------------------------------------------------------------------


def _decoded(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """The text of a file, and notes on its encoding. Raises InputError."""
    if b"\x00" in data:
        raise mistaken(name, _(_NOT_TEXT))
    note = _("not in UTF-8, read as Windows-1252; check the accents, or save it as CSV UTF-8")
    for encoding, notes in (("utf-8-sig", ()), ("cp1252", (note,))):
        with suppress(UnicodeDecodeError):
            return data.decode(encoding), notes
    raise mistaken(name, _(_NOT_TEXT))


def _csv_rows(text: str, name: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Line and cells of every row of a CSV text, without empty rows and ``sep=`` lines.

    Raises InputError for an invalid row, after the rows before it.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for record in reader:
            is_mark = _SEPARATOR_LINE.fullmatch(delimiter.join(record))
            if any(map(str.strip, record)) and not is_mark:
                yield line, [_INERT.sub("", cell.strip()) for cell in record]
            line = reader.line_num + 1
    except csv.Error:
        what = _("not valid CSV: quotes are not closed, or something stands behind them")
        raise mistaken(f"{name}:{line}", what) from None


def csv_sheet(data: bytes, name: str, more: Mapping[str, str] | None = None) -> CellSheet:
    """The sheet of a CSV file, split by the separator with most headings, then most columns."""
    text, notes = _decoded(data, name)
    best: list[tuple[int, list[str]]] = []
    most, failures = (-1, 0), []
    for delimiter in ";\t,":
        try:
            rows = list(_csv_rows(text, name, delimiter))
        except InputError as error:
            failures.append(error)
            continue
        titles = [[c for c in cells if not c[:1].isdigit()] for __, cells in rows[:MOST_TITLES]]
        known = [sum(heading_key(c, more) is not None for c in cells) for cells in titles]
        made = max(known, default=0), len(rows[0][1]) if rows else 0
        if made > most:
            most, best = made, rows
    if failures[2:]:
        raise failures[0]
    filled = {line: {j: c for j, c in enumerate(cells, start=1) if c} for line, cells in best}
    widths = {line: len(cells) for line, cells in best}
    return CellSheet(name, "", filled, widths=widths, notes=notes)


_PLACE = re.compile(r"(?:(.*), [^!]*![A-Z]*|(.*):)(\d+)")


def sheet_row(where: str) -> tuple[str, int]:
    """The file and the row, or line, of a place such as ``study.xlsx, Territories!C14``."""
    at = _PLACE.fullmatch(where)
    return (at[1] or at[2] or "", int(at[3])) if at else (where, 0)
