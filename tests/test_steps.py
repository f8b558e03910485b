"""Plans in whole and half posts: against brute force, other solvers, and their own certificate."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from dataclasses import replace as changed
from functools import cache

import numpy as np
import pulp
import pytest
from conftest import ROOT, slow, small_problem, solved, table_problem
from limit_arrays import replace
from programmes import write_pieces
from random_problems import steps_problem
from tables import each
from test_last_bit import disturbed
from test_scenario_values import CONTRACTS, child, loaded, model_toml, small, write  # noqa: F401

import fte_alloc as fa
from fte_alloc.errors import StoppedError
from fte_alloc.programme.curves import TableCurves
from fte_alloc.programme.data import per_post, without_new_posts
from fte_alloc.programme.limits import EUR, RATE, Limit
from fte_alloc.programme.objectives import Stage
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.statement import formulate, tie_break_weights
from fte_alloc.programme.step_limits import lowest_rate_as_least_rate, step_limits
from fte_alloc.programme.step_tables import StepTables
from fte_alloc.questions import plan as answered
from fte_alloc.questions.plan_document import proved_plan_document
from fte_alloc.questions.verify.answer import sentences
from fte_alloc.questions.verify.verify import verify, verify_document
from fte_alloc.search import best_plan as planning

#: Plans that brute force lists at most.
MOST = 20_000
#: Gap of the search for whole numbers that tables replace.
BY_SOLVER = 1e-8


# -- brute force -----------------------------------------------------------------------------------


def keeps(p: Problem, limits, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Whether plans x [C,I] and z [C,A] keep some limits, by their definition [C]."""
    kept = np.ones(len(x), bool)
    for limit in limits:
        used = np.full(len(x), without_new_posts(p, limit))
        for per, new, of in zip(per_post(p, limit.quantity), (x, z), limit.places, strict=True):
            used += new[:, list(of)] @ per[list(of), 0]
        sign = -1.0 if limit.is_floor else 1.0
        slack = 1e-8 * max(1.0, abs(limit.amount)) if limit.unit is EUR else 1e-6
        kept &= sign * (used - limit.amount) <= slack
    return kept


def every_plan(p: Problem, most: int) -> tuple[np.ndarray, np.ndarray] | None:
    """All plans in steps within the limits, x [C,I] and z [C,A]; None where they are too many."""
    places = len(p.territories)
    room = np.concatenate([of[:, 0] for of in p.most_new_fte])
    step = np.repeat(p.steps_fte, [places, len(p.areas)])
    ranges, on_posts = [], [one for one in p.limits if one.quantity != RATE]
    for j, (high, size) in enumerate(zip(room, step, strict=True)):
        some = np.arange(int(high / size + 1e-9) + 1) * size
        alone = np.zeros((len(some), len(room)))
        alone[:, j] = some
        own = [one for one in on_posts if not one.is_floor or len(sum(one.places, ())) == 1]
        own = [one for one in own if not one.is_floor or j in _posts(p, one)]
        ranges.append(some[keeps(p, own, alone[:, :places], alone[:, places:])])
    if np.prod([float(len(some)) for some in ranges]) > most:
        return None
    plans = np.array(list(itertools.product(*ranges)), dtype=float).reshape(-1, len(room))
    x, z = plans[:, :places], plans[:, places:]
    kept = keeps(p, on_posts, x, z)
    if p.rated_places(alone=True) and kept.any():
        asked = p.least_rates[:, 0] * p.contracts_per_year.sum(axis=(1, 2))
        kept[kept] = np.all(by_territory(p, x[kept], z[kept], 1.0) >= asked - 1e-9, axis=1)
    return x[kept], z[kept]


def _posts(p: Problem, limit: Limit) -> list[int]:
    """Numbers of the posts that a limit counts, areas after territories."""
    return [*limit.territories, *(len(p.territories) + a for a in limit.areas)]


def covered(p: Problem, x: np.ndarray, z: np.ndarray, objective: str) -> np.ndarray:
    """What plans cover, judged [C]."""
    value = p.weight[:, 0] if objective == "coverage" else 1.0
    return by_territory(p, x, z, value).sum(axis=1)


