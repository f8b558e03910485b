"""The nearest weights under which a given plan is the best one, or why there are none.

The problem is concave and its objective linear in the weights, so the weights that justify a plan
are those for which its optimality conditions can be met: linear in weights and prices together,
and the nearest to the present ones an answer of a linear programme (``lp.inverse``), whose prices
prove that none are nearer. Only the first stage is asked to find the plan best.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from fte_alloc.errors import FteAllocError, mistaken
from fte_alloc.inputs import ProblemLike, problem_of
from fte_alloc.language import _
from fte_alloc.lp.inverse import LARGEST, TOTAL, NoCostsError
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.data import DEFAULT_STAGES
from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.problem import Problem, posts_of_table
from fte_alloc.programme.statement import formulate
from fte_alloc.questions.document_parts import Found, PostKey, moves, post_rows, posts_of
from fte_alloc.questions.justify.dominance import Better, better_plan, two_posts
from fte_alloc.questions.justify.fit import Fitting, all_counting
from fte_alloc.questions.plan import solve
from fte_alloc.questions.plan_document import evaluation_document, objective_unit
from fte_alloc.search.rounds import SETTLED_FTE, Search

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "fte-alloc/justification/1"
#: What each number is, and what it would have to be.
WEIGHT_COLUMNS = ("key", "now", "needed", "change", "relative_change")
#: Posts may be typed to so many decimals; those given to more are taken as they are.
MOST_DECIMALS = 4


class Justification(Found):
    """The nearest weights under which a plan is the best one, or why there are none."""


def justify(
    problem: ProblemLike, posts: pd.DataFrame | Mapping[PostKey, float], measure: str = TOTAL
) -> Justification:
    """The territory weights nearest to the present ones under which a plan is the best.

    posts : new posts by (role, code, year), or a table, as ``Problem.evaluate`` takes them
    measure : ``total`` for the least sum of relative changes, ``largest`` for the least largest one

    The document is a ``fte-alloc/justification/1``, ``justified``, ``refused`` where no weights do,
    or ``breaks_limits``; its table has a row a number found. Of the plans that are typed alike, the
    best for the present weights is taken, which keeps all limits.

    Raises InputError for plans in steps, for a first stage that is not ``coverage``, and for posts
    the problem does not have.
    """
    if measure not in (TOTAL, LARGEST):
        raise ValueError(f"measure is {TOTAL} or {LARGEST}, not {measure!r}")
    problem = problem_of(problem)
    _check(problem)
    if not isinstance(posts, Mapping):
        posts = posts_of_table(posts, problem.years)
    p, given = problem, problem.evaluate(posts)
    rounding = typed_to(*given.posts)
    known, taken = rounding, given  # how far typing may be off, and the plan asked about
    fitting: Fitting | None = None
    weights = indicators = refusal = failed = None
    best = _best_typed_alike(p, given, rounding) if rounding > 0 else None
    alike = [(rounding, best)] if best else []
    for known, taken in [*alike, *([] if given.violations else [(0.0, given)])]:
        fitting = Fitting(p, measure, given, taken, known)
        try:
            weights = fitting.weights()
            break
        except NoCostsError as error:
            failed = error
    if fitting and failed and not weights:
        better = better_plan(fitting)
        near, near_weights = _nearest(fitting, better)
        furthest = max(map(abs, moves(given, near).values()), default=0.0)
        if 0 < rounding >= furthest:
            known, taken = rounding, near
            fitting = Fitting(p, measure, given, taken, known)
            weights = fitting.weights()
        else:
            refusal = _refusal(fitting, failed, better, near, near_weights)
    if fitting and weights:
        indicators = fitting.coefficients()
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
        # Whether weights have no say in how coordinators' support is shared. Where they do, it
        # stays as under the present ones; other shares might be justified by nearer weights.
        "support_settled": p.support(*taken.posts).is_settled,
        "posts": [
            {**{key: row[key] for key in keys}, "taken_fte": fte}
            for row, fte in zip(judged["posts"], posts_of(taken).values(), strict=True)
        ],
        "possible_posts": sum(role in p.roles for role, *_ in p.post_keys()),
        "unnamed_posts": sum(k[0] in p.roles and k not in posts for k in p.post_keys()),
        "violations": judged["violations"],
        "weights": weights,
        "indicators": indicators,
        "refusal": refusal,
        "regional_figures": judged.get("regional_figures"),
        **({"inputs": judged["inputs"]} if inputs else {}),
        "software": judged["software"],
    }
    return Justification(p, document, WEIGHT_COLUMNS, _rows(document))


def _check(problem: Problem) -> None:
    """Refuse what the weights of territories do not decide."""
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
    """The rounding of typed posts [FTE]: 0.05 if all have one decimal; 0 if too many to tell."""
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
    """A plan that weights justify, and these weights; that no plan is nearer is not proved."""
    problem, measure = fitting.problem, fitting.measure
    if better is not None:
        try:
            near = Fitting(problem, measure, better.judged, better.judged)
            return better.judged, near.weights()
        except NoCostsError:
            pass  # over several years a territory may ask for one weight in each
    best = solve(problem, priced=False).evaluation
    return best, Fitting(problem, measure, best, best).weights()


def _refusal(
    fitting: Fitting,
    error: NoCostsError,
    better: Better | None,
    nearest: Evaluation,
    weights: dict[str, Any],
) -> dict[str, Any]:
    """Why no weights justify a plan, and a plan near by that some do.

    ``between`` has the posts whose conditions contradict each other: where a better plan is known,
    the one that would give way (if any must) and the one that would be added. ``better`` is the
    proof, None where only the conditions of optimality contradict each other; ``exchange`` is a
    better plan in which nothing else moves, None where more posts must.
    """
    p, given = fitting.problem, fitting.given
    exchange = better and two_posts(fitting, better)
    told = exchange or better
    between = [*told.given[:1], *told.taken[:1]] if told else fitting.between(error)
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


def _rows(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The numbers found, one row each; none where none justify the plan."""
    weights, indicators = document["weights"], document["indicators"]
    rows = weights["territories"] if weights else []
    found = [row | {"key": f"weights.territory.{row['territory']}"} for row in rows]
    rows = indicators["coefficients"] if indicators and indicators["justifies"] else []
    return found + [row | {"key": f"weights.indicators.{row['column']}"} for row in rows]


def _better(problem: Problem, better: Better) -> dict[str, Any]:
    """Posts that move, and what each territory covers more, before its own weight."""
    rows = zip(post_rows(problem, better.moves), better.moves.values(), strict=True)
    gains = zip(problem.territories, better.gains.tolist(), strict=True)
    return {"moves": [{**row, "change_fte": fte} for row, fte in rows], "gains": dict(gains)}
