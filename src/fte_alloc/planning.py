"""Problem → Plan: searched, proved by two bounds, judged without a solver."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fte_alloc import words
from fte_alloc.bound import Bounds
from fte_alloc.errors import InfeasibleError, InputError, Mistake, SolverError
from fte_alloc.formulation import formulate
from fte_alloc.plan import Plan
from fte_alloc.pricing import PricedSearch
from fte_alloc.problem import Problem

if TYPE_CHECKING:
    pass


def solve(problem: Problem, time_limit_s: float | None = None, *, priced: bool = True) -> Plan:
    """The best plan of a problem, proved and judged.

    time_limit_s : stop after this long [s]; the plan is then ``stopped`` and not called best
    priced : whether the limits are priced, which takes as long as the plan

    Raises InputError where nothing limits the posts, InfeasibleError where no plan exists,
    StoppedError where time ran out before any plan was found, SolverError where the solver failed
    or its plan did not pass ``Problem.evaluate``.
    """
    open_ended = problem.unlimited()
    if open_ended:
        role, code = open_ended[0]
        what = words.NOTHING_LIMITS_POSTS.format(role=words.ROLES[role], code=code)
        raise InputError([Mistake("", what)])
    search = PricedSearch(problem, formulate(problem), time_limit_s)
    try:
        plan = search.run()
    except InfeasibleError as error:
        error.inputs = problem.inputs
        raise
    if plan.violations:
        if not search.proved:
            raise search.without_plan()
        raise SolverError(words.PLAN_FAILS_CHECK.format(violation=plan.violations[0].sentence()))
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
        raise SolverError(words.BOUNDS_DISAGREE)
    return Plan(
        problem,
        plan,
        "optimal" if search.proved else "stopped",
        tuple(proofs),
        search.prices() if search.proved and priced else (),
        problem.judge(*problem.zeros()),
        search.rounds,
        search.live.solver_s,
        search.reason,
    )
