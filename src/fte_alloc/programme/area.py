"""Upper bounds on the contracts that one area covers with given numbers of posts, in steps.

With n facilitators and z coordinators, in steps, an area covers at most, for any σ ≥ 0,

    F(n, z) = σ m (e^c + g^c + z) + max { Σ_i h_i(x_i) : Σ x_i = n },
    h_i(x) = max { V_i(base + u v) − σ v : least ≤ v ≤ supply },

V_i(k) being the most that effort k covers, least the support that the territory's least rate takes.
Every h_i is concave: the greatest sum takes the steepest steps first. No solver is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fte_alloc.programme.curves import Curves, Floats

#: Fewest and most steps of every territory [I].
Box = tuple[np.ndarray, np.ndarray]
#: Multipliers of a certificate that are not below this count as 0.
LARGEST = 1e100


@dataclass(frozen=True, eq=False)
class Area:
    """Data of one area: its I territories, each with 0 to X − 1 steps of new facilitators.

    territories : codes of the territories
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
        """Bound that a tree proves for *z* coordinators and *n* facilitators above the fewest.

        tree : a multiplier; or a dict of a territory, a number of steps, and the trees of the plans
            with at most that many steps in this territory and of those with more
        box : fewest and most steps of every territory; None: those of the area
        """
        low, high = box or (self.fewest, self.most)
        if not isinstance(tree, dict):
            sigma = multiplier(tree)
            sums = greatest_sums(self.relaxed(np.array([sigma]))[0][0], low, high)
            left = n + int(self.fewest.sum() - low.sum())
            inside = 0 <= left < len(sums)
            return float(sigma * self.capacity_fte[z] + sums[left]) if inside else -np.inf
        i, steps = self.territories.index(tree["territory"]), int(tree["steps"])
        at_most, more = high.copy(), low.copy()
        at_most[i], more[i] = min(high[i], steps), max(low[i], steps + 1)
        boxes = {"at_most": (low, at_most), "more": (more, high)}
        return max(self.tree_bound(tree[side], z, n, of) for side, of in boxes.items())


def multiplier(value: Any) -> float:
    """A multiplier read from a certificate; 0, which proves a bound as well, if out of range."""
    sigma = float(value)
    return sigma if 0.0 < sigma < LARGEST else 0.0


def greatest_sums(h: Floats, low: np.ndarray, high: np.ndarray) -> Floats:
    """Greatest Σ_i h_i(x_i) with n steps above Σ low, for every n [N], by steepest steps first."""
    at = np.arange(h.shape[1] - 1)
    allowed = (at >= low[:, None]) & (at < high[:, None])
    steps = -np.sort(-np.diff(h, axis=1)[allowed])
    return h[np.arange(len(h)), low].sum() + np.append(0.0, np.cumsum(steps))
