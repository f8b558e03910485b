"""What a plan does in another world: every plan judged under every scenario's assumptions.

Its posts stay, the effort is split anew; no solver. A table of payoffs, {plan: {world: value}},
then says what is lost by having planned for another world (regret, Savage 1951), and which plans
another one beats everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isclose
from typing import TYPE_CHECKING, Any

from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.problem import Problem

if TYPE_CHECKING:
    from fte_alloc.analysis.side import Side

#: A value for each plan in each world; None where a plan cannot be judged there.
Payoffs = Mapping[str, Mapping[str, float | None]]
Best = Mapping[str, float | None]
Regrets = dict[str, dict[str, float | None]]
#: Values that differ by less of themselves are tied [1].
TIED = 1e-6


def regrets(payoffs: Payoffs, best: Best | None = None) -> Regrets:
    """What each plan loses in each world against the best there.

    best : value of the best plan in each world; without it, the best of the table
    """
    lost: Regrets = {}
    for plan, values in payoffs.items():
        lost[plan] = {}
        for world, value in values.items():
            there = [v for row in payoffs.values() if (v := row.get(world)) is not None]
            top = max(there, default=None) if best is None else best.get(world)
            lost[plan][world] = None if value is None or top is None else top - value
    return lost


def dominated(payoffs: Payoffs, tied: float = 0.0) -> tuple[str, ...]:
    """Plans that another one beats: nowhere worse, somewhere better.

    tied : values that differ by this share of themselves or less count as equal [1]
    """

    def beats(better: str, plan: str) -> bool:
        pairs = [(payoffs[better].get(world), value) for world, value in payoffs[plan].items()]
        if any((a is None) != (b is None) for a, b in pairs):
            return False  # not judged in the same worlds
        judged = [(a, b) for a, b in pairs if a is not None and b is not None]
        return not any(_more(b, a, tied) for a, b in judged) and any(
            _more(a, b, tied) for a, b in judged
        )

    return tuple(plan for plan in payoffs if any(beats(other, plan) for other in payoffs))


def least_regretted(lost: Payoffs, tied: float = 0.0) -> tuple[tuple[str, ...], float]:
    """Plans whose greatest regret is least, and that regret; infinite where there is none.

    lost : regrets; only plans judged in every world count
    tied : regrets that differ by this or less are equal
    """
    worst = {
        plan: max(values)
        for plan, row in lost.items()
        if (values := [v for v in row.values() if v is not None]) and len(values) == len(row)
    }
    least = min(worst.values(), default=float("inf"))
    if least == float("inf"):
        return (), least
    return tuple(plan for plan, regret in worst.items() if regret <= least + tied), least


def _more(a: float, b: float, tied: float) -> bool:
    return a > b and not isclose(a, b, rel_tol=tied)


@dataclass(frozen=True, eq=False)
class Cross:
    """Every plan judged in every world; None where years, roles or territories do not match.

    judged : by plan, then by world; a world has the name of the plan that is its best
    worlds : scenarios whose assumptions are known
    """

    judged: Mapping[str, Mapping[str, Evaluation | None]]
    worlds: tuple[str, ...]

    @cached_property
    def values(self) -> dict[str, dict[str, float | None]]:
        """Expected contracts of the last year."""
        return {
            plan: {
                world: None if e is None else float(e.expected_contracts[:, -1].sum())
                for world, e in row.items()
            }
            for plan, row in self.judged.items()
        }

    @cached_property
    def regrets(self) -> Regrets:
        """What a world's own best plan covers, less what a plan covers there."""
        return regrets(self.values, self._best)

    @cached_property
    def violations(self) -> dict[str, dict[str, dict[str, int] | None]]:
        """How many limits of each kind a plan breaks in a world, by constraint."""
        return {
            plan: {
                world: None if e is None else dict(Counter(v.constraint for v in e.violations))
                for world, e in row.items()
            }
            for plan, row in self.judged.items()
        }

    @cached_property
    def possible(self) -> dict[str, dict[str, float | None]]:
        """The values; where a plan breaks limits it is worth nothing, whatever it covers."""
        return {
            plan: {w: float("-inf") if self.violations[plan][w] else v for w, v in row.items()}
            for plan, row in self.values.items()
        }

    @property
    def dominated(self) -> tuple[str, ...]:
        """Plans that another beats, one that keeps the limits wherever they do."""
        return dominated(self.possible, TIED)

    @property
    def least_regretted(self) -> tuple[tuple[str, ...], float]:
        """Plans with the least greatest regret of those that keep the limits of every world."""
        values = [abs(v) for row in self.values.values() for v in row.values() if v is not None]
        return least_regretted(regrets(self.possible, self._best), TIED * max(values, default=0.0))

    @property
    def _best(self) -> Best:
        return {world: self.values[world][world] for world in self.worlds}

    @property
    def is_alike(self) -> bool:
        """Whether every plan covers as many contracts in all worlds it can be judged in."""
        rows = [[v for v in row.values() if v is not None] for row in self.values.values()]
        return not any(_more(max(row), min(row), TIED) for row in rows if row)

    @property
    def crosses(self) -> bool:
        """Whether any plan is judged in a world other than its own."""
        return any(
            e is not None and world != plan
            for plan, row in self.judged.items()
            for world, e in row.items()
        )

    @property
    def document(self) -> dict[str, Any]:
        """Values, regrets and violations by plan and world."""
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
        """One row a plan and world; the difference is to the world's own best plan."""
        for plan, row in self.values.items():
            for world, value in row.items():
                regret = self.regrets[plan][world]
                yield {
                    "section": "cross",
                    "key": world,
                    "scenario": plan,
                    "value": value,
                    "difference": None if regret is None else 0.0 - regret,
                }


def cross(sides: Sequence[Side]) -> Cross:
    """Judge every plan under the assumptions of every scenario that has them."""
    worlds = {side.name: side.world for side in sides if side.world is not None}
    judged = {
        side.name: {name: _judged(side.document, world) for name, world in worlds.items()}
        for side in sides
    }
    return Cross(judged, tuple(worlds))


def _judged(document: Mapping[str, Any], world: Problem) -> Evaluation | None:
    """A plan's posts judged in a world, None where they are not the posts of that world."""
    posts = {(p["role"], p["territory"], p["year"]): p["new_fte"] for p in document["posts"]}
    if posts.keys() != set(world.post_keys()):
        return None
    return world.judge(*world.arrays(posts))
