"""The proof of a stage: its value, its bound, and the prices that prove the bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from fte_alloc.programme.data import Stage

#: Largest gap of a proved stage, as a share of max(1, |bound|): continuous plans, plans in steps.
GAP, STEP_GAP = 1e-9, 1e-8


def relative_gap(value: float, bound: float) -> float:
    """Relative gap, |bound − value| / max(1, |bound|)."""
    return abs(bound - value) / max(1.0, abs(bound))


@dataclass(frozen=True, kw_only=True)
class StageProof(Stage):
    """Value and bound of a stage, and the prices that prove the bound.

    value : value in the stage's own best plan where it concedes, else in the final plan
    bound : no plan that keeps the earlier stages has a better value
    in_plan : value in the final plan
    duals : price of every named row in the unit of the objective (``docs/mathematics.md``)
    relaxation_bound : for plans in steps, the bound without steps, proved by ``duals``
    tables : for plans in steps, the certificate of ``bound`` (``StepTables.certified``); where it
        is None, only the solver vouches for ``bound``
    kept : value to be kept of each earlier stage, by objective, in the unit of that objective
    """

    value: float
    bound: float
    in_plan: float
    duals: Mapping[str, float] = field(default_factory=dict)
    relaxation_bound: float | None = None
    kept: Mapping[str, float] = field(default_factory=dict)
    tables: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, stage: Stage, value: float, bound: float, **more: Any) -> Self:
        """The proof of a stage of which the final plan reaches as much as its own."""
        of_stage: dict[str, Any] = {"objective": stage.objective, "concede": stage.concede, **more}
        return cls(value=value, bound=bound, in_plan=value, **of_stage)

    def within(self, in_plan: float) -> Self:
        """The same proof for a final plan whose value is *in_plan*."""
        return replace(self, in_plan=in_plan, value=self.value if self.concede > 0 else in_plan)

    @property
    def is_by_solver(self) -> bool:
        """Whether the bound is the solver's and not proved by arithmetic."""
        return self.relaxation_bound is not None and self.tables is None

    @property
    def relative_gap(self) -> float:
        """Relative gap between value and bound (``relative_gap``)."""
        return relative_gap(self.value, self.bound)
