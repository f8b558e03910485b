"""Scenarios between two others: the inputs of the one, with some of the other's."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from fte_alloc.errors import InputError
from fte_alloc.programme.problem import Problem
from fte_alloc.scenario.building import build_problem
from fte_alloc.scenario.checking import check_curves, check_entries
from fte_alloc.scenario.completing import Entries
from fte_alloc.scenario.draft import Draft
from fte_alloc.scenario.inputs import Inputs
from fte_alloc.scenario.names import Codes
from fte_alloc.scenario.reading import Reader
from fte_alloc.scenario.weights import check_indicators

REFERENCE_PLAN = "reference_plan"


def mixed(before: Inputs, after: Inputs, keys: Collection[str]) -> Inputs:
    """The inputs of *before*, for some keys those of *after*; a key that it lacks is gone.

    Raises InputError where files that said so would be refused.
    """
    entries = {key: entry for key, entry in before.entries.items() if key not in keys}
    entries |= {key: entry for key, entry in after.entries.items() if key in keys}
    inputs = replace(
        before,
        entries=dict(sorted(entries.items())),
        overrides={},
        warnings=(),
        reference_posts=(after if REFERENCE_PLAN in keys else before).reference_posts,
    )
    _check(inputs)
    return inputs


def mixed_problem(before: Inputs, after: Inputs, keys: Collection[str]) -> Problem:
    """The problem that mixed inputs describe."""
    return build_problem(mixed(before, after, keys))


def codes_of(inputs: Inputs, head: tuple[str, ...]) -> dict[str, str]:
    """Codes that stand after a key, each with its name."""
    depth = len(head)
    names: dict[str, str] = {}
    for key, entry in inputs.entries.items():
        path = tuple(key.split("."))
        if path[:depth] == head:
            names.setdefault(path[depth], path[depth])
            if path[depth + 1 :] == ("name",):
                names[path[depth]] = str(entry.value)
    return names


def _check(inputs: Inputs) -> None:
    """Let the checks of files judge inputs that no file has put together."""
    entries: Entries = {tuple(key.split(".")): entry for key, entry in inputs.entries.items()}
    draft = Draft(Reader(), Path(inputs.model))
    draft.entries = dict(entries)
    draft.territories = Codes(codes_of(inputs, ("territories",)), complete=True)
    draft.segments = Codes(codes_of(inputs, ("coverage", "segments")), complete=True)
    draft.contracts_are_read = True
    check_entries(draft, entries)
    check_indicators(draft, entries)
    if _value(entries, "coverage", "curve") == "table":
        check_curves(draft, entries)
    if draft.reader.mistakes:
        raise InputError(draft.reader.mistakes)


def _value(entries: Entries, *path: str) -> object:
    entry = entries.get(path)
    return None if entry is None else entry.value
