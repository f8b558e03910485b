"""Objectives, the stages that serve them in turn, and the proofs of these stages.

The expression of an objective in the linear programme is its namesake in ``statement``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from fte_alloc.language import N_, NN_
from fte_alloc.lp.matrix import label


@dataclass(frozen=True)
class Objective:
    """An objective that a stage maximises or minimises.

    sense : ``maximise`` or ``minimise``
    unit : of its value: ``contracts``, ``rate``, ``EUR`` or ``FTE``
    value : of a plan judged, a ``problem.Evaluation``
    name : with its unit where that is not contracts; short : its name without the unit
    seeks : what the best plan has; proved : what is proved of it, of its ``{bound}``
    worth : what better is counted in, one and several; digits : decimals on pages, but for rates
    needs : ``target_rate`` or ``reference_plan``, where it needs one
    """

    sense: str
    unit: str
    value: Callable[[Any], float]
    name: str
    seeks: str
    proved: str
    worth: tuple[str, str]
    short: str = ""
    digits: int = 1
    needs: str = ""


OBJECTIVES = {
    "coverage": Objective(
        "maximise",
        "contracts",
        lambda e: float((e.problem.weight * e.expected_contracts).sum()),
        name=N_("contracts covered, weighted"),
        seeks=N_("most contracts covered, weighted as the scenario says"),
        proved=N_("no plan covers more than {bound}"),
        worth=NN_("contract", "contracts"),
    ),
    "contracts": Objective(
        "maximise",
        "contracts",
        lambda e: float(e.expected_contracts.sum()),
        name=N_("contracts covered"),
        seeks=N_("most contracts covered, all counting the same"),
        proved=N_("no plan covers more than {bound}"),
        worth=NN_("contract", "contracts"),
    ),
    "worst_rate": Objective(
        "maximise",
        "rate",
        lambda e: e.lowest_rate,
        name=N_("lowest rate"),
        seeks=N_("highest coverage rate of the territory with the lowest"),
        proved=N_("no plan lifts the lowest rate above {bound}"),
        worth=NN_("point of lowest rate", "points of lowest rate"),
    ),
    "shortfall": Objective(
        "minimise",
        "contracts",
        lambda e: e.shortfall((0, 2)),
        name=N_("contracts short of the target"),
        seeks=N_("fewest contracts short of the target, in total"),
        proved=N_("no plan misses the target by less than {bound}"),
        worth=NN_("contract nearer target", "contracts nearer target"),
        needs="target_rate",
    ),
    "territorial_shortfall": Objective(
        "minimise",
        "contracts",
        lambda e: e.shortfall((2,)),
        name=N_("contracts short of the targets"),
        seeks=N_("the same, no territory making up for another"),
        proved=N_("no plan misses the targets by less than {bound}"),
        worth=NN_("contract nearer targets", "contracts nearer targets"),
        needs="target_rate",
    ),
    "state_cost": Objective(
        "minimise",
        "EUR",
        lambda e: float(e.state_eur.sum()),
        name=N_("State money, EUR"),
        seeks=N_("least State money"),
        proved=N_("no plan costs the State less than {bound} EUR"),
        worth=NN_("EUR saved", "EUR saved"),
        short=N_("State money"),
        digits=0,
    ),
    "posts": Objective(
        "minimise",
        "FTE",
        lambda e: float(e.new_fte.sum()),
        name=N_("new posts of both roles, FTE"),
        seeks=N_("fewest new posts of both roles"),
        proved=N_("no plan opens fewer than {bound} FTE"),
        worth=NN_("FTE saved", "FTE saved"),
        short=N_("new posts"),
        digits=2,
    ),
    "change": Objective(
        "minimise",
        "FTE",
        lambda e: e.moved_fte,
        name=N_("posts moved, FTE"),
        seeks=N_("fewest FTE of both roles changed from the scenario's reference_plan"),
        proved=N_("no plan moves fewer than {bound} FTE"),
        worth=NN_("FTE moved less", "FTE moved less"),
        short=N_("posts moved"),
        digits=2,
        needs="reference_plan",
    ),
}


@dataclass(frozen=True)
class Stage:
    """One objective of a sequence; a later stage only chooses among the optima of earlier ones.

    objective : a key of ``OBJECTIVES``, or an objective of ``scenario_set``, which is minimised
    concede : share of the optimum that later stages may give up [1]
    """

    objective: str
    concede: float = 0.0

    @property
    def sense(self) -> str:
        """Sense of the objective, ``maximise`` or ``minimise``."""
        known = OBJECTIVES.get(self.objective)
        return known.sense if known else "minimise"


DEFAULT_STAGES = (Stage("coverage"), Stage("state_cost"))

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
        """Proof of a stage whose value in the final plan equals that of its own best plan."""
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


def is_stage_by_solver(stage: Mapping[str, Any]) -> bool:
    """Whether the bound of a saved plan's stage comes from the solver without a certificate."""
    return stage["relaxation_bound"] is not None and not stage.get("tables")


def stage_row(number: int, objective: str) -> str:
    """Name of the row that holds the objective of a stage, numbered from 0, at its value."""
    return label("stage", number + 1, objective)
