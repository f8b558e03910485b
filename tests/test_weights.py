"""How far weights may move: by hand, by solving beside the ends, and one after the other."""

from __future__ import annotations

import csv
import io
import json
import math
from functools import cache, partial
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import ROOT, run, small_problem, solved, table_problem
from limit_arrays import replace
from tables import each

import fte_alloc as fa
from fte_alloc.errors import InputError, SolverError
from fte_alloc.inputs.weighing import Weighing, Weight
from fte_alloc.programme.objectives import GAP, Stage
from fte_alloc.questions.plan import solve
from fte_alloc.questions.posts import new_posts_fte, posts_arrays
from fte_alloc.questions.weights import ends as weight_ends
from fte_alloc.questions.weights import weights as weights_module
from fte_alloc.questions.weights.ends import EXACT, EndSide, first_crossing
from fte_alloc.questions.weights.page import path_page, weights_page
from fte_alloc.questions.weights.path import weight_path
from fte_alloc.questions.weights.weights import CSV_COLUMNS, best_posts, weights
from fte_alloc.render.data import as_csv, as_json
from fte_alloc.render.terminal import print_page
from fte_alloc.search.warm import WarmSolver

pytestmark = pytest.mark.usefixtures("search_once")

A, B = "weights.territory.A", "weights.territory.B"


def searched_posts(problem):
    """Posts of the best plan found the long way: another opinion than that of the live model."""
    plan = solve(problem, priced=False)
    assert plan.status == "optimal"
    return new_posts_fte(plan.evaluation)


@pytest.fixture(autouse=True)
def at_root(monkeypatch):
    monkeypatch.chdir(ROOT)


def only(problem, key: str, **options) -> dict:
    """What is found of one weight."""
    (weight,) = weights(problem, keys=[key], **options).document["weights"]
    return weight


def page_of(page) -> str:
    out = io.StringIO()
    print_page(page, out)
    return out.getvalue()


# -- by hand ---------------------------------------------------------------------------------------


def twins(**changes):
    """Two territories of 100 contracts and 1 FTE each share 8 more FTE.

    The last FTE brings 20 ω e^(−k/5) in each, so that k_A − k_B = 5 ln(ω_A / ω_B), and
    x_A = 4 + 2.5 ln ω_A while ω_B = 1: half a FTE more at e^0.2, half less at e^−0.2.
    """
    return small_problem(((100.0,), (100.0,)), **changes)


def test_a_weight_is_named_as_people_name_a_region():
    weighing = Weighing.of(fa.load("reference"))
    assert weighing.weight("PACA").key == weighing.weight("93 PACA").key == "weights.territory.93"


def test_two_territories_by_hand():
    weight = only(twins(), A)
    assert weight["value"] == 1.0
    assert weight["low"] == pytest.approx(math.exp(-0.2), rel=EXACT)
    assert weight["high"] == pytest.approx(math.exp(0.2), rel=EXACT)
    assert (weight["below"]["gains"], weight["below"]["loses"]) == (["B"], ["A"])
    assert (weight["above"]["gains"], weight["above"]["loses"]) == (["A"], ["B"])
    assert weight["below"]["end"] == weight["above"]["end"] == "moves"
    for side in ("below", "above"):
        first = weight[side]["moves_first"]
        assert first["rate"] == pytest.approx({"A": 2.5, "B": -2.5}[first["territory"]], rel=1e-4)


def test_another_tolerance_by_hand():
    weight = only(twins(), A, tolerance_fte=0.1)
    assert weight["high"] == pytest.approx(math.exp(0.04), rel=EXACT)


def test_ends_are_in_the_units_of_the_user_whatever_is_rescaled():
    """ω_B = 3 where A has 1 (rescaled to 0.5 and 1.5): A's ends are at e^±0.2 of its own value."""
    problem = twins(territory_weight=np.array([0.5, 1.5]))
    weight = only(problem, B)
    assert weight["value"] == 1.5
    assert weight["high"] == pytest.approx(1.5 * math.exp(0.2), rel=EXACT)
    assert weight["low"] == pytest.approx(1.5 * math.exp(-0.2), rel=EXACT)


