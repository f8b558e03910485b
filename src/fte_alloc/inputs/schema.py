"""Every input a model or scenario file may set: key, kind, unit, default, meaning.

``PARAMETERS`` is the one list from which the allowed keys, their checks, what is filled in where
nothing is said, the arrays of a problem, ``docs/inputs.md`` and the JSON Schema follow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

from fte_alloc.inputs.values import YEAR, KeyPath, closest, did_you_mean, nearest, written_key
from fte_alloc.language import _
from fte_alloc.programme.data import ROLES
from fte_alloc.programme.limits import AT_LEAST, AT_MOST, NEW

# -- parameters ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Parameter:
    """One input.

    key : where it is written; a ``*`` stands for a code
    pattern : the same, part by part; a value by year stands one deeper
    codes : what each ``*`` is a code of
    kind : a key of ``KINDS``
    unit : as a model must state it, in long form; None for what is not a number
    default : used where the key is absent; ``REQUIRED`` where there is none; None: no such limit
    by_year : may be a table by year
    optional : a limit that ``"none"`` removes
    ceiling : key of the same table whose value must not be lower
    """

    key: str
    pattern: KeyPath
    codes: tuple[str, ...]
    kind: str
    unit: str | None
    text: str
    default: Any = None
    by_year: bool = False
    optional: bool = False
    ceiling: str | None = None

    @property
    def depth(self) -> int:
        """Parts of the key."""
        return len(self.pattern)

    def keys(self, codes: Mapping[str, Sequence[str]]) -> Iterator[str]:
        """Its dotted key with every choice of codes.

        codes : by what they are codes of
        """
        template = self.key.replace("*", "{}")
        return (template.format(*chosen) for chosen in product(*(codes[of] for of in self.codes)))

    @property
    def words(self) -> str:
        """Its meaning in the language in force, without symbol and conditions."""
        return re.sub(r"^\S+, ", "", _(self.text).partition(";")[0].strip())


REQUIRED = object()

#: A table a block: name, kind, unit, default and meaning of every input. What stands in braces is
#: a code; ``or none`` and ``by year`` say what may be written in the place of one value, ``up to``
#: which other one is not to be exceeded.
_TABLES = """
title | text | | | what the file is about
title_fr | text | | | the same in French
territory | text | | region | what a row of territories.csv is
years | years | | required | years decided together, one after the other
reference_plan | text | | | posts file that the stage change is measured from

[posts]
cap_fte | amount or none by year | FTE | | N_t, most FTE in the whole network
step_fte | amount | FTE | 0 | new posts come in multiples of this; 0: any

[posts.facilitator]
cost_eur_per_fte | amount by year | EUR/(FTE.yr) | required | c, full cost of a facilitator
state_rate | rate by year | 1 | required | ρ, State's share of a facilitator's cost
state_ceiling_eur_per_fte | amount or none by year | EUR/(FTE.yr) | | κ, most the State pays for a \
facilitator
max_growth_share | amount or none | 1 | | new facilitators a year, as a share of those existing
max_growth_fte | amount or none | FTE | | new facilitators a year, beside a share of those existing
first_year_effectiveness | rate | 1 | 1 | η, effectiveness of a new post in its first year

[posts.coordinator]
cost_eur_per_fte | amount by year | EUR/(FTE.yr) | required | c, full cost of a coordinator
state_rate | rate by year | 1 | required | ρ, State's share of a coordinator's cost
state_ceiling_eur_per_fte | amount or none by year | EUR/(FTE.yr) | | κ, most the State pays for a \
coordinator
supports_fte | amount | FTE | 0 | m, facilitators one coordinator supports
step_fte | amount or none | FTE | | new coordinators come in multiples of this; none: of \
posts.step_fte
productivity_gain | amount | 1 | 0 | u, productivity a supported facilitator gains
required_fte_where_none | amount or none up to max_fte_per_area | FTE | | new coordinators an area \
without any must get
max_fte_per_area | amount or none | FTE | | most coordinators in an area

[budget]
state_eur_per_year | amount or none by year | EUR/yr | | B_t, most State money

[coverage]
curve | curve | | saturating | family of the coverage curves
contracts_per_fte | amount | contracts/(FTE.yr) | 0 | h, contracts per FTE; those that a first \
full-time facilitator adds a year; required unless curve is a table
demand_cv | amount | 1 | 0 | σ, relative standard deviation of the number of contracts
draws | draws | 1 | 9 | K, draws that stand for that uncertainty
target_rate | rate or none by year | 1 | | τ_t, coverage rate aimed at

