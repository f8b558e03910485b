"""A concave curve between straight lines: the chord of two points, and a line above it at each.

Between two points the curve lies above their chord and below both lines, in a triangle. How far it
can be from the chord is the triangle's height, whatever the curve. The next point is sought where
a parabola with these tangents would need it, so that the triangles left are about as high as
allowed. See Rote, *The convergence rate of the sandwich algorithm* (1992).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fte_alloc.errors import InfeasibleError, SolverError, StoppedError
from fte_alloc.programme.bound import stage_row
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.stage_proof import StageProof
from fte_alloc.questions.document_parts import Progress

if TYPE_CHECKING:
    from fte_alloc.search.epsilon_constraint import EpsilonConstraint

#: The curve is no further than this from the straight lines between its points, where the way
#: between its ends counts 1 in either objective.
WITHIN = 1e-4
#: Points looked for at most: more are needed only where the bounds cannot tell plans apart.
MOST_POINTS = 300
#: A line that stands upright on a chord is as high above it as one that leans by this.
UPRIGHT = 1e-12
#: No point is sought closer to another than this share of the way between two.
CLOSEST = 0.02


@dataclass(frozen=True, eq=False)
class Touching:
    """A point of the curve and a line that the curve nowhere passes.

    at : (u, w), u falling and w rising along the curve
    normal, most : normal · (u, w) ≤ most for every point of the curve; neither part below 0
    """

    at: Floats
    normal: Floats
    most: float

    def height(self, at: Floats, outward: Floats) -> float:
        """How high the line is above a point."""
        return (self.most - float(self.normal @ at)) / max(float(self.normal @ outward), UPRIGHT)


class Triangle:
    """What two neighbours leave open.

    apex : where their lines meet
    height : no point of the curve between them is further from their chord

    Heights of the two lines above the chord are linear along it, so that the lower of the two is
    highest at an end or where they cross. A curve that only falls cannot leave the box of the two
    points either, which is half its diagonal high.
    """

    def __init__(self, one: Touching, other: Touching) -> None:
        self.one, self.other, self.apex, self.height = one, other, one.at, 0.0
        chord = other.at - one.at
        length = float(np.hypot(*chord))
        if length == 0.0:
            return
        outward = np.array([chord[1], -chord[0]]) / length
        low, high = ([line.height(at.at, outward) for at in (one, other)] for line in (one, other))
        turn = high[0] - low[0] + low[1] - high[1]
        crossing = min(max((high[0] - low[0]) / turn, 0.0), 1.0) if turn > 0 else 0.5
        height, s = max(
            (min((1 - s) * left + s * right for left, right in (low, high)), s)
            for s in (0.0, crossing, 1.0)
        )
        self.height = max(0.0, min(height, length / 2))
        self.apex = one.at + s * chord + self.height * outward

    def pieces(self, within: float) -> int:
        """Pieces that a parabola with these tangents needs, for triangles no higher than this."""
        return max(1, math.ceil(math.sqrt(self.height / within)))

    def next_u(self, within: float) -> float:
        """Where to look for the next point."""
        many = self.pieces(within)
        u = float(self.apex[0])  # two pieces: a kink is met exactly
        if many > 2:
            t = (many // 2) / many
            ends = (1 - t) ** 2 * self.one.at[0] + t**2 * self.other.at[0]
            u = float(ends + 2 * t * (1 - t) * u)
        low, high = float(self.other.at[0]), float(self.one.at[0])
        aside = CLOSEST * (high - low)
        return min(max(u, low + aside), high - aside)


# -- the points of a trade-off ---------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Point:
    """A plan on the curve: no other has more of one objective and no less of the other.

    judged : the plan
    first, second : what it has of the two objectives
    stages : the two as served or held, in this order
    proofs : of the plans at the ends that both stages are served, or the first alone; of others
        that the second is while the first is kept at what the plan has of it
    """

    judged: Evaluation
    first: float
    second: float
    stages: tuple[str, str]
    proofs: tuple[StageProof, ...]

    @property
    def slope(self) -> float | None:
        """By the prices: what one more of *first* changes *second* by; None at ends, in steps."""
        first = self.proofs[0]
        is_end = first.objective == self.stages[0]
        if is_end or first.is_by_solver or first.tables is not None:
            return None
        return first.duals[stage_row(0, self.stages[0])]


class StepPoints(NamedTuple):
    """Points in steps, why they are not all proved, and how many levels were not looked at."""

    points: list[Point]
    reason: str | None
    left_out: int = 0


class Curve:
    """The points found so far, in their order along the curve, and what they leave open.

    Objectives are scaled so that the way between the ends counts 1; more is better.

    points : two or more, the ends among them
    """

    def __init__(self, names: tuple[str, str], points: Sequence[Point]) -> None:
        one, *_, other = self.points = [*points]
        self.names, self.worst = names, np.array([other.first, one.second])
        self.way = np.array([one.first, other.second]) - self.worst
        self.touching = [self._line(point) for point in points]

    def scaled(self, first: float, second: float) -> Floats:
        """Values of the objectives, scaled (2,)."""
        return (np.array([first, second]) - self.worst) / self.way

    def triangles(self, since: int = 0) -> list[Triangle]:
        """What neighbours leave open, from a point on."""
        return [Triangle(*pair) for pair in pairwise(self.touching[since:])]

    def _line(self, point: Point) -> Touching:
        """A point, and the line that its prices prove.

        At an end, no plan has more of the objective that it serves first.
        """
        bound, first = point.proofs[0].bound, point.first
        if point.slope is None:
            normal, first = np.eye(2)[self.names.index(point.stages[0])], bound
        else:
            steep = max(0.0, -point.slope * float(self.way[0] / self.way[1]))
            normal = np.array([steep, 1.0]) / np.hypot(steep, 1.0)
        most = float(normal @ self.scaled(first, bound))
        return Touching(self.scaled(point.first, point.second), normal, most)

    def refine(self, search: EpsilonConstraint, progress: Progress) -> None:
        """Add points until the curve is close enough to the lines between them.

        Where a point cannot be proved, what its neighbours leave open stays open.
        """
        at = 0
        while at + 1 < len(self.points) and len(self.points) < MOST_POINTS:
            open_here = Triangle(self.touching[at], self.touching[at + 1])
            progress(at + 1, at + 1 + sum(t.pieces(WITHIN) for t in self.triangles(at)))
            found = self._between(search, at, open_here) if open_here.height > WITHIN else None
            if found is None:
                at += 1
                continue
            self.points.insert(at + 1, found)
            self.touching.insert(at + 1, self._line(found))

    def _between(self, search: EpsilonConstraint, at: int, open_here: Triangle) -> Point | None:
        """A point between two neighbours; None where none is proved."""
        one, other = self.points[at : at + 2]
        level = float(self.worst[0] + open_here.next_u(WITHIN) * self.way[0])
        if not search.problem.curves.exact_pieces:
            level = _rounded(level, min(abs(level - one.first), abs(level - other.first)))
        try:
            judged = search.at(level, (one.judged, other.judged))
        except (InfeasibleError, SolverError, StoppedError):
            return None
        if not search.proved or judged.violations:
            return None
        first, second = map(judged.objective, self.names)
        return Point(judged, first, second, self.names, (search.proofs[1],))


def _rounded(level: float, room: float) -> float:
    """A level with few digits, no more than an eighth of *room* away.

    A point so asked for does not move with the last bits of ``exp``, which are others elsewhere.
    """
    if room == 0.0:
        return level
    grain = 10.0 ** math.floor(math.log10(room / 4))
    return grain * math.floor(level / grain + 0.47)  # not at halves, where round ends have middles
