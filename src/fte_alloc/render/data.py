"""Documents as data: JSON and CSV, never rounded, the same bytes for the same input."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fte_alloc.texts import escaped, inert


def as_json(document: Mapping[str, Any] | Sequence[Any]) -> str:
    """A document as JSON, one key a line; what does not print is escaped, as JSON itself may."""
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    lines = (escaped(line, lambda sign: json.dumps(sign)[1:-1]) for line in text.split("\n"))
    return "\n".join(lines) + "\n"


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as CSV with the given columns; absent values are empty cells."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(map(_cell, columns))
    writer.writerows([_cell(row.get(key)) for key in columns] for row in rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple):
        value = json.dumps(value, ensure_ascii=False)
    return inert(value) if isinstance(value, str) else value
