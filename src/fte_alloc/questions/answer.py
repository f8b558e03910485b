"""What a question answers: sentences, tables of typed columns and charts, on paper anywhere.

A figure that follows from others is a ``Cell``: it has its value, for pages, and its formula, for
the workbook. Nothing here knows a question, nor how an answer is printed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from fte_alloc.numbers import rounded
from fte_alloc.questions.cells import KINDS, Cell, Column, Content, Row, value_of
from fte_alloc.shown import Drawing
from fte_alloc.texts import visible

#: Characters on a line of a page.
WIDTH = 100


@dataclass(frozen=True)
class Line:
    """A sentence; ``tone`` is ``plain``, ``good``, ``bad``, ``warn`` or ``head``."""

    text: str
    tone: str = "plain"
    right: str = ""  # at the right-hand edge of the same line
    whole: bool = False  # never broken: a command to paste
    name: str = ""  # of the sentence among those of a document

    def __post_init__(self) -> None:
        for name in ("text", "right"):
            object.__setattr__(self, name, visible(getattr(self, name)))


@dataclass(frozen=True)
class Grid:
    """Rows under headings; all but the first *left* columns are aligned to the right.

    headings : one a column; all empty: none are shown
    left_too : further columns aligned to the left, by index
    fold : columns that may take several lines where the page is too narrow
    total : whether the last row sums up the others
    name : of the table among those of a document
    columns, keys : names of its columns and of its rows, where others speak of its cells
    links : the anchor that each row leads to, or nothing
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: int = 1
    left_too: Sequence[int] = field(default=())
    fold: Sequence[int] = field(default=())
    total: bool = False
    name: str = ""
    columns: Sequence[str] = ()
    keys: Sequence[str] = ()
    links: Sequence[str] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "headings", [visible(text) for text in self.headings])
        rows = [[visible(text) for text in row] for row in self.rows]
        object.__setattr__(self, "rows", rows)


Page = list[Line | Grid]


