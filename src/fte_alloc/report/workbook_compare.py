"""Plans side by side as a workbook: inputs that differ, results, posts, contracts, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fte_alloc import words
from fte_alloc.analysis.compare import Comparison
from fte_alloc.analysis.side import Side, contracts, lowest, new_posts, results
from fte_alloc.report.answer import contents, dictionary_sheet, fill_dictionary
from fte_alloc.report.cells import Cell, Column, Content, Row, difference, summed, widths
from fte_alloc.report.claims import proof, regional_lines
from fte_alloc.report.compare_page import closing, figures
from fte_alloc.report.formats import shade
from fte_alloc.report.names import territories_name, title_of, word_of
from fte_alloc.report.pages import Line
from fte_alloc.report.sheets import Book, Sheet
from fte_alloc.report.workbook_inputs import all_assumptions_sheet, differing_inputs
from fte_alloc.report.workbook_why import cross_sheet, why_sheet

Document = Mapping[str, Any]
#: Columns of the summary: names, at least so many of figures, text.
_NAMES, _FIGURES, _LEAST_FIGURES, _REST = 32.0, 18.0, 5, 30.0


def compare_book(comparison: Comparison, document: Document) -> bytes:
    """A comparison as an xlsx file.

    document : the ``fte-alloc/comparison/1`` document that goes with it
    """
    sides = comparison.sides
    book = Book(words.BOOK_COMPARE.format(names=", ".join(side.name for side in sides)))
    grid = [_NAMES, *[_FIGURES] * max(_LEAST_FIGURES, 2 * len(sides)), _REST]
    summary = book.sheet(words.BOOK_SHEETS["summary"], grid)
    territories = territories_name(word_of(comparison.baseline.document))
    sheets = {
        "posts": _side_by_side(book, territories, sides, new_posts, "posts"),
        "contracts": _side_by_side(
            book, words.BOOK_SHEETS["contracts"], sides, contracts, "contracts"
        ),
    }
    names = {key: _figure_name(name, key) for name, key, *_ in figures(comparison, every=True)}
    if document.get("bridges"):
        sheets["why"] = why_sheet(book, document["bridges"], names)
    if document.get("cross", {}).get("values"):
        sheets["cross"] = cross_sheet(book, document["cross"])
    sheets["assumptions"] = all_assumptions_sheet(book, comparison)
    sheets["dictionary"] = dictionary_sheet(book)
    holds = [(sheet.name, what) for what, sheet in sheets.items()]
    _summary(summary, comparison, document, holds)
    fill_dictionary(sheets["dictionary"], [side.document for side in sides])
    return book.finish()


# -- summary ---------------------------------------------------------------------------------------


def _summary(
    sheet: Sheet, comparison: Comparison, document: Document, holds: Sequence[tuple[str, str]]
) -> None:
    sheet.sentence(sheet.book.title, "title")
    sheet.sentence(words.BOOK_COMPARE_ABOUT.format(baseline=comparison.baseline.name))
    for line in closing(comparison):
        if isinstance(line, Line):
            sheet.sentence(line.text, "warn" if line.tone == "warn" else "plain")
    for line in regional_lines(*(side.document for side in comparison.sides)):
        sheet.sentence(line.text, line.tone)
    sheet.row += 1
    sheet.sentence(words.BOOK_PLANS, "section")
    _plans(sheet, comparison.sides)
    if document.get("failed"):
        sheet.sentence(words.BOOK_FAILED, "section")
        columns = [Column("scenario"), Column("reason", span=sheet.across - 1)]
        sheet.table(
            columns, [{k: row[k] for k in ("scenario", "reason")} for row in document["failed"]]
        )
    sheet.sentence(words.COMPARE_INPUTS, "section")
    differing_inputs(sheet, comparison)
    sheet.sentence(words.COMPARE_RESULTS, "section")
    _results(sheet, comparison)
    sheet.sentence(words.BOOK_CONTENTS, "section")
    contents(sheet, holds)
    sheet.fit_on_one_page()


def _plans(sheet: Sheet, sides: Sequence[Side]) -> None:
    columns = [Column("scenario"), Column("about", span=2), Column("proof", span=sheet.across - 3)]
    rows: list[Row] = []
    for side in sides:
        text, tone = (
            (words.JUDGED, "plain") if side.document["status"] == "judged" else proof(side.document)
        )
        proved = Cell(text, style=tone)
        rows.append({"scenario": side.name, "about": title_of(side.document), "proof": proved})
    sheet.table(columns, rows)


def _results(sheet: Sheet, comparison: Comparison) -> None:
    """Headline figures side by side, and their differences to the first plan."""
    sides = comparison.sides
    read = [results(side.document) for side in sides]
    columns = [
        Column("result"),
        Column("unit"),
        *(Column("result_of", "value", side.name, f"v{n}") for n, side in enumerate(sides)),
        *(
            Column("change", "value", side.name, f"d{n}")
            for n, side in enumerate(sides[1:], start=1)
        ),
    ]
    rows: list[Row] = []
    for name, key, *_ in figures(comparison, every=True):
        kind = kind_of(key)
        unit = words.BOOK_RATE_UNIT if kind == "rate" else words.BOOK_UNITS[kind]
        row: dict[str, Content] = {"result": _figure_name(name, key), "unit": unit}
        for n, found in enumerate(read):
            value, base = found.get(key), read[0].get(key)
            row[f"v{n}"] = Cell(value, kind=kind)
            if n and value is not None and base is not None:
                row[f"d{n}"] = difference(value, base, kind, (f"{{v{n}}}", "{v0}"))
        rows.append(row)
        if key == "lowest_rate":
            codes = [lowest(side.document) for side in sides]
            which: dict[str, Content] = {"result": words.RESULT_NAMES["lowest_code"].strip()}
            for n, found_row in enumerate(codes):
                which[f"v{n}"] = Cell(str(found_row["territory"]) if found_row else "")
            rows.append(which)
    sheet.table(columns, rows)


def _figure_name(name: str, key: str) -> str:
    """A result, said in full: kinds of buyer stand below the rate on a page, alone here."""
    if key.startswith("rate_"):
        return str(words.BOOK_RATE_OF.format(name=name.strip()))
    return name.strip()


def kind_of(figure: str) -> str:
    """The kind of cell of a figure of ``results``."""
    if "rate" in figure:
        return "rate"
    ends = {"eur": "eur", "fte": "fte"}
    return ends.get(figure.partition(".")[0].rpartition("_")[2], "contracts")


# -- territories -----------------------------------------------------------------------------------


def _side_by_side(
    book: Book,
    name: str,
    sides: Sequence[Side],
    read: Callable[[Document], Mapping[str, float]],
    what: str,
) -> Sheet:
    """One figure of every territory in every plan, with differences to the first.

    what : ``posts`` or ``contracts``, for headings
    """
    kind = "fte" if what == "posts" else "contracts"
    found = [read(side.document) for side in sides]
    names = {row["territory"]: row["name"] for side in sides for row in side.document["posts"]}
    names |= {r["territory"]: r["name"] for side in sides for r in side.document["territories"]}
    after = range(1, len(sides))
    columns = [
        Column("code", "code"),
        Column("name"),
        *(Column(f"{what}_of", kind, s.name, f"v{n}", 14) for n, s in enumerate(sides)),
        *(Column(f"{what}_change", f"{kind}_change", sides[n].name, f"d{n}", 14) for n in after),
    ]
    rows: list[dict[str, Content]] = []
    most = 0.0
    for code in sorted(set().union(*found)):
        row: dict[str, Content] = {"code": code, "name": names[code]}
        row |= {f"v{n}": values.get(code) for n, values in enumerate(found)}
        for n in after:
            if code in found[0] and code in found[n]:
                cell = difference(found[n][code], found[0][code], kind, (f"{{v{n}}}", "{v0}"))
                row[f"d{n}"] = cell
                most = max(most, abs(found[n][code] - found[0][code]))
        rows.append(row)
    sums = [sum(values.values()) for values in found]
    total: dict[str, Content] = {"code": words.COUNTRY}
    total |= {f"v{n}": summed(value) for n, value in enumerate(sums)}
    total |= {f"d{n}": difference(sums[n], sums[0], kind, (f"{{v{n}}}", "{v0}")) for n in after}
    sheet = book.sheet(name, widths(columns, rows))
    table = sheet.table(columns, rows, total=total, main=True)
    if most > 0:
        sheet.highlight(table, shade(most), *(f"d{n}" for n in after))
    return sheet
