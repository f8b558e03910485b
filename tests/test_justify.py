"""``justify``: weights found for a plan are solved with, refusals judged without a solver."""

from __future__ import annotations

import json
import re
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import ROOT, asked_once, run, slow, small_problem, solved, table_problem
from limit_arrays import replace
from tables import each

import fte_alloc as fa
from fte_alloc.errors import InputError
from fte_alloc.inputs.weighing import Weighing
from fte_alloc.lp.inverse import NoCostsError
from fte_alloc.programme.data import place_code
from fte_alloc.questions.answer import Line
from fte_alloc.questions.justify.fit import Fitting
from fte_alloc.questions.justify.justify import MOVED_FTE, better_plan, justify, typed_rounding
from fte_alloc.questions.justify.page import justify_page
from fte_alloc.questions.posts import moved_posts, new_posts
from fte_alloc.render.markdown import markdown

pytestmark = pytest.mark.usefixtures("search_once")

CONTINUOUS = [
    "need-first",
    "reference",
    *map(slow, ["state-first", "horizon-2025"]),
]


def posts(problem, x, z):
    return new_posts(problem.judge(np.asarray(x, dtype=float), np.asarray(z, dtype=float)))


def numbers(found, rows: str, names: str):
    """Numbers that were found, as arrays; None where none were."""
    if found is None:
        return None
    now, needed = (np.array([row[key] for row in found[rows]]) for key in ("now", "needed"))
    named = tuple(row[names] for row in found[rows])
    return SimpleNamespace(**found, names=named, now=now, needed=needed)


def answered(problem, plan, measure: str = "total"):
    """An answer: its document, its numbers as arrays, its plans judged and better ones anew."""
    found = justify(problem, plan, measure)
    document, better = found.document, None
    given, taken = (
        problem.evaluate({(r["role"], place_code(r), r["year"]): r[fte] for r in document["posts"]})
        for fte in ("new_fte", "taken_fte")
    )
    if document["refusal"] is not None:
        fitting = Fitting(problem, measure, given, taken, document["rounding_fte"])
        with pytest.raises(NoCostsError):
            fitting.weights()
        better = better_plan(fitting)
    return SimpleNamespace(
        problem=problem,
        document=document,
        status=found.status,
        rounding_fte=document["rounding_fte"],
        given=given,
        taken=taken,
        weights=numbers(document["weights"], "territories", "territory"),
        indicators=numbers(document["indicators"], "coefficients", "column"),
        refusal=document["refusal"],
        better=better,
    )


@cache
def other_plan(name: str, seed: int = 7):
    """The best plan of a shipped scenario under weights a third up or down, drawn at random."""
    problem = solved(name).problem
    drawn = np.exp(np.random.default_rng(seed).normal(0, 0.3, len(problem.territories)))
    other = replace(problem, territory_weight=problem.territory_weight * drawn)
    return drawn, fa.solve(other, priced=False).evaluation


def reached(answer, problem=None):
    """The best plan under the weights found, solved for anew."""
    problem = problem or answer.problem
    weight = replace(Weighing.of(problem).territories(), explicit=answer.weights.needed)
    weight = weight.effective(problem.contracts_per_year)
    return fa.solve(replace(problem, territory_weight=weight), priced=False).evaluation


def furthest(one, other) -> float:
    """Most that a post differs [FTE]."""
    there = new_posts(other)
    return max(abs(fte - there[key]) for key, fte in new_posts(one).items())


def sentence(answer) -> str:
    lines = [block.text for block in justify_page(answer) if isinstance(block, Line)]
    return lines[1]


# -- shipped scenarios -----------------------------------------------------------------------------


@each("name", CONTINUOUS)
def test_the_best_plan_is_justified_by_the_weights_as_they_are(name):
    plan = solved(name)
    answer = answered(plan.problem, new_posts(plan.evaluation))
    assert answer.status == "justified"
    assert answer.weights.distance == pytest.approx(0.0, abs=1e-9)
    assert answer.weights.needed == pytest.approx(answer.weights.now, abs=1e-9)
    assert answer.weights.difference_fte == pytest.approx(0.0, abs=1e-6)
    assert sentence(answer) == "The plan is the best one with the weights as they are."


