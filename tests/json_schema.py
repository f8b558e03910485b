"""JSON Schema of a scenario file, for editors, from the table of inputs."""

from __future__ import annotations

from typing import Any

from fte_alloc.inputs.schema import INDICATOR, LINKS, PARAMETERS, Parameter
from fte_alloc.inputs.values import KINDS
from fte_alloc.programme.objectives import OBJECTIVES


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a scenario file."""
    root = _object()
    for key in LINKS:
        root["properties"][key] = KINDS["text"][1]
    root["properties"]["stages"] = _stages_schema()
    for parameter in (*PARAMETERS, INDICATOR):
        node = root
        for part in parameter.pattern[:-1]:
            node = _child(node, part, _object())
        _child(node, parameter.pattern[-1], _leaf(parameter))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "fte-alloc scenario",
        **root,
    }


def _object() -> dict[str, Any]:
    return {"type": "object", "properties": {}, "additionalProperties": False}


def _child(node: dict[str, Any], part: str, new: dict[str, Any]) -> dict[str, Any]:
    """What stands below a key, put there if nothing does; a ``*`` is any other key."""
    if part != "*":
        return node["properties"].setdefault(part, new)
    if node["additionalProperties"] is False:
        node["additionalProperties"] = new
    return node["additionalProperties"]


def _leaf(parameter: Parameter) -> dict[str, Any]:
    value = KINDS[parameter.kind][1]
    if parameter.optional:
        value = {"anyOf": [value, {"const": "none"}]}
    if parameter.by_year:
        by_year = {
            "type": "object",
            "minProperties": 1,
            "patternProperties": {"^[0-9]{4}$": value},
            "additionalProperties": False,
        }
        value = {"anyOf": [*value.get("anyOf", [value]), by_year]}
    unit = f" [{parameter.unit}]" if parameter.unit else ""
    return {**value, "description": parameter.text + unit}


def _stages_schema() -> dict[str, Any]:
    senses = {
        sense: {"enum": [name for name, one in OBJECTIVES.items() if one.sense == sense]}
        for sense in ("maximise", "minimise")
    }
    one_sense = [{"required": [sense]} for sense in senses]
    properties = {**senses, "concede": KINDS["concede"][1]}
    stage = _object() | {"properties": properties, "oneOf": one_sense}
    return {"type": "array", "minItems": 1, "items": stage}
