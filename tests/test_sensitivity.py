"""``lp.ranges``, ``lp.alternatives`` and ``lp.frontier``: what they claim is tried out.

Hand-computed programmes first; then random ones, of small whole numbers so that degenerate vertices
and ties are frequent. Ranges are judged by solving changed programmes from scratch, alternatives
and frontiers by enumerating every vertex, HiGHS's own ranging being a second opinion where there is
but one basis.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import highspy
import numpy as np
import pulp
import pytest
from conftest import one_in

from fte_alloc import lp

INF = math.inf
SENSES = (pulp.LpMaximize, pulp.LpMinimize)


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

    def values(self, outcome: lp.Outcome) -> np.ndarray:
        return np.array([outcome.values[f"x{j}"] for j in range(len(self.cost))])

    def is_feasible(self, x: np.ndarray) -> bool:
        room = self.limits - self.matrix @ x
        rows = {"<=": room >= -1e-7, ">=": room <= 1e-7, "==": np.abs(room) <= 1e-7}
        kept = [rows[sense][i] for i, sense in enumerate(self.senses)]
        return all(kept) and bool(np.all((x >= self.lower - 1e-7) & (x <= self.upper + 1e-7)))


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


def line(found: lp.Range) -> tuple[float, float, float, float]:
    return found.down, found.up, found.lowest, found.highest


def stays(found: lp.Range) -> tuple[float, float]:
    return found.solution_lowest, found.solution_highest


# -- ranges: by hand -------------------------------------------------------------------------------


def wyndor(doors=300.0, windows=500.0, *, negated=False, **rows):
    """Doors ≤ 4, 2 windows ≤ 12, 3 doors + 2 windows ≤ 18, and rows (a, b, limit) of one's own."""
    problem = pulp.LpProblem("wyndor", SENSES[negated])
    x, y = problem.add_variable("doors", 0), problem.add_variable("windows", 0)
    problem += (-1 if negated else 1) * (doors * x + windows * y)
    given = {"plant1": (1, 0, 4), "plant2": (0, 2, 12), "plant3": (3, 2, 18)} | rows
    for name, (a, b, limit) in given.items():
        problem += a * x + b * y <= limit, name
    return problem


def mirrored(found: lp.Ranges) -> lp.Ranges:
    """What the maximisation says, told of the negated minimisation, or the other way round."""
    costs = {
        # The cost changes sign and so do the ends, left for right; x_j, the slope, does not.
        name: lp.Range(-r.value, r.up, r.down, -r.highest, -r.lowest, *(-e for e in stays(r)[::-1]))
        for name, r in found.costs.items()
    }
    limits = {name: replace(r, down=-r.down, up=-r.up) for name, r in found.limits.items()}
    return lp.Ranges(costs, limits)


def both_ways(**data) -> Iterator[lp.Ranges]:
    """Ranges of the maximisation, and of the negated minimisation told of the maximisation."""
    yield lp.ranges(wyndor(**data))
    yield mirrored(lp.ranges(wyndor(**data, negated=True)))


def test_wyndor_has_the_published_ranges():
    """Source: Hillier & Lieberman, Wyndor Glass: plan (2, 6), shadow prices (0, 150, 100), 0 ≤
    P_doors ≤ 750, P_windows ≥ 200, hours of the plants from 2, from 6 to 18, from 12 to 24.
    """
    for found in both_ways():
        assert line(found.costs["doors"]) == pytest.approx((2, 2, 0, 750))
        assert line(found.costs["windows"]) == pytest.approx((6, 6, 200, INF))
        assert line(found.limits["plant1"]) == pytest.approx((0, 0, 2, INF))
        assert line(found.limits["plant2"]) == pytest.approx((150, 150, 6, 18))
        assert line(found.limits["plant3"]) == pytest.approx((100, 100, 12, 24))
        assert [r.value for r in found.costs.values()] == [300, 500]
        assert [r.value for r in found.limits.values()] == [4, 12, 18]
        assert not any(r.is_kink for r in [*found.costs.values(), *found.limits.values()])
        # One basis, one plan: it stays as long as the line for a cost; with a limit that has a
        # price it moves at once.
        assert stays(found.costs["doors"]) == pytest.approx((0, 750))
        assert stays(found.costs["windows"]) == pytest.approx((200, INF))
        assert stays(found.limits["plant1"]) == pytest.approx((2, INF))
        assert stays(found.limits["plant2"]) == (12, 12)
        assert stays(found.limits["plant3"]) == (18, 18)


