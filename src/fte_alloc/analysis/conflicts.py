"""Conflicts of a scenario, told as accounts.

One limit is short; against it count what is given (posts in place or renewed) and what the other
limits of the conflict demand, each in the unit of the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fte_alloc import words
from fte_alloc.analysis.levers import LIMIT_KEYS, lever_of
from fte_alloc.coverage import Floats
from fte_alloc.errors import SolverError
from fte_alloc.formulation import EUR_PER_KEUR, formulate_posts
from fte_alloc.lp.conflicts import conflict_of
from fte_alloc.lp.matrix import Matrix
from fte_alloc.lp.solving import OPTIMAL, Live
from fte_alloc.problem import ROLES, Problem

Limit = tuple[str, str | None, int]
Limits = Mapping[str, Limit]

#: Limits that can be short, the most telling first; the first that stands alone in a conflict is
#: the one the others are counted against.
SHORT = ("budget", "partners", "cap", "growth", "max_new", "coordinator_max")
#: Limits that ask for posts, and rows that only say how posts and support hang together.
DEMANDS = ("coordinator_required", "min_new", "least")
STRUCTURE = ("supported", "span", "keep_facilitator", "keep_coordinator", "coordinator_max")
MONEY = ("budget", "partners")
#: Where a problem has the value of a limit: its field, what that is indexed by, its unit.
_FIELDS = {
    "budget": ("state_eur_per_year", "year", "EUR"),
    "cap": ("cap_fte", "year", "FTE"),
    "partners": ("partner_capacity_eur", "territories", "EUR"),
    "growth": ("growth_fte_per_year", "territories", "FTE"),
    "min_new": ("min_new_facilitators_fte", "territories", "FTE"),
    "max_new": ("max_new_facilitators_fte", "territories", "FTE"),
    "least": ("least_rate", "territories", "1"),
    "coordinator_required": ("required_coordinators_fte", "areas", "FTE"),
    "coordinator_max": ("max_new_coordinators_fte", "areas", "FTE"),
    "span": ("supports_fte", "", "FTE"),
    "step_facilitator": ("step_fte", "", "FTE"),
    "step_coordinator": ("step_fte", "", "FTE"),
}
_OTHER_KEYS = {"span": "posts.coordinator.supports_fte"}
#: What cannot be undone by a scenario: posts in place count in the cap alone.
_GIVEN = {
    "budget": ("committed",),
    "partners": ("committed",),
    "cap": ("existing", "committed"),
}


@dataclass(frozen=True)
class Item:
    """One line of a conflict.

    limit : a constraint of ``formulation.CONSTRAINTS``, ``existing`` or ``committed``
    territories : codes of the territories or areas it is about; empty for a national limit
    value, unit : as the scenario has it; None where it has no one value
    amount : what it comes to in the unit of the limit that is short; None where it does not count
    key, origin : where it is set
    rows : how many rows of a table it stands for
    """

    limit: str
    territories: tuple[str, ...]
    year: int
    value: float | None
    unit: str
    amount: float | None
    key: str
    origin: str
    rows: int = 1


@dataclass(frozen=True)
class Account:
    """Limits that contradict each other; without any one key of them, they do not.

    short : the limit that is short; None where no one limit is
    needed : the least that ``short`` would have to be for the others [its unit]
    """

    items: tuple[Item, ...]
    short: Item | None
    needed: float | None
    amount_unit: str
    rows: tuple[str, ...]


def conflicts_of(problem: Problem) -> Iterator[Account]:
    """Conflicts that have no limit in common, until what is left is possible."""
    for i, t in np.argwhere(~np.isfinite(problem.least_effort_fte)):
        if problem.least_rate[i] > 0:
            code, year = problem.territories[i], problem.years[t]
            item = _item(problem, "least", (code,), year, _highest_rate(problem, i, t))
            yield Account((item,), None, None, "", ())
    programme = formulate_posts(problem)
    matrix = Matrix.of(programme.lp)
    known = programme.limits
    while (core := _core(problem, matrix, known)) is not None:
        rows = conflict_of(core).rows
        yield _account(problem, known, matrix, {name: known[name] for name in rows})
        told = {_key_of(problem, known[name]) for name in rows} - {None}
        if not told:
            raise SolverError(words.ROWS_WITHOUT_INPUT.format(rows=rows))
        matrix = _freed(matrix, [name for name in known if _key_of(problem, known[name]) in told])


def _core(problem: Problem, matrix: Matrix, known: Limits) -> Matrix | None:
    """The programme with the limits of as few keys as leave it impossible; None if it is possible.

    Keys are let go one after the other, those of single territories first.
    """
    keys = {key: rank for rank, key in enumerate(reversed(LIMIT_KEYS))}
    if Live(matrix).checked().status == OPTIMAL:
        return None
    for key in sorted(
        dict.fromkeys(k for limit in known.values() if (k := _key_of(problem, limit))),
        key=lambda key: (keys[key[0]], key),
    ):
        fewer = _freed(matrix, [name for name in known if _key_of(problem, known[name]) == key])
        if Live(fewer).checked().status != OPTIMAL:
            matrix = fewer
    return matrix


def _key_of(problem: Problem, limit: Limit) -> tuple[str, str] | None:
    """Constraint and code under which a limit is set; None where no input sets it.

    What recruitment allows differs from territory to territory, though one key sets it.
    """
    constraint, code, year = limit
    if constraint not in LIMIT_KEYS:
        return None
    if constraint in ("coordinator_required", "coordinator_max"):
        return constraint, ""
    lever = None if problem.inputs is None else lever_of(problem, constraint, None, year)
    by_year = lever is None or lever.key.endswith(f".{year}")
    return constraint, f"{code or ''}.{year if by_year else ''}"


def _freed(matrix: Matrix, names: Iterable[str]) -> Matrix:
    """The programme without the limits of some rows."""
    freed = np.isin(matrix.rows, list(names))
    return replace(
        matrix,
        row_lower=np.where(freed, -np.inf, matrix.row_lower),
        row_upper=np.where(freed, np.inf, matrix.row_upper),
    )


def _account(
    problem: Problem,
    known: Limits,
    matrix: Matrix,
    limits: Limits,
) -> Account:
    """A conflict as an account.

    What a national limit cannot afford is all that is demanded in its year, not only as much of it
    as is already too much.
    """
    row = next(
        (
            alone[0]
            for constraint in SHORT
            if len(alone := [name for name, limit in limits.items() if limit[0] == constraint]) == 1
        ),
        None,
    )
    in_conflict = dict(limits)
    if row is not None and limits[row][1] is None:
        kinds = {limit[0] for limit in limits.values() if limit[0] in DEMANDS}
        year = limits[row][2]
        in_conflict |= {n: li for n, li in known.items() if li[0] in kinds and li[2] == year}
    items: list[Item] = []
    if row is not None:
        constraint, code, year = limits[row]
        short = _item(problem, constraint, (code,) if code else (), year)
        items += [short, *_given(problem, short)]
    for names in _families(in_conflict, row):
        constraint, _, year = in_conflict[names[0]]
        codes = tuple(str(in_conflict[name][1]) for name in names)
        amount = None
        if row is not None and constraint in DEMANDS:
            amount = _least_use(matrix, known, row, names) * _unit(short.limit)
        items.append(_item(problem, constraint, codes, year, amount))
    if row is None:
        return Account(tuple(items), None, None, "", tuple(limits))
    used = _least_use(matrix, known, row, list(in_conflict)) * _unit(short.limit)
    given = sum(item.amount or 0.0 for item in items if item.limit in ("existing", "committed"))
    amount_unit = "EUR" if short.limit in MONEY else "FTE"
    return Account(tuple(items), short, used + given, amount_unit, tuple(limits))


def _families(limits: Limits, row: str | None) -> Iterator[list[str]]:
    """Rows of one constraint and year together, demands first, without what goes without saying."""
    order = [*DEMANDS, *SHORT, "span", "keep_facilitator", "keep_coordinator"]
    order += ["step_facilitator", "step_coordinator"]
    for constraint in order:
        for year in sorted({limit[2] for limit in limits.values()}):
            names = [
                name
                for name, limit in limits.items()
                if limit[0] == constraint and limit[2] == year and name != row
            ]
            if names:
                yield names


def _least_use(
    matrix: Matrix,
    limits: Limits,
    row: str,
    names: Sequence[str],
) -> float:
    """The least that new posts take of a row's limit when only some rows must be kept."""
    kept = {name for name in names if name != row}
    kept |= {name for name, limit in limits.items() if limit[0] in STRUCTURE and name != row}
    r = matrix.rows.index(row)
    entries = slice(matrix.start[r], matrix.start[r + 1])
    cost: Floats = np.zeros(len(matrix.columns))
    cost[matrix.index[entries]] = matrix.value[entries]
    sub = _freed(matrix, set(matrix.rows) - kept)
    answer = Live(replace(sub, maximise=False, cost=cost, constant=0.0)).checked()
    return answer.objective if answer.status == OPTIMAL else np.nan


