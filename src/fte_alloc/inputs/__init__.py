"""Files → Problem: a scenario over its parents over its model, every value with its origin."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from fte_alloc.inputs.build import build_problem
from fte_alloc.inputs.entries import parse_override
from fte_alloc.inputs.resolve import read_inputs
from fte_alloc.programme.problem import Problem

__all__ = ["ProblemLike", "load", "parse_override", "problem_of", "read_inputs"]

#: A problem, or the name or path of its scenario.
ProblemLike = Problem | str | os.PathLike[str]


def load(scenario: str | os.PathLike[str], overrides: Mapping[str, Any] | None = None) -> Problem:
    """Read a scenario, by name or path, and the model it is about.

    overrides : values by dotted key, such as ``{"posts.cap_fte": 600}``

    Raises InputError with every mistake in every file.
    """
    return build_problem(read_inputs(scenario, overrides))


def problem_of(given: ProblemLike) -> Problem:
    """A problem as it is given, or loaded."""
    return load(given) if isinstance(given, str | os.PathLike) else given