@pytest.mark.parametrize(
    ("doors", "published"), [(200, (2, 6)), (500, (2, 6)), (1000, (4, 3)), (750.5, (4, 3))]
)
def test_wyndor_keeps_its_plan_inside_the_range_of_a_price_and_not_outside(doors, published):
    """Source: as above, what-if analysis for doors at 200, 500 and 1,000."""
    found = lp.ranges(wyndor()).costs["doors"]
    outcome = lp.solve(wyndor(doors))
    assert tuple(outcome.values.values()) == pytest.approx(published)
    inside = found.solution_lowest <= doors <= found.solution_highest
    assert inside == (published == (2, 6))
    if inside:
        assert outcome.objective == pytest.approx(3600 + found.up * (doors - 300))


@pytest.mark.parametrize(("doors", "windows", "keeps"), [(450, 400, True), (600, 300, False)])
def test_ranges_of_changed_prices_tell_whether_the_plan_is_still_the_same(doors, windows, keeps):
    """Source: as above; prices of 450 and 400 keep (2, 6), 600 and 300 change the plan.

    (2, 6) is best for 0 ≤ doors ≤ 1.5 windows, that is up to 600 and up to 450; (4, 3) for doors ≥
    1.5 windows, that is from 450.
    """
    found = lp.ranges(wyndor(doors, windows)).costs["doors"]
    assert line(found) == pytest.approx((2, 2, 0, 600) if keeps else (4, 4, 450, INF))


def test_a_degenerate_vertex_has_a_price_to_each_side():
    """Doors + windows ≤ 8 passes through (2, 6) too, where plants 2 and 3 already meet.

    Optimal prices: 3 y₃ + y₄ = 300 and 2 y₂ + 2 y₃ + y₄ = 500, so y₄ = 300 − 3 y₃ and y₂ = 100 +
    y₃/2 with 0 ≤ y₃ ≤ 100: y₂ from 100 to 150, y₃ from 0 to 100, y₄ from 0 to 300. More of a plant
    is worth the least of these, less of it costs the most.

    Plant 2 up, y = (0, 100, 0, 300): windows = b/2 and doors = 8 − b/2 ≥ 0, so to 16. Down, y = (0,
    150, 100, 0): doors = (18 − b)/3 ≤ 4, so to 6. Plant 3 down: windows 6, doors = (b − 12)/3 ≥ 0,
    so to 12. Row 4 down: windows 6, doors = b − 6 ≥ 0, so to 6. The plan is the only one, and both
    rows worth nothing more may be loosened for ever. Costs as without row 4: 3 y₃ + y₄ = P_doors
    with 2 y₃ + y₄ ≤ 500 is from 0 to 750; P_windows ≥ 2 y₃ + y₄ with 3 y₃ + y₄ = 300 from 200.
    """
    for found in both_ways(row4=(1, 1, 8)):
        assert line(found.limits["plant1"]) == pytest.approx((0, 0, 2, INF))
        assert line(found.limits["plant2"]) == pytest.approx((150, 100, 6, 16))
        assert line(found.limits["plant3"]) == pytest.approx((100, 0, 12, INF))
        assert line(found.limits["row4"]) == pytest.approx((300, 0, 6, INF))
        assert [r.is_kink for r in found.limits.values()] == [False, True, True, True]
        assert stays(found.limits["plant2"]) == (12, 12)
        assert stays(found.limits["plant3"]) == (18, INF)
        assert stays(found.limits["row4"]) == (8, INF)
        for found_cost, ends in (
            (found.costs["doors"], (0, 750)),
            (found.costs["windows"], (200, INF)),
        ):
            assert (found_cost.lowest, found_cost.highest) == pytest.approx(ends)
            assert stays(found_cost) == pytest.approx(ends)


