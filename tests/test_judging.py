"""Plans judged by hand: what ``Problem.evaluate`` says, next to the arithmetic.

Territories A, B, …, buyers p, q; a facilitator's first FTE covers h = 20 contracts where nothing is
covered yet, so φ(k) = n (1 − exp(−20 k / n)) unless a docstring says otherwise.
"""

from __future__ import annotations

import math
import subprocess
import sys
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from conftest import small_problem, table_problem
from limit_arrays import replace
from tables import each

import fte_alloc as fa
from fte_alloc.errors import InputError
from fte_alloc.programme.curves import SaturatingCurves, TableCurves, demand_draws
from fte_alloc.programme.objectives import Stage
from fte_alloc.search.best_plan import best_plan

F, C = "facilitator", "coordinator"


def posts_of(x, z=None, year=2023):
    """New posts of one year by key: facilitators of A, B, …, coordinators of their areas."""
    made = {(F, code, year): fte for code, fte in zip("ABCD", x, strict=False)}
    return made | {(C, code, year): fte for code, fte in zip("ABCD", z or (), strict=False)}


def broken(evaluation):
    return [violation.constraint for violation in evaluation.violations]


def phi(k, n, h=20.0):
    return n * (1 - math.exp(-h * k / n))


# -- money and network -----------------------------------------------------------------------------


def co_financed():
    """Grants of 7 and 9 kEUR for posts of 10 and 12 kEUR; 1.5 + 0.5 FTE renewed."""
    return small_problem(
        existing=(1.0, 2.0),
        committed_facilitators_fte=np.array([1.0, 0.5]),
        existing_coordinators_fte=np.array([0.0, 0.25]),
        committed_coordinators_fte=np.array([0.5, 0.0]),
        grant_eur_per_fte=np.array([[7_000.0], [9_000.0]]),
        cost_eur_per_fte=np.array([[10_000.0], [12_000.0]]),
        max_new_coordinators_fte=np.array([1.0, 1.0]),
    )


def test_money_covers_renewed_and_new_posts_but_never_existing_ones():
    """(1.5 + 3) facilitators, (0.5 + 1) coordinators: 4.5 · 7 + 1.5 · 9 = 45 kEUR of State money.

    Full cost 4.5 · 10 + 1.5 · 12 = 63 kEUR; partners pay the other 18.
    """
    judged = co_financed().evaluate(posts_of((2.0, 1.0), (1.0, 0.0)))
    assert judged.state_eur.tolist() == [45_000.0]
    assert judged.full_cost_eur.tolist() == [63_000.0]
    assert judged.partners_eur.tolist() == [18_000.0]
    assert judged.objective("state_cost") == 45_000.0


def test_network_counts_every_post_of_both_roles():
    """Existing 1 + 2 + 0.25, renewed 1.5 + 0.5, new 3 + 1: 9.25 FTE, 4 of them new."""
    judged = co_financed().evaluate(posts_of((2.0, 1.0), (1.0, 0.0)))
    assert judged.used_fte.tolist() == [9.25]
    assert judged.new_fte.tolist() == [4.0]
    assert judged.objective("posts") == 4.0


def test_money_and_posts_add_up_over_years():
    """Renewed posts are paid each year: 7 (0 + 1) + 7 (0 + 3) = 28 kEUR; 1 + 3 = 4 FTE-years."""
    problem = small_problem(years=(2023, 2024))
    judged = problem.evaluate(posts_of((1.0, 0.0)) | posts_of((1.0, 2.0), year=2024))
    assert judged.state_eur.tolist() == [7_000.0, 21_000.0]
    assert judged.objective("state_cost") == 28_000.0
    assert judged.objective("posts") == 4.0


def test_change_adds_up_what_moved_either_way():
    """Reference 2 FTE in A and none elsewhere; plan 0.5 in A, 1 in B: 1.5 + 1 = 2.5."""
    problem = small_problem(reference_posts={(F, "A", 2023): 2.0})
    assert problem.evaluate(posts_of((0.5, 1.0))).objective("change") == 2.5


# -- effort ----------------------------------------------------------------------------------------


def test_status_quo_is_existing_and_renewed_posts_and_costs_the_renewed_ones():
    """A has 1 + 1 FTE for 100 and 50 contracts: k_p = 4/3, k_q = 2/3, 7 kEUR from the State.

    Equal slopes 20 exp(−20 k / n) mean that k is proportional to n.
    """
    problem = small_problem(committed_facilitators_fte=np.array([1.0, 0.0]))
    judged = problem.evaluate({})
    assert judged.effort_fte[0, 0] == pytest.approx([4 / 3, 2 / 3], abs=1e-12)
    covered = phi(4 / 3, 100) + phi(2 / 3, 50)
    assert judged.expected_contracts[0, 0].sum() == pytest.approx(covered, rel=1e-12)
    assert judged.state_eur.tolist() == [7_000.0]
    assert judged.violations == ()


