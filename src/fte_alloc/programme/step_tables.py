"""Posts in steps, one year: tables of the areas, and their greatest sum for every pair of totals.

These sums bound the first stage, the least costly pair whose sum is high enough the next ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from fte_alloc.programme.area import Area, area_multiplier, greatest_sums
from fte_alloc.programme.curves import Curves, Floats
from fte_alloc.programme.data import per_post
from fte_alloc.programme.effort import Splitter
from fte_alloc.programme.limits import STATE
from fte_alloc.programme.objectives import GAP
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.step_limits import (
    LOWEST_RATE,
    RATE_ROUNDING,
    SHORTFALL,
    StepLimits,
    lowest_rate_as_least_rate,
    step_limits,
    with_least_rate,
)

#: Most combinations of entries that are listed.
MOST_ENTRIES = 5_000


class StepTables:
    """The tables of the areas of a problem in steps; raises ValueError where tables do not apply.

    fewest, most : steps of facilitators by territory, then of coordinators by area
    national : limits on the posts of the country
    target : contracts wanted, where the first stage is ``shortfall``; else None
    """

    def __init__(self, p: Problem, limits: StepLimits | None = None) -> None:
        self.problem, self.steps_fte = p, p.steps_fte
        limits = limits or step_limits(p)
        if limits is None:
            raise ValueError(p.stages)
        self.fewest, self.most, by_area, self.national, least_effort = limits
        self.members = [np.flatnonzero(p.area_of == a) for a in range(len(p.areas))]
        (x_low, z_low), (x_high, z_high) = self.fewest, self.most
        is_weighted = p.stages[0].objective == "coverage"
        wanted = float(p.target_rate[0] * p.contracts_per_year.sum())
        self.target = wanted if p.stages[0].objective == SHORTFALL else None
        kinds = p.segment_weight if is_weighted else np.ones(len(p.segments))
        places = p.territory_weight * p.year_weight[0] if is_weighted else np.ones(len(x_high))
        steps = np.arange(int(x_high.max(initial=0)) + 1) * self.steps_fte[0]
        fixed, u = p.fixed_facilitators_fte[:, None], p.productivity_gain
        base, supply = fixed + p.first_year_effectiveness * steps, fixed + steps
        ends = zip(z_low, z_high + 1, strict=True)
        z_fte = [np.arange(low, high) * self.steps_fte[1] for low, high in ends]
        led = zip(p.fixed_coordinators_fte, z_fte, strict=True)
        capacity = [p.supports_fte * (there + z) for there, z in led]
        lack = np.maximum(0.0, least_effort[:, None] - base)
        least = np.minimum(supply, lack / u) if u > 0 else np.zeros_like(supply)
        efforts, at = [], []
        for a, of in enumerate(self.members):
            x = slice(x_low[of[0]], x_high[of[0]] + 1)
            efforts.append(
                base[of, x] + u * np.minimum(capacity[a][:, None], supply[of, x])
                if len(of) == 1
                else np.stack([base[of] + u * least[of], base[of] + u * supply[of]])
            )
            at.append(np.broadcast_to(of[:, None], efforts[a].shape).ravel())
        i, effort = np.concatenate(at), np.concatenate([table.ravel() for table in efforts])
        most = _most_of_effort(p.curves, kinds.tobytes(), i.tobytes(), effort.tobytes())
        values = np.split(places[i] * most, np.cumsum([table.size for table in efforts])[:-1])
        self.areas = []
        for a, of in enumerate(self.members):
            n = np.arange(x_low[of].sum(), x_high[of].sum() + 1) * self.steps_fte[0]
            within = np.ones((len(z_fte[a]), len(n)), bool)
            for facilitator, coordinator, limit in by_area[a]:
                within &= facilitator * n + coordinator * z_fte[a][:, None] <= limit
            if len(of) == 1:
                within &= efforts[a] >= least_effort[of]
            else:
                needed = -greatest_sums(-least[of], x_low[of], x_high[of])
                within &= needed <= capacity[a][:, None]
            curves = (of[:, None] * len(kinds) + np.arange(len(kinds))).ravel()
            self.areas.append(
                Area(
                    tuple(p.territories[i] for i in of),
                    p.curves.take(curves),
                    (places[of, None] * kinds).ravel(),
                    base[of],
                    supply[of],
                    least[of],
                    values[a].reshape(efforts[a].shape),
                    x_low[of],
                    x_high[of],
                    capacity[a],
                    within,
                    u,
                )
            )

    @property
    def scale(self) -> float:
        """Upper bound on weighted contracts covered, the scale of the tolerance for tied plans."""
        most = (a.values.max() if a.is_alone else a.values[1].max(axis=1).sum() for a in self.areas)
        return float(sum(most))

    @cached_property
    def totals_fte(self) -> tuple[Floats, Floats]:
        """Totals of new facilitators [N,1] and coordinators [1,Z], from fewest to most [FTE]."""
        ends = zip(self.fewest, self.most, self.steps_fte, strict=True)
        n, z = (np.arange(low.sum(), high.sum() + 1) * step for low, high, step in ends)
        return n[:, None], z[None, :]

    @cached_property
    def allowed(self) -> np.ndarray:
        """Whether national limits allow each pair of totals [N,Z]."""
        n, z = self.totals_fte
        allowed = np.ones((len(n), z.shape[1]), bool)
        for facilitator, coordinator, most in self.national:
            allowed &= facilitator * n + coordinator * z <= most
        return allowed

    @property
    def possible(self) -> np.ndarray:
        """Whether some plan has each pair of totals [N,Z]."""
        return np.isfinite(self.best_sums([np.zeros(area.within.shape) for area in self.areas])[-1])

    def needed(self, kept: float) -> float:
        """Contracts to be covered for the first stage to reach the value *kept*."""
        return kept if self.target is None else self.target - kept

    def cost(self, objective: str) -> Floats:
        """Value of a later stage's objective by totals of facilitators and coordinators [N,Z]."""
        p, (n, z) = self.problem, self.totals_fte
        if objective == "posts":
            return n + z
        per = [of[0, 0] for of in per_post(p, STATE)]
        renewed = p.committed_facilitators_fte.sum(), p.committed_coordinators_fte.sum()
        return per[0] * (renewed[0] + n) + per[1] * (renewed[1] + z)

    def best_sums(self, tables: Sequence[Floats]) -> list[Floats]:
        """Greatest sums of the tables of the first 0 to A areas, by totals of posts; last [N,Z]."""
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

    def entries(
        self,
        tables: Sequence[Floats],
        sums: Sequence[Floats],
        totals: Sequence[np.ndarray],
        least: float | None = None,
    ) -> np.ndarray:
        """Entries (z, n) of the areas with the greatest sum, at L pairs of totals (N, Z) [2,A,L].

        sums : result of ``best_sums``
        least : list all combinations of at least this sum; none if more than ``MOST_ENTRIES``
        """
        (n, z), found = totals, np.zeros(len(totals[0]))
        taken = np.empty((2, 0, len(n)), int)
        for before, area, table in zip(sums[-2::-1], self.areas[::-1], tables[::-1], strict=True):
            entries = np.indices(table.shape).reshape(2, -1, 1)
            # Sums of the areas before; nothing is possible below and above their totals.
            rest = np.full(np.add(sums[-1].shape, table.T.shape), -np.inf)
            rest[: before.shape[0], : before.shape[1]] = before
            own = np.where(area.within, table, -np.inf).reshape(-1, 1)
            most = own + rest[n - entries[1], z - entries[0]]
            entry, plan = np.argmax(most, axis=0), np.arange(len(n))
            if least is not None:
                entry, plan = np.nonzero(most >= least - found)
            if len(plan) > MOST_ENTRIES:
                return taken[:, :, :0]
            found, at = found[plan] + own[entry, 0], entries[:, entry, 0]
            n, z = n[plan] - at[1], z[plan] - at[0]
            taken = np.concatenate([at[:, None], taken[:, :, plan]], axis=1)
        return taken

    def certified(self, certificate: Any) -> CertifiedSums:
        """The bounds that a certificate proves at every pair of totals, by arithmetic.

        certificate : ``multipliers`` by code of area, and ``branches``, each a table entry (area,
            coordinators and facilitators in steps) with the tree of its territories

        Raises ValueError, TypeError, LookupError or AttributeError for an invalid certificate.
        """
        p, tables = self.problem, []
        at = {code: a for a, code in enumerate(p.areas)}
        for code, area in zip(p.areas, self.areas, strict=True):
            sigma = [0.0, *map(area_multiplier, certificate["multipliers"].get(code, ()))]
            tables.append(area.values if area.is_alone else area.table(sigma))
        for entry in certificate.get("branches", ()):
            a = at[entry["area"]]
            area, of = self.areas[a], self.members[a]
            z = int(entry["coordinator_steps"]) - int(self.fewest[1][a])
            n = int(entry["facilitator_steps"]) - int(self.fewest[0][of].sum())
            if area.is_alone or not (0 <= z < len(tables[a]) and 0 <= n < tables[a].shape[1]):
                raise ValueError(entry)
            tables[a][z, n] = min(tables[a][z, n], area.tree_bound(entry["tree"], z, n))
        return CertifiedSums(self, self.best_sums(tables)[-1])