def test_a_territory_at_its_most_stays_whatever_its_weight():
    """At most 4 for A, what it has: no weight gives it more; below, it loses as before."""
    problem = twins(max_new_facilitators_fte=np.array([4.0, np.inf]))
    weight = only(problem, A)
    assert weight["high"] is None
    assert weight["above"] == {
        "end": "stays",
        "looked_to": None,
        "gains": [],
        "loses": [],
        "moves_first": None,
    }
    assert weight["low"] == pytest.approx(math.exp(-0.2), rel=EXACT)
    assert weight["below"]["moves_first"]["territory"] == "A"
    assert weight["below"]["moves_first"]["rate"] == pytest.approx(2.5, rel=1e-4)


def test_a_territory_that_shares_its_area_is_looked_at_down_to_no_weight():
    """With the fewest posts it stays whatever its weight, but for support that B may get for it."""
    ends = {}
    for areas in ("PRS", "RRS"):
        problem = small_problem(
            [[100.0], [50.0], [200.0]],
            existing=(2.0, 0.0, 0.0),
            cap=12.0,
            budget=30_000.0,
            areas=tuple(areas),
            supports_fte=1.0,
            productivity_gain=0.5,
            max_new_coordinators_fte=2.0,
        )
        (row,) = weights(problem, keys=["weights.territory.A"]).document["weights"]
        ends[areas] = row["low"], row["below"]["end"]
    assert ends == {"PRS": (0.0, "stays"), "RRS": (0.0, "edge")}


def test_a_limit_just_reached_lets_posts_go_one_way_only():
    """Rates of either side: A may fall with its weight and not rise."""
    problem = twins(max_new_facilitators_fte=np.array([4.0, np.inf]))
    weighing, solver = Weighing.of(problem), WarmSolver(problem)
    slope = np.array([0.5, -0.5])  # of the weights, scaled to a mean of 1, with that of A
    below, above = (
        solver.post_derivatives(weighing.problem_with({A: 1.0 + side}), slope)[0]
        for side in (-1e-6, 1e-6)
    )
    assert (below, above) == (pytest.approx(2.5, rel=1e-4), pytest.approx(0.0))


def test_a_territory_that_can_move_by_less_than_is_noticed_never_is():
    problem = twins(max_new_facilitators_fte=np.array([4.2, np.inf]))
    weight = only(problem, A)
    assert (weight["high"], weight["above"]["end"]) == (None, "far")
    assert weight["above"]["looked_to"] > 1e3


def test_without_posts_a_territory_may_weigh_as_little_as_is_allowed():
    weight = only(twins(territory_weight=np.array([0.1, 1.9])), A)
    assert (weight["low"], weight["below"]["end"]) == (0.0, "stays")
    # 0.1/1.9 is far below e^−1.6, at which A gets its first post; half a post at e^−1.4.
    assert weight["high"] == pytest.approx(1.9 * math.exp(-1.4), rel=EXACT)
    assert weight["above"]["moves_first"]["rate"] == 0.0


def test_the_end_is_where_posts_jump():
    """A brings 10 an FTE and B 8, on tables: at 0.8 all 2 FTE go from A to B at once."""
    problem = table_problem([[(0, 0), (2, 20)], [(0, 0), (2, 16)]], cap=2.0)
    weight = only(problem, A)
    assert weight["low"] == pytest.approx(0.8, abs=EXACT * 0.2)
    assert weight["below"]["end"] == "jumps"
    assert weight["below"]["moves_first"]["fte"] == pytest.approx(-2.0)
    assert weight["below"]["moves_first"]["rate"] is None
    assert weight["high"] is None


@pytest.mark.parametrize("neighbours_known", [True, False])
def test_steps_by_hand(neighbours_known, monkeypatch):
    """Two posts each, of one FTE. A's third, from 3 to 4 FTE, is worth ω_A (e^−0.6 − e^−0.8); it

    is taken from B, where it is worth e^−0.4 − e^−0.6: from ω_A = e^0.2 on. Whether that plan is
    known from the start or has to be solved for.
    """
    if not neighbours_known:
        monkeypatch.setattr(weight_ends, "_neighbours", lambda problem, now: iter(()))
    weight = only(twins(cap=6.0, step_fte=1.0), A)
    assert weight["high"] == pytest.approx(math.exp(0.2), rel=EXACT)
    assert weight["low"] == pytest.approx(math.exp(-0.2), rel=EXACT)
    assert (weight["above"]["gains"], weight["above"]["loses"]) == (["A"], ["B"])
    assert weight["below"]["moves_first"]["fte"] in (-1.0, 1.0)
    assert weight["below"]["moves_first"]["rate"] is None


