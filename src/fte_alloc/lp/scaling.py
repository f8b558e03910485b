"""A programme in units in which the solver loses nothing, or the refusal that names what it would.

HiGHS drops coefficients of 1e-12 and less, refuses those of 1e15, takes limits of 1e20 for none,
and its tolerances are absolute. Rows, continuous columns and the objective are measured in powers
of two, which is exact, where their largest coefficient is far from 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fte_alloc.errors import SolverError
from fte_alloc.lp.matrix import Floats, Matrix, greatest

#: Largest coefficients of a row or a column between these stay as they are.
LEAST, MOST = 1.0, 1e6
#: Columns that go farther are measured in larger units.
FAR = 1e4
#: An objective is brought to a largest coefficient of this, so that 1e-9 of it is told apart.
VALUED, MOST_VALUED = 2.0**10, 1e12
#: Coefficients that HiGHS drops, coefficients that it refuses, limits that it takes for none.
DROPPED, REFUSED, ENDLESS = 1e-12, 1e15, 1e20
#: Coefficients of columns fixed at 0 are left out where they are larger.
MOST_OF_NOTHING = 1e9
#: Beyond this neighbouring whole numbers are the same number.
MOST_WHOLE = 2.0**53
#: A row is broken where a solution misses it by more than this of its terms.
BROKEN = 1e-7
#: Costs of this and less are not told from 0 where whole numbers are searched for.
UNSEEN = 1e-7
#: A dropped coefficient is what rounding has left, and no loss, where it is no larger than the one
#: and moves its row, next to the largest coefficient and to the limit, by no more than the other.
DUST, HARMLESS = 1e-12, 1e-10
#: Rows may miss their limits by this, and by ``UNSURE`` of their largest coefficient where whole
#: numbers are searched for: a limit no farther from 0 is lost, unless it is as small as typed.
MISSED, UNSURE = 1e-9, 1e-8
#: Limits that rounding alone has crossed, relative; rounding of a sum, relative to its terms.
CROSSED, ROUNDED = 2.0**-50, 2.0**-52


@dataclass(frozen=True, eq=False)
class Scaled:
    """A programme whose x is ``column`` · x', whose rows and objective are multiplied.

    matrix : the programme over x'
    row, column, objective : powers of two; columns of whole numbers stay as they are
    """

    matrix: Matrix
    row: Floats
    column: Floats
    objective: float

    @classmethod
    def of(cls, given: Matrix) -> Scaled:
        """Scale a programme.

        Raises SolverError naming what is no number, or would be lost all the same.
        """
        refuse_no_numbers(given)
        of, index = given.row, given.index
        nothing = ((given.lower == 0) & (given.upper == 0))[index]
        size = np.where(nothing, 0.0, np.abs(given.value))
        reach = _reach(given)
        # Limits that are a speck, or so far away that a cost is one, are lost to the tolerances.
        column = _power_of_two(reach / np.clip(reach, LEAST, FAR))
        column = np.where(given.integer, 1.0, column)
        largest = greatest(size * column[index], of, len(given.rows))
        alone = np.where(_farthest_limit(given) > CROSSED, _farthest_limit(given), 0.0)
        row = _to_one(np.where(largest > 0, largest, alone))
        most = greatest(size * row[of] * column[index], index, len(given.columns))
        larger = np.minimum(_to_one(most), _power_of_two(np.maximum(reach / column, 1.0)))
        column = np.where(given.integer, 1.0, column * np.maximum(larger, 1.0))
        value = given.value * row[of] * column[index]
        value = np.where(nothing & (np.abs(value) > MOST_OF_NOTHING), 0.0, value)
        cost = given.cost * column
        worth = float(np.abs(cost).max(initial=0.0))
        objective = 1.0
        if 0 < worth < VALUED or worth > MOST_VALUED:
            objective = 2.0 ** round(math.log2(VALUED / worth))
        lower, upper = _uncrossed(*given.whole_limits())
        row_lower, row_upper = _uncrossed(given.row_lower * row, given.row_upper * row)
        matrix = replace(
            given,
            columns=list(given.columns),
            rows=list(given.rows),
            cost=objective * cost,
            constant=objective * given.constant,
            lower=lower / column,
            upper=upper / column,
            row_lower=row_lower,
            row_upper=row_upper,
            value=value,
            row_shift=given.row_shift * row,
        )
        _refuse_lost(given, matrix)
        if given.integer.any():
            # 0.7 · 5.4e10 is not 3.78e10 but for rounding; no whole numbers would keep that.
            room = _lost_by_rounding(matrix)
            matrix.row_lower, matrix.row_upper = row_lower - room, row_upper + room
        return cls(matrix, row, column, objective)

    def values(self, values: Floats) -> Floats:
        """X, given x'."""
        return values * self.column

    def prices(self, prices: Floats) -> Floats:
        """Prices of the rows in their own units."""
        return prices * self.row / self.objective


