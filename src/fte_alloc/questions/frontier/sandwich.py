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

import numpy as np

from fte_alloc.programme.curves import Floats

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


@dataclass(frozen=True, eq=False)
class Triangle:
    """What two neighbours leave open.

    apex : where their lines meet
    height : no point of the curve between them is further from their chord
    """

    one: Touching
    other: Touching
    apex: Floats
    height: float

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


def triangle(one: Touching, other: Touching) -> Triangle:
    """The triangle of two neighbours.

    Heights of the two lines above the chord are linear along it, so that the lower of the two is
    highest at an end or where they cross. A curve that only falls cannot leave the box of the two
    points either, which is half its diagonal high.
    """
    chord = other.at - one.at
    length = float(np.hypot(*chord))
    if length == 0.0:
        return Triangle(one, other, one.at, 0.0)
    outward = np.array([chord[1], -chord[0]]) / length
    low, high = (_heights(line, one.at, other.at, outward) for line in (one, other))
    turn = high[0] - low[0] + low[1] - high[1]
    crossing = min(max((high[0] - low[0]) / turn, 0.0), 1.0) if turn > 0 else 0.5
    height, s = max(
        (min((1 - s) * left + s * right for left, right in (low, high)), s)
        for s in (0.0, crossing, 1.0)
    )
    height = max(0.0, min(height, length / 2))
    return Triangle(one, other, one.at + s * chord + height * outward, height)


def _heights(line: Touching, one: Floats, other: Floats, outward: Floats) -> tuple[float, float]:
    """How high a line is above the two ends of a chord."""
    facing = max(float(line.normal @ outward), UPRIGHT)
    here, there = ((line.most - float(line.normal @ at)) / facing for at in (one, other))
    return here, there


def needed(points: Sequence[Touching], within: float) -> list[int]:
    """Indices of points that are enough for triangles no higher than this, the ends among them."""
    kept = [0]
    for j in range(1, len(points) - 1):
        if triangle(points[kept[-1]], points[j + 1]).height > within:
            kept.append(j)
    return [*kept, len(points) - 1] if len(points) > 1 else kept
