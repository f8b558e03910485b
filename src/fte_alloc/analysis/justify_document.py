"""Weights that justify a plan, or why none do, and its ``fte-alloc/justification/1`` document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from fte_alloc.analysis.dominance import Better
from fte_alloc.analysis.first_order import PostKey, moves, posts_of
from fte_alloc.analysis.weight_fit import Fit
from fte_alloc.programme.data import COORDINATOR, FACILITATOR
from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.limits import NETWORK, STATE
from fte_alloc.programme.problem import Problem
from fte_alloc.search.document import evaluation_document, objective_unit
from fte_alloc.search.rounds import SETTLED_FTE

JUSTIFIED, REFUSED, BREAKS_LIMITS = "justified", "refused", "breaks_limits"


@dataclass(frozen=True, eq=False)
class Refusal:
    """Why no weights justify a plan, and a plan near by that some do.

    between : the posts whose conditions contradict each other: where a better plan is known, the
        one that would give way (if any must) and the one that would be added
    exchange : a better plan in which nothing else moves; None where more posts must
    better : a plan in which no territory covers less, and some more: the proof of the refusal;
        None where only the conditions of optimality contradict each other
    nearest : a plan that weights justify; that none is nearer is not proved
    weights : those that justify it
    """

    between: tuple[PostKey, ...]
    exchange: Better | None
    better: Better | None
    nearest: Evaluation
    weights: Fit


@dataclass(frozen=True, eq=False)
class Justification:
    """A plan, and the nearest weights under which it is the best.

    measure : ``total`` or ``largest`` relative change
    given : the plan as it was given, judged; limits it breaks may be the work of typing
    rounding_fte : by how much typing may have moved each post
    taken : the plan asked about: of those typed alike, the best for the present weights; it keeps
        all limits unless the status is ``breaks_limits``
    unnamed_posts : how many posts the plan did not name, and has none of
    weights : of territories by name, indicators as they are; None where the plan is refused
    indicators : coefficients, weights by name as they are; None without indicators, or if refused
    refusal : why no weights justify the plan
    """

    problem: Problem
    measure: str
    given: Evaluation
    rounding_fte: float
    taken: Evaluation
    unnamed_posts: int
    weights: Fit | None = None
    indicators: Fit | None = None
    refusal: Refusal | None = None

    @property
    def status(self) -> str:
        """``justified``, ``refused`` where no weights do, ``breaks_limits``."""
        if self.weights is not None:
            return JUSTIFIED
        return BREAKS_LIMITS if self.refusal is None else REFUSED

    @property
    def support_settled(self) -> bool:
        """Whether weights have no say in how coordinators' support is shared.

        Where they do, it stays shared as it is under the present weights, and other shares might
        be justified by nearer ones.
        """
        x, z = self.taken.new_facilitators_fte, self.taken.new_coordinators_fte
        return self.problem.support(x, z).is_settled

    @cached_property
    def document(self) -> dict[str, Any]:
        """As a ``fte-alloc/justification/1`` document."""
        return justification_document(self)


def moved_to(before: Evaluation, after: Evaluation) -> dict[PostKey, float]:
    """How a plan near by differs from the one given [FTE]."""
    return moves(before, after, SETTLED_FTE)


FORMAT = "fte-alloc/justification/1"


def justification_document(j: Justification) -> dict[str, Any]:
    """The answer as data; keys may be added, never renamed."""
    judged = evaluation_document(j.given, j.given)
    taken = posts_of(j.taken)
    posts = [
        {
            **{key: row[key] for key in ("territory", "name", "role", "year", "new_fte")},
            "taken_fte": taken[row["role"], row["territory"], row["year"]],
        }
        for row in judged["posts"]
    ]
    values = judged.get("inputs", {}).get("values", {})
    return {
        "format": FORMAT,
        "status": j.status,
        **{key: judged[key] for key in ("scenario", "model", "title", "years")},
        "territory": values.get("territory"),
        "measure": j.measure,
        "stage": "coverage",
        "rounding_fte": j.rounding_fte,
        "support_settled": j.support_settled,
        "posts": posts,
        "possible_posts": sum(role in j.problem.roles for role, *_ in j.problem.post_keys()),
        "unnamed_posts": j.unnamed_posts,
        "violations": judged["violations"],
        "weights": None if j.weights is None else _weights(j.problem, j.weights),
        "indicators": None if j.indicators is None else _indicators(j.problem, j.indicators),
        "refusal": None if j.refusal is None else _refusal(j, j.refusal),
        "regional_figures": judged.get("regional_figures"),
        **({"inputs": judged["inputs"]} if "inputs" in judged else {}),
        "software": judged["software"],
    }


def _weights(problem: Problem, fit: Fit) -> dict[str, Any]:
    """Weights by name, and the lines of a scenario that set them."""
    names = dict(zip(problem.territories, problem.territory_names, strict=True))
    rows = [
        {"territory": row.pop("name"), "name": names[code], **row}
        for code, row in zip(fit.names, _changes(fit), strict=True)
    ]
    told = [row for row in rows if row["now"] != 1 or row["needed"] != 1]
    lines = [f"{row['territory']} = {_toml(row['needed'])}  # {row['name']}" for row in told]
    return {
        "distance": fit.distance,
        "bound": fit.bound,
        "difference_fte": fit.difference_fte,
        "territories": rows,
        "toml": ["[weights.territory]", *lines] if lines else [],
    }


def _indicators(problem: Problem, fit: Fit) -> dict[str, Any]:
    """Coefficients of indicators, and the lines of a scenario that set them."""
    rows = _changes(fit)
    lines = [f"{row['name']} = {_toml(row['needed'])}" for row in rows if row["needed"] != 0]
    return {
        "justifies": fit.justifies,
        "distance": fit.distance,
        "bound": fit.bound,
        "relative_loss": fit.loss,
        "between": _posts(problem, fit.between),
        "difference_fte": fit.difference_fte,
        "coefficients": [{"column": row.pop("name"), **row} for row in rows],
        "toml": ["[weights.indicators]", *lines] if lines else [],
    }


def _changes(fit: Fit) -> list[dict[str, Any]]:
    """What each number is, has to be, and how far that is; no relative change from 0."""
    return [
        {
            "name": name,
            "now": now,
            "needed": needed,
            "change": needed - now,
            "relative_change": (needed - now) / abs(now) if now else None,
        }
        for name, now, needed in zip(fit.names, fit.now.tolist(), fit.needed.tolist(), strict=True)
    ]


def _refusal(j: Justification, refusal: Refusal) -> dict[str, Any]:
    """Why no weights do, and a plan near by that some justify."""
    p, given = j.problem, j.given
    moves = moved_to(given, refusal.nearest)
    after = posts_of(refusal.nearest)
    return {
        "between": _posts(p, refusal.between),
        "unit": objective_unit(
            replace(p, territory_weight=0.0 * p.territory_weight + 1), "coverage"
        ),
        "exchange": None if refusal.exchange is None else _better(p, refusal.exchange),
        "better": None if refusal.better is None else _better(p, refusal.better),
        "left": [
            {
                "year": year,
                "state_eur": _finite(p.most_in_country(STATE)[t] - given.state_eur[t]),
                "cap_fte": _finite(p.most_in_country(NETWORK)[t] - given.used_fte[t]),
            }
            for t, year in enumerate(p.years)
        ],
        "nearest": {
            "moved_fte": float(sum(abs(fte) for fte in moves.values())),
            "proved": False,
            "posts": [
                {**row, "new_fte": after[key], "change_fte": moves.get(key, 0.0)}
                for key, row in zip(after, _posts(p, list(after)), strict=True)
            ],
            "weights": _weights(p, refusal.weights),
        },
    }


def _better(problem: Problem, better: Better) -> dict[str, Any]:
    """Posts that move, and what each territory covers more, before its own weight."""
    return {
        "moves": [
            {**row, "change_fte": fte}
            for row, fte in zip(
                _posts(problem, list(better.moves)), better.moves.values(), strict=True
            )
        ],
        "gains": dict(zip(problem.territories, better.gains.tolist(), strict=True)),
    }


def _posts(problem: Problem, keys: Sequence[PostKey]) -> list[dict[str, Any]]:
    """Posts by territory (or area), name, role and year."""
    names: Mapping[str, Mapping[str, str]] = {
        FACILITATOR: dict(zip(problem.territories, problem.territory_names, strict=True)),
        COORDINATOR: dict(zip(problem.areas, problem.area_names, strict=True)),
    }
    return [
        {"territory": code, "name": names[role][code], "role": role, "year": year}
        for role, code, year in keys
    ]


def _toml(number: float) -> str:
    """A number as TOML has it, its digits those told."""
    return f"{number:.6g}" if abs(number) >= 1e-4 or number == 0 else f"{number:.6e}"


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
