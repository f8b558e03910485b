"""Checks of several values together, such as minima above maxima, missing curves, totals."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from fte_alloc.inputs import schema
from fte_alloc.inputs.codes import did_you_mean
from fte_alloc.inputs.draft import Draft
from fte_alloc.inputs.entries import Inputs, entry_origin
from fte_alloc.inputs.input_files import shown_path
from fte_alloc.inputs.limits import COLUMN, own_limits
from fte_alloc.inputs.typed_numbers import half_unit
from fte_alloc.inputs.values import KeyPath, show_value, written_key
from fte_alloc.inputs.weighing import rate_columns, weight_lacks
from fte_alloc.language import _, few, localised
from fte_alloc.names import STAGE_NEEDS_PLAN
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.objectives import OBJECTIVES

#: A State budget below this was probably typed in thousands or millions [EUR/yr].
_FEW_EUR = 1000.0
#: Keys of limits whose values compare columns.
_WHERE = re.compile(r"limits\..*\.where")
#: Least number of rows that a total adds up, and of figures in which it is their sum.
_FEWEST_ROWS, _FEWEST_FIGURES = 3, 2
#: Largest rounding of a total, as a share of it, as small numbers may add up by chance [1].
_MOST_ROUNDING = 0.05
#: Columns whose values must be equal in all territories of an area that have one.
_OF_AREAS = ("area_name", "coordinator_cost_eur_per_fte", "coordinator_state_rate")


def check_draft(draft: Draft, inputs: Inputs) -> None:
    """Note combinations of values of a draft that are wrong although each value is valid.

    Values that depend on a refused value are not checked.

    inputs : the values of the draft
    """
    for path in draft.entries:
        parameter = schema.find_parameter(path)
        if parameter and parameter.ceiling:
            _ordered(draft, path, (*path[:-1], parameter.ceiling))
        value = draft.value(path)
        if path[0] == "budget" and isinstance(value, float) and 0 < value < _FEW_EUR:
            text = _("is {value} EUR a year; for millions of EUR write {millions}")
            parts = {"value": localised(show_value(value)), "millions": f"{value * 1e6:.0f}"}
            draft.warn(draft.entries[path].origin, text, **parts)
    _needed(draft, inputs)
    _collisions(draft)
    _areas(draft, inputs)
    _own_limits(draft, inputs)
    _weights(draft, inputs)
    if "curves" in draft.whole_tables:
        _curves(draft, inputs)


def _ordered(draft: Draft, low: KeyPath, high: KeyPath) -> None:
    """Refuse a minimum above its maximum, or the maximum if the scenario sets only that one."""
    floor, ceiling = (draft.value(path) for path in (low, high))
    refused = draft.is_refused(low) or draft.is_refused(high)
    if refused or floor is None or ceiling is None or floor <= ceiling:
        return
    wrong, other, text = low, high, _("is {value}, above {key} = {other} ({origin})")
    if draft.entries[high].status == "scenario" != draft.entries[low].status:
        wrong, other, text = high, low, _("is {value}, below {key} = {other} ({origin})")
    parts = {"key": written_key(other), "origin": entry_origin(draft.entries[other].origin)}
    value, other_value = show_value(draft.value(wrong)), show_value(draft.value(other))
    draft.refuse(wrong, text, value=value, other=other_value, **parts)


def _needed(draft: Draft, inputs: Inputs) -> None:
    """Refuse inputs that require missing values, such as a target rate, and all-zero contracts."""
    model, entries = draft.model_layer, draft.entries
    if model and not draft.segments and not draft.is_refused(("coverage",)):
        draft.add(model.name, _("has no [coverage.segments] table"))
    coordinators = any(p[:2] == ("posts", "coordinator") for p in (*entries, *draft.refused))
    column = ("committed_coordinators_fte",)
    renewed = [path for path, entry in entries.items() if path[2:] == column and entry.value]
    if renewed and not coordinators:
        text = _("needs [posts.coordinator] in the model, to say what they cost")
        draft.refuse(renewed[0], text)
    contracts = sorted(path for path in entries if path[0] == "contracts")
    known = "contracts" in draft.whole_tables and not draft.is_refused(("contracts",))
    if contracts and known and not any(map(draft.value, contracts)):
        draft.refuse(contracts[0], _("every count of contracts is 0"))
    target, plan = ("coverage", "target_rate"), ("reference_plan",)
    rates = [inputs.value(".".join(target), year=year) for year in inputs.years]
    lacks = {}
    if None in rates and not draft.is_refused(target):
        lacks["target_rate"] = _("needs coverage.target_rate in every year")
    if plan not in entries and not draft.is_refused(plan):
        lacks["reference_plan"] = _(STAGE_NEEDS_PLAN)
    for path in sorted(path for path in entries if path[0] == "stages" and path[2] != "concede"):
        needs = OBJECTIVES[draft.value(path)].needs
        if needs in lacks:
            draft.refuse(path, lacks[needs])


def _own_limits(draft: Draft, inputs: Inputs) -> None:
    """Check places and amounts of the user's own limits; warn of territories without a value."""
    if not draft.territories.complete or ("limits",) in draft.refused:
        return
    for name, limit in own_limits(inputs).items():
        if not draft.is_refused(("limits", name)):
            with draft.collecting():
                limit.of_years()
    for key, where in inputs.values.items():
        for column, __ in re.findall(COLUMN, where or "") if _WHERE.fullmatch(key) else ():
            text = _("territories without {column}, which are not picked: {count}")
            count = len(inputs.area_of) - len(inputs.column(column))
            if count:
                draft.warn(inputs.entries[key].origin, text, count=count, column=column)


