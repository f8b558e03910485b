"""One reviewed programme in which every constraint and every objective appears.

``golden/two_territories.lp`` is what the formulation writes for the instance below, complete with
its curves, as any solver would read it. It is meant to be read: review it against
``docs/mathematics.md`` whenever it changes. To write it anew, run

    python tests/test_golden_lp.py

Two territories A and B share the area N; buyers p and q; years 2023 and 2024.

====================  ===========================================================================
existing, committed   A 2 + 1, B 1 + 0 facilitators; no coordinator, so one is required
coordinators          an FTE makes 4 FTE of facilitators a quarter more productive; half an FTE
                      required, at most 1
first year            a new facilitator counts for half
cap                   9 FTE, then 10
State                 50 kEUR, then 60; grants of 7 and 9 kEUR for posts of 10 and 12 kEUR
partners              at most 20 kEUR in A
growth                A at most 2 FTE a year; B at least 1 FTE and at most 3
least rate            two fifths of what there is in B
weights               p 1, q 2; A 1.5, B 0.5; 2023 1, 2024 0.5; target 60 %
curves                p (0, 1) (2, 21) (4, 31); q (0, 0) (2, 12): slopes 10, 5 and 6
posts                 in halves; a reference plan has 1 FTE more in A in 2023
====================  ===========================================================================
"""

from __future__ import annotations

import re
import subprocess
from itertools import product
from pathlib import Path

import numpy as np
import pulp
import pytest
from conftest import small_problem, solved
from limit_arrays import FAMILIES, replace
from programmes import SOLVERS, solve, write_pieces
from pulp.apis.coin_api import pulp_cbc_path
from tables import each

from fte_alloc.lp.matrix import Matrix
from fte_alloc.lp.piecewise import Links, Pieces
from fte_alloc.lp.solving import CheckedProgramme
from fte_alloc.programme.curves import TableCurves
from fte_alloc.programme.objectives import OBJECTIVES, Stage
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.statement import (
    CONSTRAINTS,
    EXPRESSIONS,
    Programme,
    formulate,
)

pytestmark = pytest.mark.usefixtures("read_once")

GOLDEN = Path(__file__).parent / "golden" / "two_territories.lp"

CURVE_P = ((0.0, 2.0, 4.0), (1.0, 21.0, 31.0))
CURVE_Q = ((0.0, 2.0), (0.0, 12.0))


def two_territories() -> Problem:
    """The instance of the golden file; see the head of this module."""
    problem = small_problem(
        ((50.0, 20.0), (40.0, 20.0)),
        existing=(2.0, 1.0),
        areas=("N", "N"),
        years=(2023, 2024),
        committed_facilitators_fte=np.array([1.0, 0.0]),
        supports_fte=4.0,
        productivity_gain=0.25,
        first_year_effectiveness=0.5,
        cap_fte=np.array([9.0, 10.0]),
        state_eur_per_year=np.array([50_000.0, 60_000.0]),
        cost_eur_per_fte=np.array([[10_000.0, 10_000.0], [12_000.0, 12_000.0]]),
        grant_eur_per_fte=np.array([[7_000.0, 7_000.0], [9_000.0, 9_000.0]]),
        partner_capacity_eur=np.array([20_000.0, np.inf]),
        growth_fte_per_year=np.array([2.0, np.inf]),
        min_new_facilitators_fte=np.array([0.0, 1.0]),
        max_new_facilitators_fte=np.array([np.inf, 3.0]),
        required_coordinators_fte=np.array([0.5]),
        max_new_coordinators_fte=np.array([1.0]),
        least_rate=np.array([0.0, 0.4]),
        segment_weight=np.array([1.0, 2.0]),
        territory_weight=np.array([1.5, 0.5]),
        year_weight=np.array([1.0, 0.5]),
        target_rate=np.array([0.6, 0.6]),
        step_fte=0.5,
        stages=tuple(Stage(name) for name in OBJECTIVES),
        reference_posts={("facilitator", "A", 2023): 1.0},
    )
    curves = [CURVE_P, CURVE_Q] * 4
    return replace(problem, curves=TableCurves(*(tuple(c) for c in zip(*curves, strict=True))))


