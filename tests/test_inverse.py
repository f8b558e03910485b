"""The nearest costs that justify a plan, tried out and asked of a second solver."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import pulp
import pytest
from programmes import bound, solve, solve_with_cbc
from tables import each

from fte_alloc.lp.inverse import NoCostsError, Tuned, Tuning, least_loss_costs, nearest_costs
from fte_alloc.lp.matrix import Matrix

MEASURES = ("total", "largest")
INF = math.inf
SENSES = (pulp.LpMaximize, pulp.LpMinimize)

#: Derived from the published ranges of the Wyndor Glass problem (Hillier & Lieberman) by the linear
#: programmes of Ahuja & Orlin: costs (3, 5), the plan (4, 3) to be justified.
WYNDOR_PLAN = {"doors": 4.0, "windows": 3.0}
WYNDOR = {"total": (3.0, (3.0, 2.0)), "largest": (1.8, (4.8, 3.2))}


def wyndor(*, negated: bool = False) -> pulp.LpProblem:
    problem = pulp.LpProblem("wyndor", pulp.LpMinimize if negated else pulp.LpMaximize)
    doors, windows = problem.add_variable("doors", 0), problem.add_variable("windows", 0)
    problem += (-1 if negated else 1) * (3 * doors + 5 * windows)
    problem += doors <= 4, "plant_1"
    problem += 2 * windows <= 12, "plant_2"
    problem += 3 * doors + 2 * windows <= 18, "plant_3"
    return problem


def inverse(problem: pulp.LpProblem, plan, measure="total", changeable=None) -> Tuned:
    """The costs nearest to those of a problem, each a number of its own."""
    matrix = Matrix.of(problem)
    at = [matrix.columns.index(name) for name in changeable or matrix.columns]
    endless = np.full(len(at), np.inf)
    tuning = Tuning(
        names=[matrix.columns[j] for j in at],
        now=matrix.cost[at],
        per_unit=np.eye(len(matrix.columns))[at],
        weight=np.ones(len(at)),
        lower=-endless,
        upper=endless,
    )
    return nearest_costs(matrix, np.array([plan[name] for name in matrix.columns]), tuning, measure)


@each(("measure", "negated"), itertools.product(MEASURES, (False, True)))
def test_wyndor_as_derived_from_the_published_ranges(measure, negated):
    found = inverse(wyndor(negated=negated), WYNDOR_PLAN, measure)
    distance, costs = WYNDOR[measure]
    sign = -1 if negated else 1
    assert found.distance == pytest.approx(distance, abs=1e-6)
    assert found.bound == pytest.approx(distance, abs=1e-6)
    assert sign * found.numbers == pytest.approx(costs, abs=1e-6)
    assert sign * found.prices[2] == pytest.approx(costs[1] / 2, abs=1e-6)


def test_an_optimal_plan_needs_no_change():
    found = inverse(wyndor(), {"doors": 2, "windows": 6})
    assert found.distance == found.bound == 0.0
    assert found.numbers.tolist() == [3.0, 5.0]


def test_costs_that_may_not_change_stay():
    found = inverse(wyndor(), WYNDOR_PLAN, changeable=["doors"])
    assert found.numbers == pytest.approx([7.5])
    assert found.distance == pytest.approx(4.5)


def test_the_largest_change_leaves_alone_what_need_not_change():
    """Of many costs with the least largest change, those with the least total."""
    problem = wyndor()
    gates = [problem.add_variable(f"gates{j}", 0, 10) for j in range(4)]
    problem.setObjective(problem.objective + pulp.lpSum(gates))
    plan = {**WYNDOR_PLAN, **{gate.name: 10.0 for gate in gates}}
    found = inverse(problem, plan, "largest")
    assert found.distance == pytest.approx(1.8, abs=1e-6)
    numbers = dict(zip(Matrix.of(problem).columns, found.numbers.tolist(), strict=True))
    assert [numbers[gate.name] for gate in gates] == [1.0] * 4


def test_costs_of_0_are_told_where_they_are_nearest():
    """At (0, 0) costs of at most 0 are needed: 0 takes away 3 and 5, all others more."""
    found = inverse(wyndor(), {"doors": 0, "windows": 0})
    assert found.numbers.tolist() == [0.0, 0.0]
    assert found.distance == found.bound == pytest.approx(8.0)


def test_a_contradiction_with_costs_that_stay_is_told():
    """Between its limits, windows must earn 0 where no shared row is touched; they earn 5."""
    with pytest.raises(NoCostsError, match="no costs") as refused:
        inverse(wyndor(), {"doors": 4, "windows": 1}, changeable=["doors"])
    assert refused.value.conflict == ("windows",)


# -- random programmes -----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Programme:
    """optimise cost · x, matrix x (senses) limits, lower ≤ x ≤ upper; data that can be changed."""

    sense: int
    cost: np.ndarray
    matrix: np.ndarray
    senses: tuple[str, ...]
    limits: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    def problem(self) -> pulp.LpProblem:
        problem = pulp.LpProblem("programme", self.sense)
        variables = [
            problem.add_variable(f"x{j}", *(None if math.isinf(b) else float(b) for b in bounds))
            for j, bounds in enumerate(zip(self.lower, self.upper, strict=True))
        ]

        def total(coefficients: np.ndarray) -> pulp.LpAffineExpression:
            terms = zip(variables, coefficients.tolist(), strict=True)
            return pulp.LpAffineExpression(list(terms))

        problem += total(self.cost)
        for i, (row, limit) in enumerate(zip(self.matrix, self.limits.tolist(), strict=True)):
            sides = {
                "<=": total(row) <= limit,
                ">=": total(row) >= limit,
                "==": total(row) == limit,
            }
            problem += sides[self.senses[i]], f"r{i}"
        return problem


def made(number: int, *, bounded: bool = False) -> Programme:
    """Programme *number*, of small whole numbers: it has a plan x⁰ and prices y⁰, so an optimum.

    2 to 4 variables, 1 to 4 rows, all kinds of rows and of limits; even numbers are maximised. The
    costs are Aᵀy⁰ + d⁰ with y⁰ and d⁰ of legal signs and often 0, the limits A x⁰ with little room
    or none: many vertices have too many rows through them, many optima are edges.
    """
    random = np.random.default_rng(5000 + number)
    sense = SENSES[number % 2]
    sign = 1 if sense == pulp.LpMaximize else -1
    columns, rows = int(random.integers(2, 5)), int(random.integers(1, 5))
    matrix = random.integers(-2, 4, (rows, columns)) * (random.random((rows, columns)) < 0.8)
    plan = random.integers(0, 4, columns)
    lower = plan - random.choice([0, 0, 1, 3], columns)
    upper = plan + random.choice([0, 1, 2, 4], columns)
    senses = tuple(random.choice(["<=", "<=", ">=", "=="], rows).tolist())
    room = random.choice([0, 0, 1, 3], rows)
    toward = {"<=": 1, ">=": -1, "==": 0}
    limits = matrix @ plan + np.array([toward[s] for s in senses]) * room
    price = random.choice([0, 0, 1, 2], rows)
    price *= np.array([toward[s] or random.choice([-1, 1]) for s in senses])
    kinds = random.choice(
        ["both"] if bounded else ["both", "lower", "lower", "upper", "free"], columns
    )
    lower = np.where(np.isin(kinds, ["both", "lower"]), lower, -INF)
    upper = np.where(np.isin(kinds, ["both", "upper"]), upper, INF)
    reduced = random.choice([0, 0, 1, 2], columns)
    press = {"both": random.choice([-1, 1]), "lower": -1, "upper": 1, "free": 0}
    reduced *= np.array([press[kind] for kind in kinds])
    cost = sign * (matrix.T @ price + reduced)
    return Programme(
        sense, cost.astype(float), matrix.astype(float), senses, limits.astype(float), lower, upper
    )


def some_plan(programme: Programme, number: int) -> dict[str, float]:
    """A plan on the edge of what is possible: optimal for other costs, or midway between two."""
    random = np.random.default_rng(number)
    plans = []
    for _ in range(1 + number % 2):
        other = Programme(
            programme.sense,
            random.integers(-3, 4, len(programme.cost)).astype(float),
            programme.matrix,
            programme.senses,
            programme.limits,
            programme.lower,
            programme.upper,
        )
        plans.append(solve(other.problem()).values)
    return {name: float(np.mean([plan[name] for plan in plans])) for name in plans[0]}


def second_opinion(programme: Programme, plan: dict[str, float], measure: str) -> float:
    """The least distance by CBC, from the conditions of optimality written out one by one."""
    x = np.array([plan[f"x{j}"] for j in range(len(programme.cost))])
    sign = 1 if programme.sense == pulp.LpMaximize else -1
    problem = pulp.LpProblem("conditions", pulp.LpMinimize)
    prices = []
    for i, sense in enumerate(programme.senses):
        touched = abs(programme.matrix[i] @ x - programme.limits[i]) <= 1e-7
        least = 0 if sense == "<=" or not touched else None
        most = 0 if sense == ">=" or not touched else None
        prices.append(problem.add_variable(f"price{i}", least, most))
    changes = []
    for j, cost in enumerate(programme.cost.tolist()):
        up, down = problem.add_variable(f"up{j}", 0), problem.add_variable(f"down{j}", 0)
        at_lower, at_upper = x[j] <= programme.lower[j] + 1e-7, x[j] >= programme.upper[j] - 1e-7
        reduced = problem.add_variable(
            f"reduced{j}", None if at_lower else 0, None if at_upper else 0
        )
        earned = pulp.lpSum(float(programme.matrix[i, j]) * price for i, price in enumerate(prices))
        problem += sign * (cost + up - down) - earned - reduced == 0
        changes.append(up + down)
    if measure == "total":
        problem += pulp.lpSum(changes)
    else:
        largest = problem.add_variable("largest", 0)
        problem += largest + 0
        for change in changes:
            problem += change <= largest
    return solve_with_cbc(problem).objective


def inverted(number: int, measure: str) -> tuple[Programme, dict[str, float], Tuned]:
    """Programme *number*, a plan, and the costs that justify it."""
    programme = made(number, bounded=True)
    plan = some_plan(programme, number)
    return programme, plan, inverse(programme.problem(), plan, measure)


@each("measure", MEASURES)
def test_recovered_costs_make_the_plan_optimal_and_none_are_nearer(measure):
    """What is claimed is solved again, bounded by arithmetic, and asked of a second solver."""
    served = 0
    for number in range(40):
        programme, plan, found = inverted(number, measure)
        costs = found.numbers
        if number % 3 == 0:
            expected = second_opinion(programme, plan, measure)
            assert expected == pytest.approx(found.distance, abs=1e-6), number
        change = np.abs(costs - programme.cost)
        assert found.distance == pytest.approx(
            change.sum() if measure == "total" else change.max(), abs=1e-7
        )
        assert found.bound == pytest.approx(found.distance, abs=1e-7)
        again = Programme(**{**vars(programme), "cost": costs})
        outcome = solve(again.problem())
        value = costs @ np.array([plan[f"x{j}"] for j in range(len(costs))])
        assert outcome.objective == pytest.approx(value, abs=1e-6)
        # The prices returned prove it without a solver.
        prices = dict(zip(Matrix.of(again.problem()).rows, found.prices.tolist(), strict=True))
        assert bound(again.problem(), prices) == pytest.approx(value, abs=1e-6)
        served += found.distance > 0.1
    assert served > 12


def test_an_optimum_of_any_programme_is_at_distance_0():
    for number in range(25):
        problem = made(number).problem()
        found = inverse(problem, solve(problem).values)
        assert found.distance == pytest.approx(0.0, abs=1e-7)


def test_on_two_variables_all_directions_are_tried():
    """The cone of costs for a vertex of two rows is the angle between them: a fine fan of it."""
    for a, b, plan in itertools.product([1, 2, 5], [1, 3], [0, 1]):
        problem = pulp.LpProblem("fan", pulp.LpMaximize)
        x, y = problem.add_variable("x", 0), problem.add_variable("y", 0)
        problem += x + 4 * y
        problem += a * x + y <= a + 1, "one"
        problem += x + b * y <= 1 + b, "two"
        if a * b == 1:
            continue
        rays = np.array([[a, 1.0], [1.0, b]])
        share = np.linspace(0, 1, 401)[:, None]
        fan = (1 - share) * rays[0] + share * rays[1]
        reach = np.linspace(0, 8, 801)
        costs = reach[:, None, None] * fan
        change = np.abs(costs - np.array([1.0, 4.0]))
        measured = change.sum(axis=2) if plan else change.max(axis=2)
        found = inverse(problem, {"x": 1, "y": 1}, "total" if plan else "largest")
        assert found.distance <= measured.min() + 1e-9
        assert found.distance >= measured.min() - 0.02


# -- costs that follow a few numbers ---------------------------------------------------------------


def one_number(least: float = 0.0) -> Tuning:
    """Both costs of Wyndor's times one number, 1 now, of which windows feel the opposite."""
    return Tuning(
        names=["number"],
        now=np.array([1.0]),
        per_unit=np.array([[3.0, -5.0]]),
        weight=np.array([2.0]),
        lower=np.array([least]),
        upper=np.array([np.inf]),
    )


