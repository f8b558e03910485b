"""Inputs while they are read: files, values that replace one another, and every mistake."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fte_alloc.errors import InputError, Mistake
from fte_alloc.inputs import schema
from fte_alloc.inputs.codes import Codes, did_you_mean
from fte_alloc.inputs.entries import Entry, area_names_by_code, mistake_at
from fte_alloc.inputs.input_files import read_bytes, real_path, shown_path
from fte_alloc.inputs.sheets import sheet_row
from fte_alloc.inputs.toml import Layer, parse_toml
from fte_alloc.inputs.values import KeyPath, value_fault, written_key, written_value
from fte_alloc.language import _, few, ngettext

Entries = dict[KeyPath, Entry]
#: Most mistakes of a file that are told of those alike but for numbers and quotations, and most
#: places of the others.
_MOST_ALIKE, _MOST_PLACES = 5, 10
_QUOTED = re.compile(r'"[^"]*"|\d+')
_STATUSES = ("published", "derived", "reported", "assumption")
#: Keys of the long form of a number, as a model gives it.
_QUANTITY_KEYS = ("value", "unit", "status", "source", "note")


class UnlistedFileError(Exception):
    """A file had to be read that is not among the files allowed; its text is the name shown."""


class Draft:
    """Values by path, codes known so far, files read, and every mistake, while inputs are read.

    A mistake is reported once: the path of a refused value is in ``refused``, and values that
    follow from it are not reported. Where the model could not be read, any code is accepted.

    only : the files that may be read, without pipes; None: any
    files : SHA-256 of every file read, by the name shown
    folder : folder of the model, empty where the scenario's model is not known
    own_list : workbook that lists all its territories, fewer than the model has; else empty
    model_layer : its model.toml, None where that could not be read
    columns : what the model says of its columns, by table
    indicators : columns of territories.csv that are not inputs themselves
    totals : codes and names of rows of territories.csv that are totals, as changed by ``plain``
    year_uses : place, key and years known when its layer was put, for keys by year in scenarios
    whole_tables : contracts and curves that could be read and have no mistake
    mapped : place and text of every heading of workbooks that was read, and its key
    notes : texts on rows of workbooks that were set aside
    """

    def __init__(self, only: Container[Path] | None = None, folder: Path = Path()) -> None:
        self.only, self.folder = only, folder
        self.mistakes: list[Mistake] = []
        self.warnings: list[Mistake] = []
        self.files: dict[str, str] = {}
        self.entries: Entries = {}
        self.refused: set[KeyPath] = set()
        self.territories = self.segments = Codes({}, complete=False)
        self.sources: dict[str, dict[str, str]] = {}
        self.columns: dict[str, dict[str, Entry]] = defaultdict(dict)
        self.indicators: set[str] = set()
        self.totals: set[str] = set()
        self.year_uses: list[tuple[str, KeyPath, tuple[int, ...]]] = []
        self.own_list = ""
        self.model_layer: Layer | None = None
        self.whole_tables: set[str] = set()
        self._years_named: set[str] = set()
        self.mapped: list[tuple[str, str, str]] = []
        self.notes: list[str] = []

    # -- mistakes ------------------------------------------------------------------------------

    def add(self, where: str, what: str, /, **parts: object) -> None:
        """Record a mistake, whose text is formatted with the values."""
        self.mistakes.append(Mistake(where, what.format(**parts) if parts else what))

    def warn(self, where: str, what: str, /, **parts: object) -> None:
        """Note a warning about something that is valid but should be checked."""
        self.warnings.append(Mistake(where, what.format(**parts) if parts else what))

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Record the mistakes of an InputError raised in the ``with`` block, and suppress it."""
        try:
            yield
        except InputError as error:
            self.mistakes += error.mistakes

    def refuse(
        self, path: KeyPath, what: str, where: str | Layer | None = None, /, **parts: object
    ) -> None:
        """Record a mistake about a value, and mark its path as refused.

        where : place of the mistake, or layer that has the key; None: place of the present value,
            else the layer of the model
        parts : values that fill the sentence
        """
        if where is None:
            where = self.entries[path].origin if path in self.entries else self.model_layer
        if isinstance(where, Layer):
            where = where.where(path)
        self.refused.add(path)
        text, key = what.format(**parts) if parts else what, written_key(path)
        if "!" in (where := where or "") and path[1:] and path[1] in self.territories:
            key += f" ({self.territories[path[1]]})"  # workbooks name territories
        self.mistakes.append(mistake_at(where, key, text))

    def is_refused(self, path: KeyPath) -> bool:
        """Whether the value at a path, a table around it or a value in it was refused."""
        return any(r[: len(path)] == path[: len(r)] for r in self.refused)

    def error(self) -> InputError:
        """InputError with all mistakes by file in reading order and by line, ``--set`` last."""
        files = [*self.files]

        def place(mistake: Mistake) -> tuple[int, int]:
            name, line = sheet_row(mistake.where)
            return files.index(name) if name in files else len(files), line

        return InputError(limited_mistakes(sorted(self.mistakes, key=place)))

    # -- files ---------------------------------------------------------------------------------

    @property
    def model(self) -> str:
        """Name of the model."""
        return self.folder.name

    def read(self, path: Path) -> bytes:
        """The bytes of a file. Raises InputError, UnlistedFileError where it may not be read."""
        name = shown_path(path)
        self.files[name] = ""
        if self.only is not None and real_path(path) not in self.only:
            raise UnlistedFileError(name)
        data = read_bytes(path, name, pipes=self.only is None)
        self.files[name] = "sha256:" + hashlib.sha256(data).hexdigest()
        return data

    def toml(self, path: Path) -> Layer | None:
        """The layer of a TOML file; None, with mistakes noted, where it cannot be read."""
        with self.collecting():
            return parse_toml(self.read(path), path.parent, shown_path(path))
        return None

    # -- values --------------------------------------------------------------------------------

    def put(self, path: KeyPath, entry: Entry) -> None:
        """Set the value at a path; a value for all years also removes the values by year."""
        for year in self._years_named:
            self.entries.pop((*path, year), None)
        if path[-1].isdecimal():
            self._years_named.add(path[-1])
        self.entries[path] = entry

    def drop(self, *head: str) -> None:
        """Remove every value whose path begins with *head*."""
        for path in [path for path in self.entries if path[: len(head)] == head]:
            del self.entries[path]

    def value(self, path: KeyPath) -> Any:
        """The present value at a path, None where there is none."""
        entry = self.entries.get(path)
        return None if entry is None else entry.value

    @property
    def areas(self) -> Codes:
        """The areas that are known so far."""
        known, value = self.territories, self.value
        names = area_names_by_code(known, lambda code, of: value(("territories", code, of)))
        return Codes(names, complete=known.complete)

    @property
    def years(self) -> tuple[int, ...] | None:
        """The present years, None where they are not known."""
        entry = self.entries.get(("years",))
        return None if entry is None or ("years",) in self.refused else tuple(entry.value)