def test_a_tie_has_a_slope_to_each_side_and_one_price():
    """At prices 300 and 200 all of the edge from (2, 6) to (4, 3) earns 1,800.

    Doors: dearer, (4, 3) is best for ever; cheaper, (2, 6) down to a price of 0. Windows: dearer,
    (2, 6) for ever; cheaper, (4, 3) to 0. Plant 3 has the price 100 alone, and as long as 3 doors
    + 2 windows can be all of it: from 0 to 3 · 4 + 2 · 6 = 24. Some plan of the edge has the doors
    for plant 1 from 2, the windows for plant 2 from 2 · 3.
    """
    for found in both_ways(doors=300.0, windows=200.0):
        doors, windows = found.costs["doors"], found.costs["windows"]
        assert line(doors) == pytest.approx((2, 4, 0, INF))
        assert line(windows) == pytest.approx((3, 6, 0, INF))
        assert doors.is_kink
        assert line(found.limits["plant1"]) == pytest.approx((0, 0, 2, INF))
        assert line(found.limits["plant2"]) == pytest.approx((0, 0, 6, INF))
        assert line(found.limits["plant3"]) == pytest.approx((100, 100, 0, 24))
        at_doors_2 = stays(doors) == pytest.approx((0, 300))
        assert stays(doors) == pytest.approx((0, 300) if at_doors_2 else (300, INF))
        assert stays(windows) == pytest.approx((200, INF) if at_doors_2 else (0, 200))
        assert stays(found.limits["plant1"]) == pytest.approx((2 if at_doors_2 else 4, INF))
        assert stays(found.limits["plant2"]) == pytest.approx((12 if at_doors_2 else 6, INF))


def test_where_there_is_no_optimum_beyond_the_slope_is_infinite():
    """Max x + 2 y, x + y = 4, x from 1 to 2, y ≤ 2: no plan has more than 4; fewer come from x, to
    3. Any price of z > 0 would earn without end; below 0, z = 0.
    """
    problem = pulp.LpProblem("corner", pulp.LpMaximize)
    x, y, z = (
        problem.add_variable(name, 0, high) for name, high in zip("xyz", (2, 2, None), strict=True)
    )
    problem += x + 2 * y
    problem += x + y == 4, "total"
    problem += x >= 1, "least"
    problem += z >= 0, "any"
    found = lp.ranges(problem)
    assert found.limits["total"] == lp.Range(4, 1, -INF, 3, 4, 4, 4)
    assert found.limits["least"] == lp.Range(1, 0, 0, -INF, 2, -INF, 2)
    assert line(found.costs["z"]) == (0, INF, -INF, 0)
    assert stays(found.costs["z"]) in ((-INF, 0), (0, 0))


def test_a_programme_without_rows_or_without_objective_has_ranges():
    problem = pulp.LpProblem("box", pulp.LpMaximize)
    x = problem.add_variable("x", 1, 4)
    problem += 3 * x
    assert lp.ranges(problem) == lp.Ranges({"x": lp.Range(3, 4, 4, 0, INF, 0, INF)}, {})
    problem = pulp.LpProblem("rows", pulp.LpMinimize)
    x = problem.add_variable("x", 1, 4)
    problem += x <= 3, "most"
    found = lp.ranges(problem)
    assert line(found.costs["x"]) == (3, 1, -INF, INF)
    assert line(found.limits["most"]) == (0, 0, 1, INF)


def test_scales_of_money_and_of_rates_do_not_blur_a_range():
    """Wyndor in millionths and in millions: prices and hours scale, nothing else."""
    problem = pulp.LpProblem("scaled", pulp.LpMaximize)
    x, y = problem.add_variable("doors", 0), problem.add_variable("windows", 0)
    problem += 3e8 * x + 5e8 * y
    problem += 1e-3 * x <= 4e-3, "plant1"
    problem += 2e6 * y <= 12e6, "plant2"
    problem += 3 * x + 2 * y <= 18, "plant3"
    found = lp.ranges(problem)
    assert line(found.costs["doors"]) == pytest.approx((2, 2, 0, 7.5e8), abs=1e-6)
    assert line(found.costs["windows"]) == pytest.approx((6, 6, 2e8, INF))
    assert line(found.limits["plant1"]) == pytest.approx((0, 0, 2e-3, INF))
    assert line(found.limits["plant2"]) == pytest.approx((150, 150, 6e6, 18e6))
    assert line(found.limits["plant3"]) == pytest.approx((1e8, 1e8, 12, 24))


