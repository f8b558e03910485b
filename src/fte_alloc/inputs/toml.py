"""TOML: on which line each key stands, and what was probably meant where a line is not TOML.

``tomllib`` reads values and forgets lines. Lines are looked for in a text that it has accepted, so
that only what decides where a key or a value ends is looked at: quotes, brackets, comments.
"""

from __future__ import annotations

import re
import tomllib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

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

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""+|\'\'\'.*?\'\'\'+|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\''
    r"|#[^\n]*|[\[\]{}=,.]|[^\s\[\]{}=,.#\"']+",
    re.DOTALL,
)


@lru_cache(maxsize=16)  # scenarios that are compared share their model
def key_lines(text: str) -> Mapping[KeyPath, int]:
    """Line of every key, table and array entry, by path; entries of arrays count from 1.

    A table that only others imply, as ``[a.b]`` implies ``a``, stands where the first of them does.
    """
    scanner = _Scanner(text)
    while scanner.tokens[0][0]:
        scanner.statement()
    return scanner.implied | scanner.lines


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """Strings, brackets, marks and what stands between them, each with its line."""
    line, counted = 1, 0
    for match in _TOKEN.finditer(text):
        if not match.group().startswith("#"):
            line += text.count("\n", counted, match.start())
            counted = match.start()
            yield match.group(), line


class _Scanner:
    """Reads statement by statement.

    tokens : those ahead, each with its line, and an empty one
    entries : number of the present entry of every array of tables
    """

    def __init__(self, text: str) -> None:
        self.tokens = deque([*_tokens(text), ("", 0)])
        self.table: KeyPath = ()
        self.lines: dict[KeyPath, int] = {}
        self.implied: dict[KeyPath, int] = {}
        self.entries: dict[KeyPath, int] = {}

    def passed(self, token: str) -> bool:
        """Whether the next token is a certain one, which is passed over then."""
        return self.tokens[0][0] == token and bool(self.tokens.popleft())

    def statement(self) -> None:
        """A header, or a key with its value."""
        line = self.tokens[0][1]
        if not self.passed("["):
            self.pair(self.table)
            return
        array = self.passed("[")
        *within, last = self.keys()
        table: KeyPath = ()
        for key in within:
            table = (*table, key)
            if table in self.entries:
                table = (*table, str(self.entries[table]))
        table = (*table, last)
        self.lines.setdefault(table, line)
        if array:
            self.entries[table] = self.entries.get(table, 0) + 1
            table = (*table, str(self.entries[table]))
            self.lines.setdefault(table, line)
        for depth in range(1, len(table)):
            self.implied.setdefault(table[:depth], line)
        self.table = table
        while self.passed("]"):
            pass

    def keys(self) -> KeyPath:
        """The parts of a dotted key."""
        keys: list[str] = []
        while not keys or self.passed("."):
            key, __ = self.tokens.popleft()
            keys.append(next(iter(tomllib.loads(f"{key} = 0"))) if key[0] in "\"'" else key)
        return tuple(keys)

    def pair(self, table: KeyPath) -> None:
        """A key with its value."""
        line, keys = self.tokens[0][1], self.keys()
        for depth in range(1, len(keys) + 1):
            self.lines.setdefault((*table, *keys[:depth]), line)
        self.tokens.popleft()  # the equals sign
        self.value((*table, *keys))

    def value(self, path: KeyPath) -> None:
        """A value, with the keys or the entries in it."""
        line = self.tokens[0][1]
        if self.passed("{"):
            while not self.passed("}"):
                self.pair(path)
                self.passed(",")
        elif self.passed("["):
            number = 0
            while not self.passed("]"):
                number += 1
                self.lines.setdefault((*path, str(number)), self.tokens[0][1])
                self.value((*path, str(number)))
                self.passed(",")
        else:
            while self.tokens[0][1] == line and self.tokens[0][0] not in (",", "]", "}"):
                self.tokens.popleft()


# -- slips -----------------------------------------------------------------------------------------

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
    value = line.partition("=")[2].partition("#")[0].strip()
    if not _SIMPLE.fullmatch(value) and (meant := hint(value)):
        return _("{typed} is not written as a number").format(typed=value) + meant
    if found := _DECIMAL_COMMA.search(line):
        typed, point = f"{found[1]},{found[2]}", f"{found[1]}.{found[2]}"
        return _("{typed} has a decimal comma; write {point}").format(typed=typed, point=point)
    if found := _SPACED.search(line):
        text = _("{typed} has spaces; write {joined}")
        return text.format(typed=found[1], joined=found[1].replace(" ", "_"))
    if found := _PERCENT.search(line):
        text = _("{percent} % is written {share}")
        return text.format(percent=found[1], share=f"{float(found[1]) / 100:g}")
    if found := _NO_VALUE.fullmatch(line):
        return _("{key} has no value after its equals sign").format(key=found[1].strip())
    if error == "Invalid value" and (found := _BARE_TEXT.search(line)):
        typed = found[1].strip()
        if typed.lower() in ("true", "false"):
            return _("{typed} is written {lower}").format(typed=typed, lower=typed.lower())
        return _('{typed} is a text; put it in quotes: "{typed}"').format(typed=typed)
    return ""
