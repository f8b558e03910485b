"""Conflicts of a scenario's limits, shown as accounts.

One limit is short; posts in place or renewed, and demands of the other limits of the conflict, are
counted against it, in its unit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, TypeGuard

import numpy as np

from fte_alloc.errors import SolverError
from fte_alloc.inputs.sheets import sheet_row
from fte_alloc.language import _
from fte_alloc.lp.conflict import conflict_of
from fte_alloc.lp.highs import OPTIMAL
from fte_alloc.lp.matrix import Matrix
from fte_alloc.lp.solving import CheckedProgramme
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.data import ROLES, per_post, sum_of_posts
from fte_alloc.programme.limits import NETWORK, NEW, OPENED, PARTNER, RATE, STATE, Limit
from fte_alloc.programme.linear import Structure
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.statement import STEPS
from fte_alloc.search.feasibility import solve_posts

Row = Limit | Structure
Rows = Mapping[str, Row]

#: Quantities of the one limit that an account calls short, the preferred first.
_TELLING = (STATE, PARTNER, NETWORK, OPENED, NEW)
#: Entries of a conflict's document where no single limit is short.
_NONE_SHORT: Mapping[str, Any] = {
    **dict.fromkeys(("short", "needed", "excess")),
    "amount_unit": "",
    "rows": [],
}

#: A conflict: its document, and its limits; without those of any one key, the others can be kept
#: together.
Account = tuple[dict[str, Any], Sequence[Row]]


def conflicts_of(problem: Problem) -> Iterator[Account]:
    """Yield conflicts that share no key, until the remaining limits are feasible."""
    for one, t in problem.limits_with_year:
        if one.quantity != RATE or len(one.territories) > 1:
            continue
        (i,) = one.territories
        if not np.isfinite(problem.least_effort_fte[i, t]):
            items = [_item(problem, [one], _highest_rate(problem, i, t))]
            yield {"items": items, **_NONE_SHORT}, [one]
    programme, matrix, _answer = solve_posts(problem)
    known = programme.rows
    keys_of = {name: _limit_keys(problem, row) for name, row in known.items()}
    while (core := _core(problem, matrix, known)) is not None:
        rows = conflict_of(core)
        yield _account(problem, known, matrix, {name: known[name] for name in rows})
        keys = {keys_of[name] for name in rows} - {None}
        if not keys:
            text = _("rows that no input sets contradict each other: {rows}")
            raise SolverError(text.format(rows=rows))
        matrix = _freed(matrix, [name for name in known if keys_of[name] in keys])


def _highest_rate(problem: Problem, i: int, t: int) -> float:
    """Limit of a territory's coverage rate in a year for unlimited effort [1]."""
    shape = problem.contracts_per_year.shape
    endless = np.full(shape, 1e9 * (1.0 + float(problem.fixed_facilitators_fte.sum())))
    covered = problem.curves.value(endless.ravel()).reshape(shape)[i, t].sum()
    return float(covered / problem.contracts_per_year[i, t].sum())


# -- which limits ----------------------------------------------------------------------------------


def _core(problem: Problem, matrix: Matrix, known: Rows) -> Matrix | None:
    """The infeasible programme with limits dropped key by key as far as possible; None if feasible.

    Keys are left out in turn if the others allow no plan, those of steps and single places first;
    before them, limits that a stricter one of the same posts implies.
    """
    if CheckedProgramme(matrix).checked().status == OPTIMAL:
        return None
    matrix = _freed(matrix, _implied(matrix))
    keys = {key: row for row in known.values() if (key := _limit_keys(problem, row))}
    for key in sorted(keys, key=lambda key: (*_scope_order(problem, keys[key]), key)):
        fewer = _freed(matrix, [name for name in known if _limit_keys(problem, known[name]) == key])
        if CheckedProgramme(fewer).checked().status != OPTIMAL:
            matrix = fewer
    return matrix


def _implied(matrix: Matrix) -> Iterator[str]:
    """Names of rows whose limits follow from those of another row with the same coefficients."""
    alike: dict[tuple[bytes, bytes], list[tuple[float, float, str]]] = {}
    for r, name in enumerate(matrix.rows):
        of = slice(matrix.start[r], matrix.start[r + 1])
        limits = float(matrix.row_lower[r]), float(-matrix.row_upper[r]), name
        same = matrix.index[of].tobytes(), matrix.value[of].tobytes()
        alike.setdefault(same, []).append(limits)
    for rows in alike.values():
        for one in rows:
            if any(one < other and one[1] <= other[1] for other in rows):
                yield one[2]


