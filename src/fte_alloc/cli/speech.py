"""The command line's language: what was asked for, help and wrong usage said in it.

``click`` has its own sentences; they are in our catalogue too.
"""

from __future__ import annotations

import copy
import gettext
import inspect
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click

from fte_alloc import language
from fte_alloc.language import _


class Command(click.Command):
    """A command whose help ends with examples, printed as they are typed.

    describe : writes a section of its own before the options
    """

    def __init__(
        self, *given: Any, describe: Callable[[click.HelpFormatter], None] | None, **named: Any
    ) -> None:
        super().__init__(*given, **named)
        self.describe = describe

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the section of its own, and the options."""
        if self.describe:
            self.describe(formatter)
        super().format_options(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        del ctx
        if self.epilog:
            text = _("Examples:")
            formatter.write(f"\n{text}\n")
            for line in self.epilog.strip().splitlines():
                formatter.write(f"  {line.strip()}\n")


def asked_for(typed: Sequence[str], environment: Mapping[str, str]) -> str:
    """The language to speak.

    Looked for before anything is parsed, because what is said of wrong usage must follow it.
    """
    spoken = language.of_environment(environment)
    left = iter(typed)
    for word in left:
        if word == "--":
            break
        if word == "--lang" or word.startswith("--lang="):
            wanted = word.partition("=")[2] or next(left, "")
            spoken = wanted if wanted in language.LANGUAGES else spoken
    return spoken


def _said(text: str | None) -> str:
    """A text of the help in the language in force."""
    return language._(inspect.cleandoc(text)) if text else ""


def translated(command: click.Command) -> click.Command:
    """A copy of a command, its help in the language in force."""
    command = copy.copy(command)
    if isinstance(command, click.Group):
        command.subcommand_metavar = _said(command.subcommand_metavar)
    command.options_metavar = _said(command.options_metavar)
    command.help = _said(command.help)
    command.params = [copy.copy(parameter) for parameter in command.params]
    for parameter in command.params:
        parameter.type = copy.copy(parameter.type)
        parameter.type.name = _said(parameter.type.name)
        if isinstance(parameter, click.Option):
            parameter.help = _said(parameter.help)
        elif parameter.metavar is None and parameter.name:
            name = parameter.name.upper()
            parameter.metavar = name if parameter.required else f"[{name}]"
        if parameter.metavar:
            parameter.metavar = _said(parameter.metavar)
    return command


@contextmanager
def speaking(spoken: str) -> Iterator[None]:
    """Speak a language, and let click's own sentences come from our catalogue."""
    with language.speaking(spoken):
        if spoken == language.ENGLISH:
            yield
            return
        domain, before = gettext.textdomain(), os.environ.get("LANGUAGE")
        gettext.bindtextdomain(language.DOMAIN, language.FOLDER)
        gettext.textdomain(language.DOMAIN)
        os.environ["LANGUAGE"] = spoken
        try:
            yield
        finally:
            gettext.textdomain(domain)
            if before is None:
                del os.environ["LANGUAGE"]
            else:
                os.environ["LANGUAGE"] = before


#: What stands for a sign that an old code page lacks, where taking its accents off is not enough.
_PLAINER = {"−": "-", "→": "->", "·": ".", "–": "-", "€": "EUR", "«": '"', "»": '"', "’": "'"}


def plainer(error: UnicodeError) -> tuple[str, int]:
    """An error handler of codecs: a plain sign in the place of one that cannot be encoded."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    import unicodedata

    plain = ""
    for sign in error.object[error.start : error.end]:
        bare = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
        plain += _PLAINER.get(sign) or bare or "?"
    return plain, error.end
