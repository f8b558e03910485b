"""Search of one area's table: multipliers, and trees over posts where these leave a gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from fte_alloc.programme.area import Area
from fte_alloc.programme.curves import Floats

#: Parts that an entry's area is divided into at most.
MOST_NODES = 500
#: Multipliers are raised to four times as much, so often, while support is this short [FTE].
MOST_DOUBLINGS, SHORT = 40, 1e-12
#: Multipliers are settled when the least line is this close to the crossing of its neighbours.
SETTLED = 1e-13


@dataclass(frozen=True, eq=False)
class AreaEntry:
    """An entry of an area's table.

    bound : what no plan exceeds
    value, posts : of the best plan found, posts in steps [I]; posts beside the bound [2,I] at first
    tree : what proves the bound, a multiplier or a tree
    """

    bound: float
    value: float
    posts: np.ndarray
    tree: Any


@dataclass(frozen=True, eq=False)
class AreaBounds:
    """Bounds at M multipliers: their values, slopes in the multiplier, and posts taken [M,I]."""

    sigma: Floats
    value: Floats
    slope: Floats
    posts: np.ndarray

    def where(self, which: np.ndarray, other: AreaBounds) -> AreaBounds:
        """These bounds, with another's where *which* is true."""
        return AreaBounds(
            np.where(which, other.sigma, self.sigma),
            np.where(which, other.value, self.value),
            np.where(which, other.slope, self.slope),
            np.where(which[:, None], other.posts, self.posts),
        )


