"""The only access to a solver, which checks every answer before it returns it.

Prices are changes of the objective per unit of right-hand side, for a maximum and for a minimum.
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
from fte_alloc.lp.certificate import (
    Mask,
    is_contradiction,
    is_optimal,
    lower_bound,
    lower_sides,
    satisfies,
)
from fte_alloc.lp.highs import (
    INFEASIBLE,
    NO_LIMIT,
    OPTIMAL,
    SMALLER,
    SMALLEST,
    STOPPED,
    TIGHT,
    HighsAnswer,
    HighsOptions,
    HighsProgramme,
)
from fte_alloc.lp.matrix import Floats, Matrix, row_sizes
from fte_alloc.names import ANSWER_NOT_PROVED

#: HiGHS refuses coefficients of this size, and takes limits of this size for infinite.
REFUSED, ENDLESS = 1e15, 1e20
#: Plan and bound of a programme in whole numbers agree to this share of the objective's terms.
_AGREED = 1e-7
_USUAL, _ANEW = HighsOptions(), HighsOptions(presolve=False)
_WHOLE_WAYS = (_USUAL, _ANEW, HighsOptions(True, TIGHT), HighsOptions(False, TIGHT))
_CONTINUOUS_WAYS = (_USUAL, _USUAL, _ANEW, HighsOptions(presolve=False, solver="ipm"))


class CheckedProgramme(HighsProgramme):
    """A programme held in HiGHS, whose answers are checked.

    thin : whether rows keep the value of another objective: whole numbers are searched for with
        ``TIGHT`` first, and a second answer has to agree only where the first is given as *known*
    """

    thin = False

    def checked(
        self,
        time_limit_s: float = np.inf,
        known: HighsAnswer | None = None,
        *,
        has_optimum: bool = False,
    ) -> HighsAnswer:
        """Checked answer of ``run``; after a failed check, that of a solve with other options.

        Without whole numbers, arithmetic proves every status but ``stopped``. With them, two
        answers must agree, one of them found without presolve, unless the programme without whole
        numbers has no solution. An unbounded programme has no answer that is proved.

        known : an answer in whole numbers that a second one must now confirm
        has_optimum : whether the programme is known to have an optimum, whatever its limits

        Raises SolverError where no answer can be relied on.
        """
        whole = bool(self.matrix.integer.any())
        ways = _WHOLE_WAYS if whole else _CONTINUOUS_WAYS
        if whole and self.thin:
            ways = _WHOLE_WAYS[2:] + _WHOLE_WAYS[:2]
        deadline, is_timed = time.perf_counter() + time_limit_s, time_limit_s < np.inf
        may_stop = is_timed or (whole and self.most_nodes < NO_LIMIT)
        answers = [known] if known else []
        failure = SolverError(_(ANSWER_NOT_PROVED))
        try:
            for self.way in ways[len(answers) :]:
                if self.way != ways[0]:
                    self._start_anew(answers)
                try:
                    answer = self._rounded(self.run(max(0.0, deadline - time.perf_counter())))
                except SolverError as error:
                    failure = error
                    continue
                if answer.status == STOPPED:
                    left = deadline - time.perf_counter()
                    if may_stop and (not is_timed or left < time_limit_s / 2):
                        return self._stopped([answer, *answers])
                    continue
                if has_optimum and answer.status != OPTIMAL:
                    continue
                if self._proves(answer):
                    return replace(answer, proved=True)
                answers.append(answer)
                count = 1 if self.thin and self.way == ways[0] else 2
                if whole and (agreed := self._agreed(answers, count)):
                    return agreed
            raise failure
        finally:
            self.way = HighsOptions()

    def _start_anew(self, before: Sequence[HighsAnswer]) -> None:
        self.load(self.matrix, SMALLER)
        if self.matrix.integer.any() and (known := self._best(before)):
            plan = highspy.HighsSolution()
            plan.col_value = known.values.tolist()
            self.highs.setSolution(plan)

    def _best(self, answers: Sequence[HighsAnswer]) -> HighsAnswer | None:
        plans = [a for a in answers if satisfies(self.matrix, a.values)]
        return max(plans, key=lambda a: self.matrix.sign * a.objective, default=None)

    def _agreed(self, answers: Sequence[HighsAnswer], count: int) -> HighsAnswer | None:
        """Best plan if *count* bounds agree with it, or infeasibility if two answers claim it.

        A plan that satisfies the programme refutes every bound that it exceeds and every claim that
        there is no plan. The bound of the answer is the weakest.
        """
        best = self._best(answers)
        if best is None:
            claims = [a for a in answers if a.status == INFEASIBLE]
            return claims[0] if len(claims) > 1 else None
        cost = np.abs(self.matrix.cost)
        terms = abs(self.matrix.constant) + float(cost @ np.abs(best.values))
        room = _AGREED * max(terms, 1e-4 * float(cost.max(initial=0.0)))  # not less than rounding
        bounds = [a.bound for a in answers if abs(a.bound - best.objective) <= room]
        if len(bounds) < count:
            return None
        weakest = max if self.matrix.maximise else min
        return replace(best, status=OPTIMAL, bound=weakest(best.objective, *bounds))

    def _proves(self, answer: HighsAnswer) -> bool:
        m, whole = self.matrix, self.matrix.integer.any()
        if answer.status == OPTIMAL:
            return not whole and is_optimal(m, answer.values, answer.prices)
        if answer.status != INFEASIBLE:
            return False
        if is_contradiction(m, answer.ray):
            return True
        if whole:
            relaxed = CheckedProgramme(replace(m, integer=np.zeros_like(m.integer)), presolve=False)
            with suppress(SolverError):
                return relaxed.checked().status == INFEASIBLE
            return False
        return (
            Sides(m).infeasible_subset(np.ones(2 * (len(m.rows) + len(m.columns)), bool))
            is not None
        )

    def _stopped(self, answers: Sequence[HighsAnswer]) -> HighsAnswer:
        best = self._best(answers) or HighsAnswer(STOPPED)
        bounds = [a.bound for a in answers if not np.isnan(a.bound)]
        weakest = max if self.matrix.maximise else min
        return replace(best, status=STOPPED, bound=weakest(bounds, default=np.nan))

    def _rounded(self, answer: HighsAnswer) -> HighsAnswer:
        """An answer with whole columns rounded, and the other columns solved anew to fit them.

        The solver's whole numbers may be off by its tolerance, and other columns depend on that.
        """
        m, values = self.matrix, answer.values
        if answer.status not in (OPTIMAL, STOPPED) or len(values) != len(m.columns):
            return answer
        if m.integer.any():
            values = np.where(m.integer, np.round(values), values)
            if not m.integer.all() and not satisfies(m, values):
                with suppress(SolverError):  # such a plan is refused
                    values[~m.integer] = self._rest(values)
        return replace(answer, values=values, objective=float(m.cost @ values) + m.constant)

    def _rest(self, values: Floats) -> Floats:
        """Optimal values of the continuous columns with the integer columns fixed."""
        rest = self.matrix.narrowed(~self.matrix.integer, values)
        judged = np.diff(rest.start) == 0  # rows of whole numbers only: checked later
        rest.row_lower = np.where(judged, -np.inf, rest.row_lower)
        rest.row_upper = np.where(judged, np.inf, rest.row_upper)
        found = CheckedProgramme(rest, presolve=False).checked().values
        return found if len(found) else values[~self.matrix.integer]


class Sides:
    """The sides of a programme, and weights that prove that some contradict each other (Farkas).

    Sides are numbered: the lower sides of the rows, their upper sides, the lower limits of the
    columns, their upper limits. A mask over them selects some sides.
    """

    def __init__(self, matrix: Matrix) -> None:
        rows, columns = len(matrix.rows), len(matrix.columns)
        whole = matrix.whole_limits()
        self.limits = np.concatenate([matrix.row_lower, matrix.row_upper, *whole])
        self.sign = np.where(lower_sides(rows, columns), 1.0, -1.0)
        self.cuts = np.cumsum([rows, rows, columns])
        self.matrix = replace(matrix, maximise=False, cost=np.zeros(columns), constant=0.0)
        self.size = row_sizes(matrix)
        self._weights = CheckedProgramme(self._alternative(), presolve=False)

    def only(self, kept: Mask) -> Matrix:
        """The programme with these sides only."""
        limits = np.where(kept, self.limits, -np.inf * self.sign)
        row_lower, row_upper, lower, upper = np.split(limits, self.cuts)
        return replace(
            self.matrix, row_lower=row_lower, row_upper=row_upper, lower=lower, upper=upper
        )

    def _alternative(self) -> Matrix:
        """Programme whose vertices are irreducible infeasible subsystems (Farkas; Gleeson, Ryan).

        With the sides written s·x ≥ b, weights w ≥ 0 with Σ w s = 0 and Σ w b > 0 prove that no
        point satisfies all sides of weight above 0; at a vertex of Σ w = 1, each of these sides is
        needed. The greatest Σ w b favours few sides. All are scaled to a largest coefficient 1.
        """
        m, sides, balance = self.matrix, len(self.limits), np.zeros(len(self.matrix.columns))
        limit = np.where(np.isfinite(self.limits), self.sign * self.limits, 0.0)
        limit[: self.cuts[1]] /= np.tile(self.size, 2)
        programme = Matrix.of_entries(
            [str(side) for side in range(sides)],
            limit / (np.abs(limit).max(initial=0.0) or 1.0),
            (np.zeros(sides), np.full(sides, np.inf)),
            list(m.columns),
            (balance, balance),
            replace(m, value=m.value / self.size[m.row]).two_sided(),
            maximise=True,
        )
        programme.add_row("total", np.ones(sides), 1.0, 1.0)
        return programme

    def infeasible_subset(self, kept: Mask) -> Mask | None:
        """Mask of an infeasible subset of the kept sides, proved by Farkas weights.

        None where there are no such weights. Whole numbers are treated as continuous.
        """
        sides = np.arange(len(kept), dtype=np.int32)
        most = np.where(kept & np.isfinite(self.limits), np.inf, 0.0)
        self._weights.set_column_limits(sides, np.zeros(len(sides)), most)
        try:
            weights = self._weights.checked(has_optimum=True).values
        except SolverError:
            return None
        lower, upper = np.split(weights[: self.cuts[1]], 2)
        bound, rounding, used = lower_bound(self.only(kept), (lower - upper) / self.size)
        return used if bound > rounding else None


def refuse_lost(matrix: Matrix) -> None:
    """Raise SolverError for the first coefficient or limit that the solver would not respect.

    It is NaN, beyond ``REFUSED`` or ``ENDLESS``, or so small that HiGHS drops it, yet effective.
    """
    m, size = matrix, np.abs(matrix.value)
    reach = np.maximum(np.abs(m.lower), np.abs(m.upper))[m.index]
    with np.errstate(invalid="ignore"):
        moves = np.isfinite(reach) & (size * reach > SMALLEST)
    lost = ~(size < REFUSED) | ((size > 0) & (size <= SMALLER) & moves)
    found = [
        f"{m.rows[m.row[e]]}: coefficient {m.value[e]} of {m.columns[m.index[e]]}"
        for e in np.flatnonzero(lost)
    ]
    large = np.flatnonzero(~(np.abs(m.cost) < REFUSED))
    found += [f"objective: coefficient {m.cost[j]} of {m.columns[j]}" for j in large]
    for names, *limits in (m.rows, m.row_lower, m.row_upper), (m.columns, m.lower, m.upper):
        low, high = limits
        far = np.isnan(limits) | (np.isfinite(limits) & (np.abs(limits) >= ENDLESS))
        found += [f"{names[n]}: limits {low[n]} and {high[n]}" for n in np.flatnonzero(far.any(0))]
    if found:
        raise SolverError(f"{found[0]}: the solver would take this for 0 or for infinite")