@dataclass(frozen=True, eq=False)
class CertifiedSums:
    """A proved bound on the first stage at every pair of totals [N,Z].

    unreached : where the lowest rate is the first stage, a rate that no plan reaches
    """

    tables: StepTables
    sums: Floats
    unreached: float | None = None

    def stage_bound(self, number: int, kept: Sequence[float]) -> float:
        """The bound of a stage over the plans that keep given values of the earlier stages."""
        if self.unreached is not None:
            if number == 0:
                return self.unreached
            number, kept = number - 1, kept[1:]
        if number == 0:
            most, target = float(self.sums.max()), self.tables.target
            return most if target is None else max(0.0, target - most)
        stages, possible = self.tables.problem.stages, self.sums >= self.tables.needed(kept[0])
        for stage, most in zip(stages[1:number], kept[1:], strict=False):
            possible &= self.tables.cost(stage.objective) <= most
        cost = self.tables.cost(stages[number].objective)
        return float(np.min(cost[possible], initial=np.inf))


def certified_sums(p: Problem, certificate: Any, rate: float) -> CertifiedSums:
    """Bounds that a certificate proves; *rate* is the rate kept by a first stage ``worst_rate``."""
    if p.stages[0].objective != LOWEST_RATE:
        return StepTables(p).certified(certificate)
    sums = StepTables(lowest_rate_as_least_rate(p, rate)).certified(certificate)
    return replace(sums, unreached=highest_table_rate(lowest_rate_as_least_rate(p, 0.0))[1])


