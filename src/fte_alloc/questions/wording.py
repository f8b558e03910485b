"""Parts of sentences: lists, titles in quotation marks, texts over several lines."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from fte_alloc.language import _
from fte_alloc.texts import Lines, visible

#: Longest text of an input on one line [characters].
_WIDE_TEXT = 40


def listed(names: Iterable[str]) -> str:
    """Items as a list in words: « a, b and c »."""
    *first, last = names
    return _(" and ").join([", ".join(first), last]) if first else last


def quoted(names: Iterable[str]) -> list[str]:
    """Titles in quotation marks."""
    return [_("“{name}”").format(name=name) for name in names]


def wrapped(text: str, indent: str = "") -> str:
    """A long text of the first column of a table, wrapped over several lines."""
    lines = textwrap.wrap(
        visible(text), _WIDE_TEXT, initial_indent=indent, subsequent_indent=indent
    )
    return Lines("\n".join(lines))
