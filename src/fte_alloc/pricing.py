"""Prices of limits: what one more unit of each is worth to a plan already found.

Measured, not read: a limit is moved a little either way and the live programme solved again,
because at a kink the gain from loosening is not the loss from tightening.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fte_alloc.coverage import Floats
from fte_alloc.judging import FLOORS, Evaluation, as_typed, numbers_of
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

    up, down : gain from loosening, loss from tightening, in this year alone; None where there is
        no such plan, and for plans in steps, where posts do not answer small changes
    one_more, one_less : gain by one more, by one less of the number as it is typed: for one of a
        territory in all years at once; a loss is negative
    """

    constraint: str
    territory: str | None
    year: int
    up: float | None
    down: float | None
    one_more: float | None = None
    one_less: float | None = None

    @property
    def worth(self) -> float:
        """The greatest of them, whatever its sign, 0 where all are None."""
        return max(abs(x or 0.0) for x in (self.up, self.down, self.one_more, self.one_less))


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
        found = []
        for names in numbers_of(self.programme.limits):
            alone = [self._price([name], start) for name in names]
            together = alone[0] if len(names) == 1 else self._price(names, start)
            for name, sides in zip(names, alone, strict=True):
                limit = self.programme.limits[name]
                found.append(Price(*limit, *sides, *as_typed(limit[0], *together)))
        dust = 1e-6 * max((price.worth for price in found), default=0.0)
        return tuple(p for p in found if p.territory is None or p.worth > dust)

    def _price(self, names: Sequence[str], start: _Start) -> tuple[float | None, float | None]:
        """Gain from loosening, loss from tightening limits at once by one of the user's units."""
        live, constraint = self.live, self.programme.limits[names[0]][0]
        rows = [self.row[name] for name in names]
        is_floor = constraint in FLOORS
        limit = (live.matrix.row_lower if is_floor else live.matrix.row_upper)[rows]
        step = {"budget": PRICE_KEUR, "partners": PRICE_KEUR}.get(constraint, PRICE_FTE)
        steps, a_unit = np.full(len(rows), step), 1.0 / step
        if constraint == "least":  # written as a rate: the price is that of one point of it
            i = self.problem.territories.index(str(self.programme.limits[names[0]][1]))
            contracts = (limit + live.matrix.row_shift[rows]) / self.problem.least_rate[i]
            steps, a_unit = PRICE_RATE * contracts, 0.01 / PRICE_RATE
        if np.all(np.abs(start.activity[rows] - limit) > steps):
            return 0.0, 0.0
        per_unit = self.unit[self.problem.stages[0].objective] * a_unit
        gains: list[float | None] = []
        for outward in (1.0, -1.0):
            moved = limit + (-outward if is_floor else outward) * steps
            to = dict(zip(names, moved.tolist(), strict=True))
            possible = not any(
                (m < 0 and not is_floor) or self._crosses(name, is_floor, m)
                for name, m in to.items()
            )
            gain = self._gain_within(to, is_floor, start) if possible else None
            sign = (outward if live.matrix.maximise else -outward) * per_unit
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

    def _gain_within(self, to: Mapping[str, float], is_floor: bool, start: _Start) -> float | None:
        """What the live programme gains by rows moved, None where it has no plan then.

        to : the new limit of every row

        Where the tangents there lie above the curves by much of what is gained, they follow the
        effort and come back.
        """
        live, m = self.live, self.live.matrix
        before: dict[str, tuple[float, float]] = {}
        for name, limit in to.items():
            row, shift = self.row[name], m.row_shift[self.row[name]]
            before[name] = m.row_lower[row] + shift, m.row_upper[row] + shift
            moved = limit + shift
            self._limit(name, *((moved, before[name][1]) if is_floor else (before[name][0], moved)))
        aimed = self.centre[0], self.width[0], self.effort[0]
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
        for name, limits in before.items():
            self._limit(name, *limits)
        if strayed:
            self.start = start.pieces, start.effort_fte
            live.keep_basis(start.basis)
            self._refine()
        return None if value is None else value - (start.proved if strayed else start.objective)
