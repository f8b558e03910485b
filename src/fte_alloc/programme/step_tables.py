"""Posts in steps, one year: tables of the areas, and the greatest sum of them at every total.

Limits across areas count the totals of all facilitators and of all coordinators alone. The greatest
sum of area tables (``area``) for every pair of totals therefore bounds the first stage, and the
least costly pair whose bound is high enough the next ones. No solver is used.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from fte_alloc.programme.area import Area
from fte_alloc.programme.curves import Curves, Floats
from fte_alloc.programme.data import given, per_post
from fte_alloc.programme.effort import most_of_effort
from fte_alloc.programme.judge import FTE_TOLERANCE, MONEY_TOLERANCE
from fte_alloc.programme.limits import EUR, RATE, STATE, Limit
from fte_alloc.programme.problem import Problem

#: First objectives that add up over areas, and later ones that follow from totals of posts.
SUMMED, COUNTED = ("coverage", "contracts"), ("state_cost", "posts")
#: Tables are not used where more pairs of numbers than this would be added up.
MOST_ENTRIES = 2e9
#: Steps are counted to this share of one.
ROUNDING = 1e-9
#: Multipliers of a certificate are below this.
LARGEST = 1e100
#: Arrays of covered contracts kept for the same curves.
MOST_KEPT = 8


class Total(NamedTuple):
    """A limit on sums of posts: facilitator · Σ x + coordinator · Σ z ≤ most [FTE or EUR]."""

    facilitator: float
    coordinator: float
    most: float


class StepTables:
    """A problem in steps as areas, and limits on totals.

    fewest, most : steps of facilitators by territory, then of coordinators by area
    national : limits on the posts of the country
    """

    def __init__(self, p: Problem) -> None:
        self.problem, self.steps_fte = p, p.steps_fte
        limits = step_limits(p)
        assert limits is not None
        self.fewest, self.most, by_area, self.national = limits
        self.members = [np.flatnonzero(p.area_of == a) for a in range(len(p.areas))]
        (x_low, z_low), (x_high, z_high) = self.fewest, self.most
        is_weighted = p.stages[0].objective == "coverage"
        kinds = p.segment_weight if is_weighted else np.ones(len(p.segments))
        places = p.territory_weight * p.year_weight[0] if is_weighted else np.ones(len(x_high))
        steps = np.arange(int(x_high.max(initial=0)) + 1) * self.steps_fte[0]
        fixed, u = p.fixed_facilitators_fte[:, None], p.productivity_gain
        base, supply = fixed + p.first_year_effectiveness * steps, fixed + steps
        ends = zip(z_low, z_high + 1, strict=True)
        z_fte = [np.arange(low, high) * self.steps_fte[1] for low, high in ends]
        capacity = [
            p.supports_fte * (at + z) for at, z in zip(p.fixed_coordinators_fte, z_fte, strict=True)
        ]
        efforts, shapes = [], []
        for a, of in enumerate(self.members):
            x = slice(x_low[of[0]], x_high[of[0]] + 1)
            table = np.stack([base[of], base[of] + u * supply[of]], axis=1)
            if len(of) == 1:
                table = base[of, x] + u * np.minimum(capacity[a][:, None], supply[of, x])
            efforts.append(table.ravel())
            shapes.append(table.shape)
        at = [
            np.repeat(of, len(of_area) // len(of))
            for of, of_area in zip(self.members, efforts, strict=True)
        ]
        covered = _most_of_effort(p.curves, kinds, np.concatenate(at), np.concatenate(efforts))
        values = np.split(places[np.concatenate(at)] * covered, np.cumsum(list(map(len, at)))[:-1])
        self.areas = []
        for a, of in enumerate(self.members):
            n = np.arange(x_low[of].sum(), x_high[of].sum() + 1) * self.steps_fte[0]
            within = np.ones((len(z_fte[a]), len(n)), bool)
            for facilitator, coordinator, most in by_area[a]:
                within &= facilitator * n + coordinator * z_fte[a][:, None] <= most
            table = values[a].reshape(shapes[a])
            if len(of) > 1:
                table = table.swapaxes(0, 1)
            curves = (of[:, None] * len(kinds) + np.arange(len(kinds))).ravel()
            self.areas.append(
                Area(
                    p.curves.take(curves),
                    (places[of, None] * kinds).ravel(),
                    base[of],
                    supply[of],
                    table,
                    x_low[of],
                    x_high[of],
                    capacity[a],
                    within,
                    u,
                )
            )

    @property
    def scale(self) -> float:
        """What all territories cover with as many posts as they may have, and all supported."""
        return sum(
            float(of.values.max() if of.is_alone else of.values[1].max(axis=1).sum())
            for of in self.areas
        )

    @cached_property
    def totals_fte(self) -> tuple[Floats, Floats]:
        """All facilitators [N,1] and all coordinators [1,Z], from the fewest to the most."""
        n, z = (
            np.arange(low.sum(), high.sum() + 1) * step
            for low, high, step in zip(self.fewest, self.most, self.steps_fte, strict=True)
        )
        return n[:, None], z[None, :]

    @cached_property
    def allowed(self) -> np.ndarray:
        """Whether the country may have so many facilitators and coordinators [N,Z]."""
        n, z = self.totals_fte
        allowed = np.ones((len(n), z.shape[1]), bool)
        for facilitator, coordinator, most in self.national:
            allowed &= facilitator * n + coordinator * z <= most
        return allowed

    def cost(self, objective: str) -> Floats:
        """Value of a later objective at every pair of totals [N,Z], in its unit."""
        p, (n, z) = self.problem, self.totals_fte
        if objective == "posts":
            return n + z
        per = [of[0, 0] for of in per_post(p, STATE)]
        renewed = p.committed_facilitators_fte.sum(), p.committed_coordinators_fte.sum()
        return per[0] * (renewed[0] + n) + per[1] * (renewed[1] + z)

    def best_sums(self, tables: Sequence[Floats]) -> list[Floats]:
        """The greatest sums of the tables of the first 0, 1, … all areas, by totals [N,Z]."""
        most = np.max(np.where(self.allowed, np.arange(len(self.allowed))[:, None], 0))
        sums = [np.zeros((1, 1))]
        for area, table in zip(self.areas, tables, strict=True):
            before, entries = sums[-1], np.where(area.within, table, -np.inf)
            many = entries.shape[1]
            padded = np.pad(before, ((many - 1,) * 2, (0, 0)), constant_values=-np.inf)
            windows = sliding_window_view(padded, many, axis=0)[: most + 1]
            after = np.full((len(windows), before.shape[1] + len(entries) - 1), -np.inf)
            for z, of in enumerate(entries):
                part = after[:, z : z + before.shape[1]]
                np.maximum(part, (windows + of[::-1]).max(axis=2), out=part)
            sums.append(after)
        missing = len(self.allowed) - len(sums[-1])
        sums[-1] = np.pad(sums[-1], ((0, missing), (0, 0)), constant_values=-np.inf)
        sums[-1] = np.where(self.allowed, sums[-1], -np.inf)
        return sums

    def certified(self, certificate: Any) -> CertifiedSums:
        """The bounds that a certificate proves at every pair of totals, by arithmetic.

        certificate : ``multipliers`` by code of area, and ``branches``, each a table entry (area,
            coordinators and facilitators in steps) with the tree of its territories

        Raises ValueError, TypeError, LookupError or AttributeError for anything else.
        """
        p, tables = self.problem, []
        at = {code: a for a, code in enumerate(p.areas)}
        for code, area in zip(p.areas, self.areas, strict=True):
            sigma = [0.0, *map(multiplier, certificate["multipliers"].get(code, ()))]
            tables.append(area.values if area.is_alone else area.table(sigma))
        for entry in certificate.get("branches", ()):
            a = at[entry["area"]]
            area, of = self.areas[a], self.members[a]
            z = int(entry["coordinator_steps"]) - int(self.fewest[1][a])
            n = int(entry["facilitator_steps"]) - int(self.fewest[0][of].sum())
            if area.is_alone or not (0 <= z < len(tables[a]) and 0 <= n < tables[a].shape[1]):
                raise ValueError(entry)
            tree = numbered(entry["tree"], {p.territories[i]: j for j, i in enumerate(of)})
            tables[a][z, n] = min(tables[a][z, n], area.leaf_bound(tree, z, n))
        return CertifiedSums(self, self.best_sums(tables)[-1])


@dataclass(frozen=True, eq=False)
class CertifiedSums:
    """A proved bound on the first stage at every pair of totals [N,Z]."""

    tables: StepTables
    sums: Floats

    def stage_bound(self, number: int, kept: Sequence[float]) -> float:
        """The bound of a stage over the plans that keep given values of the earlier stages."""
        if number == 0:
            return float(self.sums.max())
        stages, possible = self.tables.problem.stages, self.sums >= kept[0]
        for stage, most in zip(stages[1:number], kept[1:], strict=False):
            possible &= self.tables.cost(stage.objective) <= most
        cost = self.tables.cost(stages[number].objective)
        return float(np.min(cost[possible], initial=np.inf))


#: Contracts that efforts cover, by curves; problems with other limits or weights share them.
_COVERED: WeakKeyDictionary[Curves, dict[tuple[bytes, bytes], Floats]] = WeakKeyDictionary()


def _most_of_effort(
    curves: Curves, kinds: Floats, territory: np.ndarray, effort_fte: Floats
) -> Floats:
    """``most_of_effort`` of some territories, by number, kept for the next problem.

    kinds : value of a covered contract of each kind of buyer
    """
    known = _COVERED.setdefault(curves, {})
    key = kinds.tobytes(), territory.tobytes() + effort_fte.tobytes()
    if key not in known:
        if len(known) >= MOST_KEPT:
            known.clear()
        which = (territory[:, None] * len(kinds) + np.arange(len(kinds))).ravel()
        worth = np.tile(kinds, len(territory))
        known[key] = most_of_effort(curves.take(which), worth, effort_fte)
    return known[key]


def multiplier(value: Any) -> float:
    """A multiplier, 0 where it is none: any multiplier of at least 0 proves something."""
    sigma = float(value)
    return sigma if 0.0 < sigma < LARGEST else 0.0


def numbered(tree: Any, number: dict[str, int]) -> Any:
    """A tree of territories by number, from one by code."""
    if not isinstance(tree, dict):
        return multiplier(tree)
    below, above = (numbered(tree[side], number) for side in ("at_most", "more"))
    return [number[tree["territory"]], int(tree["steps"]), below, above]


Steps = tuple[np.ndarray, np.ndarray]


class StepLimits(NamedTuple):
    """The limits of a problem as its tables need them.

    fewest, most : steps of new facilitators by territory [I], of new coordinators by area [A]
    by_area, national : limits on the sums of one area, of the country
    """

    fewest: Steps
    most: Steps
    by_area: list[list[Total]]
    national: list[Total]

    @property
    def entries(self) -> float:
        """About how many additions the sums of tables take."""
        ranges = [
            (high - low).sum() + 1.0 for low, high in zip(self.fewest, self.most, strict=True)
        ]
        return float(np.prod(ranges)) ** 2


def step_limits(p: Problem) -> StepLimits | None:
    """The limits of a problem where tables apply, else None.

    They do not apply to several years, other stages, or limits that do not follow from the
    totals of an area or of the country: rates, shares, groups of territories, money by place.
    """
    first, *later = (stage.objective for stage in p.stages)
    if (
        len(p.years) > 1
        or min(p.steps_fte) <= 0
        or first not in SUMMED
        or not set(later) <= set(COUNTED)
        or any(limit.quantity == RATE or limit.is_share for limit in p.limits)
        or ("state_cost" in later and any(np.ptp(of) > 0 for of in per_post(p, STATE)))
        or p.unlimited()
    ):
        return None
    most = tuple(
        np.floor((of[:, 0] - 1.0) / step + ROUNDING).astype(int)
        for of, step in zip(p.most_new_fte, p.steps_fte, strict=True)
    )
    fewest = tuple(np.zeros(len(of), int) for of in most)
    everywhere = [tuple(range(n)) for n in p.shape[:2]]
    inside = [tuple(np.flatnonzero(p.area_of == a).tolist()) for a in range(len(p.areas))]
    by_area: list[list[Total]] = [[] for _ in p.areas]
    national = []
    for limit in p.limits:
        total, (x, z) = _total(p, limit), limit.places
        if total is None:
            return None
        role = 0 if x else 1
        per = total[role] * p.steps_fte[role]
        if len(x) + len(z) == 1 and per != 0:
            (j,) = x or z
            if per > 0:
                most[role][j] = min(most[role][j], np.floor(total.most / per + ROUNDING))
            else:
                fewest[role][j] = max(fewest[role][j], np.ceil(total.most / per - ROUNDING))
        elif x in ((), everywhere[0]) and z in ((), everywhere[1]):
            national.append(total)
        else:
            a = z[0] if z else int(p.area_of[x[0]])
            if x not in ((), inside[a]) or z not in ((), (a,)):
                return None
            by_area[a].append(total)
    (x_low, z_low), (x_high, z_high) = fewest, most
    if not any(total.coordinator < 0 for total in (*national, *itertools.chain(*by_area))):
        # More coordinators than can find anyone to support cost the same posts for nothing.
        supply = p.fixed_facilitators_fte + np.maximum(x_high, x_low) * p.steps_fte[0]
        needed = np.bincount(p.area_of, supply) / (p.supports_fte or np.inf)
        needed = (needed - p.fixed_coordinators_fte) * (p.productivity_gain > 0) / p.steps_fte[1]
        z_high = np.minimum(z_high, np.maximum(z_low, np.ceil(needed).astype(int)))
    lows, highs = (x_low, z_low), (x_high, z_high)
    if any(np.any(low > high) for low, high in zip(lows, highs, strict=True)):
        return None
    for role in range(2):  # no place has more than the country has left
        own, other = role, 1 - role
        for total in national:
            per = total[own] * p.steps_fte[own]
            if per > 0 and total[other] >= 0:
                left = total.most - total[other] * lows[other].sum() * p.steps_fte[other]
                room = int(np.floor(left / per + ROUNDING)) - lows[own].sum()
                np.minimum(highs[own], lows[own] + max(0, room), out=highs[own])
    found = StepLimits(lows, highs, by_area, national)
    return None if found.entries > MOST_ENTRIES else found


def _total(p: Problem, limit: Limit) -> Total | None:
    """A limit rewritten for sums of posts, with the tolerance of the judge.

    None where a post counts more in one place than in another.
    """
    sign = -1.0 if limit.is_floor else 1.0
    large = max(1.0, abs(limit.amount))
    slack = MONEY_TOLERANCE * large if limit.unit is EUR else FTE_TOLERANCE
    each = [
        per[list(of), 0] for per, of in zip(per_post(p, limit.quantity), limit.places, strict=True)
    ]
    if any(np.ptp(of) > 0 for of in each if of.size):
        return None
    x, z = (sign * float(of[0]) if of.size else 0.0 for of in each)
    return Total(x, z, sign * (limit.amount - given(p, limit)) + 0.5 * slack)
