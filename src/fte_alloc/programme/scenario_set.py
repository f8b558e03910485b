"""Several scenarios over the same posts: posts are decided once, effort is split in each.

The territories of all W scenarios stand one after the other, so that a search sees one problem.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import pulp

from fte_alloc.lp.matrix import label
from fte_alloc.programme.curves import Floats, JoinedCurves
from fte_alloc.programme.limits import Limit, Violation
from fte_alloc.programme.linear import Decisions, Programme, Structure, add_decisions, write_rows
from fte_alloc.programme.objectives import Stage
from fte_alloc.programme.problem import Evaluation, Problem
from fte_alloc.programme.statement import EXPRESSIONS, constraints, state_cost, tie_break

#: Objectives of a set, all minimised: largest, total, mean regret; State money of all scenarios.
LARGEST, TOTAL, AVERAGE = "largest_regret", "total_regret", "average_regret"
STATE_COST = "state_cost"


@dataclass(frozen=True, eq=False)
class Scenario:
    """A scenario that may come true: its problem, and how the regret of a plan is measured in it.

    optimum : O, the proved upper bound of the problem's first objective
    measure : regret that counts as 1, in the unit of the objective; probability : of the scenario
    """

    name: str
    problem: Problem
    optimum: float
    measure: float = 1.0
    probability: float = 0.0

    @property
    def objective(self) -> str:
        """Name of the objective that values a plan: the problem's first one."""
        return self.problem.stages[0].objective

    def regret(self, judged: Evaluation) -> float:
        """Regret of a plan, O − its value, in the objective's unit."""
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

    @cached_property
    def curves(self) -> JoinedCurves:
        """Curves of all scenarios by (scenario, territory, year, kind of buyer), in that order."""
        sizes = tuple(p.contracts_per_year.size for p in self.problems)
        return JoinedCurves(tuple(p.curves for p in self.problems), sizes)

    @cached_property
    def contracts_per_year(self) -> Floats:
        """Contracts n of all scenarios [W·I,T,S] (contracts/yr)."""
        return np.concatenate([p.contracts_per_year for p in self.problems])

    @cached_property
    def most_effort_fte(self) -> Floats:
        """Upper bound, never reached, on the effort of a territory [W·I,T] (FTE)."""
        return np.concatenate([p.most_effort_fte for p in self.problems])

    def split_idle(self, x: Floats, z: Floats, k: Floats, idle: np.ndarray) -> Floats:
        """Effort k, with that of idle territories split anew for the most contracts [W·I,T,S]."""
        own = zip(self.problems, *(np.split(of, len(self.each)) for of in (k, idle)), strict=True)
        return np.concatenate([p.split_idle(x, z, *of) for p, *of in own])

    def judge(self, x: Floats, z: Floats, k: Floats | None = None) -> JudgedScenarioSet:
        """Judge posts x [I,T] and z [A,T] in every scenario, with the best split of effort.

        A given split k [W·I,T,S] is used in the scenarios where it is better: a programme may leave
        arbitrary effort in a scenario that is not the worst.
        """
        judged = [scenario.problem.judge(x, z) for scenario in self.each]
        if k is not None:
            for n, (s, effort) in enumerate(zip(self.each, np.split(k, len(judged)), strict=True)):
                given = s.problem.judge(x, z, effort)
                judged[n] = min((judged[n], given), key=lambda e: (len(e.violations), s.regret(e)))
        return JudgedScenarioSet(self, tuple(judged))


