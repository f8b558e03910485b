"""Parts of typed tables: cells with formulas, columns, and kinds of figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fte_alloc import numbers as show
from fte_alloc.language import N_, _
from fte_alloc.questions.column_names import BOOK_COLUMNS


class Kind(NamedTuple):
    """A kind of cell: number format of sheets, width [characters], unit, and how pages write it."""

    format: str
    width: float
    unit: str = ""
    written: Callable[[float], str] = str

    @property
    def digits(self) -> int:
        """Number of decimals shown."""
        return len(self.format.partition(";")[0].partition(".")[2].strip("%"))

    @property
    def shift(self) -> int:
        """Power of ten by which a figure is multiplied to be shown."""
        return 2 if "%" in self.format else 0


_BY_ROW, _POINTS = N_("see the column unit"), N_("percentage points")
KINDS: Mapping[str, Kind] = {
    "line": Kind("@", 0),
    "text": Kind("@", 0),
    "code": Kind("@", 7),
    "year": Kind("0", 7, N_("year")),
    "fte": Kind('#,##0.0;-#,##0.0;"·"', 11, N_("FTE"), show.fte),
    "fte_change": Kind('+#,##0.0;-#,##0.0;"·"', 11, N_("FTE"), show.fte_change),
    "contracts": Kind("#,##0", 11, N_("contracts a year"), show.count),
    "tenths": Kind("#,##0.0", 13, N_("contracts"), lambda value: show.count(value, 1)),
    "weighted": Kind("#,##0.0", 13, N_("weighted contracts"), lambda value: show.count(value, 1)),
    "contracts_change": Kind("+#,##0;-#,##0;0", 11, N_("contracts a year"), show.count_change),
    "eur": Kind("#,##0", 13, N_("EUR a year"), show.count),
    "eur_change": Kind("+#,##0;-#,##0;0", 13, N_("EUR a year"), show.count_change),
    "rate": Kind("0.0%", 9, N_("%"), show.rate),
    "rate_change": Kind("+0.00%;-0.00%;0.00%", 11, _POINTS, show.rate_change),
    "points": Kind("+0.0;-0.0;0.0", 11, _POINTS, show.fte_change),
    "fine": Kind("#,##0.00", 12, _BY_ROW, lambda value: show.count(value, 2)),
    "fine_rate": Kind("0.00%", 12, N_("%"), lambda value: show.rate(value, 3)),
    "value": Kind("General", 14, _BY_ROW),
    "whole": Kind("#,##0", 14, _BY_ROW, show.count),
    "fine_fte": Kind('#,##0.00;-#,##0.00;"·"', 9, N_("FTE")),
    "fine_fte_change": Kind('+#,##0.00;-#,##0.00;"·"', 9, N_("FTE")),
    "fine_change": Kind("+#,##0.00;-#,##0.00;0.00", 12, _BY_ROW),
    "tenths_change": Kind("+#,##0.0;-#,##0.0;0.0", 10, N_("contracts")),
}
TEXTS = ("line", "text", "code")


class Field(NamedTuple):
    """Numbers from 0 that users may type into a cell of a protected sheet.

    title, hint : texts shown beside the selected cell
    refusal : message for any other entry
    most : largest number
    step : number of which entries must be multiples; 0 allows any number
    """

    title: str
    hint: str
    refusal: str
    most: float
    step: float = 0.0


@dataclass(frozen=True)
class Cell:
    """A value with a formula, a kind or a style.

    formula : formula of the value, without the equals sign; ``{key}`` is the cell of that
        column in the same row, ``{key!}`` its total, ``{key#2}`` its cell in row 2, from 0;
        ``{table:key!}`` and ``{table:key#2}`` are those of another table, ``<>`` are all cells
        above it in its column
    kind : a key of ``KINDS``, if different from that of the column
    style : ``plain``, ``warn``, ``mark``, ``good``, ``bad``, or ``link`` to the sheet named
    entry : allowed entries, if users may type into the cell
    """

    value: float | str | None
    formula: str = ""
    kind: str = ""
    style: str = ""
    entry: Field | None = None


Content = Cell | str | float | int | None
#: The cells of a row, by key of their column; the key ``style`` gives the style of the whole row.
Row = Mapping[str, Content]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    about : its key in ``BOOK_COLUMNS``, which gives heading and meaning; empty if *head* is given
    kind : kind of its cells, a key of ``KINDS``
    name : scenario, year or kind of buyer that completes the heading of ``BOOK_COLUMNS``
    key : key in rows and formulas, if several columns have the same *about*
    width : width [characters], if different from that of the kind
    span : number of sheet columns that it covers, 0 for all remaining ones
    page : its heading on a page; None: it is shown in the workbook only
    book : whether it is shown in the workbook
    head : heading in the workbook, if *about* is empty
    none : text on a page where there is no figure
    left, fold : whether a page aligns it to the left, and may wrap it
    """

    about: str
    kind: str = "text"
    name: str = ""
    key: str = ""
    width: float = 0
    span: int = 1
    page: str | None = None
    book: bool = True
    head: str = ""
    none: str = ""
    left: bool = False
    fold: bool = False

    @property
    def id(self) -> str:
        """Key of the column in rows and formulas."""
        return self.key or self.about

    @property
    def heading(self) -> str:
        """Heading of the column in a workbook."""
        return _(BOOK_COLUMNS[self.about][0]).format(name=self.name) if self.about else self.head

    @property
    def meaning(self) -> str:
        """Meaning of the column, in a sentence."""
        return _(BOOK_COLUMNS[self.about][1]).format(name=self.name)


def cell_kind(figure: str) -> str:
    """The kind of cell of a headline figure, from its name: ``eur`` for ``state_eur``."""
    if "rate" in figure:
        return "rate"
    ending = figure.partition(".")[0].rpartition("_")[2]
    return ending if ending in ("eur", "fte") else "contracts"


def difference_cell(after: float, before: float, kind: str, cells: tuple[str, str]) -> Cell:
    """The cell of *after* − *before*, both rounded as shown; for rates, in percentage points.

    kind : kind of both cells
    cells : references to the two cells, as in formulas: *after*, then *before*
    """
    digits, shift = KINDS[kind].digits, KINDS[kind].shift
    value = show.rounded(after, digits, shift) - show.rounded(before, digits, shift)
    formula = "-".join(f"ROUND({cell},{digits + shift})" for cell in cells)
    if shift:
        return Cell(show.rounded(value, digits), f"{10**shift}*({formula})", "points")
    return Cell(show.rounded(value, digits), formula, f"{kind}_change")


def difference_cells(row: Row, kind: str, others: int) -> dict[str, Content]:
    """Cells ``dN`` with the differences ``vN`` − ``v0`` of a row, N ≥ 1, where both are known."""
    values = [cell_value(row.get(f"v{n}")) for n in range(others + 1)]
    return {
        f"d{n}": difference_cell(float(value), float(values[0]), kind, (f"{{v{n}}}", "{v0}"))
        for n, value in enumerate(values)
        if n and value is not None and values[0] is not None
    }


def sum_cells(rows: Sequence[Row], keys: Iterable[str]) -> dict[str, Content]:
    """The row of totals: for each key the sum of its column."""
    return {key: Cell(sum(cell_number(row, key) for row in rows), "SUM(<>)") for key in keys}


def cell_value(content: Content) -> float | str | None:
    """The value of a cell."""
    return content.value if isinstance(content, Cell) else content


def cell_number(row: Row, key: str) -> float:
    """The number in a column of a table's row, 0 where the cell is empty."""
    return float(cell_value(row.get(key)) or 0.0)
