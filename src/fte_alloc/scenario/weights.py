"""Weights: something must be left to maximise, and an indicator must be a rate all have."""

from __future__ import annotations

from collections.abc import Sequence

from fte_alloc import words
from fte_alloc.scenario import schema
from fte_alloc.scenario.completing import Entries
from fte_alloc.scenario.draft import Draft
from fte_alloc.scenario.names import closest
from fte_alloc.scenario.written import KeyPath, show_value


def check_weights(draft: Draft, entries: Entries) -> None:
    """Add to the draft's mistakes what weights get wrong."""
    for kind in ("segment", "year"):
        paths = sorted(path for path in entries if path[:2] == ("weights", kind))
        _refuse_all_zero(draft, entries, kind, paths)
    explicit = sorted(path for path in entries if path[:2] == ("weights", "territory"))
    if len(explicit) == len(draft.territories.names):
        _refuse_all_zero(draft, entries, "territory", explicit)
    for path in sorted(entries):
        if path[:2] == ("weights", "indicators") and entries[path].value:
            what = _indicator_fault(draft, entries, path[2])
            if what:
                draft.refuse(entries[path].origin, path, what)


def check_indicators(draft: Draft, entries: Entries) -> None:
    """Add to the draft's mistakes indicators that weigh but whose columns lack numbers."""
    for path in sorted(entries):
        if path[:2] == ("weights", "indicators") and entries[path].value:
            what = _indicator_lacks(draft, entries, path[2])
            if what:
                draft.refuse(entries[path].origin, path, what)


def _refuse_all_zero(draft: Draft, entries: Entries, kind: str, paths: Sequence[KeyPath]) -> None:
    if draft.is_refused(("weights", kind)) or any(entries[path].value for path in paths):
        return
    if paths:
        what = words.WEIGHTS_ALL_ZERO.format(kind=words.WEIGHT_KINDS[kind])
        draft.refuse(entries[paths[0]].origin, paths[0], what)


def _indicator_fault(draft: Draft, entries: Entries, column: str) -> str:
    """What keeps a column from weighing; empty where nothing does, or where it is not known."""
    if draft.model_layer is None or not draft.territories.complete:
        return ""
    described = draft.columns["territories"]
    rates = sorted(c for c in draft.indicators if described.get(c) and described[c].unit == "1")
    if column not in rates:
        refused = draft.is_refused(("tables", "territories", column))
        if column in draft.indicators and (refused or column not in described):
            return ""
        known = column in described or column in schema.TERRITORY_COLUMNS
        what = words.INDICATOR_NOT_A_RATE if known else words.UNKNOWN_INDICATOR
        return what.format(hint=closest(column, rates), known=", ".join(rates))
    return _indicator_lacks(draft, entries, column)


def _indicator_lacks(draft: Draft, entries: Entries, column: str) -> str:
    """What a column that weighs, or the population, has no numbers for; empty where nothing."""
    codes = draft.territories.sorted()
    for needed in (column, "population"):
        lacking = [code for code in codes if ("territories", code, needed) not in entries]
        if any(draft.is_refused(("territories", code, needed)) for code in codes):
            return ""
        if lacking:
            shown = ", ".join(lacking[:5]) + (", …" if lacking[5:] else "")
            return words.INDICATOR_LACKS.format(column=needed, codes=shown)
    population = [entries["territories", code, "population"].value for code in codes]
    if not any(population):
        return words.NO_POPULATION
    rate = [entries["territories", code, column].value for code in codes]
    mean = sum(p * q for p, q in zip(population, rate, strict=True)) / sum(population)
    return "" if mean > 0 else words.INDICATOR_MEAN.format(column=column, mean=show_value(mean))
