"""Contracts of procurement files, by territory and kind of buyer; every row is accounted for."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import TYPE_CHECKING, Any

from fte_alloc.errors import InputError, Mistake, mistaken
from fte_alloc.inputs.input_files import read_bytes
from fte_alloc.inputs.sheets import csv_sheet
from fte_alloc.inputs.tables import find_tables
from fte_alloc.inputs.toml import parse_toml
from fte_alloc.language import _, few
from fte_alloc.questions.decp.files import FIELDS, Source, read_file

if TYPE_CHECKING:
    from fte_alloc.questions.document import Progress

FORMAT = "fte-alloc/import/1"
HERE = Path(__file__).resolve().parent
SEGMENTS = ("state_hospital", "local", "operators")
#: Reasons to drop a row; for ``UNRESOLVED``, what is unknown of a contract that is not counted.
DROPPED = (
    *("unreadable", "repeated", "amount_missing", "amount_implausible", "amount_below"),
    *("date", "year", "outside"),
)
UNRESOLVED = ("place", "buyer")
SOCIAL = ("with", "without", "unknown")
_TERRITORIES = {
    "region": "SELECT code, name FROM regions",
    "departement": "SELECT code, name FROM departements WHERE region IN (SELECT code FROM regions)",
}
#: No result depends on the order of rows; DuckDB's progress bar would be printed with results.
_SETTINGS = "SET preserve_insertion_order = false; SET enable_progress_bar = false; BEGIN"
#: Memory limit of DuckDB, which keeps larger tables on disk.
_MEMORY = "250MB"


@dataclass(frozen=True)
class Wanted:
    """The settings of an import.

    by : kind of territory, ``region`` or ``departement``
    year : year of notification; None for all years
    min_amount_eur : least amount of a contract that is counted [EUR]
    columns : headings by field, where they differ from those of the format
    territories : codes of the territories that are counted; None for all
    """

    by: str = "region"
    year: int | None = None
    min_amount_eur: float = 90_000.0
    columns: Mapping[str, str] = field(default_factory=dict)
    territories: Collection[str] | None = None


def parse_column(text: str) -> tuple[str, str]:
    """Field and heading of a ``--column`` argument ``FIELD=HEADING``. Raises InputError."""
    field, _equals, heading = text.partition("=")
    if field not in FIELDS or not heading:
        expected = _("expected FIELD=HEADING, FIELD one of {known}")
        raise mistaken(f"--column {field}", expected, known=", ".join(FIELDS))
    return field, heading


@contextmanager
def open_notices(
    paths: Sequence[str], wanted: Wanted, progress: Progress | None = None
) -> Iterator[tuple[Any, list[Source]]]:
    """Yield a temporary DuckDB database of all rows with the SQL rules, and a ``Source`` per file.

    progress : called now and then with the MB read, and the MB of all files

    Raises InputError with the mistakes of all files, without DuckDB or ijson, or if DuckDB fails.
    """
    try:
        import duckdb
        import ijson  # noqa: F401
    except ImportError:
        for name in (name for name in paths if not Path(name).exists()):
            read_bytes(Path(name), name)  # raises the error
        text = _("procurement files need the extra decp: pip install 'fte-alloc[decp]'")
        raise mistaken("", text) from None
    sizes_mb = [path.stat().st_size / 1e6 if path.is_file() else 0.0 for path in map(Path, paths)]

    def report(number: int, share: float) -> None:
        if progress:
            progress(int(sum(sizes_mb[:number]) + share * sizes_mb[number]), int(sum(sizes_mb)))

    try:
        with TemporaryDirectory(prefix="fte-alloc-") as name, ThreadPoolExecutor(1) as pool:
            folder = Path(name)
            settings: dict[str, Any] = {"memory_limit": _MEMORY, "temp_directory": name}
            with duckdb.connect(config=settings) as db:
                db.execute(_SETTINGS)
                for table in ("regions", "departements", "groupings"):
                    read = "read_csv(?, delim=',', quote='\"', header=true, all_varchar=true)"
                    db.execute(f"CREATE TABLE {table} AS FROM {read}", [str(HERE / f"{table}.csv")])
                db.execute(f"CREATE TABLE territories AS {_TERRITORIES[wanted.by]}")
                if wanted.territories is not None:
                    kept = [sorted(wanted.territories)]
                    db.execute("DELETE FROM territories WHERE NOT list_contains(?, code)", kept)
                db.execute((HERE / "rows.sql").read_text("utf-8"))
                db.execute("COMMIT")
                sources = [Source(path) for path in paths]
                mistakes: list[Mistake] = []
                for number, one in enumerate(sources):
                    hashed = pool.submit(_sha256_of_file, one.name)
                    watch = partial(report, number)
                    try:
                        read_file(db, one, number, wanted.columns, folder, watch)
                        one.sha256 = hashed.result()
                    except InputError as error:
                        mistakes += error.mistakes
                    watch(1.0)
                if mistakes:
                    raise InputError(mistakes)
                db.execute((HERE / "contracts.sql").read_text("utf-8"))
                yield db, sources
    except RuntimeError as error:  # Ctrl-C as DuckDB raises it
        raise (KeyboardInterrupt if "interrupt" in str(error).lower() else error) from None
    except duckdb.InterruptException:
        raise KeyboardInterrupt from None
    except duckdb.Error as error:
        text = _("the rows cannot be kept in {folder} ({reason}); let TMPDIR name another folder")
        reason = str(error).split("\n")[0]
        raise mistaken("", text, folder=gettempdir(), reason=reason) from None


def _sha256_of_file(name: str) -> str:
    with Path(name).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def count_contracts(
    paths: Sequence[str], wanted: Wanted, progress: Progress | None = None
) -> dict[str, Any]:
    """Count contracts by territory and kind of buyer, and rows lost by reason. Raises InputError.

    Returns a ``fte-alloc/import/1`` document: rows read = kept + dropped + unresolved.
    """
    with open_notices(paths, wanted, progress) as (db, sources):
        keys = "fate, territory, segment, located, social, year"
        rows = db.execute(
            f"SELECT {keys}, count(*) FROM contracts(?, ?, ?) GROUP BY {keys}",
            [wanted.by, wanted.year, wanted.min_amount_eur],
        ).fetchall()
        again = db.execute("SELECT count(*) - count(DISTINCT contract) FROM publications")
        published_again = int(again.fetchone()[0])
        names = dict(db.execute("FROM territories ORDER BY code").fetchall())
    fates, places, located = Counter[str](), Counter[tuple[str, str]](), Counter[str]()
    social = {"all": Counter[str](), "kept": Counter[str]()}
    years, unplaced = Counter[str](), Counter[str]()
    for fate, territory, segment, where, clause, year, count in rows:
        fates[fate] += count
        located[where] += count
        social["all"][clause] += count
        if fate == "kept":
            places[territory, segment] += count
            social["kept"][clause] += count
            years["unknown" if year is None else str(year)] += count
        elif fate == "place":
            unplaced[segment] += count
    contracts = sum(fates.values())
    fates["unreadable"] = sum(source.unreadable for source in sources)
    read = sum(source.rows for source in sources)
    fates["repeated"] = read - fates["unreadable"] - contracts
    return {
        "format": FORMAT,
        "files": [vars(one) for one in sources],
        "by": wanted.by,
        "year": wanted.year,
        "min_amount_eur": wanted.min_amount_eur,
        "read": read,
        "published": contracts + published_again,
        "contracts": contracts,
        "dropped": {reason: fates[reason] for reason in DROPPED},
        "unresolved": {reason: fates[reason] for reason in UNRESOLVED},
        "kept": fates["kept"],
        "not_placed": {segment: unplaced[segment] for segment in SEGMENTS},
        "located": {where: located[where] for where in ("place", "buyer", "nowhere")},
        "social": {key: {one: counts[one] for one in SOCIAL} for key, counts in social.items()},
        "years": dict(sorted(years.items())),
        "names": names,
        "counts": [
            {"territory": code, "segment": segment, "contracts_per_year": places[code, segment]}
            for segment in SEGMENTS
            for code in names
        ],
    }


def settings_for_model(folder: Path, wanted: Wanted) -> Wanted:
    """The import settings *wanted*, with ``territories`` set to those of a model.

    Raises InputError for a model with other territories or kinds of buyer than the import.
    """
    name = str(folder / "territories.csv")
    sheet = csv_sheet(read_bytes(folder / "territories.csv", name), name)
    codes = {row["code"].text for table in find_tables([sheet]) for row in table.rows}
    name = str(folder / "model.toml")
    content = parse_toml(read_bytes(folder / "model.toml", name), folder, name).content
    kinds, mistakes = set(content.get("coverage", {}).get("segments", {})), list[Mistake]()
    reference = "regions.csv" if wanted.by == "region" else "departements.csv"
    known = (HERE / reference).read_text("utf-8").splitlines()[1:]
    strange = sorted(codes - {line.partition(",")[0] for line in known})
    word = str(content.get("territory", ""))
    if word and unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode() != wanted.by:
        text = _('territory is "{of}", and --by says {by}')
        mistakes.append(Mistake(name, text.format(of=word, by=wanted.by)))
    elif strange:
        text = _("{codes} are no codes of --by {by}; give --by region or --by departement")
        text = text.format(codes=few(strange, 5), by=wanted.by)
        mistakes.append(Mistake(str(folder / "territories.csv"), text))
    if kinds != set(SEGMENTS):
        text = _("kinds of buyer are {found}, expected {known}")
        text = text.format(found=", ".join(sorted(kinds)), known=", ".join(SEGMENTS))
        mistakes.append(Mistake(name, text))
    if mistakes:
        raise InputError(mistakes)
    return replace(wanted, territories=codes)
