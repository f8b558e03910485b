"""The best plan of a problem: posts, with the proof that no others are better."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

from fte_alloc.errors import InfeasibleError, InputError, Mistake, SolverError
from fte_alloc.language import _
from fte_alloc.names import NOTHING_LIMITS_POSTS, PLAN_FAILS_CHECK, ROLE_NAMES
from fte_alloc.programme.bound import Bounds
from fte_alloc.programme.data import Stage
from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.stage_proof import GAP, StageProof
from fte_alloc.programme.statement import formulate
from fte_alloc.programme.step_limits import step_limits
from fte_alloc.search.prices import Price, prices_of
from fte_alloc.search.rounds import Search
from fte_alloc.search.steps import best_in_steps


@dataclass(frozen=True, eq=False)
class Solution:
    """An allocation of posts, what follows from it, and its proof.

    status : ``optimal``, or ``stopped`` where a limit was reached before the bounds agreed
    without_new_posts : posts in place and renewed, their effort split for the first objective
    reason : why it is stopped: ``time limit`` or ``rounds``
    """

    problem: Problem
    evaluation: Evaluation
    status: str
    stages: tuple[StageProof, ...]
    prices: tuple[Price, ...]
    without_new_posts: Evaluation
    rounds: int
    solver_s: float
    reason: str | None = None


def solve(
    problem: Problem,
    time_limit_s: float | None = None,
    *,
    priced: bool = True,
    kind: type[Search[Evaluation]] = Search,
) -> Solution:
    """The best plan of a problem, proved and judged.

    time_limit_s : stop after this long [s]; the plan is then ``stopped`` and not called best
    priced : whether the limits are priced
    kind : of search, where tables do not serve

    Raises InputError where nothing limits the posts, InfeasibleError where no plan exists,
    StoppedError where time ran out before any plan was found, SolverError where the solver failed
    or its plan did not pass ``Problem.evaluate``.
    """
    open_ended = problem.unlimited()
    if open_ended:
        role, code = open_ended[0]
        what = _(NOTHING_LIMITS_POSTS).format(role=_(ROLE_NAMES[role]), code=code)
        raise InputError([Mistake("", what)])
    if step_limits(problem) is not None and (found := _from_tables(problem, time_limit_s, priced)):
        return found
    search = kind(problem, formulate(problem), time_limit_s)
    try:
        plan = search.run()
    except InfeasibleError as error:
        error.inputs = problem.inputs
        raise
    if plan.violations:
        if not search.proved:
            raise search.without_plan()
        raise SolverError(_(PLAN_FAILS_CHECK).format(violation=plan.violations[0].sentence()))
    proofs = [
        replace(
            proof,
            value=proof.value if proof.concede > 0 else plan.objective(proof.objective),
            in_plan=plan.objective(proof.objective),
        )
        for proof in search.proofs
    ]
    if not search.proved and not search.in_steps:  # to the last digit as ``verify`` has it
        bounds = Bounds(problem)
        proofs = [
            replace(proof, bound=bounds.of_stage(number, proof.duals, proof.kept))
            for number, proof in enumerate(proofs)
        ]
    if search.proved and any(proof.relative_gap > search.gap for proof in proofs):
        raise SolverError(_("the two bounds of a stage do not agree"))
    return Solution(
        problem,
        plan,
        "optimal" if search.proved else "stopped",
        tuple(proofs),
        prices_of(problem, search) if search.proved and priced else (),
        problem.judge(*problem.zeros()),
        search.rounds,
        search.live.solver_s,
        search.reason,
    )


def _from_tables(problem: Problem, time_limit_s: float | None, priced: bool) -> Solution | None:
    """The best plan in steps from tables of the areas; None where there is no plan."""
    found = best_in_steps(problem, time_limit_s)
    if found is None:
        return None
    plan, proofs, search = found
    if plan.violations:
        raise SolverError(_(PLAN_FAILS_CHECK).format(violation=plan.violations[0].sentence()))
    solver_s = 0.0
    if priced:
        first = Stage(problem.stages[0].objective)
        continuous = replace(problem.continuous(), stages=(first,))
        relaxed: Search[Evaluation] = Search(continuous, formulate(continuous), None)
        relaxed.run()
        bounds, prices = Bounds(problem), relaxed.proofs[0].duals
        duals = {row: prices.get(row, 0.0) for row in bounds.rows}
        bound = bounds.of_stage(0, duals)
        proofs[0] = replace(proofs[0], duals=duals, relaxation_bound=bound)
        solver_s = relaxed.live.solver_s
    proved = [*itertools.takewhile(lambda proof: proof.relative_gap <= GAP, proofs)]
    is_best = len(proved) == len(proofs)
    if not is_best and search.reason is None:
        raise SolverError(_("the two bounds of a stage do not agree"))
    national = (one for one in problem.limits if one.is_national(problem.shape))
    return Solution(
        problem,
        plan,
        "optimal" if is_best else "stopped",
        tuple(proofs[: len(proved) + 1]),  # what comes after is about plans that keep these
        tuple(Price(one, None, None) for one in national if is_best),
        problem.judge(*problem.zeros()),
        search.rounds,
        solver_s,
        None if is_best else search.reason,
    )
