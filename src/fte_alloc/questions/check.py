"""The questions ``check`` and ``show``: status and origin of the inputs of scenarios."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fte_alloc import numbers as show
from fte_alloc.errors import InputError, mistaken
from fte_alloc.inputs.codes import did_you_mean
from fte_alloc.inputs.entries import Entry, Inputs, entry_origin
from fte_alloc.inputs.overrides import command_line
from fte_alloc.inputs.schema import find_parameter
from fte_alloc.inputs.values import written_value
from fte_alloc.language import _, ngettext, translated_text
from fte_alloc.names import COLUMN_NAMES, STATUS_NAMES, TERRITORY_HEADINGS
from fte_alloc.questions import inputs_in_words as in_words
from fte_alloc.questions.answer import Answer, Grid, Line, Page
from fte_alloc.questions.document import page_head
from fte_alloc.texts import Lines, visible

CHECK = "fte-alloc/check/1"
SHOW_COLUMNS = ("key", "value", "unit", "status", "origin")
#: A key longer than this is wrapped over two lines.
_LONG_KEY = 42
#: Keys of the columns of posts in place and renewed.
_COUNTS = [key for key in TERRITORY_HEADINGS if re.match("existing|committed", key)]


def check_document(
    checked: Sequence[Inputs], errors: Sequence[tuple[str, InputError]]
) -> dict[str, Any]:
    """The result of ``check`` as a ``fte-alloc/check/1`` document."""
    warnings = [str(warning) for inputs in checked for warning in inputs.warnings]
    names = ("cell", "heading", "key")
    mapped = ((i.name, [dict(zip(names, m, strict=True)) for m in i.mapped]) for i in checked)
    return {
        "format": CHECK,
        "errors": [str(mistake) for __, error in errors for mistake in error.mistakes],
        "warnings": list(dict.fromkeys(warnings)),
        "counts": {inputs.name: inputs.counts() for inputs in checked},
        "read_as": {name: headings for name, headings in mapped if headings},
    }


def check_answer(checked: Sequence[Inputs], *, quiet: bool) -> Answer:
    """The answer of ``check``: the numbers of each scenario by status, and warnings."""
    page: Page = []
    for inputs in checked:
        valid = _("{scenario}. The files are valid.")
        page.append(Line(valid.format(scenario=_head(inputs)), "good"))
        page += [Line(in_words.inputs_by_status(inputs)), *_as_read(inputs)]
        for warning in () if quiet else inputs.warnings:
            page.append(Line(_("warning: {text}").format(text=warning), "warn"))
        for status, heading in STATUS_NAMES.items():
            if status != "default" and (rows := list(_rows(inputs, status))):
                headings = [_(heading).upper(), _("value"), _("unit"), _("source or reason")]
                page += [Line(""), Grid(headings, rows, left_too=(2, 3), fold=(3,))]
        page.append(Line(""))
    return Answer("", page[:-1])


def _as_read(inputs: Inputs) -> Page:
    """Lines on a workbook: what its columns were read as, notes, and inputs left to the model."""
    if not inputs.mapped:
        return []
    buyers = {f"contracts.{code}": name for code, name in in_words.buyer_names(inputs).items()}
    rows = [
        [" ".join(text.split()), where, buyers.get(key) or _words_of_input(key)]
        for where, text, key in inputs.mapped
    ]
    read = {key.partition(".")[0] for *__, key in inputs.mapped}
    of_model = [_words_of_input(key) for key in _COUNTS if key not in read]
    of_model += [] if {"contracts", "contracts_per_year"} & read else [_("contracts")]
    of_model.append(_("costs, cap and budget where no table has them"))
    rest = _("From {model}: {columns}.").format(model=inputs.model, columns=", ".join(of_model))
    grid = Grid([_("heading"), _("cell"), _("read as")], rows, left_too=(1, 2), fold=(0,))
    return [Line(""), grid, *map(Line, inputs.notes), Line(rest)]


def _words_of_input(key: str) -> str:
    parameter = find_parameter(("territories", "*", key))
    return parameter.words if parameter else _(COLUMN_NAMES.get(key, key))


def _head(inputs: Inputs) -> str:
    named = {"scenario": inputs.label, "title": inputs.title}
    return page_head({**named, "inputs": {"values": inputs.values}})


def _rows(inputs: Inputs, status: str) -> Iterator[list[str]]:
    """Rows of the numbers of a status; a column of a table has one row per source or reason."""
    columns: dict[tuple[str, str], list[Entry]] = {}
    for key, entry in inputs.entries.items():
        if entry.status != status or not isinstance(entry.value, int | float):
            continue
        column = re.sub(r"^territories\.[^.]+\.", "territories.csv ", key)
        column = re.sub(r"^contracts\..*", "contracts.csv contracts_per_year", column)
        if column == key or status == "scenario":
            what, value = in_words.input_and_key(key, inputs.values), show.plain_value(entry.value)
            yield [what, value, in_words.input_unit(entry.unit), _origin_or_reason(inputs, entry)]
        else:
            columns.setdefault((column, _origin_or_reason(inputs, entry)), []).append(entry)
    for (column, why), entries in columns.items():
        many = ngettext("{count} value", "{count} values", len(entries)).format(count=len(entries))
        file, __, name = column.partition(" ")
        key = f"territories.*.{name}" if file.startswith("t") else "contracts.*.*"
        words = in_words.input_in_words(key, {})
        yield [Lines(f"{words}\n  {column}"), many, in_words.input_unit(entries[0].unit), why]


def _origin_or_reason(inputs: Inputs, entry: Entry) -> str:
    """Origin of a scenario's value, publisher and date of a source, or reason of an assumption."""
    if entry.status == "scenario":
        return entry.origin
    if entry.source and entry.status != "assumption":
        source: Mapping[str, str] = inputs.sources.get(entry.source, {})
        words = source.get("publisher", entry.source), show.date(source.get("date", ""))
        return ", ".join(_(text) for text in words if text)
    return _(entry.note) if entry.note else ""


