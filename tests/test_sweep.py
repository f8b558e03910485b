"""Sweeps: what is varied, a row for every case, nothing lost and nothing done twice."""

from __future__ import annotations

import csv
import io
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from conftest import ROOT, slow
from conftest import run as command
from limit_arrays import replace
from tables import each

import fte_alloc as fa
from fte_alloc import language
from fte_alloc.errors import InputError
from fte_alloc.inputs.load import load
from fte_alloc.inputs.overrides import parse_override
from fte_alloc.inputs.weighing import Weighing
from fte_alloc.questions.plan import solve
from fte_alloc.questions.sweep.cases import Cases, changes, read_cases, sample, vary
from fte_alloc.questions.sweep.page import sweep_page
from fte_alloc.questions.sweep.processes import _interrupts_wait, _processes, cluster, run_chunks
from fte_alloc.questions.sweep.rows import SweepFile, row_problem, run_chunk
from fte_alloc.questions.sweep.sweep import SLOW_CHUNK, Sweep, _by_solver, _chunks, sweep
from fte_alloc.render.terminal import print_page

pytestmark = pytest.mark.usefixtures("read_once")

CAPS = ["--vary", "posts.cap_fte=540:600:30"]
MONEY = ["--vary", "budget.state_eur_per_year=3e6,5.4e6"]


class Ran(NamedTuple):
    """What a command said, and its exit code."""

    exit_code: int
    stdout: str
    stderr: str


@pytest.fixture
def run(capsys):
    return lambda *arguments: Ran(*command(capsys, *arguments))


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def message(error) -> str:
    return "\n".join(map(str, error.value.mistakes))


# -- what is varied --------------------------------------------------------------------------------


@each(
    ("text", "values"),
    [
        ("a.b=540:560:5", [540, 545, 550, 555, 560]),
        ("a.b=0:1:0.1", [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]),
        ("a.b=4e6:4.35e6:1e5", [4000000, 4100000, 4200000, 4300000]),
        ("a.b=1,2.5,none,true", [1, 2.5, "none", True]),
        ("a.b=5:5:1", [5]),
    ],
)
def test_a_range_has_its_ends_and_no_rounding(text, values):
    cases = vary(text)
    assert cases.keys == ("a.b",)
    assert [case[0] for case in cases.rows] == values
    assert [type(case[0]) for case in cases.rows] == [type(value) for value in values]


@each(
    ("text", "says"),
    [
        ("posts.cap_fte", "expected KEY=LOW:HIGH:STEP"),
        ("=1,2", "expected KEY=LOW:HIGH:STEP"),
        ("posts.cap_fte=", "expected KEY=LOW:HIGH:STEP"),
        ("posts.cap_fte=540:600", "expected KEY=LOW:HIGH:STEP"),
        ("posts.cap_fte=540-640", "expected KEY=LOW:HIGH:STEP"),
        ("posts.cap_fte=low:5:1", "expected KEY=LOW:HIGH:STEP"),
        ("posts.cap_fte=1:5:0", "expected KEY=LOW:HIGH:STEP"),
        ("posts.cap_fte=5:1:1", "expected LOW below HIGH and a STEP above 0"),
        ("posts.cap_fte=1:5:-1", "expected LOW below HIGH and a STEP above 0"),
        ("posts.cap_fte=1:inf:1", "expected LOW below HIGH and a STEP above 0"),
        ("posts.cap_fte=0:1e9:1", "more than a million"),
    ],
)
def test_what_is_no_range_is_refused(text, says):
    with pytest.raises(InputError) as error:
        vary(text)
    assert says in message(error)
    assert f"--vary {text}" in message(error)


def test_a_count_of_cases_is_written_in_the_language():
    with language.in_language("fr"), pytest.raises(InputError) as error:
        vary("posts.cap_fte=0:1e9:1")
    assert "1\u202f000\u202f000\u202f000 cas" in message(error)


def test_a_value_given_twice_counts_once():
    assert vary("posts.cap_fte=5,6,5.0").rows == ((5,), (6,))


def test_every_value_goes_with_every_other_once():
    cases = vary("a=1,2").times(vary("b=3:5:1"))
    assert cases.keys == ("a", "b")
    assert cases.rows == ((1, 3), (1, 4), (1, 5), (2, 3), (2, 4), (2, 5))
    with pytest.raises(InputError, match="varied twice"):
        cases.times(vary("a=7"))


def test_cases_come_from_a_file(tmp_path):
    path = tmp_path / "cases.csv"
    path.write_text("posts.cap_fte,weights.segment.local\n560,2\n,1.5\n\n560,2\n", "utf-8")
    cases = read_cases(str(path))
    assert cases.keys == ("posts.cap_fte", "weights.segment.local")
    assert cases.rows == ((560, 2), (None, 1.5))  # a case given twice is one case
    problem = load("reference")
    assert changes(problem, cases.keys, cases.rows[1]) == {"weights.segment.local": 1.5}


