"""Answers in Python: they display, print in a few lines, are saved and read, and have types."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from html import unescape
from pathlib import Path
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest
from conftest import ROOT, run, slow, slow_but, small_problem, solved
from tables import each

import fte_alloc as fa
from fte_alloc.api import text_of
from fte_alloc.inputs.input_files import scenarios_and_models
from fte_alloc.questions.check import available_answer
from fte_alloc.render.html import html_part

pytestmark = pytest.mark.usefixtures("at_root", "search_once")

GOLDEN = sorted((ROOT / "tests" / "golden" / "plans").glob("*.json.gz"))


def letters(html: str) -> str:
    """What is read in HTML, without its spaces."""
    text = unescape(re.sub(r"<style>.*?</style>|<[^>]*>", "", html, flags=re.DOTALL))
    return "".join(text.split())


@cache
def impossible() -> fa.InfeasibleError:
    with pytest.raises(fa.InfeasibleError) as caught:
        fa.solve(fa.load("reference", overrides={"budget.state_eur_per_year": 3e6}))
    return caught.value


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    """The plan of ``reference``, saved."""
    path = tmp_path_factory.mktemp("saved") / "plan.json"
    solved("reference").save(path)
    return path


# -- display ---------------------------------------------------------------------------------------

SMALL = small_problem()
ANSWERS = {
    "Problem": lambda: fa.load("reference"),
    "a problem typed in Python": lambda: SMALL,
    "Plan": lambda: solved("reference"),
    "Evaluation": lambda: solved("reference").evaluation,
    "Verification": lambda: fa.verify(solved("reference")),
    "Comparison": lambda: fa.compare([solved("reference"), solved("tight-budget")]),
    "Explanation": lambda: fa.explain(SMALL),
    "Explanation of a territory": lambda: fa.explain(SMALL, "A"),
    "Weights": lambda: fa.weights(SMALL),
    "WeightPath": lambda: fa.weight_path(SMALL, "weights.territory.A", 0.9, 1.1),
    "Justification": lambda: fa.justify(SMALL, fa.solve(SMALL).posts),
    "Frontier": lambda: fa.frontier(SMALL, "coverage", "state_cost"),
    "Regret": lambda: fa.regret({"a": SMALL, "b": small_problem(cap=5)}),
    "Sweep": lambda: fa.sweep("reference", {"posts.cap_fte": [560, 570]}),
    "InfeasibleError": impossible,
    "Diagnosis": lambda: fa.diagnose(small_problem(budget=-1.0)),
}


SLOW = ("Explanation", "Frontier", "Justification", "Regret", "Sweep", "Weights")


@each("name", [slow(name) if name in SLOW else name for name in ANSWERS])
def test_an_answer_displays_as_the_page_of_its_command_and_prints_its_head(name):
    answer = ANSWERS[name]()
    page, shown, printed = text_of(answer).splitlines(), answer._repr_html_(), repr(answer)
    assert shown.startswith('<div class="fte-alloc" lang="en">')
    assert [word for word in " ".join(page).split() if word not in letters(shown)] == []
    more = (
        [f'… {len(page) - 9} more lines; .save("all.txt") has them'] if len(page) > 10 else page[9:]
    )
    assert printed.splitlines() == [*page[:9], *more]


def test_what_an_answer_says_is_what_the_command_prints(capsys):
    assert text_of(solved("reference")) == run(capsys, "solve", "reference")[1]
    command = "explain", "reference", "--territory", "Bretagne"
    assert text_of(fa.explain("reference", "Bretagne")) == run(capsys, *command)[1]


def test_an_answer_displays_in_the_language_in_force():
    fa.use_language("fr")
    try:
        shown = solved("reference")._repr_html_()
    finally:
        fa.use_language("en")
    assert 'lang="fr"' in shown
    assert "Île-de-France" in shown
    assert "ETP" in shown


def test_columns_of_texts_stand_at_the_left():
    shown = html_part(available_answer(scenarios_and_models()).page())
    assert '<th scope="col" class=left>title</th>' in shown


def test_what_comes_from_outside_is_shown_as_typed():
    problem = fa.load("reference", overrides={"title": "</script><b>x</b>\x1b[31m"})
    shown = fa.solve(problem)._repr_html_()
    assert "&lt;/script&gt;&lt;b&gt;x&lt;/b&gt;\\x1b[31m" in shown
    assert "<b>x" not in shown


# -- pictures --------------------------------------------------------------------------------------


def test_pictures_are_svg_with_words_for_those_who_do_not_see_them(tmp_path):
    plan = solved("reference")
    for picture in (plan.map(), plan.map("posts"), plan.chart(), plan.chart("rate")):
        drawn = picture._repr_svg_()
        root = ET.fromstring(drawn)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert picture.title in drawn
        assert repr(picture) == f"{picture.title}\n{picture.description}"
        picture.save(tmp_path / "picture.svg")
        assert (tmp_path / "picture.svg").read_text("utf-8") == drawn
    assert "25.1%" in plan.map()._repr_svg_()  # Bretagne
    with pytest.raises(fa.InputError, match=r"expected an ending among \.svg"):
        plan.chart().save(tmp_path / "picture.png")


def test_there_is_no_map_of_other_figures_nor_without_outlines():
    for draw in (solved("reference").map, solved("reference").chart):
        with pytest.raises(fa.InputError, match=r'^figure="money": expected one of rate, posts$'):
            draw("money")
    with pytest.raises(fa.InputError, match=r"^No map: not every area of this model is a region"):
        fa.solve(SMALL).map()
    assert "no new post" in fa.solve(SMALL).chart()._repr_svg_()


@pytest.mark.slow
def test_the_curve_of_a_frontier_is_a_picture(capsys, few_points):
    curve = fa.frontier("tight-budget", "coverage", "state_cost")
    between = ["frontier", "tight-budget", "--between", "coverage:state_cost", "--format", "svg"]
    assert curve.chart()._repr_svg_() == run(capsys, *between)[1]


# -- saved and read --------------------------------------------------------------------------------


def test_a_plan_is_saved_as_its_command_writes_it(capsys, tmp_path):
    plan = solved("reference")
    for ending in ("json", "csv", "md", "txt"):
        path = tmp_path / f"plan.{ending}"
        run(capsys, "solve", "reference", "--out", str(path))
        command = path.read_bytes()
        plan.save(path)
        assert path.read_bytes() == command, ending


def test_a_plan_is_saved_as_a_workbook(tmp_path):
    solved("reference").save(tmp_path / "plan.xlsx")
    with ZipFile(tmp_path / "plan.xlsx") as book:
        assert b'name="Simulator"' in book.read("xl/workbook.xml")


@pytest.mark.slow
def test_a_plan_is_saved_as_a_page(tmp_path):
    solved("reference").save(str(tmp_path / "page.html"))
    page = (tmp_path / "page.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert 'id="map-rate-1"' in page


def test_a_saved_plan_displays_is_proved_again_and_compares(saved):
    plan, read = solved("reference"), fa.read(saved)
    assert read.document == json.loads(saved.read_bytes())
    assert (read._repr_html_(), repr(read)) == (plan._repr_html_(), repr(plan))
    assert read.posts.equals(plan.posts)
    figures = [(p.status, p.expected_contracts, p.upper_bound) for p in (read, plan)]
    assert figures[0] == figures[1]
    assert fa.verify(read).accepted
    one, other = fa.compare([read, solved("tight-budget")]), [saved, solved("tight-budget")]
    assert one.document == fa.compare(other).document
    assert one.document == fa.compare([plan, solved("tight-budget")]).document
    read.save(saved.with_name("again.json"))
    assert saved.with_name("again.json").read_bytes() == saved.read_bytes()


@each("path", slow_but(GOLDEN, GOLDEN[0]))
def test_plans_of_earlier_versions_are_read(path, tmp_path):
    old = tmp_path / "old.json"
    old.write_bytes(gzip.decompress(path.read_bytes()))
    plan = fa.read(old)
    assert plan.expected_contracts > 50_000
    assert len(repr(plan).splitlines()) <= 10
    assert len(plan.posts) == 36 * len(plan.document["years"])
    assert "94 Corse" in plan._repr_html_()
    assert "<svg" in plan.map()._repr_svg_()
    assert fa.verify(plan).accepted == fa.verify(old).accepted
    assert len(fa.compare([plan, solved("reference")]).sides) == 2


def test_a_plan_is_not_saved_over_what_it_was_made_from(tmp_path, monkeypatch):
    for folder in ("models/france-2023", "scenarios"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)
    path = Path("models/france-2023/contracts.csv")
    plan, before = fa.solve("reference"), path.read_bytes()
    for answer in (plan, plan.problem, fa.compare([plan, plan])):
        with pytest.raises(fa.InputError, match=r'^path=".*contracts\.csv": .*give another path$'):
            answer.save(path.absolute())
    assert path.read_bytes() == before
    plan.save("plan.json")
    fa.read("plan.json").save("plan.json")  # as when a notebook is run again
    with pytest.raises(fa.InputError, match=r"^plan\.docx: expected an ending among \.txt \.csv"):
        plan.save("plan.docx")


# -- names and types -------------------------------------------------------------------------------


def test_public_names_are_those_that_are_listed():
    names = dir(fa)
    assert names == sorted(fa.__all__)
    assert {"solve", "read", "Plan", "InfeasibleError"} < {*names}
    assert [name for name in names if name.startswith("_") or not getattr(fa, name).__doc__] == []
    assert fa.solve.__module__ == "fte_alloc.questions.plan"
    with pytest.raises(AttributeError, match="has no attribute 'sovle'"):
        _ = fa.sovle


def test_problems_are_given_by_name_path_or_as_they_are():
    path = ROOT / "scenarios" / "tight-budget.toml"
    by_name, by_path = fa.compare(["tight-budget", path]).sides
    assert by_name.document == by_path.document == solved("tight-budget").document
    plan = fa.solve("reference", overrides={"posts.cap_fte": 560})
    assert plan.document == fa.solve(fa.load("reference", {"posts.cap_fte": 560})).document
    path = fa.weight_path(plan, "weights.segment.local", 0.9, 1.1)
    assert path.document == fa.weight_path(plan.problem, "weights.segment.local", 0.9, 1.1).document
    with pytest.raises(fa.InputError, match="the problem is loaded already; give them to load"):
        fa.solve(plan.problem, overrides={"posts.cap_fte": 560})


#: A user's script, and what mypy says of it, line by line.
SCRIPT = """
import fte_alloc as fa

