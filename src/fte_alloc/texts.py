"""Texts from outside: read in any Unicode, shown without what would steer a terminal."""

from __future__ import annotations

from collections.abc import Callable


class Lines(str):
    """A text of several lines: its line breaks are meant, and stay when it is shown."""

    __slots__ = ()


def visible(text: str) -> str:
    r"""A text on one line, whatever does not print as an escape: ``\x1b``, ``\u202e``, ``\n``.

    Of ``Lines`` the line breaks stay. What is visible already is not changed.
    """
    if isinstance(text, Lines):
        return Lines("\n".join(map(visible, str(text).split("\n"))))
    return escaped(text, lambda sign: sign.encode("unicode_escape").decode())


def escaped(text: str, escape: Callable[[str], str]) -> str:
    """A text with an escape for every sign that does not print and is no space."""
    from unicodedata import category

    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or category(c) == "Zs" else escape(c) for c in text)


def inert(text: str) -> str:
    """A text as a cell of a CSV file: visible, and no formula for a spreadsheet.

    What would be one begins with ``'``; numbers do not.
    """
    text = visible(text)
    if not text.startswith(tuple("=+-@＝＋－＠")):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def utf8(data: bytes) -> bytes:
    """The bytes of a text in UTF-8; UTF-16, which PowerShell 5 writes with ``>``, is turned.

    What is in another encoding is left as it is.
    """
    from json import detect_encoding

    encoding = detect_encoding(data)
    if encoding.startswith("utf-8"):
        return data
    try:
        return data.decode(encoding).encode()
    except UnicodeDecodeError:
        return data
