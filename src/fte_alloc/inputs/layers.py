"""The values of a layer (a model, a scenario or a ``--set``), checked and put over those before.

Tables merge key by key and lists replace. A value for all years replaces those by year; a table by
year changes only the years it names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fte_alloc.inputs import schema, values
from fte_alloc.inputs.codes import Codes, code_fault, did_you_mean
from fte_alloc.inputs.draft import Draft, read_long_form, table_fault, unknown_keys
from fte_alloc.inputs.entries import Entry
from fte_alloc.inputs.schema import Parameter
from fte_alloc.inputs.toml import Layer
from fte_alloc.inputs.values import KeyPath, written_value
from fte_alloc.language import _
from fte_alloc.names import LIMIT_RESERVED, NO_SUCH_PLACE, UNKNOWN_OBJECTIVE
from fte_alloc.programme.objectives import OBJECTIVES

SENSES = ("maximise", "minimise")
#: Keys of one entry of ``[[stages]]``.
STAGE_KEYS = (*SENSES, "concede")
#: Keys that only one of the two kinds of file may have.
_ONLY_IN_MODELS = ("sources", "tables")
_ONLY_IN_SCENARIOS = ("territories", "contracts", *schema.LINKS)
#: Most wrong keys for which a similar known key is looked for.
_MOST_HINTS = 100


def put_layer(draft: Draft, layer: Layer) -> None:
    """Put the values of a scenario, or of a model in long form, in place of the present ones."""
    but_for = _ONLY_IN_MODELS if layer is draft.model_layer else schema.LINKS
    reader = LayerReader(draft, layer)
    reader.put_tree({key: value for key, value in layer.content.items() if key not in but_for}, ())
    reader.finish()


@dataclass
class LayerReader:
    """Reader of the values of one layer into a draft.

    taken : places of the keys that were set so far, to find keys given twice; an empty last part
        stands for any year
    described : status and source of values, where the layer gives these
    by_year : keys of values by year
    """

    draft: Draft
    layer: Layer
    taken: dict[KeyPath, str] = field(default_factory=dict)
    described: dict[KeyPath, Entry] = field(default_factory=dict)
    by_year: list[KeyPath] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.is_model = self.layer is self.draft.model_layer

    def finish(self) -> None:
        """Store a scenario's keys by year in the draft, to be checked once all years are known."""
        if not self.is_model:
            where, years = self.layer.where, self.draft.years or ()
            self.draft.year_uses += [(where(path), path, years) for path in self.by_year]

    def refuse(self, path: KeyPath, what: str, **parts: object) -> None:
        """Record a mistake about a value of this layer, and mark its path as refused."""
        self.draft.refuse(path, what, self.layer, **parts)

    # -- walking -------------------------------------------------------------------------------

    def put_tree(self, node: Mapping[str, Any], within: KeyPath) -> None:
        """Put every value of a nested table into the draft, or record why it is refused."""
        for part, value in node.items():
            path = self._with_code((*within, part))
            if path is None:
                continue
            parameter = self._parameter(path)
            if path[0] == "limits" and len(path) == 2 and not isinstance(value, dict):
                self._drop_limit(path, value)
            elif path == ("stages",):
                self._stages(path, value)
            elif parameter is not None:
                self._put_input(parameter, path, value)
            elif not schema.is_table_path(path):
                self.refuse(path, self._unknown(path))
            elif isinstance(value, dict):
                self.put_tree(value, path)
            else:
                self.refuse(path, table_fault(path, value))

    def _drop_limit(self, path: KeyPath, value: Any) -> None:
        names = {known[1] for known in self.draft.entries if known[0] == "limits"}
        if value != "none":
            self.refuse(path, table_fault(path, value))
        elif path[1] not in names:
            text = _("there is no such limit to take away{hint}")
            self.refuse(path, text, hint=did_you_mean(path[1], names))
        self.draft.drop(*path)

    def _parameter(self, path: KeyPath) -> Parameter | None:
        """Parameter of a path, ``INDICATOR`` for another column of territories, or None."""
        parameter = schema.find_parameter(path)
        if parameter is None and len(path) == 3 and path[0] == "territories":
            known = path[2] in self.draft.indicators
            return schema.INDICATOR if known or not self.draft.territories.complete else None
        return parameter

    def _unknown(self, path: KeyPath) -> str:
        first = path[0]
        if first in _ONLY_IN_MODELS:
            return _("belongs in a model, not in a scenario")
        if first in schema.LINKS:
            return _("belongs in the scenario's file; --set cannot change it")
        if first == "limits" and path[-1] == "at_most_rate":
            return _("a rate is demanded as at_least_rate; it cannot be forbidden")
        like = ""
        if len(self.draft.refused) <= _MOST_HINTS:
            more = sorted(self.draft.indicators) if first == "territories" else ()
            like = schema.key_suggestion(path, self.layer.whole, more)
        return _("unknown key{hint}").format(hint=like)

    # -- codes ---------------------------------------------------------------------------------

    def _with_code(self, path: KeyPath) -> KeyPath | None:
        """Path with the code for a name in its last part; None, after a mistake, if unknown."""
        *before, last = path
        if self.is_model and not before and last in _ONLY_IN_SCENARIOS:
            link = last in schema.LINKS
            text = _("belongs in a scenario; a model has territories.csv and contracts.csv")
            self.refuse(path, _("belongs in a scenario, not in a model") if link else text)
            return None
        of, draft = schema.code_kind(path), self.draft
        is_limit_key = schema.find_parameter(("limits", "*", last)) is not None
        known = {"territory": draft.territories, "segment": draft.segments}
        codes = draft.areas if of == "area" else known.get(of or "")
        code = codes.find(last) if codes is not None else last
        if of == "limit" and (what := code_fault(last)):
            self.refuse(path, what)
        elif code is None and before[0] == "limits" and is_limit_key:
            self.refuse(path, _(LIMIT_RESERVED), name=before[1])
        elif code is None and codes is not None and codes.complete:
            self.refuse(path, self._unknown_code(codes, last, of))
        elif code in (None, last):
            return path
        else:  # what stands under a name has its place under the code, too
            by_code, depth = (*before, code), len(path)
            places = self.layer.places
            places |= {(*by_code, *p[depth:]): places[p] for p in [*places] if p[:depth] == path}
            return by_code
        return None

    def _unknown_code(self, codes: Codes, text: str, of: str | None = None) -> str:
        """Text of the mistake for a text that means no code of the kind *of*."""
        like = codes.hint(text) if len(self.draft.refused) <= _MOST_HINTS else ""
        what, where = _("no such kind of buyer in {model} ({known}){hint}"), self.draft.model
        if codes is not self.draft.segments:
            what = _(NO_SUCH_PLACE["area" if of == "area" else "territory"])
            where = self.draft.own_list or where
        return what.format(model=where, hint=like, known=", ".join(sorted(codes)))

    def _codes(self, path: KeyPath, value: Any) -> str | list[str] | None:
        """Codes given by code or by name, sorted, each once; None, with a mistake, if unknown.

        Areas that are not known yet are checked later, when all areas are known.
        """
        if not isinstance(value, list):
            return self.draft.areas.find(str(value)) or str(value)
        is_area = path[-1] == "areas"
        codes = self.draft.areas if is_area else self.draft.territories
        found = {text: codes.find(text) for text in map(str, value)}
        for text, code in found.items():
            if code is None and not is_area and codes.complete:
                self.refuse(path, f"{text}: {self._unknown_code(codes, text)}")
                return None
        return sorted({code or text for text, code in found.items()})

    # -- values --------------------------------------------------------------------------------

    def _put_input(self, parameter: Parameter, path: KeyPath, value: Any) -> None:
        """Put a value from its long form, as models must give it, or bare, as other layers must."""
        entry = Entry(None, "", parameter.unit)
        if self.is_model and parameter.unit:
            found = read_long_form(self.draft, path, value, parameter.unit)
            if found is None:
                self.draft.refused.add(path)
                return
            entry, value = found, value["value"]
        elif isinstance(value, dict) and "value" in value:
            self.refuse(path, _("expected the bare value here, without unit and status"))
            return
        by_year = isinstance(value, dict) and parameter.by_year and len(path) == parameter.depth
        if by_year and not value:
            self.refuse(path, _("is an empty table, expected a value or one a year"))
        given = {(*path, year): one for year, one in value.items()} if by_year else {path: value}
        for key, one in given.items():
            self._put_value(parameter, key, one, entry)

    def _put_value(self, parameter: Parameter, path: KeyPath, value: Any, entry: Entry) -> None:
        """Check one value and put it, with what its *entry* says of it, in place of that before."""
        where = self.layer.where(path)
        before = self.taken.get(path) or self.taken.get((*path, ""))
        if self.layer.whole is None:  # with --set, a year may follow a value for all
            before = before or self.taken.get(path[:-1])
        if before:
            self.refuse(path, _("is given twice, here and in {other}; keep one"), other=before)
            return
        self.taken[path] = where
        self.taken.setdefault((*path[:-1], ""), where)
        if value == "none" and parameter.optional:
            value = None
        elif what := self._fault(parameter, path, value):
            self.refuse(path, what)
            return
        elif parameter.kind in values.FLOATS:
            value = float(value)
        elif parameter.kind in ("code", "codes"):
            value = self._codes(path, value)
            if value is None:
                return
        if len(path) > parameter.depth or parameter.codes == ("year",):
            self.by_year.append(path)
        entry = self.described.get(path, entry)._replace(value=value, origin=where)
        if parameter is schema.INDICATOR and path[2] in self.draft.columns["territories"]:
            entry = entry._replace(unit=self.draft.columns["territories"][path[2]].unit)
        self.draft.put(path, entry)
        in_french = (*path[:-1], f"{path[-1]}_fr")
        if in_french not in self.taken:  # a new text removes the old translation
            self.draft.entries.pop(in_french, None)

    def _fault(self, parameter: Parameter, path: KeyPath, value: Any) -> str:
        """Text on what is wrong with a value; empty for a valid value."""
        is_cell, may_lack = bool(self.layer.sheets), parameter.optional
        what = values.value_fault(parameter.kind, value, optional=may_lack, is_cell=is_cell)
        if not what and parameter.key == "territories.*.area":
            what = code_fault(value)
        if len(path) > parameter.depth or parameter.codes == ("year",):
            what = values.year_fault(path[-1]) or what
        if what and isinstance(value, dict):
            beside = schema.sibling_keys(path)
            tables = (key for key in beside if schema.is_table_path((*path[:-1], key)))
            what += did_you_mean(path[-1], tables)
        return what

    # -- stages --------------------------------------------------------------------------------

    def _stages(self, path: KeyPath, stages: Any) -> None:
        """Replace the present list of stages by a new one."""
        is_list = isinstance(stages, list) and stages
        if not is_list or not all(isinstance(stage, dict) for stage in stages):
            text = _(
                "expected one [[stages]] table or more, or a whole list such as [{ maximise = "
                '"coverage" }]'
            )
            self.refuse(path, text)
            return
        self.draft.drop("stages")
        served: set[str] = set()
        for number, stage in enumerate(stages, start=1):
            self._stage((*path, str(number)), stage, served)

    def _stage(self, path: KeyPath, stage: Mapping[str, Any], served: set[str]) -> None:
        """Check a stage and put its values; *served* are the objectives of the stages before."""
        strange = unknown_keys(stage, STAGE_KEYS)
        for key, what in strange.items():
            self.refuse((*path, key), what)
        sense, *more = [key for key in SENSES if key in stage] or [""]
        if more or not sense:
            if not strange:
                self.refuse(path, _("expected either maximise or minimise"))
            return
        objective, concede = stage[sense], stage.get("concede", 0.0)
        known = [key for key, one in OBJECTIVES.items() if one.sense == sense]
        if objective not in known:
            hint, listed = did_you_mean(str(objective), known), ", ".join(known)
            parts = {"objective": written_value(objective), "known": listed, "hint": hint}
            self.refuse((*path, sense), _(UNKNOWN_OBJECTIVE), **parts)
        elif objective in served:
            self.refuse((*path, sense), _("{objective} is served twice"), objective=objective)
        served.add(str(objective))
        if what := values.value_fault("concede", concede):
            self.refuse((*path, "concede"), what)
        elif objective in known:
            for key, value, unit in ((sense, objective, None), ("concede", float(concede), "1")):
                self.draft.put((*path, key), Entry(value, self.layer.where((*path, key)), unit))
