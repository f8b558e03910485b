"""The explanation of a plan: what limits its posts, and what one post more would gain.

Every figure is found by solving again with one change, or by judging posts on the true curves.
Gains are in the unit of their stage, mostly the first, and positive where its objective improves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from fte_alloc.errors import StoppedError
from fte_alloc.inputs.limits import FAMILIES
from fte_alloc.inputs.load import ProblemLike, loaded_problem
from fte_alloc.language import _
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.limits import RATE, Limit
from fte_alloc.questions.document import Documented, Progress, document_coverage
from fte_alloc.questions.explain.ranges import PostRanges
from fte_alloc.questions.explain.thresholds import MOVED_INPUTS, threshold
from fte_alloc.questions.explain.what_if import WhatIf
from fte_alloc.questions.objectives_in_words import objective_unit
from fte_alloc.questions.places import typed_place_code
from fte_alloc.questions.plan import Plan, solve
from fte_alloc.questions.posts import moved_post_rows

FORMAT = "fte-alloc/explanation/4"
#: Default of *within*: share of the first objective that plans in the ranges may lose [1].
WITHIN = 0.001
#: Change of the State's budget whose gain is shown [EUR/yr].
TRANCHE_EUR = 10_000.0
#: Tolerances: of gains, as a share of the plan's value or of 1; of posts [FTE].
NO_GAIN, STAYS_FTE = 1e-8, 1e-3
#: Smallest change of a post that is listed [FTE].
MOVED_FTE = 0.005
CSV_COLUMNS = (
    *("territory", "name", "year", "new_facilitators_fte", "new_coordinators_fte"),
    *("last_post_fte", "last_post_gain", "next_post_gain", "unit"),
    *("stopped_by", "least_fte", "greatest_fte", "area"),
)


class Explanation(Documented):
    """The explanation of a plan, or of the posts of a territory or an area."""


def explain(
    problem: ProblemLike | Plan,
    territory: str | None = None,
    within: float = WITHIN,
    *,
    area: str | None = None,
    progress: Progress | None = None,
) -> Explanation:
    """Explain the posts of a territory or an area or, if neither is named, the whole plan.

    territory, area : code or name of the place to explain, accents optional
    within : share of the first stage's objective that plans in the ranges may lose [1]
    progress : called with the number of territories done and their total; for a single territory,
        with those of inputs searched

    The document is a ``fte-alloc/explanation/4``. The table has a row per area of several
    territories and per territory; for a named place, a row per figure.

    Raises InputError for an unknown place, StoppedError for an unproved plan, and what ``solve``
    raises.
    """
    stated = problem.problem if isinstance(problem, Plan) else loaded_problem(problem)
    inside: list[int] = []
    if area is not None:
        a = stated.areas.index(typed_place_code(stated, "area", area))
        inside = np.flatnonzero(stated.area_of == a).tolist()
    elif territory is not None:
        inside = [stated.territories.index(typed_place_code(stated, "territory", territory))]
    plan = problem if isinstance(problem, Plan) else solve(stated, priced=False)
    if plan.status != "optimal":
        raise StoppedError(_("the plan is not proved best; nothing is explained."))
    figures = ExplanationFigures(plan, within, progress)
    if inside:
        document = figures.place_document(inside)
        return Explanation(stated, document, ("key", "value"), list(explanation_rows(document)))
    document = figures.national_document()
    alike = {"year": document["year"], "unit": document["objective"]["unit"]}
    rows = (*document["areas"], *document["territories"])
    return Explanation(stated, document, CSV_COLUMNS, [row | alike for row in rows])


def explanation_rows(value: Any, key: str = "") -> Iterator[dict[str, Any]]:
    """Rows of ``key`` and ``value`` for all figures of an explanation; list items count from 1."""
    if isinstance(value, (Mapping, list)):
        for name, below in value.items() if isinstance(value, Mapping) else enumerate(value, 1):
            yield from explanation_rows(below, f"{key}.{name}" if key else str(name))
    else:
        yield {"key": key, "value": value}


class ExplanationFigures(WhatIf):
    """The figures of an explanation, found by solving changed problems.

    is_searching : whether to search the value of each input that alone gives one post more
    """

    is_searching = True

    def __init__(self, plan: Plan, within: float, progress: Progress | None) -> None:
        super().__init__(plan)
        self.within, self.ranges, self.progress = within, PostRanges(plan, within), progress

    def _head(self, territory: str | None) -> dict[str, Any]:
        p, first, inputs = self.problem, self.plan.stages[0], self.problem.inputs
        return {
            "format": FORMAT,
            "scenario": inputs.label if inputs else "",
            "title": inputs.title if inputs else "",
            "territory": territory,
            "territory_kind": inputs.territory if inputs else "territory",
            "year": p.years[-1],
            "years": list(p.years),
            "objective": {
                "objective": first.objective,
                "sense": first.sense,
                "unit": objective_unit(p, first.objective),
                "value": first.in_plan,
                "expected_contracts": self.plan.expected_contracts,
                "concede": first.concede,
                "by_solver": first.is_by_solver,
            },
            "post_fte": self.post_fte,
            "step_fte": p.least_step_fte,
            "within_share": self.within,
        }

    def national_document(self) -> dict[str, Any]:
        """The document that explains the plan as a whole."""
        p, e = self.problem, self.plan.evaluation
        every = range(len(p.territories))
        by_area = [np.flatnonzero(p.area_of == a).tolist() for a in range(len(p.areas))]
        return {
            **self._head(None),
            "budget": self._national_limit("budget", e.state_eur, TRANCHE_EUR),
            "cap": self._national_limit("cap", e.used_fte, self.post_fte),
            "next_facilitator": self._next_facilitator(every),
            "territories": self._rows(every),
            "areas": [
                {
                    "territory": None,
                    "name": p.area_names[a],
                    "new_facilitators_fte": self.posts(by_area[a]),
                    "new_coordinators_fte": self.coordinators(by_area[a][0]),
                    "area": p.areas[a],
                }
                for a in sorted(range(len(p.areas)), key=p.areas.__getitem__)
                if len(by_area[a]) > 1
            ],
        }

    def place_document(self, inside: Sequence[int]) -> dict[str, Any]:
        """Explanation document of a territory or an area; *inside*: indices of its territories."""
        p, e, i, posts = self.problem, self.plan.evaluation, inside[0], self.posts(inside)
        is_one = len(inside) == 1
        reached = (limit for j in inside for limit in self.reached_limits(j))
        limits = [li for li in dict.fromkeys(reached) if is_one or len(li.territories) != 1]
        return {
            **self._head(p.territories[i] if is_one else None),
            "name": p.territory_names[i] if is_one else p.area_names[p.area_of[i]],
            "area": p.areas[p.area_of[i]],
            "existing_facilitators_fte": float(p.existing_facilitators_fte[inside].sum()),
            "committed_facilitators_fte": float(p.committed_facilitators_fte[inside].sum()),
            "new_facilitators_fte": posts,
            **document_coverage(
                p.contracts_per_year[inside, -1].sum(), e.expected_contracts[inside, -1].sum()
            ),
            "coordinator": {
                "new_coordinators_fte": self.coordinators(i),
                "fixed_coordinators_fte": float(p.fixed_coordinators_fte[p.area_of[i]]),
                "supports_fte": float(p.supports_fte),
            },
            "last_post": self._post(inside, -self.post_fte) if posts > STAYS_FTE else None,
            "next_post": self._post(inside, self.post_fte),
            "limits": [self._limit(inside, limit) for limit in limits],
            "national_limits": [
                {"constraint": limit.name, "set_by": self._set_by(*limit.keys)}
                for limit, value, most, slack in e.limits()
                if limit.is_national(p.shape)
                and limit.year == p.years[-1]
                and most - value <= 10 * slack
            ],
            "next_facilitator": self._next_facilitator(inside),
            "territories": self._rows(inside),
            **({"one_more": self._one_more(i)} if is_one else {}),
        }

    def _post(self, inside: Sequence[int], fte: float) -> dict[str, Any]:
        """Entry of the gain from *fte* more posts (fewer if negative), all others reoptimised."""
        fte = max(fte, -self.posts(inside))
        plan, moved = self.forced(inside, fte)
        change = None if plan is None else self.gain(plan)
        here = elsewhere = None
        if len(inside) == 1:
            sign, alone = (1.0 if fte > 0 else -1.0), self.gain_alone(inside[0], fte)
            here = sign * alone
            # A stage that concedes is held at a share of its optimum, not at the plan's value.
            if change is not None and self.plan.stages[0].concede == 0:
                elsewhere = sign * (alone - change)
        return {
            "fte": abs(fte),
            "gain_here": here,
            "gain_elsewhere": elsewhere,
            "change_of_plan": change,
            "limits_given_way": [
                {"constraint": li.name, "unit": _limit_unit(li), "from": li.amount, "to": value}
                for li, value in {limit.name: (limit, to) for limit, to in moved.items()}.values()
            ],
            "stages": plan
            and [
                {
                    "objective": stage.objective,
                    "unit": objective_unit(self.problem, stage.objective),
                    "gain": self.gain(plan, number),
                }
                for number, stage in enumerate(self.plan.stages)
            ],
        }

    def _national_limit(self, name: str, used: Floats, tranche: float) -> dict[str, Any] | None:
        """Entry of budget or cap: use, gains of a *tranche* more and less; None if unlimited."""
        unit = "eur" if name == "budget" else "fte"
        limit = float(self.problem.most_in_country(name)[-1])
        if not np.isfinite(limit):
            return None
        more, less = (self.with_more({name: change}) for change in (tranche, -tranche))
        return {
            f"limit_{unit}": limit,
            f"used_{unit}": float(used[-1]),
            "set_by": self._set_by(FAMILIES[name].key),
            f"tranche_{unit}": tranche,
            "next_gain": more and self.gain(more),
            "last_gain": less and -self.gain(less),
        }

    def _set_by(self, *keys: str) -> list[dict[str, Any]]:
        """Key, value and origin of every input other than None at or below some dotted keys."""
        return [
            {"key": key, "value": entry.value, "origin": entry.origin}
            for key, entry in self.entries(*keys).items()
        ]

    def _stopped_by(self, i: int) -> str:
        """Why a territory gets no more posts: a limit's name, or another key of ``STOPPED_BY``.

        Reached ceilings are the reason only if the territory gets more posts without them, reached
        floors only if it gets fewer.
        """
        reached, posts = self.reached_limits(i), self.posts([i])
        for sign in (1.0, -1.0):
            wanted = [li for li in reached if li.territories and li.is_floor == (sign < 0)]
            free = self.without(*wanted) if wanted else None
            if wanted and (free is None or sign * (self.posts([i], free) - posts) > STAYS_FTE):
                return wanted[0].name
        nothing = NO_GAIN * max(1.0, abs(self.plan.stages[0].in_plan))
        if len(self.plan.stages) > 1 and self.gain_alone(i, self.post_fte) <= nothing:
            return "later"
        if posts <= STAYS_FTE:
            return "worth_less"
        return "coordinator" if "span" in self.plan.evaluation.held_by(-1)[i] else "elsewhere"

    def _limit(self, inside: Sequence[int], limit: Limit) -> dict[str, Any]:
        """Entry of a limit that a territory or an area has reached, and of the plan without it."""
        free = self.without(limit)
        return {
            "constraint": limit.name,
            "limit": limit.amount,
            "unit": _limit_unit(limit),
            "set_by": self._set_by(*limit.keys),
            "gain_without": free and self.gain(free),
            "new_facilitators_without_fte": free and self.posts(inside, free),
            "new_coordinators_without_fte": free and self.coordinators(inside[0], free),
        }

    def _one_more(self, i: int) -> dict[str, Any]:
        """Entry of the values of ``MOVED_INPUTS`` from which a territory gets one post more."""
        wanted, changes = self.posts([i]) + self.post_fte, list[dict[str, Any]]()
        held = self.most_facilitators_fte(i) < wanted - STAYS_FTE
        searched = self.is_searching and not self.problem.in_steps and not held
        for moved in MOVED_INPUTS if searched else ():
            changes.append(threshold(self, i, moved))
            if self.progress:
                self.progress(len(changes), len(MOVED_INPUTS))
        return {"new_facilitators_fte": wanted, "changes": changes}

    def _next_facilitator(self, inside: Sequence[int]) -> dict[str, Any]:
        """Entry of the plan with cap and budget for one more post, at the highest local grant."""
        grant = (self.problem.grant_eur_per_fte[0] * self.post_fte)[inside].max(axis=0)
        plan = self.with_more({"budget": grant, "cap": self.post_fte})
        before, year = self.plan.evaluation, self.problem.years[-1]
        moved = moved_post_rows(before, plan.evaluation, MOVED_FTE) if plan else []
        return {
            "fte": self.post_fte,
            "state_eur": float(grant[-1]),
            "gain": plan and self.gain(plan),
            # Posts are known to a thousandth, so that closer changes are in the order of places.
            "posts": sorted(
                (post for post in moved if post["year"] == year),
                key=lambda post: -round(post["change_fte"], 3),
            ),
        }

    def _rows(self, inside: Sequence[int]) -> list[dict[str, Any]]:
        p, rows = self.problem, list[dict[str, Any]]()
        for i in inside:
            posts = self.posts([i])
            taken = min(self.post_fte, posts) if posts > STAYS_FTE else None
            least, greatest = self.ranges.ends(p.territories[i])
            rows.append(
                {
                    "territory": p.territories[i],
                    "name": p.territory_names[i],
                    "new_facilitators_fte": posts,
                    "new_coordinators_fte": self.coordinators(i) if p.alone_in_area[i] else 0.0,
                    "last_post_fte": taken,
                    "last_post_gain": None if taken is None else -self.gain_alone(i, -taken),
                    "next_post_gain": self.gain_alone(i, self.post_fte),
                    "stopped_by": self._stopped_by(i),
                    "least_fte": least,
                    "greatest_fte": greatest,
                    "area": p.areas[p.area_of[i]],
                }
            )
            if self.progress and len(inside) > 1:
                self.progress(len(rows), len(inside))
        return rows


def _limit_unit(limit: Limit) -> str:
    return "rate" if limit.quantity == RATE else limit.unit.name
