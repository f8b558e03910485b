"""The plan regretted least: by hand, by published table, by search in vain for a better one."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import replace as changed
from functools import cache

import numpy as np
import pytest
from conftest import ROOT, remembering, run, slow, small_problem, solved, table_problem
from hypothesis import strategies as st
from limit_arrays import arrays_of, replace
from random_problems import steps_problem
from tables import each
from test_properties import tried
from test_steps import every_plan

import fte_alloc as fa
from fte_alloc.errors import InfeasibleError, InputError, StoppedError
from fte_alloc.programme.objectives import Stage
from fte_alloc.programme.scenario_set import LARGEST, STATE_COST, TOTAL, ScenarioSet
from fte_alloc.questions.answer import Line
from fte_alloc.questions.regret.answer import regret_answer
from fte_alloc.questions.regret.comparable import probability_by_name
from fte_alloc.questions.regret.regret import Regret, regret
from fte_alloc.questions.regret.shared_plan import SharedPlanSearch
from fte_alloc.render.data import as_json
from fte_alloc.render.terminal import print_page

pytestmark = pytest.mark.usefixtures("read_once")


def scenario_problem(name: str, **overrides):
    """A shipped scenario, with values changed as ``--set`` changes them."""
    path = str(ROOT / "scenarios" / f"{name}.toml")
    return fa.load(path, overrides={k.replace("__", "."): v for k, v in overrides.items()})


# -- by hand ---------------------------------------------------------------------------------------

#: Two regions share 2 FTE. In one scenario A is worth more, in the other B.
ONE = [[(0, 0), (1, 10), (2, 16)], [(0, 0), (1, 4), (2, 6)]]
TWO = [[(0, 0), (1, 2), (2, 3)], [(0, 0), (1, 9), (2, 15)]]


def by_hand(**options) -> Regret:
    scenarios = {
        name: table_problem(points, cap=2.0) for name, points in (("one", ONE), ("two", TWO))
    }
    return regret(scenarios, **options)


def test_two_regions_two_scenarios_by_hand():
    """With a FTE in A and 2 − a in B, for a ≤ 1:

    in one, V = 10a + 4 + 2(1 − a) = 6 + 8a, best is 16 (a = 2): regret 10 − 8a;
    in two, V = 2a + 9 + 6(1 − a) = 15 − 4a, best is 15 (a = 0): regret 4a.
    They meet at a = 5/6, at 10/3; for a > 1 the regret in two is 8a − 4 > 4. Prices: what a lowers
    in one at 8, it raises in two at 4, so that one counts 1/3 and two 2/3. The mean 5 − 2a is least
    at a = 1, where 2 and 4 are lost; a = 2 and a = 0, best for one alone, lose 12 and 10 at most.
    """
    answer = by_hand()
    plans = (answer.document["average"], *answer.document["own_plans"].values())
    for plan, (mean, most) in zip(plans, ((3.0, 4.0), (6.0, 12.0), (5.0, 10.0)), strict=True):
        assert plan["average_regret"] == pytest.approx(mean, abs=1e-9)
        assert plan["largest_regret"] == pytest.approx(most, abs=1e-9)
    assert answer.document["largest_regret"] == pytest.approx(10 / 3, abs=1e-9)
    assert answer.document["lower_bound"] == pytest.approx(10 / 3, abs=1e-9)
    assert answer.document["worst"] == ["one", "two"]
    assert answer.safest.judged.posts[0].ravel() == pytest.approx([5 / 6, 7 / 6], abs=1e-9)
    assert answer.safest.counts_as == pytest.approx({"one": 1 / 3, "two": 2 / 3}, abs=1e-9)
    assert [scenario.optimum for scenario in answer.scenarios] == pytest.approx([16.0, 15.0])


def test_the_gap_between_a_regret_and_its_bound_by_hand():
    """10/3 is lost; a bound of 5/3 leaves half of it open, one above it by rounding nothing."""
    safest = by_hand().safest
    for bound, gap in ((5 / 3, 0.5), (10 / 3 + 1e-11, 0.0)):
        assert changed(safest, bound=bound).relative_gap == pytest.approx(gap, abs=1e-9)
    assert changed(safest, bound=10 / 3 + 1e-11).relative_gap == 0.0


def test_two_regions_two_scenarios_relative_by_hand():
    """(10 − 8a)/16 = 4a/15 at a = 75/92, where both are 5/23."""
    answer = by_hand(relative=True)
    assert answer.document["largest_regret"] == pytest.approx(5 / 23, abs=1e-9)
    assert answer.document["lower_bound"] == pytest.approx(5 / 23, abs=1e-9)
    assert answer.safest.judged.posts[0].ravel() == pytest.approx([75 / 92, 109 / 92], abs=1e-9)
    by_scenario = answer.document["by_scenario"]
    for by in by_scenario.values():
        assert by["relative_regret"] == pytest.approx(5 / 23, abs=1e-9)
        assert by["regret"] == pytest.approx(5 / 23 * by["optimum"], abs=1e-8)


@each(
    ("chance", "posts", "average"),
    [
        # Half each: 5 − 2a falls to a = 1, then (4 − 2a)/2 + (8a − 4)/2 = 3a rises: 3 at a = 1.
        ({}, [1.0, 1.0], 3.0),
        # One at 0.9: 9 − 6.8a to a = 1, then 0.9 (4 − 2a) + 0.1 (8a − 4) = 3.2 − a: 1.2 at a = 2.
        ({"one": 0.9}, [2.0, 0.0], 1.2),
        # Two at 0.9: 1 − 0.8a + 3.6a rises at once: 1 at a = 0.
        ({"one": 0.1, "two": 0.9}, [0.0, 2.0], 1.0),
    ],
)
def test_best_on_average_by_hand(chance, posts, average):
    answer = by_hand(probabilities=chance)
    assert answer.average.value == pytest.approx(average, abs=1e-9)
    assert answer.average.bound == pytest.approx(average, abs=1e-9)
    assert answer.average.judged.posts[0].ravel() == pytest.approx(posts, abs=1e-9)
    # Probabilities are for the average alone.
    assert answer.document["largest_regret"] == pytest.approx(10 / 3, abs=1e-9)


@each("step_fte", [0.0, 1.0])
def test_ties_go_to_the_least_total_regret_then_to_the_least_money(step_fte):
    """What is done for ``bad`` is settled; what is left serves ``good``, no post for nothing.

    In bad, each of 2 FTE in A brings 10 and B nothing; good allows A only one of them, so that the
    least regret in bad is 20 − 10. In good, B brings 5 for its first FTE, and A nothing: the total
    is least with one FTE in A and one in B. The third FTE of the cap would bring nothing.
    """
    bad = table_problem([[(0, 0), (2, 20)], [(0, 0), (1, 0)]], cap=3.0)
    good = table_problem([[(0, 0), (1, 0)], [(0, 0), (1, 5)]], cap=3.0)
    good = replace(good, max_new_facilitators_fte=np.array([1.0, 3.0]))
    answer = regret(
        {"bad": replace(bad, step_fte=step_fte), "good": replace(good, step_fte=step_fte)}
    )
    assert answer.document["proof"] == "arithmetic"
    assert answer.document["largest_regret"] == pytest.approx(10.0, abs=1e-9)
    assert answer.document["worst"] == ["bad"]
    assert answer.safest.judged.posts[0].ravel() == pytest.approx([1.0, 1.0], abs=1e-9)
    assert answer.safest.judged.measured == pytest.approx({"bad": 10.0, "good": 0.0}, abs=1e-9)


def test_a_limit_broken_in_any_scenario_is_broken():
    """The judge of the shared plan looks at every scenario, and at each with its own effort."""
    answer = by_hand()
    tight = replace(
        answer.scenarios[1], problem=replace(answer.scenarios[1].problem, cap_fte=np.ones(1))
    )
    scenarios = ScenarioSet((answer.scenarios[0], tight), (Stage(LARGEST),))
    judged = scenarios.judge(*answer.safest.judged.posts)
    assert [(v.constraint, v.limit) for v in judged.violations] == [("cap", 1.0)]
    assert judged.objective(LARGEST) == pytest.approx(10 / 3, abs=1e-9)
    nothing = scenarios.judge(*answer.safest.judged.posts, np.zeros((4, 1, 1)))
    assert nothing.objective(LARGEST) == pytest.approx(10 / 3, abs=1e-9)  # the better split


# -- posts in steps --------------------------------------------------------------------------------


@each(
    ("areas", "proof", "said"),
    [(None, "arithmetic", "PROVED: no plan"), (["N", "N"], "solver", "BEST by the solver's bound")],
)
def test_two_regions_two_scenarios_in_whole_posts_by_hand(areas, proof, said):
    """As above, a = 0, 1 or 2: regrets (10, 0), (2, 4) and (0, 12); on average 5, 3 and 6.

    Tables serve where every territory is an area of its own.
    """
    scenarios = {
        name: replace(table_problem(points, cap=2.0, areas=areas), step_fte=1.0)
        for name, points in (("one", ONE), ("two", TWO))
    }
    answer = regret(scenarios)
    assert answer.safest.judged.measured == pytest.approx({"one": 2.0, "two": 4.0}, abs=1e-9)
    assert (answer.document["worst"], answer.status) == (["two"], "optimal")
    assert answer.document["lower_bound"] == pytest.approx(4.0, abs=1e-6)
    assert answer.average.value == pytest.approx(3.0, abs=1e-9)
    assert answer.average.bound == pytest.approx(3.0, abs=1e-6)
    assert answer.document["proof"] == proof
    page = regret_answer(answer.document).page()
    assert page[0].right.startswith(said)


def test_plans_are_listed_until_none_left_out_can_be_better():
    """One whole post for A, B or C: regrets (3.6, 0), (0, 3.6) and (3.5, 3.5); C is the safest.

    Half a post for A and half for B would lose 1.8 in both, so that each scenario counts 1/2.
    Mean regrets are then 1.8, 1.8 and 3.5: A and B are listed first, and the best of both loses
    3.6. C, left out, loses less: the list must grow until all left out lose more on average.
    """
    worth = {"one": [6.4, 10.0, 6.5], "two": [10.0, 6.4, 6.5]}
    scenarios = {
        name: replace(table_problem([[(0, 0), (1, y)] for y in row], cap=1.0), step_fte=1.0)
        for name, row in worth.items()
    }
    answer = regret(scenarios)
    assert answer.document["proof"] == "arithmetic"
    assert answer.safest.judged.posts[0].ravel().tolist() == [0.0, 0.0, 1.0]
    every = [max(max(row) - row[j] for row in worth.values()) for j in range(3)]
    assert answer.document["largest_regret"] == pytest.approx(min(every), abs=1e-9)
    assert answer.document["lower_bound"] == pytest.approx(min(every), abs=1e-8)


@each(("by", "said"), [("arithmetic", "PROVED: no plan"), ("solver", "BEST by the solver's")])
def test_nothing_is_lost_in_steps_for_sure_where_tables_prove_it(by, said):
    one = replace(table_problem(ONE, cap=2.0), step_fte=1.0)
    document = regret({"one": one, "other": one}).document
    assert document["proof"] == "arithmetic"
    assert {scenario["proof"] for scenario in document["by_scenario"].values()} == {"arithmetic"}
    page = regret_answer(document | {"proof": by}).page()
    assert page[0].right.startswith(said)
    assert page[1].text.startswith("Loses      nothing")


def test_scenarios_may_contradict_each_other_in_whole_posts_alone():
    """A gets 0.3 FTE at least in one and 0.4 at most in the other: no whole post does."""
    one, two = (replace(table_problem(points, cap=2.0), step_fte=1.0) for points in (ONE, TWO))
    one = replace(one, min_new_facilitators_fte=np.array([0.3, 0.0]))
    two = replace(two, max_new_facilitators_fte=np.array([0.4, 2.0]))
    with pytest.raises(InfeasibleError, match="one and two: facilitators in steps"):
        regret({"one": one, "two": two})
    together = regret({"one": one.continuous(), "two": two.continuous()})
    assert together.status == "optimal"


@each("seed", range(3))
def test_no_plan_in_steps_is_regretted_less(seed):
    """Every plan in whole posts is judged in both scenarios."""
    chance, size = np.random.default_rng(seed), 3
    sizes = chance.uniform(20.0, 90.0, (2, size, 1))
    scenarios = {
        name: replace(small_problem(of.tolist(), existing=(0.0,) * size, cap=4.0), step_fte=1.0)
        for name, of in zip(("one", "two"), sizes, strict=True)
    }
    answer, regrets = regret(scenarios), []
    _, z = answer.safest.judged.posts
    for posts in itertools.product(range(5), repeat=size):
        if sum(posts) > 5:  # far above the cap
            continue
        judged = answer.safest.judged.scenario_set.judge(np.array(posts, float)[:, None], 0 * z)
        if not judged.violations:
            regrets.append((judged.objective(LARGEST), judged.objective("average_regret")))
    least = np.array(regrets).min(axis=0)
    assert answer.document["largest_regret"] == pytest.approx(least[0], abs=1e-6)
    assert answer.average.value == pytest.approx(least[1], abs=1e-6)
    for plan, value in zip((answer.safest, answer.average), least, strict=True):
        assert value - 1e-4 <= plan.bound <= value + 1e-6


def scenarios_in_steps(seed: int) -> dict[str, fa.Problem] | None:
    """Three scenarios of a random problem in steps, each territory an area of its own."""
    one, chance = steps_problem(seed), np.random.default_rng(seed)
    if not one.alone_in_area.all():
        return None
    size = len(one.territories)
    other = changed(
        one,
        territory_weight=chance.uniform(0.2, 3, size),
        existing_facilitators_fte=chance.uniform(0, 5, size),
        supports_fte=float(chance.uniform(0, 6)),
    )
    tighter = (
        changed(limit, amount=0.9 * limit.amount) if limit.name in ("cap", "budget") else limit
        for limit in one.limits
    )
    poor = changed(one, limits=tuple(tighter), first_year_effectiveness=0.4)
    return {"one": one, "other": other, "poor": poor}


def against_brute_force(seeds: range, most: int) -> int:
    """Every plan in steps is judged in all scenarios; how many problems were compared."""
    compared = 0
    for seed in seeds:
        scenarios = scenarios_in_steps(seed)
        plans = scenarios and every_plan(scenarios["one"], most)
        if plans is None:
            continue
        try:
            answer = regret(scenarios, relative=seed % 2 == 0, probabilities={"one": 0.6})
        except (InfeasibleError, InputError):
            continue
        if answer.document["proof"] == "solver":
            continue
        compared += 1
        scenario_set = answer.safest.judged.scenario_set
        judged = (scenario_set.judge(x[:, None], z[:, None]) for x, z in zip(*plans, strict=True))
        within = [plan for plan in judged if not plan.violations]
        for found, later in ((answer.safest, [TOTAL, STATE_COST]), (answer.average, [STATE_COST])):
            left = within
            for objective in [found.objective, *later]:
                least = min(plan.objective(objective) for plan in left)
                assert found.judged.objective(objective) == pytest.approx(least, abs=1e-6), seed
                left = [p for p in left if p.objective(objective) <= least + 1e-6]
            least = min(plan.objective(found.objective) for plan in within)
            assert least - 1e-6 <= found.bound <= least + 1e-12, seed
    return compared


@each(
    ("seeds", "most", "count"),
    [(range(450, 451), 400, 1), slow((range(60), 400, 6))],
)
def test_no_plan_by_tables_is_regretted_less(seeds, most, count):
    assert against_brute_force(seeds, most) >= count


# -- a published table -----------------------------------------------------------------------------

#: Stevenson, Operations Management (smartsolve.ai 3a5d80db62; brainmass 262457): profits of a
#: contractor under low and high demand.
PAYOFF = {"Do nothing": [50, 60], "Expand": [20, 80], "Subcontract": [40, 70]}
PUBLISHED_REGRET = {"Do nothing": [0, 20], "Expand": [30, 0], "Subcontract": [10, 10]}
PUBLISHED_CHOICE = ("Subcontract", 10)
PUBLISHED_LAPLACE = {"Do nothing": 55, "Expand": 50, "Subcontract": 55}
DEMAND = ("low", "high")


def contractor(chosen: str | None = None) -> dict[str, fa.Problem]:
    """Each plan is a territory and one FTE is to be placed: a whole FTE is a pure choice.

    chosen : the plan that must be taken, None: any, and mixtures of them
    """
    forced = np.array([1.0 if plan == chosen else 0.0 for plan in PAYOFF])
    return {
        name: table_problem(
            [[(0, 0), (1, PAYOFF[plan][d])] for plan in PAYOFF],
            cap=1.0,
            min_new_facilitators_fte=forced,
        )
        for d, name in enumerate(DEMAND)
    }


def test_the_programme_chooses_the_contractor_s_safe_plan():
    """Mixtures are allowed and none is safer: (0, 20), (10, 10) and (30, 0) bound the regrets."""
    answer = regret(contractor())
    assert answer.document["largest_regret"] == pytest.approx(PUBLISHED_CHOICE[1], abs=1e-6)
    assert answer.document["lower_bound"] == pytest.approx(PUBLISHED_CHOICE[1], abs=1e-6)
    chosen = dict(zip(PAYOFF, answer.safest.judged.posts[0].ravel(), strict=True))
    assert chosen == pytest.approx({"Do nothing": 0, "Expand": 0, "Subcontract": 1}, abs=1e-9)
    # Of those best on average (55), which tie, any; never the third.
    means = {scenario.name: scenario.probability for scenario in answer.scenarios}
    assert means == {"low": 0.5, "high": 0.5}
    best = max(PUBLISHED_LAPLACE.values())
    assert answer.average.value == pytest.approx((50 + 80) / 2 - best, abs=1e-6)
    assert answer.average.judged.posts[0].ravel()[1] == pytest.approx(0, abs=1e-9)


@each("plan", PAYOFF)
def test_the_programme_held_to_a_pure_choice_has_the_regrets_of_the_table(plan):
    """The programme itself, over problems that allow this choice only, optima as when free."""
    free = regret(contractor())
    held = contractor(plan)
    scenarios = tuple(replace(scenario, problem=held[scenario.name]) for scenario in free.scenarios)
    search = SharedPlanSearch(ScenarioSet(scenarios, (Stage(LARGEST),)), None)
    judged = search.run()
    regrets = {
        scenario.name: scenario.regret(e)
        for scenario, e in zip(scenarios, judged.each, strict=True)
    }
    assert [regrets[d] for d in DEMAND] == pytest.approx(PUBLISHED_REGRET[plan], abs=1e-6)
    assert search.proofs[0].bound == pytest.approx(max(PUBLISHED_REGRET[plan]), abs=1e-6)


# -- the shipped scenarios -------------------------------------------------------------------------

DEMANDS = {
    "as it is": {},
    "more in Paris": {"contracts__11__local": 100_000, "contracts__84__local": 5_000},
    "more in Lyon": {"contracts__11__local": 10_000, "contracts__84__local": 25_000},
}
SUBSETS = {
    "weights": lambda: [scenario_problem(n) for n in ("reference", "need-first", "state-first")],
    "budgets": lambda: [scenario_problem(n) for n in ("reference", "tight-budget")],
    "all": lambda: [
        scenario_problem(n)
        for n in ("reference", "tight-budget", "cap-560", "need-first", "state-first")
    ],
    "demand": lambda: {
        name: scenario_problem("reference", **change) for name, change in DEMANDS.items()
    },
    "productivity": lambda: {
        str(h): scenario_problem("reference", coverage__contracts_per_fte=h) for h in (30, 60, 90)
    },
    "years": lambda: (
        {
            str(w): scenario_problem("horizon-2025", weights__segment={"state_hospital": w})
            for w in (1.0, 3.0)
        }
        | {
            "need": scenario_problem(
                "horizon-2025", weights__indicators={"unemployment_rate": 0.25}
            )
        }
    ),
}


def answered(name: str, relative: bool = False) -> Regret:
    """A subset of the shipped scenarios, answered once."""
    return _answered(name, relative)


@cache
def _answered(name: str, relative: bool) -> Regret:
    with remembering():
        return regret(SUBSETS[name](), relative=relative)


#: Those with most of what there is to see: other weights, limits that differ.
QUICK = [("weights", False), ("budgets", False)]
OTHERS = [
    ("weights", True),
    ("all", False),
    ("demand", True),
    ("productivity", False),
    ("years", True),
]


def largest(answer: Regret, x, z) -> float | None:
    """The largest regret of an allocation judged without a solver; None where it breaks a limit."""
    regrets = []
    for scenario in answer.scenarios:
        judged = scenario.problem.judge(x, z)
        if judged.violations:
            return None
        regrets.append(scenario.regret(judged) / scenario.measure)
    return max(regrets)


def better_transfers(answer: Regret, x, z, one_in: int = 1) -> Iterator[tuple[int, int]]:
    """Transfers of posts between two territories, in all years, that lower the largest regret."""
    before, fte = largest(answer, x, z), 0.1
    pairs = itertools.permutations(range(len(x)), 2)
    for giver, taker in itertools.islice(pairs, 0, None, one_in):
        if np.any(x[giver] < fte):
            continue
        moved = x.copy()
        moved[giver] -= fte
        moved[taker] += fte
        if all(
            scenario.regret(judged) / scenario.measure < before - 1e-7 and not judged.violations
            for scenario in sorted(
                answer.scenarios, key=lambda s: s.name not in answer.document["worst"]
            )
            if (judged := scenario.problem.judge(moved, z))
        ):
            yield giver, taker


@each(("name", "relative"), QUICK)
def test_the_two_bounds_agree(name, relative):
    two_bounds_agree(name, relative)


@pytest.mark.slow
@each(("name", "relative"), OTHERS)
def test_the_two_bounds_of_other_scenarios_agree_and_their_pages_are_whole(name, relative, capsys):
    two_bounds_agree(name, relative)
    has_all_lines(name, relative, capsys)


def two_bounds_agree(name: str, relative: bool) -> None:
    answer = answered(name, relative)
    assert answer.status == "optimal"
    for plan in (answer.safest, answer.average):
        # What both optima are known to, and the gap of the plan itself.
        known = 1e-11 * max(scenario.optimum for scenario in answer.scenarios)
        assert 0 <= plan.value - plan.bound <= 1e-9 * max(1.0, plan.value) + known
    assert answer.document["largest_regret"] - answer.document["lower_bound"] <= 1e-6 * max(
        1.0, answer.document["largest_regret"]
    )
    assert not answer.safest.judged.violations
    assert answer.safest.value == largest(answer, *answer.safest.judged.posts)


@pytest.mark.parametrize(
    ("name", "one_in"), [("budgets", 5), pytest.param("all", 1, marks=pytest.mark.slow)]
)
def test_no_transfer_of_a_tenth_of_a_post_is_safer(name, one_in):
    answer = answered(name)
    x, z = answer.safest.judged.posts
    assert largest(answer, x, z) > 1.0
    assert list(better_transfers(answer, x, z, one_in)) == []


def test_a_worse_plan_fails_the_test_of_transfers():
    """The same test finds the way out of a plan from which 0.3 FTE were moved, and of another's."""
    answer = answered("weights")
    x, z = answer.safest.judged.posts
    giver, taker = np.argsort(x[:, 0])[[-1, 0]]
    worse = x.copy()
    worse[giver] -= 0.3
    worse[taker] += 0.3
    assert largest(answer, worse, z) > answer.document["largest_regret"]
    assert next(better_transfers(answer, worse, z))
    own = answer.own[answer.scenarios[0].name].evaluation
    assert next(better_transfers(answer, own.new_facilitators_fte, own.new_coordinators_fte))


