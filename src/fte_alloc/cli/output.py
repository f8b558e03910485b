"""Results on their way out: to a screen or a file, whole, in the format asked for."""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from fte_alloc.texts import Lines, visible

if TYPE_CHECKING:
    from fte_alloc.analysis.attribution import Attribution
    from fte_alloc.analysis.side import Side
    from fte_alloc.errors import FteAllocError
    from fte_alloc.report.pages import Page

FORMATS = {"table": ".txt", "csv": ".csv", "json": ".json", "markdown": ".md"}
#: A workbook, of the commands that have one.
XLSX = {"xlsx": ".xlsx"}
#: A picture, and a page for a browser, of the commands that have them.
DRAWN = {"svg": ".svg", "html": ".html"}


def emit(
    form: str | None,
    out: str | None,
    document: Any,
    page: Callable[[], Page],
    table: Callable[[], str],
    book: Callable[[], bytes] | None = None,
    drawn: Mapping[str, Callable[[], str]] | None = None,
) -> None:
    """Print a result, or write it to a file, in the format asked for.

    document : for JSON, or what makes it
    book : what makes its workbook, where it has one
    drawn : what makes the formats of ``DRAWN``, where it has them
    """
    formats = FORMATS | (XLSX if book else {}) | (DRAWN if drawn else {})
    form = format_of(form, out, formats)
    if form == "xlsx" and out and book:
        write(out, book())
        return
    results = click.get_current_context().obj  # the stream kept for them
    if out is None and form == "table":
        from fte_alloc.report.terminal import print_page

        print_page(page(), results)
        results.flush()
        return
    if form == "json":
        from fte_alloc.report.data import as_json

        text = as_json(document() if callable(document) else document)
    elif form == "csv":
        text = table()
    elif drawn and form in drawn:
        text = drawn[form]()
    elif form == "markdown":
        from fte_alloc.report.pages import markdown

        text = markdown(page())
    else:
        from fte_alloc.report.terminal import print_page

        buffer = io.StringIO()
        print_page(page(), buffer)
        text = buffer.getvalue()
    if out is not None:
        write(out, _bytes(text))
    elif hasattr(results, "buffer"):  # data are UTF-8, whatever the console speaks
        results.flush()
        results.buffer.write(_bytes(text))
        results.flush()
    else:
        results.write(text)


def _bytes(text: str) -> bytes:
    r"""A text in UTF-8; halves of characters, as in names of files, as ``\udcff``."""
    return text.encode("utf-8", "backslashreplace")


def format_of(form: str | None, out: str | None, formats: Mapping[str, str]) -> str:
    """The format asked for, by name or by the ending of a file.

    formats : those there are, with their endings
    """
    from fte_alloc import words

    if out is None:
        if form == "xlsx":
            raise click.UsageError(words.WORKBOOK_NEEDS_FILE)
        return form or "table"
    endings = {ending: name for name, ending in formats.items()}
    by_ending = endings.get(os.path.splitext(out)[1].lower())
    if by_ending is None:
        known = " ".join(endings)
        raise click.UsageError(words.UNKNOWN_EXTENSION.format(path=out, known=known))
    if form is not None and form != by_ending:
        raise click.UsageError(words.FORMAT_CONFLICT.format(format=form, path=out))
    return by_ending


def writable(name: str, typed: Iterable[str]) -> None:
    """Refuse a file that cannot be written or is to be read, while nothing is lost by it.

    typed : whatever else was typed, names of files among it
    """
    from fte_alloc import files

    files.have_been_read.clear()
    files.spare(name, typed)
    files.writable(name)


def write(name: str, data: bytes) -> None:
    """Write a file whole, or not at all; and say so."""
    from fte_alloc import files, words

    files.spare(name, files.have_been_read)
    files.write_whole(name, data)
    context = click.get_current_context(silent=True)
    if context is None or not context.params.get("quiet"):
        say(words.WRITTEN.format(path=name, what=_held(name, data)))


def _held(name: str, data: bytes) -> str:
    """What a file that was written holds: rows, sheets, or nothing that is counted."""
    from zipfile import ZipFile

    from fte_alloc import words
    from fte_alloc.report import numbers as show

    if name.lower().endswith(".csv"):
        lines = csv.reader(io.StringIO(data.decode("utf-8"), newline=""))
        forms, count = words.WRITTEN_ROWS, sum(1 for _ in lines) - 1
    elif name.lower().endswith(".xlsx"):
        with ZipFile(io.BytesIO(data)) as book:
            sheets = [part for part in book.namelist() if part.startswith("xl/worksheets/sheet")]
        forms, count = words.WRITTEN_SHEETS, len(sheets)
    else:
        return ""
    return str(words.plural(forms, count).format(count=show.count(count)))


def say(text: str) -> None:
    """Say something beside the result, on stderr."""
    click.echo(visible(text), file=sys.stderr)


def complain(error: FteAllocError, scenario: str = "") -> None:
    """Say what went wrong, on stderr."""
    from shlex import quote

    from fte_alloc import words
    from fte_alloc.errors import InfeasibleError, InputError

    if isinstance(error, InputError):
        count = len(error.mistakes)
        say(Lines(words.plural(words.MISTAKES, count).format(count=count) + "\n"))
        for mistake in error.mistakes:
            say(Lines(mistake))
        unknown = words.UNKNOWN_KEY.format(hint="")
        if any(unknown in str(mistake) for mistake in error.mistakes):
            typed = all(mistake.where.startswith("--") for mistake in error.mistakes)
            of = quote(scenario) if scenario and typed else "reference"
            say(Lines("\n" + words.SEE_KEYS.format(scenario=of)))
    elif isinstance(error, InfeasibleError):
        from fte_alloc.scenario.overrides import command

        known = error.inputs
        say(words.NO_PLAN.format(scenario=known.label if known else scenario))
        if not error.proved:
            say(words.IMPOSSIBLE_BY_SOLVER)
        if known:
            say(words.NO_PLAN_WHY.format(command=command("solve", known)))
    else:
        told = words.FAILED.format(scenario=scenario, reason=error) if scenario else str(error)
        say(Lines(told))


def attributed(
    sides: Sequence[Side], territory: str | None, time_limit_s: float | None, quiet: bool
) -> tuple[Attribution, ...]:
    """What each change did, with its progress shown to whoever waits for it."""
    from fte_alloc import words
    from fte_alloc.analysis.attribution import attributions

    with progress(words.BRIDGE_PROGRESS, quiet) as told:
        return tuple(attributions(sides, territory, time_limit_s, told))


@contextmanager
def progress(label: str, quiet: bool = False) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on stderr, told how much is done of how much; only where somebody looks."""
    if quiet or not getattr(sys.stderr, "isatty", bool)():
        yield None
        return
    with click.progressbar(length=1, label=label, file=sys.stderr, show_pos=True) as bar:

        def told(done: int, most: int) -> None:
            bar.length = most
            bar.update(done - bar.pos)

        yield told
