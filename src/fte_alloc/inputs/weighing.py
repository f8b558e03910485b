"""The weights of a problem as a user writes them, and the problem with other weights."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from fte_alloc.errors import InputError, mistaken
from fte_alloc.inputs import schema
from fte_alloc.inputs.codes import Codes, did_you_mean, plain_name
from fte_alloc.inputs.entries import Entry, Inputs
from fte_alloc.inputs.values import show_value, value_fault
from fte_alloc.language import _, few
from fte_alloc.names import WEIGHTS_LEAVE_NOTHING
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.problem import Problem

#: Kinds of weights, as the keys name them, in the order of pages.
KINDS = ("segment", "year", "indicators", "territory")
_HEAD = "weights"
#: A value of a coefficient at which every factor that it brings down is 0.
_FAR = 1e6


@dataclass(frozen=True)
class Weight:
    """One weight or coefficient of the objective ``coverage``.

    kind, code : the two last parts of its key; the code of an indicator is its column
    status, origin : as in ``Entry``; the status is ``default`` where nobody set the weight
    least : the least value that is allowed; None for a coefficient, which may be anything
    """

    kind: str
    code: str
    value: float
    status: str = "default"
    origin: str = ""
    least: float | None = 0.0

    @property
    def key(self) -> str:
        """Dotted key of the weight, as ``--set`` takes it."""
        return f"{_HEAD}.{self.kind}.{self.code}"


@dataclass(frozen=True, eq=False)
class TerritoryWeights:
    """Weights of territories, ω_i ∝ max(0, 1 + Σ_k b_k (q_ik / q̄_k − 1)) × explicit weight.

    explicit : weights of ``[weights.territory]``, 1 where there is none [I]
    strength : b_k of ``[weights.indicators]``, by column of territories.csv
    excess : q_ik / q̄_k − 1 by column [I]
    """

    explicit: Floats
    strength: Mapping[str, float]
    excess: Mapping[str, Floats]

    @property
    def unclipped(self) -> Floats:
        """Sum 1 + Σ_k b_k (q_ik / q̄_k − 1), before it is limited to at least 0 [I]."""
        raised = np.ones(len(self.explicit))
        for name, strength in self.strength.items():
            if strength:
                raised += strength * self.excess[name]
        return raised

    @property
    def factor(self) -> Floats:
        """Factor by which indicators multiply the explicit weights [I]."""
        return np.maximum(0.0, self.unclipped)

    def effective(self, contracts: Floats) -> Floats | None:
        """Effective weights ω, of mean 1 over contracts [I,T,S]; None where all are 0 [I]."""
        weight = self.factor * self.explicit
        total = contracts.sum(axis=(1, 2))
        mean = float(weight @ total) / float(total.sum())
        return weight / mean if mean > 0 else None


@dataclass(frozen=True, eq=False)
class Weighing:
    """Every weight of a problem, and the problem with other values of weights.

    each : the weights by key
    deviation : q_i / q̄ − 1 of every indicator that may have a weight [I]
    """

    problem: Problem
    each: Mapping[str, Weight]
    deviation: Mapping[str, Floats]

    @classmethod
    def of(cls, problem: Problem) -> Weighing:
        """The weights of a problem, including those with their default value.

        Where a problem has no inputs, or its weights were changed since it was built from them,
        the effective weights of its territories are taken for what the user wrote.
        """
        if problem.inputs is not None:
            weighing = cls.of_inputs(problem, problem.inputs)
            with suppress(InputError):
                built = weighing.problem_with({})
                if all(
                    np.allclose(getattr(built, name), getattr(problem, name), rtol=1e-12, atol=0.0)
                    for name in ("segment_weight", "territory_weight", "year_weight")
                ):
                    return weighing
        kinds = (
            ("segment", problem.segments, problem.segment_weight),
            ("year", problem.years, problem.year_weight),
            ("territory", problem.territories, problem.territory_weight),
        )
        pairs = ((kind, *pair) for kind, *of in kinds for pair in zip(*of, strict=True))
        found = (Weight(kind, str(code), float(value)) for kind, code, value in pairs)
        return cls(problem, {weight.key: weight for weight in found}, {})

    @classmethod
    def of_inputs(cls, problem: Problem, inputs: Inputs) -> Weighing:
        """The weights that inputs state, and the others at their default."""
        columns = [name for name in rate_columns(inputs) if not weight_lacks(inputs, name)]
        each: dict[str, Weight] = {}
        codes = (problem.segments, problem.years, columns, problem.territories)
        for kind, of_kind in zip(KINDS, codes, strict=True):
            parameter = schema.find_parameter((_HEAD, kind, "*"))
            assert parameter is not None
            default = Entry(parameter.default, "", status="default")
            least = 0.0 if parameter.kind == "amount" else None
            for code in map(str, of_kind):
                entry = inputs.entries.get(f"{_HEAD}.{kind}.{code}", default)
                weight = Weight(kind, code, float(entry.value), entry.status, entry.origin, least)
                each[weight.key] = weight
        return cls(problem, each, {name: weight_deviation(inputs, name) for name in columns})

    def weight(self, text: str) -> Weight:
        """The weight that a key, a code or a name means, in any case and accents optional.

        Raises InputError for a text that means none, or more than one.
        """
        if text in self.each:
            return self.each[text]
        p = self.problem
        codes, named = (*p.territories, *p.segments), (*p.territory_names, *p.segment_names)
        names, known = dict(zip(codes, named, strict=True)), list[str]()
        spelt = {plain_name(text), plain_name(Codes(names, complete=True).find(text) or text)}
        meant = []
        for key, weight in self.each.items():
            parts = (weight.code, names.get(weight.code, weight.code))
            known += [key, *parts]
            heads = ("", f"{weight.kind}.", f"{_HEAD}.{weight.kind}.")
            if spelt & {plain_name(head + part) for head in heads for part in parts}:
                meant.append(weight)
        if len(meant) == 1:
            return meant[0]
        if meant:
            keys = ", ".join(weight.key for weight in meant)
            raise mistaken(text, _("may mean {keys}: give the key"), keys=keys)
        what = _(
            "no such weight; weights are named as in {examples}; --format csv lists them{hint}"
        )
        examples = ", ".join({weight.kind: key for key, weight in self.each.items()}.values())
        raise mistaken(text, what, hint=did_you_mean(text, known), examples=examples)

    def problem_with(self, values: Mapping[str, float]) -> Problem:
        """The problem with some weights changed, by key, as ``--set`` would change them.

        Raises InputError where a value is not allowed or leaves nothing to maximise.
        """
        for key, value in values.items():
            if what := value_fault("number" if self.weight(key).least is None else "amount", value):
                raise mistaken(key, what)
        p, (segment, year) = self.problem, (self._of(kind, values) for kind in ("segment", "year"))
        territory = self.territories(values).effective(p.contracts_per_year)
        if territory is None or not segment.any() or not year.any():
            raise mistaken(_HEAD, _(WEIGHTS_LEAVE_NOTHING))
        return replace(p, segment_weight=segment, territory_weight=territory, year_weight=year)

    def changes_ratios(self, key: str) -> bool:
        """Whether changing a weight alters the ratios between weights of coverable contracts.

        So it does where some value of it leaves none of them any value, or gives them one.
        """
        p = self.problem
        can_be = (p.curves.slope(np.zeros(p.contracts_per_year.size)) > 0).reshape(p.weight.shape)
        now = p.weight[can_be]
        value, least = self.weight(key).value, self.weight(key).least
        for other in (value + 0.5, value + 1.0, -_FAR if least is None else least, _FAR):
            try:
                changed = self.problem_with({key: other}).weight[can_be]
            except InputError:  # nothing is left to maximise: no value that is allowed
                continue
            across = changed * (now @ now) - now * (now @ changed)
            if changed.any() != now.any() or np.any(
                np.abs(across) > 1e-12 * (now @ now) * np.abs(changed).max(initial=0.0)
            ):
                return True
        return False

    def territories(self, changed: Mapping[str, float] | None = None) -> TerritoryWeights:
        """The parts that make up the weights of the territories, with some weights changed."""
        strength = self._of("indicators", changed or {}).tolist()
        by_column = dict(zip(self.deviation, strength, strict=True))
        return TerritoryWeights(self._of("territory", changed or {}), by_column, self.deviation)

    def _of(self, kind: str, changed: Mapping[str, float]) -> Floats:
        """Values of the weights of a kind, in order, with the values in *changed* applied."""
        of_kind = (weight for weight in self.each.values() if weight.kind == kind)
        return np.array([changed.get(weight.key, weight.value) for weight in of_kind])


def rate_columns(inputs: Inputs) -> list[str]:
    """Columns of rates in territories.csv that are no inputs themselves: possible indicators."""
    entries = inputs.entries.items()
    rates = (key for key, entry in entries if entry.unit == "1" and key.startswith("territories."))
    cells = {key.split(".", 2)[2] for key in rates}
    return sorted(cells - schema.TERRITORY_COLUMNS.keys())


def weight_deviation(inputs: Inputs, column: str) -> Floats:
    """Relative deviation of a rate from its mean by population, q_i / q̄ − 1 [I]."""
    rate, population = (
        np.array([*inputs.column(name).values()], dtype=float) for name in (column, "population")
    )
    return rate / float(np.average(rate, weights=population)) - 1.0


def weight_lacks(inputs: Inputs, column: str) -> str:
    """Text on why a column cannot be weighted: values missing or mean not above 0; else empty."""
    for needed in (column, "population"):
        lacking = sorted(inputs.area_of.keys() - inputs.column(needed).keys())
        if lacking:
            text = _("needs the column {column} in territories.csv; empty or missing for {codes}")
            return text.format(column=needed, codes=few(lacking, 5))
    rate, population = (inputs.column(name) for name in (column, "population"))
    if not any(population.values()):
        return _("needs the column population in territories.csv; it is 0 everywhere")
    mean = sum(population[code] * rate[code] for code in rate) / sum(population.values())
    text = _("column {column} has the mean {mean} over inhabitants, expected one above 0")
    return "" if mean > 0 else text.format(column=column, mean=show_value(mean))
