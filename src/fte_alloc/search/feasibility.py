"""Whether any plan is possible: the programme of posts alone, solved."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fte_alloc.lp.highs import OPTIMAL, SolverAnswer
from fte_alloc.lp.matrix import Matrix
from fte_alloc.lp.solving import CheckedProgramme
from fte_alloc.programme.linear import Programme
from fte_alloc.programme.posts_only import Touch, formulate_posts
from fte_alloc.programme.problem import Problem

#: Tolerance of contracts above a curve, as a share of them; most rounds of tangents.
_ON_THE_CURVE, _MOST_TOUCHES = 1e-9, 60


def is_feasible(problem: Problem) -> bool:
    """Whether any plan keeps every limit."""
    reachable = bool(np.all(np.isfinite(problem.least_effort_fte)))
    return reachable and solve_posts(problem)[2].status == OPTIMAL


def solve_posts(
    problem: Problem, extend: Callable[[Programme, Matrix], None] | None = None
) -> tuple[Programme, Matrix, SolverAnswer]:
    """Solve the programme of posts so that its plan keeps least rates on the true curves.

    extend : function that adds columns that lower least rates; all rates are then on contracts

    Tangents of the curves are added where a plan lies above the curves, until none does. Curves
    lie below their tangents: where the programme has no plan, none is possible on the curves.
    """
    touches: list[Touch] = []
    while True:
        programme = formulate_posts(problem, touches, covering=extend is not None)
        matrix, covered = Matrix.of(programme.lp), programme.decisions.c
        if extend is not None:
            extend(programme, matrix)
        answer = CheckedProgramme(matrix).checked()
        if answer.status != OPTIMAL or not covered or len(touches) == _MOST_TOUCHES:
            return programme, matrix, answer
        at = dict(zip(matrix.columns, answer.values.tolist(), strict=True))
        x, v = (
            np.array([at[post.name] for post in of.values()]).reshape(len(problem.territories), -1)
            for of in (programme.decisions.x, programme.decisions.v)
        )
        effort = problem.base_effort_fte(x) + problem.productivity_gain * v
        most, slope = problem.most_covered(effort)
        if all(
            at[c.name] - most[key] <= _ON_THE_CURVE * max(1.0, most[key])
            for key, c in covered.items()
        ):
            return programme, matrix, answer
        touches.append((effort, most, slope))
