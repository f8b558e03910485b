"""Prices of limits are derivatives of the optimum to either side: by hand, and by solving again."""

from __future__ import annotations

import math
from dataclasses import replace as changed

import numpy as np
import pytest
from conftest import SCENARIOS, slow, slow_but, small_problem, solved, table_problem
from limit_arrays import FAMILIES
from random_problems import random_problem
from tables import each
from test_properties import better, first, plan_of, problems, tried

import fte_alloc as fa
from fte_alloc.errors import InfeasibleError
from fte_alloc.programme.limits import Limit, limits_by_input
from fte_alloc.programme.objectives import Stage

pytestmark = pytest.mark.usefixtures("read_once")

# -- by hand ---------------------------------------------------------------------------------------


def slope(effort: float, contracts: float = 100.0, per_fte: float = 20.0) -> float:
    return per_fte * math.exp(-per_fte * effort / contracts)


ALIKE = {"contracts": ((100.0,), (100.0,)), "cap": 4.0}
ONE = {"contracts": ((100.0,),), "existing": (1.0,), "stages": (Stage("coverage"),)}
CORNER = table_problem([[(0, 0), (1, 14), (5, 30)]], cap=1.0)
#: Half of A's contracts take 5 ln 2 FTE; one contract more there takes 1/10 FTE from B.
RATE = 3 * slope(4 - 5 * math.log(2)) / 10 - 1
#: A problem, a limit of it, its price: up, down, one more and one less of the number.
BY_HAND = {
    "curves that bend": (small_problem(**ALIKE), "cap", [slope(2)] * 3 + [-slope(2)]),
    "money, per 1,000 EUR": (
        small_problem(**ALIKE | {"cap": 10.0}, budget=14e3),
        "budget",
        [slope(2) / 7] * 3 + [-slope(2) / 7],
    ),
    "a corner of a table": (CORNER, "cap", [4, 14, 4, -14]),
    "no less than there is": (
        small_problem(**ALIKE | {"cap": 2.0}),
        "cap",
        [slope(1), None, slope(1), None],
    ),
    "a number that no plan is left without": (
        small_problem(
            **ONE,
            min_new_facilitators_fte=np.array([1.0]),
            max_new_facilitators_fte=np.array([1.0]),
        ),
        "max_new",
        [slope(2), None, slope(2), None],
    ),
    "the same said twice": (
        small_problem(
            **ONE, growth_fte_per_year=np.array([1.0]), max_new_facilitators_fte=np.array([1.0])
        ),
        "growth",
        [0, slope(2), 0, -slope(2)],
    ),
    "a number for two years": (
        small_problem(**ONE, years=(2023, 2024), max_new_facilitators_fte=np.array([1.0])),
        "max_new",
        [0, slope(2), 2 * slope(2), -2 * slope(2)],
    ),
    "a rate, per 0.01": (
        small_problem(
            ((100.0,), (100.0,)),
            existing=(0.0, 0.0),
            cap=4.0,
            territory_weight=np.array([1.0, 3.0]),
            least_rate=np.array([0.5, 0.0]),
        ),
        "least",
        [RATE, RATE, -RATE, RATE],
    ),
    "a floor that is minimised": (
        small_problem(
            **ONE | {"stages": (Stage("state_cost"),)}, min_new_facilitators_fte=np.array([1.0])
        ),
        "min_new",
        [7000, 7000, -7000, 7000],
    ),
}


@each(("name", "case"), BY_HAND.items())
def test_a_price_is_what_it_is_by_hand(name, case):
    problem, limit, expected = case
    price = next(price for price in fa.solve(problem).prices if price.limit.name == limit)
    told, expected = (
        [math.nan if a is None else a for a in of] for of in (price.gains.values(), expected)
    )
    assert told == pytest.approx(expected, rel=1e-5, abs=1e-9, nan_ok=True), name


def test_plans_in_steps_have_no_prices():
    plan = fa.solve(small_problem(step_fte=1.0))
    assert {tuple(price.gains.values()) for price in plan.prices} == {(None,) * 4}
    assert {price.limit.name for price in plan.prices} == {"cap", "budget"}


# -- solving again ---------------------------------------------------------------------------------

#: Moves of a limit, in units of its price, one of which must agree: the smaller, the nearer a
#: difference is to a derivative, but the more of it is rounding. The likeliest comes first.
MOVES = (1e-4, 1e-3, 1e-5)


def known(plan: fa.Plan) -> tuple[float, float]:
    """The least and the most that the first stage's optimum can be; a cost is a loss."""
    stage = plan.stages[0]
    least, most = sorted(better(stage.sense, end, 0.0) for end in (stage.value, stage.bound))
    return least, most


def alone(problem: fa.Problem, limits: list[Limit], more: float) -> fa.Problem:
    """The first stage alone, with so many priced units more of some limits' amounts."""
    moved = (
        changed(one, amount=one.amount + more * one.unit.priced) if one in limits else one
        for one in problem.limits
    )
    return changed(problem, limits=tuple(moved), stages=problem.stages[:1])


