"""Posts of plans: as rows of documents, by key, as arrays, and those moved between two plans."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from fte_alloc.programme.curves import Floats
from fte_alloc.programme.problem import Evaluation, Problem
from fte_alloc.questions.places import place_key, place_names

#: Columns of posts as CSV.
POST_COLUMNS = (
    *("territory", "name", "role", "year"),
    *("existing_fte", "committed_fte", "new_fte", "area"),
)
#: A post by role, code of its territory or area, and year.
PostKey = tuple[str, str, int]


def post_row(problem: Problem, key: PostKey) -> dict[str, Any]:
    """Role, territory, year and area of a post."""
    role, code, year = key
    place = problem.place(role, code)
    return {"role": role, "territory": place["territory"], "year": year, "area": place["area"]}


def post_rows(problem: Problem, keys: Iterable[PostKey]) -> list[dict[str, Any]]:
    """Territory, name, role, year and area of each post."""
    names = place_names(problem)
    rows = (post_row(problem, key) for key in keys)
    return [{"territory": row["territory"], "name": names[place_key(row)], **row} for row in rows]


def new_posts_fte(judged: Evaluation) -> Floats:
    """New posts of a plan, in the order of ``Problem.post_keys`` [FTE]."""
    x, z = judged.new_facilitators_fte, judged.new_coordinators_fte
    return np.concatenate([x, z]).T.ravel()


def new_posts(judged: Evaluation) -> dict[PostKey, float]:
    """New posts of a plan by (role, code, year) [FTE]."""
    return dict(zip(judged.problem.post_keys(), new_posts_fte(judged).tolist(), strict=True))


def moved_posts(
    before: Evaluation, after: Evaluation, least_fte: float = 0.0
) -> dict[PostKey, float]:
    """Change of every post that changes by more than *least_fte* [FTE]."""
    now = new_posts(before)
    changes = {key: fte - now[key] for key, fte in new_posts(after).items()}
    return {key: fte for key, fte in changes.items() if abs(fte) > least_fte}


def moved_post_rows(
    before: Evaluation, after: Evaluation, least_fte: float
) -> list[dict[str, Any]]:
    """Rows of the posts that change by more than *least_fte*, each with its change [FTE]."""
    changes = moved_posts(before, after, least_fte)
    rows = zip(post_rows(before.problem, changes), changes.values(), strict=True)
    return [{**row, "change_fte": fte} for row, fte in rows]


def posts_arrays(problem: Problem, posts: Floats) -> tuple[Floats, Floats]:
    """Posts in the order of ``Problem.post_keys`` as arrays x [I,T] and z [A,T] [FTE]."""
    by_year = posts.reshape(len(problem.years), -1).T
    return by_year[: len(problem.territories)], by_year[len(problem.territories) :]


def all_posts(e: Evaluation) -> list[dict[str, Any]]:
    """Posts in place, renewed, new and opened: one row per place, role and year."""
    p = e.problem
    new = (e.new_facilitators_fte, e.new_coordinators_fte)
    names = (p.territory_names, p.area_names)
    existing = (p.existing_facilitators_fte, p.existing_coordinators_fte)
    committed = (p.committed_facilitators_fte, p.committed_coordinators_fte)
    return [
        {
            "territory": (place := p.place(role, code))["territory"],
            "name": names[r][j],
            "role": role,
            "year": year,
            "existing_fte": float(existing[r][j]),
            "committed_fte": float(committed[r][j]),
            "new_fte": float(new[r][j, t]),
            "opened_fte": float(new[r][j, t] - (new[r][j, t - 1] if t else 0.0)),
            "area": place["area"],
        }
        for t, year in enumerate(p.years)
        for r, (role, codes) in enumerate(p.codes.items())
        for j, code in enumerate(codes)
    ]
