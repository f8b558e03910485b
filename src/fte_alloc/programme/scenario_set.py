"""Several scenarios over the same posts: posts are decided once, effort is split in each.

The territories of all W scenarios stand one after the other, so that a search sees one problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import pulp

from fte_alloc.programme.curves import Floats, JoinedCurves
from fte_alloc.programme.data import Stage
from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.limits import Limit, label
from fte_alloc.programme.linear import Decisions, Programme, Structure, decide, write
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.statement import EXPRESSIONS, constraints, state_cost, tie_break
from fte_alloc.programme.violations import Violation

#: Objectives of a set, all to be minimised: largest, total, mean regret, money in all scenarios.
LARGEST, TOTAL, AVERAGE = "largest_regret", "total_regret", "average_regret"
STATE_COST = "state_cost"


@dataclass(frozen=True, eq=False)
class Scenario:
    """A problem that may come true, and by what a plan is measured in it.

    optimum : O, the proved upper bound of its first objective
    measure : contracts of regret that count as one
    probability : that it comes true [1]
    """

    name: str
    problem: Problem
    optimum: float
    measure: float = 1.0
    probability: float = 0.0

    @property
    def objective(self) -> str:
        """The objective a plan is valued by: the problem's first."""
        return self.problem.stages[0].objective

    def regret(self, judged: Evaluation) -> float:
        """O − value of a plan, in the objective's unit."""
        return self.optimum - judged.objective(self.objective)


@dataclass(frozen=True, eq=False)
class ScenarioSet:
    """Scenarios of the same territories, areas, kinds of buyer and years, searched as one."""

    each: tuple[Scenario, ...]
    stages: tuple[Stage, ...]

    @property
    def problems(self) -> list[Problem]:
        """The problem of every scenario."""
        return [scenario.problem for scenario in self.each]

    @property
    def steps_fte(self) -> tuple[float, float]:
        """Steps of facilitators and of coordinators, the same in every scenario [FTE]."""
        return self.problems[0].steps_fte

    @property
    def least_step_fte(self) -> float:
        """The smaller step where posts come in steps, else 0."""
        return self.problems[0].least_step_fte

    @cached_property
    def curves(self) -> JoinedCurves:
        """One per (scenario, territory, year, kind of buyer), in that order."""
        return JoinedCurves(
            tuple(p.curves for p in self.problems),
            tuple(p.contracts_per_year.size for p in self.problems),
        )

    @cached_property
    def contracts_per_year(self) -> Floats:
        """n [W·I,T,S]."""
        return np.concatenate([p.contracts_per_year for p in self.problems])

    @property
    def has_least_rates(self) -> bool:
        """Whether any coverage rate must at least be reached in any scenario."""
        return any(p.has_least_rates for p in self.problems)

    @cached_property
    def most_effort_fte(self) -> Floats:
        """More effort than a territory can have [W·I,T]."""
        return np.concatenate([p.most_effort_fte for p in self.problems])

    def split_evenly(self, effort_fte: Floats) -> Floats:
        """The split of each territory's effort that covers the most contracts [W·I,T,S]."""
        split = zip(self.problems, np.split(effort_fte, len(self.each)), strict=True)
        return np.concatenate([p.split_evenly(effort) for p, effort in split])

    def judge(self, x: Floats, z: Floats, k: Floats | None = None) -> JudgedScenarioSet:
        """The posts judged in every scenario, with the best split of effort.

        A split k that is given is taken where it is the better: a programme may leave a scenario
        that is not the worst with any effort.
        """
        judged = [scenario.problem.judge(x, z) for scenario in self.each]
        if k is not None:
            for n, (s, effort) in enumerate(zip(self.each, np.split(k, len(judged)), strict=True)):
                given = s.problem.judge(x, z, effort)
                judged[n] = min((judged[n], given), key=lambda e: (len(e.violations), s.regret(e)))
        return JudgedScenarioSet(self, tuple(judged))


