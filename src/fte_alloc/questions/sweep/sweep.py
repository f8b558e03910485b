"""Solve many cases of one scenario in chunks, in one process or several, and save their rows.

Chunks depend on the list of cases alone, and each is solved from scratch, so that any number of
processes, and a sweep that is continued, give the same bytes. Rows are appended to the file as they
come, and written in order at the end: after a crash, only the missing cases are solved.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from fte_alloc.errors import InputError, Mistake, mistaken
from fte_alloc.inputs.draft import limited_mistakes
from fte_alloc.inputs.load import load
from fte_alloc.inputs.values import is_number, show_value, toml_value
from fte_alloc.inputs.weighing import Weighing
from fte_alloc.language import _
from fte_alloc.names import NO_CASES
from fte_alloc.programme.limits import OWN
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.step_limits import step_limits, with_least_rate
from fte_alloc.questions.document import Progress, scenario_keys
from fte_alloc.questions.posts import post_rows
from fte_alloc.questions.sweep.cases import Case, Cases, changes, written
from fte_alloc.questions.sweep.processes import Pool, run_chunks
from fte_alloc.questions.sweep.rows import (
    RESULTS,
    Chunk,
    Row,
    SweepFile,
    columns,
    is_row_valid,
    row_problem,
)
from fte_alloc.shown import Tables

if TYPE_CHECKING:
    import pandas as pd

#: Cases per chunk where a case takes a millisecond, and where it needs a search of its own.
QUICK_CHUNK, SLOW_CHUNK = 200, 5
#: Results whose least and greatest value over all plans are in the document.
RANGES = ("objective", "expected_contracts", "rate", "state_eur", "used_fte")


def sweep(
    scenario: str | os.PathLike[str],
    cases: Cases | Mapping[str, Iterable[Any]],
    *,
    overrides: Mapping[str, Any] | None = None,
    at_least_fte: float = 1.0,
    out: str | os.PathLike[str] | None = None,
    jobs: int = 1,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> Sweep:
    """Solve every case of a scenario.

    cases : the cases, or lists of values by dotted key, of which all combinations are solved
    overrides : changes of inputs in all cases, by dotted key
    at_least_fte : new FTE of a post; the document has the share of plans with at least that many
    out : CSV file of the rows as they come; those in it that hold are kept, others solved again
    jobs : number of processes; with 1, this process solves all cases
    pool : makes the executor of the chunks, in place of processes
    progress : called with the number of cases done, and the number of all cases

    Raises InputError where the scenario or a varied key or value is not valid, or the file is of
    another sweep.
    """
    progress = progress or (lambda *_: None)
    if isinstance(cases, Mapping):
        values = (map(toml_value, given) for given in cases.values())
        cases = Cases(tuple(cases), tuple(product(*values)))
    if not cases.rows:
        raise mistaken("cases", _(NO_CASES))
    overrides = {key: toml_value(value) for key, value in (overrides or {}).items()}
    problem = load(scenario, overrides)
    check_sweep(scenario, overrides, problem, cases)
    chunks = _chunks(os.fspath(scenario), overrides, problem, cases)
    of_key = dict(zip(cases.cells, cases.rows, strict=True))
    file = SweepFile(out, columns(problem, cases.keys)) if out else None
    known = file.read(of_key, problem.inputs.resolved_sha256) if file else {}
    weighing = Weighing.of(problem)
    rows = {
        key: row
        for key, row in known.items()
        if is_row_valid(weighing, chunks[0], of_key[key], row)
    }
    kept, anew = len(rows), [key for key in of_key if key in known and key not in rows]
    missing = [chunk for chunk in chunks if not rows.keys() >= {*chunk.cases.cells}]
    try:
        for found in run_chunks(missing, jobs, pool):
            new = [row for row in found if row[: len(cases.keys)] not in rows]
            rows |= {row[: len(cases.keys)]: row for row in new}  # before saving: Ctrl-C may come
            if file:
                file.keep(new)
            progress(len(rows), len(of_key))
    finally:
        if file:
            file.finish(rows[key] for key in of_key if key in rows)
        progress(len(rows), len(of_key))
    in_order = {key: rows[key] for key in of_key}
    return Sweep(problem, cases, in_order, len(rows) - kept, anew, at_least_fte)


def check_sweep(
    scenario: str | os.PathLike[str], overrides: Mapping[str, Any], problem: Problem, cases: Cases
) -> None:
    """Refuse wrong keys and values of a sweep before any case is solved.

    Raises InputError where the scenario cannot be read with the first case, or with an extreme or
    non-numeric value of a key. Values wrong only together make a row with status ``invalid``.
    """

    def faults(keys: Sequence[str], case: Case) -> Sequence[Mistake]:
        """The mistakes of some values, at the place of each and not at a ``--set``."""
        try:
            load(scenario, {**overrides, **changes(problem, keys, case)})
        except InputError as error:
            places = {
                text: cases.place(key, value)
                for key, value in zip(keys, case, strict=True)
                for text in (key, f"--set {key}={show_value(value)}")
            }
            error.reword(lambda text: places.get(text, text))
            return error.mistakes
        return ()

    mistakes: list[Mistake] = []
    for n, key in enumerate(cases.keys):
        column, by_text = {case[n] for case in cases.rows}, dict[str, Mistake]()
        numbers = set(filter(is_number, column))
        ends = {min(numbers), max(numbers)} if numbers else set()
        for value in sorted(ends | (column - numbers - {None}), key=written):
            wrong = faults((key,), (value,))
            if wrong and faults(cases.keys, next(case for case in cases.rows if case[n] == value)):
                by_text = {mistake.what: mistake for mistake in wrong} | by_text
        mistakes += by_text.values()
    if mistakes := mistakes or [*faults(cases.keys, cases.rows[0])]:
        raise InputError(limited_mistakes(mistakes))


# -- chunks ----------------------------------------------------------------------------------------


def _chunks(
    scenario: str, overrides: Mapping[str, Any], problem: Problem, cases: Cases
) -> list[Chunk]:
    """The cases in order, in chunks whose size does not depend on processes and saved rows."""
    first = changes(problem, cases.keys, cases.rows[0])
    is_quick = row_problem(Weighing.of(problem), first) and not problem.in_steps
    size = QUICK_CHUNK if is_quick else SLOW_CHUNK
    given, sha256 = json.dumps(dict(overrides)), problem.inputs.resolved_sha256
    return [
        Chunk(scenario, given, sha256, Cases(cases.keys, cases.rows[at : at + size]))
        for at in range(0, len(cases.rows), size)
    ]


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
        results = {name: [case[name] for case in planned] for name in RANGES if planned}
        posts = zip(post_rows(p, p.post_keys()), names[len(keys) + len(RESULTS) : -1], strict=True)
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
                for row, name in (posts if planned else ())
                for fte in [np.array([case[name] for case in planned])]
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
    """Whether bounds of plans in steps may be the solver's, as tables may not apply."""
    in_steps = replace(p, step_fte=p.step_fte or 1.0)
    if any(key.endswith("least_rate") for key in keys):
        in_steps = with_least_rate(in_steps, 0.0)
    return any(key.startswith(OWN) for key in keys) or step_limits(in_steps) is None
