"""The sides of a programme, and weights that prove that some contradict each other (Farkas).

Arithmetic only: whoever finds the weights, they are judged here.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fte_alloc.lp.certificate import is_lower, lower_bound, row_sizes
from fte_alloc.lp.matrix import Floats, Matrix

Mask = NDArray[np.bool_]


class Sides:
    """The sides of a programme, of which some may be left out; it has no objective.

    Sides are numbered: the lower sides of the rows, their upper sides, the lower limits of the
    columns, their upper limits. A mask over them says which ones stand.
    """

    def __init__(self, matrix: Matrix) -> None:
        rows, columns = len(matrix.rows), len(matrix.columns)
        whole = matrix.whole_limits()
        self.limits = np.concatenate([matrix.row_lower, matrix.row_upper, *whole])
        self.sign = np.where(is_lower(rows, columns), 1.0, -1.0)
        self.cuts = np.cumsum([rows, rows, columns])
        self.matrix = replace(matrix, maximise=False, cost=np.zeros(columns), constant=0.0)
        self.size = row_sizes(matrix)

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
        scaled, one = m.value / self.size[m.row], np.ones(len(columns))
        lower, upper, at_least, at_most = np.split(sides, self.cuts)
        limit = np.where(np.isfinite(self.limits), self.sign * self.limits, 0.0)
        limit[: 2 * rows] /= np.tile(self.size, 2)
        balance = np.zeros(len(columns))
        return Matrix.of_entries(
            [str(side) for side in sides],
            limit / (np.abs(limit).max(initial=0.0) or 1.0),
            (np.zeros(len(sides)), np.full(len(sides), np.inf)),
            [*m.columns, "total"],
            (np.append(balance, 0.0), np.append(balance, 1.0)),
            (
                np.concatenate([m.index, m.index, columns, columns, 0 * sides + len(columns)]),
                np.concatenate([lower[m.row], upper[m.row], at_least, at_most, sides]),
                np.concatenate([scaled, -scaled, one, -one, np.ones(len(sides))]),
            ),
            maximise=True,
        )

    def crossed(self) -> Mask:
        """Both sides of the first row, or else column, whose lower one exceeds its upper one."""
        row_lower, row_upper, lower, upper = np.split(self.limits, self.cuts)
        crossed = np.append(row_lower > row_upper, lower > upper)
        crossed &= np.cumsum(crossed) == 1
        rows, columns = np.split(crossed, [len(row_lower)])
        return np.concatenate([rows, rows, columns, columns])

    def used(self, kept: Mask, weights: Floats) -> Mask | None:
        """Sides on which the proof rests that the kept ones contradict each other, by arithmetic.

        None where these weights prove nothing.
        """
        lower, upper = np.split(weights[: self.cuts[1]], 2)
        bound, rounding, used = lower_bound(self.only(kept), (lower - upper) / self.size)
        return used if bound > rounding else None
