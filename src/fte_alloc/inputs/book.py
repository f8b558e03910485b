"""A workbook, or a CSV table, as a scenario: a layer over the model that it names.

Only a table of territories is required. Its rows match territories of the model by code, else by
name; values that the tables lack are those of the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fte_alloc import language
from fte_alloc.errors import Mistake, mistaken
from fte_alloc.inputs import schema
from fte_alloc.inputs.codes import Codes, code_fault, plain_name
from fte_alloc.inputs.draft import Draft
from fte_alloc.inputs.entries import Entry
from fte_alloc.inputs.headings import heading_key, heading_unit, model_headings, status_of_text
from fte_alloc.inputs.input_files import shown_path
from fte_alloc.inputs.layers import LayerReader
from fte_alloc.inputs.schema import Parameter
from fte_alloc.inputs.sheets import sheets_of
from fte_alloc.inputs.tables import PLACES, Row, TableCell, TypedTable, find_tables
from fte_alloc.inputs.toml import Layer
from fte_alloc.inputs.values import KeyPath, key_path, written_value
from fte_alloc.language import N_, _, localised

#: The model of a workbook that names none.
USUAL_MODEL = "france-2023"
#: Key of the setting that the table lists all territories.
COMPLETE = "complete"
_YES = {"yes", "oui", "y", "o", "x", "true", "vrai", "1"}
_NONE = {"none", "aucun", "aucune", "aucune limite", "sans", "sans limite", "illimite"}
#: Columns whose figures have the status ``reported``; figures of others have ``scenario``.
_REPORTED = re.compile(r"population|(?:existing|committed)_.*|indicator\..*|contracts.*")


def open_book(draft: Draft, path: Path) -> Layer | None:
    """Layer of a workbook with its model or parent only, tables unread; None after a mistake."""
    with draft.collecting():
        name = shown_path(path)
        sheets = sheets_of(draft.read(path), name, language.in_force())
        for spoken in language.LANGUAGES:
            with language.in_language(spoken):
                results = {_("Summary"), _("Dictionary")}, {_("Answer"), _("Data")}
            if any(result <= {sheet.name for sheet in sheets} for result in results):
                text = _(
                    "is the result of a command, not a scenario; judge its posts with fte-alloc "
                    "evaluate SCENARIO --posts {file}, or begin one with fte-alloc new NAME.xlsx"
                )
                raise mistaken(name, text, file=name)
        settings = (row for t in find_tables(sheets) if t.is_of_settings for row in t.rows)
        given = ((row["key"].text, row["value"]) for row in settings if row["value"].text)
        links = {key: cell for key, cell in given if key in schema.LINKS}
        content = {key: cell.text for key, cell in links.items()}
        places: dict[KeyPath, str] = {(key,): cell.where for key, cell in links.items()}
        return Layer(path.parent, name, content or {"model": USUAL_MODEL}, places, sheets=sheets)
    return None


def put_book(draft: Draft, layer: Layer) -> None:
    """Add the values in a workbook's tables to the draft, which holds the model already."""
    french = {c: draft.value(("coverage", "segments", c, "name_fr")) for c in draft.segments}
    buyers = {c: (c, name, french[c] or name) for c, name in draft.segments.items()}
    more = model_headings(draft.indicators, buyers)
    is_french = language.in_force() == language.FRENCH
    kinds = ", ".join(names[1 + is_french] for names in buyers.values())
    filling = _Filling(draft, LayerReader(draft, layer), more, kinds)
    tables = find_tables(layer.sheets, more)
    for table in tables:
        filling.take(table)
    for sheet in (s for s in layer.sheets if all(table.sheet is not s for table in tables)):
        if any(isinstance(v, float) for cells in sheet.rows.values() for v in cells.values()):
            draft.warn(sheet.file, _("no table is read on the sheet {name}"), name=sheet.name)
    filling.finish()


