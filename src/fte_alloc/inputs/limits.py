"""The limits of a scenario: the built-in ones, by family, and the user's own, ``[limits.NAME]``."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from fte_alloc.errors import mistaken
from fte_alloc.inputs.codes import did_you_mean
from fte_alloc.inputs.entries import Entry, Inputs, entry_origin
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
    """The built-in limits of a scenario by family, code and year; absent ones are left out.

    p : the problem without limits
    """
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
    """One limit; None where its amount is infinite, or 0 for a floor."""
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
            amount = float(share * p.existing_facilitators_fte[j] + fte)
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


def limit_sense(row: Mapping[str, Any]) -> str:
    """Sense of the limit of a saved price; in version 0.1, it follows from the limit's family."""
    return str(row.get("sense") or FAMILIES[row["constraint"]].sense)


# -- limits of the user's own ----------------------------------------------------------------------

PLACES = ("territories", "areas", "area", "where")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
COLUMN = r"([A-Za-z_]\w*)\s*(>=|<=|>|<)"
_TERM = re.compile(rf"\s*{COLUMN}\s*(.*?)\s*")
_NUMBER = re.compile(r"[-+]?[0-9][0-9_]*(\.[0-9]+)?([eE][-+]?[0-9]+)?")

#: Function that notes a mistake, given a dotted key and a text.
Wrong = Callable[[str, str], None]


def _refuse(key: str, what: str) -> None:
    raise mistaken("", f"{key}: {what}")


def own_limits(
    inputs: Inputs, wrong: Wrong = _refuse, partial: Container[str] = ()
) -> Iterator[Limit]:
    """The user's own limits of a scenario, by name.

    wrong : function that notes a mistake; by default it is raised as InputError
    partial : names of limits with a refused key; of these only the places are checked
    """
    named: dict[str, dict[str, Entry]] = {}
    for key, entry in inputs.entries.items():
        if key.startswith(OWN):
            __, name, what = key.split(".", 2)
            named.setdefault(name, {})[what] = entry
    for name in sorted(named.keys() & FAMILIES.keys() - {*LIMITS_BY_PLACE}):
        wrong(f"{OWN}{name}.{next(iter(named[name]))}", _(LIMIT_RESERVED).format(name=name))
    own = sorted(named.keys() - FAMILIES.keys())
    for name in own:
        reading = _LimitReading(inputs, name, named[name], wrong)
        if name in partial:
            reading.inside(reading.only(PLACES, _("kind of places")))
        else:
            yield from reading.limits([other for other in own if other != name])