def test_every_wrong_value_is_refused_at_its_place(tmp_path, run):
    path = Path(os.path.relpath(tmp_path / "cases.csv"))
    path.write_text("posts.cap_fte;budget.state_eur_per_year\n560;-5\n580;-6\n", "utf-8")
    out = run("sweep", "reference", "--cases", str(path), "--vary", "posts.cap=1,2")
    assert out.exit_code == 5
    key = "budget.state_eur_per_year"
    assert f"{path}:2: {key}: is -5, expected" in out.stderr
    assert f"{path}:3: {key}: is -6, expected" in out.stderr
    assert out.stderr.count("--vary posts.cap=1,2: unknown key; did you mean posts.cap_fte?") == 1


def test_cases_are_read_as_french_spreadsheets_write_them(tmp_path):
    path = tmp_path / "cases.csv"
    path.write_bytes(b"posts.cap_fte;weights.segment.local\r\n560,5;1,25\r\n;2\r\n")
    assert read_cases(str(path)).rows == ((560.5, 1.25), (None, 2))
    path.write_bytes(b"posts.cap_fte\r\n560\r\n570\r\n")
    assert read_cases(str(path)).rows == ((560,), (570,))
    path.write_text("budget.state_eur_per_year;posts.cap_fte\n5,0 M€;\n4 500 000;none\n", "utf-8")
    assert read_cases(str(path)).rows == ((5_000_000, None), (4_500_000, "none"))


def test_one_case_has_one_name_however_it_is_typed():
    assert vary("a.b=5e6,6_000_000").cells == vary("a.b=5000000:6e6:1e6").cells


@each(
    ("content", "says"),
    [
        ("", "cases.csv"),
        ("posts.cap_fte\n", "cases.csv"),
        ("posts.cap_fte,posts.cap_fte\n1,2\n", "cases.csv:1"),
        ("posts..cap\n1\n", "cases.csv:1: column 1: 'posts..cap'"),
        ("posts.cap_fte,a.b\n1,2\n2,3,4\n", "cases.csv:3"),
        ("posts.cap_fte;a.b\n5O0;2\n2 €;4\n", 'cases.csv:2: posts.cap_fte: is "5O0", expected'),
        ("posts.cap_fte;a.b\n5O0;2\n2 €;4\n", 'cases.csv:3: posts.cap_fte: is "2 €", expected'),
    ],
)
def test_a_bad_file_of_cases_is_refused_with_its_line(tmp_path, content, says):
    path = tmp_path / "cases.csv"
    path.write_text(content, "utf-8")
    with pytest.raises(InputError) as error:
        read_cases(str(path))
    assert says in message(error)


def test_a_sample_has_one_draw_in_every_part_of_a_range():
    problem = load("reference")
    uncertain = ["coverage.contracts_per_fte=60:100", "coverage.segments.local.floor_rate=20%"]
    cases = sample(problem, uncertain, 40, seed=3)
    per_fte = sorted(case[0] for case in cases.rows)
    assert all(60 + n <= value <= 60 + n + 1 for n, value in enumerate(per_fte))
    floor = problem.inputs.entries["coverage.segments.local.floor_rate"].value
    share = sorted((case[1] / floor - 0.8) / 0.4 for case in cases.rows)
    assert all(n / 40 - 1e-9 <= value <= (n + 1) / 40 + 1e-9 for n, value in enumerate(share))
    assert sample(problem, uncertain, 40, seed=3) == cases
    assert sample(problem, uncertain, 40, seed=4) != cases


def test_demand_is_a_factor_of_mean_1_for_every_territory():
    problem = load("reference")
    cases = sample(problem, ["demand=20%"], 500, seed=1)
    assert cases == sample(problem, ["demand=0.2"], 500, seed=1)
    assert cases.keys == tuple(f"demand.{code}" for code in problem.territories)
    factors = np.array(cases.rows)
    assert factors.mean(axis=0) == pytest.approx(1.0, abs=2e-3)  # Latin: far nearer than 0.2/√500
    assert factors.std(axis=0) == pytest.approx(0.2, abs=5e-3)
    assert np.abs(np.corrcoef(factors.T) - np.eye(18)).max() < 0.2
    changed = changes(problem, cases.keys, cases.rows[0])
    assert len(changed) == problem.contracts_per_year.size
    whole = load("reference", changed)
    assert whole.contracts_per_year[:, 0] == pytest.approx(
        problem.contracts_per_year[:, 0] * factors[0][:, None]
    )


@each(
    ("text", "says"),
    [
        ("coverage.contracts_per_fte", "expected KEY=LOW:HIGH"),
        ("coverage.contracts_per_fte=a:b", "expected KEY=LOW:HIGH"),
        ("coverage.contracts_per_fte=9:8", "expected LOW below HIGH"),
        ("coverage.curve=20%", "coverage.curve has no number now"),
        ("demand=0", "above 0"),
        ("demand=10", "below 100%"),
        ("demande=10%", "unknown key; did you mean demand?"),
        ("demand=much", "expected KEY=LOW:HIGH"),
    ],
)
def test_what_cannot_be_drawn_is_refused(text, says):
    with pytest.raises(InputError) as error:
        sample(load("reference"), [text], 3, seed=0)
    assert says in message(error)


