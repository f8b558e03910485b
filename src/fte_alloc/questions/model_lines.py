"""Lines for ``model.toml`` on derived figures and their sources, printed or written into it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from fte_alloc.errors import mistaken
from fte_alloc.inputs.input_files import read_bytes
from fte_alloc.inputs.toml import key_lines, parse_toml
from fte_alloc.inputs.values import value_in_full
from fte_alloc.language import _
from fte_alloc.output_files import write_whole
from fte_alloc.questions.answer import Line, Page

#: Values in TOML, by table and key.
ModelLines = Mapping[str, Mapping[str, str]]


def model_lines(tables: Mapping[str, Mapping[str, Any]]) -> ModelLines:
    """Values by table and key, as TOML writes them."""
    return {name: {k: value_in_full(v) for k, v in keys.items()} for name, keys in tables.items()}


def model_lines_page(lines: ModelLines) -> Page:
    """The page with the lines under a heading, none wrapped."""
    text: list[str] = []
    for table, values in lines.items():
        text += ["", f"[{table}]", *(f"{key} = {value}" for key, value in values.items())]
    return [Line(_("For model.toml"), "head"), *(Line(line, whole=True) for line in text[1:])]


def model_with_lines(folder: Path, lines: ModelLines) -> bytes:
    """``model.toml`` of a folder with lines added, or replaced where their keys exist.

    Raises InputError where the file is missing, or writes keys in a form that cannot be replaced.
    """
    name = str(folder / "model.toml")
    data = read_bytes(folder / "model.toml", name, pipes=False)
    expected = dict(parse_toml(data, folder, name).content)
    text = data.decode("utf-8-sig").replace("\r\n", "\n")
    read: Mapping[str, Any] = {}
    with suppress(tomllib.TOMLDecodeError):
        for table, values in lines.items():
            place = expected
            for part in table.split("."):
                place[part] = place = dict(place.get(part, {}))
            for key, value in values.items():
                place[key] = tomllib.loads(f"value = {value}")["value"]
                text = _with_line(text, table, key, value)
                read = tomllib.loads(text)
    if read != expected:
        text = _("has the keys in another form; run without --model, and paste the lines")
        raise mistaken(name, text)
    return text.encode()


def _with_line(text: str, table: str, key: str, value: str) -> str:
    path, rows, found = tuple(table.split(".")), text.split("\n"), key_lines(text)
    if at := found.get((*path, key)):
        before = re.match(r"\s*[\w-]+\s*=\s*", rows[at - 1])
        rows[at - 1] = (before[0] if before else f"{key} = ") + value
    elif (at := found.get(path)) and rows[at - 1].strip().startswith(f"[{table}]"):
        rows.insert(at, f"{key} = {value}")
    else:
        rows = [*text.rstrip("\n").split("\n"), "", f"[{table}]", f"{key} = {value}", ""]
    return "\n".join(rows)


def write_model_lines(folder: Path, lines: ModelLines, tables: Mapping[str, bytes]) -> list[str]:
    """Write lines into the model of a folder, and tables beside it; return the files written.

    Raises InputError as ``model_with_lines`` does; then nothing is written.
    """
    written = {**tables, "model.toml": model_with_lines(folder, lines)}
    for name, data in written.items():
        write_whole(folder / name, data)
    return [str(folder / name) for name in written]
