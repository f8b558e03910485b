"""The bound that prices prove, by arithmetic on the programme's own rows; no solver.

Weak duality on the true curves (``lp.certificate``): it holds for any prices whatever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from fte_alloc.lp.certificate import concave_bound
from fte_alloc.programme.curves import curve_gain
from fte_alloc.programme.linear import Arrays
from fte_alloc.programme.objectives import GAP, STEP_GAP, stage_row
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.statement import formulate

#: Slack of a row that keeps a stage, at most: a share of the stage's bound (continuous plans, plans
#: in steps) plus a share of the most that its objective could be. The solver needs this slack.
KEPT_SLACK, STEP_KEPT_SLACK, LEAST_KEPT_SLACK = 256e-12, 256e-9, 256 * 3e-14


class Bounds:
    """The programme of a problem as arrays, with its stages' objectives in documented units."""

    def __init__(self, p: Problem) -> None:
        self.problem, arrays = p, Arrays(formulate(p))
        self.matrix, self._links = arrays.matrix, arrays.links
        most_effort = np.repeat(p.most_effort_fte.ravel(), len(p.segments))
        #: Function that gives sup_k (W G(k) − π k) of every curve, at the effort where G′ = π / W.
        self._most_gain = partial(curve_gain, p.curves, most_fte=most_effort)
        self._objectives = arrays.objectives
        for n, stage in enumerate(p.stages):
            cost, _ = self._objectives[stage.objective]
            self.matrix.add_row(stage_row(n, stage.objective), cost, -np.inf, np.inf)

    def of_stage(
        self, number: int, prices: Mapping[str, float], kept: Mapping[str, float] | None = None
    ) -> float:
        """Upper bound on a stage's objective, or lower bound where the stage minimises it.

        number : number of the stage, from 0
        prices : prices by name of row, in the stage's unit per unit of the row; a missing one is 0
        kept : value to be kept of each earlier stage, by objective, in the unit of that objective
        """
        m, stages = self.matrix, self.problem.stages
        lower, upper = m.row_lower.copy(), m.row_upper.copy()
        for n, earlier in enumerate(stages[:number]):
            if kept and earlier.objective in kept:
                side = lower if earlier.sense == "maximise" else upper
                constant = self._objectives[earlier.objective][1]
                side[n - len(stages)] = kept[earlier.objective] - constant
        stage, of_stage = stages[number], replace(m, row_lower=lower, row_upper=upper)
        of_stage.cost, of_stage.constant = self._objectives[stage.objective]
        of_stage.maximise = stage.sense == "maximise"
        by_row = np.array([prices.get(name, 0.0) for name in m.rows])
        return float(concave_bound(of_stage, by_row, self._links, self._most_gain)) + 0.0

    def kept_slack(self, number: int, bound: float) -> tuple[float, float]:
        """Strict and loose tolerance for the value at which a saved plan held a stage.

        The stage is proved to ``GAP`` or ``STEP_GAP`` only, and the row that keeps it has slack.
        """
        cost, _ = self._objectives[self.problem.stages[number].objective]
        size = float(np.abs(cost) @ self.matrix.upper)
        gap, share = (STEP_GAP, STEP_KEPT_SLACK) if self.problem.in_steps else (GAP, KEPT_SLACK)
        proved = gap * max(1.0, abs(bound))
        return proved, proved + share * abs(bound) + LEAST_KEPT_SLACK * size
