"""The cheapest change of a programme's right-hand sides that gives it a solution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fte_alloc.errors import SolverError
from fte_alloc.lp.certificate import keeps, lower_bound
from fte_alloc.lp.conflicts import Conflict, conflict_of
from fte_alloc.lp.matrix import Floats, Matrix
from fte_alloc.lp.sides import by_rows
from fte_alloc.lp.solving import INFEASIBLE, decided

#: A row that moves by no more than this does not move: the solver's own tolerance.
TINY = 1e-9
#: Whole numbers without limits can be searched for ever.
MOST_NODES = 10_000


@dataclass(frozen=True)
class Repair:
    """The cheapest change of right-hand sides that makes a programme feasible.

    changes : signed change of the right-hand side of each row that moves, in the problem's order
    total : Σ price · |change|
    bound : no repair costs less; proved by prices, or the solver's word for whole numbers, which
        stays below the total where its search was stopped after ``MOST_NODES``
    proved : whether the bound is proved by arithmetic
    values : a point that satisfies the repaired programme
    """

    changes: dict[str, float]
    total: float
    bound: float
    proved: bool
    values: dict[str, float]


class BeyondRepairError(ValueError):
    """The rows that must not move contradict each other.

    conflict : some of them, with the limits of variables they need
    """

    def __init__(self, conflict: Conflict) -> None:
        self.conflict = conflict
        super().__init__(", ".join(conflict.rows) or "limits of variables")


def repair(problem: Any, cost: Mapping[str, float] | None = None) -> Repair:
    """The cheapest change of right-hand sides that makes a ``pulp.LpProblem`` feasible.

    cost : price per unit of change of every row that may move; None: every row, at 1

    Equality rows move either way; limits of variables never move. A programme that has a solution
    needs no changes.

    Raises BeyondRepairError where the other rows and the limits of variables contradict each other.

    Examples
    --------
    >>> import pulp
    >>> problem = pulp.LpProblem()
    >>> x, y = (problem.add_variable(name, lowBound=0) for name in "xy")
    >>> problem += x + y <= 6, "cap"
    >>> problem += x >= 4, "least_x"
    >>> problem += y >= 4, "least_y"
    >>> repair(problem, {"cap": 3, "least_y": 1}).changes
    {'least_y': -2.0}
    """
    return repair_of(Matrix.of(problem), cost)


def repair_of(matrix: Matrix, cost: Mapping[str, float] | None = None) -> Repair:
    """As ``repair``, for labelled arrays; both limits of a row move together.

    The programme is solved with the changes as variables: row_lower ≤ A x − up + down ≤ row_upper,
    minimising Σ price · (up + down). Its prices prove how much every repair costs at least.
    """
    prices = dict.fromkeys(matrix.rows, 1.0) if cost is None else dict(cost)
    unknown = sorted(set(prices) - set(matrix.rows))
    if unknown:
        raise KeyError(f"no constraint named {', '.join(unknown)}")
    wrong = sorted(name for name, price in prices.items() if not 0 < price < np.inf)
    if wrong:
        raise ValueError(f"not a positive price: {', '.join(wrong)}")
    price = np.array([prices.get(name, 0.0) for name in matrix.rows])
    crossed = matrix.row_lower > matrix.row_upper
    moves = np.flatnonzero((price > 0) & ~crossed)
    programme = _elastic(matrix, price, moves)
    answer = decided(programme, most_nodes=MOST_NODES)
    if answer.status == INFEASIBLE:
        raise BeyondRepairError(conflict_of(_opened(matrix, moves)))
    bound, by_prices = answer.bound, not matrix.integer.any()
    if by_prices:
        bound, _, _ = lower_bound(programme, answer.prices)
    if np.isnan(answer.objective):
        raise SolverError(f"no repair: {answer.status}")
    values, moved = np.split(answer.values, [len(matrix.columns)])
    up, down = np.split(np.where(moved > TINY, moved, 0.0), 2)
    change = np.zeros(len(matrix.rows))
    change[moves] = up - down
    repaired = replace(
        matrix, row_lower=matrix.row_lower + change, row_upper=matrix.row_upper + change
    )
    if not keeps(repaired, values):
        raise SolverError("the repair does not make the programme feasible")
    return Repair(
        {matrix.rows[r]: float(change[r]) for r in np.flatnonzero(change)},
        float(price @ np.abs(change)),
        bound,
        by_prices,
        dict(zip(matrix.columns, values.tolist(), strict=True)),
    )


def _opened(matrix: Matrix, rows: NDArray[np.intp]) -> Matrix:
    """The programme without the sides of these rows."""
    open_rows = np.zeros(len(matrix.rows), bool)
    open_rows[rows] = True
    return replace(
        matrix,
        row_lower=np.where(open_rows, -np.inf, matrix.row_lower),
        row_upper=np.where(open_rows, np.inf, matrix.row_upper),
    )


def _elastic(matrix: Matrix, price: Floats, moves: NDArray[np.intp]) -> Matrix:
    """The programme with two columns for every row that moves, and their price to be minimised."""
    columns, added = len(matrix.columns), np.arange(2 * len(moves))
    start, index, value = by_rows(
        len(matrix.rows),
        np.concatenate(
            [np.repeat(np.arange(len(matrix.rows)), np.diff(matrix.start)), moves, moves]
        ),
        np.concatenate([matrix.index, columns + added]),
        np.concatenate([matrix.value, np.repeat([-1.0, 1.0], len(moves))]),
    )
    return replace(
        matrix,
        maximise=False,
        columns=matrix.columns
        + [f"{way} {matrix.rows[r]}" for way in ("up", "down") for r in moves],
        cost=np.concatenate([np.zeros(columns), price[moves], price[moves]]),
        constant=0.0,
        lower=np.append(matrix.lower, 0.0 * added),
        upper=np.append(matrix.upper, np.full(len(added), np.inf)),
        integer=np.append(matrix.integer, added < 0),
        start=start,
        index=index,
        value=value,
    )
