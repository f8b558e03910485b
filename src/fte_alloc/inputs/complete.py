"""The last step before the checks: years spread, defaults filled in, and what is missing told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product

from fte_alloc.inputs.draft import Draft, Entries
from fte_alloc.inputs.entries import Entry
from fte_alloc.inputs.names import nearest
from fte_alloc.inputs.schema import PARAMETERS, REQUIRED, Parameter, find
from fte_alloc.inputs.tables import RowMistakes
from fte_alloc.inputs.written import KeyPath
from fte_alloc.language import _

_COORDINATOR = ("posts", "coordinator")
#: Pairs of territory and kind of buyer that are named where many are missing.
_NAMED = 3


def complete(draft: Draft) -> Entries:
    """Every value by path: by year where the years differ, defaults where nothing is said."""
    years = _years(draft)
    if years and ("years",) not in draft.refused:
        _check_year_uses(draft, years)
    by_year = {p: q for p in draft.entries if (q := find(p)) and q.by_year}
    named = dict.fromkeys(p[: q.depth] for p, q in by_year.items())
    entries = {
        path: entry
        for path, entry in draft.entries.items()
        if path not in by_year and (path[:2] != ("weights", "year") or path[2] in map(str, years))
    }
    entries |= _spread(draft, years, named)
    _fill_in(draft, entries, years, named)
    return entries


def _years(draft: Draft) -> list[int]:
    """The years in order; a gap or a repetition among them is a mistake."""
    entry = draft.entries.get(("years",))
    if entry is None:
        return []
    years = sorted(entry.value)
    if years != list(range(years[0], years[0] + len(years))):
        text = _("are {years}, expected years that follow one another, each once")
        draft.refuse(entry.origin, ("years",), text.format(years=years))
    draft.entries["years",] = Entry(years, entry.origin, status=entry.status)
    return years


def _check_year_uses(draft: Draft, years: Sequence[int]) -> None:
    """Check that scenarios name years that there are, in the end or where they name them."""
    known = ", ".join(map(str, years))
    for use in draft.year_uses:
        year = use.typed[-1]
        if int(year) not in {*years, *(use.years or ())}:
            what = _("{year} is not among the years ({known})").format(year=year, known=known)
            draft.refuse(use.where, use.typed, what)


def _spread(draft: Draft, years: Sequence[int], named: Collection[KeyPath]) -> Entries:
    """Values that may differ by year: one where they are equal, else one a year."""
    spread: Entries = {}
    incomplete: dict[tuple[int, ...], list[KeyPath]] = {}
    for path in named:
        for_all = draft.entries.get(path)
        by_year = {y: draft.entries.get((*path, str(y)), for_all) for y in years}
        known = {year: entry for year, entry in by_year.items() if entry is not None}
        if len(known) < len(years):
            missing = tuple(year for year in years if year not in known)
            incomplete.setdefault(missing, []).append(path)
        elif len({(e.value, e.status) for e in known.values()}) == 1:
            spread[path] = known[years[-1]]
        else:
            spread |= {(*path, str(year)): entry for year, entry in known.items()}
    if ("years",) not in draft.refused:
        _tell_years_missing(draft, incomplete)
    return spread


def _tell_years_missing(
    draft: Draft, incomplete: Mapping[tuple[int, ...], Sequence[KeyPath]]
) -> None:
    for missing, refused_too in incomplete.items():
        years = ", ".join(map(str, missing))
        paths = [path for path in refused_too if not draft.is_refused(path)]
        contracts = [path for path in paths if path[0] == "contracts"]
        for path in paths:
            parameter = find(path)
            if path[0] != "contracts" and parameter is not None:
                optional = parameter.optional
                text = _('has no value for {years}; give one, or "none" for no limit')
                template = text if optional else _("has no value for {years}")
                first = min((p for p in draft.entries if p[:-1] == path), default=path)
                draft.refuse(draft.entries[first].origin, path, template.format(years=years))
        if contracts and draft.contracts_are_read:
            text = _("no contracts of {years} for {pairs}")
            what = text.format(pairs=some_pairs(contracts), years=years)
            draft.reader.add(draft.file_shown("contracts.csv"), what)


def _fill_in(
    draft: Draft, entries: Entries, years: Sequence[int], named: Collection[KeyPath]
) -> None:
    """Put defaults where nothing is said, and tell what must not be missing."""
    missing: list[tuple[KeyPath, Parameter]] = []
    for path, parameter in _default_paths(draft, entries, years):
        if path in entries or path in named or draft.is_refused(path):
            continue
        if parameter.default is REQUIRED or _is_needed(parameter, entries):
            missing.append((path, parameter))
        else:
            entries[path] = Entry(parameter.default, "default", parameter.unit, "default")
    if draft.contracts_are_read:
        _tell_contracts_missing(draft, [path for path, _ in missing if path[0] == "contracts"])
    if draft.model_layer is not None:
        _tell_missing(draft, {p: q.text for p, q in missing if p[0] != "contracts"})


def _tell_contracts_missing(draft: Draft, missing: Sequence[KeyPath]) -> None:
    """Tell pairs without a count; a territory that has none at all, where it is listed."""
    lacking = Counter(path[1] for path in missing)
    segments = len(draft.segments.names)
    whole = [code for code, count in lacking.items() if count == segments]
    alone = RowMistakes(draft.file_shown("territories.csv"))
    for code in whole:
        line = int(draft.entries["territories", code, "name"].origin.rpartition(":")[2])
        text = _("{code} has no row in contracts.csv; add its counts, or drop it here")
        what = text.format(code=draft.territories.shown(code))
        alone.add(line, "contracts", what)
    draft.reader.mistakes += alone.told()
    pairs = [path for path in missing if path[1] not in whole]
    if pairs:
        what = _("no row for {pairs}; write 0 where there are none").format(pairs=some_pairs(pairs))
        draft.reader.add(draft.file_shown("contracts.csv"), what)


def _tell_missing(draft: Draft, missing: Mapping[KeyPath, str]) -> None:
    """Tell inputs that a model must have, each with its meaning."""
    model = draft.model_layer
    assert model is not None
    coordinator = {p: e for p, e in draft.entries.items() if p[:2] == _COORDINATOR}
    lacking = [path for path in missing if path[:2] == _COORDINATOR]
    only_scenario = bool(lacking) and all(e.status == "scenario" for e in coordinator.values())
    if only_scenario:
        keys = _(" and ").join(".".join(path) for path in lacking)
        path, entry = next(iter(coordinator.items()))
        said = _("{model} has no coordinators; give {keys} too, or take this out")
        draft.refuse(entry.origin, path, said.format(model=draft.model, keys=keys))
    for path, text in missing.items():
        # A key that was refused beside it may be meant to be this one.
        beside = [r[-1] for r in draft.refused if r[:-1] == path[:-1]]
        if not (only_scenario and path in lacking) and nearest(path[-1], beside) is None:
            what = _("is missing ({text})").format(text=_(text))
            draft.refuse(model, path, what)


def _is_needed(parameter: Parameter, entries: Mapping[KeyPath, Entry]) -> bool:
    """Whether a value that has a default is needed all the same."""
    curve = entries.get(("coverage", "curve"))
    saturating = curve is None or curve.value == "saturating"
    return parameter.key == "coverage.contracts_per_fte" and saturating


def _default_paths(
    draft: Draft, entries: Mapping[KeyPath, Entry], years: Sequence[int]
) -> Iterator[tuple[KeyPath, Parameter]]:
    """Every path that must have a value, or has a default that inputs list.

    What only some territories have, a factor or a weight, is 1 without being listed.
    """
    codes = {
        "territory": draft.territories.sorted(),
        "segment": draft.segments.sorted(),
        "year": [str(year) for year in years],
    }
    has_coordinators = any(path[:2] == _COORDINATOR for path in entries)
    for parameter in PARAMETERS:
        pattern = parameter.pattern
        of_some = "territory" in parameter.codes and parameter.unit not in ("FTE", "contracts/yr")
        if parameter.default is None or of_some or "column" in parameter.codes:
            continue
        if pattern[:2] == _COORDINATOR and not has_coordinators:
            continue
        for chosen in product(*(codes[of] for of in parameter.codes)):
            left = iter(chosen)
            yield tuple(next(left) if part == "*" else part for part in pattern), parameter


def some_pairs(paths: Sequence[KeyPath]) -> str:
    """Pairs of territory and kind of buyer, the first ones by name."""
    named = [" ".join(path[1:3]) for path in paths]
    if len(paths) <= _NAMED + 1:
        return ", ".join(named)
    return _("{pairs} and {count} more").format(
        pairs=", ".join(named[:_NAMED]), count=len(paths) - _NAMED
    )
