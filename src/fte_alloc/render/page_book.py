"""Any page as a workbook: what it says on one sheet, the rows of its data on another."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from fte_alloc import language
from fte_alloc.language import _
from fte_alloc.questions.answer import Grid, Line, Page, Table
from fte_alloc.questions.cells import Cell, Column, Content, Row
from fte_alloc.questions.wording import data_heading, data_word
from fte_alloc.render.data import NUMBER
from fte_alloc.render.workbook import labelled
from fte_alloc.render.xlsx import Book

#: A number as pages write it: sign, whole part, decimals, percent.
_SHOWN = re.compile(r"([+−-]?)(\d{1,3}(?:,\d{3})+|\d{1,3})(?:\.(\d+))?(%?)")
#: Kinds of cells by whether numbers have a plus, by their decimals and percent.
_KINDS = {
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
#: Characters that a sheet of sentences is wide, at least, and a column at most.
_WIDE, _WIDEST = 110.0, 56


def page_workbook(page: Page, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """The file; the same page and rows give the same bytes.

    columns, rows : of the data, as of CSV
    """
    title = next((block.text.strip() for block in page if isinstance(block, Line)), "")
    tables = {n: _table(block) for n, block in enumerate(page) if isinstance(block, Grid)}
    across = [[column.width for column in table.columns] for table in tables.values()]
    wide = [max(found) for found in zip_longest(*across, fillvalue=0.0)]
    book = Book(title)
    sheet = book.sheet(_("Answer"), [*wide, max(9.0, _WIDE - sum(wide))])
    for n, block in enumerate(page):
        if isinstance(block, Grid):
            sheet.table(tables[n])
        elif block.right:
            sheet.sentence(block.text.strip(), "title")
            sheet.sentence(block.right, block.tone)
        else:
            sheet.blocks([Line(labelled(block.text.strip()), block.tone)])
    data = [{key: _read(data_word(key, row.get(key))) for key in columns} for row in rows]
    table = Table("", [_column(key, [row[key] for row in data]) for key in columns], data)
    if columns:
        book.sheet(_("Data"), [c.width for c in table.columns]).table(table, main=True)
    return book.finish()


def _table(grid: Grid) -> Table:
    """A grid as a table, its numbers as numbers, shown as they were."""
    left, columns = {*range(grid.left), *grid.left_too, *grid.fold}, []
    for j, heading in enumerate(grid.headings):
        words = heading.split() if heading else []
        longest = max(map(len, (*words, *(row[j] for row in grid.rows))), default=0)
        kind, width = "text" if j in left else "tenths", min(_WIDEST, max(9.0, longest + 3.0))
        columns.append(Column("", kind, key=str(j), width=width, head=heading))
    rows: list[Row] = [
        {str(j): text.rstrip() if j in left else _number(text) for j, text in enumerate(row)}
        for row in grid.rows
    ]
    total = rows.pop() if grid.total else None
    return Table("", columns, rows, total)


def _number(text: str) -> Content:
    """A text of a page as a number that shows the same; itself where none does."""
    plain = text.strip()
    if language.in_force() != language.ENGLISH:
        plain = plain.translate(_ENGLISH_MARKS)
    found = _SHOWN.fullmatch(plain)
    sign, whole, decimals, percent = found.groups() if found else ("", "", "", "")
    kind = _KINDS.get((sign == "+", len(decimals or ""), percent))
    if not whole or not kind:
        return text.strip()
    value = float(f"{whole}.{decimals or 0}".replace(",", "")) / (100 if percent else 1)
    return Cell(-value if sign in ("-", "−") else value, kind=kind)


def _read(value: Any) -> Content:
    """A value of the data for a cell: lists as JSON, numbers in texts as numbers."""
    if isinstance(value, list | tuple):
        return json.dumps(value, ensure_ascii=False)
    return float(value) if isinstance(value, str) and NUMBER.fullmatch(value) else value


def _column(key: str, values: Sequence[Content]) -> Column:
    """A column of the data, of numbers or of texts."""
    heading = data_heading(key)
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    kind = "text" if longest else "value"
    width = min(_WIDEST, max(11.0, longest + 3.0, *(len(word) + 3.0 for word in heading.split())))
    return Column("", kind, key=key, width=width, head=heading)
