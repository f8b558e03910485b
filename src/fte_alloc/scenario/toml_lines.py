"""On which line of a TOML file each key stands; ``tomllib`` reads values and forgets lines.

The text has been accepted by ``tomllib``, so that only what decides where a key or a value ends
is looked at: quotes, brackets, comments.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable

from fte_alloc.scenario.written import KeyPath

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""+|\'\'\'.*?\'\'\'+|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'', re.DOTALL
)
_SKIP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")


def key_lines(text: str) -> dict[KeyPath, int]:
    """Line of every key, table and array entry, by path; entries of arrays count from 0.

    A table that only others imply, as ``[a.b]`` implies ``a``, stands where the first of them does.
    """
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.counted, self.line = 0, 1  # lines are counted up to here
        self.lines: dict[KeyPath, int] = {}
        self.implied: dict[KeyPath, int] = {}
        self.entries: dict[KeyPath, int] = {}

    def scan(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        while self._skip():
            if self.text.startswith("[", self.at):
                array = self.text.startswith("[[", self.at)
                line = self._line()
                self.at += 2 if array else 1
                table = self._within(self._keys())
                if array:
                    number = self.entries[table] = self.entries.get(table, -1) + 1
                    self.lines.setdefault(table, line)
                    table = (*table, str(number))
                self.lines.setdefault(table, line)
                for depth in range(1, len(table)):
                    self.implied.setdefault(table[:depth], line)
                self.at = self.text.index("]", self.at) + (2 if array else 1)
            else:
                self._pair(table)
        return self.implied | self.lines

    def _within(self, keys: KeyPath) -> KeyPath:
        """A path with the number of the present entry after every array of tables in it."""
        path: KeyPath = ()
        for key in keys[:-1]:
            path = (*path, key)
            if path in self.entries:
                path = (*path, str(self.entries[path]))
        return (*path, keys[-1])

    def _line(self) -> int:
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        return self.line

    def _skip(self) -> bool:
        """Pass over white space and comments; whether anything is left."""
        match = _SKIP.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at < len(self.text)

    def _keys(self) -> KeyPath:
        keys: list[str] = []
        while True:
            self._skip()
            match = _STRING.match(self.text, self.at) or _BARE.match(self.text, self.at)
            assert match, "tomllib has accepted the file"
            keys.append(_unquoted(match.group()))
            self.at = match.end()
            self._skip()
            if not self.text.startswith(".", self.at):
                return tuple(keys)
            self.at += 1

    def _pair(self, table: KeyPath) -> None:
        self._skip()
        line, keys = self._line(), self._keys()
        for depth in range(1, len(keys) + 1):
            self.lines.setdefault((*table, *keys[:depth]), line)
        self._skip()
        self.at += 1  # the equals sign
        self._value((*table, *keys))

    def _value(self, path: KeyPath) -> None:
        self._skip()
        opening = self.text[self.at]
        if opening == "{":
            self._items("}", lambda _: self._pair(path))
        elif opening == "[":
            self._items("]", lambda number: self._entry((*path, str(number))))
        elif match := _STRING.match(self.text, self.at):
            self.at = match.end()
        else:
            while self.at < len(self.text) and self.text[self.at] not in ",]}\n#":
                self.at += 1

    def _entry(self, path: KeyPath) -> None:
        self._skip()
        self.lines.setdefault(path, self._line())
        self._value(path)

    def _items(self, closing: str, read: Callable[[int], None]) -> None:
        self.at += 1
        number = 0
        while self._skip() and self.text[self.at] != closing:
            read(number)
            number += 1
            self._skip()
            if self.text[self.at] == ",":
                self.at += 1
        self.at += 1


def _unquoted(key: str) -> str:
    if key[0] in "\"'":
        return str(next(iter(tomllib.loads(f"{key} = 0"))))
    return key
