"""Limits that a plan breaks, each in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from fte_alloc import language
from fte_alloc.language import _
from fte_alloc.names import LIMIT_NAMES, of_limit


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
