"""Limits as one array a family, apart from the builder of the product: for problems made by hand.

``replace`` is ``dataclasses.replace`` that takes these arrays, too, where a problem is changed, and
what a post costs by role alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from fte_alloc.programme.limits import Limit
from fte_alloc.programme.problem import Problem


@dataclass(frozen=True, eq=False)
class LimitArrays:
    """An absent limit is infinite, or 0 where posts or a rate are demanded."""

    cap_fte: np.ndarray  # [T]
    state_eur_per_year: np.ndarray  # [T]
    partner_capacity_eur: np.ndarray  # [I]
    growth_fte_per_year: np.ndarray  # [I]
    min_new_facilitators_fte: np.ndarray  # [I]
    max_new_facilitators_fte: np.ndarray  # [I]
    required_coordinators_fte: np.ndarray  # [A], where no coordinator is in place or renewed
    max_new_coordinators_fte: np.ndarray  # [A]
    least_rate: np.ndarray  # [I]


#: field: name of the family, quantity, sense, whose: c(ountry), t(erritory), a(rea).
FAMILIES = {
    "cap_fte": ("cap", "network_fte", "at_most", "c"),
    "state_eur_per_year": ("budget", "state_eur", "at_most", "c"),
    "partner_capacity_eur": ("partners", "partner_eur", "at_most", "t"),
    "growth_fte_per_year": ("growth", "opened_fte", "at_most", "t"),
    "min_new_facilitators_fte": ("min_new", "new_fte", "at_least", "t"),
    "max_new_facilitators_fte": ("max_new", "new_fte", "at_most", "t"),
    "required_coordinators_fte": ("coordinator_required", "new_fte", "at_least", "a"),
    "max_new_coordinators_fte": ("coordinator_max", "new_fte", "at_most", "a"),
    "least_rate": ("least", "rate", "at_least", "t"),
}
NAMES = frozenset(FAMILIES)


MONEY = {"cost_eur_per_fte", "grant_eur_per_fte"}


def spread(p: Problem, by_role: Any) -> tuple[np.ndarray, ...]:
    """What a post costs by role, [R,T] or [R,1], in every place and year [I,T], [A,T]."""
    return tuple(
        np.array(np.broadcast_to(of, posts.shape))
        for of, posts in zip(by_role, p.zeros(), strict=True)
    )


def none(p: Problem) -> dict[str, np.ndarray]:
    """No limit at all."""
    size = {"c": len(p.years), "t": len(p.territories), "a": len(p.areas)}
    return {
        field: np.full(size[whose], np.inf if sense == "at_most" else 0.0)
        for field, (_, _, sense, whose) in FAMILIES.items()
    }


def arrays_of(p: Problem) -> LimitArrays:
    """The limits of a problem by family; those of the user's own are left out."""
    arrays = none(p)
    of_family = {name: field for field, (name, *_) in FAMILIES.items()}
    for limit in p.limits:
        if limit.name in of_family:
            whose = FAMILIES[of_family[limit.name]][3]
            codes = {"t": p.territories, "a": p.areas, "c": p.years}[whose]
            at = codes.index(limit.year if whose == "c" else limit.code)
            arrays[of_family[limit.name]][at] = limit.amount
    return LimitArrays(**arrays)


def limits_of(p: Problem, arrays: LimitArrays) -> Iterator[Limit]:
    """The limits that arrays describe, family by family, then code by code and year by year."""
    every = tuple(range(len(p.territories))), tuple(range(len(p.areas)))
    none_led = p.existing_coordinators_fte + p.committed_coordinators_fte == 0
    for field, (name, quantity, sense, whose) in FAMILIES.items():
        numbers = getattr(arrays, field)
        if name == "coordinator_required":
            numbers = np.where(none_led, numbers, 0.0)
        codes = p.territories if whose == "t" else p.areas if whose == "a" else (None,)
        for j, code in enumerate(codes):
            for t, year in enumerate(p.years):
                amount = float(numbers[t if whose == "c" else j])
                if np.isinf(amount) or (sense == "at_least" and amount <= 0):
                    continue
                territories, areas = {"c": every, "t": ((j,), ()), "a": ((), (j,))}[whose]
                if name == "partners" and list(p.area_of).count(p.area_of[j]) == 1:
                    areas = (int(p.area_of[j]),)
                yield Limit(name, quantity, territories, areas, year, sense, amount, code)


def with_arrays(p: Problem, arrays: LimitArrays) -> Problem:
    """A problem with the limits that arrays describe, beside those of the user's own."""
    own = [limit for limit in p.limits if limit.name.startswith("limits.")]
    keys = {(limit.name, limit.code, limit.year): limit for limit in p.limits}
    built = (
        dataclasses.replace(limit, keys=known.keys, per_key=known.per_key)
        if (known := keys.get((limit.name, limit.code, limit.year)))
        else limit
        for limit in limits_of(p, arrays)
    )
    return dataclasses.replace(p, limits=(*built, *own))


def replace(thing: Any, **changes: Any) -> Any:
    """``dataclasses.replace``; of a problem also fields of ``LimitArrays``."""
    if isinstance(thing, Problem):
        for name in MONEY & changes.keys():
            changes[name] = spread(thing, changes[name])
    limits = {name: value for name, value in changes.items() if name in NAMES}
    relabelled = {"territories", "areas", "years"} & changes.keys()
    if not isinstance(thing, Problem) or not (limits or relabelled):
        return dataclasses.replace(thing, **changes)
    arrays = arrays_of(thing)
    changed = dataclasses.replace(
        thing, **{name: value for name, value in changes.items() if name not in limits}
    )
    before = {f.name: getattr(arrays, f.name) for f in fields(arrays)}
    now = {
        name: np.broadcast_to(np.asarray(value, dtype=float), before[name].shape)
        for name, value in limits.items()
    }
    return with_arrays(changed, LimitArrays(**{**before, **now}))
