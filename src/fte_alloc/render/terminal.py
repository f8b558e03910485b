"""Pages as plain text of at most 100 columns, in colours if a terminal shows them."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Sequence
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fte_alloc.questions.answer import WIDTH, Grid, Line, Page

_FOLDED = 12  # a column that folds is never narrower
_HEADINGS = (16, 12, 10)  # long headings are broken to such widths, until the page is wide enough
_STYLES = {"plain": "", "good": "bold green", "bad": "bold red", "warn": "yellow", "head": "bold"}


def print_page(page: Page, stream: TextIO | None = None) -> None:
    """Print a page on a stream, in colours if that is a terminal."""
    stream = stream or sys.stdout
    is_terminal = getattr(stream, "isatty", bool)()  # a replaced stream may lack it
    console = Console(
        file=stream,  # never elsewhere, whatever FORCE_COLOR or a notebook request
        force_terminal=is_terminal,
        force_jupyter=False,
        highlight=False,
        soft_wrap=False,
        emoji=False,
        markup=False,
    )
    width = min(WIDTH, console.width) if is_terminal else WIDTH
    for block in page:
        console.width = width
        lines = _line(block, width) if isinstance(block, Line) else _grid_lines(block, console)
        for line in lines:
            console.print(line, soft_wrap=True)


def _line(line: Line, width: int) -> list[Text]:
    """The text lines of a sentence, its right-hand part on the first of them if it fits."""
    style = _STYLES[line.tone]
    if line.whole:
        return [Text(line.text, style=style)]
    if line.right:
        gap = width - cell_len(line.text) - cell_len(line.right)
        if gap >= 2:
            return [Text.assemble(line.text, " " * gap, (line.right, style))]
        parts = [(line.text, ""), (line.right, style)]
    else:
        parts = [(line.text, style)]
    return [Text(row, style=tone) for text, tone in parts for row in _wrapped(text, width)]


def _wrapped(text: str, width: int) -> list[str]:
    """A text broken at spaces only, so that options and paths can be copied."""
    wrapper = textwrap.TextWrapper(
        width, subsequent_indent=" " * 11, break_on_hyphens=False, break_long_words=False
    )
    return wrapper.wrap(text) or [""]


def _grid_lines(grid: Grid, console: Console) -> list[Text]:
    """The text lines of a grid, without trailing spaces."""
    headings, widths = list(grid.headings), _widths(grid.headings, grid.rows)
    for most in _HEADINGS:
        broken = [_broken(heading, most) for heading in grid.headings]
        narrower = _widths(broken, grid.rows)
        if sum(narrower) < sum(widths) > console.width - len(widths) + 1:
            headings, widths = broken, narrower
    least = [min(w, _FOLDED) if j in grid.fold else w for j, w in enumerate(widths)]
    # A table too wide is better than a figure cut.
    console.width = max(console.width, sum(least) + len(least) - 1)
    gap = 2 if sum(widths) + 2 * (len(widths) - 1) <= console.width else 1
    table = Table(
        box=None,
        padding=(0, gap, 0, 0),
        pad_edge=False,
        header_style="bold",
        show_header=any(headings),
    )
    for j, heading in enumerate(headings):
        table.add_column(
            heading,
            justify="left" if j in grid.left_too else "right",
            overflow="fold",
            vertical="top",
            no_wrap=j not in grid.fold,
            min_width=least[j],
        )
    for number, row in enumerate(grid.rows):
        last = grid.total and number == len(grid.rows) - 1
        table.add_row(*row, style="bold" if last else None)
    lines = []
    for segments in console.render_lines(table, pad=False):
        lines.append(Text.assemble(*((one.text, one.style or "") for one in segments)))
        lines[-1].rstrip()
    return lines


def _widths(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    return [
        max(cell_len(part) for text in column for part in text.split("\n"))
        for column in zip(headings, *rows, strict=True)
    ]


def _broken(heading: str, most: int) -> str:
    """A long heading over several lines, broken at spaces or, where there is none, at hyphens."""
    hyphens = " " not in heading.strip()
    lines = textwrap.wrap(heading, most, break_long_words=False, break_on_hyphens=hyphens)
    return "\n".join(lines) if len(heading) > most else heading
