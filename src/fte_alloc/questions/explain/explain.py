"""Why a plan is what it is: what holds it, what one post more would bring, what would change it.

Every figure is found by solving again with one thing changed, or by judging posts on the true
curves; none is read off prices or tangents. Gains are in the unit of the plan's first stage, and
positive where it is served better.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fte_alloc.errors import InputError, Mistake, StoppedError
from fte_alloc.inputs.plans import PostCodes
from fte_alloc.language import _
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.explain.figures import WITHIN, View
from fte_alloc.questions.explain.what_if import WhatIf
from fte_alloc.questions.plan import Plan, solve

if TYPE_CHECKING:
    import pandas as pd

CSV_COLUMNS = (
    "territory",
    "name",
    "year",
    "new_facilitators_fte",
    "new_coordinators_fte",
    "last_post_fte",
    "last_post_gain",
    "next_post_fte",
    "next_post_gain",
    "unit",
    "stopped_by",
    "least_fte",
    "greatest_fte",
)


@dataclass(frozen=True, eq=False)
class Explanation:
    """A plan explained, for one territory or for all.

    document : ``fte-alloc/explanation/1``
    """

    plan: Plan
    document: Mapping[str, Any]

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of ``rows``."""
        return CSV_COLUMNS if self.document["territory"] is None else ("key", "value")

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """One row a territory; for one territory, one a figure."""
        if self.document["territory"] is not None:
            yield from _flat(self.document)
            return
        unit = self.document["objective"]["unit"]
        for row in self.document["territories"]:
            yield {**row, "year": self.document["year"], "unit": unit}

    @property
    def table(self) -> pd.DataFrame:
        """``rows`` as a table."""
        import pandas as pd

        return pd.DataFrame(self.rows(), columns=list(self.columns))


def explain(
    problem: Problem | Plan, territory: str | None = None, within: float = WITHIN
) -> Explanation:
    """Why a territory gets its posts, or with none named what decides the plan.

    territory : code or name, accents optional
    within : share of the first stage's objective that plans in the ranges may lose [1]

    Raises InputError for a territory the problem does not have, and what ``solve`` raises.
    """
    stated = problem.problem if isinstance(problem, Plan) else problem
    i = None if territory is None else stated.territories.index(territory_code(stated, territory))
    plan = problem if isinstance(problem, Plan) else solve(problem, priced=False)
    if plan.status != "optimal":
        raise StoppedError(_("the plan is not proved best; nothing is explained."))
    view = View(WhatIf(plan), within)
    return Explanation(plan, view.nation() if i is None else view.territory(i))


def territory_code(problem: Problem, text: str) -> str:
    """Code of a territory given by code or name.

    Raises InputError for a text that means none of them, or more than one.
    """
    codes = PostCodes.of(problem).territories
    code = codes.find(text)
    if code is None:
        model = problem.inputs.model if problem.inputs else _("this problem")
        what = _("no such territory in {model}{hint}").format(model=model, hint=codes.hint(text))
        raise InputError([Mistake(f"--territory {text}", what)])
    return code


def _flat(value: Any, key: str = "") -> Iterator[dict[str, Any]]:
    """Figures of a document by dotted key; the items of a list are numbered."""
    if isinstance(value, (Mapping, list)):
        for name, below in value.items() if isinstance(value, Mapping) else enumerate(value, 1):
            yield from _flat(below, f"{key}.{name}" if key else str(name))
    else:
        yield {"key": key, "value": value}
