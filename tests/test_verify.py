"""A saved plan is proved again by arithmetic, and whatever is wrong with it is noticed.

Nothing here weighs a checksum of the plan: a figure is changed and everything else left as it is.
"""

from __future__ import annotations

import copy
import gzip
import itertools
import json
import math
import random
import re
import shutil
import subprocess
import sys
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
import second_statement as proof
from conftest import ROOT, SCENARIOS, slow, small_problem, solved
from hypothesis import strategies as st
from limit_arrays import replace
from tables import each
from test_golden_lp import two_territories
from test_properties import ANY_STAGES, problems, tried

import fte_alloc as fa
from fte_alloc.errors import InputError
from fte_alloc.inputs.plan_files import upgraded_plan
from fte_alloc.programme.objectives import DEFAULT_STAGES, Stage
from fte_alloc.programme.problem import Problem
from fte_alloc.questions import plan as planning
from fte_alloc.questions.answer import Line
from fte_alloc.questions.plan_document import proved_plan_document
from fte_alloc.questions.solve.answer import plan_answer
from fte_alloc.questions.verify.answer import sentences, verification_document, verify_answer
from fte_alloc.questions.verify.compare_documents import differences, leaves, number
from fte_alloc.questions.verify.recompute import LATER, Recomputation, RecomputedStage
from fte_alloc.questions.verify.verify import _claims, verify, verify_document
from fte_alloc.render.data import as_json
from fte_alloc.search.rounds import LEAST_SLACK, LOOSER, SLACK, STEP_SLACK
from fte_alloc.search.tangents import MOST_VALUE


def small_years() -> Problem:
    """Two territories with coordinators of their own, three years, limits of many kinds."""
    return small_problem(
        years=(2023, 2024, 2025),
        demand_cv=0.2,
        budget=30_000.0,
        committed_facilitators_fte=np.array([0.5, 0.0]),
        required_coordinators_fte=np.array([0.2, 0.0]),
        max_new_coordinators_fte=np.array([1.0, 0.5]),
        growth_fte_per_year=np.array([1.5, 1.0]),
        supports_fte=3.0,
        productivity_gain=0.4,
        target_rate=np.array([0.4, 0.5, 0.6]),
        least_rate=np.array([0.1, 0.0]),
        stages=(Stage("shortfall", 0.01), Stage("coverage"), Stage("posts")),
    )


def saved(plan: fa.Plan) -> dict:
    """The document of a plan as a file has it."""
    return json.loads(json.dumps(plan.document))


# -- what is right is accepted ---------------------------------------------------------------------


@each("name", SCENARIOS)
def test_every_shipped_plan_is_accepted(name):
    plan = solved(name)
    verified = verify(saved(plan), ROOT)
    assert verified.accepted, verified.findings[:5]
    by_tables = plan.stages[0].tables is not None
    assert by_tables == (name in ("half-posts", "departements"))
    for n, (stage, check) in enumerate(zip(plan.stages, verified.stages, strict=True)):
        assert check.recomputed_bound == pytest.approx(stage.bound, rel=1e-13, abs=1e-13)
        assert check.gap <= 1e-9
        if n == 0 or not by_tables:
            by_prices = stage.relaxation_bound if by_tables else stage.bound
            second = proof.stage_bound(plan.problem, n, stage.duals, stage.kept)
            assert second == pytest.approx(by_prices, rel=1e-13, abs=1e-13)
    assert len(sentences(verified)) == 3
    inputs, judged, bound = sentences(verified)
    assert "The files are those the plan was made from" in inputs
    assert "keep every limit" in judged
    assert ("tables of its areas prove" if by_tables else "prices prove") in bound


PLANS = sorted(p.name.split(".")[0] for p in (ROOT / "tests" / "golden" / "plans").iterdir())


@each("name", PLANS[::3])
def test_plans_saved_by_earlier_versions_are_accepted(name):
    """Files of version 0.1, which lack keys that plans have today."""
    packed = (ROOT / "tests" / "golden" / "plans" / f"{name}.json.gz").read_bytes()
    document = json.loads(gzip.decompress(packed))
    assert "no_new_post_contracts" not in document["coverage"]
    verified = verify(document, ROOT)
    assert verified.accepted, verified.findings[:5]
    page = plan_answer(upgraded_plan(document)).page()
    assert "no new post" in "".join(b.text for b in page if isinstance(b, Line))


