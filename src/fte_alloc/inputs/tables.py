"""Tables in the files of planners: headings are found below titles, totals are set aside.

A value that can be read in two ways is refused with its cell and the remedy; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, islice

from fte_alloc.errors import Mistake
from fte_alloc.inputs.codes import plain_name
from fte_alloc.inputs.headings import NAMED_TOTAL, heading_key, heading_unit
from fte_alloc.inputs.sheets import MOST_TITLES, CellSheet, Unreadable, Value, cell_name
from fte_alloc.inputs.typed_numbers import decimal_marks, half_unit, possible_numbers, typed_number
from fte_alloc.inputs.values import show_value, written_value
from fte_alloc.language import N_, _, localised

#: Keys of columns that name a place; a table with one of them is a table of places.
PLACES = ("code", "name", "region", "region code")


@dataclass(frozen=True)
class TableCell:
    """A cell of a table: its value, None where the cell is empty, and its place."""

    value: Value | None
    where: str

    @property
    def text(self) -> str:
        """The value of the cell as text; a whole number, such as a code, has no decimals."""
        if isinstance(self.value, Unreadable):
            return self.value.shown
        if isinstance(self.value, str):
            return " ".join(self.value.split())
        return "" if self.value is None else show_value(self.value)


class Row(dict[str, TableCell]):
    """Cells of a row by key of their column; a missing column has an empty cell."""

    def __missing__(self, key: str) -> TableCell:
        return TableCell(None, "")


@dataclass
class TypedTable:
    """A table of a sheet, its columns by key.

    top : row of the headings
    headings : place and text of the heading of every column that is read, by key
    unread : place and text of the heading of every column with numbers that is not read
    aside : one warning per row set aside as a total, with the reason
    totals : codes and names of rows set aside, as changed by ``plain``
    rows : rows of the table that are not set aside; every row has every key
    unknown : end of mistakes, marked for translation: what to write if a number is not known
    """

    sheet: CellSheet
    top: int
    headings: dict[str, tuple[str, str]] = field(default_factory=dict)
    unread: list[tuple[str, str]] = field(default_factory=list)
    aside: list[Mistake] = field(default_factory=list)
    totals: set[str] = field(default_factory=set)
    rows: list[Row] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    unknown: str = N_("; leave the cell empty where it is not known")

    @property
    def is_of_settings(self) -> bool:
        """Whether the table has keys and values."""
        return {"key", "value"} <= self.headings.keys()

    def add_mistake(self, row: Row, key: str, what: str) -> None:
        """Record a mistake in a cell; in CSV, whose places are lines, the text names the column."""
        column = "" if self.sheet.name else f"{self.headings[key][1]}: "
        self.mistakes.append(Mistake(row[key].where, column + what))

    def number(self, row: Row, key: str, unit: str = "") -> float | None:
        """The number in a cell; None if the cell is empty, or if it is invalid, which is a mistake.

        unit : unit of the number; if empty, the unit of its column
        """
        try:
            return self.parsed_number(row[key].value, unit or heading_unit(key))
        except ValueError as error:
            self.add_mistake(row, key, str(error))
            return None

    def number_if_any(self, row: Row, key: str) -> float | None:
        """The number in a cell; None, without a mistake, if the cell is empty or invalid."""
        with suppress(ValueError):
            return self.parsed_number(row[key].value, heading_unit(key))
        return None

    def parsed_number(self, value: Value | None, unit: str = "") -> float | None:
        """Number in a cell, None if empty. Raises ValueError if it is unreadable or ambiguous."""
        if value is None or isinstance(value, float):
            return value
        if isinstance(value, Unreadable):
            raise ValueError(value.what)  # noqa: TRY004 - of the file, not of the programme
        return typed_number(str(value), unit, lambda: self._marks, _(self.unknown))

    def width(self, keys: Iterable[int] = ()) -> int:
        """Number of the last column, from 1, that has a heading or is among *keys*."""
        return max([*self.sheet.rows.get(self.top, {}), *keys], default=0)

    def row(self, number: int, keys: Mapping[int, str]) -> Row:
        """The cells of a row by key; none, with a mistake, if a row of CSV is too long.

        keys : key of each column, by number of the column
        """
        sheet, cells = self.sheet, max(self.sheet.rows[number])
        if number in sheet.widths and cells > (width := self.width(keys)):
            text = _("expected {columns} cells, found {cells}")
            text += _("; a decimal comma needs semicolons between the cells")
            what = text.format(columns=width, cells=cells)
            self.mistakes.append(Mistake(sheet.where(number), what))
            return Row()
        return Row({key: _cell(sheet, number, column, key) for column, key in keys.items()})

    def refuse_short_rows(self) -> None:
        """Refuse rows of CSV with fewer cells than headings, as in a file that was cut off."""
        width, sheet = self.width(), self.sheet
        short = {sheet.where(n): w for n, w in sheet.widths.items() if n > self.top and w < width}
        self.rows = [row for row in self.rows if next(iter(row.values())).where not in short]
        for where, cells in short.items():
            what = _("expected {columns} cells, found {cells}").format(columns=width, cells=cells)
            self.mistakes.append(Mistake(where, what))

    @cached_property
    def _marks(self) -> set[str]:
        """Decimal marks of the table's unambiguous numbers that were typed as text."""
        numeric = [key for key in self.headings if heading_unit(key)]
        texts = (row[key].value for row in self.rows for key in numeric)
        return decimal_marks(text for text in texts if isinstance(text, str))


