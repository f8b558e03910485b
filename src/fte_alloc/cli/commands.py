"""Questions about one scenario or plan: what is known of it, its best plan, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fte_alloc import language
from fte_alloc.api import result_of
from fte_alloc.cli.output import complaint, misuse, say
from fte_alloc.cli.seam import Command, Request, in_vain
from fte_alloc.errors import InfeasibleError, InputError
from fte_alloc.language import _
from fte_alloc.names import GOES_NOT_WITH, INTERRUPTED, STOP_REASONS
from fte_alloc.render.result import Result
from fte_alloc.texts import Lines

if TYPE_CHECKING:
    from fte_alloc.inputs.entries import Inputs
    from fte_alloc.programme.problem import Problem


@Command
def check(request: Request, scenarios: Sequence[str]) -> Result:
    """Validate files and say which numbers are published, derived or assumed. All by default."""
    from fte_alloc.inputs import load
    from fte_alloc.inputs.reading import available
    from fte_alloc.questions.check import check_answer, check_document, warnings_of

    def read() -> tuple[list[tuple[Inputs, list[str]]], list[tuple[str, InputError]]]:
        checked, errors = [], []
        for name in scenarios or available("scenarios"):
            try:
                inputs = load(name, request.changes).inputs
                checked.append((inputs, list(warnings_of(inputs))))
            except InputError as error:
                errors.append((name, error))
        return checked, errors

    everything = checked, errors = read()

    def document() -> dict[str, Any]:
        checked, errors = language.in_english(everything, read)
        mistakes = [str(mistake) for _, error in errors for mistake in error.mistakes]
        warnings = dict.fromkeys(text for _, warnings in checked for text in warnings)
        return check_document([inputs for inputs, _ in checked], mistakes, list(warnings))

    return Result(
        document,
        lambda: check_answer(checked, quiet=request.quiet).page(),
        ("scenario", "published", "derived", "assumption", "set_by_scenario", "default"),
        lambda: (
            {**counts, "set_by_scenario": counts["scenario"], "scenario": inputs.name}
            for inputs, _ in checked
            for counts in [inputs.counts()]
        ),
        exit_code=InputError.exit_code if errors else 0,
        remark=Lines("\n".join(complaint(error, name) for name, error in errors)),
        is_written=not checked and request.form != "json",
    )


@Command
def show(request: Request, scenario: str | None, part: str) -> Result:
    """Every resolved input with the file and line that set it; without SCENARIO, the names."""
    from fte_alloc.inputs.reading import at_hand
    from fte_alloc.questions.check import SHOW_COLUMNS, at_hand_answer, show_answer, show_rows

    if scenario is None:
        in_vain(_("{option} goes with {other}"), "SCENARIO", "overrides", "part")
        listed = at_hand()
        columns = ("kind", "name", "title", "file")
        names = [{key: row[key] for key in columns} for found in listed.values() for row in found]
        return Result(names, lambda: at_hand_answer(listed).page(), columns, lambda: names)
    inputs = request.load(scenario).inputs
    rows = show_rows(inputs, part)
    return Result(rows, lambda: show_answer(inputs, rows).page(), SHOW_COLUMNS, lambda: rows)


@Command
def new(request: Request, name: str, base: str) -> Result:
    """A scenario of your own to fill in: a workbook NAME.xlsx, or a folder of any other name."""
    from fte_alloc.inputs.entries import command
    from fte_alloc.questions import new as begun
    from fte_alloc.render.workbook import form

    path = begun.free_place(name)
    inputs = request.load(base).inputs
    is_book = path.suffix.lower() == ".xlsx"
    extends = begun.as_extended(base, path.parent if is_book else path)
    if is_book:
        made = form(path.stem, *begun.workbook_to_fill_in(inputs, extends, name))
        with path.open("xb") as file:
            file.write(made)
    else:
        files = begun.folder_files(inputs, extends, path.name)
        path.mkdir()
        for inside, data in files.items():
            (path / inside).write_bytes(data)
    scenario = name if is_book else (path / f"{path.name}.toml").as_posix()
    text = _("{name}: written. Change its figures, then: {command}")
    solving = command("solve", {"scenario": scenario, "file": scenario})
    remark = text.format(name=name, command=solving)
    return Result(None, list, (), list, remark=remark, is_written=True)


@Command
def verify(request: Request, plan: str, root: str | None) -> Result:
    """Prove a saved plan or curve again by arithmetic, without a solver: inputs, figures, bounds.

    Exit 1 where an input file has changed, or a figure or a claim does not hold.
    """
    from fte_alloc.inputs.plans import read_plan
    from fte_alloc.questions.frontier.frontier import FORMAT as FRONTIER
    from fte_alloc.questions.verify.answer import (
        FINDING_COLUMNS,
        verification_document,
        verify_answer,
    )
    from fte_alloc.questions.verify.verify import verify as prove_again

    del request
    saved = read_plan(Path(plan), FRONTIER)  # once: it may be a pipe
    verified = prove_again(saved, root)

    def document() -> dict[str, Any]:
        proved = language.in_english(verified, partial(prove_again, saved, root))
        with language.speaking(language.ENGLISH):
            return verification_document(proved, plan)

    return Result(
        document,
        lambda: verify_answer(verified, plan).page(),
        FINDING_COLUMNS,
        lambda: document()["findings"],
        exit_code=0 if verified.accepted else 1,
    )


@Command
def solve(request: Request, scenario: str, by: str) -> Result:
    """The best plan: posts, coverage with both bounds, who pays, what limits and at what price."""
    from fte_alloc.questions.plan import solve as best_plan

    if request.form in ("csv", "csv-fr", "json"):
        in_vain(_(GOES_NOT_WITH), request.form, "by")
    plan = best_plan(request.load(scenario), request.time_limit_s)
    stopped = _(STOP_REASONS[plan.reason or "rounds"])
    text = _("{scenario}: {reason}; the plan shown is not proved best.")
    told = text.format(scenario=scenario, reason=stopped)
    return result_of(plan, by_area=by == "area").if_proved(plan.status, told)


@Command
def evaluate(request: Request, scenario: str, posts: str) -> Result:
    """Judge a plan typed by hand: what it covers and costs, what it breaks, how far from the best.

    Exit 1 where it breaks a limit, 4 where the best is not proved.
    """
    from fte_alloc.inputs.plans import PostCodes, read_posts
    from fte_alloc.questions.plan import solve as best_plan

    problem = request.load(scenario)
    note = str if request.quiet else say
    typed = read_posts(Path(posts), PostCodes.of(problem), problem.years, note=note)
    judged = problem.evaluate(typed)
    best, impossible = None, None
    try:
        best = best_plan(problem)
    except InfeasibleError as error:
        impossible = "arithmetic" if error.proved else "solver"
    is_open = best is not None and best.status != "optimal"
    code = 1 if judged.violations else 4 if is_open else 0
    result = result_of(judged, best=best, impossible=impossible)
    return replace(result, book=None, exit_code=code)


@Command
def explain(
    request: Request, scenario: str, territory: str | None, area: str | None, within: float
) -> Result:
    """Why the plan is what it is: what holds it, what one more would bring, who is next.

    With --territory or --area: why it gets this number, and what would change it.
    """
    from fte_alloc.questions.explain.explain import explain as explain_problem

    if territory is not None:
        in_vain(_(GOES_NOT_WITH), "--territory", "area")
    problem = request.load(scenario)
    with request.progress(_("territories"), lost=_(INTERRUPTED)) as progress:
        found = explain_problem(problem, territory, within, area=area, progress=progress)
    return result_of(found)


def _objectives(formatter: click.HelpFormatter) -> None:
    """Write what every objective seeks."""
    from fte_alloc.programme.objectives import OBJECTIVES

    with formatter.section(_("Objectives, and what each seeks")):
        formatter.write_dl([(name, _(one.seeks)) for name, one in OBJECTIVES.items()])


@Command
def frontier(request: Request, scenario: str, between: str) -> Result:
    """What one objective costs in terms of another: the whole curve, every point proved."""
    from fte_alloc.questions.frontier.frontier import frontier as trade_off
    from fte_alloc.questions.frontier.frontier import pair

    try:
        first, second = pair(between)
    except InputError as error:
        _objectives(formatter := click.HelpFormatter(width=100))
        raise click.UsageError(f"{error}\n{formatter.getvalue().rstrip()}") from None
    problem, limit = request.load(scenario), request.time_limit_s
    with request.progress(_("Points of the curve")) as progress:
        answer = trade_off(problem, first, second, time_limit_s=limit, progress=progress)
    text = _("stopped at a limit; between some points the curve is not known closely.")
    return result_of(answer).if_proved(answer.status, text)


frontier.describe = _objectives


@Command
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
    from fte_alloc.questions.weights.weights import weights as look_at

    if sum(map(bool, (path, keys, plan))) > 1:
        raise misuse(
            _("--weight, --path and --explain-plan ask different things; give one of them")
        )
    if plan is None:
        in_vain(_("{option} goes with {other}"), "--explain-plan", "measure")
    else:
        in_vain(_(GOES_NOT_WITH), "--explain-plan", "tolerance_fte", "time_limit_s")
    problem, limit = request.load(scenario), request.time_limit_s
    if plan is not None:
        return _justified(problem, plan, measure)
    lost = _(INTERRUPTED)
    if path is not None:
        from fte_alloc.questions.weights.path import parse_path, weight_path

        along = parse_path(path)
        with request.progress(_("points"), lost=lost) as progress:
            traced = weight_path(
                problem, *along, tolerance_fte, time_limit_s=limit, progress=progress
            )
        return result_of(traced).if_proved(
            traced.status,
            _("stopped at the time limit; lines between the points may be further off than asked."),
        )
    with request.progress(_("weights"), lost=lost) as progress:
        found = look_at(problem, tolerance_fte, keys or None, time_limit_s=limit, progress=progress)
    left, text = found.document["left"], _("stopped at the time limit; not looked at: {keys}.")
    return result_of(found).if_proved(found.status, text.format(keys=", ".join(left)))


def _justified(problem: Problem, plan: str, measure: str) -> Result:
    """The weights that justify a plan typed by hand, or why none do (exit 1)."""
    from fte_alloc.inputs.plans import PostCodes, read_posts
    from fte_alloc.questions.justify.justify import justify

    typed = read_posts(Path(plan), PostCodes.of(problem), problem.years)
    found = justify(problem, typed, measure)
    return replace(result_of(found), exit_code=0 if found.status == "justified" else 1)
