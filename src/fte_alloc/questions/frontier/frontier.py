"""What one objective costs in terms of another: the whole curve of their best compromises.

Its ends serve one objective first and then the other; between them one is held and the other
served. Every point is proved by two bounds, and its prices prove a straight line that no plan
passes. Between two neighbours the curve therefore lies in a triangle, and points are added until
every triangle is thin.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np

from fte_alloc.errors import InfeasibleError, InputError, Mistake, SolverError, StoppedError
from fte_alloc.inputs.names import closest
from fte_alloc.inputs.written import written
from fte_alloc.language import _
from fte_alloc.names import STAGE_NEEDS_PLAN, STOP_REASONS, UNKNOWN_OBJECTIVE
from fte_alloc.programme.data import Stage
from fte_alloc.programme.objectives import OBJECTIVES
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.frontier.document import WITHIN, Frontier, Point, Scale
from fte_alloc.questions.frontier.sandwich import Triangle, needed, triangle
from fte_alloc.questions.plan import Plan, solve
from fte_alloc.search.epsilon_constraint import HeldSearch

#: Objectives do not conflict where all that one gives up for the other is this share of max(1, it).
NOTHING = 1e-6
#: Points looked for at most: more are needed only where the bounds cannot tell plans apart.
MOST_POINTS = 300


def frontier(
    problem: Problem,
    first: str,
    second: str,
    *,
    time_limit_s: float | None = None,
    told: Callable[[int, int], None] | None = None,
) -> Frontier:
    """The trade-off curve of two objectives, every point proved and none left out by much.

    first, second : names of objectives, of ``OBJECTIVES``
    told : is told how many points are done and how many there will be

    Raises InputError for objectives that the problem does not have and for posts in steps,
    InfeasibleError where no plan exists, StoppedError where time ran out before the ends were
    known, SolverError where the solver failed at an end.
    """
    _check(problem, first, second)
    deadline = None if time_limit_s is None else time.monotonic() + time_limit_s
    ends = [_end(problem, order, deadline) for order in ((first, second), (second, first))]
    points = [_of_plan(plan, first, second) for plan in ends]
    if not _conflict(points[0], points[1], first, second):
        return Frontier(problem, first, second, (points[1],), ())
    curve = _Curve(problem, points[0], points[1], deadline)
    curve.refine(told)
    return Frontier(problem, first, second, *curve.thinned())


def _check(problem: Problem, first: str, second: str) -> None:
    """Refuse objectives and problems that have no such curve."""
    _check_names(first, second)
    mistakes = []
    for name in (first, second):
        needs = OBJECTIVES[name].needs
        if needs == "target_rate" and not np.isfinite(problem.target_rate).all():
            mistakes.append(Mistake(name, _("needs coverage.target_rate in every year")))
        if needs == "reference_plan" and problem.reference_posts is None:
            mistakes.append(Mistake(name, _(STAGE_NEEDS_PLAN)))
    if problem.step_fte > 0:
        text = _(
            "posts come in steps, whose trade-off is no curve but scattered plans; for continuous "
            "posts: --set posts.step_fte=0"
        )
        mistakes.append(Mistake("posts.step_fte", text))
    if mistakes:
        raise InputError(mistakes)


def pair(text: str) -> tuple[str, str]:
    """``FIRST:SECOND`` of a ``--between``.

    Raises InputError where it is not the names of two different objectives.
    """
    first, colon, second = (part.strip() for part in text.partition(":"))
    if not colon:
        what = _(
            "is {typed}, expected two objectives with a colon between them, such as "
            "coverage:worst_rate; known: {known}"
        ).format(typed=written(text), known=", ".join(OBJECTIVES))
        raise InputError([Mistake("--between", what)])
    _check_names(first, second)
    return first, second


def _check_names(first: str, second: str) -> None:
    known = ", ".join(OBJECTIVES)
    mistakes = []
    for name in (first, second):
        if name not in OBJECTIVES:
            unknown = {
                "objective": written(name),
                "known": known,
                "hint": closest(name, OBJECTIVES),
            }
            mistakes.append(Mistake("--between", _(UNKNOWN_OBJECTIVE).format(**unknown)))
    if not mistakes and first == second:
        text = _("{objective} stands on both sides; expected two different ones of {known}")
        what = text.format(objective=first, known=known)
        mistakes.append(Mistake("--between", what))
    if mistakes:
        raise InputError(mistakes)


def _end(problem: Problem, order: tuple[str, str], deadline: float | None) -> Plan:
    """The plan best for one objective and, of those, for the other."""
    stages = tuple(map(Stage, order))
    plan = solve(replace(problem, stages=stages), _left(deadline), priced=False)
    if plan.status != "optimal":
        why = _(STOP_REASONS[plan.reason or "rounds"])
        raise StoppedError(_("{reason}; the ends of the curve are not proved.").format(reason=why))
    return plan


def _left(deadline: float | None) -> float | None:
    """Time that is left [s]."""
    return None if deadline is None else max(0.0, deadline - time.monotonic())


def _of_plan(plan: Plan, first: str, second: str) -> Point:
    judged = plan.evaluation
    stages = tuple(stage.objective for stage in plan.problem.stages)
    values = judged.objective(first), judged.objective(second)
    return Point(judged, *values, (stages[0], stages[1]), plan.stages)


def _conflict(one: Point, other: Point, first: str, second: str) -> bool:
    """Whether either end gives up anything worth the name."""
    pairs = ((first, one.first, other.first), (second, other.second, one.second))
    return all(
        (best - worst) * (1 if OBJECTIVES[name].sense == "maximise" else -1)
        > NOTHING * max(1.0, abs(best))
        for name, best, worst in pairs
    )


# -- the curve -------------------------------------------------------------------------------------


def _rounded(level: float, room: float) -> float:
    """A level with few digits, no more than an eighth of *room* away.

    A point so asked for does not move with the last bits of ``exp``, which are others elsewhere.
    """
    if room == 0.0:
        return level
    grain = 10.0 ** math.floor(math.log10(room / 4))
    return grain * math.floor(level / grain + 0.47)  # not at halves, where round ends have middles


class _Curve:
    """The points found so far, in their order along the curve, and what they leave open."""

    def __init__(self, problem: Problem, one: Point, other: Point, deadline: float | None) -> None:
        self.names = (one.stages[0], other.stages[0])
        self.search = HeldSearch(problem, *self.names, _left(deadline))
        self.scale = Scale.between(one, other)
        self.points = [one, other]
        self.touching = [self.scale.end(one, 0), self.scale.end(other, 1)]

    def refine(self, told: Callable[[int, int], None] | None = None) -> None:
        """Add points until the curve is close enough to the lines between them.

        Where a point cannot be proved, what its neighbours leave open stays open.
        """
        at = 0
        while at + 1 < len(self.points) and len(self.points) < MOST_POINTS:
            open_here = triangle(self.touching[at], self.touching[at + 1])
            if told:
                told(at + 1, at + 1 + sum(t.pieces(WITHIN) for t in self._triangles(at)))
            found = self._between(at, open_here) if open_here.height > WITHIN else None
            if found is None:
                at += 1
                continue
            self.points.insert(at + 1, found)
            self.touching.insert(at + 1, self.scale.between_ends(found))

    def _triangles(self, since: int = 0) -> list[Triangle]:
        """What neighbours leave open, from a point on."""
        return [triangle(*pair) for pair in pairwise(self.touching[since:])]

    def _between(self, at: int, open_here: Triangle) -> Point | None:
        """A point between two neighbours; None where none is proved."""
        one, other = self.points[at : at + 2]
        level = self.scale.level(open_here.next_u(WITHIN))
        if not self.search.problem.curves.exact_pieces:
            level = _rounded(level, min(abs(level - one.first), abs(level - other.first)))
        try:
            judged = self.search.at(level, (one.judged, other.judged))
        except (InfeasibleError, SolverError, StoppedError):
            return None
        if not self.search.proved or judged.violations:
            return None
        values = judged.objective(self.names[0]), judged.objective(self.names[1])
        return Point(judged, *values, self.names, (self.search.proofs[1],))

    def thinned(self) -> tuple[tuple[Point, ...], tuple[float, ...]]:
        """The points that are needed, and how far the curve can be from the lines between them."""
        kept = needed(self.touching, WITHIN)
        self.points = [self.points[j] for j in kept]
        self.touching = [self.touching[j] for j in kept]
        return tuple(self.points), tuple(t.height for t in self._triangles())
