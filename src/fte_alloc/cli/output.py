"""Results on their way out: to a screen or a file, whole, in the format asked for."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from fte_alloc.report.pages import Page

FORMATS = {"table": ".txt", "csv": ".csv", "json": ".json", "markdown": ".md"}


def emit(
    form: str | None,
    out: str | None,
    document: Any,
    page: Callable[[], Page],
    table: Callable[[], str],
) -> None:
    """Print a result, or write it to a file, in the format asked for."""
    form = format_of(form, out)
    if out is None and form == "table":
        from fte_alloc.report.terminal import print_page

        print_page(page())
        return
    if form == "json":
        from fte_alloc.report.data import as_json

        text = as_json(document)
    elif form == "csv":
        text = table()
    elif form == "markdown":
        from fte_alloc.report.pages import markdown

        text = markdown(page())
    else:
        from fte_alloc.report.terminal import print_page

        buffer = io.StringIO()
        print_page(page(), buffer)
        text = buffer.getvalue()
    if out is None:
        sys.stdout.write(text)
    else:
        write(out, text)


def format_of(form: str | None, out: str | None) -> str:
    """The format asked for, by name or by the ending of a file."""
    from fte_alloc import words

    if out is None:
        return form or "table"
    endings = {ending: name for name, ending in FORMATS.items()}
    by_ending = endings.get(os.path.splitext(out)[1].lower())
    if by_ending is None:
        known = " ".join(endings)
        raise click.UsageError(words.UNKNOWN_EXTENSION.format(path=out, known=known))
    if form is not None and form != by_ending:
        raise click.UsageError(words.FORMAT_CONFLICT.format(format=form, path=out))
    return by_ending


def write(name: str, text: str) -> None:
    """Write a file whole: under a temporary name beside it, then renamed."""
    from pathlib import Path

    from fte_alloc import words

    path = Path(name)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8", newline="")
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        what = words.CANNOT_WRITE.format(path=path, reason=error.strerror)
        raise click.UsageError(what) from None


def say(text: str) -> None:
    """Say something beside the result, on stderr."""
    click.echo(text, err=True)