def _highest_rate(problem: Problem, i: int, t: int) -> float:
    """The rate that no effort in a territory exceeds [1]."""
    shape = problem.contracts_per_year.shape
    endless = np.full(shape, 1e9 * (1.0 + float(problem.fixed_facilitators_fte.sum())))
    covered = problem.curves.value(endless.ravel()).reshape(shape)[i, t].sum()
    return float(covered / problem.contracts_per_year[i, t].sum())


# -- items -----------------------------------------------------------------------------------------


def _unit(constraint: str) -> float:
    """From the unit of a row to that of its amounts."""
    return EUR_PER_KEUR if constraint in MONEY else 1.0


def _item(
    problem: Problem,
    constraint: str,
    codes: tuple[str, ...],
    year: int,
    amount: float | None = None,
) -> Item:
    """A limit as the scenario has it."""
    value, unit, key = _value(problem, constraint, codes[:1], year)
    origins = {}
    for code in codes or ("",):
        one = key.format(code=code)
        if problem.inputs is not None:
            entries = problem.inputs.entries
            entry = entries.get(f"{one}.{year}") or entries.get(one)
            origins[one] = entry.origin if entry else ""
    if constraint in SHORT and amount is None:
        amount = value
    if len(origins) > 1:  # a column, told as one
        files = sorted({_file(origin) for origin in origins.values()})
        values = {_value(problem, constraint, (code,), year)[0] for code in codes}
        value = value if len(values) == 1 else None
        column = key.rpartition(".")[2]
        return Item(
            constraint, codes, year, value, unit, amount, column, ", ".join(files), len(origins)
        )
    key = key.format(code=codes[0] if codes else "")
    return Item(constraint, codes, year, value, unit, amount, key, origins.get(key, ""))