@each(
    ("name", "measure"),
    [
        ("reference", "total"),
        ("need-first", "largest"),
        *map(slow, [("cap-560", "total"), ("horizon-2025", "largest")]),
    ],
)
def test_weights_recovered_from_a_plan_reproduce_it(name, measure):
    drawn, wanted = other_plan(name)
    answer = answered(solved(name).problem, new_posts(wanted), measure)
    assert furthest(reached(answer), wanted) < 0.01
    assert answer.weights.difference_fte < 0.01
    # The weights that were drawn justify the plan: none found may be farther than they are.
    change = np.abs(drawn - 1.0)
    most = change.sum() if measure == "total" else change.max()
    assert 0.1 < answer.weights.distance < most
    assert answer.weights.bound == pytest.approx(answer.weights.distance, rel=1e-6)


@each("name", ["reference", slow("horizon-2025")])
def test_a_plan_typed_at_one_decimal_is_served(name):
    """Limits it is beyond by its rounding are told; the weights reproduce what was typed."""
    _, wanted = other_plan(name)
    x, z = np.round(wanted.new_facilitators_fte, 1), np.round(wanted.new_coordinators_fte, 1)
    answer = answered(solved(name).problem, posts(solved(name).problem, x, z))
    assert answer.status == "justified"
    assert answer.rounding_fte == 0.05
    assert not answer.taken.violations
    assert furthest(answer.taken, answer.given) < 0.05 + 1e-9
    assert furthest(reached(answer), answer.given) < 0.06
    assert furthest(reached(answer), wanted) < 0.12


def test_the_best_plan_typed_at_one_decimal_needs_no_change():
    plan = solved("need-first")
    x, z = plan.evaluation.new_facilitators_fte, plan.evaluation.new_coordinators_fte
    answer = answered(plan.problem, posts(plan.problem, np.round(x, 1), np.round(z, 1)))
    assert answer.given.violations  # La Réunion beyond its growth, the budget by 4,000 EUR
    assert answer.weights.distance == pytest.approx(0.0, abs=1e-6)
    assert furthest(answer.taken, plan.evaluation) < 1e-3
    page = markdown(justify_page(answer))
    assert "It breaks 2 limits" in page
    assert "that round to it and keep all limits, the best" in page


def test_what_typing_alone_spoils_is_not_refused():
    """At the kink where a coordinator follows all there are, a tenth of a post is a waste."""
    problem = small_problem(
        cap=9.3113, existing=[2.0, 0.0], supports_fte=3.0, productivity_gain=0.5,
        max_new_coordinators_fte=np.array([0.0, 1.0]), territory_weight=np.array([2.0, 0.001]),
    )  # fmt: skip
    answer = answered(problem, posts(problem, [[4.8], [1.9]], [[0.0], [0.6]]))
    assert answer.status == "justified"
    assert 0 < furthest(answer.taken, answer.given) <= answer.rounding_fte == 0.05
    assert furthest(reached(answer), answer.taken) < 0.01


def test_indicators_behind_a_plan_are_found():
    """The plan of need-first, asked about where no indicator weighs: 0.25 and 0.25 come back."""
    answer = answered(solved("reference").problem, new_posts(solved("need-first").evaluation))
    assert answer.document["indicators"]["justifies"]
    assert answer.indicators.names == ("qpv_share", "unemployment_rate")
    assert answer.indicators.needed == pytest.approx([0.25, 0.25], abs=1e-3)
    assert answer.indicators.difference_fte < 0.02
    assert answer.indicators.distance == pytest.approx(0.5, abs=1e-3)
    assert answer.weights.distance > answer.indicators.distance
    assert "Indicators alone would do, weights by name as they are" in markdown(
        justify_page(answer)
    )


def test_indicators_that_cannot_justify_a_plan_say_what_it_loses():
    """What is told as lost at most is at least what is lost when solved again."""
    problem = solved("reference").problem
    _, wanted = other_plan("reference")
    fit = answered(problem, new_posts(wanted)).indicators
    assert fit.distance is None
    assert len(fit.between) >= 2
    assert fit.distance is fit.bound is None
    weighing = Weighing.of(problem).territories()
    weighing = replace(weighing, strength=dict(zip(fit.names, fit.needed.tolist(), strict=True)))
    weight = weighing.effective(problem.contracts_per_year)
    best = fa.solve(replace(problem, territory_weight=weight), priced=False)
    there = best.problem.judge(wanted.new_facilitators_fte, wanted.new_coordinators_fte)
    lost = (best.stages[0].value - there.objective("coverage")) / there.objective("coverage")
    assert 0 < lost <= fit.relative_loss < 20 * lost


