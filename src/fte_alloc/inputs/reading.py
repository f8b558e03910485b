"""Files: where they are, how messages name them, what is in them, and every mistake met."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tomllib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fte_alloc import files
from fte_alloc.errors import InputError, Mistake
from fte_alloc.files import os_reason
from fte_alloc.inputs.names import closest, did_you_mean, nearest
from fte_alloc.inputs.tables import Table, parse_table
from fte_alloc.inputs.toml import key_lines, syntax_slip
from fte_alloc.inputs.written import KeyPath
from fte_alloc.language import N_, _
from fte_alloc.names import NO_PLAIN_FILE
from fte_alloc.texts import Lines, visible

TOO_DEEP = N_("not valid TOML: brackets within brackets, too deep to read")
OTHER_KINDS = {
    "model": N_("the folder of a model, which a scenario names"),
    "folder": N_("a folder"),
    ".csv": N_("a table, such as evaluate --posts and sweep --cases take"),
    ".json": N_("a JSON file, such as the plans that verify and compare take"),
    ".xlsx": N_("a workbook; the tables of a model are read as .csv"),
    ".xls": N_("a workbook; the tables of a model are read as .csv"),
    ".ods": N_("a workbook; the tables of a model are read as .csv"),
    "file": N_("a file of another kind"),
}
FILE_KINDS = {"scenarios": N_("scenario"), "models": N_("model")}

# -- where files are ------------------------------------------------------------------------------

#: Names that are listed where one is not found.
_LISTED = 12
#: False for what cannot be looked at, and for a null character.
_exists, _is_file = os.path.exists, os.path.isfile


def package_root() -> Path:
    """Where the shipped models and scenarios are: in the wheel, or beside src in a checkout."""
    package = Path(__file__).resolve().parents[1]
    return package if (package / "models").is_dir() else package.parents[1]


def shown_path(path: Path) -> str:
    """A file as messages and documents name it: from here, or ``package:…``."""
    absolute = Path(os.path.normpath(path.absolute()))
    root = package_root()
    if absolute.is_relative_to(Path.cwd()):
        return absolute.relative_to(Path.cwd()).as_posix()
    if absolute.is_relative_to(root):
        return "package:" + absolute.relative_to(root).as_posix()
    try:
        return Path(os.path.relpath(absolute)).as_posix()
    except ValueError:  # another drive
        return absolute.as_posix()


def available(kind: str) -> dict[str, Path]:
    """Scenarios or models that a name can mean, by name: those here before the shipped ones."""
    found: dict[str, Path] = {}
    for folder in (package_root() / kind, Path.cwd() / kind):
        files = sorted(folder.glob("*.toml" if kind == "scenarios" else "*/model.toml"))
        for path in filter(_is_file, files):
            place = path if kind == "scenarios" else path.parent
            found[place.stem if kind == "scenarios" else place.name] = place
    return dict(sorted(found.items()))


def locate(name: str, kind: str, beside: Path | None = None) -> Path:
    """The file of a scenario or the folder of a model, by name or path.

    kind : ``scenarios`` or ``models``
    beside : folder of the file that names it. A path and a scenario are looked for there, then
        from the working directory; a model the other way round; both then in the package

    Raises InputError for a name that means nothing.
    """
    if kind == "scenarios" and beside is None and (what := _other_kind(name)):
        said = _(
            'no scenario "{name}": it is {what}; expected the name of a scenario or its .toml file'
        )
        raise InputError([Mistake("", said.format(name=name, what=what))])
    if "/" in name or os.sep in name or name.lower().endswith(".toml"):
        path = (beside or Path.cwd()) / name
        if not _exists(path) and _exists(Path.cwd() / name):
            path = Path.cwd() / name
        return path.parent if kind == "models" and path.name == "model.toml" else path
    if beside is not None and name:
        near = [beside / f"{name}.toml"]
        if kind == "models":
            folders = (Path.cwd() / kind, beside / kind, beside.parent / kind, beside)
            near = [folder / name for folder in folders]
        for path in near:
            if _exists(path) if kind == "scenarios" else is_model_folder(path):
                return path
    known = available(kind)
    if name in known:
        return known[name]
    singular = _(FILE_KINDS[kind])
    if not known:
        said = _('no {kind} "{name}": no {kind} at all in the working directory or the package')
        raise InputError([Mistake("", said.format(kind=singular, name=name))])
    hint = closest(name, known)
    if kind == "scenarios" and name in available("models"):
        hint = _("; it is a model, expected a scenario that names it")
    elif kind == "scenarios" and _exists(Path(f"{name}.toml")):
        hint = did_you_mean(f"{name}.toml")
    listed = ", ".join([*list(known)[:_LISTED], *(["…"] if len(known) > _LISTED else [])])
    told = {"kind": singular, "name": visible(name), "folder": kind, "hint": hint}
    said = _('no {kind} "{name}" in ./{folder} or the installed package{hint}\nAvailable: {known}')
    text = said.format(**told, known=visible(listed))
    raise InputError([Mistake("", Lines(text))])


def _other_kind(name: str) -> str:
    """What stands here under a name and is no scenario; empty for nothing, or what may be one."""
    path = Path(name)
    if not name or name in available("scenarios") or not _exists(path):
        return ""
    kind = path.suffix.lower()
    if path.name == name and kind not in OTHER_KINDS:
        kind = ("model" if is_model_folder(path) else "folder") if path.is_dir() else "file"
    return "" if path.suffix.lower() == ".toml" else _(OTHER_KINDS.get(kind, ""))


def same_file(path: Path) -> Path:
    """One path for a file, however it was reached."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):  # links in a circle, a null character
        return path.absolute()


