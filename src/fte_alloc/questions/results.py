"""A plan to be compared: its figures by name, its inputs and where each was set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from fte_alloc.inputs.schema import LIMITS_BY_PLACE, find
from fte_alloc.questions.places import area_key, key_of

if TYPE_CHECKING:
    from fte_alloc.inputs.entries import Inputs
    from fte_alloc.programme.problem import Problem


#: A plan, an evaluation or another answer, as JSON has it.
Document = Mapping[str, Any]
#: Figures that plans are compared by place by place: a section of a document, and a key there.
BY_PLACE = {"posts": ("posts", "new_fte"), "contracts": ("territories", "expected_contracts")}
#: How the name ends of a scenario that is compared with itself as ``--set`` changes it.
WITH_SET = " + --set"
#: Posts that are not 0 once shown [FTE].
SOME_FTE = 0.05
#: Rates that differ by less are tied [1].
TIED_RATE = 1e-5
#: Ending of a key that says in French what the key without it says.
_IN_FRENCH = "_fr"
#: The amount of a place that a built-in limit does not hold for.
_EXEMPT = "none"


@dataclass(frozen=True)
class Side:
    """One of the plans compared.

    name : as data call it
    document : a plan or evaluation document
    inputs : where each input was set and what is said of it, None where only values are known
    problem : the one that it is proved the best plan of; None where there is none, or not known
    """

    name: str
    document: Mapping[str, Any]
    inputs: Inputs | None = None
    problem: Problem | None = None

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """Resolved inputs by key; titles and French names are not inputs, stages are one."""
        values = {
            key: value
            for key, value in self.document.get("inputs", {}).get("values", {}).items()
            if key != "title" and not key.endswith(_IN_FRENCH)
        }
        stages = {key: values.pop(key) for key in list(values) if key.startswith("stages.")}
        return values | {"stages": _stages(stages) or "coverage, state_cost"}

    def _written(self, key: str) -> list[Any]:
        """What is written for a key, and for all years where it is of one of them."""
        head, _, year = key.rpartition(".")
        planned = year.isdigit() and int(year) in self.document["years"]
        return [self.values[of] for of in ([key, head] if planned else [key]) if of in self.values]

    def value(self, key: str) -> Any:
        """An input; one that is the same in all years, for each of them. Weights have defaults."""
        if given := [value for value in self._written(key) if value is not None]:
            return given[0]
        path = tuple(key.split("."))
        if key in self.values and path[0] == "limits" and path[1] in LIMITS_BY_PLACE:
            return _EXEMPT  # not the same as no amount of its own
        parameter = find(path) if path[0] == "weights" else None
        return parameter and parameter.default

    def shown(self, key: str) -> Any:
        """The value; None where there is no such limit, a dash where there is no such input."""
        value = self.value(key)
        return "–" if value is None and not self._written(key) else value

    def origin(self, key: str) -> str | None:
        """Where an input was set, None where nothing sets it."""
        entries = self.inputs.entries if self.inputs else {}
        keys = [k for k in entries if k.startswith("stages.")] if key == "stages" else [key]
        return next((entries[k].origin for k in keys if k in entries), None)


def _stages(values: Mapping[str, Any]) -> str:
    """Stages in one line: ``worst_rate − 0.01, coverage``."""
    stages = []
    for number in sorted({key.split(".")[1] for key in values}, key=int):
        objective = next(
            values[key]
            for sense in ("maximise", "minimise")
            if (key := f"stages.{number}.{sense}") in values
        )
        concede = values[f"stages.{number}.concede"]
        stages.append(f"{objective} − {concede:g}" if concede else objective)
    return ", ".join(stages)


def side_of(document: Mapping[str, Any], problem: Problem | None, name: str = "") -> Side:
    """A document as one side of a comparison, with the problem it is a plan of."""
    inputs = problem.inputs if problem is not None else None
    best_of = problem if document["status"] == "optimal" else None
    return Side(name or str(document["scenario"]), document, inputs, best_of)


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
    """The territory with the lowest rate in the last year; the first by code of those that tie."""
    rated = [row for row in last_year(document, "territories") if row["rate"] is not None]
    worst = min((row["rate"] for row in rated), default=0.0)
    return next((row for row in rated if row["rate"] <= worst + TIED_RATE), None)


def by_place(document: Document, what: str, *, by_area: bool = False) -> dict[str, float]:
    """A figure of ``BY_PLACE`` in the last year, by ``key_of`` its places, or by area."""
    section, figure = BY_PLACE[what]
    found: dict[str, float] = {}
    for row in last_year(document, section):
        key = area_key(row["area"]) if by_area else key_of(row)
        found[key] = found.get(key, 0.0) + row[figure]
    return found
