"""Comparison of plans: inputs that differ, results, posts moved, and effects of each change."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf, isclose
from typing import Any

from fte_alloc.inputs.load import ProblemLike
from fte_alloc.programme.data import place_code
from fte_alloc.programme.problem import Evaluation, Problem
from fte_alloc.questions.document import BY_PLACE, Document, figures_by_place, headline_figures
from fte_alloc.questions.places import Place, place_lines
from fte_alloc.questions.plan import AnyPlan, Plan, read, solve
from fte_alloc.questions.sides import Side, side_of, side_titles, sides_named_apart
from fte_alloc.questions.verify.verify import proved_problem
from fte_alloc.questions.why.attribution import Attribution, attributions
from fte_alloc.shown import Tables

FORMAT = "fte-alloc/comparison/2"
CSV_COLUMNS = ("section", "key", "scenario", "value", "difference")
#: Values by plan, then by scenario; None where the plan cannot be judged under the scenario.
Payoffs = Mapping[str, Mapping[str, float | None]]
#: Relative difference up to which two values are tied [1].
TIED = 1e-6


@dataclass(frozen=True, repr=False)
class Comparison(Tables):
    """Plans to be compared with each other; the first one is the baseline.

    why : effects of the changes of inputs, one attribution per other plan; empty if not requested
    """

    sides: tuple[Side, ...]
    why: tuple[Attribution, ...] = ()

    @property
    def baseline(self) -> Side:
        """The first plan, with which all others are compared."""
        return self.sides[0]

    @property
    def titles(self) -> dict[str, str]:
        """Titles of the plans in headings, by name of the plan."""
        return side_titles(self.sides)

    @cached_property
    def inputs(self) -> list[str]:
        """Keys of the inputs that differ."""
        return [k for k in self.all_inputs if len({repr(side.value(k)) for side in self.sides}) > 1]

    @cached_property
    def all_inputs(self) -> list[str]:
        """Keys of all inputs of any plan; where any plan has values by year, only keys by year."""
        keys = sorted({key for side in self.sides for key in side.values})
        by_year = {key.rpartition(".")[0] for key in keys if key[-4:].isdigit()}
        return [key for key in keys if key not in by_year]

    @cached_property
    def by_area(self) -> bool:
        """Whether to compare by area: the plans have the same areas, but different territories."""
        places = [
            {(r["territory"], r["area"]) for r in s.document["territories"]} for s in self.sides
        ]
        areas = [{area for __, area in found} for found in places]
        return all(a == areas[0] for a in areas) and any(p != places[0] for p in places)

    @property
    def lines(self) -> list[Place]:
        """Lines of the territories and areas that have posts in any plan."""
        posts = (row for side in reversed(self.sides) for row in side.document["posts"])
        return place_lines(posts, by_area=self.by_area)

    def figures_by_place(self, what: str) -> list[Mapping[str, float]]:
        """Values of a figure of ``BY_PLACE``, by ``place_key``, of each plan."""
        return [figures_by_place(side.document, what, by_area=self.by_area) for side in self.sides]

    @cached_property
    def cross_evaluation(self) -> Cross:
        """Every plan judged under the assumptions of every scenario."""
        return Cross(self.sides)

    @property
    def document(self) -> dict[str, Any]:
        """The comparison as a ``fte-alloc/comparison/2`` document."""
        return {
            "format": FORMAT,
            "scenarios": [dict(side.document) for side in self.sides],
            "inputs": [
                {
                    "key": key,
                    "values": {side.name: side.value(key) for side in self.sides},
                    "origin": {side.name: side.origin(key) for side in self.sides},
                }
                for key in self.inputs
            ],
            "bridges": [bridge for why in self.why for bridge in why.bridges()],
            "cross": self.cross_evaluation.document,
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        """Rows of the comparison in long form, with differences to the baseline."""
        return (dict(zip(CSV_COLUMNS, cells, strict=True)) for cells in self._cells())

    def _cells(self) -> Iterator[tuple[Any, ...]]:
        for key in self.inputs:
            for side in self.sides:
                yield "input", key, side.name, side.value(key), None
        sections = {"result": [headline_figures(side.document) for side in self.sides]}
        for section, found in (
            sections | {what: self.figures_by_place(what) for what in BY_PLACE}
        ).items():
            for side, figures in zip(self.sides, found, strict=True):
                for key, value in figures.items():
                    base = found[0].get(key)
                    change = None if value is None or base is None else value - base
                    yield section, key, side.name, value, change
        for why in self.why:
            for figure, effects in why.effects.items():
                for effect in effects:
                    yield (
                        "bridge",
                        f"{figure}: {effect.change.name}",
                        why.after,
                        None,
                        effect.amount,
                    )
        for plan, row in self.cross_evaluation.values.items():
            for name, value in row.items():
                regret = self.cross_evaluation.regrets[plan][name]
                yield "cross", name, plan, value, None if regret is None else 0.0 - regret


def compare(
    plans: Sequence[ProblemLike | AnyPlan],
    *,
    why: bool = False,
    territory: str | None = None,
    area: str | None = None,
) -> Comparison:
    """Compare plans with the first one, the baseline; problems and scenarios are solved first.

    plans : plans, evaluations, problems, or names or paths of scenarios and saved plans
    why : whether to compute the effect of each change of an input on the figures
    territory, area : code or name of a place whose new posts are one of these figures
    """
    apart = sides_named_apart(list(map(_side, plans)))
    return Comparison(apart, tuple(attributions(apart, territory, area)) if why else ())


def _side(plan: ProblemLike | AnyPlan) -> Side:
    """``Side`` of a plan, solved if needed; a saved plan has its problem only if verified."""
    if isinstance(plan, str | os.PathLike) and os.fspath(plan).endswith(".json"):
        plan = read(plan)
    if not isinstance(plan, AnyPlan):
        plan = solve(plan)
    problem = plan.problem if isinstance(plan, Plan) else proved_problem(plan.document)
    return side_of(plan.document, problem)


# -- every plan under every scenario ---------------------------------------------------------------


def regrets(payoffs: Payoffs, best: Mapping[str, float | None]) -> dict[str, dict[str, Any]]:
    """Regret of each plan under each scenario, None where the plan or the best one has no value.

    best : value of the best plan under each scenario
    """
    return {
        plan: {
            name: None if value is None or (top := best[name]) is None else top - value
            for name, value in row.items()
        }
        for plan, row in payoffs.items()
    }


def dominated(payoffs: Payoffs) -> tuple[str, ...]:
    """Plans to which another plan is superior: nowhere worse and somewhere better."""

    def beats(better: str, plan: str) -> bool:
        pairs = [(payoffs[better].get(name), value) for name, value in payoffs[plan].items()]
        if any((a is None) != (b is None) for a, b in pairs):
            return False  # not judged under the same scenarios
        judged = [(a, b) for a, b in pairs if a is not None and b is not None]
        differ = [(a, b) for a, b in judged if not isclose(a, b, rel_tol=TIED)]
        return bool(differ) and all(a > b for a, b in differ)

    return tuple(plan for plan in payoffs if any(beats(other, plan) for other in payoffs))


class Cross:
    """Every plan judged under every scenario; None where posts or years do not match.

    Posts are kept and the effort is split anew. Regret is that of Savage (1951).

    scenarios : scenarios with known assumptions, each by the name of its best plan
    values : expected contracts of the last year, by plan, then by scenario
    violations : number of broken limits by plan, scenario and constraint
    regrets : contracts of the scenario's best plan less those of the plan, by plan and scenario
    dominated : plans inferior to another plan, where plans that break limits count as worst
    """

    def __init__(self, sides: Sequence[Side]) -> None:
        problems = {side.name: side.problem for side in sides if side.problem is not None}
        self.scenarios = tuple(problems)
        self.values: dict[str, dict[str, float | None]] = {}
        self.violations: dict[str, dict[str, dict[str, int] | None]] = {}
        possible: dict[str, dict[str, float | None]] = {}
        for side in sides:
            values, broken = dict.fromkeys(problems), dict.fromkeys(problems)
            self.values[side.name], self.violations[side.name] = values, broken
            for name, problem in problems.items():
                if e := _evaluated_under(side.document, problem):
                    values[name] = float(e.expected_contracts[:, -1].sum())
                    broken[name] = dict(Counter(v.constraint for v in e.violations))
            possible[side.name] = {n: -inf if broken[n] else values[n] for n in problems}
        self.regrets = regrets(self.values, {name: self.values[name][name] for name in problems})
        self.dominated = dominated(possible)

    @property
    def document(self) -> dict[str, Any]:
        """Part ``cross`` of a comparison document: values, regrets, violations, dominated plans."""
        return {
            "values": self.values,
            "regrets": self.regrets,
            "dominated": list(self.dominated),
            "violations": self.violations,
        }


def _evaluated_under(document: Document, problem: Problem) -> Evaluation | None:
    """Evaluation of a plan's posts under a problem; None if the two have different post keys."""
    posts = {(p["role"], place_code(p), p["year"]): p["new_fte"] for p in document["posts"]}
    if posts.keys() != set(problem.post_keys()):
        return None
    return problem.judge(*problem.arrays(posts))
