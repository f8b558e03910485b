"""What ``--set`` changes: keys and values, each a layer of its own."""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fte_alloc.errors import InputError, Mistake
from fte_alloc.inputs.entries import Inputs
from fte_alloc.inputs.reading import Layer
from fte_alloc.inputs.written import KeyPath, as_toml, as_written, key_path, show_value
from fte_alloc.language import N_, _

SET_SYNTAX = N_("expected KEY=VALUE, such as posts.cap_fte=600")


class Override(NamedTuple):
    """One ``--set``.

    path : its key, part by part
    value : as TOML has it
    layer : the same as a tree, named as it was typed
    """

    path: KeyPath
    value: Any
    layer: Layer


def parse_override(text: str) -> tuple[str, Any]:
    """``KEY=VALUE`` of a ``--set``: the value as TOML, and as text where that fails."""
    key, equals, value = text.partition("=")
    if not equals or not all(key_path(key)):
        raise InputError([Mistake(f"--set {text}", _(SET_SYNTAX))])
    try:
        parsed = tomllib.loads(f"value = {value}")
    except (ValueError, RecursionError):
        parsed = {}
    whole = parsed.keys() == {"value"}
    return key.strip(), parsed["value"] if whole else value.strip()


def setting(key: str, value: Any) -> str:
    """``KEY=VALUE`` that ``--set`` reads as this very value, ready to be quoted for a shell."""
    text = f"{key}={show_value(value)}"
    read = (key.strip(), as_toml(value))
    return text if parse_override(text) == read else f"{key}={as_written(value)}"


def command(
    verb: str, inputs: Inputs | Mapping[str, Any], settings: Sequence[str] | None = None
) -> str:
    """What to type for the same scenario, with all that ``--set`` changed: paste it into a shell.

    inputs : as read, or those of a document
    settings : ``KEY=VALUE`` in the place of what ``--set`` changed
    """
    if isinstance(inputs, Inputs):
        about = {"scenario": inputs.name, "file": inputs.file, "overrides": inputs.overrides}
        return command(verb, about, settings)
    name, file = str(inputs["scenario"]), str(inputs.get("file", ""))
    if not file.startswith(("package:", "scenarios/")):
        name = file or name
    if settings is None:
        settings = [setting(key, value) for key, value in inputs.get("overrides", {}).items()]
    options = [f"--set {shlex.quote(text)}" for text in settings]
    return " ".join(["fte-alloc", verb, shlex.quote(name), *options])


def settings(inputs: Inputs, changes: Mapping[str, Any]) -> list[str]:
    """``KEY=VALUE`` of all that ``--set`` changed, with other values for some keys.

    A key may have been typed by the name of a territory, or within a table: what is left of such
    a ``--set`` is told key by key, so that no key is given twice.
    """
    told = []
    for typed, value in inputs.overrides.items():
        where = override(typed, value).layer.name
        own = {key: entry.value for key, entry in inputs.entries.items() if entry.origin == where}
        alone = own.keys().isdisjoint(changes) and typed not in changes
        left = {typed: value} if alone else {k: v for k, v in own.items() if k not in changes}
        told += [setting(key, one) for key, one in left.items()]
    return [*told, *(setting(key, value) for key, value in changes.items())]


def override(key: str, value: Any) -> Override:
    """One value by dotted key, from the command line or from Python.

    Raises InputError for a key with nothing between two dots.
    """
    value = as_toml(value)
    path, name = key_path(key), f"--set {key}={show_value(value)}"
    if not all(path):
        raise InputError([Mistake(name, _(SET_SYNTAX))])
    content: Any = value
    for part in reversed(path):
        content = {part: content}
    return Override(path, value, Layer(Path.cwd(), name, content, {}))
