"""Why no weights justify a plan: another one covers as much everywhere, and more somewhere.

With weights above 0 for all, a plan is best for some of them exactly when no other covers at least
as much in every territory and more in one (the problem is concave). So a plan that no weights
justify has a better one, and it can be judged without a solver.
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
from fte_alloc.programme.data import Stage
from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.limits import label
from fte_alloc.programme.statement import formulate
from fte_alloc.questions.document_parts import PostKey, moves, posts_of
from fte_alloc.questions.justify.fit import Fitting, covered, judged_anyway
from fte_alloc.search.rounds import Search

#: A territory loses nothing where it covers this share less [1], and gains above that [contracts].
SAME, GAIN = 1e-9, 1e-6
#: A post moves by more than this [FTE].
MOVED_FTE = 1e-4
#: Shares of a move that are judged, until one is found that harms nobody.
_SHARES = (1.0, 0.5, 0.25, 0.125, 0.0625)


@dataclass(frozen=True, eq=False)
class Better:
    """A plan that covers nothing less than another, territory by territory, and more somewhere.

    judged : the better plan, with all limits kept
    moves : change of posts by (role, code, year) [FTE]
    gains : weighted contracts that each territory covers more, before its own weight [I]
    """

    judged: Evaluation
    moves: Mapping[PostKey, float]
    gains: Floats

    @property
    def given(self) -> list[PostKey]:
        """Posts given up, the most first."""
        return sorted((k for k, fte in self.moves.items() if fte < 0), key=lambda k: self.moves[k])

    @property
    def taken(self) -> list[PostKey]:
        """Posts added, the most first."""
        return sorted((k for k, fte in self.moves.items() if fte > 0), key=lambda k: -self.moves[k])


def better_plan(fitting: Fitting) -> Better | None:
    """The best plan for the present weights in which no territory covers less; None if no better.

    Of plans as good, the one with the fewest posts moved.
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
    """As *better*, but only one post is added, and at most one other given up; None if none is.

    A post that can be added without giving up any comes first.
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
    """The programme around the plan in which nobody loses: no effort; or else no contracts.

    The latter is a first approximation, good for short moves: of effort from a year to another, or
    of effort that brings nothing.
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
    """A plan judged without a solver against the plan it should better; None where it does not."""
    judged, plan = judged_anyway(fitting.problem, x, z), fitting.local.judged
    gains, counts = covered(judged) - covered(plan), fitting.counts
    slack = SAME * np.maximum(1.0, covered(plan))
    if judged.violations or np.any(gains[counts] < -slack[counts]):
        return None
    if not np.any(gains[counts] > GAIN):
        return None
    return Better(judged, moves(plan, judged, MOVED_FTE), gains)
