"""A model's folder: model.toml and the tables of territories, contracts and curves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from fte_alloc.inputs import schema, values
from fte_alloc.inputs.checks import refuse_totals
from fte_alloc.inputs.described import read_descriptions, tell_unknown_sources
from fte_alloc.inputs.draft import Draft
from fte_alloc.inputs.entries import Entry
from fte_alloc.inputs.layers import put_layer
from fte_alloc.inputs.reading import shown_path
from fte_alloc.inputs.sheets import row_of
from fte_alloc.inputs.tables import CsvCell, RowMistakes, read_csv
from fte_alloc.inputs.values import Codes, KeyPath, closest, nearest
from fte_alloc.language import _, localised
from fte_alloc.programme.curves import TableCurves

_PAIR = ("territory", "segment")
#: Columns that the tables of a model must have, and those of texts; all others hold numbers.
_REQUIRED = {
    "territories": ("code", "name"),
    "contracts": (*_PAIR, "contracts_per_year"),
    "curves": (*_PAIR, "effort_fte", "contracts"),
}
_TEXTS = {"territories": ("code", "name", "area", "area_name")}
#: A column so like a known one that it is hardly a new indicator.
_ALIKE = 0.9

Row = Mapping[str, CsvCell]


def read_model(draft: Draft) -> None:
    """Read the model's numbers and tables."""
    model = draft.model_layer = draft.toml(draft.folder / "model.toml")
    if model is not None:
        read_descriptions(draft)
        draft.segments = _segments(draft, model.content.get("coverage"))
    for read in (_read_territories, _read_contracts):
        with draft.collecting():
            read(draft)
    if model is not None:
        refuse_totals(draft)
        put_layer(draft, model)
        tell_unknown_sources(draft)


def _segments(draft: Draft, coverage: Any) -> Codes:
    """The kinds of buyer of a model, with their names."""
    segments = coverage.get("segments") if isinstance(coverage, dict) else None
    names = {}
    for code, said in segments.items() if isinstance(segments, dict) else ():
        if what := values.code_fault(code):
            draft.refuse(("coverage", "segments", code), what)
        else:
            name = said.get("name") if isinstance(said, dict) else None
            names[code] = name if isinstance(name, str) else code
    return Codes(names, complete=bool(names) and len(names) == len(segments or ()))


def _read_territories(draft: Draft) -> None:
    """Read territories.csv: the codes, the posts in place, the limits, the indicators."""
    reading = _Rows(draft, "territories")
    draft.indicators = {*reading.numeric} - schema.TERRITORY_COLUMNS.keys()
    names: dict[str, str] = {}
    places: dict[str, str] = {}
    complete = not reading.table.mistakes
    for row in reading.table.rows:
        code, where = row["code"]
        what = values.code_fault(code)
        if code in places:
            text = _("code {code} stands twice (first on line {line})")
            what = text.format(code=code, line=row_of(places[code])[1])
        if what:
            complete = False  # one that stands twice may be meant for another
            reading.wrong.add(where, "code", what)
        else:
            places[code], names[code] = where, row["name"].text or code
            _put_territory(reading, row)
    reading.finish()
    draft.territories = Codes(names, complete=complete)


def _put_territory(reading: _Rows, row: Row) -> None:
    code, where = row["code"]
    reading.put(("territories", code, "name"), row["name"].text or code, where)
    for column in ("area", "area_name"):
        text = row[column].text if column in row else ""
        what = values.code_fault(text) if text and column == "area" else ""
        if what:
            reading.wrong.add(where, "area", f"area: {what}")
        elif text:
            reading.put(("territories", code, column), text, where)
    for column in reading.numeric:
        path = ("territories", code, column)
        parameter = schema.find(path) or schema.INDICATOR
        value = reading.number(row, column, parameter.kind, optional=parameter.optional)
        if value is not None:
            reading.put(path, value, where)
        elif row[column].text not in ("", "none"):
            reading.draft.refused.add(path)