def _cell(sheet: CellSheet, row: int, column: int, key: str) -> TableCell:
    """A cell of a table; further rows of a merged range repeat a text, but refuse a number."""
    value = sheet.rows.get(row, {}).get(column)
    first = sheet.merged.get((row, column))
    if value is None and first and first[1] == column:
        value = sheet.rows.get(first[0], {}).get(column)
        if value is not None and heading_unit(key):
            text = _("is merged with {cell}: whose number is it? Take the cells apart")
            cell = cell_name(first[0], column)
            value = Unreadable(cell, text.format(cell=cell))
    return TableCell(value, sheet.where(row, column))


def find_tables(
    sheets: Iterable[CellSheet], more: Mapping[str, str] | None = None
) -> list[TypedTable]:
    """The tables of a file, at most one per sheet; *more* has keys of further headings."""
    return [table for sheet in sheets if (table := _table(sheet, more))]


# -- headings --------------------------------------------------------------------------------------


def _table(sheet: CellSheet, more: Mapping[str, str] | None) -> TypedTable | None:
    """The table under the row of a sheet with most known headings.

    None if there are fewer than two, or none of them is ``key`` or among ``PLACES``.
    """
    found = {row: _headings(sheet, row, more) for row in islice(sheet.rows, MOST_TITLES)}
    top = max(found, key=lambda row: (len({*found[row].values()}), -row), default=0)
    keys = found.get(top, {})
    if len({*keys.values()}) < 2 or not {*PLACES, "key"} & {*keys.values()}:
        return None
    keys = _settled_keys(keys)
    table, read = TypedTable(sheet, top), dict[int, str]()
    for column, key in keys.items():
        place, text = sheet.where(top, column), _text(sheet, top, column)
        if key == "posts?":
            what = _(
                "{heading} does not say which posts; write FTE in place, renewed FTE or, for the "
                "posts of a plan, new FTE"
            )
            table.mistakes.append(Mistake(place, what.format(heading=written_value(text))))
        elif key in table.headings and key not in ("total", "source"):
            what = _("{heading} is {key}, as is {other} ({place}); keep one of the two columns")
            first, other = table.headings[key]
            both = {"heading": written_value(text), "other": written_value(other)}
            table.mistakes.append(Mistake(place, what.format(key=key, place=first, **both)))
        else:
            table.headings[key], read[column] = (place, text), key
    _read_rows(table, read)
    _look_for_more(table, keys)
    return table


def _text(sheet: CellSheet, row: int, column: int) -> str:
    """The text of a cell, or of the first cell of its merged range; empty for other values."""
    row, column = sheet.merged.get((row, column), (row, column))
    value = sheet.rows.get(row, {}).get(column)
    return value if isinstance(value, str) else ""


def _headings(sheet: CellSheet, row: int, more: Mapping[str, str] | None) -> dict[int, str]:
    """Keys of the headings in a row by column; headings and titles above complete unclear ones.

    A row with numbers other than years has no headings.
    """
    if any(_looks_like_number(value) for value in sheet.rows[row].values()):
        return {}
    above = sheet.rows.get(row - 1, {})
    titles = [_text(sheet, n, min(sheet.rows[n])) for n in range(row - 5, row) if n in sheet.rows]
    found = {}
    for column in range(1, max({**sheet.rows[row], **above}, default=0) + 1):
        own = _text(sheet, row, column) or _text(sheet, row - 1, column)
        left = max((j for j in above if j <= column), default=0)
        over = _text(sheet, row - 1, column) or _text(sheet, row - 1, left)
        key = heading_key(own, more)
        for before in (over, *titles) if key in (None, "posts?", "code", "name") else ():
            both = heading_key(f"{before} {own}", more) if own and before not in ("", own) else None
            if both not in (None, "posts?") and (before == over or key == "posts?"):
                key = both
        if key is not None:
            found[column] = key
    return found


def _looks_like_number(value: Value) -> bool:
    text = show_value(value) if isinstance(value, str | float) else ""
    return bool(possible_numbers(text)) and not re.fullmatch(r"(?:19|20)\d\d", text)


