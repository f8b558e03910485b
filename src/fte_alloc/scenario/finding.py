"""Where scenario and model files are: names and paths to files, and how messages name them."""

from __future__ import annotations

import os
from pathlib import Path

from fte_alloc import words
from fte_alloc.errors import InputError, Mistake
from fte_alloc.scenario.names import closest, did_you_mean, nearest
from fte_alloc.texts import Lines, visible

#: Names that are listed where one is not found.
_LISTED = 12


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
        raise InputError([Mistake("", words.NOT_A_SCENARIO.format(name=name, what=what))])
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
    singular = words.FILE_KINDS[kind]
    if not known:
        raise InputError([Mistake("", words.NONE_AT_HAND.format(kind=singular, name=name))])
    hint = closest(name, known)
    if kind == "scenarios" and name in available("models"):
        hint = words.NAME_IS_MODEL
    elif kind == "scenarios" and _exists(Path(f"{name}.toml")):
        hint = did_you_mean(f"{name}.toml")
    listed = ", ".join([*list(known)[:_LISTED], *(["…"] if len(known) > _LISTED else [])])
    told = {"kind": singular, "name": visible(name), "folder": kind, "hint": hint}
    text = words.UNKNOWN_NAME.format(**told, known=visible(listed))
    raise InputError([Mistake("", Lines(text))])


def _other_kind(name: str) -> str:
    """What stands here under a name and is no scenario; empty for nothing, or what may be one."""
    path = Path(name)
    if not name or name in available("scenarios") or not _exists(path):
        return ""
    kind = path.suffix.lower()
    if path.name == name and kind not in words.OTHER_KINDS:
        kind = ("model" if is_model_folder(path) else "folder") if path.is_dir() else "file"
    return "" if path.suffix.lower() == ".toml" else str(words.OTHER_KINDS.get(kind, ""))


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
    return words.NO_SUCH_FILE.format(hint=did_you_mean(shown_path(there[name]) if name else None))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
