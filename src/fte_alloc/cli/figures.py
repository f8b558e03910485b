"""Figures of a model from what is published: contracts from notices, productivity from a rate."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fte_alloc.cli.output import emit, say
from fte_alloc.cli.seam import Command, Request, parsed
from fte_alloc.language import _
from fte_alloc.render.result import Result

if TYPE_CHECKING:
    from fte_alloc.questions.model_lines import ModelLines


@Command
def import_(
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
    from fte_alloc.questions.decp.count import Wanted, count_contracts, parse_column
    from fte_alloc.questions.decp.page import COUNT_COLUMNS, import_answer, import_lines

    del kind
    wanted = Wanted(by, year, min_amount_eur, parsed(columns, parse_column))
    if model is not None:
        from fte_alloc.questions.model_files import for_model

        wanted = for_model(Path(model), wanted)
    with request.progress(_("MB read")) as progress:
        document = count_contracts(paths, wanted, progress)
    lines = import_lines(document)
    result = Result(
        {**document, "model_lines": lines},
        lambda: import_answer(document).page(),
        COUNT_COLUMNS,
        lambda: document["counts"],
    )
    if model is not None:
        table = result.made("csv")
        assert isinstance(table, str)
        _write(model, lines, {"contracts.csv": table.encode()})
    if request.out and request.form == "csv":
        emit(result, "csv", request.out, sys.stdout)
        request.form, request.out = "table", None
    return result


@Command
def calibrate(request: Request, scenario: str, rate: float, model: str | None) -> Result:
    """The contracts per FTE with which the network in place reaches an observed rate."""
    from fte_alloc.questions.calibrate import calibrate as find
    from fte_alloc.questions.calibrate import calibration_answer, calibration_lines

    document = find(request.load(scenario), rate)
    lines = calibration_lines(document)
    if model is not None:
        _write(model, lines, {})
    return Result(
        {**document, "model_lines": lines},
        lambda: calibration_answer(document).page(),
        tuple(document)[1:],
        lambda: [document],
    )


def _write(model: str, lines: ModelLines, tables: dict[str, bytes]) -> None:
    """Write lines and tables into a model, and say which files were."""
    from fte_alloc.questions.model_files import write_model

    for name in write_model(Path(model), lines, tables):
        say(_("{path}: written{what}."), path=name, what="")
