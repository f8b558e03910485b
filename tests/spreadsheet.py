"""Works out the formulas of a workbook again: only what ours use, none of their stored values."""

from __future__ import annotations

import io
import math
import posixpath
import re
import warnings
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from types import CodeType

import openpyxl

_REFERENCE = re.compile(
    r"(?:'((?:[^']|'')+)'!)?\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?"
)


#: Names in the files that a workbook is made of.
_RELATIONS = "_rels/workbook.xml.rels"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
#: What our formulas are made of.
ONLY = re.compile(rf"=(?:{_REFERENCE.pattern}|SUM|MAX|ROUND|[-+*/(),]|\d+)+")


@cache
def opened(data: bytes, *, data_only: bool = True) -> openpyxl.Workbook:
    """A workbook as openpyxl reads it; it does not know bars that end where they are told to."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*extension is not supported", UserWarning)
        return openpyxl.load_workbook(io.BytesIO(data), data_only=data_only)


def typed_into(data: bytes, cells: Mapping[tuple[str, str], float | str]) -> bytes:
    """A workbook in which something was typed into some empty cells; all else is as stored."""
    parts, files = _parts(data), _files(data)
    for (sheet, cell), value in cells.items():
        file, empty = files[sheet], re.compile(rf'(<c r="{cell}"[^>]*)/>'.encode())
        is_text = isinstance(value, str)
        inner = (
            f' t="inlineStr"><is><t>{value}</t></is></c>' if is_text else f"><v>{value!r}</v></c>"
        )
        parts[file], count = empty.subn(rb"\1" + inner.encode(), parts[file])
        assert count == 1, (sheet, cell)
    with zipfile.ZipFile(out := io.BytesIO(), "w") as book:
        for name, part in parts.items():
            book.writestr(name, part)
    return out.getvalue()


@cache
def stored(data: bytes) -> dict[tuple[str, str], object]:
    """Every value as a program that does not calculate reads it, by sheet and cell."""
    book = opened(data)
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


@cache
def formulas(data: bytes) -> dict[tuple[str, str], str]:
    """Every formula, by sheet and cell, as the file has it."""
    parts, found = _parts(data), {}
    for sheet, file in _files(data).items():
        for cell in ET.fromstring(parts[file]).iter(f"{_MAIN}c"):
            if (formula := cell.find(f"{_MAIN}f")) is not None:
                found[sheet, cell.get("r")] = f"={formula.text}"
    return found


def _parts(data: bytes) -> dict[str, bytes]:
    """The files that a workbook is made of."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return {name: book.read(name) for name in book.namelist()}


def _files(data: bytes) -> dict[str, str]:
    """The file of each sheet of a workbook."""
    parts = _parts(data)
    book, files = (ET.fromstring(parts[f"xl/{name}"]) for name in ("workbook.xml", _RELATIONS))
    file_of = {file.get("Id"): file.get("Target") for file in files}
    return {  # some programs write the whole path
        sheet.get("name"): posixpath.join("/xl", file_of[sheet.get(f"{_RELATION}id")])[1:]
        for sheet in book.find(f"{_MAIN}sheets")
    }


def recomputed(
    data: bytes, typed: Mapping[tuple[str, str], float | str] | None = None
) -> dict[tuple[str, str], float | str]:
    """The value of every formula, from what is typed alone.

    typed : in place of what some cells hold
    """
    texts, values = formulas(data), stored(data) | dict(typed or {})

    @cache
    def value(sheet: str, cell: str) -> float | str | None:
        if (sheet, cell) not in texts:
            return values.get((sheet, cell))
        found = eval(_expression(texts[sheet, cell], sheet), {"__builtins__": {}}, names)
        return found if isinstance(found, str) else float(found)

    names: dict[str, object] = dict(_FUNCTIONS)
    names["value"] = lambda *at: _EMPTY if value(*at) is None else value(*at)
    names["values"] = lambda of, *ends: [value(of, at) for at in _cells(*ends)]
    return {place: value(*place) for place in texts}


@cache
def _expression(formula: str, sheet: str) -> CodeType:
    """A formula of a sheet as an expression of Python."""
    parts = re.split(r'("(?:[^"]|"")*")', formula[1:])
    for n in range(0, len(parts), 2):  # what no quotes enclose
        python = _REFERENCE.sub(lambda m: _python(m, sheet), parts[n])
        parts[n] = re.sub("(?<![<>])=", "==", python).replace("&", "+")
    return compile("".join(parts), formula, "eval")


class _Empty(float):
    """What an empty cell counts as; it is no number."""


_EMPTY = _Empty()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, _Empty)


def _match(value: float, ascending: list[float], _: int) -> int:
    return sum(one <= value for one in ascending if one is not None)


_FUNCTIONS = {
    "SUM": lambda values: math.fsum(v for v in values if _is_number(v)),
    "MAX": max,
    "MIN": min,
    "ABS": abs,
    "ROUND": lambda value, digits=0: half_away(value, digits),
    "IF": lambda test, then, other: then if test else other,
    "OR": lambda *tests: any(tests),
    "NOT": lambda test: not test,
    "INDEX": lambda values, n: values[int(n) - 1] or 0.0,
    "MATCH": _match,
    "ISNUMBER": _is_number,
    "ISTEXT": lambda value: isinstance(value, str),
    "MID": lambda text, first, length: text[first - 1 : first - 1 + length],
}


def _python(reference: re.Match[str], sheet: str) -> str:
    """A reference as a call: of one cell, or of all those of a range."""
    there = (reference[1] or sheet).replace("''", "'") if reference[1] else sheet
    if reference[4] is None:
        return f"value({there!r}, {reference[2] + reference[3]!r})"
    ends = (reference[2], int(reference[3]), reference[4], int(reference[5]))
    return f"values({there!r}, *{ends!r})"


@cache
def _cells(left: str, top: int, right: str, bottom: int) -> list[str]:
    number = openpyxl.utils.column_index_from_string
    letters = map(openpyxl.utils.get_column_letter, range(number(left), number(right) + 1))
    return [f"{letter}{row}" for letter in letters for row in range(top, bottom + 1)]


def half_away(value: float, digits: float = 0) -> float:
    """Half away from zero on the decimal of 15 digits, as spreadsheets do."""
    unit = Decimal(1).scaleb(-int(digits))
    return float(Decimal(f"{value:.15g}").quantize(unit, ROUND_HALF_UP))