def _collisions(draft: Draft) -> None:
    """Note codes that differ only in hyphens and underscores: names of LP rows would be equal."""
    territories, segments = sorted(draft.territories), sorted(draft.segments)
    areas = [p for p in draft.entries if p[0] == "territories" and p[2:] == ("area",)]
    kinds: list[list[tuple[KeyPath, str]]] = [
        [(("territories", code, "name"), code) for code in territories],
        [(path, draft.value(path)) for path in areas],
        [(("coverage", "segments", code), code) for code in segments],
        [(("territories", c, "name"), f"{c} {s}") for c in territories for s in segments],
        [(path, path[1]) for path in draft.entries if path[0] == "limits"],
    ]
    for kind in kinds:
        seen: dict[str, str] = {}
        for path, code in kind:
            other = seen.setdefault(re.sub("[ -]", "_", code), code)
            if other != code:
                text = _("codes {code} and {other} are too alike to be told apart; rename one")
                draft.refuse(path, text, code=code, other=other)
                return


def _areas(draft: Draft, inputs: Inputs) -> None:
    """Check that an area has one name, and its coordinators one cost and one State rate."""
    for column in _OF_AREAS:
        first: dict[str, KeyPath] = {}
        paths: list[KeyPath] = [("territories", code, column) for code in inputs.column(column)]
        for path in sorted(paths, key=lambda path: draft.entries[path].status == "scenario"):
            other = first.setdefault(area := inputs.area_of[path[1]], path)
            if draft.value(other) != draft.value(path):
                name, known = (show_value(draft.value(one)) for one in (path, other))
                origin = entry_origin(draft.entries[other].origin)
                text = _(
                    "is {name}, but {other} elsewhere in area {code} ({origin}); give all its "
                    "territories the same, or leave all but one blank"
                )
                draft.refuse(path, text, code=area, name=name, other=known, origin=origin)


def _curves(draft: Draft, inputs: Inputs) -> None:
    """Check that each territory and kind of buyer has a curve of at most its contracts."""
    missing: list[KeyPath] = []
    for code, segment in product(sorted(draft.territories), sorted(draft.segments)):
        for year in inputs.years:
            heads = (f"{head}.{code}.{segment}" for head in ("curves", "contracts"))
            path, of_contracts = (tuple(inputs.key_of(key, year).split(".")) for key in heads)
            if path not in draft.entries:
                missing.append(path)
                break
            most, contracts = draft.value(path)[-1][1], draft.value(of_contracts)
            if draft.is_refused(of_contracts) or contracts is None:
                continue
            if most > contracts * (1 + 1e-12):
                text = _("curve of {pair}: reaches {most} of {contracts} contracts, a rate above 1")
                most, contracts = (localised(show_value(value)) for value in (most, contracts))
                parts = {"pair": " ".join(path[1:]), "most": most, "contracts": contracts}
                draft.add(draft.entries[path].origin, text, **parts)
    if missing:
        text = _("no curve for {pairs}")
        draft.add(shown_path(draft.folder / "curves.csv"), text, pairs=some_pairs(missing))


# -- weights ---------------------------------------------------------------------------------------


