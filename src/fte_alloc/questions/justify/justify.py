"""The nearest weights under which a given plan is the best one, or why there are none.

The problem is concave and its objective linear in the weights, so the weights that justify a plan
are those for which its optimality conditions can be met: linear in weights and prices together,
and the nearest to the present ones an answer of a linear programme (``lp.inverse``), whose prices
prove that none are nearer. Only the first stage is asked to find the plan best.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from fte_alloc.errors import FteAllocError, InputError, Mistake
from fte_alloc.language import _
from fte_alloc.lp.inverse import LARGEST, TOTAL, NoCostsError
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.data import DEFAULT_STAGES
from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.limits import NETWORK, STATE
from fte_alloc.programme.problem import Problem, posts_of_table
from fte_alloc.programme.statement import formulate
from fte_alloc.questions.document_parts import PostKey, post_rows, posts_of
from fte_alloc.questions.justify.dominance import Better, better_plan, two_posts
from fte_alloc.questions.justify.first_order import all_counting, moves
from fte_alloc.questions.justify.fit import Fit, Fitting
from fte_alloc.questions.plan import solve
from fte_alloc.questions.plan_document import evaluation_document, objective_unit
from fte_alloc.search.rounds import SETTLED_FTE, Search

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "fte-alloc/justification/1"
JUSTIFIED, REFUSED, BREAKS_LIMITS = "justified", "refused", "breaks_limits"
#: Posts may be typed to so many decimals; those given to more are taken as they are.
MOST_DECIMALS = 4


@dataclass(frozen=True, eq=False)
class Refusal:
    """Why no weights justify a plan, and a plan near by that some do.

    between : the posts whose conditions contradict each other: where a better plan is known, the
        one that would give way (if any must) and the one that would be added
    exchange : a better plan in which nothing else moves; None where more posts must
    better : a plan in which no territory covers less, and some more: the proof of the refusal;
        None where only the conditions of optimality contradict each other
    nearest : a plan that weights justify; that none is nearer is not proved
    weights : those that justify it
    """

    between: tuple[PostKey, ...]
    exchange: Better | None
    better: Better | None
    nearest: Evaluation
    weights: Fit


@dataclass(frozen=True, eq=False)
class Justification:
    """A plan, and the nearest weights under which it is the best.

    measure : ``total`` or ``largest`` relative change
    given : the plan as it was given, judged; limits it breaks may be the work of typing
    rounding_fte : by how much typing may have moved each post
    taken : the plan asked about: of those typed alike, the best for the present weights; it keeps
        all limits unless the status is ``breaks_limits``
    unnamed_posts : how many posts the plan did not name, and has none of
    weights : of territories by name, indicators as they are; None where the plan is refused
    indicators : coefficients, weights by name as they are; None without indicators, or if refused
    refusal : why no weights justify the plan
    """

    problem: Problem
    measure: str
    given: Evaluation
    rounding_fte: float
    taken: Evaluation
    unnamed_posts: int
    weights: Fit | None = None
    indicators: Fit | None = None
    refusal: Refusal | None = None

    @property
    def status(self) -> str:
        """``justified``, ``refused`` where no weights do, ``breaks_limits``."""
        if self.weights is not None:
            return JUSTIFIED
        return BREAKS_LIMITS if self.refusal is None else REFUSED

    @property
    def support_settled(self) -> bool:
        """Whether weights have no say in how coordinators' support is shared.

        Where they do, it stays shared as it is under the present weights, and other shares might
        be justified by nearer ones.
        """
        x, z = self.taken.new_facilitators_fte, self.taken.new_coordinators_fte
        return self.problem.support(x, z).is_settled

    @cached_property
    def document(self) -> dict[str, Any]:
        """As a ``fte-alloc/justification/1`` document; keys may be added, never renamed."""
        judged, taken = evaluation_document(self.given, self.given), posts_of(self.taken)
        keys = ("territory", "name", "role", "year", "new_fte")
        p, inputs = self.problem, judged.get("inputs")
        return {
            "format": FORMAT,
            "status": self.status,
            **{key: judged[key] for key in ("scenario", "model", "title", "years")},
            "territory": inputs["values"].get("territory") if inputs else None,
            "measure": self.measure,
            "stage": "coverage",
            "rounding_fte": self.rounding_fte,
            "support_settled": self.support_settled,
            "posts": [
                {**{key: row[key] for key in keys}, "taken_fte": fte}
                for row, fte in zip(judged["posts"], taken.values(), strict=True)
            ],
            "possible_posts": sum(role in p.roles for role, *_ in p.post_keys()),
            "unnamed_posts": self.unnamed_posts,
            "violations": judged["violations"],
            "weights": self.weights and _weights(p, self.weights),
            "indicators": self.indicators and _indicators(p, self.indicators),
            "refusal": self.refusal and _refusal_document(self, self.refusal),
            "regional_figures": judged.get("regional_figures"),
            **({"inputs": inputs} if inputs else {}),
            "software": judged["software"],
        }


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
        fitting = Fitting(problem, measure, given, taken, known)
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
    fitting = Fitting(problem, measure, given, refusal.nearest, rounding)
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
        what = _(
            "its first objective is {objective}, which weights of territories do not enter; give "
            "stages that begin with coverage"
        ).format(objective=first.objective)
        raise InputError([Mistake("stages", what)])
    if problem.step_fte > 0:
        text = _(
            "posts come in steps, whose best plan follows from no prices; ask about continuous "
            "posts: --set posts.step_fte=0"
        )
        raise InputError([Mistake("posts.step_fte", text)])


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
            near = Fitting(problem, fitting.measure, better.judged, better.judged)
            return Refusal(between, exchange, better, better.judged, near.weights())
        except NoCostsError:
            pass  # over several years a territory may ask for one weight in each
    best = solve(problem, priced=False).evaluation
    weights = Fitting(problem, fitting.measure, best, best).weights()
    return Refusal(between, exchange, better, best, weights)


def _furthest(before: Evaluation, after: Evaluation) -> float:
    """Most that a post differs [FTE]."""
    return max(map(abs, moves(before, after, 0.0).values()), default=0.0)


# -- the document ----------------------------------------------------------------------------------


def _changes(fit: Fit) -> Iterator[dict[str, Any]]:
    """What each number is, has to be, and how far that is; no relative change from 0."""
    for now, needed in zip(fit.now.tolist(), fit.needed.tolist(), strict=True):
        relative = (needed - now) / abs(now) if now else None
        change = {"now": now, "needed": needed, "change": needed - now}
        yield {**change, "relative_change": relative}


def _toml(kind: str, lines: Iterable[tuple[str, float, str]]) -> list[str]:
    """Lines of a scenario that set numbers, each to the digits that are told, with a comment."""
    told = []
    for key, value, comment in lines:
        digits = ".6g" if abs(value) >= 1e-4 or value == 0 else ".6e"
        told.append(f"{key} = {value:{digits}}{comment}")
    return [f"[weights.{kind}]", *told] if told else []


def _weights(problem: Problem, fit: Fit) -> dict[str, Any]:
    """Weights by name, and the lines of a scenario that set them."""
    names = zip(fit.names, problem.territory_names, _changes(fit), strict=True)
    rows = [{"territory": code, "name": name, **change} for code, name, change in names]
    told = [row for row in rows if row["now"] != 1 or row["needed"] != 1]
    lines = ((row["territory"], row["needed"], f"  # {row['name']}") for row in told)
    kept = {key: getattr(fit, key) for key in ("distance", "bound", "difference_fte")}
    return {**kept, "territories": rows, "toml": _toml("territory", lines)}


def _indicators(problem: Problem, fit: Fit) -> dict[str, Any]:
    """Coefficients of indicators, and the lines of a scenario that set them."""
    named = zip(fit.names, _changes(fit), strict=True)
    rows = [{"column": name, **change} for name, change in named]
    return {
        "justifies": fit.justifies,
        "distance": fit.distance,
        "bound": fit.bound,
        "relative_loss": fit.loss,
        "between": post_rows(problem, fit.between),
        "difference_fte": fit.difference_fte,
        "coefficients": rows,
        "toml": _toml("indicators", ((r["column"], r["needed"], "") for r in rows if r["needed"])),
    }


def _refusal_document(j: Justification, refusal: Refusal) -> dict[str, Any]:
    """Why no weights do, and a plan near by that some justify."""
    p, given, after = j.problem, j.given, posts_of(refusal.nearest)
    moved = moves(given, refusal.nearest, SETTLED_FTE)
    unweighted = replace(p, territory_weight=np.ones(len(p.territories)))
    return {
        "between": post_rows(p, refusal.between),
        "unit": objective_unit(unweighted, "coverage"),
        "exchange": refusal.exchange and _better(p, refusal.exchange),
        "better": refusal.better and _better(p, refusal.better),
        "left": [
            {
                "year": year,
                "state_eur": _finite(p.most_in_country(STATE)[t] - given.state_eur[t]),
                "cap_fte": _finite(p.most_in_country(NETWORK)[t] - given.used_fte[t]),
            }
            for t, year in enumerate(p.years)
        ],
        "nearest": {
            "moved_fte": float(sum(map(abs, moved.values()))),
            "proved": False,
            "posts": [
                {**row, "new_fte": fte, "change_fte": moved.get(key, 0.0)}
                for row, (key, fte) in zip(post_rows(p, after), after.items(), strict=True)
            ],
            "weights": _weights(p, refusal.weights),
        },
    }


def _better(problem: Problem, better: Better) -> dict[str, Any]:
    """Posts that move, and what each territory covers more, before its own weight."""
    rows = zip(post_rows(problem, better.moves), better.moves.values(), strict=True)
    gains = zip(problem.territories, better.gains.tolist(), strict=True)
    return {"moves": [{**row, "change_fte": fte} for row, fte in rows], "gains": dict(gains)}


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
