"""Scenarios between two others: the inputs of the one, with some of the other's."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from fte_alloc.errors import InputError
from fte_alloc.programme.problem import Problem
from fte_alloc.scenario.build import build_problem
from fte_alloc.scenario.checks import check
from fte_alloc.scenario.draft import Draft
from fte_alloc.scenario.inputs import Inputs
from fte_alloc.scenario.names import Codes
from fte_alloc.scenario.reading import Reader

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
    draft = Draft(Reader(), Path(inputs.model))
    draft.territories = Codes(inputs.codes("territories"), complete=True)
    draft.segments = Codes(inputs.codes("coverage.segments"), complete=True)
    draft.contracts_are_read = True
    check(draft, inputs, with_curves=inputs.value("coverage.curve") == "table")
    if draft.reader.mistakes:
        raise InputError(draft.reader.mistakes)
    return inputs


def mixed_problem(before: Inputs, after: Inputs, keys: Collection[str]) -> Problem:
    """The problem that mixed inputs describe."""
    return build_problem(mixed(before, after, keys))
