"""Tables as planners keep them: headings found below titles, numbers as typed, totals set aside.

Whatever can be read in two ways is refused with its cell and the remedy; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, islice

from fte_alloc.errors import Mistake
from fte_alloc.inputs.headings import NAMED_TOTAL, key_of, slip, unit_of_key
from fte_alloc.inputs.sheets import CellSheet, Unreadable, Value, cell_name
from fte_alloc.inputs.values import half_unit, hint, meant, plain, show_value, written
from fte_alloc.language import N_, _, localised

#: Keys of a place; one of them makes a table of places.
PLACES = ("code", "name", "region", "region code")
#: What may follow a number, by unit of the column.
_BEHIND = {
    "FTE": r"etp|fte|postes?|posts?",
    "EUR/yr": r"(k|m|millions? d )? ?(€|eur|euros?)|k|m",
    "EUR/(FTE.yr)": r"k? ?(€|eur|euros?)|k",
    "contracts/yr": r"marches?|contracts?",
    "inhabitants": r"hab|habitants?|inhabitants?|millions?",
    "1": r"%",
}
_AFTER_DIGITS = re.compile(r"\D*$")
_WITH_REMARK = re.compile(r"^([\d\s.,]*\d\s*)(?:[(*?]|(?<=\s)[^\d\s.,/-])\D*$")
#: Rows that may stand above the headings.
_MOST_TITLES = 200
_TWO_WAYS = N_(
    "is {value}, which can be read in two ways; write {whole} if the mark parts the thousands, "
    "{decimal} if it is the decimal one"
)


@dataclass(frozen=True)
class Typed:
    """A cell of a table: what stands in it, None where it is empty, and where it is."""

    value: Value | None
    where: str

    @property
    def text(self) -> str:
        """What stands in the cell, as text: codes without decimals."""
        if isinstance(self.value, Unreadable):
            return self.value.shown
        if isinstance(self.value, str):
            return " ".join(self.value.split())
        return "" if self.value is None else show_value(self.value)


Row = Mapping[str, Typed]


@dataclass
class TypedTable:
    """A table of a sheet, its columns by key.

    headings : place and text of the heading of every column that is read, by key
    unread : the same of columns with numbers that are not
    aside : rows set aside, such as totals, in words
    rows : of the table, without those; every row has every key
    """

    sheet: CellSheet
    headings: dict[str, tuple[str, str]]
    unread: list[tuple[str, str]] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)

    def number(self, cell: Typed, unit: str) -> float | None:
        """The number in a cell; None, and a mistake where it is no number, for an empty one."""
        try:
            return self._read(cell.value, unit)
        except ValueError as error:
            self.mistakes.append(Mistake(cell.where, str(error)))
            return None

    def number_if_any(self, row: Row, key: str) -> float | None:
        """The number in a cell of a row, None where there is none."""
        with suppress(ValueError):
            return self._read(row[key].value, unit_of_key(key))
        return None

    def _read(self, value: Value | None, unit: str) -> float | None:
        """A number as typed. Raises ValueError, with the reason, for none or for two."""
        if value is None or (isinstance(value, float)):
            return value
        if isinstance(value, Unreadable):
            raise ValueError(value.what)  # noqa: TRY004 - of the file, not of the programme
        found = meant(str(value))
        unit_typed = plain(_AFTER_DIGITS.findall(str(value))[0]).rstrip(".")
        if not found or not re.fullmatch(_BEHIND.get(unit, "") + "|", unit_typed):
            text = _("is {value}, expected a number; leave the cell empty where it is not known")
            begins = [] if found else _WITH_REMARK.findall(str(value))
            raise ValueError(text.format(value=written(value)) + "".join(map(hint, begins)))
        if len(found) == 2:
            mark = "," if "," in str(value) else "."
            if len(marks := self._decimal_marks) != 1 or (mark not in marks and unit == "FTE"):
                told = {"whole": found[0], "decimal": localised(f"{found[1]}0")}
                raise ValueError(_(_TWO_WAYS).format(value=written(value), **told))
            found = [found[1] if mark in marks else found[0]]
        return float(found[0])

    @cached_property
    def _decimal_marks(self) -> set[str]:
        """Decimal marks of the numbers typed as text that can be read in one way only."""
        texts = (c.value for row in self.rows for k, c in row.items() if unit_of_key(k))
        marks = set()
        for text in texts:
            found = re.findall(r"[.,]", text) if isinstance(text, str) else []
            read = meant(str(text)) if found else []
            if len(read) == 1 and "%" not in str(text):
                is_one, by_three = found.count(found[-1]) == 1, str(text)[-4:-3] == found[-1]
                is_decimal = is_one and ("." in read[0] or not by_three)
                other = {",": ".", ".": ","}[found[-1]]
                marks.add(found[-1] if is_decimal else other)
        return marks


def tables_of(
    sheets: Iterable[CellSheet], more: Mapping[str, str] | None = None
) -> list[TypedTable]:
    """The tables of a file, of every sheet the first one.

    more : keys by heading, beside those of ``headings``
    """
    return [table for sheet in sheets if (table := _table(sheet, more))]


def nearly_table(sheets: Iterable[CellSheet]) -> tuple[str, str] | None:
    """Place and sentence of the first row that names territories, but no figure that is known."""
    for sheet in sheets:
        for row, cells in sheet.rows.items():
            if any(key_of(str(cell)) in PLACES for cell in cells.values()) and len(cells) > 1:
                text = _(
                    "no heading of figures is known here: {headings}; write FTE in place, renewed "
                    "FTE, or contracts with a kind of buyer"
                )
                headings = "; ".join(" ".join(str(cell).split()) for cell in cells.values())
                return sheet.where(row, min(cells)), text.format(headings=headings)
    return None


# -- headings --------------------------------------------------------------------------------------


def _table(sheet: CellSheet, more: Mapping[str, str] | None) -> TypedTable | None:
    """The table under the row of a sheet that has most headings; None where no row has two."""
    found = {row: _headings(sheet, row, more) for row in islice(sheet.rows, _MOST_TITLES)}
    top = max(found, key=lambda row: (len({*found[row].values()}), -row), default=0)
    keys = found.get(top, {})
    if len({*keys.values()}) < 2 or not {*PLACES, "key"} & {*keys.values()}:
        return None
    keys = _settled(keys)
    table, read = TypedTable(sheet, {}), dict[int, str]()
    for column, key in keys.items():
        place, text = sheet.where(top, column), _text(sheet, top, column)
        if key == "posts?":
            what = _(
                "{heading} does not say which posts; write FTE in place, renewed FTE or, for the "
                "posts of a plan, new FTE"
            )
            table.mistakes.append(Mistake(place, what.format(heading=written(text))))
        elif key in table.headings and key not in ("total", "source"):
            what = _("{heading} is {key}, as is {other} ({place}); keep one of the two columns")
            other = table.headings[key]
            told = {"heading": written(text), "other": written(other[1]), "place": other[0]}
            table.mistakes.append(Mistake(place, what.format(key=key, **told)))
        else:
            table.headings[key], read[column] = (place, text), key
    _read_rows(table, top, read)
    _look_for_more(table, top, keys)
    return table


def _text(sheet: CellSheet, row: int, column: int) -> str:
    """The text of a cell, or of the one that it is merged with; empty for what is no text."""
    row, column = sheet.merged.get((row, column), (row, column))
    value = sheet.rows.get(row, {}).get(column)
    return value if isinstance(value, str) else ""


def _headings(sheet: CellSheet, row: int, more: Mapping[str, str] | None) -> dict[int, str]:
    """Keys of the headings in a row by column, with the help of headings and titles above them.

    None in a row with numbers other than years, which is no row of headings.
    """
    if any(_is_number(value) for value in sheet.rows[row].values()):
        return {}
    above = sheet.rows.get(row - 1, {})
    titles = [_text(sheet, n, min(sheet.rows[n])) for n in range(row - 5, row) if n in sheet.rows]
    found = {}
    for column in range(1, max({**sheet.rows[row], **above}, default=0) + 1):
        own = _text(sheet, row, column) or _text(sheet, row - 1, column)
        left = max((j for j in above if j <= column), default=0)
        over = _text(sheet, row - 1, column) or _text(sheet, row - 1, left)
        key = key_of(own, more)
        for before in (over, *titles) if key in (None, "posts?", "code", "name") else ():
            both = key_of(f"{before} {own}", more) if own and before not in ("", own) else None
            if both not in (None, "posts?") and (before == over or key == "posts?"):
                key = both
        if key is not None:
            found[column] = key
    return found


def _is_number(value: Value) -> bool:
    """Whether a cell holds a number other than a year."""
    text = show_value(value) if isinstance(value, str | float) else ""
    return bool(meant(text)) and not re.fullmatch(r"(?:19|20)\d\d", text)


def _settled(keys: Mapping[int, str]) -> dict[int, str]:
    """Keys by column: a region is the territory, or the area where territories stand beside it."""
    within = "name" in keys.values() and "region" in keys.values()
    has_code = within or "code" in keys.values()
    means = {
        "region": "area_name" if within else "name",
        "region code": "area" if has_code else "code",
    }
    return {column: means.get(key, key) for column, key in keys.items()}


def _look_for_more(table: TypedTable, top: int, keys: Mapping[int, str]) -> None:
    """Note columns with numbers that have no known heading; refuse one that is nearly known."""
    sheet = table.sheet
    rows = [cells for row, cells in sheet.rows.items() if row > top]
    for column in sorted({column for cells in rows for column in cells} - keys.keys()):
        heading, place = _text(sheet, top, column), sheet.where(top, column)
        cells = [cells[column] for cells in rows if column in cells]
        if not ((heading or sheet.name) and any(map(_is_number, cells))):
            continue  # of CSV, what is beyond the headings is refused with its row
        if like := slip(heading):
            text = _("{heading} is no known heading; is {like} meant? Correct it or delete it")
            told = text.format(heading=written(heading), like=written(like))
            table.mistakes.append(Mistake(place, told))
        else:
            table.unread.append((place, heading or cell_name(top, column)))


# -- rows ------------------------------------------------------------------------------------------


def _read_rows(table: TypedTable, top: int, keys: Mapping[int, str]) -> None:
    """Take the rows below the headings, all but totals and empty ones."""
    sheet, last = table.sheet, max(keys, default=0)
    totals: list[tuple[int, Row]] = []
    for number in (row for row in sorted(sheet.rows) if row > top):
        cells = sheet.rows[number]
        row: Row = {key: _typed(sheet, number, column, key) for column, key in keys.items()}
        figures = [key for key in keys.values() if unit_of_key(key) and row[key].text]
        beyond = [column for column in cells if column > last] if not sheet.name else []
        if beyond and figures and not sheet.rows[top].keys() >= set(beyond):
            text = _("has more cells than headings; a decimal comma needs semicolons between cells")
            table.mistakes.append(Mistake(sheet.where(number), text))
        elif sum(key_of(_text(sheet, number, column)) == key for column, key in keys.items()) > 1:
            text = _("headings stand here again; put this table on a sheet of its own")
            table.mistakes.append(Mistake(sheet.where(number, min(keys)), text))
            break
        elif any(cell.text for cell in row.values()):
            place = " ".join(row[key].text for key in ("code", "name") if key in row)
            is_place = "key" in row or bool(place.strip())
            if NAMED_TOTAL.search(f"- {plain(place)}") or (figures and not is_place):
                totals.append((len(table.rows), row))
            elif is_place:
                table.rows.append(row)
    for above, row in totals:
        _set_aside(table, row, above)


def _typed(sheet: CellSheet, row: int, column: int, key: str) -> Typed:
    """A cell of a table; a text stands in all of a merged range, a number in its first cell."""
    value = sheet.rows.get(row, {}).get(column)
    first = sheet.merged.get((row, column))
    if value is None and first and first[1] == column:
        value = sheet.rows.get(first[0], {}).get(column)
        if value is not None and unit_of_key(key):
            text = _("is merged with {cell}: whose number is it? Take the cells apart")
            cell = cell_name(first[0], column)
            value = Unreadable(cell, text.format(cell=cell))
    return Typed(value, sheet.where(row, column))


def _set_aside(table: TypedTable, row: Row, at: int) -> None:
    """Set a row aside that is the sum of others: of some before it in turn, after it, or of all.

    Refuse it where it is not, in any of its figures. Spreadsheets leave out numbers typed as text.

    at : how many rows of the table stand above it
    """
    label = next((row[key].text for key in ("name", "code") if key in row and row[key].text), "")
    keys = (key for key in row if unit_of_key(key) not in ("", "1", "EUR/(FTE.yr)"))
    found = {key: table.number_if_any(row, key) for key in keys}
    values = {key: value for key, value in found.items() if value is not None}
    alike = [k for k in ("buyer", "role", "year") if k in row and row[k].text]
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
        told = {"value": localised(show_value(value)), "sum": localised(f"{total:.10g}")}
        table.mistakes.append(Mistake(row[key].where, text.format(row=written(label), **told)))
        return
    shown = written(label) if label else _("a row without a name")
    table.aside.append(f"{next(iter(row.values())).where}: {text.format(row=shown)}")


def _is_sum(
    table: TypedTable, values: Mapping[str, float], rows: Sequence[Row], *, typed: bool = True
) -> bool:
    """Whether values are the sums of so many of the first rows, all of as many.

    Rounding of the rows counts in the sum of all, where it may not make up for a row left out.

    typed : whether numbers typed as text count
    """
    fits: set[int] = {*range(len(rows))}
    for key, value in values.items():
        counted = [typed or isinstance(row[key].value, float) for row in rows]
        numbers = [
            table.number_if_any(row, key) or 0.0 if counts else 0.0
            for row, counts in zip(rows, counted, strict=True)
        ]
        slack = len(rows) * min(map(half_unit, filter(None, numbers)), default=0.0)
        fits &= {
            n
            for n, total in enumerate(accumulate(numbers))
            if (n or len(rows) == 1)
            and abs(total - value) <= half_unit(value) + slack * (n == len(rows) - 1) + 1e-9
        }
    return bool(fits)
