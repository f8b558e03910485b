"""Trade-off curves: by hand, against other routes to the same plans, and by trying to do better."""

from __future__ import annotations

import inspect
import itertools
import json
import re
import xml.etree.ElementTree as ET
from functools import cache
from itertools import pairwise, permutations
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import ROOT, SCENARIOS, as_close_as, same_page, slow, small_problem, table_problem
from documents import faults_of
from hypothesis import given, settings
from hypothesis import strategies as st
from limit_arrays import arrays_of, replace
from regenerate import frontier_text
from second_statement import stage_bound
from tables import each

import fte_alloc as fa
from fte_alloc.cli import main
from fte_alloc.errors import InfeasibleError, InputError, StoppedError
from fte_alloc.programme.curves import SaturatingCurves, demand_draws
from fte_alloc.programme.limits import Limit
from fte_alloc.programme.objectives import OBJECTIVES, Stage
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.step_limits import with_least_rate
from fte_alloc.programme.step_tables import StepTables, is_table_possible
from fte_alloc.questions.answer import Grid
from fte_alloc.questions.document import Documented
from fte_alloc.questions.frontier import frontier as module
from fte_alloc.questions.frontier.curve import WITHIN, Touching, Triangle
from fte_alloc.questions.frontier.frontier import frontier
from fte_alloc.questions.frontier.page import (
    frontier_answer,
    frontier_page,
    frontier_plot,
    representative,
)
from fte_alloc.questions.plan import solve
from fte_alloc.questions.verify.answer import sentences
from fte_alloc.questions.verify.compare_documents import leaves, number
from fte_alloc.questions.verify.verify import verify_document
from fte_alloc.render.data import as_json
from fte_alloc.render.html import html_page
from fte_alloc.render.svg import axis_ticks
from fte_alloc.render.svg import svg as drawn
from fte_alloc.search.epsilon_constraint import EpsilonConstraint

pytestmark = pytest.mark.usefixtures("read_once")


def scenario(name: str, **overrides) -> Problem:
    """A shipped scenario; or, by the name of small, the problem built here."""
    if name == "small":
        return lonely()
    path = str(ROOT / "scenarios" / f"{name}.toml")
    return fa.load(path, overrides={k.replace("__", "."): v for k, v in overrides.items()})


def closeness(name: str, between: str) -> float:
    """How close a curve is asked to be: those that take longest less than by default."""
    if name == "small":
        return 1e-3
    return 2e-3 if (name, between) == ("reference", "coverage:worst_rate") else WITHIN


def points_of(found: Documented) -> list[SimpleNamespace]:
    """What the points have of the two objectives."""
    names = {"first": "a", "second": "b", "slope": "slope", "relative_gap": "relative_gap"}
    return [
        SimpleNamespace(**{name: point[key] for name, key in names.items()})
        for point in found.document["points"]
    ]


def scaled_points(found: Documented) -> np.ndarray:
    """The points where the ends are (1, 0) and (0, 1)."""
    points = np.array([(point.first, point.second) for point in points_of(found)])
    worst = np.array([points[-1, 0], points[0, 1]])
    return (points - worst) / (np.array([points[0, 0], points[-1, 1]]) - worst)


@cache
def curve(name: str, between: str) -> Documented:
    """A curve of a scenario, found once a session."""
    with as_close_as(closeness(name, between)):
        told: list[tuple[int, int]] = []
        found = frontier(
            scenario(name), *between.split(":"), progress=lambda *done: told.append(done)
        )
    TOLD[name, between] = told
    return found


#: What whoever waits for a curve is told: points done, points there may be.
TOLD: dict[tuple[str, str], list[tuple[int, int]]] = {}


#: Every objective that may be held, from either side.
SHIPPED = [
    ("tight-budget", "coverage:state_cost"),
    ("small", "contracts:worst_rate"),
    *map(
        slow,
        [
            ("reference", "coverage:worst_rate"),
            ("reference", "worst_rate:posts"),
            ("cap-560", "posts:contracts"),
            ("weakest-first", "state_cost:coverage"),
        ],
    ),
]


# -- by hand ---------------------------------------------------------------------------------------


def test_two_territories_by_hand():
    """Posts go to A (10), A again (6), B (4), B (2): four pieces of decreasing worth."""
    p = table_problem([[(0, 0), (1, 10), (2, 16)], [(0, 0), (1, 4), (2, 6)]], cap=4.0)
    found = frontier(p, "contracts", "posts")
    points = [(point.second, point.first) for point in points_of(found)]
    for corner in [(4, 22), (3, 20), (2, 16), (1, 10), (0, 0)]:
        assert any(point == pytest.approx(corner, abs=1e-8) for point in points), corner
    assert found.document["distance"] < 1e-9
    for one, other in pairwise(points):
        worth = (one[1] - other[1]) / (one[0] - other[0])
        assert min(abs(worth - w) for w in (2, 4, 6, 10)) < 1e-6
    prices = [row["price_to_next"] for row in found.document["points"][:-1]]
    assert prices == pytest.approx(sorted(prices), abs=1e-6)
    assert all(min(abs(price - w) for w in (2, 4, 6, 10)) < 1e-6 for price in prices)


def test_one_territory_is_its_own_curve():
    """With posts alone to decide, contracts are n (1 − exp(−h k / n)) of k posts."""
    p, within = small_problem([[100.0]], existing=(0.0,), cap=10.0), 1e-3
    with as_close_as(within):
        found = frontier(p, "contracts", "posts")

    def covered(k):
        return 100 * (1 - np.exp(-20 * k / 100))

    ends = covered(10.0), 10.0
    for point in points_of(found):
        assert point.first == pytest.approx(covered(point.second), abs=1e-7)
    furthest = 0.0
    for one, other in pairwise(points_of(found)):
        k = np.linspace(one.second, other.second, 50)
        chord = np.interp(
            k, *zip(*sorted([(p.second, p.first) for p in (one, other)]), strict=True)
        )
        rise = (one.first - other.first) / ends[0] / ((one.second - other.second) / ends[1])
        furthest = max(furthest, ((covered(k) - chord) / ends[0] / np.hypot(1, rise)).max())
    assert 0.2 * within < furthest <= found.document["distance"] <= within
    assert len(points_of(found)) < 40


