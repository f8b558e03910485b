"""The interval of each weight of the objective in which the posts of the best plan stay.

With the post that moves most just beyond either end, and its rate at the present weight.
"""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from fte_alloc.errors import SolverError, StoppedError, mistaken, values_or_input_error
from fte_alloc.inputs.load import ProblemLike
from fte_alloc.inputs.weighing import Weighing, Weight
from fte_alloc.language import N_, _
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.document import Documented, Progress, first_document_keys
from fte_alloc.questions.places import place_key
from fte_alloc.questions.plan import Plan, solve
from fte_alloc.questions.posts import new_posts_fte, post_row, posts_arrays
from fte_alloc.questions.weights.ends import (
    EXACT,
    End,
    EndSide,
    PostsAt,
    WeightEndPlans,
    find_end,
    find_step_end,
)
from fte_alloc.search.warm import WarmSolver

WEIGHTS_NOT_PROVED = N_("stopped before the plan was proved best; nothing is said of its weights.")

FORMAT = "fte-alloc/weights/3"
#: Default tolerance: half a post is noticed [FTE].
TOLERANCE_FTE = 0.5
#: Least tolerance accepted, ten times the accuracy of posts [FTE].
LEAST_TOLERANCE_FTE = 0.01
#: Change of a weight, relative to it or to 1, for derivatives of contracts' values.
_MOVED = 1e-6
#: Places whose posts move by less than this share of the largest move are not listed.
NAMED = 0.1
#: Of posts that move by this share of the largest move, the first in order is ``moves_first``.
TIED = 0.99
#: Share by which coverage may miss the greatest one and still count as reaching it.
REACHED = 1e-9
_FLOOR_FTE = 1e-9

_SIDES = ("below", "above")
CSV_COLUMNS = (
    *("key", "kind", "name", "value", "low", "high"),
    *(
        f"{side}_{figure}"
        for side in _SIDES
        for figure in ("end", "role", "territory", "year", "fte", "rate")
    ),
    *("status", "still", *(f"{side}_area" for side in _SIDES)),
)


class Weights(Documented):
    """The interval of each weight in which posts stay."""


def weights(
    problem: ProblemLike | Plan,
    tolerance_fte: float = TOLERANCE_FTE,
    keys: Collection[str] | None = None,
    *,
    time_limit_s: float | None = None,
    progress: Progress | None = None,
) -> Weights:
    """Find for each weight the interval in which no post moves by more than a tolerance.

    tolerance_fte : largest move that is allowed [FTE]; in steps, the plan must stay the same
    keys : keys of weights, such as ``weights.territory.53``, or codes or names; None: all weights
    time_limit_s : time [s] after which the document is returned with the keys ``left``
    progress : called with the number of weights done, and their total

    The document is a ``fte-alloc/weights/3``; its table has a row per weight. Raises InputError for
    an unknown weight or a tolerance below ``LEAST_TOLERANCE_FTE``, StoppedError where the plan is
    not proved in time, and what ``solve`` raises.
    """
    check_tolerance(tolerance_fte)
    deadline = math.inf if time_limit_s is None else time.monotonic() + time_limit_s
    plan = problem if isinstance(problem, Plan) else solve(problem, time_limit_s, priced=False)
    if plan.status != "optimal":
        raise StoppedError(_(WEIGHTS_NOT_PROVED))
    p, weighing = plan.problem, Weighing.of(plan.problem)
    texts = weighing.each if keys is None else keys
    wanted = list(values_or_input_error(texts, lambda text: (weighing.weight(text).key, None)))
    search = _IntervalSearch(plan, weighing, tolerance_fte, best_posts(p, deadline))
    found, unsettled = list[dict[str, Any]](), list[str]()
    try:
        for done, key in enumerate(wanted, start=1):
            try:
                found.append(search.entry(weighing.weight(key)))
            except SolverError:
                unsettled.append(key)
            if progress is not None:
                progress(done, len(wanted))
    except StoppedError:
        if time_limit_s is None:
            raise
    left = wanted[len(found) + len(unsettled) :]
    document = {
        "format": FORMAT,
        "status": "stopped" if left or unsettled else "optimal",
        **first_document_keys(p),
        "tolerance_fte": tolerance_fte,
        "relative_accuracy": EXACT,
        "step_fte": p.least_step_fte,
        "weights": found,
        "left": left,
        "unsettled": unsettled,
    }
    return Weights(p, document, CSV_COLUMNS, list(map(_weight_csv_row, found)))


