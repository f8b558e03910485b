"""The curves of curves.csv, for ``coverage.curve = "table"``: concave, or refused."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from fte_alloc import words
from fte_alloc.programme.curves import TableCurves
from fte_alloc.scenario.draft import Draft
from fte_alloc.scenario.model_tables import TableReading
from fte_alloc.scenario.written import KeyPath, show_value

_COLUMNS = ("territory", "segment", "effort_fte", "contracts")

#: Effort, contracts, line of the file.
Point = tuple[float, float, int]


def read_curves(draft: Draft) -> bool:
    """Read curves.csv, each curve kept as one value, a tuple of points; whether all is right."""
    assert draft.folder is not None
    table = draft.reader.table(draft.folder / "curves.csv", _COLUMNS, (*_COLUMNS, "year"))
    if table is None:
        return False
    reading = TableReading(draft, "curves", table)
    reading.check_columns(["contracts"])
    readable = not reading.has_doubtful_numbers(["effort_fte", "contracts"])
    points: dict[KeyPath, list[Point]] = {}
    for row, path in reading.pairs():
        line = row["territory"].line
        numbers = [reading.number(row, c, "amount") for c in _COLUMNS[2:]] if readable else [None]
        for column in _COLUMNS[2:]:
            if not row[column].text:
                reading.wrong.add(line, column, f"{column}: {words.EMPTY_CELL}")
        if path is not None and None not in numbers:
            effort, contracts = (n for n in numbers if n is not None)
            points.setdefault(path, []).append((effort, contracts, line))
    if readable and not reading.wrong:
        for path, curve in points.items():
            _put_curve(reading, path, sorted(curve))
    reading.finish()
    return readable and not table.mistakes and not reading.wrong


def _put_curve(reading: TableReading, path: KeyPath, curve: Sequence[Point]) -> None:
    """Put one curve, or say which rows are not increasing and concave."""
    pair = " ".join(path[1:])
    efforts, contracts, lines = zip(*curve, strict=True)
    if efforts[0] != 0:
        reading.wrong.add(lines[0], "start", words.CURVE_START.format(pair=pair), "start")
        return
    twice = next((b for a, b in pairwise(curve) if a[0] == b[0]), None)
    if twice:
        what = words.CURVE_TWICE.format(pair=pair, effort=show_value(twice[0]))
        reading.wrong.add(twice[2], "twice", what)
        return
    fault = TableCurves.first_fault(efforts, contracts)
    if fault is not None:
        rows = ", ".join(str(line) for line in lines[max(0, fault - 2) : fault + 1])
        what = words.CURVE_NOT_CONCAVE.format(pair=pair, lines=rows)
        reading.wrong.add(lines[fault], "concave", what)
        return
    points = tuple(zip(efforts, contracts, strict=True))
    reading.draft.put(path, reading.entry("contracts", points, lines[0]))