def test_found_effort_follows_the_weights_of_the_first_objective():
    """Q counts double: 20 exp(−k_p / 5) = 40 exp(−k_q / 2.5) with k_p + k_q = 2.

    k_q / 2.5 − k_p / 5 = ln 2, so k_q = (ln 2 + 2 / 5) / 0.6 = 1.8219. Plain contracts are split
    as 4/3 and 2/3.
    """
    problem = small_problem(existing=(2.0, 1.0), segment_weight=np.array([1.0, 2.0]))
    k_q = (math.log(2) + 0.4) / 0.6
    assert problem.evaluate({}).effort_fte[0, 0] == pytest.approx([2 - k_q, k_q], abs=1e-12)
    plain = replace(problem, stages=(Stage("contracts"),)).evaluate({})
    assert plain.effort_fte[0, 0] == pytest.approx([4 / 3, 2 / 3], abs=1e-12)


def test_given_effort_is_judged_as_it_is():
    """0.25 FTE for p and 0.75 for q in A, nothing in B: φ(0.25; 100) + φ(0.75; 50) = 17.836."""
    effort = {("A", "p", 2023): 0.25, ("A", "q", 2023): 0.75}
    judged = small_problem().evaluate({}, effort)
    covered = judged.expected_contracts
    assert covered[0, 0] == pytest.approx([phi(0.25, 100), phi(0.75, 50)], rel=1e-14)
    assert covered[1, 0].tolist() == [0.0, 0.0]
    assert judged.objective("contracts") == pytest.approx(17.836, abs=1e-3)
    assert judged.violations == ()


def test_coverage_starts_at_the_floor_and_stays_below_the_ceiling():
    """α n + (β − α) n (1 − exp(−h k / ((β − α) n))) = 10 + 50 (1 − exp(−20 · 2 / 50)) = 37.5336."""
    problem = small_problem(((100.0,),), existing=(2.0,))
    one = np.ones(1)
    curves = SaturatingCurves(100 * one, 0.1 * one, 0.6 * one, 20 * one, one)
    judged = replace(problem, curves=curves).evaluate({})
    assert judged.expected_contracts.item() == pytest.approx(60 - 50 * math.exp(-0.8), rel=1e-14)


def test_uncertain_demand_is_the_mean_over_its_draws():
    """Two draws at σ = 0.5: d = 2 Φ(−s) and 2 − 2 Φ(−s), s² = ln 1.25; the mean of φ(3; 100 d)."""
    low = 2 * NormalDist().cdf(-math.sqrt(math.log(1.25)))
    assert demand_draws(0.5, 2) == pytest.approx([low, 2 - low], abs=1e-15)
    one = np.ones(1)
    curves = SaturatingCurves(100 * one, 0 * one, one, 20 * one, demand_draws(0.5, 2))
    problem = replace(small_problem(((100.0,),), existing=(3.0,)), curves=curves)
    mean = (phi(3, 100 * low) + phi(3, 100 * (2 - low))) / 2
    assert problem.evaluate({}).expected_contracts.item() == pytest.approx(mean, rel=1e-14)


def test_new_facilitators_count_for_a_share_in_their_first_year():
    """E = 1, η = ½; 2 new FTE, then 3: 1 + ½ · 2 = 2, then 1 + 2 + ½ · 1 = 3.5."""
    problem = small_problem(((100.0,),), existing=(1.0,), years=(2023, 2024))
    problem = replace(problem, first_year_effectiveness=0.5)
    judged = problem.evaluate({(F, "A", 2023): 2.0, (F, "A", 2024): 3.0})
    assert judged.effort_fte.ravel() == pytest.approx([2.0, 3.5], abs=1e-12)


def coordinated(existing=(4.0,), contracts=((100.0,),), **changes):
    """A coordinator FTE makes 3 FTE of facilitators half as productive again."""
    return small_problem(
        contracts,
        existing=existing,
        supports_fte=3.0,
        productivity_gain=0.5,
        **changes,
    )


def test_a_coordinator_makes_only_so_many_facilitators_more_productive():
    """4 facilitators, 1 coordinator for 3: 4 + ½ · 3 = 5.5; with two of them 4 + ½ · 4 = 6."""
    problem = coordinated(max_new_coordinators_fte=np.array([2.0]))
    assert problem.evaluate({(C, "A", 2023): 1.0}).effort_fte.sum() == pytest.approx(5.5, abs=1e-12)
    assert problem.evaluate({(C, "A", 2023): 2.0}).effort_fte.sum() == pytest.approx(6.0, abs=1e-12)


