"""The command line is a contract: exit codes, values on stdout, the rest on stderr."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

import pytest
from conftest import (
    ROOT,
    SCENARIOS,
    read_model,
    read_model_anew,
    run,
    slow,
    slow_but,
    solve_anew,
    solved,
)
from tables import each

import fte_alloc as fa
from fte_alloc.cli import cli
from fte_alloc.inputs.draft import Draft
from fte_alloc.questions.answer import Grid, Line
from fte_alloc.questions.evaluate import evaluation_answer
from fte_alloc.questions.solve.answer import plan_answer
from fte_alloc.render.data import as_json
from fte_alloc.render.markdown import markdown

pytestmark = pytest.mark.usefixtures("at_root", "search_once")


# -- solve -----------------------------------------------------------------------------------------


def test_solve_shows_the_plan_its_bound_its_cost_and_what_is_assumed(capsys):
    code, out, err = run(capsys, "solve", "reference")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("reference: ")
    assert lines[0].endswith("PROVED BEST: no plan covers more than 58,366.3")
    assert "58,366 of 235,629 = 24.8%" in lines[1]
    assert "no new post: 52,519 = 22.3%" in lines[1]
    assert "30% target: 12,322 short" in lines[1]
    assert "565.4 FTE of 585, 19.6 unused" in lines[2]
    assert "State 5.40 of 5.40 M EUR" in lines[2]
    assert "partners 2.31 M EUR" in lines[2]
    bretagne = next(line for line in lines if line.startswith("53 Bretagne"))
    assert bretagne.split()[2:] == ["13.2", "4.1", "9.9", "1.0", "28.3", "25.1%", "growth"]
    assert "Next 10,000 EUR of State money a year: about +18 contracts." in out
    assert "More cap: none, 19.6 FTE are unused." in out
    assert lines[-2:] == [
        "108 of 108 regional counts of posts and contracts are ASSUMED, 0 published.",
        "Each with its reason: fte-alloc check reference",
    ]


def test_of_equal_prices_the_first_code_is_told_whatever_the_rounding():
    document = json.loads(json.dumps(solved("reference").document))
    told = markdown(plan_answer(document).page())
    assert "(44 Grand Est; 7 others, at least +18)" in told
    for n, price in enumerate(document["prices"]):
        for side in ("one_more", "one_less"):
            price[side] = None if price[side] is None else price[side] * (1 + 1e-9 * n)
    assert markdown(plan_answer(document).page()) == told


def test_a_limit_of_the_scenarios_own_is_told_in_words():
    told = markdown(plan_answer(solved("own-limits").document).page())
    dense = "there: 0.25; facilitator; qpv_share >= 0.09)"
    assert f"share less (least share of all new posts that are {dense}" in told


def test_what_held_a_territory_in_an_earlier_year_is_told():
    answer = plan_answer(solved("horizon-2025").document)
    (table,) = (block for block in answer.page() if isinstance(block, Grid))
    assert "growth (2023)" in next(row for row in table.rows if row[0] == "53 Bretagne")
    assert "growth: can recruit no more this year" in markdown(answer.page())


@each("name", slow_but(SCENARIOS, "reference", "horizon-2025"))
def test_pages_are_plain_text_of_at_most_100_columns(capsys, name):
    _, out, _ = run(capsys, "solve", name)
    assert max(map(len, out.splitlines())) <= 100
    assert "\x1b" not in out
    assert not set(out) & set("│┃━─╭╮╰╯█")


def test_csv_of_solve_is_the_posts_table_that_evaluate_takes_back(capsys, tmp_path):
    code, out, _ = run(capsys, "solve", "reference", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert out.startswith("territory,name,role,year,existing_fte,committed_fte,new_fte,area\n")
    assert len(rows) == 36
    posts = tmp_path / "posts.csv"
    posts.write_text(out, encoding="utf-8")
    code, out, _ = run(capsys, "evaluate", "reference", "--posts", str(posts))
    assert code == 0
    assert "as good as the best" in out
    assert "It keeps every limit." in out


def test_json_is_the_document_unrounded_and_the_same_twice(capsys, monkeypatch):
    monkeypatch.setattr("fte_alloc.search.best_plan.best_plan", solve_anew)
    code, out, err = run(capsys, "solve", "reference", "--format", "json")
    assert (code, out, err) == (0, as_json(solved("reference").document), "")
    document = json.loads(out)
    assert document["format"] == "fte-alloc/plan/1"
    assert document["scenario"] == "reference"


def test_what_tests_of_pages_solve_and_read_again_is_remembered():
    one, other = (fa.solve(fa.load("reference")) for _ in range(2))
    assert one.evaluation.new_facilitators_fte is other.evaluation.new_facilitators_fte
    assert one.problem.inputs is other.problem.inputs


def test_a_model_that_is_remembered_is_as_if_read_anew():
    folder = ROOT / "models" / "france-2023"
    drafts = [Draft(folder=folder) for _ in range(3)]
    for draft, read in zip(drafts, (read_model_anew, read_model, read_model), strict=True):
        read(draft)
        draft.territories = dict(draft.territories)
        draft.segments = dict(draft.segments)
    anew, *again = map(vars, drafts)
    assert again == [anew, anew]
    assert again[0]["entries"] is not again[1]["entries"]


def test_set_is_shown_in_the_name_of_the_plan(capsys):
    _, out, _ = run(capsys, "solve", "reference", "--set", "posts.cap_fte=560")
    assert out.startswith("reference + posts.cap_fte=560: ")
    assert "One more FTE of cap: about +59 contracts." in out


def test_markdown_has_tables_without_rounding_more_than_the_page(capsys):
    _, out, _ = run(capsys, "solve", "reference", "--format", "markdown")
    assert "| 53 Bretagne | 13.2 | 4.1 | 9.9 | 1.0 | 28.3 | 25.1% | growth |" in out


def test_lines_to_paste_are_one_block_of_markdown():
    page = [Line("[weights]"), *(Line(text, whole=True) for text in ("a = `1`", "b = 2", "```"))]
    block = "```\na = `1`\nb = 2\n```\n\n````\n```\n````\n"
    assert markdown(page) == "\\[weights\\]\n\n" + block


def test_markdown_reads_as_notes(capsys):
    """A title, labels in bold, lists; rows that belong to another keep their indent."""
    _, out, _ = run(capsys, "solve", "reference", "--format", "markdown")
    title, _, proof = out.splitlines()[:3]
    assert (title, proof[:15]) == ("# reference: France, call of 2023", "**PROVED BEST: ")
    assert "**Contracts** 58,366 of 235,629 = 24.8%; no new post: 52,519 = 22.3%; " in out
    assert "\n- required coordinator: +70 contracts for 1 FTE less" in out
    _, french, _ = run(capsys, "solve", "reference", "--format", "markdown", "--lang", "fr")
    assert "\N{NARROW NO-BREAK SPACE}; statu quo" in french
    _, out, _ = run(capsys, "compare", "reference", "cap-560", "--format", "markdown")
    assert "\n| \u00a0\u00a0by new posts | +5,847 |" in out
    assert "\n\n\n" not in out


def test_a_plan_in_steps_is_proved_and_has_no_prices(capsys):
    _, out, _ = run(capsys, "solve", "half-posts")
    assert "PROVED BEST" in out.splitlines()[0]
    assert "No gain at the margin: a small change of money" in out


# -- exit codes ------------------------------------------------------------------------------------


def test_an_impossible_scenario_is_told_so_with_exit_3(capsys):
    arguments = ("solve", "reference", "--set", "budget.state_eur_per_year=3000000")
    code, out, err = run(capsys, *arguments)
    assert (code, err) == (3, "")
    assert out.startswith("reference + budget.state_eur_per_year=3000000: France, call of 2023")
    assert "NO PLAN IS POSSIBLE" in out
    assert "Try:  fte-alloc solve reference --set budget.state_eur_per_year=3294900" in out


def test_mistakes_are_all_shown_at_once_with_exit_5(capsys):
    code, out, err = run(
        capsys, "solve", "reference", "--set", "posts.cap_ft=600", "--set", "territories.54.name=x"
    )
    assert (code, out) == (5, "")
    assert err.startswith("2 mistakes to put right:\n\n")
    assert "--set posts.cap_ft=600: unknown key; did you mean posts.cap_fte?" in err
    assert "no such territory in france-2023" in err
    assert "fte-alloc show reference" in err


@each(
    "arguments",
    [
        "show nosuch",
        "verify README.md",
        "compare reference nosuch cap-560",
        "check reference nosuch",
    ],
)
def test_mistakes_are_announced_in_words_that_fit_any_command(capsys, arguments):
    """Some have nothing to solve, others solve what has no mistake."""
    code, _, err = run(capsys, *arguments.split())
    assert code == 5
    assert err.startswith("1 mistake to put right:\n\n")


def test_an_unknown_scenario_names_the_nearest_and_all(capsys):
    code, _, err = run(capsys, "solve", "refrence")
    assert code == 5
    assert "did you mean reference?" in err
    assert "Available: cap-560, departements, half-posts," in err


@each(
    "arguments",
    [
        ("solve",),
        ("solve", "reference", "--format", "pdf"),
        ("solve", "reference", "--out", "plan.docx"),
        ("solve", "reference", "--format", "csv", "--out", "plan.json"),
        ("compare", "reference"),
        ("frobnicate",),
        ("evaluate", "reference"),
        ("frontier", "reference", "--between", "coverage"),
    ],
)
def test_wrong_usage_is_exit_2_without_a_traceback(capsys, arguments):
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert "Error" in err
    assert "Traceback" not in err


@each(
    ("arguments", "twice"),
    [
        ("evaluate reference --posts a.csv --posts b.csv", "--posts"),
        ("solve reference --out a.md --out b.md", "--out"),
        ("solve reference --set posts.cap_fte=560 --set posts.cap_fte=570", "posts.cap_fte"),
        ("weights reference --weight 53 --weight 53 --path 1 --path 2", "--path"),
        ("compare reference reference", "reference"),
        ("report cap-560 reference cap-560 --out page.html", "cap-560"),
    ],
)
def test_what_may_stand_once_is_refused_where_it_stands_twice(capsys, arguments, twice):
    code, out, err = run(capsys, *arguments.split())
    assert (code, out) == (2, "")
    assert f"Error: {twice}: is given twice; keep one" in err


def test_a_time_limit_is_exit_4_and_never_called_best(capsys):
    code, out, err = run(capsys, "solve", "reference", "--time-limit", "0")
    assert code == 4
    assert "PROVED BEST" not in out
    assert "stopped" in err


def test_a_plan_that_breaks_a_limit_is_exit_1_and_says_which(capsys, tmp_path):
    posts = tmp_path / "typed.csv"
    posts.write_text("territory;role;new_fte\nBretagne;facilitator;12,5\n", encoding="cp1252")
    code, out, _ = run(capsys, "evaluate", "reference", "--posts", str(posts))
    assert code == 1
    assert "growth (FTE a year), 53 Bretagne: 12.5, limit 9.944 (2.556 too much)" in out
    assert "required coordinators (FTE), 17 places: 0, minimum 1 (1 short)" in out


@each(
    ("scenario", "verdict"),
    [
        (
            "thirty-percent",
            "; best within the limits 0.0: +17,976.",
        ),
        ("weakest-first", "24.08% (23.84% in the plan below): −"),
        ("horizon-2025", "53 Bretagne, 2024: 3 fewer than before"),
    ],
)
def test_an_evaluation_says_what_its_figures_count(capsys, tmp_path, scenario, verdict):
    posts, year = tmp_path / "typed.csv", (",year", ",2023") if "2025" in scenario else ("", "")
    text = "territory,role,new_fte{}\n53,facilitator,3{}\n".format(*year)
    posts.write_text(text, encoding="utf-8")
    out = run(capsys, "evaluate", scenario, "--posts", str(posts))[1]
    assert verdict in " ".join(out.split())


@each("scenario", ["reference", "half-posts"])
def test_a_saved_evaluation_reads_as_the_command_does(capsys, tmp_path, scenario):
    typed = tmp_path / "typed.csv"
    typed.write_text("territory,role,new_fte\n53,facilitator,3\n", encoding="utf-8")
    asked = ("evaluate", scenario, "--posts", str(typed), "--format")
    _, out, _ = run(capsys, *asked, "json")
    _, page, _ = run(capsys, *asked, "markdown")
    assert markdown(evaluation_answer(json.loads(out)).page()) == page


def test_evaluate_json_lists_violations_optimum_and_loss(capsys, tmp_path):
    posts = tmp_path / "typed.csv"
    posts.write_text("territory,role,new_fte\n53,facilitator,3\n", encoding="utf-8")
    code, out, _ = run(capsys, "evaluate", "reference", "--posts", str(posts), "--format", "json")
    document = json.loads(out)
    assert code == 1
    assert document["format"] == "fte-alloc/evaluation/1"
    assert len(document["violations"]) == 17
    assert document["violations"][0]["constraint"] == "coordinator_required"
    covered = document["coverage"]["expected_contracts"]
    assert document["loss"] == pytest.approx(document["optimum"]["bound"] - covered, abs=1e-9)


@each(
    ("text", "message"),
    [
        (
            "territory,role,new_fte\n54,facilitator,1\n",
            'typed.csv:2: territory: "54" is no territory',
        ),
        ("territory,role,new_fte\n53,facilitater,1\n", "did you mean facilitator?"),
        ("territory,role,new_fte\n53,facilitator,many\n", 'typed.csv:2: new_fte: is "many"'),
        ("territory,role,new_fte\n53,facilitator,-1\n", "expected a number of at least 0"),
        ("territory,role\n53,facilitator\n", "no new posts found"),
        ("territory,role,new_fte\n53,facilitator,1\n53,facilitator,2\n", "stands twice"),
        ("", "no new posts found"),
    ],
)
def test_a_posts_file_with_a_mistake_is_exit_5_with_its_line(capsys, tmp_path, text, message):
    posts = tmp_path / "typed.csv"
    posts.write_text(text, encoding="utf-8")
    code, out, err = run(capsys, "evaluate", "reference", "--posts", str(posts))
    assert (code, out) == (5, "")
    assert message in err


# -- compare ---------------------------------------------------------------------------------------


def test_compare_shows_inputs_results_and_posts_moved(capsys):
    code, out, err = run(capsys, "compare", "reference", "tight-budget")
    assert (code, err) == (0, "")
    assert re.search(
        r"most State money +5,400,000 → 4,500,000\n"
        r"    budget.state_eur_per_year",
        out,
    )
    assert "difference, 2nd − 1st" in out
    assert "tight-budget" not in out
    assert re.search(r"expected contracts +58,366 +56,703 +−1,663", out)
    assert re.search(r"State, EUR +5,400,000 +4,500,000 +−900,000", out)
    assert re.search(r"84 Auvergne-Rhône-Alpes +10.0 +−7.7 +−460", out)
    assert "each by its own objective: “France, call of 2023” and “A tighter budget”." in out
    assert "108 of 108 regional counts of posts and contracts are ASSUMED, 0 published" in out


def test_compare_of_one_scenario_with_set_is_with_and_without(capsys):
    _, out, _ = run(capsys, "compare", "cap-560", "--set", "posts.cap_fte=570")
    assert re.search(r"most FTE in the whole network +560 → 570\n +posts.cap_fte", out)


def test_set_applies_to_all_of_several(capsys):
    _, out, _ = run(
        capsys,
        "compare",
        "reference",
        "state-first",
        "--set",
        "posts.cap_fte=560",
        "--format",
        "csv",
    )
    rows = list(csv.DictReader(io.StringIO(out)))
    assert not [r for r in rows if r["section"] == "input" and r["key"] == "posts.cap_fte"]


def test_compare_csv_is_in_long_form(capsys):
    _, out, _ = run(capsys, "compare", "reference", "tight-budget", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert list(rows[0]) == ["section", "key", "scenario", "value", "difference"]
    picked = {(r["section"], r["key"], r["scenario"]): r for r in rows}
    money = picked["result", "state_eur", "tight-budget"]
    assert float(money["difference"]) == pytest.approx(-900_000, abs=0.01)


def test_plans_with_other_objectives_are_not_called_worse(capsys):
    _, out, _ = run(capsys, "compare", "reference", "state-first")
    assert "Proved best, each by its own objective" in out
    assert "New posts are the same in all plans." in out


def test_a_saved_plan_and_the_status_quo_can_be_compared(capsys, tmp_path):
    saved = tmp_path / "saved.json"
    assert run(capsys, "solve", "cap-560", "--out", str(saved))[0] == 0
    code, out, _ = run(capsys, "compare", "reference", str(saved), "status-quo")
    assert code == 0
    assert "A lower cap" in out
    assert "“status quo” breaks limits of “France, call of 2023” (required coordinator)" in out


def test_compare_why_tells_each_change_and_the_posts_of_one_territory(capsys):
    arguments = ("compare", "tight-budget", "need-first", "--why", "--territory", "bretagne")
    code, out, err = run(capsys, *arguments)
    assert (code, err) == (0, "")
    assert re.search(r"contracts +points +State, EUR +roles +FTE, both roles\n", out)
    assert re.search(r"A tighter budget +56,703 +21.5% +4,500,000 +54.4 +10.3\n", out)
    assert re.search(r"most State money +\+1,590 +\+0.8 +\+900,000 +\+28.0 +\+0.3\n", out)
    assert re.search(r"weights of indicators +−622 +−2.6 +0 +0.0 +−9.6\n", out)
    assert re.search(r"Regions in need first +57,671 +19.7% +5,400,000 +82.4 +1.0\n", out)
    _, out, _ = run(capsys, *arguments, "--format", "json")
    document = json.loads(out)
    bridge = document["bridges"][-1]
    assert list(bridge) == ["from", "to", "figure", "start", "end", "parts"]
    assert (bridge["from"], bridge["to"]) == ("tight-budget", "need-first")
    assert bridge["figure"] == "new_fte.53"
    total = sum(part["amount"] for part in bridge["parts"])
    assert total == pytest.approx(bridge["end"] - bridge["start"], abs=1e-6)
    assert list(document["cross"])[:3] == ["values", "regrets", "dominated"]


def test_why_of_six_scenarios_stays_within_100_columns(capsys):
    names = ["reference", "state-first", "tight-budget", "cap-560", "need-first", "weakest-first"]
    code, out, _ = run(capsys, "compare", *names, "--why")
    assert code == 0
    assert max(map(len, out.splitlines())) <= 100
    assert out.count("\nWhy ") == 5


def test_why_of_a_saved_plan_and_of_the_status_quo(capsys, tmp_path):
    saved = tmp_path / "saved.json"
    run(capsys, "solve", "cap-560", "--out", str(saved))
    code, out, _ = run(capsys, "compare", "reference", str(saved), "status-quo", "--why")
    assert code == 0
    assert re.search(
        r"France, call of 2023 +58,366 .*\nmost FTE in the network +−314 .*\nA lower cap +58,052 ",
        out,
    )
    assert "Not told for status quo" in out


def test_a_territory_goes_with_why_and_must_be_known(capsys):
    pair = ("compare", "reference", "cap-560")
    assert run(capsys, *pair, "--territory", "53")[0] == 2
    code, out, err = run(capsys, *pair, "--why", "--territory", "Bretange")
    assert (code, out) == (5, "")
    assert "--territory Bretange: no such territory in reference; did you mean 53" in err


def test_progress_is_shown_on_a_terminal_only(capsys, monkeypatch):
    arguments = ("compare", "tight-budget", "need-first", "--why")
    assert run(capsys, *arguments)[2] == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert "scenarios in between" in run(capsys, *arguments)[2]
    assert run(capsys, *arguments, "--quiet")[2] == ""


def test_a_failing_scenario_does_not_stop_the_others(capsys, tmp_path):
    poor = tmp_path / "poor.toml"
    poor.write_text(
        'extends = "reference"\n[budget]\nstate_eur_per_year = 1000000\n', encoding="utf-8"
    )
    code, out, err = run(capsys, "compare", "reference", str(poor), "nowhere", "tight-budget")
    assert code == 5
    assert "poor: no plan is possible." in err
    assert f"Why, and what would help: fte-alloc solve {os.path.relpath(poor)}\n" in err
    assert 'No scenario "nowhere"' in err
    assert re.search(r"expected contracts +58,366 +56,703", out)


# -- check and show --------------------------------------------------------------------------------


def test_check_counts_and_lists_what_is_published_derived_and_assumed(capsys):
    code, out, _ = run(capsys, "check", "reference")
    assert code == 0
    assert "59 numbers published, 20 derived, 125 assumed" in out
    published, derived, assumed = (
        out.index("PUBLISHED"),
        out.index("DERIVED"),
        out.index("ASSUMPTION"),
    )
    assert "posts.cap_fte" in out[published:derived]
    assert "coverage.contracts_per_fte" in out[derived:assumed]
    for assumption in (
        "contracts.csv contracts_per_year",
        "existing_facilitators_fte",
        "posts.coordinator.cost_eur_per_fte",
        "coverage.demand_cv",
    ):
        assert assumption in out[assumed:]
        assert assumption not in out[:assumed]


def test_check_without_names_checks_every_scenario(capsys):
    code, out, _ = run(capsys, "check", "--format", "json")
    document = json.loads(out)
    assert code == 0
    assert set(document) >= {"format", "errors", "warnings", "counts"}
    assert len(document["counts"]) == len(SCENARIOS)
    assert document["errors"] == []


def test_show_gives_every_value_with_the_line_that_set_it(capsys):
    code, out, _ = run(capsys, "show", "tight-budget", "--format", "json")
    rows = {row["key"]: row for row in json.loads(out)}
    assert code == 0
    assert rows["budget.state_eur_per_year"] == {
        "key": "budget.state_eur_per_year",
        "value": 4_500_000.0,
        "unit": "EUR/yr",
        "status": "scenario",
        "origin": "scenarios/tight-budget.toml:7",
    }
    line = int(rows["posts.cap_fte"]["origin"].rpartition(":")[2])
    model = (ROOT / "models" / "france-2023" / "model.toml").read_text(encoding="utf-8")
    assert model.splitlines()[line - 1].startswith("cap_fte")


def test_show_leaves_out_all_keys_but_those_that_contain_a_text(capsys):
    code, out, _ = run(capsys, "show", "reference", "--key", ".93.", "--format", "json")
    assert (code, {row["key"].split(".")[1] for row in json.loads(out)}) == (0, {"93"})
    _, out, _ = run(capsys, "show", "reference", "--key", "93.name")
    assert "Provence-Alpes-" in out
    assert "Côte d'Azur" in out
    code, out, err = run(capsys, "show", "reference", "--key", "budjet")
    assert (code, out) == (5, "")
    assert (
        'no key contains "budjet"; all keys: fte-alloc show reference; did you mean budget?' in err
    )
    _, _, err = run(capsys, "show", "reference", "--key", "xyzzy")
    assert 'no key contains "xyzzy"; all keys: fte-alloc show reference' in err
    assert run(capsys, "show", "--key", "budget")[0] == 2


def test_show_without_a_name_lists_what_is_at_hand(capsys):
    _, out, _ = run(capsys, "show")
    assert re.search(r"tight-budget +A tighter budget +scenarios/tight-budget.toml", out)
    assert "france-2023" in out


# -- verify ----------------------------------------------------------------------------------------


def test_verify_accepts_a_saved_plan_in_three_sentences_and_says_what_it_does_not_prove(
    capsys, tmp_path
):
    saved = str(tmp_path / "plan.json")
    run(capsys, "solve", "weakest-first", "--set", "posts.cap_fte=560", "--out", saved)
    code, out, err = run(capsys, "verify", saved)
    assert (code, err) == (0, "")
    title = " ".join(out.partition("Inputs ")[0].split())
    assert title == f"{saved}: weakest-first + posts.cap_fte=560 ACCEPTED"
    assert "The files are those the plan was made from" in out
    assert "giving up no more than the 1% it may" in out
    assert re.search(r"lowest rate +(\d\d\.\d\d%) +\1 +\1 +0\.0000001%", out)
    assert re.search(r"Not proved here: gains at the margin \(\d+\)", out)
    assert max(map(len, out.splitlines())) <= 100


def test_verify_refuses_a_changed_plan_with_exit_1_and_lists_what_differs(capsys, tmp_path):
    saved = tmp_path / "plan.json"
    run(capsys, "solve", "reference", "--out", str(saved))
    document = json.loads(saved.read_text(encoding="utf-8"))
    document["money"]["partners_eur"] += 1
    saved.write_text(json.dumps(document), encoding="utf-8")
    code, out, _ = run(capsys, "verify", str(saved))
    assert code == 1
    assert "NOT ACCEPTED" in out
    assert re.search(r"money\.partners_eur +23\d+\.\d+ +23\d+\.\d+", out)
    code, out, _ = run(capsys, "verify", str(saved), "--format", "json")
    told = json.loads(out)
    assert (code, told["format"], told["accepted"]) == (1, "fte-alloc/verification/2", False)
    assert len(told["sentences"]) == 3
    (finding,) = told["findings"]
    assert finding["path"] == "money.partners_eur"
    assert finding["saved"] == pytest.approx(finding["recomputed"] + 1)
    assert [stage["objective"] for stage in told["stages"]] == ["coverage", "state_cost"]
    assert set(told["stages"][0]) >= {"objective", "value", "bound", "recomputed_bound", "gap"}
    code, out, _ = run(capsys, "verify", str(saved), "--format", "csv")
    assert out.startswith("path,saved,recomputed\nmoney.partners_eur,")


def test_verify_takes_only_plans_and_folders_that_exist(capsys, tmp_path):
    other = tmp_path / "other.json"
    other.write_text('{"format": "fte-alloc/check/1"}', encoding="utf-8")
    code, _, err = run(capsys, "verify", str(other))
    assert code == 5
    assert "is not a saved plan" in err
    assert run(capsys, "verify", str(tmp_path / "none.json"))[0] == 5
    assert run(capsys, "verify", str(other), "--root", str(tmp_path / "nowhere"))[0] == 2


# -- files and the world around --------------------------------------------------------------------


def test_out_writes_whole_files_only(capsys, tmp_path):
    target = tmp_path / "plan.json"
    assert run(capsys, "solve", "reference", "--out", str(target))[:2] == (0, "")
    assert json.loads(target.read_text(encoding="utf-8"))["status"] == "optimal"
    assert [p.name for p in tmp_path.iterdir()] == ["plan.json"]


#: What commands need beside a scenario that is not there.
NEEDS = {
    "compare": ["nirgends-2"],
    "calibrate": ["--rate", "0.2"],
    "evaluate": ["--posts", "nirgends.csv"],
    "frontier": ["--between", "coverage:posts"],
    "regret": ["nirgends-2"],
    "sweep": ["--vary", "posts.cap_fte=560:570:5"],
}
#: What some need before it.
FIRST = {"import": ["decp"]}
WRITING = sorted(n for n, c in cli.commands.items() if any(p.name == "out" for p in c.params))


@each(
    ("name", "ending"),
    [*product(sorted({*WRITING} - {"report"}), ("csv", "json")), ("report", "html")],
)
def test_an_out_that_cannot_be_written_is_told_before_anything_else(
    capsys, tmp_path, name, ending, monkeypatch
):
    """Nobody waits for a result that has nowhere to go: the scenario is not even looked for."""
    monkeypatch.chdir(tmp_path)
    Path(f"folder.{ending}").mkdir(exist_ok=True)
    Path("file").touch()
    long = "n" * 300
    for out, told in {
        f"no/x.{ending}": "there is no folder no; create it",
        f"folder.{ending}": "is a folder; give the name of a file in it",
        f"file/x.{ending}": "cannot be written (Not a directory); give another",
        f"{long}.{ending}": "cannot be written (File name too long); give another",
    }.items():
        code, said, err = run(
            capsys, name, *FIRST.get(name, []), "nirgends", *NEEDS.get(name, []), "--out", out
        )
        assert (code, said) == (5, "")
        assert f"--out {out}: {told}" in err
        assert "nirgends" not in err
    left = {path.name for path in tmp_path.iterdir()}
    assert left - {"folder.csv", "folder.html", "folder.json"} == {"file"}


@each("name", WRITING)
def test_a_format_that_is_none_is_told_before_anything_else(capsys, name):
    asked = [*FIRST.get(name, []), "nirgends", *NEEDS.get(name, [])]
    code, _, err = run(capsys, name, *asked, "--out", "x.pdf")
    assert code == 2
    assert "expected an ending among" in err


@each(
    ("typed", "told"),
    [
        ("weights X --measure total", "--measure goes with --explain-plan"),
        ("weights X --explain-plan F --tolerance 0.5", "--tolerance does nothing with --explain"),
        ("weights X --explain-plan F --time-limit 9", "--time-limit does nothing with --explain"),
        ("sweep X --vary posts.cap_fte=1,2 --seed 0", "--seed goes with --sample"),
        ("sweep X --cases F --format csv --at-least 1", "--at-least does nothing with csv"),
        ("sweep X --cases F --out rows.csv --at-least 2", "--at-least does nothing with csv"),
        ("sweep X --cases F --cluster tcp://a --jobs 1", "--jobs does nothing with --cluster"),
        ("compare X Y --territory 53", "--territory goes with --why"),
    ],
)
def test_an_option_that_does_nothing_is_refused(capsys, tmp_path, monkeypatch, typed, told):
    """Even at its default: who types it expects something of it."""
    monkeypatch.chdir(tmp_path)
    Path("F").touch()
    code, out, err = run(capsys, *typed.split())
    assert (code, out) == (2, "")
    assert f"Error: {told}" in err


def test_what_was_there_stays_where_the_work_fails(capsys, tmp_path):
    target = tmp_path / "plan.json"
    target.write_text("before", encoding="utf-8")
    assert run(capsys, "solve", "nirgends", "--out", str(target))[0] == 5
    assert target.read_text(encoding="utf-8") == "before"


@each(
    ("typed", "name"),
    [
        ("show reference", "inputs.csv"),
        ("show", "names.txt"),
        ("check reference", "check.json"),
        ("solve reference", "posts.csv"),
        ("solve reference", "plan.xlsx"),
        ("solve reference", "PLAN.MD"),
        slow(("solve reference --set budget.state_eur_per_year=3000000", "repairs.csv")),
        slow(("sweep reference --vary posts.cap_fte=580,590", "cases.json")),
        ("sweep reference --vary posts.cap_fte=580,590", "cases.csv"),
    ],
)
def test_a_file_that_is_written_is_told_in_one_line(capsys, tmp_path, search_once, typed, name):
    """Nothing is said where quiet is asked for."""
    path = tmp_path / name
    arguments = [*typed.split(), "--out", str(path)]
    _, out, err = run(capsys, *arguments)
    told = [line for line in err.splitlines() if "no plan is possible" not in line]
    said = "2 cases, 2 of them solved now" if name == "cases.csv" else "written"
    assert told == [f"{path}: {said}."]
    assert out == ""
    assert str(path) not in run(capsys, *arguments, "--quiet")[2]


def test_results_go_to_stdout_and_warnings_to_stderr(capsys, tmp_path, monkeypatch):
    shutil.copytree(ROOT / "models", tmp_path / "models")
    (tmp_path / "scenarios").mkdir()
    shutil.copy(ROOT / "scenarios" / "reference.toml", tmp_path / "scenarios")
    table = tmp_path / "models" / "france-2023" / "territories.csv"
    table.write_bytes(table.read_text(encoding="utf-8").encode("cp1252"))
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, "solve", "reference")
    assert code == 0
    assert "Windows-1252" in err
    assert "53 Bretagne" in out
    assert run(capsys, "solve", "reference", "--quiet")[2] == ""


def test_shipped_scenarios_are_found_from_any_directory(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, "solve", "reference")
    assert (code, err) == (0, "")
    assert "58,366 of 235,629" in out
    _, shown, _ = run(capsys, "show", "reference", "--format", "json")
    origins = {row["key"]: row["origin"] for row in json.loads(shown)}
    assert origins["posts.cap_fte"].startswith("package:models/france-2023/model.toml:")


def test_a_reader_that_stops_early_is_no_error():
    script = f"{sys.executable} -m fte_alloc.cli show reference | head -1"
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr == ""


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_an_interrupt_is_exit_130():
    code = (
        "import fte_alloc.questions.plan as p, signal, time, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a job may ignore it
        "p.solve = lambda *a: (print('ready', file=sys.stderr, flush=True), time.sleep(30))\n"
        "from fte_alloc.cli import main\nmain(['solve', 'reference'])\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "ready\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.strip() == "Interrupted."


# -- help ------------------------------------------------------------------------------------------


@each("name", slow_but(sorted(cli.commands), "evaluate", "show"))
def test_help_ends_with_two_examples_that_run(
    capsys, few_points, search_once, name, tmp_path, monkeypatch
):
    code, out, _ = run(capsys, name, "--help")
    assert code == 0
    examples = out.rpartition("Examples:\n")[2].strip().splitlines()
    assert len(examples) == 2
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios", dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    for file in ("my-posts.csv", "plan.json"):
        if not Path(file).exists():
            solved("reference").save(file)
    Path("decp-2024.csv").write_text("acheteur_id,montant,dateNotification\n", "utf-8")
    Path("decp.json.gz").write_bytes(gzip.compress(b'{"marches": []}'))
    for example in examples:
        program, *arguments = example.split()
        assert program == "fte-alloc"
        code, _, err = run(capsys, *arguments)
        # A plan made for a larger budget breaks the tighter one: judged, and said.
        assert code == (1 if arguments[:2] == ["evaluate", "tight-budget"] else 0), err
