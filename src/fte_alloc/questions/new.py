"""The files of ``new``: a workbook to fill in or a folder, with the figures of a scenario."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fte_alloc.errors import mistaken
from fte_alloc.inputs.book import COMPLETE
from fte_alloc.inputs.entries import Entry, Inputs
from fte_alloc.inputs.input_files import locate, package_root
from fte_alloc.inputs.overrides import command_line
from fte_alloc.inputs.schema import PARAMETERS, find_parameter
from fte_alloc.inputs.values import written_value
from fte_alloc.language import _
from fte_alloc.names import STATUS_NAMES, TERRITORY_HEADINGS
from fte_alloc.questions import inputs_in_words as in_words
from fte_alloc.questions.answer import Line, Table
from fte_alloc.questions.cells import Cell, Column, Row
from fte_alloc.questions.document import page_head

#: Columns for the status and source of a row.
_SAID = (Column("status", width=13), Column("source", width=28))
_UNSAID = dict.fromkeys(("status", "source"), Cell(None, style="warn"))
_LIMITS = ("posts.cap_fte", "budget.", "limits.")
_LIMIT_KEYS = ("max_", "required_")


def new_path(name: str) -> Path:
    """The path of a new ``.xlsx`` or folder. Raises InputError if it exists, or for other files."""
    path = Path(name)
    if os.path.lexists(path):
        raise mistaken(name, _("is there already, and nothing is written over; give another name"))
    if path.suffix.lower() not in ("", ".xlsx"):
        text = _("expected a workbook, NAME.xlsx, or a folder, a name without {ending}")
        raise mistaken(name, text, ending=path.suffix)
    return path


def new_extends(base: str, folder: Path) -> str:
    """The name or relative path by which a scenario in a folder extends another."""
    if not (os.sep in base or "/" in base or Path(base).suffix):
        return base
    return Path(os.path.relpath(locate(base, "scenarios"), folder)).as_posix()


def new_folder_files(inputs: Inputs, extends: str, name: str) -> dict[str, bytes]:
    """Contents of the files of a new folder, by name: copies of the model's, and a scenario."""
    home = next(file for file in inputs.files if Path(file).name == "model.toml").rpartition("/")[0]
    files = {f"{name}.toml": _scenario(inputs, name, extends).encode()}
    for shown in (file for file in inputs.files if file.rpartition("/")[0] == home):
        inside = shown.removeprefix("package:")
        place = Path(shown) if inside == shown else package_root() / inside
        files[place.name] = place.read_bytes()
    return files


def _scenario(inputs: Inputs, name: str, extends: str) -> str:
    """The text of a scenario file, with usual changes as comments."""
    text = _(
        "A scenario of your own: it holds only what differs from {extends}.\n"
        "The figures are in model.toml, territories.csv and contracts.csv beside it; those that "
        "{extends} changes stand over them.\n"
        "Take the # away and change the number; every key: fte-alloc show {command}"
    )
    comment = text.format(extends=extends, command=f"{name}/{name}.toml")
    lines = [*(f"# {line}" for line in comment.split("\n")), f"title = {written_value(name)}"]
    lines += ['model = "."', f"extends = {written_value(extends)}", ""]
    for key in ("posts.cap_fte", "budget.state_eur_per_year", "coverage.contracts_per_fte"):
        lines += [f"# {key} = {written_value(inputs.value(key))}"]
    return "\n".join(lines) + "\n"


def new_workbook(inputs: Inputs, extends: str, name: str) -> tuple[list[Line], list[Table]]:
    """Lines of the first sheet of a workbook to fill in, and tables of the other sheets."""
    of_it = {"scenario": name, "file": name, "overrides": {}}
    check, solve = (command_line(verb, of_it) for verb in ("check", "solve"))
    steps = [
        _("1. Change the yellow cells. An empty cell is as before; for no limit, write none."),
        _(
            "2. Write under status what a figure is, and under source who says so, and when. "
            "Figures of territories that are changed without a status are reported."
        ),
        _("3. Save, and see how it is read: {check}; then the best plan: {solve}"),
        _(
            "A row may be added, with a code and contracts of its own. To keep only some rows, "
            "write yes beside complete on the sheet Limits, and their own cap and budget."
        ),
    ]
    named = {"scenario": extends, "title": inputs.title, "inputs": {"values": inputs.values}}
    lines = [Line(_("Filled with the figures of {extends}.").format(extends=page_head(named)))]
    lines += [Line(text.format(check=check, solve=solve)) for text in steps]
    limits, others = list[str](), list[str]()
    for key, entry in inputs.entries.items():
        if _is_on_settings_sheet(key, entry):
            is_limit = key.startswith(_LIMITS) or key.rpartition(".")[2].startswith(_LIMIT_KEYS)
            (limits if is_limit else others).append(key)
    whole = _("whether the sheet of territories lists all there are: yes or no")
    parent = _("the scenario that everything else is taken from")
    return lines, [
        _territories_sheet(inputs),
        _contracts_sheet(inputs),
        _settings_sheet(inputs, _("Parameters"), _setting_row("extends", parent, extends), others),
        _settings_sheet(inputs, _("Limits"), _setting_row(COMPLETE, whole, _("no")), limits),
        _sources_sheet(inputs),
    ]


