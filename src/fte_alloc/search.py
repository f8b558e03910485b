"""Rounds of a live programme: stages served in turn, tangents refined until both bounds agree.

The pieces that stand for a curve are tangents and lie above it, so what the programme cannot reach
nothing can; the plan's own effort on the true curves is what is reached. A round serves the stages
in turn on one set of tangents, each re-solved from the last basis; the first stage whose bounds
disagree ends the round, and the next has its tangents closer around the plan.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fte_alloc import words
from fte_alloc.coverage import Floats, best_effort
from fte_alloc.errors import InfeasibleError, SolverError, StoppedError
from fte_alloc.formulation import UNIT, formulate, label
from fte_alloc.judging import Evaluation
from fte_alloc.lp.certificate import concave_bound, link_terms
from fte_alloc.lp.matrix import Integers, Matrix
from fte_alloc.lp.piecewise import Links, Pieces
from fte_alloc.lp.solving import INFEASIBLE, STOPPED, UNBOUNDED, Answer, Live
from fte_alloc.problem import Problem

#: Bounds agree to this share of max(1, |bound|): continuous plans, plans in steps.
GAP, STEP_GAP = 1e-9, 1e-8
#: Posts are settled when none moves by more than this between two complete rounds [FTE].
SETTLED_FTE = 1e-3
#: Share of a stage its successors may lose to rounding: continuous plans, plans in steps.
SLACK, STEP_SLACK = 1e-12, 1e-9
#: Rows that keep a stage are scaled to 1e4 or so: what they may lose is then above the
#: tolerance of the solver, 1e-9.
SCALE, LEAST_SLACK = {"worst_rate": 1e4, "state_cost": 10.0, "posts": 100.0, "change": 100.0}, 3e-9
#: Tangents closer than this tell nothing apart that the solver could [FTE].
NEAREST_FTE = 2e-5
#: Tangents that cover a curve from end to end, and those around the effort of a stage, in widths.
EVERYWHERE, AROUND = 6, np.array([-27.0, -9.0, -3.0, -1.0, 0.0, 1.0, 3.0, 9.0, 27.0])
MOST_ROUNDS = 60
#: A curve whose contracts are worth less than this share of the most valued is idle in a stage.
IDLE = 1e-7
#: A reduced cost above this is one; what it holds may move by this much [FTE].
PRICED, HELD_FTE = 1e-7, 1e-9
#: Factors by which what is kept may be loosened, one after the other.
LOOSER = (1.0, 4.0, 16.0, 64.0, 256.0)
#: Changes of a limit by which its price is measured [FTE], [kEUR], [1].
PRICE_FTE, PRICE_KEUR, PRICE_RATE = 1e-3, 1.0, 1e-5
#: Posts below this are the solver's dust [FTE].
DUST_FTE = 1e-6


@dataclass(frozen=True)
class StageProof:
    """What a stage reached, what it cannot exceed, and the prices that prove it.

    value : reached, in the stage's own best plan where it concedes, else in the plan itself
    bound : no plan that serves the earlier stages as well does better
    in_plan : what the final plan reaches
    duals : price of every named row in the unit of the objective (``docs/mathematics.md``)
    relaxation_bound : for plans in steps, the bound without steps, proved by ``duals``;
        ``bound`` is then the solver's word. None for continuous plans
    """

    objective: str
    sense: str
    value: float
    bound: float
    concede: float
    in_plan: float
    duals: Mapping[str, float]
    relaxation_bound: float | None = None

    @property
    def relative_gap(self) -> float:
        """|bound − value| / max(1, |bound|)."""
        return abs(self.bound - self.value) / max(1.0, abs(self.bound))


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


class _OutOfTimeError(Exception):
    """A limit was reached before the bounds agreed."""


class Search:
    """The live programme of a problem, and what is known of it so far."""

    def __init__(self, problem: Problem, time_limit_s: float | None) -> None:
        self.problem = problem
        self.deadline = None if time_limit_s is None else time.monotonic() + time_limit_s
        self.programme = formulate(problem)
        d = self.programme.decisions
        self.matrix = matrix = Matrix.of(self.programme.lp, [*d.k.values(), *d.y.values()])
        column = {name: j for j, name in enumerate(matrix.columns)}
        self.x, self.z, k, y = (
            np.array([column[variable.name] for variable in variables.values()], dtype=np.int32)
            for variables in (d.x, d.z, d.k, d.y)
        )
        self.links = Links(matrix, k, y)
        self.objectives = {
            name: _dense(expression, column)
            for name, expression in self.programme.objectives.items()
        }
        self.stage_rows = [
            label("stage", number, stage.objective)
            for number, stage in enumerate(problem.stages, start=1)
        ]
        for name, stage in zip(self.stage_rows, problem.stages, strict=True):
            scale = SCALE.get(stage.objective, 1.0)
            matrix.add_row(name, scale * self.objectives[stage.objective][0], -np.inf, np.inf)
        self.row = {name: r for r, name in enumerate(matrix.rows)}
        self.most = np.repeat(problem.most_effort_fte.ravel(), len(problem.segments))
        self.centre = [self.most / 3 for _ in problem.stages]
        self.width = [self.most / 90 for _ in problem.stages]
        self.effort: list[Floats | None] = [None for _ in problem.stages]
        self.tried: list[Floats] = []
        self.pieces = self._pieces()
        self.live = Live(self.links.expand(matrix, self.pieces))
        self.whole = matrix.integer.copy()
        self.in_steps = bool(self.whole.any())
        self.gap = STEP_GAP if self.in_steps else GAP
        self.values: Floats | None = None
        self.idle: NDArray[np.bool_] = np.zeros(len(self.most), dtype=bool)
        self.proofs: list[StageProof] = []
        self.reached: list[tuple[float, float]] = []
        self.proved = False
        self.rounds = 0

    # -- rounds --------------------------------------------------------------------------------

    def run(self) -> Evaluation:
        """Rounds until every stage is proved and the posts are settled; the plan, judged."""
        try:
            if self.in_steps:
                self._approach_without_steps()
            before, after = self._round(), None
            exact = self.in_steps or self.problem.curves.exact_pieces
            while not exact and (after is None or np.any(np.abs(after - before) > SETTLED_FTE)):
                before, after = before if after is None else after, self._round()
            self.proved = True
        except _OutOfTimeError:
            if self.values is None:
                raise StoppedError(words.STOPPED_WITHOUT_PLAN) from None
        return self._judge()

    def _approach_without_steps(self) -> None:
        """Tangents around the continuous plan, so that few rounds of steps are needed."""
        self._ask_whole(False)
        for _ in range(MOST_ROUNDS):
            if self._serve(0)[1].relative_gap <= GAP:
                break
            self._refine()
        # Wide enough for what one step more or less moves.
        self.width = [np.full(len(self.most), self.problem.step_fte / 6) for _ in self.width]
        self.centre = [self.centre[0] for _ in self.centre]
        self._refine()
        self._ask_whole(True)

    def _ask_whole(self, on: bool) -> None:
        """Ask for posts in steps, or for continuous posts."""
        self.matrix.integer = self.whole & on
        pieces = np.zeros(self.pieces.slopes.size, dtype=bool)
        self.live.set_integer(np.concatenate([self.matrix.integer[self.links.rest], pieces]))

    def _round(self) -> Floats:
        """Serve the stages, again and again from the first until all are proved: the posts."""
        while self.rounds < MOST_ROUNDS:
            self.rounds += 1
            for row in self.stage_rows:
                self._limit(row, -np.inf, np.inf)
            proved = self._serve_all()
            posts = None if self.values is None else self.values[[*self.x, *self.z]]
            self._refine()
            if proved and posts is not None:
                return posts
        raise _OutOfTimeError

    def _serve_all(self) -> bool:
        """Serve the stages in turn on one set of tangents, until one is not proved."""
        held = np.zeros(len(self.live.matrix.columns), dtype=bool)
        for number, stage in enumerate(self.problem.stages):
            answer, proof = self._serve(number)
            self.proofs[number : number + 1] = [proof]
            if proof.relative_gap > self.gap:
                return False
            self.reached[number : number + 1] = [(answer.objective, self.matrix.constant)]
            if stage.concede == 0 and not self.in_steps:
                held |= self._priced(answer)
        self._optimise(
            "tie_break",
            False,
            len(self.proofs),
            np.flatnonzero(held).astype(np.int32),
            answer.values,
        )
        plan = self._judge()
        return all(self._kept(proof, plan) for proof in self.proofs)

    def _kept(self, proof: StageProof, plan: Evaluation) -> bool:
        """Whether the final plan still reaches a stage, but for what it concedes."""
        reached = plan.objective(proof.objective)
        lost = proof.bound - reached if proof.sense == "maximise" else reached - proof.bound
        rounding = self.gap * max(1.0, abs(proof.bound))
        return -rounding <= lost <= abs(proof.bound) * proof.concede + rounding

    def _priced(self, answer: Answer) -> np.ndarray:
        """Columns that lie at one value in every optimum of the stage just served.

        Those with a reduced cost: complementary slackness. Held there, the tie-break has only what
        is truly tied to choose from, and no thin set of near-optima to search.
        """
        m = self.live.matrix
        reduced = m.cost - m.transpose_times(answer.prices)
        return np.abs(reduced) > PRICED * np.maximum(1.0, np.abs(m.cost))

    def _serve(self, number: int) -> tuple[Answer, StageProof]:
        """Optimise one stage over the programme as it stands: the answer, its two bounds."""
        stage = self.problem.stages[number]
        answer = proved = self._optimise(stage.objective, stage.sense == "maximise", number)
        if self.live.matrix.integer.any():
            self._ask_whole(False)
            proved = self._run()
            self._ask_whole(True)
        _, worth, price, _ = link_terms(self.matrix, proved.prices, self.links)
        self.idle = worth <= IDLE * max(1e-300, worth.max())
        unit = UNIT.get(stage.objective, 1.0)
        bound = unit * concave_bound(self.matrix, proved.prices, self.links, self._most_gain)
        per_row = np.array([SCALE.get(s.objective, 1.0) for s in self.problem.stages])
        prices = unit * proved.prices
        prices[-len(per_row) :] *= per_row  # the rows that keep a stage come last
        duals = dict(zip(self.matrix.rows, (prices + 0.0).tolist(), strict=True))
        judged = self._judge()
        value = judged.objective(stage.objective)
        self._aim(number, judged.effort_fte.ravel(), worth, price)
        proof = StageProof(stage.objective, stage.sense, value, bound, stage.concede, value, duals)
        if proved is not answer:
            proof = replace(proof, bound=unit * answer.bound, relaxation_bound=bound)
        return answer, proof

    def _optimise(
        self,
        objective: str,
        maximise: bool,
        after: int = 0,
        held: Integers | None = None,
        values: Floats | None = None,
    ) -> Answer:
        """Solve for one objective over the programme as it stands.

        after : how many stages to keep
        held, values : columns of the live programme to keep where they are

        What is kept leaves a very thin set; where the solver finds nothing in it, it is made a
        little thicker.
        """
        cost, constant = self.objectives[objective]
        self.matrix.cost, self.matrix.constant, self.matrix.maximise = cost, constant, maximise
        self.live.set_objective(*self.links.expand_cost(cost, constant, self.pieces), maximise)
        m, slack = self.live.matrix, STEP_SLACK if self.in_steps else SLACK
        if held is not None and values is not None:
            lower, upper = m.lower[held], m.upper[held]
        for looser in LOOSER if after else (1.0,):
            for number in range(after):
                self._hold(number, looser * slack)
            if held is not None and values is not None:
                least = np.maximum(lower, values[held] - looser * HELD_FTE)
                most = np.minimum(upper, values[held] + looser * HELD_FTE)
                self.live.set_column_limits(held, least, most)
            try:
                answer = self._run()
                break
            except (InfeasibleError, SolverError):
                if not after or looser == LOOSER[-1]:
                    raise
        self.values = self.links.contract(answer.values, self.pieces)
        return answer

    def _run(self) -> Answer:
        left = None if self.deadline is None else self.deadline - time.monotonic()
        if left is not None and left <= 0:
            raise _OutOfTimeError
        answer = self.live.run(left)
        if answer.status == INFEASIBLE:
            raise InfeasibleError(words.NO_PLAN_POSSIBLE)
        if answer.status == UNBOUNDED:
            raise SolverError(words.UNBOUNDED)
        if answer.status == STOPPED:
            if len(answer.values):
                self.values = self.links.contract(answer.values, self.pieces)
            raise _OutOfTimeError
        return answer

    def _hold(self, number: int, slack: float) -> None:
        """Keep what a stage reached but for what it concedes and a share lost to rounding."""
        stage, (reached, constant) = self.problem.stages[number], self.reached[number]
        scale = SCALE.get(stage.objective, 1.0)
        lost = scale * (stage.concede + slack) * abs(reached) + LEAST_SLACK
        reached = scale * (reached - constant)
        if stage.sense == "maximise":
            self._limit(self.stage_rows[number], reached - lost, np.inf)
        else:
            self._limit(self.stage_rows[number], -np.inf, reached + lost)

    def _limit(self, name: str, lower: float, upper: float) -> None:
        """Change the limits of a row, here and in the live programme."""
        row = self.row[name]
        shift = self.live.matrix.row_shift[row]
        self.matrix.row_lower[row], self.matrix.row_upper[row] = lower, upper
        self.live.set_row_limits(row, lower - shift, upper - shift)

    # -- what an answer says -------------------------------------------------------------------

    def _judge(self) -> Evaluation:
        """The last answer, without the solver's dust, on the true curves.

        Where the last prices give covered contracts no worth, the solver's effort is any that will
        do; it is split anew for the most contracts.
        """
        assert self.values is not None
        p = self.problem
        x, z = (self.values[columns].reshape(-1, len(p.years)) for columns in (self.x, self.z))
        if self.in_steps:
            x, z = (p.step_fte * np.round(posts / p.step_fte) for posts in (x, z))
        x, z = (np.where(posts < DUST_FTE, 0.0, posts) for posts in (x, z))
        k = np.maximum(self.values[self.links.k], 0.0).reshape(p.contracts_per_year.shape)
        if self.idle.any():
            k = np.where(self.idle.reshape(k.shape), p.split_evenly(k.sum(axis=2)), k)
        return p.judge(x, z, k)

    def _most_gain(self, worth: Floats, price: Floats) -> Floats:
        """sup_k (W G(k) − π k) of every curve."""
        k = best_effort(self.problem.curves, worth, price, self.most)
        return worth * self.problem.curves.value(k) - price * k

    # -- tangents ------------------------------------------------------------------------------

    def _aim(self, number: int, effort: Floats, worth: Floats, price: Floats) -> None:
        """Centre the tangents of a stage on the effort its prices ask for."""
        effort = np.minimum(effort, self.most)
        asked = best_effort(self.problem.curves, worth, price, self.most)
        if self.live.matrix.integer.any():  # prices say little of where such a plan is
            self.tried.append(effort)
            return
        centre = np.where(self.idle, effort, asked)
        last = self.effort[number]
        moved = np.abs(effort - centre)
        if last is not None:
            moved = np.maximum(moved, np.abs(effort - last))
        self.effort[number], self.centre[number] = effort, centre
        narrowest = np.maximum(self.width[number] / 16, NEAREST_FTE)
        self.width[number] = np.clip(moved / 12, narrowest, self.most / 90)

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
        """Bring the tangents to where the stages' efforts are now."""
        self.pieces = self._pieces()
        self.live.reload(self.links.expand(self.matrix, self.pieces))

    # -- prices --------------------------------------------------------------------------------

    def prices(self) -> tuple[Price, ...]:
        """The price of every national limit, and of every other that has one.

        Measured, not read: the limit is moved a little either way and the live programme solved
        again, because at a kink the gain from loosening is not the loss from tightening.
        """
        if self.in_steps:
            limits = self.programme.limits.values()
            return tuple(Price(*limit, None, None) for limit in limits if limit[1] is None)
        for row in self.stage_rows:
            self._limit(row, -np.inf, np.inf)
        first = self.problem.stages[0]
        best = self._optimise(first.objective, first.sense == "maximise")
        activity = self.live.matrix.times(best.values)
        found = [
            Price(*limit, *self._price(name, limit[0], best, activity))
            for name, limit in self.programme.limits.items()
        ]
        dust = 1e-6 * max((price.worth for price in found), default=0.0)
        return tuple(p for p in found if p.territory is None or p.worth > dust)

    def _price(
        self, name: str, constraint: str, best: Answer, activity: Floats
    ) -> tuple[float | None, float | None]:
        """Gain from loosening, loss from tightening a limit by one of the user's units."""
        row, live = self.row[name], self.live
        lower, upper = live.matrix.row_lower[row], live.matrix.row_upper[row]
        is_floor = bool(np.isfinite(lower))
        limit = lower if is_floor else upper
        step = {"budget": PRICE_KEUR, "partners": PRICE_KEUR}.get(constraint, PRICE_FTE)
        per_unit = UNIT.get(self.problem.stages[0].objective, 1.0)
        if constraint == "least":  # written as a rate: the price is that of one point of it
            i = self.problem.territories.index(str(self.programme.limits[name][1]))
            contracts = (limit + live.matrix.row_shift[row]) / self.problem.least_rate[i]
            step, per_unit = PRICE_RATE * contracts, 0.01 * contracts * per_unit
        if abs(activity[row] - limit) > step:
            return 0.0, 0.0
        gains: list[float | None] = []
        for outward in (1.0, -1.0):
            moved = limit + (-outward if is_floor else outward) * step
            live.set_row_limits(row, *((moved, upper) if is_floor else (lower, moved)))
            answer = live.run()
            possible = answer.status != INFEASIBLE and (is_floor or moved >= 0)
            gain = outward * (answer.objective - best.objective) / step * per_unit
            gain = gain if live.matrix.maximise else -gain
            gains.append(max(0.0, gain) if possible else None)
        live.set_row_limits(row, lower, upper)
        return gains[0], gains[1]


def _dense(expression: Any, column: Mapping[str, int]) -> tuple[Floats, float]:
    """Coefficients of a PuLP expression by column, and its constant."""
    cost = np.zeros(len(column))
    for variable, coefficient in expression.items():
        cost[column[variable.name]] = coefficient
    return cost, float(expression.constant)
