"""Prices of limits: what one more unit of each is worth to a plan already found.

Measured, not read: a limit is moved a little either way and the live programme solved again,
because at a kink the gain from loosening is not the loss from tightening.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fte_alloc.coverage import Floats
from fte_alloc.judging import Evaluation
from fte_alloc.lp.certificate import link_terms
from fte_alloc.lp.piecewise import Pieces
from fte_alloc.lp.solving import INFEASIBLE, Answer, Basis
from fte_alloc.search import Search

#: Times that tangents follow a moved limit, and the share of what they lie above the curves that is
#: left when following them further is in vain.
MOST_FOLLOWING, STALLED = 6, 0.9
#: Changes of a limit by which its price is measured [FTE], [kEUR], [1].
PRICE_FTE, PRICE_KEUR, PRICE_RATE = 1e-3, 1.0, 1e-5
#: What tangents may lie above the curves where a price is measured, as a share of what is gained;
#: and what share of the objective is nothing gained.
PRICE_SHARE, PRICE_GAP = 5e-5, 1e-12
#: Effort that differs by more has moved [FTE].
MOVED_FTE = 1e-9
#: Tangents around the plan's effort, close as far as posts move it, a coordinator, who takes
#: facilitators along, and money: 1.5e-3, 5e-3 and 1e-2 FTE.
_ONE_SIDE = np.concatenate(
    [np.linspace(0, 1.5e-3, 13)[1:], np.linspace(1.5e-3, 5e-3, 6)[1:], [7e-3, 1e-2]]
)
PRICE_AROUND_FTE = np.concatenate([-_ONE_SIDE, [0.0], _ONE_SIDE])
_OPPOSITES = (("coordinator_required", "coordinator_max"), ("min_new", "max_new"))


@dataclass(frozen=True)
class Price:
    """Change of the first stage's objective per unit of a limit as the user wrote it.

    up, down : gain from loosening, loss from tightening; None where there is no such plan, and
        for plans in steps, where posts do not answer small changes
    """

    constraint: str
    territory: str | None
    year: int
    up: float | None
    down: float | None

    @property
    def worth(self) -> float:
        """The greater of the two, 0 where both are None."""
        return max(self.up or 0.0, self.down or 0.0)


@dataclass(frozen=True)
class _Start:
    """What prices are measured from: the optimum with no limit moved.

    objective, proved : on the tangents of prices, and on the curves
    effort_fte : on every curve; activity : of every row
    pieces, basis : where the next tangents start from
    """

    objective: float
    proved: float
    effort_fte: Floats
    activity: Floats
    pieces: Pieces
    basis: Basis


class PricedSearch(Search[Evaluation]):
    """A search whose limits can be priced once it has run."""

    def prices(self) -> tuple[Price, ...]:
        """The price of every national limit, and of every other that has one."""
        if self.in_steps:
            limits = self.programme.limits.values()
            return tuple(Price(*limit, None, None) for limit in limits if limit[1] is None)
        self.deadline = None  # the plan is proved; its prices are not left out for a few solves
        for row in self.stage_rows:
            self._limit(row, -np.inf, np.inf)
        first = self.problem.stages[0]
        self.close_fte = PRICE_AROUND_FTE
        self._refine()
        best = self._optimise(first.objective, first.sense == "maximise")
        start = _Start(
            best.objective,
            self.proofs[0].bound / self.unit[first.objective],
            self.links.contract(best.values, self.pieces)[self.links.k],
            self.live.matrix.times(best.values),
            self.pieces,
            self.live.keep_basis(),
        )
        found = [
            Price(*limit, *self._price(name, limit[0], start))
            for name, limit in self.programme.limits.items()
        ]
        dust = 1e-6 * max((price.worth for price in found), default=0.0)
        return tuple(p for p in found if p.territory is None or p.worth > dust)

    def _price(
        self, name: str, constraint: str, start: _Start
    ) -> tuple[float | None, float | None]:
        """Gain from loosening, loss from tightening a limit by one of the user's units."""
        row, live = self.row[name], self.live
        lower, upper = live.matrix.row_lower[row], live.matrix.row_upper[row]
        is_floor = bool(np.isfinite(lower))
        limit = lower if is_floor else upper
        step = {"budget": PRICE_KEUR, "partners": PRICE_KEUR}.get(constraint, PRICE_FTE)
        per_unit = self.unit[self.problem.stages[0].objective]
        if constraint == "least":  # written as a rate: the price is that of one point of it
            i = self.problem.territories.index(str(self.programme.limits[name][1]))
            contracts = (limit + live.matrix.row_shift[row]) / self.problem.least_rate[i]
            step, per_unit = PRICE_RATE * contracts, 0.01 * contracts * per_unit
        if abs(start.activity[row] - limit) > step:
            return 0.0, 0.0
        gains: list[float | None] = []
        for outward in (1.0, -1.0):
            moved = limit + (-outward if is_floor else outward) * step
            limits = (moved, upper) if is_floor else (lower, moved)
            possible = (is_floor or moved >= 0) and not self._crosses(name, is_floor, moved)
            gain = self._gain_within(name, limits, start) if possible else None
            sign = (outward if live.matrix.maximise else -outward) * per_unit / step
            gains.append(None if gain is None else max(0.0, sign * gain))
        return gains[0], gains[1]

    def _above_curves(self, answer: Answer, start: _Start) -> float:
        """By how much tangents overrate the efforts that an answer moves; the others cancel."""
        self.values = self.links.contract(answer.values, self.pieces)
        effort = self.values[self.links.k]
        _, worth, _, _ = link_terms(self.matrix, answer.prices, self.links)
        above = self.values[self.links.y] - self.problem.curves.value(effort)
        moved = np.abs(effort - start.effort_fte) > MOVED_FTE
        return float(np.maximum(worth, 0.0) @ np.where(moved, above, 0.0))

    def _crosses(self, name: str, is_floor: bool, moved: float) -> bool:
        """Whether a limit on a post would pass the opposite limit on the same post."""
        floor, ceiling = next(
            (pair for pair in _OPPOSITES if name.startswith(pair[0] if is_floor else pair[1])),
            (name, name),
        )
        opposite = name.replace(floor, ceiling) if is_floor else name.replace(ceiling, floor)
        row = self.row.get(opposite)
        if row is None or opposite == name:
            return False
        m = self.live.matrix
        return bool(moved > m.row_upper[row] if is_floor else moved < m.row_lower[row])

    def _gain_within(self, name: str, limits: tuple[float, float], start: _Start) -> float | None:
        """What the live programme gains by one row moved, None where it has no plan then.

        Where the tangents there lie above the curves by much of what is gained, they follow the
        effort and come back.
        """
        row, live = self.row[name], self.live
        shift = live.matrix.row_shift[row]
        before = live.matrix.row_lower[row] + shift, live.matrix.row_upper[row] + shift
        aimed = self.centre[0], self.width[0], self.effort[0]
        self._limit(name, limits[0] + shift, limits[1] + shift)
        value, strayed, last = None, False, np.inf
        self.idle = np.ones(len(self.most), dtype=bool)
        for _ in range(MOST_FOLLOWING):
            answer = live.checked()
            if answer.status == INFEASIBLE:
                break
            value = answer.objective
            gained, above = abs(value - start.objective), self._above_curves(answer, start)
            is_nothing = gained <= PRICE_GAP * abs(value)
            if is_nothing or above <= PRICE_SHARE * gained or above > STALLED * last:
                break
            if strayed:
                last = above
            else:
                self.effort[0] = None  # far from the plan's: its distance says nothing
            self._look(0, answer)
            strayed = self.following = True
            self._refine()
        self.following = False
        self.centre[0], self.width[0], self.effort[0] = aimed
        self._limit(name, *before)
        if strayed:
            self.start = start.pieces, start.effort_fte
            live.keep_basis(start.basis)
            self._refine()
        return None if value is None else value - (start.proved if strayed else start.objective)
