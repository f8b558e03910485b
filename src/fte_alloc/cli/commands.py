"""Commands of a few lines each: solve, compare, evaluate, explain, check, show, verify."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from fte_alloc import language
from fte_alloc.cli import books
from fte_alloc.cli.group import cli
from fte_alloc.cli.options import Number, in_vain
from fte_alloc.cli.options import common as _options
from fte_alloc.cli.output import attributed, complain, emit, say
from fte_alloc.cli.shared import explain_impossible, load_scenario, posts_csv
from fte_alloc.cli.speech import Command as _Command

if TYPE_CHECKING:
    from fte_alloc.analysis.side import Side
    from fte_alloc.errors import FteAllocError
    from fte_alloc.report.pages import Page
    from fte_alloc.scenario.inputs import Inputs

STATUS_QUO = "status-quo"


@cli.command(
    cls=_Command,
    epilog="""
    fte-alloc solve reference
    fte-alloc solve reference --set posts.cap_fte=560 --out plan.json
""",
)
@click.argument("scenario")
@_options("set", "format", "out", "limit", "quiet", book=True)
def solve(
    scenario: str,
    overrides: Sequence[str],
    form: str | None,
    out: str | None,
    time_limit_s: float | None,
    quiet: bool,
) -> None:
    """The best plan: posts, coverage with both bounds, who pays, what limits and at what price."""
    from fte_alloc.errors import InfeasibleError
    from fte_alloc.search.plan import solve as solve_problem

    problem = load_scenario(scenario, overrides, quiet)
    try:
        plan = solve_problem(problem, time_limit_s)
    except InfeasibleError as error:
        explain_impossible(problem, scenario, form, out)
        raise SystemExit(error.exit_code) from None
    emit(
        form,
        out,
        plan.document,
        lambda: _plan_page(plan.document),
        lambda: posts_csv(plan.document),
        lambda: books.of_plan(plan),
    )
    if plan.status != "optimal":
        from fte_alloc import words

        say(
            words.STOPPED.format(
                scenario=scenario, reason=words.STOP_REASONS[plan.reason or "rounds"]
            )
        )
        raise SystemExit(4)


@cli.command(
    cls=_Command,
    epilog="""
    fte-alloc compare reference state-first tight-budget
    fte-alloc compare reference --set budget.state_eur_per_year=4500000 --why
""",
)
@click.argument("plans", nargs=-1, required=True, metavar="PLAN...")
@_options("set", "format", "out", "limit", "quiet", book=True)
@click.option("--why", is_flag=True, help="Say what each change of an input did to the figures.")
@click.option("--territory", metavar="CODE", help="With --why: to the posts of one, too.")
def compare(
    plans: Sequence[str],
    why: bool,
    territory: str | None,
    overrides: Sequence[str],
    form: str | None,
    out: str | None,
    time_limit_s: float | None,
    quiet: bool,
) -> None:
    """Plans side by side: inputs that differ, results, posts moved. The first is the baseline.

    PLAN is a scenario, a saved PLAN.json or status-quo (no new post, under the first of these).
    With one scenario and --set: with and without it; otherwise --set applies to all.
    """
    from dataclasses import replace

    from fte_alloc import words
    from fte_alloc.analysis.compare import CSV_COLUMNS, Comparison, named_apart
    from fte_alloc.errors import FteAllocError
    from fte_alloc.report.compare_page import compare_page
    from fte_alloc.report.data import as_csv

    if len(plans) == 1 and overrides:
        wanted = [(plans[0], ()), (plans[0], overrides)]
    elif len(plans) > 1:
        wanted = [(plan, overrides) for plan in plans]
    else:
        raise click.UsageError(words.COMPARE_NEEDS_TWO)
    if not why:
        in_vain(words.GOES_WITH, "--why", "territory")
    plain = [plan for plan in plans if plan != STATUS_QUO]
    if not plain:
        raise click.UsageError(words.STATUS_QUO_ALONE)
    first = next((plan for plan in plain if not plan.endswith(".json")), plain[0])
    sides: list[Side] = []
    failed: list[tuple[str, Callable[[], Side], FteAllocError]] = []
    stopped = False
    for name, changed in wanted:
        attempt = partial(_side, name, first, changed, time_limit_s, quiet)
        try:
            side = attempt()
            if changed and len(plans) == 1:
                side = replace(side, name=f"{name} + --set")
            elif not name.endswith(".json") and name != STATUS_QUO:
                side = replace(side, name=side.document["inputs"]["scenario"])
            sides.append(side)
            stopped = stopped or sides[-1].document["status"] == "stopped"
        except FteAllocError as error:
            failed.append((name, attempt, error))
    code = max([4 if stopped else 0, *(reason.exit_code for *_, reason in failed)])
    for name, _, reason in failed:
        complain(reason, name)
    if len(sides) < 2:
        for side in sides:
            say(words.NOTHING_LEFT.format(scenario=side.name))
        raise SystemExit(code)
    apart = named_apart(sides)
    comparison = Comparison(apart, attributed(apart, territory, time_limit_s, quiet) if why else ())

    def document() -> dict[str, Any]:
        told = [
            {
                "scenario": name,
                "exit_code": reason.exit_code,
                "reason": str(language.in_english(reason, partial(_failure, reason, attempt))),
            }
            for name, attempt, reason in failed
        ]
        return comparison.document | {"failed": told}

    emit(
        form,
        out,
        document,
        lambda: compare_page(comparison),
        lambda: as_csv(CSV_COLUMNS, comparison.rows()),
        lambda: books.of_comparison(comparison, document()),
    )
    raise SystemExit(code)


@cli.command(
    cls=_Command,
    epilog="""
    fte-alloc evaluate reference --posts my-posts.csv
    fte-alloc evaluate tight-budget --posts plan.json --format json
