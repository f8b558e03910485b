"""Linear programmes with concave links y_c ≤ G_c(k_c), each replaced by straight pieces.

k_c = Σ f_cm and y_c = start_c + Σ slope_cm f_cm, 0 ≤ f_cm ≤ length_cm, slopes decreasing. No row
ties them together: a later stage must tell plans apart that differ by 1e-12 of the first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fte_alloc.lp.matrix import Floats, Integers, Matrix


@dataclass(frozen=True, eq=False)
class Pieces:
    """Concave piecewise-linear functions that lie nowhere below C curves.

    start : value at k = 0, (C,)
    slopes, lengths : of pieces, slopes decreasing along a row, (C, M); those of length 0 are unused
    """

    start: Floats
    slopes: Floats
    lengths: Floats

    def at(self, k: Floats) -> Integers:
        """Index of the piece of each curve that contains k, or ends at it, (C,)."""
        before = (np.cumsum(self.lengths, axis=1) < k[:, None]).sum(axis=1)
        return np.minimum(before, self.lengths.shape[1] - 1).astype(np.int32)


class Links:
    """Links y_c ≤ G_c(k_c) of pairs of columns k_c and y_c, which pieces of the curves replace."""

    def __init__(self, matrix: Matrix, k: Integers, y: Integers) -> None:
        self.k, self.y = k, y
        self.rest = np.delete(np.arange(len(matrix.columns)), np.concatenate([k, y]))

    def expand(self, matrix: Matrix, pieces: Pieces) -> Matrix:
        """The programme with every k and y replaced by pieces, which follow the other columns."""
        curves, many = pieces.slopes.shape
        place = np.zeros(len(matrix.columns), dtype=int)
        place[self.rest] = np.arange(len(self.rest))
        place[self.k] = place[self.y] = np.arange(curves)
        kind = np.zeros(len(matrix.columns), dtype=int)
        kind[self.k], kind[self.y] = 1, 2
        row, kinds, places = matrix.row, kind[matrix.index], place[matrix.index]
        plain, curved = kinds == 0, kinds > 0
        factor = np.where((kinds == 2)[:, None], pieces.slopes[places * curved], 1.0)[curved]
        first = len(self.rest) + places[curved][:, None] * many
        rows = np.concatenate([row[plain], np.repeat(row[curved], many)])
        index = np.concatenate([places[plain], (first + np.arange(many)).ravel()])
        by_piece = matrix.value[curved][:, None] * factor
        value = np.concatenate([matrix.value[plain], by_piece.ravel()])
        given = np.where(kinds == 2, matrix.value * pieces.start[places * curved], 0.0)
        lower = np.concatenate([matrix.lower[self.rest], np.zeros(curves * many)])
        upper = np.concatenate([matrix.upper[self.rest], pieces.lengths.ravel()])
        return matrix.over(
            [*(matrix.columns[j] for j in self.rest), *["piece"] * (curves * many)],
            self.expand_cost(matrix.cost, matrix.constant, pieces),
            (lower, upper),
            np.concatenate([matrix.integer[self.rest], np.zeros(curves * many, bool)]),
            (rows, index, value),
            matrix.by_row(given),
        )

    def previous_columns(
        self, before: Pieces, k_before: Floats, after: Pieces, k_after: Floats
    ) -> Integers:
        """For each column of the programme expanded with *after*, its column in that with *before*.

        The piece that contains k_after corresponds to the one that contains k_before, and so do
        their neighbours; −1 where there is none. *after* has at least as many pieces.
        """
        (curves, many), fewer = after.slopes.shape, before.slopes.shape[1]
        shift = after.at(k_after) - before.at(k_before)
        like = (np.arange(many) - shift[:, None]) % many
        rest, start = len(self.rest), len(self.rest) + fewer * np.arange(curves)[:, None]
        like = np.where(like < fewer, start + like, -1)
        return np.concatenate([np.arange(rest), like.ravel()]).astype(np.int32)

    def expand_cost(self, cost: Floats, constant: float, pieces: Pieces) -> tuple[Floats, float]:
        """An objective over the columns of the expanded programme: its costs and its constant."""
        per_piece = cost[self.k][:, None] + cost[self.y][:, None] * pieces.slopes
        start = constant + float(cost[self.y] @ pieces.start)
        return np.concatenate([cost[self.rest], per_piece.ravel()]), start

    def collapse(self, values: Floats, pieces: Pieces) -> Floats:
        """Values of all columns, with k and y, from values of the expanded programme."""
        filled = values[len(self.rest) :].reshape(pieces.slopes.shape)
        out = np.empty(len(self.rest) + len(self.k) + len(self.y))
        out[self.rest] = values[: len(self.rest)]
        out[self.k] = filled.sum(axis=1)
        out[self.y] = pieces.start + (pieces.slopes * filled).sum(axis=1)
        return out
