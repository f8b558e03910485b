"""What the tables of a workbook are made of: cells with formulas, columns, and where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fte_alloc import numbers as show
from fte_alloc.language import N_, _
from fte_alloc.questions.column_names import BOOK_COLUMNS


class Kind(NamedTuple):
    """How a kind of cell is shown.

    format, width : in a sheet; the format says no language, the width is in characters
    unit : of its figures, as the dictionary of a workbook gives it
    written : how a page writes a figure
    """

    format: str
    width: float
    unit: str = ""
    written: Callable[[float], str] = str

    @property
    def digits(self) -> int:
        """Decimals shown."""
        return len(self.format.partition(";")[0].partition(".")[2].partition("E")[0].strip("%"))

    @property
    def shift(self) -> int:
        """Power of ten a figure is multiplied by to be shown."""
        return 2 if "%" in self.format else 0


def _tenths(value: float) -> str:
    return show.count(value, 1)


_BY_ROW, _POINTS = N_("see the column unit"), N_("percentage points")
KINDS: Mapping[str, Kind] = {
    "line": Kind("@", 0),
    "text": Kind("@", 0),
    "code": Kind("@", 7),
    "year": Kind("0", 7, N_("year")),
    "fte": Kind('#,##0.0;-#,##0.0;"·"', 11, N_("FTE"), show.fte),
    "fte_change": Kind('+#,##0.0;-#,##0.0;"·"', 11, N_("FTE"), show.fte_change),
    "contracts": Kind("#,##0", 11, N_("contracts a year"), show.count),
    "tenths": Kind("#,##0.0", 13, N_("contracts"), _tenths),
    "weighted": Kind("#,##0.0", 13, N_("weighted contracts"), _tenths),
    "contracts_change": Kind("+#,##0;-#,##0;0", 11, N_("contracts a year"), show.count_change),
    "eur": Kind("#,##0", 13, N_("EUR a year"), show.count),
    "eur_change": Kind("+#,##0;-#,##0;0", 13, N_("EUR a year"), show.count_change),
    "rate": Kind("0.0%", 9, N_("%"), show.rate),
    "rate_change": Kind("+0.00%;-0.00%;0.00%", 11, _POINTS, show.rate_change),
    "points": Kind("+0.0;-0.0;0.0", 11, _POINTS, show.fte_change),
    "fine": Kind("#,##0.00", 12, _BY_ROW, lambda value: show.count(value, 2)),
    "fine_rate": Kind("0.00%", 12, N_("%"), lambda value: show.rate(value, 3)),
    "tiny_rate": Kind("0.0000%", 12, N_("%")),
    "gap": Kind("0.0E+00", 10, N_("1")),
    "value": Kind("General", 14, _BY_ROW),
    "whole": Kind("#,##0", 14, _BY_ROW, show.count),
    "fine_fte": Kind('#,##0.00;-#,##0.00;"·"', 9, N_("FTE")),
    "fine_fte_change": Kind('+#,##0.00;-#,##0.00;"·"', 9, N_("FTE")),
    "fine_change": Kind("+#,##0.00;-#,##0.00;0.00", 12, _BY_ROW),
    "tiny_rate_change": Kind("+0.0000%;-0.0000%;0.0000%", 12, N_("%")),
    "tenths_change": Kind("+#,##0.0;-#,##0.0;0.0", 10, N_("contracts")),
}
TEXTS = ("line", "text", "code")
#: Columns of text are as wide as their longest text, up to this many characters.
_WIDEST = 44


class Field(NamedTuple):
    """What may be typed into a cell of a sheet that is protected otherwise.

    title, hint : shown beside the cell in use
    refusal : shown where anything else is typed
    most : the largest number; the least is 0
    step : what numbers are multiples of; 0: any
    """

    title: str
    hint: str
    refusal: str
    most: float
    step: float = 0.0


@dataclass(frozen=True)
class Cell:
    """What a cell holds beyond a plain value.

    formula : what works the value out, without the sign of equality; ``{key}`` is the cell of that
        column in the same row, ``{key!}`` its total, ``{key#2}`` its cell in line 2, from 0,
        ``{table:key!}`` and ``{table:key#2}`` those of another table, ``[key]`` the cell of that
        row in the same column, ``<>`` all cells of the table above it
    kind : a key of ``KINDS``, where it is not that of the column
    style : ``plain``, ``warn``, ``mark``, ``good``, ``bad``, or ``link`` to the sheet it names
    entry : what may be typed into it
    """

    value: float | str | None
    formula: str = ""
    kind: str = ""
    style: str = ""
    entry: Field | None = None


Content = Cell | str | float | int | None
#: The cells of a line, by column; ``style`` is that of all of them.
Row = Mapping[str, Content]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    about : its entry in ``BOOK_COLUMNS``: heading and meaning; empty where it has a head instead
    kind : of its cells, a key of ``KINDS``
    name : a scenario, a year or a kind of buyer, where the heading has room for one
    key : what formulas call it, where several columns are about the same
    width : in characters, where it is not that of the kind
    span : over how many columns of the sheet it goes, 0 for all that are left
    page : its heading on a page; None: it stands in the workbook alone
    book : whether it stands in the workbook
    head : what stands above it
    none : what a page says where there is no figure
    left, fold : whether a page aligns it to the left, as it does the first, and may fold it
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
        """What rows and formulas call it."""
        return self.key or self.about

    @property
    def heading(self) -> str:
        """What stands above it."""
        return _(BOOK_COLUMNS[self.about][0]).format(name=self.name) if self.about else self.head

    @property
    def meaning(self) -> str:
        """What it says, in a sentence."""
        return _(BOOK_COLUMNS[self.about][1]).format(name=self.name)


def kind_of(figure: str) -> str:
    """The kind of cell of a headline figure, which its name ends in: ``state_eur``, ``new_fte``."""
    if "rate" in figure:
        return "rate"
    ending = figure.partition(".")[0].rpartition("_")[2]
    return ending if ending in ("eur", "fte") else "contracts"


def difference(after: float, before: float, kind: str, cells: tuple[str, str]) -> Cell:
    """What a cell is more than another, both as the sheet shows them; of rates in points.

    kind : of both
    cells : the two, as formulas call them
    """
    digits, shift = KINDS[kind].digits, KINDS[kind].shift
    value = show.rounded(after, digits, shift) - show.rounded(before, digits, shift)
    formula = "-".join(f"ROUND({cell},{digits + shift})" for cell in cells)
    if shift:
        return Cell(show.rounded(value, digits), f"{10**shift}*({formula})", "points")
    return Cell(show.rounded(value, digits), formula, f"{kind}_change")


def differences(row: Row, kind: str, others: int) -> dict[str, Content]:
    """``d1``, ``d2`` …: what ``v1``, ``v2`` … of a line are more than its ``v0``, if both are."""
    values = [value_of(row.get(f"v{n}")) for n in range(others + 1)]
    return {
        f"d{n}": difference(float(value), float(values[0]), kind, (f"{{v{n}}}", "{v0}"))
        for n, value in enumerate(values)
        if n and value is not None and values[0] is not None
    }


def sums(rows: Sequence[Row], keys: Iterable[str]) -> dict[str, Content]:
    """Totals of columns: each the sum of the column above it."""
    return {key: Cell(sum(number_of(row, key) for row in rows), "SUM(<>)") for key in keys}


def added(row: Row, keys: Sequence[str]) -> Cell:
    """The sum of some cells of a line."""
    return Cell(sum(number_of(row, key) for key in keys), "+".join(f"{{{key}}}" for key in keys))


def value_of(content: Content) -> float | str | None:
    """What a cell shows."""
    return content.value if isinstance(content, Cell) else content


def number_of(row: Row, key: str) -> float:
    """A number of a line, 0 where it has none."""
    return float(value_of(row.get(key)) or 0.0)


def widths(columns: Sequence[Column], rows: Iterable[Row]) -> list[float]:
    """How wide columns are, in characters."""
    longest = dict.fromkeys((c.id for c in columns if c.kind == "text"), 0)
    for row in rows:
        for key in longest:
            longest[key] = max(longest[key], len(str(value_of(row.get(key)) or "")))
    return [
        c.width
        or (min(_WIDEST, max(9, longest[c.id] + 2)) if c.id in longest else KINDS[c.kind].width)
        for c in columns
    ]
