"""Workbooks for the commands that have one; what writes them is imported only then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fte_alloc.cli.output import FORMATS, XLSX, format_of, say

if TYPE_CHECKING:
    from fte_alloc.analysis.compare import Comparison
    from fte_alloc.search.plan import Plan


def of_plan(plan: Plan) -> bytes:
    """The workbook of ``solve``."""
    from fte_alloc.report.workbook import plan_book

    return plan_book(plan.document, plan.problem.inputs)


def of_comparison(comparison: Comparison, document: Mapping[str, Any]) -> bytes:
    """The workbook of ``compare``."""
    from fte_alloc.report.workbook_compare import compare_book

    return compare_book(comparison, document)


def not_written(form: str | None, out: str | None) -> tuple[str | None, str | None]:
    """Format and file of an answer that has no workbook: the page, where one was asked for."""
    from fte_alloc import words

    if format_of(form, out, FORMATS | XLSX) != "xlsx":
        return form, out
    say(words.NO_WORKBOOK.format(path=out))
    return None, None
