"""The trade-off of two objectives: every extreme point of it, exactly.

Between two neighbouring points the weights are chosen for which both are equally good; the optimum
for these weights is a point between them, or proves that there is none. See Aneja & Nair (1979),
*Bicriteria transportation problem*, and Cohon (1978), *Multiobjective programming and planning*.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from fte_alloc.lp.certificate import Bound, bound_of
from fte_alloc.lp.faces import ROUNDING, Polyhedron, optimal_plans, optimum, settled_values
from fte_alloc.lp.matrix import Floats, Matrix


@dataclass(frozen=True)
class Point:
    """An extreme point of the trade-off, and the proof that it is one.

    first, second : values of the two objectives
    values : a plan that has them, by name of variable
    least_weight, greatest_weight : for any λ between these, no plan has a better
        λ · first + (1 − λ) · second; for any λ strictly between, every plan as good has the same
        first and second
    weight : a λ strictly between
    bound : what λ · first + (1 − λ) · second can be at best for ``weight``, proved by arithmetic
    """

    first: float
    second: float
    values: dict[str, float]
    least_weight: float
    greatest_weight: float
    weight: float
    bound: Bound

    @property
    def gap(self) -> float:
        """What the bound leaves open, relative to it or to 1."""
        reached = self.weight * self.first + (1.0 - self.weight) * self.second
        return abs(self.bound - reached) / max(1.0, abs(self.bound))


def frontier(problem: Any, first: Any, second: Any) -> tuple[Point, ...]:
    """Every extreme point of the trade-off of two objectives, sorted from the best *second* on.

    The trade-off itself is the straight lines between neighbours. Where the objectives do not
    conflict there is one point.

    problem : a ``pulp.LpProblem``; its sense serves both objectives, its own objective is left out
    first, second : PuLP expressions

    Raises ValueError where variables must be whole, and where a best *first* or *second* does not
    exist.
    """
    import pulp

    goals = [pulp.LpAffineExpression(goal) for goal in (first, second)]
    matrix = Matrix.of(problem, besides=dict.fromkeys(v for goal in goals for v in goal))
    column = {name: j for j, name in enumerate(matrix.columns)}
    costs = np.zeros((2, len(column)))
    for goal, cost in zip(goals, costs, strict=True):
        for variable, coefficient in goal.items():
            cost[column[variable.name]] = coefficient
    both = _Goals(matrix, costs, np.array([float(goal.constant) for goal in goals]))
    plans = _extreme_plans(both)
    edges = [_level(both.at(one), both.at(other)) for one, other in pairwise(plans)]
    sides = zip(plans, [_SECOND, *edges], [*edges, _FIRST], strict=True)
    return tuple(_point(both, *one) for one in sides)


_FIRST, _SECOND = np.array([1.0, 0.0]), np.array([0.0, 1.0])


@dataclass(frozen=True, eq=False)
class _Goals:
    """Two objectives over the rows of a programme.

    costs, constants : (2, columns) and (2,)
    """

    matrix: Matrix
    costs: Floats
    constants: Floats

    def at(self, values: Floats) -> Floats:
        """Both objectives of a plan, (2,)."""
        return self.costs @ values + self.constants

    def rounding(self, values: Floats) -> Floats:
        """What counts as no difference in either objective, (2,)."""
        return ROUNDING * np.maximum(1.0, np.abs(self.at(values)))

    def weighted(self, weights: Floats) -> Matrix:
        """The programme with the weighted sum for its objective."""
        constant = float(weights @ self.constants)
        return replace(self.matrix, cost=weights @ self.costs, constant=constant)

    def best(self, weights: Floats, then: Floats) -> Floats:
        """The plan best for some weights and, among those, for others: an extreme point."""
        programme = self.weighted(weights)
        face = optimal_plans(programme, optimum(programme).prices)
        plans = Polyhedron(face, partial(settled_values, self.matrix))
        plan = plans.farthest(then @ self.costs, self.matrix.maximise)
        if plan is None:
            raise ValueError("there is no best plan: what one objective leaves open has no end")
        return plan


def _extreme_plans(goals: _Goals) -> list[Floats]:
    """One plan for every extreme point, from the best *second* to the best *first*."""
    plans = [goals.best(_SECOND, _FIRST), goals.best(_FIRST, _SECOND)]
    if not np.any(np.abs(goals.at(plans[1]) - goals.at(plans[0])) > goals.rounding(plans[0])):
        return plans[:1]
    sign = 1.0 if goals.matrix.maximise else -1.0
    edge = 0
    while edge + 1 < len(plans):
        one, other = goals.at(plans[edge]), goals.at(plans[edge + 1])
        weights = _level(one, other)
        between = goals.best(weights, _FIRST)
        gain = sign * float(weights @ (goals.at(between) - one))
        if gain > float(weights @ goals.rounding(plans[edge])):
            plans.insert(edge + 1, between)
        else:
            edge += 1
    return plans


def _level(one: Floats, other: Floats) -> Floats:
    """The weights for which two points of the trade-off are equally good."""
    lost = np.abs(other - one)[::-1]
    return lost / lost.sum()


def _point(goals: _Goals, values: Floats, before: Floats, after: Floats) -> Point:
    """A plan with its proof: best for all weights between those of the edges beside it."""
    middle = (before + after) / (before + after).sum()
    programme = goals.weighted(middle)
    first, second = goals.at(values).tolist()
    least, greatest = (float(edge[0] / edge.sum()) for edge in (before, after))
    return Point(
        first,
        second,
        dict(zip(goals.matrix.columns, values.tolist(), strict=True)),
        least,
        greatest,
        float(middle[0]),
        bound_of(programme, optimum(programme).prices),
    )
