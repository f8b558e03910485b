"""The distance by which a weight may move to one side before posts do.

Growing distances bracket the first crossing of the tolerance. In steps, the distance at which a
known plan becomes better follows by arithmetic; the best plan there, if better, is known from then.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise, zip_longest
from typing import NamedTuple

import numpy as np

from fte_alloc.errors import InputError, SolverError
from fte_alloc.inputs.weighing import Weighing, Weight
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.problem import Evaluation, Problem
from fte_alloc.questions.posts import new_posts_fte, posts_arrays

#: Function from a problem to the new posts of its best plan, as in ``Problem.post_keys`` [FTE].
PostsAt = Callable[[Problem], Floats]

#: Accuracy of an end, as a share of its distance.
EXACT = 1e-4
#: Distances tried, as multiples of the weight; the last is the furthest.
STRIDES = (0.02, 0.1, 0.4, 1.0, 4.0, 30.0, 1e3, 1e6)
#: Furthest distance tried in steps, where plans only jump, as a multiple of the weight.
FURTHEST_IN_STEPS = 1e3
#: Furthest first distance that a rate may suggest, as a share of the weight.
FIRST = 0.4
#: Number of gaps halved in search of a crossing before the end.
HALVED = 3
#: A move just beyond an end counts as a jump where it exceeds this many tolerances.
JUMP = 1.1
#: Plans in steps whose values differ by less than this share are equally good.
AS_GOOD = 1e-12
#: Largest number of rounds per end in steps.
_MOST_ROUNDS = 200


class End(NamedTuple):
    """The end of a weight's interval to one side.

    value : the last value at which no post moves beyond the tolerance; None where none was found
    why : ``moves``, a post moves steadily by the tolerance there; ``jumps``, posts jump there;
        ``edge``, no value is valid beyond; ``stays``, the plan is proved to stay at any value;
        ``far``, no end was found
    moved : change of every post just beyond the end [FTE]; None except for ``moves`` and ``jumps``
    looked_to : the furthest value tried, for ``far``
    """

    value: float | None
    why: str
    moved: Floats | None = None
    looked_to: float | None = None


class EndSide:
    """The side on which an end of a weight is sought, as a function of the distance moved.

    sign : −1 where it falls, +1 where it rises
    now : new posts of the plan [FTE]
    least : the last value that is allowed; None if there is none
    to_edge : its distance; inf if there is none
    scale : |weight|, or 1 where it is 0: the unit of relative distances
    changes_split : whether the split of effort among kinds of buyer changes with the weight
    moved : function from a distance to the change of every post [FTE]
    """

    def __init__(
        self, weighing: Weighing, weight: Weight, sign: float, now: Floats, posts_at: PostsAt
    ) -> None:
        self.weighing, self.weight, self.sign = weighing, weight, sign
        self.now, self.posts_at, self.scale = now, posts_at, abs(weight.value) or 1.0
        self.least = weight.least if sign < 0 else None
        self.to_edge = math.inf if self.least is None else weight.value - self.least
        self.changes_split = weight.kind == "segment"
        self.moved = cache(lambda distance: posts_at(self.problem(distance)) - now)

    def value(self, distance: float) -> float:
        """Value of the moved weight at a distance from its present value, in this direction."""
        return self.weight.value + self.sign * distance

    def problem(self, distance: float) -> Problem:
        """The problem with the weight at a distance.

        Raises InputError where nothing is left to maximise.
        """
        return self.weighing.problem_with({self.weight.key: self.value(distance)})

    def zeros(self) -> list[float]:
        """Distances at which a factor of weights of this side comes to 0, the nearest first."""
        if self.weight.kind != "indicators":
            return [self.to_edge]
        factor = self.weighing.territories().unclipped
        fall = -self.sign * self.weighing.deviation[self.weight.code]
        falls = (factor > 0) & (fall > 0)
        return sorted((factor[falls] / fall[falls]).tolist())

    def end_not_met(self, distance: float) -> End:
        """The ``End`` if no post moves up to *distance*: ``edge`` at the edge, else ``far``."""
        if distance == self.to_edge:
            return End(self.least, "edge")
        return End(None, "far", looked_to=self.value(distance))

    def largest_move_fte(self, distance: float) -> float:
        """Largest change of a post once the weight has moved [FTE]; inf if no objective is left."""
        try:
            return float(np.abs(self.moved(distance)).max(initial=0.0))
        except InputError:
            return math.inf


def find_end(side: EndSide, tolerance_fte: float, rate: float) -> End:
    """Find the end of a weight's interval to one side.

    rate : largest rate of a post at the present weight [FTE per unit]; 0 where it is unknown
    """
    last = min(side.to_edge, STRIDES[-1] * side.scale)
    guess = 1.05 * tolerance_fte / rate if rate > 0 else STRIDES[0] * side.scale
    inside, beyond = first_crossing(
        lambda distance: side.largest_move_fte(distance) - tolerance_fte,
        -tolerance_fte,
        min(guess, FIRST * side.scale),
        side.scale,
        last,
    )
    if beyond is None:
        return side.end_not_met(inside)
    if math.isinf(side.largest_move_fte(beyond)):
        return End(side.value(inside), "edge")
    jumps = side.largest_move_fte(beyond) > JUMP * tolerance_fte
    if jumps and beyond == side.to_edge:  # posts jump only at the last value, such as 0
        inside = beyond
    return End(side.value(inside), "jumps" if jumps else "moves", side.moved(beyond))


def first_crossing(
    excess: Callable[[float], float], at_start: float, guess: float, scale: float, last: float
) -> tuple[float, float | None]:
    """Bracket of the first distance at which *excess* turns positive, narrowed to ``EXACT``.

    excess : function of the distance, which may jump and fall
    at_start : the excess at distance 0, below 0
    guess : first distance tried; scale : unit of STRIDES; last : the furthest distance

    Where the excess is positive at no distance tried, returns the furthest of these and None. This
    is *last*, or the last distance before one at which the excess raises SolverError. The error is
    passed on where it is raised at the first distance, or between known distances.
    """
    known = {0.0: at_start}

    def look(distance: float) -> float:
        known[distance] = excess(distance)
        return known[distance]

    inside, beyond, stride = 0.0, None, min(guess, last)
    while inside < last:
        try:
            at = look(stride)
        except SolverError:
            if inside == 0:
                raise
            break
        if at > 0:
            beyond = stride
            break
        # The next stride, or the distance at which a linear excess would be positive.
        inside, far = stride, 30.0 * stride
        stride = min(next((s * scale for s in STRIDES if s * scale > 1.5 * inside), far), far)
        if at > 0.98 * at_start:
            stride = min(stride, max(1.5 * inside, 1.1 * inside * at_start / (at_start - at)))
        stride = min(stride, last)
    if beyond is not None:
        inside, beyond = narrowed_end(look, inside, beyond, known[inside], known[beyond])

    def log(distance: float) -> float:
        return math.log1p(distance / scale)

    for __ in range(HALVED):
        pairs = pairwise(sorted(d for d in known if d <= inside))
        gaps = [(log(high) - log(low), low, high) for low, high in pairs]
        gap, low, high = max(gaps, default=(0.0, 0.0, 0.0))
        if gap <= EXACT * log(inside):
            break
        middle = scale * math.expm1(0.5 * (log(low) + log(high)))
        if look(middle) > 0:
            inside, beyond = narrowed_end(look, low, middle, known[low], known[middle])
    return inside, beyond


def narrowed_end(
    look: Callable[[float], float],
    low: float,
    high: float,
    at_low: float,
    at_high: float,
    exact: Callable[[float], float] = lambda high: EXACT * high,
) -> tuple[float, float]:
    """Narrow a bracket of the end where *look* turns positive, to at most ``exact(high)``.

    Takes secants, with the value at an end that stays halved (Illinois), and never too near to an
    end, so that the other end moves, too; takes the middle where these do not halve the bracket.
    """
    last_side, widths = 0, [high - low]
    while high - low > exact(high):
        near = 0.45 * exact(high)
        if low > 0 and high > 4 * low:
            middle = math.sqrt(low * high)
        elif math.isinf(at_high) or (len(widths) > 2 and widths[-1] > 0.5 * widths[-3]):
            middle, widths = 0.5 * (low + high), []
        else:
            middle = low - (high - low) * at_low / (at_high - at_low)
        middle = min(max(middle, low + near), high - near)
        at = look(middle)
        if at > 0:
            high, at_high = middle, at
            at_low *= 0.5 if last_side > 0 else 1.0
            last_side = 1
        else:
            low, at_low = middle, at
            at_high *= 0.5 if last_side < 0 else 1.0
            last_side = -1
        widths.append(high - low)
    return low, high


class WeightEndPlans:
    """The present plan in steps and other plans, each with the contracts that it covers.

    The effort of the present plan, and of plans that a search found, is split anew for the weight
    of a kind of buyer, in which coverage is therefore not linear. All others count with a known
    split, a lower bound of their coverage.

    now : new posts of the present plan, in the order of ``Problem.post_keys`` [FTE]
    """

    def __init__(self, problem: Problem, now: Floats) -> None:
        self.now = now
        others = [judged for judged in _neighbours(problem, now) if not judged.violations]
        self._plans, self._first_found = list(map(new_posts_fte, others)), len(others)
        # Contracts covered by each plan; by the present one, with every split of its effort so far.
        self._own = _judged_posts(problem, now).expected_contracts.reshape(1, -1)
        covered = [one.expected_contracts for one in others]
        self._covered = np.reshape(covered, (-1, self._own.size))

    def learn(self, side: EndSide, distance: float) -> bool:
        """Add a split of effort or a plan that is better at *distance*; returns whether added."""
        problem = side.problem(distance)
        own = _judged_posts(problem, self.now)
        coverage, known = own.objective("coverage"), (self._own @ problem.weight.ravel()).max()
        if not side.changes_split and coverage > known * (1.0 + AS_GOOD):
            self._own = np.vstack([self._own, own.expected_contracts.ravel()])
            return True
        posts = self.now + side.moved(distance)
        best = _judged_posts(problem, posts)
        if best.objective("coverage") <= coverage * (1.0 + AS_GOOD):
            return False
        self._plans.append(posts)
        self._covered = np.vstack([self._covered, best.expected_contracts.ravel()])
        return True

    def lead(self, side: EndSide, distance: float) -> tuple[float, Floats]:
        """Lead in coverage of the best other plan over the present plan, and its posts."""
        problem = side.problem(distance)
        weight, found = problem.weight.ravel(), self._plans[self._first_found :]
        own, others = float((self._own @ weight).max()), self._covered @ weight
        if side.changes_split:
            own = _judged_posts(problem, self.now).objective("coverage")
            others[self._first_found :] = [
                _judged_posts(problem, posts).objective("coverage") for posts in found
            ]
        if not self._plans:
            return -own * (1.0 + AS_GOOD), self.now
        best = int(np.argmax(others))
        return float(others[best]) - own * (1.0 + AS_GOOD), self._plans[best]


def find_step_end(side: EndSide, known: WeightEndPlans) -> End:
    """Find the end of a weight to one side, up to which the present plan is the best one."""
    last = min(side.to_edge, FURTHEST_IN_STEPS * side.scale)

    def lead(distance: float) -> float:
        return known.lead(side, distance)[0]

    for __ in range(_MOST_ROUNDS):
        at_start = min(-1e-12, lead(0.0))
        inside, beyond = first_crossing(lead, at_start, 0.02 * side.scale, side.scale, last)
        places = [inside, 0.5 * inside] if side.changes_split else [inside]
        if not any(known.learn(side, distance) for distance in places):
            break
    for zero in side.zeros():  # beyond, later stages choose among plans that cover as much
        past = min(zero * (1.0 + EXACT), side.to_edge)
        if past <= inside and side.largest_move_fte(past) > 0:
            return End(side.value(zero), "jumps", side.moved(past))
    if beyond is None:
        return side.end_not_met(inside)
    return End(side.value(inside), "jumps", known.lead(side, beyond)[1] - known.now)


def _neighbours(problem: Problem, now: Floats) -> Iterator[Evaluation]:
    """Plans that differ by a step in every year: one post more, one fewer, or one elsewhere.

    Contracts covered in an area depend on its own posts alone. A plan with a move in every area is
    therefore judged once for all these moves.
    """
    base = _judged_posts(problem, now)
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
            there, judged = problem.area_of == area[[*part]].max(), found[part]
            effort[there] = judged.effort_fte[there]
            covered[there] = judged.expected_contracts[there]
        yield Evaluation(problem, *moved((giver, taker)), effort, covered)


def _judged_posts(problem: Problem, posts: Floats) -> Evaluation:
    return problem.judge(*posts_arrays(problem, posts))
