"""The data of a problem as arrays: territories, areas, posts, costs, curves, weights and limits.

Axes: I territories, A areas, S segments, T years, in code order; symbols of docs/mathematics.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import isfinite
from typing import Any, Self

import numpy as np

from fte_alloc.errors import InputError, Mistake
from fte_alloc.programme.curves import Curves, Floats
from fte_alloc.programme.effort import Support
from fte_alloc.programme.limits import NETWORK, PARTNER, STATE, Limit
from fte_alloc.programme.objectives import DEFAULT_STAGES, Stage

FACILITATOR, COORDINATOR = "facilitator", "coordinator"
ROLES = (FACILITATOR, COORDINATOR)
#: An amount per place and year for each role: facilitators [I,T], coordinators [A,T].
ByPlace = tuple[Floats, Floats]


@dataclass(frozen=True, eq=False)
class Data:
    """The data of a problem, arrays over the axes in brackets; ``Problem`` adds the judge."""

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

    cost_eur_per_fte: ByPlace  # c [I,T], [A,T] EUR/(FTE.yr)
    grant_eur_per_fte: ByPlace  # s = min(ρ c, κ) [I,T], [A,T] EUR/(FTE.yr)

    segment_weight: Floats  # w [S]
    territory_weight: Floats  # ω [I], effective
    year_weight: Floats  # δ [T]
    target_rate: Floats  # τ [T], NaN where there is none
    limits: tuple[Limit, ...] = ()  # limits on posts, money and coverage
    step_fte: float = 0.0  # new posts are multiples of this; 0: any
    coordinator_step_fte: float | None = None  # the same for coordinators; None: ``step_fte``
    stages: tuple[Stage, ...] = DEFAULT_STAGES
    reference_posts: Mapping[tuple[str, str, int], float] | None = None
    inputs: Any = field(default=None, repr=False)  # origin of every number (inputs.Inputs)

    # -- sizes and shorthand -------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Numbers of territories, areas, segments and years."""
        return len(self.territories), len(self.areas), len(self.segments), len(self.years)

    @property
    def codes(self) -> dict[str, tuple[str, ...]]:
        """Codes of the places by role: territories for facilitators, areas for coordinators."""
        return {FACILITATOR: self.territories, COORDINATOR: self.areas}

    @property
    def steps_fte(self) -> tuple[float, float]:
        """Steps of new facilitators and of new coordinators, 0 where posts are continuous [FTE]."""
        own = self.coordinator_step_fte
        return self.step_fte, self.step_fte if own is None else own

    @property
    def in_steps(self) -> bool:
        """Whether the posts of any role come in steps."""
        return any(step > 0 for step in self.steps_fte)

    @property
    def least_step_fte(self) -> float:
        """The smaller step of facilitators and coordinators that is above 0; 0 if none is [FTE]."""
        return min((step for step in self.steps_fte if step > 0), default=0.0)

    def step_key(self, row: str) -> str:
        """Key of the input that sets the step of ``step_facilitator`` or ``step_coordinator``."""
        own = row == "step_coordinator" and self.coordinator_step_fte is not None
        return "posts.coordinator.step_fte" if own else "posts.step_fte"

    def continuous(self) -> Self:
        """The same data with continuous posts instead of steps."""
        return replace(self, step_fte=0.0, coordinator_step_fte=None)

    @cached_property
    def fixed_facilitators_fte(self) -> Floats:
        """Facilitators in place or renewed, e + g [I] (FTE)."""
        return self.existing_facilitators_fte + self.committed_facilitators_fte

    @cached_property
    def fixed_coordinators_fte(self) -> Floats:
        """Coordinators in place or renewed, e^c + g^c [A] (FTE)."""
        return self.existing_coordinators_fte + self.committed_coordinators_fte

    @cached_property
    def weight(self) -> Floats:
        """Value of a covered contract in the objective ``coverage``, δ_t w_s ω_i [I,T,S]."""
        return np.einsum("i,t,s->its", self.territory_weight, self.year_weight, self.segment_weight)

    @property
    def is_weighted(self) -> bool:
        """Whether any contract has a weight other than 1 in ``coverage``."""
        return bool(np.any(np.abs(self.weight - 1.0) > 1e-12))

    @cached_property
    def alone_in_area(self) -> np.ndarray:
        """Whether each territory is the only one of its area [I]."""
        return np.bincount(self.area_of, minlength=len(self.areas))[self.area_of] == 1

    @cached_property
    def partner_share_eur(self) -> ByPlace:
        """Amount that partners pay for one post, c − s [I,T], [A,T] (EUR/(FTE.yr))."""
        cost, grant = self.cost_eur_per_fte, self.grant_eur_per_fte
        return cost[0] - grant[0], cost[1] - grant[1]

    # -- posts and effort ----------------------------------------------------------------------

    def zeros(self) -> tuple[Floats, Floats]:
        """Arrays x [I,T] and z [A,T] of a plan with no new post."""
        territories, areas, _, years = self.shape
        return np.zeros((territories, years)), np.zeros((areas, years))

    def place(self, role: str, code: str | None) -> dict[str, str | None]:
        """``territory`` and ``area`` of a post; both are None for the whole country.

        code : of the territory, or of a coordinator's area; territory is None where it has several
        """
        if code is None:
            return {"territory": None, "area": None}
        if role == FACILITATOR:
            a = self.area_of[self.territories.index(code)]
            return {"territory": code, "area": self.areas[a]}
        inside = np.flatnonzero(self.area_of == self.areas.index(code))
        territory = self.territories[inside[0]] if len(inside) == 1 else None
        return {"territory": territory, "area": code}

    def place_of(self, row: Any) -> dict[str, str | None]:
        """``territory`` and ``area``, as in ``place``, of a limit or other row of the programme."""
        is_of_area = row.name == "span" or COORDINATOR in row.name
        return self.place(COORDINATOR if is_of_area else FACILITATOR, row.code)

    def post_keys(self) -> Iterator[tuple[str, str, int]]:
        """(role, code, year) of every new post to be decided, in the order of documents."""
        for year in self.years:
            for role, codes in self.codes.items():
                for code in codes:
                    yield role, code, year

    def arrays(self, posts: Mapping[tuple[str, str, int], float]) -> tuple[Floats, Floats]:
        """Arrays x [I,T] and z [A,T] of new posts by (role, code, year), 0 for posts not given."""
        fte = in_order(posts, self.post_keys(), "posts", "no such post")
        by_year = fte.reshape(len(self.years), -1)
        x, z = np.split(by_year.T, [len(self.territories)])
        return np.ascontiguousarray(x), np.ascontiguousarray(z)

    def base_effort_fte(self, x: Floats) -> Floats:
        """Effective facilitators before any support, e + g + x_{t−1} + η (x_t − x_{t−1}) [I,T]."""
        before = np.concatenate([np.zeros((len(x), 1)), x[:, :-1]], axis=1)
        effective = before + self.first_year_effectiveness * (x - before)
        return self.fixed_facilitators_fte[:, None] + effective

    def support(self, x: Floats, z: Floats) -> Support:
        """Support of facilitators by coordinators as arrays, one row per (territory, year)."""
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


