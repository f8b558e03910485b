"""Keys and values as TOML writes them, and as ``--set`` takes them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from fte_alloc.language import _

#: A dotted key, part by part.
KeyPath = tuple[str, ...]

_LONGEST_SHOWN = 60
_PART = re.compile(r"\s*(?:\"([^\"]*)\"|'([^']*)'|([^.]*))\s*(\.|$)")


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
        return _("a huge number")
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(as_written, value))}]"
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{written_key((str(k),))} = {as_written(v)}" for k, v in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    return str(value)


def written_key(path: Iterable[str]) -> str:
    """A dotted key, its odd parts in quotes."""
    return ".".join(
        part if re.fullmatch(r"[\w -]+", part) else json.dumps(part, ensure_ascii=False)
        for part in path
    )


def key_path(key: str) -> KeyPath:
    """The parts of a dotted key; a part with a dot stands in quotes."""
    parts, at = [], 0
    while True:
        match = _PART.match(key, at)
        assert match, "the last alternative takes anything"
        parts.append(next(part.strip() for part in match.groups() if part is not None))
        at = match.end()
        if match[4] != ".":
            return tuple(parts)


def as_toml(value: Any) -> Any:
    """A Python value as TOML would have it: no tuples, no numpy, None as "none"."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if value is None:
        return "none"
    if isinstance(value, Mapping):
        return {str(key): as_toml(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [as_toml(one) for one in value]
    return value
