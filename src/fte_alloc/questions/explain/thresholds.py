"""From which value of one input on a territory gets one post more: found by solving again.

The input is changed as a user would write it, and everything that follows from it with it: the
State's grant with the cost, every other territory's weight with one of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from fte_alloc.inputs.build import build_problem
from fte_alloc.inputs.entries import Entry
from fte_alloc.questions.explain.what_if import WhatIf
from fte_alloc.questions.weights.ends import narrowed

#: Factors are searched up to this one, or down to its inverse.
MOST_FACTOR = 10.0
#: A threshold is known to this share of itself.
EXACT = 3e-5
#: Posts that are short by less are there [FTE].
THERE_FTE = 1e-6
_STRIDES = (0.02, 0.08, 0.32, 1.0)


class MovedInput(NamedTuple):
    """An input that may bring a territory one post more.

    heads : dotted keys, ``{code}`` being the territory; the first that has a value is changed, with
        all below it
    sign : 1 where more of it is what helps, −1 where less is
    """

    name: str
    unit: str
    heads: tuple[str, ...]
    sign: int


_COSTS = "territories.{code}.facilitator_cost_eur_per_fte", "posts.facilitator.cost_eur_per_fte"
MOVED_INPUTS = (
    MovedInput("contracts", "contracts", ("contracts.{code}",), 1),
    MovedInput("cost", "EUR/(FTE.yr)", _COSTS, -1),
    MovedInput("weight", "1", ("weights.territory.{code}",), 1),
)
#: What of ``Problem`` follows from them, beside the curves.
_FIELDS = ("contracts_per_year", "territory_weight", "cost_eur_per_fte", "grant_eur_per_fte")


def threshold(what_if: WhatIf, i: int, moved: MovedInput) -> dict[str, Any]:
    """What one input alone must be for one post more in a territory, as explanations give it.

    It has the keys of its inputs, their value now and the one needed where there is one, and the
    factor between them; None where none is known, for one of these reasons: ``not_within`` the
    factors searched, ``no_effect`` on any objective, ``no_inputs``.
    """
    problem, code = what_if.problem, what_if.problem.territories[i]
    heads = [head.format(code=code) for head in moved.heads]
    entries: Mapping[str, Entry] = next(filter(None, map(what_if.entries, heads)), {})
    if moved.name == "weight" and not entries and problem.inputs is not None:
        entries = {heads[-1]: Entry(1.0, "", status="default")}
    last = entries[max(entries)] if entries else None
    now = last.value if last else None
    if moved.name == "contracts":
        now = float(problem.contracts_per_year[i, -1].sum())
    factor, reason = _factor(what_if, i, moved, entries)
    return {
        "change": moved.name,
        "keys": list(entries),
        "origin": last.origin or None if last else None,
        "unit": moved.unit,
        "now": now,
        "needed": None if now is None or factor is None else now * factor,
        "factor": factor,
        "reason": reason,
    }


def _factor(
    what_if: WhatIf, i: int, moved: MovedInput, entries: Mapping[str, Entry]
) -> tuple[float | None, str | None]:
    """The factor from which the post is there, or why none is known."""
    problem, stages = what_if.problem, what_if.problem.stages
    if moved.name == "weight" and all(stage.objective != "coverage" for stage in stages):
        return None, "no_effect"
    if not entries:
        return None, "no_inputs"
    as_read, wanted = build_problem(problem.inputs), what_if.posts([i]) + what_if.post_fte
    for name in _FIELDS:
        if not all(map(np.array_equal, getattr(as_read, name), getattr(problem, name))):
            return None, "no_inputs"  # changed since they were read
    first, bends = stages[0], not problem.curves.exact_pieces
    if first.objective == "coverage" and first.concede == 0 and bends:
        stages = stages[:1]  # nothing is left to choose

    def excess(stretch: float) -> float:
        """Posts above those wanted with the inputs multiplied; what is short by a hair is there."""
        factor = math.exp(moved.sign * stretch)
        new = {key: replace(one, value=one.value * factor) for key, one in entries.items()}
        inputs = replace(problem.inputs, entries={**problem.inputs.entries, **new})
        built = build_problem(inputs)
        fields = {name: getattr(built, name) for name in ("curves", *_FIELDS)}
        plan = what_if.again(replace(problem, stages=stages, **fields))
        return (what_if.posts([i], plan) if plan is not None else 0.0) - wanted + THERE_FTE

    low, at_low = 0.0, -what_if.post_fte
    for high in (*_STRIDES, math.log(MOST_FACTOR)):
        at_high = excess(high)
        if at_high > 0:
            _, there = narrowed(excess, low, high, at_low, at_high, lambda _: EXACT)
            return math.exp(moved.sign * there), None
        low, at_low = high, at_high
    return None, "not_within"
