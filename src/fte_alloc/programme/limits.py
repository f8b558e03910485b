"""Limits on posts, money and coverage, as data, and what is said of those that a plan breaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from fte_alloc.language import _, enough_digits
from fte_alloc.lp.matrix import label
from fte_alloc.names import LIMIT_NAMES, limit_name

NEW, OPENED, NETWORK = "new_fte", "opened_fte", "network_fte"
STATE, PARTNER, RATE = "state_eur", "partner_eur", "rate"
AT_MOST, AT_LEAST = "at_most", "at_least"
#: EUR per unit of money in rows of the programme.
EUR_PER_KEUR = 1000.0
#: Prefix of the names of the user's own limits; names of built-in limits contain no dot.
OWN = "limits."


class Unit(NamedTuple):
    """A unit of amounts.

    name : ``FTE``, ``EUR`` or ``1``; parts : printed values are multiples of 1 / parts
    row, priced : the unit of the programme's rows, and the amount that prices are per, in this unit
    """

    name: str
    row: float
    priced: float
    parts: int


FTE, EUR, SHARE = (
    Unit("FTE", 1.0, 1.0, 10_000),
    Unit("EUR", EUR_PER_KEUR, 1000.0, 1),
    Unit("1", 1.0, 0.01, 10_000),
)
UNITS = {NEW: FTE, OPENED: FTE, NETWORK: FTE, STATE: EUR, PARTNER: EUR, RATE: SHARE}


@dataclass(frozen=True)
class Limit:
    """A limit on posts, money or coverage in one year.

    name : name of the family, such as ``growth``, or ``limits.<name>`` for a user's own limit
    quantity : a key of ``UNITS``: posts, what they cost, or contracts covered over contracts
    territories, areas : numbers of the territories whose facilitators (for a rate: contracts), and
        of the areas whose coordinators, are added up
    sense : ``at_most`` or ``at_least``
    amount : in the unit of the quantity; with *is_share*, a share of the sum over all places [1]
    code : code of the territory or area; None for a national limit or a group
    keys : keys of the inputs that set the amount; the last is the one to change
    per_key : change of the amount when that input is raised by one
    of_both : whether a share is one of the posts of both roles, even if no whole area is inside
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
    of_both: bool = False

    @property
    def is_floor(self) -> bool:
        """Whether the limit is a minimum, not a maximum."""
        return self.sense == AT_LEAST

    @property
    def places(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Indices of the territories and of the areas whose posts are added up."""
        return self.territories, self.areas

    @property
    def unit(self) -> Unit:
        """Unit of the limit's amount."""
        return SHARE if self.is_share else UNITS[self.quantity]

    def everywhere(self, shape: Sequence[int]) -> tuple[tuple[int, ...], ...]:
        """Numbers of all places of each role that the limit counts, in arrays of a *shape*."""
        both = zip(shape[:2], self.places, strict=True)
        return tuple(tuple(range(n)) if of or self.of_both else () for n, of in both)

    def is_national(self, shape: Sequence[int]) -> bool:
        """Whether the limit has no code and counts all places of each role that it counts."""
        return self.code is None and self.places == self.everywhere(shape)

    def is_local_ceiling(self, shape: Sequence[int]) -> bool:
        """Whether the limit is a ceiling on facilitators of one place, or of some but not all.

        shape : numbers of territories, areas and more
        """
        is_part = self.code is not None or len(self.territories) < shape[0]
        return is_part and bool(self.territories) and not self.is_floor

    @property
    def priced_per(self) -> str:
        """Amount per which documents state the limit's price, such as ``1000 EUR``."""
        of = {FTE: "FTE", EUR: "1000 EUR"}.get(self.unit)
        return of or ("0.01 of share" if self.is_share else "0.01 of rate")

    @property
    def row(self) -> str:
        """Name of the limit's row in the programme."""
        return label(self.name, self.code, self.year)

    @cached_property
    def key_without_amount(self) -> tuple[object, ...]:
        """Key that is equal for limits that differ in their amount alone; a share is part of it."""
        of_sum = self.quantity, self.territories, self.areas, self.year, self.of_both
        return self.name, self.code, self.sense, of_sum, self.amount if self.is_share else None


@dataclass(frozen=True)
class Violation:
    """A limit that a plan breaks.

    constraint : name of the limit, or of the rule as in ``statement.CONSTRAINTS``
    territory, area : codes of the place, both None for a national limit; territory is None for an
        area of several territories
    value, limit : what the plan has and what was allowed, in the unit of the limit
    """

    constraint: str
    territory: str | None
    year: int
    value: float
    limit: float
    area: str | None = None

    def sentence(self, where: str | None = None, year: str = "") -> str:
        """Sentence on the limit broken and by how much, with enough digits to show the difference.

        where : such as ``, 53 Bretagne``; None: the code; year : given where there are several
        """
        beyond = abs(self.value - self.limit)
        digits = max(0, min(4, 6 - len(f"{abs(self.value):.0f}")))
        figures = {"value": self.value, "bound": self.limit, "beyond": beyond}
        shown = {name: enough_digits(of, beyond, digits) for name, of in figures.items()}
        template = (
            _("{limit}{where}{year}: {value}, minimum {bound} ({beyond} short)")
            if self.value < self.limit
            else _("{limit}{where}{year}: {value}, limit {bound} ({beyond} too much)")
        )
        if self.constraint.startswith("keep_"):
            template = _("{limit}{where}{year}: {beyond} fewer than before")
        place = self.territory or self.area
        code = f", {place}" if place else ""
        return template.format(
            limit=limit_name(LIMIT_NAMES, self.constraint),
            where=code if where is None else where,
            year=f", {year}" if year else "",
            **shown,
        )


def limit_gains(
    sense: str, up: float | None, down: float | None
) -> tuple[float | None, float | None]:
    """Gains by one more (which tightens a floor) and one less, from ``Price.up`` and ``down``."""
    loss = None if down is None else 0.0 - down
    return (loss, up) if sense == AT_LEAST else (up, loss)


def limits_by_input(limits: Sequence[Limit]) -> list[list[Limit]]:
    """Limits grouped by the input that sets them; one input can set the limits of several years."""
    numbers: dict[tuple[object, ...], list[Limit]] = {}
    for limit in limits:
        year = None if limit.keys or limit.code is not None else limit.year
        numbers.setdefault((limit.name, limit.code, limit.keys, year), []).append(limit)
    return list(numbers.values())
