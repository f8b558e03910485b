"""The plan that is safe to choose while nobody knows which scenario will come true.

The regret of a plan in a scenario is what the scenario's own best plan covers more, where effort is
split anew. Two plans are found for all scenarios at once: the plan with the least largest regret
and the plan with the least mean regret. Each is proved by two bounds.

Regrets are measured from the *proved upper bound* of each scenario's optimum, so that no regret is
understated; lower bounds from the value of its own best plan, so that no bound is overstated.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from fte_alloc.errors import InputError, Mistake, StoppedError
from fte_alloc.inputs.load import ProblemLike
from fte_alloc.language import _
from fte_alloc.names import STOP_REASONS
from fte_alloc.programme.scenario_set import (
    AVERAGE,
    LARGEST,
    STATE_COST,
    TOTAL,
    JudgedScenarioSet,
    Scenario,
)
from fte_alloc.questions.document import inputs_without_values, scenario_keys, time_left_s
from fte_alloc.questions.objectives_in_words import objective_unit
from fte_alloc.questions.plan import Plan, solve
from fte_alloc.questions.posts import new_posts_fte, post_rows
from fte_alloc.questions.regret.comparable import (
    probability_by_name,
    problems_by_name,
    refuse_incomparable,
)
from fte_alloc.questions.regret.shared_plan import SharedPlan, shared_plan
from fte_alloc.shown import Tables

if TYPE_CHECKING:
    import pandas as pd

#: The worst scenarios are those whose regret is within this share of the largest.
TIED = 1e-6


def regret(
    problems: Mapping[str, ProblemLike] | Iterable[ProblemLike],
    *,
    probabilities: Mapping[str, float] | None = None,
    relative: bool = False,
    time_limit_s: float | None = None,
) -> Regret:
    """Find the plan of least maximum regret over scenarios, and the plan of least mean regret.

    problems : problems, or names or paths of scenarios; by name, or named after their scenarios
    probabilities : by name, for the average [1]; the other scenarios share the rest equally
    relative : whether a regret is measured as a share of the scenario's optimum

    Raises InputError where the scenarios do not have the same posts or regret cannot be measured,
    InfeasibleError where no plan is possible in all of them, StoppedError where time ran out,
    SolverError where a plan or a proof does not pass the check.
    """
    given = problems_by_name(problems)
    chosen = dict(sorted(given.items()))  # the same figures in whatever order they are given
    chance = probability_by_name(chosen, probabilities or {})
    refuse_incomparable(chosen)
    deadline = None if time_limit_s is None else time.monotonic() + time_limit_s
    own = {}
    for name, problem in chosen.items():
        plan = own[name] = solve(problem, time_left_s(deadline), priced=False)
        if plan.status != "optimal":
            text = _("{reason}; the best plan of {scenario} is not proved.")
            why = _(STOP_REASONS[plan.reason or "rounds"])
            raise StoppedError(text.format(reason=why, scenario=name))
    optimum = {name: plan.stages[0].bound for name, plan in own.items()}
    if relative and (nothing := [name for name, value in optimum.items() if value <= 0]):
        text = _("nothing can be covered; a share of nothing says nothing: leave out --relative")
        raise InputError([Mistake(name, text) for name in nothing])
    mean = float(np.mean(list(optimum.values())))  # the measure of a relative regret of 1
    scenarios = tuple(
        Scenario(name, p, optimum[name], optimum[name] / mean if relative else 1.0, chance[name])
        for name, p in chosen.items()
    )
    average, near = shared_plan(scenarios, own, (AVERAGE, STATE_COST), deadline, None)
    safest, __ = shared_plan(scenarios, own, (LARGEST, TOTAL, STATE_COST), deadline, near)
    by_name = {scenario.name: scenario for scenario in scenarios}
    return Regret(relative, [by_name[name] for name in given], safest, average, own)


@dataclass(frozen=True, eq=False, repr=False)
class Regret(Tables):
    """The safest plan, with the least largest regret over scenarios, and the one best on average.

    relative : whether regrets are measured as shares of each scenario's optimum
    scenarios : in the order they were given
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
        safest, by_solver = (
            self._proved(self.safest),
            self.safest.by_solver or self.average.by_solver,
        )
        units = [objective_unit(s.problem, s.objective) for s in self.scenarios]
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
                s.name: self._scenario_entry(s, heads[s.name]) | safest["by_scenario"][s.name]
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

    def _scenario_entry(self, scenario: Scenario, head: Mapping[str, Any]) -> dict[str, Any]:
        """Entry of a scenario: title, objective, optimum and its proof, probabilities."""
        own, inputs = self.own[scenario.name], scenario.problem.inputs
        return {
            "title": head["title"],
            "title_fr": inputs.value("title_fr") if inputs else None,
            "objective": scenario.objective,
            "unit": objective_unit(scenario.problem, scenario.objective),
            "optimum": scenario.optimum,
            "proof": "solver" if own.stages[0].is_by_solver else "arithmetic",
            "optimum_contracts": own.evaluation.objective("contracts"),
            "probability": scenario.probability,
            "counts_as": self.safest.counts_as.get(scenario.name),
        }

    def _proved(self, plan: SharedPlan) -> dict[str, Any]:
        return {
            "lower_bound": plan.bound / self._regret_unit,
            "relative_gap": plan.relative_gap,
            **self._judged(plan.judged),
        }

    @property
    def _regret_unit(self) -> float:
        """Divisor from objective values to regrets: 1, or the mean optimum if relative."""
        first = self.scenarios[0]
        return first.optimum / first.measure if self.relative else 1.0

    def _judged(self, plan: JudgedScenarioSet) -> dict[str, Any]:
        """Entry of a plan: values, regrets and broken limits; regrets are None if limits break."""
        by_scenario, of_violation = {}, ("constraint", "territory", "year", "area")
        for s in self.scenarios:
            judged = plan.by_scenario[s.name]
            regret, is_undefined = s.regret(judged), judged.violations or s.optimum <= 0
            by_scenario[s.name] = {
                "value": judged.objective(s.objective),
                "value_contracts": judged.objective("contracts"),
                "regret": None if judged.violations else regret,
                "relative_regret": None if is_undefined else regret / s.optimum,
                "violations": [
                    {key: getattr(v, key) for key in of_violation} for v in judged.violations
                ],
            }
        keeps_all, largest = not plan.violations, plan.objective(LARGEST)
        least, problem = largest - TIED * max(1.0, largest), self.scenarios[0].problem
        rows, posts = post_rows(problem, problem.post_keys()), new_posts_fte(plan.each[0]).tolist()
        return {
            "largest_regret": largest / self._regret_unit if keeps_all else None,
            "average_regret": plan.objective(AVERAGE) / self._regret_unit if keeps_all else None,
            "worst": [name for name in by_scenario if keeps_all and plan.measured[name] >= least],
            "by_scenario": by_scenario,
            "posts": [{**row, "new_fte": fte} for row, fte in zip(rows, posts, strict=True)],
        }


def _same_units(scenarios: Sequence[Scenario]) -> bool:
    first, *others = (
        s.problem.weight if s.objective == "coverage" else np.ones_like(s.problem.weight)
        for s in scenarios
    )
    return all(np.allclose(first, other, rtol=1e-9, atol=0.0) for other in others)
