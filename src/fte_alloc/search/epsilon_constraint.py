"""One objective held at what is asked for, another served: a point of their trade-off, proved.

The row of the objective held is moved along the curve, each point found from the last basis.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fte_alloc.programme.bound import stage_row
from fte_alloc.programme.data import Stage
from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.stage_proof import StageProof
from fte_alloc.programme.statement import formulate
from fte_alloc.programme.step_limits import SUMMED
from fte_alloc.search.rounds import Search
from fte_alloc.search.tangents import NEAREST_FTE

#: Tangents that begin between two points reach as far as the effort of either: 27 widths.
REACH = 27.0


class EpsilonConstraint(Search[Evaluation]):
    """The live programme of two objectives.

    held, served : objectives; *held* is served again at last where many plans in steps are as good
    """

    def __init__(
        self, problem: Problem, held: str, served: str, time_limit_s: float | None
    ) -> None:
        stages = (Stage(held), Stage(served), Stage(held))
        many_are_best = problem.in_steps and served not in SUMMED
        in_turn = replace(problem, stages=stages if many_are_best else stages[:2])
        super().__init__(in_turn, formulate(in_turn), time_limit_s)
        self.held, self.row_held, self.given = stages[0], stage_row(0, held), 1

    def at(self, level: float, near: tuple[Evaluation, Evaluation]) -> Evaluation:
        """The plan best for *served* of those with no worse than *level* of *held*.

        near : plans on either side, between whose efforts the tangents begin

        ``proofs[1]`` is its proof, good for just what the plan has of *held*; ``proved`` says
        whether the bounds agreed in time.
        """
        name = self.held.objective
        self.reached = [(level / self.unit[name], self.objectives[name][1])]
        self.proofs = [StageProof.of(self.held, level, level)]
        self.rounds, self.proved, self.tried = 0, False, []
        for row in self.stage_rows:  # as the last point left them
            self._limit(row, -np.inf, np.inf)
        # Tangents around the middle of both efforts, and as far as either.
        (one, other), many = (judged.effort_fte.ravel() for judged in near), len(self.centre)
        self.centre = [np.minimum((one + other) / 2, self.most)] * many
        self.width = [np.clip(np.abs(one - other) / REACH, NEAREST_FTE, self.most / 90)] * many
        self.effort = [None] * many
        self._refine()
        return self.run()

    def _serve_all(self) -> bool:
        """As ever; the plan must be proved against others that have as much of *held*."""
        proved = super()._serve_all()
        if not proved or self.in_steps:
            return proved
        self.proofs[1] = self._moved_to(self._judge(), self.proofs[1])
        return self.proofs[1].relative_gap <= self.gap

    def _kept(self, proof: StageProof, plan: Evaluation) -> bool:
        """As ever; in steps the level may be passed."""
        return (self.in_steps and proof is self.proofs[0]) or super()._kept(proof, plan)

    def _moved_to(self, plan: Evaluation, proof: StageProof) -> StageProof:
        """The proof of a plan that has a little more or less of *held* than was asked for.

        A bound is a straight line in what is kept, its slope the price of the row that keeps it.
        """
        name = self.held.objective
        has, reached = plan.objective(name), plan.objective(proof.objective)
        bound = proof.bound + proof.duals[self.row_held] * (has - proof.kept[name])
        return replace(proof, value=reached, in_plan=reached, bound=bound, kept={name: has})
