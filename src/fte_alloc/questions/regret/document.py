"""A safe plan with its regrets, and its ``fte-alloc/regret/1`` document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.scenario_set import AVERAGE, LARGEST, JudgedScenarioSet, Scenario
from fte_alloc.questions.document_parts import without_values
from fte_alloc.questions.plan import Plan
from fte_alloc.questions.plan_document import all_posts, evaluation_document, objective_unit
from fte_alloc.questions.wording import inputs_of
from fte_alloc.shown import Tables

if TYPE_CHECKING:
    import pandas as pd


#: The worst scenarios are those whose regret is within this share of the largest.
TIED = 1e-6


@dataclass(frozen=True, eq=False)
class SharedPlan:
    """One allocation of posts for all scenarios, and the proof of what it is best at.

    objective : ``largest_regret`` or ``average_regret``
    judged : the posts, judged in every scenario with the best split of effort there
    bound : no allocation has a smaller objective, in measured regret
    counts_as : by the prices of the scenarios: probabilities under which the plan has the least
        mean regret
    reason : why it is not proved, a key of ``STOP_REASONS``
    by_solver : whether the bound is the solver's word
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
        """What is reached of the objective, in measured regret."""
        return self.judged.objective(self.objective)

    @property
    def relative_gap(self) -> float:
        """(value − bound) / max(1, value)."""
        return (self.value - self.bound) / max(1.0, self.value)

    @property
    def worst(self) -> tuple[str, ...]:
        """The scenarios with the largest regret."""
        regrets = self.judged.measured
        largest = max(regrets.values())
        return tuple(n for n, r in regrets.items() if r >= largest - TIED * max(1.0, largest))


@dataclass(frozen=True, eq=False, repr=False)
class Regret(Tables):
    """The plan with the least largest regret over scenarios, and the one best on average.

    relative : regrets are measured as shares of each scenario's optimum
    safest, average : the two plans
    own : each scenario's own best plan, in the order the scenarios were given
    """

    relative: bool
    safest: SharedPlan
    average: SharedPlan
    own: Mapping[str, Plan]

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """The scenarios, in the order they were given."""
        of = {s.name: s for s in self.safest.judged.scenario_set.each}
        return tuple(of[name] for name in self.own)

    @property
    def status(self) -> str:
        """``optimal``, or ``stopped`` where a limit was reached before the bounds agreed."""
        return "optimal" if self.safest.proved and self.average.proved else "stopped"

    @property
    def largest_regret(self) -> float:
        """The largest regret of the safest plan, in contracts or as a share of the optimum."""
        return self.safest.value / self.unit

    @property
    def lower_bound(self) -> float:
        """No plan has a smaller largest regret."""
        return self.safest.bound / self.unit

    @property
    def worst(self) -> tuple[str, ...]:
        """The scenarios in which the safest plan is regretted most."""
        return tuple(name for name in self.own if name in self.safest.worst)

    @property
    def unit(self) -> float:
        """Measured regret that counts as one: a contract, or the whole of an optimum."""
        first = self.safest.judged.scenario_set.each[0]
        return first.optimum / first.measure if self.relative else 1.0

    @property
    def same_units(self) -> bool:
        """Whether a contract counts the same in all scenarios."""
        first, *others = (
            s.problem.weight if s.objective == "coverage" else np.ones_like(s.problem.weight)
            for s in self.scenarios
        )
        return all(np.allclose(first, other, rtol=1e-9, atol=0.0) for other in others)

    @property
    def posts(self) -> pd.DataFrame:
        """One row a post of the safest plan: territory, role, year and FTE."""
        import pandas as pd

        return pd.DataFrame(self.document["posts"])

    @cached_property
    def document(self) -> dict[str, Any]:
        """As a ``fte-alloc/regret/1`` document; keys may be added, never renamed."""
        judged, on_average = self.safest.judged.by_scenario, self.average.judged.by_scenario
        documents = {s.name: evaluation_document(judged[s.name]) for s in self.scenarios}
        one, units = documents[min(documents)], map(_unit, self.scenarios)
        return {
            "format": "fte-alloc/regret/1",
            "status": self.status,
            "scenarios": list(documents),
            "models": {name: document["model"] for name, document in documents.items()},
            "territory": one["inputs"]["values"].get("territory") if "inputs" in one else None,
            "years": one["years"],
            "step_fte": self.scenarios[0].problem.least_step_fte,
            "proof": "solver" if self.safest.by_solver or self.average.by_solver else "arithmetic",
            "relative": self.relative,
            "unit": "1" if self.relative else max(units, key=len),
            "same_units": self.same_units,
            "largest_regret": self.largest_regret,
            "lower_bound": self.lower_bound,
            "relative_gap": self.safest.relative_gap,
            "worst": list(self.worst),
            "average_regret": self.safest.judged.objective(AVERAGE) / self.unit,
            "by_scenario": {s.name: self._told(s, documents[s.name]) for s in self.scenarios},
            "posts": list(_posts(documents.values())),
            "average": {
                "average_regret": self.average.value / self.unit,
                "lower_bound": self.average.bound / self.unit,
                "relative_gap": self.average.relative_gap,
                "largest_regret": self.average.judged.objective(LARGEST) / self.unit,
                "worst": [name for name in self.own if name in self.average.worst],
                "by_scenario": {s.name: _regrets(s, on_average[s.name]) for s in self.scenarios},
                "posts": _new_posts(self.average.judged.each[0]),
            },
            "own_plans": {name: _own(self, plan) for name, plan in self.own.items()},
            "regional_figures": one.get("regional_figures"),
            "inputs": {
                name: without_values(document["inputs"])
                for name, document in documents.items()
                if "inputs" in document
            },
            "software": one["software"],
        }

    def _told(self, scenario: Scenario, document: Mapping[str, Any]) -> dict[str, Any]:
        """What the document says of a scenario, its optimum and the safest plan in it."""
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


def _unit(scenario: Scenario) -> str:
    """What the objective of a scenario is counted in."""
    return objective_unit(scenario.problem, scenario.objective)


def _regrets(scenario: Scenario, judged: Evaluation) -> dict[str, float | None]:
    """A regret in the scenario's unit, and as a share of its optimum."""
    regret = scenario.regret(judged)
    return {
        "regret": regret,
        "relative_regret": regret / scenario.optimum if scenario.optimum > 0 else None,
    }


def _own(r: Regret, plan: Plan) -> dict[str, Any]:
    """A scenario's own plan carried into all of them; where it breaks a limit, which."""
    posts = plan.evaluation.new_facilitators_fte, plan.evaluation.new_coordinators_fte
    carried = r.safest.judged.scenario_set.judge(*posts)
    by_scenario = {}
    for scenario in r.scenarios:
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
        "largest_regret": None if carried.violations else carried.objective(LARGEST) / r.unit,
        "by_scenario": by_scenario,
        "posts": _new_posts(plan.evaluation),
    }


def _new_posts(judged: Evaluation) -> list[dict[str, Any]]:
    """New posts by (role, code, year), without what is in place."""
    keys = ("territory", "role", "year", "new_fte", "area")
    return [{key: row[key] for key in keys} for row in all_posts(judged)]


def _posts(documents: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The posts as in plan documents; posts in place that scenarios differ in are None."""
    for rows in zip(*(document["posts"] for document in documents), strict=True):
        same = {
            key: rows[0][key] if all(row[key] == rows[0][key] for row in rows) else None
            for key in ("existing_fte", "committed_fte")
        }
        yield {**rows[0], **same}
