"""A plan, and the best plans of its problem after one change.

Gains are positive where a stage of the plan improves, whether it is maximised or minimised.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np

from fte_alloc.errors import InfeasibleError
from fte_alloc.inputs.entries import Entry
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.data import per_post
from fte_alloc.programme.limits import AT_LEAST, AT_MOST, FTE, NEW, OPENED, RATE, Limit
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.plan import Plan, solve

#: Tolerance within which a limit counts as reached: amount [FTE], share of other limits [1].
REACHED_FTE, REACHED_SHARE = 1e-4, 1e-6


class WhatIf:
    """The best plans of a plan's problem after one change, and their gains over it.

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
        sign = 1.0 if before.sense == "maximise" else -1.0
        return sign * (after.in_plan - before.in_plan)

    def gain_alone(self, i: int, fte: float) -> float:
        """Gain in the first stage where a territory has *fte* more facilitators in every year.

        All other posts stay. The plan is judged on the true curves, even where it breaks limits.
        """
        stage, (x, z) = self.plan.stages[0], map(np.copy, self.plan.evaluation.posts)
        x[i] = np.maximum(x[i] + fte, 0.0)
        after, before = self.problem.judge(x, z), self._judged
        gain = after.objective(stage.objective) - before.objective(stage.objective)
        return gain if stage.sense == "maximise" else -gain

    def best_plan_of(self, problem: Problem) -> Plan | None:
        """The best plan of a changed problem; None where no plan is proved best."""
        with suppress(InfeasibleError):
            plan = None if problem.unlimited() else solve(problem, priced=False)
            return plan if plan and plan.status == "optimal" else None
        return None

    def with_limits(self, values: Mapping[Limit, float]) -> Plan | None:
        """The best plan with changed amounts of some limits; new limits are added."""
        limits = {limit.key_without_amount: limit for limit in self.problem.limits}
        limits |= {
            limit.key_without_amount: replace(limit, amount=fte) for limit, fte in values.items()
        }
        return self._with(limits.values())

    def without(self, *limits: Limit) -> Plan | None:
        """The best plan without some limits, which are dropped in all years."""
        lifted = {(limit.name, limit.code) for limit in limits}
        return self._with(li for li in self.problem.limits if (li.name, li.code) not in lifted)

    def _with(self, some: Iterable[Limit]) -> Plan | None:
        """The best plan of the problem with its limits replaced by *some*; results are cached."""
        limits = tuple(some)
        if limits not in self._known:
            self._known[limits] = self.best_plan_of(replace(self.problem, limits=limits))
        return self._known[limits]

    def with_more(self, more: Mapping[str, Floats | float]) -> Plan | None:
        """The best plan after cap or budget rise by *more*; None if one would fall below 0."""
        p = self.problem
        values = {
            li: li.amount + float(np.broadcast_to(more[li.name], len(p.years))[t])
            for li, t in p.limits_with_year
            if li.name in more
        }
        return None if any(amount < 0 for amount in values.values()) else self.with_limits(values)

    def forced(self, inside: Sequence[int], fte: float) -> tuple[Plan | None, dict[Limit, float]]:
        """The best plan with *fte* more facilitators in a territory or an area; fewer if below 0.

        In every year, their number is at least that of the last year plus *fte*, or at most if
        *fte* is below 0. The territory's own limits that such posts would break are moved just as
        far, a least rate to 0; they are returned with their new amounts. The plan is None where
        there is none.
        """
        p, level, where = self.problem, self.posts(inside) + fte, tuple(inside)
        x, z = map(np.copy, self.plan.evaluation.posts)
        x[inside] = level
        moved = {
            limit: 0.0 if limit.quantity == RATE else abs(value)
            for limit, value, most, slack in p.judge(x, z).limits()
            if limit.territories == where and limit.code is not None and value > most + slack
        }
        sense = AT_LEAST if fte > 0 else AT_MOST
        limits = (Limit("forced", NEW, where, (), year, sense, level, "") for year in p.years)
        return self.with_limits(moved | dict.fromkeys(limits, level)), moved

    def most_facilitators_fte(self, i: int) -> float:
        """Most new facilitators that a territory's built-in limits allow in the last year [FTE].

        Partners' money is not considered: cheaper posts, as thresholds try them, need less of it.
        """
        most: dict[str, list[float]] = {NEW: [np.inf], OPENED: []}
        for li in self.problem.limits:
            if li.territories == (i,) and li.code is not None and not li.is_floor:
                most.setdefault(li.quantity, []).append(li.amount)
        return min(*most[NEW], sum(most[OPENED]) if most[OPENED] else np.inf)

    def reached_limits(self, i: int) -> list[Limit]:
        """Limits reached in some year, on a territory or its area but not on all territories."""
        p, a = self.problem, int(self.problem.area_of[i])
        found: dict[tuple[str, str | None], Limit] = {}
        for limit, value, most, slack in self.plan.evaluation.limits():
            here = i in limit.territories or a in limit.areas
            everywhere = len(limit.territories) == len(p.territories) > 1
            if not here or everywhere:
                continue
            near = REACHED_FTE if limit.unit is FTE else REACHED_SHARE * max(1.0, abs(most))
            if not limit.is_floor and p.in_steps:
                per = per_post(p, limit.quantity)[0][i, p.years.index(limit.year)]
                near = p.steps_fte[0] * float(per) - near
            if most - value <= max(near, slack):
                found[limit.name, limit.code] = limit
        return list(found.values())

    def entries(self, *heads: str) -> dict[str, Entry]:
        """Inputs other than None whose dotted key is one of *heads* or below one, by key."""
        entries = self.problem.inputs.entries if self.problem.inputs else {}
        found = (key for key in entries if any(f"{key}.".startswith(f"{head}.") for head in heads))
        return {key: entries[key] for key in found if entries[key].value is not None}
