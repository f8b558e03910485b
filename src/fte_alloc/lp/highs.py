"""A programme held in HiGHS, changed in place and solved again from the last basis.

Answers of HiGHS are not checked here; ``solving`` does that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from fte_alloc.errors import SolverError
from fte_alloc.language import _
from fte_alloc.lp.matrix import Floats, Integers, Matrix
from fte_alloc.names import ANSWER_NOT_PROVED

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

NO_LIMIT = 2**31 - 1
#: Tolerance of continuous programmes.
TIGHT = 1e-9
#: Coefficients up to this count as 0: by HiGHS's default, as the simplex method may stall on
#: smaller ones; and in further solves, where the first answer could not be proved.
SMALLEST, SMALLER = 1e-9, 1e-12
_MOST_IPM = 500
_SCALED, _AS_IT_IS = 1, 0
_DUAL_SIMPLEX, _PRIMAL_SIMPLEX = 1, 4  # simplex_strategy
_KINDS = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)


@dataclass(frozen=True)
class HighsOptions:
    """Options of a solve; where an answer cannot be proved, another solve has other options.

    tolerance : of whole numbers, by default that of HiGHS; for the continuous programmes within
        their search a tenth of it; programmes without whole numbers have ``TIGHT``
    """

    presolve: bool = True
    tolerance: float = 1e-6
    solver: str = "choose"


@dataclass(frozen=True, eq=False)
class HighsAnswer:
    """What a solver found, in the order of a ``Matrix``; arrays are empty without a solution.

    status : ``optimal``, ``infeasible`` or ``stopped``
    objective : value of ``values``, NaN without any; bound : bound on that of every solution
    prices : change of the objective per unit of right-hand side; none where columns must be whole
    ray : where there is no solution, prices of rows that prove this, if they are known
    proved : whether arithmetic proves the status; else two answers of the solver agree on it, one
        of them found without presolve
    """

    status: str
    objective: float = np.nan
    values: Floats = field(default_factory=lambda: np.empty(0))
    prices: Floats = field(default_factory=lambda: np.empty(0))
    bound: float = np.nan
    ray: Floats = field(default_factory=lambda: np.empty(0))
    proved: bool = False


class _SilentHighs(highspy.Highs):  # type: ignore[misc]  # highspy has no complete types
    """HiGHS that prints nothing on file descriptor 1.

    From 1.16 on, its constructor prints a banner as it enables callbacks, before options are set.
    """

    def enableCallbacks(self) -> None:  # noqa: N802
        """Switch the output off, then enable the callbacks as ``highspy.Highs`` does."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()


