"""Plans of a page with sliders: for each combination of values a proved plan, or why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import pairwise
from typing import Any

from fte_alloc import numbers as show
from fte_alloc.errors import FteAllocError, InfeasibleError, mistaken
from fte_alloc.inputs.load import load
from fte_alloc.inputs.schema import find_parameter
from fte_alloc.inputs.values import is_number
from fte_alloc.language import _
from fte_alloc.names import IMPOSSIBLE_BY_SOLVER, STOP_REASONS
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.answer import Block, Grid, Line, Sliders
from fte_alloc.questions.compare.compare import Comparison
from fte_alloc.questions.document import Progress
from fte_alloc.questions.infeasible.diagnose import diagnose
from fte_alloc.questions.infeasible.page import impossible_page
from fte_alloc.questions.inputs_in_words import input_in_words, input_unit
from fte_alloc.questions.plan import Plan, solve
from fte_alloc.questions.report.page import Report, plan_blocks
from fte_alloc.questions.sweep.cases import Case, Cases, changes
from fte_alloc.questions.sweep.sweep import check_sweep

#: Largest number of plans times territories: 2,000 plans of 18 territories.
MOST = 36_000
#: Amount that a limit must at least have for any plan, and the sentence on it, by the position of
#: the limit's key and the values of the other keys.
_Known = dict[tuple[int, Case], tuple[float, str]]


def slider_cases(problem: Problem, varied: Sequence[Cases]) -> Cases:
    """All combinations of the sliders' values, among which are the scenario's own values.

    varied : values of an input, for one input or two

    Raises InputError where there are more plans than a page has room for.
    """
    cases = Cases()
    for one in varied:
        own, values = problem.inputs.value(*one.keys), [value for (value,) in one.rows]
        values = values if own in values else [own, *values]
        values = sorted(values) if all(map(is_number, values)) else values
        cases = cases.times(Cases(one.keys, tuple((value,) for value in values)))
    plans, places = len(cases.rows), len(problem.territories)
    if plans * places > MOST:
        counts = {"plans": plans, "places": places, "most": MOST // places}
        text = _(
            "makes {plans} plans of {places} territories, of {most} at most: take greater steps"
        )
        raise mistaken("--vary", text, **{key: show.count(many) for key, many in counts.items()})
    return cases


def sliders(
    scenario: str,
    report: Report,
    cases: Cases,
    watched: Callable[[], AbstractContextManager[Progress]],
    time_limit_s: float | None = None,
) -> Sliders:
    """Sliders, one for every varied input; the plans of all cases are solved when they are needed.

    report : report on the scenario's own plan
    watched : opens a context with a function of the numbers of cases solved and of all cases

    Raises InputError where a key or a value is not valid.
    """
    problem, keys = report.plan.problem, cases.keys
    overrides = dict(problem.inputs.overrides)
    check_sweep(scenario, overrides, problem, cases)

    def positions() -> Iterator[tuple[str, Sequence[Block] | None]]:
        known: _Known = {}
        with watched() as progress:
            for done, case in enumerate(cases.rows, start=1):
                there = None
                try:
                    there = load(scenario, overrides | changes(problem, keys, case))
                    found = solve(there, time_limit_s)
                    why = "" if found.status == "optimal" else _(STOP_REASONS[str(found.reason)])
                    yield why, None if why else slider_blocks(report, found)
                except InfeasibleError:
                    assert there is not None
                    yield _reason_without_plan(there, keys, case, known), None
                except FteAllocError as error:
                    yield str(error), None
                progress(done, len(cases.rows))

    values = [list(dict.fromkeys(column)) for column in zip(*cases.rows, strict=True)]
    each = [*zip(keys, values, strict=True)]
    words = [[_slider_value_words(key, value) for value in of] for key, of in each]
    base = [of.index(problem.inputs.value(key)) for key, of in each]
    labels = [input_in_words(key, problem.inputs.values) for key in keys]
    labels = [label[:1].upper() + label[1:] for label in labels]
    return Sliders(labels, words, base, slider_blocks(report, report.plan), positions)


def slider_blocks(report: Report, plan: Plan) -> list[Block]:
    """The blocks of the page for the plan at a position of the sliders."""
    side = replace(report.comparison.baseline, document=plan.document)
    return plan_blocks(replace(report, plan=plan, comparison=Comparison((side,)), own=report))


def _slider_value_words(key: str, value: Any) -> str:
    if value is None:
        return _("as it is")
    parameter, text = find_parameter(tuple(key.split("."))), show.plain_value(value)
    unit = parameter.unit if parameter and is_number(value) else None
    return f"{text} {input_unit(unit)}".rstrip()


def _reason_without_plan(problem: Problem, keys: Sequence[str], case: Case, known: _Known) -> str:
    """Why a case is infeasible; cached for all values of a limit below the amount needed."""
    lines = {key: (n, (*case[:n], *case[n + 1 :])) for n, key in enumerate(keys)}
    for n, line in lines.values():
        needed, text = known.get((n, line), (-1.0, ""))
        if is_number(case[n]) and case[n] < needed:
            return text
    try:
        document = diagnose(problem).document
    except ValueError:  # some posts keep every limit
        return _("the solver finds no plan, but nothing proves that there is none")
    pairs = pairwise(impossible_page(document))
    title, table = next((one, of) for one, of in pairs if isinstance(of, Grid))
    assert isinstance(title, Line)
    conflict = document["conflict"][0]
    short = lines.get(conflict["items"][0]["key"]) if conflict["short"] else None
    # The amount of the short limit is the value of its slider.
    items = [f"{what} {amount}".strip() for what, amount, *_by in table.rows]
    items[0] = table.rows[0][0].strip() if short else items[0]
    by_solver = [_(IMPOSSIBLE_BY_SOLVER)] if document["proof"] == "solver" else []
    text = " ".join([_("No plan is possible."), *by_solver, title.text, _("; ").join(items)]) + "."
    if short:
        known[short] = (conflict["needed"], text)
    return text
