"""The programme stated a second time, in plain arithmetic: arrays, no PuLP, no ``Limit`` but the
user's own.

Weak duality: let every row cost its price for each unit it is used, pay
the price for each unit of its limit, and drop it. What is left is to choose each variable on its
own, and no plan that keeps the rows is worth more than

    Σ_rows price · limit + Σ_variables max(0, d · most) + Σ_curves sup_k (W G(k) − π k)

where d is what one more of a variable is still worth, W that of y and π = −d of k. The rows stand
in the order and under the names of ``formulation``, so that the two can be read side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from limit_arrays import NAMES, arrays_of

from fte_alloc.lp.matrix import label
from fte_alloc.programme.bound import KEPT_SLACK, LEAST_KEPT_SLACK, STEP_KEPT_SLACK
from fte_alloc.programme.curves import Floats, best_curve_effort
from fte_alloc.programme.objectives import GAP, STEP_GAP, stage_row
from fte_alloc.programme.problem import Problem

EUR_PER_KEUR = 1000.0


class WithArrays:
    """A problem whose limits are arrays."""

    def __init__(self, p: Problem) -> None:
        self._p, self._arrays = p, arrays_of(p)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._arrays if name in NAMES else self._p, name)


# -- variables -------------------------------------------------------------------------------------


@dataclass(eq=False)
class Amounts:
    """One number for every variable of the programme.

    x, v : [I,T]; z : [A,T]; k, y : [I,T,S], as in the mathematics
    steps_facilitator, steps_coordinator : whole numbers behind x and z, where posts are in steps
    worst_rate : [1]; short : [T]; short_of : [I,T]; moved_facilitator, moved_coordinator :
        what the objectives of these names add up
    """

    x: Floats
    z: Floats
    v: Floats
    k: Floats
    y: Floats
    steps_facilitator: Floats
    steps_coordinator: Floats
    worst_rate: Floats
    short: Floats
    short_of: Floats
    moved_facilitator: Floats
    moved_coordinator: Floats

    @classmethod
    def none(cls, p: Problem) -> Amounts:
        """0 of everything."""
        most = cls.most(p)
        return cls(**{f.name: np.zeros_like(getattr(most, f.name)) for f in fields(cls)})

    @classmethod
    def most(cls, p: Problem) -> Amounts:
        """Limits that no plan passes, whatever the prices."""
        x, z = p.most_new_fte
        x_reference, z_reference = p.arrays(p.reference_posts or {})
        step = p.step_fte if p.step_fte > 0 else np.inf
        return cls(
            x=x,
            z=z,
            v=p.fixed_facilitators_fte[:, None] + x,
            k=np.repeat(p.most_effort_fte[:, :, None], len(p.segments), axis=2),
            y=p.most_contracts,
            steps_facilitator=np.floor(x / step),
            steps_coordinator=np.floor(z / step),
            worst_rate=np.full(1, 2.0),
            short=np.maximum(_targets(p).sum(axis=0), 0.0),
            short_of=_targets(p),
            moved_facilitator=x + x_reference,
            moved_coordinator=z + z_reference,
        )


def _targets(p: Problem) -> Floats:
    """τ_t n_it, 0 where there is no target [I,T]."""
    return np.nan_to_num(p.target_rate) * p.contracts_per_year.sum(axis=2)


# -- rows ------------------------------------------------------------------------------------------


class Relaxation:
    """A stage whose rows are dropped one family after the other, each for its price.

    sign : 1 where the stage is maximised, −1 where it is minimised
    worth : what one more of each variable is still worth [1 unit of the stage, maximised]
    constant : Σ price · limit so far
    rows : (family, code, year) of every row met, by name
    """

    def __init__(self, p: Problem, number: int, prices: Mapping[str, float]) -> None:
        self.p, self.number, self.prices = p, number, prices
        self.sign = 1.0 if p.stages[number].sense == "maximise" else -1.0
        self.worth = Amounts.none(p)
        self.constant: float = self.add(p.stages[number].objective, self.sign)
        self.rows: dict[str, tuple[str, str | None, int | None]] = {}

    def add(self, objective: str, times: float) -> float:
        """Add an objective to the worth of the variables; its constant is returned."""
        p, d = self.p, self.worth
        match objective:
            case "coverage":  # Σ δ_t w_s ω_i y_ist
                d.y += times * p.weight
            case "contracts":  # Σ y_ist
                d.y += times
            case "worst_rate":  # r, held down by the rows ``worst``
                d.worst_rate += times
            case "shortfall":  # Σ_t s_t
                d.short += times
            case "territorial_shortfall":  # Σ_t Σ_i s_it
                d.short_of += times
            case "state_cost":  # Σ s_fi (g_i + x_it) + Σ s_ca (g^c_a + z_at) [EUR]
                d.x += times * p.grant_eur_per_fte[0]
                d.z += times * p.grant_eur_per_fte[1]
                return times * float(_committed_eur(p).sum())
            case "posts":  # Σ x_it + Σ z_at
                d.x += times
                d.z += times
            case "change":  # Σ |x − reference| + Σ |z − reference|
                d.moved_facilitator += times
                d.moved_coordinator += times
            case _:
                raise ValueError(f"unknown objective {objective!r}")
        return 0.0

    def at_most(self, family: str, codes: Sequence[str | None], limit: Floats) -> Floats:
        """Prices of rows … ≤ limit [codes, T]; an infinite limit is no row."""
        return np.maximum(self._priced(family, codes, limit, 0.0, np.inf), 0.0)

    def at_least(self, family: str, codes: Sequence[str | None], limit: Floats) -> Floats:
        """Prices of rows … ≥ limit [codes, T], none of them above 0."""
        return np.minimum(self._priced(family, codes, limit, -np.inf, 0.0), 0.0)

    def equal(self, family: str, codes: Sequence[str | None], limit: Floats) -> Floats:
        """Prices of rows … = limit [codes, T], of either sign."""
        return self._priced(family, codes, limit, -np.inf, np.inf)

    def _priced(
        self, family: str, codes: Sequence[str | None], limit: Floats, low: float, high: float
    ) -> Floats:
        limit = np.broadcast_to(limit, (len(codes), len(self.p.years)))
        price = np.zeros(limit.shape)
        for (j, t), bound in np.ndenumerate(limit):
            if np.isfinite(bound):
                row = label(family, codes[j], self.p.years[t])
                self.rows[row] = (family, codes[j], self.p.years[t])
                price[j, t] = min(high, max(low, self.sign * self.prices.get(row, 0.0)))
                self.constant += float(price[j, t] * bound)
        return price

    def keep(self, number: int, kept: float | None) -> None:
        """Drop the row that keeps an earlier stage; without a limit there is none."""
        stage = self.p.stages[number]
        row = stage_row(number, stage.objective)
        self.rows[row] = ("stage", stage.objective, None)
        if kept is None or number >= self.number:
            return
        price = self.sign * self.prices.get(row, 0.0)
        price = min(price, 0.0) if stage.sense == "maximise" else max(price, 0.0)
        self.constant += price * kept + self.add(stage.objective, -price)


def effort(p: Problem, r: Relaxation) -> None:
    """Σ_s k_ist ≤ e_i + g_i + x_{i,t−1} + η (x_it − x_{i,t−1}) + u v_it."""
    price = r.at_most("effort", p.territories, p.fixed_facilitators_fte[:, None])
    r.worth.k -= price[:, :, None]
    r.worth.x += p.first_year_effectiveness * price
    r.worth.x[:, :-1] += (1.0 - p.first_year_effectiveness) * price[:, 1:]
    r.worth.v += p.productivity_gain * price


def supported(p: Problem, r: Relaxation) -> None:
    """v_it ≤ e_i + g_i + x_it."""
    price = r.at_most("supported", p.territories, p.fixed_facilitators_fte[:, None])
    r.worth.v -= price
    r.worth.x += price


def span(p: Problem, r: Relaxation) -> None:
    """Σ_{i∈a} v_it ≤ m (e^c_a + g^c_a + z_at)."""
    price = r.at_most("span", p.areas, p.supports_fte * p.fixed_coordinators_fte[:, None])
    r.worth.v -= price[p.area_of]
    r.worth.z += p.supports_fte * price


def cap(p: Problem, r: Relaxation) -> None:
    """Σ_i (e_i + g_i + x_it) + Σ_a (e^c_a + g^c_a + z_at) ≤ N_t."""
    fixed = p.fixed_facilitators_fte.sum() + p.fixed_coordinators_fte.sum()
    price = r.at_most("cap", [None], p.cap_fte - fixed)
    r.worth.x -= price
    r.worth.z -= price


def budget(p: Problem, r: Relaxation) -> None:
    """Σ s_fi (g_i + x_it) + Σ s_ca (g^c_a + z_at) ≤ B_t, in kEUR."""
    price = r.at_most("budget", [None], (p.state_eur_per_year - _committed_eur(p)) / EUR_PER_KEUR)
    r.worth.x -= p.grant_eur_per_fte[0] / EUR_PER_KEUR * price
    r.worth.z -= p.grant_eur_per_fte[1] / EUR_PER_KEUR * price


def partners(p: Problem, r: Relaxation) -> None:
    """Σ (c − s) × co-financed posts ≤ P_i, in kEUR: facilitators, a coordinator of its own."""
    share_f, share_c = (
        (cost - grant) / EUR_PER_KEUR
        for cost, grant in zip(p.cost_eur_per_fte, p.grant_eur_per_fte, strict=True)
    )
    alone, area = p.alone_in_area, p.area_of[p.alone_in_area]
    committed = share_f * p.committed_facilitators_fte[:, None]
    committed[alone] += share_c[area] * p.committed_coordinators_fte[area, None]
    limit = p.partner_capacity_eur[:, None] / EUR_PER_KEUR - committed
    price = r.at_most("partners", p.territories, limit)
    r.worth.x -= share_f * price
    r.worth.z[area] -= share_c[area] * price[alone]


def keep_facilitator(p: Problem, r: Relaxation) -> None:
    """x_it ≥ x_{i,t−1}: posts are not closed inside the horizon."""
    price = r.at_least("keep_facilitator", p.territories, _after_the_first_year(p))
    r.worth.x -= price
    r.worth.x[:, :-1] += price[:, 1:]


def keep_coordinator(p: Problem, r: Relaxation) -> None:
    """z_at ≥ z_{a,t−1}."""
    price = r.at_least("keep_coordinator", p.areas, _after_the_first_year(p))
    r.worth.z -= price
    r.worth.z[:, :-1] += price[:, 1:]


def growth(p: Problem, r: Relaxation) -> None:
    """x_it − x_{i,t−1} ≤ max_growth_share · e_i + max_growth_fte, with x_{i0} = 0."""
    price = r.at_most("growth", p.territories, p.growth_fte_per_year[:, None])
    r.worth.x -= price
    r.worth.x[:, :-1] += price[:, 1:]


def min_new(p: Problem, r: Relaxation) -> None:
    """x_it ≥ l_i."""
    least_fte = p.min_new_facilitators_fte
    limit = np.where(least_fte > 0, least_fte, -np.inf)[:, None]
    r.worth.x -= r.at_least("min_new", p.territories, limit)


def max_new(p: Problem, r: Relaxation) -> None:
    """x_it ≤ L_i."""
    r.worth.x -= r.at_most("max_new", p.territories, p.max_new_facilitators_fte[:, None])


def coordinator_required(p: Problem, r: Relaxation) -> None:
    """z_at ≥ required_fte_where_none where existing + committed = 0."""
    asked = (p.fixed_coordinators_fte == 0) & (p.required_coordinators_fte > 0)
    limit = np.where(asked, p.required_coordinators_fte, -np.inf)[:, None]
    r.worth.z -= r.at_least("coordinator_required", p.areas, limit)


def coordinator_max(p: Problem, r: Relaxation) -> None:
    """z_at ≤ max(0, max_fte_per_area − existing − committed)."""
    r.worth.z -= r.at_most("coordinator_max", p.areas, p.max_new_coordinators_fte[:, None])


def least(p: Problem, r: Relaxation) -> None:
    """Σ_s y_ist ≥ f_i Σ_s n_ist."""
    need = p.least_rate[:, None] * p.contracts_per_year.sum(axis=2)
    limit = np.where(p.least_rate[:, None] > 0, need, -np.inf)
    r.worth.y -= r.at_least("least", p.territories, limit)[:, :, None]


def step_facilitator(p: Problem, r: Relaxation) -> None:
    """x_it = step_fte · a whole number."""
    if p.step_fte > 0:
        price = r.equal("step_facilitator", p.territories, np.zeros(1))
        r.worth.x -= price
        r.worth.steps_facilitator += p.step_fte * price


def step_coordinator(p: Problem, r: Relaxation) -> None:
    """z_at = step_fte · a whole number."""
    if p.step_fte > 0:
        price = r.equal("step_coordinator", p.areas, np.zeros(1))
        r.worth.z -= price
        r.worth.steps_coordinator += p.step_fte * price


def own_limits(p: Problem, r: Relaxation) -> None:
    """The user's own: Σ quantity ≤ or ≥ amount; money in kEUR; a share of what there is in all."""
    for one in p.limits:
        if not one.name.startswith("limits."):
            continue
        t = p.years.index(one.year)
        row = label(one.name, one.year)
        r.rows[row] = (one.name, None, one.year)
        price = r.sign * r.prices.get(row, 0.0)
        price = min(price, 0.0) if one.sense == "at_least" else max(price, 0.0)
        if one.quantity == "rate":
            limit = sum(one.amount * p.contracts_per_year[i, t].sum() for i in one.territories)
            for i in one.territories:
                r.worth.y[i, t] -= price
            r.constant += float(price * limit)
            continue
        zero = 0.0 * p.cost_eur_per_fte[0], 0.0 * p.cost_eur_per_fte[1]
        cost, grant = {
            "state_eur": (p.grant_eur_per_fte, zero),
            "partner_eur": (p.cost_eur_per_fte, p.grant_eur_per_fte),
        }.get(one.quantity, ([EUR_PER_KEUR + of for of in zero], zero))
        per = [(of[:, t] - less[:, t]) / EUR_PER_KEUR for of, less in zip(cost, grant, strict=True)]
        existing = 1.0 if one.quantity == "network_fte" else 0.0
        renewed = 0.0 if one.quantity in ("new_fte", "opened_fte") else 1.0
        limit = 0.0 if one.is_share else one.amount
        limit /= EUR_PER_KEUR if one.quantity.endswith("eur") else 1.0
        share = one.amount if one.is_share else 0.0
        for role, (worth, places, everywhere) in enumerate(
            ((r.worth.x, one.territories, p.territories), (r.worth.z, one.areas, p.areas))
        ):
            e, g = (
                getattr(p, f"{kind}_{('facilitators', 'coordinators')[role]}_fte")
                for kind in ("existing", "committed")
            )
            for j in range(len(everywhere) if places or one.of_both else 0):
                counts = per[role][j] * ((j in places) - share)
                worth[j, t] -= price * counts
                if one.quantity == "opened_fte" and t:
                    worth[j, t - 1] += price * counts
                limit -= counts * (existing * e[j] + renewed * g[j])
        r.constant += float(price * limit)


