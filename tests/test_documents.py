"""Every JSON document is as ``docs/documents.toml`` describes it, and nothing else is described."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, SCENARIOS, same_page, small_problem, solved
from document_sample import QUICK, SAMPLE, in_english, sample, told, working_folder
from documents import (
    DATA,
    ENDINGS,
    PARTS,
    TYPES,
    WORDS,
    faults_of,
    keys_of,
    occurring,
    sections,
    words_of,
)
from regenerate import documents_page
from tables import each

import fte_alloc as fa

#: Every key, with the document or part that it is of.
KEYS = [(of, key) for of in sections() if "is" not in PARTS[of] for key in keys_of(of).values()]


@pytest.fixture(scope="module")
def folder() -> Iterator[None]:
    """The working directory of the commands."""
    with working_folder():
        yield


# -- the description -------------------------------------------------------------------------------


def test_every_format_of_the_program_is_described_and_no_other():
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    made = {name for text in texts for name in re.findall(r'"(fte-alloc/[\w-]+/\d+)"', text)}
    assert made == {name for name in DATA["documents"] if "/" in name}


def test_nothing_is_described_in_vain():
    spliced = re.findall(r"@(\w+)", " ".join(part.get("keys", "") for part in PARTS.values()))
    assert PARTS.keys() == {*sections(), *spliced}
    for_all = {
        word.removesuffix("?")
        for part in PARTS.values()
        for word in part.get("keys", "").split()
        if word.removesuffix("?") not in part.get("own", {})
    }
    assert DATA["keys"].keys() == {word for word in for_all if word[0] != "@"}
    kinds = [key.type for _, key in KEYS] + [part["is"] for part in PARTS.values() if "is" in part]
    used = {word for kind in (*kinds, *TYPES.values()) for word in words_of(kind)}
    assert used <= {*TYPES, *WORDS, *sections()}
    assert {*TYPES, *WORDS} <= used


def test_the_ending_of_a_key_is_the_unit_of_its_figures():
    assert [(of, key.name) for of, key in KEYS if key.is_figure and not key.unit] == []
    with_ending = [(of, key.name) for of, key in KEYS if key.typed_unit and key.ending_unit]
    assert with_ending == [("first_move", "rate")]  # of change, no share
    named = {unit for unit in ENDINGS.values() if unit.startswith(("FTE", "EUR"))}
    assert [(of, key.name) for of, key in KEYS if key.typed_unit in named] == []


# -- documents against it --------------------------------------------------------------------------


@each("command", QUICK.split("\n")[1:-1])
def test_a_document_of_each_format_is_as_described(command, folder, search_once, few_points):
    assert faults_of(json.loads(told(command))) == []


def test_documents_of_a_problem_that_is_not_read_from_files_are_as_described(few_points):
    problem = small_problem()
    plan = fa.solve(problem)
    found = [plan, fa.explain(plan, "A"), fa.frontier(problem, "coverage", "posts")]
    found.append(fa.weights(plan, keys=["A"]))
    texts = [json.dumps(answer.document) for answer in found]
    assert [faults_of(json.loads(text)) for text in texts] == [[]] * 4


def shortened(document: Any) -> dict[str, Any]:
    """A plan with four rows of each of its tables."""
    document = deepcopy({k: v[:4] if isinstance(v, list) else v for k, v in document.items()})
    values = document["inputs"]["values"]
    document["inputs"]["values"] = dict(list(values.items())[:4]) | {"years": values["years"]}
    return document


def at(document: Any, path: str) -> tuple[Any, Any]:
    """The table or list that holds a place, and its last key."""
    *way, last = (int(key) if key.isdigit() else key for key in path.split("."))
    for key in way:
        document = document[key]
    return document, last


@each(
    ("path", "value", "fault"),
    [
        ("posts.3.new_fte", "1.0", ".posts[3].new_fte: type '1.0'"),
        ("posts.3.new_fte", -0.5, ".posts[3].new_fte: minimum -0.5"),
        ("posts.3.new_fte", True, ".posts[3].new_fte: type True"),
        ("posts.3.role", "mediator", ".posts[3].role: enum 'mediator'"),
        ("posts.3.new_posts", 1.0, ".posts[3].new_posts: unknown"),
        ("posts.3.year", 2023.5, ".posts[3].year: type 2023.5"),
        ("coverage.rate", 24.8, ".coverage.rate: maximum 24.8"),
        ("coverage.target_rate", "none", ".coverage.target_rate: type 'none'"),
        ("coverage.contracts", None, ".coverage.contracts: type None"),
        ("network", [], ".network: type []"),
        ("stages.0.objective", "profit", ".stages[0].objective: enum 'profit'"),
        ("stages.0.duals.cap_2023", "0", ".stages[0].duals.cap_2023: type '0'"),
        ("inputs.resolved_sha256", "8a2c", ".inputs.resolved_sha256: pattern '8a2c'"),
        ("inputs.values.years", {}, ".inputs.values.years: type {}"),
        ("states", "optimal", ".states: unknown"),
        ("by_year", {}, ".by_year: type {}"),
    ],
)
def test_what_is_not_as_described_is_found(path, value, fault):
    document = shortened(solved("reference").document)
    holder, key = at(document, path)
    holder[key] = value
    assert faults_of(document) == [fault]


@each("path", ["status", "posts.3.area", "coverage.contracts", "money.per_fte", "inputs.values"])
def test_what_is_left_out_is_found(path):
    document = shortened(solved("reference").document)
    holder, key = at(document, path)
    del holder[key]
    assert len(found := faults_of(document)) == 1
    assert "required" in found[0]


@pytest.mark.slow
def test_every_key_occurs_and_in_what_is_rare_nothing_else(search_once):
    documents = sample()
    assert [faults_of(document) for document in documents] == [[]] * len(documents)
    met = {(of, name) for document in documents for of, name, _ in occurring(document)}
    assert {(of, key.name) for of, key in KEYS} - met == set()


@pytest.mark.slow
def test_the_page_is_up_to_date(search_once):
    """Rewrite it with ``python tests/regenerate.py``."""
    kept = (ROOT / "docs" / "documents.md").read_text(encoding="utf-8")
    assert same_page(documents_page(), kept)


@pytest.mark.slow
def test_documents_are_the_same_bytes_in_french(folder, search_once):
    """A workbook is other bytes in every folder, and so is its digest."""
    english = {
        command: told(command) if "regions.xlsx" in command else text
        for command, text in in_english().items()
    }
    assert [command for command in SAMPLE if english[command] != told(command, "fr")] == []


#: Questions about every scenario.
EVERY = """
solve {name}
verify plan-{name}.json
evaluate {name} --posts plan-{name}.json
show {name}
check {name}
calibrate {name} --rate 0.22
compare {name} reference status-quo --why
sweep {name} --vary posts.cap_fte=400,560,600
weights {name} --weight 53
weights {name} --explain-plan plan-{name}.json
""".strip().splitlines()
#: Those that take long, about a scenario of each kind: over years, in steps, with other stages.
SOME = """
weights {name} --path weights.territory.53=0.9:1.1
explain {name} --territory 53
frontier {name} --between coverage:state_cost
explain {name}
regret {name} other-{name}.toml --relative
frontier {name} --between worst_rate:posts
""".strip().splitlines()
#: A curve in steps that no tables prove, of few départements: of many, the search takes long.
FEW_IN_STEPS = "frontier few.toml --between worst_rate:posts --set posts.step_fte=0.5"
#: Which of them: the others take minutes for a hundred départements, or over years.
KINDS = {
    "departements": SOME[:3],
    "half-posts": [*SOME[:-1], FEW_IN_STEPS],
    "horizon-2025": SOME[3:5],
    "thirty-percent": SOME,
    "weakest-first": SOME,
}
#: What is refused: weights of posts in steps, and of objectives that they do not enter.
REFUSED = {
    "--explain-plan": ("departements", "half-posts", "thirty-percent", "weakest-first"),
    "regret": ("thirty-percent", "weakest-first"),
}


@pytest.mark.slow
@each("name", SCENARIOS)
def test_documents_of_every_scenario_and_question_are_as_described(
    name, folder, search_once, few_points
):
    other = f'extends = "{name}"\nweights.territory.53 = 2\n'
    Path(f"other-{name}.toml").write_text(other, encoding="utf-8")
    Path(f"plan-{name}.json").write_text(told(f"solve {name}"), encoding="utf-8")
    for command in [*EVERY, *KINDS.get(name, ())]:
        typed = dict.fromkeys(command.format(name=name).split())  # a scenario is named once
        text = told(" ".join(typed))
        is_refused = any(part in command and name in REFUSED[part] for part in REFUSED)
        assert bool(text) is not is_refused, command
        assert is_refused or faults_of(json.loads(text)) == [], command
