"""Procurement files become contracts: every trap by hand, every row accounted for."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import random
import re
import shutil
import sys
import zipfile
from pathlib import Path

import duckdb
import pytest
from conftest import ROOT, run, slow
from tables import each

import fte_alloc as fa
from fte_alloc.errors import InputError
from fte_alloc.questions.decp.count import Wanted, count_contracts, open_notices
from fte_alloc.questions.decp.files import FIELDS
from fte_alloc.questions.decp.page import KINDS_OF_BUYER, REASONS

SHARED = ROOT.parent / "shared" / "data" / "decp"
#: A commune of the Rhône, a hospital and an operator that no number places.
LYON, HOSPITAL, OPERATOR = "21690123100011", "26690027300019", "55204944700018"
HEADINGS = {
    "buyer": "acheteur_id",
    "id": "id",
    "holder": "titulaire_id",
    "date": "dateNotification",
    "published": "datePublicationDonnees",
    "amount": "montant",
    "kind": "lieuExecution_typeCode",
    "place": "lieuExecution_code",
    "social": "considerationsSociales",
    "modification": "modification_id",
}
PLAIN = {
    "buyer": LYON,
    "holder": "83380264800026",
    "date": "2024-03-05",
    "published": "2024-04-01",
    "amount": "250000",
    "kind": "Code postal",
    "place": "69003",
    "social": "",
    "modification": "",
}


def table(path: Path, rows: list[dict[str, str]], *fields: str, delimiter: str = ",") -> str:
    """A CSV file of rows that differ from a plain one in what they say; ids are numbers."""
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, delimiter=delimiter)
        fields = fields or tuple(HEADINGS)
        lines.writerow(HEADINGS[field] for field in fields)
        for number, row in enumerate(rows):
            whole = {"id": f"2024M{number:03}", **PLAIN, **row}
            lines.writerow(whole[field] for field in fields)
    return str(path)


def each_of(tmp_path: Path, rows: list[dict[str, str]], columns: str, **wanted: object) -> list:
    """What the rules say of each row, told apart by its amount."""
    numbered = [{"amount": str(100_001 + n), **row} for n, row in enumerate(rows)]
    asked = Wanted(**wanted)
    with open_notices([table(tmp_path / "rows.csv", numbered)], asked) as (db, _):
        found = f"SELECT {columns} FROM contracts(?, ?, ?) ORDER BY amount"
        return db.execute(found, [asked.by, asked.year, asked.min_amount_eur]).fetchall()


def adds_up(document: dict) -> bool:
    """Rows read are those kept, dropped and unresolved; contracts are placed, and counted."""
    lost = {**document["dropped"], **document["unresolved"]}
    assert document["read"] == sum(source["rows"] for source in document["files"])
    assert document["read"] == sum(lost.values()) + document["kept"]
    apart = lost["unreadable"] + lost["repeated"]
    assert document["contracts"] == document["read"] - apart
    assert document["contracts"] == sum(document["located"].values())
    assert document["contracts"] == sum(document["social"]["all"].values())
    assert document["kept"] == sum(document["social"]["kept"].values())
    assert document["kept"] == sum(document["years"].values())
    assert document["kept"] == sum(row["contracts_per_year"] for row in document["counts"])
    assert sum(document["not_placed"].values()) == document["unresolved"]["place"]
    return True


# -- rules -----------------------------------------------------------------------------------------

#: Kind and code of the place, buyer, and where the contract is: region, département.
PLACES = [
    ("Code postal", "13001", OPERATOR, "93", "13"),
    ("Code postal", "29", OPERATOR, "53", "29"),  # a département typed as a postal code
    ("Code département", "93", OPERATOR, "11", "93"),  # not region 93
    ("Code région", "93", OPERATOR, "93", None),  # not département 93
    ("Code région", "93", LYON, "93", None),  # nor that of the buyer, in another region
    ("Code région", "84", LYON, "84", "69"),
    ("Code région", "3", OPERATOR, None, None),
    ("region", "HDF", OPERATOR, "32", None),
    ("", "région HDF", OPERATOR, "32", None),
    ("departement", "RE", OPERATOR, "04", None),
    ("Code département", "006", OPERATOR, "93", "06"),
    ("Code département", "974", OPERATOR, "04", "974"),
    ("Code département", "54000", OPERATOR, "44", "54"),
    ("Code commune", "2A004", OPERATOR, "94", "2A"),
    ("Code postal", "20000", OPERATOR, "94", "2A"),
    ("Code postal", "20137", OPERATOR, "94", "2A"),
    ("Code postal", "20200", OPERATOR, "94", "2B"),
    ("Code département", "20", OPERATOR, "94", None),
    ("Code département", "2B", OPERATOR, "94", "2B"),
    ("Code postal", "94390", OPERATOR, "11", "91"),  # Orly, in the Essonne by its airport
    ("Code commune", "94390", OPERATOR, "11", "94"),
    ("Code postal", "97150", OPERATOR, "978", "978"),  # Saint-Martin, not Guadeloupe
    ("Code postal", "97400", OPERATOR, "04", "974"),
    ("", "FRB06", OPERATOR, "24", "45"),
    ("", "FRK26", OPERATOR, "84", "69"),
    ("", "FRK", OPERATOR, "84", None),
    ("", "FR10", OPERATOR, "11", None),
    ("", "Fresnes", OPERATOR, None, None),  # no code of the Hauts-de-France, FRE
    ("", "FREJ", OPERATOR, None, None),
    ("", "FRY40", OPERATOR, "04", "974"),
    ("", "DPT07", OPERATOR, "84", "07"),
    ("", "DEP01", OPERATOR, "84", "01"),
    ("Code arrondissement", "341", OPERATOR, "76", "34"),
    ("Code pays", "56", OPERATOR, None, None),  # Belgium, not the Morbihan
    ("Code pays", "FR", LYON, "84", "69"),
    ("", "FR", OPERATOR, None, None),
    ("", "COMM", OPERATOR, None, None),
    ("Code postal", "0910", OPERATOR, None, None),
    ("Code postal", "00", OPERATOR, None, None),
    ("MQ", "MQ", LYON, "84", "69"),
    ("Code postal", "INX 13001", OPERATOR, "93", "13"),
    ("", "CDL", OPERATOR, None, None),
    # The buyer, where the place tells nothing.
    ("", "", "20001177300019", "84", "74"),  # a grouping of communes
    ("", "", "24690033000011", "84", "69"),
    ("", "", "21974411500017", "04", "974"),
    ("", "", "21200400400015", "94", None),  # a commune of Corsica
    ("", "", "21987000100011", "987", "987"),
    ("", "", "4555025800029", None, None),  # its leading zero was lost
    ("", "", "1690001700014", None, None),
    ("", "", "17690001700014", "84", "69"),
    ("", "", "11000002300010", None, None),  # a ministry is everywhere
]


def test_contracts_are_where_they_are_executed_else_where_the_buyer_is(tmp_path):
    rows = [{"kind": kind, "place": code, "buyer": buyer} for kind, code, buyer, *_ in PLACES]
    by_region = each_of(tmp_path, rows, "territory")
    by_departement = each_of(tmp_path, rows, "territory", by="departement")
    found = [
        (*case[:3], r, d)
        for case, (r,), (d,) in zip(PLACES, by_region, by_departement, strict=True)
    ]
    assert [(f, c) for f, c in zip(found, PLACES, strict=True) if f[3:] != c[3:]] == []


BUYERS = [
    ("13000157100010", "state_hospital"),
    ("17690001700014", "state_hospital"),
    (HOSPITAL, "state_hospital"),
    (LYON, "local"),
    ("216901231", "local"),  # a SIREN
    ("216901231 (69)", "local"),  # of a SIRET its SIREN alone counts
    ("20001177300019", "local"),
    (OPERATOR, "operators"),
    ("45550258", "operators"),  # their leading zeros were lost
    ("4555025800029", "operators"),
]


def test_kinds_of_buyers_are_told_by_their_number(tmp_path):
    found = each_of(tmp_path, [{"buyer": buyer} for buyer, _ in BUYERS], "segment, fate")
    assert found == [(segment, "kept") for _, segment in BUYERS]


def test_a_buyer_without_a_number_is_not_resolved(tmp_path):
    rows = [{"buyer": buyer} for buyer in ("", "MQ", "Mairie", "2.169E+08", "2.1690123E+13")]
    assert each_of(tmp_path, rows, "territory, segment, fate") == [("84", None, "buyer")] * 5


AMOUNTS = {
    "90000": "kept",
    "2400000.0000": "kept",
    "125 000,50": "kept",
    "INX 100000": "kept",
    "3000000000": "kept",
    "99999988": "kept",  # below 100 million
    "600000000": "kept",  # zeros may be repeated
    "89999.99": "amount_below",
    "1": "amount_below",
    "0": "amount_implausible",
    "0.1": "amount_implausible",
    "-250000": "amount_implausible",
    "3000000000.01": "amount_implausible",
    "12311111111": "amount_implausible",
    "99999999999999": "amount_implausible",
    "999999999": "amount_implausible",
    "123456789": "amount_implausible",
    "177777771": "amount_implausible",
    "177777712": "kept",
    "1e999": "amount_implausible",
    "nan": "amount_implausible",
    "": "amount_missing",
    "MQ NC": "amount_missing",
    "cent mille": "amount_missing",
}


def test_amounts_are_judged_by_the_rules_of_the_ministry(tmp_path):
    path = table(tmp_path / "amounts.csv", [{"amount": text} for text in AMOUNTS])
    with open_notices([path], Wanted()) as (db, _):
        fates = db.execute("SELECT fate FROM contracts('region', NULL, 90000)").fetchall()
    assert sorted(fate for (fate,) in fates) == sorted(AMOUNTS.values())


DATES = {
    ("2024-05-06", ""): "kept",
    ("06/05/2024", ""): "kept",
    ("2024-05-06T00:00:00Z", ""): "kept",
    ("2023-12-31", "2024-01-02"): "year",
    ("1899-12-30", "2024-01-02"): "kept",  # the publication in the place of what is no date
    ("6666-01-01", ""): "date",
    ("2009-12-31", ""): "date",
    ("2010-01-01", ""): "year",
    ("2029-12-31", ""): "year",
    ("2030-01-01", ""): "date",
    ("", ""): "date",
    ("bientôt", "MQ"): "date",
}


def test_dates_that_are_none_are_not_of_a_year(tmp_path):
    rows = [{"date": date, "published": published} for date, published in DATES]
    found = each_of(tmp_path, rows, "fate", year=2024)
    assert dict(zip(DATES, (fate for (fate,) in found), strict=True)) == DATES
    assert {fate for (fate,) in each_of(tmp_path, rows, "fate")} == {"kept"}


SOCIAL = {
    "": "unknown",
    "MQ": "unknown",
    "CDL": "unknown",
    "Clause sociale": "with",
    "Critère social": "with",
    "Critere social": "with",
    "Marché réservé": "with",
    "Concession réservée": "with",
    "Clause sociale, Critère social": "with",
    "['Clause sociale']": "with",
    "Sans objet": "without",
    "Pas de considération sociale": "without",
    "Pas de considération sociale, Clause sociale": "unknown",  # contradicts itself
    "oui": "unknown",
}


def test_a_blank_social_field_is_unknown_and_sans_objet_is_none(tmp_path):
    found = each_of(tmp_path, [{"social": text} for text in SOCIAL], "social")
    assert dict(zip(SOCIAL, (said for (said,) in found), strict=True)) == SOCIAL


# -- one row a contract ----------------------------------------------------------------------------

ONE = {"id": "A1"}
OTHER = {"holder": "42199758600035"}
SAME = {
    "a date with a time zone": [{}, {"date": f"{PLAIN['date']}+01:00"}],
    "several holders": [{}, OTHER],
    "shares of several holders": [{}, {**OTHER, "amount": "91000"}],
    "a modification": [{}, {"modification": "1", "amount": "300000", "date": "2025-01-01"}],
    "published twice": [{}, {"published": "2025-01-01", "social": "Clause sociale"}],
    "a sign of the file": [{}, {"buyer": f" {LYON}", "social": "Clause sociale"}],
}
#: Regions, to tell by their place contracts that are in one file.
REGIONS = ["11", "24", "27", "28", "32", "44", "52", "53", "75", "76", "84", "93"]


def in_both_orders(cases: list[list[dict[str, str]]]) -> tuple[list[dict[str, str]], dict]:
    """Rows of every case and again in reverse, a contract and a region each; cases by region."""
    orders = [order for rows in cases for order in (rows, rows[::-1])]
    of = dict(zip(REGIONS, orders, strict=False))
    assert len(of) == len(orders)
    rows = [
        {"id": f"A{code}", "kind": "Code région", "place": code, **row}
        for code, order in of.items()
        for row in order
    ]
    return rows, of


def test_rows_of_one_contract_are_one_contract(tmp_path):
    rows, of = in_both_orders(list(SAME.values()))
    path, largest = table(tmp_path / "one.csv", rows), Wanted(min_amount_eur=250_000)
    document = count_contracts([path], largest)
    assert adds_up(document)
    assert document["dropped"]["repeated"] == len(of)
    counted = {row["territory"]: 0 for row in document["counts"]}
    for row in document["counts"]:
        counted[row["territory"]] += row["contracts_per_year"]
    assert [(code, of.get(code)) for code, n in counted.items() if n != (code in of)] == []


STANDING = [
    # The newest publication counts, then the most complete.
    ([{"published": "2024-06-01", "social": "Clause sociale"}, {"social": "Sans objet"}], "with"),
    ([{"published": "2024-06-01"}, {"social": "Sans objet"}], "unknown"),
    ([{"social": "Clause sociale"}, {}], "with"),
    # The original counts, not its modification.
    (
        [
            {"modification": "0"},
            {"modification": "1", "published": "2025-01-01", "social": "Sans objet"},
        ],
        "unknown",
    ),
]


@each("fields", [tuple(HEADINGS), tuple(field for field in HEADINGS if field != "holder")])
def test_the_newest_publication_counts_then_the_most_complete(fields, tmp_path):
    rows, of = in_both_orders([case for case, _ in STANDING])
    path = table(tmp_path / "one.csv", rows, *fields)
    with open_notices([path], Wanted()) as (db, _):
        found = "SELECT territory, social FROM contracts('region', NULL, 0) ORDER BY territory"
        told = db.execute(found).fetchall()
    assert told == list(zip(of, [said for _, said in STANDING for _ in range(2)], strict=True))


def test_files_of_a_row_a_contract_tell_them_apart_by_five_fields(tmp_path):
    rows = [ONE, ONE, *({**ONE, **other} for other in (
        {"amount": "260000"}, {"date": "2024-03-06"}, {"holder": "42199758600035"},
        {"id": "A2"}, {"buyer": HOSPITAL},
    ))]  # fmt: skip
    path = Path(table(tmp_path / "one.csv", rows))
    path.write_text(path.read_text("utf-8").replace("titulaire_id", "titulaire_id_1"), "utf-8")
    document = count_contracts([str(path)], Wanted())
    counts = (document["read"], document["published"], document["contracts"])
    assert counts == (7, 7, 6)


def test_files_that_overlap_are_counted_once(tmp_path):
    first = table(tmp_path / "first.csv", [{}, {}, {}])
    second = table(tmp_path / "second.csv", [{}, {}, {}, {}])
    document = count_contracts([first, second], Wanted())
    assert adds_up(document)
    counts = (document["read"], document["published"], document["contracts"])
    assert counts == (7, 7, 4)


def test_without_ids_every_row_is_a_contract_and_the_report_says_so(tmp_path, capsys):
    path = table(
        tmp_path / "rows.csv", [{}, {}], *(f for f in HEADINGS if f not in ("id", "holder"))
    )
    code, out, _ = run(capsys, "import", "decp", path)
    assert code == 0
    assert "every row is taken for a contract" in out
    assert re.search(r"^Contracts kept +2$", out, re.MULTILINE)
    path = table(tmp_path / "rows.csv", [{}, {}], *(f for f in HEADINGS if f != "holder"))
    assert "told apart by buyer, id, date and amount" in run(capsys, "import", "decp", path)[1]


def test_shuffled_rows_give_the_same_report(tmp_path):
    draw = random.Random(7)
    rows = [
        {
            "id": f"A{draw.randrange(60)}",
            "place": draw.choice(["69003", "13001", "", "HDF"]),
            "amount": draw.choice(["250000", "91000", "0"]),
            "published": draw.choice(["2024-01-01", "2024-02-01"]),
            "social": draw.choice(["", "Clause sociale", "Sans objet"]),
        }
        for _ in range(300)
    ]
    documents = []
    for _ in range(2):
        draw.shuffle(rows)
        documents.append(count_contracts([table(tmp_path / "rows.csv", rows)], Wanted()))
        assert adds_up(documents[-1])
        documents[-1]["files"][0].pop("sha256")
    assert documents[0] == documents[1]


# -- files -----------------------------------------------------------------------------------------

#: Three contracts, one of them with two holders; one has no social consideration, one is unknown.
RECORDS = [
    {"id": "A1", "social": "Clause sociale", "place": "13001"},
    {"id": "A2", "social": "Pas de considération sociale", "amount": "91000.5"},
    {"id": "A3", "buyer": HOSPITAL, "kind": "Code département", "place": "2A"},
]


def nested(row: dict[str, str], *, new: bool) -> dict[str, object]:
    """A record of the nested format of 2022, or of the one before."""
    whole = {**PLAIN, **row}
    holders = [{"id": whole["holder"]}, {"id": "42199758600035"}]
    social = [said for said in whole["social"].split(", ") if said]
    return {
        "id": whole["id"],
        "acheteur": {"nom": "Acheteur", "id": whole["buyer"]},
        "montant": float(whole["amount"]),
        "dateNotification": whole["date"],
        "datePublicationDonnees": whole["published"],
        "lieuExecution": {"code": whole["place"], "typeCode": whole["kind"]},
        "titulaires": [{"titulaire": holder} for holder in holders] if new else holders,
        **({"considerationsSociales": {"considerationSociale": social}} if new and social else {}),
        **({"considerationsSociales": social} if social and not new else {}),
        "modifications": [{"id": 1, "montant": 5, "titulaires": [{"id": "1"}]}],
    }


CONCESSION = {
    "id": "A2",
    "autoriteConcedante": {"id": LYON},
    "valeurGlobale": 91000.5,
    "dateSignature": PLAIN["date"],
    "concessionnaires": [{"concessionnaire": {"id": PLAIN["holder"]}}],
    "considerationsSociales": {"considerationSociale": "Pas de considération sociale"},
}


def files_of_records(folder: Path) -> dict[str, Path]:
    """The same three contracts in every form."""
    made = {}
    plain = Path(table(folder / "plain.csv", RECORDS)).read_bytes()
    table(folder / "semicolons.csv", RECORDS, delimiter=";")
    made["semicolons"] = folder / "semicolons.csv"
    twice = [*RECORDS, {**RECORDS[0], "holder": "42199758600035"}]
    made["holders"] = Path(table(folder / "holders.csv", twice))
    bodies = {
        "plain.csv": plain,
        "marked.csv": b"\xef\xbb\xbf" + plain,
        "latin.csv": plain.decode().encode("cp1252"),
        "wide.csv": plain.decode().encode("utf-16"),
        "2019.json": json.dumps({"marches": [nested(row, new=False) for row in RECORDS]}).encode(),
        "bare.json": json.dumps([nested(row, new=False) for row in RECORDS]).encode(),
        "2022.json": json.dumps({"marches": {
            "contrat-concession": [CONCESSION],
            "marche": [nested(row, new=True) for row in (RECORDS[0], RECORDS[2])],
        }}).encode(),
    }  # fmt: skip
    bodies["marked.json"] = b"\xef\xbb\xbf" + bodies["2019.json"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("data.json", bodies["2019.json"])
    bodies |= {
        "csv.gz": gzip.compress(plain),
        "csv.bz2": bz2.compress(plain),
        "json.xz": lzma.compress(bodies["2022.json"]),
        "json.zip": archive.getvalue(),
    }
    for name, body in bodies.items():
        made[name] = folder / name
        made[name].write_bytes(body)
    made["parquet"] = folder / "data.parquet"
    source = f"(SELECT * FROM read_csv('{folder / 'plain.csv'}', all_varchar=true))"
    duckdb.sql(f"COPY {source} TO '{made['parquet']}' (FORMAT parquet)")
    made["typed"] = folder / "typed.parquet"
    typed = "montant::DOUBLE AS montant, dateNotification::TIMESTAMP AS dateNotification, "
    typed += "[considerationsSociales] AS considerationsSociales"
    source = f"(SELECT * REPLACE ({typed}) FROM {source})"
    duckdb.sql(f"COPY {source} TO '{made['typed']}' (FORMAT parquet)")
    return made


#: Forms that another form holds the rule of: left to the slow run.
PLAINER = ("plain.csv", "marked.csv", "2019.json", "csv.bz2", "parquet")


@pytest.mark.parametrize("plainer", [False, slow(True)])
def test_every_form_of_file_gives_the_same_contracts(tmp_path, plainer):
    for name, path in files_of_records(tmp_path).items():
        if (name in PLAINER) != plainer:
            continue
        document = count_contracts([str(path)], Wanted(year=2024))
        assert adds_up(document), name
        kept = [tuple(row.values()) for row in document["counts"] if row["contracts_per_year"]]
        assert kept == [("94", "state_hospital", 1), ("84", "local", 1), ("93", "local", 1)], name
        assert document["social"]["all"] == {"with": 1, "without": 1, "unknown": 1}, name


def test_names_and_cells_with_quotes_are_read(tmp_path):
    path = Path(table(tmp_path / "l'année 'x'.csv", RECORDS))
    head, *rows = path.read_text("utf-8").splitlines()
    text = "".join(f'{row},"a ""b"",\n\'c\'",\n' for row in rows)
    path.write_text(f'{head},"l\'""objet""",l\'objet\n{text}', "utf-8")
    assert count_contracts([str(path)], Wanted())["kept"] == 3