@dataclass
class _Filling:
    """Reader of the tables of a workbook.

    more : keys of headings that the model adds, by heading
    kinds : names of the kinds of buyer in the language in force
    found : codes of the territories that have a row
    unknown : codes that rows with unknown names may mean, None for a row that may mean any
    empty : names of territories with an empty cell, by the place of the column's heading
    blank : places of the empty cells of settings
    unread : place and text of the headings of columns that are not read
    first : place of the first heading of the tables of territories
    """

    draft: Draft
    reader: LayerReader
    more: Mapping[str, str]
    kinds: str
    found: set[str] = field(default_factory=set)
    unknown: list[str | None] = field(default_factory=list)
    empty: dict[str, list[str]] = field(default_factory=dict)
    blank: dict[KeyPath, str] = field(default_factory=dict)
    unread: list[tuple[str, str]] = field(default_factory=list)
    is_complete: bool = False
    first: str = ""

    def take(self, table: TypedTable) -> None:
        """Read the values of a table, and note how its headings and rows were read."""
        draft, sheet = self.draft, table.sheet
        if not sheet.sees_blanks:
            table.unknown = N_("; write the number, 0 for none")
        if table.is_of_settings:
            for row in table.rows:
                self._setting(table, row)
        elif {*PLACES} & {*table.headings}:
            self._territories(table)
            draft.mapped += [(w, text, key) for key, (w, text) in table.headings.items()]
            draft.notes += map(str, table.aside)
            for note in sheet.notes:
                draft.warn(sheet.file, note)
            if sheet.hidden:
                text = _("hidden rows are read as the others: {rows}")
                draft.warn(sheet.where(1), text, rows=", ".join(map(str, sorted(sheet.hidden))))
            self.unread += table.unread
        draft.mistakes += table.mistakes

    # -- values --------------------------------------------------------------------------------

    def put(self, path: KeyPath, value: Any, row: Row, column: str) -> None:
        """Put the value of a cell, with its place and the status and source in its row."""
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # as it was typed
        self.reader.layer.places[path] = row[column].where
        self.reader.described[path] = self._entry(path, value, row)
        for part in reversed(path):
            value = {part: value}
        self.reader.put_tree(value, ())

    def _entry(self, path: KeyPath, value: Any, row: Row) -> Entry:
        """Status and source of a value: the previous ones if it is unchanged, else its row's."""
        parameter = schema.find_parameter(path) or schema.INDICATOR
        default = Entry(parameter.default, "", parameter.unit, "default")
        before = self.draft.entries.get(path, default)
        typed, where = row["status"].text, row["status"].where
        status, source = status_of_text(typed), row["source"].text
        is_setting = {"key", "value"} <= row.keys()
        if typed and not status:
            text = _("is {value}, expected published, derived, reported or assumed")
            self.draft.add(where, text, value=written_value(typed))
        is_same = value == before.value or (value == "none" and before.value is None)
        is_told = before.status in ("published", "derived")
        if is_same and (is_told or (not typed and (is_setting or "status" in row))):
            return before
        if status in ("published", "derived") and not source:
            text = _("is {status}, which needs a source")
            self.draft.add(where, text, status=written_value(typed))
        column = path[0] if path[0] == "contracts" else path[-1]
        is_reported = not is_setting and _REPORTED.fullmatch(column)
        status = status or ("reported" if is_reported else "scenario")
        named = source or self.reader.layer.name
        return Entry(None, "", before.unit, status, named, source or None)

    def _value(self, table: TypedTable, row: Row, column: str, parameter: Parameter) -> Any:
        """The number or "none" in a cell; None, with a mistake noted, for any other text."""
        if parameter.optional and plain_name(row[column].text) in _NONE:
            return "none"
        return table.number(row, column, parameter.unit or "")

    def _setting(self, table: TypedTable, row: Row) -> None:
        key, cell = row["key"].text, row["value"]
        path = key_path(key)
        if plain_name(key) == COMPLETE:
            self.is_complete = plain_name(cell.text) in _YES
        elif cell.value is None:
            self.blank[path] = cell.where
            self._blank(table, cell, path, "value", key)
        elif key and key not in schema.LINKS:
            parameter = schema.find_parameter(path)
            value: Any = cell.text
            if parameter is not None and parameter.unit:
                value = self._value(table, row, "value", parameter)
            if value is not None:
                self.put(path, value, row, "value")

    # -- territories ---------------------------------------------------------------------------

    def _territories(self, table: TypedTable) -> None:
        """Read the rows of a table of territories; add territories that the model lacks."""
        typed = {row["status"].text for row in table.rows} - {""}
        # Without sources, other words in a column of this heading are of another meaning.
        is_other = "source" not in table.headings and not any(map(status_of_text, typed))
        others = ["status"] if typed and is_other else []
        others += [key for key in table.headings if key.startswith("new_")]
        if "contracts_per_year" in table.headings and "buyer" not in table.headings:
            others.append("contracts_per_year")
            if not any(key.startswith("contracts.") for key in table.headings):
                what = _(
                    "contracts are not parted by kind of buyer; write a column for each ({kinds}), "
                    "or one that names the kind"
                )
                self.draft.add(table.headings["contracts_per_year"][0], what, kinds=self.kinds)
        table.unread += [table.headings.pop(key) for key in others]
        keys = [key for key in table.headings if heading_unit(key)]
        for row in table.rows:
            for key in others:
                row.pop(key, None)
            if (code := self._code(row, keys)) is not None:
                self.found.add(code)
                for key in keys:
                    self._cell(table, row, code, key)
        self.first = self.first or next(iter(table.headings.values()))[0]

    def _code(self, row: Row, keys: Iterable[str]) -> str | None:
        """Code of the territory of a row, by code, else by name; None for a remark or a mistake."""
        draft, codes = self.draft, self.draft.territories
        code, name = (row[key].text for key in ("code", "name"))
        where = row["code" if code else "name"].where
        by_code = codes.find(code) if code else None
        by_name = codes.find(name) if name else None
        if by_code and by_name and by_code != by_name:
            text = _("code {code} is {other}, not {name}; correct one of them")
            draft.add(where, text, code=code, other=codes[by_code], name=written_value(name))
            self.found |= {by_code, by_name}
            return None
        if by_code or by_name or not codes.complete:
            return by_code or by_name
        if not any(row[key].text for key in keys):
            text = _("a remark, not read: {text}").format(text=name or code)
            draft.notes.append(f"{where}: {text}")
            return None
        new = code or re.sub(r"[^a-z0-9]+", "-", plain_name(name)).strip("-")
        wide = {f"contracts.{segment}" for segment in draft.segments}
        has_contracts = wide <= {key for key in keys if row[key].text} or "buyer" in row
        if code_fault(new) or not has_contracts:
            text = _(
                "{name}: no such territory in {model}{hint}; a new one needs a code and its "
                "contracts by kind of buyer"
            )
            hint = codes.hint(name or code) or codes.hint(code)
            self.unknown.append(codes.nearest(name or code) or codes.nearest(code))
            draft.add(where, text, name=written_value(name or code), model=draft.model, hint=hint)
            return None
        draft.territories = Codes({**codes, new: name or new}, complete=True)
        for key in ("name", "area", "area_name"):
            column = "code" if key == "name" and not name else key
            if text := row[column].text:
                self.put(("territories", new, key), text, row, column)
        return new

    def _cell(self, table: TypedTable, row: Row, code: str, key: str) -> None:
        """Read a cell of a territory: a figure of its own, or contracts of a kind of buyer."""
        column = key
        path: KeyPath = ("territories", code, key.removeprefix("indicator."))
        if key.startswith("contracts.") or key == "contracts_per_year":
            if key == "contracts_per_year":
                buyer = heading_key(row["buyer"].text, self.more) or ""
                key = buyer if buyer.startswith("contracts.") else row["buyer"].text
            year = [row["year"].text] if row["year"].text else []
            path = ("contracts", code, key.removeprefix("contracts."), *year)
        parameter = schema.find_parameter(path) or schema.INDICATOR
        if row[column].value is None:
            self._blank(table, row[column], path, column, self.draft.territories.get(code, code))
        elif (value := self._value(table, row, column, parameter)) is not None:
            self.put(path, value, row, column)
        else:
            self.draft.refused.add(path)

    def _blank(
        self, table: TypedTable, cell: TableCell, path: KeyPath, column: str, name: str
    ) -> None:
        """For an empty cell, keep and note the previous value, or refuse the cell."""
        parameter, before = schema.find_parameter(path), self.draft.value(path)
        if parameter is None or (before is None and parameter.optional):
            return
        if not table.sheet.sees_blanks:
            text = _(
                "is empty, or an error or a formula never computed: an .ods or .xls file does not "
                "show which; write the number, 0 for none"
            )
        elif before is None and path[0] == "contracts":
            text = _("is empty, expected a number of contracts; write 0 for none")
        else:
            if before:
                self.empty.setdefault(table.headings[column][0], []).append(name)
            return
        self.draft.add(cell.where, text)
        self.draft.refused.add(path)

    # -- the whole -----------------------------------------------------------------------------

    def finish(self) -> None:
        """Refuse or remove territories without a row; warn of empty cells and renewed FTE added."""
        draft, codes = self.draft, self.draft.territories
        if not self.first:
            text = _(
                "no table of territories found; its headings are such as region, FTE in place, "
                "renewed FTE, or contracts with a kind of buyer"
            )
            draft.add(self.reader.layer.name, text)
            return
        is_idle = not (self.is_complete or self.reader.described)
        for where, heading in self.unread:
            text = _(
                "column {text} is not read; headings that are: FTE in place, renewed FTE, or "
                "contracts with a kind of buyer"
            )
            (draft.add if is_idle else draft.warn)(where, text, text=written_value(heading))
        for where, names in self.empty.items():
            text = _(
                "empty for {names}: what was there before is taken; write 0 where there is none, "
                "none for no limit"
            )
            self.draft.warn(where, text, names=", ".join(names))
        missing = [code for code in sorted(codes) if code not in self.found]
        lacking = [code for code in missing if code not in self.unknown]
        if not self.found:
            text = _(
                "no row is a territory of {model}; name the model of these in a table of keys and "
                "values, such as key model, value france-2023-departements"
            )
            draft.mistakes = [Mistake(self.first, text.format(model=draft.model))]
        elif not self.is_complete and len(lacking) > self.unknown.count(None):
            text = _(
                "no row for {names}; add it, or write in a table of keys and values that the list "
                "is complete (key complete, value yes), with its own cap and budget"
            )
            draft.add(self.first, text, names=", ".join(map(codes.code_and_name, lacking)))
        elif missing and self.is_complete:
            for key in ("posts.cap_fte", "budget.state_eur_per_year"):
                if key_path(key) not in self.reader.layer.places:
                    text = _("{key} is that of all territories of {model}; give its own for these")
                    where = self.blank.get(key_path(key), self.first)
                    draft.add(where, text, key=key, model=draft.model)
            draft.own_list = self.reader.layer.name
            kept = {code: name for code, name in codes.items() if code in self.found}
            draft.territories = Codes(kept, complete=True)
            for code in missing:
                for path in [p for p in draft.entries if code in p[1:3] and p[0] != "coverage"]:
                    del draft.entries[path]
        columns = {path[-1] for path in self.reader.layer.places if path[0] == "territories"}
        paths = [("territories", code, "committed_facilitators_fte") for code in draft.territories]
        renewed = sum(draft.value(path) or 0.0 for path in paths)
        if "existing_facilitators_fte" in columns and paths[0][2] not in columns and renewed:
            text = _(
                "do the posts in place include the renewed ones? {fte} renewed FTE of {model} are "
                "added; if they do, add a column renewed FTE with 0"
            )
            self.draft.warn(self.first, text, fte=localised(f"{renewed:g}"), model=draft.model)
        self.reader.finish()
