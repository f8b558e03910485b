"""What a question answers: sentences, and tables of typed columns, for pages and workbooks alike.

A figure that follows from others is a ``Cell``: it has its value, for pages, and its formula, for
the workbook. Nothing here knows a question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fte_alloc.language import N_, _
from fte_alloc.names import BOOK_UNITS
from fte_alloc.questions.cells import KINDS, Cell, Content, Row, value_of, widths
from fte_alloc.questions.cells import Column as Column
from fte_alloc.questions.pages import Grid, Line, Page
from fte_alloc.questions.wording import unit_of
from fte_alloc.render.xlsx import Book, Sheet

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


@dataclass(frozen=True)
class Table:
    """Rows under typed columns.

    name : what formulas of other tables call it
    total : the last row, which sums up the others
    sheet : the sheet of the workbook it has for itself and what that holds, an entry of
        ``BOOK_HOLDS``; None: it stands in the summary
    page, book : whether it stands on a page, in a workbook
    rules : how columns are highlighted: a rule of ``formats`` and the keys of the columns
    keys : of the rows, for formulas that name another row
    at : its first column in a sheet
    above, below : what else its sheet has: sentences, a line without text for a free row; tables
        with their titles
    note : a sentence under it, in a sheet
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    total: Row | None = None
    name: str = ""
    sheet: tuple[str, str] | None = None
    page: bool = True
    book: bool = True
    rules: Sequence[tuple[Callable[[float], dict[str, Any]], Sequence[str]]] = ()
    keys: Sequence[str] = ()
    at: int = 0
    above: Sequence[Line] = ()
    below: Sequence[Line | Table] = ()
    note: str = ""

    def grid(self) -> Grid:
        """The table on a page."""
        shown = [column for column in self.columns if column.page is not None]
        rows = [[_text(column, row.get(column.id)) for column in shown] for row in self.rows]
        if self.total is not None:
            rows.append([_text(column, self.total.get(column.id, "")) for column in shown])
        return Grid(
            [column.page or "" for column in shown],
            rows,
            left_too=[j for j, column in enumerate(shown) if column.left or column.fold],
            fold=[j for j, column in enumerate(shown) if column.fold],
            total=self.total is not None,
        )

    def write(self, sheet: Sheet, *, main: bool = False) -> None:
        """Write the table into a sheet of a workbook."""
        columns = [column for column in self.columns if column.book]
        rest = max(1, sheet.across - self.at - sum(column.span for column in columns))
        columns = [replace(column, span=column.span or rest) for column in columns]
        placed = sheet.table(
            columns,
            self.rows,
            total=self.total,
            keys=self.keys,
            at=self.at,
            main=main,
            name=self.name,
        )
        for rule, keys in self.rules:
            figures = (value_of(row.get(key)) for row in self.rows for key in keys)
            most = max((abs(f) for f in figures if isinstance(f, float)), default=0.0)
            if most > 0:
                sheet.highlight(placed, rule(most), *keys)
        if self.note:
            sheet.row -= 1
            sheet.sentence(self.note, at=self.at)

    def write_sheet(self, book: Book) -> Sheet:
        """Write the sheet that the table has for itself."""
        assert self.sheet is not None
        columns = [column for column in self.columns if column.book]
        sheet = book.sheet(self.sheet[0], widths(columns, self.rows))
        _blocks(sheet, self.above)
        if self.book:
            self.write(sheet, main=True)
        _blocks(sheet, self.below)
        return sheet


def _blocks(sheet: Sheet, blocks: Sequence[Line | Table]) -> None:
    """Write sentences, headings, free rows and tables with their titles into a sheet."""
    for block in blocks:
        if isinstance(block, Table):
            if block.title:
                sheet.sentence(block.title, "section", at=block.at)
            block.write(sheet)
        elif block.text:
            sheet.sentence(block.text, "section" if block.tone == "head" else block.tone)
        else:
            sheet.row += 1


def _text(column: Column, content: Content) -> str:
    """A cell as a page writes it."""
    value = value_of(content)
    if value is None or isinstance(value, str):
        return column.none if value is None else value
    kind = content.kind if isinstance(content, Cell) and content.kind else column.kind
    return KINDS[kind].written(value)


#: Writes part of a summary that no page has.
Part = Callable[[Sheet], None]
#: Makes a sheet of a workbook, once its tables are written.
MakeSheet = Callable[[Book], Sheet]