problem = fa.load("reference", overrides={"posts.cap_fte": 560})
plan = fa.solve(problem)
reveal_type(problem)  # fte_alloc.programme.problem.Problem
reveal_type(fa.solve("reference"))  # fte_alloc.questions.plan.Plan
reveal_type(plan.expected_contracts)  # float
reveal_type(plan.upper_bound)  # float | None
reveal_type(plan.map())  # fte_alloc.questions.answer.Map
reveal_type(fa.read("plan.json"))  # fte_alloc.questions.plan.SavedPlan
reveal_type(fa.verify(fa.read("plan.json")).accepted)  # bool
reveal_type(fa.compare(["reference", plan, fa.read("plan.json")]).lines[0].label)  # str
reveal_type(fa.explain("reference", "Bretagne"))  # fte_alloc.questions.explain.explain.Explanation
reveal_type(fa.weights(plan).status)  # str
curve = fa.frontier(problem, "coverage", "state_cost")
reveal_type(curve.chart())  # fte_alloc.questions.answer.Plot
reveal_type(fa.regret({"a": problem, "b": "need-first"}).status)  # str
reveal_type(problem.evaluate({}).violations[0].sentence())  # str
try:
    fa.solve("reference")
except fa.InfeasibleError as error:
    reveal_type(error.repairs)  # list[dict[str, Any]]
