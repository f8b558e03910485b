"""Resolved inputs: every value by dotted key, with its origin and what is said of it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from fte_alloc.errors import Mistake
from fte_alloc.inputs.written import show_value
from fte_alloc.language import _
from fte_alloc.names import STATUS_NAMES


@dataclass(frozen=True)
class Entry:
    """One input value: where it was set, and what a model says of it.

    value : None for a limit that is absent
    origin : ``file:line`` or the ``--set`` option
    status : ``published``, ``derived``, ``assumption``, ``scenario``, ``table`` or ``default``
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
    file : the scenario's own, by the name shown
    files : SHA-256 of every file read, by the name shown
    overrides : what ``--set`` changed
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
    warnings: tuple[Mistake, ...] = field(default=())
    reference_posts: Mapping[tuple[str, str, int], float] | None = None

    def key_of(self, key: str, year: int) -> str:
        """The key that says a value of a year: one a year, or one for all."""
        of_year = f"{key}.{year}"
        return of_year if of_year in self.entries else key

    def value(self, key: str, default: Any = None, year: int | None = None) -> Any:
        """A value, that of a year if one is given; the default where it is absent or "none"."""
        entry = self.entries.get(key if year is None else self.key_of(key, year))
        return default if entry is None or entry.value is None else entry.value

    def codes(self, head: str) -> dict[str, str]:
        """Codes that stand after a key, in order, each with its name, or itself for one."""
        depth = head.count(".") + 1
        keys = (key for key in self.entries if key.startswith(f"{head}."))
        found = sorted({key.split(".")[depth] for key in keys})
        return {code: str(self.value(f"{head}.{code}.name", code)) for code in found}

    def column(self, name: str) -> dict[str, Any]:
        """Values of a column of territories.csv, by code of the territories that have one."""
        cells = {code: self.value(f"territories.{code}.{name}") for code in self.area_of}
        return {code: value for code, value in cells.items() if value is not None}

    @cached_property
    def area_of(self) -> dict[str, str]:
        """Code of the area of each territory, by code of the territory."""
        return {
            code: str(self.value(f"territories.{code}.area", code))
            for code in self.codes("territories")
        }

    @property
    def years(self) -> tuple[int, ...]:
        """The years that are decided; none where they are not known."""
        return tuple(self.value("years", ()))

    @property
    def label(self) -> str:
        """The scenario's name, with what ``--set`` changed."""
        changed = "".join(f" + {k}={show_value(v)}" for k, v in self.overrides.items())
        return self.name + changed

    @property
    def resolved_sha256(self) -> str:
        """Of the sorted resolved values: independent of the order of rows, keys and files."""
        values = {key: entry.value for key, entry in self.entries.items()}
        text = json.dumps(values, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def counts(self) -> dict[str, int]:
        """How many numbers are published, derived, assumed, set by a scenario or default."""
        counts = dict.fromkeys(("published", "derived", "assumption", "scenario", "default"), 0)
        for entry in self.entries.values():
            if isinstance(entry.value, int | float):
                counts[entry.status] += 1
        return counts

    def regional(self) -> tuple[int, int, int]:
        """Posts and contract counts by territory: how many there are, are assumed, published."""
        statuses = [
            entry.status
            for key, entry in self.entries.items()
            if entry.status != "default"
            and (key.startswith("contracts.") or re.fullmatch(r"territories\..*_fte", key))
        ]
        return len(statuses), statuses.count("assumption"), statuses.count("published")


def shown_origin(origin: str) -> str:
    """Where a value was set, as a sentence says it."""
    return _(STATUS_NAMES.get(origin, origin))
