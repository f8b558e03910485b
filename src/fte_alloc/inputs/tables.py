"""CSV files as spreadsheets write them: read, or refused with the reason, never misread.

Commas, semicolons or tabs between cells; UTF-8 with or without a mark, or the Windows code page of
French spreadsheets; decimal points, or decimal commas where cells are not separated by commas;
spaces, no-break or not, between thousands.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fte_alloc.errors import InputError, Mistake, mistaken
from fte_alloc.inputs.headings import key_of, model_headings, unit_of_key
from fte_alloc.inputs.sheets import SEPARATOR_LINE, csv_rows, decoded, read_sheets, row_of
from fte_alloc.inputs.typed import TypedTable, tables_of
from fte_alloc.inputs.values import closest, nearest, written
from fte_alloc.language import _, ngettext

_POINT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}([ \u00a0\u2009\u202f]\d{3})+([.,]\d+)?", re.ASCII)
_PERHAPS_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
#: What keeps a text from being taken for a formula.
_INERT = re.compile(r"^'(?=[=+@＝＋－＠-])")
#: Mistakes of one family that are told one by one; the rest is counted.
_TOLD = 5


class CsvCell(NamedTuple):
    """Text of a cell and its place."""

    text: str
    where: str


class RowMistakes:
    """Mistakes of a table's rows: those of one kind are told once, with the number of rows."""

    def __init__(self) -> None:
        self._families: dict[str, dict[str, tuple[str, list[str]]]] = {}

    def __bool__(self) -> bool:
        return bool(self._families)

    def add(
        self, where: str, family: str, what: str, kind: str | None = None, /, **told: object
    ) -> None:
        """Note a mistake in a row, its sentence filled with values.

        family : what it is about, such as a column
        kind : what makes two mistakes the same one, the text itself if not given
        """
        what = what.format(**told) if told else what
        same = self._families.setdefault(family, {})
        same.setdefault(what if kind is None else kind, (what, []))[1].append(where)

    def told(self) -> Iterator[Mistake]:
        """The mistakes, each at its first row; after the fifth of a family only a count."""
        for same in self._families.values():
            found = list(same.values())
            for n, (what, places) in enumerate(found[:_TOLD], start=1):
                rest = found[n:] if n == _TOLD else []
                more = len(places) - 1 + sum(len(others) for __, others in rest)
                if more:
                    ending = ngettext(" (and {count} more row)", " (and {count} more rows)", more)
                    what += ending.format(count=more)
                yield Mistake(places[0], what)


@dataclass(frozen=True)
class CsvTable:
    """A CSV file: its columns, its rows by column, and how it writes numbers.

    name : as messages show it
    mistakes : rows that could not be read; the others are here
    notes : what was noticed in reading that is worth a warning
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[dict[str, CsvCell], ...]
    delimiter: str
    mistakes: tuple[Mistake, ...] = ()
    notes: tuple[str, ...] = ()

    def number(self, cell: CsvCell) -> float:
        """The number in a cell.

        Raises ValueError, with what was expected, for anything that could be read in two ways.
        """
        text = _ungrouped(cell.text)
        if _POINT.fullmatch(text):
            return float(text)
        if _COMMA.fullmatch(text) and self.delimiter != ",":
            return float(text.replace(",", "."))
        expected = _("a number")
        if _COMMA.fullmatch(text):
            expected = _(
                "a decimal point: commas separate the cells here; or put semicolons between "
                "the cells"
            )
        elif "%" in text:
            expected = _("a share such as 0.12, without a percent sign")
        elif text.count(",") + text.count(".") > 1 and re.fullmatch(r"[+-]?[\d.,]+", text):
            expected = _("a number without separators between thousands")
        raise ValueError(expected)

    def number_or_mistake(self, cell: CsvCell, column: str, wrong: RowMistakes) -> float | None:
        """The number in a cell; None, and a mistake in its row, for what is none."""
        try:
            return self.number(cell)
        except ValueError as error:
            what = _("is {value}, expected {expected}").format(
                value=written(cell.text), expected=error
            )
            wrong.add(cell.where, column, f"{column}: {what}", str(error))
            return None

    def doubtful_numbers(self, columns: Sequence[str]) -> Iterator[Mistake]:
        """Numbers that the table as a whole leaves open.

        Decimal points beside decimal commas, or a point or comma that may stand between thousands
        where no other number shows that it does not.
        """
        cells = [row[c] for row in self.rows for c in columns]
        comma = next((c for c in cells if _COMMA.fullmatch(_ungrouped(c.text))), None)
        numbers = (c for c in cells if _POINT.fullmatch(_ungrouped(c.text)))
        point = next((c for c in numbers if "." in c.text), None)
        if comma and point and self.delimiter != ",":
            text = _(
                "{point} has a decimal point and {comma} (line {line}) a decimal comma; use one of "
                "them"
            )
            line = row_of(comma.where)[1]
            yield Mistake(point.where, text.format(point=point.text, comma=comma.text, line=line))
            return
        mark = "," if comma and self.delimiter != "," else "."
        if not all(_PERHAPS_THOUSANDS.fullmatch(c.text) for c in cells if mark in c.text):
            return
        for column in columns:
            for typed, where in [row[column] for row in self.rows if mark in row[column].text][:1]:
                text = _(
                    "{column}: {text} can be read in two ways; write {whole} if the mark parts the "
                    "thousands, {decimal} if it is the decimal one"
                )
                told = {"whole": typed.replace(mark, ""), "decimal": f"{typed}0"}
                yield Mistake(where, text.format(column=column, text=typed, **told))


def _ungrouped(text: str) -> str:
    """A number's text without the spaces between its thousands."""
    if _GROUPED.fullmatch(text):
        return re.sub(r"[ \u00a0\u2009\u202f]", "", text)
    return text


