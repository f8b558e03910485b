"""Procurement files of any size, against a bare reading of the same columns: time and memory.

    .venv/bin/python benchmarks/procurement.py [ROWS] [RUNS]

Writes ROWS rows (1.5 million if not said) as CSV and as nested JSON into a temporary folder, and
imports each as a whole process; beside it a process that reads the same columns and keeps nothing,
by DuckDB or ijson. The rows are drawn: 40,000 buyers, 7,500 places, one row in seven published
again or for a second holder.
"""

from __future__ import annotations

import csv
import json
import os
import platform
import random
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

TEXT = "Travaux de réhabilitation et d'entretien, lot {} : gros œuvre et second œuvre"
SOCIAL = ["", "Clause sociale", "Pas de considération sociale", "Clause sociale, Critère social"]
READ = ["acheteur_id", "id", "titulaire_id", "dateNotification", "datePublicationDonnees"]
READ += ["montant", "lieuExecution_code", "lieuExecution_typeCode", "considerationsSociales"]
BARE = {
    "csv": "import duckdb, sys\n"
    f"columns = ', '.join(f'count({{c}})' for c in {READ!r})\n"
    "duckdb.sql(f\"SELECT {columns} FROM read_csv('{sys.argv[1]}', all_varchar=true)\").fetchall()",
    "json": "import ijson, sys\n"
    "for _ in ijson.items(open(sys.argv[1], 'rb'), 'marches.marche.item', buf_size=1 << 14): pass",
}
IMPORT = "from fte_alloc.cli import main; import sys; main(['import', 'decp', sys.argv[1]])"


def write(folder: Path, rows: int) -> None:
    """Draw the rows; each file has fields that are not read, as real ones do."""
    draw = random.Random(1)
    places = [f"{d:02}{n:03}" for d in range(1, 96) if d != 20 for n in range(0, 800, 10)]
    buyers = [f"2{draw.randrange(1, 6)}{place}0{n}00019" for n in range(6) for place in places]
    recent: list[dict[str, object]] = []
    with (
        (folder / "data.csv").open("w", newline="") as table,
        (folder / "data.json").open("w") as tree,
    ):
        lines = csv.writer(table)
        lines.writerow([*READ, "nature", "objet", "codeCPV", "procedure", "dureeMois", "formePrix"])
        tree.write('{"marches": {"marche": [')
        for number in range(rows):
            row = {
                "acheteur_id": draw.choice(buyers),
                "id": f"2024M{number:09}",
                "titulaire_id": f"{draw.randrange(10**14):014}",
                "dateNotification": f"202{draw.randrange(5)}-{draw.randrange(1, 13):02}-15",
                "datePublicationDonnees": f"2024-0{draw.randrange(1, 10)}-01",
                "montant": round(10 ** draw.uniform(3, 7), 2),
                "lieuExecution_code": draw.choice(places),
                "lieuExecution_typeCode": "Code postal",
                "considerationsSociales": draw.choice(SOCIAL),
            }
            row = row if not recent or draw.random() > 1 / 7 else draw.choice(recent)
            recent = [*recent[-49:], row]
            more = [
                "Marché",
                TEXT.format(number % 20),
                "45210000-2",
                "Procédure adaptée",
                12,
                "Ferme",
            ]
            lines.writerow([*row.values(), *more])
            record = {
                **{
                    key: row[key]
                    for key in ("id", "dateNotification", "datePublicationDonnees", "montant")
                },
                "acheteur": {"id": row["acheteur_id"]},
                "lieuExecution": {"code": row["lieuExecution_code"], "typeCode": "Code postal"},
                "titulaires": [
                    {"titulaire": {"id": row["titulaire_id"], "typeIdentifiant": "SIRET"}}
                ],
                "considerationsSociales": {
                    "considerationSociale": [
                        s for s in str(row["considerationsSociales"]).split(", ") if s
                    ]
                },
                "considerationsEnvironnementales": {"considerationEnvironnementale": ["Clause"]},
                "techniques": {"technique": ["Accord-cadre"]},
                "typesPrix": {"typePrix": ["Définitif ferme"]},
                "modifications": [],
                **dict(
                    zip(
                        ("nature", "objet", "codeCPV", "procedure", "dureeMois"), more, strict=False
                    )
                ),
            }
            tree.write((",\n" if number else "") + json.dumps(record, ensure_ascii=False))
        tree.write("]}}")


def measured(code: str, path: Path) -> tuple[float, float]:
    """Seconds and most memory (MB) of a process."""
    start = time.perf_counter()
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    command = [sys.executable, "-c", code, str(path)]
    pid = os.posix_spawn(sys.executable, command, os.environ, file_actions=quiet)
    _, status, used = os.wait4(pid, 0)
    assert status == 0, path
    return time.perf_counter() - start, used.ru_maxrss / 1024


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_500_000
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    machine = f"Python {platform.python_version()}, {platform.machine()}"
    print(f"{machine}, {rows:,} rows, {runs} runs of each")
    with TemporaryDirectory() as name:
        write(Path(name), rows)
        for form, bare in BARE.items():
            path = Path(name) / f"data.{form}"
            pairs = [(measured(IMPORT, path), measured(bare, path)) for _ in range(runs)]
            ours, theirs = (statistics.median(pair[n][0] for pair in pairs) for n in (0, 1))
            spread = sorted(a[0] / b[0] for a, b in pairs)
            memory = max(a[1] for a, _ in pairs)
            size = path.stat().st_size / 1e6
            print(
                f"{form}, {size:,.0f} MB: import / bare reading: {ours:.1f} s / {theirs:.1f} s = "
                f"{ours / theirs:.2f}  (pairs {spread[0]:.2f} to {spread[-1]:.2f}; aim 3); "
                f"at most {memory:.0f} MB (aim 400)"
            )


if __name__ == "__main__":
    main()
