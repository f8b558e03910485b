"""The nearest weights under which a given plan is the best one, or why there are none.

The problem is concave: a plan is best for some weights, all above 0, exactly when no other plan
covers at least as much in every territory and more in one. For a plan that no weights justify there
is therefore such a better plan, which can be judged without a solver. The plan is justified in the
first stage alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from fte_alloc.errors import FteAllocError, mistaken
from fte_alloc.inputs import ProblemLike, problem_of
from fte_alloc.language import _
from fte_alloc.lp.highs import OPTIMAL
from fte_alloc.lp.inverse import LARGEST, TOTAL, NoCostsError
from fte_alloc.lp.matrix import Matrix
from fte_alloc.lp.solving import CheckedProgramme
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.limits import label
from fte_alloc.programme.objectives import DEFAULT_STAGES, Stage
from fte_alloc.programme.problem import Evaluation, Problem, posts_of_table
from fte_alloc.programme.statement import formulate
from fte_alloc.questions.document_parts import Found, PostKey, moves, post_rows, posts_of
from fte_alloc.questions.justify.fit import Fitting, all_counting, covered, judged_anyway
from fte_alloc.questions.plan import solve
from fte_alloc.questions.plan_document import evaluation_document, objective_unit
from fte_alloc.search.rounds import SETTLED_FTE, Search

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "fte-alloc/justification/2"
#: Columns of the table: key, present and needed value of each number, and their difference.
WEIGHT_COLUMNS = ("key", "now", "needed", "change", "relative_change")
#: Largest number of decimals of rounded posts; posts with more decimals are taken as exact.
MOST_DECIMALS = 4
#: Tolerances: loss of a territory, as a share of its contracts [1]; its gain [contracts].
SAME, GAIN = 1e-9, 1e-6
#: Largest change of a post that does not count as a move [FTE].
MOVED_FTE = 1e-4
#: Shares of a move, judged in turn until no territory covers less.
_SHARES = (1.0, 0.5, 0.25, 0.125, 0.0625)


class Justification(Found):
    """The nearest weights under which a plan is the best one, or why there are none."""


def justify(
    problem: ProblemLike, posts: pd.DataFrame | Mapping[PostKey, float], measure: str = TOTAL
) -> Justification:
    """The territory weights nearest to the present ones under which a plan is the best.

    posts : new posts by (role, code, year), or a table, as ``Problem.evaluate`` takes them
    measure : distance to minimise: ``total``, the sum of relative changes, or ``largest`` of them

    The ``fte-alloc/justification/2`` document is ``justified``, ``refused`` where no weights
    justify the plan, or ``breaks_limits``; the table has a row per number found. Of the plans that
    round to the posts typed and keep all limits, the best for the present weights is justified.

    Raises InputError for plans in steps, for a first stage that is not ``coverage``, and for posts
    that the problem does not have.
    """
    if measure not in (TOTAL, LARGEST):
        raise ValueError(f"measure is {TOTAL} or {LARGEST}, not {measure!r}")
    p = problem_of(problem)
    _check(p)
    if not isinstance(posts, Mapping):
        posts = posts_of_table(posts, p.years)
    given = p.evaluate(posts)
    rounding = typed_to(*given.posts)
    alike = _best_typed_alike(p, given, rounding) if rounding > 0 else None
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
        if 0 < rounding >= max(map(abs, moves(given, near).values()), default=0.0):
            fitting = Fitting(p, measure, given, near, rounding)
            weights = fitting.weights()
        else:
            refusal = _refusal(fitting, conflict, better, near, near_weights)
    taken, known = (fitting.taken, fitting.rounding_fte) if fitting else (given, rounding)
    judged, inputs = evaluation_document(given), p.inputs
    keys = ("territory", "name", "role", "year", "new_fte", "area")
    document = {
        "format": FORMAT,
        "status": "justified" if weights else "refused" if refusal else "breaks_limits",
        **{key: judged[key] for key in ("scenario", "model", "title", "years")},
        "territory": judged["inputs"]["values"].get("territory") if inputs else None,
        "measure": measure,
        "stage": "coverage",
        "rounding_fte": known,
        # Whether the shares of coordinators' support are independent of weights. Else they are
        # those for the present weights; other shares might be justified by nearer weights.
        "support_settled": p.support(*taken.posts).is_settled,
        "posts": [
            {**{key: row[key] for key in keys}, "taken_fte": fte}
            for row, fte in zip(judged["posts"], posts_of(taken).values(), strict=True)
        ],
        "possible_posts": sum(role in p.roles for role, *_ in p.post_keys()),
        "unnamed_posts": sum(k[0] in p.roles and k not in posts for k in p.post_keys()),
        "violations": judged["violations"],
        "weights": weights,
        "indicators": fitting.coefficients() if fitting and weights else None,
        "refusal": refusal,
        "regional_figures": judged.get("regional_figures"),
        **({"inputs": judged["inputs"]} if inputs else {}),
        "software": judged["software"],
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
            "posts: --set posts.step_fte=0"
        )
        raise mistaken("posts.step_fte", text)


def typed_to(x: Floats, z: Floats) -> float:
    """Rounding error of posts [FTE]: 0.05 if all have one decimal; 0 above ``MOST_DECIMALS``."""
    posts = np.concatenate([x.ravel(), z.ravel()])
    for decimals in range(1, MOST_DECIMALS + 1):
        if np.all(np.abs(posts - np.round(posts, decimals)) <= 1e-12 * np.maximum(1.0, posts)):
            return 0.5 * 10.0**-decimals
    return 0.0


def _best_typed_alike(
    problem: Problem, given: Evaluation, rounding_fte: float
) -> Evaluation | None:
    """The best plan for the present weights that rounds to the posts typed; None without any.

    Rounding leaves a little money unused, and posts a little below or above their limits, without
    intention.
    """
    # Territories of weight 0 count a little, so that nothing is left unused there, either.
    counting = replace(all_counting(problem), stages=DEFAULT_STAGES)
    programme = formulate(counting)
    d = programme.decisions
    for decided, posts in zip((d.x, d.z), given.posts, strict=True):
        for at, post in decided.items():
            post.lowBound = max(0.0, float(posts[at]) - rounding_fte)
            post.upBound = min(post.upBound, float(posts[at]) + rounding_fte)
    try:
        found = Search[Evaluation](counting, programme, None).run()
    except FteAllocError:
        return None
    judged = problem.judge(*found.posts)
    return None if judged.violations else judged


def _nearest(fitting: Fitting, better: Better | None) -> tuple[Evaluation, dict[str, Any]]:
    """A plan near by that weights justify, and these weights; others might be nearer."""
    problem, measure = fitting.problem, fitting.measure
    if better is not None:
        try:
            near = Fitting(problem, measure, better.judged, better.judged)
            return better.judged, near.weights()
        except NoCostsError:
            pass  # a territory may need another weight in each year
    best = solve(problem, priced=False).evaluation
    return best, Fitting(problem, measure, best, best).weights()


def _refusal(
    fitting: Fitting,
    error: NoCostsError,
    better: Better | None,
    nearest: Evaluation,
    weights: dict[str, Any],
) -> dict[str, Any]:
    """Entry of the reasons why no weights justify a plan, and of a plan near by that some justify.

    ``between`` has the posts whose conditions contradict each other; where a better plan is known,
    the post given up (if any) and the post added. ``better`` is the better plan, None where only
    the conditions of optimality contradict each other. ``exchange`` is a better plan in which at
    most these two posts move, None where none is found.
    """
    p, given = fitting.problem, fitting.given
    exchange = better and two_posts(fitting, better)
    shown = exchange or better
    extremes = [key for sign in (-1, 1) for key in shown.by_size(sign)[:1]] if shown else []
    between = extremes or fitting.between(error)
    after, moved = posts_of(nearest), moves(given, nearest, SETTLED_FTE)
    unweighted = replace(p, territory_weight=np.ones(len(p.territories)))
    return {
        "between": post_rows(p, between),
        "unit": objective_unit(unweighted, "coverage"),
        "exchange": exchange and _better(p, exchange),
        "better": better and _better(p, better),
        "nearest": {
            "moved_fte": float(sum(map(abs, moved.values()))),
            "proved": False,
            "posts": [
                {**row, "new_fte": fte, "change_fte": moved.get(key, 0.0)}
                for row, (key, fte) in zip(post_rows(p, after), after.items(), strict=True)
            ],
            "weights": weights,
        },
    }


def _better(problem: Problem, better: Better) -> dict[str, Any]:
    """Entry of a better plan: posts moved, and gains by territory, before its own weight."""
    rows = zip(post_rows(problem, better.moves), better.moves.values(), strict=True)
    gains = zip(problem.territories, better.gains.tolist(), strict=True)
    return {"moves": [{**row, "change_fte": fte} for row, fte in rows], "gains": dict(gains)}


def _rows(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of the table, one per number found; no rows of numbers that fail to justify."""
    weights, indicators = document["weights"], document["indicators"]
    rows = weights["territories"] if weights else []
    found = [row | {"key": f"weights.territory.{row['territory']}"} for row in rows]
    rows = indicators["coefficients"] if indicators and indicators["justifies"] else []
    return found + [row | {"key": f"weights.indicators.{row['column']}"} for row in rows]