def test_every_other_plan_at_hand_is_regretted_more():
    """Own plans, the average one and mixtures of all of them never fall below the bound."""
    answer = answered("weights")
    plans = [
        (e.new_facilitators_fte, e.new_coordinators_fte)
        for e in (plan.evaluation for plan in answer.own.values())
    ]
    plans.append(answer.average.judged.posts)
    assert all(
        (largest(answer, *plan) or np.inf) >= answer.document["lower_bound"] for plan in plans
    )
    rng = np.random.default_rng(0)
    for shares_ in rng.dirichlet(np.ones(len(plans)), 20):
        mixed = [sum(s * p[role] for s, p in zip(shares_, plans, strict=True)) for role in (0, 1)]
        assert largest(answer, *mixed) >= answer.document["lower_bound"]


@pytest.mark.slow
def test_the_safe_plan_is_the_best_on_average_under_its_own_prices():
    """So says duality: found again by the other programme, from the probabilities alone."""
    answer = answered("weights")
    again = regret(SUBSETS["weights"](), probabilities=answer.safest.counts_as)
    assert again.average.value == pytest.approx(answer.document["largest_regret"], abs=1e-6)
    x, _ = again.average.judged.posts
    assert x == pytest.approx(answer.safest.judged.posts[0], abs=0.02)