def test_territories_of_an_area_share_support_at_equal_marginal_value():
    """2 FTE in A (100 contracts) and in B (80); 1 FTE of support gives 1.5 FTE more between them.

    Equal slopes: k_A / 100 = k_B / 80 with k_A + k_B = 5.5: 27.5 / 9 = 3.0556 and 22 / 9 = 2.4444.
    A would need (3.0556 − 2) / ½ = 2.1111 of support but has 2 FTE to support: k_A = 3, k_B = 2.5.
    """
    problem = coordinated((2.0, 2.0), ((100.0,), (80.0,)), areas=("N", "N"))
    judged = problem.evaluate({(C, "N", 2023): 1.0})
    assert judged.effort_fte.ravel() == pytest.approx([3.0, 2.5], abs=1e-9)
    problem = replace(problem, supports_fte=2.0)
    # 1 FTE more: k_A + k_B = 5, k_A = 25 / 9, support 14 / 9 ≤ 2.
    judged = problem.evaluate({(C, "N", 2023): 1.0})
    assert judged.effort_fte.ravel() == pytest.approx([25 / 9, 20 / 9], abs=1e-9)
    assert broken(judged) == ["coordinator_max"]


def test_support_of_one_area_does_not_reach_another():
    """A and B in N, C in M: the coordinator of M has 1 FTE to support: 1 + ½ · 1 = 1.5 in C."""
    problem = coordinated(
        (1.0, 1.0, 1.0), ((50.0,), (50.0,), (50.0,)), areas=("N", "N", "M"), years=(2023,)
    )
    judged = problem.evaluate({(C, "M", 2023): 1.0})
    assert judged.effort_fte.ravel() == pytest.approx([1.0, 1.0, 1.5], abs=1e-12)


def two_slopes(**changes):
    """A has 4 FTE; p brings 5 contracts an FTE, q 4, each up to 4 FTE; q counts double."""
    problem = small_problem(((50.0, 50.0),), existing=(4.0,), segment_weight=np.array([1.0, 2.0]))
    curves = TableCurves(((0.0, 4.0), (0.0, 4.0)), ((0.0, 20.0), (0.0, 16.0)))
    return replace(problem, curves=curves, **changes)


def test_least_rate_takes_effort_from_what_counts_more():
    """Left alone all effort goes to q: 16 of 100 contracts. A least rate of 18 % asks for 18.

    5 k + 4 (4 − k) = 18, so k_p = 2: 10 + 8 contracts.
    """
    assert two_slopes().evaluate({}).effort_fte.ravel().tolist() == [0.0, 4.0]
    judged = two_slopes(least_rate=np.array([0.18])).evaluate({})
    assert judged.effort_fte.ravel() == pytest.approx([2.0, 2.0], abs=1e-9)
    assert judged.expected_contracts.sum() == pytest.approx(18.0, abs=1e-9)
    assert judged.violations == ()


def test_least_rate_out_of_reach_is_missed_by_as_little_as_possible():
    """All of it on p gives 20 of 100 contracts; 25 were asked for."""
    judged = two_slopes(least_rate=np.array([0.25])).evaluate({})
    assert judged.expected_contracts.sum() == pytest.approx(20.0, abs=1e-9)
    (violation,) = judged.violations
    assert (violation.constraint, violation.territory, violation.year) == ("least", "A", 2023)
    assert (violation.value, violation.limit) == (pytest.approx(20.0, abs=1e-9), 25.0)


# -- rates and objectives --------------------------------------------------------------------------


def test_rates_are_over_all_buyers_and_the_worst_leaves_out_territories_without_contracts():
    """A 12 of 40, B 18 of 30, C has no contracts: rates 0.3 and 0.6, the worst 0.3."""
    problem = table_problem([[(0, 0), (4, 12)], [(0, 0), (4, 18)], [(0, 0), (4, 0)]])
    problem = replace(problem, contracts_per_year=np.array([[[40.0]], [[30.0]], [[0.0]]]))
    judged = problem.evaluate(posts_of((4.0, 4.0, 0.0)))
    assert judged.rate[:2, 0].tolist() == [0.3, 0.6]
    assert math.isnan(judged.rate[2, 0])
    assert judged.objective("worst_rate") == 0.3


