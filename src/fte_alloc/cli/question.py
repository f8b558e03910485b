"""What a question of the command line is: its options, those that it shares, its formats."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import click

from fte_alloc import language
from fte_alloc.language import _
from fte_alloc.render.result import FORMATS

LANG = click.Option(
    ["--lang"],
    type=click.Choice(list(language.LANGUAGES)),
    expose_value=False,  # read by main, before anything is said
    help="Language of what is said. Default: that of LC_ALL, LC_MESSAGES, LANG, LANGUAGE.",
)

FILE = click.Path(readable=False)


def argument(name: str, metavar: str | None = None, **more: Any) -> click.Parameter:
    """An argument of a question."""
    return click.Argument([name], metavar=metavar, **more)


def option(names: str, metavar: str | None, text: str, **more: Any) -> click.Parameter:
    """An option of a question, with its help."""
    return click.Option(names.split(), metavar=metavar, help=text, **more)


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
            self.fail(what, *context)
        if not math.isfinite(number):
            text = _("is {value}, expected {expected}")
            self.fail(text.format(value=value, expected=_("a number")), *context)
        return number


class Number(_Finite, click.FloatRange):
    """A number of any option."""


class Whole(_Finite, click.IntRange):
    """A whole number of any option."""


@dataclass(frozen=True)
class Question:
    """A question of the command line.

    file : the one here with the function of its name, whose docstring says what it answers
    own : its own arguments and options
    examples : of command lines, without the name of the programme
    formats : those it has, with their endings
    is_loading : whether it loads scenarios, whose inputs may be changed
    is_limited : whether it may be stopped after a time
    explains : whether it says of a scenario without a plan why there is none, in place of a result
    """

    file: str
    own: Sequence[click.Parameter]
    examples: Sequence[str]
    formats: Mapping[str, str] = field(default_factory=lambda: FORMATS)
    is_loading: bool = True
    is_limited: bool = False
    explains: bool = False

    def shared(self) -> list[click.Parameter]:
        """The options that it has in common with others."""
        if not self.formats:
            return [LANG]
        endings = " ".join(dict.fromkeys(self.formats.values()))
        change = "Change an input, such as posts.cap_fte=600. Repeatable."
        stop = "Stop after this long; the plan is then shown as not proved (exit 4)."
        form = "How to print. Default: table, or the ending of --out. xlsx needs --out."
        out = f"Write to FILE; its ending ({endings}) sets the format."
        least = Number(min=0)
        quiet = "No warnings and no progress."
        loading = [option("--set overrides", "KEY=VALUE", change, multiple=True)]
        limited = [option("--time-limit time_limit_s", "SECONDS", stop, type=least)]
        return [
            *(loading if self.is_loading else []),
            option("--format form", None, form, type=click.Choice(list(self.formats))),
            option("--out", "FILE", out, type=FILE),
            *(limited if self.is_limited else []),
            *([option("--quiet", None, quiet, is_flag=True)] if self.is_loading else []),
            LANG,
        ]