def test_a_small_price_is_not_taken_for_none():
    """Max 1,000 x + y/10⁶: what y ≤ 3 is worth is seen beside x, and z ≤ 5 is worth nothing."""
    problem = pulp.LpProblem("small", pulp.LpMaximize)
    x, y, z = (problem.add_variable(name, 0) for name in "xyz")
    problem += 1000 * x + 1e-6 * y
    for variable, limit in ((x, 4), (y, 3), (z, 5)):
        problem += variable <= limit, f"most_{variable.name}"
    found = lp.ranges(problem)
    assert line(found.limits["most_x"]) == pytest.approx((1000, 1000, 0, INF))
    assert line(found.limits["most_y"]) == pytest.approx((1e-6, 1e-6, 0, INF))
    assert line(found.limits["most_z"]) == (0, 0, 0, INF)
    assert line(found.costs["y"]) == pytest.approx((3, 3, 0, INF))
    assert stays(found.limits["most_y"]) == (3, 3)


# -- ranges: random programmes, solved again -------------------------------------------------------

MANY = 200
#: Values that differ by this share are different: whole numbers leave nothing so close.
SAME = 1e-8


class Trial:
    """One cost or limit of a programme, changed at will and solved from scratch."""

    def __init__(self, programme: Programme, datum: str, at: int) -> None:
        self.programme, self.datum, self.at = programme, datum, at
        self.known: dict[float, lp.Outcome] = {}

    def changed(self, value: float) -> Programme:
        data = getattr(self.programme, self.datum).copy()
        data[self.at] = value
        return replace(self.programme, **{self.datum: data})

    def solved(self, value: float) -> lp.Outcome:
        if value not in self.known:
            self.known[value] = lp.solve(self.changed(value).problem())
        return self.known[value]

    def is_on(self, line_from: tuple[float, float], slope: float, value: float) -> bool:
        """Whether the optimal value at *value* is that of a line."""
        outcome = self.solved(value)
        if outcome.status != "optimal" or math.isinf(slope):
            return outcome.status == "optimal"  # an infinite slope says that it is not
        expected = line_from[1] + slope * (value - line_from[0])
        return abs(outcome.objective - expected) <= SAME * max(1.0, abs(expected))

    def is_best(self, plan: np.ndarray, value: float) -> bool:
        """Whether a plan is feasible and optimal at *value*."""
        outcome, programme = self.solved(value), self.changed(value)
        if outcome.status != "optimal" or not programme.is_feasible(plan):
            return False
        earned = float(programme.cost @ plan)
        return abs(outcome.objective - earned) <= SAME * max(1.0, abs(earned))


def inside(start: float, end: float) -> list[float]:
    """Points from *start* to *end*, one close to it; far ones where there is no end."""
    if math.isinf(end):
        return [start + math.copysign(far, end) for far in (0.7, 1000.0)]
    return [start + share * (end - start) for share in (0.2, 0.7, 0.999)] if end != start else []


def outside(end: float, upward: bool) -> list[float]:
    step = 1e-3 * max(1.0, abs(end))
    return [] if math.isinf(end) else [end + (step if upward else -step)]


@pytest.mark.parametrize("number", one_in(11, range(MANY)))
def test_ranges_of_a_random_programme_hold_and_end_where_they_say(number):
    programme = made(number)
    problem = programme.problem()
    outcome, found = lp.solve(problem), lp.ranges(problem)
    plan = programme.values(outcome)
    assert set(found.costs) == set(outcome.values)
    assert set(found.limits) == set(outcome.prices)
    trials = [
        *((r, Trial(programme, "cost", int(name[1:]))) for name, r in found.costs.items()),
        *((r, Trial(programme, "limits", int(name[1:]))) for name, r in found.limits.items()),
    ]
    for r, trial in trials:
        assert r.value == getattr(programme, trial.datum)[trial.at]
        assert r.lowest <= r.value <= r.highest
        assert r.solution_lowest <= r.value <= r.solution_highest
        now = (r.value, outcome.objective)
        for upward, slope, end, keeps in (
            (False, r.down, r.lowest, r.solution_lowest),
            (True, r.up, r.highest, r.solution_highest),
        ):
            where = (trial.datum, trial.at, upward, r)
            assert all(trial.is_on(now, slope, value) for value in inside(r.value, end)), where
            assert not any(trial.is_on(now, slope, value) for value in outside(end, upward)), where
            assert all(trial.is_best(plan, value) for value in inside(r.value, keeps)), where
            assert not any(trial.is_best(plan, value) for value in outside(keeps, upward)), where


