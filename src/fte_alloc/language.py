"""The language in force: English, or French from the catalogue.

Nothing of a catalogue is read while the language is English.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from gettext import GNUTranslations

ENGLISH, FRENCH = "en", "fr"
LANGUAGES = (FRENCH, ENGLISH)
#: Name of the catalogue, and the folder with one folder a language.
DOMAIN = "fte_alloc"
FOLDER = os.path.join(os.path.dirname(__file__), "locale")

#: French marks in the place of the comma and the point: a narrow no-break space, a comma.
_FRENCH_MARKS = str.maketrans(",.", "\u202f,")
#: What parts a context from its text, as in any catalogue.
_CONTEXT = "\x04"
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_spoken: ContextVar[str] = ContextVar("language")
_usual = ENGLISH
_Made = TypeVar("_Made")


def use_language(language: str) -> None:
    """Speak a language from now on: in tables, pages, warnings and errors.

    language : ``"fr"`` or ``"en"``

    Raises ValueError for any other.
    """
    global _usual
    if language not in LANGUAGES:
        raise ValueError(f"unknown language {language!r}; known: {', '.join(LANGUAGES)}")
    _usual = language


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language inside a block, whatever is spoken around it."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def in_force() -> str:
    """The language spoken here and now."""
    return _spoken.get(_usual)


def in_english(made: _Made, make: Callable[[], _Made]) -> _Made:
    """What was made, in English as all data are: made again where another language is spoken."""
    if in_force() == ENGLISH:
        return made
    with speaking(ENGLISH):
        return make()


def localised(text: str) -> str:
    """A number written in English, with the marks of the language: 57,536.4, 57 536,4."""
    if in_force() == ENGLISH:
        return text
    return _NUMBER.sub(lambda number: number[0].translate(_FRENCH_MARKS), text)


def telling(value: float, difference: float, digits: int) -> str:
    """A number to so many digits after the point, or to two of a difference that is smaller."""
    if difference:
        digits = max(digits, 1 - math.floor(math.log10(abs(difference))))
    text = f"{value:,.{digits}f}"
    return localised((text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−"))


def of_environment(environment: Mapping[str, str]) -> str:
    """The language that LC_ALL, LC_MESSAGES, LANG and LANGUAGE ask for, as gettext reads them.

    LANGUAGE is a list, the first known one counts; a locale C switches it off.
    """
    locale = next(
        (value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := environment.get(name))),
        "",
    )
    if locale in ("C", "POSIX"):
        return ENGLISH
    wanted = (environment.get("LANGUAGE") or locale).split(":")
    codes = (name.replace("-", "_").partition("_")[0].partition(".")[0].lower() for name in wanted)
    return next((code for code in codes if code in LANGUAGES), ENGLISH)


def _(text: str) -> str:
    """A text in the language in force; the same where the catalogue does not have it.

    text : English, or what ``NC_`` makes of it
    """
    spoken = in_force()
    said = _catalogue(spoken).gettext(text) if text and spoken != ENGLISH else text
    return said.rpartition(_CONTEXT)[2]


def pgettext(context: str, text: str) -> str:
    """A text where the same English says two things: ``context`` tells which."""
    return _(NC_(context, text))


def ngettext(one: str, several: str, count: float) -> str:
    """The form for a number of things. French says 0 and 1.9 as it says 1."""
    if in_force() == ENGLISH:
        return one if count == 1 else several
    return _catalogue(in_force()).ngettext(one, several, int(abs(count)))


def N_(text: str) -> str:  # noqa: N802
    """Mark a text for the catalogue; ``_`` translates it when it is used."""
    return text


def NC_(context: str, text: str) -> str:  # noqa: N802
    """Mark a text with its context; ``_`` translates it when it is used."""
    return f"{context}{_CONTEXT}{text}"


def NN_(one: str, several: str) -> tuple[str, str]:  # noqa: N802
    """Mark two forms of a text; ``ngettext`` translates them when they are used."""
    return one, several


def C_(heading: str, meaning: str) -> tuple[str, str]:  # noqa: N802
    """Mark the heading and the meaning of a column, two texts."""
    return heading, meaning


@cache
def _catalogue(language: str) -> GNUTranslations:
    import gettext

    found = gettext.translation(DOMAIN, FOLDER, [language])
    assert isinstance(found, gettext.GNUTranslations)
    return found
