"""The numbers behind weights that make a given plan the best one: weights themselves, coefficients.

Weights by name multiply what territories cover, and so do coefficients of indicators as long as no
territory begins or ceases to count: either follows linearly, the other left as it is. Together they
would not (their product is no longer linear), so they are two answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from fte_alloc.errors import FteAllocError
from fte_alloc.inputs.weighing import TerritoryWeights, Weighing
from fte_alloc.lp.inverse import NoCostsError, Tuning, least_loss, nearest
from fte_alloc.lp.matrix import Matrix
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.document_parts import PostKey, new_fte, post_rows
from fte_alloc.questions.justify.first_order import FirstOrder, covered, judged_anyway
from fte_alloc.questions.plan import solve
from fte_alloc.search.rounds import SETTLED_FTE

#: A weight that counts now must go on counting: this share of it at least [1].
LEAST_SHARE = 1e-3
#: Digits of a number that are told.
DIGITS = 6


class Fitting:
    """A plan, and what its territories' weights are made of.

    given : the plan as it was given; *taken* for it is a plan that keeps all limits
    rounding_fte : by how much typing moved the posts given; those taken may be as far again
    counts : territories that weights by name can make count [I]
    local : the programme around the plan taken
    """

    def __init__(
        self,
        problem: Problem,
        measure: str,
        given: Evaluation,
        taken: Evaluation,
        rounding_fte: float = 0.0,
    ) -> None:
        self.problem, self.measure, self.given = problem, measure, given
        self.rounding_fte = rounding_fte
        self.weighing = Weighing.of(problem).territories
        self.counts = self.weighing.factor > 0
        judged = judged_anyway(problem, *taken.posts)
        self.local = FirstOrder(problem, judged, SETTLED_FTE)

    def weights(self) -> dict[str, Any]:
        """The nearest weights by name, as documents have them; raises NoCostsError without any.

        Those above 0 stay so. Only their ratios matter to the plan, and the least relative change
        settles the scale.
        """
        now = self.weighing.explicit
        tuning = Tuning(
            names=list(self.problem.territories),
            now=now,
            per_unit=self.weighing.factor[:, None] * self.local.worth,
            weight=1.0 / np.where(now > 0, now, 1.0),
            lower=LEAST_SHARE * now,
            upper=np.full(len(now), np.inf),
        )
        found = nearest(self._programme(self.local), self.local.values, tuning, self.measure)
        needed = _told(found.numbers)
        named = zip(self.problem.territories, self.problem.territory_names, strict=True)
        rows = [
            {"territory": code, "name": name, **change}
            for (code, name), change in zip(named, _changes(now, needed), strict=True)
        ]
        set_anew = [row for row in rows if row["now"] != 1 or row["needed"] != 1]
        lines = (
            (row["territory"], row["needed"], f"  # {row['name']} ({row['now']:g})")
            for row in set_anew
        )
        return {
            "distance": found.distance,
            "bound": found.bound,
            "difference_fte": self._difference_fte(replace(self.weighing, explicit=needed)),
            "territories": rows,
            "toml": _toml("territory", lines),
        }

    def coefficients(self) -> dict[str, Any] | None:
        """The nearest coefficients of indicators, or those under which the plan loses least.

        They are too few to follow each post: what typing moved is let pass. No territory may begin
        or cease to count. A coefficient of 0 has no relative change; its change counts as it is.
        None where the model has no indicators, or some territory would
        cease to count whatever they are.
        """
        columns = list(self.weighing.strength)
        if not columns:
            return None
        around = self.local
        if self.rounding_fte > 0:
            near_fte = SETTLED_FTE + 2 * self.rounding_fte
            around = FirstOrder(self.problem, self.local.judged, near_fte)
        now = np.array(list(self.weighing.strength.values()))
        excess = np.stack([self.weighing.excess[name] for name in columns])
        live, endless = self.weighing.unclipped > 0, np.full(len(now), np.inf)
        lower = np.where(live, LEAST_SHARE - 1.0, -np.inf).tolist()
        upper = np.where(live, np.inf, -1.0).tolist()
        codes = (f"counts {code}" for code in self.problem.territories)
        tuning = Tuning(
            names=columns,
            now=now,
            per_unit=(excess * np.where(live, self.weighing.explicit, 0.0)) @ around.worth,
            weight=1.0 / np.where(now != 0, np.abs(now), 1.0),
            lower=-endless,
            upper=endless,
            rows=tuple(zip(codes, excess.T, lower, upper, strict=True)),
        )
        programme, between = self._programme(around), list[PostKey]()
        try:
            found = nearest(programme, around.values, tuning, self.measure)
        except NoCostsError as error:
            between = self.between(error)
            try:
                found = least_loss(programme, around.values, tuning)
            except NoCostsError:
                return None
        needed = _told(found.numbers)
        rows = [
            {"column": name, **change}
            for name, change in zip(columns, _changes(now, needed), strict=True)
        ]
        strength = dict(zip(columns, needed.tolist(), strict=True))
        weighing = replace(self.weighing, strength=strength)
        value = float((weighing.factor * weighing.explicit) @ covered(self.local.judged))
        return {
            "justifies": not between,
            "distance": None if between else found.distance,
            "bound": None if between else found.bound,
            "relative_loss": found.distance / value if between and value > 0 else 0.0,
            "between": post_rows(self.problem, between),
            "difference_fte": self._difference_fte(weighing),
            "coefficients": rows,
            "toml": _toml(
                "indicators", ((row["column"], row["needed"], "") for row in rows if row["needed"])
            ),
        }

    def between(self, error: NoCostsError) -> list[PostKey]:
        """Posts whose conditions contradict each other, each once."""
        at = {name: j for j, name in enumerate(self.local.matrix.columns)}
        return list(dict.fromkeys(self.local.owner[at[n]] for n in error.conflict if n in at))

    def _programme(self, around: FirstOrder) -> Matrix:
        """The programme around the plan with the present weights."""
        return around.weighed(self.weighing.factor * self.weighing.explicit)

    def _difference_fte(self, weighing: TerritoryWeights) -> float | None:
        """Most that a post of the best plan for these weights differs from the one given."""
        weight = weighing.effective(self.problem.contracts_per_year)
        if weight is None:
            return None
        try:
            best = solve(replace(self.problem, territory_weight=weight), priced=False).evaluation
        except FteAllocError:
            return None
        return float(np.abs(new_fte(best) - new_fte(self.given)).max(initial=0.0))


def _told(numbers: Floats) -> Floats:
    """Numbers rounded to ``DIGITS`` significant digits."""
    return np.array([float(f"{number:.{DIGITS}g}") for number in numbers.tolist()])


def _changes(now: Floats, needed: Floats) -> Iterator[dict[str, Any]]:
    """What each number is, has to be, and how far that is; no relative change from 0."""
    for before, after in zip(now.tolist(), needed.tolist(), strict=True):
        relative = (after - before) / abs(before) if before else None
        change = {"now": before, "needed": after, "change": after - before}
        yield {**change, "relative_change": relative}


def _toml(kind: str, lines: Iterable[tuple[str, float, str]]) -> list[str]:
    """Lines of a scenario that set numbers, each to the digits that are told, with a comment."""
    told = []
    for key, value, comment in lines:
        digits = ".6g" if abs(value) >= 1e-4 or value == 0 else ".6e"
        told.append(f"{key} = {value:{digits}}{comment}")
    return [f"[weights.{kind}]", *told] if told else []
