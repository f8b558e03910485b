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

from collections.abc import Callable, Mapping
from functools import cache, wraps
from importlib import import_module
from os import PathLike
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fte_alloc.errors import FteAllocError, InfeasibleError, InputError
    from fte_alloc.inputs import load
    from fte_alloc.language import use_language
    from fte_alloc.programme.judge import Evaluation
    from fte_alloc.programme.problem import Problem
    from fte_alloc.questions.compare.compare import compare
    from fte_alloc.questions.explain.explain import explain
    from fte_alloc.questions.frontier.frontier import frontier
    from fte_alloc.questions.infeasible.diagnose import diagnose
    from fte_alloc.questions.justify.justify import justify
    from fte_alloc.questions.regret.regret import regret
    from fte_alloc.questions.sweep.sweep import sweep
    from fte_alloc.questions.verify.verify import Verification, verify
    from fte_alloc.questions.weights.path import weight_path
    from fte_alloc.questions.weights.weights import weights
    from fte_alloc.search.plan import Plan, solve

_HOME = {
    "Evaluation": "programme.judge",
    "FteAllocError": "errors",
    "InfeasibleError": "errors",
    "InputError": "errors",
    "Plan": "search.plan",
    "Problem": "programme.problem",
    "Verification": "questions.verify.verify",
    "compare": "questions.compare.compare",
    "diagnose": "questions.infeasible.diagnose",
    "explain": "questions.explain.explain",
    "frontier": "questions.frontier.frontier",
    "justify": "questions.justify.justify",
    "load": "inputs",
    "regret": "questions.regret.regret",
    "solve": "search.plan",
    "sweep": "questions.sweep.sweep",
    "use_language": "language",
    "verify": "questions.verify.verify",
    "weight_path": "questions.weights.path",
    "weights": "questions.weights.weights",
}

#: What takes problems, or the names or paths of their scenarios.
_OF_PROBLEMS = {
    *("compare", "diagnose", "explain", "frontier", "justify"),
    *("regret", "solve", "weight_path", "weights"),
}

__all__ = [
    "Evaluation",
    "FteAllocError",
    "InfeasibleError",
    "InputError",
    "Plan",
    "Problem",
    "Verification",
    "compare",
    "diagnose",
    "explain",
    "frontier",
    "justify",
    "load",
    "regret",
    "solve",
    "sweep",
    "use_language",
    "verify",
    "weight_path",
    "weights",
]


def __getattr__(name: str) -> Any:
    # On first use: ``fte-alloc --help`` imports neither numpy nor a solver.
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    return _loading(found) if name in _OF_PROBLEMS else found


@cache
def _loading(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of problems that takes names and paths of scenarios in their place, too."""

    def loaded(given: Any) -> Any:
        if isinstance(given, str | PathLike):
            return import_module(f"{__name__}.inputs").load(given)
        if isinstance(given, Mapping):
            return {name: loaded(one) for name, one in given.items()}
        return [loaded(one) for one in given] if isinstance(given, list | tuple) else given

    @wraps(function)
    def call(*given: Any, **named: Any) -> Any:
        named |= {k: loaded(v) for k, v in named.items() if k in ("plans", "problem", "problems")}
        return function(*map(loaded, given[:1]), *given[1:], **named)

    return call