def _settled_keys(keys: Mapping[int, str]) -> dict[int, str]:
    """Keys by column; a region is an area if a column names territories, else a territory."""
    within = "name" in keys.values() and "region" in keys.values()
    has_code = within or "code" in keys.values()
    names = [column for column, key in keys.items() if key == "name"]
    if len(names) == 2 and not has_code:  # "territory", "name": tables of a plan
        keys = {**keys, names[0]: "code"}
    region, code = "area_name" if within else "name", "area" if has_code else "code"
    means = {"region": region, "region code": code}
    return {column: means.get(key, key) for column, key in keys.items()}


def _look_for_more(table: TypedTable, keys: Mapping[int, str]) -> None:
    """Note columns of numbers with unknown headings."""
    sheet, top = table.sheet, table.top
    rows = [cells for row, cells in sheet.rows.items() if row > top]
    for column in sorted({column for cells in rows for column in cells} - keys.keys()):
        heading, place = _text(sheet, top, column), sheet.where(top, column)
        cells = [cells[column] for cells in rows if column in cells]
        beyond = sheet.widths and column > table.width(keys)
        if beyond or not any(map(_looks_like_number, cells)):
            continue  # in CSV, a column beyond the headings is refused with its row
        table.unread.append((place, heading or cell_name(top, column)))


# -- rows and totals -------------------------------------------------------------------------------


def _read_rows(table: TypedTable, keys: Mapping[int, str]) -> None:
    """Read the rows that name a place; set aside rows called a total or with figures alone."""
    sheet = table.sheet
    totals: list[tuple[int, Row]] = []
    figures = [key for key in keys.values() if heading_unit(key)]
    for number in (row for row in sorted(sheet.rows) if row > table.top):
        row = table.row(number, keys)
        if row:
            is_place = any(row[key].text for key in ("code", "name", "area", "key"))
            names = (f"- {plain_name(row[key].text)}" for key in ("code", "name"))
            has_figures = any(row[key].value is not None for key in figures)
            if any(map(NAMED_TOTAL.search, names)) or (has_figures and not is_place):
                totals.append((len(table.rows), row))
            elif is_place:
                table.rows.append(row)
    for above, row in totals:
        _set_aside(table, row, above)


def _set_aside(table: TypedTable, row: Row, at: int) -> None:
    """Set a row aside if it is the sum of the rows just before or after, or of all other rows.

    A row with another sum is refused. As in spreadsheets, a sum may ignore numbers typed as text.

    at : number of rows of the table above the row
    """
    label = row["name"].text or row["code"].text
    keys = (key for key in row if heading_unit(key) not in ("", "1", "EUR/(FTE.yr)"))
    found = {key: table.number_if_any(row, key) for key in keys}
    values = {key: value for key, value in found.items() if value is not None}
    alike = [key for key in ("buyer", "role", "year") if row[key].text]
    above, below = (
        [r for r in rows if all(r[k].text == row[k].text for k in alike)]
        for rows in (table.rows[:at], table.rows[at:])
    )
    runs = (above[::-1], below, [*above, *below])
    if any(_is_sum(table, values, run) for run in runs) or not values:
        text = _("{row} is the sum of other rows and is set aside")
    elif any(_is_sum(table, values, run, typed=False) for run in runs):
        text = _("{row} is set aside: it leaves out numbers typed as text, which are read here")
    else:
        key, value = next(iter(values.items()))
        total = sum(table.number_if_any(r, key) or 0.0 for r in (*above, *below))
        text = _("{row} is {value}, but the rows add up to {sum}; correct it, or delete the row")
        if not label:
            text = _("no territory is named here, and {value} is not the sum of the rows, {sum}")
        parts = {"value": localised(show_value(value)), "sum": localised(f"{total:.10g}")}
        what = text.format(row=written_value(label), **parts)
        table.mistakes.append(Mistake(row[key].where, what))
        return
    table.totals |= {plain_name(row[key].text) for key in ("code", "name")} - {""}
    shown = written_value(label) if label else _("a row without a name")
    table.aside.append(Mistake(next(iter(row.values())).where, text.format(row=shown)))


def _is_sum(
    table: TypedTable, values: Mapping[str, float], rows: Sequence[Row], *, typed: bool = True
) -> bool:
    """Whether values are the sums of the first n rows, for one n that is the same for all keys.

    Rounding of the rows counts only in the sum of all rows, where it cannot hide a missing row.

    typed : whether numbers typed as text count
    """
    fits = {*range(len(rows))}
    for key, value in values.items():
        counted = [typed or isinstance(row[key].value, float) for row in rows]
        cells = (row if counts else Row() for row, counts in zip(rows, counted, strict=True))
        numbers = [table.number_if_any(row, key) or 0.0 for row in cells]
        slack = len(rows) * min(map(half_unit, filter(None, numbers)), default=0.0)
        fits &= {
            n
            for n, total in enumerate(accumulate(numbers))
            if (n or len(rows) == 1)
            and abs(total - value) <= half_unit(value) + slack * (n == len(rows) - 1) + 1e-9
        }
    return bool(fits)
