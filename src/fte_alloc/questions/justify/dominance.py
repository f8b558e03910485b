"""The proof that no weights justify a plan: another plan that covers more in some territory.

The problem is concave: a plan is best for some weights, all above 0, exactly when no other plan
covers at least as much in every territory and more in one. For a plan that no weights justify there
is therefore such a better plan, which can be judged without a solver.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from fte_alloc.errors import FteAllocError
from fte_alloc.lp.highs import OPTIMAL
from fte_alloc.lp.matrix import Matrix
from fte_alloc.lp.solving import CheckedProgramme
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.limits import label
from fte_alloc.programme.objectives import Stage
from fte_alloc.programme.problem import Evaluation
from fte_alloc.programme.statement import formulate
from fte_alloc.questions.document_parts import PostKey, moves, posts_of
from fte_alloc.questions.justify.fit import Fitting, covered, judged_anyway
from fte_alloc.search.rounds import Search

#: Tolerances: loss of a territory, as a share of its contracts [1]; its gain [contracts].
SAME, GAIN = 1e-9, 1e-6
#: Largest change of a post that does not count as a move [FTE].
MOVED_FTE = 1e-4
#: Shares of a move, judged in turn until no territory covers less.
_SHARES = (1.0, 0.5, 0.25, 0.125, 0.0625)


@dataclass(frozen=True, eq=False)
class Better:
    """A plan that covers at least as much as another in every territory, and more in one.

    judged : the better plan, which keeps all limits
    moves : change of posts by (role, code, year) [FTE]
    gains : additional contracts by territory, weighted by year and kind of buyer alone [I]
    """

    judged: Evaluation
    moves: Mapping[PostKey, float]
    gains: Floats

    @property
    def given(self) -> list[PostKey]:
        """Posts that decrease, the largest decrease first."""
        return sorted((k for k, fte in self.moves.items() if fte < 0), key=lambda k: self.moves[k])

    @property
    def taken(self) -> list[PostKey]:
        """Posts that increase, the largest increase first."""
        return sorted((k for k, fte in self.moves.items() if fte > 0), key=lambda k: -self.moves[k])


def better_plan(fitting: Fitting) -> Better | None:
    """The best plan for the present weights in which no territory covers less.

    Of equally good plans, it moves the fewest posts. None where the search finds no better plan.
    """
    problem, plan = fitting.problem, fitting.local
    stages = (Stage("coverage"), Stage("change"))
    aimed = replace(problem, stages=stages, reference_posts=posts_of(plan.judged))
    programme = formulate(aimed)
    y, worth = programme.decisions.y, problem.year_weight[:, None] * problem.segment_weight
    for i, floor in enumerate(covered(plan.judged)):
        if fitting.counts[i]:
            total = sum(float(w) * y[i, t, s] for (t, s), w in np.ndenumerate(worth))
            row = label("covers", problem.territories[i])
            programme.lp.addConstraint(total >= float(floor), row)
    try:
        found = Search[Evaluation](aimed, programme, None).run()
    except FteAllocError:
        return None
    return _judged(fitting, *found.posts)


def two_posts(fitting: Fitting, better: Better) -> Better | None:
    """A better plan in which one post is added and at most one given up; None if none is found.

    Only posts that *better* moves are tried, first those added without giving up another.
    """
    plan = fitting.local
    owners, columns = list(plan.posts), np.array(list(plan.posts.values()), dtype=np.int32)
    now = plan.values[columns]
    least, most = plan.matrix.lower[columns].copy(), plan.matrix.upper[columns].copy()
    taken, given = (dict.fromkeys(key[:2] for key in of) for of in (better.taken, better.given))
    pairs = [(post, None) for post in taken] + [(post, one) for one in given for post in taken]
    for programme in _without_loss(fitting):
        live, value = (
            CheckedProgramme(programme, presolve=False),
            float(programme.cost @ plan.values),
        )
        for pair in pairs:
            up, down = (np.array([key[:2] == post for key in owners]) for post in pair)
            limits = np.where(down, least, now), np.where(up, most, now)
            live.set_column_limits(columns, *limits)
            answer = live.checked()
            if answer.status != OPTIMAL or answer.objective <= value + GAIN:
                continue
            change = answer.values[columns] - now
            for share in _SHARES:
                posts = dict(zip(owners, (now + share * change).tolist(), strict=True))
                found = _judged(fitting, *fitting.problem.arrays(posts))
                if found is not None:
                    return found
    return None


def _without_loss(fitting: Fitting) -> Iterator[Matrix]:
    """Two programmes around the plan: no territory loses effort, or no territory loses contracts.

    The second is a first-order approximation, accurate for short moves: of effort between years, or
    of effort that covers nothing.
    """
    problem, plan, counts = fitting.problem, fitting.local, fitting.counts
    weighed = plan.weighed(np.where(counts, np.maximum(problem.territory_weight, SAME), 0.0))
    lower = weighed.lower.copy()
    lower[plan.less] = plan.values[plan.less]
    yield replace(weighed, lower=lower, upper=weighed.upper.copy())
    kept = replace(weighed, rows=list(weighed.rows))
    for i in np.flatnonzero(counts):
        floor = float(plan.worth[i] @ plan.values)
        kept.add_row(f"covers {problem.territories[i]}", plan.worth[i], floor, np.inf)
    yield replace(kept, lower=kept.lower.copy(), upper=kept.upper.copy())


def _judged(fitting: Fitting, x: Floats, z: Floats) -> Better | None:
    """The plan with posts x and z, judged; None where it is not better than the plan given."""
    judged, plan = judged_anyway(fitting.problem, x, z), fitting.local.judged
    gains, counts = covered(judged) - covered(plan), fitting.counts
    slack = SAME * np.maximum(1.0, covered(plan))
    if judged.violations or np.any(gains[counts] < -slack[counts]):
        return None
    if not np.any(gains[counts] > GAIN):
        return None
    return Better(judged, moves(plan, judged, MOVED_FTE), gains)
