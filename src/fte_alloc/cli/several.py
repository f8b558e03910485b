"""Questions about several plans, scenarios or cases: compare, regret, sweep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from fte_alloc import language
from fte_alloc.cli.options import Number, Whole, in_vain
from fte_alloc.cli.output import FORMATS, XLSX, Result, complaint, say
from fte_alloc.cli.seam import Request, parsed, question
from fte_alloc.errors import FteAllocError
from fte_alloc.language import N_, NN_, _, ngettext
from fte_alloc.names import GOES_NOT_WITH, NO_CASES, STOP_REASONS

if TYPE_CHECKING:
    from fte_alloc.analysis.attribution import Attribution
    from fte_alloc.analysis.side import Side
    from fte_alloc.analysis.sweep_rows import Sweep

STATUS_QUO_ALONE = N_(
    "status-quo is that of a scenario: name one before it, or a plan whose files are at hand"
)
SWEEP_ANEW = NN_(
    "{path}: {count} row was damaged or did not hold and was solved anew: {cases}",
    "{path}: {count} rows were damaged or did not hold and were solved anew: {cases}",
)
SWEEP_DROPPED = NN_(
    "{path}: {count} row of another case was damaged or did not hold and was left out: {cases}",
    "{path}: {count} rows of other cases were damaged or did not hold and were left out: {cases}",
)

STATUS_QUO = "status-quo"
#: Most cases that are named whose rows did not hold.
_MOST_NAMED = 5


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
    from fte_alloc.analysis.attribution import attributions
    from fte_alloc.analysis.compare import CSV_COLUMNS, Comparison, named_apart
    from fte_alloc.analysis.side import WITH_SET
    from fte_alloc.report.compare_answer import compare_answer

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
        lambda: compare_answer(comparison, document()["failed"]).book(),
        exit_code=code,
    )


def _side(request: Request, name: str, first: str) -> Side | FteAllocError:
    """One of the plans to compare, or why there is none; the status quo is under the *first*."""
    from pathlib import Path

    from fte_alloc.analysis.side import side_of
    from fte_alloc.analysis.verify import proved_problem
    from fte_alloc.scenario.plans import read_plan
    from fte_alloc.search.document import evaluation_document
    from fte_alloc.search.plan import solve

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
    from fte_alloc.analysis.comparable import probability
    from fte_alloc.analysis.regret import regret as least_regret
    from fte_alloc.report.data import POST_COLUMNS
    from fte_alloc.report.regret_answer import regret_answer

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
        document, told.page, POST_COLUMNS, lambda: document["posts"], told.book
    ).if_proved(answer.status, text.format(reason=why))


@question(
    examples="""
    fte-alloc sweep reference --vary posts.cap_fte=540:600:20
    fte-alloc sweep reference --sample 20 --uncertain coverage.contracts_per_fte=20%