def test_an_input_is_not_drawn_twice():
    twice = ["coverage.contracts_per_fte=20%", "coverage.contracts_per_fte=60:70"]
    with pytest.raises(InputError, match="varied twice"):
        sample(load("reference"), twice, 3, seed=0)


@each(
    ("key", "sets", "by_solver"),
    [
        ("territories.53.least_rate", {}, False),
        ("territories.53.least_rate", {"weights.segment.state_hospital": 2.0}, True),
        ("posts.cap_fte", {"weights.segment.state_hospital": 2.0}, False),
        ("limits.west.at_most_fte", {}, True),
    ],
)
def test_cases_in_steps_are_by_the_solvers_bound_where_tables_may_not_apply(key, sets, by_solver):
    assert _by_solver(load("half-posts", sets), [key]) is by_solver


# -- rows ------------------------------------------------------------------------------------------


def test_a_row_a_case_with_its_plan_and_its_proof(run):
    out = run("sweep", "reference", *CAPS, *MONEY, "--format", "csv")
    rows = rows_of(out.stdout)
    problem = load("reference")
    assert list(rows[0]) == [
        "posts.cap_fte",
        "budget.state_eur_per_year",
        "status",
        "objective",
        "upper_bound",
        "relative_gap",
        "expected_contracts",
        "rate",
        "state_eur",
        "used_fte",
        *(f"new_fte_facilitator_{code}" for code in problem.territories),
        *(f"new_fte_coordinator_{code}" for code in problem.areas),
        "unit",
        "inputs_sha256",
    ]
    assert len(rows) == 6
    assert out.exit_code == 0  # an impossible case is a row, not a failure
    for row in rows:
        values = {key: float(row[key]) for key in ("posts.cap_fte", "budget.state_eur_per_year")}
        case = load("reference", values)
        if values["budget.state_eur_per_year"] == 3e6:
            assert row["status"] == "infeasible"
            assert not any(list(row.values())[3:-1])
            continue
        plan = solve(case, priced=False)
        assert row["status"] == "optimal"
        assert float(row["objective"]) == pytest.approx(plan.stages[0].value, rel=1e-9)
        assert float(row["upper_bound"]) >= plan.stages[0].value * (1 - 1e-12)
        assert float(row["relative_gap"]) <= 1e-9
        assert float(row["expected_contracts"]) == pytest.approx(plan.expected_contracts)
        assert float(row["state_eur"]) == pytest.approx(plan.evaluation.state_eur[-1], rel=1e-6)
        assert float(row["used_fte"]) == pytest.approx(plan.evaluation.used_fte[-1], rel=1e-6)
        posts = {
            ("facilitator", code, 2023): float(row[f"new_fte_facilitator_{code}"])
            for code in case.territories
        } | {
            ("coordinator", code, 2023): float(row[f"new_fte_coordinator_{code}"])
            for code in case.areas
        }
        judged = case.evaluate(posts)  # no solver, and no word of the one that made the row
        assert not judged.violations
        assert judged.objective("coverage") == pytest.approx(float(row["objective"]), rel=1e-9)


@each(
    "changed",
    [
        {"posts.cap_fte": 600},
        {"budget.state_eur_per_year": 4.5e6, "posts.cap_fte": 550.5},
        {"weights.segment.local": 2, "weights.segment.operators": 0.5},
        {"weights.territory.53": 1.5, "weights.indicators.unemployment_rate": 0.1},
    ],
)
@each("name", ["reference", "horizon-2025", "need-first"])
def test_a_problem_changed_quickly_is_the_one_that_is_read(name, changed):
    base, read = load(name), load(name, changed)
    quick = row_problem(Weighing.of(base), changed)
    for field in base.__dataclass_fields__:
        one, other = getattr(quick, field), getattr(read, field)
        if isinstance(one, np.ndarray):
            assert np.array_equal(one, other, equal_nan=True), field
        elif field.endswith("_eur_per_fte"):
            assert all(map(np.array_equal, one, other)), field
        elif field not in ("inputs", "curves"):
            assert one == other, field


def test_what_cannot_be_changed_quickly_is_read():
    base = load("reference")
    assert row_problem(Weighing.of(base), {"posts.cap_fte": "none"}) is None
    assert row_problem(Weighing.of(base), {"coverage.contracts_per_fte": 80}) is None
    assert row_problem(Weighing.of(base), {"weights.segment.nobody": 2}) is None
    cases = Cases(("posts.cap_fte", "coverage.contracts_per_fte"), (("none", 80), (560, 90)))
    found = sweep("reference", cases)
    for case, row in zip(found.document["cases"], cases.rows, strict=True):
        plan = solve(load("reference", dict(zip(cases.keys, row, strict=True))), priced=False)
        assert case["objective"] == pytest.approx(plan.stages[0].value, rel=1e-9)