def refuse_broken(matrix: Matrix, values: Floats) -> None:
    """Raise SolverError naming the first row that a solution breaks, next to its own terms.

    A row whose coefficients lie far apart may be kept to the solver's tolerance and yet be broken.
    """
    activity = matrix.times(values)
    room = BROKEN * np.maximum(matrix.sizes().times(np.abs(values)), _farthest_limit(matrix))
    over = np.maximum(matrix.row_lower - activity, activity - matrix.row_upper)
    for r in np.flatnonzero(over > room + BROKEN**2 * matrix.largest())[:1]:
        raise SolverError(
            f"{matrix.rows[r]}: the solver's tolerance breaks it by {over[r] / room[r]:.0e} of "
            f"what is let pass; its coefficients or limits lie too far apart"
        )


def refuse_no_numbers(matrix: Matrix) -> None:
    """Raise SolverError naming the first coefficient or limit that is not finite."""
    found = _first_entry(matrix, ~np.isfinite(matrix.value))
    for j in np.flatnonzero(~np.isfinite(matrix.cost))[:1]:
        found = f"objective: coefficient {matrix.cost[j]} of {matrix.columns[j]}"
    if not np.isfinite(matrix.constant):
        found = f"objective: constant {matrix.constant}"
    for names, low, high in (
        (matrix.rows, matrix.row_lower, matrix.row_upper),
        (matrix.columns, matrix.lower, matrix.upper),
    ):
        for n in np.flatnonzero(~((low < np.inf) & (high > -np.inf)))[:1]:
            found = f"{names[n]}: limits {low[n]} and {high[n]}"
    if found:
        raise SolverError(f"{found}: every coefficient and limit must be a finite number")


def _refuse_lost(given: Matrix, scaled: Matrix) -> None:
    """Raise SolverError naming what the solver would lose, in the units it was given in."""
    size, cost, whole = np.abs(scaled.value), np.abs(scaled.cost), scaled.integer.any()
    limit, reach = _farthest_limit(scaled), np.maximum(np.abs(scaled.lower), np.abs(scaled.upper))
    with np.errstate(invalid="ignore", over="ignore"):
        # What a plan without whole numbers breaks for it, arithmetic finds out afterwards.
        dropped = (size > 0) & (size <= DROPPED) & (np.isfinite(reach) | whole)[scaled.index]
        moves = size * reach[scaled.index]
        harmless = HARMLESS * np.where(limit > 0, np.minimum(1.0, limit), 1.0)[scaled.row]
        lost = dropped & ((np.abs(given.value) > DUST) | (moves > harmless)) | (size >= REFUSED)
        unseen = whole & (cost > 0) & (cost <= UNSEEN) & (cost * reach > UNSEEN * VALUED)
    if found := _first_entry(given, lost):
        raise SolverError(
            f"{found} is too far from the other coefficients for the solver: "
            f"measure {given.columns[given.index[np.argmax(lost)]]} in another unit"
        )
    for j in np.flatnonzero((cost >= REFUSED) | unseen)[:1]:
        raise SolverError(
            f"objective: coefficient {given.cost[j]} of {given.columns[j]} is too far from the "
            f"others for the solver: measure {given.columns[j]} in another unit"
        )
    whole_or_not = np.where(scaled.integer, MOST_WHOLE, ENDLESS)
    for names, there, typed, most in (
        (given.rows, scaled.row_lower, given.row_lower, ENDLESS),
        (given.rows, scaled.row_upper, given.row_upper, ENDLESS),
        (given.columns, scaled.lower, given.lower, whole_or_not),
        (given.columns, scaled.upper, given.upper, whole_or_not),
    ):
        for n in np.flatnonzero(np.isfinite(there) & (np.abs(there) >= most))[:1]:
            raise SolverError(
                f"{names[n]}: a limit of {typed[n]} is too large for the solver: leave it out, or "
                f"measure in a larger unit"
            )
    missed = np.full(len(given.rows), MISSED)
    if whole:
        missed = np.maximum.reduce([missed, UNSURE * scaled.largest(), _lost_by_rounding(scaled)])
    typed = _farthest_limit(given)
    for r in np.flatnonzero((limit > 0) & (limit <= missed) & (typed > MISSED))[:1]:
        raise SolverError(
            f"{given.rows[r]}: a limit of {typed[r]} is too small next to its coefficients and "
            f"the limits of their variables for the solver: measure in other units"
        )