def by_territory(p: Problem, x: np.ndarray, z: np.ndarray, value: np.ndarray | float) -> np.ndarray:
    """What plans cover, judged: an area's posts decide what its territories cover [C,I]."""
    total = np.zeros_like(x)
    areas = range(len(p.areas))
    own, back = zip(
        *(
            np.unique(np.column_stack([x[:, p.area_of == a], z[:, a]]), axis=0, return_inverse=True)
            for a in areas
        ),
        strict=True,
    )
    judged = [np.zeros((len(of), x.shape[1])) for of in own]
    for n in range(max(map(len, own))):  # a plan of every area at once
        new, led = p.zeros()
        for a in areas:
            plan = own[a][min(n, len(own[a]) - 1)]
            new[p.area_of == a, 0], led[a, 0] = plan[:-1], plan[-1]
        of_all = (p.judge(new, led).expected_contracts[:, 0] * value).sum(axis=1)
        for a in areas:
            judged[a][min(n, len(own[a]) - 1)] = np.where(p.area_of == a, of_all, 0.0)
    for a in areas:
        total += judged[a][back[a].ravel()]
    return total


def worth(p: Problem, x: np.ndarray, z: np.ndarray, objective: str) -> np.ndarray:
    """The value of plans, below 0 where less is better [C]."""
    if objective in ("coverage", "contracts"):
        return covered(p, x, z, objective)
    if objective == "shortfall":
        target = p.target_rate[0] * p.contracts_per_year.sum()
        return np.minimum(0.0, covered(p, x, z, "contracts") - target)
    if objective == "posts":
        return -x.sum(axis=1) - z.sum(axis=1)
    (per, per_z), renewed = p.grant_eur_per_fte, p.committed_facilitators_fte
    return -(renewed + x) @ per[:, 0] - (p.committed_coordinators_fte + z) @ per_z[:, 0]


def by_brute_force(p: Problem, most: int) -> list[float] | str | None:
    """The value of each stage, served in turn; None without any plan."""
    plans = every_plan(p, most)
    if plans is None:
        return "too many"
    if len(plans[0]) == 0:
        return None
    values, left = [], np.ones(len(plans[0]), bool)
    for stage in p.stages:
        of_plans = worth(p, *plans, stage.objective)
        best = of_plans[left].max()
        values.append(abs(float(best)))
        left &= of_plans >= best - (stage.concede + 5e-10) * abs(best)
    return values


def short_of_target(seed: int) -> Problem:
    """As ``steps_problem``, the distance to a target first, which most of the plans may reach."""
    problem, chance = steps_problem(seed), np.random.default_rng([seed, 2])
    less, more = (
        problem.judge(*(np.minimum(of - 1.0, new) for of in problem.most_new_fte)).objective(
            "contracts"
        )
        for new in (0.0, 1.0)
    )
    target = (less + (more - less) * chance.uniform(0, 2)) / problem.contracts_per_year.sum()
    stages = Stage("shortfall", problem.stages[0].concede), *problem.stages[1:]
    return changed(problem, target_rate=np.array([target]), stages=stages)


def against_brute_force(seeds: Iterable[int], most: int, drawn=steps_problem) -> int:
    """How many problems were compared, those left out that have more plans or other limits."""
    compared = 0
    for seed in seeds:
        problem = drawn(seed)
        if step_limits(problem) is None:
            continue
        expected = by_brute_force(problem, most)
        if expected == "too many":
            continue
        compared += 1
        try:
            plan = planning.best_plan(problem, priced=False)
        except fa.InfeasibleError:
            assert expected is None, seed
            continue
        assert expected is not None, seed
        assert (plan.status, plan.stages[0].tables is None) == ("optimal", False), seed
        values = [stage.value for stage in plan.stages]
        assert values == pytest.approx(expected, rel=1e-9, abs=1e-9), seed
        for stage, value in zip(plan.stages, expected, strict=True):
            sign = 1 if stage.sense == "maximise" else -1
            assert sign * (stage.bound - value) >= -1e-12 * max(1.0, value), (seed, stage)
    return compared


@each(
    ("seeds", "most", "count", "drawn"),
    [
        ((11, 14, 21, 24, 25, 27, 32, 34, 38, 39), 30, 10, steps_problem),  # those compared
        ((11, 14, 24), 30, 3, short_of_target),
        slow((range(60, 130), 400, 40, steps_problem)),
        slow((range(40, 80), 200, 12, short_of_target)),
    ],
)
def test_no_other_plan_in_steps_is_better(seeds, most, count, drawn):
    """All plans are listed, and every stage serves the best of those that are left."""
    assert against_brute_force(seeds, most, drawn) >= count


