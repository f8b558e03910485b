"""Limits on posts, money and coverage, as data.

A limit adds up one quantity over some places in one year and says how much it may be at most or
must be at least. Cap, budget and regional rules are instances, and so are a user's own limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fte_alloc.coverage import Floats

if TYPE_CHECKING:
    from fte_alloc.problem import Problem

NEW, OPENED, NETWORK = "new_fte", "opened_fte", "network_fte"
STATE, PARTNER, RATE = "state_eur", "partner_eur", "rate"
AT_MOST, AT_LEAST = "at_most", "at_least"
#: Money in rows of the programme is in thousands of EUR.
EUR_PER_KEUR = 1000.0
#: What names of the user's own limits begin with; no family of rows has a dot in its name.
OWN = "limits."


class Unit(NamedTuple):
    """How amounts of a quantity are written.

    name : ``FTE``, ``EUR`` or ``1``
    row : one unit of the programme's rows, in it
    priced : amount that prices are told per, in it
    step : change by which prices are measured, in it
    parts : printed values are multiples of one over this many
    """

    name: str
    row: float
    priced: float
    step: float
    parts: int


FTE, EUR, SHARE = (
    Unit("FTE", 1.0, 1.0, 1e-3, 10_000),
    Unit("EUR", EUR_PER_KEUR, 1000.0, 1000.0, 1),
    Unit("1", 1.0, 0.01, 1e-5, 10_000),
)
UNITS = {NEW: FTE, OPENED: FTE, NETWORK: FTE, STATE: EUR, PARTNER: EUR, RATE: SHARE}


@dataclass(frozen=True)
class Limit:
    """What a user may demand of posts, money or coverage in one year.

    name : of the family, such as ``growth``, or ``limits.<name>`` as the user calls it
    quantity : ``new_fte``, ``opened_fte``, ``network_fte``, ``state_eur``, ``partner_eur``: posts
        and what they cost; ``rate``: contracts covered over contracts
    territories, areas : whose facilitators and whose coordinators are added up, by number; of a
        rate, whose contracts
    sense : ``at_most`` or ``at_least``
    amount : in the unit of the quantity; with *is_share* a share of the same roles' everywhere [1]
    code : the territory or area it belongs to; None for a national one or a group
    keys : the inputs it follows from; the last is the one to change
    per_key : change of the amount where that is raised by one
    """

    name: str
    quantity: str
    territories: tuple[int, ...]
    areas: tuple[int, ...]
    year: int
    sense: str
    amount: float
    code: str | None = None
    is_share: bool = False
    keys: tuple[str, ...] = ()
    per_key: float = 1.0

    @property
    def is_floor(self) -> bool:
        """Whether it demands posts rather than forbids them."""
        return self.sense == AT_LEAST

    @property
    def places(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """By role, whose posts are added up."""
        return self.territories, self.areas

    @property
    def unit(self) -> Unit:
        """Unit of the amount."""
        return SHARE if self.is_share else UNITS[self.quantity]

    def is_national(self, p: Problem) -> bool:
        """Whether it counts all places of both roles, or all of the role that it counts."""
        counted = (len(of) in (0, n) for of, n in zip(self.places, p.shape[:2], strict=True))
        return all(counted) and self.code is None

    def holds(self, p: Problem) -> bool:
        """Whether it can hold back some territories and not all."""
        is_part = self.code is not None or len(self.territories) < len(p.territories)
        return is_part and bool(self.territories) and not self.is_floor

    @property
    def priced_per(self) -> str:
        """What its price is per, in documents."""
        of = {FTE: "FTE", EUR: "1000 EUR"}.get(self.unit)
        return of or ("0.01 of share" if self.is_share else "0.01 of rate")

    @property
    def row(self) -> str:
        """Name of its row in the programme."""
        return label(self.name, self.code, self.year)

    @property
    def sums(self) -> tuple[object, ...]:
        """What it adds up: limits alike in this differ in their amounts alone."""
        share = self.amount if self.is_share else None
        return self.quantity, self.territories, self.areas, self.year, share

    @property
    def same(self) -> tuple[object, ...]:
        """The limit but for its amount."""
        return self.name, self.code, self.sense, self.sums


def label(*parts: object) -> str:
    """Name of a row or column, by codes only."""
    text = "_".join(str(part) for part in parts if part is not None)
    return text.replace("-", "_").replace(".", "_")


def as_typed(sense: str, up: float | None, down: float | None) -> tuple[float | None, float | None]:
    """Gain by one more and by one less of a number, from what loosening it gains, tightening loses.

    One more of a floor tightens it.
    """
    loss = None if down is None else 0.0 - down
    return (loss, up) if sense == AT_LEAST else (up, loss)


def by_number(limits: Sequence[Limit]) -> list[list[Limit]]:
    """Limits by the number that sets them: one that holds in several years is one number."""
    numbers: dict[tuple[object, ...], list[Limit]] = {}
    for limit in limits:
        year = None if limit.keys or limit.code is not None else limit.year
        numbers.setdefault((limit.name, limit.code, limit.keys, year), []).append(limit)
    return list(numbers.values())


# -- what one post counts --------------------------------------------------------------------------


def per_post(p: Problem, quantity: str) -> Floats:
    """What one post of each role counts, in the unit of the quantity [R,T]."""
    if quantity == STATE:
        return p.grant_eur_per_fte
    if quantity == PARTNER:
        return np.stack([p.partner_share_eur(role) for role in range(2)])
    return np.ones_like(p.grant_eur_per_fte)


def in_place(p: Problem, quantity: str) -> tuple[Floats, Floats]:
    """Posts that count beside the new ones, whatever is decided: of territories, of areas."""
    if quantity == NETWORK:
        return p.fixed_facilitators_fte, p.fixed_coordinators_fte
    if quantity in (STATE, PARTNER):
        return p.committed_facilitators_fte, p.committed_coordinators_fte
    return np.zeros(len(p.territories)), np.zeros(len(p.areas))


def given(p: Problem, limit: Limit) -> float:
    """What a limit counts with no new post, in the unit of its quantity."""
    t, (f, c) = p.years.index(limit.year), in_place(p, limit.quantity)
    per = per_post(p, limit.quantity)[:, t]
    return float(per[0] * f[list(limit.territories)].sum() + per[1] * c[list(limit.areas)].sum())


def most_new(p: Problem) -> tuple[Floats, Floats]:
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


class Sums:
    """What the limits of a problem add up, as positions in one vector, to judge all at once.

    The vector is every quantity of ``UNITS`` by territory and year, then by area and year.
    """

    def __init__(self, p: Problem) -> None:
        territories, areas, _, years = p.shape
        block, names = (territories + areas) * years, list(UNITS)

        def positions(one: Limit, places: Sequence[Sequence[int]]) -> list[int]:
            start, t = names.index(one.quantity) * block, p.years.index(one.year)
            mine = [start + i * years + t for i in places[0]]
            return mine + [start + (territories + a) * years + t for a in places[1]]

        each = [positions(one, one.places) for one in p.limits]
        self.at = np.array([j for mine in each for j in mine], dtype=int)
        self.start = np.cumsum([0, *map(len, each)])[:-1]
        self.amount = np.array([one.amount for one in p.limits])
        self.sign = np.array([-1.0 if one.is_floor else 1.0 for one in p.limits])
        self.is_money = np.array([one.unit is EUR for one in p.limits], dtype=bool)
        self.shares = [
            (
                n,
                positions(
                    one,
                    [range(k) if of else () for of, k in zip(one.places, p.shape, strict=False)],
                ),
            )
            for n, one in enumerate(p.limits)
            if one.is_share
        ]
        self.rates = [
            (n, list(one.territories), p.years.index(one.year))
            for n, one in enumerate(p.limits)
            if one.quantity == RATE
        ]

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
