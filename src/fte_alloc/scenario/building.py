"""Inputs → Problem: labelled numbers into labelled arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from fte_alloc import words
from fte_alloc.errors import InputError, Mistake
from fte_alloc.programme.curves import Curves, Floats, SaturatingCurves, TableCurves, demand_draws
from fte_alloc.programme.data import DEFAULT_STAGES, ROLES, SENSES, Stage
from fte_alloc.programme.problem import Problem
from fte_alloc.scenario.families import family_limits
from fte_alloc.scenario.inputs import Inputs
from fte_alloc.scenario.own_limits import Country, own_limits
from fte_alloc.scenario.weighing import TerritoryWeights, deviation


class _Values:
    """Resolved values by dotted key."""

    def __init__(self, inputs: Inputs) -> None:
        self.of = {key: entry.value for key, entry in inputs.entries.items()}
        self._inputs = inputs

    def get(self, key: str, default: Any = None) -> Any:
        value = self.of.get(key)
        return default if value is None else value

    def by_year(self, key: str, years: Sequence[int], default: float) -> Floats:
        """One number a year, from a scalar or from a table by year."""
        values = [self.get(f"{key}.{year}", self.get(key, default)) for year in years]
        return np.array(values, dtype=float)

    def codes(self, head: str) -> tuple[str, ...]:
        """Codes that stand after a key."""
        depth = head.count(".") + 1
        return tuple(sorted({k.split(".")[depth] for k in self.of if k.startswith(head + ".")}))

    def origin(self, head: str) -> str:
        """Where a value below a key was set, those of a scenario first."""
        found = [e for k, e in self._inputs.entries.items() if k.startswith(head + ".")]
        return min(found, key=lambda e: (e.status == "default", e.status != "scenario")).origin

    def column(self, codes: Sequence[str], name: str, default: float) -> Floats:
        """One number a territory."""
        return np.array([self.get(f"territories.{c}.{name}", default) for c in codes], dtype=float)


def build_problem(inputs: Inputs) -> Problem:
    """The problem that resolved inputs describe."""
    v = _Values(inputs)
    years = tuple(v.get("years"))
    territories = v.codes("territories")
    segments = v.codes("coverage.segments")
    names = tuple(v.get(f"territories.{c}.name", c) for c in territories)
    area_codes = [v.get(f"territories.{c}.area", c) for c in territories]
    areas = tuple(sorted(set(area_codes)))
    area_of = np.array([areas.index(a) for a in area_codes])
    area_names = tuple(names[area_codes.index(a)] if area_codes.count(a) == 1 else a for a in areas)

    contracts = np.array(
        [
            [
                [v.get(f"contracts.{c}.{s}.{t}", v.get(f"contracts.{c}.{s}")) for s in segments]
                for t in years
            ]
            for c in territories
        ],
        dtype=float,
    )
    cost = np.stack([v.by_year(f"posts.{r}.cost_eur_per_fte", years, 0.0) for r in ROLES])
    rate = np.stack([v.by_year(f"posts.{r}.state_rate", years, 0.0) for r in ROLES])
    ceiling = np.stack(
        [v.by_year(f"posts.{r}.state_ceiling_eur_per_fte", years, np.inf) for r in ROLES]
    )

    def by_area(column: str) -> Floats:
        sums: Floats = np.zeros(len(areas))
        np.add.at(sums, area_of, v.column(territories, column, 0.0))
        return sums

    problem = Problem(
        territories=territories,
        territory_names=names,
        areas=areas,
        area_names=area_names,
        area_of=area_of,
        segments=segments,
        segment_names=tuple(v.get(f"coverage.segments.{s}.name", s) for s in segments),
        years=years,
        contracts_per_year=contracts,
        curves=_curves(v, territories, years, segments, contracts),
        existing_facilitators_fte=v.column(territories, "existing_facilitators_fte", 0.0),
        committed_facilitators_fte=v.column(territories, "committed_facilitators_fte", 0.0),
        existing_coordinators_fte=by_area("existing_coordinators_fte"),
        committed_coordinators_fte=by_area("committed_coordinators_fte"),
        supports_fte=v.get("posts.coordinator.supports_fte", 0.0),
        productivity_gain=v.get("posts.coordinator.productivity_gain", 0.0),
        first_year_effectiveness=v.get("posts.facilitator.first_year_effectiveness"),
        cost_eur_per_fte=cost,
        grant_eur_per_fte=np.minimum(cost * rate, ceiling),
        segment_weight=np.array([v.get(f"weights.segment.{s}", 1.0) for s in segments]),
        territory_weight=_territory_weight(v, territories, contracts),
        year_weight=np.array([v.get(f"weights.year.{t}", 1.0) for t in years]),
        target_rate=v.by_year("coverage.target_rate", years, np.nan),
        step_fte=v.get("posts.step_fte"),
        stages=_stages(v),
        reference_posts=inputs.reference_posts,
        inputs=inputs,
    )
    areas_of = dict(zip(territories, area_codes, strict=True))
    own = own_limits(Country(inputs.entries, areas_of, years), _refuse)
    return replace(problem, limits=(*family_limits(problem, inputs.entries), *own))


def _refuse(key: str, what: str) -> None:
    """Inputs that are changed without being read again are refused here."""
    raise InputError([Mistake("", f"{key}: {what}")])


def _stages(v: _Values) -> tuple[Stage, ...]:
    numbers = v.codes("stages")
    if not numbers:
        return DEFAULT_STAGES
    stages = []
    for number in sorted(numbers, key=int):
        objective = next(
            v.of[k] for s in ("maximise", "minimise") if (k := f"stages.{number}.{s}") in v.of
        )
        assert objective in SENSES
        stages.append(Stage(objective, v.of[f"stages.{number}.concede"]))
    return tuple(stages)


def _curves(
    v: _Values,
    territories: Sequence[str],
    years: Sequence[int],
    segments: Sequence[str],
    contracts: Floats,
) -> Curves:
    if v.get("coverage.curve") == "table":
        points = [
            v.get(f"curves.{c}.{s}.{t}", v.get(f"curves.{c}.{s}"))
            for c in territories
            for t in years
            for s in segments
        ]
        return TableCurves(
            tuple(tuple(e for e, _ in curve) for curve in points),
            tuple(tuple(y for _, y in curve) for curve in points),
        )

    def of_segment(name: str) -> Floats:
        rates = np.array([v.get(f"coverage.segments.{s}.{name}") for s in segments], dtype=float)
        return np.broadcast_to(rates, contracts.shape).ravel()

    territory = v.column(territories, "contracts_per_fte_factor", 1.0)
    factor = of_segment("contracts_per_fte_factor").reshape(contracts.shape)
    per_fte = v.get("coverage.contracts_per_fte") * territory[:, None, None] * factor
    draws = demand_draws(v.get("coverage.demand_cv"), v.get("coverage.draws"))
    return SaturatingCurves(
        contracts.ravel(),
        of_segment("floor_rate"),
        of_segment("ceiling_rate"),
        per_fte.ravel(),
        draws,
    )


def _territory_weight(v: _Values, territories: Sequence[str], contracts: Floats) -> Floats:
    """Weights of the territories, as the inputs have them [I]."""
    strength, excess = {}, {}
    for column in v.codes("weights.indicators"):
        strength[column] = v.of[f"weights.indicators.{column}"]
        if strength[column]:
            population = v.column(territories, "population", np.nan)
            excess[column] = deviation(v.column(territories, column, np.nan), population)
    explicit = np.array([v.get(f"weights.territory.{c}", 1.0) for c in territories], dtype=float)
    weight = TerritoryWeights(explicit, strength, excess).effective(contracts)
    if weight is None:
        raise InputError([Mistake(v.origin("weights"), words.WEIGHTS_LEAVE_NOTHING)])
    return weight
