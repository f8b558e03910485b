"""Keys of JSON documents, of ``docs/documents.toml``: their JSON Schema, and their page."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from json_schema import faults

from fte_alloc.programme.objectives import OBJECTIVES
from fte_alloc.questions.column_names import BOOK_COLUMNS, BOOK_SUMMARY

ROOT = Path(__file__).resolve().parents[1]
DATA = tomllib.loads((ROOT / "docs" / "documents.toml").read_text(encoding="utf-8"))
PARTS: dict[str, Any] = DATA["parts"] | DATA["documents"]
#: Types that are words: their schema, and how the page calls them.
WORDS: dict[str, tuple[dict[str, Any], str]] = {
    "string": ({"type": "string"}, "text"),
    "number": ({"type": "number"}, "number"),
    "amount": ({"type": "number", "minimum": 0}, "number ≥ 0"),
    "share": ({"type": "number", "minimum": 0, "maximum": 1}, "0 to 1"),
    "count": ({"type": "integer", "minimum": 0}, "whole number"),
    "year": ({"type": "integer", "minimum": 1000, "maximum": 9999}, "year"),
    "boolean": ({"type": "boolean"}, "true or false"),
    "sha256": ({"type": "string", "pattern": "^(sha256:)?[0-9a-f]{64}$"}, "SHA-256"),
    "null": ({"type": "null"}, "null"),
    "any": ({}, "anything"),
}
#: Words that are figures, and have a unit.
FIGURES = ("number", "amount", "share")
#: Types that are other types.
TYPES = DATA["types"] | {"objective": " | ".join(f"'{name}'" for name in OBJECTIVES)}
#: Units that the ending of a key stands for.
ENDINGS = {
    "contracts_per_fte": "contracts/(FTE.yr)",
    "contracts_per_year": "contracts/yr",
    "eur_per_fte": "EUR/(FTE.yr)",
    "eur_per_year": "EUR/yr",
    "eur": "EUR",
    "fte": "FTE",
    "rate": "1",
    "share": "1",
    "contracts": "contracts",
}
#: What the page begins with.
INTRODUCTION = """# Documents

What `--format json`, or a file that ends in `.json`, holds: every key, its meaning and unit. Python
has the same as `.document`. Keys are English in every language, figures are never rounded, and the
same inputs give the same bytes. Keys may be added to a format, never renamed; where that must be,
the number at the end of its name changes.

A program finds all this in [documents.schema.json](documents.schema.json) (JSON Schema 2020-12):
each document, under the name that its `format` has, in `$defs`.

The ending of a key is the unit of its figures: `_fte` full-time equivalents, `_eur` EUR,
`_eur_per_year` EUR a year, `_eur_per_fte` EUR a year for one FTE, `_contracts` contracts, `_rate`
and `_share` from 0 to 1. Any other figure has its unit in the third column, or there the key beside
it, such as `unit`, that holds it. A table has a key a code. What null says stands with the meaning.

