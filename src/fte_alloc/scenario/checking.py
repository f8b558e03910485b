"""What no single value can show: floors above ceilings, curves that lack, codes that collide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fte_alloc import words
from fte_alloc.errors import Mistake
from fte_alloc.scenario.completing import Entries, some_pairs
from fte_alloc.scenario.draft import Draft
from fte_alloc.scenario.inputs import shown_origin
from fte_alloc.scenario.own_limits import Country, blank_cells, own_limits
from fte_alloc.scenario.tables import RowMistakes
from fte_alloc.scenario.weights import check_weights
from fte_alloc.scenario.written import KeyPath, show_value, written_key

_COORDINATOR = ("posts", "coordinator")


def check_entries(draft: Draft, entries: Entries) -> None:
    """Add to the draft's mistakes what the values, taken together, get wrong.

    Values that hang on one already refused are not judged.
    """
    checks = _Checks(draft, entries)
    checks.segments()
    checks.limits()
    checks.coordinators()
    checks.contracts()
    checks.stages()
    checks.collisions()
    checks.own_limits()
    check_weights(draft, entries)


def check_curves(draft: Draft, entries: Entries) -> None:
    """Add to the draft's mistakes the curves that are not there or cover more than there is."""
    _Checks(draft, entries).curves()


class _Checks:
    def __init__(self, draft: Draft, entries: Entries) -> None:
        self.draft, self.entries = draft, entries
        years = entries.get(("years",))
        self.years: Sequence[str] = [] if years is None else [str(y) for y in years.value]

    def number(self, *path: str) -> float | None:
        """A value, None where there is none or it hangs on a mistake."""
        entry = self.entries.get(path)
        return None if entry is None or self.draft.is_refused(path) else entry.value

    def of_year(self, path: KeyPath, year: str) -> float | None:
        """The value of a year, from a value for all years or from one by year."""
        number = self.number(*path, year)
        return self.number(*path) if number is None else number

    def wrong(self, path: KeyPath, what: str) -> None:
        self.draft.refuse(self.entries[path].origin, path, what)

    def ordered(self, low: KeyPath, high: KeyPath) -> None:
        """A floor must not stand above its ceiling; told where the scenario made it so."""
        floor, ceiling = self.number(*low), self.number(*high)
        if floor is None or ceiling is None or floor <= ceiling:
            return
        wrong, other, template = low, high, words.FLOOR_ABOVE_CEILING
        if self.entries[high].status == "scenario" != self.entries[low].status:
            wrong, other, template = high, low, words.CEILING_BELOW_FLOOR
        what = template.format(
            value=show_value(self.entries[wrong].value),
            key=written_key(other),
            other=show_value(self.entries[other].value),
            origin=shown_origin(self.entries[other].origin),
        )
        self.wrong(wrong, what)

    # -- what must hold ------------------------------------------------------------------------

    def segments(self) -> None:
        model = self.draft.model_layer
        if model and not self.draft.segments.names and not self.draft.is_refused(("coverage",)):
            self.draft.reader.add(model.name, words.NO_SEGMENTS)
        for segment in self.draft.segments.sorted():
            at = ("coverage", "segments", segment)
            self.ordered((*at, "floor_rate"), (*at, "ceiling_rate"))

    def limits(self) -> None:
        for code in self.draft.territories.sorted():
            at = ("territories", code)
            self.ordered((*at, "min_new_facilitators_fte"), (*at, "max_new_facilitators_fte"))
        self.ordered(
            (*_COORDINATOR, "required_fte_where_none"), (*_COORDINATOR, "max_fte_per_area")
        )

    def coordinators(self) -> None:
        """Renewed coordinators cost money, so the model must say how much."""
        if any(path[:2] == _COORDINATOR for path in (*self.entries, *self.draft.refused)):
            return
        column = "committed_coordinators_fte"
        paths = [p for p, e in self.entries.items() if p[2:] == (column,) and e.value]
        if paths:
            self.wrong(paths[0], words.COORDINATORS_WITHOUT_COST)

    def contracts(self) -> None:
        paths = sorted(path for path in self.entries if path[0] == "contracts")
        known = self.draft.contracts_are_read and not self.draft.is_refused(("contracts",))
        if paths and known and not any(self.entries[path].value for path in paths):
            self.wrong(paths[0], words.NO_CONTRACTS)

    def stages(self) -> None:
        target = ("coverage", "target_rate")
        lacks_target = any(self.of_year(target, year) is None for year in self.years)
        if self.draft.is_refused(target):
            lacks_target = False
        for path, entry in sorted(self.entries.items()):
            if path[0] != "stages" or path[-1] == "concede":
                continue
            if entry.value in ("shortfall", "territorial_shortfall") and lacks_target:
                self.wrong(path, words.STAGE_NEEDS_TARGET)
            plan = ("reference_plan",)
            if entry.value == "change" and not (
                plan in self.entries or self.draft.is_refused(plan)
            ):
                self.wrong(path, words.STAGE_NEEDS_PLAN)

    def own_limits(self) -> None:
        """Limits of the user's own name places that there are, and one amount."""
        if not self.draft.territories.complete or ("limits",) in self.draft.refused:
            return
        entries = {".".join(path): entry for path, entry in self.entries.items()}
        paths = {".".join(path): path for path in self.entries}
        area_of = {
            code: str(self.draft.value(("territories", code, "area")) or code)
            for code in self.draft.territories.names
        }
        country = Country(entries, area_of, [int(year) for year in self.years])
        partial = {path[1] for path in self.draft.refused if path[0] == "limits"}
        for _ in own_limits(country, lambda key, what: self.wrong(paths[key], what), partial):
            pass  # what is wrong is told; the limits are built later
        for key, column, count in blank_cells(country):
            text = words.plural(words.WHERE_BLANK, count).format(count=count, column=column)
            self.draft.reader.warnings.append(Mistake(self.entries[paths[key]].origin, text))

    def collisions(self) -> None:
        """Rows of the programme are named by code, with _ for -: names must stay apart."""
        territories, segments = self.draft.territories.sorted(), self.draft.segments.sorted()
        areas = [p for p in self.entries if p[0] == "territories" and p[2] == "area"]
        kinds: list[list[tuple[KeyPath, tuple[str, ...]]]] = [
            [(("territories", code, "name"), (code,)) for code in territories],
            [(path, (self.entries[path].value,)) for path in areas],
            [(("coverage", "segments", code), (code,)) for code in segments],
            [(("territories", c, "name"), (c, s)) for c in territories for s in segments],
            [(path, (path[1],)) for path in self.entries if path[0] == "limits"],
        ]
        for kind in kinds:
            if self._collide(kind):
                return

    def _collide(self, named: Iterable[tuple[KeyPath, tuple[str, ...]]]) -> bool:
        seen: dict[str, tuple[str, ...]] = {}
        for path, codes in named:
            label = "_".join(codes).replace("-", "_")
            other = seen.setdefault(label, codes)
            if other != codes:
                what = words.CODES_COLLIDE.format(code=" ".join(codes), other=" ".join(other))
                entry = self.entries.get(path)
                model = self.draft.model_layer
                where = entry.origin if entry else model.where(path) if model else ""
                self.draft.refuse(where, path, what)
                return True
        return False

    def curves(self) -> None:
        """Every pair has a curve, and none covers more contracts than there are."""
        assert self.draft.folder is not None
        missing: list[KeyPath] = []
        found: set[KeyPath] = set()
        name = self.draft.folder_file("curves.csv")
        above = RowMistakes(name)
        for code in self.draft.territories.sorted():
            for segment in self.draft.segments.sorted():
                for year in self.years:
                    path: KeyPath = ("curves", code, segment, year)
                    path = path if path in self.entries else path[:-1]
                    contracts = self.of_year(("contracts", code, segment), year)
                    if path not in self.entries:
                        missing.append(path)
                        break
                    entry = self.entries[path]
                    most = entry.value[-1][1]
                    if contracts is None or most <= contracts * (1 + 1e-12) or path in found:
                        continue
                    found.add(path)
                    what = words.CURVE_ABOVE_CONTRACTS.format(
                        pair=" ".join(path[1:]),
                        most=show_value(most),
                        contracts=show_value(contracts),
                    )
                    above.add(int(entry.origin.rpartition(":")[2]), "above", what)
        self.draft.reader.mistakes += above.told()
        if missing:
            self.draft.reader.add(name, words.CURVES_MISSING.format(pairs=some_pairs(missing)))
