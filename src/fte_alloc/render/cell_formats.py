"""How the cells of a workbook look: fonts, colours, number formats, bars and shades."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from fte_alloc.questions.cells import KINDS, TEXTS, Field

_BLUE, _ORANGE, _WHITE = "#9DC3E6", "#F4B183", "#FFFFFF"
_STYLES: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "link": {},
    "title": {"bold": True, "font_size": 16},
    "section": {"bold": True, "font_size": 12},
    "head": {"bold": True, "bg_color": "#DCE6F1", "bottom": 1, "text_wrap": True},
    "total": {"bold": True, "top": 1},
    "good": {"bold": True, "font_color": "#1E6B34"},
    "bad": {"bold": True, "font_color": "#A61C1C"},
    "warn": {"bg_color": "#FFF2CC"},
    "mark": {"bg_color": "#DDEBF7"},
    "entry": {"bg_color": "#FFF2CC", "border": 1, "border_color": "#BF9000", "locked": False},
    "broken": {"bold": True, "bg_color": "#F8CBAD", "font_color": "#9C0006"},
    "changed": {"bold": True, "font_color": "#1F4E9D"},
    "less": {"bold": True, "font_color": "#C55A11"},
}


def size_of(style: str) -> float:
    """The font size of a style, relative to that of plain cells."""
    return float(_STYLES[style].get("font_size", 11) / 11)


class Formats:
    """The cell formats of a workbook, each created once.

    writer : the ``xlsxwriter.Workbook`` that is being written
    """

    def __init__(self, writer: Any) -> None:
        self._writer = writer
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def _format(self, shown: Mapping[str, Any]) -> Any:
        """The format with these properties."""
        key = tuple(shown.items())
        if key not in self._made:
            self._made[key] = self._writer.add_format(dict(shown))
        return self._made[key]

    def style(self, style: str, kind: str = "line") -> Any:
        """The format of a cell of a style, a key of ``_STYLES``, and a kind, a key of ``KINDS``."""
        shown: dict[str, Any] = {"num_format": KINDS[kind].format, "valign": "top"}
        if kind in TEXTS:
            shown |= {"text_wrap": True, "align": "left", "indent": int(kind == "text")}
        else:
            shown["align"] = "right"
        if style == "head":
            shown["valign"] = "vcenter"
        return self._format(shown | dict(_STYLES[style]))

    def mark(self, style: str) -> Any:
        """The format that a conditional rule gives to the cells it marks with a style."""
        return self._format(_STYLES[style])

    def unsigned(self, kind: str) -> dict[str, Any] | None:
        """The rule that drops the sign of differences that round to 0; None for other kinds."""
        shown = KINDS[kind]
        if not shown.format.startswith("+"):
            return None
        # The second part of a format is for negative numbers; Excel adds no minus to it.
        plain = self._format({"num_format": ";".join([shown.format.rpartition(";")[2]] * 3)})
        least = 0.5 * 10.0 ** -(shown.digits + shown.shift) * (1 - 1e-9)
        ends = {"minimum": -least, "maximum": least}
        return {"type": "cell", "criteria": "between", "format": plain, **ends}


def highlight(rule: str, most: float) -> dict[str, Any]:
    """The conditional rule that highlights the cells of a column.

    rule : ``bar``, a bar in every cell; ``shade``, orange below 0, blue above, white at 0
    most : the value whose bar fills the cell, or whose shade is deepest
    """
    found = {"min_type": "num", "max_type": "num", "min_value": 0.0, "max_value": most}
    if rule == "bar":
        return found | {"type": "data_bar", "bar_color": _BLUE, "bar_solid": True}
    colours = {"min_color": _ORANGE, "mid_color": _WHITE, "max_color": _BLUE}
    middle = {"mid_type": "num", "mid_value": 0, "min_value": -most}
    return found | {"type": "3_color_scale", **middle, **colours}


def validation(entry: Field, row: int, column: int) -> dict[str, Any]:
    """The validation rule of a cell that users type into."""
    told = {"input_title": entry.title, "input_message": entry.hint}
    told |= {"error_title": entry.title, "error_message": entry.refusal}
    if not entry.step:
        ends = {"minimum": 0, "maximum": entry.most}
        return told | {"validate": "decimal", "criteria": "between", **ends}
    cell, step = xl_rowcol_to_cell(row, column), repr(entry.step)
    test = f"ABS({cell}/{step}-ROUND({cell}/{step},0))<0.000001"
    test = f"=AND(ISNUMBER({cell}),{cell}>=0,{cell}<={entry.most!r},{test})"
    return told | {"validate": "custom", "value": test}
