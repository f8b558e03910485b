"""A solver that lies: wrong values, prices, statuses and NaN, in one answer or in all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from fte_alloc.lp.highs import INFEASIBLE, OPTIMAL, STOPPED, UNBOUNDED, HighsAnswer
from fte_alloc.lp.solving import CheckedProgramme

NOTHING = np.empty(0)


def _shifted(numbers: np.ndarray, share: float = 0.01) -> np.ndarray:
    """Numbers of which every other is off by a share of itself and a bit."""
    return numbers + np.where(np.arange(len(numbers)) % 2, 0.0, share * (np.abs(numbers) + 0.1))


def _status(word: str) -> Callable[[HighsAnswer], HighsAnswer]:
    return lambda answer: HighsAnswer(word, np.nan, NOTHING, NOTHING, np.nan)


def _scaled(name: str, by: float) -> Callable[[HighsAnswer], HighsAnswer]:
    return lambda answer: replace(answer, **{name: by * getattr(answer, name)})


def _invented(answer: HighsAnswer) -> HighsAnswer:
    """A plan of nothing, said to be optimal."""
    return replace(answer, status=OPTIMAL, values=0.0 * answer.values, prices=0.0 * answer.prices)


#: What a lying solver does to an answer, by name.
LIES: dict[str, Callable[[HighsAnswer], HighsAnswer]] = {
    "objective": lambda answer: replace(answer, objective=1.01 * answer.objective + 1.0),
    "values": lambda answer: replace(answer, values=_shifted(answer.values)),
    "values, a little": lambda answer: replace(answer, values=_shifted(answer.values, 1e-6)),
    "all values and objective": lambda answer: _scaled("values", 0.9)(
        _scaled("objective", 0.9)(answer)
    ),
    "plan of nothing": _invented,
    "prices": lambda answer: replace(answer, prices=_shifted(answer.prices)),
    "all prices": _scaled("prices", 1.5),
    "sign of prices": _scaled("prices", -1.0),
    "no prices": _scaled("prices", 0.0),
    "bound": lambda answer: replace(answer, bound=1.01 * answer.bound + 1.0),
    "infeasible": _status(INFEASIBLE),
    "infeasible with a ray": lambda answer: replace(
        _status(INFEASIBLE)(answer), ray=np.ones(len(answer.prices))
    ),
    "unbounded": _status(UNBOUNDED),
    "stopped": _status(STOPPED),
    "stopped with a plan": lambda answer: replace(
        answer, status=STOPPED, prices=0.0 * answer.prices, bound=np.nan
    ),
    "optimal without a plan": _status(OPTIMAL),
    "nan objective": _scaled("objective", np.nan),
    "nan values": _scaled("values", np.nan),
    "nan prices": _scaled("prices", np.nan),
    "nan bound": _scaled("bound", np.nan),
}


@contextmanager
def lying(lie: str, when: Callable[[int], bool]) -> Iterator[list[int]]:
    """A solver that lies at the calls *when* says so; how many calls there were."""
    honest, calls = CheckedProgramme.run, [0]

    def run(self: CheckedProgramme, time_limit_s: float = np.inf) -> HighsAnswer:
        calls[0] += 1
        answer = honest(self, time_limit_s)
        return LIES[lie](answer) if when(calls[0]) else answer

    CheckedProgramme.run = run  # type: ignore[method-assign]
    try:
        yield calls
    finally:
        CheckedProgramme.run = honest  # type: ignore[method-assign]
