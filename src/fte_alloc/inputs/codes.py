"""Codes and names that people type: the one that is meant, or else the one nearest to it."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from fte_alloc.inputs.values import written_value
from fte_alloc.language import _
from fte_alloc.programme.data import FACILITATOR
from fte_alloc.programme.problem import Problem

#: Names of regions by their abbreviation.
SHORT_NAMES = {
    "paca": "Provence-Alpes-Côte d'Azur",
    "aura": "Auvergne-Rhône-Alpes",
    "bfc": "Bourgogne-Franche-Comté",
    "idf": "Île-de-France",
    "hdf": "Hauts-de-France",
    "cvl": "Centre-Val de Loire",
    "pdl": "Pays de la Loire",
}


@lru_cache(maxsize=1024)
def plain_name(text: str) -> str:
    """The text in lower case without accents, hyphens or apostrophes, to compare typed names."""
    stripped = unicodedata.normalize("NFD", text.replace("’", "'"))
    letters = (c for c in stripped if not unicodedata.combining(c))
    return re.sub(r"[\s'_-]+", " ", "".join(letters)).strip().casefold()


class Codes(dict[str, str]):
    """Names of the codes that a model has, by code.

    complete : whether all codes were read; if not, an unknown code may be right and is accepted
    """

    def __init__(self, names: Mapping[str, str], *, complete: bool) -> None:
        super().__init__(names)
        self.complete = complete
        self._meant: dict[str, set[str]] = {}
        for code, name in self.items():
            for spelling in filter(None, (plain_name(code), plain_name(name))):
                self._meant.setdefault(spelling, set()).add(code)

    def find(self, text: str) -> str | None:
        """The code given by code or name as people write it: PACA, 53 Bretagne, Île de france.

        Zeros at the head, which spreadsheets drop, may lack. None where no code or two are meant.
        """
        if code := self._spelt(text):
            return code
        spelt = plain_name(text)
        head = re.match(r"(\w{1,3})\s*[-–—:.]?\s+(?=\w)", text)
        tail = re.search(r"\s*\((\w{1,3})\)$", text)
        bare = re.sub(
            r"^(?:(?:region|departement|territoire|de|du|des|d|la|le|les|l) )+", "", spelt
        )
        tried = [("", bare), ("", f"la {spelt}")]
        tried += [(head[1], text[head.end() :])] if head else []
        tried += [(tail[1], text[: tail.start()])] if tail else []
        for beside, name in tried:
            if (code := self._spelt(name)) and self._spelt(beside) in (None, code):
                return code
        return None

    def _spelt(self, text: str) -> str | None:
        """The only code with this code, name or abbreviation."""
        spelt = plain_name(text)
        of_short = self._meant.get(plain_name(SHORT_NAMES.get(spelt, "")), set())
        meant = {text} if text in self else self._meant.get(spelt, of_short)
        if not meant and text.isdecimal():
            meant = {code for code in self if code.lstrip("0") == text.lstrip("0")}
        return next(iter(meant)) if len(meant) == 1 else None

    def hint(self, text: str) -> str:
        """Hint « ; did you mean 53 (Bretagne)? » for a text that means no code, or several."""
        meant = sorted(self._meant.get(plain_name(text), ()))
        if len(meant) > 1:
            what = _("; it may mean {codes}: give the code")
            return what.format(codes=", ".join(map(self.code_and_name, meant)))
        code = self.nearest(text)
        return name_suggestion(code and self.code_and_name(code))

    def nearest(self, text: str) -> str | None:
        """The code nearest to a text that means none: by the head of its name, else by likeness."""
        by_name = {name: code for code, name in self.items()}
        begun = [n for n in by_name if plain_name(n).startswith(f"{plain_name(text)} ")]
        like = None if text.isdecimal() else nearest_name(text, [*by_name, *self])
        name = begun[0] if len(begun) == 1 else like
        return by_name.get(name, name) if name else None

    def code_and_name(self, code: str) -> str:
        """A code with its name."""
        return code if self[code] == code else f"{code} ({self[code]})"


# -- suggestions -----------------------------------------------------------------------------------

#: Words of keys; a key with others of these is another thing, however like it is.
_OPPOSITES = re.compile(r"facilit|coordin|\b(?:max|min|least|most)\b")


def nearest_name(name: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The known name nearest to an unknown one, None where none is near."""
    words = {*_OPPOSITES.findall(plain_name(name))}
    by_plain = {plain_name(one): one for one in known}
    alike = [one for one in by_plain if {*_OPPOSITES.findall(one)} == words]
    close = difflib.get_close_matches(plain_name(name), alike, 1, likeness)
    return by_plain[close[0]] if close else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """« ; did you mean X? » for the nearest of the known names, or an empty text."""
    return name_suggestion(nearest_name(name, known))


def name_suggestion(name: str | None) -> str:
    """Suggestion « ; did you mean X? » for a name X; an empty text for None."""
    return _("; did you mean {name}?").format(name=name) if name else ""


def code_fault(text: str) -> str:
    """Text on what is wrong with a code; empty for a valid code."""
    what = _("code {code}: expected letters, digits, hyphens or underscores")
    return "" if re.fullmatch(r"[A-Za-z0-9_-]+", text) else what.format(code=written_value(text))


@dataclass(frozen=True)
class PostCodes:
    """Codes and names by which plans refer to territories and areas; the area of each territory."""

    territories: Codes
    areas: Codes
    area_of: Mapping[str, str]

    @classmethod
    def of(cls, problem: Problem) -> PostCodes:
        """The codes and names of a problem."""
        names = dict(zip(problem.territories, problem.territory_names, strict=True))
        areas = dict(zip(problem.areas, problem.area_names, strict=True))
        area_of = dict(zip(names, (problem.areas[a] for a in problem.area_of), strict=True))
        return cls(Codes(names, complete=True), Codes(areas, complete=True), area_of)

    def find(self, role: str, text: str, area: str = "") -> str | None:
        """Code of the place of a post: a facilitator's territory or a coordinator's area.

        text : the territory, or the area of a coordinator
        area : area of the post; an unknown one is ignored, unless there is no text

        None where no place, more than one place or two different ones are meant.
        """
        inside, code = self.areas.find(area) if area else None, self.territories.find(text)
        meant = [self.area_of[code]] if code else []
        if role == FACILITATOR:
            return code if inside in (None, *meant) else None
        named = self.areas.find(text) if text else inside
        meant = [named, *meant] if named else meant
        return inside if inside in meant else None if inside or not meant else meant[0]
