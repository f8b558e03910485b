"""Programmes in plain units: the right value, or a refusal that names what the solver would lose.

Judged by hand, by going through the whole numbers, and by vertices in fractions. Sources of the
single programmes: ERGO-Code/HiGHS issues 1259, 1578, 1899, 1965, 2653, 2677, 2980, 3094, 3258 and
3274, jump-dev/HiGHS.jl 73, coin-or/pulp 882, Deltares/Ribasim 2433.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pulp
import pytest
from conftest import small_problem
from programmes import bound, conflict_in, solve
from tables import each

from fte_alloc.errors import SolverError
from fte_alloc.lp.solving import CheckedProgramme
from fte_alloc.programme.objectives import STEP_GAP, Stage
from fte_alloc.questions import plan as planning


def check(problem: pulp.LpProblem, right: float, terms: float | None = None) -> None:
    """The value is right and so is the bound, to 1e-7 of the terms of the objective."""
    outcome = solve(problem)
    assert outcome.status == "optimal"
    room = 1e-7 * (abs(right) if terms is None else terms)
    assert outcome.objective == pytest.approx(right, rel=0, abs=room)
    assert outcome.bound == pytest.approx(right, rel=0, abs=10 * room)
    whole = any(v.cat == "Integer" for v in problem.variables())
    assert outcome.proved is not whole
    if not whole:
        proved = bound(problem, outcome.prices)
        assert proved == pytest.approx(right, rel=0, abs=room)
    with pytest.raises(ValueError, match="has a solution"):
        conflict_in(problem)


# -- single programmes -----------------------------------------------------------------------------


@each("least", [None, 10_000_000])
@each("most", [20_000_000, 30_000_000, 540_000_000])
def test_whole_amounts_in_cents(most, least):
    """The State pays 70 % of a cost: the largest cost, a multiple of ten, and its share."""
    problem = pulp.LpProblem("cents", pulp.LpMaximize)
    cost, state = (problem.add_variable(n, 0, most, "Integer") for n in ("cost", "state"))
    problem += 1420 * cost + 1068 * state
    problem += 0.7 * cost - state == 0, "share"
    if least:
        problem += cost >= least, "least"
    check(problem, 1420 * most + 1068 * (7 * most // 10))


COST = [(0, 5, 5, 38), (0, 2, 23, 33), (0, 12, 39, 39), (0, 10, 33, 34), (0, 5, 11, 25)]
COST += [(0, 27, 29, 32)]
WORTH = [(0, 1676, 1863, 5047), (0, 7100, 7830, 3058), (0, 5016, 2270, 8266)]
WORTH += [(0, 1893, 3850, 7215), (0, 5161, 5700, 1650), (0, 5727, 7470, 4565)]


def test_one_size_per_project():
    """Presolve of HiGHS 1.16.0 loses the best plan; dynamic programming finds it."""
    best = [0] * 141
    for costs, worths in zip(COST, WORTH, strict=True):
        pairs = list(zip(costs, worths, strict=True))
        best = [max(best[b - c] + w for c, w in pairs if c <= b) for b in range(141)]
    problem = pulp.LpProblem("grants", pulp.LpMaximize)
    x = [[problem.add_variable(f"p{g}_{k}", 0, 1, "Integer") for k in range(4)] for g in range(6)]
    cells = list(product(range(6), range(4)))
    problem += pulp.lpSum(WORTH[g][k] / 10 * x[g][k] for g, k in cells)
    problem += pulp.lpSum(COST[g][k] * x[g][k] for g, k in cells) <= 140, "budget"
    for g in range(6):
        problem += pulp.lpSum(x[g]) == 1, f"one_{g}"
    check(problem, best[140] / 10)


@each("tiny", [1e-8, 1e-10])
def test_a_share_per_head_of_a_large_population(tiny):
    """x ≤ 50 / tiny, and x ≥ 50 / tiny; the price is 1 / tiny."""
    for least in (False, True):
        problem = pulp.LpProblem("tiny", pulp.LpMinimize if least else pulp.LpMaximize)
        x, y = problem.add_variable("x", 0, 100 / tiny), problem.add_variable("y", 0, 1)
        problem += x + 0 * y
        problem += (tiny * x >= 50) if least else (tiny * x + y <= 50), "row"
        check(problem, 50 / tiny)
        assert solve(problem).prices["row"] == pytest.approx(1 / tiny)
        assert bound(problem, {"row": 1 / tiny}) == pytest.approx(50 / tiny)


UNITS = [1e-6, 1e-3, 1.0, 1e6, 1e10]


@each("whole", [False, True])
@each("unit", UNITS)
def test_the_same_programme_in_other_units(unit, whole):
    """x = 10, y = 2 with 32, whatever the unit of the objective and of the rows is."""
    for cost, row in ((unit, 1.0), (1.0, unit)):
        problem = pulp.LpProblem("units", pulp.LpMaximize)
        kind = "Integer" if whole else "Continuous"
        x, y = (problem.add_variable(name, 0, 10, kind) for name in "xy")
        problem += 3 * cost * x + cost * y
        problem += row * x + row * y <= 12 * row, "c"
        problem += row * x + 3 * row * y <= 24 * row, "d"
        check(problem, 32 * cost)
        if not whole:
            assert solve(problem).prices["c"] == pytest.approx(cost / row)


@each("unit", [1e-12, 1e-9, 1e9, 1e12])
def test_amounts_without_limits_in_other_units(unit):
    """Max 3x + y with x + y ≤ 12 and x + 3y ≤ 24 units: x = 12."""
    problem = pulp.LpProblem("amounts", pulp.LpMaximize)
    x, y = (problem.add_variable(name, 0) for name in "xy")
    problem += 3 * x + y
    problem += x + y <= 12 * unit, "c"
    problem += x + 3 * y <= 24 * unit, "d"
    check(problem, 36 * unit)


@each("most", [10_000, 100_000, 1_000_000, 10_000_000])
def test_decimals_in_an_equality(most):
    """574a + 372b + 136.55c − 160.7d = 2066: through all whole a and c, b as large as d allows."""
    best = 0.0
    for a, c in product(range(27), range(3)):
        top = min(most, int((2066 + 160.7 * most - 574 * a - 136.55 * c) // 372))
        for b in (top, top - 1):
            d = (574 * a + 372 * b + 136.55 * c - 2066) / 160.7
            if 0 <= d <= most:
                best = max(best, 415 * a + 386 * b + 989 * c + 750 * d)
    problem = pulp.LpProblem("tied", pulp.LpMaximize)
    a, b, c = (
        problem.add_variable(n, 0, high, "Integer")
        for n, high in zip("abc", (26, most, 2), strict=True)
    )
    d = problem.add_variable("d", 0, most)
    problem += 415 * a + 386 * b + 989 * c + 750 * d
    problem += 574 * a + 372 * b + 136.55 * c - 160.7 * d == 2066, "tie"
    check(problem, best)


def test_nothing_to_decide():
    """The constant is the value where there are no variables, or none in the objective."""
    problem = pulp.LpProblem("constant", pulp.LpMaximize)
    problem += pulp.LpAffineExpression(constant=7.5)
    check(problem, 7.5)
    problem.add_variable("x", 2, 5)
    check(problem, 7.5)
    problem += pulp.LpAffineExpression(constant=-1.0) >= 0, "never"
    assert solve(problem).status == "infeasible"
    assert conflict_in(problem).sides == {"never": "lower"}
    assert solve(pulp.LpProblem("empty")).objective == 0.0


def test_a_switch_with_a_large_factor():
    """x ≤ 1e9·on: 1e-9 of a switch would let x be 1. On costs 5, so that x = 0 is best."""
    problem = pulp.LpProblem("switch", pulp.LpMaximize)
    x, on = problem.add_variable("x", 0, 4), problem.add_variable("on", 0, 1, "Integer")
    problem += x - 5 * on
    problem += x <= 1e9 * on, "switch"
    assert solve(problem).objective == 0.0


# -- refusals --------------------------------------------------------------------------------------


def refused(cost=1.0, coefficient=1.0, limit=5.0, high=9.0, whole=False) -> pulp.LpProblem:
    problem = pulp.LpProblem("refused", pulp.LpMaximize)
    x = problem.add_variable("x", 0, high, "Integer" if whole else "Continuous")
    y = problem.add_variable("y", 0, 9, "Integer" if whole else "Continuous")
    problem += pulp.LpAffineExpression([(x, cost), (y, 1.0)]), "objective"
    problem += pulp.LpAffineExpression([(x, coefficient), (y, 1.0)]) <= limit, "row"
    return problem


@each(
    ("changes", "named"),
    [
        ({"coefficient": math.inf}, "row: coefficient inf of x"),
        ({"coefficient": -math.inf, "whole": True}, "row: coefficient -inf of x"),
        ({"cost": math.inf}, "objective: coefficient inf of x"),
        ({"coefficient": 1e-13, "high": 1e14, "whole": True}, "row: coefficient 1e-13 of x"),
        ({"coefficient": 1e17, "whole": True}, "row: coefficient .* of [xy]"),
        ({"high": 1e21}, r"x: limits 0.0 and 1e\+21"),
        ({"limit": -1e20, "whole": True}, r"row: limits -inf and -1e\+20"),
    ],
)
def test_what_the_solver_would_lose_is_refused_by_name(changes, named):
    problem = refused(**changes)
    for ask in (solve, conflict_in):
        with pytest.raises(SolverError, match=named):
            ask(problem)


# -- a second way ----------------------------------------------------------------------------------


def halved(self: CheckedProgramme, honest) -> object:
    """A worse plan of a programme in whole numbers, called optimal, bound and all."""
    m = self.matrix
    best = honest(self).values
    upper = np.where(m.integer, np.maximum(m.lower, np.floor(best / 2)), m.upper)
    return honest(CheckedProgramme(replace(m, upper=upper)))


def test_a_wrong_optimum_of_presolve_is_found_out(monkeypatch):
    """In a programme of its own, and in the stages of a plan in steps."""
    problem = small_problem(step_fte=0.5, budget=30_000.0, stages=(Stage("coverage"),))
    by_solver = "fte_alloc.search.best_plan.step_limits"  # not by tables
    monkeypatch.setattr(by_solver, lambda _: None)
    right = planning.solve(problem, priced=False)
    assert right.evaluation.new_facilitators_fte.sum() > 1
    honest, lies = CheckedProgramme.run, []

    def lying(self, *arguments):
        if self.matrix.integer.any() and self.way.presolve:
            lies.append(self)
            return halved(self, honest)
        return honest(self, *arguments)

    monkeypatch.setattr(CheckedProgramme, "run", lying)
    plan = planning.solve(problem, priced=False)
    assert lies
    assert plan.status == "optimal"
    assert plan.stages[0].value == pytest.approx(right.stages[0].value, rel=STEP_GAP)
    knapsack = pulp.LpProblem("knapsack", pulp.LpMaximize)
    x = [knapsack.add_variable(f"x{n}", 0, 3, "Integer") for n in range(3)]
    knapsack += 5 * x[0] + 4 * x[1] + 3 * x[2]
    knapsack += 2 * x[0] + 3 * x[1] + x[2] <= 5, "room"
    check(knapsack, 14)  # x0 = 1, x2 = 3


# -- random programmes against fractions -----------------------------------------------------------

Row = tuple[list[Fraction], Fraction]
FAR = (Fraction(10) ** 12, Fraction(10) ** 13)


@dataclass(frozen=True)
class Drawn:
    """A programme of up to three columns in simple numbers, and the units it is written in."""

    rows: list[tuple[list[Fraction], int, Fraction]]  # coefficients, sense, limit
    cost: list[Fraction]
    lower: list[Fraction | None]
    upper: list[Fraction | None]
    whole: list[bool]
    row_unit: list[float]
    unit: list[float]
    cost_unit: float
    maximise: bool

    @classmethod
    def of(cls, number: int) -> Drawn:
        random = np.random.default_rng(number)
        columns, rows = int(random.integers(1, 4)), int(random.integers(0, 4))
        plain, mixed = random.random() < 0.3, random.random() < 0.6
        whole = [mixed and bool(random.random() < 0.5) for _ in range(columns)]

        def unit() -> float:
            units = [1.0, 1e-1, 1e1, 1e-2, 1e2, 1e-3, 1e3]
            return 1.0 if plain else units[int(random.integers(len(units)))]

        def some() -> Fraction:
            return Fraction(int(random.integers(-40, 41)), int(random.choice([1, 1, 2, 10, 100])))

        lower = [Fraction(int(random.integers(-3, 1))) for _ in range(columns)]
        upper = [low + int(random.integers(0, 8)) for low in lower]
        point = [
            Fraction(int(random.integers(int(a), int(b) + 1)))
            for a, b in zip(lower, upper, strict=True)
        ]
        drawn = []
        for _ in range(rows):
            row = [some() if random.random() < 0.8 else Fraction(0) for _ in range(columns)]
            sense = int(random.choice([-1, 1, 1, 0]))
            limit = sum((a * x for a, x in zip(row, point, strict=True)), Fraction(0))
            if sense or random.random() < 0.2:
                limit += (sense or 1) * Fraction(int(random.integers(-5, 30)), 10)
            drawn.append((row, sense, limit))
        ends = random.random() < 0.35
        for j in range(columns):
            if ends and not whole[j]:
                lower[j] = None if random.random() < 0.5 else lower[j]
                upper[j] = None if random.random() < 0.5 else upper[j]
        units = [1.0 if w else unit() for w in whole]
        cost = [some() for _ in range(columns)]
        row_units = [unit() for _ in drawn]
        maximise = bool(random.random() < 0.5)
        return cls(drawn, cost, lower, upper, whole, row_units, units, unit(), maximise)

    def written(self) -> pulp.LpProblem:
        problem = pulp.LpProblem("drawn", pulp.LpMaximize if self.maximise else pulp.LpMinimize)
        x = []
        for j, unit in enumerate(self.unit):
            exact = Fraction(str(unit))
            ends = (None if e is None else float(e * exact) for e in (self.lower[j], self.upper[j]))
            x.append(
                problem.add_variable(f"x{j}", *ends, "Integer" if self.whole[j] else "Continuous")
            )
        problem += pulp.lpSum(
            float(c) * self.cost_unit / u * v
            for c, u, v in zip(self.cost, self.unit, x, strict=True)
        )
        for r, ((row, sense, limit), of) in enumerate(zip(self.rows, self.row_unit, strict=True)):
            terms = [(v, float(a) * of / u) for a, u, v in zip(row, self.unit, x, strict=True) if a]
            left, right = pulp.LpAffineExpression(terms), float(limit) * of
            problem += (left <= right, left == right, left >= right)[1 - sense], f"r{r}"
        return problem

    def right(self) -> Fraction | str:
        """The optimum in simple numbers, ``infeasible`` or ``unbounded``."""
        one, two = (self._within(far) for far in FAR)
        return one if one == two else "unbounded"

    def _within(self, far: Fraction) -> Fraction | str:
        sign = 1 if self.maximise else -1
        rows: list[Row] = []
        for row, sense, limit in self.rows:
            rows += [(row, limit)] if sense >= 0 else []
            rows += [([-a for a in row], -limit)] if sense <= 0 else []
        columns = range(len(self.cost))
        fixed = [j for j in columns if self.whole[j]]
        free = [j for j in columns if not self.whole[j]]
        values = []
        for at in product(*(range(int(self.lower[j]), int(self.upper[j]) + 1) for j in fixed)):
            part = [
                (
                    [row[j] for j in free],
                    limit - sum(row[j] * v for j, v in zip(fixed, at, strict=True)),
                )
                for row, limit in rows
            ]
            for n, j in enumerate(free):
                one = [Fraction(int(n == k)) for k in range(len(free))]
                part.append((one, far if self.upper[j] is None else self.upper[j]))
                low = -far if self.lower[j] is None else self.lower[j]
                part.append(([-a for a in one], -low))
            best = best_vertex(part, [sign * self.cost[j] for j in free])
            if best is not None:
                values.append(
                    best + sum(sign * self.cost[j] * v for j, v in zip(fixed, at, strict=True))
                )
        return sign * max(values) if values else "infeasible"


def best_vertex(rows: list[Row], cost: list[Fraction]) -> Fraction | None:
    """The greatest cost·x over a bounded polyhedron a·x ≤ b, None if it is empty."""
    if not cost:
        return Fraction(0) if all(limit >= 0 for _, limit in rows) else None
    values = []
    for chosen in combinations(rows, len(cost)):
        x = crossing(chosen)
        if x is not None and all(dot(a, x) <= b for a, b in rows):
            values.append(dot(cost, x))
    return max(values, default=None)


def dot(a: list[Fraction], x: list[Fraction]) -> Fraction:
    return sum((p * q for p, q in zip(a, x, strict=True)), Fraction(0))


def crossing(rows: tuple[Row, ...]) -> list[Fraction] | None:
    """Where a·x = b for all of these rows, if that is one point (Gauss–Jordan)."""
    m = [[*a, b] for a, b in rows]
    for c in range(len(m)):
        pivot = next((r for r in range(c, len(m)) if m[r][c]), None)
        if pivot is None:
            return None
        m[c], m[pivot] = m[pivot], m[c]
        m[c] = [v / m[c][c] for v in m[c]]
        for r in range(len(m)):
            if r != c and m[r][c]:
                m[r] = [a - m[r][c] * b for a, b in zip(m[r], m[c], strict=True)]
    return [row[-1] for row in m]


BATCH = 50


def test_random_programmes_in_mixed_units_are_as_fractions_say():
    as_fractions_say(0)


@pytest.mark.slow
@each("first", range(BATCH, 10 * BATCH, BATCH))
def test_more_random_programmes_in_mixed_units_are_as_fractions_say(first):
    as_fractions_say(first)


def as_fractions_say(first: int) -> None:
    """Never a wrong value called optimal, never a false word; hardly ever a refusal."""
    met = Counter()
    for number in range(first, first + BATCH):
        drawn = Drawn.of(number)
        right, problem = drawn.right(), drawn.written()
        status = right if isinstance(right, str) else "optimal"
        met[status] += 1
        try:
            outcome = solve(problem)
        except SolverError:
            met["refused"] += status != "unbounded"  # which nothing proves
            continue
        assert outcome.status == status, number
        if status == "optimal":
            room = 1e-7 * max(1.0, 8.0 * max(abs(float(c)) for c in drawn.cost))
            assert abs(outcome.objective / drawn.cost_unit - float(right)) <= room, number
            assert abs(outcome.bound / drawn.cost_unit - float(right)) <= 10 * room, number
        if status == "infeasible":
            assert conflict_in(problem).sides or conflict_in(problem).bounds
        else:
            with pytest.raises(ValueError, match="has a solution"):
                conflict_in(problem)
    assert met["optimal"] > BATCH / 2
    assert met["refused"] <= 2
