"""An answer as a workbook: a summary first, then its sheets, the meaning of every column last."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fte_alloc.language import N_, _
from fte_alloc.names import BOOK_UNITS
from fte_alloc.questions.answer import Answer, Chart, Line, Table
from fte_alloc.questions.cells import Cell, Column, Row, widths
from fte_alloc.render.charts import chart_sheet
from fte_alloc.render.xlsx import Book, Sheet, of_book

BOOK_HOLDS = {
    "summary": N_("the plan in figures, and what is proved of it"),
    "territories": N_("posts, contracts, money and what stands in the way, line by line"),
    "chart": N_("new posts, line by line, as bars"),
    "buyers": N_("effort and contracts covered, by kind of buyer"),
    "contracts": N_("contracts covered, plan by plan"),
    "posts": N_("new posts of both roles, plan by plan"),
    "safe_posts": N_("posts of this plan, line by line, beside those of the best plans"),
    "safe_chart": N_("new posts of this plan as columns, those of the best plans as marks"),
    "limits": N_("what a little more of each limit would bring"),
    "why": N_("what makes the difference between two plans"),
    "cross": N_("every plan judged under the inputs of every other"),
    "assumptions": N_("every input, with its source and status"),
    "dictionary": N_("what every column means"),
}

#: Columns of a summary: names, at least so many of figures, text.
_NAMES, _FIGURES, _LEAST_FIGURES, _REST = 32.0, 18.0, 5, 30.0
#: A label at the start of a line of a page.
_LABEL = re.compile(r"^(\S.*?) {2,}")


def workbook(answer: Answer) -> bytes:
    """The file; the same answer gives the same bytes."""
    book = Book(answer.title)
    tables = [b for b in answer.blocks if isinstance(b, Table) and b.book and not b.sheet]
    across = (sum(bool(column.span) for column in t.columns) - 1 for t in tables)
    figures = max([_LEAST_FIGURES, *across])
    summary = book.sheet(_("Summary"), [_NAMES, *[_FIGURES] * figures, _REST])
    holds = [(_sheet(book, made).name, made.sheet[1]) for made in answer.sheets if made.sheet]
    dictionary = book.sheet(_("Dictionary"), [c.width for c in _DICTIONARY])
    holds.append((dictionary.name, "dictionary"))
    summary.sentence(book.title, "title")
    lines = (block for block in answer.blocks if isinstance(block, Line))
    for line in (line for line in (*answer.about, *lines) if line.tone != "head"):
        if text := line.right or _labelled(line.text):
            is_claim = bool(line.right) or line.tone == "warn"
            summary.sentence(text, line.tone if is_claim else "plain")
    summary.row += 1
    for table in (*tables, _contents(holds)):
        summary.sentence(table.title, "section")
        summary.table(table)
    summary.fit_on_one_page()
    _fill(dictionary, answer)
    return book.finish()


def _sheet(book: Book, made: Table | Chart) -> Sheet:
    """The sheet that a table or a chart has for itself."""
    assert made.sheet is not None
    if isinstance(made, Chart):
        return chart_sheet(book, made.sheet[0], made)
    sheet = book.sheet(made.sheet[0], made.widths or widths(of_book(made), made.rows))
    sheet.blocks(made.above)
    if made.book:
        sheet.table(made, main=True)
    sheet.blocks(made.below)
    return sheet


def _labelled(text: str) -> str:
    """A line of a page as a sentence: a label before blanks gets a capital, and a colon after."""
    return _LABEL.sub(
        lambda label: _("{label}: ").format(label=label[1][:1].upper() + label[1][1:]), text
    )


def _contents(holds: Sequence[tuple[str, str]]) -> Table:
    """The sheets of the workbook and what they hold, with links.

    holds : of each sheet its name, and its entry in ``BOOK_HOLDS``
    """
    rows: list[Row] = [
        {"sheet": Cell(n, style="link"), "holds": _(BOOK_HOLDS[what])} for n, what in holds
    ]
    return Table(_("What is where"), [Column("sheet"), Column("holds", span=0)], rows)


#: What is said of a column.
_DICTIONARY = (
    Column("sheet", width=18),
    Column("column", width=44),
    Column("meaning", width=80),
    Column("unit", width=22),
)


def _fill(sheet: Sheet, answer: Answer) -> None:
    """Write the dictionary: the meaning of every column of every sheet, and of keys of inputs."""
    written = [*sheet.book.columns, *((sheet.name, column) for column in _DICTIONARY)]
    rows: list[Row] = [
        {
            "sheet": name,
            "column": column.heading,
            "meaning": column.meaning,
            "unit": _(BOOK_UNITS.get(column.kind, "")),
        }
        for name, column in dict.fromkeys(written)
    ]
    sheet.table(Table("", _DICTIONARY, rows), main=True)
    sheet.blocks(answer.dictionary)
