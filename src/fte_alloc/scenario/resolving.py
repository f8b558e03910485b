"""Layers of files → Inputs: model < parent scenario < scenario < ``--set``, all checked.

Every mistake of every file is collected before any is raised.
"""

from __future__ import annotations

import os
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import Any

from fte_alloc import words
from fte_alloc.errors import InputError, Mistake
from fte_alloc.scenario import kinds
from fte_alloc.scenario.checking import check_curves, check_entries
from fte_alloc.scenario.completing import Entries, complete
from fte_alloc.scenario.curve_table import read_curves
from fte_alloc.scenario.draft import Draft
from fte_alloc.scenario.finding import is_model_folder, same_file, shown_path
from fte_alloc.scenario.inputs import Inputs
from fte_alloc.scenario.layering import put_model, put_overrides, put_scenario
from fte_alloc.scenario.model_numbers import ModelNumbers
from fte_alloc.scenario.model_tables import read_contracts, read_territories
from fte_alloc.scenario.names import Codes
from fte_alloc.scenario.overrides import Override, override
from fte_alloc.scenario.plans import PostCodes, read_posts
from fte_alloc.scenario.reading import Layer, Reader
from fte_alloc.scenario.totals import refuse_totals
from fte_alloc.scenario.written import written


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
    _read_model(draft)
    for layer in reversed(chain):
        put_scenario(draft, layer)
    changes = _overrides(reader, overrides or {})
    put_overrides(draft, changes.values())
    entries = complete(draft)
    check_entries(draft, entries)
    _add_curves(draft, entries)
    reference_posts = _reference_posts(draft, chain, entries)
    reader.expect(change.layer.name for change in changes.values())
    if reader.mistakes:
        raise InputError(reader.sorted_mistakes())
    title = entries.get(("title",))
    return Inputs(
        name=Path(given).stem if given.endswith(".toml") else given,
        file=chain[0].name,
        model=draft.model,
        title=draft.model_title if title is None else title.value,
        model_title=draft.model_title,
        territory=entries["territory",].value,
        entries={".".join(path): entries[path] for path in sorted(entries)},
        sources=draft.sources,
        files=dict(sorted(reader.files.items())),
        overrides={key: change.value for key, change in changes.items()},
        warnings=tuple(reader.warnings),
        reference_posts=reference_posts,
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
        if layer is not None and _is_model(layer):
            reader.add(layer.name, words.MODEL_AS_SCENARIO)
            layer = None
        if layer is None:
            return chain
        chain.append(layer)
        parent = layer.content.get("extends")
        if parent is None:
            return chain
        where = layer.where(("extends",))
        if what := kinds.fault("text", parent):
            reader.add(where, f"extends: {what}")
            return chain
        path = reader.found(parent, "scenarios", layer.folder, where, "extends")
        if path is not None and same_file(path) in seen:
            names = " → ".join([*(p.stem for p in seen), path.stem])
            reader.add(where, words.CYCLE.format(names=names))
            return chain
    return chain


def _is_model(layer: Layer) -> bool:
    return "model" not in layer.content and bool({"sources", "tables"} & set(layer.content))


def _model_folder(reader: Reader, chain: Sequence[Layer]) -> Path | None:
    """Folder of the model that the youngest of the files names; None where none can be found."""
    folder = None
    for layer in reversed(chain):
        model, where = layer.content.get("model"), layer.where(("model",))
        if model is None:
            continue
        if what := kinds.fault("text", model):
            reader.add(where, f"model: {what}")
        elif all("model" not in younger.content for younger in chain[: chain.index(layer)]):
            folder = reader.found(model, "models", layer.folder, where, "model")
            if folder is not None and not is_model_folder(folder):
                what = words.NO_MODEL_FOLDER.format(path=shown_path(folder))
                reader.add(where, f"model: {what}")
                folder = None
    is_whole = chain[-1].content.get("extends") is None
    if is_whole and all("model" not in layer.content for layer in chain):
        reader.add(chain[0].name, words.NO_MODEL)
    return folder


def _read_model(draft: Draft) -> None:
    """Read the model's numbers and tables."""
    if draft.folder is None:
        return
    draft.model_title = draft.model
    model = draft.model_layer = draft.reader.toml(draft.folder / "model.toml")
    if model is None:
        read_territories(draft)
        read_contracts(draft)
        return
    numbers = ModelNumbers(draft, model)
    numbers.read_sources(model.content.get("sources", {}))
    numbers.read_columns(model.content.get("tables", {}))
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
            draft.refuse(model.where(path), path, words.BAD_CODE.format(code=written(code)))
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


def _add_curves(draft: Draft, entries: Entries) -> None:
    """Read the table of curves, where the curves are one."""
    curve = draft.entries.get(("coverage", "curve"))
    if draft.folder is None or draft.model_layer is None or not curve or curve.value != "table":
        return
    if not (draft.folder / "curves.csv").exists():
        what = words.CURVES_NEEDED.format(file=draft.folder_file("curves.csv"))
        draft.refuse(curve.origin, ("coverage", "curve"), what)
        return
    whole = read_curves(draft)
    entries |= {path: entry for path, entry in draft.entries.items() if path[0] == "curves"}
    if whole:
        check_curves(draft, entries)


def _reference_posts(
    draft: Draft, chain: Sequence[Layer], entries: Entries
) -> Mapping[tuple[str, str, int], float] | None:
    """New posts of the plan that the stage ``change`` is measured from."""
    entry = entries.get(("reference_plan",))
    years = entries.get(("years",))
    known = draft.territories.complete and ("years",) not in draft.refused
    if entry is None or years is None or not known:
        return None
    files = {layer.name: layer.folder for layer in (*chain, draft.model_layer) if layer}
    path = files.get(entry.origin.rpartition(":")[0], Path.cwd()) / entry.value
    areas = {
        code: str(draft.value(("territories", code, "area")) or code)
        for code in draft.territories.names
    }
    try:
        data = draft.reader.read(path)
        return read_posts(path, PostCodes(draft.territories, areas), years.value, data)
    except InputError as error:
        for mistake in error.mistakes:
            what = f"reference_plan: {mistake}"
            draft.reader.mistakes.append(Mistake(entry.origin, what))
        return None
