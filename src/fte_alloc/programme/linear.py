"""A problem as a linear programme: its variables, its rows by name, and both as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pulp

from fte_alloc.lp.matrix import Floats, Matrix
from fte_alloc.lp.piecewise import Links
from fte_alloc.programme.data import COORDINATOR, FACILITATOR, ROLES
from fte_alloc.programme.limits import Limit, label
from fte_alloc.programme.problem import Problem

#: Variables by the numbers of their place, year and kind of buyer.
Variables = dict[tuple[int, ...], Any]


@dataclass(frozen=True, eq=False)
class Decisions:
    """The variables [FTE, contracts/yr]: x, z, v, k, y as in the mathematics, by index.

    c : most contracts of a territory, where contracts stand for efforts; else empty
    steps : whole numbers of steps by role; empty where posts are continuous

    Territories are numbered i, areas a, segments s, years t, all in code order.
    """

    x: Variables
    z: Variables
    v: Variables
    k: Variables
    y: Variables
    c: Variables
    steps: dict[str, Variables]

    def posts(self, role: str) -> Variables:
        """New posts of a role, x or z."""
        return self.x if role == FACILITATOR else self.z


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


class Arrays:
    """A programme as arrays.

    matrix : its rows and columns
    x, z : columns of the posts; links : columns of k and y
    objectives : cost of every column, and constant, by name
    """

    def __init__(self, programme: Programme) -> None:
        d = programme.decisions
        self.matrix = Matrix.of(programme.lp, [*d.k.values(), *d.y.values()])
        column = {name: j for j, name in enumerate(self.matrix.columns)}
        self.x, self.z, k, y = (
            np.array([column[variable.name] for variable in of.values()], dtype=np.int32)
            for of in (d.x, d.z, d.k, d.y)
        )
        self.links = Links(self.matrix, k, y)
        self.objectives: dict[str, tuple[Floats, float]] = {}
        for name, expression in programme.objectives.items():
            cost = np.zeros(len(column))
            for variable, coefficient in expression.items():
                cost[column[variable.name]] = coefficient
            self.objectives[name] = cost, float(expression.constant)


def decide(
    p: Problem,
    lp: pulp.LpProblem,
    most: tuple[Floats, Floats] | None,
    prefix: str | None = None,
    shared: Decisions | None = None,
    counted: Sequence[tuple[int, int]] = (),
) -> Decisions:
    """The variables, each with a finite limit.

    most : limits of x and z; None: no variable has a limit, and c stands in for k and y
    counted : where, and when
    prefix, shared : what the names of a scenario's variables begin with, and whose posts it shares
    """

    def each(name: str, role: str, most: Floats, kind: str = "Continuous") -> Variables:
        """One variable a place of a role and year."""
        return {
            (j, t): lp.add_variable(
                label(name, p.codes[role][j], p.years[t]),
                0,
                float(bound) if bound < np.inf else None,
                kind,
            )
            for (j, t), bound in np.ndenumerate(most)
        }

    def each_curve(name: str, most: Floats) -> Variables:
        """One variable a curve."""
        return {
            (i, t, s): lp.add_variable(
                label(prefix, name, p.territories[i], p.segments[s], p.years[t]), 0, float(bound)
            )
            for (i, t, s), bound in np.ndenumerate(most)
        }

    x_most, z_most = most or (of + np.inf for of in p.zeros())
    x = shared.x if shared else each("x", FACILITATOR, x_most)
    z = shared.z if shared else each("z", COORDINATOR, z_most)
    v = each(label(prefix, "v"), FACILITATOR, p.fixed_facilitators_fte[:, None] + x_most)
    steps = dict(shared.steps) if shared else {}
    for role, of, step in zip(ROLES, (x_most, z_most), p.steps_fte, strict=True):
        if step > 0 and not shared:
            steps[role] = each(f"steps_{role}", role, np.floor(of / step), "Integer")
    if most is None:
        c: Variables = {
            (i, t): lp.add_variable(label(prefix, "c", p.territories[i], p.years[t]), 0)
            for i, t in counted
        }
        return Decisions(x, z, v, {}, {}, c, steps)
    effort_most = np.repeat(p.most_effort_fte[:, :, None], len(p.segments), axis=2)
    k, y = each_curve("k", effort_most), each_curve("y", p.most_contracts)
    return Decisions(x, z, v, k, y, {}, steps)


def write(
    lp: pulp.LpProblem,
    rows: Iterable[tuple[Limit | Structure, Any]],
    prefix: str | None = None,
    standing: set[Any] | None = None,
) -> dict[str, Limit | Structure]:
    """Write rows into a programme: what each is, by its name.

    prefix : what the names of rows begin with
    standing : rows of other scenarios, which are not written again; those written are added
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