def _first_entry(matrix: Matrix, which: NDArray[np.bool_]) -> str:
    """The first of these coefficients, in words; nothing if there is none."""
    if not which.any():
        return ""
    e = int(np.argmax(which))
    row, column = matrix.rows[matrix.row[e]], matrix.columns[matrix.index[e]]
    return f"{row}: coefficient {matrix.value[e]} of {column}"


def _to_one(greatest: Floats) -> Floats:
    """Powers of two that bring these numbers near 1, where they are far from it."""
    far = (greatest > 0) & ((greatest < LEAST) | (greatest > MOST))
    return np.where(far, 1.0 / _power_of_two(np.where(far, greatest, 1.0)), 1.0)


def _power_of_two(numbers: Floats) -> Floats:
    """The power of two next to each of these positive numbers."""
    return np.asarray(2.0 ** np.round(np.log2(numbers)))


def _farthest(lower: Floats, upper: Floats) -> Floats:
    """The larger size of each two limits, those that are infinite left aside."""
    sizes = np.abs([lower, upper])
    return np.where(np.isfinite(sizes), sizes, 0.0).max(axis=0)


def _farthest_limit(matrix: Matrix) -> Floats:
    """How far from 0 the limits of each row are."""
    return _farthest(matrix.row_lower, matrix.row_upper)


def _reach(matrix: Matrix) -> Floats:
    """How far from 0 each column goes: by its limits, or else by those of its rows.

    Where nothing tells it, so far that all such columns cost the same.
    """
    ends = _farthest(matrix.lower, matrix.upper)
    asked = matrix.value != 0
    limit = _farthest_limit(matrix)[matrix.row][asked]
    by_rows = greatest(limit / np.abs(matrix.value[asked]), matrix.index[asked], len(ends))
    reach = np.where(ends > 0, ends, by_rows)
    cost = np.abs(matrix.cost)
    most = (cost * np.where(reach > 0, reach, 1.0)).max(initial=0.0)
    untold = np.where(cost > 0, most / np.where(cost > 0, cost, 1.0), 1.0)
    return np.where(reach > 0, reach, untold)


def _uncrossed(lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """Limits of which the lower one is not above the upper one by rounding: 0.1 + 0.2 and 0.3."""
    rounding = (lower > upper) & (lower - upper <= CROSSED * np.abs(upper))
    return np.where(rounding, upper, lower), upper


def _lost_by_rounding(matrix: Matrix) -> Floats:
    """What decimals lose in binary in each row, 0 where that is far below the tolerance."""
    reach = np.maximum(np.abs(matrix.lower), np.abs(matrix.upper))
    room = ROUNDED * matrix.sizes().times(np.where(np.isfinite(reach), reach, 0.0))
    return np.where(room > 1e-7, room, 0.0)
