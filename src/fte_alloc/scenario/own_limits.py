"""Limits of the user's own, ``[limits.NAME]``: which places, whose posts, how much."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any

from fte_alloc import words
from fte_alloc.programme.data import COORDINATOR, FACILITATOR
from fte_alloc.programme.limits import OWN, RATE, Limit
from fte_alloc.scenario.families import FAMILIES
from fte_alloc.scenario.inputs import Entry, Inputs, shown_origin
from fte_alloc.scenario.names import closest
from fte_alloc.scenario.schema import LIMIT_AMOUNTS, LIMITS_BY_PLACE
from fte_alloc.scenario.written import show_value

PLACES = ("territories", "areas", "area", "where")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_COLUMN = r"([A-Za-z_]\w*)\s*(>=|<=|>|<)"
_TERM = re.compile(rf"\s*{_COLUMN}\s*(.*?)\s*")
_NUMBER = re.compile(r"[-+]?[0-9][0-9_]*(\.[0-9]+)?([eE][-+]?[0-9]+)?")

#: Says what is wrong with a dotted key.
Wrong = Callable[[str, str], None]


def own_limits(inputs: Inputs, wrong: Wrong, partial: Container[str] = ()) -> Iterator[Limit]:
    """The limits of a scenario's own, by name; what is wrong is told by its dotted key.

    partial : names of limits with a refused key; of these only the places are checked
    """
    named: dict[str, dict[str, Entry]] = {}
    for key, entry in inputs.entries.items():
        if key.startswith(OWN):
            _, name, what = key.split(".", 2)
            named.setdefault(name, {})[what] = entry
    for name in sorted(named.keys() & FAMILIES.keys() - {*LIMITS_BY_PLACE}):
        wrong(f"{OWN}{name}.{next(iter(named[name]))}", words.LIMIT_RESERVED.format(name=name))
    own = sorted(named.keys() - FAMILIES.keys())
    for name in own:
        reading = _Reading(inputs, name, named[name], wrong)
        if name in partial:
            reading.check_place()
        else:
            yield from reading.limits(own)


class _Reading:
    """One limit as its keys have it."""

    def __init__(self, inputs: Inputs, name: str, given: Mapping[str, Entry], wrong: Wrong) -> None:
        self.inputs, self.head, self.given = inputs, OWN + name, given
        self.everywhere = inputs.area_of.keys()
        self.areas = sorted({*inputs.area_of.values()})
        self._wrong, self._is_right = wrong, True

    def wrong(self, key: str, what: str) -> None:
        """Note a mistake."""
        self._is_right = False
        self._wrong(f"{self.head}.{key}", what)

    def limits(self, names: Sequence[str]) -> Iterator[Limit]:
        """A limit a year; none where something is wrong, or where its amount is ``"none"``.

        names : of all limits of the user's own
        """
        key = self._only(tuple(LIMIT_AMOUNTS), words.LIMIT_AMOUNTS)
        place = self._only(PLACES, words.LIMIT_PLACES)
        first, heads = next(iter(self.given)), {given.split(".")[0] for given in self.given}
        if key is None and self._is_right and not heads & LIMIT_AMOUNTS.keys():
            self.wrong(first, words.LIMIT_WITHOUT_AMOUNT)
        from_options = all(entry.origin.startswith("--set ") for entry in self.given.values())
        if place is None and from_options and self._is_right:
            name = self.head.removeprefix(OWN)
            hint = closest(name, [other for other in names if other != name])
            self.wrong(first, words.LIMIT_NEW_BY_SET.format(hint=hint))
        if not self._is_right or key is None:
            return
        amount, inside, role = LIMIT_AMOUNTS[key], self._inside(place), self._value("role")
        if amount.quantity == RATE:
            areas: tuple[int, ...] = ()
            if role is not None:
                self.wrong("role", words.LIMIT_RATE_HAS_NO_ROLE)
        else:
            areas = self._areas(inside, place, role)
        if not self._is_right:
            return
        codes = sorted(self.everywhere)
        territories = () if role == COORDINATOR else tuple(map(codes.index, sorted(inside)))
        for year in self.inputs.years:
            of_year = self.inputs.key_of(f"{self.head}.{key}", year)
            value = self.inputs.value(of_year)
            if value is not None:
                yield Limit(
                    self.head,
                    amount.quantity,
                    territories,
                    areas,
                    year,
                    amount.sense,
                    float(value),
                    is_share=amount.is_share,
                    keys=(of_year,),
                )

    def _value(self, key: str) -> Any:
        return self.inputs.value(f"{self.head}.{key}")

    def _only(self, keys: Sequence[str], kind: str) -> str | None:
        """The one of some keys that has a value in any year; two are a mistake."""
        there: dict[str, str] = {}
        for key, entry in self.given.items():
            head = key.split(".")[0]
            if head in keys and entry.value is not None:
                there.setdefault(head, shown_origin(entry.origin))
        if len(there) > 1:
            (first, origin), (second, _) = list(there.items())[:2]
            key = next(k for k in self.given if k.split(".")[0] == second)
            self.wrong(key, words.LIMIT_TWO.format(kind=kind, other=first, origin=origin))
        return next(iter(there), None)

    # -- places --------------------------------------------------------------------------------

    def check_place(self) -> None:
        """Note the mistakes of the places alone."""
        self._inside(self._only(PLACES, words.LIMIT_PLACES))

    def _inside(self, place: str | None) -> set[str]:
        """Codes of the territories among the places."""
        if place is None:
            return {*self.everywhere}
        value = self._value(place)
        if place == "where":
            return self._where(str(value))
        if place == "territories":
            return self.everywhere & {*value}
        areas = [value] if place == "area" else value
        for area in areas:
            if area not in self.areas:
                hint, known = closest(area, self.areas), ", ".join(self.areas)
                self.wrong(place, words.UNKNOWN_AREA.format(code=area, hint=hint, known=known))
        return {code for code, of in self.inputs.area_of.items() if of in areas}

    def _areas(self, inside: set[str], place: str | None, role: str | None) -> tuple[int, ...]:
        """Numbers of the areas all of whose territories are among the places."""
        if role == FACILITATOR:
            return ()
        outside = {of for code, of in self.inputs.area_of.items() if code not in inside}
        parts = sorted({self.inputs.area_of[code] for code in inside} & outside)
        if role == COORDINATOR and parts:
            what = words.plural(words.LIMIT_PART_OF_AREA, len(parts))
            self.wrong(place or "role", what.format(areas=", ".join(parts)))
        return tuple(a for a, of in enumerate(self.areas) if of not in outside)

    def _where(self, text: str) -> set[str]:
        """Territories that comparisons of columns pick, such as ``qpv_share >= 0.12``."""
        columns: dict[str, dict[str, float]] = {}
        for key, entry in self.inputs.entries.items():
            if key.startswith("territories.") and isinstance(entry.value, int | float):
                _, code, column = key.split(".", 2)
                columns.setdefault(column, {})[code] = entry.value
        inside, ranges = {*self.everywhere}, []
        for term in re.split(r"\s+and\s+", text.strip()):
            match = _TERM.fullmatch(term)
            column, sign, number = match.groups() if match else ("", "", "")
            what = ""
            if match is None:
                what = words.WHERE_EXPECTED.format(term=show_value(term))
            elif column not in columns:
                hint, known = closest(column, columns), ", ".join(sorted(columns))
                what = words.WHERE_UNKNOWN_COLUMN.format(column=column, hint=hint, known=known)
            elif not _NUMBER.fullmatch(number):
                what = _number_expected(number)
            if what:
                self.wrong("where", what)
                return set()
            values = columns[column]
            inside &= {c for c, v in values.items() if _COMPARE[sign](v, float(number))}
            low, high = (show_value(float(end(values.values()))) for end in (min, max))
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


def blank_cells(inputs: Inputs) -> Iterator[tuple[str, str, int]]:
    """(key, column, how many territories have no value) of every ``where`` with blank cells."""
    for key, entry in inputs.entries.items():
        if key.startswith(OWN) and key.endswith(".where") and entry.value:
            for column, _ in re.findall(_COLUMN, entry.value):
                cells = (f"territories.{code}.{column}" for code in inputs.area_of)
                if blank := sum(cell not in inputs.entries for cell in cells):
                    yield key, column, blank