CONSTRAINTS: dict[str, Callable[[Problem, Relaxation], None]] = {
    function.__name__: function
    for function in (
        effort,
        supported,
        span,
        keep_facilitator,
        keep_coordinator,
        cap,
        budget,
        partners,
        growth,
        min_new,
        max_new,
        coordinator_required,
        coordinator_max,
        least,
        own_limits,
        step_facilitator,
        step_coordinator,
    )
}


def _after_the_first_year(p: Problem) -> Floats:
    """Limit 0 of rows that compare a year with the one before [T]."""
    return np.array([-np.inf] + [0.0] * (len(p.years) - 1))


def _committed_eur(p: Problem) -> Floats:
    """State money of the committed posts [T] (EUR/yr)."""
    grant_f, grant_c = p.grant_eur_per_fte
    return p.committed_facilitators_fte @ grant_f + p.committed_coordinators_fte @ grant_c


# -- rows that define objectives, where a stage has them -------------------------------------------


def worst(p: Problem, r: Relaxation) -> None:
    """``worst_rate``: r n_it ≤ Σ_s y_ist wherever n_it > 0."""
    n = p.contracts_per_year.sum(axis=2)
    price = r.at_least("worst", p.territories, np.where(n > 0, 0.0, -np.inf))
    r.worth.y -= price[:, :, None]
    r.worth.worst_rate += (price * n).sum()


