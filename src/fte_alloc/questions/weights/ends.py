"""The distance by which a weight may move to one side before a post moves beyond a tolerance.

Posts come only from a function that returns those of the best plan of a problem. The first crossing
of the tolerance is bracketed by growing distances, and narrowed. Then the widest gaps between known
distances are halved a few times; an earlier crossing found there becomes the end.
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

#: Function from a problem to the new posts of its best plan, as in ``Problem.post_keys`` [FTE].
PostsAt = Callable[[Problem], Floats]

#: Accuracy of an end, as a share of its distance.
EXACT = 1e-4
#: Distances tried, as multiples of the weight; the last is the furthest.
STRIDES = (0.02, 0.1, 0.4, 1.0, 4.0, 30.0, 1e3, 1e6)
#: Furthest first distance that a rate may suggest, as a share of the weight.
FIRST = 0.4
#: Number of gaps halved in search of a crossing before the end.
HALVED = 3
#: A move just beyond an end counts as a jump where it exceeds this many tolerances.
JUMP = 1.1
#: Share by which coverage may miss the greatest one and still count as reaching it.
REACHED = 1e-9
_FLOOR_FTE = 1e-9


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


class Direction:
    """A weight that moves to one side, as a function of its distance from the present value.

    sign : −1 where it falls, +1 where it rises
    now : new posts of the plan [FTE]
    scale : |weight|, or 1 where it is 0: the unit of relative distances
    to_edge : distance of the last value that is allowed; inf if there is none
    moved : function from a distance to the change of every post [FTE]
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
        """Value of the weight at a distance."""
        if distance == self.to_edge and self.weight.least is not None:
            return self.weight.least
        return self.weight.value + self.sign * distance

    def problem(self, distance: float) -> Problem:
        """The problem with the weight at a distance.

        Raises InputError where nothing is left to maximise.
        """
        return self.weighing.problem_with({self.weight.key: self.value(distance)})

    def end_not_met(self, distance: float) -> End:
        """End of the interval where no crossing was found up to a distance."""
        if distance == self.to_edge:
            return End(self.weight.least, "edge")
        return End(None, "far", looked_to=self.value(distance))

    def most(self, distance: float) -> float:
        """Largest move of a post at a distance [FTE]; inf where nothing is left to maximise.

        Raises SolverError where the solver fails: with weights a million times another, values of
        plans differ too little.
        """
        try:
            return float(np.abs(self.moved(distance)).max(initial=0.0))
        except InputError:
            return math.inf
        except SolverError:
            raise SolverError(_(WEIGHTS_NOT_SOLVED)) from None


def find_end(side: Direction, tolerance_fte: float, rate: float) -> End:
    """Find the end of a weight's interval to one side.

    rate : largest rate of a post at the present weight [FTE per unit]; 0 where it is unknown
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
    if jumps and beyond == side.to_edge:  # posts jump only at the last value, such as 0
        inside = beyond
    return End(side.value(inside), "jumps" if jumps else "moves", side.moved(beyond))


# -- plans that stay, whatever the weight ----------------------------------------------------------


def stays(side: Direction) -> bool:
    """Whether the plan is proved best for every value of the weight to one side.

    The objective is F + w g, with g the contracts that the weight counts. A plan that is best for
    one w and has the greatest g of all plans is best for every greater w, as its lead over others
    never shrinks. Likewise, a plan with the least g is best for every smaller w; a territory alone
    in its area has the least g where its posts are the fewest allowed.
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
    """Narrow a bracket until it is at most exact(high) wide.

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
