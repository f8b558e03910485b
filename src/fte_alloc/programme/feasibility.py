"""The programme of posts alone, to tell whether any plan is possible: no objective, no contracts.

Least rates are rows on efforts, or, of several territories together, on tangents of the most
contracts an effort covers. Posts have no limits of their own here, so that whatever forbids a plan
is a row.
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

#: Tangents of the most contracts an effort covers, to begin with.
TANGENTS = 12


def formulate_posts(
    p: Problem, touches_fte: Sequence[Floats] = (), *, in_contracts: bool = False
) -> Programme:
    """What posts alone must satisfy, without an objective.

    touches_fte : efforts at which more tangents touch the curves of rates [I,T]
    in_contracts : whether the least rate of one territory is a row on contracts, too, so that
        it can be lowered
    """
    lp = pulp.LpProblem("posts", pulp.LpMinimize)
    d = decide(p, lp, None, counted=p.in_rates(alone=in_contracts))
    rows = write(lp, _rows(p, d, in_contracts))
    for m, touch in enumerate(touches_fte, TANGENTS):
        rows |= write(lp, tangents(p, d, m, touch))
    return Programme(lp, d, {}, rows)


def formulate_shared_posts(
    problems: Mapping[str, Problem],
) -> tuple[pulp.LpProblem, dict[str, tuple[str, Limit | Structure]]]:
    """As ``formulate_posts``, for posts that must do in several problems at once.

    The programme, and the scenario and limit of every row.
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
    p: Problem, d: Decisions, in_contracts: bool = False
) -> Iterator[tuple[Limit | Structure, Any]]:
    """Every row, as ``statement.constraints`` but for effort and least rates."""
    yield from structure(p, d, (name for name in CONSTRAINTS if name not in ("effort", *STEPS)))
    for m, share in enumerate(np.linspace(0.0, 1.0, TANGENTS) ** 2 if d.c else ()):
        yield from tangents(p, d, m, share * p.most_effort_fte)
    for one in p.limits:
        row = least_effort(p, d, one, in_contracts) if one.quantity == RATE else limit(p, d, one)
        if row is not None:
            yield one, row
    yield from structure(p, d, STEPS)


def least_effort(p: Problem, d: Decisions, one: Limit, in_contracts: bool) -> Any | None:
    """A least rate, no contracts being counted; None where no effort reaches it.

    Σ c_it ≥ f Σ n_it; of one territory its effort ≥ K_it, the least that will do, or the same.
    """
    t = p.years.index(one.year)
    if len(one.territories) == 1 and not in_contracts:
        (i,) = one.territories
        least = p.least_effort_fte[i, t]
        return effective(p, d, i, t) >= least if np.isfinite(least) else None
    need = one.amount * p.contracts_per_year[list(one.territories), t].sum()
    return pulp.lpSum(d.c[i, t] for i in one.territories) >= need


def tangents(
    p: Problem, d: Decisions, m: int, touch_fte: Floats
) -> Iterator[tuple[Structure, Any]]:
    """c_it ≤ C(E_m) + C′(E_m) (E_it − E_m), the m-th tangent of the most contracts C(E_it).

    touch_fte : E_m, the efforts at which it touches [I,T]
    """
    value, slope = p.most_covered(touch_fte)
    for i, t in d.c:
        line = float(value[i, t] - slope[i, t] * touch_fte[i, t])
        of = Structure("cover", p.territories[i], p.years[t], m)
        yield of, d.c[i, t] <= line + float(slope[i, t]) * effective(p, d, i, t)