def target(p: Problem, r: Relaxation) -> None:
    """``shortfall``: Σ_i Σ_s y_ist + s_t ≥ τ_t Σ n."""
    needed = _targets(p).sum(axis=0)
    price = r.at_least("target", [None], np.where(needed > 0, needed, -np.inf))
    r.worth.y -= price[:, :, None]
    r.worth.short -= price[0]


def target_of(p: Problem, r: Relaxation) -> None:
    """``territorial_shortfall``: Σ_s y_ist + s_it ≥ τ_t n_it."""
    price = r.at_least("target", p.territories, np.where(_targets(p) > 0, _targets(p), -np.inf))
    r.worth.y -= price[:, :, None]
    r.worth.short_of -= price


def moved(p: Problem, r: Relaxation) -> None:
    """``change``: x − |moved| ≤ reference ≤ x + |moved|, and the same for z."""
    x, z = p.arrays(p.reference_posts or {})
    more = r.at_most("more_facilitator", p.territories, x)
    fewer = r.at_least("fewer_facilitator", p.territories, x)
    r.worth.x -= more + fewer
    r.worth.moved_facilitator += more - fewer
    more = r.at_most("more_coordinator", p.areas, z)
    fewer = r.at_least("fewer_coordinator", p.areas, z)
    r.worth.z -= more + fewer
    r.worth.moved_coordinator += more - fewer


