"""The best use of given posts, found by equal marginal value, without a solver.

Which kinds of buyers effort goes to, and which facilitators a shared coordinator supports: effort
goes wherever one more FTE brings more than a price, which is found by bisection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fte_alloc.programme.curves import Curves, Floats, TableCurves

_STEPS = 200
_BESIDE = 1e-14  # share of a price by which prices beside it differ from it
_MOST_LOG_MU = 60.0  # largest ln(1 + μ): weights no longer matter there


def _bracket(
    low: Floats, high: Floats, excess: Callable[[Floats], Floats], tolerance: Floats | float
) -> tuple[Floats, Floats]:
    """Narrow all brackets at once around the roots of a decreasing function; returns (low, high).

    Steps follow the Illinois method (secants on which an end that stays counts half), every fourth
    is a bisection. ``excess`` is positive at *low* only; |excess| ≤ tolerance counts as a root.
    """
    ends, at = np.array([low, high]), np.array([excess(low), excess(high)])
    weight, stayed = at, np.zeros(at.shape, dtype=bool)
    for turn in range(_STEPS):
        low, high = ends
        middle = 0.5 * (low + high)
        done = (np.abs(at) <= tolerance) | (ends == middle)
        if done.any(axis=0).all():
            break
        if turn % 4 < 3:
            left, right = weight
            with np.errstate(divide="ignore", invalid="ignore"):
                secant = low + (high - low) * left / (left - right)
            inside = (secant > low) & (secant < high)
            middle = np.where(inside, secant, middle)
        at_middle = excess(middle)
        below = at_middle > 0
        moves = np.array([below, ~below])
        weight = np.where(moves, at_middle, np.where(stayed, 0.5, 1.0) * weight)
        ends, at, stayed = np.where(moves, middle, ends), np.where(moves, at_middle, at), ~moves
    (low, high), (low_is_root, high_is_root) = ends, np.abs(at) <= tolerance
    return np.where(high_is_root, high, low), np.where(low_is_root & ~high_is_root, low, high)


def _share_of_way(start: np.ndarray, reach: np.ndarray, asked: Floats) -> Floats:
    """Position of *asked* between *start* and *reach*, from 0 to 1 [1]."""
    rise = reach - start
    share = np.divide(asked - start, rise, out=np.ones(len(rise)), where=rise > 0)
    return np.clip(share, 0.0, 1.0)


@dataclass(frozen=True, eq=False)
class Splitter:
    """Split of effort over the curves of G territory-years.

    curves : C curves, C = G·S, the S curves of a territory-year next to each other
    weights : W, value of a covered contract, shape (G, S) [1]
    required : R, contracts a territory-year must reach, shape (G,); 0 where none [contracts/yr]
    most_fte : more effort than any territory-year can have [FTE]
    """

    curves: Curves
    weights: Floats
    required: Floats
    most_fte: float

    def _effort(self, price: Floats, weights: Floats) -> Floats:
        """Effort of each curve at which its marginal value equals a price per FTE, (G, S) [FTE]."""
        endless = np.full(weights.shape, np.inf)
        slope = np.divide(price[:, None], weights, out=endless, where=weights > 0)
        k = self.curves.effort_at_slope(slope.ravel()).reshape(weights.shape)
        return np.minimum(k, self.most_fte)

    def _covered(self, effort_fte: Floats) -> Floats:
        return self.curves.value(effort_fte.ravel()).reshape(effort_fte.shape).sum(axis=1)

    def _between(self, less: Floats, more: Floats, asked: Floats) -> Floats:
        """Effort interpolated between two splits so as to cover *asked* contracts, (G, S)."""
        share = _share_of_way(self._covered(less), self._covered(more), asked)
        return less + share[:, None] * (more - less)

    def _split_with_bonus(
        self, split: Callable[[Floats], Floats], where: np.ndarray, tolerance: float
    ) -> Floats:
        """Effort with μ added to all weights, for the least μ that meets ``required``, (G, S).

        split : effort per curve for given weights, (G, S) → (G, S)
        where : territory-years whose μ is searched for, in ln(1 + μ); μ is 0 elsewhere, (G,)
        """

        def at(log_mu: Floats) -> Floats:
            return split(self.weights + np.expm1(log_mu)[:, None])

        def lack(log_mu: Floats) -> Floats:
            return self.required - self._covered(at(log_mu))

        most = np.where(where, _MOST_LOG_MU, 0.0)
        low, high = _bracket(0 * most, most, lack, tolerance * self.required)
        # On a table the right μ leaves all points of a line equally good: interpolate on it.
        return self._between(at(low), at(high), self.required)

    def at_price(self, price: Floats) -> Floats:
        """Effort of each curve at a price per FTE, with least rates kept, (G, S) [FTE].

        A territory short of its requirement values every covered contract by μ more.
        """
        k = self._effort(price, self.weights)
        short = (self.required > 0) & (self._covered(k) < self.required)
        if not short.any():
            return k
        alike = np.ptp(self.weights, axis=1) == 0  # no price changes their split
        if not np.any(short & ~alike):
            return np.where(short[:, None], self._at_required, k)
        tilted = self._split_with_bonus(lambda weights: self._effort(price, weights), short, 1e-12)
        return np.where(short[:, None], tilted, k)

    def _price_bracket(self, weights: Floats) -> tuple[Floats, Floats]:
        """Logarithms of a price near 0 and of a price above every slope, (G,) each."""
        steepest = np.max(self.curves.slope(np.zeros(weights.size)), initial=0.0)
        most = max(float(steepest * weights.max(initial=1.0)), 1e-300)
        high = np.full(len(weights), np.log(most) + 1.0)
        return high - 200.0, high

    def _beside(
        self,
        weights: Floats,
        excess: Callable[[Floats], Floats],
        tolerance: Floats,
        bracket: tuple[Floats, Floats] | None = None,
    ) -> tuple[Floats, Floats, Floats]:
        """Price just above the root of *excess*, (G,), and efforts at it and just below, (G, S).

        excess : function of the effort per curve, (G, S) → (G,)
        bracket : logarithms of prices around that price; None: those of ``_price_bracket``
        """
        if isinstance(self.curves, TableCurves):
            # Effort only changes at prices of pieces: the last below which there is an excess.
            worth = weights[:, :, None] * self.curves.table.slopes.reshape(*weights.shape, -1)
            prices = np.sort(worth.reshape(len(weights), -1), axis=1)
            rows, many = np.arange(len(prices)), prices.shape[1]
            first, last = 0 * rows, 0 * rows + many
            for _ in range(many.bit_length()):
                middle = np.minimum((first + last) // 2, many - 1)
                price = prices[rows, middle] * (1 - _BESIDE)
                exceeds = excess(self._effort(price, weights)) > 0
                first, last = np.where(exceeds, middle + 1, first), np.where(exceeds, last, middle)
            price = prices[rows, np.maximum(first - 1, 0)]
            above, below = price * (1 + _BESIDE), price * (1 - _BESIDE)
        else:
            low, high = _bracket(
                *(bracket or self._price_bracket(weights)),
                lambda log_price: excess(self._effort(np.exp(log_price), weights)),
                tolerance,
            )
            above, below = np.exp(high), np.exp(low)
        less = self._effort(above, weights)
        return above, less, less if np.array_equal(above, below) else self._effort(below, weights)

    def split(self, total_fte: Floats) -> Floats:
        """Effort per curve where each territory-year spends exactly *total_fte*, (G, S) [FTE].

        A territory short of its requirement values every covered contract by μ more. Where the
        right μ leaves two splits equally good, as in tables, the requirement chooses between them;
        where no split meets the requirement, the contracts missing are as few as possible.
        """
        k = self._split(total_fte, self.weights)
        short = (self.required > 0) & (self._covered(k) < self.required)
        if not short.any():
            return k
        even = self._split(total_fte, np.ones_like(self.weights))
        within = short & (self._covered(even) > self.required)
        tilted = self._split_with_bonus(
            lambda weights: self._split(total_fte, weights), within, 1e-13
        )
        return np.where(within[:, None], tilted, np.where(short[:, None], even, k))

    def _split(self, total_fte: Floats, weights: Floats) -> Floats:
        """Effort per curve that spends *total_fte*, given weights but no requirement, (G, S)."""
        tolerance = 1e-13 * (1.0 + np.abs(total_fte))
        _, less, more = self._beside(weights, lambda k: k.sum(axis=1) - total_fte, tolerance)
        share = _share_of_way(less.sum(axis=1), more.sum(axis=1), total_fte)
        k = less + share[:, None] * (more - less)
        # Effort left over by rounding or by flat ends of curves goes to the first curve.
        k[:, 0] += np.maximum(total_fte - k.sum(axis=1), 0.0)
        return k

    @cached_property
    def _at_required(self) -> Floats:
        return self._least(self.required)[0]

    def least_effort(self, required: Floats) -> Floats:
        """Least effort that covers *required* contracts in each territory-year, (G,) [FTE]."""
        split, most = self._least(required)
        least = np.where(most < required * (1 - 1e-12), np.inf, split.sum(axis=1))
        return np.where(self._covered(0 * self.weights) >= required, 0.0, least)

    def _least(self, required: Floats) -> tuple[Floats, Floats]:
        """Least effort per curve that covers *required*, (G, S), and the most covered (G,)."""
        equal = np.ones_like(self.weights)
        asked = np.maximum(required, self._covered(0 * equal))  # covered without effort: no search
        _, less, more = self._beside(equal, lambda k: self._covered(k) - asked, 1e-14 * asked)
        return self._between(less, more, required), self._covered(more)

    def most_covered(self, effort_fte: Floats) -> Floats:
        """Upper bound on the weighted contracts that the effort of each territory-year covers (G,).

        Any price π of effort proves the bound Σ_s sup_k (W_s G_s(k) − π k) + π · effort; the best π
        is searched for. An error in π changes the bound in the second order only.
        """
        weights = self.weights
        worth = weights * self.curves.slope(np.zeros(weights.size)).reshape(weights.shape)
        high = np.log(np.maximum(worth.max(axis=1), 1e-300)) + 1e-9
        excess, tolerance = (lambda k: k.sum(axis=1) - effort_fte), 1e-9 * (1.0 + effort_fte)
        price, k, _ = self._beside(weights, excess, tolerance, (high - 200.0, high))
        worth = weights * self.curves.value(k.ravel()).reshape(k.shape)
        return worth.sum(axis=1) - price * (k.sum(axis=1) - effort_fte)


def split_for_groups(
    curves: Curves,
    weights: Floats,
    demands: Sequence[tuple[np.ndarray, float]],
    split: Callable[[Floats], Floats],
) -> Floats:
    """Effort per curve when some groups of territory-years must cover contracts together, (G, S).

    demands : rows of a group, and the contracts that they must cover [contracts/yr]
    split : effort per curve for given weights of a covered contract, (G, S) → (G, S)

    A group that is short values every contract of its members by the same μ more, with the least μ
    that suffices, found in ln(1 + μ). Where no split meets a demand, the least possible is missing.
    """

    def covered(effort_fte: Floats, rows: np.ndarray) -> Floats:
        contracts = curves.value(effort_fte.ravel()).reshape(effort_fte.shape)
        return np.array([contracts[rows].sum()])

    def tilted(rows: np.ndarray, log_mu: Floats) -> Floats:
        more = weights.copy()
        more[rows] += np.expm1(log_mu[0])
        return more

    effort = split(weights)
    for _ in range(len(demands)):  # once each, and again where groups have members in common
        short = [(r, asked) for r, asked in demands if covered(effort, r) < asked * (1 - 1e-13)]
        for rows, asked in short:

            def lack(log_mu: Floats, rows: np.ndarray = rows, asked: float = asked) -> Floats:
                return asked - covered(split(tilted(rows, log_mu)), rows)

            low, high = _bracket(np.zeros(1), np.full(1, _MOST_LOG_MU), lack, 1e-13 * asked)
            less, more = split(tilted(rows, low)), split(tilted(rows, high))
            share = _share_of_way(covered(less, rows), covered(more, rows), np.array([asked]))
            effort = less + share * (more - less)
            weights = tilted(rows, high)
        if not short:
            break
    return effort


@dataclass(frozen=True, eq=False)
class Support:
    """Support of facilitators by coordinators: G territory-years in H pairs of area and year.

    base_fte : effective facilitators before any support, (G,) [FTE]
    supply_fte : facilitators who can be supported, (G,) [FTE]
    group : index of each territory-year's pair of area and year, (G,)
    capacity_fte : facilitators that the coordinators of a pair can support, (H,) [FTE]
    gain : u, effective FTE one supported FTE adds [1]
    """

    base_fte: Floats
    supply_fte: Floats
    group: np.ndarray
    capacity_fte: Floats
    gain: float

    @property
    def _settled(self) -> np.ndarray:
        """Whether an area and year has only one territory, or enough support for all, (H,)."""
        size = len(self.capacity_fte)
        enough = np.bincount(self.group, self.supply_fte, size) <= self.capacity_fte
        return enough | (np.bincount(self.group, minlength=size) == 1)

    @property
    def is_settled(self) -> bool:
        """Whether no support has to be shared out between territories."""
        return bool(self.gain == 0 or np.all(self._settled))

    def fits(self, support_fte: Floats) -> bool:
        """Whether supply and capacity suffice for a support of each territory-year, (G,) [FTE]."""
        asked = np.bincount(self.group, support_fte, minlength=len(self.capacity_fte))
        within = asked <= self.capacity_fte + 1e-12
        return bool(np.all(support_fte <= self.supply_fte + 1e-12) and np.all(within))

    def needed(self, effort_fte: Floats) -> Floats:
        """Support that each territory-year needs for an effort, inf if out of reach, (G,) [FTE]."""
        lack = np.maximum(effort_fte - self.base_fte, 0.0)
        if self.gain == 0:
            return np.where(lack > 0, np.inf, 0.0)
        return lack / self.gain

    def share(self, splitter: Splitter) -> Floats:
        """Support of each territory-year, shared in its area by marginal value, (G,) [FTE].

        Each area and year has one price: support goes where effort brings more than the price.
        """
        size = len(self.capacity_fte)
        plain = np.minimum(self.supply_fte, self.capacity_fte[self.group])
        if self.is_settled:
            return plain

        def given(log_price: Floats) -> Floats:
            wanted = splitter.at_price(np.exp(log_price)[self.group]).sum(axis=1)
            return np.minimum(self.needed(wanted), self.supply_fte)

        def excess(log_price: Floats) -> Floats:
            return np.bincount(self.group, given(log_price), size) - self.capacity_fte

        low, high = (np.full(size, of[0]) for of in splitter._price_bracket(splitter.weights))
        low, high = _bracket(low, high, excess, np.where(self._settled, np.inf, 1e-13))
        more, less = given(low), given(high)
        taken = np.bincount(self.group, less, size)
        share = _share_of_way(taken, np.bincount(self.group, more, size), self.capacity_fte)
        # Least rates may need more support than there is at any price: it is shared pro rata.
        beyond = taken > self.capacity_fte * (1 + 1e-9) + 1e-12
        scarce = np.divide(self.capacity_fte, taken, out=np.ones(size), where=beyond)
        shared = (less + share[self.group] * (more - less)) * scarce[self.group]
        return np.where(self._settled[self.group], plain, shared)
