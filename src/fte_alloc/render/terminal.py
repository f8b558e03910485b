"""Pages as plain text of at most 100 columns, in colours if a terminal shows them."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any, TextIO
from unicodedata import category, east_asian_width

import click

from fte_alloc.questions.answer import WIDTH, Grid, Line, Page

_FOLDED = 12  # a column that folds is never narrower
_HEADINGS = (16, 12, 10)  # long headings are broken to such widths, until the page is wide enough
_STYLES: dict[str, dict[str, Any]] = {
    "plain": {},
    "good": {"bold": True, "fg": "green"},
    "bad": {"bold": True, "fg": "red"},
    "warn": {"fg": "yellow"},
    "head": {"bold": True},
}


def print_page(page: Page, stream: TextIO | None = None) -> None:
    """Print a page."""
    stream = stream or sys.stdout
    is_terminal = getattr(stream, "isatty", bool)()  # a replaced stream may lack it
    width = min(WIDTH, shutil.get_terminal_size().columns) if is_terminal else WIDTH
    for block in page:
        lines = _sentence(block, width) if isinstance(block, Line) else _rows(block, width)
        for text, tone in lines:
            look = _STYLES[tone] if is_terminal else {}
            click.echo(click.style(text, **look) if look else text, stream)


def _sentence(line: Line, width: int) -> Iterator[tuple[str, str]]:
    """The text lines of a sentence, its right-hand part on the first of them if it fits."""
    gap = width - _cells(line.text) - _cells(line.right)
    if line.whole:
        yield line.text, line.tone
    elif line.right and gap >= 2:
        yield line.text + " " * gap + line.right, line.tone
    else:
        # Broken at spaces alone, so that an option or a path to paste stays whole.
        wrap = textwrap.TextWrapper(
            width, subsequent_indent=" " * 11, break_on_hyphens=False, break_long_words=False
        ).wrap
        parts = (wrap(line.text) or [""]), wrap(line.right)
        yield from ((text, "plain" if line.right else line.tone) for text in parts[0])
        yield from ((text, line.tone) for text in parts[1])


def _rows(grid: Grid, width: int) -> Iterator[tuple[str, str]]:
    """The lines of a grid; rather too wide than cut: a digit lost is a figure changed."""
    headings, widths = list(grid.headings), _widths(grid.headings, grid.rows)
    for most in _HEADINGS:
        broken = [_broken(heading, most) for heading in grid.headings]
        narrower = _widths(broken, grid.rows)
        if sum(narrower) < sum(widths) > width - len(widths) + 1:
            headings, widths = broken, narrower
    gap = 2 if sum(widths) + 2 * (len(widths) - 1) <= width else 1
    room = width - gap * (len(widths) - 1)
    while sum(widths) > room and (wide := [j for j in grid.fold if widths[j] > _FOLDED]):
        widths[max(wide, key=lambda j: widths[j])] -= 1
    high = max((heading.count("\n") for heading in headings), default=0)
    headings = ["\n" * (high - heading.count("\n")) + heading for heading in headings]
    rows = [(headings, "head")] if any(grid.headings) else []
    rows += [(list(row), "plain") for row in grid.rows]
    if grid.total:
        rows[-1] = (rows[-1][0], "head")
    for cells, tone in rows:
        columns = [
            list(_folded(cell, widths[j])) if j in grid.fold else cell.split("\n")
            for j, cell in enumerate(cells)
        ]
        for parts in zip_longest(*columns, fillvalue=""):
            line = ""
            for j, part in enumerate(parts):
                free = " " * (widths[j] - _cells(part))
                is_left = j < grid.left or j in grid.left_too
                line += (part + free if is_left else free + part) + " " * gap
            yield line.rstrip(), tone


def _folded(text: str, width: int) -> Iterator[str]:
    """A text on lines of a width, broken at spaces or, where there is none, anywhere."""
    for part in text.split("\n"):
        yield from textwrap.wrap(part, width, break_on_hyphens=False) or [""]


def _widths(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    return [
        max(_cells(part) for text in column for part in text.split("\n"))
        for column in zip(headings, *rows, strict=True)
    ]


def _cells(text: str) -> int:
    """How wide a text is on a terminal."""
    if text.isascii():
        return len(text)
    return sum((east_asian_width(c) in "WF") + (category(c) not in ("Mn", "Me")) for c in text)


def _broken(heading: str, most: int) -> str:
    """A long heading over several lines, broken at spaces or, where there is none, at hyphens."""
    hyphens = " " not in heading.strip()
    lines = textwrap.wrap(heading, most, break_long_words=False, break_on_hyphens=hyphens)
    return "\n".join(lines) if len(heading) > most else heading