@pytest.mark.slow
def test_the_random_programmes_have_all_that_is_difficult():
    """Kinks of costs (ties) and of limits (degenerate vertices), sides without any optimum."""
    every = [lp.ranges(made(number).problem()) for number in range(MANY)]
    costs = [r for found in every for r in found.costs.values()]
    limits = [r for found in every for r in found.limits.values()]
    for several in (costs, limits):
        assert sum(r.is_kink for r in several) > 50
        assert sum(math.isinf(r.up) or math.isinf(r.down) for r in several) > 50
        assert sum(math.isfinite(r.highest - r.lowest) and not r.is_kink for r in several) > 30
    kinds = {(made(n).sense, s) for n in range(MANY) for s in made(n).senses}
    assert len(kinds) == 6


@pytest.mark.parametrize("number", range(30))
def test_highs_ranging_says_the_same_where_there_is_but_one_basis(number, tmp_path):
    """Random real data have no ties and no degenerate vertices, so a basis is all there is."""
    random = np.random.default_rng(number)
    columns, rows = 4, 3
    programme = Programme(
        SENSES[number % 2],
        (-1.0) ** number * random.uniform(1, 5, columns),
        random.uniform(0.5, 3, (rows, columns)),
        ("<=",) * rows,
        random.uniform(5, 9, rows),
        np.zeros(columns),
        np.full(columns, 2.0),
    )
    problem = programme.problem()
    found = lp.ranges(problem)
    file = tmp_path / "programme.lp"
    problem.writeLP(file)
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.readModel(str(file))
    highs.run()
    status, ranging = highs.getRanging()
    assert status == highspy.HighsStatus.kOk
    model, basis = highs.getLp(), highs.getBasis()
    for j, name in enumerate(model.col_names_):
        ends = (ranging.col_cost_dn.value_[j], ranging.col_cost_up.value_[j])
        assert (found.costs[name].lowest, found.costs[name].highest) == pytest.approx(ends)
        assert stays(found.costs[name]) == pytest.approx(ends)
    for i, name in enumerate(model.row_names_):
        if basis.row_status[i] != highspy.HighsBasisStatus.kBasic:
            ends = (ranging.row_bound_dn.value_[i], ranging.row_bound_up.value_[i])
            assert (found.limits[name].lowest, found.limits[name].highest) == pytest.approx(ends)


# -- every vertex ----------------------------------------------------------------------------------

#: A wall so far out that only what has no end reaches it.
WALL = 1e6


def vertices(programme: Programme) -> np.ndarray:
    """All vertices of the feasible plans within a wall around them."""
    size = len(programme.cost)
    normals = [np.eye(size), -np.eye(size)]
    limits = [np.minimum(programme.upper, WALL), np.minimum(-programme.lower, WALL)]
    for row, sense, limit in zip(programme.matrix, programme.senses, programme.limits, strict=True):
        for side in {"<=": (1,), ">=": (-1,), "==": (1, -1)}[sense]:
            normals.append(side * row[None, :])
            limits.append(np.array([side * limit]))
    normal, limit = np.vstack(normals), np.concatenate(limits)
    chosen = np.array(list(itertools.combinations(range(len(limit)), size)))
    chosen = chosen[np.abs(np.linalg.det(normal[chosen])) > 1e-6]
    points = np.linalg.solve(normal[chosen], limit[chosen][:, :, None])[:, :, 0]
    return points[np.all(points @ normal.T <= limit + 1e-6, axis=1)]


def span(programme: Programme, points: np.ndarray) -> dict[str, tuple[float, float]]:
    """Least and greatest of each variable; infinite at the wall."""
    low, high = points.min(axis=0), points.max(axis=0)
    low, high = np.where(low < -WALL / 100, -INF, low), np.where(high > WALL / 100, INF, high)
    return {f"x{j}": (low[j], high[j]) for j in range(len(programme.cost))}


