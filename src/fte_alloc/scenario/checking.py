"""What no single value can show: missing ones, floors above ceilings, weights that are all zero."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from fte_alloc import words
from fte_alloc.scenario import schema
from fte_alloc.scenario.inputs import Entry, closest, show_value

if TYPE_CHECKING:
    from fte_alloc.scenario.resolving import Resolver

KeyPath = tuple[str, ...]
_POSTS = tuple(
    f"{state}_{role}s_fte"
    for state in ("existing", "committed")
    for role in ("facilitator", "coordinator")
)


def default_paths(
    entries: Mapping[KeyPath, Entry],
    codes: Sequence[str],
    segments: Sequence[str],
    years: Sequence[int],
) -> Iterator[tuple[KeyPath, schema.Parameter]]:
    """Every value that is absent and has a default, or must not be absent."""
    saturating = entries.get(("coverage", "curve"), Entry("saturating", "")).value == "saturating"
    coordinators = any(path[:2] == ("posts", "coordinator") for path in entries)
    present = set(entries) | {path[:-1] for path in entries if path[-1] in map(str, years)}
    for parameter in schema.PARAMETERS:
        pattern = parameter.key.split(".")
        if pattern[:2] == ["posts", "coordinator"] and not coordinators:
            continue
        if parameter.key == "coverage.contracts_per_fte" and saturating:
            parameter = replace(parameter, default=schema.REQUIRED)
        if parameter.default is None:
            continue
        stars: dict[str, Sequence[Sequence[str]]] = {
            "coverage.segments": [segments],
            "weights.segment": [segments],
            "weights.year": [[str(year) for year in years]],
            "contracts.*": [codes, segments],
            "territories.*": [codes] if pattern[-1] in _POSTS else [[]],
        }
        choices = stars.get(".".join(pattern[:2]), [[]] if "*" in pattern else [])
        for chosen in product(*choices):
            codes_left = iter(chosen)
            path = tuple(next(codes_left) if part == "*" else part for part in pattern)
            if path not in present:
                yield path, parameter


def check_entries(
    resolver: Resolver, entries: Mapping[KeyPath, Entry], years: Sequence[int]
) -> None:
    """Add to the resolver's mistakes what the values, taken together, get wrong."""
    checks = _Checks(resolver, entries, years)
    checks.segments()
    checks.limits()
    checks.weights()
    checks.indicators()
    checks.stages()
    checks.curves()


