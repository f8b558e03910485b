"""Documents say what the code does: outputs, generated pages, commands, links."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import same_page, slow
from tables import each

from fte_alloc.cli import cli
from fte_alloc.programme.objectives import OBJECTIVES
from fte_alloc.programme.statement import CONSTRAINTS

sys.path.insert(0, str(Path(__file__).resolve().parent))
from regenerate import GENERATED, inputs_table

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


SLOW = ("README.fr.md", "docs/inputs.md", "docs/weights.md", "docs/your-figures.md")
SLOW += ("docs/fr/", "examples/")
#: Two are compared where what they show is at hand.
MADE_HERE = sorted(GENERATED.keys() - {"tests/golden/frontier.txt", "docs/documents.md"})


@each("name", [slow(name) if name.startswith(SLOW) else name for name in MADE_HERE])
def test_generated_documents_are_up_to_date(name, search_once):
    """Rewrite them with ``python tests/regenerate.py``."""
    made, kept = GENERATED[name](), (ROOT / name).read_text(encoding="utf-8")
    assert made == kept if name.endswith(".json") else same_page(made, kept)


def test_every_input_is_on_its_page():
    """All but the limits that are solved for as examples."""
    assert (ROOT / "docs" / "inputs.md").read_text(encoding="utf-8").startswith(inputs_table())


@each(
    ("said", "same"),
    [
        ("11 Corse  9.9  1,234 EUR", True),
        ("11 Corse 10.0  1,235 EUR", True),  # one in the last digit, as wide as before
        ("11 Corse  9.7  1,234 EUR", False),
        ("11 Corse  9.9  1,236 EUR", False),
        ("11 Corse 9.90  1,234 EUR", False),
        ("12 Corse  9.9  1,234 EUR", False),  # a code
        ("11 Corse −9.9  1,234 EUR", False),
        ("11 Corsa  9.9  1,234 EUR", False),
        ("11 Corse  9.9   1,234 EUR.", False),
    ],
)
def test_pages_are_compared_exactly_in_text_and_closely_in_figures(said, same):
    assert same_page(said, "11 Corse  9.9  1,234 EUR") is same


def test_every_scenario_and_command_is_in_the_readme():
    for path in (ROOT / "scenarios").glob("*.toml"):
        assert f"`{path.stem}`" in README
    for name in cli.commands:
        assert f"fte-alloc {name}" in README


def test_no_command_is_two_answers_in_the_readme():
    asked = re.findall(r"^\| .*\? .*\| `(fte-alloc .*)` \|$", README, re.MULTILINE)
    assert len(asked) > 10
    assert len(asked) == len(set(asked))
    assert {command.split()[1] for command in asked} == set(cli.commands)


def test_the_french_readme_gives_commands_of_the_english_one():
    """Those that it does not run itself, and the line that sets everything up."""
    text = (ROOT / "README.fr.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| .* \| `(fte-alloc .*)` \|$", text, re.MULTILINE)
    assert len(rows) == len({*rows}) > 15
    assert {*rows} <= {*re.findall(r"`(fte-alloc [^`]*)`", README)}
    set_up = re.findall(r"^p[\w.]+ -m venv .* solve reference$", text, re.MULTILINE)
    assert len(set_up) == 2
    assert all(f"\n{line}\n" in README for line in set_up)


def test_every_constraint_and_objective_is_in_the_mathematics():
    page = (ROOT / "docs" / "mathematics.md").read_text(encoding="utf-8")
    for name in CONSTRAINTS:
        assert re.search(rf"`{name}_\w+`", page), name
    for name in OBJECTIVES:
        assert f"`{name}`" in page, name


@each("name", ["mathematics.md", "methods.md"])
def test_pages_of_formulas_are_narrow_enough_to_be_read(name):
    """Tables too; and no line of prose starts with a mark that would make it a table or a list."""
    lines = (ROOT / "docs" / name).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > 100] == []
    in_tables = [line for line in lines if line.lstrip().startswith("|")]
    assert [line for line in in_tables if not re.fullmatch(r"\|.*\|", line)] == []
    assert [line for line in lines if re.match(r"\s*([-+]|\d+[.)]) ", line)] == []


@each("path", DOCUMENTS)
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), target


@each("path", sorted((ROOT / "scenarios").glob("*.toml")))
def test_a_scenario_is_a_question_in_ten_lines_or_fewer(path):
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(lines) <= 10


@pytest.mark.slow
def test_readme_python_runs(tmp_path):
    """The block in the README, as it stands."""
    (code,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=60)


@pytest.mark.slow
def test_readme_commands_set_up_a_bare_machine(tmp_path):
    """Fresh clone, empty directory, the first command exactly as written; then the wheel."""
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    commands = re.findall(r"^python3 -m venv .*$", README, flags=re.MULTILINE)
    assert len(commands) == 2
    done = subprocess.run(
        ["bash", "-euc", commands[0]],
        cwd=clone,
        # False for "no": packages are compiled as they are imported, few of them here.
        env={**os.environ, "PIP_NO_COMPILE": "0"},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    plan = README.split("$ fte-alloc solve reference\n")[1].split("```")[0]
    assert same_page(done.stdout[done.stdout.index("reference: France") :], plan)


@pytest.mark.slow
def test_the_wheel_carries_models_and_scenarios(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=300,
    )
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    subprocess.run(
        ["python3", "-m", "zipfile", "-e", str(wheel), str(site)], check=True, timeout=60
    )
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import fte_alloc; assert fte_alloc.__file__.startswith(sys.argv[1])\n"
        "from fte_alloc.cli import main; main(['solve', 'reference'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(site)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "58,366 of 235,629" in done.stdout
