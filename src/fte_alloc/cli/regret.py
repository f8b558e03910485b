"""The command ``regret``: which plan is safe while nobody knows which scenario will come true."""

from __future__ import annotations

from collections.abc import Sequence

import click

from fte_alloc.cli.group import cli
from fte_alloc.cli.options import common
from fte_alloc.cli.output import emit, say
from fte_alloc.cli.shared import load_scenario, parsed, posts_csv
from fte_alloc.cli.speech import Command
from fte_alloc.texts import Lines


@cli.command(
    cls=Command,
    epilog="""
    fte-alloc regret reference state-first need-first
    fte-alloc regret reference tight-budget --probability tight-budget=0.7 --relative
""",
)
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO SCENARIO...")
@click.option("--relative", is_flag=True, help="Measure regret as a share of each optimum.")
@click.option(
    "--probability",
    "chances",
    multiple=True,
    metavar="NAME=SHARE",
    help="How likely a scenario is, for the average. Repeatable; the others share what is left.",
)
@common("set", "format", "out", "limit", "quiet", book=True)
def regret(
    scenarios: Sequence[str],
    relative: bool,
    chances: Sequence[str],
    overrides: Sequence[str],
    form: str | None,
    out: str | None,
    time_limit_s: float | None,
    quiet: bool,
) -> None:
    """One plan for all scenarios: the one whose largest regret, whichever comes true, is least.

    Regret is what the best plan for a scenario covers more, there. Also the plan best on average.
    """
    from fte_alloc import words
    from fte_alloc.analysis.comparable import ContradictionError, probability
    from fte_alloc.analysis.regret import regret as least_regret
    from fte_alloc.report.regret_answer import regret_answer

    if len(scenarios) < 2:
        raise click.UsageError(words.REGRET_NEEDS_TWO)
    problems = [load_scenario(name, overrides, quiet) for name in scenarios]
    try:
        answer = least_regret(
            problems,
            probabilities=parsed(chances, probability),
            relative=relative,
            time_limit_s=time_limit_s,
        )
    except ContradictionError as error:
        say(Lines(error))
        raise SystemExit(error.exit_code) from None
    document = answer.document
    told = regret_answer(document, answer)
    emit(
        form,
        out,
        document,
        told.page,
        lambda: posts_csv(document),
        told.book,
    )
    if answer.status != "optimal":
        why = answer.safest.reason or answer.average.reason or "rounds"
        say(words.REGRET_OPEN.format(reason=words.STOP_REASONS[why]))
        raise SystemExit(4)
