"""Decides where co-financed posts go, and proves that no better distribution exists.

>>> import fte_alloc as fa
>>> problem = fa.load("reference", overrides={"posts.cap_fte": 600})
>>> plan = fa.solve(problem)
>>> round(plan.expected_contracts)
58366
"""

import _signal  # type: ignore[import-not-found]  # the built-in part of signal: no time is lost
import os
import sys

if (
    os.path.basename(sys.argv[0]).startswith("fte-alloc")  # noqa: PTH119 - imports little
    or "fte_alloc.cli" in sys.orig_argv
) and _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
    # A command: Ctrl-C while the rest is imported loses nothing, and nothing can be said of it.
    _signal.signal(_signal.SIGINT, lambda *_: os._exit(130))

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fte_alloc.errors import FteAllocError as FteAllocError
    from fte_alloc.errors import InfeasibleError as InfeasibleError
    from fte_alloc.errors import InputError as InputError
    from fte_alloc.inputs import load as load
    from fte_alloc.language import use_language as use_language
    from fte_alloc.programme.judge import Evaluation as Evaluation
    from fte_alloc.programme.problem import Problem as Problem
    from fte_alloc.questions.compare.compare import compare as compare
    from fte_alloc.questions.explain.explain import explain as explain
    from fte_alloc.questions.frontier.frontier import frontier as frontier
    from fte_alloc.questions.infeasible.diagnose import diagnose as diagnose
    from fte_alloc.questions.justify.justify import justify as justify
    from fte_alloc.questions.plan import Plan as Plan
    from fte_alloc.questions.plan import solve as solve
    from fte_alloc.questions.regret.regret import regret as regret
    from fte_alloc.questions.sweep.sweep import sweep as sweep
    from fte_alloc.questions.verify.verify import Verification as Verification
    from fte_alloc.questions.verify.verify import verify as verify
    from fte_alloc.questions.weights.path import weight_path as weight_path
    from fte_alloc.questions.weights.weights import weights as weights


def __getattr__(name: str) -> Any:
    # On first use: ``fte-alloc --help`` imports neither numpy nor a solver.
    from fte_alloc.api import exported

    return exported(name)