@dataclass(frozen=True, eq=False)
class JudgedScenarioSet:
    """The same posts judged in every scenario."""

    scenario_set: ScenarioSet
    each: tuple[Evaluation, ...]

    @property
    def posts(self) -> tuple[Floats, Floats]:
        """x [I,T] and z [A,T], the same in every scenario."""
        return self.each[0].new_facilitators_fte, self.each[0].new_coordinators_fte

    @property
    def effort_fte(self) -> Floats:
        """k [W·I,T,S]."""
        return np.concatenate([judged.effort_fte for judged in self.each])

    @property
    def violations(self) -> tuple[Violation, ...]:
        """Every limit the posts break in any scenario."""
        return tuple(violation for judged in self.each for violation in judged.violations)

    @property
    def by_scenario(self) -> dict[str, Evaluation]:
        """The posts judged, by the name of the scenario."""
        return {s.name: e for s, e in zip(self.scenario_set.each, self.each, strict=True)}

    @property
    def measured(self) -> dict[str, float]:
        """Regret in every scenario, in its measure."""
        judged = self.by_scenario
        return {s.name: s.regret(judged[s.name]) / s.measure for s in self.scenario_set.each}

    def objective(self, name: str) -> float:
        """Value of one of the objectives of this module."""
        if name == STATE_COST:
            return sum(judged.objective(STATE_COST) for judged in self.each)
        regrets = self.measured
        if name == LARGEST:
            return max(regrets.values())
        if name == TOTAL:
            return sum(regrets.values())
        return sum(s.probability * regrets[s.name] for s in self.scenario_set.each)


#: What a search searches, and a plan of it judged without a solver.
Subject = Problem | ScenarioSet
Judged = TypeVar("Judged", bound=Evaluation | JudgedScenarioSet)


def formulate_scenario_set(scenarios: ScenarioSet) -> Programme:
    """Write scenarios over the same posts as one programme: x, z shared, v, k, y of each its own.

    Rows are named after their scenario, keys of v, k, y begin with its number; a row that stands
    already is not written again. With the value Σ W y of a plan in each scenario, its optimum O and
    its measure,

    ``<scenario>_regret``: Σ W y + measure · R ≥ O, R the largest regret.
    """
    lp = pulp.LpProblem("scenario_set", pulp.LpMaximize)
    x_most, z_most = (
        np.min(posts, axis=0)
        for posts in zip(*(p.most_new_fte for p in scenarios.problems), strict=True)
    )
    # No plan leaves more regret than no effort at all.
    idle = (p.judge(*p.zeros(), 0.0 * p.contracts_per_year) for p in scenarios.problems)
    most_regret = JudgedScenarioSet(scenarios, tuple(idle)).objective(LARGEST) + 1.0
    largest = lp.add_variable(LARGEST, 0, most_regret)
    own: list[Decisions] = []
    regrets, standing = [], set[Any]()
    rows: dict[str, Limit | Structure] = {}
    for prefix, scenario in zip(
        prefixes(s.name for s in scenarios.each), scenarios.each, strict=True
    ):
        p = scenario.problem
        own.append(decide(p, lp, (x_most, z_most), prefix, own[0] if own else None))
        rows |= write(lp, constraints(p, own[-1]), prefix, standing)
        value = EXPRESSIONS[scenario.objective](p, own[-1], lp)
        lp += value + scenario.measure * largest >= scenario.optimum, label(prefix, "regret")
        regrets.append((scenario.optimum - value) / scenario.measure)
    chances = [scenario.probability for scenario in scenarios.each]
    objectives = {
        LARGEST: largest + 0,
        TOTAL: pulp.lpSum(regrets),
        AVERAGE: pulp.lpSum(c * regret for c, regret in zip(chances, regrets, strict=True)),
        STATE_COST: pulp.lpSum(
            state_cost(p, d, lp) for p, d in zip(scenarios.problems, own, strict=True)
        ),
        "tie_break": tie_break(scenarios.problems[0], own[0], lp),
    }
    v, k, y = (
        {(n, *key): variable for n, d in enumerate(own) for key, variable in getattr(d, of).items()}
        for of in "vky"
    )
    return Programme(lp, replace(own[0], v=v, k=k, y=y), objectives, rows)


def prefixes(names: Iterable[str]) -> list[str]:
    """Names of scenarios as the names of rows may begin, told apart."""
    plain = [re.sub(r"[^0-9A-Za-z]+", "_", name).strip("_") for name in names]
    return [
        name if name and plain.count(name) == 1 else f"{name}_{number}"
        for number, name in enumerate(plain, start=1)
    ]
