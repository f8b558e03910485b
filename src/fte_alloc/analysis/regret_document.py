"""Regret as a ``fte-alloc/regret/1`` document, ready for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from fte_alloc.document import evaluation_document, objective_unit
from fte_alloc.judging import Evaluation
from fte_alloc.worlds import AVERAGE, LARGEST, World

if TYPE_CHECKING:
    from fte_alloc.analysis.regret import Regret
    from fte_alloc.planning import Plan

FORMAT = "fte-alloc/regret/1"


def regret_document(r: Regret) -> dict[str, Any]:
    """The answer as data; keys may be added, never renamed."""
    judged, on_average = (
        {w.name: e for w, e in zip(plan.worlds, plan.judged.each, strict=True)}
        for plan in (r.safest, r.average)
    )
    documents = {
        w.name: evaluation_document(judged[w.name], None, judged[w.name]) for w in r.worlds
    }
    one = documents[min(documents)]
    problems = {w.name: w.problem for w in r.worlds}
    units = {n: objective_unit(p, p.stages[0].objective) for n, p in problems.items()}
    return {
        "format": FORMAT,
        "status": r.status,
        "scenarios": list(problems),
        "models": {name: document["model"] for name, document in documents.items()},
        "territory": one["inputs"]["values"].get("territory") if "inputs" in one else None,
        "years": one["years"],
        "relative": r.relative,
        "unit": "1" if r.relative else max(units.values(), key=len),
        "same_units": r.same_units,
        "largest_regret": r.largest_regret,
        "lower_bound": r.lower_bound,
        "relative_gap": r.safest.relative_gap,
        "worst": list(r.worst),
        "average_regret": r.safest.judged.objective(AVERAGE) / r.unit,
        "by_scenario": {
            w.name: {
                "title": documents[w.name]["title"],
                "objective": w.objective,
                "unit": units[w.name],
                "optimum": w.optimum,
                "reached": r.own[w.name].stages[0].value,
                "value": judged[w.name].objective(w.objective),
                "optimum_contracts": r.own[w.name].evaluation.objective("contracts"),
                "value_contracts": judged[w.name].objective("contracts"),
                **_regrets(w, judged[w.name]),
                "probability": w.probability,
                "counts_as": r.safest.counts_as.get(w.name),
            }
            for w in r.worlds
        },
        "posts": list(_posts(documents.values())),
        "average": {
            "average_regret": r.average.value / r.unit,
            "lower_bound": r.average.bound / r.unit,
            "relative_gap": r.average.relative_gap,
            "largest_regret": r.average.judged.objective(LARGEST) / r.unit,
            "worst": [name for name in r.own if name in r.average.worst],
            "by_scenario": {w.name: _regrets(w, on_average[w.name]) for w in r.worlds},
            "posts": _new_posts(r.average.judged.each[0]),
        },
        "own_plans": {name: _own(r, plan) for name, plan in r.own.items()},
        "regional_figures": one.get("regional_figures"),
        "inputs": {
            name: {k: v for k, v in document["inputs"].items() if k != "values"}
            for name, document in documents.items()
            if "inputs" in document
        },
        "software": one["software"],
    }


def _regrets(world: World, judged: Evaluation) -> dict[str, float | None]:
    """A regret in the scenario's unit, and as a share of its optimum."""
    regret = world.regret(judged)
    return {
        "regret": regret,
        "relative_regret": regret / world.optimum if world.optimum > 0 else None,
    }


def _own(r: Regret, plan: Plan) -> dict[str, Any]:
    """A scenario's own plan carried into all of them; where it breaks a limit, which."""
    carried = r.carried(plan)
    broken = {
        name: [
            {"constraint": v.constraint, "territory": v.territory, "year": v.year}
            for v in judged.violations
        ]
        for name, judged in carried.items()
    }
    largest = None
    if not any(broken.values()):
        largest = max(w.regret(carried[w.name]) / w.measure for w in r.worlds) / r.unit
    return {
        "largest_regret": largest,
        "by_scenario": {
            w.name: (
                {"regret": None, "relative_regret": None}
                if broken[w.name]
                else _regrets(w, carried[w.name])
            )
            | {"contracts": carried[w.name].objective("contracts"), "violations": broken[w.name]}
            for w in r.worlds
        },
        "posts": _new_posts(plan.evaluation),
    }


def _new_posts(judged: Evaluation) -> list[dict[str, Any]]:
    """New posts by (role, code, year), without what is in place."""
    rows = evaluation_document(judged, None, judged)["posts"]
    return [{key: row[key] for key in ("territory", "role", "year", "new_fte")} for row in rows]


def _posts(documents: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The posts as in plan documents; posts in place that scenarios differ in are None."""
    for rows in zip(*(document["posts"] for document in documents), strict=True):
        same = {
            key: rows[0][key] if all(row[key] == rows[0][key] for row in rows) else None
            for key in ("existing_fte", "committed_fte")
        }
        yield {**rows[0], **same}
