"""The best plan in steps where tables of the areas apply, of one problem or of several scenarios.

Multipliers are searched for where the best sum of tables needs them; where the plan of an entry
stays below its bound, a tree over the posts of its area closes the gap.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from fte_alloc.programme.area import AreaSearch
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.objectives import StageProof
from fte_alloc.programme.problem import Evaluation, Problem
from fte_alloc.programme.scenario_set import AVERAGE, JudgedScenarioSet, ScenarioSet
from fte_alloc.programme.statement import tie_break_weights
from fte_alloc.programme.step_limits import (
    LOWEST_RATE,
    StepLimits,
    lowest_rate_as_least_rate,
    step_limits,
)
from fte_alloc.programme.step_tables import StepTables, highest_table_rate, is_table_possible

#: Shares of the first stage: largest gap of an accepted plan; largest sum of the tie-break.
CLOSED, TIES = 2e-10, 1e-10
#: Share of a stage that later ones may lose to rounding.
KEPT = 5e-10
#: For several scenarios, shares of the mean optimum: difference of plans that tie; excess over the
#: least of plans listed first, which doubles from list to list. Number of lists at most.
SHARED_TIES, FIRST, MOST_LISTS = 1e-11, 1e-8, 30
#: Decimals of contracts and EUR to which later objectives compare plans that tie.
LATER_DECIMALS = 5


class PlanInSteps(NamedTuple):
    """The best plan among those with given totals of posts.

    among : mask of these totals [N,Z]; values, kept : value reached and value to keep, by stage
    """

    plan: Evaluation
    among: np.ndarray
    values: list[float]
    kept: list[float]

    def costs_more(self, other: PlanInSteps) -> bool:
        """Whether the last objective, a cost, exceeds that of another plan beyond rounding."""
        return self.values[-1] > other.values[-1] + KEPT * max(1.0, abs(other.values[-1]))


def best_in_steps(
    p: Problem, time_limit_s: float | None = None
) -> tuple[Evaluation, list[StageProof], StepSearch] | None:
    """Best plan in steps from tables of the areas, proofs, and search; None if infeasible.

    Where the lowest rate is the first stage, the search of the later ones has it as a least rate.
    """
    first, asked, kept = p.stages[0], p, 0.0
    if first.objective == LOWEST_RATE:
        if not is_table_possible(lowest_rate_as_least_rate(p, 0.0)):
            return None
        reached, unreached = highest_table_rate(lowest_rate_as_least_rate(p, 0.0))
        kept = reached - (first.concede + KEPT) * reached
        asked = lowest_rate_as_least_rate(p, kept)
    search = StepSearch(asked, time_limit_s)
    served = search.serve(search.tables.allowed)
    if served is None:
        return None
    plan, (proofs,) = served.plan, search.proofs([served])
    if asked is p:
        return plan, proofs, search
    own = StageProof.of(first, reached, unreached, tables=proofs[0].tables)
    later = (replace(of, kept={LOWEST_RATE: kept, **of.kept}, tables=None) for of in proofs)
    as_asked = p.judge(*plan.posts, plan.effort_fte)
    proofs = [own.within(as_asked.objective(LOWEST_RATE)), *later]
    return plan if plan.violations else as_asked, proofs, search


class StepSearch:
    """Search for the best plan in steps by tables of the areas.

    reason : why the gap of the first stage is not closed: ``time limit`` or ``rounds``; else None
    """

    def __init__(self, p: Problem, time_limit_s: float | None = None) -> None:
        self.problem, self.tables = p, StepTables(p)
        self.deadline = np.inf if time_limit_s is None else time.monotonic() + time_limit_s
        self.rounds = 0
        self.reason: str | None = None
        by_area, by_territory = np.split(tie_break_weights(p), [len(p.areas)])
        by_territory, by_area = by_territory * p.steps_fte[0], by_area * p.steps_fte[1]
        most = float(by_territory @ self.tables.most[0] + by_area @ self.tables.most[1])
        self.ties = TIES * max(1.0, self.tables.scale)
        small = self.ties / max(1.0, most)
        areas = zip(self.tables.areas, self.tables.members, small * by_area, strict=True)
        self.areas = [AreaSearch(area, small * by_territory[i], float(z)) for area, i, z in areas]

    def serve(self, levels: np.ndarray) -> PlanInSteps | None:
        """Optimise the stages in turn over plans with given totals [N,Z]; None if none exists."""
        p, among = self.problem, levels
        entries = self._best(levels)
        if entries is None:
            return None
        first = p.stages[0]
        values = [self._judged(entries).objective(first.objective)]
        sign = -1.0 if first.sense == "minimise" else 1.0
        kept = [values[0] - sign * (first.concede + KEPT) * abs(values[0])]
        for stage in p.stages[1:]:
            cost = self.tables.cost(stage.objective)
            entries = self._cheapest(levels, cost, self.tables.needed(kept[0])) or entries
            least = float(cost[sum(n for _, n in entries), sum(z for z, _ in entries)])
            kept.append(least + (stage.concede + KEPT) * abs(least))
            levels = levels & (cost <= kept[-1])
            values.append(least)
        return PlanInSteps(self._judged(entries), among, values, kept)

    def proofs(self, found: Sequence[PlanInSteps]) -> list[list[StageProof]]:
        """Proofs of all stages for each plan found, from the current tables."""
        p, certificate = self.problem, self._certificate()
        sums = self.tables.certified(certificate)
        proofs = []
        for plan, among, values, kept in found:
            proved = replace(sums, sums=np.where(among, sums.sums, -np.inf))
            proofs.append(
                [
                    StageProof.of(
                        stage,
                        values[n],
                        proved.stage_bound(n, kept),
                        kept={s.objective: k for s, k in zip(p.stages[:n], kept, strict=False)},
                        tables=certificate if n == 0 else None,
                    ).within(plan.objective(stage.objective))
                    for n, stage in enumerate(p.stages)
                ]
            )
        return proofs

    def _best(self, levels: np.ndarray, least: float = -np.inf) -> list[tuple[int, int]] | None:
        """The entries of the best plan at some totals [N,Z]; None where none reaches *least*."""
        while True:
            self.rounds += 1
            tables = [area.table for area in self.areas]
            sums = self.tables.best_sums(tables)
            last = np.where(levels, sums[-1], -np.inf)
            totals = np.unravel_index([np.argmax(last)], last.shape)
            most = float(last[totals][0])
            if most == -np.inf or most < least:
                return None
            found = self.tables.entries(tables, sums, totals)[:, :, 0].tolist()
            entries: list[tuple[int, int]] = [*zip(*found, strict=True)]
            beside = [[(z, n + d) for d in (-1, 0, 1)] for z, n in entries]
            learnt = [area.search_entries(of) for area, of in zip(self.areas, beside, strict=True)]
            if any(learnt):
                continue
            gaps = [area.gap(at) for area, at in zip(self.areas, entries, strict=True)]
            goal, a = CLOSED * max(1.0, abs(most)), int(np.argmax(gaps))
            if sum(gaps) <= goal:
                return entries
            if time.monotonic() > self.deadline:
                self.reason = "time limit"
                return entries
            self.areas[a].divide(entries[a], goal / 2 / len(gaps))
            if self.areas[a].gap(entries[a]) >= gaps[a]:
                self.reason = "rounds"
                return entries

    def _cheapest(
        self, levels: np.ndarray, cost: Floats, least: float
    ) -> list[tuple[int, int]] | None:
        """Entries of the best of the cheapest plans that reach *least*; None where none does."""
        least -= self.ties  # tables are lower by what breaks ties
        while True:
            sums = self.tables.best_sums([area.table for area in self.areas])[-1]
            possible = levels & (sums >= least)
            if not possible.any():
                return None
            cheapest = possible & (cost <= cost[possible].min())
            entries = self._best(cheapest, least)
            if entries is not None:
                return entries

    def _judged(self, entries: Sequence[tuple[int, int]]) -> Evaluation:
        x, z = self.problem.zeros()
        areas = zip(self.tables.members, self.areas, entries, strict=True)
        for a, (of, area, at) in enumerate(areas):
            x[of, 0] = area.posts(at) * self.tables.steps_fte[0]
            z[a, 0] = (self.tables.fewest[1][a] + at[0]) * self.tables.steps_fte[1]
        return self.problem.judge(x, z)

    def _certificate(self) -> dict[str, Any]:
        """Multipliers and trees that prove the tables, as ``StepTables.certified`` takes them."""
        p, tables = self.problem, self.tables
        branches = [
            {
                "area": p.areas[a],
                "coordinator_steps": int(tables.fewest[1][a]) + z,
                "facilitator_steps": int(tables.fewest[0][of].sum()) + n,
                "tree": entry.tree(area.area.territories),
            }
            for a, (of, area) in enumerate(zip(tables.members, self.areas, strict=True))
            for (z, n), entry in sorted(area.entries.items())
            if entry.parts
        ]
        multipliers = {
            code: area.multipliers[1:]
            for code, area in zip(p.areas, self.areas, strict=True)
            if len(area.multipliers) > 1
        }
        return {"multipliers": multipliers, "branches": branches}


# -- one plan for several scenarios ---------------------------------------------------------------


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

    Where every area is one territory, mean regrets add up over areas. Plans of little more than the
    least mean are listed, until the largest regret of one is below the mean of all those left out.

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
    by_area = zip(*(of.areas for of in tables), strict=True)
    covered = [np.stack([of.values for of in areas]) / measure[:, None, None] for areas in by_area]
    first, ties = tables[0], SHARED_TIES * optimum.mean()
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
