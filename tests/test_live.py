"""What a live programme is narrowed to, and where another set of tangents starts from."""

from __future__ import annotations

import signal
from dataclasses import replace

import numpy as np
import pulp
import pytest

import fte_alloc as fa
from fte_alloc.lp.highs import OPTIMAL, HighsProgramme
from fte_alloc.lp.matrix import Matrix
from fte_alloc.lp.piecewise import Links, Pieces
from fte_alloc.lp.solving import CheckedProgramme


def two_workshops() -> pulp.LpProblem:
    """max 5a + 4b + 3c + 2d with a + b ≤ 3, c + d ≤ 4, d ≤ 1; labour 2a + b + c + d ≤ 6.

    A unit of labour earns 5/2 in a, 4 in b, 3 in c and 2 in d: b = 3, c = 3 use it up and earn 21.
    The last unit goes to c.
    """
    lp = pulp.LpProblem("two_workshops", pulp.LpMaximize)
    a, b, c, d = (lp.add_variable(name, 0, 10) for name in "abcd")
    lp += 5 * a + 4 * b + 3 * c + 2 * d
    lp += a + b <= 3, "first"
    lp += c + d <= 4, "second"
    lp += d <= 1, "third"
    lp += 2 * a + b + c + d <= 6, "labour"
    return lp


def test_a_narrowed_programme_has_the_values_it_leaves_out_in_its_limits():
    """a = 1 held: b ≤ 2 is left of ``first``, b + c + d ≤ 4 of labour, 5 is earned already."""
    matrix = Matrix.of(two_workshops())
    free = np.array([name != "a" for name in matrix.columns])
    narrowed = matrix.narrowed(free, np.array([1.0, 9.0, 9.0, 9.0]))
    assert narrowed.columns == ["b", "c", "d"]
    assert narrowed.constant == 5.0
    limits = dict(zip(narrowed.rows, narrowed.row_upper.tolist(), strict=True))
    assert limits == {"first": 2.0, "second": 4.0, "third": 1.0, "labour": 4.0}
    answer = CheckedProgramme(narrowed).run()
    assert answer.status == OPTIMAL
    assert answer.objective == pytest.approx(5 + 4 * 2 + 3 * 2)


def test_pieces_take_the_places_of_those_that_held_the_effort():
    """Curve 0 had its effort in piece 1 and has it in 2 now, curve 1 in 2 and in 1."""
    matrix = Matrix.of(two_workshops())
    links = Links(matrix, np.array([0, 1], dtype=np.int32), np.array([2, 3], dtype=np.int32))
    before = Pieces(np.zeros(2), np.ones((2, 3)), np.ones((2, 3)))
    after = Pieces(np.zeros(2), np.ones((2, 4)), np.ones((2, 4)))
    assert before.at(np.array([1.5, 3.0])).tolist() == [1, 2]
    assert before.at(np.array([0.0, 9.0])).tolist() == [0, 2]
    order = links.previous_columns(before, np.array([1.5, 2.5]), after, np.array([2.5, 1.5]))
    assert order.tolist() == [-1, 0, 1, 2, 4, 5, -1, 3]


def iterations(live: CheckedProgramme) -> int:
    return int(live.highs.getInfo().simplex_iteration_count)


def test_another_set_of_tangents_starts_from_the_basis_of_the_one_before():
    """The same programme, its columns turned about: nothing is left to do."""
    matrix = Matrix.of(two_workshops())
    live = CheckedProgramme(matrix, presolve=False)
    best = live.run()
    live.keep_basis()
    order = np.array([2, 3, 0, 1], dtype=np.int32)
    turned = replace(
        matrix,
        columns=[matrix.columns[j] for j in order],
        cost=matrix.cost[order],
        index=np.argsort(order).astype(np.int32)[matrix.index],
    )
    live.reload(turned, order)
    assert live.run().values[np.argsort(order)] == pytest.approx(best.values)
    assert iterations(live) == 0
    live.reload(turned, order)  # the basis kept is still that of the programme before
    assert live.run().values[np.argsort(order)] == pytest.approx(best.values)
    assert iterations(live) == 0
    live.reload(turned)  # as if no column had moved
    live.run()
    assert iterations(live) > 0


def test_a_search_for_whole_numbers_is_interrupted(monkeypatch):
    """HiGHS returns to Python within a second, though such a search takes minutes."""
    problem = replace(fa.load("horizon-2025"), step_fte=0.5)
    search = HighsProgramme._run_interruptibly

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    def soon_interrupted(live: HighsProgramme) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        search(live)
        signal.setitimer(signal.ITIMER_REAL, 0)

    monkeypatch.setattr(HighsProgramme, "_run_interruptibly", soon_interrupted)
    before = signal.signal(signal.SIGALRM, interrupted)
    try:
        with pytest.raises(KeyboardInterrupt):
            fa.solve(problem, priced=False, time_limit_s=30)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
