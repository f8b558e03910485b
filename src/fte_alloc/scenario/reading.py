"""Files as they are: bytes with their hash, TOML with its lines, tables; and every mistake met."""

from __future__ import annotations

import hashlib
import re
import stat
import tomllib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fte_alloc import files, words
from fte_alloc.errors import InputError, Mistake
from fte_alloc.scenario.finding import available, locate, missing_file, same_file, shown_path
from fte_alloc.scenario.tables import Table, parse_table
from fte_alloc.scenario.toml_lines import key_lines
from fte_alloc.scenario.toml_slips import syntax_slip
from fte_alloc.scenario.written import KeyPath
from fte_alloc.texts import Lines

#: No input is larger; what is, is something else.
MOST_BYTES = 64 << 20
#: Keys with more parts than this are refused: the work of reading them grows with its square.
_DEEPEST = 100
_DEEP_KEY = re.compile(rf"(?<![\w.\"'-])(?:[\w\"'-]++\s*+\.\s*+){{{_DEEPEST}}}")


@dataclass(frozen=True)
class Layer:
    """One TOML file, or one ``--set``: its content, the lines of its keys and its name."""

    folder: Path
    name: str
    content: Mapping[str, Any]
    lines: Mapping[KeyPath, int]

    def where(self, path: KeyPath) -> str:
        """``file:line`` of a key, or of the nearest table around it."""
        for depth in range(len(path), 0, -1):
            line = self.lines.get(path[:depth])
            if line is not None:
                return f"{self.name}:{line}"
        return self.name


class UnlistedFileError(Exception):
    """A file that is not among the only ones to be read."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Reader:
    """Reads files and remembers what it read, with hashes, and every mistake on the way.

    files : SHA-256 of every file read, by the name shown
    only : the files that may be read, and no pipe of them; None: any
    """

    def __init__(self, only: Container[Path] | None = None) -> None:
        self.only = only
        self.mistakes: list[Mistake] = []
        self.warnings: list[Mistake] = []
        self.files: dict[str, str] = {}
        self._order: list[str] = []

    def add(self, where: str, what: str) -> None:
        """Note a mistake."""
        self.mistakes.append(Mistake(where, what))

    def sorted_mistakes(self) -> list[Mistake]:
        """Every mistake: file by file as they were opened, from top to bottom; ``--set`` last."""

        def place(mistake: Mistake) -> tuple[int, int]:
            name, _, line = mistake.where.rpartition(":")
            if mistake.where in self._order or not line.isdecimal():
                name, line = mistake.where, "0"
            known = name in self._order
            return self._order.index(name) if known else len(self._order), int(line)

        return sorted(self.mistakes, key=place)

    def expect(self, names: Iterable[str]) -> None:
        """Note where mistakes may stand that is no file, in the order to tell them."""
        self._order += names

    def found(
        self, name: str, kind: str, beside: Path | None = None, where: str = "", key: str = ""
    ) -> Path | None:
        """The file of a scenario or the folder of a model; None, and a mistake, if there is none.

        where, key : what names it
        """
        try:
            return locate(name, kind, beside)
        except InputError as error:
            for mistake in error.mistakes:
                what = mistake.what
                self.add(where, Lines(f"{key}: {what}" if where else what[0].upper() + what[1:]))
            return None

    def read(self, path: Path) -> bytes:
        """The bytes of a file, or InputError with the reason there are none."""
        name = shown_path(path)
        self._order.append(name)
        if self.only is not None and same_file(path) not in self.only:
            raise UnlistedFileError(name)
        data = read_bytes(path, name, pipes=self.only is None)
        self.files[name] = "sha256:" + hashlib.sha256(data).hexdigest()
        return data

    def toml(self, path: Path) -> Layer | None:
        """A TOML file with the line of every key; None, and a mistake, where it cannot be read."""
        name = shown_path(path)
        try:
            return _parsed(self.read(path), path.parent, name)
        except InputError as error:
            self.mistakes += error.mistakes
            return None

    def table(
        self, path: Path, required: Sequence[str], known: Sequence[str] | None = None
    ) -> Table | None:
        """A CSV file; None, and the mistakes, where not even its header can be read."""
        try:
            table = parse_table(self.read(path), shown_path(path), required, known)
        except InputError as error:
            self.mistakes += error.mistakes
            return None
        self.mistakes += table.mistakes
        self.warnings += [Mistake(table.name, note) for note in table.notes]
        return table


def at_hand() -> dict[str, list[dict[str, Any]]]:
    """Scenarios and models a name can mean, by kind, with the content of their files."""
    listed: dict[str, list[dict[str, Any]]] = {"scenarios": [], "models": []}
    for kind, rows in listed.items():
        for name, path in available(kind).items():
            file = path / "model.toml" if kind == "models" else path
            try:
                content = _parsed(read_bytes(file, name, pipes=False), path, name).content
            except InputError:
                content = None
            title = str((content or {}).get("title", ""))
            row = {"name": name, "title": title, "file": shown_path(file), "content": content}
            rows.append({"kind": kind[:-1], **row})
    return listed


def read_bytes(path: Path, name: str, *, pipes: bool = True) -> bytes:
    """The bytes of a file, at most ``MOST_BYTES``, or InputError with the reason there are none.

    name : how messages name the file
    pipes : whether it may be a pipe, which is waited for; else only what lies on a disk is opened
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise InputError([Mistake(name, words.IS_A_DIRECTORY)])
        if not (stat.S_ISREG(mode) or (pipes and stat.S_ISFIFO(mode))):
            raise InputError([Mistake(name, words.NO_PLAIN_FILE)])
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise InputError([Mistake(name, words.TOO_LARGE.format(most=MOST_BYTES >> 20))])
        files.have_been_read.add(str(same_file(path)))
        return data
    except (FileNotFoundError, NotADirectoryError):
        raise InputError([Mistake(name, missing_file(path))]) from None
    except OSError as error:
        raise InputError([Mistake(name, words.os_reason(error))]) from None
    except ValueError:  # a null character in the name
        raise InputError([Mistake(name, words.NO_SUCH_FILE.format(hint=""))]) from None


# -- TOML ------------------------------------------------------------------------------------------


def _parsed(data: bytes, folder: Path, name: str) -> Layer:
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError([Mistake(f"{name}:{line}", words.NOT_UTF8)]) from None
    if _DEEP_KEY.search(text):
        raise InputError([Mistake(name, words.TOO_DEEP)])
    try:
        return Layer(folder, name, tomllib.loads(text), key_lines(text))
    except tomllib.TOMLDecodeError as error:
        line, what = syntax_slip(str(error), text)
        raise InputError([Mistake(f"{name}:{line}", what)]) from None
    except ValueError:  # an integer of thousands of digits
        line = next(n for n, row in enumerate(text.split("\n"), 1) if re.search(r"\d{4000}", row))
        raise InputError([Mistake(f"{name}:{line}", words.TOO_MANY_DIGITS)]) from None
    except RecursionError:
        raise InputError([Mistake(name, words.TOO_DEEP)]) from None