DEFINITIONS: dict[str, Callable[[Problem, Relaxation], None]] = {
    "worst_rate": worst,
    "shortfall": target,
    "territorial_shortfall": target_of,
    "change": moved,
}


# -- the bound -------------------------------------------------------------------------------------


def stage_bound(
    p: Problem, number: int, prices: Mapping[str, float], kept: Mapping[str, float] | None = None
) -> float:
    """What no plan exceeds in a stage, or falls below where it is minimised.

    number : of the stage, from 0
    prices : by name of row, in the unit of the stage per unit of the row; what is not named is 0
    kept : what is kept of each earlier stage, by objective, in its own unit
    """
    p = WithArrays(p)
    r = _relaxed(p, number, prices, kept or {})
    d, most = r.worth, Amounts.most(p)
    boxes = sum(
        float(np.maximum(0.0, getattr(d, f.name) * getattr(most, f.name)).sum())
        for f in fields(Amounts)
        if f.name not in ("k", "y")
    )
    curves = most_gain(p, d.y.ravel(), -d.k.ravel()).sum()
    return float(r.sign * (r.constant + boxes + curves)) + 0.0  # never −0


def most_gain(p: Problem, worth: Floats, price: Floats) -> Floats:
    """sup_k (W G(k) − π k) of every curve, its effort found where G′ = π / W."""
    most = np.repeat(p.most_effort_fte.ravel(), len(p.segments))
    k = best_curve_effort(p.curves, worth, price, most)
    return worth * p.curves.value(k) - price * k


