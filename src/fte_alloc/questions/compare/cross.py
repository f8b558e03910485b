"""Every plan judged under the assumptions of every scenario, and its regret there.

The plan's posts are kept and the effort is split anew. The regret is the value of the scenario's
best plan less the value of the plan (Savage 1951).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import inf, isclose
from typing import Any

from fte_alloc.programme.data import code_of
from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.results import Document, Side

#: Values by plan, then by scenario; None where the plan cannot be judged under the scenario.
Payoffs = Mapping[str, Mapping[str, float | None]]
#: Relative difference up to which two values are tied [1].
TIED = 1e-6


def regrets(payoffs: Payoffs, best: Mapping[str, float | None]) -> dict[str, dict[str, Any]]:
    """Regret of each plan under each scenario, None where the plan or the best one has no value.

    best : value of the best plan under each scenario
    """

    def lost(scenario: str, value: float | None) -> float | None:
        top = best[scenario]
        return None if value is None or top is None else top - value

    return {
        plan: {scenario: lost(scenario, value) for scenario, value in row.items()}
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


def least_regretted(lost: Payoffs, tied: float) -> tuple[tuple[str, ...], float]:
    """Plans with the least greatest regret, and this regret; it is inf where there is no such plan.

    lost : regrets; only plans judged under every scenario count
    tied : largest difference between regrets that count as equal
    """
    worst = {
        plan: max(values)
        for plan, row in lost.items()
        if (values := [v for v in row.values() if v is not None]) and len(values) == len(row)
    }
    least = min(worst.values(), default=inf)
    found = (plan for plan, regret in worst.items() if regret <= least + tied and least < inf)
    return tuple(found), least


def _more(a: float, b: float) -> bool:
    return a > b and not isclose(a, b, rel_tol=TIED)


class Cross:
    """Every plan judged under every scenario; None where posts or years do not match.

    scenarios : scenarios with known assumptions, each by the name of its best plan
    values : expected contracts of the last year, by plan, then by scenario
    violations : number of broken limits by plan, scenario and constraint
    regrets : contracts of the scenario's best plan less those of the plan, by plan and scenario
    dominated : plans inferior to another plan, where plans that break limits count as worst
    least_regretted : among plans that keep all limits of every scenario, those with the least
        greatest regret, and this regret
    is_alike : whether each plan covers equally many contracts under all scenarios that judge it
    crosses : whether any plan is judged under a scenario other than its own
    """

    def __init__(self, sides: Sequence[Side]) -> None:
        problems = {side.name: side.problem for side in sides if side.problem is not None}
        self.scenarios = tuple(problems)
        self.values: dict[str, dict[str, float | None]] = {}
        self.violations: dict[str, dict[str, dict[str, int] | None]] = {}
        possible: dict[str, dict[str, float | None]] = {}  # −inf where limits are broken
        for side in sides:
            values, broken, worth = (dict.fromkeys(problems) for _ in range(3))
            self.values[side.name], self.violations[side.name] = values, broken
            possible[side.name] = worth
            for name, problem in problems.items():
                if e := _judged(side.document, problem):
                    values[name] = float(e.expected_contracts[:, -1].sum())
                    broken[name] = dict(Counter(v.constraint for v in e.violations))
                    worth[name] = -inf if e.violations else values[name]
        rows = [[v for v in row.values() if v is not None] for row in self.values.values()]
        most = max((abs(v) for row in rows for v in row), default=0.0)
        best = {name: self.values[name][name] for name in problems}
        self.regrets = regrets(self.values, best)
        self.dominated = dominated(possible)
        self.least_regretted = least_regretted(regrets(possible, best), TIED * most)
        self.is_alike = not any(_more(max(row), min(row)) for row in rows if row)
        self.crosses = any(
            value is not None and plan != name
            for plan, row in self.values.items()
            for name, value in row.items()
        )

    @property
    def document(self) -> dict[str, Any]:
        """Part ``cross`` of a comparison document: values, regrets, violations, dominated plans."""
        plans, regret = self.least_regretted
        return {
            "values": self.values,
            "regrets": self.regrets,
            "dominated": list(self.dominated),
            "least_regretted": list(plans),
            "least_regret": regret if plans else None,
            "violations": self.violations,
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        """One row per plan and scenario, with the difference to the scenario's best plan."""
        for plan, row in self.values.items():
            for name, value in row.items():
                regret = self.regrets[plan][name]
                difference = None if regret is None else 0.0 - regret
                told = {"scenario": plan, "value": value, "difference": difference}
                yield {"section": "cross", "key": name, **told}


def _judged(document: Document, problem: Problem) -> Evaluation | None:
    """Evaluation of a plan's posts under a problem; None where the problem has other posts."""
    posts = {(p["role"], code_of(p), p["year"]): p["new_fte"] for p in document["posts"]}
    if posts.keys() != set(problem.post_keys()):
        return None
    return problem.judge(*problem.arrays(posts))