def test_shared_support_lifts_the_worst_rate_where_that_is_the_first_objective():
    """10 and 5 contracts of 100 per FTE, 2 FTE each, 1 FTE more to share: B gets what it can take.

    A stays at 20 of 100. B has 2 FTE to support, each half as productive again: 3 FTE, 15 of 100.
    Coverage would rather have 30 in A and 10 in B.
    """
    points = [[(0, 0), (9, 90)], [(0, 0), (9, 45)]]
    problem = replace(
        table_problem(points, contracts=100.0, areas=("N", "N")),
        existing_facilitators_fte=np.array([2.0, 2.0]),
        existing_coordinators_fte=np.array([1.0]),
        supports_fte=2.0,
        productivity_gain=0.5,
    )
    assert problem.evaluate({}).expected_contracts.ravel() == pytest.approx([30, 10], abs=1e-9)
    judged = replace(problem, stages=(Stage("worst_rate"),)).evaluate({})
    assert judged.expected_contracts[1].item() == pytest.approx(15, abs=1e-8)
    assert judged.objective("worst_rate") == pytest.approx(0.15, abs=1e-10)


def test_objectives_of_coverage_count_what_their_names_say():
    """A 10 of 50, B 30 of 50; B's contracts count three times, the target is 50 %.

    coverage 10 + 3 · 30 = 100, contracts 40, shortfall 50 − 40, by territory 15 + 0.
    """
    problem = replace(
        table_problem([[(0, 0), (1, 10)], [(0, 0), (1, 30)]], contracts=50.0),
        territory_weight=np.array([1.0, 3.0]),
        target_rate=np.array([0.5]),
    )
    judged = problem.evaluate(posts_of((1.0, 1.0)))
    objectives = ("coverage", "contracts", "shortfall", "territorial_shortfall")
    assert [judged.objective(name) for name in objectives] == [100.0, 40.0, 10.0, 15.0]


def test_shortfall_is_added_up_year_by_year_and_a_year_without_target_has_none():
    """10 of 50 each year: 15 short of 50 %, nothing without a target, 5 short of 30 %."""
    problem = table_problem([[(0, 0), (1, 10)]], contracts=50.0, years=(2023, 2024, 2025))
    problem = replace(
        problem,
        curves=TableCurves(((0.0, 1.0),) * 3, ((0.0, 10.0),) * 3),
        target_rate=np.array([0.5, np.nan, 0.3]),
        existing_facilitators_fte=np.array([1.0]),
    )
    assert problem.evaluate({}).objective("shortfall") == pytest.approx(20.0, abs=1e-12)


# -- limits ----------------------------------------------------------------------------------------


def limited():
    """Every limit at once; ``KEPT`` keeps them all with nothing to spare.

    A and B share N, C is M; 1 FTE each, N has no coordinator. 2023: x = 1, 0.5, 0.5 and z_N = 0.5,
    z_M = 1; 2024: x = 2, 1, 0.5 and the same coordinators. Network 3 + 3.5 = 6.5, then 8 FTE.
    State money 7 · 2 + 9 · 1.5 = 27.5 kEUR, then 7 · 3.5 + 13.5 = 38. Partners of C:
    3 · 0.5 + 3 · 1 = 4.5 kEUR. Least rate of A: 30 of 120 contracts.
    """
    return small_problem(
        ((80.0, 40.0), (50.0, 50.0), (60.0, 10.0)),
        existing=(1.0, 1.0, 1.0),
        areas=("N", "N", "M"),
        years=(2023, 2024),
        cap_fte=np.array([6.5, 8.0]),
        state_eur_per_year=np.array([27_500.0, 38_000.0]),
        grant_eur_per_fte=np.array([[7_000.0] * 2, [9_000.0] * 2]),
        cost_eur_per_fte=np.array([[10_000.0] * 2, [12_000.0] * 2]),
        partner_capacity_eur=np.array([np.inf, np.inf, 4_500.0]),
        growth_fte_per_year=np.array([1.0, np.inf, np.inf]),
        min_new_facilitators_fte=np.array([0.0, 0.5, 0.0]),
        max_new_facilitators_fte=np.array([np.inf, 1.0, np.inf]),
        required_coordinators_fte=np.array([0.0, 0.5]),
        max_new_coordinators_fte=np.array([1.0, 0.5]),
        least_rate=np.array([0.25, 0.0, 0.0]),
        supports_fte=4.0,
        productivity_gain=0.5,
        step_fte=0.5,
    )


KEPT = {
    (F, "A", 2023): 1.0,
    (F, "A", 2024): 2.0,
    (F, "B", 2023): 0.5,
    (F, "B", 2024): 1.0,
    (F, "C", 2023): 0.5,
    (F, "C", 2024): 0.5,
    (C, "N", 2023): 0.5,
    (C, "N", 2024): 0.5,
    (C, "M", 2023): 1.0,
    (C, "M", 2024): 1.0,
}

