"""Programmes of any kind, written in PuLP and solved: by the product's own door, and by CBC."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pulp
from pulp.apis.coin_api import pulp_cbc_path

from fte_alloc.lp.certificate import DUST, lower_bound
from fte_alloc.lp.conflict import conflicting
from fte_alloc.lp.matrix import Matrix
from fte_alloc.lp.piecewise import Pieces
from fte_alloc.lp.solving import CheckedProgramme, refuse_lost
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.statement import Programme, label


@dataclass(frozen=True)
class Outcome:
    """What was found, by name."""

    status: str
    objective: float = math.nan
    values: dict[str, float] = field(default_factory=dict)
    prices: dict[str, float] = field(default_factory=dict)
    bound: float = math.nan
    proved: bool = False


def solve(problem: pulp.LpProblem) -> Outcome:
    """By the product's own door, as ``inverse`` and ``conflict`` do."""
    matrix = Matrix.of(problem)
    refuse_lost(matrix)
    answer = CheckedProgramme(matrix).checked()
    prices = dict(zip(matrix.rows, answer.prices.tolist(), strict=False))
    whole = matrix.integer.any() or answer.status != "optimal"
    return Outcome(
        answer.status,
        answer.objective,
        dict(zip(matrix.columns, answer.values.tolist(), strict=False)),
        prices,
        answer.bound if whole else bound(problem, prices),
        answer.proved,
    )


def solve_with_cbc(problem: pulp.LpProblem) -> Outcome:
    """A second opinion; its signs of prices are the problem's already."""
    problem.solve(pulp.COIN_CMD(path=pulp_cbc_path, msg=False))
    status = {pulp.LpSolutionOptimal: "optimal", pulp.LpSolutionInfeasible: "infeasible"}
    if problem.sol_status != pulp.LpSolutionOptimal:
        return Outcome(status[problem.sol_status])
    return Outcome(
        "optimal",
        float(pulp.value(problem.objective) or 0.0),
        {v.name: v.varValue or 0.0 for v in problem.variables()},
        {c.name: c.pi or 0.0 for c in problem.constraints()},
    )


SOLVERS = {"highs": solve, "cbc": solve_with_cbc}


def bound(problem: pulp.LpProblem, prices: Mapping[str, float]) -> float:
    """What prices by name prove."""
    m = Matrix.of(problem)
    least = replace(m, maximise=False, cost=-m.sign * m.cost, constant=-m.sign * m.constant)
    by_row = np.array([prices.get(name, 0.0) for name in m.rows])
    return -m.sign * lower_bound(least, -m.sign * by_row, DUST)[0]


@dataclass(frozen=True)
class Conflict:
    """Sides that contradict each other: of rows by name, of columns as pairs."""

    sides: dict[str, str]
    bounds: tuple[tuple[str, str], ...]


SIDES = {(True, False): "lower", (False, True): "upper", (True, True): "both"}


def conflict_in(problem: pulp.LpProblem) -> Conflict:
    """The conflict of a problem, each side by its name."""
    matrix = Matrix.of(problem)
    cuts = np.cumsum([len(matrix.rows), len(matrix.rows), len(matrix.columns)])
    row_lower, row_upper, lower, upper = np.split(conflicting(matrix), cuts)
    rows = zip(matrix.rows, row_lower, row_upper, strict=True)
    columns = zip(matrix.columns, lower, upper, strict=True)
    return Conflict(
        {
            n: "both" if low and up else "lower" if low else "upper"
            for n, low, up in rows
            if low or up
        },
        tuple(
            (name, side)
            for name, low, up in columns
            for side, needed in (("lower", low), ("upper", up))
            if needed
        ),
    )


def write_pieces(p: Problem, programme: Programme, pieces: Pieces) -> None:
    """Complete a programme with its curves as rows, so that any solver can read it.

    k_ist = Σ f_istm and y_ist ≤ G(0) + Σ slope_m f_istm, 0 ≤ f_istm ≤ length_m.
    """
    lp, d = programme.lp, programme.decisions
    for c, (i, t, s) in enumerate(d.k):
        where = (p.territories[i], p.segments[s], p.years[t])
        filled = [
            (lp.add_variable(label("f", *where, m), 0, length), slope)
            for m, (slope, length) in enumerate(
                zip(pieces.slopes[c].tolist(), pieces.lengths[c].tolist(), strict=True)
            )
            if length > 0
        ]
        spent, gained = pulp.lpSum(f for f, _ in filled), pulp.lpSum(s * f for f, s in filled)
        lp += d.k[i, t, s] - spent == 0, label("filled", *where)
        lp += d.y[i, t, s] - gained <= float(pieces.start[c]), label("curve", *where)
