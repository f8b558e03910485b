"""Where scenario and model files are, and how they are read."""

from __future__ import annotations

import difflib
import hashlib
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fte_alloc import words
from fte_alloc.errors import InputError, Mistake
from fte_alloc.scenario.tables import Table, read_bytes, read_table
from fte_alloc.scenario.toml_lines import key_lines


def package_root() -> Path:
    """Where the shipped models and scenarios are: in the wheel, or beside src in a checkout."""
    here = Path(__file__).resolve().parent
    return here if (here / "models").is_dir() else here.parents[1]


def shown_path(path: Path) -> str:
    """A file as messages and documents name it: from here, or ``package:…``."""
    absolute = Path(os.path.abspath(path))
    root = package_root()
    if absolute.is_relative_to(Path.cwd()):
        return absolute.relative_to(Path.cwd()).as_posix()
    if absolute.is_relative_to(root):
        return "package:" + absolute.relative_to(root).as_posix()
    return Path(os.path.relpath(absolute)).as_posix()


def available(kind: str) -> dict[str, Path]:
    """Scenarios or models that a name can mean, by name: those here before the shipped ones."""
    found: dict[str, Path] = {}
    for folder in (package_root() / kind, Path.cwd() / kind):
        if kind == "scenarios":
            found |= {path.stem: path for path in sorted(folder.glob("*.toml"))}
        else:
            found |= {path.parent.name: path.parent for path in sorted(folder.glob("*/model.toml"))}
    return dict(sorted(found.items()))


def locate(name: str, kind: str, beside: Path | None, where: str) -> Path:
    """The file of a scenario or the folder of a model, by name or path."""
    if "/" in name or os.sep in name or name.endswith(".toml"):
        path = (beside or Path.cwd()) / name
        return path.parent if kind == "models" and path.name == "model.toml" else path
    near = {}
    if beside is not None:
        near = {"scenarios": beside / f"{name}.toml", "models": beside.parent / "models" / name}
        if near[kind].exists():
            return near[kind]
    known = available(kind)
    if name in known:
        return known[name]
    singular = kind[:-1]
    if not known:
        raise InputError([Mistake(where, words.NONE_AT_HAND.format(kind=singular, name=name))])
    close = difflib.get_close_matches(name, known, n=1)
    hint = words.DID_YOU_MEAN.format(name=close[0]) if close else ""
    text = words.UNKNOWN_NAME.format(kind=singular, name=name, hint=hint, known=", ".join(known))
    raise InputError([Mistake(where, text)])


class Reader:
    """Collects flat entries, files and mistakes."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []
        self.warnings: list[Mistake] = []
        self.files: dict[str, str] = {}

    def toml(self, path: Path) -> tuple[dict[str, Any], dict[tuple[str, ...], int], str]:
        """Content, line of every key, and name of a TOML file."""
        name = shown_path(path)
        data = read_bytes(path, name)
        self.note_file(path)
        try:
            text = data.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise InputError([Mistake(f"{name}:{line}", words.NOT_UTF8)]) from None
        try:
            return tomllib.loads(text), key_lines(text), name
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"\s*\(at (?:line (\d+), column \d+|end of document)\)", str(error))
            last = text.rstrip().count("\n") + 1
            line = int(found[1]) if found and found[1] else last
            what = str(error)[: found.start()] if found else str(error)
            raise InputError(
                [Mistake(f"{name}:{line}", words.BROKEN_TOML.format(error=what))]
            ) from None

    def table(self, path: Path, required: Sequence[str]) -> Table | None:
        name = shown_path(path)
        try:
            table = read_table(path, name, required)
        except InputError as error:
            self.mistakes += error.mistakes
            return None
        finally:
            self.note_file(path)
        self.warnings += [Mistake(name, note) for note in table.notes]
        return table

    def note_file(self, path: Path) -> None:
        """Remember a file that was read, with its hash."""
        if path.is_file():
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            self.files[shown_path(path)] = "sha256:" + digest

    def add(self, where: str, what: str) -> None:
        self.mistakes.append(Mistake(where, what))


@dataclass(frozen=True)
class Layer:
    """One TOML file: its content, lines and name."""

    path: Path
    name: str
    content: dict[str, Any]
    lines: Mapping[tuple[str, ...], int]

    def where(self, path: Sequence[str]) -> str:
        """``file:line`` of a key, or of the nearest table around it."""
        for depth in range(len(path), 0, -1):
            line = self.lines.get(tuple(path[:depth]))
            if line is not None:
                return f"{self.name}:{line}"
        return self.name


def scenario_chain(reader: Reader, scenario: str) -> list[Layer]:
    """The scenario's file and its parents, eldest first."""
    path = locate(scenario, "scenarios", None, "")
    layers: list[Layer] = []
    seen: list[Path] = []
    while True:
        seen.append(Path(os.path.abspath(path)))
        content, lines, name = reader.toml(path)
        layer = Layer(path, name, content, lines)
        layers.insert(0, layer)
        parent = content.get("extends")
        if parent is None:
            return layers
        where = layer.where(("extends",))
        if not isinstance(parent, str):
            raise InputError([Mistake(where, words.EXTENDS_ONE)])
        path = locate(parent, "scenarios", path.parent, where)
        if Path(os.path.abspath(path)) in seen:
            names = " → ".join([*(p.stem for p in seen), path.stem])
            raise InputError([Mistake(where, words.CYCLE.format(names=names))])
