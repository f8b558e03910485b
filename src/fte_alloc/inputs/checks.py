"""What no single value can show: floors above ceilings, curves that lack, codes that collide."""

from __future__ import annotations

from fte_alloc.errors import Mistake
from fte_alloc.inputs import schema
from fte_alloc.inputs.complete import some_pairs
from fte_alloc.inputs.draft import Draft
from fte_alloc.inputs.entries import Inputs, shown_origin
from fte_alloc.inputs.limits import blank_cells, own_limits
from fte_alloc.inputs.names import closest
from fte_alloc.inputs.tables import RowMistakes
from fte_alloc.inputs.written import KeyPath, show_value, written_key
from fte_alloc.language import N_, NC_, _, ngettext
from fte_alloc.names import STAGE_NEEDS_PLAN
from fte_alloc.programme.objectives import OBJECTIVES

WEIGHT_KINDS = {
    "segment": N_("segment"),
    "territory": NC_("kind of weight", "territory"),
    "year": NC_("kind of weight", "year"),
}


def check(draft: Draft, inputs: Inputs, *, with_curves: bool) -> None:
    """Add to the draft's mistakes what the values, taken together, get wrong.

    Values that hang on one already refused are not judged.

    with_curves : whether there are curves, and all could be read
    """
    checks = _Checks(draft, inputs)
    checks.ordered()
    checks.coordinators()
    checks.contracts()
    checks.stages()
    checks.collisions()
    checks.own_limits()
    checks.weights()
    if with_curves:
        checks.curves()


