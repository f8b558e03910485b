"""Conflicts of a scenario, told as accounts.

One limit is short; against it count what is given (posts in place or renewed) and what the other
limits of the conflict demand, each in the unit of the first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from fte_alloc.errors import SolverError
from fte_alloc.language import _
from fte_alloc.lp.conflict import conflict_of
from fte_alloc.lp.highs import OPTIMAL
from fte_alloc.lp.matrix import Matrix
from fte_alloc.lp.solving import Live
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.data import ROLES, per_post
from fte_alloc.programme.limits import NETWORK, NEW, OPENED, PARTNER, RATE, STATE, Limit
from fte_alloc.programme.linear import Structure
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.statement import STEPS
from fte_alloc.questions.infeasible.adjustments import formulated_on_curves

Row = Limit | Structure
Rows = Mapping[str, Row]

#: Limits that can be short, the most telling first: the first that stands alone in a conflict is
#: the one the others are counted against.
_TELLING = (STATE, PARTNER, NETWORK, OPENED, NEW)
#: Where rows that no user wrote have their number, its unit and the key it is set by.
_OTHERS = {
    "span": ("supports_fte", "FTE", "posts.coordinator.supports_fte"),
    "step_facilitator": ("step_fte", "FTE", "posts.step_fte"),
    "step_coordinator": ("step_fte", "FTE", "posts.step_fte"),
}


def is_demand(row: Row) -> bool:
    """Whether a row asks for posts."""
    return isinstance(row, Limit) and row.is_floor


def is_short(row: Row) -> bool:
    """Whether a row can be short of what others ask."""
    return isinstance(row, Limit) and not row.is_floor


def _order(row: Row) -> tuple[int, int]:
    """Demands first, then what can be short, then what goes without saying."""
    if not isinstance(row, Limit):
        return 2, 0
    if row.is_floor:
        return 0, 2 if row.quantity == RATE else int(bool(row.territories))
    return 1, _TELLING.index(row.quantity) + int(not row.territories)


@dataclass(frozen=True)
class Item:
    """One line of a conflict.

    limit : a constraint of ``statement.CONSTRAINTS``, ``existing`` or ``committed``
    territories : codes of the territories or areas it is about; empty for a national limit
    value, unit : as the scenario has it; None where it has no one value
    amount : what it comes to in the unit of the limit that is short; None where it does not count
    key, origin : where it is set
    rows : how many rows of a table it stands for
    of : the rows it is about
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
    of: tuple[Row, ...] = ()

    @property
    def document(self) -> dict[str, Any]:
        """As documents have it: all but the rows themselves."""
        told = {field.name: getattr(self, field.name) for field in fields(self)[:-1]}
        return {**told, "territories": list(self.territories)}


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

    @property
    def document(self) -> dict[str, Any]:
        """The conflict as in documents, with the amount demanded beyond what is available."""
        short, excess = self.short, None
        if self.needed is not None and short is not None:
            excess = self.needed - (short.value or 0.0)
        return {
            "items": [item.document for item in self.items],
            "short": short.limit if short else None,
            "needed": self.needed,
            "excess": excess,
            "amount_unit": self.amount_unit,
            "rows": list(self.rows),
        }


def conflicts_of(problem: Problem) -> Iterator[Account]:
    """Conflicts that have no limit in common, until what is left is possible."""
    for one in problem.limits:
        if one.quantity == RATE and len(one.territories) == 1:
            i, t = one.territories[0], problem.years.index(one.year)
            if not np.isfinite(problem.least_effort_fte[i, t]):
                item = _item(problem, [one], _highest_rate(problem, i, t))
                yield Account((item,), None, None, "", ())
    programme, __ = formulated_on_curves(problem)
    matrix = Matrix.of(programme.lp)
    known = programme.rows
    while (core := _core(problem, matrix, known)) is not None:
        rows = conflict_of(core)
        yield _account(problem, known, matrix, {name: known[name] for name in rows})
        told = {_key_of(known[name]) for name in rows} - {None}
        if not told:
            text = _("rows that no input sets contradict each other: {rows}")
            raise SolverError(text.format(rows=rows))
        matrix = _freed(matrix, [name for name in known if _key_of(known[name]) in told])


