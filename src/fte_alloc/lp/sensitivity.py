"""How an optimum answers to its data, and what all optimal plans have in common; exactly.

The optimal value is concave and piecewise linear in a limit of a maximisation, convex in a cost
(mirrored for a minimisation). Its slope to one side is an extreme over a whole face: of the price
y_i over all optimal prices for a limit b_i, of x_j over all optimal plans for a cost c_j. And that
very price (or plan) stays optimal exactly as long as the value stays on the line it gives: as long
as a plan (or a price) is complementary to it. See Gal & Nedoma (1972), *Multiparametric linear
programming*; the face in place of the basis: Jansen, de Jong, Roos & Terlaky (1997), *Sensitivity
analysis in linear programming: just be careful!*
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from fte_alloc.lp.faces import (
    ROUNDING,
    Polyhedron,
    endless,
    kept,
    optimal_plans,
    optimal_prices,
    optimum,
    settled_prices,
    settled_values,
    unit,
)
from fte_alloc.lp.matrix import Floats, Matrix


@dataclass(frozen=True)
class Range:
    """What happens when one cost, or one limit, is changed and all else stays.

    value : the cost or limit as it is
    down, up : change of the optimal value per unit of the cost or limit, to the left and to the
        right of ``value``, in the problem's own sense; infinite where the programme has no
        optimum on that side
    lowest, highest : the optimal value keeps slope ``down`` from ``value`` to ``lowest``, slope
        ``up`` from ``value`` to ``highest``, and no farther; infinite where there is no end
    solution_lowest, solution_highest : between these the values ``lp.solve`` reports now stay
        feasible and optimal, and no farther
    """

    value: float
    down: float
    up: float
    lowest: float
    highest: float
    solution_lowest: float
    solution_highest: float

    @property
    def is_kink(self) -> bool:
        """Whether the value changes its slope just here, so that there is no one price."""
        return self.down != self.up


@dataclass(frozen=True)
class Ranges:
    """A ``Range`` for every cost, by name of variable, and every limit, by name of constraint."""

    costs: dict[str, Range]
    limits: dict[str, Range]


def ranges(problem: Any) -> Ranges:
    """How the optimum of a ``pulp.LpProblem`` answers to every cost and right-hand side.

    Raises ValueError where variables must be whole, or where there is no optimum.
    """
    matrix = Matrix.of(problem)
    answer = optimum(matrix)
    plans = kept(partial(optimal_plans, matrix), partial(settled_values, matrix))
    prices = kept(partial(optimal_prices, matrix), partial(settled_prices, matrix))
    optima, proofs = plans(answer.prices), prices(answer.values)

    costs = {}
    for j, name in enumerate(matrix.columns):
        value = float(matrix.cost[j])
        line = _line(value, j, optima, prices, convex=matrix.maximise)
        stays = [_snapped(proofs.reach(j, upward), value) for upward in (False, True)]
        costs[name] = Range(value, *line, *stays)

    limits = {}
    for i, (name, activity) in enumerate(
        zip(matrix.rows, matrix.times(answer.values), strict=True)
    ):
        lower, upper = float(matrix.row_lower[i]), float(matrix.row_upper[i])
        value = (lower if np.isinf(upper) else upper) + 0.0  # no −0
        line = _line(value, i, proofs, plans, convex=not matrix.maximise)
        down, up, _, _ = line
        # A row is tightened until the plan touches it, and loosened for ever or not at all:
        # where loosening gains nothing at first it never does.
        touch = _snapped(float(activity), value)
        lowest = touch if np.isfinite(upper) else -np.inf if down == 0 else value
        highest = touch if np.isfinite(lower) else np.inf if up == 0 else value
        limits[name] = Range(value, *line, lowest, highest)
    return Ranges(costs, limits)


def _line(
    value: float,
    at: int,
    slopes: Polyhedron,
    proved_by: Callable[[Floats], Polyhedron],
    *,
    convex: bool,
) -> tuple[float, float, float, float]:
    """Slopes down and up, lowest and highest, of a datum: cost or limit number *at*.

    slopes : the face over which entry *at* is the slope
    proved_by : the face that is empty once a point of *slopes* is optimal no more
    convex : whether the slope grows with the datum
    """
    slope, end = [], []
    for upward in (False, True):
        greatest = upward == convex
        point = slopes.farthest(unit(len(slopes.matrix.columns), at), greatest)
        slope.append(endless(greatest) if point is None else float(point[at]))
        end.append(value if point is None else _snapped(proved_by(point).reach(at, upward), value))
    if math.isclose(*slope, rel_tol=ROUNDING):
        slope[1] = slope[0]
    return slope[0], slope[1], end[0], end[1]


def _snapped(end: float, value: float) -> float:
    """The end of an interval around a value, put there where it is within rounding of it."""
    return value if abs(end - value) <= ROUNDING * max(1.0, abs(value)) else end


def alternatives(
    problem: Any, names: Iterable[str], within: float = 0.0
) -> dict[str, tuple[float, float]]:
    """Least and greatest value of each named variable over all (nearly) optimal plans.

    within : how far from the optimum V a plan may be, as a share of |V|; at 0 the plans are the
        optimal ones exactly, held by their prices and not by a thin row

    Infinite where the plans go on without end. Raises KeyError for names the ``pulp.LpProblem``
    does not have, ValueError where variables must be whole, or where there is no optimum.
    """
    if within < 0:
        raise ValueError(f"within is a share of the optimum, 0 or more, not {within}")
    matrix, names = Matrix.of(problem), list(names)
    unknown = sorted(set(names) - set(matrix.columns))
    if unknown:
        raise KeyError(f"no variable named {', '.join(unknown)}")
    answer = optimum(matrix)
    given = abs(answer.objective) * within
    if given == 0:
        matrix = optimal_plans(matrix, answer.prices)
    else:
        worst = answer.objective - matrix.constant + (-given if matrix.maximise else given)
        limits = (worst, np.inf) if matrix.maximise else (-np.inf, worst)
        matrix.add_row("within", matrix.cost, *limits)
    plans = Polyhedron(matrix, partial(settled_values, matrix))
    column = {name: j for j, name in enumerate(matrix.columns)}
    return {
        name: (plans.extent(column[name], False), plans.extent(column[name], True))
        for name in names
    }
