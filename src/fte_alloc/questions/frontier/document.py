"""A trade-off curve, and its ``fte-alloc/frontier/1`` document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from fte_alloc.programme.bound import stage_row
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.objectives import OBJECTIVES
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.stage_proof import StageProof
from fte_alloc.questions.document_parts import about, names_of, posts_of, without_values
from fte_alloc.questions.frontier.sandwich import Touching
from fte_alloc.questions.plan_document import objective_unit

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "fte-alloc/frontier/1"
#: A curve that bulges no further than this is straight, and has no elbow.
STRAIGHT = 0.05
#: The curve is no further than this from the straight lines between its points, where the way
#: between its ends counts 1 in either objective.
WITHIN = 1e-4
#: Figures of a point in CSV, besides its values of the objectives.
FIGURES = ("relative_gap", "slope", "price_to_next", "distance_to_next")


@dataclass(frozen=True, eq=False)
class Scale:
    """Objectives scaled so that the way between the ends counts 1; more is better.

    worst, way : of either objective, (2,)
    """

    worst: Floats
    way: Floats

    @classmethod
    def between(cls, one: Point, other: Point) -> Scale:
        """The scale of a curve from *one* to *other*."""
        worst = np.array([other.first, one.second])
        return cls(worst, np.array([one.first, other.second]) - worst)

    def at(self, first: float, second: float) -> Floats:
        """Values of the objectives, scaled (2,)."""
        return (np.array([first, second]) - self.worst) / self.way

    def level(self, u: float) -> float:
        """The value of the first objective that is scaled to u."""
        return float(self.worst[0] + u * self.way[0])

    def end(self, point: Point, which: int) -> Touching:
        """An end of the curve: no plan has more of the objective that it serves first."""
        bound = point.proofs[0].bound
        return self._touching(point, np.eye(2)[which], bound, bound)

    def between_ends(self, point: Point) -> Touching:
        """Another point of the curve, and the line that its prices prove."""
        assert point.slope is not None
        steep = max(0.0, -point.slope * float(self.way[0] / self.way[1]))
        normal = np.array([steep, 1.0]) / np.hypot(steep, 1.0)
        return self._touching(point, normal, point.first, point.proofs[0].bound)

    def _touching(self, point: Point, normal: Floats, first: float, second: float) -> Touching:
        """A point, and the line with this normal through the values *first* and *second*."""
        most = float(normal @ self.at(first, second))
        return Touching(self.at(point.first, point.second), normal, most)


@dataclass(frozen=True, eq=False)
class Point:
    """A plan on the curve: no other has more of one objective and no less of the other.

    judged : the plan
    first, second : what it has of the two objectives
    stages : the two as served or held, in this order
    proofs : of the plans at the ends that both stages are served, of others that the second is
        while the first is kept at what the plan has of it
    """

    judged: Evaluation
    first: float
    second: float
    stages: tuple[str, str]
    proofs: tuple[StageProof, ...]

    @property
    def relative_gap(self) -> float:
        """The greatest of its proofs' gaps."""
        return max(proof.relative_gap for proof in self.proofs)

    @property
    def slope(self) -> float | None:
        """By the prices: what one more of *first* changes *second* by; None at the ends."""
        if len(self.proofs) > 1:
            return None
        return self.proofs[0].duals[stage_row(0, self.stages[0])]


