"""TOML files as layers: their values, and the line of each key.

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
from fte_alloc.inputs.values import KeyPath, written_value
from fte_alloc.language import _

#: Most parts of a key: the time to read a key grows with the square of their number.
_DEEPEST = 100
_DEEP_KEY = re.compile(rf"(?<![\w.\"'-])(?:[\w\"'-]++\s*+\.\s*+){{{_DEEPEST}}}")
#: The value after an equals sign, up to a comment, a bracket, the next key or the line end.
_VALUE = re.compile(r"=\s*([^=#{}\[\]]+?)\s*(?=[#}\]]|,\s*[^\d\s]|$)")


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
        heads = (path[:depth] for depth in range(len(path), 0, -1))
        return next((self.places[head] for head in heads if head in self.places), self.name)


def parse_toml(data: bytes, folder: Path, name: str) -> Layer:
    """The layer of a TOML file, with the line of every key. Raises InputError."""
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise mistaken(f"{name}:{line}", _("is not in UTF-8; save the file in UTF-8")) from None
    try:
        content, lines = _parsed(text)
        return Layer(folder, name, content, {key: f"{name}:{n}" for key, n in lines.items()})
    except tomllib.TOMLDecodeError as error:
        line, what = _syntax_mistake(str(error), text)
    except ValueError:  # an integer of thousands of digits
        line = next(n for n, row in enumerate(text.split("\n"), 1) if re.search(r"\d{4000}", row))
        what = _("a number has thousands of digits")
    except RecursionError:
        text = _("not valid TOML: brackets within brackets, too deep to read")
        raise mistaken(name, text) from None
    raise mistaken(f"{name}:{line}", what)


@lru_cache(maxsize=32)
def _parsed(text: str) -> tuple[dict[str, Any], Mapping[KeyPath, int]]:
    """Content of a TOML text (cached, so not to be modified) and line of every key."""
    if _DEEP_KEY.search(text):
        raise RecursionError
    return tomllib.loads(text), key_lines(text)


def _syntax_mistake(error: str, text: str) -> tuple[int, str]:
    """Line of a syntax error, by the message of ``tomllib``, and what to write instead."""
    place = re.search(r"\(at line (\d+)", error)
    number = int(place[1]) if place else text.rstrip().count("\n") + 1
    line = text.split("\n")[number - 1].strip()
    for typed in _VALUE.findall(line):
        if meant := number_hint(typed):
            return number, _("{typed} is not written as a number").format(typed=typed) + meant
    if error.startswith(("Cannot", "Duplicate")):
        what = _("{key} stands twice; keep one")
        return number, what.format(key=line.partition("=")[0].strip())
    if not place:
        return number, _(
            "the file ends before its last value does; add it, or close its bracket or quotes"
        )
    what = _(
        "{line} is not valid TOML; write key = value or [table], with plain spaces, and straight "
        "quotes around texts and around names with accents or spaces"
    )
    return number, what.format(line=written_value(line))


# -- lines of keys ---------------------------------------------------------------------------------

#: Strings, comments, line ends, brackets, commas, and whatever else stands between them.
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""+|\'\'\'.*?\'\'\'+|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\''
    r"|#[^\n]*|\n|[\[\]{},]|[^\s\[\]{},#\"']+",
    re.DOTALL,
)


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
