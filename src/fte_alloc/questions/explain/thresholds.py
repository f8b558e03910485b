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
    fields : what of ``Problem`` follows from them
    sign : 1 where more of it is what helps, −1 where less is
    """

    name: str
    heads: tuple[str, ...]
    fields: tuple[str, ...]
    sign: int
    default: float | None = None


MOVED_INPUTS = (
    MovedInput(
        "contracts", ("contracts.{code}",), ("contracts_per_year", "curves", "territory_weight"), 1
    ),
    MovedInput(
        "cost",
        ("territories.{code}.facilitator_cost_eur_per_fte", "posts.facilitator.cost_eur_per_fte"),
        ("cost_eur_per_fte", "grant_eur_per_fte"),
        -1,
    ),
    MovedInput("weight", ("weights.territory.{code}",), ("territory_weight",), 1, default=1.0),
)


def thresholds(what_if: WhatIf, i: int, *, held: bool) -> list[dict[str, Any]]:
    """What each input alone must be for one post more in a territory, as explanations give it.

    held : whether a limit of the territory leaves no room for one, whatever an input is

    Each has the keys of its inputs, their value now and the one needed where there is one, and the
    factor between them; None where none is known, for one of these reasons: ``held`` by a limit of
    its own, ``not_within`` the factors searched, ``no_effect`` on any objective, ``no_inputs``.
    Where costs differ by place, ``is_own`` says whether that of the cost is the territory's own.
    """
    found, inputs = list[dict[str, Any]](), what_if.problem.inputs
    own = inputs.column("facilitator_cost_eur_per_fte") if inputs else {}
    for moved in MOVED_INPUTS:
        entries = _entries(what_if, moved, what_if.problem.territories[i])
        last = entries[max(entries)] if entries else None
        now = last.value if last is not None and moved.name != "contracts" else None
        factor, reason = (None, "held") if held else _factor(what_if, i, moved, entries)
        unit = "_eur_per_fte" if moved.name == "cost" else ""
        found.append(
            {
                "change": moved.name,
                "keys": list(entries),
                "origin": last.origin or None if last is not None else None,
                "factor": factor,
                f"now{unit}": now,
                f"needed{unit}": None if now is None or factor is None else now * factor,
                "reason": reason,
            }
        )
        if moved.name == "cost" and own:
            found[-1]["is_own"] = what_if.problem.territories[i] in own
    return found


def _entries(what_if: WhatIf, moved: MovedInput, code: str) -> dict[str, Entry]:
    """The inputs that are moved, by key."""
    heads = [head.format(code=code) for head in moved.heads]
    found = next(filter(None, map(what_if.entries, heads)), {})
    if not found and moved.default is not None and what_if.problem.inputs is not None:
        found = {heads[-1]: Entry(moved.default, "", status="default")}
    return found


def _factor(
    what_if: WhatIf, i: int, moved: MovedInput, entries: Mapping[str, Entry]
) -> tuple[float | None, str | None]:
    """The factor from which the post is there, or why none is known."""
    problem = what_if.problem
    if moved.name == "weight" and all(s.objective != "coverage" for s in problem.stages):
        return None, "no_effect"
    if not entries:
        return None, "no_inputs"
    as_read, wanted = build_problem(problem.inputs), what_if.posts(i) + what_if.post_fte
    followed = (name for name in moved.fields if name != "curves")
    pairs = ((getattr(as_read, n), getattr(problem, n)) for n in followed)
    if not all(map(np.array_equal, *pair) for pair in pairs):
        return None, "no_inputs"  # changed since they were read

    def excess(stretch: float) -> float:
        """Posts above those wanted with the inputs multiplied; what is short by a hair is there."""
        factor = math.exp(moved.sign * stretch)
        new = {key: replace(one, value=one.value * factor) for key, one in entries.items()}
        inputs = replace(problem.inputs, entries={**problem.inputs.entries, **new})
        built = build_problem(inputs)
        changed = replace(problem, **{name: getattr(built, name) for name in moved.fields})
        plan = what_if.again(changed)
        return (what_if.posts(i, plan) if plan is not None else 0.0) - wanted + THERE_FTE

    low, at_low = 0.0, -what_if.post_fte
    for high in (*_STRIDES, math.log(MOST_FACTOR)):
        at_high = excess(high)
        if at_high > 0:
            _, there = narrowed(excess, low, high, at_low, at_high, lambda _: EXACT)
            return math.exp(moved.sign * there), None
        low, at_low = high, at_high
    return None, "not_within"
