"""JSON Schema of a scenario file, from the table of inputs; and where a value breaks a schema."""

from __future__ import annotations

import re
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


_TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
_SAYING_NOTHING = {"$schema", "title", "description"}


def _is_of_type(value: object, name: str) -> bool:
    return isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def faults(
    node: dict[str, Any], value: Any, at: str = "", root: dict[str, Any] | None = None
) -> list[str]:
    """Where a value breaks a schema; an unknown keyword is an error of the test.

    root : the schema that references are to, where there are any
    """
    root = root or node

    def below(one: dict[str, Any], value: Any, at: str = at) -> list[str]:
        return faults(one, value, at, root)

    is_number, found = isinstance(value, int | float), list[str]()
    for keyword in sorted(node.keys() - _SAYING_NOTHING, key=lambda keyword: keyword != "type"):
        said = node[keyword]
        if keyword == "$ref":
            found += below(root["$defs"][said.removeprefix("#/$defs/").replace("~1", "/")], value)
        elif keyword == "anyOf":
            found += min((below(one, value) for one in said), key=len)
        elif keyword == "items":
            for place, item in enumerate(value if isinstance(value, list) else ()):
                found += below(said, item, f"{at}[{place}]")
        elif keyword not in ("$defs", "properties", "patternProperties", "additionalProperties"):
            broken = {
                "type": lambda t: (
                    not any(_is_of_type(value, one) for one in ([t], t)[type(t) is list])
                ),
                "enum": lambda e: value not in e,
                "const": lambda c: value != c,
                "minimum": lambda m: is_number and value < m,
                "maximum": lambda m: is_number and value > m,
                "exclusiveMaximum": lambda m: is_number and value >= m,
                "minLength": lambda m: len(value) < m,
                "minItems": lambda m: len(value) < m,
                "minProperties": lambda m: len(value) < m,
                "pattern": lambda p: not re.search(p, value),
                "required": lambda names: any(name not in value for name in names),
                "oneOf": lambda nodes: sum(not below(one, value) for one in nodes) != 1,
            }[keyword]
            if broken(said):
                return [f"{at}: {keyword} {value!r:.60}"]
    for key, inner in value.items() if isinstance(value, dict) else ():
        named = node.get("properties", {}).get(key)
        patterns = node.get("patternProperties", {}).items()
        matched = next((one for pattern, one in patterns if re.search(pattern, key)), None)
        one = named or matched or node.get("additionalProperties", {})
        where = f"{at}.{key}"
        found += [f"{where}: unknown"] if one is False else below(one, inner, where)
    return found
