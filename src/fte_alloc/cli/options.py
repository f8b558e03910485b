"""Options that commands have in common."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from functools import wraps
from typing import Any

import click
from click.core import ParameterSource

from fte_alloc import language
from fte_alloc.cli.output import DRAWN, FORMATS, XLSX, format_of, writable


def _finite(convert: Callable[..., Any], value: Any, *context: Any) -> Any:
    """A number as an option: finite, and where it is none, with what may have been meant."""
    from fte_alloc import words
    from fte_alloc.scenario import typed_numbers

    try:
        number = convert(value, *context)
    except click.BadParameter as error:
        what = error.message.rstrip(".")
        with suppress(click.BadParameter):
            for meant in typed_numbers.meant(str(value)):
                convert(meant, *context)  # or it would be refused as well
            what += typed_numbers.hint(str(value))
        raise click.BadParameter(what, context[1], context[0]) from None
    if not math.isfinite(number):
        what = words.IS_EXPECTED.format(value=value, expected=words.EXPECTED_NUMBER)
        raise click.BadParameter(what, context[1], context[0])
    return number


class Number(click.FloatRange):
    """A number of any option."""

    def convert(self, value: Any, *context: Any) -> Any:
        """The number typed."""
        return _finite(super().convert, value, *context)


class Whole(click.IntRange):
    """A whole number of any option."""

    def convert(self, value: Any, *context: Any) -> Any:
        """The number typed."""
        return _finite(super().convert, value, *context)


lang = click.option(
    "--lang",
    type=click.Choice(list(language.LANGUAGES)),
    expose_value=False,  # read by main, before anything is said
    help="Language of what is said. Default: that of LC_ALL, LC_MESSAGES, LANG, LANGUAGE.",
)


def common(
    *names: str, book: bool = False, drawn: bool = False
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The common options a command takes; an ``--out`` is tried before the command begins.

    book, drawn : whether it has a workbook, a picture
    """
    formats = FORMATS | (XLSX if book else {}) | (DRAWN if drawn else {})
    needs = " xlsx needs --out." if book else ""
    known = {
        "set": click.option(
            "--set",
            "overrides",
            multiple=True,
            metavar="KEY=VALUE",
            help="Change an input, such as posts.cap_fte=600. Repeatable.",
        ),
        "format": click.option(
            "--format",
            "form",
            type=click.Choice(list(formats)),
            help=f"How to print. Default: table, or the ending of --out.{needs}",
        ),
        "out": click.option(
            "--out",
            type=click.Path(readable=False),
            metavar="FILE",
            help=f"Write to FILE; its ending ({' '.join(formats.values())}) sets the format.",
        ),
        "quiet": click.option("--quiet", is_flag=True, help="No warnings and no progress."),
        "limit": click.option(
            "--time-limit",
            "time_limit_s",
            type=Number(min=0),
            metavar="SECONDS",
            help="Stop after this long; the plan is then shown as not proved (exit 4).",
        ),
    }

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def tried(**given: Any) -> None:
            format_of(given["form"], given["out"], formats)
            click.get_current_context().obj = sys.stdout
            # Whatever a library prints is no result.
            with _system_in_words(), redirect_stdout(sys.stderr):
                if given["out"] is not None:
                    others = (value for key, value in given.items() if key != "out")
                    writable(given["out"], _texts(others))
                command(**given)

        function = lang(tried)
        for name in reversed(names):
            function = known[name](function)
        return function

    return decorate


@contextmanager
def _system_in_words() -> Iterator[None]:
    """Raise InputError where the system refuses a folder, a disk or a pipe, here or further on."""
    from pathlib import Path

    from fte_alloc import words
    from fte_alloc.errors import InputError, Mistake

    said = words.NO_WORKING_DIRECTORY
    try:
        Path.cwd()
        said = words.SYSTEM_REFUSES
        yield
    except OSError as error:
        told = said.format(reason=words.os_reason(error))
        raise InputError([Mistake(os.fsdecode(error.filename or ""), told)]) from None


def _texts(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        yield from _texts(value) if isinstance(value, tuple) else [value] * isinstance(value, str)


def in_vain(sentence: str, other: str, *names: str) -> None:
    """Refuse options that were typed but do nothing, with another option or without it.

    sentence : says why, of *option* and *other*
    names : of the parameters
    """
    context = click.get_current_context()
    for option in context.command.params:
        typed = context.get_parameter_source(option.name or "") is not ParameterSource.DEFAULT
        if option.name in names and typed:
            raise click.UsageError(sentence.format(option=option.opts[0], other=other))
