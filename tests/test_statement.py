"""The programme that is solved is the one stated a second time, with arrays, row by row."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from conftest import ROOT, SCENARIOS, table_problem
from limit_arrays import FAMILIES, LimitArrays, arrays_of
from random_problems import random_problem
from second_statement import row_names, rows_of, stage_bound
from tables import each
from test_golden_lp import two_territories
from test_own_limits import LIMITS
from test_proof import alone_in_their_areas, saturating_golden

import fte_alloc as fa
from fte_alloc.programme.bound import Bounds
from fte_alloc.programme.objectives import stage_row

pytestmark = pytest.mark.usefixtures("read_once")


def shipped(name: str) -> fa.Problem:
    return fa.load(str(ROOT / "scenarios" / f"{name}.toml"))


def with_limits(text: str) -> fa.Problem:
    """The reference with limits of its own."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "own.toml"
        path.write_text(f'extends = "reference"\n[limits]\n{text}\n', encoding="utf-8")
        return fa.load(str(path))


BY_HAND = {
    "golden": two_territories,
    "smooth": saturating_golden,
    "alone": alone_in_their_areas,
    "table": lambda: table_problem([[(0, 10), (2, 50), (4, 70)], [(0, 6), (2, 30), (5, 48)]]),
    **{f"limit, {name}": partial(with_limits, text) for name, text in LIMITS.items()},
}
PROBLEMS = [*BY_HAND, *SCENARIOS]


def loaded_problem(case: str | int) -> fa.Problem:
    if isinstance(case, int):
        return random_problem(case)
    return BY_HAND[case]() if case in BY_HAND else shipped(case)


#: Kinds of everything; a number is that of a problem drawn at random.
FEW = ["own-limits", 10, 50]


@each("case", FEW)
def test_rows_objectives_and_columns_are_those_of_the_second_statement(case):
    same_rows_objectives_and_columns(loaded_problem(case))


@pytest.mark.slow
@each("case", [*(name for name in PROBLEMS if name not in FEW), *range(25)])
def test_all_rows_objectives_and_columns_are_those_of_the_second_statement(case):
    same_rows_objectives_and_columns(loaded_problem(case))


def same_rows_objectives_and_columns(problem: fa.Problem) -> None:
    bounds = Bounds(problem)
    m = bounds.matrix
    at, row_at = ({name: n for n, name in enumerate(names)} for names in (m.columns, m.rows))
    stages = {stage_row(n, s.objective) for n, s in enumerate(problem.stages)}
    second, most, objectives = rows_of(problem)
    assert set(second) | stages == set(m.rows)
    for name, (coefficients, side) in second.items():
        r = row_at[name]
        entries = slice(m.start[r], m.start[r + 1])
        row: dict[str, float] = {}
        for j, value in zip(m.index[entries], m.value[entries], strict=True):
            row[m.columns[j]] = row.get(m.columns[j], 0.0) + value
        told = {c: v for c, v in row.items() if v}
        assert told.keys() == {c for c, v in coefficients.items() if v}, name
        assert told == pytest.approx({c: v for c, v in coefficients.items() if v}, rel=1e-12), name
        ends = [end for end in (m.row_lower[r], m.row_upper[r]) if np.isfinite(end)]
        assert ends[0] == pytest.approx(side, rel=1e-12, abs=1e-12), name
        assert len(set(ends)) == 1
    assert {name: float(m.upper[at[name]]) for name in m.columns} == pytest.approx(most, rel=1e-12)
    for n, stage in enumerate(problem.stages):
        r = row_at[stage_row(n, stage.objective)]
        entries = slice(m.start[r], m.start[r + 1])
        cost = {m.columns[j]: v for j, v in zip(m.index[entries], m.value[entries], strict=True)}
        wanted = {c: v for c, v in objectives[stage.objective].items() if v}
        assert cost == pytest.approx(wanted, rel=1e-12), stage.objective


@each("case", [*PROBLEMS, *range(0, 200, 50)])
def test_any_prices_prove_the_same_bound(case):
    problem, chance = loaded_problem(case), np.random.default_rng(7)
    bounds, names = Bounds(problem), list(row_names(problem))
    kept = {stage.objective: float(chance.uniform(0.1, 50.0)) for stage in problem.stages}
    for number in range(len(problem.stages)):
        amounts = chance.normal(size=len(names)) * 10.0 ** chance.uniform(-3, 3, len(names))
        prices = dict(zip(names, amounts.tolist(), strict=True))
        ours = bounds.of_stage(number, prices, kept)
        assert ours == pytest.approx(stage_bound(problem, number, prices, kept), rel=1e-12)


@each("name", SCENARIOS)
def test_the_built_in_limits_of_a_scenario_are_those_its_inputs_describe(name):
    problem = shipped(name)
    entries, found = problem.inputs.entries, arrays_of(problem)

    def of(key: str, none: float) -> float:
        entry = entries.get(key)
        return none if entry is None or entry.value is None else float(entry.value)

    def by_year(key: str) -> list[float]:
        return [of(f"{key}.{y}", of(key, np.inf)) for y in problem.years]

    def column(name: str, none: float) -> list[float]:
        return [of(f"territories.{code}.{name}", none) for code in problem.territories]

    share, fte = (of(f"posts.facilitator.max_growth_{what}", np.nan) for what in ("share", "fte"))
    growth = [
        np.nan_to_num(share) * e + np.nan_to_num(fte)
        for e in column("existing_facilitators_fte", 0.0)
    ]
    most = of("posts.coordinator.max_fte_per_area", np.inf)
    led = problem.existing_coordinators_fte + problem.committed_coordinators_fte
    everywhere = of("posts.coordinator.required_fte_where_none", 0.0)
    keys = [f"limits.coordinator_required.{code}" for code in problem.areas]
    required = [of(key, 0.0) if key in entries else everywhere for key in keys]
    wanted = LimitArrays(
        by_year("posts.cap_fte"),
        by_year("budget.state_eur_per_year"),
        column("partner_capacity_eur", np.inf),
        [np.inf] * len(growth) if np.isnan(share) and np.isnan(fte) else growth,
        column("min_new_facilitators_fte", 0.0),
        column("max_new_facilitators_fte", np.inf),
        [0.0 if fixed else asked for fixed, asked in zip(led, required, strict=True)],
        [max(0.0, most - fixed) for fixed in led],
        column("least_rate", 0.0),
    )
    for field in FAMILIES:
        assert getattr(found, field).tolist() == pytest.approx(list(getattr(wanted, field))), field