def test_objectives_that_do_not_conflict_have_one_point():
    found = curve("reference", "posts:state_cost")
    (point,) = points_of(found)
    assert (point.first, point.second) == pytest.approx((17.0, 3_294_900.0))
    assert not found.document["conflict"]
    assert found.status == "optimal"
    assert found.document["points"][0]["price_to_next"] is None


# -- every point proved ----------------------------------------------------------------------------


@each(("name", "between"), SHIPPED)
def test_each_point_is_judged_and_proved_again_from_what_is_saved(name, between):
    """JSON alone, no solver: the plan has what it says, the prices prove that none has more."""
    p, saved = scenario(name), json.loads(as_json(curve(name, between).document))
    first, second = saved["objectives"]
    for point in saved["points"]:
        posts = {(r["role"], r["territory"], r["year"]): r["new_fte"] for r in point["posts"]}
        effort = {
            (r["territory"], r["segment"], r["year"]): r["effort_fte"] for r in point["effort"]
        }
        judged = p.evaluate(posts, effort)
        assert not judged.violations
        assert judged.objective(first) == pytest.approx(point["a"], rel=1e-12)
        assert judged.objective(second) == pytest.approx(point["b"], rel=1e-12)
        asked = replace(p, stages=tuple(Stage(name) for name in point["stages"]))
        for proof in point["proofs"]:
            number = point["stages"].index(proof["objective"])
            bound = stage_bound(asked, number, proof["duals"], proof["kept"])
            value = judged.objective(proof["objective"])
            assert abs(bound - value) <= 2e-9 * max(1.0, abs(bound))
            assert proof["relative_gap"] <= 1e-9
        assert point["relative_gap"] == max(proof["relative_gap"] for proof in point["proofs"])


@each(("many", "proofs"), [(100, 2), (0, 1)])
def test_an_end_has_the_most_of_the_second_objective_of_plans_that_tie(many, proofs, monkeypatch):
    """A alone counts, and gets 1 FTE at most; the other FTE is halved for the lowest rate.

    So even among many curves, where coverage alone is proved.
    """
    p = small_problem(
        ((100.0,),) * 3,
        existing=(1.0,) * 3,
        cap=5.0,
        territory_weight=np.array([3.0, 0.0, 0.0]),
        max_new_facilitators_fte=np.array([1.0, 9.0, 9.0]),
    )
    monkeypatch.setattr(module, "MANY_CURVES", many)
    one, other = module._ends(p, ("coverage", "worst_rate"), None)
    covered = [300 * (1 - np.exp(-0.4)), 300 * (1 - np.exp(-1 / 3))]
    assert [one.first, other.first] == pytest.approx(covered, rel=1e-7)
    assert [one.second, other.second] == pytest.approx([1 - np.exp(-0.3), 1 - np.exp(-1 / 3)])
    assert (one.slope, len(one.proofs)) == (None, proofs)


@pytest.mark.slow
def test_ends_among_many_territories_are_found_where_plans_that_tie_are_too_thin_to_search():
    p = scenario("departements", posts__step_fte=0.0)
    one, other = module._ends(p, ("coverage", "worst_rate"), None)
    assert one.first > other.first + 50
    assert one.second + 0.008 < other.second < 0.24
    assert all(end.proofs[0].relative_gap <= 1e-9 for end in (one, other))


@pytest.mark.slow
def test_a_point_is_proved_for_just_what_it_has_of_both():
    """The held objective is kept but for rounding; on a steep curve that, too, is told apart."""
    found = frontier(lonely(), "worst_rate", "posts")
    assert max(point.relative_gap for point in points_of(found)) <= 1e-9


def with_second(p: Problem, second: str, level: float) -> Problem:
    """A limit in the place of the second objective: another route to the same curve."""
    fixed = p.fixed_facilitators_fte.sum() + p.fixed_coordinators_fte.sum()
    if second == "worst_rate":
        return replace(p, least_rate=np.maximum(arrays_of(p).least_rate, level))
    if second == "state_cost":
        return replace(p, state_eur_per_year=np.minimum(arrays_of(p).state_eur_per_year, level))
    return replace(p, cap_fte=np.minimum(arrays_of(p).cap_fte, level + fixed))


#: Those whose second objective can be held by a limit of the scenario.
LIMITED = [
    case
    for case in SHIPPED
    if "posts:contracts" not in str(case) and "state_cost:coverage" not in str(case)
]


@each(("name", "between"), LIMITED)
def test_between_points_the_curve_is_as_close_as_stated(name, between):
    """Solved anew in between, the second objective held by a limit of the scenario itself."""
    found = curve(name, between)
    first, second = between.split(":")
    p = replace(scenario(name), stages=(Stage(first),))
    within = closeness(name, between)
    assert found.document["distance"] <= within
    assert len(points_of(found)) < 120
    scaled = scaled_points(found)
    way = points_of(found)[0].first - points_of(found)[-1].first
    furthest = 0.0
    for j in np.unique(np.linspace(0, len(points_of(found)) - 2, 7).astype(int)):
        one, other = points_of(found)[j], points_of(found)[j + 1]
        level = (one.second + other.second) / 2
        truth = solve(with_second(p, second, level), priced=False).stages[0].value
        middle = (one.first + other.first) / 2
        steep = (scaled[j + 1] - scaled[j])[0] / (scaled[j + 1] - scaled[j])[1]
        distance = (truth - middle) / way / np.hypot(1.0, steep)
        assert distance <= found.document["points"][j]["distance_to_next"] + 1e-6
        assert distance >= -1e-6
        furthest = max(furthest, distance)
    assert furthest > 0.05 * within, "points are denser than stated"