class _Checks:
    def __init__(self, draft: Draft, inputs: Inputs) -> None:
        self.draft, self.inputs = draft, inputs
        self.entries = {tuple(key.split(".")): entry for key, entry in inputs.entries.items()}
        self.territories, self.segments = draft.territories.sorted(), draft.segments.sorted()

    def number(self, path: KeyPath, year: int | None = None) -> float | None:
        """A value, that of a year if one is given; None where it is absent or refused."""
        key = ".".join(path)
        found = key if year is None else self.inputs.key_of(key, year)
        refused = self.draft.is_refused(tuple(found.split(".")))
        return None if refused else self.inputs.value(found)

    def wrong(self, path: KeyPath, what: str) -> None:
        self.draft.refuse(self.entries[path].origin, path, what)

    # -- what must hold ------------------------------------------------------------------------

    def ordered(self) -> None:
        """No floor stands above its ceiling, and there are kinds of buyer."""
        model = self.draft.model_layer
        if model and not self.segments and not self.draft.is_refused(("coverage",)):
            self.draft.reader.add(model.name, _("has no [coverage.segments] table"))
        for segment in self.segments:
            self._ordered(("coverage", "segments", segment), "floor_rate", "ceiling_rate")
        for code in self.territories:
            at = ("territories", code)
            self._ordered(at, "min_new_facilitators_fte", "max_new_facilitators_fte")
        self._ordered(("posts", "coordinator"), "required_fte_where_none", "max_fte_per_area")

    def _ordered(self, at: KeyPath, least: str, most: str) -> None:
        """Note every minimum above its maximum, at the place of the scenario that set it so."""
        low, high = (*at, least), (*at, most)
        floor, ceiling = self.number(low), self.number(high)
        if floor is None or ceiling is None or floor <= ceiling:
            return
        wrong, other, template = low, high, _("is {value}, above {key} = {other} ({origin})")
        if self.entries[high].status == "scenario" != self.entries[low].status:
            wrong, other, template = high, low, _("is {value}, below {key} = {other} ({origin})")
        what = template.format(
            value=show_value(self.entries[wrong].value),
            key=written_key(other),
            other=show_value(self.entries[other].value),
            origin=shown_origin(self.entries[other].origin),
        )
        self.wrong(wrong, what)

    def coordinators(self) -> None:
        """Renewed coordinators cost money, so the model must say how much."""
        known = (*self.entries, *self.draft.refused)
        column = "committed_coordinators_fte"
        paths = [p for p, e in self.entries.items() if p[2:] == (column,) and e.value]
        if paths and not any(path[:2] == ("posts", "coordinator") for path in known):
            self.wrong(paths[0], _("needs [posts.coordinator] in the model, to say what they cost"))

    def contracts(self) -> None:
        paths = sorted(path for path in self.entries if path[0] == "contracts")
        known = self.draft.contracts_are_read and not self.draft.is_refused(("contracts",))
        if paths and known and not any(self.entries[path].value for path in paths):
            self.wrong(paths[0], _("every count of contracts is 0"))

    def stages(self) -> None:
        """Some objectives need a target or a plan."""
        target, plan = ("coverage", "target_rate"), ("reference_plan",)
        has_target = self.draft.is_refused(target) or not any(
            self.number(target, year) is None for year in self.inputs.years
        )
        has_plan = plan in self.entries or self.draft.is_refused(plan)
        for path, entry in sorted(self.entries.items()):
            if path[0] != "stages" or path[-1] == "concede":
                continue
            needs = OBJECTIVES[entry.value].needs
            if needs == "target_rate" and not has_target:
                self.wrong(path, _("needs coverage.target_rate in every year"))
            if needs == "reference_plan" and not has_plan:
                self.wrong(path, _(STAGE_NEEDS_PLAN))

    def own_limits(self) -> None:
        """Limits of the user's own name places that there are, and one amount."""
        if not self.draft.territories.complete or ("limits",) in self.draft.refused:
            return
        partial = {path[1] for path in self.draft.refused if path[0] == "limits"}

        def wrong(key: str, what: str) -> None:
            self.wrong(tuple(key.split(".")), what)

        list(own_limits(self.inputs, wrong, partial))  # the limits are built later
        for key, column, count in blank_cells(self.inputs):
            text = ngettext(
                "{count} territory has no {column} and is not picked",
                "{count} territories have no {column} and are not picked",
                count,
            ).format(count=count, column=column)
            self.draft.reader.warnings.append(Mistake(self.inputs.entries[key].origin, text))

    def collisions(self) -> None:
        """Rows of the programme are named by code, with _ for -: names must stay apart."""
        territories, segments = self.territories, self.segments
        areas = [p for p in self.entries if p[0] == "territories" and p[2:] == ("area",)]
        kinds: list[list[tuple[KeyPath, tuple[str, ...]]]] = [
            [(("territories", code, "name"), (code,)) for code in territories],
            [(path, (self.entries[path].value,)) for path in areas],
            [(("coverage", "segments", code), (code,)) for code in segments],
            [(("territories", c, "name"), (c, s)) for c in territories for s in segments],
            [(path, (path[1],)) for path in self.entries if path[0] == "limits"],
        ]
        for kind in kinds:
            seen: dict[str, tuple[str, ...]] = {}
            for path, codes in kind:
                other = seen.setdefault("_".join(codes).replace("-", "_"), codes)
                if other != codes:
                    text = _("codes {code} and {other} are too alike to be told apart; rename one")
                    what = text.format(code=" ".join(codes), other=" ".join(other))
                    entry = self.entries.get(path)
                    where = entry.origin if entry else self.draft.model_layer or ""
                    self.draft.refuse(where, path, what)
                    return

    def curves(self) -> None:
        """Every pair has a curve, and none covers more contracts than there are."""
        missing: list[KeyPath] = []
        found: set[KeyPath] = set()
        name = self.draft.file_shown("curves.csv")
        above = RowMistakes(name)
        for pair in ((code, segment) for code in self.territories for segment in self.segments):
            for year in self.inputs.years:
                key = self.inputs.key_of(".".join(("curves", *pair)), year)
                path = tuple(key.split("."))
                if path not in self.entries:
                    missing.append(path)
                    break
                most = self.entries[path].value[-1][1]
                contracts = self.number(("contracts", *pair), year)
                if contracts is None or most <= contracts * (1 + 1e-12) or path in found:
                    continue
                found.add(path)
                told = {"most": show_value(most), "contracts": show_value(contracts)}
                text = _("curve of {pair}: reaches {most} of {contracts} contracts, a rate above 1")
                what = text.format(pair=" ".join(path[1:]), **told)
                above.add(int(self.entries[path].origin.rpartition(":")[2]), "above", what)
        self.draft.reader.mistakes += above.told()
        if missing:
            self.draft.reader.add(name, _("no curve for {pairs}").format(pairs=some_pairs(missing)))

    # -- weights -------------------------------------------------------------------------------

    def weights(self) -> None:
        """Something must be left to maximise, and an indicator must be a rate all have."""
        paths = sorted(path for path in self.entries if path[0] == "weights")
        for kind in ("segment", "year", "territory"):
            of_kind = [path for path in paths if path[1] == kind]
            some_left = kind == "territory" and len(of_kind) < len(self.territories)
            weighs = any(self.entries[path].value for path in of_kind)
            if of_kind and not (some_left or weighs or self.draft.is_refused(("weights", kind))):
                text = _("every {kind} weight is 0; nothing is left to maximise")
                what = text.format(kind=_(WEIGHT_KINDS[kind]))
                self.wrong(of_kind[0], what)
        for path in paths:
            weighs = path[1] == "indicators" and self.entries[path].value
            if weighs and (what := self._indicator_fault(".".join(path[2:]))):
                self.wrong(path, what)

    def _indicator_fault(self, column: str) -> str:
        """Why a column cannot be weighted; empty where it can, or where that is not known."""
        draft = self.draft
        if draft.model_layer is None:  # not read, or not needed as inputs are known to be right
            return self._lacks(column) if draft.segments.complete else ""
        if not draft.territories.complete:
            return ""
        described = draft.columns["territories"]
        rates = sorted(c for c in draft.indicators if described.get(c) and described[c].unit == "1")
        if column in rates:
            return self._lacks(column)
        refused = draft.is_refused(("tables", "territories", column))
        if column in draft.indicators and (refused or column not in described):
            return ""
        known = column in described or column in schema.TERRITORY_COLUMNS
        text = _('cannot weigh; an indicator must be a rate or a share (unit "1"): {known}')
        what = text if known else _("no such column of rates in territories.csv ({known}){hint}")
        return what.format(hint=closest(column, rates), known=", ".join(rates))

    def _lacks(self, column: str) -> str:
        """What a column that weighs, or the population, has no numbers for; empty for nothing."""
        values = {}
        for needed in (column, "population"):
            paths = [("territories", code, needed) for code in self.territories]
            lacking = [path[1] for path in paths if path not in self.entries]
            if any(map(self.draft.is_refused, paths)):
                return ""
            if lacking:
                shown = ", ".join(lacking[:5]) + (", …" if lacking[5:] else "")
                return _(
                    "needs the column {column} in territories.csv; empty or missing for {codes}"
                ).format(column=needed, codes=shown)
            values[needed] = [self.entries[path].value for path in paths]
        population, rate = values["population"], values[column]
        if not any(population):
            return _("needs the column population in territories.csv; it is 0 everywhere")
        mean = sum(p * q for p, q in zip(population, rate, strict=True)) / sum(population)
        text = _("column {column} has the mean {mean} over inhabitants, expected one above 0")
        return "" if mean > 0 else text.format(column=column, mean=show_value(mean))
