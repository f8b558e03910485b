"""The nearest weights or coefficients under which a plan is the best one, by linear programmes.

As the problem is concave, a plan is best where it is best for the programme in which every curve is
replaced by its slopes to both sides of the plan. Weights and coefficients multiply each other: each
has a programme of its own, with the other unchanged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from fte_alloc.errors import FteAllocError
from fte_alloc.inputs.weighing import TerritoryWeights, Weighing
from fte_alloc.lp.inverse import NoCostsError, Tuned, Tuning, least_loss_costs, nearest_costs
from fte_alloc.lp.matrix import Matrix
from fte_alloc.lp.piecewise import Pieces
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.data import COORDINATOR, FACILITATOR
from fte_alloc.programme.linear import Arrays
from fte_alloc.programme.objectives import Stage
from fte_alloc.programme.problem import FTE_TOLERANCE, Evaluation, Problem
from fte_alloc.programme.statement import formulate
from fte_alloc.questions.plan import solve
from fte_alloc.questions.posts import PostKey, new_posts_fte, post_rows
from fte_alloc.search.rounds import SETTLED_FTE

#: Least share of its present value that a positive weight keeps; least factor of indicators [1].
LEAST_SHARE = 1e-3
#: Significant digits of the numbers returned.
DIGITS = 6
#: Weight assumed for a territory of weight 0, so that its effort can be split.
_SLIGHT = 1e-3


class FirstOrder:
    """The programme around a plan: its columns are x, z, v and two pieces of every curve.

    judged : the plan, as ``judged_with_weights`` returns it
    known_fte : accuracy of effort: slopes are taken this far to either side of the plan [FTE]
    matrix : the programme with a cost of 0; limits that the plan nearly reaches are moved onto it
    values : the plan's values of the columns
    worth : coefficients δ_t w_s slope of each territory's pieces, before its weight [I, columns]
    owner : post of each column by its name; support and effort belong to facilitators
    """

    def __init__(self, problem: Problem, judged: Evaluation, known_fte: float) -> None:
        self.judged = judged
        x, z = judged.posts
        # Supported facilitators v that the plan's effort needs [I,T].
        support, gain = judged.effort_fte.sum(axis=2), problem.productivity_gain
        support = np.maximum(support - problem.base_effort_fte(x), 0.0) / gain if gain else 0.0 * x
        plain = replace(
            problem.continuous(),
            territory_weight=np.ones(len(problem.territories)),
            stages=(Stage("coverage"),),
        )
        programme = formulate(plain)
        d, arrays = programme.decisions, Arrays(programme)
        matrix, links = arrays.matrix, arrays.links
        matrix.cost, _ = arrays.objectives["coverage"]
        pieces = _pieces_around_fit(problem, judged, known_fte)
        local = links.expand(matrix, pieces)
        at = {name: j for j, name in enumerate(local.columns)}
        names = [variable.name for one in (d.x, d.z, d.v) for variable in one.values()]
        decided = [at[name] for name in names]
        less = len(links.rest) + 2 * np.arange(len(links.k))
        self.matrix, self.values = local, np.zeros(len(local.columns))
        self.values[decided] = np.concatenate([x.ravel(), z.ravel(), support.ravel()])
        self.values[less] = pieces.lengths[:, 0]
        owners = [
            (role, code, year)
            for role in (FACILITATOR, COORDINATOR, FACILITATOR)
            for code in problem.codes[role]
            for year in problem.years
        ]
        self.owner = dict(zip(names, owners, strict=True))
        self.worth = np.zeros((len(problem.territories), len(local.columns)))
        for below, (i, t, _) in zip(less.tolist(), d.k, strict=True):
            post = FACILITATOR, problem.territories[i], problem.years[t]
            for place in (below, below + 1):
                self.worth[i, place] = local.cost[place]
                local.columns[place] = f"piece {place}"
                self.owner[local.columns[place]] = post
        local.cost = np.zeros(len(local.columns))
        # Move limits of rows onto the plan where the two differ by rounding only.
        activity, size = local.times(self.values), local.sizes().times(np.ones(len(self.values)))
        for side in (local.row_lower, local.row_upper):
            touched = np.abs(activity - side) <= FTE_TOLERANCE * np.maximum(1.0, size)
            side[touched] = activity[touched]

    def weighed(self, weight: Floats) -> Matrix:
        """The linearised programme, with the objective for territory weights *weight* [I]."""
        return replace(self.matrix, cost=weight @ self.worth)


def all_weighted(problem: Problem) -> Problem:
    """The problem with a small weight for territories of weight 0."""
    weight = np.where(problem.territory_weight > 0, problem.territory_weight, _SLIGHT)
    return replace(problem, territory_weight=weight)


def judged_with_weights(problem: Problem, x: Floats, z: Floats) -> Evaluation:
    """Evaluation of posts (tiny ones as 0), effort split as if all weights were above 0."""
    x, z = (np.where(posts <= FTE_TOLERANCE, 0.0, posts) for posts in (x, z))
    return all_weighted(problem).judge(x, z)


def covered_for_fit(judged: Evaluation) -> Floats:
    """Contracts each territory covers, weighted by year and buyer only, Σ_ts δ_t w_s y_ist [I]."""
    p, y = judged.problem, judged.expected_contracts
    return np.asarray(np.einsum("its,t,s->i", y, p.year_weight, p.segment_weight))


def _pieces_around_fit(problem: Problem, judged: Evaluation, known_fte: float) -> Pieces:
    """Two linear pieces per curve, left and right of the plan's effort, exact at that effort."""
    effort = judged.effort_fte.ravel()
    effort = np.where(effort <= FTE_TOLERANCE, 0.0, effort)
    most = np.repeat(problem.most_effort_fte.ravel(), len(problem.segments))
    around = np.maximum(effort - known_fte, 0.0), effort + known_fte
    slopes = np.stack([problem.curves.slope(touch) for touch in around], axis=1)
    start = problem.curves.value(effort) - slopes[:, 0] * effort
    lengths = np.stack([effort, np.maximum(most - effort, 0.0)], axis=1)
    return Pieces(start, slopes, lengths)