def against_the_lowest_rates(seeds: range, most: int) -> int:
    """As ``against_brute_force``, the lowest rate served before."""
    compared = 0
    for seed in seeds:
        problem = steps_problem(seed)
        rate = Stage("worst_rate", 0.02 * (seed % 2))
        problem = changed(problem, stages=(rate, *problem.stages))
        plans = every_plan(problem, most) if step_limits(problem) is not None else None
        if plans is None or not len(plans[0]):
            continue
        compared += 1
        plan = planning.best_plan(problem, priced=False)
        first, second, *_ = plan.stages
        each_plan = zip(*(posts[:, :, None] for posts in plans), strict=True)
        highest = max(problem.judge(*posts).lowest_rate for posts in each_plan)
        assert (plan.status, first.value) == ("optimal", pytest.approx(highest, abs=1e-9)), seed
        assert first.bound >= highest - 1e-12, seed
        rest = lowest_rate_as_least_rate(problem, second.kept["worst_rate"])
        best = covered(rest, *every_plan(rest, most), second.objective).max()
        assert second.value == pytest.approx(best, rel=1e-9), seed
        assert second.bound >= best * (1 - 1e-12), seed
        assert second.kept["worst_rate"] == pytest.approx(highest * (1 - rate.concede), rel=1e-8)
    return compared


@pytest.mark.slow
def test_no_other_plan_in_steps_has_a_higher_lowest_rate():
    """Nor covers more of those that keep what the scenario asks of it."""
    assert against_the_lowest_rates(range(0, 60, 3), 60) >= 8


# -- other solvers ---------------------------------------------------------------------------------


def by_whole_numbers(problem: Problem) -> fa.Plan | None:
    """The plan of the search for whole numbers, as where tables do not apply."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "step_limits", lambda problem: None)
        try:
            return planning.best_plan(problem, 10.0, priced=False)
        except fa.InfeasibleError:
            return None


@pytest.mark.slow
def test_tables_agree_with_the_search_for_whole_numbers():
    compared = 0
    for seed in range(20):
        problem = steps_problem(seed, (3, 12), 2.0)
        if step_limits(problem) is None:
            continue
        try:
            other = by_whole_numbers(problem)
        except StoppedError:
            continue
        if other is None:
            with pytest.raises(fa.InfeasibleError):
                planning.best_plan(problem, priced=False)
            continue
        plan, reached = planning.best_plan(problem, priced=False), other.stages[0].value
        assert plan.status == "optimal", seed
        assert reached <= plan.stages[0].bound * (1 + 1e-9), seed
        if other.status == "optimal":
            assert plan.stages[0].value == pytest.approx(reached, rel=BY_SOLVER), seed
            compared += 1
    assert compared >= 10


def with_straight_curves(p: Problem) -> Problem:
    """The same with curves straight between a few efforts, so that a programme holds them whole."""
    efforts = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 64.0)
    many = p.contracts_per_year.size
    points = np.stack([p.curves.value(np.full(many, k)) for k in efforts], axis=1)
    return changed(p, curves=TableCurves((efforts,) * len(points), tuple(map(tuple, points))))


def by_highs(problem: Problem, seconds: float) -> tuple[float, bool]:
    """What the first stage reaches by HiGHS without presolve, and whether it calls that best."""
    programme, stage = formulate(problem), problem.stages[0]
    most = np.repeat(problem.most_effort_fte.ravel(), len(problem.segments))
    write_pieces(problem, programme, problem.curves.pieces(most[:, None], most))
    programme.lp.sense = pulp.LpMaximize
    programme.lp.setObjective(programme.objectives[stage.objective])
    solver = pulp.HiGHS(msg=False, gapRel=1e-9, timeLimit=seconds, presolve="off", threads=1)
    programme.lp.solve(solver)
    is_best = programme.lp.sol_status == pulp.LpSolutionOptimal
    reached = pulp.value(programme.lp.objective)
    return -np.inf if reached is None else float(reached), is_best


@pytest.mark.slow
def test_tables_agree_with_highs_without_presolve():
    """Ten to forty territories, both roles, costs and limits of their own; curves are straight."""
    compared = best = 0
    for seed in range(40):
        problem = with_straight_curves(steps_problem(seed, (10, 40), 6.0))
        if step_limits(problem) is None:
            continue
        try:
            first = planning.best_plan(problem, priced=False).stages[0]
        except fa.InfeasibleError:
            continue
        reached, is_best = by_highs(problem, 5.0)
        assert reached <= first.bound * (1 + 1e-7), seed
        if is_best:
            assert first.value == pytest.approx(reached, rel=1e-6), seed
        compared, best = compared + 1, best + is_best
    assert compared >= 12
    assert best >= 8


# -- by hand ---------------------------------------------------------------------------------------

STEEP, LATE = [(0, 0), (2, 40), (6, 80)], [(0, 0), (1, 15), (5, 55)]


ONE_AREA = {
    "areas": ["M", "M"],
    "cap": 2.5,
    "supports_fte": 3.0,
    "productivity_gain": 0.5,
    "max_new_coordinators_fte": 1.0,
    "step_fte": 0.5,
}


def one_area(**changes) -> Problem:
    """Two territories of one area; a coordinator's half post gives three facilitators half more."""
    return table_problem([STEEP, LATE], **(ONE_AREA | changes))


