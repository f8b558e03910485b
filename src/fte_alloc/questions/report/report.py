"""What a report is made of: the best plans, why each number is what it is, what differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from fte_alloc.questions.document_parts import Found, Progress, flat
from fte_alloc.questions.explain.explain import WITHIN, ExplanationFigures
from fte_alloc.questions.plan import Plan
from fte_alloc.questions.plan_document import evaluation_document
from fte_alloc.questions.results import Document


@dataclass(frozen=True)
class Report:
    """One scenario or several, the first of them the subject.

    plans : best plans, by name of their scenario
    before : the subject without new posts, as a document
    sheets : why each area gets its posts, by code; none where the plan is not proved
    """

    plans: Mapping[str, Plan]
    before: Document
    sheets: Mapping[str, Found] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        """The best plan of the first scenario."""
        return next(iter(self.plans.values()))


def report(plans: Sequence[Plan], progress: Progress | None = None) -> Report:
    """What is said of the best plans of one scenario or several.

    progress : called with how many of the areas are explained, and how many there are
    """
    plan, nothing = plans[0], plans[0].problem.status_quo
    before = evaluation_document(nothing, nothing)
    sheets = _explained(plan, progress) if plan.status == "optimal" else {}
    return Report({p.document["scenario"]: p for p in plans}, before, sheets)


def _explained(plan: Plan, progress: Progress | None) -> dict[str, Found]:
    """Why each area, or its one territory, gets its posts, by code of the area.

    Without the search for inputs that alone would give one post more: it takes most of the time.
    """
    figures, found = ExplanationFigures(plan, WITHIN, None), dict[str, Found]()
    figures.is_searching = False
    for a, code in enumerate(areas := plan.problem.areas):
        inside = np.flatnonzero(plan.problem.area_of == a).tolist()
        one = figures.territory(*inside) if len(inside) == 1 else figures.area(inside)
        found[code] = Found(plan.problem, one, ("key", "value"), list(flat(one)))
        if progress:
            progress(a + 1, len(areas))
    return found
