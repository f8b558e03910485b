"""Changes of inputs between two scenarios, in a user's terms: budget, cap, growth, a column.

The rules of ``CHANGES`` assign dotted keys to changes. Keys that are valid only together form one
change; keys of mere names form none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from fte_alloc.errors import InputError
from fte_alloc.inputs.build import REFERENCE_PLAN
from fte_alloc.inputs.checks import check_draft
from fte_alloc.inputs.codes import Codes
from fte_alloc.inputs.draft import Draft
from fte_alloc.inputs.entries import Inputs
from fte_alloc.inputs.limits import FAMILIES
from fte_alloc.inputs.schema import REQUIRED, find_parameter
from fte_alloc.inputs.values import YEAR, KeyPath
from fte_alloc.language import N_, _
from fte_alloc.names import COLUMN_NAMES
from fte_alloc.programme.data import ROLES
from fte_alloc.programme.limits import OWN

YEARS, MODEL, COORDINATORS = "years", "model", "coordinators"

#: Changes in the order of pages: label, and beginnings of the keys that belong to the change.
#: ``*`` stands for any part of a key; the first change that matches counts.
CHANGES = {
    MODEL: (N_("model"),),
    YEARS: (N_("years"), "years"),
    "budget": (N_("most State money"), "budget"),
    "cap": (N_("most FTE in the network"), "posts.cap_fte"),
    "steps": (N_("steps"), "posts.step_fte", "posts.coordinator.step_fte"),
    "costs": (
        N_("cost of posts"),
        "posts.*.cost_eur_per_fte",
        *(f"territories.*.{role}_cost_eur_per_fte" for role in ROLES),
    ),
    "state_share": (
        N_("State's share"),
        *("posts.*.state_rate", "posts.*.state_ceiling_eur_per_fte"),
        *(f"territories.*.{role}_state_rate" for role in ROLES),
    ),
    "growth": (
        N_("new facilitators a year"),
        *("posts.facilitator.max_growth_share", "posts.facilitator.max_growth_fte"),
    ),
    "first_year": (N_("first-year effectiveness"), "posts.facilitator.first_year_effectiveness"),
    COORDINATORS: (N_("coordinators"), "posts.coordinator"),
    "target": (N_("rate aimed at"), "coverage.target_rate"),
    "coverage": (N_("coverage curves"), "coverage", "curves"),
    "buyer_weights": (N_("weights of buyers"), "weights.segment"),
    "territory_weights": (N_("weights of territories"), "weights.territory"),
    "indicator_weights": (N_("weights of indicators"), "weights.indicators"),
    "year_weights": (N_("weights of years"), "weights.year"),
    "stages": (N_("objectives"), "stages"),
    REFERENCE_PLAN: (N_("reference plan"), REFERENCE_PLAN),
    "contracts": (N_("contracts"), "contracts"),
}
#: Ends of the keys of texts that affect plans; all other texts are mere names.
_TEXTS_THAT_COUNT = ("area", "where", REFERENCE_PLAN)
#: Beginnings of keys that contain codes: where codes differ, all such keys are one change.
_OF_CODES = (
    "territories",
    "contracts",
    "curves",
    "coverage.segments",
    "weights.segment",
    "weights.territory",
)
#: Changes of values by year, which are part of the change of years where years differ.
_OF_YEARS = ("contracts", "year_weights", REFERENCE_PLAN)
_COLUMN = "territories."


@dataclass(frozen=True)
class Change:
    """One change of inputs, or several that cannot be separated.

    names : keys of ``CHANGES``, ``territories.<column>``, or the first two parts of other keys
    keys : keys of the inputs that belong to the change
    """

    names: tuple[str, ...]
    keys: tuple[str, ...]

    @property
    def name(self) -> str:
        """Names of the change, joined into one text for data."""
        return " + ".join(self.names)

    @property
    def label(self) -> str:
        """All labels in one text, in the language in force."""
        return " + ".join(map(change_label, self.names))

    def __add__(self, other: Change) -> Change:
        names, keys = {*self.names, *other.names}, {*self.keys, *other.keys}
        return Change(tuple(sorted(names, key=_rank)), tuple(sorted(keys)))


def changes(before: Inputs, after: Inputs) -> tuple[Change, ...]:
    """Changes of inputs between two scenarios, in the order of ``CHANGES``, columns last."""
    one_sided = before.entries.keys() ^ after.entries.keys()  # even if one has the default
    keys = [
        key
        for key in sorted({*before.entries, *after.entries})
        if key in one_sided or _input_differs(key, before, after)
    ]
    other_codes = any(
        before.codes(head).keys() != after.codes(head).keys()
        for head in ("territories", "coverage.segments")
    )
    new_role = _has_coordinators(before) != _has_coordinators(after)
    groups: dict[str, list[str]] = {}
    for key in keys:
        path = tuple(key.split("."))
        if other_codes and _any_fits(_OF_CODES, path):
            name = MODEL
        elif new_role and path[:2] == ("posts", "coordinator"):
            name = COORDINATORS
        elif is_mere_name(key):
            continue
        else:
            name = change_name(path)
        groups.setdefault(name, []).append(key)
    found = {
        name: Change((name,), tuple(group))
        for name, group in groups.items()
        if any(_input_differs(key, before, after) for key in group)
    }
    if YEARS in found:
        for name in [n for n in found if n != YEARS and _follows(found[n], before, after)]:
            follows = found.pop(name)
            names = (YEARS, MODEL) if name == MODEL else (YEARS,)
            found[YEARS] = Change(names, tuple(sorted((*found[YEARS].keys, *follows.keys))))
    return tuple(found[name] for name in sorted(found, key=_rank))


def change_name(path: KeyPath) -> str:
    """Name of the change to which a key belongs; a limit by place belongs to the general limit."""
    if path[0] == "limits" and path[1] in FAMILIES:
        path = tuple(FAMILIES[path[1]].key.split("."))
    for name, (__, *patterns) in CHANGES.items():
        if _any_fits(patterns, path):
            return name
    return _COLUMN + path[2] if path[0] == "territories" and len(path) == 3 else ".".join(path[:2])


def change_label(name: str) -> str:
    """Label of a change, given by name, in the language in force."""
    column = name.removeprefix(_COLUMN)
    if name.startswith(OWN):
        return _("limit {name}").format(name=name.removeprefix(OWN))
    if name in CHANGES or column in COLUMN_NAMES:
        return _(CHANGES[name][0] if name in CHANGES else COLUMN_NAMES[column])
    parameter = find_parameter(("territories", "*", column))
    return parameter.words if parameter else _("column {column}").format(column=column)


def _input_differs(key: str, before: Inputs, after: Inputs) -> bool:
    if key == REFERENCE_PLAN:
        return before.reference_posts != after.reference_posts
    return _value_or_default(key, before) != _value_or_default(key, after)


def _value_or_default(key: str, inputs: Inputs) -> object:
    """Value of a key, or its default where there is none.

    Where a place has no value of its own in a built-in limit, the value of all places applies and
    the result is REQUIRED: None would mean that the place is exempt.
    """
    entry = inputs.entries.get(key)
    if entry is not None:
        return entry.value
    path = tuple(key.split("."))
    if path[0] == "limits" and path[1] in FAMILIES:
        return REQUIRED
    parameter = find_parameter(path)
    return None if parameter is None or parameter.default is REQUIRED else parameter.default


def _follows(change: Change, before: Inputs, after: Inputs) -> bool:
    """Whether a change only follows from other years: yearly values, or data of those years."""
    paths = [tuple(key.split(".")) for key in change.keys]
    if change.names[0] in _OF_YEARS or any(YEAR.fullmatch(path[-1]) for path in paths):
        return True
    if change.names[0] == MODEL:
        return any(path[0] in ("contracts", "curves") for path in paths)
    entries = [inputs.entries.get(key) for key in change.keys for inputs in (before, after)]
    is_set = any(entry is not None and entry.status == "scenario" for entry in entries)
    return not is_set and all(
        (p := find_parameter(path)) is not None and p.by_year for path in paths
    )


def _has_coordinators(inputs: Inputs) -> bool:
    return any(key.startswith("posts.coordinator.") for key in inputs.entries)


def is_mere_name(key: str) -> bool:
    """Whether a key holds a mere name, on which no plan depends."""
    of = find_parameter(tuple(key.split(".")))
    return of is not None and of.kind == "text" and of.pattern[-1] not in _TEXTS_THAT_COUNT


def _any_fits(patterns: Iterable[str], path: KeyPath) -> bool:
    """Whether a key begins with one of the patterns, in which ``*`` is any part."""
    return any(
        len(path) >= len(parts)
        and all(p in ("*", part) for p, part in zip(parts, path, strict=False))
        for parts in (pattern.split(".") for pattern in patterns)
    )


def _rank(name: str) -> tuple[int, str]:
    """Sort key of a change's name: those of ``CHANGES`` first, in their order."""
    return (list(CHANGES).index(name), "") if name in CHANGES else (len(CHANGES), name)


def mixed_inputs(before: Inputs, after: Inputs, keys: Collection[str]) -> Inputs:
    """The inputs of *before*, with some keys as in *after*; keys that *after* lacks are removed.

    Raises InputError where files with these values would be refused.
    """
    entries = {key: entry for key, entry in before.entries.items() if key not in keys}
    entries |= {key: entry for key, entry in after.entries.items() if key in keys}
    posts = (after if REFERENCE_PLAN in keys else before).reference_posts
    kept = dict(sorted(entries.items()))
    inputs = replace(before, entries=kept, overrides={}, warnings=(), reference_posts=posts)
    draft = Draft(folder=Path(inputs.model))
    draft.entries = {tuple(key.split(".")): entry for key, entry in inputs.entries.items()}
    draft.territories = Codes(inputs.codes("territories"), complete=True)
    draft.segments = Codes(inputs.codes("coverage.segments"), complete=True)
    draft.whole_tables = {"contracts"}
    if inputs.value("coverage.curve") == "table":
        draft.whole_tables.add("curves")
    check_draft(draft, inputs)
    if draft.mistakes:
        raise InputError(draft.mistakes)
    return inputs
