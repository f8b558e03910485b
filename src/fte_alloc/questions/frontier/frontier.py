"""The trade-off curve of two objectives, with proved points.

At an end, one objective is served first and then the other; between the ends, one is held and the
other served. Every point is proved by two bounds, and its prices prove a straight line that no plan
exceeds. Between two neighbours the curve therefore lies in a triangle, and points are added until
every triangle is low.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

import numpy as np

from fte_alloc.errors import InputError, Mistake, StoppedError, mistaken
from fte_alloc.inputs.load import ProblemLike, loaded_problem
from fte_alloc.inputs.values import written_value
from fte_alloc.language import _
from fte_alloc.names import STAGE_NEEDS_PLAN, STOP_REASONS
from fte_alloc.programme.objectives import OBJECTIVES, Stage
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.step_limits import COUNTED, SUMMED
from fte_alloc.questions.answer import Plot
from fte_alloc.questions.document import Documented, Progress, first_document_keys, time_left_s
from fte_alloc.questions.frontier.curve import WITHIN, Curve, Point, StepPoints
from fte_alloc.questions.objectives_in_words import objective_unit
from fte_alloc.questions.posts import new_posts, post_row

FORMAT = "fte-alloc/frontier/2"
#: Formats of saved curves that ``verify`` reads: this one, and the one before, which had an elbow.
READ = FORMAT, FORMAT.replace("/2", "/1")
#: Objectives do not conflict where either loses at most this share of max(1, |its best value|).
NOTHING = 1e-6
#: Number of curves above which the coverage may be the only objective proved.
MANY_CURVES = 100


class Frontier(Documented):
    """The trade-off curve of two objectives."""

    def chart(self) -> Plot:
        """The curve as a picture."""
        from fte_alloc.questions.frontier.page import frontier_plot

        return frontier_plot(self.document)


def frontier(
    problem: ProblemLike,
    first: str,
    second: str,
    *,
    time_limit_s: float | None = None,
    progress: Progress | None = None,
) -> Frontier:
    """Find the trade-off curve of two objectives, with every point proved.

    first, second : names of objectives, of ``OBJECTIVES``
    progress : called with the number of points done, and the number expected

    The ``fte-alloc/frontier/2`` document has points from the best *first* to the best *second*, a
    single point where the two do not conflict; its status is ``stopped`` where a limit was reached
    before the triangles were low. The table has a row per point.

    In steps, the points are the best plans at levels of the curve without steps, which is the
    ``bound`` of the document.

    Raises InputError for unknown objectives, or where the problem lacks their data,
    InfeasibleError where no plan exists, StoppedError where time ran out before the ends were
    known, SolverError where the solver failed at an end.
    """
    from fte_alloc.questions.frontier.steps import points_from_solver, points_from_tables
    from fte_alloc.search.epsilon_constraint import EpsilonConstraint

    problem, names = loaded_problem(problem), parse_pair(f"{first}:{second}")
    _check_objectives(problem, names)
    deadline = None if time_limit_s is None else time.monotonic() + time_limit_s
    progress = progress or (lambda *_: None)
    continuous = problem.continuous()
    one, other = _ends(continuous, names, deadline)
    curve, bound = None, [other]
    pairs = ((first, one.first, other.first), (second, other.second, one.second))
    if all(
        (best - worst) * (1 if OBJECTIVES[name].sense == "maximise" else -1)
        > NOTHING * max(1.0, abs(best))
        for name, best, worst in pairs
    ):
        curve = Curve(names, (one, other))
        curve.refine(EpsilonConstraint(continuous, *names, time_left_s(deadline)), progress)
        bound = curve.points
    found = None
    if problem.in_steps:
        found = points_from_tables(problem, names, bound, time_left_s(deadline), progress)
        if found is None:
            ends = _ends(problem, names, deadline)
            found = points_from_solver(problem, names, ends, bound, time_left_s(deadline), progress)
    document = curve_document(problem, names, bound, curve, found)
    rows = [
        {
            "point": number,
            first: point["a"],
            second: point["b"],
            **{key: point[key] for key in ("relative_gap", "price_to_next", "expected_contracts")},
            **{f"{name}_unit": unit for name, unit in document["units"].items()},
        }
        for number, point in enumerate(document["points"], start=1)
    ]
    return Frontier(problem, document, tuple(rows[0]), rows)


def parse_pair(text: str) -> tuple[str, str]:
    """Names of the two objectives of a ``--between`` argument ``FIRST:SECOND``.

    Raises InputError where they are not names of two different objectives.
    """
    first, _colon, second = (part.strip() for part in text.partition(":"))
    if first == second or not OBJECTIVES.keys() >= {first, second}:
        what = _("is {given}, expected FIRST:SECOND, two different ones of {known}")
        raise mistaken("--between", what, given=written_value(text), known=", ".join(OBJECTIVES))
    return first, second


def _check_objectives(problem: Problem, names: Sequence[str]) -> None:
    lacks = {}
    if not np.isfinite(problem.target_rate).all():
        lacks["target_rate"] = _("needs coverage.target_rate in every year")
    if problem.reference_posts is None:
        lacks["reference_plan"] = _(STAGE_NEEDS_PLAN)
    needed = {name: OBJECTIVES[name].needs for name in names}
    if mistakes := [Mistake(name, lacks[of]) for name, of in needed.items() if of in lacks]:
        raise InputError(mistakes)


def _ends(p: Problem, names: tuple[str, str], deadline: float | None) -> tuple[Point, Point]:
    """End points of the curve: the two lexicographic optima, one per order of the objectives."""
    from fte_alloc.search.best_plan import best_plan

    ends = []
    for order in (names, names[::-1]):
        asked = replace(p, stages=tuple(map(Stage, order)))
        # Of many curves few plans cover as much: too thin a set for the solver to serve rates in.
        is_thin = p.contracts_per_year.size > MANY_CURVES
        alone = is_thin and order[0] in SUMMED and order[1] not in COUNTED
        plan = best_plan(asked, time_left_s(deadline), priced=False, first_alone=alone)
        if plan.status != "optimal":
            text = _("{reason}; the ends of the curve are not proved.")
            raise StoppedError(text.format(reason=_(STOP_REASONS[plan.reason or "rounds"])))
        first, second = map(plan.evaluation.objective, names)
        ends.append(Point(plan.evaluation, first, second, order, plan.stages))
    return ends[0], ends[1]


# -- the document ----------------------------------------------------------------------------------


def curve_document(
    p: Problem,
    names: tuple[str, str],
    points: Sequence[Point],
    curve: Curve | None,
    found: StepPoints | None = None,
) -> dict[str, Any]:
    """The ``fte-alloc/frontier/2`` document; keys may be added, never renamed.

    points, curve : of continuous posts; the curve is None where the objectives do not conflict
    found : the points in steps, None for continuous posts

    Some keys: bound, the curve without steps; proof, ``arithmetic`` or ``solver`` for points in
    steps; tables, the certificate of an arithmetic proof, a list by point where they differ.
    """
    bound = points
    distances = [one.height for one in curve.triangles()] if curve else []
    is_open = max(distances, default=0.0) > WITHIN
    if found:
        points, reason = found
        is_open = is_open or reason is not None
    document = {
        "format": FORMAT,
        "inputs": {},
        "regional_figures": None,
        **first_document_keys(p),
        "title_fr": p.inputs.value("title_fr") if p.inputs else None,
        "territory": p.inputs.value("territory") if p.inputs else None,
        "status": "stopped" if is_open else "optimal",
        "objectives": list(names),
        "senses": {name: OBJECTIVES[name].sense for name in names},
        "units": {name: objective_unit(p, name) for name in names},
        "conflict": len(points) > 1,
        "within": WITHIN,
        "distance": max(distances, default=0.0),
        "points": [
            _point(p, *of) for of in zip_longest(points, points[1:], () if found else distances)
        ],
    }
    if found is None:
        return document
    tables = [point.proofs[0].tables for point in points]
    alike = all(of == tables[0] for of in tables)
    return document | {
        "step_fte": p.least_step_fte,
        "bound": [{"a": point.first, "b": point.second} for point in bound],
        "proof": "solver" if tables[0] is None else "arithmetic",
        "tables": tables[0] if alike else tables,
    }


def _point(
    p: Problem, point: Point, following: Point | None, distance: float | None
) -> dict[str, Any]:
    """Entry of a point: its plan and its proofs, sufficient to judge and to prove it again.

    price_to_next : amount of a given up per unit of b, on the straight line to the next point
    slope : change of b per unit of a on the line that prices prove; None at the ends and in steps
    """
    price, effort = None, ("territory", "segment", "year", "effort_fte")
    if following is not None:
        gained = following.second - point.second
        price = abs((following.first - point.first) / gained) if gained else 0.0
    proofs = ("objective", "kept", "value", "bound", "relative_gap")
    return {
        "a": point.first,
        "b": point.second,
        "expected_contracts": float(point.judged.expected_contracts[:, -1].sum()),
        "posts": [
            {**post_row(p, key), "new_fte": fte} for key, fte in new_posts(point.judged).items()
        ],
        "relative_gap": max(proof.relative_gap for proof in point.proofs),
        "slope": point.slope,
        "price_to_next": price,
        "distance_to_next": distance,
        "stages": list(point.stages),
        "proofs": [
            {key: getattr(proof, key) for key in proofs}
            | {"duals": {row: price for row, price in proof.duals.items() if price != 0.0}}
            for proof in point.proofs
        ],
        "effort": [
            dict(
                zip(effort, (p.territories[i], p.segments[s], p.years[t], float(fte)), strict=True)
            )
            for (i, t, s), fte in np.ndenumerate(point.judged.effort_fte)
        ],
    }
