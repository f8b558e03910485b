"""A trade-off curve, and its ``fte-alloc/frontier/1`` document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from fte_alloc.analysis.sandwich import Touching
from fte_alloc.programme.bound import stage_row
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.data import SENSES
from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.stage_proof import StageProof
from fte_alloc.search.document import evaluation_document, objective_unit

if TYPE_CHECKING:
    import pandas as pd


#: A curve that bulges no further than this is straight, and has no elbow.
STRAIGHT = 0.05


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
        """An end of the curve: nobody has more of the objective that it serves first."""
        normal = np.eye(2)[which]
        bound = np.full(2, point.proofs[0].bound)
        most = float(normal @ self.at(*bound))
        return Touching(self.at(point.first, point.second), normal, most)

    def between_ends(self, point: Point) -> Touching:
        """Another point of the curve, and the line that its prices prove."""
        assert point.slope is not None
        steep = max(0.0, -point.slope * float(self.way[0] / self.way[1]))
        normal = np.array([steep, 1.0]) / np.hypot(steep, 1.0)
        most = float(normal @ self.at(point.first, point.proofs[0].bound))
        return Touching(self.at(point.first, point.second), normal, most)


#: The curve is no further than this from the straight lines between its points, where the way
#: between its ends counts 1 in either objective.
WITHIN = 1e-4


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
        """As a ``fte-alloc/frontier/1`` document."""
        return frontier_document(self)


FORMAT = "fte-alloc/frontier/1"
FIGURES = ("relative_gap", "slope", "price_to_next", "distance_to_next", "elbow")
_ABOUT = ("scenario", "model", "title", "years", "regional_figures", "software")


def frontier_document(f: Frontier) -> dict[str, Any]:
    """The curve as data; keys may be added, never renamed."""
    p, judged = f.problem, f.points[0].judged
    about = evaluation_document(judged, judged)
    inputs = {k: v for k, v in about.get("inputs", {}).items() if k != "values"}
    values = about.get("inputs", {}).get("values", {})
    names = (f.first, f.second)
    codes = zip((*p.areas, *p.territories), (*p.area_names, *p.territory_names), strict=True)
    return {
        "format": FORMAT,
        **{key: about.get(key) for key in _ABOUT[:4]},
        "title_fr": values.get("title_fr"),
        "territory": values.get("territory"),
        "status": f.status,
        "objectives": list(names),
        "senses": {name: SENSES[name] for name in names},
        "units": {name: objective_unit(p, name) for name in names},
        "conflict": len(f.points) > 1,
        "within": WITHIN,
        "distance": f.distance,
        "elbow": f.elbow,
        "points": [_point(f, point, row) for point, row in zip(f.points, figures(f), strict=True)],
        "names": dict(sorted(codes)),
        **{key: about.get(key) for key in _ABOUT[4:]},
        "inputs": inputs,
    }


def figures(f: Frontier) -> Iterator[dict[str, Any]]:
    """The figures of every point.

    price_to_next : of a given up for one of b, on the straight line to the next point
    slope : of the line that its prices prove, b for one of a; None at the ends
    """
    steps = [_price(*neighbours) for neighbours in pairwise(f.points)]
    for j, point in enumerate(f.points):
        last = j + 1 == len(f.points)
        yield {
            "a": point.first,
            "b": point.second,
            "expected_contracts": float(point.judged.expected_contracts[:, -1].sum()),
            "relative_gap": point.relative_gap,
            "slope": point.slope,
            "price_to_next": None if last else steps[j],
            "distance_to_next": None if last else f.distances[j],
            "elbow": j == f.elbow,
        }


def columns(f: Frontier) -> tuple[str, ...]:
    """The columns of its table."""
    units = (f"{name}_unit" for name in (f.first, f.second))
    return ("point", f.first, f.second, *FIGURES, "expected_contracts", *units)


def rows(f: Frontier) -> Iterator[dict[str, Any]]:
    """The same under the names of the objectives, one row a point."""
    for number, row in enumerate(figures(f), start=1):
        named = {f.first: row["a"], f.second: row["b"]}
        units = {f"{name}_unit": objective_unit(f.problem, name) for name in named}
        kept = ("expected_contracts", *FIGURES)
        yield {"point": number, **named, **{key: row[key] for key in kept}, **units}


def _price(one: Point, other: Point) -> float:
    gained = other.second - one.second
    return abs((other.first - one.first) / gained) if gained else 0.0


def _point(f: Frontier, point: Point, row: dict[str, Any]) -> dict[str, Any]:
    """A point with its plan and its proofs: enough to judge and to prove it again."""
    p = f.problem
    return {
        "a": row["a"],
        "b": row["b"],
        "expected_contracts": row["expected_contracts"],
        "posts": _posts(point.judged),
        **{key: row[key] for key in FIGURES[:-1]},
        "stages": list(point.stages),
        "proofs": [_proof(proof) for proof in point.proofs],
        "effort": [
            {
                "territory": p.territories[i],
                "segment": p.segments[s],
                "year": p.years[t],
                "effort_fte": float(fte),
            }
            for (i, t, s), fte in np.ndenumerate(point.judged.effort_fte)
        ],
    }


def _posts(e: Evaluation) -> list[dict[str, Any]]:
    """New posts by (role, code, year), without what is in place."""
    p = e.problem
    x, z = e.new_facilitators_fte, e.new_coordinators_fte
    fte = {
        (role, codes[j], p.years[t]): float(value)
        for role, codes, posts in (("facilitator", p.territories, x), ("coordinator", p.areas, z))
        for (j, t), value in np.ndenumerate(posts)
    }
    return [
        {"territory": code, "role": role, "year": year, "new_fte": fte[role, code, year]}
        for role, code, year in p.post_keys()
    ]


def _proof(proof: StageProof) -> dict[str, Any]:
    """A stage's proof; rows without a price are left out."""
    return {
        "objective": proof.objective,
        "kept": dict(proof.kept),
        "value": proof.value,
        "bound": proof.bound,
        "relative_gap": proof.relative_gap,
        "duals": {row: price for row, price in proof.duals.items() if price != 0.0},
    }
