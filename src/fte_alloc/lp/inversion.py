"""The nearest costs under which a given plan is optimal (Ahuja & Orlin, *Inverse optimization*).

A plan is optimal for costs c exactly when there are prices y that are legal, complementary to it
and leave c − Aᵀy complementary to it as well. In c and y together that is linear, so the costs that
justify a plan are a polyhedron, a cone while nothing else limits them, and the nearest of them are
found by a linear programme, whose own prices prove that none are nearer.

The cone always holds c = 0, under which every plan is optimal. The distance is to the nearest
costs, these included: where all other costs that justify a plan are farther, c = 0 is the answer,
and where there are no others, the plan lying within all its limits, it is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from fte_alloc.errors import SolverError
from fte_alloc.lp.certificate import Bound, keeps, row_room
from fte_alloc.lp.conflicts import Conflict, conflict_of
from fte_alloc.lp.faces import optimal_prices, settled_values
from fte_alloc.lp.matrix import Floats, Matrix
from fte_alloc.lp.scaling import Scaled
from fte_alloc.lp.sides import by_rows
from fte_alloc.lp.solving import INFEASIBLE, OPTIMAL, Answer, decided

#: What the distance adds up: all changes, or the largest alone.
TOTAL, LARGEST = "total", "largest"
#: A number that changes by no more than this, next to itself or to 1, does not change.
TINY = 1e-9


@dataclass(frozen=True)
class Inverse:
    """The nearest costs that justify a plan.

    distance : Σ|c − c⁰|, or the largest |c − c⁰|
    bound : no costs that justify the plan are nearer; proved by prices
    costs : by name of variable
    prices : with these the costs prove the plan optimal, by name of constraint
    """

    distance: float
    bound: Bound
    costs: dict[str, float]
    prices: dict[str, float]


class NoCostsError(ValueError):
    """No costs that may be chosen make the plan optimal."""

    def __init__(self, text: str, conditions: Matrix | None = None) -> None:
        self._conditions = conditions
        super().__init__(text)

    @cached_property
    def conflict(self) -> Conflict | None:
        """Conditions of optimality that contradict each other.

        Its ``rows`` are names of variables, and of limits of what may change; its ``bounds`` are
        prices of constraints, which have a legal sign. None where only costs of 0 are left.
        """
        return None if self._conditions is None else conflict_of(self._conditions)


def inverse(
    problem: Any,
    plan: Mapping[str, float],
    measure: str = TOTAL,
    changeable: Iterable[str] | None = None,
) -> Inverse:
    """The objective coefficients nearest to those of a ``pulp.LpProblem`` that justify *plan*.

    plan : a value for every variable; it must keep all rows and limits
    measure : ``total`` for the least Σ|c − c⁰|, ``largest`` for the least max |c − c⁰|; among
        several the latter takes costs with the least total
    changeable : names of variables whose costs may change; None: all

    Costs of 0 justify any plan, at the distance of all that is taken away: they are the answer
    where no other costs are as near.

    Raises NoCostsError where no costs justify the plan, or none but 0 because it touches no row
    and no limit; KeyError for names the problem does not have; ValueError for a plan that breaks a
    row or a limit, and where variables must be whole.

    Examples
    --------
    >>> import pulp
    >>> problem = pulp.LpProblem(sense=pulp.LpMaximize)
    >>> x, y = (problem.add_variable(name, lowBound=0) for name in "xy")
    >>> problem += 3 * x + 5 * y
    >>> problem += x + y <= 4, "room"
    >>> inverse(problem, {"x": 4, "y": 0}).distance
    2.0
    """
    given = Matrix.of(problem)
    scaled = Scaled.of(given, columns=False)
    matrix, unit = scaled.matrix, scaled.objective
    values = _values(matrix, plan)
    names = list(matrix.columns) if changeable is None else list(dict.fromkeys(changeable))
    unknown = sorted(set(names) - set(matrix.columns))
    if unknown:
        raise KeyError(f"no variable named {', '.join(unknown)}")
    at = [matrix.columns.index(name) for name in names]
    tuning = Tuning.of(names, matrix.cost[at], np.eye(len(matrix.columns))[at])
    found = nearest(matrix, values, tuning, measure)
    costs = tuning.costs(matrix, found.numbers)
    if not costs.any() and matrix.cost.any() and _touches_nothing(matrix, values):
        raise NoCostsError("the plan touches no row and no limit: only costs of 0 make it optimal")
    return Inverse(
        found.distance / unit,
        _not_negative(found.bound, unit),
        dict(zip(matrix.columns, (costs / unit).tolist(), strict=True)),
        dict(zip(matrix.rows, scaled.prices(found.prices).tolist(), strict=True)),
    )


# -- costs that follow a few numbers ---------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Tuning:
    """Numbers θ that costs follow: c(θ) = c + Σ_p (θ_p − now_p) per_unit_p.

    now : (P,)
    per_unit : what one more of each number adds to each cost, (P, columns)
    weight : what one unit of change counts in the distance, (P,)
    lower, upper : limits of the numbers, (P,); ``now`` need not be within them
    rows : further limits, (name, coefficients, least, most) with least ≤ Σ coefficient θ ≤ most
    """

    names: list[str]
    now: Floats
    per_unit: Floats
    weight: Floats
    lower: Floats
    upper: Floats
    rows: tuple[tuple[str, Floats, float, float], ...] = ()

    @classmethod
    def of(cls, names: list[str], now: Floats, per_unit: Floats) -> Tuning:
        """Numbers without limits, whose changes all count the same."""
        size = len(names)
        endless = np.full(size, np.inf)
        return cls(names, now, per_unit, np.ones(size), -endless, endless)

    def costs(self, matrix: Matrix, numbers: Floats) -> Floats:
        """The costs that follow from the numbers."""
        return np.asarray(matrix.cost + (numbers - self.now) @ self.per_unit)


@dataclass(frozen=True, eq=False)
class Tuned:
    """Numbers found, how far from the present ones, and what proves it.

    distance : in the measure asked for; for ``least_loss``, the loss
    bound : no smaller distance (loss) is possible
    numbers : θ, (P,)
    prices : of the rows of the programme that the plan is for
    """

    distance: float
    bound: Bound
    numbers: Floats
    prices: Floats


def nearest(matrix: Matrix, values: Floats, tuning: Tuning, measure: str = TOTAL) -> Tuned:
    """The numbers nearest to the present ones under which *values* is an optimal plan.

    Columns are the prices of the rows and two parts, up and down, of every change; a row says for
    a column j that c_j(θ) − (Aᵀy)_j is a reduced cost of a legal sign, 0 between its limits.

    Raises NoCostsError where there are none.
    """
    if measure not in (TOTAL, LARGEST):
        raise ValueError(f"measure is {TOTAL} or {LARGEST}, not {measure!r}")
    values = settled_values(matrix, values)
    face = optimal_prices(matrix, values)
    columns, rows = (
        list(face.columns),
        list(face.rows),
    )  # those of the programme: not to be added to
    programme = replace(face, maximise=False, columns=columns, rows=rows)
    top = len(matrix.rows)
    if measure == LARGEST:
        programme.add_column("largest", np.zeros(len(programme.rows)), 1.0, 0.0, np.inf)
    change = _add_changes(programme, tuning)
    total = np.abs(change).T @ tuning.weight
    if measure == TOTAL:
        programme.cost = total
    else:
        for p, name in enumerate(tuning.names):
            weighed = tuning.weight[p] * np.abs(change[p])
            weighed[top] = -1.0
            programme.add_row(f"largest {name}", weighed, -np.inf, 0.0)
    answer = _answered(programme)
    bound = answer.bound
    if measure == LARGEST:
        # That is proved; among the numbers that reach it, those that change least in all.
        programme.upper[top], programme.cost = answer.values[top], total
        answer = _answered(programme)
    numbers = tuning.now + _settled(change @ answer.values, tuning.now)
    found = replace(matrix, cost=tuning.costs(matrix, numbers))
    prices = answer.values[: len(matrix.rows)]
    # Judged, not believed: the prices are legal and complementary at these very costs.
    if not keeps(optimal_prices(found, values), prices):
        raise SolverError("costs said to justify the plan do not")
    by_number = tuning.weight * np.abs(numbers - tuning.now)
    distance = by_number.sum() if measure == TOTAL else by_number.max(initial=0.0)
    return Tuned(float(distance), _not_negative(bound), numbers, prices)


def least_loss(matrix: Matrix, values: Floats, tuning: Tuning) -> Tuned:
    """The numbers under which *values* loses least against an optimal plan, and that loss.

    By duality the loss is the least Σ price · room over all legal prices: a price may press on a
    side that the plan leaves room to, and costs that room. Sides and limits that are infinite have
    none. The numbers must be kept away from 0 by their limits, or nothing is lost under 0.

    Raises NoCostsError where no numbers keep their limits.
    """
    values = settled_values(matrix, values)
    activity, sign = matrix.times(values), 1.0 if matrix.maximise else -1.0
    room = np.concatenate(
        [
            matrix.row_upper - activity,
            activity - matrix.row_lower,
            matrix.upper - values,
            values - matrix.lower,
        ]
    )
    rows, columns = len(matrix.rows), np.arange(len(matrix.columns))
    of = np.repeat(np.arange(rows), np.diff(matrix.start))
    one = np.ones(len(columns))
    start, index, value = by_rows(
        len(columns),
        np.concatenate([matrix.index, matrix.index, columns, columns]),
        np.concatenate([of, of + rows, 2 * rows + columns, 2 * rows + len(columns) + columns]),
        sign * np.concatenate([matrix.value, -matrix.value, one, -one]),
    )
    programme = Matrix(
        maximise=False,
        columns=[f"{n} {side}" for side in range(2) for n in matrix.rows]
        + [f"{n} {side}" for side in range(2) for n in matrix.columns],
        cost=np.where(np.isfinite(room), np.maximum(room, 0.0), 0.0),
        constant=0.0,
        lower=np.zeros(len(room)),
        upper=np.where(np.isfinite(room), np.inf, 0.0),
        integer=np.zeros(len(room), dtype=bool),
        rows=list(matrix.columns),
        row_lower=matrix.cost.copy(),
        row_upper=matrix.cost.copy(),
        start=start,
        index=index,
        value=value,
        row_shift=np.zeros(len(columns)),
    )
    change = _add_changes(programme, tuning)
    answer = _answered(programme)
    numbers = tuning.now + _settled(change @ answer.values, tuning.now)
    prices = sign * (answer.values[:rows] - answer.values[rows : 2 * rows])
    bound = _not_negative(answer.bound)
    return Tuned(max(0.0, answer.objective), bound, numbers, prices)


def _add_changes(programme: Matrix, tuning: Tuning) -> Floats:
    """Add two columns for every number, up and down, and the limits of the numbers.

    Returns what the columns of the programme add to the change of each number, (P, columns).
    """
    first = len(programme.columns)
    for p, name in enumerate(tuning.names):
        programme.add_column(f"up {name}", -tuning.per_unit[p], 0.0, 0.0, np.inf)
        programme.add_column(f"down {name}", tuning.per_unit[p], 0.0, 0.0, np.inf)
    change = np.zeros((len(tuning.names), len(programme.columns)))
    for p in range(len(tuning.names)):
        change[p, first + 2 * p : first + 2 * p + 2] = 1.0, -1.0
    limits = zip(tuning.names, np.eye(len(tuning.names)), tuning.lower, tuning.upper, strict=True)
    for name, of, least, most in [*limits, *tuning.rows]:
        if np.isfinite(least) or np.isfinite(most):
            now = float(of @ tuning.now)
            programme.add_row(name, of @ change, float(least) - now, float(most) - now)
    return change


# -- small steps -----------------------------------------------------------------------------------


def _answered(programme: Matrix) -> Answer:
    """The optimum; raises NoCostsError where there is no point."""
    answer = decided(programme)
    if answer.status == INFEASIBLE:
        raise NoCostsError("no costs that may be chosen justify the plan", programme)
    if answer.status != OPTIMAL:
        raise SolverError(f"HiGHS: {answer.status}")
    return answer


def _settled(change: Floats, now: Floats) -> Floats:
    """Changes, those that are rounding put to 0."""
    return np.where(np.abs(change) <= TINY * np.maximum(1.0, np.abs(now)), 0.0, change)


def _not_negative(bound: float, unit: float = 1.0) -> Bound:
    """A bound in units of this; no distance and no loss is below 0, whatever the prices prove."""
    return Bound(max(0.0, bound) / unit, not isinstance(bound, Bound) or bound.exact)


def _values(matrix: Matrix, plan: Mapping[str, float]) -> Floats:
    """The plan in the order of the columns.

    Raises KeyError for names that differ, ValueError for what no plan of this kind can do.
    """
    whole = [name for name, i in zip(matrix.columns, matrix.integer, strict=True) if i]
    if whole:
        raise ValueError(
            f"only programmes without integer variables are served; whole are {', '.join(whole)}"
        )
    unknown = sorted(set(plan) - set(matrix.columns))
    missing = [name for name in matrix.columns if name not in plan]
    if unknown or missing:
        told = [f"no variable named {', '.join(unknown)}"] if unknown else []
        told += [f"no value for {', '.join(missing)}"] if missing else []
        raise KeyError("; ".join(told))
    values = np.array([float(plan[name]) for name in matrix.columns])
    wrong = [f"{name}: {value}" for name, value in plan.items() if not np.isfinite(value)]
    if wrong:
        raise ValueError(f"a plan is made of finite numbers, not {', '.join(wrong)}")
    if not keeps(matrix, values):
        raise ValueError(f"the plan breaks {', '.join(_broken(matrix, values))}")
    return values


def _broken(matrix: Matrix, values: Floats) -> list[str]:
    """Names of the rows that are broken, and of variables beyond their limits."""
    activity, room = matrix.times(values), row_room(matrix, values)
    rows = (activity < matrix.row_lower - room) | (activity > matrix.row_upper + room)
    columns = (values < matrix.lower) | (values > matrix.upper)
    return [n for n, is_broken in zip(matrix.rows, rows, strict=True) if is_broken] + [
        f"a limit of {n}" for n, is_broken in zip(matrix.columns, columns, strict=True) if is_broken
    ]


def _touches_nothing(matrix: Matrix, values: Floats) -> bool:
    """Whether the plan lies strictly within all rows and limits, so that it can move any way."""
    prices = optimal_prices(matrix, settled_values(matrix, values))
    pressed = np.any((prices.lower != 0) | (prices.upper != 0))
    return not pressed and bool(np.all(prices.row_lower == prices.row_upper))
