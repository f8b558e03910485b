"""CONTRIBUTING.md is followed: an objective and a question are added just as it says, and work."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, solved

OBJECTIVE = {
    "programme/objectives.py": (
        "OBJECTIVES = {\n",
        """OBJECTIVES = {
    "facilitators": Objective(
        "minimise",
        "FTE",
        lambda e: float(e.new_facilitators_fte.sum()),
        name=N_("new facilitators, FTE"),
        seeks=N_("fewest new facilitators"),
        proved=N_("no plan opens fewer facilitators than {bound}"),
        worth=NN_("facilitator saved", "facilitators saved"),
        short=N_("new facilitators"),
        digits=2,
    ),
""",
    ),
    "programme/statement.py": (
        "\ndef tie_break(",
        '''
def facilitators(p: Problem, d: Decisions, lp: pulp.LpProblem) -> Any:
    """Σ x_it: new facilitators, summed over years [FTE]."""
    return pulp.lpSum(d.x.values())


def tie_break(''',
    ),
}
#: The function stands in the list of those that are objectives, too.
LISTED = ("        tie_break,\n    )", "        tie_break,\n        facilitators,\n    )")

QUESTION = '''"""How many posts a scenario could still have."""

import click

from fte_alloc.cli.command import Request, command
from fte_alloc.language import _
from fte_alloc.questions.answer import Answer, Line, Table
from fte_alloc.questions.cells import Column
from fte_alloc.render.result import Result


@command("places reference")
@click.argument("scenario")
def places_command(request: Request, scenario: str) -> Result:
    """How many new posts each territory could recruit."""
    problem = request.load(scenario)
    most = problem.most_new_fte[0][:, 0]
    rows = [{"code": c, "fte": float(f)} for c, f in zip(problem.territories, most, strict=True)]
    code, fte = Column("code", "code", page=""), Column("total", "fte", key="fte", page="FTE")

    def answer():
        lines = [Line(_("Places to recruit in {scenario}").format(scenario=scenario), "head")]
        return Answer(scenario, [*lines, Table("", [code, fte], rows)])

    return Result({"places": rows}, answer, ("code", "fte"), lambda: rows)
'''

#: Its file, in the table of them.
BEFORE = "FILES = {\n"
ENTRY = """FILES = {
    "places": "places",
"""

RUN = """
import io, json, sys
from contextlib import redirect_stdout
import fte_alloc
from fte_alloc.cli import main
from fte_alloc.questions.frontier import curve, frontier
curve.WITHIN = frontier.WITHIN = 0.05
told = {"where": fte_alloc.__file__}
for line in json.loads(sys.argv[1]):
    code = 0
    with redirect_stdout(io.StringIO()) as out:
        try:
            main(line.split())
        except SystemExit as left:
            code = left.code
    told[line] = code, out.getvalue()
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The project's own files, to be changed: by each test others."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("models", "scenarios", "src/fte_alloc"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def run(copy, *lines):
    """Exit code and output of each command line, all run in one process of the copy."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps(lines)],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy / "src"), "LANGUAGE": "en"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert Path(told.pop("where")).is_relative_to(copy)
    return told


def replace_once(path, before, after):
    text = path.read_text("utf-8")
    assert text.count(before) == 1, (path, before)
    path.write_text(text.replace(before, after), "utf-8")


def named_in_contributing(row):
    """The files of the product that a row of the table names."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    (line,) = re.findall(rf"^\| {row} \| (.*) \|$", text, re.MULTILINE)
    return set(re.findall(r"`((?:programme|cli|questions|inputs|render)/[\w/]+\.py)", line))


def test_the_house_names_every_file_and_no_other():
    house = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("## The house")[1].split("```")[1]
    modules = {path.stem for path in (ROOT / "src").rglob("*.py")} - {"__main__"}
    named = set(re.findall(r"(\w+)\.py\b", house)) - {"make", "hatch_build", "liars"}
    assert named <= modules
    assert modules <= {*re.findall(r"\w+", house)}


def test_an_objective_is_added_in_the_two_files_that_the_page_names(copy):
    assert named_in_contributing("an objective") == set(OBJECTIVE)
    for name, (before, after) in OBJECTIVE.items():
        replace_once(copy / "src/fte_alloc" / name, before, after)
    replace_once(copy / "src/fte_alloc/programme/statement.py", *LISTED)
    (copy / "few.toml").write_text(
        'extends = "reference"\n[[stages]]\nmaximise = "coverage"\nconcede = 0.01\n'
        '[[stages]]\nminimise = "facilitators"\n'
    )
    told = run(
        copy,
        "solve few.toml",
        "solve few.toml --out plan.json",
        "verify plan.json",
        "frontier reference --between coverage:facilitators",
        "frontier --help",
    )
    assert {line: code for line, (code, _) in told.items() if code} == {}
    assert "Stage 2    new facilitators, FTE: " in told["solve few.toml"][1]
    plan = json.loads((copy / "plan.json").read_text("utf-8"))
    opened = sum(post["new_fte"] for post in plan["posts"] if post["role"] == "facilitator")
    assert plan["stages"][1]["value"] == pytest.approx(opened, abs=1e-6)
    most = solved("reference").evaluation.new_facilitators_fte.sum()
    assert opened < most - 1
    curve = told["frontier reference --between coverage:facilitators"][1]
    assert "new facilitators from" in curve
    assert "fewest new facilitators" in told["frontier --help"][1]


def test_a_question_is_added_in_the_two_files_that_the_page_names(copy):
    assert named_in_contributing("a question") == {"cli/__init__.py"}  # and a file of its own
    (copy / "src/fte_alloc/cli/places.py").write_text(QUESTION, "utf-8")
    replace_once(copy / "src/fte_alloc/cli/__init__.py", BEFORE, ENTRY)
    told = run(
        copy,
        "places reference",
        "places reference --format json",
        "places reference --format csv",
        "places reference --format markdown",
        "places nowhere",
        "--help",
    )
    codes = {line: code for line, (code, _) in told.items()}
    assert codes == {**dict.fromkeys(told, 0), "places nowhere": 5}
    assert "Places to recruit in reference" in told["places reference"][1]
    document = json.loads(told["places reference --format json"][1])
    assert len(document["places"]) == 18
    assert told["places reference --format csv"][1].startswith("code,fte\n01,")
    assert "| 01 |" in told["places reference --format markdown"][1]
    assert "How many new posts each territory could recruit." in told["--help"][1]
