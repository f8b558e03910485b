"""The numbers behind weights that make a given plan the best one: weights themselves, coefficients.

Weights by name multiply what territories cover, and so do coefficients of indicators as long as no
territory begins or ceases to count: either follows linearly, the other left as it is. Together they
would not (their product is no longer linear), so they are two answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fte_alloc.errors import FteAllocError
from fte_alloc.inputs.weighing import TerritoryWeights, Weighing
from fte_alloc.lp.inverse import NoCostsError, Tuned, Tuning, least_loss, nearest
from fte_alloc.lp.matrix import Matrix
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.document_parts import PostKey, new_fte
from fte_alloc.questions.justify.first_order import FirstOrder, covered, judged_anyway
from fte_alloc.questions.plan import solve
from fte_alloc.search.rounds import SETTLED_FTE

#: A weight that counts now must go on counting: this share of it at least [1].
LEAST_SHARE = 1e-3
#: Digits of a number that are told.
DIGITS = 6


@dataclass(frozen=True, eq=False)
class Fit:
    """The nearest numbers under which a plan is the best.

    names : codes of territories, or columns that are indicators
    now, needed : weights or coefficients, in the unit of the user; ``needed`` to ``DIGITS`` digits
    distance, bound : relative change in the measure asked for, and proof that there is no smaller;
        None where no numbers justify the plan and ``needed`` are those under which it loses least
    loss : what the plan loses at most under ``needed``, as a share of what it covers [1]
    between : posts whose conditions contradict each other, where no numbers justify the plan
    difference_fte : most that a post of the best plan for ``needed`` differs from the plan as it
        was given
    """

    names: tuple[str, ...]
    now: Floats
    needed: Floats
    distance: float | None
    bound: float | None
    loss: float
    between: Sequence[PostKey]
    difference_fte: float | None


class Fitting:
    """A plan, and what its territories' weights are made of.

    given : the plan as it was given; *taken* for it is a plan that keeps all limits
    rounding_fte : by how much typing moved the posts given; those taken may be as far again
    counts : territories that weights by name can make count [I]
    local : the programme around the plan taken
    rough : the same, for coefficients, too few to follow each post: what typing moved is let pass
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
        self.weighing = Weighing.of(problem).territories
        self.counts = self.weighing.factor > 0
        judged = judged_anyway(problem, taken.new_facilitators_fte, taken.new_coordinators_fte)
        self.local = self.rough = FirstOrder.of(problem, judged, SETTLED_FTE)
        if rounding_fte > 0:
            self.rough = FirstOrder.of(problem, judged, SETTLED_FTE + 2 * rounding_fte)

    def weights(self) -> Fit:
        """The nearest weights by name; raises NoCostsError where there are none.

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
        weighing = replace(self.weighing, explicit=_told(found.numbers))
        return self._fit(self.problem.territories, tuning, found, weighing)

    def coefficients(self) -> Fit | None:
        """The nearest coefficients of indicators, or those under which the plan loses least.

        No territory may begin or cease to count. A coefficient of 0 has no relative change; its
        change counts as it is. None where the model has no indicators, or some territory would
        cease to count whatever they are.
        """
        columns = list(self.weighing.strength)
        if not columns:
            return None
        now = np.array(list(self.weighing.strength.values()))
        excess = np.stack([self.weighing.excess[name] for name in columns])
        live, endless = self.weighing.unclipped > 0, np.full(len(now), np.inf)
        lower = np.where(live, LEAST_SHARE - 1.0, -np.inf).tolist()
        upper = np.where(live, np.inf, -1.0).tolist()
        codes = (f"counts {code}" for code in self.problem.territories)
        tuning = Tuning(
            names=columns,
            now=now,
            per_unit=(excess * np.where(live, self.weighing.explicit, 0.0)) @ self.rough.worth,
            weight=1.0 / np.where(now != 0, np.abs(now), 1.0),
            lower=-endless,
            upper=endless,
            rows=tuple(zip(codes, excess.T, lower, upper, strict=True)),
        )
        programme, between = self._programme(self.rough), list[PostKey]()
        try:
            found = nearest(programme, self.rough.values, tuning, self.measure)
        except NoCostsError as error:
            between = self.between(error)
            try:
                found = least_loss(programme, self.rough.values, tuning)
            except NoCostsError:
                return None
        strength = dict(zip(columns, _told(found.numbers).tolist(), strict=True))
        weighing = replace(self.weighing, strength=strength)
        return self._fit(tuple(columns), tuning, found, weighing, between)

    def between(self, error: NoCostsError) -> list[PostKey]:
        """Posts whose conditions contradict each other, each once."""
        at = {name: j for j, name in enumerate(self.local.matrix.columns)}
        return list(dict.fromkeys(self.local.owner[at[n]] for n in error.conflict if n in at))

    def _programme(self, around: FirstOrder) -> Matrix:
        """The programme around the plan with the present weights."""
        return around.weighed(self.weighing.factor * self.weighing.explicit)

    def _fit(
        self,
        names: tuple[str, ...],
        tuning: Tuning,
        found: Tuned,
        weighing: TerritoryWeights,
        between: Sequence[PostKey] = (),
    ) -> Fit:
        """The answer in the user's units, its best plan compared with the one given."""
        value = float((weighing.factor * weighing.explicit) @ covered(self.local.judged))
        return Fit(
            names,
            tuning.now,
            _told(found.numbers),
            None if between else found.distance,
            None if between else found.bound,
            found.distance / value if between and value > 0 else 0.0,
            between,
            self._difference_fte(weighing),
        )

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
