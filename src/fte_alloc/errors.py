"""Errors: mistakes of the input, impossible scenarios, and failures of the solver.

Every error has an exit code for the command line. None is ever shown as a traceback.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

from fte_alloc.shown import Tables, renderer
from fte_alloc.texts import visible

_Value = TypeVar("_Value")


class FteAllocError(Exception):
    """Base class of all errors of this package that a user may see."""

    exit_code = 6

    def reword(self, word: Callable[[str], str]) -> None:
        """Rewrite the text of the error by a function."""
        self.args = tuple(map(word, self.args))

    def _render_traceback_(self) -> list[str]:
        """Lines that a notebook prints instead of a traceback."""
        return [f"{type(self).__name__}: {self}"]


@dataclass(frozen=True, order=True)
class Mistake:
    """One mistake in a file, a ``--set`` or a name.

    where : file and line, or the option, as the user can find it again
    what : what is there, what was expected, and how to put it right
    count : number of mistakes it stands for
    """

    where: str
    what: str
    count: int = 1

    def __str__(self) -> str:
        where, what = visible(self.where), visible(self.what)
        return f"{where}: {what}" if where else str(what)


class InputError(FteAllocError):
    """The error that reports all mistakes of the input together."""

    exit_code = 5

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(dict.fromkeys(mistakes))
        super().__init__("\n".join(str(m) for m in self.mistakes))

    def reword(self, word: Callable[[str], str]) -> None:
        """Rewrite the place and the text of every mistake by a function."""
        words = (replace(m, where=word(m.where), what=word(m.what)) for m in self.mistakes)
        self.mistakes = tuple(words)
        self.args = ("\n".join(map(str, self.mistakes)),)


def mistaken(where: str, what: str, /, **values: object) -> InputError:
    """An InputError with one mistake, whose text is formatted with the values."""
    return InputError([Mistake(where, what.format(**values) if values else what)])


def values_or_input_error(
    texts: Iterable[str], parse: Callable[[str], tuple[str, _Value]]
) -> dict[str, _Value]:
    """Values by key, each parsed from the text of an option such as ``--set KEY=VALUE``.

    Raises InputError with the mistakes of all texts.
    """
    found: dict[str, _Value] = {}
    mistakes: list[Mistake] = []
    for text in texts:
        try:
            found.update([parse(text)])
        except InputError as error:
            mistakes += error.mistakes
    if mistakes:
        raise InputError(mistakes)
    return found


class InfeasibleError(Tables, FteAllocError):
    """The error raised where no plan satisfies the scenario.

    inputs : inputs of the problem, None where they are not known
    diagnose : function that makes ``document``, an empty one where the problem is not known
    proved : whether arithmetic proves that no plan exists; else, for plans in steps, only the
        solver says so, and confirms it without presolve
    """

    exit_code = 3
    inputs: Any = None
    diagnose: Callable[[], Mapping[str, Any]] = dict

    def __init__(self, message: str, proved: bool = True) -> None:
        self.proved = proved
        super().__init__(message)

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """The reasons, as a ``fte-alloc/infeasible/2`` document, which is computed at first use."""
        with suppress(ValueError):  # a plan exists that the solver has not found
            return self.diagnose()
        return {}

    @property
    def conflict(self) -> list[dict[str, Any]]:
        """Limits that cannot hold together, with the amounts they need."""
        return list(self.document.get("conflict", ()))

    @property
    def repairs(self) -> list[dict[str, Any]]:
        """Least changes of inputs that make a plan possible: key, old and new value of each."""
        return list(self.document.get("repairs", ()))

    def _render_traceback_(self) -> list[str]:
        return [str(renderer().text_of(self))]


class StoppedError(FteAllocError):
    """The search reached a limit before it found any plan."""

    exit_code = 4


class SolverError(FteAllocError):
    """The solver failed, or its answer did not pass the independent check."""

    exit_code = 6
