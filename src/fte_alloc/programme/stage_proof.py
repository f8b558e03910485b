"""What a stage of a plan reached, and the prices that prove that no plan does better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from fte_alloc.programme.data import Stage

#: Bounds agree to this share of max(1, |bound|): continuous plans, plans in steps.
GAP, STEP_GAP = 1e-9, 1e-8


def relative_gap(value: float, bound: float) -> float:
    """|bound − value| / max(1, |bound|)."""
    return abs(bound - value) / max(1.0, abs(bound))


@dataclass(frozen=True, kw_only=True)
class StageProof(Stage):
    """What a stage reached, what it cannot exceed, and the prices that prove it.

    value : reached, in the stage's own best plan where it concedes, else in the plan itself
    bound : no plan that serves the earlier stages as well does better
    in_plan : what the final plan reaches
    duals : price of every named row in the unit of the objective (``docs/mathematics.md``)
    relaxation_bound : for plans in steps, the bound without steps, proved by ``duals``
    tables : for plans in steps, what proves ``bound`` (``StepTables.certified``); where there is
        none, ``bound`` is the solver's word
    kept : what it had to keep of each earlier stage, by objective, in the unit of that stage
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
        """The same of a final plan that reaches so much."""
        return replace(self, in_plan=in_plan, value=self.value if self.concede > 0 else in_plan)

    @property
    def is_by_solver(self) -> bool:
        """Whether the bound is the solver's word."""
        return self.relaxation_bound is not None and self.tables is None

    @property
    def relative_gap(self) -> float:
        """How far apart the two bounds are."""
        return relative_gap(self.value, self.bound)