def _read_contracts(draft: Draft) -> None:
    """Read contracts.csv: contracts of a year by territory and kind of buyer."""
    reading, column = _Rows(draft, "contracts"), "contracts_per_year"
    places: dict[KeyPath, str] = {}
    for row, path in reading.pairs():
        where = row["territory"].where
        if not row[column].text:
            reading.wrong.add(where, column, f"{column}: {values.fault('amount', '')}")
        elif path in places:
            text = _("contracts of {pair} stand twice (first on line {line})")
            told = {"pair": " ".join(path[1:]), "line": row_of(places[path])[1]}
            reading.wrong.add(where, "pair", text, **told)
        elif (value := reading.number(row, column, "amount")) is not None and path is not None:
            reading.put(path, value, where, column)
        if path is not None:
            places.setdefault(path, where)
    reading.finish()


def read_curves(draft: Draft) -> None:
    """Read curves.csv, each curve kept as one value, a tuple of points."""
    if not (draft.folder / "curves.csv").exists():
        key, text = ("coverage", "curve"), _('is "table", which needs {file}')
        draft.refuse(key, text, file=draft.file_shown("curves.csv"))
        return
    reading, numbers = _Rows(draft, "curves"), ("effort_fte", "contracts")
    points: dict[KeyPath, list[tuple[float, float, str]]] = {}
    for row, path in reading.pairs():
        where = row["territory"].where
        effort, contracts = (reading.number(row, column, "amount") for column in numbers)
        for column in (column for column in numbers if not row[column].text):
            text = _("is empty, expected a number")
            reading.wrong.add(where, column, f"{column}: {text}")
        if path is not None and effort is not None and contracts is not None:
            points.setdefault(path, []).append((effort, contracts, where))
    for pair, curve in points.items() if not reading.wrong else ():
        _put_curve(reading, pair, sorted(curve, key=lambda point: point[:2]))
    reading.finish()


def _put_curve(reading: _Rows, path: KeyPath, curve: Sequence[tuple[float, float, str]]) -> None:
    """Put one curve, or say which rows are not increasing and concave."""
    pair, wrong = " ".join(path[1:]), reading.wrong
    efforts, contracts, places = zip(*curve, strict=True)
    twice = next((b for a, b in pairwise(curve) if a[0] == b[0]), None)
    at = None if twice else TableCurves.first_fault(efforts, contracts)
    if efforts[0] != 0:
        text = _("curve of {pair}: expected its first point at effort 0")
        wrong.add(places[0], "start", text, "start", pair=pair)
    elif twice:
        text = _("curve of {pair}: effort {effort} stands twice")
        wrong.add(twice[2], "twice", text, pair=pair, effort=localised(values.show_value(twice[0])))
    elif at is not None:
        rows = ", ".join(str(row_of(place)[1]) for place in places[max(0, at - 2) : at + 1])
        text = _(
            "curve of {pair}: lines {lines} are not increasing and concave (each step must bring "
            "no more than the one before)"
        )
        wrong.add(places[at], "concave", text, pair=pair, lines=rows)
    else:
        reading.put(path, tuple(zip(efforts, contracts, strict=True)), places[0], "contracts")


