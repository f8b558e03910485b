"""The sheets of a workbook that say what stands behind it: inputs, and what every column means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fte_alloc import words
from fte_alloc.language import translated
from fte_alloc.report.cells import Cell, Column, Content, Row
from fte_alloc.report.check_page import how_many
from fte_alloc.report.names import unit_of
from fte_alloc.report.sheets import Book, Sheet
from fte_alloc.scenario.inputs import shown_origin

if TYPE_CHECKING:
    from fte_alloc.analysis.compare import Comparison
    from fte_alloc.scenario.inputs import Entry, Inputs

Document = Mapping[str, Any]


def contents(sheet: Sheet, holds: Sequence[tuple[str, str]]) -> None:
    """The sheets of the workbook and what they hold, with links.

    holds : of each sheet its name, and its entry in ``words.BOOK_HOLDS``
    """
    top = sheet.row
    sheet.table(
        [Column("sheet"), Column("holds", span=sheet.across - 1)],
        [{"sheet": name, "holds": words.BOOK_HOLDS[what]} for name, what in holds],
    )
    for n, (name, _) in enumerate(holds):
        sheet.link(top + 1 + n, name)


# -- inputs ----------------------------------------------------------------------------------------


def assumptions_sheet(book: Book, document: Document, inputs: Inputs | None) -> Sheet:
    """Every input of a plan, with what is known of it."""
    values = document.get("inputs", {}).get("values", {})
    said = entry_columns()
    columns = [Column("key", width=44), Column("value", "value", width=13), *said]
    if not inputs:
        columns = [Column("key", width=50), Column("value", "value", width=70)]
    rows: list[Row] = []
    for key in in_order(values):
        row: dict[str, Content] = {"key": key, "value": value_cell(values[key])}
        rows.append(row | (entry_cells(inputs, key) if inputs else {}))
    sheet = book.sheet(words.BOOK_SHEETS["assumptions"], [c.width for c in columns])
    sheet.sentence(words.BOOK_ASSUMPTIONS_ABOUT if inputs else words.BOOK_ONLY_VALUES)
    if inputs:
        sheet.sentence(how_many(inputs))
    sheet.row += 1
    sheet.table(columns, rows, main=True)
    files = document.get("inputs", {}).get("files", {})
    if files:
        sheet.sentence(words.BOOK_FILES, "section")
        sheet.table(
            [Column("file"), Column("hash", span=sheet.across - 1)],
            [{"file": name, "hash": digest} for name, digest in files.items()],
        )
    return sheet


def all_assumptions_sheet(book: Book, comparison: Comparison, titles: Mapping[str, str]) -> Sheet:
    """Every input of every plan; what is said of it, by the first plan that has it.

    titles : what the plans are called in headings, by name
    """
    sides = comparison.sides
    known = [side.inputs for side in sides if side.inputs is not None]
    columns = [
        Column("key", width=40),
        *(
            Column("value_in", "value", titles[side.name], f"v{n}", 14)
            for n, side in enumerate(sides)
        ),
        *(entry_columns() if known else []),
    ]
    everything = {d.key: d for d in comparison.all_inputs}
    rows: list[Row] = []
    for key in in_order(everything):
        found = everything[key]
        style = "mark" if found.differs else ""
        row: dict[str, Content] = {"key": key}
        for n, side in enumerate(sides):
            row[f"v{n}"] = value_cell(side.shown(key), style)
        said = (cells for inputs in known if (cells := entry_cells(inputs, key)))
        rows.append(row | next(said, {}))
    sheet = book.sheet(words.BOOK_SHEETS["assumptions"], [c.width for c in columns])
    sheet.sentence(words.BOOK_ASSUMPTIONS_ABOUT)
    sheet.sentence(words.BOOK_BASELINE_SAYS, gap=1)
    sheet.table(columns, rows, main=True)
    return sheet


def in_order(keys: Iterable[str]) -> list[str]:
    """Keys of inputs, those of the whole country first; titles are none."""
    local = ("territories.", "contracts.", "curves.")
    return sorted((k for k in keys if k != "title"), key=lambda k: (k.startswith(local), k))


def entry_columns() -> list[Column]:
    """What is said of an input beside its value."""
    return [
        Column("unit", width=14),
        Column("status", width=11),
        Column("source", width=40),
        Column("note", width=40),
        Column("origin", width=28),
    ]


def entry_cells(inputs: Inputs, key: str) -> dict[str, Content]:
    """Unit, status, source, note and place of an input; nothing where it has none."""
    entry: Entry | None = inputs.entries.get(key) or inputs.entries.get(key.rpartition(".")[0])
    if entry is None:
        return {}
    status, style = "", ""
    if isinstance(entry.value, int | float):
        status = words.BOOK_STATUS[entry.status]
        style = "warn" if entry.status == "assumption" else ""
    return {
        "unit": unit_of(entry.unit),
        "status": Cell(status, style=style),
        "source": _source(inputs, entry),
        "note": translated(entry.note or ""),
        "origin": shown_origin(entry.origin),
    }


def _source(inputs: Inputs, entry: Entry) -> str:
    """Title, publisher and date of a source; of shipped models in the language in force."""
    if not entry.source:
        return ""
    source = inputs.sources.get(entry.source, {"title": entry.source})
    known = (source[k] for k in ("title", "publisher", "date", "url") if source.get(k))
    return ", ".join(translated(str(text)) for text in known)


def value_cell(value: Any, style: str = "") -> Cell:
    """An input: a number as such, anything else as files write it."""
    if value is None:
        return Cell(words.NO_LIMIT, kind="text", style=style)
    if isinstance(value, list | tuple):
        return Cell("; ".join(_listed(v) for v in value), kind="text", style=style)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Cell(str(value), kind="text", style=style)
    is_large = abs(value) >= 1000 and value == int(value)
    return Cell(value, kind="whole" if is_large else "value", style=style)


def _listed(value: Any) -> str:
    """One of a list: a year, a point of a curve."""
    if isinstance(value, list | tuple):
        return " → ".join(map(str, value))
    return str(value)


# -- dictionary ------------------------------------------------------------------------------------


def dictionary_columns() -> list[Column]:
    """What is said of a column."""
    return [
        Column("sheet", width=18),
        Column("column", width=44),
        Column("meaning", width=80),
        Column("unit", width=22),
    ]


def dictionary_sheet(book: Book) -> Sheet:
    """The sheet of the dictionary, still empty: it is filled last."""
    return book.sheet(words.BOOK_SHEETS["dictionary"], [c.width for c in dictionary_columns()])


def fill_dictionary(sheet: Sheet, documents: Iterable[Document]) -> None:
    """What every column of every sheet means, and every key of an input."""
    from fte_alloc.scenario.schema import find

    columns = dictionary_columns()
    written = [*sheet.book.columns, *((sheet.name, column) for column in columns)]
    rows: list[Row] = [
        {
            "sheet": name,
            "column": column.heading,
            "meaning": column.meaning,
            "unit": words.BOOK_UNITS.get(column.kind, ""),
        }
        for name, column in dict.fromkeys(written)
    ]
    sheet.table(columns, rows, main=True)
    parameters = dict.fromkeys(
        parameter
        for document in documents
        for key in document.get("inputs", {}).get("values", {})
        if key != "title" and (parameter := find(tuple(key.split("."))))
    )
    if parameters:
        sheet.sentence(words.BOOK_KEYS, "section")
        sheet.table(
            [Column("key"), Column("meaning"), Column("unit")],
            [{"key": p.key, "meaning": p.text, "unit": unit_of(p.unit)} for p in parameters],
            at=1,
        )
