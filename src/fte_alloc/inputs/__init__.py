"""Files → Problem: a scenario over its parents over its model, every value with its origin."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from fte_alloc.inputs.build import build_problem
from fte_alloc.inputs.entries import parse_override
from fte_alloc.inputs.resolve import read_inputs
from fte_alloc.programme.problem import Problem

__all__ = ["load", "parse_override", "read_inputs"]


def load(scenario: str | os.PathLike[str], overrides: Mapping[str, Any] | None = None) -> Problem:
    """Read a scenario, by name or path, and the model it is about.

    overrides : values by dotted key, as ``--set`` gives them

    Raises InputError with every mistake in every file.
    """
    return build_problem(read_inputs(scenario, overrides))
