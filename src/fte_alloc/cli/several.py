"""Questions about several plans or scenarios: compare, regret."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from fte_alloc import language
from fte_alloc.cli.options import in_vain
from fte_alloc.cli.output import FORMATS, XLSX, Result, complaint, say
from fte_alloc.cli.seam import Request, parsed, question
from fte_alloc.errors import FteAllocError
from fte_alloc.language import N_, _
from fte_alloc.names import STOP_REASONS

if TYPE_CHECKING:
    from fte_alloc.questions.results import Side
    from fte_alloc.questions.why.attribution import Attribution

STATUS_QUO_ALONE = N_(
    "status-quo is that of a scenario: name one before it, or a plan whose files are at hand"
)
STATUS_QUO = "status-quo"


@question(
    FORMATS | XLSX,
    is_limited=True,
    examples="""
    fte-alloc compare reference state-first tight-budget
    fte-alloc compare reference --set budget.state_eur_per_year=4500000 --why
""",
)
@click.argument("plans", nargs=-1, required=True, metavar="PLAN...")
@click.option("--why", is_flag=True, help="Say what each change of an input did to the figures.")
@click.option("--territory", metavar="CODE", help="With --why: to the posts of one, too.")
def compare(request: Request, plans: Sequence[str], why: bool, territory: str | None) -> Result:
    """Plans side by side: inputs that differ, results, posts moved. The first is the baseline.

    PLAN is a scenario, a saved PLAN.json or status-quo (no new post, under the first of these).
    With one scenario and --set: with and without it; otherwise --set applies to all.
    """
    from fte_alloc.questions.compare.answer import compare_answer
    from fte_alloc.questions.compare.compare import CSV_COLUMNS, Comparison, named_apart
    from fte_alloc.questions.results import WITH_SET
    from fte_alloc.questions.why.attribution import attributions

    if len(plans) == 1 and not request.overrides:
        raise click.UsageError(_("compare needs two plans, or one scenario with --set"))
    if not why:
        in_vain(_("{option} goes with {other}"), "--why", "territory")
    plain = [plan for plan in plans if plan != STATUS_QUO]
    if not plain:
        raise click.UsageError(_(STATUS_QUO_ALONE))
    first = next((plan for plan in plain if not plan.endswith(".json")), plain[0])
    wanted = [(request, plan) for plan in plans]
    if len(plans) == 1:
        wanted.insert(0, (replace(request, overrides=()), plans[0]))
    sides: list[Side] = []
    failed: list[tuple[str, Callable[[], Any], FteAllocError]] = []
    for asked, name in wanted:
        attempt = partial(_side, asked, name, first)
        side = attempt()
        if isinstance(side, FteAllocError):
            failed.append((name, attempt, side))
        elif len(plans) == 1 and asked is request:
            sides.append(replace(side, name=name + WITH_SET))
        elif name.endswith(".json") or name == STATUS_QUO:
            sides.append(side)
        else:
            sides.append(replace(side, name=side.document["inputs"]["scenario"]))
    for name, __, reason in failed:
        say(complaint(reason, name))
    stopped = any(side.document["status"] == "stopped" for side in sides)
    code = max([4 if stopped else 0, *(reason.exit_code for *_, reason in failed)])
    if len(sides) < 2:
        for side in sides:
            say(_("Nothing is left to compare with {scenario}.").format(scenario=side.name))
        raise click.exceptions.Exit(code)
    apart = named_apart(sides)
    found: list[Attribution] = []
    if why:
        with request.progress(_("scenarios in between")) as told:
            found += attributions(apart, territory, request.time_limit_s, told)
    comparison = Comparison(apart, tuple(found))

    def document() -> dict[str, Any]:
        told = [
            {
                "scenario": name,
                "exit_code": reason.exit_code,
                "reason": str(language.in_english(reason, attempt)),
            }
            for name, attempt, reason in failed
        ]
        return comparison.document | {"failed": told}

    return Result(
        document,
        lambda: compare_answer(comparison).page(),
        CSV_COLUMNS,
        comparison.rows,
        lambda: compare_answer(comparison, document()["failed"]),
        exit_code=code,
    )


def _side(request: Request, name: str, first: str) -> Side | FteAllocError:
    """One of the plans to compare, or why there is none; the status quo is under the *first*."""
    from pathlib import Path

    from fte_alloc.inputs.plans import read_plan
    from fte_alloc.questions.plan import solve
    from fte_alloc.questions.plan_document import evaluation_document
    from fte_alloc.questions.results import side_of
    from fte_alloc.questions.verify.verify import proved_problem

    path = first if name == STATUS_QUO else name
    try:
        saved = read_plan(Path(path)) if path.endswith(".json") else None
        problem = request.load(path) if saved is None else proved_problem(saved)
        if saved is not None and name != STATUS_QUO:
            return side_of(saved, problem, Path(name).name)
        if problem is None:
            raise click.UsageError(_(STATUS_QUO_ALONE))
        if name == STATUS_QUO:
            nothing = problem.status_quo
            return side_of(evaluation_document(nothing, nothing), problem, STATUS_QUO)
        plan = solve(problem, request.time_limit_s)
        return side_of(plan.document, plan.problem)
    except FteAllocError as error:
        return error


@question(
    FORMATS | XLSX,
    is_limited=True,
    examples="""
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
def regret(
    request: Request, scenarios: Sequence[str], relative: bool, chances: Sequence[str]
) -> Result:
    """One plan for all scenarios: the one whose largest regret, whichever comes true, is least.

    Regret is what the best plan for a scenario covers more, there. Also the plan best on average.
    """
    from fte_alloc.questions.document_parts import POST_COLUMNS
    from fte_alloc.questions.regret.answer import regret_answer
    from fte_alloc.questions.regret.comparable import probability
    from fte_alloc.questions.regret.regret import regret as least_regret

    if len(scenarios) < 2:
        raise click.UsageError(_("regret needs two scenarios or more"))
    answer = least_regret(
        [request.load(name) for name in scenarios],
        probabilities=parsed(chances, probability),
        relative=relative,
        time_limit_s=request.time_limit_s,
    )
    document = answer.document
    told = regret_answer(document, answer)
    why = _(STOP_REASONS[answer.safest.reason or answer.average.reason or "rounds"])
    text = _("{reason}; the plan shown is not proved the safest.")
    return Result(
        document, told.page, POST_COLUMNS, lambda: document["posts"], lambda: told
    ).if_proved(answer.status, text.format(reason=why))
