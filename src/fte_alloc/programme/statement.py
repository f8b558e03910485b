"""The mathematics: a Problem as a linear programme, one function per constraint and objective.

A constraint is a function of a place j and a year t that gives a row, or None where there is none;
``CONSTRAINTS`` says over which places it runs, and its rows are ``<constraint>_<code>_<year>``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import pulp

from fte_alloc.lp.matrix import label
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.data import (
    COORDINATOR,
    FACILITATOR,
    ROLES,
    fixed_posts_counted,
    per_post,
    sum_of_posts,
)
from fte_alloc.programme.limits import OPENED, RATE, STATE, UNITS, Limit
from fte_alloc.programme.linear import Decisions, Programme, Structure, add_decisions, write_rows
from fte_alloc.programme.problem import Problem

# -- constraints -----------------------------------------------------------------------------------


def effort(p: Problem, d: Decisions, i: int, t: int) -> Any:
    """Limit effort: Σ_s k_ist ≤ e_i + g_i + x_{i,t−1} + η (x_it − x_{i,t−1}) + u v_it."""
    spent = pulp.lpSum(d.k[i, t, s] for s in range(len(p.segments)))
    return spent <= effective(p, d, i, t)


def supported(p: Problem, d: Decisions, i: int, t: int) -> Any:
    """Limit facilitators with a coordinator's support to those in post: v_it ≤ e_i + g_i + x_it."""
    return d.v[i, t] <= d.x[i, t] + p.fixed_facilitators_fte[i]


def span(p: Problem, d: Decisions, a: int, t: int) -> Any:
    """Limit the supported facilitators of area a: Σ_{i∈a} v_it ≤ m (e^c_a + g^c_a + z_at)."""
    inside = pulp.lpSum(d.v[i, t] for i in np.flatnonzero(p.area_of == a).tolist())
    return inside <= p.supports_fte * (d.z[a, t] + p.fixed_coordinators_fte[a])


def keep(p: Problem, d: Decisions, j: int, t: int, *, role: str) -> Any | None:
    """Keep posts open inside the horizon: x_it ≥ x_{i,t−1} or z_at ≥ z_{a,t−1}; None for t = 0."""
    posts = d.posts(role)
    return posts[j, t] - posts[j, t - 1] >= 0 if t > 0 else None


def step(p: Problem, d: Decisions, j: int, t: int, *, role: str) -> Any | None:
    """Make new posts x_it or z_at whole multiples of the step of their role; None without steps."""
    step = p.steps_fte[ROLES.index(role)]
    return d.posts(role)[j, t] - step * d.steps[role][j, t] == 0 if role in d.steps else None


#: Role whose places each constraint covers, and its function; ``STEPS`` come after the limits.
CONSTRAINTS: dict[str, tuple[str, Callable[[Problem, Decisions, int, int], Any | None]]] = {
    "effort": (FACILITATOR, effort),
    "supported": (FACILITATOR, supported),
    "span": (COORDINATOR, span),
    **{f"keep_{role}": (role, partial(keep, role=role)) for role in ROLES},
    **{f"step_{role}": (role, partial(step, role=role)) for role in ROLES},
}
STEPS = tuple(f"step_{role}" for role in ROLES)


def structure(p: Problem, d: Decisions, names: Iterable[str]) -> Iterator[tuple[Structure, Any]]:
    """The rows of some constraints, each with its label."""
    for name in names:
        role, row_of = CONSTRAINTS[name]
        for j, t in d.posts(role):
            row = row_of(p, d, j, t)
            if row is not None:
                yield Structure(name, p.codes[role][j], p.years[t]), row


def limit_row(p: Problem, d: Decisions, one: Limit) -> Any:
    """Row of a limit: Σ quantity over places ≤ or ≥ amount; money in kEUR, rates in contracts."""
    t = p.years.index(one.year)
    if one.quantity == RATE:
        inside = pulp.lpSum(covered(p, d, i, t) for i in one.territories)
        amount = one.amount * p.contracts_per_year[list(one.territories), t].sum()
    else:
        inside = counted(p, d, one.quantity, t, one.places)
        amount = one.amount / UNITS[one.quantity].row
    if one.is_share:
        total = counted(p, d, one.quantity, t, one.everywhere(p.shape))
        inside, amount = inside - one.amount * total, 0.0
    return inside >= amount if one.is_floor else inside <= amount