def _scope_order(problem: Problem, row: Row) -> tuple[int, int]:
    """Sort key by scope: steps, a place's own limits, limits by place, sums of some or all."""
    if not isinstance(row, Limit):
        return 0, 0
    if row.code is not None:
        own = any(row.code in key.split(".") for key in row.keys)
        return (1, 0) if own else (2, 2 * len(row.areas) + row.is_floor)
    return 3 + all(len(of) in (0, n) for of, n in zip(row.places, problem.shape, strict=False)), 0


def _limit_keys(problem: Problem, row: Row) -> tuple[str, ...] | None:
    """Keys of the inputs that set a limit; None where no input sets it.

    Where several inputs set an amount, as of growth, the code of its place is added.
    """
    if row.name in STEPS:
        return (problem.step_key(row.name),)
    if not isinstance(row, Limit):
        return None
    keys = row.keys or (row.name, row.code or "")
    return (*keys, row.code or "") if len(keys) > 1 else keys


def _freed(matrix: Matrix, names: Iterable[str]) -> Matrix:
    freed = np.isin(matrix.rows, list(names))
    return replace(
        matrix,
        row_lower=np.where(freed, -np.inf, matrix.row_lower),
        row_upper=np.where(freed, np.inf, matrix.row_upper),
    )


# -- as an account ---------------------------------------------------------------------------------


def _account(problem: Problem, known: Rows, matrix: Matrix, limits: Rows) -> Account:
    """Account of a conflict: the limit that is short, and what counts against it.

    Against the limit that is short count all demands of these kinds at its places, not only those
    that suffice for the conflict; demands of all kinds where it must leave room for others.
    """
    ceilings = [(n, r) for n, r in limits.items() if isinstance(r, Limit) and not r.is_floor]
    names = Counter(one.name for __, one in ceilings)
    alone = [(name, one) for name, one in ceilings if names[one.name] == 1]
    if not alone:
        families = [list(rows.values()) for rows in _families(limits)]
        items = [_item(problem, rows) for rows in families]
        return {"items": items, **_NONE_SHORT, "rows": [*limits]}, [*chain(*families)]
    row, short = min(alone, key=lambda named: _account_order(named[1]))
    kinds = {one.name for one in limits.values() if _is_demand(one)}
    demands = {n: one for n, one in known.items() if _is_demand(one) and _meet(one, short)}
    others: Rows = {n: one for n, one in limits.items() if n != row}
    others = {**others, **{n: one for n, one in demands.items() if one.name in kinds}}
    needed, whole = (_least_use(matrix, known, row, names) for names in (others, known))
    if whole > needed + 1e-9 * abs(whole):  # not where other limits contradict each other
        needed, others = whole, {**others, **demands}
    items, listed = (
        [_item(problem, [short]), *_fixed_post_items(problem, short)],
        list[Row]([short]),
    )
    needed = needed * short.unit.row + sum(item["amount"] for item in items[1:])
    for rows in _families(others):
        amount, is_in_conflict = None, bool(rows.keys() & limits.keys())
        if any(map(_is_demand, rows.values())):
            amount = _least_use(matrix, known, row, rows) * short.unit.row
            if amount < 1e-9 and not is_in_conflict:
                continue
        listed += rows.values() if is_in_conflict else ()
        items.append(_item(problem, [*rows.values()], amount))
    document = {
        "items": items,
        "short": short.name,
        "needed": needed,
        "excess": needed - short.amount,
        "amount_unit": short.unit.name,
        "rows": [*limits],
    }
    return document, listed


def _is_demand(row: Row) -> TypeGuard[Limit]:
    return isinstance(row, Limit) and row.is_floor


def _meet(one: Limit, other: Limit) -> bool:
    """Whether two limits count posts of the same year and places."""
    places = zip(one.places, other.places, strict=True)
    return one.year == other.year and any({*here} & {*there} for here, there in places)


def _account_order(row: Row) -> tuple[int, int]:
    """Sort key: lower limits first, then upper limits by ``_TELLING``, then rows of structure."""
    if not isinstance(row, Limit):
        return 2, 0
    if row.is_floor:
        return 0, 2 if row.quantity == RATE else int(bool(row.territories))
    return 1, _TELLING.index(row.quantity) + int(not row.territories)


def _families(rows: Rows) -> Iterator[dict[str, Row]]:
    """Rows grouped by constraint and year, in order, without ``supported`` and ``cover``."""
    families: dict[tuple[Any, ...], dict[str, Row]] = {}
    for name, row in rows.items():
        if row.name not in ("supported", "cover"):
            families.setdefault((_account_order(row), row.name, row.year), {})[name] = row
    yield from (families[key] for key in sorted(families))


