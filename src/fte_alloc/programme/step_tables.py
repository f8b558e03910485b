"""Posts in steps, one year: what each area can cover with so many posts, and the sum over areas.

With n facilitators and z coordinators, in steps, an area covers at most

    F_a(n, z) = σ m (e^c + g^c + z) + max { Σ_i h_i(x_i) : Σ x_i = n },  any σ ≥ 0,
    h_i(x) = max { V_i(base + u v) − σ v : 0 ≤ v ≤ supply },

where σ is a multiplier of the row ``span`` and V_i(k) the most that effort k covers. Every h_i is
concave, so the greatest sum takes the steepest steps first. The least of such lines over a few σ is
a table; limits across areas count the totals of all facilitators and of all coordinators alone, so
the best sum of tables for every pair of totals bounds the country. No solver is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from fte_alloc.programme.curves import Curves, Floats
from fte_alloc.programme.data import given, per_post
from fte_alloc.programme.effort import most_of_effort
from fte_alloc.programme.judge import FTE_TOLERANCE, MONEY_TOLERANCE
from fte_alloc.programme.limits import EUR, RATE, STATE, Limit
from fte_alloc.programme.problem import Problem

#: First objectives that add up over areas, and later ones that follow from totals of posts.
SUMMED, COUNTED = ("coverage", "contracts"), ("state_cost", "posts")
#: Entries of the sums above which they take too long.
MOST_ENTRIES = 20_000_000
#: Tables that are kept of the same curves.
MOST_KEPT = 8


class Total(NamedTuple):
    """A limit on sums of posts: facilitator · Σ x + coordinator · Σ z ≤ most [FTE or EUR]."""

    facilitator: float
    coordinator: float
    most: float


@dataclass(frozen=True, eq=False)
class Area:
    """The territories of one area, I of them, with 0 to X − 1 steps of new facilitators.

    curves, worth : S curves a territory, and the value of a covered contract, (I·S,)
    base_fte, supply_fte : effort without support, and facilitators to support [I,X]
    values : the most that the only territory covers [Z,N]; of several, each with no support and
        with all supported [2,I,X]
    fewest, most : steps of facilitators allowed [I]
    capacity_fte : facilitators supported, by steps of coordinators from the fewest up [Z]
    within : whether so many coordinators and facilitators are allowed [Z,N], both from the fewest
    gain : u
    """

    curves: Curves
    worth: Floats
    base_fte: Floats
    supply_fte: Floats
    values: Floats
    fewest: np.ndarray
    most: np.ndarray
    capacity_fte: Floats
    within: np.ndarray
    gain: float

    @property
    def is_alone(self) -> bool:
        """Whether there is one territory only."""
        return len(self.base_fte) == 1

    def relaxed(self, sigma: Floats) -> tuple[Floats, Floats]:
        """h_i(x) at each multiplier, and the support that it takes [M,I,X]."""
        lowest, highest = self.values
        if self.gain == 0:
            h = np.broadcast_to(lowest, (len(sigma), *lowest.shape))
            return h, np.zeros_like(h)
        price = sigma / self.gain
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = np.where(self.worth[:, None] > 0, price / self.worth[:, None], np.inf)
            k = self.curves.effort_at_slope(slope)
            least = self.worth[:, None] * self.curves.value(k) - price * k
            shape = len(self.base_fte), -1, len(sigma)
            effort, least = (of.reshape(shape).sum(axis=1).T[:, :, None] for of in (k, least))
            base, supply = self.base_fte, self.supply_fte
            support = np.clip((effort - base) / self.gain, 0.0, supply)
            h = np.where(effort <= base, lowest, least + price[:, None, None] * base)
        full = effort >= base + self.gain * supply
        return np.where(full, highest - sigma[:, None, None] * supply, h), support

    def table(self, sigma: Sequence[float], each: Floats | None = None) -> Floats:
        """The least of the lines of some multipliers [Z,N].

        each : what a step of each territory costs, taken off [I]
        """
        at = np.array(sigma)
        h = self.relaxed(at)[0]
        if each is not None:
            h = h - each[:, None] * np.arange(h.shape[2])
        sums = np.stack([greatest_sums(one, self.fewest, self.most) for one in h])
        return (sums[:, None] + (at[:, None] * self.capacity_fte)[:, :, None]).min(axis=0)

    def leaf_bound(self, tree: Any, z: int, n: int, low: np.ndarray, high: np.ndarray) -> float:
        """What a tree proves of *z* coordinators and *n* facilitators, both from the fewest.

        tree : a multiplier, or the number of a territory, the steps at which it is divided, and
            the trees of at most so many, and of more
        """
        if not isinstance(tree, list):
            h = self.relaxed(np.array([tree]))[0][0]
            left = n + int(self.fewest.sum() - low.sum())
            sums = greatest_sums(h, low, high)
            inside = 0 <= left < len(sums)
            return float(tree * self.capacity_fte[z] + sums[left]) if inside else -np.inf
        i, steps, below, above = tree
        high_below, low_above = high.copy(), low.copy()
        high_below[i], low_above[i] = min(high[i], steps), max(low[i], steps + 1)
        return max(
            self.leaf_bound(below, z, n, low, high_below),
            self.leaf_bound(above, z, n, low_above, high),
        )


def greatest_sums(h: Floats, low: np.ndarray, high: np.ndarray) -> Floats:
    """Σ_i h_i(x_i) with the steepest steps first, by the number of steps from Σ low [N]."""
    at = np.arange(h.shape[1] - 1)
    allowed = (at >= low[:, None]) & (at < high[:, None])
    steps = -np.sort(-np.diff(h, axis=1)[allowed])
    return h[np.arange(len(h)), low].sum() + np.append(0.0, np.cumsum(steps))


class StepTables:
    """A problem in steps as areas, and limits on totals.

    fewest, most : steps of facilitators by territory, then of coordinators by area
    national : limits on the posts of the country
    """

    def __init__(self, p: Problem) -> None:
        self.problem, self.steps_fte = p, p.steps_fte
        found = sorted_limits(p)
        assert found is not None
        bounds, by_area, self.national = found
        self.members = [np.flatnonzero(p.area_of == a) for a in range(len(p.areas))]
        (x_low, x_high), (z_low, z_high) = bounds
        self.fewest, self.most = (x_low, z_low), (x_high, z_high)
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
        efforts = np.concatenate([base, base + u * supply], axis=1)
        alone = [a for a, of in enumerate(self.members) if len(of) == 1]
        own = {}
        for a in alone:
            (i,) = self.members[a]
            x = slice(x_low[i], x_high[i] + 1)
            own[a] = base[i, x] + u * np.minimum(capacity[a][:, None], supply[i, x])
        width = max([efforts.shape[1], *(effort.size for effort in own.values())])
        efforts = np.pad(efforts, ((0, 0), (0, width - efforts.shape[1])), mode="edge")
        for a, effort in own.items():
            efforts[self.members[a][0]] = np.pad(effort.ravel(), (0, width - effort.size), "edge")
        values = places[:, None] * _most_of_effort(p.curves, kinds, efforts)
        self.areas = []
        for a, of in enumerate(self.members):
            n = np.arange(x_low[of].sum(), x_high[of].sum() + 1) * self.steps_fte[0]
            within = np.ones((len(z_fte[a]), len(n)), bool)
            for facilitator, coordinator, most in by_area[a]:
                within &= facilitator * n + coordinator * z_fte[a][:, None] <= most
            if a in own:
                table = values[of[0], : own[a].size].reshape(own[a].shape)
            else:
                table = values[of][:, : 2 * len(steps)].reshape(len(of), 2, -1).swapaxes(0, 1)
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
        per = per_post(p, STATE)[:, 0]
        renewed = p.committed_facilitators_fte.sum(), p.committed_coordinators_fte.sum()
        return per[0] * (renewed[0] + n) + per[1] * (renewed[1] + z)

    def best_sums(self, tables: Sequence[Floats]) -> list[Floats]:
        """The greatest sums of the tables of the first areas, none to all, by totals [N,Z]."""
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
        """What a certificate proves of every pair of totals, by arithmetic.

        certificate : ``multipliers`` by code of area, and ``branches``, each a table entry (area,
            coordinators and facilitators in steps) with the tree of its territories
        """
        p, tables = self.problem, []
        of, at = certificate["multipliers"], {code: a for a, code in enumerate(p.areas)}
        for code, area in zip(p.areas, self.areas, strict=True):
            sigma = [0.0, *map(multiplier, of.get(code, ()))]
            tables.append(area.values if area.is_alone else area.table(sigma))
        for entry in certificate.get("branches", ()):
            a = at[entry["area"]]
            area, inside = (
                self.areas[a],
                {p.territories[i]: j for j, i in enumerate(self.members[a])},
            )
            z = int(entry["coordinator_steps"] - self.fewest[1][a])
            n = int(entry["facilitator_steps"] - self.fewest[0][self.members[a]].sum())
            tree = numbered(entry["tree"], inside)
            proved = area.leaf_bound(tree, z, n, area.fewest, area.most)
            tables[a][z, n] = min(tables[a][z, n], proved)
        return CertifiedSums(self, self.best_sums(tables)[-1])


@dataclass(frozen=True, eq=False)
class CertifiedSums:
    """A proved bound on the first stage at every pair of totals [N,Z]."""

    tables: StepTables
    sums: Floats

    def stage_bound(self, number: int, kept: Sequence[float]) -> float:
        """What no plan does better in a stage, of those that keep so much of the earlier stages."""
        if number == 0:
            return float(self.sums.max())
        stages, possible = self.tables.problem.stages, self.sums >= kept[0]
        for stage, most in zip(stages[1:number], kept[1:], strict=False):
            possible &= self.tables.cost(stage.objective) <= most
        cost = self.tables.cost(stages[number].objective)
        return float(np.min(cost[possible], initial=np.inf))


#: What efforts cover, by curves: problems that differ in limits or in weights of places share it.
_COVERED: WeakKeyDictionary[Curves, dict[tuple[bytes, bytes], Floats]] = WeakKeyDictionary()


def _most_of_effort(curves: Curves, kinds: Floats, effort_fte: Floats) -> Floats:
    """``most_of_effort`` where a kind of buyer counts the same everywhere, kept for next time."""
    known = _COVERED.setdefault(curves, {})
    key = kinds.tobytes(), effort_fte.tobytes()
    if key not in known:
        if len(known) >= MOST_KEPT:
            known.clear()
        known[key] = most_of_effort(curves, np.tile(kinds, len(effort_fte)), effort_fte)
    return known[key]


def multiplier(value: Any) -> float:
    """A multiplier, 0 where it is none: any multiplier of at least 0 proves something."""
    sigma = float(value)
    return sigma if 0.0 < sigma < np.inf else 0.0


def numbered(tree: Any, number: dict[str, int]) -> Any:
    """A tree of territories by number, from one by code."""
    if not isinstance(tree, dict):
        return multiplier(tree)
    below, above = (numbered(tree[side], number) for side in ("at_most", "more"))
    return [number[tree["territory"]], int(tree["steps"]), below, above]


Steps = tuple[np.ndarray, np.ndarray]


def sorted_limits(
    p: Problem,
) -> tuple[tuple[Steps, Steps], list[list[Total]], list[Total]] | None:
    """Limits as fewest and most steps of every place, on each area, and on the country.

    None where tables do not apply: several years, stages or limits that do not follow from the
    totals of an area or of the country, such as rates, shares and groups of territories.
    """
    first, *later = (stage.objective for stage in p.stages)
    if (
        len(p.years) > 1
        or min(p.steps_fte) <= 0
        or first not in SUMMED
        or not set(later) <= set(COUNTED)
        or p.unlimited()
    ):
        return None
    rounding = 1e-9
    most = tuple(
        np.floor((of[:, 0] - 1.0) / step + rounding).astype(int)
        for of, step in zip(p.most_new_fte, p.steps_fte, strict=True)
    )
    fewest = tuple(np.zeros(len(of), int) for of in most)
    everywhere = [tuple(range(n)) for n in p.shape[:2]]
    inside = [tuple(np.flatnonzero(p.area_of == a).tolist()) for a in range(len(p.areas))]
    by_area: list[list[Total]] = [[] for _ in p.areas]
    national = []
    for limit in p.limits:
        if limit.quantity == RATE or limit.is_share:
            return None
        total = _total(p, limit)
        x, z = limit.places
        if len(x) + len(z) == 1:
            role, j = (0, x[0]) if x else (1, z[0])
            per = total[role] * p.steps_fte[role]
            if limit.is_floor:
                fewest[role][j] = max(fewest[role][j], np.ceil(total.most / per - rounding))
            elif per > 0:
                most[role][j] = min(most[role][j], np.floor(total.most / per + rounding))
        elif x in ((), everywhere[0]) and z in ((), everywhere[1]):
            national.append(total)
        else:
            a = z[0] if z else int(p.area_of[x[0]])
            if x not in ((), inside[a]) or z not in ((), (a,)):
                return None
            by_area[a].append(total)
    (x_low, z_low), (x_high, z_high) = fewest, most
    if np.any(x_low > x_high) or np.any(z_low > z_high):
        return None
    return ((x_low, x_high), (z_low, z_high)), by_area, national


def _total(p: Problem, limit: Limit) -> Total:
    """A limit as one on sums of posts, with the tolerance of the judge."""
    sign = -1.0 if limit.is_floor else 1.0
    large = max(1.0, abs(limit.amount))
    slack = MONEY_TOLERANCE * large if limit.unit is EUR else FTE_TOLERANCE
    x, z = (
        sign * float(per) * bool(of)
        for per, of in zip(per_post(p, limit.quantity)[:, 0], limit.places, strict=True)
    )
    return Total(x, z, sign * (limit.amount - given(p, limit)) + 0.5 * slack)
