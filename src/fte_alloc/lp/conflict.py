"""Why a programme has no solution: a few of its rows and limits that contradict each other.

No point satisfies all sides of a conflict (sides of rows, limits of variables), which prices prove
(Farkas); without any one of them some point does, which proves that it is needed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fte_alloc.errors import SolverError
from fte_alloc.lp.certificate import Mask
from fte_alloc.lp.highs import INFEASIBLE, OPTIMAL
from fte_alloc.lp.matrix import Matrix
from fte_alloc.lp.solving import CheckedProgramme, Sides, refuse_lost

#: Most nodes of a search in whole numbers, which may be endless where these have no limits.
MOST_NODES = 1_000


def conflict_of(matrix: Matrix) -> tuple[str, ...]:
    """Names of the rows of a conflict, in order; raises ValueError where there is a solution."""
    lower, upper, *_ = np.split(conflicting(matrix), np.cumsum([len(matrix.rows)] * 2))
    return tuple(matrix.rows[r] for r in np.flatnonzero(lower | upper))


def conflicting(matrix: Matrix) -> Mask:
    """Mask of the sides (see ``Sides``) of an irreducible infeasible subsystem.

    In whole numbers, the mask may have more sides than needed, if a search stops at ``MOST_NODES``.
    """
    refuse_lost(matrix)
    search = _Search(matrix)
    kept = np.isfinite(search.limits)
    verdict = search.is_infeasible(kept)
    if verdict is None:
        raise SolverError(f"undecided after {MOST_NODES} nodes")
    if not verdict:
        raise ValueError("the programme has a solution")
    few = search.small_subset(kept)
    sides = np.flatnonzero(few)
    for part in sides if few is not kept else [sides]:  # of few, nearly all are needed
        few = search.without_spare_sides(few, np.atleast_1d(part))
    return few


class _Search(Sides):
    def is_infeasible(self, kept: Mask) -> bool | None:
        """Whether the programme with the kept sides only is infeasible; None if undecided."""
        if self.infeasible_subset(kept) is not None:
            return True
        answer = CheckedProgramme(self.only(kept), False, MOST_NODES).checked()
        if answer.status == INFEASIBLE:
            return True
        has_point = answer.status == OPTIMAL or len(answer.values) > 0
        return False if has_point else None

    def without_spare_sides(self, kept: Mask, sides: NDArray[np.intp]) -> Mask:
        """Mask *kept* without the *sides* that infeasibility does not need, found by halving."""
        fewer = _without_sides(kept, sides)
        if self.is_infeasible(fewer):
            return fewer
        if len(sides) > 1:
            for half in np.array_split(sides, 2):
                kept = self.without_spare_sides(kept, half)
        return kept

    def small_subset(self, kept: Mask) -> Mask:
        """Mask of a small infeasible subset of the kept sides, proved by Farkas weights.

        Each side of a set is left out in turn as long as that gives a smaller one. Where sides
        contradict each other in whole numbers only, all kept sides are returned.
        """
        best = self.infeasible_subset(kept)
        while best is not None:
            tries = [
                self.infeasible_subset(_without_sides(kept, side)) for side in np.flatnonzero(best)
            ]
            fewer = min((found for found in tries if found is not None), key=np.sum, default=best)
            if fewer.sum() >= best.sum():
                return best
            best = fewer
        return kept


def _without_sides(kept: Mask, sides: Any) -> Mask:
    fewer = kept.copy()
    fewer[sides] = False
    return fewer