def kept_slack(p: Problem, number: int, bound: float) -> tuple[float, float]:
    """How much stricter and how much looser than promised a stage may have been kept.

    It is proved to ``GAP`` only, and the row that keeps it is not quite tight.
    """
    p = WithArrays(p)
    r, most = Relaxation(p, number, {}), Amounts.most(p)
    size = sum(
        float((np.abs(getattr(r.worth, name)) * amount).sum())
        for name, amount in vars(most).items()
    )
    gap, share = (STEP_GAP, STEP_KEPT_SLACK) if p.step_fte > 0 else (GAP, KEPT_SLACK)
    proved = gap * max(1.0, abs(bound))
    return proved, proved + share * abs(bound) + LEAST_KEPT_SLACK * size


def row_names(p: Problem) -> dict[str, tuple[str, str | None, int | None]]:
    """(family, code, year) of every row that has a price, by name."""
    return _relaxed(WithArrays(p), 0, {}, {}).rows


def _relaxed(
    p: Problem, number: int, prices: Mapping[str, float], kept: Mapping[str, float]
) -> Relaxation:
    """A stage without its rows, all of them paid for."""
    return _dropped(Relaxation(p, number, prices), p, kept)


def _dropped(r: Relaxation, p: Problem, kept: Mapping[str, float]) -> Relaxation:
    """A relaxation with every row paid for."""
    for drop in _families(p):
        drop(p, r)
    for n, stage in enumerate(p.stages):
        r.keep(n, kept.get(stage.objective))
    return r


