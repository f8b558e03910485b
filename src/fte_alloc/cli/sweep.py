"""The command ``sweep``: many cases of a scenario, a row for each."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from fte_alloc.cli.group import cli
from fte_alloc.cli.options import Number, Whole, common, in_vain
from fte_alloc.cli.output import FORMATS, emit, format_of, say
from fte_alloc.cli.shared import load_scenario, parsed
from fte_alloc.cli.speech import Command

if TYPE_CHECKING:
    from fte_alloc.analysis.cases import Cases
    from fte_alloc.analysis.sweep import Pool
    from fte_alloc.analysis.sweep_file import SweepFile
    from fte_alloc.programme.problem import Problem

#: So many cases are named whose rows did not hold.
_MOST_TOLD = 5


@cli.command(
    cls=Command,
    epilog="""
    fte-alloc sweep reference --vary posts.cap_fte=540:600:20
    fte-alloc sweep reference --sample 20 --uncertain coverage.contracts_per_fte=20%
""",
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
@click.option("--seed", type=Whole(min=0), default=0, show_default=True, help="Seed of the draws.")
@click.option(
    "--at-least",
    "at_least_fte",
    type=Number(min=0),
    default=1.0,
    show_default=True,
    metavar="FTE",
    help="Tell in which share of the plans a post has this many new FTE.",
)
@click.option("--jobs", type=Whole(min=1), default=1, show_default=True, help="Processes at work.")
@click.option("--cluster", metavar="tcp://...", help="Work on a Dask cluster (extra dask).")
@common("set", "format", "out", "quiet")
def sweep(
    scenario: str,
    varied: Sequence[str],
    cases_file: str | None,
    draws: int | None,
    uncertain: Sequence[str],
    seed: int,
    at_least_fte: float,
    jobs: int,
    cluster: str | None,
    overrides: Sequence[str],
    form: str | None,
    out: str | None,
    quiet: bool,
) -> None:
    """Solve many cases of a scenario: a grid, a list, a file of cases, a sample.

    A case that no plan satisfies is a row like any other. With --out FILE.csv the rows are kept as
    they come; the same command again runs only those that are missing.
    """
    from fte_alloc import words
    from fte_alloc.analysis.cases import Cases, decimals_meant, read_cases, sample
    from fte_alloc.analysis.cases import vary as vary_one
    from fte_alloc.analysis.sweep import sweep as run
    from fte_alloc.analysis.sweep_document import sweep_document
    from fte_alloc.analysis.sweep_rows import keys_of
    from fte_alloc.report import numbers as show
    from fte_alloc.report.sweep_page import not_all, sweep_page
    from fte_alloc.scenario import parse_override

    if (draws is None) != (not uncertain):
        raise click.UsageError(words.SAMPLE_NEEDS_UNCERTAIN)
    if not (varied or cases_file or draws):
        raise click.UsageError(words.NO_CASES)
    if not draws:
        in_vain(words.GOES_WITH, "--sample", "seed")
    if cluster is not None:
        if not cluster.strip():
            raise click.UsageError(words.CLUSTER_EMPTY)
        in_vain(words.GOES_NOT_WITH, "--cluster", "jobs")
    as_rows = format_of(form, out, FORMATS) == "csv"
    if as_rows:
        in_vain(words.GOES_NOT_WITH, "csv", "at_least_fte")
    problem = load_scenario(scenario, overrides, quiet)
    cases = Cases()
    for text in varied:
        note = decimals_meant(text)
        if note and not quiet:
            say(note)
        cases = cases.times(vary_one(text))
    if cases_file:
        cases = cases.times(read_cases(cases_file))
    if draws:
        cases = cases.times(sample(problem, uncertain, draws, seed))
    file = _file(out, problem, cases) if as_rows and out else None
    order = keys_of(cases)
    try:
        with _bar(len(order), quiet) as told:
            done = run(
                scenario,
                cases,
                overrides=parsed(overrides, parse_override),
                jobs=jobs,
                pool=_cluster(cluster) if cluster else None,
                known=file.rows if file else None,
                keep=file.keep if file else None,
                progress=told,
            )
    except KeyboardInterrupt:
        if file:
            file.finish(order)
            finished = sum(key in file.rows for key in order)
            done_of = {"done": show.count(finished), "count": show.count(len(order))}
            say(words.SWEEP_INTERRUPTED.format(**done_of, path=out))
        else:
            say(words.SWEEP_LOST)
        raise
    document = sweep_document(done, at_least_fte)
    if file:
        file.finish(order)
        for sentences, found in (
            (words.SWEEP_ANEW, done.anew),
            (words.SWEEP_DROPPED, done.dropped),
        ):
            if found:
                those = [" ".join(key) for key in found[:_MOST_TOLD]]
                those += ["…"] if found[_MOST_TOLD:] else []
                sentence = words.plural(sentences, len(found))
                say(sentence.format(path=out, count=len(found), cases=", ".join(those)))
        if not quiet:
            counts = {"count": show.count(len(order)), "new": show.count(done.solved)}
            say(words.SWEEP_WRITTEN.format(path=out, **counts))
    else:
        table = _csv(done.columns, [done.rows[key] for key in order])
        emit(form, out, document, lambda: sweep_page(document), lambda: table)
    codes = {"stopped": 4, "invalid": 5, "failed": 6}
    code = max(codes.get(status, 0) for status in document["by_status"])
    if code:
        say(not_all(document))
    raise SystemExit(code)


def _csv(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    from fte_alloc.report.data import as_csv

    return as_csv(columns, [dict(zip(columns, row, strict=True)) for row in rows])


def _file(out: str, problem: Problem, cases: Cases) -> SweepFile:
    """The file that the rows go to, with those it has."""
    from fte_alloc import files
    from fte_alloc.analysis.sweep_file import SweepFile
    from fte_alloc.analysis.sweep_rows import columns

    files.spare(f"{out}.part", files.have_been_read)
    names = columns(problem, cases.keys)
    return SweepFile(out, names, len(cases.keys), problem.inputs.resolved_sha256)


def _cluster(address: str) -> Pool:
    """The Dask cluster at an address; a clear word where there is none."""
    from fte_alloc import words
    from fte_alloc.analysis.sweep import cluster

    try:
        import distributed  # noqa: F401 - an extra
    except ImportError:
        raise click.UsageError(words.NO_DASK) from None
    return cluster(address)


@contextmanager
def _bar(count: int, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on stderr with rate and time left; only where somebody looks."""
    from fte_alloc import words
    from fte_alloc.report import numbers as show

    if quiet or not getattr(sys.stderr, "isatty", bool)():
        yield None
        return
    begun = time.monotonic()

    def speed(done: int | None) -> str:
        passed = time.monotonic() - begun
        return words.SWEEP_SPEED.format(count=show.count(done / passed)) if done and passed else ""

    with click.progressbar(
        length=count,
        label=words.SWEEP_PROGRESS,
        file=sys.stderr,
        show_pos=True,
        show_eta=True,
        item_show_func=speed,
    ) as bar:

        def told(done: int, _: int) -> None:
            bar.update(done - bar.pos, done)

        yield told
