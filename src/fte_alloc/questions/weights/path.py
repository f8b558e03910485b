"""Posts along one weight, at enough values for straight lines between them to be accurate."""

from __future__ import annotations

import math
import time
from contextlib import suppress
from itertools import pairwise

import numpy as np

from fte_alloc.errors import mistaken
from fte_alloc.inputs.load import ProblemLike, loaded_problem
from fte_alloc.inputs.typed_numbers import finite_number, number_hint
from fte_alloc.inputs.weighing import Weighing
from fte_alloc.language import _
from fte_alloc.programme.curves import Floats
from fte_alloc.questions.document import Documented, Progress, first_document_keys
from fte_alloc.questions.posts import post_row
from fte_alloc.questions.weights.weights import TOLERANCE_FTE, best_posts, check_tolerance

FORMAT = "fte-alloc/weights-path/2"
#: Longest interval that is not halved, as a share of the whole; the same for plans in steps.
FINEST, FINEST_STEPS = 1e-3, 1e-2
#: Number of intervals at the start.
_PARTS = 4


class WeightPath(Documented):
    """Posts of the best plans along one weight."""


def weight_path(
    problem: ProblemLike,
    key: str,
    low: float,
    high: float,
    tolerance_fte: float = TOLERANCE_FTE,
    *,
    time_limit_s: float | None = None,
    progress: Progress | None = None,
) -> WeightPath:
    """Posts of the best plans along one weight, from *low* to *high*.

    An interval is halved while posts in its middle are further than the tolerance from the straight
    line between its ends; in steps, while plans at its ends differ.

    tolerance_fte : largest distance of posts from the straight lines between the points [FTE]
    time_limit_s : time [s] after which the points found so far are returned
    progress : called with the number of points solved, and the number known to be needed

    The document is a ``fte-alloc/weights-path/2``; the table has a row per point, a column per
    post. Raises InputError for an unknown weight, values that are not allowed or a tolerance below
    ``LEAST_TOLERANCE_FTE``, and what ``solve`` raises.
    """
    check_tolerance(tolerance_fte)
    deadline = math.inf if time_limit_s is None else time.monotonic() + time_limit_s
    problem = loaded_problem(problem)
    weighing = Weighing.of(problem)
    weight = weighing.weight(key)
    if not low < high:
        raise mistaken(f"{weight.key}={low:g}:{high:g}", _("expected a value and a higher one"))
    best_at, known = best_posts(problem), dict[float, Floats]()

    def posts_at(value: float) -> Floats:
        if value not in known:
            known[value] = best_at(weighing.problem_with({weight.key: value}))
            if progress is not None:
                progress(len(known), len(known) + len(left))
        return known[value]

    now = [weight.value] if low < weight.value < high else []
    left = list(pairwise(sorted({*np.linspace(low, high, _PARTS + 1).tolist(), *now})))
    shortest = (FINEST_STEPS if problem.in_steps else FINEST) * (high - low)
    posts_at(low), posts_at(high)
    while left and time.monotonic() <= deadline:
        a, b = left.pop(0)
        if b - a <= shortest:
            posts_at(a), posts_at(b)
            continue
        middle = 0.5 * (a + b)
        if problem.in_steps:  # posts are constant between jumps
            bends = not np.array_equal(posts_at(a), posts_at(b))
        else:
            off = np.abs(posts_at(middle) - 0.5 * (posts_at(a) + posts_at(b)))
            bends = bool(off.max(initial=0.0) > tolerance_fte)
        if bends:
            left += [(a, middle), (middle, b)]
    keys = list(problem.post_keys())
    points = [{"value": value, "new_fte": known[value].tolist()} for value in sorted(known)]
    document = {
        "format": FORMAT,
        "status": "stopped" if left else "optimal",
        **first_document_keys(problem),
        "key": weight.key,
        "value": weight.value,
        "low": low,
        "high": high,
        "tolerance_fte": tolerance_fte,
        "step_fte": problem.least_step_fte,
        "posts": [post_row(problem, key) for key in keys],
        "points": points,
    }
    columns = ("value", *(f"{role}.{code}.{year}" for role, code, year in keys))
    rows = [
        dict(zip(columns, (point["value"], *point["new_fte"]), strict=True)) for point in points
    ]
    return WeightPath(problem, document, columns, rows)


def parse_path(text: str) -> tuple[str, float, float]:
    """Key, low and high value of a ``--path`` argument ``KEY=LOW:HIGH``.

    Raises InputError for any other text.
    """
    key, _equals, values = text.partition("=")
    with suppress(ValueError):
        low, high = map(finite_number, values.split(":"))
        if key.strip():
            return key.strip(), low, high
    expected = _("expected KEY=LOW:HIGH, such as weights.territory.53=0.9:1.1")
    raise mistaken(f"--path {text}", expected + number_hint(values))
