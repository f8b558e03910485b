"""The only door to a solver: no answer leaves it before its status is proved.

Prices are changes of the objective per unit of right-hand side, whether it is maximised or
minimised.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import highspy
import numpy as np

from fte_alloc.errors import SolverError
from fte_alloc.language import _
from fte_alloc.lp.certificate import bound_of, is_contradiction, is_optimal, keeps
from fte_alloc.lp.highs import (
    INFEASIBLE,
    NO_LIMIT,
    OPTIMAL,
    SMALLER,
    STOPPED,
    TIGHT,
    Answer,
    Held,
    Way,
)
from fte_alloc.lp.matrix import Floats, Matrix
from fte_alloc.lp.scaling import Scaled, refuse_broken
from fte_alloc.lp.sides import Mask, Sides
from fte_alloc.names import ANSWER_NOT_PROVED

#: Plan and bound of a programme in whole numbers agree to this share of the objective's terms.
_AGREED = 1e-7
_WHOLE_WAYS = Way(), Way(presolve=False), Way(True, TIGHT), Way(False, TIGHT)
_CONTINUOUS_WAYS = Way(), Way(), Way(presolve=False), Way(presolve=False, solver="ipm")


class Live(Held):
    """A programme held in HiGHS, whose answers are judged.

    thin : whether rows keep what another objective reached, so that whole numbers are searched for
        with ``TIGHT`` first
    """

    thin = False

    def checked(
        self,
        time_limit_s: float | None = None,
        known: Answer | None = None,
        *,
        sure: bool = True,
        has_optimum: bool = False,
    ) -> Answer:
        """The answer of ``run`` once it is shown to be true, asked for anew where it is not.

        Without whole numbers, arithmetic proves every status but ``stopped``. With them, two
        answers must agree, one of them found without presolve, unless the programme without whole
        numbers has no solution. A programme without end has no answer that is proved.

        known : an answer found without *sure*, for which a second one is now asked
        sure : whether a second answer must agree with a plan in whole numbers
        has_optimum : whether the programme is known to have one, whatever its limits

        Raises SolverError where no answer can be relied on.
        """
        whole = bool(self.matrix.integer.any())
        began, ways = time.perf_counter(), _WHOLE_WAYS if whole else _CONTINUOUS_WAYS
        if whole and self.thin:
            ways = _WHOLE_WAYS[2:] + _WHOLE_WAYS[:2]
        may_stop = time_limit_s is not None or (whole and self.most_nodes < NO_LIMIT)
        answers = [known] if known else []
        failure = SolverError(_(ANSWER_NOT_PROVED))
        try:
            for self.way in ways[len(answers) :]:
                if self.way != ways[0]:
                    self._start_anew(answers)
                spent = time.perf_counter() - began
                left = None if time_limit_s is None else max(0.0, time_limit_s - spent)
                try:
                    answer = self._rounded(self.run(left))
                except SolverError as error:
                    failure = error
                    continue
                spent = time.perf_counter() - began
                if answer.status == STOPPED:
                    if may_stop and (time_limit_s is None or spent > time_limit_s / 2):
                        return self._stopped([answer, *answers])
                    continue
                if has_optimum and answer.status != OPTIMAL:
                    continue
                if self._proves(answer):
                    return replace(answer, proved=True)
                answers.append(answer)
                count = 2 if sure or self.way != ways[0] else 1
                if whole and (agreed := self._agreed(answers, count)):
                    return agreed
            raise failure
        finally:
            self.way = Way()

    def _start_anew(self, before: Sequence[Answer]) -> None:
        """Forget how the programme was solved, but for the best plan in whole numbers."""
        self.hand_over(self.matrix, SMALLER)
        if self.matrix.integer.any() and (known := self._best(before)):
            plan = highspy.HighsSolution()
            plan.col_value = known.values.tolist()
            self.highs.setSolution(plan)

    def _best(self, answers: Sequence[Answer]) -> Answer | None:
        """The best plan that keeps the programme."""
        plans = [a for a in answers if keeps(self.matrix, a.values)]
        return max(plans, key=lambda a: self.matrix.sign * a.objective, default=None)

    def _agreed(self, answers: Sequence[Answer], count: int) -> Answer | None:
        """The plan on which *count* answers in whole numbers agree, or that two find none.

        A plan that keeps the programme refutes every bound it is better than, and every claim that
        there is no plan. The bound is the weaker one.
        """
        best = self._best(answers)
        if best is None:
            claims = [a for a in answers if a.status == INFEASIBLE]
            return claims[0] if len(claims) > 1 else None
        room = _room(self.matrix, best.values)
        bounds = [a.bound for a in answers if abs(a.bound - best.objective) <= room]
        if len(bounds) < count:
            return None
        weakest = max if self.matrix.maximise else min
        return replace(best, status=OPTIMAL, bound=weakest(best.objective, *bounds))

    def _proves(self, answer: Answer) -> bool:
        """Whether arithmetic alone shows that an answer is true."""
        m, whole = self.matrix, self.matrix.integer.any()
        if answer.status == OPTIMAL:
            return not whole and is_optimal(m, answer.values, answer.prices)
        if answer.status != INFEASIBLE:
            return False
        if is_contradiction(m, answer.ray):
            return True
        if whole:
            relaxed = Live(replace(m, integer=np.zeros_like(m.integer)), presolve=False)
            with suppress(SolverError):
                return relaxed.checked().status == INFEASIBLE
            return False
        proofs = Proofs(m)
        return (
            bool(proofs.crossed().any()) or proofs.lightest(np.isfinite(proofs.limits)) is not None
        )

    def _stopped(self, answers: Sequence[Answer]) -> Answer:
        """The best plan there is, said to be stopped, and the weakest bound; or nothing."""
        best = self._best(answers) or Answer(STOPPED)
        bounds = [a.bound for a in answers if not np.isnan(a.bound)]
        weakest = max if self.matrix.maximise else min
        return replace(best, status=STOPPED, bound=weakest(bounds, default=np.nan))

    def _rounded(self, answer: Answer) -> Answer:
        """An answer with whole numbers where they must be, the others chosen anew to suit them.

        The solver lets a whole number be off by its tolerance, and others live on that.
        """
        m, values = self.matrix, answer.values
        if answer.status not in (OPTIMAL, STOPPED) or len(values) != len(m.columns):
            return answer
        if m.integer.any():
            values = np.where(m.integer, np.round(values), values)
            if not m.integer.all() and not keeps(m, values):
                with suppress(SolverError):  # such a plan is refused
                    values[~m.integer] = self.rest(values).values
        return replace(answer, values=values, objective=float(m.cost @ values) + m.constant)

    def rest(self, values: Floats) -> Answer:
        """The best values of the other columns, those that must be whole held at these."""
        rest = self.matrix.narrowed(~self.matrix.integer, values)
        judged = np.diff(rest.start) == 0  # rows of whole numbers only: not the solver's to judge
        rest.row_lower = np.where(judged, -np.inf, rest.row_lower)
        rest.row_upper = np.where(judged, np.inf, rest.row_upper)
        answer = Live(rest, presolve=False).checked()
        if answer.status != OPTIMAL:
            raise SolverError(f"{answer.status}, with the whole numbers of a plan")
        return answer


class Proofs(Sides):
    """A search for weights that prove that sides of a programme contradict each other."""

    def __init__(self, matrix: Matrix) -> None:
        super().__init__(matrix)
        self._weights = Live(self.alternative(), presolve=False)

    def lightest(self, kept: Mask | None = None) -> Mask | None:
        """Sides, of those kept or else of all, that prices prove contradictory by arithmetic.

        None where there are no such prices; whole numbers are left aside.
        """
        kept = np.isfinite(self.limits) if kept is None else kept
        sides = np.arange(len(kept), dtype=np.int32)
        most = np.where(kept & np.isfinite(self.limits), np.inf, 0.0)
        self._weights.set_column_limits(sides, np.zeros(len(sides)), most)
        try:
            return self.used(kept, self._weights.checked(has_optimum=True).values)
        except SolverError:
            return None


def decided(matrix: Matrix) -> Answer:
    """A programme without whole numbers, solved in units in which the solver loses nothing.

    Raises SolverError naming what the solver would lose, or where no answer can be relied on.
    """
    scaled = Scaled.of(matrix)
    answer = Live(scaled.matrix).checked()
    if answer.status != OPTIMAL:
        return answer
    bound = bound_of(scaled.matrix, answer.prices)
    if not abs(bound - answer.objective) <= _room(scaled.matrix, answer.values):
        raise SolverError(_(ANSWER_NOT_PROVED))
    refuse_broken(scaled.matrix, answer.values)
    values = scaled.values(answer.values) + 0.0  # no −0
    return replace(
        answer,
        objective=float(matrix.cost @ values) + matrix.constant,
        values=values,
        prices=scaled.prices(answer.prices),
        bound=bound / scaled.objective,
    )


def _room(matrix: Matrix, values: Floats) -> float:
    """By how much the value of a plan and a bound may differ and still agree."""
    cost = np.abs(matrix.cost)
    terms = abs(matrix.constant) + float(cost @ np.abs(values))
    return _AGREED * max(terms, 1e-4 * float(cost.max(initial=0.0)))  # not less than rounding
