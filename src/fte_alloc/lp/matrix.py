"""A linear programme as labelled arrays, for the solver and for the certificate alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]


@dataclass(eq=False)
class Matrix:
    """A linear programme: optimise c·x + constant, row_lower ≤ A x ≤ row_upper, lower ≤ x ≤ upper.

    Entry e of A is value[e], in row[e] and column index[e]; entries are in the order of their rows.
    """

    maximise: bool
    columns: list[str]
    cost: Floats
    constant: float
    lower: Floats
    upper: Floats
    integer: NDArray[np.bool_]
    rows: list[str]
    row_lower: Floats
    row_upper: Floats
    row: NDArray[np.intp]
    index: Integers
    value: Floats
    row_shift: Floats  # constants moved from the rows to their limits, to be added back

    @property
    def sign(self) -> float:
        """Sign of the sense: 1 for a maximisation, −1 for a minimisation."""
        return 1.0 if self.maximise else -1.0

    @property
    def start(self) -> Integers:
        """Index of the first entry of every row, and the number of entries (rows + 1,)."""
        sizes = np.bincount(self.row, minlength=len(self.rows))
        return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)

    @classmethod
    def of_entries(
        cls,
        columns: list[str],
        cost: Floats,
        limits: tuple[Floats, Floats],
        rows: list[str],
        row_limits: tuple[Floats, Floats],
        entries: tuple[NDArray[Any], NDArray[Any], Floats],
        *,
        maximise: bool = False,
    ) -> Matrix:
        """A continuous programme of entries (row, column, value) in any order."""
        row, index, value = entries
        order = np.argsort(row, kind="stable")
        return cls(
            maximise,
            columns,
            cost,
            0.0,
            *limits,
            np.zeros(len(columns), bool),
            rows,
            *row_limits,
            row[order],
            index[order].astype(np.int32),
            value[order],
            np.zeros(len(rows)),
        )

    @classmethod
    def of(cls, problem: Any, besides: Iterable[Any] = ()) -> Matrix:
        """Read a ``pulp.LpProblem``, and variables *besides* those in its rows and objective."""
        from pulp import LpMaximize

        variables = problem.variables()
        known = set(variables)
        variables += [variable for variable in besides if variable not in known]
        at = {variable: j for j, variable in enumerate(variables)}
        cost = np.zeros(len(variables))
        for variable, coefficient in (problem.objective or {}).items():
            cost[at[variable]] = coefficient
        constraints = problem.constraints()
        row = np.repeat(np.arange(len(constraints)), [len(c) for c in constraints])
        index = np.array([at[variable] for c in constraints for variable in c], dtype=int)
        value = np.array([a for c in constraints for a in c.values()], dtype=float)
        limit = np.array([-c.constant for c in constraints], dtype=float)
        sense = np.array([c.sense for c in constraints], dtype=int)
        low = [-np.inf if v.lowBound is None else v.lowBound for v in variables]
        high = [np.inf if v.upBound is None else v.upBound for v in variables]
        read = cls.of_entries(
            [v.name for v in variables],
            cost,
            (np.array(low, dtype=float), np.array(high, dtype=float)),
            [c.name for c in constraints],
            (np.where(sense >= 0, limit, -np.inf), np.where(sense <= 0, limit, np.inf)),
            (row, index, value),
            maximise=problem.sense == LpMaximize,
        )
        read.constant = 0.0 if problem.objective is None else float(problem.objective.constant)
        read.integer = np.array([v.cat == "Integer" for v in variables], dtype=bool)
        return read

    def over(
        self,
        columns: list[str],
        objective: tuple[Floats, float],
        limits: tuple[Floats, Floats],
        integer: NDArray[np.bool_],
        entries: tuple[NDArray[Any], NDArray[Any], Floats],
        shift: Floats,
    ) -> Matrix:
        """The same rows with other columns.

        objective : cost of every column, and the constant
        shift : part of each row that no column has any more; it is moved to the row's limits
        """
        row_limits, (cost, constant) = (self.row_lower - shift, self.row_upper - shift), objective
        other = Matrix.of_entries(columns, cost, limits, list(self.rows), row_limits, entries)
        other.maximise, other.constant, other.integer = self.maximise, constant, integer
        other.row_shift = self.row_shift + shift
        return other

    def add_row(self, name: str, coefficients: Floats, lower: float, upper: float) -> None:
        """Add a row, given one coefficient per column."""
        index = np.flatnonzero(coefficients).astype(np.int32)
        self.row = np.append(self.row, np.full(len(index), len(self.rows)))
        self.rows.append(name)
        self.row_lower = np.append(self.row_lower, lower)
        self.row_upper = np.append(self.row_upper, upper)
        self.index = np.append(self.index, index)
        self.value = np.append(self.value, coefficients[index])
        self.row_shift = np.append(self.row_shift, 0.0)

    def add_column(
        self, name: str, coefficients: Floats, cost: float, lower: float, upper: float
    ) -> None:
        """Add a continuous column, given one coefficient per row."""
        rows = np.flatnonzero(coefficients)
        at = self.start[rows + 1]
        self.index = np.insert(self.index, at, len(self.columns)).astype(np.int32)
        self.value = np.insert(self.value, at, coefficients[rows])
        self.row = np.insert(self.row, at, rows)
        self.columns.append(name)
        self.cost = np.append(self.cost, cost)
        self.lower, self.upper = np.append(self.lower, lower), np.append(self.upper, upper)
        self.integer = np.append(self.integer, False)

    def narrowed(self, free: NDArray[np.bool_], values: Floats) -> Matrix:
        """The programme over its free columns, with the others fixed at *values*."""
        stays = free[self.index]
        held = np.where(stays, 0.0, self.value * values[self.index])
        return self.over(
            [self.columns[j] for j in np.flatnonzero(free)],
            (self.cost[free], self.constant + float(self.cost[~free] @ values[~free])),
            (self.lower[free], self.upper[free]),
            self.integer[free],
            (self.row[stays], (np.cumsum(free) - 1)[self.index[stays]], self.value[stays]),
            self.by_row(held),
        )

    def transpose_times(self, prices: Floats) -> Floats:
        """Product Aᵀ·prices, one number per column."""
        spread, many = prices[self.row] * self.value, len(self.columns)
        return np.bincount(self.index, spread, minlength=many).astype(float, copy=False)

    def times(self, values: Floats) -> Floats:
        """Product A·values, one number per row."""
        return self.by_row(self.value * values[self.index])

    def by_row(self, of_entries: Floats) -> Floats:
        """Sum, for each row, of one given number per entry of the row."""
        return np.bincount(self.row, of_entries, minlength=len(self.rows)).astype(float, copy=False)

    def sizes(self) -> Matrix:
        """The programme with |a_rj| in place of a_rj, to measure the terms of its sums."""
        return replace(self, value=np.abs(self.value))

    def two_sided(self) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
        """Entries (column, side, coefficient) of [A; −A; I; −I]ᵀ: two sides of rows and columns."""
        rows, columns = len(self.rows), np.arange(len(self.columns))
        own, one = 2 * rows + columns, np.ones(len(columns))
        return (
            np.concatenate([self.index, self.index, columns, columns]),
            np.concatenate([self.row, rows + self.row, own, own + len(columns)]),
            np.concatenate([self.value, -self.value, one, -one]),
        )

    def whole_limits(self) -> tuple[Floats, Floats]:
        """Limits of the columns, rounded to whole numbers where the column must be whole."""
        return (
            np.where(self.integer, np.ceil(self.lower - 1e-9), self.lower),
            np.where(self.integer, np.floor(self.upper + 1e-9), self.upper),
        )


def label(*parts: object) -> str:
    """Name of a row or column of the programme, made of its parts."""
    text = "_".join(str(part) for part in parts if part is not None)
    return text.replace("-", "_").replace(".", "_")


def row_sizes(matrix: Matrix) -> Floats:
    """Largest coefficient max_j |a_rj| of every row r, 1 where the row has no entries."""
    largest = np.zeros(len(matrix.rows))
    np.maximum.at(largest, matrix.row, np.abs(matrix.value))
    return np.where(largest > 0, largest, 1.0)
