"""Files that are read: where scenarios and models are, their names in messages, their bytes."""

from __future__ import annotations

import os
import stat
from functools import cache
from pathlib import Path
from typing import Any

from fte_alloc.errors import InputError, mistaken
from fte_alloc.inputs.codes import did_you_mean
from fte_alloc.inputs.sheets import SPREADSHEETS
from fte_alloc.inputs.toml import parse_toml
from fte_alloc.language import _, few
from fte_alloc.names import NO_PLAIN_FILE
from fte_alloc.output_files import have_been_read, os_reason
from fte_alloc.texts import Lines, visible

# -- where files are ------------------------------------------------------------------------------

#: Most names that are listed where a name is not found.
_LISTED = 12
#: Both are False for a path that cannot be accessed or has a null character.
_exists, _is_file = os.path.exists, os.path.isfile


@cache
def package_root() -> Path:
    """The folder of the shipped models and scenarios: in the wheel, or beside src in a checkout."""
    package = Path(__file__).resolve().parents[1]
    return package if (package / "models").is_dir() else package.parents[1]


def shown_path(path: Path) -> str:
    """A path for messages and documents: relative to the working directory, or ``package:PATH``."""
    absolute = Path(os.path.normpath(path.absolute()))
    for root, before in ((Path.cwd(), ""), (package_root(), "package:")):
        if absolute.is_relative_to(root):
            return before + absolute.relative_to(root).as_posix()
    try:
        return Path(os.path.relpath(absolute)).as_posix()
    except ValueError:  # another drive
        return absolute.as_posix()


def available(kind: str) -> dict[str, Path]:
    """Paths of scenarios or models by name; those in the working directory replace shipped ones."""
    found: dict[str, Path] = {}
    for folder in (package_root() / kind, Path.cwd() / kind):
        if kind == "scenarios":
            found |= {path.stem: path for path in folder.glob("*.toml") if _is_file(path)}
        else:
            models = (path.parent for path in folder.glob("*/model.toml") if _is_file(path))
            found |= {model.name: model for model in models}
    return dict(sorted(found.items()))


def locate(name: str, kind: str, beside: Path | None = None) -> Path:
    """The file of a scenario or the folder of a model, by name or path.

    kind : ``scenarios`` or ``models``
    beside : folder of the file that has the name. Paths and scenarios are searched first there,
        then in the working directory; models in the other order; both last in the package

    Raises InputError where no scenario or model has the name.
    """
    is_scenario, here = kind == "scenarios", Path.cwd()
    endings = (".toml", *SPREADSHEETS) if is_scenario else (".toml",)
    is_path = ("/" in name or os.sep in name) and not name.lower().endswith(".json")
    if is_path or name.lower().endswith(endings):
        places = [(beside or here) / name, here / name]
        path = next(filter(_exists, places), places[0])
        return path.parent if not is_scenario and path.name == "model.toml" else path
    if beside is not None and name and is_scenario and _exists(beside / f"{name}.toml"):
        return beside / f"{name}.toml"
    if beside is not None and name and not is_scenario:
        for folder in (here / kind, beside / kind, beside.parent / kind, beside):
            if is_model_folder(folder / name):
                return folder / name
    known = available(kind)
    if name in known:
        return known[name]
    if is_scenario and Path(name).suffix and _is_file((beside or here) / name):
        listed = ", ".join(endings)
        raise mistaken(name, _("is no file of a scenario; these end in {endings}"), endings=listed)
    hint = did_you_mean(name, known)
    if is_scenario and name in available("models"):
        hint = _("; it is a model, expected a scenario that names it")
    listed = visible(few([*known], _LISTED))
    called = _("scenario") if is_scenario else _("model")
    text = _('no {kind} "{name}" in ./{folder} or the installed package{hint}\nAvailable: {known}')
    parts = {"kind": called, "name": visible(name), "folder": kind, "hint": hint, "known": listed}
    what = text.format(**parts)
    raise mistaken("", Lines(what if beside else what[0].upper() + what[1:]))


def real_path(path: Path) -> Path:
    """The real path of a file: equal for all names of the same file."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):  # links in a circle, a null character
        return path.absolute()


def is_model_folder(folder: Path) -> bool:
    """Whether a folder has one of the files that make it a model."""
    return any(_exists(folder / name) for name in ("model.toml", "territories.csv"))


# -- files as they are -----------------------------------------------------------------------------

#: Largest size of a file that is read [bytes]; no input is larger.
MOST_BYTES = 64 << 20


def read_bytes(path: Path, name: str, *, pipes: bool = True) -> bytes:
    """The bytes of a file, at most ``MOST_BYTES``; raises InputError where it cannot be read.

    name : how messages name the file
    pipes : whether it may be a pipe, which is waited for; else only a regular file is opened
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISREG(mode) or (pipes and stat.S_ISFIFO(mode)):
            with path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
            if len(data) <= MOST_BYTES:
                have_been_read.add(str(real_path(path)))
                return data
            text = _("is larger than {most} MB; no input of this tool is")
            what = text.format(most=MOST_BYTES >> 20)
        else:
            what = _("is a directory, expected a file") if stat.S_ISDIR(mode) else _(NO_PLAIN_FILE)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # a null character in the name
        what = _("no such file; looked for in {folder}").format(folder=path.absolute().parent)
    except OSError as error:
        what = os_reason(error)
    raise mistaken(name, what)


def scenarios_and_models() -> dict[str, list[dict[str, Any]]]:
    """All scenarios and models by kind, with the content of their files, None if unreadable."""
    found: dict[str, list[dict[str, Any]]] = {"scenarios": [], "models": []}
    for kind, rows in found.items():
        for name, path in available(kind).items():
            file = path / "model.toml" if kind == "models" else path
            try:
                content = parse_toml(read_bytes(file, name, pipes=False), path, name).content
            except InputError:
                content = None
            title = str((content or {}).get("title", ""))
            parts = {"kind": kind[:-1], "name": name, "title": title}
            rows.append({**parts, "file": shown_path(file), "content": content})
    return found
