"""Every plan judged under every scenario's assumptions, and what it loses there.

Its posts stay, the effort is split anew; no solver. A table of payoffs, {plan: {scenario: value}},
then says what is lost by having planned for another scenario (regret, Savage 1951), and which
plans another one beats everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf, isclose
from typing import Any, TypeVar

from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.results import Side

#: A value for each plan under each scenario; None where a plan cannot be judged there.
Payoffs = Mapping[str, Mapping[str, float | None]]
#: Values that differ by less of themselves are tied [1].
TIED = 1e-6

T = TypeVar("T")


def regrets(
    payoffs: Payoffs, best: Mapping[str, float | None] | None = None
) -> dict[str, dict[str, float | None]]:
    """What each plan loses under each scenario against the best there.

    best : value of the best plan under each scenario; without it, the best of the table
    """

    def lost(scenario: str, value: float | None) -> float | None:
        there = [v for row in payoffs.values() if (v := row.get(scenario)) is not None]
        top = max(there, default=None) if best is None else best.get(scenario)
        return None if value is None or top is None else top - value

    return {
        plan: {scenario: lost(scenario, value) for scenario, value in row.items()}
        for plan, row in payoffs.items()
    }


def dominated(payoffs: Payoffs, tied: float = 0.0) -> tuple[str, ...]:
    """Plans that another one beats: nowhere worse, somewhere better.

    tied : values that differ by this share of themselves or less count as equal [1]
    """

    def beats(better: str, plan: str) -> bool:
        pairs = [(payoffs[better].get(name), value) for name, value in payoffs[plan].items()]
        if any((a is None) != (b is None) for a, b in pairs):
            return False  # not judged under the same scenarios
        judged = [(a, b) for a, b in pairs if a is not None and b is not None]
        return not any(_more(b, a, tied) for a, b in judged) and any(
            _more(a, b, tied) for a, b in judged
        )

    return tuple(plan for plan in payoffs if any(beats(other, plan) for other in payoffs))


def least_regretted(lost: Payoffs, tied: float = 0.0) -> tuple[tuple[str, ...], float]:
    """Plans whose greatest regret is least, and that regret; infinite where there is none.

    lost : regrets; only plans judged under every scenario count
    tied : regrets that differ by this or less are equal
    """
    worst = {
        plan: max(values)
        for plan, row in lost.items()
        if (values := [v for v in row.values() if v is not None]) and len(values) == len(row)
    }
    least = min(worst.values(), default=inf)
    found = (plan for plan, regret in worst.items() if regret <= least + tied and least < inf)
    return tuple(found), least


def _more(a: float, b: float, tied: float) -> bool:
    return a > b and not isclose(a, b, rel_tol=tied)


@dataclass(frozen=True, eq=False)
class Cross:
    """Every plan judged under every scenario; None where their posts or years do not match.

    judged : by plan, then by scenario; a scenario has the name of the plan that is its best
    scenarios : those whose assumptions are known
    """

    judged: Mapping[str, Mapping[str, Evaluation | None]]
    scenarios: tuple[str, ...]

    @cached_property
    def values(self) -> dict[str, dict[str, float | None]]:
        """Expected contracts of the last year."""
        return self._each(lambda e: float(e.expected_contracts[:, -1].sum()))

    @cached_property
    def regrets(self) -> dict[str, dict[str, float | None]]:
        """What a scenario's own best plan covers, less what a plan covers there."""
        return regrets(self.values, self._best)

    @cached_property
    def violations(self) -> dict[str, dict[str, dict[str, int] | None]]:
        """How many limits of each kind a plan breaks under a scenario, by constraint."""
        return self._each(lambda e: dict(Counter(v.constraint for v in e.violations)))

    def _each(self, read: Callable[[Evaluation], T]) -> dict[str, dict[str, T | None]]:
        """Something of every plan under every scenario that it is judged in."""
        return {
            plan: {name: None if e is None else read(e) for name, e in row.items()}
            for plan, row in self.judged.items()
        }

    @cached_property
    def possible(self) -> dict[str, dict[str, float | None]]:
        """The values; where a plan breaks limits it is worth nothing, whatever it covers."""
        return {
            plan: {w: -inf if self.violations[plan][w] else v for w, v in row.items()}
            for plan, row in self.values.items()
        }

    @property
    def dominated(self) -> tuple[str, ...]:
        """Plans that another beats, one that keeps the limits wherever they do."""
        return dominated(self.possible, TIED)

    @property
    def least_regretted(self) -> tuple[tuple[str, ...], float]:
        """Plans with the least greatest regret of those that keep the limits of every scenario."""
        values = [abs(v) for row in self.values.values() for v in row.values() if v is not None]
        return least_regretted(regrets(self.possible, self._best), TIED * max(values, default=0.0))

    @property
    def _best(self) -> dict[str, float | None]:
        return {name: self.values[name][name] for name in self.scenarios}

    @property
    def is_alike(self) -> bool:
        """Whether every plan covers as many contracts under all scenarios it can be judged in."""
        rows = [[v for v in row.values() if v is not None] for row in self.values.values()]
        return not any(_more(max(row), min(row), TIED) for row in rows if row)

    @property
    def crosses(self) -> bool:
        """Whether any plan is judged under a scenario other than its own."""
        return any(
            e is not None and name != plan
            for plan, row in self.judged.items()
            for name, e in row.items()
        )

    @property
    def document(self) -> dict[str, Any]:
        """Values, regrets and violations by plan and scenario."""
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
        """One row a plan and scenario; the difference is to the scenario's own best plan."""
        for plan, row in self.values.items():
            for name, value in row.items():
                regret = self.regrets[plan][name]
                yield {
                    "section": "cross",
                    "key": name,
                    "scenario": plan,
                    "value": value,
                    "difference": None if regret is None else 0.0 - regret,
                }


def cross(sides: Sequence[Side]) -> Cross:
    """Judge every plan under the assumptions of every scenario that has them."""
    problems = {side.name: side.problem for side in sides if side.problem is not None}
    judged = {
        side.name: {name: _judged(side.document, problem) for name, problem in problems.items()}
        for side in sides
    }
    return Cross(judged, tuple(problems))


def _judged(document: Mapping[str, Any], problem: Problem) -> Evaluation | None:
    """A plan's posts judged by a problem, None where they are not the posts of that problem."""
    posts = {(p["role"], p["territory"], p["year"]): p["new_fte"] for p in document["posts"]}
    if posts.keys() != set(problem.post_keys()):
        return None
    return problem.judge(*problem.arrays(posts))
