"""The best plan of a problem as people use it: its figures, tables, and document."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.plan_document import objective_unit, price_row, proved_document
from fte_alloc.search import plan as search
from fte_alloc.search.plan import Solution

if TYPE_CHECKING:
    import pandas as pd


class Plan(Solution):
    """An allocation of posts with its proof, and what follows from it."""

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

    Raises what ``search.plan.solve`` raises.
    """
    return Plan(**vars(search.solve(problem, time_limit_s, priced=priced)))