LOOSE = {"cap_fte": [9.0, 9.0], "state_eur_per_year": [9e4, 9e4]}

#: constraint: (changes to the problem, changes to the plan, territory, year, value, limit)
PLANTED = {
    "cap": ({"cap_fte": [6.5, 7.5]}, {}, None, 2024, 8.0, 7.5),
    "budget": ({"state_eur_per_year": [27_499.0, 38_000.0]}, {}, None, 2023, 27_500.0, 27_499.0),
    "growth": (LOOSE, {(F, "A", 2023): 1.5, (F, "A", 2024): 2.0}, "A", 2023, 1.5, 1.0),
    "min_new": ({}, {(F, "B", 2023): 0.0}, "B", 2023, 0.0, 0.5),
    "max_new": (LOOSE, {(F, "B", 2024): 1.5}, "B", 2024, 1.5, 1.0),
    "keep_facilitator": ({}, {(F, "C", 2024): 0.0}, "C", 2024, -0.5, 0.0),
    "partners": ({"partner_capacity_eur": [np.inf, np.inf, 4_400.0]}, {}, "C", None, 4500, 4400),
    "least": ({"least_rate": [0.0, 0.0, 0.9]}, {}, "C", None, None, 63.0),
    "coordinator_required": ({}, {(C, "N", 2023): 0.0}, "N", 2023, 0.0, 0.5),
    "coordinator_max": (LOOSE, {(C, "N", 2024): 1.0}, "N", 2024, 1.0, 0.5),
    "keep_coordinator": ({}, {(C, "M", 2024): 0.5}, "M", 2024, -0.5, 0.0),
    "step_facilitator": ({}, {(F, "A", 2024): 1.8}, "A", 2024, 0.2, 0.0),
    "step_coordinator": ({}, {(C, "M", 2023): 0.7}, "M", 2023, 0.2, 0.0),
}
#: Limits that only an effort typed by hand can break, and those a post below 0 breaks among others.
PLANTED_EFFORT = ("supported", "span")
PLANTED_BELOW = ("nonnegative_facilitator", "nonnegative_coordinator")


def test_a_plan_with_nothing_to_spare_keeps_every_limit():
    judged = limited().evaluate(KEPT)
    assert judged.used_fte.tolist() == [6.5, 8.0]
    assert judged.state_eur.tolist() == [27_500.0, 38_000.0]
    assert judged.violations == ()


@each("constraint", PLANTED)
def test_a_planted_violation_is_the_one_named(constraint):
    changes, moved, place, year, value, limit = PLANTED[constraint]
    problem = replace(limited(), **{name: np.array(v) for name, v in changes.items()})
    violations = problem.evaluate(KEPT | moved).violations
    assert {v.constraint for v in violations} == {constraint}
    first = violations[0]
    if constraint.endswith("coordinator") or constraint.startswith("coordinator"):
        # M is C alone; N is A and B, so that none of them is meant.
        place = {"N": (None, "N"), "M": ("C", "M")}[place]
        assert (first.territory, first.area) == place
    else:
        assert first.territory == place
    assert year is None or [v.year for v in violations] == [year]
    assert first.limit == pytest.approx(limit, abs=1e-9)
    assert str(first.limit) != "-0.0"
    assert value is None or first.value == pytest.approx(value, abs=1e-9)


def test_more_effort_than_there_are_facilitators_to_support_is_named():
    """A has 1 + 1 FTE: 3.2 FTE of effort need 1.2 / ½ = 2.4 FTE supported of 2; N could do 4."""
    problem = replace(limited(), max_new_coordinators_fte=np.array([1.0, 1.0]), **_loose())
    effort = {("A", "p", 2023): 2.2, ("A", "q", 2023): 1.0, ("A", "p", 2024): 3.0}
    judged = problem.evaluate(KEPT | {(C, "N", 2023): 1.0, (C, "N", 2024): 1.0}, effort)
    (violation,) = judged.violations
    assert (violation.constraint, violation.territory, violation.year) == ("supported", "A", 2023)
    assert (violation.value, violation.limit) == (pytest.approx(2.4), 2.0)


def test_more_support_than_the_coordinators_of_an_area_can_give_is_named():
    """A at 2 + ½ · 1.5 and B at 1.5 + ½ · 1 need 2.5 FTE of support; 0.5 coordinators give 2."""
    effort = {("A", "p", 2023): 2.75, ("B", "p", 2023): 2.0, ("A", "p", 2024): 3.0}
    (violation,) = limited().evaluate(KEPT, effort).violations
    assert (violation.constraint, violation.area, violation.year) == ("span", "N", 2023)
    assert violation.territory is None
    assert (violation.value, violation.limit) == (pytest.approx(2.5), 2.0)