def test_lines_to_paste_are_a_scenario_that_solves_to_the_plan(tmp_path):
    _, wanted = other_plan("need-first")
    answer = answered(solved("need-first").problem, new_posts(wanted))
    parent = ROOT / "scenarios" / "need-first.toml"
    lines = [f'extends = "{parent.as_posix()}"', 'title = "Justified"']
    path = tmp_path / "justified.toml"
    path.write_text("\n".join([*lines, *answer.document["weights"]["toml"]]), encoding="utf-8")
    assert furthest(fa.solve(fa.load(str(path)), priced=False).evaluation, wanted) < 0.01


# -- by hand ---------------------------------------------------------------------------------------


@each(
    ("measure", "distance", "needed"),
    [
        # B down to 4/6: 1/3 away; A up to 6/4 would be 1/2.
        ("total", 1 / 3, [1.0, 2 / 3]),
        # (1 + t) 4 = (1 − t) 6
        ("largest", 0.2, [1.2, 0.8]),
    ],
)
def test_two_territories_by_hand(measure, distance, needed):
    """The second FTE in A brings 4, the first in B 6: weights must make up for it."""
    problem = table_problem([[(0, 0), (1, 10), (2, 14)], [(0, 0), (1, 6), (2, 9)]], cap=2.0)
    answer = answered(problem, posts(problem, [[2.0], [0.0]], [[0.0], [0.0]]), measure)
    assert answer.weights.distance == pytest.approx(distance, abs=1e-9)
    assert answer.weights.bound == pytest.approx(distance, abs=1e-9)
    assert answer.weights.needed == pytest.approx(needed, abs=1e-5)
    assert answer.indicators is None


def test_the_nearest_ratio_of_two_weights_is_found_by_trying_them():
    """Smooth curves: the ratio that gives A 6 1/3 of 8 FTE, by bisection over solved plans."""
    problem, most = small_problem(), 6 + 1 / 3
    low, high = 0.5, 4.0
    for _ in range(14):
        ratio = (low * high) ** 0.5
        tried = replace(problem, territory_weight=np.array([ratio, 1.0]))
        more = fa.solve(tried, priced=False).evaluation.new_facilitators_fte[0, 0] > most
        low, high = (low, ratio) if more else (ratio, high)
    answer = answered(
        problem, {("facilitator", "A", 2023): most, ("facilitator", "B", 2023): 8 - most}
    )
    needed = answer.weights.needed
    assert needed[0] / needed[1] == pytest.approx(ratio, rel=1e-3)
    assert answer.weights.distance == pytest.approx(
        min(abs(ratio - 1), abs(1 / ratio - 1)), abs=1e-3
    )


def test_a_weight_of_0_now_may_become_one():
    problem = small_problem(territory_weight=np.array([0.0, 1.0]))
    wanted = {("facilitator", "A", 2023): 14 / 3, ("facilitator", "B", 2023): 10 / 3}
    answer = answered(problem, wanted)
    assert answer.weights.needed[0] > 0.1
    row = answer.document["weights"]["territories"][0]
    assert row["relative_change"] is None
    assert furthest(reached(answer), answer.given) < 0.01


def test_other_plans_as_good_in_the_first_stage_are_spoken_of():
    """What counts for nothing is as good with posts as without; later stages take them away."""
    problem = small_problem(cap=6.0, territory_weight=np.array([0.0, 1.0]))
    problem = replace(problem, max_new_facilitators_fte=np.array([4.0, 2.0]))
    answer = answered(problem, {("facilitator", "A", 2023): 1.5, ("facilitator", "B", 2023): 2.0})
    assert answer.weights.distance == 0.0
    assert answer.weights.difference_fte == pytest.approx(1.5, abs=1e-6)
    assert "of plans that are as good in the first stage" in markdown(justify_page(answer))


def test_a_territory_that_indicators_leave_out_stays_out():
    """Where unemployment weighs six times, the weight of some region is cut off at 0."""
    problem = fa.load(
        str(ROOT / "scenarios" / "reference.toml"),
        overrides={"weights.indicators.unemployment_rate": 6.0},
    )
    assert (problem.territory_weight == 0).any()
    answer = answered(problem, new_posts(fa.solve(problem, priced=False).evaluation))
    assert answer.weights.distance == pytest.approx(0.0, abs=1e-9)
    assert answer.indicators.needed == pytest.approx([0.0, 6.0])
    assert answer.indicators.distance == pytest.approx(0.0, abs=1e-9)


