"""Commands on one scenario or plan: verify, solve, evaluate, explain, frontier, weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import click

from fte_alloc.api import result_of
from fte_alloc.cli.command import FILE, Number, Request, command, option, plan_result, refuse_unused
from fte_alloc.cli.output import say, usage_error
from fte_alloc.errors import InfeasibleError, InputError, SolverError
from fte_alloc.language import _
from fte_alloc.render.result import DRAWN, FORMATS, Result


@command("verify plan.json", "verify plan.json --root . --format json", is_loading=False)
@click.argument("plan", metavar="PLAN.json", type=FILE)
@option(
    "--root DIR",
    "Look for the input files in DIR instead of here.",
    type=click.Path(exists=True, file_okay=False),
)
def verify_command(request: Request, plan: str, root: str | None) -> Result:
    """Prove a saved plan or curve again by arithmetic, without a solver: inputs, figures, bounds.

    Exit 1 where an input file has changed, or a figure or a claim does not hold.
    """
    from pathlib import Path

    from fte_alloc.inputs.plan_files import read_plan
    from fte_alloc.questions.frontier.frontier import READ as CURVES
    from fte_alloc.questions.verify.verify import verify

    del request
    saved = read_plan(Path(plan), *CURVES)  # once: it may be a pipe
    prove = partial(verify, saved, root)
    result = result_of(verified := prove(), plan=plan, again=prove)
    return replace(result, exit_code=0 if verified.accepted else 1)


@command(
    "solve reference", "solve reference --set posts.cap_fte=560 --out plan.json", is_limited=True
)
@click.argument("scenario")
@option(
    "--by",
    "A line a territory, or an area.",
    type=click.Choice(["territory", "area"]),
    default="territory",
)
def solve_command(request: Request, scenario: str, by: str) -> Result:
    """The best plan: posts, coverage with both bounds, who pays, what limits and at what price."""
    from fte_alloc.questions.plan import solve

    if request.form in ("csv", "csv-fr", "json"):
        refuse_unused(request.form, "by")
    try:
        plan = solve(request.load(scenario), request.time_limit_s)
    except InfeasibleError as error:
        if not error.document:
            text = _("the solver finds no plan, but nothing proves that there is none")
            raise SolverError(text) from None
        remark = _("{scenario}: no plan is possible.").format(scenario=scenario)
        is_aside = request.out is not None or request.form in ("json", "csv", "csv-fr")
        result = replace(result_of(error), exit_code=error.exit_code)
        return replace(result, remark=remark) if is_aside else result
    return plan_result(result_of(plan, by_area=by == "area"), plan)


@command(
    "evaluate reference --posts my-posts.csv",
    "evaluate tight-budget --posts plan.json --format json",
)
@click.argument("scenario")
@option(
    "--posts FILE",
    "New posts: workbook of solve, table (CSV, .xlsx, .ods) or saved plan.",
    required=True,
    type=FILE,
)
def evaluate_command(request: Request, scenario: str, posts: str) -> Result:
    """Judge a plan typed by hand: what it covers and costs, what it breaks, how far from the best.

    Exit 1 where it breaks a limit, 4 where the best is not proved.
    """
    from pathlib import Path

    from fte_alloc.inputs.codes import PostCodes
    from fte_alloc.inputs.plan_files import read_posts
    from fte_alloc.questions.plan import solve

    problem = request.load(scenario)
    note = str if request.quiet else say
    typed = read_posts(Path(posts), PostCodes.of(problem), problem.years, note=note)
    judged = problem.evaluate(typed)
    best, impossible = None, None
    try:
        best = solve(problem)
    except InfeasibleError as error:
        impossible = "arithmetic" if error.proved else "solver"
    is_open = best is not None and best.status != "optimal"
    code = 1 if judged.violations else 4 if is_open else 0
    return replace(result_of(judged, best=best, impossible=impossible), exit_code=code)


@command("explain reference", "explain reference --territory Bretagne")
@click.argument("scenario")
@option("--territory CODE", "Explain one territory, by code or name.")
@option("--area CODE", "Explain one area: a region of several territories.")
@option(
    "--within SHARE",
    "How much worse than the best the plans may be that show how firm the posts are.",
    type=Number(min=0, max=1, max_open=True),
    default=0.001,
)
def explain_command(
    request: Request, scenario: str, territory: str | None, area: str | None, within: float
) -> Result:
    """Why the plan is what it is: what holds it, what one more would bring, who is next.

    With --territory or --area: why it gets this number, and what would change it.
    """
    from fte_alloc.questions.explain.explain import explain

    if territory is not None:
        refuse_unused("--territory", "area")
    problem = request.load(scenario)
    what = _("inputs") if territory else _("territories")
    with request.progress(what) as progress:
        found = explain(problem, territory, within, area=area, progress=progress)
    return result_of(found)


def _objectives(formatter: click.HelpFormatter) -> None:
    """Write the section of the help that lists the objectives and what each seeks."""
    from fte_alloc.programme.objectives import OBJECTIVES

    with formatter.section(_("Objectives, and what each seeks")):
        formatter.write_dl([(name, _(one.seeks)) for name, one in OBJECTIVES.items()])


@command(
    "frontier reference --between coverage:worst_rate",
    "frontier tight-budget --between coverage:state_cost --out curve.html",
    formats=FORMATS | DRAWN,
    is_limited=True,
    describe=_objectives,
)
@click.argument("scenario")
@option(
    "--between FIRST:SECOND",
    "Two objectives, such as coverage:worst_rate; what SECOND costs is told in FIRST.",
    required=True,
)
def frontier_command(request: Request, scenario: str, between: str) -> Result:
    """What one objective costs in terms of another: the whole curve, every point proved."""
    from fte_alloc.questions.frontier.frontier import frontier, parse_pair

    try:
        first, second = parse_pair(between)
    except InputError as error:
        _objectives(formatter := click.HelpFormatter(width=100))
        raise click.UsageError(f"{error}\n{formatter.getvalue().rstrip()}") from None
    problem, limit = request.load(scenario), request.time_limit_s
    with request.progress(_("Points of the curve")) as progress:
        answer = frontier(problem, first, second, time_limit_s=limit, progress=progress)
    text = _("stopped at a limit; between some points the curve is not known closely.")
    return result_of(answer).if_proved(answer.status, text)


@command(
    "weights state-first --weight weights.segment.state_hospital",
    "weights reference --path weights.territory.53=0.95:1.05",
    is_limited=True,
)
@click.argument("scenario")
@option(
    "--tolerance tolerance_fte FTE",
    "By how much a post may move before it counts. In steps, any other plan counts.",
    type=Number(min=0.01),
    default=0.5,
)
@option(
    "--weight keys KEY",
    "Look at this weight only: weights.territory.53, 53 or Bretagne. Repeatable.",
    multiple=True,
)
@option("--path KEY=LOW:HIGH", "Trace the posts along one weight instead.")
@option(
    "--explain-plan plan FILE.csv",
    "Find the nearest weights under which the plan typed in FILE.csv is the best one.",
    type=FILE,
)
@option(
    "--measure",
    "With --explain-plan: weights are near by the sum of relative changes or the largest.",
    type=click.Choice(["total", "largest"]),
    default="total",
)
def weights_command(
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
    from pathlib import Path

    from fte_alloc.inputs.codes import PostCodes
    from fte_alloc.inputs.plan_files import read_posts
    from fte_alloc.questions.justify.justify import justify
    from fte_alloc.questions.weights.path import parse_path, weight_path
    from fte_alloc.questions.weights.weights import weights

    if sum(map(bool, (path, keys, plan))) > 1:
        raise usage_error(
            _("--weight, --path and --explain-plan ask different things; give one of them")
        )
    if plan is None:
        refuse_unused("--explain-plan", "measure", without=True)
    else:
        refuse_unused("--explain-plan", "tolerance_fte", "time_limit_s")
    problem, limit = request.load(scenario), request.time_limit_s
    if plan is not None:
        typed = read_posts(Path(plan), PostCodes.of(problem), problem.years)
        justified = justify(problem, typed, measure)
        return replace(result_of(justified), exit_code=int(justified.status != "justified"))
    if path is not None:
        along = parse_path(path)
        with request.progress(_("Points of the curve")) as progress:
            traced = weight_path(
                problem, *along, tolerance_fte, time_limit_s=limit, progress=progress
            )
        return result_of(traced).if_proved(
            traced.status,
            _("stopped at the time limit; lines between the points may be further off than asked."),
        )
    with request.progress(_("weights")) as progress:
        found = weights(problem, tolerance_fte, keys or None, time_limit_s=limit, progress=progress)
    why = {
        "unsettled": _("the solver settles on no plan at some value of {keys}."),
        "left": _("stopped at the time limit; not looked at: {keys}."),
    }
    keys_of = {key: ", ".join(found.document[key]) for key in why}
    remark = " ".join(why[key].format(keys=keys) for key, keys in keys_of.items() if keys)
    return result_of(found).if_proved(found.status, remark)