def test_a_page_says_of_which_year_and_of_how_many_plans_its_figures_are():
    """Shares of posts are of the cases with a plan; figures of several years are of the last."""
    document = sweep("reference", {"posts.cap_fte": [480, 540, 585]}).document
    for place in document["posts"]:
        place["year"] = 2024
    out = io.StringIO()
    with language.in_language("fr"):
        print_page(sweep_page({**document, "years": [2023, 2024]}), out)
    page = " ".join(out.getvalue().split())
    assert "Certains cas n’ont pas d’optimum démontré (sans solution : 1)." in page
    assert "part des répartitions avec" in page
    assert "reference : chiffres de 2024" in page


@pytest.mark.slow
def test_several_years_have_their_posts_apart():
    found = sweep("horizon-2025", vary("posts.cap_fte=560,585"))
    assert "new_fte_facilitator_53_2024" in found.columns
    (case, _) = found.document["cases"]
    plan = solve(load("horizon-2025", {"posts.cap_fte": 560}), priced=False)
    by_key = {(p["role"], p["territory"], p["year"]): p["new_fte"] for p in plan.document["posts"]}
    for (role, code, year), fte in by_key.items():
        assert case[f"new_fte_{role}_{code}_{year}"] == pytest.approx(fte, abs=2e-3)


def test_a_key_or_a_value_that_is_wrong_is_told_before_anything_is_solved(run):
    wrong = run("sweep", "reference", "--vary", "posts.cap=540:600:20")
    assert wrong.exit_code == 5
    assert "posts.cap" in wrong.stderr
    negative = run("sweep", "reference", "--vary", "posts.cap_fte=-10:600:305")
    assert negative.exit_code == 5
    assert "-10" in negative.stderr


def test_a_case_that_is_not_valid_is_a_row_too(tmp_path, run):
    """A floor above its ceiling, in the second of three cases, neither end of any column."""
    path = tmp_path / "cases.csv"
    head = "territories.53.min_new_facilitators_fte,territories.53.max_new_facilitators_fte"
    path.write_text(f"{head}\n1,5\n3,2\n4,1000\n0,\n", "utf-8")
    out = run("sweep", "reference", "--cases", str(path), "--format", "csv")
    assert [row["status"] for row in rows_of(out.stdout)] == [
        "optimal",
        "invalid",
        "optimal",
        "optimal",
    ]
    assert out.exit_code == 5


@each(
    ("options", "says"),
    [
        ([], "say what is varied"),
        (["--sample", "5"], "--sample needs --uncertain"),
        (["--uncertain", "demand"], "--sample needs --uncertain"),
        (["--sample", "0", "--uncertain", "demand"], "0"),
        ([*CAPS, "--cluster", ""], "--cluster needs the address"),
        ([*CAPS, "--cluster", " "], "--cluster needs the address"),
        ([*CAPS, "--out", "sweep.docx"], ".docx"),
    ],
)
def test_wrong_usage_is_told(options, says, tmp_path, monkeypatch, run):
    monkeypatch.chdir(tmp_path)
    out = run("sweep", "reference", *options)
    assert out.exit_code == 2
    assert says in out.stderr
    assert not list(tmp_path.iterdir())


def test_the_page_says_what_came_out_and_how_steady_posts_are(run):
    out = run("sweep", "reference", *CAPS, *MONEY)
    assert "– 6 cases: most FTE in the whole network, most State money" in out.stdout
    assert "Not every case has a proved best plan (no plan: 3)." in out.stdout
    none = run("sweep", "reference", "--vary", "posts.cap_fte=400:420:10")
    assert "None of the 3 cases has a plan." in none.stdout
    rows = sweep("reference", vary(CAPS[1]).times(vary(MONEY[1])))
    planned = [case for case in rows.document["cases"] if case["objective"] is not None]
    least, most = (f(case["expected_contracts"] for case in planned) for f in (min, max))
    assert f"Contracts covered: {least:,.1f} to {most:,.1f}" in out.stdout
    bretagne = [case["new_fte_facilitator_53"] for case in planned]
    line = next(line for line in out.stdout.splitlines() if line.startswith("53 Bretagne"))
    assert line.split()[3:6] == [
        f"{value:.1f}" for value in (min(bretagne), np.median(bretagne), max(bretagne))
    ]
    lines = out.stdout.splitlines()
    assert max(len(line) for line in lines if "fte-alloc solve" not in line) <= 100
    told = next(line for line in lines if "fte-alloc solve" in line).split("fte-alloc ")[1]
    name, *sets = told.split()[1:]
    assert sets[::2] == ["--set", "--set"]
    with pytest.raises(fa.InfeasibleError):
        solve(load(name, dict(map(parse_override, sets[1::2]))))


