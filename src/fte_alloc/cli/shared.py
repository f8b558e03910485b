"""What several commands do: load a scenario, say why no plan is possible."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from fte_alloc.cli import books
from fte_alloc.cli.output import emit, say

if TYPE_CHECKING:
    from fte_alloc.errors import Mistake
    from fte_alloc.programme.problem import Problem


def load_scenario(scenario: str, overrides: Sequence[str], quiet: bool) -> Problem:
    """A scenario, its warnings told; no input of it will be written over.

    Raises InputError.
    """
    from fte_alloc import files, words
    from fte_alloc.scenario import load, parse_override

    problem = load(scenario, parsed(overrides, parse_override))
    if out := click.get_current_context().params.get("out"):
        files.spare(out, files.have_been_read)
    if not quiet:
        for warning in problem.inputs.warnings:
            say(words.WARNING.format(text=warning))
    return problem


def parsed(overrides: Sequence[str], parse: Callable[[str], tuple[str, Any]]) -> dict[str, Any]:
    """Options as keys with values; all that are wrong are told at once.

    Raises InputError.
    """
    from fte_alloc.errors import InputError

    parsed: dict[str, Any] = {}
    mistakes: list[Mistake] = []
    for text in overrides:
        try:
            key, value = parse(text)
            parsed[key] = value
        except InputError as error:
            mistakes += error.mistakes
    if mistakes:
        raise InputError(mistakes)
    return parsed


def explain_impossible(problem: Problem, scenario: str, form: str | None, out: str | None) -> None:
    """Say why no plan is possible, and what would help."""
    from fte_alloc import words
    from fte_alloc.analysis.impossible import diagnose
    from fte_alloc.errors import SolverError
    from fte_alloc.report.data import as_csv
    from fte_alloc.report.impossible_page import REPAIR_COLUMNS, impossible_page, repair_rows

    try:
        document = diagnose(problem).document
    except ValueError:  # posts that keep every limit exist
        raise SolverError(words.IMPOSSIBLE_UNSURE) from None
    form, out = books.not_written(form, out)
    emit(
        form,
        out,
        document,
        lambda: impossible_page(document),
        lambda: as_csv(REPAIR_COLUMNS, repair_rows(document)),
    )
    if out is not None or form in ("json", "csv"):
        say(words.NO_PLAN.format(scenario=scenario))


def posts_csv(document: Mapping[str, Any]) -> str:
    """New posts, one row a place, role and year."""
    from fte_alloc.report.data import POST_COLUMNS, as_csv

    return as_csv(POST_COLUMNS, document["posts"])
