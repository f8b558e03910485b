"""Tests over a table: one test for all its cases, which tells every case that fails."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from functools import wraps

import pytest


def together(names: str | tuple[str, ...], cases: Iterable[object]) -> Callable:
    """As ``pytest.mark.parametrize``, but one test: the cases share its fixtures.

    names : the argument that a case gives, or several
    cases : a value each, or a tuple of them
    """
    keys, table = [names] if isinstance(names, str) else names, list(cases)
    assert table

    def over_the_table(test: Callable) -> Callable:
        signature = inspect.signature(test)

        @wraps(test)
        def every_case(**fixtures: object) -> None:
            failed = []
            for case in table:
                given = dict(zip(keys, [case] if isinstance(names, str) else case, strict=True))
                try:
                    test(**fixtures, **given)
                except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001
                    error.add_note(f"in the case {given}")
                    failed.append(error)
            if failed:
                raise BaseExceptionGroup(f"{len(failed)} of {len(table)} cases fail", failed)

        asked = [p for name, p in signature.parameters.items() if name not in keys]
        every_case.__signature__ = signature.replace(parameters=asked)
        return every_case

    return over_the_table