def test_support_shared_within_an_area_is_said_to_be():
    """Two territories and one coordinator who cannot follow both: weights share the support."""
    problem = small_problem(
        areas=("N", "N"), cap=11.0, max_new_coordinators_fte=np.array([1.0]),
        supports_fte=3.0, productivity_gain=0.5,
    )  # fmt: skip
    best = fa.solve(
        replace(problem, territory_weight=np.array([1.4, 1.0])), priced=False
    ).evaluation
    answer = answered(problem, new_posts(best))
    assert not answer.document["support_settled"]
    assert answer.status == "justified"
    assert answer.weights.difference_fte < 0.1
    assert "Support" in markdown(justify_page(answer))
    # What is compared is the present share of the support: with another, weights might do.
    x, z = best.posts
    refused = answered(problem, posts(problem, 0.8 * x, z))
    assert refused.refusal["better"] is not None
    assert "NO WEIGHTS FOUND THAT JUSTIFY IT" in markdown(justify_page(refused))
    assert sentence(refused).startswith("No weights were found that justify the plan: ")


# -- refusals --------------------------------------------------------------------------------------


def changes(rows) -> dict:
    """Posts that move, by (role, code, year)."""
    return {(row["role"], place_code(row), row["year"]): row["change_fte"] for row in rows}


def proved(answer) -> None:
    """The refusal, judged: nobody covers less, somebody more, no limit broken."""
    assert answer.status == "refused"
    refusal, given = answer.refusal, answer.given
    moved = changes(refusal["better"]["moves"])
    assert moved == moved_posts(answer.taken, answer.better, MOVED_FTE)
    judged = answer.problem.judge(*answer.better.posts)
    assert not judged.violations
    gains = judged.expected_contracts.sum(axis=2) - given.expected_contracts.sum(axis=2)
    assert gains.sum(axis=1).min() > -1e-6
    assert gains.max() > 0.1
    assert list(moved.values()) == sorted(moved.values())
    assert refusal["between"] == []
    near = {
        (r["role"], place_code(r), r["year"]): r["new_fte"] for r in refusal["nearest"]["posts"]
    }
    nearest = answered(answer.problem, near)
    assert nearest.status == "justified"
    distance = refusal["nearest"]["weights"]["distance"]
    assert nearest.weights.distance == pytest.approx(distance, abs=1e-6)
    json.dumps(answer.document, allow_nan=False)


def test_no_plan_is_better_than_the_best_one():
    plan = solved("reference").evaluation
    assert better_plan(Fitting(plan.problem, "total", plan, plan, 0.0)) is None


@each("name", ["reference", slow("horizon-2025")])
def test_money_and_cap_left_over_are_justified_by_no_weights(name):
    plan = solved(name)
    x, z = plan.evaluation.new_facilitators_fte, plan.evaluation.new_coordinators_fte
    answer = answered(plan.problem, posts(plan.problem, 0.8 * x, z))
    proved(answer)
    # As much must be added as is left over, and no more is moved.
    p, given = plan.problem, answer.given
    money = p.most_in_country("budget")[-1] - given.state_eur[-1]
    room = p.most_in_country("cap")[-1] - given.used_fte[-1]
    cost = p.grant_eur_per_fte[0][0, -1]
    moved = changes(answer.refusal["better"]["moves"])
    added = sum(fte for key, fte in moved.items() if key[2] == p.years[-1])
    assert added == pytest.approx(min(money / cost, room), abs=0.01)
    assert answer.document["refusal"]["nearest"]["moved_fte"] == pytest.approx(
        sum(map(abs, moved.values())), abs=0.01
    )
    page = markdown(justify_page(answer))
    assert sentence(answer).startswith("No weights justify the plan:")
    assert "could be added, among other moves, no post given up" in page


def test_a_coordinator_with_nobody_to_support_contradicts_a_post_elsewhere():
    """0.8 coordinators in Guadeloupe could follow 24 FTE, where 3.5 are."""
    free = replace(solved("reference").problem, required_coordinators_fte=np.zeros(18))
    best = fa.solve(free, priced=False).evaluation
    x, z = best.new_facilitators_fte.copy(), best.new_coordinators_fte.copy()
    grant = [of[0, 0] for of in free.grant_eur_per_fte]
    x[np.argmax(x)] -= (0.8 - z[0, 0]) * grant[1] / grant[0]
    z[0] = 0.8
    answer = answered(free, posts(free, x, z))
    proved(answer)
    given, *_, taken = answer.refusal["better"]["moves"]
    assert (given["role"], place_code(given)) == ("coordinator", "01")
    assert taken["role"] == "facilitator"
    assert "coordinators in Guadeloupe could give way to" in sentence(answer)


