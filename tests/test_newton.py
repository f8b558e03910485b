"""Newton's method on the conditions of an optimum: cases with known answers, and refusals."""

from __future__ import annotations

import math

import numpy as np
import pulp
import pytest

from fte_alloc.lp.certificate import concave_bound
from fte_alloc.lp.matrix import Matrix
from fte_alloc.lp.newton import Conditions
from fte_alloc.lp.piecewise import Links

WORTH = np.array([100.0, 50.0])


def shape(k):
    """w (1 − e^{−k}) of two curves."""
    left = np.exp(-k)
    return WORTH * (1 - left), WORTH * left, -WORTH * left


class Two:
    """Maximise G_1(k_1) + G_2(k_2) + cost·(u, v) with k_1 + k_2 ≤ u + v, u ≤ most, u + v ≤ 2."""

    def __init__(self, most=9.0, cost=(0.0, 0.0)):
        lp = pulp.LpProblem("two", pulp.LpMaximize)
        u, v = (lp.add_variable(name, 0, 9) for name in "uv")
        k, y = ([lp.add_variable(f"{name}{c}", 0, 99) for c in (1, 2)] for name in "ky")
        lp += k[0] + k[1] <= u + v, "effort"
        lp += u <= most, "most"
        lp += u + v <= 2, "total"
        lp += y[0] + y[1] + cost[0] * u + cost[1] * v
        self.matrix = Matrix.of(lp, [*k, *y])
        self.at = {name: j for j, name in enumerate(self.matrix.columns)}
        self.row = {name: r for r, name in enumerate(self.matrix.rows)}
        columns = [np.array([self.at[f"{n}{c}"] for c in (1, 2)], dtype=np.int32) for n in "ky"]
        self.links = Links(self.matrix, *columns)

    def solve(self, guess=None, prices=None):
        values, row_prices = np.zeros(len(self.at)), np.zeros(len(self.row))
        for name, value in (guess or {}).items():
            values[self.at[name]] = value
        for name, price in (prices or {}).items():
            row_prices[self.row[name]] = price
        return Conditions(self.matrix, self.links, shape).solve(values, row_prices)

    def bound(self, prices):
        def most(worth, price):
            k = np.log(np.maximum(WORTH * worth / np.maximum(price, 1e-300), 1.0))
            return worth * WORTH * (1 - np.exp(-k)) - price * k

        return concave_bound(self.matrix, prices, self.links, most)


NEAR = {"u": 1.5, "v": 0.5, "k1": 1.2, "k2": 0.8}
PRICES = {"effort": 20.0, "total": 20.0}


def test_effort_is_split_where_both_curves_are_as_steep():
    """100 e^{−k₁} = 50 e^{−k₂} and k₁ + k₂ = 2: k₁ = 1 + ln 2 / 2, price 100 e^{−k₁}."""
    two = Two(cost=(1.0, 0.0))
    found = two.solve({**NEAR, "v": 0.0, "u": 2.0}, PRICES)
    k1 = 1 + math.log(2) / 2
    assert found.values[two.at["k1"]] == pytest.approx(k1, rel=1e-12)
    assert found.values[two.at["k2"]] == pytest.approx(2 - k1, rel=1e-12)
    assert found.prices[two.row["effort"]] == pytest.approx(100 * math.exp(-k1), rel=1e-9)
    assert found.values[two.at["y1"]] == pytest.approx(100 * (1 - math.exp(-k1)), rel=1e-12)
    assert found.is_unique
    value = float(two.matrix.cost @ found.values)
    assert two.bound(found.prices) == pytest.approx(value, rel=1e-12)


def test_a_limit_on_one_column_alone_has_its_price():
    """u costs nothing, v costs 1: u is taken to its limit 1.2, whose price is that 1."""
    two = Two(most=1.2, cost=(0.0, -1.0))
    found = two.solve({"u": 1.2, "v": 0.8, "k1": 1.2, "k2": 0.8}, PRICES)
    assert found.values[two.at["u"]] == 1.2
    assert found.values[two.at["v"]] == pytest.approx(0.8, rel=1e-12)
    assert found.prices[two.row["most"]] == pytest.approx(1.0, rel=1e-9)
    assert found.is_unique


def test_a_wrong_guess_of_what_presses_is_mended():
    """The guess has no v and says that no row presses but the effort's."""
    two = Two(most=1.2, cost=(0.0, -1.0))
    found = two.solve({"u": 1.2, "v": 0.0, "k1": 0.8, "k2": 0.4}, {"effort": 30.0})
    right = two.solve({"u": 1.2, "v": 0.8, "k1": 1.2, "k2": 0.8}, PRICES)
    assert found is not None
    assert found.values == pytest.approx(right.values, abs=1e-8)
    assert found.prices == pytest.approx(right.prices, abs=1e-6)


def test_a_curve_worth_no_effort_gets_none():
    """A price of effort above 50 e⁰ leaves nothing for the second curve."""
    two = Two(cost=(1.0, 0.0))
    two.matrix.row_upper[two.row["total"]] = 0.5
    found = two.solve({"u": 0.5, "v": 0.0, "k1": 0.4, "k2": 0.1}, {"effort": 55.0, "total": 55.0})
    assert found.values[two.at["k2"]] == 0.0
    assert found.values[two.at["k1"]] == pytest.approx(0.5, rel=1e-12)


def test_plans_as_good_are_told():
    """u and v do the same at the same cost: any split of the two is as good."""
    found = Two().solve({**NEAR, "v": 0.0, "u": 2.0}, PRICES)
    assert found is None or not found.is_unique


def test_flat_curves_are_left_to_others():
    two = Two()
    two.matrix.cost[:] = 0.0
    assert two.solve(NEAR, PRICES) is None


def test_a_hopeless_guess_is_given_up():
    assert Two(cost=(1.0, 0.0)).solve({"k1": 1e6, "k2": 1e6}, PRICES) is None