def check_tolerance(tolerance_fte: float) -> None:
    """Raise InputError for a tolerance of moved posts below ``LEAST_TOLERANCE_FTE``."""
    if not tolerance_fte >= LEAST_TOLERANCE_FTE:
        text = _("expected at least {least} FTE: posts are not known more closely than that")
        raise mistaken(f"tolerance_fte={tolerance_fte:g}", text, least=LEAST_TOLERANCE_FTE)


def best_posts(problem: Problem, deadline: float = math.inf) -> PostsAt:
    """Return a function from the problem with other weights to its best plan's new posts [FTE].

    Posts are in the order of ``Problem.post_keys``. The function raises SolverError where the
    solver proves no plan, as with weights a million times another, whose plans differ too little in
    value; StoppedError after *deadline* [s, monotonic], and what else ``solve`` raises.
    """
    warm = WarmSolver(problem)

    def posts_at(other: Problem) -> Floats:
        if time.monotonic() > deadline:
            raise StoppedError(_(WEIGHTS_NOT_PROVED))
        with suppress(SolverError):
            best = warm.solve(other)
            if best.status == "optimal":
                return new_posts_fte(best.evaluation)
        raise SolverError(_("the solver does not settle on a plan at some value of this weight"))

    return posts_at


def _weight_csv_row(weight: Mapping[str, Any]) -> dict[str, Any]:
    row = dict(weight)
    for side in _SIDES:
        first = {"end": weight[side]["end"], **(weight[side]["moves_first"] or {})}
        row |= {f"{side}_{key}": value for key, value in first.items()}
    return {key: row.get(key) for key in CSV_COLUMNS}


