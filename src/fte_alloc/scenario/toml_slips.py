"""What a planner probably meant, where a line is not TOML: said in the words of the slip."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fte_alloc import words
from fte_alloc.scenario import typed_numbers

_PLACE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)")
_NO_BREAK_SPACES = re.compile("[\u00a0\u2007\u202f]")
_TYPOGRAPHIC = re.compile(r"[=\[,]\s*[“”„«»‘’]")
_DECIMAL_COMMA = re.compile(r"=\s*([+-]?[0-9][0-9_]*),([0-9]+)(?=\s*(?:#|$|[,}\]]))")
_SPACED = re.compile(r"=\s*([0-9]{1,3}(?: [0-9]{3})+)(?![0-9])")
#: What the three patterns around this one put right by themselves.
_SIMPLE = re.compile(r"[+-]?\d+,(?!\d{3}$)\d+|\d{1,3}( \d{3})+|[\d.]+\s*%")
_PERCENT = re.compile(r"=\s*([0-9]+(?:\.[0-9]+)?)\s*%")
_BARE_TEXT = re.compile(r"=\s*([^\W\d_][^#,}\]]*)")
_NO_VALUE = re.compile(r"([^=]*)=\s*(?:#.*)?$")
_HEADER = re.compile(r"\s*(\[\[?)([^\]#]*)(\]?\]?)")
_BARE_KEY = re.compile(r"\s*(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')\s*")


def syntax_slip(error: str, text: str) -> tuple[int, str]:
    """Line of what is not TOML, and what to do about it.

    error : what ``tomllib`` says of it
    """
    lines = text.split("\n")
    place = _PLACE.search(error)
    at = int(place[1]) if place and place[1] else text.rstrip().count("\n") + 1
    what = error[: place.start()] if place else error
    line, before = lines[at - 1], lines[: at - 1]
    slip = _twice(what, line, before) or _strange_key(line) or _strange_value(what, line)
    if not slip and place and not place[1]:
        slip = words.ENDS_EARLY
    known = (text for start, text in words.SYNTAX.items() if what.startswith(start))
    return at, slip or next(known, words.BROKEN_TOML.format(error=what))


def _twice(error: str, line: str, before: Sequence[str]) -> str:
    """A key or a table that stands twice."""
    if error.startswith("Cannot overwrite") and "=" in line:
        key = line.partition("=")[0].strip()
        same = [n for n, row in enumerate(before, 1) if row.partition("=")[0].strip() == key]
        first = words.FIRST_ON_LINE.format(line=same[-1]) if same else ""
        return words.KEY_TWICE.format(key=key, first=first)
    header = _HEADER.match(line)
    if error.startswith("Cannot declare") and header:
        table = "".join(header.groups())
        same = [n for n, row in enumerate(before, 1) if row.strip().startswith(table)]
        first = words.FIRST_ON_LINE.format(line=same[0]) if same else ""
        return words.TABLE_TWICE.format(table=table, first=first)
    return ""


def _strange_key(line: str) -> str:
    """A key that needs quotes, a header without its closing bracket, a no-break space."""
    if _NO_BREAK_SPACES.search(line):
        return words.NO_BREAK_SPACE
    header = _HEADER.match(line)
    if header:
        opening, key, closing = header.groups()
        if len(closing) < len(opening):
            closed = f"{opening}{key.strip()}{']' * len(opening)}"
            return words.BRACKET_MISSING.format(header=closed)
    else:
        key, equals, _ = line.partition("=")
        if not equals:
            return ""
    if '"' in key or "'" in key:
        return ""
    strange = [part.strip() for part in key.split(".") if not _BARE_KEY.fullmatch(part)]
    known = [part for part in strange if re.fullmatch(r"\w[\w '’()-]*", part)]
    return words.KEY_NEEDS_QUOTES.format(part=known[0]) if known else ""


def _strange_value(error: str, line: str) -> str:
    """A value as a letter or a spreadsheet would write it."""
    if _TYPOGRAPHIC.search(line):
        return words.STRAIGHT_QUOTES
    value = line.partition("=")[2].partition("#")[0].strip()
    if not _SIMPLE.fullmatch(value) and (hint := typed_numbers.hint(value)):
        return words.NO_TOML_NUMBER.format(typed=value) + hint
    if found := _DECIMAL_COMMA.search(line):
        typed, point = f"{found[1]},{found[2]}", f"{found[1]}.{found[2]}"
        return words.DECIMAL_POINT.format(typed=typed, point=point)
    if found := _SPACED.search(line):
        return words.NO_SPACES.format(typed=found[1], joined=found[1].replace(" ", "_"))
    if found := _PERCENT.search(line):
        return words.NO_PERCENT.format(percent=found[1], share=f"{float(found[1]) / 100:g}")
    if found := _NO_VALUE.fullmatch(line):
        return words.VALUE_MISSING.format(key=found[1].strip())
    if error == "Invalid value" and (found := _BARE_TEXT.search(line)):
        typed = found[1].strip()
        if typed.lower() in ("true", "false"):
            return words.LOWER_CASE.format(typed=typed, lower=typed.lower())
        return words.TEXT_NEEDS_QUOTES.format(typed=typed)
    return ""