@dataclass(frozen=True)
class Answer:
    """All that is said, in order; a page among the blocks stands on pages alone.

    title : of the workbook
    about : what the summary of the workbook begins with, and no page has
    sheets : of the workbook behind its summary, in order: tables, and what makes other sheets with
        what these hold
    parts : titles of what else the summary has, and what writes it
    inputs : documents whose inputs the dictionary explains
    """

    title: str
    blocks: Sequence[Line | Grid | Table | Page]
    about: Sequence[Line] = ()
    sheets: Sequence[Table | tuple[MakeSheet, str]] = field(default=())
    parts: Sequence[tuple[str, Part]] = field(default=())
    inputs: Sequence[Mapping[str, Any]] = field(default=())

    def page(self) -> Page:
        """The answer for a terminal and for notes."""
        found: Page = []
        for block in self.blocks:
            if isinstance(block, list):
                found += block
            elif not isinstance(block, Table):
                found.append(block)
            elif block.page:
                found += [Line(block.title, "head")] if block.title else []
                found.append(block.grid())
        return found

    def book(self) -> bytes:
        """The answer as a workbook: a summary first, the meaning of every column last."""
        book = Book(self.title)
        tables = [b for b in self.blocks if isinstance(b, Table) and b.book and not b.sheet]
        across = (sum(bool(column.span) for column in t.columns) - 1 for t in tables)
        figures = max([_LEAST_FIGURES, *across])
        summary = book.sheet(_("Summary"), [_NAMES, *[_FIGURES] * figures, _REST])
        holds = [_sheet(book, made) for made in self.sheets]
        dictionary = dictionary_sheet(book)
        holds.append((dictionary.name, "dictionary"))
        summary.sentence(book.title, "title")
        lines = (block for block in self.blocks if isinstance(block, Line))
        for line in (line for line in (*self.about, *lines) if line.tone != "head"):
            if text := line.right or _labelled(line.text):
                is_claim = bool(line.right) or line.tone == "warn"
                summary.sentence(text, line.tone if is_claim else "plain")
        summary.row += 1
        parts = [*((t.title, t.write) for t in tables), *self.parts]
        parts.append((_("What is where"), lambda sheet: contents(sheet, holds)))
        for title, write in parts:
            summary.sentence(title, "section")
            write(summary)
        summary.fit_on_one_page()
        fill_dictionary(dictionary, self.inputs)
        return book.finish()


def _sheet(book: Book, made: Table | tuple[MakeSheet, str]) -> tuple[str, str]:
    """A sheet written: its name, and what it holds."""
    if not isinstance(made, Table):
        make, holds = made
        return make(book).name, holds
    assert made.sheet is not None
    return made.write_sheet(book).name, made.sheet[1]


def _labelled(text: str) -> str:
    """A line of a page as a sentence: a label before blanks gets a capital, and a colon after."""
    return _LABEL.sub(
        lambda label: _("{label}: ").format(label=label[1][:1].upper() + label[1][1:]), text
    )


# -- what every workbook says of itself ------------------------------------------------------------


def contents(sheet: Sheet, holds: Sequence[tuple[str, str]]) -> None:
    """The sheets of the workbook and what they hold, with links.

    holds : of each sheet its name, and its entry in ``BOOK_HOLDS``
    """
    rows: list[Row] = [
        {"sheet": Cell(n, style="link"), "holds": _(BOOK_HOLDS[what])} for n, what in holds
    ]
    Table("", [Column("sheet"), Column("holds", span=0)], rows).write(sheet)


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
    return book.sheet(_("Dictionary"), widths(dictionary_columns(), ()))


def fill_dictionary(sheet: Sheet, documents: Iterable[Mapping[str, Any]]) -> None:
    """What every column of every sheet means, and every key of an input."""
    from fte_alloc.inputs.schema import find

    columns = dictionary_columns()
    written = [*sheet.book.columns, *((sheet.name, column) for column in columns)]
    rows: list[Row] = [
        {
            "sheet": name,
            "column": column.heading,
            "meaning": column.meaning,
            "unit": _(BOOK_UNITS.get(column.kind, "")),
        }
        for name, column in dict.fromkeys(written)
    ]
    Table("", columns, rows).write(sheet, main=True)
    parameters = dict.fromkeys(
        parameter
        for document in documents
        for key in document.get("inputs", {}).get("values", {})
        if key != "title" and (parameter := find(tuple(key.split("."))))
    )
    if parameters:
        keys = [{"key": p.key, "meaning": p.text, "unit": unit_of(p.unit)} for p in parameters]
        said = [Column("key"), Column("meaning"), Column("unit")]
        _blocks(sheet, [Line(_("Keys of inputs"), "head"), Table("", said, keys, at=1)])
