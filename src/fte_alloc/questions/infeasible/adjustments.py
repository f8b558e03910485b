"""Inputs that a planner could change to make an impossible scenario possible.

An adjustment is one key of the scenario. Whether a change suffices is always asked of the problem
that the changed inputs describe, never read off another answer: what is printed can be pasted.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from fte_alloc.inputs.build import build_problem
from fte_alloc.inputs.entries import Entry
from fte_alloc.inputs.schema import LIMITS_BY_PLACE
from fte_alloc.inputs.values import MOST, show_value
from fte_alloc.lp.highs import OPTIMAL
from fte_alloc.lp.matrix import Matrix
from fte_alloc.programme.data import FACILITATOR, ROLES
from fte_alloc.programme.limits import FTE, OWN, PARTNER, RATE, SHARE, STATE, Limit, Unit
from fte_alloc.programme.linear import Programme, Structure
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.statement import STEPS
from fte_alloc.search.feasibility import is_feasible, solve_posts

_RATE_SAMPLES = 20
_MOST_TRIES = 100


@dataclass(frozen=True)
class Adjustment:
    """One input that could be changed, in one direction.

    kind : the constraint it loosens, or ``state_rate``
    value : present value, in the unit of the key
    of : that unit
    direction : 1 where it is raised, −1 where it is lowered
    """

    kind: str
    key: str
    value: float
    direction: int
    of: Unit

    @property
    def extreme(self) -> float:
        """As far as it can be moved."""
        return 0.0 if self.direction < 0 else 1.0 if self.of is SHARE else MOST

    @property
    def scale(self) -> float:
        """What a change is relative to: the present value, or one unit where that is 0."""
        return abs(self.value) or 1.0

    def relative(self, value: float) -> float:
        """Size of a change to *value*, relative to the present value [1]."""
        return abs(value - self.value) / self.scale

    def rounded(self, value: float) -> float:
        """A value in printed units, away from the present one."""
        units = value * self.of.parts
        whole = math.ceil(units - 1e-6) if self.direction > 0 else math.floor(units + 1e-6)
        return whole / self.of.parts


@dataclass(frozen=True)
class Repair:
    """Values that make a scenario possible, by adjustment; no value can be moved one unit back."""

    values: Mapping[Adjustment, float]

    @property
    def relative(self) -> float:
        """Sum of the relative changes [1]."""
        return sum(one.relative(value) for one, value in self.values.items())

    @cached_property
    def options(self) -> tuple[str, ...]:
        """The changes as ``--set`` takes them: key and value."""
        return tuple(f"{one.key}={show_value(value)}" for one, value in self.values.items())


def adjusted(problem: Problem, values: Mapping[Adjustment, float]) -> Problem:
    """The problem with other values of some adjustments, as its own files would describe it."""
    entries = dict(problem.inputs.entries)
    for one, value in values.items():
        entry = entries.get(one.key) or Entry(None, "", one.of.name)  # an exemption is new
        entries[one.key] = replace(entry, value=value)
    return build_problem(replace(problem.inputs, entries=entries))


# -- the adjustments of a limit -------------------------------------------------------------------


def adjustment_of(problem: Problem, row: Limit | Structure) -> Adjustment | None:
    """The adjustment that loosens a limit, None where no input does."""
    key = problem.step_key(row.name) if row.name in STEPS else ""
    if isinstance(row, Limit) and row.keys:
        key = row.keys[-1]
    entry = problem.inputs.entries.get(key)
    if entry is None:
        return None
    value = float(entry.value or 0.0)
    if not isinstance(row, Limit):
        return Adjustment("step", key, value, -1, FTE)
    return Adjustment(row.name, key, value, -1 if row.is_floor else 1, row.unit)


def exemption_of(problem: Problem, row: Limit | Structure) -> Adjustment | None:
    """The adjustment by which one place has another amount of a built-in limit that all share."""
    if not isinstance(row, Limit) or row.name not in LIMITS_BY_PLACE or row.code is None:
        return None
    key = f"{OWN}{row.name}.{row.code}"
    if key in row.keys:
        return None  # it has one already, which is an adjustment itself
    # Of several keys the amount is what a share and a number of posts allow together.
    value = row.amount if len(row.keys) > 1 else problem.inputs.value(row.keys[0])
    if value is None:
        return None
    return Adjustment(row.name, key, float(value), -1 if row.is_floor else 1, row.unit)


def rate_adjustments(problem: Problem, row: Limit | Structure) -> Iterator[Adjustment]:
    """State rates as adjustments: lower ones spare the State's money, higher ones the partners'.

    A place's own rate is one; other places share that of the model.
    """
    if not isinstance(row, Limit) or row.is_floor or row.quantity not in (STATE, PARTNER):
        return
    inputs, direction = problem.inputs, -1 if row.quantity == STATE else 1
    for role, places in zip(ROLES, row.places, strict=True):
        own: dict[int, list[str]] = {}
        for code in inputs.column(f"{role}_state_rate"):
            i = problem.territories.index(code)
            place = i if role == FACILITATOR else int(problem.area_of[i])
            own.setdefault(place, []).append(f"territories.{code}.{role}_state_rate")
        for j in places:
            key, *others = own.get(j, [inputs.key_of(f"posts.{role}.state_rate", row.year)])
            if not others and key in inputs.entries:  # of several, one alone is refused
                value = float(inputs.entries[key].value)
                yield Adjustment("state_rate", key, value, direction, SHARE)


# -- how far they must be moved --------------------------------------------------------------------


def cheapest_combination(
    problem: Problem, only: Adjustment | None = None
) -> tuple[dict[Adjustment, float], float] | None:
    """Values of adjustments that together make a problem possible, and the least relative sum.

    only : the one adjustment that may move; None: every adjustment of the problem's limits

    An adjustment moves its limits by t ≥ 0 at the price 1 / present value; Σ price · t is minimised
    over the posts and all t, a lower bound for any such combination. A share multiplies posts and
    is none, nor is a State rate: these are compared alone with what is found. None where no change
    does.
    """
    adjustments: list[Adjustment] = []

    def extend(programme: Programme, matrix: Matrix) -> None:
        """A column for every adjustment."""
        rows = (row for row in programme.rows.values() if isinstance(row, Limit))
        limits = [row for row in rows if not row.is_share]
        limits.sort(key=lambda one: one.quantity == RATE and len(one.territories) == 1)
        of_limits = dict.fromkeys(adjustment_of(problem, one) for one in limits)
        adjustments[:] = [only] if only else filter(None, of_limits)
        for adjustment in adjustments:
            moves = [_loosens(problem, adjustment, programme.rows[name]) for name in matrix.rows]
            most = adjustment.value if adjustment.direction < 0 else np.inf
            matrix.add_column(adjustment.key, np.array(moves), 1 / adjustment.scale, 0.0, most)

    _, matrix, answer = solve_posts(problem, extend)
    if answer.status != OPTIMAL:
        return None
    by = answer.values[len(answer.values) - len(adjustments) :].tolist()
    found = {v: v.value + v.direction * t for v, t in zip(adjustments, by, strict=True)}
    return found, float(matrix.cost @ answer.values)


def _loosens(problem: Problem, adjustment: Adjustment, row: Limit | Structure) -> float:
    """Coefficient in a row of one unit of an adjustment, 0 where it does not move its limit."""
    if not isinstance(row, Limit) or adjustment not in (
        adjustment_of(problem, row),
        exemption_of(problem, row),
    ):
        return 0.0
    of_one = row.per_key / row.unit.row
    if row.quantity == RATE:
        t = problem.years.index(row.year)
        of_one = float(problem.contracts_per_year[list(row.territories), t].sum())
    return -adjustment.direction * of_one


def least_change(
    problem: Problem,
    adjustment: Adjustment,
    others: Mapping[Adjustment, float] | None = None,
    guess: float | None = None,
) -> float | None:
    """The value nearest to the present one that suffices, in printed units; None if none does.

    others : values that other adjustments have by then
    guess : where it may be; a good one spares most of the asking
    """
    if others is None and adjustment.kind not in ("state_rate", "step"):
        found = cheapest_combination(problem, adjustment)
        if found is None:
            return None
        guess = found[0][adjustment]
    step, parts = adjustment.direction, adjustment.of.parts

    def suffices(units: int) -> bool:
        return is_feasible(adjusted(problem, {**(others or {}), adjustment: units / parts}))

    if adjustment.kind == "step":
        return 0.0 if suffices(0) else None
    here = adjustment.value * parts
    near = math.floor(here + 1e-6) if step > 0 else math.ceil(here - 1e-6)
    end = round(adjustment.extreme * parts)
    if adjustment.kind == "state_rate" and any(li.quantity == PARTNER for li in problem.limits):
        # Too far may be as bad as too near: what spares the budget costs the partners.
        tries = [round(float(units)) for units in np.linspace(near, end, _RATE_SAMPLES + 1)[1:]]
    elif guess is not None:
        first = round(adjustment.rounded(guess) * parts)
        tries = [first + step * (4**k - 1) for k in range(-1, 20)]
        tries = [round(u) for u in tries if (u - near) * step > 0 and (end - u) * step > 0] + [end]
    else:
        tries = [end]
    for units in tries:
        if (units - near) * step > 0:
            if suffices(units):
                between = range(near + step, units + step, step)
                least = bisect_left(between, True, hi=len(between) - 1, key=suffices)
                return between[least] / parts
            near = units
    return None


def fitted_repair(problem: Problem, wanted: Mapping[Adjustment, float]) -> Repair | None:
    """Values near those *wanted* that suffice, none of which can be moved one unit back.

    Rounded away from the present values, then each moved back as far as the others allow.
    """
    values = {
        adjustment: adjustment.rounded(value)
        for adjustment, value in wanted.items()
        if adjustment.relative(value) > 1e-9
    }
    for _ in range(_MOST_TRIES):
        if is_feasible(adjusted(problem, values)):
            break
        for adjustment, value in values.items():  # one printed unit further
            units = round(value * adjustment.of.parts) + adjustment.direction
            values[adjustment] = max(0.0, units / adjustment.of.parts)
    else:
        return None
    for adjustment in list(values):
        others = {other: value for other, value in values.items() if other is not adjustment}
        if is_feasible(adjusted(problem, others)):
            values = others
        elif (least := least_change(problem, adjustment, others, values[adjustment])) is not None:
            values[adjustment] = least
    return Repair(values)
