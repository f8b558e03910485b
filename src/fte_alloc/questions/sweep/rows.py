"""Rows of a sweep: a chunk of cases is solved into rows of text, equal bytes in any process.

``Sweep`` holds all rows and makes the ``fte-alloc/sweep/1`` document of them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from fte_alloc.errors import FteAllocError, InfeasibleError, InputError, StoppedError, mistaken
from fte_alloc.inputs.load import load
from fte_alloc.inputs.typed_numbers import finite_number
from fte_alloc.inputs.values import MOST, is_number
from fte_alloc.inputs.weighing import Weighing
from fte_alloc.language import _
from fte_alloc.programme.limits import OWN, SHARE
from fte_alloc.programme.objectives import relative_gap
from fte_alloc.programme.problem import Evaluation, Problem
from fte_alloc.programme.step_limits import step_limits, with_least_rate
from fte_alloc.questions.document import scenario_keys
from fte_alloc.questions.plan_document import objective_unit
from fte_alloc.questions.posts import new_posts_fte, post_rows
from fte_alloc.questions.sweep.cases import Case, Cases, changes, written
from fte_alloc.search.best_plan import Solution
from fte_alloc.search.feasibility import is_feasible
from fte_alloc.search.warm import WarmSolver, with_highest_ceilings
from fte_alloc.shown import Tables

if TYPE_CHECKING:
    import pandas as pd

#: Columns of results in a row, after the values of the case.
RESULTS = (
    *("status", "objective", "upper_bound", "relative_gap"),
    *("expected_contracts", "rate", "state_eur", "used_fte"),
)
#: Results whose least and greatest value over all plans are in the document.
RANGES = ("objective", "expected_contracts", "rate", "state_eur", "used_fte")
#: Unit of objective and upper_bound, and SHA-256 of the inputs before the case changes them.
LAST_COLUMNS = ("unit", "inputs_sha256")
Row = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some cases of a sweep, solved one after the other by one process.

    scenario, overrides : as ``load`` takes them, the overrides as JSON
    inputs_sha256 : hash that the resolved inputs must have
    """

    scenario: str
    overrides: str
    inputs_sha256: str
    cases: Cases


def columns(problem: Problem, keys: Sequence[str]) -> tuple[str, ...]:
    """Names of the columns of a sweep; with several years, columns of posts name the year."""
    several = len(problem.years) > 1
    posts = (
        f"new_fte_{role}_{code}" + (f"_{year}" if several else "")
        for role, code, year in problem.post_keys()
    )
    return (*keys, *RESULTS, *posts, *LAST_COLUMNS)


def run_chunk(chunk: Chunk) -> list[Row]:
    """Solve the cases of a chunk; returns a row for every case, in order."""
    base = _base(chunk.scenario, chunk.overrides, chunk.inputs_sha256)
    weighing = Weighing.of(base)
    problems = [_problem_of_case(weighing, chunk, case) for case in chunk.cases.rows]
    alike = [p for p in problems if isinstance(p, Problem)]
    warm = WarmSolver(with_highest_ceilings(alike)) if alike else None
    rows = []
    for case, problem in zip(chunk.cases.rows, problems, strict=True):
        found: object = problem
        if warm is not None and isinstance(problem, Problem):
            try:
                found = warm.solve(problem)
            except FteAllocError as error:
                found = error
        rows.append((*_row(base, case, found), chunk.inputs_sha256))
    return rows


@lru_cache(maxsize=4)
def _base(scenario: str, overrides: str, inputs_sha256: str) -> Problem:
    """The problem of the scenario without the values of any case, read once per process.

    Raises InputError where its inputs have changed since the sweep began.
    """
    base = load(scenario, json.loads(overrides))
    if base.inputs.resolved_sha256 != inputs_sha256:
        text = _("is not what it was when the sweep began; begin again")
        raise mistaken(base.inputs.file, text)
    return base


