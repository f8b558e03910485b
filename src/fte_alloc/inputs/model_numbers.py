"""What a model says of its numbers: unit, status, source and reason, all required."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fte_alloc.inputs import kinds, schema
from fte_alloc.inputs.draft import Draft
from fte_alloc.inputs.entries import Entry
from fte_alloc.inputs.names import closest
from fte_alloc.inputs.reading import Layer
from fte_alloc.inputs.written import KeyPath, written
from fte_alloc.language import _, ngettext

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
        self._unknown_sources: dict[str, list[tuple[str, KeyPath]]] = {}

    def read_sources(self) -> None:
        """Take ``[sources.*]``: where figures come from."""
        for code, source in self._table(("sources",), self.model.content).items():
            fields = self._table(("sources", code), {code: source}, SOURCE_KEYS)
            self.draft.sources[code] = {key: str(value) for key, value in fields.items()}

    def read_columns(self) -> None:
        """Take ``[tables.*]``: what the columns of the CSV files are."""
        found = self._table(("tables",), self.model.content, TABLES)
        for table in TABLES:
            columns = self.draft.columns[table] = {}
            for column, said in self._table(("tables", table), found).items():
                path = ("tables", table, column)
                if "." in column:
                    self._refuse(path, _("a column needs a name without a dot"))
                    continue
                is_right = self.describes(path, said, _unit_of(table, column), QUANTITY_KEYS[1:])
                columns[column] = described(0.0, "", said) if is_right else Entry(0.0, "")

    def describes(
        self, path: KeyPath, said: Any, unit: str | None, keys: tuple[str, ...] = QUANTITY_KEYS
    ) -> bool:
        """Whether a number, or a column, has unit, status and source as they must be.

        said : the long form as it stands in the file
        unit : as it must be, None where any will do
        keys : those of the long form; a column has no value
        """
        before = len(self.draft.reader.mistakes)
        if not isinstance(said, dict):
            long_form = _(
                'is {value}, expected the long form of a model: {{ value = …, unit = "…", status = '
                '"…", source = "…" }}'
            )
            column_form = _('is {value}, expected {{ unit = "…", status = "…", source = "…" }}')
            form = long_form if "value" in keys else column_form
            self._refuse(path, form.format(value=written(said)))
            return False
        strange = self._refuse_unknown_keys(path, said, keys)
        for key in keys:
            if key not in ("source", "note", *said) and not strange:
                text = _("lacks {key}; a number of a model has value, unit and status")
                self._refuse(path, text.format(key=key))
        for key in QUANTITY_KEYS[1:]:
            if key in said and (what := kinds.fault("text", said[key])):
                self._refuse((*path, key), what)
        if len(self.draft.reader.mistakes) == before:
            self._check_said(path, said, unit)
        return len(self.draft.reader.mistakes) == before

    def _check_said(self, path: KeyPath, said: Mapping[str, str], unit: str | None) -> None:
        status, source = said["status"], said.get("source")
        if unit is not None and said["unit"] != unit:
            text = _('unit is "{unit}", expected "{expected}"')
            self._refuse(path, text.format(unit=said["unit"], expected=unit))
        if status not in STATUSES:
            text = _("status is {status}, expected published, derived or assumption{hint}")
            what = text.format(status=written(status), hint=closest(status, STATUSES))
            self._refuse(path, what)
        elif status == "assumption" and "note" not in said:
            self._refuse(path, _("is an assumption, which needs a note with its reason"))
        elif status != "assumption" and source is None:
            self._refuse(path, _("is {status}, which needs a source").format(status=status))
        if source is not None and source not in self.draft.sources:
            cited = self._unknown_sources.setdefault(source, [])
            cited.append((self.model.where(path), path))

    def tell_unknown_sources(self) -> None:
        """Say which sources are cited and not there, once each."""
        if ("sources",) in self.draft.refused:
            return
        for source, cited in self._unknown_sources.items():
            hint, more = closest(source, self.draft.sources), len(cited) - 1
            text = _('source "{source}" is not among [sources]{hint}')
            what = text.format(source=source, hint=hint)
            if more:
                what += ngettext(
                    " (cited by {count} more number)", " (cited by {count} more numbers)", more
                ).format(count=more)
            self.draft.refuse(*cited[0], what)

    def _table(
        self, path: KeyPath, within: Mapping[str, Any], known: tuple[str, ...] = ()
    ) -> Mapping[str, Any]:
        """The table at the end of a path, empty where it is none; refuses unknown keys if told."""
        value = within.get(path[-1], {})
        if not isinstance(value, dict):
            key = ".".join(path)
            text = _("is {value}, expected a table: [{key}]")
            self._refuse(path, text.format(value=written(value), key=key))
            return {}
        if known:
            self._refuse_unknown_keys(path, value, known)
        return value

    def _refuse_unknown_keys(
        self, path: KeyPath, table: Mapping[str, Any], known: tuple[str, ...]
    ) -> bool:
        left = [key for key in known if key not in table]
        strange = [key for key in table if key not in known]
        for key in strange:
            self._refuse((*path, key), _("unknown key{hint}").format(hint=closest(key, left)))
        return bool(strange)

    def _refuse(self, path: KeyPath, what: str) -> None:
        self.draft.refuse(self.model, path, what)


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
