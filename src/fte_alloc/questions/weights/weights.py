"""The interval of each weight of the objective in which the posts of the best plan stay.

For each weight: the widest interval in which no post moves by more than a tolerance, the post that
moves most just beyond either end, and the rates at which posts move at the present weight.
"""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from fte_alloc.errors import SolverError, StoppedError, mistaken, parse_options
from fte_alloc.inputs import ProblemLike
from fte_alloc.inputs.weighing import Weighing, Weight
from fte_alloc.language import N_, _
from fte_alloc.names import WEIGHTS_NOT_SOLVED
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.document_parts import Found, Progress, head, new_fte, post_row
from fte_alloc.questions.places import key_of
from fte_alloc.questions.plan import Plan, solve
from fte_alloc.questions.weights.ends import EXACT, Direction, End, PostsAt, find_end, stays
from fte_alloc.questions.weights.rates import PlanConditions, Rates, no_rates
from fte_alloc.questions.weights.steps import KnownPlans, find_step_end
from fte_alloc.search.warm import WarmSolver

WEIGHTS_NOT_PROVED = N_("stopped before the plan was proved best; nothing is said of its weights.")

FORMAT = "fte-alloc/weights/1"
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
#: Rates are left out where they move a post no further over the whole weight [FTE].
DUST_FTE = 1e-4

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


