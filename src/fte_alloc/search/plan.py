"""A plan: posts with the proof that no others are better, and its ``fte-alloc/plan/1`` document."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from fte_alloc.errors import InfeasibleError, InputError, Mistake, SolverError
from fte_alloc.language import _
from fte_alloc.names import NOTHING_LIMITS_POSTS, PLAN_FAILS_CHECK, ROLE_NAMES
from fte_alloc.programme.bound import Bounds
from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.stage_proof import StageProof
from fte_alloc.programme.statement import formulate
from fte_alloc.search.document import objective_unit, price_row, proved_document
from fte_alloc.search.prices import Price, PricedSearch

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Plan:
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

    @property
    def status_quo(self) -> Evaluation:
        """No new post: ``Problem.status_quo``."""
        return self.problem.status_quo

    @property
    def expected_contracts(self) -> float:
        """Contracts expected to carry a social consideration in the last year."""
        return float(self.evaluation.expected_contracts[:, -1].sum())

    @property
    def upper_bound(self) -> float | None:
        """Proved upper bound on the weighted objective; None unless ``coverage`` is first."""
        first = self.stages[0]
        return first.bound if first.objective == "coverage" else None

    @cached_property
    def document(self) -> dict[str, Any]:
        """The plan as a ``fte-alloc/plan/1`` document."""
        prices = [price_row(self.problem, price.limit, price.gains) for price in self.prices]
        return proved_document(
            self.evaluation, self.without_new_posts, self.status, prices, self.stages, self.reason
        )

    @property
    def posts(self) -> pd.DataFrame:
        """One row a post: territory, role, year and FTE in place, renewed and new."""
        import pandas as pd

        return pd.DataFrame(self.document["posts"])

    @property
    def territories(self) -> pd.DataFrame:
        """One row a territory and year: contracts, expected contracts, rate, weight."""
        import pandas as pd

        drop = ("by_segment", "held_by")
        rows = self.document["territories"]
        return pd.DataFrame([{k: v for k, v in r.items() if k not in drop} for r in rows])

    def beside(self, judged: Evaluation) -> dict[str, Any]:
        """What the document of another plan says of this one: ``optimum``, and its own ``loss``.

        A loss is told only where this plan is proved.
        """
        first = self.problem.stages[0]
        best = self.stages[0].bound if self.stages else None
        value, document = judged.objective(first.objective), self.document
        optimum = {
            "objective": first.objective,
            "unit": objective_unit(self.problem, first.objective),
            "judged": value,
            "value": self.stages[0].value
            if self.stages
            else self.evaluation.objective(first.objective),
            "bound": best,
            "expected_contracts": self.expected_contracts,
            "status": self.status,
            "reason": self.reason,
            "stages": [
                {key: figure for key, figure in stage.items() if key not in ("duals", "kept")}
                for stage in document["stages"][:1]
            ],
            "posts": [row for row in document["posts"] if row["year"] == document["years"][-1]],
        }
        loss = None
        if self.status == "optimal" and best is not None:
            loss = best - value if first.sense == "maximise" else value - best
        return {"optimum": optimum, "loss": loss}


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
        what = _(NOTHING_LIMITS_POSTS).format(role=_(ROLE_NAMES[role]), code=code)
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