This page is generated from `docs/documents.toml`; figures of the examples are shortened.
"""


@dataclass(frozen=True)
class Key:
    """A key of a document, or of a part of one.

    type : as written; unit : of a figure, as typed
    """

    name: str
    type: str
    text: str
    typed_unit: str | None
    example: str | None
    is_optional: bool

    @property
    def ending_unit(self) -> str | None:
        """The unit that its ending stands for."""
        name = self.name.removesuffix("_*")
        return next((u for end, u in ENDINGS.items() if re.search(f"(^|_){end}$", name)), None)

    @property
    def pattern(self) -> str:
        """Of the names that it stands for; empty where it stands for itself."""
        named = re.escape(self.name).replace(r"\*", ".*")
        return f"^{named}$" if "*" in self.name else ""

    @property
    def is_figure(self) -> bool:
        """Whether its values are figures, in lists or tables, too."""
        return bool(set(FIGURES) & set(words_of(self.type)))

    @property
    def unit(self) -> str:
        """Its unit, empty where it is no figure."""
        default = self.ending_unit or ("1" if "share" in self.type else "")
        return self.typed_unit or (default if self.is_figure or self.type == "count" else "")


def keys_of(owner: str) -> dict[str, Key]:
    """The keys of a document or a part, by name."""
    described, found = PARTS[owner], dict[str, Key]()
    own = described.get("own", {})
    for word in described["keys"].split():
        name = word.removesuffix("?")
        found |= keys_of(name[1:]) if word[0] == "@" else {name: _key(word, own.get(name))}
    for name, told in own.items():
        found[name] = _key(name + "?" * found[name].is_optional, told)
    return found


def _key(word: str, told: Any) -> Key:
    """A key from what is said of it, here or else in general."""
    name = word.removesuffix("?")
    told = DATA["keys"][name] if told is None else told
    if isinstance(told, str):
        told = [told, (BOOK_COLUMNS | BOOK_SUMMARY)[name][1]]
    kind, text, unit, example = [*told, None, None][:4]
    return Key(name, kind, text, unit, example, "*" in name or word.endswith("?"))


def alternatives(kind: str) -> list[str]:
    """The types that a type may be, none of [types] among them."""
    each = (alternatives(TYPES[one]) if one in TYPES else [one] for one in _split(kind))
    return [one for some in each for one in some]


def _split(kind: str) -> list[str]:
    """What stands between the bars of a type, those within brackets aside."""
    return re.split(r" \| (?![^\[{]*[\]}])", kind)


def referred(kind: str) -> list[str]:
    """Documents and parts that a type speaks of."""
    return [name for name in words_of(kind) if name in PARTS]


def words_of(kind: str) -> list[str]:
    """The words of a type, constants aside."""
    return re.findall(r"[\w/-]+", re.sub("'.*?'", "", kind))


# -- the schema ------------------------------------------------------------------------------------


def schema_of(kind: str) -> dict[str, Any]:
    """The schema of a type."""
    each = alternatives(kind)
    if all(one == "null" or one[0] == "'" for one in each) and len(each) > 1:
        return {"enum": [None if one == "null" else one[1:-1] for one in each]}
    if len(each) == 2 and each[1] == "null" and each[0] in WORDS:
        return WORDS[each[0]][0] | {"type": [WORDS[each[0]][0]["type"], "null"]}
    if len(each) > 1:
        return {"anyOf": [schema_of(one) for one in each]}
    (one,) = each
    if one in WORDS:
        return dict(WORDS[one][0])
    if one[0] == "'":
        return {"const": one[1:-1]}
    if one[0] == "[":
        return {"type": "array", "items": schema_of(one[1:-1])}
    if one[0] == "{":
        return {"type": "object", "additionalProperties": schema_of(one[1:-1])}
    return {"$ref": "#/$defs/" + one.replace("/", "~1")}


def _schema_of_part(name: str) -> dict[str, Any]:
    """The schema of a document or a part, without those that it refers to."""
    described, is_document = PARTS[name], name.startswith("fte-alloc/")
    of_format = {"format": {"const": name}} if is_document else {}
    if "is" in described:
        of_format = {"properties": of_format} if of_format else {}
        return {"description": described["text"], **schema_of(described["is"]), **of_format}
    named: dict[str, Any] = {"properties": {}, "patternProperties": {}}
    for key in keys_of(name).values():
        unit = f" [{key.unit}]" if key.unit else ""
        node = {**schema_of(key.type), "description": key.text + unit}
        kind = "patternProperties" if key.pattern else "properties"
        named[kind][key.pattern or key.name] = node
    named["properties"] |= of_format
    return {
        "description": described["text"],
        "type": "object",
        **{keyword: nodes for keyword, nodes in named.items() if nodes},
        "required": [key.name for key in keys_of(name).values() if not key.is_optional],
        "additionalProperties": False,
    }


@cache
def documents_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of all documents, each under its format."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "fte-alloc documents",
        "oneOf": [schema_of(name) for name in DATA["documents"]],
        "$defs": {name: _schema_of_part(name) for name in sections()},
    }


def sections() -> list[str]:
    """Documents and parts in the order of the page: a part follows what first speaks of it."""
    found: dict[str, None] = {}

    def add(name: str) -> None:
        if name not in found:
            found[name] = None
            is_more = "is" in PARTS[name]
            kinds = [PARTS[name]["is"]] if is_more else [k.type for k in keys_of(name).values()]
            for part in (part for kind in kinds for part in referred(kind)):
                add(part)

    for name in DATA["documents"]:
        add(name)
    return list(found)


def document_name(document: Any) -> str:
    """What a document is described as."""
    if isinstance(document, Mapping):
        return str(document["format"])
    return "show" if "kind" in document[0] else "show-scenario"


def faults_of(document: Any) -> list[str]:
    """Where a document breaks its schema."""
    schema = documents_schema()
    return faults(schema["$defs"][document_name(document)], document, root=schema)


# -- what occurs, and the page ---------------------------------------------------------------------


def occurring(document: Any) -> Iterator[tuple[str, str, Any]]:
    """The keys of a document that is as described: of what, which, and with what value."""
    yield from _within(document_name(document), document)


def _within(kind: str, value: Any) -> Iterator[tuple[str, str, Any]]:
    if not isinstance(value, dict | list):
        return
    schema, each = documents_schema(), alternatives(kind)
    fits = (one for one in each if not each[1:] or not faults(schema_of(one), value, root=schema))
    one = next(fits)
    if one[0] in "[{":
        for below in value if isinstance(value, list) else value.values():
            yield from _within(one[1:-1], below)
    elif "is" in PARTS.get(one, {}):
        yield from _within(PARTS[one]["is"], value)
    elif one in PARTS:
        keys = keys_of(one)
        for name, below in value.items():
            likes = (key for key in keys.values() if key.pattern and re.search(key.pattern, name))
            key = keys.get(name) or next(likes)
            yield one, key.name, below
            yield from _within(key.type, below)


def examples(documents: Iterable[Any]) -> dict[tuple[str, str], Any]:
    """A value of every key of every part that occurs in documents, one that says something."""
    found: dict[tuple[str, str], Any] = {}
    for document in documents:
        for owner, name, value in occurring(document):
            if value not in (None, "") and not found.get((owner, name)):
                found[owner, name] = value
    return found


def documents_page(documents: Iterable[Any]) -> str:
    """The page of all keys, with examples from documents."""
    found, lines = examples(documents), [INTRODUCTION.rstrip(), ""]
    lines += [f"- {_shown(name)}: {told['text']}" for name, told in DATA["documents"].items()]
    lines += ["", "## Words", "", "| type | one of |", "|---|---|"]
    lines += [f"| {name} | {_shown(kind)} |" for name, kind in TYPES.items() if _is_word(name)]
    for name in sections():
        described = PARTS[name]
        if "made" in described:
            lines += ["", f"## {name}", "", described["text"]]
            lines += ["", f"For example `fte-alloc {described['made']} --format json`."]
        else:
            lines += ["", f"### {name}", "", described["text"]]
        if "is" in described:
            lines += ["", f"It is: {_shown(described['is'])}."]
            continue
        lines += ["", "| key | type | unit | meaning | example |", "|---|---|---|---|---|"]
        for key in keys_of(name).values():
            mark = " (may be absent)" if key.is_optional and not key.pattern else ""
            met = None if referred(key.type) else found.get((name, key.name))
            example = key.example or _example(met)
            unit = f"`{key.unit}`" if re.search(r"(^|[._])unit$", key.unit) else key.unit
            cells = (f"`{key.name}`{mark}", _shown(key.type), unit, key.text, example)
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _is_word(kind: str) -> bool:
    """Whether the page has the type among its words: it has too many alternatives for a cell."""
    return kind in TYPES and len(alternatives(kind)) > 3


def _shown(kind: str) -> str:
    """A type in words, with links to parts."""
    each = [one for of in _split(kind) for one in ([of] if _is_word(of) else alternatives(of))]
    if len(each) > 1:
        return " or ".join(map(_shown, each))
    (one,) = each
    if one in TYPES:
        return f"[{one}](#words)"
    if one[0] in "[{":
        each = _shown(one[1:-1])
        each = f"({each})" if " or " in each and _split(one[1:-1])[1:] else each
        return f"{'list' if one[0] == '[' else 'table'} of {each}"
    if one[0] == "'":
        return f"`{one[1:-1]}`"
    return WORDS[one][1] if one in WORDS else f"[{one}](#{one.replace('/', '')})"


def _example(value: Any) -> str:
    """A value as an example: whole where it is short, figures to four digits."""
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, list):
        return ", ".join(map(_example, value[:2])) + ", …" * (len(value) > 2)
    if isinstance(value, dict):
        key, below = next(iter(value.items()))
        return f"`{key}`: {_example(below)}" + ", …" * (len(value) > 1)
    if isinstance(value, float):
        digits = max(0, 3 - math.floor(math.log10(abs(value)))) if abs(value) >= 1e-4 else 1
        return f"{value:.{digits}f}"
    text = json.dumps(value, ensure_ascii=False).strip('"')
    return f"`{text if len(text) <= 60 else text[:50] + '…'}`"
