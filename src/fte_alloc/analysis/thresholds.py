"""From which value of one input on a territory gets one post more: found by solving again.

The input is changed as a user would write it, and everything that follows from it with it: the
State's grant with the cost, every other territory's weight with one of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fte_alloc.analysis.what_if import WhatIf
from fte_alloc.programme.problem import Problem
from fte_alloc.scenario.build import build_problem
from fte_alloc.scenario.inputs import Entry, Inputs

#: Factors are searched up to this one, or down to its inverse.
MOST_FACTOR = 10.0
#: A threshold is known to this share of itself.
EXACT = 3e-5
#: Posts that are short by less are there [FTE].
THERE_FTE = 1e-6
_STRIDES = (0.02, 0.08, 0.32, 1.0)


@dataclass(frozen=True)
class Lever:
    """An input that may bring a territory one post more.

    heads : dotted keys that are changed, with all below them; ``{code}`` is the territory
    fields : what of ``Problem`` follows from them
    rises : whether more of it is what helps
    """

    name: str
    heads: tuple[str, ...]
    fields: tuple[str, ...]
    rises: bool
    default: float | None = None


LEVERS = (
    Lever(
        "contracts",
        ("contracts.{code}",),
        ("contracts_per_year", "curves", "territory_weight"),
        rises=True,
    ),
    Lever(
        "cost",
        ("posts.facilitator.cost_eur_per_fte",),
        ("cost_eur_per_fte", "grant_eur_per_fte"),
        rises=False,
    ),
    Lever("weight", ("weights.territory.{code}",), ("territory_weight",), rises=True, default=1.0),
)


@dataclass(frozen=True)
class Threshold:
    """The value of one input from which a territory has one post more.

    factor : by which the input is multiplied; None where none is known, for one of these reasons:
        ``held`` by a limit of its own, ``not_within`` the factors searched, ``no_effect`` on any
        objective, ``no_inputs``
    keys : of the inputs
    now, needed : their value, where there is one
    """

    lever: str
    keys: tuple[str, ...]
    origin: str | None
    now: float | None
    factor: float | None
    reason: str | None

    @property
    def needed(self) -> float | None:
        """The value from which the post is there."""
        return None if self.now is None or self.factor is None else self.now * self.factor

    @property
    def document(self) -> dict[str, Any]:
        """As explanations give it."""
        unit = {"cost": "_eur_per_fte"}.get(self.lever, "")
        return {
            "change": self.lever,
            "keys": list(self.keys),
            "origin": self.origin,
            "factor": self.factor,
            f"now{unit}": self.now,
            f"needed{unit}": self.needed,
            "reason": self.reason,
        }


def thresholds(what_if: WhatIf, i: int, *, held: bool) -> list[Threshold]:
    """What each lever alone must be for one post more in a territory.

    held : whether a limit of the territory leaves no room for one, whatever a lever is
    """
    return [_threshold(what_if, i, lever, held=held) for lever in LEVERS]


def _threshold(what_if: WhatIf, i: int, lever: Lever, *, held: bool) -> Threshold:
    problem, code = what_if.problem, what_if.problem.territories[i]
    inputs: Inputs | None = problem.inputs
    entries = _entries(inputs, lever, code) if inputs is not None else {}
    found = Threshold(lever.name, tuple(entries), None, None, None, None)
    if inputs is not None and entries:
        last = entries[max(entries)]
        single = lever.name != "contracts"
        found = replace(found, origin=last.origin or None, now=last.value if single else None)
    if held:
        return replace(found, reason="held")
    if lever.name == "weight" and all(s.objective != "coverage" for s in problem.stages):
        return replace(found, reason="no_effect")
    if inputs is None or not entries or not _follows(problem, inputs, lever):
        return replace(found, reason="no_inputs")
    wanted = what_if.posts(i) + what_if.post_fte

    def lack(stretch: float) -> float:
        factor = math.exp(stretch if lever.rises else -stretch)
        plan = what_if.again(with_factor(problem, lever, code, factor))
        return wanted - (what_if.posts(i, plan) if plan is not None else 0.0)

    stretch = _least(lack, what_if.post_fte)
    if stretch is None:
        return replace(found, reason="not_within")
    return replace(found, factor=math.exp(stretch if lever.rises else -stretch))


def _entries(inputs: Inputs, lever: Lever, code: str) -> dict[str, Entry]:
    """The inputs a lever moves, by key."""
    heads = tuple(head.format(code=code) for head in lever.heads)
    below = tuple(head + "." for head in heads)
    found = {
        key: entry
        for key, entry in inputs.entries.items()
        if entry.value is not None and (key in heads or key.startswith(below))
    }
    if not found and lever.default is not None:
        found = {heads[0]: Entry(lever.default, "", status="default")}
    return found


def with_factor(problem: Problem, lever: Lever, code: str, factor: float) -> Problem:
    """The problem with the inputs of a lever multiplied, and what follows from them."""
    inputs = problem.inputs
    moved = {
        key: replace(entry, value=entry.value * factor)
        for key, entry in _entries(inputs, lever, code).items()
    }
    built = build_problem(replace(inputs, entries={**inputs.entries, **moved}))
    return replace(problem, **{name: getattr(built, name) for name in lever.fields})


def _follows(problem: Problem, inputs: Inputs, lever: Lever) -> bool:
    """Whether the numbers a lever moves are those of the inputs, and were not changed since."""
    built = build_problem(inputs)
    return all(
        np.array_equal(getattr(built, name), getattr(problem, name))
        for name in lever.fields
        if name != "curves"
    )


def _least(lack: Callable[[float], float], most_lack: float) -> float | None:
    """Least stretch, to EXACT, at which nothing lacks; None where there is none.

    Strides grow until nothing lacks; then secants, each a little to one side of the root so that
    it is soon enclosed, and every third time the middle.
    """
    low, at_low, last = 0.0, most_lack, math.log(MOST_FACTOR)
    high = at_high = None
    for stride in (*_STRIDES, last):
        at = lack(stride)
        if at <= THERE_FTE:
            high, at_high = stride, at
            break
        low, at_low = stride, at
    if high is None or at_high is None:
        return None
    turn = 0
    while high - low > EXACT:
        middle = 0.5 * (low + high)
        if turn % 3 < 2 and at_low > at_high:
            secant = low + (high - low) * at_low / (at_low - at_high)
            aside = 0.4 * EXACT if turn % 3 == 0 else -0.4 * EXACT
            middle = min(max(secant + aside, low + EXACT / 4), high - EXACT / 4)
        at = lack(middle)
        if at <= THERE_FTE:
            high, at_high = middle, at
        else:
            low, at_low = middle, at
        turn += 1
    return high
