"""What files may say: which keys are allowed, and whether a value is of its kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from fte_alloc import words
from fte_alloc.programme.data import ROLES, SENSES
from fte_alloc.scenario import typed_numbers
from fte_alloc.scenario.inputs import KeyPath, closest, did_you_mean, nearest, written, written_key
from fte_alloc.scenario.parameters import INDICATOR, PARAMETERS, REQUIRED, Parameter

__all__ = ["INDICATOR", "PARAMETERS", "REQUIRED", "Parameter"]

#: No number of this field is larger; what is, is a slip of the finger or a wrong unit.
MOST = 1e12

KINDS: dict[str, Any] = {
    "amount": Annotated[float, Field(ge=0, le=MOST, allow_inf_nan=False, strict=True)],
    "rate": Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)],
    "number": Annotated[float, Field(ge=-MOST, le=MOST, allow_inf_nan=False, strict=True)],
    "draws": Annotated[int, Field(ge=1, le=1000, strict=True)],
    "text": Annotated[str, Field(min_length=1, strict=True)],
    "curve": Literal["saturating", "table"],
    "role": Literal["facilitator", "coordinator"],
    "code": Annotated[str, Field(min_length=1, strict=True)] | Annotated[int, Field(strict=True)],
    "codes": Annotated[
        list[Annotated[str, Field(min_length=1, strict=True)] | Annotated[int, Field(strict=True)]],
        Field(min_length=1),
    ],
    "years": Annotated[
        list[Annotated[int, Field(ge=1900, le=2200, strict=True)]], Field(min_length=1)
    ],
    "concede": Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False, strict=True)],
}
#: Kinds that are kept as floating-point numbers.
FLOATS = ("amount", "rate", "number", "concede")

#: Columns of territories.csv that mean something; any other is an indicator.
TERRITORY_COLUMNS = tuple(p.pattern[2] for p in PARAMETERS if p.pattern[0] == "territories")
#: Keys of one entry of ``[[stages]]``.
STAGE_KEYS = ("maximise", "minimise", "concede")
#: Keys of a number in a model, and of a source.
QUANTITY_KEYS = ("value", "unit", "status", "source", "note")
SOURCE_KEYS = ("title", "publisher", "date", "url", "confidence")
#: Keys that tie a scenario to its parent and its model.
LINKS = ("model", "extends")

YEAR = re.compile(r"[0-9]{4}", re.ASCII)
_YEAR_PATTERN = "^[0-9]{4}$"
_CODE = re.compile(r"[A-Za-z0-9_-]+")


# -- keys ------------------------------------------------------------------------------------------


#: The parameters by the first part of their keys.
_BY_FIRST = {
    first: tuple(p for p in PARAMETERS if p.pattern[0] == first)
    for first in {p.pattern[0] for p in PARAMETERS}
}


@lru_cache(maxsize=65536)
def find(path: KeyPath) -> Parameter | None:
    """The parameter a path of keys names; a path with a year names its parameter too."""
    for parameter in _BY_FIRST.get(path[0], ()):
        by_year = parameter.by_year and len(path) == parameter.depth + 1
        if by_year and not YEAR.fullmatch(path[-1]):
            continue
        if (by_year or len(path) == parameter.depth) and _below(parameter, path):
            return parameter
    return None


@lru_cache(maxsize=65536)
def is_table(path: KeyPath) -> bool:
    """Whether other keys may stand below a path."""
    return any(p.depth > len(path) and _below(p, path) for p in _BY_FIRST.get(path[0], ()))


def siblings(path: KeyPath) -> Iterator[str]:
    """Keys that could stand in the place of the last of a path."""
    at = len(path) - 1
    for parameter in PARAMETERS:
        fits = parameter.depth > at and _below(parameter, path[:-1])
        if fits and parameter.pattern[at] != "*":
            yield parameter.pattern[at]
    if at == 0:
        yield from ("stages", *LINKS)


def keys_below(path: KeyPath) -> Iterator[str]:
    """What stands right below a table and is a value; ``*`` for any code."""
    at = len(path)
    for parameter in PARAMETERS:
        if parameter.depth == at + 1 and _below(parameter, path):
            yield parameter.pattern[at]


def suggestion(path: KeyPath, *, in_full: bool, more: Sequence[str] = ()) -> str:
    """« ; did you mean X? » for a key that is not known: beside it, or in another table.

    in_full : whether the whole dotted key is suggested, as ``--set`` needs it
    more : further keys that could stand there
    """
    known = [*siblings(path), *more]
    longer = (key for key in known if len(path[-1]) > 2 and key.startswith(path[-1]))
    beside = nearest(path[-1], known) or next(longer, None)
    if beside:
        return did_you_mean(written_key((*path[:-1], beside)) if in_full else beside)
    elsewhere = {"stages": "stages"}
    for parameter in PARAMETERS:
        for depth in range(1, parameter.depth + 1):
            if "*" not in parameter.pattern[:depth]:
                key = ".".join(parameter.pattern[:depth])
                elsewhere.setdefault(parameter.pattern[depth - 1], key)
    last = nearest(path[-1], elsewhere, 0.8)
    found = elsewhere[last] if last else None
    if found == ".".join(path) or (found and _roles(found) != _roles(".".join(path))):
        found = None  # facilitators have limits that coordinators have not
    return did_you_mean(found)


def _roles(key: str) -> set[str]:
    """The roles a key is about, either where it names none."""
    return {role for role in ROLES if role in key} or set(ROLES)


def whole_suggestion(path: KeyPath) -> str:
    """« ; did you mean X? » for a whole dotted key that starts with one that is not known."""
    keys = [parameter.key for parameter in PARAMETERS if "*" not in parameter.key]
    return closest(".".join(path), keys)


def is_code(text: str) -> bool:
    """Whether a text can be a code: letters, digits, hyphens, underscores."""
    return bool(_CODE.fullmatch(text))


def _below(parameter: Parameter, path: KeyPath) -> bool:
    """Whether a path goes along the key of a parameter as far as either reaches."""
    return all(p in ("*", k) for p, k in zip(parameter.pattern, path, strict=False))


# -- values ----------------------------------------------------------------------------------------


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(KINDS[kind])


def valid(kind: str, value: Any) -> bool:
    """Whether a value is of a kind."""
    if isinstance(value, bool):
        return False
    try:
        _adapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True


def fault(kind: str, value: Any, *, optional: bool = False, shown: str = "") -> str:
    """What is wrong with a value: what it is, what was expected; empty where it is right.

    shown : the value as its file writes it
    """
    if valid(kind, value):
        return ""
    expected, hint = words.EXPECTED[kind], ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if kind in ("amount", "number") and MOST < abs(value) < float("inf"):
            expected = words.EXPECTED_AT_MOST
        elif kind == "rate" and 1 < value <= 100:
            hint = words.PERCENT_AS_SHARE.format(percent=written(value), share=f"{value / 100:g}")
    elif isinstance(value, str) and kind in FLOATS:
        in_quotes = typed_numbers.meant(value)[:1] == [value]
        quotes = words.WITHOUT_QUOTES.format(number=value)
        hint = quotes if in_quotes else typed_numbers.hint(value)
    if optional:
        expected += words.OR_NONE
    if isinstance(value, dict):
        shown = words.A_TABLE
    return words.IS_EXPECTED.format(value=shown or written(value), expected=expected) + hint


# -- JSON Schema -----------------------------------------------------------------------------------


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a scenario file, for editors."""
    root = _object()
    for key in LINKS:
        root["properties"][key] = {"type": "string", "minLength": 1}
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
    value = _adapter(parameter.kind).json_schema()
    if parameter.optional:
        value = {"anyOf": [value, {"const": "none"}]}
    if parameter.by_year:
        by_year = {
            "type": "object",
            "minProperties": 1,
            "patternProperties": {_YEAR_PATTERN: value},
            "additionalProperties": False,
        }
        value = {"anyOf": [*value.get("anyOf", [value]), by_year]}
    unit = f" [{parameter.unit}]" if parameter.unit else ""
    return {**value, "description": parameter.text + unit}


def _stages_schema() -> dict[str, Any]:
    senses = {
        sense: {"enum": [name for name, s in SENSES.items() if s == sense]}
        for sense in ("maximise", "minimise")
    }
    concede = _adapter("concede").json_schema()
    one_sense = [{"required": [sense]} for sense in senses]
    stage = _object() | {"properties": {**senses, "concede": concede}, "oneOf": one_sense}
    return {"type": "array", "minItems": 1, "items": stage}
