"""The nearest weights under which a given plan is the best one, or why there are none.

No weights, all above 0, justify a plan exactly where another covers as much in every territory and
more in one, support shared in any way. Such a better plan can be judged without a solver; weights
are looked for with support as it is shared now. Only the first stage is justified.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from fte_alloc.errors import FteAllocError, mistaken
from fte_alloc.inputs.load import ProblemLike, loaded_problem
from fte_alloc.language import _
from fte_alloc.lp.inverse import LARGEST, TOTAL, NoCostsError
from fte_alloc.lp.matrix import label
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.objectives import DEFAULT_STAGES, Stage
from fte_alloc.programme.problem import Evaluation, Problem, posts_of_table
from fte_alloc.programme.statement import formulate
from fte_alloc.questions.document import Documented, first_document_keys
from fte_alloc.questions.inputs_in_words import continuous_options
from fte_alloc.questions.justify.fit import (
    Fitting,
    all_weighted,
    covered_for_fit,
    judged_with_weights,
)
from fte_alloc.questions.objectives_in_words import objective_unit
from fte_alloc.questions.plan import solve
from fte_alloc.questions.posts import PostKey, moved_post_rows, moved_posts, new_posts, post_rows
from fte_alloc.search.rounds import SETTLED_FTE, RoundSearch

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "fte-alloc/justification/4"
#: Columns of the table: key, present and needed value of each number, and their difference.
WEIGHT_COLUMNS = ("key", "now", "needed", "change", "relative_change")
#: Largest number of decimals of rounded posts; posts with more decimals are taken as exact.
MOST_DECIMALS = 4
#: Tolerances: loss of a territory, as a share of its contracts [1]; its gain [contracts].
SAME, GAIN = 1e-9, 1e-6
#: Largest change of a post that does not count as a move [FTE].
MOVED_FTE = 1e-4


class Justification(Documented):
    """The nearest weights under which a plan is the best one, or why there are none."""


def justify(
    problem: ProblemLike, posts: pd.DataFrame | Mapping[PostKey, float], measure: str = TOTAL
) -> Justification:
    """The territory weights nearest to the present ones under which a plan is the best.

    posts : new posts by (role, code, year), or a table, as ``Problem.evaluate`` takes them
    measure : distance to minimise: ``total``, the sum of relative changes, or ``largest`` of them

    The ``fte-alloc/justification/4`` document is ``justified``, ``refused`` where no weights that
    justify the plan are found, or ``breaks_limits``; the table has a row per number found. Of the
    plans that round to the posts typed and keep all limits, the best for the present weights is
    justified.

    Raises InputError for plans in steps, for a first stage that is not ``coverage``, and for posts
    that the problem does not have.
    """
    if measure not in (TOTAL, LARGEST):
        raise ValueError(f"measure is {TOTAL} or {LARGEST}, not {measure!r}")
    p = loaded_problem(problem)
    _check(p)
    if not isinstance(posts, Mapping):
        posts = posts_of_table(posts, p.years)
    given = p.evaluate(posts)
    rounding = typed_rounding(*given.posts)
    alike = _best_rounding_to(p, given, rounding) if rounding > 0 else None
    plans = [(alike, rounding)] if alike else []
    plans += [] if given.violations else [(given, 0.0)]
    fitting: Fitting | None = None
    weights = refusal = conflict = None
    for plan, known in plans:
        fitting = Fitting(p, measure, given, plan, known)
        try:
            weights = fitting.weights()
            break
        except NoCostsError as error:
            conflict = error
    if fitting and conflict and not weights:
        better = better_plan(fitting)
        near, near_weights = _nearest(fitting, better)
        moved = max(map(abs, moved_posts(given, near).values()), default=0.0)
        if moved <= max(rounding, SETTLED_FTE):
            fitting = Fitting(p, measure, given, near, rounding)
            weights = fitting.weights(near is not better)
        else:
            refusal = _refusal(fitting, conflict, better, near, near_weights)
    taken, known = (fitting.taken, fitting.rounding_fte) if fitting else (given, rounding)
    typed, meant = new_posts(given), new_posts(taken)
    document = {
        "format": FORMAT,
        "status": "justified" if weights else "refused" if refusal else "breaks_limits",
        **first_document_keys(p),
        "measure": measure,
        "rounding_fte": known,
        # Whether the shares of coordinators' support are independent of weights. Else they are
        # those for the present weights; with others, weights or nearer ones might justify the plan.
        "support_settled": p.support(*taken.posts).is_settled,
        "posts": [
            {**row, "new_fte": typed[key], "taken_fte": meant[key]}
            for row, key in zip(post_rows(p, typed), typed, strict=True)
        ],
        "possible_posts": sum(role in p.roles for role, *_ in p.post_keys()),
        "unnamed_posts": sum(k[0] in p.roles and k not in posts for k in p.post_keys()),
        "violations": [vars(violation) for violation in given.violations],
        "weights": weights,
        "indicators": fitting.coefficients() if fitting and weights else None,
        "refusal": refusal,
    }
    return Justification(p, document, WEIGHT_COLUMNS, _rows(document))


def _check(problem: Problem) -> None:
    """Raise InputError where weights of territories cannot justify plans of the problem."""
    first = problem.stages[0]
    if first.objective != "coverage":
        text = _(
            "its first objective is {objective}, which weights of territories do not enter; give "
            "stages that begin with coverage"
        )
        raise mistaken("stages", text, objective=first.objective)
    if problem.in_steps:
        text = _(
            "posts come in steps, whose best plan follows from no prices; ask about continuous "
            "posts: {options}"
        )
        raise mistaken("posts.step_fte", text, options=continuous_options(problem))


def typed_rounding(x: Floats, z: Floats) -> float:
    """Rounding error of posts [FTE]: 0.05 if all have one decimal; 0 above ``MOST_DECIMALS``."""
    posts = np.concatenate([x.ravel(), z.ravel()])
    for decimals in range(1, MOST_DECIMALS + 1):
        if np.all(np.abs(posts - np.round(posts, decimals)) <= 1e-12 * np.maximum(1.0, posts)):
            return 0.5 * 10.0**-decimals
    return 0.0


def _best_rounding_to(problem: Problem, given: Evaluation, error_fte: float) -> Evaluation | None:
    """The best plan for the present weights that rounds to the posts typed; None without any."""
    # Territories of weight 0 count a little, so that nothing is left unused there, either.
    counting = replace(all_weighted(problem), stages=DEFAULT_STAGES)
    programme = formulate(counting)
    d = programme.decisions
    for decided, posts in zip((d.x, d.z), given.posts, strict=True):
        for at, post in decided.items():
            post.lowBound = max(0.0, float(posts[at]) - error_fte)
            post.upBound = min(post.upBound, float(posts[at]) + error_fte)
    with suppress(FteAllocError):
        found = RoundSearch[Evaluation](counting, programme, None).run()
        judged = problem.judge(*found.posts)
        return None if judged.violations else judged
    return None


def _nearest(fitting: Fitting, better: Evaluation | None) -> tuple[Evaluation, dict[str, Any]]:
    """A nearby plan that is optimal for some weights, and these weights; not proved the nearest."""
    problem, measure = fitting.problem, fitting.measure
    if better is not None:
        with suppress(NoCostsError):  # where a territory needs another weight in each year
            return better, Fitting(problem, measure, better, better).weights()
    best = solve(problem, priced=False).evaluation
    return best, Fitting(problem, measure, best, best).weights(is_best=True)


def _refusal(
    fitting: Fitting,
    error: NoCostsError,
    better: Evaluation | None,
    nearest: Evaluation,
    weights: dict[str, Any],
) -> dict[str, Any]:
    """Entry of the reasons why no weights justify a plan, and of a plan near by that some do."""
    p, plan, found = fitting.problem, fitting.local.judged, None
    if better is not None:
        gains = (covered_for_fit(better) - covered_for_fit(plan)).tolist()
        moved = sorted(moved_post_rows(plan, better, MOVED_FTE), key=itemgetter("change_fte"))
        found = {"moves": moved, "gains": dict(zip(p.territories, gains, strict=True))}
    after, moved_fte = new_posts(nearest), moved_posts(fitting.given, nearest, SETTLED_FTE).values()
    unweighted = replace(p, territory_weight=np.ones(len(p.territories)))
    return {
        "between": [] if better else post_rows(p, fitting.between(error)),
        "unit": objective_unit(unweighted, "coverage"),
        "better": found,
        "nearest": {
            "moved_fte": float(sum(map(abs, moved_fte))),
            "posts": [
                {**row, "new_fte": fte}
                for row, fte in zip(post_rows(p, after), after.values(), strict=True)
            ],
            "weights": weights,
        },
    }


def _rows(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Table rows, one per weight or coefficient; none for coefficients that do not justify."""
    weights, indicators = document["weights"], document["indicators"]
    rows = weights["territories"] if weights else []
    found = [row | {"key": f"weights.territory.{row['territory']}"} for row in rows]
    rows = indicators["coefficients"] if indicators and indicators["justifies"] else []
    return found + [row | {"key": f"weights.indicators.{row['column']}"} for row in rows]


def better_plan(fitting: Fitting) -> Evaluation | None:
    """The best plan for the present weights that covers no less in any territory, more in one.

    Of equally good plans, it moves the fewest posts. None where the search finds no better plan.
    """
    problem, plan, counts = fitting.problem, fitting.local.judged, fitting.counts
    stages = (Stage("coverage"), Stage("change"))
    aimed = replace(problem, stages=stages, reference_posts=new_posts(plan))
    programme, floors = formulate(aimed), covered_for_fit(plan)
    y, worth = programme.decisions.y, problem.year_weight[:, None] * problem.segment_weight
    for i in np.flatnonzero(counts).tolist():
        total = sum(float(w) * y[i, t, s] for (t, s), w in np.ndenumerate(worth))
        row = label("covers", problem.territories[i])
        programme.lp.addConstraint(total >= float(floors[i]), row)
    try:
        found = RoundSearch[Evaluation](aimed, programme, None).run()
    except FteAllocError:
        return None
    better = judged_with_weights(problem, *found.posts)
    gains, slack = covered_for_fit(better) - floors, SAME * np.maximum(1.0, floors)
    if better.violations or np.any(gains[counts] < -slack[counts]):
        return None
    if not np.any(gains[counts] > GAIN):
        return None
    return better
