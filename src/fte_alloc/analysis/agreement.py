"""A saved document against the one that its inputs give: every disagreement, by its path.

Rows go by their labels and keys by their names, so that order means nothing, and whatever shape
a file has been given by hand, there is a finding and no failure.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fte_alloc import words

#: Figures that disagree by less, relative to the greater, are the same on another machine.
TOLERANCE = 1e-9
#: What tells the rows of a list apart.
LABELS = {
    "posts": ("territory", "role", "year"),
    "territories": ("territory", "year"),
    "segments": ("segment", "year"),
    "by_year": ("year",),
    "prices": ("constraint", "territory", "year"),
    "stages": ("objective",),
}
#: Tables whose keys are data, where one more is not a key of a later format.
DATA = frozenset(["values", "files", "overrides", "duals", "by_segment"])
_LONGEST = 80


@dataclass(frozen=True)
class Finding:
    """One thing that is not as a plan says.

    path : where in the document, such as ``territories[53, 2023].rate``
    saved, recomputed : what stands there and what should, as JSON has them
    """

    path: str
    saved: Any
    recomputed: Any

    @classmethod
    def of(cls, path: str, saved: Any, recomputed: Any) -> Finding:
        """A finding that can be shown and written, whatever was found."""
        return cls(writable(path), _plain(saved), _plain(recomputed))


@dataclass
class Agreement:
    """What comparing two documents gave.

    unknown : paths of keys that the recomputed one does not have
    """

    findings: list[Finding] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def compare(self, saved: Any, recomputed: Any, path: str = "") -> None:
        """Compare what stands at a path, and below it."""
        name = path.rpartition(".")[2]
        if isinstance(recomputed, dict):
            self._tables(saved, recomputed, path, data=name in DATA)
        elif isinstance(recomputed, list) and path in LABELS:
            self._rows(saved, recomputed, path)
        elif isinstance(recomputed, list):
            self._lists(saved, recomputed, path)
        elif not _same(saved, recomputed):
            self.findings.append(Finding.of(path, saved, recomputed))

    def _tables(self, saved: Any, recomputed: Mapping[str, Any], path: str, data: bool) -> None:
        if not isinstance(saved, dict):
            self.findings.append(Finding.of(path, saved, recomputed))
            return
        for key, value in recomputed.items():
            below = f"{path}[{key}]" if data else f"{path}.{key}".removeprefix(".")
            self.compare(saved[key], value, below) if key in saved else self._lacks(below, value)
        for key in sorted(saved.keys() - recomputed.keys()):
            if data:
                self.findings.append(Finding.of(f"{path}[{key}]", saved[key], words.NOT_THERE))
            else:
                self.unknown.append(writable(f"{path}.{key}".removeprefix(".")))

    def _rows(self, saved: Any, recomputed: list[Any], path: str) -> None:
        if not isinstance(saved, list):
            self.findings.append(Finding.of(path, saved, recomputed))
            return
        ours, theirs = by_label(recomputed, path), by_label(saved, path)
        for label, row in ours.items():
            below = f"{path}[{label}]"
            found = theirs.get(label, [])
            self.compare(found[0], row[0], below) if found else self._lacks(below, row[0])
        for label, rows in theirs.items():
            for row in rows[1 if label in ours else 0 :]:
                self.findings.append(Finding.of(f"{path}[{label}]", row, words.NOT_THERE))

    def _lists(self, saved: Any, recomputed: list[Any], path: str) -> None:
        if not isinstance(saved, list) or len(saved) != len(recomputed):
            self.findings.append(Finding.of(path, saved, recomputed))
            return
        for place, (one, other) in enumerate(zip(saved, recomputed, strict=True)):
            self.compare(one, other, f"{path}[{place}]")

    def _lacks(self, path: str, value: Any) -> None:
        self.findings.append(Finding.of(path, words.NOT_THERE, value))


def by_label(rows: Any, name: str) -> dict[str, list[Any]]:
    """Rows of a list by what tells them apart; several where a label stands twice."""
    found: dict[str, list[Any]] = {}
    for row in rows if isinstance(rows, list) else ():
        parts = [row.get(key) for key in LABELS[name]] if isinstance(row, dict) else [row]
        label = ", ".join(str(part) for part in parts if part is not None)
        found.setdefault(label, []).append(row)
    return found


def number(value: Any) -> float | None:
    """A finite number, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def numbers(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every number in a document, with the path that a finding would name."""
    if isinstance(value, dict):
        data = path.rpartition(".")[2] in DATA
        for key, one in value.items():
            yield from numbers(one, f"{path}[{key}]" if data else f"{path}.{key}".removeprefix("."))
    elif isinstance(value, list) and path in LABELS:
        for label, rows in by_label(value, path).items():
            yield from numbers(rows[0], f"{path}[{label}]")
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from numbers(one, f"{path}[{place}]")
    elif number(value) is not None:
        yield path, value


def _same(saved: Any, recomputed: Any) -> bool:
    a, b = number(saved), number(recomputed)
    if a is not None and b is not None:
        return abs(a - b) <= TOLERANCE * max(abs(a), abs(b))
    return type(saved) is type(recomputed) and bool(saved == recomputed)


def _plain(value: Any) -> Any:
    """A value as a finding shows it: a number, a short text, nothing."""
    if value is None or isinstance(value, bool) or number(value) is not None:
        return value
    if isinstance(value, dict):
        return words.SOME_TABLE
    if isinstance(value, list):
        return words.SOME_LIST.format(count=len(value))
    return writable(str(value) if not isinstance(value, int) else words.HUGE_NUMBER)


def writable(text: str) -> str:
    """A text that any file takes, cut where it is long."""
    whole = text.encode("utf-8", "replace").decode()
    return whole if len(whole) <= _LONGEST else whole[: _LONGEST - 1] + "…"
