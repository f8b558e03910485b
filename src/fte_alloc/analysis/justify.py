"""The nearest weights under which a given plan is the best one, or why there are none.

The problem is concave and its objective linear in the weights, so the weights that justify a plan
are those for which its optimality conditions can be met: linear in weights and prices together,
and the nearest to the present ones an answer of a linear programme (``lp.inverse``), whose prices
prove that none are nearer. Only the first stage is asked to find the plan best.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fte_alloc import words
from fte_alloc.analysis.dominance import better_plan, two_posts
from fte_alloc.analysis.first_order import PostKey, all_counting, moves
from fte_alloc.analysis.justify_document import (
    Justification,
    Refusal,
)
from fte_alloc.analysis.weight_fit import Fitting
from fte_alloc.errors import FteAllocError, InputError, Mistake
from fte_alloc.lp.inverse import LARGEST, TOTAL, NoCostsError
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.data import DEFAULT_STAGES
from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.problem import Problem, posts_of_table
from fte_alloc.programme.statement import formulate
from fte_alloc.search.plan import solve
from fte_alloc.search.rounds import Search

if TYPE_CHECKING:
    import pandas as pd

#: Posts may be typed to so many decimals; those given to more are taken as they are.
MOST_DECIMALS = 4


def justify(
    problem: Problem,
    posts: pd.DataFrame | Mapping[PostKey, float],
    measure: str = TOTAL,
) -> Justification:
    """The territory weights nearest to the present ones under which a plan is the best.

    posts : new posts by (role, code, year), or a table, as ``Problem.evaluate`` takes them
    measure : ``total`` for the least sum of relative changes, ``largest`` for the least largest one

    Raises InputError for plans in steps, for a first stage that is not ``coverage``, and for posts
    the problem does not have.
    """
    if measure not in (TOTAL, LARGEST):
        raise ValueError(f"measure is {TOTAL} or {LARGEST}, not {measure!r}")
    _check(problem)
    if not isinstance(posts, Mapping):
        posts = posts_of_table(posts, problem.years)
    given = problem.evaluate(posts)
    rounding = typed_to(given.new_facilitators_fte, given.new_coordinators_fte)
    unnamed = sum(key[0] in problem.roles and key not in posts for key in problem.post_keys())
    answer = Justification(problem, measure, given, rounding, given, unnamed)
    refused: tuple[Fitting, NoCostsError] | None = None
    for known, taken in _typed_alike(problem, given, rounding):
        fitting = Fitting.of(problem, measure, given, taken, known)
        answer = replace(answer, rounding_fte=known, taken=taken)
        try:
            weights = fitting.weights()
        except NoCostsError as error:
            refused = fitting, error
            continue
        return replace(answer, weights=weights, indicators=fitting.coefficients())
    if refused is None:
        return answer
    refusal = _refusal(*refused)
    if rounding == 0 or _furthest(given, refusal.nearest) > rounding:
        return replace(answer, refusal=refusal)
    fitting = Fitting.of(problem, measure, given, refusal.nearest, rounding)
    answer = replace(answer, rounding_fte=rounding, taken=refusal.nearest)
    return replace(answer, weights=fitting.weights(), indicators=fitting.coefficients())


def _typed_alike(
    problem: Problem, given: Evaluation, rounding_fte: float
) -> Iterator[tuple[float, Evaluation]]:
    """Plans to be asked about in turn that keep all limits, and how far typing may be off."""
    if rounding_fte > 0 and (best := _best_typed_alike(problem, given, rounding_fte)):
        yield rounding_fte, best
    if not given.violations:
        yield 0.0, given


def _check(problem: Problem) -> None:
    """Refuse what the weights of territories do not decide."""
    first = problem.stages[0]
    if first.objective != "coverage":
        what = words.JUSTIFY_OBJECTIVE.format(objective=first.objective)
        raise InputError([Mistake("stages", what)])
    if problem.step_fte > 0:
        raise InputError([Mistake("posts.step_fte", words.JUSTIFY_STEPS)])


def typed_to(x: Floats, z: Floats) -> float:
    """Half a unit of the last decimal that all posts were typed to, the first at most; else 0."""
    posts = np.concatenate([x.ravel(), z.ravel()])
    for decimals in range(1, MOST_DECIMALS + 1):
        if np.all(np.abs(posts - np.round(posts, decimals)) <= 1e-12 * np.maximum(1.0, posts)):
            return 0.5 * 10.0**-decimals
    return 0.0


def _best_typed_alike(
    problem: Problem, given: Evaluation, rounding_fte: float
) -> Evaluation | None:
    """Of the plans that are typed alike, the one best for the present weights; None without any.

    Typing leaves a little money over, and posts a little below their limits or above: none of
    that is a wish.
    """
    # Where nothing counts, nothing is left over on purpose either.
    counting = replace(all_counting(problem), stages=DEFAULT_STAGES)
    programme = formulate(counting)
    x, z, d = given.new_facilitators_fte, given.new_coordinators_fte, programme.decisions
    for decided, posts in ((d.x, x), (d.z, z)):
        for at, post in decided.items():
            post.lowBound = max(0.0, float(posts[at]) - rounding_fte)
            post.upBound = min(post.upBound, float(posts[at]) + rounding_fte)
    try:
        found = Search[Evaluation](counting, programme, None).run()
    except FteAllocError:
        return None
    judged = problem.judge(found.new_facilitators_fte, found.new_coordinators_fte)
    return None if judged.violations else judged


# -- the refusal -----------------------------------------------------------------------------------


def _refusal(fitting: Fitting, error: NoCostsError) -> Refusal:
    """Why no weights justify the plan, proved by a better one, and one near by that some do."""
    problem, local, counts = fitting.problem, fitting.local, fitting.counts
    better = better_plan(problem, local, counts)
    exchange = None if better is None else two_posts(problem, local, better, counts)
    told = exchange or better
    between = (*told.given[:1], *told.taken[:1]) if told else fitting.between(error)
    if better is not None:
        try:
            near = Fitting.of(problem, fitting.measure, better.judged, better.judged)
            return Refusal(between, exchange, better, better.judged, near.weights())
        except NoCostsError:
            pass  # over several years a territory may ask for one weight in each
    best = solve(problem, priced=False).evaluation
    weights = Fitting.of(problem, fitting.measure, best, best).weights()
    return Refusal(between, exchange, better, best, weights)


def _furthest(before: Evaluation, after: Evaluation) -> float:
    """Most that a post differs [FTE]."""
    return max(map(abs, moves(before, after, 0.0).values()), default=0.0)
