"""From files to a ``Problem``: a scenario over its parents and its model, with every origin."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Protocol

from fte_alloc.errors import mistaken
from fte_alloc.inputs.build import build_problem
from fte_alloc.inputs.resolve import read_inputs
from fte_alloc.language import _
from fte_alloc.programme.problem import Problem


class HasLoadedProblem(Protocol):
    """An object, such as a plan, whose problem is loaded already."""

    @property
    def problem(self) -> Problem:
        """The problem that the plan is for."""


#: A problem, a plan of it, or the name or path of its scenario.
ProblemLike = Problem | HasLoadedProblem | str | os.PathLike[str]


def load(scenario: str | os.PathLike[str], overrides: Mapping[str, Any] | None = None) -> Problem:
    """Read a scenario, by name or path, and its model.

    overrides : values by dotted key, such as ``{"posts.cap_fte": 600}``

    Raises InputError with every mistake in every file.
    """
    return build_problem(read_inputs(scenario, overrides))


def loaded_problem(given: ProblemLike, overrides: Mapping[str, Any] | None = None) -> Problem:
    """The problem given, the problem of a plan, or the problem loaded from a scenario.

    overrides : as in ``load``

    Raises InputError, also for overrides of a problem that is loaded already.
    """
    if isinstance(given, str | os.PathLike):
        return load(given, overrides)
    if overrides:
        raise mistaken("overrides=", _("the problem is loaded already; give them to load"))
    return given if isinstance(given, Problem) else given.problem
