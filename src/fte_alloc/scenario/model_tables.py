"""The tables of a model folder: territories and contracts, each value with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fte_alloc import words
from fte_alloc.errors import Mistake
from fte_alloc.scenario import kinds, schema
from fte_alloc.scenario.draft import Draft
from fte_alloc.scenario.inputs import Entry
from fte_alloc.scenario.names import Codes, closest, nearest
from fte_alloc.scenario.tables import Cell, RowMistakes, Table
from fte_alloc.scenario.written import KeyPath, written

_CONTRACT_COLUMNS = ("territory", "segment", "contracts_per_year")
_TEXT_COLUMNS = ("code", "name", "area")
#: A column so like a known one that it is hardly a new indicator.
_ALIKE = 0.9

Row = Mapping[str, Cell]


def read_territories(draft: Draft) -> None:
    """Read territories.csv: the codes, the posts in place, the limits, the indicators."""
    assert draft.folder is not None
    table = draft.reader.table(draft.folder / "territories.csv", ("code", "name"))
    if table is None:
        return
    reading = TableReading(draft, "territories", table)
    numeric = [c for c in table.columns if c not in _TEXT_COLUMNS]
    reading.check_columns(numeric)
    draft.indicators = {c for c in numeric if c not in schema.TERRITORY_COLUMNS}
    readable = not reading.has_doubtful_numbers(numeric)
    lines: dict[str, int] = {}
    names: dict[str, str] = {}
    complete = not table.mistakes
    for row in table.rows:
        code, line = row["code"].text, row["code"].line
        if not kinds.is_code(code):
            reading.wrong.add(line, "code", words.BAD_CODE.format(code=written(code)))
            complete = False
        elif code in lines:
            what = words.CODE_TWICE.format(code=code, line=lines[code])
            reading.wrong.add(line, "code", what)
            complete = False  # it may be meant for another
        else:
            lines[code], names[code] = line, row["name"].text or code
            _put_territory(reading, row, numeric, readable=readable)
    reading.finish()
    draft.territories = Codes(names, complete=complete)


def _put_territory(
    reading: TableReading, row: Row, columns: Sequence[str], *, readable: bool
) -> None:
    code, line = row["code"].text, row["code"].line
    put = reading.draft.put
    put(("territories", code, "name"), reading.entry("name", row["name"].text or code, line))
    area = row["area"].text if "area" in row else ""
    if area and not kinds.is_code(area):
        what = f"area: {words.BAD_CODE.format(code=written(area))}"
        reading.wrong.add(line, "area", what)
    elif area:
        put(("territories", code, "area"), reading.entry("area", area, line))
    for column in columns:
        path = ("territories", code, column)
        parameter = schema.find(path) or schema.INDICATOR
        value = None
        if readable:
            value = reading.number(row, column, parameter.kind, optional=parameter.optional)
        if value is not None:
            put(path, reading.entry(column, value, line))
        elif row[column].text not in ("", "none"):
            reading.draft.refused.add(path)


def read_contracts(draft: Draft) -> None:
    """Read contracts.csv: contracts of a year by territory and kind of buyer."""
    assert draft.folder is not None
    column = "contracts_per_year"
    known = (*_CONTRACT_COLUMNS, "year")
    table = draft.reader.table(draft.folder / "contracts.csv", _CONTRACT_COLUMNS, known)
    if table is None:
        return
    reading = TableReading(draft, "contracts", table)
    reading.check_columns([column])
    readable = not reading.has_doubtful_numbers([column])
    lines: dict[KeyPath, int] = {}
    for row, path in reading.pairs():
        line = row["territory"].line
        if not row[column].text:
            what = kinds.fault("amount", "")
            reading.wrong.add(line, column, f"{column}: {what}")
        elif path in lines:
            pair = " ".join(path[1:])
            reading.wrong.add(line, "pair", words.PAIR_TWICE.format(pair=pair, line=lines[path]))
        elif readable:
            value = reading.number(row, column, "amount")
            if path is not None and value is not None:
                draft.put(path, reading.entry(column, value, line))
        if path is not None:
            lines.setdefault(path, line)
    reading.finish()
    draft.contracts_are_read = readable and not table.mistakes and not reading.wrong


class TableReading:
    """One table on its way into a draft.

    kind : ``territories``, ``contracts`` or ``curves``
    """

    def __init__(self, draft: Draft, kind: str, table: Table) -> None:
        self.draft, self.kind, self.table = draft, kind, table
        self.wrong = RowMistakes(table.name)

    def finish(self) -> None:
        """Tell every mistake of the rows."""
        self.draft.reader.mistakes += self.wrong.told()

    def check_columns(self, columns: Sequence[str]) -> None:
        """Check that the model says what every column of numbers is, and of no other.

        A name that is misspelt on one side is one mistake, told where it is misspelt.
        """
        model = self.draft.model_layer
        if model is None or {("tables",), ("tables", self.kind)} & self.draft.refused:
            return
        said = self.draft.columns[self.kind]
        silent = [column for column in columns if column not in said]
        for column in [c for c in said if c not in self.table.columns]:
            path = ("tables", self.kind, column)
            like = nearest(column, silent)
            silent = [c for c in silent if c != like]
            if path in self.draft.refused:
                continue
            if like and column in schema.TERRITORY_COLUMNS:
                what = words.COLUMN_UNKNOWN.format(column=like, hint=closest(like, [column]))
                self.draft.reader.add(f"{self.table.name}:1", what)
                continue
            hint = closest(column, [like] if like else [])
            what = words.NO_SUCH_COLUMN.format(file=f"{self.kind}.csv", hint=hint)
            self.draft.refuse(model.where(path), path, what)
        if silent:
            template = words.COLUMNS_WITHOUT_STATUS if silent[1:] else words.COLUMN_WITHOUT_STATUS
            what = template.format(column=", ".join(silent), table=self.kind)
            self.draft.reader.add(f"{self.table.name}:1", what)
        if self.kind == "territories":
            self._warn_of_lookalikes([c for c in columns if c not in silent])

    def _warn_of_lookalikes(self, columns: Sequence[str]) -> None:
        """An indicator so like a known column may be that column, misspelt, and do nothing."""
        left = [c for c in schema.TERRITORY_COLUMNS if c not in self.table.columns]
        for column in columns:
            like = nearest(column, left, _ALIKE)
            if like and column not in schema.TERRITORY_COLUMNS:
                what = words.INDICATOR_LIKE_COLUMN.format(column=column, like=like)
                self.draft.reader.warnings.append(Mistake(f"{self.table.name}:1", what))

    def has_doubtful_numbers(self, columns: Sequence[str]) -> bool:
        """Whether the numbers of some columns can be read in two ways."""
        found = list(self.table.doubtful_numbers(columns))
        self.draft.reader.mistakes += found
        return bool(found)

    def number(self, row: Row, column: str, kind: str, *, optional: bool = False) -> float | None:
        """The number in a cell, None where it is empty, "none" or wrong."""
        cell = row[column]
        if not cell.text or (optional and cell.text == "none"):
            return None
        try:
            value = self.table.number(cell)
        except ValueError as error:
            what = words.IS_EXPECTED.format(value=written(cell.text), expected=error)
            self.wrong.add(cell.line, column, f"{column}: {what}", str(error))
            return None
        what = kinds.fault(kind, value, optional=optional, shown=cell.text)
        if what:
            self.wrong.add(cell.line, column, f"{column}: {what}", kind)
            return None
        return value

    def entry(self, column: str, value: Any, line: int) -> Entry:
        """A value of the table with what the model says of its column."""
        where = f"{self.table.name}:{line}"
        said = self.draft.columns.get(self.kind, {}).get(column)
        if said is None:
            return Entry(value, where, status="table")
        return Entry(value, where, said.unit, said.status, said.source, said.note)

    def pairs(self) -> Iterator[tuple[Row, KeyPath | None]]:
        """Rows with their path by territory, segment and, where there is one, year.

        None, and a mistake where it is one, in the place of a path that the model does not have.
        """
        for row in self.table.rows:
            line = row["territory"].line
            code = self._territory(row["territory"].text, line)
            segment = self._segment(row["segment"].text, line)
            year = row["year"].text if "year" in row else ""
            if year and not kinds.YEAR.fullmatch(year):
                self.wrong.add(line, "year", "year: " + words.NOT_A_YEAR.format(year=year))
                yield row, None
            elif code is None or segment is None:
                yield row, None
            else:
                yield row, (self.kind, code, segment, *([year] if year else []))

    def _territory(self, text: str, line: int) -> str | None:
        codes = self.draft.territories
        code = codes.find(text)
        if code is None and codes.complete:
            like = codes.zero_dropped(text)
            template = words.LEADING_ZERO
            if like and len(like) < len(text):
                template = words.ZERO_DROPPED_THERE
            hint = template.format(code=like) if like else codes.hint(text)
            what = words.UNKNOWN_TERRITORY_IN_TABLE.format(code=text or '""', hint=hint)
            self.wrong.add(line, "territory", f"territory: {what}", "zero" if like else None)
        return code

    def _segment(self, text: str, line: int) -> str | None:
        codes = self.draft.segments
        if text in codes:
            return text
        if codes.complete:
            hint = codes.hint(text)
            what = words.UNKNOWN_SEGMENT_IN_TABLE.format(segment=text or '""', hint=hint)
            self.wrong.add(line, "segment", f"segment: {what}")
        return None
