"""The difference between two plans divided among the changes of inputs, by the Shapley value.

Every scenario with some inputs of one plan and the rest of the other is solved once.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from math import nan
from typing import Any, NamedTuple

from fte_alloc.errors import FteAllocError, InputError
from fte_alloc.inputs.build import REFERENCE_PLAN, build_problem
from fte_alloc.inputs.entries import Inputs
from fte_alloc.questions.document import Progress, figures_by_place, headline_figures
from fte_alloc.questions.places import area_key, typed_place_code
from fte_alloc.questions.plan import solve
from fte_alloc.questions.sides import Side
from fte_alloc.questions.why.changes import Change, changes, is_mere_name, mixed_inputs
from fte_alloc.questions.why.shapley import MOST_EXACT, PAIRS, split

#: Headline figures of the last year whose differences are explained, by name in ``results``.
FIGURES = ("expected_contracts", "lowest_rate", "state_eur", "new_fte")
#: Prefix of the figure of new posts of a territory or an area; its ``place_key`` follows.
POSTS_OF = "new_fte."
#: Reasons why a scenario between two others has no figures, by the exit code of the error.
_REASONS = {3: "impossible", 4: "unproved", 5: "refused", 6: "failed"}
#: Default time limit of a scenario between two others [s].
TIME_LIMIT_S = 60.0

Figures = Mapping[str, float | None]


class Effect(NamedTuple):
    """Effect of a change on a figure, with its standard error where orders were sampled."""

    change: Change
    amount: float
    error: float | None = None


@dataclass(frozen=True)
class Attribution:
    """The difference between two plans, divided among the changes of their inputs.

    before, after : names of the plans; start, end : their figures by name
    effects : effects of the changes on each figure that both plans have; none where no input
        differs. Changes that cannot be separated are one change.
    obstacles : number of scenarios in between without figures, by reason
    missing : name of a plan that is not the proved best one of known inputs, so that nothing is
        explained
    """

    before: str
    after: str
    start: Figures
    end: Figures
    effects: Mapping[str, Sequence[Effect]] = field(default_factory=dict)
    obstacles: Mapping[str, int] = field(default_factory=dict)
    missing: str | None = None

    @property
    def changes(self) -> tuple[Change, ...]:
        """Changes of inputs, in the order of their effects."""
        return tuple(effect.change for effect in next(iter(self.effects.values()), ()))

    @property
    def is_sampled(self) -> bool:
        """Whether effects are averages over random orders, not over all."""
        return any(effect.error is not None for of in self.effects.values() for effect in of)

    def bridges(self) -> Iterator[dict[str, Any]]:
        """Entries of a document, one per figure, with both plans, both values and the effects."""
        for figure, effects in self.effects.items():
            yield {
                "from": self.before,
                "to": self.after,
                "figure": figure,
                "start": self.start[figure],
                "end": self.end[figure],
                "parts": [
                    {"group": change.name, "amount": amount}
                    | ({} if error is None else {"standard_error": error})
                    | {"keys": list(change.keys)}
                    for change, amount, error in effects
                ],
                **({"orders": 2 * PAIRS} if self.is_sampled else {}),
                **({"obstacles": dict(self.obstacles)} if self.obstacles else {}),
            }


def attributions(
    sides: Sequence[Side],
    territory: str | None = None,
    area: str | None = None,
    time_limit_s: float | None = None,
    progress: Progress | None = None,
) -> Iterator[Attribution]:
    """Effects of the changes of inputs on the figures, for every plan against the first one.

    territory, area : code or name of a place whose new posts are explained as a further figure
    time_limit_s : for every scenario in between [s]; without proof by then, it has no figures
    progress : called after every scenario in between, with numbers of those done and of all

    Raises InputError for a place that the first side with a known problem does not have.
    """
    baseline, *others = sides
    known = next((side.problem for side in sides if side.problem is not None), None)
    places = dict[str, str | None]()
    if known is not None and territory:
        code = typed_place_code(known, "territory", territory)
        places[code] = known.areas[known.area_of[known.territories.index(code)]]
    if known is not None and area:
        places[area_key(typed_place_code(known, "area", area))] = None
    between = ScenariosBetween(places, time_limit_s)
    inputs = [(_best_of(baseline), _best_of(side)) for side in others]
    differ = [changes(*pair) if None not in pair else () for pair in inputs]
    scenarios = (2**n if n <= MOST_EXACT else 2 * PAIRS * (n - 1) + 2 for n in map(len, differ))
    done, most = count(1), sum(scenarios)  # at most, both ends included

    def one_more() -> None:
        if progress is not None:
            progress(min(next(done), most), most)

    for side, found in zip(others, differ, strict=True):
        yield attribute(baseline, side, found, between, one_more)


class ScenariosBetween:
    """Figures of scenarios that mix the inputs of two others; each is solved once, without prices.

    places : places whose new posts are figures, too, by ``place_key``, with the area of a territory
    time_limit_s : time limit of each scenario [s]
    """

    def __init__(self, places: Mapping[str, str | None], time_limit_s: float | None = None) -> None:
        self.places = places
        self.time_limit_s = TIME_LIMIT_S if time_limit_s is None else time_limit_s
        self._known: dict[str, Figures | str] = {}

    def figures_of(self, document: Mapping[str, Any]) -> Figures:
        """Figures of a plan by name, from its document: headline figures, new posts of places.

        A territory of the same code in another area is another place, and has no figure.
        """
        posts = figures_by_place(document, "posts", by_area=True)
        posts |= figures_by_place(document, "posts")
        found = headline_figures(document)
        areas = {row["territory"]: row["area"] for row in document["territories"]}
        return {name: found[name] for name in FIGURES} | {
            POSTS_OF + place: posts.get(place) if areas.get(place) == area else None
            for place, area in self.places.items()
        }

    def figures_between(self, before: Inputs, after: Inputs, keys: Sequence[str]) -> Figures | str:
        """Figures of the best plan for *before* with *keys* from *after*, or why it has none."""
        try:
            problem = build_problem(mixed_inputs(before, after, keys))
        except InputError as error:
            return _REASONS[error.exit_code]
        known = _inputs_key(problem.inputs)
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
    progress: Callable[[], None] = lambda: None,
) -> Attribution:
    """Divide the difference between two plans among the changes *found* between their inputs."""
    start, end = (between.figures_of(side.document) for side in (before, after))
    figures = [k for k in start if start[k] is not None and end[k] is not None]
    missing = next((side.name for side in (before, after) if _best_of(side) is None), None)
    effects = {figure: list[Effect]() for figure in (figures if missing is None else ())}
    whole = Attribution(before.name, after.name, start, end, effects, missing=missing)
    if missing is not None or not found:
        return whole
    obstacles = Counter[str]()

    def worth(mask: int) -> list[float] | None:
        made = [change for i, change in enumerate(found) if mask >> i & 1]
        reached: Figures | str = end if made else start
        if 0 < len(made) < len(found):
            keys = [key for change in made for key in change.keys]
            reached = between.figures_between(_best_of(before), _best_of(after), keys)
        progress()
        if isinstance(reached, str):
            obstacles[reached] += 1
            return None
        return [nan if (value := reached[name]) is None else value for name in figures]

    shared = split(worth, len(found))
    for b, block in enumerate(shared.blocks):
        first, *more = (change for i, change in enumerate(found) if block >> i & 1)
        change = sum(more, first)
        for f, figure in enumerate(figures):
            error = None if shared.errors is None else float(shared.errors[b, f])
            effects[figure].append(Effect(change, float(shared.parts[b, f]), error))
    return replace(whole, obstacles=dict(sorted(obstacles.items())))


def _best_of(side: Side) -> Any:
    """The inputs that a plan is proved best for; None where they are not known."""
    return None if side.problem is None else side.problem.inputs


def _inputs_key(inputs: Inputs) -> str:
    """JSON of all inputs on which a plan depends, without names and origins."""
    values = {key: entry.value for key, entry in inputs.entries.items() if not is_mere_name(key)}
    posts = None
    if REFERENCE_PLAN in inputs.entries and inputs.reference_posts is not None:
        posts = sorted((list(key), fte) for key, fte in inputs.reference_posts.items())
    return json.dumps([values, posts], sort_keys=True)
