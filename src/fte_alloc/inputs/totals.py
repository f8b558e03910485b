"""Rows that add up others: a total among the territories would be planned for as one more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import accumulate

from fte_alloc.inputs.draft import Draft
from fte_alloc.inputs.names import plain
from fte_alloc.language import _

#: What a row that adds up others is called; it need not be called so. Somme is a département.
_NAMED = re.compile(
    r"\b((sous|sub)?(totals?|totaux)|tot|ensemble|sum|overall|cumul)\b"
    r"|^\S+ (france|nation(al)?|all|tou(te)?s)\b"
)
#: A row of another name is a total of this many others at least, in this many figures.
_FEWEST_ROWS, _FEWEST_FIGURES = 3, 2

#: By column of a table, and kind of buyer: the number of each territory.
Figures = dict[tuple[str, ...], dict[str, float]]


def refuse_totals(draft: Draft) -> None:
    """Refuse rows that are the sum of all others, of their area, or of those before or after.

    To rounding, in every count of contracts. Two equal territories are not a total.
    """
    figures: Figures = {}
    contracts: dict[str, str] = {}
    for path, entry in draft.entries.items():
        if path[0] == "contracts":
            contracts.setdefault(path[1], entry.origin)
        if path[0] in ("territories", "contracts") and isinstance(entry.value, float):
            figures.setdefault((path[0], *path[2:]), {})[path[1]] = entry.value
    totals = {key: sum(column.values()) for key, column in figures.items()}
    half_units = {key: min(map(_half_unit, column.values())) for key, column in figures.items()}
    codes = list(draft.territories.names)
    for code in filter(contracts.get, codes):
        named = bool(_NAMED.search(plain(f"{code} {draft.territories.names[code]}")))
        lenient = 1e-3 if named else 1e-9
        own = [key for key in figures if figures[key].get(code)]
        first = max(own, key=lambda key: key[0] == "contracts", default=())
        counts = {key for key in own if key[0] == "contracts"}
        for others in _candidates(draft, codes, code, figures.get(first, {}), named=named):
            everyone = len(others) == len(codes) - 1
            summed = []
            for key in own:
                column, value = figures[key], figures[key][code]
                found = totals[key] - value if everyone else sum(column.get(c, 0) for c in others)
                slack = _half_unit(value) + len(others) * half_units[key] + lenient * value
                # Twice where every row is in a subtotal, too.
                if any(abs(value - found / n) <= slack for n in ((1, 2) if everyone else (1,))):
                    summed.append(key)
            fewest = 1 if named and counts else _FEWEST_FIGURES
            if counts <= {*summed} and len(summed) >= fewest:
                names = _("all other rows") if everyone else ", ".join(others)
                told = (k[1] if k[0] == "territories" else "contracts_per_year" for k in summed)
                figures_told, row = ", ".join(dict.fromkeys(told)), draft.territories.shown(code)
                what = _(
                    "{row} is the sum of {rows} in {figures}: a total would be planned for as one "
                    "more territory; delete the row here and its rows in the other table ({place})"
                ).format(row=row, rows=names, figures=figures_told, place=contracts[code])
                draft.reader.add(draft.entries["territories", code, "name"].origin, what)
                break


def _half_unit(value: float) -> float:
    """Half of what the last digit of a number as typed stands for: how far it may be rounded."""
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return 0.5 * 10.0 ** min(int(exponent), 0)


def _candidates(
    draft: Draft, codes: Sequence[str], code: str, column: Mapping[str, float], *, named: bool
) -> Iterator[Sequence[str]]:
    """The rows that a row may be the total of.

    column : one of its figures
    """
    others = [other for other in codes if other != code]
    area = draft.value(("territories", code, "area"))
    alike = [c for c in others if area and draft.value(("territories", c, "area")) == area]
    fewest = 1 if named else _FEWEST_ROWS
    yield from (rows for rows in (others, alike) if len(rows) >= fewest)
    at, most = codes.index(code), 1.01 * column.get(code, 0.0)
    for beside in (codes[:at][::-1], codes[at + 1 :]):
        for count, total in enumerate(accumulate(column.get(c, 0.0) for c in beside), start=1):
            if total > most:
                break
            if count >= fewest and total > 0.98 * most:
                yield sorted(beside[:count], key=codes.index)
