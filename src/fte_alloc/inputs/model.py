"""A model's folder: model.toml, with what it says of its figures, and its tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from fte_alloc.errors import Mistake, mistaken
from fte_alloc.inputs import schema
from fte_alloc.inputs.codes import Codes, code_fault, did_you_mean, nearest_name, plain_name
from fte_alloc.inputs.draft import Draft, read_long_form, repeated_row, table_fault, unknown_keys
from fte_alloc.inputs.entries import Entry
from fte_alloc.inputs.headings import heading_key, heading_unit, model_headings
from fte_alloc.inputs.input_files import shown_path
from fte_alloc.inputs.sheets import csv_sheet, sheet_row
from fte_alloc.inputs.tables import Row, find_tables
from fte_alloc.inputs.values import KeyPath, value_fault, written_value, year_fault
from fte_alloc.language import _
from fte_alloc.programme.curves import TableCurves

#: Keys of a source.
_SOURCE_KEYS = ("title", "publisher", "date", "url", "confidence")
#: Tables whose columns a model describes, with the units that they must have.
_TABLES: dict[str, dict[str, str | None]] = {
    "territories": schema.TERRITORY_COLUMNS,
    "contracts": {"contracts_per_year": "contracts/yr"},
    "curves": {"effort_fte": "FTE", "contracts": "contracts/yr"},
}
#: Columns that each table must have.
_REQUIRED = {
    "territories": ("code", "name"),
    "contracts": ("territory", "segment", "contracts_per_year"),
    "curves": ("territory", "segment", "effort_fte", "contracts"),
}


def read_model(draft: Draft) -> None:
    """Read the model's tables, and the sources and descriptions of figures in model.toml."""
    model = draft.model_layer = draft.toml(draft.folder / "model.toml")
    if model is not None:
        _read_descriptions(draft, model.content)
        draft.segments = _model_segments(draft, model.content.get("coverage"))
    for read in (_read_territories, _read_contracts):
        with draft.collecting():
            read(draft)


def _model_segments(draft: Draft, coverage: Any) -> Codes:
    segments = coverage.get("segments") if isinstance(coverage, dict) else None
    names = {}
    for code, given in segments.items() if isinstance(segments, dict) else ():
        if what := code_fault(code):
            draft.refuse(("coverage", "segments", code), what)
        else:
            name = given.get("name") if isinstance(given, dict) else None
            names[code] = name if isinstance(name, str) else code
    return Codes(names, complete=bool(names) and len(names) == len(segments or ()))


# -- descriptions ----------------------------------------------------------------------------------


def _read_descriptions(draft: Draft, content: Mapping[str, Any]) -> None:
    """Read the sources of figures, ``[sources.*]``, and descriptions of columns, ``[tables.*]``."""
    for code, source in _table(draft, ("sources",), content).items():
        fields = _table(draft, ("sources", code), {code: source}, _SOURCE_KEYS)
        draft.sources[code] = {key: str(value) for key, value in fields.items()}
    tables = _table(draft, ("tables",), content, tuple(_TABLES))
    for table, units in _TABLES.items():
        columns = draft.columns[table] = {}
        for column, given in _table(draft, ("tables", table), tables).items():
            path = ("tables", table, column)
            if "." in column:
                draft.refuse(path, _("a column needs a name without a dot"))
                continue
            found = read_long_form(draft, path, given, units.get(column), is_column=True)
            columns[column] = found or Entry(None, "")


def _table(
    draft: Draft, path: KeyPath, within: Mapping[str, Any], known: tuple[str, ...] = ()
) -> Mapping[str, Any]:
    """The table at the end of a path, empty if there is none; notes keys outside *known*."""
    value = within.get(path[-1], {})
    if not isinstance(value, dict):
        draft.refuse(path, table_fault(path, value))
        return {}
    for key, what in unknown_keys(value, known).items() if known else ():
        draft.refuse((*path, key), what)
    return value


# -- tables ----------------------------------------------------------------------------------------


