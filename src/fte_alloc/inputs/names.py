"""Names and codes as people type them: which is meant, and which is nearest to a wrong one."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping

from fte_alloc.language import _


def nearest(name: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The known name nearest to one that is not, None where none is near.

    A name in which a word stands for another, as coordinators for facilitators, is about another
    thing and not near.
    """
    by_plain = {plain(k): k for k in known if _same_thing(plain(name), plain(k))}
    close = difflib.get_close_matches(plain(name), by_plain, n=1, cutoff=likeness)
    return by_plain[close[0]] if close else None


def _same_thing(name: str, other: str) -> bool:
    """Whether all words of one of two names are in the other, but for slips of the finger."""

    def left_out(words_of: list[str], others: list[str]) -> bool:
        """Whether a word is not like any of the others, begins none and none begins it."""
        return any(
            not (w in "".join(others) or any(w.startswith(o) for o in others if len(o) > 2))
            and not difflib.get_close_matches(w, others, 1, 0.6)
            for w in words_of
        )

    each = [re.split(r"[ .]", text) for text in (name, other)]
    one, two = ([w for w in each[i] if w not in each[1 - i]] for i in range(2))
    return not (left_out(one, two) and left_out(two, one))


def closest(name: str, known: Iterable[str]) -> str:
    """« ; did you mean X? » for the nearest of the known names, or nothing."""
    return did_you_mean(nearest(name, known))


def did_you_mean(name: str | None) -> str:
    """« ; did you mean X? », or nothing where there is no X."""
    return _("; did you mean {name}?").format(name=name) if name else ""


def plain(text: str) -> str:
    """Lower case without accents, hyphens or apostrophes, so that names can be typed."""
    stripped = unicodedata.normalize("NFD", text.replace("’", "'"))
    letters = (c for c in stripped if not unicodedata.combining(c))
    return re.sub(r"[\s'_-]+", " ", "".join(letters)).strip().casefold()


class Codes:
    """Codes a model has, with their names.

    names : name of each code
    complete : whether all were read; where not, an unknown code may be right and is let pass
    """

    def __init__(self, names: Mapping[str, str], *, complete: bool) -> None:
        self.names, self.complete = dict(names), complete
        self._meant: dict[str, set[str]] = {}
        for code, name in self.names.items():
            for spelling in filter(None, (plain(code), plain(name))):
                self._meant.setdefault(spelling, set()).add(code)

    def __contains__(self, code: str) -> bool:
        return code in self.names

    def sorted(self) -> list[str]:
        """The codes in order."""
        return sorted(self.names)

    def find(self, text: str) -> str | None:
        """The code given by code or by name, in any case and accents optional.

        None for a text that means none of them, or more than one.
        """
        if text in self.names:
            return text
        meant = self._meant.get(plain(text), set())
        return next(iter(meant)) if len(meant) == 1 else None

    def hint(self, text: str) -> str:
        """« ; did you mean 53 (Bretagne)? » for a text that means no code, or more than one."""
        meant = sorted(self._meant.get(plain(text), ()))
        if len(meant) > 1:
            said = _("; it may mean {codes}: give the code")
            return said.format(codes=", ".join(map(self.shown, meant)))
        code = self.zero_dropped(text) or self._nearest(text)
        return did_you_mean(self.shown(code) if code else None)

    def zero_dropped(self, text: str) -> str | None:
        """The code from which a spreadsheet made this text by dropping zeros at its head."""
        bare = text.lstrip("0")
        known = [code for code in self.names if code != text and code.lstrip("0") == bare]
        return known[0] if text.isdecimal() and len(known) == 1 else None

    def shown(self, code: str) -> str:
        """A code with its name."""
        name = self.names[code]
        return code if name == code else f"{code} ({name})"

    def _nearest(self, text: str) -> str | None:
        """The code or name most like a text; of digits, that which differs in one of them."""
        if text.isdecimal() and text.isascii():
            close = [
                code
                for code in sorted(self.names)
                if code.isdecimal() and len(code) == len(text)
                if sum(a != b for a, b in zip(code, text, strict=True)) == 1
            ]
            return min(close, key=lambda code: abs(int(code) - int(text)), default=None)
        by_name = {name: code for code, name in self.names.items()}
        name = nearest(text, [*by_name, *self.names])
        return None if name is None else by_name.get(name, name)
