"""The command line: parse, call, print. Nothing heavy is imported before a command runs."""

from __future__ import annotations

import codecs
import io
import os
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from fte_alloc.cli import commands, frontier, regret, sweep, weights  # noqa: F401 - they register
from fte_alloc.cli.channels import delivered, open_channels
from fte_alloc.cli.group import cli
from fte_alloc.cli.output import complain, say
from fte_alloc.cli.speech import asked_for, plainer, speaking, translated
from fte_alloc.texts import Lines

if TYPE_CHECKING:
    from types import FrameType

PROGRAMME = "fte-alloc"


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
    from fte_alloc import words

    asked: dict[str, str] = {}
    try:
        _serve_interrupts()
        translated(cli).main(args=typed, prog_name=PROGRAMME, standalone_mode=False, obj=asked)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    except click.ClickException as error:
        error.show(told := io.StringIO())
        say(Lines(told.getvalue().rstrip("\n")))
        return 2
    except (click.Abort, KeyboardInterrupt):
        say(words.INTERRUPTED)
        return 130
    except Exception as error:
        from fte_alloc.errors import FteAllocError

        if not isinstance(error, FteAllocError):
            raise
        complain(error, asked.get("about", ""))
        return error.exit_code
    return 0