""",
)
@click.argument("scenario")
@click.option(
    "--posts",
    required=True,
    metavar="FILE",
    type=click.Path(readable=False),
    help="CSV with territory,role,new_fte (and year), or a saved plan.",
)
@_options("set", "format", "out", "quiet")
def evaluate(
    scenario: str,
    posts: str,
    overrides: Sequence[str],
    form: str | None,
    out: str | None,
    quiet: bool,
) -> None:
    """Judge a plan typed by hand: what it covers and costs, what it breaks, how far from the best.

    Exit 1 where it breaks a limit, 4 where the best is not proved.
    """
    from pathlib import Path

    from fte_alloc.errors import InfeasibleError
    from fte_alloc.report.plan_page import evaluation_page
    from fte_alloc.scenario.plans import PostCodes, read_posts
    from fte_alloc.search.document import evaluation_document
    from fte_alloc.search.plan import solve as solve_problem

    problem = load_scenario(scenario, overrides, quiet)
    typed = read_posts(Path(posts), PostCodes.of(problem), problem.years)
    judged = problem.evaluate(typed)
    best, impossible = None, None
    try:
        best = solve_problem(problem)
    except InfeasibleError as error:
        impossible = "arithmetic" if error.proved else "solver"
    document = evaluation_document(judged, problem.judge(*problem.zeros()), impossible)
    if best is not None:
        document |= best.beside(judged)
    emit(
        form,
        out,
        document,
        lambda: evaluation_page(document, best.document if best else None),
        lambda: posts_csv(document),
    )
    if document["violations"]:
        raise SystemExit(1)
    if best is not None and best.status != "optimal":
        raise SystemExit(4)


@cli.command(
    cls=_Command,
    epilog="""
    fte-alloc explain reference
    fte-alloc explain reference --territory Bretagne
""",
)
@click.argument("scenario")
@click.option("--territory", metavar="CODE", help="Explain one territory, by code or name.")
@click.option(
    "--within",
    type=Number(min=0, max=1, max_open=True),
    default=0.001,
    show_default=True,
    metavar="SHARE",
    help="How much worse than the best the plans may be that show how firm the posts are.",
)
@_options("set", "format", "out", "quiet")
def explain(
    scenario: str,
    territory: str | None,
    within: float,
    overrides: Sequence[str],
    form: str | None,
    out: str | None,
    quiet: bool,
) -> None:
    """Why the plan is what it is: what holds it, what one more would bring, who is next.

    With --territory: why it gets this number, and what would have to change for one more.
    """
    from fte_alloc.analysis.explain import explain as explain_problem
    from fte_alloc.report.data import as_csv
    from fte_alloc.report.explain_page import explain_page

    explanation = explain_problem(load_scenario(scenario, overrides, quiet), territory, within)
    emit(
        form,
        out,
        explanation.document,
        lambda: explain_page(explanation),
        lambda: as_csv(explanation.columns, explanation.rows()),
    )


@cli.command(
    cls=_Command,
    epilog="""
    fte-alloc check reference
    fte-alloc check --format json
""",
)
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...")
@_options("set", "format", "out", "quiet")
def check(
    scenarios: Sequence[str],
    overrides: Sequence[str],
    form: str | None,
    out: str | None,
    quiet: bool,
) -> None:
    """Validate files and say which numbers are published, derived or assumed. All by default."""
    from fte_alloc.errors import InputError
    from fte_alloc.report.check_page import check_document, check_page, warnings_of
    from fte_alloc.report.data import as_csv
    from fte_alloc.scenario.finding import available

    def read() -> tuple[list[Inputs], dict[str, list[str]], list[tuple[str, InputError]]]:
        checked, errors = [], []
        for name in scenarios or available("scenarios"):
            try:
                checked.append(load_scenario(name, overrides, quiet=True).inputs)
            except InputError as error:
                errors.append((name, error))
        return checked, {inputs.name: list(warnings_of(inputs)) for inputs in checked}, errors

    everything = checked, warned, errors = read()

    def page() -> Page:
        from fte_alloc.report.pages import Line

        blocks: Page = []
        for inputs in checked:
            shown = [] if quiet else warned[inputs.name]
            blocks += [*check_page(inputs, shown), Line("")]
        return blocks[:-1]

    def document() -> dict[str, Any]:
        checked, warned, errors = language.in_english(everything, read)
        mistakes = [str(mistake) for _, error in errors for mistake in error.mistakes]
        warnings = list(dict.fromkeys(text for texts in warned.values() for text in texts))
        return check_document(checked, mistakes, warnings)

    rows = [
        {**counts, "set_by_scenario": counts["scenario"], "scenario": inputs.name}
        for inputs in checked
        for counts in [inputs.counts()]
    ]
    columns = ("scenario", "published", "derived", "assumption", "set_by_scenario", "default")
    if checked or form == "json":
        emit(form, out, document, page, lambda: as_csv(columns, rows))
    for name, reason in errors:
        complain(reason, name)
    if errors:
        raise SystemExit(5)


@cli.command(
    cls=_Command,
    epilog="""
    fte-alloc show
    fte-alloc show reference --set posts.cap_fte=600