def _problem_of_case(weighing: Weighing, chunk: Chunk, case: Case) -> Problem | FteAllocError:
    try:
        changed = changes(weighing.problem, chunk.cases.keys, case)
        quick = row_problem(weighing, changed)
        return quick or load(chunk.scenario, json.loads(chunk.overrides) | changed)
    except FteAllocError as error:
        return error


def holds(weighing: Weighing, chunk: Chunk, case: Case, row: Row) -> bool:
    """Whether the figures of a saved row follow, to rounding, from its posts and its case.

    That its plan is the best one is not proved again. A row without posts holds where its case is
    found infeasible or invalid again; a row of a case that stopped or failed never holds.

    chunk : any chunk of the sweep
    """
    keys = chunk.cases.keys
    if len(row) != len(columns(weighing.problem, keys)) or row[-1] != chunk.inputs_sha256:
        return False
    status, *cells, unit = row[len(keys) : -1]
    problem = _problem_of_case(weighing, chunk, case)
    if status in ("infeasible", "invalid") and not any((*cells, unit)):
        if isinstance(problem, Problem):
            return status == "infeasible" and not is_feasible(problem)
        return status == "invalid" and isinstance(problem, InputError)
    try:
        value, bound, gap, *results = map(finite_number, cells)
    except ValueError:
        return False
    posts = results[4:]
    if status != "optimal" or not isinstance(problem, Problem):
        return False
    if not all(0 <= fte <= MOST for fte in posts):
        return False
    judged = problem.evaluate(dict(zip(problem.post_keys(), posts, strict=True)))
    stage = problem.stages[0]
    missed = abs(judged.objective(stage.objective) - value)
    again = relative_gap(value, bound), *_results(judged)
    return (
        not judged.violations
        and unit == objective_unit(problem, stage.objective)
        and missed <= stage.concede * abs(value) + 1e-8 * max(1.0, abs(value))
        and np.allclose((gap, *results[:4]), again, rtol=1e-8, atol=1e-8)
    )


def row_problem(weighing: Weighing, changed: Mapping[str, Any]) -> Problem | None:
    """The problem with changed weights and limits; None where a change needs inputs read anew.

    Raises InputError where weights leave nothing to maximise.
    """
    p, limits = weighing.problem, weighing.problem.limits
    weights: dict[str, float] = {}
    for key, value in changed.items():
        if not is_number(value):
            return None
        if key in weighing.each:
            weights[key] = float(value)
            continue
        # Only limits of the country or the user's own, which the key must set in every year.
        by_key = {key, *(f"{key}.{year}" for year in p.years)}
        moved = [limit for limit in limits if by_key.intersection(limit.keys)]
        if len(moved) != len(p.years) or not all(
            (limit.is_national(p.shape) or limit.name.startswith(OWN))
            and 0 < value <= (1.0 if limit.unit is SHARE else MOST)
            for limit in moved
        ):
            return None
        are_moved = set(map(id, moved))
        limits = tuple(
            replace(limit, amount=float(value), keys=(key,)) if id(limit) in are_moved else limit
            for limit in limits
        )
    return replace(weighing.problem_with(weights) if weights else p, limits=limits)


def _row(base: Problem, case: Case, found: object) -> Row:
    """Cells of a case: values, results, posts and unit."""
    values = map(written, case)
    if not isinstance(found, Solution):
        kinds = {InfeasibleError: "infeasible", InputError: "invalid", StoppedError: "stopped"}
        status = next((name for kind, name in kinds.items() if isinstance(found, kind)), "failed")
        return (*values, status, *[""] * (len(RESULTS) + sum(1 for _ in base.post_keys())))
    e, first = found.evaluation, found.stages[0]
    numbers = [
        first.value,
        first.bound,
        first.relative_gap,
        *_results(e),
        *new_posts_fte(e).tolist(),
    ]
    unit = objective_unit(e.problem, e.problem.stages[0].objective)
    return (*values, found.status, *map(repr, numbers), unit)


