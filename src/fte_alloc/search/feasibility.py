"""Whether any plan is possible: the linear programme of posts alone, without objective, solved.

Least rates are rows on efforts, of several territories on tangents of the most contracts an effort
covers. Posts have no limits of their own, so that whatever forbids a plan is a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from fte_alloc.lp.highs import OPTIMAL, HighsAnswer
from fte_alloc.lp.matrix import Matrix
from fte_alloc.lp.solving import CheckedProgramme
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.limits import RATE, Limit
from fte_alloc.programme.linear import (
    Decisions,
    Programme,
    Structure,
    add_decisions,
    minimised_programme,
    write_rows,
)
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.scenario_set import scenario_prefixes
from fte_alloc.programme.statement import CONSTRAINTS, STEPS, effective, limit_row, structure

#: Number of first tangents of the most contracts that an effort covers, and the number where least
#: rates may be lowered (*covering*): there, more tangents are added later anyway.
TANGENTS, FEW_TANGENTS = 12, 3
#: Tolerance of contracts above a curve, as a share of them; most tangents.
_ON_THE_CURVE, _MOST_TANGENTS = 1e-9, 72
#: Efforts E, the most contracts C(E) that they cover, and the slope C′(E) [I,T].
Touch = tuple[Floats, Floats, Floats]


def is_feasible(problem: Problem) -> bool:
    """Whether any plan keeps every limit."""
    reachable = bool(np.all(np.isfinite(problem.least_effort_fte)))
    return reachable and solve_posts(problem)[2].status == OPTIMAL


def solve_posts(
    problem: Problem, extend: Callable[[Programme, Matrix], None] | None = None
) -> tuple[Programme, Matrix, HighsAnswer]:
    """Solve the programme of posts, adding tangents until minimum rates hold on the true curves.

    extend : function that adds columns that lower least rates; all rates are then on contracts

    Tangents of the curves are added where a plan lies above the curves, until none does. Curves
    lie below their tangents: where the programme has no plan, none is possible on the curves.
    """
    covering = extend is not None
    counted = problem.rated_places(alone=covering)
    touches = _first_touches(problem, FEW_TANGENTS if covering else TANGENTS) if counted else []
    while True:
        lp = minimised_programme("posts")
        d = add_decisions(problem, lp, None, counted=counted)
        rows = write_rows(lp, _rows(problem, d, touches, covering=covering))
        programme, matrix = Programme(lp, d, {}, rows), Matrix.of(lp)
        if extend is not None:
            extend(programme, matrix)
        answer = CheckedProgramme(matrix).checked()
        if answer.status != OPTIMAL or not counted or len(touches) >= _MOST_TANGENTS:
            return programme, matrix, answer
        at = dict(zip(matrix.columns, answer.values.tolist(), strict=True))
        found = [[at[fte.name] for fte in of.values()] for of in (d.x, d.v)]
        x, v = np.reshape(found, (2, len(problem.territories), -1))
        effort = problem.base_effort_fte(x) + problem.productivity_gain * v
        most, slope = problem.most_covered(effort)
        room = _ON_THE_CURVE * np.maximum(1.0, most)
        if all(at[c.name] - most[key] <= room[key] for key, c in d.c.items()):
            return programme, matrix, answer
        touches.append((effort, most, slope))


def formulate_shared_posts(
    problems: Mapping[str, Problem],
) -> tuple[Matrix, dict[str, tuple[str, Limit | Structure]]]:
    """Formulate the rows that posts must satisfy to be possible in several problems at once.

    Returns the programme, and the scenario and the limit or structure of every row, by row name.
    """
    lp = minimised_programme("shared_posts")
    rows: dict[str, tuple[str, Limit | Structure]] = {}
    first: Decisions | None = None
    for name, prefix in scenario_prefixes(problems).items():
        p = problems[name]
        d = add_decisions(p, lp, None, prefix, first, p.rated_places(alone=False))
        first = first or d
        of_rows = _rows(p, d, _first_touches(p, TANGENTS) if d.c else ())
        rows |= {row: (name, of) for row, of in write_rows(lp, of_rows, prefix).items()}
    return Matrix.of(lp), rows


def _first_touches(p: Problem, many: int) -> list[Touch]:
    efforts = (share * p.most_effort_fte for share in np.linspace(0.0, 1.0, many) ** 2)
    return [(effort, *p.most_covered(effort)) for effort in efforts]


def _rows(
    p: Problem, d: Decisions, touches: Sequence[Touch], *, covering: bool = False
) -> Iterator[tuple[Limit | Structure, Any]]:
    """Constraints of a problem in terms of posts alone: effort rows dropped, rates restated.

    touches : points where tangents touch the curves: c_it ≤ C(E) + C′(E) (E_it − E)
    covering : whether least rates of single territories are rows on contracts too, not on effort
    """
    yield from structure(p, d, (name for name in CONSTRAINTS if name not in ("effort", *STEPS)))
    for m, (effort, value, slope) in enumerate(touches):
        for i, t in d.c:
            line = float(value[i, t] - slope[i, t] * effort[i, t])
            of = Structure("cover", p.territories[i], p.years[t], m)
            yield of, d.c[i, t] <= line + float(slope[i, t]) * effective(p, d, i, t)
    for one in p.limits:
        if one.quantity != RATE or covering or len(one.territories) > 1:
            yield one, limit_row(p, d, one)
            continue
        (i,), t = one.territories, p.years.index(one.year)
        least = p.least_effort_fte[i, t]  # K_it, the least effort that suffices; inf: none does
        if np.isfinite(least):
            yield one, effective(p, d, i, t) >= least
    yield from structure(p, d, STEPS)