# -- what rows and objectives add up ---------------------------------------------------------------


def effective(p: Problem, d: Decisions, i: int, t: int) -> Any:
    """Effective facilitators, e_i + g_i + x_{i,t−1} + η (x_it − x_{i,t−1}) + u v_it [FTE]."""
    now, before = d.x[i, t], d.x.get((i, t - 1), 0)
    facilitators = before + p.first_year_effectiveness * (now - before)
    return facilitators + p.fixed_facilitators_fte[i] + p.productivity_gain * d.v[i, t]


def covered(p: Problem, d: Decisions, i: int, t: int) -> Any:
    """Contracts covered in territory i and year t, Σ_s y_ist, or else c_it [contracts/yr]."""
    return d.c[i, t] if d.c else pulp.lpSum(d.y[i, t, s] for s in range(len(p.segments)))


def counted(
    p: Problem, d: Decisions, quantity: str, t: int, places: Sequence[Sequence[int]]
) -> Any:
    """Quantity of a limit, Σ_{i∈I′} q_i (b_i + x_it) + Σ_{a∈A′} q_a (b_a + z_at) [FTE or kEUR].

    places : I′ and A′, by number; q: what a post counts (``per_post``); b: ``fixed_posts_counted``
    """
    terms, constant = [], 0.0
    per, besides = per_post(p, quantity), fixed_posts_counted(p, quantity)
    for posts, of, each, b in zip((d.x, d.z), places, per, besides, strict=True):
        q = each[:, t] / UNITS[quantity].row
        terms += [(posts[j, t], q[j]) for j in of]
        if quantity == OPENED and t > 0:
            terms += [(posts[j, t - 1], -q[j]) for j in of]
        constant += sum_of_posts(q, b, of)
    return pulp.LpAffineExpression(terms, constant=constant)


# -- objectives ------------------------------------------------------------------------------------


def coverage(p: Problem, d: Decisions, lp: pulp.LpProblem) -> Any:
    """Objective: covered contracts, weighted by year, buyer and territory, Σ δ_t w_s ω_i y_ist."""
    return pulp.LpAffineExpression([(y, float(p.weight[key])) for key, y in d.y.items()])


def contracts(p: Problem, d: Decisions, lp: pulp.LpProblem) -> Any:
    """Objective: covered contracts of all territories, years and kinds of buyer, Σ y_ist."""
    return pulp.lpSum(d.y.values())


def worst_rate(p: Problem, d: Decisions, lp: pulp.LpProblem) -> Any:
    """Objective: the lowest rate R, with rows R n_it ≤ Σ_s y_ist wherever n_it > 0."""
    worst = lp.add_variable("worst_rate", 0, 2)
    for i, t in d.x:
        n = p.contracts_per_year[i, t].sum()
        if n > 0:
            name = label("worst", p.territories[i], p.years[t])
            lp += covered(p, d, i, t) - n * worst >= 0, name
    return worst + 0


def shortfall(p: Problem, d: Decisions, lp: pulp.LpProblem) -> Any:
    """Objective: contracts short of the national target, Σ_t s_t, s_t ≥ max(0, τ_t Σ n − Σ y)."""
    everywhere = range(len(p.territories))
    return _missing(p, d, lp, [(None, everywhere, t) for t in range(len(p.years))])


def territorial_shortfall(p: Problem, d: Decisions, lp: pulp.LpProblem) -> Any:
    """Objective: contracts short of territories' targets, Σ s_it, s_it ≥ max(0, τ_t n_i − y_i)."""
    return _missing(p, d, lp, [(p.territories[i], [i], t) for i, t in d.x])


def _missing(
    p: Problem, d: Decisions, lp: pulp.LpProblem, at: list[tuple[str | None, Sequence[int], int]]
) -> Any:
    """Contracts short of the target, summed over given (code, its territories, year)."""
    missing = []
    for code, inside, t in at:
        target = p.target_rate[t] * p.contracts_per_year[inside, t].sum()
        if target > 0:
            missing.append(lp.add_variable(label("short", code, p.years[t]), 0, target))
            reached = pulp.lpSum(covered(p, d, i, t) for i in inside)
            lp += reached + missing[-1] >= target, label("target", code, p.years[t])
    return pulp.lpSum(missing)


