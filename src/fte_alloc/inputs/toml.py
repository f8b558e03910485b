"""TOML: on which line each key stands, and what was probably meant where a line is not TOML.

``tomllib`` reads values and forgets lines: a text that it has accepted is read again, statement by
statement.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from fte_alloc.inputs.values import KeyPath, hint
from fte_alloc.language import N_, _

#: What to do, by the beginnings of what ``tomllib`` says.
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
    "Cannot overwrite": N_("a value stands here already; keep one"),
    "Found invalid|Illegal character": N_("a character stands here that TOML does not allow"),
}

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

    A table that only others imply, as ``[a.b]`` implies ``a``, stands where the first of them does.
    """
    lines: dict[KeyPath, int] = {}
    implied: dict[KeyPath, int] = {}
    entries: dict[KeyPath, int] = {}
    table: KeyPath = ()

    def walk(path: KeyPath, value: Any, line: int, places: Sequence[int]) -> None:
        """Note a key, and those within its value."""
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
    """Every header, and every key with its value: its line, and where entries of a list begin."""
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
_NO_BREAK_SPACES = re.compile("[\u00a0\u2007\u202f]")
_TYPOGRAPHIC = re.compile(r"[=\[,]\s*[“”„«»‘’]")
_VALUE = re.compile(r"=\s*([^=#{}\[\]]+?)\s*(?=[#}\]]|,\s*[^\d\s]|$)")
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
        slip = _("the file ends inside a value; close its bracket or its quotes")
    known = (_(said) for start, said in TOML_ERRORS.items() if re.match(start, what))
    return at, slip or next(known, _("not valid TOML: {error}").format(error=what))


def _twice(error: str, line: str, before: Sequence[str]) -> str:
    """A key or a table that stands twice."""
    header, key = _HEADER.match(line), line.partition("=")[0].strip()
    if error.startswith("Cannot overwrite") and "=" in line:
        text = _("{key} stands twice{first}; keep one")
        same = [n for n, row in enumerate(before, 1) if row.partition("=")[0].strip() == key][-1:]
    elif error.startswith("Cannot declare") and header:
        key = "".join(header.groups())
        text = _("{table} stands twice{first}; put its keys together under one")
        same = [n for n, row in enumerate(before, 1) if row.strip().startswith(key)]
    else:
        return ""
    first = _(" (first on line {line})").format(line=same[0]) if same else ""
    return text.format(key=key, table=key, first=first)


def _strange_key(line: str) -> str:
    """A key that needs quotes, a header without its closing bracket, a no-break space."""
    if _NO_BREAK_SPACES.search(line):
        return _("a no-break space stands here; type a plain space in its place")
    header = _HEADER.match(line)
    opening, key, closing = header.groups() if header else ("", *line.partition("=")[:2])
    if len(closing) < len(opening):
        closed = f"{opening}{key.strip()}{']' * len(opening)}"
        return _("a bracket is missing; expected {header}").format(header=closed)
    if not closing or '"' in key or "'" in key:
        return ""
    strange = [part.strip() for part in key.split(".") if not _BARE_KEY.fullmatch(part)]
    known = [part for part in strange if re.fullmatch(r"\w[\w '’()-]*", part)]
    text = _('a name with accents, spaces or apostrophes needs quotes: "{part}"')
    return text.format(part=known[0]) if known else ""


def _strange_value(error: str, line: str) -> str:
    """A value as a letter or a spreadsheet would write it."""
    if _TYPOGRAPHIC.search(line):
        return _('typographic quotes; write straight ones: "…"')
    for typed in _VALUE.findall(line):
        if meant := hint(typed):
            return _("{typed} is not written as a number").format(typed=typed) + meant
    if found := _NO_VALUE.fullmatch(line):
        return _("{key} has no value after its equals sign").format(key=found[1].strip())
    if error == "Invalid value" and (found := _BARE_TEXT.search(line)):
        typed = found[1].strip()
        if typed.lower() in ("true", "false"):
            return _("{typed} is written {lower}").format(typed=typed, lower=typed.lower())
        return _('{typed} is a text; put it in quotes: "{typed}"').format(typed=typed)
    return ""