class _Rows:
    """One table on its way into a draft.

    kind : ``territories``, ``contracts`` or ``curves``
    numeric : its columns of numbers, which the model describes but for efforts of curves

    Raises InputError where not even its header can be read.
    """

    def __init__(self, draft: Draft, kind: str) -> None:
        self.draft, self.kind, self.wrong = draft, kind, RowMistakes()
        path, required = draft.folder / f"{kind}.csv", _REQUIRED[kind]
        known = None if kind == "territories" else (*required, "year")
        data, described = draft.read(path), draft.columns[kind]
        self.table = table = read_csv(data, shown_path(path), required, known, described)
        draft.mistakes += table.mistakes
        for note in table.notes:
            draft.warn(table.name, note)
        texts = _TEXTS.get(kind, (*_PAIR, "year"))
        self.numeric = [column for column in table.columns if column not in texts]
        self._check_columns([column for column in self.numeric if column != "effort_fte"])
        doubtful = list(table.doubtful_numbers(self.numeric))
        draft.mistakes += doubtful
        self._readable = not doubtful

    def finish(self) -> None:
        """Tell every mistake of the rows, and note where there is none in the table."""
        self.draft.mistakes += self.wrong.told()
        if self._readable and not self.table.mistakes and not self.wrong:
            self.draft.whole_tables.add(self.kind)

    def _check_columns(self, columns: Sequence[str]) -> None:
        """Check that the model says what every column of numbers is, and of no other.

        A name that is misspelt on one side is one mistake, told where it is misspelt.
        """
        draft = self.draft
        if draft.model_layer is None or {("tables",), ("tables", self.kind)} & draft.refused:
            return
        said, header = draft.columns[self.kind], f"{self.table.name}:1"
        silent = [column for column in columns if column not in said]
        for column in [c for c in said if c not in self.table.columns]:
            path = ("tables", self.kind, column)
            like = nearest(column, silent)
            silent = [c for c in silent if c != like]
            if path in draft.refused:
                continue
            if like and column in schema.TERRITORY_COLUMNS:
                text = _("column {column}: unknown{hint}")
                draft.add(header, text, column=like, hint=closest(like, [column]))
                continue
            hint = closest(column, [like] if like else [])
            text = _("no such column in {file}{hint}")
            draft.refuse(path, text, file=f"{self.kind}.csv", hint=hint)
        if silent:
            text = _("column {column} needs unit and status in model.toml, under [tables.{table}]")
            if silent[1:]:
                text = _(
                    "columns {column} need unit and status in model.toml, under [tables.{table}]"
                )
            draft.add(header, text, column=", ".join(silent), table=self.kind)
        known = schema.TERRITORY_COLUMNS
        left = [c for c in known if c not in self.table.columns]
        for column in columns if self.kind == "territories" else ():
            # An indicator like a known column may be that, misspelt.
            like = nearest(column, left, _ALIKE) if column not in (*silent, *known) else None
            if like:
                text = _("column {column} is read as an indicator; is {like} meant?")
                draft.warn(header, text, column=column, like=like)

    def number(self, row: Row, column: str, kind: str, *, optional: bool = False) -> float | None:
        """The number in a cell, None where it is empty, "none", wrong or to be read in two ways."""
        cell = row[column]
        if not self._readable or not cell.text or (optional and cell.text == "none"):
            return None
        value = self.table.number_or_mistake(cell, column, self.wrong)
        if value is None:
            return None
        if what := values.fault(kind, value, optional=optional, shown=cell.text):
            self.wrong.add(cell.where, column, f"{column}: {what}", kind)
            return None
        return value

    def put(self, path: KeyPath, value: Any, where: str, column: str | None = None) -> None:
        """Put a value of the table with what the model says of its column."""
        said = self.draft.columns[self.kind].get(column or path[-1])
        entry = said or Entry(None, "", status="table")
        self.draft.put(path, replace(entry, value=value, origin=where))

    def pairs(self) -> Iterator[tuple[Row, KeyPath | None]]:
        """Rows with their path by territory, segment and, where there is one, year.

        None, and a mistake where it is one, in the place of a path that the model does not have.
        """
        for row in self.table.rows:
            where = row["territory"].where
            code = self._territory(row["territory"].text, where)
            segment = self._segment(row["segment"].text, where)
            year = row["year"].text if "year" in row else ""
            path = None
            if year and not values.YEAR.fullmatch(year):
                text = _('"{year}" is not a year of four digits')
                self.wrong.add(where, "year", "year: " + text, year=year)
            elif code is not None and segment is not None:
                path = (self.kind, code, segment, *([year] if year else []))
            yield row, path

    def _territory(self, text: str, where: str) -> str | None:
        codes = self.draft.territories
        code = codes.find(text)
        if code is None and codes.complete:
            like = codes.zero_dropped(text)
            said = _("; did a spreadsheet drop the leading zero of {code}?")
            if like and len(like) < len(text):
                said = _("; it has {code}: did a spreadsheet drop the leading zero there?")
            hint = said.format(code=like) if like else codes.hint(text)
            what = "territory: " + _("{code} is not in territories.csv{hint}")
            kind = "zero" if like else None
            self.wrong.add(where, "territory", what, kind, code=text or '""', hint=hint)
        return code

    def _segment(self, text: str, where: str) -> str | None:
        codes = self.draft.segments
        if text in codes:
            return text
        if codes.complete:
            what = "segment: " + _("{segment} is not among [coverage.segments] of the model{hint}")
            told = {"segment": text or '""', "hint": codes.hint(text)}
            self.wrong.add(where, "segment", what, **told)
        return None