@pytest.mark.slow
@each("name", ["need-first", "horizon-2025"])
def test_one_scenario_alone_has_no_regret_and_keeps_its_plan(name):
    answer = regret([scenario_problem(name)])
    assert answer.document["largest_regret"] == pytest.approx(0.0, abs=1e-6)
    own = solved(name).evaluation
    x, z = answer.safest.judged.posts
    assert x == pytest.approx(own.new_facilitators_fte, abs=2e-3)
    assert z == pytest.approx(own.new_coordinators_fte, abs=2e-3)


@pytest.mark.slow
def test_one_more_scenario_never_lowers_the_largest_regret():
    names = ["need-first", "reference", "tight-budget", "state-first"]
    last = 0.0
    for count in range(1, len(names) + 1):
        answer = regret([scenario_problem(n) for n in names[:count]])
        assert answer.document["largest_regret"] >= last - 1e-9
        last = answer.document["lower_bound"]
    assert last > 0


@pytest.mark.slow
def test_the_order_of_scenarios_changes_no_figure():
    """Scenarios and plans stand in the order given; each says the same wherever it stands."""

    def in_one_order(part):
        if isinstance(part, dict):
            return {key: in_one_order(value) for key, value in sorted(part.items())}
        if isinstance(part, list):
            return sorted(map(in_one_order, part), key=json.dumps)
        return part

    names = ["reference", "tight-budget", "need-first", "state-first"]
    chance = {"need-first": 0.4, "tight-budget": 0.1}
    texts = []
    for seed in range(2):
        random.Random(seed).shuffle(names)
        answer = regret(
            [scenario_problem(name) for name in names],
            probabilities=dict(sorted(chance.items(), reverse=bool(seed % 2))),
            relative=True,
        )
        assert list(answer.document["by_scenario"]) == names
        texts.append(json.dumps(in_one_order(json.loads(as_json(answer.document)))))
    assert texts[0] == texts[1]