# -- better plans ----------------------------------------------------------------------------------


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

    def by_size(self, sign: int) -> list[PostKey]:
        """Posts that increase, or decrease where *sign* is −1, the largest change first."""
        changed = {key: -sign * fte for key, fte in self.moves.items() if sign * fte > 0}
        return sorted(changed, key=changed.__getitem__)


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
    return _better_of(fitting, *found.posts)


def two_posts(fitting: Fitting, better: Better) -> Better | None:
    """A better plan in which one post is added and at most one given up; None if none is found.

    Only posts that *better* moves are tried, first those added without giving up another.
    """
    plan = fitting.local
    owners, columns = list(plan.posts), np.array(list(plan.posts.values()), dtype=np.int32)
    now = plan.values[columns]
    least, most = plan.matrix.lower[columns].copy(), plan.matrix.upper[columns].copy()
    taken, given = (dict.fromkeys(key[:2] for key in better.by_size(sign)) for sign in (1, -1))
    pairs = [(post, None) for post in taken] + [(post, one) for one in given for post in taken]
    for programme in _without_loss(fitting):
        live = CheckedProgramme(programme, presolve=False)
        value = float(programme.cost @ plan.values)
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
                found = _better_of(fitting, *fitting.problem.arrays(posts))
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


def _better_of(fitting: Fitting, x: Floats, z: Floats) -> Better | None:
    """The plan with posts x and z, judged; None where it is not better than the plan given."""
    judged, plan = judged_anyway(fitting.problem, x, z), fitting.local.judged
    gains, counts = covered(judged) - covered(plan), fitting.counts
    slack = SAME * np.maximum(1.0, covered(plan))
    if judged.violations or np.any(gains[counts] < -slack[counts]):
        return None
    if not np.any(gains[counts] > GAIN):
        return None
    return Better(judged, moves(plan, judged, MOVED_FTE), gains)
