"""Commands on several plans, scenarios or cases: compare, report, regret, sweep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import click

from fte_alloc.api import result_of
from fte_alloc.cli.command import (
    FILE,
    Number,
    Request,
    Whole,
    command,
    option,
    plan_result,
    refuse_unused,
)
from fte_alloc.cli.output import error_text, say, usage_error
from fte_alloc.errors import FteAllocError, values_or_input_error
from fte_alloc.language import N_, _, few
from fte_alloc.names import NO_CASES, STOP_REASONS
from fte_alloc.render.result import PAGE, Result

if TYPE_CHECKING:
    from fte_alloc.questions.sides import Side
    from fte_alloc.questions.sweep.sweep import Sweep

STATUS_QUO_ALONE = N_(
    "status-quo is that of a scenario: name one before it, or a plan whose files are at hand"
)

VARY = option(
    "--vary varied KEY=LOW:HIGH:STEP",
    "Values of an input, or KEY=VALUE,VALUE,... Repeatable: every value with every other.",
    multiple=True,
)


@command(
    "compare reference state-first tight-budget",
    "compare reference --set budget.state_eur_per_year=4500000 --why",
    is_limited=True,
)
@click.argument("plans", metavar="PLAN...", nargs=-1, required=True)
@option("--why", "Say what each change of an input did to the figures.", is_flag=True)
@option("--territory CODE", "With --why: to the posts of one, too.")
@option("--area CODE", "With --why: to the posts of an area, too.")
def compare_command(
    request: Request, plans: Sequence[str], why: bool, territory: str | None, area: str | None
) -> Result:
    """Plans side by side: inputs that differ, results, posts moved. The first is the baseline.

    PLAN is a scenario, a saved PLAN.json or status-quo (no new post, under the first of these).
    With one scenario and --set: with and without it; otherwise --set applies to all.
    """
    from fte_alloc.questions.compare.compare import Comparison
    from fte_alloc.questions.sides import STATUS_QUO, WITH_SET, sides_named_apart
    from fte_alloc.questions.why.attribution import attributions

    if len(plans) == 1 and not request.overrides:
        raise usage_error(_("compare needs two plans, or one scenario with --set"))
    if not why:
        refuse_unused("--why", "territory", "area", without=True)
    plain = [plan for plan in plans if plan != STATUS_QUO]
    if not plain:
        raise usage_error(_(STATUS_QUO_ALONE))
    first = next((plan for plan in plain if not plan.endswith(".json")), plain[0])
    wanted = [(request, plan) for plan in plans]
    if len(plans) == 1:
        wanted.insert(0, (replace(request, overrides=()), first))
    sides: list[Side] = []
    failed = 0
    for asked, name in wanted:
        try:
            sides.append(_side(asked, name, first))
        except FteAllocError as error:
            say(error_text(error, name))
            failed = max(failed, error.exit_code)
    if len(sides) < 2:
        raise click.exceptions.Exit(failed)
    if len(plans) == 1:
        sides[1] = replace(sides[1], name=sides[1].name + WITH_SET)
    comparison = Comparison(sides_named_apart(sides))
    if why:
        with request.progress(_("scenarios in between")) as progress:
            found = attributions(comparison.sides, territory, area, request.time_limit_s, progress)
        comparison = replace(comparison, why=tuple(found))
    stopped = any(side.document["status"] == "stopped" for side in sides)
    return replace(result_of(comparison), exit_code=max(failed, 4 if stopped else 0))


def _side(request: Request, name: str, first: str) -> Side:
    """One side of a comparison: a scenario's best plan, a saved plan or *first*'s status quo."""
    from pathlib import Path

    from fte_alloc.inputs.plan_files import read_plan
    from fte_alloc.questions.plan import solve
    from fte_alloc.questions.plan_document import evaluation_document
    from fte_alloc.questions.sides import STATUS_QUO, side_of
    from fte_alloc.questions.verify.verify import proved_problem

    path = first if name == STATUS_QUO else name
    saved = read_plan(Path(path)) if path.endswith(".json") else None
    problem = request.load(path) if saved is None else proved_problem(saved)
    if saved is not None and name != STATUS_QUO:
        return side_of(saved, problem, Path(name).name)
    if problem is None:
        raise usage_error(_(STATUS_QUO_ALONE))
    if name == STATUS_QUO:
        return side_of(evaluation_document(problem.status_quo), problem, STATUS_QUO)
    plan = solve(problem, request.time_limit_s)
    return side_of(plan.document, plan.problem, problem.inputs.name)


@command(
    "report reference state-first tight-budget --out page.html",
    "report reference --vary posts.cap_fte=560:600:5 --out page.html",
    formats=PAGE,
    is_limited=True,
)
@click.argument("scenarios", metavar="SCENARIO...", nargs=-1, required=True)
@VARY
def report_command(request: Request, scenarios: Sequence[str], varied: Sequence[str]) -> Result:
    """A page to send on: the best plan, maps, bars, a sheet a territory, sources.

    The first scenario is the subject; others are compared with it. With --vary the page of one
    scenario has sliders over plans that are all proved now; it needs no solver to move.
    """
    from fte_alloc.questions.plan import solve
    from fte_alloc.questions.report.page import report, report_answer
    from fte_alloc.questions.report.sliders import slider_cases, sliders
    from fte_alloc.questions.sweep.cases import vary

    if varied and (len(scenarios) > 1 or len(varied) > 2):
        raise usage_error(_("--vary goes with one scenario, once or twice"))
    given, plans = [vary(text) for text in varied], []
    for name in scenarios:
        problem = request.load(name)
        cases = slider_cases(problem, given)
        plans.append(solve(problem, request.time_limit_s))
    with request.progress(_("territories")) as progress:
        found = report(plans, request.time_limit_s, progress)
    if varied:
        watched = partial(request.progress, _("plans"))
        moved = sliders(scenarios[0], found, cases, watched, request.time_limit_s)
        found = replace(found, sliders=moved)
    stopped = next((plan for plan in plans if plan.status != "optimal"), plans[0])
    return plan_result(Result(web=lambda: report_answer(found)), stopped)


@command(
    "regret reference state-first need-first",
    "regret reference tight-budget --probability tight-budget=0.7 --relative",
    is_limited=True,
)
@click.argument("scenarios", metavar="SCENARIO SCENARIO...", nargs=-1, required=True)
@option("--relative", "Measure regret as a share of each optimum.", is_flag=True)
@option(
    "--probability chances NAME=SHARE",
    "How likely a scenario is, for the average. Repeatable; the others share what is left.",
    multiple=True,
)
def regret_command(
    request: Request, scenarios: Sequence[str], relative: bool, chances: Sequence[str]
) -> Result:
    """One plan for all scenarios: the one whose largest regret, whichever comes true, is least.

    Regret is what the best plan for a scenario covers more, there. Also the plan best on average.
    """
    from fte_alloc.questions.regret.comparable import parse_probability
    from fte_alloc.questions.regret.regret import regret

    if len(scenarios) < 2:
        raise usage_error(_("regret needs two scenarios or more"))
    problems, limit = [request.load(name) for name in scenarios], request.time_limit_s
    shares = values_or_input_error(chances, parse_probability)
    answer = regret(problems, probabilities=shares, relative=relative, time_limit_s=limit)
    why = _(STOP_REASONS[answer.safest.reason or answer.average.reason or "rounds"])
    text = _("{reason}; the plan shown is not proved the safest.")
    return result_of(answer).if_proved(answer.status, text.format(reason=why))


@command(
    "sweep reference --vary posts.cap_fte=540:600:20",
    "sweep reference --sample 20 --uncertain coverage.contracts_per_fte=20%",
)
@click.argument("scenario")
@VARY
@option(
    "--cases cases_file FILE.csv",
    "Cases from a file: a column for every key, a row for every case.",
    type=FILE,
)
@option(
    "--sample draws DRAWS",
    "Draw this many cases of what is uncertain (a Latin hypercube).",
    type=Whole(min=1),
)
@option(
    "--uncertain KEY=LOW:HIGH",
    "An uncertain input, or KEY=20%; demand: every territory's contracts. Repeatable.",
    multiple=True,
)
@option("--seed", "Seed of the draws.", type=Whole(min=0), default=0)
@option(
    "--at-least at_least_fte FTE",
    "Tell in which share of the plans a post has this many new FTE.",
    type=Number(min=0),
    default=1.0,
)
@option("--jobs", "Processes at work.", type=Whole(min=1), default=1)
@option("--cluster tcp://...", "Work on a Dask cluster (extra dask).")
def sweep_command(
    request: Request,
    scenario: str,
    varied: Sequence[str],
    cases_file: str | None,
    draws: int | None,
    uncertain: Sequence[str],
    seed: int,
    at_least_fte: float,
    jobs: int,
    cluster: str | None,
) -> Result:
    """Solve many cases of a scenario: a grid, a list, a file of cases, a sample.

    A case that no plan satisfies is a row like any other. With --out FILE.csv the rows are kept as
    they come; the same command again runs only those that are missing.
    """
    from importlib.util import find_spec

    from fte_alloc.questions.sweep.cases import Cases, read_cases, sample, vary
    from fte_alloc.questions.sweep.page import unproved_sentence
    from fte_alloc.questions.sweep.processes import cluster as cluster_at
    from fte_alloc.questions.sweep.sweep import sweep

    if (draws is None) != (not uncertain):
        raise usage_error(_("--sample needs --uncertain, and --uncertain needs --sample"))
    if not (varied or cases_file or draws):
        raise usage_error(_(NO_CASES))
    if not draws:
        refuse_unused("--sample", "seed", without=True)
    if cluster is not None:
        if not cluster.strip():
            text = _(
                "--cluster needs the address of a Dask scheduler, such as tcp://127.0.0.1:8786"
            )
            raise usage_error(text)
        refuse_unused("--cluster", "jobs")
        if find_spec("distributed") is None:
            raise usage_error(_("--cluster needs the extra dask: pip install 'fte-alloc[dask]'"))
    if request.form in ("csv", "csv-fr"):
        refuse_unused(request.form, "at_least_fte")
    problem = request.load(scenario)
    cases = Cases()
    for text in varied:
        cases = cases.times(vary(text))
    if cases_file:
        cases = cases.times(read_cases(cases_file))
    if draws:
        cases = cases.times(sample(problem, uncertain, draws, seed))
    out = request.out if request.form == "csv" else None
    lost = _("Nothing is kept without --out FILE.csv.")
    if out:
        lost = _(
            "Interrupted: {done} of {most} cases are in {path}; the same command goes on from "
            "there."
        )
    with request.progress(_("Solving cases"), lost) as progress:
        done = sweep(
            scenario,
            cases,
            overrides=request.changes,
            at_least_fte=at_least_fte,
            out=out,
            jobs=jobs,
            pool=partial(cluster_at, cluster) if cluster else None,
            progress=progress,
        )
    if out:
        _report_kept_rows(request, done)
    codes = {"stopped": 4, "invalid": 5, "failed": 6}
    code = max(codes.get(status, 0) for status in done.document["by_status"])
    remark = unproved_sentence(done.document) if code else ""
    return replace(result_of(done), exit_code=code, remark=remark, is_written=out is not None)


def _report_kept_rows(request: Request, done: Sweep) -> None:
    """Report how many cases a sweep's file has, and whose invalid rows were solved again."""
    from fte_alloc import numbers as show

    if done.anew:
        text = _("{path}: rows were damaged or did not hold and were solved anew: {cases}")
        say(text, path=request.out, cases=few([" ".join(key) for key in done.anew], 5))
    if not request.quiet:
        counts = {"count": show.count(len(done.rows)), "new": show.count(done.solved)}
        say(_("{path}: {count} cases, {new} of them solved now."), path=request.out, **counts)