class HighsProgramme:
    """A programme in HiGHS.

    most_nodes : how many nodes a search for whole numbers may visit before it is ``stopped``
    perturbation : factor of the small random changes of costs that keep the dual simplex method
        from stalling; plans whose costs differ by less need further steps afterwards
    """

    way = HighsOptions()

    def __init__(
        self,
        matrix: Matrix,
        presolve: bool = True,
        most_nodes: int = NO_LIMIT,
        perturbation: float = 1.0,
    ) -> None:
        self.matrix, self._presolve, self.most_nodes = matrix, presolve, most_nodes
        self._start: highspy.HighsBasis | None = None
        self.highs, self._options = _SilentHighs(), dict[str, Any]()
        self._set(
            threads=1,
            mip_rel_gap=0.0,
            mip_abs_gap=0.0,
            mip_max_nodes=most_nodes,
            ipm_iteration_limit=_MOST_IPM,  # it may cycle for ever
            dual_simplex_cost_perturbation_multiplier=perturbation,
        )
        self.load(matrix)

    def _set(self, **options: Any) -> None:
        for option, value in options.items() - self._options.items():
            self.highs.setOptionValue(option, value)
        self._options |= options

    def load(self, matrix: Matrix, smallest: float = SMALLEST) -> None:
        """Load a programme into HiGHS, which treats coefficients up to *smallest* as 0."""
        self._set(small_matrix_value=smallest)
        sense = highspy.ObjSense.kMaximize if matrix.maximise else highspy.ObjSense.kMinimize
        self.highs.passModel(  # as arrays: a HighsLp takes ten times as long to fill
            len(matrix.columns),
            len(matrix.rows),
            len(matrix.value),
            int(highspy.MatrixFormat.kRowwise),
            int(sense),
            matrix.constant,
            matrix.cost,
            *matrix.whole_limits(),  # HiGHS requires whole ones on integers
            matrix.row_lower,
            matrix.row_upper,
            matrix.start,
            matrix.index,
            matrix.value,
            matrix.integer.astype(np.int32),
        )

    def set_objective(self, cost: Floats, constant: float, maximise: bool) -> None:
        """Set another objective over the same rows."""
        m = self.matrix
        m.cost, m.constant, m.maximise = cost, constant, maximise
        sense = highspy.ObjSense.kMaximize if maximise else highspy.ObjSense.kMinimize
        self.highs.changeObjectiveSense(sense)
        self.highs.changeObjectiveOffset(constant)
        self.highs.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)

    def set_row_limits(self, row: int, lower: float, upper: float) -> None:
        """Change the limits of one row."""
        self.matrix.row_lower[row], self.matrix.row_upper[row] = lower, upper
        self.highs.changeRowBounds(row, lower, upper)

    def set_integer(self, integer: NDArray[np.bool_]) -> None:
        """Set for each column whether it is an integer variable."""
        m = self.matrix
        changed = np.flatnonzero(m.integer != integer).astype(np.int32)
        m.integer = integer
        kinds = [_KINDS[int(integer[j])] for j in changed]
        self.highs.changeColsIntegrality(len(changed), changed, np.array(kinds))

    def set_column_limits(self, columns: Integers, lower: Floats, upper: Floats) -> None:
        """Change the limits of some columns."""
        self.matrix.lower[columns], self.matrix.upper[columns] = lower, upper
        at = columns.astype(np.int32)
        self.highs.changeColsBounds(len(at), at, lower, upper)

    def keep_basis(self) -> None:
        """Keep the present basis as the start of every programme that ``reload`` loads."""
        self._start = self.highs.getBasis()

    def reload(self, matrix: Matrix, order: Integers | None = None) -> None:
        """Load another programme, starting from the kept or else the present basis, if it fits.

        order : for each column, the previous column whose basis status it takes; −1: none
        """
        kept = self._start or self.highs.getBasis()
        self.matrix = matrix
        self.load(matrix)
        status = kept.col_status
        if order is not None:
            status = [*status, highspy.HighsBasisStatus.kLower]  # the last, −1, for none
            status = [status[j] for j in order.tolist()]
        if kept.valid and len(status) == len(matrix.columns):
            basis = highspy.HighsBasis()
            basis.col_status, basis.row_status, basis.valid = status, kept.row_status, True
            self.highs.setBasis(basis)

    def run(self, time_limit_s: float = np.inf) -> HighsAnswer:
        """Solve the programme with the options of ``way``; SolverError for any other outcome."""
        m, whole = self.matrix, bool(self.matrix.integer.any())
        # HiGHS misreads crossed limits, and calls every programme without variables empty.
        crossed = np.any(m.row_lower > m.row_upper) or np.any(m.lower > m.upper)
        if crossed or (not m.columns and np.any((m.row_lower > 0) | (m.row_upper < 0))):
            return HighsAnswer(INFEASIBLE)
        status = self._solved(time_limit_s, whole)
        if status not in _STATUS:
            raise SolverError(f"HiGHS: {self.highs.modelStatusToString(status)}")
        word = _STATUS[status]
        info, solution = self.highs.getInfo(), self.highs.getSolution()
        is_point = info.primal_solution_status == highspy.kSolutionStatusFeasible
        if word != OPTIMAL and not (word == STOPPED and is_point):
            if word != INFEASIBLE or whole:
                return HighsAnswer(word)
            __, known, entries = self.highs.getDualRay()
            return HighsAnswer(word, ray=np.array(entries if known else ()))
        values = np.array(solution.col_value)
        if len(values) != len(m.columns):
            raise SolverError(_(ANSWER_NOT_PROVED))
        objective = float(m.cost @ values) + m.constant
        if whole:
            return HighsAnswer(word, objective, values, bound=float(info.mip_dual_bound))
        known = word == OPTIMAL and m.columns
        prices = np.array(solution.row_dual) if known else np.zeros(len(m.rows))
        return HighsAnswer(word, objective, values, prices)

    def _run_interruptibly(self) -> None:
        """Run HiGHS in a thread of its own, so that Ctrl-C ends a search for whole numbers."""
        self.highs.HandleUserInterrupt = True
        self.highs.startSolve()
        try:
            while not self.highs.wait(0.1)[0]:
                pass
        except BaseException:
            self.highs.cancelSolve()
            while not self.highs.wait(0.1)[0]:
                pass
            raise
        finally:  # within ``run``, an interrupt of this thread would end the process
            self.highs.HandleUserInterrupt = False

    def _solved(self, time_limit_s: float, whole: bool) -> highspy.HighsModelStatus:
        """Run HiGHS until its status is one of ``_STATUS`` or all methods are tried; returns it."""
        m, highs, way = self.matrix, self.highs, self.way
        # On a very thin set of plans the simplex method may cycle.
        most = NO_LIMIT if whole else 2000 + 5 * (len(m.rows) + len(m.columns))
        self._set(
            time_limit=highs.getRunTime() + time_limit_s,
            simplex_iteration_limit=most,
            presolve="choose" if way.presolve and (self._presolve or whole) else "off",
            solver=way.solver,
            mip_feasibility_tolerance=way.tolerance,
            primal_feasibility_tolerance=way.tolerance / 10 if whole else TIGHT,
            dual_feasibility_tolerance=way.tolerance / 10 if whole else TIGHT,
        )
        self._run_interruptibly() if whole else highs.run()
        for option, value in (
            ("presolve", "off"),
            ("simplex_scale_strategy", _AS_IT_IS),
            ("simplex_strategy", _PRIMAL_SIMPLEX),
            ("solver", "ipm"),
        ):
            if highs.getModelStatus() in _STATUS:
                break
            # Undecided or ambiguous: solve from scratch, without presolve, without scaling (an
            # optimum that is scaled may break a limit by 5 unscaled), then by other methods.
            # (The dual simplex method may stop undecided on an unbounded programme.)
            highs.clearSolver()
            self._set(**{option: value})
            highs.run()
        self._set(solver="choose", simplex_strategy=_DUAL_SIMPLEX, simplex_scale_strategy=_SCALED)
        return highs.getModelStatus()
