"""The combination of changes with the smallest sum of relative changes, as a linear programme.

Every lever of ``levers.LIMIT_KEYS`` moves its limits by t ≥ 0 at the price 1 / present value;
Σ price · t is minimised over the posts and all t. A least rate f lowered by t asks that an effort E
cover C(E) ≥ (f − t) n; C is concave, tangents stand for it and are added until the answer lies on
the curve. State rates multiply posts and are left out: they are compared alone with what is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from fte_alloc.analysis.levers import STEPS, Lever, distinct, lever_of
from fte_alloc.coverage import Floats
from fte_alloc.formulation import EUR_PER_KEUR, Programme, formulate_posts, label
from fte_alloc.lp.matrix import Matrix
from fte_alloc.lp.solving import OPTIMAL, Live
from fte_alloc.problem import Problem

#: Rows in kEUR whose levers are in EUR.
_MONEY = frozenset(["budget", "partners"])
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
        if programme.limits[name][0] == "least":  # its tangents take its place
            matrix.row_lower[r] = -np.inf
    columns: dict[Lever | None, int] = {}
    for lever in _levers(problem, programme) if only is None else [only]:
        coefficients = np.array(
            [_loosens(problem, lever, *programme.limits[name]) for name in matrix.rows]
        )
        columns[lever] = len(matrix.columns)
        most = lever.value if lever.direction < 0 else np.inf
        matrix.add_column(lever.key, coefficients, 1 / lever.scale, 0.0, most)
    effort = problem.fixed_facilitators_fte[:, None] + np.zeros((1, len(problem.years)))
    values = np.zeros(len(matrix.columns))
    for _ in range(_ROUNDS):
        tight = True
        for i, t, touch, needed in _missed(problem, columns, values, effort):
            _add_tangent(problem, matrix, columns, (i, t), touch, needed)
            tight = False
        if tight and values.any():
            break  # the answer before lies on the curves
        answer = Live(matrix).checked()
        if answer.status != OPTIMAL:
            return None
        values = answer.values
        effort = _effort(problem, matrix, values)
    found = {
        lever: lever.value + lever.direction * float(values[j])
        for lever, j in columns.items()
        if lever is not None
    }
    return found, float(matrix.cost @ values)


def _levers(problem: Problem, programme: Programme) -> list[Lever]:
    """Every lever of the problem's limits, and of least rates that no effort reaches."""
    limits = list(programme.limits.values())
    limits += [
        ("least", code, problem.years[0])
        for code, rate in zip(problem.territories, problem.least_rate, strict=True)
        if rate > 0
    ]
    return distinct(lever_of(problem, *limit) for limit in limits if limit[0] not in STEPS)


def _loosens(problem: Problem, lever: Lever, constraint: str, code: str | None, year: int) -> float:
    """Coefficient in a row of one unit of a lever, 0 where it does not move its limit."""
    if constraint in ("least", *STEPS) or lever_of(problem, constraint, code, year) != lever:
        return 0.0
    if constraint == "coordinator_max":
        a = problem.areas.index(str(code))
        if lever.value < problem.fixed_coordinators_fte[a]:
            return 0.0  # more posts than the limit are in place already: it allows none either way
    return -lever.direction / (EUR_PER_KEUR if constraint in _MONEY else 1.0)


def _effort(problem: Problem, matrix: Matrix, values: Floats) -> Floats:
    """Effective facilitators of a plan [I,T]."""
    at = dict(zip(matrix.columns, values.tolist(), strict=True))

    def of(symbol: str) -> Floats:
        rows = [[at[label(symbol, c, y)] for y in problem.years] for c in problem.territories]
        return np.array(rows)

    return problem.base_effort_fte(of("x")) + problem.productivity_gain * of("v")


def _missed(
    problem: Problem, columns: Mapping[Lever | None, int], values: Floats, effort: Floats
) -> Iterator[tuple[int, int, float, float]]:
    """(i, t, effort, contracts asked) of every least rate that the curves do not meet there."""
    covered = problem.curves.value(problem.split_evenly(effort).ravel())
    covered = covered.reshape(problem.contracts_per_year.shape).sum(axis=2)
    for i, t in np.argwhere(problem.least_rate[:, None] * np.ones((1, len(problem.years))) > 0):
        n = problem.contracts_per_year[i, t].sum()
        lever = lever_of(problem, "least", problem.territories[i], problem.years[t])
        lowered = values[columns[lever]] if lever in columns else 0.0
        asked = (problem.least_rate[i] - lowered) * n
        if covered[i, t] < asked - _ON_THE_CURVE * max(1.0, asked):
            yield int(i), int(t), float(effort[i, t]), float(problem.least_rate[i] * n)


def _add_tangent(
    problem: Problem,
    matrix: Matrix,
    columns: Mapping[Lever | None, int],
    where: tuple[int, int],
    touch: float,
    needed: float,
) -> None:
    """C(E₀) + C′(E₀) (E − E₀) + n t ≥ f n, with C the most contracts an effort E can cover."""
    i, t = where
    code, year = problem.territories[i], problem.years[t]
    everywhere = np.full((len(problem.territories), len(problem.years)), touch)
    k = problem.split_evenly(everywhere)
    value = problem.curves.value(k.ravel()).reshape(k.shape)[i, t].sum()
    slope = float(problem.curves.slope(k.ravel()).reshape(k.shape)[i, t].max())
    at = {name: j for j, name in enumerate(matrix.columns)}
    row = np.zeros(len(matrix.columns))
    eta = problem.first_year_effectiveness
    row[at[label("x", code, year)]] = slope * eta
    if t:
        row[at[label("x", code, problem.years[t - 1])]] = slope * (1 - eta)
    row[at[label("v", code, year)]] = slope * problem.productivity_gain
    lever = lever_of(problem, "least", code, year)
    if lever in columns:
        row[columns[lever]] = problem.contracts_per_year[i, t].sum()
    given = value + slope * (problem.fixed_facilitators_fte[i] - touch)
    matrix.add_row(f"tangent_{len(matrix.rows)}", row, needed - given, np.inf)
