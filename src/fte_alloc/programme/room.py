"""What limits leave: most and fewest posts, the effort of least rates, the best split of effort.

Axes as in ``data``: I territories, A areas, S segments, T years, L limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from fte_alloc.programme.curves import Floats
from fte_alloc.programme.data import COORDINATOR, FACILITATOR, Data, per_post, without_new_posts
from fte_alloc.programme.effort import Splitter, Support, split_for_groups
from fte_alloc.programme.limits import EUR, FTE, OPENED, RATE, UNITS, Limit
from fte_alloc.programme.objectives import OBJECTIVES

#: Value of a contract of weight 0 where effort is split, as a share of the least weight above it.
TRIFLE = 1e-12


@dataclass(frozen=True, eq=False)
class Room(Data):
    """The data of a problem, with the room that its limits leave: bounds on posts and effort."""

    @cached_property
    def limits_with_year(self) -> list[tuple[Limit, int]]:
        """Every limit with the index of its year."""
        return [(limit, self.years.index(limit.year)) for limit in self.limits]

    def most_in_country(self, name: str) -> Floats:
        """The ``cap`` or the State's ``budget`` of each year, inf where there is none [T]."""
        amounts = {limit.year: limit.amount for limit in self.limits if limit.name == name}
        return np.array([amounts.get(year, np.inf) for year in self.years])

    @cached_property
    def sums(self) -> Sums:
        """The sums of all limits as arrays."""
        return Sums(self)

    @cached_property
    def most_new_fte(self) -> tuple[Floats, Floats]:
        """Upper limits x̄ [I,T] and z̄ [A,T] on new posts that the problem's limits imply [FTE].

        One FTE of slack keeps them from ever binding, so that only the user's limits have prices.
        """
        new, opened = ([of + np.inf for of in self.zeros()] for _ in range(2))
        for limit, t in self.limits_with_year:
            if limit.is_floor or limit.is_share:
                continue
            left = max(0.0, limit.amount - without_new_posts(self, limit))
            into = opened if limit.quantity == OPENED else new
            each = per_post(self, limit.quantity)
            for most, places, per in zip(into, limit.places, each, strict=True):
                at = [j for j in places if per[j, t] > 0], t
                most[at] = np.minimum(most[at], left / per[at])
        both = zip(new, opened, strict=True)
        x, z = (1.0 + np.minimum(posts, np.cumsum(rise, axis=1)) for posts, rise in both)
        return x, z

    def unlimited(self) -> list[tuple[str, str]]:
        """(role, code) of posts that no limit bounds; a problem with any has no best plan."""
        return [
            (role, code)
            for (role, codes), most in zip(self.codes.items(), self.most_new_fte, strict=True)
            for code, by_year in zip(codes, most, strict=True)
            if not np.all(np.isfinite(by_year))
        ]

    @cached_property
    def most_contracts(self) -> Floats:
        """Upper limits of covered contracts y, more than any effort can cover [I,T,S]."""
        most = np.repeat(self.most_effort_fte.ravel(), len(self.segments))
        return 1.0 + self.curves.value(most).reshape(self.contracts_per_year.shape)

    @cached_property
    def most_effort_fte(self) -> Floats:
        """Upper bound, never reached, on the effort of a territory [I,T] (FTE)."""
        supply = self.fixed_facilitators_fte[:, None] + self.most_new_fte[0]
        return supply * (1.0 + self.productivity_gain) + 1.0

    def rated_places(self, *, alone: bool) -> list[tuple[int, int]]:
        """(i, t) in a least rate of several territories or, with *alone*, in any least rate."""
        rates = ((li.territories, t) for li, t in self.limits_with_year if li.quantity == RATE)
        return sorted({(i, t) for group, t in rates if alone or len(group) > 1 for i in group})

    @cached_property
    def fewest_new_fte(self) -> tuple[Floats, Floats]:
        """Fewest new posts that the floors of single places allow [I,T], [A,T] (FTE)."""
        fewest = self.zeros()
        for limit, t in self.limits_with_year:
            if limit.is_floor and limit.unit is FTE and limit.quantity != OPENED:
                others = limit.places[::-1]
                for posts, places, other in zip(fewest, limit.places, others, strict=True):
                    if len(places) == 1 and not other:
                        least = limit.amount - without_new_posts(self, limit)
                        posts[places[0], t] = max(posts[places[0], t], least)
        return fewest

    @cached_property
    def least_rates(self) -> Floats:
        """Least rate of each territory by itself, f, 0 where there is none [I,T]."""
        rates, _ = self.zeros()
        for limit, t in self.limits_with_year:
            if limit.quantity == RATE and len(limit.territories) == 1:
                (i,) = limit.territories
                rates[i, t] = max(rates[i, t], limit.amount)
        return rates

    @cached_property
    def least_effort_fte(self) -> Floats:
        """Least effort K_it that covers f_i Σ_s n_ist contracts; inf where none does [I,T]."""
        return self.least_effort(self.least_rates * self.contracts_per_year.sum(axis=2))

    def least_effort(self, contracts: Floats) -> Floats:
        """Least effort that covers given contracts [I,T]; inf where no effort does [I,T] (FTE)."""
        endless = 1e6 * (1.0 + float(self.fixed_facilitators_fte.sum()))
        least = self._splitter(endless).least_effort(contracts.ravel())
        return least.reshape(contracts.shape)

    def most_covered(self, effort_fte: Floats) -> tuple[Floats, Floats]:
        """The most contracts that an effort covers, and their derivative by the effort [I,T]."""
        k = self.split_evenly(effort_fte)
        value = self.curves.value(k.ravel()).reshape(k.shape).sum(axis=2)
        return value, self.curves.slope(k.ravel()).reshape(k.shape).max(axis=2)

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that have posts in place or may have new ones."""
        led = self.most_new_fte[1].max() > 1.0 or self.fixed_coordinators_fte.any()
        return (FACILITATOR, COORDINATOR) if led else (FACILITATOR,)

    def split_evenly(self, effort_fte: Floats) -> Floats:
        """The split of each territory's effort [I,T] that covers the most contracts [I,T,S]."""
        split = self.unweighted_splitter.split(effort_fte.ravel())
        return split.reshape(self.contracts_per_year.shape)

    @cached_property
    def unweighted_splitter(self) -> Splitter:
        """A ``Splitter`` with equal weights for all contracts and without least rates."""
        return self._splitter(10.0 * float(self.most_effort_fte.max()))

    def _splitter(self, most_fte: float) -> Splitter:
        weights = np.ones(self.contracts_per_year.shape).reshape(-1, len(self.segments))
        return Splitter(self.curves, weights, np.zeros(len(weights)), most_fte)

    def split_idle(self, x: Floats, z: Floats, k: Floats, idle: np.ndarray) -> Floats:
        """Effort k, with that of idle territories [I,T] split anew for the most contracts [I,T,S].

        They take all that posts x, z and the effort of the others leave; none covers less.
        """
        support, effort, even = self.support(x, z), k.sum(axis=2), self.unweighted_splitter
        taken = np.where(idle.ravel(), 0.0, support.needed(effort.ravel()))
        taken = np.bincount(support.group, taken, len(support.capacity_fte))
        left = np.maximum(support.capacity_fte - taken, 0.0)
        supply = np.where(idle.ravel(), support.supply_fte, 0.0)
        support = replace(support, supply_fte=supply, capacity_fte=left)
        if not support.is_settled:
            least = np.where(idle, self.most_covered(effort)[0], 0.0)
            even = replace(even, required=least.ravel())
        effort = support.base_fte + self.productivity_gain * support.share(even)
        split = self.split_evenly(np.maximum(effort, 0.0).reshape(idle.shape))
        return np.where(idle[..., None], split, k)

    @property
    def first_weight(self) -> Floats:
        """Value of a covered contract by which effort is split for the first objective [I,T,S].

        Money and posts are passed over. Contracts of weight 0 count a trifle, for effort left over.
        """
        weight, least = self.weight, self.weight.min(where=self.weight > 0, initial=1.0)
        names = [stage.objective for stage in self.stages]
        by_effort = [name for name in names if OBJECTIVES[name].unit in ("contracts", "rate")]
        is_weighted = by_effort[:1] == ["coverage"]
        return np.maximum(weight, TRIFLE * least) if is_weighted else np.ones_like(weight)

    def best_split(self, x: Floats, z: Floats) -> Floats:
        """Optimal split of effort for the first objective, subject to least rates [I,T,S]."""
        first, weight = self.stages[0].objective, self.first_weight
        contracts = self.contracts_per_year.sum(axis=2).ravel()
        required = self.least_rates.ravel() * contracts
        support, most = self.support(x, z), 10.0 * float(self.most_effort_fte.max())

        def split(weight: Floats) -> Floats:
            splitter = Splitter(self.curves, weight, required, most)
            sharing = splitter
            if first == "worst_rate" and not support.is_settled:
                worst = _best_worst_rate(splitter, support, contracts)
                sharing = replace(splitter, required=np.maximum(required, worst * contracts))
            total = support.base_fte + self.productivity_gain * support.share(sharing)
            return splitter.split(np.maximum(total, 0.0))

        demands = []
        for one in self.limits:
            if one.quantity == RATE and len(one.territories) > 1:
                rows = np.array(one.territories) * len(self.years) + self.years.index(one.year)
                demands.append((rows, one.amount * float(contracts[rows].sum())))
        effort = split_for_groups(self.curves, weight.reshape(-1, weight.shape[2]), demands, split)
        return effort.reshape(self.contracts_per_year.shape)