class Fitting:
    """A plan, and the parts of which its territories' weights consist.

    given : the plan as typed; *taken* is the plan justified in its place, which keeps all limits
    rounding_fte : error of typed posts; those of *taken* may differ from them as much again [FTE]
    counts : whether a territory can count, as indicators give it a factor above 0 [I]
    local : the programme around the plan *taken*
    """

    def __init__(
        self,
        problem: Problem,
        measure: str,
        given: Evaluation,
        taken: Evaluation,
        rounding_fte: float = 0.0,
    ) -> None:
        self.problem, self.measure, self.given, self.taken = problem, measure, given, taken
        self.rounding_fte = rounding_fte
        self.weighing = Weighing.of(problem).territories()
        self.counts = self.weighing.factor > 0
        self.weight = self.weighing.factor * self.weighing.explicit
        judged = judged_with_weights(problem, *taken.posts)
        self.local = FirstOrder(problem, judged, SETTLED_FTE)

    def weights(self, is_best: bool = False) -> dict[str, Any]:
        """Entry of the nearest weights by name with this plan optimal; else raises NoCostsError.

        Weights above 0 stay above 0. Only their ratios matter to the plan; their scale is that of
        the least relative change.

        is_best : whether the plan is proved best for the present weights; where posts bring next to
            nothing, its slopes need not show it
        """
        now = self.weighing.explicit
        tuning = Tuning(
            names=list(self.problem.territories),
            now=now,
            per_unit=self.weighing.factor[:, None] * self.local.worth,
            weight=1.0 / np.where(now > 0, now, 1.0),
            lower=LEAST_SHARE * now,
            upper=np.full(len(now), np.inf),
        )
        programme = self.local.weighed(self.weight)
        try:
            found = nearest_costs(programme, self.local.values, tuning, self.measure)
        except NoCostsError:
            if not is_best:
                raise
            found = Tuned(0.0, 0.0, now, np.zeros(0))
        needed, p = _rounded_weights(found.numbers), self.problem
        rows = _weight_changes(now, needed, territory=p.territories, name=p.territory_names)
        lines = [
            f"{row['territory']} = {row['needed']:.{DIGITS}g} # {row['name']} ({row['now']:g})"
            for row in rows
            if row["now"] != 1 or row["needed"] != 1
        ]
        return {
            "distance": found.distance,
            "bound": found.bound,
            "difference_fte": self._difference_fte(replace(self.weighing, explicit=needed)),
            "territories": rows,
            "toml": ["[weights.territory]", *lines] if lines else [],
        }

    def coefficients(self) -> dict[str, Any] | None:
        """Entry of the nearest coefficients with this plan optimal, else with the least loss.

        They are too few to fit each post, so that rounding of typed posts is tolerated. No
        territory may begin or cease to count. A coefficient of 0 has no relative change: its
        absolute change counts. None where the model has no indicators, or where no coefficients
        keep the conditions on territories.
        """
        columns = list(self.weighing.strength)
        if not columns:
            return None
        around = self.local
        if self.rounding_fte > 0:
            near_fte = SETTLED_FTE + 2 * self.rounding_fte
            around = FirstOrder(self.problem, self.local.judged, near_fte)
        now = np.array(list(self.weighing.strength.values()))
        excess = np.stack([self.weighing.excess[name] for name in columns])
        live, endless = self.weighing.unclipped > 0, np.full(len(now), np.inf)
        lower = np.where(live, LEAST_SHARE - 1.0, -np.inf).tolist()
        upper = np.where(live, np.inf, -1.0).tolist()
        codes = (f"counts {code}" for code in self.problem.territories)
        tuning = Tuning(
            names=columns,
            now=now,
            per_unit=(excess * np.where(live, self.weighing.explicit, 0.0)) @ around.worth,
            weight=1.0 / np.where(now != 0, np.abs(now), 1.0),
            lower=-endless,
            upper=endless,
            rows=tuple(zip(codes, excess.T, lower, upper, strict=True)),
        )
        programme, between = around.weighed(self.weight), list[PostKey]()
        try:
            found = nearest_costs(programme, around.values, tuning, self.measure)
        except NoCostsError as error:
            between = self.between(error)
            try:
                found = least_loss_costs(programme, around.values, tuning)
            except NoCostsError:
                return None
        needed = _rounded_weights(found.numbers)
        strength = dict(zip(columns, needed.tolist(), strict=True))
        weighing = replace(self.weighing, strength=strength)
        value = float((weighing.factor * weighing.explicit) @ covered_for_fit(self.local.judged))
        return {
            "justifies": not between,
            "distance": None if between else found.distance,
            "bound": None if between else found.bound,
            "relative_loss": found.distance / value if between and value > 0 else 0.0,
            "between": post_rows(self.problem, between),
            "difference_fte": self._difference_fte(weighing),
            "coefficients": _weight_changes(now, needed, column=columns),
        }

    def between(self, error: NoCostsError) -> list[PostKey]:
        """Posts whose conditions of optimality contradict each other, without repetition."""
        owner = self.local.owner
        return list(dict.fromkeys(owner[name] for name in error.conflict if name in owner))

    def _difference_fte(self, weighing: TerritoryWeights) -> float | None:
        """Largest difference of the given posts from the optimal ones under some weights [FTE]."""
        weight = weighing.effective(self.problem.contracts_per_year)
        if weight is None:
            return None
        try:
            best = solve(replace(self.problem, territory_weight=weight), priced=False).evaluation
        except FteAllocError:
            return None
        return float(np.abs(new_posts_fte(best) - new_posts_fte(self.given)).max(initial=0.0))


def _rounded_weights(numbers: Floats) -> Floats:
    return np.array([float(f"{number:.{DIGITS}g}") for number in numbers.tolist()])


def _weight_changes(now: Floats, needed: Floats, **names: Sequence[str]) -> list[dict[str, Any]]:
    """Rows of numbers by name: now, needed, and changes; no relative change where now is 0."""
    rows = []
    for before, after, *named in zip(now.tolist(), needed.tolist(), *names.values(), strict=True):
        relative = (after - before) / abs(before) if before else None
        change = {"now": before, "needed": after, "change": after - before}
        rows.append({**dict(zip(names, named, strict=True)), **change, "relative_change": relative})
    return rows