@each(
    ("constraint", "key"),
    [("nonnegative_facilitator", (F, "C", 2023)), ("nonnegative_coordinator", (C, "M", 2023))],
)
def test_a_post_below_nothing_is_named(constraint, key):
    violations = limited().evaluate(KEPT | {key: -0.5}).violations
    named = [v for v in violations if v.constraint == constraint]
    assert [(v.year, v.value, v.limit) for v in named] == [(key[2], -0.5, 0.0)]
    assert named[0].territory == "C"
    assert named[0].area == "M"


def _loose():
    return {name: np.array(limits) for name, limits in LOOSE.items()}


def names_judged(judged) -> set[str]:
    return {limit.name for limit, *_ in judged.limits()} | {rule.name for rule in judged._rules}


def test_every_limit_has_its_planted_violation():
    judged = limited().evaluate(KEPT)
    assert names_judged(judged) == {*PLANTED, *PLANTED_EFFORT, *PLANTED_BELOW}


def test_every_limit_of_the_programme_is_judged():
    from fte_alloc.programme.statement import CONSTRAINTS

    judged = names_judged(limited().evaluate(KEPT))
    assert set(CONSTRAINTS) - judged == {"effort"}  # k is what it is; v follows from it


def test_floors_are_shown_as_the_user_wrote_them():
    """0.25 FTE where at least 0.5 are wanted: not −0.25 above −0.5."""
    problem = replace(limited(), step_fte=0.0)
    violation = problem.evaluate(KEPT | {(F, "B", 2023): 0.25}).violations[0]
    assert (violation.constraint, violation.value, violation.limit) == ("min_new", 0.25, 0.5)


def test_rounding_of_posts_and_money_is_forgiven_and_nothing_more():
    """1e-8 FTE too many and 0.00007 EUR too much, then 1e-5 FTE and 0.07 EUR."""
    problem = replace(limited(), step_fte=0.0)
    assert broken(problem.evaluate(KEPT | {(F, "A", 2024): 2.0 + 1e-8})) == []
    over = broken(problem.evaluate(KEPT | {(F, "A", 2024): 2.0 + 1e-5}))
    assert over == ["cap", "budget", "growth"]


def test_a_required_coordinator_is_asked_for_only_where_there_is_none():
    problem = replace(limited(), existing_coordinators_fte=np.array([0.0, 0.25]), **_loose())
    assert broken(problem.evaluate(KEPT | {(C, "N", 2023): 0.0})) == []


def test_partners_of_a_shared_area_do_not_pay_its_coordinator():
    """A pays 3 kEUR for its new FTE and nothing of N's coordinator; C pays its half and M's."""
    problem = replace(limited(), partner_capacity_eur=np.array([3_000.0, 1_500.0, 4_500.0]))
    problem = replace(problem, **_loose())
    posts = KEPT | {(F, "A", 2024): 1.0, (F, "B", 2024): 0.5}
    assert broken(problem.evaluate(posts)) == []
    over = problem.evaluate(posts | {(C, "M", 2024): 1.0, (F, "C", 2024): 1.0}).violations
    assert [(v.constraint, v.territory, v.value) for v in over] == [("partners", "C", 6_000.0)]


def test_what_holds_a_territory_is_told():
    """A opens all it can, B has its most posts in 2024, C's partners are spent, N's support is."""
    judged = limited().evaluate(KEPT)
    first, last = judged.held_by(0), judged.held_by(1)
    assert "growth" in first[0]
    assert "max_new" not in first[1]
    assert "max_new" in last[1]
    assert last[2] == ["partners"]  # M's coordinator could support 4 FTE, C has 1.5
    assert "span" in first[0]


@each(("capacity", "held"), [(5_900.0, ["partners"]), (6_000.0, []), (6_100.0, [])])
def test_less_money_than_the_next_step_costs_holds_a_territory(capacity, held):
    """C's partners pay 4,500 EUR, and half a post more would cost them 1,500."""
    problem = replace(limited(), partner_capacity_eur=np.array([np.inf, np.inf, capacity]))
    assert problem.evaluate(KEPT).held_by(1)[2] == held


# -- what can be handed in -------------------------------------------------------------------------


def test_posts_can_be_a_table():
    rows = [("A", F, 2.0), ("B", F, 1.0), ("A", C, 1.0)]
    table = pd.DataFrame(rows, columns=["territory", "role", "new_fte"])
    judged = co_financed().evaluate(table)
    assert judged.state_eur.tolist() == [45_000.0]


