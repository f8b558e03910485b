"""The question ``calibrate``: contracts per FTE that reproduce an observed rate."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from fte_alloc import numbers as show
from fte_alloc.errors import mistaken
from fte_alloc.inputs.entries import Inputs
from fte_alloc.inputs.overrides import command_line, override_texts
from fte_alloc.language import _
from fte_alloc.programme.curves import SaturatingCurves
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.answer import Answer, Line
from fte_alloc.questions.model_lines import ModelLines, model_lines, model_lines_page

FORMAT = "fte-alloc/calibration/1"
_KEY = "coverage.contracts_per_fte"
#: Significant digits of the value found; observed rates have three.
_DIGITS = 4
#: Largest value tried; the smallest is 1e-9 times this [contracts/(FTE.yr)].
_MOST = 1e6


def calibrate(problem: Problem, rate: float) -> dict[str, Any]:
    """Find ``contracts_per_fte`` with which posts in place and renewed reach a coverage rate.

    rate : observed share of the first year's contracts that are covered [1]

    Returns a ``fte-alloc/calibration/1`` document. Raises InputError where the curves are tables,
    or where no value reaches the rate.
    """
    curves, inputs = problem.curves, problem.inputs
    if not isinstance(curves, SaturatingCurves):
        raise mistaken(_KEY, _('coverage.curve is "table": there is nothing to calibrate'))
    now = float(inputs.value(_KEY))
    year, contracts = problem.years[0], float(problem.contracts_per_year[:, 0].sum())

    def reached(per_fte: float) -> float:
        scaled = replace(curves, contracts_per_fte=curves.contracts_per_fte * (per_fte / now))
        quo = replace(problem, curves=scaled).status_quo
        return float(quo.expected_contracts[:, 0].sum()) / contracts

    low, high = _MOST * 1e-9, _MOST
    least, most = reached(low), reached(high)
    if not least <= rate <= most:
        text = _("is {rate}; with the network in place it lies between {least} and {most}")
        shares = {"rate": rate, "least": least, "most": most}
        raise mistaken("--rate", text, **{key: show.rate(one) for key, one in shares.items()})
    while high > low * (1 + 1e-9):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if reached(middle) < rate else (low, middle)
    value = show.rounded(high, _DIGITS - 1 - math.floor(math.log10(high)))
    return {
        "format": FORMAT,
        "scenario": inputs.label,
        "year": year,
        "rate": rate,
        "contracts_per_fte": value,
        "contracts_per_fte_before": now,
        "rate_before": reached(now),
        "contracts_per_year": contracts,
        "facilitators_fte": float(problem.fixed_facilitators_fte.sum()),
        "coordinators_fte": float(problem.fixed_coordinators_fte.sum()),
    }


def calibration_lines(document: dict[str, Any]) -> ModelLines:
    """Lines for ``model.toml``: the value of ``contracts_per_fte``, and its source."""
    note = _(
        "the network in place ({facilitators} FTE of facilitators and {coordinators} of "
        "coordinators) then covers {rate} of {contracts} contracts"
    ).format(**_calibration_figures(document))
    number = {
        "value": document["contracts_per_fte"],
        "unit": "contracts/(FTE.yr)",
        "status": "derived",
        "source": "calibration",
        "note": note,
    }
    source = {
        "title": _("Arithmetic: contracts_per_fte with which the network in place reaches a rate"),
        "publisher": _("this project, from the contracts and posts of this model"),
    }
    return model_lines({"coverage": {"contracts_per_fte": number}, "sources.calibration": source})


def _calibration_figures(document: dict[str, Any]) -> dict[str, Any]:
    return document | {
        "value": show.plain_value(document["contracts_per_fte"]),
        "before": show.plain_value(document["contracts_per_fte_before"]),
        "rate": show.rate(document["rate"], 2),
        "rate_before": show.rate(document["rate_before"], 2),
        "contracts": show.count(document["contracts_per_year"]),
        "facilitators": show.count(document["facilitators_fte"], 1),
        "coordinators": show.count(document["coordinators_fte"], 1),
    }


def calibration_answer(document: dict[str, Any], inputs: Inputs) -> Answer:
    """The answer of ``calibrate``: lines for ``model.toml``, and a command to try the value."""
    figures = _calibration_figures(document)
    title = _("{scenario}: {value} contracts per FTE and year").format(**figures)
    text = _(
        "With it the posts in place and renewed ({facilitators} FTE of facilitators, "
        "{coordinators} of coordinators) cover {rate} of {contracts} contracts of {year}; with the "
        "{before} of the model {rate_before}."
    )
    settings = override_texts(inputs, {_KEY: document["contracts_per_fte"]})
    tried = _("To try it: {command}").format(command=command_line("solve", inputs, settings))
    lines = [Line(title, "head"), Line(text.format(**figures)), Line(tried), Line("")]
    return Answer(title, [*lines, model_lines_page(calibration_lines(document))])
