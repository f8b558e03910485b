"""The command ``frontier``: what one objective costs in terms of another."""

from __future__ import annotations

from collections.abc import Sequence

import click

from fte_alloc.cli.group import cli
from fte_alloc.cli.options import common
from fte_alloc.cli.output import DRAWN, FORMATS, emit, format_of, progress, say
from fte_alloc.cli.shared import explain_impossible, load_scenario
from fte_alloc.cli.speech import Command


class _Command(Command):
    """A command whose help says what every objective seeks."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the command does, and the objectives."""
        super().format_help_text(ctx, formatter)
        _write_objectives(formatter)


def _write_objectives(formatter: click.HelpFormatter) -> None:
    from fte_alloc import words

    with formatter.section(words.FRONTIER_OBJECTIVES):
        formatter.write_dl(list(words.FRONTIER_SEEKS.items()))


@cli.command(
    cls=_Command,
    epilog="""
    fte-alloc frontier reference --between coverage:worst_rate
    fte-alloc frontier tight-budget --between coverage:state_cost --out curve.html
""",
)
@click.argument("scenario")
@click.option(
    "--between",
    required=True,
    metavar="FIRST:SECOND",
    help="Two objectives, such as coverage:worst_rate; what SECOND costs is told in FIRST.",
)
@common("set", "format", "out", "limit", "quiet", drawn=True)
def frontier(
    scenario: str,
    between: str,
    overrides: Sequence[str],
    form: str | None,
    out: str | None,
    time_limit_s: float | None,
    quiet: bool,
) -> None:
    """What one objective costs in terms of another: the whole curve, every point proved."""
    from fte_alloc import words
    from fte_alloc.analysis.frontier import frontier as trade_off
    from fte_alloc.analysis.frontier import pair
    from fte_alloc.analysis.frontier_document import columns, rows
    from fte_alloc.errors import InfeasibleError, InputError
    from fte_alloc.report.data import as_csv
    from fte_alloc.report.frontier_chart import frontier_html, frontier_svg
    from fte_alloc.report.frontier_page import frontier_page

    try:
        first, second = pair(between)
    except InputError as error:
        formatter = click.HelpFormatter(width=100)
        _write_objectives(formatter)
        raise click.UsageError(f"{error}\n{formatter.getvalue().rstrip()}") from None
    form = format_of(form, out, FORMATS | DRAWN)
    problem = load_scenario(scenario, overrides, quiet)
    try:
        with progress(words.FRONTIER_PROGRESS, quiet) as told:
            answer = trade_off(problem, first, second, time_limit_s=time_limit_s, told=told)
    except InfeasibleError as error:
        if form in DRAWN:
            say(words.FRONTIER_NO_DRAWING)
            form = out = None
        explain_impossible(problem, scenario, form, out)
        raise SystemExit(error.exit_code) from None
    document = answer.document
    emit(
        form,
        out,
        document,
        lambda: frontier_page(document),
        lambda: as_csv(columns(answer), rows(answer)),
        drawn={"svg": lambda: frontier_svg(document), "html": lambda: frontier_html(document)},
    )
    if answer.status != "optimal":
        say(words.FRONTIER_OPEN)
        raise SystemExit(4)