def test_posts_that_bring_nothing_contradict_those_that_would():
    """A covers all it has with 1 FTE; its second would do 6 in B, whatever the weights."""
    problem = table_problem([[(0, 0), (1, 10)], [(0, 0), (1, 6), (2, 9)]], cap=2.0)
    answer = answered(problem, posts(problem, [[2.0], [0.0]], [[0.0], [0.0]]))
    proved(answer)
    assert [row["territory"] for row in answer.refusal["better"]["moves"]] == ["A", "B"]
    assert answer.refusal["better"]["gains"] == pytest.approx({"A": 0.0, "B": 6.0}, abs=1e-6)
    nearest = {r["territory"]: r["new_fte"] for r in answer.refusal["nearest"]["posts"][:2]}
    assert nearest == pytest.approx({"A": 1.0, "B": 1.0}, abs=1e-6)
    assert "in A could give way to 1.0 facilitator in B" in sentence(answer)


def test_conditions_that_contradict_are_those_of_their_own_posts():
    """The second post of A would do 6 in B; C has nothing to do with it."""
    curves = [[(0, 0), (1, 10)], [(0, 0), (1, 6), (2, 9)], [(0, 0), (1, 8), (2, 9)]]
    problem = table_problem(curves, cap=3.0)
    plan = problem.judge(np.array([[2.0], [0.0], [1.0]]), np.zeros((3, 1)))
    fitting = Fitting(problem, "total", plan, plan)
    with pytest.raises(NoCostsError) as contradiction:
        fitting.weights()
    assert [code for _, code, _ in fitting.between(contradiction.value)] == ["A", "B"]


def test_the_best_plan_needs_no_change_where_posts_bring_next_to_nothing():
    """B has all it can cover, and the budget leaves a ten thousandth of a post: no slopes fit."""
    problem = small_problem(
        [[2317.0], [255.0]], existing=[0.0, 14.2], per_fte=205.0, cap=40.0, budget=7000 * 9.859,
        max_new_facilitators_fte=np.array([1.5, 30.0]),
    )  # fmt: skip
    best = fa.solve(problem, priced=False).evaluation
    answer = answered(problem, new_posts(best))
    assert (answer.status, answer.weights.distance) == ("justified", 0.0)
    refused = answered(problem, posts(problem, [[0.0], [0.0]], [[0.0], [0.0]]))
    assert refused.refusal["better"]["gains"]["A"] > 200
    assert refused.refusal["nearest"]["weights"]["distance"] == 0.0


def test_limits_are_told_before_weights():
    plan = solved("reference")
    x, z = plan.evaluation.new_facilitators_fte, plan.evaluation.new_coordinators_fte
    answer = answered(plan.problem, posts(plan.problem, 1.2 * x, z))
    assert answer.status == "breaks_limits"
    assert answer.weights is answer.refusal is None
    assert answer.document["violations"] == [
        {
            "constraint": v.constraint,
            "territory": v.territory,
            "year": v.year,
            "value": v.value,
            "limit": v.limit,
            "area": v.area,
        }
        for v in plan.problem.judge(1.2 * x, z).violations
    ]
    assert "It breaks 2 limits" in markdown(justify_page(answer))


@each(
    ("name", "text"),
    [
        ("half-posts", "continuous posts: --set posts.step_fte=0"),
        ("weakest-first", "first objective is worst_rate"),
    ],
)
def test_what_weights_do_not_decide_is_refused(name, text):
    problem = fa.load(str(ROOT / "scenarios" / f"{name}.toml"))
    with pytest.raises(InputError, match=text):
        answered(problem, {})


def test_measures_have_names():
    problem = small_problem()
    with pytest.raises(ValueError, match="measure is total or largest"):
        answered(problem, {}, "least")


@each(
    ("typed", "rounding"),
    [([1.0, 2.0], 0.05), ([1.5, 2.0], 0.05), ([1.25, 2.0], 0.005), ([1 / 3, 2.0], 0.0)],
)
def test_posts_are_taken_to_the_decimals_they_are_typed_to(typed, rounding):
    assert typed_rounding(np.array([typed]), np.zeros((1, 1))) == pytest.approx(rounding)


# -- the page --------------------------------------------------------------------------------------


