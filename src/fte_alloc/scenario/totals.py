"""Rows that add up others: a total among the territories would be planned for as one more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from fte_alloc import words
from fte_alloc.scenario.draft import Draft
from fte_alloc.scenario.inputs import plain

#: What a row that adds up others is called; it need not be called so.
_NAMED = re.compile(r"\b(sous|sub)?(totals?|totaux|ensemble|somme|sum|overall)\b")
#: A row of another name is a total of this many others at least, in this many figures.
_FEWEST_ROWS, _FEWEST_FIGURES = 3, 2

#: By column of a table, and kind of buyer: the number of each territory.
Figures = dict[tuple[str, ...], dict[str, float]]


def refuse_totals(draft: Draft) -> None:
    """Refuse rows that are the sum of all others or of their area, or by name of those beside.

    To rounding, in every count of contracts. Two equal territories are not a total.
    """
    figures: Figures = {}
    for path, entry in draft.entries.items():
        if path[0] in ("territories", "contracts") and isinstance(entry.value, float):
            figures.setdefault((path[0], *path[2:]), {})[path[1]] = entry.value
    totals = {key: sum(column.values()) for key, column in figures.items()}
    half_units = {key: min(map(_half_unit, column.values())) for key, column in figures.items()}
    codes = list(draft.territories.names)
    for code in codes:
        named = bool(_NAMED.search(plain(f"{code} {draft.territories.names[code]}")))
        lenient = 1e-3 if named else 1e-9
        counts = {key for key in figures if key[0] == "contracts" and figures[key].get(code)}
        for others in _candidates(draft, codes, code, named=named):
            everyone = len(others) == len(codes) - 1
            summed = []
            for key, column in figures.items():
                value = column.get(code, 0.0)
                found = totals[key] - value if everyone else sum(column.get(c, 0) for c in others)
                slack = _half_unit(value) + len(others) * half_units[key] + lenient * value
                if value and abs(value - found) <= slack:
                    summed.append(key)
            if counts and counts <= {*summed} and (named or len(summed) >= _FEWEST_FIGURES):
                names = words.ALL_OTHER_ROWS if everyone else ", ".join(others)
                told = (k[1] if k[0] == "territories" else "contracts_per_year" for k in summed)
                contracts = next(
                    e for p, e in draft.entries.items() if p[:2] == ("contracts", code)
                )
                what = words.TOTAL_ROW.format(
                    row=draft.territories.shown(code),
                    rows=names,
                    figures=", ".join(dict.fromkeys(told)),
                    place=contracts.origin,
                )
                draft.reader.add(draft.entries["territories", code, "name"].origin, what)
                break


def _half_unit(value: float) -> float:
    """Half of what the last digit of a number as typed stands for: how far it may be rounded."""
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return 0.5 * 10.0 ** min(int(exponent), 0)


def _candidates(
    draft: Draft, codes: Sequence[str], code: str, *, named: bool
) -> Iterator[Sequence[str]]:
    """The rows that a row may be the total of."""
    others = [other for other in codes if other != code]
    area = draft.value(("territories", code, "area"))
    alike = [c for c in others if area and draft.value(("territories", c, "area")) == area]
    yield from (rows for rows in (others, alike) if len(rows) >= (1 if named else _FEWEST_ROWS))
    if named:
        at = codes.index(code)
        yield from (codes[start:at] for start in range(at))
        yield from (codes[at + 1 : end] for end in range(at + 2, len(codes) + 1))