def test_a_table_over_several_years_needs_its_years():
    table = pd.DataFrame([("A", F, 2.0)], columns=["territory", "role", "new_fte"])
    with pytest.raises(InputError, match="year is missing"):
        limited().evaluate(table)
    judged = limited().evaluate(table.assign(year=2024))
    assert judged.new_fte.tolist() == [0.0, 2.0]


@each("key", [(F, "Z", 2023), (F, "A", 1999), ("director", "A", 2023), (C, "A", 2023)])
def test_posts_that_do_not_exist_are_refused(key):
    with pytest.raises(InputError, match="no such post"):
        limited().evaluate({key: 1.0})


def test_an_effort_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match="no such effort"):
        limited().evaluate({}, {("A", "z", 2023): 1.0})


def test_posts_and_effort_that_are_no_amounts_are_refused():
    """A blank cell of a table, NaN, would break no limit; of two rows the last would count."""
    blank, twice = (
        pd.DataFrame([("A", F, fte) for fte in of], columns=["territory", "role", "new_fte"])
        for of in ([np.nan], [1.0, 2.0])
    )
    with pytest.raises(InputError, match="nan is no number"):
        co_financed().evaluate(blank)
    with pytest.raises(InputError, match="given twice"):
        co_financed().evaluate(twice)
    p = limited()
    key = p.territories[0], p.segments[0], 2023
    for effort, word in ((np.inf, "inf is no number"), (-1.0, "below 0: -1.0")):
        with pytest.raises(InputError, match=word):
            p.evaluate({}, {key: effort})


