"""The limits of a problem in steps as tables of areas need them, without a solver.

Limits across areas count the totals of all facilitators and of all coordinators alone.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from fte_alloc.programme.curves import Floats
from fte_alloc.programme.data import per_post, without_new_posts
from fte_alloc.programme.limits import AT_LEAST, EUR, RATE, STATE, Limit
from fte_alloc.programme.problem import FTE_TOLERANCE, MONEY_TOLERANCE, Problem

#: First objectives that add up over areas, and later ones that depend on totals of posts alone.
SUMMED, COUNTED = ("coverage", "contracts"), ("state_cost", "posts")
#: First objective that follows from such a sum, the contracts covered, if other stages come later.
SHORTFALL = "shortfall"
#: Objective that may come before these; in the later stages, it is a least rate of all territories.
LOWEST_RATE = "worst_rate"
#: Tables are not used where their sum takes more additions than this.
MOST_SUMS = 3e8
#: Rounding of a number of steps, as a share of one step; of a least rate, as a share of the rate.
ROUNDING, RATE_ROUNDING = 1e-9, 1e-12


class Total(NamedTuple):
    """A limit on sums of posts: facilitator · Σ x + coordinator · Σ z ≤ most [FTE or EUR]."""

    facilitator: float
    coordinator: float
    most: float


Steps = tuple[np.ndarray, np.ndarray]


class StepLimits(NamedTuple):
    """The limits of a problem in the form that its tables need.

    fewest, most : steps of new facilitators by territory [I], of new coordinators by area [A]
    by_area, national : limits on the totals of each area, and on those of the country
    least_effort_fte : least effort that the least rate of each territory requires [I]
    """

    fewest: Steps
    most: Steps
    by_area: list[list[Total]]
    national: list[Total]
    least_effort_fte: Floats


def step_limits(p: Problem, *, only_useful: bool = True) -> StepLimits | None:
    """The limits of a problem in the form for tables; None where tables do not apply.

    only_useful : whether coordinators beyond those who can support all facilitators are left out

    Tables do not apply to several years, other stages, or limits that do not follow from the
    totals of an area or of the country: shares, rates of groups, money by place, and least rates
    where kinds of buyers have different weights; nor where some limits cannot be kept.
    """
    first, *later = (stage.objective for stage in p.stages)
    if first == LOWEST_RATE and later:
        return step_limits(lowest_rate_as_least_rate(p, 0.0), only_useful=only_useful)
    if (
        len(p.years) > 1
        or min(p.steps_fte) <= 0
        or not (first in SUMMED or (first == SHORTFALL and later))
        or not set(later) <= set(COUNTED)
        or any(limit.is_share for limit in p.limits)
        or p.rated_places(alone=False)
        or (p.rated_places(alone=True) and first == "coverage" and np.ptp(p.segment_weight) > 0)
        or ("state_cost" in later and any(np.ptp(of) > 0 for of in per_post(p, STATE)))
        or p.unlimited()
    ):
        return None
    sizes = zip(p.most_new_fte, p.steps_fte, strict=True)
    high = [np.floor((of[:, 0] - 1) / step + ROUNDING).astype(int) for of, step in sizes]
    low = [np.zeros_like(of) for of in high]
    inside = [tuple(np.flatnonzero(p.area_of == a).tolist()) for a in range(len(p.areas))]
    by_area: list[list[Total]] = [[] for _ in p.areas]
    national = []
    for limit in p.limits:
        if limit.quantity == RATE:
            continue
        total, (x, z) = _total(p, limit), limit.places
        if total is None:
            return None
        role = 0 if x else 1
        per = total[role] * p.steps_fte[role]
        if len(x) + len(z) == 1 and per != 0:
            (j,) = x or z
            if per > 0:
                high[role][j] = min(high[role][j], np.floor(total.most / per + ROUNDING))
            else:
                low[role][j] = max(low[role][j], np.ceil(total.most / per - ROUNDING))
        elif limit.places == limit.everywhere(p.shape):
            national.append(total)
        else:
            a = z[0] if z else int(p.area_of[x[0]])
            if x not in ((), inside[a]) or z not in ((), (a,)):
                return None
            by_area[a].append(total)
    rates = (1.0 - RATE_ROUNDING) * p.least_rates * p.contracts_per_year.sum(axis=2)
    least_effort = np.zeros(len(p.territories))
    if rates.any():
        least_effort = np.where(rates > 0, p.least_effort(rates), 0.0)[:, 0]
    supported = 1.0 + p.productivity_gain, p.first_year_effectiveness + p.productivity_gain
    lack = np.maximum(0.0, least_effort - supported[0] * p.fixed_facilitators_fte)
    with np.errstate(divide="ignore", invalid="ignore"):
        asked = np.where(lack > 0, np.ceil(lack / (supported[1] * p.steps_fte[0])), 0.0)
    low[0] = np.maximum(low[0], np.minimum(asked, high[0] + 1).astype(int))  # asked may be inf
    asked_for = any(total.coordinator < 0 for total in (*national, *itertools.chain(*by_area)))
    if only_useful and not asked_for:  # more coordinators would support nobody
        supply = p.fixed_facilitators_fte + np.maximum(high[0], low[0]) * p.steps_fte[0]
        needed = np.bincount(p.area_of, supply) / (p.supports_fte or np.inf)
        needed = (needed - p.fixed_coordinators_fte) * (p.productivity_gain > 0) / p.steps_fte[1]
        high[1] = np.minimum(high[1], np.maximum(low[1], np.ceil(needed).astype(int)))
    if any(np.any(least > most) for least, most in zip(low, high, strict=True)):
        return None
    fewest, most = ([of.sum() for of in ends] for ends in (low, high))
    for own, other in ((0, 1), (1, 0)):  # no place has more than national limits leave
        for total in national:
            per = total[own] * p.steps_fte[own]
            if per > 0 and total[other] >= 0:
                left = total.most - total[other] * fewest[other] * p.steps_fte[other]
                room = max(0, int(np.floor(left / per + ROUNDING)) - fewest[own])
                high[own] = np.minimum(high[own], low[own] + room)
                most[own] = min(most[own], fewest[own] + room)
    n, led = np.bincount(p.area_of, high[0] - low[0]), high[1] - low[1]
    so_far = np.minimum(np.cumsum(n), most[0] - fewest[0])
    sums = float(((so_far + 1) * (np.cumsum(led) - led + 1) * (n + 1) * (led + 1)).sum())
    found = StepLimits((low[0], low[1]), (high[0], high[1]), by_area, national, least_effort)
    return None if sums > MOST_SUMS else found


def with_least_rate(p: Problem, rate: float) -> Problem:
    """The problem with a least rate, in every year, for every territory with contracts."""
    some = np.argwhere(p.contracts_per_year.sum(axis=2) > 0).tolist()
    floors = (
        Limit("least", RATE, (i,), (), p.years[t], AT_LEAST, rate, p.territories[i])
        for i, t in some
    )
    return replace(p, limits=(*p.limits, *floors))


def lowest_rate_as_least_rate(p: Problem, rate: float) -> Problem:
    """The problem with its first stage, the lowest rate, as a least rate of every territory."""
    return replace(with_least_rate(p, rate), stages=p.stages[1:])


def _total(p: Problem, limit: Limit) -> Total | None:
    """A limit as a limit on totals of posts, with half the tolerance of ``Problem.judge``.

    None where a post counts more in one place than in another.
    """
    sign = -1.0 if limit.is_floor else 1.0
    large = max(1.0, abs(limit.amount))
    slack = MONEY_TOLERANCE * large if limit.unit is EUR else FTE_TOLERANCE
    by_role = zip(per_post(p, limit.quantity), limit.places, strict=True)
    each = [per[list(places), 0] for per, places in by_role]
    if any(np.ptp(of) > 0 for of in each if of.size):
        return None
    x, z = (sign * float(of[0]) if of.size else 0.0 for of in each)
    return Total(x, z, sign * (limit.amount - without_new_posts(p, limit)) + 0.5 * slack)
