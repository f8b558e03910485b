"""Inputs that a planner could change to make an impossible scenario possible.

An adjustment is one key of the scenario. Whether a change suffices is always tested on the problem
built from the changed inputs, so that a printed change can be pasted.
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

    kind : name of the limit that it loosens, ``step`` or ``state_rate``
    value : present value, in the unit of the key
    of : unit of the key
    direction : 1 where it is raised, −1 where it is lowered
    """

    kind: str
    key: str
    value: float
    direction: int
    of: Unit

    @property
    def extreme(self) -> float:
        """The furthest value that the input may take in this direction."""
        most = 1.0 if self.of is SHARE and self.kind != "growth" else MOST
        return 0.0 if self.direction < 0 else most

    @property
    def scale(self) -> float:
        """Divisor of relative changes: the present value, or one unit where that is 0."""
        return abs(self.value) or 1.0

    def relative(self, value: float) -> float:
        """Size of a change to *value*, relative to the present value [1]."""
        return abs(value - self.value) / self.scale

    def rounded(self, value: float) -> float:
        """A value rounded to printed units, away from the present value."""
        units = value * self.of.parts
        whole = math.ceil(units - 1e-6) if self.direction > 0 else math.floor(units + 1e-6)
        return whole / self.of.parts


@dataclass(frozen=True)
class Repair:
    """Values by adjustment that make a scenario possible; no value can be moved back a unit."""

    values: Mapping[Adjustment, float]

    @property
    def relative(self) -> float:
        """Sum of the relative changes [1]."""
        return sum(one.relative(value) for one, value in self.values.items())

    @cached_property
    def options(self) -> tuple[str, ...]:
        """The changes as texts ``KEY=VALUE`` for ``--set``."""
        return tuple(f"{one.key}={show_value(value)}" for one, value in self.values.items())


def adjusted(problem: Problem, values: Mapping[Adjustment, float]) -> Problem:
    """The problem built again from its inputs, with other values of some adjustments."""
    entries = dict(problem.inputs.entries)
    for one, value in values.items():
        entry = entries.get(one.key) or Entry(None, "", one.of.name)  # a new key: an exemption
        entries[one.key] = entry._replace(value=value)
    return build_problem(replace(problem.inputs, entries=entries))


# -- the adjustments of a limit -------------------------------------------------------------------


def adjustment_of(problem: Problem, row: Limit | Structure) -> Adjustment | None:
    """The adjustment that loosens a limit or a step, None where no input does."""
    key = problem.step_key(row.name) if row.name in STEPS else ""
    if isinstance(row, Limit) and row.keys:
        key = row.keys[-1]
    entry = problem.inputs.entries.get(key)
    if entry is None:
        return None
    value = float(entry.value or 0.0)
    if not isinstance(row, Limit):
        return Adjustment("step", key, value, -1, FTE)
    unit = SHARE if entry.unit == SHARE.name else row.unit
    return Adjustment(row.name, key, value, -1 if row.is_floor else 1, unit)


def exemption_of(problem: Problem, row: Limit | Structure) -> Adjustment | None:
    """The ``Adjustment`` that overrides a built-in limit for one place; None if there is none."""
    if not isinstance(row, Limit) or row.name not in LIMITS_BY_PLACE or row.code is None:
        return None
    key = f"{OWN}{row.name}.{row.code}"
    if key in row.keys:
        return None  # the place has its own amount: see ``adjustment_of``
    # With several keys, a share and a number of posts together give the amount.
    value = row.amount if len(row.keys) > 1 else problem.inputs.value(row.keys[0])
    if value is None:
        return None
    return Adjustment(row.name, key, float(value), -1 if row.is_floor else 1, row.unit)


def rate_adjustments(problem: Problem, row: Limit | Structure) -> Iterator[Adjustment]:
    """Adjustments of State rates: lower rates spare the State's money, higher ones the partners'.

    A place's own rate is an adjustment by itself; the other places share the model's rate.
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
            if not others and key in inputs.entries:  # several keys must change together
                value = float(inputs.entries[key].value)
                yield Adjustment("state_rate", key, value, direction, SHARE)


# -- how far they must be moved --------------------------------------------------------------------


def cheapest_combination(
    problem: Problem, only: Adjustment | None = None
) -> tuple[dict[Adjustment, float], float] | None:
    """Values of adjustments that together make a problem possible, and the least relative sum.

    only : the one adjustment that may move; None: every adjustment of the problem's limits

    An adjustment moves its limits by t ≥ 0 at the price 1 / scale; Σ price · t is minimised over
    the posts and all t, a lower bound for any such combination. Shares and State rates multiply
    posts and are left out; diagnoses compare them, each alone, with the combination. None where no
    combination suffices.
    """
    adjustments: list[Adjustment] = []

    def extend(programme: Programme, matrix: Matrix) -> None:
        """Add a column for every adjustment."""
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
    """Coefficient of one unit of an adjustment in a row, 0 where it does not move the row."""
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
    """The value nearest to the present one, in printed units, that makes a plan possible; or None.

    others : values of other adjustments that are changed as well
    guess : expected value; a good guess saves most of the tests
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
        # A rate may be moved too far: a change that spares the budget costs the partners.
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
    """A repair with values near those *wanted*; None where ``_MOST_TRIES`` tries find none.

    Values are rounded away from the present ones, then each is moved back as far as possible.
    """
    values = {one: one.rounded(v) for one, v in wanted.items() if one.relative(v) > 1e-9}
    for _ in range(_MOST_TRIES):
        if is_feasible(adjusted(problem, values)):
            break
        for one, value in values.items():  # one printed unit further
            values[one] = max(0.0, (round(value * one.of.parts) + one.direction) / one.of.parts)
    else:
        return None
    for adjustment in list(values):
        others = {one: value for one, value in values.items() if one is not adjustment}
        if is_feasible(adjusted(problem, others)):
            values = others
        elif (least := least_change(problem, adjustment, others, values[adjustment])) is not None:
            values[adjustment] = least
    return Repair(values)
