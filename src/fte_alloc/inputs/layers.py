"""One layer over the others: the values of a model, a scenario or a ``--set``, each checked.

Tables merge key by key and lists replace. A value for all years replaces those by year; a table by
year changes only the years it names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from fte_alloc.inputs import kinds, schema, typed_numbers
from fte_alloc.inputs.draft import Draft, YearUse
from fte_alloc.inputs.entries import Entry
from fte_alloc.inputs.model_numbers import ModelNumbers, described
from fte_alloc.inputs.names import Codes, closest
from fte_alloc.inputs.overrides import Override
from fte_alloc.inputs.reading import Layer
from fte_alloc.inputs.schema import Parameter
from fte_alloc.inputs.stages import put_stages
from fte_alloc.inputs.written import KeyPath, written, written_key
from fte_alloc.language import _
from fte_alloc.names import BAD_CODE, LIMIT_RESERVED

#: Keys that only one of the two kinds of file may have.
_ONLY_IN_MODELS = ("sources", "tables")
_ONLY_IN_SCENARIOS = ("territories", "contracts", *schema.LINKS)
#: Beyond so many keys that are wrong, none is looked for that is like the next.
_MOST_HINTS = 100
#: So many keys of a table are named where it was given a number.
_MOST_KEYS = 4


def put_model(draft: Draft, model: Layer, numbers: ModelNumbers) -> None:
    """Put the values of a model, every number in its long form."""
    _Putting(draft, model, numbers).put(_ONLY_IN_MODELS)


def put_scenario(draft: Draft, scenario: Layer) -> None:
    """Put the values of a scenario over what is there."""
    _Putting(draft, scenario).put(schema.LINKS)


def put_overrides(draft: Draft, overrides: Iterable[Override]) -> None:
    """Put the values of every ``--set``: those for all years first, whatever their order."""
    taken: dict[KeyPath, KeyPath] = {}
    for change in sorted(overrides, key=lambda change: len(change.path)):
        _Putting(draft, change.layer, taken=taken, whole=change.path).put()


class Key(NamedTuple):
    """A key of a layer: with names replaced by codes, and as typed."""

    path: KeyPath
    typed: KeyPath

    def below(self, part: str) -> Key:
        """A key within the table of this one."""
        return Key((*self.path, part), (*self.typed, part))


@dataclass
class _Putting:
    """Walks the tree of one layer.

    numbers : what checks the long form, in a model
    taken : what this layer has set so far, so that nothing is given twice; an empty last part
        stands for any year
    whole : the key of a ``--set``, None in a file
    """

    draft: Draft
    layer: Layer
    numbers: ModelNumbers | None = None
    taken: dict[KeyPath, KeyPath] = field(default_factory=dict)
    whole: KeyPath | None = None
    by_year: list[KeyPath] = field(default_factory=list)

    def put(self, but_for: Collection[str] = ()) -> None:
        """Put every value of the layer; a scenario notes the years it names beside its own."""
        content = self.layer.content
        self.tree({k: v for k, v in content.items() if k not in but_for}, Key((), ()))
        if self.numbers is None:
            where, years = self.layer.where, self.draft.years
            self.draft.year_uses += [YearUse(where(typed), typed, years) for typed in self.by_year]

    def refuse(self, at: Key, what: str) -> None:
        """Note that the value of a key cannot be taken."""
        self.draft.refuse(self.layer, at.path, what, at.typed)

    # -- walking -------------------------------------------------------------------------------

    def tree(self, node: Mapping[str, Any], within: Key) -> None:
        """Take every value of a tree, or say why it cannot be taken."""
        for part, value in node.items():
            at = self._with_code(within.below(part))
            if at is not None:
                self._one(at, value)

    def _one(self, at: Key, value: Any) -> None:
        path, parameter = at.path, self._parameter(at.path)
        if path[0] == "limits" and len(path) == 2 and not isinstance(value, dict):
            self._drop_limit(at, value)
        elif path == ("stages",):
            put_stages(self.draft, self.layer, value)
        elif parameter is not None:
            self._value(parameter, at, value)
        elif not schema.is_table(path):
            self.refuse(at, self._unknown(at))
        elif isinstance(value, dict):
            self.tree(value, at)
        else:
            self.refuse(at, _table_expected(at, value) + self._keys_below(at, value))

    def _keys_below(self, at: Key, value: Any) -> str:
        """« ; its keys: X, Y » of a table that was given a number, and the number meant."""
        if isinstance(value, dict | list | bool):
            return ""
        keys: list[str] = []
        for key in schema.keys_below(at.path):
            known = self._known(schema.code_at((*at.path, key)))
            keys += [key] if key != "*" else known.sorted() if known else []
        told = [written_key((*at.typed, key)) for key in keys[:_MOST_KEYS]]
        told += ["…"] if keys[_MOST_KEYS:] else []
        number = typed_numbers.hint(value) if isinstance(value, str) else ""
        return (_("; its keys: {keys}").format(keys=", ".join(told)) if told else "") + number

    def _drop_limit(self, at: Key, value: Any) -> None:
        """Take a limit of the user's own away, which the layers before have put there."""
        there = [known for known in self.draft.entries if known[:2] == at.path]
        if value != "none":
            self.refuse(at, _table_expected(at, value))
        elif not there:
            names = {known[1] for known in self.draft.entries if known[0] == "limits"}
            text = _("there is no such limit to take away{hint}")
            self.refuse(at, text.format(hint=closest(at.path[1], names)))
        for known in there:
            del self.draft.entries[known]

    def _parameter(self, path: KeyPath) -> Parameter | None:
        """The parameter of a path; in a scenario any column of a territory is one."""
        parameter = schema.find(path)
        if parameter is None and len(path) == 3 and path[0] == "territories":
            known = path[2] in self.draft.indicators
            return schema.INDICATOR if known or not self.draft.territories.complete else None
        return parameter

    def _unknown(self, at: Key) -> str:
        first = at.path[0]
        if first in _ONLY_IN_MODELS:
            return _("belongs in a model, not in a scenario")
        if first in schema.LINKS:
            return _("belongs in the scenario's file; --set cannot change it")
        if first == "limits" and at.path[-1] == "at_most_rate":
            return _("a rate is demanded as at_least_rate; it cannot be forbidden")
        if len(self.draft.refused) > _MOST_HINTS:
            return _("unknown key{hint}").format(hint="")
        more = sorted(self.draft.indicators) if first == "territories" else ()
        return _("unknown key{hint}").format(hint=schema.suggestion(at.typed, self.whole, more))

    # -- codes ---------------------------------------------------------------------------------

    def _with_code(self, at: Key) -> Key | None:
        """A key with a code in the place of a name; None, and a mistake, for an unknown code."""
        *before, last = at.path
        if self.numbers and not before and last in _ONLY_IN_SCENARIOS:
            link = last in schema.LINKS
            text = _("belongs in a scenario; a model has territories.csv and contracts.csv")
            self.refuse(at, _("belongs in a scenario, not in a model") if link else text)
            return None
        of = schema.code_at(at.path)
        codes = self._known(of)
        if of == "limit" and not kinds.is_code(last):
            self.refuse(at, _(BAD_CODE).format(code=written(last)))
            return None
        if codes is None:
            return at
        code = codes.find(last)
        if code is None and of == "place" and schema.find(("limits", "*", last)) is not None:
            self.refuse(at, _(LIMIT_RESERVED).format(name=before[1]))
        elif code is None and codes.complete:
            self.refuse(at, self._unknown_code(codes, last))
        else:
            return Key((*before, code or last), at.typed)
        return None

    def _known(self, of: str | None) -> Codes | None:
        """The codes of a kind that there are so far; None for what may be any."""
        territories = self.draft.territories
        if of == "place":
            areas = (e.value for p, e in self.draft.entries.items() if p[2:] == ("area",))
            own = {str(area): str(area) for area in areas if area is not None}
            return Codes({**territories.names, **own}, complete=territories.complete)
        return {"territory": territories, "segment": self.draft.segments}.get(of or "")

    def _unknown_code(self, codes: Codes, text: str) -> str:
        hint = codes.hint(text) if len(self.draft.refused) <= _MOST_HINTS else ""
        is_segment = codes is self.draft.segments
        said = _("no such kind of buyer in {model} ({known}){hint}")
        template = said if is_segment else _("no such territory in {model}{hint}")
        known = ", ".join(codes.sorted())
        return template.format(model=self.draft.model, hint=hint, known=known)

    def _codes(self, at: Key, value: Any) -> str | list[str] | None:
        """Codes given by code or by name, in order and each once; None for one that is unknown.

        Areas are looked for when all are known; a territory's name may stand for its area.
        """
        codes, found = self.draft.territories, set()
        for text in map(str, value if isinstance(value, list) else [value]):
            code = codes.find(text)
            if code is None and at.path[-1] == "territories" and codes.complete:
                self.refuse(at, f"{text}: {self._unknown_code(codes, text)}")
                return None
            found.add(code or text)
        return sorted(found) if isinstance(value, list) else next(iter(found))

    # -- values --------------------------------------------------------------------------------

    def _value(self, parameter: Parameter, at: Key, value: Any) -> None:
        """Take a value, in the form that its file must give it."""
        said: Mapping[str, Any] | None = None
        if self.numbers and parameter.is_quantity:
            if not self.numbers.describes(at.typed, value, parameter.unit):
                self.draft.refused.add(at.path)
                return
            said, value = value, value["value"]
        elif isinstance(value, dict) and "value" in value:
            self.refuse(at, _("expected the bare value here, without unit and status"))
            return
        if not (isinstance(value, dict) and parameter.by_year and len(at.path) == parameter.depth):
            self._take(parameter, at, value, said)
            return
        if not value:
            self.refuse(at, _("is an empty table, expected a value or one a year"))
        for year, one in value.items():
            if kinds.YEAR.fullmatch(year):
                self._take(parameter, at.below(year), one, said)
            else:
                text = _('"{year}" is not a year of four digits')
                self.refuse(at.below(year), text.format(year=year))

    def _take(
        self, parameter: Parameter, at: Key, value: Any, said: Mapping[str, Any] | None
    ) -> None:
        """Check one value and put it over what was there."""
        path, typed = at
        before = self.taken.get(path) or self.taken.get((*path, ""))
        if self.whole is None:  # of several --set, that for all years comes first, and may
            before = before or self.taken.get(path[:-1])
        if before:  # by another name of the same code
            text = _("is given twice, here and as {other}; keep one")
            self.refuse(at, text.format(other=written_key(before)))
            return
        self.taken[path] = typed
        self.taken.setdefault((*path[:-1], ""), typed)
        if what := self._fault(parameter, path, value):
            self.refuse(at, what)
            return
        if value == "none" and parameter.optional:
            value = None
        elif parameter.kind in kinds.FLOATS:
            value = float(value)
        elif parameter.kind in ("code", "codes"):
            value = self._codes(at, value)
            if value is None:
                return
        by_year = len(path) > parameter.depth
        if by_year or parameter.codes == ("year",):
            self.by_year.append(typed)
        where, unit = self.layer.where(typed), parameter.unit
        if parameter is schema.INDICATOR:
            column = self.draft.columns.get("territories", {}).get(path[2])
            unit = column.unit if column else None
        entry = Entry(value, where, unit) if said is None else described(value, where, said)
        self.draft.put(path, entry, by_year=parameter.by_year and not by_year)
        in_french = (*path[:-1], f"{path[-1]}_fr")
        if in_french not in self.taken:  # another text leaves no older translation behind
            self.draft.entries.pop(in_french, None)

    def _fault(self, parameter: Parameter, path: KeyPath, value: Any) -> str:
        """What is wrong with a value; empty where it is right."""
        if value == "none" and parameter.optional:
            return ""
        what = kinds.fault(parameter.kind, value, optional=parameter.optional)
        if not what and parameter.key == "territories.*.area" and not kinds.is_code(value):
            what = _(BAD_CODE).format(code=written(value))
        if not what and parameter.codes == ("year",) and not kinds.YEAR.fullmatch(path[-1]):
            what = _('"{year}" is not a year of four digits').format(year=path[-1])
        if what and isinstance(value, dict):
            tables = [key for key in schema.siblings(path) if schema.is_table((*path[:-1], key))]
            what += closest(path[-1], tables)
        return what


def _table_expected(at: Key, value: Any) -> str:
    text = _("is {value}, expected a table: [{key}]")
    return text.format(value=written(value), key=written_key(at.typed))
