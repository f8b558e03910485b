"""The range of optimal prices of a programme, given one optimal set of prices.

Equations of the polyhedron of optimal prices are solved for all columns they settle (Gauss); what
is left free is projected away where that leaves no more inequalities than there were (Fourier and
Motzkin); the few that remain bound every price, the gain and the loss that its limit brings.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise, product, starmap

import numpy as np

from fte_alloc.lp.matrix import Floats, Matrix
from fte_alloc.lp.solving import CheckedProgramme

#: Coefficients this small, relative to the largest of their sum, are rounding.
ROUNDING = 1e-7
#: Sums whose coefficients agree to this many decimals are the same.
DECIMALS = 11
#: A column that is solved for has at least this share of the largest coefficient.
LEAST_PIVOT = 1e-3
#: A sum that may exceed the largest number of the polyhedron so many times is unbounded.
ENDLESS = 1e4
#: Values within this of a limit, relative to their terms or to 1, lie on it: ten times the solver's
#: own tolerance.
ON_LIMIT = 1e-8

Terms = Iterable[tuple[int, float]]
Sum = dict[int, float]
Direction = tuple[tuple[int, float], ...]


class Face:
    """A polyhedron in which the least and the greatest values of sums of columns are computed.

    polyhedron : columns and rows within limits; two equal limits are an equation
    point : any of its points, but for rounding
    """

    def __init__(self, polyhedron: Matrix, point: Floats) -> None:
        m, self.point = polyhedron, np.clip(point, polyhedron.lower, polyhedron.upper)
        sizes = np.abs(np.concatenate([self.point, m.row_lower, m.row_upper]))
        self._size = float(sizes[np.isfinite(sizes)].max(initial=0.0)) or 1.0
        is_open, equal = (m.lower < m.upper).tolist(), m.row_lower == m.row_upper
        entries = list(zip(m.index.tolist(), m.value.tolist(), strict=True))
        spans = starmap(slice, pairwise(m.start.tolist()))
        rows = [[(j, a) for j, a in entries[span] if is_open[j]] for span in spans]
        self._solved = solved = _solve(rows[r] for r in np.flatnonzero(equal).tolist())
        moves = ((j, _put_in([(j, 1.0)], solved)) for j in np.flatnonzero(is_open).tolist())
        self._moves = {j: free for j, free in moves if free}
        room, used = _FaceLimits(), m.times(self.point)
        for j, free in self._moves.items():
            room.add(free, m.lower[j] - self.point[j], m.upper[j] - self.point[j])
        for r in np.flatnonzero(~equal).tolist():
            room.add(_put_in(rows[r], solved), m.row_lower[r] - used[r], m.row_upper[r] - used[r])
        #: The inequalities eliminated with each projected column, and the remaining ones.
        self._gone, self._rest = room.projected(), room.of

    def range(self, terms: Terms) -> tuple[float, float]:
        """Least and greatest value of a linear combination of columns, infinite where unbounded."""
        terms = list(terms)
        here = sum(a * float(self.point[j]) for j, a in terms)
        free = _put_in(((j, a) for j, a in terms if j in self._moves), self._solved)
        columns, todo = dict[int, int](), list(free)
        held: dict[Direction, float] = {}
        while todo:
            j = todo.pop()
            if j not in columns:
                columns[j] = len(columns)
                limits = self._gone.get(j, self._rest)
                held |= limits
                todo += [i for direction in limits for i, _ in direction]
        low = high = 0.0
        if len(columns) == 1:
            ((j, by),) = free.items()
            low, high = sorted(by * side * held.get(((j, side),), np.inf) for side in (-1.0, 1.0))
        elif columns:
            low, high = self._ends(free, held, columns)
        return here + low, here + high

    def _ends(
        self, free: Sum, held: Mapping[Direction, float], columns: Mapping[int, int]
    ) -> tuple[float, float]:
        by, cost, far = max(map(abs, free.values())), np.zeros(len(columns)), np.inf
        cost[[columns[j] for j in free]] = np.array([*free.values()]) / by
        rows = [tuple((j, a / by) for j, a in free.items()), *held]
        entries = np.array([(r, columns[j], a) for r, row in enumerate(rows) for j, a in row])
        upper = np.array([ENDLESS, *(limit / self._size for limit in held.values())])
        lower = np.array([-ENDLESS, *(-far for _ in held)])
        row, index, value = entries.T
        programme = Matrix.of_entries(
            [str(j) for j in columns],
            cost,
            (np.full(len(cost), -far), np.full(len(cost), far)),
            [str(r) for r in range(len(rows))],
            (lower, upper),
            (row.astype(int), index.astype(int), value),
            maximise=True,
        )
        live, ends = CheckedProgramme(programme, presolve=False), []
        for sense in (-1.0, 1.0):
            live.set_objective(sense * cost, 0.0, maximise=True)
            end = live.checked(has_optimum=True).objective
            ends.append(sense * by * self._size * (end if end < ENDLESS / 2 else far))
        return ends[0], ends[1]


class _FaceLimits:
    """Inequalities of a face, "sum of columns ≤ room", all of which hold where every column is 0.

    of : the least room of every sum, whose largest coefficient is 1 or −1
    along : for each column, the sums that contain it, with the column's coefficient
    """

    def __init__(self) -> None:
        self.of: dict[Direction, float] = {}
        self.along: dict[int, dict[Direction, float]] = defaultdict(dict)

    def add(self, terms: Sum, low: float, high: float) -> None:
        """Add the limits low ≤ Σ coefficient · column ≤ high; *terms* are the coefficients."""
        size = max(map(abs, terms.values()), default=0.0)
        for side, room in ((-size, -low), (size, high)):
            if size > 0 and room < np.inf:
                direction = tuple((j, round(a / side, DECIMALS)) for j, a in sorted(terms.items()))
                least = self.of.get(direction, np.inf)
                self.of[direction] = min(max(0.0, float(room)) / size, least)
                for j, a in direction:
                    self.along[j][direction] = a

    def projected(self) -> dict[int, dict[Direction, float]]:
        """Eliminate columns while that adds no inequality; returns each column's inequalities."""
        gone: dict[int, dict[Direction, float]] = {}
        before = -1
        while before < len(gone):
            before = len(gone)
            for j in sorted(self.along, key=self._more):
                if self._more(j) <= 0:
                    gone[j] = self._project(j)
        return gone

    def _more(self, j: int) -> int:
        """Upper bound on the rise of the number of inequalities if a column is eliminated."""
        above = sum(a > 0 for a in self.along[j].values())
        below = len(self.along[j]) - above
        return above * below - above - below

    def _project(self, j: int) -> dict[Direction, float]:
        """Eliminate a column by combining the inequalities that contain it; returns these."""
        along = self.along.pop(j)
        gone = {direction: self.of.pop(direction) for direction in along}
        for direction in gone:
            for i, _ in direction:
                if i != j:
                    del self.along[i][direction]
        for (one, a), (other, b) in product(along.items(), repeat=2):
            if a > 0 > b:
                terms = [(i, c / a) for i, c in one if i != j]
                terms += [(i, -c / b) for i, c in other if i != j]
                self.add(_put_in(terms, {}), -np.inf, gone[one] / a - gone[other] / b)
        return gone


