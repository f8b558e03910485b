"""Exact optima of programmes with concave links, by Newton's method from a near guess.

At an optimum of

    maximise c·u + a·k + Σ_c w_c G_c(k_c)  subject to  A u + B k within limits, k ≥ 0

every row has a price p:

    c − Aᵀp = 0 for every u between its limits      w G′(k) + a − Bᵀp = 0 for every k above 0

while the rows that press are met exactly. Newton's method on these equations settles what pieces of
the curves leave open. A limit that is passed begins to press, one whose price has the wrong sign
ceases to (primal-dual active sets: Hintermüller, Ito & Kunisch 2003).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fte_alloc.lp.matrix import Floats, Integers, Matrix
from fte_alloc.lp.piecewise import Links

#: Most steps, and the length of a step that ends the search, in the unit of k: each step squares
#: the error.
MOST_STEPS, SETTLED = 20, 1e-4
#: A value this near a limit lies on it; a limit may be exceeded by this much.
NEAR, PASSED = 1e-8, 1e-10
#: Prices below this share of the greatest marginal worth are rounding.
ROUNDING = 1e-10
#: Regularisation of the prices in a step: rows that state the same limit twice share its price.
REGULARISED = 1e-9
#: A limit with a price below this, relative to the greatest, may be left at no loss.
TIED = 1e-7


@dataclass(frozen=True, eq=False)
class Optimum:
    """An optimum: values of columns, prices of rows, and whether no other plan is as good."""

    values: Floats
    prices: Floats
    is_unique: bool


class Conditions:
    """The equations that an optimum of a maximisation satisfies.

    matrix, links : the programme, without G(k) in its rows; ``solve`` reads limits and costs anew
    shape : function that gives value, slope and second derivative of every curve, each (C,)
    """

    def __init__(
        self, matrix: Matrix, links: Links, shape: Callable[[Floats], tuple[Floats, Floats, Floats]]
    ) -> None:
        self.matrix, self.links, self.shape = matrix, links, shape
        dense = np.zeros((len(matrix.rows), len(matrix.columns)))
        dense[matrix.row, matrix.index] = matrix.value
        # A row over a single u is a limit on this u.
        entries = (dense != 0).sum(axis=1)
        plain = (dense[:, links.rest] != 0).sum(axis=1)
        self.single: Integers = np.flatnonzero((entries == 1) & (plain == 1)).astype(np.int32)
        self.rows: Integers = np.flatnonzero((entries > 1) | (plain < entries)).astype(np.int32)
        self.of = np.argmax(dense[np.ix_(self.single, links.rest)] != 0, axis=1)
        self.factor = dense[self.single, links.rest[self.of]]
        self.u, self.k = (dense[np.ix_(self.rows, columns)] for columns in (links.rest, links.k))

    def solve(self, values: Floats, prices: Floats) -> Optimum | None:
        """The optimum near a guess of all values and prices; None where the search fails."""
        m, links = self.matrix, self.links
        low, high = self._limits()
        least, most = m.row_lower[self.rows], m.row_upper[self.rows]
        cost_u, cost_k, cost_y = m.cost[links.rest], m.cost[links.k], m.cost[links.y]
        rounding = ROUNDING * max(1.0, float(np.abs(cost_y).max(initial=0.0)))
        u = np.clip(values[links.rest], low, high)
        k, price = np.maximum(values[links.k], 0.0), prices[self.rows]
        # −1 on the lower limit, 1 on the upper, 0 between.
        at = np.where(u <= low + NEAR, -1, np.where(u >= high - NEAR, 1, 0))
        u = np.where(at < 0, low, np.where(at > 0, high, u))
        equal = least == most
        on = np.where(equal, 1, np.where(np.abs(price) > rounding, np.sign(price), 0)).astype(int)
        idle = k <= 0
        for _ in range(MOST_STEPS):
            _, slope, bend = self.shape(k)
            with np.errstate(divide="ignore"):
                give = np.where(idle, 0.0, 1.0 / (cost_y * bend))
            if not (give <= 0).all() or give.min(initial=0.0) == -np.inf:
                return None  # a flat curve leaves its effort open
            marginal = cost_y * slope + cost_k - price @ self.k
            free, active = np.flatnonzero(at == 0), np.flatnonzero(on)
            used = self.u @ u + self.k @ k
            step = _step(
                self.u[np.ix_(active, free)],
                self.k[active],
                give,
                marginal,
                (np.where(on > 0, most, least) - used)[active],
                (cost_u - price @ self.u)[free],
            )
            if step is None:
                return None
            by_row, by_u, by_curve = step
            price[active] += by_row
            u[free] += by_u
            k = k + by_curve
            moved = max(abs(by_curve).max(initial=0.0), abs(by_u).max(initial=0.0))

            gain = cost_u - price @ self.u
            used = self.u @ u + self.k @ k
            loose = at * gain < -rounding
            below, above = u < low - PASSED, u > high + PASSED
            slack = (on * price < -rounding) & ~equal
            under, over = used < least - PASSED, used > most + PASSED
            wake, spent = idle & (marginal > rounding), k < 0
            changes = (loose | below | above, slack | under | over, wake | spent)
            if not any(change.any() for change in changes):
                if moved <= SETTLED:
                    break
                continue
            at = np.where(loose, np.where(low < high, 0, -at), at)
            at = np.where(below, -1, np.where(above, 1, at))
            on = np.where(slack, 0, on)
            on = np.where(over & (on == 0), 1, np.where(under & (on == 0), -1, on))
            idle = (idle & ~wake) | spent
            u = np.where(at < 0, low, np.where(at > 0, high, u))
            price, k = np.where(on == 0, 0.0, price), np.where(idle, 0.0, k)
        else:
            return None
        found, all_prices = np.zeros(len(m.columns)), np.zeros(len(m.rows))
        found[links.rest], found[links.k], found[links.y] = u, k, self.shape(k)[0]
        all_prices[self.rows] = price
        # The gain of a u at a limit is the price of the row that is this limit, if any.
        upper = at[self.of] * self.factor > 0
        side = np.where(upper, m.row_upper[self.single], m.row_lower[self.single])
        holds = (at * gain)[self.of] > 0
        holds &= np.abs(side - u[self.of] * self.factor) <= NEAR
        _, once = np.unique(self.of[holds], return_index=True)
        rows = np.flatnonzero(holds)[once]
        all_prices[self.single[rows]] = gain[self.of[rows]] / self.factor[rows]
        tied = TIED * max(1.0, float(np.abs(price).max(initial=0.0)))
        pressing = np.abs(price) > tied
        loose = (at == 0) | ((np.abs(gain) <= tied) & (low < high))
        is_unique = not np.any((on != 0) & ~pressing) and not np.any(loose & (at != 0))
        if not is_unique:
            # Curves bend: only a change of loose u that moves no pressing row could be as good.
            felt = self.u[np.ix_(pressing, loose)]
            is_unique = bool(np.linalg.matrix_rank(felt) == felt.shape[1])
        return Optimum(found, all_prices, is_unique)

    def sensitivities(self, optimum: Optimum, change: Floats) -> Floats | None:
        """Rates of change of the optimal values when costs change at given rates, (columns,).

        change : rates of the costs of the concave links, (C,)

        What has no price at a limit stays there. Returns None where the equations have no solution.
        """
        m, links = self.matrix, self.links
        u, k, price = optimum.values[links.rest], optimum.values[links.k], optimum.prices[self.rows]
        low, high = self._limits()
        free = np.flatnonzero((low < u) & (u < high))
        active = np.flatnonzero((price != 0) | (m.row_lower == m.row_upper)[self.rows])
        _, slope, bend = self.shape(k)
        used = (k > 0) & (bend < 0)
        give = np.where(used, 1.0 / np.where(used, m.cost[links.y] * bend, 1.0), 0.0)
        still = np.zeros(len(active)), np.zeros(len(free))
        effects = self.u[np.ix_(active, free)], self.k[active]
        step = _step(*effects, give, change * slope, *still)
        if step is None:
            return None
        rates = np.zeros(len(m.columns))
        rates[links.rest[free]], rates[links.k] = step[1:]
        return rates

    def _limits(self) -> tuple[Floats, Floats]:
        """Limits of every u, tightened by the rows that contain only this u."""
        m, columns = self.matrix, self.links.rest
        low, high = m.lower[columns], m.upper[columns]
        sides = np.stack([m.row_lower[self.single], m.row_upper[self.single]]) / self.factor
        np.maximum.at(low, self.of, sides.min(axis=0))
        np.minimum.at(high, self.of, sides.max(axis=0))
        return low, high


def _step(
    effect_u: Floats, effect_k: Floats, give: Floats, marginal: Floats, short: Floats, gain: Floats
) -> tuple[Floats, Floats, Floats] | None:
    """Newton step of the prices of active rows, of the free u and of k; None if it is not finite.

    effect_u, effect_k : change of each row per unit of each variable, (rows, free), (rows, C)
    give : change of k per unit of marginal worth, (C,); short : distance of each row to its limit
    marginal, gain : worth of one more k, and of one more free u; the step brings both to 0
    """
    rows, free = effect_u.shape
    system = np.zeros((rows + free, rows + free))
    system[:rows, :rows] = (effect_k * give) @ effect_k.T
    system[range(rows), range(rows)] -= REGULARISED
    system[:rows, rows:] = effect_u
    system[rows:, :rows] = effect_u.T
    try:
        step = np.linalg.solve(system, np.concatenate([short + effect_k @ (give * marginal), gain]))
    except np.linalg.LinAlgError:
        return None
    if not np.isfinite(step).all():
        return None
    return step[:rows], step[rows:], give * (step[:rows] @ effect_k - marginal)
