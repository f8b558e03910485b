"""Procurement files, CSV, Parquet or nested JSON, compressed or not, read into one table."""

from __future__ import annotations

import bz2
import codecs
import csv
import gzip
import io
import lzma
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from fte_alloc.errors import InputError, Mistake, mistaken
from fte_alloc.language import N_, _
from fte_alloc.names import GOES_NOT_WITH
from fte_alloc.output_files import os_reason

#: Fields that are read, each with its headings in letters and digits only, preferred ones first.
FIELDS = {
    "buyer": ("acheteurid", "idacheteur", "acheteursiret", "acheteursiren", "autoriteconcedanteid"),
    "id": ("id", "idmarche", "idcontrat"),
    "holder": ("titulaireid", "titulaireid1", "concessionnaireid", "concessionnaireid1"),
    "date": ("datenotification", "datesignature", "datedebutexecution"),
    "published": ("datepublicationdonnees",),
    "amount": ("montant", "montantmarche", "valeurglobale"),
    "kind": ("lieuexecutiontypecode",),
    "place": ("lieuexecutioncode",),
    "social": ("considerationssociales", "considerationsociale"),
    "modification": ("modificationid",),
}
NOT_READ = N_("cannot be read as {form} ({reason})")
_REJECTED = (
    "SELECT count(DISTINCT line_byte_position), "
    "count(*) FILTER (error_type = 'INVALID ENCODING') FROM reject_errors"
)
#: Bytes unpacked at once, and bytes parsed at once: ijson is slower with larger blocks.
_BLOCK, _SMALL_BLOCK = 1 << 20, 1 << 14


@dataclass
class Source:
    """A procurement file, and figures on how it was read.

    columns : heading of each field in the file
    rows, unreadable : number of all rows, and of the rows that cannot be read
    """

    name: str
    sha256: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    rows: int = 0
    unreadable: int = 0

    @property
    def row_per_holder(self) -> bool:
        """Whether the file has a row per holder, so that several rows may be one contract."""
        return re.sub(r"\W|_", "", self.columns.get("holder", "")).lower() == "titulaireid"


def read_file(
    db: Any,
    source: Source,
    number: int,
    wanted: Mapping[str, str],
    folder: Path,
    watch: Callable[[float], None],
) -> None:
    """Add the rows of a file to the table ``notices`` of a DuckDB connection, and fill in *source*.

    number : number of the file; wanted : headings by field, where they differ from the format's
    watch : called with the share of a JSON file that is read, from 0 to 1

    Raises InputError for a file that cannot be read, or lacks a column.
    """
    import duckdb

    path, form = Path(source.name), "CSV"
    try:
        with opened(path) as file:
            head, is_plain = file.read(_BLOCK), isinstance(file, io.BufferedReader)
        if head.startswith(b"PAR1"):
            form, table = "Parquet", f"read_parquet({_sql_quoted(path)})"
            headings = [row[0] for row in db.execute(f"DESCRIBE FROM {table}").fetchall()]
            source.columns = _columns(source.name, headings, wanted)
            source.rows = _insert_rows(db, table, source, number)
            return
        if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
            if wanted:
                raise mistaken(source.name, _(GOES_NOT_WITH), option="--column", other="JSON")
            form, path = "JSON", _flattened(path, folder / "records.csv", watch)
            head, wanted = ",".join(FIELDS).encode(), {field: field for field in FIELDS}
        elif not is_plain:
            packed, path = path, folder / "unpacked.csv"
            with opened(packed) as file, path.open("wb") as plain:
                shutil.copyfileobj(file, plain, _BLOCK)
        is_wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        for encoding in ("utf-16",) if is_wide else ("utf-8", "latin-1"):
            table, headings = _csv(path, head.decode(encoding, "replace"), encoding)
            source.columns = _columns(source.name, headings, wanted)
            read = _insert_rows(db, table, source, number)
            source.unreadable, misread = db.execute(_REJECTED).fetchone()
            source.rows = read + source.unreadable
            db.execute("DROP TABLE reject_errors; DROP TABLE reject_scans")
            if not misread:
                break
            db.execute("DELETE FROM notices WHERE file = ?", [number])
    except OSError as error:
        raise mistaken(source.name, os_reason(error)) from None
    except duckdb.InterruptException:
        raise
    except (duckdb.Error, EOFError, lzma.LZMAError, zipfile.BadZipFile) as error:
        reason = str(error).split("\n")[0]
        raise mistaken(source.name, _(NOT_READ), form=form, reason=reason) from None


