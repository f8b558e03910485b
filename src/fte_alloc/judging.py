"""A plan judged, without a solver: what it covers, what it costs, every limit it breaks.

The independent word on every plan: it knows the problem's numbers and nothing of the programme.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from fte_alloc import language, words
from fte_alloc.coverage import Floats

if TYPE_CHECKING:
    from fte_alloc.problem import Problem

#: Rows that involve curves are judged to this share of max(1, |limit|).
CURVE_TOLERANCE = 2e-9
#: Posts are judged to this many FTE, money to this share of its limit.
FTE_TOLERANCE, MONEY_TOLERANCE = 1e-6, 1e-8


@dataclass(frozen=True)
class Violation:
    """A limit that a plan breaks.

    constraint : its name in ``formulation.CONSTRAINTS``
    territory : code of the territory or area, None for a national limit
    value, limit : what the plan has and what was allowed, in the unit of the limit
    """

    constraint: str
    territory: str | None
    year: int
    value: float
    limit: float

    def sentence(self, where: str | None = None, year: str = "") -> str:
        """What is broken and by how much, in figures that differ as they are shown.

        where : ``, 53 Bretagne``, the code where it is not given; year : where there are several
        """
        beyond = abs(self.value - self.limit)
        digits = max(0, min(4, 6 - len(f"{abs(self.value):.0f}")))
        value, bound, more = (
            language.telling(figure, beyond, digits) for figure in (self.value, self.limit, beyond)
        )
        template = words.VIOLATION_MINIMUM if self.constraint in FLOORS else words.VIOLATION
        code = f", {self.territory}" if self.territory else ""
        return str(
            template.format(
                limit=words.LIMIT_NAMES[self.constraint],
                where=code if where is None else where,
                year=f" {year}" if year else "",
                value=value,
                bound=bound,
                beyond=more,
            )
        )


class _Check(NamedTuple):
    """One family of limits: values by code and year [codes, T], limits and tolerances alike."""

    name: str
    codes: Sequence[str | None]
    value: Floats
    limit: Floats | float
    tolerance: Floats | float


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A plan judged: what it covers, what it costs, and every limit it breaks.

    new_facilitators_fte : x [I,T]; new_coordinators_fte : z [A,T]
    effort_fte : k [I,T,S]; expected_contracts : y [I,T,S], on the true curves
    """

    problem: Problem
    new_facilitators_fte: Floats
    new_coordinators_fte: Floats
    effort_fte: Floats
    expected_contracts: Floats

    # -- money and posts, per year -------------------------------------------------------------

    @cached_property
    def co_financed_fte(self) -> Floats:
        """Committed and new posts by role and year [R,T]."""
        p = self.problem
        return np.stack(
            [
                p.committed_facilitators_fte.sum() + self.new_facilitators_fte.sum(axis=0),
                p.committed_coordinators_fte.sum() + self.new_coordinators_fte.sum(axis=0),
            ]
        )

    @cached_property
    def state_eur(self) -> Floats:
        """State money [T] (EUR/yr)."""
        return (self.co_financed_fte * self.problem.grant_eur_per_fte).sum(axis=0)

    @cached_property
    def full_cost_eur(self) -> Floats:
        """Full cost of the co-financed posts [T] (EUR/yr)."""
        return (self.co_financed_fte * self.problem.cost_eur_per_fte).sum(axis=0)

    @property
    def partners_eur(self) -> Floats:
        """What employers and other partners pay [T] (EUR/yr)."""
        return self.full_cost_eur - self.state_eur

    @cached_property
    def new_fte(self) -> Floats:
        """New posts of both roles [T]."""
        return self.new_facilitators_fte.sum(axis=0) + self.new_coordinators_fte.sum(axis=0)

    @cached_property
    def used_fte(self) -> Floats:
        """The whole network [T]."""
        p = self.problem
        fixed = p.fixed_facilitators_fte.sum() + p.fixed_coordinators_fte.sum()
        return fixed + self.new_fte

    # -- objectives ----------------------------------------------------------------------------

    @cached_property
    def rate(self) -> Floats:
        """Coverage rate by territory and year, NaN without contracts [I,T]."""
        n = self.problem.contracts_per_year.sum(axis=2)
        y = self.expected_contracts.sum(axis=2)
        return np.divide(y, n, out=np.full_like(y, np.nan), where=n > 0)

    def objective(self, name: str) -> float:
        """Value of one objective of ``SENSES``; a shortfall of dust counts as none."""
        p, y = self.problem, self.expected_contracts
        n = p.contracts_per_year
        match name:
            case "coverage":
                return float((p.weight * y).sum())
            case "contracts":
                return float(y.sum())
            case "worst_rate":
                return float(np.nanmin(self.rate))
            case "shortfall":
                return _shortfall(p.target_rate * n.sum(axis=(0, 2)), y.sum(axis=(0, 2)))
            case "territorial_shortfall":
                return _shortfall(p.target_rate * n.sum(axis=2), y.sum(axis=2))
            case "state_cost":
                return float(self.state_eur.sum())
            case "posts":
                return float(self.new_fte.sum())
            case "change":
                x, z = p.arrays(p.reference_posts or {})
                moved = np.abs(self.new_facilitators_fte - x).sum()
                return float(moved + np.abs(self.new_coordinators_fte - z).sum())
        raise ValueError(f"unknown objective {name!r}")

    # -- limits --------------------------------------------------------------------------------

    @cached_property
    def _checks(self) -> tuple[tuple[_Check, ...], ...]:
        """Every limit a user can set: national ones, by territory, by area, by step."""
        p, x, z = self.problem, self.new_facilitators_fte, self.new_coordinators_fte
        rise, rise_c = x.copy(), z.copy()
        rise[:, 1:] -= x[:, :-1]
        rise_c[:, 1:] -= z[:, :-1]
        required = np.where(p.fixed_coordinators_fte == 0, p.required_coordinators_fte, 0.0)
        need = p.least_rate[:, None] * p.contracts_per_year.sum(axis=2)
        reached = self.expected_contracts.sum(axis=2)
        asked = np.maximum(self.effort_fte.sum(axis=2) - p.base_effort_fte(x), 0.0)
        support = p.support(x, z)
        v = support.needed(np.where(asked <= FTE_TOLERANCE, 0.0, asked).ravel() + support.base_fte)
        v = v.reshape(x.shape)
        given = np.zeros_like(z)
        np.add.at(given, p.area_of, v)
        span = p.supports_fte * (p.fixed_coordinators_fte[:, None] + z)
        budget, capacity = p.state_eur_per_year, p.partner_capacity_eur[:, None]

        def of(codes: Sequence[str | None], *checks: tuple[Any, ...]) -> tuple[_Check, ...]:
            return tuple(_Check(name, codes, *numbers) for name, *numbers in checks)

        return (
            of(
                (None,),
                ("cap", self.used_fte[None], p.cap_fte, FTE_TOLERANCE),
                ("budget", self.state_eur[None], budget, _money(budget)),
            ),
            of(
                p.territories,
                ("growth", rise, p.growth_fte_per_year[:, None], FTE_TOLERANCE),
                ("min_new", -x, -p.min_new_facilitators_fte[:, None], FTE_TOLERANCE),
                ("max_new", x, p.max_new_facilitators_fte[:, None], FTE_TOLERANCE),
                ("keep_facilitator", -rise, 0.0, FTE_TOLERANCE),
                ("nonnegative_facilitator", -x, 0.0, FTE_TOLERANCE),
                ("partners", self._partners_eur, capacity, _money(capacity)),
                ("least", -reached, -need, CURVE_TOLERANCE * np.maximum(1.0, need)),
                ("supported", v, support.supply_fte.reshape(x.shape), 10 * FTE_TOLERANCE),
            ),
            of(
                p.areas,
                ("coordinator_required", -z, -required[:, None], FTE_TOLERANCE),
                ("coordinator_max", z, p.max_new_coordinators_fte[:, None], FTE_TOLERANCE),
                ("keep_coordinator", -rise_c, 0.0, FTE_TOLERANCE),
                ("nonnegative_coordinator", -z, 0.0, FTE_TOLERANCE),
                ("span", given, span, 10 * FTE_TOLERANCE),
            ),
            *(
                of(codes, (name, np.abs(posts - _in_steps(posts, p.step_fte)), 0.0, FTE_TOLERANCE))
                for name, codes, posts in (
                    ("step_facilitator", p.territories, x),
                    ("step_coordinator", p.areas, z),
                )
                if p.step_fte > 0
            ),
        )

    def limits(self) -> Iterator[tuple[str, str | None, int, float, float, float]]:
        """Every limit a user can set: constraint, code, year, value, limit, tolerance.

        A value above its limit breaks it; where a limit is a floor both are negated.
        """
        every = [
            [(check.name, np.broadcast_arrays(*check[2:])) for check in checks]
            for checks in self._checks
        ]
        for t, year in enumerate(self.problem.years):
            for checks, families in zip(self._checks, every, strict=True):
                for j, code in enumerate(checks[0].codes):
                    for name, numbers in families:
                        value, limit, slack = (float(number[j, t]) for number in numbers)
                        yield name, code, year, value, limit, slack

    @cached_property
    def _partners_eur(self) -> Floats:
        """What partners pay in each territory; its coordinator's share where it is its area."""
        p = self.problem
        facilitators = p.committed_facilitators_fte[:, None] + self.new_facilitators_fte
        coordinators = p.committed_coordinators_fte[:, None] + self.new_coordinators_fte
        alone = np.where(p.alone_in_area[:, None], coordinators[p.area_of], 0.0)
        return p.partner_share_eur(0) * facilitators + p.partner_share_eur(1) * alone

    @cached_property
    def violations(self) -> tuple[Violation, ...]:
        """Every limit the plan breaks, as the user wrote it (floors not negated)."""
        checks = [check for group in self._checks for check in group]
        if not any((check.value > check.limit + check.tolerance).any() for check in checks):
            return ()
        broken = []
        for name, code, year, value, limit, slack in self.limits():
            if value > limit + slack:
                sign = -1.0 if name in FLOORS else 1.0
                broken.append(Violation(name, code, year, sign * value, sign * limit))
        return tuple(broken)

    def held_by(self, t: int) -> list[list[str]]:
        """For each territory, the limits that leave it no room for more posts or support [I].

        In steps, room for less than a step is none.
        """
        p = self.problem
        held: list[list[str]] = [[] for _ in p.territories]
        for name, code, year, value, limit, slack in self.limits():
            if name == "span" and (limit <= slack or p.productivity_gain == 0):
                continue  # no coordinator is there, or none brings anything
            step = p.step_fte if name in ("growth", "max_new") else 0.0
            full = limit - value <= 10 * slack or limit - value < step - 10 * slack
            if name in HOLDING and year == p.years[t] and full:
                for i, territory in enumerate(p.territories):
                    if code == (p.areas[p.area_of[i]] if name in AREA_LIMITS else territory):
                        held[i].append(name)
        return held