#: Steps, and by hand: posts in A and B, coordinators, contracts.
BY_HAND = {
    "halves": ({}, (1.5, 0.5, 0.5), 40 + 15 * 0.75),
    "facilitators whole": (
        {"step_fte": 1.0, "coordinator_step_fte": 0.5},
        (2.0, 0.0, 0.5),
        40 + 10 * 0.75,  # as (1, 1, ½), which the tie-break likes less
    ),
    "coordinators whole": ({"coordinator_step_fte": 1.0}, (2.0, 0.5, 0.0), 40 + 15 * 0.5),
    "B covers 18.75": (  # by 1.375 of effort: 0.75 are supported there, as many are left for A
        {"least_rate": np.array([0.0, 18.75e-6])},
        (1.0, 1.0, 0.5),
        15 + 10 * 1.25 + 18.75,
    ),
}


@each("case", BY_HAND)
def test_plans_of_two_territories_by_hand(case):
    changes, posts, contracts = BY_HAND[case]
    plan = planning.best_plan(one_area(**changes))
    e = plan.evaluation
    found = (*e.new_facilitators_fte[:, 0], e.new_coordinators_fte[0, 0])
    assert found == pytest.approx(posts, abs=1e-12)
    assert plan.stages[0].value == pytest.approx(contracts, rel=1e-12)
    assert plan.stages[0].bound == pytest.approx(contracts, rel=1e-9)


def test_a_least_rate_of_a_territory_alone_by_hand():
    """19 contracts in A take 1.4 of effort: a post and half a coordinator, or a post and a half."""
    given_ = {"areas": ["M", "N"], "cap": 2.0, "least_rate": np.array([19e-6, 0.0])}
    problem = table_problem([LATE, STEEP], **(ONE_AREA | given_))
    plan = planning.best_plan(problem, priced=False)
    assert posts_of(plan) == pytest.approx([0.5, 0.0, 1.0, 0.5], abs=1e-12)
    assert plan.stages[0].value == pytest.approx(15 + 5 + 10, rel=1e-12)


#: What the lowest rate gives up, and by hand: contracts where it is lowest, and in all.
LOWEST = {"all of it": (0.0, 20.0, 45.0), "a sixteenth": (1 / 16, 18.75, 46.25)}


@each("case", LOWEST)
def test_the_lowest_rate_served_before_by_hand(case):
    """One post each and all of B supported, or three quarters of it; half a coordinator."""
    concede, least, contracts = LOWEST[case]
    stages = Stage("worst_rate", concede), Stage("contracts")
    problem = one_area(contracts=1e3, stages=stages)
    plan = planning.best_plan(problem, priced=False)
    assert posts_of(plan) == pytest.approx([0.5, 1.0, 1.0], abs=1e-12)
    assert plan.stages[0].value == pytest.approx(0.02, abs=1e-9)
    assert plan.stages[0].in_plan == pytest.approx(least / 1e3, rel=1e-8)
    assert plan.stages[1].value == pytest.approx(contracts, rel=1e-8)


def test_a_line_of_a_table_by_hand():
    """At σ = 7.5: 7.5 · 1.5 of support, and four half posts worth 11.25 + 11.25 + 10 + 7.5."""
    (area,) = StepTables(one_area()).areas
    assert area.table([7.5])[1, 4] == pytest.approx(11.25 + 40.0, rel=1e-12)
    h, support = area.relaxed(np.array([7.5]))
    assert h[0, 0, :5] == pytest.approx([0.0, 11.25, 22.5, 32.5, 40.0], abs=1e-12)
    assert h[0, 1, :3] == pytest.approx([0.0, 7.5, 15.0], abs=1e-12)
    assert support[0, 0, 3] == pytest.approx(1.0, abs=1e-12)


