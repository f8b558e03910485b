"""Limits on posts, money and coverage, as data: a quantity over some places in one year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

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
    parts : printed values are multiples of one over this many
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

    def is_national(self, shape: Sequence[int]) -> bool:
        """Whether it counts all places of both roles, or all of the role that it counts.

        shape : numbers of territories, areas and more
        """
        counted = (len(of) in (0, n) for of, n in zip(self.places, shape[:2], strict=True))
        return all(counted) and self.code is None

    def holds(self, shape: Sequence[int]) -> bool:
        """Whether it can hold back some territories and not all.

        shape : numbers of territories, areas and more
        """
        is_part = self.code is not None or len(self.territories) < shape[0]
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

    @cached_property
    def sums(self) -> tuple[object, ...]:
        """What it adds up: limits alike in this differ in their amounts alone."""
        share = self.amount if self.is_share else None
        return self.quantity, self.territories, self.areas, self.year, share

    @cached_property
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
