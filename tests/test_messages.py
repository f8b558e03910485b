"""Messages that name a cause, a proof or a remedy: it is so, and what is to be pasted can be."""

from __future__ import annotations

import json
import math
import re
import shlex
from pathlib import Path

import catalogue
import numpy as np
import pytest
from conftest import run, small_problem, solved
from limit_arrays import replace
from tables import each

import fte_alloc as fa
from fte_alloc import language
from fte_alloc.errors import SolverError
from fte_alloc.inputs.codes import nearest_name
from fte_alloc.inputs.overrides import command_line, override_text, parse_override
from fte_alloc.inputs.schema import TERRITORY_COLUMNS
from fte_alloc.inputs.weighing import Weighing
from fte_alloc.programme.limits import Violation
from fte_alloc.programme.problem import Evaluation
from fte_alloc.questions.answer import Grid, Line
from fte_alloc.questions.compare.answer import cross_blocks
from fte_alloc.questions.compare.compare import Comparison
from fte_alloc.questions.regret.answer import regret_answer
from fte_alloc.questions.sides import side_of
from fte_alloc.questions.verify.verify import verify_document
from fte_alloc.render.terminal import print_page
from fte_alloc.search.warm import WarmSolver

pytestmark = pytest.mark.usefixtures("search_once")

DEMO = {
    "model.toml": """
title = "Petit modèle"
territory = "region"
years = [2023]
[posts]
cap_fte = { value = 40, unit = "FTE", status = "assumption", note = "essai" }
[posts.facilitator]
cost_eur_per_fte = { value = 46_000, unit = "EUR/(FTE.yr)", status = "assumption", note = "essai" }
state_rate = { value = 0.70, unit = "1", status = "assumption", note = "essai" }
[posts.coordinator]
cost_eur_per_fte = { value = 55_000, unit = "EUR/(FTE.yr)", status = "assumption", note = "essai" }
state_rate = { value = 0.70, unit = "1", status = "assumption", note = "essai" }
[budget]
state_eur_per_year = { value = 400_000, unit = "EUR/yr", status = "assumption", note = "essai" }
[coverage]
contracts_per_fte = { value = 84, unit = "contracts/(FTE.yr)", status = "assumption", note = "x" }
[coverage.segments.state]
ceiling_rate = { value = 0.7, unit = "1", status = "assumption", note = "essai" }
[tables.territories]
population = { unit = "inhabitants", status = "assumption", note = "essai" }
existing_facilitators_fte = { unit = "FTE", status = "assumption", note = "essai" }
[tables.contracts]
contracts_per_year = { unit = "contracts/yr", status = "assumption", note = "essai" }
""",
    "territories.csv": """code,name,population,existing_facilitators_fte
01,Guadeloupe,384160,3.0
11,Île-de-France,12463067,7.75
53,Bretagne,3449370,13.25
""",
    "contracts.csv": """territory,segment,contracts_per_year
01,state,1520
11,state,17600
53,state,9780
""",
}


