"""How far a weight may move to one side before a post moves by more than a tolerance.

Posts are looked at only through a callable that gives those of the best plan of a problem. The
first crossing is enclosed on the way outwards, narrowed down, and then looked for once more in
between: the way is halved where it was looked at least, and a crossing found there is the end.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from fte_alloc.errors import InputError, SolverError
from fte_alloc.inputs.weighing import Weighing, Weight
from fte_alloc.language import _
from fte_alloc.names import WEIGHTS_NOT_SOLVED
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.document_parts import posts_arrays

#: New posts of the best plan of a problem, in the order of ``Problem.post_keys`` [FTE].
PostsAt = Callable[[Problem], Floats]

#: An end is known to this share of its distance.
EXACT = 1e-4
#: Distances that are looked at, as shares of the weight; nothing further is.
STRIDES = (0.02, 0.1, 0.4, 1.0, 4.0, 30.0, 1e3, 1e6)
#: A rate says nothing of what is further than this share of the weight.
FIRST = 0.4
#: Times that the way to an end is halved to see whether it is a crossing before it.
HALVED = 3
#: A jump is a move that does not shrink with the distance to the end: this many tolerances.
JUMP = 1.1
#: The best that can be is reached where less than this share of it lacks.
REACHED = 1e-9
_FLOOR_FTE = 1e-9


class End(NamedTuple):
    """Where a weight may move to, to one side.

    value : the last value at which nobody notices; None: it may move without end
    why : ``moves`` a post moves by the tolerance there, and steadily; ``jumps`` posts jump there;
        ``edge`` there are no values beyond; ``stays`` the plan is proved to stay, whatever the
        value; ``far`` nobody noticed as far as was looked
    moved : change of every post just beyond the end; None where there is nothing beyond
    looked_to : the furthest value that was looked at, for ``far``
    """

    value: float | None
    why: str
    moved: Floats | None = None
    looked_to: float | None = None


class Direction:
    """One weight on its way to one side, by its distance from where it is.

    sign : −1 where it falls, +1 where it rises
    now : posts of the plan
    scale : what distances are measured against
    to_edge : distance of the last value that is allowed
    moved : gives the change of every post at a distance
    """

    def __init__(
        self, weighing: Weighing, weight: Weight, sign: float, now: Floats, posts_at: PostsAt
    ) -> None:
        self.weighing, self.weight, self.sign = weighing, weight, sign
        self.now, self.posts_at, self.scale = now, posts_at, abs(weight.value) or 1.0
        least = weight.least
        self.to_edge = math.inf if sign > 0 or least is None else weight.value - least
        self.moved = cache(lambda distance: posts_at(self.problem(distance)) - now)

    def value(self, distance: float) -> float:
        """The weight at a distance."""
        if distance == self.to_edge and self.weight.least is not None:
            return self.weight.least
        return self.weight.value + self.sign * distance

    def problem(self, distance: float) -> Problem:
        """The problem at a distance.

        Raises InputError where nothing is left to maximise.
        """
        return self.weighing.problem_with({self.weight.key: self.value(distance)})

    def end_not_met(self, distance: float) -> End:
        """The end where no crossing was met up to a distance."""
        if distance == self.to_edge:
            return End(self.weight.least, "edge")
        return End(None, "far", looked_to=self.value(distance))

    def most(self, distance: float) -> float:
        """The largest move of a post.

        Infinite where nothing is left to maximise. Raises SolverError where the solver gives up:
        weights a million times another leave it nothing to tell plans apart by.
        """
        try:
            return float(np.abs(self.moved(distance)).max(initial=0.0))
        except InputError:
            return math.inf
        except SolverError:
            raise SolverError(_(WEIGHTS_NOT_SOLVED)) from None


def find_end(side: Direction, tolerance_fte: float, rate: float) -> End:
    """The end of a weight to one side.

    rate : of the post that moves fastest, to begin with [FTE per unit]; 0 where it is not known
    """

    def excess(distance: float) -> float:
        return side.most(distance) - tolerance_fte

    last = min(side.to_edge, STRIDES[-1] * side.scale)
    guess = 1.05 * tolerance_fte / rate if rate > 0 else STRIDES[0] * side.scale
    guess = min(guess, FIRST * side.scale)
    inside, beyond = first_crossing(excess, -tolerance_fte, guess, side.scale, last)
    if beyond is None:
        return side.end_not_met(inside)
    if math.isinf(side.most(beyond)):
        return End(side.value(inside), "edge")
    jumps = side.most(beyond) > JUMP * tolerance_fte
    if jumps and beyond == side.to_edge:  # only where the weight is gone
        inside = beyond
    return End(side.value(inside), "jumps" if jumps else "moves", side.moved(beyond))


# -- plans that stay, whatever the weight ----------------------------------------------------------


def stays(side: Direction) -> bool:
    """Whether the plan is best for every value to one side, by an argument and not by looking.

    F + w g is maximised, g the contracts that the weight counts. A plan that is best for one w and
    has the greatest g of all plans is best for every greater w: another gains no g, and what it
    loses of F it loses still. So it is with the least g for every smaller w; a territory that is
    its own area has it where its posts are the fewest allowed.
    """
    problem, weight = side.weighing.problem, side.weight
    if weight.kind != "territory":
        return False
    i = problem.territories.index(weight.code)
    if not problem.alone_in_area[i] or any(
        stage.concede for stage in problem.stages if stage.objective == "coverage"
    ):
        return False
    x, z = posts_arrays(problem, side.now)
    a = problem.area_of[i]
    if side.sign < 0:
        fewest = problem.fewest_new_fte
        few = np.all(x[i] <= fewest[0][i] + _FLOOR_FTE)
        return bool(few and np.all(z[a] <= fewest[1][a] + _FLOOR_FTE))
    if problem.stages[0].objective != "coverage" or not np.any(x[i] > 0):
        return False
    alone = side.weighing.alone(weight.key)
    best = alone.judge(*posts_arrays(alone, side.posts_at(alone))).objective("coverage")
    return bool(alone.judge(x, z).objective("coverage") >= best * (1.0 - REACHED))


# -- the first crossing ----------------------------------------------------------------------------


def first_crossing(
    excess: Callable[[float], float], at_start: float, guess: float, scale: float, last: float
) -> tuple[float, float | None]:
    """Two distances, EXACT apart, between which an excess first becomes positive.

    excess : continuous or not, not necessarily rising
    at_start : the excess at distance 0, below 0
    guess : where to look first; scale : what STRIDES are shares of; last : nothing lies beyond

    The last that was looked at and None, where the excess is not positive before: at the distances
    looked at, and between them where the way was halved. That is *last*, or where the excess raises
    SolverError further out; what it raises before that is passed on.
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
        # A stride further, or where the excess will be positive if it goes on.
        inside, far = stride, 30.0 * stride
        stride = min(next((s * scale for s in STRIDES if s * scale > 1.5 * inside), far), far)
        if at > 0.98 * at_start:
            stride = min(stride, max(1.5 * inside, 1.1 * inside * at_start / (at_start - at)))
        stride = min(stride, last)
    if beyond is not None:
        inside, beyond = narrowed(look, inside, beyond, known[inside], known[beyond])

    def log(distance: float) -> float:
        return math.log1p(distance / scale)

    for __ in range(HALVED):
        gaps = [
            (log(high) - log(low), low, high)
            for low, high in pairwise(sorted(d for d in known if d <= inside))
        ]
        gap, low, high = max(gaps, default=(0.0, 0.0, 0.0))
        if gap <= EXACT * log(inside):
            break
        middle = scale * math.expm1(0.5 * (log(low) + log(high)))
        if look(middle) > 0:
            inside, beyond = narrowed(look, low, middle, known[low], known[middle])
    return inside, beyond


def narrowed(
    look: Callable[[float], float],
    low: float,
    high: float,
    at_low: float,
    at_high: float,
    exact: Callable[[float], float] = lambda high: EXACT * high,
) -> tuple[float, float]:
    """A bracket narrowed to what is asked: EXACT of itself, where nothing else is said.

    Secants, those of an end that stays counted half (Illinois), never nearer to an end than what is
    asked, so that the other end comes near too; the middle where they do not halve the bracket.
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