def is_model_folder(folder: Path) -> bool:
    """Whether a folder holds a model, or what is left of one."""
    return any(_exists(folder / name) for name in ("model.toml", "territories.csv"))


def missing_file(path: Path) -> str:
    """That a file is not there, and which one like it is."""
    try:
        beside = sorted(path.parent.iterdir())
    except (OSError, ValueError):
        beside = []
    there = {p.stem: p for p in beside if p.suffix == (path.suffix or ".toml")}
    name = nearest(path.stem, there)
    return _("no such file{hint}").format(
        hint=did_you_mean(shown_path(there[name]) if name else None)
    )


# -- files as they are -----------------------------------------------------------------------------

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

    def row(kind: str, name: str, path: Path) -> dict[str, Any]:
        file = path / "model.toml" if kind == "models" else path
        try:
            content = _parsed(read_bytes(file, name, pipes=False), path, name).content
        except InputError:
            content = None
        told = {"kind": kind[:-1], "name": name, "title": str((content or {}).get("title", ""))}
        return {**told, "file": shown_path(file), "content": content}

    return {
        kind: [row(kind, name, path) for name, path in available(kind).items()]
        for kind in ("scenarios", "models")
    }


def read_bytes(path: Path, name: str, *, pipes: bool = True) -> bytes:
    """The bytes of a file, at most ``MOST_BYTES``, or InputError with the reason there are none.

    name : how messages name the file
    pipes : whether it may be a pipe, which is waited for; else only what lies on a disk is opened
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISREG(mode) or (pipes and stat.S_ISFIFO(mode)):
            with path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
            if len(data) <= MOST_BYTES:
                files.have_been_read.add(str(same_file(path)))
                return data
            text = _("is larger than {most} MB; no input of this tool is")
            what = text.format(most=MOST_BYTES >> 20)
        else:
            what = _("is a directory, expected a file") if stat.S_ISDIR(mode) else _(NO_PLAIN_FILE)
    except (FileNotFoundError, NotADirectoryError):
        what = missing_file(path)
    except OSError as error:
        what = os_reason(error)
    except ValueError:  # a null character in the name
        what = _("no such file{hint}").format(hint="")
    raise InputError([Mistake(name, what)])


def _parsed(data: bytes, folder: Path, name: str) -> Layer:
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        said = _("is not in UTF-8; save the file in UTF-8")
        raise InputError([Mistake(f"{name}:{line}", said)]) from None
    if _DEEP_KEY.search(text):
        raise InputError([Mistake(name, _(TOO_DEEP))])
    try:
        return Layer(folder, name, tomllib.loads(text), key_lines(text))
    except tomllib.TOMLDecodeError as error:
        line, what = syntax_slip(str(error), text)
        raise InputError([Mistake(f"{name}:{line}", what)]) from None
    except ValueError:  # an integer of thousands of digits
        line = next(n for n, row in enumerate(text.split("\n"), 1) if re.search(r"\d{4000}", row))
        said = _("a number has thousands of digits")
        raise InputError([Mistake(f"{name}:{line}", said)]) from None
    except RecursionError:
        raise InputError([Mistake(name, _(TOO_DEEP))]) from None