class Weights(Found):
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

    The document is a ``fte-alloc/weights/1``; its table has a row per weight. Raises InputError for
    an unknown weight or a tolerance below ``LEAST_TOLERANCE_FTE``, StoppedError where the plan is
    not proved in time, and what ``solve`` raises.
    """
    check_tolerance(tolerance_fte)
    deadline = math.inf if time_limit_s is None else time.monotonic() + time_limit_s
    plan = problem if isinstance(problem, Plan) else solve(problem, time_limit_s, priced=False)
    if plan.status != "optimal":
        raise StoppedError(_(WEIGHTS_NOT_PROVED))
    p, weighing = plan.problem, Weighing.of(plan.problem)
    asked = weighing.each if keys is None else keys
    wanted = list(parse_options(asked, lambda text: (weighing.weight(text).key, None)))
    best_at = best_posts(p)

    def in_time(other: Problem) -> Floats:
        if time.monotonic() > deadline:
            raise StoppedError(_(WEIGHTS_NOT_PROVED))
        return best_at(other)

    look = _Look(plan, weighing, tolerance_fte, in_time)
    found: list[dict[str, Any]] = []
    try:
        for done, key in enumerate(wanted):
            if progress is not None:
                progress(done, len(wanted))
            found.append(look.at(weighing.weight(key)))
        if progress is not None:
            progress(len(wanted), len(wanted))
    except StoppedError:
        if time_limit_s is None:
            raise
    left = wanted[len(found) :]
    document = {
        "format": FORMAT,
        "status": "stopped" if left else "optimal",
        **head(p),
        "tolerance_fte": tolerance_fte,
        "relative_accuracy": EXACT,
        "step_fte": p.least_step_fte,
        "weights": found,
        "left": left,
    }
    return Weights(p, document, CSV_COLUMNS, list(map(_csv_row, found)))


def check_tolerance(tolerance_fte: float) -> None:
    """Raise InputError for a tolerance below ``LEAST_TOLERANCE_FTE``."""
    if not tolerance_fte >= LEAST_TOLERANCE_FTE:
        text = _("expected at least {least} FTE: posts are not known more closely than that")
        raise mistaken(f"tolerance_fte={tolerance_fte:g}", text, least=LEAST_TOLERANCE_FTE)


def best_posts(problem: Problem) -> PostsAt:
    """Return a function from the problem with other weights to its best plan's new posts [FTE].

    Posts are in the order of ``Problem.post_keys``. The function raises SolverError where the plan
    is not proved, and what ``solve`` raises.
    """
    warm = WarmSolver(problem)

    def posts_at(other: Problem) -> Floats:
        best = warm.solve(other)
        if best.status != "optimal":
            raise SolverError(_(WEIGHTS_NOT_SOLVED))
        return new_fte(best.evaluation)

    return posts_at


def _csv_row(weight: Mapping[str, Any]) -> dict[str, Any]:
    row = dict(weight)
    for side in _SIDES:
        first = {"end": weight[side]["end"], **(weight[side]["moves_first"] or {})}
        row |= {f"{side}_{key}": value for key, value in first.items()}
    return {key: row.get(key) for key in CSV_COLUMNS}


class _Look:
    def __init__(
        self, plan: Plan, weighing: Weighing, tolerance_fte: float, posts_at: PostsAt
    ) -> None:
        self._problem, self._weighing, self._tolerance = plan.problem, weighing, tolerance_fte
        self._posts_at = posts_at
        self._posts = [post_row(plan.problem, key) for key in plan.problem.post_keys()]
        # Found by the solver that finds the posts compared with them; in steps, posts are exact.
        is_exact = plan.problem.in_steps
        self._now = new_fte(plan.evaluation) if is_exact else posts_at(plan.problem)

    def at(self, weight: Weight) -> dict[str, Any]:
        """Entry of a weight: its ends, the post that moves first beyond either, and rates.

        ``still`` is the reason why no value moves posts: ``no_stage`` depends on weights, or the
        weight is the ``same`` factor for all contracts that can be covered; else None.
        """
        p, still, rates = self._problem, None, Rates()
        low, high = End(weight.least, "stays"), End(None, "stays")
        if all(stage.objective != "coverage" for stage in p.stages):
            still = "no_stage"
        elif not self._weighing.changes_ratios(weight.key):
            still = "same"
        else:
            falls, rises = (
                Direction(self._weighing, weight, sign, self._now, self._posts_at)
                for sign in (-1.0, 1.0)
            )
            rates = Rates(reason=no_rates(p))
            if rates.reason is None:
                rates = self._conditions.rates((self._worth(falls), self._worth(rises)))
            low, high = self._end(falls, rates.below), self._end(rises, rates.above)
        ends = [end.value for end in (low, high) if end.moved is not None]
        room = min((abs(weight.value - end) for end in ends if end is not None), default=None)
        scale = weight.value if weight.least is not None and weight.value > 0 else 1.0
        named = {
            "segment": dict(zip(p.segments, p.segment_names, strict=True)),
            "territory": dict(zip(p.territories, p.territory_names, strict=True)),
        }
        return {
            "key": weight.key,
            "kind": weight.kind,
            "code": weight.code,
            "name": named.get(weight.kind, {}).get(weight.code, weight.code),
            "unit": "1",
            **vars(weight),
            "still": still,
            "slack": None if room is None else room / scale,
            "low": low.value,
            "high": high.value,
            "below": self._side(low, rates.below),
            "above": self._side(high, rates.above),
            "rate_unknown": rates.reason,
            "rates": self._rates(weight, rates),
        }

    def _end(self, side: Direction, rates: Floats | None) -> End:
        step_fte, first = self._problem.least_step_fte, self._problem.stages[0]
        # Plans in steps are then compared by their coverage.
        by_worth = step_fte > 0 and first.objective == "coverage" and first.concede == 0
        if side.to_edge == 0:
            return End(side.weight.least, "edge")
        if (side.sign < 0 or not by_worth) and stays(side):
            return End(None if side.sign > 0 else side.weight.least, "stays")
        if by_worth:
            return find_step_end(side, self._known)
        rate = 0.0 if rates is None else float(np.abs(rates).max(initial=0.0))
        return find_end(side, 0.5 * step_fte or self._tolerance, rate)

    def _worth(self, side: Direction) -> Floats | None:
        """Change of contracts' values per unit of a weight [I,T,S]; None at the edge."""
        moved = _MOVED * max(1.0, abs(side.weight.value))
        if moved > side.to_edge:
            return None
        return side.sign * (side.problem(moved).weight - self._problem.weight) / moved

    @cached_property
    def _conditions(self) -> PlanConditions:
        return PlanConditions(self._problem)

    @cached_property
    def _known(self) -> KnownPlans:
        return KnownPlans(self._problem, self._now)

    def _side(self, end: End, rates: Floats | None) -> dict[str, Any]:
        """Entry of one side: the reason of the end, and places that move beyond it, most first."""
        gains, loses, first = list[str](), list[str](), None
        if end.moved is not None:
            size = np.abs(end.moved)
            for j in np.argsort(-size, kind="stable"):
                codes, key = gains if end.moved[j] > 0 else loses, key_of(self._posts[j])
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

    def _rates(self, weight: Weight, rates: Rates) -> list[dict[str, Any]]:
        """Rows of the rates of posts that move, in the order of posts."""
        scale, rows = abs(weight.value) or 1.0, []
        for j, post in enumerate(self._posts):
            both = zip(_SIDES, (rates.below, rates.above), strict=True)
            sides = {name: None if of is None else float(of[j]) for name, of in both}
            if any(abs(rate or 0.0) * scale > DUST_FTE for rate in sides.values()):
                rows.append({**post, **sides})
        return rows
