"""Tables as planners keep them, read rightly or refused with cell and remedy, in both languages."""

from __future__ import annotations

import io
import subprocess

import openpyxl
import pytest
from conftest import needs
from tables import each

from fte_alloc import language
from fte_alloc.inputs.codes import Codes
from fte_alloc.inputs.headings import heading_key
from fte_alloc.inputs.sheets import read_sheets
from fte_alloc.inputs.tables import find_tables

FACILITATORS, RENEWED = "existing_facilitators_fte", "committed_facilitators_fte"
STATE, LOCAL = "contracts.state_hospital", "contracts.local"


def workbook(*rows: list[object], name: str = "Feuille 1", merge: str = "") -> bytes:
    """An .xlsx file with one sheet of so many rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = name
    for row in rows:
        sheet.append(row)
    for cells in merge.split():
        sheet.merge_cells(cells)
    book.save(buffer := io.BytesIO())
    return buffer.getvalue()


def read(data: bytes | str, name: str = "") -> tuple[dict[str, dict[str, object]], list[str]]:
    """The numbers of the first table of a file by place and key, and everything said of it."""
    name = name or ("t.csv" if isinstance(data, str) else "t.xlsx")
    data = data.encode() if isinstance(data, str) else data
    (table,) = find_tables(read_sheets(data, name))
    found: dict[str, dict[str, object]] = {}
    for row in table.rows:
        place = row["code" if "code" in row else "name"].text
        place += f" {row['buyer'].text}" if "buyer" in row else ""
        numbers = {
            key: table.number(row, key)
            for key in row
            if key.endswith(("fte", "year")) or "." in key
        }
        found[place] = {key: number for key, number in numbers.items() if number is not None}
    told = [
        *map(str, (*table.aside, *table.mistakes)),
        *(f"{w}: not read: {t}" for w, t in table.unread),
    ]
    return found, told


def both(left: float | None, right: float | None) -> dict[str, dict[str, float]]:
    """What two regions, 53 and 52, have of facilitators in place."""
    values = {"53": left, "52": right}
    return {code: {} if v is None else {FACILITATORS: v} for code, v in values.items()}


HEADINGS = {
    FACILITATORS: "ETP en poste|Postes existants|facilit. in place, FTE|FTE already in post|"
    "Facilitateurs\nexistants (ETP)|Nombre de postes en place (2023)|existing_facilitators_fte",
    RENEWED: "Nb d'ETP reconduits|renewed FTE|postes renouvelés|facilit. reconduits (ETP)",
    "existing_coordinators_fte": "Coordinateurs régionaux en poste|coordinators in place",
    "max_new_facilitators_fte": "max_new_facilitators_fte|Facilitateurs nouveaux au plus",
    "least_rate": "Taux minimal (%)|least rate",
    STATE: "marchés État|Marchés de l’État et des hôpitaux|State and hospitals|"
    "État et secteur hospitalier",
    LOCAL: "Collectivités|marchés des collectivités|local authorities|Secteur public local",
    "contracts.operators": "Opérateurs de réseaux|Entreprises publiques et opérateurs de réseaux",
    "contracts_per_year": "nombre de\nmarchés|Marchés|contracts_per_year",
    "contracts_per_fte_factor": "contracts_per_fte_factor",
    "posts?": "ETP|Postes|Facilitateurs (ETP)",
    "new_facilitators_fte": "NEW facilit., FTE|Facilitateurs nouveaux (ETP)",
    "new_fte": "vos postes|new_fte|postes nouveaux",
    "code": "Code|code territoire|N° INSEE",
    "region": "Région|Nom de la région",
    "name": "Territoire|Nom|département",
    "buyer": "type d'acheteur|segment|kind of buyer",
    None: "ETP demandés|State, EUR|État (ETP)|Observations|Marchés (€)|ETP vacants|",
}


@each(
    ("key", "heading"),
    [(key, one) for key, many in HEADINGS.items() for one in many.split("|")],
)
def test_headings_in_both_languages(key, heading):
    assert heading_key(heading) == key


#: A dirty table, what is read of it, and what is said: all of these sentences, and no others.
TITLED = (
    "Postes d'insertion;;\nCampagne 2026;;\n;;\nCode;Région;ETP en poste\n53;Bretagne;13,2\n"
    "52;Pays de la Loire;16,6\n"
)
CASES = {
    "titles above the headings": (TITLED, both(13.2, 16.6), []),
    "a mark of UTF-8 and a line sep=": ("\ufeffsep=;\n" + TITLED, both(13.2, 16.6), []),
    "an empty row": (TITLED.replace("52;", ";;\n52;"), both(13.2, 16.6), []),
    "narrow spaces between thousands": (
        TITLED.replace("13,2", "1\u202f013,2").replace("16,6", "1\u00a0016"),
        both(1013.2, 1016),
        [],
    ),
    "a unit behind the number": (TITLED.replace("13,2", "13,2 ETP"), both(13.2, 16.6), []),
    "a total": (TITLED + ";Total;29,8\n", both(13.2, 16.6), ['t.csv:7: "Total" is the sum']),
    "a total rounded": (TITLED + ";ENSEMBLE;30\n", both(13.2, 16.6), ["is set aside"]),
    "France as the total": (TITLED + ";France;29,8\n", both(13.2, 16.6), ["is set aside"]),
    "a total without a name": (TITLED + ";;29,8\n", both(13.2, 16.6), ["t.csv:7: a row without"]),
    "a total first": (
        TITLED.replace("53;", ";Total général;29,8\n53;"),
        both(13.2, 16.6),
        ["t.csv:5:"],
    ),
    "a total that is none": (
        TITLED + ";Total;31,8\n",
        both(13.2, 16.6),
        ['t.csv:7: "Total" is 31.8, but the rows add up to 29.8; correct it, or delete the row'],
    ),
    "no name": (
        TITLED + ";;7\n",
        both(13.2, 16.6),
        ["t.csv:7: no territory is named here, and 7 is not the sum of the rows, 29.8"],
    ),
    "subtotals": (
        TITLED.replace("52;", ";Sous-total Ouest;13,2\n52;") + "94;Corse;2\n;Total;31,8\n",
        both(13.2, 16.6) | {"94": {FACILITATORS: 2}},
        ["t.csv:6:", "t.csv:9:"],
    ),
    "a total of the rows below it": (
        TITLED.replace("52;", ";Ensemble hors Bretagne;18,6\n52;") + "94;Corse;2\n",
        both(13.2, 16.6) | {"94": {FACILITATORS: 2}},
        ["t.csv:6:"],
    ),
    "two equal territories": (TITLED.replace("16,6", "13,2"), both(13.2, 13.2), []),
    "a blank in the number": (
        TITLED.replace("13,2", "13 ,2"),
        both(None, 16.6),
        ['t.csv:5: ETP en poste: is "13 ,2", expected a number'],
    ),
    "not known": (
        TITLED.replace("13,2", "n.c."),
        both(None, 16.6),
        ['t.csv:5: ETP en poste: is "n.c."'],
    ),
    "an error": (
        TITLED.replace("13,2", "#REF!"),
        both(None, 16.6),
        ['t.csv:5: ETP en poste: is "#REF!"'],
    ),
    "a letter O": (
        TITLED.replace("13,2", "1O"),
        both(None, 16.6),
        ['t.csv:5: ETP en poste: is "1O"'],
    ),
    "a remark": (TITLED.replace("13,2", "13 dont 2"), both(None, 16.6), ["t.csv:5:"]),
    "a footnote": (TITLED.replace("13,2", "13*"), both(None, 16.6), ["t.csv:5:"]),
    "a number not yet sure": (
        TITLED.replace("13,2", "13,2 (à confirmer)"),
        both(None, 16.6),
        ['is "13,2 (à confirmer)", expected a number'],
    ),
    "percent of posts": (TITLED.replace("13,2", "13 %"), both(None, 16.6), ["t.csv:5:"]),
    "a mark without decimals": (TITLED.replace("13,2", "13,"), both(None, 16.6), ["t.csv:5:"]),
    "a size for posts": (TITLED.replace("13,2", "13 k"), both(None, 16.6), ["t.csv:5:"]),
    "money for posts": (TITLED.replace("13,2", "13 €"), both(None, 16.6), ["t.csv:5:"]),
    "thousands or decimals": (
        TITLED.replace("13,2", "1,013").replace("16,6", "2,016"),
        both(None, None),
        ['is "1,013", which can be read in two ways; write 1013', 'is "2,016"'],
    ),
    "thousands of posts, as another number shows": (
        TITLED.replace("13,2", "1,013").replace("16,6", "16.6"),
        both(None, 16.6),
        ['t.csv:5: ETP en poste: is "1,013", which can be read in two ways'],
    ),
    "thousands of contracts, as another number shows": (
        "Région;Acheteur;Marchés\nBretagne;État;889.5\nBretagne;Local;9,080\n",
        {
            "Bretagne État": {"contracts_per_year": 889.5},
            "Bretagne Local": {"contracts_per_year": 9080},
        },
        [],
    ),
    "a line break within a name": (
        'Région;ETP en poste\nBretagne;13,2\n"Pays de\nla Loire";16,6\n',
        {"Bretagne": {FACILITATORS: 13.2}, "Pays de la Loire": {FACILITATORS: 16.6}},
        [],
    ),
    "decimals, as another number shows": (TITLED.replace("13,2", "1,013"), both(1.013, 16.6), []),
    "commas between cells": (
        "code,name,existing_facilitators_fte\n53,Bretagne,13.2\n52,Pays de la Loire,16.6\n",
        both(13.2, 16.6),
        [],
    ),
    "a decimal comma among commas": (
        "code,name,FTE in place\n53,Bretagne,13,2\n52,Pays de la Loire,16.6\n",
        {"52": {FACILITATORS: 16.6}},
        ["t.csv:2: expected 3 cells, found 4; a decimal comma needs semicolons"],
    ),
    "tabs": (TITLED.replace(";", "\t"), both(13.2, 16.6), []),
    "posts, but which": (
        TITLED.replace("ETP en poste", "ETP"),
        both(None, None),
        ['t.csv:4: "ETP" does not say which posts; write FTE in place'],
    ),
    "a heading misspelt": (
        TITLED.replace("en poste", "en poste;Colectivités").replace("16,6", "16,6;3"),
        both(13.2, 16.6),
        ["t.csv:4: not read: Colectivités"],
    ),
    "two columns of one thing": (
        TITLED.replace("en poste", "en poste;Postes existants").replace("16,6", "16,6;3"),
        both(13.2, 16.6),
        ['t.csv:4: "Postes existants" is existing_facilitators_fte, as is "ETP en poste"'],
    ),
    "headings again": (
        TITLED + "Code;Région;ETP en poste\n11;Île-de-France;3\n",
        both(13.2, 16.6) | {"Code": {}, "11": {FACILITATORS: 3}},
        ['t.csv:7: ETP en poste: is "ETP en poste", expected a number'],
    ),
    "remarks and other figures": (
        TITLED.replace("en poste", "en poste;ETP demandés;Observations").replace(
            "16,6", "16,6;3;ok"
        ),
        both(13.2, 16.6),
        ["t.csv:4: not read: ETP demandés"],
    ),
    "long contracts": (
        "Région;Acheteur;Marchés\nBretagne;État;889\nBretagne;Local;9 080\nTotal;État;889\n",
        {
            "Bretagne État": {"contracts_per_year": 889},
            "Bretagne Local": {"contracts_per_year": 9080},
        },
        ["is set aside"],
    ),
    "a total that leaves out texts": (
        workbook(["Code", "ETP en poste"], ["53", "13,2"], ["52", 16.6], ["Total", 16.6]),
        both(13.2, 16.6),
        ["leaves out numbers typed as text, which are read here"],
    ),
    "a cell of a workbook": (
        workbook(["Région", "ETP en poste"], ["Bretagne", "13,2 x"]),
        {"Bretagne": {}},
        ['t.xlsx, Feuille 1!B2: is "13,2 x", expected a number'],
    ),
    "numbers and texts in a workbook": (
        workbook(["Code", "ETP en poste"], [53, "13,2"], ["52", 16.6], ["2A", 3]),
        both(13.2, 16.6) | {"2A": {FACILITATORS: 3}},
        [],
    ),
    "a formula without a value": (
        workbook(["Région", "ETP en poste"], ["Bretagne", "=1+1"]),
        {"Bretagne": {}},
        ["t.xlsx, Feuille 1!B2: is a formula without a stored value; open the file in"],
    ),
    "an error in a workbook": (
        workbook(["Région", "ETP en poste"], ["Bretagne", "#DIV/0!"]),
        {"Bretagne": {}},
        ["t.xlsx, Feuille 1!B2: is #DIV/0!, an error of the spreadsheet"],
    ),
    "a heading over two columns": (
        workbook(
            ["Région", "Postes existants", None, "Marchés", None],
            [None, "facilitateurs", "coordinateurs", "État", "collectivités"],
            ["Bretagne", 13, 1, 889, 9080],
            merge="B1:C1 A1:A2 D1:E1",
        ),
        {"Bretagne": {FACILITATORS: 13, "existing_coordinators_fte": 1, STATE: 889, LOCAL: 9080}},
        [],
    ),
    "headings in two rows, and a total without a name": (
        workbook(
            ["Code", "Région", "Postes existants"],
            [None, None, "facilitateurs", "coordinateurs"],
            ["53", "Bretagne", 13],
            ["52", "Pays de la Loire", 16],
            [None, None, 29],
        ),
        both(13, 16),
        ["a row without a name is the sum of other rows"],
    ),
    "a title that says which posts": (
        workbook(
            ["Postes existants au 31/12"],
            [],
            ["Région", "Facilitateurs", "Coordinateurs"],
            ["Bretagne", 13, 1],
        ),
        {"Bretagne": {FACILITATORS: 13, "existing_coordinators_fte": 1}},
        [],
    ),
    "a name over several rows": (
        workbook(
            ["Région", "Acheteur", "Marchés"],
            ["Bretagne", "État", 889],
            [None, "Local", 9080],
            merge="A2:A3",
        ),
        {
            "Bretagne État": {"contracts_per_year": 889},
            "Bretagne Local": {"contracts_per_year": 9080},
        },
        [],
    ),
    "a number over two rows": (
        workbook(["Code", "ETP en poste"], ["53", 13.2], ["52", None], merge="B2:B3"),
        both(13.2, None),
        ["t.xlsx, Feuille 1!B3: is merged with B2: whose number is it? Take the cells apart"],
    ),
}


@each("name", CASES)
def test_dirty_tables(name):
    data, numbers, told = CASES[name]
    found, said = read(data)
    assert found == numbers
    assert len(said) == len(told), said
    for sentence in told:
        assert any(sentence in one for one in said), said


@each("name", CASES)
def test_dirty_tables_in_french(name):
    data, numbers, told = CASES[name]
    with language.in_language("fr"):
        found, said = read(data)
    assert (found, len(said)) == (numbers, len(told))


@each(
    ("text", "code"),
    [
        *(("Bretagne", "53"), ("BRETAGNE", "53"), ("53", "53"), ("53 - Bretagne", "53")),
        *(("53 Bretagne", "53"), ("Bretagne (53)", "53"), ("Région Bretagne", "53")),
        *(
            ("région de la Guyane", "03"),
            ("PACA", "93"),
            ("Réunion", "04"),
            ("l'Île de France", "11"),
        ),
        *(("52 Bretagne", None), ("Bretagne (52)", None), ("Bretagne (hors Rennes)", None)),
        *(("Bretagne et Corse", None), ("", None), ("Métropole", None)),
    ],
)
def test_names_as_people_write_them(text, code):
    names = {"53": "Bretagne", "52": "Pays de la Loire", "03": "Guyane", "04": "La Réunion"}
    names |= {"93": "Provence-Alpes-Côte d'Azur", "11": "Île-de-France", "94": "Corse"}
    assert Codes(names, complete=True).find(text) == code


#: What LibreOffice does to a table that it saves: formulas are computed, errors not to be seen.
SAVED = {
    "a formula without a value": {"Bretagne": {FACILITATORS: 2}},
    "an error in a workbook": {"Bretagne": {}},
    "a number over two rows": both(13.2, None),
}


@pytest.mark.slow
@needs("soffice")
@pytest.mark.parametrize("ending", ["xlsx", "ods", "xls"])
def test_dirty_tables_saved_by_libreoffice(tmp_path, ending):
    """Names over several rows are left out of .ods, which says nothing of merged cells."""
    books = {name: case for name, case in CASES.items() if isinstance(case[0], bytes)}
    for n, (data, *_) in enumerate(books.values()):
        (tmp_path / f"{n}.xlsx").write_bytes(data)
    command = ["soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"]
    command += ["--convert-to", ending, "--outdir", str(tmp_path / "saved")]
    command += [str(tmp_path / f"{n}.xlsx") for n in range(len(books))]
    subprocess.run(command, check=True, capture_output=True, timeout=200)
    for n, (name, (_, numbers, _)) in enumerate(books.items()):
        data = (tmp_path / "saved" / f"{n}.{ending}").read_bytes()
        if ending == "ods" and "several rows" in name:
            continue
        assert read(data, f"t.{ending}")[0] == SAVED.get(name, numbers), name


def test_a_code_of_digits_is_no_slip_of_another_one():
    codes = Codes({"971": "Guadeloupe", "972": "Martinique", "2A": "Corse-du-Sud"}, complete=True)
    assert codes.hint("970") == ""
    assert "2A (Corse-du-Sud)" in codes.hint("Corse du Sud 1")
