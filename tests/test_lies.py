"""No claim rests on the solver's word: it is made to lie, and every command is tried."""

from __future__ import annotations

import csv
import io
import json
import math

import highspy
import numpy as np
import pytest
from conftest import cut_model, run, slow, slow_but
from liars import LIES, lying
from tables import each

from fte_alloc.errors import SolverError
from fte_alloc.lp.certificate import is_contradiction, is_optimal
from fte_alloc.lp.highs import INFEASIBLE, OPTIMAL
from fte_alloc.lp.matrix import Matrix
from fte_alloc.lp.solving import CheckedProgramme

#: Three regions of the default model; a budget that binds, one beyond reach, and steps.
SCENARIOS = {
    "a": {"budget.state_eur_per_year": 1_300_000},
    "b": {"budget.state_eur_per_year": 1_300_000, "weights.segment.state_hospital": 2.0},
    "never": {"budget.state_eur_per_year": 300_000},
    "halves": {"budget.state_eur_per_year": 1_300_000, "posts.step_fte": 0.5},
    "odd": {"posts.step_fte": 1, "territories.53.min_new_facilitators_fte": 3.3}
    | {"territories.53.max_new_facilitators_fte": 3.7, "budget.state_eur_per_year": 1_300_000},
}
KEPT = ("53", "28", "94")
#: Commands and the exit code of the truth.
COMMANDS = {
    "solve a": 0,
    "solve never": 3,
    "evaluate a --posts typed.csv": 0,
    "evaluate never --posts typed.csv": 1,
    "compare a b": 0,
    "compare a --set budget.state_eur_per_year=1200000 --why": 0,
    "explain a --territory 53": 0,
    "regret a b": 0,
    "sweep a --vary posts.cap_fte=80:90:10": 0,
    "frontier a --between coverage:state_cost": 0,
    "weights a --weight weights.territory.53": 0,
    "weights a --explain-plan typed.csv": 1,
    "verify plan.json": 0,
    "check a": 0,
    "show a": 0,
}
QUICK = ("solve a", "solve never", "evaluate a --posts typed.csv")
#: What the truth may tell otherwise when it was asked for twice: prices of rows that tie.
NOT_CLAIMED = {"duals", "relative_gap", "kept", "relaxation_bound"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A working directory with a small model, its scenarios, a plan and typed posts."""
    folder = tmp_path_factory.mktemp("lies")
    cut_model(folder / "models" / "small", KEPT)
    (folder / "scenarios").mkdir()
    for name, values in SCENARIOS.items():
        lines = [f'title = "{name}"', 'model = "small"', *(f"{k} = {v}" for k, v in values.items())]
        (folder / "scenarios" / f"{name}.toml").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture
def here(folder, monkeypatch, capsys):
    """The working directory, with ``plan.json`` and ``typed.csv``."""
    monkeypatch.chdir(folder)
    if not (folder / "typed.csv").exists():
        run(capsys, "solve", "a", "--out", "plan.json")
        _, text, _ = run(capsys, "solve", "a", "--format", "csv")
        rows = list(csv.DictReader(io.StringIO(text)))
        most = max(rows, key=lambda row: float(row["new_fte"]))
        most["new_fte"] = str(float(most["new_fte"]) / 2)
        with (folder / "typed.csv").open("w", newline="") as file:
            table = csv.DictWriter(file, list(rows[0]))
            table.writeheader()
            table.writerows(rows)
    return capsys


def changed(truth, told, where="", room=1e-6):
    """Where two documents make different claims; None where they do not."""
    if isinstance(truth, dict) and isinstance(told, dict):
        if truth.keys() != told.keys():
            return f"{where}: {truth.keys() ^ told.keys()}"
        pairs = [(truth[k], told[k], f"{where}.{k}") for k in truth if k not in NOT_CLAIMED]
    elif isinstance(truth, list) and isinstance(told, list) and len(truth) == len(told):
        pairs = [(*pair, f"{where}.{n}") for n, pair in enumerate(zip(truth, told, strict=True))]
    elif isinstance(truth, float) and isinstance(told, float):
        # Posts and effort are settled to 1e-3 FTE, prices to 1e-4 of themselves.
        room = 1e-3 if "fte" in where else 1e-4 if "price" in where else room
        return None if math.isclose(truth, told, rel_tol=room, abs_tol=room) else where
    else:
        return None if truth == told else f"{where}: {truth!r}, {told!r}"
    return next((found for pair in pairs if (found := changed(*pair))), None)


_TRUTH: dict[str, tuple[int, object, int]] = {}


def told(here, command):
    """Exit code, document and stderr of a command."""
    code, out, err = run(here, *command.split(), "--format", "json")
    return code, json.loads(out) if out else None, err


def truth(here, command):
    """The same from an honest solver, and how often it is asked."""
    if command not in _TRUTH:
        with lying("objective", lambda call: False) as calls:
            code, document, _ = told(here, command)
        _TRUTH[command] = code, document, calls[0]
    return _TRUTH[command]


def tried(here, command, lie, when) -> int:
    """Exit code of a command under a lying solver: it makes the same claim, or claims nothing."""
    code, document, _ = truth(here, command)
    with lying(lie, when):
        found, claimed, err = told(here, command)
    if found == code:
        assert changed(document, claimed) is None
    else:
        assert found in (4, 6)
        assert err.strip()
    return found


COMMANDS_TRIED = [command if command in QUICK else slow(command) for command in COMMANDS]


def some_lies(command: str, calls: int) -> list[str]:
    """A quarter of the lies, another one for the next command; one where no solver is asked."""
    return list(LIES)[list(COMMANDS).index(command) % 4 :: 4 if calls else len(LIES)]


@each("command", COMMANDS_TRIED)
def test_one_lie_changes_no_claim(here, command):
    code, _, calls = truth(here, command)
    assert code == COMMANDS[command]
    for number, lie in enumerate(some_lies(command, calls)):
        # The first, second and any other call, in turn.
        call = (1, 2, 1 + (7 * number) % max(1, calls))[number % 3]
        tried(here, command, lie, lambda n, call=call: n == call)


@each("command", COMMANDS_TRIED)
def test_a_solver_that_always_lies_claims_nothing(here, command):
    code, _, calls = truth(here, command)
    for lie in some_lies(command, calls):
        found = tried(here, command, lie, lambda n: True)
        if calls and lie not in ("objective", "bound", "nan objective", "nan bound"):
            assert found in (code if code else 6, 6)


#: Every lie about steps that are impossible, a few about a plan in steps.
STEPS = [("odd", lie) for lie in LIES] + [("halves", lie) for lie in list(LIES)[::4]]


@each(("scenario", "lie"), slow_but(STEPS, ("odd", "infeasible")))
def test_one_lie_about_steps_changes_no_claim(here, scenario, lie):
    *_, calls = truth(here, f"solve {scenario}")
    for call in (1, 2, calls // 2):
        tried(here, f"solve {scenario}", lie, lambda n, call=call: n == call)


def test_who_says_that_steps_are_impossible(here):
    for scenario, proof in (("odd", "solver"), ("never", "arithmetic")):
        code, document, _ = truth(here, f"solve {scenario}")
        assert (code, document["proof"]) == (3, proof)
        sentence = "by the solver's word, confirmed without presolve"
        _, page, _ = run(here, "solve", scenario)
        _, _, err = run(here, "explain", scenario)
        _, judged, _ = run(here, "evaluate", scenario, "--posts", "typed.csv")
        assert [sentence in said for said in (page, err, judged)] == [proof == "solver"] * 3
        document = told(here, f"evaluate {scenario} --posts typed.csv")[1]
        assert (document["impossible"], document["loss"]) == (proof, None)


def test_no_loss_is_told_against_a_plan_that_is_not_proved(here, monkeypatch):
    monkeypatch.setattr("fte_alloc.search.rounds.MOST_ROUNDS", 1)
    code, document, _ = told(here, "evaluate a --posts typed.csv")
    assert (code, document["loss"]) == (4, None)
    assert (document["optimum"]["status"], document["optimum"]["reason"]) == ("stopped", "rounds")
    assert document["optimum"]["judged"] < document["optimum"]["bound"]
    _, page, _ = run(here, "evaluate", "a", "--posts", "typed.csv")
    assert "not proved: undecided" in " ".join(page.split())
    assert "best found" in page
    code, page, err = run(here, "solve", "a")
    assert code == 4
    assert "time limit" not in page + err
    assert "undecided" in page
    assert "undecided" in err


def test_a_sweep_that_failed_does_not_say_that_there_is_no_plan(here):
    with lying("infeasible", lambda n: True):
        code, page, err = run(here, "sweep", "a", "--vary", "posts.cap_fte=80:90:10")
    assert code == 6
    assert "no plan" not in page
    assert "solver failed: 2" in page
    assert "solver failed: 2" in err


# -- arithmetic ------------------------------------------------------------------------------------


def _bounded() -> Matrix:
    """Maximise 3a + 2b, a + b ≤ 4, a + 3b ≤ 6, a ≤ 3: a = 3, b = 1, worth 11; prices 2 and 0."""
    return Matrix(
        True, ["a", "b"], np.array([3.0, 2.0]), 0.0, np.zeros(2), np.array([3.0, np.inf]),
        np.zeros(2, bool), ["r", "s"], np.full(2, -np.inf), np.array([4.0, 6.0]),
        np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.array([1.0, 1.0, 1.0, 3.0]), np.zeros(2),
    )  # fmt: skip


@each(
    ("values", "prices", "best"),
    [
        ([3, 1], [2, 0], True),
        ([3, 1], [1.9, 0], False),  # a price too low: b would want more
        ([3, 1], [2, 0.1], False),  # a price on a limit that is not reached
        ([3, 1], [-2, 0], False),
        ([2, 1], [2, 0], False),
        ([3, 1.1], [2, 0], False),  # breaks a row
        ([3, np.nan], [2, 0], False),
        ([3, 1], [np.nan, 0], False),
        ([], [2, 0], False),
        ([3, 1], [], False),
    ],
)
def test_plan_and_prices_prove_each_other_or_not(values, prices, best):
    assert is_optimal(_bounded(), np.array(values, float), np.array(prices, float)) is best


@each(("weights", "proved"), [([1, 0], True), ([0, 1], False), ([], False)])
def test_weights_of_rows_prove_that_there_is_no_solution(weights, proved):
    matrix = _bounded()
    matrix.row_upper[0] = -1.0  # a + b ≤ −1 with a, b ≥ 0
    assert is_contradiction(matrix, np.array(weights, float)) is proved
    assert not is_contradiction(_bounded(), np.array(weights, float))
    assert not is_contradiction(matrix, np.full(2, np.nan))


@each("lie", LIES)
def test_the_door_asks_again_and_gives_up_rather_than_believe(lie):
    with lying(lie, lambda n: n == 1):
        assert CheckedProgramme(_bounded()).checked().objective == pytest.approx(11)
    with lying(lie, lambda n: True):
        try:
            answer = CheckedProgramme(_bounded()).checked()
        except SolverError:
            return
    assert (answer.status, answer.objective) == (OPTIMAL, pytest.approx(11))


@each("kept", [0, 1])
def test_a_solution_of_fewer_columns_is_none(kept):
    honest, lies = highspy.Highs.getSolution, [True, False]

    def cut(self):
        solution = highspy.HighsSolution()
        solution.row_dual = honest(self).row_dual
        solution.col_value = honest(self).col_value[: kept if lies.pop(0) else None]
        return solution

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(highspy.Highs, "getSolution", cut)
        assert CheckedProgramme(_bounded()).checked().objective == pytest.approx(11)
        lies[:] = [True] * 9
        with pytest.raises(SolverError):
            CheckedProgramme(_bounded()).checked()


def test_what_is_impossible_is_proved():
    matrix = _bounded()
    matrix.row_lower[1], matrix.row_upper[0] = 5.0, 1.0  # a + 3b ≥ 5, a + b ≤ 1
    answer = CheckedProgramme(matrix).checked()
    assert (answer.status, answer.proved) == (INFEASIBLE, True)
