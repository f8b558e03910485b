"""Keys and values as TOML writes them, and kinds of values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from fte_alloc.inputs.typed_numbers import number_hint, possible_numbers
from fte_alloc.language import N_, _, localised
from fte_alloc.programme.data import ROLES

# -- as TOML writes them ---------------------------------------------------------------------------

#: The parts of a dotted key.
KeyPath = tuple[str, ...]

_PART = re.compile(r"\s*(?:\"([^\"]*)\"|'([^']*)'|([^.]*))\s*(\.|$)")


def written_key(path: Iterable[str]) -> str:
    """The text of a dotted key, with unusual parts in quotes."""
    quoted = ((part, json.dumps(part, ensure_ascii=False)) for part in path)
    return ".".join(part if re.fullmatch(r"[\w -]+", part) else text for part, text in quoted)


def key_path(key: str) -> KeyPath:
    """The parts of a dotted key; a part that contains a dot is in quotes."""
    parts, at, dot = list[str](), 0, "."
    while dot and (match := _PART.match(key, at)):
        *forms, dot = match.groups()
        parts.append(next(part.strip() for part in forms if part is not None))
        at = match.end()
    return tuple(parts)


def show_value(value: Any) -> str:
    """The text of a value as ``--set`` takes it."""
    if value is None:
        return "none"
    if isinstance(value, str) and value.isprintable():
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return written_value(value)


def written_value(value: Any) -> str:
    """A value as TOML writes it, on one line, cut where it is long."""
    text = value_in_full(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def value_in_full(value: Any) -> str:
    """A value as TOML writes it, on one line, never cut."""
    if value is None:
        return '"none"'
    if isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int) and value.bit_length() > 256:
        return _("a huge number")
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(value_in_full, value))}]"
    if isinstance(value, Mapping):
        pairs = (f"{written_key((str(k),))} = {value_in_full(v)}" for k, v in value.items())
        return f"{{ {', '.join(pairs)} }}" if value else "{}"
    return str(value)


def toml_value(value: Any) -> Any:
    """A Python value in types of TOML: no tuples, no numpy, None as "none"."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): toml_value(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [toml_value(one) for one in value]
    return "none" if value is None else value


# -- kinds -----------------------------------------------------------------------------------------

YEAR = re.compile(r"[0-9]{4}", re.ASCII)
#: Largest number in this field; a larger one is a typing error or has a wrong unit.
MOST = 1e12
_TEXT = {"type": "string", "minLength": 1}
_CODE = {"anyOf": [_TEXT, {"type": "integer"}]}
_CODES = {"type": "array", "items": _CODE, "minItems": 1}
_YEAR = {"type": "integer", "minimum": 1900, "maximum": 2200}
_YEARS = {"type": "array", "items": _YEAR, "minItems": 1}
_DRAWS = {"type": "integer", "minimum": 1, "maximum": 1000}
_SHARE = {"type": "number", "minimum": 0, "exclusiveMaximum": 1}

#: Kinds of values: what is expected, in words and as JSON Schema states it.
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "amount": (N_("a number of at least 0"), {"type": "number", "minimum": 0, "maximum": MOST}),
    "cost": (N_("a number above 0"), {"type": "number", "exclusiveMinimum": 0, "maximum": MOST}),
    "rate": (N_("a rate between 0 and 1"), {"type": "number", "minimum": 0, "maximum": 1}),
    "number": (N_("a number"), {"type": "number", "minimum": -MOST, "maximum": MOST}),
    "draws": (N_("a whole number from 1 to 1000"), _DRAWS),
    "text": (N_("a text in quotes"), _TEXT),
    "curve": (N_('"saturating" or "table"'), {"type": "string", "enum": ["saturating", "table"]}),
    "role": (N_('"facilitator" or "coordinator"'), {"type": "string", "enum": list(ROLES)}),
    "code": (N_('a code, such as "44"'), _CODE),
    "codes": (N_('a list of codes, such as ["44", "52"]'), _CODES),
    "years": (N_("a list of years, such as [2023, 2024]"), _YEARS),
    "concede": (N_("a share of at least 0 and below 1"), _SHARE),
}
_TYPES: dict[str, Any] = {"number": (int, float), "integer": int, "string": str, "array": list}
_ENDS = {"Minimum": float("-inf"), "Maximum": float("inf")}
#: Kinds that are kept as floating-point numbers.
FLOATS = tuple(kind for kind, (__, schema) in KINDS.items() if schema.get("type") == "number")


def _fits_schema(schema: dict[str, Any], value: Any) -> bool:
    if "anyOf" in schema:
        return any(_fits_schema(one, value) for one in schema["anyOf"])
    if isinstance(value, bool) or not isinstance(value, _TYPES[schema["type"]]):
        return False
    if isinstance(value, str | list):
        enough = len(value) >= schema.get("minLength", schema.get("minItems", 0))
        listed = isinstance(value, str) or all(_fits_schema(schema["items"], one) for one in value)
        return enough and listed and value in schema.get("enum", [value])
    least, most = schema.get("minimum", value), schema.get("maximum", value)
    above, below = (schema.get(f"exclusive{end}", far) for end, far in _ENDS.items())
    return bool(least <= value <= most and above < value < below)


def value_fault(
    kind: str, value: Any, *, optional: bool = False, shown: str = "", is_cell: bool = False
) -> str:
    """Text on what is wrong with a value and what was expected; empty for a valid value.

    shown : the value as its file writes it
    is_cell : whether a workbook has it, where numbers have the marks of the language
    """
    words, schema = KINDS[kind]
    if _fits_schema(schema, value):
        return ""
    expected, ending = _(words), ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if kind in ("amount", "cost", "number") and MOST < abs(value) < float("inf"):
            expected = _("a number of at most 1,000,000,000,000")
        elif kind == "rate" and 1 < value <= 100:
            text = _("; {percent} % is written {share}")
            share = f"{value / 100:g}"
            share = localised(share) if is_cell else share
            ending = text.format(percent=written_value(value), share=share)
    elif isinstance(value, str) and kind in FLOATS:
        in_quotes = possible_numbers(value)[:1] == [value]
        quotes = _("; write {number}, without quotes").format(number=value)
        ending = quotes if in_quotes else number_hint(value)
    if optional:
        expected += _(" (or none)") if is_cell else _(' (or "none")')
    if isinstance(value, dict):
        shown = _("a table")
    text = _("is {value}, expected {expected}")
    return text.format(value=shown or written_value(value), expected=expected) + ending


def year_fault(text: str) -> str:
    """Text on what is wrong with a year; empty for a valid year."""
    what = _('"{year}" is not a year of four digits')
    return "" if YEAR.fullmatch(text) else what.format(year=text)


def is_number(value: Any) -> bool:
    """Whether a value is a number, which true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)
