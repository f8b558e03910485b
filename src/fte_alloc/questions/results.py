"""Figures of a document: headline figures by name, rows of the last year, sums by place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fte_alloc.questions.places import area_key, key_of

#: The JSON document of a plan, an evaluation or another answer.
Document = Mapping[str, Any]
#: Figures compared by place: the section of a document, and the key of its rows.
BY_PLACE = {"posts": ("posts", "new_fte"), "contracts": ("territories", "expected_contracts")}
#: Least number of posts that pages do not show as 0 [FTE].
SOME_FTE = 0.05
#: Largest difference between rates that count as equal [1].
TIED_RATE = 1e-5


def results(document: Mapping[str, Any]) -> dict[str, float | None]:
    """Headline figures of the last year, by name."""
    coverage, money, network = (document[k] for k in ("coverage", "money", "network"))
    target = coverage["target_rate"]
    missing = None
    if target is not None:
        missing = max(0.0, target * coverage["contracts"] - coverage["expected_contracts"])
    rates = {f"rate_{s['segment']}": s["rate"] for s in last_year(document, "segments")}
    rated = [row["rate"] for row in last_year(document, "territories")]
    fact, without = (coverage.get(k) for k in ("no_new_post_contracts", "status_quo_contracts"))
    return {
        "expected_contracts": coverage["expected_contracts"],
        "no_new_post_contracts": fact,
        "redirected_contracts": None if fact is None else without - fact,
        "gained_contracts": None if fact is None else coverage["expected_contracts"] - without,
        "rate": coverage["rate"],
        **rates,
        "lowest_rate": min((rate for rate in rated if rate is not None), default=None),
        "missing_contracts": missing,
        "state_eur": money["state_eur"],
        "partners_eur": money["partners_eur"],
        "used_fte": network["used_fte"],
        "new_fte": network["new_fte"],
    }


def last_year(document: Mapping[str, Any], section: str) -> list[Mapping[str, Any]]:
    """Rows of a section of a document for its last year."""
    return [row for row in document[section] if row["year"] == document["years"][-1]]


def lowest(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The territory with the lowest rate in the last year, the first by code where several tie."""
    rated = [row for row in last_year(document, "territories") if row["rate"] is not None]
    worst = min((row["rate"] for row in rated), default=0.0)
    return next((row for row in rated if row["rate"] <= worst + TIED_RATE), None)


def by_place(document: Document, what: str, *, by_area: bool = False) -> dict[str, float]:
    """A figure of ``BY_PLACE`` in the last year, by ``key_of`` of its places, or by area."""
    section, figure = BY_PLACE[what]
    found: dict[str, float] = {}
    for row in last_year(document, section):
        key = area_key(row["area"]) if by_area else key_of(row)
        found[key] = found.get(key, 0.0) + row[figure]
    return found