@dataclass(frozen=True)
class Table:
    """Rows under typed columns.

    name : what formulas of other tables call it
    total : the last row, which sums up the others
    sheet : name of the sheet of the workbook it has for itself, and what that holds; None: it
        stands in the summary
    page, book : whether it stands on a page, in a workbook
    rules : ``bar`` or ``shade``, and the keys of the columns highlighted by it
    marks : styles, the keys of the columns that have them, and the formula that holds in their rows
    locked : whether its sheet is protected, but for cells with an entry; without a password
    keys : of the rows, for formulas that name another row
    at : its first column in a sheet
    above, below : what else its sheet has: sentences, a line without text for a free row; tables
        with their titles
    widths : of the columns of its sheet, in characters, where its own columns do not give them
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    total: Row | None = None
    name: str = ""
    sheet: tuple[str, str] | None = None
    page: bool = True
    book: bool = True
    rules: Sequence[tuple[str, Sequence[str]]] = ()
    marks: Sequence[tuple[str, Sequence[str], str]] = ()
    locked: bool = False
    keys: Sequence[str] = ()
    at: int = 0
    above: Sequence[Line | Table] = ()
    below: Sequence[Line | Table] = ()
    widths: Sequence[float] = ()

    @property
    def book_columns(self) -> list[Column]:
        """The columns that it has in a workbook."""
        return [column for column in self.columns if column.book]

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
            columns=[column.id for column in shown],
        )


def _text(column: Column, content: Content) -> str:
    """A cell as a page writes it."""
    value = value_of(content)
    if value is None or isinstance(value, str):
        return column.none if value is None else value
    kind = content.kind if isinstance(content, Cell) and content.kind else column.kind
    return KINDS[kind].written(value)


@dataclass(frozen=True)
class Chart:
    """A chart of a workbook, on a sheet of its own: stacked bars, or columns with marks.

    title : above it
    sheet : its name and what it holds, as of ``Table``
    table : the name of the table whose rows it shows
    bars : name and colour of each series of bars, by the key of its column
    marks : name of each series of marks, by the key of its column; none: the bars lie
    """

    title: str
    sheet: tuple[str, str]
    table: str
    bars: Mapping[str, tuple[str, str]]
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Axis:
    """An axis of a plot.

    values : of the points, rates in percent
    more_is_better : whether plans get better with the values
    bound : of the curve that no plan passes, where that is not a line through the points
    """

    label: str
    values: Sequence[float]
    more_is_better: bool
    bound: Sequence[float] = ()

    @property
    def curve(self) -> Sequence[float]:
        """Values along the curve that no plan passes."""
        return self.bound or self.values


@dataclass(frozen=True, repr=False)
class Plot(Drawing):
    """A curve beyond which nothing lies.

    across, up : its axes; None where there is nothing to draw
    tips : what each point says
    named : points with a name, by their place in the order of the curve
    beyond : what stands in the region beyond the curve
    """

    name = "chart"

    across: Axis | None = None
    up: Axis | None = None
    tips: Sequence[str] = ()
    named: Mapping[int, str] = field(default_factory=dict)
    beyond: str = ""


@dataclass(frozen=True, repr=False)
class Bars(Drawing):
    """Bars that lie and start at 0, a group a place, their figures beside them.

    name : of the picture among those of a document
    values : figures by place, of every series or panel, by its name
    kind : of the figures, a key of ``KINDS``
    labels, links : name and anchor of places
    """

    name: str
    values: Mapping[str, Mapping[str, float | None]]
    kind: str
    labels: Mapping[str, str]
    links: Mapping[str, str]

    def written(self, value: float | None) -> str:
        """A figure as the picture has it."""
        return "–" if value is None else KINDS[self.kind].written(value)


@dataclass(frozen=True, repr=False)
class Map(Bars):
    """The same on a map: places in shades, a panel beside the other.

    limits : between the shades, ascending; a figure on a limit, as shown, is above it
    size : of a panel, across and down, in the units of the outlines
    outlines : path and transform as SVG has them, where the figure is written across and down
    """

    limits: Sequence[float] = ()
    size: tuple[float, float] = (0.0, 0.0)
    outlines: Mapping[str, tuple[str, str, float, float]] = field(default_factory=dict)

    def shade(self, value: float) -> int:
        """Which shade a figure has, from 0."""
        kind = KINDS[self.kind]
        shown = [rounded(one, kind.digits, kind.shift) for one in (value, *self.limits)]
        return bisect_right(shown[1:], shown[0])


@dataclass(frozen=True)
class Sliders:
    """Inputs to be moved on a page, and the plan of every combination of their values.

    labels, values : of each input, in words
    base, own : which value of each is the page's own; what moves, as it is there, the title first
    positions : for every combination, the values of the last input in turn first, why there is no
        plan, or else what moves as it is there
    """

    labels: Sequence[str]
    values: Sequence[Sequence[str]]
    base: Sequence[int]
    own: Sequence[Block]
    positions: Callable[[], Iterable[tuple[str, Sequence[Block] | None]]]

    @property
    def own_values(self) -> str:
        """The values of the page's own plan, in words."""
        return ", ".join(of[n] for of, n in zip(self.values, self.base, strict=True))


@dataclass(frozen=True)
class Section:
    """A part of a document; a sheet is printed on a page of its own."""

    anchor: str
    title: str
    blocks: Sequence[Block]
    is_sheet: bool = False


Picture = Plot | Bars


@dataclass(frozen=True)
class Answer:
    """All that is said, in order; a page among the blocks stands on pages alone.

    title : of the workbook
    about : what the summary of the workbook begins with, and no page has
    sheets : of the workbook behind its summary, in order
    """

    title: str
    blocks: Sequence[Block]
    about: Sequence[Line] = ()
    sheets: Sequence[Table | Chart] = ()

    def page(self) -> Page:
        """The answer for a terminal and for notes."""
        found: Page = []
        for block in self.blocks:
            if isinstance(block, list):
                found += block
            elif isinstance(block, Line | Grid):
                found.append(block)
            elif isinstance(block, Table) and block.page:
                found += [Line(block.title, "head")] if block.title else []
                found.append(block.grid())
        return found


#: What an answer or a part of it is made of; pictures and parts stand in documents alone.
Block = Line | Grid | Table | Page | Picture | Section | Sliders