@pytest.fixture
def demo(tmp_path, monkeypatch):
    """A model without coordinators, its scenario in a folder with a space and an accent."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models" / "demo").mkdir(parents=True)
    for name, text in DEMO.items():
        (tmp_path / "models" / "demo" / name).write_text(text, encoding="utf-8")
    scenario = tmp_path / "mes scénarios" / "l'essai.toml"
    scenario.parent.mkdir()
    scenario.write_text('title = "demo"\nmodel = "demo"\n', encoding="utf-8")
    return "mes scénarios/l'essai.toml"


# -- figures that differ are shown to differ -------------------------------------------------------


@each("spoken", ["en", "fr"])
def test_a_budget_missed_by_a_cent_is_shown_to_be_missed(capsys, demo, spoken):
    """convexengineering/gpkit issue 1483 (values over a limit by a hair);
    roschaefer/rundfunk-mitbestimmen pull request 286 (a cent left over after rounding).
    """
    rows = "territory,role,new_fte\n11,facilitator,12.422367\n"
    Path("posts.csv").write_text(rows, encoding="utf-8")
    asked = ("evaluate", demo, "--posts", "posts.csv", "--lang", spoken)
    code, out, _ = run(capsys, *asked)
    assert code == 1
    over = 12.422367 * 46_000 * 0.70 - 400_000
    shown = {"en": f"400,000.22, limit 400,000 ({over:.2f} too much)"}
    shown["fr"] = f"400\u202f000,22, limite 400\u202f000 ({over:.2f} de trop)".replace(
        "0.22", "0,22"
    )
    assert shown[spoken] in out
    assert shown[spoken] in run(capsys, *asked, "--format", "markdown")[1]


@each("constraint", ["cap", "budget", "least", "min_new", "step_facilitator"])
@each("beyond", [3e-6, 0.0123, 0.5, 7.0, 123_456.0])
@each("limit", [0.0, 1.0, 585.25, 5_400_000.0])
def test_a_broken_limit_and_its_value_never_look_the_same(constraint, beyond, limit):
    sign = -1 if constraint in ("least", "min_new") else 1
    text = Violation(constraint, "53", 2023, limit + sign * beyond, limit).sentence()
    value, bound, more = (
        float(n.replace(",", "").replace("−", "-"))
        for n in re.findall(r"[−\d][\d,]*(?:\.\d+)?", text.rpartition(":")[2])
    )
    assert value != bound
    assert more == pytest.approx(beyond, rel=0.06)
    assert sign * (value - bound) == pytest.approx(beyond, rel=0.06)


def test_a_plan_that_fails_the_check_says_by_how_much(monkeypatch):
    problem = small_problem(budget=35_000.0)
    broken = (Violation("budget", None, 2023, 35_000.22, 35_000.0),)
    monkeypatch.setattr(Evaluation, "violations", broken)
    with pytest.raises(SolverError, match=r"35,000\.22, limit 35,000 \(0\.22 too much\)"):
        fa.solve(problem)


def test_what_is_too_much_for_a_budget_shows_however_little(capsys, demo):
    forced = ("territories.11.min_new_facilitators_fte=12.42237", "posts.cap_fte=none")
    sets = [word for text in forced for word in ("--set", text)]
    code, out, _ = run(capsys, "solve", demo, *sets)
    assert code == 3
    over = 12.42237 * 46_000 * 0.70 - 400_000
    enough = math.ceil(100 * over) / 100  # rounded up, so that it is enough as it is shown
    assert re.search(rf"400,00{enough:.2f} EUR\s+{enough:.2f} EUR too much", out)


def test_a_cap_passed_by_little_is_broken(capsys, demo):
    Path("posts.csv").write_text("territory,role,new_fte\n11,facilitator,1.01\n", encoding="utf-8")
    out = run(capsys, "evaluate", demo, "--posts", "posts.csv", "--set", "posts.cap_fte=25")[1]
    assert "cap (FTE): 25.01, limit 25 (0.01 too much)" in out


def test_what_is_broken_alike_in_many_places_is_said_once(capsys, at_root, tmp_path, search_once):
    posts = tmp_path / "posts.csv"
    posts.write_text("territory,role,new_fte\n53,facilitator,1\n", encoding="utf-8")
    asked = ("evaluate", "reference", "--posts", str(posts))
    _, out, _ = run(capsys, *asked)
    whole = json.loads(run(capsys, *asked, "--format", "json")[1])["violations"]
    places = [row["territory"] for row in whole if row["constraint"] == "coordinator_required"]
    assert len(places) > 12
    assert out.count("required coordinators (FTE)") == 1
    said = out[out.index("required coordinators") : out.index("New posts, FTE")]
    assert f"{len(places)} places" in said
    assert re.findall(r"\b(\d\d)\s+[A-ZÎ]", said) == places


# -- causes ----------------------------------------------------------------------------------------


def test_coordinators_hold_nobody_where_there_are_none(capsys, demo):
    code, out, _ = run(capsys, "solve", demo, "--lang", "en")
    assert code == 0
    assert "span" not in out
    for changes in ({}, {"supports_fte": 5.0}, {"supports_fte": 5.0, "productivity_gain": 0.5}):
        plan = fa.solve(replace(small_problem(cap=4.0), **changes), priced=False)
        assert not any("span" in held for held in plan.evaluation.held_by(0))


def test_a_plan_that_names_span_without_coordinators_is_still_accepted(tmp_path):
    document = json.loads(json.dumps(fa.solve(small_problem(cap=4.0)).document))
    for row in document["territories"]:
        row["held_by"] = [*row["held_by"], "span"]
    assert verify_document(document, small_problem(cap=4.0)).accepted
    led = small_problem(cap=4.0, supports_fte=1.0, productivity_gain=0.5)
    led = replace(led, existing_coordinators_fte=np.ones(2))
    document = json.loads(json.dumps(fa.solve(led).document))
    for row in document["territories"]:
        row["held_by"] = [name for name in ("span",) if name not in row["held_by"]]
    assert not verify_document(document, led).accepted


@each("name", ["max_new_coordinators_fte", "min_new_coordinators_fte", "max_rate"])
def test_a_name_about_another_thing_is_not_suggested(name):
    assert nearest_name(name, TERRITORY_COLUMNS) is None


def test_the_nearest_name_is_that_of_the_same_thing():
    slip = "max_new_facilitator_fte"
    assert nearest_name(slip, TERRITORY_COLUMNS) == "max_new_facilitators_fte"


@each(
    "key",
    ["territories.53.max_new_coordinators_fte", "posts.coordinator.max_growth_fte"],
)
def test_a_key_about_coordinators_is_not_answered_with_one_about_facilitators(at_root, key):
    with pytest.raises(fa.InputError) as refused:
        fa.load("reference", {key: 3})
    assert "facilitator" not in str(refused.value).split(":", 1)[1]


# -- proofs ----------------------------------------------------------------------------------------


STEPS = ("--set", "posts.step_fte=1")
#: In steps, a share is a limit that tables of areas do not hold: the bound is the solver's word.
SHARE = ("--set", 'limits.west.territories=["53"]', "--set", "limits.west.at_least_share=0.01")
IN_STEPS = [
    ("solve", *STEPS),
    ("explain", *STEPS),
    ("explain", *STEPS, "--territory", "53"),
    ("compare", "status-quo", *STEPS),
    ("weights", "--weight", "53", *STEPS),
    ("sweep", "--vary", "posts.cap_fte=30", *STEPS),
    ("sweep", "--vary", "posts.step_fte=0,1"),
]


@each("asked", IN_STEPS)
def test_no_page_calls_a_plan_in_steps_proved_that_is_not(capsys, demo, search_once, asked):
    code, out, _ = run(capsys, asked[0], demo, *asked[1:], *SHARE)
    assert code == 0
    assert "solver's bound" in out or asked[0] == "weights"
    # Of `solve`, what the same posts without steps would cover is proved.
    assert asked[0] == "solve" or not re.search(r"\bproved\b", out, re.IGNORECASE)
    assert asked[0] != "solve" or "BEST by the solver's bound" in out


@each("asked", IN_STEPS)
def test_a_plan_in_steps_that_tables_prove_is_called_proved(capsys, demo, search_once, asked):
    code, out, _ = run(capsys, asked[0], demo, *asked[1:])
    assert code == 0
    assert "proved" in out.lower() or asked[0] == "weights"
    assert "solver" not in out


# -- remedies --------------------------------------------------------------------------------------

ODD = ["it's", "0.5", "none", "true", 0.5, 3, None, True, [2023, 2024], "été « 1 »", {"2023": 1.5}]


@each("value", [*ODD, ["x" * 99]])
def test_a_setting_is_read_as_the_value_it_was(value):
    key, read = parse_override(override_text("a.b", value))
    assert (key, read) == ("a.b", "none" if value is None else value)
    with language.in_language("fr"):
        pasted = shlex.split(command_line("solve", {"scenario": "x", "overrides": {"a.b": value}}))
    assert pasted == ["fte-alloc", "solve", "x", "--set", override_text("a.b", value)]


@each(
    ("asked", "spoken"),
    [
        (("solve",), "en"),
        (("solve",), "fr"),
        (("explain",), "fr"),
        (("compare", "reference"), "en"),
        (("weights",), "fr"),
        (("frontier", "--between", "coverage:state_cost"), "en"),
        (("regret", "reference"), "fr"),
        (("sweep", "--vary", "posts.cap_fte=40.5"), "en"),
    ],
)
def test_a_command_to_paste_finds_what_was_impossible(capsys, demo, few_points, asked, spoken):
    """Whatever printed it: pasted, it comes to the same scenario, with all that was changed."""
    sets = {"budget.state_eur_per_year": 1000.5, "title": "l'« essai »"}
    sets["territories.53.min_new_facilitators_fte"] = 3.0
    typed = [word for key, value in sets.items() for word in ("--set", f"{key}={value}")]
    if asked[0] == "regret":  # the other decides on other territories: one of the same
        Path("autre.toml").write_text('model = "demo"\n', encoding="utf-8")
        asked = ("regret", "autre.toml")
    code, out, err = run(capsys, asked[0], demo, *asked[1:], *typed, "--lang", spoken)
    assert code in (0, 3)
    pasted = re.findall(r"fte-alloc solve .*", out + err)
    assert pasted
    for words_ in map(shlex.split, pasted):
        given = dict(map(parse_override, words_[4::2]))
        if not out or asked[0] == "sweep":
            assert given.items() >= sets.items()
        problem = fa.load(words_[2], given)
        assert problem.inputs.title in (sets["title"], "demo")


def test_the_command_of_the_assumed_figures_is_whole(capsys, demo):
    changed = ("--set", "posts.cap_fte=56.25")
    for spoken in language.LANGUAGES:
        _, out, _ = run(capsys, "solve", demo, *changed, "--lang", spoken)
        (line,) = re.findall(r"fte-alloc check .*", out)
        assert shlex.split(line) == ["fte-alloc", "check", demo, *changed]


PASTED = re.compile(
    r"(?:pip install |fte-alloc )(?:'[^']*'|[\w{}.-]+)|--[a-z-]+|[a-z_]+\.[a-z_]+=\S+"
)


def test_translations_leave_what_is_to_be_pasted_as_it_is():
    """Commands, options and settings: no typographic quote, no other space, no comma."""
    for (_, text), french in catalogue.said(catalogue.read("fr", "po")).items():
        for part in PASTED.findall(str(text)):
            part = part.rstrip(",.;:")
            assert part.split("=")[0] in str(french), (text, part)
            assert not re.search(r"(?:pip install|fte-alloc) ?[’‘“”«]", str(french))


def test_where_a_limit_is_set_is_told_as_files_write_it(capsys, demo):
    _, out, _ = run(capsys, "explain", demo, "--lang", "fr")
    assert "budget.state_eur_per_year = 400000 (" in out


def test_a_line_is_never_broken_inside_an_option():
    from io import StringIO

    stream = StringIO()
    print_page([Line("x" * 96 + " --set posts.step_fte=0 " + "y" * 120)], stream)
    assert {"--set", "y" * 120} < set(stream.getvalue().split())


def test_a_page_is_laid_out_in_columns_and_coloured_only_where_somebody_looks(monkeypatch):
    """Signs of two columns count as two; a column folds at spaces, its line ends with no space."""
    from io import StringIO

    why = "because " * 14
    rows = [["東京", "1.0", why], ["Réunion", "12.5", "–"], ["Total", "13.5", ""]]
    page = [
        Line("a title", "good", "PROVED"),
        Grid(["", "FTE", "why"], rows, left_too=(2,), fold=(2,), total=True),
    ]
    monkeypatch.setenv("COLUMNS", "60")
    texts = []
    for is_terminal in (False, True):
        stream = StringIO()
        monkeypatch.setattr(stream, "isatty", lambda looks=is_terminal: looks, raising=False)
        print_page(page, stream)
        texts.append(stream.getvalue())
    plain, coloured = texts
    assert plain.splitlines()[1:] == [
        "         FTE why",
        "東京     1.0 " + " ".join(["because"] * 11),
        " " * 13 + " ".join(["because"] * 3),
        "Réunion 12.5 –",
        "Total   13.5",
    ]
    assert plain.splitlines()[0] == f"{'a title':<94}PROVED"
    assert "\x1b" not in plain
    assert "\x1b[1mTotal" in coloured
    assert max(len(line) for line in re.sub(r"\x1b.*?m", "", coloured).splitlines()) <= 60


# -- small things ----------------------------------------------------------------------------------


@each("text", ["53", "Bretagne", "bretagne", "territory.53", "weights.territory.Bretagne"])
def test_a_weight_is_found_by_code_and_by_name(text):
    from fte_alloc.inputs.weighing import Weighing

    weighing = Weighing.of(solved("reference").problem)
    assert weighing.weight(text).key == "weights.territory.53"


def test_a_name_of_several_weights_is_answered_with_them():
    from fte_alloc.inputs.weighing import Weighing

    problem = replace(small_problem(), territory_names=("same", "same"))
    with pytest.raises(fa.InputError, match=r"weights\.territory\.A, weights\.territory\.B"):
        Weighing.of(problem).weight("same")


def test_functions_of_problems_take_names_and_paths(demo, few_points):
    problem, path = fa.load(demo), Path(demo)
    best = fa.solve(problem).document
    assert fa.solve(demo).document == fa.solve(path).document == best
    assert len(fa.compare([demo, problem]).sides) == 2
    assert fa.explain(path).document["scenario"] == best["scenario"]
    assert len(fa.weights(demo, keys=["53"]).document["weights"]) == 1
    assert len(fa.regret({"a": demo, "b": problem}).scenarios) == 2
    assert fa.frontier(demo, "coverage", "state_cost").status == "optimal"
    assert fa.justify(demo, fa.solve(demo).posts).document
    assert fa.solve(problem=demo).document == best


def test_regret_keeps_the_order_it_was_given_and_the_figures(demo):
    """And nobody is told of chances that nobody asked for."""
    changes = {"other": {}, "demo": {"weights.territory.53": 3.0}, "third": {"posts.cap_fte": 30}}
    problems = {name: fa.load(demo, changed) for name, changed in changes.items()}

    def in_order(value: object) -> object:
        if isinstance(value, dict):
            return {key: in_order(value[key]) for key in sorted(value)}
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return sorted(value)
        return [in_order(one) for one in value] if isinstance(value, list) else value

    figures = set()
    for names in (["other", "demo", "third"], ["third", "other", "demo"]):
        answer = fa.regret({name: problems[name] for name in names})
        document = answer.document
        assert document["scenarios"] == list(document["by_scenario"]) == names
        assert list(document["own_plans"]) == list(document["average"]["by_scenario"]) == names
        figures.add(json.dumps(in_order(document)))
        page = regret_answer(document).page()
        assert not any("Chances" in line.text for line in page if isinstance(line, Line))
        grids = [block for block in page if isinstance(block, Grid)]
        assert all(list(grid.headings[-3:]) == names for grid in grids if len(grid.headings) > 3)
    assert len(figures) == 1


# -- what planners, staff and analysts typed -------------------------------------------------------

POOR = ("territories.Bretagne.least_rate=0.65", "territories.53={ least_rate = 0.65 }")


@each("typed", POOR)
def test_what_is_to_be_tried_gives_no_key_twice(capsys, demo, search_once, typed):
    """A key that was typed by name, or within a table, gives way to its change."""
    more = ("--set", "territories.01.least_rate=0.1", "--set", "posts.cap_fte=39.5")
    code, out, _ = run(capsys, "solve", demo, "--set", typed, *more)
    assert code == 3
    tried = shlex.split(out.rpartition("Try:")[2])
    assert more[-1] in tried
    assert run(capsys, *tried[1:])[0] == 0


def test_limits_set_in_several_places_are_not_all_laid_to_the_last(capsys, demo):
    with Path(demo).open("a", encoding="utf-8") as scenario:
        scenario.write("[territories.11]\nleast_rate = 0.65\n")
    _, out, _ = run(capsys, "solve", demo, "--set", POOR[0])
    assert f"--set, {demo}, 2 lines" in out


@pytest.fixture
def unled(demo):
    """The same, no coordinator being possible at all."""
    model = Path("models/demo/model.toml")
    before, rest = model.read_text(encoding="utf-8").split("[posts.coordinator]")
    model.write_text(before + rest[rest.index("[budget]") :], encoding="utf-8")
    return demo


def test_no_claim_is_made_between_values_that_were_not_looked_at(capsys, unled):
    asked = ("weights", unled, "--path", "53=0.5:1.5", "--time-limit", "0")
    code, out, _ = run(capsys, *asked)
    assert code == 4
    assert "straight line" not in out
    assert "Stopped: between two of the 2 points" in " ".join(out.split())
    assert "of 3 posts" in " ".join(out.split())


def test_posts_that_cannot_be_are_no_reason_for_a_tie(unled):
    """The rates are those of posts solved for where the weight is a little greater."""
    problem = fa.load(unled, {"weights.territory.53": 1.2})
    more = Weighing.of(problem).problem_with({"weights.territory.53": 1.2 + 1e-6})
    moved = WarmSolver(problem).post_derivatives(more, (more.weight - problem.weight) / 1e-6)
    told = {code: moved[i] for i, code in enumerate(problem.territories) if moved[i]}
    now, then = (
        fa.solve(fa.load(unled, {"weights.territory.53": w})).posts.set_index("territory")[
            "new_fte"
        ]
        for w in (1.2, 1.21)
    )
    assert len(told) > 1
    for code in told:
        measured = (then[code] - now[code]).iloc[0] / 0.01
        assert told[code] == pytest.approx(measured, rel=0.05, abs=0.01)


def test_the_status_quo_of_a_saved_plan_is_that_of_its_scenario(capsys, demo):
    assert run(capsys, "solve", demo, "--out", "plan.json")[0] == 0
    _, out, _ = run(capsys, "compare", "plan.json", "status-quo", "--format", "json")
    assert [s["model"] for s in json.loads(out)["scenarios"]] == ["demo", "demo"]
    code, _, err = run(capsys, "compare", "status-quo", "--set", "posts.cap_fte=40")
    assert (code, "name one before it" in err) == (2, True)


def test_an_input_that_is_not_there_is_no_limit_left_off(capsys, demo):
    """A year not planned for is not planned without budget; a weight that nobody set is 1."""
    two = "years = [2023, 2024]\nbudget.state_eur_per_year = { 2024 = 5e5 }\n"
    base = f'model = "demo"\n{two}weights.territory.53 = 2\nposts.cap_fte = "none"\n'
    Path("ans.toml").write_text(base, encoding="utf-8")
    _, out, _ = run(capsys, "compare", demo, "ans.toml")
    rows = out[: out.index("Results")].splitlines()
    values = [row.split("  ")[-1].strip().split(" → ") for row in rows if " → " in row]
    keys = [row.strip() for row in rows if row.startswith("    ")]
    told = dict(zip(keys, values, strict=True))
    assert told["budget.state_eur_per_year.2024"] == ["–", "500,000"]
    assert told["weights.territory.53"] == ["1", "2"]
    assert told["posts.cap_fte"] == ["40", "no limit"]


@each("before", [("--set", "posts.cap=3"), ("--time-limit", "0")])
def test_an_error_is_told_of_the_scenario_wherever_it_was_typed(capsys, demo, before):
    _, _, err = run(capsys, "solve", *before, demo)
    said = f"{demo}: stopped" if "0" in before else f"fte-alloc show {shlex.quote(demo)}"
    assert said in err


def test_a_plan_beaten_where_limits_count_is_not_said_to_cover_less(unled):
    """It covers more where both break the budget, and the page says that both do."""
    poor = {"budget.state_eur_per_year": 150_000, "territories.53.contracts_per_fte_factor": 2}
    changes = {"best": {}, "weighted": {"weights.territory.53": 2}, "poor": poor}
    sides = []
    for name, changed in changes.items():
        plan = fa.solve(fa.load(unled, changed))
        sides.append(side_of(plan.document, plan.problem, name))
    comparison = Comparison(tuple(sides))
    values = comparison.cross_evaluation.values
    assert comparison.cross_evaluation.dominated == ("weighted",)
    assert values["weighted"]["poor"] > values["best"]["poor"]
    blocks = cross_blocks(comparison.cross_evaluation, comparison.titles)
    page = "\n".join(block.text for block in blocks if hasattr(block, "text"))
    for plan in ("best", "weighted"):
        assert f"“{plan}” breaks limits of “poor” (budget)." in page


def test_a_report_of_several_scenarios_says_once_what_is_assumed(capsys, demo):
    Path("less.toml").write_text('model = "demo"\nposts.cap_fte = 39\n', encoding="utf-8")
    assert run(capsys, "report", demo, "less.toml", "--out", "page.html")[0] == 0
    page = Path("page.html").read_text("utf-8")
    assert "expected contracts" in page
    assert 'id="sheet-' in page
    assert page.count("counts of posts and contracts are ASSUMED") == 1


def test_every_sum_over_several_years_says_so(capsys, demo):
    Path("two.toml").write_text('model = "demo"\nyears = [2023, 2024]\n', encoding="utf-8")
    _, solved_, _ = run(capsys, "solve", "two.toml")
    assert re.search(r"Stage 1 +contracts covered in 2023–2024: ", solved_)
    assert re.search(r"State money a year: about \+[\d.]+ contracts in 2023–2024\.", solved_)
    _, explained, _ = run(capsys, "explain", "two.toml")
    assert re.search(r"Last 10,000 EUR: [\d.]+ contracts in\s+2023–2024;", explained)
    assert " contracts covered in 2023–2024, proved best\n" in explained
