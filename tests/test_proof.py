"""The bound that prices prove, stated twice: by ``proof`` and by the programme that is solved.

The two share the problem's numbers and its curves, and nothing else. Whatever the prices, the
legal and the illegal, they must prove the same bound, row by row and variable by variable.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import second_statement as proof
from conftest import ROOT, slow, small_problem, table_problem
from limit_arrays import FAMILIES, replace
from tables import each
from test_golden_lp import two_territories

import fte_alloc as fa
from fte_alloc.lp.certificate import concave_bound
from fte_alloc.programme import statement as formulation
from fte_alloc.programme.objectives import OBJECTIVES, Stage
from fte_alloc.questions import plan as planning
from fte_alloc.search.rounds import RoundSearch


def saturating_golden():
    """The problem of the golden file, whose rows are of all kinds, on smooth curves."""
    problem = two_territories()
    smooth = small_problem(
        ((50.0, 20.0), (40.0, 20.0)), areas=("N", "N"), years=(2023, 2024), demand_cv=0.3
    )
    return replace(problem, curves=smooth.curves)


def alone_in_their_areas():
    """Partners pay for coordinators too; no floors, no steps, no target, weights of 0."""
    return small_problem(
        years=(2023, 2024, 2025),
        committed_coordinators_fte=np.array([0.5, 0.0]),
        partner_capacity_eur=np.array([15_000.0, 9_000.0]),
        max_new_coordinators_fte=np.array([1.0, 2.0]),
        supports_fte=3.0,
        productivity_gain=0.4,
        segment_weight=np.array([1.0, 0.0]),
        stages=tuple(Stage(name) for name in ("worst_rate", "coverage", "state_cost", "posts")),
    )


ZOO = {
    "golden": two_territories,
    "smooth": saturating_golden,
    "alone": alone_in_their_areas,
    "reference": lambda: fa.load(str(ROOT / "scenarios" / "reference.toml")),
    "horizon": lambda: fa.load(str(ROOT / "scenarios" / "horizon-2025.toml")),
}


def searched(problem) -> RoundSearch:
    return RoundSearch(problem, formulation.formulate(problem), None)


def by_the_programme(problem, number, prices, kept) -> float:
    """The bound by the arrays of the programme that is solved, in its own units."""
    search = searched(problem)
    stage, matrix = problem.stages[number], search.matrix
    matrix.cost, matrix.constant = search.objectives[stage.objective]
    matrix.maximise = stage.sense == "maximise"
    unit = search.unit[stage.objective]
    scaled = np.array([prices.get(name, 0.0) / unit for name in matrix.rows])
    for n, earlier in enumerate(problem.stages):
        row, per = search.row[search.stage_rows[n]], search.unit[earlier.objective]
        scaled[row] *= per
        if n < number:
            limit = kept[earlier.objective] / per - search.objectives[earlier.objective][1]
            side = matrix.row_lower if earlier.sense == "maximise" else matrix.row_upper
            side[row] = limit
    return unit * concave_bound(matrix, scaled, search.links, search._most_gain)


@each("name", ["golden", "smooth", "alone", "reference"])
def test_any_prices_prove_the_bound_that_the_programme_gives(name):
    problem, chance = ZOO[name](), np.random.default_rng(5)
    names = list(proof.row_names(problem))
    kept = {stage.objective: float(chance.uniform(0.1, 50.0)) for stage in problem.stages}
    for number, turn in itertools.product(range(len(problem.stages)), range(4)):
        amounts = chance.normal(size=len(names)) * 10.0 ** chance.uniform(-3, 3, len(names))
        prices = dict(zip(names, amounts.tolist(), strict=True))
        if turn == 0:  # few rows at a time, so that no large term hides a small one
            prices = {row: price for row, price in prices.items() if chance.random() < 0.1}
        ours = proof.stage_bound(problem, number, prices, kept)
        theirs = by_the_programme(problem, number, prices, kept)
        assert ours == pytest.approx(theirs, rel=1e-10), (number, turn)


@pytest.mark.parametrize("name", [n if n == "golden" else slow(n) for n in ZOO])
def test_one_price_alone_proves_the_bound_that_the_programme_gives(name):
    """Each row by itself, of either sign: none hides behind another."""
    problem = ZOO[name]()
    rows = proof.row_names(problem)
    firsts = {family: row for row, (family, _, _) in reversed(rows.items())}
    lasts = {family: row for row, (family, _, _) in rows.items()}
    kept = {stage.objective: 1.0 + n for n, stage in enumerate(problem.stages)}
    number = len(problem.stages) - 1
    for row in {*firsts.values(), *lasts.values()}:
        for price in (-0.37, 0.37):
            ours = proof.stage_bound(problem, number, {row: price}, kept)
            theirs = by_the_programme(problem, number, {row: price}, kept)
            assert ours == pytest.approx(theirs, rel=1e-12), (row, price)


@each("name", ZOO)
def test_rows_have_the_names_of_the_programme(name):
    problem = ZOO[name]()
    assert set(proof.row_names(problem)) == set(searched(problem).matrix.rows)


def test_families_stand_in_the_order_and_under_the_names_of_the_formulation():
    families = [name for name, *_ in FAMILIES.values()]
    rules = [name for name in proof.CONSTRAINTS if name not in (*families, "own_limits")]
    assert rules == list(formulation.CONSTRAINTS)
    assert {stage.objective for stage in two_territories().stages} == set(OBJECTIVES)
    assert set(families) < set(proof.CONSTRAINTS)


def test_the_golden_problem_has_a_row_of_every_family():
    """Else the comparisons above would say nothing of the family that is missing."""
    families = {family for family, _, _ in proof.row_names(two_territories()).values()}
    more = {"worst", "target", "stage"} | {
        f"{side}_{role}" for side in ("more", "fewer") for role in ("facilitator", "coordinator")
    }
    assert families == set(proof.CONSTRAINTS) - {"own_limits"} | more


@pytest.mark.parametrize("name", [slow("golden"), slow("smooth"), "alone"])
def test_all_objectives_in_turn_are_proved_by_their_prices(name):
    """Eight stages, each held to those before it: what was kept of them is in the proofs."""
    problem = ZOO[name]()
    plan = planning.solve(problem)
    for number, stage in enumerate(plan.stages):
        assert list(stage.kept) == [earlier.objective for earlier in problem.stages[:number]]
    for number, stage in enumerate(plan.stages):
        saved = stage.bound if stage.relaxation_bound is None else stage.relaxation_bound
        proved = proof.stage_bound(problem, number, stage.duals, stage.kept)
        rows = {proof.stage_row(n, s.objective): s.objective for n, s in enumerate(plan.stages)}
        terms = [abs(stage.duals[row] * stage.kept.get(name, 0.0)) for row, name in rows.items()]
        rounding = 1e-15 * sum(terms)  # a price of 2e8 on what was kept leaves no more digits
        assert proved == pytest.approx(saved, rel=1e-10, abs=1e-10 + rounding), stage.objective


def test_a_table_curve_gains_most_where_its_slope_passes_the_price():
    """G: 10, then 20 a FTE up to 2, then 10 a FTE up to 4.

    At a price of 15: G(2) − 15·2 = 50 − 30 = 20; at 10 all from 2 to 4 are as good: 30; at 25 no
    effort: 10; at a price below 0 all of it. A worth below 0 wants no effort that costs.
    """
    problem = table_problem([[(0, 10), (2, 50), (4, 70)]], cap=20.0)
    most = float(problem.most_effort_fte[0, 0])
    for worth, price, gain in (
        (1.0, 15.0, 20.0),
        (1.0, 10.0, 30.0),
        (1.0, 25.0, 10.0),
        (1.0, -1.0, 70.0 + most),
        (-1.0, 1.0, -10.0),
        (-1.0, -50.0, 50.0 * most - 70.0),
    ):
        (found,) = proof.most_gain(problem, np.array([worth]), np.array([price]))
        assert found == pytest.approx(gain)


def test_a_smooth_curve_gains_no_less_than_at_any_effort_tried():
    problem = small_problem(demand_cv=0.3)
    chance = np.random.default_rng(2)
    tried = np.linspace(0.0, problem.most_effort_fte.min(), 2001)
    for _ in range(30):
        worth, price = chance.uniform(-1, 2, 4), chance.uniform(-5, 25, 4)
        found = proof.most_gain(problem, worth, price)
        value = problem.curves.value(np.tile(tried, (4, 1)))
        gains = worth[:, None] * value - price[:, None] * tried
        assert np.all(found >= gains.max(axis=1) - 1e-12 * np.abs(gains).max())
