"""Comparison of a saved document with a recomputed one: every difference, with its path.

The order of keys and of labelled rows is ignored. A malformed document gives findings, no error.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fte_alloc.language import _
from fte_alloc.questions.places import place_key

#: Largest difference between machines in the same figure, as a share of the greater value.
TOLERANCE = 1e-9
#: Keys that identify a row, by path of the list; a place is a territory, or an area of several.
LABELS = {
    "posts": ("place", "role", "year"),
    "territories": ("place", "year"),
    "segments": ("segment", "year"),
    "by_year": ("year",),
    "prices": ("constraint", "place", "year"),
    "stages": ("objective",),
}
#: Tables whose keys are data: there an additional key is a finding, not a key of a later format.
DATA = frozenset(["values", "files", "overrides", "duals", "by_segment"])
_LONGEST = 80


@dataclass(frozen=True)
class Finding:
    """A difference between a saved document and its recomputation.

    path : path in the document, such as ``territories[53, 2023].rate``
    saved, recomputed : value there and expected value: a number, a truth value, a text or None
    """

    path: str
    saved: Any
    recomputed: Any

    @classmethod
    def of(cls, path: str, saved: Any, recomputed: Any) -> Finding:
        """A difference whose path and values are shortened so that any output can show them."""
        return cls(printable(path), _plain(saved), _plain(recomputed))


def differences(saved: Any, recomputed: Any, path: str = "") -> Iterator[Finding | str]:
    """Findings on values that differ; a text is a key only saved, perhaps of a later format."""
    if not _is_alike(saved, recomputed, path):
        yield Finding.of(path, saved, recomputed)
    elif isinstance(recomputed, dict | list):
        ours, theirs = children(recomputed, path), children(saved, path)
        for name, (value, *_more) in ours.items():
            if name in theirs:
                yield from differences(theirs[name][0], value, name)
            else:
                yield Finding.of(name, _("(not there)"), value)
        more = [(name, one) for name, found in theirs.items() for one in found[name in ours :]]
        is_open = isinstance(recomputed, dict) and path.rpartition(".")[2] not in DATA
        for name, one in sorted(more, key=lambda found: found[0]) if is_open else more:
            yield printable(name) if is_open else Finding.of(name, one, _("(not there)"))


def _is_alike(saved: Any, recomputed: Any, path: str) -> bool:
    """Whether two values are equal or, of tables and lists, their entries can be compared."""
    if isinstance(recomputed, dict):
        return isinstance(saved, dict)
    if isinstance(recomputed, list):
        any_length = path in LABELS
        return isinstance(saved, list) and (any_length or len(saved) == len(recomputed))
    a, b = number(saved), number(recomputed)
    if a is None or b is None:
        return type(saved) is type(recomputed) and saved == recomputed
    least = 1.0 if path.endswith("bound") else 0.0  # gaps are shares of max(1, |bound|), too
    return abs(a - b) <= TOLERANCE * max(least, abs(a), abs(b))


def children(value: Any, path: str) -> dict[str, list[Any]]:
    """Values of a table or list of a document, by path; several where rows share a label."""
    if isinstance(value, dict) and path.rpartition(".")[2] not in DATA:
        return {f"{path}.{key}".removeprefix("."): [one] for key, one in value.items()}
    if isinstance(value, dict):
        rows = {key: [one] for key, one in value.items()}
    elif path in LABELS:
        rows = by_label(value, path)
    else:
        rows = {str(place): [one] for place, one in enumerate(value)}
    return {f"{path}[{label}]": found for label, found in rows.items()}


def by_label(rows: Any, name: str) -> dict[str, list[Any]]:
    """Rows of a list by label, from their values of ``LABELS[name]``; labels can be repeated."""
    found: dict[str, list[Any]] = {}
    for row in rows if isinstance(rows, list) else ():
        parts: list[Any] = [row]
        if isinstance(row, dict):
            row_of = {"territory": None, "area": None, **row}
            place = place_key(row_of) if row_of["territory"] or row_of["area"] else None
            parts = [place if key == "place" else row.get(key) for key in LABELS[name]]
        label = ", ".join(str(part) for part in parts if part is not None)
        found.setdefault(label, []).append(row)
    return found


def number(value: Any) -> float | None:
    """The value as a float where it is a finite number, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Values of a document that are neither tables nor lists, with their paths as in findings."""
    if isinstance(value, dict | list):
        for name, found in children(value, path).items():
            yield from leaves(found[0], name)
    else:
        yield path, value


def _plain(value: Any) -> Any:
    """A value of a finding: numbers, truth values and None unchanged, others as a short text."""
    if value is None or isinstance(value, bool) or number(value) is not None:
        return value
    if isinstance(value, dict):
        return _("a table")
    if isinstance(value, list):
        return _("a list of {count}").format(count=len(value))
    return printable(str(value) if not isinstance(value, int) else _("a huge number"))


def printable(text: str) -> str:
    """The text cut to ``_LONGEST`` characters, without surrogates that UTF-8 cannot encode."""
    whole = text.encode("utf-8", "replace").decode()
    return whole if len(whole) <= _LONGEST else whole[: _LONGEST - 1] + "…"