@each(("name", "between"), SHIPPED)
def test_the_curve_falls_ever_more_steeply(name, between):
    found = curve(name, between)
    steps = np.diff(scaled_points(found), axis=0)
    assert (steps[:, 0] < 0).all()
    assert (steps[:, 1] > 0).all()
    prices = -steps[:, 0] / steps[:, 1]
    assert (np.diff(prices) >= -1e-5 * prices[1:]).all()
    assert scaled_points(found)[[0, -1]] == pytest.approx(np.array([[1, 0], [0, 1]]))


# -- no transfer leads beyond ----------------------------------------------------------------------


def gain(p: Problem, second: str, x, z, slope: float, has: tuple[float, float]) -> float:
    """How far posts lead beyond the line through a point, in the first objective; −inf if broken.

    slope : of the first objective, for one more of the second
    """
    first = p.stages[0].objective
    level = has[1] if second == "worst_rate" else 0.0
    judged = replace(p, least_rate=np.maximum(arrays_of(p).least_rate, level)).judge(x, z)
    if judged.violations:
        return -np.inf
    now = level or judged.objective(second)
    return judged.objective(first) - has[0] - slope * (now - has[1])


def best_transfer(p: Problem, second: str, x, z, slope: float, has: tuple[float, float]) -> float:
    """The most that 0.1 FTE moved between two territories' facilitators leads beyond the line."""
    gains = [0.0]
    for here, there in permutations(range(len(p.territories)), 2):
        moved = x.copy()
        moved[here] -= 0.1
        moved[there] += 0.1
        if (moved >= 0).all():
            gains.append(gain(p, second, moved, z, slope, has))
    return max(gains)


@cache
def lonely(territories: int = 4, cap: float = 12.0, kinds: int = 2) -> Problem:
    """Territories that share a cap; posts bring most where least is covered without them."""
    sizes = np.array([[100.0, 50.0], [300.0, 20.0], [60.0, 60.0], [200.0, 120.0]])
    p = small_problem(sizes[:territories, :kinds], existing=[0.5] * territories, cap=cap)
    n, none = p.contracts_per_year.ravel(), np.zeros(kinds * territories)
    per_fte = np.repeat([20.0, 10.0, 30.0, 15.0], kinds)[: len(n)]
    curves = SaturatingCurves(n, none, 1.0 + none, per_fte, demand_draws(0.2, 9))
    return replace(p, curves=curves)


TRANSFERS = [
    ("small", "contracts:posts"),
    slow(("small", "contracts:worst_rate")),
    slow(("tight-budget", "coverage:state_cost")),
]


@each(("name", "between"), TRANSFERS)
def test_no_transfer_leads_beyond_the_curve_but_from_a_planted_point_it_does(name, between):
    first, second = between.split(":")
    p = replace(scenario(name), stages=(Stage(first),))
    found = curve(name, between)
    for j in (1, len(points_of(found)) // 4, len(points_of(found)) // 2):
        point = points_of(found)[j]
        slope = 1.0 / point.slope
        has = (point.first, point.second)
        saved = found.document["points"][j]["posts"]
        x, z = p.arrays({(r["role"], r["territory"], r["year"]): r["new_fte"] for r in saved})
        assert best_transfer(p, second, x, z, slope, has) <= 1e-8 * max(1.0, abs(point.first))
        planted, lost = plant(p, second, x, z, slope, has)
        inside = (point.first - lost, point.second)
        assert best_transfer(p, second, planted, z, slope, inside) > 1e-4


def plant(p: Problem, second: str, x, z, slope: float, has: tuple[float, float]):
    """Posts inside the curve, 0.3 FTE from where they belong, and what they lose."""
    for here, there in permutations(np.argsort(-x[:, 0]), 2):
        planted = x.copy()
        planted[here] -= 0.3
        planted[there] += 0.3
        lost = -gain(p, second, planted, z, slope, has)
        if planted[here] >= 0 and 1e-3 < lost < np.inf:
            return planted, lost
    raise AssertionError("no limit leaves room for a worse plan")


# -- straight lines around a curve -----------------------------------------------------------------


def on_circle(angle: float) -> Touching:
    at = np.array([np.cos(angle), np.sin(angle)])
    return Touching(at, at, 1.0)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.floats(0, 1.5), st.floats(1e-3, 1.5))
def test_a_triangle_is_higher_than_the_curve_and_no_higher_than_it_must_be(start, turn):
    turn = min(turn, np.pi / 2 - start)
    one, other = on_circle(start), on_circle(start + turn)
    found = Triangle(one, other)
    sagitta = 1 - np.cos(turn / 2)
    assert found.height >= sagitta
    assert found.height == pytest.approx(1 / np.cos(turn / 2) - np.cos(turn / 2), abs=1e-9)
    u = found.next_u()
    assert other.at[0] < u < one.at[0]


def test_no_more_points_are_looked_for_than_needed():
    """A quarter of a circle needs 78.5 triangles of 1e-4; parabolas are near enough to it."""
    points = [on_circle(0.0), on_circle(np.pi / 2)]
    at = 0
    while at + 1 < len(points):
        there = Triangle(points[at], points[at + 1])
        if there.height <= WITHIN:
            at += 1
        else:
            points.insert(at + 1, on_circle(np.arccos(there.next_u())))
    assert 79 <= len(points) <= 100


# -- posts in steps --------------------------------------------------------------------------------


def in_whole_posts(points: list, cap: float) -> Problem:
    """Curves given as tables, posts in whole FTE."""
    return replace(table_problem(points, cap=cap), step_fte=1.0)


TWO = [[(0, 0), (1, 10), (2, 16)], [(0, 0), (1, 4), (2, 6)]]


