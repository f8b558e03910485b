"""Parts that documents of several questions share: head, names of places, rows of posts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fte_alloc.programme.curves import Floats
from fte_alloc.programme.data import COORDINATOR
from fte_alloc.programme.problem import Evaluation, Problem
from fte_alloc.questions.places import key_of
from fte_alloc.questions.plan_document import scenario_keys
from fte_alloc.shown import Tables

#: Columns of posts as CSV.
POST_COLUMNS = (
    *("territory", "name", "role", "year"),
    *("existing_fte", "committed_fte", "new_fte", "area"),
)
#: Function called with the number of items done and the total number.
Progress = Callable[[int, int], None]
#: A post by role, code of its territory or area, and year.
PostKey = tuple[str, str, int]


@dataclass(frozen=True, eq=False, repr=False)
class Found(Tables):
    """The answer to a question about a problem.

    document : its JSON document; keys may be added, never renamed
    columns, rows : column names and rows of its table, and of CSV
    """

    problem: Problem
    document: Mapping[str, Any]
    columns: Sequence[str]
    rows: Sequence[Mapping[str, Any]]

    @property
    def status(self) -> str:
        """Status of the answer, such as ``optimal``."""
        return str(self.document["status"])


def first_keys(problem: Problem) -> dict[str, Any]:
    """First keys of ``weights`` and ``frontier`` documents: scenario, years, inputs, names."""
    kept = scenario_keys(problem)
    del kept["model_title"]
    if "inputs" in kept:
        kept["inputs"] = without_values(kept["inputs"])
    return {**kept, "names": names_of(problem)}


def without_values(inputs: dict[str, Any]) -> dict[str, Any]:
    """The ``inputs`` of a document without their values."""
    return {key: value for key, value in inputs.items() if key != "values"}


def names_of(problem: Problem) -> dict[str, str]:
    """Names of territories, and of areas with several territories, by ``key_of``."""
    areas = zip(problem.areas, problem.area_names, strict=True)
    named = {key_of(problem.place(COORDINATOR, code)): name for code, name in areas}
    return named | dict(zip(problem.territories, problem.territory_names, strict=True))


def post_row(problem: Problem, key: PostKey) -> dict[str, Any]:
    """Role, territory, year and area of a post."""
    role, code, year = key
    place = problem.place(role, code)
    return {"role": role, "territory": place["territory"], "year": year, "area": place["area"]}


def post_rows(problem: Problem, keys: Iterable[PostKey]) -> list[dict[str, Any]]:
    """Territory, name, role, year and area of each post."""
    names = names_of(problem)
    rows = (post_row(problem, key) for key in keys)
    return [{"territory": row["territory"], "name": names[key_of(row)], **row} for row in rows]


def new_fte(judged: Evaluation) -> Floats:
    """New posts of a plan, in the order of ``Problem.post_keys`` [FTE]."""
    x, z = judged.new_facilitators_fte, judged.new_coordinators_fte
    return np.concatenate([x, z]).T.ravel()


def posts_of(judged: Evaluation) -> dict[PostKey, float]:
    """New posts of a plan by (role, code, year) [FTE]."""
    return dict(zip(judged.problem.post_keys(), new_fte(judged).tolist(), strict=True))


def moves(before: Evaluation, after: Evaluation, least_fte: float = 0.0) -> dict[PostKey, float]:
    """Change of every post that changes by more than *least_fte* [FTE]."""
    now = posts_of(before)
    changes = {key: fte - now[key] for key, fte in posts_of(after).items()}
    return {key: fte for key, fte in changes.items() if abs(fte) > least_fte}


def posts_arrays(problem: Problem, posts: Floats) -> tuple[Floats, Floats]:
    """Posts in the order of ``Problem.post_keys`` as arrays x [I,T] and z [A,T] [FTE]."""
    by_year = posts.reshape(len(problem.years), -1).T
    return by_year[: len(problem.territories)], by_year[len(problem.territories) :]


def flat(value: Any, key: str = "") -> Iterator[dict[str, Any]]:
    """Rows of ``key`` and ``value`` for all figures of a document; list items count from 1."""
    if isinstance(value, (Mapping, list)):
        for name, below in value.items() if isinstance(value, Mapping) else enumerate(value, 1):
            yield from flat(below, f"{key}.{name}" if key else str(name))
    else:
        yield {"key": key, "value": value}
