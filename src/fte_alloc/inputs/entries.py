"""Resolved inputs: every value by dotted key, with its origin."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from fte_alloc.errors import Mistake
from fte_alloc.inputs.values import show_value
from fte_alloc.language import _
from fte_alloc.names import STATUS_NAMES


class Entry(NamedTuple):
    """One input value: where it was set, and its unit, status, source and note.

    value : None for a limit that is absent
    origin : ``file:line`` or the ``--set`` option
    status : ``published``, ``derived``, ``reported``, ``assumption``, ``scenario``, ``table`` or
        ``default``
    """

    value: Any
    origin: str
    unit: str | None = None
    status: str = "scenario"
    source: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Inputs:
    """Every resolved value of a scenario, with its origin.

    entries : by dotted key, sorted
    file : file of the scenario, by the name shown
    files : SHA-256 of every file read, by the name shown
    overrides : values that ``--set`` changed, by key
    title : empty where the scenario gives none of its own
    mapped, notes : headings of a workbook as they were read, and texts on rows set aside
    """

    name: str
    file: str
    model: str
    title: str
    model_title: str
    territory: str
    entries: Mapping[str, Entry]
    sources: Mapping[str, Mapping[str, str]]
    files: Mapping[str, str]
    overrides: Mapping[str, Any]
    warnings: tuple[Mistake, ...] = ()
    reference_posts: Mapping[tuple[str, str, int], float] | None = None
    mapped: Sequence[tuple[str, str, str]] = ()
    notes: Sequence[str] = ()

    @cached_property
    def values(self) -> dict[str, Any]:
        """Values by dotted key, without their origin."""
        return {key: entry.value for key, entry in self.entries.items()}

    def key_of(self, key: str, year: int) -> str:
        """The key that holds the value of a year: a key for this year, or one for all years."""
        of_year = f"{key}.{year}"
        return of_year if of_year in self.entries else key

    def value(self, key: str, default: Any = None, year: int | None = None) -> Any:
        """A value, of a year if one is given; the default where it is absent or "none"."""
        entry = self.entries.get(key if year is None else self.key_of(key, year))
        return default if entry is None or entry.value is None else entry.value

    def codes(self, head: str) -> dict[str, str]:
        """Codes below a key, sorted, each with its name, or with itself where it has none."""
        depth = head.count(".") + 1
        keys = (key for key in self.entries if key.startswith(f"{head}."))
        found = sorted({key.split(".")[depth] for key in keys})
        return {code: str(self.value(f"{head}.{code}.name", code)) for code in found}

    def column(self, name: str) -> dict[str, Any]:
        """Values of a column of territories.csv by code of territory, without empty cells."""
        cells = {code: self.value(f"territories.{code}.{name}") for code in self.area_of}
        return {code: value for code, value in cells.items() if value is not None}

    @cached_property
    def area_of(self) -> dict[str, str]:
        """Code of the area of each territory, by code of the territory."""
        codes, value = self.codes("territories"), self.value
        return {code: str(value(f"territories.{code}.area", code)) for code in codes}

    @cached_property
    def areas(self) -> dict[str, str]:
        """Names of the areas, by code."""
        names, value = self.codes("territories"), self.value
        return area_names_by_code(names, lambda code, of: value(f"territories.{code}.{of}"))

    @property
    def years(self) -> tuple[int, ...]:
        """The years of the plan; empty where they are not known."""
        return tuple(self.value("years", ()))

    @property
    def label(self) -> str:
        """The scenario's name, with what ``--set`` changed."""
        changed = "".join(f" + {k}={show_value(v)}" for k, v in self.overrides.items())
        return self.name + changed

    @property
    def resolved_sha256(self) -> str:
        """SHA-256 of the resolved values, independent of the order of rows, keys and files."""
        text = json.dumps(self.values, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def counts(self) -> dict[str, int]:
        """Number of numeric inputs of each status, except ``table``."""
        statuses = ("published", "derived", "reported", "assumption", "scenario", "default")
        numbers = (e.status for e in self.entries.values() if isinstance(e.value, int | float))
        counts = Counter(numbers)
        return {status: counts[status] for status in statuses}

    def regional(self) -> dict[str, int]:
        """Number of FTE and contract figures of territories, not defaults: total and by status."""
        regional = re.compile(r"contracts\..*|territories\..*(?<!_per)_fte")
        found = Counter(e.status for key, e in self.entries.items() if regional.fullmatch(key))
        del found["default"]
        counts = {status: found[status] for status in ("assumption", "published")}
        # Where none is reported, the key is absent, as in older documents, which verify again.
        reported = {"reported": found["reported"]} if found["reported"] else {}
        return {"total": found.total(), **counts, **reported}


def mistake_at(origin: str, key: str, what: str) -> Mistake:
    """Mistake of a value at its origin; the text names the key unless the origin is a ``--set``."""
    return Mistake(origin, what if origin.startswith("--set ") else f"{key}: {what}")


def area_names_by_code(names: Mapping[str, str], cell: Callable[[str, str], Any]) -> dict[str, str]:
    """Names of areas, by code: as given in *cell*, that of the only territory, or else the code."""
    inside: dict[str, list[str]] = {}
    for code in names:
        inside.setdefault(str(cell(code, "area") or code), []).append(code)
    found = {}
    for area, codes in sorted(inside.items()):
        given = filter(None, (cell(code, "area_name") for code in codes))
        found[area] = next(given, names[codes[0]] if len(codes) == 1 else area)
    return found


def entry_origin(origin: str) -> str:
    """Origin of a value in messages: its place, or the translated name of a status."""
    return _(STATUS_NAMES.get(origin, origin))
