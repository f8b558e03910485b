"""Rounds of a live programme: stages served in turn, tangents refined until both bounds agree.

The pieces that stand for a curve are tangents and lie above it, so what the programme cannot reach
nothing can; the plan's own effort on the true curves is what is reached. A round serves the stages
in turn on one set of tangents, each re-solved from the last basis; the first stage whose bounds
disagree ends the round, and the next has its tangents closer around the plan.
"""

from __future__ import annotations

import time
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, cast

import numpy as np
from numpy.typing import NDArray

from fte_alloc import words
from fte_alloc.errors import InfeasibleError, SolverError, StoppedError
from fte_alloc.lp.certificate import concave_bound, link_terms
from fte_alloc.lp.highs import INFEASIBLE, STOPPED, Answer
from fte_alloc.lp.matrix import Matrix
from fte_alloc.lp.piecewise import Links, Pieces
from fte_alloc.lp.solving import Live
from fte_alloc.programme.curves import Curves, Floats, best_effort
from fte_alloc.programme.limits import label
from fte_alloc.programme.scenario_set import Judged, Subject
from fte_alloc.programme.stage_proof import GAP, STEP_GAP, StageProof
from fte_alloc.programme.statement import UNIT, Programme

#: Posts are settled when none moves by more than this between two complete rounds [FTE]; where a
#: territory can have more than LARGE_FTE, by as many times as much.
SETTLED_FTE, LARGE_FTE = 1e-3, 1e3
#: Share of a stage its successors may lose to rounding: continuous plans, plans in steps.
SLACK, STEP_SLACK = 1e-12, 1e-9
#: Objectives are scaled so that they cannot exceed this: what a stage may lose is then above the
#: tolerance of the solver, 1e-9, and LEAST_SLACK is above it too.
MOST_VALUE, LEAST_SLACK = 1e5, 3e-9
#: Effort that would bring less than this share of a curve's contracts more is of no use.
IN_VAIN = 2e-11
#: Tangents closer than this tell nothing apart that the solver could [FTE].
NEAREST_FTE = 2e-5
#: Tangents that cover a curve from end to end, and those around the effort of a stage, in widths.
EVERYWHERE, AROUND = 6, np.array([-27.0, -9.0, -3.0, -1.0, 0.0, 1.0, 3.0, 9.0, 27.0])
MOST_ROUNDS = 60
#: After this many rounds, tangents at every effort tried are kept: none is tried in vain twice.
#: Dust is kept too: it may be what a stage could still gain from the rounding of another.
PATIENT_ROUNDS = 15
#: A curve whose contracts are worth less than this share of the most valued is idle in a stage.
IDLE = 1e-7
#: A price or reduced cost above this is one. What is held may move by this much [FTE].
PRICED, HELD_FTE = 1e-7, 1e-9
#: Factors by which what is kept may be loosened, one after the other.
LOOSER = (1.0, 4.0, 16.0, 64.0, 256.0)
#: Posts below this are the solver's dust [FTE].
DUST_FTE = 1e-6
#: Decimals of posts as limits are typed, and how far beside them the solver may stop [FTE].
TYPED_DECIMALS, BESIDE_FTE = 6, 1e-9
#: Slopes of neighbouring tangents differ by 1e-4 of themselves. Costs are shaken by less than that,
#: or what is to be put right afterwards takes longer than the rest.
PERTURBATION = 3e-3