def _results(e: Evaluation) -> tuple[float, float, float, float]:
    """Contracts, rate, State money and network of the last year [contracts, 1, EUR, FTE]."""
    contracts = float(e.expected_contracts[:, -1].sum())
    total = float(e.problem.contracts_per_year[:, -1].sum())
    rate = contracts / total if total else 0.0
    return contracts, rate, float(e.state_eur[-1]), float(e.used_fte[-1])


# -- the sweep -------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class Sweep(Tables):
    """Cases of a scenario with their results.

    rows : rows of text by the cells of their varied values, in the order of the cases
    solved : number of rows solved in this run
    anew : cases whose row in the file did not hold, so that they were solved again
    at_least_fte : new FTE of a post; the document has the share of plans with at least that many
    """

    problem: Problem
    cases: Cases
    rows: Mapping[Row, Row]
    solved: int
    anew: Sequence[Row]
    at_least_fte: float

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of its CSV."""
        return columns(self.problem, self.cases.keys)

    @property
    def table(self) -> pd.DataFrame:
        """One row for each case: its values, status, results and posts."""
        import pandas as pd

        return pd.DataFrame(self.document["cases"])

    @cached_property
    def document(self) -> dict[str, Any]:
        """The sweep as a ``fte-alloc/sweep/1`` document."""
        p, keys, names = self.problem, self.cases.keys, self.columns[:-1]
        of = dict(zip(self.cases.cells, self.cases.rows, strict=True))
        cases = []
        for key, row in self.rows.items():
            status, *figures, unit, __ = row[len(keys) :]
            numbers = (float(cell) if cell else None for cell in figures)
            values = (*of[key], status, *numbers, unit or None)
            cases.append(dict(zip(names, values, strict=True)))
        planned = [case for case in cases if case["objective"] is not None]
        columns = zip(
            post_rows(p, p.post_keys()), names[len(keys) + len(RESULTS) : -1], strict=True
        )
        posts = [
            (row, np.array([case[name] for case in planned])) for row, name in columns if planned
        ]
        results = {name: [case[name] for case in planned] for name in RANGES if planned}
        whole = scenario_keys(p)
        inputs = whole["inputs"]
        return {
            "format": "fte-alloc/sweep/1",
            **{key: whole[key] for key in ("scenario", "model", "title", "years")},
            "title_fr": p.inputs.value("title_fr"),
            "first_stage": p.stages[0].objective,
            "step_fte": p.least_step_fte,
            "by_solver": _by_solver(p, keys),
            "keys": list(keys),
            "by_status": dict(sorted(Counter(case["status"] for case in cases).items())),
            "largest_relative_gap": max((case["relative_gap"] for case in planned), default=None),
            "ranges": {
                name: {"least": min(of), "greatest": max(of)} for name, of in results.items()
            },
            "at_least_fte": self.at_least_fte,
            "posts": [
                {
                    **row,
                    "least_fte": float(fte.min()),
                    "median_fte": float(np.median(fte)),
                    "greatest_fte": float(fte.max()),
                    # Posts are compared as printed, to a tenth.
                    "share_at_least": float((fte >= self.at_least_fte - 0.05 - 1e-9).mean()),
                }
                for row, fte in posts
            ],
            "regional_figures": whole["regional_figures"],
            "inputs": {
                **{key: inputs[key] for key in ("scenario", "file", "overrides")},
                "values": {"territory": p.inputs.territory},
            },
            "inputs_sha256": inputs["resolved_sha256"],
            "cases": cases,
        }


def _by_solver(p: Problem, keys: Sequence[str]) -> bool:
    """Whether only the solver may guarantee bounds of plans in steps, for lack of tables."""
    in_steps = replace(p, step_fte=p.step_fte or 1.0)
    if any(key.endswith("least_rate") for key in keys):
        in_steps = with_least_rate(in_steps, 0.0)
    return any(key.startswith(OWN) for key in keys) or step_limits(in_steps) is None
