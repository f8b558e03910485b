"""A problem, and the judge of its plans, without a solver: contracts covered, cost, limits broken.

The judge checks plans independently: it uses the data of the problem, never the linear programme.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from fte_alloc.errors import InputError, Mistake
from fte_alloc.programme.curves import CURVE_TOLERANCE, Floats
from fte_alloc.programme.data import (
    COORDINATOR,
    FACILITATOR,
    ROLES,
    ByPlace,
    fixed_posts_counted,
    in_order,
    per_post,
    place_code,
)
from fte_alloc.programme.limits import SHARE, STATE, Limit, Violation
from fte_alloc.programme.objectives import OBJECTIVES
from fte_alloc.programme.room import Room
from fte_alloc.shown import Tables

if TYPE_CHECKING:
    import pandas as pd

#: Tolerance of limits on posts [FTE], and of limits on money, as a share of the limit.
FTE_TOLERANCE, MONEY_TOLERANCE = 1e-6, 1e-8


class _Rule(NamedTuple):
    """One kind of rule: values, limits and tolerances by place of a role and year [places,T]."""

    name: str
    role: str
    value: Floats
    limit: Floats | float
    tolerance: Floats | float


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation(Tables):
    """The evaluation of a plan: the contracts covered, the cost, and every limit broken.

    new_facilitators_fte : x [I,T]; new_coordinators_fte : z [A,T]
    effort_fte : k [I,T,S]; expected_contracts : y [I,T,S], on the true curves
    """

    problem: Problem
    new_facilitators_fte: Floats
    new_coordinators_fte: Floats
    effort_fte: Floats
    expected_contracts: Floats

    @property
    def posts(self) -> ByPlace:
        """New posts x [I,T] and z [A,T] (FTE)."""
        return self.new_facilitators_fte, self.new_coordinators_fte

    # -- money and posts, per year -------------------------------------------------------------

    @cached_property
    def _paid_fte(self) -> ByPlace:
        f, c = fixed_posts_counted(self.problem, STATE)
        return f[:, None] + self.new_facilitators_fte, c[:, None] + self.new_coordinators_fte

    def _paid_eur(self, per: ByPlace) -> Floats:
        """Money for co-financed posts, given the amount per FTE [T] (EUR/yr)."""
        roles = zip(per, self._paid_fte, strict=True)
        return sum(q[0] * fte.sum(axis=0) + ((q - q[0]) * fte).sum(axis=0) for q, fte in roles)

    @cached_property
    def state_eur(self) -> Floats:
        """State money [T] (EUR/yr)."""
        return self._paid_eur(self.problem.grant_eur_per_fte)

    @cached_property
    def full_cost_eur(self) -> Floats:
        """Full cost of the co-financed posts [T] (EUR/yr)."""
        return self._paid_eur(self.problem.cost_eur_per_fte)

    @property
    def partners_eur(self) -> Floats:
        """Money that employers and other partners pay [T] (EUR/yr)."""
        return self.full_cost_eur - self.state_eur

    @cached_property
    def new_fte(self) -> Floats:
        """New posts of both roles [T] (FTE)."""
        return self.new_facilitators_fte.sum(axis=0) + self.new_coordinators_fte.sum(axis=0)

    @cached_property
    def used_fte(self) -> Floats:
        """Posts of the whole network: existing, renewed and new [T] (FTE)."""
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

    @property
    def lowest_rate(self) -> float:
        """The lowest of all coverage rates."""
        return float(np.nanmin(self.rate))

    def shortfall(self, axes: tuple[int, ...]) -> float:
        """Contracts missing to the target, summed over *axes*; gaps within the tolerance are 0."""
        target = self.problem.target_rate * self.problem.contracts_per_year.sum(axis=axes)
        gap = np.where(np.isnan(target), 0.0, target - self.expected_contracts.sum(axis=axes))
        return float(np.where(gap > CURVE_TOLERANCE * np.maximum(1.0, target), gap, 0.0).sum())

    @property
    def moved_fte(self) -> float:
        """Posts moved, Σ |new posts − those of the reference plan| [FTE]."""
        x, z = self.problem.arrays(self.problem.reference_posts or {})
        moved = np.abs(self.new_facilitators_fte - x).sum()
        return float(moved + np.abs(self.new_coordinators_fte - z).sum())

    def objective(self, name: str) -> float:
        """Value of an objective of ``OBJECTIVES``, in its unit."""
        return OBJECTIVES[name].value(self)

    # -- limits --------------------------------------------------------------------------------

    @cached_property
    def _opened_fte(self) -> ByPlace:
        """Posts opened in each year, x_t − x_{t−1} and z_t − z_{t−1} [I,T], [A,T] (FTE)."""
        x, z = self.posts
        return np.diff(x, axis=1, prepend=0.0), np.diff(z, axis=1, prepend=0.0)

    @cached_property
    def _rules(self) -> tuple[_Rule, ...]:
        """Structural constraints: posts kept, nonnegative and in steps; support within limits."""
        p, (x, z) = self.problem, self.posts
        asked = np.maximum(self.effort_fte.sum(axis=2) - p.base_effort_fte(x), 0.0)
        support = p.support(x, z)
        v = support.needed(np.where(asked <= FTE_TOLERANCE, 0.0, asked).ravel() + support.base_fte)
        v, supply = (of.reshape(x.shape) for of in (v, support.supply_fte))
        supported = np.zeros_like(z)
        np.add.at(supported, p.area_of, v)
        span = p.supports_fte * (p.fixed_coordinators_fte[:, None] + z)
        rules = [
            _Rule("supported", FACILITATOR, v, supply, 10 * FTE_TOLERANCE),
            _Rule("span", COORDINATOR, supported, span, 10 * FTE_TOLERANCE),
        ]
        for role, posts, opened, step in zip(
            ROLES, (x, z), self._opened_fte, p.steps_fte, strict=True
        ):
            rules.append(_Rule(f"keep_{role}", role, -opened, 0.0, FTE_TOLERANCE))
            rules.append(_Rule(f"nonnegative_{role}", role, -posts, 0.0, FTE_TOLERANCE))
            if step > 0:
                off = np.abs(posts - step * np.round(posts / step))
                rules.append(_Rule(f"step_{role}", role, off, 0.0, FTE_TOLERANCE))
        return tuple(rules)

    @cached_property
    def _limit_sums(self) -> tuple[Floats, Floats]:
        """Value of each limit's quantity, and factor from the limit's amount to it [L]."""
        p, (x, z), paid = self.problem, self.posts, self._paid_fte
        network = p.fixed_facilitators_fte[:, None] + x, p.fixed_coordinators_fte[:, None] + z
        per_fte = p.grant_eur_per_fte, p.partner_share_eur
        state, partners = ((f * paid[0], c * paid[1]) for f, c in per_fte)
        contracts = self.expected_contracts.sum(axis=2), np.zeros_like(z)
        by_place = [(x, z), self._opened_fte, network, state, partners, contracts]
        return p.sums.of(by_place, p.contracts_per_year.sum(axis=2))

    @property
    def amount_factor(self) -> Floats:
        """Factor from each limit's amount to the quantity that the limit counts [L].

        For a rate, the contracts of its places; for a share, the total of its quantity; else 1.
        """
        return self._limit_sums[1]

    @cached_property
    def _limits(self) -> tuple[Floats, Floats, Floats]:
        """Value, limit and tolerance of every limit [L]; floors have value and limit negated."""
        p, (value, per) = self.problem, self._limit_sums
        limit, large = p.sums.amount * per, np.maximum(1.0, p.sums.amount * per)
        tolerance = np.where(p.sums.is_money, MONEY_TOLERANCE * large, FTE_TOLERANCE)
        for which, *__ in p.sums.rates:
            tolerance[which] = CURVE_TOLERANCE * large[which]
        return p.sums.sign * value, p.sums.sign * limit, tolerance

    def limits(self) -> Iterator[tuple[Limit, float, float, float]]:
        """Every limit with its value, limit and tolerance; floors have value and limit negated."""
        yield from zip(self.problem.limits, *(a.tolist() for a in self._limits), strict=True)

    @cached_property
    def violations(self) -> tuple[Violation, ...]:
        """Every limit the plan breaks, as the user wrote it (floors not negated)."""
        p, broken = self.problem, list[Violation]()

        def add(name: str, year: int, at: dict[str, str | None], has: float, limit: float) -> None:
            broken.append(Violation(name, at["territory"], year, has, limit, at["area"]))

        value, most, slack = self._limits
        for n in np.flatnonzero(value > most + slack).tolist():
            one, sign = p.limits[n], -1.0 if p.limits[n].is_floor else 1.0
            add(one.name, one.year, p.place_of(one), sign * value[n], sign * most[n])
        for rule in self._rules:
            sign = -1.0 if rule.name.startswith(("keep", "nonnegative")) else 1.0
            for j, t in np.argwhere(rule.value > rule.limit + rule.tolerance).tolist():
                limit = np.broadcast_to(rule.limit, rule.value.shape)[j, t]
                numbers = sign * float(rule.value[j, t]), sign * float(limit) + 0.0
                add(rule.name, p.years[t], p.place(rule.role, p.codes[rule.role][j]), *numbers)

        def order(v: Violation) -> tuple[Any, ...]:
            """Sort key: year, then the country and groups, then territories, then areas."""
            return v.year, v.area is not None, v.territory is None, v.territory or v.area

        return tuple(sorted(broken, key=order))

    def held_by(self, t: int) -> list[list[str]]:
        """Names of the limits binding on each territory's posts or support in year *t* [I].

        Where posts come in steps, room for less than one step counts as none.
        """
        p = self.problem
        held: list[list[str]] = [[] for _ in p.territories]
        for one, value, most, slack in self.limits():
            if one.year == p.years[t] and one.is_local_ceiling(p.shape):
                left, step = most - value, 0.0 if one.unit is SHARE else p.steps_fte[0]
                of_step = step * per_post(p, one.quantity)[0][:, t]
                for i in one.territories:
                    if left <= 10 * slack or left < of_step[i] - 10 * slack:
                        held[i].append(one.name)
        span = next(rule for rule in self._rules if rule.name == "span")
        limit = np.asarray(span.limit)[p.area_of, t]
        unused = limit - span.value[p.area_of, t]
        full = (limit > 10 * FTE_TOLERANCE) & (unused <= 100 * FTE_TOLERANCE)
        for i in np.flatnonzero(full & (p.productivity_gain > 0)).tolist():  # else no effect
            held[i].append(span.name)
        return held


@dataclass(frozen=True, eq=False, repr=False)
class Problem(Tables, Room):
    """A problem of allocating co-financed posts: its data, its limits, and a judge of any plan."""

    def evaluate(
        self,
        posts: pd.DataFrame | Mapping[tuple[str, str, int], float],
        effort: Mapping[tuple[str, str, int], float] | None = None,
    ) -> Evaluation:
        """Judge any allocation of posts, without a solver.

        posts : new posts by (role, code, year) [FTE], or a table with the columns ``territory``,
            ``role``, ``new_fte``, over several years ``year``, and ``area`` for coordinators of
            areas that are several territories
        effort : effective FTE by (territory, segment, year); without it the best split is found

        Raises InputError for a post or an effort that the problem does not have, for what is no
        number, for a post given twice and for an effort below 0.
        """
        if not isinstance(posts, Mapping):
            if not hasattr(posts, "columns"):
                raise InputError([Mistake("posts", "expected a table, such as plan.posts")])
            posts = posts_of_table(posts, self.years)
        k = None
        if effort is not None:
            axes = self.territories, self.segments, self.years
            by_label = in_order(effort, product(*axes), "effort", "no such effort")
            if by_label.min() < 0:
                raise InputError([Mistake("effort", f"below 0: {by_label.min()}")])
            k = np.ascontiguousarray(by_label.reshape([*map(len, axes)]).swapaxes(1, 2))
        return self.judge(*self.arrays(posts), k)

    def judge(self, x: Floats, z: Floats, k: Floats | None = None) -> Evaluation:
        """Judge posts x [I,T] and z [A,T]; without effort k [I,T,S], the best split is found."""
        if k is None:
            k = self.best_split(x, z)
        y = self.curves.value(k.reshape(-1)).reshape(k.shape)
        return Evaluation(self, x, z, k, y)

    @cached_property
    def status_quo(self) -> Evaluation:
        """Evaluation of the plan without new posts, its effort split to cover the most contracts.

        Every contract counts as one, so that the effort is independent of weights, stages and least
        rates; the limits judged are those of this problem.
        """
        x, z = self.zeros()
        support, splitter = self.support(x, z), self.unweighted_splitter
        effort = support.base_fte + self.productivity_gain * support.share(splitter)
        best = splitter.split(np.maximum(effort, 0.0)).reshape(self.weight.shape)
        return self.judge(x, z, best)


def posts_of_table(table: pd.DataFrame, years: Sequence[int]) -> dict[tuple[str, str, int], float]:
    """New posts by (role, code, year) [FTE], from columns territory, role, new_fte, year, area."""
    missing = [c for c in ("territory", "role", "new_fte") if c not in table.columns]
    mistakes = [Mistake("posts", f"column {c} is missing") for c in missing]
    if "year" not in table.columns and len(years) > 1:
        mistakes.append(Mistake("posts", "column year is missing; the problem has several years"))
    if mistakes:
        raise InputError(mistakes)
    rows = table.to_dict("records")
    keys = [(str(r["role"]), place_code(r), int(r.get("year", years[0]))) for r in rows]
    twice = [key for key, many in Counter(keys).items() if many > 1]
    if twice:
        raise InputError([Mistake("posts", f"given twice: {key}") for key in twice])
    return {key: float(r["new_fte"]) for key, r in zip(keys, rows, strict=True)}