@pytest.mark.slow
def test_relative_and_absolute_measure_differently():
    absolute, share = answered("weights"), answered("weights", relative=True)
    for answer, key in ((absolute, "regret"), (share, "relative_regret")):
        told = {name: by[key] for name, by in answer.document["by_scenario"].items()}
        assert max(told.values()) == pytest.approx(answer.document["largest_regret"], rel=1e-12)
        assert {n for n, r in told.items() if r >= max(told.values()) * (1 - 1e-6)} == set(
            answer.document["worst"]
        )
    # Each is the better one by its own measure.
    x, z = share.safest.judged.posts
    assert largest(absolute, x, z) > absolute.document["largest_regret"] + 0.1
    x, z = absolute.safest.judged.posts
    assert largest(share, x, z) > share.safest.value + 0.1


# -- small problems of all kinds -------------------------------------------------------------------


@st.composite
def small_scenarios(draw):
    """Two or three scenarios of two territories: other contracts, curves, weights, limits."""
    weight = st.sampled_from([0.5, 1.0, 2.0])
    shared = draw(st.booleans())
    scenarios = {}
    for name in "abc"[: draw(st.integers(2, 3))]:
        contracts = [[draw(st.integers(5, 200)) for _ in range(2)] for _ in range(2)]
        scenarios[name] = small_problem(
            contracts,
            existing=[0.5, 1.0],
            cap=draw(st.integers(4, 8)),
            demand_cv=draw(st.sampled_from([0.0, 0.3])),
            per_fte=draw(st.integers(5, 40)),
            areas=["N", "N"] if shared else None,
            supports_fte=3.0,
            productivity_gain=0.2,
            max_new_coordinators_fte=np.full(1 if shared else 2, 1.0),
            segment_weight=np.array([draw(weight), draw(weight)]),
            growth_fte_per_year=np.array([draw(st.integers(1, 6)), 6.0]),
        )
    return scenarios