# -- tables and their certificate ------------------------------------------------------------------


def shared_areas(count: int, sizes: tuple[int, int], room: float) -> list[Problem]:
    """Problems in which some area has several territories, and tables apply."""
    some = (steps_problem(seed, sizes, room) for seed in itertools.count())
    fit = (p for p in some if step_limits(p) is not None and not p.alone_in_area.all())
    return list(itertools.islice(fit, count))


def test_no_plan_lies_above_the_table_of_its_area():
    """Whatever posts and multipliers; those searched for lie closest."""
    chance = np.random.default_rng(5)
    for problem in shared_areas(6, (4, 7), 2.0):
        tables = StepTables(problem)
        (x_low, z_low), (x_high, z_high) = tables.fewest, tables.most
        at = (0.0, *10.0 ** chance.uniform(-3, 3, 3))
        of_area = [area.values if area.is_alone else area.table(at) for area in tables.areas]
        is_weighted = problem.stages[0].objective == "coverage"
        value = problem.weight[:, 0] if is_weighted else 1.0
        for _ in range(10):
            x, z = chance.integers(x_low, x_high + 1), chance.integers(z_low, z_high + 1)
            sizes = zip((x, z), tables.steps_fte, strict=True)
            judged = problem.judge(*((posts * step)[:, None] for posts, step in sizes))
            if any(broken.constraint == "least" for broken in judged.violations):
                continue
            reached = (judged.expected_contracts[:, 0] * value).sum(axis=1)
            for a, of in enumerate(tables.members):
                most = of_area[a][z[a] - z_low[a], x[of].sum() - x_low[of].sum()]
                assert reached[of].sum() <= most * (1 + 1e-12)


def any_certificate(tables: StepTables, chance: np.random.Generator) -> dict:
    """Multipliers and trees drawn at random."""
    p, (x_low, z_low) = tables.problem, tables.fewest

    def tree(codes, most, depth):
        if depth == 0 or chance.random() < 0.2:
            return float(chance.choice([-1.0, 0.0, 1e308, 10.0 ** chance.uniform(-3, 3)]))
        steps = int(chance.integers(-1, max(0, most)))
        sides = {side: tree(codes, most, depth - 1) for side in ("at_most", "more")}
        return {"territory": str(chance.choice(codes)), "steps": steps} | sides

    branches = []
    for a, (area, of) in enumerate(zip(tables.areas, tables.members, strict=True)):
        rows, columns = area.within.shape
        codes, most = [p.territories[i] for i in of], int(area.most.min())
        branches += [
            {
                "area": p.areas[a],
                "coordinator_steps": int(z_low[a] + chance.integers(rows)),
                "facilitator_steps": int(x_low[of].sum() + chance.integers(columns)),
                "tree": tree(codes, most, 3),
            }
            for _ in range(0 if area.is_alone else 12)
        ]
    sigma = {code: (10.0 ** chance.uniform(-3, 3, 4)).tolist() for code in p.areas}
    return {"multipliers": sigma, "branches": branches}


def test_whatever_certificate_proves_nothing_false():
    """Every stage's bound stays on its side of all plans, at any multipliers and any trees."""
    chance, tried = np.random.default_rng(3), 0
    for problem in shared_areas(16, (3, 4), 1.0):
        plans = every_plan(problem, 150)
        if plans is None or not len(plans[0]):
            continue
        tried += 1
        reached = covered(problem, *plans, problem.stages[0].objective)
        for objective in ("posts", "state_cost"):
            of_two = changed(problem, stages=(problem.stages[0], Stage(objective)))
            tables, costs = StepTables(of_two), -worth(problem, *plans, objective)
            for _ in range(5):
                sums = tables.certified(any_certificate(tables, chance))
                assert sums.stage_bound(0, []) >= reached.max() * (1 - 1e-12)
                kept = float(np.quantile(reached, chance.random())) * (1 - 1e-12)
                least = costs[reached >= kept * (1 + 1e-12)].min()
                assert sums.stage_bound(1, [kept]) <= least * (1 + 1e-12)
    assert tried >= 3


def saved(plan: fa.Plan) -> dict:
    """The document of a plan as a file has it."""
    return json.loads(json.dumps(plan.document))


