"""Sheets of workbooks with the inputs of plans and their origins."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from fte_alloc import language
from fte_alloc import numbers as show
from fte_alloc.inputs.entries import shown_origin
from fte_alloc.language import _
from fte_alloc.names import STATUS_NAMES
from fte_alloc.questions.answer import Line, Table
from fte_alloc.questions.cells import Cell, Column, Content, Row
from fte_alloc.questions.check import counts_by_status
from fte_alloc.questions.document import inputs_of
from fte_alloc.questions.sides import Side
from fte_alloc.questions.wording import in_words, titles_of, unit_of

if TYPE_CHECKING:
    from fte_alloc.inputs.entries import Entry, Inputs


def assumptions(
    sides: Sequence[Side], keys: Iterable[str], differing: Collection[str] = ()
) -> Table:
    """The sheet of the inputs of plans, with their source and status.

    differing : keys of inputs that differ between plans
    """
    known = [side.inputs for side in sides if side.inputs is not None]
    shown = [Column("value", "value", key="v0", width=14)]
    if len(sides) > 1:
        names = titles_of(sides).values()
        shown = [Column("value_in", "value", name, f"v{n}", 14) for n, name in enumerate(names)]
    columns = [Column("key", width=44), Column("meaning", width=44), *shown]
    columns += _OF_ENTRIES if known else ()
    values: dict[str, Any] = {}
    for side in sides[::-1]:
        values |= inputs_of(side.document)
    rows: list[Row] = []
    for key in sorted(keys, key=lambda key: (key.startswith(_LOCAL), key)):
        style = "mark" if key in differing else ""
        row: dict[str, Content] = {"key": key, "meaning": in_words(key, values)}
        for n, side in enumerate(sides):
            own = inputs_of(side.document).get(f"{key}_{language.in_force()}")  # a translated name
            row[f"v{n}"] = value_cell(own or side.shown(key), style)
        rows.append(row | _said_of(known, key))
    text = _(
        "Every input of the model. Published: a source states it. Derived: computed from published "
        "figures. Reported: the regions or the user say it. Assumed: nobody has published it; the "
        "note gives the reason."
    )
    about = [text, *map(counts_by_status, known[:1])]
    if len(sides) > 1:
        about[1:] = [_("Coloured lines differ; what is said of one is of the first plan with it.")]
    if not known:
        about = [_("The plan was read from a file: it keeps values, not where they come from.")]
    sheet = (_("Assumptions"), _("every input, with its source and status"))
    return Table("", columns, rows, sheet=sheet, above=[*map(Line, about), Line("")])


#: First parts of keys of inputs by territory, which come last.
_LOCAL = ("territories.", "contracts.", "curves.")
#: Columns beside the value of an input.
_OF_ENTRIES = (
    Column("unit", width=14),
    Column("status", width=11),
    Column("source", width=40),
    Column("note", width=40),
    Column("origin", width=28),
)


def _said_of(known: Iterable[Inputs], key: str) -> dict[str, Content]:
    """Unit, status, source, note and origin of an input, from the first inputs that have it."""
    for inputs in known:
        entry = inputs.entries.get(key) or inputs.entries.get(key.rpartition(".")[0])
        if entry is not None:
            is_number = isinstance(entry.value, int | float)
            style = "warn" if is_number and entry.status == "assumption" else ""
            return {
                "unit": unit_of(entry.unit),
                "status": Cell(_(STATUS_NAMES[entry.status]) if is_number else "", style=style),
                "source": source_of(inputs, entry),
                "note": _(entry.note) if entry.note else "",
                "origin": shown_origin(entry.origin),
            }
    return {}


def source_of(inputs: Inputs, entry: Entry) -> str:
    """Title, publisher, date and address of an input's source, translated where possible."""
    if not entry.source:
        return ""
    source = inputs.sources.get(entry.source, {"title": entry.source})
    known = (source[k] for k in ("title", "publisher", "date", "url") if source.get(k))
    return ", ".join(show.date(_(str(text))) for text in known)


def value_cell(value: Any, style: str = "") -> Cell:
    """The cell of an input's value: a number, or a text, which joins the items of a list."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        is_large = abs(value) >= 1000 and value == int(value)
        return Cell(value, kind="whole" if is_large else "value", style=style)
    if isinstance(value, list | tuple):  # values of years, or points of a curve
        each = (" → ".join(map(str, v)) if isinstance(v, list | tuple) else str(v) for v in value)
        value = "; ".join(each)
    return Cell(_("none") if value is None else str(value), kind="text", style=style)
