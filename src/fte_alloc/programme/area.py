"""Upper bounds on the contracts that one area covers with given numbers of posts, in steps.

With n facilitators and z coordinators, in steps, an area covers at most, for any σ ≥ 0,

    F(n, z) = σ m (e^c + g^c + z) + max { Σ_i h_i(x_i) : Σ x_i = n },
    h_i(x) = max { V_i(base + u v) − σ v : least ≤ v ≤ supply },

V_i(k) being the most that effort k covers, least the support that the territory's least rate takes.
Every h_i is concave: the greatest sum takes the steepest steps first. σ is searched for, and a tree
over the posts of the territories where no σ closes the gap. No solver is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from fte_alloc.programme.curves import Curves, Floats

#: Fewest and most steps of every territory [I].
Box = tuple[np.ndarray, np.ndarray]
#: Multipliers of a certificate that are not below this count as 0.
LARGEST = 1e100
#: Most parts into which the plans of one entry are divided.
MOST_PARTS = 500
#: Most times that a multiplier is quadrupled, and the lack of support that requires this [FTE].
MOST_DOUBLINGS, SHORT = 40, 1e-12
#: A multiplier is settled when its line is this close to where the tangents beside it cross.
SETTLED = 1e-13


@dataclass(frozen=True, eq=False)
class Area:
    """Data of one area: its I territories, each with 0 to X − 1 steps of new facilitators.

    curves, worth : S curves per territory, and the value of a contract covered on each, (I·S,)
    base_fte, supply_fte : effort without support, and facilitators who can be supported [I,X]
    least_support_fte : supported facilitators that the least rate requires [I,X]
    values : the most contracts covered: by the only territory [Z,N]; of several territories, by
        each, first with the least support, then with all facilitators supported [2,I,X]
    fewest, most : fewest and most steps of new facilitators allowed [I]
    capacity_fte : facilitators that coordinators support, by their steps from the fewest up [Z]
    within : whether limits allow z coordinators and n facilitators, from the fewest up [Z,N]
    gain : u, effective FTE that one supported FTE adds
    """

    territories: tuple[str, ...]
    curves: Curves
    worth: Floats
    base_fte: Floats
    supply_fte: Floats
    least_support_fte: Floats
    values: Floats
    fewest: np.ndarray
    most: np.ndarray
    capacity_fte: Floats
    within: np.ndarray
    gain: float

    @property
    def is_alone(self) -> bool:
        """Whether the area has only one territory."""
        return len(self.base_fte) == 1

    def relaxed(self, sigma: Floats) -> tuple[Floats, Floats]:
        """Values h_i(x) at each of M multipliers, and the support v that gives them [M,I,X]."""
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
            base, supply, fewest = self.base_fte, self.supply_fte, self.least_support_fte
            support = np.clip((effort - base) / self.gain, fewest, supply)
            at_least = lowest - sigma[:, None, None] * fewest
            h = np.where(support > fewest, least + price[:, None, None] * base, at_least)
        full = effort >= base + self.gain * supply
        return np.where(full, highest - sigma[:, None, None] * supply, h), support

    def table(self, sigma: Sequence[float], each: Floats | None = None) -> Floats:
        """Table of the area: the least bound over some multipliers for every (z, n) [Z,N].

        each : amount subtracted for each step of a territory [I]
        """
        at = np.array(sigma)
        h = self.relaxed(at)[0]
        if each is not None:
            h = h - each[:, None] * np.arange(h.shape[2])
        sums = np.stack([greatest_sums(one, self.fewest, self.most) for one in h])
        return (sums[:, None] + (at[:, None] * self.capacity_fte)[:, :, None]).min(axis=0)

    def tree_bound(self, tree: Any, z: int, n: int, box: Box | None = None) -> float:
        """Bound that a tree proves for *z* coordinator and *n* facilitator steps above the fewest.

        tree : a multiplier; or a dict of a territory, a number of steps, and the trees of the plans
            with at most that many steps in this territory and of those with more
        box : fewest and most steps of every territory; None: those of the area
        """
        low, high = box or (self.fewest, self.most)
        if not isinstance(tree, dict):
            sigma = area_multiplier(tree)
            sums = greatest_sums(self.relaxed(np.array([sigma]))[0][0], low, high)
            left = n + int(self.fewest.sum() - low.sum())
            inside = 0 <= left < len(sums)
            return float(sigma * self.capacity_fte[z] + sums[left]) if inside else -np.inf
        i, steps = self.territories.index(tree["territory"]), int(tree["steps"])
        at_most, more = high.copy(), low.copy()
        at_most[i], more[i] = min(high[i], steps), max(low[i], steps + 1)
        boxes = {"at_most": (low, at_most), "more": (more, high)}
        return max(self.tree_bound(tree[side], z, n, of) for side, of in boxes.items())


def area_multiplier(value: Any) -> float:
    """The multiplier that a certificate states for an area; one out of range is read as 0."""
    sigma = float(value)
    return sigma if 0.0 < sigma < LARGEST else 0.0  # 0 proves a bound, too


def greatest_sums(h: Floats, low: np.ndarray, high: np.ndarray) -> Floats:
    """Greatest Σ_i h_i(x_i) with n steps above Σ low, for every n [N], by steepest steps first."""
    at = np.arange(h.shape[1] - 1)
    allowed = (at >= low[:, None]) & (at < high[:, None])
    steps = -np.sort(-np.diff(h, axis=1)[allowed])
    return h[np.arange(len(h)), low].sum() + np.append(0.0, np.cumsum(steps))


# -- the search of multipliers and trees ----------------------------------------------------------


@dataclass(eq=False)
class Part:
    """A box of plans of an entry, and the multiplier that proves their upper bound.

    low, high : fewest and most steps of each territory [I]
    posts : posts of the plans on either side of the multiplier, in steps [2,I]
    divided : index of the territory, and the number of its steps, that divide the box
    parts : the boxes with at most that many steps, and with more; empty where it is not divided
    """

    low: np.ndarray
    high: np.ndarray
    bound: float = np.inf
    sigma: float = 0.0
    posts: np.ndarray = field(default_factory=lambda: np.zeros((2, 0), int))
    divided: tuple[int, int] = (0, 0)
    parts: tuple[Part, ...] = ()

    @property
    def leaves(self) -> list[Part]:
        """The undivided parts."""
        return [leaf for part in self.parts for leaf in part.leaves] or [self]

    def divide(self) -> tuple[Part, ...]:
        """Divide the box between the two plans beside the multiplier; returns both parts."""
        i = int(np.argmax(np.abs(self.posts[0] - self.posts[1])))
        steps = int(self.posts[:, i].min())
        at_most, more = (Part(self.low.copy(), self.high.copy()) for _ in range(2))
        at_most.high[i], more.low[i] = steps, steps + 1
        self.divided, self.parts = (i, steps), (at_most, more)
        return self.parts

    def tree(self, codes: Sequence[str]) -> Any:
        """Certificate of the upper bound on these plans, in the form ``Area.tree_bound`` reads."""
        if not self.parts:
            return self.sigma
        (i, steps), (at_most, more) = self.divided, (part.tree(codes) for part in self.parts)
        return {"territory": codes[i], "steps": steps, "at_most": at_most, "more": more}


class AreaBounds(NamedTuple):
    """Bounds at M multipliers: values and slopes in the multiplier [M], and posts taken [I,M]."""

    sigma: Floats
    value: Floats
    slope: Floats
    posts: np.ndarray

    def where(self, which: np.ndarray, other: AreaBounds) -> AreaBounds:
        """The bounds *other* where the mask *which* is true, and these bounds elsewhere."""
        pairs = zip(self, other, strict=True)
        return AreaBounds(*(np.where(which, changed, mine) for mine, changed in pairs))


class AreaSearch:
    """The table of bounds of an area, which each search of an entry can lower.

    each : cost of a step by territory, which breaks ties [I]; leading : cost of a coordinator step
    """

    def __init__(self, area: Area, each: Floats, leading: float) -> None:
        self.area, self.each, self.is_alone = area, each, area.is_alone
        self.coordinators = leading * np.arange(len(area.capacity_fte))[:, None]
        self.entries: dict[tuple[int, int], Part] = {}
        self._plans: dict[tuple[int, int], tuple[float, np.ndarray]] = {}
        self.multipliers = [0.0]
        x = np.arange(area.fewest[0], area.most[0] + 1)
        table = area.values - each[0] * x if self.is_alone else area.table([0.0], each)
        self.table = table - self.coordinators

    def search_entries(self, wanted: Sequence[tuple[int, int]]) -> bool:
        """Search the multipliers of entries (z, n); returns whether any entry is new."""
        within, new = self.area.within, [at for at in wanted if at not in self.entries]
        new = [(z, n) for z, n in new if 0 <= n < within.shape[1] and within[z, n]]
        if self.is_alone or not new:
            return False
        whole = [Part(self.area.fewest, self.area.most) for _ in new]
        self._prove(new, whole)
        self.entries |= dict(zip(new, whole, strict=True))
        own = sorted({of.sigma for of in whole if of.sigma > 0}.difference(self.multipliers))
        if own:
            self.multipliers += own
            table = self.area.table(own, self.each) - self.coordinators
            self.table = np.minimum(self.table, table)
        return True

    def posts(self, at: tuple[int, int]) -> np.ndarray:
        """The posts of the best plan found for an entry, in steps [I]."""
        return self.area.fewest + at[1] if self.is_alone else self._planned(at)[1]

    def _planned(self, at: tuple[int, int]) -> tuple[float, np.ndarray]:
        if at not in self._plans:
            self._plans[at] = self._best(at, self.entries[at].posts)
        return self._plans[at]

    def gap(self, at: tuple[int, int]) -> float:
        """Bound of an entry minus the value of its plan."""
        if self.is_alone:
            return 0.0
        return float(self.table[at] + self.coordinators[at[0], 0]) - self._planned(at)[0]

    # -- multipliers ---------------------------------------------------------------------------

    def _best(self, at: tuple[int, int], plans: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and posts of the best of *plans* of an entry, support being shared at one price."""
        value = self._least([at] * len(plans), plans, plans)[0]
        best = int(np.argmax(value))
        return float(value[best]), plans[best]

    def _bounds_at(
        self, sigma: Floats, n: np.ndarray, capacity: Floats, low: np.ndarray, high: np.ndarray
    ) -> AreaBounds:
        """Bounds σ · capacity + max Σ h_i at M multipliers σ, given totals and boxes of posts."""
        h, support = self.area.relaxed(sigma)
        h = h - self.each[:, None] * np.arange(h.shape[2])
        many, places, steps = h.shape
        at = np.arange(steps - 1)
        allowed = (at >= low[:, :, None]) & (at < high[:, :, None])
        gains = np.where(allowed, np.diff(h, axis=2), -np.inf).reshape(many, -1)
        rank = np.argsort(np.argsort(-gains, axis=1, kind="stable"), axis=1)
        asked = n + self.area.fewest.sum() - low.sum(axis=1)
        taken = (rank < asked[:, None]).reshape(many, places, -1).sum(axis=2)
        posts = low + taken
        is_possible = (asked >= 0) & np.all(posts <= high, axis=1)
        x = posts.clip(0, steps - 1)[:, :, None]
        value, used = (np.take_along_axis(of, x, 2)[:, :, 0].sum(axis=1) for of in (h, support))
        line = np.where(is_possible, sigma * capacity + value, -np.inf)
        return AreaBounds(sigma, line, capacity - used, posts.T)

    def _least(
        self, entries: Sequence[tuple[int, int]], low: np.ndarray, high: np.ndarray
    ) -> tuple[Floats, Floats, np.ndarray]:
        """Least bound of each of M entries: value, multiplier, posts on either side [2,M,I].

        low, high : the box of posts of each entry [M,I]

        The bound is convex in the multiplier: the next multiplier tried is where the tangents on
        either side cross, and every third time the middle.
        """
        area, (z, n) = self.area, np.array(entries).T
        capacity = area.capacity_fte[z]
        steepest = float((area.worth * area.curves.slope(np.zeros(len(area.worth)))).max()) or 1.0
        ends = np.zeros(len(n)), np.full(len(n), area.gain * steepest)
        left, right = (self._bounds_at(sigma, n, capacity, low, high) for sigma in ends)
        for __ in range(MOST_DOUBLINGS):  # least support may have a high price
            short = np.isfinite(right.value) & (right.slope < -SHORT)
            if not short.any():
                break
            further = self._bounds_at(
                np.where(short, 4.0, 1.0) * right.sigma, n, capacity, low, high
            )
            left, right = left.where(short, right), further
        for turn in range(100):
            best, width = np.minimum(left.value, right.value), right.sigma - left.sigma
            with np.errstate(divide="ignore", invalid="ignore"):
                away = (left.value - right.value + right.slope * width) / (right.slope - left.slope)
                below = best - left.value - left.slope * away
            open_ = (left.slope < 0) & (below > SETTLED * np.maximum(1.0, np.abs(best)))
            open_ &= width > 1e-15 * right.sigma
            if not open_.any():
                break
            away = np.where((away > 0) & (away < width) & (turn % 3 < 2), away, 0.5 * width)
            sigma = left.sigma + np.where(open_, away, 0.0)
            found = self._bounds_at(sigma, n, capacity, low, high)
            falls = found.slope < 0
            left = left.where(open_ & falls, found)
            right = right.where(open_ & ~falls, found)
        is_left = (left.value <= right.value) | (left.slope >= 0)
        least = right.where(is_left, left)
        return least.value, least.sigma, np.stack([left.posts.T, right.posts.T])

    # -- trees ---------------------------------------------------------------------------------

    def divide(self, at: tuple[int, int], goal: float) -> None:
        """Branch on territories' posts until the gap of an entry is *goal* (or ``MOST_PARTS``)."""
        whole, best = self.entries[at], self._planned(at)
        while len(whole.leaves) <= MOST_PARTS:
            widest = max(whole.leaves, key=lambda leaf: leaf.bound)
            if widest.bound - best[0] <= goal or np.array_equal(*widest.posts):
                break
            parts = widest.divide()
            self._prove([at, at], parts)
            found = (self._best(at, part.posts) for part in parts if part.bound > best[0])
            best = max([best, *found], key=lambda plan: plan[0])
        self._plans[at] = best
        bound = max(leaf.bound for leaf in whole.leaves) - self.coordinators[at[0], 0]
        self.table[at] = min(self.table[at], bound)

    def _prove(self, entries: Sequence[tuple[int, int]], parts: Sequence[Part]) -> None:
        """Set the least bound, multiplier and posts of parts, given the entry (z, n) of each."""
        low, high = (np.stack(of) for of in zip(*((p.low, p.high) for p in parts), strict=True))
        bound, sigma, posts = self._least(entries, low, high)
        for j, part in enumerate(parts):
            part.bound, part.sigma, part.posts = float(bound[j]), float(sigma[j]), posts[:, j]
