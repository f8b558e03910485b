"""Options as they are typed: numbers, and options that do nothing."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import click
from click.core import ParameterSource

from fte_alloc.language import _


class _Finite(click.ParamType[Any]):
    """A number that is finite; what may have been meant is said where it is none."""

    def convert(self, value: Any, *context: Any) -> Any:
        """The number typed."""
        read = super().convert
        try:
            number = read(value, *context)
        except click.BadParameter as error:
            from fte_alloc.inputs import values

            what = error.message.rstrip(".")
            with suppress(click.BadParameter):
                for meant in values.meant(str(value)):
                    read(meant, *context)  # or it would be refused as well
                what += values.hint(str(value))
            with suppress(ValueError):
                if getattr(self, "max", None) == 1 < float(value) <= 100:
                    text = _("; write {share} for {value} %")
                    what += text.format(share=f"{float(value) / 100:g}", value=value)
            raise click.BadParameter(what, *reversed(context)) from None
        if not math.isfinite(number):
            what = _("is {value}, expected {expected}").format(value=value, expected=_("a number"))
            raise click.BadParameter(what, *reversed(context))
        return number


class Number(_Finite, click.FloatRange):
    """A number of any option."""


class Whole(_Finite, click.IntRange):
    """A whole number of any option."""


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