@pytest.mark.parametrize("number", one_in(11, range(MANY)))
def test_alternatives_are_those_of_all_optimal_vertices(number):
    programme = made(number)
    points = vertices(programme)
    sign = 1.0 if programme.sense == pulp.LpMaximize else -1.0
    values = sign * points @ programme.cost
    best = values.max()
    names = [f"x{j}" for j in range(len(programme.cost))]
    found = lp.alternatives(programme.problem(), names)
    expected = span(programme, points[values >= best - 1e-6])
    assert list(found) == names
    for name in names:
        assert found[name] == pytest.approx(expected[name], abs=1e-7), name
    # Nearly optimal plans: the rows and one more, so their vertices can be enumerated as well.
    within = (0.01, 0.5)[number % 2]
    nearly = replace(
        programme,
        matrix=np.vstack([programme.matrix, sign * programme.cost]),
        senses=(*programme.senses, ">="),
        limits=np.append(programme.limits, best - within * abs(best)),
    )
    expected = span(programme, vertices(nearly))
    found = lp.alternatives(programme.problem(), names, within)
    for name in names:
        assert found[name] == pytest.approx(expected[name], abs=1e-6), name


@pytest.mark.slow
def test_the_optimal_plans_of_the_random_programmes_are_points_edges_and_endless():
    widths = []
    for number in range(MANY):
        programme = made(number)
        names = [f"x{j}" for j in range(len(programme.cost))]
        found = lp.alternatives(programme.problem(), names)
        widths.append(max(high - low for low, high in found.values()))
    assert sum(width <= 1e-9 for width in widths) > 20
    assert sum(1e-9 < width < INF for width in widths) > 20
    assert sum(width == INF for width in widths) > 20


def test_plans_without_end_are_found_where_the_dual_simplex_method_is_undecided():
    """On 2 y + z + u = 7 with y ≥ 2, z from 1 to 4 and u ≤ y + 3, y may grow for ever and u fall.

    At most, u = 7 − 2 · 2 − 1 = 2, with y + 3 = 5 above it. HiGHS 1.15.1 without presolve says
    Unknown to the least u, by the dual simplex and the interior point method alike.
    """
    problem = pulp.LpProblem("undecided", pulp.LpMaximize)
    y, z, u = (
        problem.add_variable(name, low) for name, low in zip("yzu", (2, 1, None), strict=True)
    )
    problem += 0 * y
    problem += -2 * y - z - u == -7, "sum"
    problem += z <= 4, "most"
    problem += u - y <= 3, "apart"
    found = lp.alternatives(problem, ["u", "y", "z"])
    assert found == {"u": (-INF, 2), "y": (2, INF), "z": (1, 4)}


def test_alternatives_of_wyndor():
    """At 300 and 200, the edge from (2, 6) to (4, 3). Within 10 % of 3,600 at 300 and 500: fewest
    windows where 300 x + 500 y = 3,240 meets plant 3, y = (3,240 − 1,800)/300 = 4.8 and x = 2.8;
    fewest doors with 6 windows, x = 0.8. A constant counts as part of the optimum: 10 % of 7,200.
    """
    found = lp.alternatives(wyndor(300, 200), ["windows", "doors"])
    assert list(found) == ["windows", "doors"]
    assert found["windows"] == pytest.approx((3, 6))
    assert found["doors"] == pytest.approx((2, 4))
    for problem in (wyndor(), wyndor(negated=True)):
        found = lp.alternatives(problem, ["doors", "windows"], within=0.1)
        assert found["doors"] == pytest.approx((0.8, 2.8))
        assert found["windows"] == pytest.approx((4.8, 6))
    problem = wyndor()
    problem.setObjective(problem.objective + 3600)
    assert lp.alternatives(problem, ["windows"], 0.1)["windows"] == pytest.approx((3.6, 6))


# -- frontier --------------------------------------------------------------------------------------


def two_objectives(sense=pulp.LpMaximize):
    problem = pulp.LpProblem("two", sense)
    x, y = problem.add_variable("x1", 0, 20), problem.add_variable("x2", 0, 40)
    problem += 5 * x + 4 * y <= 200, "both"
    return problem, x, y