[coverage.segments.{segment}]
name | text | | | the kind of buyer, in words
name_fr | text | | | the same in French
floor_rate | rate up to ceiling_rate | 1 | 0 | α_s, rate with no facilitator
ceiling_rate | rate | 1 | 1 | β_s, highest rate feasible
contracts_per_fte_factor | amount | 1 | 1 | factor of h for this kind of buyer

[weights]
segment.{segment} | amount | 1 | 1 | w_s, weight of a kind of buyer
territory.{territory} | amount | 1 | 1 | explicit weight of a territory
year.{year} | amount | 1 | 1 | δ_t, weight of a year
indicators.{column} | number | 1 | 0 | b_k, weight of an indicator; how much its column, \
a rate, raises a territory's weight

[territories.{territory}]
name | text | | | name of a territory
area | text | | | area a territory lies in; itself by default
area_name | text | | | name of that area, once for all its territories
population | amount | inhabitants | | population; needed where indicators weigh
existing_facilitators_fte | amount | FTE | 0 | e_i, facilitators in place
committed_facilitators_fte | amount | FTE | 0 | g_i, renewed facilitators
existing_coordinators_fte | amount | FTE | 0 | e^c, coordinators in place
committed_coordinators_fte | amount | FTE | 0 | g^c, renewed coordinators
min_new_facilitators_fte | amount or none up to max_new_facilitators_fte | FTE | | l_i, least new \
facilitators
max_new_facilitators_fte | amount or none | FTE | | L_i, most new facilitators
partner_capacity_eur | amount or none | EUR/yr | | P_i, the most partners can pay
least_rate | rate or none | 1 | | f_i, rate to be reached at least
contracts_per_fte_factor | amount | 1 | 1 | factor of h in this territory
facilitator_cost_eur_per_fte | cost or none | EUR/(FTE.yr) | | c here, instead of \
posts.facilitator.cost_eur_per_fte
facilitator_state_rate | rate or none | 1 | | ρ here, instead of posts.facilitator.state_rate
coordinator_cost_eur_per_fte | cost or none | EUR/(FTE.yr) | | c in its area, instead of \
posts.coordinator.cost_eur_per_fte; one for all its territories, given once or more
coordinator_state_rate | rate or none | 1 | | ρ in its area, instead of \
posts.coordinator.state_rate; one for all its territories, given once or more

[contracts.{territory}]
{segment} | amount by year | contracts/yr | required | n_ist, contracts of a year

[limits]
growth.{territory} | amount or none | FTE | | most new facilitators a year in a territory, instead \
of posts.facilitator.max_growth_share and max_growth_fte
coordinator_required.{area} | amount or none | FTE | | new coordinators an area without any must \
get, instead of posts.coordinator.required_fte_where_none
coordinator_max.{area} | amount or none | FTE | | most coordinators in an area, instead of \
posts.coordinator.max_fte_per_area