def complete_programme() -> Programme:
    """The programme with its curves, and one row that adds up each objective."""
    problem = two_territories()
    programme = formulate(problem)
    pieces = problem.curves.pieces(np.zeros((8, 1)), np.repeat(problem.most_effort_fte.ravel(), 2))
    write_pieces(problem, programme, pieces)
    model = programme.lp
    for name, expression in programme.objectives.items():
        total = model.add_variable(f"total_{name}")
        model += expression - total == 0, f"objective_{name}"
    model.setObjective(programme.objectives["coverage"])
    return programme


def write_golden(path: Path = GOLDEN) -> None:
    """Write the golden file anew."""
    complete_programme().lp.writeLP(str(path))


# -- reading a programme back ----------------------------------------------------------------------


Row = tuple[dict[str, float], str, float]


def rows_of(text: str) -> dict[str, Row]:
    """Coefficients, sense and right-hand side of every row of a programme in LP format."""
    body = text.split("Subject To\n")[1].split("Bounds\n")[0]
    rows = {}
    for line in body.replace("\n ", " ").splitlines():  # a long row goes on after a blank
        name, _, row = line.partition(": ")
        *left, sense, right = row.split()
        terms, coefficient = {}, 1.0
        for word in left:
            if word in ("+", "-"):
                coefficient = 1.0 if word == "+" else -1.0
            elif word[0].isdigit():
                coefficient *= float(word)
            else:
                terms[word], coefficient = coefficient, 1.0
        rows[name] = (terms, sense, float(right))
    return rows


@pytest.fixture(scope="module")
def golden() -> dict[str, Row]:
    return rows_of(GOLDEN.read_text(encoding="utf-8"))


# -- the golden file -------------------------------------------------------------------------------


def test_programme_is_the_golden_file_byte_for_byte(tmp_path):
    written = tmp_path / "written.lp"
    write_golden(written)
    assert written.read_bytes() == GOLDEN.read_bytes()


@each("constraint", CONSTRAINTS)
def test_every_constraint_has_a_row_in_the_golden_file(constraint, golden):
    assert any(re.fullmatch(rf"{constraint}(_[ABN])?_\d{{4}}", name) for name in golden)


@each("objective", EXPRESSIONS)
def test_every_objective_is_in_the_golden_file(objective, golden):
    terms, sense, _ = golden[f"objective_{objective}"]
    assert sense == "="
    assert len(terms) > 1


def test_golden_file_has_no_row_that_no_constraint_or_objective_explains(golden):
    families = [
        *CONSTRAINTS,
        *(name for name, *_ in FAMILIES.values()),
        "worst",
        "target",
        "more",
        "fewer",
        "filled",
        "curve",
        "objective",
    ]
    strangers = [name for name in golden if not name.startswith(tuple(f"{f}_" for f in families))]
    assert strangers == []


# -- rows by hand ----------------------------------------------------------------------------------


def test_effort_row_adds_first_year_share_and_support(golden):
    """Σ_s k ≤ e + g + x_{t−1} + η (x_t − x_{t−1}) + u v, with e + g = 3, η = ½, u = ¼.

    2023: k_p + k_q − ½ x_2023 − ¼ v ≤ 3.  2024: k_p + k_q − ½ x_2023 − ½ x_2024 − ¼ v ≤ 3.
    """
    assert golden["effort_A_2023"] == (
        {"k_A_p_2023": 1, "k_A_q_2023": 1, "x_A_2023": -0.5, "v_A_2023": -0.25},
        "<=",
        3,
    )
    assert golden["effort_A_2024"] == (
        {"k_A_p_2024": 1, "k_A_q_2024": 1, "x_A_2023": -0.5, "x_A_2024": -0.5, "v_A_2024": -0.25},
        "<=",
        3,
    )
    assert golden["effort_B_2023"][2] == 1  # e + g = 1 + 0


def test_supported_row_allows_no_more_than_the_facilitators_there_are(golden):
    """V ≤ e + g + x: all of this year's posts, new ones in full; A has 2 + 1, B 1 + 0."""
    assert golden["supported_A_2024"] == ({"v_A_2024": 1, "x_A_2024": -1}, "<=", 3)
    assert golden["supported_B_2024"] == ({"v_B_2024": 1, "x_B_2024": -1}, "<=", 1)


