"""A programme in the solver, its curves replaced by tangents, which are moved towards the plan.

Tangents lie above a curve, so what the programme cannot reach nothing can.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Generic, cast

import numpy as np
from numpy.typing import NDArray

from fte_alloc.errors import InfeasibleError
from fte_alloc.language import _
from fte_alloc.lp.certificate import link_terms
from fte_alloc.lp.highs import INFEASIBLE, STOPPED, HighsAnswer
from fte_alloc.lp.piecewise import Pieces
from fte_alloc.lp.solving import CheckedProgramme
from fte_alloc.programme.curves import Curves, Floats, JoinedCurves, best_curve_effort, curve_gain
from fte_alloc.programme.linear import Arrays, Programme
from fte_alloc.programme.objectives import stage_row
from fte_alloc.programme.scenario_set import Judged, Subject

#: Where a territory can have more than this, posts are less precise in proportion [FTE].
LARGE_FTE = 1e3
#: Objectives are scaled so that they cannot exceed this: the slack of a kept stage is then above
#: the tolerance of the solver, 1e-9.
MOST_VALUE = 1e5
#: Further effort is of no use where it adds less than this share of a curve's contracts.
IN_VAIN = 2e-11
#: Least distance of tangents: closer ones differ by less than the solver resolves [FTE].
NEAREST_FTE = 2e-5
#: Sections of a curve between tangents; places of tangents around a stage's effort, in widths.
EVERYWHERE, AROUND = 6, np.array([-27.0, -9.0, -3.0, -1.0, 0.0, 1.0, 3.0, 9.0, 27.0])
#: After this many rounds, tangents at every effort tried are kept, so that none is tried twice.
#: Tiny posts are kept then, too: a stage may still gain by them from the rounding of another.
PATIENT_ROUNDS = 15
#: A curve is idle in a stage if its contracts are worth less than this share of the most valued.
IDLE = 1e-7
#: Posts below this are rounding of the solver [FTE].
DUST_FTE = 1e-6
#: Decimals of limits on posts as typed, and how far from them the solver may stop [FTE].
TYPED_DECIMALS, BESIDE_FTE = 6, 1e-9
#: Perturbation of costs. Slopes of neighbouring tangents differ by 1e-4 of themselves;
#: a perturbation above that would take longer to correct than all the rest of a solve.
PERTURBATION = 3e-3


class StopError(Exception):
    """The search stopped at a limit of time or rounds; its text is a key of ``STOP_REASONS``."""


class TangentProgramme(Generic[Judged]):
    """The programme of a problem or of a scenario set in the solver, on tangents of its curves."""

    def __init__(self, problem: Subject, programme: Programme, time_limit_s: float | None) -> None:
        self.problem = problem
        self.deadline = None if time_limit_s is None else time.monotonic() + time_limit_s
        arrays = Arrays(programme)
        self.matrix, self.links, self.x, self.z = arrays.matrix, arrays.links, arrays.x, arrays.z
        self.objectives: dict[str, tuple[Floats, float]] = {}
        self.unit: dict[str, float] = {}
        for name, (cost, constant) in arrays.objectives.items():
            scale = MOST_VALUE / max(1e-300, float(np.abs(cost) @ self.matrix.upper))
            self.objectives[name] = scale * cost, scale * constant
            self.unit[name] = 1.0 / scale
        self.stage_rows = [stage_row(n, stage.objective) for n, stage in enumerate(problem.stages)]
        for name, stage in zip(self.stage_rows, problem.stages, strict=True):
            self.matrix.add_row(name, self.objectives[stage.objective][0], -np.inf, np.inf)
        self.row = {name: r for r, name in enumerate(self.matrix.rows)}
        kinds = problem.contracts_per_year.shape[2]
        self.all_effort = np.repeat(problem.most_effort_fte.ravel(), kinds)
        #: Function that gives sup_k (W G(k) − π k) of every curve.
        self._most_gain = partial(curve_gain, problem.curves, most_fte=self.all_effort)
        self.most = _saturation_effort(problem.curves, self.all_effort)
        #: How many times coarser than usual the precision of posts is.
        self.coarse = max(1.0, float(self.most.max(initial=0.0)) / LARGE_FTE)
        # One set of tangents per stage, and one for the tie-break once its effort is far off.
        self.centre = [self.most / 3] * len(problem.stages)
        self.width = [self.most / 90] * len(problem.stages)
        self.effort: list[Floats | None] = [None] * len(problem.stages)
        self.tried: list[Floats] = []
        self.pieces = self._pieces()
        # Presolve spends 100 ms on pieces that lie 1e-4 FTE apart, and finds nothing.
        expanded = self.links.expand(self.matrix, self.pieces)
        self.live = CheckedProgramme(expanded, presolve=False, perturbation=PERTURBATION)
        self.live.thin = True
        #: Pieces and effort of the basis from which the programme with the next tangents starts.
        self.start: tuple[Pieces, Floats] | None = None
        self.in_steps = bool(self.matrix.integer.any())
        self.values: Floats | None = None
        #: Whether no stage of this round has valued the contracts of each curve yet.
        self.idle: NDArray[np.bool_] = np.ones(len(self.most), dtype=bool)
        self.rounds = 0

    # -- solving -------------------------------------------------------------------------------

    def _aim(self, cost: Floats, constant: float, *, maximise: bool) -> None:
        self.matrix.cost, self.matrix.constant, self.matrix.maximise = cost, constant, maximise
        self.live.set_objective(*self.links.expand_cost(cost, constant, self.pieces), maximise)

    def _limit(self, name: str, lower: float, upper: float) -> None:
        row = self.row[name]
        shift = self.live.matrix.row_shift[row]
        self.matrix.row_lower[row], self.matrix.row_upper[row] = lower, upper
        self.live.set_row_limits(row, lower - shift, upper - shift)

    def _run(
        self, live: CheckedProgramme | None = None, known: HighsAnswer | None = None
    ) -> HighsAnswer:
        """Solve the programme, or *live* over some of its columns, in the time that is left."""
        left = np.inf if self.deadline is None else self.deadline - time.monotonic()
        if left <= 0:
            raise StopError("time limit")
        answer = (live or self.live).checked(left, known)
        if answer.status == INFEASIBLE:
            raise InfeasibleError(_("no plan is possible."), answer.proved)
        if answer.status == STOPPED:
            if live is None and len(answer.values):
                self.values = self.links.collapse(answer.values, self.pieces)
            raise StopError("time limit")
        return answer

    # -- what an answer says -------------------------------------------------------------------

    def _judge(self, *, split_anew: bool = False) -> Judged:
        """Evaluation of the last solution on the true curves, without tiny posts from rounding.

        Where no stage so far values a territory's contracts, the solver's effort is arbitrary: all
        that its posts allow is split anew for the most contracts.
        """
        assert self.values is not None
        p, years = self.problem, self.problem.contracts_per_year.shape[1]
        x, z = (self.values[columns].reshape(-1, years) for columns in (self.x, self.z))
        if self.live.matrix.integer.any():
            both = zip((x, z), p.steps_fte, strict=True)
            x, z = (step * np.round(fte / step) if step > 0 else fte for fte, step in both)
        if self.rounds <= PATIENT_ROUNDS:
            x, z = without_dust(x), without_dust(z)
        x, z = np.maximum(x, 0.0), np.maximum(z, 0.0)
        if split_anew:
            return cast(Judged, p.judge(x, z))
        k = np.maximum(self.values[self.links.k], 0.0).reshape(p.contracts_per_year.shape)
        idle = np.asarray(self.idle.reshape(k.shape).all(axis=2))
        if idle.any():
            k = p.split_idle(x, z, k, idle)
        return cast(Judged, p.judge(x, z, k))

    def _evaluate_and_centre(self, number: int, answer: HighsAnswer) -> Judged:
        """Evaluate the solution; centre the stage's tangents on the effort its prices imply."""
        _, worth, price, _ = link_terms(self.matrix, answer.prices, self.links)
        is_valued = worth > IDLE * max(1e-300, worth.max())  # elsewhere effort is arbitrary
        self.idle &= ~is_valued | (self.problem.curves.value(self.most) <= 0.0)
        if number == 0 and not self.live.matrix.integer.any() and self.values is not None:
            self.start = self.pieces, self.values[self.links.k]
            self.live.keep_basis()
        judged = self._judge()
        effort = np.minimum(judged.effort_fte.ravel(), self.most)
        in_steps = bool(self.live.matrix.integer.any())
        if in_steps or self.rounds > PATIENT_ROUNDS:
            self.tried.append(effort)
        if in_steps:  # prices hardly locate such a plan
            return judged
        asked = best_curve_effort(self.problem.curves, worth, price, self.most)
        centre = np.where(is_valued, asked, effort)
        last = self.effort[number]
        moved = np.abs(effort - centre)
        if last is not None:
            moved = np.maximum(moved, np.abs(effort - last))
        self.effort[number], self.centre[number] = effort, centre
        narrowest = np.maximum(self.width[number] / 16, self.coarse * NEAREST_FTE)
        self.width[number] = np.clip(moved / 12, narrowest, self.most / 90)
        return judged

    # -- tangents ------------------------------------------------------------------------------

    def _pieces(self) -> Pieces:
        """Pieces of the curves: tangents everywhere, and close ones around each stage's effort."""
        ends = self.most[:, None]
        points = [ends * np.arange(1, EVERYWHERE) / EVERYWHERE]
        for centre, width in zip(self.centre, self.width, strict=True):
            points.append(centre[:, None] + AROUND * width[:, None])
        points += [effort[:, None] for effort in self.tried]
        touch = np.sort(np.clip(np.concatenate(points, axis=1), 0.0, ends), axis=1)
        return self.problem.curves.pieces(touch, self.most)

    def _refine(self) -> None:
        self.pieces, order = self._pieces(), None
        if self.start is not None and self.start[0].slopes.size <= self.pieces.slopes.size:
            order = self.links.previous_columns(*self.start, self.pieces, self.centre[0])
        self.live.reload(self.links.expand(self.matrix, self.pieces), order)


def _saturation_effort(curves: Curves | JoinedCurves, most: Floats) -> Floats:
    """Effort at which each curve is flat, or *most* where that is less than twice as much [FTE]."""
    full = curves.value(most)
    if curves.exact_pieces or np.all(full - curves.value(most / 2) > IN_VAIN * full):
        return most
    low, high = np.zeros_like(most), most
    for __ in range(60):
        middle = (low + high) / 2
        enough = full - curves.value(middle) <= IN_VAIN * full
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.where(high < most / 2, high, most)


def without_dust(posts: Floats) -> Floats:
    """Posts, set to 0 if tiny, and rounded to ``TYPED_DECIMALS`` if this changes them little.

    At a maximum of 1.25 FTE they are 1.25, shown as 1.3, not 1.2499999999, shown as 1.2.
    """
    typed = np.round(posts, TYPED_DECIMALS)
    settled = np.where(np.abs(posts - typed) <= BESIDE_FTE, typed, posts)
    return np.where(posts <= DUST_FTE, 0.0, settled)
