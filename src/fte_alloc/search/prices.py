"""Prices of limits: what one more unit of each is worth to a plan already found.

Measured, not read: a limit is moved a little either way and the live programme solved again,
because at a kink the gain from loosening is not the loss from tightening.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from fte_alloc.lp.certificate import link_terms
from fte_alloc.lp.highs import INFEASIBLE, Basis, SolverAnswer
from fte_alloc.lp.piecewise import Pieces
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.data import given
from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.limits import OWN, Limit, as_typed, by_number
from fte_alloc.programme.problem import Problem
from fte_alloc.search.rounds import Search

#: Times that tangents follow a moved limit, and the share of what they lie above the curves that is
#: left when following them further is in vain.
MOST_FOLLOWING, STALLED = 6, 0.9
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


@dataclass(frozen=True)
class Price:
    """Change of the first stage's objective per ``Unit.priced`` of a limit.

    up, down : gain from loosening, loss from tightening, in this year alone; None where there is
        no such plan, and for plans in steps, where posts do not answer small changes
    one_more, one_less : gain by one more, by one less of the number as it is typed: for one of a
        territory in all years at once; a loss is negative
    """

    limit: Limit
    up: float | None
    down: float | None
    one_more: float | None = None
    one_less: float | None = None

    @property
    def gains(self) -> dict[str, float | None]:
        """The four of them by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)[1:]}

    @property
    def worth(self) -> float:
        """The greatest absolute gain, 0 where all are None."""
        return max(abs(gain or 0.0) for gain in self.gains.values())


@dataclass(frozen=True)
class _Start:
    """What prices are measured from: the optimum with no limit moved.

    objective, proved : on the tangents of prices, and on the curves
    effort_fte : on every curve; activity : of every row
    amount_of_one : see ``Evaluation.amount_of_one``, by limit
    pieces, basis : where the next tangents start from
    """

    objective: float
    proved: float
    effort_fte: Floats
    activity: Floats
    amount_of_one: dict[Limit, float]
    pieces: Pieces
    basis: Basis


class PricedSearch(Search[Evaluation]):
    """A search whose limits can be priced once it has run."""

    problem: Problem

    def prices(self) -> tuple[Price, ...]:
        """The price of every national limit, and of every other that has one."""
        p, limits = self.problem, self.problem.limits
        if self.in_steps:
            return tuple(Price(one, None, None) for one in limits if one.is_national(p.shape))
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
            dict(zip(limits, self._judge().amount_of_one.tolist(), strict=True)),
            self.pieces,
            self.live.keep_basis(),
        )
        found: dict[Limit, Price] = {}
        for number in by_number(limits):
            alone = [self._price([one], start) for one in number]
            together = alone[0] if len(number) == 1 else self._price(number, start)
            for one, sides in zip(number, alone, strict=True):
                found[one] = Price(one, *sides, *as_typed(one.sense, *together))
        dust = 1e-6 * max((price.worth for price in found.values()), default=0.0)
        return tuple(
            found[one]
            for one in limits
            if one.is_national(p.shape) or one.name.startswith(OWN) or found[one].worth > dust
        )

    def _price(self, number: Sequence[Limit], start: _Start) -> tuple[float | None, float | None]:
        """Gain from loosening, loss from tightening limits at once by one ``Unit.priced``."""
        live, first = self.live, number[0]
        rows = [self.row[one.row] for one in number]
        is_floor, unit = first.is_floor, first.unit
        limit = (live.matrix.row_lower if is_floor else live.matrix.row_upper)[rows]
        steps = unit.step / unit.row * np.array([start.amount_of_one[one] for one in number])
        a_unit = unit.priced / unit.step
        if np.all(np.abs(start.activity[rows] - limit) > steps):
            return 0.0, 0.0
        per_unit = self.unit[self.problem.stages[0].objective] * a_unit
        gains: list[float | None] = []
        for outward in (1.0, -1.0):
            change, gain = -outward if is_floor else outward, None
            if all(self._is_possible(one, one.amount + change * unit.step) for one in number):
                sides = (limit + change * steps).tolist()
                to = dict(zip((one.row for one in number), sides, strict=True))
                gain = self._gain_within(to, is_floor, start)
            sign = (outward if live.matrix.maximise else -outward) * per_unit
            gains.append(None if gain is None else max(0.0, sign * gain))
        return gains[0], gains[1]

    def _above_curves(self, answer: SolverAnswer, start: _Start) -> float:
        """By how much tangents overrate the efforts that an answer moves; the others cancel."""
        self.values = self.links.contract(answer.values, self.pieces)
        effort = self.values[self.links.k]
        _, worth, _, _ = link_terms(self.matrix, answer.prices, self.links)
        above = self.values[self.links.y] - self.problem.curves.value(effort)
        moved = np.abs(effort - start.effort_fte) > MOVED_FTE
        return float(np.maximum(worth, 0.0) @ np.where(moved, above, 0.0))

    def _is_possible(self, one: Limit, amount: float) -> bool:
        """Whether a limit of this amount passes neither what is given nor an opposite limit."""
        if not one.is_floor and amount < given(self.problem, one):
            return False
        return not any(
            amount > other.amount if one.is_floor else amount < other.amount
            for other in self.problem.limits
            if other.sums == one.sums and other.is_floor != one.is_floor
        )

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
