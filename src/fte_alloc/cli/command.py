"""What a command is, and what all have in common: options, loading, formats, exit codes."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from fte_alloc.cli import LANG
from fte_alloc.cli.output import error_text, output_format, say, write_output
from fte_alloc.errors import FteAllocError, mistaken, values_or_input_error
from fte_alloc.language import _
from fte_alloc.names import GOES_NOT_WITH, STOP_REASONS
from fte_alloc.output_files import have_been_read, os_reason, refuse_overwriting, refuse_unwritable
from fte_alloc.render.result import FORMATS, Result

if TYPE_CHECKING:
    from fte_alloc.programme.problem import Problem
    from fte_alloc.questions.plan import Plan

FILE = click.Path(readable=False)


@dataclass
class Request:
    """Values of the options that all commands share; it loads problems with them.

    form, out : name of the format; file to write to, or None
    overrides : texts ``KEY=VALUE`` of ``--set``
    time_limit_s : stop after this long [s]
    quiet : whether warnings and progress are left out
    """

    form: str
    out: str | None = None
    overrides: Sequence[str] = ()
    time_limit_s: float | None = None
    quiet: bool = False

    @property
    def changes(self) -> dict[str, Any]:
        """Changes of inputs, by key."""
        from fte_alloc.inputs.overrides import parse_override

        return values_or_input_error(self.overrides, parse_override)

    def load(self, scenario: str) -> Problem:
        """Load the problem of a scenario, and write its warnings to stderr.

        Raises InputError, also where *out* is one of the files read.
        """
        from fte_alloc.inputs.load import load

        problem = load(scenario, self.changes)
        if self.out:
            refuse_overwriting(self.out, have_been_read)
        for warning in () if self.quiet else problem.inputs.warnings:
            say(_("warning: {text}"), text=warning)
        return problem

    @contextmanager
    def progress(self, label: str, lost: str = "") -> Iterator[Callable[[int, int], None]]:
        """Context with a function (done, most) that updates a progress bar, on terminals only.

        lost : sentence for an interruption by the user, with *done*, *most* and *path*
        """
        from fte_alloc import numbers as show

        hidden = self.quiet or not getattr(sys.stderr, "isatty", bool)()
        bar = click.progressbar(
            length=0, label=label, file=sys.stderr, show_pos=True, hidden=hidden
        )

        def update(done: int, most: int) -> None:
            bar.length = most
            bar.update(done - bar.pos)

        try:
            with bar:
                yield update
        except KeyboardInterrupt:
            counts = {"done": show.count(bar.pos), "most": show.count(bar.length or 0)}
            say(lost or _("Interrupted."), **counts, path=self.out)
            raise click.exceptions.Exit(130) from None


class Command(click.Command):
    """A command of the command line, whose help ends with examples.

    ask : function of a request and the command's own options that returns a result; its docstring
        is the help of the command
    examples : command lines, without the name of the programme
    formats : endings of files by name of format
    is_loading : whether it loads scenarios, and so has ``--set`` and ``--quiet``
    is_limited : whether it has ``--time-limit``
    describe : writes a further section of the help before the options
    """

    def __init__(
        self,
        ask: Callable[..., Result],
        examples: Sequence[str],
        *,
        formats: Mapping[str, str] = FORMATS,
        is_loading: bool = True,
        is_limited: bool = False,
        describe: Callable[[click.HelpFormatter], None] | None = None,
    ) -> None:
        self.ask, self.examples, self.formats = ask, examples, formats
        self.describe = describe
        self.own: list[click.Parameter] = getattr(ask, "__click_params__", [])[::-1]
        super().__init__(
            ask.__name__.removesuffix("_command"),
            callback=self.run,
            params=[*self.own, *_shared_options(formats, is_loading, is_limited)],
            help=ask.__doc__,
            context_settings={"show_default": True},
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse arguments; raises UsageError for a repeated argument, key or single option."""
        given, _rest, order = self.make_parser(ctx).parse_args(list(args))
        options = [p for p in order if isinstance(p, click.Option) and not p.multiple]
        once = [[p.opts[0] for p in options if p.expose_value and not p.is_flag]]
        for p in self.params:
            typed = given.get(str(p.name))
            if isinstance(typed, list | tuple):  # of options, the keys
                keys = [text.partition("=")[0] for text in typed]
                once.append([*typed] if isinstance(p, click.Argument) else keys)
        for names in once:
            for name in names:
                if names.count(name) > 1:
                    raise click.UsageError(": ".join([name, _("is given twice; keep one")]), ctx)
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the section of ``describe``, if any, and the options."""
        if self.describe:
            self.describe(formatter)
        super().format_options(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        del ctx
        examples = (f"fte-alloc {example}" for example in self.examples)
        formatter.write("\n" + "\n  ".join([_("Examples:"), *examples]) + "\n")

    def run(self, **given: Any) -> int:
        """Run the command, write its result or its error, and return the exit code."""
        from pathlib import Path

        own = {str(p.name): given.pop(str(p.name)) for p in self.own}
        given["form"] = output_format(given.get("form"), given.get("out"), self.formats)
        request = Request(**given)
        subject = next(own[str(p.name)] for p in self.own if isinstance(p, click.Argument))
        about = subject if isinstance(subject, str) else ""
        refused = _("the working directory is no longer there ({reason}); change to another")
        results = sys.stdout
        try:
            with redirect_stdout(sys.stderr):  # a library may print
                Path.cwd()
                refused = _("the system refuses it ({reason})")
                if request.out is not None:
                    _refuse_unusable_out(request.out, own.values())
                result = self.ask(request, **own)
                if not result.is_written:
                    write_output(result, request.form, request.out, results, request.quiet)
            if result.remark:
                say(result.remark)
            return result.exit_code
        except OSError as error:  # a folder, a disk or a pipe
            where = os.fsdecode(error.filename or "")
            failure: FteAllocError = mistaken(where, refused, reason=os_reason(error))
        except FteAllocError as error:
            failure = error
        say(error_text(failure, about))
        return failure.exit_code


def command(*examples: str, **more: Any) -> Callable[[Callable[..., Result]], Command]:
    """Decorator that makes a ``Command`` of a function; *more* are arguments of ``Command``."""
    return lambda ask: Command(ask, examples, **more)


def _shared_options(
    formats: Mapping[str, str], is_loading: bool, is_limited: bool
) -> list[click.Option]:
    change = "Change an input, such as posts.cap_fte=600. Repeatable."
    stop = "Stop after this long; the plan is then shown as not proved (exit 4)."
    form = "How to print. Default: by the ending of --out, else the first."
    out = "Write to FILE; its ending sets the format."
    found = [
        click.Option(["--set", "overrides"], metavar="KEY=VALUE", help=change, multiple=True),
        click.Option(["--format", "form"], help=form, type=click.Choice(list(formats))),
        click.Option(["--out"], metavar="FILE", help=out, type=FILE),
        click.Option(
            ["--time-limit", "time_limit_s"], metavar="SECONDS", help=stop, type=Number(min=0)
        ),
        click.Option(["--quiet"], help="No warnings and no progress.", is_flag=True),
    ]
    left_out = [] if is_loading else ["overrides", "quiet"]
    left_out += [] if is_limited else ["time_limit_s"]
    return [*(one for one in found if formats and one.name not in left_out), LANG]


def refuse_unused(other: str, *names: str, without: bool = False) -> None:
    """Refuse the options *names*, if typed, which do nothing with, or without, another option."""
    reason = _("{option} goes with {other}") if without else _(GOES_NOT_WITH)
    context = click.get_current_context()
    for option in context.command.params:
        typed = context.get_parameter_source(option.name or "") is not ParameterSource.DEFAULT
        if option.name in names and typed:
            raise click.UsageError(reason.format(option=option.opts[0], other=other))


def plan_result(result: Result, plan: Plan) -> Result:
    """The result of a plan, with a remark and exit code 4 where the plan is not proved best."""
    text = _("{scenario}: {reason}; the plan shown is not proved best.")
    why = _(STOP_REASONS[plan.reason or "rounds"])
    scenario = plan.document["scenario"]
    return result.if_proved(plan.status, text.format(scenario=scenario, reason=why))


def _refuse_unusable_out(out: str, given: Any) -> None:
    """Refuse an *out* that cannot be written or is also an argument, before any work is done."""
    typed = [text for value in given for text in (value if isinstance(value, tuple) else [value])]
    have_been_read.clear()
    refuse_overwriting(out, (text for text in typed if isinstance(text, str)))
    refuse_unwritable(out)


# -- options ---------------------------------------------------------------------------------------


def option(form: str, text: str, **more: Any) -> Callable[[Any], Any]:
    """Decorator for an option; *form* is its name, its parameter's if another, and its value."""
    name, *others = form.split()
    names = [name, *filter(str.isidentifier, filter(str.islower, others))]
    metavar = next((other for other in others if other not in names), None)
    return click.option(*names, metavar=metavar, help=text, **more)


class _Finite(click.ParamType[Any]):
    def convert(self, value: Any, *context: Any) -> Any:
        """The number typed; fails where it is not a finite number in range."""
        read = super().convert
        try:
            number = read(value, *context)
        except click.BadParameter as error:
            from fte_alloc.inputs.typed_numbers import number_hint, possible_numbers

            what, meant = error.message.rstrip("."), possible_numbers(str(value))
            percent = float(meant[0]) if len(meant) == 1 else 0.0
            if getattr(self, "max", None) == 1 < percent <= 100:
                text = _("; write {share} for {value} %")
                what += text.format(share=f"{percent / 100:g}", value=value)
            else:
                with suppress(click.BadParameter):
                    for one in meant:
                        read(one, *context)  # suggest no number out of range
                    what += number_hint(str(value))
            self.fail(what, *context)
        if not math.isfinite(number):
            text = _("is {value}, expected {expected}")
            self.fail(text.format(value=value, expected=_("a number")), *context)
        return number


class Number(_Finite, click.FloatRange):
    """Parameter type of finite numbers, within a range if one is given."""


class Whole(_Finite, click.IntRange):
    """Parameter type of whole numbers, within a range if one is given."""
