"""One plan in steps for several scenarios, by tables of the areas, proved by arithmetic.

Where every area is one territory, mean regrets add up over areas. Plans of little more than the
least mean are listed, until the largest regret of one is below the mean of all that are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain

import numpy as np

from fte_alloc.programme.scenario_set import AVERAGE, JudgedScenarioSet, ScenarioSet
from fte_alloc.programme.statement import tie_break_weights
from fte_alloc.programme.step_limits import StepLimits, step_limits
from fte_alloc.programme.step_tables import StepTables

#: Shares of the mean optimum: difference of plans that tie; excess over the least of plans listed
#: first, which doubles from list to list. Number of lists at most.
TIES, FIRST, MOST_LISTS = 1e-11, 1e-8, 30
#: Decimals of contracts and EUR to which later objectives compare plans that tie.
LATER_DECIMALS = 5


def shared_tables(scenarios: ScenarioSet) -> list[StepTables]:
    """Area tables of each scenario within the limits of all; empty where tables do not apply."""
    problems = [replace(p, stages=p.stages[:1]) for p in scenarios.problems]
    found = [step_limits(p, only_useful=False) for p in problems if p.alone_in_area.all()]
    limits = [of for of in found if of is not None]
    if len(limits) < len(problems):
        return []
    low, high, by_area, national, least = zip(*limits, strict=True)
    x_low, z_low = (np.max(of, axis=0) for of in zip(*low, strict=True))
    x_high, z_high = (np.min(of, axis=0) for of in zip(*high, strict=True))
    of_areas = [[*chain(*of)] for of in zip(*by_area, strict=True)]
    shared = (x_low, z_low), (x_high, z_high), of_areas, [*chain(*national)]
    tables = [StepTables(p, StepLimits(*shared, of)) for p, of in zip(problems, least, strict=True)]
    for areas in zip(*(of.areas for of in tables), strict=True):
        np.all([of.within for of in areas], axis=0, out=areas[0].within)
    return tables


def best_shared_in_steps(
    scenarios: ScenarioSet, tables: list[StepTables], weights: Mapping[str, float]
) -> tuple[JudgedScenarioSet, float] | None:
    """The best plan of several scenarios, judged, and the bound of its first objective.

    weights : weights of the scenarios, of sum 1: for the average regret, the probabilities; for the
        largest regret, any (the nearer to its prices, the fewer plans are listed)

    None where no plan is possible, or where too many plans are about as good.
    """

    def compared_by(plan: JudgedScenarioSet) -> list[float]:
        """What plans that tie differ in: later objectives, rounded, and what breaks ties."""
        later = (round(plan.objective(s.objective), LATER_DECIMALS) for s in scenarios.stages[1:])
        posts = np.concatenate(plan.posts[::-1])[:, 0]
        return [*later, float(tie_break_weights(scenarios.problems[0]) @ posts)]

    optimum, measure, weight = np.array(
        [(s.optimum / s.measure, s.measure, weights[s.name]) for s in scenarios.each]
    ).T
    covered = [
        np.stack([of.values for of in areas]) / measure[:, None, None]
        for areas in zip(*(of.areas for of in tables), strict=True)
    ]
    first, ties = tables[0], TIES * optimum.mean()
    means = [np.tensordot(weight, of, 1) for of in covered]
    sums = first.best_sums(means)
    most = sums[-1].max()
    for room in FIRST * optimum.mean() * 2.0 ** np.arange(MOST_LISTS):
        z, n = first.entries(means, sums, np.nonzero(sums[-1] >= most - room), most - room)
        if not (n.size and np.isfinite(most)):
            break
        regrets = optimum[:, None] - sum(of[:, *at] for *at, of in zip(z, n, covered, strict=True))
        is_average = scenarios.stages[0].objective == AVERAGE
        value = weight @ regrets if is_average else regrets.max(axis=0)
        best = float(value.min()) + ties
        if best <= weight @ optimum - most + room:
            x = (n[first.problem.area_of] + first.fewest[0][:, None]) * first.steps_fte[0]
            z = (z + first.fewest[1][:, None]) * first.steps_fte[1]
            tied = [scenarios.judge(x[:, [j]], z[:, [j]]) for j in np.flatnonzero(value <= best)]
            return min(tied, key=compared_by), best - 2.0 * ties
    return None
