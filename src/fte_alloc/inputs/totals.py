"""Rows that are sums of other rows: set aside where they are called totals, else refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

import numpy as np

from fte_alloc.errors import Mistake
from fte_alloc.inputs.codes import plain
from fte_alloc.inputs.draft import Draft
from fte_alloc.inputs.headings import unit_of_key
from fte_alloc.inputs.tables import Row, TypedTable
from fte_alloc.inputs.values import KeyPath, half_unit, show_value, written
from fte_alloc.language import _, localised
from fte_alloc.programme.curves import Floats

#: Least number of rows that a total adds up, and of figures in which it is their sum.
_FEWEST_ROWS, _FEWEST_FIGURES = 3, 2
#: Largest rounding of a total, as a share of it, as small numbers may add up by chance [1].
_MOST_ROUNDING = 0.05


def set_aside(table: TypedTable, row: Row, at: int) -> None:
    """Set a row aside if it is the sum of the rows just before or after, or of all other rows.

    A row with another sum is refused. As in spreadsheets, a sum may ignore numbers typed as text.

    at : number of rows of the table above the row
    """
    label = row["name"].text or row["code"].text
    keys = (key for key in row if unit_of_key(key) not in ("", "1", "EUR/(FTE.yr)"))
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
        told = {"value": localised(show_value(value)), "sum": localised(f"{total:.10g}")}
        table.mistakes.append(Mistake(row[key].where, text.format(row=written(label), **told)))
        return
    table.totals |= {plain(row[key].text) for key in ("code", "name")} - {""}
    shown = written(label) if label else _("a row without a name")
    table.aside.append(Mistake(next(iter(row.values())).where, text.format(row=shown)))


def _is_sum(
    table: TypedTable, values: Mapping[str, float], rows: Sequence[Row], *, typed: bool = True
) -> bool:
    """Whether values are the sums of the first n rows, for one n that is the same for all keys.

    Rounding of the rows counts only in the sum of all rows, where it cannot hide a missing row.

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


def refuse_totals(draft: Draft) -> None:
    """Refuse territories that are the sum of all others, of their area, or of rows next to them.

    Sums must agree, up to rounding, in every count of contracts and in two figures at least. Two
    equal territories are no total; rows called a total are set aside when their table is read.
    """
    number = {code: n for n, code in enumerate(draft.territories)}
    columns: dict[KeyPath, Floats] = defaultdict(lambda: np.zeros(len(number)))
    places: dict[str, str] = {}
    for path, entry in draft.entries.items():
        if path[0] == "contracts":
            places.setdefault(path[1], entry.origin)
        if path[0] in ("territories", "contracts") and isinstance(entry.value, float):
            columns[path[0], *path[2:]][number[path[1]]] = entry.value
    if not places:
        return
    values = np.column_stack([*columns.values()])
    is_count = np.array([key[0] == "contracts" for key in columns])
    half_units = np.array([[*map(half_unit, row)] for row in values.tolist()])
    areas = [draft.value(("territories", code, "area")) for code in number]
    contracts = values[:, is_count].sum(axis=1)
    for code, at in number.items():
        own = values[at]
        for others in _candidates(contracts, areas, at) if code in places and own.any() else ():
            everyone, found = len(others) == len(number) - 1, values[others].sum(axis=0)
            # All others may count twice, as every row may also be in a subtotal.
            off = np.minimum(abs(own - found), abs(own - found / 2) if everyone else np.inf)
            rounding = half_units[at] + len(others) * half_units.min(axis=0)
            slack = np.minimum(rounding, _MOST_ROUNDING * own) + 1e-9 * own
            summed = (own != 0) & (off <= slack)
            if summed.sum() >= _FEWEST_FIGURES and summed[is_count & (own != 0)].all():
                text = _(
                    "{row} is the sum of {rows}: a total would be planned for as one more "
                    "territory; delete the row here and its rows in the other table ({place})"
                )
                codes = ", ".join([*number][other] for other in others)
                told = {"rows": _("all other rows") if everyone else codes, "place": places[code]}
                where = draft.entries["territories", code, "name"].origin
                draft.add(where, text, row=draft.territories.shown(code), **told)
                break


def _candidates(total: Floats, areas: Sequence[str | None], at: int) -> Iterator[Sequence[int]]:
    """Groups of rows that row number *at* may be the total of, as numbers of rows.

    total, areas : sum of contracts and area of every row
    """
    others = [n for n in range(len(areas)) if n != at]
    alike = [n for n in others if areas[at] and areas[n] == areas[at]]
    yield from (rows for rows in (others, alike) if len(rows) >= _FEWEST_ROWS)
    for beside in (others[:at][::-1], others[at:]):
        sums = total[beside].cumsum()
        close = np.flatnonzero((sums > 0.98 * total[at]) & (sums <= 1.02 * total[at])) + 1
        yield from (sorted(beside[:count]) for count in close if count >= _FEWEST_ROWS)
