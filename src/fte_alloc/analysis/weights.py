"""How far each weight of the objective may move before anybody notices.

The curves are smooth, so a continuous plan moves a little with every weight. For each, the widest
interval around its value is found in which no post moves by more than a tolerance, who moves first
beyond either end, and the rate at which posts move where the weight is now.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from fte_alloc import words
from fte_alloc.analysis.weight_ends import End, PostsAt, Side, find_end
from fte_alloc.analysis.weight_rates import Conditions, Rates, no_rates
from fte_alloc.analysis.weight_steps import KnownPlans, can_compare, find_step_end
from fte_alloc.analysis.weights_document import Interval, Weights
from fte_alloc.errors import InputError, Mistake, SolverError, StoppedError
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.problem import Problem
from fte_alloc.scenario.weighing import Weighing, Weight
from fte_alloc.search.plan import Plan, solve
from fte_alloc.search.warm import Neighbours

if TYPE_CHECKING:
    pass

#: Half a post is what people notice [FTE].
TOLERANCE_FTE = 0.5
#: Posts are known to about a thousandth: less than this cannot be told from it [FTE].
LEAST_TOLERANCE_FTE = 0.01
#: A weight is moved by this much to see what it makes contracts worth.
_MOVED = 1e-6


def weights(
    problem: Problem | Plan,
    tolerance_fte: float = TOLERANCE_FTE,
    keys: Collection[str] | None = None,
    *,
    time_limit_s: float | None = None,
    posts_at: PostsAt | None = None,
    told: Callable[[int, int], None] | None = None,
) -> Weights:
    """How far each weight may move before a post moves by more than a tolerance.

    tolerance_fte : what counts as a move; in steps, any other plan does
    keys : of the weights to look at, such as ``weights.territory.53``, or codes or names; None: all
    time_limit_s : stop after this long; what is left is named
    posts_at : gives the posts of the best plan of a problem; None: they are solved for
    told : called with how many weights are done, of how many

    Raises InputError for a key that is no weight or a tolerance that cannot be told, and what
    ``solve`` raises.
    """
    check_tolerance(tolerance_fte)
    deadline = None if time_limit_s is None else time.monotonic() + time_limit_s
    plan = problem if isinstance(problem, Plan) else solve(problem, time_limit_s, priced=False)
    if plan.status != "optimal":
        raise StoppedError(words.WEIGHTS_NOT_PROVED)
    weighing = Weighing.of(plan.problem)
    wanted = _wanted(weighing, list(weighing.each) if keys is None else keys)
    look = _Look(
        plan, weighing, tolerance_fte, _until(posts_at or best_posts(plan.problem), deadline)
    )
    found: list[Interval] = []
    try:
        for done, key in enumerate(wanted):
            if told is not None:
                told(done, len(wanted))
            found.append(look.interval(weighing.weight(key)))
        if told is not None:
            told(len(wanted), len(wanted))
    except StoppedError:
        if deadline is None:
            raise
        # those that are left are named
    return Weights(plan, tolerance_fte, tuple(found), tuple(wanted[len(found) :]))


def check_tolerance(tolerance_fte: float) -> None:
    """Raise InputError for a tolerance that cannot be told."""
    if not tolerance_fte >= LEAST_TOLERANCE_FTE:
        what = words.LEAST_TOLERANCE.format(least=LEAST_TOLERANCE_FTE)
        raise InputError([Mistake(f"tolerance_fte={tolerance_fte:g}", what)])


def best_posts(problem: Problem) -> PostsAt:
    """What gives the new posts of the best plan of a problem with other weights [FTE].

    In the order of ``Problem.post_keys``. Raises SolverError where a plan is not proved, and what
    ``solve`` raises.
    """
    neighbours = Neighbours(problem)

    def posts_at(other: Problem) -> Floats:
        best = neighbours.solve(other)
        if best.status != "optimal":
            raise SolverError(words.WEIGHTS_NOT_SOLVED)
        return posts_of(best.evaluation)

    return posts_at


def posts_of(judged: Evaluation) -> Floats:
    """New posts of a plan, in the order of ``Problem.post_keys`` [FTE]."""
    x, z = judged.new_facilitators_fte, judged.new_coordinators_fte
    return np.concatenate([x, z]).T.ravel()


def _until(posts_at: PostsAt, deadline: float | None) -> PostsAt:
    """Posts as long as there is time."""

    def timed(problem: Problem) -> Floats:
        if deadline is not None and time.monotonic() > deadline:
            raise StoppedError(words.WEIGHTS_NOT_PROVED)
        return posts_at(problem)

    return timed


def _wanted(weighing: Weighing, keys: Collection[str]) -> list[str]:
    """Keys of the weights that are meant, each once; raises InputError for all that mean none."""
    found: dict[str, None] = {}
    mistakes: list[Mistake] = []
    for key in keys:
        try:
            found[weighing.weight(key).key] = None
        except InputError as error:
            mistakes += error.mistakes
    if mistakes:
        raise InputError(mistakes)
    return list(found)


class _Look:
    """Looks at one weight after the other."""

    def __init__(
        self, plan: Plan, weighing: Weighing, tolerance_fte: float, posts_at: PostsAt
    ) -> None:
        self._plan, self._weighing, self._tolerance = plan, weighing, tolerance_fte
        self._posts_at = posts_at
        # As exactly as those it is compared with; in steps, posts are exact.
        is_exact = plan.problem.step_fte > 0
        self._now = posts_of(plan.evaluation) if is_exact else posts_at(plan.problem)

    def interval(self, weight: Weight) -> Interval:
        """How far one weight may move."""
        still = self._still(weight)
        if still is not None:
            none = np.zeros_like(self._now)
            return Interval(
                weight, still, End(weight.least, "stays"), End(None, "stays"), Rates(none, none)
            )
        rates = self._rates(weight)
        low, high = (
            self._end(Side(self._weighing, weight, sign, self._now, self._posts_at), side)
            for sign, side in ((-1.0, rates.below), (1.0, rates.above))
        )
        return Interval(weight, None, low, high, rates)

    def _still(self, weight: Weight) -> str | None:
        if all(stage.objective != "coverage" for stage in self._plan.problem.stages):
            return "no_stage"
        return None if self._weighing.tells_apart(weight.key) else "same"

    def _end(self, side: Side, rates: Floats | None) -> End:
        problem = self._plan.problem
        if problem.step_fte > 0 and can_compare(problem):
            return find_step_end(side, self._known)
        rate = 0.0 if rates is None else float(np.abs(rates).max(initial=0.0))
        tolerance = self._tolerance if problem.step_fte == 0 else 0.5 * problem.step_fte
        return find_end(side, tolerance, rate)

    def _rates(self, weight: Weight) -> Rates:
        reason = no_rates(self._plan.problem)
        if reason is not None:
            return Rates(reason=reason)
        return self._conditions.rates((self._worth(weight, -1.0), self._worth(weight, 1.0)))

    def _worth(self, weight: Weight, sign: float) -> Floats | None:
        """Change of the value of contracts per unit of a weight, to one side [I,T,S]."""
        moved = _MOVED * max(1.0, abs(weight.value))
        other = weight.value + sign * moved
        if weight.least is not None and other < weight.least:
            return None
        changed = self._weighing.problem_with(weight.key, other).weight
        return sign * (changed - self._plan.problem.weight) / moved

    @cached_property
    def _conditions(self) -> Conditions:
        return Conditions(self._plan.problem)

    @cached_property
    def _known(self) -> KnownPlans:
        return KnownPlans(self._weighing, self._now, self._posts_at)