def test_span_row_shares_the_coordinators_of_an_area(golden):
    """v_A + v_B ≤ m (e^c + g^c + z) = 4 z: nobody coordinates N yet."""
    assert golden["span_N_2023"] == ({"v_A_2023": 1, "v_B_2023": 1, "z_N_2023": -4}, "<=", 0)


def test_cap_row_counts_every_post_of_the_year(golden):
    """x_A + x_B + z ≤ 9 − (2 + 1 + 1) = 5; a year later 10 − 4 = 6."""
    terms = {"x_A_2023": 1, "x_B_2023": 1, "z_N_2023": 1}
    assert golden["cap_2023"] == (terms, "<=", 5)
    assert golden["cap_2024"][2] == 6


def test_budget_row_is_in_keur_and_pays_committed_posts(golden):
    """7 (1 + x_A + x_B) + 9 z ≤ 50 kEUR, so 7 x_A + 7 x_B + 9 z ≤ 43; a year later 60 − 7 = 53."""
    terms = {"x_A_2023": 7, "x_B_2023": 7, "z_N_2023": 9}
    assert golden["budget_2023"] == (terms, "<=", 43)
    assert golden["budget_2024"][2] == 53


def test_partners_row_leaves_out_the_coordinator_of_a_shared_area(golden):
    """(10 − 7) (1 + x_A) ≤ 20 kEUR, so 3 x_A ≤ 17."""
    assert golden["partners_A_2023"] == ({"x_A_2023": 3}, "<=", 17)
    assert "partners_B_2023" not in golden


def test_partners_row_pays_the_coordinator_of_a_territory_that_is_its_own_area():
    """(10 − 7) x_A + (12 − 9) (½ + z_A) ≤ 20 kEUR, so 3 x + 3 z ≤ 18.5 with ½ FTE committed."""
    problem = small_problem(
        ((10.0,),),
        existing=(1.0,),
        partner_capacity_eur=np.array([20_000.0]),
        committed_coordinators_fte=np.array([0.5]),
        cost_eur_per_fte=np.array([[10_000.0], [12_000.0]]),
        grant_eur_per_fte=np.array([[7_000.0], [9_000.0]]),
    )
    row = formulate(problem).lp.get_constraint_by_name("partners_A_2023")
    assert {v.name: c for v, c in row.items()} == {"x_A_2023": 3.0, "z_A_2023": 3.0}
    assert (row.sense, -row.constant) == (pulp.LpConstraintLE, 18.5)


def test_rows_count_coordinators_in_place_and_renewed():
    """1 + ½ FTE of coordinators for 4 FTE each: v_A − 4 z ≤ 6.

    Network 2 + 1.5 of 8 FTE, so x + z ≤ 4.5; 9 · ½ kEUR of 40 are promised, so 7 x + 9 z ≤ 35.5.
    """
    problem = small_problem(
        ((10.0,),),
        existing=(2.0,),
        cap=8.0,
        budget=40_000.0,
        supports_fte=4.0,
        existing_coordinators_fte=np.array([1.0]),
        committed_coordinators_fte=np.array([0.5]),
        grant_eur_per_fte=np.array([[7_000.0], [9_000.0]]),
    )
    model = formulate(problem).lp
    rows = {
        name: ({v.name: c for v, c in row.items()}, -row.constant)
        for name in ("span_A_2023", "cap_2023", "budget_2023")
        for row in [model.get_constraint_by_name(name)]
    }
    assert rows == {
        "span_A_2023": ({"v_A_2023": 1.0, "z_A_2023": -4.0}, 6.0),
        "cap_2023": ({"x_A_2023": 1.0, "z_A_2023": 1.0}, 4.5),
        "budget_2023": ({"x_A_2023": 7.0, "z_A_2023": 9.0}, 35.5),
    }


def test_keep_rows_close_no_post(golden):
    assert golden["keep_facilitator_B_2024"] == ({"x_B_2024": 1, "x_B_2023": -1}, ">=", 0)
    assert golden["keep_coordinator_N_2024"] == ({"z_N_2024": 1, "z_N_2023": -1}, ">=", 0)
    assert not any(name.startswith("keep") and name.endswith("2023") for name in golden)


