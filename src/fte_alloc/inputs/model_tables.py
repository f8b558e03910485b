"""The tables of a model folder: territories, contracts and curves, each value with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from fte_alloc.errors import Mistake
from fte_alloc.inputs import kinds, schema
from fte_alloc.inputs.draft import Draft
from fte_alloc.inputs.entries import Entry
from fte_alloc.inputs.names import Codes, closest, nearest
from fte_alloc.inputs.tables import Cell, RowMistakes, Table
from fte_alloc.inputs.written import KeyPath, show_value, written
from fte_alloc.language import _
from fte_alloc.names import BAD_CODE
from fte_alloc.programme.curves import TableCurves

_PAIR = ("territory", "segment")
_TEXT_COLUMNS = ("code", "name", "area")
#: A column so like a known one that it is hardly a new indicator.
_ALIKE = 0.9

Row = Mapping[str, Cell]
#: Effort, contracts, line of the file.
Point = tuple[float, float, int]


def read_territories(draft: Draft) -> None:
    """Read territories.csv: the codes, the posts in place, the limits, the indicators."""
    table = draft.reader.table(draft.file("territories.csv"), ("code", "name"))
    if table is None:
        return
    numeric = [c for c in table.columns if c not in _TEXT_COLUMNS]
    reading = _TableReading(draft, "territories", table, numeric)
    draft.indicators = {c for c in numeric if c not in schema.TERRITORY_COLUMNS}
    lines: dict[str, int] = {}
    names: dict[str, str] = {}
    complete = not table.mistakes
    for row in table.rows:
        code, line = row["code"].text, row["code"].line
        if not kinds.is_code(code):
            reading.wrong.add(line, "code", _(BAD_CODE).format(code=written(code)))
            complete = False
        elif code in lines:
            text = _("code {code} stands twice (first on line {line})")
            what = text.format(code=code, line=lines[code])
            reading.wrong.add(line, "code", what)
            complete = False  # it may be meant for another
        else:
            lines[code], names[code] = line, row["name"].text or code
            _put_territory(reading, row, numeric)
    reading.finish()
    draft.territories = Codes(names, complete=complete)


def _put_territory(reading: _TableReading, row: Row, columns: Sequence[str]) -> None:
    code, line = row["code"].text, row["code"].line
    reading.put(("territories", code, "name"), row["name"].text or code, line)
    area = row["area"].text if "area" in row else ""
    if area and not kinds.is_code(area):
        what = f"area: {_(BAD_CODE).format(code=written(area))}"
        reading.wrong.add(line, "area", what)
    elif area:
        reading.put(("territories", code, "area"), area, line)
    for column in columns:
        path = ("territories", code, column)
        parameter = schema.find(path) or schema.INDICATOR
        value = reading.number(row, column, parameter.kind, optional=parameter.optional)
        if value is not None:
            reading.put(path, value, line)
        elif row[column].text not in ("", "none"):
            reading.draft.refused.add(path)


def read_contracts(draft: Draft) -> None:
    """Read contracts.csv: contracts of a year by territory and kind of buyer."""
    column = "contracts_per_year"
    columns = (*_PAIR, column)
    table = draft.reader.table(draft.file("contracts.csv"), columns, (*columns, "year"))
    if table is None:
        return
    reading = _TableReading(draft, "contracts", table, [column])
    lines: dict[KeyPath, int] = {}
    for row, path in reading.pairs():
        line = row["territory"].line
        if not row[column].text:
            reading.wrong.add(line, column, f"{column}: {kinds.fault('amount', '')}")
        elif path in lines:
            pair = " ".join(path[1:])
            text = _("contracts of {pair} stand twice (first on line {line})")
            reading.wrong.add(line, "pair", text.format(pair=pair, line=lines[path]))
        else:
            value = reading.number(row, column, "amount")
            if path is not None and value is not None:
                reading.put(path, value, line, column)
        if path is not None:
            lines.setdefault(path, line)
    draft.contracts_are_read = reading.finish()


def read_curves(draft: Draft) -> bool:
    """Read curves.csv, each curve kept as one value, a tuple of points; whether all is right."""
    numbers = ("effort_fte", "contracts")
    columns = (*_PAIR, *numbers)
    table = draft.reader.table(draft.file("curves.csv"), columns, (*columns, "year"))
    if table is None:
        return False
    reading = _TableReading(draft, "curves", table, numbers)
    points: dict[KeyPath, list[Point]] = {}
    for row, path in reading.pairs():
        line = row["territory"].line
        effort, contracts = (reading.number(row, column, "amount") for column in numbers)
        for column in numbers:
            if not row[column].text:
                text = _("is empty, expected a number")
                reading.wrong.add(line, column, f"{column}: {text}")
        if path is not None and effort is not None and contracts is not None:
            points.setdefault(path, []).append((effort, contracts, line))
    if not reading.wrong:
        for path, curve in points.items():
            _put_curve(reading, path, sorted(curve))
    return reading.finish()


def _put_curve(reading: _TableReading, path: KeyPath, curve: Sequence[Point]) -> None:
    """Put one curve, or say which rows are not increasing and concave."""
    pair = " ".join(path[1:])
    efforts, contracts, lines = zip(*curve, strict=True)
    twice = next((b for a, b in pairwise(curve) if a[0] == b[0]), None)
    fault = None if twice else TableCurves.first_fault(efforts, contracts)
    if efforts[0] != 0:
        text = _("curve of {pair}: expected its first point at effort 0")
        reading.wrong.add(lines[0], "start", text.format(pair=pair), "start")
    elif twice:
        text = _("curve of {pair}: effort {effort} stands twice")
        what = text.format(pair=pair, effort=show_value(twice[0]))
        reading.wrong.add(twice[2], "twice", what)
    elif fault is not None:
        rows = ", ".join(str(line) for line in lines[max(0, fault - 2) : fault + 1])
        what = _(
            "curve of {pair}: lines {lines} are not increasing and concave (each step must bring "
            "no more than the one before)"
        ).format(pair=pair, lines=rows)
        reading.wrong.add(lines[fault], "concave", what)
    else:
        points = tuple(zip(efforts, contracts, strict=True))
        reading.put(path, points, lines[0], "contracts")


class _TableReading:
    """One table on its way into a draft.

    kind : ``territories``, ``contracts`` or ``curves``
    numeric : its columns of numbers, which the model describes but for efforts of curves
    """

    def __init__(self, draft: Draft, kind: str, table: Table, numeric: Sequence[str]) -> None:
        self.draft, self.kind, self.table = draft, kind, table
        self.wrong = RowMistakes(table.name)
        self._check_columns([column for column in numeric if column != "effort_fte"])
        doubtful = list(table.doubtful_numbers(numeric))
        draft.reader.mistakes += doubtful
        self._readable = not doubtful

    def finish(self) -> bool:
        """Tell every mistake of the rows; whether there is none in the table."""
        self.draft.reader.mistakes += self.wrong.told()
        return self._readable and not self.table.mistakes and not self.wrong

    def _check_columns(self, columns: Sequence[str]) -> None:
        """Check that the model says what every column of numbers is, and of no other.

        A name that is misspelt on one side is one mistake, told where it is misspelt.
        """
        model = self.draft.model_layer
        if model is None or {("tables",), ("tables", self.kind)} & self.draft.refused:
            return
        said, header = self.draft.columns[self.kind], f"{self.table.name}:1"
        silent = [column for column in columns if column not in said]
        for column in [c for c in said if c not in self.table.columns]:
            path = ("tables", self.kind, column)
            like = nearest(column, silent)
            silent = [c for c in silent if c != like]
            if path in self.draft.refused:
                continue
            if like and column in schema.TERRITORY_COLUMNS:
                text = _("column {column}: unknown{hint}")
                what = text.format(column=like, hint=closest(like, [column]))
                self.draft.reader.add(header, what)
                continue
            hint = closest(column, [like] if like else [])
            what = _("no such column in {file}{hint}").format(file=f"{self.kind}.csv", hint=hint)
            self.draft.refuse(model, path, what)
        if silent:
            text = _("column {column} needs unit and status in model.toml, under [tables.{table}]")
            template = (
                _("columns {column} need unit and status in model.toml, under [tables.{table}]")
                if silent[1:]
                else text
            )
            what = template.format(column=", ".join(silent), table=self.kind)
            self.draft.reader.add(header, what)
        if self.kind == "territories":  # an indicator like a column may be that, misspelt
            left = [c for c in schema.TERRITORY_COLUMNS if c not in self.table.columns]
            for column in [c for c in columns if c not in (*silent, *schema.TERRITORY_COLUMNS)]:
                if like := nearest(column, left, _ALIKE):
                    text = _("column {column} is read as an indicator; is {like} meant?")
                    what = text.format(column=column, like=like)
                    self.draft.reader.warnings.append(Mistake(header, what))

    def number(self, row: Row, column: str, kind: str, *, optional: bool = False) -> float | None:
        """The number in a cell, None where it is empty, "none", wrong or to be read in two ways."""
        cell = row[column]
        if not self._readable or not cell.text or (optional and cell.text == "none"):
            return None
        value = self.table.number_or_mistake(cell, column, self.wrong)
        if value is None:
            return None
        if what := kinds.fault(kind, value, optional=optional, shown=cell.text):
            self.wrong.add(cell.line, column, f"{column}: {what}", kind)
            return None
        return value

    def put(self, path: KeyPath, value: Any, line: int, column: str | None = None) -> None:
        """Put a value of the table with what the model says of its column."""
        where = f"{self.table.name}:{line}"
        said = self.draft.columns.get(self.kind, {}).get(column or path[-1])
        entry = replace(said or Entry(None, "", status="table"), value=value, origin=where)
        self.draft.put(path, entry)

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
                text = _('"{year}" is not a year of four digits')
                self.wrong.add(line, "year", "year: " + text.format(year=year))
            elif code is not None and segment is not None:
                yield row, (self.kind, code, segment, *([year] if year else []))
                continue
            yield row, None

    def _territory(self, text: str, line: int) -> str | None:
        codes = self.draft.territories
        code = codes.find(text)
        if code is None and codes.complete:
            like = codes.zero_dropped(text)
            shorter = like and len(like) < len(text)
            said = _("; it has {code}: did a spreadsheet drop the leading zero there?")
            template = (
                said if shorter else _("; did a spreadsheet drop the leading zero of {code}?")
            )
            hint = template.format(code=like) if like else codes.hint(text)
            what = _("{code} is not in territories.csv{hint}").format(code=text or '""', hint=hint)
            self.wrong.add(line, "territory", f"territory: {what}", "zero" if like else None)
        return code

    def _segment(self, text: str, line: int) -> str | None:
        codes = self.draft.segments
        if text in codes:
            return text
        if codes.complete:
            hint = codes.hint(text)
            said = _("{segment} is not among [coverage.segments] of the model{hint}")
            what = said.format(segment=text or '""', hint=hint)
            self.wrong.add(line, "segment", f"segment: {what}")
        return None
