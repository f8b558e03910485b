"""What is decided, in labelled numbers: who may have which posts, within which limits.

Axes: I territories, A areas, S segments, T years, R roles; all in code order. Symbols are those of
``docs/mathematics.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from fte_alloc.errors import InputError, Mistake
from fte_alloc.programme.curves import Curves, Floats
from fte_alloc.programme.effort import Splitter, Support
from fte_alloc.programme.limits import (
    AT_MOST,
    EUR,
    FTE,
    NETWORK,
    OPENED,
    PARTNER,
    RATE,
    STATE,
    UNITS,
    Limit,
)

FACILITATOR, COORDINATOR = "facilitator", "coordinator"
ROLES = (FACILITATOR, COORDINATOR)

#: How each objective is served; ``docs/mathematics.md`` says what each one measures.
SENSES = {
    "coverage": "maximise",
    "contracts": "maximise",
    "worst_rate": "maximise",
    "shortfall": "minimise",
    "territorial_shortfall": "minimise",
    "state_cost": "minimise",
    "posts": "minimise",
    "change": "minimise",
}


@dataclass(frozen=True)
class Stage:
    """One objective of a sequence; later ones only choose among the optima of earlier ones.

    objective : a key of ``SENSES``
    concede : share of the optimum given away to the stages after it [1]
    """

    objective: str
    concede: float = 0.0

    @property
    def sense(self) -> str:
        """``maximise`` or ``minimise``."""
        return SENSES[self.objective]


DEFAULT_STAGES = (Stage("coverage"), Stage("state_cost"))


@dataclass(frozen=True, eq=False)
class Data:
    """The numbers of a programme of co-financed posts; no plan is judged here.

    They are arrays over the axes named in brackets.
    """

    territories: tuple[str, ...]
    territory_names: tuple[str, ...]
    areas: tuple[str, ...]
    area_names: tuple[str, ...]
    area_of: np.ndarray  # [I] index into areas
    segments: tuple[str, ...]
    segment_names: tuple[str, ...]
    years: tuple[int, ...]

    contracts_per_year: Floats  # n [I,T,S] contracts/yr
    curves: Curves  # one per (i, t, s), in that order
    existing_facilitators_fte: Floats  # e [I]
    committed_facilitators_fte: Floats  # g [I]
    existing_coordinators_fte: Floats  # e^c [A]
    committed_coordinators_fte: Floats  # g^c [A]
    supports_fte: float  # m, FTE supported per coordinator FTE
    productivity_gain: float  # u
    first_year_effectiveness: float  # η

    cost_eur_per_fte: Floats  # c [R,T] EUR/(FTE.yr)
    grant_eur_per_fte: Floats  # s = min(ρ c, κ) [R,T] EUR/(FTE.yr)

    segment_weight: Floats  # w [S]
    territory_weight: Floats  # ω [I], effective
    year_weight: Floats  # δ [T]
    target_rate: Floats  # τ [T], NaN where there is none
    limits: tuple[Limit, ...] = ()  # what a user demands of posts, money and coverage
    step_fte: float = 0.0
    stages: tuple[Stage, ...] = DEFAULT_STAGES
    reference_posts: Mapping[tuple[str, str, int], float] | None = None
    inputs: Any = field(default=None, repr=False)  # where every number came from (scenario.Inputs)

    # -- sizes and shorthand -------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Numbers of territories, areas, segments, years."""
        return len(self.territories), len(self.areas), len(self.segments), len(self.years)

    @property
    def codes(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Codes of the places of each role: territories, areas."""
        return self.territories, self.areas

    @cached_property
    def fixed_facilitators_fte(self) -> Floats:
        """E + g, facilitators in place or renewed [I]."""
        return self.existing_facilitators_fte + self.committed_facilitators_fte

    @cached_property
    def fixed_coordinators_fte(self) -> Floats:
        """e^c + g^c, coordinators in place or renewed [A]."""
        return self.existing_coordinators_fte + self.committed_coordinators_fte

    @cached_property
    def weight(self) -> Floats:
        """δ_t w_s ω_i, value of a covered contract in the objective ``coverage`` [I,T,S]."""
        return np.einsum("i,t,s->its", self.territory_weight, self.year_weight, self.segment_weight)

    @property
    def is_weighted(self) -> bool:
        """Whether ``coverage`` counts some contracts more than others."""
        return bool(np.any(np.abs(self.weight - 1.0) > 1e-12))

    @cached_property
    def alone_in_area(self) -> np.ndarray:
        """Whether the territory is its whole area [I]."""
        return np.bincount(self.area_of, minlength=len(self.areas))[self.area_of] == 1

    def partner_share_eur(self, role: int) -> Floats:
        """C − s, what partners pay for one post of a role [T] (EUR/(FTE.yr))."""
        return self.cost_eur_per_fte[role] - self.grant_eur_per_fte[role]

    # -- how much there can be at most ---------------------------------------------------------

    def most_in_country(self, quantity: str) -> Floats:
        """The lowest ceiling on a quantity over the whole country, inf where there is none [T]."""
        most = np.full(len(self.years), np.inf)
        for limit in self.limits:
            if (
                limit.quantity == quantity
                and limit.sense == AT_MOST
                and limit.is_national(self.shape)
            ):
                t = self.years.index(limit.year)
                most[t] = min(most[t], limit.amount)
        return most

    @cached_property
    def sums(self) -> Sums:
        """What the limits add up."""
        return Sums(self)

    @cached_property
    def most_new_fte(self) -> tuple[Floats, Floats]:
        """x̄ [I,T] and z̄ [A,T]: limits on new posts that the other limits imply.

        One FTE of slack keeps them from ever binding, so that prices stay with the user's limits.
        """
        x, z = most_new(self)
        return x + 1.0, z + 1.0

    def unlimited(self) -> list[tuple[str, str]]:
        """(role, code) of posts that no limit holds: such a problem has no best plan."""
        return [
            (role, code)
            for role, codes, most in zip(ROLES, self.codes, self.most_new_fte, strict=True)
            for code, by_year in zip(codes, most, strict=True)
            if not np.all(np.isfinite(by_year))
        ]

    @cached_property
    def most_contracts(self) -> Floats:
        """More contracts than any effort can cover [I,T,S]."""
        most = np.repeat(self.most_effort_fte.ravel(), len(self.segments))
        return 1.0 + self.curves.value(most).reshape(self.contracts_per_year.shape)

    @cached_property
    def most_effort_fte(self) -> Floats:
        """More effort than a territory can have [I,T]."""
        supply = self.fixed_facilitators_fte[:, None] + self.most_new_fte[0]
        return supply * (1.0 + self.productivity_gain) + 1.0

    @property
    def has_least_rates(self) -> bool:
        """Whether any coverage rate must at least be reached."""
        return any(limit.quantity == RATE for limit in self.limits)

    @cached_property
    def in_group_rates(self) -> list[tuple[int, int]]:
        """(i, t) of territories that have to reach a rate together with others."""
        groups = (li for li in self.limits if li.quantity == RATE and len(li.territories) > 1)
        return sorted({(i, self.years.index(li.year)) for li in groups for i in li.territories})

    @cached_property
    def fewest_new_fte(self) -> tuple[Floats, Floats]:
        """Fewest new posts that the floors of single places allow [I,T], [A,T]."""
        fewest = self.zeros()
        for limit in self.limits:
            if limit.is_floor and limit.unit is FTE and limit.quantity != OPENED:
                for posts, places, others in zip(
                    fewest, limit.places, limit.places[::-1], strict=True
                ):
                    if len(places) == 1 and not others:
                        at = places[0], self.years.index(limit.year)
                        posts[at] = max(posts[at], limit.amount - given(self, limit))
        return fewest

    @cached_property
    def least_rates(self) -> Floats:
        """F, least rate of each territory alone, 0 where there is none [I,T]."""
        rates = np.zeros((len(self.territories), len(self.years)))
        for limit in self.limits:
            if limit.quantity == RATE and len(limit.territories) == 1:
                at = limit.territories[0], self.years.index(limit.year)
                rates[at] = max(rates[at], limit.amount)
        return rates

    @cached_property
    def least_effort_fte(self) -> Floats:
        """K, least effort that covers f_i Σ_s n_ist; inf where no effort does [I,T]."""
        asked = self.least_rates * self.contracts_per_year.sum(axis=2)
        weights = np.ones((asked.size, len(self.segments)))
        splitter = Splitter(self.curves, weights, asked.ravel(), self._endless_fte)
        return splitter.least_effort(asked.ravel()).reshape(asked.shape)

    def most_covered(self, effort_fte: Floats) -> tuple[Floats, Floats]:
        """The most contracts an effort covers, and what a little more of it covers more [I,T]."""
        k = self.split_evenly(effort_fte)
        value = self.curves.value(k.ravel()).reshape(k.shape).sum(axis=2)
        return value, self.curves.slope(k.ravel()).reshape(k.shape).max(axis=2)

    @property
    def _endless_fte(self) -> float:
        """More effort than anybody will ever ask for, whatever limits are changed."""
        return 1e6 * (1.0 + float(self.fixed_facilitators_fte.sum()))

    # -- posts and effort ----------------------------------------------------------------------

    def zeros(self) -> tuple[Floats, Floats]:
        """No new post: x [I,T], z [A,T]."""
        territories, areas, _, years = self.shape
        return np.zeros((territories, years)), np.zeros((areas, years))

    def post_keys(self) -> Iterator[tuple[str, str, int]]:
        """(role, code, year) of every decision about posts, in the order of documents."""
        for year in self.years:
            for role, codes in zip(ROLES, self.codes, strict=True):
                for code in codes:
                    yield role, code, year

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles whose posts there can be."""
        led = self.most_new_fte[1].max() > 1.0 or self.fixed_coordinators_fte.any()
        return (FACILITATOR, COORDINATOR) if led else (FACILITATOR,)

    def arrays(self, posts: Mapping[tuple[str, str, int], float]) -> tuple[Floats, Floats]:
        """X [I,T] and z [A,T] from new posts by (role, code, year); what is not named is 0."""
        numbers = self.zeros()
        at = {
            (role, code, year): (of, (j, t))
            for role, codes, of in zip(ROLES, self.codes, numbers, strict=True)
            for j, code in enumerate(codes)
            for t, year in enumerate(self.years)
        }
        wrong = [key for key in posts if key not in at]
        if wrong:
            raise InputError([Mistake("posts", f"no such post: {key}") for key in wrong])
        for key, fte in posts.items():
            of, place = at[key]
            of[place] = fte
        return numbers

    def base_effort_fte(self, x: Floats) -> Floats:
        """Effective facilitators before any support, e + g + x_{t−1} + η (x_t − x_{t−1}) [I,T]."""
        before = np.concatenate([np.zeros((len(x), 1)), x[:, :-1]], axis=1)
        effective = before + self.first_year_effectiveness * (x - before)
        return self.fixed_facilitators_fte[:, None] + effective

    def support(self, x: Floats, z: Floats) -> Support:
        """What coordinators can do for the territories, one row per (territory, year)."""
        years = len(self.years)
        group = self.area_of[:, None] * years + np.arange(years)
        capacity = self.supports_fte * (self.fixed_coordinators_fte[:, None] + z)
        supply = self.fixed_facilitators_fte[:, None] + x
        return Support(
            self.base_effort_fte(x).ravel(),
            np.maximum(supply, 0.0).ravel(),
            group.ravel(),
            np.maximum(capacity, 0.0).ravel(),
            self.productivity_gain,
        )

    def split_evenly(self, effort_fte: Floats) -> Floats:
        """The split of each territory's effort [I,T] that covers the most contracts [I,T,S]."""
        weight = np.ones((effort_fte.size, len(self.segments)))
        none = np.zeros(effort_fte.size)
        splitter = Splitter(self.curves, weight, none, 10.0 * float(self.most_effort_fte.max()))
        return splitter.split(effort_fte.ravel()).reshape(self.contracts_per_year.shape)


# -- what one post counts --------------------------------------------------------------------------


def per_post(p: Data, quantity: str) -> Floats:
    """What one post of each role counts, in the unit of the quantity [R,T]."""
    if quantity == STATE:
        return p.grant_eur_per_fte
    if quantity == PARTNER:
        return np.stack([p.partner_share_eur(role) for role in range(2)])
    return np.ones_like(p.grant_eur_per_fte)


def in_place(p: Data, quantity: str) -> tuple[Floats, Floats]:
    """Posts that count beside the new ones, whatever is decided: of territories, of areas."""
    if quantity == NETWORK:
        return p.fixed_facilitators_fte, p.fixed_coordinators_fte
    if quantity in (STATE, PARTNER):
        return p.committed_facilitators_fte, p.committed_coordinators_fte
    return np.zeros(len(p.territories)), np.zeros(len(p.areas))


def given(p: Data, limit: Limit) -> float:
    """What a limit counts with no new post, in the unit of its quantity."""
    t, (f, c) = p.years.index(limit.year), in_place(p, limit.quantity)
    per = per_post(p, limit.quantity)[:, t]
    return float(per[0] * f[list(limit.territories)].sum() + per[1] * c[list(limit.areas)].sum())


def most_new(p: Data) -> tuple[Floats, Floats]:
    """Most new posts of every place that ceilings leave, one at a time [I,T], [A,T]."""
    years = len(p.years)
    x, z = np.full((len(p.territories), years), np.inf), np.full((len(p.areas), years), np.inf)
    opened = np.full(x.shape, np.inf), np.full(z.shape, np.inf)
    for limit in p.limits:
        if limit.is_floor or limit.is_share:
            continue
        t = p.years.index(limit.year)
        left = max(0.0, limit.amount - given(p, limit))
        into = opened if limit.quantity == OPENED else (x, z)
        for most, places, per in zip(
            into, (limit.territories, limit.areas), per_post(p, limit.quantity)[:, t], strict=True
        ):
            if per > 0 and places:
                at = list(places), t
                most[at] = np.minimum(most[at], left / per)
    return tuple(
        np.minimum(posts, np.cumsum(rise, axis=1))
        for posts, rise in zip((x, z), opened, strict=True)
    )


# -- many limits as arrays -------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _positions(
    quantity: str, places: Sequence[tuple[int, ...]], t: int, shape: tuple[int, ...]
) -> tuple[int, ...]:
    """Where the summands of a limit stand in the vector of ``Sums``."""
    territories, areas, _, years = shape
    start = list(UNITS).index(quantity) * (territories + areas) * years
    row = (*places[0], *(territories + a for a in places[1]))
    return tuple(start + i * years + t for i in row)


