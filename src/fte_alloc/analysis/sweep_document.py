"""A sweep with every case, and its ``fte-alloc/sweep/1`` document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from fte_alloc.analysis.cases import Cases
from fte_alloc.analysis.sweep_rows import INPUTS, RESULTS, UNIT, Row, keys_of
from fte_alloc.programme.problem import Problem

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Sweep:
    """Cases of a scenario, and what became of each.

    rows : cells as text, in the order of the cases; those not run yet are missing
    solved : how many of them were solved now
    anew : those of them of which a row was there that did not hold
    dropped : rows of other cases that did not hold either
    """

    problem: Problem
    cases: Cases
    columns: tuple[str, ...]
    rows: Mapping[Row, Row]
    solved: int = 0
    anew: tuple[Row, ...] = ()
    dropped: tuple[Row, ...] = ()

    @property
    def done(self) -> int:
        """How many cases have been run."""
        return len(self.rows)

    @cached_property
    def document(self) -> dict[str, Any]:
        """The sweep as a ``fte-alloc/sweep/1`` document."""
        return sweep_document(self)

    @property
    def table(self) -> pd.DataFrame:
        """A row a case: its values, its status, its results and its posts."""
        import pandas as pd

        return pd.DataFrame(self.document["cases"])


#: Results of which the least and the greatest are told.
RANGES = ("objective", "expected_contracts", "rate", "state_eur", "used_fte")


def sweep_document(sweep: Sweep, at_least_fte: float = 1.0) -> dict[str, Any]:
    """A ``fte-alloc/sweep/1`` document.

    at_least_fte : of each post, the share of plans that have this many new FTE is told
    """
    p, keys = sweep.problem, sweep.cases.keys
    posts = sweep.columns[len(keys) + len(RESULTS) : -2]
    of = dict(zip(keys_of(sweep.cases), sweep.cases.rows, strict=True))
    cases = [
        {
            **dict(zip(keys, of[key], strict=True)),
            "status": row[len(keys)],
            **{
                name: float(cell) if cell else None
                for name, cell in zip(sweep.columns, row, strict=True)
                if name in RESULTS[1:] or name in posts
            },
            UNIT: row[-2] or None,
        }
        for key, row in sweep.rows.items()
    ]
    names = dict(zip(p.areas + p.territories, p.area_names + p.territory_names, strict=True))
    total, assumed, published = p.inputs.regional()
    planned = [case for case in cases if case["objective"] is not None]
    return {
        "format": "fte-alloc/sweep/1",
        "scenario": p.inputs.label,
        "model": p.inputs.model,
        "years": list(p.years),
        "first_stage": p.stages[0].objective,
        "step_fte": p.step_fte,
        "keys": list(keys),
        "by_status": dict(sorted(Counter(case["status"] for case in cases).items())),
        "largest_relative_gap": max((case["relative_gap"] for case in planned), default=None),
        "ranges": {name: _range(planned, name) for name in RANGES} if planned else {},
        "at_least_fte": at_least_fte,
        "posts": [
            {"territory": code, "name": names[code], "role": role, "year": year}
            | _post(planned, column, at_least_fte)
            for column, (role, code, year) in zip(posts, p.post_keys(), strict=True)
        ]
        if planned
        else [],
        "regional_figures": {"total": total, "assumption": assumed, "published": published},
        "inputs": {
            "scenario": p.inputs.name,
            "file": p.inputs.file,
            "overrides": dict(p.inputs.overrides),
            "values": {"territory": p.inputs.territory},
        },
        INPUTS: p.inputs.resolved_sha256,
        "cases": cases,
    }


def _range(cases: Sequence[Mapping[str, Any]], name: str) -> dict[str, float]:
    """Least and greatest of a result."""
    values = [case[name] for case in cases]
    return {"least": min(values), "greatest": max(values)}


def _post(cases: Sequence[Mapping[str, Any]], column: str, at_least_fte: float) -> dict[str, Any]:
    """How many new posts there are, over all plans."""
    fte = np.array([case[column] for case in cases])
    return {
        "least_fte": float(fte.min()),
        "median_fte": float(np.median(fte)),
        "greatest_fte": float(fte.max()),
        # As posts are printed: to a tenth.
        "share_at_least": float((fte >= at_least_fte - 0.05 - 1e-9).mean()),
    }
