"""The command ``weights``: how far a weight may move before anybody notices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from fte_alloc.cli.group import cli
from fte_alloc.cli.options import Number, common, in_vain
from fte_alloc.cli.output import emit, progress, say
from fte_alloc.cli.shared import load_scenario
from fte_alloc.cli.speech import Command

if TYPE_CHECKING:
    from collections.abc import Callable

    from fte_alloc.programme.problem import Problem


@cli.command(
    cls=Command,
    epilog="""
    fte-alloc weights state-first --weight weights.segment.state_hospital
    fte-alloc weights reference --path weights.territory.53=0.95:1.05
""",
)
@click.argument("scenario")
@click.option(
    "--tolerance",
    "tolerance_fte",
    type=Number(min=0.01),
    default=0.5,
    show_default=True,
    metavar="FTE",
    help="By how much a post may move before it counts. In steps, any other plan counts.",
)
@click.option(
    "--weight",
    "keys",
    multiple=True,
    metavar="KEY",
    help="Look at this weight only: weights.territory.53, 53 or Bretagne. Repeatable.",
)
@click.option("--path", metavar="KEY=LOW:HIGH", help="Trace the posts along one weight instead.")
@click.option(
    "--explain-plan",
    "plan",
    type=click.Path(readable=False),
    metavar="FILE.csv",
    help="Find the nearest weights under which the plan typed in FILE.csv is the best one.",
)
@click.option(
    "--measure",
    type=click.Choice(["total", "largest"]),
    default="total",
    show_default=True,
    help="With --explain-plan: weights are near by the sum of relative changes or the largest.",
)
@common("set", "format", "out", "limit", "quiet")
def weights(
    scenario: str,
    tolerance_fte: float,
    keys: Sequence[str],
    path: str | None,
    plan: str | None,
    measure: str,
    overrides: Sequence[str],
    form: str | None,
    out: str | None,
    time_limit_s: float | None,
    quiet: bool,
) -> None:
    """How far each weight may move before a post does, and whose moves first.

    Of every kind of buyer, year, indicator and territory, those at their default too.
    """
    from fte_alloc import words

    if sum(map(bool, (path, keys, plan))) > 1:
        raise click.UsageError(words.PATH_OR_WEIGHT)
    if plan is None:
        in_vain(words.GOES_WITH, "--explain-plan", "measure")
    else:
        in_vain(words.GOES_NOT_WITH, "--explain-plan", "tolerance_fte", "time_limit_s")
    problem = load_scenario(scenario, overrides, quiet)
    if path is not None:
        _path(problem, path, tolerance_fte, form, out, time_limit_s, quiet)
        return
    if plan is not None:
        _explain(problem, plan, measure, form, out)
        return
    from fte_alloc.analysis.weights import weights as look_at
    from fte_alloc.analysis.weights_document import CSV_COLUMNS
    from fte_alloc.report.data import as_csv
    from fte_alloc.report.weights_page import weights_page

    with _told(words.WEIGHTS_PROGRESS, quiet) as told:
        found = look_at(problem, tolerance_fte, keys or None, time_limit_s=time_limit_s, told=told)
    emit(
        form,
        out,
        found.document,
        lambda: weights_page(found),
        lambda: as_csv(CSV_COLUMNS, found.rows()),
    )
    if found.status != "optimal":
        say(words.WEIGHTS_OPEN.format(keys=", ".join(found.left)))
        raise SystemExit(4)


def _path(
    problem: Problem,
    path: str,
    tolerance_fte: float,
    form: str | None,
    out: str | None,
    time_limit_s: float | None,
    quiet: bool,
) -> None:
    """Posts along one weight."""
    from fte_alloc import words
    from fte_alloc.analysis.weight_path import parse_path, weight_path
    from fte_alloc.report.data import as_csv
    from fte_alloc.report.weights_page import path_page

    key, low, high = parse_path(path)
    with _told(words.PATH_PROGRESS, quiet) as told:
        traced = weight_path(
            problem, key, low, high, tolerance_fte, time_limit_s=time_limit_s, told=told
        )
    emit(
        form,
        out,
        traced.document,
        lambda: path_page(traced),
        lambda: as_csv(traced.columns, traced.rows()),
    )
    if traced.status != "optimal":
        say(words.PATH_OPEN)
        raise SystemExit(4)


def _explain(problem: Problem, plan: str, measure: str, form: str | None, out: str | None) -> None:
    """The weights that justify a plan typed by hand, or why none do (exit 1)."""
    from pathlib import Path

    from fte_alloc.analysis.justify import justify
    from fte_alloc.report.data import as_csv
    from fte_alloc.report.justify_page import WEIGHT_COLUMNS, justify_page, weight_rows
    from fte_alloc.scenario.plans import PostCodes, read_posts

    typed = read_posts(Path(plan), PostCodes.of(problem), problem.years)
    found = justify(problem, typed, measure)
    document = found.document
    emit(
        form,
        out,
        document,
        lambda: justify_page(document),
        lambda: as_csv(WEIGHT_COLUMNS, weight_rows(document)),
    )
    if found.status != "justified":
        raise SystemExit(1)


@contextmanager
def _told(label: str, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar where somebody looks; to who interrupts, how much was done."""
    from fte_alloc import words

    so_far = 0, 0
    with progress(label, quiet) as bar:

        def told(done: int, most: int) -> None:
            nonlocal so_far
            so_far = done, most
            if bar is not None:
                bar(done, most)

        try:
            yield told
        except KeyboardInterrupt:
            done, most = so_far
            say(words.WEIGHTS_INTERRUPTED.format(done=done, most=most, what=label))
            raise SystemExit(130) from None
