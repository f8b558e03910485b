"""The combination of changes with the smallest sum of relative changes, as a linear programme.

Every lever of ``levers.LIMIT_KEYS`` moves its limits by t ≥ 0 at the price 1 / present value;
Σ price · t is minimised over the posts and all t. A least rate f lowered by t asks that an effort E
cover C(E) ≥ (f − t) n; C is concave, tangents stand for it and are added until the answer lies on
the curve. State rates multiply posts and are left out: they are compared alone with what is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from fte_alloc.lp.highs import OPTIMAL
from fte_alloc.lp.matrix import Matrix
from fte_alloc.lp.solving import Live
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.feasibility import formulate_posts
from fte_alloc.programme.limits import RATE, Limit, label
from fte_alloc.programme.linear import Programme, Structure
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.infeasible.adjustments import (
    Lever,
    distinct,
    effort_of,
    exemption,
    lever_of,
)

_ROUNDS, _ON_THE_CURVE = 40, 1e-9


def cheapest_combination(
    problem: Problem, only: Lever | None = None
) -> tuple[dict[Lever, float], float] | None:
    """Values of levers that together make a problem possible, and the least relative sum.

    only : the one lever that may move; None: all of them

    None where no change of them does. The sum is a lower bound for any such combination.
    """
    programme = formulate_posts(problem)
    matrix = Matrix.of(programme.lp)
    for r, name in enumerate(matrix.rows):
        if _is_tangent(programme.rows[name]):  # its tangents take its place
            matrix.row_lower[r] = -np.inf
    columns: dict[Lever | None, int] = {}
    for lever in _levers(problem, programme) if only is None else [only]:
        coefficients = np.array(
            [_loosens(problem, lever, programme.rows[name]) for name in matrix.rows]
        )
        columns[lever] = len(matrix.columns)
        most = lever.value if lever.direction < 0 else np.inf
        matrix.add_column(lever.key, coefficients, 1 / lever.scale, 0.0, most)
    effort = problem.fixed_facilitators_fte[:, None] + np.zeros((1, len(problem.years)))
    values = np.zeros(len(matrix.columns))
    for _ in range(_ROUNDS):
        tight = True
        for one, touch in _missed(problem, columns, values, effort):
            _add_tangent(problem, matrix, columns, one, touch)
            tight = False
        if tight and values.any():
            break  # the answer before lies on the curves
        answer = Live(matrix).checked()
        if answer.status != OPTIMAL:
            return None
        values = answer.values
        effort = effort_of(problem, dict(zip(matrix.columns, values.tolist(), strict=True)))
    found = {
        lever: lever.value + lever.direction * float(values[j])
        for lever, j in columns.items()
        if lever is not None
    }
    return found, float(matrix.cost @ values)


def _levers(problem: Problem, programme: Programme) -> list[Lever]:
    """Every lever of the problem's limits; a share multiplies posts and is none here."""
    limits = (*programme.limits.values(), *(li for li in problem.limits if _is_tangent(li)))
    return distinct(lever_of(problem, one) for one in limits if not one.is_share)


def _is_tangent(row: object) -> bool:
    """Whether a row is the least rate of one territory."""
    return isinstance(row, Limit) and row.quantity == RATE and len(row.territories) == 1


def _loosens(problem: Problem, lever: Lever, row: Limit | Structure) -> float:
    """Coefficient in a row of one unit of a lever, 0 where it does not move its limit."""
    if not isinstance(row, Limit) or _is_tangent(row):
        return 0.0
    if lever not in (lever_of(problem, row), exemption(problem, row)):
        return 0.0
    t = problem.years.index(row.year)
    of_one = row.per_key / row.unit.row
    if row.quantity == RATE:
        of_one = float(problem.contracts_per_year[list(row.territories), t].sum())
    return -lever.direction * of_one


def _missed(
    problem: Problem, columns: Mapping[Lever | None, int], values: Floats, effort: Floats
) -> Iterator[tuple[Limit, float]]:
    """Every least rate that the curves do not meet, and the effort there."""
    covered = problem.curves.value(problem.split_evenly(effort).ravel())
    covered = covered.reshape(problem.contracts_per_year.shape).sum(axis=2)
    for one in filter(_is_tangent, problem.limits):
        (i,), t = one.territories, problem.years.index(one.year)
        n, lever = problem.contracts_per_year[i, t].sum(), lever_of(problem, one)
        lowered = values[columns[lever]] if lever in columns else 0.0
        asked = (one.amount - lowered) * n
        if covered[i, t] < asked - _ON_THE_CURVE * max(1.0, asked):
            yield one, float(effort[i, t])


def _add_tangent(
    problem: Problem,
    matrix: Matrix,
    columns: Mapping[Lever | None, int],
    one: Limit,
    touch: float,
) -> None:
    """C(E₀) + C′(E₀) (E − E₀) + n t ≥ f n, with C the most contracts an effort E can cover."""
    (i,), t = one.territories, problem.years.index(one.year)
    code, year, n = one.code, one.year, problem.contracts_per_year[i, t].sum()
    everywhere = np.full((len(problem.territories), len(problem.years)), touch)
    value, slope = (float(of[i, t]) for of in problem.most_covered(everywhere))
    at = {name: j for j, name in enumerate(matrix.columns)}
    row = np.zeros(len(matrix.columns))
    eta = problem.first_year_effectiveness
    row[at[label("x", code, year)]] = slope * eta
    if t:
        row[at[label("x", code, problem.years[t - 1])]] = slope * (1 - eta)
    row[at[label("v", code, year)]] = slope * problem.productivity_gain
    lever = lever_of(problem, one)
    if lever in columns:
        row[columns[lever]] = n
    given = value + slope * (problem.fixed_facilitators_fte[i] - touch)
    matrix.add_row(f"tangent_{len(matrix.rows)}", row, one.amount * n - given, np.inf)
