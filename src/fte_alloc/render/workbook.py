"""Answers as workbooks, with a dictionary of all columns; pages as workbooks, with their data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from fte_alloc import language
from fte_alloc.language import _
from fte_alloc.names import STATUS_NAMES
from fte_alloc.questions.answer import Answer, Chart, Grid, Line, Page, Table
from fte_alloc.questions.cells import KINDS, Cell, Column, Content, Row
from fte_alloc.render.cell_formats import column_widths
from fte_alloc.render.data import data_heading, data_value, data_word
from fte_alloc.render.workbook_writer import SheetWriter, WorkbookWriter

#: Widths of the columns of a summary (names, figures, text), and least number of figures.
_NAMES, _FIGURES, _LEAST_FIGURES, _REST = 32.0, 18.0, 5, 30.0
#: Columns of the dictionary, with their widths.
_WIDTHS = {"sheet": 18, "column": 44, "meaning": 80, "unit": 22}
_DICTIONARY = [Column(key, width=width) for key, width in _WIDTHS.items()]
#: A label at the start of a line of a page, before two spaces or more.
_LABEL = re.compile(r"^(\S.*?) {2,}")


def workbook(answer: Answer) -> bytes:
    """The bytes of the workbook of an answer; equal answers give equal bytes."""
    book = WorkbookWriter(answer.title)
    tables = [b for b in answer.blocks if isinstance(b, Table) and b.book and not b.sheet]
    across = (sum(bool(column.span) for column in t.columns) - 1 for t in tables)
    figures = max([_LEAST_FIGURES, *across])
    summary = book.sheet(_("Summary"), [_NAMES, *[_FIGURES] * figures, _REST])
    holds = [(_sheet(book, made).name, made.sheet[1]) for made in answer.sheets if made.sheet]
    dictionary = book.sheet(_("Dictionary"), [c.width for c in _DICTIONARY])
    holds.append((dictionary.name, _("what every column means")))
    summary.sentence(book.title, "title")
    for line in (*answer.about, *(b for b in answer.blocks if isinstance(b, Line))):
        text = line.right or _labelled(line.text.strip())
        if text and line.tone != "head":
            is_claim = line.right or line.tone == "warn"
            summary.sentence(text, line.tone if is_claim else "plain")
    summary.row += 1
    rows: list[Row] = [{"sheet": Cell(name, style="link"), "holds": what} for name, what in holds]
    contents = Table(_("What is where"), [Column("sheet"), Column("holds", span=0)], rows)
    summary.blocks([*tables, contents])
    written = [*book.columns, *((dictionary.name, column) for column in _DICTIONARY)]
    meanings: list[Row] = [
        {"sheet": name, "column": c.heading, "meaning": c.meaning, "unit": _(KINDS[c.kind].unit)}
        for name, c in dict.fromkeys(written)
    ]
    dictionary.table(Table("", _DICTIONARY, meanings), main=True)
    return book.finish()


# -- any page --------------------------------------------------------------------------------------

#: A number as pages write it: sign, integer part, decimals, percent sign.
_SHOWN = re.compile(r"([+−-]?)(\d{1,3}(?:,\d{3})+|\d{1,3})(?:\.(\d+))?(%?)")
#: Kinds of cells, by whether numbers have a plus sign, their decimals, and a percent sign.
_SHOWN_KINDS = {
    (False, 0, ""): "contracts",
    (False, 1, ""): "tenths",
    (False, 2, ""): "fine",
    (True, 0, ""): "contracts_change",
    (True, 1, ""): "tenths_change",
    (True, 2, ""): "fine_change",
    (False, 1, "%"): "rate",
    (False, 2, "%"): "fine_rate",
}
_ENGLISH_MARKS = {0x202F: ",", 0xA0: None, ord(","): "."}
#: Least width of a sheet of sentences; least and greatest width of a column [characters].
_WIDE, _NARROW, _BROAD = 110.0, 11.0, 56.0


def page_workbook(page: Page, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """The bytes of a workbook with a page on one sheet and its data, as in CSV, on another."""
    blocks = [made for block in page for made in _for_sheet(block)]
    book = WorkbookWriter(next((block.text for block in blocks if isinstance(block, Line)), ""))
    across = [[c.width for c in block.columns] for block in blocks if isinstance(block, Table)]
    wide = [max(found) for found in zip_longest(*across, fillvalue=0.0)]
    book.sheet(_("Answer"), [*wide, max(_NARROW, _WIDE - sum(wide))]).blocks(blocks)
    data = [{key: data_value(data_word(key, row.get(key))) for key in columns} for row in rows]
    found = [_column(key, data_heading(key), [row[key] for row in data]) for key in columns]
    if columns:
        sheet = book.sheet(_("Data"), [column.width for column in found])
        sheet.table(Table("", found, data), main=True)
    return book.finish()


def _for_sheet(block: Line | Grid) -> list[Line | Table]:
    """A block of a page as lines or a table of a sheet; numbers of a grid become number cells."""
    if isinstance(block, Line):
        text = block.text.strip()
        if block.right:
            return [Line(text, "title"), Line(block.right, block.tone)]
        return [Line(_labelled(text), block.tone)]
    left = {*block.left_too, *block.fold}
    rows: list[Row] = [
        {str(j): text.rstrip() if j in left else _number(text) for j, text in enumerate(row)}
        for row in block.rows
    ]
    columns = [
        _column(str(j), heading, [row[j] for row in block.rows], "text" if j in left else "tenths")
        for j, heading in enumerate(block.headings)
    ]
    total = rows.pop() if block.total else None
    return [Table("", columns, rows, total)]


def _number(text: str) -> Content:
    """A text of a page as a number cell that displays alike, or the text if it is no number."""
    plain = text.strip()
    if language.in_force() != language.ENGLISH:
        plain = plain.translate(_ENGLISH_MARKS)
    found = _SHOWN.fullmatch(plain)
    sign, whole, decimals, percent = found.groups() if found else ("", "", "", "")
    kind = _SHOWN_KINDS.get((sign == "+", len(decimals or ""), percent))
    if not whole or not kind:
        return text.strip()
    value = float(f"{whole}.{decimals or 0}".replace(",", "")) / (100 if percent else 1)
    return Cell(-value if sign in ("-", "−") else value, kind=kind)


def _column(key: str, heading: str, values: Sequence[Content], kind: str = "") -> Column:
    """A column as wide as its texts and the words of its heading; an empty kind is set by them."""
    texts = [value for value in values if isinstance(value, str)]
    longest = max(map(len, (*heading.split(), *texts)), default=0)
    width = min(_BROAD, max(_NARROW, longest + 3.0))
    kind = kind or ("text" if any(texts) else "value")
    return Column("", kind, key=key, width=width, head=heading)


# -- a workbook to fill in -------------------------------------------------------------------------

#: Statuses offered for choice.
_STATUSES = ("published", "derived", "reported", "assumption")


def workbook_form(title: str, lines: Sequence[Line], tables: Sequence[Table]) -> bytes:
    """The bytes of a workbook to fill in: instructions, then its tables."""
    book = WorkbookWriter(title)
    first = book.sheet(_("Read me"), [110])
    first.sentence(book.title, "title")
    first.blocks(lines)
    for made in tables:
        sheet = _sheet(book, made)
        table = book.tables[made.name]
        if (column := table.at.get("status")) is not None:
            chosen = {"validate": "list", "source": [_(STATUS_NAMES[code]) for code in _STATUSES]}
            sheet.writer.data_validation(table.first, column, table.last, column, chosen)
    return book.finish()


def _sheet(book: WorkbookWriter, made: Table | Chart) -> SheetWriter:
    assert made.sheet is not None
    if isinstance(made, Chart):
        return _chart_sheet(book, made.sheet[0], made)
    sheet = book.sheet(made.sheet[0], column_widths(made.book_columns, made.rows))
    sheet.blocks(made.above)
    if made.book:
        sheet.table(made, main=True)
    sheet.blocks(made.below)
    return sheet


def _labelled(text: str) -> str:
    """A line of a page as a sentence: its label gets a capital letter and a colon."""
    sentence = _LABEL.sub(
        lambda label: _("{label}: ").format(label=label[1][:1].upper() + label[1][1:]), text
    )
    return re.sub(" {3,}", _("; "), sentence)


def _chart_sheet(book: WorkbookWriter, name: str, chart: Chart) -> SheetWriter:
    """A new sheet with a chart of a table already placed, printed on one page."""
    sheet, table = book.sheet(name, [12.0] * 9), book.tables[chart.table]
    sheet.writer.fit_to_pages(1, 1)
    drawn = book.writer.add_chart({"type": "bar", "subtype": "stacked"})
    for key, (series, colour) in chart.bars.items():
        if key in table.at:
            at = {"categories": f"={table.range('name')}", "values": f"={table.range(key)}"}
            drawn.add_series({"name": series, **at, "fill": {"color": colour}, "gap": 40})
    drawn.set_title({"name": chart.title, "name_font": {"size": 12}})
    drawn.set_y_axis({"reverse": True, "interval_unit": 1, "num_font": {"size": 9}})
    gridlines = {"visible": True, "line": {"color": "#D9D9D9"}}
    drawn.set_x_axis({"num_format": "#,##0", "major_gridlines": gridlines})
    drawn.set_size({"width": 800, "height": 140 + 20 * len(table.table.rows)})
    drawn.set_legend({"position": "bottom"})
    sheet.writer.insert_chart(0, 0, drawn, {"object_position": 2})
    return sheet
