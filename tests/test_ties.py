"""Instances in which many plans are equally good: which of them is chosen is policy, not chance.

The plan of the normal route is compared, post by post, with that of another: the complete programme
with its curves as rows, its stages and the tie-break served one after the other by CBC, each stage
kept by a row of its own. Curves are straight between points, so that both routes are exact.
"""

from __future__ import annotations

import numpy as np
import pulp
import pytest
from conftest import small_problem, table_problem
from limit_arrays import replace
from programmes import solve_with_cbc, write_pieces
from tables import each

import fte_alloc as fa
from fte_alloc.programme.curves import TableCurves
from fte_alloc.programme.objectives import Stage
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.statement import formulate

#: What a kept stage may lose to CBC's own tolerance.
KEPT = 1e-9


def posts_by_cbc(problem: Problem, tie_break: str = "minimise") -> np.ndarray:
    """New posts [x then z]: stages, then the tie-break, by CBC on the complete programme."""
    kept: list[tuple[str, str, float]] = []
    served = [(s.objective, s.sense, s.concede) for s in problem.stages]
    for objective, sense, concede in [*served, ("tie_break", tie_break, 0.0)]:
        programme = formulate(problem)
        most = np.repeat(problem.most_effort_fte.ravel(), len(problem.segments))
        write_pieces(problem, programme, problem.curves.pieces(most[:, None], most))
        model = programme.lp
        for number, (name, earlier_sense, least) in enumerate(kept):
            expression = programme.objectives[name]
            row = expression >= least if earlier_sense == "maximise" else expression <= least
            model += row, f"kept_{number}_{name}"
        model.sense = pulp.LpMaximize if sense == "maximise" else pulp.LpMinimize
        model.setObjective(programme.objectives[objective])
        outcome = solve_with_cbc(model)
        assert outcome.status == "optimal", (objective, outcome.status)
        lost = concede * abs(outcome.objective) + KEPT * max(1.0, abs(outcome.objective))
        kept.append(
            (objective, sense, outcome.objective - (lost if sense == "maximise" else -lost))
        )
    d = programme.decisions
    return np.array([outcome.values[v.name] for v in [*d.x.values(), *d.z.values()]])


def posts_of(plan) -> np.ndarray:
    judged = plan.evaluation
    return np.concatenate(
        [judged.new_facilitators_fte.ravel(), judged.new_coordinators_fte.ravel()]
    )


LINE = [(0, 0), (10, 100)]
BEND = [(0, 0), (2, 40), (6, 80)]


def identical() -> Problem:
    """Three times the same territory; 5 FTE for steep pieces of 2 FTE each."""
    return table_problem([BEND] * 3, cap=5.0)


def identical_and_straight() -> Problem:
    """Every distribution of 7 FTE over four territories covers 70 contracts."""
    return table_problem([LINE] * 4, cap=7.0)


def equal_slopes_far_apart() -> Problem:
    """Different curves whose next pieces are worth the same: 20, 20 and 20 contracts an FTE."""
    return table_problem(
        [[(0, 0), (1, 30), (4, 90)], [(0, 5), (3, 65)], [(0, 0), (2, 50), (3, 70), (5, 80)]],
        cap=6.5,
    )


def tied_buyers() -> Problem:
    """Two kinds of buyers worth the same in two territories: the effort is tied, the posts too."""
    problem = small_problem(((500.0, 500.0), (500.0, 500.0)), existing=(0.0, 0.0), cap=3.0)
    curve = ((0.0, 4.0), (0.0, 40.0))
    return replace(problem, curves=TableCurves((curve[0],) * 4, (curve[1],) * 4))


def years() -> Problem:
    """4 FTE, then 6, in either of two equal territories, the first of them opened at once."""
    return table_problem_of_years([LINE] * 2, cap=np.array([4.0, 6.0]))


def years_with_money_for_one() -> Problem:
    """14 kEUR, then 21: 2 FTE, then 3, on the steep pieces of A and B."""
    return table_problem_of_years(
        [BEND, BEND, LINE], state_eur_per_year=np.array([14_000.0, 21_000.0])
    )