#: What may stand in the place of ``branches`` and is none.
BRANCH = {"area": "M", "coordinator_steps": 1, "facilitator_steps": 4, "tree": 7.5}
MALFORMED = {
    "a number": 3,
    "a list": [1],
    "nothing said": {},
    "multipliers that are a number": {"multipliers": 3},
    "a multiplier that is a table": {"multipliers": {"M": [{}]}},
    "a multiplier that is text": {"multipliers": {"M": ["a"]}},
    "no such area": {"branches": [BRANCH | {"area": "N"}]},
    "no tree": {"branches": [{"area": "M"}]},
    "no such territory": {
        "branches": [BRANCH | {"tree": {"territory": "Z", "steps": 1, "at_most": 1.0, "more": 1.0}}]
    },
    "half a tree": {"branches": [BRANCH | {"tree": {"territory": "A", "steps": 1, "more": 1.0}}]},
    "too many steps": {
        "branches": [
            BRANCH | {"tree": {"territory": "A", "steps": 99, "at_most": 1.0, "more": 1.0}}
        ]
    },
    "too many facilitators": {"branches": [BRANCH | {"facilitator_steps": 99}]},
    "fewer facilitators than none": {"branches": [BRANCH | {"facilitator_steps": -1}]},
    "fewer coordinators than none": {"branches": [BRANCH | {"coordinator_steps": -1}]},
    "endless steps": {"branches": [BRANCH | {"facilitator_steps": float("inf")}]},
}


@cache
def of_one_area() -> fa.Plan:
    plan = answered.solve(one_area())
    assert verify_document(saved(plan), plan.problem).accepted
    return plan


@each("how", MALFORMED)
def test_a_certificate_that_is_none_is_a_finding(how):
    plan = of_one_area()
    document, junk = saved(plan), MALFORMED[how]
    if isinstance(junk, dict) and junk:
        junk = document["stages"][0]["tables"] | junk
    document["stages"][0]["tables"] = junk
    paths = [finding.path for finding in verify_document(document, plan.problem).findings]
    assert any(path.startswith("stages[coverage]") for path in paths)


def test_a_search_that_is_stopped_before_its_trees_is_honest():
    """Its plan is no better than the best, its bound above it, its gap told, and all is proved."""
    problem = steps_problem(117, (4, 9), 2.0)
    best, stopped = answered.solve(problem), answered.solve(problem, 0.0)
    assert best.stages[0].tables["branches"]
    assert (stopped.status, stopped.reason) == ("stopped", "time limit")
    first, least = stopped.stages[0], best.stages[0].value
    assert first.value <= least < first.bound * (1 - 1e-4)
    document = saved(stopped)
    assert document["stages"][0]["relative_gap"] == pytest.approx(1 - first.value / first.bound)
    verified = verify_document(document, problem)
    assert verified.accepted
    document["stages"][0]["bound"] = first.value
    paths = [finding.path for finding in verify_document(document, problem).findings]
    assert "stages[contracts].bound" in paths


def test_a_territory_alone_has_no_tree():
    """Its table is exact; two rows of coordinators are not its ends."""
    problem = small_problem(
        supports_fte=2.0, productivity_gain=0.3, max_new_coordinators_fte=0.5, step_fte=0.5
    )
    document = saved(answered.solve(problem))
    document["stages"][0]["tables"]["branches"] = [
        {"area": "A", "coordinator_steps": 1, "facilitator_steps": 3, "tree": 1.0}
    ]
    paths = [finding.path for finding in verify_document(document, problem).findings]
    assert paths == ["stages[coverage].tables"]


# -- verify ----------------------------------------------------------------------------------------


def half_a_post_elsewhere() -> dict:
    """The document of ``half-posts`` with half a post moved, and all that follows from it."""
    plan = solved("half-posts")
    for giver, taker in itertools.permutations(range(len(plan.problem.territories)), 2):
        x = plan.evaluation.new_facilitators_fte.copy()
        x[giver], x[taker] = x[giver] - 0.5, x[taker] + 0.5
        judged = plan.problem.judge(x, plan.evaluation.new_coordinators_fte)
        if not judged.violations:
            break
    stages = []
    for stage in plan.stages:
        reached = judged.objective(stage.objective)
        stages.append(changed(stage, value=reached, in_plan=reached))
    prices = saved(plan)["prices"]
    document = proved_plan_document(judged, "optimal", prices, stages)
    return json.loads(json.dumps(document))


def test_half_a_post_elsewhere_is_refused():
    assert verify(saved(solved("half-posts")), ROOT).accepted
    verified = verify(half_a_post_elsewhere(), ROOT)
    assert [finding.path for finding in verified.findings] == ["status"]
    assert "contracts may be gained" in sentences(verified)[2]