@pytest.mark.slow
def test_a_sample_tells_in_which_share_of_the_draws_posts_stay(run):
    options = ["--sample", "12", "--uncertain", "coverage.contracts_per_fte=30%", "--seed", "5"]
    out = run("sweep", "reference", *options, "--at-least", "6", "--format", "json")
    document = json.loads(out.stdout)
    assert document["format"] == "fte-alloc/sweep/1"
    assert len(document["cases"]) == 12
    post = next(
        p for p in document["posts"] if (p["territory"], p["role"]) == ("28", "facilitator")
    )
    kept = [case["new_fte_facilitator_28"] >= 6 for case in document["cases"]]
    assert post["share_at_least"] == pytest.approx(np.mean(kept))


# -- whoever works on it ---------------------------------------------------------------------------

SLOW = vary("coverage.contracts_per_fte=60:98:2")


def text_of(found: Sweep) -> str:
    return "\n".join(",".join(row) for row in found.rows.values())


@pytest.fixture(scope="module")
def alone() -> Sweep:
    """Twenty cases that are each read anew, in four chunks, by this process."""
    return sweep("reference", SLOW)


FEW = vary("coverage.contracts_per_fte=60:64:2")


@pytest.fixture(scope="module")
def few() -> Sweep:
    """Three cases in two chunks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fte_alloc.questions.sweep.sweep.SLOW_CHUNK", 2)
        return sweep("reference", FEW)


@pytest.mark.slow
def test_one_job_or_four_end_on_the_same_bytes(alone):
    assert text_of(sweep("reference", SLOW, jobs=4)) == text_of(alone)


@pytest.mark.slow
def test_quick_cases_end_on_the_same_bytes_too(monkeypatch):
    monkeypatch.setattr("fte_alloc.questions.sweep.sweep.QUICK_CHUNK", 10)
    cases = vary("posts.cap_fte=540:640:20").times(vary("budget.state_eur_per_year=4e6:7e6:5e5"))
    one = sweep("state-first", cases)
    assert len(cases.rows) > 3 * 10
    assert text_of(sweep("state-first", cases, jobs=4)) == text_of(one)


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_no_case(alone):
    told, killed = [], []

    def progress(done, _most):
        told.append(done)
        if not killed:
            victim = multiprocessing.active_children()[0]
            victim.kill()
            killed.append(victim.pid)

    found = sweep("reference", SLOW, jobs=2, progress=progress)
    assert killed
    assert text_of(found) == text_of(alone)
    assert told == [5, 10, 15, 20, 20]  # none lost, none twice


@pytest.mark.slow
def test_a_dask_worker_that_is_killed_costs_no_case(alone):
    distributed = pytest.importorskip("distributed", reason="the extra dask is not installed")
    told, killed = [], []
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as local:

        def progress(done, _most):
            told.append(done)
            if not killed:
                worker = next(iter(local.workers.values()))
                killed.append(worker.process.pid)
                os.kill(worker.process.pid, signal.SIGKILL)

        pool = partial(cluster, local.scheduler_address)
        found = sweep("reference", SLOW, pool=pool, progress=progress)
    assert killed
    assert text_of(found) == text_of(alone)
    assert told == [5, 10, 15, 20, 20]


@pytest.mark.slow
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "inproc://x"])
def test_a_cluster_that_is_not_there_is_told(address):
    """In a process of its own: what is half open shows when it ends."""
    pytest.importorskip("distributed", reason="the extra dask is not installed")
    program = "from fte_alloc.questions.sweep import processes; processes.PATIENCE_S = 1\n"
    program += "from fte_alloc import cli; "
    program += f"cli.main(['sweep', 'reference', *{CAPS}, '--cluster', {address!r}])"
    out = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert out.returncode == 5
    _, told = out.stderr.split("\n\n")
    assert told.startswith(f"--cluster {address}: no scheduler answers: ")
    assert told.count("\n") == 1


def test_changed_files_are_noticed():
    """What a worker reads must be what the sweep was begun with."""
    (chunk,) = _chunks("reference", {}, load("reference"), vary("posts.cap_fte=560"))
    with pytest.raises(InputError, match="is not what it was when the sweep began"):
        run_chunk(replace(chunk, inputs_sha256="another"))


# -- kept as they come -----------------------------------------------------------------------------


def rows_in(file: SweepFile, found: Sweep) -> dict:
    return file.read(found.rows.keys(), found.problem.inputs.resolved_sha256)


@pytest.mark.parametrize("crash", [False, True])
def test_a_sweep_goes_on_where_it_was_stopped(few, tmp_path, monkeypatch, crash):
    """Stopped after a chunk, by a crash with the last row cut off: the same bytes in the end."""
    monkeypatch.setattr("fte_alloc.questions.sweep.sweep.SLOW_CHUNK", 2)
    file = SweepFile(tmp_path / "full.csv", few.columns)
    file.finish(few.rows.values())
    full, path = file.path.read_bytes(), tmp_path / "sweep.csv"

    class StopError(Exception):
        pass

    def stop(done, _most):
        raise StopError

    with monkeypatch.context() as patch:
        if crash:
            patch.setattr(SweepFile, "finish", lambda *_: None)
        with pytest.raises(StopError):
            sweep("reference", FEW, out=path, progress=stop)
    with path.open("a", encoding="utf-8") as cut:
        cut.write("75,optimal,5838")
    assert len(rows_in(SweepFile(path, few.columns), few)) == 2
    found = sweep("reference", FEW, out=path)
    assert (found.solved, found.anew) == (1, [])
    assert text_of(found) == text_of(few)
    assert path.read_bytes() == full


def test_a_longer_sweep_keeps_what_is_there(tmp_path, run):
    path = str(tmp_path / "sweep.csv")
    first = run("sweep", "reference", "--vary", "posts.cap_fte=540:560:10", "--out", path)
    assert "3 cases, 3 of them solved now" in first.stderr
    longer = run("sweep", "reference", "--vary", "posts.cap_fte=530:560:5", "--out", path)
    assert "7 cases, 4 of them solved now" in longer.stderr
    caps = [row["posts.cap_fte"] for row in rows_of((tmp_path / "sweep.csv").read_text())]
    assert caps == ["530", "535", "540", "545", "550", "555", "560"]
    other = run("sweep", "reference", "--vary", "posts.cap_fte=600,610", "--out", path)
    assert other.exit_code == 5
    assert f"{path}:2: is of a case that is not asked for: 530" in other.stderr
    assert [row["posts.cap_fte"] for row in rows_of((tmp_path / "sweep.csv").read_text())] == caps


def _cells(at: int, text: str):
    """A change of one cell of a row."""
    return lambda row: [*row[:at], text, *row[at + 1 :]]


#: Changes of a row, cut in cells: cap, status, objective, bound, gap, contracts, rate, …
DAMAGED = {
    "no number": _cells(2, "x"),
    "empty": _cells(5, ""),
    "another number": _cells(2, "999999.0"),
    "another bound": _cells(3, "999999.0"),
    "no status": _cells(1, "maybe"),
    "failed": lambda row: [row[0], "failed", *[""] * (len(row) - 3), row[-1]],
    "impossible": lambda row: [row[0], "infeasible", *[""] * (len(row) - 3), row[-1]],
    "not valid": lambda row: [row[0], "invalid", *[""] * (len(row) - 3), row[-1]],
    "no plan": _cells(1, "infeasible"),
    "another post": _cells(16, "3.25"),
    "a post below 0": _cells(16, "-1.0"),
    "a huge post": _cells(16, "1e308"),
    "no finite post": _cells(16, "nan"),
    "cut off": lambda row: row[:20],
    "too long": lambda row: [*row, "1"],
    "another unit": lambda row: [*row[:-2], "EUR", row[-1]],
    "no hash": lambda row: [*row[:-1], "x"],
}


def test_no_row_holds_that_is_damaged_in_any_way(tmp_path):
    """Each row in a way of its own, beside two that are not."""
    cases = Cases(("posts.cap_fte",), ((300,), *((560 + n,) for n in range(1 + len(DAMAGED)))))
    path = tmp_path / "sweep.csv"
    honest = sweep("reference", cases)
    keys = cases.cells
    damaged = {
        key: tuple(damage(list(honest.rows[key])))
        for key, damage in zip(keys[2:], DAMAGED.values(), strict=True)
    }
    SweepFile(path, honest.columns).finish(reversed((honest.rows | damaged).values()))
    found = sweep("reference", cases, out=path)
    right = dict(zip(keys[2:], DAMAGED, strict=True)).items()
    assert [name for key, name in right if key not in found.anew] == []
    assert set(found.anew) == set(keys[2:])
    assert found.rows == honest.rows


def test_a_row_that_does_not_hold_is_solved_anew(tmp_path, run):
    path = tmp_path / "sweep.csv"
    sweep_again = ["sweep", "reference", "--vary", "posts.cap_fte=300,550,585", "--out", str(path)]
    assert run(*sweep_again).exit_code == 0
    whole = path.read_bytes()
    head, impossible, *rows = [line.split(",") for line in whole.decode().splitlines()]
    changed = [
        head,
        rows[1],
        DAMAGED["another bound"](rows[0]),
        impossible,
    ]  # in another order, too
    path.write_text("".join(",".join(row) + "\n" for row in changed), encoding="utf-8")
    out = run(*sweep_again)
    assert out.exit_code == 0
    assert path.read_bytes() == whole
    assert "rows were damaged or did not hold and were solved anew: 550\n" in out.stderr
    assert "3 cases, 1 of them solved now" in out.stderr
    again = run(*sweep_again)
    assert "anew" not in again.stderr
    assert "3 cases, 0 of them solved now" in again.stderr


def test_rows_twice_and_a_row_wrongly_called_impossible(tmp_path, run):
    path = tmp_path / "sweep.csv"
    sweep_again = ["sweep", "reference", "--vary", "posts.cap_fte=300,550", "--out", str(path)]
    run(*sweep_again)
    whole = path.read_bytes()
    head, impossible, row = whole.decode().splitlines()
    wrong = row.replace("550,optimal", "300,optimal")  # the plan of another case
    path.write_text("\n".join([head, row, impossible, wrong, row, ""]), encoding="utf-8")
    assert "solved anew: 300" in run(*sweep_again).stderr
    assert path.read_bytes() == whole


@each("key", ["x", "540", "550.0", ""])
def test_a_row_of_another_case_is_left_alone(few, tmp_path, key):
    path = tmp_path / "sweep.csv"
    row = next(iter(few.rows.values()))
    SweepFile(path, few.columns).finish([row, (key, *row[1:])])
    before = path.read_bytes()
    with pytest.raises(InputError, match=f":3: is of a case that is not asked for: {key}; give"):
        sweep("reference", FEW, out=path)
    assert path.read_bytes() == before


@pytest.mark.slow
@each("name", ["weakest-first", "horizon-2025", "thirty-percent"])
def test_rows_hold_under_any_objective(tmp_path, run, name):
    path = str(tmp_path / f"{name}.csv")
    sweep_again = ["sweep", name, "--vary", "posts.cap_fte=580,585", "--out", path]
    run(*sweep_again)
    assert "2 cases, 0 of them solved now" in run(*sweep_again).stderr


def test_a_file_of_something_else_is_left_alone(tmp_path, run):
    path = tmp_path / "sweep.csv"
    run("sweep", "reference", "--vary", "posts.cap_fte=560,570", "--out", str(path))
    before = path.read_bytes()
    for options, says in (
        (["reference", "--vary", "budget.state_eur_per_year=5e6,6e6"], "its columns are others"),
        (["need-first", "--vary", "posts.cap_fte=560,570"], "is of other inputs"),
        (["reference", "--vary", "posts.cap_fte=560", "--set", "years=[2023, 2024]"], "columns"),
    ):
        out = run("sweep", *options, "--out", str(path))
        assert out.exit_code == 5
        assert says in out.stderr
        assert str(path) in out.stderr
        assert path.read_bytes() == before


def _begun(path, *options) -> subprocess.Popen:
    """A sweep of 200 slow cases in a process of its own, once its first rows are safe."""
    command = [sys.executable, "-m", "fte_alloc.cli", "sweep", "reference", "--out", str(path)]
    command += ["--vary", "coverage.contracts_per_fte=60:159.5:0.5", *options]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A suite that runs in the background is told to ignore Ctrl-C, and would pass that on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    for _ in range(600):
        if path.exists() and path.read_text(encoding="utf-8").count("\n") > SLOW_CHUNK:
            return process
        time.sleep(0.05)
    raise AssertionError("nothing was kept")


@pytest.mark.parametrize("jobs", ["1", slow("2")])
def test_ctrl_c_keeps_what_is_done(tmp_path, jobs):
    path = tmp_path / "sweep.csv"
    process = _begun(path, "--jobs", jobs)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to everybody
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    rows = rows_of(path.read_text(encoding="utf-8"))
    assert SLOW_CHUNK <= len(rows) < 200
    assert f"Interrupted: {len(rows)} of 200 cases are in {path}" in stderr
    assert "Traceback" not in stderr
    values = [float(row["coverage.contracts_per_fte"]) for row in rows]
    assert all(one < other for one, other in pairwise(values))
    assert sorted(tmp_path.iterdir()) == [path]


def _alive(group: int) -> list[str]:
    """Processes of a group that are still at work."""
    listed = subprocess.run(["ps", "-eo", "pgid,stat"], capture_output=True, text=True, check=True)
    rows = (line.split() for line in listed.stdout.splitlines()[1:])
    return [state for pgid, state, *_ in rows if int(pgid) == group and "Z" not in state]


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("ps"), reason="processes cannot be listed")
@pytest.mark.parametrize(("ending", "code"), [("SIGTERM", 130), ("SIGINT", 130), ("SIGKILL", -9)])
def test_a_sweep_that_is_ended_leaves_no_workers(tmp_path, ending, code):
    """Only the process that waits for them is told, as a scheduler of jobs does."""
    process = _begun(tmp_path / "sweep.csv", "--jobs", "2")
    ended = time.monotonic()
    process.send_signal(getattr(signal, ending))
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in stderr
    assert time.monotonic() - ended < 20
    left = time.monotonic() + 20
    while _alive(process.pid) and time.monotonic() < left:
        time.sleep(0.1)
    assert not _alive(process.pid)


@pytest.mark.slow
def test_killed_workers_leave_no_traceback(monkeypatch):
    """Chunks wait when the workers are killed, and the thread of the pool sees that first."""
    from multiprocessing.process import BaseProcess

    chunks = _chunks("reference", {}, load("reference"), vary("effort.regional_spread=0:1:0.002"))
    assert len(chunks) > 10
    kill, failed = BaseProcess.kill, []

    def kill_and_wait(process: BaseProcess) -> None:
        kill(process)
        time.sleep(0.5)

    monkeypatch.setattr(BaseProcess, "kill", kill_and_wait)
    monkeypatch.setattr(threading, "excepthook", failed.append)

    found = run_chunks(chunks, 1, partial(_processes, 1))
    next(found)
    with pytest.raises(KeyboardInterrupt):
        found.throw(KeyboardInterrupt)
    assert not failed


@pytest.mark.parametrize("beside", [False, True])
def test_ctrl_c_is_deferred_while_workers_start(beside):
    """It is served after, even where it reaches a thread beside; a process begun has it waiting."""
    reached, blocked = [], set()
    # Whoever starts the tests in the background has them ignore Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def begin() -> None:
        with _interrupts_wait():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.05)
            blocked.update(signal.pthread_sigmask(signal.SIG_BLOCK, []))
            reached.append("the end")

    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    if beside:
        thread.start()
    with pytest.raises(KeyboardInterrupt):
        begin()
    over.set()
    signal.signal(signal.SIGINT, before)
    assert reached
    assert signal.SIGINT in blocked
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


@each("module", ["typing", "click", "fte_alloc.names", "numpy", "numpy!", "gurobipy"])
def test_ctrl_c_while_a_command_is_imported_leaves_no_trace(module):
    program = f"""
