"""Output of commands: results to stdout or a file in the wanted format, sentences to stderr."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TextIO

import click

from fte_alloc.errors import FteAllocError, InfeasibleError, InputError
from fte_alloc.language import _, ngettext
from fte_alloc.names import IMPOSSIBLE_BY_SOLVER
from fte_alloc.output_files import have_been_read, os_reason, refuse_overwriting, write_whole
from fte_alloc.render.result import Result
from fte_alloc.texts import Lines, visible


def write_output(
    result: Result, form: str, out: str | None, results: TextIO, quiet: bool = False
) -> None:
    """Write a result in a format to the file *out*, else to the stream *results*.

    quiet : whether the sentence that names a written file is left out
    """
    if out is None and form == "table":
        from fte_alloc.render.terminal import print_page

        print_page(result.page(), results)
    else:
        made = result.made(form)
        if out is None:
            results.write(str(made))
        else:
            # Lone surrogates, as in names of files, are escaped.
            data = made.encode("utf-8", "backslashreplace") if isinstance(made, str) else made
            refuse_overwriting(out, have_been_read)
            write_whole(out, data)
            if not quiet:
                say(_("{path}: written."), path=out)
    results.flush()


def output_format(form: str | None, out: str | None, formats: Mapping[str, str]) -> str:
    """Name of the wanted format, from ``--format`` or from the ending of the file *out*.

    formats : endings of files by name of format

    Raises UsageError.
    """
    if out is None:
        form = form or next(iter(formats), "table")
        if form == "xlsx" or (formats and "table" not in formats):
            text = _("--format {form} needs --out FILE{ending}")
            raise usage_error(text, form=form, ending=formats[form])
        return form
    endings = {ending: name for name, ending in reversed(list(formats.items()))}
    by_ending = endings.get(os.path.splitext(out)[1].lower())
    if by_ending is None:
        text = _("--out {path}: expected an ending among {known}")
        raise usage_error(text, path=out, known=" ".join(endings))
    if form is not None and formats[form] != formats[by_ending]:
        text = _("--format {format} and --out {path} disagree; leave out --format")
        raise usage_error(text, format=form, path=out)
    return form or by_ending


def say(text: str, /, **values: object) -> None:
    """Write a sentence, filled with values, to stderr."""
    click.echo(visible(text.format(**values) if values else text), file=sys.stderr)


def usage_error(text: str, /, **values: object) -> click.UsageError:
    """UsageError for a wrong command line; its message is the text formatted with the values."""
    return click.UsageError(text.format(**values))


def error_text(error: FteAllocError, about: str = "") -> Lines:
    """Text of an error for stderr; *about* names the scenario or plan, empty for several."""
    from shlex import quote

    if isinstance(error, InputError):
        count = sum(mistake.count for mistake in error.mistakes)
        text = ngettext("{count} mistake to put right:", "{count} mistakes to put right:", count)
        lines = [text.format(count=count), "", *map(str, error.mistakes)]
        unknown = _("unknown key{hint}").format(hint="")
        if any(unknown in line for line in lines[2:]):
            typed = all(mistake.where.startswith("--") for mistake in error.mistakes)
            of = quote(about) if about and typed else "reference"
            text = _("All keys with their values and origins: fte-alloc show {scenario}")
            lines += ["", text.format(scenario=of)]
    elif isinstance(error, InfeasibleError) and error.inputs:
        from fte_alloc.inputs.overrides import command_line

        text = _("Why, and what would help: {command}")
        why = text.format(command=command_line("solve", error.inputs))
        by_solver = [] if error.proved else [_(IMPOSSIBLE_BY_SOLVER)]
        no_plan = _("{scenario}: no plan is possible.").format(scenario=error.inputs.label)
        lines = list(map(visible, [no_plan, *by_solver, why]))
    else:
        text = _("{scenario}: {reason}") if about else "{reason}"
        lines = [text.format(scenario=about, reason=error)]
    return Lines("\n".join(lines))


# -- streams ---------------------------------------------------------------------------------------
# Results have a descriptor of their own; whatever a library prints, on file descriptor 1 or with
# ``print``, goes to stderr. A failed write to a descriptor raises nothing: the system's error is
# kept until the exit code is known.


class Channel(io.FileIO):
    """A file descriptor whose failed writes raise nothing.

    refused : error of the first failed write, after which nothing more is written
    """

    refused: OSError | None = None

    def write(self, data: Any) -> int:
        """Write data and return the number of bytes; after a failed write, discard the data."""
        try:
            return len(data) if self.refused else super().write(data)
        except OSError as error:
            self.refused = error
            return len(data)


def open_channels() -> None:
    """Open a separate file descriptor for results, unless it is open or stdout was replaced.

    ``sys.stdout`` then writes results; file descriptor 1 is stderr, for worker processes, too.
    """
    if sys.stdout is not sys.__stdout__ or _channel_of(sys.stdout) is not None:
        return
    for descriptor, stream in enumerate((sys.stdin, sys.stdout, sys.stderr)):
        if stream is None:  # closed: whatever is opened next must not take its number
            # Opened for reading only: a write fails and is reported like any other failure.
            os.dup2(os.open(os.devnull, os.O_RDONLY), descriptor)
            os.set_inheritable(descriptor, True)
    if sys.stdout:
        with suppress(OSError):
            sys.stdout.flush()  # earlier output comes first
    results = os.dup(1)
    if os.name == "posix":
        os.set_blocking(results, True)
    os.dup2(2, 1)
    sys.stdout = sys.__stdout__ = _stream(results)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _stream(2)  # type: ignore[misc]


def flushed_exit_code(code: int) -> int:
    """Flush the results; returns *code*, or 5 after a failed write other than to a closed pipe."""
    channel = _channel_of(sys.stdout)
    if channel is None:
        return code
    sys.stdout.flush()
    error = channel.refused
    # A reader that has seen enough, as with | head, is no failure; Windows calls it EINVAL.
    left = isinstance(error, ConnectionError) or (os.name == "nt" and error and error.errno == 22)
    if error is None or left:
        return code
    say(_("The result cannot be written to standard output ({reason})."), reason=os_reason(error))
    return 5


def _stream(descriptor: int) -> io.TextIOWrapper:
    """A text stream on a channel, in UTF-8 whatever the encoding of the console."""
    buffer = io.BufferedWriter(Channel(descriptor, "wb", closefd=False))
    is_chatty = descriptor == 2 or buffer.isatty()
    return io.TextIOWrapper(buffer, "utf-8", "backslashreplace", "\n", is_chatty)


def _channel_of(stream: Any) -> Channel | None:
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    return raw if isinstance(raw, Channel) else None