def test_a_bound_that_is_lowered_is_refused():
    document = saved(solved("half-posts"))
    document["stages"][0]["bound"] -= 1.0
    paths = [finding.path for finding in verify(document, ROOT).findings]
    assert "stages[coverage].bound" in paths


def test_a_least_rate_is_proved_and_faults_are_refused():
    """A bound that is lowered is, and so is one that a lower rate leaves behind."""
    problem = one_area(**BY_HAND["B covers 18.75"][0])
    document = saved(answered.solve(problem))
    assert verify_document(document, problem).accepted
    lower = replace(problem, least_rate=np.array([0.0, 18e-6]))
    document["stages"][0]["bound"] *= 1 - 1e-6
    for of in (problem, lower):
        paths = [finding.path for finding in verify_document(document, of).findings]
        assert "stages[coverage].bound" in paths


def test_the_lowest_rate_is_proved_and_a_lower_bound_is_refused():
    stages = Stage("worst_rate", 1 / 16), Stage("contracts"), Stage("state_cost")
    problem = small_problem([[100.0, 50.0], [90.0, 30.0]], step_fte=0.5, cap=5.5, stages=stages)
    document = saved(answered.solve(problem))
    assert verify_document(document, problem).accepted
    rounding = document["rounding"]
    assert rounding["relative_loss"] == rounding["loss"] / rounding["continuous_bound"] > 0
    document["stages"][0]["bound"] -= 1e-6
    paths = [finding.path for finding in verify_document(document, problem).findings]
    assert "stages[worst_rate].bound" in paths


def test_least_rates_are_kept_where_nothing_is_worth_anything():
    """A and B need 0.6 and 1.375 of effort; half a facilitator is supported, by half a post."""
    rates = np.array([12e-6, 18.75e-6])
    only = {"supports_fte": 1.0, "max_new_coordinators_fte": 0.5, "territory_weight": np.zeros(2)}
    problem = one_area(least_rate=rates, **only)
    plan = planning.best_plan(problem, priced=False)
    assert (plan.status, plan.stages[0].value) == ("optimal", 0.0)
    assert plan.stages[0].tables is not None
    assert posts_of(plan) == pytest.approx([0.5, 0.5, 1.5], abs=1e-12)


def test_tables_of_a_problem_that_has_none_are_a_finding():
    document = saved(answered.solve(one_area()))
    shared_out = changed(
        one_area(),
        limits=(
            *one_area().limits,
            Limit("limits.s", "new_fte", (0,), (), 2023, "at_most", 0.5, is_share=True),
        ),
    )
    paths = [finding.path for finding in verify_document(document, shared_out).findings]
    assert paths == ["stages[coverage].tables"]


def test_a_limit_of_ones_own_has_no_price_in_steps():
    """And none is missed."""
    own = Limit("limits.north", "new_fte", (0, 1), (), 2023, "at_least", 0.5)
    problem = changed(one_area(), limits=(*one_area().limits, own))
    assert verify_document(saved(answered.solve(problem)), problem).accepted


# -- ties ------------------------------------------------------------------------------------------


def preferred(p: Problem) -> np.ndarray:
    """Of the best plans in steps, that which the tie-break likes best [A + I]."""
    x, z = every_plan(p, MOST)
    best = np.ones(len(x), bool)
    for stage in p.stages:
        of_plans = worth(p, x, z, stage.objective)
        best &= of_plans >= of_plans[best].max() - 1e-12 * abs(of_plans).max()
    posts = np.column_stack([z, x])[best]
    return posts[np.argmin(posts @ tie_break_weights(p))]


LIKE = {"existing": [1.0] * 4, "cap": 6.5, "step_fte": 0.5}
SHARED = {"supports_fte": 3.0, "productivity_gain": 0.4, "max_new_coordinators_fte": 0.5}
IDENTICAL = {
    "areas of their own": LIKE,
    "one area": LIKE | SHARED | {"areas": ["M"] * 4},
    "two areas": LIKE | SHARED | {"areas": ["M", "N", "M", "N"]},
}


def posts_of(plan: fa.Plan) -> np.ndarray:
    e = plan.evaluation
    return np.concatenate([e.new_coordinators_fte[:, 0], e.new_facilitators_fte[:, 0]])