def _insert_rows(db: Any, table: str, source: Source, number: int) -> int:
    """Add the rows of a table, an SQL expression, to ``notices``; return their number."""
    found = source.columns
    columns = (
        f"{_sql_quoted(found[field], chr(34)) if field in found else 'NULL'}::VARCHAR AS {field}"
        for field in FIELDS
    )
    db.execute(f"CREATE OR REPLACE VIEW raw AS SELECT {', '.join(columns)} FROM {table}")
    added = db.execute("INSERT INTO notices FROM read(?, ?)", [number, source.row_per_holder])
    return int(added.fetchone()[0])


def _sql_quoted(text: str | Path, mark: str = "'") -> str:
    return mark + str(text).replace(mark, 2 * mark) + mark


def _csv(path: Path, head: str, encoding: str) -> tuple[str, list[str]]:
    """SQL expression that reads a CSV file with text columns only, and its column headings.

    Only the delimiter is guessed: the candidate most frequent in the first line. DuckDB stores rows
    that cannot be read in ``reject_errors``.
    """
    head = head.removeprefix("\ufeff")
    delimiter = max(",;\t|", key=head.partition("\n")[0].count)
    headings = next(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), [])
    twice = [
        name if headings.index(name) == n else f"{name} {n}" for n, name in enumerate(headings)
    ]
    columns = ", ".join(f"{_sql_quoted(name)}: 'VARCHAR'" for name in twice)
    table = (
        f"read_csv({_sql_quoted(path)}, auto_detect=false, header=true, columns={{{columns}}}, "
        f"delim='{delimiter}', quote='\"', escape='\"', encoding='{encoding}', "
        "ignore_errors=true, store_rejects=true, rejects_limit=0)"
    )
    return table, twice


def _columns(name: str, headings: Sequence[str], wanted: Mapping[str, str]) -> dict[str, str]:
    """The heading of each field in a file.

    Raises InputError where a wanted heading, or a column of buyers or amounts, is missing.
    """
    by_letters = {re.sub(r"\W|_", "", heading).lower(): heading for heading in reversed(headings)}
    every = ((field, name) for field, names in FIELDS.items() for name in reversed(names))
    # The first of the names of a field wins.
    found = {field: by_letters[name] for field, name in every if name in by_letters} | dict(wanted)
    known = ", ".join(headings)
    text = _('no column "{heading}", of: {known}')
    whats = [text.format(heading=h, known=known) for h in wanted.values() if h not in headings]
    text = _("no column with the {field}; give it by --column {field}=HEADING, of: {known}")
    whats += [text.format(field=f, known=known) for f in ("buyer", "amount") if f not in found]
    if whats:
        raise InputError([Mistake(name, what) for what in whats])
    return found


# -- compressed ------------------------------------------------------------------------------------

_PACKED: Mapping[bytes, Callable[[Path], Any]] = {
    b"\x1f\x8b": gzip.GzipFile,
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ": lzma.LZMAFile,
}


def opened(path: Path) -> IO[bytes]:
    """Open a file of bytes, unpacked where it is compressed; of a zip archive, its only file.

    Raises OSError; InputError for a workbook, and for an archive without exactly one file.
    """
    with path.open("rb") as file:
        head = file.read(6)
    if head.startswith(b"PK\x03\x04"):
        archive = zipfile.ZipFile(path)
        names = [one for one in archive.namelist() if not one.endswith("/")]
        if "mimetype" in names or "[Content_Types].xml" in names:
            raise mistaken(str(path), _("is a workbook; save its sheet as CSV"))
        if len(names) != 1:
            text = _("is an archive of {count} files; unpack it, and give those to be read")
            raise mistaken(str(path), text, count=len(names))
        return archive.open(names[0])
    for mark, unpack in _PACKED.items():
        if head.startswith(mark):
            return unpack(path)
    return path.open("rb")


