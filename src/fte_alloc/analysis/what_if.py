"""A plan, and the same problem with one thing changed, solved again.

Gains are positive where the first stage of the plan is served better, whatever its sense.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from fte_alloc.coverage import Floats
from fte_alloc.errors import InfeasibleError
from fte_alloc.judging import Evaluation
from fte_alloc.planning import Plan, solve
from fte_alloc.problem import Problem

#: A limit is reached where less than this is left of it [FTE], [1].
REACHED_FTE, REACHED_SHARE = 1e-4, 1e-6
#: What one post is where posts are continuous [FTE].
ONE_FTE = 1.0


@dataclass(frozen=True)
class Lock:
    """A limit of one territory or its area that can be taken away.

    field : of ``Problem``
    free : the value of that field that stands for no such limit
    is_floor : whether it forces posts rather than forbids them
    keys : where its value is set; ``{code}`` stands for the territory
    """

    constraint: str
    field: str
    free: float
    is_floor: bool
    keys: tuple[str, ...]

    @property
    def by_area(self) -> bool:
        """Whether it belongs to the area and its coordinators."""
        return self.constraint.startswith("coordinator")

    def of(self, problem: Problem, i: int) -> tuple[str, int]:
        """Code and index of the territory or area it belongs to."""
        if not self.by_area:
            return problem.territories[i], i
        a = int(problem.area_of[i])
        return problem.areas[a], a


_GROWTH = ("posts.facilitator.max_growth_share", "posts.facilitator.max_growth_fte")
LOCKS = (
    Lock("growth", "growth_fte_per_year", np.inf, False, _GROWTH),
    Lock(
        "max_new",
        "max_new_facilitators_fte",
        np.inf,
        False,
        ("territories.{code}.max_new_facilitators_fte",),
    ),
    Lock(
        "partners",
        "partner_capacity_eur",
        np.inf,
        False,
        ("territories.{code}.partner_capacity_eur",),
    ),
    Lock(
        "min_new",
        "min_new_facilitators_fte",
        0.0,
        True,
        ("territories.{code}.min_new_facilitators_fte",),
    ),
    Lock("least", "least_rate", 0.0, True, ("territories.{code}.least_rate",)),
    Lock(
        "coordinator_required",
        "required_coordinators_fte",
        0.0,
        True,
        ("posts.coordinator.required_fte_where_none",),
    ),
    Lock(
        "coordinator_max",
        "max_new_coordinators_fte",
        np.inf,
        False,
        ("posts.coordinator.max_fte_per_area",),
    ),
)
#: Those that keep the facilitators of a territory from being more, and from being fewer.
CEILINGS = ("growth", "max_new", "partners")


@dataclass(frozen=True, eq=False)
class Forced:
    """The best plan with another number of facilitators in one territory.

    fte : how many more, or fewer where it is below 0
    alone : gain where the posts there change and nothing else does, judged on the true curves
    plan : everything else decided anew; None where no plan has so many or so few
    lifted : limits of the territory that had to give way
    """

    fte: float
    alone: float
    plan: Plan | None
    lifted: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class WhatIf:
    """A plan and what the same problem would give with one thing changed."""

    plan: Plan

    @property
    def problem(self) -> Problem:
        """The problem of the plan."""
        return self.plan.problem

    @property
    def post_fte(self) -> float:
        """What one post is: one FTE, or a step."""
        return self.problem.step_fte or ONE_FTE

    def posts(self, i: int, plan: Plan | None = None) -> float:
        """New facilitators of a territory in the last year [FTE]."""
        return float((plan or self.plan).evaluation.new_facilitators_fte[i, -1])

    def coordinators(self, i: int, plan: Plan | None = None) -> float:
        """New coordinators of a territory's area in the last year [FTE]."""
        a = self.problem.area_of[i]
        return float((plan or self.plan).evaluation.new_coordinators_fte[a, -1])

    # -- gains ---------------------------------------------------------------------------------

    def gain(self, plan: Plan, number: int = 0) -> float:
        """How much better another plan serves a stage."""
        before, after = self.plan.stages[number], plan.stages[number]
        return (after.in_plan - before.in_plan) * (1.0 if before.sense == "maximise" else -1.0)

    def judged_gain(self, evaluation: Evaluation) -> float:
        """How much better an allocation serves the first stage than the plan's own posts."""
        stage = self.plan.stages[0]
        gain = evaluation.objective(stage.objective) - self._judged.objective(stage.objective)
        return gain if stage.sense == "maximise" else -gain

    @cached_property
    def _judged(self) -> Evaluation:
        e = self.plan.evaluation
        return self.problem.judge(e.new_facilitators_fte, e.new_coordinators_fte)

    # -- solving again -------------------------------------------------------------------------

    def again(self, problem: Problem) -> Plan | None:
        """The best plan of a changed problem; None where there is none that is proved."""
        if problem.unlimited():
            return None
        try:
            plan = solve(problem, priced=False)
        except InfeasibleError:
            return None
        return plan if plan.status == "optimal" else None

    def changed(self, i: int, **values: float) -> Problem:
        """The problem with other limits for one territory or its area, by field."""
        by_area = {lock.field: lock.by_area for lock in LOCKS}
        fields = {}
        for name, value in values.items():
            fields[name] = getattr(self.problem, name).copy()
            fields[name][self.problem.area_of[i] if by_area[name] else i] = value
        return replace(self.problem, **fields)

    def without(self, i: int, *locks: Lock) -> Plan | None:
        """The best plan without some limits of one territory."""
        return self.again(self.changed(i, **{lock.field: lock.free for lock in locks}))

    def with_more(self, state_eur: Floats | float = 0.0, cap_fte: float = 0.0) -> Plan | None:
        """The best plan with more money or a higher cap, in every year."""
        p = self.problem
        state, cap = p.state_eur_per_year + state_eur, p.cap_fte + cap_fte
        if np.any(state < 0) or np.any(cap < 0):
            return None
        return self.again(replace(p, state_eur_per_year=state, cap_fte=cap))

    def forced(self, i: int, fte: float) -> Forced:
        """One territory with more facilitators, or with fewer where *fte* is below 0.

        More: at least so many in every year; fewer: at most so many in any year.
        """
        fte = max(fte, -self.posts(i))
        level = self.posts(i) + fte
        limits = self.room_for(i, level) if fte > 0 else self._room_below(i, level)
        wanted = "min_new_facilitators_fte" if fte > 0 else "max_new_facilitators_fte"
        lifted = dict(limits)
        plan = self.again(self.changed(i, **{wanted: level}, **lifted))
        if plan is None and fte < 0 and self.problem.least_rate[i] > 0:
            lifted["least_rate"] = 0.0
            plan = self.again(self.changed(i, **{wanted: level}, **lifted))
        names = tuple(lock.constraint for lock in LOCKS if lock.field in lifted)
        return Forced(fte, self.alone(i, fte), plan, names)

    def alone(self, i: int, fte: float) -> float:
        """Gain where one territory has more or fewer facilitators and nothing else changes.

        In every year, judged on the true curves; no limit is looked at.
        """
        e = self.plan.evaluation
        x = e.new_facilitators_fte.copy()
        x[i] = np.maximum(x[i] + fte, 0.0)
        return self.judged_gain(self.problem.judge(x, e.new_coordinators_fte))

    def room_for(self, i: int, level: float) -> dict[str, float]:
        """Limits of a territory that stand in the way of so many facilitators, just raised."""
        p, room = self.problem, {}
        if p.max_new_facilitators_fte[i] < level:
            room["max_new_facilitators_fte"] = level
        if p.growth_fte_per_year[i] < level:  # the posts are there in the first year too
            room["growth_fte_per_year"] = level
        share = p.partner_share_eur(0)
        a, area = p.area_of[i], bool(p.alone_in_area[i])
        paid = share * (p.committed_facilitators_fte[i] + level)
        coordinators = p.committed_coordinators_fte[a] + self.coordinators(i)
        paid = paid + area * p.partner_share_eur(1) * coordinators
        if p.partner_capacity_eur[i] < paid.max():
            room["partner_capacity_eur"] = float(paid.max())
        return room

    def most_facilitators_fte(self, i: int) -> float:
        """Most new facilitators that limits of its own leave a territory in the last year.

        Partners are left out where their money goes further with cheaper posts.
        """
        p = self.problem
        grown = p.growth_fte_per_year[i] * len(p.years)
        return float(min(p.max_new_facilitators_fte[i], grown))

    def limit(self, i: int, field: str) -> float:
        """Limit of one territory or its area, by field."""
        lock = next(lock for lock in LOCKS if lock.field == field)
        return float(getattr(self.problem, field)[lock.of(self.problem, i)[1]])

    def _room_below(self, i: int, level: float) -> dict[str, float]:
        """Floors of a territory that stand in the way of so few facilitators, just lowered."""
        below = self.problem.min_new_facilitators_fte[i] > level
        return {"min_new_facilitators_fte": level} if below else {}

    # -- what holds a territory ----------------------------------------------------------------

    def reached_limits(self, i: int) -> list[tuple[Lock, float]]:
        """Limits of a territory and its area that leave no room in some year, with their value."""
        return [
            (lock, limit)
            for lock in LOCKS
            if (limit := self._limits.get((lock.constraint, lock.of(self.problem, i)[0])))
            is not None
        ]

    @cached_property
    def _limits(self) -> dict[tuple[str, str | None], float]:
        """Limit of every lock without room for another post, by constraint and code."""
        p, found = self.problem, {}
        locks = {lock.constraint: lock for lock in LOCKS}
        for name, code, year, value, limit, slack in self.plan.evaluation.limits():
            lock = locks.get(name)
            if lock is None or not np.isfinite(limit) or (lock.is_floor and limit == 0):
                continue
            if lock.by_area and p.supports_fte * p.productivity_gain == 0:
                continue  # coordinators do nothing: no limit on them holds anybody
            near = REACHED_SHARE * max(1.0, abs(limit)) if name in ("least", "partners") else 0.0
            near = near or REACHED_FTE
            if not lock.is_floor and p.step_fte > 0:
                share = p.partner_share_eur(0)[p.years.index(year)] if name == "partners" else 1.0
                near = p.step_fte * share - near
            if limit - value <= max(near, slack):
                found[name, code] = abs(limit)
        return found

    def is_coordinator_full(self, i: int) -> bool:
        """Whether the facilitators of a territory's area are just as many as can be supported."""
        p, a = self.problem, self.problem.area_of[i]
        inside = p.area_of == a
        supply = p.fixed_facilitators_fte[inside].sum()
        supply += self.plan.evaluation.new_facilitators_fte[inside, -1].sum()
        coordinators = p.fixed_coordinators_fte[a] + self.coordinators(i)
        supported = p.supports_fte * coordinators
        near = max(1e-3, p.step_fte / 2)
        return bool(p.productivity_gain > 0 and supported > 0 and abs(supply - supported) <= near)

    # -- posts that move -----------------------------------------------------------------------

    def moves(self, plan: Plan) -> list[dict[str, Any]]:
        """Change of new posts in the last year, by territory; coordinators in their area's first.

        Most facilitators first; posts are settled to a thousandth, and so is their order.
        """
        p, e, f = self.problem, self.plan.evaluation, plan.evaluation
        more = f.new_facilitators_fte[:, -1] - e.new_facilitators_fte[:, -1]
        first = {int(a): i for i, a in reversed(list(enumerate(p.area_of)))}
        led = f.new_coordinators_fte[:, -1] - e.new_coordinators_fte[:, -1]
        rows = [
            {
                "territory": code,
                "name": p.territory_names[i],
                "facilitators_fte": float(more[i]),
                "coordinators_fte": float(led[a]) if first[a] == i else 0.0,
            }
            for i, (code, a) in enumerate(zip(p.territories, p.area_of.tolist(), strict=True))
        ]
        return sorted(rows, key=lambda row: (-round(row["facilitators_fte"], 3), row["territory"]))