#: Limits that are floors: their values and limits are negated in ``Evaluation.limits``.
FLOORS = frozenset(
    [
        "min_new",
        "least",
        "coordinator_required",
        "keep_facilitator",
        "keep_coordinator",
        "nonnegative_facilitator",
        "nonnegative_coordinator",
    ]
)
#: Limits that can hold a territory back, and those of them that belong to an area.
HOLDING = frozenset(["growth", "max_new", "partners", "span"])
AREA_LIMITS = frozenset(["span"])


def as_typed(
    constraint: str, up: float | None, down: float | None
) -> tuple[float | None, float | None]:
    """Gain by one more and by one less of a number, from what loosening it gains, tightening loses.

    One more of a floor tightens it.
    """
    loss = None if down is None else 0.0 - down
    return (loss, up) if constraint in FLOORS else (up, loss)


def numbers_of(limits: Mapping[str, tuple[str, str | None, int | None]]) -> list[list[str]]:
    """Rows by the number that sets them: one of a territory holds in every year.

    limits : constraint, code and year of every row
    """
    rows: dict[tuple[str, str | None, int | None], list[str]] = {}
    for name, (constraint, code, year) in limits.items():
        rows.setdefault((constraint, code, year if code is None else None), []).append(name)
    return list(rows.values())


def _in_steps(posts: Floats, step_fte: float) -> Floats:
    """Posts moved to the nearest whole number of steps."""
    return step_fte * np.round(posts / step_fte)


def _money(limit_eur: Floats) -> Floats:
    finite = np.isfinite(limit_eur)
    return np.where(finite, MONEY_TOLERANCE * np.maximum(1.0, np.abs(limit_eur)), 0.0)


def _shortfall(target: Floats, reached: Floats) -> float:
    gap = np.where(np.isnan(target), 0.0, target - reached)
    return float(np.where(gap > CURVE_TOLERANCE * np.maximum(1.0, target), gap, 0.0).sum())
