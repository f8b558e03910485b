"""Prices of limits: what one more unit of each is worth to a plan already found.

They are read off the conditions of the first stage's optimum. Where these leave a price open, the
gain from loosening its limit is the least it can be, the loss from tightening it the greatest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from fte_alloc.lp.certificate import link_terms
from fte_alloc.lp.face import Face, face_of_prices, values_on_face
from fte_alloc.lp.piecewise import Pieces
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.limits import OWN, Limit, limit_gains, limits_by_input
from fte_alloc.programme.problem import Evaluation, Problem
from fte_alloc.search.rounds import RoundSearch
from fte_alloc.search.tangents import IDLE

#: Shares of the greatest gain: gains below the first are rounding; prices below the second are left
#: out, except those of national limits and of the user's own.
ROUNDING, DUST = 1e-9, 1e-6


@dataclass(frozen=True)
class Price:
    """Change of the first stage's objective per ``Unit.priced`` of a limit at its present amount.

    up, down : gain from loosening, loss from tightening, in this year alone; None where no plan
        keeps the tighter limit, and for plans in steps, where posts do not answer small changes
    one_more, one_less : gain, a loss if negative, by one more, one less as typed, in all its years
    """

    limit: Limit
    up: float | None
    down: float | None
    one_more: float | None = None
    one_less: float | None = None

    @property
    def gains(self) -> dict[str, float | None]:
        """The gains ``up``, ``down``, ``one_more`` and ``one_less``, by these names."""
        return {field.name: getattr(self, field.name) for field in fields(self)[1:]}

    @property
    def worth(self) -> float:
        """The greatest absolute gain, 0 where all are None."""
        return max(abs(gain or 0.0) for gain in self.gains.values())


def prices_of(p: Problem, search: RoundSearch[Evaluation]) -> tuple[Price, ...]:
    """Prices of national limits, the user's own and others not tiny, once the plan is proved."""
    limits = p.limits
    if search.in_steps:
        return tuple(Price(one, None, None) for one in limits if one.is_national(p.shape))
    first, search.deadline = p.stages[0], None
    for row in search.stage_rows:
        search._limit(row, -np.inf, np.inf)
    answer = search._optimise(first)
    # Loosening raises the side of a ceiling's row, lowers that of a floor's.
    sign = p.sums.sign if first.sense == "maximise" else -p.sums.sign
    units = np.array([one.unit.priced / one.unit.row for one in limits])
    per_price = search.unit[first.objective] * sign * units * search._judge().amount_factor
    rows = np.array([search.row[one.row] for one in limits], dtype=int)
    rounding = ROUNDING * float(np.abs(per_price * answer.prices[rows]).max(initial=0.0))
    terms = dict(zip(limits, zip(rows.tolist(), per_price.tolist(), strict=True), strict=True))
    face = _face(p, search, answer.prices)

    def sides(number: Sequence[Limit]) -> tuple[float, float | None]:
        """Gain from loosening and loss from tightening several limits at once."""
        ends = face.range(terms[one] for one in number)
        least, most = (end if end > rounding else 0.0 for end in ends)
        return least, most if most < np.inf else None

    found: dict[Limit, Price] = {}
    for number in limits_by_input(limits):
        alone = [sides([one]) for one in number]
        together = alone[0] if len(number) == 1 else sides(number)
        typed = limit_gains(number[0].sense, *together)
        found |= {one: Price(one, *own, *typed) for one, own in zip(number, alone, strict=True)}
    dust = DUST * max((price.worth for price in found.values()), default=0.0)
    return tuple(
        found[one]
        for one in limits
        if one.is_national(p.shape) or one.name.startswith(OWN) or found[one].worth > dust
    )


def _face(p: Problem, search: RoundSearch[Evaluation], prices: Floats) -> Face:
    """Face of the optimal dual prices, which contains those of the last solution.

    Curves are replaced by lines through the optimum: a table by the two lines beside a corner,
    another curve by one with the slope that prices imply or, where they imply none, its own.
    """
    links, values, pieces = search.links, search.values, search.pieces
    assert values is not None
    effort = values[links.k]
    if not p.curves.exact_pieces:
        _, worth, price, _ = link_terms(search.matrix, prices, links)
        is_valued = (worth > IDLE * max(1e-300, worth.max())) & (effort > 0)
        slope = np.divide(price, worth, out=p.curves.slope(effort), where=is_valued)
        start = values[links.y] - slope * effort
        pieces = Pieces(start, slope[:, None], search.all_effort[:, None])
    before = np.cumsum(pieces.lengths, axis=1) - pieces.lengths
    filled = np.clip(effort[:, None] - before, 0.0, pieces.lengths)
    straight = links.expand(search.matrix, pieces)
    values = values_on_face(straight, np.concatenate([values[links.rest], filled.ravel()]))
    return Face(face_of_prices(straight, values), prices)
