"""The most that the territories of one area cover with given numbers of posts, in steps.

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
#: Multipliers of a certificate are below this.
LARGEST = 1e100


@dataclass(frozen=True, eq=False)
class Area:
    """The territories of one area, I of them, with 0 to X − 1 steps of new facilitators.

    territories : their codes
    curves, worth : S curves a territory, and the value of a covered contract, (I·S,)
    base_fte, supply_fte : effort without support, and facilitators to support [I,X]
    least_support_fte : facilitators that have to be supported for a least rate [I,X]
    values : the most that the only territory covers [Z,N]; of several, each with the least support
        and with all supported [2,I,X]
    fewest, most : steps of facilitators allowed [I]
    capacity_fte : facilitators supported, by steps of coordinators from the fewest up [Z]
    within : whether so many coordinators and facilitators are allowed [Z,N], both from the fewest
    gain : u
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
            base, supply, fewest = self.base_fte, self.supply_fte, self.least_support_fte
            support = np.clip((effort - base) / self.gain, fewest, supply)
            at_least = lowest - sigma[:, None, None] * fewest
            h = np.where(support > fewest, least + price[:, None, None] * base, at_least)
        full = effort >= base + self.gain * supply
        return np.where(full, highest - sigma[:, None, None] * supply, h), support

    def table(self, sigma: Sequence[float], each: Floats | None = None) -> Floats:
        """The least bound over some multipliers at every entry of the table [Z,N].

        each : what a step of each territory costs, taken off [I]
        """
        at = np.array(sigma)
        h = self.relaxed(at)[0]
        if each is not None:
            h = h - each[:, None] * np.arange(h.shape[2])
        sums = np.stack([greatest_sums(one, self.fewest, self.most) for one in h])
        return (sums[:, None] + (at[:, None] * self.capacity_fte)[:, :, None]).min(axis=0)

    def leaf_bound(self, tree: Any, z: int, n: int, box: Box | None = None) -> float:
        """The bound that a tree proves for *z* coordinators and *n* facilitators above the fewest.

        tree : as certificates have it: a multiplier, or a territory, the steps at which it is
            divided, and the trees of at most so many, and of more
        box : fewest and most steps of every territory; None: all that are allowed
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
        return max(self.leaf_bound(tree[side], z, n, of) for side, of in boxes.items())


def multiplier(value: Any) -> float:
    """A multiplier, 0 where it is none: any multiplier of at least 0 proves something."""
    sigma = float(value)
    return sigma if 0.0 < sigma < LARGEST else 0.0


def greatest_sums(h: Floats, low: np.ndarray, high: np.ndarray) -> Floats:
    """Σ_i h_i(x_i) with the steepest steps first, by the number of steps from Σ low [N]."""
    at = np.arange(h.shape[1] - 1)
    allowed = (at >= low[:, None]) & (at < high[:, None])
    steps = -np.sort(-np.diff(h, axis=1)[allowed])
    return h[np.arange(len(h)), low].sum() + np.append(0.0, np.cumsum(steps))