def test_lines_that_cannot_be_read_are_counted(tmp_path):
    path = Path(table(tmp_path / "rows.csv", RECORDS))
    broken = "\ntoo,few\n" + "x," * 30 + '\nx,"not closed,\n'
    path.write_text(path.read_text("utf-8") + broken, "utf-8")
    document = count_contracts([str(path)], Wanted())
    assert adds_up(document)
    assert (document["read"], document["dropped"]["unreadable"], document["kept"]) == (6, 3, 3)


def test_columns_under_other_headings_are_given(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(f"Id_Acheteur,montant_marche,où\n{LYON},250000,13001\n", "utf-8")
    there = count_contracts([str(path)], Wanted(columns={"place": "où"}))
    assert [r["territory"] for r in there["counts"] if r["contracts_per_year"]] == ["93"]
    assert count_contracts([str(path)], Wanted())["located"]["buyer"] == 1


def zipped(*names: str) -> bytes:
    """An archive of empty files."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name in names:
            file.writestr(name, "")
    return archive.getvalue()


PRICES = f"acheteur_id,montant\n{LYON},5\n"


@each(
    ("files", "options"),
    [
        (
            {
                "none.csv": (None, "none.csv: No such file or directory"),
                "price.csv": (f"acheteur_id,prix\n{LYON},5\n", "no column with the amount; give"),
                "buyer.csv": ("montant\n5\n", "--column buyer=HEADING, of: montant"),
                "cut.json": ('{"marches": [{"id": "1"}, {"id"', "cannot be read as JSON"),
                "none.json": ('{"contrats": [1]}', "holds no contracts"),
                "cut.gz": (gzip.compress(b"a,b\n1,2\n" * 999)[:-20], "cannot be read as CSV"),
                "a.parquet": ("PAR1 and nothing else", "cannot be read as Parquet"),
                "a.xlsx": (
                    zipped("[Content_Types].xml", "xl/workbook.xml"),
                    "is a workbook; save its",
                ),
                "a.zip": (zipped("a.csv", "b.csv"), "is an archive of 2 files; unpack it"),
            },
            (),
        ),
        ({"a.csv": (PRICES, '"lieux"')}, ("--column", "place=lieux")),
        ({"a.csv": (PRICES, "FIELD one of buyer, id,")}, ("--column", "plaice=x")),
        ({"a.csv": (PRICES, "FIELD=HEADING")}, ("--column", "place")),
        (
            {"a.json": ('{"marches": []}', "--column does nothing with JSON")},
            ("--column", "place=x"),
        ),
    ],
)
def test_files_that_cannot_be_read_are_refused_each_with_the_reason(
    files, options, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    for name, (body, _) in files.items():
        if body is not None:
            Path(name).write_bytes(body if isinstance(body, bytes) else body.encode())
    code, out, err = run(capsys, "import", "decp", *files, *options)
    assert (code, out) == (5, "")
    told = err.splitlines()
    for name, (_, said) in files.items():
        ours = " ".join(line for line in told if name in line or len(files) == 1)
        assert said in ours, name


def test_mistakes_of_all_files_are_told_at_once(tmp_path):
    paths = [str(tmp_path / name) for name in ("one.csv", "two.csv")]
    with pytest.raises(InputError) as refused:
        count_contracts(paths, Wanted())
    assert len(refused.value.mistakes) == 2


@each("missing", ["duckdb", "ijson"])
def test_without_the_extra_the_command_that_installs_it_is_named(missing, monkeypatch, capsys):
    with monkeypatch.context() as changed:
        changed.setitem(sys.modules, missing, None)
        code, _, err = run(capsys, "import", "decp", __file__)
    assert code == 5
    assert "pip install 'fte-alloc[decp]'" in err


def test_a_file_that_is_not_there_is_said_before_the_extra(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    code, _, err = run(capsys, "import", "decp", "nope.csv")
    assert (code, "nope.csv: no such file" in err, "fte-alloc[decp]" in err) == (5, True, False)


# -- the command -----------------------------------------------------------------------------------


@pytest.fixture
def model(tmp_path):
    """A copy of the shipped model, and a scenario of it."""
    shutil.copytree(ROOT / "models" / "france-2023", tmp_path / "mine")
    (tmp_path / "case.toml").write_text('title = "x"\nmodel = "mine"\n', "utf-8")
    return tmp_path / "mine"


def sum_of(page: str) -> tuple[int, int]:
    """Rows read, and what the page says became of them."""
    lines = re.findall(r"^(Rows read|  .*?|Contracts kept) {2,}(−?[\d,]+)$", page, re.MULTILINE)
    counts = [int(n.replace(",", "").replace("−", "-")) for _, n in lines]
    return counts[0], counts[-1] - sum(counts[1:-1])


def test_the_table_is_written_and_the_report_adds_up(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rows = [*RECORDS, RECORDS[0], {"amount": ""}, {"amount": "0"}, {"amount": "5"}, {"date": ""},
            {"date": "2023-01-01"}, {"place": "97500"}, {"buyer": ""},
            {"place": "", "buyer": OPERATOR}]  # fmt: skip
    rows += [{**row, "published": "", "id": f"B{n}"} for n, row in enumerate(rows[4:])]
    table(Path("rows.csv"), rows)
    code, out, err = run(
        capsys, "import", "decp", "rows.csv", "--year", "2024", "--out", "contracts.csv"
    )
    assert (code, err) == (0, "contracts.csv: written.\n")
    read, told = sum_of(out)
    assert read == told == len(rows)
    kept = sum(
        int(line.rpartition(",")[2]) for line in Path("contracts.csv").read_text().split()[1:]
    )
    code, out, _ = run(capsys, "import", "decp", "rows.csv", "--year", "2024", "--format", "json")
    document = json.loads(out)
    assert adds_up(document)
    assert document["kept"] == kept
    assert all(
        document["dropped"][reason] for reason in document["dropped"] if reason != "unreadable"
    )
    assert all(document["unresolved"].values())


def test_the_report_is_french_in_french(tmp_path, capsys):
    path = table(tmp_path / "rows.csv", [*RECORDS, {"amount": "0"}])
    code, out, _ = run(capsys, "--lang", "fr", "import", "decp", path)
    assert code == 0
    english = [*REASONS.values(), *KINDS_OF_BUYER.values(), "Rows read", "For model.toml"]
    assert [text for text in english if text in out] == []
    assert "Marchés retenus" in out


def test_a_model_gets_the_table_and_lines_that_say_what_it_rests_on(model, monkeypatch, capsys):
    monkeypatch.chdir(model.parent)
    path = table(model.parent / "rows.csv", RECORDS)
    before = (model / "model.toml").read_text("utf-8")
    code, _, err = run(capsys, "import", "decp", path, "--year", "2024", "--model", "mine")
    assert code == 0
    assert err.splitlines() == ["mine/contracts.csv: written.", "mine/model.toml: written."]
    problem = fa.load("case.toml")
    assert problem.contracts_per_year.sum() == 3
    entry = problem.inputs.entries["contracts.94.state_hospital"]
    assert (entry.value, entry.status, entry.source) == (1, "derived", "decp")
    assert "SHA-256" in problem.inputs.sources["decp"]["title"]
    after = (model / "model.toml").read_text("utf-8")
    assert [line for line in before.splitlines() if line.startswith("#")] == [
        line for line in after.splitlines() if line.startswith("#")
    ]
    run(capsys, "import", "decp", path, "--year", "2024", "--model", "mine")
    assert (model / "model.toml").read_text("utf-8") == after


def test_lines_for_a_model_are_in_the_language_but_data_in_english(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "models" / "france-2023", "mine")
    path = table(tmp_path / "rows.csv", RECORDS)
    typed = ("import", "decp", path, "--year", "2024", "--model", "mine", "--lang", "fr")
    _, out, _ = run(capsys, *typed, "--format", "json")
    assert "notified in 2024" in json.dumps(json.loads(out)["model_lines"])
    written = Path("mine/model.toml").read_text("utf-8")
    assert "marchés d’au moins 90\u202f000\u00a0€ notifiés en 2024, un par acheteur" in written


@each(
    ("file", "before", "after", "options", "said"),
    [
        ("territories.csv", "\n94,", "\n95,", (), "95 are no codes of --by region"),
        ("territories.csv", "", "", ("--by", "departement"), "--by says departement"),
        ("model.toml", "segments.local]", "segments.town]", (), "kinds of buyer are"),
        ("model.toml", "segments.local]", "segments.town]", ("--by", "departement"), "2 mistakes"),
        ("model.toml", "[tables.contracts]\n", "[tables]\ncontracts.", (), "paste the lines"),
    ],
)
def test_a_model_of_another_kind_is_refused_and_left_as_it_is(
    file, before, after, options, said, model, capsys
):
    kept = (model / file).read_text("utf-8")
    (model / file).write_text(kept.replace(before, after), "utf-8")
    was = {path: path.read_bytes() for path in model.iterdir()}
    path = table(model.parent / "rows.csv", RECORDS)
    code, _, err = run(capsys, "import", "decp", path, *options, "--model", str(model))
    assert code == 5
    assert said in err
    assert {path: path.read_bytes() for path in model.iterdir()} == was
    (model / file).write_text(kept, "utf-8")


@each(
    ("raised", "expected", "said"),
    [
        (KeyboardInterrupt(), 130, "Interrupted."),
        (RuntimeError("Query interrupted"), 130, "Interrupted."),  # what DuckDB makes of it
        (duckdb.InterruptException("INTERRUPT Error: Interrupted!"), 130, "Interrupted."),
        (duckdb.IOException("IO Error: no space left"), 5, "let TMPDIR name another folder"),
    ],
)
def test_an_import_that_ends_early_leaves_what_was_there(
    raised, expected, said, model, monkeypatch, capsys
):
    path = table(model.parent / "rows.csv", RECORDS)
    out = model.parent / "contracts.csv"
    out.write_text("as it was", "utf-8")
    was = {path: path.read_bytes() for path in model.iterdir()}
    scratch = model.parent / "scratch"
    scratch.mkdir(exist_ok=True)

    def ended(*_: object) -> None:
        assert list(scratch.iterdir())
        raise raised

    with monkeypatch.context() as changed:
        changed.setattr("tempfile.tempdir", str(scratch))
        changed.setattr("fte_alloc.questions.decp.count.read_file", ended)
        asked = ("import", "decp", path, "--out", str(out), "--model", str(model))
        code, _, err = run(capsys, *asked)
    assert code == expected
    assert said in err
    assert out.read_text("utf-8") == "as it was"
    assert {path: path.read_bytes() for path in model.iterdir()} == was
    assert list(scratch.iterdir()) == []


def test_a_file_that_is_read_is_not_written_over(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    before = Path(table(Path("rows.csv"), RECORDS)).read_bytes()
    code, _, err = run(capsys, "import", "decp", "rows.csv", "--out", "rows.csv")
    assert code == 5
    assert "this command reads rows.csv" in err
    assert Path("rows.csv").read_bytes() == before


def test_the_database_prints_nothing(tmp_path):
    """Its bar of progress, after two seconds, would stand among the results."""
    with open_notices([table(tmp_path / "rows.csv", RECORDS)], Wanted()) as (db, _):
        setting = db.execute("SELECT current_setting('enable_progress_bar')").fetchone()
    assert setting == (False,)


def test_what_is_read_of_the_files_is_reported(tmp_path):
    """A table of 3 MB at its end, a JSON file of 5 MB as it is read."""
    names, told = ["a.csv", "b.json"], []
    wide = {**RECORDS[0], "social": " " * 3_000_000}
    table(tmp_path / names[0], [wide])
    rows = [nested({"id": f"{n}", "social": "x" * 2_000}, new=False) for n in range(2_001)]
    (tmp_path / names[1]).write_text(json.dumps(rows), "utf-8")
    paths = [str(tmp_path / name) for name in names]
    most = int(sum(Path(path).stat().st_size for path in paths) / 1e6)
    count_contracts(paths, Wanted(), lambda *mb: told.append(mb))
    assert told[0] == (3, most)
    assert told[-1] == (most, most)
    assert told == sorted(told)
    assert len(set(told)) > 2


def test_headings_of_the_format_are_no_field_twice():
    names = [name for known in FIELDS.values() for name in known]
    assert len(names) == len(set(names))
    assert set(HEADINGS) == set(FIELDS)


# -- files of the platforms ------------------------------------------------------------------------

platforms = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data/decp is not here")


@platforms
@each(
    ("name", "published", "contracts", "options"),
    [
        ("works-2024H2.csv", 5180, 5180, {}),
        ("aws-2018-2019.json", 4509, 4504, {}),  # five are published again, dated …+01:00
        ("social-sample-2026.csv", 189, 189, {}),
        ("xml-flattened-2026-02.csv", 5301, 5063, {"columns": {"place": "code_postal_acheteur"}}),
        ("official-2022-marches_concessions.json", 4, 4, {}),
        ("official-2022-marches_avec_modifications.json", 2, 2, {}),
    ],
)
def test_files_of_the_platforms_add_up(name, published, contracts, options):
    document = count_contracts([str(SHARED / name)], Wanted(**options))
    assert adds_up(document)
    assert (document["published"], document["contracts"]) == (published, contracts)
    if "columns" in options:
        assert document["located"]["nowhere"] <= 0.03 * contracts
    if name.startswith("social"):
        assert document["social"]["all"] == {"with": 46, "without": 0, "unknown": 143}


@platforms
def test_regions_agree_with_those_of_the_works_file():
    path = SHARED / "works-2024H2.csv"
    with path.open(encoding="utf-8", newline="") as file:
        said = {row["acheteur_id"][:9]: row["acheteur_region_code"] for row in csv.DictReader(file)}
    with open_notices([str(path)], Wanted()) as (db, _):
        found = db.execute(
            "SELECT siren, territory FROM contracts('region', NULL, 0) WHERE territory IS NOT NULL"
        ).fetchall()
    compared = [(said[siren], territory) for siren, territory in found if said.get(siren)]
    assert len(compared) > 0.7 * 5180
    assert sum(a == b for a, b in compared) >= 0.99 * len(compared)
