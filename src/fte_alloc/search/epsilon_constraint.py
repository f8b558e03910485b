"""A proved point of the trade-off of two objectives: one is held at a level, the other optimised.

The row of the objective held is moved along the curve, each point found from the last basis.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fte_alloc.programme.objectives import Stage, StageProof, stage_row
from fte_alloc.programme.problem import Evaluation, Problem
from fte_alloc.programme.statement import formulate
from fte_alloc.programme.step_limits import SUMMED
from fte_alloc.search.rounds import RoundSearch
from fte_alloc.search.tangents import NEAREST_FTE

#: Widths from the middle of two points' efforts to the outermost tangent, beyond both efforts.
REACH = 27.0


class EpsilonConstraint(RoundSearch[Evaluation]):
    """Search for points of the trade-off of two objectives, in one programme kept in the solver.

    held, served : objectives; *held* is also the last stage where many plans in steps may tie
    """

    def __init__(
        self, problem: Problem, held: str, served: str, time_limit_s: float | None
    ) -> None:
        stages = (Stage(held), Stage(served), Stage(held))
        many_are_best = problem.in_steps and served not in SUMMED
        in_turn = replace(problem, stages=stages if many_are_best else stages[:2])
        super().__init__(in_turn, formulate(in_turn), time_limit_s)
        self.held, self.row_held, self.given = stages[0], stage_row(0, held), 1

    def best_at(self, level: float, near: tuple[Evaluation, Evaluation]) -> Evaluation:
        """The plan that is optimal for *served*, subject to *held* no worse than *level*.

        near : plans on either side of the point; the first tangents lie around their efforts

        ``proofs[1]`` is its proof, for its value of *held*; ``proved``: if bounds agreed in time.
        """
        name = self.held.objective
        self.reached = [(level / self.unit[name], self.objectives[name][1])]
        self.proofs = [StageProof.of(self.held, level, level)]
        self.rounds, self.proved, self.tried = 0, False, []
        for row in self.stage_rows:  # still as for the last point
            self._limit(row, -np.inf, np.inf)
        # Tangents lie around the middle of both efforts and reach beyond both.
        (one, other), many = (judged.effort_fte.ravel() for judged in near), len(self.centre)
        self.centre = [np.minimum((one + other) / 2, self.most)] * many
        self.width = [np.clip(np.abs(one - other) / REACH, NEAREST_FTE, self.most / 90)] * many
        self.effort = [None] * many
        self._refine()
        return self.run()

    def _optimise_all(self) -> bool:
        """Optimise as ``RoundSearch``, then move the bound to the plan's own value of *held*."""
        proved = super()._optimise_all()
        if not proved or self.in_steps:
            return proved
        plan, proof, name = self._judge(), self.proofs[1], self.held.objective
        has, reached = plan.objective(name), plan.objective(proof.objective)
        # A bound is linear in the level kept; its slope is the price of the row that keeps it.
        bound = proof.bound + proof.duals[self.row_held] * (has - proof.kept[name])
        self.proofs[1] = replace(
            proof, value=reached, in_plan=reached, bound=bound, kept={name: has}
        )
        return self.is_closed(self.proofs[1])

    def _kept(self, proof: StageProof, plan: Evaluation) -> bool:
        """Whether the plan reaches a stage; in steps, a stage held at a level always passes."""
        return (self.in_steps and proof is self.proofs[0]) or super()._kept(proof, plan)
