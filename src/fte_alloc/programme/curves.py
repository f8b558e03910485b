"""Coverage curves: how many contracts are expected to be covered by an effort.

A curve is increasing and concave in the effort *k* [effective FTE] given to one kind of buyer
in one territory and year. All curves of a problem are held together, along one leading axis C,
so that every evaluation is one vectorised call. A family offers

* ``value(k)`` expected contracts covered [contracts/yr],
* ``slope(k)`` contracts that one more FTE adds (from the right) [contracts/(FTE.yr)],
* ``effort_at_slope(slope)`` the least effort at which a curve is no steeper than *slope*,
* ``pieces(points)`` straight pieces of decreasing slope that lie nowhere below the curve,
* ``exact_pieces`` whether the pieces equal the curves, whatever the points.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, TypeAlias

import numpy as np

from fte_alloc.lp.matrix import Floats as Floats
from fte_alloc.lp.piecewise import Pieces

#: Tolerance of rows that involve curves, as a share of max(1, |limit|).
CURVE_TOLERANCE = 2e-9


def demand_draws(demand_cv: float, draws: int) -> Floats:
    """Equiprobable draws d_1 … d_K of a lognormal of mean 1, each the mean of its quantile bin.

    d_j = K (Φ(z_j − s) − Φ(z_{j−1} − s)) with s² = ln(1 + σ²) and z_j the j/K quantile of the
    standard normal, so that the mean of the draws is exactly 1.

    demand_cv : σ, relative standard deviation of the number of contracts [1]; draws : K
    """
    if demand_cv == 0 or draws == 1:
        return np.ones(1)
    from statistics import NormalDist

    normal = NormalDist()
    s = math.sqrt(math.log1p(demand_cv**2))
    below = [0.0, *(normal.cdf(normal.inv_cdf(j / draws) - s) for j in range(1, draws)), 1.0]
    return draws * np.diff(below)


def _mean(draws: Floats) -> Floats:
    """Mean over the last axis, equal to ``ndarray.mean`` to the last bit; faster if small."""
    return np.add.reduce(draws, axis=-1) / draws.shape[-1]


@lru_cache(maxsize=8)
def _inverse(draws: tuple[float, ...]) -> tuple[Floats, Floats]:
    """Table of ln(G′(0) / G′(k)) against k in units of the mean ``_scale``; one for all curves."""
    effort = np.linspace(0.0, 40.0, 20_000)
    return -np.log(_mean(np.exp(-effort[:, None] / np.array(draws)))), effort


@dataclass(frozen=True, eq=False)
class SaturatingCurves:
    """Curves of random search with uncertain demand (Koopman, Operations Research 5, 1957).

    G(k) = (1/K) Σ_j φ(k; n d_j), φ(k; n) = α n + (β − α) n (1 − exp(−h k / ((β − α) n))).

    contracts : n, shape (C,) [contracts/yr]
    floor_rate, ceiling_rate : α, β, shape (C,) [1]
    contracts_per_fte : h, shape (C,) [contracts/(FTE.yr)]
    draws : d, shape (K,), of mean 1 [1]
    """

    contracts: Floats
    floor_rate: Floats
    ceiling_rate: Floats
    contracts_per_fte: Floats
    draws: Floats
    exact_pieces = False

    @cached_property
    def _scale(self) -> Floats:
        """Scale (β − α) n d_j / h, effort that leaves 1/e of a draw uncovered (C,K) [FTE]."""
        reach = (self.ceiling_rate - self.floor_rate) * self.contracts
        live = (reach > 0) & (self.contracts_per_fte > 0)
        ratio = np.divide(reach, self.contracts_per_fte, out=np.ones_like(reach), where=live)
        return ratio[:, None] * self.draws

    @cached_property
    def _first_slope(self) -> Floats:
        """Slope G′(0): h where there are contracts to cover, else 0 (C,)."""
        reach = (self.ceiling_rate - self.floor_rate) * self.contracts
        return np.where(reach > 0, self.contracts_per_fte, 0.0)

    def _by_draw(self, k: Floats) -> tuple[Floats, tuple[int, ...]]:
        """``_scale`` and the shape of one number per curve, to broadcast against k (C, …)."""
        column = (len(self.contracts), *(1,) * (k.ndim - 1))
        return self._scale.reshape(*column, len(self.draws)), column

    def value(self, effort_fte: Floats) -> Floats:
        """Expected contracts covered by *effort_fte*, shape (C, …) [contracts/yr]."""
        k = np.asarray(effort_fte, dtype=float)
        scale, column = self._by_draw(k)
        gain = -np.expm1(-k[..., None] / scale) * scale
        floor = (self.floor_rate * self.contracts).reshape(column)
        return floor + self._first_slope.reshape(column) * _mean(gain)

    def slope(self, effort_fte: Floats) -> Floats:
        """Slope G′(k), shape (C, …) [contracts/(FTE.yr)]."""
        k = np.asarray(effort_fte, dtype=float)
        scale, column = self._by_draw(k)
        return self._first_slope.reshape(column) * _mean(np.exp(-k[..., None] / scale))

    def derivatives(self, effort_fte: Floats) -> tuple[Floats, Floats, Floats]:
        """Values G, G′ and G″ of every curve at one effort each, (C,), from one exponential."""
        scale, first = self._scale, self._first_slope / len(self.draws)
        left = np.exp(-effort_fte[:, None] / scale)
        value = self.floor_rate * self.contracts + first * ((1.0 - left) * scale).sum(axis=1)
        return value, first * left.sum(axis=1), -first * (left / scale).sum(axis=1)

    def effort_at_slope(self, slope: Floats) -> Floats:
        """Effort where G′ equals *slope* (C, …) [FTE]: 0 if G′(0) is no greater, inf for slope ≤ 0.

        Newton's method on ln G′, which is convex and decreasing, starts from ``_inverse``.
        """
        target = np.asarray(slope, dtype=float)
        scale, column = self._by_draw(target)
        steep = self._first_slope.reshape(column) > target
        reached = steep & (target > 0)
        mean_scale = (self._scale @ np.full(len(self.draws), 1 / len(self.draws))).reshape(column)
        with np.errstate(all="ignore"):
            first, log_target = np.log(self._first_slope).reshape(column), np.log(target)
            start = np.interp(first - log_target, *_inverse(tuple(self.draws)))
            k = np.where(reached, mean_scale * start, 0.0)
            for _ in range(100):
                left = np.exp(-k[..., None] / scale)
                mean = _mean(left)
                step = (first + np.log(mean) - log_target) * mean / _mean(left / scale)
                step = np.where(reached & np.isfinite(step), step, 0.0)
                k = np.maximum(0.0, k + step)
                if (np.abs(step) <= 1e-7 * (1.0 + k)).all():  # quadratic: the next would be 1e-14
                    break
        return np.where(steep & ~reached, np.inf, k)

    def take(self, which: np.ndarray) -> SaturatingCurves:
        """The curves with the given indices."""
        return SaturatingCurves(
            self.contracts[which],
            self.floor_rate[which],
            self.ceiling_rate[which],
            self.contracts_per_fte[which],
            self.draws,
        )

    def pieces(self, points_fte: Floats, most_fte: Floats) -> Pieces:
        """Envelope of the tangents at effort 0 and at the given points.

        points_fte : where tangents touch, ascending along a row, repeats allowed, (C, M) [FTE]
        most_fte : effort at which the last piece ends, (C,) [FTE]

        The tangents at a < b meet at a + (G(b) − G(a) − G′(b)(b − a)) / (G′(a) − G′(b)); both
        differences are written with expm1, so that tangents 1e-5 FTE apart still meet accurately.
        """
        touch = np.concatenate([np.zeros((len(points_fte), 1)), points_fte], axis=1)
        gap = np.diff(touch, axis=1)
        scale = self._scale[:, None, :]
        left = np.exp(-touch[..., None] / scale)
        u = gap[..., None] / scale
        gone = -np.expm1(-u)
        drop = _mean(left[:, :-1] * gone)
        excess = (scale * left[:, :-1] * (gone - u * np.exp(-u))).mean(axis=2)
        meet = np.divide(excess, drop, out=0.5 * gap, where=drop > 0)
        ends = np.minimum(touch[:, :-1] + np.clip(meet, 0.0, gap), most_fte[:, None])
        ends = np.concatenate([ends, most_fte[:, None]], axis=1)
        lengths = np.maximum(np.diff(ends, axis=1, prepend=0.0), 0.0)
        slopes = self._first_slope[:, None] * _mean(left)
        return Pieces(self.floor_rate * self.contracts, slopes, lengths)


@dataclass(frozen=True, eq=False)
class TableCurves:
    """Curves as points (effort, contracts) from effort 0, joined by lines, flat after the last.

    efforts_fte, contracts : one ascending tuple per curve
    Points must be increasing and concave; ``first_fault`` finds the first that is not.
    """

    efforts_fte: tuple[tuple[float, ...], ...]
    contracts: tuple[tuple[float, ...], ...]
    exact_pieces = True

    @staticmethod
    def first_fault(efforts_fte: Sequence[float], contracts: Sequence[float]) -> int | None:
        """Index of the first point that breaks increase or concavity, None if there is none."""
        before = math.inf
        for j in range(1, len(efforts_fte)):
            gap, rise = efforts_fte[j] - efforts_fte[j - 1], contracts[j] - contracts[j - 1]
            slope, rounding = rise / gap, 1e-12 * max(1.0, abs(contracts[j]))
            if rise < 0 or (slope - before) * gap > rounding:
                return j
            before = slope
        return None

    @cached_property
    def table(self) -> Pieces:
        """The pieces between neighbouring points of every curve, (C, M)."""
        shape = (len(self.efforts_fte), max(len(e) for e in self.efforts_fte))
        slopes, lengths = np.zeros(shape), np.zeros(shape)
        for c, (e, y) in enumerate(zip(self.efforts_fte, self.contracts, strict=True)):
            lengths[c, : len(e) - 1] = np.diff(e)
            slopes[c, : len(e) - 1] = np.diff(y) / np.diff(e)
        return Pieces(np.array([y[0] for y in self.contracts]), slopes, lengths)

    def value(self, effort_fte: Floats) -> Floats:
        """Expected contracts covered by *effort_fte*, shape (C, …) [contracts/yr]."""
        rows = zip(effort_fte, self.efforts_fte, self.contracts, strict=True)
        return np.array([np.interp(k, e, y) for k, e, y in rows]).reshape(np.shape(effort_fte))

    def slope(self, effort_fte: Floats) -> Floats:
        """Slope to the right of *effort_fte*, 0 after the last point [contracts/(FTE.yr)]."""
        rows = zip(self.table.slopes, self.efforts_fte, effort_fte, strict=True)
        slopes = [of[np.searchsorted(e, k, side="right") - 1] for of, e, k in rows]
        return np.array(slopes).reshape(np.shape(effort_fte))

    def effort_at_slope(self, slope: Floats) -> Floats:
        """Least effort after which each curve is no steeper than *slope*, (C, …) [FTE]."""
        target = np.asarray(slope, dtype=float)
        aimed = target.reshape(len(target), -1, 1)
        steeper = (self.table.slopes[:, None, :] > aimed).sum(axis=2)  # number of pieces
        ends = np.pad(np.cumsum(self.table.lengths, axis=1), ((0, 0), (1, 0)))
        effort = np.take_along_axis(ends, steeper, axis=1).reshape(target.shape)
        return np.where(target < 0, np.inf, effort)

    def take(self, which: np.ndarray) -> TableCurves:
        """The curves of the given numbers."""
        points = self.efforts_fte, self.contracts
        return TableCurves(*(tuple(of[c] for c in which) for of in points))

    def pieces(self, points_fte: Floats, most_fte: Floats) -> Pieces:  # noqa: ARG002 - exact anyway
        """The pieces of the table and a flat last one, which do not depend on *points_fte*."""
        ends = np.minimum(np.cumsum(self.table.lengths, axis=1), most_fte[:, None])
        ends = np.concatenate([ends, most_fte[:, None]], axis=1)
        slopes = np.concatenate([self.table.slopes, np.zeros((len(ends), 1))], axis=1)
        return Pieces(self.table.start, slopes, np.diff(ends, axis=1, prepend=0.0))


#: Families of curves.
Curves: TypeAlias = SaturatingCurves | TableCurves


@dataclass(frozen=True, eq=False)
class JoinedCurves:
    """The curves of several problems, joined along one axis, so that a search sees one problem.

    parts, sizes : the curves of each problem, and their number
    """

    parts: tuple[Curves, ...]
    sizes: tuple[int, ...]

    @property
    def exact_pieces(self) -> bool:
        """Whether the straight pieces of each problem's curves equal these curves."""
        return all(part.exact_pieces for part in self.parts)

    def _of(self, *arrays: Floats) -> Iterator[tuple[Any, ...]]:
        ends = np.cumsum(self.sizes)[:-1]
        return zip(self.parts, *(np.split(array, ends) for array in arrays), strict=True)

    def value(self, effort_fte: Floats) -> Floats:
        """Expected contracts covered by *effort_fte*, shape (C, …) [contracts/yr]."""
        return np.concatenate([part.value(k) for part, k in self._of(effort_fte)])

    def effort_at_slope(self, slope: Floats) -> Floats:
        """Least effort after which each curve is no steeper than *slope*, (C, …) [FTE]."""
        return np.concatenate([part.effort_at_slope(of) for part, of in self._of(slope)])

    def pieces(self, points_fte: Floats, most_fte: Floats) -> Pieces:
        """Pieces of all curves, padded with pieces of length 0 to the same number per curve."""
        found = [part.pieces(k, most) for part, k, most in self._of(points_fte, most_fte)]
        many = max(pieces.slopes.shape[1] for pieces in found)
        padded = [(of, ((0, 0), (0, many - of.slopes.shape[1]))) for of in found]
        return Pieces(
            np.concatenate([pieces.start for pieces in found]),
            np.concatenate([np.pad(pieces.slopes, width) for pieces, width in padded]),
            np.concatenate([np.pad(pieces.lengths, width) for pieces, width in padded]),
        )


def best_curve_effort(
    curves: Curves | JoinedCurves, worth: Floats, price: Floats, most_fte: Floats
) -> Floats:
    """Effort at which the value of contracts less the price of effort is greatest, (C,) [FTE].

    worth : value of a covered contract, (C,); price : value of an FTE of effort, (C,)
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(worth > 0, np.maximum(price, 0.0) / worth, np.inf)
    inner = np.minimum(curves.effort_at_slope(slope), most_fte)
    choices = np.stack([np.zeros_like(inner), inner, most_fte], axis=1)
    gains = worth[:, None] * curves.value(choices) - price[:, None] * choices
    return choices[np.arange(len(inner)), np.argmax(gains, axis=1)]


def curve_gain(
    curves: Curves | JoinedCurves, worth: Floats, price: Floats, most_fte: Floats
) -> Floats:
    """Greatest gain sup_k (worth · G(k) − price · k) of every curve on 0 ≤ k ≤ most, (C,)."""
    k = best_curve_effort(curves, worth, price, most_fte)
    return worth * curves.value(k) - price * k
