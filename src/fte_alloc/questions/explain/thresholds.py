"""The value of one input from which a territory gets one post more, found by solving again.

The problem is built again from the changed input, so that what follows from it changes, too: the
State's grant with the cost, the weights of all other territories with the weight of one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from fte_alloc.inputs.build import build_problem
from fte_alloc.inputs.entries import Entry
from fte_alloc.questions.explain.what_if import WhatIf
from fte_alloc.questions.weights.ends import narrowed_end

#: Largest factor searched; the least is its inverse.
MOST_FACTOR = 10.0
#: Relative accuracy of a threshold.
EXACT = 3e-5
#: Tolerance below the wanted posts within which they count as reached [FTE].
THERE_FTE = 1e-6
_STRIDES = (0.02, 0.08, 0.32, 1.0)
_COSTS = "territories.{code}.facilitator_cost_eur_per_fte", "posts.facilitator.cost_eur_per_fte"
#: Inputs whose change may bring a territory one post more: unit, and dotted keys, of which the
#: first with a value is changed with all keys below it.
MOVED_INPUTS = {
    "contracts": ("contracts", ("contracts.{code}",)),
    "cost": ("EUR/(FTE.yr)", _COSTS),
    "weight": ("1", ("weights.territory.{code}",)),
}
#: Fields of ``Problem`` that depend on these inputs, besides the curves.
_FIELDS = ("contracts_per_year", "territory_weight", "cost_eur_per_fte", "grant_eur_per_fte")


def threshold(what_if: WhatIf, i: int, moved: str) -> dict[str, Any]:
    """Entry of the value that one of ``MOVED_INPUTS`` must have for one post more in a territory.

    It has the keys of the input, its value now, the value needed and the factor between both. The
    last two are None where unknown; the reason is then ``not_within`` the factors searched,
    ``no_effect`` on any objective, ``zero``, which no factor changes, or ``no_inputs`` from which
    to build the problem again.
    """
    problem, code = what_if.problem, what_if.problem.territories[i]
    unit, heads = MOVED_INPUTS[moved]
    keys = [head.format(code=code) for head in heads]
    entries: Mapping[str, Entry] = next(filter(None, map(what_if.entries, keys)), {})
    if moved == "weight" and not entries and problem.inputs is not None:
        entries = {keys[-1]: Entry(1.0, "", status="default")}
    last = entries[max(entries)] if entries else None
    now = last.value if last else None
    if moved == "contracts":
        now = float(problem.contracts_per_year[i, -1].sum())
    factor, reason = _factor(what_if, i, moved, entries)
    return {
        "change": moved,
        "keys": list(entries),
        "origin": last.origin or None if last else None,
        "unit": unit,
        "now": now,
        "needed": None if now is None or factor is None else now * factor,
        "factor": factor,
        "reason": reason,
    }


def _factor(
    what_if: WhatIf, i: int, moved: str, entries: Mapping[str, Entry]
) -> tuple[float | None, str | None]:
    """Factor on the input from which the territory gets the post; else None and the reason."""
    problem, stages = what_if.problem, what_if.problem.stages
    if moved == "weight" and all(stage.objective != "coverage" for stage in stages):
        return None, "no_effect"
    if not entries:
        return None, "no_inputs"
    if not any(one.value for one in entries.values()):
        return None, "zero"
    as_read, wanted = build_problem(problem.inputs), what_if.posts([i]) + what_if.post_fte
    for name in _FIELDS:
        if not all(map(np.array_equal, getattr(as_read, name), getattr(problem, name))):
            return None, "no_inputs"  # the problem was changed after it was built
    first, bends = stages[0], not problem.curves.exact_pieces
    if first.objective == "coverage" and first.concede == 0 and bends:
        stages = stages[:1]  # the first stage settles all posts

    sign = -1 if moved == "cost" else 1  # a lower cost brings posts, more of the others

    def excess(stretch: float) -> float:
        """Posts above those wanted, plus the tolerance, with inputs times exp(±stretch) [FTE]."""
        factor = math.exp(sign * stretch)
        new = {key: one._replace(value=one.value * factor) for key, one in entries.items()}
        inputs = replace(problem.inputs, entries={**problem.inputs.entries, **new})
        built = build_problem(inputs)
        fields = {name: getattr(built, name) for name in ("curves", *_FIELDS)}
        plan = what_if.best_plan_of(replace(problem, stages=stages, **fields))
        return (what_if.posts([i], plan) if plan is not None else 0.0) - wanted + THERE_FTE

    low, at_low = 0.0, -what_if.post_fte
    for high in (*_STRIDES, math.log(MOST_FACTOR)):
        at_high = excess(high)
        if at_high > 0:
            _, there = narrowed_end(excess, low, high, at_low, at_high, lambda _: EXACT)
            return math.exp(sign * there), None
        low, at_low = high, at_high
    return None, "not_within"
