"""Inputs that a planner could change to make an impossible scenario possible.

A lever is one key of the scenario. Whether a change suffices is always asked of the problem that
the changed inputs describe, never read off another answer: what is printed can be pasted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from fte_alloc.inputs.build import build_problem
from fte_alloc.inputs.entries import Entry
from fte_alloc.inputs.schema import LIMITS_BY_PLACE
from fte_alloc.inputs.written import show_value
from fte_alloc.lp.highs import OPTIMAL
from fte_alloc.lp.matrix import Matrix
from fte_alloc.lp.solving import Live
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.data import ROLES
from fte_alloc.programme.feasibility import formulate_posts
from fte_alloc.programme.limits import FTE, OWN, PARTNER, SHARE, STATE, Limit, Unit, label
from fte_alloc.programme.linear import Programme, Structure
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.statement import STEPS

#: No input may be greater.
_GREATEST = 1e12
_RATE_SAMPLES = 20
_CLOSE, _MOST_TRIES = 64, 100
#: A plan is on a curve that it is above by this share of its contracts; after so many tangents,
#: anyhow.
_ON_THE_CURVE, MOST_TOUCHES = 1e-9, 60


@dataclass(frozen=True)
class Lever:
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
    def unit(self) -> str:
        """Unit of the values: EUR, FTE or 1 for a rate."""
        return self.of.name

    @property
    def extreme(self) -> float:
        """As far as it can be moved."""
        if self.direction < 0:
            return 0.0
        return 1.0 if self.of is SHARE else _GREATEST

    @property
    def scale(self) -> float:
        """What a change is relative to: the present value, or one unit where that is 0."""
        return abs(self.value) or 1.0

    def relative(self, value: float) -> float:
        """Size of a change to *value*, relative to the present value [1]."""
        return abs(value - self.value) / self.scale


@dataclass(frozen=True)
class Changes:
    """Values that make a scenario possible, by lever; no value can be moved one unit back."""

    values: Mapping[Lever, float]

    @property
    def relative(self) -> float:
        """Sum of the relative changes [1]."""
        return sum(lever.relative(value) for lever, value in self.values.items())

    @cached_property
    def options(self) -> tuple[str, ...]:
        """The changes as ``--set`` takes them: key and value."""
        return tuple(f"{lever.key}={show_value(value)}" for lever, value in self.values.items())


def is_possible(problem: Problem) -> bool:
    """Whether any plan keeps every limit."""
    return bool(np.all(np.isfinite(problem.least_effort_fte))) and bool(
        formulated_on_curves(problem)[1]
    )


def formulated_on_curves(problem: Problem) -> tuple[Programme, bool]:
    """The programme of posts, and whether it has a plan that keeps every group rate on the curves.

    Tangents of the curves are added where a plan lies above them, until none does: a programme
    without a plan stays without one on the curves, which lie below their tangents.
    """
    touches: list[Floats] = []
    while True:
        programme = formulate_posts(problem, touches)
        matrix = Matrix.of(programme.lp)
        answer = Live(matrix).checked()
        at = dict(zip(matrix.columns, answer.values.tolist(), strict=False))
        if answer.status != OPTIMAL:
            return programme, False
        effort = on_curves(problem, programme, at)
        if effort is None or len(touches) == MOST_TOUCHES:
            return programme, True
        touches.append(effort)


def on_curves(problem: Problem, programme: Programme, at: Mapping[str, float]) -> Floats | None:
    """None where contracts lie on the curves or below, else the effort there [I,T].

    at : values of the variables by name
    """
    if not programme.decisions.c:
        return None

    def of(symbol: str) -> Floats:
        rows = [[at[label(symbol, c, y)] for y in problem.years] for c in problem.territories]
        return np.array(rows)

    effort = problem.base_effort_fte(of("x")) + problem.productivity_gain * of("v")
    most, _ = problem.most_covered(effort)
    above = (at[c.name] - most[key] for key, c in programme.decisions.c.items())
    return None if max(above) <= _ON_THE_CURVE * max(1.0, float(most.max())) else effort


def changed(problem: Problem, values: Mapping[Lever, float]) -> Problem:
    """The problem with other values of some levers, as its own files would describe it."""
    entries = dict(problem.inputs.entries)
    for lever, value in values.items():
        entry = entries.get(lever.key) or Entry(None, "", lever.unit)  # an exemption is new
        entries[lever.key] = replace(entry, value=value)
    return build_problem(replace(problem.inputs, entries=entries))


def lever_of(problem: Problem, row: Limit | Structure) -> Lever | None:
    """The lever that loosens a limit, None where no input does."""
    if row.name in STEPS:
        kind, key, direction, unit = "step", "posts.step_fte", -1, FTE
    elif isinstance(row, Limit) and row.keys:
        kind, key, direction, unit = row.name, row.keys[-1], -1 if row.is_floor else 1, row.unit
    else:
        return None
    if key not in problem.inputs.entries:
        return None
    return Lever(kind, key, float(problem.inputs.entries[key].value or 0.0), direction, unit)


def exemption(problem: Problem, row: Limit | Structure) -> Lever | None:
    """The lever that gives one place another amount of a built-in limit that all places share."""
    if not isinstance(row, Limit) or row.name not in LIMITS_BY_PLACE or row.code is None:
        return None
    key = f"{OWN}{row.name}.{row.code}"
    if key in row.keys:
        return None  # it has one already, which is a lever itself
    if len(row.keys) > 1:  # what a share and a number of posts allow together
        return Lever(row.name, key, row.amount, 1, row.unit)
    entry = problem.inputs.entries.get(row.keys[-1])
    if entry is None or entry.value is None:
        return None
    return Lever(row.name, key, float(entry.value), -1 if row.is_floor else 1, row.unit)


def rate_levers(problem: Problem, row: Limit | Structure) -> Iterator[Lever]:
    """State rates as levers: lower ones spare the State's money, higher ones the partners'."""
    if not isinstance(row, Limit) or row.is_floor or row.quantity not in (STATE, PARTNER):
        return
    entries, direction = problem.inputs.entries, -1 if row.quantity == STATE else 1
    for role in ROLES:
        keys = (f"posts.{role}.state_rate.{row.year}", f"posts.{role}.state_rate")
        key = next((key for key in keys if key in entries), None)
        if key is not None:
            yield Lever("state_rate", key, float(entries[key].value), direction, SHARE)


def least_change(
    problem: Problem,
    lever: Lever,
    others: Mapping[Lever, float] | None = None,
    guess: float | None = None,
) -> float | None:
    """The value nearest to the present one that suffices, in printed units; None if none does.

    others : values that other levers have by then
    guess : where it may be; a good one spares most of the asking
    """
    step, parts = lever.direction, lever.of.parts

    def suffices(units: int) -> bool:
        return is_possible(changed(problem, {**(others or {}), lever: units / parts}))

    if lever.kind == "step":
        return 0.0 if suffices(0) else None
    here = lever.value * parts
    near = math.floor(here + 1e-6) if step > 0 else math.ceil(here - 1e-6)
    end = round(lever.extreme * parts)
    if lever.kind == "state_rate" and any(li.quantity == PARTNER for li in problem.limits):
        # Too far may be as bad as too near: what spares the budget costs the partners.
        tries = [round(float(units)) for units in np.linspace(near, end, _RATE_SAMPLES + 1)[1:]]
    elif guess is not None:
        first = round(_rounded(lever, guess) * parts)
        tries = [first + step * (4**k - 1) for k in range(-1, 20)]
        tries = [round(u) for u in tries if (u - near) * step > 0 and (end - u) * step > 0] + [end]
    else:
        tries = [end]
    for units in tries:
        if (units - near) * step > 0:
            if suffices(units):
                return _between(near, units, suffices) / parts
            near = units
    return None


def _between(near: int, far: int, suffices: Callable[[int], bool]) -> int:
    """The whole number nearest to *near* that suffices, when *far* does; by doubling, then halving.

    It is looked for close to *far* first, where a good guess has put it.
    """
    step, reach = (1 if far > near else -1), 1
    while (far - near) * step > 1:
        middle = far - step * reach
        if (middle - near) * step <= 0 or reach > _CLOSE:
            middle = (near + far) // 2
        near, far = (near, middle) if suffices(middle) else (middle, far)
        reach *= 4
    return far


def fitted(problem: Problem, wanted: Mapping[Lever, float]) -> Changes | None:
    """Values near those *wanted* that suffice, none of which can be moved one unit back.

    Rounded away from the present values, then each moved back as far as the others allow.
    """
    values = {
        lever: _rounded(lever, value)
        for lever, value in wanted.items()
        if lever.relative(value) > 1e-9
    }
    for _ in range(_MOST_TRIES):
        if is_possible(changed(problem, values)):
            break
        for lever, value in values.items():  # one printed unit further
            units = round(value * lever.of.parts) + lever.direction
            values[lever] = max(0.0, units / lever.of.parts)
    else:
        return None
    for lever in list(values):
        others = {other: value for other, value in values.items() if other is not lever}
        if is_possible(changed(problem, others)):
            values = others
        elif (least := least_change(problem, lever, others, values[lever])) is not None:
            values[lever] = least
    return Changes(values)


def _rounded(lever: Lever, value: float) -> float:
    """A value in printed units, away from the present one."""
    units = value * lever.of.parts
    whole = math.ceil(units - 1e-6) if lever.direction > 0 else math.floor(units + 1e-6)
    return whole / lever.of.parts


def distinct(levers: Iterable[Lever | None]) -> list[Lever]:
    """Levers, each once, in order of first mention."""
    return list(dict.fromkeys(lever for lever in levers if lever is not None))
