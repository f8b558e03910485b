"""A safe plan with its regrets, and its ``fte-alloc/regret/2`` document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from fte_alloc.programme.scenario_set import AVERAGE, LARGEST, JudgedScenarioSet, Scenario
from fte_alloc.questions.document import inputs_without_values, scenario_keys
from fte_alloc.questions.plan import Plan
from fte_alloc.questions.plan_document import objective_unit
from fte_alloc.questions.posts import new_posts_fte, post_rows
from fte_alloc.shown import Tables

if TYPE_CHECKING:
    import pandas as pd


#: The worst scenarios are those whose regret is within this share of the largest.
TIED = 1e-6


@dataclass(frozen=True, eq=False)
class SharedPlan:
    """One allocation of posts for all scenarios, and the proof that its objective is least.

    objective : ``largest_regret`` or ``average_regret``
    judged : the posts, judged in every scenario with the best split of effort there
    bound : lower bound of the objective over all allocations, in units of ``Scenario.measure``
    counts_as : from prices, by scenario: probabilities under which the plan has the least mean
        regret
    reason : why the plan is not proved, a key of ``STOP_REASONS``
    by_solver : whether only the solver guarantees the bound
    """

    objective: str
    judged: JudgedScenarioSet
    bound: float
    proved: bool
    counts_as: Mapping[str, float]
    reason: str | None = None
    by_solver: bool = False

    @property
    def value(self) -> float:
        """Value of the objective, in units of ``Scenario.measure``."""
        return self.judged.objective(self.objective)

    @property
    def relative_gap(self) -> float:
        """Gap between the two bounds, (value − bound) / max(1, value), at least 0."""
        return max(0.0, self.value - self.bound) / max(1.0, self.value)


@dataclass(frozen=True, eq=False, repr=False)
class Regret(Tables):
    """The plan with the least largest regret over scenarios, and the one best on average.

    relative : whether regrets are measured as shares of each scenario's optimum
    scenarios : in the order they were given
    safest, average : the two plans
    own : each scenario's own best plan
    """

    relative: bool
    scenarios: Sequence[Scenario]
    safest: SharedPlan
    average: SharedPlan
    own: Mapping[str, Plan]

    @property
    def status(self) -> str:
        """``optimal``, or ``stopped`` where time or rounds ran out before the bounds agreed."""
        return "optimal" if self.safest.proved and self.average.proved else "stopped"

    @property
    def posts(self) -> pd.DataFrame:
        """Posts of the safest plan, a row per post: territory, role, year and new FTE."""
        import pandas as pd

        return pd.DataFrame(self.document["posts"])

    @cached_property
    def document(self) -> dict[str, Any]:
        """The ``fte-alloc/regret/2`` document; keys may be added, never renamed."""
        heads = {s.name: scenario_keys(s.problem) for s in self.scenarios}
        one, judge = heads[min(heads)], self.safest.judged.scenario_set.judge
        safest, units = self._proved(self.safest), [_unit_of_optimum(s) for s in self.scenarios]
        by_solver = self.safest.by_solver or self.average.by_solver
        return {
            "format": "fte-alloc/regret/2",
            "status": self.status,
            "scenarios": list(heads),
            "models": {name: head["model"] for name, head in heads.items()},
            "territory": one["inputs"]["values"].get("territory") if "inputs" in one else None,
            "years": one["years"],
            "step_fte": self.scenarios[0].problem.least_step_fte,
            "proof": "solver" if by_solver else "arithmetic",
            "relative": self.relative,
            "unit": "1" if self.relative else max(units, key=len),
            "same_units": _same_units(self.scenarios),
            **safest,
            "by_scenario": {
                s.name: self._about(s, heads[s.name]) | safest["by_scenario"][s.name]
                for s in self.scenarios
            },
            "average": self._proved(self.average),
            "own_plans": {
                name: self._judged(judge(*self.own[name].evaluation.posts)) for name in heads
            },
            "regional_figures": one.get("regional_figures"),
            "inputs": {
                name: inputs_without_values(head["inputs"])
                for name, head in heads.items()
                if "inputs" in head
            },
            "software": one["software"],
        }

    def _about(self, scenario: Scenario, head: Mapping[str, Any]) -> dict[str, Any]:
        """What is known of a scenario without the safest plan: its optimum and its probability."""
        own, inputs = self.own[scenario.name], scenario.problem.inputs
        return {
            "title": head["title"],
            "title_fr": inputs.value("title_fr") if inputs else None,
            "objective": scenario.objective,
            "unit": _unit_of_optimum(scenario),
            "optimum": scenario.optimum,
            "proof": "solver" if own.stages[0].is_by_solver else "arithmetic",
            "optimum_contracts": own.evaluation.objective("contracts"),
            "probability": scenario.probability,
            "counts_as": self.safest.counts_as.get(scenario.name),
        }

    def _proved(self, plan: SharedPlan) -> dict[str, Any]:
        return {
            "lower_bound": plan.bound / self._one,
            "relative_gap": plan.relative_gap,
            **self._judged(plan.judged),
        }

    @property
    def _one(self) -> float:
        """Divisor of regrets: 1, or where they are shares an optimum in units of its measure."""
        first = self.scenarios[0]
        return first.optimum / first.measure if self.relative else 1.0

    def _judged(self, plan: JudgedScenarioSet) -> dict[str, Any]:
        """A plan in every scenario; regrets are None where it breaks limits."""
        by_scenario = {}
        for s in self.scenarios:
            judged = plan.by_scenario[s.name]
            regret, is_undefined = s.regret(judged), judged.violations or s.optimum <= 0
            by_scenario[s.name] = {
                "value": judged.objective(s.objective),
                "value_contracts": judged.objective("contracts"),
                "regret": None if judged.violations else regret,
                "relative_regret": None if is_undefined else regret / s.optimum,
                "violations": [
                    {key: getattr(v, key) for key in ("constraint", "territory", "year", "area")}
                    for v in judged.violations
                ],
            }
        keeps_all, largest = not plan.violations, plan.objective(LARGEST)
        least = largest - TIED * max(1.0, largest)
        problem = self.scenarios[0].problem
        rows, posts = post_rows(problem, problem.post_keys()), new_posts_fte(plan.each[0]).tolist()
        return {
            "largest_regret": largest / self._one if keeps_all else None,
            "average_regret": plan.objective(AVERAGE) / self._one if keeps_all else None,
            "worst": [
                s.name for s in self.scenarios if keeps_all and plan.measured[s.name] >= least
            ],
            "by_scenario": by_scenario,
            "posts": [{**row, "new_fte": fte} for row, fte in zip(rows, posts, strict=True)],
        }


def _same_units(scenarios: Sequence[Scenario]) -> bool:
    first, *others = (
        s.problem.weight if s.objective == "coverage" else np.ones_like(s.problem.weight)
        for s in scenarios
    )
    return all(np.allclose(first, other, rtol=1e-9, atol=0.0) for other in others)


def _unit_of_optimum(scenario: Scenario) -> str:
    return objective_unit(scenario.problem, scenario.objective)