class _IntervalSearch:
    def __init__(
        self, plan: Plan, weighing: Weighing, tolerance_fte: float, posts_at: PostsAt
    ) -> None:
        self._problem, self._weighing, self._tolerance = plan.problem, weighing, tolerance_fte
        self._posts_at = posts_at
        self._posts = [post_row(plan.problem, key) for key in plan.problem.post_keys()]
        # Found by the solver that finds the posts compared with them; in steps, posts are exact.
        is_exact, first = plan.problem.in_steps, plan.problem.stages[0]
        self._now = new_posts_fte(plan.evaluation) if is_exact else posts_at(plan.problem)
        self._warm, self._known = WarmSolver(plan.problem), None
        if is_exact and first.objective == "coverage" and first.concede == 0:
            self._known = WeightEndPlans(plan.problem, self._now)

    def entry(self, weight: Weight) -> dict[str, Any]:
        """Entry of a weight: its ends, the post that moves first beyond either, and rates.

        ``still`` is the reason why no value moves posts: ``no_stage`` depends on weights, or the
        weight is the ``same`` factor for all contracts that can be covered; else None.
        """
        p, still = self._problem, None
        ends = [End(weight.least, "stays"), End(None, "stays")]
        rates: Sequence[Floats | None] = (None, None)
        if all(stage.objective != "coverage" for stage in p.stages):
            still = "no_stage"
        elif not self._weighing.changes_ratios(weight.key):
            still = "same"
        else:
            args = self._now, self._posts_at
            sides = [EndSide(self._weighing, weight, sign, *args) for sign in (-1.0, 1.0)]
            rates = list(map(self._rates, sides))
            ends = list(map(self._end, sides, rates))
        moved = [end.value for end in ends if end.moved is not None and end.value is not None]
        scale = weight.value if weight.least is not None and weight.value > 0 else 1.0
        codes, names = (*p.segments, *p.territories), (*p.segment_names, *p.territory_names)
        both = zip(_SIDES, ends, rates, strict=True)
        return {
            "key": weight.key,
            **vars(weight),
            "name": dict(zip(codes, names, strict=True)).get(weight.code, weight.code),
            "still": still,
            "slack": min((abs(weight.value - end) / scale for end in moved), default=None),
            "low": ends[0].value,
            "high": ends[1].value,
            **{name: self._side(end, rate) for name, end, rate in both},
        }

    def _rates(self, side: EndSide) -> Floats | None:
        """Derivative of every post by the weight, to one side of its value; None where unknown."""
        distance = _MOVED * max(1.0, abs(side.weight.value))
        if distance > side.to_edge:
            return None
        beside = side.problem(distance)
        rates = self._warm.post_derivatives(
            beside, (beside.weight - self._problem.weight) / distance
        )
        return None if rates is None else side.sign * rates

    def _end(self, side: EndSide, rates: Floats | None) -> End:
        if side.to_edge == 0:
            return End(side.least, "edge")
        if (side.sign < 0 or self._known is None) and _stays_best(side):
            return End(side.least, "stays")
        if self._known is not None:
            return find_step_end(side, self._known)
        rate = 0.0 if rates is None else float(np.abs(rates).max(initial=0.0))
        return find_end(side, 0.5 * self._problem.least_step_fte or self._tolerance, rate)

    def _side(self, end: End, rates: Floats | None) -> dict[str, Any]:
        """Entry of one end: its reason, and places whose posts move there, largest move first."""
        gains, loses, first = list[str](), list[str](), None
        if end.moved is not None:
            size = np.abs(end.moved)
            for j in np.argsort(-size, kind="stable"):
                codes, key = gains if end.moved[j] > 0 else loses, place_key(self._posts[j])
                if size[j] >= NAMED * size.max() and key not in codes:
                    codes.append(key)
            j = int(np.argmax(size >= TIED * size.max()))
            rate = None if rates is None else float(rates[j])
            first = {**self._posts[j], "fte": float(end.moved[j]), "rate": rate}
        return {
            "end": end.why,
            "looked_to": end.looked_to,
            "gains": gains,
            "loses": loses,
            "moves_first": first,
        }


def _stays_best(side: EndSide) -> bool:
    """Whether the plan is proved best for every value of the weight to one side.

    The objective is F + w g, with g the contracts that the weight counts. A plan that is best for
    one w and has the greatest g of all plans is best for every greater w, as its lead over others
    never shrinks. Likewise, a plan with the least g is best for every smaller w; a territory alone
    in its area has the least g where its posts are the fewest allowed.
    """
    problem, weight = side.weighing.problem, side.weight
    if weight.kind != "territory":
        return False
    i = problem.territories.index(weight.code)
    if not problem.alone_in_area[i] or any(
        stage.concede for stage in problem.stages if stage.objective == "coverage"
    ):
        return False
    (x, z), a = posts_arrays(problem, side.now), problem.area_of[i]
    if side.sign < 0:
        least_x, least_z = problem.fewest_new_fte
        few = np.all(x[i] <= least_x[i] + _FLOOR_FTE)
        return bool(few and np.all(z[a] <= least_z[a] + _FLOOR_FTE))
    if problem.stages[0].objective != "coverage" or not np.any(x[i] > 0):
        return False
    of_kind = [key for key, other in side.weighing.each.items() if other.kind == weight.kind]
    alone = side.weighing.problem_with({key: float(key == weight.key) for key in of_kind})
    best = alone.judge(*posts_arrays(alone, side.posts_at(alone))).objective("coverage")
    return bool(alone.judge(x, z).objective("coverage") >= best * (1.0 - REACHED))