def years_that_grow() -> Problem:
    """At most 1 FTE more a year in A and in B, 3 FTE in all, then 4 and 5."""
    return table_problem_of_years(
        [LINE] * 3,
        years=(2023, 2024, 2025),
        cap=np.array([3.0, 4.0, 5.0]),
        growth_fte_per_year=np.array([1.0, 1.0, np.inf]),
    )


def coordinator_or_facilitator() -> Problem:
    """Half a coordinator FTE brings what half a facilitator does: 2 FTE supported, u = ½."""
    problem = table_problem([LINE] * 2, cap=8.0, max_new_coordinators_fte=np.array([1.0, 1.0]))
    return replace(
        problem,
        existing_facilitators_fte=np.array([2.0, 2.0]),
        supports_fte=2.0,
        productivity_gain=0.5,
    )


def shared_coordinator() -> Problem:
    """Three equal territories of one area and a fourth alone: support can go anywhere."""
    problem = table_problem([LINE] * 4, cap=9.0, areas=("N", "N", "N", "S"))
    return replace(
        problem,
        existing_facilitators_fte=np.array([1.0, 1.0, 1.0, 1.0]),
        max_new_coordinators_fte=np.array([0.5, 0.5]),
        supports_fte=4.0,
        productivity_gain=0.25,
    )


def saturated() -> Problem:
    """9 FTE for 6 that bring anything: the second stage sends 3 back, two lines share the rest."""
    return table_problem([[(0, 0), (1, 20)], [(0, 0), (4, 40)], [(0, 0), (4, 40)]], cap=6.0)


def posts_before_money() -> Problem:
    """Least posts for what can be covered, coordinators dearer but no less useful."""
    stages = (Stage("contracts"), Stage("posts"), Stage("state_cost"))
    return replace(coordinator_or_facilitator(), stages=stages)


def conceded() -> Problem:
    """A tenth of the contracts given up for fewer posts: which ones is open."""
    return replace(identical_and_straight(), stages=(Stage("coverage", 0.1), Stage("posts")))


def worst_then_all() -> Problem:
    """C reaches 5 of 200 contracts at most: A and B need half an FTE, and share the other 5."""
    stages = (Stage("worst_rate"), Stage("contracts"), Stage("state_cost"))
    problem = table_problem([LINE, LINE, [(0, 0), (1, 5)]], contracts=200.0, cap=7.0)
    return replace(problem, stages=stages)


def nearest_to_a_plan() -> Problem:
    """As close as can be to a plan that no longer fits: any of three posts can go."""
    problem = replace(identical_and_straight(), stages=(Stage("change"),))
    plan = {("facilitator", code, 2023): 2.0 for code in "ABCD"}
    return replace(problem, reference_posts=plan, min_new_facilitators_fte=np.array([0, 0, 3.0, 0]))


def half_posts() -> Problem:
    """Whole and half posts: five halves over three equal territories."""
    return replace(identical(), step_fte=0.5, cap_fte=np.array([2.5]))


def table_problem_of_years(points, years=(2023, 2024), **changes) -> Problem:
    """Each territory with the same curve every year."""
    problem = table_problem(points, years=years, **{"cap": 1e3, **_scalars(changes)})
    efforts = tuple(tuple(float(e) for e, _ in c) for c in points for _ in years)
    covered = tuple(tuple(float(y) for _, y in c) for c in points for _ in years)
    cap = {"cap_fte": changes["cap"]} if "cap" in changes else {}
    return replace(problem, curves=TableCurves(efforts, covered), **cap)


def _scalars(changes):
    return {name: value for name, value in changes.items() if name != "cap"}


TIED = (
    identical,
    identical_and_straight,
    equal_slopes_far_apart,
    tied_buyers,
    years,
    years_with_money_for_one,
    years_that_grow,
    coordinator_or_facilitator,
    shared_coordinator,
    saturated,
    posts_before_money,
    conceded,
    worst_then_all,
    nearest_to_a_plan,
    half_posts,
)


