"""The names that ``import fte_alloc as fa`` offers, and the result that each answer prints.

Names are imported when they are first used. This module alone joins questions and renderers:
answers import it by name (``shown``), commands take their results from it.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial, wraps
from importlib import import_module
from inspect import signature
from types import FunctionType
from typing import Any

from fte_alloc.errors import FteAllocError, InputError, Mistake, mistaken
from fte_alloc.language import ENGLISH, N_, _, in_english, in_language
from fte_alloc.names import GOES_NOT_WITH
from fte_alloc.output_files import have_been_read, refuse_overwriting, write_whole
from fte_alloc.render.result import DRAWN, FORMATS, PAGE, Result
from fte_alloc.shown import Drawing

#: Patterns of options in texts, and the arguments of functions that replace them.
_ARGUMENTS = (
    ("^--set ([^=]+)=(.*)$", r'overrides={"\1": \2}'),
    (r"--set (\S+?)=([^\s;,]+)", r'overrides={"\1": \2}'),
    (r"^--(\w+) (.+)$", r'--\1="\2"'),
    ("--set", "overrides"),
    ("--out", "path"),
    ("--probability", "probabilities"),
    (r"(?<!\S)--(\w)", r"\1"),
)


def _is_list(given: Any) -> bool:
    return isinstance(given, Iterable) and not isinstance(given, str)


#: One of these is an attribute of what stands for a problem: texts, paths, problems, plans.
_OF_PROBLEMS = {"encode", "__fspath__", "evaluate", "problem"}
#: Names of arguments, whether one of them is right, and what is expected.
_EXPECTED: Mapping[str, tuple[Callable[[Any], object], str]] = {
    "scenario path": (lambda of: isinstance(of, str | os.PathLike), N_("a name or a path")),
    "problem": (lambda of: _OF_PROBLEMS & {*dir(of)}, N_("a problem, a plan or a name or path")),
    "plans problems": (lambda of: _is_list(of) and of, N_("a list of problems, plans or names")),
    "overrides probabilities": (lambda of: isinstance(of, Mapping), N_("a dict of values")),
    "cases": (
        lambda of: hasattr(of, "rows") or all(map(_is_list, of.values())),
        N_("a dict of lists"),
    ),
    "posts": (lambda of: isinstance(of, Mapping) or "columns" in dir(of), N_("a table of posts")),
    "keys": (_is_list, N_("a list of keys")),
    "territory area key": (lambda of: isinstance(of, str), N_("a text")),
    "within": (lambda of: 0 <= of < 1, N_("a share of at least 0 and below 1")),
    "time_limit_s": (lambda of: of >= 0, N_("a number of at least 0")),
}


def _refuse_wrong(given: Mapping[str, Any]) -> None:
    """Raise InputError for arguments that are not what is expected."""
    wrong = []
    for name, value in given.items():
        for names, (is_right, expected) in _EXPECTED.items():
            is_fit: object = name not in names.split()
            with suppress(AttributeError, TypeError):
                is_fit = is_fit or is_right(value)
            if not is_fit:
                is_plain = type(value).__module__ == "builtins"
                shown = repr(value)[:60] if is_plain else type(value).__name__
                text = _("is {value}, expected {expected}")
                wrong.append(Mistake(name, text.format(value=shown, expected=_(expected))))
    if {"problem", "territory", "area"} <= given.keys():  # compare answers for both
        wrong.append(Mistake("", _(GOES_NOT_WITH).format(option="area", other="territory")))
    if wrong:
        raise InputError(wrong)


@cache
def _modules() -> dict[str, str]:
    """Module of each public name, read from the imports in the stub ``__init__.pyi``."""
    from pathlib import Path

    stub = Path(__file__).with_name("__init__.pyi").read_text(encoding="utf-8")
    found = (node for node in ast.parse(stub).body if isinstance(node, ast.ImportFrom))
    return {alias.name: str(node.module) for node in found for alias in node.names}


def exported(name: str) -> Any:
    """The object with a public name of the package. Raises AttributeError for any other."""
    if name == "__all__":
        return sorted(_modules())
    if name not in _modules():
        raise AttributeError(f"module 'fte_alloc' has no attribute {name!r}")
    found = getattr(import_module(_modules()[name]), name)
    is_question = isinstance(found, FunctionType) and name != "use_language"
    return called(found) if is_question else found


@cache
def called(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a function so that its errors name arguments, not options, and numpy uses one thread.

    More threads slow small matrices down; outside the function, the process keeps its threads.
    """
    usual = {name: one.default for name, one in signature(function).parameters.items()}

    @wraps(function)
    def call(*given: Any, **named: Any) -> Any:
        typed = dict(zip(usual, given, strict=False)) | named
        try:
            _refuse_wrong({k: v for k, v in typed.items() if v is not usual.get(k)})
            with _libraries().limit(limits=1, user_api="blas"):
                return function(*given, **named)
        except FteAllocError as error:
            error.reword(in_arguments)
            raise

    return call


