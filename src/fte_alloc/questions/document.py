"""What documents of all questions share: head, headline figures, rows, inputs."""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from fte_alloc.language import _, translated_text
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.places import area_key, place_key, place_names
from fte_alloc.shown import Tables

#: The JSON document of a plan, an evaluation or another answer.
Document = Mapping[str, Any]
#: Figures compared by place: the section of a document, and the key of its rows.
BY_PLACE = {"posts": ("posts", "new_fte"), "contracts": ("territories", "expected_contracts")}
#: Least number of posts that pages do not show as 0 [FTE].
SOME_FTE = 0.05
#: Largest difference between rates that count as equal [1].
TIED_RATE = 1e-5
#: Function called with the number of items done and the total number.
Progress = Callable[[int, int], None]


def headline_figures(document: Mapping[str, Any]) -> dict[str, float | None]:
    """Headline figures of a document, of its last year, by name."""
    coverage, money, network = (document[k] for k in ("coverage", "money", "network"))
    target = coverage["target_rate"]
    missing = None
    if target is not None:
        missing = max(0.0, target * coverage["contracts"] - coverage["expected_contracts"])
    rates = {f"rate_{s['segment']}": s["rate"] for s in last_year_rows(document, "segments")}
    rated = [row["rate"] for row in last_year_rows(document, "territories")]
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


def last_year_rows(document: Mapping[str, Any], section: str) -> list[Mapping[str, Any]]:
    """Rows of a section of a document for its last year."""
    return [row for row in document[section] if row["year"] == document["years"][-1]]


def lowest_rate_row(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Row of a document: the territory with the lowest rate in the last year, the first if tied."""
    rated = [row for row in last_year_rows(document, "territories") if row["rate"] is not None]
    worst = min((row["rate"] for row in rated), default=0.0)
    return next((row for row in rated if row["rate"] <= worst + TIED_RATE), None)


def figures_by_place(document: Document, what: str, *, by_area: bool = False) -> dict[str, float]:
    """New posts or covered contracts of the last year, by place or, with *by_area*, by area."""
    section, figure = BY_PLACE[what]
    found: dict[str, float] = {}
    for row in last_year_rows(document, section):
        key = area_key(row["area"]) if by_area else place_key(row)
        found[key] = found.get(key, 0.0) + row[figure]
    return found


def scenario_keys(problem: Problem) -> dict[str, Any]:
    """Document entries that do not depend on a plan: scenario, model, years, inputs, software."""
    inputs = problem.inputs
    keys: dict[str, Any] = {
        "scenario": inputs.label if inputs else "",
        "model": inputs.model if inputs else "",
        "title": inputs.title if inputs else "",
        "years": list(problem.years),
        "model_title": inputs.model_title if inputs else "",
    }
    if inputs:
        keys["regional_figures"] = inputs.regional()
        keys["inputs"] = {
            "scenario": inputs.name,
            "file": inputs.file,
            "overrides": dict(inputs.overrides),
            "files": dict(inputs.files),
            "resolved_sha256": inputs.resolved_sha256,
            "values": dict(inputs.values),
        }
    keys["software"] = {name: _version(name) for name in ("fte_alloc", "pulp", "highspy")}
    keys["software"]["python"] = platform.python_version()
    return keys


@cache
def _version(name: str) -> str:
    """The version of a package, from the name of its ``.dist-info`` folder where there is one."""
    for place in sys.path:
        for path in Path(place).glob(f"{name}-*.dist-info"):
            return path.stem.removeprefix(f"{name}-")
    # This import takes half as long as solving a plan.
    from importlib.metadata import version

    return version(name)


def document_coverage(contracts: float, covered: float) -> dict[str, Any]:
    """Contracts, expected contracts and their rate, which is None without contracts."""
    rate = float(covered / contracts) if contracts > 0 else None
    return {"contracts": float(contracts), "expected_contracts": float(covered), "rate": rate}


def document_number(value: float) -> float | None:
    """The number as a JSON value: a float, or None if it is infinite or NaN."""
    return float(value) if np.isfinite(value) else None


@dataclass(frozen=True, eq=False, repr=False)
class Documented(Tables):
    """The answer to a question about a problem: its JSON document, and its table as in CSV."""

    problem: Problem
    document: Mapping[str, Any]
    columns: Sequence[str]
    rows: Sequence[Mapping[str, Any]]

    @property
    def status(self) -> str:
        """Status of the answer, such as ``optimal``."""
        return str(self.document["status"])


def first_document_keys(problem: Problem) -> dict[str, Any]:
    """First entries of ``weights`` and ``frontier`` documents: scenario, years, inputs, names."""
    kept = scenario_keys(problem)
    del kept["model_title"]
    if "inputs" in kept:
        kept["inputs"] = inputs_without_values(kept["inputs"])
    return {**kept, "names": place_names(problem)}


def inputs_without_values(inputs: dict[str, Any]) -> dict[str, Any]:
    """The ``inputs`` of a document but for ``values``: scenario, files, overrides and hash."""
    return {key: value for key, value in inputs.items() if key != "values"}


def inputs_of(document: Document) -> Mapping[str, Any]:
    """Resolved inputs of a document by dotted key; empty for a problem built in Python."""
    values: Mapping[str, Any] = document.get("inputs", {}).get("values", {})
    return values


def document_title(document: Document) -> str:
    """Title of the scenario of a document; empty where it has none of its own."""
    values = {"title_fr": document.get("title_fr"), **inputs_of(document)}
    return document["title"] and translated_text(values, "title", document["title"])


def page_head(document: Document) -> str:
    """Name of the scenario of a document, and its title if any, as the head of its page."""
    name, title = document["scenario"] or _("this problem"), document_title(document)
    return _("{scenario}: {title}").format(scenario=name, title=title) if title else name


def territory_word(document: Document) -> str | None:
    """The model's word for a territory, such as ``region``; None if it defines none."""
    word = inputs_of(document).get("territory")
    return None if word is None else str(word)


def time_left_s(deadline: float | None) -> float | None:
    """Time until a deadline on the monotonic clock [s], at least 0; None without a deadline."""
    return None if deadline is None else max(0.0, deadline - time.monotonic())
