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

import fte_alloc as fa
from fte_alloc import lp
from fte_alloc.programme.curves import SaturatingCurves, demand_draws

SOLVERS = ("highs", "cbc")

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


@pytest.mark.parametrize(
    ("method", "published"),
    [
        ("dhondt", [52, 45, 1, 1, 1]),
        ("saintelague", [51, 43, 2, 2, 2]),
        ("modified_saintelague", [51, 43, 2, 2, 2]),
        ("huntington", [51, 43, 2, 2, 2]),
        ("adams", [51, 43, 2, 2, 2]),
        ("dean", [51, 43, 2, 2, 2]),
    ],
)
@pytest.mark.slow_but("dhondt-published0", "modified_saintelague-published2")
def test_posts_reproduce_the_seats_of_balinski_and_young(method, published):
    """Source: martinlackner/apportionment@25f7a872 tests/test_methods.py
    test_balinski_young_example1 (Balinski & Young 1975).
    """
    assert seats_of(method, [5117, 4400, 162, 161, 160], 100) == published


@pytest.mark.parametrize("method", DIVISORS)
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


@pytest.mark.parametrize("cv", [0.15, 0.5, 1.0])
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


@pytest.mark.parametrize("cv", [0.0, 0.05, 0.15, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("draws", DRAWS)
def test_mean_of_the_demand_draws_is_one(cv, draws):
    drawn = demand_draws(cv, draws)
    assert abs(math.fsum(drawn) / len(drawn) - 1.0) <= 1e-14
    assert np.all(drawn > 0)
    assert np.all(np.diff(drawn) > 0)


@pytest.mark.parametrize("cv", [0.15, 0.5])
def test_deviation_of_the_demand_draws_approaches_the_one_asked_for(cv):
    """Means of bins spread less than what is in the bins."""
    spread = [float(np.std(demand_draws(cv, draws))) for draws in DRAWS]
    assert spread == sorted(spread)
    assert spread[-1] < cv
    assert spread[-1] == pytest.approx(cv, rel=0.01)


# -- textbook programmes through the solving door --------------------------------------------------


def wyndor(doors=300.0, windows=500.0, sense=pulp.LpMaximize, whole=(), plant3=18.0):
    """Wyndor Glass: doors ≤ 4 (plant 1), 2 windows ≤ 12 (plant 2), 3 doors + 2 windows ≤ 18."""
    problem = pulp.LpProblem("wyndor", sense)
    x, y = (
        problem.add_variable(name, 0, None, "Integer" if name in whole else "Continuous")
        for name in ("doors", "windows")
    )
    problem += doors * x + windows * y, "profit"
    problem += x <= 4, "plant1"
    problem += 2 * y <= 12, "plant2"
    problem += 3 * x + 2 * y <= plant3, "plant3"
    return problem


@pytest.mark.parametrize("solver", SOLVERS)
def test_wyndor_has_the_published_plan_and_shadow_prices(solver):
    """Source: Hillier & Lieberman Wyndor Glass; slides quote +$150 when plant-2 hours go from 12
    to 13 (cdn.slideserve.com/tibor chapter-6-8).
    """
    outcome = lp.solve(wyndor(), solver=solver)
    assert outcome.status == "optimal"
    assert outcome.objective == pytest.approx(3600, rel=1e-9)
    assert outcome.values == pytest.approx({"doors": 2, "windows": 6})
    assert outcome.prices == pytest.approx({"plant1": 0, "plant2": 150, "plant3": 100})
    assert outcome.reduced_costs == pytest.approx({"doors": 0, "windows": 0}, abs=1e-9)
    assert outcome.bound == pytest.approx(3600, rel=1e-9)
    assert lp.dual_bound(wyndor(), outcome.prices) == pytest.approx(3600, rel=1e-9)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("doors", "windows", "published"),
    [(200, 500, (2, 6)), (500, 500, (2, 6)), (1000, 500, (4, 3)), (450, 400, (2, 6))],
)
def test_wyndor_answers_other_profits_as_published(solver, doors, windows, published):
    """Source: Hillier & Lieberman Wyndor Glass, what-if analysis: 0 ≤ P_doors ≤ 750."""
    values = lp.solve(wyndor(doors, windows), solver=solver).values
    assert (values["doors"], values["windows"]) == pytest.approx(published)


@pytest.mark.parametrize("solver", SOLVERS)
def test_wyndor_changes_its_plan_where_both_profits_leave_the_published_range(solver):
    """Source: as above; 600 and 300 change the plan: (4, 3) earns 3,300, (2, 6) 3,000."""
    outcome = lp.solve(wyndor(600, 300), solver=solver)
    assert outcome.values == pytest.approx({"doors": 4, "windows": 3})
    assert outcome.objective == pytest.approx(3300)


@pytest.mark.parametrize("solver", SOLVERS)
def test_prices_have_the_same_sign_from_every_solver_and_equal_differences(solver):
    """Source: measured with PuLP 3.3.2, its bundled CBC and highspy 1.15.1 (cf. coin-or/pulp PR
    #781): raw prices of a maximisation are (0, 1.5, 1) from CBC and (0, −1.5, −1) from HiGHS.

    One hour more in a plant stays within the published ranges (plant 1 from 2, plant 2 from 6 to
    18, plant 3 from 12 to 24), so the objective changes by the price itself.
    """
    outcome = lp.solve(wyndor(3, 5), solver=solver)
    assert outcome.prices == pytest.approx({"plant1": 0, "plant2": 1.5, "plant3": 1})
    for name, price in outcome.prices.items():
        more = wyndor(3, 5)
        row = next(row for row in more.constraints() if row.name == name)
        row.changeRHS(-row.constant + 1)
        gained = lp.solve(more, solver=solver).objective - outcome.objective
        assert gained == pytest.approx(price, abs=1e-6)


@pytest.mark.parametrize("solver", SOLVERS)
def test_mirrored_minimisation_has_mirrored_prices_and_bound(solver):
    """Minimising −3x − 5y: one unit more of a limit lowers the objective, so prices are ≤ 0.

    The prices of the maximisation have the wrong sign here and are worth nothing; without any
    price the bound is what the single rows imply, x ≤ 4 and y ≤ 6: −3 · 4 − 5 · 6 = −42.
    """
    mirrored = wyndor(-3, -5, pulp.LpMinimize)
    outcome = lp.solve(mirrored, solver=solver)
    assert outcome.status == "optimal"
    assert outcome.objective == pytest.approx(-36)
    assert outcome.values == pytest.approx({"doors": 2, "windows": 6})
    assert outcome.prices == pytest.approx({"plant1": 0, "plant2": -1.5, "plant3": -1})
    assert outcome.bound == pytest.approx(-36)
    assert lp.dual_bound(mirrored, outcome.prices) == pytest.approx(-36)
    unmirrored = lp.solve(wyndor(3, 5), solver=solver).prices
    assert lp.dual_bound(mirrored, unmirrored) == lp.dual_bound(mirrored, {}) == -42
    assert lp.dual_bound(wyndor(3, 5), outcome.prices) == lp.dual_bound(wyndor(3, 5), {}) == 42


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("whole", [("doors",), ("windows",), ("doors", "windows")])
def test_integer_wyndor_keeps_its_plan_and_has_prices_of_its_fixed_integers(solver, whole):
    """Its optimum is whole already. With integers fixed where they are, prices y ≥ 0 and reduced
    costs r prove the optimum: y·b + Σ r_j x_j over the fixed columns = 36, r = 0 for a free one.
    """
    problem = wyndor(3, 5, whole=whole)
    outcome = lp.solve(problem, solver=solver)
    assert outcome.status == "optimal"
    assert outcome.values == pytest.approx({"doors": 2, "windows": 6})
    assert outcome.objective == pytest.approx(36)
    assert outcome.bound == pytest.approx(36)
    price, reduced = outcome.prices, outcome.reduced_costs
    assert min(price.values()) >= 0
    proved = 4 * price["plant1"] + 12 * price["plant2"] + 18 * price["plant3"]
    proved += sum(reduced[name] * outcome.values[name] for name in whole)
    assert proved == pytest.approx(36)
    assert [reduced[name] for name in reduced if name not in whole] == pytest.approx(
        [0.0] * (2 - len(whole))
    )
    relaxed = lp.solve(wyndor(3, 5), solver=solver)
    assert lp.dual_bound(problem, relaxed.prices) == pytest.approx(36)


def test_integer_wyndor_has_the_measured_prices_of_cbc():
    """Source: measured with PuLP 3.3.2 and its bundled CBC, doors whole: 2.5 for plant 2 and a
    reduced cost of 3 for doors, prices with the integers fixed and not shadow prices (1.5 and 0).
    """
    outcome = lp.solve(wyndor(3, 5, whole=("doors",)), solver="cbc")
    assert outcome.prices["plant2"] == pytest.approx(2.5)
    assert outcome.reduced_costs["doors"] == pytest.approx(3.0)


@pytest.mark.parametrize("solver", SOLVERS)
def test_integer_plan_stays_below_the_bound_of_its_relaxation(solver):
    """Plant 3 at 17: 3x + 2y ≤ 17 and y ≤ 6. Relaxed (5/3, 6) earns 35; whole, x = 1 with y = 6
    earns 33, x = 2 with y = 5 31, x = 3 with y = 4 29, x = 4 with y = 2 22: the best is 33.
    """
    relaxed = lp.solve(wyndor(3, 5, plant3=17), solver=solver)
    assert relaxed.objective == pytest.approx(35)
    problem = wyndor(3, 5, whole=("doors", "windows"), plant3=17)
    whole = lp.solve(problem, solver=solver)
    assert whole.values == pytest.approx({"doors": 1, "windows": 6})
    assert whole.objective == pytest.approx(33)
    assert whole.bound == pytest.approx(33)
    assert lp.dual_bound(problem, relaxed.prices) == pytest.approx(35)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("cat", ["Continuous", "Integer"])
def test_an_infeasible_programme_has_a_status_and_no_values(solver, cat):
    """Source: measured with PuLP 3.3.2, its bundled CBC and highspy 1.15.1: of max x + y,
    x + y ≤ 6, x ≥ 4, y ≥ 4, CBC leaves the values (4, 2) behind and HiGHS (0, 0).
    """
    problem = pulp.LpProblem("demo", pulp.LpMaximize)
    x = problem.add_variable("x", 0, None, cat)
    y = problem.add_variable("y", 0, None, cat)
    problem += x + y, "total"
    problem += x + y <= 6, "cap"
    problem += x >= 4, "fx"
    problem += y >= 4, "fy"
    outcome = lp.solve(problem, solver=solver)
    assert outcome.status == "infeasible"
    assert (outcome.values, outcome.prices, outcome.reduced_costs) == ({}, {}, {})
    assert math.isnan(outcome.objective)
