"""``lp.inverse``: the nearest costs that justify a plan, tried out and asked of a second solver."""

from __future__ import annotations

import itertools

import numpy as np
import pulp
import pytest
from test_sensitivity import Programme, made

from fte_alloc import lp
from fte_alloc.lp.inversion import Tuning, least_loss, nearest
from fte_alloc.lp.matrix import Matrix

MEASURES = ("total", "largest")

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


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("negated", [False, True])
def test_wyndor_as_derived_from_the_published_ranges(measure, negated):
    found = lp.inverse(wyndor(negated=negated), WYNDOR_PLAN, measure)
    distance, costs = WYNDOR[measure]
    sign = -1 if negated else 1
    assert found.distance == pytest.approx(distance, abs=1e-6)
    assert found.bound == pytest.approx(distance, abs=1e-6)
    assert [sign * found.costs[n] for n in WYNDOR_PLAN] == pytest.approx(costs, abs=1e-6)
    assert sign * found.prices["plant_3"] == pytest.approx(costs[1] / 2, abs=1e-6)


def test_an_optimal_plan_needs_no_change():
    found = lp.inverse(wyndor(), {"doors": 2, "windows": 6})
    assert found.distance == found.bound == 0.0
    assert found.costs == {"doors": 3.0, "windows": 5.0}


def test_costs_that_may_not_change_stay():
    found = lp.inverse(wyndor(), WYNDOR_PLAN, changeable=["doors"])
    assert found.costs == pytest.approx({"doors": 7.5, "windows": 5.0})
    assert found.distance == pytest.approx(4.5)


def test_the_largest_change_leaves_alone_what_need_not_change():
    """Of many costs with the least largest change, those with the least total."""
    problem = wyndor()
    gates = [problem.add_variable(f"gates{j}", 0, 10) for j in range(4)]
    problem.setObjective(problem.objective + pulp.lpSum(gates))
    plan = {**WYNDOR_PLAN, **{gate.name: 10.0 for gate in gates}}
    found = lp.inverse(problem, plan, "largest")
    assert found.distance == pytest.approx(1.8, abs=1e-6)
    assert [found.costs[gate.name] for gate in gates] == [1.0] * 4


def test_costs_of_0_are_told_where_they_are_nearest():
    """At (0, 0) costs of at most 0 are needed: 0 takes away 3 and 5, all others more."""
    found = lp.inverse(wyndor(), {"doors": 0, "windows": 0})
    assert found.costs == {"doors": 0.0, "windows": 0.0}
    assert found.distance == found.bound == pytest.approx(8.0)


def test_a_plan_within_all_limits_is_refused():
    with pytest.raises(lp.NoCostsError, match="only costs of 0") as refused:
        lp.inverse(wyndor(), {"doors": 1, "windows": 1})
    assert refused.value.conflict is None


def test_a_contradiction_with_costs_that_stay_is_proved():
    """Between its limits, windows must earn 0 where no shared row is touched; they earn 5."""
    with pytest.raises(lp.NoCostsError, match="no costs") as refused:
        lp.inverse(wyndor(), {"doors": 4, "windows": 1}, changeable=["doors"])
    conflict = refused.value.conflict
    assert conflict is not None
    assert conflict.rows == ("windows",)
    assert conflict.proved


@pytest.mark.parametrize(
    ("plan", "arguments", "error", "text"),
    [
        ({"doors": 5, "windows": -1}, {}, ValueError, "breaks plant_1, a limit of windows"),
        ({"doors": 1}, {}, KeyError, "no value for windows"),
        ({"doors": 1, "windows": 1, "gates": 1}, {}, KeyError, "no variable named gates"),
        (WYNDOR_PLAN, {"changeable": ["gates"]}, KeyError, "no variable named gates"),
        (WYNDOR_PLAN, {"measure": "least"}, ValueError, "measure is total or largest"),
    ],
)
def test_what_cannot_be_asked_is_told(plan, arguments, error, text):
    with pytest.raises(error, match=text):
        lp.inverse(wyndor(), plan, **arguments)


def test_whole_numbers_are_refused():
    problem = pulp.LpProblem()
    problem += problem.add_variable("whole", 0, 3, "Integer") + 0
    with pytest.raises(ValueError, match="whole are whole"):
        lp.inverse(problem, {"whole": 0})


