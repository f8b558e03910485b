"""Plans, solved or read from a file: their figures, tables, pictures and document."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fte_alloc.errors import InfeasibleError, mistaken
from fte_alloc.inputs.load import ProblemLike, loaded_problem
from fte_alloc.inputs.plan_files import read_plan
from fte_alloc.language import _
from fte_alloc.programme.problem import Evaluation
from fte_alloc.questions.document import last_year_rows
from fte_alloc.questions.objectives_in_words import objective_unit
from fte_alloc.questions.plan_document import (
    document_price,
    evaluation_document,
    proved_plan_document,
)
from fte_alloc.search import best_plan as search
from fte_alloc.search.best_plan import Solution
from fte_alloc.shown import Tables

if TYPE_CHECKING:
    import pandas as pd

    from fte_alloc.questions.answer import Bars, Map


class AnyPlan(Tables):
    """Figures, tables and pictures of a plan, taken from its document."""

    document: dict[str, Any]

    @property
    def expected_contracts(self) -> float:
        """Contracts expected to carry a social consideration in the last year."""
        return float(self.document["coverage"]["expected_contracts"])

    @property
    def upper_bound(self) -> float | None:
        """Proved upper bound on the weighted objective; None unless ``coverage`` is first."""
        bound = self.document["coverage"]["upper_bound"]
        return None if bound is None else float(bound)

    @property
    def posts(self) -> pd.DataFrame:
        """One row per post: territory, role, year and FTE in place, renewed and new."""
        import pandas as pd

        return pd.DataFrame(self.document["posts"])

    def _documents_to_draw(self) -> dict[str, dict[str, Any]]:
        """Documents that pictures show, by heading."""
        return {_("best plan"): self.document}

    def map(self, figure: str = "rate") -> Map:
        """Areas shaded by ``rate`` or ``posts``; for a solved plan, also without new posts.

        Raises InputError for any other figure, and where an area has no outline.
        """
        from fte_alloc.questions.report.charts import area_map, charted_areas

        plans = {
            name: charted_areas(document) for name, document in self._documents_to_draw().items()
        }
        found = area_map(figure, self.document, plans)
        if found is None:
            text = _("No map: not every area of this model is a region whose outline is known.")
            raise mistaken("", text)
        return found

    def chart(self, figure: str = "posts") -> Bars:
        """Bars of ``posts`` or ``rate`` by area; for a solved plan, also without new posts.

        Raises InputError for any other figure.
        """
        from fte_alloc.questions.report.charts import bars, charted_areas

        return bars(
            figure, {name: charted_areas(of) for name, of in self._documents_to_draw().items()}
        )


@dataclass(frozen=True, eq=False, repr=False)
class SavedPlan(AnyPlan):
    """A plan read from a file; its document may be of an earlier version."""

    document: dict[str, Any]

    @property
    def status(self) -> str:
        """``optimal``, or ``stopped`` where it is not proved best."""
        return str(self.document["status"])


class Plan(AnyPlan, Solution):
    """The best plan of a problem with its proof, its figures and its document."""

    @cached_property
    def document(self) -> dict[str, Any]:  # type: ignore[override]
        """The plan as a ``fte-alloc/plan/1`` document."""
        prices = [document_price(self.problem, price.limit, price.gains) for price in self.prices]
        return proved_plan_document(self.evaluation, self.status, prices, self.stages, self.reason)

    def _documents_to_draw(self) -> dict[str, dict[str, Any]]:
        nothing = evaluation_document(self.problem.status_quo)
        return {_("no new post"): nothing, **super()._documents_to_draw()}

    def optimum_and_loss(self, judged: Evaluation) -> dict[str, Any]:
        """Keys ``optimum`` and ``loss``, the distance from a proved bound, for other posts."""
        first, document = self.problem.stages[0], self.document
        value = judged.objective(first.objective)
        best = self.stages[0] if self.stages else None
        optimum = {
            "objective": first.objective,
            "unit": objective_unit(self.problem, first.objective),
            "judged": value,
            "value": best.value if best else self.evaluation.objective(first.objective),
            "bound": best and best.bound,
            "expected_contracts": self.expected_contracts,
            "status": self.status,
            "reason": self.reason,
            "stages": [
                {key: figure for key, figure in stage.items() if key not in ("duals", "kept")}
                for stage in document["stages"][:1]
            ],
            "posts": last_year_rows(document, "posts"),
        }
        loss = None
        if best and self.status == "optimal":
            loss = best.bound - value if first.sense == "maximise" else value - best.bound
        return {"optimum": optimum, "loss": loss}


def read(path: str | os.PathLike[str]) -> SavedPlan:
    """A plan saved by ``Plan.save`` or ``fte-alloc solve … --out PLAN.json``.

    Raises InputError where the file cannot be read or is not a plan.
    """
    return SavedPlan(read_plan(Path(path)))


def solve(
    problem: ProblemLike,
    time_limit_s: float | None = None,
    *,
    overrides: Mapping[str, Any] | None = None,
    priced: bool = True,
) -> Plan:
    """The best plan of a problem, with its evaluation and the proof that it is optimal.

    problem : the problem, or the name or path of its scenario
    overrides : values by dotted key for a scenario given by name, as in ``load``
    time_limit_s : time limit [s]; the plan found by then has status ``stopped``
    priced : whether prices of limits are computed, which takes as long as the search

    Raises InputError, InfeasibleError where no plan exists, SolverError where the solver failed.
    """
    problem = loaded_problem(problem, overrides)
    try:
        return Plan(**vars(search.best_plan(problem, time_limit_s, priced=priced)))
    except InfeasibleError as error:
        from fte_alloc.questions.infeasible.diagnose import diagnose

        error.diagnose = lambda: diagnose(problem).document
        error.add_note(_("error.conflict and error.repairs say why, and what would help."))
        raise