def test_growth_row_holds_what_is_opened_in_a_year(golden):
    assert golden["growth_A_2023"] == ({"x_A_2023": 1}, "<=", 2)
    assert golden["growth_A_2024"] == ({"x_A_2024": 1, "x_A_2023": -1}, "<=", 2)
    assert "growth_B_2023" not in golden


def test_least_and_most_posts_have_rows_of_their_own(golden):
    assert golden["min_new_B_2024"] == ({"x_B_2024": 1}, ">=", 1)
    assert golden["max_new_B_2024"] == ({"x_B_2024": 1}, "<=", 3)
    assert golden["coordinator_required_N_2023"] == ({"z_N_2023": 1}, ">=", 0.5)
    assert golden["coordinator_max_N_2023"] == ({"z_N_2023": 1}, "<=", 1)


def test_least_row_asks_for_a_share_of_all_contracts(golden):
    """y_p + y_q ≥ 0.4 (40 + 20) = 24."""
    assert golden["least_B_2024"] == ({"y_B_p_2024": 1, "y_B_q_2024": 1}, ">=", 24)
    assert "least_A_2024" not in golden


def test_step_rows_make_posts_multiples_of_half_an_fte(golden):
    terms = {"x_A_2023": 1, "steps_facilitator_A_2023": -0.5}
    assert golden["step_facilitator_A_2023"] == (terms, "=", 0)
    whole = GOLDEN.read_text(encoding="utf-8").split("Generals\n")[1]
    assert {"steps_facilitator_A_2023", "steps_coordinator_N_2024"} <= set(whole.split())


def test_curve_rows_hold_contracts_under_their_pieces(golden):
    """K = f_0 + f_1 + f_3 and y_p ≤ 1 + 10 f_0 + 5 f_1: f_3 is the flat end, f_2 has no length."""
    filled = {"k_A_p_2023": 1, "f_A_p_2023_0": -1, "f_A_p_2023_1": -1, "f_A_p_2023_3": -1}
    assert golden["filled_A_p_2023"] == (filled, "=", 0)
    gained = {"y_A_p_2023": 1, "f_A_p_2023_0": -10, "f_A_p_2023_1": -5}
    assert golden["curve_A_p_2023"] == (gained, "<=", 1)
    assert golden["curve_B_q_2024"] == ({"y_B_q_2024": 1, "f_B_q_2024_0": -6}, "<=", 0)


def test_objective_rows_add_up_what_their_names_say(golden):
    """Weights δ w ω: A p 2023 1·1·1.5, A q 2023 1·2·1.5, B q 2024 ½·2·½.

    State money: 7 kEUR for each of the year's facilitators, the committed one included, 9 for a
    coordinator: the two committed years are 14 kEUR on the right.
    """
    coverage = golden["objective_coverage"][0]
    assert coverage["y_A_p_2023"] == 1.5
    assert coverage["y_A_q_2023"] == 3
    assert coverage["y_B_q_2024"] == 0.5
    contracts = golden["objective_contracts"][0]
    assert all(c == 1 for v, c in contracts.items() if v.startswith("y_"))
    assert len(contracts) == 9
    cost, _, right = golden["objective_state_cost"]
    assert (cost["x_B_2024"], cost["z_N_2023"], right) == (7, 9, -14)
    posts = golden["objective_posts"][0]
    assert posts == {v: 1 for v in posts if v[0] in "xz"} | {"total_posts": -1}
    assert len(posts) == 7


def test_rows_of_the_other_objectives_say_what_they_measure(golden):
    """r · 70 ≤ y in A; a shortfall of 60 % of 70 in A and of 130 in all; |x − 1| in A in 2023."""
    covered = {"y_A_p_2023": 1, "y_A_q_2023": 1}
    assert golden["worst_A_2023"] == (covered | {"worst_rate": -70}, ">=", 0)
    assert golden["target_A_2023"] == (covered | {"short_A_2023": 1}, ">=", 42)
    terms, sense, right = golden["target_2023"]
    assert (sense, right) == (">=", 78)
    assert set(terms) == covered.keys() | {"y_B_p_2023", "y_B_q_2023", "short_2023"}
    moved = "moved_facilitator_A_2023"
    assert golden["more_facilitator_A_2023"] == ({"x_A_2023": 1, moved: -1}, "<=", 1)
    assert golden["fewer_facilitator_A_2023"] == ({"x_A_2023": 1, moved: 1}, ">=", 1)
    assert golden["more_facilitator_B_2023"][2] == 0