@pytest.mark.slow
def test_steps_in_a_later_stage_are_looked_at_one_by_one():
    """Worth of plans does not decide between them: the same ends, found by solving alone."""
    stages = (Stage("contracts", 0.2), Stage("coverage"))
    weight = only(twins(cap=6.0, step_fte=1.0, stages=stages), A)
    assert weight["high"] == pytest.approx(math.exp(0.2), rel=1e-3)


def test_steps_where_a_weight_comes_to_0_are_left_to_later_stages():
    """One post each; need is half above its mean in A: it counts down to −2, and B up to 2."""
    problem = small_problem(
        ((500.0,), (500.0,)), existing=(0.0, 0.0), step_fte=1.0, max_new_facilitators_fte=np.ones(2)
    )
    weight = only(problem, A)
    assert (weight["low"], weight["below"]["end"], weight["high"]) == (0.0, "jumps", None)
    assert (weight["below"]["loses"], weight["below"]["moves_first"]["fte"]) == (["A"], -1.0)
    page = page_of(weights_page(weights(problem, keys=[A])))
    assert "Tightest   any weight of A above 0 gives the same plan or one as good." in page
    need = Weight("indicators", "need", 0.0, least=None)
    each = {**Weighing.of(problem).each, need.key: need}
    weighing = Weighing(problem, each, {"need": np.array([0.5, -0.5])})
    now = searched_posts(problem)
    for sign, moved in ((-1.0, [-1.0, 0.0, 0.0, 0.0]), (1.0, [0.0, -1.0, 0.0, 0.0])):
        side = EndSide(weighing, need, sign, now, searched_posts)
        end = weight_ends.find_step_end(side, weight_ends.WeightEndPlans(problem, now))
        assert (end.value, end.why) == (2.0 * sign, "jumps")
        assert end.moved.tolist() == moved


def test_a_weight_that_leaves_nothing_of_any_value_does_something():
    """Contracts of B have no value: A's weight of 0 leaves none; what falls with need does, too."""
    problem = table_problem([[(0, 0), (2, 20)], [(0, 0), (1, 0)]], cap=2.0)
    weight = only(problem, A)
    assert (weight["still"], weight["low"], weight["below"]["end"]) == (None, 0.0, "jumps")
    need = Weight("indicators", "need", 0.0, least=None)
    each = {**Weighing.of(problem).each, need.key: need}
    assert Weighing(problem, each, {"need": np.array([0.5, -0.5])}).changes_ratios(need.key)
    assert not Weighing(problem, each, {"need": np.zeros(2)}).changes_ratios(need.key)


def test_weights_that_all_contracts_share_or_none_are_said_to_do_nothing():
    for key in ("weights.segment.p", YEAR):
        weight = only(twins(), key)
        assert (weight["still"], weight["low"], weight["high"]) == ("same", 0.0, None)


def test_a_kind_of_buyer_of_weight_0_takes_no_effort_from_the_others():
    """The other kinds have it all; what weighs nothing must not be given it once more."""
    plan = fa.solve(fa.load("reference", overrides={"weights.segment.local": 0}), priced=False)
    effort = plan.evaluation.effort_fte
    assert effort[..., plan.problem.segments.index("local")].max() < 1e-9
    assert not plan.evaluation.violations


# -- the first crossing ----------------------------------------------------------------------------


def crossing(excess, guess=0.02, last=1.0):
    seen = []

    def counted(distance):
        seen.append(distance)
        return excess(distance)

    return first_crossing(counted, excess(0.0), guess, 1.0, last), len(seen)


@each("where", [0.003, 0.0711, 0.5, 0.9999])
@each("power", [1.0, 3.0, 0.5])
def test_a_crossing_is_enclosed_in_few_looks(where, power):
    (inside, beyond), looks = crossing(lambda d: (d / where) ** power - 1.0)
    assert inside <= where <= beyond
    assert beyond - inside <= EXACT * beyond
    assert looks <= 20