class _Checks:
    def __init__(
        self, resolver: Resolver, entries: Mapping[KeyPath, Entry], years: Sequence[int]
    ) -> None:
        self.resolver, self.entries, self.years = resolver, entries, years

    def value(self, *path: str) -> float | None:
        entry = self.entries.get(path)
        return None if entry is None else entry.value

    def wrong(self, path: KeyPath, what: str) -> None:
        self.resolver.wrong(self.entries[path].origin, path, what)

    def above(self, low: KeyPath, high: KeyPath) -> None:
        """A floor above its ceiling."""
        floor, ceiling = self.value(*low), self.value(*high)
        if floor is not None and ceiling is not None and floor > ceiling:
            entry = self.entries[high]
            self.wrong(
                low,
                words.FLOOR_ABOVE_CEILING.format(
                    floor=show_value(floor),
                    ceiling=show_value(ceiling),
                    key=".".join(high),
                    origin=entry.origin,
                ),
            )

    def segments(self) -> None:
        if not self.resolver.segments():
            self.resolver.reader.add(self.resolver.model_file, words.NO_SEGMENTS)
        for segment in self.resolver.segments():
            at = ("coverage", "segments", segment)
            self.above((*at, "floor_rate"), (*at, "ceiling_rate"))

    def limits(self) -> None:
        for code in self.resolver.codes():
            at = ("territories", code)
            self.above((*at, "min_new_facilitators_fte"), (*at, "max_new_facilitators_fte"))
        at = ("posts", "coordinator")
        self.above((*at, "required_fte_where_none"), (*at, "max_fte_per_area"))
        contracts = [e.value for p, e in self.entries.items() if p[0] == "contracts"]
        if contracts and not any(contracts):
            path = next(p for p in sorted(self.entries) if p[0] == "contracts")
            self.wrong(path, words.NO_CONTRACTS)

    def weights(self) -> None:
        for kind in ("segment", "year"):
            paths = [p for p in self.entries if p[:2] == ("weights", kind)]
            if paths and not any(self.entries[p].value for p in paths):
                self.wrong(sorted(paths)[0], words.WEIGHTS_ALL_ZERO.format(kind=kind))
        explicit = {
            p[2]: e.value for p, e in self.entries.items() if p[:2] == ("weights", "territory")
        }
        for code in explicit:
            if code not in self.resolver.codes():
                hint = closest(code, self.resolver.codes())
                self.wrong(
                    ("weights", "territory", code),
                    words.UNKNOWN_TERRITORY.format(model=self.resolver.folder.name, hint=hint),
                )
        if explicit and not any(explicit.get(c, 1.0) for c in self.resolver.codes()):
            path = ("weights", "territory", sorted(explicit)[0])
            self.wrong(path, words.WEIGHTS_ALL_ZERO.format(kind="territory"))
        for path in [p for p in self.entries if p[:2] == ("weights", "year")]:
            if path[2] not in map(str, self.years):
                known = ", ".join(map(str, self.years))
                self.wrong(path, words.UNKNOWN_YEAR.format(year=path[2], known=known))
        for path in [p for p in self.entries if p[:2] == ("weights", "segment")]:
            if path[2] not in self.resolver.segments():
                self.wrong(
                    path,
                    words.UNKNOWN_SEGMENT.format(
                        hint=closest(path[2], self.resolver.segments()),
                        known=", ".join(self.resolver.segments()),
                    ),
                )

    def indicators(self) -> None:
        described = self.resolver.columns["territories"]
        rates = [
            c for c, e in described.items() if e.unit == "1" and c not in schema.TERRITORY_COLUMNS
        ]
        for path, entry in sorted(self.entries.items()):
            if path[:2] != ("weights", "indicators") or not entry.value:
                continue
            column = path[2]
            if column not in rates:
                known = column in described
                what = words.INDICATOR_NOT_A_RATE if known else words.UNKNOWN_INDICATOR
                self.wrong(path, what.format(hint=closest(column, rates), known=", ".join(rates)))
                continue
            for needed in (column, "population"):
                lacking = [
                    code
                    for code in self.resolver.codes()
                    if self.value("territories", code, needed) is None
                ]
                if lacking:
                    self.wrong(
                        path,
                        words.INDICATOR_LACKS.format(column=needed, codes=", ".join(lacking[:5])),
                    )

    def stages(self) -> None:
        for path, entry in sorted(self.entries.items()):
            if path[0] != "stages":
                continue
            if entry.value in ("shortfall", "territorial_shortfall"):
                target = ("coverage", "target_rate")
                by_year = [self.value(*target, str(year)) for year in self.years]
                if self.value(*target) is None and None in by_year:
                    self.wrong(path, words.STAGE_NEEDS_TARGET)
            if entry.value == "change" and self.value("reference_plan") is None:
                self.wrong(path, words.STAGE_NEEDS_PLAN)

    def curves(self) -> None:
        if self.value("coverage", "curve") != "table":
            return
        for code in self.resolver.codes():
            for segment in self.resolver.segments():
                for year in map(str, self.years):
                    path = next(
                        (
                            p
                            for p in (("curves", code, segment, year), ("curves", code, segment))
                            if p in self.entries
                        ),
                        None,
                    )
                    if path is None:
                        where = self.resolver.model_file.replace("model.toml", "curves.csv")
                        self.resolver.reader.add(
                            where, words.CURVE_MISSING.format(pair=f"{code} {segment}")
                        )
                        break
                    n = self.value("contracts", code, segment, year)
                    n = self.value("contracts", code, segment) if n is None else n
                    most = self.entries[path].value[-1][1]
                    if n is not None and most > n * (1 + 1e-12):
                        self.wrong(
                            path,
                            words.CURVE_ABOVE_CONTRACTS.format(
                                most=show_value(most), contracts=show_value(n)
                            ),
                        )
                        break
