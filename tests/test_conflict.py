"""Conflicts of linear programmes: irreducible whatever the solver guessed.

Three judges that share no code with them: programmes written afresh from the members of a conflict
and solved; Fourier–Motzkin elimination in fractions, where the data are whole; enumeration, where
the variables are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product

import numpy as np
import pulp
import pytest
from conftest import one_in
from programmes import Conflict, conflict_in, solve
from tables import each

from fte_alloc.errors import SolverError
from fte_alloc.lp.certificate import lower_bound
from fte_alloc.lp.conflict import conflict_of
from fte_alloc.lp.matrix import Matrix

MANY = 45


def compared(expression, side: str, limit: float):
    """The constraint that has this side."""
    if side == "upper":
        return expression <= limit
    return expression >= limit if side == "lower" else expression == limit


@dataclass(frozen=True)
class Row:
    coefficients: dict[str, float]
    side: str
    limit: float


@dataclass(frozen=True)
class Made:
    """A programme as plain data, from which any part can be written as a ``pulp.LpProblem``."""

    rows: dict[str, Row]
    limits: dict[str, tuple[float | None, float | None]]
    whole: bool = False
    planted: tuple[str, ...] = field(default=())

    def written(self, rows=None, bounds=None) -> pulp.LpProblem:
        """The programme, or these rows (name to side) and bounds only."""
        problem = pulp.LpProblem("made", pulp.LpMinimize)
        x = {}
        for name, (low, high) in self.limits.items():
            if bounds is not None:
                low = low if (name, "lower") in bounds else None
                high = high if (name, "upper") in bounds else None
            kind = "Integer" if self.whole else "Continuous"
            x[name] = problem.add_variable(name, low, high, cat=kind)
        for name, row in self.rows.items():
            if rows is not None and name not in rows:
                continue
            side = row.side if rows is None else rows[name]
            terms = [(x[j], a) for j, a in row.coefficients.items()]
            problem += compared(pulp.LpAffineExpression(terms), side, row.limit), name
        return problem

    def inequalities(
        self, conflict: Conflict
    ) -> dict[object, tuple[dict[str, Fraction], Fraction]]:
        """Every member of a conflict as Σ a_j x_j ≤ b, exactly."""
        out = {}
        for name, side in conflict.sides.items():
            row = self.rows[name]
            for one, sign in (("upper", 1), ("lower", -1)):
                if side in (one, "both"):
                    terms = {j: sign * Fraction(a) for j, a in row.coefficients.items() if a}
                    out[name, one] = terms, sign * Fraction(row.limit)
        for name, one in conflict.bounds:
            low, high = self.limits[name]
            sign, limit = (-1, low) if one == "lower" else (1, high)
            out[name, one] = {name: Fraction(sign)}, sign * Fraction(limit)
        return out


def made(number: int) -> Made:
    """Programme *number*: a point keeps all its rows but the planted ones.

    Each planted row asks of a combination of one to three others more than these allow together.
    Every third programme has whole data and no slack, so that much of it is degenerate; one, two or
    three conflicts are planted in turn.
    """
    random = np.random.default_rng(5000 + number)
    whole = number % 3 == 0
    columns, many = int(random.integers(2, 7)), int(random.integers(2, 10))
    names = [f"x{j}" for j in range(columns)]
    point = random.integers(-4, 5, columns).astype(float)
    limits = {}
    for j, name in enumerate(names):
        low, high = point[j] - random.integers(0, 3, 1)[0], point[j] + random.integers(0, 3, 1)[0]
        kind = int(random.integers(5))  # both, lower, upper, free, fixed
        limits[name] = [(low, high), (low, None), (None, high), (None, None), (point[j],) * 2][kind]
    dense = random.random((many, columns)) < 0.6
    size = random.integers(-3, 4, dense.shape) if whole else random.normal(size=dense.shape)
    matrix = np.where(dense, size, 0.0)
    sides = [("upper", "lower", "both")[int(k)] for k in random.integers(0, 3, many)]
    slack = np.zeros(many) if whole else random.random(many)
    sign = np.array([{"upper": 1.0, "lower": -1.0, "both": 0.0}[side] for side in sides])
    rows = [(matrix[r], sides[r], matrix[r] @ point + sign[r] * slack[r]) for r in range(many)]
    planted = []
    for _ in range(1 + number // 3 % 3):
        chosen = random.choice(many, size=min(many, int(random.integers(1, 4))), replace=False)
        weight = random.integers(1, 3, len(chosen)) * np.where(sign[chosen] < 0, -1.0, 1.0)
        limit = weight @ np.array([rows[r][2] for r in chosen])
        planted.append((weight @ matrix[chosen], "lower", limit + random.integers(1, 4, 1)[0]))
    order = random.permutation(many + len(planted))
    everything = rows + planted
    return Made(
        {
            f"r{at}": Row(
                dict(zip(names, everything[r][0].tolist(), strict=True)),
                everything[r][1],
                float(everything[r][2]),
            )
            for at, r in enumerate(order)
        },
        limits,
        planted=tuple(f"r{at}" for at, r in enumerate(order) if r >= many),
    )


def has_point(inequalities) -> bool:
    """Whether Σ a_j x_j ≤ b can all be kept: Fourier–Motzkin elimination."""
    system = [({j: a for j, a in terms.items() if a}, b) for terms, b in inequalities]
    while any(terms for terms, _ in system):
        name = min(j for terms, _ in system for j in terms)
        above = [(t, b) for t, b in system if t.get(name, 0) > 0]
        below = [(t, b) for t, b in system if t.get(name, 0) < 0]
        system = [(t, b) for t, b in system if name not in t]
        for (t, b), (u, c) in product(above, below):
            p, q = 1 / t[name], -1 / u[name]
            sums = {j: p * t.get(j, 0) + q * u.get(j, 0) for j in t.keys() | u.keys()}
            system.append(({j: a for j, a in sums.items() if a}, p * b + q * c))
    return all(b >= 0 for _, b in system)


def members(conflict: Conflict):
    """Every way to leave one member out: the sides and bounds that remain."""
    for name, side in conflict.sides.items():
        others = {n: s for n, s in conflict.sides.items() if n != name}
        for rest in {"lower": (None,), "upper": (None,), "both": ("lower", "upper")}[side]:
            yield (others | {name: rest} if rest else others), conflict.bounds
    for bound in conflict.bounds:
        yield conflict.sides, tuple(b for b in conflict.bounds if b != bound)


def assert_irreducible(made: Made, conflict: Conflict) -> None:
    """By separate solves of programmes written afresh."""
    whole = made.written(conflict.sides, conflict.bounds)
    assert solve(whole).status == "infeasible"
    for sides, bounds in members(conflict):
        part = {name: sides[name] for name in made.rows if name in sides}
        assert solve(made.written(part, bounds)).status == "optimal", (sides, bounds)


@each("number", one_in(4, range(MANY)))
def test_every_conflict_is_infeasible_together_and_feasible_without_any_member(number):
    programme = made(number)
    conflict = conflict_in(programme.written())
    assert_irreducible(programme, conflict)
    assert conflict == conflict_in(programme.written())
    if number % 3 == 0:  # exactly
        exact = programme.inequalities(conflict)
        assert not has_point(exact.values())
        for member in exact:
            assert has_point(side for name, side in exact.items() if name != member)


# Whole numbers, judged by enumeration.

REACH = 40


def whole_programme(number: int) -> Made:
    """Two or three rows over two whole variables in a small box, the relaxation often feasible."""
    random = np.random.default_rng(9000 + number)
    rows = {}
    for r in range(int(random.integers(2, 4))):
        a = random.integers(-4, 5, 2) * 2
        side = ("upper", "lower", "both")[int(random.integers(3))]
        limit = float(random.integers(-6, 7, 1)[0] * 2 + 1)
        rows[f"r{r}"] = Row({"x": float(a[0]), "y": float(a[1])}, side, limit)
    return Made(rows, {"x": (-2.0, 3.0), "y": (0.0, 4.0)}, whole=True)


def broken(made: Made, sides: dict[str, str], reach: int = REACH, bounds=()) -> np.ndarray:
    """By how much each whole point of a square breaks these rows, and bounds, (rows, points)."""
    grid = np.arange(-reach, reach + 1)
    x, y = (axis.ravel() for axis in np.meshgrid(grid, grid, indexing="ij"))
    out = [np.zeros(len(x))]
    for name, side in sides.items():
        row = made.rows[name]
        over = row.coefficients["x"] * x + row.coefficients["y"] * y - row.limit
        out += [np.maximum(over, 0.0)] if side != "lower" else []
        out += [np.maximum(-over, 0.0)] if side != "upper" else []
    for name, one in bounds:
        axis, (low, high) = {"x": x, "y": y}[name], made.limits[name]
        out.append(np.maximum(low - axis, 0.0) if one == "lower" else np.maximum(axis - high, 0.0))
    return np.array(out)


BOX = tuple(product("xy", ("lower", "upper")))


@each("number", one_in(5, range(30)))
def test_whole_numbers_conflict_as_enumeration_says(number):
    programme = whole_programme(number)
    sides = {name: row.side for name, row in programme.rows.items()}
    within = broken(programme, {}, bounds=BOX).sum(axis=0) == 0
    least = broken(programme, sides)[:, within].sum(axis=0).min()
    if least == 0:
        with pytest.raises(ValueError, match="has a solution"):
            conflict_in(programme.written())
        return
    conflict = conflict_in(programme.written())
    assert broken(programme, conflict.sides, bounds=conflict.bounds).sum(axis=0).min() > 0
    needed = [
        broken(programme, part, bounds=bounds).sum(axis=0).min() == 0
        for part, bounds in members(conflict)
    ]
    # Parity is all that forbids 4x + 2y = 1: a search over all integers without presolve does not
    # see it, and its limits are kept.
    assert all(needed) or len(needed) - sum(needed) == len(conflict.bounds) <= 2


# Published cases.


def test_highs_iis_basic():
    """HiGHS, check/TestIis.cpp (commit 010082c4), lp-get-iis."""
    problem = pulp.LpProblem()
    x0, x1 = (problem.add_variable(name, 0) for name in ("x0", "x1"))
    problem += 2 * x0 + x1 <= 8, "row0"
    problem += x0 + 3 * x1 <= 9, "row1"
    problem += x0 + x1 <= -2, "row2"
    conflict = conflict_in(problem)
    assert conflict.sides == {"row2": "upper"}
    assert conflict.bounds == (("x0", "lower"), ("x1", "lower"))


def highs_iis_bounds(upper: float) -> pulp.LpProblem:
    """HiGHS, check/TestIis.cpp (commit 010082c4), lp-incompatible-bounds: 1 ≤ row0 ≤ 0, col2."""
    problem = pulp.LpProblem()
    columns = [problem.add_variable(f"col{j}", 0, top) for j, top in enumerate((1, 1, upper))]
    problem += columns[1] + columns[2] >= 1, "row0_lower"
    problem += columns[1] + columns[2] <= 0, "row0_upper"
    problem += columns[0] + columns[2] >= 0, "row1_lower"
    problem += columns[0] + columns[2] <= 1, "row1_upper"
    return problem


def test_highs_iis_bounds():
    row = Conflict({"row0_lower": "lower", "row0_upper": "upper"}, ())
    column = Conflict({}, (("col2", "lower"), ("col2", "upper")))
    assert conflict_in(highs_iis_bounds(-1)) in (row, column)
    assert conflict_in(highs_iis_bounds(1)) == row


def test_highs_iis_bounds_as_one_row_with_two_limits():
    matrix = Matrix.of(highs_iis_bounds(1))
    free = np.isin(matrix.rows, ["row0_lower", "row0_upper"])  # which say the same together
    matrix.row_lower[free], matrix.row_upper[free] = -np.inf, np.inf
    matrix.add_row("row0", np.array([0.0, 1.0, 1.0]), 1.0, 0.0)
    assert conflict_of(matrix) == ("row0",)


def demo() -> pulp.LpProblem:
    """Measured with PuLP 3.3.2: max x + y, x + y ≤ 6, x ≥ 4, y ≥ 4, where solvers leave points."""
    problem = pulp.LpProblem("demo", pulp.LpMaximize)
    x, y = problem.add_variable("x", 0), problem.add_variable("y", 0)
    problem += x + y
    problem += x + y <= 6, "cap"
    problem += x >= 4, "fx"
    problem += y >= 4, "fy"
    return problem


def test_infeasible_demo():
    problem = demo()
    conflict = conflict_in(problem)
    assert conflict.sides == {"cap": "upper", "fx": "lower", "fy": "lower"}
    assert conflict.bounds == ()


# By hand.


def test_the_conflict_of_fewer_members_is_found():
    problem = demo()
    problem += problem.variablesDict()["x"] <= 3, "short"
    assert conflict_in(problem).sides == {"fx": "lower", "short": "upper"}


def test_equalities_say_which_way_they_press():
    problem = pulp.LpProblem()
    x, y = problem.add_variable("x"), problem.add_variable("y")
    problem += x + y == 1, "one"
    problem += x + y == 3, "three"
    assert conflict_in(problem).sides == {"one": "upper", "three": "lower"}


def test_a_fixed_variable_and_a_row():
    problem = pulp.LpProblem()
    x, y = problem.add_variable("x", 2, 2), problem.add_variable("y", 0, 5)
    problem += 3 * x + y <= 4, "row"
    conflict = conflict_in(problem)
    assert conflict.sides == {"row": "upper"}
    assert conflict.bounds == (("x", "lower"), ("y", "lower"))


def test_a_row_without_variables():
    problem = pulp.LpProblem()
    problem += 0 * problem.add_variable("x", 3, 4) >= 1, "nothing"
    assert conflict_in(problem).sides == {"nothing": "lower"}
    assert solve(problem).status == "infeasible"


def test_contradictory_limits_of_one_variable():
    problem = pulp.LpProblem()
    problem += problem.add_variable("x", 3, 1) + problem.add_variable("y") >= 0, "row"
    conflict = conflict_in(problem)
    assert (conflict.sides, conflict.bounds) == ({}, (("x", "lower"), ("x", "upper")))


def test_no_whole_number_between_the_limits_of_one_variable():
    problem = pulp.LpProblem()
    problem += problem.add_variable("x", 0.2, 0.8, cat="Integer") >= 0, "row"
    conflict = conflict_in(problem)
    assert (conflict.sides, conflict.bounds) == ({}, (("x", "lower"), ("x", "upper")))


def test_whole_numbers_whose_relaxation_is_feasible():
    """3x + 5y = 4 over 0 ≤ x, y ≤ 10: (3, −1) and (−2, 2) without a limit; (2, 0), (0, 0) aside."""
    problem = pulp.LpProblem()
    x, y = (problem.add_variable(name, 0, 10, cat="Integer") for name in "xy")
    problem += 3 * x + 5 * y == 4, "row"
    conflict = conflict_in(problem)
    assert conflict.sides == {"row": "both"}
    assert conflict.bounds == (("x", "lower"), ("y", "lower"))


def test_a_search_that_would_never_end_is_stopped():
    problem = pulp.LpProblem()
    x, y = (problem.add_variable(name, cat="Integer") for name in "xy")
    problem += 6 * x - 4 * y == 1, "odd"
    with pytest.raises(SolverError, match="undecided"):
        conflict_in(problem)


def test_what_may_be_rounding_proves_nothing():
    """0.1 + 0.2 − 0.3 is above 0 in floating point."""
    problem = pulp.LpProblem()
    x, y = problem.add_variable("x", 0.1), problem.add_variable("y", 0.2)
    problem += x + y <= 0.3, "row"
    bound, rounding, used = lower_bound(Matrix.of(problem), np.array([-1.0]))
    assert 0.0 < bound <= rounding
    assert used.tolist() == [False, True, True, True, False, False]


@each("limit", [0.3, 0.5])
def test_a_feasible_programme_has_no_conflict(limit):
    problem = pulp.LpProblem()  # 0.1 + 0.2 > 0.3 by rounding, which is no conflict
    problem += problem.add_variable("x", 0.1) + problem.add_variable("y", 0.2) <= limit, "row"
    with pytest.raises(ValueError, match="has a solution"):
        conflict_in(problem)


def test_an_empty_programme_has_a_solution():
    with pytest.raises(ValueError, match="has a solution"):
        conflict_in(pulp.LpProblem())
