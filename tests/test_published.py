"""Published results, reproduced: apportionment, media budgets, textbook programmes.

Every case is typed in here with its source. None was made with this package.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pulp
import pytest
from conftest import table_problem
from programmes import SOLVERS, bound
from tables import each

import fte_alloc as fa
from fte_alloc.programme.curves import SaturatingCurves, demand_draws

# -- apportionment: seats of a parliament are posts, quotients are what each brings ----------------

#: Divisor of the k-th seat, k = 1, 2, …; the last three give every party its first seat.
DIVISORS = {
    "dhondt": lambda k: k,
    "saintelague": lambda k: 2 * k - 1,
    "modified_saintelague": lambda k: 1.4 if k == 1 else 2 * k - 1,
    "huntington": lambda k: math.sqrt(k * (k - 1)),
    "adams": lambda k: k - 1,
    "dean": lambda k: 2 * k * (k - 1) / (2 * k - 1),
}


def seats_of(method: str, votes: list[int], seats: int) -> list[float]:
    """Seats as new facilitators: G_i(x) = Σ_{k≤x} votes_i / d(k), one FTE a seat, cap = seats.

    Where d(1) = 0 the first seat is a right: at least one post each, and the first quotient is
    set to twice the second, so that the table stays concave.
    """
    divisor = DIVISORS[method]
    is_right = divisor(1) == 0
    tables = []
    for party in votes:
        quotients = [party / divisor(k) for k in range(2, seats + 1)]
        quotients.insert(0, 2 * quotients[0] if is_right else party / divisor(1))
        reached = np.concatenate([[0.0], np.cumsum(quotients)])
        tables.append(list(enumerate(reached)))
    problem = table_problem(
        tables,
        cap=seats,
        step_fte=1.0,
        min_new_facilitators_fte=np.full(len(votes), 1.0 if is_right else 0.0),
    )
    plan = fa.solve(problem)
    assert plan.status == "optimal"
    return plan.evaluation.new_facilitators_fte[:, 0].tolist()


def seats_of_balinski_and_young(method: str) -> list[float]:
    """Source: martinlackner/apportionment@25f7a872 tests/test_methods.py
    test_balinski_young_example1 (Balinski & Young 1975).
    """
    return seats_of(method, [5117, 4400, 162, 161, 160], 100)


def test_posts_reproduce_the_seats_of_balinski_and_young():
    assert seats_of_balinski_and_young("dhondt") == [52, 45, 1, 1, 1]


@pytest.mark.slow
@each("method", [method for method in DIVISORS if method != "dhondt"])
def test_posts_reproduce_the_seats_of_balinski_and_young_by_every_method(method):
    assert seats_of_balinski_and_young(method) == [51, 43, 2, 2, 2]


@each("method", DIVISORS)
def test_posts_reproduce_weakly_proportional_seats_by_every_method(method):
    """Votes are 7 · (2, 4, 1, 5), so 12 seats divide exactly.

    Source: martinlackner/apportionment@25f7a872 tests/test_methods.py test_weak_proportionality.
    """
    assert seats_of(method, [14, 28, 7, 35], 12) == [2, 4, 1, 5]


# -- a media budget: channels are territories, money is effort -------------------------------------

LAM = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6], [0.7, 0.8]])  # draws × channels
BETA = np.array([[0.5, 1.0]] * 4)
ALPHA = np.array([[0.5, 0.7]] * 4)
PERIODS, CARRIED = 30, 4


def media_response(spend: np.ndarray, channel: int) -> np.ndarray:
    """Mean over the draws of what a channel brings when *spend* is spent in each of 30 periods.

    Spending is carried over with weights α^j / Σ α^j, j = 0 … 3: 30 periods of x and 4 of nothing
    give a_t = x · (weights seen in period t). Response: Σ_t β (1 − e^(−λ a_t)) / (1 + e^(−λ a_t)).
    """
    spend = np.asarray(spend, dtype=float)
    total = np.zeros_like(spend)
    for lam, beta, alpha in zip(LAM[:, channel], BETA[:, channel], ALPHA[:, channel], strict=True):
        weights = alpha ** np.arange(CARRIED)
        seen = np.convolve(np.ones(PERIODS), weights / weights.sum())
        left = np.exp(-lam * spend[..., None] * seen)
        total += (beta * (1 - left) / (1 + left)).sum(axis=-1)
    return total / len(LAM)


EXACT_SPEND = [54.783320710694866, 45.216679289305134]
EXACT_RESPONSE = 48.93166440131665
BREAKPOINTS = np.linspace(0.0, 100.0, 200)


def media_problem(budget: float, **changes):
    tables = [
        list(zip(BREAKPOINTS.tolist(), media_response(BREAKPOINTS, c).tolist(), strict=True))
        for c in (0, 1)
    ]
    return table_problem(tables, cap=budget, **changes)


def tabulated(spend: list[float]) -> float:
    """Response read off the straight lines between the breakpoints."""
    return sum(
        float(np.interp(x, BREAKPOINTS, media_response(BREAKPOINTS, c)))
        for c, x in enumerate(spend)
    )


def true_response(spend: list[float]) -> float:
    return sum(float(media_response(np.array(x), c)) for c, x in enumerate(spend))


def test_the_response_written_here_is_the_published_one():
    """Source: pymc-labs/pymc-marketing@01913ec0 tests/mmm/test_budget_optimizer.py
    test_allocate_budget; the exact optimum recomputed with scipy. Published there: 48.8 ± 1 %.
    """
    assert true_response(EXACT_SPEND) == pytest.approx(EXACT_RESPONSE, rel=1e-12)
    assert true_response([50, 50]) == pytest.approx(48.919577500734604, rel=1e-12)
    assert true_response(EXACT_SPEND) == pytest.approx(48.8, rel=0.01)


def test_media_budget_is_allocated_as_published():
    """Source: pymc-labs/pymc-marketing@01913ec0 tests/mmm/test_budget_optimizer.py
    test_allocate_budget: [54.78357587906867, 45.21642412093133] for a budget of 100.

    Chords of 0.5 in width instead of the curve move the optimum to a breakpoint at most: 0.6.
    """
    plan = fa.solve(media_problem(100.0))
    spend = plan.evaluation.new_facilitators_fte[:, 0].tolist()
    np.testing.assert_allclose(spend, EXACT_SPEND, rtol=0, atol=0.6)
    np.testing.assert_allclose(spend, [54.78357587906867, 45.21642412093133], rtol=0, atol=0.6)
    assert true_response(spend) == pytest.approx(EXACT_RESPONSE, rel=1e-4)
    assert true_response(spend) <= EXACT_RESPONSE * (1 + 1e-12)
    assert plan.expected_contracts == pytest.approx(EXACT_RESPONSE, rel=1e-4)


def test_bounds_bracket_the_best_tabulated_media_response():
    """On straight lines the best split has a channel at a breakpoint: all of those are tried."""
    plan = fa.solve(media_problem(100.0))
    best = max(tabulated(split) for x in BREAKPOINTS for split in ([x, 100.0 - x], [100.0 - x, x]))
    proof = plan.stages[0]
    rounding = 1e-9 * best
    assert proof.value - rounding <= best <= proof.bound + rounding
    assert proof.bound - proof.value <= rounding
    spend = plan.evaluation.new_facilitators_fte[:, 0].tolist()
    assert proof.value == pytest.approx(tabulated(spend), rel=1e-9)
    assert proof.bound >= tabulated(EXACT_SPEND)


def test_media_budget_with_limits_of_50_and_without_money():
    """Source: as above, bounds (0, 50) for both channels, and a budget of 0."""
    plan = fa.solve(media_problem(100.0, max_new_facilitators_fte=np.array([50.0, 50.0])))
    assert plan.evaluation.new_facilitators_fte[:, 0].tolist() == pytest.approx([50.0, 50.0])
    assert plan.expected_contracts == pytest.approx(48.919577500734604, rel=1e-4)
    nothing = fa.solve(media_problem(0.0))
    assert nothing.evaluation.new_facilitators_fte[:, 0].tolist() == [0.0, 0.0]
    assert nothing.expected_contracts == 0.0


# -- uncertain demand ------------------------------------------------------------------------------

DRAWS = (1, 9, 50, 200, 1000)


@each("cv", [0.15, 0.5, 1.0])
def test_coverage_under_uncertain_demand_approaches_its_integral(cv):
    """E[φ(k; n D)] over a lognormal D of mean 1 and deviation cv, by Gauss–Hermite quadrature.

    D = exp(√2 s u − s²/2) with weight e^(−u²)/√π, s² = ln(1 + cv²); 150 nodes, and 75 agree.
    n = 100, α = 0.1, β = 0.7, h = 20; efforts of 0.5 to 20 FTE. Jensen: with a certain demand
    (one draw) the curve lies above the integral, as φ is concave in n.
    """
    n, alpha, beta, h = 100.0, 0.1, 0.7, 20.0
    effort = np.array([0.5, 1.0, 3.0, 8.0, 20.0])
    s = math.sqrt(math.log1p(cv**2))

    def integral(nodes: int) -> np.ndarray:
        u, weight = np.polynomial.hermite.hermgauss(nodes)
        reach = (beta - alpha) * n * np.exp(math.sqrt(2) * s * u - s**2 / 2)
        covered = reach * -np.expm1(-h * effort[:, None] / reach)
        return alpha * n + covered @ weight / math.sqrt(math.pi)

    exact = integral(150)
    np.testing.assert_allclose(integral(75), exact, rtol=1e-9)
    one = np.ones(1)

    def curve(draws: int) -> np.ndarray:
        curves = SaturatingCurves(
            n * one, alpha * one, beta * one, h * one, demand_draws(cv, draws)
        )
        return curves.value(effort[None, :])[0]

    errors = [np.abs(curve(draws) - exact).max() for draws in DRAWS]
    assert all(fewer > more for fewer, more in itertools.pairwise(errors))
    assert errors[-1] < 1e-3 * errors[0]
    assert np.all(curve(1) > exact)
    assert np.all(curve(9) > exact)


@each("cv", [0.0, 0.05, 0.15, 0.5, 1.0, 2.0])
@each("draws", DRAWS)
def test_mean_of_the_demand_draws_is_one(cv, draws):
    drawn = demand_draws(cv, draws)
    assert abs(math.fsum(drawn) / len(drawn) - 1.0) <= 1e-14
    assert np.all(drawn > 0)
    assert np.all(np.diff(drawn) > 0)


@each("cv", [0.15, 0.5])
def test_deviation_of_the_demand_draws_approaches_the_one_asked_for(cv):
    """Means of bins spread less than what is in the bins."""
    spread = [float(np.std(demand_draws(cv, draws))) for draws in DRAWS]
    assert spread == sorted(spread)
    assert spread[-1] < cv
    assert spread[-1] == pytest.approx(cv, rel=0.01)


# -- a textbook programme through the solving door -------------------------------------------------


def wyndor(sign=1, plant3=18.0, whole=()):
    """Wyndor Glass: doors ≤ 4 (plant 1), 2 windows ≤ 12 (plant 2), 3 doors + 2 windows ≤ 18."""
    problem = pulp.LpProblem("wyndor", pulp.LpMaximize if sign > 0 else pulp.LpMinimize)
    x, y = (
        problem.add_variable(name, 0, None, "Integer" if name in whole else "Continuous")
        for name in ("doors", "windows")
    )
    problem += sign * (300 * x + 500 * y), "profit"
    problem += x <= 4, "plant1"
    problem += 2 * y <= 12, "plant2"
    problem += 3 * x + 2 * y <= plant3, "plant3"
    return problem


@each("solver", SOLVERS)
@each("sign", [1, -1])
def test_wyndor_has_the_published_plan_and_shadow_prices(solver, sign):
    """Source: Hillier & Lieberman Wyndor Glass; slides quote +$150 when plant-2 hours go from 12
    to 13 (cdn.slideserve.com/tibor chapter-6-8). Raw prices of a maximisation have the sign
    reversed in HiGHS (cf. coin-or/pulp PR #781); mirrored, all are.
    """
    problem = wyndor(sign)
    outcome = SOLVERS[solver](problem)
    assert outcome.status == "optimal"
    assert outcome.objective == pytest.approx(sign * 3600, rel=1e-9)
    assert outcome.values == pytest.approx({"doors": 2, "windows": 6})
    expected = {"plant1": 0, "plant2": sign * 150, "plant3": sign * 100}
    assert outcome.prices == pytest.approx(expected)
    assert bound(problem, outcome.prices) == pytest.approx(sign * 3600, rel=1e-9)
    # Prices of the mirrored programme have the wrong sign here and are worth nothing.
    assert bound(wyndor(-sign), outcome.prices) == bound(wyndor(-sign), {})


@each("solver", SOLVERS)
def test_whole_wyndor_stays_below_the_bound_of_its_relaxation(solver):
    """Plant 3 at 17: 3x + 2y ≤ 17 and y ≤ 6. Relaxed (5/3, 6) earns 3,500; whole, x = 1 with y = 6
    earns 3,300, x = 2 with y = 5 3,100, x = 3 with y = 4 2,900, x = 4 with y = 2 2,200.
    """
    assert SOLVERS[solver](wyndor(plant3=17)).objective == pytest.approx(3500)
    whole = SOLVERS[solver](wyndor(plant3=17, whole=("doors", "windows")))
    assert whole.values == pytest.approx({"doors": 1, "windows": 6})
    assert whole.objective == pytest.approx(3300)


@each("solver", SOLVERS)
@each("cat", ["Continuous", "Integer"])
def test_an_infeasible_programme_has_a_status_and_no_values(solver, cat):
    """Source: measured with PuLP 3.3.2, its bundled CBC and highspy 1.15.1: of max x + y,
    x + y ≤ 6, x ≥ 4, y ≥ 4, CBC leaves the values (4, 2) behind and HiGHS (0, 0).
    """
    problem = pulp.LpProblem("demo", pulp.LpMaximize)
    x, y = (problem.add_variable(name, 0, None, cat) for name in "xy")
    problem += x + y, "total"
    problem += x + y <= 6, "cap"
    problem += x >= 4, "fx"
    problem += y >= 4, "fy"
    outcome = SOLVERS[solver](problem)
    assert outcome.status == "infeasible"
    assert (outcome.values, outcome.prices) == ({}, {})
    assert math.isnan(outcome.objective)