def test_of_a_shipped_file_with_other_notes_the_values_count():
    """As after a later version has reworded a note of it."""
    document = saved(solved("reference"))
    name = "models/france-2023/model.toml"
    document["inputs"]["files"][name] = "sha256:" + "0" * 64
    assert verify(document, ROOT).accepted
    document["inputs"]["resolved_sha256"] = "sha256:" + "0" * 64
    verified = verify(document, ROOT)
    assert [finding.path for finding in verified.findings] == [f"inputs.files[{name}]"]
    assert f"those of the plan: {name}" in sentences(verified)[0]


def test_the_title_of_the_scenario_that_it_extends_is_accepted_in_earlier_documents():
    plan = solved("reference")
    untitled = replace(plan.problem, inputs=replace(plan.problem.inputs, title=""))
    assert verify_document(saved(plan), untitled).accepted
    assert verify_document(saved(plan) | {"title": ""}, untitled).accepted
    assert not verify_document(saved(plan) | {"title": "Other"}, untitled).accepted


def test_what_is_covered_with_no_new_post_is_checked():
    document = saved(solved("state-first"))
    assert verify(document, ROOT).accepted
    document["coverage"]["no_new_post_contracts"] = document["coverage"]["status_quo_contracts"]
    paths = [finding.path for finding in verify(document, ROOT).findings]
    assert paths == ["coverage.no_new_post_contracts"]


def with_least_rates_and_partners() -> Problem:
    """Whose prices are per point of rate and per 1,000 EUR of partners' money."""
    return small_problem(
        ((100.0, 50.0), (300.0, 20.0)),
        demand_cv=0.2,
        cap=6.0,
        least_rate=np.array([0.4, 0.0]),
        partner_capacity_eur=np.array([np.inf, 4_000.0]),
    )


@each("make", [with_least_rates_and_partners, small_problem])
def test_plans_of_problems_made_in_python_are_accepted(make):
    plan = planning.solve(make())
    verified = verify_document(saved(plan), plan.problem)
    assert verified.accepted, verified.findings[:5]
    assert "was given, not read" in sentences(verified)[0]


@pytest.mark.slow
def test_a_plan_of_all_objectives_is_accepted():
    plan = planning.solve(two_territories())
    verified = verify_document(saved(plan), plan.problem)
    assert verified.accepted, verified.findings[:5]


@tried(4, 25, problems(stages=st.one_of(st.just(DEFAULT_STAGES), ANY_STAGES)))
def test_plans_of_random_problems_are_accepted(problem):
    """With every kind of limit now and then, and any stages."""
    try:
        plan = planning.solve(problem)
    except fa.InfeasibleError:
        return
    verified = verify_document(saved(plan), problem)
    assert verified.accepted, verified.findings[:5]


@tried(1, 6, problems(steps=True, years=2, stages=ANY_STAGES))
def test_plans_of_random_problems_in_steps_are_accepted(problem):
    try:
        plan = planning.solve(problem)
    except fa.InfeasibleError:
        return
    verified = verify_document(saved(plan), problem)
    assert verified.accepted, verified.findings[:5]


def test_overrides_are_applied_again():
    changes = {"posts.cap_fte": 560, "coverage.demand_cv": 0.0, "weights.segment.local": 2}
    problem = fa.load(str(ROOT / "scenarios" / "tight-budget.toml"), changes)
    document = saved(planning.solve(problem))
    assert verify(document, ROOT).accepted
    document["inputs"]["overrides"]["posts.cap_fte"] = 561
    assert not verify(document, ROOT).accepted


def test_order_of_rows_and_keys_means_nothing():
    document = shuffled(saved(solved("weakest-first")), random.Random(3))
    assert verify(document, ROOT).accepted


def shuffled(value, chance, key=""):
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {k: shuffled(value[k], chance, k) for k in keys}
    if isinstance(value, list) and key in ("posts", "territories", "segments", "prices"):
        rows = [shuffled(row, chance) for row in value]
        chance.shuffle(rows)
        return rows
    return value


