"""Why a programme has no solution: a few of its rows and limits that contradict each other.

A conflict is a set of sides (one side of a row, one limit of a variable) that no point satisfies
together, while without any one of them some point does. The solver only guesses: that the sides
contradict each other is proved by prices, as a bound above 0 on the objective 0 (Farkas), and that
each is needed by a point that satisfies all the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fte_alloc.errors import SolverError
from fte_alloc.lp.certificate import is_lower, keeps, largest, lower_bound
from fte_alloc.lp.matrix import Floats, Integers, Matrix
from fte_alloc.lp.scaling import Scaled
from fte_alloc.lp.solving import INFEASIBLE, OPTIMAL, Live

Mask = NDArray[np.bool_]

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


def contradict_by_prices(matrix: Matrix) -> bool:
    """Whether arithmetic proves, whole numbers left aside, that a programme has no solution."""
    search = _Search(matrix)
    return bool(search.crossed().any()) or search.lightest(np.isfinite(search.limits)) is not None


class _Search:
    """Tests of a programme with some of its sides only, and no objective.

    Sides are numbered: the lower sides of the rows, their upper sides, the lower limits of the
    columns, their upper limits. A mask over them says which ones stand.
    """

    def __init__(self, matrix: Matrix) -> None:
        whole, rows, columns = matrix.integer, len(matrix.rows), len(matrix.columns)
        lower = np.where(whole, np.ceil(matrix.lower - 1e-9), matrix.lower)
        upper = np.where(whole, np.floor(matrix.upper + 1e-9), matrix.upper)
        self.limits = np.concatenate([matrix.row_lower, matrix.row_upper, lower, upper])
        self.sign = np.where(is_lower(rows, columns), 1.0, -1.0)
        self.cuts = np.cumsum([rows, rows, columns])
        self.matrix = replace(matrix, maximise=False, cost=np.zeros(columns), constant=0.0)
        self.size = largest(matrix)
        self.proofs = Live(self.alternative(), presolve=False)

    def only(self, kept: Mask) -> Matrix:
        """The programme with these sides only."""
        limits = np.where(kept, self.limits, -np.inf * self.sign)
        row_lower, row_upper, lower, upper = np.split(limits, self.cuts)
        return replace(
            self.matrix, row_lower=row_lower, row_upper=row_upper, lower=lower, upper=upper
        )

    def alternative(self) -> Matrix:
        """The programme whose vertices are the conflicts (Farkas; Gleeson and Ryan).

        With the sides written s·x ≥ b, weights w ≥ 0 with Σ w s = 0 and Σ w b > 0 prove that no
        point satisfies those of weight above 0, and a vertex of Σ w = 1 weighs none that can be
        spared. The greatest Σ w b favours few sides. All are scaled to a largest coefficient 1.
        """
        m, sides = self.matrix, np.arange(len(self.limits))
        rows, columns = len(m.rows), np.arange(len(m.columns))
        of = np.repeat(np.arange(rows), np.diff(m.start))
        scaled, one = m.value / self.size[of], np.ones(len(columns))
        lower, upper, at_least, at_most = np.split(sides, self.cuts)
        limit = np.where(np.isfinite(self.limits), self.sign * self.limits, 0.0)
        limit[: 2 * rows] /= np.tile(self.size, 2)
        start, index, value = by_rows(
            len(columns) + 1,
            np.concatenate([m.index, m.index, columns, columns, 0 * sides + len(columns)]),
            np.concatenate([lower[of], upper[of], at_least, at_most, sides]),
            np.concatenate([scaled, -scaled, one, -one, np.ones(len(sides))]),
        )
        balance = np.zeros(len(columns))
        return Matrix(
            maximise=True,
            columns=[str(side) for side in sides],
            cost=limit / (np.abs(limit).max(initial=0.0) or 1.0),
            constant=0.0,
            lower=np.zeros(len(sides)),
            upper=np.full(len(sides), np.inf),
            integer=np.zeros(len(sides), bool),
            rows=[*m.columns, "total"],
            row_lower=np.append(balance, 0.0),
            row_upper=np.append(balance, 1.0),
            start=start,
            index=index,
            value=value,
            row_shift=np.zeros(len(balance) + 1),
        )

    def crossed(self) -> Mask:
        """Both sides of the first row, or else column, whose lower one exceeds its upper one."""
        row_lower, row_upper, lower, upper = np.split(self.limits, self.cuts)
        crossed = np.append(row_lower > row_upper, lower > upper)
        crossed &= np.cumsum(crossed) == 1
        rows, columns = np.split(crossed, [len(row_lower)])
        return np.concatenate([rows, rows, columns, columns])

    def lightest(self, kept: Mask) -> Mask | None:
        """Kept sides that prices prove contradictory, whole numbers left aside.

        None where there are no such prices. The proof is arithmetic on the prices of the rows.
        """
        sides = np.arange(len(kept), dtype=np.int32)
        most = np.where(kept & np.isfinite(self.limits), np.inf, 0.0)
        self.proofs.set_column_limits(sides, np.zeros(len(sides)), most)
        try:
            weights = self.proofs.checked(has_optimum=True).values
        except SolverError:
            return None
        lower, upper = np.split(weights[: self.cuts[1]], 2)
        bound, rounding, used = lower_bound(self.only(kept), (lower - upper) / self.size)
        return used if bound > rounding else None

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


def by_rows(
    rows: int, row: NDArray[Any], index: NDArray[Any], value: Floats
) -> tuple[Integers, Integers, Floats]:
    """Start, index and value of a matrix given entry by entry."""
    order = np.argsort(row, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=rows))])
    return start.astype(np.int32), index[order].astype(np.int32), value[order]