def _weights(draft: Draft, inputs: Inputs) -> None:
    """Check that weights of a kind are not all 0, and that indicators are complete rate columns."""
    paths = sorted(path for path in draft.entries if path[0] == "weights")
    for kind in ("segment", "year", "territory"):
        of_kind = [path for path in paths if path[1] == kind]
        some_left = kind == "territory" and len(of_kind) < len(draft.territories)
        weighs = any(draft.value(path) for path in of_kind)
        if of_kind and not (some_left or weighs or draft.is_refused(("weights", kind))):
            text = _("all weights of this kind are 0; nothing is left to maximise")
            draft.refuse(of_kind[0], text)
    for path in paths:
        weighs = path[1] == "indicators" and draft.value(path)
        if weighs and (what := _indicator_fault(draft, inputs, ".".join(path[2:]))):
            draft.refuse(path, what)


def _indicator_fault(draft: Draft, inputs: Inputs, column: str) -> str:
    """Text on why a column cannot be an indicator; empty if it can, or if that is not known."""
    is_read = draft.territories.complete and draft.segments.complete
    paths = [*product(("territories",), inputs.area_of, (column, "population"))]
    if not is_read or any(map(draft.is_refused, [*paths, ("tables", "territories", column)])):
        return ""
    known = rate_columns(inputs)
    if column in known:
        return weight_lacks(inputs, column)
    text = _('no such column of rates (unit "1") in territories.csv ({known}){hint}')
    return text.format(hint=did_you_mean(column, known), known=", ".join(known))


def some_pairs(paths: Sequence[KeyPath]) -> str:
    """Text that names the first pairs of territory and kind of buyer, and counts the others."""
    return few([" ".join(path[1:3]) for path in paths], 3)


# -- totals ----------------------------------------------------------------------------------------


def refuse_totals(draft: Draft) -> None:
    """Refuse territories that are the sum of all others, of their area, or of rows next to them.

    Sums must agree, up to rounding, in every count of contracts and in two figures at least. Two
    equal territories are no total; rows called a total are set aside when their table is read.
    """
    number = {code: n for n, code in enumerate(draft.territories)}
    columns: dict[KeyPath, Floats] = defaultdict(lambda: np.zeros(len(number)))
    places: dict[str, str] = {}
    for path, entry in draft.entries.items():
        if path[0] == "contracts":
            places.setdefault(path[1], entry.origin)
        if path[0] in ("territories", "contracts") and isinstance(entry.value, float):
            columns[path[0], *path[2:]][number[path[1]]] = entry.value
    if not places:
        return
    values = np.column_stack([*columns.values()])
    is_count = np.array([key[0] == "contracts" for key in columns])
    half_units: Floats | None = None
    areas = [draft.value(("territories", code, "area")) for code in number]
    contracts = values[:, is_count].sum(axis=1)
    for code, at in number.items():
        own = values[at]
        for others in _parts_of_total(contracts, areas, at) if code in places and own.any() else ():
            everyone, found = len(others) == len(number) - 1, values[others].sum(axis=0)
            # All others may count twice, as every row may also be in a subtotal.
            off = np.minimum(abs(own - found), abs(own - found / 2) if everyone else np.inf)
            counts = is_count & (own != 0)
            if np.any(off[counts] > 1.01 * _MOST_ROUNDING * own[counts]):
                continue
            if half_units is None:  # slow, and hardly ever needed
                half_units = np.array([[*map(half_unit, row)] for row in values.tolist()])
            rounding = half_units[at] + len(others) * half_units.min(axis=0)
            slack = np.minimum(rounding, _MOST_ROUNDING * own) + 1e-9 * own
            summed = (own != 0) & (off <= slack)
            if summed.sum() >= _FEWEST_FIGURES and summed[counts].all():
                text = _(
                    "{row} is the sum of {rows}: a total would be planned for as one more "
                    "territory; delete the row here and its rows in the other table ({place})"
                )
                codes = ", ".join([*number][other] for other in others)
                parts = {"rows": _("all other rows") if everyone else codes, "place": places[code]}
                where = draft.entries["territories", code, "name"].origin
                draft.add(where, text, row=draft.territories.code_and_name(code), **parts)
                break


def _parts_of_total(total: Floats, areas: Sequence[str | None], at: int) -> Iterator[Sequence[int]]:
    """Groups of rows that row *at* may add up, by *total* contracts and *areas* of every row."""
    others = [n for n in range(len(areas)) if n != at]
    alike = [n for n in others if areas[at] and areas[n] == areas[at]]
    yield from (rows for rows in (others, alike) if len(rows) >= _FEWEST_ROWS)
    for beside in (others[:at][::-1], others[at:]):
        sums = total[beside].cumsum()
        close = np.flatnonzero((sums > 0.98 * total[at]) & (sums <= 1.02 * total[at])) + 1
        yield from (sorted(beside[:count]) for count in close if count >= _FEWEST_ROWS)
