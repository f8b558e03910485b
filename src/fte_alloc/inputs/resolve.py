"""Layers of files → Inputs: model < parent scenario < scenario < ``--set``, all checked.

Every mistake of every file is collected before any is raised.
"""

from __future__ import annotations

import os
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fte_alloc.errors import InputError
from fte_alloc.inputs import kinds
from fte_alloc.inputs.checks import check
from fte_alloc.inputs.complete import complete
from fte_alloc.inputs.draft import Draft, Entries
from fte_alloc.inputs.entries import Inputs
from fte_alloc.inputs.layers import put_model, put_overrides, put_scenario
from fte_alloc.inputs.model_numbers import ModelNumbers
from fte_alloc.inputs.model_tables import read_contracts, read_curves, read_territories
from fte_alloc.inputs.names import Codes
from fte_alloc.inputs.overrides import Override, override
from fte_alloc.inputs.plans import PostCodes, PostKey, read_posts
from fte_alloc.inputs.reading import Layer, Reader, is_model_folder, same_file, shown_path
from fte_alloc.inputs.totals import refuse_totals
from fte_alloc.inputs.written import written
from fte_alloc.language import _
from fte_alloc.names import BAD_CODE


def read_inputs(
    scenario: str | os.PathLike[str],
    overrides: Mapping[str, Any] | None = None,
    only: Container[Path] | None = None,
) -> Inputs:
    """Read and check every file behind a scenario.

    only : the files that may be read; None: any

    Raises InputError with every mistake in every file, UnlistedFileError for any other file.
    """
    given = os.fspath(scenario)
    reader = Reader(only)
    chain = _scenario_and_parents(reader, given)
    if not chain:
        raise InputError(reader.sorted_mistakes())
    draft = Draft(reader, _model_folder(reader, chain))
    if draft.folder is not None:
        _read_model(draft)
    for layer in reversed(chain):
        put_scenario(draft, layer)
    changes = _overrides(reader, overrides or {})
    put_overrides(draft, changes.values())
    entries = complete(draft)
    with_curves = _add_curves(draft, entries)
    title = draft.value(("title",))
    inputs = Inputs(
        name=Path(given).stem if given.endswith(".toml") else given,
        file=chain[0].name,
        model=draft.model,
        title=draft.model_title if title is None else title,
        model_title=draft.model_title,
        territory=entries["territory",].value,
        entries={".".join(path): entry for path, entry in entries.items()},
        sources=draft.sources,
        files={},
        overrides={key: change.value for key, change in changes.items()},
    )
    posts = _reference_posts(draft, chain, inputs)
    check(draft, inputs, with_curves=with_curves)
    reader.expect(change.layer.name for change in changes.values())
    if reader.mistakes:
        raise InputError(reader.sorted_mistakes())
    return replace(
        inputs,
        entries={".".join(path): entries[path] for path in sorted(entries)},
        files=dict(sorted(reader.files.items())),
        warnings=tuple(reader.warnings),
        reference_posts=posts,
    )


# -- files -----------------------------------------------------------------------------------------


def _scenario_and_parents(reader: Reader, scenario: str) -> list[Layer]:
    """The scenario's file and its parents, eldest last, as far as they can be read."""
    chain: list[Layer] = []
    seen: list[Path] = []
    path: Path | None = reader.found(scenario, "scenarios")
    while path is not None:
        seen.append(same_file(path))
        layer = reader.toml(path)
        if layer is None:
            break
        if "model" not in layer.content and {"sources", "tables"} & set(layer.content):
            text = _("is a model, expected a scenario: a file that names its model")
            reader.add(layer.name, text)
            break
        chain.append(layer)
        path = _linked(reader, layer, "extends", "scenarios")
        if path is not None and same_file(path) in seen:
            names = " → ".join([*(p.stem for p in seen), path.stem])
            text = _("extends: goes round in a circle: {names}")
            reader.add(layer.where(("extends",)), text.format(names=names))
            break
    return chain


