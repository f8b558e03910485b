"""Plans as documents: ``fte-alloc/plan/1`` and ``fte-alloc/evaluation/1``, ready for JSON.

Everything printed is taken from a document, so that a saved plan and a new one print alike. Keys
may be added, never renamed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from fte_alloc.programme.data import ROLES
from fte_alloc.programme.limits import Limit
from fte_alloc.programme.problem import Evaluation, Problem
from fte_alloc.questions.document import document_coverage, document_number, scenario_keys
from fte_alloc.questions.objectives_in_words import objective_unit
from fte_alloc.questions.posts import all_posts

if TYPE_CHECKING:
    from fte_alloc.programme.objectives import StageProof

PLAN, EVALUATION = "fte-alloc/plan/1", "fte-alloc/evaluation/1"

#: Keys of a stage, in order.
_STAGE_KEYS = (
    *("objective", "sense", "unit", "value", "bound", "relative_gap", "concede", "in_plan"),
    *("kept", "relaxation_bound", "tables", "duals"),
)
#: Keys of ``scenario_keys`` that documents of plans have at their end.
_LAST_KEYS = ("regional_figures", "inputs", "software")


def document_price(problem: Problem, limit: Limit, gains: Mapping[str, Any]) -> dict[str, Any]:
    """A limit's price, with its gains, as plan documents have it, per ``priced_per``."""
    first = problem.stages[0].objective
    return {
        "constraint": limit.name,
        "territory": (place := problem.place_of(limit))["territory"],
        "year": limit.year,
        "national": limit.is_national(problem.shape),
        "sense": limit.sense,
        "stage": first,
        **gains,
        "unit": f"{objective_unit(problem, first)} per {limit.priced_per}",
        "area": place["area"],
    }


def proved_plan_document(
    judged: Evaluation,
    status: str,
    prices: Sequence[dict[str, Any]],
    stages: Sequence[StageProof],
    reason: str | None = None,
) -> dict[str, Any]:
    """Plan document made from an evaluation, the prices, and the proofs of the stages."""
    problem, first = judged.problem, stages[0] if stages else None
    document = _judged_document(judged, problem.judge(*problem.zeros()), PLAN, status)
    if first is not None and first.objective == "coverage":
        document["coverage"] |= {"upper_bound": first.bound, "relative_gap": first.relative_gap}
    document["prices"] = list(prices)
    document["stages"] = [
        {key: getattr(stage, key, None) for key in _STAGE_KEYS if key != "tables" or stage.tables}
        | {"unit": objective_unit(problem, stage.objective)}
        for stage in stages
    ]
    document["rounding"] = None if first is None else _rounding(problem, first)
    if reason is not None:
        document["reason"] = reason
    return document


def _rounding(problem: Problem, first: StageProof) -> dict[str, Any] | None:
    """Entry of the largest loss of the first stage due to steps; None for continuous posts."""
    continuous = first.relaxation_bound
    if continuous is None:
        return None
    loss = continuous - first.value if first.sense == "maximise" else first.value - continuous
    return {
        "step_fte": problem.least_step_fte,
        "objective": first.objective,
        "unit": objective_unit(problem, first.objective),
        "continuous_bound": continuous,
        "loss": loss,
        "relative_loss": loss / (abs(continuous) or 1.0),
    }


def _judged_document(
    e: Evaluation, without_new_posts: Evaluation, format_: str, status: str
) -> dict[str, Any]:
    """The document of judged posts, and of posts in place alone, without prices and proofs."""
    p, years = e.problem, e.problem.years
    by_year = [_year_document(e, without_new_posts, t) for t in range(len(years))]
    first = scenario_keys(p)
    last = {key: first.pop(key) for key in _LAST_KEYS if key in first}
    document: dict[str, Any] = {"format": format_, **first, "status": status, **by_year[-1]}
    document["coverage"] = document["coverage"] | {
        "objective": e.objective("coverage"),
        "upper_bound": None,
        "relative_gap": None,
        "weighted": p.is_weighted,
        "objective_unit": objective_unit(p, "coverage"),
    }
    if len(years) > 1:
        each = zip(years, by_year, strict=True)
        document["by_year"] = [{"year": year, **figures} for year, figures in each]
    n, y = p.contracts_per_year.sum(axis=0), e.expected_contracts.sum(axis=0)
    document["segments"] = [
        {
            "segment": segment,
            "name": p.segment_names[s],
            "year": year,
            **document_coverage(n[t, s], y[t, s]),
            "weight": float(p.segment_weight[s]),
        }
        for t, year in enumerate(years)
        for s, segment in enumerate(p.segments)
    ]
    document["posts"] = all_posts(e)
    document["territories"] = [row for t in range(len(years)) for row in _territory_rows(e, t)]
    return document | last