class Sums:
    """What the limits of a problem add up, as positions in one vector, to judge all at once.

    The vector is every quantity of ``UNITS`` by territory and year, then by area and year.
    """

    def __init__(self, p: Data) -> None:
        years = [p.years.index(one.year) for one in p.limits]
        each = [
            _positions(one.quantity, one.places, t, p.shape)
            for one, t in zip(p.limits, years, strict=True)
        ]
        self.at = np.array([j for mine in each for j in mine], dtype=int)
        self.start = np.cumsum([0, *map(len, each)])[:-1]
        self.amount = np.array([one.amount for one in p.limits])
        self.sign = np.array([-1.0 if one.is_floor else 1.0 for one in p.limits])
        self.is_money = np.array([one.unit is EUR for one in p.limits], dtype=bool)
        everywhere = tuple(range(p.shape[0])), tuple(range(p.shape[1]))
        self.shares, self.rates = [], []
        for n, (one, t) in enumerate(zip(p.limits, years, strict=True)):
            if one.is_share:
                roles = tuple(
                    of if own else () for of, own in zip(everywhere, one.places, strict=True)
                )
                self.shares.append((n, list(_positions(one.quantity, roles, t, p.shape))))
            if one.quantity == RATE:
                self.rates.append((n, list(one.territories), t))

    def of(
        self, by_place: Sequence[tuple[Floats, Floats]], contracts: Floats
    ) -> tuple[Floats, Floats]:
        """What each limit counts, and how much of it one of its amount is [L].

        by_place : every quantity by territory and by area [I,T], [A,T]; contracts [I,T]
        """
        flat = np.concatenate([of.ravel() for places in by_place for of in places])
        per = np.ones(len(self.amount))
        for n, everywhere in self.shares:
            per[n] = flat[everywhere].sum()
        for n, places, t in self.rates:
            per[n] = contracts[places, t].sum()
        return np.add.reduceat(flat[self.at], self.start) if len(self.at) else per[:0], per
