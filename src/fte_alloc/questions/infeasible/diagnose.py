"""Why no plan satisfies a scenario, and the least that would have to change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fte_alloc.inputs.entries import Inputs, command, settings
from fte_alloc.inputs.limits import FAMILIES
from fte_alloc.programme.limits import OWN
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.document_parts import names_of
from fte_alloc.questions.infeasible.adjustments import (
    Changes,
    Lever,
    cheapest_combination,
    distinct,
    exemption,
    fitted,
    is_possible,
    least_change,
    lever_of,
    rate_levers,
)
from fte_alloc.questions.infeasible.conflicts import Account, conflicts_of

FORMAT = "fte-alloc/infeasible/1"
#: Kinds of change a planner thinks of first; those that never help alone are named.
_USUAL = (*(name for name, family in FAMILIES.items() if family.comes_to_mind), "state_rate")


@dataclass(frozen=True)
class Diagnosis:
    """Why a problem has no plan.

    document : ``fte-alloc/infeasible/1``; its proof is ``arithmetic``, or ``solver`` where only
        steps forbid a plan: the solver's word then, confirmed without presolve
    repairs : least changes that suffice alone, the smallest relative one first; then, where several
        changes together are relatively smaller or none suffices alone, these
    """

    problem: Problem
    document: dict[str, Any]
    repairs: tuple[Changes, ...]


def diagnose(problem: Problem) -> Diagnosis:
    """Why no plan satisfies a problem, and what would have to change.

    Raises ValueError where a plan exists.
    """
    if is_possible(problem):
        raise ValueError("a plan exists")
    in_steps_only = problem.in_steps and is_possible(problem.continuous())
    conflicts, inputs = list(conflicts_of(problem)), problem.inputs
    repairs, least, unhelpful = _repairs(problem, conflicts) if inputs else ((), None, [])
    document = {
        "format": FORMAT,
        "scenario": inputs.label if inputs else "",
        "model": inputs.model if inputs else "",
        "status": "infeasible",
        "proof": "solver" if in_steps_only else "arithmetic",
        "names": names_of(problem),
        "territory": inputs.territory if inputs else "territory",
        "years": list(problem.years),
        "conflict": [account.document for account in conflicts],
        "repairs": [_repair_document(changes, inputs) for changes in repairs],
        "least_relative_change": least,
        "never_enough_alone": unhelpful,
        "inputs": {
            "scenario": inputs.name if inputs else "",
            "file": inputs.file if inputs else "",
            "overrides": dict(inputs.overrides) if inputs else {},
        },
    }
    return Diagnosis(problem, document, repairs)


def _repairs(
    problem: Problem, conflicts: Sequence[Account]
) -> tuple[tuple[Changes, ...], float | None, list[str]]:
    """The repairs, the least relative sum there is, and usual kinds that never suffice alone."""
    alone = ((lever, _alone(problem, lever)) for lever in distinct(_levers(problem, conflicts)))
    found = [Changes({lever: value}) for lever, value in alone if value is not None]
    cheapest = cheapest_combination(problem)
    together = fitted(problem, cheapest[0]) if cheapest else None
    if together is not None and len(together.values) < 2:
        known = {lever.key for changes in found for lever in changes.values}
        found += [together] if {lever.key for lever in together.values} - known else []
        together = None
    found.sort(key=lambda changes: (changes.relative, changes.options))
    there = {limit.name for limit in problem.limits}
    # What several territories of an area share is no lever: of that, nothing is claimed.
    told = not problem.inputs.column("coordinator_state_rate")
    there |= {"state_rate"} if told and any(of.any() for of in problem.grant_eur_per_fte) else set()
    there -= {lever.kind for changes in found for lever in changes.values}
    unhelpful = [kind for kind in _USUAL if kind in there]
    if together and not (found and found[0].relative <= together.relative * (1 + 1e-9)):
        found.append(together)
    return tuple(found), cheapest and cheapest[1], unhelpful


def _alone(problem: Problem, lever: Lever) -> float | None:
    """The least change of one lever that suffices alone, None if none does."""
    if lever.kind in ("state_rate", "step"):
        return least_change(problem, lever)
    found = cheapest_combination(problem, lever)
    return None if found is None else least_change(problem, lever, guess=found[0][lever])


def _levers(problem: Problem, conflicts: Sequence[Account]) -> Iterator[Lever | None]:
    """Levers that loosen a limit of a conflict: no other can suffice alone."""
    for account in conflicts:
        has_own = any(row.name.startswith(OWN) for rows in account.items for row in rows)
        for rows in account.items:
            for row in rows:
                if has_own:
                    yield exemption(problem, row)
                yield lever_of(problem, row)
            if rows:
                yield from rate_levers(problem, rows[0])


def _repair_document(changes: Changes, inputs: Inputs) -> dict[str, Any]:
    values = {lever.key: value for lever, value in changes.values.items()}
    return {
        "changes": [
            {
                "kind": lever.kind,
                "key": lever.key,
                "from": lever.value,
                "to": value,
                "unit": lever.of.name,
                "relative_change": (value - lever.value) / lever.scale,
            }
            for lever, value in changes.values.items()
        ],
        "relative_change": changes.relative,
        "set": list(changes.options),
        "command": command("solve", inputs, settings(inputs, values)),
    }