def test_published_points_lie_on_the_frontier():
    """Source: pyaugmecon, test_two_objectives: max x₁ and 3 x₁ + 4 x₂ under x₁ ≤ 20, x₂ ≤ 40,
    5 x₁ + 4 x₂ ≤ 200; pay-off table (20, 160), (8, 184) and ten points, to two decimals.

    On 5 x₁ + 4 x₂ = 200 the second is 200 − 2 x₁: one line, so two extreme points, equally good
    where 12 λ = 24 (1 − λ), λ = 2/3.
    """
    problem, x, y = two_objectives()
    low, high = lp.frontier(problem, x, 3 * x + 4 * y)
    assert (low.first, low.second) == pytest.approx((8, 184))
    assert (high.first, high.second) == pytest.approx((20, 160))
    assert low.values == pytest.approx({"x1": 8, "x2": 40})
    assert high.values == pytest.approx({"x1": 20, "x2": 25})
    published = [
        (8, 184), (9.33, 181.33), (10.67, 178.67), (12, 176), (13.33, 173.33),
        (14.67, 170.67), (16, 168), (17.33, 165.33), (18.67, 162.67), (20, 160),
    ]  # fmt: skip
    for first, second in published:
        share = (first - low.first) / (high.first - low.first)
        assert second == pytest.approx(low.second + share * (high.second - low.second), abs=0.01)
    weights = (low.least_weight, low.greatest_weight, high.least_weight, high.greatest_weight)
    assert weights == pytest.approx((0, 2 / 3, 2 / 3, 1))
    assert max(low.gap, high.gap) <= 1e-12


def test_the_negated_minimisation_has_the_negated_frontier_and_constants_count():
    problem, x, y = two_objectives(pulp.LpMinimize)
    points = lp.frontier(problem, -x + 100, -3 * x - 4 * y - 1)
    assert [(p.first, p.second) for p in points] == [
        pytest.approx((92, -185)),
        pytest.approx((80, -161)),
    ]
    assert all(p.gap <= 1e-12 for p in points)


@pytest.mark.parametrize("scale", [1e-3, 1e6])
def test_units_of_an_objective_do_not_change_the_frontier(scale):
    """With x₁ + x₂ ≤ 46 besides: corners at x₂ = 40, at x₁ = 20, and where both rows meet, at x₁ =
    200 − 4 · 46.
    """
    problem, x, y = two_objectives()
    problem += x + y <= 46, "sum"
    plain, scaled = lp.frontier(problem, x, y), lp.frontier(problem, scale * x, y)
    corners = np.array([(6, 40), (16, 30), (20, 25)])
    assert np.array([(p.first, p.second) for p in plain]) == pytest.approx(corners)
    assert np.array([(p.first / scale, p.second) for p in scaled]) == pytest.approx(corners)
    assert all(p.gap <= 1e-12 for p in [*plain, *scaled])


def test_objectives_that_do_not_conflict_have_one_point():
    problem, x, y = two_objectives()
    for first, second in ((y, x + 4 * y), (x + y, x + y), (x, x), (y, 0 * x)):
        (point,) = lp.frontier(problem, first, second)
        assert (point.least_weight, point.greatest_weight) == (0, 1)
        assert point.gap <= 1e-12


def test_the_frontier_leaves_the_problem_alone():
    problem, x, y = two_objectives()
    problem.setObjective(x - y)
    before = str(problem)
    lp.frontier(problem, x, y)
    assert str(problem) == before


def supported(images: np.ndarray) -> list[tuple[float, float]]:
    """Extreme points of the upper right of a cloud: gift wrapping from the best second."""
    best = images[np.abs(images[:, 1] - images[:, 1].max()) <= 1e-7]
    chain = [best[best[:, 0].argmax()]]
    while True:
        to = images - chain[-1]
        to = to[to[:, 0] > 1e-7]
        if not len(to):
            return [tuple(point) for point in chain]
        slope = to[:, 1] / to[:, 0]
        steepest = to[slope >= slope.max() - 1e-7]
        chain.append(chain[-1] + steepest[steepest[:, 0].argmax()])