def _least_use(matrix: Matrix, rows: Rows, row: str, names: Iterable[str]) -> float:
    """Minimum use of a row's limit by new posts, subject to the named rows only [its unit].

    Rows that tie support to posts are always kept, upper limits on coordinators where a plan is
    possible with them. NaN where no plan is possible.
    """
    r = matrix.rows.index(row)
    entries = slice(matrix.start[r], matrix.start[r + 1])
    cost: Floats = np.zeros(len(matrix.columns))
    cost[matrix.index[entries]] = matrix.value[entries]
    links = {n for n, one in rows.items() if isinstance(one, Structure) and one.name not in STEPS}
    limits = ((n, one) for n, one in rows.items() if isinstance(one, Limit))
    ceilings = {n for n, one in limits if not one.is_floor and not one.territories}
    # Upper bounds of posts follow from all rows, and would replace the rows left out.
    endless = replace(matrix, maximise=False, cost=cost, constant=0.0, upper=np.inf + matrix.upper)
    for kept in ({*names, *links, *ceilings}, {*names, *links}):
        answer = CheckedProgramme(_freed(endless, {*matrix.rows} - kept | {row})).checked()
        if answer.status == OPTIMAL:
            return answer.objective
    return np.nan


# -- items -----------------------------------------------------------------------------------------


def _item(problem: Problem, rows: Sequence[Row], amount: float | None = None) -> dict[str, Any]:
    """Account item for the limits of one kind and year; a whole table column is one item.

    amount : their use, in the unit of the limit that is short; None: the sum of upper limits
    """
    values = [_limit_value(problem, row) for row in rows]
    (value, unit, key), first = values[0], rows[0]
    entries = problem.inputs.entries if problem.inputs is not None else {}
    origins = {of: entries[of].origin if of in entries else "" for *_, of in values if entries}
    if amount is None and isinstance(first, Limit) and not first.is_floor:
        amount = sum(one or 0.0 for one, _, _ in values)
    if len(origins) > 1:
        value = value if len({one for one, _, _ in values}) == 1 else None
        key = key.rpartition(".")[2]
    return {
        "limit": first.name,
        "year": first.year,
        "value": value,
        "unit": unit,
        "amount": amount,
        "key": key,
        **_origin_and_places(problem, list(origins.values()), rows),
    }


def _limit_value(problem: Problem, row: Row) -> tuple[float | None, str, str]:
    """Value of a limit, its unit and its key."""
    if isinstance(row, Limit):
        return row.amount, row.unit.name, row.keys[-1] if row.keys else ""
    if row.name in STEPS:
        return problem.steps_fte[STEPS.index(row.name)], "FTE", problem.step_key(row.name)
    if row.name == "span":
        return float(problem.supports_fte), "FTE", "posts.coordinator.supports_fte"
    return None, "", ""


def _origin_and_places(
    problem: Problem, origins: Sequence[str], rows: Sequence[Row]
) -> dict[str, Any]:
    """Origin of one input, or files of several, their number, and places of the limits they set.

    Files may be ``--set``. There are no territories where a limit has an area of several.
    """
    files = {"--set" if o.startswith("--set ") else sheet_row(o)[0] for o in origins}
    origin = origins[0] if len(origins) == 1 else ", ".join(sorted(files))
    places = [problem.place_of(row) for row in rows if row.code is not None]
    codes = ([place[kind] for place in places] for kind in ("territory", "area"))
    territories, areas = ([code for code in of if code] * (None not in of) for of in codes)
    number = max(1, len(origins))
    return {"origin": origin, "rows": number, "territories": territories, "areas": areas}


def _fixed_post_items(problem: Problem, short: Limit) -> Iterator[dict[str, Any]]:
    """Account items for posts in place and renewed posts, which count in every plan."""
    t, per = problem.years.index(short.year), per_post(problem, short.quantity)
    entries = problem.inputs.entries if problem.inputs is not None else {}
    counts = {NETWORK: ("existing", "committed"), STATE: ("committed",), PARTNER: ("committed",)}
    for kind in counts.get(short.quantity, ()):
        posts = [getattr(problem, f"{kind}_{role}s_fte") for role in ROLES]
        counted = list(zip(per, posts, short.places, strict=True))
        fte = [float(of[list(at)].sum()) for _, of, at in counted]
        if not any(fte):
            continue
        column = f"{kind}_{ROLES[0] if fte[0] else ROLES[1]}s_fte"
        keys = (f"territories.{problem.territories[i]}.{column}" for i in short.territories)
        origins = [entries[key].origin for key in keys if key in entries and entries[key].value]
        yield {
            "limit": kind,
            "year": short.year,
            "value": sum(fte),
            "unit": "FTE",
            "amount": sum(sum_of_posts(each[:, t], of, at) for each, of, at in counted),
            "key": column,
            **_origin_and_places(problem, origins, [short]),
        }
