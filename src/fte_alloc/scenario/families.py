"""The built-in limits, each set by an input of its own: cap, budget and regional rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from fte_alloc.programme.data import COORDINATOR, FACILITATOR
from fte_alloc.programme.limits import (
    AT_LEAST,
    AT_MOST,
    NETWORK,
    NEW,
    OPENED,
    PARTNER,
    RATE,
    STATE,
    Limit,
)
from fte_alloc.programme.problem import Problem
from fte_alloc.scenario.inputs import Inputs


class Family(NamedTuple):
    """Limits of one kind.

    role : whose posts one limit counts in its place; None: of both roles in the whole country, but
        for partners' money, where it is the territory and its coordinator
    key : the input that sets the amount; a column of a territory has ``*`` for its code
    comes_to_mind : whether a planner thinks of it first where no plan is possible
    """

    quantity: str
    sense: str
    role: str | None
    key: str
    comes_to_mind: bool = True


#: By name, in the order in which they are written and told.
FAMILIES = {
    "cap": Family(NETWORK, AT_MOST, None, "posts.cap_fte"),
    "budget": Family(STATE, AT_MOST, None, "budget.state_eur_per_year"),
    "partners": Family(PARTNER, AT_MOST, FACILITATOR, "territories.*.partner_capacity_eur"),
    "growth": Family(OPENED, AT_MOST, FACILITATOR, "posts.facilitator.max_growth_fte", False),
    "min_new": Family(NEW, AT_LEAST, FACILITATOR, "territories.*.min_new_facilitators_fte"),
    "max_new": Family(NEW, AT_MOST, FACILITATOR, "territories.*.max_new_facilitators_fte", False),
    "coordinator_required": Family(
        NEW, AT_LEAST, COORDINATOR, "posts.coordinator.required_fte_where_none"
    ),
    "coordinator_max": Family(
        NEW, AT_MOST, COORDINATOR, "posts.coordinator.max_fte_per_area", False
    ),
    "least": Family(RATE, AT_LEAST, FACILITATOR, "territories.*.least_rate"),
}
_GROWTH_SHARE = "posts.facilitator.max_growth_share"


def family_limits(p: Problem, inputs: Inputs) -> Iterator[Limit]:
    """The built-in limits of a scenario by family, code and year; what is absent has none.

    p : the problem without limits
    """
    for name, family in FAMILIES.items():
        of_areas = family.role == COORDINATOR
        codes: tuple[str | None, ...] = p.areas if of_areas else p.territories
        for j, code in enumerate(codes if family.role else (None,)):
            for year in p.years:
                limit = _limit(p, inputs, name, j, code, year)
                if np.isfinite(limit.amount) and (limit.amount > 0 or not limit.is_floor):
                    yield limit


def _limit(p: Problem, inputs: Inputs, name: str, j: int, code: str | None, year: int) -> Limit:
    """One limit; its amount is infinite, or 0 for a floor, where it is absent."""
    family = FAMILIES[name]
    of_place = f"limits.{name}.{code}"
    of_all = inputs.key_of(family.key.replace("*", code or ""), year)
    key = of_place if of_place in inputs.entries else of_all
    keys: tuple[str, ...] = (key,)
    per_key, amount = 1.0, inputs.value(key, np.inf if family.sense == AT_MOST else 0.0)
    territories: tuple[int, ...] = (j,) if family.role == FACILITATOR else ()
    areas: tuple[int, ...] = (j,) if family.role == COORDINATOR else ()
    if family.role is None:
        territories, areas = tuple(range(len(p.territories))), tuple(range(len(p.areas)))
    elif name == "partners" and p.alone_in_area[j]:
        areas = (int(p.area_of[j]),)
    elif name == "growth" and key == family.key:
        keys = (_GROWTH_SHARE, key)
        if any(inputs.value(one) is not None for one in keys):
            share, fte = (inputs.value(one, 0.0) for one in keys)
            amount = float(share * p.existing_facilitators_fte[j] + fte)
    elif family.role == COORDINATOR:
        # One after the other: e^c + g^c may not be what subtracting one by one leaves.
        existing, committed = p.existing_coordinators_fte[j], p.committed_coordinators_fte[j]
        if family.sense == AT_LEAST:
            amount = 0.0 if existing + committed else amount
        else:
            has_any = "posts.coordinator.supports_fte" in inputs.entries
            per_key = float(not has_any or amount >= existing + committed)
            amount = float(max(0.0, (amount if has_any else 0.0) - existing - committed))
    return Limit(
        name,
        family.quantity,
        territories,
        areas,
        year,
        family.sense,
        amount,
        code,
        keys=keys,
        per_key=per_key,
    )


def sense_of(row: Mapping[str, Any]) -> str:
    """Sense of the limit of a price; documents of version 0.1 have the name of its family only."""
    return str(row.get("sense") or FAMILIES[row["constraint"]].sense)
