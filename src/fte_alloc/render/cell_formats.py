"""How the cells of a workbook look: fonts, colours, number formats, bars and shades."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from fte_alloc.questions.cells import KINDS, TEXTS, Column, Field, Row, cell_value

#: Greatest width of a column of texts [characters].
_WIDEST = 44
_BLUE, _ORANGE, _WHITE = "#9DC3E6", "#F4B183", "#FFFFFF"
STYLES: Mapping[str, dict[str, Any]] = {
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


def cell_format(style: str, kind: str = "line") -> dict[str, Any]:
    """Properties of a cell of a style, a key of ``STYLES``, and a kind, a key of ``KINDS``."""
    found: dict[str, Any] = {"num_format": KINDS[kind].format, "valign": "top"}
    if kind in TEXTS:
        found |= {"text_wrap": True, "align": "left", "indent": int(kind == "text")}
    else:
        found["align"] = "right"
    if style == "head":
        found["valign"] = "vcenter"
    return found | STYLES[style]


def cell_highlight(rule: str, most: float) -> dict[str, Any]:
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


def cell_entry(entry: Field, row: int, column: int) -> dict[str, Any]:
    """The validation rule of a cell that users type into."""
    texts = {"input_title": entry.title, "input_message": entry.hint}
    texts |= {"error_title": entry.title, "error_message": entry.refusal}
    if not entry.step:
        ends = {"minimum": 0, "maximum": entry.most}
        return texts | {"validate": "decimal", "criteria": "between", **ends}
    cell, step = xl_rowcol_to_cell(row, column), repr(entry.step)
    test = f"ABS({cell}/{step}-ROUND({cell}/{step},0))<0.000001"
    test = f"=AND(ISNUMBER({cell}),{cell}>=0,{cell}<={entry.most!r},{test})"
    return texts | {"validate": "custom", "value": test}


def column_widths(columns: Sequence[Column], rows: Iterable[Row]) -> list[float]:
    """Widths of the columns of a sheet [characters]."""
    longest = dict.fromkeys((c.id for c in columns if c.kind == "text"), 0)
    for row in rows:
        for key in longest:
            longest[key] = max(longest[key], len(str(cell_value(row.get(key)) or "")))
    return [
        c.width
        or (min(_WIDEST, max(9, longest[c.id] + 2)) if c.id in longest else KINDS[c.kind].width)
        for c in columns
    ]
