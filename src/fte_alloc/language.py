"""The language in force: English, for which no catalogue is loaded, or French."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from gettext import GNUTranslations

ENGLISH, FRENCH = "en", "fr"
LANGUAGES = (FRENCH, ENGLISH)
#: Name of the catalogue, and the folder that contains one folder per language.
DOMAIN = "fte_alloc"
FOLDER = os.path.join(os.path.dirname(__file__), "locale")

#: French marks instead of the comma and the point: a narrow no-break space, a comma.
_FRENCH_MARKS = str.maketrans(",.", "\u202f,")
#: Separator of a context and its text, as in any catalogue of gettext.
_CONTEXT = "\x04"
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_spoken: ContextVar[str] = ContextVar("language")
_usual = ENGLISH
_Made = TypeVar("_Made")


def use_language(language: str) -> None:
    """Set the language of tables, pages, warnings and errors from now on.

    language : ``"fr"`` or ``"en"``

    Raises ValueError for any other.
    """
    global _usual
    if language not in LANGUAGES:
        raise ValueError(f"unknown language {language!r}; known: {', '.join(LANGUAGES)}")
    _usual = language


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Set the language inside a ``with`` block, whatever the language outside."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def in_force() -> str:
    """The present language, ``"en"`` or ``"fr"``."""
    return _spoken.get(_usual)


def in_english(made: _Made, make: Callable[[], _Made]) -> _Made:
    """*made* if the language is English, else the result of *make*, called in English."""
    if in_force() == ENGLISH:
        return made
    with in_language(ENGLISH):
        return make()


def translated_text(values: Mapping[str, Any], key: str, otherwise: str) -> str:
    """A text of the inputs in the language in force (``<key>_fr``), else *otherwise*."""
    return str(values.get(f"{key}_{in_force()}") or otherwise)


def localised(text: str) -> str:
    """A text whose English numbers get the marks of the language: 57,536.4 becomes 57 536,4."""
    if in_force() == ENGLISH:
        return text
    return _NUMBER.sub(lambda number: number[0].translate(_FRENCH_MARKS), text)


def enough_digits(value: float, difference: float, digits: int) -> str:
    """Text of a number to *digits* decimals, or to more to show two digits of a *difference*."""
    if difference:
        digits = max(digits, 1 - math.floor(math.log10(abs(difference))))
    text = f"{value:,.{digits}f}"
    return localised((text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−"))


def few(names: Sequence[str], most: int) -> str:
    """The first names of a list, and the number of those left out."""
    shown, more = ", ".join(names[:most]), len(names) - most
    text = ngettext("{names} and {count} other", "{names} and {count} others", more)
    return text.format(names=shown, count=more) if more > 0 else shown


def language_of_environment(environment: Mapping[str, str]) -> str:
    """The language that LC_ALL, LC_MESSAGES, LANG and LANGUAGE ask for, as gettext reads them.

    LANGUAGE is a list, of which the first known language counts; a locale C means English.
    """
    asked = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next(filter(None, asked), "")
    if locale in ("C", "POSIX"):
        return ENGLISH
    wanted = (environment.get("LANGUAGE") or locale).split(":")
    codes = (name.replace("-", "_").partition("_")[0].partition(".")[0].lower() for name in wanted)
    return next((code for code in codes if code in LANGUAGES), ENGLISH)


def _(text: str) -> str:
    """A text in the language in force; unchanged where the catalogue does not have it.

    text : English, or a result of ``NC_``
    """
    if text and in_force() != ENGLISH:
        text = _catalogue(in_force()).gettext(text)
    return text.rpartition(_CONTEXT)[2]


def pgettext(context: str, text: str) -> str:
    """A text translated in its *context*, for English that has several meanings."""
    return _(NC_(context, text))


def ngettext(one: str, several: str, count: float) -> str:
    """The singular or the plural, by a count. French has the singular for 0 and 1.9, too."""
    if in_force() == ENGLISH:
        return one if count == 1 else several
    return _catalogue(in_force()).ngettext(one, several, int(abs(count)))


def N_(text: str) -> str:  # noqa: N802
    """Mark a text for the catalogue; ``_`` translates it when it is used."""
    return text


def NC_(context: str, text: str) -> str:  # noqa: N802
    """Mark a text with its context for the catalogue; ``_`` translates it when it is used."""
    return f"{context}{_CONTEXT}{text}"


def NN_(one: str, several: str) -> tuple[str, str]:  # noqa: N802
    """Mark two forms of a text; ``ngettext`` translates them when they are used."""
    return one, several


def C_(heading: str, meaning: str) -> tuple[str, str]:  # noqa: N802
    """Mark the two texts of a column, its heading and its meaning."""
    return heading, meaning


@cache
def _catalogue(language: str) -> GNUTranslations:
    import gettext

    found = gettext.translation(DOMAIN, FOLDER, [language])
    assert isinstance(found, gettext.GNUTranslations)
    return found


def listed(names: Iterable[str]) -> str:
    """Items as a list in words: « a, b and c »."""
    *first, last = names
    return _(" and ").join([", ".join(first), last]) if first else last


def quoted(names: Iterable[str]) -> list[str]:
    """Titles in quotation marks."""
    return [_("“{name}”").format(name=name) for name in names]
