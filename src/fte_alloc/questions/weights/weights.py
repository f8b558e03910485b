"""How far each weight of the objective may move before anybody notices.

The curves are smooth, so a continuous plan moves a little with every weight. For each, the widest
interval around its value is found in which no post moves by more than a tolerance, who moves first
beyond either end, and the rate at which posts move where the weight is now.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from fte_alloc.errors import InputError, Mistake, SolverError, StoppedError
from fte_alloc.inputs.weighing import Weighing, Weight
from fte_alloc.language import N_, _
from fte_alloc.names import WEIGHTS_NOT_SOLVED
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.document_parts import head, new_fte, post_row
from fte_alloc.questions.plan import Plan, solve
from fte_alloc.questions.weights.ends import EXACT, Direction, End, PostsAt, find_end
from fte_alloc.questions.weights.rates import PlanConditions, Rates, no_rates
from fte_alloc.questions.weights.steps import KnownPlans, can_compare, find_step_end
from fte_alloc.search.warm import Neighbours

if TYPE_CHECKING:
    import pandas as pd

WEIGHTS_NOT_PROVED = N_("stopped before the plan was proved best; nothing is said of its weights.")

FORMAT = "fte-alloc/weights/1"
#: Half a post is what people notice [FTE].
TOLERANCE_FTE = 0.5
#: Posts are known to about a thousandth: less than this cannot be told from it [FTE].
LEAST_TOLERANCE_FTE = 0.01
#: A weight is moved by this much to see what it makes contracts worth.
_MOVED = 1e-6
#: Who moves by less than this share of the largest move is not named.
NAMED = 0.1
#: Of those who move by this share of the largest move, the first in the order of posts is named.
TIED = 0.99
#: Rates at which the whole weight would move less are dust [FTE].
DUST_FTE = 1e-4

_SIDES = ("below", "above")
CSV_COLUMNS = (
    *("key", "kind", "name", "value", "low", "high"),
    *(
        f"{side}_{figure}"
        for side in _SIDES
        for figure in ("end", "role", "territory", "year", "fte", "rate")
    ),
    *("status", "still"),
)


@dataclass(frozen=True, eq=False)
class Interval:
    """How far one weight may move.

    still : why nothing moves, whatever its value: ``no_stage`` looks at weights, or ``same`` for
        all contracts that can be covered; None where posts answer it
    low, high : its ends
    rates : of all posts, where the weight is now
    """

    weight: Weight
    still: str | None
    low: End
    high: End
    rates: Rates

    @property
    def slack(self) -> float:
        """Distance of the nearer end, as a share of the weight where it is above 1."""
        value = self.weight.value
        ends = [end.value for end in (self.low, self.high) if end.moved is not None]
        near = [abs(value - end) for end in ends if end is not None]
        scale = value if self.weight.least is not None and value > 0 else 1.0
        return min(near, default=np.inf) / scale


@dataclass(frozen=True, eq=False)
class Weights:
    """How far each weight of a plan's objective may move.

    intervals : of the weights asked for, by kind and code
    left : keys of those that were not looked at before the time ran out
    """

    plan: Plan
    tolerance_fte: float
    intervals: tuple[Interval, ...]
    left: tuple[str, ...]

    @property
    def status(self) -> str:
        """``optimal``, or ``stopped`` where some weights are left."""
        return "stopped" if self.left else "optimal"

    @cached_property
    def document(self) -> dict[str, Any]:
        """As a ``fte-alloc/weights/1`` document; keys may be added, never renamed."""
        problem = self.plan.problem
        return {
            "format": FORMAT,
            "status": self.status,
            **head(problem),
            "tolerance_fte": self.tolerance_fte,
            "relative_accuracy": EXACT,
            "step_fte": float(problem.step_fte),
            "weights": [_document(problem, interval) for interval in self.intervals],
            "left": list(self.left),
        }

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """One row a weight, with the columns of ``CSV_COLUMNS``."""
        for weight in self.document["weights"]:
            row = dict(weight)
            for side in _SIDES:
                first = {"end": weight[side]["end"], **(weight[side]["moves_first"] or {})}
                row |= {f"{side}_{key}": value for key, value in first.items()}
            yield {key: row.get(key) for key in CSV_COLUMNS}

    @property
    def table(self) -> pd.DataFrame:
        """``rows`` as a table."""
        import pandas as pd

        return pd.DataFrame(self.rows(), columns=list(CSV_COLUMNS))


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
        raise StoppedError(_(WEIGHTS_NOT_PROVED))
    weighing = Weighing.of(plan.problem)
    wanted = _wanted(weighing, list(weighing.each) if keys is None else keys)
    best_at = posts_at or best_posts(plan.problem)

    def in_time(other: Problem) -> Floats:
        if deadline is not None and time.monotonic() > deadline:
            raise StoppedError(_(WEIGHTS_NOT_PROVED))
        return best_at(other)

    look = _Look(plan, weighing, tolerance_fte, in_time)
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
        text = _("expected at least {least} FTE: posts are not known more closely than that")
        what = text.format(least=LEAST_TOLERANCE_FTE)
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
            raise SolverError(_(WEIGHTS_NOT_SOLVED))
        return new_fte(best.evaluation)

    return posts_at


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
        self._now = new_fte(plan.evaluation) if is_exact else posts_at(plan.problem)

    def interval(self, weight: Weight) -> Interval:
        """How far one weight may move."""
        counts = any(stage.objective == "coverage" for stage in self._plan.problem.stages)
        if not counts or not self._weighing.tells_apart(weight.key):
            still = "same" if counts else "no_stage"
            none = Rates(np.zeros_like(self._now), np.zeros_like(self._now))
            return Interval(weight, still, End(weight.least, "stays"), End(None, "stays"), none)
        rates = self._rates(weight)
        low, high = (
            self._end(Direction(self._weighing, weight, sign, self._now, self._posts_at), side)
            for sign, side in ((-1.0, rates.below), (1.0, rates.above))
        )
        return Interval(weight, None, low, high, rates)

    def _end(self, side: Direction, rates: Floats | None) -> End:
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
    def _conditions(self) -> PlanConditions:
        return PlanConditions(self._plan.problem)

    @cached_property
    def _known(self) -> KnownPlans:
        return KnownPlans(self._plan.problem, self._now)


# -- the document ----------------------------------------------------------------------------------


def _document(problem: Problem, interval: Interval) -> dict[str, Any]:
    """One weight, its ends, who moves first beyond them, and the rates of the posts."""
    weight, rates = interval.weight, interval.rates
    named = {
        "segment": dict(zip(problem.segments, problem.segment_names, strict=True)),
        "territory": dict(zip(problem.territories, problem.territory_names, strict=True)),
    }
    return {
        "key": weight.key,
        "kind": weight.kind,
        "code": weight.code,
        "name": named.get(weight.kind, {}).get(weight.code, weight.code),
        "unit": "1",
        **vars(weight),
        "still": interval.still,
        "slack": None if np.isinf(interval.slack) else interval.slack,
        "low": interval.low.value,
        "high": interval.high.value,
        "below": _end(problem, interval.low, rates.below),
        "above": _end(problem, interval.high, rates.above),
        "rate_unknown": rates.reason,
        "rates": _rates(problem, interval),
    }


def _end(problem: Problem, end: End, rates: Floats | None) -> dict[str, Any]:
    """One side: why it ends there, and who moves just beyond, most first."""
    gains, loses = dict[str, None](), dict[str, None]()
    first: dict[str, Any] | None = None
    if end.moved is not None:
        keys, moved = list(problem.post_keys()), np.abs(end.moved)
        for j in np.argsort(-moved, kind="stable"):
            if moved[j] >= NAMED * moved.max():
                (gains if end.moved[j] > 0 else loses)[keys[j][1]] = None
        j = int(np.argmax(moved >= TIED * moved.max()))
        rate = None if rates is None else float(rates[j])
        first = {**post_row(keys[j]), "fte": float(end.moved[j]), "rate": rate}
    return {
        "end": end.why,
        "looked_to": end.looked_to,
        "gains": list(gains),
        "loses": list(loses),
        "moves_first": first,
    }


def _rates(problem: Problem, interval: Interval) -> list[dict[str, Any]]:
    """Rates of the posts that move at all, in the order of documents."""
    scale = abs(interval.weight.value) or 1.0
    rows = []
    for j, key in enumerate(problem.post_keys()):
        both = zip(_SIDES, (interval.rates.below, interval.rates.above), strict=True)
        sides = {name: None if rates is None else float(rates[j]) for name, rates in both}
        if any(abs(rate or 0.0) * scale > DUST_FTE for rate in sides.values()):
            rows.append({**post_row(key), **sides})
    return rows
