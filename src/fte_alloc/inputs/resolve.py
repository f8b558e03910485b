"""Reading of ``Inputs`` from layers: model, parent scenarios, scenario, ``--set``; the last counts.

Every mistake of every file is collected before any is raised.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fte_alloc.errors import InputError
from fte_alloc.inputs.book import open_book, put_book
from fte_alloc.inputs.checks import check_draft, refuse_totals, some_pairs
from fte_alloc.inputs.codes import PostCodes
from fte_alloc.inputs.draft import Draft, Entries
from fte_alloc.inputs.entries import Entry, Inputs
from fte_alloc.inputs.input_files import is_model_folder, locate, real_path, shown_path
from fte_alloc.inputs.layers import put_layer
from fte_alloc.inputs.model import read_curves, read_model
from fte_alloc.inputs.overrides import override_layer, put_overrides
from fte_alloc.inputs.plan_files import PostKey, read_posts
from fte_alloc.inputs.schema import PARAMETERS, REQUIRED, Parameter, find_parameter
from fte_alloc.inputs.sheets import SPREADSHEETS
from fte_alloc.inputs.toml import Layer
from fte_alloc.inputs.values import KeyPath, toml_value, value_fault
from fte_alloc.language import _
from fte_alloc.texts import Lines


def read_inputs(
    scenario: str | os.PathLike[str],
    overrides: Mapping[str, Any] | None = None,
    only: Container[Path] | None = None,
) -> Inputs:
    """Read and check all files of a scenario.

    only : the files that may be read; None: any

    Raises InputError with every mistake in every file, UnlistedFileError for any other file.
    """
    given = os.fspath(scenario)
    draft = Draft(only)
    chain = _scenario_and_parents(draft, locate(given, "scenarios"))
    if not chain:
        raise draft.error()
    if folder := _model_folder(draft, chain):
        draft.folder = folder
        read_model(draft)
        if draft.model_layer is not None:
            refuse_totals(draft)
            put_layer(draft, draft.model_layer)
    model_title = draft.value(("title",)) or draft.model
    for layer in reversed(chain):
        inherited = _titles(draft)
        (put_book if layer.sheets else put_layer)(draft, layer)
    changes: list[Layer] = []
    for key, value in (overrides or {}).items():
        with draft.collecting():
            changes.append(override_layer(str(key), value))
    put_overrides(draft, changes)
    _complete(draft)
    if draft.model_layer and draft.value(("coverage", "curve")) == "table":
        with draft.collecting():
            read_curves(draft)
    posts = _reference_posts(draft, chain)
    inputs = Inputs(
        name=Path(given).stem if given.lower().endswith((".toml", *SPREADSHEETS)) else given,
        file=chain[0].name,
        model=draft.model,
        title=draft.value(("title",)) or "" if _titles(draft) != inherited else "",
        model_title=model_title,
        territory=draft.value(("territory",)),
        entries={".".join(path): entry for path, entry in draft.entries.items()},
        sources=draft.sources,
        files=dict(sorted(draft.files.items())),
        overrides={str(key): toml_value(value) for key, value in (overrides or {}).items()},
        reference_posts=posts,
        mapped=tuple(draft.mapped),
        notes=tuple(draft.notes),
    )
    check_draft(draft, inputs)
    _own_costs(draft, inputs)
    if draft.mistakes:
        raise draft.error()
    in_order = {".".join(path): entry for path, entry in sorted(draft.entries.items())}
    return replace(inputs, entries=in_order, warnings=tuple(draft.warnings))


def _titles(draft: Draft) -> list[Entry | None]:
    return [draft.entries.get((key,)) for key in ("title", "title_fr")]


def _scenario_and_parents(draft: Draft, path: Path | None) -> list[Layer]:
    """The layers of the scenario and its parents, eldest last, as far as they can be read."""
    chain: list[Layer] = []
    seen: list[Path] = []
    while path is not None:
        seen.append(real_path(path))
        is_table = path.suffix.lower() in SPREADSHEETS
        layer = open_book(draft, path) if is_table else draft.toml(path)
        if layer is None:
            break
        if "model" not in layer.content and {"sources", "tables"} & set(layer.content):
            draft.add(layer.name, _("is a model, expected a scenario: a file that names its model"))
            break
        chain.append(layer)
        path = _linked(draft, layer, "extends", "scenarios")
        if path is not None and real_path(path) in seen:
            names = " → ".join([*(p.stem for p in seen), path.stem])
            where, text = layer.where(("extends",)), _("extends: goes round in a circle: {names}")
            draft.add(where, text, names=names)
            break
    return chain


def _linked(draft: Draft, layer: Layer, key: str, kind: str) -> Path | None:
    """The file or folder that a key of a layer names; None, after a mistake, if not found."""
    name, where = layer.content.get(key), layer.where((key,))
    if name is None:
        return None
    if what := value_fault("text", name):
        draft.add(where, f"{key}: {what}")
        return None
    try:
        return locate(name, kind, layer.folder)
    except InputError as error:
        draft.add(where, Lines(f"{key}: {error.mistakes[0].what}"))
        return None


def _model_folder(draft: Draft, chain: Sequence[Layer]) -> Path | None:
    """Folder of the model named by the first layer that names one; None where not found."""
    naming = [layer for layer in chain if layer.content.get("model") is not None]
    if not naming and chain[-1].content.get("extends") is None:
        draft.add(chain[0].name, _('says no model; add model = "france-2023" or another'))
    folder = _linked(draft, naming[0], "model", "models") if naming else None
    if folder is not None and not is_model_folder(folder):
        text = "model: " + _("{path} is not the folder of a model")
        draft.add(naming[0].where(("model",)), text, path=shown_path(folder))
        return None
    return folder


def _reference_posts(draft: Draft, chain: Sequence[Layer]) -> Mapping[PostKey, float] | None:
    """New posts of the reference plan, for the objective ``change``; None where not known."""
    entry = draft.entries.get(("reference_plan",))
    if entry is None or draft.years is None or not draft.territories.complete:
        return None
    files = {layer.name: layer.folder for layer in (*chain, draft.model_layer) if layer}
    path = files.get(entry.origin.rpartition(":")[0], Path.cwd()) / entry.value
    areas = {code: draft.value(("territories", code, "area")) or code for code in draft.territories}
    try:
        codes = PostCodes(draft.territories, draft.areas, areas)
        return read_posts(path, codes, draft.years, draft.read(path))
    except InputError as error:
        for mistake in error.mistakes:
            draft.add(entry.origin, f"reference_plan: {mistake}")
        return None


# -- years, defaults, and what is missing ----------------------------------------------------------

_COORDINATOR = ("posts", "coordinator")


def _complete(draft: Draft) -> None:
    """Keep values by year only where years differ; put defaults, and note missing values."""
    years = _years(draft)
    entries: Entries = {}
    by_year: dict[KeyPath, list[KeyPath]] = {}
    for path, entry in draft.entries.items():
        parameter = find_parameter(path)
        if parameter and parameter.by_year:
            by_year.setdefault(path[: parameter.depth], []).append(path)
        elif path[:2] != ("weights", "year") or path[2] in map(str, years):
            entries[path] = entry
    entries |= _spread(draft, years, by_year)
    missing = _fill_in(draft, entries, years, by_year)
    contracts = [path for path in missing if path[0] == "contracts"]
    if contracts and "contracts" in draft.whole_tables:
        text = _("no row for {pairs}; write 0 where there are none")
        first = draft.entries["territories", contracts[0][1], "name"]
        table = shown_path(draft.folder / "contracts.csv")
        where = table if first.status == "table" else first.origin
        draft.add(where, text, pairs=some_pairs(contracts))
    model = draft.model_layer
    for path, parameter in missing.items():
        if model is not None and path[0] != "contracts":
            alike = (entry for key, entry in draft.entries.items() if key[:-1] == path[:-1])
            typed = (entry.origin for entry in alike if entry.status == "scenario")
            text = _("{key}: is missing ({text})")
            where = next(typed, model.where(path))
            draft.add(where, text, key=".".join(path), text=_(parameter.text))
    draft.entries = entries


def _years(draft: Draft) -> list[int]:
    """The years in order; gaps, repetitions and keys of other years are noted as mistakes."""
    entry = draft.entries.get(("years",))
    if entry is None:
        return []
    years = sorted(entry.value)
    if years != list(range(years[0], years[0] + len(years))):
        text = _("are {years}, expected years that follow one another, each once")
        draft.refuse(("years",), text, years=years)
    draft.entries["years",] = Entry(years, entry.origin, status=entry.status)
    known = ", ".join(map(str, years))
    for where, path, there in draft.year_uses if ("years",) not in draft.refused else ():
        if int(path[-1]) not in {*years, *there}:
            text = _("{year} is not among the years ({known})")
            draft.refuse(path, text, where, year=path[-1], known=known)
    return years


def _spread(
    draft: Draft, years: Sequence[int], by_year: Mapping[KeyPath, Sequence[KeyPath]]
) -> Entries:
    """Values of inputs by year: one value if it is the same in all years, else one per year."""
    spread: Entries = {}
    lacking: dict[str, list[KeyPath]] = {}
    for path, given in by_year.items():
        for_all = draft.entries.get(path)
        found = {year: draft.entries.get((*path, str(year)), for_all) for year in years}
        known = {year: entry for year, entry in found.items() if entry is not None}
        missing = ", ".join(str(year) for year in years if year not in known)
        parameter = find_parameter(path)
        if not missing and len({(e.value, e.status) for e in known.values()}) == 1:
            spread[path] = known[years[-1]]
        elif not missing:
            spread |= {(*path, str(year)): entry for year, entry in known.items()}
        elif ("years",) in draft.refused or draft.is_refused(path):
            continue
        elif path[0] == "contracts":
            lacking.setdefault(missing, []).append(path)
        elif parameter is not None:
            text = _("has no value for {years}")
            if parameter.optional:
                text = _('has no value for {years}; give one, or "none" for no limit')
            draft.refuse(path, text, draft.entries[min(given)].origin, years=missing)
    for missing, paths in lacking.items() if "contracts" in draft.whole_tables else ():
        text = _("no contracts of {years} for {pairs}")
        where = shown_path(draft.folder / "contracts.csv")
        draft.add(where, text, years=missing, pairs=some_pairs(paths))
    return spread


def _fill_in(
    draft: Draft, entries: Entries, years: Sequence[int], named: Collection[KeyPath]
) -> dict[KeyPath, Parameter]:
    """Put defaults for inputs without a value; returns the required inputs that are missing.

    Absent factors and weights of territories get no entry; they count as 1.
    """
    missing: dict[KeyPath, Parameter] = {}
    codes: dict[str, Sequence[str]] = {
        "territory": sorted(draft.territories),
        "segment": sorted(draft.segments),
        "year": [str(year) for year in years],
    }
    has_coordinators = any(path[:2] == _COORDINATOR for path in entries)
    is_saturating = draft.value(("coverage", "curve")) in (None, "saturating")
    for parameter in PARAMETERS:
        of_some = "territory" in parameter.codes and parameter.unit not in ("FTE", "contracts/yr")
        without = parameter.pattern[:2] == _COORDINATOR and not has_coordinators
        if parameter.default is None or of_some or without or "column" in parameter.codes:
            continue
        is_needed = parameter.key == "coverage.contracts_per_fte" and is_saturating
        for key in parameter.keys(codes):
            path = tuple(key.split("."))
            if path in entries or path in named or draft.is_refused(path):
                continue
            if parameter.default is REQUIRED or is_needed:
                missing[path] = parameter
            else:
                entries[path] = Entry(parameter.default, "default", parameter.unit, "default")
    return missing


def _own_costs(draft: Draft, inputs: Inputs) -> None:
    """Warn where a cost or State rate is set for all places but some have their own."""
    set_here = ((path, e) for path, e in draft.entries.items() if e.status == "scenario")
    changed = {"_".join(path[1:3]): e.origin for path, e in set_here if path[0] == "posts"}
    for column, origin in changed.items():
        own = inputs.column(column)
        places = own if column.startswith("facilitator") else {inputs.area_of[code] for code in own}
        text = _("places with their own {column}, which this does not change: {count}")
        if places:
            draft.warn(origin, text, count=len(places), column=column)
