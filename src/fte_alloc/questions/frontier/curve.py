"""A concave curve between straight lines: chords of its points, and a line above it at each point.

Between two points the curve lies above their chord and below both lines, in a triangle, whose
height is the largest possible distance between curve and chord. The next point is sought where a
parabola with these tangents would need it, so that the remaining triangles are about as high as
allowed. See Rote, *The convergence rate of the sandwich algorithm* (1992).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from fte_alloc.errors import InfeasibleError, SolverError, StoppedError
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.objectives import StageProof, stage_row
from fte_alloc.programme.problem import Evaluation
from fte_alloc.questions.document import Progress

if TYPE_CHECKING:
    from fte_alloc.search.epsilon_constraint import EpsilonConstraint

#: Largest accepted distance between the curve and the straight lines between its points, where
#: either objective is scaled to 1 between the ends.
WITHIN = 1e-4
#: Largest number of points: more are needed only where the bounds cannot tell plans apart.
MOST_POINTS = 300
#: Least cosine used between normals of line and chord, so that upright lines have finite heights.
UPRIGHT = 1e-12
#: Least distance of a new point from either neighbour, as a share of their distance in u.
CLOSEST = 0.02


@dataclass(frozen=True, eq=False)
class Touching:
    """A point of the curve and a line that the curve nowhere exceeds.

    at : (u, w), scaled values of the objectives; u falls and w rises along the curve
    normal, most : normal · (u, w) ≤ most at every point of the curve; no part of normal is below 0
    """

    at: Floats
    normal: Floats
    most: float

    def height(self, at: Floats, outward: Floats) -> float:
        """Distance from a point to the line in the direction *outward*, a unit vector."""
        return (self.most - float(self.normal @ at)) / max(float(self.normal @ outward), UPRIGHT)


class Triangle:
    """The triangle in which the curve lies between two neighbouring points.

    apex : the point of the triangle furthest from the chord, where both lines meet
    height : largest possible distance between the curve and the chord

    Heights of the two lines above the chord are linear along it, so that the lower of the two is
    highest at an end or where they cross. A falling curve stays within the rectangle of the two
    points, too, whose corner is at most half its diagonal above the chord.
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

    def pieces(self) -> int:
        """Number of pieces of a parabola with these tangents, of triangles low enough."""
        return max(1, math.ceil(math.sqrt(self.height / WITHIN)))

    def next_u(self) -> float:
        """Scaled value u at which the next point is sought."""
        many = self.pieces()
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
    """A plan on the curve: no other plan is better in one objective and no worse in the other.

    judged : the plan
    first, second : its values of the two objectives
    stages : names of the two objectives, in the order in which they are served or held
    proofs : of both stages or of the first, at the ends; elsewhere of the stage that is served
        while the other is held at the plan's value
    """

    judged: Evaluation
    first: float
    second: float
    stages: tuple[str, str]
    proofs: tuple[StageProof, ...]

    @property
    def slope(self) -> float | None:
        """Change of *second* per unit of *first*, from prices; None at the ends and in steps."""
        first = self.proofs[0]
        is_end = first.objective == self.stages[0]
        if is_end or first.is_by_solver or first.tables is not None:
            return None
        return first.duals[stage_row(0, self.stages[0])]


#: Points in steps, and the reason why some are not proved, a key of ``STOP_REASONS``.
StepPoints = tuple[list[Point], str | None]


class Curve:
    """The points found so far, in their order along the curve, and the triangles between them.

    Objectives are scaled: 0 is the worse end of the curve, 1 the better end.

    points : two or more, with both ends
    """

    def __init__(self, names: tuple[str, str], points: Sequence[Point]) -> None:
        one, *_, other = self.points = [*points]
        self.names, self.worst = names, np.array([other.first, one.second])
        self.way = np.array([one.first, other.second]) - self.worst
        self.touching = [self._line(point) for point in points]

    def scaled(self, first: float, second: float) -> Floats:
        """Scaled values of the two objectives [2]."""
        return (np.array([first, second]) - self.worst) / self.way

    def triangles(self, since: int = 0) -> list[Triangle]:
        """Triangles between neighbouring points, from point number *since* on."""
        return [Triangle(*pair) for pair in pairwise(self.touching[since:])]

    def _line(self, point: Point) -> Touching:
        """A point in scaled values, and the supporting line that its prices prove.

        At an end the line is the bound of the objective that is served first.
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
        """Add points until no triangle is higher than ``WITHIN``, up to ``MOST_POINTS``.

        Where no point between two neighbours can be proved, their triangle stays as it is.
        """
        at = 0
        while at + 1 < len(self.points) and len(self.points) < MOST_POINTS:
            open_here = Triangle(self.touching[at], self.touching[at + 1])
            progress(at + 1, at + 1 + sum(t.pieces() for t in self.triangles(at)))
            found = self._between(search, at, open_here) if open_here.height > WITHIN else None
            if found is None:
                at += 1
                continue
            self.points.insert(at + 1, found)
            self.touching.insert(at + 1, self._line(found))

    def _between(self, search: EpsilonConstraint, at: int, open_here: Triangle) -> Point | None:
        """A new point between point number *at* and the next; None where none is proved."""
        one, other = self.points[at : at + 2]
        level = float(self.worst[0] + open_here.next_u() * self.way[0])
        if not search.problem.curves.exact_pieces:
            level = _rounded(level, min(abs(level - one.first), abs(level - other.first)))
        try:
            judged = search.best_at(level, (one.judged, other.judged))
        except (InfeasibleError, SolverError, StoppedError):
            return None
        if not search.proved or judged.violations:
            return None
        first, second = map(judged.objective, self.names)
        return Point(judged, first, second, self.names, (search.proofs[1],))


def _rounded(level: float, room: float) -> float:
    """The level rounded to a multiple of a power of ten that is at most a quarter of *room*.

    The rounded level does not depend on the last bits of ``exp``, which differ between machines.
    """
    if room == 0.0:
        return level
    grain = 10.0 ** math.floor(math.log10(room / 4))
    return grain * math.floor(level / grain + 0.47)  # not 0.5: middles of round ends lie there