def test_a_number_that_several_costs_follow():
    """(3θ, 10 − 5θ) must be between (1, 0) and (3, 2): 3θ/(10 − 5θ) ≥ 3/2 at θ = 10/7."""
    matrix = Matrix.of(wyndor())
    found = nearest_costs(matrix, np.array([4.0, 3.0]), one_number())
    assert found.numbers == pytest.approx([10 / 7], abs=1e-9)
    assert found.distance == pytest.approx(6 / 7, abs=1e-9)
    assert found.bound == pytest.approx(6 / 7, abs=1e-9)


def test_rows_over_the_numbers_are_kept():
    tuning = Tuning(**{**vars(one_number()), "rows": (("cap", np.array([2.0]), -np.inf, 2.5),)})
    with pytest.raises(NoCostsError):
        nearest_costs(Matrix.of(wyndor()), np.array([4.0, 3.0]), tuning)


@each("negated", [False, True])
def test_the_least_loss_is_that_of_solving_again(negated):
    """Of a plan within the limits: the loss under the numbers found, and under those around."""
    matrix, plan = Matrix.of(wyndor(negated=negated)), np.array([1.0, 1.0])
    tuning = one_number(0.5)
    if negated:
        tuning = Tuning(**{**vars(tuning), "per_unit": -tuning.per_unit})
    found = least_loss_costs(matrix, plan, tuning)

    def loss(number: float) -> float:
        doors, windows = 3 * number, 10 - 5 * number
        best = max(doors * d + windows * w for d, w in [(0, 0), (0, 6), (2, 6), (4, 3), (4, 0)])
        return best - doors - windows

    assert found.distance == pytest.approx(loss(found.numbers[0]), abs=1e-9)
    assert found.bound == pytest.approx(found.distance, abs=1e-9)
    around = [loss(number) for number in np.linspace(0.5, 4, 400)]
    assert found.distance <= min(around) + 1e-9
    assert found.distance >= min(around) - 0.2
