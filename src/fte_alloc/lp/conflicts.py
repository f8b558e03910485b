"""Why a programme has no solution: a few of its rows and limits that contradict each other.

A conflict is a set of sides (one side of a row, one limit of a variable) that no point satisfies
together, while without any one of them some point does. The solver only guesses: that the sides
contradict each other is proved by prices, as a bound above 0 on the objective 0 (Farkas), and that
each is needed by a point that satisfies all the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fte_alloc.errors import SolverError
from fte_alloc.lp.certificate import keeps
from fte_alloc.lp.matrix import Matrix
from fte_alloc.lp.scaling import Scaled
from fte_alloc.lp.sides import Mask, Sides
from fte_alloc.lp.solving import INFEASIBLE, OPTIMAL, Live

#: Whole numbers without limits can be searched for ever.
MOST_NODES = 1_000


@dataclass(frozen=True)
class Conflict:
    """Rows and limits of variables that contradict each other; without any one they do not.

    rows : names of constraints, in the order of the problem
    sides : of each of these rows, which side is needed: ``lower``, ``upper`` or ``both``
    bounds : variable and ``lower`` or ``upper``, in the order of the problem
    proved : whether arithmetic alone proves the contradiction; False where it rests on whole
        numbers, and the word for it is the solver's
    irreducible : whether of every member a point shows that it is needed; False only where a
        search for whole numbers was stopped after ``MOST_NODES``
    """

    rows: tuple[str, ...]
    sides: dict[str, str]
    bounds: tuple[tuple[str, str], ...]
    proved: bool
    irreducible: bool


def conflict(problem: Any, prefer: Sequence[str] = ()) -> Conflict:
    """The rows and limits of a ``pulp.LpProblem`` that contradict each other.

    There may be several conflicts; one with few members is looked for, not the smallest at any
    price, and the same one is found every time. That variables are whole is never a member.

    prefer : names of rows to be left out where a conflict can do without them

    Raises ValueError where the problem has a solution.

    Examples
    --------
    >>> import pulp
    >>> problem = pulp.LpProblem()
    >>> x, y = (problem.add_variable(name, lowBound=0) for name in "xy")
    >>> problem += x + y <= 6, "cap"
    >>> problem += x >= 4, "least_x"
    >>> problem += y >= 4, "least_y"
    >>> conflict(problem).sides
    {'cap': 'upper', 'least_x': 'lower', 'least_y': 'lower'}
    """
    return conflict_of(Matrix.of(problem), prefer)


def conflict_of(matrix: Matrix, prefer: Sequence[str] = ()) -> Conflict:
    """As ``conflict``, for labelled arrays."""
    unknown = sorted(set(prefer) - set(matrix.rows))
    if unknown:
        raise KeyError(f"no constraint named {', '.join(unknown)}")
    search = _Search(Scaled.of(matrix).matrix)
    kept = search.crossed()
    if kept.any():
        return search.described(kept, proved=True)
    kept = np.isfinite(search.limits)
    verdict = search.contradictory(kept)
    if verdict is None:
        raise SolverError(f"undecided after {MOST_NODES} nodes")
    if not verdict:
        raise ValueError("the programme has a solution")
    preferred = np.array([name in set(prefer) for name in matrix.rows], bool)
    kept = search.filtered(kept, np.flatnonzero(np.tile(preferred, 2)))
    kept = search.few(kept)
    kept = search.filtered(kept, np.flatnonzero(kept))
    return search.described(kept, proved=search.lightest(kept) is not None)


class _Search(Sides):
    """Tests of a programme with some of its sides only, and no objective."""

    def __init__(self, matrix: Matrix) -> None:
        super().__init__(matrix)
        self.proofs = Live(self.alternative(), presolve=False)

    def lightest(self, kept: Mask) -> Mask | None:
        """Kept sides that prices prove contradictory, whole numbers left aside.

        None where there are no such prices. The proof is arithmetic on the prices of the rows.
        """
        sides = np.arange(len(kept), dtype=np.int32)
        self.proofs.set_column_limits(sides, np.zeros(len(sides)), self.room(kept))
        try:
            weights = self.proofs.checked(has_optimum=True).values
        except SolverError:
            return None
        return self.used(kept, weights)

    def contradictory(self, kept: Mask) -> bool | None:
        """Whether these sides have no point in common; None where the search was stopped.

        A point is believed only after it was judged.
        """
        if self.lightest(kept) is not None:
            return True
        programme = self.only(kept)
        answer = Live(programme, False, MOST_NODES).checked()
        if answer.status == INFEASIBLE:
            return True
        if answer.status != OPTIMAL and not len(answer.values):
            return None
        if not keeps(programme, answer.values):
            raise SolverError("a point said to keep all limits does not")
        return False

    def filtered(self, kept: Mask, sides: NDArray[np.intp]) -> Mask:
        """Contradictory sides without those of *sides* that can be spared, found by halving."""
        fewer = _without(kept, sides)
        if self.contradictory(fewer):
            return fewer
        if len(sides) > 1:
            for half in np.array_split(sides, 2):
                kept = self.filtered(kept, half)
        return kept

    def few(self, kept: Mask) -> Mask:
        """Few sides proved contradictory: each of those found is forbidden in turn, once more.

        The kept sides themselves where they contradict each other for whole numbers only.
        """
        best = self.lightest(kept)
        while best is not None:
            tries = [self.lightest(_without(kept, side)) for side in np.flatnonzero(best)]
            fewer = min((found for found in tries if found is not None), key=np.sum, default=best)
            if fewer.sum() >= best.sum():
                return best
            best = fewer
        return kept

    def described(self, kept: Mask, proved: bool) -> Conflict:
        """These sides by name."""
        row_lower, row_upper, lower, upper = np.split(kept, self.cuts)
        sides = {
            name: "both" if low and high else "lower" if low else "upper"
            for name, low, high in zip(self.matrix.rows, row_lower, row_upper, strict=True)
            if low or high
        }
        bounds = tuple(
            (name, side)
            for name, low, high in zip(self.matrix.columns, lower, upper, strict=True)
            for side, needed in (("lower", low), ("upper", high))
            if needed
        )
        needed = all(self.contradictory(_without(kept, s)) is False for s in np.flatnonzero(kept))
        return Conflict(tuple(sides), sides, bounds, proved, needed)


def _without(kept: Mask, sides: Any) -> Mask:
    """A mask with fewer sides."""
    fewer = kept.copy()
    fewer[sides] = False
    return fewer
