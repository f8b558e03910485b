"""Inputs in the making: values put one over the other, and what could not be taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from fte_alloc.inputs.entries import Entry
from fte_alloc.inputs.names import Codes
from fte_alloc.inputs.reading import Layer, Reader, shown_path
from fte_alloc.inputs.written import KeyPath, written_key

Entries = dict[KeyPath, Entry]


class YearUse(NamedTuple):
    """A key by year in a scenario, and the years there were where it names one.

    typed : the key as it was written, its last part the year
    years : None where the list of years could not be read
    """

    where: str
    typed: KeyPath
    years: tuple[int, ...] | None


class Draft:
    """Values by path, the codes known so far, and every mistake.

    A mistake is told once: what was refused stands in ``refused``, and nothing is said of values
    that follow from it. Where the model could not be read, its codes are unknown and let pass.

    folder : of the model, None where the scenario's model is not known
    model_layer : its model.toml, None where that could not be read
    columns : what the model says of its columns, by table
    indicators : columns of territories.csv that are none of the known ones
    """

    def __init__(self, reader: Reader, folder: Path | None) -> None:
        self.reader, self.folder = reader, folder
        self.entries: Entries = {}
        self.refused: set[KeyPath] = set()
        self.territories = Codes({}, complete=False)
        self.segments = Codes({}, complete=False)
        self.sources: dict[str, dict[str, str]] = {}
        self.columns: dict[str, dict[str, Entry]] = {}
        self.indicators: set[str] = set()
        self.year_uses: list[YearUse] = []
        self.model_layer: Layer | None = None
        self.model_title = ""
        self.contracts_are_read = False
        self._years_named: set[str] = set()

    @property
    def model(self) -> str:
        """Name of the model."""
        return "" if self.folder is None else self.folder.name

    def file(self, name: str) -> Path:
        """A file of the model's folder."""
        assert self.folder is not None
        return self.folder / name

    def file_shown(self, name: str) -> str:
        """A file of the model's folder, as messages name it."""
        return shown_path(self.file(name))

    def put(self, path: KeyPath, entry: Entry, *, by_year: bool = False) -> None:
        """Put a value over what was there; a value for all years over those by year."""
        if by_year:
            for year in self._years_named:
                self.entries.pop((*path, year), None)
        if path[-1].isdecimal():
            self._years_named.add(path[-1])
        self.entries[path] = entry

    def refuse(
        self, where: str | Layer, path: KeyPath, what: str, typed: KeyPath | None = None
    ) -> None:
        """Note that a value cannot be taken.

        where : the place, or the layer in which the key stands
        typed : the key as it was written, where a name stands for a code
        """
        if isinstance(where, Layer):
            where = where.where(typed or path)
        self.refused.add(path)
        # A --set already shows its key.
        shown = "" if where.startswith("--set") else f"{written_key(typed or path)}: "
        self.reader.add(where, shown + what)

    def is_refused(self, path: KeyPath) -> bool:
        """Whether a value, one around it or one below it was refused."""
        return any(r[: len(path)] == path[: len(r)] for r in self.refused)

    def value(self, path: KeyPath) -> Any:
        """The present value at a path, None where there is none."""
        entry = self.entries.get(path)
        return None if entry is None else entry.value

    @property
    def years(self) -> tuple[int, ...] | None:
        """The present years, None where they are not known."""
        entry = self.entries.get(("years",))
        return None if entry is None or ("years",) in self.refused else tuple(entry.value)