def in_order(fte: Mapping[Any, float], keys: Iterable[Any], where: str, unknown: str) -> Floats:
    """Given FTE in the order of *keys*, else 0; refuses unknown keys and values not finite."""
    known = dict.fromkeys(keys, 0.0)
    wrong = [f"{unknown}: {key}" for key in fte if key not in known]
    wrong += [f"{key}: {value} is no number" for key, value in fte.items() if not isfinite(value)]
    if wrong:
        raise InputError([Mistake(where, text) for text in wrong])
    return np.array([*(known | dict(fte)).values()])


def place_code(post: Mapping[str, Any]) -> str:
    """Code of a post's place in a document or table: a territory, or a coordinator's area.

    In version 0.1, the code of a coordinator's area stood under ``territory``.
    """
    area = post.get("area")
    by_area = post["role"] == COORDINATOR and isinstance(area, str) and area
    return str(area if by_area else post["territory"])


# -- what one post counts --------------------------------------------------------------------------


def per_post(p: Data, quantity: str) -> ByPlace:
    """What one post adds to a quantity of limits, in the unit of the quantity [I,T], [A,T]."""
    if quantity == STATE:
        return p.grant_eur_per_fte
    if quantity == PARTNER:
        return p.partner_share_eur
    x, z = p.zeros()
    return x + 1.0, z + 1.0


def fixed_posts_counted(p: Data, quantity: str) -> tuple[Floats, Floats]:
    """Posts that a limit counts besides new ones: facilitators [I], coordinators [A] (FTE)."""
    if quantity == NETWORK:
        return p.fixed_facilitators_fte, p.fixed_coordinators_fte
    if quantity in (STATE, PARTNER):
        return p.committed_facilitators_fte, p.committed_coordinators_fte
    return np.zeros(len(p.territories)), np.zeros(len(p.areas))


def sum_of_posts(per: Floats, posts: Floats, places: Sequence[int]) -> float:
    """Sum Σ per · posts over some places, computed as per · Σ posts where *per* is constant."""
    if not places or not posts.any():
        return 0.0
    at = list(places)
    return float(per[0] * posts[at].sum() + ((per[at] - per[0]) * posts[at]).sum())


def without_new_posts(p: Data, limit: Limit) -> float:
    """Value of a limit's quantity with no new post, in the unit of the quantity."""
    t, besides = p.years.index(limit.year), fixed_posts_counted(p, limit.quantity)
    roles = zip(per_post(p, limit.quantity), besides, limit.places, strict=True)
    return sum(sum_of_posts(per[:, t], posts, places) for per, posts, places in roles)
