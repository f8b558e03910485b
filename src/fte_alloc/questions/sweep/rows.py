"""Rows of a sweep: a chunk of cases is solved into rows of text, equal bytes in any process."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from fte_alloc.errors import FteAllocError, InfeasibleError, InputError, StoppedError, mistaken
from fte_alloc.inputs.load import load
from fte_alloc.inputs.typed_numbers import finite_number
from fte_alloc.inputs.values import MOST, is_number
from fte_alloc.inputs.weighing import Weighing
from fte_alloc.language import _
from fte_alloc.names import NO_PLAIN_FILE
from fte_alloc.output_files import have_been_read, os_reason, refuse_overwriting, write_whole
from fte_alloc.programme.limits import OWN, SHARE
from fte_alloc.programme.objectives import relative_gap
from fte_alloc.programme.problem import Evaluation, Problem
from fte_alloc.questions.objectives_in_words import objective_unit
from fte_alloc.questions.posts import new_posts_fte
from fte_alloc.questions.sweep.cases import Case, Cases, changes, written
from fte_alloc.search.best_plan import Solution
from fte_alloc.search.feasibility import is_feasible
from fte_alloc.search.warm import WarmSolver, with_highest_ceilings

#: Columns of results in a row, after the values of the case.
RESULTS = (
    *("status", "objective", "upper_bound", "relative_gap"),
    *("expected_contracts", "rate", "state_eur", "used_fte"),
)
#: Unit of objective and upper_bound, and SHA-256 of the inputs before the case changes them.
LAST_COLUMNS = ("unit", "inputs_sha256")
_SHA256 = re.compile("[0-9a-f]{64}")
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
        try:
            found = warm.solve(problem) if warm and isinstance(problem, Problem) else problem
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


def is_row_valid(weighing: Weighing, chunk: Chunk, case: Case, row: Row) -> bool:
    """Whether the figures of a saved row follow, to rounding, from its posts and its case.

    That its plan is the best one is not proved again. A row without posts holds where its case is
    found infeasible or invalid again; a row of a case that stopped or failed never holds.

    chunk : any chunk of the sweep
    """
    keys = chunk.cases.keys
    if len(row) != len(columns(weighing.problem, keys)) or row[-1] != chunk.inputs_sha256:
        return False
    status, *cells, unit = row[len(keys) : -1]
    problem, is_empty = _problem_of_case(weighing, chunk, case), not any((*cells, unit))
    if not isinstance(problem, Problem):
        return status == "invalid" and is_empty and isinstance(problem, InputError)
    if status == "infeasible" and is_empty:
        return not is_feasible(problem)
    try:
        value, bound, gap, *results = map(finite_number, cells)
    except ValueError:
        return False
    posts = results[4:]
    if status != "optimal" or not all(0 <= fte <= MOST for fte in posts):
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
    proof = first.value, first.bound, first.relative_gap
    numbers = *proof, *_results(e), *new_posts_fte(e).tolist()
    unit = objective_unit(e.problem, e.problem.stages[0].objective)
    return (*values, found.status, *map(repr, numbers), unit)


def _results(e: Evaluation) -> tuple[float, float, float, float]:
    """Contracts, rate, State money and network of the last year [contracts, 1, EUR, FTE]."""
    contracts = float(e.expected_contracts[:, -1].sum())
    total = float(e.problem.contracts_per_year[:, -1].sum())
    rate = contracts / total if total else 0.0
    return contracts, rate, float(e.state_eur[-1]), float(e.used_fte[-1])


# -- the file --------------------------------------------------------------------------------------


class SweepFile:
    """The rows of a sweep in a CSV file, under the names of all ``columns``."""

    def __init__(self, path: str | os.PathLike[str], columns: Sequence[str]) -> None:
        self.path, self.columns = Path(path), tuple(columns)

    def read(self, cases: Collection[Row], inputs_sha256: str) -> dict[Row, Row]:
        """Rows by the cells of their varied values; a last line that was cut off is removed.

        Raises InputError where the file is not of this sweep, so that it is not overwritten.
        """
        refuse_overwriting(str(self.path), have_been_read)
        try:
            if not self.path.exists():
                return {}
            if not self.path.is_file():
                raise mistaken(str(self.path), _(NO_PLAIN_FILE))
            data = self.path.read_bytes()
            whole = data[: data.rfind(b"\n") + 1]
            rows = {}
            if data.strip() and not _csv_lines([self.columns]).encode().startswith(data):
                rows = self._rows(whole, cases, inputs_sha256)
            os.truncate(self.path, len(whole) if rows else 0)  # else a row continues a cut line
        except OSError as error:
            raise mistaken(str(self.path), os_reason(error)) from None
        return rows

    def _rows(self, data: bytes, cases: Collection[Row], inputs_sha256: str) -> dict[Row, Row]:
        content = io.StringIO(data.decode("utf-8-sig", errors="replace"), newline="")
        try:
            head, *lines = map(tuple, csv.reader(content))
        except (csv.Error, ValueError):
            head = ()
        if head != self.columns:
            text = _("is not of this sweep: its columns are others; give another --out")
            raise mistaken(str(self.path), text)
        keys, rows = len(next(iter(cases))), {}
        for number, row in enumerate(lines, start=2):
            if not row:
                continue
            if row[-1] != inputs_sha256 and _SHA256.fullmatch(row[-1]):
                text = _("is of other inputs, or no row of a sweep; give another --out")
                raise mistaken(f"{self.path}:{number}", text)
            if row[:keys] not in cases:
                text = _("is of a case that is not asked for: {case}; give another --out")
                raise mistaken(f"{self.path}:{number}", text, case=" ".join(row[:keys]))
            rows[row[:keys]] = row
        return rows

    def keep(self, rows: Sequence[Row]) -> None:
        """Append rows and sync them to disk, so that a crash loses none."""
        fresh = not self.path.exists() or self.path.stat().st_size == 0
        with self.path.open("a", encoding="utf-8", newline="") as file:
            file.write(_csv_lines([self.columns, *rows] if fresh else rows))
            file.flush()
            os.fsync(file.fileno())

    def finish(self, rows: Iterable[Row]) -> None:
        """Write the file anew, from all rows."""
        write_whole(self.path, _csv_lines([self.columns, *rows]).encode())


def _csv_lines(rows: Iterable[Sequence[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()
