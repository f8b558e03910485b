"""The only door to a solver.

``solve`` answers any ``pulp.LpProblem`` in its own words: statuses from the solver itself, nothing
read before a status is proved, prices in the problem's own sense. ``Live`` keeps a model inside
HiGHS, where changed limits, costs and pieces are solved again from the last basis.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from fte_alloc.errors import SolverError
from fte_alloc.lp.certificate import bound_of
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
    """An ``Outcome`` as arrays in the order of a ``Matrix``; empty unless values were found."""

    status: str
    objective: float
    values: Floats
    prices: Floats
    bound: float


def solve(problem: Any, solver: str = "highs", time_limit_s: float | None = None) -> Outcome:
    """Solve a ``pulp.LpProblem``.

    solver : ``highs`` (in process) or ``cbc`` (a second opinion; its version inside PuLP is old)
    time_limit_s : stop after this long; the status is then ``stopped``, never ``optimal``

    Raises SolverError where the solver fails.
    """
    matrix = Matrix.of(problem)
    if solver == "highs":
        live = Live(matrix)
        answer = live.run(time_limit_s)
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
        self.matrix, self._presolve = matrix, presolve
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
        return self.run()

    def run(self, time_limit_s: float | None = None) -> Answer:
        """Solve the model as it stands now.

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
        presolve = "choose" if self._presolve or m.integer.any() else "off"
        highs.setOptionValue("presolve", presolve)
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
            return Answer(word, np.nan, np.empty(0), np.empty(0), np.nan)
        values = np.array(solution.col_value)
        objective = float(m.cost @ values) + m.constant
        if m.integer.any():
            return Answer(word, objective, values, np.zeros(0), float(info.mip_dual_bound))
        if word == STOPPED:
            return Answer(word, objective, values, np.zeros(len(m.rows)), np.nan)
        prices = np.array(solution.row_dual)
        return Answer(word, objective, values, prices, np.nan)


def _solve_with_cbc(problem: Any, matrix: Matrix, time_limit_s: float | None) -> Answer:
    """CBC through PuLP: its own signs of prices are the problem's already."""
    import pulp
    from pulp.apis.coin_api import pulp_cbc_path

    problem.solve(pulp.COIN_CMD(path=pulp_cbc_path, msg=False, timeLimit=time_limit_s))
    words: Mapping[int, str] = {
        pulp.LpSolutionOptimal: OPTIMAL,
        pulp.LpSolutionInfeasible: INFEASIBLE,
        pulp.LpSolutionUnbounded: UNBOUNDED,
        pulp.LpSolutionIntegerFeasible: STOPPED,
        pulp.LpSolutionNoSolutionFound: STOPPED,
    }
    word = words[problem.sol_status]
    if word != OPTIMAL:
        return Answer(word, np.nan, np.empty(0), np.empty(0), np.nan)
    by_name = {v.name: v.varValue or 0.0 for v in problem.variables()}
    values = np.array([by_name[name] for name in matrix.columns])
    prices = np.array([c.pi or 0.0 for c in problem.constraints()])
    objective = float(matrix.cost @ values) + matrix.constant
    bound = objective if matrix.integer.any() else bound_of(matrix, prices)
    return Answer(word, objective, values, prices, bound)
