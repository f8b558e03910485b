"""CSV files as spreadsheets write them: read, or refused with the reason, never misread.

Commas, semicolons or tabs between cells; UTF-8 with or without a mark, or the Windows code page of
French spreadsheets; decimal points, or decimal commas where cells are not separated by commas.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fte_alloc import words
from fte_alloc.errors import InputError, Mistake

_POINT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?\d+,\d+")
_GROUPED = re.compile(r"[+-]?\d{1,3}([ \u00a0\u202f]\d{3})+([.,]\d+)?")


@dataclass(frozen=True)
class Cell:
    """Text of a cell and the line it stands on."""

    text: str
    line: int


@dataclass(frozen=True)
class Table:
    """A CSV file: its columns, its rows by column, and how it writes numbers.

    name : as messages show it
    notes : what was noticed in reading that is worth a warning
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[dict[str, Cell], ...]
    delimiter: str
    notes: tuple[str, ...] = field(default=())

    def number(self, cell: Cell) -> float:
        """The number in a cell.

        Raises ValueError, with what was expected, for anything that could be read in two ways.
        """
        text = cell.text.strip()
        if _GROUPED.fullmatch(text):
            text = re.sub(r"[ \u00a0\u202f]", "", text)
        if _POINT.fullmatch(text):
            return float(text)
        if _COMMA.fullmatch(text):
            if self.delimiter == ",":
                raise ValueError(words.DECIMAL_COMMA_AMONG_COMMAS)
            return float(text.replace(",", "."))
        if "%" in text:
            raise ValueError(words.PERCENT_SIGN)
        if "," in text and "." in text:
            raise ValueError(words.THOUSANDS_SEPARATORS)
        raise ValueError(words.EXPECTED_NUMBER)

    def mixes_decimals(self, columns: Sequence[str]) -> tuple[Cell, Cell] | None:
        """A cell with a decimal comma and one with a decimal point, if the columns hold both."""
        if self.delimiter == ",":
            return None
        cells = [row[c] for row in self.rows for c in columns if c in row]
        comma = next((c for c in cells if _COMMA.fullmatch(c.text.strip())), None)
        point = next((c for c in cells if "." in c.text and _POINT.fullmatch(c.text.strip())), None)
        return (comma, point) if comma and point else None


def read_table(path: Path, name: str, required: Sequence[str]) -> Table:
    """Read a CSV file.

    name : how messages name the file
    required : columns it must have

    Raises InputError with every mistake found.
    """
    text, notes = _decoded(path, name)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = next((d for d in ";\t," if d in first), None)
    if delimiter is None:
        raise InputError(
            [Mistake(f"{name}:1", words.NO_COLUMNS.format(columns=", ".join(required)))]
        )
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    columns: tuple[str, ...] = ()
    rows: list[dict[str, Cell]] = []
    mistakes: list[Mistake] = []
    try:
        for record in reader:
            if not any(cell.strip() for cell in record):
                continue
            where = f"{name}:{reader.line_num}"
            if not columns:
                columns = tuple(cell.strip() for cell in record)
                mistakes += _header_mistakes(columns, required, where)
            elif len(record) != len(columns):
                what = words.ROW_LENGTH.format(cells=len(record), columns=len(columns))
                mistakes.append(Mistake(where, what))
            else:
                cells = (Cell(text.strip(), reader.line_num) for text in record)
                rows.append(dict(zip(columns, cells, strict=True)))
    except csv.Error as error:
        mistakes.append(Mistake(f"{name}:{reader.line_num}", words.BROKEN_CSV.format(error=error)))
    if not rows and not mistakes:
        mistakes.append(Mistake(name, words.NO_ROWS))
    if mistakes:
        raise InputError(mistakes)
    return Table(name, columns, tuple(rows), delimiter, notes)


def _decoded(path: Path, name: str) -> tuple[str, tuple[str, ...]]:
    data = read_bytes(path, name)
    if b"\x00" in data:
        raise InputError([Mistake(name, words.NOT_TEXT)])
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252"), (words.READ_AS_CP1252,)
    except UnicodeDecodeError:
        raise InputError([Mistake(name, words.NOT_TEXT)]) from None


def read_bytes(path: Path, name: str) -> bytes:
    """The bytes of a file, or InputError with the reason there are none."""
    if path.is_dir():
        raise InputError([Mistake(name, words.IS_A_DIRECTORY)])
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError([Mistake(name, words.NO_SUCH_FILE)]) from None
    except OSError as error:
        raise InputError([Mistake(name, error.strerror or str(error))]) from None


def _header_mistakes(columns: Sequence[str], required: Sequence[str], where: str) -> list[Mistake]:
    missing = [c for c in required if c not in columns]
    twice = sorted({c for c in columns if c and columns.count(c) > 1})
    mistakes = [Mistake(where, words.COLUMN_MISSING.format(column=c)) for c in missing]
    mistakes += [Mistake(where, words.COLUMN_TWICE.format(column=c)) for c in twice]
    if "" in columns:
        mistakes.append(Mistake(where, words.COLUMN_UNNAMED))
    return mistakes
