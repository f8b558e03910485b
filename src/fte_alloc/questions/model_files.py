"""Lines for ``model.toml`` on derived figures and their sources, printed or written into it."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from fte_alloc.errors import InputError, Mistake, mistaken
from fte_alloc.inputs.input_files import read_bytes
from fte_alloc.inputs.sheets import csv_sheet
from fte_alloc.inputs.tables import find_tables
from fte_alloc.inputs.toml import key_lines, parse_toml
from fte_alloc.inputs.values import value_in_full
from fte_alloc.language import _, few
from fte_alloc.output_files import write_whole
from fte_alloc.questions.answer import Line, Page
from fte_alloc.questions.decp.count import HERE, SEGMENTS, Wanted

#: Values in TOML, by table and key.
ModelLines = Mapping[str, Mapping[str, str]]


def as_lines(tables: Mapping[str, Mapping[str, Any]]) -> ModelLines:
    """Values by table and key, as TOML writes them."""
    return {name: {k: value_in_full(v) for k, v in keys.items()} for name, keys in tables.items()}


def lines_page(lines: ModelLines) -> Page:
    """The page with the lines under a heading, none wrapped."""
    text: list[str] = []
    for table, values in lines.items():
        text += ["", f"[{table}]", *(f"{key} = {value}" for key, value in values.items())]
    return [Line(_("For model.toml"), "head"), *(Line(line, whole=True) for line in text[1:])]


def for_model(folder: Path, wanted: Wanted) -> Wanted:
    """The requested count of contracts, restricted to the territories of a model.

    Raises InputError for a model with other territories or kinds of buyer than the import.
    """
    name = str(folder / "territories.csv")
    sheet = csv_sheet(read_bytes(folder / "territories.csv", name), name)
    codes = {row["code"].text for table in find_tables([sheet]) for row in table.rows}
    name = str(folder / "model.toml")
    content = parse_toml(read_bytes(folder / "model.toml", name), folder, name).content
    kinds, mistakes = set(content.get("coverage", {}).get("segments", {})), list[Mistake]()
    reference = "regions.csv" if wanted.by == "region" else "departements.csv"
    known = (HERE / reference).read_text("utf-8").splitlines()[1:]
    strange = sorted(codes - {line.partition(",")[0] for line in known})
    word = str(content.get("territory", ""))
    if word and unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode() != wanted.by:
        text = _('territory is "{of}", and --by says {by}')
        mistakes.append(Mistake(name, text.format(of=word, by=wanted.by)))
    elif strange:
        text = _("{codes} are no codes of --by {by}; give --by region or --by departement")
        text = text.format(codes=few(strange, 5), by=wanted.by)
        mistakes.append(Mistake(str(folder / "territories.csv"), text))
    if kinds != set(SEGMENTS):
        text = _("kinds of buyer are {found}, expected {known}")
        text = text.format(found=", ".join(sorted(kinds)), known=", ".join(SEGMENTS))
        mistakes.append(Mistake(name, text))
    if mistakes:
        raise InputError(mistakes)
    return replace(wanted, territories=codes)


def model_with(folder: Path, lines: ModelLines) -> bytes:
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


def write_model(folder: Path, lines: ModelLines, tables: Mapping[str, bytes]) -> list[str]:
    """Write lines into the model of a folder, and tables beside it; return the files written.

    Raises InputError as ``model_with`` does; then nothing is written.
    """
    written = {**tables, "model.toml": model_with(folder, lines)}
    for name, data in written.items():
        write_whole(folder / name, data)
    return [str(folder / name) for name in written]
