"""The contents of a report: best plans, explanations of posts, differences between plans."""

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
    """Contents of a report on one scenario or several; later ones are compared with the first.

    plan : best plan of the first scenario
    sheets : explanation of each area, or of its one territory, by code of the area; none where the
        plan is not proved
    comparison : all plans, with the causes of their differences
    regret : the plan with the least regret, or the error that leaves none; None for one scenario
    sliders : sliders of inputs, if any
    shaded : for a plan of sliders, document of the scenario's own plan, which sets shades of maps
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
    """Gather the contents of a report on the best plans of one scenario or several.

    time_limit_s : limit of every further solve [s]
    progress : called with the number of areas explained, and the number of all areas
    """
    sides = named_apart([side_of(plan.document, plan.problem) for plan in plans])
    comparison = Comparison(sides, tuple(attributions(sides, time_limit_s=time_limit_s)))
    problems = {side.name: plan.problem for side, plan in zip(sides, plans, strict=True)}
    safest: Regret | FteAllocError | None = None
    try:
        safest = regret(problems, time_limit_s=time_limit_s) if len(plans) > 1 else None
    except FteAllocError as error:  # other places or years, or no plan is possible in all
        safest = error
    figures, sheets = ExplanationFigures(plans[0], WITHIN, None), dict[str, Found]()
    figures.is_searching = False  # the search would take most of the time
    areas, area_of = plans[0].problem.areas, plans[0].problem.area_of
    for a, code in enumerate(areas if plans[0].status == "optimal" else ()):
        inside = np.flatnonzero(area_of == a).tolist()
        sheets[code] = Found(plans[0].problem, figures.place(inside), (), ())
        if progress:
            progress(a + 1, len(areas))
    return Report(plans[0], sheets, comparison, safest)
