"""Every input a model or scenario file may set: key, kind, unit, default, meaning.

``PARAMETERS`` is the one list from which the allowed keys, their checks, ``docs/inputs.md`` and the
JSON Schema follow. A ``*`` in a key stands for a code: a segment, a territory, a column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from fte_alloc.problem import SENSES

Status = Literal["published", "derived", "assumption"]

_FINITE = {"allow_inf_nan": False, "strict": True}
KINDS: dict[str, Any] = {
    "amount": Annotated[float, Field(ge=0, **_FINITE)],
    "positive": Annotated[float, Field(gt=0, **_FINITE)],
    "rate": Annotated[float, Field(ge=0, le=1, **_FINITE)],
    "number": Annotated[float, Field(**_FINITE)],
    "draws": Annotated[int, Field(ge=1, le=1000, strict=True)],
    "text": Annotated[str, Field(min_length=1, strict=True)],
    "curve": Literal["saturating", "table"],
    "years": Annotated[
        list[Annotated[int, Field(ge=1900, le=2200, strict=True)]], Field(min_length=1)
    ],
}


@dataclass(frozen=True)
class Parameter:
    """One input.

    key : where it is written; a ``*`` stands for a code
    kind : a key of ``KINDS``
    unit : as a model must state it; None for what is not a number
    default : used where the key is absent; ``REQUIRED`` where there is none; None: no such limit
    by_year : may be a table by year
    optional : may be ``"none"``
    """

    key: str
    kind: str
    unit: str | None
    text: str
    default: Any = None
    by_year: bool = False
    optional: bool = False

    @property
    def is_quantity(self) -> bool:
        """Whether a model writes it in long form, with unit and status."""
        return self.unit is not None


REQUIRED = object()
_COST = "EUR/(FTE.yr)"

PARAMETERS: tuple[Parameter, ...] = (
    Parameter("title", "text", None, "what the file is about"),
    Parameter("territory", "text", None, "what a row of territories.csv is", "region"),
    Parameter("years", "years", None, "years decided together, one after the other", REQUIRED),
    Parameter(
        "posts.cap_fte",
        "amount",
        "FTE",
        "N_t, most FTE in the whole network",
        by_year=True,
        optional=True,
    ),
    Parameter(
        "posts.step_fte", "amount", "FTE", "new posts come in multiples of this; 0: any", 0.0
    ),
    *(
        parameter
        for role in ("facilitator", "coordinator")
        for parameter in (
            Parameter(
                f"posts.{role}.cost_eur_per_fte",
                "amount",
                _COST,
                f"c, full cost of a {role}",
                REQUIRED,
                by_year=True,
            ),
            Parameter(
                f"posts.{role}.state_rate",
                "rate",
                "1",
                "ρ, share of the cost the State pays",
                REQUIRED,
                by_year=True,
            ),
            Parameter(
                f"posts.{role}.state_ceiling_eur_per_fte",
                "amount",
                _COST,
                "κ, most the State pays",
                by_year=True,
                optional=True,
            ),
        )
    ),
    Parameter(
        "posts.facilitator.max_growth_share",
        "amount",
        "1",
        "new facilitators a year, as a share of those existing",
        optional=True,
    ),
    Parameter(
        "posts.facilitator.max_growth_fte",
        "amount",
        "FTE",
        "new facilitators a year, beside that share",
        optional=True,
    ),
    Parameter(
        "posts.facilitator.first_year_effectiveness",
        "rate",
        "1",
        "η, effectiveness of a new post in its first year",
        1.0,
    ),
    Parameter(
        "posts.coordinator.supports_fte",
        "amount",
        "FTE",
        "m, facilitators one coordinator supports",
        0.0,
    ),
    Parameter(
        "posts.coordinator.productivity_gain",
        "amount",
        "1",
        "u, productivity a supported facilitator gains",
        0.0,
    ),
    Parameter(
        "posts.coordinator.required_fte_where_none",
        "amount",
        "FTE",
        "new coordinators an area without any must get",
        optional=True,
    ),
    Parameter(
        "posts.coordinator.max_fte_per_area",
        "amount",
        "FTE",
        "most coordinators in an area",
        optional=True,
    ),
    Parameter(
        "budget.state_eur_per_year",
        "amount",
        "EUR/yr",
        "B_t, State money",
        by_year=True,
        optional=True,
    ),
    Parameter("coverage.curve", "curve", None, "family of the coverage curves", "saturating"),
    Parameter(
        "coverage.contracts_per_fte",
        "amount",
        "contracts/(FTE.yr)",
        "h, contracts a first full-time facilitator adds a year",
        0.0,
    ),
    Parameter(
        "coverage.demand_cv",
        "amount",
        "1",
        "σ, relative standard deviation of the number of contracts",
        0.0,
    ),
    Parameter("coverage.draws", "draws", "1", "K, draws that stand for that uncertainty", 9),
    Parameter(
        "coverage.target_rate",
        "rate",
        "1",
        "τ_t, coverage rate aimed at",
        by_year=True,
        optional=True,
    ),
    Parameter("coverage.segments.*.name", "text", None, "the kind of buyer, in words"),
    Parameter("coverage.segments.*.floor_rate", "rate", "1", "α_s, rate with no facilitator", 0.0),
    Parameter("coverage.segments.*.ceiling_rate", "rate", "1", "β_s, highest rate feasible", 1.0),
    Parameter(
        "coverage.segments.*.contracts_per_fte_factor",
        "amount",
        "1",
        "factor of h for this kind of buyer",
        1.0,
    ),
    Parameter("weights.segment.*", "amount", "1", "w_s, weight of a kind of buyer", 1.0),
    Parameter("weights.territory.*", "amount", "1", "explicit weight of a territory", 1.0),
    Parameter("weights.year.*", "amount", "1", "δ_t, weight of a year", 1.0),
    Parameter(
        "weights.indicators.*",
        "number",
        "1",
        "b_k, how much an indicator column (a rate) raises a territory's weight",
        0.0,
    ),
    Parameter("reference_plan", "text", None, "posts file that the stage change is measured from"),
    Parameter("territories.*.name", "text", None, "name of a territory"),
    Parameter("territories.*.area", "text", None, "area a territory lies in; itself by default"),
    Parameter("territories.*.existing_facilitators_fte", "amount", "FTE", "e_i", 0.0),
    Parameter("territories.*.committed_facilitators_fte", "amount", "FTE", "g_i", 0.0),
    Parameter("territories.*.existing_coordinators_fte", "amount", "FTE", "e^c", 0.0),
    Parameter("territories.*.committed_coordinators_fte", "amount", "FTE", "g^c", 0.0),
    Parameter("territories.*.min_new_facilitators_fte", "amount", "FTE", "l_i", 0.0),
    Parameter("territories.*.max_new_facilitators_fte", "amount", "FTE", "L_i", optional=True),
    Parameter(
        "territories.*.partner_capacity_eur",
        "amount",
        "EUR/yr",
        "P_i, the most partners can pay",
        optional=True,
    ),
    Parameter(
        "territories.*.least_rate", "rate", "1", "f_i, rate to be reached at least", optional=True
    ),
    Parameter(
        "territories.*.contracts_per_fte_factor",
        "amount",
        "1",
        "factor of h in this territory",
        1.0,
    ),
    Parameter(
        "contracts.*.*",
        "amount",
        "contracts/yr",
        "n_ist, contracts of a year",
        REQUIRED,
        by_year=True,
    ),
)

#: Columns of territories.csv that mean something; any other is an indicator.
TERRITORY_COLUMNS = tuple(
    p.key.split(".")[2] for p in PARAMETERS if p.key.startswith("territories.")
)
#: Keys of one entry of ``[[stages]]``.
STAGE_KEYS = ("maximise", "minimise", "concede")
#: Keys of a number in a model, and of a source.
QUANTITY_KEYS = ("value", "unit", "status", "source", "note")
SOURCE_KEYS = ("title", "publisher", "date", "url", "confidence")


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(KINDS[kind])


def valid(kind: str, value: Any) -> bool:
    """Whether a value is of a kind."""
    if isinstance(value, bool):
        return False
    try:
        _adapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True


def find(path: Sequence[str]) -> Parameter | None:
    """The parameter a path of keys names; a by-year path names its parameter too."""
    for parameter in PARAMETERS:
        pattern = parameter.key.split(".")
        length = len(pattern)
        year = len(path) == length + 1 and parameter.by_year
        if (len(path) == length or year) and all(
            p in ("*", k) for p, k in zip(pattern, path, strict=False)
        ):
            return parameter
    return None


def is_table(path: Sequence[str]) -> bool:
    """Whether other keys may stand below a path."""
    patterns = (parameter.key.split(".") for parameter in PARAMETERS)
    return any(
        len(pattern) > len(path) and all(p in ("*", k) for p, k in zip(pattern, path, strict=False))
        for pattern in patterns
    )


def siblings(path: Sequence[str]) -> Iterator[str]:
    """Keys that could stand in the place of the last of a path."""
    before = list(path[:-1])
    for parameter in PARAMETERS:
        pattern = parameter.key.split(".")
        if len(pattern) > len(before) and all(
            p in ("*", k) for p, k in zip(pattern, before, strict=False)
        ):
            if pattern[len(before)] != "*":
                yield pattern[len(before)]


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a scenario file, for editors."""
    root: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": {}}
    for key in ("model", "extends"):
        root["properties"][key] = {"type": "string"}
    root["properties"]["stages"] = {
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "maximise": {"enum": [n for n, s in SENSES.items() if s == "maximise"]},
                "minimise": {"enum": [n for n, s in SENSES.items() if s == "minimise"]},
                "concede": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
            },
        },
    }
    for parameter in PARAMETERS:
        value: dict[str, Any] = _adapter(parameter.kind).json_schema()
        choices = [value]
        if parameter.by_year:
            choices.append({"type": "object", "additionalProperties": value})
        if parameter.optional:
            choices.append({"const": "none"})
        leaf = choices[0] if len(choices) == 1 else {"anyOf": choices}
        unit = f" [{parameter.unit}]" if parameter.unit else ""
        leaf = {**leaf, "description": parameter.text + unit}
        node, parts = root, parameter.key.split(".")
        for depth, part in enumerate(parts):
            last = depth == len(parts) - 1
            child = (
                leaf
                if last
                else {"type": "object", "additionalProperties": False, "properties": {}}
            )
            if part == "*":
                present = node["additionalProperties"]
                node["additionalProperties"] = node = present if present else child
            else:
                node = node["properties"].setdefault(part, child)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "fte-alloc scenario",
        **root,
    }