def state_cost(p: Problem, d: Decisions, lp: pulp.LpProblem) -> Any:
    """Objective: State money, Σ_t (Σ_i s_fi (g_i + x_it) + Σ_a s_ca (g^c_a + z_at)) [kEUR]."""
    everywhere = [range(n) for n in p.shape[:2]]
    return pulp.lpSum(counted(p, d, STATE, t, everywhere) for t in range(len(p.years)))


def posts(p: Problem, d: Decisions, lp: pulp.LpProblem) -> Any:
    """Objective: new posts, summed over years [FTE]."""
    return pulp.lpSum([*d.x.values(), *d.z.values()])


def change(p: Problem, d: Decisions, lp: pulp.LpProblem) -> Any:
    """Objective: posts moved, Σ |new posts − those of the reference plan| [FTE]."""
    moved = []
    references = p.arrays(p.reference_posts or {})
    for (role, codes), reference in zip(p.codes.items(), references, strict=True):
        for (j, t), post in d.posts(role).items():
            where = (role, codes[j], p.years[t])
            most = post.upBound + reference[j, t]
            moved.append(lp.add_variable(label("moved", *where), 0, most))
            lp += post - moved[-1] <= reference[j, t], label("more", *where)
            lp += post + moved[-1] >= reference[j, t], label("fewer", *where)
    return pulp.lpSum(moved)


def tie_break(p: Problem, d: Decisions, lp: pulp.LpProblem) -> Any:
    """Objective that breaks ties: Σ √p_r · posts, p_r the r-th prime, r the rank of each post.

    Ranks follow (year, role, code). Square roots of distinct primes are independent over the
    rationals, so no exchange of posts at rational rates leaves the sum unchanged.
    """
    of_role = [*d.z.items(), *d.x.items()]
    ranked = [posts for t in range(len(p.years)) for (_, u), posts in of_role if u == t]
    return pulp.LpAffineExpression(list(zip(ranked, tie_break_weights(p).tolist(), strict=True)))


def tie_break_weights(p: Problem) -> Floats:
    """Weight of every post, the root of a prime number, in the order of year, role and code."""
    return np.sqrt(_primes((len(p.areas) + len(p.territories)) * len(p.years)))


EXPRESSIONS: dict[str, Callable[[Problem, Decisions, pulp.LpProblem], Any]] = {
    function.__name__: function
    for function in (
        coverage,
        contracts,
        worst_rate,
        shortfall,
        territorial_shortfall,
        state_cost,
        posts,
        change,
        tie_break,
    )
}


def _primes(count: int) -> Floats:
    limit = max(15, int(count * (np.log(count + 1) + np.log(np.log(count + 3)) + 1)))
    sieve = np.ones(limit, dtype=bool)
    sieve[:2] = False
    for n in range(2, int(limit**0.5) + 1):
        sieve[n * n :: n] &= not sieve[n]
    return np.flatnonzero(sieve)[:count].astype(float)


# -- the programme ---------------------------------------------------------------------------------


def formulate(p: Problem) -> Programme:
    """Write a problem as a linear programme, without the links y_ist ≤ G_ist(k_ist).

    Every variable has a finite limit that the rows imply, so that a bound is always finite.
    """
    lp = pulp.LpProblem("fte_alloc", pulp.LpMaximize)
    d = add_decisions(p, lp, p.most_new_fte)
    rows = write_rows(lp, constraints(p, d))
    wanted = [stage.objective for stage in p.stages] + ["tie_break"]
    objectives = {name: EXPRESSIONS[name](p, d, lp) for name in dict.fromkeys(wanted)}
    return Programme(lp, d, objectives, rows)


def constraints(p: Problem, d: Decisions) -> Iterator[tuple[Limit | Structure, Any]]:
    """Every row with its limit or label: structure first, then the limits, then steps."""
    yield from structure(p, d, (name for name in CONSTRAINTS if name not in STEPS))
    yield from ((one, limit_row(p, d, one)) for one in p.limits)
    yield from structure(p, d, STEPS)
