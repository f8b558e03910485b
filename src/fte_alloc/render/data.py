"""Documents as data: JSON and CSV, never rounded, the same bytes for the same input."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from fte_alloc import language, names
from fte_alloc import numbers as show
from fte_alloc.inputs.schema import find_parameter
from fte_alloc.language import _
from fte_alloc.programme.objectives import OBJECTIVES
from fte_alloc.questions.column_names import BOOK_COLUMNS, BOOK_SUMMARY, DATA_COLUMNS
from fte_alloc.questions.inputs_in_words import input_in_words, input_shown, value_in_words
from fte_alloc.questions.why.changes import CHANGES
from fte_alloc.texts import csv_text, escaped

#: A decimal number that a row holds as a text.
_NUMBER = re.compile(r"-?\d+\.\d+(e[+-]?\d+)?")
_POSTS_OF = re.compile(r"(?:new_fte_)?(facilitator|coordinator)[_.](\w+?)(?:[_.](\d{4}))?")


def as_json(document: Mapping[str, Any] | Sequence[Any]) -> str:
    """A document as JSON, one key per line; characters that do not print become JSON escapes."""
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    lines = (escaped(line, lambda sign: json.dumps(sign)[1:-1]) for line in text.split("\n"))
    return "\n".join(lines) + "\n"


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as CSV with the given columns; absent values are empty cells."""
    return _csv([columns, *([row.get(key) for key in columns] for row in rows)], ",", _csv_cell)


def as_french_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as CSV for a French Excel: headings in words, semicolons, decimal commas, a BOM."""
    with language.in_language(language.FRENCH):
        heads: list[Any] = [data_heading(key) for key in columns]
        lines = [heads, *([data_word(key, row.get(key)) for key in columns] for row in rows)]
        return "\ufeff" + _csv(lines, ";", _french_cell)


def data_word(key: str, value: Any) -> Any:
    """A data value in words; for the columns ``section`` and ``key``, the headings of its keys."""
    if key in ("section", "key"):
        return _(": ").join(map(data_heading, value.split(": ")))
    return value_in_words(key, value)


def data_value(value: Any) -> Any:
    """A value for a data cell: a list as JSON text, the text of a decimal number as a float."""
    if isinstance(value, list | tuple):
        return json.dumps(value, ensure_ascii=False)
    return float(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else value


def _csv(lines: Iterable[Iterable[Any]], delimiter: str, cell: Callable[[Any], Any]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerows(map(cell, line) for line in lines)
    return out.getvalue()


def _csv_cell(value: Any) -> Any:
    if isinstance(value, list | tuple):
        value = data_value(value)
    return csv_text(value) if isinstance(value, str) else value


def _french_cell(value: Any) -> Any:
    """A value for a French CSV cell: a decimal comma, and ten digits, the accuracy of plans."""
    value = data_value(value)
    if isinstance(value, float):
        return str(show.to_digits(round(value, 10) + 0.0, 10)).replace(".", ",")
    return _csv_cell(value)


def data_heading(key: str) -> str:
    """The heading of a column of data in words; an unknown column keeps its key."""
    heads = {key: head for key, (head, *__) in (CHANGES | BOOK_COLUMNS | BOOK_SUMMARY).items()}
    heads |= names.STATUS_NAMES | names.RESULT_NAMES | DATA_COLUMNS
    if head := heads.get(key) or heads.get(key.removesuffix("_contracts")):
        return _(head).strip()
    if key.startswith("rate_"):
        return _("rate, {name}").format(name=key.removeprefix("rate_"))
    if posts := _POSTS_OF.fullmatch(key):
        role, *place = posts.groups("")
        return " ".join([_("new FTE,"), _(names.ROLE_NAMES[role]), *place]).rstrip()
    side, __, rest = key.partition("_")
    if side in ("below", "above"):
        text = _("below: {what}") if side == "below" else _("above: {what}")
        return text.format(what=data_heading("slope" if rest == "rate" else rest))
    if (objective := key.removesuffix("_unit")) in OBJECTIVES:
        return input_shown("stages", objective) + (_(", unit") if objective != key else "")
    return f"{input_in_words(key, {})} ({key})" if find_parameter(tuple(key.split("."))) else key