def read_csv(
    data: bytes,
    name: str,
    required: Sequence[str],
    known: Sequence[str] | None,
    described: Iterable[str] = (),
) -> CsvTable:
    """As ``parse_table``; where headings are not those of the model, as people write them.

    Totals are set aside there, titles above the headings passed over, every heading is known.

    described : columns that the model describes, such as indicators

    Raises InputError with what the model expects where no headings are found that mean it.
    """
    try:
        return parse_table(data, name, required, known)
    except InputError as error:
        more = model_headings(described)
        (sheet,) = read_sheets(data, name, more)
        table = next(iter(tables_of([sheet], more)), None)
        found = _columns(table, required) if table else {}
        if not table or not found:
            raise error from None
    rows = []
    for row in table.rows:
        cells = dict[str, CsvCell]()
        for key, column in found.items():
            text = row[key].text
            if unit := unit_of_key(key):
                number = table.number(row[key], unit)
                text = "" if number is None else repr(number)
            elif column == "segment":
                text = (key_of(text) or text).removeprefix("contracts.")
            cells[column] = CsvCell(text, row[key].where)
        rows.append(cells)
    notes = (*sheet.notes, *table.aside)
    return CsvTable(name, tuple(found.values()), tuple(rows), ";", tuple(table.mistakes), notes)


def _columns(table: TypedTable, required: Sequence[str]) -> dict[str, str]:
    """Columns of the model by key of a table's headings; empty where it is not one of these."""
    names = {"name": "territory", "code": "territory", "buyer": "segment"}
    names = names if "segment" in required else {}
    columns = {key: names.get(key, key.removeprefix("indicator.")) for key in table.headings}
    top = row_of(next(iter(table.headings.values()))[0])[1]
    used = {j for row, cells in table.sheet.rows.items() if row >= top for j in cells}
    return columns if {*required} <= {*columns.values()} and len(columns) >= len(used) else {}


def parse_table(
    data: bytes, name: str, required: Sequence[str], known: Sequence[str] | None = None
) -> CsvTable:
    """A CSV file from its bytes.

    name : how messages name the file
    required : columns it must have
    known : columns it may have, None where any other is welcome

    Raises InputError where the header already is wrong; rows that are go into ``mistakes``.
    """
    text, notes = decoded(data, name)
    delimiter = _delimiter(text, name, required)
    records = csv_rows(text, name, delimiter)
    top, header = next(records, (1, []))
    columns = _header(header, required, known, f"{name}:{top}")
    rows: list[dict[str, CsvCell]] = []
    wrong = RowMistakes()
    broken: Sequence[Mistake] = ()
    try:
        for line, record in records:
            where = f"{name}:{line}"
            while len(record) > len(columns) and not record[-1]:
                record.pop()
            if tuple(record) == columns:
                wrong.add(where, "header", _("the header stands here again; take this row out"))
            elif len(record) != len(columns):
                sentence = _("expected {columns} cells, found {cells}")
                if delimiter == "," and len(record) > len(columns):
                    sentence += _("; a decimal comma needs semicolons between the cells")
                wrong.add(where, "length", sentence, cells=len(record), columns=len(columns))
            else:
                cells = (CsvCell(_INERT.sub("", text), where) for text in record)
                rows.append(dict(zip(columns, cells, strict=True)))
    except InputError as error:
        broken = error.mistakes
    mistakes = (*wrong.told(), *broken)
    if not rows and not mistakes:
        mistakes = (Mistake(name, _("has no rows under its header")),)
    return CsvTable(name, columns, tuple(rows), delimiter, mistakes, notes)


def _delimiter(text: str, name: str, required: Sequence[str]) -> str:
    """What separates the cells: whatever makes most of the expected columns of the header."""
    header = next((line for line in re.split(r"[\r\n]+", text) if line.strip()), "")
    said = SEPARATOR_LINE.fullmatch(header)
    if said:
        return said[1]

    def columns_made(delimiter: str) -> tuple[int, int]:
        cells = [cell.strip(' "') for cell in header.split(delimiter)]
        return sum(c in required for c in cells), len(cells)

    best = max(";\t,", key=columns_made)
    if columns_made(best)[1] < 2:
        sentence = _("no columns found, expected {columns} separated by commas or semicolons")
        raise mistaken(f"{name}:1", sentence, columns=", ".join(required))
    return best


def _header(
    columns: list[str], required: Sequence[str], known: Sequence[str] | None, where: str
) -> tuple[str, ...]:
    while columns and not columns[-1]:
        columns.pop()
    mistakes = []
    strange = [c for c in columns if c and known is not None and c not in known]
    for column in required:
        if column not in columns:
            like = nearest(column, [c for c in columns if c and c not in required])
            hint = _("; is it {name}?").format(name=like) if like else ""
            mistakes.append(_("column {column} is missing{hint}").format(column=column, hint=hint))
            strange = [c for c in strange if c != like]
    for column in strange:
        left = [c for c in known or () if c not in columns]
        hint = closest(column, left)
        mistakes.append(_("column {column}: unknown{hint}").format(column=column, hint=hint))
    twice = sorted(c for c, count in Counter(columns).items() if c and count > 1)
    mistakes += [_("column {column} stands twice").format(column=c) for c in twice]
    if "" in columns:
        mistakes.append(_("column {number} has no name").format(number=columns.index("") + 1))
    if mistakes:
        raise InputError([Mistake(where, what) for what in mistakes])
    return tuple(columns)
