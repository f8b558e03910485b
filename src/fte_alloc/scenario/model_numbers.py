"""What a model says of its numbers: unit, status, source and reason, all required."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fte_alloc import words
from fte_alloc.scenario import kinds, schema
from fte_alloc.scenario.draft import Draft
from fte_alloc.scenario.inputs import Entry
from fte_alloc.scenario.names import closest
from fte_alloc.scenario.reading import Layer
from fte_alloc.scenario.written import KeyPath, written

STATUSES = ("published", "derived", "assumption")
#: Keys of a number in a model, and of a source.
QUANTITY_KEYS = ("value", "unit", "status", "source", "note")
SOURCE_KEYS = ("title", "publisher", "date", "url", "confidence")
#: Tables of a model folder whose columns a model describes.
TABLES = ("territories", "contracts", "curves")


class ModelNumbers:
    """Reads the sources, the described columns and the long-form numbers of a model."""

    def __init__(self, draft: Draft, model: Layer) -> None:
        self.draft, self.model = draft, model
        self._unknown_sources: dict[str, tuple[str, KeyPath, int]] = {}

    def read_sources(self, sources: Any) -> None:
        """Take ``[sources.*]``: where figures come from."""
        for code, source in self._table(("sources",), sources).items():
            fields = self._table(("sources", code), source)
            self._refuse_unknown_keys(("sources", code), fields, SOURCE_KEYS)
            self.draft.sources[code] = {key: str(value) for key, value in fields.items()}

    def read_columns(self, tables: Any) -> None:
        """Take ``[tables.*]``: what the columns of the CSV files are."""
        found = self._table(("tables",), tables)
        self._refuse_unknown_keys(("tables",), found, TABLES)
        for table in TABLES:
            columns = self._table(("tables", table), found.get(table, {}))
            self.draft.columns[table] = {}
            for column, said in columns.items():
                path = ("tables", table, column)
                if "." in column:
                    self._refuse(path, words.DOT_IN_COLUMN)
                elif self.describes(path, said, _unit_of(table, column), of_column=True):
                    self.draft.columns[table][column] = described(0.0, "", said)
                else:
                    self.draft.columns[table][column] = Entry(0.0, "")

    def describes(
        self, path: KeyPath, said: Any, unit: str | None, *, of_column: bool = False
    ) -> bool:
        """Whether a number, or a column, has unit, status and source as they must be.

        said : the long form as it stands in the file
        unit : as it must be, None where any will do
        """
        before = len(self.draft.reader.mistakes)
        if not isinstance(said, dict):
            what = words.COLUMN_FORM if of_column else words.LONG_FORM
            self._refuse(path, what.format(value=written(said)))
            return False
        keys = QUANTITY_KEYS[1:] if of_column else QUANTITY_KEYS
        strange = self._refuse_unknown_keys(path, said, keys)
        for key in keys[:-2]:
            if key not in said and not strange:
                self._refuse(path, words.QUANTITY_LACKS.format(key=key))
        for key in ("unit", "status", "source", "note"):
            if key in said and kinds.fault("text", said[key]):
                self._refuse((*path, key), kinds.fault("text", said[key]))
        if len(self.draft.reader.mistakes) == before:
            self._check_said(path, said, unit)
        return len(self.draft.reader.mistakes) == before

    def _check_said(self, path: KeyPath, said: Mapping[str, str], unit: str | None) -> None:
        status, source = said["status"], said.get("source")
        if unit is not None and said["unit"] != unit:
            self._refuse(path, words.WRONG_UNIT.format(unit=said["unit"], expected=unit))
        if status not in STATUSES:
            what = words.WRONG_STATUS.format(status=written(status), hint=closest(status, STATUSES))
            self._refuse(path, what)
        elif status == "assumption":
            if "note" not in said:
                self._refuse(path, words.NEEDS_NOTE)
        elif source is None:
            self._refuse(path, words.NEEDS_SOURCE.format(status=status))
        if source is not None and source not in self.draft.sources:
            where, first, more = self._unknown_sources.get(
                source, (self.model.where(path), path, -1)
            )
            self._unknown_sources[source] = where, first, more + 1

    def tell_unknown_sources(self) -> None:
        """Say which sources are cited and not there, once each."""
        if ("sources",) in self.draft.refused:
            return
        for source, (where, path, more) in self._unknown_sources.items():
            hint = closest(source, self.draft.sources)
            what = words.UNKNOWN_SOURCE.format(source=source, hint=hint)
            if more:
                what += words.plural(words.MORE_NUMBERS, more).format(count=more)
            self.draft.refuse(where, path, what)

    def _table(self, path: KeyPath, value: Any) -> Mapping[str, Any]:
        if isinstance(value, dict):
            return value
        self._refuse(path, words.TABLE_EXPECTED.format(value=written(value), key=".".join(path)))
        return {}

    def _refuse_unknown_keys(
        self, path: KeyPath, table: Mapping[str, Any], known: tuple[str, ...]
    ) -> bool:
        strange = [key for key in table if key not in known]
        for key in strange:
            left = [k for k in known if k not in table]
            self._refuse((*path, key), words.UNKNOWN_KEY.format(hint=closest(key, left)))
        return bool(strange)

    def _refuse(self, path: KeyPath, what: str) -> None:
        self.draft.refuse(self.model.where(path), path, what)


def described(value: Any, origin: str, said: Mapping[str, Any]) -> Entry:
    """A value with what its model says of it."""
    return Entry(value, origin, said["unit"], said["status"], said.get("source"), said.get("note"))


def _unit_of(table: str, column: str) -> str | None:
    """Unit a column must have, None where it has one of its own."""
    if table == "territories":
        parameter = schema.find(("territories", "*", column))
        return None if parameter is None else parameter.unit
    units = {"contracts_per_year": "contracts/yr", "effort_fte": "FTE", "contracts": "contracts/yr"}
    return units.get(column)