@each("case", IDENTICAL)
def test_of_identical_territories_the_tie_break_chooses(case):
    """And so it does where the last bit of what they cover is another."""
    problem = small_problem([[100.0, 50.0]] * 4, **IDENTICAL[case])
    expected = preferred(problem)
    assert posts_of(planning.best_plan(problem, priced=False)) == pytest.approx(expected, abs=1e-12)
    with disturbed(4):
        again = small_problem([[100.0, 50.0]] * 4, **IDENTICAL[case])
        assert posts_of(planning.best_plan(again, priced=False)) == pytest.approx(
            expected, abs=1e-12
        )


def test_the_tie_break_counts_fte_where_steps_differ():
    """A coordinator in two halves is as good as a whole facilitator, and is preferred."""
    steps = {"step_fte": 1.0, "coordinator_step_fte": 0.5, "max_new_coordinators_fte": 1.0}
    flat = [[(0, 0), (9, 90)]]
    problem = table_problem(flat, supports_fte=2.0, productivity_gain=0.5, cap=3.0, **steps)
    problem = replace(problem, existing_facilitators_fte=np.array([2.0]))
    expected = preferred(problem)
    assert expected == pytest.approx([1.0, 0.0])
    assert posts_of(planning.best_plan(problem, priced=False)) == pytest.approx(expected, abs=1e-12)


def test_the_order_of_rows_means_nothing(small):  # noqa: F811
    """Four territories alike in everything but their code."""
    codes = ["04", "01", "03", "02"]
    child("posts = { step_fte = 0.5, cap_fte = 14.5 }")
    documents = []
    for order in (codes, sorted(codes)):
        rows = [f"{code},T{code},100,0.05,0.2,3" for code in order]
        head = "code,name,population,unemployment,poverty,existing_facilitators_fte"
        write("models/small/territories.csv", "\n".join([head, *rows]))
        kinds = [f"{code},{kind},50" for kind in ("town", "state") for code in order]
        write("models/small/contracts.csv", "\n".join([CONTRACTS.splitlines()[0], *kinds]))
        document = saved(fa.solve(loaded()))
        del document["inputs"]
        documents.append(document)
    assert documents[0] == documents[1]
    new = {
        r["territory"]: r["new_fte"] for r in documents[0]["posts"] if r["role"] == "facilitator"
    }
    assert new == {"01": 1.0, "02": 0.5, "03": 0.5, "04": 0.5}


# -- steps by role ---------------------------------------------------------------------------------


COORDINATORS = {
    "posts.coordinator.cost_eur_per_fte": ("50_000", "EUR/(FTE.yr)"),
    "posts.coordinator.state_rate": ("0.5", "1"),
    "posts.coordinator.max_fte_per_area": ("1", "FTE"),
    "posts.coordinator.supports_fte": ("10", "FTE"),
    "posts.coordinator.productivity_gain": ("0.3", "1"),
}


def test_coordinators_have_steps_of_their_own(small):  # noqa: F811
    write("models/small/model.toml", model_toml(COORDINATORS.items()))
    child("posts.step_fte = 1\nposts.coordinator.step_fte = 0.5")
    assert loaded().steps_fte == (1.0, 0.5)
    assert loaded("child", "posts.coordinator.step_fte=none").steps_fte == (1.0, 1.0)
    assert loaded("child", "posts.coordinator.step_fte=0").steps_fte == (1.0, 0.0)
    child("posts.coordinator.step_fte = 0.5")
    assert loaded().steps_fte == (0.0, 0.5)
    with pytest.raises(fa.InputError, match=r"posts\.coordinator\.step_fte"):
        loaded("child", "posts.coordinator.step_fte=-1")


def test_a_stage_that_nothing_can_serve_is_kept_within_the_tolerance_of_the_solver():
    """No posts, so no contracts; the solver lets effort of 1e-9 FTE cover some 1e-8."""
    problem = small_problem(
        ((0.0, 1936.0), (589.0, 940.0)),
        existing=(0.0, 0.0),
        years=(2023, 2024, 2025),
        demand_cv=0.15,
        per_fte=84.0,
        existing_coordinators_fte=np.array([0.5, 0.5]),
        supports_fte=10.0,
        productivity_gain=0.1,
        max_new_coordinators_fte=np.array([1.5, 1.5]),
        partner_capacity_eur=np.array([4e3, 1e9]),
        year_weight=np.array([1.0, 0.0, 0.0]),
        step_fte=1.0,
        stages=(Stage("posts"), Stage("coverage")),
    )
    plan = planning.best_plan(problem)
    assert (plan.status, plan.evaluation.new_fte.sum()) == ("optimal", 0.0)