@each("instance", TIED)
def test_another_solver_on_another_programme_ends_on_the_same_posts(instance):
    """With the tie-break turned round another plan, half an FTE away or more, is as good."""
    problem = instance()
    one, other = posts_by_cbc(problem), posts_by_cbc(problem, "maximise")
    assert np.abs(one - other).max() >= 0.5
    assert posts_of(fa.solve(problem)) == pytest.approx(one, abs=1e-6)


@each("seed", range(8))
def test_random_ties_end_on_the_same_posts(seed):
    """Few distinct slopes over few distinct lengths, so that most instances are tied."""
    rng = np.random.default_rng(seed)
    years = (2023, 2024)[: 1 + seed % 2]
    points = []
    for _ in range(4):
        lengths = rng.integers(1, 4, 3)
        slopes = np.sort(rng.choice([5, 10, 20], 3))[::-1]
        efforts = [0, *np.cumsum(lengths)]
        points.append(list(zip(efforts, [0, *np.cumsum(slopes * lengths)], strict=True)))
    problem = table_problem_of_years(
        points, years=years, cap=np.array([6.0, 9.0])[: len(years)], areas=("M", "N", "N", "N")
    )
    problem = replace(
        problem,
        existing_facilitators_fte=np.ones(4),
        max_new_coordinators_fte=np.array([1.0, 1.0]),
        supports_fte=2.0,
        productivity_gain=0.5,
        state_eur_per_year=np.array([28_000.0, 42_000.0])[: len(years)],
    )
    assert posts_of(fa.solve(problem)) == pytest.approx(posts_by_cbc(problem), abs=1e-6)


# -- what a tie must not hang on -------------------------------------------------------------------


def test_a_tie_goes_to_the_first_code_where_one_post_is_worth_another():
    """Σ √p · posts is least where posts carry small primes: areas come first, so A, B, C are √7 …

    5 FTE in A at √7 an FTE; the same in B would cost √11 and in C √13.
    """
    posts = posts_of(fa.solve(table_problem([LINE] * 3, cap=5.0)))
    assert posts[:3] == pytest.approx([5, 0, 0], abs=1e-6)


@each("instance", [identical, years, shared_coordinator, coordinator_or_facilitator])
def test_names_and_inputs_that_are_only_shown_do_not_move_the_plan(instance):
    problem = instance()
    expected = posts_of(fa.solve(problem))
    size = len(problem.territories)
    shown = replace(
        problem,
        territory_names=tuple(f"Name {j}" for j in range(size, 0, -1)),
        area_names=tuple(f"Area {j}" for j in range(len(problem.areas), 0, -1)),
        segment_names=tuple("some buyers" for _ in problem.segments),
        target_rate=np.full(len(problem.years), 0.9),
    )
    assert posts_of(fa.solve(shown)).tolist() == expected.tolist()


@each("instance", [equal_slopes_far_apart, years, shared_coordinator])
def test_codes_that_keep_their_order_keep_the_plan(instance):
    """Only the rank of a code counts: K2, L, M-1 … for A, B, C … to the last digit."""
    problem = instance()
    size = len(problem.territories)
    renamed = replace(
        problem,
        territories=("K2", "L", "M-1", "Z")[:size],
        areas=("a", "b", "c", "d")[: len(problem.areas)],
        segments=("any",),
    )
    assert posts_of(fa.solve(renamed)).tolist() == posts_of(fa.solve(problem)).tolist()


@each("order", [(1, 0, 2), (1, 2, 0), (2, 1, 0)])
def test_posts_of_a_tie_follow_the_codes_and_not_the_order_of_solving(order):
    """Curves handed to other codes: either route still ends on one plan, of the same value."""
    problem = equal_slopes_far_apart()
    curves = problem.curves
    moved = replace(
        problem,
        curves=TableCurves(
            tuple(curves.efforts_fte[j] for j in order), tuple(curves.contracts[j] for j in order)
        ),
    )
    plan = fa.solve(moved)
    assert posts_of(plan) == pytest.approx(posts_by_cbc(moved), abs=1e-6)
    assert plan.expected_contracts == pytest.approx(fa.solve(problem).expected_contracts, rel=1e-12)
