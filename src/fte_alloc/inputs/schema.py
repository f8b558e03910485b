"""Every input a model or scenario file may set: key, kind, unit, default, meaning.

The list ``PARAMETERS`` determines the allowed keys, their checks, the defaults, the arrays of a
problem, ``docs/inputs.md`` and the JSON Schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

from fte_alloc.inputs.codes import did_you_mean, name_suggestion, nearest_name
from fte_alloc.inputs.values import YEAR, KeyPath, written_key
from fte_alloc.language import _
from fte_alloc.programme.limits import AT_LEAST, AT_MOST, NEW

# -- parameters ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Parameter:
    """One input.

    key : dotted key; a ``*`` stands for a code
    pattern : parts of the key; a value by year has one part more, the year
    codes : the kind of code that each ``*`` stands for
    kind : a key of ``KINDS``
    unit : unit that a model must state; None for a value that is not a number
    default : value where the key is absent; ``REQUIRED`` where there is none; None: no such limit
    by_year : whether the value may be a table by year
    optional : whether ``"none"`` removes this limit
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
        """Number of parts of the key."""
        return len(self.pattern)

    def keys(self, codes: Mapping[str, Sequence[str]]) -> Iterator[str]:
        """Dotted keys of the input, one for every choice of *codes*, which are by kind."""
        template = self.key.replace("*", "{}")
        return (template.format(*chosen) for chosen in product(*(codes[of] for of in self.codes)))

    @property
    def words(self) -> str:
        """Meaning of the input in the language in force, without symbol and conditions."""
        return re.sub(r"^\S+, ", "", _(self.text).partition(";")[0].strip())


REQUIRED = object()

#: One block per table: name, kind, unit, default and meaning of every input. Braces contain the
#: kind of a code; ``or none`` and ``by year`` are further forms of a value, ``up to`` names an
#: input that the value must not exceed.
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
contracts_per_fte_factor | amount | 1 | 1 | factor on contracts per FTE for this kind of buyer

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
contracts_per_fte_factor | amount | 1 | 1 | factor on contracts per FTE in this territory
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
areas | codes | | | places of a limit of your own: areas, all of their \
territories
area | code | | | places of a limit of your own: one area
where | text | | | places of a limit of your own: a comparison of columns
role | role | | | role whose posts are counted; both where it is absent
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
    """A row of ``_TABLES`` as a ``Parameter``.

    key : with the names of codes in braces
    form : its kind, then ``or none``, ``by year`` and ``up to`` where they apply
    """
    kind = form.split()[0]
    value: Any = REQUIRED if default == "required" else default or None
    if value is default and kind not in ("text", "curve"):
        value = int(default) if kind == "draws" else float(default)
    pattern, codes = re.sub(r"\{\w+\}", "*", key), tuple(re.findall(r"\{(\w+)\}", key))
    path, ceiling = tuple(pattern.split(".")), re.search(r"up to (\w+)", form)
    forms = "by year" in form, "or none" in form, ceiling[1] if ceiling else None
    return Parameter(pattern, path, codes, kind, unit or None, text, value, *forms)


def _parameters() -> Iterator[Parameter]:
    table = ""
    for line in filter(None, _TABLES.splitlines()):
        if line.startswith("["):
            table = line.strip("[]") + "."
        else:
            name, form, unit, default, text = map(str.strip, line.split("|"))
            yield _parameter(table + name, form, unit, text, default)


PARAMETERS = tuple(_parameters())
#: Any other column of territories.csv: an indicator, which may have a weight.
INDICATOR = _parameter("territories.{territory}.{column}", "number", "", "an indicator column")

#: Sense and quantity by key of an amount; each of the user's own limits has one such key.
LIMIT_AMOUNTS = {
    key: (sense, NEW if what in ("fte", "share") else what)
    for key in (p.pattern[-1] for p in PARAMETERS if p.codes == ("limit",))
    for sense, what in re.findall(rf"({AT_LEAST}|{AT_MOST})_(\w+)", key)
}
#: Built-in limits that may differ by place.
LIMITS_BY_PLACE = tuple(
    p.pattern[1] for p in PARAMETERS if p.pattern[0] == "limits" and p.codes != ("limit",)
)
#: Columns of territories.csv that are inputs, with their units; any other is an indicator.
TERRITORY_COLUMNS = {p.pattern[2]: p.unit for p in PARAMETERS if p.pattern[0] == "territories"}
#: Keys by which a scenario names its model and its parent.
LINKS = ("model", "extends")

# -- keys ------------------------------------------------------------------------------------------


@lru_cache(maxsize=65536)
def _along(path: KeyPath) -> tuple[Parameter, ...]:
    """Parameters whose key begins with the path or is its beginning; ``*`` matches any part."""
    if not path:
        return PARAMETERS
    *before, last = path
    found = _along(tuple(before))
    return tuple(p for p in found if {*p.pattern[len(before) : len(path)]} <= {"*", last})


@lru_cache(maxsize=65536)
def find_parameter(path: KeyPath) -> Parameter | None:
    """Parameter whose key is the path, or the path without its year; None if there is none."""
    for parameter in _along(path):
        of_year = parameter.by_year and YEAR.fullmatch(path[-1])
        if parameter.depth == len(path) or (of_year and parameter.depth == len(path) - 1):
            return parameter
    return None


def is_table_path(path: KeyPath) -> bool:
    """Whether a path is that of a table: longer keys begin with it."""
    return any(parameter.depth > len(path) for parameter in _along(path))


@lru_cache(maxsize=65536)
def code_kind(path: KeyPath) -> str | None:
    """The kind of code in the last part of a path, such as ``area``; None for a key."""
    for parameter in _along(path):
        if parameter.depth >= len(path):
            before = parameter.pattern[: len(path) - 1].count("*")
            return parameter.codes[before] if parameter.pattern[len(path) - 1] == "*" else None
    return None


def keys_below(path: KeyPath) -> list[str]:
    """Keys of the values directly in a table; ``*`` stands for any code."""
    return [p.pattern[-1] for p in _along(path) if p.depth == len(path) + 1]


def sibling_keys(path: KeyPath) -> list[str]:
    """Keys of inputs that may replace the last part of a dotted key, such as ``posts.cap_fte``."""
    there = [key for p in _along(path[:-1]) for key in p.pattern[len(path) - 1 : len(path)]]
    more = ["stages", *LINKS] if len(path) == 1 else []
    return [key for key in there if key != "*"] + more


def key_suggestion(path: KeyPath, whole: KeyPath | None, more: Sequence[str] = ()) -> str:
    """Hint « ; did you mean X? » for an unknown key: a key of the same table or of another one.

    whole : the key of a ``--set``, of which the path is the beginning; None in a file
    more : further keys that are possible in the same table
    """
    known = [*sibling_keys(path), *more]
    longer = (key for key in known if key.startswith(path[-1]))
    beside = next(longer, None) or nearest_name(path[-1], known)
    if beside and whole in (None, path):
        return name_suggestion(written_key((*path[:-1], beside)) if whole else beside)
    return did_you_mean(written_key(whole or path), (p.key for p in PARAMETERS if "*" not in p.key))