[limits.{limit}]
territories | codes | | | places of a limit of your own: territories
areas | codes | | | the same: areas, all of their territories
area | code | | | the same: one area
where | text | | | the same: a comparison of columns
role | role | | | whose posts it counts; both where it is absent
at_least_fte | amount or none by year | FTE | | least new posts in these places
at_least_opened_fte | amount or none by year | FTE | | least posts opened there in a year
at_least_network_fte | amount or none by year | FTE | | least posts there, those in place and \
renewed included
at_least_state_eur | amount or none by year | EUR/yr | | least State money for posts renewed and \
new there
at_least_partner_eur | amount or none by year | EUR/yr | | least money of partners for them
at_least_rate | rate or none by year | 1 | | least coverage rate of these places together
at_least_share | rate or none by year | 1 | | least share of all new posts that are there
at_most_fte | amount or none by year | FTE | | most new posts in these places
at_most_opened_fte | amount or none by year | FTE | | most posts opened there in a year
at_most_network_fte | amount or none by year | FTE | | most posts there, those in place and \
renewed included
at_most_state_eur | amount or none by year | EUR/yr | | most State money for posts renewed and \
new there
at_most_partner_eur | amount or none by year | EUR/yr | | most money of partners for them
at_most_share | rate or none by year | 1 | | most share of all new posts that are there
"""


def _parameter(key: str, form: str, unit: str, text: str, default: str = "") -> Parameter:
    """A row of the table as a parameter.

    key : with the names of codes in braces
    form : its kind, and what else may be said of it
    """
    kind = form.split()[0]
    value: Any = REQUIRED if default == "required" else default or None
    if value is default and kind not in ("text", "curve"):
        value = int(default) if kind == "draws" else float(default)
    pattern = re.sub(r"\{\w+\}", "*", key)
    ceiling = re.search(r"up to (\w+)", form)
    return Parameter(
        pattern,
        tuple(pattern.split(".")),
        tuple(re.findall(r"\{(\w+)\}", key)),
        kind,
        unit or None,
        text,
        value,
        by_year="by year" in form,
        optional="or none" in form,
        ceiling=ceiling[1] if ceiling else None,
    )


def _parameters() -> Iterator[Parameter]:
    """Every input, in the order of the tables."""
    table = ""
    for line in filter(None, _TABLES.splitlines()):
        if line.startswith("["):
            table = line.strip("[]") + "."
        else:
            name, form, unit, default, text = map(str.strip, line.split("|"))
            yield _parameter(table + name, form, unit, text, default)


PARAMETERS = tuple(_parameters())
#: A column of territories.csv that is none of the above: what a weight may look at.
INDICATOR = _parameter("territories.{territory}.{column}", "number", "", "an indicator column")

#: Amounts of a limit of the user's own, one of them a limit: sense and quantity by key.
LIMIT_AMOUNTS = {
    key: (sense, NEW if what in ("fte", "share") else what)
    for key in (p.pattern[-1] for p in PARAMETERS if p.codes == ("limit",))
    for sense, what in re.findall(rf"({AT_LEAST}|{AT_MOST})_(\w+)", key)
}
#: Built-in limits that may differ by place.
LIMITS_BY_PLACE = tuple(
    p.pattern[1] for p in PARAMETERS if p.pattern[0] == "limits" and p.codes != ("limit",)
)
#: Columns of territories.csv that mean something, with their units; any other is an indicator.
TERRITORY_COLUMNS = {p.pattern[2]: p.unit for p in PARAMETERS if p.pattern[0] == "territories"}
#: Keys that tie a scenario to its parent and its model.
LINKS = ("model", "extends")

# -- keys ------------------------------------------------------------------------------------------


@lru_cache(maxsize=65536)
def _along(path: KeyPath) -> tuple[Parameter, ...]:
    """The parameters whose key begins with the path, or the path with the key."""
    if not path:
        return PARAMETERS
    *before, last = path
    found = _along(tuple(before))
    return tuple(p for p in found if {*p.pattern[len(before) : len(path)]} <= {"*", last})


@lru_cache(maxsize=65536)
def find(path: KeyPath) -> Parameter | None:
    """The parameter a path of keys names; a path with a year names its parameter too."""
    for parameter in _along(path):
        of_year = parameter.by_year and YEAR.fullmatch(path[-1])
        if parameter.depth == len(path) or (of_year and parameter.depth == len(path) - 1):
            return parameter
    return None


def is_table(path: KeyPath) -> bool:
    """Whether other keys may stand below a path."""
    return any(parameter.depth > len(path) for parameter in _along(path))


@lru_cache(maxsize=65536)
def code_at(path: KeyPath) -> str | None:
    """What the last part of a path is a code of; None for a key."""
    for parameter in _along(path):
        if parameter.depth >= len(path):
            before = parameter.pattern[: len(path) - 1].count("*")
            return parameter.codes[before] if parameter.pattern[len(path) - 1] == "*" else None
    return None


def keys_below(path: KeyPath) -> list[str]:
    """What stands right below a table and is a value; ``*`` for any code."""
    return [p.pattern[-1] for p in _along(path) if p.depth == len(path) + 1]


def siblings(path: KeyPath) -> list[str]:
    """Keys that could stand in the place of the last of a path."""
    there = [key for p in _along(path[:-1]) for key in p.pattern[len(path) - 1 : len(path)]]
    more = ["stages", *LINKS] if len(path) == 1 else []
    return [key for key in there if key != "*"] + more


def suggestion(path: KeyPath, whole: KeyPath | None, more: Sequence[str] = ()) -> str:
    """« ; did you mean X? » for a key that is not known: beside it, or in another table.

    whole : the key of a ``--set``, of which the path is the beginning; None in a file
    more : further keys that could stand there
    """
    plain_keys = [p.key for p in PARAMETERS if "*" not in p.key]
    if whole and len(whole) > len(path) and (hint := closest(".".join(whole), plain_keys)):
        return hint
    known = [*siblings(path), *more]
    longer = (key for key in known if len(path[-1]) > 2 and key.startswith(path[-1]))
    beside = nearest(path[-1], known) or next(longer, None)
    if beside:
        return did_you_mean(written_key((*path[:-1], beside)) if whole else beside)
    roles = _roles(".".join(path))  # facilitators have limits that coordinators have not
    elsewhere = {key.rpartition(".")[2]: key for key in plain_keys if _roles(key) == roles}
    return did_you_mean(elsewhere.get(nearest(path[-1], elsewhere, 0.8) or ""))


def _roles(key: str) -> set[str]:
    """The roles a key is about, either where it names none."""
    return {role for role in ROLES if role in key} or set(ROLES)
