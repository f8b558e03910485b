"""The question about many cases of a scenario: sweep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from fte_alloc.cli.options import Number, Whole, in_vain
from fte_alloc.cli.output import Result, say
from fte_alloc.cli.seam import Request, question
from fte_alloc.language import NN_, _, ngettext
from fte_alloc.names import GOES_NOT_WITH, NO_CASES

if TYPE_CHECKING:
    from fte_alloc.questions.sweep.rows import Sweep

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
    from fte_alloc import numbers as show
    from fte_alloc.questions.sweep.cases import Cases, decimals_meant, read_cases, sample
    from fte_alloc.questions.sweep.cases import vary as vary_one
    from fte_alloc.questions.sweep.file import SweepFile
    from fte_alloc.questions.sweep.page import not_all, sweep_page
    from fte_alloc.questions.sweep.rows import columns, keys_of, sweep_document
    from fte_alloc.questions.sweep.sweep import cluster as pool_of
    from fte_alloc.questions.sweep.sweep import sweep as run

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
    from fte_alloc import numbers as show

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
