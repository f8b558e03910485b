"""The best plan of a problem: posts, with the proof that no others are better."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

from fte_alloc.errors import InfeasibleError, InputError, Mistake, SolverError
from fte_alloc.language import _
from fte_alloc.names import NOTHING_LIMITS_POSTS, PLAN_FAILS_CHECK, ROLE_NAMES
from fte_alloc.programme.bound import Bounds
from fte_alloc.programme.objectives import GAP, STEP_GAP, Stage, StageProof
from fte_alloc.programme.problem import Evaluation, Problem
from fte_alloc.programme.statement import formulate
from fte_alloc.programme.step_limits import step_limits
from fte_alloc.search.prices import Price, prices_of
from fte_alloc.search.rounds import RoundSearch
from fte_alloc.search.steps import best_in_steps


@dataclass(frozen=True, eq=False)
class Solution:
    """The best plan found for a problem: its evaluation, proofs of its stages, and prices.

    reason : why it is not proved best: ``time limit`` or ``rounds``; None where it is
    """

    problem: Problem
    evaluation: Evaluation
    stages: tuple[StageProof, ...]
    prices: tuple[Price, ...]
    rounds: int
    reason: str | None

    @property
    def status(self) -> str:
        """``optimal``, or ``stopped`` if time or rounds ran out before the gap was closed."""
        return "stopped" if self.reason else "optimal"


def best_plan(
    problem: Problem,
    time_limit_s: float | None = None,
    *,
    priced: bool = True,
    first_alone: bool = False,
) -> Solution:
    """The best plan of a problem, with its evaluation and the proof that it is optimal.

    time_limit_s : stop after this long [s]; the plan is then ``stopped`` and not called best
    priced : whether the limits are priced
    first_alone : whether only the first stage of a continuous plan is proved

    Raises InputError where nothing limits the posts, InfeasibleError where no plan exists,
    StoppedError where time ran out before any plan was found, SolverError where the solver failed
    or its plan did not pass ``Problem.evaluate``.
    """
    open_ended = problem.unlimited()
    if open_ended:
        role, code = open_ended[0]
        what = _(NOTHING_LIMITS_POSTS).format(role=_(ROLE_NAMES[role]), code=code)
        raise InputError([Mistake("", what)])
    if step_limits(problem) is not None and (
        found := _solution_from_step_tables(problem, time_limit_s, priced)
    ):
        return found
    search: RoundSearch[Evaluation] = RoundSearch(problem, formulate(problem), time_limit_s)
    search.first_alone = first_alone and not problem.in_steps
    try:
        plan = search.run()
    except InfeasibleError as error:
        error.inputs = problem.inputs
        raise
    if plan.violations and not search.proved:
        raise search.without_plan()
    proofs = [proof.within(plan.objective(proof.objective)) for proof in search.proofs]
    if not search.proved and not search.in_steps:  # exactly as ``verify`` computes it
        bounds = Bounds(problem)
        proved = [bounds.of_stage(n, proof.duals, proof.kept) for n, proof in enumerate(proofs)]
        proofs = [replace(proof, bound=of) for proof, of in zip(proofs, proved, strict=True)]
    found = Solution(problem, plan, tuple(proofs), (), search.rounds, search.reason)
    _check_solution(found)
    return replace(found, prices=prices_of(problem, search)) if priced and search.proved else found


def _check_solution(found: Solution) -> None:
    if found.evaluation.violations:
        broken = found.evaluation.violations[0].sentence()
        raise SolverError(_(PLAN_FAILS_CHECK).format(violation=broken))
    gaps = ((proof, STEP_GAP if proof.is_by_solver else GAP) for proof in found.stages)
    if not found.reason and any(proof.relative_gap > gap for proof, gap in gaps):
        raise SolverError(_("the two bounds of a stage do not agree"))


def _solution_from_step_tables(
    problem: Problem, time_limit_s: float | None, priced: bool
) -> Solution | None:
    found = best_in_steps(problem, time_limit_s)
    if found is None:
        return None
    plan, proofs, search = found
    if priced:
        first = Stage(problem.stages[0].objective)
        continuous = replace(problem.continuous(), stages=(first,))
        relaxed: RoundSearch[Evaluation] = RoundSearch(continuous, formulate(continuous), None)
        relaxed.run()
        bounds, prices = Bounds(problem), relaxed.proofs[0].duals
        duals = {row: prices.get(row, 0.0) for row in bounds.matrix.rows}
        bound = bounds.of_stage(0, duals)
        proofs[0] = replace(proofs[0], duals=duals, relaxation_bound=bound)
    proved = [*itertools.takewhile(lambda proof: proof.relative_gap <= GAP, proofs)]
    is_best = len(proved) == len(proofs)
    national = (one for one in problem.limits if one.is_national(problem.shape))
    solution = Solution(
        problem,
        plan,
        tuple(proofs[: len(proved) + 1]),  # the others are about plans that keep these
        tuple(Price(one, None, None) for one in national if is_best),
        search.rounds,
        None if is_best else search.reason,
    )
    _check_solution(solution)
    return solution
