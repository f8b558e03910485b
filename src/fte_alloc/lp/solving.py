"""The only door to a solver.

``Live`` keeps a model inside HiGHS, where changed limits, costs and pieces are solved again from
the last basis. No answer leaves it before its status is proved; prices are changes of the objective
per unit of right-hand side, whether it is maximised or minimised.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import highspy
import numpy as np
from numpy.typing import NDArray

from fte_alloc import words
from fte_alloc.errors import SolverError
from fte_alloc.lp.certificate import (
    TOUCH,
    bound_of,
    is_contradiction,
    is_optimal,
    keeps,
    recession,
)
from fte_alloc.lp.matrix import Floats, Integers, Matrix
from fte_alloc.lp.scaling import Scaled, refuse_broken
from fte_alloc.lp.sides import Sides

OPTIMAL, INFEASIBLE, UNBOUNDED, STOPPED = "optimal", "infeasible", "unbounded", "stopped"

_STATUS = {
    highspy.HighsModelStatus.kOptimal: OPTIMAL,
    highspy.HighsModelStatus.kModelEmpty: OPTIMAL,
    highspy.HighsModelStatus.kInfeasible: INFEASIBLE,
    highspy.HighsModelStatus.kUnbounded: UNBOUNDED,
    highspy.HighsModelStatus.kTimeLimit: STOPPED,
    highspy.HighsModelStatus.kSolutionLimit: STOPPED,
    highspy.HighsModelStatus.kInterrupt: STOPPED,
}

_NO_LIMIT = 2**31 - 1
#: Plan and bound of a programme in whole numbers agree to this share of the objective's terms.
_AGREED = 1e-7
_TIGHT = 1e-9
#: Coefficients taken for 0: HiGHS's own choice, since on smaller ones the simplex method may stall,
#: and where that gives no answer that can be proved.
_SMALLEST = 1e-9, 1e-12
_MOST_IPM = 500
_SCALED, _AS_IT_IS = 1, 0
_DUAL_SIMPLEX, _PRIMAL_SIMPLEX = 1, 4  # simplex_strategy
_KINDS = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)


@dataclass(frozen=True)
class _Way:
    """How to solve: the next is another way to the same answer.

    tolerance : of whole numbers, HiGHS's own by default; a tenth of it of the programmes on the
        way, and continuous programmes have ``_TIGHT``
    """

    presolve: bool = True
    tolerance: float = 1e-6
    solver: str = "choose"


_WHOLE_WAYS = _Way(), _Way(presolve=False), _Way(True, _TIGHT), _Way(False, _TIGHT)
_CONTINUOUS_WAYS = _Way(), _Way(), _Way(presolve=False), _Way(presolve=False, solver="ipm")


class _SilentHighs(highspy.Highs):  # type: ignore[misc]  # highspy has no complete types
    """HiGHS without a word on file descriptor 1.

    Its constructor enables callbacks, and from 1.16 on that prints a banner before any option can
    be set from outside.
    """

    def enableCallbacks(self) -> None:  # noqa: N802
        """Switch the output off, then enable the callbacks as ``highspy.Highs`` does."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()


@dataclass(frozen=True, eq=False)
class Answer:
    """What a solver found, in the order of a ``Matrix``; arrays are empty without a solution.

    status : ``optimal``, ``infeasible`` or ``stopped``
    objective : value of ``values``, NaN without any
    prices : change of the objective per unit of right-hand side; none where columns must be whole
    bound : no solution is better
    ray : where there is no solution, prices of rows that prove it, if they are known
    proved : whether arithmetic proves the status; else it is the solver's word, given twice, once
        without presolve
    """

    status: str
    objective: float
    values: Floats
    prices: Floats
    bound: float
    ray: Floats = field(default_factory=lambda: np.empty(0))
    proved: bool = False


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
        raise SolverError(words.ANSWER_NOT_PROVED)
    refuse_broken(scaled.matrix, answer.values)
    values = scaled.values(answer.values) + 0.0  # no −0
    return replace(
        answer,
        objective=float(matrix.cost @ values) + matrix.constant,
        values=values,
        prices=scaled.prices(answer.prices),
        bound=bound / scaled.objective,
    )


Basis = highspy.HighsBasis