def _read_territories(draft: Draft) -> None:
    """Read territories.csv: the codes, the posts in place, the limits, the indicators."""
    reading = _Rows(draft, "territories")
    columns = {key.removeprefix("indicator."): key for key in reading.numeric}
    draft.indicators = columns.keys() - schema.TERRITORY_COLUMNS.keys()
    draft.totals = reading.table.totals
    names: dict[str, str] = {}
    places: dict[str, str] = {}
    complete = not reading.table.mistakes
    for row in reading.table.rows:
        code, where = row["code"].text, row["code"].where
        what = repeated_row(code, places[code]) if code in places else code_fault(code)
        if what:
            complete = False  # a code that stands twice may be wrong
            reading.add_mistake(where, what)
            continue
        places[code], names[code] = where, row["name"].text or code
        reading.put(("territories", code, "name"), names[code], where)
        for column in ("area", "area_name"):
            text = row[column].text
            if text and column == "area" and (what := code_fault(text)):
                reading.table.add_mistake(row, column, what)
            elif text:
                reading.put(("territories", code, column), text, where)
        for column, key in columns.items():
            path = ("territories", code, column)
            parameter = schema.find_parameter(path) or schema.INDICATOR
            value = reading.number(row, key, parameter.kind, optional=parameter.optional)
            if value is not None:
                reading.put(path, value, where)
            elif row[key].text not in ("", "none"):
                draft.refused.add(path)
    reading.finish()
    draft.territories = Codes(names, complete=complete)


def _read_contracts(draft: Draft) -> None:
    """Read contracts.csv: contracts of a year by territory and kind of buyer."""
    reading, column = _Rows(draft, "contracts"), "contracts_per_year"
    places: dict[KeyPath, str] = {}
    for row, path in reading.row_paths():
        where = row[column].where
        value = reading.needed(row, column)
        if path in places:
            reading.add_mistake(where, repeated_row(" ".join(path[1:]), places[path]))
        elif path is not None:
            places[path] = where
            if value is not None:
                reading.put(path, value, where, column)
    reading.finish()


def read_curves(draft: Draft) -> None:
    """Read curves.csv; each curve is one value, a list of points (effort [FTE], contracts/yr)."""
    if not (draft.folder / "curves.csv").exists():
        key, text = ("coverage", "curve"), _('is "table", which needs {file}')
        draft.refuse(key, text, file=shown_path(draft.folder / "curves.csv"))
        return
    reading, numbers = _Rows(draft, "curves"), ("effort_fte", "contracts_per_year")
    points: dict[KeyPath, list[tuple[float, float, str]]] = {}
    for row, path in reading.row_paths():
        effort, contracts = (reading.needed(row, key) for key in numbers)
        if path is not None and effort is not None and contracts is not None:
            points.setdefault(path, []).append((effort, contracts, row["effort_fte"].where))
    for pair, curve in points.items() if not reading.table.mistakes else ():
        _put_curve(reading, pair, sorted(curve, key=lambda point: point[:2]))
    reading.finish()


def _put_curve(reading: _Rows, path: KeyPath, curve: Sequence[tuple[float, float, str]]) -> None:
    """Put one curve, or note that it does not begin at 0, repeats an effort or is not concave."""
    efforts, contracts, places = zip(*curve, strict=True)
    twice = next((n for n, (one, two) in enumerate(pairwise(efforts), 1) if one == two), None)
    wrong = 0 if efforts[0] else twice or TableCurves.first_fault(efforts, contracts)
    if wrong is None:
        points = [[*point] for point in zip(efforts, contracts, strict=True)]
        reading.put(path, points, places[0], "contracts")
        return
    text = _(
        "curve of {pair}: lines {lines}: expected efforts from 0 on, each once, and contracts that "
        "increase, no step by more than the one before"
    )
    lines = ", ".join(str(sheet_row(place)[1]) for place in places[max(0, wrong - 2) : wrong + 1])
    reading.add_mistake(places[wrong], text.format(pair=" ".join(path[1:]), lines=lines))


