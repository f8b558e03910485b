"""The command line: parse, call, print. Nothing heavy is imported before a command runs."""

from __future__ import annotations

import copy
import gettext
import inspect
import io
import os
import signal
import sys
from collections import UserDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import click

from fte_alloc.cli.output import flushed_exit_code, open_channels, say
from fte_alloc.language import DOMAIN, FOLDER, LANGUAGES, _, in_language, language_of_environment
from fte_alloc.texts import Lines

if TYPE_CHECKING:
    from types import FrameType

# The matrices here are small: threads of linear algebra cost more time than they save, and make
# sums depend on the machine. The variable must be set before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

#: File of each command; its function there ends in ``_command``.
FILES = {
    **dict.fromkeys(
        ("verify", "solve", "evaluate", "explain", "frontier", "weights"), "plan_commands"
    ),
    **dict.fromkeys(("check", "show", "new", "import", "calibrate"), "input_commands"),
    **dict.fromkeys(("compare", "report", "regret", "sweep"), "comparison_commands"),
}

#: The option of all commands.
LANG = click.Option(
    ["--lang"],
    type=click.Choice(list(LANGUAGES)),
    expose_value=False,  # read by main before any output
    help="Language of what is said. Default: that of LC_ALL, LC_MESSAGES, LANG, LANGUAGE.",
)


class _Commands(UserDict[str, Any]):
    """The commands by name, in the language in force; imported when they are looked up."""

    def __getitem__(self, name: str) -> click.Command:
        commands = import_module(f"{__name__}.{self.data[name]}")
        return translated_command(getattr(commands, f"{name}_command"))


@click.group(
    commands=_Commands(FILES),
    params=[LANG],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="fte-alloc")
def cli() -> None:
    """Decide where co-financed posts go, and prove that no better distribution exists.

    SCENARIO is a name (fte-alloc show lists them) or the path of a .toml file or a workbook.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its exit code, if not 0; errors print no traceback."""
    open_channels()
    typed = list(sys.argv[1:] if arguments is None else arguments)
    with _speaking(command_line_language(typed, os.environ)):
        code = flushed_exit_code(_run_command_line(typed))
    if code:
        sys.exit(code)


def _serve_interrupts() -> None:
    """Replace the package's SIGINT handler, and a default SIGTERM one, by ``_interrupted``."""
    if getattr(signal.getsignal(signal.SIGINT), "__module__", "") == "fte_alloc":
        signal.signal(signal.SIGINT, _interrupted)
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, _interrupted)


def _interrupted(_: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt; during an import (PuLP's may swallow it), exit with code 130."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            os._exit(130)
        frame = frame.f_back
    raise KeyboardInterrupt


def _run_command_line(typed: list[str]) -> int:
    try:
        _serve_interrupts()
        group = translated_command(cli)
        return group.main(args=typed, prog_name="fte-alloc", standalone_mode=False) or 0
    except click.ClickException as error:
        error.show(shown := io.StringIO())
        say(Lines(shown.getvalue().rstrip("\n")))
        return 2
    except (click.Abort, KeyboardInterrupt):
        say(_("Interrupted."))
        return 130


# -- language --------------------------------------------------------------------------------------
# ``click`` has its own sentences; they are in our catalogue too.


def command_line_language(typed: Sequence[str], environment: Mapping[str, str]) -> str:
    """Code of the wanted language: of the last valid ``--lang``, else of the environment.

    It is found before options are parsed, because messages on wrong usage are in it, too.
    """
    spoken = language_of_environment(environment)
    for word, following in pairwise([*typed, ""]):
        option, _equals, value = word.partition("=")
        wanted = value or following
        if option == "--lang" and wanted in LANGUAGES:
            spoken = wanted
    return spoken


def translated_command(command: click.Command) -> click.Command:
    """A copy of a command, its help in the language in force."""
    command = copy.copy(command)
    if isinstance(command, click.Group):
        command.subcommand_metavar = _(command.subcommand_metavar)
    command.options_metavar = command.options_metavar and _(command.options_metavar)
    command.help = _(inspect.cleandoc(command.help or ""))
    command.params = [copy.copy(parameter) for parameter in command.params]
    for parameter in command.params:
        parameter.type = copy.copy(parameter.type)
        parameter.type.name = _(parameter.type.name)
        if isinstance(parameter, click.Option):
            parameter.help = parameter.help and _(parameter.help)
        elif parameter.metavar is None and parameter.name:
            name = parameter.name.upper()
            parameter.metavar = name if parameter.required else f"[{name}]"
        if parameter.metavar:
            parameter.metavar = _(parameter.metavar)
    return command


@contextmanager
def _speaking(spoken: str) -> Iterator[None]:
    """Set the language of all messages, including click's, inside a ``with`` block."""
    domain, before = gettext.textdomain(), os.environ.get("LANGUAGE")
    gettext.bindtextdomain(DOMAIN, FOLDER)
    gettext.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = spoken
    try:
        with in_language(spoken):
            yield
    finally:
        gettext.textdomain(domain)
        del os.environ["LANGUAGE"]
        if before is not None:
            os.environ["LANGUAGE"] = before
