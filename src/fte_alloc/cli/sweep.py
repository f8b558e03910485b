"""Command ``sweep``, and option ``--vary``, which ``report`` has as well."""

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
    refuse_unused_options,
)
from fte_alloc.cli.output import misuse, say
from fte_alloc.language import _
from fte_alloc.names import NO_CASES
from fte_alloc.render.result import Result

if TYPE_CHECKING:
    from fte_alloc.questions.sweep.rows import Sweep


VARY = option(
    "--vary varied",
    "KEY=LOW:HIGH:STEP",
    "Values of an input, or KEY=VALUE,VALUE,... Repeatable: every value with every other.",
    multiple=True,
)


@command(
    "sweep reference --vary posts.cap_fte=540:600:20",
    "sweep reference --sample 20 --uncertain coverage.contracts_per_fte=20%",
)
@click.argument("scenario")
@VARY
@option(
    "--cases cases_file",
    "FILE.csv",
    "Cases from a file: a column for every key, a row for every case.",
    type=FILE,
)
@option(
    "--sample draws",
    "DRAWS",
    "Draw this many cases of what is uncertain (a Latin hypercube).",
    type=Whole(min=1),
)
@option(
    "--uncertain",
    "KEY=LOW:HIGH",
    "An uncertain input, or KEY=20%; demand: every territory's contracts. Repeatable.",
    multiple=True,
)
@option("--seed", None, "Seed of the draws.", type=Whole(min=0), default=0)
@option(
    "--at-least at_least_fte",
    "FTE",
    "Tell in which share of the plans a post has this many new FTE.",
    type=Number(min=0),
    default=1.0,
)
@option("--jobs", None, "Processes at work.", type=Whole(min=1), default=1)
@option("--cluster", "tcp://...", "Work on a Dask cluster (extra dask).")
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

    from fte_alloc.questions.sweep.cases import Cases, read_cases, sample, vary
    from fte_alloc.questions.sweep.page import not_all
    from fte_alloc.questions.sweep.sweep import cluster as cluster_at
    from fte_alloc.questions.sweep.sweep import sweep as run

    if (draws is None) != (not uncertain):
        raise misuse(_("--sample needs --uncertain, and --uncertain needs --sample"))
    if not (varied or cases_file or draws):
        raise misuse(_(NO_CASES))
    if not draws:
        refuse_unused_options("--sample", "seed", without=True)
    if cluster is not None:
        if not cluster.strip():
            text = _(
                "--cluster needs the address of a Dask scheduler, such as tcp://127.0.0.1:8786"
            )
            raise misuse(text)
        refuse_unused_options("--cluster", "jobs")
        if find_spec("distributed") is None:
            raise misuse(_("--cluster needs the extra dask: pip install 'fte-alloc[dask]'"))
    if request.form in ("csv", "csv-fr"):
        refuse_unused_options(request.form, "at_least_fte")
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
        done = run(
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
        _say_kept(request, done)
    codes = {"stopped": 4, "invalid": 5, "failed": 6}
    code = max(codes.get(status, 0) for status in done.document["by_status"])
    remark = not_all(done.document) if code else ""
    return replace(result_of(done), exit_code=code, remark=remark, is_written=out is not None)


def _say_kept(request: Request, done: Sweep) -> None:
    """Say how many cases are in the file of a sweep, and whose rows in it did not hold."""
    from fte_alloc import numbers as show
    from fte_alloc.questions.wording import few

    if done.anew:
        text = _("{path}: rows were damaged or did not hold and were solved anew: {cases}")
        say(text, path=request.out, cases=few([" ".join(key) for key in done.anew], 5))
    if not request.quiet:
        counts = {"count": show.count(len(done.rows)), "new": show.count(done.solved)}
        say(_("{path}: {count} cases, {new} of them solved now."), path=request.out, **counts)
