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


def translated(text: str, context: str = "") -> str:
    """A text in the language in force; the same where the catalogue does not have it.

    context : what the text is, where the same English says two things
    """
    language = in_force()
    return text if language == ENGLISH or not text else _catalogue(language).pgettext(context, text)


@cache
def _catalogue(language: str) -> GNUTranslations:
    """The catalogue of a language: what has a context of its own, else what has none."""
    import gettext

    class Plain(gettext.NullTranslations):
        def pgettext(self, context: str, message: str) -> str:
            del context
            return catalogue.gettext(message)

    found = gettext.translation(DOMAIN, FOLDER, [language])
    assert isinstance(found, gettext.GNUTranslations)
    catalogue = gettext.translation(DOMAIN, FOLDER, [language])
    found.add_fallback(Plain())
    return found
