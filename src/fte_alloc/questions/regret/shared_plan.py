"""The plan that is best for several scenarios at once, searched and proved by two bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fte_alloc.errors import SolverError
from fte_alloc.language import _
from fte_alloc.lp.matrix import label
from fte_alloc.names import PLAN_FAILS_CHECK
from fte_alloc.programme.objectives import Stage, StageProof
from fte_alloc.programme.scenario_set import (
    AVERAGE,
    LARGEST,
    JudgedScenarioSet,
    Scenario,
    ScenarioSet,
    formulate_scenario_set,
    scenario_prefixes,
)
from fte_alloc.questions.document import time_left_s
from fte_alloc.questions.plan import Plan
from fte_alloc.search.rounds import RoundSearch
from fte_alloc.search.steps import best_shared_in_steps, shared_tables

#: Largest accepted difference of the two bounds, as a share of max(1, regret).
GOOD_GAP = 1e-6
#: Least tolerance of a regret, as a share of the mean optimum: a regret is a difference of optima,
#: and the solver may exceed a row by 1e-9.
OPTIMUM_GAP = 1e-11
#: Both shares for plans in steps, whose bound is the solver's.
STEP_GOOD_GAP, STEP_OPTIMUM_GAP = 1e-3, 2e-9
#: Least width of the first tangents around the effort of a nearby plan [FTE].
NEARBY_FTE = 2e-3


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


def shared_plan(
    each: tuple[Scenario, ...],
    own: Mapping[str, Plan],
    objectives: Sequence[str],
    deadline: float | None,
    near: SharedPlanSearch | None,
) -> tuple[SharedPlan, SharedPlanSearch | None]:
    """The common plan that is lexicographically optimal for the objectives, and its search.

    The search is None where the plan was found by tables of the areas.
    """
    first = objectives[0]
    scenario_set = ScenarioSet(each, tuple(Stage(objective) for objective in objectives))
    found, search = _from_tables(scenario_set, deadline), None
    if not found:
        search = SharedPlanSearch(scenario_set, time_left_s(deadline), near)
        posts = search.run().posts
        found = scenario_set.judge(*posts), search.proofs[0].bound if search.proofs else 0.0
    judged, bound = found
    if judged.violations:
        if search and not search.proved:
            raise search.without_plan()
        raise SolverError(_(PLAN_FAILS_CHECK).format(violation=judged.violations[0].sentence()))
    # The optimum may lie below its bound by the gap between bound and own plan.
    missed = {s: max(0.0, s.optimum - own[s.name].stages[0].value) / s.measure for s in each}
    unsure = max(missed.values())
    if first == AVERAGE:
        unsure = sum(scenario.probability * lack for scenario, lack in missed.items())
    plan = SharedPlan(
        first,
        judged,
        max(0.0, bound - unsure),
        not search or search.proved,
        _scenario_prices(search) if search and first == LARGEST else {},
        search.reason if search else None,
        by_solver=bool(search and search.in_steps),
    )
    in_steps = max(scenario_set.steps_fte) > 0
    if plan.proved and plan.relative_gap > (STEP_GOOD_GAP if in_steps else GOOD_GAP):
        raise SolverError(_("the two bounds of a stage do not agree"))
    return plan, search


def _from_tables(
    scenarios: ScenarioSet, deadline: float | None
) -> tuple[JudgedScenarioSet, float] | None:
    """The best plan in steps and its bound, from tables of the areas; None if these give none."""
    tables = shared_tables(scenarios)
    weights = {s.name: s.probability for s in scenarios.each}
    if tables and scenarios.stages[0].objective == LARGEST:
        # Regrets of continuous posts may be below 0: a higher optimum keeps them above.
        more = max(s.optimum / s.measure for s in scenarios.each)
        each = (
            replace(s, problem=s.problem.continuous(), optimum=s.optimum + more * s.measure)
            for s in scenarios.each
        )
        continuous = ScenarioSet(tuple(each), scenarios.stages[:1])
        search = SharedPlanSearch(continuous, time_left_s(deadline))
        search.run()
        weights = _scenario_prices(search) or weights
    return best_shared_in_steps(scenarios, tables, weights) if tables else None


def _scenario_prices(search: SharedPlanSearch) -> dict[str, float]:
    """Dual prices of the regret rows by scenario, scaled to a sum of 1; empty without prices."""
    measure = {scenario.name: scenario.measure for scenario in search.scenario_set.each}
    duals = search.proofs[0].duals if search.proofs and not search.in_steps else {}
    prices = {
        name: max(0.0, duals.get(label(prefix, "regret"), 0.0)) * measure[name]
        for name, prefix in scenario_prefixes(measure).items()
    }
    total = sum(prices.values())
    return {name: price / total for name, price in prices.items()} if total > 0 else {}


class SharedPlanSearch(RoundSearch[JudgedScenarioSet]):
    """Search for one allocation of posts with the least largest or average regret over scenarios.

    Rounds are those of ``RoundSearch``; only the first objective is proved, by prices on the true
    curves of every scenario.

    near : a search that ended near the wanted plan; the first tangents lie around its effort
    """

    def __init__(
        self,
        scenario_set: ScenarioSet,
        time_limit_s: float | None,
        near: SharedPlanSearch | None = None,
    ) -> None:
        super().__init__(scenario_set, formulate_scenario_set(scenario_set), time_limit_s)
        self.scenario_set, self.near = scenario_set, near
        self.scale = float(np.mean([s.optimum / s.measure for s in scenario_set.each]))
        self.first_alone = True
        # One set of tangents is enough: plans that tie have equal effort wherever it has a price.
        self.centre, self.width, self.effort = self.centre[:1], self.width[:1], [None]
        if near is not None:
            self.centre = [near.centre[0]]
            self.width = [np.clip(near.width[0], NEARBY_FTE, self.width[0])]
        self._refine()

    def _approach_without_steps(self) -> None:
        """Place tangents around the optimum without steps, unless *near* has placed them."""
        if self.near is None:
            super()._approach_without_steps()

    def tolerance(self, proof: StageProof) -> float:
        """Largest difference between a stage's value and its bound at which the stage is proved."""
        of_optima = STEP_OPTIMUM_GAP if self.in_steps else OPTIMUM_GAP
        return max(self.gap * max(1.0, abs(proof.bound)), of_optima * self.scale)

    def is_closed(self, proof: StageProof) -> bool:
        """Whether the value and the bound of a stage differ by at most the tolerance."""
        return proof.value - proof.bound <= self.tolerance(proof)

    def _kept(self, proof: StageProof, plan: JudgedScenarioSet) -> bool:
        """Whether the final plan keeps the proved regret and every limit."""
        lost = plan.objective(proof.objective) - proof.bound
        return lost <= self.tolerance(proof) and not plan.violations
