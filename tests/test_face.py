"""Least and greatest of sums over a polyhedron, against the solver and by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from conftest import one_in
from tables import each

from fte_alloc.lp.face import Face
from fte_alloc.lp.highs import OPTIMAL, UNBOUNDED, HighsProgramme
from fte_alloc.lp.matrix import Matrix


def polyhedron(columns, rows, coefficients) -> Matrix:
    """Limits of the columns and of the rows, and a dense matrix."""
    dense = np.array(coefficients, dtype=float).reshape(len(rows), len(columns))
    row, index = np.nonzero(dense)
    low, high = (np.array(of, dtype=float) for of in zip(*columns, strict=True))
    least, most = np.array(rows, dtype=float).reshape(-1, 2).T
    return Matrix.of_entries(
        [f"c{j}" for j in range(len(columns))],
        np.zeros(len(columns)),
        (low, high),
        [f"r{r}" for r in range(len(rows))],
        (least, most),
        (row, index, dense[row, index]),
    )


INF = np.inf
#: Limits of columns and rows, the matrix, a point, a sum, and the least and greatest it can be.
BY_HAND = {
    "one price settles the other": (
        [(0, INF)] * 2,
        [(3, 3), (1, 1)],
        [[1, 1], [0, 1]],
        [2, 1],
        {0: 1},
        (2, 2),
    ),
    "two limits share a price": ([(0, INF)] * 2, [(3, 3)], [[1, 1]], [2, 1], {0: 1}, (0, 3)),
    "two limits and no end": ([(0, INF)] * 2, [(3, 3)], [[1, -1]], [3, 0], {0: 1}, (3, INF)),
    "their difference": ([(0, INF)] * 2, [(3, 3)], [[1, -1]], [3, 0], {0: 1, 1: -1}, (3, 3)),
    "held by a third": (
        [(0, INF), (0, INF), (0, 1)],
        [(3, 3), (-INF, 0)],
        [[1, -1, 0], [0, 1, -2]],
        [3, 0, 0],
        {0: 1},
        (3, 5),
    ),
    "a column that is fixed": ([(0, INF), (2, 2)], [(3, 3)], [[1, 1]], [1, 2], {0: 1}, (1, 1)),
    "nothing holds": ([(-INF, INF)] * 2, [], [], [1, 2], {0: 1, 1: -1}, (-INF, INF)),
    "held through another": (
        [(0, INF), (-INF, 2)],
        [(-INF, 1)],
        [[1, -1]],
        [1, 1],
        {1: 1},
        (-1, 2),
    ),
    "a triangle": ([(0, INF)] * 2, [(-INF, 4)], [[1, 2]], [0, 0], {0: 1, 1: 1}, (0, 4)),
}


@each(("name", "case"), BY_HAND.items())
def test_how_far_a_sum_may_move_is_found(name, case):
    columns, rows, coefficients, point, terms, ends = case
    face = Face(polyhedron(columns, rows, coefficients), np.array(point, dtype=float))
    assert face.range(terms.items()) == pytest.approx(ends, abs=1e-9), name


def random_polyhedron(seed: int) -> tuple[Matrix, np.ndarray, np.random.Generator]:
    """A polyhedron that has a given point on many of its limits, whole numbers throughout."""
    chance = np.random.default_rng(seed)
    size, many = int(chance.integers(2, 9)), int(chance.integers(1, 9))
    point = chance.integers(0, 3, size).astype(float)
    dense = chance.integers(-2, 3, (many, size)) * (chance.random((many, size)) < 0.5)
    away = np.array([0.0, 0.0, 1.0, np.inf])
    low, high = (chance.choice(away, size) for _ in range(2))
    least, most = (chance.choice(away, many) for _ in range(2))
    equal = chance.random(many) < 0.4
    least, most = (np.where(equal, 0.0, of) for of in (least, most))
    used = dense @ point
    columns = np.stack([point - low, point + high], axis=1)
    rows = np.stack([used - least, used + most], axis=1)
    return polyhedron(columns.tolist(), rows.tolist(), dense), point, chance


@each("seed", one_in(20, range(1, 401)))
def test_ends_are_those_of_a_linear_programme(seed):
    m, point, chance = random_polyhedron(seed)
    face = Face(m, point)
    for _ in range(6):
        terms = {int(j): float(chance.integers(1, 4)) for j in chance.integers(0, len(point), 2)}
        cost = np.zeros(len(point))
        cost[list(terms)] = list(terms.values())
        for sense, end in zip((-1.0, 1.0), face.range(terms.items()), strict=True):
            answer = HighsProgramme(replace(m, cost=sense * cost, maximise=True)).run()
            if end == sense * np.inf:
                assert answer.status == UNBOUNDED
            else:
                assert answer.status == OPTIMAL
                assert sense * answer.objective == pytest.approx(end, abs=1e-7)