def test_stages_in_another_order_are_not():
    document = saved(solved("reference"))
    document["stages"].reverse()
    (finding,) = verify(document, ROOT).findings
    assert (finding.path, finding.recomputed) == ("stages", "coverage, state_cost")


def test_a_stopped_plan_is_accepted_with_its_gap():
    """A plan nobody calls best: the status quo with its coordinators, under a bound."""
    document = not_optimal(status="stopped")
    verified = verify(document, ROOT)
    assert verified.accepted, verified.findings[:5]
    assert "contracts may be gained: it is not proved best" in sentences(verified)[2]


def stopped_after(problem: Problem, solves: int, monkeypatch) -> fa.Plan:
    """What is found where the clock runs out after some solves, all of which are made."""
    left = iter([0.0] * (1 + solves))
    monkeypatch.setattr("fte_alloc.search.tangents.time.monotonic", lambda: next(left, math.inf))
    plan = planning.solve(problem, 60.0)
    assert next(left, None) is None, "the clock has run out"
    return plan


def test_plans_stopped_after_any_solve_are_accepted_and_keep_their_prices_once_proved(monkeypatch):
    problem = small_years()
    for solves in itertools.count(2, 2):
        plan = stopped_after(problem, solves, monkeypatch)
        verified = verify_document(saved(plan), problem)
        assert verified.accepted, (solves, verified.findings[:5])
        assert len(sentences(verified)) == 3
        if plan.status == "optimal":
            break
        assert plan.status == "stopped"
    assert solves == 14
    assert plan.document["prices"] == plan_with_figures("years").document["prices"]


@pytest.mark.slow
@each(
    ("scenario", "after"),
    [
        ("horizon-2025", (1, 7, 8, 12)),
        ("weakest-first", (2, 8, 21)),
    ],
)
def test_plans_of_scenarios_stopped_after_some_solves_are_accepted(scenario, after, monkeypatch):
    problem = fa.load(str(ROOT / "scenarios" / f"{scenario}.toml"))
    for solves in after:
        plan = stopped_after(problem, solves, monkeypatch)
        assert plan.status == "stopped"
        verified = verify(saved(plan), ROOT)
        assert verified.accepted, (solves, verified.findings[:5])
        assert len(sentences(verified)) == 3


# -- what is wrong is noticed: every figure --------------------------------------------------------


def moved(value: float) -> float:
    return 1.0 if value == 0 else 1.01 * value


def places(value, path=""):
    """Every number of a document: its path, and the container and key that hold it."""
    at = {}

    def walk(one, steps):
        if isinstance(one, dict):
            for key, below in one.items():
                walk(below, [*steps, (one, key)])
        elif isinstance(one, list):
            for key, below in enumerate(one):
                walk(below, [*steps, (one, key)])
        elif number(one) is not None:
            at[len(at)] = steps[-1]

    walk(value, [])
    paths = [path for path, leaf in leaves(value) if number(leaf) is not None]
    assert len(paths) == len(at)
    return list(zip(paths, at.values(), strict=True))


def is_dust(path, before, after, problem) -> bool:
    """Whether a changed price, multiplier, or what was kept, moves no bound by more than 1e-9."""
    if not any(part in path for part in (".duals[", ".kept.", ".tables.")):
        return False
    bounds = [
        [check.recomputed_bound for check in Recomputation(one, problem).stages]
        for one in (before, after)
    ]
    return all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) for a, b in zip(*bounds, strict=True))


def test_places_are_those_that_findings_name():
    """Each figure taken out of the document is found by its own path."""
    document = saved(solved("reference"))
    for path, (holder, key) in random.Random(1).sample(places(document), 8):
        before, holder[key] = holder[key], "x"
        findings = {finding.path for finding in verify(document, ROOT).findings}
        is_label = key in ("year", "territory", "segment")
        assert (path in findings) != is_label
        assert findings
        holder[key] = before
    assert verify(document, ROOT).accepted


#: What the recomputation reads; all else is only compared with it.
READ = ("stages", "prices", "status", "scenario")