def _core(problem: Problem, matrix: Matrix, known: Rows) -> Matrix | None:
    """The programme with the limits of as few keys as leave it impossible; None if it is possible.

    Keys are let go one after the other, those of single territories first.
    """
    if Live(matrix).checked().status == OPTIMAL:
        return None
    keys = {key: row for row in known.values() if (key := _key_of(row))}
    for key in sorted(keys, key=lambda key: (*_reach(problem, keys[key]), key)):
        fewer = _freed(matrix, [name for name in known if _key_of(known[name]) == key])
        if Live(fewer).checked().status != OPTIMAL:
            matrix = fewer
    return matrix


def _reach(problem: Problem, row: Row) -> tuple[int, int]:
    """How far the input behind a limit reaches: one territory, several, all; demands later."""
    if not isinstance(row, Limit):
        return 0, 0
    if row.code is not None:
        own = any(row.code in key.split(".") for key in row.keys)
        return (1, 0) if own else (2, 2 * len(row.areas) + row.is_floor)
    return 3 + all(len(of) in (0, n) for of, n in zip(row.places, problem.shape, strict=False)), 0


def _key_of(row: Row) -> tuple[str, ...] | None:
    """What a limit is set by; None where no input sets it.

    An amount that follows from several inputs, as what recruitment allows, is its place's own.
    """
    if row.name in STEPS:
        return ("posts.step_fte",)
    if not isinstance(row, Limit):
        return None
    keys = row.keys or (row.name, row.code or "")
    return (*keys, row.code or "") if len(keys) > 1 else keys


def _freed(matrix: Matrix, names: Iterable[str]) -> Matrix:
    """The programme without the limits of some rows."""
    freed = np.isin(matrix.rows, list(names))
    return replace(
        matrix,
        row_lower=np.where(freed, -np.inf, matrix.row_lower),
        row_upper=np.where(freed, np.inf, matrix.row_upper),
    )


def _account(problem: Problem, known: Rows, matrix: Matrix, limits: Rows) -> Account:
    """A conflict as an account.

    What a national limit cannot afford is all that is demanded in its year, not only as much of it
    as is already too much.
    """
    names = Counter(limit.name for limit in limits.values() if is_short(limit))
    alone = {
        name: one
        for name, one in limits.items()
        if isinstance(one, Limit) and is_short(one) and names[one.name] == 1
    }
    if not alone:
        items = [_item(problem, list(rows.values())) for rows in _families(limits)]
        return Account(tuple(items), None, None, "", tuple(limits))
    row, short = min(alone.items(), key=lambda named: _order(named[1]))
    others = {name: one for name, one in limits.items() if name != row}
    if short.is_national(problem.shape):
        kinds = {one.name for one in limits.values() if is_demand(one)}
        others |= {n: r for n, r in known.items() if r.name in kinds and r.year == short.year}

    def use(kept: Iterable[str]) -> float:
        return _least_use(matrix, known, row, kept) * short.unit.row

    told, counted = _item(problem, [short]), list(_given(problem, short))
    given = sum(item.amount or 0.0 for item in counted)
    for rows in _families(others):
        amount = use(rows) if any(map(is_demand, rows.values())) else None
        counted.append(_item(problem, list(rows.values()), amount))
    return Account((told, *counted), told, use(others) + given, short.unit.name, tuple(limits))


def _families(rows: Rows) -> Iterator[dict[str, Row]]:
    """Rows of one constraint and year together, demands first, without what goes without saying."""
    families: dict[tuple[Any, ...], dict[str, Row]] = {}
    for name, row in rows.items():
        if row.name not in ("supported", "cover"):
            families.setdefault((_order(row), row.name, row.year), {})[name] = row
    yield from (families[key] for key in sorted(families))


