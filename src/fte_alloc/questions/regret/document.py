"""A safe plan with its regrets, and its ``fte-alloc/regret/1`` document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from fte_alloc.programme.problem import Evaluation
from fte_alloc.programme.scenario_set import AVERAGE, LARGEST, JudgedScenarioSet, Scenario
from fte_alloc.questions.document import inputs_of, inputs_without_values
from fte_alloc.questions.plan import Plan
from fte_alloc.questions.plan_document import evaluation_document, objective_unit
from fte_alloc.questions.posts import all_posts
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

    @property
    def worst(self) -> tuple[str, ...]:
        """Names of the scenarios with the largest regret, several where they tie."""
        regrets = self.judged.measured
        largest = max(regrets.values())
        return tuple(n for n, r in regrets.items() if r >= largest - TIED * max(1.0, largest))


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
        """Posts of the safest plan, a row per post: territory, role, year and FTE."""
        import pandas as pd

        return pd.DataFrame(self.document["posts"])

    @cached_property
    def document(self) -> dict[str, Any]:
        """The ``fte-alloc/regret/1`` document; keys may be added, never renamed."""
        safest, average = self.safest, self.average
        judged, on_average = safest.judged.by_scenario, average.judged.by_scenario
        documents = {s.name: evaluation_document(judged[s.name]) for s in self.scenarios}
        one, first = documents[min(documents)], self.scenarios[0]
        # Regret, in units of the measure, that is 1 in the document: a contract, or an optimum.
        unit = first.optimum / first.measure if self.relative else 1.0
        return {
            "format": "fte-alloc/regret/1",
            "status": self.status,
            "scenarios": list(documents),
            "models": {name: document["model"] for name, document in documents.items()},
            "territory": one["inputs"]["values"].get("territory") if "inputs" in one else None,
            "years": one["years"],
            "step_fte": first.problem.least_step_fte,
            "proof": "solver" if safest.by_solver or average.by_solver else "arithmetic",
            "relative": self.relative,
            "unit": "1" if self.relative else max(map(_unit, self.scenarios), key=len),
            "same_units": _same_units(self.scenarios),
            "largest_regret": safest.value / unit,
            "lower_bound": safest.bound / unit,
            "relative_gap": safest.relative_gap,
            "worst": [name for name in documents if name in safest.worst],
            "average_regret": safest.judged.objective(AVERAGE) / unit,
            "by_scenario": {s.name: self._told(s, documents[s.name]) for s in self.scenarios},
            "posts": list(_posts(documents.values())),
            "average": {
                "average_regret": average.value / unit,
                "lower_bound": average.bound / unit,
                "relative_gap": average.relative_gap,
                "largest_regret": average.judged.objective(LARGEST) / unit,
                "worst": [name for name in documents if name in average.worst],
                "by_scenario": {s.name: _regrets(s, on_average[s.name]) for s in self.scenarios},
                "posts": _new_posts(average.judged.each[0]),
            },
            "own_plans": {name: self._carried(self.own[name], unit) for name in documents},
            "regional_figures": one.get("regional_figures"),
            "inputs": {
                name: inputs_without_values(document["inputs"])
                for name, document in documents.items()
                if "inputs" in document
            },
            "software": one["software"],
        }

    def _told(self, scenario: Scenario, document: Mapping[str, Any]) -> dict[str, Any]:
        """Entry of a scenario: its optimum, and value and regret of the safest plan."""
        own, judged = self.own[scenario.name], self.safest.judged.by_scenario[scenario.name]
        return {
            "title": document["title"],
            "title_fr": inputs_of(document).get("title_fr"),
            "objective": scenario.objective,
            "unit": _unit(scenario),
            "optimum": scenario.optimum,
            "proof": "solver" if own.stages[0].is_by_solver else "arithmetic",
            "reached": own.stages[0].value,
            "value": judged.objective(scenario.objective),
            "optimum_contracts": own.evaluation.objective("contracts"),
            "value_contracts": judged.objective("contracts"),
            **_regrets(scenario, judged),
            "probability": scenario.probability,
            "counts_as": self.safest.counts_as.get(scenario.name),
        }

    def _carried(self, plan: Plan, unit: float) -> dict[str, Any]:
        """A scenario's own plan, judged in all: regrets, broken limits, new posts."""
        posts = plan.evaluation.new_facilitators_fte, plan.evaluation.new_coordinators_fte
        carried = self.safest.judged.scenario_set.judge(*posts)
        by_scenario = {}
        for scenario in self.scenarios:
            judged = carried.by_scenario[scenario.name]
            lost = _regrets(scenario, judged)
            by_scenario[scenario.name] = (dict.fromkeys(lost) if judged.violations else lost) | {
                "contracts": judged.objective("contracts"),
                "violations": [
                    {key: getattr(v, key) for key in ("constraint", "territory", "year", "area")}
                    for v in judged.violations
                ],
            }
        return {
            "largest_regret": None if carried.violations else carried.objective(LARGEST) / unit,
            "by_scenario": by_scenario,
            "posts": _new_posts(plan.evaluation),
        }


def _same_units(scenarios: Sequence[Scenario]) -> bool:
    first, *others = (
        s.problem.weight if s.objective == "coverage" else np.ones_like(s.problem.weight)
        for s in scenarios
    )
    return all(np.allclose(first, other, rtol=1e-9, atol=0.0) for other in others)


def _unit(scenario: Scenario) -> str:
    return objective_unit(scenario.problem, scenario.objective)


def _regrets(scenario: Scenario, judged: Evaluation) -> dict[str, float | None]:
    """Regret in the scenario's unit, and as a share of its optimum (None where that is 0)."""
    regret = scenario.regret(judged)
    return {
        "regret": regret,
        "relative_regret": regret / scenario.optimum if scenario.optimum > 0 else None,
    }


def _new_posts(judged: Evaluation) -> list[dict[str, Any]]:
    keys = ("territory", "role", "year", "new_fte", "area")
    return [{key: row[key] for key in keys} for row in all_posts(judged)]


def _posts(documents: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Posts as in plan documents; posts in place or renewed are None where scenarios differ."""
    for rows in zip(*(document["posts"] for document in documents), strict=True):
        same = {
            key: rows[0][key] if all(row[key] == rows[0][key] for row in rows) else None
            for key in ("existing_fte", "committed_fte")
        }
        yield {**rows[0], **same}
