"""Limits of the user's own, ``[limits.NAME]``: which places, whose posts, how much."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fte_alloc import words
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
from fte_alloc.scenario.families import FAMILIES
from fte_alloc.scenario.inputs import Entry, shown_origin
from fte_alloc.scenario.names import closest, nearest
from fte_alloc.scenario.schema import LIMIT_AMOUNTS, LIMITS_BY_PLACE
from fte_alloc.scenario.written import show_value

#: Quantity of every ending of an amount's key; a share is one of new posts.
QUANTITIES = {
    "fte": NEW,
    "opened_fte": OPENED,
    "network_fte": NETWORK,
    "state_eur": STATE,
    "partner_eur": PARTNER,
    "rate": RATE,
    "share": NEW,
}
PLACES = ("territories", "areas", "area", "where")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_TERM = re.compile(r"\s*([A-Za-z_]\w*)\s*(>=|<=|>|<)\s*(.*?)\s*")
_NUMBER = re.compile(r"[-+]?[0-9][0-9_]*(\.[0-9]+)?([eE][-+]?[0-9]+)?")

#: Says what is wrong with a key, given as the parts after ``limits.NAME.``.
Wrong = Callable[[str, str], None]


@dataclass(frozen=True)
class Country:
    """What limits may name: territories with their areas, and the years.

    area_of : code of the area of each territory, by code of the territory
    """

    entries: Mapping[str, Entry]
    area_of: Mapping[str, str]
    years: Sequence[int]

    @property
    def territories(self) -> list[str]:
        """Codes of the territories, in order."""
        return sorted(self.area_of)

    @property
    def areas(self) -> list[str]:
        """Codes of the areas, in order."""
        return sorted(set(self.area_of.values()))


def own_limits(country: Country, wrong: Wrong, partial: Container[str] = ()) -> Iterator[Limit]:
    """The limits of a scenario's own, by name; what is wrong is told by its dotted key.

    partial : names of limits with a refused key; of these only the places are checked
    """
    named: dict[str, dict[str, Entry]] = {}
    for key, entry in country.entries.items():
        if key.startswith(OWN):
            _, name, what = key.split(".", 2)
            named.setdefault(name, {})[what] = entry
    for name in sorted(named.keys() & FAMILIES.keys() - {*LIMITS_BY_PLACE}):
        wrong(f"{OWN}{name}.{next(iter(named[name]))}", words.LIMIT_RESERVED.format(name=name))
    own = sorted(named.keys() - FAMILIES.keys())
    for name in own:
        reading = _Reading(country, name, named[name], own, wrong)
        if name in partial:
            reading.check_place()
        else:
            yield from reading.limits()


class _Reading:
    """One limit as its keys have it."""

    def __init__(
        self,
        country: Country,
        name: str,
        given: Mapping[str, Entry],
        names: Sequence[str],
        wrong: Wrong,
    ) -> None:
        self.country, self.name, self.given, self.names = country, name, given, names
        self._wrong, self._is_right = wrong, True

    def wrong(self, key: str, what: str) -> None:
        """Note a mistake."""
        self._is_right = False
        self._wrong(f"{OWN}{self.name}.{key}", what)

    def limits(self) -> list[Limit]:
        """A limit a year; none where something is wrong, or where its amount is ``"none"``."""
        amount = self._only(tuple(LIMIT_AMOUNTS), words.LIMIT_AMOUNTS)
        place = self._only(PLACES, words.LIMIT_PLACES)
        if (
            amount is None
            and self._is_right
            and not any(key.split(".")[0] in LIMIT_AMOUNTS for key in self.given)
        ):
            self.wrong(next(iter(self.given)), words.LIMIT_WITHOUT_AMOUNT)
        from_options = all(entry.origin.startswith("--set ") for entry in self.given.values())
        if place is None and from_options and self._is_right:
            others = [name for name in self.names if name != self.name]
            hint = closest(self.name, others)
            self.wrong(next(iter(self.given)), words.LIMIT_NEW_BY_SET.format(hint=hint))
        if not self._is_right or amount is None:
            return []
        inside = self._inside(place)
        role = self._value("role")
        sense = AT_LEAST if amount.startswith(AT_LEAST) else AT_MOST
        ending = amount.removeprefix(f"{sense}_")
        if ending == "rate" and role is not None:
            self.wrong("role", words.LIMIT_RATE_HAS_NO_ROLE)
        areas = self._areas(inside, place, role) if ending != "rate" else ()
        if not self._is_right:
            return []
        codes = self.country.territories
        territories = () if role == COORDINATOR else tuple(map(codes.index, sorted(inside)))
        found = []
        for year in self.country.years:
            key = f"{amount}.{year}" if f"{amount}.{year}" in self.given else amount
            value = self._value(key)
            if value is not None:
                found.append(
                    Limit(
                        OWN + self.name,
                        QUANTITIES[ending],
                        territories,
                        areas,
                        year,
                        sense,
                        float(value),
                        is_share=ending == "share",
                        keys=(f"{OWN}{self.name}.{key}",),
                    )
                )
        return found

    def _value(self, key: str) -> Any:
        entry = self.given.get(key)
        return None if entry is None else entry.value

    def _only(self, keys: Sequence[str], kind: str) -> str | None:
        """The one of some keys that has a value in any year; two are a mistake."""
        there: dict[str, Entry] = {}
        for key, entry in self.given.items():
            head = key.split(".")[0]
            if head in keys and entry.value is not None:
                there.setdefault(head, entry)
        if len(there) > 1:
            (first, entry), (second, _) = list(there.items())[:2]
            key = next(k for k in self.given if k.split(".")[0] == second)
            origin = shown_origin(entry.origin)
            self.wrong(key, words.LIMIT_TWO.format(kind=kind, other=first, origin=origin))
        return next(iter(there), None)

    # -- places --------------------------------------------------------------------------------

    def check_place(self) -> None:
        """Note the mistakes of the places alone."""
        self._inside(self._only(PLACES, words.LIMIT_PLACES))

    def _inside(self, place: str | None) -> set[str]:
        """Codes of the territories among the places."""
        everywhere = set(self.country.territories)
        if place is None:
            return everywhere
        value = self._value(place)
        if place == "where":
            return self._where(str(value))
        if place == "territories":
            return everywhere.intersection(value)
        inside: set[str] = set()
        for area in [value] if place == "area" else value:
            members = {code for code, of in self.country.area_of.items() if of == area}
            if not members:
                known = ", ".join(self.country.areas)
                hint = closest(area, self.country.areas)
                self.wrong(place, words.UNKNOWN_AREA.format(code=area, hint=hint, known=known))
            inside |= members
        return inside

    def _areas(self, inside: set[str], place: str | None, role: str | None) -> tuple[int, ...]:
        """Numbers of the areas all of whose territories are among the places."""
        if role == FACILITATOR:
            return ()
        outside = {of for code, of in self.country.area_of.items() if code not in inside}
        whole = [a for a, of in enumerate(self.country.areas) if of not in outside]
        touched = {self.country.area_of[code] for code in inside}
        parts = sorted(touched & outside)
        if role == COORDINATOR and parts:
            what = words.plural(words.LIMIT_PART_OF_AREA, len(parts))
            self.wrong(place or "role", what.format(areas=", ".join(parts)))
        return tuple(whole)

    def _where(self, text: str) -> set[str]:
        """Territories that comparisons of columns pick, such as ``qpv_share >= 0.12``."""
        entries, inside = self.country.entries, set(self.country.territories)
        columns = sorted(
            {
                parts[2]
                for key, entry in entries.items()
                if key.startswith("territories.")
                and len(parts := key.split(".")) == 3
                and isinstance(entry.value, int | float)
            }
        )
        ranges = []
        for term in re.split(r"\s+and\s+", text.strip()):
            match = _TERM.fullmatch(term)
            if match is None:
                self.wrong("where", words.WHERE_EXPECTED.format(term=show_value(term)))
                return set()
            column, sign, number = match.groups()
            if column not in columns:
                name, known = nearest(column, columns), ", ".join(columns)
                hint = words.DID_YOU_MEAN.format(name=name) if name else ""
                what = words.WHERE_UNKNOWN_COLUMN.format(column=column, hint=hint, known=known)
                self.wrong("where", what)
                return set()
            if not _NUMBER.fullmatch(number):
                self.wrong("where", _number_expected(number))
                return set()
            values = {
                code: entry.value
                for code in self.country.territories
                if (entry := entries.get(f"territories.{code}.{column}")) is not None
                and isinstance(entry.value, int | float)
            }
            inside &= {c for c, v in values.items() if _COMPARE[sign](v, float(number))}
            low, high = (
                show_value(float(end)) for end in (min(values.values()), max(values.values()))
            )
            ranges.append(words.WHERE_RANGE.format(column=column, low=low, high=high))
        if not inside:
            self.wrong("where", words.WHERE_NOBODY.format(ranges=words.AND.join(ranges)))
        return inside


def _number_expected(text: str) -> str:
    """That a number is expected in a comparison; 12 % is written 0.12, 0,12 as 0.12."""
    plain = text.replace(",", ".").replace("%", "").strip()
    hint = ""
    if _NUMBER.fullmatch(plain):
        number = float(plain) / (100.0 if "%" in text else 1.0)
        hint = words.WRITE_NUMBER.format(number=f"{number:g}")
    return words.WHERE_NUMBER_EXPECTED.format(value=show_value(text)) + hint


def blank_cells(country: Country) -> Iterator[tuple[str, str, int]]:
    """(key, column, how many territories have no value) of every ``where`` with blank cells."""
    for key, entry in country.entries.items():
        if key.startswith(OWN) and key.endswith(".where") and entry.value:
            for column in re.findall(r"([A-Za-z_]\w*)\s*(?:>=|<=|>|<)", entry.value):
                blank = sum(
                    country.entries.get(f"territories.{code}.{column}") is None
                    for code in country.territories
                )
                if blank:
                    yield key, column, blank
