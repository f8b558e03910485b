"""The trade-off of plans in steps: the best plans at the levels of the curve without steps.

No plan in steps exceeds that curve. Where tables of the areas apply, they prove all points by
arithmetic; else one objective is held and the other served, with the solver's bound.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fte_alloc.errors import InfeasibleError, SolverError, StoppedError
from fte_alloc.programme.objectives import STEP_GAP, Stage, StageProof
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.step_limits import COUNTED, SUMMED, step_limits, with_least_rate
from fte_alloc.programme.step_tables import highest_table_rate, is_table_possible
from fte_alloc.questions.document import Progress
from fte_alloc.questions.frontier.curve import Point, StepPoints
from fte_alloc.search.epsilon_constraint import EpsilonConstraint
from fte_alloc.search.steps import PlanInSteps, StepSearch

#: Largest number of levels at which the solver searches a point.
MOST_HELD = 6
#: Tolerance of levels, as a share, as ``verify`` has it, and of values, in their unit.
ALIKE = 1e-9


def points_from_tables(
    p: Problem,
    names: tuple[str, str],
    curve: Sequence[Point],
    time_limit_s: float | None,
    progress: Progress,
) -> StepPoints | None:
    """Points in steps by tables of the areas; None where tables do not apply or no plan exists.

    curve : points without steps, whose levels of money, posts or rates are searched
    """
    if "worst_rate" in names:
        return _points_by_rate(p, names, curve, time_limit_s, progress)
    summed, counted = sorted(names, key=lambda name: name in COUNTED)
    problem = replace(p, stages=(Stage(summed), Stage(counted)))
    if step_limits(problem) is None:
        return None
    search = StepSearch(problem, time_limit_s)
    cost = search.tables.cost(counted)
    possible = cost[search.tables.possible]
    if not possible.size:
        return None
    least = float(possible.min())
    levels = sorted({at for point in curve if (at := point.judged.objective(counted)) > least})
    found: list[tuple[float, PlanInSteps]] = []
    for done, level in enumerate((least, *levels, np.inf), len(curve)):
        progress(done, len(curve) + len(levels) + 2)
        served = search.serve(search.tables.allowed & (cost <= level * (1.0 + ALIKE)))
        if served is not None and (not found or served.costs_more(found[-1][1])):
            found.append((level, served))
    points = []
    proofs = search.proofs([one for _, one in found])
    for (level, one), (of_summed, of_counted) in zip(found, proofs, strict=True):
        kept = {counted: level} if level < np.inf else {}
        both = replace(of_summed, kept=kept), of_counted
        first, second = map(one.plan.objective, names)
        points.append(Point(one.plan, first, second, (summed, counted), both))
    return points[:: -1 if names[0] == summed else 1], search.reason


def _points_by_rate(
    p: Problem,
    names: tuple[str, str],
    curve: Sequence[Point],
    time_limit_s: float | None,
    progress: Progress,
) -> StepPoints | None:
    """For each level of the lowest rate up to the highest possible one, the plan that covers most.

    A level is left out where the plan of the level before already reaches it.
    """
    summed = names[names[0] == "worst_rate"]
    problem = replace(p, stages=(Stage(summed),))
    if not is_table_possible(with_least_rate(problem, 0.0)):
        return None
    deadline = np.inf if time_limit_s is None else time.monotonic() + time_limit_s
    points, reason = list[Point](), None
    highest, bound = highest_table_rate(problem)
    levels = sorted({0.0, highest, *(point.judged.lowest_rate for point in curve)})
    for done, level in enumerate(levels, len(curve)):
        progress(done, len(curve) + len(levels))
        if level > highest or (points and points[-1].judged.lowest_rate >= level):
            continue
        search = StepSearch(with_least_rate(problem, level), deadline - time.monotonic())
        served = search.serve(search.tables.allowed)
        if served is None:
            return None
        judged = p.judge(*served.plan.posts, served.plan.effort_fte)
        reason = reason or search.reason
        while points and points[-1].judged.objective(summed) <= judged.objective(summed) + ALIKE:
            points.pop()
        kept = {"worst_rate": level} if level else {}
        first, second = map(judged.objective, names)
        proof = replace(search.proofs([served])[0][0], kept=kept)
        points.append(Point(judged, first, second, (summed, "worst_rate"), (proof,)))
    reached = points[-1].judged.lowest_rate
    of_rate = StageProof.of(Stage("worst_rate"), reached, bound)
    points[-1] = replace(points[-1], proofs=(*points[-1].proofs, of_rate))
    return points[:: 1 if names[0] == summed else -1], reason


def points_from_solver(
    p: Problem,
    names: tuple[str, str],
    ends: tuple[Point, Point],
    curve: Sequence[Point],
    time_limit_s: float | None,
    progress: Progress,
) -> StepPoints:
    """Points in steps by the epsilon-constraint method, with the solver's bounds.

    The first objective is served if it counts contracts, else the second. A point takes long, so
    that only ``MOST_HELD`` levels, spread along the *curve*, are searched.
    """
    held, served = names[::-1] if names[0] in SUMMED else names
    search = EpsilonConstraint(p, held, served, time_limit_s)
    low, high = sorted(end.judged.objective(held) for end in ends)
    between = [point for point in curve if low < point.judged.objective(held) < high]
    places = np.linspace(0, len(between) - 1, min(MOST_HELD, len(between))).round().astype(int)
    points, reason = [ends[0]], None
    for done, point in enumerate(between[j] for j in places):
        progress(len(curve) + done, len(curve) + len(places))
        level = point.judged.objective(held)
        try:
            judged = search.best_at(level, (ends[0].judged, ends[1].judged))
        except (InfeasibleError, SolverError, StoppedError):
            judged = None
        if judged is None or judged.violations or not search.proved:
            reason = search.reason or "rounds"
            continue
        first, second = map(judged.objective, names)
        points.append(Point(judged, first, second, (served, held), tuple(search.proofs[1:])))
    return _without_ties([*points, ends[1]]), reason


def _without_ties(points: Sequence[Point]) -> list[Point]:
    """Points along the curve without those that tie with the last kept one in an objective."""
    kept = [points[0]]
    for point in points[1:]:
        pairs = (point.first, kept[-1].first), (point.second, kept[-1].second)
        if all(abs(a - b) > STEP_GAP * max(1.0, abs(a), abs(b)) for a, b in pairs):
            kept.append(point)
    return kept
