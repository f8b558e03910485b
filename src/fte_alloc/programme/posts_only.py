"""The linear programme of posts alone, without objective, to test whether any plan is possible.

Least rates are rows on efforts, of several territories on tangents of the most contracts an effort
covers. Posts have no limits of their own, so that whatever forbids a plan is a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pulp

from fte_alloc.programme.curves import Floats
from fte_alloc.programme.limits import RATE, Limit
from fte_alloc.programme.linear import Decisions, Programme, Structure, decide, write
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.scenario_set import prefixes
from fte_alloc.programme.statement import CONSTRAINTS, STEPS, effective, limit, structure

#: Number of first tangents of the most contracts that an effort covers, and the number where least
#: rates may be lowered (*covering*): there, more tangents are added later anyway.
TANGENTS, FEW_TANGENTS = 12, 3
#: Efforts, the most contracts that they cover, and the slope of the latter in the effort [I,T].
Touch = tuple[Floats, Floats, Floats]


def formulate_posts(
    p: Problem, touches: Sequence[Touch] = (), *, covering: bool = False
) -> Programme:
    """Formulate the rows that posts alone must satisfy, without an objective.

    touches : points where further tangents touch the curves of contracts
    covering : whether least rates of single territories are rows on contracts too, not on effort
    """
    lp = pulp.LpProblem("posts", pulp.LpMinimize)
    d = decide(p, lp, None, counted=p.in_rates(alone=covering))
    rows = write(lp, _rows(p, d, covering=covering))
    for m, touch in enumerate(touches, TANGENTS):
        rows |= write(lp, tangent_rows(p, d, m, touch))
    return Programme(lp, d, {}, rows)


def formulate_shared_posts(
    problems: Mapping[str, Problem],
) -> tuple[pulp.LpProblem, dict[str, tuple[str, Limit | Structure]]]:
    """Formulate the rows that posts must satisfy to be possible in several problems at once.

    Returns the programme, and the scenario and the limit or structure of every row, by row name.
    """
    lp = pulp.LpProblem("shared_posts", pulp.LpMinimize)
    rows: dict[str, tuple[str, Limit | Structure]] = {}
    first: Decisions | None = None
    for prefix, (name, p) in zip(prefixes(problems), problems.items(), strict=True):
        d = decide(p, lp, None, prefix, first, p.in_rates(alone=False))
        first = first or d
        rows |= {row: (name, of) for row, of in write(lp, _rows(p, d), prefix).items()}
    return lp, rows


def _rows(
    p: Problem, d: Decisions, *, covering: bool = False
) -> Iterator[tuple[Limit | Structure, Any]]:
    """Rows of a problem: those of ``statement.constraints``, but for effort and least rates."""
    yield from structure(p, d, (name for name in CONSTRAINTS if name not in ("effort", *STEPS)))
    many = FEW_TANGENTS if covering else TANGENTS
    for m, share in enumerate(np.linspace(0.0, 1.0, many) ** 2 if d.c else ()):
        effort = share * p.most_effort_fte
        yield from tangent_rows(p, d, m, (effort, *p.most_covered(effort)))
    for one in p.limits:
        if one.quantity != RATE or covering or len(one.territories) > 1:
            yield one, limit(p, d, one)
            continue
        (i,), t = one.territories, p.years.index(one.year)
        least = p.least_effort_fte[i, t]  # K_it, the least effort that suffices; inf: none does
        if np.isfinite(least):
            yield one, effective(p, d, i, t) >= least
    yield from structure(p, d, STEPS)


def tangent_rows(p: Problem, d: Decisions, m: int, touch: Touch) -> Iterator[tuple[Structure, Any]]:
    """Rows c_it ≤ C(E_m) + C′(E_m) (E_it − E_m): m-th tangent of the most contracts C(E_it).

    touch : E_m, C(E_m) and C′(E_m)
    """
    effort, value, slope = touch
    for i, t in d.c:
        line = float(value[i, t] - slope[i, t] * effort[i, t])
        of = Structure("cover", p.territories[i], p.years[t], m)
        yield of, d.c[i, t] <= line + float(slope[i, t]) * effective(p, d, i, t)