def _solve(equations: Iterable[list[tuple[int, float]]]) -> dict[int, Sum]:
    """Columns solved from equations Σ = 0 by elimination, as sums of free or solved columns."""
    equations, solved = sorted(equations, key=len), dict[int, Sum]()
    uses = Counter(j for equation in equations for j, _ in equation)
    for equation in equations:
        left = _put_in(equation, solved)
        if left:
            enough = LEAST_PIVOT * max(map(abs, left.values()))
            column = min((j for j, a in left.items() if abs(a) >= enough), key=uses.__getitem__)
            by = left.pop(column)
            solved[column] = {j: -a / by for j, a in left.items()}
    return solved


def _put_in(terms: Terms, solved: Mapping[int, Sum]) -> Sum:
    """A sum with the solved columns substituted, without terms that are rounding."""
    left: Sum = defaultdict(float)
    todo, size = list(terms), 0.0
    while todo:
        j, a = todo.pop()
        size = max(size, abs(a))
        if j in solved:
            todo += [(i, a * b) for i, b in solved[j].items()]
        else:
            left[j] += a
    return {j: a for j, a in left.items() if abs(a) > ROUNDING * size}


def face_of_prices(matrix: Matrix, values: Floats) -> Matrix:
    """The polyhedron of optimal prices, given any optimal plan.

    Its columns are the rows of *matrix*; its rows are the columns, of activity (Aᵀy)_j = c_j − d_j.
    """
    terms = matrix.sizes().times(np.abs(values))
    activity, slack = matrix.times(values), ON_LIMIT * np.maximum(1.0, terms)
    prices = _dual_ranges(matrix, activity - matrix.row_lower, matrix.row_upper - activity, slack)
    none = np.zeros(len(values))
    least, most = _dual_ranges(matrix, values - matrix.lower, matrix.upper - values, none)
    return Matrix.of_entries(
        list(matrix.rows),
        np.zeros(len(matrix.rows)),
        prices,
        list(matrix.columns),
        (matrix.cost - most, matrix.cost - least),
        (matrix.index, matrix.row, matrix.value),
    )


def values_on_face(matrix: Matrix, values: Floats) -> Floats:
    """Values, set to 0 or to a limit where they differ from it by rounding only."""
    for landmark in (np.zeros(len(values)), matrix.lower, matrix.upper):
        near = np.abs(values - landmark) <= ON_LIMIT * np.maximum(1.0, np.abs(values))
        values = np.where(near, landmark, values)
    return values + 0.0  # no −0


def _dual_ranges(
    matrix: Matrix, above: Floats, below: Floats, slack: Floats
) -> tuple[Floats, Floats]:
    """Range of prices complementary to slacks *above* the lower and *below* the upper limit."""
    low = np.where(above <= slack, -np.inf, 0.0)
    high = np.where(below <= slack, np.inf, 0.0)
    return (low, high) if matrix.maximise else (-high, -low)
