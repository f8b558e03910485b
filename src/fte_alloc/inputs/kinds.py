"""Kinds of values, such as a rate or a text: which values each allows, and how it is described."""

from __future__ import annotations

import re
from typing import Any

from fte_alloc.inputs import typed_numbers
from fte_alloc.inputs.written import written
from fte_alloc.language import N_, _
from fte_alloc.programme.data import ROLES

EXPECTED_OF_KIND = {
    "amount": N_("a number of at least 0"),
    "rate": N_("a rate between 0 and 1"),
    "number": N_("a number"),
    "draws": N_("a whole number from 1 to 1000"),
    "text": N_("a text in quotes"),
    "curve": N_('"saturating" or "table"'),
    "role": N_('"facilitator" or "coordinator"'),
    "code": N_('a code, such as "44"'),
    "codes": N_('a list of codes, such as ["44", "52"]'),
    "years": N_("a list of years, such as [2023, 2024]"),
    "concede": N_("a share of at least 0 and below 1"),
}

YEAR = re.compile(r"[0-9]{4}", re.ASCII)
_CODE_TEXT = re.compile(r"[A-Za-z0-9_-]+")
#: No number of this field is larger; what is, is a slip of the finger or a wrong unit.
MOST = 1e12
_TEXT = {"type": "string", "minLength": 1}
_CODE = {"anyOf": [_TEXT, {"type": "integer"}]}
_YEAR = {"type": "integer", "minimum": 1900, "maximum": 2200}

#: Kinds of values, as JSON Schema states them.
KINDS: dict[str, dict[str, Any]] = {
    "amount": {"type": "number", "minimum": 0, "maximum": MOST},
    "rate": {"type": "number", "minimum": 0, "maximum": 1},
    "number": {"type": "number", "minimum": -MOST, "maximum": MOST},
    "draws": {"type": "integer", "minimum": 1, "maximum": 1000},
    "text": _TEXT,
    "curve": {"type": "string", "enum": ["saturating", "table"]},
    "role": {"type": "string", "enum": list(ROLES)},
    "code": _CODE,
    "codes": {"type": "array", "items": _CODE, "minItems": 1},
    "years": {"type": "array", "items": _YEAR, "minItems": 1},
    "concede": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
}
_TYPES: dict[str, Any] = {"number": (int, float), "integer": int, "string": str, "array": list}
#: Kinds that are kept as floating-point numbers.
FLOATS = tuple(kind for kind, said in KINDS.items() if said.get("type") == "number")


def _is(said: dict[str, Any], value: Any) -> bool:
    """Whether a value is what a JSON Schema says."""
    if "anyOf" in said:
        return any(_is(one, value) for one in said["anyOf"])
    if isinstance(value, bool) or not isinstance(value, _TYPES[said["type"]]):
        return False
    if isinstance(value, str | list):
        enough = len(value) >= said.get("minLength", said.get("minItems", 0))
        listed = isinstance(value, str) or all(_is(said["items"], one) for one in value)
        return enough and listed and value in said.get("enum", [value])
    least, most = said.get("minimum", value), said.get("maximum", value)
    return bool(least <= value <= most and value < said.get("exclusiveMaximum", float("inf")))


def fault(kind: str, value: Any, *, optional: bool = False, shown: str = "") -> str:
    """What is wrong with a value: what it is, what was expected; empty where it is right.

    shown : the value as its file writes it
    """
    if _is(KINDS[kind], value):
        return ""
    expected, hint = _(EXPECTED_OF_KIND[kind]), ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if kind in ("amount", "number") and MOST < abs(value) < float("inf"):
            expected = _("a number of at most 1,000,000,000,000")
        elif kind == "rate" and 1 < value <= 100:
            text = _("; {percent} % is written {share}")
            hint = text.format(percent=written(value), share=f"{value / 100:g}")
    elif isinstance(value, str) and kind in FLOATS:
        in_quotes = typed_numbers.meant(value)[:1] == [value]
        quotes = _("; write {number}, without quotes").format(number=value)
        hint = quotes if in_quotes else typed_numbers.hint(value)
    if optional:
        expected += _(' (or "none")')
    if isinstance(value, dict):
        shown = _("a table")
    text = _("is {value}, expected {expected}")
    return text.format(value=shown or written(value), expected=expected) + hint


def is_code(text: str) -> bool:
    """Whether a text can be a code: letters, digits, hyphens, underscores."""
    return bool(_CODE_TEXT.fullmatch(text))
