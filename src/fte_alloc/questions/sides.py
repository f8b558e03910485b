"""The sides of a comparison: plans or evaluations with their inputs and origins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from fte_alloc.inputs.schema import LIMITS_BY_PLACE, find_parameter
from fte_alloc.language import _
from fte_alloc.questions.document import document_title, inputs_of

if TYPE_CHECKING:
    from fte_alloc.inputs.entries import Inputs
    from fte_alloc.programme.problem import Problem

#: Name of the plan without new posts.
STATUS_QUO = "status-quo"
#: Ending of the name of a scenario that ``--set`` changes, compared with the unchanged scenario.
WITH_SET = " + --set"


@dataclass(frozen=True)
class Side:
    """One of the plans compared.

    name : its name in data
    document : plan or evaluation document
    inputs : its inputs with origins and notes; None where only values are known
    problem : the problem whose best plan it is proved to be; None where there is none
    """

    name: str
    document: Mapping[str, Any]
    inputs: Inputs | None = None
    problem: Problem | None = None

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """Resolved inputs by key, without titles and French names; stages are one input."""
        given = inputs_of(self.document).items()
        values = {k: value for k, value in given if k != "title" and not k.endswith("_fr")}
        stages = {key: values.pop(key) for key in list(values) if key.startswith("stages.")}
        return values | {"stages": _stages(stages) or "coverage, state_cost"}

    def _set_values(self, key: str) -> list[Any]:
        """The values set for a key and, if it ends with a year, then for the key without it."""
        head, _, year = key.rpartition(".")
        planned = year.isdigit() and int(year) in self.document["years"]
        return [self.values[of] for of in ([key, head] if planned else [key]) if of in self.values]

    def value(self, key: str) -> Any:
        """The value of an input for its year, else for all years; weights have defaults."""
        if given := [value for value in self._set_values(key) if value is not None]:
            return given[0]
        path = tuple(key.split("."))
        if key in self.values and path[0] == "limits" and path[1] in LIMITS_BY_PLACE:
            return "none"  # an exempt place, which differs from a limit without an amount
        parameter = find_parameter(path) if path[0] == "weights" else None
        return parameter and parameter.default

    def shown(self, key: str) -> Any:
        """The value of an input for tables: a dash if it is not set, None if it is set to none."""
        value = self.value(key)
        return "–" if value is None and not self._set_values(key) else value

    def origin(self, key: str) -> str | None:
        """File and line, or option, that set an input; None where unknown."""
        entries = self.inputs.entries if self.inputs else {}
        keys = [k for k in entries if k.startswith("stages.")] if key == "stages" else [key]
        return next((entries[k].origin for k in keys if k in entries), None)


def _stages(values: Mapping[str, Any]) -> str:
    """Stages as one text, such as ``worst_rate − 0.01, coverage``."""
    stages = []
    for number in sorted({key.split(".")[1] for key in values}, key=int):
        senses = (f"stages.{number}.{sense}" for sense in ("maximise", "minimise"))
        objective = next(values[key] for key in senses if key in values)
        concede = values[f"stages.{number}.concede"]
        stages.append(f"{objective} − {concede:g}" if concede else objective)
    return ", ".join(stages)


def side_of(document: Mapping[str, Any], problem: Problem | None, name: str = "") -> Side:
    """A document as one side of a comparison, with the problem that it was made for, if known."""
    inputs = problem.inputs if problem is not None else None
    best_of = problem if document["status"] == "optimal" else None
    return Side(name or str(document["scenario"]), document, inputs, best_of)


def sides_named_apart(sides: Sequence[Side]) -> tuple[Side, ...]:
    """The sides with unique names: the second and later ones of a name get a number."""
    seen: dict[str, int] = {}
    apart = []
    for side in sides:
        seen[side.name] = seen.get(side.name, 0) + 1
        again = f" ({seen[side.name]})" if seen[side.name] > 1 else ""
        apart.append(replace(side, name=side.name + again))
    return tuple(apart)


def side_titles(sides: Sequence[Side]) -> dict[str, str]:
    """Headings of compared plans by name: titles of scenarios where unique, else their names."""
    plans = (side for side in sides if side.document["status"] != "judged")
    own = {side.name: title for side in plans if (title := document_title(side.document))}
    given = [title for name, title in own.items() if not name.endswith(WITH_SET)]
    found = {s.name: _("status quo") if s.name == STATUS_QUO else s.name for s in sides}
    for name, title in own.items():
        if name.endswith(WITH_SET):
            found[name] = _("{title}, changed").format(title=title)
        elif given.count(title) == 1:
            found[name] = title
    return found