def _least_use(matrix: Matrix, rows: Rows, row: str, names: Iterable[str]) -> float:
    """The least that new posts take of a row's limit when only some rows must be kept.

    Rows that only say how posts and support hang together are kept anyway.
    """
    structure = (name for name, other in rows.items() if _is_structure(other))
    kept = {*names, *structure} - {row}
    r = matrix.rows.index(row)
    entries = slice(matrix.start[r], matrix.start[r + 1])
    cost: Floats = np.zeros(len(matrix.columns))
    cost[matrix.index[entries]] = matrix.value[entries]
    sub = _freed(matrix, set(matrix.rows) - kept)
    answer = Live(replace(sub, maximise=False, cost=cost, constant=0.0)).checked()
    return answer.objective if answer.status == OPTIMAL else np.nan


def _is_structure(row: Row) -> bool:
    """Whether a row only links posts and support, and sets no limit."""
    if isinstance(row, Structure):
        return row.name not in STEPS
    return not row.territories and not row.is_floor


def _highest_rate(problem: Problem, i: int, t: int) -> float:
    """The rate that no effort in a territory exceeds [1]."""
    shape = problem.contracts_per_year.shape
    endless = np.full(shape, 1e9 * (1.0 + float(problem.fixed_facilitators_fte.sum())))
    covered = problem.curves.value(endless.ravel()).reshape(shape)[i, t].sum()
    return float(covered / problem.contracts_per_year[i, t].sum())


# -- items -----------------------------------------------------------------------------------------


def _item(problem: Problem, rows: Sequence[Row], amount: float | None = None) -> Item:
    """Limits of one kind and year as the scenario sets them; a column of a table counts as one."""
    told = [_value(problem, row) for row in rows]
    (value, unit, key), first = told[0], rows[0]
    entries = problem.inputs.entries if problem.inputs is not None else {}
    origins = {one: entries[one].origin if one in entries else "" for _, _, one in told if entries}
    if is_short(first) and amount is None:
        amount = sum(one or 0.0 for one, _, _ in told)
    origin = origins.get(key, "")
    if len(origins) > 1:
        value = value if len({one for one, _, _ in told}) == 1 else None
        key, origin = key.rpartition(".")[2], _files(origins.values())
    codes = tuple(row.code for row in rows if row.code is not None)
    many = max(1, len(origins))
    return Item(first.name, codes, first.year, value, unit, amount, key, origin, many, tuple(rows))


def _files(origins: Iterable[str]) -> str:
    """The files of origins, or the option."""
    return ", ".join(
        sorted({"--set" if o.startswith("--set ") else o.rpartition(":")[0] or o for o in origins})
    )


def _value(problem: Problem, row: Row) -> tuple[float | None, str, str]:
    """Value of a limit, its unit and its key."""
    if isinstance(row, Limit):
        return row.amount, row.unit.name, row.keys[-1] if row.keys else ""
    if row.name not in _OTHERS:
        return None, "", ""
    field, unit, key = _OTHERS[row.name]
    return float(getattr(problem, field)), unit, key


def _given(problem: Problem, short: Limit) -> Iterator[Item]:
    """Posts in place or renewed that count against a limit, whatever is decided."""
    per = per_post(problem, short.quantity)[:, problem.years.index(short.year)]
    codes = () if short.code is None else (short.code,)
    counts = {NETWORK: ("existing", "committed"), STATE: ("committed",), PARTNER: ("committed",)}
    for kind in counts.get(short.quantity, ()):
        posts = [getattr(problem, f"{kind}_{role}s_fte") for role in ROLES]
        fte = [float(of[list(at)].sum()) for of, at in zip(posts, short.places, strict=True)]
        if any(fte):
            column = f"{kind}_{ROLES[0] if fte[0] else ROLES[1]}s_fte"
            amount = sum(count * each for count, each in zip(fte, per, strict=True))
            origin, rows = _table_origin(problem, column, short.territories)
            told = codes, short.year, sum(fte), "FTE", float(amount)
            yield Item(kind, *told, column, origin, rows)


def _table_origin(problem: Problem, column: str, territories: Sequence[int]) -> tuple[str, int]:
    """File of a column, and how many of its rows count."""
    entries = problem.inputs.entries if problem.inputs is not None else {}
    keys = (f"territories.{problem.territories[i]}.{column}" for i in territories)
    origins = [entries[key].origin for key in keys if key in entries and entries[key].value]
    return origins[0] if len(origins) == 1 else _files(origins), len(origins)
