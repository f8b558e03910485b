"""Questions about several plans, scenarios or cases: compare, regret, sweep."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fte_alloc import files, language
from fte_alloc.api import result_of
from fte_alloc.cli.output import complaint, misuse, say
from fte_alloc.cli.seam import Command, Request, in_vain, parsed
from fte_alloc.errors import FteAllocError
from fte_alloc.language import N_, NN_, _, ngettext
from fte_alloc.names import GOES_NOT_WITH, INTERRUPTED, NO_CASES, STOP_REASONS
from fte_alloc.render.result import Result

if TYPE_CHECKING:
    from fte_alloc.questions.answer import Answer
    from fte_alloc.questions.results import Side
    from fte_alloc.questions.sweep.cases import Cases
    from fte_alloc.questions.sweep.rows import Sweep

STATUS_QUO_ALONE = N_(
    "status-quo is that of a scenario: name one before it, or a plan whose files are at hand"
)
STATUS_QUO = "status-quo"
SWEEP_ANEW = NN_(
    "{path}: {count} row was damaged or did not hold and was solved anew: {cases}",
    "{path}: {count} rows were damaged or did not hold and were solved anew: {cases}",
)
SWEEP_DROPPED = NN_(
    "{path}: {count} row of another case was damaged or did not hold and was left out: {cases}",
    "{path}: {count} rows of other cases were damaged or did not hold and were left out: {cases}",
)

#: Most cases that are named whose rows did not hold.
_MOST_NAMED = 5


@Command
def compare(
    request: Request, plans: Sequence[str], why: bool, territory: str | None, area: str | None
) -> Result:
    """Plans side by side: inputs that differ, results, posts moved. The first is the baseline.

    PLAN is a scenario, a saved PLAN.json or status-quo (no new post, under the first of these).
    With one scenario and --set: with and without it; otherwise --set applies to all.
    """
    from fte_alloc.questions.compare.answer import compare_answer
    from fte_alloc.questions.compare.compare import Comparison, named_apart
    from fte_alloc.questions.results import WITH_SET
    from fte_alloc.questions.why.attribution import attributions

    if len(plans) == 1 and not request.overrides:
        raise misuse(_("compare needs two plans, or one scenario with --set"))
    if not why:
        in_vain(_("{option} goes with {other}"), "--why", "territory", "area")
    plain = [plan for plan in plans if plan != STATUS_QUO]
    if not plain:
        raise misuse(_(STATUS_QUO_ALONE))
    first = next((plan for plan in plain if not plan.endswith(".json")), plain[0])
    wanted = [(request, plan, "") for plan in plans]
    if len(plans) == 1:
        without = replace(request, overrides=())
        wanted = [(without, first, ""), (request, first, first + WITH_SET)]
    sides: list[Side] = []
    failed: list[tuple[str, Callable[[], Any], FteAllocError]] = []
    for asked, name, called in wanted:
        attempt = partial(_side, asked, name, first, called)
        side = attempt()
        if isinstance(side, FteAllocError):
            failed.append((name, attempt, side))
        else:
            sides.append(side)
    for name, __, reason in failed:
        say(complaint(reason, name))
    stopped = any(side.document["status"] == "stopped" for side in sides)
    code = max([4 if stopped else 0, *(reason.exit_code for *_, reason in failed)])
    if len(sides) < 2:
        for side in sides:
            say(_("Nothing is left to compare with {scenario}."), scenario=side.name)
        raise click.exceptions.Exit(code)
    apart = named_apart(sides)
    comparison = Comparison(apart)
    if why:
        with request.progress(_("scenarios in between")) as progress:
            found = attributions(apart, territory, area, request.time_limit_s, progress)
        comparison = Comparison(apart, tuple(found))

    def document() -> dict[str, Any]:
        told = []
        for name, attempt, reason in failed:
            in_english = str(language.in_english(reason, attempt))
            told.append({"scenario": name, "exit_code": reason.exit_code, "reason": in_english})
        return comparison.document | {"failed": told}

    def book() -> Answer:
        return compare_answer(comparison, document()["failed"])

    return replace(result_of(comparison), document=document, book=book, exit_code=code)


def _side(request: Request, name: str, first: str, called: str) -> Side | FteAllocError:
    """One of the plans to compare, or why there is none.

    first : the plan whose scenario that of the status quo is
    called : what it is called, if not by its own name
    """
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
            return side_of(saved, problem, called or Path(name).name)
        if problem is None:
            raise misuse(_(STATUS_QUO_ALONE))
        if name == STATUS_QUO:
            nothing = problem.status_quo
            return side_of(evaluation_document(nothing, nothing), problem, STATUS_QUO)
        plan = solve(problem, request.time_limit_s)
        return side_of(plan.document, plan.problem, called or problem.inputs.name)
    except FteAllocError as error:
        return error


@Command
def report(request: Request, scenarios: Sequence[str], varied: Sequence[str]) -> Result:
    """A page to send on: the best plan, maps, bars, a sheet a territory, sources.

    The first scenario is the subject; others are compared with it. With --vary the page of one
    scenario has sliders over plans that are all proved now; it needs no solver to move.
    """
    from fte_alloc.questions.plan import solve
    from fte_alloc.questions.report.grid import sliders, with_own
    from fte_alloc.questions.report.page import moving, report_answer
    from fte_alloc.questions.report.report import report as made_of

    if varied and (len(scenarios) > 1 or len(varied) > 2):
        raise misuse(_("--vary goes with one scenario, once or twice"))
    given, plans = [*_varied(request, varied)], []
    for name in scenarios:
        problem = request.load(name)
        cases = with_own(problem, given)
        plans.append(solve(problem, request.time_limit_s))
    with request.progress(_("territories"), lost=_(INTERRUPTED)) as progress:
        found = made_of(plans, request.time_limit_s, progress)
    if varied:
        watched = partial(request.progress, _("plans"), lost=_(INTERRUPTED))
        told = partial(moving, found)
        moved = sliders(scenarios[0], plans[0], cases, told, watched, request.time_limit_s)
        found = replace(found, sliders=moved)
    stopped = next((plan for plan in plans if plan.status != "optimal"), plans[0])
    text = _("{scenario}: {reason}; the plan shown is not proved best.")
    why = _(STOP_REASONS[stopped.reason or "rounds"])
    return Result(stopped.document, list, (), list, web=lambda: report_answer(found)).if_proved(
        stopped.status, text.format(scenario=stopped.document["scenario"], reason=why)
    )


@Command
def regret(
    request: Request, scenarios: Sequence[str], relative: bool, chances: Sequence[str]
) -> Result:
    """One plan for all scenarios: the one whose largest regret, whichever comes true, is least.

    Regret is what the best plan for a scenario covers more, there. Also the plan best on average.
    """
    from fte_alloc.questions.regret.comparable import probability
    from fte_alloc.questions.regret.regret import regret as least_regret

    if len(scenarios) < 2:
        raise misuse(_("regret needs two scenarios or more"))
    answer = least_regret(
        [request.load(name) for name in scenarios],
        probabilities=parsed(chances, probability),
        relative=relative,
        time_limit_s=request.time_limit_s,
    )
    why = _(STOP_REASONS[answer.safest.reason or answer.average.reason or "rounds"])
    text = _("{reason}; the plan shown is not proved the safest.")
    return result_of(answer).if_proved(answer.status, text.format(reason=why))


@Command
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

    from fte_alloc import numbers as show
    from fte_alloc.questions.sweep.cases import Cases, read_cases, sample
    from fte_alloc.questions.sweep.file import SweepFile
    from fte_alloc.questions.sweep.page import not_all
    from fte_alloc.questions.sweep.rows import columns, keys_of
    from fte_alloc.questions.sweep.sweep import cluster as pool_of
    from fte_alloc.questions.sweep.sweep import sweep as run

    if (draws is None) != (not uncertain):
        raise misuse(_("--sample needs --uncertain, and --uncertain needs --sample"))
    if not (varied or cases_file or draws):
        raise misuse(_(NO_CASES))
    if not draws:
        in_vain(_("{option} goes with {other}"), "--sample", "seed")
    if cluster is not None:
        if not cluster.strip():
            text = _(
                "--cluster needs the address of a Dask scheduler, such as tcp://127.0.0.1:8786"
            )
            raise misuse(text)
        in_vain(_(GOES_NOT_WITH), "--cluster", "jobs")
        if find_spec("distributed") is None:
            raise misuse(_("--cluster needs the extra dask: pip install 'fte-alloc[dask]'"))
    if request.form in ("csv", "csv-fr"):
        in_vain(_(GOES_NOT_WITH), request.form, "at_least_fte")
    problem = request.load(scenario)
    cases = Cases()
    for one in _varied(request, varied):
        cases = cases.times(one)
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
        with bar as progress:
            done = run(
                scenario,
                cases,
                overrides=request.changes,
                jobs=jobs,
                pool=pool_of(cluster) if cluster else None,
                known=file.rows if file else None,
                keep=file.keep if file else None,
                progress=progress,
            )
    except KeyboardInterrupt:
        if file:
            file.finish(order)
            finished = sum(key in file.rows for key in order)
            counts = {"done": show.count(finished), "count": show.count(len(order))}
            text = _(
                "Interrupted: {done} of {count} cases are in {path}; the same command goes on from "
                "there."
            )
            say(text, **counts, path=request.out)
        else:
            say(_("Nothing is kept without --out FILE.csv."))
        raise
    done = replace(done, at_least_fte=at_least_fte)
    if file:
        file.finish(order)
        _say_kept(request, done, len(order))
    codes = {"stopped": 4, "invalid": 5, "failed": 6}
    code = max(codes.get(status, 0) for status in done.document["by_status"])
    remark = not_all(done.document) if code else ""
    return replace(result_of(done), exit_code=code, remark=remark, is_written=file is not None)


def _varied(request: Request, texts: Sequence[str]) -> Iterator[Cases]:
    """The values of every ``--vary``; decimal commas are said."""
    from fte_alloc.questions.sweep.cases import decimals_meant, vary

    for text in texts:
        note = decimals_meant(text)
        if note and not request.quiet:
            say(note)
        yield vary(text)


def _say_kept(request: Request, done: Sweep, count: int) -> None:
    """Say how many cases are in the file of a sweep, and whose rows in it did not hold."""
    from fte_alloc import numbers as show

    for forms, found in ((SWEEP_ANEW, done.anew), (SWEEP_DROPPED, done.dropped)):
        if found:
            named = [" ".join(key) for key in found[:_MOST_NAMED]]
            cases = ", ".join(named + ["…"] * (len(found) > _MOST_NAMED))
            text = ngettext(*forms, len(found))
            say(text, path=request.out, count=len(found), cases=cases)
    if not request.quiet:
        counts = {"count": show.count(count), "new": show.count(done.solved)}
        say(_("{path}: {count} cases, {new} of them solved now."), path=request.out, **counts)
