"""The combination of changes with the smallest sum of relative changes, as a linear programme.

Every lever of ``levers.LIMIT_KEYS`` moves its limits by t ≥ 0 at the price 1 / present value;
Σ price · t is minimised over the posts and all t. A least rate f lowered by t asks that an effort E
cover C(E) ≥ (f − t) n; C is concave, tangents stand for it and are added until the answer lies on
the curve. State rates multiply posts and are left out: they are compared alone with what is found.
"""

from __future__ import annotations

import numpy as np

from fte_alloc.lp.highs import OPTIMAL
from fte_alloc.lp.matrix import Matrix
from fte_alloc.lp.solving import Live
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.feasibility import formulate_posts
from fte_alloc.programme.limits import RATE, Limit
from fte_alloc.programme.linear import Programme, Structure
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.infeasible.adjustments import (
    MOST_TOUCHES,
    Lever,
    distinct,
    exemption,
    lever_of,
    on_curves,
)


def cheapest_combination(
    problem: Problem, only: Lever | None = None
) -> tuple[dict[Lever, float], float] | None:
    """Values of levers that together make a problem possible, and the least relative sum.

    only : the one lever that may move; None: all of them

    None where no change of them does. The sum is a lower bound for any such combination.
    """
    touches: list[Floats] = []
    while True:
        programme = formulate_posts(problem, touches, in_contracts=True)
        matrix = Matrix.of(programme.lp)
        columns: dict[Lever, int] = {}
        for lever in _levers(problem, programme) if only is None else [only]:
            rows = (programme.rows[name] for name in matrix.rows)
            coefficients = np.array([_loosens(problem, lever, row) for row in rows])
            columns[lever] = len(matrix.columns)
            most = lever.value if lever.direction < 0 else np.inf
            matrix.add_column(lever.key, coefficients, 1 / lever.scale, 0.0, most)
        answer = Live(matrix).checked()
        if answer.status != OPTIMAL:
            return None
        at = dict(zip(matrix.columns, answer.values.tolist(), strict=True))
        effort = on_curves(problem, programme, at)
        if effort is None or len(touches) == MOST_TOUCHES:
            break
        touches.append(effort)
    found = {
        lever: lever.value + lever.direction * float(answer.values[j])
        for lever, j in columns.items()
    }
    return found, answer.objective


def _levers(problem: Problem, programme: Programme) -> list[Lever]:
    """Every lever of the problem's limits; a share multiplies posts and is none here."""
    rows = programme.rows.values()
    return distinct(
        lever_of(problem, row) for row in rows if isinstance(row, Limit) and not row.is_share
    )


def _loosens(problem: Problem, lever: Lever, row: Limit | Structure) -> float:
    """Coefficient in a row of one unit of a lever, 0 where it does not move its limit."""
    if not isinstance(row, Limit):
        return 0.0
    if lever not in (lever_of(problem, row), exemption(problem, row)):
        return 0.0
    t = problem.years.index(row.year)
    of_one = row.per_key / row.unit.row
    if row.quantity == RATE:
        of_one = float(problem.contracts_per_year[list(row.territories), t].sum())
    return -lever.direction * of_one
