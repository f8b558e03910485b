"""Lines of ``model.toml`` for a derived figure and its source: printed, or put in their place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from fte_alloc import files
from fte_alloc.errors import mistaken
from fte_alloc.inputs.reading import parse_toml, read_bytes
from fte_alloc.inputs.toml import key_lines
from fte_alloc.language import _
from fte_alloc.questions.answer import Line, Page

#: Values as TOML writes them, by table and key.
ModelLines = Mapping[str, Mapping[str, str]]


def quoted(text: str) -> str:
    """A text as TOML writes it."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def inline(**values: str | float) -> str:
    """A number of a model in its long form."""
    cells = (f"{k} = {quoted(v) if isinstance(v, str) else repr(v)}" for k, v in values.items())
    return "{ " + ", ".join(cells) + " }"


def lines_text(lines: ModelLines) -> str:
    """The lines, to be read by people or pasted."""
    tables = (
        "\n".join([f"[{table}]", *(f"{key} = {value}" for key, value in values.items())])
        for table, values in lines.items()
    )
    return "\n\n".join(tables) + "\n"


def lines_page(lines: ModelLines) -> Page:
    """The lines, each whole, under a heading."""
    text = lines_text(lines).rstrip("\n").split("\n")
    return [Line(_("For model.toml"), "head"), *(Line(line, whole=True) for line in text)]


def model_with(folder: Path, lines: ModelLines) -> bytes:
    """``model.toml`` of a folder with lines in the place of those of the same keys, else added.

    Raises InputError where there is none, or where the keys are written in a form of their own.
    """
    name = str(folder / "model.toml")
    data = read_bytes(folder / "model.toml", name, pipes=False)
    expected = dict(parse_toml(data, folder, name).content)
    text = data.decode("utf-8-sig").replace("\r\n", "\n")
    is_done = True
    for table, values in lines.items():
        for key, value in values.items():
            text = _with_line(text, table, key, value) if is_done else text
            place = expected
            for part in table.split("."):
                place[part] = place = dict(place.get(part, {}))
            place[key] = tomllib.loads(f"value = {value}")["value"]
            try:
                is_done = tomllib.loads(text) == expected
            except tomllib.TOMLDecodeError:
                is_done = False
    if not is_done:
        text = _(
            "the keys are written in a form of their own; run without --model, and paste the lines"
        )
        raise mistaken(name, text)
    return text.encode()


def _with_line(text: str, table: str, key: str, value: str) -> str:
    """A text of TOML in which a key of a table has a value, on one line."""
    path, rows, found = tuple(table.split(".")), text.split("\n"), key_lines(text)
    if at := found.get((*path, key)):
        before = re.match(r"\s*[\w-]+\s*=\s*", rows[at - 1])
        rows[at - 1] = (before[0] if before else f"{key} = ") + value
    elif (at := found.get(path)) and rows[at - 1].strip().startswith(f"[{table}]"):
        rows.insert(at, f"{key} = {value}")
    else:
        rows = [*text.rstrip("\n").split("\n"), "", f"[{table}]", f"{key} = {value}", ""]
    return "\n".join(rows)


def write_model(folder: Path, lines: ModelLines, tables: Mapping[str, bytes]) -> list[str]:
    """Write lines into the model of a folder, and tables beside it; the names of what is written.

    Nothing is written where the lines cannot be. Raises InputError.
    """
    written = {**tables, "model.toml": model_with(folder, lines)}
    for name, data in written.items():
        files.write_whole(folder / name, data)
    return [str(folder / name) for name in written]
