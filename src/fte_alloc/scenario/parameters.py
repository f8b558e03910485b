"""Every input a model or scenario file may set: key, kind, unit, default, meaning.

``PARAMETERS`` is the one list from which the allowed keys, their checks, ``docs/inputs.md`` and the
JSON Schema follow. A ``*`` in a key stands for a code: a segment, a territory, a column.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Parameter:
    """One input.

    key : where it is written; a ``*`` stands for a code
    kind : a key of ``schema.KINDS``
    unit : as a model must state it; None for what is not a number
    default : used where the key is absent; ``REQUIRED`` where there is none; None: no such limit
    by_year : may be a table by year
    optional : a limit that ``"none"`` removes
    """

    key: str
    kind: str
    unit: str | None
    text: str
    default: Any = None
    by_year: bool = False
    optional: bool = False

    @cached_property
    def pattern(self) -> tuple[str, ...]:
        """The key, part by part."""
        return tuple(self.key.split("."))

    @property
    def depth(self) -> int:
        """Parts of the key; a value by year stands one deeper."""
        return len(self.pattern)

    @property
    def is_quantity(self) -> bool:
        """Whether a model writes it in long form, with unit and status."""
        return self.unit is not None


REQUIRED = object()
_COST = "EUR/(FTE.yr)"

#: Built-in limits that may differ by place: the input for all places, and what a place may set.
LIMITS_BY_PLACE = {
    "growth": (
        "posts.facilitator.max_growth_share and max_growth_fte",
        "most new facilitators a year in a territory",
    ),
    "coordinator_required": (
        "posts.coordinator.required_fte_where_none",
        "new coordinators an area without any must get",
    ),
    "coordinator_max": ("posts.coordinator.max_fte_per_area", "most coordinators in an area"),
}
#: Amounts of a limit of the user's own, with their unit: one of them a limit.
LIMIT_AMOUNTS = {
    f"{sense}_{ending}": (unit, f"{word} {text}")
    for sense, word in (("at_least", "least"), ("at_most", "most"))
    for ending, unit, text in (
        ("fte", "FTE", "new posts in these places"),
        ("opened_fte", "FTE", "posts opened there in a year"),
        ("network_fte", "FTE", "posts there, those in place and renewed included"),
        ("state_eur", "EUR/yr", "State money for posts renewed and new there"),
        ("partner_eur", "EUR/yr", "money of partners for them"),
        ("rate", "1", "coverage rate of these places together"),
        ("share", "1", "share of all new posts that are there"),
    )
    if (sense, ending) != ("at_most", "rate")
}

PARAMETERS: tuple[Parameter, ...] = (
    Parameter("title", "text", None, "what the file is about"),
    Parameter("title_fr", "text", None, "the same in French"),
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
        "h, contracts a first full-time facilitator adds a year; required unless curve is a table",
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
    Parameter("coverage.segments.*.name_fr", "text", None, "the same in French"),
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
    Parameter(
        "territories.*.population",
        "amount",
        "inhabitants",
        "inhabitants; needed where indicators weigh",
    ),
    Parameter("territories.*.existing_facilitators_fte", "amount", "FTE", "e_i", 0.0),
    Parameter("territories.*.committed_facilitators_fte", "amount", "FTE", "g_i", 0.0),
    Parameter("territories.*.existing_coordinators_fte", "amount", "FTE", "e^c", 0.0),
    Parameter("territories.*.committed_coordinators_fte", "amount", "FTE", "g^c", 0.0),
    Parameter("territories.*.min_new_facilitators_fte", "amount", "FTE", "l_i", optional=True),
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
    *(
        Parameter(
            f"limits.{family}.*",
            "amount",
            "FTE",
            f"{text}, instead of {key}",
            optional=True,
        )
        for family, (key, text) in LIMITS_BY_PLACE.items()
    ),
    Parameter("limits.*.territories", "codes", None, "places of a limit of your own: territories"),
    Parameter("limits.*.areas", "codes", None, "the same: areas, all of their territories"),
    Parameter("limits.*.area", "code", None, "the same: one area"),
    Parameter("limits.*.where", "text", None, "the same: a comparison of columns"),
    Parameter("limits.*.role", "role", None, "whose posts it counts; both where it is absent"),
    *(
        Parameter(
            f"limits.*.{key}",
            "rate" if unit == "1" else "amount",
            unit,
            text,
            by_year=True,
            optional=True,
        )
        for key, (unit, text) in LIMIT_AMOUNTS.items()
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

#: A column of territories.csv that is none of the above: what a weight may look at.
INDICATOR = Parameter("territories.*.*", "number", None, "an indicator column")