@cache
def plan_with_figures(name: str) -> fa.Plan:
    """A shipped scenario, or a small problem: of three years, or with rows of all kinds."""
    if name == "rows of all kinds":
        stages = tuple(Stage(one) for one in ("territorial_shortfall", "worst_rate", "change"))
        return planning.solve(replace(two_territories(), stages=stages))
    return planning.solve(small_years()) if name == "years" else solved(name)


@each("name", ["years", "half-posts"])
def test_a_figure_of_each_kind_moved_is_noticed(name):
    """One percent, or 1 in the place of 0, one at a time; what is not noticed is unproved."""
    assert missed(plan_with_figures(name), of_each_kind) == []


@pytest.mark.slow
@each("name", ["rows of all kinds", *SCENARIOS])
def test_a_figure_of_each_kind_moved_is_noticed_in_every_plan(name):
    assert missed(plan_with_figures(name), of_each_kind) == []


@pytest.mark.slow
@each("name", ["years", "rows of all kinds", "half-posts"])
def test_any_figure_moved_is_noticed(name):
    assert missed(plan_with_figures(name), many) == []


@pytest.mark.slow
def test_any_figure_of_tables_moved_is_noticed_or_moves_no_bound():
    """Most multipliers can be any: the lines of the others are lower where the bound is."""
    plan = plan_with_figures("departements")
    document, refused = saved(plan), []
    bounds = [stage.recomputed_bound for stage in verify_document(document, plan.problem).stages]
    for path, (holder, key) in [at for at in places(document) if ".tables." in at[0]][::2]:
        before, holder[key] = holder[key], moved(holder[key])
        verified = verify_document(document, plan.problem)
        holder[key] = before
        if verified.accepted:
            found = [stage.recomputed_bound for stage in verified.stages]
            assert found == pytest.approx(bounds, rel=1e-9), path
        else:
            refused.append(path)
    assert refused


def many(figures: list) -> list:
    """Drawn at random."""
    return random.Random(6).sample(figures, min(120, len(figures)))


def of_each_kind(figures: list) -> list:
    """One figure, drawn at random, of those that only differ in their territory, year, …"""
    figures = random.Random(5).sample(figures, len(figures))
    return list({re.sub(r"\[.*?\]|[.\d]+", "", path): (path, at) for path, at in figures}.values())


def missed(plan: fa.Plan, choose=lambda figures: figures) -> list[str]:
    """Figures that can be moved and nothing says so.

    The document is recomputed once, and anew only where the figure is one that it follows from.
    """
    document, problem = saved(plan), plan.problem
    unproved = {path for _, paths in verify_document(document, problem).unproved for path in paths}
    ours = Recomputation(document, problem)
    assert verify_document(document, problem).accepted
    missed = []
    for path, (holder, key) in choose(places(document)):
        section = path.partition("[")[0].partition(".")[0]
        before, holder[key] = holder[key], moved(holder[key])
        if section in READ or path.endswith((".new_fte", ".effort_fte")):
            found = (
                price_noticed(document, problem, ours)
                if ".duals[" in path
                else not verify_document(document, problem).accepted
            )
        else:
            found = any(differences(document[section], ours.document[section], section))
        after = copy.deepcopy(document) if not found and section == "stages" else document
        holder[key] = before
        if not found and path not in unproved and not is_dust(path, document, after, problem):
            missed.append(path)
    assert unproved <= {path for path, _ in leaves(document)} | {"software"}
    assert all(p.startswith(("prices", "stages", "software")) for p in unproved)
    return missed


def price_noticed(document, problem, ours) -> bool:
    """Whether the stages disagree with their prices; the plan has been judged already."""
    anew = Recomputation(document, problem)
    anew.__dict__["judged"] = ours.judged
    key = "relaxation_bound" if problem.step_fte > 0 else "bound"
    return any(
        [*differences(stage[key], check.recomputed_bound, "bound")]
        for stage, check in zip(document["stages"], anew.stages, strict=True)
    )


@pytest.mark.slow
def test_a_figure_of_each_kind_moved_is_refused():
    """The same, each document proved from end to end for each figure."""
    plan = plan_with_figures("rows of all kinds")
    document = saved(plan)
    unproved = {
        path for _, paths in verify_document(document, plan.problem).unproved for path in paths
    }
    missed = []
    for path, (holder, key) in of_each_kind(places(document))[::3]:
        before, holder[key] = holder[key], moved(holder[key])
        found = not verify_document(document, plan.problem).accepted
        after = None if found else copy.deepcopy(document)
        holder[key] = before
        if not found and path not in unproved:
            missed += [] if is_dust(path, document, after, plan.problem) else [path]
    assert not missed


