"""Which plan is safe to choose while nobody knows which scenario will come true.

The regret of a plan in a scenario is what the scenario's own best plan covers more, effort split
anew. Two plans are found for all scenarios at once: one whose largest regret is least, one whose
mean regret is least. Each is proved by two bounds.

Regrets are told against the *proved upper bound* of each scenario's optimum, so that none is ever
understated; lower bounds against what its best plan is known to reach, so that none is overstated.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from fte_alloc import words
from fte_alloc.analysis.comparable import check, named, shares
from fte_alloc.analysis.shared_plan import SharedPlanSearch
from fte_alloc.coverage import Floats
from fte_alloc.errors import InputError, Mistake, SolverError, StoppedError
from fte_alloc.judging import Evaluation
from fte_alloc.limits import label
from fte_alloc.planning import Plan, solve
from fte_alloc.problem import Problem
from fte_alloc.worlds import (
    AVERAGE,
    LARGEST,
    STATE_COST,
    TOTAL,
    JudgedWorlds,
    Loss,
    World,
    Worlds,
    prefixes,
)

if TYPE_CHECKING:
    import pandas as pd

#: The worst scenarios are those whose regret is within this share of the largest.
TIED = 1e-6
#: Bounds are good where they agree to this share of max(1, regret).
GOOD_GAP = 1e-6


@dataclass(frozen=True, eq=False)
class SharedPlan:
    """One allocation of posts for all scenarios, and the proof of what it is best at.

    objective : ``largest_regret`` or ``average_regret``
    judged : the posts, judged in every scenario with the best split of effort there
    bound : no allocation has a smaller objective, in measured regret
    counts_as : by the prices of the scenarios: probabilities under which the plan has the least
        mean regret
    reason : why it is not proved, a key of ``words.STOP_REASONS``
    """

    objective: str
    judged: JudgedWorlds
    bound: float
    proved: bool
    counts_as: Mapping[str, float]
    reason: str | None = None

    @property
    def worlds(self) -> tuple[World, ...]:
        """The scenarios, in the order of their names."""
        return self.judged.worlds.each

    @property
    def value(self) -> float:
        """What is reached of the objective, in measured regret."""
        return self.judged.objective(self.objective)

    @property
    def relative_gap(self) -> float:
        """(value − bound) / max(1, value)."""
        return (self.value - self.bound) / max(1.0, self.value)

    @property
    def measured(self) -> dict[str, float]:
        """Regret in every scenario, in its measure."""
        pairs = zip(self.worlds, self.judged.each, strict=True)
        return {world.name: world.regret(e) / world.measure for world, e in pairs}

    @property
    def worst(self) -> tuple[str, ...]:
        """The scenarios with the largest regret."""
        regrets = self.measured
        largest = max(regrets.values())
        return tuple(n for n, r in regrets.items() if r >= largest - TIED * max(1.0, largest))


@dataclass(frozen=True, eq=False)
class Regret:
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
    def worlds(self) -> tuple[World, ...]:
        """The scenarios, in the order they were given."""
        of = {world.name: world for world in self.safest.worlds}
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
        first = self.safest.worlds[0]
        return first.optimum / first.measure if self.relative else 1.0

    @property
    def same_units(self) -> bool:
        """Whether a contract counts the same in all scenarios."""
        first, *others = (_contract_value(world.problem) for world in self.worlds)
        return all(np.allclose(first, other, rtol=1e-9, atol=0.0) for other in others)

    def carried(self, plan: Plan) -> dict[str, Evaluation]:
        """A plan judged in every scenario."""
        posts = plan.evaluation.new_facilitators_fte, plan.evaluation.new_coordinators_fte
        return {world.name: world.problem.judge(*posts) for world in self.worlds}

    @property
    def posts(self) -> pd.DataFrame:
        """One row a post of the safest plan: territory, role, year and FTE."""
        import pandas as pd

        return pd.DataFrame(self.document["posts"])

    @cached_property
    def document(self) -> dict[str, Any]:
        """As a ``fte-alloc/regret/1`` document."""
        from fte_alloc.analysis.regret_document import regret_document

        return regret_document(self)


def regret(
    problems: Mapping[str, Problem] | Iterable[Problem],
    *,
    probabilities: Mapping[str, float] | None = None,
    relative: bool = False,
    time_limit_s: float | None = None,
) -> Regret:
    """The plan whose largest regret over several scenarios is least, and the one best on average.

    problems : by name, or with the names of their scenarios
    probabilities : by name, for the average; those not named share what is left equally
    relative : measure a regret as a share of the scenario's optimum

    Raises InputError where the scenarios do not decide on the same posts or cannot be measured,
    InfeasibleError where no plan is possible in all of them, StoppedError where time ran out,
    SolverError where a plan or a proof does not pass the check.
    """
    given = named(problems)
    chosen = dict(sorted(given.items()))  # the same figures in whatever order they are given
    chance = shares(chosen, probabilities or {})
    check(chosen)
    deadline = None if time_limit_s is None else time.monotonic() + time_limit_s
    own = {}
    for name, problem in chosen.items():
        own[name] = solve(problem, _left(deadline), priced=False)
        if own[name].status != "optimal":
            why = words.STOP_REASONS[own[name].reason or "rounds"]
            raise StoppedError(words.REGRET_STOPPED.format(reason=why, scenario=name))
    worlds = _worlds(chosen, own, chance, relative)
    average, near = _shared_plan(worlds, own, (AVERAGE, STATE_COST), deadline, None)
    safest, _ = _shared_plan(worlds, own, (LARGEST, TOTAL, STATE_COST), deadline, near)
    return Regret(relative, safest, average, {name: own[name] for name in given})


def _left(deadline: float | None) -> float | None:
    """Seconds left, at least 0."""
    return None if deadline is None else max(0.0, deadline - time.monotonic())


def _worlds(
    problems: Mapping[str, Problem],
    own: Mapping[str, Plan],
    chance: Mapping[str, float],
    relative: bool,
) -> tuple[World, ...]:
    """The scenarios as worlds; a relative regret of 1 is measured as the mean of the optima."""
    optimum = {name: plan.stages[0].bound for name, plan in own.items()}
    nothing = [name for name, value in optimum.items() if value <= 0]
    if relative and nothing:
        raise InputError([Mistake(name, words.REGRET_NOTHING) for name in nothing])
    mean = float(np.mean(list(optimum.values())))
    return tuple(
        World(name, p, optimum[name], optimum[name] / mean if relative else 1.0, chance[name])
        for name, p in problems.items()
    )


def _shared_plan(
    each: tuple[World, ...],
    own: Mapping[str, Plan],
    objectives: Sequence[str],
    deadline: float | None,
    near: SharedPlanSearch | None,
) -> tuple[SharedPlan, SharedPlanSearch]:
    """The plan best for the first of the objectives, ties settled by the others."""
    first = objectives[0]
    worlds = Worlds(each, tuple(Loss(objective) for objective in objectives))
    search = SharedPlanSearch(worlds, _left(deadline), near)
    found = search.run()
    judged = worlds.judge(*found.posts)
    if judged.violations:
        if not search.proved:
            raise search.without_plan()
        raise SolverError(words.PLAN_FAILS_CHECK.format(violation=judged.violations[0].sentence()))
    # An optimum may lie below its bound by what its own plan does not reach of it.
    missed = [(world.optimum - own[world.name].stages[0].value) / world.measure for world in each]
    weights = [world.probability if first == AVERAGE else 1.0 for world in each]
    unsure = (sum if first == AVERAGE else max)(
        weight * max(0.0, lack) for weight, lack in zip(weights, missed, strict=True)
    )
    bound = search.proofs[0].bound if search.proofs else 0.0
    plan = SharedPlan(
        first,
        judged,
        max(0.0, bound - unsure),
        search.proved,
        _counts_as(search, first),
        search.reason,
    )
    if search.proved and plan.relative_gap > GOOD_GAP:
        raise SolverError(words.BOUNDS_DISAGREE)
    return plan, search


def _counts_as(search: SharedPlanSearch, objective: str) -> dict[str, float]:
    """Probabilities that the prices of the regrets stand for; none where they have no price."""
    worlds = search.worlds.each
    if objective == AVERAGE:
        return {world.name: world.probability for world in worlds}
    duals = search.proofs[0].duals if search.proofs else {}
    prices = {
        world.name: max(0.0, duals.get(label(prefix, "regret"), 0.0)) * world.measure
        for prefix, world in zip(prefixes(w.name for w in worlds), worlds, strict=True)
    }
    total = sum(prices.values())
    return {name: price / total for name, price in prices.items()} if total > 0 else {}


def _contract_value(p: Problem) -> Floats:
    """What one covered contract is worth in a scenario's first objective [I,T,S]."""
    first = p.stages[0].objective
    return p.weight if first == "coverage" else np.ones_like(p.contracts_per_year)


# -- a table of plans and scenarios ----------------------------------------------------------------


def regret_table(
    payoffs: Mapping[str, Mapping[str, float]],
) -> dict[str, dict[str, float]]:
    """Regret of each plan in each scenario: what the best of them brings there and it does not.

    payoffs : what a plan brings, by plan and scenario

    Savage, *The theory of statistical decision* (1951).
    """
    worlds = list(next(iter(payoffs.values())))
    best = {world: max(brought[world] for brought in payoffs.values()) for world in worlds}
    return {
        plan: {world: best[world] - brought[world] for world in worlds}
        for plan, brought in payoffs.items()
    }


def safest_of(regrets: Mapping[str, Mapping[str, float]]) -> tuple[tuple[str, ...], float]:
    """The plans whose largest regret is least, and that regret."""
    largest = {plan: max(by_world.values()) for plan, by_world in regrets.items()}
    least = min(largest.values())
    return tuple(plan for plan, regret in largest.items() if regret == least), least