def test_tie_break_counts_posts_by_square_roots_of_primes_year_role_code(golden):
    """2023: z_N √2, x_A √3, x_B √5; 2024: z_N √7, x_A √11, x_B √13."""
    terms = golden["objective_tie_break"][0]
    order = ["z_N_2023", "x_A_2023", "x_B_2023", "z_N_2024", "x_A_2024", "x_B_2024"]
    assert [terms[v] for v in order] == pytest.approx(np.sqrt([2, 3, 5, 7, 11, 13]), rel=1e-11)


def test_optimum_of_the_golden_file_is_as_computed_by_another_reader(tmp_path):
    """CBC reads the file itself; the value is that of the programme in memory."""
    programme = complete_programme()
    copy = tmp_path / "copy.lp"
    copy.write_bytes(GOLDEN.read_bytes())
    inside = solve(programme.lp)
    outside = _objective_of_cbc(copy, tmp_path / "copy.sol")
    assert outside == pytest.approx(inside.objective, rel=1e-9)


def _objective_of_cbc(file: Path, solution: Path) -> float:
    subprocess.run(
        [pulp_cbc_path, str(file), "-ratio", "0", "solve", "-solution", str(solution)],
        check=True,
        capture_output=True,
    )
    first = solution.read_text().splitlines()[0]
    assert first.startswith("Optimal")
    return abs(float(first.rsplit(" ", 1)[1]))


# -- the complete programme and the expanded one ---------------------------------------------------


def fine_grid(problem: Problem, points: int = 60) -> Pieces:
    """Pieces that touch every curve at as many equal distances."""
    most = np.repeat(problem.most_effort_fte.ravel(), len(problem.segments))
    return problem.curves.pieces(most[:, None] * np.linspace(0, 1, points + 1)[1:], most)


def expanded_value(problem: Problem, objective: str, pieces: Pieces) -> float:
    """Optimum of one objective with k and y replaced by their pieces."""
    programme = formulate(problem)
    d = programme.decisions
    programme.lp.sense = _sense(objective)
    programme.lp.setObjective(programme.objectives[objective])
    matrix = Matrix.of(programme.lp, [*d.k.values(), *d.y.values()])
    at = {name: j for j, name in enumerate(matrix.columns)}
    k, y = (np.array([at[v.name] for v in some.values()], dtype=np.int32) for some in (d.k, d.y))
    return CheckedProgramme(Links(matrix, k, y).expand(matrix, pieces)).run().objective


def complete_value(problem: Problem, objective: str, pieces: Pieces, solver: str) -> float:
    """Optimum of one objective of the programme with its curves written as rows."""
    programme = formulate(problem)
    write_pieces(problem, programme, pieces)
    programme.lp.sense = _sense(objective)
    programme.lp.setObjective(programme.objectives[objective])
    outcome = SOLVERS[solver](programme.lp)
    assert outcome.status == "optimal"
    return outcome.objective


def _sense(objective: str) -> int:
    return pulp.LpMaximize if OBJECTIVES[objective].sense == "maximise" else pulp.LpMinimize


@each(("step_fte", "objective"), product((0.0, 0.5), OBJECTIVES))
def test_complete_and_expanded_programmes_have_one_value(step_fte, objective):
    problem = replace(two_territories(), step_fte=step_fte)
    pieces = fine_grid(problem)
    expected = expanded_value(problem, objective, pieces)
    for solver in ("highs", "cbc"):
        found = complete_value(problem, objective, pieces, solver)
        assert found == pytest.approx(expected, rel=1e-7, abs=1e-7), solver


@each("scenario", ["reference", "horizon-2025", "need-first"])
def test_complete_programme_of_a_scenario_has_the_expanded_value(scenario):
    problem = solved(scenario).problem
    pieces = fine_grid(problem, 25)
    expected = expanded_value(problem, "coverage", pieces)
    for solver in ("highs", "cbc"):
        found = complete_value(problem, "coverage", pieces, solver)
        assert found == pytest.approx(expected, rel=1e-7), solver
        assert found >= solved(scenario).upper_bound  # pieces lie nowhere below the curves


if __name__ == "__main__":
    write_golden()
