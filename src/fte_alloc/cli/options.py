"""Options that questions have in common, and types of options."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import click
from click.core import ParameterSource

from fte_alloc import language
from fte_alloc.language import _


class _Finite(click.ParamType[Any]):
    """A number that is finite; what may have been meant is said where it is none."""

    def convert(self, value: Any, *context: Any) -> Any:
        """The number typed."""
        from fte_alloc.inputs import typed_numbers

        read = super().convert
        try:
            number = read(value, *context)
        except click.BadParameter as error:
            what = error.message.rstrip(".")
            with suppress(click.BadParameter):
                for meant in typed_numbers.meant(str(value)):
                    read(meant, *context)  # or it would be refused as well
                what += typed_numbers.hint(str(value))
            raise click.BadParameter(what, *reversed(context)) from None
        if not math.isfinite(number):
            what = _("is {value}, expected {expected}").format(value=value, expected=_("a number"))
            raise click.BadParameter(what, *reversed(context))
        return number


class Number(_Finite, click.FloatRange):
    """A number of any option."""


class Whole(_Finite, click.IntRange):
    """A whole number of any option."""


LANG = click.Option(
    ["--lang"],
    type=click.Choice(list(language.LANGUAGES)),
    expose_value=False,  # read by main, before anything is said
    help="Language of what is said. Default: that of LC_ALL, LC_MESSAGES, LANG, LANGUAGE.",
)
_SET = click.Option(
    ["--set", "overrides"],
    multiple=True,
    metavar="KEY=VALUE",
    help="Change an input, such as posts.cap_fte=600. Repeatable.",
)
_TIME_LIMIT = click.Option(
    ["--time-limit", "time_limit_s"],
    type=Number(min=0),
    metavar="SECONDS",
    help="Stop after this long; the plan is then shown as not proved (exit 4).",
)
_QUIET = click.Option(["--quiet"], is_flag=True, help="No warnings and no progress.")


def shared(formats: Mapping[str, str], is_loading: bool, is_limited: bool) -> list[click.Option]:
    """The options of a question, beside its own.

    formats : those it has, with their endings
    is_loading : whether it loads scenarios, whose inputs may be changed
    is_limited : whether it may be stopped after a time
    """
    needs = " xlsx needs --out." if "xlsx" in formats else ""
    form = click.Option(
        ["--format", "form"],
        type=click.Choice(list(formats)),
        help=f"How to print. Default: table, or the ending of --out.{needs}",
    )
    out = click.Option(
        ["--out"],
        type=click.Path(readable=False),
        metavar="FILE",
        help=f"Write to FILE; its ending ({' '.join(formats.values())}) sets the format.",
    )
    limit = [_TIME_LIMIT] * is_limited
    return [_SET, form, out, *limit, _QUIET, LANG] if is_loading else [form, out, LANG]


def in_vain(sentence: str, other: str, *names: str) -> None:
    """Refuse options that were typed but do nothing, with another option or without it.

    sentence : says why, of *option* and *other*
    names : of the parameters

    Raises UsageError.
    """
    context = click.get_current_context()
    for option in context.command.params:
        typed = context.get_parameter_source(option.name or "") is not ParameterSource.DEFAULT
        if option.name in names and typed:
            raise click.UsageError(sentence.format(option=option.opts[0], other=other))