@tried(1, 12, small_scenarios(), st.booleans(), st.integers(0, 2**32 - 1))
def test_no_allocation_falls_below_the_bound(scenarios, relative, seed):
    """Random allocations, judged without a solver; and the plan found reaches the bound."""
    answer = regret(scenarios, relative=relative)
    assert answer.safest.relative_gap <= 1e-6
    assert answer.average.relative_gap <= 1e-6
    x, z = answer.safest.judged.posts
    left = (
        min(arrays_of(p).cap_fte[0] for p in scenarios.values()) - 1.5
    )  # beside the posts in place
    chance = np.random.default_rng(seed)
    for _ in range(10):
        new = left * chance.dirichlet(np.ones(x.size + z.size + 1))[:-1]
        moved = largest(answer, new[: x.size].reshape(x.shape), new[x.size :].reshape(z.shape))
        assert moved is None or moved >= answer.safest.bound
        near = largest(answer, np.maximum(0, x + 0.01 * (chance.random() - 0.5)), z)
        assert near is None or near >= answer.safest.bound


# -- what cannot be asked --------------------------------------------------------------------------


def mistakes_of(*names: str, **options) -> list[str]:
    with pytest.raises(InputError) as caught:
        regret([scenario_problem(name) for name in names], **options)
    return [str(mistake) for mistake in caught.value.mistakes]