@pytest.mark.parametrize("number", one_in(11, range(MANY)))
def test_the_frontier_has_all_supported_extreme_points_of_all_vertices(number):
    programme = made(number, bounded=True)
    random = np.random.default_rng(number)
    goals = random.integers(-3, 4, (2, len(programme.cost))).astype(float)
    problem = programme.problem()
    variables = {v.name: v for v in problem.variables()}
    first, second = (
        pulp.LpAffineExpression([(variables[f"x{j}"], c) for j, c in enumerate(goal) if c])
        for goal in goals
    )
    points = lp.frontier(problem, first, second)
    sign = 1.0 if programme.sense == pulp.LpMaximize else -1.0
    expected = supported(sign * vertices(programme) @ goals.T)
    assert len(points) == len(expected)
    for point, image in zip(points, expected, strict=True):
        assert (sign * point.first, sign * point.second) == pytest.approx(image, abs=1e-7)
        plan = np.array([point.values[f"x{j}"] for j in range(len(programme.cost))])
        assert programme.is_feasible(plan)
        assert (point.first, point.second) == pytest.approx(tuple(goals @ plan))
        assert point.gap <= 1e-9
        assert point.least_weight < point.weight < point.greatest_weight
        for share in (0.0, 0.5, 1.0):
            weight = point.least_weight + share * (point.greatest_weight - point.least_weight)
            both = weight * goals[0] + (1 - weight) * goals[1]
            solved = lp.solve(replace(programme, cost=both).problem())
            reached = weight * point.first + (1 - weight) * point.second
            assert solved.objective == pytest.approx(reached, abs=1e-7)
    assert points[0].least_weight == 0
    assert points[-1].greatest_weight == 1
    for one, other in itertools.pairwise(points):
        assert one.greatest_weight == other.least_weight


def test_a_frontier_of_many_points_is_found_whole():
    """max x and y under tangents of the unit circle at 59 angles: 58 corners where two meet.

    Tangents at θ and θ′ meet at (cos m, sin m)/cos(δ/2), m the mean and δ the difference; beyond
    the first and the last tangent, x ≤ 1 and y ≤ 1 end the frontier, with a corner each: 60.
    """
    angles = np.linspace(0, np.pi / 2, 61)
    problem = pulp.LpProblem("circle", pulp.LpMaximize)
    x, y = problem.add_variable("x", 0, 1), problem.add_variable("y", 0, 1)
    for i, angle in enumerate(angles[1:-1]):
        problem += math.cos(angle) * x + math.sin(angle) * y <= 1, f"t{i}"
    points = lp.frontier(problem, x, y)
    middle = (angles[1:] + angles[:-1]) / 2
    expected = np.column_stack([np.cos(middle), np.sin(middle)]) / math.cos(math.pi / 240)
    assert np.array([(p.first, p.second) for p in points]) == pytest.approx(expected[::-1])


# -- refusals --------------------------------------------------------------------------------------


def asked(problem):
    """Every question, of problems that have a variable x."""
    x = problem.variables()[0]
    return (
        lambda: lp.ranges(problem),
        lambda: lp.alternatives(problem, [x.name]),
        lambda: lp.frontier(problem, x, -x),
    )


@pytest.mark.parametrize("question", range(3))
def test_programmes_without_answers_are_refused(question):
    problem = pulp.LpProblem("whole", pulp.LpMaximize)
    problem += problem.add_variable("n", 0, 3, "Integer") + problem.add_variable("m", 0, 3)
    with pytest.raises(ValueError, match=r"without integer variables are served; whole are n$"):
        asked(problem)[question]()
    problem = pulp.LpProblem("empty", pulp.LpMaximize)
    x = problem.add_variable("x", 0, 1)
    problem += x
    problem += x >= 2, "much"
    with pytest.raises(ValueError, match="no optimum: the programme is infeasible"):
        asked(problem)[question]()
    problem = pulp.LpProblem("endless", pulp.LpMaximize)
    problem += problem.add_variable("x", 0)
    with pytest.raises(ValueError, match="no optimum: the programme is unbounded"):
        asked(problem)[question]()


def test_a_frontier_without_end_along_a_best_plan_is_refused():
    """max y ≤ 1 is reached, and x has no end among those plans."""
    problem = pulp.LpProblem("strip", pulp.LpMaximize)
    x, y = problem.add_variable("x", 0), problem.add_variable("y", 0, 1)
    with pytest.raises(ValueError, match="no end"):
        lp.frontier(problem, x, y)


def test_unknown_names_and_a_negative_share_are_refused():
    with pytest.raises(KeyError, match="no variable named gates, walls"):
        lp.alternatives(wyndor(), ["doors", "walls", "gates"])
    with pytest.raises(ValueError, match=r"0 or more, not -0\.1"):
        lp.alternatives(wyndor(), ["doors"], within=-0.1)