def test_a_jump_is_enclosed():
    (inside, beyond), _ = crossing(lambda d: -1.0 if d < 1 / 3 else 8.0)
    assert inside < 1 / 3 <= beyond
    assert beyond - inside <= EXACT * beyond


def test_a_crossing_before_the_one_met_first_is_found_where_the_way_is_halved():
    """A bump between two distances that are looked at."""
    (inside, beyond), _ = crossing(lambda d: 0.5 if 0.18 < d < 0.25 else d - 0.9)
    assert inside <= 0.18 <= beyond


def test_no_crossing_is_as_far_as_was_looked():
    assert crossing(lambda d: -1.0, last=1e6)[0] == (1e6, None)

    def gives_up(distance):
        raise SolverError("no plan")

    assert crossing(lambda d: -1.0 if d < 50 else gives_up(d), last=1e6)[0] == (30.0, None)
    with pytest.raises(SolverError):
        crossing(lambda d: -1.0 if d == 0 else gives_up(d))


# -- weights as files write them -------------------------------------------------------------------


@each(
    ("key", "value"),
    [
        ("weights.territory.53", 1.7),
        ("weights.segment.local", 0.3),
        ("weights.year.2023", 2.0),
        ("weights.indicators.unemployment_rate", -0.4),
        ("weights.indicators.qpv_share", 3.0),
    ],
)
@each("scenario", ["reference", "need-first"])
def test_a_problem_with_another_weight_is_the_one_that_files_make(scenario, key, value):
    problem = Weighing.of(fa.load(scenario)).problem_with({key: value})
    loaded = fa.load(scenario, overrides={key: value})
    np.testing.assert_allclose(problem.weight, loaded.weight, rtol=1e-13)


def test_weights_of_territories_keep_their_mean_by_contracts():
    """ω_i is what is written, on a mean of 1: 3 and 1 on 150 and 100 contracts, mean 2.2."""
    problem = small_problem(((100.0, 50.0), (80.0, 20.0)))
    changed = Weighing.of(problem).problem_with({A: 3.0})
    np.testing.assert_allclose(changed.territory_weight, [3 / 2.2, 1 / 2.2], rtol=1e-12)


def test_all_weights_are_there_with_where_they_were_set():
    problem = fa.load("need-first", overrides={"weights.territory.11": 2})
    each = Weighing.of(problem).each
    kinds = [weight.kind for weight in each.values()]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "segment": 3,
        "year": 1,
        "indicators": 2,
        "territory": 18,
    }
    assert each["weights.territory.53"].value == 1.0
    assert each["weights.territory.53"].status == "default"
    assert each["weights.territory.11"].value == 2.0
    assert each["weights.indicators.qpv_share"].value == 0.25
    assert each["weights.indicators.qpv_share"].origin.startswith("scenarios/need-first.toml:")


def test_weights_changed_since_the_files_were_read_are_taken_as_they_are():
    problem = fa.load("reference")
    changed = problem.territory_weight * np.linspace(0.9, 1.1, 18)
    each = Weighing.of(replace(problem, territory_weight=changed)).each
    assert each["weights.territory.94"].value == pytest.approx(1.1)
    assert not [weight for weight in each.values() if weight.kind == "indicators"]


# -- rates -----------------------------------------------------------------------------------------


def test_curvature_is_the_slope_of_the_slope():
    curves = fa.load("reference").curves
    efforts = np.linspace(0.1, 40.0, len(curves.contracts))
    moved = 1e-4
    difference = (curves.slope(efforts + moved) - curves.slope(efforts - moved)) / (2 * moved)
    np.testing.assert_allclose(curves.derivatives(efforts)[2], difference, rtol=1e-5)


def check_rates(problem, keys) -> None:
    """The rates of all posts are those of plans solved a little to both sides."""
    moved = 2e-3
    weighing, solver = Weighing.of(problem), WarmSolver(problem)
    for key in keys:
        value = weighing.weight(key).value
        around = [weighing.problem_with({key: value + sign * moved}) for sign in (-1.0, 1.0)]
        falls, rises = (
            solver.post_derivatives(
                weighing.problem_with({key: value + sign * 1e-6}),
                (other.weight - problem.weight) / moved,
            )
            for sign, other in zip((-1.0, 1.0), around, strict=True)
        )
        less, more = (searched_posts(other) for other in around)
        central = (more - less) / (2 * moved)
        np.testing.assert_allclose(
            0.5 * (rises - falls), central, rtol=5e-3, atol=0.15, err_msg=key
        )


