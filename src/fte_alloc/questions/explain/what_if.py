"""A plan, and the best plans of its problem after one change.

Gains are positive where a stage of the plan improves, whether it is maximised or minimised.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from fte_alloc.errors import InfeasibleError
from fte_alloc.inputs.entries import Entry
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.data import COORDINATOR, FACILITATOR, ROLES, per_post
from fte_alloc.programme.limits import AT_LEAST, AT_MOST, FTE, NEW, OPENED, RATE, STATE, Limit
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.places import Place, place_lines
from fte_alloc.questions.plan import Plan, solve
from fte_alloc.questions.posts import moved_posts, post_rows

#: Tolerance within which a limit counts as reached: amount [FTE], share of other limits [1].
REACHED_FTE, REACHED_SHARE = 1e-4, 1e-6


class WhatIf:
    """A plan, and the best plans of its problem after one change.

    post_fte : size of one post: a step of facilitators; 1 where they are continuous [FTE]
    """

    def __init__(self, plan: Plan) -> None:
        self.plan, self.problem = plan, plan.problem
        self.post_fte = plan.problem.steps_fte[0] or 1.0
        self._judged = plan.problem.judge(*plan.evaluation.posts)
        self._known: dict[tuple[Limit, ...], Plan | None] = {}

    def posts(self, inside: Sequence[int], plan: Plan | None = None) -> float:
        """New facilitators of some territories in the last year [FTE]."""
        return float((plan or self.plan).evaluation.new_facilitators_fte[inside, -1].sum())

    def coordinators(self, i: int, plan: Plan | None = None) -> float:
        """New coordinators of the area of a territory in the last year [FTE]."""
        found = (plan or self.plan).evaluation.new_coordinators_fte
        return float(found[self.problem.area_of[i], -1])

    def gain(self, plan: Plan, number: int = 0) -> float:
        """Gain of another plan over this plan in stage *number*."""
        before, after = self.plan.stages[number], plan.stages[number]
        gain = after.in_plan - before.in_plan
        return gain if before.sense == "maximise" else -gain

    def alone(self, place: int, fte: float, role: str = FACILITATOR) -> float:
        """Gain in the first stage where one place has *fte* more posts of a role in every year.

        All other posts stay. The plan is judged on the true curves, even where it breaks limits.
        """
        stage, posts = self.plan.stages[0], list(map(np.copy, self.plan.evaluation.posts))
        there = posts[ROLES.index(role)][place]
        np.maximum(there + fte, 0.0, out=there)
        after, before = self.problem.judge(*posts), self._judged
        gain = after.objective(stage.objective) - before.objective(stage.objective)
        return gain if stage.sense == "maximise" else -gain

    def again(self, problem: Problem) -> Plan | None:
        """The best plan of a changed problem; None where no plan is proved best."""
        if problem.unlimited():
            return None
        try:
            plan = solve(problem, priced=False)
        except InfeasibleError:
            return None
        return plan if plan.status == "optimal" else None

    def limited(self, values: Mapping[Limit, float]) -> Plan | None:
        """The best plan with changed amounts of some limits; new limits are added."""
        limits = {limit.same: limit for limit in self.problem.limits}
        limits |= {limit.same: replace(limit, amount=fte) for limit, fte in values.items()}
        return self._with(limits.values())

    def without(self, *limits: Limit) -> Plan | None:
        """The best plan without some limits, which are dropped in all years."""
        lifted = {(limit.name, limit.code) for limit in limits}
        return self._with(li for li in self.problem.limits if (li.name, li.code) not in lifted)

    def _with(self, some: Iterable[Limit]) -> Plan | None:
        """The best plan with these limits alone, cached."""
        limits = tuple(some)
        if limits not in self._known:
            self._known[limits] = self.again(replace(self.problem, limits=limits))
        return self._known[limits]

    def with_more(self, more: Mapping[str, Floats | float]) -> Plan | None:
        """The best plan with national ceilings raised, by quantity; None if any falls below 0."""
        p = self.problem
        values = {
            li: li.amount + float(np.broadcast_to(more[li.quantity], len(p.years))[t])
            for li, t in p.dated
            if li.quantity in more and li.is_national(p.shape) and not li.is_floor
        }
        return None if any(amount < 0 for amount in values.values()) else self.limited(values)

    def forced(self, inside: Sequence[int], fte: float) -> tuple[Plan | None, dict[Limit, float]]:
        """The best plan with *fte* more facilitators in a territory or an area; fewer if below 0.

        In every year, their number is at least that of the last year plus *fte*, or at most if
        *fte* is below 0. Returns None without such a plan, and the relaxed limits' new amounts.

        inside : number of the territory, or numbers of all territories of the area
        """
        level, own, p = self.posts(inside) + fte, self.built_in_limits(inside), self.problem
        if fte > 0:
            lifted = self.room_for(inside, level)
        else:  # floors above this level are lowered to it
            floors = (li for li in own if li.is_floor and li.quantity == NEW)
            lifted = {li: level for li in floors if li.amount > level}
        sense = AT_LEAST if fte > 0 else AT_MOST
        where = tuple(inside)
        limits = (Limit("forced", NEW, where, (), year, sense, level, "") for year in p.years)
        wanted = dict.fromkeys(limits, level)
        plan = self.limited({**lifted, **wanted})
        rates = {li: 0.0 for li in own if li.quantity == RATE}
        if plan is None and fte < 0 and rates:
            lifted |= rates
            plan = self.limited({**lifted, **wanted})
        return plan, lifted

    def built_in_limits(self, inside: Sequence[int]) -> list[Limit]:
        """Built-in limits on the facilitators of a territory; none for an area of several."""
        where = tuple(inside)
        return [li for li in self.problem.limits if li.territories == where and li.code is not None]

    def room_for(self, inside: Sequence[int], level: float) -> dict[Limit, float]:
        """Ceilings of a territory too low for *level* facilitators, with the amounts needed.

        The posts are assumed in all years, so that all of them are opened in the first year.
        """
        own = [li for li in self.built_in_limits(inside) if not li.is_floor]
        if not own:
            return {}
        e = self.plan.evaluation
        x = np.zeros_like(e.new_facilitators_fte)
        x[inside] = level
        judged = self.problem.judge(x, e.new_coordinators_fte, 0.0 * e.effort_fte)
        needed = {limit: value for limit, value, _, _ in judged.limits()}
        short = {li.name for li in own if li.amount < needed[li]}
        return {
            li: max(needed[other] for other in own if other.name == li.name)
            for li in own
            if li.name in short
        }

    def most_facilitators_fte(self, i: int) -> float:
        """Most new facilitators that a territory's built-in limits allow in the last year [FTE].

        Partners' money is not considered: cheaper posts, as thresholds try them, need less of it.
        """
        own = [li for li in self.built_in_limits([i]) if not li.is_floor]
        grown = sum(li.amount for li in own if li.quantity == OPENED) or np.inf
        return min([grown, *(li.amount for li in own if li.quantity == NEW)])

    def reached_limits(self, i: int) -> list[Limit]:
        """Limits reached in some year, on a territory or its area but not on all territories."""
        p, a = self.problem, int(self.problem.area_of[i])
        found: dict[tuple[str, str | None], Limit] = {}
        for limit, value, most, slack in self.plan.evaluation.limits():
            here = i in limit.territories or a in limit.areas
            everywhere = len(limit.territories) == len(p.territories) > 1
            useless = not limit.territories and p.supports_fte * p.productivity_gain == 0
            if not here or everywhere or useless:
                continue
            near = REACHED_FTE if limit.unit is FTE else REACHED_SHARE * max(1.0, abs(most))
            if not limit.is_floor and p.in_steps:
                per = per_post(p, limit.quantity)[0][i, p.years.index(limit.year)]
                near = p.steps_fte[0] * float(per) - near
            if most - value <= max(near, slack):
                found[limit.name, limit.code] = limit
        return list(found.values())

    def national_limits(self) -> list[dict[str, Any]]:
        """Entries of national limits reached in the last year, with the inputs that set them."""
        p = self.problem
        return [
            {"constraint": limit.name, **self.set_by(limit.keys)}
            for limit, value, most, slack in self.plan.evaluation.limits()
            if limit.is_national(p.shape)
            and limit.year == p.years[-1]
            and most - value <= 10 * slack
        ]

    def is_coordinator_full(self, i: int) -> bool:
        """Whether facilitators of a territory's area are exactly as many as can be supported."""
        p, a = self.problem, self.problem.area_of[i]
        inside = np.flatnonzero(p.area_of == a).tolist()
        supply = p.fixed_facilitators_fte[inside].sum() + self.posts(inside)
        supported = p.supports_fte * (p.fixed_coordinators_fte[a] + self.coordinators(i))
        near = max(1e-3, p.steps_fte[0] / 2)
        return bool(p.productivity_gain > 0 and supported > 0 and abs(supply - supported) <= near)

    def moves(self, plan: Plan | None) -> list[dict[str, Any]] | None:
        """Rows of changes of new posts in the last year, per territory and per area of several.

        Rows are sorted by facilitators gained, rounded to a thousandth, the accuracy of posts.
        """
        if plan is None:
            return None
        last = self.problem.years[-1]
        changes = moved_posts(self.plan.evaluation, plan.evaluation).items()
        by = {(role, code): fte for (role, code, year), fte in changes if year == last}
        rows = []
        for line in self._lines():
            led = 0.0 if line.is_inside else by.get((COORDINATOR, line.area), 0.0)
            rows.append(
                {
                    "territory": line.territory,
                    "name": line.name,
                    "facilitators_fte": by.get((FACILITATOR, str(line.territory)), 0.0),
                    "coordinators_fte": led,
                    "area": line.area,
                }
            )
        return sorted(
            rows,
            key=lambda row: (-round(row["facilitators_fte"], 3), row["territory"] or row["area"]),
        )

    def areas(self) -> list[dict[str, Any]]:
        """Rows of areas of several territories: new posts in the last year by role."""
        rows = []
        for line in self._lines():
            if line.within:
                inside = [self.problem.territories.index(code) for code in line.within]
                rows.append(
                    {
                        "territory": None,
                        "name": line.name,
                        "new_facilitators_fte": self.posts(inside),
                        "new_coordinators_fte": self.coordinators(inside[0]),
                        "area": line.area,
                    }
                )
        return rows

    def _lines(self) -> list[Place]:
        return place_lines(post_rows(self.problem, self.problem.post_keys()))

    def entries(self, *heads: str) -> dict[str, Entry]:
        """Inputs with a value whose keys are some of *heads* or below them."""
        entries = self.problem.inputs.entries if self.problem.inputs else {}
        found = (key for key in entries if any(f"{key}.".startswith(f"{head}.") for head in heads))
        return {key: entries[key] for key in found if entries[key].value is not None}

    def set_by(self, keys: Sequence[str]) -> dict[str, Any]:
        """Entry ``set_by``: all inputs with a value at or below some keys, each with its origin."""
        return {
            "set_by": [
                {"key": key, "value": entry.value, "origin": entry.origin}
                for key, entry in self.entries(*keys).items()
            ]
        }

    def national(self, key: str, quantity: str, tranche: float) -> dict[str, Any] | None:
        """Entry of a national limit: use, gains of a *tranche* more and less; None if unlimited."""
        e, unit = self.plan.evaluation, "eur" if quantity == STATE else "fte"
        limit = float(self.problem.most_in_country(quantity)[-1])
        used = float((e.state_eur if quantity == STATE else e.used_fte)[-1])
        if not np.isfinite(limit):
            return None
        more, less = (self.with_more({quantity: change}) for change in (tranche, -tranche))
        return {
            f"limit_{unit}": limit,
            f"used_{unit}": used,
            **self.set_by([key]),
            f"tranche_{unit}": tranche,
            "next_gain": more and self.gain(more),
            "next_posts": self.moves(more),
            "last_gain": None if less is None else -self.gain(less),
        }
