"""Descriptions of the numbers of a model: unit, status, and source or reason, all required."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from fte_alloc.inputs import schema
from fte_alloc.inputs.draft import Draft
from fte_alloc.inputs.entries import Entry
from fte_alloc.inputs.values import KeyPath, closest, fault, written, written_key
from fte_alloc.language import _

STATUSES = ("published", "derived", "reported", "assumption")
#: Keys of a number in a model, and of a source.
QUANTITY_KEYS = ("value", "unit", "status", "source", "note")
SOURCE_KEYS = ("title", "publisher", "date", "url", "confidence")
#: Tables of a model folder whose columns a model describes, with the units that they must have.
TABLES: dict[str, dict[str, str | None]] = {
    "territories": schema.TERRITORY_COLUMNS,
    "contracts": {"contracts_per_year": "contracts/yr"},
    "curves": {"effort_fte": "FTE", "contracts": "contracts/yr"},
}


def read_descriptions(draft: Draft) -> None:
    """Read the sources of figures, ``[sources.*]``, and descriptions of columns, ``[tables.*]``."""
    content = draft.model_layer.content if draft.model_layer else {}
    for code, source in _table(draft, ("sources",), content).items():
        fields = _table(draft, ("sources", code), {code: source}, SOURCE_KEYS)
        draft.sources[code] = {key: str(value) for key, value in fields.items()}
    tables = _table(draft, ("tables",), content, tuple(TABLES))
    for table, units in TABLES.items():
        columns = draft.columns[table] = {}
        for column, said in _table(draft, ("tables", table), tables).items():
            path = ("tables", table, column)
            if "." in column:
                draft.refuse(path, _("a column needs a name without a dot"))
                continue
            found = described(draft, path, said, units.get(column), is_column=True)
            columns[column] = found or Entry(None, "")


def described(
    draft: Draft, path: KeyPath, said: Any, unit: str | None, *, is_column: bool = False
) -> Entry | None:
    """Entry of a number or a column as a model describes it; None, with mistakes noted, if wrong.

    said : the long form as it stands in the file
    unit : the required unit, None where any unit is allowed
    is_column : whether it is a column, which has no value
    """
    keys = QUANTITY_KEYS[1:] if is_column else QUANTITY_KEYS
    before = len(draft.mistakes)

    def refuse(what: str, *key: str, **told: object) -> None:
        draft.refuse((*path, *key), what, **told)

    if not isinstance(said, dict):
        form = ", ".join(f"{key} = …" for key in keys)
        text = _("is {value}, expected the long form of a model: {{ {form} }}")
        refuse(text, value=written(said), form=form)
        return None
    strange = unknown_keys(said, keys)
    for key, what in strange.items():
        refuse(what, key)
    for key in (key for key in keys if not strange and key not in ("source", "note", *said)):
        refuse(_("lacks {key}; a number of a model has value, unit and status"), key=key)
    for key in QUANTITY_KEYS[1:]:
        if key in said and (what := fault("text", said[key])):
            refuse(what, key)
    if len(draft.mistakes) > before:
        return None
    status, source = said["status"], said.get("source")
    if unit is not None and said["unit"] != unit:
        refuse(_('unit is "{unit}", expected "{expected}"'), unit=said["unit"], expected=unit)
    if status not in STATUSES:
        text = _("status is {status}, expected published, derived, reported or assumption{hint}")
        refuse(text, status=written(status), hint=closest(status, STATUSES))
    elif status == "assumption" and "note" not in said:
        refuse(_("is an assumption, which needs a note with its reason"))
    elif status != "assumption" and source is None:
        refuse(_("is {status}, which needs a source"), status=status)
    if source is not None and source not in draft.sources and ("sources",) not in draft.refused:
        text = _('source "{source}" is not among [sources]{hint}')
        refuse(text, source=source, hint=closest(source, draft.sources))
        draft.sources[source] = {}  # told once
    is_right = len(draft.mistakes) == before
    return Entry(None, "", said["unit"], status, source, said.get("note")) if is_right else None


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


def table_fault(path: KeyPath, value: Any) -> str:
    """Text of the mistake for a value that is not a table."""
    text = _("is {value}, expected a table: [{key}]")
    return text.format(value=written(value), key=written_key(path))


def unknown_keys(table: Mapping[str, Any], known: Collection[str]) -> dict[str, str]:
    """Keys of a table that are not known, each with the text of its mistake."""
    left, text = [key for key in known if key not in table], _("unknown key{hint}")
    return {key: text.format(hint=closest(key, left)) for key in table if key not in known}