""",
)
@click.argument("scenario", required=False)
@_options("set", "format", "out", "quiet")
def show(
    scenario: str | None, overrides: Sequence[str], form: str | None, out: str | None, quiet: bool
) -> None:
    """Every resolved input with the file and line that set it; without SCENARIO, the names."""
    from fte_alloc import words
    from fte_alloc.report.check_page import at_hand_page, show_page, show_rows
    from fte_alloc.report.data import SHOW_COLUMNS, as_csv
    from fte_alloc.scenario.reading import at_hand

    if scenario is None:
        in_vain(words.GOES_WITH, "SCENARIO", "overrides")
        listed = at_hand()
        columns = ("kind", "name", "title", "file")
        rows = [{key: row[key] for key in columns} for found in listed.values() for row in found]
        emit(form, out, rows, lambda: at_hand_page(listed), lambda: as_csv(columns, rows))
        return
    inputs = load_scenario(scenario, overrides, quiet).inputs
    rows = show_rows(inputs)
    emit(form, out, rows, lambda: show_page(inputs), lambda: as_csv(SHOW_COLUMNS, rows))


@cli.command(
    cls=_Command,
    epilog="""
    fte-alloc verify plan.json
    fte-alloc verify plan.json --root . --format json
""",
)
@click.argument("plan", metavar="PLAN.json", type=click.Path(readable=False))
@click.option(
    "--root",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False),
    help="Look for the input files in DIR instead of here.",
)
@_options("format", "out")
def verify(plan: str, root: str | None, form: str | None, out: str | None) -> None:
    """Prove a saved plan again by arithmetic, without a solver: inputs, figures, bounds.

    Exit 1 where an input file has changed, or a figure or a claim of the plan does not hold.
    """
    from pathlib import Path

    from fte_alloc.analysis.verify import verify as prove_again
    from fte_alloc.report.data import as_csv
    from fte_alloc.report.verify_page import FINDING_COLUMNS, verification_document, verify_page
    from fte_alloc.scenario.plans import read_plan

    saved = read_plan(Path(plan))  # once: it may be a pipe
    verified = prove_again(saved, root)

    def document() -> dict[str, Any]:
        proved = language.in_english(verified, partial(prove_again, saved, root))
        with language.speaking(language.ENGLISH):
            return verification_document(proved, plan)

    emit(
        form,
        out,
        document,
        lambda: verify_page(verified, plan),
        lambda: as_csv(FINDING_COLUMNS, document()["findings"]),
    )
    if not verified.accepted:
        raise SystemExit(1)


# Commands in files of their own.


def _side(
    name: str, first: str, overrides: Sequence[str], time_limit_s: float | None, quiet: bool
) -> Side:
    """One of the plans to compare."""
    from pathlib import Path

    from fte_alloc import words
    from fte_alloc.analysis.side import side_of
    from fte_alloc.analysis.verify import proved_problem
    from fte_alloc.scenario.plans import read_plan
    from fte_alloc.search.document import evaluation_document
    from fte_alloc.search.plan import solve as solve_problem

    if name.endswith(".json"):
        document = read_plan(Path(name))
        return side_of(document, proved_problem(document), Path(name).name)
    if name == STATUS_QUO:
        of_plan = first.endswith(".json")
        problem = (
            proved_problem(read_plan(Path(first)))
            if of_plan
            else load_scenario(first, overrides, quiet)
        )
        if problem is None:
            raise click.UsageError(words.STATUS_QUO_ALONE)
        nothing = problem.status_quo
        return side_of(evaluation_document(nothing, nothing), problem, STATUS_QUO)
    plan = solve_problem(load_scenario(name, overrides, quiet), time_limit_s)
    return side_of(plan.document, plan.problem)


def _plan_page(document: Mapping[str, Any]) -> Page:
    from fte_alloc.report.plan_page import plan_page

    return plan_page(document)


def _failure(before: FteAllocError, attempt: Callable[[], object]) -> FteAllocError:
    """The error that an attempt ends with, the same as before."""
    try:
        attempt()
    except type(before) as again:
        return again
    return before
