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
from fte_alloc.effort import Splitter, Support
from fte_alloc.errors import InputError, Mistake
from fte_alloc.judging import Evaluation

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

    Numbers are arrays over the axes named in brackets. An absent limit is infinite.
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

    cap_fte: Floats  # N [T]
    state_eur_per_year: Floats  # B [T]
    cost_eur_per_fte: Floats  # c [R,T] EUR/(FTE.yr)
    grant_eur_per_fte: Floats  # s = min(ρ c, κ) [R,T] EUR/(FTE.yr)
    partner_capacity_eur: Floats  # P [I] EUR/yr
    min_new_facilitators_fte: Floats  # l [I]
    max_new_facilitators_fte: Floats  # L [I]
    growth_fte_per_year: Floats  # max_growth_share·e + max_growth_fte [I]
    required_coordinators_fte: Floats  # [A]
    max_new_coordinators_fte: Floats  # [A]
    least_rate: Floats  # f [I]

    segment_weight: Floats  # w [S]
    territory_weight: Floats  # ω [I], effective
    year_weight: Floats  # δ [T]
    target_rate: Floats  # τ [T], NaN where there is none
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

    @cached_property
    def most_new_fte(self) -> tuple[Floats, Floats]:
        """x̄ [I,T] and z̄ [A,T]: limits on new posts that the other limits imply.

        One FTE of slack keeps them from ever binding, so that prices stay with the user's limits.
        """
        _, _, _, years = self.shape
        fixed = self.fixed_facilitators_fte.sum() + self.fixed_coordinators_fte.sum()
        committed = np.array(
            [self.committed_facilitators_fte.sum(), self.committed_coordinators_fte.sum()]
        )
        left_fte = np.maximum(self.cap_fte - fixed, 0.0)
        left_eur = np.maximum(self.state_eur_per_year - committed @ self.grant_eur_per_fte, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.stack([self.partner_share_eur(r) for r in range(2)])
            affordable = np.where(
                self.grant_eur_per_fte > 0, left_eur / self.grant_eur_per_fte, np.inf
            )
            partners = np.where(share[0] > 0, self.partner_capacity_eur[:, None] / share[0], np.inf)
        national = np.minimum(left_fte, affordable)
        grown = self.growth_fte_per_year[:, None] * np.arange(1, years + 1)
        x = np.minimum(np.minimum(self.max_new_facilitators_fte[:, None], grown), partners)
        x = np.minimum(x, national[0])
        z = np.minimum(self.max_new_coordinators_fte[:, None], national[1])
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

    @cached_property
    def least_effort_fte(self) -> Floats:
        """K, least effort that covers f_i Σ_s n_ist; inf where no effort does [I,T]."""
        asked = self.least_rate[:, None] * self.contracts_per_year.sum(axis=2)
        weights = np.ones((asked.size, len(self.segments)))
        splitter = Splitter(self.curves, weights, asked.ravel(), self._endless_fte)
        return splitter.least_effort(asked.ravel()).reshape(asked.shape)

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
        led = self.max_new_coordinators_fte.any() or self.fixed_coordinators_fte.any()
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
        plain = replace(self, stages=DEFAULT_STAGES, least_rate=0.0 * self.least_rate, **alike)
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
        weight = weight.reshape(-1, len(self.segments))
        contracts = self.contracts_per_year.sum(axis=2)
        required = (self.least_rate[:, None] * contracts).ravel()
        splitter = Splitter(self.curves, weight, required, 10.0 * float(self.most_effort_fte.max()))
        support = self.support(x, z)
        sharing = splitter
        if first == "worst_rate" and not support.is_settled:
            worst = self._best_worst_rate(splitter, support, contracts.ravel())
            sharing = replace(splitter, required=np.maximum(required, worst * contracts.ravel()))
        total = support.base_fte + self.productivity_gain * support.share(sharing)
        return splitter.split(np.maximum(total, 0.0)).reshape(self.contracts_per_year.shape)

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
