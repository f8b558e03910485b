"""One allocation of posts for several worlds: the least largest or average regret, proved.

Rounds as in ``search``; only the first objective is proved, by prices on the true curves of every
world. The objectives after it choose among the plans that tie, by complementary slackness: what
has a price in an optimum is where it is in all of them, and is held there. Nothing has to be kept
within a slack, so that no stage is left a set of plans too thin to be searched.
"""

from __future__ import annotations

import numpy as np

from fte_alloc.programme.scenario_set import JudgedWorlds, Worlds, formulate_worlds
from fte_alloc.programme.stage_proof import GAP, StageProof
from fte_alloc.search.rounds import Search, settled_by

#: The solver lets a row pass by 1e-9; a regret, the difference of two optima, is known to no less
#: than this share of them.
OPTIMUM_GAP = 1e-11
#: Tangents begin no closer to the effort of a plan nearby than this [FTE].
NEARBY_FTE = 2e-3


class SharedPlanSearch(Search[JudgedWorlds]):
    """The live programme of several worlds.

    near : a search that ended near the plan wanted; tangents begin there
    """

    def __init__(
        self, worlds: Worlds, time_limit_s: float | None, near: SharedPlanSearch | None = None
    ) -> None:
        super().__init__(worlds, formulate_worlds(worlds), time_limit_s)
        self.worlds = worlds
        self.scale = float(np.mean([world.optimum / world.measure for world in worlds.each]))
        # One set of tangents does: plans that tie have the same effort wherever it has a price.
        self.centre, self.width, self.effort = self.centre[:1], self.width[:1], [None]
        if near is not None:
            self.centre = [near.centre[0]]
            self.width = [np.clip(near.width[0], NEARBY_FTE, self.width[0])]
        self._refine()

    def tolerance(self, proof: StageProof) -> float:
        """How far apart the two bounds may be."""
        return max(GAP * max(1.0, abs(proof.bound)), OPTIMUM_GAP * self.scale)

    def _serve_all(self) -> bool:
        """Serve the first stage and, once it is proved, the others on the plans that tie."""
        answer, proof = self._serve(0)
        self.proofs = [proof]
        if proof.value - proof.bound > self.tolerance(proof):
            return False
        m = self.live.matrix
        settled = np.zeros(len(m.columns) + len(m.rows), bool)
        for objective in [*(stage.objective for stage in self.problem.stages[1:]), "tie_break"]:
            settled |= settled_by(answer, m)
            answer = self._choose(objective, answer, settled)
        plan = self._judge()
        if self._kept(proof, plan):
            return True
        self.tried.append(np.minimum(plan.effort_fte.ravel(), self.most))
        return False

    def _kept(self, proof: StageProof, plan: JudgedWorlds) -> bool:
        """Whether the final plan is still as good, and within every limit."""
        lost = plan.objective(proof.objective) - proof.bound
        return lost <= self.tolerance(proof) and not plan.violations
