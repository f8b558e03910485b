"""Plans as pictures: maps of coverage and posts by area, bars of posts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

import numpy as np

from fte_alloc import numbers as show
from fte_alloc.errors import mistaken
from fte_alloc.language import N_, _
from fte_alloc.questions.answer import Bars, Map
from fte_alloc.questions.cells import KINDS, Row, cell_value
from fte_alloc.questions.document import Document, territory_word
from fte_alloc.questions.solve.tables import posts_tables

#: Figures that are drawn, each with its column in the table of posts, its kind and its title.
DRAWN = {
    "rate": ("rate", "rate", N_("Coverage rate: contracts with a clause over all contracts")),
    "posts": ("total", "fte", N_("Posts: in place, renewed and new, FTE of both roles")),
}
#: Quantiles of the figures of a map at which the shade changes.
_PARTS = (0.2, 0.4, 0.6, 0.8)
#: Lines of a table of posts, by code of area.
Areas: TypeAlias = Mapping[str, Row]


def charted_areas(document: Document) -> Areas:
    """Rows of the last year's table of posts, one per area, by area code."""
    rows = posts_tables(document, by_area=True)[-1].rows
    return {str(row["area"]): row for row in rows}


def by_area(areas: Areas, column: str) -> dict[str, Any]:
    """Values of one column of the area rows, by area code."""
    return {code: cell_value(row.get(column)) for code, row in areas.items()}


@cache
def _outlines() -> dict[str, Any]:
    """Outlines of the regions, by code, and the size of the map."""
    text = files(__package__).joinpath("regions.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def bars(
    figure: str,
    plans: Mapping[str, Areas],
    names: Mapping[str, str] | None = None,
    links: Mapping[str, str] | None = None,
) -> Bars:
    """Bars of a figure of ``DRAWN`` by area, with one series per plan.

    plans : lines of the areas by name of the series
    names, links : names of areas, and anchors that they link to, by code

    Raises InputError for any other figure.
    """
    if figure not in DRAWN:
        known = ", ".join(DRAWN)
        raise mistaken(f'figure="{figure}"', _("expected one of {known}"), known=known)
    column, kind, title = DRAWN[figure]
    values = {name: by_area(areas, column) for name, areas in plans.items()}
    labels = names or by_area([*plans.values()][-1], "place")
    described = _("All figures stand in the table of posts.")
    return Bars(_(title), described, f"bars-{figure}", values, kind, labels, links or {})


def area_map(
    figure: str,
    document: Document,
    plans: Mapping[str, Areas],
    names: Mapping[str, str] | None = None,
    links: Mapping[str, str] | None = None,
    shaded: Iterable[Areas] = (),
) -> Map | None:
    """Map of a figure of ``DRAWN`` by region, one panel per plan, with the arguments of ``bars``.

    document : of one of the plans
    shaded : lines of areas whose figures set the limits of shades; the drawn ones by default

    Returns None where an area has no outline, or where the areas are départements.
    """
    read = _outlines()
    shapes, drawn = read["regions"], bars(figure, plans, names, links)
    codes, inside = ({row[of] for row in document["territories"]} for of in ("area", "territory"))
    if codes - shapes.keys() or (codes == inside and territory_word(document) == "département"):
        return None
    kind = KINDS[drawn.kind]
    shown = [by_area(of, DRAWN[figure][0]) for of in shaded] or drawn.values.values()
    every = [value for of in shown for value in of.values() if value is not None]
    at = (show.rounded(limit, kind.digits, kind.shift) for limit in np.quantile(every, _PARTS))
    named = {"name": f"map-{figure}", "labels": {**dict.fromkeys(shapes, "–"), **drawn.labels}}
    return Map(
        **{**vars(drawn), **named},
        limits=sorted({limit / 10**kind.shift for limit in at}),
        size=(read["width"], read["height"]),
        outlines={code: (of["d"], of["at"], *of["label"]) for code, of in shapes.items()},
    )