def disagreements(plan: fa.Plan, prices) -> list[str]:
    """Prices that are no difference that solving again makes, however small the move.

    To 1e-4 of the difference, or 1e-6 of the optimum.
    """
    problem, wrong = plan.problem, []
    lowest, highest = known(fa.solve(alone(problem, [], 0.0), priced=False))
    number_of = {one: number for number in limits_by_input(problem.limits) for one in number}
    for price in prices:
        one, outward = price.limit, -1.0 if price.limit.is_floor else 1.0
        lost = None if price.down is None else -price.down
        sides = [([one], outward, price.up), ([one], -outward, lost)]
        if len(number_of[one]) > 1:
            sides += [(number_of[one], 1.0, price.one_more), (number_of[one], -1.0, price.one_less)]
        else:
            assert {price.one_more, price.one_less} <= {price.up, lost}
        for limits, more, told in sides:
            found = []
            for move in MOVES:
                try:
                    other = fa.solve(alone(problem, limits, more * move), priced=False)
                except InfeasibleError:
                    found.append(None)
                    if told is None:
                        break
                    continue
                low, high = known(other)
                low, high = (low - highest) / move, (high - lowest) / move
                slack = 1e-4 * max(abs(low), abs(high)) + 1e-6 * max(1.0, abs(highest))
                if told is not None and low - slack <= told <= high + slack:
                    break
                found.append((low, high))
            else:
                wrong.append(f"{one.row} {len(limits)} × {more:+}: {told}, solved again {found}")
    return wrong


@each("name", slow_but(SCENARIOS, "reference"))
def test_prices_of_scenarios_are_differences(name):
    """The first of every kind of limit with a price, and every fourth; posts of any size."""
    plan = solved(name)
    if plan.problem.in_steps:
        plan = fa.solve(plan.problem.continuous())
    firsts = {price.limit.name: price for price in reversed(plan.prices) if price.worth > 0}
    some = [] if name == "reference" else plan.prices[::4]
    assert disagreements(plan, dict.fromkeys([*firsts.values(), *some])) == []


@each("seed", [3, 8, *map(slow, range(225))])
def test_prices_of_random_problems_are_differences(seed):
    """Any objectives and limits, up to three years; some 80 of the problems have a plan."""
    try:
        plan = fa.solve(changed(random_problem(seed), step_fte=0.0))
    except InfeasibleError:
        return
    assert disagreements(plan, plan.prices[seed % 3 :: 3]) == []


@tried(2, 12, problems(stages=first("coverage", "contracts", "worst_rate", "state_cost")))
def test_prices_on_tables_and_curves_are_differences(problem):
    plan = plan_of(problem, priced=True)
    assert disagreements(plan, plan.prices[:4]) == []


@pytest.mark.slow
def test_every_kind_of_price_is_what_one_more_and_one_less_of_the_number_as_typed_do():
    """Two years. A floor's price has the other sign: one more of it takes something away."""
    problem = small_problem(
        np.tile([[90.0, 40.0]], (7, 1)),
        existing=np.full(7, 1.0),
        years=(2023, 2024),
        per_fte=5.0,
        supports_fte=3.0,
        productivity_gain=0.5,
        cap_fte=np.array([18.0, 99.0]),
        state_eur_per_year=np.array([99_000.0, 85_000.0]),
        min_new_facilitators_fte=np.array([4.0, 0, 0, 0, 0, 0, 0]),
        max_new_facilitators_fte=np.array([np.inf, 0.5, *[np.inf] * 5]),
        growth_fte_per_year=np.array([np.inf, np.inf, 0.25, *[np.inf] * 4]),
        partner_capacity_eur=np.array([*[np.inf] * 3, 2_000.0, *[np.inf] * 3]),
        required_coordinators_fte=np.array([0, 0, 0, 0, 0.5, 0, 0]),
        max_new_coordinators_fte=np.array([0, 0, 0, 0, 0.5, 0.2, 0]) + 0.01,
        least_rate=np.array([*[0.0] * 6, 0.2]),
        territory_weight=np.array([0.5, 3, 3, 3, 0.1, 1, 0.1]),
        stages=(Stage("coverage"),),
    )
    plan = fa.solve(problem)
    firsts = {price.limit.name: price for price in reversed(plan.prices) if price.worth > 0}
    assert set(firsts) == {name for name, *_ in FAMILIES.values()}
    assert disagreements(plan, firsts.values()) == []
    for price in firsts.values():
        is_floor = price.limit.name in ("min_new", "least", "coordinator_required")
        assert (price.one_more or 0.0) * (-1 if is_floor else 1) >= 0.0


def test_a_budget_typed_once_for_all_years_is_priced_in_all_of_them():
    problem = small_problem(
        [[90.0, 40.0], [60.0, 30.0]],
        years=(2023, 2024),
        per_fte=5.0,
        cap=99.0,
        state_eur_per_year=np.array([20_000.0, 20_000.0]),
        stages=(Stage("coverage"),),
    )
    limits = (
        changed(limit, keys=("budget.state_eur_per_year",)) if limit.name == "budget" else limit
        for limit in problem.limits
    )
    plan = fa.solve(changed(problem, limits=tuple(limits)))
    budgets = [price for price in plan.prices if price.limit.name == "budget"]
    assert len({price.one_more for price in budgets}) == 1
    assert budgets[0].one_more > max(price.up for price in budgets)
    assert disagreements(plan, budgets) == []
