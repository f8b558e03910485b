"""Options of commands, as decorators of click, and parameter types of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import click

from fte_alloc import language
from fte_alloc.language import _

LANG = click.Option(
    ["--lang"],
    type=click.Choice(list(language.LANGUAGES)),
    expose_value=False,  # read by main before any output
    help="Language of what is said. Default: that of LC_ALL, LC_MESSAGES, LANG, LANGUAGE.",
)

FILE = click.Path(readable=False)


def option(names: str, metavar: str | None, text: str, **more: Any) -> Callable[[Any], Any]:
    """Decorator for an option: *names* are separated by spaces, *text* is its help."""
    return click.option(*names.split(), metavar=metavar, help=text, **more)


class _Finite(click.ParamType[Any]):
    """Parameter type of finite numbers; errors suggest what may have been meant."""

    def convert(self, value: Any, *context: Any) -> Any:
        """The number typed; fails where it is not a finite number in range."""
        read = super().convert
        try:
            number = read(value, *context)
        except click.BadParameter as error:
            from fte_alloc.inputs import values

            what, meant = error.message.rstrip("."), values.meant(str(value))
            percent = float(meant[0]) if len(meant) == 1 else 0.0
            if getattr(self, "max", None) == 1 < percent <= 100:
                text = _("; write {share} for {value} %")
                what += text.format(share=f"{percent / 100:g}", value=value)
            else:
                with suppress(click.BadParameter):
                    for one in meant:
                        read(one, *context)  # suggest no number out of range
                    what += values.hint(str(value))
            self.fail(what, *context)
        if not math.isfinite(number):
            text = _("is {value}, expected {expected}")
            self.fail(text.format(value=value, expected=_("a number")), *context)
        return number


class Number(_Finite, click.FloatRange):
    """Parameter type of finite numbers, within a range if one is given."""


class Whole(_Finite, click.IntRange):
    """Parameter type of whole numbers, within a range if one is given."""
