"""``--set``: values changed by dotted key, and command lines that repeat them."""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from fte_alloc.errors import mistaken
from fte_alloc.inputs.codes import did_you_mean
from fte_alloc.inputs.draft import Draft
from fte_alloc.inputs.entries import Inputs
from fte_alloc.inputs.layers import LayerReader
from fte_alloc.inputs.limits import FAMILIES, PLACES
from fte_alloc.inputs.toml import Layer
from fte_alloc.inputs.values import KeyPath, key_path, show_value, toml_value, value_in_full
from fte_alloc.language import N_, _

SET_SYNTAX = N_("expected KEY=VALUE, such as posts.cap_fte=600")


def override_layer(key: str, value: Any) -> Layer:
    """The layer of one value. Raises InputError for a key with nothing between two dots."""
    path, content = key_path(key), toml_value(value)
    name = f"--set {key}={show_value(content)}"
    if not all(path):
        raise mistaken(name, _(SET_SYNTAX))
    for part in reversed(path):
        content = {part: content}
    return Layer(Path.cwd(), name, content, {}, path)


def parse_override(text: str) -> tuple[str, Any]:
    """Key and value of a ``KEY=VALUE`` of ``--set``: read as TOML, or else as text."""
    key, equals, value = text.partition("=")
    if not equals or not all(key_path(key)):
        raise mistaken(f"--set {text}", _(SET_SYNTAX))
    try:
        parsed = tomllib.loads(f"value = {value}")
    except (ValueError, RecursionError):
        parsed = {}
    whole = parsed.keys() == {"value"}
    return key.strip(), parsed["value"] if whole else value.strip()


def override_text(key: str, value: Any) -> str:
    """``KEY=VALUE`` that ``--set`` reads as exactly this value, to be quoted for a shell."""
    text = f"{key}={show_value(value)}"
    read = (key.strip(), toml_value(value))
    return text if parse_override(text) == read else f"{key}={value_in_full(value)}"


def command_line(
    verb: str, inputs: Inputs | Mapping[str, Any], settings: Sequence[str] | None = None
) -> str:
    """Command line that runs *verb* on a scenario with its ``--set`` options, quoted for a shell.

    inputs : as read, or those of a document
    settings : ``KEY=VALUE`` texts that replace those of ``--set``
    """
    if isinstance(inputs, Inputs):
        inputs = {"scenario": inputs.name, "file": inputs.file, "overrides": inputs.overrides}
    name, file = str(inputs["scenario"]), str(inputs.get("file", ""))
    if not file.startswith(("package:", "scenarios/")):
        name = file or name
    if settings is None:
        settings = [override_text(key, value) for key, value in inputs.get("overrides", {}).items()]
    options = [f"--set {shlex.quote(text)}" for text in settings]
    return " ".join(["fte-alloc", verb, shlex.quote(name), *options])


def override_texts(inputs: Inputs, changes: Mapping[str, Any]) -> list[str]:
    """``KEY=VALUE`` texts of the ``--set`` options of inputs, with *changes* applied to them.

    A ``--set`` may have named a territory, or set a whole table: what remains of such a ``--set``
    is given key by key, so that no key is given twice.
    """
    left: dict[str, Any] = {}
    for typed, value in inputs.overrides.items():
        where = override_layer(typed, value).name
        own = {key: entry.value for key, entry in inputs.entries.items() if entry.origin == where}
        alone = own.keys().isdisjoint(changes) and typed not in changes
        left |= {typed: value} if alone else {k: v for k, v in own.items() if k not in changes}
    return [override_text(key, value) for key, value in {**left, **changes}.items()]


def put_overrides(draft: Draft, overrides: Iterable[Layer]) -> None:
    """Put the values of every ``--set``, values for all years before values of one year."""
    taken: dict[KeyPath, str] = {}
    before = {path[1] for path in draft.entries if path[0] == "limits"}
    for layer in sorted(overrides, key=lambda layer: len(layer.whole or ())):
        reader = LayerReader(draft, layer, taken)
        reader.put_tree(layer.content, ())
        reader.finish()
    known = before | FAMILIES.keys()
    added = [path for path in draft.entries if path[0] == "limits" and path[1] not in known]
    placed = {path[1] for path in added if path[2] in PLACES}
    for __, name, *key in added:
        if name not in placed:
            placed.add(name)
            text = _(
                "there is no such limit{hint}; a new one also needs territories, areas, area or "
                "where"
            )
            draft.refuse(("limits", name, *key), text, hint=did_you_mean(name, before))
