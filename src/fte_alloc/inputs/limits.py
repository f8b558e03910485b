"""The limits of a scenario: the built-in ones, by family, and the user's own, ``[limits.NAME]``."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from fte_alloc.errors import InputError
from fte_alloc.inputs.codes import did_you_mean
from fte_alloc.inputs.entries import Entry, Inputs, entry_origin, mistake_at
from fte_alloc.inputs.schema import LIMIT_AMOUNTS, LIMITS_BY_PLACE
from fte_alloc.inputs.typed_numbers import number_hint
from fte_alloc.inputs.values import show_value
from fte_alloc.language import _, localised
from fte_alloc.names import LIMIT_RESERVED
from fte_alloc.programme.data import COORDINATOR, FACILITATOR
from fte_alloc.programme.limits import (
    AT_LEAST,
    AT_MOST,
    NETWORK,
    NEW,
    OPENED,
    OWN,
    PARTNER,
    RATE,
    STATE,
    Limit,
)
from fte_alloc.programme.problem import Problem

# -- built-in limits, each set by an input of its own ----------------------------------------------


class Family(NamedTuple):
    """A family of built-in limits.

    role : role whose posts a limit counts in one place; None: both roles in the whole country;
        partners' money counts coordinators, too, where the territory is a whole area
    key : key of the input that sets the amount, with ``*`` for the code of a territory
    """

    quantity: str
    sense: str
    role: str | None
    key: str


#: Families by name, in the order of rows and of pages.
FAMILIES = {
    "cap": Family(NETWORK, AT_MOST, None, "posts.cap_fte"),
    "budget": Family(STATE, AT_MOST, None, "budget.state_eur_per_year"),
    "partners": Family(PARTNER, AT_MOST, FACILITATOR, "territories.*.partner_capacity_eur"),
    "growth": Family(OPENED, AT_MOST, FACILITATOR, "posts.facilitator.max_growth_fte"),
    "min_new": Family(NEW, AT_LEAST, FACILITATOR, "territories.*.min_new_facilitators_fte"),
    "max_new": Family(NEW, AT_MOST, FACILITATOR, "territories.*.max_new_facilitators_fte"),
    "coordinator_required": Family(
        NEW, AT_LEAST, COORDINATOR, "posts.coordinator.required_fte_where_none"
    ),
    "coordinator_max": Family(NEW, AT_MOST, COORDINATOR, "posts.coordinator.max_fte_per_area"),
    "least": Family(RATE, AT_LEAST, FACILITATOR, "territories.*.least_rate"),
}
_GROWTH_SHARE = "posts.facilitator.max_growth_share"


def family_limits(p: Problem, inputs: Inputs) -> Iterator[Limit]:
    """The built-in limits of a scenario, in the order of ``FAMILIES``, codes and years."""
    codes: dict[str | None, tuple[str | None, ...]]
    codes = {None: (None,), FACILITATOR: p.territories, COORDINATOR: p.areas}
    for name, family in FAMILIES.items():
        for j, code in enumerate(codes[family.role]):
            for year in p.years:
                limit = _limit(p, inputs, name, j, code, year)
                if limit is not None:
                    yield limit


def _limit(
    p: Problem, inputs: Inputs, name: str, j: int, code: str | None, year: int
) -> Limit | None:
    """Built-in limit of a place and year; None for an infinite maximum or a minimum of 0."""
    family = FAMILIES[name]
    of_place = f"limits.{name}.{code}"
    of_all = inputs.key_of(family.key.replace("*", code or ""), year)
    key = of_place if of_place in inputs.entries else of_all
    keys: tuple[str, ...] = (key,)
    per_key, amount = 1.0, inputs.value(key, math.inf if family.sense == AT_MOST else 0.0)
    everywhere = tuple(range(len(p.territories))), tuple(range(len(p.areas)))
    places = {None: everywhere, FACILITATOR: ((j,), ()), COORDINATOR: ((), (j,))}[family.role]
    if name == "partners" and p.alone_in_area[j]:
        places = (j,), (int(p.area_of[j]),)
    elif name == "growth" and key == family.key:
        keys = (_GROWTH_SHARE, key)
        if any(inputs.value(one) is not None for one in keys):
            share, fte = (inputs.value(one, 0.0) for one in keys)
            existing = float(p.existing_facilitators_fte[j])
            amount = share * existing + fte
            if share * existing > 0 and not fte:
                keys, per_key = (key, _GROWTH_SHARE), existing
    elif family.role == COORDINATOR:
        # Subtract one after the other: subtracting the sum may round differently.
        existing, committed = p.existing_coordinators_fte[j], p.committed_coordinators_fte[j]
        if family.sense == AT_LEAST:
            amount = 0.0 if existing + committed else amount
        else:
            has_any = "posts.coordinator.supports_fte" in inputs.entries
            per_key = float(not has_any or amount >= existing + committed)
            amount = float(max(0.0, (amount if has_any else 0.0) - existing - committed))
    quantity, sense = family.quantity, family.sense
    if not math.isfinite(amount) or (amount <= 0 and sense == AT_LEAST):
        return None
    return Limit(name, quantity, *places, year, sense, amount, code, keys=keys, per_key=per_key)


# -- limits of the user's own ----------------------------------------------------------------------

PLACES = ("territories", "areas", "area", "where")
_COMPARE = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
COLUMN = r"([A-Za-z_]\w*)\s*(>=|<=|>|<)"
_TERM = re.compile(rf"\s*{COLUMN}\s*(.*?)\s*")
_NUMBER = re.compile(r"[-+]?[0-9][0-9_]*(\.[0-9]+)?([eE][-+]?[0-9]+)?")


def own_limits(inputs: Inputs) -> dict[str, _OwnLimit]:
    """The user's own limits of a scenario, by name."""
    given: dict[str, dict[str, Entry]] = {}
    for key, entry in inputs.entries.items():
        if key.startswith(OWN):
            __, name, what = key.split(".", 2)
            given.setdefault(name, {})[what] = entry
    own = sorted(given.keys() - {*LIMITS_BY_PLACE})
    return {name: _OwnLimit(inputs, name, given[name]) for name in own}


