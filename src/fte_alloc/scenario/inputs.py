"""Resolved inputs: every value by dotted key, with its origin and what is said of it."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fte_alloc import words
from fte_alloc.errors import Mistake

#: A dotted key, part by part.
KeyPath = tuple[str, ...]

_LONGEST_SHOWN = 60


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
    return words.STATUSES.get(origin, origin)


def show_value(value: Any) -> str:
    """A value as ``--set`` would give it."""
    if value is None:
        return "none"
    if isinstance(value, str) and value.isprintable():
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return written(value)


def written(value: Any) -> str:
    """A value as TOML writes it, on one line, cut where it is long."""
    text = as_written(value)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def as_written(value: Any) -> str:
    """A value as TOML writes it, on one line, whole."""
    if value is None:
        return '"none"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int) and value.bit_length() > 256:
        return words.HUGE_NUMBER
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(as_written, value))}]"
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{written_key((str(k),))} = {as_written(v)}" for k, v in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    return str(value)


def written_key(path: Iterable[str]) -> str:
    """A dotted key, its odd parts in quotes."""
    plain_parts = re.compile(r"[\w -]+")
    return ".".join(
        part if plain_parts.fullmatch(part) else json.dumps(part, ensure_ascii=False)
        for part in path
    )


def nearest(name: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The known name nearest to one that is not, None where none is near.

    A name in which a word stands for another, as coordinators for facilitators, is about another
    thing and not near.
    """
    by_plain = {plain(k): k for k in known if _same_thing(plain(name), plain(k))}
    close = difflib.get_close_matches(plain(name), by_plain, n=1, cutoff=likeness)
    return by_plain[close[0]] if close else None


def _same_thing(name: str, other: str) -> bool:
    """Whether all words of one of two names are in the other, but for slips of the finger."""

    def left_out(words_of: list[str], others: list[str]) -> bool:
        """Whether a word is not like any of the others, begins none and none begins it."""
        return any(
            not (w in "".join(others) or any(w.startswith(o) for o in others if len(o) > 2))
            and not difflib.get_close_matches(w, others, 1, 0.6)
            for w in words_of
        )

    each = [re.split(r"[ .]", text) for text in (name, other)]
    one, two = ([w for w in each[i] if w not in each[1 - i]] for i in range(2))
    return not (left_out(one, two) and left_out(two, one))


def closest(name: str, known: Iterable[str]) -> str:
    """« ; did you mean X? » for the nearest of the known names, or nothing."""
    return did_you_mean(nearest(name, known))


def did_you_mean(name: str | None) -> str:
    """« ; did you mean X? », or nothing where there is no X."""
    return words.DID_YOU_MEAN.format(name=name) if name else ""


def plain(text: str) -> str:
    """Lower case without accents, hyphens or apostrophes, so that names can be typed."""
    stripped = unicodedata.normalize("NFD", text.replace("’", "'"))
    letters = (c for c in stripped if not unicodedata.combining(c))
    return re.sub(r"[\s'_-]+", " ", "".join(letters)).strip().casefold()
