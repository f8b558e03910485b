"""TOML files as layers: the line of each key, and the remedy for a line that is not valid.

``tomllib`` returns values without their lines, so that valid texts are read again by statement.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from fte_alloc.errors import mistaken
from fte_alloc.inputs.sheets import CellSheet
from fte_alloc.inputs.typed_numbers import number_hint
from fte_alloc.inputs.values import KeyPath
from fte_alloc.language import N_, _

#: Remedies, by a regular expression of the beginning of the message of ``tomllib``.
TOML_ERRORS = {
    "Expected newline": N_("something stands after the value; write one key = value a line"),
    "Expected '='": N_("expected key = value"),
    "Invalid statement": N_("expected key = value, or a [table]"),
    "Illegal character '.n'": N_("the quotes are not closed on this line"),
    "Unclosed array": N_("a list is not closed; it ends with ]"),
    "Unclosed inline table": N_("a table in braces is not closed; it ends with } on the same line"),
    "Duplicate inline table key": N_("a key stands twice between the braces; keep one"),
    "Invalid value": N_("expected a number, true, false, a list, or a text in quotes"),
    "Invalid date": N_("expected a date such as 2023-05-03"),
    "Invalid initial character": N_("expected a key before the equals sign"),
    "Expected '\\]": N_("a bracket is missing at the end of a [table]"),
    "Unterminated string": N_("the quotes are not closed"),
    "Unescaped": N_('a backslash in a text is written twice: "\\\\"'),
    "Invalid hex|Escaped character": N_("the code after a backslash is none of TOML's"),
    "Cannot mutate|Cannot redefine": N_("this table is closed already; put its keys together"),
    "Found invalid|Illegal character": N_("a character stands here that TOML does not allow"),
}

# -- lines of keys ---------------------------------------------------------------------------------

#: Strings, comments, line ends, brackets, commas, and whatever else stands between them.
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""+|\'\'\'.*?\'\'\'+|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\''
    r"|#[^\n]*|\n|[\[\]{},]|[^\s\[\]{},#\"']+",
    re.DOTALL,
)

TOO_DEEP = N_("not valid TOML: brackets within brackets, too deep to read")
#: Most parts of a key: the time to read a key grows with the square of their number.
_DEEPEST = 100
_DEEP_KEY = re.compile(rf"(?<![\w.\"'-])(?:[\w\"'-]++\s*+\.\s*+){{{_DEEPEST}}}")


@lru_cache(maxsize=16)  # scenarios that are compared share their model
def key_lines(text: str) -> Mapping[KeyPath, int]:
    """Line of every key, table and array entry, by path; entries of arrays count from 1.

    A table that only others imply, as ``[a.b]`` implies ``a``, has the first line that implies it.
    """
    lines: dict[KeyPath, int] = {}
    implied: dict[KeyPath, int] = {}
    entries: dict[KeyPath, int] = {}
    table: KeyPath = ()

    def walk(path: KeyPath, value: Any, line: int, places: Sequence[int]) -> None:
        """Note the lines of a key and of the keys and entries within its value."""
        lines.setdefault(path, line)
        if isinstance(value, dict):
            for key, one in value.items():
                walk((*path, key), one, line, places)
        elif isinstance(value, list):
            within = places if len(places) == len(value) else [line] * len(value)
            for n, (one, at) in enumerate(zip(value, within, strict=True), start=1):
                walk((*path, str(n)), one, at, ())

    for statement, line, places in _statements(text):
        content: Any = tomllib.loads(statement)
        if not statement.startswith("["):
            for key, value in content.items():
                walk((*table, key), value, line, places)
            continue
        table = ()
        while isinstance(content, dict) and content:
            if table in entries:
                table = (*table, str(entries[table]))
            ((key, content),) = content.items()
            table = (*table, key)
        if isinstance(content, list):
            lines.setdefault(table, line)
            entries[table] = entries.get(table, 0) + 1
            table = (*table, str(entries[table]))
        lines.setdefault(table, line)
        for depth in range(1, len(table)):
            implied.setdefault(table[:depth], line)
    return implied | lines


def _statements(text: str) -> Iterator[tuple[str, int, list[int]]]:
    """Text and line of every statement, and the lines on which entries of its list begin."""
    depth, line, before = 0, 1, ""
    start, first, places = 0, 0, list[int]()
    for match in _TOKEN.finditer(text + "\n"):
        token = match.group()
        if token == "\n" and not depth and first:
            yield text[start : match.end()], first, places
            first, places = 0, []
        elif token != "\n" and not token.startswith("#"):
            if not first:
                start, first = match.start(), line
            if depth == 1 and before in ("[", ",") and token != "]":
                places.append(line)
            depth += (token in ("[", "{")) - (token in ("]", "}"))
            before = token
        line += token.count("\n")


# -- slips -----------------------------------------------------------------------------------------

_PLACE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)")
#: The value after an equals sign, up to a comment, a bracket, the next key or the line end.
_VALUE = re.compile(r"=\s*([^=#{}\[\]]+?)\s*(?=[#}\]]|,\s*[^\d\s]|$)")
_NEEDS_QUOTES = N_('a name with accents, spaces or apostrophes needs quotes: "{part}"')
#: Frequent slips: pattern of the line, remedy, and beginning of the message of ``tomllib``.
_SLIPS = (
    (
        r"^\s*(?P<key>[^=\[]*?)\s*=",
        N_("{key} stands twice; keep one"),
        "Cannot overwrite",
    ),
    (
        r"^\s*(?P<table>\[[^#]*\])",
        N_("{table} stands twice; put its keys together under one"),
        "Cannot declare",
    ),
    (
        "[\u00a0\u2007\u202f]",
        N_("a no-break space stands here; type a plain space in its place"),
        "",
    ),
    (r"[=\[,]\s*[“”„«»‘’]", N_('typographic quotes; write straight ones: "…"'), ""),
    (r"^(?P<key>[^=]*?)\s*=\s*(?:#.*)?$", N_("{key} has no value after its equals sign"), ""),
    (
        r"=\s*(?P<typed>(?i:true|false))\b",
        N_("{typed} is written in small letters"),
        "Invalid value",
    ),
    (
        r"=\s*(?P<typed>[^\W\d_][^#,}\]]*?)\s*(?:[#,}\]]|$)",
        N_('{typed} is a text; put it in quotes: "{typed}"'),
        "Invalid value",
    ),
)


def syntax_slip(error: str, text: str) -> tuple[int, str]:
    """Line of a syntax error, and its remedy.

    error : message of ``tomllib``
    """
    lines = text.split("\n")
    place = _PLACE.search(error)
    at = int(place[1]) if place and place[1] else text.rstrip().count("\n") + 1
    what, line = error[: place.start()] if place else error, lines[at - 1]
    for typed in _VALUE.findall(line):
        if meant := number_hint(typed):
            return at, _("{typed} is not written as a number").format(typed=typed) + meant
    key = re.match(r"\s*\[{0,2}([^=\]]*)[=\]]", line)
    for part in map(str.strip, key[1].split(".") if key else ()):
        if re.fullmatch(r"\w[\w '’()-]*", part) and not re.fullmatch(r"[A-Za-z0-9_-]+", part):
            return at, _(_NEEDS_QUOTES).format(part=part)
    for pattern, remedy, beginning in _SLIPS:
        if what.startswith(beginning) and (found := re.search(pattern, line)):
            return at, _(remedy).format(**found.groupdict())
    if place and not place[1] and not what.startswith("Cannot"):
        return at, _("the file ends inside a value; close its bracket or its quotes")
    known = (_(remedy) for start, remedy in TOML_ERRORS.items() if re.match(start, what))
    return at, next(known, _("not valid TOML: {error}").format(error=what))


@dataclass(frozen=True)
class Layer:
    """One TOML file, workbook or ``--set``: its content, the places of its keys and its name.

    places : place of each key, a line or a cell
    whole : the key of a ``--set``, None for a file
    sheets : sheets of a workbook
    """

    folder: Path
    name: str
    content: dict[str, Any]
    places: dict[KeyPath, str]
    whole: KeyPath | None = None
    sheets: Sequence[CellSheet] = ()

    def where(self, path: KeyPath) -> str:
        """Place ``file:line`` of a key, or of the nearest table around it."""
        for depth in range(len(path), 0, -1):
            if path[:depth] in self.places:
                return self.places[path[:depth]]
        return self.name


def parse_toml(data: bytes, folder: Path, name: str) -> Layer:
    """The layer of a TOML file, with the line of every key. Raises InputError."""
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise mistaken(f"{name}:{line}", _("is not in UTF-8; save the file in UTF-8")) from None
    if _DEEP_KEY.search(text):
        raise mistaken(name, _(TOO_DEEP))
    try:
        content, lines = _parsed(text)
        return Layer(folder, name, content, {key: f"{name}:{n}" for key, n in lines.items()})
    except tomllib.TOMLDecodeError as error:
        line, what = syntax_slip(str(error), text)
    except ValueError:  # an integer of thousands of digits
        line = next(n for n, row in enumerate(text.split("\n"), 1) if re.search(r"\d{4000}", row))
        what = _("a number has thousands of digits")
    except RecursionError:
        raise mistaken(name, _(TOO_DEEP)) from None
    raise mistaken(f"{name}:{line}", what)


@lru_cache(maxsize=32)
def _parsed(text: str) -> tuple[dict[str, Any], Mapping[KeyPath, int]]:
    """Content of a TOML text, which nobody changes, and line of every key."""
    return tomllib.loads(text), key_lines(text)