@cache
def _libraries() -> Any:
    """Controller of the BLAS threads of this process, cached because the search takes 1 ms."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def in_arguments(text: str) -> str:
    """Text with command-line options rewritten as Python arguments, unless it quotes a command."""
    changed = str(text)
    for option, argument in _ARGUMENTS if "fte-alloc" not in text else ():
        changed = re.sub(option, argument, changed)
    return type(text)(changed)


# -- answers ---------------------------------------------------------------------------------------

#: Largest number of lines that an answer prints at a prompt.
_LINES = 10


def result_of(answer: Any, **how: Any) -> Result:
    """The ``Result`` of an answer: what its command prints, in every format.

    how : further settings of the page, such as ``by_area`` of a plan
    """
    kinds = (kind.__name__ for kind in type(answer).__mro__)
    return next(_RESULTS[kind] for kind in kinds if kind in _RESULTS)(answer, **how)


def _load(place: str) -> Any:
    """The object at a dotted path below ``questions``, whose module this call imports."""
    module, _dot, name = place.rpartition(".")
    return getattr(import_module(f"fte_alloc.questions.{module}"), name)


def _rows_result(found: Any, page: str, *about: Any) -> Result:
    return Result(found.document, lambda: _load(page)(*about), found.columns, lambda: found.rows)


def _posts_result(document: Mapping[str, Any], place: str, *more: Any, **how: Any) -> Result:
    rows = document["posts"]
    columns = [key for key in _load("posts.POST_COLUMNS") if key in rows[0]]
    return Result(document, lambda: _load(place)(document, *more, **how), columns, lambda: rows)


def _plan(plan: Any, **how: Any) -> Result:
    document, place = plan.document, "solve.answer.plan_answer"
    return replace(
        _posts_result(document, place, **how),
        book=lambda: _load(place)(document, plan, **how),
        web=lambda: _load("report.page.report_answer")(_load("report.page.report")([plan])),
    )


def _frontier_result(found: Any) -> Result:
    document = found.document
    web = partial(_load("frontier.page.frontier_answer"), document)
    return replace(_rows_result(found, "frontier.page.frontier_page", document), web=web)


def _comparison_result(of: Any) -> Result:
    answer, columns = _load("compare.answer.compare_answer"), _load("compare.compare.CSV_COLUMNS")
    return Result(lambda: of.document, lambda: answer(of), columns, of.rows)


def _impossible_result(found: Any) -> Result:
    document = found.document
    if not document:
        return Result(document, lambda: [_load("answer.Line")(str(found), "bad")])
    page, rows = (_load(f"infeasible.page.{name}") for name in ("impossible_page", "repair_rows"))
    columns = _load("infeasible.page.REPAIR_COLUMNS")
    return Result(document, partial(page, document), columns, partial(rows, document))


def _problem(problem: Any) -> Result:
    inputs = problem.inputs
    if inputs is None:  # made in Python
        return Result({}, lambda: [_load("answer.Line")(object.__repr__(problem))])
    rows, answer = _load("check.show_rows")(inputs), _load("check.check_answer")
    columns = _load("check.SHOW_COLUMNS")
    return Result(rows, lambda: answer([inputs], quiet=False), columns, lambda: rows)


def _evaluation_result(judged: Any, best: Any = None, impossible: str | None = None) -> Result:
    document = _load("plan_document.evaluation_document")(judged, impossible)
    document |= best.optimum_and_loss(judged) if best else {}
    return _posts_result(document, "evaluate.evaluation_answer")


def _verification_result(
    verified: Any, plan: str = "", again: Callable[[], Any] | None = None
) -> Result:
    names = ("verification_document", "verify_answer", "FINDING_COLUMNS")
    document, answer, columns = (_load(f"verify.answer.{name}") for name in names)

    def proved() -> Mapping[str, Any]:
        found = in_english(verified, again or (lambda: verified))
        with in_language(ENGLISH):
            return document(found, plan)

    return Result(proved, partial(answer, verified, plan), columns, lambda: proved()["findings"])


#: Functions that make the result of an answer, by the name of its class.
_RESULTS: Mapping[str, Callable[..., Result]] = {
    "Comparison": _comparison_result,
    "Diagnosis": _impossible_result,
    "Evaluation": _evaluation_result,
    "Explanation": lambda found: _rows_result(found, "explain.page.explain_page", found),
    "Frontier": _frontier_result,
    "InfeasibleError": _impossible_result,
    "Justification": lambda found: _rows_result(found, "justify.page.justify_page", found),
    "Plan": _plan,
    "Problem": _problem,
    "Regret": lambda found: _posts_result(found.document, "regret.answer.regret_answer", found),
    "SavedPlan": lambda plan: _posts_result(plan.document, "solve.answer.plan_answer"),
    "Sweep": lambda done: replace(
        _rows_result(done, "sweep.page.sweep_page", done.document),
        rows=lambda: (dict(zip(done.columns, row, strict=True)) for row in done.rows.values()),
    ),
    "Verification": _verification_result,
    "WeightPath": lambda found: _rows_result(found, "weights.page.path_page", found),
    "Weights": lambda found: _rows_result(found, "weights.page.weights_page", found),
}


def text_of(answer: Any) -> str:
    """The text of an answer as a terminal shows it."""
    return str(result_of(answer).made("table"))


def brief(answer: Any) -> str:
    """The first lines of an answer, ten at most, or title and description of a picture."""
    if isinstance(answer, Drawing):
        return "\n".join(filter(None, (answer.title, answer.description)))
    lines = text_of(answer).splitlines()
    if len(lines) > _LINES:
        count = len(lines) - _LINES + 1
        text = _('… {count} more lines; .save("all.txt") has them')
        lines[_LINES - 1 :] = [text.format(count=count)]
    return "\n".join(lines)


@called
def save(answer: Any, path: str | os.PathLike[str]) -> None:
    """Write an answer or a picture to a file, as described in ``Shown.save``."""
    name, formats = os.fspath(path), {"svg": DRAWN["svg"]}
    result = None if isinstance(answer, Drawing) else result_of(answer)
    if result:
        formats = FORMATS | (PAGE if result.web else {})
    form = next((form for form, ending in formats.items() if name.lower().endswith(ending)), None)
    if form is None:
        known = " ".join(dict.fromkeys(formats.values()))
        raise mistaken(name, _("expected an ending among {known}"), known=known)
    inputs = (read for read in have_been_read if not read.endswith(".json"))  # not plans
    refuse_overwriting(name, inputs)
    made = result.made(form) if result else answer._repr_svg_()
    write_whole(name, made if isinstance(made, bytes) else made.encode())
