"""Objectives: sense, unit, value and texts of each.

The expression of an objective in the linear programme is its namesake in ``statement``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fte_alloc.language import N_, NN_


@dataclass(frozen=True)
class Objective:
    """An objective that a stage maximises or minimises.

    sense : ``maximise`` or ``minimise``
    unit : of its value: ``contracts``, ``rate``, ``EUR`` or ``FTE``
    value : of a plan judged, a ``judge.Evaluation``
    name : with its unit where that is not contracts
    seeks : what the best plan has
    proved : what is proved of the best plan, of its ``{bound}``
    worth : what better is counted in, one and several
    short : its name without the unit
    digits : decimals on pages, but for rates
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
        name=N_("distance to the target"),
        seeks=N_("fewest contracts short of the target, in total"),
        proved=N_("no plan misses the target by less than {bound}"),
        worth=NN_("contract nearer target", "contracts nearer target"),
        needs="target_rate",
    ),
    "territorial_shortfall": Objective(
        "minimise",
        "contracts",
        lambda e: e.shortfall((2,)),
        name=N_("distances to the target"),
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
