"""Every plan judged under the assumptions of every scenario, its regret there, and both in words.

The plan's posts are kept and the effort is split anew. The regret is the value of the scenario's
best plan less the value of the plan (Savage 1951).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import inf, isclose
from typing import Any

from fte_alloc import numbers as show
from fte_alloc.language import _
from fte_alloc.names import LIMIT_NAMES, LIMIT_WORDS, of_limit
from fte_alloc.programme.data import place_code
from fte_alloc.programme.problem import Evaluation, Problem
from fte_alloc.questions.answer import Line, Table
from fte_alloc.questions.cells import Cell, Column, Row
from fte_alloc.questions.document import Document
from fte_alloc.questions.sides import Side
from fte_alloc.questions.wording import quoted

#: Values by plan, then by scenario; None where the plan cannot be judged under the scenario.
Payoffs = Mapping[str, Mapping[str, float | None]]
#: Relative difference up to which two values are tied [1].
TIED = 1e-6


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
        return not any(_more(b, a) for a, b in judged) and any(_more(a, b) for a, b in judged)

    return tuple(plan for plan in payoffs if any(beats(other, plan) for other in payoffs))


def _more(a: float, b: float) -> bool:
    return a > b and not isclose(a, b, rel_tol=TIED)


class Cross:
    """Every plan judged under every scenario; None where posts or years do not match.

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
                if e := _judged(side.document, problem):
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

    def rows(self) -> Iterator[dict[str, Any]]:
        """One row per plan and scenario, with the difference to the scenario's best plan."""
        for plan, row in self.values.items():
            for name, value in row.items():
                regret = self.regrets[plan][name]
                difference = None if regret is None else 0.0 - regret
                yield {
                    "section": "cross",
                    "key": name,
                    "scenario": plan,
                    "value": value,
                    "difference": difference,
                }


def _judged(document: Document, problem: Problem) -> Evaluation | None:
    """Evaluation of a plan's posts under a problem; None where the problem has other posts."""
    posts = {(p["role"], place_code(p), p["year"]): p["new_fte"] for p in document["posts"]}
    if posts.keys() != set(problem.post_keys()):
        return None
    return problem.judge(*problem.arrays(posts))


# -- in words --------------------------------------------------------------------------------------


def cross_blocks(cross: Cross, titles: Mapping[str, str]) -> list[Line | Table]:
    """Table of each plan under each scenario; a sentence where all scenarios give equal values."""
    sentences, words = [], LIMIT_NAMES | LIMIT_WORDS
    for plan, scenarios in cross.violations.items():
        where = []
        for name, broken in scenarios.items():
            if broken:
                limits = ", ".join(of_limit(words, limit) for limit in broken)
                text = _("“{scenario}” ({limits})")
                where.append(text.format(scenario=titles[name], limits=limits))
        if where:
            text = _("{plan} breaks limits of {scenarios}.")
            sentences.append(text.format(plan=titles[plan], scenarios=", ".join(where)))
    known = [[v for v in row.values() if v is not None] for row in cross.values.values()]
    if all(len(row) < 2 for row in known):
        return [*map(Line, sentences)]
    if not any(_more(max(row), min(row)) for row in known if row):
        text = _(
            "These scenarios differ in limits or objectives only: a plan covers the same number of "
            "contracts under each of them."
        )
        return [Line(text), *map(Line, sentences)]
    key = {scenario: f"w{n}" for n, scenario in enumerate(cross.scenarios)}
    line = {plan: n for n, plan in enumerate(cross.values)}
    rows: list[Row] = []
    for plan, row in cross.values.items():
        judged = [name for name, value in row.items() if value is not None]
        own = ",".join(f"ROUND({{{key[n]}#{line[n]}}},0)-ROUND({{{key[n]}}},0)" for n in judged)
        lost = Cell(_most_lost(cross, plan), f"MAX(0,{own})" if own else "")
        values = {key[name]: value for name, value in row.items()}
        rows.append({"plan": titles[plan], **values, "most_lost": lost})
    columns = [
        Column("plan", page="", fold=True),
        *(
            Column("values_in", "contracts", titles[name], key[name], page=titles[name], none="–")
            for name in key
        ),
        Column("most_lost", "contracts", page=_("most lost"), none="–"),
    ]
    text = _(
        "Most lost: contracts fewer than a scenario's own best plan covers, at most; –: not "
        "judged, its years or posts are others."
    )
    title = _("Each plan under each scenario: contracts it would cover")
    if cross.dominated:
        beaten = _(
            "Never better than some other plan, and somewhere worse, where breaking limits is "
            "worst: {names}."
        )
        names = ", ".join(quoted(titles[name] for name in cross.dominated))
        sentences.append(beaten.format(names=names))
    lines = map(Line, (text, *sentences))
    return [Line(""), Table(title, columns, rows), *lines, Line("")]


def _most_lost(cross: Cross, plan: str) -> float | None:
    """Greatest regret of a plan, from rounded numbers of contracts; None if it is not judged."""
    lost = [
        show.rounded(cross.values[scenario][scenario] or 0.0) - show.rounded(value)
        for scenario, value in cross.values[plan].items()
        if value is not None
    ]
    return max(0.0, *lost) if lost else None
