"""The cases of a sweep: grids, lists, files of cases, and samples of uncertain inputs.

A case has a value for each key of the sweep. A sample is a Latin hypercube (McKay, Beckman &
Conover 1979): every uncertain input has its range cut into as many equal parts as there are draws,
one draw in each part, the parts matched at random.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np

from fte_alloc import numbers as show
from fte_alloc.errors import InputError, Mistake, mistaken
from fte_alloc.inputs.codes import PostCodes, did_you_mean
from fte_alloc.inputs.draft import limited_mistakes
from fte_alloc.inputs.input_files import read_bytes, shown_path
from fte_alloc.inputs.overrides import parse_override
from fte_alloc.inputs.schema import find_parameter
from fte_alloc.inputs.sheets import csv_sheet
from fte_alloc.inputs.tables import Row, TypedTable
from fte_alloc.inputs.typed_numbers import finite_number, number_hint
from fte_alloc.inputs.values import MOST, is_number, key_path
from fte_alloc.inputs.values import written_value as toml_written
from fte_alloc.language import N_, _
from fte_alloc.programme.problem import Problem
from fte_alloc.texts import csv_text, utf8

VARY_SYNTAX = N_(
    "expected KEY=LOW:HIGH:STEP, or KEY=VALUE,VALUE,... such as posts.cap_fte=540:640:5"
)

#: Largest accepted number of cases; more are taken for a typing error.
MOST_CASES = 1_000_000
#: First part of keys ``demand.<code>``: factor on a territory's contracts of every kind and year.
DEMAND = "demand"

Case = tuple[Any, ...]


@dataclass(frozen=True)
class Cases:
    """Values for some keys, case by case; None keeps the scenario's value.

    keys : dotted keys of inputs, or ``demand.<code>``
    rows : the cases, each with one value per key
    places : where values were given, by key, or by key and value as a cell
    """

    keys: tuple[str, ...] = ()
    rows: tuple[Case, ...] = ((),)
    places: Mapping[tuple[str, ...], str] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        twice = sorted({key for key in self.keys if self.keys.count(key) > 1})
        if twice:
            raise InputError([Mistake(key, _("is varied twice; keep one")) for key in twice])

    @property
    def cells(self) -> list[tuple[str, ...]]:
        """Values of each case as cells of a CSV file, which identify the case."""
        return [tuple(map(written, case)) for case in self.rows]

    def place(self, key: str, value: Any) -> str:
        """Where a value was given, as the user can find it again."""
        places, cell = self.places, written(value)
        return places.get((key, cell)) or places.get((key,)) or f"{key}={cell}"

    def times(self, other: Cases) -> Cases:
        """Cartesian product of these cases and *other*."""
        _check_count("--vary", len(self.rows) * len(other.rows))
        rows = tuple(one + two for one, two in product(self.rows, other.rows))
        return Cases(self.keys + other.keys, rows, {**self.places, **other.places})


def _check_count(where: str, count: float) -> None:
    if count > MOST_CASES:
        text = _("makes {count} cases, more than a million; take greater steps")
        raise mistaken(where, text, count=show.count(int(count)))


# -- grids and lists -------------------------------------------------------------------------------


def vary(text: str) -> Cases:
    """Cases of one ``--vary``: ``KEY=LOW:HIGH:STEP``, or ``KEY=VALUE,VALUE,...``.

    A value given twice counts once. Raises InputError for any other text and for too many cases.
    """
    where, (key, equals, given) = f"--vary {text}", text.partition("=")
    is_dashed = re.fullmatch(r"\s*[\d.]+\s*[-–]\s*[\d.]+\s*", given)
    if not equals or not all(key_path(key)) or not given.strip() or is_dashed:
        raise mistaken(where, _(VARY_SYNTAX))
    listed = (parse_override(f"{key}={value}")[1] for value in given.split(","))
    rows = dict[str, Case]()
    for value in _range(where, given) if ":" in given else listed:
        _check_plain(where, value)
        rows[written(value)] = (value,)
    return Cases((key.strip(),), tuple(rows.values()), {(key.strip(),): where})


def _range(where: str, given: str) -> list[float]:
    """Values from LOW to HIGH by STEP, exact in decimals, so that rounding adds or drops none."""
    try:
        low, high, step = (Decimal(end.strip().replace("_", "")) for end in given.split(":"))
        count = (high - low) / step
    except (ArithmeticError, ValueError):
        hint = number_hint(given) if given.count(":") == 2 else ""
        raise mistaken(where, _(VARY_SYNTAX) + hint) from None
    if not count.is_finite() or count < 0 or max(map(abs, (low, high, step))) > MOST:
        raise mistaken(where, _("expected LOW below HIGH and a STEP above 0"))
    _check_count(where, float(count))
    return [_number(low + n * step) for n in range(int(count) + 1)]


def _number(value: Decimal) -> float:
    """The number, an int where it is whole, so that it is written as it was typed."""
    return int(value) if value == value.to_integral_value() else float(value)


# -- files of cases --------------------------------------------------------------------------------


def read_cases(path: str) -> Cases:
    """Cases of a CSV file, with a column per key and a row per case; an empty cell changes nothing.

    Raises InputError, naming file, line and column.
    """
    name = shown_path(Path(path))
    table = table_of_cases(utf8(read_bytes(Path(path), name)), name)
    columns = tuple(table.headings)
    given = [tuple(_read(table, key, row) for key in columns) for row in table.rows]
    if table.mistakes:
        raise InputError(limited_mistakes(table.mistakes))
    cases, places = dict[Case, Case](), dict[tuple[str, ...], str]()
    for row, case in zip(table.rows, given, strict=True):
        for key, value in zip(columns, case, strict=True):
            _check_plain(row[key].where, value)
            places.setdefault((key, written(value)), f"{row[key].where}: {key}")
        cases[tuple(map(written, case))] = case
    return Cases(columns, tuple(cases.values()), places)


def table_of_cases(data: bytes, name: str) -> TypedTable:
    """The table of a CSV file whose headings are keys, such as those of ``--set``."""
    sheet = csv_sheet(data, name)
    table, keys = TypedTable(sheet, next(iter(sheet.rows), 1), unknown=""), dict[int, str]()
    header, where = sheet.rows.get(table.top, {}), sheet.where(table.top)
    for column in range(1, max(header, default=0) + 1):
        key = str(header.get(column, ""))
        if not all(key_path(key)):
            what = _("column {column}: {key!r} is no key, such as posts.cap_fte")
            table.mistakes.append(Mistake(where, what.format(column=column, key=key)))
        elif key in table.headings:
            what = _("column {column} stands twice").format(column=key)
            table.mistakes.append(Mistake(where, what))
        table.headings[key], keys[column] = (where, key), key
    found = (table.row(number, keys) for number in sheet.rows if number > table.top)
    table.rows = [row for row in found if row]
    table.refuse_short_rows()
    if not table.rows and not table.mistakes:
        table.mistakes.append(Mistake(name, _("has no rows under its header")))
    return table


def _check_plain(where: str, value: Any) -> None:
    """Raise InputError for a value that cannot be varied: a list, a table, NaN, a huge number."""
    is_small = isinstance(value, int | float) and abs(value) <= MOST
    if not (value is None or isinstance(value, str) or is_small):
        text = _('{value} cannot be varied: expected a number, a text, true, false or "none"')
        raise mistaken(where, text, value=toml_written(value))


def _read(table: TypedTable, key: str, row: Row) -> Any:
    """Value of a cell: a number in the notation of the file, else as ``--set`` reads the text.

    A text for a number is a mistake of the table.
    """
    cell, parameter = row[key], find_parameter(key_path(key))
    unit = (parameter and parameter.unit) or ""
    try:
        number = table.parsed_number(cell.value, unit)
    except ValueError as error:
        value = parse_override(f"{key}={cell.text}")[1]
        if unit and isinstance(value, str) and value != "none":
            table.add_mistake(row, key, str(error))
        return value
    return None if number is None else _number(Decimal(repr(number)))


# -- samples ---------------------------------------------------------------------------------------


#: Quantile function: from a share in (0, 1) to the value below which this share of draws lies.
_Quantile = Callable[[float], float]


def sample(problem: Problem, uncertain: Iterable[str], draws: int, seed: int) -> Cases:
    """Cases drawn at random for uncertain inputs, as a Latin hypercube.

    uncertain : ``KEY=LOW:HIGH`` or ``KEY=20%`` (that much either way), uniform; ``demand`` or
        ``demand=CV``: the contracts of every territory times a lognormal factor of its own, of mean
        1 and relative deviation CV, by default ``coverage.demand_cv``
    """
    _check_count("--sample", draws)
    given = [(text, *one) for text in uncertain for one in _uncertain(problem, text)]
    random = np.random.Generator(np.random.PCG64(seed))
    columns = []
    for *_given, quantile in given:
        part = random.permutation(draws)
        shares = (part + random.uniform(size=draws)) / draws
        columns.append([quantile(share) for share in shares.clip(1e-12, 1 - 1e-12).tolist()])
    places: dict[tuple[str, ...], str] = {(key,): f"--uncertain {text}" for text, key, _ in given}
    return Cases(tuple(key for _, key, _ in given), tuple(zip(*columns, strict=True)), places)


def _uncertain(problem: Problem, text: str) -> list[tuple[str, _Quantile]]:
    """Keys that one ``--uncertain`` makes uncertain, each with its quantile function."""
    key, equals, given = (part.strip() for part in text.partition("="))
    where, is_share = f"--uncertain {text}", given.endswith("%")
    if key != DEMAND and is_share and key not in problem.inputs.entries:
        hint = did_you_mean(key, [DEMAND, *problem.inputs.entries])
        raise mistaken(where, _("unknown key{hint}"), hint=hint)
    if key == DEMAND and not equals:
        given = str(problem.inputs.value("coverage.demand_cv") or 0.0)
    try:
        if key == DEMAND or is_share:
            share = finite_number(given.removesuffix("%")) / (100 if is_share else 1)
        else:
            low, high = map(finite_number, given.split(":"))
    except ValueError:
        meant = number_hint(given.removesuffix("%"))
        meant += "%" if is_share and meant else ""  # « ; write 20.5% » for 20,5%
        text = _("expected KEY=LOW:HIGH, KEY=20%, demand or demand=15%")
        raise mistaken(where, text + meant) from None
    if key == DEMAND:
        if not 0 < share < 1:
            text = _("expected a relative deviation above 0 and below 100%, such as demand=15%")
            raise mistaken(where, text)
        return [(f"{DEMAND}.{code}", _lognormal(share)) for code in problem.territories]
    if is_share:
        present = problem.inputs.value(key)
        if not is_number(present):
            text = _("{key} has no number now, so no share of it can be taken; give LOW:HIGH")
            raise mistaken(where, text, key=key)
        reach = abs(present) * share
        low, high = present - reach, present + reach
    if not low < high:
        raise mistaken(where, _("expected LOW below HIGH"))
    return [(key, lambda quantile: low + quantile * (high - low))]


def _lognormal(spread: float) -> _Quantile:
    """Quantile function of a lognormal factor of mean 1 and relative deviation *spread*."""
    s = math.sqrt(math.log1p(spread**2))
    return lambda quantile: math.exp(s * NormalDist().inv_cdf(quantile) - s * s / 2)


# -- a case as changes of inputs -------------------------------------------------------------------


def changes(problem: Problem, keys: Sequence[str], case: Case) -> dict[str, Any]:
    """Inputs changed by a case: values by dotted key, factors of demand turned into contracts.

    Factors also multiply contracts that the case itself changes, whatever the order of the keys.

    Raises InputError for a factor of an unknown territory, or one that is no number above 0.
    """
    given = {key: value for key, value in zip(keys, case, strict=True) if value is not None}
    changed = {key: value for key, value in given.items() if key.split(".")[0] != DEMAND}
    for key, factor in given.items():
        kind, __, code = key.partition(".")
        if kind != DEMAND:
            continue
        if code not in problem.territories:
            hint = PostCodes.of(problem).territories.hint(code)
            raise mistaken(key, _("no territory has this code{hint}"), hint=hint)
        if not (is_number(factor) and factor > 0):
            text = _("is {value}, expected a factor above 0, such as 1.1")
            raise mistaken(key, text, value=written(factor))
        for name, entry in problem.inputs.entries.items():
            if name.startswith(f"contracts.{code}."):
                changed[name] = factor * changed.get(name, entry.value)
    return changed


def written(value: Any) -> str:
    """A value as the text of a CSV cell, exact: reading the text gives an equal value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return repr(value) if isinstance(value, float) else csv_text(str(value))