def test_what_cannot_be_measured_is_refused_by_name_and_all_at_once():
    told = mistakes_of("reference", "weakest-first", "thirty-percent", "half-posts", "horizon-2025")
    starts = [
        "reference: has other steps (posts.step_fte) than half-posts",
        "thirty-percent: its first objective is",
        "weakest-first: its first objective is worst_rate",
        "horizon-2025: has other years",
    ]
    assert [any(line.startswith(start) for line in told) for start in starts] == [True] * 4
    assert any("(2024, 2025 only in horizon-2025)" in line for line in told)


@each(
    ("changed", "said"),
    [
        ({"territories": ("A", "C")}, "other territories"),
        ({"areas": ("A", "C")}, "other areas"),
        ({"area_of": np.array([1, 0])}, "other areas of territories"),
        ({"segments": ("p", "r")}, "other kinds of buyer"),
        ({"years": (2024,)}, "other years"),
        ({"max_new_coordinators_fte": np.ones(2)}, "other roles"),
    ],
)
def test_scenarios_must_decide_on_the_same_posts(changed, said):
    one = small_problem()
    with pytest.raises(InputError, match=rf"^b: .*{said}"):
        regret({"a": one, "b": replace(one, **changed)})


def test_a_scenario_given_twice_and_odd_probabilities_are_refused():
    assert mistakes_of("reference", "reference") == ["reference: is given twice; keep one"]
    assert "is none of the scenarios" in mistakes_of("reference", probabilities={"other": 1.0})[0]
    assert "between 0 and 1" in mistakes_of("reference", probabilities={"reference": -0.1})[0]
    assert "add up to 0.9" in mistakes_of("reference", probabilities={"reference": 0.9})[0]
    twice = {"reference": 0.9, "cap-560": 0.9}
    assert "add up to 1.8" in mistakes_of(*twice, probabilities=twice)[0]
    assert probability_by_name("abc", {"b": 0.5}) == {"a": 0.25, "b": 0.5, "c": 0.25}