def test_judging_imports_no_solver():
    code = """
import sys
import numpy as np
import fte_alloc.programme.problem
from fte_alloc.programme.curves import SaturatingCurves
from fte_alloc.programme.limits import Limit
one, none = np.ones(1), np.full(1, np.inf)
problem = fte_alloc.programme.problem.Problem(
    ("A",), ("A",), ("A",), ("A",), np.zeros(1, int), ("p",), ("p",), (2023,),
    100 * np.ones((1, 1, 1)), SaturatingCurves(100 * one, 0 * one, one, 20 * one, one),
    one, 0 * one, 0 * one, 0 * one, 0.0, 0.0, 1.0, np.ones((2, 1)), np.ones((2, 1)),
    one, one, one, none, (Limit("cap", "network_fte", (0,), (0,), 2023, "at_most", 3.0),),
)
assert problem.evaluate({("facilitator", "A", 2023): 3.0}).violations[0].constraint == "cap"
assert not {"highspy", "pulp"} & set(sys.modules), "a solver was imported"
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_plan_meets_least_rates_on_the_curves_where_no_stage_values_contracts():
    """The programme meets them on its tangents, which lie above the curves."""
    problem = small_problem(
        ((367.0,), (258.0,), (375.0,)),
        existing=(1.0, 2.0, 2.0),
        cap=40.0,
        demand_cv=0.5,
        per_fte=15.0,
        least_rate=np.array([0.2, 0.1, 0.15]),
        stages=(Stage("change", 0.01),),
        reference_posts={("facilitator", "A", 2023): 1.0},
    )
    plan = fa.solve(problem)
    assert plan.status == "optimal"
    assert plan.evaluation.violations == ()


def test_a_least_rate_on_a_table_asks_for_no_support_it_does_not_need():
    """A rate of 0.2 of 100 contracts is reached inside A's table, at 2 FTE of 3 in place.

    10 + 10 · (2 − 1) = 20. Its area has no coordinator: nobody may be supported, and nobody is.
    """
    curve = [(0.0, 0.0), (1.0, 10.0), (4.0, 40.0)]
    problem = table_problem(
        [curve, curve],
        contracts=100.0,
        areas=("R", "R"),
        least_rate=np.array([0.2, 0.0]),
        existing_facilitators_fte=np.array([3.0, 1.0]),
        supports_fte=5.0,
        productivity_gain=0.1,
    )
    judged = problem.judge(*problem.zeros())
    assert judged.violations == ()
    assert judged.effort_fte.sum(axis=(1, 2)) == pytest.approx([3.0, 1.0])


def test_a_least_rate_out_of_reach_does_not_invent_support():
    """Two territories without a coordinator: what is missed is the least rate, not the span."""
    problem = small_problem(
        [[100.0], [80.0]],
        existing=[0.5, 1.0],
        areas=["N", "N"],
        supports_fte=4.0,
        productivity_gain=0.2,
        max_new_coordinators_fte=np.zeros(1),
        least_rate=np.array([0.5, 0.0]),
    )
    judged = problem.judge(*problem.zeros())
    assert [v.constraint for v in judged.violations] == ["least"]
    assert judged.effort_fte.sum(axis=(1, 2)) == pytest.approx([0.5, 1.0])


def test_with_no_new_post_a_coordinator_in_place_supports_facilitators_in_place():
    """One coordinator supports 2 of 3 FTE in place: 3 + 0.5 · 2 = 4 FTE, split without weights."""
    problem = small_problem(
        [[100.0, 60.0]],
        existing=[3.0],
        existing_coordinators_fte=np.array([1.0]),
        supports_fte=2.0,
        productivity_gain=0.5,
        segment_weight=np.array([1.0, 9.0]),
    )
    assert problem.status_quo.effort_fte.sum() == pytest.approx(4.0)
    alike = replace(problem, segment_weight=np.ones(2))
    best = alike.judge(*alike.zeros()).effort_fte
    assert problem.status_quo.effort_fte == pytest.approx(best, abs=1e-6)


# -- effort that no stage values -------------------------------------------------------------------


@each(
    ("stage", "weight", "areas"),
    [
        ("state_cost", 1.0, "MMM"),
        ("posts", 1.0, "MNO"),
        ("coverage", 0.0, "MMM"),
        ("coverage", 0.0, "MNO"),
    ],
)
def test_effort_that_no_stage_values_covers_the_most_contracts(stage, weight, areas):
    """Of two years and both roles; C counts nothing where *weight* is 0, nor does the last year."""
    some = len(set(areas))
    problem = small_problem(
        ((100.0, 50.0), (80.0, 20.0), (60.0, 90.0)),
        existing=(1.0, 2.0, 3.0),
        areas=tuple(areas),
        years=(2023, 2024),
        existing_coordinators_fte=np.full(some, 0.5),
        required_coordinators_fte=np.full(some, 0.2),
        max_new_coordinators_fte=np.ones(some),
        supports_fte=4.0,
        productivity_gain=0.4,
        territory_weight=np.array([1.0, 1.0, weight]),
        year_weight=np.array([1.0, weight]),
        stages=(Stage(stage),),
    )
    plan = best_plan(problem)
    by_itself = problem.judge(*plan.evaluation.posts)
    assert plan.status == "optimal"
    assert plan.evaluation.effort_fte == pytest.approx(by_itself.effort_fte, abs=1e-4)
    alike = replace(problem, stages=(Stage("contracts"),)).judge(*plan.evaluation.posts)
    ignored = np.s_[:, int(weight == 0) :]
    most = alike.expected_contracts[ignored].sum()
    assert by_itself.expected_contracts[ignored].sum() == pytest.approx(most)


@each(("first", "concede"), [("posts", 0.0), ("worst_rate", 0.01), ("coverage", 0.1)])
def test_what_a_stage_concedes_leaves_no_effort_unused(first, concede):
    """Stages take of each other what they concede, but effort that stays unused serves nobody."""
    problem = small_problem(
        ((100.0, 50.0), (80.0, 20.0), (60.0, 90.0)),
        existing=(1.0, 2.0, 3.0),
        required_coordinators_fte=np.full(3, 0.2),
        max_new_coordinators_fte=np.ones(3),
        stages=(Stage(first, concede), Stage("contracts", 0.1)),
    )
    plan = best_plan(problem)
    alike = replace(problem, stages=(Stage("contracts"),)).judge(*plan.evaluation.posts)
    reached = plan.evaluation.expected_contracts.sum()
    assert plan.status == "optimal"
    assert reached == pytest.approx(alike.expected_contracts.sum(), rel=1e-9)


@each("first", ["state_cost", "posts", "worst_rate"])
def test_a_place_without_the_contracts_that_count_uses_its_effort_for_others(first):
    """Only buyers q count, A has none; its 3 FTE cover p, at the most 100 (1 − exp(−60/100))."""
    problem = small_problem(
        ((100.0, 0.0), (80.0, 50.0)),
        existing=(3.0, 1.0),
        cap=4.0,
        segment_weight=np.array([0.0, 1.0]),
        stages=(Stage(first), Stage("coverage")),
    )
    plan = best_plan(problem)
    assert plan.status == "optimal"
    assert plan.evaluation.expected_contracts[0, 0, 0] == pytest.approx(phi(3.0, 100.0), rel=1e-7)
    if first != "worst_rate":
        served = problem.evaluate({}).expected_contracts
        assert served == pytest.approx(plan.evaluation.expected_contracts, rel=1e-6)
