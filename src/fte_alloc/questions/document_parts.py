"""What documents of several questions share: what they say of their problem, names, posts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from fte_alloc.programme.curves import Floats
from fte_alloc.programme.data import COORDINATOR, FACILITATOR
from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.plan_document import evaluation_document

if TYPE_CHECKING:
    import pandas as pd

#: Columns of posts as CSV.
POST_COLUMNS = ("territory", "name", "role", "year", "existing_fte", "committed_fte", "new_fte")
#: A post by role, code of its territory or area, and year.
PostKey = tuple[str, str, int]


@dataclass(frozen=True, eq=False)
class Found:
    """What a question has found.

    problem : the one it was asked of
    document : as JSON has it; keys may be added, never renamed
    columns, rows : of its table, and of CSV
    """

    problem: Problem
    document: Mapping[str, Any]
    columns: Sequence[str]
    rows: Sequence[Mapping[str, Any]]

    @property
    def status(self) -> str:
        """What the document says of the answer, such as ``optimal``."""
        return str(self.document["status"])

    @property
    def table(self) -> pd.DataFrame:
        """``rows`` as a table."""
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(self.columns))


def about(problem: Problem) -> dict[str, Any]:
    """The document of a problem without new posts: its scenario, inputs and regional figures."""
    nothing = problem.judge(*problem.zeros())
    return evaluation_document(nothing, nothing)


def head(problem: Problem) -> dict[str, Any]:
    """What the documents about weights begin with."""
    whole = about(problem)
    wanted = ("scenario", "title", "model", "years", "regional_figures", "inputs", "software")
    kept = {key: whole[key] for key in wanted if key in whole}
    if "inputs" in kept:
        kept["inputs"] = without_values(kept["inputs"])
    return {**kept, "names": names_of(problem)}


def without_values(inputs: dict[str, Any]) -> dict[str, Any]:
    """Inputs of a document by name, file, changes and hashes; the values themselves left out."""
    return {key: value for key, value in inputs.items() if key != "values"}


def names_of(problem: Problem) -> dict[str, str]:
    """Names of areas and territories, by code."""
    named = zip(problem.areas, problem.area_names, strict=True)
    return dict(named) | dict(zip(problem.territories, problem.territory_names, strict=True))


def post_row(key: PostKey) -> dict[str, Any]:
    """Role, territory (or area) and year of a post."""
    return dict(zip(("role", "territory", "year"), key, strict=True))


def post_rows(problem: Problem, keys: Iterable[PostKey]) -> list[dict[str, Any]]:
    """Territory (or area), its name, role and year of each post."""
    names = {
        FACILITATOR: dict(zip(problem.territories, problem.territory_names, strict=True)),
        COORDINATOR: dict(zip(problem.areas, problem.area_names, strict=True)),
    }
    return [
        {"territory": code, "name": names[role][code], "role": role, "year": year}
        for role, code, year in keys
    ]


def new_fte(judged: Evaluation) -> Floats:
    """New posts of a plan, in the order of ``Problem.post_keys`` [FTE]."""
    x, z = judged.new_facilitators_fte, judged.new_coordinators_fte
    return np.concatenate([x, z]).T.ravel()


def posts_of(judged: Evaluation) -> dict[PostKey, float]:
    """New posts of a plan by (role, code, year) [FTE]."""
    return dict(zip(judged.problem.post_keys(), new_fte(judged).tolist(), strict=True))


def posts_arrays(problem: Problem, posts: Floats) -> tuple[Floats, Floats]:
    """Posts in the order of ``Problem.post_keys`` as x [I,T], z [A,T]."""
    by_year = posts.reshape(len(problem.years), -1).T
    return by_year[: len(problem.territories)], by_year[len(problem.territories) :]