def test_scenarios_that_contradict_each_other_are_found_by_dropping():
    """Of four, b wants 4 FTE in A, d at most 3 in all; a and c are for nothing in it."""
    one = small_problem(cap=6.0)
    scenarios = {
        "a": one,
        "b": replace(one, min_new_facilitators_fte=np.array([4.0, 0.0])),
        "c": replace(one, max_new_facilitators_fte=np.array([5.0, 5.0])),
        "d": replace(one, cap_fte=np.array([5.0])),
    }
    with pytest.raises(InfeasibleError, match=": b and d contradict one another") as caught:
        regret(scenarios)
    __, __, *limits, __ = str(caught.value).splitlines()
    assert limits == ["  b: least new facilitators (FTE), A A", "  d: cap (FTE)"]
    assert caught.value.exit_code == 3
    for left_out in ("b", "d"):
        rest = {name: p for name, p in scenarios.items() if name != left_out}
        assert regret(rest).status == "optimal"


def test_a_scenario_impossible_by_itself_is_named():
    one = small_problem()
    poor = replace(one, min_new_facilitators_fte=np.array([99.0, 0.0]))
    with pytest.raises(InfeasibleError, match=r"^poor: no plan is possible[^:]*: [^:]*$"):
        regret({"one": one, "poor": poor})


def test_time_that_runs_out_is_said():
    with pytest.raises(StoppedError):
        regret(SUBSETS["weights"](), time_limit_s=0.0)


# -- the document and the page ---------------------------------------------------------------------


def test_the_document_follows_from_its_posts():
    """Every figure again, from the posts as saved and the problems."""
    answer = answered("weights")
    document = json.loads(as_json(answer.document))
    assert document["format"] == "fte-alloc/regret/2"
    assert sorted(document["scenarios"]) == ["need-first", "reference", "state-first"]
    for name, by in document["by_scenario"].items():
        problem = scenario_problem(name)
        posts = {(r["role"], r["territory"], r["year"]): r["new_fte"] for r in document["posts"]}
        judged = problem.evaluate(posts)
        assert judged.objective("coverage") == pytest.approx(by["value"], abs=1e-9)
        assert by["regret"] == pytest.approx(by["optimum"] - by["value"], abs=1e-9)
        assert (
            by["optimum"] == solved(name).stages[0].bound
        )  # not what is reached: never understated
        reached = document["own_plans"][name]["by_scenario"][name]["value"]
        assert by["optimum"] > reached > by["optimum"] - 1e-6
    told = {name: by["regret"] for name, by in document["by_scenario"].items()}
    assert document["largest_regret"] == max(told.values())
    assert document["worst"] == ["need-first", "state-first"]
    assert document["lower_bound"] <= document["largest_regret"]
    assert document["same_units"] is False
    assert answered("budgets").document["same_units"] is True