def test_rates_are_those_of_differences():
    check_rates(solved("reference").problem, ["weights.indicators.qpv_share"])


@each(
    "stages",
    [
        (Stage("coverage", 0.01), Stage("state_cost")),
        (Stage("contracts"), Stage("coverage")),
        (Stage("state_cost", 0.02), Stage("coverage")),
    ],
)
def test_rates_are_told_only_where_coverage_is_served_first_and_kept(stages):
    weight = only(twins(stages=stages), A)
    movers = [weight[side]["moves_first"] for side in ("below", "above")]
    assert {mover["rate"] for mover in movers if mover} <= {None}


@pytest.mark.slow
@each(("scenario", "one_in"), [("reference", 5), ("horizon-2025", 12)])
def test_rates_of_scenarios_are_those_of_differences(scenario, one_in):
    problem = solved(scenario).problem
    check_rates(problem, list(Weighing.of(problem).each)[::one_in])


# -- beside the ends -------------------------------------------------------------------------------


def check_ends(plan, weight: dict, tolerance: float = 0.5) -> None:
    """Nobody notices at 0.98 of the way to an end, somebody does at 1.05 of it."""
    weighing, now = Weighing.of(plan.problem), new_posts_fte(plan.evaluation)

    def move(value: float) -> float:
        posts = searched_posts(weighing.problem_with({weight["key"]: value}))
        return float(np.abs(posts - now).max())

    value = weight["value"]
    scale = abs(value) or 1.0
    for end, side, sign in (("low", "below", -1), ("high", "above", 1)):
        told = f"{weight['key']} {end} {weight[end]}"
        if weight["still"] == "no_stage":
            assert all(stage.objective != "coverage" for stage in plan.problem.stages)
        elif weight["still"] == "same":
            assert move(value * (1 + sign * 0.9)) <= 1e-3, told
        elif weight[end] is None:
            assert weight[side]["end"] in ("stays", "far"), told
            for far in (3.0, 300.0):
                assert move(value + sign * far * scale) <= tolerance, told
        elif weight[side]["moves_first"] is None:
            assert weight[end] == weight["least"] == 0.0, told
            if value > 0:
                assert move(0.0) <= tolerance, told
                assert move(0.5 * value) <= tolerance, told
        else:
            way = weight[end] - value
            for share in (0.5, 0.98):
                assert move(value + share * way) <= tolerance, told
            beyond = value + 1.05 * way
            if beyond >= 0 or weight["least"] is None:
                assert move(beyond) > tolerance, told


#: Held by growth, said to do nothing, answered by everybody.
BRETAGNE, YEAR = "weights.territory.53", "weights.year.2023"
KEYS = (BRETAGNE, YEAR, "weights.indicators.unemployment_rate")


@cache
def found(scenario: str, *keys: str):
    return weights(solved(scenario), keys=keys or None)


def test_beside_the_ends_of_some_weights():
    for weight in found("reference", *KEYS).document["weights"]:
        if weight["key"] != BRETAGNE:
            check_ends(solved("reference"), weight)


@pytest.mark.slow
@each(
    ("scenario", "one_in"),
    [("reference", 4), ("own-limits", 6), ("horizon-2025", 12), ("weakest-first", 12)],
)
def test_beside_the_ends_of_weights_of_every_kind(scenario, one_in):
    plan = solved(scenario)
    keys = list(Weighing.of(plan.problem).each)
    for weight in weights(plan, keys=keys[::one_in]).document["weights"]:
        check_ends(plan, weight)


