"""The command line: parse, call, print. Nothing heavy is imported before a command runs."""

from __future__ import annotations

import codecs
import io
import os
import signal
import sys
from collections import UserDict
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from fte_alloc.cli.channels import delivered, open_channels
from fte_alloc.cli.options import LANG
from fte_alloc.cli.output import say
from fte_alloc.cli.speech import asked_for, plainer, speaking, translated
from fte_alloc.language import _
from fte_alloc.texts import Lines

if TYPE_CHECKING:
    from types import FrameType

# The matrices here are small: threads of linear algebra cost more than they bring, and what they
# add up in whatever order would depend on the machine. Said before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

PROGRAMME = "fte-alloc"
#: Every question, and the file with the function of its name, which says what it answers.
QUESTIONS = {
    "solve": "commands",
    "compare": "several",
    "evaluate": "commands",
    "explain": "commands",
    "check": "commands",
    "show": "commands",
    "verify": "commands",
    "frontier": "commands",
    "regret": "several",
    "sweep": "sweep",
    "weights": "weights",
}


class _Commands(UserDict[str, Any]):
    """The commands by name, in the language in force; imported when they are looked up."""

    def __getitem__(self, name: str) -> click.Command:
        return translated(getattr(import_module(f"{__name__}.{self.data[name]}"), name))


@click.group(
    commands=_Commands(QUESTIONS),
    params=[LANG],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="fte-alloc")
def cli() -> None:
    """Decide where co-financed posts go, and prove that no better distribution exists.

    SCENARIO is a name (fte-alloc show lists them) or the path of a .toml file.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; every way out has its exit code, none a traceback."""
    codecs.register_error("plainer", plainer)  # an old code page is no reason to fail
    open_channels()
    typed = list(sys.argv[1:] if arguments is None else arguments)
    with speaking(asked_for(typed, os.environ)):
        code = delivered(_run(typed))
    if code:
        sys.exit(code)


def _serve_interrupts() -> None:
    """From here on Ctrl-C is told; SIGTERM is served alike, where nobody else serves it."""
    if getattr(signal.getsignal(signal.SIGINT), "__module__", "") == "fte_alloc":
        signal.signal(signal.SIGINT, _interrupted)
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, _interrupted)


def _interrupted(_: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt; within an import, which may swallow it (PuLP's), end at once."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            os._exit(130)
        frame = frame.f_back
    raise KeyboardInterrupt


def _run(typed: list[str]) -> int:
    """The exit code of what was typed, once it was run."""
    try:
        _serve_interrupts()
        return translated(cli).main(args=typed, prog_name=PROGRAMME, standalone_mode=False) or 0
    except click.ClickException as error:
        error.show(told := io.StringIO())
        say(Lines(told.getvalue().rstrip("\n")))
        return 2
    except (click.Abort, KeyboardInterrupt):
        say(_("Interrupted."))
        return 130
