"""Bounds from prices: whatever the prices, what they prove is true; the best prices prove it all.

The random programmes are made backwards, so that their optimum is known without a solver: a plan
x*, prices y* of the right sign that press only where the plan touches a limit, and then costs
c = Aᵀy* + d with reduced costs d that press only where a variable is at its limit. By weak duality
c·x ≤ c·x* for every x, with equality at x*.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pulp
import pytest
from programmes import bound, solve
from tables import each

MANY = 50
SENSES = (pulp.LpMaximize, pulp.LpMinimize)


@dataclass(frozen=True)
class Made:
    """A programme with its optimum, the plan that has it and prices that prove it."""

    problem: pulp.LpProblem
    sense: int
    optimum: float
    plan: dict[str, float]
    prices: dict[str, float]
    senses: dict[str, str]

    def is_valid(self, bound: float, slack: float = 1e-9) -> bool:
        """Whether nothing better than the optimum is excluded, to *slack* relative."""
        room = slack * max(1.0, abs(self.optimum))
        if self.sense == pulp.LpMaximize:
            return bound >= self.optimum - room
        return bound <= self.optimum + room

    def gap(self, bound: float) -> float:
        return abs(bound - self.optimum) / max(1.0, abs(self.optimum))


def made(number: int) -> Made:
    """Programme *number*: 2 to 7 columns, 1 to 8 rows, all kinds of rows and of limits.

    Even numbers are maximised, odd ones minimised; every third has only bounded columns.
    """
    random = np.random.default_rng(1000 + number)
    sense = SENSES[number % 2]
    sign = 1.0 if sense == pulp.LpMaximize else -1.0
    columns, rows = int(random.integers(2, 8)), int(random.integers(1, 9))
    kinds = ["both"] if number % 3 == 0 else ["both", "lower", "upper", "free"]
    problem = pulp.LpProblem(f"made_{number}", sense)

    variables, plan, reduced = [], np.zeros(columns), np.zeros(columns)
    for j in range(columns):
        kind = kinds[int(random.integers(len(kinds)))]
        plan[j] = round(random.uniform(-5.0, 5.0), 3)
        touches = random.random() < 0.5
        low = plan[j] if touches else plan[j] - random.uniform(0.5, 4.0)
        high = plan[j] + random.uniform(0.5, 4.0)
        press = -sign * random.uniform(0.1, 3.0) if touches and kind != "free" else 0.0
        if kind == "upper" or (kind == "both" and random.random() < 0.5):  # the upper one instead
            low, high, press = 2.0 * plan[j] - high, 2.0 * plan[j] - low, -press
        reduced[j] = press
        low = low if kind in ("both", "lower") else None
        high = high if kind in ("both", "upper") else None
        variables.append(problem.add_variable(f"x{j}", low, high))

    matrix = np.round(random.uniform(-3.0, 3.0, (rows, columns)), 2)
    matrix *= random.random((rows, columns)) < 0.7
    prices, senses, limits = np.zeros(rows), [], np.zeros(rows)
    for r in range(rows):
        row_sense = ("<=", ">=", "==")[int(random.integers(3))]
        touches = row_sense == "==" or random.random() < 0.6
        room = 0.0 if touches else random.uniform(0.1, 5.0)
        price = random.uniform(0.1, 3.0) if touches else 0.0
        if row_sense == "==":
            price *= random.choice([-1.0, 1.0])
        prices[r] = sign * (-price if row_sense == ">=" else price)
        limits[r] = matrix[r] @ plan + (-room if row_sense == ">=" else room)
        senses.append(row_sense)

    cost = matrix.T @ prices + reduced
    constant = round(random.uniform(-10.0, 10.0), 2)
    problem += pulp.lpSum(float(c) * x for c, x in zip(cost, variables, strict=True)) + constant
    names = {}
    for r, row_sense in enumerate(senses):
        spent = pulp.LpAffineExpression(
            [(x, float(a)) for a, x in zip(matrix[r], variables, strict=True) if a != 0]
        )
        limit, name = float(limits[r]), f"row{r}"
        if len(spent) == 0:
            continue
        names[name] = r
        if row_sense == "<=":
            problem += spent <= limit, name
        elif row_sense == ">=":
            problem += spent >= limit, name
        else:
            problem += spent == limit, name
    return Made(
        problem,
        sense,
        float(cost @ plan) + constant,
        {x.name: float(value) for x, value in zip(variables, plan, strict=True)},
        {name: float(prices[r]) for name, r in names.items()},
        {name: senses[r] for name, r in names.items()},
    )


def test_the_random_programmes_have_all_kinds_of_rows_and_columns():
    cases = [made(number) for number in range(MANY)]
    assert {s for case in cases for s in case.senses.values()} == {"<=", ">=", "=="}
    limited = {
        (v.lowBound is not None, v.upBound is not None)
        for case in cases
        for v in case.problem.variables()
    }
    assert len(limited) == 4
    assert {case.sense for case in cases} == set(SENSES)


@each("number", range(MANY))
def test_optimum_of_a_random_programme_is_the_one_it_was_made_with(number):
    case = made(number)
    outcome = solve(case.problem)
    assert outcome.status == "optimal"
    assert case.gap(outcome.objective) <= 1e-9
    assert case.gap(outcome.bound) <= 1e-9


@each("number", range(MANY))
def test_any_prices_give_a_valid_bound(number):
    """Wild prices, prices near the best, the best with the wrong signs, and none at all."""
    case = made(number)
    random = np.random.default_rng(number)
    names = list(case.prices)
    best = np.array(list(case.prices.values()))
    tried = [scale * random.normal(size=len(names)) for scale in (0.01, 1.0, 100.0) for _ in "abc"]
    tried += [best * random.uniform(0.0, 2.0, len(names)) for _ in range(5)]
    tried += [best + 1e-6 * random.normal(size=len(names)) for _ in range(5)]
    tried += [-best, 0.0 * best]
    for prices in tried:
        assert case.is_valid(bound(case.problem, dict(zip(names, prices, strict=True))))


def test_bounds_from_any_prices_are_finite_where_all_columns_are_bounded():
    """So that the validity above is not that of infinite bounds."""
    random = np.random.default_rng(5)
    for number in range(0, MANY, 3):
        case = made(number)
        prices = dict(zip(case.prices, random.normal(size=len(case.prices)), strict=True))
        assert math.isfinite(bound(case.problem, prices))


@each("number", range(MANY))
def test_prices_it_was_made_with_give_the_optimum(number):
    case = made(number)
    assert case.gap(bound(case.problem, case.prices)) <= 1e-9


@each("number", range(MANY))
def test_prices_of_highs_give_the_optimum(number):
    case = made(number)
    assert case.gap(bound(case.problem, solve(case.problem).prices)) <= 1e-9


@each("number", range(MANY))
def test_prices_of_the_wrong_sign_are_clipped(number):
    """A price that presses against a side the row does not have is worth what 0 is worth."""
    case = made(number)
    sign = 1.0 if case.sense == pulp.LpMaximize else -1.0
    legal = {"<=": sign, ">=": -sign}
    wrong = {n: -7.0 * legal[s] if s in legal else 0.0 for n, s in case.senses.items()}
    equal = {n: case.prices[n] if s == "==" else 0.0 for n, s in case.senses.items()}
    mixed = {n: case.prices[n] if s == "==" else wrong[n] for n, s in case.senses.items()}
    assert bound(case.problem, wrong) == bound(case.problem, {})
    assert bound(case.problem, mixed) == bound(case.problem, equal)


def test_equality_rows_take_prices_of_either_sign():
    """max or min x with x + y = 3, 0 ≤ y ≤ 1, x free: 2 ≤ x ≤ 3, price 1 in both senses.

    With price 1: 3 · 1 + 0 · x − y, and −y is 0 at most and −1 at least. For −x the price is −1.
    """
    for factor in (1.0, -1.0):
        for sense, proved in ((pulp.LpMaximize, (3.0, -2.0)), (pulp.LpMinimize, (2.0, -3.0))):
            problem = pulp.LpProblem("equality", sense)
            x = problem.add_variable("x")
            y = problem.add_variable("y", 0, 1)
            problem += factor * x, "objective"
            problem += x + y == 3, "row"
            assert bound(problem, {"row": factor}) == proved[factor < 0]


# -- what has no limit -----------------------------------------------------------------------------

WORST = [(pulp.LpMaximize, np.inf), (pulp.LpMinimize, -np.inf)]


def free(sense: int, cost: float = 1.0) -> pulp.LpProblem:
    """Two free columns in one row, x + y = 4: neither limits the other."""
    problem = pulp.LpProblem("free", sense)
    x, y = problem.add_variable("x"), problem.add_variable("y")
    problem += cost * x + cost * y, "objective"
    problem += x + y == 4, "row"
    return problem


@each(("sense", "worst"), WORST)
def test_a_bound_is_infinite_where_a_price_leaves_more_than_rounding_without_limit(sense, worst):
    """With the right price both columns vanish; off by 1e-9, what is left is rounding."""
    for price in (0.0, 0.5, 2.0, 1.0 + 1.1e-9, 1.0 - 1e-6):
        assert bound(free(sense), {"row": price}) == worst
    for off in (0.0, 1e-12, -1e-12, 9e-10):
        assert bound(free(sense), {"row": 1.0 + off}) == pytest.approx(4.0, abs=1e-8)


def test_rounding_is_relative_to_large_costs():
    """Reduced costs of 1e-4 are rounding beside costs of 1e6, and not beside costs of 1."""
    large = free(pulp.LpMaximize, 1e6)
    assert bound(large, {"row": 1e6 + 1e-4}) == pytest.approx(4e6, rel=1e-9)
    assert bound(free(pulp.LpMaximize), {"row": 1.0 + 1e-4}) == math.inf


def test_a_small_reduced_cost_counts_where_there_is_a_limit():
    """x ≤ 1e6 with a reduced cost of 1e-12 adds 1e-6."""
    problem = pulp.LpProblem("limited", pulp.LpMaximize)
    x = problem.add_variable("x", 0, 1e6)
    problem += 1 * x, "objective"
    problem += x <= 4, "row"
    price = 1.0 - 2.0**-40
    assert bound(problem, {"row": price}) == pytest.approx(4 * price + 1e6 * 2.0**-40, rel=1e-15)
