"""What a page is made of: sentences and grids, whatever they are printed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Line:
    """A sentence; ``tone`` is ``plain``, ``good``, ``bad``, ``warn`` or ``head``."""

    text: str
    tone: str = "plain"
    right: str = ""  # at the right-hand edge of the same line
    whole: bool = False  # never broken: a command to paste


@dataclass(frozen=True)
class Grid:
    """Rows under headings; all but the first *left* columns are aligned to the right.

    headings : one a column; all empty: none are shown
    left_too : further columns aligned to the left, by index
    fold : columns that may take several lines where the page is too narrow
    total : whether the last row sums up the others
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: int = 1
    left_too: Sequence[int] = field(default=())
    fold: Sequence[int] = field(default=())
    total: bool = False


Page = list[Line | Grid]


def markdown(page: Page) -> str:
    """A page for notes: paragraphs and pipe tables."""
    out: list[str] = []
    for block in page:
        if isinstance(block, Line):
            text = " ".join(part for part in (block.text, block.right) if part)
            if block.tone == "head":
                text = f"## {text}"
            out += [_escaped(text), ""] if text.strip() else [""]
            continue
        ends = [
            "---" if j < block.left or j in block.left_too else "---:"
            for j in range(len(block.headings))
        ]
        lines = [list(block.headings), ends, *[list(row) for row in block.rows]]
        out += ["| " + " | ".join(_escaped(cell) for cell in row) + " |" for row in lines] + [""]
    while out and not out[-1]:
        out.pop()
    return "\n".join(out) + "\n"


def _escaped(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split("\n")).strip()
