"""A problem, with methods that judge any plan without a solver."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from fte_alloc.errors import InputError, Mistake
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.data import code_of
from fte_alloc.programme.judge import Evaluation, judge, status_quo
from fte_alloc.programme.room import BoundedData
from fte_alloc.shown import Tables

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class Problem(Tables, BoundedData):
    """A problem of allocating co-financed posts: its data, its limits, and a judge of any plan."""

    def evaluate(
        self,
        posts: pd.DataFrame | Mapping[tuple[str, str, int], float],
        effort: Mapping[tuple[str, str, int], float] | None = None,
    ) -> Evaluation:
        """Judge any allocation of posts, without a solver.

        posts : new posts by (role, code, year) [FTE], or a table with the columns ``territory``,
            ``role``, ``new_fte``, over several years ``year``, and ``area`` for coordinators of
            areas that are several territories
        effort : effective FTE by (territory, segment, year); without it the best split is found

        Raises InputError for a post or an effort that the problem does not have.
        """
        if not isinstance(posts, Mapping):
            posts = posts_of_table(posts, self.years)
        k = None
        if effort is not None:
            k = np.zeros_like(self.contracts_per_year)
            labels = self.territories, self.segments, self.years
            axes = [{label: n for n, label in enumerate(of)} for of in labels]
            for key, fte in effort.items():
                try:
                    i, s, t = (axis[label] for axis, label in zip(axes, key, strict=True))
                except KeyError as error:
                    raise InputError([Mistake("effort", f"no such effort: {key}")]) from error
                k[i, t, s] = fte
        return self.judge(*self.arrays(posts), k)

    def judge(self, x: Floats, z: Floats, k: Floats | None = None) -> Evaluation:
        """Judge posts x [I,T] and z [A,T]; without effort k [I,T,S], the best split is found."""
        return judge(self, x, z, k)

    @cached_property
    def status_quo(self) -> Evaluation:
        """The problem judged with no new post (``judge.status_quo``)."""
        return status_quo(self)


def posts_of_table(table: pd.DataFrame, years: Iterable[int]) -> dict[tuple[str, str, int], float]:
    """New posts by (role, code, year) [FTE], from columns territory, role, new_fte, year, area."""
    years = tuple(years)
    rows = table.to_dict("records")
    mistakes = [
        Mistake("posts", f"column {c} is missing")
        for c in ("territory", "role", "new_fte")
        if c not in table.columns
    ]
    if "year" not in table.columns and len(years) > 1:
        mistakes.append(Mistake("posts", "column year is missing; the problem has several years"))
    if mistakes:
        raise InputError(mistakes)
    return {
        (str(r["role"]), code_of(r), int(r.get("year", years[0]))): float(r["new_fte"])
        for r in rows
    }
