"""``docs/proof.md``: a plan of two regions small enough to be proved by hand.

The page is ``proof_template.md`` with every number taken from a real solve, and the bound from
``proof``. Lines in its blocks are sums that a reader can do again, as ``test_proof_page`` does.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import second_statement as proof
from conftest import table_problem
from limit_arrays import arrays_of, replace

from fte_alloc.programme.objectives import Stage
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.plan import Plan, solve

TEMPLATE = Path(__file__).with_name("proof_template.md").read_text(encoding="utf-8")
NORTH, SOUTH = 0, 1


def problem() -> Problem:
    """Two regions, one kind of buyer, a budget and a limit on the posts of one region."""
    small = table_problem(
        [[(0, 10), (2, 50), (4, 70)], [(0, 6), (2, 30), (5, 48)]],
        budget=160_000.0,
        cap=10.0,
        cost_eur_per_fte=[[50_000.0]] * 2,
        grant_eur_per_fte=[[40_000.0]] * 2,
        max_new_facilitators_fte=np.array([2.0, np.inf]),
        stages=(Stage("coverage"),),
    )
    contracts = np.array([100.0, 80.0]).reshape(2, 1, 1)
    return replace(
        small,
        territories=("north", "south"),
        territory_names=("North", "South"),
        areas=("north", "south"),
        area_names=("North", "South"),
        existing_facilitators_fte=np.array([1.0, 1.0]),
        contracts_per_year=contracts,
    )


@cache
def plan() -> Plan:
    """Its best plan."""
    return solve(problem())


def eur(value: float) -> str:
    """Money, to the cent."""
    return n(round(value, 2))


def n(value: float) -> str:
    """A number with the digits it has, and no dust."""
    return f"{round(float(value), 6) + 0.0:,.6f}".rstrip("0").rstrip(".").replace("-", "−")


class Sums:
    """The bound that prices prove, each of its terms as a sum."""

    def __init__(self, prices: dict[str, float]) -> None:
        p = problem()
        self.prices = prices
        self.budget, self.most_north = prices["budget_2023"], prices["max_new_north_2023"]
        self.effort = [prices["effort_north_2023"], prices["effort_south_2023"]]
        self.grant = p.grant_eur_per_fte[0][0, 0] / 1000
        self.money, self.limit = (
            arrays_of(p).state_eur_per_year[0] / 1000,
            arrays_of(p).max_new_facilitators_fte[0],
        )
        self.fixed = p.fixed_facilitators_fte
        self.gain = proof.most_gain(p, np.ones(2), np.array(self.effort))
        self.at = [self._best(c) for c in (NORTH, SOUTH)]
        self.bound = proof.stage_bound(p, 0, prices)

    def _best(self, c: int) -> tuple[float, float]:
        """The first point of a curve where contracts less the price of effort are most."""
        curves = problem().curves
        points = zip(curves.efforts_fte[c], curves.contracts[c], strict=True)
        return max(points, key=lambda point: round(point[1] - self.effort[c] * point[0], 6))

    def posts(self) -> list[str]:
        """What one more post is still worth, its prices paid."""
        north = self.effort[NORTH] - self.budget * self.grant - self.most_north
        south = self.effort[SOUTH] - self.budget * self.grant
        of = f"{n(self.budget)} · {n(self.grant)}"
        return [
            f"North {n(self.effort[NORTH])} − {of} − {n(self.most_north)} = {n(north)}",
            f"South {n(self.effort[SOUTH])} − {of} = {n(south)}",
        ]

    def terms(self) -> list[str]:
        """Price times limit of every row with a price, and the best of every curve."""
        rows = [
            ("State budget", self.budget, self.money),
            ("most posts in North", self.most_north, self.limit),
            ("effort in North", self.effort[NORTH], self.fixed[NORTH]),
            ("effort in South", self.effort[SOUTH], self.fixed[SOUTH]),
        ]
        lines = [f"{name:<22}{n(a)} · {n(b)} = {n(a * b)}" for name, a, b in rows]
        for name, c in (("curve of North", NORTH), ("curve of South", SOUTH)):
            (k, y), price = self.at[c], self.effort[c]
            lines.append(f"{name:<22}{n(y)} − {n(price)} · {n(k)} = {n(self.gain[c])}")
        sums = [a * b for _, a, b in rows] + list(self.gain)
        return [*lines, f"{'bound':<22}{' + '.join(map(n, sums))} = {n(self.bound)}"]


def page() -> str:
    """The page, every number of it computed."""
    p, best = problem(), plan()
    document, (stage,) = best.document, best.stages
    x, y = best.evaluation.new_facilitators_fte[:, 0], best.evaluation.expected_contracts[:, 0, 0]
    k, e, money = best.evaluation.effort_fte[:, 0, 0], p.fixed_facilitators_fte, document["money"]
    names = proof.row_names(p)
    prices = {row: price for row, price in stage.duals.items() if round(price, 6) != 0}
    best_sums = Sums({row: stage.duals[row] for row in names})
    changed = {"budget_2023": 0.2, "max_new_north_2023": 2.0}
    weaker = Sums({row: changed.get(row, stage.duals[row]) for row in names})
    other = p.judge(np.array([[x[0] - 1], [x[1] + 1]]), np.zeros((2, 1)))
    other_y = other.expected_contracts[:, 0, 0]
    left = stage.bound - other.objective("coverage")
    curves = [
        ", ".join(f"{n(a)} → {n(b)}" for a, b in zip(*curve, strict=True))
        for curve in zip(p.curves.efforts_fte, p.curves.contracts, strict=True)
    ]
    slopes = [p.curves.slope(k - step) for step in (1e-6, -1e-6)]
    grant, cost = p.grant_eur_per_fte[0][0, 0], p.cost_eur_per_fte[0][0, 0]
    priced = "\n".join(f"{row:<22}{n(price)}" for row, price in sorted(prices.items()))
    return TEMPLATE.format(
        curve_north=curves[NORTH],
        curve_south=curves[SOUTH],
        n_north=n(p.contracts_per_year[0, 0, 0]),
        n_south=n(p.contracts_per_year[1, 0, 0]),
        e_north=n(e[0]),
        e_south=n(e[1]),
        grant=n(grant),
        cost=n(cost),
        budget=n(arrays_of(p).state_eur_per_year[0]),
        most=n(arrays_of(p).max_new_facilitators_fte[0]),
        x_north=n(x[0]),
        x_south=n(x[1]),
        effort_north=f"{n(e[0])} + {n(x[0])} = {n(k[0])}",
        effort_south=f"{n(e[1])} + {n(x[1])} = {n(k[1])}",
        y_north=n(y[0]),
        y_south=n(y[1]),
        between_north=between(p, NORTH, k[0]),
        between_south=between(p, SOUTH, k[1]),
        total=f"{n(y[0])} + {n(y[1])} = {n(stage.value)}",
        state=f"({n(x[0])} + {n(x[1])}) · {n(grant)} = {eur(money['state_eur'])}",
        partners=f"({n(x[0])} + {n(x[1])}) · ({n(cost)} − {n(grant)})"
        f" = {eur(money['partners_eur'])}",
        slope_north=n(slopes[1][0]),
        slope_south=n(slopes[1][1]),
        price_money=n(best_sums.budget),
        per_post=f"{n(best_sums.effort[SOUTH])} / {n(grant / 1000)} = {n(best_sums.budget)}",
        price_most=n(best_sums.most_north),
        priced=priced,
        posts="\n".join(best_sums.posts()),
        terms="\n".join(best_sums.terms()),
        bound=n(stage.bound),
        reached=n(stage.value),
        gap=f"{n(stage.bound)} − {n(stage.value)} = {n(stage.bound - stage.value)}",
        weaker_money=n(weaker.budget),
        weaker_most=n(weaker.most_north),
        weaker_posts="\n".join(weaker.posts()),
        weaker_terms="\n".join(weaker.terms()),
        weaker=n(weaker.bound),
        other=f"{n(other_y[0])} + {n(other_y[1])} = {n(other.objective('coverage'))}",
        left=f"{n(stage.bound)} − {n(other.objective('coverage'))} = {n(left)}",
        amount=n(left),
    )


def between(p: Problem, c: int, effort: float) -> str:
    """The value of a curve between two of its points, as a sum."""
    efforts, contracts = p.curves.efforts_fte[c], p.curves.contracts[c]
    m = max(j for j in range(len(efforts)) if efforts[j] <= effort + 1e-9)
    slope = (contracts[m + 1] - contracts[m]) / (efforts[m + 1] - efforts[m])
    value = p.curves.value(np.array([[effort]] * 2))[c, 0]
    return f"{n(contracts[m])} + {n(slope)} · ({n(effort)} − {n(efforts[m])}) = {n(value)}"