def _families(p: Problem) -> list[Callable[[Problem, Relaxation], None]]:
    """What drops the rows of each family, those that keep a stage aside."""
    stages = (stage.objective for stage in p.stages)
    return [*CONSTRAINTS.values(), *(DEFINITIONS[one] for one in stages if one in DEFINITIONS)]


# -- rows, read off what a price of 1 does ---------------------------------------------------------


def rows_of(
    p: Problem,
) -> tuple[
    dict[str, tuple[dict[str, float], float]], dict[str, float], dict[str, dict[str, float]]
]:
    """Coefficients and side of every row, the most of every column, coefficients of objectives."""
    p = WithArrays(p)
    names = _columns(p)
    sign = 1.0 if p.stages[0].sense == "maximise" else -1.0
    rows = {}
    for drop in _families(p):
        drop(p, met := Relaxation(p, 0, {}))
        for name in met.rows:
            for price in (1.0, -1.0):
                r = Relaxation(p, 0, {name: price})
                r.worth, r.constant = Amounts.none(p), 0.0  # the row alone, without an objective
                drop(p, r)  # rows of other families have no price
                of_row = _flat(names, r.worth)
                if any(of_row.values()):
                    row = {column: -sign * value / price for column, value in of_row.items()}
                    rows[name] = row, sign * r.constant / price
                    break
    objectives = {}
    for stage in p.stages:
        r = Relaxation(p, 0, {})
        before = _flat(names, r.worth)
        r.add(stage.objective, 1.0)
        after = _flat(names, r.worth)
        objectives[stage.objective] = {c: after[c] - before[c] for c in before}
    most = _flat(names, Amounts.most(p))
    return rows, most, objectives


def _columns(p: Problem) -> dict[str, list[str | None]]:
    """Names of columns by field of ``Amounts``, in its order; None where there is none."""
    i, a, s, t = p.territories, p.areas, p.segments, p.years
    steps, wanted = p.step_fte > 0, {stage.objective for stage in p.stages}

    def each(name: str, codes: Sequence[str], there: bool = True) -> list[str | None]:
        return [label(name, code, year) if there else None for code in codes for year in t]

    target = np.nan_to_num(p.target_rate) * p.contracts_per_year.sum(axis=2)
    return {
        "x": each("x", i),
        "z": each("z", a),
        "v": each("v", i),
        "k": [label("k", c, seg, y) for c in i for y in t for seg in s],
        "y": [label("y", c, seg, y) for c in i for y in t for seg in s],
        "steps_facilitator": each("steps_facilitator", i, steps),
        "steps_coordinator": each("steps_coordinator", a, steps),
        "worst_rate": ["worst_rate" if "worst_rate" in wanted else None],
        "short": [
            label("short", y) if "shortfall" in wanted and target[:, n].sum() > 0 else None
            for n, y in enumerate(t)
        ],
        "short_of": [
            label("short", c, y) if "territorial_shortfall" in wanted and target[m, n] > 0 else None
            for m, c in enumerate(i)
            for n, y in enumerate(t)
        ],
        "moved_facilitator": each("moved_facilitator", i, "change" in wanted),
        "moved_coordinator": each("moved_coordinator", a, "change" in wanted),
    }


def _flat(names: Mapping[str, Sequence[str | None]], amounts: Amounts) -> dict[str, float]:
    """Amounts by name of column."""
    return {
        column: float(value)
        for field, columns in names.items()
        for column, value in zip(columns, np.ravel(getattr(amounts, field)), strict=True)
        if column is not None
    }
