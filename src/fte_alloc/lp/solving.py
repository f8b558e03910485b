"""The only door to a solver.

``solve`` answers any ``pulp.LpProblem`` in its own words: statuses from the solver itself, nothing
read before a status is proved, prices in the problem's own sense. ``Live`` keeps a model inside
HiGHS, where changed limits, costs and pieces are solved again from the last basis.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from fte_alloc import words
from fte_alloc.errors import SolverError
from fte_alloc.lp.certificate import TOUCH, bound_of, is_contradiction, is_optimal, keeps, recession
from fte_alloc.lp.matrix import Floats, Integers, Matrix

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
#: Answers to a programme in whole numbers agree to this share of the objective.
_SAME = 1e-9
#: How often an answer is asked for before it is given up: one may be wrong, two must agree.
_MOST_ASKED = 4
_MOST_IPM = 500
_SCALED, _AS_IT_IS = 1, 0
_DUAL_SIMPLEX, _PRIMAL_SIMPLEX = 1, 4  # simplex_strategy
_KINDS = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)


class _SilentHighs(highspy.Highs):  # type: ignore[misc]  # highspy has no complete types
    """HiGHS without a word on file descriptor 1.

    Its constructor enables callbacks, and from 1.16 on that prints a banner before any option can
    be set from outside.
    """

    def enableCallbacks(self) -> None:  # noqa: N802
        """Switch the output off, then enable the callbacks as ``highspy.Highs`` does."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()


@dataclass(frozen=True)
class Outcome:
    """What a solver found, by name of variable and constraint.

    status : ``optimal``, ``infeasible``, ``unbounded`` or ``stopped``
    objective : value of ``values``, NaN without any
    prices : change of the objective per unit of right-hand side, in the problem's own sense;
        for integer programmes those of the programme with its integers fixed
    reduced_costs : change of the objective per unit of a variable held at its limit
    bound : proved by the prices (certificate); for integer programmes the solver's own word
    """

    status: str
    objective: float = float("nan")
    values: dict[str, float] = field(default_factory=dict)
    prices: dict[str, float] = field(default_factory=dict)
    reduced_costs: dict[str, float] = field(default_factory=dict)
    bound: float = float("nan")