def is_table_possible(p: Problem) -> bool:
    """Whether tables of areas apply to a problem in steps and some plan keeps all its limits."""
    limits = step_limits(p)
    return limits is not None and bool(StepTables(p, limits).possible.any())


def highest_table_rate(p: Problem) -> tuple[float, float]:
    """A rate that all territories reach in some plan, and a higher one that no plan reaches.

    They differ by at most ``RATE_ROUNDING``. The problem must have a plan.
    """
    reached, beyond = 0.0, 1.0 + GAP
    while beyond - reached > RATE_ROUNDING:
        rate = (reached + beyond) / 2
        possible = is_table_possible(with_least_rate(p, rate))
        reached, beyond = (rate, beyond) if possible else (reached, rate)
    return reached, beyond


@lru_cache(maxsize=8)  # problems that differ in limits share it
def _most_of_effort(curves: Curves, worth: bytes, territory: bytes, effort_fte: bytes) -> Floats:
    """``Splitter.most_covered`` of some territories, given by number; arrays are given as bytes.

    worth : value of a covered contract of each kind of buyer
    """
    kinds, which = np.frombuffer(worth), np.frombuffer(territory, dtype=int)
    curve = (which[:, None] * len(kinds) + np.arange(len(kinds))).ravel()
    weights = np.tile(kinds, (len(which), 1))
    splitter = Splitter(curves.take(curve), weights, np.zeros(len(which)), np.inf)
    return splitter.most_covered(np.frombuffer(effort_fte))