def test_the_page_says_the_weights_in_a_sentence_first():
    problem = table_problem([[(0, 0), (1, 10), (2, 14)], [(0, 0), (1, 6), (2, 9)]], cap=2.0)
    answer = answered(problem, posts(problem, [[2.0], [0.0]], [[0.0], [0.0]]))
    assert sentence(answer) == (
        "The plan is the best one with B at 0.66667 instead of 1; relative change 0.3333 in "
        "total, and no smaller change does it (proved)."
    )
    assert answer.document["weights"]["toml"] == ["[weights.territory]", "B = 0.666667 # B (1)"]


# -- on the command line ---------------------------------------------------------------------------


def test_a_weight_that_changes_by_rounding_alone_is_no_change():
    problem = small_problem(((100.0,), (100.0,)))
    answer = answered(problem, posts(problem, [[4.0], [4.0]], [[0.0], [0.0]]))
    (row, *_) = answer.document["weights"]["territories"]
    row["needed"] = 0.999998
    assert sentence(answer) == "The plan is the best one with the weights as they are."


def test_a_typed_plan_is_explained_on_the_command_line(capsys, tmp_path, monkeypatch):
    """The plan of need-first, typed at one decimal, asked about in reference."""
    path = tmp_path / "posts.csv"
    rows = solved("need-first").document["posts"]
    lines = [f"{r['territory']},{r['role']},{r['new_fte']:.1f}" for r in rows]
    path.write_text("territory,role,new_fte\n" + "\n".join(lines) + "\n", "utf-8")
    monkeypatch.setattr("fte_alloc.questions.justify.justify.justify", asked_once(justify))
    expected = {
        "table": "[weights.territory]",
        "csv": "weights.territory.53,1.0,",
        "json": '"status": "justified"',
    }
    for form, told in expected.items():
        asked = ("weights", "reference", "--explain-plan", str(path), "--format", form)
        code, out, _ = run(capsys, *asked)
        assert (code, told in out) == (0, True), form


def test_a_plan_that_no_weights_justify_is_told_with_exit_1(capsys, tmp_path):
    """Half of the best posts, the money and the cap left over."""
    path = tmp_path / "posts.csv"
    rows = solved("reference").document["posts"]
    share = {"facilitator": 0.5, "coordinator": 1.0}
    lines = [f"{r['territory']},{r['role']},{share[r['role']] * r['new_fte']}" for r in rows]
    path.write_text("territory,role,new_fte\n" + "\n".join(lines) + "\n", "utf-8")
    code, out, _ = run(capsys, "weights", "reference", "--explain-plan", str(path))
    assert code == 1
    assert "no weights" in out.lower()


@each(
    ("rows", "said"),
    [
        (["53,facilitator,1"], "not in the plan as it was given, counted as 0: 35 of 36 posts."),
        (["53,facilitator,1", "Bretagne,coordinator,1"], "counted as 0: 34 of 36 posts."),
    ],
)
def test_posts_that_a_file_leaves_out_are_counted(capsys, tmp_path, rows, said):
    path = tmp_path / "posts.csv"
    path.write_text("\n".join(["territory,role,new_fte", *rows]), "utf-8")
    code, out, _ = run(capsys, "weights", "reference", "--explain-plan", str(path))
    assert code == 1
    assert said in out.splitlines()[1]
    assert re.search(r"required coordinators \(FTE\), \d+ places: 0, minimum 1", out)
    assert "94 Corse" in out


def test_a_post_left_out_has_none_whatever_else_is_found():
    problem = table_problem([[(0, 0), (1, 10), (2, 14)], [(0, 0), (1, 6), (2, 9)]], cap=2.0)
    whole = posts(problem, [[2.0], [0.0]], [[0.0], [0.0]])
    told = answered(problem, whole)
    assert "Unnamed" not in markdown(justify_page(told))
    partial = answered(problem, {key: fte for key, fte in whole.items() if fte})
    assert partial.document["unnamed_posts"] == 1  # and no coordinators, whom there cannot be
    assert "counted as 0: 1 of 2 posts." in markdown(justify_page(partial))
    assert partial.document["weights"] == told.document["weights"]


def test_one_question_at_a_time(capsys, tmp_path):
    path = tmp_path / "posts.csv"
    path.write_text("territory,role,new_fte\n53,facilitator,1\n", "utf-8")
    options = ["--explain-plan", str(path), "--path", "weights.territory.53=0.9:1.1"]
    code, _, err = run(capsys, "weights", "reference", *options)
    assert code == 2
    assert "give one of them" in err