def show_rows(inputs: Inputs, part: str = "") -> list[dict[str, Any]]:
    """Every resolved value, for keys that contain *part*. Raises InputError where none does."""
    found = ((key, entry) for key, entry in inputs.entries.items() if part in key)
    names = SHOW_COLUMNS[1:]
    rows = [{"key": key} | {name: getattr(e, name) for name in names} for key, e in found]
    if not rows:
        known = sorted({name for key in inputs.entries for name in key.split(".")})
        hint = did_you_mean(part, known)
        text = _("no key contains {part}; all keys: {command}{hint}")
        listing = command_line("show", inputs)
        raise mistaken("--key", text, part=written_value(part), hint=hint, command=listing)
    return rows


def show_answer(inputs: Inputs, rows: Sequence[Mapping[str, Any]]) -> Answer:
    """The answer of ``show`` for one scenario."""
    lines = [
        [
            key if len(key) <= _LONG_KEY else Lines(".\n  ".join(key.rsplit(".", 1))),
            show.plain_value(row["value"]),
            "" if row["value"] is None else in_words.input_unit(row["unit"]),
            _(STATUS_NAMES.get(row["status"], row["status"])),
            entry_origin(row["origin"].rpartition("/")[2]),
        ]
        for row in rows
        if (key := visible(row["key"])) not in ("title", "title_fr")
    ]
    title = _head(inputs)
    text = _("model {model}; read from {files}")
    files = text.format(model=inputs.model, files=", ".join(inputs.files))
    headings = (_("key"), _("value"), _("unit"), _("status"), _("set at"))
    grid = Grid(headings, lines, left_too=(2, 3, 4), fold=(1, 2))
    return Answer(title, [Line(title, "head"), Line(files), grid])


def available_answer(listed: Mapping[str, Sequence[Mapping[str, Any]]]) -> Answer:
    """The answer of ``show`` without a scenario: the list of scenarios and models.

    listed : rows of ``scenarios`` and ``models``, with each file's content, None if unreadable
    """
    page: Page = []
    headings = {"scenarios": _("Scenarios at hand"), "models": _("Models at hand")}
    for kind, found in listed.items():
        rows = []
        for row in found:
            content, title = row["content"], _("(cannot be read)")
            title = title if content is None else translated_text(content, "title", row["title"])
            rows.append([row["name"], title, row["file"]])
        heads = [headings[kind], _("title"), _("file")]
        page += [Grid(heads, rows, left_too=(1, 2), fold=(1,)), Line("")]
    return Answer("", page[:-1])