def _file(origin: str) -> str:
    """The file of an origin, or the option."""
    return "--set" if origin.startswith("--set ") else origin.rpartition(":")[0] or origin


def _value(
    problem: Problem, constraint: str, codes: tuple[str, ...], year: int
) -> tuple[float | None, str, str]:
    """Value of a limit, its unit and its key, the code in it left open."""
    key = _OTHER_KEYS.get(constraint) or LIMIT_KEYS.get(constraint, ("", 0))[0]
    if constraint not in _FIELDS:
        return None, "", key
    field, axis, unit = _FIELDS[constraint]
    values = getattr(problem, field)
    if axis == "year":
        return float(values[problem.years.index(year)]), unit, key
    if axis:
        return float(values[getattr(problem, axis).index(codes[0])]), unit, key
    return float(values), unit, key


def _given(problem: Problem, short: Item) -> Iterator[Item]:
    """Posts in place or renewed that count against a limit, whatever is decided."""
    t = problem.years.index(short.year)
    inside = np.ones(len(problem.territories), bool)
    areas = np.ones(len(problem.areas), bool)
    if short.territories:
        inside = np.array([code in short.territories for code in problem.territories])
        alone = {problem.areas[problem.area_of[i]] for i in np.flatnonzero(inside)}
        own = bool(problem.alone_in_area[inside].all())
        areas = np.array([own and area in alone for area in problem.areas])
    rates = {"cap": [1.0, 1.0]}
    rates["budget"] = [float(problem.grant_eur_per_fte[r][t]) for r in range(2)]
    rates["partners"] = [float(problem.partner_share_eur(r)[t]) for r in range(2)]
    for kind in _GIVEN.get(short.limit, ()):
        posts = (
            getattr(problem, f"{kind}_facilitators_fte")[inside],
            getattr(problem, f"{kind}_coordinators_fte")[areas],
        )
        fte = [float(counts.sum()) for counts in posts]
        if not any(fte):
            continue
        role = ROLES[0] if fte[0] else ROLES[1]
        column = f"{kind}_{role}s_fte"
        amount = sum(f * rate for f, rate in zip(fte, rates[short.limit], strict=True))
        origin, rows = _table_origin(problem, column, inside)
        codes = short.territories
        yield Item(kind, codes, short.year, sum(fte), "FTE", amount, column, origin, rows)


def _table_origin(problem: Problem, column: str, inside: np.ndarray) -> tuple[str, int]:
    """File of a column, and how many of its rows count."""
    if problem.inputs is None:
        return "", 0
    entries = problem.inputs.entries
    origins = [
        entries[key].origin
        for code, counts in zip(problem.territories, inside, strict=True)
        if counts and (key := f"territories.{code}.{column}") in entries
        if entries[key].value
    ]
    if len(origins) == 1:
        return origins[0], 1
    files = {origin.rpartition(":")[0] for origin in origins}
    return ", ".join(sorted(files)), len(origins)
