"""Problems that differ in a few limits and weights, solved one after the other in one programme.

It is solved from the last basis, on loose tangents; Newton's method settles the rest on the true
curves, or else ``best_plan`` finds the same answer in more time.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np

from fte_alloc.errors import SolverError
from fte_alloc.lp.certificate import concave_bound
from fte_alloc.lp.highs import OPTIMAL
from fte_alloc.lp.newton import Conditions, Optimum
from fte_alloc.lp.solving import CheckedProgramme
from fte_alloc.programme.curves import Floats, SaturatingCurves
from fte_alloc.programme.limits import RATE
from fte_alloc.programme.linear import Arrays
from fte_alloc.programme.objectives import GAP, StageProof
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.statement import formulate
from fte_alloc.search.best_plan import Solution, best_plan
from fte_alloc.search.tangents import DUST_FTE, MOST_VALUE

#: Tangents of a curve, closer together where efforts are small.
TANGENTS = 20
#: Number of curves above which Newton's dense equations take longer than rounds of tangents.
MOST_CURVES = 600
#: Rates up to this share of the greatest are rounding.
ROUNDING_SHARE = 1e-9
WEIGHTS = ("segment_weight", "territory_weight", "year_weight")
#: Fields in which the problems may differ; of limits, the amounts alone.
MAY_DIFFER = frozenset([*WEIGHTS, "inputs", "limits"])


def with_highest_ceilings(problems: list[Problem]) -> Problem:
    """The first of some problems, with each ceiling raised to the highest in all of them."""
    most: dict[object, float] = {}
    for limit in (limit for p in problems for limit in p.limits if not limit.is_floor):
        most[limit.key_without_amount] = max(
            limit.amount, most.get(limit.key_without_amount, limit.amount)
        )
    first = problems[0]
    limits = (replace(li, amount=most.get(li.key_without_amount, li.amount)) for li in first.limits)
    return replace(first, limits=tuple(limits))


def _allows_warm_start(problem: Problem) -> bool:
    first, size = problem.stages[0], problem.contracts_per_year.size
    return (
        first.objective in ("coverage", "contracts")
        and first.concede == 0
        and not problem.in_steps
        and isinstance(problem.curves, SaturatingCurves)
        and size <= MOST_CURVES
        and all(limit.quantity != RATE for limit in problem.limits)
        and not problem.unlimited()
    )


def _equal_values(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if isinstance(one, np.ndarray):
        return bool(np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_equal_values, one, other))
    if is_dataclass(one) and not isinstance(one, type) and type(one) is type(other):
        return all(_equal_values(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    return bool(one == other)


class WarmSolver:
    """A solver of similar problems, each started from the optimum of the one before.

    The same problems in the same order give the same plans, to the last bit.

    widest : a problem whose ceilings are nowhere below those of the others
    settled_live : how many problems were solved in the live programme
    """

    def __init__(self, widest: Problem) -> None:
        self.widest, self.stage, self.settled_live = widest, widest.stages[0], 0
        self.is_smooth = _allows_warm_start(widest)
        if not self.is_smooth:
            return
        arrays = Arrays(formulate(replace(widest, stages=(self.stage,))))
        self.x, self.z, self.links = arrays.x, arrays.z, arrays.links
        self.matrix = matrix = arrays.matrix
        matrix.maximise, matrix.constant = True, 0.0
        assert isinstance(widest.curves, SaturatingCurves)
        self.curves: SaturatingCurves = widest.curves
        self.most = np.repeat(widest.most_effort_fte.ravel(), len(widest.segments))
        touch = self.most[:, None] * np.linspace(0.0, 1.0, TANGENTS) ** 2
        self.pieces = self.curves.pieces(touch, self.most)
        self.weight: Floats = np.full(widest.contracts_per_year.shape, np.nan)
        self.scale = 1.0
        self.last: Optimum | None = None
        self.conditions = Conditions(matrix, self.links, self.curves.derivatives)
        self.live = CheckedProgramme(self.links.expand(matrix, self.pieces), presolve=False)
        row = {name: r for r, name in enumerate(matrix.rows)}
        self.rows = np.array([row[limit.row] for limit in widest.limits], dtype=np.int32)
        self.key_without_amount = [limit.key_without_amount for limit in widest.limits]
        self.per_unit = np.array([1 / limit.unit.row for limit in widest.limits])
        self.is_floor, self.amount = widest.sums.sign < 0, widest.sums.amount
        sides = matrix.row_lower[self.rows], matrix.row_upper[self.rows]
        self.side = np.where(self.is_floor, *sides)
        self.fixed = [f.name for f in fields(Problem) if f.name not in MAY_DIFFER]

    def solve(self, problem: Problem) -> Solution:
        """The best plan of a problem, without prices; raises the errors of ``best_plan``.

        If it is from the live programme, only the first stage has a proof.
        """
        if self.is_smooth and (best := self._solve_live(problem)):
            self.settled_live += 1
            return best
        return best_plan(problem, priced=False)

    def post_derivatives(self, problem: Problem, change: Floats) -> Floats | None:
        """Directional derivative of the best posts, in the order of ``Problem.post_keys``.

        change : rates of the values of contracts [I,T,S]

        None where the plan is not found in the live programme, or another is as good.
        """
        if not self.is_smooth or self._solve_live(problem) is None:
            return None
        optimum = self.last
        assert optimum is not None
        rates = self.conditions.sensitivities(optimum, self.scale * change.ravel())
        if rates is None:
            return None
        posts = rates[np.concatenate([self.x, self.z])]
        rounding = ROUNDING_SHARE * np.abs(posts).max(initial=0.0)
        posts = np.where(np.abs(posts) > rounding, posts, 0.0)
        return posts.reshape(-1, len(problem.years)).T.ravel()

    def _solve_live(self, problem: Problem) -> Solution | None:
        """The best plan from a warm start of the programme in the solver; None if that fails."""
        if not self._take_limits(problem):
            return None
        weight = problem.weight if self.stage.objective == "coverage" else np.ones_like(self.weight)
        if not np.array_equal(weight, self.weight):
            most = float((weight * self.widest.most_contracts).sum())
            self.scale = MOST_VALUE / max(1e-300, most)
            self.weight = weight
            self.matrix.cost = np.zeros(len(self.matrix.columns))
            self.matrix.cost[self.links.y] = self.scale * weight.ravel()
            cost, constant = self.links.expand_cost(self.matrix.cost, 0.0, self.pieces)
            self.live.set_objective(cost, constant, maximise=True)
        optimum = self.last and self.conditions.solve(self.last.values, self.last.prices)
        optimum = optimum or self._search()
        self.last = optimum
        if optimum is None or not optimum.is_unique:
            return None
        years = len(problem.years)
        x, z = (optimum.values[columns].reshape(-1, years) for columns in (self.x, self.z))
        x, z = (np.where(posts < DUST_FTE, 0.0, posts) for posts in (x, z))
        effort = optimum.values[self.links.k]
        plan = problem.judge(x, z, effort.reshape(self.weight.shape))
        _, slope, _ = self.curves.derivatives(effort)
        contracts = plan.expected_contracts.ravel()

        def most_gain(worth: Floats, price: Floats) -> Floats:
            """Upper bound of sup_k (W G(k) − π k), from the tangent at the plan's effort."""
            rest = worth * slope - price
            room = np.where(rest > 0, self.most - effort, -effort)
            return np.where(worth >= 0, worth * contracts - price * effort + rest * room, np.inf)

        bound = concave_bound(self.matrix, optimum.prices, self.links, most_gain) / self.scale
        value = plan.objective(self.stage.objective)
        proof = StageProof.of(self.stage, value, bound)
        if proof.relative_gap > GAP or plan.violations:
            return None
        return Solution(problem, plan, (proof,), (), rounds=0, reason=None)

    def _search(self) -> Optimum | None:
        """The optimum by Newton's method from the linear programme's solution; None on failure."""
        m, live = self.matrix, self.live.matrix
        lower, upper = m.row_lower - live.row_shift, m.row_upper - live.row_shift
        for r in np.flatnonzero((lower != live.row_lower) | (upper != live.row_upper)).tolist():
            self.live.set_row_limits(r, float(lower[r]), float(upper[r]))
        try:
            answer = self.live.checked()
        except SolverError:
            return None
        if answer.status != OPTIMAL:
            return None
        return self.conditions.solve(self.links.collapse(answer.values, self.pieces), answer.prices)

    def _take_limits(self, problem: Problem) -> bool:
        """Set the row bounds to a problem's limits; False if the programme cannot represent it.

        An amount moves the side of its row; that of a share would change coefficients instead.
        """
        if not all(_equal_values(getattr(problem, f), getattr(self.widest, f)) for f in self.fixed):
            return False
        if [limit.key_without_amount for limit in problem.limits] != self.key_without_amount:
            return False
        amount = np.array([limit.amount for limit in problem.limits])
        if np.any(amount[~self.is_floor] > self.amount[~self.is_floor]):
            return False
        side = self.side + (amount - self.amount) * self.per_unit
        self.matrix.row_lower[self.rows[self.is_floor]] = side[self.is_floor]
        self.matrix.row_upper[self.rows[~self.is_floor]] = side[~self.is_floor]
        return True
