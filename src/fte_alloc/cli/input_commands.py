"""Commands on figures of scenarios and models: check, show, new, import, calibrate."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from fte_alloc.cli.command import FILE, Number, Request, Whole, command, option, refuse_unused
from fte_alloc.cli.output import error_text, say, write_output
from fte_alloc.errors import InputError, values_or_input_error
from fte_alloc.language import _, in_english
from fte_alloc.render.result import Result
from fte_alloc.texts import Lines

if TYPE_CHECKING:
    from fte_alloc.inputs.entries import Inputs
    from fte_alloc.questions.model_lines import ModelLines

_MODEL = option("--model DIR", "Write the lines into the model of this folder.", type=FILE)


@command("check reference", "check --format json")
@click.argument("scenarios", metavar="[SCENARIO]...", nargs=-1)
def check_command(request: Request, scenarios: Sequence[str]) -> Result:
    """Validate files and say which numbers are published, derived or assumed. All by default."""
    from fte_alloc.inputs.input_files import available
    from fte_alloc.inputs.load import load
    from fte_alloc.questions.check import check_answer, check_document

    def read() -> tuple[list[Inputs], list[tuple[str, InputError]]]:
        checked, errors = [], []
        for name in scenarios or available("scenarios"):
            try:
                checked.append(load(name, request.changes).inputs)
            except InputError as error:
                errors.append((name, error))
        return checked, errors

    everything = checked, errors = read()

    return Result(
        lambda: check_document(*in_english(everything, read)),
        lambda: check_answer(checked, quiet=request.quiet),
        ("scenario", "published", "derived", "assumption", "set_by_scenario", "default"),
        lambda: (
            {**one.counts(), "set_by_scenario": one.counts()["scenario"], "scenario": one.name}
            for one in checked
        ),
        exit_code=InputError.exit_code if errors else 0,
        remark=Lines("\n".join(error_text(error, name) for name, error in errors)),
        is_written=not checked and request.form != "json",
    )


@command("show", "show reference --key budget")
@click.argument("scenario", required=False)
@option("--key part TEXT", "Only keys that contain TEXT.", default="", show_default=False)
def show_command(request: Request, scenario: str | None, part: str) -> Result:
    """Every resolved input with the file and line that set it; without SCENARIO, the names."""
    from fte_alloc.inputs.input_files import scenarios_and_models
    from fte_alloc.questions.check import SHOW_COLUMNS, available_answer, show_answer, show_rows

    if scenario is None:
        refuse_unused("SCENARIO", "overrides", "part", without=True)
        listed = scenarios_and_models()
        columns = ("kind", "name", "title", "file")
        names = [{key: row[key] for key in columns} for found in listed.values() for row in found]
        return Result(names, lambda: available_answer(listed), columns, lambda: names)
    inputs = request.load(scenario).inputs
    rows = show_rows(inputs, part)
    return Result(rows, lambda: show_answer(inputs, rows), SHOW_COLUMNS, lambda: rows)


@command("new study.xlsx", "new study --from tight-budget", formats={})
@click.argument("name")
@option("--from base SCENARIO", "Whose figures it is filled with.", default="reference")
def new_command(request: Request, name: str, base: str) -> Result:
    """A scenario of your own to fill in: a workbook NAME.xlsx, or a folder NAME."""
    from fte_alloc.inputs.overrides import command_line as command_of
    from fte_alloc.questions import new as begun
    from fte_alloc.render.workbook import workbook_form

    path = begun.new_path(name)
    inputs = request.load(base).inputs
    is_book = path.suffix.lower() == ".xlsx"
    extends = begun.new_extends(base, path.parent if is_book else path)
    if is_book:
        made = workbook_form(path.stem, *begun.new_workbook(inputs, extends, name))
        with path.open("xb") as file:
            file.write(made)
    else:
        files = begun.new_folder_files(inputs, extends, path.name)
        path.mkdir()
        for inside, data in files.items():
            (path / inside).write_bytes(data)
    scenario = name if is_book else (path / f"{path.name}.toml").as_posix()
    text = _("{name}: written. Change its figures, then: {command}")
    solving = command_of("solve", {"scenario": scenario, "file": scenario})
    remark = text.format(name=name, command=solving)
    return Result(remark=remark, is_written=True)


@command(
    "import decp decp-2024.csv --year 2024 --out contracts.csv",
    "import decp decp.json.gz --by departement --format json",
    is_loading=False,
)
@click.argument("kind", metavar="decp", type=click.Choice(["decp"]))
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=FILE)
@option("--year", "Only contracts notified in this year.", type=Whole(min=2010, max=2029))
@option(
    "--min-amount min_amount_eur EUR",
    "Only contracts of at least this amount.",
    type=Number(min=0),
    default=90_000,
)
@option(
    "--by", "What a territory is.", type=click.Choice(["region", "departement"]), default="region"
)
@option(
    "--column columns FIELD=HEADING",
    "Heading of a column, where it is not that of the format. Repeatable.",
    multiple=True,
)
@_MODEL
def import_command(
    request: Request,
    kind: str,
    paths: Sequence[str],
    by: str,
    year: int | None,
    min_amount_eur: float,
    columns: Sequence[str],
    model: str | None,
) -> Result:
    """Count contracts by territory and kind of buyer in the national procurement data (DECP).

    FILE is CSV, Parquet or nested JSON, compressed or not. --out contracts.csv writes the table of
    a model and prints the report, in which every row is kept, dropped for a reason or not placed.
    """
    from pathlib import Path

    from fte_alloc.questions.decp.count import Wanted, count_contracts, parse_column
    from fte_alloc.questions.decp.page import COUNT_COLUMNS, import_answer, import_lines

    del kind
    wanted = Wanted(by, year, min_amount_eur, values_or_input_error(columns, parse_column))
    if model is not None:
        from fte_alloc.questions.decp.count import settings_for_model

        wanted = settings_for_model(Path(model), wanted)
    with request.progress(_("MB read")) as progress:
        document = count_contracts(paths, wanted, progress)
    lines = import_lines(document)
    result = Result(
        lambda: document | {"model_lines": in_english(lines, lambda: import_lines(document))},
        lambda: import_answer(document),
        COUNT_COLUMNS,
        lambda: document["counts"],
    )
    if model is not None:
        _write_model(model, lines, {"contracts.csv": str(result.made("csv")).encode()})
    if request.out and request.form == "csv":
        write_output(result, "csv", request.out, sys.stdout)
        request.form, request.out = "table", None
    return result


@command("calibrate reference --rate 0.223", "calibrate half-posts --rate 0.187 --format json")
@click.argument("scenario")
@option("--rate SHARE", "Rate observed, such as 0.223.", type=Number(min=0, max=1), required=True)
@_MODEL
def calibrate_command(request: Request, scenario: str, rate: float, model: str | None) -> Result:
    """The contracts per FTE with which the network in place reaches an observed rate."""
    from fte_alloc.questions.calibrate import calibrate, calibration_answer, calibration_lines

    problem = request.load(scenario)
    document = calibrate(problem, rate)
    lines = calibration_lines(document)
    if model is not None:
        _write_model(model, lines, {})
    return Result(
        lambda: document | {"model_lines": in_english(lines, lambda: calibration_lines(document))},
        lambda: calibration_answer(document, problem.inputs),
        tuple(document)[1:],
        lambda: [document],
    )


def _write_model(model: str, lines: ModelLines, tables: dict[str, bytes]) -> None:
    from pathlib import Path

    from fte_alloc.questions.model_lines import write_model_lines

    for name in write_model_lines(Path(model), lines, tables):
        say(_("{path}: written."), path=name)
