"""The nearest costs under which a given plan is optimal (Ahuja & Orlin, *Inverse optimization*).

A plan is optimal for costs c exactly when there are legal prices y complementary to it that leave
c − Aᵀy complementary to it as well: linear in c and y together. c = 0 always is, and is kept away
by limits of the numbers that costs follow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from fte_alloc.errors import SolverError
from fte_alloc.lp.certificate import DUST, lower_bound, satisfies
from fte_alloc.lp.conflict import conflict_of
from fte_alloc.lp.face import face_of_prices, values_on_face
from fte_alloc.lp.highs import INFEASIBLE, HighsAnswer
from fte_alloc.lp.matrix import Floats, Matrix
from fte_alloc.lp.solving import CheckedProgramme, refuse_lost

#: Measures of distance: the sum of all changes, or the largest change.
TOTAL, LARGEST = "total", "largest"
#: Changes of a number up to this, relative to the number or to 1, count as none.
TINY = 1e-9


class NoCostsError(ValueError):
    """No costs within the given limits make the plan optimal."""

    def __init__(self, conditions: Matrix) -> None:
        self._conditions = conditions
        super().__init__("no costs that may be chosen justify the plan")

    @cached_property
    def conflict(self) -> tuple[str, ...]:
        """Names of the columns and the limits on θ whose conditions contradict each other."""
        return conflict_of(self._conditions)


@dataclass(frozen=True, eq=False)
class Tuning:
    """Numbers θ that determine the costs: c(θ) = c + Σ_p (θ_p − now_p) per_unit_p.

    now : present θ, (P,); weight : what one unit of change counts in the distance, (P,)
    per_unit : what one more of each number adds to each cost, (P, columns)
    lower, upper : limits of the numbers, (P,); ``now`` need not be within them
    rows : further limits, (name, coefficients, least, most) with least ≤ Σ coefficient θ ≤ most
    """

    names: list[str]
    now: Floats
    per_unit: Floats
    weight: Floats
    lower: Floats
    upper: Floats
    rows: tuple[tuple[str, Floats, float, float], ...] = ()


@dataclass(frozen=True, eq=False)
class Tuned:
    """Numbers found, their distance from the present ones, and the proof of the distance.

    distance, bound : in the chosen measure, and its lower bound; for ``least_loss_costs``, the loss
    numbers : θ, (P,); prices : of the rows of the plan's programme
    """

    distance: float
    bound: float
    numbers: Floats
    prices: Floats


def nearest_costs(matrix: Matrix, values: Floats, tuning: Tuning, measure: str = TOTAL) -> Tuned:
    """The numbers θ nearest to the present ones for which the plan *values* is optimal.

    Columns are the prices of the rows and two parts, up and down, of every change; the row of a
    column j states that c_j(θ) − (Aᵀy)_j is a reduced cost of a legal sign, 0 between its limits.

    Raises NoCostsError where there are no such numbers.
    """
    values = values_on_face(matrix, values)
    programme = face_of_prices(matrix, values)
    top = len(matrix.rows)
    if measure == LARGEST:
        programme.add_column("largest", np.zeros(len(programme.rows)), 1.0, 0.0, np.inf)
    change = _add_changes(programme, tuning)
    total = np.abs(change).T @ tuning.weight
    if measure == TOTAL:
        programme.cost = total
    else:
        for p, name in enumerate(tuning.names):
            weighed = tuning.weight[p] * np.abs(change[p])
            weighed[top] = -1.0
            programme.add_row(f"largest {name}", weighed, -np.inf, 0.0)
    answer = _proved_optimum(programme)
    bound = answer.bound
    if measure == LARGEST:
        # The largest change is proved; take the numbers that reach it with the least total.
        programme.upper[top], programme.cost = answer.values[top], total
        answer = _proved_optimum(programme)
    numbers = tuning.now + _without_tiny_changes(change @ answer.values, tuning.now)
    found = replace(matrix, cost=matrix.cost + (numbers - tuning.now) @ tuning.per_unit)
    prices = answer.values[: len(matrix.rows)]
    # Check the answer: the prices must be legal and complementary at these very costs.
    if not satisfies(face_of_prices(found, values), prices):
        raise SolverError("costs said to justify the plan do not")
    by_number = tuning.weight * np.abs(numbers - tuning.now)
    distance = by_number.sum() if measure == TOTAL else by_number.max(initial=0.0)
    return Tuned(float(distance), max(0.0, bound), numbers, prices)


def least_loss_costs(matrix: Matrix, values: Floats, tuning: Tuning) -> Tuned:
    """The numbers θ under which the plan *values* is nearest to optimal, and its remaining loss.

    By duality the loss is the least Σ price · room over all legal prices: the room is the slack
    that the plan leaves on a side, and a side that is infinite has no price. The limits of the
    numbers must exclude 0, under which every plan has no loss.

    Raises NoCostsError where no numbers keep their limits.
    """
    values = values_on_face(matrix, values)
    activity, sign = matrix.times(values), matrix.sign
    of_rows = matrix.row_upper - activity, activity - matrix.row_lower
    room = np.concatenate([*of_rows, matrix.upper - values, values - matrix.lower])
    has_room, rows = np.isfinite(room), len(matrix.rows)
    column, side, coefficient = matrix.two_sided()
    programme = Matrix.of_entries(
        [f"{n} {side}" for names in (matrix.rows, matrix.columns) for side in "01" for n in names],
        np.where(has_room, np.maximum(room, 0.0), 0.0),
        (np.zeros(len(room)), np.where(has_room, np.inf, 0.0)),
        list(matrix.columns),
        (matrix.cost.copy(), matrix.cost.copy()),
        (column, side, sign * coefficient),
    )
    change = _add_changes(programme, tuning)
    answer = _proved_optimum(programme)
    numbers = tuning.now + _without_tiny_changes(change @ answer.values, tuning.now)
    prices = sign * (answer.values[:rows] - answer.values[rows : 2 * rows])
    return Tuned(max(0.0, answer.objective), max(0.0, answer.bound), numbers, prices)


def _add_changes(programme: Matrix, tuning: Tuning) -> Floats:
    """Add a column for the rise and one for the fall of every number θ, and rows for its limits.

    Returns what the columns of the programme add to the change of each number, (P, columns).
    """
    first, many = len(programme.columns), len(tuning.names)
    change = np.zeros((many, first + 2 * many))
    for p, name in enumerate(tuning.names):
        programme.add_column(f"up {name}", -tuning.per_unit[p], 0.0, 0.0, np.inf)
        programme.add_column(f"down {name}", tuning.per_unit[p], 0.0, 0.0, np.inf)
        change[p, first + 2 * p : first + 2 * p + 2] = 1.0, -1.0
    limits = zip(tuning.names, np.eye(many), tuning.lower, tuning.upper, strict=True)
    for name, of, least, most in [*limits, *tuning.rows]:
        if np.isfinite(least) or np.isfinite(most):
            now = float(of @ tuning.now)
            programme.add_row(name, of @ change, float(least) - now, float(most) - now)
    return change


def _proved_optimum(programme: Matrix) -> HighsAnswer:
    """Optimum of a programme with its proved bound; raises NoCostsError if it is infeasible."""
    refuse_lost(programme)
    answer = CheckedProgramme(programme).checked()
    if answer.status == INFEASIBLE:
        raise NoCostsError(programme)
    return replace(answer, bound=lower_bound(programme, answer.prices, DUST)[0])


def _without_tiny_changes(change: Floats, now: Floats) -> Floats:
    return np.where(np.abs(change) <= TINY * np.maximum(1.0, np.abs(now)), 0.0, change)