@dataclass(frozen=True)
class Settled:
    """Columns that lie at one value, and rows that press, in every optimum of what was served.

    Those with a reduced cost or a price: complementary slackness.
    """

    columns: NDArray[np.bool_]
    rows: NDArray[np.bool_]

    @classmethod
    def nothing(cls, matrix: Matrix) -> Settled:
        """Anything is still possible."""
        return cls(np.zeros(len(matrix.columns), bool), np.zeros(len(matrix.rows), bool))

    @classmethod
    def by(cls, answer: Answer, matrix: Matrix, but: Container[str] = ()) -> Settled:
        """What an answer settles; rows that only keep what a stage reached settle nothing."""
        reduced = matrix.cost - matrix.transpose_times(answer.prices)
        columns = np.abs(reduced) > PRICED * np.maximum(1.0, np.abs(matrix.cost))
        others = np.array([row not in but for row in matrix.rows])
        return cls(columns, others & (np.abs(answer.prices) > PRICED))

    def __or__(self, other: Settled) -> Settled:
        """What either settles."""
        return Settled(self.columns | other.columns, self.rows | other.rows)


class _StopError(Exception):
    """A limit was reached before the bounds agreed: a key of ``words.STOP_REASONS``."""


class Search(Generic[Judged]):
    """The live programme of a problem, or of several worlds, and what is known of it so far."""

    def __init__(self, problem: Subject, programme: Programme, time_limit_s: float | None) -> None:
        self.problem = problem
        self.deadline = None if time_limit_s is None else time.monotonic() + time_limit_s
        self.programme = programme
        d = self.programme.decisions
        self.matrix = matrix = Matrix.of(self.programme.lp, [*d.k.values(), *d.y.values()])
        column = {name: j for j, name in enumerate(matrix.columns)}
        self.x, self.z, k, y = (
            np.array([column[variable.name] for variable in variables.values()], dtype=np.int32)
            for variables in (d.x, d.z, d.k, d.y)
        )
        self.links = Links(matrix, k, y)
        self.objectives: dict[str, tuple[Floats, float]] = {}
        self.unit: dict[str, float] = {}
        for name, expression in self.programme.objectives.items():
            cost, constant = _dense(expression, column)
            scale = MOST_VALUE / max(1e-300, float(np.abs(cost) @ matrix.upper))
            self.objectives[name] = scale * cost, scale * constant
            self.unit[name] = UNIT.get(name, 1.0) / scale
        self.stage_rows = [
            label("stage", number, stage.objective)
            for number, stage in enumerate(problem.stages, start=1)
        ]
        for name, stage in zip(self.stage_rows, problem.stages, strict=True):
            matrix.add_row(name, self.objectives[stage.objective][0], -np.inf, np.inf)
        self.row = {name: r for r, name in enumerate(matrix.rows)}
        self.all_effort = np.repeat(problem.most_effort_fte.ravel(), len(problem.segments))
        self.most = _of_use(problem.curves, self.all_effort)
        #: How much coarser than usual posts are told apart.
        self.coarse = max(1.0, float(self.most.max(initial=0.0)) / LARGE_FTE)
        # One set of tangents a stage, and one for the tie-break once it has gone far from theirs.
        self.centre = [self.most / 3] * len(problem.stages)
        self.width = [self.most / 90] * len(problem.stages)
        self.effort: list[Floats | None] = [None] * len(problem.stages)
        self.close_fte: Floats | None = None
        self.following = False
        self.tried: list[Floats] = []
        self.pieces = self._pieces()
        # Presolve spends 100 ms on pieces that lie 1e-4 FTE apart, and finds nothing.
        expanded = self.links.expand(matrix, self.pieces)
        self.live = Live(expanded, presolve=False, perturbation=PERTURBATION, thin=True)
        #: Pieces and effort of the basis that the next tangents start from.
        self.start: tuple[Pieces, Floats] | None = None
        self.whole = matrix.integer.copy()
        self.in_steps = bool(self.whole.any())
        self.gap = STEP_GAP if self.in_steps else GAP
        self.values: Floats | None = None
        #: Curves whose contracts no stage has valued yet in this round.
        self.idle: NDArray[np.bool_] = np.ones(len(self.most), dtype=bool)
        self.proofs: list[StageProof] = []
        #: For each of them, the limits on the stages before it, in their documented units.
        self.reached: list[tuple[float, float]] = []
        self.proved = False
        #: Why it is not: a key of ``words.STOP_REASONS``.
        self.reason: str | None = None
        self.rounds = 0
        #: So many stages are not served: what is kept of them was asked for.
        self.given = 0

    # -- rounds --------------------------------------------------------------------------------

    def run(self) -> Judged:
        """Rounds until every stage is proved and the posts are settled; the plan, judged."""
        try:
            if self.in_steps:
                self._approach_without_steps()
            before, after = self._round(), None
            exact = self.in_steps or self.problem.curves.exact_pieces
            while not exact and (
                after is None or np.any(np.abs(after - before) > self.coarse * SETTLED_FTE)
            ):
                before, after = before if after is None else after, self._round()
            self.proved = True
        except _StopError as stop:
            self.reason = str(stop)
            if self.values is None:
                raise self.without_plan() from None
        return self._split_anew() if self.in_steps and self.proved else self._judge()

    def _split_anew(self) -> Judged:
        """A plan in steps whose effort is split by its posts alone, where no stage loses by it.

        The gap of a plan in steps leaves the solver's split open in the fourth digit.
        """
        plan, anew = self._judge(), self._judge(split_anew=True)
        kept = all(self._kept(proof, anew) for proof in self.proofs)
        return anew if kept and not anew.violations else plan

    def without_plan(self) -> StoppedError:
        """What a search that stopped without a plan ends in."""
        why = words.STOP_REASONS[self.reason or "rounds"]
        return StoppedError(words.STOPPED_WITHOUT_PLAN.format(reason=why))

    def _approach_without_steps(self) -> None:
        """Tangents around the continuous plan, so that few rounds of steps are needed."""
        self._ask_whole(False)
        for _ in range(MOST_ROUNDS):
            if self._serve(0)[1].relative_gap <= GAP:
                break
            self._refine()
        # Wide enough for what one step more or less moves.
        self.width = [np.full(len(self.most), self.problem.step_fte / 18) for _ in self.width]
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
            self.idle = np.ones(len(self.most), dtype=bool)
            proved = self._serve_all()
            posts = None if self.values is None else self.values[[*self.x, *self.z]]
            self._refine()
            if proved and posts is not None:
                return posts
        raise _StopError("rounds")

    def _serve_all(self) -> bool:
        """Serve the stages in turn on one set of tangents, until one is not proved."""
        settled = Settled.nothing(self.live.matrix)
        for number, stage in enumerate(self.problem.stages):
            if number < self.given:
                continue
            answer, proof = self._serve(number)
            self.proofs[number:] = [replace(proof, kept=self._held_to(number))]
            if proof.relative_gap > self.gap:
                return False
            self.reached[number:] = [(answer.objective, self.matrix.constant)]
            if stage.concede == 0 and not self.in_steps:
                settled |= Settled.by(answer, self.live.matrix, self.stage_rows)
        if self.in_steps:
            answer = self._optimise("tie_break", False, len(self.proofs))
        else:
            for number in range(len(self.problem.stages)):
                self._hold(number, SLACK)
            answer = self._choose("tie_break", answer, settled)
        ties = len(self.problem.stages)
        plan = self._judge() if len(self.centre) == ties else self._look(ties, answer)
        kept = all(self._kept(proof, plan) for proof in self.proofs)
        # Least rates are met on the tangents, not yet on the curves, where no stage values them.
        kept = kept and not (self.problem.has_least_rates and plan.violations)
        effort = np.minimum(plan.effort_fte.ravel(), self.most)
        if not kept and self.in_steps:
            self.tried.append(effort)
        elif not kept and len(self.centre) == ties:
            self.centre.append(effort)
            self.width.append(self.most / 90)
            self.effort.append(None)
        return kept

    def _kept(self, proof: StageProof, plan: Judged) -> bool:
        """Whether the final plan still reaches a stage, but for what it concedes."""
        reached = plan.objective(proof.objective)
        lost = proof.bound - reached if proof.sense == "maximise" else reached - proof.bound
        rounding = self.gap * max(1.0, abs(proof.bound))
        return -rounding <= lost <= abs(proof.bound) * proof.concede + rounding

    def _choose(self, objective: str, answer: Answer, settled: Settled) -> Answer:
        """Minimise an objective over the plans that agree with an answer in what is settled.

        A small programme: of few columns in a hundred is anything left to choose.
        """
        cost, constant = self.objectives[objective]
        self.matrix.cost, self.matrix.constant, self.matrix.maximise = cost, constant, False
        self.live.set_objective(*self.links.expand_cost(cost, constant, self.pieces), False)
        m, values, free = self.live.matrix, answer.values.copy(), ~settled.columns
        used = m.times(values)
        for slack in HELD_FTE * np.array([0.0, *LOOSER]):
            ties = replace(
                m,
                lower=np.minimum(m.lower, values),
                upper=np.maximum(m.upper, values),
                row_lower=np.where(settled.rows, used, np.minimum(m.row_lower, used)) - slack,
                row_upper=np.where(settled.rows, used, np.maximum(m.row_upper, used)) + slack,
            )
            live = Live(ties.narrowed(free, values), presolve=False)
            try:
                found = self._run(live)
                break
            except (InfeasibleError, SolverError):
                if slack == HELD_FTE * LOOSER[-1]:
                    raise SolverError(words.STAGE_LOST) from None
            finally:
                self.live.solver_s += live.solver_s
        values[free] = found.values
        self.values = self.links.contract(values, self.pieces)
        return replace(found, values=values)

    def _serve(self, number: int) -> tuple[Answer, StageProof]:
        """Optimise one stage over the programme as it stands: the answer, its two bounds."""
        stage = self.problem.stages[number]
        answer = proved = self._optimise(stage.objective, stage.sense == "maximise", number)
        if self.live.matrix.integer.any():
            self._ask_whole(False)
            proved = self._run()
            self._ask_whole(True)
        judged = self._look(number, proved)
        unit = self.unit[stage.objective]
        # No prices at all prove something too, and exactly: nobody spends less than nothing.
        better = max if stage.sense == "minimise" else min
        bound, prices = better(
            (
                (unit * concave_bound(self.matrix, prices, self.links, self._most_gain), prices)
                for prices in (proved.prices, np.zeros_like(proved.prices))
            ),
            key=lambda proof: proof[0],
        )
        per_row = np.array([1 / self.unit[s.objective] for s in self.problem.stages])
        prices = unit * prices
        prices[-len(per_row) :] *= per_row  # the rows that keep a stage come last
        duals = dict(zip(self.matrix.rows, (prices + 0.0).tolist(), strict=True))
        value = judged.objective(stage.objective)
        proof = StageProof(stage.objective, stage.sense, value, bound, stage.concede, value, duals)
        if proved is not answer:
            proof = replace(proof, bound=unit * answer.bound, relaxation_bound=bound)
            if proof.relative_gap <= self.gap:  # the solver's word: asked for a second way
                sure = self._run(known=answer)
                if sure.objective != answer.objective:
                    self.values = self.links.contract(sure.values, self.pieces)
                    value = self._look(number, proved).objective(stage.objective)
                answer = sure
                proof = replace(proof, value=value, in_plan=value, bound=unit * answer.bound)
        return answer, proof

    def _optimise(self, objective: str, maximise: bool, after: int = 0) -> Answer:
        """Solve for one objective over the programme as it stands.

        after : how many stages to keep

        What is kept leaves a very thin set; where the solver finds nothing in it, it is made a
        little thicker.
        """
        cost, constant = self.objectives[objective]
        self.matrix.cost, self.matrix.constant, self.matrix.maximise = cost, constant, maximise
        self.live.set_objective(*self.links.expand_cost(cost, constant, self.pieces), maximise)
        slack = STEP_SLACK if self.in_steps else SLACK
        for looser in LOOSER if after else (1.0,):
            for number in range(after):
                self._hold(number, looser * slack)
            try:
                answer = self._run()
                break
            except (InfeasibleError, SolverError) as error:
                if not after or (looser == LOOSER[-1] and isinstance(error, SolverError)):
                    raise
                if looser == LOOSER[-1]:  # the stage before has just found a plan
                    raise SolverError(words.STAGE_LOST) from None
        self.values = self.links.contract(answer.values, self.pieces)
        return answer

    def _run(self, live: Live | None = None, known: Answer | None = None) -> Answer:
        """Solve the programme, or another over some of its columns, in the time that is left.

        known : an answer in whole numbers that a second one must agree with
        """
        left = None if self.deadline is None else self.deadline - time.monotonic()
        if left is not None and left <= 0:
            raise _StopError("time limit")
        answer = (live or self.live).checked(left, known, sure=known is not None)
        if answer.status == INFEASIBLE:
            raise InfeasibleError(words.NO_PLAN_POSSIBLE, answer.proved)
        if answer.status == STOPPED:
            if live is None and len(answer.values):
                self.values = self.links.contract(answer.values, self.pieces)
            raise _StopError("time limit")
        return answer

    def _hold(self, number: int, slack: float) -> None:
        """Keep what a stage reached but for what it concedes and a share lost to rounding."""
        stage, (reached, constant) = self.problem.stages[number], self.reached[number]
        lost = (stage.concede + slack) * abs(reached) + LEAST_SLACK
        if stage.sense == "maximise":
            self._limit(self.stage_rows[number], reached - constant - lost, np.inf)
        else:
            self._limit(self.stage_rows[number], -np.inf, reached - constant + lost)

    def _held_to(self, number: int) -> dict[str, float]:
        """What the stages before one are held to now, in their documented units."""
        limits = {}
        for name, stage in zip(self.stage_rows[:number], self.problem.stages, strict=False):
            side = self.matrix.row_lower if stage.sense == "maximise" else self.matrix.row_upper
            constant = self.objectives[stage.objective][1]
            limit = self.unit[stage.objective] * (float(side[self.row[name]]) + constant)
            limits[stage.objective] = limit
        return limits

    def _limit(self, name: str, lower: float, upper: float) -> None:
        """Change the limits of a row, here and in the live programme."""
        row = self.row[name]
        shift = self.live.matrix.row_shift[row]
        self.matrix.row_lower[row], self.matrix.row_upper[row] = lower, upper
        self.live.set_row_limits(row, lower - shift, upper - shift)

    # -- what an answer says -------------------------------------------------------------------

    def _judge(self, *, split_anew: bool = False) -> Judged:
        """The last answer, without the solver's dust, on the true curves.

        Where no stage so far gives a territory's covered contracts any worth, the solver's effort
        is any that will do; it is split anew for the most contracts.
        """
        assert self.values is not None
        p = self.problem
        x, z = (self.values[columns].reshape(-1, len(p.years)) for columns in (self.x, self.z))
        if self.in_steps:
            x, z = (p.step_fte * np.round(posts / p.step_fte) for posts in (x, z))
        if self.rounds <= PATIENT_ROUNDS:
            x, z = without_dust(x), without_dust(z)
        x, z = np.maximum(x, 0.0), np.maximum(z, 0.0)
        if split_anew:
            return cast(Judged, p.judge(x, z))
        k = np.maximum(self.values[self.links.k], 0.0).reshape(p.contracts_per_year.shape)
        idle = self.idle.reshape(k.shape).all(axis=2, keepdims=True)
        if idle.any():
            k = np.where(idle, p.split_evenly(k.sum(axis=2)), k)
        return cast(Judged, p.judge(x, z, k))

    def _most_gain(self, worth: Floats, price: Floats) -> Floats:
        """sup_k (W G(k) − π k) of every curve."""
        k = best_effort(self.problem.curves, worth, price, self.all_effort)
        return worth * self.problem.curves.value(k) - price * k

    # -- tangents ------------------------------------------------------------------------------

    def _look(self, number: int, answer: Answer) -> Judged:
        """The last answer, judged; its tangents, centred on the effort its prices ask for."""
        _, worth, price, _ = link_terms(self.matrix, answer.prices, self.links)
        told = worth > IDLE * max(1e-300, worth.max())  # elsewhere any effort will do
        self.idle &= ~told
        if number == 0 and not self.live.matrix.integer.any() and self.values is not None:
            self.start = self.pieces, self.values[self.links.k]
            self.live.keep_basis()
        judged = self._judge()
        effort = np.minimum(judged.effort_fte.ravel(), self.most)
        in_steps = bool(self.live.matrix.integer.any())
        if in_steps or self.rounds > PATIENT_ROUNDS:
            self.tried.append(effort)
        if in_steps:  # prices say little of where such a plan is
            return judged
        asked = best_effort(self.problem.curves, worth, price, self.most)
        centre = np.where(told, asked, effort)
        last = self.effort[number]
        moved = np.abs(effort - centre)
        if last is not None:
            moved = np.maximum(moved, np.abs(effort - last))
        self.effort[number], self.centre[number] = effort, centre
        narrowest = np.maximum(self.width[number] / 16, self.coarse * NEAREST_FTE)
        self.width[number] = np.clip(moved / 12, narrowest, self.most / 90)
        return judged

    def _pieces(self) -> Pieces:
        """Pieces of the curves: tangents everywhere, and close ones around each stage's effort."""
        ends = self.most[:, None]
        points = [ends * np.arange(1, EVERYWHERE) / EVERYWHERE]
        for centre, width in zip(self.centre, self.width, strict=True):
            if self.close_fte is None or self.following:
                points.append(centre[:, None] + AROUND * width[:, None])
            if self.close_fte is not None:  # prices: of the first stage alone
                points.append(centre[:, None] + self.close_fte)
                break
        points += [effort[:, None] for effort in self.tried]
        touch = np.sort(np.clip(np.concatenate(points, axis=1), 0.0, ends), axis=1)
        return self.problem.curves.pieces(touch, self.most)

    def _refine(self) -> None:
        """Bring the tangents to where the stages' efforts are now."""
        self.pieces, order = self._pieces(), None
        if self.start is not None and self.start[0].slopes.size <= self.pieces.slopes.size:
            order = self.links.order(*self.start, self.pieces, self.centre[0])
        self.live.reload(self.links.expand(self.matrix, self.pieces), order)


def _of_use(curves: Curves, most: Floats) -> Floats:
    """Effort beyond which each curve rises no more, where that is far below the most [FTE]."""
    if curves.exact_pieces:
        return most
    full = curves.value(most)
    low, high = np.zeros_like(most), most
    for _ in range(60):
        middle = (low + high) / 2
        enough = full - curves.value(middle) <= IN_VAIN * full
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.where(high < most / 2, high, most)


def _dense(expression: Any, column: Mapping[str, int]) -> tuple[Floats, float]:
    """Coefficients of a PuLP expression by column, and its constant."""
    cost = np.zeros(len(column))
    for variable, coefficient in expression.items():
        cost[column[variable.name]] = coefficient
    return cost, float(expression.constant)


def without_dust(posts: Floats) -> Floats:
    """Posts without what the solver's tolerance leaves beside 0 and beside numbers as typed.

    A maximum of 1.25 FTE that is reached is 1.25, and shown as 1.3, not 1.2499999999 and 1.2.
    """
    typed = np.round(posts, TYPED_DECIMALS)
    settled = np.where(np.abs(posts - typed) <= BESIDE_FTE, typed, posts)
    return np.where(posts <= DUST_FTE, 0.0, settled)
