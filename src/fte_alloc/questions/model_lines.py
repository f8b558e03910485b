"""Lines of ``model.toml`` for a derived figure and its source."""

from __future__ import annotations

from collections.abc import Mapping

from fte_alloc.language import _
from fte_alloc.questions.answer import Line, Page

#: Values as TOML writes them, by table and key.
ModelLines = Mapping[str, Mapping[str, str]]


def quoted(text: str) -> str:
    """A text as TOML writes it."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def inline(**values: str | float) -> str:
    """A number of a model in its long form."""
    cells = (f"{k} = {quoted(v) if isinstance(v, str) else repr(v)}" for k, v in values.items())
    return "{ " + ", ".join(cells) + " }"


def lines_page(lines: ModelLines) -> Page:
    """The lines, each whole, under a heading."""
    text: list[str] = []
    for table, values in lines.items():
        text += ["", f"[{table}]", *(f"{key} = {value}" for key, value in values.items())]
    return [Line(_("For model.toml"), "head"), *(Line(line, whole=True) for line in text[1:])]
