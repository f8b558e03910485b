"""Why no plan satisfies a scenario, and the least that would have to change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fte_alloc.inputs.entries import Inputs
from fte_alloc.inputs.load import ProblemLike, loaded_problem
from fte_alloc.inputs.overrides import command_line, override_texts
from fte_alloc.programme.limits import OWN
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.document import scenario_keys
from fte_alloc.questions.infeasible.adjustments import (
    Adjustment,
    Repair,
    adjustment_of,
    cheapest_combination,
    exemption_of,
    fitted_repair,
    least_change,
    rate_adjustments,
)
from fte_alloc.questions.infeasible.conflicts import Account, conflicts_of
from fte_alloc.questions.places import place_names
from fte_alloc.search.feasibility import is_feasible
from fte_alloc.shown import Tables

FORMAT = "fte-alloc/infeasible/2"


@dataclass(frozen=True, repr=False)
class Diagnosis(Tables):
    """Why a problem has no plan.

    document : ``fte-alloc/infeasible/2``; its proof is ``arithmetic``, or ``solver`` where only
        steps forbid a plan, which the solver states and confirms without presolve
    repairs : least single changes that suffice, the smallest relative one first; then several
        changes together, where they are relatively smaller or no single change suffices
    """

    problem: Problem
    document: dict[str, Any]
    repairs: Sequence[Repair]


def diagnose(problem: ProblemLike) -> Diagnosis:
    """Diagnose why no plan satisfies a problem, and what would have to change.

    Raises ValueError where a plan exists.
    """
    problem = loaded_problem(problem)
    if is_feasible(problem):
        raise ValueError("a plan exists")
    in_steps_only = problem.in_steps and is_feasible(problem.continuous())
    conflicts, inputs, whole = list(conflicts_of(problem)), problem.inputs, scenario_keys(problem)
    repairs, least = _cheapest_repairs(problem, conflicts) if inputs else ([], None)
    asked = whole.get("inputs", {"scenario": "", "file": "", "overrides": {}})
    document = {
        "format": FORMAT,
        **{key: whole[key] for key in ("scenario", "model", "title")},
        "title_fr": inputs.value("title_fr") if inputs else None,
        "status": "infeasible",
        "proof": "solver" if in_steps_only else "arithmetic",
        "names": place_names(problem),
        "territory": inputs.territory if inputs else "territory",
        "years": whole["years"],
        "conflict": [account for account, _rows in conflicts],
        "repairs": [_repair_document(repair, inputs) for repair in repairs],
        "least_relative_change": least,
        "inputs": {key: asked[key] for key in ("scenario", "file", "overrides")},
    }
    return Diagnosis(problem, document, repairs)


def _cheapest_repairs(
    problem: Problem, conflicts: Sequence[Account]
) -> tuple[list[Repair], float | None]:
    each = filter(None, dict.fromkeys(_adjustments(problem, conflicts)))
    alone = ((one, least_change(problem, one)) for one in each)
    found = [Repair({one: value}) for one, value in alone if value is not None]
    found.sort(key=lambda repair: (repair.relative, repair.options))
    cheapest = cheapest_combination(problem)
    together = fitted_repair(problem, cheapest[0]) if cheapest else None
    if together and not (found and found[0].relative <= together.relative * (1 + 1e-9)):
        found.append(together)
    return found, cheapest and cheapest[1]


def _adjustments(problem: Problem, conflicts: Sequence[Account]) -> Iterator[Adjustment | None]:
    """Adjustments of the limits in each conflict; None for a limit that has none."""
    for _account, rows in conflicts:
        has_own = any(row.name.startswith(OWN) for row in rows)
        for row in rows:
            if has_own:
                yield exemption_of(problem, row)
            yield adjustment_of(problem, row)
            yield from rate_adjustments(problem, row)


def _repair_document(repair: Repair, inputs: Inputs) -> dict[str, Any]:
    values = {one.key: value for one, value in repair.values.items()}
    return {
        "changes": [
            {
                "kind": one.kind,
                "key": one.key,
                "from": one.value,
                "to": value,
                "unit": one.of.name,
                "relative_change": (value - one.value) / one.scale,
            }
            for one, value in repair.values.items()
        ],
        "relative_change": repair.relative,
        "set": list(repair.options),
        "command": command_line("solve", inputs, override_texts(inputs, values)),
    }
