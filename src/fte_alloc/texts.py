"""Texts from outside: read in any Unicode."""

from __future__ import annotations


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
