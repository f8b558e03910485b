"""Inputs in words: names, values, units and sources; how many are assumed; the sheet of all."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fte_alloc import language, names
from fte_alloc import numbers as show
from fte_alloc.inputs.entries import entry_origin
from fte_alloc.inputs.overrides import command_line
from fte_alloc.inputs.schema import find_parameter
from fte_alloc.language import N_, _, translated_text
from fte_alloc.names import CEILING_KEYS, FLOOR_KEYS, STATUS_NAMES
from fte_alloc.programme.data import ROLES
from fte_alloc.programme.objectives import OBJECTIVES
from fte_alloc.questions.answer import Line, Table, wrapped
from fte_alloc.questions.cells import Cell, Column, Content, Row
from fte_alloc.questions.document import Document, inputs_of
from fte_alloc.questions.places import territory_words
from fte_alloc.questions.sides import Side, side_titles
from fte_alloc.questions.why.changes import change_label, change_name
from fte_alloc.texts import Lines, visible

if TYPE_CHECKING:
    from fte_alloc.inputs.entries import Inputs
    from fte_alloc.programme.problem import Problem


#: Units of inputs, as files write them.
INPUT_UNITS = {
    unit: unit
    for unit in (
        *(N_("EUR/yr"), N_("EUR/(FTE.yr)"), N_("contracts/yr"), N_("contracts/(FTE.yr)")),
        *(N_("inhabitants"), N_("FTE")),
    )
}
#: Words for codes in columns of data, by the last part of the name of the column.
_WORDS = {
    "name": names.COLUMN_NAMES,
    "role": names.ROLE_NAMES,
    "status": names.STATUS_NAMES | names.SWEEP_STATUS,
    "by": names.STOPPED_BY,
    "territory": {"region": N_("region")},
    "end": names.WEIGHT_ENDS,
    "unit": INPUT_UNITS | {unit: several for unit, (_one, several) in show.UNIT_NAMES.items()},
}


def assumptions(
    sides: Sequence[Side], keys: Iterable[str], differing: Collection[str] = ()
) -> Table:
    """The sheet of the inputs of plans, with source and status; *differing* ones are coloured."""
    known = [side.inputs for side in sides if side.inputs is not None]
    shown = [Column("value", "value", key="v0", width=14)]
    if len(sides) > 1:
        names = side_titles(sides).values()
        shown = [Column("value_in", "value", name, f"v{n}", 14) for n, name in enumerate(names)]
    columns = [Column("key", width=44), Column("meaning", width=44), *shown]
    columns += [Column(key, width=width) for key, width in _OF_ENTRIES.items() if known]
    values: dict[str, Any] = {}
    for side in sides[::-1]:
        values |= inputs_of(side.document)
    rows: list[Row] = []
    for key in sorted(keys, key=lambda key: (key.startswith(_LOCAL), key)):
        style = "mark" if key in differing else ""
        row: dict[str, Content] = {"key": key, "meaning": input_in_words(key, values)}
        for n, side in enumerate(sides):
            own = inputs_of(side.document).get(f"{key}_{language.in_force()}")  # a translated name
            row[f"v{n}"] = value_cell(own or side.shown(key), style)
        rows.append(row | _entry_cells(known, key))
    text = _(
        "Every input of the model. Published: a source states it. Derived: computed from published "
        "figures. Reported: the regions or the user say it. Assumed: nobody has published it; the "
        "note gives the reason."
    )
    about = [text, *map(inputs_by_status, known[:1])]
    if len(sides) > 1:
        about[1:] = [_("Coloured lines differ; what is said of one is of the first plan with it.")]
    if not known:
        about = [_("The plan was read from a file: it keeps values, not where they come from.")]
    sheet = (_("Assumptions"), _("every input, with its source and status"))
    return Table("", columns, rows, sheet=sheet, above=[*map(Line, about), Line("")])


#: First parts of keys of inputs by territory, which come last.
_LOCAL = ("territories.", "contracts.", "curves.")
#: Columns beside the value of an input, with their widths.
_OF_ENTRIES = {"unit": 14, "status": 11, "source": 40, "note": 40, "origin": 28}


def _entry_cells(known: Iterable[Inputs], key: str) -> dict[str, Content]:
    """Unit, status, source, note and origin of an input, from the first inputs that have it."""
    for inputs in known:
        entry = inputs.entries.get(key) or inputs.entries.get(key.rpartition(".")[0])
        if entry is not None:
            is_number = isinstance(entry.value, int | float)
            style = "warn" if is_number and entry.status == "assumption" else ""
            return {
                "unit": input_unit(entry.unit),
                "status": Cell(_(STATUS_NAMES[entry.status]) if is_number else "", style=style),
                "source": source_of(inputs, entry.source),
                "note": _(entry.note) if entry.note else "",
                "origin": entry_origin(entry.origin),
            }
    return {}


def source_of(inputs: Inputs, code: str | None) -> str:
    """Title, publisher, date and address of a source, translated where possible."""
    if not code:
        return ""
    source = inputs.sources.get(code, {"title": code})
    known = (source[k] for k in ("title", "publisher", "date", "url") if source.get(k))
    return ", ".join(show.date(_(str(text))) for text in known)


def value_cell(value: Any, style: str = "") -> Cell:
    """The cell of an input's value: a number, or a text, which joins the items of a list."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        is_large = abs(value) >= 1000 and value == int(value)
        return Cell(value, kind="whole" if is_large else "value", style=style)
    if isinstance(value, list | tuple):  # values of years, or points of a curve
        each = (" → ".join(map(str, v)) if isinstance(v, list | tuple) else str(v) for v in value)
        value = _("; ").join(each)
    return Cell(_("none") if value is None else str(value), kind="text", style=style)