class Live:
    """A model held in HiGHS, changed in place and solved again from the last basis.

    most_nodes : how many nodes a search for whole numbers may visit before it is ``stopped``
    perturbation : by how much of its own measure the dual simplex method shakes costs, so that it
        does not stall; what costs less than that apart must be told apart again afterwards
    thin : whether rows keep what another objective reached, so that whole numbers are searched for
        with ``_TIGHT`` first
    """

    def __init__(
        self,
        matrix: Matrix,
        presolve: bool = True,
        most_nodes: int = _NO_LIMIT,
        perturbation: float = 1.0,
        *,
        thin: bool = False,
    ) -> None:
        self.matrix, self._presolve, self._most_nodes = matrix, presolve, most_nodes
        self._way = _CONTINUOUS_WAYS[0]
        self._whole_ways = _WHOLE_WAYS[2:] + _WHOLE_WAYS[:2] if thin else _WHOLE_WAYS
        self._start: Basis | None = None
        self._highs = _SilentHighs()
        for option, value in (
            ("threads", 1),
            ("mip_rel_gap", 0.0),
            ("mip_abs_gap", 0.0),
            ("mip_max_nodes", most_nodes),
            ("ipm_iteration_limit", _MOST_IPM),  # it may go round in circles for ever
            ("dual_simplex_cost_perturbation_multiplier", perturbation),
        ):
            self._highs.setOptionValue(option, value)
        self.solver_s = 0.0
        self._pass(matrix)

    def _pass(self, matrix: Matrix, smallest: float = _SMALLEST[0]) -> None:
        """Hand a programme over; coefficients below the smallest are taken for 0."""
        self._highs.setOptionValue("small_matrix_value", smallest)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(matrix.columns), len(matrix.rows)
        lp.sense_ = highspy.ObjSense.kMaximize if matrix.maximise else highspy.ObjSense.kMinimize
        lp.offset_ = matrix.constant
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = matrix.cost, matrix.lower, matrix.upper
        lp.row_lower_, lp.row_upper_ = matrix.row_lower, matrix.row_upper
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = matrix.start, matrix.index
        lp.a_matrix_.value_ = matrix.value
        if matrix.integer.any():
            lp.integrality_ = [_KINDS[int(i)] for i in matrix.integer]
            # HiGHS wants whole limits on integers.
            lp.col_lower_ = np.where(matrix.integer, np.ceil(matrix.lower - 1e-9), matrix.lower)
            lp.col_upper_ = np.where(matrix.integer, np.floor(matrix.upper + 1e-9), matrix.upper)
        self._highs.passModel(lp)

    def set_objective(self, cost: Floats, constant: float, maximise: bool) -> None:
        """Serve another objective over the same rows."""
        m = self.matrix
        m.cost, m.constant, m.maximise = cost, constant, maximise
        sense = highspy.ObjSense.kMaximize if maximise else highspy.ObjSense.kMinimize
        self._highs.changeObjectiveSense(sense)
        self._highs.changeObjectiveOffset(constant)
        self._highs.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)

    def set_row_limits(self, row: int, lower: float, upper: float) -> None:
        """Change the limits of one row."""
        self.matrix.row_lower[row], self.matrix.row_upper[row] = lower, upper
        self._highs.changeRowBounds(row, lower, upper)

    def keep_basis(self, basis: Basis | None = None) -> Basis:
        """Start every programme taken from now on from a basis, by default the present one."""
        self._start = basis or self._highs.getBasis()
        return self._start

    def reload(self, matrix: Matrix, order: Integers | None = None) -> None:
        """Take another programme, from the basis kept or else the present one if it fits.

        order : for every column, the one before it whose place in the basis it takes; −1: none
        """
        kept = self._start or self._highs.getBasis()
        self.matrix = matrix
        self._pass(matrix)
        status = kept.col_status
        if order is not None:
            nowhere = highspy.HighsBasisStatus.kLower
            status = [status[j] if j >= 0 else nowhere for j in order.tolist()]
        if kept.valid and len(status) == len(matrix.columns):
            basis = highspy.HighsBasis()
            basis.col_status, basis.row_status, basis.valid = status, kept.row_status, True
            self._highs.setBasis(basis)

    def set_integer(self, integer: NDArray[np.bool_]) -> None:
        """Say which columns must be whole."""
        m = self.matrix
        changed = np.flatnonzero(m.integer != integer).astype(np.int32)
        m.integer = integer
        kinds = [_KINDS[int(integer[j])] for j in changed]
        self._highs.changeColsIntegrality(len(changed), changed, np.array(kinds))

    def set_column_limits(self, columns: Integers, lower: Floats, upper: Floats) -> None:
        """Change the limits of some columns."""
        self.matrix.lower[columns], self.matrix.upper[columns] = lower, upper
        at = columns.astype(np.int32)
        self._highs.changeColsBounds(len(at), at, lower, upper)

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
        numbers has the same status.

        known : what this returned when it need not be sure, to be made sure of
        sure : whether a second answer must agree with a plan in whole numbers
        has_optimum : whether the programme is known to have one, whatever its limits

        Raises SolverError where no answer can be relied on.
        """
        whole = bool(self.matrix.integer.any())
        began, ways = time.perf_counter(), self._whole_ways if whole else _CONTINUOUS_WAYS
        may_stop = time_limit_s is not None or (whole and self._most_nodes < _NO_LIMIT)
        answers = [known] if known else []
        failure = SolverError(words.ANSWER_NOT_PROVED)
        try:
            for self._way in ways[len(answers) :]:
                if self._way != ways[0]:
                    self._start_anew(answers)
                spent = time.perf_counter() - began
                left = None if time_limit_s is None else max(0.0, time_limit_s - spent)
                try:
                    answer = self.run(left)
                except SolverError as error:
                    failure = error
                    continue
                found = answer.status in (OPTIMAL, STOPPED)
                if found and len(answer.values) == len(self.matrix.columns):
                    reached = float(self.matrix.cost @ answer.values) + self.matrix.constant
                    answer = replace(answer, objective=reached)
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
                count = 2 if sure or self._way != ways[0] else 1
                if whole and (agreed := self._agreed(answers, count)):
                    return agreed
            raise failure
        finally:
            self._way = _CONTINUOUS_WAYS[0]

    def _start_anew(self, before: Sequence[Answer]) -> None:
        """Forget how the programme was solved, but for the best plan in whole numbers."""
        self._pass(self.matrix, _SMALLEST[1])
        if self.matrix.integer.any() and (known := self._best(before)):
            plan = highspy.HighsSolution()
            plan.col_value = known.values.tolist()
            self._highs.setSolution(plan)

    def _best(self, answers: Sequence[Answer]) -> Answer | None:
        """The best plan that keeps the programme."""
        sign = 1.0 if self.matrix.maximise else -1.0
        plans = [a for a in answers if keeps(self.matrix, a.values)]
        return max(plans, key=lambda a: sign * a.objective, default=None)

    def _agreed(self, answers: Sequence[Answer], count: int) -> Answer | None:
        """What so many ways of solving in whole numbers agree on; that there is no plan, two.

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
        weaker = (
            max(best.objective, *bounds) if self.matrix.maximise else min(best.objective, *bounds)
        )
        return replace(best, status=OPTIMAL, bound=weaker)

    def _proves(self, answer: Answer) -> bool:
        """Whether arithmetic alone shows that an answer is true."""
        m, whole = self.matrix, self.matrix.integer.any()
        if answer.status == OPTIMAL:
            return not whole and is_optimal(m, answer.values, answer.prices)
        if is_contradiction(m, answer.ray):
            return answer.status == INFEASIBLE
        if whole:
            relaxed = Live(replace(m, integer=np.zeros_like(m.integer)), presolve=False)
            with suppress(SolverError):
                proved = relaxed.checked().status == answer.status
                return proved and (answer.status == INFEASIBLE or self._has_plan())
            return False
        if answer.status == INFEASIBLE:
            return _contradicts_itself(m)
        along = Live(recession(m)).checked(has_optimum=True)
        terms = float(np.abs(m.cost) @ np.abs(along.values))
        goes = np.abs(along.values).max(initial=0.0) > 0.5 and abs(along.objective) > TOUCH * terms
        return goes and self._has_plan()

    def _has_plan(self) -> bool:
        """Whether some plan keeps the programme, whatever it is worth."""
        anything = replace(self.matrix, cost=np.zeros(len(self.matrix.columns)))
        return Live(anything, most_nodes=self._most_nodes).checked().status == OPTIMAL

    def _stopped(self, answers: Sequence[Answer]) -> Answer:
        """The best plan there is, said to be stopped, and the weakest bound; or nothing."""
        nothing = Answer(STOPPED, np.nan, np.empty(0), np.empty(0), np.nan)
        best = self._best(answers) or nothing
        bounds = [a.bound for a in answers if not np.isnan(a.bound)]
        weakest = max if self.matrix.maximise else min
        return replace(best, status=STOPPED, bound=weakest(bounds, default=np.nan))

    def run(self, time_limit_s: float | None = None) -> Answer:
        """Solve the model as it stands now; what HiGHS says is taken at its word (``checked``).

        Raises SolverError for any outcome outside the four statuses.
        """
        m = self.matrix
        # HiGHS misreads crossed limits, and calls every programme without variables empty.
        crossed = np.any(m.row_lower > m.row_upper) or np.any(m.lower > m.upper)
        if crossed or (not m.columns and np.any((m.row_lower > 0) | (m.row_upper < 0))):
            return Answer(INFEASIBLE, np.nan, np.empty(0), np.empty(0), np.nan)
        highs = self._highs
        before = time.perf_counter()
        limit = np.inf if time_limit_s is None else highs.getRunTime() + time_limit_s
        highs.setOptionValue("time_limit", limit)
        # On a very thin set of plans the simplex method may go round in circles.
        most = 2000 + 5 * (len(m.rows) + len(m.columns))
        highs.setOptionValue("simplex_iteration_limit", _NO_LIMIT if m.integer.any() else most)
        way, whole = self._way, bool(m.integer.any())
        may = way.presolve and (self._presolve or whole)
        for option, value in (
            ("presolve", "choose" if may else "off"),
            ("solver", way.solver),
            ("mip_feasibility_tolerance", way.tolerance),
            ("primal_feasibility_tolerance", way.tolerance / 10 if whole else _TIGHT),
            ("dual_feasibility_tolerance", way.tolerance / 10 if whole else _TIGHT),
        ):
            highs.setOptionValue(option, value)
        highs.run()
        status = highs.getModelStatus()
        for option, value in (
            ("presolve", "off"),
            ("simplex_scale_strategy", _AS_IT_IS),
            ("simplex_strategy", _PRIMAL_SIMPLEX),
            ("solver", "ipm"),
        ):
            if status in _STATUS:
                break
            # Undecided or ambiguous: from scratch, without presolve, without scaling (what is
            # optimal scaled may break a limit by 5 unscaled), then by other methods.
            # (The dual simplex method may stop undecided where there is no end.)
            highs.clearSolver()
            highs.setOptionValue(option, value)
            highs.run()
            status = highs.getModelStatus()
        highs.setOptionValue("solver", "choose")
        highs.setOptionValue("simplex_strategy", _DUAL_SIMPLEX)
        highs.setOptionValue("simplex_scale_strategy", _SCALED)
        self.solver_s += time.perf_counter() - before
        if status not in _STATUS:
            raise SolverError(f"HiGHS: {highs.modelStatusToString(status)}")
        word = _STATUS[status]
        info, solution = highs.getInfo(), highs.getSolution()
        found = word == OPTIMAL or (
            word == STOPPED and info.primal_solution_status == highspy.kSolutionStatusFeasible
        )
        if not found:
            ray = np.empty(0)
            if word == INFEASIBLE and not m.integer.any():
                _, known, entries = highs.getDualRay()
                ray = np.array(entries if known else ())
            return Answer(word, np.nan, np.empty(0), np.empty(0), np.nan, ray)
        values = np.array(solution.col_value)
        if len(values) != len(m.columns):
            raise SolverError(words.ANSWER_NOT_PROVED)
        if whole:
            values = self._rounded(values)
        objective = float(m.cost @ values) + m.constant
        if whole:
            return Answer(word, objective, values, np.zeros(0), float(info.mip_dual_bound))
        if word == STOPPED:
            return Answer(word, objective, values, np.zeros(len(m.rows)), np.nan)
        prices = np.array(solution.row_dual) if m.columns else np.zeros(len(m.rows))
        return Answer(word, objective, values, prices, np.nan)

    def _rounded(self, values: Floats) -> Floats:
        """A plan with whole numbers where they must be, the others chosen anew where that asks it.

        The solver lets a whole number be off by its tolerance, and others live on that.
        """
        m = self.matrix
        values = np.where(m.integer, np.round(values), values)
        if m.integer.all() or keeps(m, values):
            return values
        with suppress(SolverError):  # ``checked`` refuses the plan
            values[~m.integer] = self.rest(values).values
        return values

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


def _room(matrix: Matrix, values: Floats) -> float:
    """By how much the value of a plan and a bound may differ and still agree."""
    cost = np.abs(matrix.cost)
    terms = abs(matrix.constant) + float(cost @ np.abs(values))
    return _AGREED * max(terms, 1e-4 * float(cost.max(initial=0.0)))  # not less than rounding


def _contradicts_itself(matrix: Matrix) -> bool:
    """Whether arithmetic proves, whole numbers left aside, that a programme has no solution."""
    sides = Sides(matrix)
    if sides.crossed().any():
        return True
    kept = np.isfinite(sides.limits)
    alternative = sides.alternative()
    alternative.upper = sides.room(kept)
    try:
        weights = Live(alternative, presolve=False).checked(has_optimum=True).values
    except SolverError:
        return False
    return sides.used(kept, weights) is not None
