"""One layer over the others: the values of a model, a scenario or a ``--set``, each checked.

Tables merge key by key and lists replace. A value for all years replaces those by year; a table by
year changes only the years it names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fte_alloc import words
from fte_alloc.scenario import kinds, schema, typed_numbers
from fte_alloc.scenario.draft import Draft, YearUse
from fte_alloc.scenario.inputs import Entry
from fte_alloc.scenario.model_numbers import ModelNumbers, described
from fte_alloc.scenario.names import Codes, closest
from fte_alloc.scenario.overrides import Override
from fte_alloc.scenario.reading import Layer
from fte_alloc.scenario.schema import LIMITS_BY_PLACE, Parameter
from fte_alloc.scenario.stages import put_stages
from fte_alloc.scenario.written import KeyPath, written, written_key

#: Keys that only one of the two kinds of file may have.
_ONLY_IN_MODELS = ("sources", "tables")
_ONLY_IN_SCENARIOS = ("territories", "contracts", *schema.LINKS)
#: Beyond so many keys that are wrong, none is looked for that is like the next.
_MOST_HINTS = 100
#: So many keys of a table are named where it was given a number.
_MOST_KEYS = 4
#: What stands before a code.
_BEFORE_TERRITORY = (("territories",), ("contracts",), ("weights", "territory"))
_BEFORE_AREA = tuple(("limits", family) for family in LIMITS_BY_PLACE)
_BEFORE_SEGMENT = (("coverage", "segments"), ("weights", "segment"))


def put_model(draft: Draft, model: Layer, numbers: ModelNumbers) -> None:
    """Put the values of a model, every number in its long form."""
    known = {k: v for k, v in model.content.items() if k not in _ONLY_IN_MODELS}
    _Putting(draft, model, numbers).tree(known)


def put_scenario(draft: Draft, scenario: Layer) -> None:
    """Put the values of a scenario over what is there."""
    putting = _Putting(draft, scenario)
    putting.tree({k: v for k, v in scenario.content.items() if k not in schema.LINKS})
    putting.remember_years()


def put_overrides(draft: Draft, overrides: Iterable[Override]) -> None:
    """Put the values of every ``--set``: those for all years first, whatever their order."""
    taken: dict[KeyPath, KeyPath] = {}
    for change in sorted(overrides, key=lambda change: len(change.path)):
        putting = _Putting(draft, change.layer, taken=taken, whole=change.path)
        putting.tree(change.layer.content)
        putting.remember_years()


class _Putting:
    """Walks the tree of one layer.

    numbers : what checks the long form, in a model
    taken : what this layer has set so far, so that nothing is given twice; an empty last part
        stands for any year
    whole : the key of a ``--set``, None in a file
    """

    def __init__(
        self,
        draft: Draft,
        layer: Layer,
        numbers: ModelNumbers | None = None,
        taken: dict[KeyPath, KeyPath] | None = None,
        whole: KeyPath | None = None,
    ) -> None:
        self.draft, self.layer, self.numbers = draft, layer, numbers
        self.taken = {} if taken is None else taken
        self.by_year: list[tuple[str, KeyPath, str]] = []
        self.whole = whole

    # -- walking -------------------------------------------------------------------------------

    def tree(self, node: Mapping[str, Any], path: KeyPath = (), typed: KeyPath = ()) -> None:
        """Take every value of a tree, or say why it cannot be taken.

        path : where the tree stands, with codes; typed : the same as it was written
        """
        for key, value in node.items():
            written_path = (*typed, key)
            here = self._with_code((*path, key), written_path)
            if here is not None:
                self._one(here, written_path, value)

    def _one(self, path: KeyPath, typed: KeyPath, value: Any) -> None:
        parameter = self._parameter(path)
        if path[0] == "limits" and len(path) == 2 and not isinstance(value, dict):
            self._drop_limit(path, typed, value)
        elif path == ("stages",):
            put_stages(self.draft, self.layer, value)
        elif parameter is not None:
            self._value(parameter, path, typed, value)
        elif not schema.is_table(path):
            self._refuse(path, typed, self._unknown(path, typed))
        elif isinstance(value, dict):
            self.tree(value, path, typed)
        else:
            what = words.TABLE_EXPECTED.format(value=written(value), key=written_key(typed))
            self._refuse(path, typed, what + self._keys_below(path, typed, value))

    def _keys_below(self, path: KeyPath, typed: KeyPath, value: Any) -> str:
        """« ; its keys: X, Y » of a table that was given a number, and the number meant."""
        if isinstance(value, dict | list | bool):
            return ""
        codes = self.draft.territories if path in _BEFORE_TERRITORY else self.draft.segments
        below = (codes.sorted() if key == "*" else [key] for key in schema.keys_below(path))
        keys = [key for each in below for key in each]
        told = [written_key((*typed, key)) for key in keys[:_MOST_KEYS]]
        told += ["…"] if keys[_MOST_KEYS:] else []
        number = typed_numbers.hint(value) if isinstance(value, str) else ""
        return (words.KEYS_BELOW.format(keys=", ".join(told)) if told else "") + number

    def _drop_limit(self, path: KeyPath, typed: KeyPath, value: Any) -> None:
        """Take a limit of the user's own away, which the layers before have put there."""
        there = [known for known in self.draft.entries if known[:2] == path]
        names = {known[1] for known in self.draft.entries if known[0] == "limits"}
        if value != "none":
            what = words.TABLE_EXPECTED.format(value=written(value), key=written_key(typed))
            self._refuse(path, typed, what)
        elif not there:
            what = words.LIMIT_NOT_THERE.format(hint=closest(path[1], names))
            self._refuse(path, typed, what)
        for known in there:
            del self.draft.entries[known]

    def _parameter(self, path: KeyPath) -> Parameter | None:
        """The parameter of a path; in a scenario any column of a territory is one."""
        parameter = schema.find(path)
        if parameter is None and len(path) == 3 and path[0] == "territories":
            known = path[2] in self.draft.indicators
            return schema.INDICATOR if known or not self.draft.territories.complete else None
        return parameter

    def _unknown(self, path: KeyPath, typed: KeyPath) -> str:
        if path[0] in _ONLY_IN_MODELS:
            return words.ONLY_IN_MODELS
        if path[0] in schema.LINKS:
            return words.NOT_WITH_SET
        if path[0] == "limits" and path[-1] == "at_most_rate":
            return words.LIMIT_RATE_IS_A_FLOOR
        if len(self.draft.refused) > _MOST_HINTS:
            return words.UNKNOWN_KEY.format(hint="")
        more = sorted(self.draft.indicators) if path[0] == "territories" else ()
        return words.UNKNOWN_KEY.format(hint=schema.suggestion(typed, self.whole, more))

    # -- codes ---------------------------------------------------------------------------------

    def _with_code(self, path: KeyPath, typed: KeyPath) -> KeyPath | None:
        """A path with codes in the place of names; None, and a mistake, for an unknown code."""
        if self.numbers and path[0] in _ONLY_IN_SCENARIOS and len(path) == 1:
            link = path[0] in schema.LINKS
            self._refuse(path, typed, words.LINK_IN_MODEL if link else words.ONLY_IN_SCENARIOS)
            return None
        last, before = path[-1], path[:-1]
        if before in _BEFORE_AREA:
            places = {**self.draft.territories.names, **self._areas()}
            codes = Codes(places, complete=self.draft.territories.complete)
            what = words.UNKNOWN_TERRITORY
            code = codes.find(last)
            if code is None and schema.find(("limits", "*", last)) is not None:
                self._refuse(path, typed, words.LIMIT_RESERVED.format(name=before[1]))
                return None
        elif before == ("limits",) and not kinds.is_code(last):
            self._refuse(path, typed, words.BAD_CODE.format(code=written(last)))
            return None
        elif before in _BEFORE_TERRITORY:
            what, codes = words.UNKNOWN_TERRITORY, self.draft.territories
        elif before in _BEFORE_SEGMENT or (path[0] == "contracts" and len(path) == 3):
            what, codes = words.UNKNOWN_SEGMENT, self.draft.segments
        else:
            return path
        code = codes.find(last)
        if code is None and codes.complete:
            known = ", ".join(codes.sorted())
            hint = codes.hint(last) if len(self.draft.refused) <= _MOST_HINTS else ""
            text = what.format(model=self.draft.model, hint=hint, known=known)
            self._refuse(path, typed, text)
            return None
        return (*before, last if code is None else code)

    def _areas(self) -> dict[str, str]:
        """Codes of the areas there are so far, each with itself for a name."""
        paths = (path for path in self.draft.entries if path[0] == "territories")
        areas = (self.draft.value(path) for path in paths if path[2:] == ("area",))
        return {str(area): str(area) for area in areas if area is not None}

    def _codes(self, path: KeyPath, typed: KeyPath, value: Any) -> str | list[str] | None:
        """Codes given by code or by name, in order and each once; None for one that is unknown.

        Areas are looked for when all are known; a territory's name may stand for its area.
        """
        codes, found = self.draft.territories, set()
        for text in map(str, value if isinstance(value, list) else [value]):
            code = codes.find(text)
            if code is None and path[-1] == "territories" and codes.complete:
                known, hint = ", ".join(codes.sorted()), codes.hint(text)
                what = words.UNKNOWN_TERRITORY.format(
                    model=self.draft.model, hint=hint, known=known
                )
                self._refuse(path, typed, f"{text}: {what}")
                return None
            found.add(code or text)
        return sorted(found) if isinstance(value, list) else next(iter(found))

    # -- values --------------------------------------------------------------------------------

    def _value(self, parameter: Parameter, path: KeyPath, typed: KeyPath, value: Any) -> None:
        """Take a value, in the form that its file must give it."""
        said: Mapping[str, Any] | None = None
        if self.numbers and parameter.is_quantity:
            if not self.numbers.describes(typed, value, parameter.unit):
                self.draft.refused.add(path)
                return
            said, value = value, value["value"]
        elif isinstance(value, dict) and "value" in value:
            self._refuse(path, typed, words.BARE_VALUE)
            return
        if isinstance(value, dict) and parameter.by_year and len(path) == parameter.depth:
            self._each_year(parameter, path, typed, value, said)
        else:
            self._take(parameter, path, typed, value, said)

    def _each_year(
        self,
        parameter: Parameter,
        path: KeyPath,
        typed: KeyPath,
        values: Mapping[str, Any],
        said: Mapping[str, Any] | None,
    ) -> None:
        if not values:
            self._refuse(path, typed, words.EMPTY_BY_YEAR)
        for year, value in values.items():
            at, written_at = (*path, year), (*typed, year)
            if kinds.YEAR.fullmatch(year):
                self._take(parameter, at, written_at, value, said)
            else:
                self._refuse(at, written_at, words.NOT_A_YEAR.format(year=year))

    def _take(
        self,
        parameter: Parameter,
        path: KeyPath,
        typed: KeyPath,
        value: Any,
        said: Mapping[str, Any] | None,
    ) -> None:
        """Check one value and put it over what was there."""
        if before := self._given_before(path):
            self._refuse(path, typed, words.GIVEN_TWICE.format(other=written_key(before)))
            return
        self.taken[path] = typed
        self.taken.setdefault((*path[:-1], ""), typed)
        if not self._is_right(parameter, path, typed, value):
            return
        if value == "none" and parameter.optional:
            value = None
        elif parameter.kind in kinds.FLOATS:
            value = float(value)
        elif parameter.kind in ("code", "codes"):
            value = self._codes(path, typed, value)
            if value is None:
                return
        by_year = len(path) > parameter.depth
        is_weight_of_year = path[:2] == ("weights", "year")
        if by_year or is_weight_of_year:
            self.by_year.append((self.layer.where(typed), typed, path[-1]))
        if said is None:
            unit = parameter.unit
            if parameter is schema.INDICATOR:
                column = self.draft.columns.get("territories", {}).get(path[2])
                unit = column.unit if column else None
            entry = Entry(value, self.layer.where(typed), unit)
        else:
            entry = described(value, self.layer.where(typed), said)
        self.draft.put(path, entry, by_year=parameter.by_year and not by_year)
        in_french = (*path[:-1], f"{path[-1]}_fr")
        if in_french not in self.taken:  # another text leaves no older translation behind
            self.draft.entries.pop(in_french, None)

    def _given_before(self, path: KeyPath) -> KeyPath | None:
        """Where this layer has given the value already, by another name of the same code."""
        same, by_year = self.taken.get(path), self.taken.get((*path, ""))
        # Of several --set, that for all years comes first, and may.
        for_all = self.taken.get(path[:-1]) if self.whole is None else None
        return same or by_year or for_all

    def _is_right(self, parameter: Parameter, path: KeyPath, typed: KeyPath, value: Any) -> bool:
        if value == "none" and parameter.optional:
            return True
        what = kinds.fault(parameter.kind, value, optional=parameter.optional)
        if not what and path[:1] == ("territories",) and path[2] == "area":
            what = "" if kinds.is_code(value) else words.BAD_CODE.format(code=written(value))
        if not what and path[:2] == ("weights", "year") and not kinds.YEAR.fullmatch(path[2]):
            what = words.NOT_A_YEAR.format(year=path[2])
        if what and isinstance(value, dict):
            tables = [key for key in schema.siblings(path) if schema.is_table((*path[:-1], key))]
            what += closest(path[-1], tables)
        if what:
            self._refuse(path, typed, what)
        return not what

    def remember_years(self) -> None:
        """Note the years that this layer names beside those there are in it."""
        for where, typed, year in self.by_year:
            self.draft.year_uses.append(YearUse(where, typed, year, self.draft.years))

    def _refuse(self, path: KeyPath, typed: KeyPath, what: str) -> None:
        self.draft.refuse(self.layer.where(typed), path, what, typed)