@pytest.mark.slow
@each(
    ("name", "keys", "count"),
    [
        ("half-posts", (), 37),
        ("departements", ("weights.territory.03", "weights.indicators.unemployment_rate"), 4),
    ],
)
def test_beside_ends_in_steps_the_plan_is_the_same_and_another(name, keys, count):
    """A thousandth of the way before an end and beyond it, solved from the files as users do."""
    plan, problem = solved(name), solved(name).problem
    now = new_posts_fte(plan.evaluation)
    ends = 0
    for row in found(name, *keys).document["weights"]:
        for end, side, far in (("low", "below", -1.0), ("high", "above", 1e3)):
            value, told = row["value"], f"{row['key']} {end} {row[end]}"
            jumps = row[side]["end"] == "jumps"
            way = (far if row[end] is None else row[end]) - value
            if row["still"] == "same":
                continue
            near = best_with(name, row["key"], value + (0.999 if jumps else 1.0) * way)
            stays = near.problem.judge(*posts_arrays(problem, now)).objective("coverage")
            assert near.stages[0].bound <= stays * (1 + GAP), told
            if not jumps:
                assert row[side]["end"] in ("stays", "far"), told
                continue
            ends += 1
            best = best_with(name, row["key"], value + 1.001 * way)
            stays = best.problem.judge(*posts_arrays(problem, now)).objective("coverage")
            lead = best.stages[0].value / stays - 1.0
            assert lead > max(weight_ends.AS_GOOD, best.stages[0].relative_gap), told
            moved = dict(
                zip(problem.post_keys(), new_posts_fte(best.evaluation) - now, strict=True)
            )
            for sign, moves in ((1.0, "gains"), (-1.0, "loses")):
                codes = {code for (_, code, _), fte in moved.items() if sign * fte > 0}
                assert {*row[side][moves]} <= codes, told
    assert ends == count


def best_with(name: str, key: str, value: float) -> fa.Plan:
    """The best plan of a scenario with one weight changed."""
    return fa.solve(fa.load(name, {key: value}), priced=False)


def test_no_stage_of_thirty_percent_looks_at_weights():
    document = found("thirty-percent").document
    assert {weight["still"] for weight in document["weights"]} == {"no_stage"}
    assert all(weight["high"] is None for weight in document["weights"])


def test_what_is_known_of_posts_is_asked_through_one_door(monkeypatch):
    """Whatever gives the posts: the ends follow it."""
    asked = []

    def posts_at(problem):
        asked.append(problem)
        return searched_posts(problem)

    problem = twins()
    high = only(problem, A)["high"]
    monkeypatch.setattr(weights_module, "best_posts", lambda *_: posts_at)
    assert only(problem, A)["high"] == pytest.approx(high, rel=1e-4)
    assert 8 <= len(asked) <= 30


# -- along one weight ------------------------------------------------------------------------------


def test_lines_between_the_points_are_within_the_tolerance():
    """By hand: x_A = 4 + 2.5 ln ω_A, from nothing at e^−1.6 to all 8 at e^1.6."""
    path = weight_path(twins(), A, 0.05, 8.0, tolerance_fte=0.2)
    values = [point["value"] for point in path.document["points"]]
    posts = [point["new_fte"][0] for point in path.document["points"]]
    for value in np.linspace(0.05, 8.0, 401):
        by_hand = min(8.0, max(0.0, 4 + 2.5 * math.log(value)))
        assert np.interp(value, values, posts) == pytest.approx(by_hand, abs=0.2)
    page = " ".join(page_of(path_page(path)).split())
    assert f"Between two neighbours of the {len(values)} points solved, no post is" in page
    assert 1.0 in values
    assert 12 <= len(values) <= 40


def test_a_jump_stands_between_two_near_points():
    problem = table_problem([[(0, 0), (2, 20)], [(0, 0), (2, 16)]], cap=2.0)
    path = weight_path(problem, A, 0.5, 1.5)
    jumps = [
        (a["value"], b["value"])
        for a, b in pairwise(path.document["points"])
        if np.abs(np.subtract(b["new_fte"], a["new_fte"])).max() > 1
    ]
    ((below, above),) = jumps
    assert below <= 0.8 <= above
    assert above - below <= 1e-3


def test_the_path_of_steps_shows_where_the_plan_changes():
    problem = twins(cap=6.0, step_fte=1.0)
    text = page_of(path_page(weight_path(problem, A, 0.7, 1.1)))
    assert "2 of 2 posts move by more than 0.5 FTE." in text
    rows = [line.split() for line in text.splitlines() if line.startswith(("0.", "1"))]
    assert [row[1:] for row in rows] == [
        *[["1.0", "3.0"]] * 2,
        *[["2.0", "2.0"]] * 2,
    ]
    _, below, above, _ = (float(row[0]) for row in rows)
    assert below <= math.exp(-0.2) <= above
    assert above - below <= 0.01 * 0.4


