"""Plans as pictures: maps of coverage and posts by area, bars of posts by place."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib.resources import files

import numpy as np

from fte_alloc import numbers as show
from fte_alloc.language import N_, _
from fte_alloc.questions.answer import Bars, Map, Outline
from fte_alloc.questions.cells import KINDS
from fte_alloc.questions.places import lines_of
from fte_alloc.questions.results import Document, last_year
from fte_alloc.questions.wording import word_of

#: Figures that maps show: their kind and title.
MAPPED = {
    "rate": ("rate", N_("Coverage rate: contracts with a clause over all contracts")),
    "posts": ("fte", N_("Posts: in place, renewed and new, FTE of both roles")),
}
#: Parts of the figures of areas between which shades change.
_PARTS = (0.2, 0.4, 0.6, 0.8)


def outlines(document: Document) -> tuple[dict[str, Outline], tuple[float, float]]:
    """Outlines of the areas of a plan by code, and the size of the map they are on.

    No outlines where an area has none, or where codes are those of départements.
    """
    read = json.loads(files(__package__).joinpath("regions.json").read_text(encoding="utf-8"))
    known, codes = read["regions"], {row["area"] for row in document["posts"]}
    territories = {row["territory"] for row in document["territories"]}
    if codes - known.keys() or (codes == territories and word_of(document) == "département"):
        known = {}
    found = {
        code: Outline(shape["d"], shape["at"], tuple(shape["label"]))
        for code, shape in known.items()
    }
    return found, (read["width"], read["height"])


def by_area(document: Document, figure: str) -> dict[str, float | None]:
    """A figure of ``MAPPED`` in the last year, by code of area."""
    found: dict[str, float | None] = {}
    for code in sorted({row["area"] for row in document["posts"]}):
        if figure == "rate":
            rows = [row for row in last_year(document, "territories") if row["area"] == code]
            covered, all_of_it = (
                sum(row[key] for row in rows) for key in ("expected_contracts", "contracts")
            )
            found[code] = covered / all_of_it if all_of_it else None
        else:
            found[code] = _fte(document, code)
    return found


def _fte(document: Document, code: str) -> float:
    """Posts of an area in the last year, in place, renewed and new, of both roles [FTE]."""
    rows = (row for row in last_year(document, "posts") if row["area"] == code)
    return sum(row[f"{of}_fte"] for row in rows for of in ("existing", "committed", "new"))


def area_names(document: Document) -> dict[str, str]:
    """Code and name of areas, by code."""
    return {line.area: line.label for line in lines_of(document["posts"], by_area=True)}


def area_map(
    figure: str, plans: Mapping[str, Document], links: Mapping[str, str] | None = None
) -> Map | None:
    """A figure of ``MAPPED``, area by area, a panel a plan; None where an area has no outline.

    plans : documents by heading, the first before, the others after
    links : anchors by code of area
    """
    last = [*plans.values()][-1]
    shapes, size = outlines(last)
    if not shapes:
        return None
    kind, title = MAPPED[figure][0], _(MAPPED[figure][1])
    panels = {heading: by_area(document, figure) for heading, document in plans.items()}
    every = [value for of in panels.values() for value in of.values() if value is not None]
    shown = KINDS[kind]
    at = np.quantile(every, _PARTS).tolist()
    limits = {show.rounded(limit, shown.digits, shown.shift) / 10**shown.shift for limit in at}
    names = area_names(last)
    return Map(
        f"map-{figure}",
        title,
        _spread(panels, names, shown.written),
        panels,
        kind,
        sorted(limits),
        size,
        shapes,
        {code: names.get(code, code) for code in shapes},
        links or {},
    )


def posts_bars(plans: Mapping[str, Document], links: Mapping[str, str] | None = None) -> Bars:
    """Posts of both roles, area by area, a series a plan.

    plans : documents by name of the series
    links : anchors by code of area
    """
    kind, title = MAPPED["posts"]
    series = {
        name: {code: value or 0.0 for code, value in by_area(document, "posts").items()}
        for name, document in plans.items()
    }
    names = area_names([*plans.values()][-1])
    said = _spread(series, names, KINDS[kind].written)
    return Bars("bars-posts", _(title), said, series, kind, names, links or {})


def _spread(
    panels: Mapping[str, Mapping[str, float | None]],
    names: Mapping[str, str],
    written: Callable[[float], str],
) -> str:
    """In words, for those who do not see a picture: the least and the most of each panel."""
    text = _("{heading}: from {least} ({lowest}) to {most} ({highest}).")
    told = []
    for heading, values in panels.items():
        known = sorted((v, code) for code, v in values.items() if v is not None)
        if known:
            (least, low), (most, high) = known[0], known[-1]
            ends = {"least": written(least), "most": written(most)}
            ends |= {"lowest": names.get(low, low), "highest": names.get(high, high)}
            told.append(text.format(heading=heading, **ends))
    return " ".join([*told, _("All figures stand in the table of posts.")])