def _is_on_settings_sheet(key: str, entry: Entry) -> bool:
    parameter = find_parameter(tuple(key.split(".")))
    is_number = parameter is not None and parameter.unit is not None
    is_local = key.startswith(("territories.", "contracts.", "curves."))
    return is_number and not is_local and not isinstance(entry.value, list | tuple)


def _territories_sheet(inputs: Inputs) -> Table:
    places = inputs.codes("territories")
    known = {p.pattern[2] for p in PARAMETERS if p.pattern[0] == "territories" and p.unit}
    columns = [Column("code", "code"), Column("name")]
    more = {key: key for key in sorted(known - TERRITORY_HEADINGS.keys()) if inputs.column(key)}
    for key, heading in (TERRITORY_HEADINGS | more).items():
        kind = "whole" if key in ("population", "partner_capacity_eur") else "value"
        columns.append(Column("value_in", kind, _(heading), key, 13))
    rows: list[Row] = []
    for code, name in places.items():
        keys = ((column.id, f"territories.{code}.{column.id}") for column in columns[2:])
        cells = {of: Cell(inputs.value(key), style="warn") for of, key in keys}
        rows.append({"code": code, "name": name, **cells, **_UNSAID})
    sheet = (_("Territories"), "")
    return Table("", [*columns, *_SAID], rows, name="territories", sheet=sheet)


def _contracts_sheet(inputs: Inputs) -> Table:
    buyers, keys = (
        in_words.buyer_names(inputs),
        [key for key in inputs.entries if key[:10] == "contracts."],
    )
    by_year = any(key.count(".") == 3 for key in keys)
    columns = [Column("code", "code"), Column("name")]
    columns += [Column("year", "year")] if by_year else []
    columns += [Column("contracts_in", "whole", name, s, 16) for s, name in buyers.items()]
    rows: list[Row] = []
    for code, name in inputs.codes("territories").items():
        for year in inputs.years if by_year else (None,):
            counts = {b: inputs.value(f"contracts.{code}.{b}", year=year) for b in buyers}
            cells = {buyer: Cell(value, style="warn") for buyer, value in counts.items()}
            rows.append({"code": code, "name": name, "year": year, **cells, **_UNSAID})
    return Table("", [*columns, *_SAID], rows, name="contracts", sheet=(_("Contracts"), ""))


def _setting_row(key: str, meaning: str, value: Any, unit: str = "", note: str = "") -> Row:
    cells: Row = {"figure": meaning, "value": in_words.value_cell(value, "warn"), "unit": unit}
    return {**cells, **_UNSAID, "note": note, "key": key}


def _settings_sheet(inputs: Inputs, title: str, first: Row, keys: Iterable[str]) -> Table:
    rows = [first]
    for key in keys:
        entry = inputs.entries[key]
        status = _(STATUS_NAMES.get(entry.status, ""))
        note = ", ".join(filter(None, (status, in_words.source_of(inputs, entry.source))))
        meaning, unit = in_words.input_in_words(key, inputs.values), in_words.input_unit(entry.unit)
        rows.append(_setting_row(key, meaning, entry.value, unit, note))
    columns = [Column("figure", width=48), Column("value", "value", width=14)]
    columns += [Column("unit", width=14), *_SAID]
    columns += [Column("note", width=38), Column("key", width=38)]
    return Table("", columns, rows, name=title, sheet=(title, ""))


def _sources_sheet(inputs: Inputs) -> Table:
    rows = [
        {"source": code, "about": in_words.source_of(inputs, code)}
        for code in sorted(inputs.sources)
    ]
    columns = [Column("source", width=24), Column("about", width=110)]
    return Table("", columns, rows, name="sources", sheet=(_("Sources"), ""))
