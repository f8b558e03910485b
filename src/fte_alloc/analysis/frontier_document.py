"""A trade-off curve as a ``fte-alloc/frontier/1`` document, ready for JSON and CSV."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from fte_alloc.document import evaluation_document, objective_unit
from fte_alloc.judging import Evaluation
from fte_alloc.problem import SENSES
from fte_alloc.stage_proof import StageProof

if TYPE_CHECKING:
    from fte_alloc.analysis.frontier import Frontier, Point

FORMAT = "fte-alloc/frontier/1"
FIGURES = ("relative_gap", "slope", "price_to_next", "distance_to_next", "elbow")
_ABOUT = ("scenario", "model", "title", "years", "regional_figures", "software")


def frontier_document(f: Frontier) -> dict[str, Any]:
    """The curve as data; keys may be added, never renamed."""
    from fte_alloc.analysis.frontier import WITHIN

    p, judged = f.problem, f.points[0].judged
    about = evaluation_document(judged, None, judged)
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
