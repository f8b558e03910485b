"""Results on their way out: to a screen or a file, whole, in the format asked for."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TextIO

import click

from fte_alloc.errors import FteAllocError, InfeasibleError, InputError
from fte_alloc.language import NN_, _, ngettext
from fte_alloc.names import IMPOSSIBLE_BY_SOLVER
from fte_alloc.texts import Lines, visible

if TYPE_CHECKING:
    from fte_alloc.questions.answer import Answer, Page, Plot

#: Formats of every question, with their endings.
FORMATS = {"table": ".txt", "csv": ".csv", "json": ".json", "markdown": ".md"}
#: A workbook, of the questions that have one.
XLSX = {"xlsx": ".xlsx"}
#: A picture, and a page for a browser, of the questions that have them.
DRAWN = {"svg": ".svg", "html": ".html"}


@dataclass(frozen=True)
class Result:
    """The result of a command; each format is made only when it is written.

    document : for JSON, or what makes it
    page : makes the sentences and tables
    columns, rows : names of the columns of CSV; makes its rows, by column
    book : makes what a workbook shows, where there is one
    plot : makes the picture, where there is one
    exit_code : of the command
    remark : sentence on stderr, after the result
    is_written : whether nothing is left to print or to write
    """

    document: Any
    page: Callable[[], Page]
    columns: Sequence[str]
    rows: Callable[[], Iterable[Mapping[str, Any]]]
    book: Callable[[], Answer] | None = None
    plot: Callable[[], Plot] | None = None
    exit_code: int = 0
    remark: str = ""
    is_written: bool = False

    def if_proved(self, status: str, otherwise: str) -> Result:
        """The same result; with a remark and exit code 4 where *status* is not ``optimal``."""
        return self if status == "optimal" else replace(self, exit_code=4, remark=otherwise)

    def made(self, form: str) -> str | bytes:
        """The result in a format."""
        from fte_alloc.render import data

        if form == "json":
            return data.as_json(self.document() if callable(self.document) else self.document)
        if form == "csv":
            return data.as_csv(self.columns, self.rows())
        if form == "xlsx" and self.book:
            from fte_alloc.render.workbook import workbook

            return workbook(self.book())
        if form == "svg" and self.plot:
            from fte_alloc.render.svg import svg

            return svg(self.plot())
        if form == "html" and self.plot:
            from fte_alloc.render.html import html_page

            return html_page(self.page(), self.plot())
        if form == "markdown":
            from fte_alloc.render.markdown import markdown

            return markdown(self.page())
        from fte_alloc.render.terminal import print_page

        print_page(self.page(), buffer := io.StringIO())
        return buffer.getvalue()


def emit(result: Result, form: str, out: str | None, results: TextIO, quiet: bool = False) -> None:
    """Write a result in a format to the file *out*, else to the stream *results*.

    quiet : whether nothing is said of a file that is written
    """
    if out is None and form == "table":
        from fte_alloc.render.terminal import print_page

        print_page(result.page(), results)
    else:
        made = result.made(form)
        # UTF-8, whatever the console speaks; halves of characters, as in names of files, escaped.
        data = made.encode("utf-8", "backslashreplace") if isinstance(made, str) else made
        if out is not None:
            _write(out, data, quiet)
        elif hasattr(results, "buffer"):
            results.flush()
            results.buffer.write(data)
        else:
            results.write(data.decode())
    results.flush()


def format_of(form: str | None, out: str | None, formats: Mapping[str, str]) -> str:
    """The format asked for, by name or by the ending of a file.

    formats : those there are, with their endings

    Raises UsageError.
    """
    if out is None:
        if form == "xlsx":
            raise click.UsageError(_("--format xlsx needs --out FILE.xlsx"))
        return form or "table"
    endings = {ending: name for name, ending in formats.items()}
    by_ending = endings.get(os.path.splitext(out)[1].lower())
    if by_ending is None:
        known = " ".join(endings)
        text = _("--out {path}: expected an ending among {known}")
        raise click.UsageError(text.format(path=out, known=known))
    if form is not None and form != by_ending:
        text = _("--format {format} and --out {path} disagree; leave out --format")
        raise click.UsageError(text.format(format=form, path=out))
    return by_ending


def _write(name: str, data: bytes, quiet: bool) -> None:
    """Write a file whole, or not at all; say so, with how many rows or sheets it has."""
    from fte_alloc import files
    from fte_alloc import numbers as show

    files.spare(name, files.have_been_read)
    files.write_whole(name, data)
    held, ending = "", name.lower()
    if ending.endswith(".csv"):  # a cell has no line break
        count, forms = data.count(b"\n") - 1, NN_(", {count} row", ", {count} rows")
        held = ngettext(*forms, count).format(count=show.count(count))
    elif ending.endswith(".xlsx"):
        from zipfile import ZipFile

        with ZipFile(io.BytesIO(data)) as book:
            count = sum(part.startswith("xl/worksheets/sheet") for part in book.namelist())
        held = ngettext(", {count} sheet", ", {count} sheets", count).format(
            count=show.count(count)
        )
    if not quiet:
        say(_("{path}: written{what}.").format(path=name, what=held))


def say(text: str) -> None:
    """Say something beside the result, on stderr."""
    click.echo(visible(text), file=sys.stderr)


def complaint(error: FteAllocError, about: str = "") -> Lines:
    """What is said on stderr of an error.

    about : scenario or plan, where the command is about one
    """
    from shlex import quote

    if isinstance(error, InputError):
        count = len(error.mistakes)
        lines = [
            ngettext(
                "{count} mistake to put right:", "{count} mistakes to put right:", count
            ).format(count=count),
            "",
        ]
        lines += map(str, error.mistakes)
        unknown = _("unknown key{hint}").format(hint="")
        if any(unknown in line for line in lines[2:]):
            typed = all(mistake.where.startswith("--") for mistake in error.mistakes)
            of = quote(about) if about and typed else "reference"
            text = _("All keys with their values and origins: fte-alloc show {scenario}")
            lines += ["", text.format(scenario=of)]
    elif isinstance(error, InfeasibleError) and error.inputs:
        from fte_alloc.inputs.overrides import command

        text = _("Why, and what would help: {command}")
        why = text.format(command=command("solve", error.inputs))
        by_solver = [] if error.proved else [_(IMPOSSIBLE_BY_SOLVER)]
        no_plan = _("{scenario}: no plan is possible.").format(scenario=error.inputs.label)
        lines = list(map(visible, [no_plan, *by_solver, why]))
    else:
        lines = [
            _("{scenario}: {reason}").format(scenario=about, reason=error) if about else str(error)
        ]
    return Lines("\n".join(lines))
