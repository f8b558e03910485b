"""The plan regretted least as a workbook: what it loses where, and its posts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fte_alloc import words
from fte_alloc.report.cells import Cell, Column, Row, number_of, summed
from fte_alloc.report.pages import Line
from fte_alloc.report.regret_page import regret_page
from fte_alloc.report.sheets import Book
from fte_alloc.report.workbook_inputs import fill_dictionary
from fte_alloc.report.workbook_territories import territories_name

_WIDTHS = [36.0, 18.0, 18.0, 18.0, 18.0, 18.0, 18.0, 18.0]


def regret_book(document: Mapping[str, Any]) -> bytes:
    """The workbook of ``regret``."""
    names = ", ".join(document["scenarios"])
    book = Book(words.REGRET_TITLE_NAMES.format(names=names))
    sheet = book.sheet(words.BOOK_SHEETS["summary"], _WIDTHS)
    sheet.sentence(book.title, "title")
    for block in regret_page(document):
        if isinstance(block, Line) and block.right:
            sheet.sentence(block.right, "good")
        elif isinstance(block, Line) and block.text and block.tone != "head":
            sheet.sentence(" ".join(block.text.split()))
    sheet.row += 1
    sheet.sentence(words.REGRET_GRID, "section")
    sheet.table(
        [
            Column("world"),
            Column("world_best", "contracts"),
            Column("world_value", "contracts"),
            Column("world_regret", "contracts"),
        ],
        [
            {
                "world": name,
                "world_best": by["optimum"],
                "world_value": by["value"],
                "world_regret": Cell(by["regret"], "{world_best}-{world_value}"),
            }
            for name, by in document["by_scenario"].items()
        ],
    )
    _posts(book, document)
    dictionary = book.sheet(words.BOOK_SHEETS["dictionary"], [24.0, 30.0, 80.0, 24.0])
    fill_dictionary(dictionary, [])
    return book.finish()


def _posts(book: Book, document: Mapping[str, Any]) -> None:
    """Every post, a line each, and their sums."""
    sheet = book.sheet(territories_name(document["territory"]), [10.0, 30.0, *[16.0] * 6])
    counted = ("posts_existing", "posts_committed", "posts_new", "total")
    columns = [
        Column("code", "code"),
        Column("name"),
        Column("role"),
        Column("year", "year"),
        *(Column(key, "fte") for key in counted),
    ]
    rows: list[Row] = []
    for post in document["posts"]:
        parts = [post[key] for key in ("existing_fte", "committed_fte", "new_fte")]
        rows.append(
            {
                "code": post["territory"],
                "name": post["name"],
                "role": words.BOOK_ROLES[post["role"]],
                "year": post["year"],
                **dict(zip(counted, parts, strict=False)),
                "total": Cell(
                    parts[0] + parts[1] + parts[2],
                    "{posts_existing}+{posts_committed}+{posts_new}",
                ),
            }
        )
    several = len(document["years"]) > 1
    total: Row = (
        {}
        if several
        else {key: summed(sum(number_of(row, key) for row in rows)) for key in counted}
    )
    sheet.table(columns, rows, total={"name": words.COUNTRY, **total} if total else None, main=True)