@each(
    ("path", "value"),
    [
        (("prices", 0, "up"), -1.0),
        (("prices", 0, "up"), "much"),
        (("prices", 1, "up"), 2.0),
        (("prices", 1, "down"), 1.5),
        (("prices", 0, "unit"), "contracts per FTE of cap"),
        (("prices", 0, "stage"), "posts"),
        (("prices", 0, "constraint"), "effort"),
        (("prices", 2, "territory"), "99"),
        (("prices", 0, "year"), 2024),
        (("status",), "proved"),
        (("stages", 1, "kept"), None),
        (("stages", 1, "kept", "coverage"), 5_400_000.0),
        (("stages", 0, "sense"), "minimise"),
        (("rounding",), {"loss": 0.0}),
        (("scenario",), "reference + posts.cap_fte=600"),
        (("territories", 12, "held_by"), []),
        (("territories", 12, "held_by"), ["span"]),
        (("regional_figures", "assumption"), 0),
        (("title",), "France"),
    ],
)
def test_words_changed_are_noticed(path, value):
    document = saved(solved("reference"))
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    assert holder[path[-1]] != value
    holder[path[-1]] = value
    assert (
        verify_document(document, solved("reference").problem).findings
        or verify(document, ROOT).findings
    )


# -- a plan that is not the best -------------------------------------------------------------------


def not_optimal(status="optimal", fte=3.0) -> dict:
    """The reference plan with facilitators taken from Bretagne, told of consistently.

    Prices, bounds and what was kept are those of the best plan; every figure is recomputed.
    """
    plan = solved("reference")
    p, x = plan.problem, plan.evaluation.new_facilitators_fte.copy()
    x[p.territories.index("53"), 0] -= fte
    judged = p.judge(x, plan.evaluation.new_coordinators_fte)
    stages = [
        replace(
            stage,
            value=judged.objective(stage.objective),
            in_plan=judged.objective(stage.objective),
        )
        for stage in plan.stages
    ]
    prices = saved(plan)["prices"] if status == "optimal" else []
    document = proved_plan_document(judged, status, prices, stages)
    return json.loads(json.dumps(document))


def test_a_feasible_plan_that_is_not_the_best_is_told_the_amount():
    document = not_optimal()
    verified = verify(document, ROOT)
    lost = solved("reference").stages[0].bound - document["coverage"]["expected_contracts"]
    assert lost > 100
    amount = f"{math.ceil(10 * lost) / 10:,.1f}"
    bound = sentences(verified)[2]
    assert f"at most {amount} contracts may be gained: it is not proved best" in bound
    assert [finding.path for finding in verified.findings] == ["status"]
    assert "keep every limit" in sentences(verified)[1]


def test_a_plan_that_breaks_a_limit_is_told_which():
    document = not_optimal(fte=-5.0)
    verified = verify(document, ROOT)
    paths = {finding.path for finding in verified.limits}
    assert {"limits[growth, 53, 2023]", "limits[budget, 2023]"} <= paths
    assert "break limits" in sentences(verified)[1]
    bound = sentences(verified)[2]
    assert "no plan covers more than 58,366.3; the plan" in bound  # holds for any plan
    assert "by breaking limits" in bound


def test_a_plan_cannot_borrow_effort_from_another_buyer():
    """Less than no effort for one kind of buyer would leave more than there is for another."""
    document = saved(solved("reference"))
    efforts = document["territories"][0]["by_segment"]
    efforts["local"]["effort_fte"] += efforts["operators"]["effort_fte"] + 1.0
    efforts["operators"]["effort_fte"] = -1.0
    verified = verify(document, ROOT)
    assert not verified.accepted
    (finding,) = verified.findings
    assert finding.path == "territories[01, 2023].by_segment[operators].effort_fte"
    assert "not judged" in sentences(verified)[1]