fa.sovle  # error: Module has no attribute "sovle"; maybe "solve"?
"""


@pytest.mark.slow
def test_a_users_script_has_types(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    options = ["--strict", "--no-error-summary", "--no-incremental", "--config-file="]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "script.py"],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    said = re.findall(
        r"^script\.py:(\d+): (?:note|error): (.*?)(?:  \[.*)?$", done.stdout, re.MULTILINE
    )
    told = {int(line): what for line, what in said}
    expected = {
        number: comment[1]
        for number, line in enumerate(SCRIPT.splitlines(), start=1)
        if (comment := re.search(r"  # (?:error: )?(.*)", line))
    }
    plain = {
        n: re.sub(r'Revealed type is "(.*)"|builtins\.', r"\1", what) for n, what in told.items()
    }
    assert plain == expected, done.stdout


# -- errors ----------------------------------------------------------------------------------------


@each(
    ("call", "said"),
    [
        (
            lambda: fa.load("reference", overrides={"posts.cap_ft": 600, "years": [2023, 2025]}),
            'overrides={"posts.cap_ft": 600}: unknown key; did you mean posts.cap_fte?',
        ),
        (lambda: fa.explain(SMALL, "Bretange"), 'territory="Bretange": no such territory'),
        (lambda: fa.explain(SMALL, area="Bretange"), 'area="Bretange": no such area'),
        (
            lambda: fa.regret(["reference", "need-first"], probabilities={"other": 0.5}),
            'probabilities="other": is none of the scenarios (need-first, reference)',
        ),
        (
            lambda: fa.regret(["reference", "half-posts"]),
            "the same steps (posts.step_fte)",
        ),
        (
            lambda: fa.justify("half-posts", {}),
            'ask about continuous posts: overrides={"posts.step_fte": 0}',
        ),
        (lambda: fa.solve("refrence"), 'No scenario "refrence" in ./scenarios'),
        (lambda: fa.solve(None), "problem: is None, expected a problem"),
        (lambda: fa.solve(SMALL, float("nan")), "time_limit_s: is nan, expected a number"),
        (lambda: fa.load(SMALL), "scenario: is Problem, expected a name"),
        (lambda: fa.load("reference", overrides=["a=1"]), "overrides: is ['a=1'], expected a dict"),
        (lambda: fa.explain(SMALL, within=2), "within: is 2, expected a share of at least 0 and"),
        (lambda: fa.explain(SMALL, within=-0.5), "within: is -0.5"),
        (lambda: fa.explain(SMALL, 53), "territory: is 53, expected a text"),
        (lambda: fa.explain(SMALL, "A", area="B"), "area does nothing with territory"),
        (lambda: fa.compare([]), "plans: is [], expected a list"),
        (lambda: fa.compare("reference"), "plans: is 'reference', expected a list"),
        (lambda: fa.regret("reference"), "problems: is 'reference', expected a list"),
        (lambda: fa.regret([]), "problems: is []"),
        (lambda: fa.sweep("reference", {"posts.cap_fte": 560}), "cases: is {'posts.cap_fte': 560}"),
        (lambda: fa.sweep("reference", None), "cases: is None, expected a dict of lists"),
        (lambda: fa.justify(SMALL, SMALL), "posts: is Problem, expected a table of posts"),
        (lambda: SMALL.evaluate(SMALL), "posts: expected a table, such as plan.posts"),
        (lambda: fa.read("README.md"), "is not a saved plan (fte-alloc solve … --out PLAN.json)"),
    ],
)
def test_errors_speak_of_arguments(call, said):
    with pytest.raises(fa.InputError) as error:
        call()
    assert said in str(error.value)
    assert str(error.value) == "\n".join(map(str, error.value.mistakes))
    (shown,) = error.value._render_traceback_()
    assert shown == f"InputError: {error.value}"
    if "fte-alloc" not in said:
        assert "--" not in str(error.value)


def test_an_impossible_scenario_has_its_conflict_and_its_repairs_as_data():
    error = impossible()
    (conflict,), repair = error.conflict, error.repairs[0]
    assert (conflict["short"], conflict["needed"]) == ("budget", 3_294_900)
    (change,) = repair["changes"]
    assert (change["key"], change["to"]) == ("budget.state_eur_per_year", 3_294_900)
    repaired = fa.load("reference", overrides={change["key"]: change["to"]})
    assert fa.solve(repaired, priced=False).status == "optimal"
    (shown,) = error._render_traceback_()
    assert shown == text_of(error)
    assert "Any ONE of these is enough" in shown


def test_an_impossible_problem_that_is_not_known_says_no_more():
    error = fa.InfeasibleError("no plan is possible.")
    assert (error.conflict, error.repairs, repr(error)) == ([], [], "no plan is possible.")


# -- the tour --------------------------------------------------------------------------------------


def test_the_tour_prints_little_and_shows_pictures():
    """That its outputs are current is tried in ``test_docs``."""
    cells = json.loads((ROOT / "examples" / "tour.ipynb").read_text("utf-8"))["cells"]
    run_here = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in run_here] == [*range(1, len(run_here) + 1)]
    told = ""
    for cell in run_here:
        (shown,) = cell["outputs"]
        plain = shown["text"] if shown["output_type"] == "stream" else shown["data"]["text/plain"]
        assert len(plain) <= 40, cell["source"]
        told += letters("".join([*plain, *shown.get("data", {}).get("text/html", ())]))
    pictures = [cell for cell in run_here if "image/svg+xml" in cell["outputs"][0].get("data", {})]
    assert len(pictures) >= 2
    prose = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    assert "Eight regions gain posts, and none loses any" in prose
    pages = ["".join(cell["outputs"][0].get("data", {}).get("text/html", "")) for cell in run_here]
    (compared,) = [page for page in pages if "New posts of both roles" in page]
    posts = compared[compared.index("New posts of both roles") :]
    moves = re.findall(r'row">\d\d [^<]*</th><td>[\d.·]+</td><td>([+−])', posts)
    assert moves == ["+"] * 8
    figures = re.findall(r"\b\d{3}\b|\d+\.\d", prose)
    assert {"585", "5.4"} <= {*figures}
    assert [figure for figure in figures if figure not in told] == []
