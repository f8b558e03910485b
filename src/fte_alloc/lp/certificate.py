"""The bound that prices prove, by arithmetic alone (weak duality; numpy, no solver).

For a maximisation max c·x, A x ≤ b, l ≤ x ≤ u and any prices y ≥ 0,
c·x ≤ y·b + Σ_j max(d_j l_j, d_j u_j) with reduced costs d = c − Aᵀy. Prices of the wrong sign are
clipped to 0 first, so no list of prices, however wrong, can prove a false bound.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np

from fte_alloc.lp.matrix import Floats, Matrix
from fte_alloc.lp.piecewise import Links

#: A reduced cost this small relative to max(1, |c|) is rounding where a variable has no limit.
DUST = 1e-9


class Bound(float):
    """A proved bound. ``exact`` is False where rounding had to be taken for zero."""

    exact: bool

    def __new__(cls, value: float, exact: bool = True) -> Self:
        """A bound of this value."""
        bound = super().__new__(cls, value)
        bound.exact = exact
        return bound


def dual_bound(problem: Any, prices: Mapping[str, float]) -> Bound:
    """The bound on the optimum of a ``pulp.LpProblem`` that *prices* prove.

    An upper bound for a maximisation, a lower bound for a minimisation; integer variables are
    relaxed. Prices are by constraint name, in the problem's own sense (change of the objective per
    unit of right-hand side); what is not named has price 0. Variables without limits get those the
    rows imply; where there are none, reduced costs below ``DUST`` count as 0 and the bound says it
    is not exact. An infinite bound proves nothing.
    """
    matrix = Matrix.of(problem)
    unknown = sorted(set(prices) - set(matrix.rows))
    if unknown:
        raise KeyError(f"no constraint named {', '.join(unknown)}")
    return bound_of(matrix, np.array([prices.get(name, 0.0) for name in matrix.rows]))


def bound_of(matrix: Matrix, prices: Floats) -> Bound:
    """As ``dual_bound``, for labelled arrays and one price a row."""
    constant, reduced = reduced_problem(matrix, prices)
    exact = True
    sign = 1.0 if matrix.maximise else -1.0
    worth = sign * reduced
    open_ended = ((worth > 0) & ~np.isfinite(matrix.upper)) | (
        (worth < 0) & ~np.isfinite(matrix.lower)
    )
    lower, upper = matrix.lower, matrix.upper
    if open_ended.any():
        lower, upper = _implied(matrix, open_ended)
        limit = np.where(worth > 0, upper, lower)
        dust = open_ended & ~np.isfinite(limit)
        dust &= np.abs(reduced) <= DUST * np.maximum(1.0, np.abs(matrix.cost))
        worth = np.where(dust, 0.0, worth)
        exact = not dust.any()
    return Bound(constant + sign * box_term(worth, lower, upper), exact)


def box_term(worth: Floats, lower: Floats, upper: Floats) -> float:
    """Σ_j max(d_j l_j, d_j u_j): the most a box lets Σ d_j x_j be."""
    limit = np.where(worth > 0, upper, np.where(worth < 0, lower, 0.0))
    return float(np.where(worth == 0, 0.0, worth * limit).sum())


def reduced_problem(matrix: Matrix, prices: Floats) -> tuple[float, Floats]:
    """Constant y·b + c₀, reduced costs c − Aᵀy, for prices clipped to their legal signs.

    The price of a row multiplies the side it presses against; a price that presses against a side
    the row does not have is clipped to 0.
    """
    toward_upper = prices > 0 if matrix.maximise else prices < 0
    limit = np.where(toward_upper, matrix.row_upper, matrix.row_lower)
    legal = np.where(np.isfinite(limit), prices, 0.0)
    constant = matrix.constant + float((legal * np.where(legal == 0, 0.0, limit)).sum())
    return constant, matrix.cost - matrix.transpose_times(legal)


def concave_bound(
    matrix: Matrix,
    prices: Floats,
    links: Links,
    most: Callable[[Floats, Floats], Floats],
) -> float:
    """The bound on a programme with concave links y_c ≤ G_c(k_c).

    Lagrangian duality needs no pieces: with W_c the reduced cost of y_c and π_c that of −k_c, a
    curve adds sup_k (W_c G_c(k) − π_c k) at most.

    most : sup_k (W_c G_c(k) − π_c k) of every curve, given W and π
    """
    constant, worth, price, reduced = link_terms(matrix, prices, links)
    sign = 1.0 if matrix.maximise else -1.0
    box = box_term(reduced, matrix.lower[links.rest], matrix.upper[links.rest])
    return constant + sign * (box + float(most(worth, price).sum()))


def link_terms(
    matrix: Matrix, prices: Floats, links: Links
) -> tuple[float, Floats, Floats, Floats]:
    """Constant, W, π and the reduced costs of the other columns, in the sense to be maximised."""
    constant, reduced = reduced_problem(matrix, prices)
    worth = reduced if matrix.maximise else -reduced
    return constant, worth[links.y], -worth[links.k], worth[links.rest]


def _implied(matrix: Matrix, wanted: np.ndarray) -> tuple[Floats, Floats]:
    """Limits of the wanted variables that single rows and the other variables' limits imply."""
    lower, upper = matrix.lower.copy(), matrix.upper.copy()
    for r in range(len(matrix.rows)):
        entries = slice(matrix.start[r], matrix.start[r + 1])
        index, value = matrix.index[entries], matrix.value[entries]
        index, value = index[value != 0], value[value != 0]
        if not wanted[index].any():
            continue
        least = np.where(value > 0, value * matrix.lower[index], value * matrix.upper[index])
        most = np.where(value > 0, value * matrix.upper[index], value * matrix.lower[index])
        for e, j in enumerate(index):
            if not wanted[j]:
                continue
            others = np.arange(len(index)) != e
            ends = (
                (matrix.row_lower[r] - most[others].sum()) / value[e],
                (matrix.row_upper[r] - least[others].sum()) / value[e],
            )
            low, high = ends if value[e] > 0 else ends[::-1]
            lower[j] = max(lower[j], low) if not np.isnan(low) else lower[j]
            upper[j] = min(upper[j], high) if not np.isnan(high) else upper[j]
    return lower, upper
