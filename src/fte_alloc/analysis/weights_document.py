"""What a look at weights finds, and its ``fte-alloc/weights/1`` document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from fte_alloc.analysis.weight_ends import EXACT, End
from fte_alloc.analysis.weight_rates import Rates
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.problem import Problem
from fte_alloc.scenario.weighing import Weight
from fte_alloc.search.document import evaluation_document
from fte_alloc.search.plan import Plan

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Interval:
    """How far one weight may move.

    still : why nothing moves, whatever its value: ``no_stage`` looks at weights, or ``same`` for
        all contracts that can be covered; None where posts answer it
    low, high : its ends
    rates : of all posts, where the weight is now
    """

    weight: Weight
    still: str | None
    low: End
    high: End
    rates: Rates

    @property
    def slack(self) -> float:
        """Distance of the nearer end, as a share of the weight where it is above 1."""
        value = self.weight.value
        ends = [end.value for end in (self.low, self.high) if end.moved is not None]
        near = [abs(value - end) for end in ends if end is not None]
        scale = value if self.weight.least is not None and value > 0 else 1.0
        return min(near, default=np.inf) / scale


@dataclass(frozen=True, eq=False)
class Weights:
    """How far each weight of a plan's objective may move.

    intervals : of the weights asked for, by kind and code
    left : keys of those that were not looked at before the time ran out
    """

    plan: Plan
    tolerance_fte: float
    intervals: tuple[Interval, ...]
    left: tuple[str, ...]

    @property
    def status(self) -> str:
        """``optimal``, or ``stopped`` where some weights are left."""
        return "stopped" if self.left else "optimal"

    @cached_property
    def document(self) -> dict[str, Any]:
        """As a ``fte-alloc/weights/1`` document."""
        return weights_document(self)

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """One row a weight, with the columns of ``CSV_COLUMNS``."""
        return rows(self.document)

    @property
    def table(self) -> pd.DataFrame:
        """``rows`` as a table."""
        import pandas as pd

        return pd.DataFrame(self.rows(), columns=list(CSV_COLUMNS))


FORMAT = "fte-alloc/weights/1"
#: Who moves by less than this share of the largest move is not named.
NAMED = 0.1
#: Of those who move by this share of the largest move, the first in the order of posts is named.
TIED = 0.99
#: Rates at which the whole weight would move less are dust [FTE].
DUST_FTE = 1e-4

CSV_COLUMNS = (
    "key",
    "kind",
    "name",
    "value",
    "low",
    "high",
    "below_end",
    "below_role",
    "below_territory",
    "below_year",
    "below_fte",
    "below_rate",
    "above_end",
    "above_role",
    "above_territory",
    "above_year",
    "above_fte",
    "above_rate",
    "status",
    "still",
)


def weights_document(found: Weights) -> dict[str, Any]:
    """The answer as data; keys may be added, never renamed."""
    plan = found.plan
    problem = plan.problem
    one = head(problem)
    return {
        "format": FORMAT,
        "status": found.status,
        **one,
        "tolerance_fte": found.tolerance_fte,
        "relative_accuracy": EXACT,
        "step_fte": float(problem.step_fte),
        "weights": [_interval(problem, interval) for interval in found.intervals],
        "left": list(found.left),
    }


def head(problem: Problem) -> dict[str, Any]:
    """What the documents about weights begin with."""
    nothing = problem.judge(*problem.zeros())
    whole = evaluation_document(nothing, nothing)
    wanted = ("scenario", "title", "model", "years", "regional_figures", "inputs", "software")
    kept = {key: whole[key] for key in wanted if key in whole}
    if "inputs" in kept:
        kept["inputs"] = {k: v for k, v in kept["inputs"].items() if k != "values"}
    names = dict(zip(problem.areas, problem.area_names, strict=True))
    names |= dict(zip(problem.territories, problem.territory_names, strict=True))
    return {**kept, "names": names}


def _interval(problem: Problem, interval: Interval) -> dict[str, Any]:
    weight = interval.weight
    rates = interval.rates
    return {
        "key": weight.key,
        "kind": weight.kind,
        "code": weight.code,
        "name": _name(problem, weight),
        "unit": "1",
        "value": weight.value,
        "status": weight.status,
        "origin": weight.origin,
        "least": weight.least,
        "still": interval.still,
        "slack": None if np.isinf(interval.slack) else interval.slack,
        "low": interval.low.value,
        "high": interval.high.value,
        "below": _end(problem, interval.low, rates.below),
        "above": _end(problem, interval.high, rates.above),
        "rate_unknown": rates.reason,
        "rates": _rates(problem, interval),
    }


def _name(problem: Problem, weight: Weight) -> str:
    names = {
        "segment": dict(zip(problem.segments, problem.segment_names, strict=True)),
        "territory": dict(zip(problem.territories, problem.territory_names, strict=True)),
    }
    return names.get(weight.kind, {}).get(weight.code, weight.code)


def _end(problem: Problem, end: End, rates: Floats | None) -> dict[str, Any]:
    """One side: why it ends there, and who moves just beyond, most first."""
    told: dict[str, Any] = {
        "end": end.why,
        "looked_to": end.looked_to,
        "gains": [],
        "loses": [],
        "moves_first": None,
    }
    if end.moved is None:
        return told
    keys = list(problem.post_keys())
    moved = np.abs(end.moved)
    order = np.argsort(-moved, kind="stable")
    first = int(np.argmax(moved >= TIED * moved.max()))
    for j in order:
        if moved[j] >= NAMED * moved.max():
            codes = told["gains" if end.moved[j] > 0 else "loses"]
            if keys[j][1] not in codes:
                codes.append(keys[j][1])
    told["moves_first"] = {
        **post_document(keys[first]),
        "fte": float(end.moved[first]),
        "rate": None if rates is None else float(rates[first]),
    }
    return told


def _rates(problem: Problem, interval: Interval) -> list[dict[str, Any]]:
    """Rates of the posts that move at all, in the order of documents."""
    below, above = interval.rates.below, interval.rates.above
    scale = abs(interval.weight.value) or 1.0
    rows = []
    for j, key in enumerate(problem.post_keys()):
        sides = {
            name: None if rates is None else float(rates[j])
            for name, rates in (("below", below), ("above", above))
        }
        if any(abs(rate or 0.0) * scale > DUST_FTE for rate in sides.values()):
            rows.append({**post_document(key), **sides})
    return rows


def post_document(key: tuple[str, str, int]) -> dict[str, Any]:
    """Whose post it is, and when."""
    role, code, year = key
    return {"role": role, "territory": code, "year": year}


def rows(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One row a weight, with the columns of ``CSV_COLUMNS``."""
    for weight in document["weights"]:
        row = {key: weight[key] for key in CSV_COLUMNS if key in weight}
        for side in ("below", "above"):
            row[f"{side}_end"] = weight[side]["end"]
            first = weight[side]["moves_first"] or {}
            row |= {f"{side}_{key}": value for key, value in first.items()}
        yield row
