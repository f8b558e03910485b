"""Problems solved by warm starts in one live model: the plans of ``plan.solve``, only sooner."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from conftest import small_problem
from limit_arrays import arrays_of, replace
from second_statement import stage_bound
from tables import each

import fte_alloc as fa
from fte_alloc.lp.solving import CheckedProgramme
from fte_alloc.programme.objectives import Stage
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.plan import solve
from fte_alloc.search.warm import WarmSolver, with_highest_ceilings

CAPS, BUDGETS = (540.0, 585.0, 640.0), (4.0e6, 5.4e6)


def grid(problem: Problem, caps=CAPS, budgets=BUDGETS) -> list[Problem]:
    years = len(problem.years)
    return [
        replace(problem, cap_fte=np.full(years, cap), state_eur_per_year=np.full(years, budget))
        for cap in caps
        for budget in budgets
    ]


def posts(judged) -> np.ndarray:
    return np.concatenate(
        [judged.new_facilitators_fte.ravel(), judged.new_coordinators_fte.ravel()]
    )


def assert_same_plans(problems: list[Problem]) -> WarmSolver:
    warm = WarmSolver(with_highest_ceilings(problems))
    for problem in problems:
        best, plan = warm.solve(problem), solve(problem, priced=False)
        assert best.status == plan.status == "optimal"
        assert best.stages[0].value == pytest.approx(plan.stages[0].value, rel=1e-9, abs=1e-9)
        assert best.stages[0].relative_gap <= 1e-9
        assert best.stages[0].value <= best.stages[0].bound * (1 + 1e-12) + 1e-9
        assert not best.evaluation.violations
        assert posts(best.evaluation) == pytest.approx(posts(plan.evaluation), abs=2e-3)
    return warm


def test_a_grid_of_caps_and_budgets_gets_the_plans_of_solve():
    problems = grid(fa.load("need-first"))
    assert assert_same_plans(problems).settled_live == len(problems)


@pytest.mark.slow
@each("name", ["reference", "state-first", "horizon-2025"])
def test_every_grid_gets_the_plans_of_solve(name):
    problems = grid(fa.load(name), np.arange(540, 641, 25), np.arange(4e6, 7.01e6, 6e5))
    assert assert_same_plans(problems).settled_live == len(problems)


def test_weights_change_from_case_to_case():
    problem = fa.load("reference")
    weights = [np.array(w) for w in ([1.0, 1.0, 2.0], [1.0, 3.0, 1.0], [0.5, 1.0, 1.0])]
    problems = [replace(problem, segment_weight=weight) for weight in weights]
    assert assert_same_plans(problems).settled_live == len(problems)


def test_every_limit_may_change():
    problem = replace(
        fa.load("reference"),
        min_new_facilitators_fte=np.full(18, 0.1),
        max_new_facilitators_fte=np.full(18, 8.0),
        partner_capacity_eur=np.full(18, 3e5),
    )
    problems = [
        problem,
        replace(problem, max_new_facilitators_fte=np.linspace(4.0, 8.0, 18)),
        replace(problem, min_new_facilitators_fte=np.full(18, 0.5)),
        replace(problem, partner_capacity_eur=np.linspace(2e5, 3e5, 18)),
        replace(problem, growth_fte_per_year=0.7 * arrays_of(problem).growth_fte_per_year),
        replace(problem, required_coordinators_fte=np.full(18, 0.8)),
        replace(
            problem,
            max_new_coordinators_fte=0.9 * arrays_of(problem).max_new_coordinators_fte + 0.1,
        ),
    ]
    assert assert_same_plans(problems).settled_live >= len(problems) - 1


def test_the_bound_is_that_of_the_programme_stated_a_second_time():
    """Weak duality from the prices alone, for prices that came from the live model."""
    problems = grid(fa.load("state-first"))
    warm = WarmSolver(with_highest_ceilings(problems))
    for problem in problems:
        best = warm.solve(problem)
        scale = warm.matrix.cost[warm.links.y].max() / problem.weight.max()
        prices = dict(zip(warm.matrix.rows, warm.last.prices / scale, strict=True))
        again = stage_bound(problem, 0, prices, {})
        assert again == pytest.approx(best.stages[0].bound, rel=1e-10)
        assert again >= best.stages[0].value * (1 - 1e-12)


def test_what_differs_in_more_is_solved_all_the_same():
    """Another grant changes a coefficient; a limit may appear, go, or pass the widest."""
    problem = fa.load("reference")
    warm = WarmSolver(problem)
    strangers = [
        replace(problem, grant_eur_per_fte=[0.9 * of for of in problem.grant_eur_per_fte]),
        replace(problem, cap_fte=np.full(1, np.inf)),
        replace(
            problem, cap_fte=arrays_of(problem).cap_fte + 50, state_eur_per_year=np.full(1, 7e6)
        ),
        replace(problem, min_new_facilitators_fte=np.full(18, 0.5)),
    ]
    for stranger in strangers:
        best, plan = warm.solve(stranger), solve(stranger, priced=False)
        assert best.stages[0].value == pytest.approx(plan.stages[0].value, rel=1e-9)
    assert warm.settled_live == 0
    assert warm.solve(problem).stages[0].value == pytest.approx(
        solve(problem, priced=False).stages[0].value
    )
    assert warm.settled_live == 1


@each(
    "stages", [(Stage("worst_rate"), Stage("coverage")), (Stage("coverage", 0.01), Stage("posts"))]
)
def test_later_stages_that_choose_are_served(stages):
    problem = replace(small_problem(demand_cv=0.1), stages=stages)
    problems = [replace(problem, cap_fte=np.array([cap])) for cap in (6.0, 8.0)]
    assert assert_same_plans(problems).settled_live == 0


def test_ties_are_left_to_the_later_stages():
    """With more money and room than recruitment can use, a post that helps nobody costs money."""
    problem = fa.load("reference")
    problems = grid(problem, (900.0,), (1.5e7,))
    assert_same_plans(problems)


def test_impossible_problems_raise_what_solve_raises():
    problem = fa.load("reference")
    warm = WarmSolver(problem)
    with pytest.raises(fa.InfeasibleError):
        warm.solve(replace(problem, state_eur_per_year=np.array([3e6])))
    assert warm.solve(problem).status == "optimal"


def test_the_same_problems_give_the_same_bits():
    problems = grid(fa.load("reference"))
    one, other = (
        [posts(n.solve(p).evaluation).tobytes() for p in problems]
        for n in (
            WarmSolver(with_highest_ceilings(problems)),
            WarmSolver(with_highest_ceilings(problems)),
        )
    )
    assert one == other


def test_a_wrong_answer_of_the_live_model_is_not_taken(monkeypatch):
    """Prices that prove nothing: the plan is found the other way, and right."""
    problem = fa.load("reference")
    honest = CheckedProgramme.run

    def lying(self, *args):
        answer = honest(self, *args)
        return replace(answer, prices=answer.prices[::-1].copy())

    expected = solve(problem, priced=False)
    warm = WarmSolver(problem)
    monkeypatch.setattr(warm.live, "run", lambda *a: lying(warm.live, *a))
    best = warm.solve(problem)
    assert best.stages[0].value == pytest.approx(expected.stages[0].value, rel=1e-9)
    assert best.stages[0].relative_gap <= 1e-9


@each("share", [0.9, 1.1])
def test_an_optimum_that_is_none_is_solved_anew(share):
    """Newton's method ends at other posts than the best: fewer, or more than the limits allow."""
    problems = grid(fa.load("reference"), caps=(560.0,))
    warm = WarmSolver(with_highest_ceilings(problems))
    right = warm.conditions.solve

    def wrong(*start):
        optimum = right(*start)
        values = optimum.values.copy()
        values[warm.x] *= share
        return dataclasses.replace(optimum, values=values)

    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(warm.conditions, "solve", wrong)
        found = [warm.solve(problem) for problem in problems]
    assert warm.settled_live == 0
    for best, problem in zip(found, problems, strict=True):
        assert best.stages[0].relative_gap <= 1e-9
        assert not best.evaluation.violations
        assert best.stages[0].value == pytest.approx(
            solve(problem, priced=False).stages[0].value, rel=1e-9
        )
