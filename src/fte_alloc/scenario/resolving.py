"""Layers of files → Inputs: model < parent scenario < scenario < ``--set``, all checked.

Values are kept flat, by dotted path. Every mistake of every file is collected before any is raised.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fte_alloc import words
from fte_alloc.errors import InputError, Mistake
from fte_alloc.problem import SENSES
from fte_alloc.scenario import schema
from fte_alloc.scenario.finding import Layer, Reader, locate, scenario_chain, shown_path
from fte_alloc.scenario.inputs import Entry, Inputs, closest, plain, show_value
from fte_alloc.scenario.plans import PostCodes, read_posts
from fte_alloc.scenario.tables import Table

KeyPath = tuple[str, ...]
_LINKS = ("model", "extends")
_CODE_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def read_inputs(
    scenario: str | os.PathLike[str], overrides: Mapping[str, Any] | None = None
) -> Inputs:
    """Read and check every file behind a scenario.

    Raises InputError with every mistake in every file.
    """
    reader = Reader()
    given = os.fspath(scenario)
    chain = scenario_chain(reader, given)
    with_model = [layer for layer in chain if "model" in layer.content]
    if not with_model:
        raise InputError([Mistake(chain[-1].name, words.NO_MODEL)])
    layer = with_model[-1]
    where = layer.where(("model",))
    model = layer.content["model"]
    if not isinstance(model, str):
        raise InputError([Mistake(where, words.EXPECTED_TEXT)])
    folder = locate(model, "models", layer.path.parent, where)
    name = Path(given).stem if given.endswith(".toml") else given
    return Resolver(reader, name, folder, chain, dict(overrides or {})).inputs()


class Resolver:
    """The layers of one scenario, merged one over the other."""

    def __init__(
        self,
        reader: Reader,
        name: str,
        folder: Path,
        chain: Sequence[Layer],
        overrides: Mapping[str, Any],
    ) -> None:
        self.reader, self.name, self.folder = reader, name, folder
        self.chain, self.overrides = chain, overrides
        self.entries: dict[KeyPath, Entry] = {}
        self.sources: dict[str, dict[str, str]] = {}
        self.columns: dict[str, dict[str, Entry]] = {"territories": {}, "contracts": {}}
        self.code_of: dict[str, str] = {}
        self.stages: Entry | None = None
        self.model_title = ""
        self.model_file = shown_path(folder / "model.toml")

    def inputs(self) -> Inputs:
        content, lines, name = self.reader.toml(self.folder / "model.toml")
        model = Layer(self.folder / "model.toml", name, content, lines)
        self._read_model(model)
        self._read_tables()
        for layer in self.chain:
            self._read_scenario(layer)
        for key, value in self.overrides.items():
            self._override(key, value)
        titles = [layer.content["title"] for layer in self.chain if "title" in layer.content]
        years = self._years()
        entries = self._resolved(years)
        if self.reader.mistakes:
            raise InputError(self.reader.mistakes)
        reference_posts = self._reference_posts(entries)
        return Inputs(
            name=self.name,
            model=self.folder.name,
            title=str(titles[-1]) if titles else self.model_title,
            model_title=self.model_title,
            territory=str(entries["territory"].value),
            entries=entries,
            sources=self.sources,
            files=dict(sorted(self.reader.files.items())),
            overrides=self.overrides,
            warnings=tuple(self.reader.warnings),
            reference_posts=reference_posts,
        )

    def _reference_posts(
        self, entries: Mapping[str, Entry]
    ) -> Mapping[tuple[str, str, int], float] | None:
        """New posts of the plan that the stage ``change`` is measured from."""
        entry = entries.get("reference_plan")
        if entry is None:
            return None
        origin = entry.origin.rsplit(":", 1)[0]
        beside = next((x.path.parent for x in self.chain if x.name == origin), Path.cwd())
        path = beside / entry.value
        areas = {
            c: str(self.entries.get(("territories", c, "area"), Entry(c, "")).value)
            for c in self.codes()
        }
        posts = read_posts(path, PostCodes(self.territory, areas), entries["years"].value)
        self.reader.note_file(path)
        return posts

    def wrong(self, where: str, path: Sequence[str], what: str) -> None:
        key = ".".join(path)
        # A --set already shows its key.
        self.reader.add(where, what if where.startswith("--set") else f"{key}: {what}")

    # -- the model -----------------------------------------------------------------------------

    def _read_model(self, model: Layer) -> None:
        content = dict(model.content)
        self._read_sources(model, content.pop("sources", {}))
        tables = content.pop("tables", {})
        for table in tables if isinstance(tables, dict) else ():
            if table not in self.columns and table != "curves":
                path = ("tables", table)
                hint = closest(table, [*self.columns, "curves"])
                self.wrong(model.where(path), path, words.UNKNOWN_KEY.format(hint=hint))
                continue
            for column, said in tables[table].items():
                path = ("tables", table, column)
                if self._described(model, path, said, {"value": 0.0} | _dict(said), None):
                    self.columns.setdefault(table, {})[column] = _entry(0.0, "", said)
        self.model_title = str(content.get("title", self.folder.name))
        self._walk(model, content, (), in_model=True)

    def _read_sources(self, model: Layer, sources: Any) -> None:
        for code, source in _dict(sources).items():
            for key in _dict(source):
                if key not in schema.SOURCE_KEYS:
                    path = ("sources", code, key)
                    hint = closest(key, schema.SOURCE_KEYS)
                    self.wrong(model.where(path), path, words.UNKNOWN_KEY.format(hint=hint))
            self.sources[code] = {k: str(v) for k, v in _dict(source).items()}

    def _described(
        self,
        model: Layer,
        path: KeyPath,
        written: Any,
        said: Mapping[str, Any],
        unit: str | None,
    ) -> bool:
        """Check what a model says of a number: unit, status, and where it comes from."""
        before = len(self.reader.mistakes)
        where = model.where(path)
        if not isinstance(written, dict):
            self.wrong(where, path, words.LONG_FORM.format(value=_shown(written)))
            return False
        for key in said:
            if key not in schema.QUANTITY_KEYS:
                hint = closest(key, schema.QUANTITY_KEYS)
                below = (*path, key)
                self.wrong(model.where(below), below, words.UNKNOWN_KEY.format(hint=hint))
        for key in ("value", "unit", "status"):
            if key not in said:
                self.wrong(where, path, words.QUANTITY_LACKS.format(key=key))
        status, source = said.get("status"), said.get("source")
        if "unit" in said and unit is not None and said["unit"] != unit:
            self.wrong(where, path, words.WRONG_UNIT.format(unit=said["unit"], expected=unit))
        if "status" in said and status not in ("published", "derived", "assumption"):
            self.wrong(where, path, words.WRONG_STATUS.format(status=_shown(status)))
        elif status in ("published", "derived") and source is None:
            self.wrong(where, path, words.NEEDS_SOURCE.format(status=status))
        elif status == "assumption" and not said.get("note"):
            self.wrong(where, path, words.NEEDS_NOTE)
        if source is not None and source not in self.sources:
            hint = closest(str(source), self.sources)
            self.wrong(where, path, words.UNKNOWN_SOURCE.format(source=source, hint=hint))
        return len(self.reader.mistakes) == before

    # -- TOML trees ----------------------------------------------------------------------------

    def _read_scenario(self, layer: Layer) -> None:
        content = {k: v for k, v in layer.content.items() if k not in _LINKS}
        for key in ("sources", "tables"):
            if key in content:
                self.wrong(layer.where((key,)), (key,), words.ONLY_IN_MODELS)
                del content[key]
        self._walk(layer, content, (), in_model=False)

    def _walk(self, layer: Layer, node: Mapping[str, Any], path: KeyPath, in_model: bool) -> None:
        """Take every value of a TOML tree, or say why it cannot be taken."""
        for key, value in node.items():
            here = (*path, key)
            where = layer.where(here)
            if here == ("stages",):
                self._take_stages(layer, value)
                continue
            here = self._coded(here, where, in_model)
            if here is None:
                continue
            parameter = schema.find(here)
            if parameter is not None and len(here) == len(parameter.key.split(".")):
                if in_model and parameter.is_quantity:
                    if self._described(layer, here, value, _dict(value), parameter.unit):
                        self._take(parameter, here, value["value"], where, value)
                elif isinstance(value, dict) and "value" in value:
                    self.wrong(where, here, words.BARE_VALUE)
                else:
                    self._take(parameter, here, value, where, None)
            elif isinstance(value, dict) and schema.is_table(here):
                self._walk(layer, value, here, in_model)
            else:
                self._unknown(here, where)

    def _unknown(self, path: KeyPath, where: str) -> None:
        known = list(schema.siblings(path))
        if len(path) == 1:
            known += ["stages", *_LINKS]
        hint = closest(path[-1], known)
        if where.startswith("--set"):
            close = closest(".".join(path), [p.key for p in schema.PARAMETERS if "*" not in p.key])
            hint = close or hint
        self.wrong(where, path, words.UNKNOWN_KEY.format(hint=hint))

    def _coded(self, path: KeyPath, where: str, in_model: bool) -> KeyPath | None:
        """A path with codes in the place of names, None (and a mistake) for an unknown code."""
        head = path[0] if path else ""
        at = 1 if head in ("territories", "contracts") else 2
        if in_model and head in ("territories", "contracts"):
            self.wrong(where, path, words.ONLY_IN_SCENARIOS)
            return None
        if len(path) == at + 1 and (
            head in ("territories", "contracts") or path[:2] == ("weights", "territory")
        ):
            code = self.territory(path[at])
            if in_model:
                return path  # territories are not known yet; checked when they are
            if code is None:
                names = {f"{c} ({self._name(c)})": c for c in self.codes()}
                by_code = closest(path[at], names.values()) or closest(
                    path[at], [self._name(c) for c in self.codes()]
                )
                hint = by_code
                for shown, c in names.items():
                    if by_code == words.DID_YOU_MEAN.format(name=c):
                        hint = words.DID_YOU_MEAN.format(name=shown)
                model = self.folder.name
                self.wrong(where, path, words.UNKNOWN_TERRITORY.format(model=model, hint=hint))
                return None
            return (*path[:at], code)
        segment_at = {"contracts": 2, "coverage": 2, "weights": 2}.get(head)
        if (
            not in_model
            and segment_at is not None
            and len(path) == segment_at + 1
            and (head == "contracts" or path[1] in ("segments", "segment"))
        ):
            known = self.segments()
            if path[segment_at] not in known:
                hint = closest(path[segment_at], known)
                self.wrong(
                    where, path, words.UNKNOWN_SEGMENT.format(hint=hint, known=", ".join(known))
                )
                return None
        return path

    def _take(
        self, parameter: schema.Parameter, path: KeyPath, value: Any, where: str, said: Any
    ) -> None:
        """Check one value, or one value a year, and put it over what was there."""
        if isinstance(value, dict) and parameter.by_year and len(path) == _depth(parameter):
            if not value:
                self.wrong(where, path, words.EMPTY_BY_YEAR)
            for year, one in value.items():
                if not (year.isdigit() and len(year) == 4):
                    self.wrong(where, (*path, year), words.NOT_A_YEAR.format(year=year))
                else:
                    self._take(parameter, (*path, year), one, where, said)
            return
        if value == "none" and parameter.optional:
            taken = None
        elif not schema.valid(parameter.kind, value):
            expected = words.EXPECTED[parameter.kind]
            if parameter.optional:
                expected += words.OR_NONE
            self.wrong(
                where, path, words.IS_EXPECTED.format(value=_shown(value), expected=expected)
            )
            return
        else:
            taken = (
                float(value)
                if isinstance(value, int)
                and parameter.kind in ("amount", "positive", "rate", "number")
                else value
            )
        if len(path) == _depth(parameter):
            for longer in [p for p in self.entries if p[:-1] == path and parameter.by_year]:
                del self.entries[longer]
        unit = None if parameter.unit is None else parameter.unit
        status = "scenario" if said is None else said["status"]
        self.entries[path] = Entry(
            taken, where, unit, status, _dict(said).get("source"), _dict(said).get("note")
        )

    def _take_stages(self, layer: Layer, stages: Any) -> None:
        where = layer.where(("stages",))
        if not isinstance(stages, list) or not stages:
            self.wrong(where, ("stages",), words.STAGES_LIST)
            return
        checked: list[tuple[str, float]] = []
        for number, stage in enumerate(stages):
            path = ("stages", str(number))
            place = layer.where(path)
            label = ("stages", str(number + 1))
            named = [k for k in ("maximise", "minimise") if k in _dict(stage)]
            for key in _dict(stage):
                if key not in schema.STAGE_KEYS:
                    hint = closest(key, schema.STAGE_KEYS)
                    self.wrong(
                        layer.where((*path, key)),
                        (*label, key),
                        words.UNKNOWN_KEY.format(hint=hint),
                    )
            if len(named) != 1:
                self.wrong(place, label, words.STAGE_ONE_SENSE)
                continue
            sense, objective = named[0], stage[named[0]]
            known = [name for name, s in SENSES.items() if s == sense]
            where = layer.where((*path, sense))
            if objective not in known:
                what = words.UNKNOWN_OBJECTIVE
                if SENSES.get(str(objective)):
                    what = words.OTHER_SENSE
                self.wrong(
                    where,
                    (*label, sense),
                    what.format(
                        objective=_shown(objective),
                        sense=sense,
                        hint=closest(str(objective), known),
                        known=", ".join(known),
                        other=SENSES.get(str(objective)),
                    ),
                )
                continue
            concede = stage.get("concede", 0.0)
            if not schema.valid("rate", concede) or concede >= 1:
                self.wrong(
                    layer.where((*path, "concede")),
                    (*label, "concede"),
                    words.IS_EXPECTED.format(
                        value=_shown(concede), expected=words.EXPECTED_CONCEDE
                    ),
                )
                continue
            if objective in [name for name, _ in checked]:
                self.wrong(where, (*label, sense), words.STAGE_TWICE.format(objective=objective))
            checked.append((str(objective), float(concede)))
        self.stages = Entry(tuple(checked), layer.where(("stages",)))

    def _override(self, key: str, value: Any) -> None:
        where = f"--set {key}={show_value(value)}"
        if key == "stages":
            self._take_stages(Layer(Path(), where, {}, {}), value)
            return
        path: KeyPath | None = ()
        for part in key.split("."):
            assert path is not None
            path = self._coded((*path, part), where, in_model=False)
            if path is None:
                return
        assert path is not None
        parameter = schema.find(path)
        if parameter is None:
            self._unknown(path, where)
        elif isinstance(value, dict) and not parameter.by_year:
            self.wrong(
                where,
                path,
                words.IS_EXPECTED.format(
                    value=_shown(value), expected=words.EXPECTED[parameter.kind]
                ),
            )
        else:
            self._take(parameter, path, value, where, None)

    # -- tables --------------------------------------------------------------------------------

    def _read_tables(self) -> None:
        territories = self.reader.table(self.folder / "territories.csv", ("code", "name"))
        if territories is not None:
            self._read_territories(territories)
        contracts = self.reader.table(
            self.folder / "contracts.csv", ("territory", "segment", "contracts_per_year")
        )
        if contracts is not None and territories is not None:
            self._read_contracts(contracts)
        entry = self.entries.get(("coverage", "curve"))
        if entry is not None and entry.value == "table" and territories is not None:
            curves = self.reader.table(
                self.folder / "curves.csv", ("territory", "segment", "effort_fte", "contracts")
            )
            if curves is not None:
                self._read_curves(curves)

    def _read_territories(self, table: Table) -> None:
        described = self.columns["territories"]
        numeric = [c for c in table.columns if c not in ("code", "name", "area")]
        for column in numeric:
            if column not in described:
                hint = closest(column, schema.TERRITORY_COLUMNS)
                what = words.COLUMN_WITHOUT_STATUS.format(
                    column=column, table="territories", hint=hint
                )
                self.reader.add(f"{table.name}:1", what)
        self._refuse_mixed(table, numeric)
        labels: dict[str, str] = {}
        for row in table.rows:
            code, line = row["code"].text, row["code"].line
            where = f"{table.name}:{line}"
            if not code or not set(code) <= _CODE_CHARACTERS:
                self.reader.add(where, words.BAD_CODE.format(code=code))
                continue
            if code in self.codes():
                self.reader.add(where, words.CODE_TWICE.format(code=code))
                continue
            label = code.replace("-", "_")
            if label in labels:
                self.reader.add(where, words.CODES_COLLIDE.format(code=code, other=labels[label]))
            labels[label] = code
            name = row["name"].text or code
            self._column(("territories", code, "name"), name, where)
            for spelling in (code, plain(name)):
                self.code_of.setdefault(spelling, code)
            area = row["area"].text if "area" in row else ""
            if area and not set(area) <= _CODE_CHARACTERS:
                self.reader.add(where, words.BAD_CODE.format(code=area))
            elif area:
                self._column(("territories", code, "area"), area, where)
            for column in numeric:
                self._read_number(table, row, column, ("territories", code, column))

    def _read_number(
        self, table: Table, row: Mapping[str, Any], column: str, path: KeyPath
    ) -> None:
        cell = row[column]
        where = f"{table.name}:{cell.line}"
        parameter = schema.find(path)
        kind = parameter.kind if parameter else "number"
        if not cell.text or (cell.text == "none" and parameter and parameter.optional):
            return
        try:
            value = table.number(cell)
        except ValueError as error:
            self.reader.add(
                where,
                f"{column}: " + words.IS_EXPECTED.format(value=_shown(cell.text), expected=error),
            )
            return
        if not schema.valid(kind, value):
            self.reader.add(
                where,
                f"{column}: "
                + words.IS_EXPECTED.format(value=cell.text, expected=words.EXPECTED[kind]),
            )
            return
        said = self.columns[path[0]].get(
            column if path[0] == "territories" else "contracts_per_year"
        )
        self._column(path, value, where, said)

    def _column(self, path: KeyPath, value: Any, where: str, said: Entry | None = None) -> None:
        if said is None:
            self.entries[path] = Entry(value, where, status="table")
        else:
            self.entries[path] = Entry(value, where, said.unit, said.status, said.source, said.note)

    def _refuse_mixed(self, table: Table, columns: Sequence[str]) -> None:
        mixed = table.mixes_decimals(columns)
        if mixed:
            comma, point = mixed
            what = words.MIXED_DECIMALS.format(point=point.text, comma=comma.text, line=comma.line)
            self.reader.add(f"{table.name}:{point.line}", what)

    def _read_contracts(self, table: Table) -> None:
        if "contracts_per_year" not in self.columns["contracts"]:
            what = words.COLUMN_WITHOUT_STATUS.format(
                column="contracts_per_year", table="contracts", hint=""
            )
            self.reader.add(f"{table.name}:1", what)
        self._refuse_mixed(table, ["contracts_per_year"])
        for row, path in self._pairs(table, "contracts"):
            if not row["contracts_per_year"].text:
                where = f"{table.name}:{row['territory'].line}"
                self.reader.add(
                    where,
                    "contracts_per_year: "
                    + words.IS_EXPECTED.format(value=_shown(""), expected=words.EXPECTED["amount"]),
                )
            elif path in self.entries:
                where = f"{table.name}:{row['territory'].line}"
                self.reader.add(where, words.PAIR_TWICE.format(pair=" ".join(path[1:])))
            else:
                self._read_number(table, row, "contracts_per_year", path)

    def _pairs(self, table: Table, head: str) -> list[tuple[dict[str, Any], KeyPath]]:
        """Rows of a table by territory, segment and, where there is one, year."""
        found = []
        strange: dict[str, list[int]] = {}
        for row in table.rows:
            where = f"{table.name}:{row['territory'].line}"
            territory, segment = row["territory"].text, row["segment"].text
            code = self.territory(territory)
            if code is None:
                padded = territory.zfill(max((len(c) for c in self.codes()), default=2))
                lost = padded != territory and padded in self.codes()
                hint = (
                    words.LEADING_ZERO.format(code=padded)
                    if lost
                    else closest(territory, [*self.codes(), *map(self._name, self.codes())])
                )
                what = "territory: " + words.UNKNOWN_TERRITORY_IN_TABLE.format(
                    code=territory, hint=hint
                )
                strange.setdefault(what, []).append(row["territory"].line)
            if segment not in self.segments():
                hint = closest(segment, self.segments())
                what = "segment: " + words.UNKNOWN_SEGMENT_IN_TABLE.format(
                    segment=segment, hint=hint
                )
                strange.setdefault(what, []).append(row["territory"].line)
            if code is None or segment not in self.segments():
                continue
            path: KeyPath = (head, code, segment)
            year = row["year"].text if "year" in row else ""
            if year:
                if not (year.isdigit() and len(year) == 4):
                    self.reader.add(where, "year: " + words.NOT_A_YEAR.format(year=year))
                    continue
                path = (*path, year)
            found.append((row, path))
        for what, lines in strange.items():
            more = words.MORE_ROWS.format(count=len(lines) - 1) if len(lines) > 1 else ""
            self.reader.add(f"{table.name}:{lines[0]}", what + more)
        return found

    def _read_curves(self, table: Table) -> None:
        """Points of ``curve = "table"``, kept as one entry a curve: a tuple of points."""
        from fte_alloc.coverage import TableCurves

        self._refuse_mixed(table, ["effort_fte", "contracts"])
        points: dict[KeyPath, list[tuple[float, float, int]]] = {}
        for row, path in self._pairs(table, "curves"):
            try:
                effort, covered = (table.number(row[c]) for c in ("effort_fte", "contracts"))
            except ValueError as error:
                self.reader.add(f"{table.name}:{row['territory'].line}", str(error))
                continue
            points.setdefault(path, []).append((effort, covered, row["territory"].line))
        said = self.columns.get("curves", {}).get("contracts")
        if said is None:
            self.reader.add(
                f"{table.name}:1",
                words.COLUMN_WITHOUT_STATUS.format(column="contracts", table="curves", hint=""),
            )
        for path, rows in points.items():
            rows.sort()
            efforts, covered = [r[0] for r in rows], [r[1] for r in rows]
            where = f"{table.name}:{rows[0][2]}"
            pair = " ".join(path[1:])
            if efforts[0] != 0 or min(covered) < 0:
                self.reader.add(where, words.CURVE_START.format(pair=pair))
                continue
            twice = next((r for a, r in zip(rows, rows[1:], strict=False) if a[0] == r[0]), None)
            if twice:
                self.reader.add(
                    f"{table.name}:{twice[2]}",
                    words.CURVE_TWICE.format(pair=pair, effort=show_value(twice[0])),
                )
                continue
            fault = TableCurves.first_fault(efforts, covered)
            if fault is not None:
                lines = ", ".join(str(rows[j][2]) for j in range(max(0, fault - 2), fault + 1))
                self.reader.add(
                    f"{table.name}:{rows[fault][2]}",
                    words.CURVE_NOT_CONCAVE.format(pair=pair, lines=lines),
                )
                continue
            self._column(path, tuple(zip(efforts, covered, strict=True)), where, said)

    # -- what is known so far ------------------------------------------------------------------

    def territory(self, text: str) -> str | None:
        """Code of a territory given by code or by name, accents optional."""
        return self.code_of.get(text) or self.code_of.get(plain(text))

    def codes(self) -> list[str]:
        return sorted({p[1] for p in self.entries if p[0] == "territories"})

    def _name(self, code: str) -> str:
        return str(self.entries[("territories", code, "name")].value)

    def segments(self) -> list[str]:
        """Codes of the kinds of buyer, as the model names them."""
        return sorted({p[2] for p in self.entries if p[:2] == ("coverage", "segments")})

    # -- resolved ------------------------------------------------------------------------------

    def _years(self) -> list[int]:
        entry = self.entries.get(("years",))
        if entry is None:
            return []
        years = sorted(entry.value)
        if len(set(years)) < len(years) or years[-1] - years[0] != len(years) - 1:
            self.wrong(entry.origin, ("years",), words.YEARS_CONSECUTIVE.format(years=years))
        self.entries[("years",)] = Entry(years, entry.origin, status=entry.status)
        return years

    def _resolved(self, years: Sequence[int]) -> dict[str, Entry]:
        """Entries by dotted key, years spread or gathered, defaults filled in."""
        from fte_alloc.scenario.checking import check_entries, default_paths

        spread: dict[KeyPath, Entry] = {}
        for path, entry in self.entries.items():
            parameter = schema.find(path)
            if parameter is None or not parameter.by_year:
                spread[path] = entry
            elif len(path) > _depth(parameter):
                self._check_year(path, entry, years)
        wanted = {p[: _depth(q)]: q for p in self.entries if (q := schema.find(p)) and q.by_year}
        for path, parameter in wanted.items():
            by_year = [self.entries.get((*path, str(y)), self.entries.get(path)) for y in years]
            missing = [y for y, e in zip(years, by_year, strict=True) if e is None]
            known = [e for e in by_year if e is not None]
            if missing and known:
                self.wrong(
                    known[0].origin,
                    path,
                    words.YEARS_MISSING.format(years=", ".join(map(str, missing))),
                )
            elif known and len({(e.value, e.status) for e in known}) == 1:
                spread[path] = known[-1]
            else:
                spread |= {(*path, str(y)): e for y, e in zip(years, known, strict=True)}
        for path, parameter in default_paths(spread, self.codes(), self.segments(), years):
            if parameter.default is schema.REQUIRED:
                self.wrong(
                    self.model_file, path, words.REQUIRED_MISSING.format(text=parameter.text)
                )
            else:
                spread[path] = Entry(parameter.default, "default", parameter.unit, "default")
        if self.stages is not None:
            for number, (objective, concede) in enumerate(self.stages.value, start=1):
                at = ("stages", str(number))
                spread[(*at, SENSES[objective])] = Entry(objective, self.stages.origin)
                spread[(*at, "concede")] = Entry(concede, self.stages.origin, "1")
        if not self.reader.mistakes:
            check_entries(self, spread, years)
        return {".".join(path): spread[path] for path in sorted(spread)}

    def _check_year(self, path: KeyPath, entry: Entry, years: Sequence[int]) -> None:
        year = int(path[-1])
        from_model = entry.status not in ("scenario",)
        if year not in years and not from_model:
            known = ", ".join(map(str, years))
            self.wrong(entry.origin, path, words.UNKNOWN_YEAR.format(year=year, known=known))


def _depth(parameter: schema.Parameter) -> int:
    return parameter.key.count(".") + 1


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _entry(value: Any, origin: str, said: Mapping[str, Any]) -> Entry:
    return Entry(
        value,
        origin,
        said.get("unit"),
        str(said.get("status")),
        said.get("source"),
        said.get("note"),
    )


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