# -- the command -----------------------------------------------------------------------------------


def test_the_page_names_the_tightest_weight_first_and_everybody_who_moves():
    lines = page_of(weights_page(found("reference", *KEYS))).splitlines()
    assert lines[1].startswith("Tightest   any coefficient of unemployment rate from −0.0172 to 0.")
    assert lines[1].endswith(" moves no post by more than")
    rows = [line.split() for line in lines]
    assert ["53", "Bretagne", "1", "0.9566", "no", "end", "53", "−0.5", "0", "nobody"] in rows
    assert ["2023", "1", "0", "no", "end", "nobody", "nobody"] in rows
    assert "Codes      76 Occitanie." in lines
    alone = page_of(weights_page(found("reference", BRETAGNE)))
    assert "Tightest   any weight of Bretagne above 0.9566 moves no post" in alone
    assert any(line.startswith("No effect  weight of 2023: applies to all") for line in lines)
    assert max(map(len, lines)) <= 100


def test_one_weight_on_the_command_line(capsys):
    code, out, err = run(capsys, "weights", "reference", "--weight", YEAR, "--format", "json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert document["format"] == "fte-alloc/weights/3"
    assert [weight["key"] for weight in document["weights"]] == [YEAR]
    code, out, _ = run(capsys, "weights", "reference", "--weight", YEAR, "--tolerance", "0.1")
    assert code == 0
    assert "Tightest   none: whatever the value of a weight shown here, it moves no post by" in out


def test_json_and_csv_say_the_same():
    weight, *_ = found("reference", *KEYS).document["weights"]
    json.loads(as_json(found("reference", *KEYS).document))
    assert weight["key"] == BRETAGNE
    assert weight["below"]["loses"] == ["53"]
    assert weight["high"] is None
    text = as_csv(CSV_COLUMNS, found("reference", *KEYS).rows)
    row, *_ = csv.DictReader(io.StringIO(text))
    assert float(row["low"]) == weight["low"]
    assert (row["high"], row["above_end"]) == ("", "stays")
    assert (row["below_territory"], row["below_role"]) == ("53", "facilitator")


@each(
    ("arguments", "code", "said"),
    [
        (["--weight", "weights.territory.99"], 5, "weights.territory.99: no such weight"),
        (["--weight", "weights.teritory.53"], 5, "did you mean weights.territory.53?"),
        (["--path", "weights.territory.53"], 5, "expected KEY=LOW:HIGH"),
        (["--path", "weights.territory.53=a:2"], 5, "expected KEY=LOW:HIGH"),
        (["--path", "weights.territory.53=2:1"], 5, "expected a value and a higher one"),
        (["--path", "weights.territory.53=1:1"], 5, "expected a value and a higher one"),
        (["--path", "weights.territory.53=-1:1"], 5, "weights.territory.53: is -1"),
        (["--path", "weights.territory.53=0:nan"], 5, "expected KEY=LOW:HIGH"),
        (["--path", "weights.territory.53=0:inf"], 5, "weights.territory.53"),
        (["--path", "weights.x.53=0:1"], 5, "no such weight"),
        (["--path", "weights.year.2023=1:2", "--weight", "x"], 2, "give one of them"),
        (["--tolerance", "0"], 2, "0.01"),
    ],
)
def test_mistakes_are_told(capsys, arguments, code, said):
    done, out, err = run(capsys, "weights", "reference", *arguments)
    assert (done, out) == (code, "")
    assert said in err


def test_too_small_a_tolerance_is_refused_in_python():
    with pytest.raises(InputError, match=r"expected at least 0\.01 FTE"):
        weights(twins(), tolerance_fte=math.nan)


def test_time_that_runs_out_is_told_with_what_is_left(capsys, monkeypatch):
    key = "weights.territory.{}".format
    clock = iter(range(0, 10_000_000, 10))
    monkeypatch.setattr(weights_module, "time", SimpleNamespace(monotonic=partial(next, clock)))
    code, out, err = run(
        capsys,
        "weights",
        "reference",
        *("--weight", "weights.year.2023", "--weight", key(53), "--weight", key(84)),
        *("--time-limit", "45", "--format", "json"),
    )
    assert code == 4
    document = json.loads(out)
    assert document["status"] == "stopped"
    assert [weight["key"] for weight in document["weights"]] == ["weights.year.2023"]
    assert document["left"] == [key(53), key(84)]
    assert f"not looked at: {key(53)}, {key(84)}." in err


def test_a_weight_for_which_the_solver_fails_is_named_and_the_others_are_answered(
    capsys, monkeypatch
):
    def found(search, weight):
        if weight.code == "53":
            raise SolverError("no plan")
        return entry(search, weight)

    entry = weights_module._IntervalSearch.entry
    monkeypatch.setattr(weights_module._IntervalSearch, "entry", found)
    some = ("--weight", "weights.territory.53", "--weight", "weights.year.2023")
    code, out, err = run(capsys, "weights", "reference", *some, "--format", "json")
    document = json.loads(out)
    assert (code, document["unsettled"], document["left"]) == (4, ["weights.territory.53"], [])
    assert [weight["key"] for weight in document["weights"]] == ["weights.year.2023"]
    assert "settles on no plan at some value of weights.territory.53." in err


def test_an_interruption_says_how_much_was_done(capsys, monkeypatch):
    def interrupted_later(problem, deadline):
        asked = []

        def posts_at(other):
            if asked:
                raise KeyboardInterrupt
            asked.append(other)
            return best_posts(problem)(other)

        return posts_at

    monkeypatch.setattr(weights_module, "best_posts", interrupted_later)
    code, out, err = run(
        capsys,
        "weights",
        "reference",
        *("--weight", "weights.year.2023", "--weight", "weights.territory.53"),
    )
    assert (code, out) == (130, "")
    assert err.strip() == "Interrupted."


def test_the_path_as_csv_has_every_post(capsys):
    code, out, _ = run(
        capsys,
        "weights",
        "reference",
        "--path",
        "weights.territory.53=0.95:1.05",
        "--format",
        "csv",
    )
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert len(rows[0]) == 1 + 36
    assert [float(row["value"]) for row in rows] == sorted(float(row["value"]) for row in rows)
    assert float(rows[0]["facilitator.53.2023"]) < 9.5 < float(rows[-1]["facilitator.53.2023"])


def test_pages_of_every_kind_fit(capsys):
    text = page_of(weights_page(weights(twins(), keys=[A])))
    assert "any weight of A from 0.819 to 1.221" in text
    assert max(map(len, text.splitlines())) <= 100
    text = page_of(weights_page(found("thirty-percent")))
    assert text.splitlines()[1].startswith("No stage looks at weights")


def test_nothing_is_claimed_where_no_weight_was_looked_at():
    """As where the time was over before the first."""
    lines = page_of(weights_page(weights(twins(), keys=[]))).splitlines()
    assert lines[1:] == ["No weight was looked at."]


def test_posts_are_in_the_order_of_their_keys():
    problem = fa.load("horizon-2025")
    random = np.random.default_rng(5)
    judged = problem.judge(*(random.uniform(size=posts.shape) for posts in problem.zeros()))
    x, z = posts_arrays(problem, new_posts_fte(judged))
    np.testing.assert_array_equal(x, judged.new_facilitators_fte)
    np.testing.assert_array_equal(z, judged.new_coordinators_fte)
    by_key = dict(zip(problem.post_keys(), new_posts_fte(judged), strict=True))
    i = problem.territories.index("53")
    assert by_key["facilitator", "53", 2024] == judged.new_facilitators_fte[i, 1]


def test_where_no_end_was_met_what_was_tried_is_all_that_is_claimed():
    """Both have the most they may: no weight of a buyer moves them, which nothing proves."""
    problem = small_problem(max_new_facilitators_fte=np.ones(2))
    found = weights(problem, keys=["weights.segment.p"])
    assert found.document["weights"][0]["above"]["end"] == "far"
    assert "Tightest   none: any value tried of a weight shown" in page_of(weights_page(found))


def test_a_side_ends_where_nothing_is_left_to_maximise():
    """Only a negative coefficient is left where A weighs nothing: there is no plan beyond."""
    weighing = Weighing.of(twins())
    now = searched_posts(weighing.problem)
    side = EndSide(weighing, weighing.weight("weights.segment.p"), -1.0, now, searched_posts)
    assert math.isinf(side.largest_move_fte(1.0))