class AreaSearch:
    """The table of an area, lowered by every search of its entries; ties are broken by *each*.

    each : what a step of each territory costs the tie-break [I]; leading : of a coordinator
    """

    def __init__(self, area: Area, each: Floats, leading: float) -> None:
        self.area, self.each = area, each
        self.is_alone = area.is_alone
        self.coordinators = leading * np.arange(len(area.capacity_fte))[:, None]
        self.entries: dict[tuple[int, int], AreaEntry] = {}
        self.multipliers = [0.0]
        self._take(area.values if self.is_alone else area.table([0.0], each))

    def _take(self, table: Floats) -> None:
        if self.is_alone:
            x = np.arange(self.area.fewest[0], self.area.most[0] + 1)
            table = table - self.each[0] * x
        self.table = table - self.coordinators

    def learn(self, wanted: Sequence[tuple[int, int]]) -> bool:
        """Search the multipliers of entries (z, n); whether any had not been searched."""
        new = [at for at in wanted if at not in self.entries and self._is_inside(at)]
        if self.is_alone or not new:
            return False
        area = self.area
        low, high = (np.tile(of, (len(new), 1)) for of in (area.fewest, area.most))
        z, n = np.array(new).T
        bound, sigma, posts = self._least(n, area.capacity_fte[z], low, high)
        for j, at in enumerate(new):
            self.entries[at] = AreaEntry(float(bound[j]), -np.inf, posts[:, j], float(sigma[j]))
        own = [of for of in set(sigma.tolist()) if of > 0 and of not in self.multipliers]
        if own:
            self.multipliers += sorted(own)
            table = area.table(sorted(own), self.each) - self.coordinators
            self.table = np.minimum(self.table, table)
        return True

    def _is_inside(self, at: tuple[int, int]) -> bool:
        return 0 <= at[1] < self.table.shape[1] and bool(self.area.within[at])

    def posts(self, at: tuple[int, int]) -> np.ndarray:
        """The posts of the best plan found for an entry, in steps [I]."""
        return self.area.fewest + at[1] if self.is_alone else self._planned(at).posts

    def _planned(self, at: tuple[int, int]) -> AreaEntry:
        """An entry with its best plan, sought where it is first needed."""
        entry = self.entries[at]
        if entry.posts.ndim > 1:
            value, plan = self._best(at, entry.posts)
            entry = self.entries[at] = replace(entry, value=value, posts=plan)
        return entry

    def gap(self, at: tuple[int, int]) -> float:
        """Bound of an entry less the value of its plan."""
        if self.is_alone:
            return 0.0
        entry = self._planned(at)
        return float(self.table[at] + self.coordinators[at[0], 0]) - entry.value

    # -- multipliers ---------------------------------------------------------------------------

    def _best(self, at: tuple[int, int], plans: np.ndarray) -> tuple[float, np.ndarray]:
        """The best of some plans of an entry, their support shared at one price."""
        capacity = np.full(len(plans), self.area.capacity_fte[at[0]])
        value = self._least(np.full(len(plans), at[1]), capacity, plans, plans)[0]
        best = int(np.argmax(value))
        return float(value[best]), plans[best]

    def _line(
        self, sigma: Floats, n: np.ndarray, capacity: Floats, low: np.ndarray, high: np.ndarray
    ) -> AreaBounds:
        """σ m … + max Σ h_i at each of M multipliers, at given sums and in given boxes of posts."""
        h, support = self.area.relaxed(sigma)
        h = h - self.each[:, None] * np.arange(h.shape[2])
        many, places, steps = h.shape
        at = np.arange(steps - 1)
        allowed = (at >= low[:, :, None]) & (at < high[:, :, None])
        gains = np.where(allowed, np.diff(h, axis=2), -np.inf).reshape(many, -1)
        order = np.argsort(-gains, axis=1, kind="stable")
        rank = np.empty_like(order)
        np.put_along_axis(rank, order, np.arange(gains.shape[1])[None, :], axis=1)
        asked = n + self.area.fewest.sum() - low.sum(axis=1)
        taken = (rank < asked[:, None]).reshape(many, places, -1).sum(axis=2)
        posts = low + taken
        is_possible = (asked >= 0) & np.all(posts <= high, axis=1)
        at_posts = posts.clip(0, steps - 1)[:, :, None]
        value, used = (
            np.take_along_axis(of, at_posts, axis=2)[:, :, 0].sum(axis=1) for of in (h, support)
        )
        line = np.where(is_possible, sigma * capacity + value, -np.inf)
        return AreaBounds(sigma, line, capacity - used, posts)

    def _least(
        self, n: np.ndarray, capacity: Floats, low: np.ndarray, high: np.ndarray
    ) -> tuple[Floats, Floats, np.ndarray]:
        """The least line of each of M entries: its value, multiplier, and posts beside it [2,M,I].

        The line is convex in the multiplier: the next one tried is where the tangents on either
        side cross, in turn with the middle.
        """
        area = self.area
        steepest = float((area.worth * area.curves.slope(np.zeros(len(area.worth)))).max()) or 1.0
        left, right = (
            self._line(np.full(len(n), sigma), n, capacity, low, high)
            for sigma in (0.0, area.gain * steepest)
        )
        for __ in range(MOST_DOUBLINGS):  # least support may be worth more than what it covers
            short = np.isfinite(right.value) & (right.slope < -SHORT)
            if not short.any():
                break
            further = self._line(np.where(short, 4.0, 1.0) * right.sigma, n, capacity, low, high)
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
            found = self._line(sigma, n, capacity, low, high)
            falls = found.slope < 0
            left = left.where(open_ & falls, found)
            right = right.where(open_ & ~falls, found)
        is_left = (left.value <= right.value) | (left.slope >= 0)
        least = right.where(is_left, left)
        return least.value, least.sigma, np.stack([left.posts, right.posts])

    # -- trees ---------------------------------------------------------------------------------

    def divide(self, at: tuple[int, int], goal: float) -> None:
        """Close the gap of an entry to *goal*, its territories divided by their posts."""
        entry, area = self._planned(at), self.area
        value, posts = entry.value, entry.posts
        whole = _Node(area.fewest, area.most)
        leaves = self._grow(at, [whole])
        value, posts = self._improve(at, leaves, value, posts)
        for __ in range(MOST_NODES):
            node = max(leaves, key=lambda leaf: leaf.bound)
            if node.bound - value <= goal or not node.divisible:
                break
            i = int(np.argmax(np.abs(node.posts[0] - node.posts[1])))
            steps = int(node.posts[:, i].min())
            below, above = (_Node(node.low.copy(), node.high.copy()) for __ in range(2))
            below.high[i], above.low[i] = steps, steps + 1
            node.parts = (i, steps, below, above)
            leaves.remove(node)
            new = self._grow(at, [below, above])
            leaves += new
            value, posts = self._improve(at, new, value, posts)
        bound = max(leaf.bound for leaf in leaves)
        if bound < entry.bound:
            self.table[at] = min(self.table[at], bound - self.coordinators[at[0], 0])
        self.entries[at] = AreaEntry(bound, value, posts, whole.tree())

    def _grow(self, at: tuple[int, int], nodes: list[_Node]) -> list[_Node]:
        low, high = (np.stack([getattr(n, side) for n in nodes]) for side in ("low", "high"))
        capacity = np.full(len(nodes), self.area.capacity_fte[at[0]])
        bound, sigma, posts = self._least(np.full(len(nodes), at[1]), capacity, low, high)
        for j, node in enumerate(nodes):
            node.bound, node.sigma, node.posts = float(bound[j]), float(sigma[j]), posts[:, j]
        return nodes

    def _improve(
        self, at: tuple[int, int], nodes: list[_Node], value: float, posts: np.ndarray
    ) -> tuple[float, np.ndarray]:
        for node in nodes:
            if node.bound > value:
                found, plan = self._best(at, node.posts)
                if found > value:
                    value, posts = found, plan
        return value, posts


@dataclass(eq=False)
class _Node:
    """A box of posts: fewest and most steps of each territory, and what proves it."""

    low: np.ndarray
    high: np.ndarray
    bound: float = -np.inf
    sigma: float = 0.0
    posts: np.ndarray = field(default_factory=lambda: np.zeros((2, 0), int))
    parts: tuple[int, int, _Node, _Node] | None = None

    @property
    def divisible(self) -> bool:
        return bool(np.any(self.posts[0] != self.posts[1]))

    def tree(self) -> Any:
        """The tree in the form that ``Area.leaf_bound`` takes."""
        if self.parts is None:
            return self.sigma
        i, steps, below, above = self.parts
        return [i, steps, below.tree(), above.tree()]