@each(("between", "proof"), [("contracts:posts", "arithmetic"), ("posts:contracts", "arithmetic")])
def test_two_territories_in_whole_posts_by_hand(between, proof):
    """10, 6, 4, 2 contracts for the posts one after the other; no plan between them."""
    names = between.split(":")
    found = frontier(in_whole_posts(TWO, 4.0), *names)
    best = {0: 0, 1: 10, 2: 16, 3: 20, 4: 22}
    points = [
        {n: point[key] for n, key in zip(names, "ab", strict=True)}
        for point in found.document["points"]
    ]
    posts = sorted(round(point["posts"]) for point in points)
    assert {0, 4} <= set(posts) <= set(best)
    assert len(posts) == len(set(posts)) == 5
    for point in points:
        assert point["contracts"] == pytest.approx(best[round(point["posts"])], abs=1e-8)
    assert (found.document["proof"], found.status) == (proof, "optimal")


#: How close the curves of small problems in steps are asked to be; so, one of the levels at which
#: points are searched is 4 posts but for rounding, and tables must prove the point all the same.
SMALL_WITHIN = 5e-3


def small_in_steps(name: str = "small") -> Problem:
    """Territories that share a cap, posts in whole FTE; grouped, tables do not apply."""
    if name != "grouped":
        return replace(lonely(), step_fte=1.0)
    p = replace(lonely(3, cap=6.0, kinds=1), step_fte=1.0)
    group = Limit("limits.group", "new_fte", (0, 1), (), p.years[0], "at_most", 100.0)
    return replace(p, limits=(*p.limits, group))


@cache
def points_in_steps(name: str, between: str) -> Documented:
    """Best plans in steps, found once a session."""
    p = scenario(name) if name in SCENARIOS else small_in_steps(name)
    with as_close_as(WITHIN if name in SCENARIOS else SMALL_WITHIN):
        return frontier(p, *between.split(":"))


def limited(p: Problem, name: str, level: float) -> Problem:
    """A problem whose plans have at most (rates: at least) so much of an objective."""
    slack = 1e-6 * max(1.0, abs(level))
    return with_second(p, name, level - slack if name == "worst_rate" else level + slack)


