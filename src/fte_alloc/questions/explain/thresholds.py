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

from fte_alloc.inputs.build import build_problem
from fte_alloc.inputs.entries import Entry, Inputs
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.explain.what_if import WhatIf

#: Factors are searched up to this one, or down to its inverse.
MOST_FACTOR = 10.0
#: A threshold is known to this share of itself.
EXACT = 3e-5
#: Posts that are short by less are there [FTE].
THERE_FTE = 1e-6
_STRIDES = (0.02, 0.08, 0.32, 1.0)


@dataclass(frozen=True)
class MovedInput:
    """An input that may bring a territory one post more.

    head : dotted key that is changed, with all below it; ``{code}`` is the territory
    fields : what of ``Problem`` follows from them
    rises : whether more of it is what helps
    """

    name: str
    head: str
    fields: tuple[str, ...]
    rises: bool
    default: float | None = None


MOVED_INPUTS = (
    MovedInput(
        "contracts",
        "contracts.{code}",
        ("contracts_per_year", "curves", "territory_weight"),
        rises=True,
    ),
    MovedInput(
        "cost",
        "posts.facilitator.cost_eur_per_fte",
        ("cost_eur_per_fte", "grant_eur_per_fte"),
        rises=False,
    ),
    MovedInput(
        "weight", "weights.territory.{code}", ("territory_weight",), rises=True, default=1.0
    ),
)


def thresholds(what_if: WhatIf, i: int, *, held: bool) -> list[dict[str, Any]]:
    """What each lever alone must be for one post more in a territory, as explanations give it.

    held : whether a limit of the territory leaves no room for one, whatever a lever is

    Each has the keys of its inputs, their value now and the one needed where there is one, and the
    factor between them; None where none is known, for one of these reasons: ``held`` by a limit of
    its own, ``not_within`` the factors searched, ``no_effect`` on any objective, ``no_inputs``.
    """
    found = []
    for lever in MOVED_INPUTS:
        inputs, code = what_if.problem.inputs, what_if.problem.territories[i]
        entries = {} if inputs is None else _entries(inputs, lever, code)
        last = entries[max(entries)] if entries else None
        now = last.value if last is not None and lever.name != "contracts" else None
        reached = "held" if held else _factor(what_if, i, lever, bool(entries))
        factor, reason = (None, reached) if isinstance(reached, str) else (reached, None)
        unit = "_eur_per_fte" if lever.name == "cost" else ""
        found.append(
            {
                "change": lever.name,
                "keys": list(entries),
                "origin": last.origin or None if last is not None else None,
                "factor": factor,
                f"now{unit}": now,
                f"needed{unit}": None if now is None or factor is None else now * factor,
                "reason": reason,
            }
        )
    return found


def _factor(what_if: WhatIf, i: int, lever: MovedInput, has_entries: bool) -> float | str:
    """The factor from which the post is there, or why none is known."""
    problem = what_if.problem
    if lever.name == "weight" and all(s.objective != "coverage" for s in problem.stages):
        return "no_effect"
    if not has_entries or not _follows(problem, problem.inputs, lever):
        return "no_inputs"
    wanted, sign = what_if.posts(i) + what_if.post_fte, 1.0 if lever.rises else -1.0

    def lack(stretch: float) -> float:
        changed = with_factor(problem, lever, problem.territories[i], math.exp(sign * stretch))
        plan = what_if.again(changed)
        return wanted - (what_if.posts(i, plan) if plan is not None else 0.0)

    stretch = _least(lack, what_if.post_fte)
    return "not_within" if stretch is None else math.exp(sign * stretch)


def _entries(inputs: Inputs, lever: MovedInput, code: str) -> dict[str, Entry]:
    """The inputs a lever moves, by key."""
    head = lever.head.format(code=code)
    found = {
        key: entry
        for key, entry in inputs.entries.items()
        if entry.value is not None and f"{key}.".startswith(f"{head}.")
    }
    if not found and lever.default is not None:
        found = {head: Entry(lever.default, "", status="default")}
    return found


def with_factor(problem: Problem, lever: MovedInput, code: str, factor: float) -> Problem:
    """The problem with the inputs of a lever multiplied, and what follows from them."""
    inputs = problem.inputs
    moved = {
        key: replace(entry, value=entry.value * factor)
        for key, entry in _entries(inputs, lever, code).items()
    }
    built = build_problem(replace(inputs, entries={**inputs.entries, **moved}))
    return replace(problem, **{name: getattr(built, name) for name in lever.fields})


def _follows(problem: Problem, inputs: Inputs, lever: MovedInput) -> bool:
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
    low, at_low, turn = 0.0, most_lack, 0
    for high in (*_STRIDES, math.log(MOST_FACTOR)):
        at_high = lack(high)
        if at_high <= THERE_FTE:
            break
        low, at_low = high, at_high
    else:
        return None
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
