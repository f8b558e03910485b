"""All optimal plans and all optimal prices of a linear programme, as two polyhedra.

A plan x and prices y of max c·x, A x within its limits, l ≤ x ≤ u, are both optimal exactly when
they are feasible and complementary: a price presses only on a side its row touches, and a reduced
cost d = c − Aᵀy only on a limit its variable is at. So *one* optimal y tells all optimal plans
(what is pressed upon is held fast), and *one* optimal x all optimal prices (what is not touched has
none): no basis is involved, and degenerate vertices and ties need no care.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fte_alloc.errors import SolverError
from fte_alloc.lp.matrix import Floats, Matrix
from fte_alloc.lp.solving import OPTIMAL, UNBOUNDED, Answer, Live

#: A difference this small counts as 0, relative to the terms it is the difference of, or to 1:
#: ten times what the solver lets pass (1e-9), so that whatever it took for 0 is 0 here as well.
ROUNDING = 1e-8


def optimum(matrix: Matrix) -> Answer:
    """The plan ``lp.solve`` reports and its prices, rounding removed from both.

    Raises ValueError where variables must be whole, or where there is no optimum.
    """
    whole = [name for name, i in zip(matrix.columns, matrix.integer, strict=True) if i]
    if whole:
        raise ValueError(
            f"only programmes without integer variables are served; whole are {', '.join(whole)}"
        )
    answer = Live(matrix).checked()
    if answer.status != OPTIMAL:
        raise ValueError(f"there is no optimum: the programme is {answer.status}")
    return replace(
        answer,
        values=settled_values(matrix, answer.values),
        prices=settled_prices(matrix, answer.prices),
    )


def optimal_plans(matrix: Matrix, prices: Floats) -> Matrix:
    """The programme narrowed to its optimal plans, given any optimal (settled) prices."""
    sign = 1.0 if matrix.maximise else -1.0
    reduced = matrix.cost - matrix.transpose_times(prices)
    reduced = np.where(np.abs(reduced) <= ROUNDING * _cost_terms(matrix, prices), 0.0, reduced)
    row_lower, row_upper = _held(matrix.row_lower, matrix.row_upper, sign * prices)
    lower, upper = _held(matrix.lower, matrix.upper, sign * reduced)
    return replace(matrix, lower=lower, upper=upper, row_lower=row_lower, row_upper=row_upper)


def optimal_prices(matrix: Matrix, values: Floats) -> Matrix:
    """The polyhedron of optimal prices, given any optimal (settled) plan.

    Its columns are the rows of *matrix*; its rows are the columns, of activity (Aᵀy)_j = c_j − d_j.
    """
    activity, slack = matrix.times(values), ROUNDING * _row_terms(matrix, values)
    least, most = _legal(matrix, activity - matrix.row_lower, matrix.row_upper - activity, slack)
    none = np.zeros(len(values))
    least_d, most_d = _legal(matrix, values - matrix.lower, matrix.upper - values, none)
    order = np.argsort(matrix.index, kind="stable")
    per_column = np.bincount(matrix.index, minlength=len(matrix.columns))
    return Matrix(
        maximise=not matrix.maximise,
        columns=matrix.rows,
        cost=np.zeros(len(matrix.rows)),
        constant=0.0,
        lower=least,
        upper=most,
        integer=np.zeros(len(matrix.rows), dtype=bool),
        rows=matrix.columns,
        row_lower=matrix.cost - most_d,
        row_upper=matrix.cost - least_d,
        start=np.concatenate([[0], np.cumsum(per_column)]).astype(np.int32),
        index=_row_of_entry(matrix)[order].astype(np.int32),
        value=matrix.value[order],
        row_shift=none,
    )


def settled_values(matrix: Matrix, values: Floats) -> Floats:
    """Values with what is within rounding of 0 or of a limit put there."""
    for landmark in (np.zeros(len(values)), matrix.lower, matrix.upper):
        near = np.abs(values - landmark) <= ROUNDING * np.maximum(1.0, np.abs(values))
        values = np.where(near, landmark, values)
    return values + 0.0  # no −0


def settled_prices(matrix: Matrix, prices: Floats) -> Floats:
    """Prices with 0 for those that move no reduced cost by more than rounding."""
    row = _row_of_entry(matrix)
    share = np.abs(matrix.value * prices[row]) / _cost_terms(matrix, prices)[matrix.index]
    largest = np.zeros(len(prices))
    np.maximum.at(largest, row, share)
    return np.where(largest <= ROUNDING, 0.0, prices)


class Polyhedron:
    """A polyhedron that is not empty, held in the solver to be asked how far it goes.

    settle : takes the rounding out of a point
    """

    def __init__(self, matrix: Matrix, settle: Callable[[Floats], Floats]) -> None:
        self.matrix, self._settle = matrix, settle
        self._live = Live(matrix, presolve=False)

    def farthest(self, direction: Floats, greatest: bool) -> Floats | None:
        """The point of the greatest (or least) direction·x; None where there is no end."""
        self._live.set_objective(direction, 0.0, greatest)
        answer = self._live.checked()
        if answer.status == UNBOUNDED:
            return None
        if answer.status != OPTIMAL:
            raise SolverError(f"HiGHS: {answer.status}, though a point is known")
        return self._settle(answer.values)

    def extent(self, column: int, greatest: bool) -> float:
        """The greatest (or least) value of one column."""
        point = self.farthest(unit(len(self.matrix.columns), column), greatest)
        return endless(greatest) if point is None else float(point[column])

    def reach(self, row: int, upward: bool) -> float:
        """Where the limit of a row can be moved to, up or down, before no point is left.

        The last point lies on the moved limit. So the row is set free, and the point that goes
        farthest along it is the answer, unless it only presses the other way.
        """
        lower, upper = float(self.matrix.row_lower[row]), float(self.matrix.row_upper[row])
        if np.isinf(lower if upward else upper):
            return endless(upward)
        along = np.zeros(len(self.matrix.columns))
        entries = slice(self.matrix.start[row], self.matrix.start[row + 1])
        along[self.matrix.index[entries]] = self.matrix.value[entries]
        self._live.set_row_limits(row, -np.inf, np.inf)
        point = self.farthest(along, upward)
        self._live.set_row_limits(row, lower, upper)
        return endless(upward) if point is None else float(along @ point)


def kept(
    face: Callable[[Floats], Matrix], settle: Callable[[Floats], Floats]
) -> Callable[[Floats], Polyhedron]:
    """*face* as a polyhedron in the solver; equal faces are the same one, solved on from there."""
    known: dict[bytes, Polyhedron] = {}

    def of(point: Floats) -> Polyhedron:
        matrix = face(point)
        limits = (matrix.lower, matrix.upper, matrix.row_lower, matrix.row_upper)
        key = b"".join(limit.tobytes() for limit in limits)
        if key not in known:
            known[key] = Polyhedron(matrix, settle)
        return known[key]

    return of


def unit(size: int, at: int) -> Floats:
    """The unit vector e_at."""
    return np.eye(1, size, at)[0]


def endless(upward: bool) -> float:
    """The end of what has no end, upward or downward."""
    return np.inf if upward else -np.inf


def _held(lower: Floats, upper: Floats, press: Floats) -> tuple[Floats, Floats]:
    """Limits that meet at the side that is pressed upon: the upper one where *press* > 0."""
    side = np.where(press > 0, upper, lower)
    held = (press != 0) & np.isfinite(side)
    return np.where(held, side, lower), np.where(held, side, upper)


def _legal(matrix: Matrix, above: Floats, below: Floats, slack: Floats) -> tuple[Floats, Floats]:
    """Least and greatest price of rows or columns so far *above* and *below* their limits."""
    low = np.where(above <= slack, -np.inf, 0.0)
    high = np.where(below <= slack, np.inf, 0.0)
    return (low, high) if matrix.maximise else (-high, -low)


def _row_of_entry(matrix: Matrix) -> np.ndarray:
    return np.repeat(np.arange(len(matrix.rows)), np.diff(matrix.start))


def _row_terms(matrix: Matrix, values: Floats) -> Floats:
    """Size of what a row's activity is the sum of: max(1, Σ_j |a_ij x_j|)."""
    return np.maximum(1.0, replace(matrix, value=np.abs(matrix.value)).times(np.abs(values)))


def _cost_terms(matrix: Matrix, prices: Floats) -> Floats:
    """Size of what a reduced cost is the sum of: max(1, |c_j|, Σ_i |a_ij y_i|)."""
    spent = replace(matrix, value=np.abs(matrix.value)).transpose_times(np.abs(prices))
    return np.maximum(np.maximum(1.0, np.abs(matrix.cost)), spent)
