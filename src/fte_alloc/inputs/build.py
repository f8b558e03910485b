"""From ``Inputs`` to a ``Problem``, values as arrays; inputs that mix those of two scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from fte_alloc.errors import InputError, mistaken
from fte_alloc.inputs.entries import Inputs
from fte_alloc.inputs.limits import family_limits, own_limits
from fte_alloc.inputs.schema import find_parameter
from fte_alloc.inputs.weighing import Weighing
from fte_alloc.language import _
from fte_alloc.names import WEIGHTS_LEAVE_NOTHING
from fte_alloc.programme.curves import Curves, Floats, SaturatingCurves, TableCurves, demand_draws
from fte_alloc.programme.data import COORDINATOR, FACILITATOR
from fte_alloc.programme.objectives import DEFAULT_STAGES, Stage
from fte_alloc.programme.problem import Problem

REFERENCE_PLAN = "reference_plan"


class _Arrays:
    """The values of inputs as arrays."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.codes: Mapping[str, Sequence[str]] = {
            "territory": list(inputs.area_of),
            "segment": list(inputs.codes("coverage.segments")),
            "year": list(map(str, inputs.years)),
        }

    def of(self, key: str, absent: float | None = None) -> Floats:
        """Array of an input: one axis per ``*`` of its key, and one for years if it is by year.

        absent : value where there is none; None: the default of the input
        """
        parameter = find_parameter(tuple(key.split(".")))
        assert parameter is not None
        absent = parameter.default if absent is None else absent
        years, value = self.inputs.years if parameter.by_year else (None,), self.inputs.value
        keys = parameter.keys(self.codes)
        values = [value(one, absent, year) for one in keys for year in years]
        shape = [len(self.codes[of]) for of in parameter.codes]
        shape += [len(years)] if parameter.by_year else []
        return np.array(values, dtype=float).reshape(shape)


def build_problem(inputs: Inputs) -> Problem:
    """The problem that resolved inputs describe."""
    arrays = _Arrays(inputs)
    names, segments = inputs.codes("territories"), inputs.codes("coverage.segments")
    area_codes = list(inputs.area_of.values())
    areas = list(inputs.areas)
    area_of = np.array([areas.index(area) for area in area_codes])
    contracts = np.ascontiguousarray(arrays.of("contracts.*.*").transpose(0, 2, 1))
    facilitator = _eur_per_post(arrays, FACILITATOR, np.arange(len(names)))
    coordinator = _eur_per_post(arrays, COORDINATOR, area_of)
    cost, grant = zip(facilitator, coordinator, strict=True)

    def by_area(column: str) -> Floats:
        sums: Floats = np.zeros(len(areas))
        np.add.at(sums, area_of, arrays.of(f"territories.*.{column}"))
        return sums

    problem = Problem(
        territories=tuple(names),
        territory_names=tuple(names.values()),
        areas=tuple(areas),
        area_names=tuple(inputs.areas.values()),
        area_of=area_of,
        segments=tuple(segments),
        segment_names=tuple(segments.values()),
        years=inputs.years,
        contracts_per_year=contracts,
        curves=_curves_of_inputs(arrays, contracts),
        existing_facilitators_fte=arrays.of("territories.*.existing_facilitators_fte"),
        committed_facilitators_fte=arrays.of("territories.*.committed_facilitators_fte"),
        existing_coordinators_fte=by_area("existing_coordinators_fte"),
        committed_coordinators_fte=by_area("committed_coordinators_fte"),
        supports_fte=float(arrays.of("posts.coordinator.supports_fte")),
        productivity_gain=float(arrays.of("posts.coordinator.productivity_gain")),
        first_year_effectiveness=float(arrays.of("posts.facilitator.first_year_effectiveness")),
        cost_eur_per_fte=cost,
        grant_eur_per_fte=grant,
        segment_weight=np.ones(len(segments)),
        territory_weight=np.ones(len(names)),
        year_weight=np.ones(len(inputs.years)),
        target_rate=arrays.of("coverage.target_rate", np.nan),
        step_fte=float(arrays.of("posts.step_fte")),
        coordinator_step_fte=inputs.value("posts.coordinator.step_fte"),
        stages=_stages(inputs),
        reference_posts=inputs.reference_posts,
        inputs=inputs,
    )
    own = (limit for one in own_limits(inputs).values() for limit in one.of_years())
    limits = (*family_limits(problem, inputs), *own)
    try:
        return Weighing.of_inputs(replace(problem, limits=limits), inputs).problem_with({})
    except InputError:
        weights = [e for key, e in inputs.entries.items() if key.startswith("weights.")]
        first = min(weights, key=lambda e: (e.status == "default", e.status != "scenario"))
        raise mistaken(first.origin, _(WEIGHTS_LEAVE_NOTHING)) from None


def _eur_per_post(arrays: _Arrays, role: str, place_of: np.ndarray) -> tuple[Floats, Floats]:
    """Cost and State grant of a post of a role in every place and year, EUR/(FTE.yr).

    place_of : index of the place that has the posts of each territory [I]
    """

    def of(key: str) -> Floats:
        values = np.tile(arrays.of(f"posts.{role}.{key}", 0.0), (place_of.max() + 1, 1))
        own = arrays.of(f"territories.*.{role}_{key}", np.nan)
        values[place_of[own >= 0]] = own[own >= 0, None]
        return values

    cost, ceiling = of("cost_eur_per_fte"), f"posts.{role}.state_ceiling_eur_per_fte"
    return cost, np.minimum(cost * of("state_rate"), arrays.of(ceiling, np.inf))


def _stages(inputs: Inputs) -> tuple[Stage, ...]:
    def stage(number: str) -> Stage:
        senses = (f"stages.{number}.{sense}" for sense in ("maximise", "minimise"))
        objective = next(inputs.value(key) for key in senses if key in inputs.entries)
        return Stage(objective, inputs.value(f"stages.{number}.concede"))

    return tuple(map(stage, sorted(inputs.codes("stages"), key=int))) or DEFAULT_STAGES


def _curves_of_inputs(arrays: _Arrays, contracts: Floats) -> Curves:
    value, codes = arrays.inputs.value, arrays.codes
    if value("coverage.curve") == "table":
        every = product(codes["territory"], arrays.inputs.years, codes["segment"])
        points = [value(f"curves.{i}.{s}", year=year) for i, year, s in every]
        efforts, covered = (tuple(tuple(p[j] for p in curve) for curve in points) for j in (0, 1))
        return TableCurves(efforts, covered)

    def of_segment(name: str) -> Floats:
        return np.broadcast_to(arrays.of(f"coverage.segments.*.{name}"), contracts.shape)

    of_territory = arrays.of("territories.*.contracts_per_fte_factor")[:, None, None]
    per_fte = value("coverage.contracts_per_fte") * of_territory
    return SaturatingCurves(
        contracts.ravel(),
        of_segment("floor_rate").ravel(),
        of_segment("ceiling_rate").ravel(),
        (per_fte * of_segment("contracts_per_fte_factor")).ravel(),
        demand_draws(value("coverage.demand_cv"), value("coverage.draws")),
    )