def test_own_plans_carried_elsewhere_are_judged_there():
    document = answered("budgets").document
    own = document["own_plans"]
    assert own["reference"]["by_scenario"]["tight-budget"]["regret"] is None
    (broken,) = own["reference"]["by_scenario"]["tight-budget"]["violations"]
    assert broken["constraint"] == "budget"
    assert own["reference"]["largest_regret"] is None
    carried = own["tight-budget"]["by_scenario"]["reference"]["regret"]
    assert carried == pytest.approx(solved("reference").stages[0].bound - 56703.2, abs=0.1)
    for name, plan in own.items():
        assert plan["by_scenario"][name]["regret"] == pytest.approx(0.0, abs=1e-6)


@each(("name", "relative"), QUICK)
def test_the_page_has_its_lines_within_100_columns(name, relative, capsys):
    has_all_lines(name, relative, capsys)


def has_all_lines(name: str, relative: bool, capsys) -> None:
    answer = answered(name, relative)
    page = regret_answer(answer.document).page()
    print_page(page)
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 100
    assert "PROVED: no plan keeps the largest regret below" in text
    assert "on average" in text
    assert "ASSUMED" in text
    units = any(isinstance(b, Line) and b.text.startswith("Units ") for b in page)
    assert units == (not answer.document["same_units"] and not relative)
    own = answer.document["own_plans"].values()
    breaking = [any(by["violations"] for by in plan["by_scenario"].values()) for plan in own]
    assert text.count("” breaks limits of “") == sum(breaking)
    for code in answer.scenarios[0].problem.territories:
        assert f"\n{code} " in text


def test_what_is_claimed_is_rounded_to_the_safe_side(capsys):
    """187.7716…: none is below 187.7, and it loses at most 187.8."""
    print_page(regret_answer(answered("weights").document).page())
    lines = capsys.readouterr().out.splitlines()
    assert any(line.endswith("below 187.7") for line in lines[:2])
    assert any(line.startswith("Loses      at most 187.8 weighted contracts") for line in lines[:3])


@pytest.mark.parametrize("shipped", [False, slow(True)])
def test_scenarios_that_agree_leave_nothing_to_regret(capsys, shipped):
    """The cap of the second is never reached."""
    one = small_problem(budget=20_000.0)
    agreeing = {"reference": one, "state-first": replace(one, cap_fte=arrays_of(one).cap_fte + 1.0)}
    if shipped:
        agreeing = {name: scenario_problem(name) for name in agreeing}
    answer = regret(agreeing)
    assert answer.document["largest_regret"] < 1e-4
    print_page(regret_answer(answer.document).page())
    text = capsys.readouterr().out
    unit = "weighted contracts" if shipped else "contracts"
    assert "PROVED: no plan keeps the largest regret below 0.0" in text
    assert "Loses      nothing" in text
    # A regret that rounds to 0.0 is not nothing yet.
    document = json.loads(as_json(answer.document))
    document["largest_regret"] = document["by_scenario"]["reference"]["regret"] = 0.04
    print_page(regret_answer(document).page())
    text = capsys.readouterr().out
    assert f"Loses      at most 0.1 {unit}" in text


# -- the command line ------------------------------------------------------------------------------


def test_the_command_prints_the_page_the_document_and_the_posts(
    capsys, at_root, monkeypatch, search_once
):
    names = ("state-first", "reference", "need-first")
    asked = []

    def answer(problems, **options):
        asked.append(options["probabilities"])
        return answered("weights")

    monkeypatch.setattr("fte_alloc.questions.regret.regret.regret", answer)
    code, out, err = run(capsys, "regret", *names, "--probability", "need-first=0.75")
    assert (code, err, asked) == (0, "", [{"need-first": 0.75}])
    assert out.startswith("A safe plan for ")
    code, out, _ = run(capsys, "regret", *names, "--format", "json")
    assert (code, json.loads(out)["worst"]) == (0, ["need-first", "state-first"])
    code, out, _ = run(capsys, "regret", *names, "--format", "csv")
    assert out.startswith("territory,name,role,year,new_fte,area\n01,")
    assert len(out.splitlines()) == 37


@each(
    ("arguments", "code", "said"),
    [
        (["reference"], 2, "two scenarios or more"),
        (["reference", "cap-560", "--probability", "reference"], 5, "expected NAME=SHARE"),
        (
            ["reference", "half-posts"],
            5,
            "reference: has other steps (posts.step_fte) than half-posts",
        ),
        (["reference", "tests/impossible/poor.toml"], 3, "solve tests/impossible/poor.toml"),
        (["reference", "cap-560", "--time-limit", "0"], 4, "stopped at the time limit"),
    ],
)
def test_every_way_out_has_its_code_and_its_reason(capsys, at_root, arguments, code, said):
    left, out, err = run(capsys, "regret", *arguments)
    assert (left, out) == (code, "")
    assert said in err


@pytest.mark.slow
def test_steps_can_be_left_out(capsys, at_root):
    code, out, _ = run(capsys, "regret", "half-posts", "reference", "--set", "posts.step_fte=0")
    assert code == 0
    assert "Loses      nothing" in out
