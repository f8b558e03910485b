"""Answers as data: sentences, tables of typed columns, charts, for every renderer.

A figure computed from others is a ``Cell``, with its value for pages and its formula for
workbooks. Nothing here depends on a question or on a renderer.
"""

from __future__ import annotations

import textwrap
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from fte_alloc.numbers import rounded
from fte_alloc.questions.cells import KINDS, Cell, Column, Content, Row, cell_value
from fte_alloc.shown import Drawing
from fte_alloc.texts import Lines, visible

#: Width of a page [characters].
WIDTH = 100
#: Longest text of an input on one line [characters].
_WIDE = 40


@dataclass(frozen=True)
class Line:
    """A sentence; ``tone`` is ``plain``, ``good``, ``bad``, ``warn`` or ``head``."""

    text: str
    tone: str = "plain"
    right: str = ""  # at the right-hand edge of the same line
    whole: bool = False  # never wrapped, such as a command to paste
    name: str = ""  # anchor of the sentence in HTML

    def __post_init__(self) -> None:
        for name in ("text", "right"):
            object.__setattr__(self, name, visible(getattr(self, name)))


@dataclass(frozen=True)
class Grid:
    """Rows of texts under headings; all but the first *left* columns are right-aligned.

    headings : one per column; if all are empty, none is shown
    left_too : left-aligned columns, by index; the first ones are added to those given
    fold : columns, by index, that may be wrapped on a narrow page
    total : whether the last row sums up the others
    name : anchor of the table in HTML
    columns, keys : keys of its columns and rows, which HTML states as attributes
    links : anchor to which each row links, or an empty text
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: int = 1
    left_too: Collection[int] = ()
    fold: Collection[int] = ()
    total: bool = False
    name: str = ""
    columns: Sequence[str] = ()
    keys: Sequence[str] = ()
    links: Sequence[str] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "headings", [visible(text) for text in self.headings])
        object.__setattr__(self, "rows", [[visible(text) for text in row] for row in self.rows])
        object.__setattr__(self, "left_too", {*range(self.left), *self.left_too})


Page = list[Line | Grid]


@dataclass(frozen=True)
class Table:
    """Rows under typed columns.

    name : name by which formulas of other tables refer to it
    total : last row, which sums up the others
    sheet : name and description of its own sheet in the workbook; None: it is in the summary
    page, book : whether it is shown on a page, in a workbook
    rules : ``bar`` or ``shade``, and the keys of the columns that it highlights
    marks : style, keys of columns, and the formula that is true in the rows to be marked
    locked : whether its sheet is protected, without a password, except cells with an entry
    above, below : sentences and tables before and after it on its sheet; a line without text is
        an empty row
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
    above: Sequence[Line | Table] = ()
    below: Sequence[Line | Table] = ()

    @property
    def book_columns(self) -> list[Column]:
        """The columns shown in a workbook."""
        return [column for column in self.columns if column.book]

    def grid(self) -> Grid:
        """The table as a grid of texts for a page."""
        shown = [column for column in self.columns if column.page is not None]
        rows = [[_cell_text(column, row.get(column.id)) for column in shown] for row in self.rows]
        if self.total is not None:
            rows.append([_cell_text(column, self.total.get(column.id, "")) for column in shown])
        return Grid(
            [column.page or "" for column in shown],
            rows,
            left_too=[j for j, column in enumerate(shown) if column.left or column.fold],
            fold=[j for j, column in enumerate(shown) if column.fold],
            total=self.total is not None,
            columns=[column.id for column in shown],
        )


def _cell_text(column: Column, content: Content) -> str:
    value = cell_value(content)
    if value is None or isinstance(value, str):
        return column.none if value is None else value
    kind = content.kind if isinstance(content, Cell) and content.kind else column.kind
    return KINDS[kind].written(value)


@dataclass(frozen=True)
class Chart:
    """A chart on a sheet of its own: bars of a table, name and colour of each by its column."""

    title: str
    sheet: tuple[str, str]
    table: str
    bars: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Axis:
    """An axis of a plot.

    values : values of the points, rates in percent
    more_is_better : whether larger values are better
    bound : values along the curve that no plan exceeds, if different from *values*
    """

    label: str
    values: Sequence[float]
    more_is_better: bool
    bound: Sequence[float] = ()

    @property
    def curve(self) -> Sequence[float]:
        """Values along the curve that no plan exceeds."""
        return self.bound or self.values