class _OwnLimit:
    """A limit of the user's own.

    given : values by key below its name
    """

    def __init__(self, inputs: Inputs, name: str, given: Mapping[str, Entry]) -> None:
        self.inputs, self.name, self.head, self.given = inputs, name, OWN + name, given
        self.areas = sorted({*inputs.area_of.values()})

    def mistake(self, key: str, what: str, **parts: object) -> InputError:
        """An InputError about one key of the limit."""
        text = what.format(**parts) if parts else what
        return InputError([mistake_at(self.given[key].origin, f"{self.head}.{key}", text)])

    def of_years(self) -> list[Limit]:
        """One limit per year, none where the amount is ``"none"``. Raises InputError."""
        first, heads = next(iter(self.given)), {given.split(".")[0] for given in self.given}
        if self.name in FAMILIES:
            raise self.mistake(first, _(LIMIT_RESERVED), name=self.name)
        key, place = self._only(LIMIT_AMOUNTS, _("amount")), self._only(PLACES, _("kind of places"))
        if not heads & LIMIT_AMOUNTS.keys():
            raise self.mistake(first, _("no amount is given, such as at_most_fte = 2"))
        inside, role = self._inside(place), self.inputs.value(f"{self.head}.role")
        if key is None:
            return []
        sense, quantity = LIMIT_AMOUNTS[key]
        if quantity == RATE and role is not None:
            text = _("a rate counts contracts, not posts: leave role out")
            raise self.mistake("role", text)
        areas = () if quantity == RATE else self._areas(inside, place, role)
        codes = sorted(self.inputs.area_of)
        territories = () if role == COORDINATOR else tuple(map(codes.index, sorted(inside)))
        limits = []
        for year in self.inputs.years:
            of_year = self.inputs.key_of(f"{self.head}.{key}", year)
            value = self.inputs.value(of_year)
            if value is not None:
                where = self.head, quantity, territories, areas, year, sense
                is_share = key.endswith("_share")
                limit = Limit(*where, float(value), is_share=is_share, keys=(of_year,))
                limits.append(replace(limit, of_both=is_share and role is None))
        return limits

    def _only(self, keys: Container[str], kind: str) -> str | None:
        """The only one of some keys that has a value in any year, or None; raises for a second."""
        found = (k for k, entry in self.given.items() if entry.value is not None)
        there = [k for k in found if k.split(".")[0] in keys]
        first = there[0].split(".")[0] if there else None
        for second in there:
            if second.split(".")[0] != first:
                text = _(
                    "is a second {kind} beside {other} ({origin}); keep one, set the other to "
                    '"none"'
                )
                origin = entry_origin(self.given[there[0]].origin)
                raise self.mistake(second, text, kind=kind, other=first, origin=origin)
        return first

    # -- places --------------------------------------------------------------------------------

    def _inside(self, place: str | None) -> set[str]:
        """Codes of the territories among the places of the limit."""
        area_of = self.inputs.area_of
        if place is None:
            return {*area_of}
        value = self.inputs.value(f"{self.head}.{place}")
        if place == "where":
            return self._where(str(value))
        if place == "territories":
            return area_of.keys() & {*value}
        areas = [value] if place == "area" else value
        for area in areas:
            if area not in self.areas:
                hint, known = did_you_mean(area, self.areas), ", ".join(self.areas)
                text = _("no area {code}{hint}; known: {known}")
                raise self.mistake(place, text, code=area, hint=hint, known=known)
        return {code for code, of in area_of.items() if of in areas}

    def _areas(self, inside: set[str], place: str | None, role: str | None) -> tuple[int, ...]:
        """Indices of the areas whose territories are all among the places of the limit."""
        if role == FACILITATOR:
            return ()
        outside = {of for code, of in self.inputs.area_of.items() if code not in inside}
        parts = sorted({self.inputs.area_of[code] for code in inside} & outside)
        if role == COORDINATOR and parts:
            text = _(
                "a coordinator serves a whole area, and not all of {areas} is among these places"
            )
            raise self.mistake(place or "role", text, areas=", ".join(parts))
        return tuple(a for a, of in enumerate(self.areas) if of not in outside)

    def _where(self, text: str) -> set[str]:
        """Codes of territories that satisfy comparisons of columns, as ``qpv_share >= 0.12``."""
        numbers = (k for k, e in self.inputs.entries.items() if isinstance(e.value, int | float))
        columns = {key.split(".", 2)[2] for key in numbers if key.startswith("territories.")}
        inside = {*self.inputs.area_of}
        for term in re.split(r"\s+and\s+", text.strip()):
            match = _TERM.fullmatch(term)
            if match is None:
                what = _(
                    "{term}: expected a column, a comparison and a number, such as qpv_share >= "
                    "0.12; several with and"
                )
                raise self.mistake("where", what, term=show_value(term))
            column, sign, number = match.groups()
            if column not in columns:
                hint, known = did_you_mean(column, columns), ", ".join(sorted(columns))
                what = _("no column {column} with numbers{hint}; known: {known}")
                raise self.mistake("where", what, column=column, hint=hint, known=known)
            if not _NUMBER.fullmatch(number):
                what = _("is compared with {value}, expected a number") + number_hint(number)
                raise self.mistake("where", what, value=show_value(number))
            cells = self.inputs.column(column)
            inside &= {c for c, cell in cells.items() if _COMPARE[sign](cell, float(number))}
            if not inside:
                low, high = (localised(show_value(end(cells.values()))) for end in (min, max))
                what = _("picks no territory: {column} goes from {low} to {high}")
                raise self.mistake("where", what, column=column, low=low, high=high)
        return inside
