"""The question ``weights``: how far a weight may move before anybody notices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from fte_alloc.cli.options import Number, in_vain
from fte_alloc.cli.output import Result
from fte_alloc.cli.seam import Request, question
from fte_alloc.language import _
from fte_alloc.names import GOES_NOT_WITH

if TYPE_CHECKING:
    from fte_alloc.programme.problem import Problem


@question(
    is_limited=True,
    examples="""
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
    help="With --explain-plan: weights are near by the sum of relative changes or the largest.",
)
def weights(
    request: Request,
    scenario: str,
    tolerance_fte: float,
    keys: Sequence[str],
    path: str | None,
    plan: str | None,
    measure: str,
) -> Result:
    """How far each weight may move before a post does, and whose moves first.

    Of every kind of buyer, year, indicator and territory, those at their default too.
    """
    from fte_alloc.questions.weights.page import path_page, weights_page
    from fte_alloc.questions.weights.weights import weights as look_at

    if sum(map(bool, (path, keys, plan))) > 1:
        text = _("--weight, --path and --explain-plan ask different things; give one of them")
        raise click.UsageError(text)
    if plan is None:
        in_vain(_("{option} goes with {other}"), "--explain-plan", "measure")
    else:
        in_vain(_(GOES_NOT_WITH), "--explain-plan", "tolerance_fte", "time_limit_s")
    problem, limit = request.load(scenario), request.time_limit_s
    if plan is not None:
        return _justified(problem, plan, measure)
    lost = _("Interrupted after {done} of {most} {what}; nothing is written.")
    if path is not None:
        from fte_alloc.questions.weights.path import parse_path, weight_path

        along = parse_path(path)
        with request.progress(_("points"), lost=lost) as told:
            traced = weight_path(problem, *along, tolerance_fte, time_limit_s=limit, told=told)
        return Result(
            traced.document, lambda: path_page(traced), traced.columns, lambda: traced.rows
        ).if_proved(
            traced.status,
            _("stopped at the time limit; lines between the points may be further off than asked."),
        )
    with request.progress(_("weights"), lost=lost) as told:
        found = look_at(problem, tolerance_fte, keys or None, time_limit_s=limit, told=told)
    left, text = found.document["left"], _("stopped at the time limit; not looked at: {keys}.")
    return Result(
        found.document, lambda: weights_page(found), found.columns, lambda: found.rows
    ).if_proved(found.status, text.format(keys=", ".join(left)))


def _justified(problem: Problem, plan: str, measure: str) -> Result:
    """The weights that justify a plan typed by hand, or why none do (exit 1)."""
    from pathlib import Path

    from fte_alloc.inputs.plans import PostCodes, read_posts
    from fte_alloc.questions.justify.justify import justify
    from fte_alloc.questions.justify.page import justify_page

    typed = read_posts(Path(plan), PostCodes.of(problem), problem.years)
    found = justify(problem, typed, measure)
    return Result(
        found.document,
        lambda: justify_page(found.document),
        found.columns,
        lambda: found.rows,
        exit_code=0 if found.status == "justified" else 1,
    )