@dataclass(frozen=True, eq=False)
class JudgedScenarioSet:
    """The evaluations of the same posts in every scenario."""

    scenario_set: ScenarioSet
    each: tuple[Evaluation, ...]

    @property
    def posts(self) -> tuple[Floats, Floats]:
        """New posts x [I,T] and z [A,T], the same in every scenario (FTE)."""
        return self.each[0].new_facilitators_fte, self.each[0].new_coordinators_fte

    @property
    def effort_fte(self) -> Floats:
        """Effort k of all scenarios [W·I,T,S] (FTE)."""
        return np.concatenate([judged.effort_fte for judged in self.each])

    @property
    def violations(self) -> tuple[Violation, ...]:
        """Every limit the posts break in any scenario."""
        return tuple(violation for judged in self.each for violation in judged.violations)

    @property
    def by_scenario(self) -> dict[str, Evaluation]:
        """The evaluations by the name of the scenario."""
        return {s.name: e for s, e in zip(self.scenario_set.each, self.each, strict=True)}

    @property
    def measured(self) -> dict[str, float]:
        """Regret by scenario, divided by the scenario's ``measure``."""
        judged = zip(self.scenario_set.each, self.each, strict=True)
        return {s.name: s.regret(of) / s.measure for s, of in judged}

    def objective(self, name: str) -> float:
        """Value of an objective of this module."""
        if name == STATE_COST:
            return sum(judged.objective(STATE_COST) for judged in self.each)
        regrets = self.measured
        if name == LARGEST:
            return max(regrets.values())
        if name == TOTAL:
            return sum(regrets.values())
        return sum(s.probability * regrets[s.name] for s in self.scenario_set.each)


#: The subject of a search, and the type of its plan once judged.
Subject = Problem | ScenarioSet
Judged = TypeVar("Judged", bound=Evaluation | JudgedScenarioSet)


def formulate_scenario_set(scenarios: ScenarioSet) -> Programme:
    """Write scenarios as one programme: x and z are shared, each scenario has its own v, k, y.

    Names of rows begin with their scenario, keys of v, k, y with its number; a row that scenarios
    share is written once. With the value Σ W y of a plan in each scenario, its optimum O and its
    measure, the largest regret R has the rows

    ``<scenario>_regret``: Σ W y + measure · R ≥ O.
    """
    lp = pulp.LpProblem("scenario_set", pulp.LpMaximize)
    by_role = zip(*(p.most_new_fte for p in scenarios.problems), strict=True)
    x_most, z_most = (np.min(posts, axis=0) for posts in by_role)
    # No plan leaves more regret than no effort at all.
    idle = (p.judge(*p.zeros(), 0.0 * p.contracts_per_year) for p in scenarios.problems)
    most_regret = JudgedScenarioSet(scenarios, tuple(idle)).objective(LARGEST) + 1.0
    largest = lp.add_variable(LARGEST, 0, most_regret)
    own: list[Decisions] = []
    regrets, standing = [], set[Any]()
    rows: dict[str, Limit | Structure] = {}
    prefixes = scenario_prefixes(scenario.name for scenario in scenarios.each)
    for scenario in scenarios.each:
        p, prefix = scenario.problem, prefixes[scenario.name]
        own.append(add_decisions(p, lp, (x_most, z_most), prefix, own[0] if own else None))
        rows |= write_rows(lp, constraints(p, own[-1]), prefix, standing)
        value = EXPRESSIONS[scenario.objective](p, own[-1], lp)
        lp += value + scenario.measure * largest >= scenario.optimum, label(prefix, "regret")
        regrets.append((scenario.optimum - value) / scenario.measure)
    chances = [scenario.probability for scenario in scenarios.each]
    costs = [state_cost(p, d, lp) for p, d in zip(scenarios.problems, own, strict=True)]
    objectives = {
        LARGEST: largest + 0,
        TOTAL: pulp.lpSum(regrets),
        AVERAGE: pulp.lpSum(c * regret for c, regret in zip(chances, regrets, strict=True)),
        STATE_COST: pulp.lpSum(costs),
        "tie_break": tie_break(scenarios.problems[0], own[0], lp),
    }
    v, k, y = (
        {(n, *key): variable for n, d in enumerate(own) for key, variable in getattr(d, of).items()}
        for of in "vky"
    )
    return Programme(lp, replace(own[0], v=v, k=k, y=y), objectives, rows)


def scenario_prefixes(names: Iterable[str]) -> dict[str, str]:
    """Prefixes of names of rows by the names of scenarios, all different."""
    plain = {name: re.sub(r"[^0-9A-Za-z]+", "_", name).strip("_") for name in names}
    many = Counter(plain.values())
    numbered = enumerate(plain.items(), start=1)
    return {name: of if of and many[of] == 1 else f"{of}_{n}" for n, (name, of) in numbered}