# -- nested JSON -----------------------------------------------------------------------------------


def _flattened(path: Path, target: Path, watch: Callable[[float], None]) -> Path:
    """Stream the contracts of a nested JSON file into a CSV file with one column per field."""
    size = path.stat().st_size
    with opened(path) as file, target.open("w", encoding="utf-8", newline="") as table:
        rows = csv.writer(table)
        rows.writerow(FIELDS)
        for number, record in enumerate(_records(file, path)):
            rows.writerow(_flat(record))
            if number % 1000 == 0 and isinstance(file, io.BufferedReader):  # not compressed
                watch(file.tell() / size)
    return target


def _records(file: IO[bytes], path: Path) -> Iterator[dict[str, Any]]:
    """Contracts and concessions of a JSON file, one after the other.

    Raises InputError where the file is no JSON, or holds no list of contracts.
    """
    import ijson

    def skip_mark() -> None:
        file.seek(3 if file.read(3) == b"\xef\xbb\xbf" else 0)

    try:
        skip_mark()
        prefixes = _prefixes(ijson.parse(file))
        if not prefixes:
            text = _("holds no contracts; they are expected in a list, or in lists under marches")
            raise mistaken(str(path), text)
        watched = _Watched(file)
        for prefix in prefixes:
            if prefix == prefixes[0] or watched.has_concessions:
                file.seek(0)
                skip_mark()
                yield from ijson.items(watched, prefix, use_float=True, buf_size=_SMALL_BLOCK)
    except ijson.JSONError as error:
        reason = str(error).strip().split("\n")[0]
        raise mistaken(str(path), _(NOT_READ), form="JSON", reason=reason) from None


def _prefixes(events: Any) -> tuple[str, ...]:
    """Prefixes (ijson) of the lists of contracts: the root, ``marches``, or two in ``marches``."""
    for prefix, event, _value in events:
        if event == "start_array" and prefix in ("", "marches"):
            return (f"{prefix}.item".lstrip("."),)
        if event == "start_map" and prefix == "marches":
            return ("marches.marche.item", "marches.contrat-concession.item")
    return ()


class _Watched:
    """A file that notes whether it mentions concessions, which take a second reading."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._end, self.has_concessions = file, b"", False

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self.has_concessions |= b'"contrat-concession"' in self._end + block
        self._end = block[-20:]
        return block


def _flat(record: dict[str, Any]) -> list[Any]:
    """Values of a contract or concession, one per field; of several holders, the first."""
    get = record.get
    buyer = get("acheteur") or get("autoriteConcedante")
    place = get("lieuExecution")
    place = place if isinstance(place, dict) else {"code": place}
    amount = get("montant")
    return [
        buyer.get("id") if isinstance(buyer, dict) else buyer,
        get("id"),
        _first_id(get("titulaires") or get("concessionnaires")),
        get("dateNotification") or get("dateSignature") or get("dateDebutExecution"),
        get("datePublicationDonnees"),
        get("valeurGlobale") if amount is None else amount,
        place.get("typeCode"),
        place.get("code"),
        ", ".join(_texts(get("considerationsSociales"))),
        None,
    ]


def _first_id(value: Any) -> Any:
    """The first ``id`` at any depth of lists and tables; None where there is none."""
    if isinstance(value, dict):
        return value["id"] if "id" in value else _first_id(list(value.values()))
    if isinstance(value, list):
        return next((found for part in value if (found := _first_id(part)) is not None), None)
    return None


def _texts(value: Any) -> list[str]:
    """Values at any depth of lists and tables, as texts."""
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return [text for part in parts for text in _texts(part)]
    return [] if value is None else [str(value)]