def test_a_bound_that_a_plan_passes_is_no_bound():
    """Nor may it be better than what is proved, by tables or, without them, by prices."""
    for factor, has_tables in itertools.product((1.01, 0.99), (True, False)):
        document = saved(solved("half-posts"))
        if not has_tables:
            del document["stages"][0]["tables"]
        for stage in document["stages"][:1]:
            stage["bound"] *= factor
            stage["relative_gap"] = abs(stage["bound"] - stage["value"]) / stage["bound"]
            document["stages"][1]["kept"]["coverage"] = stage["bound"]
            document["coverage"]["upper_bound"] = stage["bound"]
            document["coverage"]["relative_gap"] = stage["relative_gap"]
        paths = {finding.path for finding in verify(document, ROOT).findings}
        assert "stages[coverage].bound" in paths


def test_no_prices_whatever_prove_a_false_bound():
    """Whatever stands in the place of prices, what they prove is no less than what is reached."""
    problem, chance = solved("reference").problem, np.random.default_rng(7)
    reached = solved("reference").evaluation.objective("coverage")
    names = list(proof.row_names(problem))
    for _ in range(100):
        amounts = chance.normal(size=len(names)) * 10.0 ** chance.uniform(-6, 6, len(names))
        prices = dict(zip(names, amounts.tolist(), strict=True))
        assert proof.stage_bound(problem, 0, prices) >= reached * (1 - 1e-12)


def test_prices_that_prove_no_bound_at_all_are_told():
    document = saved(solved("reference"))
    document["stages"][0]["duals"]["effort_04_2023"] = 1e307
    verified = verify(document, ROOT)
    assert verified.stages[0].recomputed_bound == math.inf
    assert "do not prove the claim of the plan" in sentences(verified)[2]


def test_what_is_kept_may_be_off_by_what_the_search_gives_away():
    assert pytest.approx(LOOSER[-1] * SLACK) == proof.KEPT_SLACK
    assert pytest.approx(LOOSER[-1] * STEP_SLACK) == proof.STEP_KEPT_SLACK
    assert pytest.approx(LOOSER[-1] * LEAST_SLACK / MOST_VALUE) == proof.LEAST_KEPT_SLACK


# -- posts in steps --------------------------------------------------------------------------------


def test_steps_state_what_they_cost_against_continuous_posts():
    """The loss is proved: continuous posts reach more than half posts, and no more than so much."""
    plan, continuous = solved("half-posts"), solved("reference")
    rounding = plan.document["rounding"]
    assert rounding["step_fte"] == 0.5
    assert rounding["continuous_bound"] == pytest.approx(continuous.stages[0].bound, rel=1e-9)
    loss = rounding["continuous_bound"] - plan.document["coverage"]["objective"]
    assert rounding["loss"] == pytest.approx(loss, rel=1e-9)
    assert rounding["loss"] > 1.0
    assert rounding["relative_loss"] == pytest.approx(loss / rounding["continuous_bound"])
    page = page_of(plan)
    amount = math.ceil(10 * loss) / 10
    assert (
        f"Steps of 0.5 FTE cost at most {amount:.1f} contracts (0.041%) against continuous" in page
    )
    assert "against continuous" not in page_of(continuous)
    assert continuous.document["rounding"] is None


def page_of(plan) -> str:
    from fte_alloc.questions.solve.answer import plan_answer
    from fte_alloc.render.markdown import markdown

    return markdown(plan_answer(plan.document).page())