import os, signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
        if name + "!" == {module!r}:  # which Python 3.11 calls a RuntimeError
            type("Class", (), {{"field": Odd()}})
class Odd:
    def __set_name__(self, owner, name):
        os.kill(os.getpid(), signal.SIGINT)
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.modules.pop({module!r}, None)  # whoever measures coverage has imported typing by now
sys.meta_path.insert(0, Finder())
sys.argv = ["fte-alloc", "solve", "reference"]
from fte_alloc.cli import main
main()
"""
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout, "Traceback" in ran.stderr) == (130, "", False), ran.stderr


@pytest.mark.slow
def test_a_killed_sweep_loses_nothing_that_was_kept(tmp_path, run):
    path = tmp_path / "sweep.csv"
    process = _begun(path)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    kept = path.read_text(encoding="utf-8").count("\n") - 1
    count = kept + 4
    values = f"coverage.contracts_per_fte=60:{60 + (count - 1) / 2}:0.5"
    again = run("sweep", "reference", "--vary", values, "--out", str(path))
    assert again.exit_code == 0
    assert f"{count} cases, 4 of them solved now" in again.stderr
    fresh = tmp_path / "fresh.csv"
    run("sweep", "reference", "--vary", values, "--out", str(fresh))
    assert path.read_text() == fresh.read_text()


def test_the_api_gives_a_table():
    found = fa.sweep("reference", {"posts.cap_fte": np.array([560])})
    cases = Cases(("posts.cap_fte",), ((560,),))
    assert found.rows == fa.sweep("reference", cases).rows
    assert list(found.table["posts.cap_fte"]) == [560]
    assert len(found.rows) == 1
    assert (found.table["status"] == "optimal").all()


@each(
    ("text", "says"),
    [
        ("demand.XX=0.9,1.1", "--vary demand.XX=0.9,1.1: no territory has this code"),
        ("demand.Bretagne=0.9", "no territory has this code"),
        ("demand.11=0.9,abc", "--vary demand.11=0.9,abc: is abc, expected a factor above 0"),
        ("demand.11=-1", "expected a factor above 0"),
        ("posts.cap_fte=580,nan,590", "nan cannot be varied"),
        ("years=[2023]", "cannot be varied"),
    ],
)
def test_values_that_would_be_lost_are_refused(run, text, says):
    out = run("sweep", "reference", "--vary", text)
    assert out.exit_code == 5
    assert says in out.stderr


def test_demand_multiplies_contracts_whatever_the_order():
    problem = load("reference")
    one = changes(problem, ("demand.11", "contracts.11.local"), (0.5, 100))
    other = changes(problem, ("contracts.11.local", "demand.11"), (100, 0.5))
    assert one == other
    assert one["contracts.11.local"] == 50.0


def test_two_crashes_one_after_the_other_lose_nothing(few, tmp_path):
    """A row cut off, more rows, and the next row cut off: what is whole is still there."""
    path, rows = tmp_path / "sweep.csv", list(few.rows.values())
    for n in range(3):
        file = SweepFile(path, few.columns)
        assert len(rows_in(file, few)) == n
        file.keep([rows[n]])
        with path.open("a", encoding="utf-8") as cut:
            cut.write("75,optimal,5838")
    assert len(rows_in(SweepFile(path, few.columns), few)) == 3


def test_an_out_that_cannot_be_written_is_told_before_anything_is_solved(run, tmp_path):
    out = run("sweep", "reference", *CAPS, "--out", str(tmp_path / "nowhere" / "x.csv"))
    assert out.exit_code == 5
    assert "nowhere" in out.stderr
    (tmp_path / "empty.csv").touch()
    assert run("sweep", "reference", *CAPS, "--out", str(tmp_path / "empty.csv")).exit_code == 0


def test_nothing_to_run_is_told():
    with pytest.raises(InputError, match="say what is varied"):
        fa.sweep("reference", {"posts.cap_fte": []})
    found = fa.sweep("reference", {"posts.cap_fte": [580]}, overrides={"years": np.array([2023])})
    assert len(found.rows) == 1
