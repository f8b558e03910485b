"""Plans as documents: ``fte-alloc/plan/1`` and ``fte-alloc/evaluation/1``, ready for JSON.

Everything printed anywhere is taken from a document, so that a saved plan and a fresh one read
alike. Keys may be added, never renamed.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from fte_alloc.programme.data import COORDINATOR, FACILITATOR, ROLES
from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.limits import NETWORK, STATE, Limit
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.room import Limited

if TYPE_CHECKING:
    from fte_alloc.programme.stage_proof import StageProof

PLAN, EVALUATION = "fte-alloc/plan/1", "fte-alloc/evaluation/1"

#: Unit of each objective as documents give it.
OBJECTIVE_UNITS = {
    "coverage": "contracts",
    "contracts": "contracts",
    "worst_rate": "rate",
    "shortfall": "contracts",
    "territorial_shortfall": "contracts",
    "state_cost": "EUR",
    "posts": "FTE",
    "change": "FTE",
}


def objective_unit(problem: Limited, objective: str) -> str:
    """Unit of an objective; contracts are weighted ones where any weight is not 1."""
    weighted = objective == "coverage" and problem.is_weighted
    return "weighted contracts" if weighted else OBJECTIVE_UNITS[objective]


def price_row(problem: Problem, limit: Limit, gains: Mapping[str, Any]) -> dict[str, Any]:
    """The price of a limit, in the first objective's unit per ``Limit.priced_per``.

    gains : ``up``, ``down``, ``one_more`` and ``one_less``, as in ``prices.Price``
    """
    first = problem.stages[0].objective
    return {
        "constraint": limit.name,
        "territory": limit.code,
        "year": limit.year,
        "national": limit.is_national(problem.shape),
        "sense": limit.sense,
        "stage": first,
        **gains,
        "unit": f"{objective_unit(problem, first)} per {limit.priced_per}",
    }


def proved_document(
    judged: Evaluation,
    without_new_posts: Evaluation,
    status: str,
    prices: Sequence[dict[str, Any]],
    stages: Sequence[StageProof],
    reason: str | None = None,
) -> dict[str, Any]:
    """The document of a plan that was judged, from its prices and the proofs of its stages.

    reason : why it is stopped, if it is
    """
    problem, first = judged.problem, stages[0] if stages else None
    document = _judged(judged, without_new_posts)
    document["format"], document["status"] = PLAN, status
    if first is not None and first.objective == "coverage":
        document["coverage"] |= {"upper_bound": first.bound, "relative_gap": first.relative_gap}
    document["prices"] = list(prices)
    document["stages"] = [
        {
            "objective": stage.objective,
            "sense": stage.sense,
            "unit": objective_unit(problem, stage.objective),
            "value": stage.value,
            "bound": stage.bound,
            "relative_gap": stage.relative_gap,
            "concede": stage.concede,
            "in_plan": stage.in_plan,
            "kept": dict(stage.kept),
            "relaxation_bound": stage.relaxation_bound,
            "duals": dict(stage.duals),
        }
        for stage in stages
    ]
    document["rounding"] = None if first is None else _rounding(problem, first)
    if reason is not None:
        document["reason"] = reason
    return _ordered(document)


def _rounding(problem: Limited, first: StageProof) -> dict[str, Any] | None:
    """What steps cost the first stage at most, against the bound without steps."""
    continuous = first.relaxation_bound
    if continuous is None:
        return None
    loss = continuous - first.value if first.sense == "maximise" else first.value - continuous
    return {
        "step_fte": problem.step_fte,
        "objective": first.objective,
        "unit": objective_unit(problem, first.objective),
        "continuous_bound": continuous,
        "loss": loss,
        "relative_loss": loss / max(1.0, abs(continuous)),
    }


def evaluation_document(
    judged: Evaluation, without_new_posts: Evaluation, impossible: str | None = None
) -> dict[str, Any]:
    """A plan typed by hand as a ``fte-alloc/evaluation/1`` document, no best plan being known.

    without_new_posts : posts in place and renewed alone, their effort as that of the plan judged
    impossible : ``arithmetic`` or ``solver``: who says that there is none
    """
    document = _judged(judged, without_new_posts)
    document["format"], document["status"] = EVALUATION, "judged"
    document["prices"], document["stages"] = [], []
    document["violations"] = [
        {
            "constraint": v.constraint,
            "territory": v.territory,
            "year": v.year,
            "value": v.value,
            "limit": v.limit,
        }
        for v in judged.violations
    ]
    document["optimum"] = document["loss"] = None
    document["impossible"] = impossible
    return _ordered(document)


def _ordered(document: dict[str, Any]) -> dict[str, Any]:
    first = ("format", "scenario", "model", "title", "status", "years")
    return {k: document[k] for k in first} | {k: v for k, v in document.items() if k not in first}


def _judged(e: Evaluation, without_new_posts: Evaluation) -> dict[str, Any]:
    """What follows from an allocation of posts, without prices and proofs."""
    p, inputs, last = e.problem, e.problem.inputs, len(e.problem.years) - 1
    document: dict[str, Any] = {
        "scenario": inputs.label if inputs else "",
        "model": inputs.model if inputs else "",
        "title": inputs.title if inputs else "",
        "model_title": inputs.model_title if inputs else "",
        "years": list(p.years),
        "coverage": _coverage(e, without_new_posts, last)
        | {
            "objective": e.objective("coverage"),
            "upper_bound": None,
            "relative_gap": None,
            "weighted": p.is_weighted,
            "objective_unit": objective_unit(p, "coverage"),
        },
        "network": _network(e, last),
        "money": _money(e, last),
    }
    if len(p.years) > 1:
        document["by_year"] = [
            {
                "year": year,
                "coverage": _coverage(e, without_new_posts, t),
                "network": _network(e, t),
                "money": _money(e, t),
            }
            for t, year in enumerate(p.years)
        ]
    n, y = p.contracts_per_year.sum(axis=0), e.expected_contracts.sum(axis=0)
    document["segments"] = [
        {
            "segment": segment,
            "name": p.segment_names[s],
            "year": year,
            "contracts": float(n[t, s]),
            "expected_contracts": float(y[t, s]),
            "rate": _rate(y[t, s], n[t, s]),
            "weight": float(p.segment_weight[s]),
        }
        for t, year in enumerate(p.years)
        for s, segment in enumerate(p.segments)
    ]
    document["posts"] = list(_posts(e))
    document["territories"] = [row for t in range(len(p.years)) for row in _territories(e, t)]
    if inputs:
        total, assumed, published = inputs.regional()
        document["regional_figures"] = {
            "total": total,
            "assumption": assumed,
            "published": published,
        }
        document["inputs"] = {
            "scenario": inputs.name,
            "file": inputs.file,
            "overrides": dict(inputs.overrides),
            "files": dict(inputs.files),
            "resolved_sha256": inputs.resolved_sha256,
            "values": {key: entry.value for key, entry in inputs.entries.items()},
        }
    document["software"] = {
        "fte_alloc": version("fte-alloc"),
        "pulp": version("pulp"),
        "highspy": version("highspy"),
        "python": platform.python_version(),
    }
    return document


def _rate(covered: float, contracts: float) -> float | None:
    return float(covered / contracts) if contracts > 0 else None


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _coverage(e: Evaluation, without_new_posts: Evaluation, t: int) -> dict[str, Any]:
    """Contracts of a year, those of the plan and those covered with no new post.

    status_quo_contracts : the effort of posts in place split for the scenario's first objective
    no_new_post_contracts : the same split for the most contracts, whatever the scenario aims at
    """
    contracts = float(e.problem.contracts_per_year[:, t].sum())
    covered = float(e.expected_contracts[:, t].sum())
    return {
        "expected_contracts": covered,
        "contracts": contracts,
        "rate": _rate(covered, contracts),
        "target_rate": _finite(e.problem.target_rate[t]),
        "status_quo_contracts": float(without_new_posts.expected_contracts[:, t].sum()),
        "no_new_post_contracts": float(e.status_quo.expected_contracts[:, t].sum()),
    }


def _network(e: Evaluation, t: int) -> dict[str, Any]:
    p = e.problem
    committed = p.committed_facilitators_fte.sum() + p.committed_coordinators_fte.sum()
    return {
        "cap_fte": _finite(p.most_in_country(NETWORK)[t]),
        "used_fte": float(e.used_fte[t]),
        "existing_fte": float(
            p.existing_facilitators_fte.sum() + p.existing_coordinators_fte.sum()
        ),
        "committed_fte": float(committed),
        "new_fte": float(e.new_fte[t]),
    }


def _money(e: Evaluation, t: int) -> dict[str, Any]:
    return {
        "state_budget_eur": _finite(e.problem.most_in_country(STATE)[t]),
        "state_eur": float(e.state_eur[t]),
        "partners_eur": float(e.partners_eur[t]),
        "full_cost_eur": float(e.full_cost_eur[t]),
        "per_fte": {
            role: {
                "state_eur": float(e.problem.grant_eur_per_fte[r, t]),
                "partners_eur": float(e.problem.partner_share_eur(r)[t]),
                "full_cost_eur": float(e.problem.cost_eur_per_fte[r, t]),
            }
            for r, role in enumerate(ROLES)
        },
    }


def _posts(e: Evaluation) -> Sequence[dict[str, Any]]:
    p = e.problem
    roles = (
        (
            FACILITATOR,
            p.territories,
            p.territory_names,
            p.existing_facilitators_fte,
            p.committed_facilitators_fte,
            e.new_facilitators_fte,
        ),
        (
            COORDINATOR,
            p.areas,
            p.area_names,
            p.existing_coordinators_fte,
            p.committed_coordinators_fte,
            e.new_coordinators_fte,
        ),
    )
    rows = []
    for t, year in enumerate(p.years):
        for role, codes, names, existing, committed, new in roles:
            for j, code in enumerate(codes):
                opened = new[j, t] - (new[j, t - 1] if t else 0.0)
                rows.append(
                    {
                        "territory": code,
                        "name": names[j],
                        "role": role,
                        "year": year,
                        "existing_fte": float(existing[j]),
                        "committed_fte": float(committed[j]),
                        "new_fte": float(new[j, t]),
                        "opened_fte": float(opened),
                    }
                )
    return rows


def _territories(e: Evaluation, t: int) -> Sequence[dict[str, Any]]:
    p, held = e.problem, e.held_by(t)
    n, y = p.contracts_per_year, e.expected_contracts
    return [
        {
            "territory": code,
            "name": p.territory_names[i],
            "area": p.areas[p.area_of[i]],
            "year": p.years[t],
            "contracts": float(n[i, t].sum()),
            "expected_contracts": float(y[i, t].sum()),
            "rate": _rate(y[i, t].sum(), n[i, t].sum()),
            "weight": float(p.territory_weight[i]),
            "by_segment": {
                segment: {
                    "effort_fte": float(e.effort_fte[i, t, s]),
                    "expected_contracts": float(y[i, t, s]),
                }
                for s, segment in enumerate(p.segments)
            },
            "held_by": held[i],
        }
        for i, code in enumerate(p.territories)
    ]