def input_in_words(key: str, values: Mapping[str, Any]) -> str:
    """An input in words: its meaning, then its place, kind of buyer or other parts of its key."""
    path = tuple(key.split("."))
    if (parameter := find_parameter(path)) is None:
        return change_label(change_name(path))
    where = {"segment": "coverage.segments.{}.name", "territory": "territories.{}.name"}
    codes = [part for part, of in zip(path, parameter.pattern, strict=False) if of == "*"]
    of = [
        translated_text(values, at := where.get(kind, "").format(code), str(values.get(at, code)))
        for kind, code in zip(parameter.codes, codes, strict=True)
        if code != "*"
    ]
    return ", ".join([parameter.words, *(_(names.COLUMN_NAMES.get(name, name)) for name in of)])


def input_and_key(key: str, values: Mapping[str, Any], indent: str = "") -> str:
    """An input in words, wrapped, and its key on the last line."""
    return Lines(f"{wrapped(input_in_words(key, values), indent)}\n{indent}  {visible(key)}")


def input_shown(key: str, value: object) -> str:
    """The value of an input as text; objectives of stages in words."""
    if value in (None, "none") and re.search(FLOOR_KEYS, key):
        return _("no requirement")
    if value in (None, "none") and re.search(CEILING_KEYS, key):
        return _("no limit")
    if key != "stages":
        return show.plain_value(value_in_words(key.rpartition(".")[2], value))
    names = {key: one.short or one.name for key, one in OBJECTIVES.items()}
    names["coverage"] = names["contracts"]  # whether coverage is weighted is shown by other inputs
    text = re.sub(r"[a-z_]+", lambda name: _(names.get(name[0], name[0])), str(value))
    given = _(" ({share} given up)")
    return re.sub(r" − ([\d.e-]+)", lambda one: given.format(share=show.share(float(one[1]))), text)


def value_in_words(key: str, value: Any) -> Any:
    """A value of a column of data, with codes and booleans in words."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    words = _WORDS.get(key.rpartition("_")[2], {})
    return names.limit_name(words, value) if isinstance(value, str) and value in words else value


def buyer_name(document: Document, segment: Mapping[str, Any]) -> str:
    """Name of the kind of buyer of a row of ``segments``."""
    key = f"coverage.segments.{segment['segment']}.name"
    return translated_text(inputs_of(document), key, segment["name"])


def buyer_names(inputs: Inputs) -> dict[str, str]:
    """Names of the kinds of buyer of a scenario, by code."""
    names, of = inputs.codes("coverage.segments").items(), inputs.values
    return {code: translated_text(of, f"coverage.segments.{code}.name", n) for code, n in names}


def input_unit(unit: str | None) -> str:
    """The unit of an input in the language in force; empty if there is none."""
    return _(INPUT_UNITS.get(unit, unit)) if unit and unit != "1" else ""


def continuous_options(problem: Problem) -> str:
    """Options of a command that make all posts continuous, such as ``--set posts.step_fte=0``."""
    roles = [role for role, step in zip(ROLES, problem.steps_fte, strict=True) if step > 0]
    keys = dict.fromkeys(problem.step_key(f"step_{role}") for role in roles)
    return " ".join(f"--set {key}=0" for key in keys)


def inputs_by_status(inputs: Inputs) -> str:
    """The number of inputs by status, as a sentence."""
    counts = inputs.counts()
    rest = {
        "reported": _(", {count} reported"),
        "scenario": _(", {count} set by the scenario"),
        "default": _(", {count} left at their default"),
    }
    more = [text.format(count=counts[one]) for one, text in rest.items() if counts[one]]
    text = _("{published} numbers published, {derived} derived, {assumption} assumed{more}.")
    return text.format(**counts, more="".join(more))


def assumed_figures_lines(*documents: Document) -> list[Line]:
    """Lines on the number of assumed regional figures; documents with equal numbers share them."""
    known: dict[tuple[int, ...], list[Line]] = {}
    for document in documents:
        figures = document.get("regional_figures")
        if figures and figures["total"] and tuple(figures.values()) not in known:
            known[tuple(figures.values())] = _lines_on_assumed(document, figures)
    return [line for lines in known.values() for line in lines]


def _lines_on_assumed(document: Document, figures: Mapping[str, int]) -> list[Line]:
    """The lines on how many regional figures are assumed, and the command that lists them."""
    assumed, reported = figures["assumption"], figures.get("reported", 0)
    others = figures["total"] - assumed - reported - figures["published"]
    rest = _(", {count} reported").format(count=reported) if reported else ""
    rest += _(", {count} derived or set by the scenario").format(count=others) if others else ""
    text = _(
        "{assumed} of {total} {territorial} counts of posts and contracts are ASSUMED, {published} "
        "published{rest}."
    )
    adjective = territory_words(inputs_of(document).get("territory", ""))[2]
    counted = text.format(**figures, assumed=assumed, territorial=adjective, rest=rest)
    if not assumed:
        return [Line(counted)]
    lines = [Line(counted, "warn")]
    file = str(document["inputs"].get("file", ""))
    if file.startswith("package:") or Path(file).is_file():  # otherwise the command would fail
        text = _("Each with its reason: {command}")
        each = text.format(command=command_line("check", document["inputs"]))
        lines.append(Line(each, "warn", whole=True))
    return lines