class _Rows:
    """Reader of one table of the model into a draft.

    kind : ``territories``, ``contracts`` or ``curves``
    numeric : keys of the columns of numbers

    Raises InputError where no headings are found, or a required column is missing.
    """

    def __init__(self, draft: Draft, kind: str) -> None:
        self.draft, self.kind = draft, kind
        path, required = draft.folder / f"{kind}.csv", _REQUIRED[kind]
        name = shown_path(path)
        more = model_headings(draft.columns["territories"].keys() - schema.TERRITORY_COLUMNS.keys())
        sheet = csv_sheet(draft.read(path), name, more)
        table = next(iter(find_tables([sheet], more)), None)
        if table is None:
            text = _("no row of headings found, expected {columns}")
            raise mistaken(f"{name}:1", text, columns=", ".join(required))
        known = {text for __, text in table.headings.values()}
        if others := {str(text) for text in sheet.rows[table.top].values()} - known:
            table = find_tables([sheet], more | model_headings(others))[0]  # others: indicators
        self.table, self._header = table, sheet.where(table.top)
        table.unknown = table.unknown if kind == "territories" else ""
        table.refuse_short_rows()
        for note in sheet.notes:
            draft.warn(name, note)
        draft.warnings += table.aside
        self.place = "code" if "code" in table.headings else "name"
        keys = {column: heading_key(column) for column in required} | {"territory": self.place}
        lacking = [column for column in required if keys[column] not in table.headings]
        if lacking:
            text = _("column {column} is missing")
            raise mistaken(self._header, text, column=", ".join(lacking))
        if not table.rows and not table.mistakes:
            self.add_mistake(name, _("has no rows under its header"))
        self.numeric = [key for key in table.headings if heading_unit(key)]
        self._check_columns()

    def finish(self) -> None:
        """Add the table's mistakes to the draft, or mark the table as whole if it has none."""
        self.draft.mistakes += self.table.mistakes
        if not self.table.mistakes:
            self.draft.whole_tables.add(self.kind)

    def add_mistake(self, where: str, what: str) -> None:
        self.table.mistakes.append(Mistake(where, what))

    def _check_columns(self) -> None:
        """Check that the model describes every column of numbers, and no other column."""
        draft, known = self.draft, self.draft.columns[self.kind]
        if draft.model_layer is None or {("tables",), ("tables", self.kind)} & draft.refused:
            return
        of_curves = {"contracts_per_year": "contracts"} if self.kind == "curves" else {}
        columns = [of_curves.get(key, key.removeprefix("indicator.")) for key in self.numeric]
        columns += [text for __, text in self.table.unread]
        silent = [column for column in columns if column not in (*known, "effort_fte")]
        for column in [c for c in known if c not in columns]:
            path, text = ("tables", self.kind, column), _("no such column in {file}{hint}")
            if path not in draft.refused:
                hint = did_you_mean(column, silent)
                draft.refuse(path, text, file=f"{self.kind}.csv", hint=hint)
        usual = schema.TERRITORY_COLUMNS if self.kind == "territories" else ("year",)
        left = [column for column in usual if column not in self.table.headings]
        if silent:
            text = _(
                "columns without unit and status in model.toml, [tables.{table}]: {columns}{hint}"
            )
            parts = {"columns": ", ".join(silent), "hint": did_you_mean(silent[0], left)}
            draft.add(self._header, text, table=self.kind, **parts)
        for column in known.keys() & {*columns} - {*usual} if self.kind == "territories" else ():
            if like := nearest_name(column, left, likeness=0.9):
                text = _("column {column} is read as an indicator; is {like} meant?")
                draft.warn(self._header, text, column=column, like=like)

    def needed(self, row: Row, key: str) -> float | None:
        """The amount in a cell that must not be empty; None, with a mistake noted, if wrong."""
        if not row[key].text:
            self.table.add_mistake(row, key, _("is empty, expected a number"))
        return self.number(row, key, "amount")

    def number(self, row: Row, key: str, kind: str, *, optional: bool = False) -> float | None:
        """The number in a cell; None if it is empty, wrong or, where that is allowed, "none"."""
        text = row[key].text
        if not text or (optional and text == "none"):
            return None
        value = self.table.number(row, key)
        what = "" if value is None else value_fault(kind, value, optional=optional, shown=text)
        if what:
            self.table.add_mistake(row, key, what)
        return None if what else value

    def put(self, path: KeyPath, value: Any, where: str, column: str | None = None) -> None:
        """Put a value of a table, with unit, status and source that the model gives its column."""
        described = self.draft.columns[self.kind].get(column or path[-1])
        entry = described or Entry(None, "", status="table")
        self.draft.put(path, entry._replace(value=value, origin=where))

    def row_paths(self) -> Iterator[tuple[Row, KeyPath | None]]:
        """Each row that is no total, with the path of its input: table, codes and, if given, year.

        The path is None if a code or the year is wrong; unknown codes of a table that could not be
        read in full are no mistakes.
        """
        draft = self.draft
        unknown = _("{code} is not in territories.csv{hint}")
        no_kind = _("{code} is not among [coverage.segments] of the model{hint}")
        for row in self.table.rows:
            if plain_name(row[self.place].text) in draft.totals:
                continue
            code = self._code(row, self.place, draft.territories, unknown)
            segment = self._code(row, "buyer", draft.segments, no_kind)
            year, path = row["year"].text, None
            if year and (what := year_fault(year)):
                self.table.add_mistake(row, "year", what)
            elif code is not None and segment is not None:
                path = (self.kind, code, segment, *([year] if year else []))
            yield row, path

    def _code(self, row: Row, key: str, codes: Codes, what: str) -> str | None:
        text = row[key].text
        code = codes.find(text) or codes.find((heading_key(text) or "").removeprefix("contracts."))
        if code is None and codes.complete:
            what = what.format(code=written_value(text), hint=codes.hint(text))
            self.table.add_mistake(row, key, what)
        return code