@dataclass(frozen=True, repr=False)
class Plot(Drawing):
    """A plot of a trade-off curve, which no plan exceeds.

    across, up : horizontal and vertical axis; None where there is nothing to draw
    tips : tooltip of each point
    named : names of some points, by their index along the curve
    beyond : text in the region beyond the curve
    """

    name = "chart"

    across: Axis | None = None
    up: Axis | None = None
    tips: Sequence[str] = ()
    named: Mapping[int, str] = field(default_factory=dict)
    beyond: str = ""


@dataclass(frozen=True, repr=False)
class Bars(Drawing):
    """Horizontal bars from 0, one group per place, with their figures beside them.

    name : name of the picture in a document
    values : by the name of each series (of a map, each panel), its figures by place
    kind : kind of the figures, a key of ``KINDS``
    labels, links : names and anchors of the places
    """

    name: str
    values: Mapping[str, Mapping[str, float | None]]
    kind: str
    labels: Mapping[str, str]
    links: Mapping[str, str]

    def written(self, value: float | None) -> str:
        """The text of a figure in the picture."""
        return "–" if value is None else KINDS[self.kind].written(value)


@dataclass(frozen=True, repr=False)
class Map(Bars):
    """Maps of places in shades, one panel per series.

    limits : ascending limits between shades; a figure shown equal to a limit is above it
    size : width and height of a panel, in the units of the outlines
    outlines : of each place its SVG path and transform, and x and y of its figure
    """

    limits: Sequence[float] = ()
    size: tuple[float, float] = (0.0, 0.0)
    outlines: Mapping[str, tuple[str, str, float, float]] = field(default_factory=dict)

    def shade(self, value: float) -> int:
        """Index of the shade of a figure, from 0."""
        kind = KINDS[self.kind]
        shown = [rounded(one, kind.digits, kind.shift) for one in (value, *self.limits)]
        return bisect_right(shown[1:], shown[0])


@dataclass(frozen=True)
class Sliders:
    """Sliders of a page: inputs, and the plan of every combination of their values.

    labels, values : label and values of each input, in words
    base : index of the value of each input in the plan of the page itself
    own : the blocks that change with the sliders, for the plan of the page; the title comes first
    positions : function that yields a pair for every combination, in which the last input varies
        fastest: the reason why there is no plan, or else the blocks of the plan
    """

    labels: Sequence[str]
    values: Sequence[Sequence[str]]
    base: Sequence[int]
    own: Sequence[Block]
    positions: Callable[[], Iterable[tuple[str, Sequence[Block] | None]]]

    @property
    def own_values(self) -> str:
        """The values of the inputs in the plan of the page itself, in words."""
        return ", ".join(of[n] for of, n in zip(self.values, self.base, strict=True))


@dataclass(frozen=True)
class Section:
    """A section of a document under a heading; a sheet is printed on a new page."""

    anchor: str
    title: str
    blocks: Sequence[Block]
    is_sheet: bool = False


Picture = Plot | Bars


@dataclass(frozen=True)
class Answer:
    """The answer to a question as blocks in order; a ``Page`` among them is left out of workbooks.

    title : title of the workbook
    about : first lines of the workbook's summary, which no page shows
    sheets : tables and charts of the workbook after its summary, in order
    """

    title: str
    blocks: Sequence[Block]
    about: Sequence[Line] = ()
    sheets: Sequence[Table | Chart] = ()

    def page(self) -> Page:
        """The answer as a page for terminal and Markdown."""
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


#: A part of an answer; pictures, sections and sliders are shown in HTML only.
Block = Line | Grid | Table | Page | Picture | Section | Sliders


def wrapped(text: str, indent: str = "") -> str:
    """A long text of the first column of a table, wrapped over several lines."""
    lines = textwrap.wrap(visible(text), _WIDE, initial_indent=indent, subsequent_indent=indent)
    return Lines("\n".join(lines))
