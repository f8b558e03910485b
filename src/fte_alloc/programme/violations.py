"""Limits that a plan breaks, each in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from fte_alloc import language
from fte_alloc.language import _
from fte_alloc.names import LIMIT_NAMES, of_limit


@dataclass(frozen=True)
class Violation:
    """A limit that a plan breaks.

    constraint : its name in ``statement.CONSTRAINTS``
    territory, area : their codes, both None for a national limit; no territory where an area of
        several is meant
    value, limit : what the plan has and what was allowed, in the unit of the limit
    """

    constraint: str
    territory: str | None
    year: int
    value: float
    limit: float
    area: str | None = None

    def sentence(self, where: str | None = None, year: str = "") -> str:
        """What is broken and by how much, in figures that differ as they are shown.

        where : ``, 53 Bretagne``, the code where it is not given; year : where there are several
        """
        beyond = abs(self.value - self.limit)
        digits = max(0, min(4, 6 - len(f"{abs(self.value):.0f}")))
        figures = {"value": self.value, "bound": self.limit, "beyond": beyond}
        template = (
            _("{limit}{where}{year}: {value}, minimum {bound} ({beyond} too little)")
            if self.value < self.limit
            else _("{limit}{where}{year}: {value}, limit {bound} ({beyond} too much)")
        )
        place = self.territory or self.area
        code = f", {place}" if place else ""
        return template.format(
            limit=of_limit(LIMIT_NAMES, self.constraint),
            where=code if where is None else where,
            year=f" {year}" if year else "",
            **{key: language.telling(figure, beyond, digits) for key, figure in figures.items()},
        )
