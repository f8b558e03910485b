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
from fte_alloc.inputs.values import show_value
from fte_alloc.lp.highs import OPTIMAL, SolverAnswer
from fte_alloc.lp.matrix import Matrix
from fte_alloc.lp.solving import Live
from fte_alloc.programme.data import FACILITATOR, ROLES
from fte_alloc.programme.feasibility import Touch, formulate_posts
from fte_alloc.programme.limits import FTE, OWN, PARTNER, RATE, SHARE, STATE, Limit, Unit, label
from fte_alloc.programme.linear import Programme, Structure
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.statement import STEPS

_RATE_SAMPLES = 20
_CLOSE, _MOST_TRIES = 64, 100
#: A plan is on a curve that it is above by this share of its contracts; after so many tangents,
#: anyhow.
_ON_THE_CURVE, _MOST_TOUCHES = 1e-9, 60


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
    def extreme(self) -> float:
        """As far as it can be moved: no input may be greater than 1e12."""
        return 0.0 if self.direction < 0 else 1.0 if self.of is SHARE else 1e12

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


# -- is any plan possible? -------------------------------------------------------------------------


def is_possible(problem: Problem) -> bool:
    """Whether any plan keeps every limit."""
    reachable = bool(np.all(np.isfinite(problem.least_effort_fte)))
    return reachable and on_curves(problem)[2].status == OPTIMAL


def on_curves(
    problem: Problem, extend: Callable[[Programme, Matrix], None] | None = None
) -> tuple[Programme, Matrix, SolverAnswer]:
    """The programme of posts and a plan of it that keeps every rate in contracts on the curves.

    extend : adds columns that lower least rates, which are all in contracts then

    Tangents of the curves are added where a plan lies above them, until none does: a programme
    without a plan stays without one on the curves, which lie below their tangents.
    """
    touches: list[Touch] = []
    while True:
        programme = formulate_posts(problem, touches, covering=extend is not None)
        matrix, covered = Matrix.of(programme.lp), programme.decisions.c
        if extend is not None:
            extend(programme, matrix)
        answer = Live(matrix).checked()
        if answer.status != OPTIMAL or not covered or len(touches) == _MOST_TOUCHES:
            return programme, matrix, answer
        at = dict(zip(matrix.columns, answer.values.tolist(), strict=True))
        x, v = (
            np.array([[at[label(of, i, t)] for t in problem.years] for i in problem.territories])
            for of in "xv"
        )
        effort = problem.base_effort_fte(x) + problem.productivity_gain * v
        most, slope = problem.most_covered(effort)
        if all(
            at[c.name] - most[key] <= _ON_THE_CURVE * max(1.0, most[key])
            for key, c in covered.items()
        ):
            return programme, matrix, answer
        touches.append((effort, most, slope))


def changed(problem: Problem, values: Mapping[Lever, float]) -> Problem:
    """The problem with other values of some levers, as its own files would describe it."""
    entries = dict(problem.inputs.entries)
    for lever, value in values.items():
        entry = entries.get(lever.key) or Entry(None, "", lever.of.name)  # an exemption is new
        entries[lever.key] = replace(entry, value=value)
    return build_problem(replace(problem.inputs, entries=entries))


# -- the levers of a limit -------------------------------------------------------------------------


def lever_of(problem: Problem, row: Limit | Structure) -> Lever | None:
    """The lever that loosens a limit, None where no input does."""
    key = problem.step_key(row.name) if row.name in STEPS else ""
    if isinstance(row, Limit) and row.keys:
        key = row.keys[-1]
    entry = problem.inputs.entries.get(key)
    if entry is None:
        return None
    value = float(entry.value or 0.0)
    if not isinstance(row, Limit):
        return Lever("step", key, value, -1, FTE)
    return Lever(row.name, key, value, -1 if row.is_floor else 1, row.unit)


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
    """State rates as levers: lower ones spare the State's money, higher ones the partners'.

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
                yield Lever("state_rate", key, value, direction, SHARE)


def distinct(levers: Iterable[Lever | None]) -> list[Lever]:
    """Levers, each once, in order of first mention."""
    return list(dict.fromkeys(lever for lever in levers if lever is not None))


# -- how far they must be moved --------------------------------------------------------------------


def cheapest_combination(
    problem: Problem, only: Lever | None = None
) -> tuple[dict[Lever, float], float] | None:
    """Values of levers that together make a problem possible, and the least relative sum.

    only : the one lever that may move; None: every lever of the problem's limits

    A lever moves its limits by t ≥ 0 at the price 1 / present value; Σ price · t is minimised over
    the posts and all t, a lower bound for any such combination. A share multiplies posts and is
    none, nor is a State rate: these are compared alone with what is found. None where no change
    does.
    """
    levers: list[Lever] = []

    def extend(programme: Programme, matrix: Matrix) -> None:
        """A column for every lever."""
        rows = (row for row in programme.rows.values() if isinstance(row, Limit))
        limits = [row for row in rows if not row.is_share]
        limits.sort(key=lambda one: one.quantity == RATE and len(one.territories) == 1)
        levers[:] = [only] if only else distinct(lever_of(problem, one) for one in limits)
        for lever in levers:
            moves = [_loosens(problem, lever, programme.rows[name]) for name in matrix.rows]
            most = lever.value if lever.direction < 0 else np.inf
            matrix.add_column(lever.key, np.array(moves), 1 / lever.scale, 0.0, most)

    _, matrix, answer = on_curves(problem, extend)
    if answer.status != OPTIMAL:
        return None
    by = answer.values[len(answer.values) - len(levers) :].tolist()
    found = {v: v.value + v.direction * t for v, t in zip(levers, by, strict=True)}
    return found, float(matrix.cost @ answer.values)


def _loosens(problem: Problem, lever: Lever, row: Limit | Structure) -> float:
    """Coefficient in a row of one unit of a lever, 0 where it does not move its limit."""
    if not isinstance(row, Limit) or lever not in (lever_of(problem, row), exemption(problem, row)):
        return 0.0
    of_one = row.per_key / row.unit.row
    if row.quantity == RATE:
        t = problem.years.index(row.year)
        of_one = float(problem.contracts_per_year[list(row.territories), t].sum())
    return -lever.direction * of_one


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
        first = round(lever.rounded(guess) * parts)
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
        lever: lever.rounded(value)
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
