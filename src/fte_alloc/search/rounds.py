"""Rounds of a search: stages are optimised in turn, tangents refined until both bounds agree.

The first stage whose bounds disagree ends a round; the next has tangents closer around the plan.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial

import numpy as np

from fte_alloc.errors import InfeasibleError, SolverError, StoppedError
from fte_alloc.language import N_, _
from fte_alloc.lp.certificate import Mask, concave_bound
from fte_alloc.lp.highs import HighsAnswer
from fte_alloc.lp.solving import CheckedProgramme
from fte_alloc.names import STOP_REASONS
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.limits import RATE, Limit
from fte_alloc.programme.linear import Programme
from fte_alloc.programme.objectives import GAP, STEP_GAP, Stage, StageProof
from fte_alloc.programme.scenario_set import Judged, Subject
from fte_alloc.search.tangents import StopError, TangentProgramme

STAGE_LOST = N_("HiGHS: no plan found that keeps what an earlier stage has reached")

#: Posts are settled when none moves by more than this between two complete rounds, coarser where a
#: territory can have many [FTE].
SETTLED_FTE = 1e-3
#: Share of a stage that later stages may lose to rounding: continuous plans, plans in steps.
SLACK, STEP_SLACK = 1e-12, 1e-9
#: Amount of a stage that later stages may lose in any case, above the tolerance of the solver.
LEAST_SLACK = 3e-9
MOST_ROUNDS = 60
#: Prices and reduced costs up to this count as 0. Rows that are settled may move by this [FTE].
PRICED, HELD_FTE = 1e-7, 1e-9
#: Factors of the slack of rows that keep stages, tried one after the other.
LOOSER = (1.0, 4.0, 16.0, 64.0, 256.0)

TIE_BREAK = Stage("tie_break")


class RoundSearch(TangentProgramme[Judged]):
    """The search for the best plan of a problem or of a scenario set, and its results so far."""

    def __init__(self, problem: Subject, programme: Programme, time_limit_s: float | None) -> None:
        super().__init__(problem, programme, time_limit_s)
        self.whole = self.matrix.integer.copy()
        self.gap = STEP_GAP if self.in_steps else GAP
        limits = (row for row in programme.rows.values() if isinstance(row, Limit))
        self.has_least_rates = any(limit.quantity == RATE for limit in limits)
        self.proofs: list[StageProof] = []
        #: For each stage, its value and the constant of its objective, in units of the programme.
        self.reached: list[tuple[float, float]] = []
        self.proved = False
        #: Why the plan is not proved, a key of ``STOP_REASONS``; None where it is.
        self.reason: str | None = None
        #: Number of leading stages held at a given level instead of optimised.
        self.given = 0
        #: Whether only the first is proved, and the others chosen among continuous plans that tie.
        #: No stage is then left a set of plans too thin to be searched.
        self.first_alone = False

    # -- rounds --------------------------------------------------------------------------------

    def run(self) -> Judged:
        """Run rounds until all stages are proved and posts converge; returns the evaluated plan."""
        try:
            if self.in_steps:
                self._approach_without_steps()
            posts, moved = self._round(), np.inf
            if self.in_steps or self.problem.curves.exact_pieces:
                moved = 0.0
            while moved > self.coarse * SETTLED_FTE:
                before, posts = posts, self._round()
                moved = float(np.abs(posts - before).max())
            self.proved = True
        except StopError as stop:
            self.reason = str(stop)
            if self.values is None:
                raise self.without_plan() from None
        plan = self._judge()
        concedes = any(stage.concede for stage in self.problem.stages)
        if self.proved and (self.in_steps or concedes or self.idle.any()):
            # Their gap, what they concede and what no stage values leave the solver's split open.
            anew = self._judge(split_anew=True)
            if all(self._kept(proof, anew) for proof in self.proofs) and not anew.violations:
                return anew
        return plan

    def without_plan(self) -> StoppedError:
        """The error to raise where a search stopped before it found any plan."""
        text = _("{reason}; no plan was found and nothing is proved.")
        return StoppedError(text.format(reason=_(STOP_REASONS[self.reason or "rounds"])))

    def _approach_without_steps(self) -> None:
        """Place tangents around the optimum without steps, to save rounds in steps."""
        self._ask_whole(False)
        for __ in range(MOST_ROUNDS):
            if self._serve(self.given)[1].relative_gap <= GAP:
                break
            self._refine()
        # Wide enough for the effort that one step more or less moves.
        step = min(step for step in self.problem.steps_fte if step > 0)
        self.width = [np.full(len(self.most), step / 18) for _ in self.width]
        self.centre = [self.centre[self.given] for _ in self.centre]
        self._refine()
        self._ask_whole(True)

    def _ask_whole(self, on: bool) -> None:
        self.matrix.integer = self.whole & on
        pieces = np.zeros(self.pieces.slopes.size, dtype=bool)
        self.live.set_integer(np.concatenate([self.matrix.integer[self.links.rest], pieces]))

    def _round(self) -> Floats:
        """Optimise the stages in turn and refine tangents until all are proved; returns posts."""
        while self.rounds < MOST_ROUNDS:
            self.rounds += 1
            for row in self.stage_rows:
                self._limit(row, -np.inf, np.inf)
            self.idle = np.ones(len(self.most), dtype=bool)
            proved = self._optimise_all()
            posts = None if self.values is None else self.values[[*self.x, *self.z]]
            self._refine()
            if proved and posts is not None:
                return posts
        raise StopError("rounds")

    def _optimise_all(self) -> bool:
        """Optimise all stages in turn on one set of tangents; returns whether all are proved."""
        m, stages = self.live.matrix, self.problem.stages
        settled = np.zeros(len(m.columns) + len(m.rows), bool)
        for number, stage in enumerate(stages[self.given :], self.given):
            if number == 0 or not self.first_alone:
                answer, proof = self._serve(number)
                self.proofs[number:] = [replace(proof, kept=self._held_to(number))]
                if not self.is_closed(proof):
                    return False
            elif not self.in_steps:
                answer = self._optimise_on_face(stage, answer, settled)
            else:
                answer = self._optimise(stage, number)
            self.reached[number:] = [(answer.objective, self.matrix.constant)]
            if stage.concede == 0 and not self.in_steps:
                settled |= self._fixed_mask(answer)
        if self.in_steps:
            answer = self._optimise(TIE_BREAK, len(self.reached))
        else:
            for number in range(0 if self.first_alone else len(stages)):
                self._hold(number)
            answer = self._optimise_on_face(TIE_BREAK, answer, settled)
        has_own = len(self.centre) > len(stages) and not self.first_alone
        plan = self._evaluate_and_centre(len(stages), answer) if has_own else self._judge()
        kept = all(self._kept(proof, plan) for proof in self.proofs)
        # Where no stage values them, least rates may hold on the tangents but not on the curves.
        kept = kept and not (self.has_least_rates and plan.violations)
        effort = np.minimum(plan.effort_fte.ravel(), self.most)
        if not kept and (self.in_steps or self.first_alone):
            self.tried.append(effort)
        elif not kept and not has_own:
            self.centre.append(effort)
            self.width.append(self.most / 90)
            self.effort.append(None)
        return kept

    def is_closed(self, proof: StageProof) -> bool:
        """Whether the gap between the value and the bound of a stage is within tolerance."""
        return proof.relative_gap <= self.gap

    def _kept(self, proof: StageProof, plan: Judged) -> bool:
        """Whether the final plan misses a stage's bound by no more than its concession."""
        reached = plan.objective(proof.objective)
        lost = proof.bound - reached if proof.sense == "maximise" else reached - proof.bound
        rounding = self.gap * max(1.0, abs(proof.bound))
        return -rounding <= lost <= abs(proof.bound) * proof.concede + rounding

    def _fixed_mask(self, answer: HighsAnswer) -> Mask:
        """Mask of columns, then rows, whose value is unique among optima of the last objective.

        These have a reduced cost or a price (complementary slackness). Rows that only keep a stage
        settle nothing.
        """
        m = self.live.matrix
        reduced = m.cost - m.transpose_times(answer.prices)
        columns = np.abs(reduced) > PRICED * np.maximum(1.0, np.abs(m.cost))
        rows = np.abs(answer.prices) > PRICED
        rows[len(rows) - len(self.stage_rows) :] = False  # rows that keep stages are last
        return np.append(columns, rows)

    def _optimise_on_face(self, stage: Stage, answer: HighsAnswer, settled: Mask) -> HighsAnswer:
        """Serve a stage over the plans that agree with an answer in what is settled, most of it."""
        self._aim(*self.objectives[stage.objective], maximise=stage.sense == "maximise")
        m, values = self.live.matrix, answer.values.copy()
        (free, still), used = np.split(~settled, [len(values)]), m.times(values)
        for slack in HELD_FTE * np.array([0.0, *LOOSER]):
            ties = replace(
                m,
                lower=np.minimum(m.lower, values),
                upper=np.maximum(m.upper, values),
                row_lower=np.where(still, np.minimum(m.row_lower, used), used) - slack,
                row_upper=np.where(still, np.maximum(m.row_upper, used), used) + slack,
            )
            with suppress(InfeasibleError, SolverError):
                found = self._run(CheckedProgramme(ties.narrowed(free, values), presolve=False))
                break
        else:
            raise SolverError(_(STAGE_LOST))
        values[free] = found.values
        self.values = self.links.collapse(values, self.pieces)
        return replace(found, values=values)

    def _serve(self, number: int) -> tuple[HighsAnswer, StageProof]:
        stage = self.problem.stages[number]
        answer = proved = self._optimise(stage, number)
        if self.live.matrix.integer.any():
            self._ask_whole(False)
            proved = self._run()
            self._ask_whole(True)
        judged = self._evaluate_and_centre(number, proved)
        unit = self.unit[stage.objective]
        bound_of = partial(concave_bound, self.matrix, links=self.links, most=self._most_gain)
        # Prices of 0 prove a bound too, and exactly: for instance, money is at least 0.
        both = np.zeros_like(proved.prices), proved.prices
        found = {unit * bound_of(prices): prices for prices in both}
        bound = max(found) if stage.sense == "minimise" else min(found)
        prices = unit * found[bound]
        per_row = np.array([1 / self.unit[s.objective] for s in self.problem.stages])
        prices[-len(per_row) :] *= per_row  # the rows that keep a stage come last
        duals = dict(zip(self.matrix.rows, (prices + 0.0).tolist(), strict=True))
        value = judged.objective(stage.objective)
        proof = StageProof.of(stage, value, bound, duals=duals)
        if proved is not answer:
            proof = replace(proof, bound=unit * answer.bound, relaxation_bound=bound)
            if self.is_closed(proof):  # only the solver's word: solve a second way
                sure = self._run(known=answer)
                if sure.objective != answer.objective:
                    self.values = self.links.collapse(sure.values, self.pieces)
                    value = self._evaluate_and_centre(number, proved).objective(stage.objective)
                answer = sure
                proof = replace(proof, value=value, in_plan=value, bound=unit * answer.bound)
        return answer, proof

    def _optimise(self, stage: Stage, after: int = 0) -> HighsAnswer:
        """Serve a stage over the programme as it stands, with as many first stages kept as *after*.

        The plans that keep stages are a very thin set: where the solver finds none of them, the
        slack of the rows that keep stages is raised.
        """
        self._aim(*self.objectives[stage.objective], maximise=stage.sense == "maximise")
        for looser in LOOSER if after else (1.0,):
            for number in range(after):
                self._hold(number, looser)
            try:
                answer = self._run()
                break
            except (InfeasibleError, SolverError) as error:
                if not after or (looser == LOOSER[-1] and isinstance(error, SolverError)):
                    raise
                if looser == LOOSER[-1]:  # the stage before has just found a plan
                    raise SolverError(_(STAGE_LOST)) from None
        self.values = self.links.collapse(answer.values, self.pieces)
        return answer

    def _hold(self, number: int, looser: float = 1.0) -> None:
        stage, (reached, constant) = self.problem.stages[number], self.reached[number]
        slack = STEP_SLACK if self.in_steps else SLACK
        lost = stage.concede * abs(reached) + looser * (slack * abs(reached) + LEAST_SLACK)
        if stage.sense == "maximise":
            self._limit(self.stage_rows[number], reached - constant - lost, np.inf)
        else:
            self._limit(self.stage_rows[number], -np.inf, reached - constant + lost)

    def _held_to(self, number: int) -> dict[str, float]:
        """Values to which stages before *number* are kept, by objective, in documented units."""
        held = {}
        for name, stage in zip(self.stage_rows[:number], self.problem.stages, strict=False):
            side = self.matrix.row_lower if stage.sense == "maximise" else self.matrix.row_upper
            level = float(side[self.row[name]]) + self.objectives[stage.objective][1]
            held[stage.objective] = self.unit[stage.objective] * level
        return held
