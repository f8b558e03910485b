"""Results on their way out: to a screen or a file, whole, in the format asked for."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TextIO

import click

from fte_alloc import files
from fte_alloc.errors import FteAllocError, InfeasibleError, InputError
from fte_alloc.files import os_reason
from fte_alloc.language import _, ngettext
from fte_alloc.names import IMPOSSIBLE_BY_SOLVER
from fte_alloc.render.result import Result
from fte_alloc.texts import Lines, visible


def emit(result: Result, form: str, out: str | None, results: TextIO, quiet: bool = False) -> None:
    """Write a result in a format to the file *out*, else to the stream *results*.

    quiet : whether nothing is said of a file that is written
    """
    if out is None and form == "table":
        from fte_alloc.render.terminal import print_page

        print_page(result.page(), results)
    else:
        made = result.made(form)
        if out is None:
            results.write(str(made))
        else:
            # Halves of characters, as in names of files, are escaped.
            data = made.encode("utf-8", "backslashreplace") if isinstance(made, str) else made
            files.spare(out, files.have_been_read)
            files.write_whole(out, data)
            if not quiet:
                say(_("{path}: written."), path=out)
    results.flush()


def format_of(form: str | None, out: str | None, formats: Mapping[str, str]) -> str:
    """The format asked for, by name or by the ending of a file.

    formats : those there are, with their endings

    Raises UsageError.
    """
    if out is None:
        form = form or next(iter(formats), "table")
        if form == "xlsx" or (formats and "table" not in formats):
            text = _("--format {form} needs --out FILE{ending}")
            raise misuse(text, form=form, ending=formats[form])
        return form
    endings = {ending: name for name, ending in reversed(list(formats.items()))}
    by_ending = endings.get(os.path.splitext(out)[1].lower())
    if by_ending is None:
        text = _("--out {path}: expected an ending among {known}")
        raise misuse(text, path=out, known=" ".join(endings))
    if form is not None and formats[form] != formats[by_ending]:
        text = _("--format {format} and --out {path} disagree; leave out --format")
        raise misuse(text, format=form, path=out)
    return form or by_ending


def say(text: str, /, **told: object) -> None:
    """Say something beside the result, on stderr, a sentence filled with values."""
    click.echo(visible(text.format(**told) if told else text), file=sys.stderr)


def misuse(text: str, /, **told: object) -> click.UsageError:
    """The error of a command that is typed wrongly, its sentence filled with values."""
    return click.UsageError(text.format(**told) if told else text)


def complaint(error: FteAllocError, about: str = "") -> Lines:
    """What is said on stderr of an error.

    about : scenario or plan, where the command is about one
    """
    from shlex import quote

    if isinstance(error, InputError):
        count = len(error.mistakes)
        text = ngettext("{count} mistake to put right:", "{count} mistakes to put right:", count)
        lines = [text.format(count=count), "", *map(str, error.mistakes)]
        unknown = _("unknown key{hint}").format(hint="")
        if any(unknown in line for line in lines[2:]):
            typed = all(mistake.where.startswith("--") for mistake in error.mistakes)
            of = quote(about) if about and typed else "reference"
            text = _("All keys with their values and origins: fte-alloc show {scenario}")
            lines += ["", text.format(scenario=of)]
    elif isinstance(error, InfeasibleError) and error.inputs:
        from fte_alloc.inputs.entries import command

        text = _("Why, and what would help: {command}")
        why = text.format(command=command("solve", error.inputs))
        by_solver = [] if error.proved else [_(IMPOSSIBLE_BY_SOLVER)]
        no_plan = _("{scenario}: no plan is possible.").format(scenario=error.inputs.label)
        lines = list(map(visible, [no_plan, *by_solver, why]))
    else:
        text = _("{scenario}: {reason}") if about else "{reason}"
        lines = [text.format(scenario=about, reason=error)]
    return Lines("\n".join(lines))


# -- streams ---------------------------------------------------------------------------------------
# Results have a descriptor of their own; whatever a library prints, on file descriptor 1 or with
# ``print``, goes to stderr. A descriptor that cannot be written to raises nothing: what the system
# says is kept until the exit code is known.


class Channel(io.FileIO):
    """A descriptor that raises nothing.

    refused : why the system no longer takes what is written
    """

    refused: OSError | None = None

    def write(self, data: Any) -> int:
        """Write what the system takes at once, all of it where it takes nothing more."""
        try:
            return len(data) if self.refused else super().write(data)
        except OSError as error:
            self.refused = error
            return len(data)


def open_channels() -> None:
    """Keep results apart, once, unless somebody has put another stream in the place of stdout.

    ``sys.stdout`` becomes the results; file descriptor 1 becomes stderr, for worker processes too.
    """
    if sys.stdout is not sys.__stdout__ or _of(sys.stdout) is not None:
        return
    for descriptor, stream in enumerate((sys.stdin, sys.stdout, sys.stderr)):
        if stream is None:  # closed: whatever is opened next must not take its number
            # Not to be written to either: that is told like any other refusal.
            os.dup2(os.open(os.devnull, os.O_RDONLY), descriptor)
            os.set_inheritable(descriptor, True)
    if sys.stdout:
        with suppress(OSError):
            sys.stdout.flush()  # what was printed before comes before
    results = os.dup(1)
    if os.name == "posix":
        os.set_blocking(results, True)
    os.dup2(2, 1)
    sys.stdout = sys.__stdout__ = _stream(results)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _stream(2)  # type: ignore[misc]


def delivered(code: int) -> int:
    """The exit code, once the results are out: 5 where they are not, though somebody waits."""
    channel = _of(sys.stdout)
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
    """A text stream on a channel: UTF-8, as data are, whatever the console speaks."""
    buffer = io.BufferedWriter(Channel(descriptor, "wb", closefd=False))
    is_chatty = descriptor == 2 or buffer.isatty()
    return io.TextIOWrapper(buffer, "utf-8", "backslashreplace", "\n", is_chatty)


def _of(stream: Any) -> Channel | None:
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    return raw if isinstance(raw, Channel) else None
