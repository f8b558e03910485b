"""``docs/check_plan.py`` accepts what was proved, and refuses whatever is planted in it."""

from __future__ import annotations

import ast
import copy
import hashlib
import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import REGIONAL, ROOT, SCENARIOS, slow_but, solved
from tables import each
from test_scenario_values import (  # noqa: F401
    COLUMNS,
    CONTRACTS,
    child,
    loaded,
    model_toml,
    small,
    write,
)
from test_steps import half_a_post_elsewhere

import fte_alloc as fa

pytestmark = pytest.mark.usefixtures("read_once")

SCRIPT, MODEL = ROOT / "docs" / "check_plan.py", ROOT / "models" / "france-2023"
BESIDE = SCRIPT.with_name("check_bounds.py")


def script():
    """The script, to be asked many times without starting Python anew."""
    spec = importlib.util.spec_from_file_location("check_plan", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAIN = script().main
BOUNDS = sys.modules[BESIDE.stem]
TANGENTS: dict[tuple[str, str, float], tuple[float, float]] = {}
tangent_anew = BOUNDS.tangent


def tangent(p: Any, i: str, effort: float) -> tuple[float, float]:
    """The tangent at an effort; that of the very same inputs is found once a process."""
    key = repr(p.values), i, effort
    if key not in TANGENTS:
        TANGENTS[key] = tangent_anew(p, i, effort)
    return TANGENTS[key]


BOUNDS.tangent = tangent


@pytest.fixture
def check(tmp_path, capsys) -> Callable[..., tuple[int, str]]:
    """Exit code and output for a document."""

    def ask(document: Mapping[str, Any], model: Path = MODEL) -> tuple[int, str]:
        plan = tmp_path / "plan.json"
        plan.write_text(json.dumps(document), encoding="utf-8")
        capsys.readouterr()
        code = MAIN([str(model), str(plan)])
        return code, capsys.readouterr().out

    return ask


def saved(name: str) -> dict[str, Any]:
    """The document of a shipped scenario as a file has it."""
    return json.loads(json.dumps(solved(name).document))


def with_values(document: Mapping[str, Any], **changes: object) -> dict[str, Any]:
    """Other inputs in a document, by key with ``__`` for a dot, and their hash."""
    document = copy.deepcopy(dict(document))
    values = document["inputs"]["values"]
    values |= {key.replace("__", "."): value for key, value in changes.items()}
    text = json.dumps(values, sort_keys=True, separators=(",", ":"))
    document["inputs"]["resolved_sha256"] = hashlib.sha256(text.encode()).hexdigest()
    return document


def row_of(document: Mapping[str, Any], table: str, **labels: object) -> dict[str, Any]:
    """The row of a table with these labels."""
    return next(r for r in document[table] if all(r[k] == v for k, v in labels.items()))


# -- what is right ---------------------------------------------------------------------------------


def test_it_is_short_and_needs_the_standard_library_alone():
    for path, most in ((SCRIPT, 350), (BESIDE, 227)):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= most
        nodes = list(ast.walk(ast.parse(text)))
        imports = [node for node in nodes if isinstance(node, ast.Import)]
        froms = [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
        for name in [*froms, *(alias.name for node in imports for alias in node.names)]:
            assert name in {*sys.stdlib_module_names, BESIDE.stem}, name


@each("name", slow_but(SCENARIOS, *REGIONAL))
def test_every_shipped_plan_is_accepted(name, check):
    code, said = check(solved(name).document)
    *lines, last = said.splitlines()
    assert (code, last) == (0, "accepted")
    steps = solved(name).problem.step_fte > 0
    assert any("bound without steps" in line for line in lines) == steps
    assert any("bound in steps" in line for line in lines) == steps


def test_it_runs_as_whoever_trusts_nobody_runs_it(tmp_path):
    """Without site packages, in a folder of its own."""
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(solved("reference").document), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-S", "-I", str(SCRIPT), str(MODEL), str(file)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "accepted"


def test_values_of_the_scenario_are_told(check):
    _, said = check(saved("need-first"))
    assert "weights.indicators.qpv_share = 0.25 (model: 0)" in said
    assert "set by the scenario: 2" in said
    _, said = check(saved("thirty-percent"))
    assert "posts.cap_fte = inf (model: 585)" in said
    assert "set by the scenario: 0" in check(saved("reference"))[1]


#: Limits of the user's own, each of which the plan of `reference` passes.
OWN_LIMITS = {
    "places": {"territories": ["53", "52"], "role": "facilitator", "at_most_fte": 2},
    "area": {"area": "75", "at_most_state_eur": 400_000},
    "areas": {"areas": ["75", "84"], "at_most_fte": 12},
    "share": {"where": "qpv_share>=0.09 and population > 3e6", "at_least_share": 0.5},
    "share of one role": {"territories": ["53"], "role": "facilitator", "at_most_share": 0.05},
    "network": {"territories": ["94"], "at_least_network_fte": 5},
    "opened": {"areas": ["75"], "at_most_opened_fte": 6},
    "partners": {"territories": ["53"], "at_most_partner_eur": 100_000},
    "group rate": {"territories": ["01", "02", "03"], "at_least_rate": 0.36},
}


@each("kind", slow_but(OWN_LIMITS, "areas", "share", "area"))
def test_limits_of_the_users_own_bind_and_are_named_when_passed(kind, check, tmp_path):
    limit = OWN_LIMITS[kind]
    text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in limit.items())
    file = tmp_path / "own.toml"
    file.write_text(f'title = "o"\nextends = "reference"\n[limits.mine]\n{text}', "utf-8")
    document = json.loads(json.dumps(fa.solve(fa.load(str(file)), priced=False).document))
    assert abs(document["stages"][0]["duals"]["limits_mine_2023"]) > 1e-9
    code, said = check(document)
    assert (code, said.splitlines()[-1]) == (0, "accepted")
    without = with_values(saved("reference"))
    without["inputs"]["values"] |= {f"limits.mine.{key}": v for key, v in limit.items()}
    code, said = check(without)
    assert (code, "limits_mine_2023 is passed by" in said) == (1, True)
    amount = next(key for key in limit if key.startswith("at_"))
    assert f"limits.mine.{amount} = {limit[amount]} (model: 0)" in said


def test_a_place_with_an_amount_of_its_own(check):
    """More growth in one region, a coordinator not required in another."""
    set_ = {"limits.growth.53": 12.0, "limits.coordinator_required.44": "none"}
    document = json.loads(json.dumps(fa.solve(fa.load("reference", set_), priced=False).document))
    code, said = check(document)
    assert (code, "limits.coordinator_required.44 = " in said) == (0, True)
    del document["inputs"]["values"]["limits.growth.53"]

    assert "growth_53_2023 is passed by" in check(document)[1]


def test_limits_of_every_kind_are_accepted_where_they_bind(check):
    """Partners, least, smallest and greatest numbers, by year, a State ceiling, slow beginners."""
    changes = {
        "years": [2023, 2024],
        "budget.state_eur_per_year": {"2023": 5_400_000, "2024": 5_900_000},
        "posts.facilitator.state_ceiling_eur_per_fte": 32_000,
        "posts.facilitator.first_year_effectiveness": 0.8,
        "territories.84.least_rate": 0.24,
        "territories.53.partner_capacity_eur": 180_000,
        "territories.75.max_new_facilitators_fte": 6,
        "territories.94.min_new_facilitators_fte": 1.5,
        "weights.year.2024": 2.0,
        "stages": [{"maximise": "coverage", "concede": 0.001}, {"minimise": "state_cost"}],
    }
    plan = fa.solve(fa.load(str(ROOT / "scenarios" / "reference.toml"), changes), priced=False)
    document = json.loads(json.dumps(plan.document))
    prices = plan.stages[0].duals
    for row in ("least_84_2023", "partners_53_2024", "max_new_75_2024", "min_new_94_2023"):
        assert abs(prices[row]) > 1e-6, row
    code, said = check(document)
    assert (code, said.splitlines()[-1]) == (0, "accepted")


@each("objective", ["state_cost", "posts", "territorial_shortfall"])
def test_a_first_stage_that_minimises_is_proved_again(objective, check):
    """With renewed posts that cost, a rate to reach, and a region whose posts are cheaper."""
    changes = {
        "stages": [{"minimise": objective}],
        "territories.53.least_rate": 0.24,
        "territories.53.facilitator_cost_eur_per_fte": 40_000,
    }
    document = json.loads(json.dumps(fa.solve(fa.load("reference", changes)).document))
    code, said = check(document)
    assert (code, f"{objective} bound " in said) == (0, True)
    document["stages"][0]["bound"] *= 1 + 1e-6
    code, said = check(document)
    assert (code, f"stages.{objective}.bound is " in said) == (1, True)


TABLE_MODEL = {
    "model.toml": """
title = "Two towns and a coast"
territory = "town"
years = [2023, 2024]
[posts.facilitator]
cost_eur_per_fte = { value = 50_000, unit = "EUR/(FTE.yr)", status = "assumption", note = "n" }
state_rate = { value = 0.8, unit = "1", status = "assumption", note = "n" }
[posts.coordinator]
cost_eur_per_fte = { value = 60_000, unit = "EUR/(FTE.yr)", status = "assumption", note = "n" }
state_rate = { value = 0.8, unit = "1", status = "assumption", note = "n" }
supports_fte = { value = 2, unit = "FTE", status = "assumption", note = "n" }
productivity_gain = { value = 0.3, unit = "1", status = "assumption", note = "n" }
max_fte_per_area = { value = 1, unit = "FTE", status = "assumption", note = "n" }
[budget.state_eur_per_year]
value = { 2023 = 160_000, 2024 = 200_000 }
unit = "EUR/yr"
status = "assumption"
note = "n"
[coverage]
curve = "table"
[coverage.segments.all]
name = "all"
[tables.territories]
existing_facilitators_fte = { unit = "FTE", status = "assumption", note = "n" }
[tables.contracts]
contracts_per_year = { unit = "contracts/yr", status = "assumption", note = "n" }
[tables.curves]
effort_fte = { unit = "FTE", status = "assumption", note = "n" }
contracts = { unit = "contracts/yr", status = "assumption", note = "n" }
""",
    "territories.csv": "code;name;area;existing_facilitators_fte\n"
    "n;North;inland;1,0\ns;South;inland;0,5\nc;Coast;;1,5\n",
    "contracts.csv": "territory;segment;year;contracts_per_year\n"
    + "".join(
        f"{i};all;{t};{n}\n" for i, n in {"n": 100, "s": 80, "c": 60}.items() for t in (2023, 2024)
    ),
    "curves.csv": "territory;segment;effort_fte;contracts\n"
    "North;all;0;10\nNorth;all;2;50\nNorth;all;4;70\nSouth;all;0;6\nSouth;all;2,5;30,5\n"
    "South;all;5;48\nc;all;0;5\nc;all;1;25\nc;all;3;55\n",
}


def test_curves_of_a_table_and_shared_coordinators_are_accepted(tmp_path, check, monkeypatch):
    """Two territories in one area, decimal commas, names for codes, a budget by year."""
    model = tmp_path / "models" / "towns"
    model.mkdir(parents=True)
    for name, text in TABLE_MODEL.items():
        (model / name).write_text(text, encoding="utf-8")
    (tmp_path / "towns.toml").write_text('title = "t"\nmodel = "towns"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    plan = fa.solve("towns.toml")
    document = json.loads(json.dumps(plan.document))
    assert (plan.document, fa.verify(plan).accepted) == (document, True)  # lists, no tuples
    code, said = check(document, model)
    assert (code, said.splitlines()[-1]) == (0, "accepted")
    assert "set by the scenario: 0" in said
    document["territories"][0]["by_segment"]["all"]["effort_fte"] -= 0.01
    assert check(document, model)[0] == 1


# -- what is planted -------------------------------------------------------------------------------


@each("name", slow_but(SCENARIOS, "reference", "horizon-2025", "weakest-first"))
@each("elsewhere", (False, True))
def test_a_post_moved_by_a_tenth_is_refused(name, check, elsewhere):
    plan = solved(name)
    document = json.loads(json.dumps(plan.document))
    row_of(document, "posts", territory="53", role="facilitator")["new_fte"] -= 0.1
    if elsewhere:
        row_of(document, "posts", territory="75", role="facilitator")["new_fte"] += 0.1
    code, said = check(document)
    assert code == 1
    assert said.splitlines()[-1].startswith("refused: ")
    assert re.search(r"(supported|span)_53_2023 is passed by", said)


COVERED = ("expected_contracts", "contracts", "rate")
FIGURES = [
    *(("coverage", key) for key in (*COVERED, "objective", "upper_bound")),
    *(("segments", 1, key) for key in COVERED),
    *(("territories", 12, key) for key in COVERED),
    *(("money", key) for key in ("state_eur", "partners_eur", "full_cost_eur")),
    *(("network", key) for key in ("used_fte", "new_fte")),
    *(("stages", 0, key) for key in ("value", "bound", "in_plan")),
]


@each("path", FIGURES)
def test_a_figure_changed_by_a_millionth_is_refused(path, check):
    document = saved("reference")
    place: Any = document
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] *= 1 + 1e-6
    code, said = check(document)
    assert code == 1
    assert f"{path[-1]} is {place[path[-1]]}, not " in said


PRICES = [
    ("reference", "budget_2023", 1.01),
    ("reference", "budget_2023", 0.99),
    ("reference", "budget_2023", -1.0),
    ("reference", "effort_53_2023", 1.01),
    ("horizon-2025", "budget_2024", 1.01),
    ("half-posts", "budget_2023", 0.99),
    ("weakest-first", "budget_2023", 1.01),
    ("weakest-first", "worst_94_2023", 0.99),
]


@each(("name", "row", "times"), PRICES)
def test_another_price_proves_another_bound(name, row, times, check):
    document = saved(name)
    duals = document["stages"][0]["duals"]
    assert duals[row] != 0
    duals[row] *= times
    code, said = check(document)
    assert code == 1
    assert re.search(r"stages\.\w+\.(relaxation_)?bound is ", said)


def test_another_price_proves_another_bound_where_nothing_falls_short(check):
    document = saved("thirty-percent")
    document["stages"][0]["duals"]["effort_53_2023"] = -1.0
    code, said = check(document)
    assert (code, "stages.shortfall.bound is 0.0, not -" in said) == (1, True)


def test_a_price_of_the_wrong_sign_counts_as_none(check):
    """It would prove whatever is wanted."""
    wrong, none = saved("reference"), saved("reference")
    wrong["stages"][0]["duals"] |= {"cap_2023": -5.0, "coordinator_required_01_2023": 5.0}
    none["stages"][0]["duals"] |= {"cap_2023": 0.0, "coordinator_required_01_2023": 0.0}
    assert check(wrong) == check(none)


def test_the_bound_of_a_solver_is_not_above_that_without_steps(check):
    """Even where the plan may stay far behind it."""
    document = with_values(
        saved("half-posts"), stages__1__maximise="coverage", stages__1__concede=0.5
    )
    document["stages"][0]["concede"] = 0.5
    del document["stages"][0]["tables"]
    assert check(document)[0] == 0
    document["stages"][0]["bound"] *= 1.01
    document["coverage"]["upper_bound"] = document["stages"][0]["bound"]
    code, said = check(document)
    assert (code, "that is possible" in said) == (1, True)


# -- plans in steps, from their tables -------------------------------------------------------------


@pytest.fixture
def shared(small) -> Callable[..., dict[str, Any]]:  # noqa: F811
    """The plan of five territories in two areas, whole facilitators and half coordinators."""
    populations, areas = (50, 90, 70, 110, 60), "MMMNN"
    rows = ["code,name,area,population,existing_facilitators_fte"]
    rows += [f"{i},T{i},{a},{n},1" for i, (n, a) in enumerate(zip(populations, areas, strict=True))]
    write("models/small/territories.csv", "\n".join(rows))
    kinds = [(i, kind, n * of) for i, n in enumerate(populations) for kind, of in KINDS.items()]
    rows = [",".join(map(str, kind)) for kind in kinds]
    write("models/small/contracts.csv", "\n".join([CONTRACTS.splitlines()[0], *rows]))
    columns = {"population": "inhabitants", "existing_facilitators_fte": "FTE"}
    write("models/small/model.toml", model_toml(COORDINATORS, COLUMNS | {"territories": columns}))
    child("posts = { step_fte = 1, cap_fte = 12, coordinator.step_fte = 0.5 }\n" + AREA_LIMIT)
    return lambda *sets: json.loads(json.dumps(fa.solve(loaded("child", *sets)).document))


KINDS = {"town": 1.5, "state": 0.7}
AREA_LIMIT = 'limits.north = { area = "N", at_least_fte = 2, role = "facilitator" }'
COORDINATORS = {
    "coverage.draws": ("1", "1"),  # as demand varies nowhere here
    "posts.coordinator.cost_eur_per_fte": ("50_000", "EUR/(FTE.yr)"),
    "posts.coordinator.state_rate": ("0.5", "1"),
    "posts.coordinator.max_fte_per_area": ("0.5", "FTE"),
    "posts.coordinator.supports_fte": ("4", "FTE"),
    "posts.coordinator.productivity_gain": ("0.4", "1"),
}


def test_tables_of_areas_are_added_up_again(shared, check):
    document = shared()
    tables = document["stages"][0]["tables"]
    assert tables["multipliers"].keys() == {"M", "N"}
    code, said = check(document, Path("models/small"))
    assert (code, "coverage bound in steps" in said) == (0, True)
    posts = {(r["role"], r["territory"] or r["area"]): r["new_fte"] for r in document["posts"]}
    sides = {"at_most": tables["multipliers"]["M"][0], "more": 0.0}
    branch = {
        "area": "M",
        "coordinator_steps": round(2 * posts["coordinator", "M"]),
        "facilitator_steps": round(sum(posts["facilitator", i] for i in "012")),
        "tree": {"territory": "1", "steps": round(posts["facilitator", "1"])} | sides,
    }
    document["stages"][0]["tables"]["branches"] = [branch]
    assert check(document, Path("models/small"))[0] == 0
    looser = copy.deepcopy(document)
    looser["stages"][0]["tables"]["multipliers"] = {}
    code, said = check(looser, Path("models/small"))
    assert (code, "stages.coverage.bound is" in said) == (1, True)
    for key, wrong in (("multipliers", 3), ("branches", [branch | {"tree": {}}])):
        document["stages"][0]["tables"] = tables | {key: wrong}
        assert check(document, Path("models/small"))[0] == 2


def test_a_least_rate_is_proved_again_in_steps(shared, check):
    """Where it binds; a lower one leaves the bound behind."""
    without = shared()
    rate = row_of(without, "territories", territory="4")["rate"]
    document = shared('limits.far.territories=["4"]', f"limits.far.at_least_rate={rate + 0.1}")
    assert document["stages"][0]["bound"] < without["stages"][0]["bound"] - 0.1
    assert check(document, Path("models/small"))[0] == 0
    lower = with_values(document, limits__far__at_least_rate=rate + 0.05)
    code, said = check(lower, Path("models/small"))
    assert (code, "stages.coverage.bound is" in said) == (1, True)


def test_the_lowest_rate_in_steps_is_proved_again(shared, check):
    """A plan of those that no other lifts higher; where one does, its bound is refused."""
    stages = 'stages=[{maximise="worst_rate"},{maximise="contracts"}]'
    document = shared(stages)
    stage = document["stages"][0]
    assert stage["tables"] is not None
    assert check(document, Path("models/small"))[0] == 0
    stage["bound"] -= 1e-4
    code, said = check(document, Path("models/small"))
    assert (code, "that is possible" in said) == (1, True)


def test_the_distance_to_the_target_in_steps_is_proved_again(shared, check):
    stages = 'stages=[{minimise="shortfall"},{minimise="state_cost"}]'
    for target in (0.3, 0.9):
        document = shared(stages, f"coverage.target_rate={target}")
        stage = document["stages"][0]
        assert (stage["tables"] is None, stage["value"] > 1.0) == (False, target > 0.5)
        assert check(document, Path("models/small"))[0] == 0
    stage["bound"] -= 1e-3
    code, said = check(document, Path("models/small"))
    assert (code, "stages.shortfall.bound is" in said) == (1, True)


def test_coordinators_out_of_their_own_step_are_named(shared, check):
    document = with_values(shared(), posts__coordinator__step_fte=1.0)
    assert "_2023 = 0.5 is below 0, or not in steps" in check(document, Path("models/small"))[1]


def test_half_a_post_elsewhere_is_refused(check):
    code, said = check(half_a_post_elsewhere())
    assert (code, "passed 0" in said, "that is possible" in said) == (1, True, True)


def test_a_bound_in_steps_that_is_lowered_is_refused(check):
    document = saved("half-posts")
    stage = document["stages"][0]
    stage["bound"] = document["coverage"]["upper_bound"] = stage["bound"] * (1 - 1e-6)
    assert "stages.coverage.bound is" in check(document)[1]


@pytest.mark.slow
def test_departements_in_half_posts_are_proved_and_faults_are_not(check):
    model = ROOT / "models" / "france-2023-departements"
    document = saved("departements")
    code, said = check(document, model)
    assert (code, "bound in steps" in said) == (0, True)
    document["stages"][0]["tables"]["multipliers"]["11"] = [1.0]
    assert check(document, model)[0] == 1


INPUTS = {
    "contracts.44.local": 1.0,
    "coverage.contracts_per_fte": 0.1,
    "territories.44.population": 1.0,
    "territories.53.existing_facilitators_fte": 0.01,
    "weights.segment.local": 0.1,
}


@each("key", INPUTS)
def test_an_input_that_was_changed_is_refused_and_told(key, check):
    document = saved("reference")
    document["inputs"]["values"][key] += INPUTS[key]
    code, said = check(document)
    assert code == 1
    assert "inputs.resolved_sha256 is " in said
    assert f"\n  {key} = " in said


def test_what_the_scenario_may_have_set_is_told_and_must_fit_the_figures(check):
    moved = with_values(saved("reference"), contracts__44__local=14_646.0)
    code, said = check(moved)
    assert code == 1
    assert "contracts.44.local = 14646.0 (model: 14645.0)" in said
    assert "territories.44 2023.contracts is" in said
    unused = with_values(saved("reference"), territories__44__population=1.0)
    code, said = check(unused)
    assert code == 0
    assert "territories.44.population = 1.0 (model: 5563378.0)" in said


LIMITS = {
    "cap_2023": {"posts__cap_fte": 565.0},
    "budget_2023": {"budget__state_eur_per_year": 5_399_000.0},
    "partners_53_2023": {"territories__53__partner_capacity_eur": 200_000.0},
    "growth_53_2023": {"posts__facilitator__max_growth_fte": 1.9},
    "min_new_44_2023": {"territories__44__min_new_facilitators_fte": 2.0},
    "max_new_53_2023": {"territories__53__max_new_facilitators_fte": 9.8},
    "least_44_2023": {"territories__44__least_rate": 0.24},
    "coordinator_required_44_2023": {"posts__coordinator__required_fte_where_none": 1.1},
    "coordinator_max_44_2023": {"posts__coordinator__max_fte_per_area": 0.9},
    "supported_53_2023": {"posts__facilitator__first_year_effectiveness": 0.99},
    "effort_53_2023": {"posts__coordinator__productivity_gain": 0.0},
    "span_44_2023": {"posts__coordinator__supports_fte": 29.0},
    "supported_01_2023": {"posts__coordinator__productivity_gain": 0.09},
    "x_53_2023": {"posts__step_fte": 0.5},
}


@each("row", LIMITS)
def test_every_limit_that_is_passed_is_named(row, check):
    """The plan stays, and a limit is set just beyond it."""
    code, said = check(with_values(saved("reference"), **LIMITS[row]))
    assert code == 1
    assert f"{row} is passed by" in said or f"{row} = " in said


def test_a_closed_post_is_named(check):
    document = saved("horizon-2025")
    row_of(document, "posts", territory="53", role="facilitator", year=2024)["new_fte"] -= 1.0
    assert "keep_facilitator_53_2024 is passed by" in check(document)[1]


def test_a_plan_that_is_possible_but_not_the_best_is_refused(check):
    """The best plan for less money, as if it were that for all of it: its figures are right."""
    document = with_values(saved("tight-budget"), budget__state_eur_per_year=5_400_000.0)
    code, said = check(document)
    assert code == 1
    assert "passed 0" in said
    assert "that is possible" in said
    document["stages"][0]["duals"] = saved("reference")["stages"][0]["duals"]
    assert "is reached of 58366.29" in check(document)[1]


@each("table", ["posts", "territories"])
def test_a_row_too_many_is_refused(table, check):
    document = saved("reference")
    document[table].insert(0, dict(document[table][0]))
    code, said = check(document)
    assert (code, "rows of posts or territories too many" in said) == (1, True)


def break_(document: dict[str, Any], how: str) -> None:
    post = document["posts"][0]
    match how:
        case "no posts":
            del document["posts"]
        case "a post that is text":
            post["new_fte"] = "one"
        case "a post that is missing":
            del document["posts"][0]
        case "no prices":
            del document["stages"][0]["duals"]
        case "no stages":
            document["stages"] = []
        case "a year that is text":
            document["inputs"]["values"]["years"] = ["2023", None]
        case "a list":
            document["inputs"] = []


BROKEN = [
    "no posts",
    "a post that is text",
    "a post that is missing",
    "no prices",
    "no stages",
    "a year that is text",
    "a list",
]


@each("how", BROKEN)
def test_what_is_no_plan_is_told_in_a_sentence(how, check):
    document = saved("reference")
    break_(document, how)
    code, said = check(document)
    assert code == 2
    assert said.splitlines()[-1].startswith("cannot be read: ")


def test_files_that_are_not_there_or_no_plans_are_told_in_a_sentence(tmp_path, capsys):
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(saved("reference")), encoding="utf-8")
    wrong = tmp_path / "wrong.json"
    for text in ("", "[]", "{", '{"inputs": {}}', "[" * 100_000):
        wrong.write_text(text, encoding="utf-8")
        assert MAIN([str(MODEL), str(wrong)]) == 2
    assert MAIN([str(MODEL), str(tmp_path / "none.json")]) == 2
    assert MAIN([str(tmp_path), str(plan)]) == 2
    assert MAIN([str(MODEL)]) == 2
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 8
    assert all(line.startswith("cannot be read: ") for line in said)
