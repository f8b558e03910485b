"""What a question answers: sentences, and tables of typed columns, for pages and workbooks alike.

A figure that follows from others is a ``Cell``: it has its value, for pages, and its formula, for
the workbook. Nothing here knows a question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fte_alloc import words
from fte_alloc.report import cells
from fte_alloc.report import numbers as show
from fte_alloc.report.cells import Cell, Content, Row, value_of, widths
from fte_alloc.report.pages import Grid, Line, Page
from fte_alloc.report.sheets import Book, Sheet
from fte_alloc.report.workbook_inputs import contents, dictionary_sheet, fill_dictionary

#: How a page writes each kind of figure; a workbook has the formats of ``cells.KINDS``.
WRITTEN: Mapping[str, Callable[[float], str]] = {
    "fte": show.fte,
    "fte_change": show.fte_change,
    "contracts": show.count,
    "contracts_change": show.count_change,
    "tenths": lambda value: show.count(value, 1),
    "weighted": lambda value: show.count(value, 1),
    "eur": show.count,
    "eur_change": show.count_change,
    "rate": show.rate,
    "points": show.fte_change,
    "fine_rate": lambda value: show.rate(value, 3),
    "whole": show.count,
    "year": str,
}
#: Columns of a summary: names, at least so many of figures, text.
_NAMES, _FIGURES, _LEAST_FIGURES, _REST = 32.0, 18.0, 5, 30.0
#: A label at the start of a line of a page.
_LABEL = re.compile(r"^(\S.*?) {2,}")


@dataclass(frozen=True)
class Column(cells.Column):
    """One column of an answer.

    page : its heading on a page; None: it stands in the workbook alone
    book : whether it stands in the workbook
    none : what a page says where there is no figure
    """

    page: str | None = None
    book: bool = True
    none: str = ""


@dataclass(frozen=True)
class Table:
    """Rows under typed columns.

    name : what formulas of other tables call it
    total : the last row, which sums up the others
    sheet : the sheet of the workbook it has for itself and what that holds, an entry of
        ``words.BOOK_HOLDS``; None: it stands in the summary
    page, book : whether it stands on a page, in a workbook
    rules : how columns are highlighted: a rule of ``formats`` and the keys of the columns
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

    def grid(self) -> Grid:
        """The table on a page."""
        shown = [column for column in self.columns if column.page is not None]
        rows = [[_text(column, row.get(column.id)) for column in shown] for row in self.rows]
        if self.total is not None:
            rows.append([_text(column, self.total.get(column.id, "")) for column in shown])
        return Grid([column.page or "" for column in shown], rows, total=self.total is not None)

    def write(self, sheet: Sheet, *, main: bool = False) -> None:
        """Write the table into a sheet of a workbook."""
        columns = [column for column in self.columns if column.book]
        rest = sheet.across - sum(column.span for column in columns)
        columns = [c if c.span else replace(c, span=rest) for c in columns]
        placed = sheet.table(columns, self.rows, total=self.total, main=main, name=self.name)
        for rule, keys in self.rules:
            figures = (value_of(row.get(key)) for row in self.rows for key in keys)
            most = max((abs(f) for f in figures if isinstance(f, float)), default=0.0)
            if most > 0:
                sheet.highlight(placed, rule(most), *keys)


def _text(column: Column, content: Content) -> str:
    """A cell as a page writes it."""
    value = value_of(content)
    if value is None or isinstance(value, str):
        return column.none if value is None else value
    kind = content.kind if isinstance(content, Cell) and content.kind else column.kind
    return WRITTEN[kind](value)


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
        figures = max([_LEAST_FIGURES, *(len(t.columns) - 1 for t in tables)])
        summary = book.sheet(words.BOOK_SHEETS["summary"], [_NAMES, *[_FIGURES] * figures, _REST])
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
        parts.append((words.BOOK_CONTENTS, lambda sheet: contents(sheet, holds)))
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
    name, holds = made.sheet
    sheet = book.sheet(name, widths([c for c in made.columns if c.book], made.rows))
    made.write(sheet, main=True)
    return sheet.name, holds


def _labelled(text: str) -> str:
    """A line of a page as a sentence: a label before blanks gets a capital, and a colon after."""
    return _LABEL.sub(
        lambda label: words.BOOK_LABEL.format(label=label[1][:1].upper() + label[1][1:]), text
    )