"""
)
@click.argument("scenario")
@click.option(
    "--vary",
    "varied",
    multiple=True,
    metavar="KEY=LOW:HIGH:STEP",
    help="Values of an input, or KEY=VALUE,VALUE,... Repeatable: every value with every other.",
)
@click.option(
    "--cases",
    "cases_file",
    type=click.Path(readable=False),
    metavar="FILE.csv",
    help="Cases from a file: a column for every key, a row for every case.",
)
@click.option(
    "--sample",
    "draws",
    type=Whole(min=1),
    metavar="DRAWS",
    help="Draw this many cases of what is uncertain (a Latin hypercube).",
)
@click.option(
    "--uncertain",
    multiple=True,
    metavar="KEY=LOW:HIGH",
    help="An uncertain input, or KEY=20%; demand: every territory's contracts. Repeatable.",
)
@click.option("--seed", type=Whole(min=0), default=0, help="Seed of the draws.")
@click.option(
    "--at-least",
    "at_least_fte",
    type=Number(min=0),
    default=1.0,
    metavar="FTE",
    help="Tell in which share of the plans a post has this many new FTE.",
)
@click.option("--jobs", type=Whole(min=1), default=1, help="Processes at work.")
@click.option("--cluster", metavar="tcp://...", help="Work on a Dask cluster (extra dask).")
def sweep(
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

    from fte_alloc import files
    from fte_alloc.analysis.cases import Cases, decimals_meant, read_cases, sample
    from fte_alloc.analysis.cases import vary as vary_one
    from fte_alloc.analysis.sweep import cluster as pool_of
    from fte_alloc.analysis.sweep import sweep as run
    from fte_alloc.analysis.sweep_file import SweepFile
    from fte_alloc.analysis.sweep_rows import columns, keys_of, sweep_document
    from fte_alloc.report import numbers as show
    from fte_alloc.report.sweep_page import not_all, sweep_page

    if (draws is None) != (not uncertain):
        raise click.UsageError(_("--sample needs --uncertain, and --uncertain needs --sample"))
    if not (varied or cases_file or draws):
        raise click.UsageError(_(NO_CASES))
    if not draws:
        in_vain(_("{option} goes with {other}"), "--sample", "seed")
    if cluster is not None:
        if not cluster.strip():
            raise click.UsageError(
                _("--cluster needs the address of a Dask scheduler, such as tcp://127.0.0.1:8786")
            )
        in_vain(_(GOES_NOT_WITH), "--cluster", "jobs")
        if find_spec("distributed") is None:
            said = _("--cluster needs the extra dask: pip install 'fte-alloc[dask]'")
            raise click.UsageError(said)
    if request.form == "csv":
        in_vain(_(GOES_NOT_WITH), "csv", "at_least_fte")
    problem = request.load(scenario)
    cases = Cases()
    for text in varied:
        note = decimals_meant(text)
        if note and not request.quiet:
            say(note)
        cases = cases.times(vary_one(text))
    if cases_file:
        cases = cases.times(read_cases(cases_file))
    if draws:
        cases = cases.times(sample(problem, uncertain, draws, seed))
    file: SweepFile | None = None
    if request.form == "csv" and request.out:
        files.spare(f"{request.out}.part", files.have_been_read)
        names, inputs = columns(problem, cases.keys), problem.inputs.resolved_sha256
        file = SweepFile(request.out, names, len(cases.keys), inputs)
    order = keys_of(cases)
    bar = request.progress(_("Solving cases"), len(order), speed=_("{count} a second"))
    try:
        with bar as told:
            done = run(
                scenario,
                cases,
                overrides=request.changes,
                jobs=jobs,
                pool=pool_of(cluster) if cluster else None,
                known=file.rows if file else None,
                keep=file.keep if file else None,
                progress=told,
            )
    except KeyboardInterrupt:
        if file:
            file.finish(order)
            finished = sum(key in file.rows for key in order)
            counts = {"done": show.count(finished), "count": show.count(len(order))}
            said = _(
                "Interrupted: {done} of {count} cases are in {path}; the same command goes on from "
                "there."
            )
            say(said.format(**counts, path=request.out))
        else:
            say(_("Nothing is kept without --out FILE.csv."))
        raise
    document = sweep_document(done, at_least_fte)
    if file:
        file.finish(order)
        _say_kept(request, done, len(order))
    codes = {"stopped": 4, "invalid": 5, "failed": 6}
    return Result(
        document,
        lambda: sweep_page(document),
        done.columns,
        lambda: (dict(zip(done.columns, done.rows[key], strict=True)) for key in order),
        exit_code=(code := max(codes.get(status, 0) for status in document["by_status"])),
        remark=not_all(document) if code else "",
        is_written=file is not None,
    )


def _say_kept(request: Request, done: Sweep, count: int) -> None:
    """Say how many cases are in the file of a sweep, and whose rows in it did not hold."""
    from fte_alloc.report import numbers as show

    for forms, found in ((SWEEP_ANEW, done.anew), (SWEEP_DROPPED, done.dropped)):
        if found:
            named = [" ".join(key) for key in found[:_MOST_NAMED]]
            cases = ", ".join(named + ["…"] * (len(found) > _MOST_NAMED))
            text = ngettext(*forms, len(found))
            say(text.format(path=request.out, count=len(found), cases=cases))
    if not request.quiet:
        counts = {"count": show.count(count), "new": show.count(done.solved)}
        said = _("{path}: {count} cases, {new} of them solved now.")
        say(said.format(path=request.out, **counts))
