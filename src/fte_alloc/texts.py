"""Texts from outside: decoded from any Unicode encoding, with control characters made visible."""

from __future__ import annotations

from collections.abc import Callable
from html import escape


class Lines(str):
    """A text of several lines, whose line breaks are intended and stay when it is shown."""

    __slots__ = ()


def visible(text: str) -> str:
    r"""A text on one line, with escapes for what does not print: ``\x1b``, ``\u202e``, ``\n``.

    ``Lines`` keep their line breaks. A text that prints is not changed.
    """
    if isinstance(text, Lines):
        return Lines("\n".join(map(visible, str(text).split("\n"))))
    return escaped(text, lambda sign: sign.encode("unicode_escape").decode())


def escaped(text: str, escape: Callable[[str], str]) -> str:
    """A text with an escape for every character that does not print and is not a space."""
    from unicodedata import category

    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or category(c) == "Zs" else escape(c) for c in text)


def csv_text(text: str) -> str:
    """A text for a cell of a CSV file: visible, and not a formula of a spreadsheet.

    A text that would be a formula gets a ``'`` in front; numbers do not.
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
    """The bytes of a text in UTF-8, converted from UTF-16, which PowerShell 5 writes with ``>``.

    Bytes in another encoding are left as they are.
    """
    from json import detect_encoding

    encoding = detect_encoding(data)
    if encoding.startswith("utf-8"):
        return data
    try:
        return data.decode(encoding).encode()
    except UnicodeDecodeError:
        return data


def xml_escaped(text: str) -> str:
    """A text escaped for an XML element or attribute, control characters made visible."""
    return escape(visible(text))
