"""A problem as a linear programme: its variables, its rows by name, and both as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pulp

from fte_alloc.lp.matrix import Floats, Matrix, label
from fte_alloc.lp.piecewise import Links
from fte_alloc.programme.data import FACILITATOR
from fte_alloc.programme.limits import EUR_PER_KEUR, Limit
from fte_alloc.programme.problem import Problem

#: Factor from the programme's unit of an objective to the unit in ``Evaluation.objective``.
UNIT = {"state_cost": EUR_PER_KEUR}
#: Variables by the numbers of their place, year and kind of buyer.
Variables = dict[tuple[int, ...], Any]


@dataclass(frozen=True, eq=False)
class Decisions:
    """Variables x, z, v, k [FTE] and y [contracts/yr] of ``docs/mathematics.md``, by index.

    c : contracts of (i, t) in the programme of posts alone, which has no k and y; else empty
    steps : whole numbers of steps by role; empty where posts are continuous
    """

    x: Variables
    z: Variables
    v: Variables
    k: Variables
    y: Variables
    c: Variables
    steps: dict[str, Variables]

    def posts(self, role: str) -> Variables:
        """Variables of the new posts of a role, x or z."""
        return self.x if role == FACILITATOR else self.z


class Structure(NamedTuple):
    """Label of a row that is no limit of a user: it links posts, support and effort."""

    name: str
    code: str | None
    year: int
    number: int | None = None

    @property
    def row(self) -> str:
        """Name of the row in the programme."""
        return label(*self)


@dataclass(frozen=True, eq=False)
class Programme:
    """A problem written as a linear programme, before an objective is chosen.

    lp, decisions : the ``pulp.LpProblem``; its variables
    objectives, rows : expression of each objective; limit or structure of each row; by name
    """

    lp: pulp.LpProblem
    decisions: Decisions
    objectives: dict[str, Any]
    rows: dict[str, Limit | Structure]


class Arrays:
    """A linear programme as arrays: its matrix, the columns x and z of posts, the links of k and y.

    objectives : cost of every column, and constant, by name of the objective, in its unit
    """

    def __init__(self, programme: Programme) -> None:
        d = programme.decisions
        self.matrix = Matrix.of(programme.lp, [*d.k.values(), *d.y.values()])
        column = {name: j for j, name in enumerate(self.matrix.columns)}
        names = ([variable.name for variable in of.values()] for of in (d.x, d.z, d.k, d.y))
        self.x, self.z, k, y = (np.array([column[n] for n in of], dtype=np.int32) for of in names)
        self.links = Links(self.matrix, k, y)
        self.objectives: dict[str, tuple[Floats, float]] = {}
        for name, expression in programme.objectives.items():
            cost, unit = np.zeros(len(column)), UNIT.get(name, 1.0)
            for variable, coefficient in expression.items():
                cost[column[variable.name]] = unit * coefficient
            self.objectives[name] = cost, unit * float(expression.constant)


def minimised_programme(name: str) -> pulp.LpProblem:
    """An empty ``pulp.LpProblem``, to be minimised."""
    return pulp.LpProblem(name, pulp.LpMinimize)


def add_decisions(
    p: Problem,
    lp: pulp.LpProblem,
    most: tuple[Floats, Floats] | None,
    prefix: str | None = None,
    shared: Decisions | None = None,
    counted: Sequence[tuple[int, int]] = (),
) -> Decisions:
    """Add the variables of a problem to a programme, each with a finite limit.

    most : upper limits of x and z; None: no variable has a limit, and c takes the place of k, y
    counted : the (i, t) that have a variable c
    prefix, shared : prefix of the names of a scenario's variables; decisions whose posts it shares
    """

    def each(name: str, most: Floats, *codes: Sequence[str], kind: str = "Continuous") -> Variables:
        """One variable for every number in *most*; its axes are places, years, kinds of buyer."""
        variables = {}
        for key, bound in np.ndenumerate(most):
            j, t, *s = key
            of = (codes[0][j], *(codes[1][n] for n in s), p.years[t])
            upper = float(bound) if bound < np.inf else None
            variables[key] = lp.add_variable(label(name, *of), 0, upper, kind)
        return variables

    x_most, z_most = most or (of + np.inf for of in p.zeros())
    x = shared.x if shared else each("x", x_most, p.territories)
    z = shared.z if shared else each("z", z_most, p.areas)
    v_most = p.fixed_facilitators_fte[:, None] + x_most
    v = each(label(prefix, "v"), v_most, p.territories)
    steps = dict(shared.steps) if shared else {}
    for (role, codes), of, step in zip(p.codes.items(), (x_most, z_most), p.steps_fte, strict=True):
        if step > 0 and not shared:
            steps[role] = each(f"steps_{role}", np.floor(of / step), codes, kind="Integer")
    if most is None:
        c: Variables = {
            (i, t): lp.add_variable(label(prefix, "c", p.territories[i], p.years[t]), 0)
            for i, t in counted
        }
        return Decisions(x, z, v, {}, {}, c, steps)
    effort_most = np.repeat(p.most_effort_fte[:, :, None], len(p.segments), axis=2)
    k = each(label(prefix, "k"), effort_most, p.territories, p.segments)
    y = each(label(prefix, "y"), p.most_contracts, p.territories, p.segments)
    return Decisions(x, z, v, k, y, {}, steps)


def write_rows(
    lp: pulp.LpProblem,
    rows: Iterable[tuple[Limit | Structure, Any]],
    prefix: str | None = None,
    standing: set[Any] | None = None,
) -> dict[str, Limit | Structure]:
    """Add rows to a programme; returns the limit or structure of each, by name of the row.

    standing : rows that scenarios have in common, which are written once; new ones are added
    """
    written = {}
    for of, row in rows:
        if standing is not None:
            terms = frozenset((v.name, coefficient) for v, coefficient in row.items())
            if (row.sense, row.constant, terms) in standing:
                continue
            standing.add((row.sense, row.constant, terms))
        name = label(prefix, of.row)
        lp += row, name
        written[name] = of
    return written