@dataclass(frozen=True, eq=False)
class Answer:
    """An ``Outcome`` as arrays in the order of a ``Matrix``; empty unless values were found.

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


def solve(problem: Any, solver: str = "highs", time_limit_s: float | None = None) -> Outcome:
    """Solve a ``pulp.LpProblem``.

    solver : ``highs`` (in process) or ``cbc`` (a second opinion; its version inside PuLP is old)
    time_limit_s : stop after this long; the status is then ``stopped``, never ``optimal``

    Raises SolverError where the solver fails.
    """
    matrix = Matrix.of(problem)
    if solver == "highs":
        live = Live(matrix)
        answer = live.checked(time_limit_s)
        if matrix.integer.any() and len(answer.values):
            answer = replace(answer, prices=live.run_fixed(answer.values).prices)
        elif answer.status == OPTIMAL:
            answer = replace(answer, bound=bound_of(matrix, answer.prices))
    elif solver == "cbc":
        answer = _solve_with_cbc(problem, matrix, time_limit_s)
    else:
        raise ValueError(f"unknown solver {solver!r}; known: highs, cbc")
    if not len(answer.values):
        return Outcome(answer.status, bound=answer.bound)
    reduced = matrix.cost - matrix.transpose_times(answer.prices)
    return Outcome(
        answer.status,
        answer.objective,
        dict(zip(matrix.columns, answer.values.tolist(), strict=True)),
        dict(zip(matrix.rows, answer.prices.tolist(), strict=True)),
        dict(zip(matrix.columns, reduced.tolist(), strict=True)),
        answer.bound,
    )


Basis = highspy.HighsBasis


class Live:
    """A model held in HiGHS, changed in place and solved again from the last basis.

    most_nodes : how many nodes a search for whole numbers may visit before it is ``stopped``
    perturbation : by how much of its own measure the dual simplex method shakes costs, so that it
        does not stall; what costs less than that apart must be told apart again afterwards
    """

    def __init__(
        self,
        matrix: Matrix,
        presolve: bool = True,
        most_nodes: int = _NO_LIMIT,
        perturbation: float = 1.0,
    ) -> None:
        self.matrix, self._presolve, self._most_nodes = matrix, presolve, most_nodes
        self._plain = False
        self._start: Basis | None = None
        self._highs = _SilentHighs()
        for option, value in (
            ("threads", 1),
            ("primal_feasibility_tolerance", 1e-9),
            ("dual_feasibility_tolerance", 1e-9),
            ("mip_rel_gap", 0.0),
            ("mip_abs_gap", 0.0),
            ("mip_feasibility_tolerance", 1e-9),
            ("mip_max_nodes", most_nodes),
            ("small_matrix_value", 1e-12),  # smaller ones are taken for 0
            ("ipm_iteration_limit", _MOST_IPM),  # it may go round in circles for ever
            ("dual_simplex_cost_perturbation_multiplier", perturbation),
        ):
            self._highs.setOptionValue(option, value)
        self.solver_s = 0.0
        self._pass(matrix)

    def _pass(self, matrix: Matrix) -> None:
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

    def run_fixed(self, values: Floats) -> Answer:
        """Hold the columns that must be whole at these values from now on, and solve again."""
        whole = np.flatnonzero(self.matrix.integer).astype(np.int32)
        self.set_integer(np.zeros_like(self.matrix.integer))
        fixed = np.round(values[whole])
        self.set_column_limits(whole, fixed, fixed)
        return self.checked()

    def checked(self, time_limit_s: float | None = None, has_optimum: bool = False) -> Answer:
        """The answer of ``run`` once it is shown to be true, asked for anew where it is not.

        Without whole numbers, arithmetic proves every status but ``stopped``. With them, two
        answers must agree, the second found without presolve, unless the programme without whole
        numbers has the same status.

        has_optimum : whether the programme is known to have one, whatever its limits

        Raises SolverError where no answer can be relied on.
        """
        began, whole = time.perf_counter(), bool(self.matrix.integer.any())
        before: list[Answer] = []
        failure: SolverError | None = None
        try:
            for asked in range(_MOST_ASKED):
                if asked > (not whole):  # from scratch, without presolve and with it in turn
                    self._highs.clearSolver()
                    self._highs.setOptionValue("random_seed", asked)
                    self._plain = not self._plain
                    if before and before[0].status == OPTIMAL:
                        known = highspy.HighsSolution()
                        known.col_value = before[0].values.tolist()
                        self._highs.setSolution(known)
                spent = time.perf_counter() - began
                try:
                    answer = self.run(None if time_limit_s is None else time_limit_s - spent)
                except SolverError as error:
                    failure = error
                    continue
                if len(answer.values) == len(self.matrix.columns):
                    reached = float(self.matrix.cost @ answer.values) + self.matrix.constant
                    answer = replace(answer, objective=reached)
                if answer.status == STOPPED:
                    spent = time.perf_counter() - began
                    if time_limit_s is not None and spent > time_limit_s / 2:
                        return self._stopped([answer, *before])
                    before.append(answer)
                elif has_optimum and answer.status != OPTIMAL:
                    continue
                elif self._proves(answer):
                    return replace(answer, proved=True)
                elif whole and self._is_possible(answer):
                    agree = [other for other in before if _agree(answer, other)]
                    if agree:
                        return agree[0]
                    before.append(answer)
        finally:
            self._plain = False
            self._highs.setOptionValue("random_seed", 0)
        if self._most_nodes < _NO_LIMIT and any(a.status == STOPPED for a in before):
            return self._stopped(before)
        raise failure or SolverError(words.ANSWER_NOT_PROVED)

    def _proves(self, answer: Answer) -> bool:
        """Whether arithmetic alone shows that an answer is true."""
        m, whole = self.matrix, self.matrix.integer.any()
        if answer.status == OPTIMAL:
            return not whole and is_optimal(m, answer.values, answer.prices)
        if is_contradiction(m, answer.ray):
            return answer.status == INFEASIBLE
        if whole:
            relaxed = Live(replace(m, integer=np.zeros_like(m.integer)), presolve=False)
            return relaxed.checked().status == answer.status
        if answer.status == INFEASIBLE:
            from fte_alloc.lp.conflicts import contradict_by_prices

            return contradict_by_prices(m)
        gained = abs(Live(recession(m)).checked(has_optimum=True).objective)
        if gained <= TOUCH * float(np.abs(m.cost).max(initial=0.0)):
            return False
        return Live(replace(m, cost=np.zeros_like(m.cost))).checked().status == OPTIMAL

    def _is_possible(self, answer: Answer) -> bool:
        """Whether an answer in whole numbers is one at all: a plan that reaches its own bound."""
        if answer.status != OPTIMAL:
            return True
        apart = abs(answer.bound - answer.objective)
        agrees = apart <= 1e-6 * max(1.0, abs(answer.objective))
        return agrees and keeps(self.matrix, answer.values)

    def _stopped(self, answers: Sequence[Answer]) -> Answer:
        """The first plan there is, said to be stopped; if there is none, nothing."""
        kept = (answer for answer in answers if keeps(self.matrix, answer.values))
        nothing = Answer(STOPPED, np.nan, np.empty(0), np.empty(0), np.nan)
        return replace(next(kept, nothing), status=STOPPED)

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
        may = not self._plain and (self._presolve or m.integer.any())
        highs.setOptionValue("presolve", "choose" if may else "off")
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
        objective = float(m.cost @ values) + m.constant
        if m.integer.any():
            return Answer(word, objective, values, np.zeros(0), float(info.mip_dual_bound))
        if word == STOPPED:
            return Answer(word, objective, values, np.zeros(len(m.rows)), np.nan)
        prices = np.array(solution.row_dual) if m.columns else np.zeros(len(m.rows))
        return Answer(word, objective, values, prices, np.nan)


def _agree(one: Answer, other: Answer) -> bool:
    """Whether two answers say the same."""
    room = _SAME * max(1.0, abs(one.objective))
    return one.status == other.status and (
        one.status != OPTIMAL or abs(one.objective - other.objective) <= room
    )


def _solve_with_cbc(problem: Any, matrix: Matrix, time_limit_s: float | None) -> Answer:
    """CBC through PuLP: its own signs of prices are the problem's already."""
    import pulp
    from pulp.apis.coin_api import pulp_cbc_path

    problem.solve(pulp.COIN_CMD(path=pulp_cbc_path, msg=False, timeLimit=time_limit_s))
    said: Mapping[int, str] = {
        pulp.LpSolutionOptimal: OPTIMAL,
        pulp.LpSolutionInfeasible: INFEASIBLE,
        pulp.LpSolutionUnbounded: UNBOUNDED,
        pulp.LpSolutionIntegerFeasible: STOPPED,
        pulp.LpSolutionNoSolutionFound: STOPPED,
    }
    word = said[problem.sol_status]
    if word != OPTIMAL:
        return Answer(word, np.nan, np.empty(0), np.empty(0), np.nan)
    by_name = {v.name: v.varValue or 0.0 for v in problem.variables()}
    values = np.array([by_name[name] for name in matrix.columns])
    prices = np.array([c.pi or 0.0 for c in problem.constraints()])
    objective = float(matrix.cost @ values) + matrix.constant
    bound = objective if matrix.integer.any() else bound_of(matrix, prices)
    return Answer(word, objective, values, prices, bound)
