"""Why no plan satisfies a scenario, and the least that would have to change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fte_alloc.inputs.entries import Inputs
from fte_alloc.inputs.limits import FAMILIES
from fte_alloc.inputs.overrides import command, settings
from fte_alloc.programme.limits import OWN
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.infeasible.adjustments import (
    Changes,
    Lever,
    distinct,
    exemption,
    fitted,
    is_possible,
    least_change,
    lever_of,
    rate_levers,
)
from fte_alloc.questions.infeasible.combination import cheapest_combination
from fte_alloc.questions.infeasible.conflicts import Account, conflicts_of

FORMAT = "fte-alloc/infeasible/1"
#: Kinds of change a planner thinks of first; those that never help alone are named.
_USUAL = (*(name for name, family in FAMILIES.items() if family.comes_to_mind), "state_rate")


@dataclass(frozen=True)
class Diagnosis:
    """Why a problem has no plan.

    conflicts : one or more, independent of each other
    singles : least changes that suffice alone, the smallest relative one first
    combination : where several changes together are relatively smaller, or none suffices alone
    unhelpful : usual kinds of change that never suffice alone
    proof : ``arithmetic``, or ``solver`` where only steps forbid a plan: the solver's word then,
        confirmed without presolve
    """

    problem: Problem
    conflicts: tuple[Account, ...]
    singles: tuple[Changes, ...]
    combination: Changes | None
    least_relative: float | None
    unhelpful: tuple[str, ...]
    proof: str

    @property
    def repairs(self) -> tuple[Changes, ...]:
        """Every repair, the single ones first."""
        return self.singles + ((self.combination,) if self.combination else ())

    @property
    def cheapest(self) -> Changes | None:
        """The repair with the smallest sum of relative changes."""
        return min(self.repairs, key=lambda c: c.relative, default=None)

    @property
    def document(self) -> dict[str, Any]:
        """As a ``fte-alloc/infeasible/1`` document."""
        inputs = self.problem.inputs
        return {
            "format": FORMAT,
            "scenario": inputs.label if inputs else "",
            "model": inputs.model if inputs else "",
            "status": "infeasible",
            "proof": self.proof,
            "names": {
                **dict(zip(self.problem.areas, self.problem.area_names, strict=True)),
                **dict(zip(self.problem.territories, self.problem.territory_names, strict=True)),
            },
            "territory": inputs.territory if inputs else "territory",
            "years": list(self.problem.years),
            "conflict": [account.document for account in self.conflicts],
            "repairs": [_repair_document(changes, inputs) for changes in self.repairs],
            "least_relative_change": self.least_relative,
            "never_enough_alone": list(self.unhelpful),
            "inputs": {
                "scenario": inputs.name if inputs else "",
                "file": inputs.file if inputs else "",
                "overrides": dict(inputs.overrides) if inputs else {},
            },
        }


def diagnose(problem: Problem) -> Diagnosis:
    """Why no plan satisfies a problem, and what would have to change.

    Raises ValueError where a plan exists.
    """
    if is_possible(problem):
        raise ValueError("a plan exists")
    in_steps_only = problem.step_fte > 0 and is_possible(replace(problem, step_fte=0.0))
    proof = "solver" if in_steps_only else "arithmetic"
    conflicts = tuple(conflicts_of(problem))
    if problem.inputs is None:
        return Diagnosis(problem, conflicts, (), None, None, (), proof)
    levers = distinct(_levers(problem, conflicts))
    alone = ((lever, _alone(problem, lever)) for lever in levers)
    found = [Changes({lever: value}) for lever, value in alone if value is not None]
    cheapest, combination = cheapest_combination(problem), None
    if cheapest is not None:
        combination = fitted(problem, cheapest[0])
    if combination is not None and len(combination.values) < 2:
        known = {lever.key for changes in found for lever in changes.values}
        found += [combination] if {lever.key for lever in combination.values} - known else []
        combination = None
    singles = sorted(found, key=lambda changes: (changes.relative, changes.options))
    if singles and combination is not None:
        is_dearer = singles[0].relative <= combination.relative * (1 + 1e-9)
        combination = None if is_dearer else combination
    there = {limit.name for limit in problem.limits}
    there |= {"state_rate"} if problem.grant_eur_per_fte.any() else set()
    there -= {lever.kind for changes in singles for lever in changes.values}
    unhelpful = tuple(kind for kind in _USUAL if kind in there)
    least = None if cheapest is None else cheapest[1]
    return Diagnosis(problem, conflicts, tuple(singles), combination, least, unhelpful, proof)


def _alone(problem: Problem, lever: Lever) -> float | None:
    """The least change of one lever that suffices alone, None if none does."""
    if lever.kind in ("state_rate", "step"):
        return least_change(problem, lever)
    found = cheapest_combination(problem, lever)
    return None if found is None else least_change(problem, lever, guess=found[0][lever])


def _levers(problem: Problem, conflicts: Sequence[Account]) -> Iterator[Lever | None]:
    """Levers that loosen a limit of a conflict: no other can suffice alone."""
    for account in conflicts:
        has_own = any(row.name.startswith(OWN) for item in account.items for row in item.of)
        for item in account.items:
            for row in item.of:
                if has_own:
                    yield exemption(problem, row)
                yield lever_of(problem, row)
            if item.of:
                yield from rate_levers(problem, item.of[0])


def _repair_document(changes: Changes, inputs: Inputs | None) -> dict[str, Any]:
    values = {lever.key: value for lever, value in changes.values.items()}
    return {
        "changes": [
            {
                "kind": lever.kind,
                "key": lever.key,
                "from": lever.value,
                "to": value,
                "unit": lever.unit,
                "relative_change": (value - lever.value) / lever.scale,
            }
            for lever, value in changes.values.items()
        ],
        "relative_change": changes.relative,
        "set": list(changes.options),
        "command": command("solve", inputs, settings(inputs, values)) if inputs else "",
    }