@each(
    ("name", "between", "proof"),
    [
        ("small", "posts:contracts", "arithmetic"),
        slow(("small", "contracts:state_cost", "arithmetic")),
        ("small", "contracts:worst_rate", "arithmetic"),
        ("grouped", "contracts:worst_rate", "solver"),
        slow(("half-posts", "coverage:state_cost", "arithmetic")),
        slow(("half-posts", "coverage:worst_rate", "arithmetic")),
    ],
)
def test_each_point_in_steps_is_the_best_plan_at_its_level(name, between, proof):
    """The level as a limit of the problem itself, and the problem solved in steps."""
    p = scenario(name) if name in SCENARIOS else small_in_steps(name)
    found = points_in_steps(name, between)
    assert (found.document["proof"], found.status) == (proof, "optimal")
    asked = found.document["points"]
    assert len(asked) > 3
    key = dict(zip(between.split(":"), "ab", strict=True))
    for point in asked[:: max(1, len(asked) // 3)]:
        served, held = point["stages"]
        if served not in ("coverage", "contracts"):
            served, held = held, served
        at = limited(replace(p, stages=(Stage(served),)), held, point[key[held]])
        best = solve(at, priced=False).stages[0].value
        assert point[key[served]] == pytest.approx(best, rel=2e-8)
        assert point["relative_gap"] <= 1e-8
        posts = {(r["role"], r["territory"], r["year"]): r["new_fte"] for r in point["posts"]}
        assert not p.evaluate(posts).violations


@each(
    ("name", "between"),
    [("small", "posts:contracts"), slow(("departements", "coverage:state_cost"))],
)
def test_points_in_steps_are_proved_again_by_the_saved_tables(name, between):
    """Most contracts of the totals at a level, then least money of those that keep as many."""
    p = small_in_steps() if name == "small" else scenario(name)
    saved = json.loads(as_json(points_in_steps(name, between).document))
    summed, counted = saved["points"][0]["stages"]
    tables = StepTables(replace(p, stages=(Stage(summed), Stage(counted))))
    cost = tables.cost(counted)

    def bounds(multipliers: dict) -> list[list[float]]:
        sums, found = tables.certified(saved["tables"] | {"multipliers": multipliers}).sums, []
        for first, second in (point["proofs"] for point in saved["points"]):
            level = first["kept"].get(counted, np.inf)
            least = cost[sums >= second["kept"][summed]].min()
            found.append([sums[cost <= level * (1 + 1e-9)].max(), least])
        return found

    told = [[proof["bound"] for proof in point["proofs"]] for point in saved["points"]]
    known = saved["tables"]["multipliers"]
    np.testing.assert_allclose(bounds(known), told, rtol=1e-12)
    for code in known:
        assert not np.allclose(bounds(known | {code: []}), told, rtol=1e-9, atol=0.0), code


@each(
    ("name", "between"),
    [
        ("small", "posts:contracts"),
        ("small", "contracts:worst_rate"),
        ("grouped", "contracts:worst_rate"),
    ],
)
def test_points_in_steps_lie_under_the_curve_and_beat_each_other_nowhere(name, between):
    found = points_in_steps(name, between)
    signs = [-1 if name == "posts" else 1 for name in between.split(":")]
    bound = np.array([[p["a"], p["b"]] for p in found.document["bound"]]) * signs
    points = np.array([[p["a"], p["b"]] for p in found.document["points"]]) * signs
    assert np.all(np.diff(points[:, 0]) < 0)
    assert np.all(np.diff(points[:, 1]) > 0)
    above = np.interp(points[:, 1], bound[:, 1], bound[:, 0])
    assert np.all(points[:, 0] <= above + SMALL_WITHIN * np.ptp(bound[:, 0]))


def test_points_at_levels_of_a_rate_are_proved_again_from_their_tables():
    """By arithmetic: what no plan covers more than at its level, and that no rate is higher."""
    p = replace(small_in_steps(), stages=(Stage("contracts"),))
    document = points_in_steps("small", "contracts:worst_rate").document
    points, tables = document["points"], document["tables"]
    of_points = tables if isinstance(tables, list) else [tables] * len(points)
    for point, of in zip(points, of_points, strict=True):
        first = point["proofs"][0]
        at = with_least_rate(p, first["kept"].get("worst_rate", 0.0))
        assert StepTables(at).certified(of).stage_bound(0, []) == first["bound"]
        assert first["bound"] == pytest.approx(point["a"], rel=1e-9)
    highest = points[-1]["proofs"][-1]["bound"]
    assert highest == pytest.approx(points[-1]["b"], abs=1e-9)
    assert not is_table_possible(with_least_rate(p, highest))


def test_a_picture_in_steps_has_plans_under_a_curve():
    found = points_in_steps("small", "posts:contracts")
    picture = ET.fromstring(drawn(frontier_plot(found.document)))
    kinds = [e.get("class") for e in picture.iter()]
    (line,) = [e.get("points") for e in picture.iter() if e.get("class") == "curve"]
    assert kinds.count("point") == len(found.document["points"])
    assert len(line.split()) == len(found.document["bound"])


@each(
    ("name", "between", "said"),
    [
        ("small", "posts:contracts", "PROVED: no plan is better"),
        ("small", "contracts:worst_rate", "PROVED: no plan is better"),
        ("grouped", "contracts:worst_rate", "BEST by the solver's bound"),
    ],
)
def test_a_page_in_steps_says_how_it_is_proved(name, between, said):
    page = frontier_page(points_in_steps(name, between).document)
    assert page[0].right.startswith(said)
    assert any(getattr(line, "text", "").startswith("Points     ") for line in page)


# -- what cannot be asked --------------------------------------------------------------------------


@each(
    ("between", "said"),
    [
        ("coverge:worst_rate", 'is "coverge:worst_rate", expected FIRST:SECOND'),
        (
            "coverage",
            '--between: is "coverage", expected FIRST:SECOND, two different ones of coverage',
        ),
        ("coverage:coverage", 'is "coverage:coverage", expected FIRST:SECOND'),
        ("coverage:", 'is "coverage:", expected FIRST:SECOND'),
        ("a:b", 'is "a:b", expected FIRST:SECOND'),
    ],
)
def test_wrong_objectives_are_wrong_usage(capsys, between, said):
    code, out, err = run(capsys, "frontier", "reference", "--between", between)
    assert (code, out) == (2, "")
    assert said in err
    assert "  territorial_shortfall  the same, no territory" in err


@each("spoken", ["en", "fr"])
def test_whoever_has_read_no_code_can_choose_objectives(capsys, spoken):
    """Every objective in words, one a line, in the help and with a mistake."""
    _, helped, _ = run(capsys, "frontier", "--help", "--lang", spoken)
    wrong = ("frontier", "reference", "--between", "coverage", "--lang", spoken)
    for told in (helped, run(capsys, *wrong)[2]):
        lines = dict(re.findall(r"^  ([a-z_]+)  +(\S.*)", told, re.MULTILINE))
        assert lines.keys() >= OBJECTIVES.keys()
        assert all(len(lines[name].split()) >= 3 for name in OBJECTIVES)


@each(
    ("name", "between", "said"),
    [
        ("reference", "coverage:change", "needs reference_plan"),
    ],
)
def test_what_has_no_curve_is_refused(capsys, name, between, said):
    code, out, err = run(capsys, "frontier", name, "--between", between)
    assert (code, out) == (5, "")
    assert said in err


def test_a_distance_to_no_target_is_refused():
    with pytest.raises(InputError, match=r"needs coverage\.target_rate"):
        frontier(lonely(), "contracts", "shortfall")


def test_the_library_refuses_as_the_command_does():
    with pytest.raises(InputError, match="two different ones of coverage"):
        fa.frontier(lonely(), "contracts", "post")


def test_change_from_a_plan_is_an_objective():
    """Without moving anything nothing is gained; moving all that helps costs most changes."""
    p = lonely()
    x, _ = p.zeros()
    p = replace(p, reference_posts={("facilitator", "A", 2023): 3.0})
    with as_close_as(1e-2):
        found = frontier(p, "contracts", "change")
    assert points_of(found)[-1].second == pytest.approx(0.0, abs=1e-6)
    x[0] = 3.0
    assert points_of(found)[-1].first == pytest.approx(
        p.judge(x, p.zeros()[1]).objective("contracts")
    )
    best = solve(replace(p, stages=(Stage("contracts"),))).stages[0].value
    assert points_of(found)[0].first == pytest.approx(best)


def test_of_an_impossible_scenario_the_command_is_told_that_says_why(capsys):
    poor = ("--set", "budget.state_eur_per_year=3000000")
    command = ("frontier", "reference", *poor, "--between", "coverage:posts", "--format", "svg")
    code, out, err = run(capsys, *command)
    assert (code, out) == (3, "")
    assert err.endswith(f"help: fte-alloc solve reference {' '.join(poor)}\n")
    with pytest.raises(InfeasibleError):
        frontier(scenario("reference", budget__state_eur_per_year=3e6), "coverage", "posts")


def test_what_is_not_proved_in_time_is_said(capsys, monkeypatch):
    monkeypatch.setattr(
        EpsilonConstraint, "proved", property(lambda _: False, lambda *_: None), False
    )
    found = frontier(lonely(), "contracts", "posts")
    assert len(points_of(found)) == 2
    assert found.status == "stopped"
    assert found.document["distance"] > 0.1
    monkeypatch.setattr(module, "frontier", lambda *_, **__: found)
    code, out, err = run(capsys, "frontier", "reference", "--between", "contracts:posts")
    assert code == 4
    assert "STOPPED, NOT PROVED" in out
    assert "stopped at a limit" in err


def test_whoever_waits_is_told_how_far_it_is():
    curve("small", "contracts:posts")
    told = TOLD["small", "contracts:posts"]
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert all(done < most for done, most in told)
    assert told[-1][1] - told[-1][0] == 1


def test_no_time_at_all_is_no_curve():
    with pytest.raises(StoppedError):
        frontier(scenario("reference"), "coverage", "posts", time_limit_s=0.0)


# -- on paper --------------------------------------------------------------------------------------


def run(capsys, *arguments: str) -> tuple[int, str, str]:
    try:
        main(list(arguments))
        code = 0
    except SystemExit as leaving:
        code = int(leaving.code or 0)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture
def known(monkeypatch):
    """The command, its curve taken from those found already."""
    found = curve("tight-budget", "coverage:state_cost")
    monkeypatch.setattr(module, "frontier", lambda *_, **__: found)
    return found


COMMAND = ("frontier", "tight-budget", "--between", "coverage:state_cost")


def test_the_page_is_the_one_kept(known):
    """Rewrite it with ``python tests/regenerate.py``."""
    kept = (ROOT / "tests" / "golden" / "frontier.txt").read_text(encoding="utf-8")
    assert same_page(frontier_text(known), kept)


def test_the_page_says_what_it_costs(capsys, known):
    code, out, _ = run(capsys, *COMMAND)
    assert code == 0
    assert max(map(len, out.splitlines())) <= 100
    assert "PROVED: no plan is better at both" in out
    first, last = points_of(known)[0], points_of(known)[-1]
    middle = (first.second + last.second) / 2
    pairs = sorted((point.second, point.first) for point in points_of(known))
    half = first.first - np.interp(middle, *zip(*pairs, strict=True))
    assert "State money from 4,500,000 EUR to 3,294,900 EUR" in out
    told = re.sub(r"\s+", " ", out)
    assert f"all of it costs {first.first - last.first:,.1f} contracts" in told
    assert f"the first half of the way {half:,.1f} contracts" in told


def mirrored(document: dict) -> dict:
    """The same curve told the other way round: what was given up is gained."""
    prices = [None, *(p["price_to_next"] for p in document["points"][:-1])][::-1]
    points = [
        p | {"a": p["b"], "b": p["a"], "price_to_next": price and 1 / price}
        for p, price in zip(reversed(document["points"]), prices, strict=True)
    ]
    return document | {
        "objectives": document["objectives"][::-1],
        "points": points,
    }


def first_grid(document: dict) -> Grid:
    return next(block for block in frontier_page(document) if isinstance(block, Grid))


@each(
    ("name", "between", "amount", "other_way"),
    [
        ("small", "contracts:worst_rate", "1", False),
        ("small", "contracts:worst_rate", "10", True),
        slow(("reference", "coverage:worst_rate", "0.1", False)),
        slow(("reference", "coverage:worst_rate", "10", True)),
    ],
)
def test_prices_are_told_in_a_unit_that_gives_them_a_size(name, between, amount, other_way):
    """Rates against contracts: one contract costs a hundredth of a point, which says nothing."""
    document = curve(name, between).document
    contracts = "contract" if amount == "1" else "contracts"
    document, heading, size, scale = (
        (mirrored(document), f"price: points\nper {amount} {contracts} more", float(amount), 100.0)
        if other_way
        else (document, f"price: contracts\nper {amount} points more", float(amount) / 100, 1.0)
    )
    grid = first_grid(document)
    assert grid.headings[3] == heading
    points, told, digit = document["points"], [], 0.1 if scale == 1 else 0.01
    *shown, last = representative(document)
    assert (last, grid.rows[-1][3]) == (len(points) - 1, "–")
    for j, row in zip(shown, grid.rows, strict=False):
        here, there = points[j], points[j + 1]
        costs = (here["a"] - there["a"]) / (there["b"] - here["b"])
        told.append(float(row[3]))
        assert told[-1] == pytest.approx(scale * costs * size, abs=0.51 * digit)
    assert told == sorted(told)
    assert max(told) >= 50 * digit


def test_the_last_point_alone_has_no_price(known):
    prices = [row[3] for row in first_grid(known.document).rows]
    assert (prices.count("–"), prices[-1]) == (1, "–")


def test_the_table_has_points_spread_along_the_curve(known):
    shown = representative(known.document)
    assert shown[0] == 0
    assert shown[-1] == len(points_of(known)) - 1
    assert len(shown) <= 13
    assert np.diff(shown).max() <= np.ceil(shown[-1] / 11)


def test_every_format(capsys, known, tmp_path):
    saved = json.loads(run(capsys, *COMMAND, "--format", "json")[1])
    assert saved["format"] == "fte-alloc/frontier/2"
    assert saved["objectives"] == ["coverage", "state_cost"]
    assert [(p["a"], p["b"]) for p in saved["points"]] == [
        (p.first, p.second) for p in points_of(known)
    ]
    assert {"a", "b", "posts", "relative_gap"} <= set(saved["points"][0])
    table = run(capsys, *COMMAND, "--format", "csv")[1].splitlines()
    assert table[0].startswith("point,coverage,state_cost,relative_gap")
    assert len(table) == 1 + len(points_of(known))
    assert run(capsys, *COMMAND, "--format", "markdown")[1].startswith("# tight-budget: ")
    for ending in ("txt", "csv", "json", "md", "svg", "html"):
        path = tmp_path / f"curve.{ending}"
        assert run(capsys, *COMMAND, "--out", str(path))[:2] == (0, "")
        assert path.stat().st_size > 100
    assert json.loads((tmp_path / "curve.json").read_text(encoding="utf-8")) == saved
    assert run(capsys, *COMMAND, "--out", "curve.pdf")[0] == 2
    assert run(capsys, "solve", "reference", "--out", "plan.svg")[0] == 2


def test_the_picture_is_read_without_scripts_and_without_seeing_it(known):
    svg = drawn(frontier_plot(known.document))
    picture = ET.fromstring(svg)
    space = "{http://www.w3.org/2000/svg}"
    assert picture.get("role") == "img"
    labelled = picture.get("aria-labelledby", "").split()
    named = {e.get("id"): e.text for e in picture if e.tag in (f"{space}title", f"{space}desc")}
    assert all(named[label] for label in labelled)
    assert "4,500,000 EUR" in named["chart-description"]
    texts = [text.text for text in picture.iter(f"{space}text")]
    assert "State money, EUR (better to the left)" in texts
    assert "contracts covered (better upwards)" in texts
    (line,) = picture.iter(f"{space}polyline")
    places = [tuple(map(float, place.split(","))) for place in line.get("points").split()]
    assert len(places) == len(points_of(known))
    assert all(100 <= x <= 770 and 44 <= y <= 450 for x, y in places)
    # Less money is further left, more contracts are further up.
    xs, ys = zip(*places, strict=True)
    assert list(xs) == sorted(xs, reverse=True)
    assert list(ys) == sorted(ys)
    # As far from one end of the axes as from the other.
    assert min(xs) - 100 == pytest.approx(770 - max(xs), abs=0.02)
    assert min(ys) - 44 == pytest.approx(450 - max(ys), abs=0.02)
    tips = [tip.text for tip in picture.iter(f"{space}title")][1:]
    assert tips[0].startswith("1: contracts covered: ")
    page = html_page(frontier_answer(known.document))
    assert page.count("<svg") == page.count("</svg>") == 1
    assert "<script" not in page
    assert not re.search(r'(src|href)="', page)
    assert '<html lang="en">' in page
    assert page.count('<th scope="row">') == len(representative(known.document)) + 19


def test_a_curve_that_is_none_is_not_drawn():
    document = curve("reference", "posts:state_cost").document
    plot = frontier_plot(document)
    assert "no curve to draw" in drawn(plot)
    assert "<svg" not in html_page(frontier_answer(document))


def test_the_page_in_french_has_french_numbers(capsys, known):
    out = run(capsys, *COMMAND, "--lang", "fr")[1]
    assert "4\u202f500\u202f000" in out


@each(
    ("low", "high", "expected", "digits"),
    [
        (23.1, 24.1, [23.2, 23.4, 23.6, 23.8, 24.0], 1),
        (0.0, 6.0, [0, 1, 2, 3, 4, 5, 6], 0),
        (3.2e6, 5.5e6, [3.5e6, 4e6, 4.5e6, 5e6, 5.5e6], 0),
    ],
)
def test_ticks_are_round_numbers(low, high, expected, digits):
    assert axis_ticks(low, high) == (pytest.approx(expected), digits)


def test_in_python():
    found = curve("tight-budget", "coverage:state_cost")
    assert inspect.unwrap(fa.frontier) is frontier
    assert list(found.table.columns)[:3] == ["point", "coverage", "state_cost"]
    assert len(found.table) == len(points_of(found))
    assert as_json(found.document) == as_json(found.document)


# -- proved again ----------------------------------------------------------------------------------


@cache
def text_of(found: Documented) -> str:
    return as_json(found.document)


def again(found: Documented, within: float = 1e-2, **changes: object):
    """A curve as saved, with changes by path, proved again by the problem that it is of."""
    saved = json.loads(text_of(found))
    for path, change in changes.items():
        *way, last = path.split(".")
        holder = saved
        for key in way:
            holder = holder[int(key) if isinstance(holder, list) else key]
        last = int(last) if isinstance(holder, list) else last
        holder[last] = change(holder[last]) if callable(change) else change
    with as_close_as(within):
        return verify_document(saved, found.problem)


@each(("name", "between"), SHIPPED)
def test_a_saved_curve_is_accepted(name, between):
    verified = again(curve(name, between), closeness(name, between))
    assert verified.findings == ()
    assert [what for what, paths in verified.unproved if paths != ("software",)] == []
    figures = [one for _, one in leaves(verified.recomputed) if number(one) is not None]
    assert len(figures) > (1000 if name in SCENARIOS else 500)
    assert "prices prove by arithmetic" in sentences(verified)[2]


@each(
    ("name", "between", "left", "said"),
    [
        *(
            slow((name, "coverage:state_cost", ["bound"], "tables of its areas prove"))
            for name in ("half-posts", "departements")
        ),
        ("small", "posts:contracts", ["bound"], "tables of its areas prove"),
        ("small", "contracts:worst_rate", ["bound"], "tables of its areas prove"),
        ("grouped", "contracts:worst_rate", ["points", "bound"], "have what is said of them"),
        ("reference", "posts:state_cost", ["conflict"], "have what is said of them"),
    ],
)
def test_what_a_saved_curve_does_not_prove_is_told(name, between, left, said):
    found = curve(name, between) if name == "reference" else points_in_steps(name, between)
    verified = again(found, WITHIN if name in SCENARIOS else SMALL_WITHIN)
    assert verified.findings == ()
    assert [paths[0] for _, paths in verified.unproved] == [*left, "software"]
    assert said in sentences(verified)[2]


@cache
def in_few_points() -> Documented:
    """A curve of a few points."""
    with as_close_as(1e-2):
        return frontier(lonely(), "contracts", "posts")


#: One value of a saved curve changed, and a finding that it leads to.
LIES = {
    "a": ("points.1.a", lambda a: a * 1.001, "points[1].a"),
    "b": ("points.1.b", lambda b: b - 0.01, "points[1].b"),
    "a post": ("points.1.posts.2.new_fte", lambda fte: fte + 0.3, "points[1].b"),
    "a post that is not there": ("points.1.posts.2.territory", "E", "points"),
    "a post too many": ("points.1.posts", lambda rows: [*rows, rows[0]], "points[1].posts"),
    "effort moved": ("points.1.effort.0.effort_fte", lambda fte: fte - 0.1, "points[1].a"),
    "effort below 0": ("points.1.effort.0.effort_fte", -0.1, "points"),
    "more effort": ("points.1.effort.0.effort_fte", lambda fte: fte + 0.1, "points[1].limits"),
    "contracts": ("points.1.expected_contracts", 1e3, "points[1].expected_contracts"),
    "a bound": ("points.1.proofs.0.bound", lambda bound: bound + 1e-3, "points[1].proofs[0].bound"),
    "a value": ("points.1.proofs.0.value", lambda value: value + 1e-3, "points[1].proofs[0].value"),
    "what is kept": ("points.1.proofs.0.kept.contracts", lambda kept: kept + 1, "points[1].proofs"),
    "a price": ("points.1.proofs.0.duals.effort_A_2023", -0.9, "points[1].proofs[0].value"),
    "no prices": ("points.1.proofs.0.duals", {}, "points"),
    "no proof": ("points.1.proofs", [], "points"),
    "half of a proof": ("points.0.proofs", lambda proofs: proofs[1:], "points[0].proofs"),
    "a gap": ("points.1.relative_gap", 0.5, "points[1].relative_gap"),
    "a slope": ("points.1.slope", lambda slope: 2 * slope, "points[1].slope"),
    "what a plan costs": ("points.1.price_to_next", 1.0, "points[1].price_to_next"),
    "how close": ("distance", 1e-9, "distance"),
    "how close to the next": ("points.1.distance_to_next", 0.0, "points[1].distance_to_next"),
    "a point left out": ("points", lambda points: [*points[:2], *points[3:]], "points"),
    "the end left out": ("points", lambda points: points[:-1], "points"),
    "points in another order": ("points", lambda points: points[::-1], "points"),
    "status": ("status", "stopped", "status"),
    "objectives": ("objectives", ["posts", "contracts"], "points"),
    "the conflict": ("conflict", False, "conflict"),
}


def test_a_curve_of_the_format_before_is_proved_again():
    verified = again(in_few_points(), format="fte-alloc/frontier/1", elbow=1)
    assert verified.accepted


@each("lie", LIES)
def test_a_lie_of_a_saved_curve_is_refused(lie):
    path, change, where = LIES[lie]
    verified = again(in_few_points(), **{path: change})
    assert any(finding.path.startswith(where) for finding in verified.findings)
    assert "prove by arithmetic" not in sentences(verified)[2]


def test_a_liar_who_makes_every_figure_follow_is_refused_all_the_same():
    """0.1 FTE moved from A to C, with its effort: the plan keeps every limit and is not best."""

    def moved(rows, key):
        places = {(row.get("role", "facilitator"), row["territory"]): row for row in rows[::-1]}
        for code, change in (("A", -0.1), ("C", 0.1)):
            places["facilitator", code][key] += change
        return rows

    posts = {"points.2.posts": lambda rows: moved(rows, "new_fte")}
    effort = {"points.2.effort": lambda rows: moved(rows, "effort_fte")}
    verified = again(in_few_points(), **posts, **effort)
    for _ in range(3):
        assert not verified.accepted
        with as_close_as(1e-2):
            verified = verify_document(
                {**verified.recomputed, "software": {}}, in_few_points().problem
            )
    assert (verified.limits, verified.figures) == ((), ())
    assert [claim.path for claim in verified.claims] == ["points[2].proofs[0].value"]
    assert sentences(verified)[2] == "Not all of the curve is proved."


@each(
    ("path", "junk"),
    [
        *itertools.product(
            ["points", "objectives", "points.1", "points.1.posts", "points.1.proofs"],
            [None, 3, "x", {}, [], [3], [{}], float("nan")],
        ),
        *itertools.product(
            ["points.1.a", "points.1.posts.0.new_fte", "points.1.proofs.0.bound"],
            [None, "x", {}, [], float("nan"), 1e308, 10**400, True],
        ),
        ("points.1.proofs.0.duals.effort_A_2023", "x"),
        ("points.1.stages", ["posts"]),
        ("points.1.proofs.0.objective", "profit"),
    ],
)
def test_whatever_a_file_has_in_place_of_a_curve_is_a_finding(path, junk):
    assert again(in_few_points(), **{path: junk}).findings


@each(
    "lie",
    [
        ("points.2.posts.0.new_fte", lambda fte: fte + 1.0),
        ("points.2.b", lambda b: b - 1.0),
        ("points.2.proofs.0.bound", lambda bound: bound * 1.001),
        ("points.2.proofs.1.bound", lambda bound: bound * 1.001),
        ("tables", None),
        ("tables", {"multipliers": 3}),
        ("points.2.proofs.1.kept.contracts", lambda kept: kept + 1.0),
        ("step_fte", 0.5),
    ],
)
def test_a_lie_of_a_saved_curve_in_steps_is_refused(lie):
    found = points_in_steps("small", "posts:contracts")
    assert again(found, SMALL_WITHIN, **dict([lie])).findings


@pytest.mark.slow
def test_tables_that_lack_multipliers_are_refused():
    found = points_in_steps("departements", "coverage:state_cost")
    without = {"tables.multipliers.75": []}
    assert any(f.path.endswith("bound") for f in again(found, WITHIN, **without).findings)


def test_a_saved_curve_is_verified_on_the_command_line(capsys, at_root, tmp_path, known):
    path = tmp_path / "curve.json"
    run(capsys, *COMMAND, "--out", str(path))
    code, page, _ = run(capsys, "verify", str(path))
    assert (code, "ACCEPTED" in page) == (0, True)
    told = json.loads(run(capsys, "verify", str(path), "--format", "json")[1])
    assert (told["accepted"], told["stages"]) == (True, [])
    assert faults_of(told) == []
    saved = json.loads(path.read_text(encoding="utf-8"))
    saved["points"][3]["a"] += 1.0
    path.write_text(json.dumps(saved), encoding="utf-8")
    code, page, _ = run(capsys, "verify", str(path))
    assert (code, "NOT ACCEPTED" in page, "points[3].a" in page) == (1, True, True)
    code, _, err = run(capsys, "compare", "reference", str(path))
    assert (code, "is not a saved plan" in err) == (5, True)