# -- random programmes -----------------------------------------------------------------------------


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
        plans.append(lp.solve(other.problem()).values)
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
    return lp.solve(problem, "cbc").objective


def inverted(number: int, measure: str) -> tuple[Programme, dict[str, float], lp.Inverse | None]:
    """Programme *number*, a plan, and the costs that justify it; None where it touches nothing."""
    programme = made(number, bounded=True)
    plan = some_plan(programme, number)
    try:
        return programme, plan, lp.inverse(programme.problem(), plan, measure)
    except lp.NoCostsError:
        return programme, plan, None


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.slow_but("largest")
def test_recovered_costs_make_the_plan_optimal_and_none_are_nearer(measure):
    """200 programmes; what is claimed is solved again, and bounded by arithmetic."""
    served = 0
    for number in range(200 if measure == "total" else 80):
        programme, plan, found = inverted(number, measure)
        if found is None:
            continue
        costs = np.array([found.costs[f"x{j}"] for j in range(len(programme.cost))])
        change = np.abs(costs - programme.cost)
        assert found.distance == pytest.approx(
            change.sum() if measure == "total" else change.max(), abs=1e-7
        )
        assert found.bound == pytest.approx(found.distance, abs=1e-7)
        again = Programme(**{**vars(programme), "cost": costs})
        outcome = lp.solve(again.problem())
        value = costs @ np.array([plan[f"x{j}"] for j in range(len(costs))])
        assert outcome.objective == pytest.approx(value, abs=1e-6)
        # The prices returned prove it without a solver.
        assert lp.dual_bound(again.problem(), found.prices) == pytest.approx(value, abs=1e-6)
        served += found.distance > 0.1
    assert served > (60 if measure == "total" else 24)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_second_solver_finds_the_same_distance(measure):
    for number in range(0, 200, 10):
        programme, plan, found = inverted(number, measure)
        expected = second_opinion(programme, plan, measure)
        # What is refused is refused because nothing but costs of 0 does it.
        zero = np.abs(programme.cost).sum() if measure == "total" else np.abs(programme.cost).max()
        assert expected == pytest.approx(found.distance if found else zero, abs=1e-6), number


def test_an_optimum_of_any_programme_is_at_distance_0():
    for number in range(80):
        problem = made(number).problem()
        found = lp.inverse(problem, lp.solve(problem).values)
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
        found = lp.inverse(problem, {"x": 1, "y": 1}, "total" if plan else "largest")
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
    found = nearest(matrix, np.array([4.0, 3.0]), one_number())
    assert found.numbers == pytest.approx([10 / 7], abs=1e-9)
    assert found.distance == pytest.approx(6 / 7, abs=1e-9)
    assert found.bound == pytest.approx(6 / 7, abs=1e-9)


def test_rows_over_the_numbers_are_kept():
    tuning = Tuning(**{**vars(one_number()), "rows": (("cap", np.array([2.0]), -np.inf, 2.5),)})
    with pytest.raises(lp.NoCostsError):
        nearest(Matrix.of(wyndor()), np.array([4.0, 3.0]), tuning)


@pytest.mark.parametrize("negated", [False, True])
def test_the_least_loss_is_that_of_solving_again(negated):
    """Of a plan within the limits: the loss under the numbers found, and under those around."""
    matrix, plan = Matrix.of(wyndor(negated=negated)), np.array([1.0, 1.0])
    tuning = one_number(0.5)
    if negated:
        tuning = Tuning(**{**vars(tuning), "per_unit": -tuning.per_unit})
    found = least_loss(matrix, plan, tuning)

    def loss(number: float) -> float:
        doors, windows = 3 * number, 10 - 5 * number
        best = max(doors * d + windows * w for d, w in [(0, 0), (0, 6), (2, 6), (4, 3), (4, 0)])
        return best - doors - windows

    assert found.distance == pytest.approx(loss(found.numbers[0]), abs=1e-9)
    assert found.bound == pytest.approx(found.distance, abs=1e-9)
    around = [loss(number) for number in np.linspace(0.5, 4, 400)]
    assert found.distance <= min(around) + 1e-9
    assert found.distance >= min(around) - 0.2
