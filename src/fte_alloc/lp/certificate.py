"""The bound that prices prove, by arithmetic alone (weak duality; numpy, no solver).

For a maximisation max c·x, A x ≤ b, l ≤ x ≤ u and any prices y ≥ 0,
c·x ≤ y·b + Σ_j max(d_j l_j, d_j u_j) with reduced costs d = c − Aᵀy. Prices of the wrong sign are
clipped to 0 first, so that prices, however wrong, never prove a false bound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fte_alloc.lp.matrix import Floats, Matrix, row_sizes
from fte_alloc.lp.piecewise import Links

#: A reduced cost this small, relative to its terms, is rounding where a variable has no limit.
DUST = 1e-9
#: A point may break a limit by this much, relative to the size of the row.
TOUCH = 1e-8
#: A reduced cost, a price next to the others or a bound this small, next to its terms, is rounding.
ROUNDING = 1e-12
#: Plan and prices agree where they differ by at most this share of the sum of the absolute terms of
#: the objective, or of 1.
AGREED = 1e-9
#: The solver may break any limit by this much.
PASSED = 2e-9

Mask = NDArray[np.bool_]


def concave_bound(
    matrix: Matrix, prices: Floats, links: Links, most: Callable[[Floats, Floats], Floats]
) -> float:
    """The bound that prices prove on a programme with concave links y_c ≤ G_c(k_c).

    Lagrangian duality needs no pieces: with W_c the reduced cost of y_c and π_c that of −k_c, a
    curve adds at most sup_k (W_c G_c(k) − π_c k), which *most* gives of all curves for W and π.
    """
    constant, worth, price, reduced = link_terms(matrix, prices, links)
    lower, upper = matrix.lower[links.rest], matrix.upper[links.rest]
    limit = np.where(reduced > 0, upper, np.where(reduced < 0, lower, 0.0))
    return constant + matrix.sign * float((reduced * limit).sum() + most(worth, price).sum())


def link_terms(
    matrix: Matrix, prices: Floats, links: Links
) -> tuple[float, Floats, Floats, Floats]:
    """Constant y·b + c₀, W, π and the reduced costs of the other columns, as for a maximum.

    The sign of a row's price tells which side the price multiplies; a price of a side that the row
    does not have is clipped to 0. Reduced costs are c − Aᵀy.
    """
    toward_upper = prices > 0 if matrix.maximise else prices < 0
    limit = np.where(toward_upper, matrix.row_upper, matrix.row_lower)
    legal = np.where(np.isfinite(limit), prices, 0.0)
    constant = matrix.constant + float((legal * np.where(legal == 0, 0.0, limit)).sum())
    worth = matrix.sign * (matrix.cost - matrix.transpose_times(legal))
    return constant, worth[links.y], -worth[links.k], worth[links.rest]


def is_optimal(matrix: Matrix, values: Floats, prices: Floats) -> bool:
    """Whether values satisfy a programme, and prices prove that no other values are better.

    The test is summed complementary slackness: every price times the slack of its row, every
    reduced cost times the slack of its variable's limit. NaN is never optimal.
    """
    has_prices = len(prices) == len(matrix.rows) and np.isfinite(prices).all()
    if not has_prices or not satisfies(matrix, values):
        return False
    reduced = matrix.cost - matrix.transpose_times(prices)
    worth = matrix.sign * np.append(prices, reduced)
    at = np.append(matrix.times(values), values)
    most = np.append(matrix.row_upper, matrix.upper)
    limit = np.where(worth > 0, most, np.append(matrix.row_lower, matrix.lower))
    counts = worth != 0
    endless = counts & ~np.isfinite(limit)
    counts &= ~endless
    room = PASSED + 1e-14 * np.abs(limit[counts])
    away = np.maximum(0.0, np.abs(limit[counts] - at[counts]) - room)
    apart = (np.abs(worth[counts]) * away).sum()
    agreed = AGREED * max(1.0, np.abs(matrix.cost * values).sum())
    unlimited = np.abs(worth[endless])  # without a limit, only rounding is allowed
    if apart <= agreed and np.all(unlimited <= TOUCH):
        return True
    # The absolute terms of each price and of each reduced cost.
    spent = np.abs(matrix.cost) + matrix.sizes().transpose_times(np.abs(prices))
    terms = np.append(np.abs(prices), spent)
    is_rounding = np.all(unlimited <= TOUCH * np.maximum(1.0, terms[endless]))
    return bool(is_rounding and apart <= agreed + ROUNDING * (terms[counts] * away).sum())


def is_contradiction(matrix: Matrix, prices: Floats) -> bool:
    """Whether prices prove by arithmetic that no point satisfies a programme (Farkas).

    For the sum of rows weighted by the prices, the least that the limits of the variables allow is
    more than the limits of the rows allow. Crossed limits need no prices.
    """
    if np.any(matrix.row_lower > matrix.row_upper) or np.any(matrix.lower > matrix.upper):
        return True
    if len(prices) != len(matrix.rows) or not np.isfinite(prices).all():
        return False
    nothing = replace(matrix, maximise=False, cost=np.zeros(len(matrix.columns)), constant=0.0)
    bounds = (lower_bound(nothing, signed) for signed in (prices, -prices))
    return any(bound > rounding for bound, rounding, _ in bounds)


def satisfies(matrix: Matrix, values: Floats) -> bool:
    """Whether a point satisfies a programme, by arithmetic; False for a wrong number of values.

    Each row r may be broken by TOUCH · max(max_j |a_rj|, Σ_j |a_rj x_j|), or all rows by TOUCH.
    """
    if len(values) != len(matrix.columns):
        return False
    activity = matrix.times(values)
    beyond = np.maximum(matrix.row_lower - activity, activity - matrix.row_upper)
    rows = beyond <= TOUCH
    if not rows.all():  # sizes are only computed where they decide
        terms = matrix.sizes().times(np.abs(values))
        rows = beyond <= TOUCH * np.maximum(row_sizes(matrix), terms)
    room = TOUCH * np.maximum(1.0, np.abs(values))
    columns = (values >= matrix.lower - room) & (values <= matrix.upper + room)
    whole = ~matrix.integer | (np.abs(values - np.round(values)) <= room)
    return bool(rows.all() and columns.all() and whole.all())


def lower_bound(
    matrix: Matrix, prices: Floats, dust: float = ROUNDING
) -> tuple[float, float, Mask]:
    """Lower bound that prices prove on a minimised objective, by arithmetic (weak duality).

    dust : a reduced cost this small, relative to its terms, counts as 0 where its variable has no
        limit; a larger one makes the bound infinite, which proves nothing

    Returns the bound, how much of it may be rounding, and the mask of the sides that it uses.
    """
    rows, columns = len(matrix.rows), len(matrix.columns)
    limits = np.concatenate([matrix.row_lower, matrix.row_upper, matrix.lower, matrix.upper])
    pressed = np.where(prices > 0, matrix.row_lower, matrix.row_upper)
    weights = np.where(np.isfinite(pressed), np.abs(prices) * row_sizes(matrix), 0.0)
    prices = np.where(weights > ROUNDING * weights.max(initial=0.0), prices, 0.0)
    terms = matrix.sizes().transpose_times(np.abs(prices))
    reduced = matrix.cost - matrix.transpose_times(prices)
    speck = np.abs(reduced) <= dust * np.maximum(np.abs(matrix.cost), terms)
    worth = np.concatenate([prices, prices, reduced, reduced])
    used = np.where(lower_sides(rows, columns), worth > 0, worth < 0)
    rounded = np.concatenate([np.zeros(2 * rows, bool), speck, speck])
    counts = used & ~(rounded & ~np.isfinite(limits))  # a speck counts where its limit is known
    parts = worth[counts] * limits[counts]
    bound, rounding = matrix.constant + parts.sum(), ROUNDING * np.abs(parts).sum()
    return float(bound), float(rounding), used & ~rounded


def lower_sides(rows: int, columns: int) -> Mask:
    """Mask of the lower limits among the limits of rows and columns, in the order of ``Sides``."""
    return np.repeat([True, False, True, False], [rows, rows, columns, columns])