class _LimitReading:
    """Reader of one of the user's own limits from its keys."""

    def __init__(self, inputs: Inputs, name: str, given: Mapping[str, Entry], wrong: Wrong) -> None:
        self.inputs, self.name, self.head, self.given = inputs, name, OWN + name, given
        self.areas = sorted({*inputs.area_of.values()})
        self._wrong, self._is_right = wrong, True

    def wrong(self, key: str, what: str, **parts: object) -> None:
        self._is_right = False
        self._wrong(f"{self.head}.{key}", what.format(**parts) if parts else what)

    def limits(self, others: Iterable[str]) -> Iterator[Limit]:
        """One limit per year; none where a key is wrong, or where the amount is ``"none"``.

        others : names of all other limits of the user's own
        """
        key, place = self.only(LIMIT_AMOUNTS, _("amount")), self.only(PLACES, _("kind of places"))
        first, heads = next(iter(self.given)), {given.split(".")[0] for given in self.given}
        if key is None and self._is_right and not heads & LIMIT_AMOUNTS.keys():
            self.wrong(first, _("no amount is given, such as at_most_fte = 2"))
        from_options = all(entry.origin.startswith("--set ") for entry in self.given.values())
        if place is None and from_options and self._is_right:
            text = _(
                "there is no such limit{hint}; a new one also needs territories, areas, area or "
                "where"
            )
            self.wrong(first, text, hint=did_you_mean(self.name, others))
        if not self._is_right or key is None:
            return
        (sense, quantity), inside = LIMIT_AMOUNTS[key], self.inside(place)
        role, is_share = self.inputs.value(f"{self.head}.role"), key.endswith("_share")
        if quantity == RATE and role is not None:
            self.wrong("role", _("a rate counts contracts, not posts: leave role out"))
        areas = () if quantity == RATE else self._areas(inside, place, role)
        if not self._is_right:
            return
        codes = sorted(self.inputs.area_of)
        territories = () if role == COORDINATOR else tuple(map(codes.index, sorted(inside)))
        for year in self.inputs.years:
            of_year = self.inputs.key_of(f"{self.head}.{key}", year)
            value = self.inputs.value(of_year)
            if value is not None:
                where = self.head, quantity, territories, areas, year, sense
                yield Limit(*where, float(value), is_share=is_share, keys=(of_year,))

    def only(self, keys: Container[str], kind: str) -> str | None:
        """The first of some keys that has a value in any year; a second key is a mistake."""
        there: dict[str, str] = {}
        for key, entry in self.given.items():
            head = key.split(".")[0]
            if head in keys and entry.value is not None:
                there.setdefault(head, entry_origin(entry.origin))
        first, *others = there or [None]
        if others:
            text = _(
                'is a second {kind} beside {other} ({origin}); keep one, set the other to "none"'
            )
            second = next(k for k in self.given if k.split(".")[0] == others[0])
            self.wrong(second, text, kind=kind, other=first, origin=there[str(first)])
        return first

    # -- places --------------------------------------------------------------------------------

    def inside(self, place: str | None) -> set[str]:
        """Codes of the territories among the places of the limit; mistakes in them are noted."""
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
                self.wrong(place, text, code=area, hint=hint, known=known)
        return {code for code, of in area_of.items() if of in areas}

    def _areas(self, inside: set[str], place: str | None, role: str | None) -> tuple[int, ...]:
        """Numbers of the areas whose territories are all among the places."""
        if role == FACILITATOR:
            return ()
        outside = {of for code, of in self.inputs.area_of.items() if code not in inside}
        parts = sorted({self.inputs.area_of[code] for code in inside} & outside)
        if role == COORDINATOR and parts:
            text = _(
                "a coordinator serves a whole area, and not all of {areas} is among these places"
            )
            self.wrong(place or "role", text, areas=", ".join(parts))
        return tuple(a for a, of in enumerate(self.areas) if of not in outside)

    def _where(self, text: str) -> set[str]:
        """Codes of territories that satisfy comparisons of columns, as ``qpv_share >= 0.12``."""
        columns = {
            key.split(".", 2)[2]
            for key, entry in self.inputs.entries.items()
            if key.startswith("territories.") and isinstance(entry.value, int | float)
        }
        inside, ranges = {*self.inputs.area_of}, []
        for term in re.split(r"\s+and\s+", text.strip()):
            match = _TERM.fullmatch(term)
            column, sign, number = match.groups() if match else ("", "", "")
            if match is None:
                what = _(
                    "{term}: expected a column, a comparison and a number, such as qpv_share >= "
                    "0.12; several with and"
                )
                self.wrong("where", what, term=show_value(term))
            elif column not in columns:
                hint, known = did_you_mean(column, columns), ", ".join(sorted(columns))
                what = _("no column {column} with numbers{hint}; known: {known}")
                self.wrong("where", what, column=column, hint=hint, known=known)
            elif not _NUMBER.fullmatch(number):
                what = _("is compared with {value}, expected a number") + number_hint(number)
                self.wrong("where", what, value=show_value(number))
            else:
                values = self.inputs.column(column)
                inside &= {c for c, v in values.items() if _COMPARE[sign](v, float(number))}
                ends = (float(end(values.values())) for end in (min, max))
                low, high = (localised(show_value(value)) for value in ends)
                what = _("{column} goes from {low} to {high}")
                ranges.append(what.format(column=column, low=low, high=high))
                continue
            return set()
        if not inside:
            what = _("picks no territory: {ranges}")
            self.wrong("where", what, ranges=_(" and ").join(ranges))
        return inside
