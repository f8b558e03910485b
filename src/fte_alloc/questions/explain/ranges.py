"""The range of a territory's posts over all plans that are nearly as good as the best.

Tangents lie above the curves, so that no plan of the wanted value lies beyond an end. While the
best plan at the end misses that value, tangents at its effort bring the end nearer.
"""

from __future__ import annotations

import numpy as np

from fte_alloc.programme.objectives import GAP
from fte_alloc.programme.problem import Evaluation
from fte_alloc.programme.statement import formulate
from fte_alloc.questions.plan import Plan
from fte_alloc.search.rounds import HELD_FTE, RoundSearch
from fte_alloc.search.tangents import without_dust

#: Largest number of rounds per end; twenty have always been enough.
MOST_TRIES = 60
#: Least share used for *within*: closer plans cannot be distinguished from the best.
LEAST_WITHIN = 1e-9


class PostRanges(RoundSearch[Evaluation]):
    """The programme of a plan in the solver, with the first stage held near the plan's value.

    within : share of the first stage's objective that plans may lose [1]

    Posts are continuous, even where those of the plan are in steps.
    """

    def __init__(self, plan: Plan, within: float) -> None:
        continuous = plan.problem.continuous()
        super().__init__(continuous, formulate(continuous), None)
        self.territories = continuous.territories
        self.stage, self.row_name = plan.stages[0], self.stage_rows[0]
        self.maximises = self.stage.sense == "maximise"
        reached = self.stage.in_plan
        lost = max(within, LEAST_WITHIN) * abs(reached)
        self.floor = reached - lost if self.maximises else reached + lost
        self.plan_effort = np.minimum(plan.evaluation.effort_fte.ravel(), self.most)
        # The row leaves out the constant, and is in the programme's own unit.
        objective = self.stage.objective
        limit = self.floor / self.unit[objective] - self.objectives[objective][1]
        self.wanted = (limit, np.inf) if self.maximises else (-np.inf, limit)

    def ends(self, territory: str) -> tuple[float | None, float | None]:
        """Least and greatest new facilitators of a territory in the last year [FTE].

        An end is None where no plan was found that reaches it.
        """
        i = self.territories.index(territory)
        column = int(self.x.reshape(len(self.territories), -1)[i, -1])
        return self._end(column, maximise=False), self._end(column, maximise=True)

    def _end(self, column: int, *, maximise: bool) -> float | None:
        """Minimum or maximum of a variable over near-optimal plans; None after ``MOST_TRIES``."""
        # Tangents around the plan's effort, and no others.
        self.centre, self.width = [self.plan_effort], [self.most / 90]
        self.effort, self.tried = [None], []
        self._refine()
        cost = np.zeros(len(self.matrix.columns))
        cost[column] = 1.0
        for _ in range(MOST_TRIES):
            self._limit(self.row_name, *self.wanted)
            self._aim(cost, 0.0, maximise=maximise)
            end = self._run().objective
            self._limit(self.row_name, -np.inf, np.inf)
            if self._reaches(column, end):
                return float(without_dust(np.array(end)))
            self._refine()
        return None

    def _reaches(self, column: int, posts_fte: float) -> bool:
        """Whether the best plan with this many posts has the wanted value; adds its tangents."""
        place = np.searchsorted(self.links.rest, [column]).astype(np.int32)
        m = self.live.matrix
        limits = m.lower[place].copy(), m.upper[place].copy()
        about = posts_fte + HELD_FTE * np.array([-1.0, 1.0])
        self.live.set_column_limits(place, *np.clip(about, *limits)[:, None])
        self.idle = np.ones(len(self.most), dtype=bool)
        answer = self._optimise(self.stage)
        plan = self._evaluate_and_centre(0, answer)
        self.live.set_column_limits(place, *limits)
        best = self.problem.judge(*plan.posts)
        self.tried.append(np.minimum(best.effort_fte.ravel(), self.most))
        value = best.objective(self.stage.objective)
        short = self.floor - value if self.maximises else value - self.floor
        return short <= GAP * max(1.0, abs(self.floor)) and not best.violations
