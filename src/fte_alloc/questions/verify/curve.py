"""Proof of a saved trade-off curve without a solver: plans are judged, bounds recomputed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from fte_alloc import numbers as show
from fte_alloc.errors import InputError
from fte_alloc.language import _
from fte_alloc.programme.bound import Bounds
from fte_alloc.programme.data import place_code
from fte_alloc.programme.objectives import GAP, OBJECTIVES, STEP_GAP, Stage, StageProof
from fte_alloc.programme.problem import Evaluation, Problem
from fte_alloc.programme.step_limits import LOWEST_RATE, with_least_rate
from fte_alloc.programme.step_tables import StepTables, highest_table_rate
from fte_alloc.questions.frontier.curve import Curve, Point
from fte_alloc.questions.frontier.frontier import curve_document
from fte_alloc.questions.verify.compare_documents import Finding


class SavedCurve:
    """A saved curve, its points with plans judged, the bounds of their proofs; recomputed."""

    stages = ()

    def __init__(self, saved: Mapping[str, Any], problem: Problem) -> None:
        self.saved, self.problem, self.in_steps = saved, problem, problem.in_steps
        self.share = 2 * (STEP_GAP if self.in_steps else GAP)
        self.unread: list[Finding] = []
        try:
            first, second = self.names = tuple(saved["objectives"])
            rows, tables = saved["points"], saved.get("tables")
            each = tables if isinstance(tables, list) else [tables] * len(rows)
            self.points = [self._point(*of) for of in zip(rows, each, strict=True)]
            self.plans = {f"points[{n}].": of.judged for n, of in enumerate(self.points)}
            self.is_by_solver = self.in_steps and None in each
            orders = (self.names, (second, first))
            self._programmes = {} if self.in_steps else {o: Bounds(self._served(o)) for o in orders}
            self.bounds = [[self._bound(at, of) for of in at.proofs] for at in self.points]
            self.document = json.loads(json.dumps(self._document()))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, InputError):
            text = _("points with numbers as posts, effort and prices")
            self.unread.append(Finding.of("points", saved.get("points"), text))

    def _point(self, row: Mapping[str, Any], tables: Any) -> Point:
        """A point as saved, except values to be kept that its plan misses (``_attained_level``)."""
        posts = {(of["role"], place_code(of), of["year"]): of["new_fte"] for of in row["posts"]}
        places = ("territory", "segment", "year")
        effort = {tuple(of[key] for key in places): of["effort_fte"] for of in row["effort"]}
        judged = self.problem.evaluate(posts, effort)
        proofs = tuple(
            StageProof(
                **{key: of[key] for key in ("objective", "duals", "value", "bound")},
                in_plan=of["value"],
                relaxation_bound=of["bound"] if self.in_steps else None,
                kept={
                    name: self._attained_level(judged, name, kept)
                    for name, kept in of["kept"].items()
                },
                tables=tables,
            )
            for of in row["proofs"]
        )
        return Point(judged, row["a"], row["b"], tuple(row["stages"]), proofs)

    def _attained_level(self, judged: Evaluation, name: str, kept: float) -> float:
        """The saved level *kept* if the plan reaches it up to rounding, else the plan's value."""
        has, sign = judged.objective(name), 1 if OBJECTIVES[name].sense == "maximise" else -1
        return kept if sign * (kept - has) <= self.share * max(1.0, abs(has)) else has

    def _served(self, objectives: Sequence[str]) -> Problem:
        return replace(self.problem, stages=tuple(map(Stage, objectives)))

    def _bound(self, point: Point, of: StageProof) -> float:
        """The bound that prices or tables prove, or the saved bound if it is the solver's."""
        number, (served, other) = point.stages.index(of.objective), point.stages
        if of.is_by_solver:
            return of.bound
        if not self.in_steps:
            return self._programmes[point.stages].of_stage(number, of.duals, of.kept)
        if of.objective == LOWEST_RATE:
            return highest_table_rate(self._served([served]))[1]
        if LOWEST_RATE in self.names:
            tables = StepTables(with_least_rate(self._served([served]), of.kept.get(other, 0.0)))
            return tables.certified(of.tables).stage_bound(0, [])
        tables, level = StepTables(self._served(point.stages)), of.kept.get(other, np.inf)
        sums = tables.certified(of.tables)
        within = np.where(tables.cost(other) <= level * (1 + GAP), sums.sums, -np.inf)
        return replace(sums, sums=within).stage_bound(number, [*of.kept.values()])

    def _document(self) -> dict[str, Any]:
        """The expected document, from the saved points; the curve without steps stays as saved."""
        p, saved, points = self.problem, self.saved, self.points
        curve = None if self.in_steps or len(points) < 2 else Curve(self.names, points)
        found = (points, None) if self.in_steps else None
        document = curve_document(p, self.names, points if curve else [points[0]], curve, found)
        if found:
            document |= {key: saved[key] for key in ("status", "distance")}
            document["bound"] = [{key: point[key] for key in "ab"} for point in saved["bound"]]
        document["format"] = saved["format"]
        del document["software"]
        for row, point, bounds in zip(document["points"], points, self.bounds, strict=True):
            row["a"], row["b"] = map(point.judged.objective, self.names)
            for proof, bound in zip(row["proofs"], bounds, strict=True):
                reached = point.judged.objective(proof["objective"])
                proof["value"] = proof["value"] if self.is_by_solver else reached
                proof["bound"] = bound if np.isfinite(bound) else None
        return document

    def claims(self) -> Iterator[Finding]:
        """Findings on proofs of points: a wrong objective, or a bound that is not reached."""
        end = len(self.points) - 1  # at ends proofs of both or the first, else of the second
        served = [self.names, *[self.names[1:]] * (end - 1), self.names[::-1]][-end - 1 :]
        for n, (point, bounds) in enumerate(zip(self.points, self.bounds, strict=True)):
            proved = tuple(of.objective for of in point.proofs)
            if not self.in_steps and proved not in (served[n], served[n][:1]):
                yield Finding.of(f"points[{n}].proofs", ", ".join(proved), ", ".join(served[n]))
            for m, (of, bound) in enumerate(zip(point.proofs, bounds, strict=True)):
                path, reached = f"points[{n}].proofs[{m}]", point.judged.objective(of.objective)
                if not abs(bound - reached) <= self.share * max(1.0, abs(bound)):
                    text = _("not proved: {where} is not reached").format(where=path)
                    yield Finding.of(f"{path}.value", reached, text)

    @property
    def conclusion(self) -> tuple[str, list[tuple[str, tuple[str, ...]]]]:
        """A sentence on what is proved of all bounds; each unproved statement with its keys."""
        text = _("Its points have what is said of them.")
        left: list[tuple[str, tuple[str, ...]]] = []
        if self.is_by_solver:
            word = _("that no plan in steps does better: its bound is the solver's word")
            left.append((word, ("points",)))
        elif self.in_steps:
            text = _(
                "The tables of its areas prove that every point is the best plan at its level."
            )
        elif len(self.points) == 1:
            left.append((_("that no plan is better for the first objective"), ("conflict",)))
        else:
            text = _(
                "The saved prices prove by arithmetic that every point is the best plan at its "
                "level; between two, none is further from a straight line than {distance} of the "
                "way between the ends."
            )
        ends = () if self.in_steps else {0, len(self.points) - 1}
        if thin := tuple(f"points[{n}].proofs" for n in ends if len(self.points[n].proofs) == 1):
            left.append((_("that the plan of an end is the best for the other objective"), thin))
        if self.in_steps:
            left.append((_("the curve without steps"), ("bound", "distance", "status")))
        return text.format(distance=show.share_at_most(self.saved["distance"])), left