# -- input files -----------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with scenarios and models, and a plan solved in it."""
    for name in ("models", "scenarios"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    document = saved(solved("tight-budget"))
    assert len(document["inputs"]["files"]) == 5
    return tmp_path, document


def test_any_byte_of_any_input_file_changed_is_refused_by_its_name(folder):
    path, document = folder
    assert verify(document).accepted
    for name in document["inputs"]["files"]:
        before = (path / name).read_bytes()
        for place in (0, len(before) // 2, len(before) - 1):
            changed = bytearray(before)
            changed[place] ^= 1
            (path / name).write_bytes(changed)
            verified = verify(document)
            assert [f.path for f in verified.findings] == [f"inputs.files[{name}]"]
            assert f"those of the plan: {name};" in sentences(verified)[0]
            assert "--root DIR" in sentences(verified)[0]
        (path / name).write_bytes(before + b"\n")
        assert not verify(document).accepted
        (path / name).unlink()
        verified = verify(document)
        assert [f.path for f in verified.findings] == [f"inputs.files[{name}]"]
        assert verified.findings[0].recomputed == "(no such file)"
        (path / name).write_bytes(before)
    assert verify(document).accepted


def test_root_names_the_folder_from_anywhere_else(folder, tmp_path_factory, monkeypatch):
    path, document = folder
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert len(verify(document).inputs) == 5
    assert verify(document, path).accepted


def test_shipped_files_are_found_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    document = saved(planning.solve(fa.load("cap-560")))
    assert all(name.startswith("package:") for name in document["inputs"]["files"])
    assert verify(document).accepted
    assert verify(document, ROOT).accepted
    assert verify(document, tmp_path).accepted


def test_a_file_more_or_less_than_the_plan_was_made_from_is_refused(folder):
    """The hashes of the files named are right, and yet they are not all."""
    path, document = folder
    files = document["inputs"]["files"]
    gone = files.pop("scenarios/reference.toml")
    assert {f.path for f in verify(document).findings} == {"inputs.files[scenarios/reference.toml]"}
    other = path / "scenarios" / "cap-560.toml"
    files["scenarios/reference.toml"] = gone
    files["scenarios/cap-560.toml"] = (
        "sha256:" + __import__("hashlib").sha256(other.read_bytes()).hexdigest()
    )
    assert {f.path for f in verify(document).findings} == {"inputs.files[scenarios/cap-560.toml]"}


def test_a_reference_plan_is_an_input_too(folder):
    path, _ = folder
    (path / "before.csv").write_text("territory,role,new_fte\n53,facilitator,2\n", encoding="utf-8")
    (path / "scenarios" / "near.toml").write_text(
        'extends = "reference"\nreference_plan = "../before.csv"\n'
        'stages = [{ maximise = "coverage", concede = 0.001 }, { minimise = "change" }]\n',
        encoding="utf-8",
    )
    document = saved(planning.solve(fa.load("near")))
    assert "before.csv" in document["inputs"]["files"]
    verified = verify(document)
    assert verified.accepted, verified.findings[:5]
    (path / "before.csv").write_text("territory,role,new_fte\n53,facilitator,3\n", encoding="utf-8")
    assert "of the plan: before.csv" in sentences(verify(document))[0]


# -- documents of any shape ------------------------------------------------------------------------

JUNK = [None, True, 0, -1, 1e308, 10**400, float("nan"), "", "x", "\ud800", [], [[]], {}, {"a": 1}]


@pytest.mark.parametrize(("count", "kinds"), [(3, 1), pytest.param(30, 3, marks=pytest.mark.slow)])
def test_a_key_taken_out_or_mangled_anywhere_is_a_finding_and_no_failure(count, kinds):
    """Every key at the top and many below, each taken out and given some kinds of junk."""
    document, chance = saved(solved("reference")), random.Random(11)
    below = [steps for steps in ways(document) if len(steps) > 1]
    inputs = [("inputs", key) for key in document["inputs"]]
    for steps in [*((key,) for key in document), *inputs, *chance.sample(below, count)]:
        for junk in chance.sample([TAKEN_OUT, *JUNK], kinds):
            changed = copy.deepcopy(document)
            holder = changed
            for step in steps[:-1]:
                holder = holder[step]
            if junk is TAKEN_OUT:
                del holder[steps[-1]]
            else:
                holder[steps[-1]] = junk
            # Prices of limits need a solver; those of rows count 0 where they cannot be right.
            told = steps[0] in ("software", "prices") or steps[2:3] == ("duals",)
            told = told or (junk is TAKEN_OUT and steps[-1] in LATER)  # as in earlier versions
            survives(changed, refused=not told and changed != document)


TAKEN_OUT = object()


def ways(value, steps=()):
    """The keys that lead to every value of a document."""
    if steps:
        yield steps
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield from ways(value[key], (*steps, key))


def survives(document, refused=True) -> None:
    """No traceback; refused where it should be, and what is said of it can be written."""
    try:
        verified = verify(document, ROOT)
    except InputError:
        return
    assert not (refused and verified.accepted)
    text = json.dumps(verification_document(verified, "plan.json"), allow_nan=False)
    text.encode()
    for block in verify_answer(verified, "plan.json").page():
        assert block


def test_rows_twice_and_strange_rows_are_findings():
    for name in ("posts", "territories", "segments", "stages", "prices"):
        document = saved(solved("reference"))
        document[name].append(copy.deepcopy(document[name][0]))
        assert not verify_document(document, solved("reference").problem).accepted
        document[name][-1] = {"territory": "99"}
        assert not verify_document(document, solved("reference").problem).accepted


def test_a_row_that_does_not_say_its_place_is_a_finding_and_no_failure():
    for name in ("posts", "territories", "prices"):
        document = saved(solved("reference"))
        del document[name][-1]["territory"]
        survives(document)


def test_keys_of_a_later_format_are_not_proved_and_no_finding():
    document = saved(solved("reference"))
    document["forecast"] = {"contracts": 70_000}
    document["coverage"]["beauty"] = 1.0
    verified = verify(document, ROOT)
    assert verified.accepted
    assert {"forecast", "coverage.beauty"} <= {p for _, paths in verified.unproved for p in paths}
    document["inputs"]["values"]["posts.bonus_fte"] = 1.0
    assert not verify(document, ROOT).accepted


def test_random_documents_of_the_format_are_refused():
    chance = random.Random(2)

    def anything(depth):
        kinds = [lambda: chance.choice(JUNK)]
        if depth:
            names = ["inputs", "files", "file", "posts", "stages", "duals", "overrides", "values"]
            kinds += [
                lambda: {chance.choice(names): anything(depth - 1) for _ in range(4)},
                lambda: [anything(depth - 1) for _ in range(3)],
            ]
        return chance.choice(kinds)()

    for _ in range(300):
        document = {key: anything(3) for key in ("inputs", "posts", "stages", "status", "prices")}
        survives(document | {"format": "fte-alloc/plan/1"})


# -- no solver -------------------------------------------------------------------------------------


@each(
    "made",
    [
        lambda: solved("horizon-2025"),
        slow(lambda: fa.frontier("tight-budget", "contracts", "posts")),
        slow(lambda: fa.frontier("half-posts", "contracts", "posts")),
    ],
)
def test_a_plan_and_a_curve_are_proved_where_there_is_no_solver(
    made, tmp_path, at_root, few_points
):
    """PuLP imports HiGHS if it is there; the proof needs neither."""
    plan = tmp_path / "plan.json"
    plan.write_text(as_json(made().document), encoding="utf-8")
    code = (
        "import sys\nsys.modules['highspy'] = None\nfrom fte_alloc.cli import main\n"
        f"main(['verify', {str(plan)!r}, '--root', {str(ROOT)!r}])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    assert "ACCEPTED" in done.stdout  # on a line of its own behind a long path


def test_bounds_near_0_agree_as_their_gap_is_measured():
    """Value and bound of a stage are proved to 1e-9 · max(1, |bound|); so are two bounds."""
    saved, again = {"bound": 1.0488e-10, "value": 1.0488e-10}, {"bound": 1.0522e-10, "value": 0.0}
    assert [one.path for one in differences(saved, again)] == ["value"]
    assert [*differences({"bound": 0.5}, {"bound": 0.5 + 2e-9})]


@each(("leeway", "found"), [(0.0302, []), (0.0, ["stages[coverage].bound"])])
def test_a_bound_of_the_solver_may_pass_that_without_steps_by_rounding_alone(leeway, found):
    """As in a plan that misses what it keeps by 4e-6, at a price of 7,658."""
    stage = RecomputedStage(
        objective="coverage",
        value=2826.44036026,
        bound=2826.44036527,
        in_plan=2826.44036026,
        relaxation_bound=2826.43635204,
        unit="contracts",
        recomputed_bound=2826.43635204,
        recomputed_relaxation=2826.43635204,
        leeway=leeway,
    )
    plan = SimpleNamespace(stages=[stage], is_stopped=False, judged=SimpleNamespace(violations=()))
    assert [one.path for one in _claims(plan)] == found
