"""The mathematics: a Problem as a linear programme, one function per constraint and objective.

It reads like ``docs/mathematics.md``. A constraint is a generator of ``(code, year, row)``; its
rows are named ``<constraint>_<code>_<year>``. To add one, write its function, list it in
``CONSTRAINTS`` and write its independent check in ``judge.Evaluation.limits``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pulp

from fte_alloc.lp.matrix import Floats
from fte_alloc.programme.data import in_place, per_post
from fte_alloc.programme.limits import EUR_PER_KEUR, OPENED, RATE, UNITS, Limit, label
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.scenario_set import AVERAGE, LARGEST, STATE_COST, TOTAL, Worlds, prefixes

Row = tuple[str | None, int, Any]


@dataclass(frozen=True, eq=False)
class Decisions:
    """The variables [FTE, contracts/yr]: x, z, v, k, y as in the mathematics, by index.

    c : most contracts of a territory, where contracts stand for efforts; else empty.
    ``x_steps`` and ``z_steps``, whole numbers, are empty where posts are continuous.

    Territories are numbered i, areas a, segments s, years t, all in code order.
    """

    x: dict[tuple[int, int], Any]
    z: dict[tuple[int, int], Any]
    v: dict[tuple[int, int], Any]
    k: dict[tuple[int, int, int], Any]
    y: dict[tuple[int, int, int], Any]
    c: dict[tuple[int, int], Any]
    x_steps: dict[tuple[int, int], Any]
    z_steps: dict[tuple[int, int], Any]


@dataclass(frozen=True, eq=False)
class Programme:
    """A problem written as a programme, before an objective is chosen.

    lp : the ``pulp.LpProblem``
    decisions : its variables
    objectives : what each stage optimises, by name
    rows : what every row is, by its name
    """

    lp: pulp.LpProblem
    decisions: Decisions
    objectives: dict[str, Any]
    rows: dict[str, Limit | Structure]

    @property
    def limits(self) -> dict[str, Limit]:
        """The rows that a user wrote."""
        return {name: row for name, row in self.rows.items() if isinstance(row, Limit)}


class Structure(NamedTuple):
    """A row that no user wrote, and that only says how posts and effort hang together."""

    name: str
    code: str | None
    year: int
    number: int | None = None

    @property
    def row(self) -> str:
        """Name of its row in the programme."""
        return label(*self)


#: Tangents of the most contracts an effort covers, to begin with, where no contracts are counted.
TANGENTS = 12


# -- constraints -----------------------------------------------------------------------------------


def effort(p: Problem, d: Decisions) -> Iterator[Row]:
    """Σ_s k_ist ≤ e_i + g_i + x_{i,t−1} + η (x_it − x_{i,t−1}) + u v_it."""
    for i, t in d.x:
        spent = pulp.lpSum(d.k[i, t, s] for s in range(len(p.segments)))
        yield p.territories[i], p.years[t], spent <= effective(p, d, i, t)


def supported(p: Problem, d: Decisions) -> Iterator[Row]:
    """v_it ≤ e_i + g_i + x_it."""
    for i, t in d.x:
        yield p.territories[i], p.years[t], d.v[i, t] <= p.fixed_facilitators_fte[i] + d.x[i, t]


def span(p: Problem, d: Decisions) -> Iterator[Row]:
    """Σ_{i∈a} v_it ≤ m (e^c_a + g^c_a + z_at)."""
    for a, t in d.z:
        inside = pulp.lpSum(d.v[i, t] for i in np.flatnonzero(p.area_of == a).tolist())
        coordinators = p.fixed_coordinators_fte[a] + d.z[a, t]
        yield p.areas[a], p.years[t], inside <= p.supports_fte * coordinators


def keep_facilitator(p: Problem, d: Decisions) -> Iterator[Row]:
    """x_it ≥ x_{i,t−1}: posts are not closed inside the horizon."""
    for i, t in d.x:
        if t > 0:
            yield p.territories[i], p.years[t], d.x[i, t] - d.x[i, t - 1] >= 0


def keep_coordinator(p: Problem, d: Decisions) -> Iterator[Row]:
    """z_at ≥ z_{a,t−1}."""
    for a, t in d.z:
        if t > 0:
            yield p.areas[a], p.years[t], d.z[a, t] - d.z[a, t - 1] >= 0


def limit(p: Problem, d: Decisions, one: Limit) -> Any:
    """Σ of its quantity over its places ≤ or ≥ its amount; money in kEUR, a rate in contracts."""
    if one.quantity == RATE:
        t = p.years.index(one.year)
        inside = pulp.lpSum(covered(p, d, i, t) for i in one.territories)
        amount = one.amount * p.contracts_per_year[list(one.territories), t].sum()
    else:
        inside = counted(p, d, one, one.territories, one.areas)
        amount = one.amount / UNITS[one.quantity].row
    if one.is_share:
        everywhere = [range(n) if of else () for n, of in zip(p.shape, one.places, strict=False)]
        inside, amount = inside - one.amount * counted(p, d, one, *everywhere), 0.0
    return inside >= amount if one.is_floor else inside <= amount


def counted(
    p: Problem, d: Decisions, one: Limit, territories: Sequence[int], areas: Sequence[int]
) -> Any:
    """What a limit counts over some places, posts in place among it, in the unit of its row."""
    t = p.years.index(one.year)
    per, here = per_post(p, one.quantity)[:, t] / UNITS[one.quantity].row, in_place(p, one.quantity)
    terms, constant = [], 0.0
    for role, (posts, places) in enumerate(((d.x, territories), (d.z, areas))):
        terms += [(posts[j, t], per[role]) for j in places]
        if one.quantity == OPENED and t > 0:
            terms += [(posts[j, t - 1], -per[role]) for j in places]
        constant += per[role] * here[role][list(places)].sum()
    return pulp.LpAffineExpression(terms, constant=float(constant))


def least_effort(p: Problem, d: Decisions, one: Limit) -> Any | None:
    """A least rate, no contracts being counted; None where no effort reaches it.

    Of one territory: its effort ≥ K_it, the least that will do. Of a group: Σ c_it ≥ f Σ n_it.
    """
    t = p.years.index(one.year)
    if len(one.territories) == 1:
        (i,) = one.territories
        least = p.least_effort_fte[i, t]
        return effective(p, d, i, t) >= least if np.isfinite(least) else None
    need = one.amount * p.contracts_per_year[list(one.territories), t].sum()
    return pulp.lpSum(d.c[i, t] for i in one.territories) >= need


def cover(p: Problem, d: Decisions) -> Iterator[tuple[Structure, Any]]:
    """c_it ≤ C(E_m) + C′(E_m) (E_it − E_m): tangents of the most contracts an effort E covers."""
    for m, share in enumerate(np.linspace(0.0, 1.0, TANGENTS) ** 2 if d.c else ()):
        yield from tangents(p, d, m, share * p.most_effort_fte)


def tangents(
    p: Problem, d: Decisions, m: int, touch_fte: Floats
) -> Iterator[tuple[Structure, Any]]:
    """The m-th tangent of every territory in a group rate, at these efforts [I,T]."""
    value, slope = p.most_covered(touch_fte)
    for i, t in d.c:
        line = float(value[i, t] - slope[i, t] * touch_fte[i, t])
        of = Structure("cover", p.territories[i], p.years[t], m)
        yield of, d.c[i, t] <= line + float(slope[i, t]) * effective(p, d, i, t)


def step_facilitator(p: Problem, d: Decisions) -> Iterator[Row]:
    """x_it = step_fte · a whole number."""
    for (i, t), steps in d.x_steps.items():
        yield p.territories[i], p.years[t], d.x[i, t] - p.step_fte * steps == 0


def step_coordinator(p: Problem, d: Decisions) -> Iterator[Row]:
    """z_at = step_fte · a whole number."""
    for (a, t), steps in d.z_steps.items():
        yield p.areas[a], p.years[t], d.z[a, t] - p.step_fte * steps == 0


CONSTRAINTS: dict[str, Callable[[Problem, Decisions], Iterator[Row]]] = {
    function.__name__: function
    for function in (
        effort,
        supported,
        span,
        keep_facilitator,
        keep_coordinator,
        step_facilitator,
        step_coordinator,
    )
}

# -- objectives ------------------------------------------------------------------------------------


def effective(p: Problem, d: Decisions, i: int, t: int) -> Any:
    """e_i + g_i + x_{i,t−1} + η (x_it − x_{i,t−1}) + u v_it."""
    now, before = d.x[i, t], d.x.get((i, t - 1), 0)
    facilitators = before + p.first_year_effectiveness * (now - before)
    return p.fixed_facilitators_fte[i] + facilitators + p.productivity_gain * d.v[i, t]


def covered(p: Problem, d: Decisions, i: int, t: int) -> Any:
    """Σ_s y_ist."""
    return pulp.lpSum(d.y[i, t, s] for s in range(len(p.segments)))


def state_keur(p: Problem, d: Decisions, t: int) -> Any:
    """State money of a year, Σ s_f (g_i + x_it) + Σ s_c (g^c_a + z_at) [kEUR]."""
    grant = p.grant_eur_per_fte[:, t] / EUR_PER_KEUR
    committed = grant[0] * p.committed_facilitators_fte.sum()
    committed += grant[1] * p.committed_coordinators_fte.sum()
    new = [(posts, grant[0]) for (_, u), posts in d.x.items() if u == t]
    new += [(posts, grant[1]) for (_, u), posts in d.z.items() if u == t]
    return pulp.LpAffineExpression(new, constant=float(committed))


def coverage(p: Problem, d: Decisions, lp: pulp.LpProblem) -> Any:
    """Σ δ_t w_s ω_i y_ist."""
    return pulp.LpAffineExpression([(y, float(p.weight[key])) for key, y in d.y.items()])


def contracts(p: Problem, d: Decisions, lp: pulp.LpProblem) -> Any:
    """Σ y_ist."""
    return pulp.lpSum(d.y.values())


def worst_rate(p: Problem, d: Decisions, lp: pulp.LpProblem) -> Any:
    """R with r n_it ≤ Σ_s y_ist wherever n_it > 0."""
    worst = lp.add_variable("worst_rate", 0, 2)
    for i, t in d.x:
        n = p.contracts_per_year[i, t].sum()
        if n > 0:
            name = label("worst", p.territories[i], p.years[t])
            lp += covered(p, d, i, t) - n * worst >= 0, name
    return worst + 0


def shortfall(p: Problem, d: Decisions, lp: pulp.LpProblem) -> Any:
    """Σ_t s_t with s_t ≥ τ_t Σ n − Σ y, s_t ≥ 0."""
    missing = []
    for t, year in enumerate(p.years):
        target = p.target_rate[t] * p.contracts_per_year[:, t].sum()
        if target > 0:
            missing.append(lp.add_variable(label("short", year), 0, target))
            total = pulp.lpSum(y for (_, u, _), y in d.y.items() if u == t)
            lp += total + missing[-1] >= target, label("target", year)
    return pulp.lpSum(missing)


def territorial_shortfall(p: Problem, d: Decisions, lp: pulp.LpProblem) -> Any:
    """Σ_t Σ_i s_it with s_it ≥ τ_t n_i − y_i, s_it ≥ 0."""
    missing = []
    for i, t in d.x:
        target = p.target_rate[t] * p.contracts_per_year[i, t].sum()
        if target > 0:
            where = (p.territories[i], p.years[t])
            missing.append(lp.add_variable(label("short", *where), 0, target))
            lp += covered(p, d, i, t) + missing[-1] >= target, label("target", *where)
    return pulp.lpSum(missing)


def state_cost(p: Problem, d: Decisions, lp: pulp.LpProblem) -> Any:
    """State money, summed over years [kEUR]."""
    return pulp.lpSum(state_keur(p, d, t) for t in range(len(p.years)))


def posts(p: Problem, d: Decisions, lp: pulp.LpProblem) -> Any:
    """New posts, summed over years [FTE]."""
    return pulp.lpSum([*d.x.values(), *d.z.values()])


def change(p: Problem, d: Decisions, lp: pulp.LpProblem) -> Any:
    """Σ |new posts − those of the reference plan| [FTE]."""
    x, z = p.arrays(p.reference_posts or {})
    moved = []
    for role, decided, reference in (("facilitator", d.x, x), ("coordinator", d.z, z)):
        codes = p.territories if role == "facilitator" else p.areas
        for (j, t), post in decided.items():
            where = (role, codes[j], p.years[t])
            most = post.upBound + reference[j, t]
            moved.append(lp.add_variable(label("moved", *where), 0, most))
            lp += post - moved[-1] <= reference[j, t], label("more", *where)
            lp += post + moved[-1] >= reference[j, t], label("fewer", *where)
    return pulp.lpSum(moved)


def tie_break(p: Problem, d: Decisions, lp: pulp.LpProblem) -> Any:
    """Σ √p_r · posts, p_r the r-th prime, r the rank of (year, role, code).

    Square roots of distinct primes are independent over the rationals, so no exchange of posts at
    rational rates leaves the sum unchanged.
    """
    ranked = [
        posts
        for t in range(len(p.years))
        for decided in (d.z, d.x)
        for (_, u), posts in decided.items()
        if u == t
    ]
    roots = np.sqrt(primes(len(ranked))).tolist()
    return pulp.LpAffineExpression(list(zip(ranked, roots, strict=True)))


OBJECTIVES: dict[str, Callable[[Problem, Decisions, pulp.LpProblem], Any]] = {
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

#: Factor from the programme's unit of an objective to the unit in ``Evaluation.objective``.
UNIT = {"state_cost": EUR_PER_KEUR}


def primes(count: int) -> Floats:
    """The first *count* primes."""
    if count == 0:
        return np.empty(0)
    limit = max(15, int(count * (np.log(count + 1) + np.log(np.log(count + 3)) + 1)))
    sieve = np.ones(limit, dtype=bool)
    sieve[:2] = False
    for n in range(2, int(limit**0.5) + 1):
        sieve[n * n :: n] &= not sieve[n]
    return np.flatnonzero(sieve)[:count].astype(float)


# -- the programme ---------------------------------------------------------------------------------


def formulate(p: Problem) -> Programme:
    """Write a problem as a programme; the links y_ist ≤ G_ist(k_ist) are left to the solving.

    Every variable has a finite limit that the rows imply, so that a bound is always finite.
    """
    lp = pulp.LpProblem("fte_alloc", pulp.LpMaximize)
    decisions = _decide(p, lp)
    rows = _constrain(p, lp, decisions)
    wanted = [stage.objective for stage in p.stages] + ["tie_break"]
    objectives = {name: OBJECTIVES[name](p, decisions, lp) for name in dict.fromkeys(wanted)}
    return Programme(lp, decisions, objectives, rows)


def formulate_posts(p: Problem, touches_fte: Sequence[Floats] = ()) -> Programme:
    """What posts alone must satisfy, without an objective; every row is among its limits.

    Posts have no limits of their own here, so that whatever forbids a plan is a row.

    touches_fte : efforts at which more tangents touch the curves of group rates [I,T]
    """
    lp = pulp.LpProblem("posts", pulp.LpMinimize)
    d = _decide_posts(p, lp, contracts=True)
    rows = _constrain(p, lp, d, posts_only=True)
    for m, touch in enumerate(touches_fte, TANGENTS):
        for of, row in tangents(p, d, m, touch):
            lp += row, of.row
            rows[of.row] = of
    return Programme(lp, d, {}, rows)


def formulate_shared_posts(
    problems: Mapping[str, Problem],
) -> tuple[pulp.LpProblem, dict[str, tuple[str, Limit | Structure]]]:
    """As ``formulate_posts``, for posts that must do in several problems at once.

    The programme, and the scenario and limit of every row.
    """
    lp = pulp.LpProblem("shared_posts", pulp.LpMinimize)
    rows: dict[str, tuple[str, Limit | Structure]] = {}
    first: Decisions | None = None
    for prefix, (name, p) in zip(prefixes(problems), problems.items(), strict=True):
        d = _decide_posts(p, lp, None, prefix, first, contracts=True)
        first = first or d
        written = _constrain(p, lp, d, prefix, posts_only=True)
        rows |= {row: (name, limit) for row, limit in written.items()}
    return lp, rows


def formulate_worlds(w: Worlds) -> Programme:
    """Write worlds over the same posts as one programme: x, z shared, v, k, y of each its own.

    Rows are named after their world; one that stands already is not written again. With the value
    Σ W y of a plan in each world, its optimum O and its measure,

    ``<world>_regret``: Σ W y + measure · R ≥ O, R the largest regret.
    """
    lp = pulp.LpProblem("worlds", pulp.LpMaximize)
    most = [
        np.min(posts, axis=0) for posts in zip(*(p.most_new_fte for p in w.problems), strict=True)
    ]
    largest = lp.add_variable(LARGEST, 0, max(world.most_regret for world in w.each))
    own: list[Decisions] = []
    regrets, standing = [], set[Any]()
    rows: dict[str, Limit | Structure] = {}
    for prefix, world in zip(prefixes([world.name for world in w.each]), w.each, strict=True):
        p = world.problem
        own.append(_decide(p, lp, (most[0], most[1]), prefix, own[0] if own else None))
        rows |= _constrain(p, lp, own[-1], prefix, standing)
        value = OBJECTIVES[world.objective](p, own[-1], lp)
        lp += value + world.measure * largest >= world.optimum, label(prefix, "regret")
        regrets.append((world.optimum - value) / world.measure)
    objectives = {
        LARGEST: largest + 0,
        TOTAL: pulp.lpSum(regrets),
        AVERAGE: pulp.lpSum(
            world.probability * regret for world, regret in zip(w.each, regrets, strict=True)
        ),
        STATE_COST: pulp.lpSum(state_cost(p, d, lp) for p, d in zip(w.problems, own, strict=True)),
        "tie_break": tie_break(w.problems[0], own[0], lp),
    }
    many = len(w.problems[0].territories)  # those of the n-th world are numbered from n·I on
    v, k, y = (
        {
            (n * many + i, *rest): variable
            for n, d in enumerate(own)
            for (i, *rest), variable in getattr(d, symbol).items()
        }
        for symbol in "vky"
    )
    return Programme(lp, replace(own[0], v=v, k=k, y=y), objectives, rows)


def _constrain(
    p: Problem,
    lp: pulp.LpProblem,
    d: Decisions,
    world: str | None = None,
    standing: set[Any] | None = None,
    *,
    posts_only: bool = False,
) -> dict[str, Limit | Structure]:
    """Write every constraint and limit into a programme: what each row is, by its name.

    world : what the names of rows begin with
    standing : rows of other worlds, which are not written again; those written are added
    posts_only : count no contracts, see ``least_effort``
    """
    rows = {}
    for of, row in _rows(p, d, posts_only=posts_only):
        if standing is not None:
            terms = frozenset((v.name, coefficient) for v, coefficient in row.items())
            if (row.sense, row.constant, terms) in standing:
                continue
            standing.add((row.sense, row.constant, terms))
        name = label(world, of.row)
        lp += row, name
        rows[name] = of
    return rows


def _rows(p: Problem, d: Decisions, *, posts_only: bool) -> Iterator[tuple[Limit | Structure, Any]]:
    """Every row: what no user wrote, then the limits, then steps."""
    steps = ("step_facilitator", "step_coordinator")
    for name, constraint in CONSTRAINTS.items():
        if name not in steps and not (posts_only and name == "effort"):
            for code, year, row in constraint(p, d):
                yield Structure(name, code, year), row
    yield from cover(p, d)
    for one in p.limits:
        at_posts = posts_only and one.quantity == RATE
        row = least_effort(p, d, one) if at_posts else limit(p, d, one)
        if row is not None:
            yield one, row
    for name in steps:
        for code, year, row in CONSTRAINTS[name](p, d):
            yield Structure(name, code, year), row


def _decide(
    p: Problem,
    lp: pulp.LpProblem,
    most: tuple[Floats, Floats] | None = None,
    world: str | None = None,
    shared: Decisions | None = None,
) -> Decisions:
    """The variables, each with a finite limit.

    most : limits that hold for the posts of all worlds; None: those of the problem
    world, shared : what the names of a world's variables begin with, and whose posts it shares
    """
    x_most, z_most = most or p.most_new_fte
    posts = _decide_posts(p, lp, (x_most, z_most), world, shared)

    def each_curve(name: str, most: Floats) -> dict[Any, Any]:
        """One variable a curve."""
        return {
            (i, t, s): lp.add_variable(
                label(world, name, p.territories[i], p.segments[s], p.years[t]),
                0,
                float(most[i, t, s]),
            )
            for i, t, s in np.ndindex(p.contracts_per_year.shape)
        }

    effort_most = np.repeat(p.most_effort_fte[:, :, None], len(p.segments), axis=2)
    k, y = each_curve("k", effort_most), each_curve("y", p.most_contracts)
    return replace(posts, k=k, y=y)


def _decide_posts(
    p: Problem,
    lp: pulp.LpProblem,
    most: tuple[Floats, Floats] | None = None,
    world: str | None = None,
    shared: Decisions | None = None,
    *,
    contracts: bool = False,
) -> Decisions:
    """The variables but for k and y, as in ``_decide``; without *most* they have no limits.

    contracts : whether there are variables c of the territories that share a least rate
    """

    def each(name: str, most: Floats | None, category: str = "Continuous") -> dict[Any, Any]:
        """One variable a code and year, as many as the posts of a role."""
        codes = p.areas if name in ("z", "steps_coordinator") else p.territories
        return {
            (j, t): lp.add_variable(
                label(name, code, year), 0, None if most is None else float(most[j, t]), category
            )
            for j, code in enumerate(codes)
            for t, year in enumerate(p.years)
        }

    def steps(name: str, most: Floats | None) -> dict[Any, Any]:
        """Whole numbers of steps, where posts come in steps."""
        if p.step_fte == 0:
            return {}
        return each(name, None if most is None else np.floor(most / p.step_fte), "Integer")

    x_most, z_most = most or (None, None)
    supported = None if x_most is None else p.fixed_facilitators_fte[:, None] + x_most
    return Decisions(
        x=shared.x if shared else each("x", x_most),
        z=shared.z if shared else each("z", z_most),
        v=each(label(world, "v"), supported),
        k={},
        y={},
        c={
            (i, t): lp.add_variable(label(world, "c", p.territories[i], p.years[t]), 0)
            for i, t in (p.in_group_rates if contracts else ())
        },
        x_steps=steps("steps_facilitator", x_most),
        z_steps=steps("steps_coordinator", z_most),
    )


def dense(expression: Any, column: Mapping[str, int]) -> tuple[Floats, float]:
    """Coefficients of a PuLP expression by column, and its constant."""
    cost = np.zeros(len(column))
    for variable, coefficient in expression.items():
        cost[column[variable.name]] = coefficient
    return cost, float(expression.constant)
