"""The rates at which posts move with a weight, from the optimality conditions of a plan.

At the optimum of Σ W G(k) under A u ≤ b, with u the decisions and y = G(k), limits that have a
price hold with equality and continue to: W G″(k) dk + dW G′(k) − Aᵀ dλ = 0 for free columns,
A du = 0 for these limits, du = 0 for columns held at 0. A limit that is reached but has no price
blocks moves to one side only: rates to either side are found with the limits that block them.
"""

from __future__ import annotations

import numpy as np

from fte_alloc.lp.certificate import link_terms
from fte_alloc.programme.curves import Floats, SaturatingCurves
from fte_alloc.programme.problem import Evaluation, Problem
from fte_alloc.programme.statement import formulate
from fte_alloc.search.rounds import Search

#: Accuracy of prices, as a share of the highest price of effort: lower ones count as 0; tolerance
#: within which limits count as reached.
PRICED, REACHED = 1e-4, 1e-6
#: Rates up to this share of the greatest rate are rounding errors.
DUST = 1e-9
#: Posts are tied where a unit direction that keeps all conditions moves one further than this.
TIED = 1e-6
#: Objectives other than coverage that depend on curves.
COUNT_CONTRACTS = ("contracts", "worst_rate", "shortfall", "territorial_shortfall")
_MOST_IN_THE_WAY = 40


def no_rates(problem: Problem) -> str | None:
    """Reason why posts of a problem have no rates of change by a weight; None where they have.

    Where coverage concedes, its optimum and thus the value it keeps change with the weights. Where
    a stage before it counts contracts and does not concede, no plan keeps that stage with slack,
    and prices do not tell how close other plans are.
    """
    if problem.in_steps:
        return "steps"
    if problem.curves.exact_pieces:
        return "table"
    for stage in problem.stages:
        if stage.objective == "coverage":
            return "concedes" if stage.concede else None
        if stage.objective in COUNT_CONTRACTS and not stage.concede:
            return "held"
    return None


class PlanConditions:
    """The optimality conditions of the best plan of a problem, linearised at the plan."""

    def __init__(self, problem: Problem) -> None:
        search: Search[Evaluation] = Search(problem, formulate(problem), None)
        search.run()
        assert search.values is not None
        self._links, matrix, values = search.links, search.matrix, search.values.copy()
        number = [stage.objective for stage in problem.stages].index("coverage")
        matrix.cost = np.zeros(len(matrix.columns))
        matrix.cost[search.links.y] = problem.weight.ravel()
        matrix.maximise = True
        # Prices of all rows in the stage of coverage, in the programme's units.
        prices = np.array([search.proofs[number].duals[name] for name in matrix.rows])
        for name, stage in zip(search.stage_rows, problem.stages, strict=True):
            prices[search.row[name]] *= search.unit[stage.objective]
        _, worth, price, reduced = link_terms(matrix, prices, search.links)
        curves, k = problem.curves, values[search.links.k]
        assert isinstance(curves, SaturatingCurves)  # ``no_rates`` excludes others
        self._slope = curves.slope(k)
        values[search.links.y] = curves.value(k)
        gain, self._bend = np.zeros(len(values)), np.zeros(len(values))
        gain[search.links.rest], gain[search.links.k] = reduced, worth * self._slope - price
        self._bend[search.links.k] = worth * curves.shape(k)[2]
        self._rows = np.zeros((len(matrix.rows), len(values)))
        self._rows[matrix.row, matrix.index] = matrix.value
        self._rows[:, search.links.k] += self._rows[:, search.links.y] * self._slope
        self._rows[:, search.links.y] = 0.0
        least = PRICED * float(np.max(price, initial=0.0))
        posts = np.concatenate([search.x, search.z])
        self.posts = posts.reshape(-1, len(problem.years)).T.ravel()
        # Rows and columns that are held, and those reached that may leave to one side.
        later = np.isin(matrix.rows, search.stage_rows[number:])
        priced = (np.abs(prices) * np.abs(self._rows).max(axis=1) > least) & ~later
        activity = matrix.times(values)
        self._equal = priced | (matrix.row_lower == matrix.row_upper)
        # Signs of the rows are such that their activity may only fall.
        over, under = (
            np.isfinite(limit) & (np.abs(activity - limit) <= REACHED * (1.0 + np.abs(limit)))
            for limit in (matrix.row_upper, matrix.row_lower)
        )
        loose = ~self._equal & ~later & (over | under)
        self._loose_rows = np.where(over, 1.0, -1.0)[loose, None] * self._rows[loose]
        at_zero = (values <= matrix.lower + REACHED) & (np.abs(self._rows).max(axis=0) > 0)
        pinned = over & (np.count_nonzero(self._rows, axis=1) == 1)
        # Columns limited to 0, such as coordinators where none may exist.
        at_most_none = (self._rows[pinned] > 0).any(axis=0)
        self._still = at_zero & ((gain < -least) | at_most_none)
        self._still[search.links.y] = True
        self._loose_columns = at_zero & ~self._still

    def moved(self, change: Floats) -> Floats | None:
        """Rates of the posts for rates of contracts' values [I·T·S]; None where posts are tied."""
        still, in_the_way = self._still.copy(), np.zeros(len(self._loose_rows), dtype=bool)
        for _ in range(_MOST_IN_THE_WAY):
            rows = np.concatenate([self._rows[self._equal], self._loose_rows[in_the_way]])
            moved = self._solved(still, rows, change)
            if moved is None:
                return None
            dust = 1e-7 * max(1e-12, float(np.abs(moved).max()))
            beyond = np.concatenate(
                [
                    np.where(in_the_way, 0.0, self._loose_rows @ moved),
                    np.where(self._loose_columns & ~still, -moved, 0.0),
                ]
            )
            worst = int(np.argmax(beyond))
            if beyond[worst] <= dust:
                posts = moved[self.posts]
                return np.where(np.abs(posts) <= DUST * np.abs(posts).max(initial=0.0), 0.0, posts)
            if worst < len(in_the_way):
                in_the_way[worst] = True
            else:
                still[worst - len(in_the_way)] = True
        return None

    def _solved(self, still: np.ndarray, rows: Floats, change: Floats) -> Floats | None:
        """Solve the linear system of the free columns for their change; None where posts tie."""
        free = np.flatnonzero(~still)
        many = len(free)
        inside = rows[:, free]
        # Rows may be linearly dependent in the free columns; least squares allows for that.
        none = np.zeros((len(inside), len(inside)))
        matrix = np.block([[np.diag(self._bend[free]), -inside.T], [inside, none]])
        more = np.zeros(len(still))
        more[self._links.k] = change * self._slope
        side = np.concatenate([-more[free], np.zeros(len(inside))])
        found, _, rank, _ = np.linalg.lstsq(matrix, side, rcond=1e-12)
        moved = np.zeros(len(still))
        moved[free] = found[:many]
        if rank < len(matrix):  # may posts move with all conditions kept?
            held = matrix[:, :many]
            _, sizes, directions = np.linalg.svd(held / np.maximum(1e-300, np.abs(held).max()))
            loose = directions[np.sum(sizes > 1e-10) :, np.isin(free, self.posts)]
            if np.any(np.abs(loose) > TIED):
                return None
        return moved
