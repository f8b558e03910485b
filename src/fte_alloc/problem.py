"""What is decided, in labelled numbers, and a judge of any plan that needs no solver.

Axes: I territories, A areas, S segments, T years, R roles; all in code order. Symbols are those of
``docs/mathematics.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from fte_alloc.coverage import Curves, Floats
from fte_alloc.effort import Splitter, Support, split_for_groups
from fte_alloc.errors import InputError, Mistake
from fte_alloc.judging import Evaluation
from fte_alloc.limits import AT_MOST, FTE, OPENED, RATE, Limit, Sums, given, most_new

if TYPE_CHECKING:
    import pandas as pd

FACILITATOR, COORDINATOR = "facilitator", "coordinator"
ROLES = (FACILITATOR, COORDINATOR)

#: How each objective is served; ``docs/mathematics.md`` says what each one measures.
SENSES = {
    "coverage": "maximise",
    "contracts": "maximise",
    "worst_rate": "maximise",
    "shortfall": "minimise",
    "territorial_shortfall": "minimise",
    "state_cost": "minimise",
    "posts": "minimise",
    "change": "minimise",
}


@dataclass(frozen=True)
class Stage:
    """One objective of a sequence; later ones only choose among the optima of earlier ones.

    objective : a key of ``SENSES``
    concede : share of the optimum given away to the stages after it [1]
    """

    objective: str
    concede: float = 0.0

    @property
    def sense(self) -> str:
        """``maximise`` or ``minimise``."""
        return SENSES[self.objective]


_WEIGHTS = ("segment", "territory", "year")
DEFAULT_STAGES = (Stage("coverage"), Stage("state_cost"))


@dataclass(frozen=True, eq=False)
class Problem:
    """A programme of co-financed posts: who decides what, within which limits.

    Numbers are arrays over the axes named in brackets.
    """

    territories: tuple[str, ...]
    territory_names: tuple[str, ...]
    areas: tuple[str, ...]
    area_names: tuple[str, ...]
    area_of: np.ndarray  # [I] index into areas
    segments: tuple[str, ...]
    segment_names: tuple[str, ...]
    years: tuple[int, ...]

    contracts_per_year: Floats  # n [I,T,S] contracts/yr
    curves: Curves  # one per (i, t, s), in that order
    existing_facilitators_fte: Floats  # e [I]
    committed_facilitators_fte: Floats  # g [I]
    existing_coordinators_fte: Floats  # e^c [A]
    committed_coordinators_fte: Floats  # g^c [A]
    supports_fte: float  # m, FTE supported per coordinator FTE
    productivity_gain: float  # u
    first_year_effectiveness: float  # η

    cost_eur_per_fte: Floats  # c [R,T] EUR/(FTE.yr)
    grant_eur_per_fte: Floats  # s = min(ρ c, κ) [R,T] EUR/(FTE.yr)

    segment_weight: Floats  # w [S]
    territory_weight: Floats  # ω [I], effective
    year_weight: Floats  # δ [T]
    target_rate: Floats  # τ [T], NaN where there is none
    limits: tuple[Limit, ...] = ()  # what a user demands of posts, money and coverage
    step_fte: float = 0.0
    stages: tuple[Stage, ...] = DEFAULT_STAGES
    reference_posts: Mapping[tuple[str, str, int], float] | None = None
    inputs: Any = field(default=None, repr=False)  # where every number came from (scenario.Inputs)

    # -- sizes and shorthand -------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Numbers of territories, areas, segments, years."""
        return len(self.territories), len(self.areas), len(self.segments), len(self.years)

    @cached_property
    def fixed_facilitators_fte(self) -> Floats:
        """E + g, facilitators in place or renewed [I]."""
        return self.existing_facilitators_fte + self.committed_facilitators_fte

    @cached_property
    def fixed_coordinators_fte(self) -> Floats:
        """e^c + g^c, coordinators in place or renewed [A]."""
        return self.existing_coordinators_fte + self.committed_coordinators_fte

    @cached_property
    def weight(self) -> Floats:
        """δ_t w_s ω_i, value of a covered contract in the objective ``coverage`` [I,T,S]."""
        return np.einsum("i,t,s->its", self.territory_weight, self.year_weight, self.segment_weight)

    @property
    def is_weighted(self) -> bool:
        """Whether ``coverage`` counts some contracts more than others."""
        return bool(np.any(np.abs(self.weight - 1.0) > 1e-12))

    @cached_property
    def alone_in_area(self) -> np.ndarray:
        """Whether the territory is its whole area [I]."""
        return np.bincount(self.area_of, minlength=len(self.areas))[self.area_of] == 1

    def partner_share_eur(self, role: int) -> Floats:
        """C − s, what partners pay for one post of a role [T] (EUR/(FTE.yr))."""
        return self.cost_eur_per_fte[role] - self.grant_eur_per_fte[role]

    # -- how much there can be at most ---------------------------------------------------------

    def most_in_country(self, quantity: str) -> Floats:
        """The lowest ceiling on a quantity over the whole country, inf where there is none [T]."""
        most = np.full(len(self.years), np.inf)
        for limit in self.limits:
            if limit.quantity == quantity and limit.sense == AT_MOST and limit.is_national(self):
                t = self.years.index(limit.year)
                most[t] = min(most[t], limit.amount)
        return most

    @cached_property
    def sums(self) -> Sums:
        """What the limits add up."""
        return Sums(self)

    @cached_property
    def most_new_fte(self) -> tuple[Floats, Floats]:
        """x̄ [I,T] and z̄ [A,T]: limits on new posts that the other limits imply.

        One FTE of slack keeps them from ever binding, so that prices stay with the user's limits.
        """
        x, z = most_new(self)
        return x + 1.0, z + 1.0

    def unlimited(self) -> list[tuple[str, str]]:
        """(role, code) of posts that no limit holds: such a problem has no best plan."""
        x, z = self.most_new_fte
        open_ended = [
            (FACILITATOR, c)
            for c, m in zip(self.territories, x, strict=True)
            if not np.all(np.isfinite(m))
        ]
        return open_ended + [
            (COORDINATOR, c)
            for c, m in zip(self.areas, z, strict=True)
            if not np.all(np.isfinite(m))
        ]

    @cached_property
    def most_contracts(self) -> Floats:
        """More contracts than any effort can cover [I,T,S]."""
        most = np.repeat(self.most_effort_fte.ravel(), len(self.segments))
        return 1.0 + self.curves.value(most).reshape(self.contracts_per_year.shape)

    @cached_property
    def most_effort_fte(self) -> Floats:
        """More effort than a territory can have [I,T]."""
        supply = self.fixed_facilitators_fte[:, None] + self.most_new_fte[0]
        return supply * (1.0 + self.productivity_gain) + 1.0

    @property
    def has_least_rates(self) -> bool:
        """Whether any coverage rate must at least be reached."""
        return any(limit.quantity == RATE for limit in self.limits)

    @cached_property
    def in_group_rates(self) -> list[tuple[int, int]]:
        """(i, t) of territories that have to reach a rate together with others."""
        groups = (li for li in self.limits if li.quantity == RATE and len(li.territories) > 1)
        return sorted({(i, self.years.index(li.year)) for li in groups for i in li.territories})

    @cached_property
    def fewest_new_fte(self) -> tuple[Floats, Floats]:
        """Fewest new posts that the floors of single places allow [I,T], [A,T]."""
        fewest = self.zeros()
        for limit in self.limits:
            if limit.is_floor and limit.unit is FTE and limit.quantity != OPENED:
                for posts, places, others in zip(
                    fewest, limit.places, limit.places[::-1], strict=True
                ):
                    if len(places) == 1 and not others:
                        at = places[0], self.years.index(limit.year)
                        posts[at] = max(posts[at], limit.amount - given(self, limit))
        return fewest

    @cached_property
    def least_rates(self) -> Floats:
        """F, least rate of each territory alone, 0 where there is none [I,T]."""
        rates = np.zeros((len(self.territories), len(self.years)))
        for limit in self.limits:
            if limit.quantity == RATE and len(limit.territories) == 1:
                at = limit.territories[0], self.years.index(limit.year)
                rates[at] = max(rates[at], limit.amount)
        return rates

    @cached_property
    def least_effort_fte(self) -> Floats:
        """K, least effort that covers f_i Σ_s n_ist; inf where no effort does [I,T]."""
        asked = self.least_rates * self.contracts_per_year.sum(axis=2)
        weights = np.ones((asked.size, len(self.segments)))
        splitter = Splitter(self.curves, weights, asked.ravel(), self._endless_fte)
        return splitter.least_effort(asked.ravel()).reshape(asked.shape)

    def most_covered(self, effort_fte: Floats) -> tuple[Floats, Floats]:
        """The most contracts an effort covers, and what a little more of it covers more [I,T]."""
        k = self.split_evenly(effort_fte)
        value = self.curves.value(k.ravel()).reshape(k.shape).sum(axis=2)
        return value, self.curves.slope(k.ravel()).reshape(k.shape).max(axis=2)

    @property
    def _endless_fte(self) -> float:
        """More effort than anybody will ever ask for, whatever limits are changed."""
        return 1e6 * (1.0 + float(self.fixed_facilitators_fte.sum()))

    # -- judging -------------------------------------------------------------------------------

    def zeros(self) -> tuple[Floats, Floats]:
        """No new post: x [I,T], z [A,T]."""
        territories, areas, _, years = self.shape
        return np.zeros((territories, years)), np.zeros((areas, years))

    def post_keys(self) -> Iterator[tuple[str, str, int]]:
        """(role, code, year) of every decision about posts, in the order of documents."""
        for year in self.years:
            for role, codes in ((FACILITATOR, self.territories), (COORDINATOR, self.areas)):
                for code in codes:
                    yield role, code, year

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles whose posts there can be."""
        led = self.most_new_fte[1].max() > 1.0 or self.fixed_coordinators_fte.any()
        return (FACILITATOR, COORDINATOR) if led else (FACILITATOR,)

    def arrays(self, posts: Mapping[tuple[str, str, int], float]) -> tuple[Floats, Floats]:
        """X [I,T] and z [A,T] from new posts by (role, code, year); what is not named is 0."""
        known = set(self.post_keys())
        wrong = [key for key in posts if key not in known]
        if wrong:
            raise InputError([Mistake("posts", f"no such post: {key}") for key in wrong])
        x, z = self.zeros()
        for t, year in enumerate(self.years):
            for i, code in enumerate(self.territories):
                x[i, t] = posts.get((FACILITATOR, code, year), 0.0)
            for a, code in enumerate(self.areas):
                z[a, t] = posts.get((COORDINATOR, code, year), 0.0)
        return x, z

    def evaluate(
        self,
        posts: pd.DataFrame | Mapping[tuple[str, str, int], float],
        effort: Mapping[tuple[str, str, int], float] | None = None,
    ) -> Evaluation:
        """Judge any allocation of posts, without a solver.

        posts : new posts by (role, code, year) [FTE], or a table with the columns ``territory``,
            ``role``, ``new_fte`` and, over several years, ``year``
        effort : effective FTE by (territory, segment, year); without it the best split is found

        Raises InputError for a post or an effort that the problem does not have.
        """
        if not isinstance(posts, Mapping):
            posts = posts_of_table(posts, self.years)
        k = None
        if effort is not None:
            k = np.zeros_like(self.contracts_per_year)
            at = {code: i for i, code in enumerate(self.territories)}
            of = {code: s for s, code in enumerate(self.segments)}
            when = {year: t for t, year in enumerate(self.years)}
            for (territory, segment, year), fte in effort.items():
                try:
                    k[at[territory], when[year], of[segment]] = fte
                except KeyError as error:
                    what = f"no such effort: {(territory, segment, year)}"
                    raise InputError([Mistake("effort", what)]) from error
        return self.judge(*self.arrays(posts), k)

    def judge(self, x: Floats, z: Floats, k: Floats | None = None) -> Evaluation:
        """As ``evaluate``, for arrays x [I,T], z [A,T] and k [I,T,S]."""
        if k is None:
            k = self._best_effort(x, z)
        y = self.curves.value(k.reshape(-1)).reshape(k.shape)
        return Evaluation(self, x, z, k, y)

    @cached_property
    def status_quo(self) -> Evaluation:
        """No new post: those in place and renewed, their effort split for the most contracts.

        Every contract counts as one, so that it is the same whatever the weights, the stages and
        the least rates; limits are those of this problem.
        """
        alike = {f"{kind}_weight": 1.0 + 0.0 * getattr(self, f"{kind}_weight") for kind in _WEIGHTS}
        limits = tuple(limit for limit in self.limits if limit.quantity != RATE)
        plain = replace(self, stages=DEFAULT_STAGES, limits=limits, **alike)
        return self.judge(*self.zeros(), plain.judge(*self.zeros()).effort_fte)

    def base_effort_fte(self, x: Floats) -> Floats:
        """Effective facilitators before any support, e + g + x_{t−1} + η (x_t − x_{t−1}) [I,T]."""
        before = np.concatenate([np.zeros((len(x), 1)), x[:, :-1]], axis=1)
        effective = before + self.first_year_effectiveness * (x - before)
        return self.fixed_facilitators_fte[:, None] + effective

    def support(self, x: Floats, z: Floats) -> Support:
        """What coordinators can do for the territories, one row per (territory, year)."""
        years = len(self.years)
        group = self.area_of[:, None] * years + np.arange(years)
        capacity = self.supports_fte * (self.fixed_coordinators_fte[:, None] + z)
        supply = self.fixed_facilitators_fte[:, None] + x
        return Support(
            self.base_effort_fte(x).ravel(),
            np.maximum(supply, 0.0).ravel(),
            group.ravel(),
            np.maximum(capacity, 0.0).ravel(),
            self.productivity_gain,
        )

    def _best_effort(self, x: Floats, z: Floats) -> Floats:
        """The split of effort that serves the first objective best, least rates kept [I,T,S]."""
        first = self.stages[0].objective
        weight = self.weight if first == "coverage" else np.ones_like(self.contracts_per_year)
        contracts = self.contracts_per_year.sum(axis=2).ravel()
        required = self.least_rates.ravel() * contracts
        support, most = self.support(x, z), 10.0 * float(self.most_effort_fte.max())

        def split(weight: Floats) -> Floats:
            splitter = Splitter(self.curves, weight, required, most)
            sharing = splitter
            if first == "worst_rate" and not support.is_settled:
                worst = self._best_worst_rate(splitter, support, contracts)
                sharing = replace(splitter, required=np.maximum(required, worst * contracts))
            total = support.base_fte + self.productivity_gain * support.share(sharing)
            return splitter.split(np.maximum(total, 0.0))

        groups = [li for li in self.limits if li.quantity == RATE and len(li.territories) > 1]
        years = len(self.years)
        demands = [
            (rows, limit.amount * float(contracts[rows].sum()))
            for limit in groups
            for rows in [np.array(limit.territories) * years + self.years.index(limit.year)]
        ]
        effort = split_for_groups(self.curves, weight.reshape(-1, weight.shape[2]), demands, split)
        return effort.reshape(self.contracts_per_year.shape)

    def split_evenly(self, effort_fte: Floats) -> Floats:
        """The split of each territory's effort [I,T] that covers the most contracts [I,T,S]."""
        weight = np.ones((effort_fte.size, len(self.segments)))
        none = np.zeros(effort_fte.size)
        splitter = Splitter(self.curves, weight, none, 10.0 * float(self.most_effort_fte.max()))
        return splitter.split(effort_fte.ravel()).reshape(self.contracts_per_year.shape)

    @staticmethod
    def _best_worst_rate(splitter: Splitter, support: Support, contracts: Floats) -> float:
        """Highest rate that every territory and year with contracts can reach, by bisection."""
        low, high = 0.0, 1.0
        for _ in range(60):
            rate = 0.5 * (low + high)
            effort = splitter.least_effort(np.maximum(splitter.required, rate * contracts))
            reached = support.fits(support.needed(effort))
            low, high = (rate, high) if reached else (low, rate)
        return low


def posts_of_table(table: pd.DataFrame, years: Iterable[int]) -> dict[tuple[str, str, int], float]:
    """New posts by (role, code, year) from a table with territory, role, new_fte and year."""
    years = tuple(years)
    rows = table.to_dict("records")
    mistakes = [
        Mistake("posts", f"column {c} is missing")
        for c in ("territory", "role", "new_fte")
        if c not in table.columns
    ]
    if "year" not in table.columns and len(years) > 1:
        mistakes.append(Mistake("posts", "column year is missing; the problem has several years"))
    if mistakes:
        raise InputError(mistakes)
    return {
        (str(r["role"]), str(r["territory"]), int(r.get("year", years[0]))): float(r["new_fte"])
        for r in rows
    }
