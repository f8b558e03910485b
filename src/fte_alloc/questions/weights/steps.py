"""The distance by which a weight may move before another plan in steps is the best one.

The weight beyond which a known plan is better than the present one follows by arithmetic. The best
plan is searched there and, where it is better than the present one, added to the known plans.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

import numpy as np

from fte_alloc.programme.curves import Floats
from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.document_parts import new_fte, posts_arrays
from fte_alloc.questions.weights.ends import Direction, End, first_crossing

#: Plans whose values differ by less than this share are equally good.
AS_GOOD = 1e-12
#: Furthest distance tried, as a multiple of the weight: plans in steps only jump.
FAR = 1e3
#: Largest number of rounds per end.
_MOST_TIMES = 200


class KnownPlans:
    """The present plan and other plans, each with the contracts that it covers.

    now : new posts of the present plan, in the order of ``Problem.post_keys`` [FTE]
    """

    def __init__(self, problem: Problem, now: Floats) -> None:
        self.now = now
        others = [judged for judged in _neighbours(problem, now) if not judged.violations]
        self._plans = list(map(new_fte, others))
        self._learnt: list[Floats] = []
        # Contracts covered by each plan; by the present one, with every split of its effort so far.
        present = _judged(problem, now).expected_contracts
        self._own = present.reshape(1, -1)
        self._covered = np.array([of.expected_contracts for of in others]).reshape(-1, present.size)

    def learn(self, side: Direction, distance: float, *, split_anew: bool) -> bool:
        """Add a better split of the present plan at a distance, else a better plan; whether any.

        split_anew : whether ``lead`` splits the effort of the present plan anew by itself
        """
        problem = side.problem(distance)
        own, weight = _judged(problem, self.now), problem.weight.ravel()
        known = float((self._own @ weight).max())
        if not split_anew and own.objective("coverage") > known * (1.0 + AS_GOOD):
            self._own = np.vstack([self._own, own.expected_contracts.ravel()])
            return True
        posts = self.now + side.moved(distance)
        best = _judged(problem, posts)
        if best.objective("coverage") <= own.objective("coverage") * (1.0 + AS_GOOD):
            return False
        self._plans.append(posts)
        self._covered = np.vstack([self._covered, best.expected_contracts.ravel()])
        self._learnt.append(posts)
        return True

    def lead(self, problem: Problem, *, split_anew: bool) -> tuple[float, Floats]:
        """Lead in coverage of the best other plan over the present plan, and its posts.

        split_anew : whether the effort of the present plan, and of plans that a search found, is
            split anew; all others count with a known split, a lower bound of their coverage
        """
        weight = problem.weight.ravel()
        standard = float((self._own @ weight).max()) * (1.0 + AS_GOOD)
        if split_anew:
            standard = _judged(problem, self.now).objective("coverage") * (1.0 + AS_GOOD)
        if not self._plans:
            return -standard, self.now
        values = self._covered @ weight
        best = int(np.argmax(values))
        told = [(float(values[best]), self._plans[best])]
        if split_anew:
            anew = ((_judged(problem, posts), posts) for posts in self._learnt)
            told += [(judged.objective("coverage"), posts) for judged, posts in anew]
        value, posts = max(told, key=lambda one: one[0])
        return value - standard, posts


def find_step_end(side: Direction, known: KnownPlans) -> End:
    """Find the end of a weight to one side, up to which the present plan is the best one."""
    last = min(side.to_edge, FAR * side.scale)
    # The weight of a kind of buyer changes the split of effort: coverage is not linear in it.
    curved = side.weight.kind == "segment"

    def lead(distance: float) -> float:
        return known.lead(side.problem(distance), split_anew=curved)[0]

    for _ in range(_MOST_TIMES):
        at_start = min(-1e-12, lead(0.0))
        inside, beyond = first_crossing(lead, at_start, 0.02 * side.scale, side.scale, last)
        asked = [inside, 0.5 * inside] if curved else [inside]
        if not any(known.learn(side, distance, split_anew=curved) for distance in asked):
            break
    if beyond is None:
        return side.end_not_met(inside)
    best = known.lead(side.problem(beyond), split_anew=curved)[1]
    return End(side.value(inside), "jumps", best - known.now)


def _neighbours(problem: Problem, now: Floats) -> Iterator[Evaluation]:
    """Plans that differ by a step in every year: one post more, one fewer, or one elsewhere.

    Contracts covered in an area depend on its own posts alone. A plan with a move in every area is
    therefore judged once for all these moves.
    """
    base = _judged(problem, now)
    x, z = base.posts
    # Row 0 stands for no post: its step is 0, and it has no area.
    posts = np.vstack([0.0 * x[:1], x, z])
    steps = np.repeat([0.0, *(step or 1.0 for step in problem.steps_fte)], [1, len(x), len(z)])
    area = np.concatenate([[-1], problem.area_of, np.arange(len(z))])
    givers = np.flatnonzero((posts >= steps[:, None]).all(axis=1)).tolist()
    moves = [(giver, taker) for giver in givers for taker in range(len(posts)) if giver != taker]

    def moved(*some: tuple[int, int]) -> tuple[Floats, Floats]:
        after = posts.copy()
        for giver, taker in some:
            after[giver] -= steps[giver]
            after[taker] += steps[taker]
        return after[1 : 1 + len(x)], after[1 + len(x) :]

    inside: dict[int, list[tuple[int, int]]] = {}
    for move in moves:
        areas = {int(a) for a in area[[*move]]} - {-1}
        if len(areas) == 1:
            inside.setdefault(areas.pop(), []).append(move)
    found: dict[tuple[int, int], Evaluation] = {}
    for together in zip_longest(*inside.values()):
        some = [move for move in together if move is not None]
        found |= dict.fromkeys(some, problem.judge(*moved(*some)))
    for giver, taker in moves:
        parts = [(giver, taker)] if (giver, taker) in found else [(giver, 0), (0, taker)]
        effort, covered = base.effort_fte.copy(), base.expected_contracts.copy()
        for part in parts:
            of, judged = problem.area_of == area[[*part]].max(), found[part]
            effort[of], covered[of] = judged.effort_fte[of], judged.expected_contracts[of]
        yield Evaluation(problem, *moved((giver, taker)), effort, covered)


def _judged(problem: Problem, posts: Floats) -> Evaluation:
    return problem.judge(*posts_arrays(problem, posts))
