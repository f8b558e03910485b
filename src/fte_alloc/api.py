"""What ``import fte_alloc as fa`` offers: each name is imported when it is first used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, wraps
from importlib import import_module
from os import PathLike
from typing import Any

#: The module of each name.
HOME = {
    "Evaluation": "programme.judge",
    "FteAllocError": "errors",
    "InfeasibleError": "errors",
    "InputError": "errors",
    "Plan": "questions.plan",
    "Problem": "programme.problem",
    "Verification": "questions.verify.verify",
    "compare": "questions.compare.compare",
    "diagnose": "questions.infeasible.diagnose",
    "explain": "questions.explain.explain",
    "frontier": "questions.frontier.frontier",
    "justify": "questions.justify.justify",
    "load": "inputs",
    "regret": "questions.regret.regret",
    "solve": "questions.plan",
    "sweep": "questions.sweep.sweep",
    "use_language": "language",
    "verify": "questions.verify.verify",
    "weight_path": "questions.weights.path",
    "weights": "questions.weights.weights",
}
#: Functions of problems, which take names and paths of scenarios in their place, too.
_OF_PROBLEMS = {
    *("compare", "diagnose", "explain", "frontier", "justify"),
    *("regret", "solve", "weight_path", "weights"),
}
#: Functions that take a while.
_QUESTIONS = {*_OF_PROBLEMS, "sweep", "verify"}


def exported(name: str) -> Any:
    """A public name of the package.

    Raises AttributeError for any other.
    """
    if name not in HOME:
        raise AttributeError(f"module 'fte_alloc' has no attribute {name!r}")
    found = getattr(import_module(f"fte_alloc.{HOME[name]}"), name)
    if name in _OF_PROBLEMS:
        found = _loading(found)
    return _on_one_thread(found) if name in _QUESTIONS else found


@cache
def _loading(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of problems that loads the scenarios whose names or paths it is given."""

    def loaded(given: Any) -> Any:
        if isinstance(given, str | PathLike):
            return import_module("fte_alloc.inputs").load(given)
        if isinstance(given, Mapping):
            return {name: loaded(one) for name, one in given.items()}
        return [loaded(one) for one in given] if isinstance(given, list | tuple) else given

    @wraps(function)
    def call(*given: Any, **named: Any) -> Any:
        named |= {k: loaded(v) for k, v in named.items() if k in ("plans", "problem", "problems")}
        return function(*map(loaded, given[:1]), *given[1:], **named)

    return call


@cache
def _on_one_thread(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function during which numpy uses one thread, as more of them slow small matrices down.

    The rest of the process keeps the threads that it has.
    """

    @wraps(function)
    def call(*given: Any, **named: Any) -> Any:
        with _thread_pools().limit(limits=1, user_api="blas"):
            return function(*given, **named)

    return call


@cache
def _thread_pools() -> Any:
    """The thread pools of numpy, which is imported by now."""
    import numpy  # noqa: F401, ICN001 - its library has to be there to be found
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
