"""Every sentence the tool says, in the language in force.

``words.NAME`` is the text of ``english.py``, translated by the catalogue. It is looked up where it
is used, never at import: the language may change in between.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from fte_alloc import language
from fte_alloc.words import english


def __getattr__(name: str) -> Any:
    spoken = language.in_force()
    return getattr(english, name) if spoken == language.ENGLISH else _translated(spoken, name)


def plural(forms: Sequence[str], count: float) -> str:
    """The form for a number of things, of two: one, several. French says 0 as it says 1."""
    is_one = abs(count) < 2 if language.in_force() == language.FRENCH else count == 1
    return forms[0] if is_one else forms[1]


def of_limit(texts_: Mapping[str, str], constraint: str) -> str:
    """What a table says of a limit; of the user's own what it has under ``own``, with its name."""
    known = texts_.get(constraint)
    return (
        texts_["own"].replace("{name}", constraint.removeprefix("limits."))
        if known is None
        else known
    )


def os_reason(error: OSError) -> str:
    """Why the system refuses a file."""
    name = errno.errorcode.get(error.errno or 0, "")
    return str(__getattr__("OS_REASONS").get(name, error.strerror or error))


def texts(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """Every text of a constant with its own name: ``NAME``, ``NAME.key``, ``NAME.0``."""
    if isinstance(value, str):
        yield name, value
        return
    for key, text in value.items() if isinstance(value, dict) else enumerate(value):
        yield from texts(text, f"{name}.{key}")


@cache
def _translated(spoken: str, name: str) -> Any:
    with language.speaking(spoken):
        return _in_force(getattr(english, name), name)


def _in_force(value: Any, name: str) -> Any:
    if isinstance(value, str):
        return language.translated(value, name)
    if isinstance(value, dict):
        return {key: _in_force(text, f"{name}.{key}") for key, text in value.items()}
    return tuple(_in_force(text, f"{name}.{i}") for i, text in enumerate(value))
