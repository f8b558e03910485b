"""What a report is made of: best plans, why each number is what it is, what differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fte_alloc.errors import FteAllocError
from fte_alloc.questions.answer import Sliders
from fte_alloc.questions.compare.compare import Comparison, named_apart
from fte_alloc.questions.document_parts import Found, Progress
from fte_alloc.questions.explain.explain import WITHIN, ExplanationFigures
from fte_alloc.questions.plan import Plan
from fte_alloc.questions.regret.regret import regret
from fte_alloc.questions.results import Document, side_of
from fte_alloc.questions.why.attribution import attributions

if TYPE_CHECKING:
    from fte_alloc.questions.regret.document import Regret


@dataclass(frozen=True)
class Report:
    """One scenario or several; the first is the subject, others are compared with it.

    plan : the best one of the subject
    sheets : why each area, or its one territory, gets its posts, by code; none where the plan is
        not proved
    comparison : of all plans, with the causes of their differences
    regret : the plan regretted least, or why there is none; None for one scenario
    sliders : inputs to be moved, if any
    shaded : the plan whose figures set the shades of maps, where that is not the subject's
    """

    plan: Plan
    sheets: Mapping[str, Found]
    comparison: Comparison
    regret: Regret | FteAllocError | None = None
    sliders: Sliders | None = None
    shaded: Document | None = None


def report(
    plans: Sequence[Plan], time_limit_s: float | None = None, progress: Progress | None = None
) -> Report:
    """What is said of the best plans of one scenario or several.

    time_limit_s : given to every further solve [s]
    progress : called with how many of the areas are explained, and how many there are
    """
    sides = named_apart([side_of(plan.document, plan.problem) for plan in plans])
    comparison = Comparison(sides, tuple(attributions(sides, time_limit_s=time_limit_s)))
    problems = {side.name: plan.problem for side, plan in zip(sides, plans, strict=True)}
    safest: Regret | FteAllocError | None = None
    try:
        safest = regret(problems, time_limit_s=time_limit_s) if len(plans) > 1 else None
    except FteAllocError as error:  # of other places or years, or no plan for all of them
        safest = error
    figures, sheets = ExplanationFigures(plans[0], WITHIN, None), dict[str, Found]()
    figures.is_searching = False  # it takes most of the time
    areas, area_of = plans[0].problem.areas, plans[0].problem.area_of
    for a, code in enumerate(areas if plans[0].status == "optimal" else ()):
        inside = np.flatnonzero(area_of == a).tolist()
        sheets[code] = Found(plans[0].problem, figures.place(inside), (), ())
        if progress:
            progress(a + 1, len(areas))
    return Report(plans[0], sheets, comparison, safest)