@dataclass(frozen=True, eq=False)
class Frontier:
    """The trade-off of two objectives under the limits of a scenario.

    first, second : names of the objectives
    points : from the best *first* to the best *second*; one where the two do not conflict
    distances : how far the curve can be from the straight line to the next point at most, the way
        between the ends counting 1 in either objective
    """

    problem: Problem
    first: str
    second: str
    points: tuple[Point, ...]
    distances: tuple[float, ...]

    @property
    def distance(self) -> float:
        """How far the curve is from the straight lines between its points at most."""
        return max(self.distances, default=0.0)

    @property
    def status(self) -> str:
        """``optimal``, or ``stopped`` where a limit was reached before the points were dense."""
        return "optimal" if self.distance <= WITHIN else "stopped"

    @property
    def scaled(self) -> Floats:
        """The points where the ends are (1, 0) and (0, 1) (points, 2); nothing for one point."""
        if len(self.points) == 1:
            return np.zeros((0, 2))
        scale = Scale.between(self.points[0], self.points[-1])
        return np.array([scale.at(point.first, point.second) for point in self.points])

    @property
    def elbow(self) -> int | None:
        """Index of the point furthest from the straight line between the ends."""
        if len(self.points) < 3:
            return None
        bulge = self.scaled.sum(axis=1)
        furthest = int(np.argmax(bulge))
        return furthest if bulge[furthest] > 1.0 + STRAIGHT else None

    @property
    def table(self) -> pd.DataFrame:
        """One row a point."""
        import pandas as pd

        return pd.DataFrame(list(rows(self)))

    @cached_property
    def document(self) -> dict[str, Any]:
        """As a ``fte-alloc/frontier/1`` document; keys may be added, never renamed."""
        p, names, whole = self.problem, (self.first, self.second), about(self.problem)
        inputs = whole.get("inputs", {})
        values = inputs.get("values", {})
        return {
            "format": FORMAT,
            **{key: whole[key] for key in ("scenario", "model", "title", "years")},
            "title_fr": values.get("title_fr"),
            "territory": values.get("territory"),
            "status": self.status,
            "objectives": list(names),
            "senses": {name: OBJECTIVES[name].sense for name in names},
            "units": {name: objective_unit(p, name) for name in names},
            "conflict": len(self.points) > 1,
            "within": WITHIN,
            "distance": self.distance,
            "elbow": self.elbow,
            "points": [_point(self, j) for j in range(len(self.points))],
            "names": dict(sorted(names_of(p).items())),
            "regional_figures": whole.get("regional_figures"),
            "software": whole["software"],
            "inputs": without_values(inputs),
        }


def columns(f: Frontier) -> tuple[str, ...]:
    """The columns of its table."""
    return tuple(next(rows(f)))


def rows(f: Frontier) -> Iterator[dict[str, Any]]:
    """Figures of the document under the names of the objectives, one row a point."""
    elbow, units = f.elbow, f.document["units"]
    for number, point in enumerate(f.document["points"], start=1):
        yield {
            "point": number,
            f.first: point["a"],
            f.second: point["b"],
            **{key: point[key] for key in FIGURES},
            "elbow": number - 1 == elbow,
            "expected_contracts": point["expected_contracts"],
            **{f"{name}_unit": unit for name, unit in units.items()},
        }


def _point(f: Frontier, j: int) -> dict[str, Any]:
    """A point with its plan and its proofs: enough to judge and to prove it again.

    price_to_next : of a given up for one of b, on the straight line to the next point
    slope : of the line that its prices prove, b for one of a; None at the ends
    """
    p, point, following = f.problem, f.points[j], f.points[j + 1 : j + 2]
    keys = ("territory", "segment", "year", "effort_fte")
    return {
        "a": point.first,
        "b": point.second,
        "expected_contracts": float(point.judged.expected_contracts[:, -1].sum()),
        "posts": [
            {"territory": code, "role": role, "year": year, "new_fte": fte}
            for (role, code, year), fte in posts_of(point.judged).items()
        ],
        "relative_gap": point.relative_gap,
        "slope": point.slope,
        "price_to_next": _price(point, *following) if following else None,
        "distance_to_next": f.distances[j] if following else None,
        "stages": list(point.stages),
        "proofs": [_proof(proof) for proof in point.proofs],
        "effort": [
            dict(zip(keys, (p.territories[i], p.segments[s], p.years[t], float(fte)), strict=True))
            for (i, t, s), fte in np.ndenumerate(point.judged.effort_fte)
        ],
    }


def _price(one: Point, other: Point) -> float:
    gained = other.second - one.second
    return abs((other.first - one.first) / gained) if gained else 0.0


def _proof(proof: StageProof) -> dict[str, Any]:
    """A stage's proof; rows without a price are left out."""
    keys = ("objective", "kept", "value", "bound", "relative_gap")
    duals = {row: price for row, price in proof.duals.items() if price != 0.0}
    return {**{key: getattr(proof, key) for key in keys}, "duals": duals}
