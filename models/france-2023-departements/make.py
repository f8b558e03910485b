"""Makes the tables of this model from figures of the départements and from the regional model.

    python models/france-2023-departements/make.py [INDICATORS.csv]

INDICATORS.csv has the columns code, name, area, population, unemployment_rate, qpv_inhabitants;
without it they are those of territories.csv here. Each figure of a region of ``france-2023`` is
spread over its départements:

* contracts of each kind of buyer, and renewed posts: by population
* facilitators in place: half by share of the population of France, half by share of its QPV
  inhabitants, which is the rule by which the regional model spreads 400 FTE
* the coordinator of Île-de-France: an area's, written in the line of its first département

Largest remainders keep the sums: contracts are whole, posts have two decimals, and both add up to
the region's to the last digit. A blank unemployment rate (Mayotte) is that of its region.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).resolve().parent
REGIONAL = HERE.parent / "france-2023"
Row = dict[str, str]


def rows_of(path: Path) -> list[Row]:
    """Lines of a CSV file, by heading."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """Lines as the text of a CSV file."""
    cells = [columns, *([row[column] for column in columns] for row in rows)]
    return "".join(",".join(line) + "\n" for line in cells)


def spread(total: str, keys: Sequence[Fraction]) -> list[str]:
    """A number as parts in proportion to keys, with as many decimals, that add up to it."""
    digits = max(0, -int(Decimal(total).as_tuple().exponent))
    units, whole = int(Decimal(total).scaleb(digits)), sum(keys)
    exact = [units * key / whole for key in keys]
    parts = [int(part) for part in exact]
    left = sorted(range(len(keys)), key=lambda j: (parts[j] - exact[j], j))
    for j in left[: units - sum(parts)]:
        parts[j] += 1
    return [str(Decimal(part).scaleb(-digits)) for part in parts]


def tables(indicators: Sequence[Row]) -> dict[str, str]:
    """The two tables of the model, by file name."""
    departements = sorted(({**row} for row in indicators), key=lambda row: row["code"])
    regions = {row["code"]: row for row in rows_of(REGIONAL / "territories.csv")}
    people, in_qpv = (
        {row["code"]: Fraction(int(row[column])) for row in departements}
        for column in ("population", "qpv_inhabitants")
    )
    nation, national_qpv = sum(people.values()), sum(in_qpv.values())
    need = {code: people[code] / nation + in_qpv[code] / national_qpv for code in people}
    inside: dict[str, list[Row]] = {code: [] for code in regions}
    for row in departements:
        inside[row["area"]].append(row)
    for region, within in inside.items():
        codes, figures = [row["code"] for row in within], regions[region]
        for column, key in (("existing", need), ("committed", people)):
            column += "_facilitators_fte"
            total = f"{float(figures[column]):.2f}"
            for row, part in zip(within, spread(total, [key[c] for c in codes]), strict=True):
                row[column] = part
        for row in within:
            row["area_name"] = figures["name"]
            row["unemployment_rate"] = row["unemployment_rate"] or figures["unemployment_rate"]
            row["qpv_share"] = f"{float(in_qpv[row['code']] / people[row['code']]):.4f}"
            first = row is within[0]
            row["existing_coordinators_fte"] = (
                figures["existing_coordinators_fte"] if first else "0.0"
            )
    contracts = [
        {"territory": row["code"], "segment": given["segment"], "contracts_per_year": part}
        for given in rows_of(REGIONAL / "contracts.csv")
        for within in [inside[given["territory"]]]
        for row, part in zip(
            within,
            spread(given["contracts_per_year"], [people[row["code"]] for row in within]),
            strict=True,
        )
    ]
    kinds = list(dict.fromkeys(row["segment"] for row in contracts))
    contracts.sort(key=lambda row: (kinds.index(row["segment"]), row["territory"]))
    columns = ["code", "name", "area", "area_name", "population", "unemployment_rate"]
    columns += ["qpv_inhabitants", "qpv_share", "existing_facilitators_fte"]
    columns += ["committed_facilitators_fte", "existing_coordinators_fte"]
    return {
        "territories.csv": written(columns, departements),
        "contracts.csv": written(list(contracts[0]), contracts),
    }


if __name__ == "__main__":
    source = Path(sys.argv[1]) if sys.argv[1:] else HERE / "territories.csv"
    for name, text in tables(rows_of(source)).items():
        (HERE / name).write_text(text, encoding="utf-8", newline="")
