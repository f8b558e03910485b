"""How far a weight may move before a plan in steps is another.

A plan's worth at any weight is arithmetic, so that the weight from which a known plan is better
than the present one costs nothing to find. There the best plan is asked for: is it no better, that
is the end; else it is known from now on, and the end is nearer. The plans known at the start are
those one step away.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from fte_alloc.programme.curves import Floats
from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.document_parts import posts_arrays
from fte_alloc.questions.weights.ends import Direction, End, first_crossing, stays

#: Plans that differ by less than this share of their worth are as good as each other.
AS_GOOD = 1e-12
#: Nothing further out is looked at, as many times the weight: a plan in steps does not creep.
FAR = 1e3
#: An end may be brought nearer so often.
_MOST_TIMES = 200


class KnownPlans:
    """The present plan and others, each with what it covers.

    now : posts of the present plan, in the order of ``Problem.post_keys``
    """

    def __init__(self, problem: Problem, now: Floats) -> None:
        self.now = now
        near = ((posts, _judged(problem, posts)) for posts in _neighbours(problem, now))
        self._plans = [
            (posts, judged.expected_contracts.ravel())
            for posts, judged in near
            if not judged.violations
        ]
        self._learnt: list[Floats] = []

    def is_beaten(self, problem: Problem, best: Floats) -> bool:
        """Whether a plan is better under the weights of a problem; it is remembered."""
        judged = _judged(problem, best)
        standard = _judged(problem, self.now).objective("coverage")
        if judged.objective("coverage") <= standard * (1.0 + AS_GOOD):
            return False
        self._plans.append((best, judged.expected_contracts.ravel()))
        self._learnt.append(best)
        return True

    def lead(self, problem: Problem, *, split_anew: bool) -> tuple[float, Floats]:
        """By how much the best of the other plans is better at least, and its posts.

        split_anew : whether effort is, for the plans that were the best ones somewhere; all others
            are worth at least what they are with their effort as it was
        """
        standard = _judged(problem, self.now).objective("coverage") * (1.0 + AS_GOOD)
        if not self._plans:
            return -standard, self.now
        values = np.stack([covered for _, covered in self._plans]) @ problem.weight.ravel()
        best = int(np.argmax(values))
        told = [(float(values[best]), self._plans[best][0])]
        if split_anew:
            anew = ((_judged(problem, posts), posts) for posts in self._learnt)
            told += [(judged.objective("coverage"), posts) for judged, posts in anew]
        value, posts = max(told, key=lambda one: one[0])
        return value - standard, posts


def can_compare(problem: Problem) -> bool:
    """Whether the worth of plans in steps decides between them: coverage is served first."""
    first = problem.stages[0]
    return first.objective == "coverage" and first.concede == 0


def find_step_end(side: Direction, known: KnownPlans) -> End:
    """The end of a weight to one side: up to there the present plan is the best one."""
    if side.to_edge == 0:
        return End(side.weight.least, "edge")
    if side.sign < 0 and stays(side):
        return End(side.weight.least, "stays")
    last = min(side.to_edge, FAR * side.scale)
    # Where kinds of buyer change, effort is split anew as the weight moves: no straight lines.
    curved = side.weight.kind == "segment"

    def lead(distance: float) -> float:
        return known.lead(side.problem(distance), split_anew=curved)[0]

    for _ in range(_MOST_TIMES):
        found = first_crossing(lead, min(-1e-12, lead(0.0)), 0.02 * side.scale, side.scale, last)
        inside = found if isinstance(found, float) else found[0]
        asked = [inside, 0.5 * inside] if curved else [inside]
        best_there = ((side.problem(distance), side.moved(distance)) for distance in asked)
        if not any(known.is_beaten(problem, known.now + moved) for problem, moved in best_there):
            break
    if isinstance(found, float):
        return side.end_not_met(found)
    inside, beyond = found
    best = known.lead(side.problem(beyond), split_anew=curved)[1]
    return End(side.value(inside), "jumps", best - known.now)


def _neighbours(problem: Problem, now: Floats) -> Iterator[Floats]:
    """Plans one step away, in every year: one more, one fewer, one elsewhere."""
    years, step = len(problem.years), problem.step_fte
    by_year = now.reshape(years, -1)
    places = range(by_year.shape[1])
    fewer = [j for j in places if np.all(by_year[:, j] >= step)]
    for giver in (None, *fewer):
        for taker in (None, *places):
            if giver == taker:
                continue
            posts = by_year.copy()
            if giver is not None:
                posts[:, giver] -= step
            if taker is not None:
                posts[:, taker] += step
            yield posts.ravel()


def _judged(problem: Problem, posts: Floats) -> Evaluation:
    return problem.judge(*posts_arrays(problem, posts))
