"""Why two plans differ: what each change of an input did, whatever the order of the changes.

Each scenario that takes some inputs from the one and the rest from the other is solved once, and
the difference of every figure is shared out over the changes by the Shapley value.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import factorial
from typing import Any

from fte_alloc.errors import FteAllocError, InputError
from fte_alloc.inputs.build import REFERENCE_PLAN, build_problem, mixed
from fte_alloc.inputs.entries import Inputs
from fte_alloc.questions.document_parts import Progress
from fte_alloc.questions.places import area_key, code_typed
from fte_alloc.questions.plan import solve
from fte_alloc.questions.results import Side, by_place, results
from fte_alloc.questions.why.changes import Change, changes, is_name
from fte_alloc.questions.why.shapley import MOST_EXACT, PAIRS, Gap, Split, split

#: Headline figures that are accounted for, by their names in ``results``; of the last year.
FIGURES = ("expected_contracts", "lowest_rate", "state_eur", "new_fte")
#: The posts of a territory or an area follow under this name and what ``key_of`` calls it.
POSTS_OF = "new_fte."
#: What lies between two scenarios may have no plan, make no sense, take too long or fail: why, by
#: the exit code of the error.
_REASONS = {3: "impossible", 4: "unproved", 5: "refused", 6: "failed"}
#: As long as a scenario between two others is tried where no time limit is given [s].
TIME_LIMIT_S = 60.0

Figures = Mapping[str, float | None]


@dataclass(frozen=True)
class Attribution:
    """The difference between two plans, shared out over what differs between their scenarios.

    start, end : the figures of both plans
    changes : those that cannot be told apart are one
    split : what each change did to each figure, in the order of ``figures``; None where
        nothing differs, or ``missing`` says why
    obstacles : how many scenarios in between have no plan, by reason
    missing : why nothing is shared out, and the plan that is the reason
    """

    before: str
    after: str
    start: Figures
    end: Figures
    changes: tuple[Change, ...] = ()
    split: Split | None = None
    obstacles: Mapping[str, int] = field(default_factory=dict)
    missing: tuple[str, str] | None = None

    @property
    def figures(self) -> tuple[str, ...]:
        """Figures that both plans have."""
        start, end = self.start, self.end
        return tuple(k for k in start if start[k] is not None and end.get(k) is not None)

    @property
    def all_orders(self) -> int:
        """In how many orders the changes could be made."""
        return factorial(len(self.changes))

    def parts(self, figure: str) -> list[tuple[Change, float, float | None]]:
        """Each change with what it did to a figure, and the standard error of that if sampled."""
        if self.split is None:
            return []
        f = self.figures.index(figure)
        errors = self.split.errors
        return [
            (change, float(self.split.parts[b, f]), None if errors is None else float(errors[b, f]))
            for b, change in enumerate(self.changes)
        ]

    def bridges(self) -> Iterator[dict[str, Any]]:
        """One document a figure: from, to, start, end and the parts in between."""
        orders = self.split.orders if self.split else 0
        for figure in () if self.missing else self.figures:
            parts = [
                {"group": change.name, "amount": amount}
                | ({} if error is None else {"standard_error": error})
                | {"keys": list(change.keys)}
                for change, amount, error in self.parts(figure)
            ]
            yield {
                "from": self.before,
                "to": self.after,
                "figure": figure,
                "start": self.start[figure],
                "end": self.end[figure],
                "parts": parts,
                **({"orders": orders, "of_orders": self.all_orders} if orders else {}),
                **({"obstacles": dict(self.obstacles)} if self.obstacles else {}),
            }


def attributions(
    sides: Sequence[Side],
    territory: str | None = None,
    area: str | None = None,
    time_limit_s: float | None = None,
    progress: Progress | None = None,
) -> Iterator[Attribution]:
    """What each change did, for every plan against the first.

    territory, area : code or name of one whose posts are accounted for beside the headline figures
    time_limit_s : given to every scenario in between [s]; one not proved by then counts as none
    progress : called after every scenario in between

    Raises InputError for a territory or an area that the first plan does not have.
    """
    baseline, *others = sides
    known = next((side.problem for side in sides if side.problem is not None), None)
    if known is not None:
        territory = territory and code_typed(known, "territory", territory)
        area = area and code_typed(known, "area", area)
    places = [*filter(None, [territory]), *map(area_key, filter(None, [area]))]
    between = ScenariosBetween(places, time_limit_s)
    differ = []
    for side in others:
        is_told = not (_missing(baseline) or _missing(side))
        differ.append(changes(_inputs(baseline), _inputs(side)) if is_told else ())
    most, done = [_most_between(len(found)) for found in differ], 0
    for side, found, at_most in zip(others, differ, most, strict=True):

        def told(more: int, done: int = done, at_most: int = at_most) -> None:
            if progress is not None:
                progress(done + min(more, at_most), sum(most))

        yield attribute(baseline, side, found, between, told)
        told(at_most)
        done += at_most


class ScenariosBetween:
    """The figures of scenarios between two others, each solved once, without prices.

    places : what ``key_of`` calls those whose posts are figures, too
    time_limit_s : given to every one [s]
    """

    def __init__(self, places: Sequence[str] = (), time_limit_s: float | None = None) -> None:
        self.places = tuple(places)
        self.time_limit_s = TIME_LIMIT_S if time_limit_s is None else time_limit_s
        self._known: dict[str, Figures | str] = {}

    def figures_of(self, document: Mapping[str, Any]) -> Figures:
        """The figures of a plan's document."""
        posts = by_place(document, "posts") | by_place(document, "posts", by_area=True)
        found = results(document)
        return {name: found[name] for name in FIGURES} | {
            POSTS_OF + place: posts.get(place) for place in self.places
        }

    def reached(self, before: Inputs, after: Inputs, keys: Sequence[str]) -> Figures | str:
        """The figures of *before* with some inputs of *after*, or why there are none."""
        try:
            problem = build_problem(mixed(before, after, keys))
        except InputError as error:
            return _REASONS[error.exit_code]
        known = _identity(problem.inputs)
        if known not in self._known:
            try:
                plan = solve(problem, self.time_limit_s, priced=False)
                is_best = plan.status == "optimal"
                self._known[known] = self.figures_of(plan.document) if is_best else "unproved"
            except FteAllocError as error:
                self._known[known] = _REASONS[error.exit_code]
        return self._known[known]