def _linked(reader: Reader, layer: Layer, key: str, kind: str) -> Path | None:
    """The file or folder that a key of a file names; None, and a mistake, if there is none."""
    name, where = layer.content.get(key), layer.where((key,))
    if name is None:
        return None
    if what := kinds.fault("text", name):
        reader.add(where, f"{key}: {what}")
        return None
    return reader.found(name, kind, layer.folder, where, key)


def _model_folder(reader: Reader, chain: Sequence[Layer]) -> Path | None:
    """Folder of the model that the youngest of the files names; None where none can be found."""
    naming = [layer for layer in chain if layer.content.get("model") is not None]
    for layer in reversed(naming[1:]):
        if what := kinds.fault("text", layer.content["model"]):
            reader.add(layer.where(("model",)), f"model: {what}")
    if not naming and chain[-1].content.get("extends") is None:
        reader.add(chain[0].name, _('says no model; add model = "france-2023" or another'))
    folder = _linked(reader, naming[0], "model", "models") if naming else None
    if folder is not None and not is_model_folder(folder):
        what = _("{path} is not the folder of a model").format(path=shown_path(folder))
        reader.add(naming[0].where(("model",)), f"model: {what}")
        folder = None
    return folder


def _read_model(draft: Draft) -> None:
    """Read the model's numbers and tables."""
    draft.model_title = draft.model
    model = draft.model_layer = draft.reader.toml(draft.file("model.toml"))
    if model is None:
        read_territories(draft)
        read_contracts(draft)
        return
    numbers = ModelNumbers(draft, model)
    numbers.read_sources()
    numbers.read_columns()
    draft.segments = _segments(draft, model)
    read_territories(draft)
    read_contracts(draft)
    refuse_totals(draft)
    put_model(draft, model, numbers)
    numbers.tell_unknown_sources()
    draft.model_title = draft.value(("title",)) or draft.model


def _segments(draft: Draft, model: Layer) -> Codes:
    """The kinds of buyer of a model, with their names."""
    coverage = model.content.get("coverage")
    segments = coverage.get("segments") if isinstance(coverage, dict) else None
    if not isinstance(segments, dict):
        return Codes({}, complete=False)
    names = {}
    for code, said in segments.items():
        if kinds.is_code(code):
            name = said.get("name") if isinstance(said, dict) else None
            names[code] = name if isinstance(name, str) else code
        else:
            path = ("coverage", "segments", code)
            draft.refuse(model, path, _(BAD_CODE).format(code=written(code)))
    return Codes(names, complete=bool(names) and len(names) == len(segments))


def _overrides(reader: Reader, overrides: Mapping[str, Any]) -> dict[str, Override]:
    changes = {}
    for key, value in overrides.items():
        try:
            changes[str(key)] = override(str(key), value)
        except InputError as error:
            reader.mistakes += error.mistakes
    return changes


# -- what only some scenarios have -----------------------------------------------------------------


def _add_curves(draft: Draft, entries: Entries) -> bool:
    """Read the table of curves, where the curves are one; whether there are, and all is right."""
    curve = draft.entries.get(("coverage", "curve"))
    if draft.model_layer is None or not curve or curve.value != "table":
        return False
    if not draft.file("curves.csv").exists():
        what = _('is "table", which needs {file}').format(file=draft.file_shown("curves.csv"))
        draft.refuse(curve.origin, ("coverage", "curve"), what)
        return False
    whole = read_curves(draft)
    entries |= {path: entry for path, entry in draft.entries.items() if path[0] == "curves"}
    return whole


def _reference_posts(
    draft: Draft, chain: Sequence[Layer], inputs: Inputs
) -> Mapping[PostKey, float] | None:
    """New posts of the plan that the stage ``change`` is measured from."""
    entry = inputs.entries.get("reference_plan")
    if entry is None or draft.years is None or not draft.territories.complete:
        return None
    files = {layer.name: layer.folder for layer in (*chain, draft.model_layer) if layer}
    path = files.get(entry.origin.rpartition(":")[0], Path.cwd()) / entry.value
    codes = PostCodes(draft.territories, inputs.area_of)
    try:
        return read_posts(path, codes, draft.years, draft.reader.read(path))
    except InputError as error:
        for mistake in error.mistakes:
            draft.reader.add(entry.origin, f"reference_plan: {mistake}")
        return None