def _year_document(e: Evaluation, without_new_posts: Evaluation, t: int) -> dict[str, Any]:
    """Coverage, network and money of a year.

    status_quo_contracts : covered without new posts, effort split for the first objective
    no_new_post_contracts : covered without new posts, effort split to cover most contracts
    """
    p = e.problem
    judged = [one.expected_contracts for one in (e, without_new_posts, p.status_quo)]
    each = (float(of[:, t].sum()) for of in (p.contracts_per_year, *judged))
    contracts, covered, without, fact = each
    coverage = {
        "expected_contracts": covered,
        **document_coverage(contracts, covered),
        "target_rate": document_number(p.target_rate[t]),
        "status_quo_contracts": without,
        "no_new_post_contracts": fact,
    }
    existing, committed = p.existing_facilitators_fte, p.committed_facilitators_fte
    network = {
        "cap_fte": document_number(p.most_in_country("cap")[t]),
        "used_fte": float(e.used_fte[t]),
        "existing_fte": float(existing.sum() + p.existing_coordinators_fte.sum()),
        "committed_fte": float(committed.sum() + p.committed_coordinators_fte.sum()),
        "new_fte": float(e.new_fte[t]),
    }
    money = {
        "state_budget_eur": document_number(p.most_in_country("budget")[t]),
        "state_eur": float(e.state_eur[t]),
        "partners_eur": float(e.partners_eur[t]),
        "full_cost_eur": float(e.full_cost_eur[t]),
        "per_fte": {role: _money_per_fte(p, r, t) for r, role in enumerate(ROLES)},
    }
    return {"coverage": coverage, "network": network, "money": money}


def _money_per_fte(p: Problem, r: int, t: int) -> dict[str, Any]:
    """Money per FTE of a role by payer [EUR/(FTE.yr)], ``by_place`` where places differ."""
    payers = ("state_eur", "partners_eur", "full_cost_eur")
    money = p.grant_eur_per_fte[r], p.partner_share_eur[r], p.cost_eur_per_fte[r]
    places: dict[tuple[float, ...], list[str]] = {}
    for code, *each in zip(p.codes[ROLES[r]], *(of[:, t].tolist() for of in money), strict=True):
        places.setdefault(tuple(each), []).append(code)
    rows = [(dict(zip(payers, each, strict=True)), codes) for each, codes in places.items()]
    if len(rows) == 1:
        return rows[0][0]
    return {**dict.fromkeys(payers), "by_place": [row | {"places": codes} for row, codes in rows]}


def _territory_rows(e: Evaluation, t: int) -> list[dict[str, Any]]:
    p, held = e.problem, e.held_by(t)
    n, y = p.contracts_per_year, e.expected_contracts
    return [
        {
            "territory": code,
            "name": p.territory_names[i],
            "area": p.areas[p.area_of[i]],
            "year": p.years[t],
            **document_coverage(n[i, t].sum(), y[i, t].sum()),
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


def evaluation_document(judged: Evaluation, impossible: str | None = None) -> dict[str, Any]:
    """The ``fte-alloc/evaluation/1`` document of given posts, not yet compared with a best plan.

    impossible : ``arithmetic`` if it is proved that no plan exists, ``solver`` if it is unproved
    """
    p = judged.problem
    without_new_posts = p.judge(*p.zeros()) if judged.new_fte.any() else judged
    document = _judged_document(judged, without_new_posts, EVALUATION, "judged")
    document["prices"], document["stages"] = [], []
    document["violations"] = [asdict(violation) for violation in judged.violations]
    document["optimum"] = document["loss"] = None
    document["impossible"] = impossible
    return document
