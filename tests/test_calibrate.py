"""The productivity that an observed rate implies, and lines that are put into a model."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT, run
from tables import each

import fte_alloc as fa
from fte_alloc.errors import InputError
from fte_alloc.programme.curves import TableCurves
from fte_alloc.questions.calibrate import calibrate
from fte_alloc.questions.model_lines import model_lines_page, model_with_lines

pytestmark = pytest.mark.usefixtures("read_once")


def rate_of(problem: fa.Problem) -> float:
    """Share of the first year's contracts that posts in place and renewed cover."""
    covered = problem.status_quo.expected_contracts[:, 0].sum()
    return float(covered / problem.contracts_per_year[:, 0].sum())


def test_the_published_rate_gives_the_shipped_value_to_two_digits(at_root):
    found = calibrate(fa.load("reference"), 0.223)
    assert f"{found['contracts_per_fte']:.2g}" == "84"
    assert (found["facilitators_fte"], found["coordinators_fte"]) == (pytest.approx(482), 1)


@each(
    ("scenario", "changes", "rate"),
    [
        ("reference", {}, 0.187),
        ("reference", {}, 0.45),
        # What weighs contracts or limits rates is another matter than what is covered.
        ("need-first", {"coverage.contracts_per_fte": 12.5}, 0.2),
        ("horizon-2025", {"coverage.segments.local.contracts_per_fte_factor": 1.5}, 0.223),
    ],
)
def test_the_value_reaches_the_rate(scenario, changes, rate, at_root):
    found = calibrate(fa.load(scenario, changes), rate)
    reached = fa.load(
        scenario, {**changes, "coverage.contracts_per_fte": found["contracts_per_fte"]}
    )
    assert rate_of(reached) == pytest.approx(rate, rel=2e-4)
    assert found["rate_before"] == pytest.approx(rate_of(fa.load(scenario, changes)), rel=1e-9)


def test_the_command_to_try_it_is_one_that_runs(capsys, at_root):
    given = ("calibrate", "scenarios/reference.toml", "--rate", "0.223")
    __, out, __ = run(capsys, *given, "--set", "coverage.contracts_per_fte=80")
    assert "fte-alloc solve reference --set" in " ".join(out.split())
    __, out, __ = run(capsys, *given, "--set", "coverage.demand_cv=0.1")
    told = "solve reference --set coverage.demand_cv=0.1 --set coverage.contracts_per_fte=83.9"
    assert told in " ".join(out.split())


def test_a_rate_beyond_reach_is_refused_with_the_range(capsys, at_root):
    for rate in ("0.07", "0.62"):
        code, out, err = run(capsys, "calibrate", "reference", "--rate", rate)
        assert (code, out) == (5, "")
        assert (
            f"--rate: is {float(rate):.1%}; with the network in place it lies between 7.8%" in err
        )


def test_curves_that_are_tables_have_nothing_to_calibrate(at_root):
    problem = fa.load("reference")
    points = tuple((0.0, 1.0) for _ in range(problem.contracts_per_year.size))
    with pytest.raises(InputError, match="nothing to calibrate"):
        calibrate(replace(problem, curves=TableCurves(points, points)), 0.2)


def test_the_lines_are_put_into_the_model(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "models" / "france-2023", "mine")
    Path("case.toml").write_text('title = "x"\nmodel = "mine"\n', "utf-8")
    asked = ("calibrate", "case.toml", "--rate", "0.187", "--model", "mine")
    code, out, err = run(capsys, *asked, "--format", "json")
    assert (code, err) == (0, "mine/model.toml: written.\n")
    document = json.loads(out)
    entry = fa.load("case.toml").inputs.entries["coverage.contracts_per_fte"]
    assert entry.value == document["contracts_per_fte"]
    assert (entry.status, entry.source) == ("derived", "calibration")
    assert "18.70% of 235,629 contracts" in str(entry.note)
    before = (ROOT / "models/france-2023/model.toml").read_text("utf-8").splitlines()
    after = Path("mine/model.toml").read_text("utf-8").splitlines()
    assert len(before) == len(after)
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 3
    code, out, _ = run(capsys, *asked, "--format", "json", "--lang", "fr")
    assert (code, json.loads(out)["model_lines"]) == (0, document["model_lines"])
    assert "couvre alors 18,70\u00a0% de 235" in Path("mine/model.toml").read_text("utf-8")


LINES = {"a.b": {"c": "{ value = 2 }"}, "sources.x": {"title": '"t"'}}


@each(
    ("before", "after"),
    [
        ("", '[a.b]\nc = { value = 2 }\n\n[sources.x]\ntitle = "t"\n'),
        (
            "[a.b] # here\nd = 1\n[sources.x]\ntitle   = 'old' # said\n",
            '[a.b] # here\nc = { value = 2 }\nd = 1\n[sources.x]\ntitle   = "t"\n',
        ),
        ("[a]\nb.c = 1\n", None),
        ("a = { b = { c = 1 } }\n", None),
        ("[a.b]\nc = [\n 1,\n]\n", None),
    ],
)
def test_lines_take_the_place_of_those_of_the_same_keys(before, after, tmp_path):
    (tmp_path / "model.toml").write_text(before, "utf-8")
    if after is None:
        with pytest.raises(InputError, match="paste the lines"):
            model_with_lines(tmp_path, LINES)
    else:
        assert model_with_lines(tmp_path, LINES).decode().lstrip("\n") == after


def test_the_lines_are_as_people_would_write_them():
    told = [line.text for line in model_lines_page(LINES)[1:]]
    assert told == ["[a.b]", "c = { value = 2 }", "", "[sources.x]", 'title = "t"']


def test_a_folder_without_a_model_is_refused(tmp_path, capsys, at_root):
    code, _, err = run(capsys, "calibrate", "reference", "--rate", "0.2", "--model", str(tmp_path))
    assert code == 5
    assert "model.toml: no such file" in err


def test_a_rate_in_per_cent_is_shown_as_it_is_written(capsys):
    code, _, err = run(capsys, "calibrate", "reference", "--rate", "21")
    assert (code, "write 0.21 for 21 %" in err) == (2, True)