# -- numbers of a model ----------------------------------------------------------------------------


def read_long_form(
    draft: Draft, path: KeyPath, given: Any, unit: str | None, *, is_column: bool = False
) -> Entry | None:
    """Entry of a number or column in the long form of a model; None, with mistakes noted, if wrong.

    given : the long form as it stands in the file
    unit : the required unit, None where any unit is allowed
    is_column : whether it is a column, which has no value
    """
    keys = _QUANTITY_KEYS[1:] if is_column else _QUANTITY_KEYS
    before = len(draft.mistakes)

    def refuse(what: str, *key: str, **parts: object) -> None:
        draft.refuse((*path, *key), what, **parts)

    if not isinstance(given, dict):
        form = ", ".join(f"{key} = …" for key in keys)
        text = _("is {value}, expected the long form of a model: {{ {form} }}")
        refuse(text, value=written_value(given), form=form)
        return None
    strange = unknown_keys(given, keys)
    for key, what in strange.items():
        refuse(what, key)
    for key in (key for key in keys if not strange and key not in ("source", "note", *given)):
        refuse(_("lacks {key}; a number of a model has value, unit and status"), key=key)
    for key in _QUANTITY_KEYS[1:]:
        if key in given and (what := value_fault("text", given[key])):
            refuse(what, key)
    if len(draft.mistakes) > before:
        return None
    status, source = given["status"], given.get("source")
    if unit is not None and given["unit"] != unit:
        refuse(_('unit is "{unit}", expected "{expected}"'), unit=given["unit"], expected=unit)
    if status not in _STATUSES:
        text = _("status is {status}, expected published, derived, reported or assumption{hint}")
        refuse(text, status=written_value(status), hint=did_you_mean(status, _STATUSES))
    elif status == "assumption" and "note" not in given:
        refuse(_("is an assumption, which needs a note with its reason"))
    elif status != "assumption" and source is None:
        refuse(_("is {status}, which needs a source"), status=status)
    if source is not None and source not in draft.sources and ("sources",) not in draft.refused:
        text = _('source "{source}" is not among [sources]{hint}')
        refuse(text, source=source, hint=did_you_mean(source, draft.sources))
        draft.sources[source] = {}  # noted once
    is_right = len(draft.mistakes) == before
    return Entry(None, "", given["unit"], status, source, given.get("note")) if is_right else None


def table_fault(path: KeyPath, value: Any) -> str:
    """Text of the mistake for a value that is not a table."""
    keys = [f"{written_key(path)}.{key}" for key in schema.keys_below(path)]
    hint = _("; its keys: {keys}").format(keys=few(keys, 4)) if keys else ""
    text = _("is {value}, expected a table: [{key}]")
    return text.format(value=written_value(value), key=written_key(path)) + hint


def unknown_keys(table: Mapping[str, Any], known: Collection[str]) -> dict[str, str]:
    """Keys of a table that are not known, each with the text of its mistake."""
    left, text = [key for key in known if key not in table], _("unknown key{hint}")
    return {key: text.format(hint=did_you_mean(key, left)) for key in table if key not in known}


# -- mistakes of rows ------------------------------------------------------------------------------


def repeated_row(what: str, first: str) -> str:
    """Text of the mistake for a row whose codes already stand in the row at the place *first*."""
    text = _("{what} stands twice (first on line {line})")
    return text.format(what=what, line=sheet_row(first)[1])


def limited_mistakes(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """Mistakes, with at most five per file that differ only in numbers and quoted texts.

    The places of the others follow at the end.
    """
    told, alike = list[Mistake](), defaultdict[tuple[str, str], list[str]](list)
    for mistake in dict.fromkeys(mistakes):
        file = sheet_row(mistake.where)[0]
        places = alike[file, _QUOTED.sub("", mistake.what.partition(";")[0].rstrip())]
        places.append(mistake.where.removeprefix(file).lstrip(":, "))
        if len(places) <= _MOST_ALIKE:
            told.append(mistake)
    for (file, __), places in alike.items():
        if more := places[_MOST_ALIKE:]:
            text = ngettext(
                "{count} more row like these: {places}",
                "{count} more rows like these: {places}",
                len(more),
            )
            text = text.format(count=len(more), places=few(more, _MOST_PLACES))
            told.append(Mistake(file, text, count=len(more)))
    return told
