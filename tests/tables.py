"""Tests over a table: one test tries all its cases, and tells every one that fails."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from functools import wraps

import pytest


def each(names: str | tuple[str, ...], cases: Iterable[object]) -> Callable:
    """As ``pytest.mark.parametrize``, but one test; cases marked slow are a second, slow one.

    The cases share the fixtures of the test, so that a file written for one is there for the next.
    Of two tables one over the other, only the upper one may have slow cases.

    names : the argument that a case gives, or several
    cases : a value each, or a tuple of them
    """
    keys = (names,) if isinstance(names, str) else names
    tables: dict[bool, list[dict[str, object]]] = {False: [], True: []}
    for case in cases:
        marked = hasattr(case, "marks")
        values = case.values if marked else (case,)
        if len(keys) > 1 and len(values) == 1:
            (values,) = values
        tables[marked].append(dict(zip(keys, values, strict=True)))
    few, many = tables.values()
    assert few or many, "a table without cases"

    def over_the_table(test: Callable) -> Callable:
        signature = inspect.signature(test)
        fixtures = [p for name, p in signature.parameters.items() if name not in keys]

        @wraps(test)
        def every_case(table: list[dict[str, object]] = few, **given: object) -> None:
            failed = []
            for case in table:
                try:
                    test(**given, **case)
                except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001
                    error.add_note(f"in the case {case}")
                    failed.append(error)
            if failed:
                raise BaseExceptionGroup(f"{len(failed)} of {len(table)} cases fail", failed)

        every_case.__signature__ = signature.replace(parameters=fixtures)
        if not many:
            return every_case
        table = inspect.Parameter("table", inspect.Parameter.KEYWORD_ONLY)
        every_case.__signature__ = signature.replace(parameters=[*fixtures, table])
        params = [pytest.param(few, id="few")] if few else []
        params.append(pytest.param(many, id="many", marks=pytest.mark.slow))
        return pytest.mark.parametrize("table", params)(every_case)

    return over_the_table