def attribute(
    before: Side,
    after: Side,
    found: Sequence[Change],
    between: ScenariosBetween,
    progress: Callable[[int], None] = lambda _: None,
) -> Attribution:
    """Share the difference between two plans out over what differs between their scenarios."""
    start, end = (between.figures_of(side.document) for side in (before, after))
    missing = next(((r, side.name) for side in (before, after) if (r := _missing(side))), None)
    whole = Attribution(before.name, after.name, start, end, missing=missing)
    if missing or not found:
        return whole
    figures, obstacles, asked = whole.figures, dict[int, str](), set[int]()

    def worth(mask: int) -> list[float] | Gap:
        made = [change for i, change in enumerate(found) if mask >> i & 1]
        reached: Figures | str = end if made else start
        if 0 < len(made) < len(found):
            keys = [key for change in made for key in change.keys]
            reached = between.reached(_inputs(before), _inputs(after), keys)
        asked.add(mask)
        progress(len(asked))
        if isinstance(reached, str):
            obstacles[mask] = reached
            return Gap.UNKNOWN if reached in ("unproved", "failed") else Gap.NEVER
        values = [reached[name] for name in figures]
        return [float("nan") if value is None else value for value in values]

    shared = split(worth, len(found))
    told = [[c for i, c in enumerate(found) if block >> i & 1] for block in shared.blocks]
    return replace(
        whole,
        changes=tuple(sum(more, first) for first, *more in told),
        split=shared,
        obstacles=dict(sorted(Counter(obstacles.values()).items())),
    )


def _missing(side: Side) -> str | None:
    """Why a plan does not follow from inputs, None where it does."""
    if side.problem is None:
        return "not_best"
    return "no_inputs" if side.problem.inputs is None else None


def _inputs(side: Side) -> Inputs:
    assert side.problem is not None
    return side.problem.inputs


def _most_between(count: int) -> int:
    """How many scenarios between two are looked at, at most, by the number of changes."""
    if count <= 1:
        return 0
    return 2**count if count <= MOST_EXACT else 2 * PAIRS * (count - 1) + 2


def _identity(inputs: Inputs) -> str:
    """Everything a plan follows from; names and origins aside."""
    values = {key: entry.value for key, entry in inputs.entries.items() if not is_name(key)}
    posts = None
    if REFERENCE_PLAN in inputs.entries and inputs.reference_posts is not None:
        posts = sorted((list(key), fte) for key, fte in inputs.reference_posts.items())
    return json.dumps([values, posts], sort_keys=True)