def _best_worst_rate(splitter: Splitter, support: Support, contracts: Floats) -> float:
    """Highest rate that every territory and year with contracts can reach, by bisection."""
    low, high = 0.0, 1.0
    for __ in range(60):
        rate = 0.5 * (low + high)
        effort = splitter.least_effort(np.maximum(splitter.required, rate * contracts))
        reached = support.fits(support.needed(effort))
        low, high = (rate, high) if reached else (low, rate)
    return low


# -- many limits as arrays -------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _positions(
    quantity: str, places: Sequence[tuple[int, ...]], t: int, shape: tuple[int, ...]
) -> tuple[int, ...]:
    """Positions of the summands of a limit in the vector of ``Sums``."""
    territories, areas, _, years = shape
    start = list(UNITS).index(quantity) * (territories + areas) * years
    row = (*places[0], *(territories + a for a in places[1]))
    return tuple(start + i * years + t for i in row)


class Sums:
    """The sums of all limits of a problem, as positions in one vector, to compute all at once.

    The vector holds every quantity of ``UNITS`` by territory and year, then by area and year.
    """

    def __init__(self, p: Room) -> None:
        each = [_positions(one.quantity, one.places, t, p.shape) for one, t in p.limits_with_year]
        self.at = np.array([j for mine in each for j in mine], dtype=int)
        self.start = np.cumsum([0, *map(len, each)])[:-1]
        self.amount = np.array([one.amount for one in p.limits])
        self.sign = np.array([-1.0 if one.is_floor else 1.0 for one in p.limits])
        self.is_money = np.array([one.unit is EUR for one in p.limits], dtype=bool)
        self.shares, self.rates = [], []
        for n, (one, t) in enumerate(p.limits_with_year):
            if one.is_share:
                everywhere = _positions(one.quantity, one.everywhere(p.shape), t, p.shape)
                self.shares.append((n, list(everywhere)))
            if one.quantity == RATE:
                self.rates.append((n, list(one.territories), t))

    def of(
        self, by_place: Sequence[tuple[Floats, Floats]], contracts: Floats
    ) -> tuple[Floats, Floats]:
        """Value of each limit's sum, and factor from the limit's amount to that sum [L].

        by_place : every quantity by territory and by area [I,T], [A,T]; contracts [I,T]
        """
        flat = np.concatenate([of.ravel() for places in by_place for of in places])
        per = np.ones(len(self.amount))
        for n, everywhere in self.shares:
            per[n] = flat[everywhere].sum()
        for n, places, t in self.rates:
            per[n] = contracts[places, t].sum()
        return np.add.reduceat(flat[self.at], self.start) if len(self.at) else per[:0], per
