"""Rows of a sweep: a chunk of cases in, rows of text out, the same bytes wherever it is run.

All rows together are the sweep, with its ``fte-alloc/sweep/1`` document.
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
from fte_alloc.inputs import load
from fte_alloc.inputs.values import MOST, finite
from fte_alloc.inputs.weighing import Weighing
from fte_alloc.language import _
from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.limits import OWN, SHARE
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.stage_proof import relative_gap
from fte_alloc.programme.step_limits import step_limits, with_least_rate
from fte_alloc.questions.document_parts import about, new_fte, post_rows
from fte_alloc.questions.plan_document import objective_unit
from fte_alloc.questions.sweep.cases import Case, Cases, changes, is_number, written
from fte_alloc.search.feasibility import is_feasible
from fte_alloc.search.plan import Solution
from fte_alloc.search.warm import WarmSolver, widest
from fte_alloc.shown import Tables

if TYPE_CHECKING:
    import pandas as pd

#: What a row says of every case, after its values.
RESULTS = (
    *("status", "objective", "upper_bound", "relative_gap"),
    *("expected_contracts", "rate", "state_eur", "used_fte"),
)
#: Results of which the least and the greatest are told.
RANGES = ("objective", "expected_contracts", "rate", "state_eur", "used_fte")
#: The column before the last: what objective and upper_bound are counted in.
UNIT = "unit"
#: The last column: of which inputs a row speaks, but for its own values.
INPUTS = "inputs_sha256"
OPTIMAL, STOPPED, FAILED = "optimal", "stopped", "failed"
INFEASIBLE, INVALID = "infeasible", "invalid"
Row = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some cases of a sweep, solved one after the other by whoever has time.

    scenario, overrides : as ``load`` takes them, the overrides as JSON
    inputs_sha256 : what ``load`` must find
    """

    scenario: str
    overrides: str
    inputs_sha256: str
    cases: Cases


def columns(problem: Problem, keys: Sequence[str]) -> tuple[str, ...]:
    """The columns of a sweep; posts of several years have the year in their name."""
    several = len(problem.years) > 1
    posts = (
        f"new_fte_{role}_{code}" + (f"_{year}" if several else "")
        for role, code, year in problem.post_keys()
    )
    return (*keys, *RESULTS, *posts, UNIT, INPUTS)


def run_chunk(chunk: Chunk) -> list[Row]:
    """A row for every case, in order."""
    base = _base(chunk.scenario, chunk.overrides, chunk.inputs_sha256)
    weighing = Weighing.of(base)
    problems = [_problem(weighing, chunk, case) for case in chunk.cases.rows]
    alike = [p for p in problems if isinstance(p, Problem)]
    warm = WarmSolver(widest(alike)) if alike else None
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
    """The scenario as it is but for its cases, read once a process.

    Raises InputError where the files are not those that the sweep was begun with.
    """
    base = load(scenario, json.loads(overrides))
    if base.inputs.resolved_sha256 != inputs_sha256:
        text = _("is not what it was when the sweep began; begin again")
        raise mistaken(base.inputs.file, text)
    return base


def _problem(weighing: Weighing, chunk: Chunk, case: Case) -> Problem | FteAllocError:
    try:
        changed = changes(weighing.problem, chunk.cases.keys, case)
        quick = quickly(weighing, changed)
        return quick or load(chunk.scenario, json.loads(chunk.overrides) | changed)
    except FteAllocError as error:
        return error


def holds(weighing: Weighing, chunk: Chunk, case: Case, row: Row) -> bool:
    """Whether a row that was kept says of a case what follows from its posts, to rounding.

    That its plan is the best one is not proved again. What has no posts is tried: whether the case
    is possible, or valid; a case that stopped or failed never holds.

    chunk : of any cases of the sweep
    """
    keys = chunk.cases.keys
    if len(row) != len(columns(weighing.problem, keys)) or row[-1] != chunk.inputs_sha256:
        return False
    status, *cells, unit = row[len(keys) : -1]
    problem = _problem(weighing, chunk, case)
    if status in (INFEASIBLE, INVALID) and not any((*cells, unit)):
        if isinstance(problem, Problem):
            return status == INFEASIBLE and not is_feasible(problem)
        return status == INVALID and isinstance(problem, InputError)
    try:
        value, bound, gap, *results = map(finite, cells)
    except ValueError:
        return False
    posts = results[4:]
    if status != OPTIMAL or not isinstance(problem, Problem):
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


def quickly(weighing: Weighing, changed: Mapping[str, Any]) -> Problem | None:
    """The problem with a few numbers changed, without reading files; None where it takes that.

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
        # Limits that a key sets in every year, of the country or the user's own, and only them.
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
    """The cells of a case: its values, its results, its posts."""
    values = map(written, case)
    if not isinstance(found, Solution):
        kinds = {InfeasibleError: INFEASIBLE, InputError: INVALID, StoppedError: STOPPED}
        status = next((name for kind, name in kinds.items() if isinstance(found, kind)), FAILED)
        return (*values, status, *[""] * (len(RESULTS) + sum(1 for _ in base.post_keys())))
    e, first = found.evaluation, found.stages[0]
    numbers = [first.value, first.bound, first.relative_gap, *_results(e), *new_fte(e).tolist()]
    unit = objective_unit(e.problem, e.problem.stages[0].objective)
    return (*values, found.status, *map(repr, numbers), unit)


def _results(e: Evaluation) -> tuple[float, float, float, float]:
    """Contracts, rate, State money and network of the last year."""
    contracts = float(e.expected_contracts[:, -1].sum())
    total = float(e.problem.contracts_per_year[:, -1].sum())
    rate = contracts / total if total else 0.0
    return contracts, rate, float(e.state_eur[-1]), float(e.used_fte[-1])


# -- the sweep -------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class Sweep(Tables):
    """Cases of a scenario, and what became of each.

    rows : cells as text, in the order of the cases
    solved : how many of them were solved now
    anew : those of them of which a row was there that did not hold
    at_least_fte : of each post, the share of plans that have this many new FTE is told
    """

    problem: Problem
    cases: Cases
    rows: Mapping[Row, Row]
    solved: int
    anew: Sequence[Row]
    at_least_fte: float

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of its CSV."""
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
            told = (*of[key], status, *numbers, unit or None)
            cases.append(dict(zip(names, told, strict=True)))
        planned = [case for case in cases if case["objective"] is not None]
        columns = zip(
            post_rows(p, p.post_keys()), names[len(keys) + len(RESULTS) : -1], strict=True
        )
        posts = [
            (row, np.array([case[name] for case in planned])) for row, name in columns if planned
        ]
        results = {name: [case[name] for case in planned] for name in RANGES if planned}
        whole = about(p)
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
                    # As posts are printed: to a tenth.
                    "share_at_least": float((fte >= self.at_least_fte - 0.05 - 1e-9).mean()),
                }
                for row, fte in posts
            ],
            "regional_figures": whole["regional_figures"],
            "inputs": {
                **{key: inputs[key] for key in ("scenario", "file", "overrides")},
                "values": {"territory": p.inputs.territory},
            },
            INPUTS: inputs["resolved_sha256"],
            "cases": cases,
        }


def _by_solver(p: Problem, keys: Sequence[str]) -> bool:
    """Whether bounds of plans in steps may be the solver's word: some limit is not on totals."""
    in_steps = replace(p, step_fte=p.step_fte or 1.0)
    if any(key.endswith("least_rate") for key in keys):
        in_steps = with_least_rate(in_steps, 0.0)
    return any(key.startswith(OWN) for key in keys) or step_limits(in_steps) is None
