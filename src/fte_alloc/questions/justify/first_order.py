"""A problem close to one of its plans, as a linear programme.

The problem is concave, so a plan is optimal exactly when no small move improves it: when it is
optimal for the programme in which every curve is replaced by its slopes to both sides of the plan.
What that programme says of costs and prices holds for the problem itself.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fte_alloc.lp.matrix import Matrix
from fte_alloc.lp.piecewise import Pieces
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.data import COORDINATOR, FACILITATOR, Stage
from fte_alloc.programme.judge import FTE_TOLERANCE, Evaluation
from fte_alloc.programme.linear import Arrays
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.statement import formulate
from fte_alloc.questions.document_parts import PostKey

#: Weight of a territory that has none, where effort must be split all the same.
_SLIGHT = 1e-3


class FirstOrder:
    """The programme around a plan: its columns are x, z, v and two pieces of every curve.

    judged : the plan, without dust, its effort well split (``judged_anyway``)
    known_fte : to how much effort is known; slopes are those so far to either side [FTE]
    matrix : with a cost of 0; limits the plan keeps to ``FTE_TOLERANCE`` pass through it
    values : the plan in it
    worth : Σ δ_t w_s slope of the pieces of each territory: what its weight multiplies [I, columns]
    posts : column of every post, by (role, code, year)
    owner : the post that a column decides on; for support and effort, the territory's facilitators
    less : columns of the pieces below the plan's effort
    """

    def __init__(self, problem: Problem, judged: Evaluation, known_fte: float) -> None:
        self.judged = judged
        x, z = judged.posts
        # V, what coordinators support for the effort there is [I,T].
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
        pieces = _pieces(problem, judged, known_fte)
        local = links.expand(matrix, pieces)
        at = {name: j for j, name in enumerate(local.columns)}
        self.matrix, self.values = local, np.zeros(len(local.columns))
        self.worth = np.zeros((len(problem.territories), len(local.columns)))
        self.owner: list[PostKey] = [("", "", 0)] * len(local.columns)
        self.posts: dict[PostKey, int] = {}
        for role, codes, variables, amounts in (
            (FACILITATOR, problem.territories, d.x, x),
            (COORDINATOR, problem.areas, d.z, z),
            ("", problem.territories, d.v, support),
        ):
            for (j, t), variable in variables.items():
                place = at[variable.name]
                self.values[place] = amounts[j, t]
                self.owner[place] = (role or FACILITATOR, codes[j], problem.years[t])
                if role:
                    self.posts[self.owner[place]] = place
        self.less = len(links.rest) + 2 * np.arange(len(links.k))
        self.values[self.less] = pieces.lengths[:, 0]
        for below, (i, t, _) in zip(self.less.tolist(), d.k, strict=True):
            for place in (below, below + 1):
                self.worth[i, place] = local.cost[place]
                self.owner[place] = (FACILITATOR, problem.territories[i], problem.years[t])
        local.cost = np.zeros(len(local.columns))
        _pass_through(local, self.values)

    def weighed(self, weight: Floats) -> Matrix:
        """The programme with these weights of territories [I]."""
        return replace(self.matrix, cost=weight @ self.worth)


def all_counting(problem: Problem) -> Problem:
    """The problem with a slight weight for territories that have none."""
    weight = np.where(problem.territory_weight > 0, problem.territory_weight, _SLIGHT)
    return replace(problem, territory_weight=weight)


def judged_anyway(problem: Problem, x: Floats, z: Floats) -> Evaluation:
    """Posts judged without dust, effort well split in territories without weight, too."""
    x, z = (np.where(posts <= FTE_TOLERANCE, 0.0, posts) for posts in (x, z))
    return all_counting(problem).judge(x, z)


def covered(judged: Evaluation) -> Floats:
    """Σ δ_t w_s y_ist: what the weight of each territory multiplies [I]."""
    p, y = judged.problem, judged.expected_contracts
    return np.asarray(np.einsum("its,t,s->i", y, p.year_weight, p.segment_weight))


def _pieces(problem: Problem, judged: Evaluation, known_fte: float) -> Pieces:
    """Two pieces a curve, up to the plan's effort and from there, touching the curve there."""
    effort = judged.effort_fte.ravel()
    effort = np.where(effort <= FTE_TOLERANCE, 0.0, effort)
    most = np.repeat(problem.most_effort_fte.ravel(), len(problem.segments))
    around = np.maximum(effort - known_fte, 0.0), effort + known_fte
    slopes = np.stack([problem.curves.slope(touch) for touch in around], axis=1)
    start = problem.curves.value(effort) - slopes[:, 0] * effort
    lengths = np.stack([effort, np.maximum(most - effort, 0.0)], axis=1)
    return Pieces(start, slopes, lengths)


def _pass_through(matrix: Matrix, values: Floats) -> None:
    """Move limits of rows that the plan reaches but for rounding to where it is."""
    activity = matrix.times(values)
    size = matrix.sizes().times(np.ones(len(values)))
    near = FTE_TOLERANCE * np.maximum(1.0, size)
    for side in (matrix.row_lower, matrix.row_upper):
        touched = np.abs(activity - side) <= near
        side[touched] = activity[touched]
