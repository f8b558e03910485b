"""Every answer as a workbook, and as the CSV that a French Excel opens."""

from __future__ import annotations

import io
import zipfile

import pytest
from conftest import run, slow_but, solved
from spreadsheet import formulas, opened, stored
from tables import each

from fte_alloc import language
from fte_alloc.cli import cli
from fte_alloc.questions.answer import Grid, Line
from fte_alloc.render.data import as_csv, as_french_csv
from fte_alloc.render.workbook import page_workbook

pytestmark = pytest.mark.usefixtures("at_root", "search_once")

BAD = ("=1+1", "+SUM(A1)", "-2+3", "@cmd", "=HYPERLINK(0)")
PAGE = [
    Line("reference: =title", "good", "PROVED"),
    Line("Contracts  58,366 of 235,629"),
    Line(""),
    Grid(
        ["FTE", "new", "rate", "change", "which"],
        [["01 Guadeloupe", "5.0", "24.8%", "+0.3", "=x"], ["Total", "1,234.5", "·", "−2.1", "9"]],
        total=True,
        left_too=(4,),
    ),
    *map(Line, BAD),
]


def print_setup(data: bytes, number: int) -> str:
    """The part of a sheet that says how it is printed."""
    return zipfile.ZipFile(io.BytesIO(data)).read(f"xl/worksheets/sheet{number}.xml").decode()


def test_a_page_is_a_sheet_of_sentences_and_of_numbers_that_show_the_same():
    rows = [{"territory": "01", "new_fte": 5.04, "note": BAD[0], "list": ["a", 1]}]
    data = page_workbook(PAGE, ["territory", "new_fte", "note", "list"], rows)
    assert not formulas(data)
    answer = [[cell.value for cell in row] for row in opened(data)["Answer"].iter_rows()]
    assert [row[0] for row in answer[:3]] == [
        "reference: =title",
        "PROVED",
        "Contracts: 58,366 of 235,629",
    ]
    (head,) = (n for n, row in enumerate(answer) if row[0] == "FTE")
    assert answer[head + 1][:5] == ["01 Guadeloupe", 5.0, 0.248, 0.3, "=x"]
    assert answer[head + 2][:5] == ["Total", 1234.5, "·", -2.1, "9"]
    assert set(BAD) <= set(stored(data).values())
    lines = list(opened(data)["Data"].iter_rows(values_only=True))
    assert lines == [("code", "new FTE", "note", "list"), ("01", 5.04, "=1+1", '["a", 1]')]


def test_numbers_of_a_french_page_are_numbers_too():
    grid = Grid(["ETP", "marchés", "taux"], [["x", "58\u202f366,3", "24,8\u00a0%"]])
    with language.in_language("fr"):
        data = page_workbook([Line("t"), grid], [], [])
    assert [v for v in stored(data).values() if isinstance(v, float)] == [58366.3, 0.248]


def test_the_first_sheet_prints_on_one_page_and_the_rest_repeats_its_heads():
    grid = Grid(["a", "b"], [[f"line {n}", "1.0"] for n in range(90)])
    rows = [{"territory": str(n), "new_fte": 1.0} for n in range(400)]
    data = page_workbook([Line("t"), grid], ["territory", "new_fte"], rows)
    first, second = (print_setup(data, n) for n in (1, 2))
    assert 'fitToHeight="0"' not in first
    assert 'orientation="portrait"' in first
    assert 'fitToHeight="0"' in second
    assert "Data!$1:$1" in zipfile.ZipFile(io.BytesIO(data)).read("xl/workbook.xml").decode()


ANSWERS = {
    "explain": ("explain", "reference", "--territory", "Bretagne"),
    "evaluate": ("evaluate", "reference", "--posts", "posts.csv"),
    "weights": ("weights", "reference", "--weight", "53"),
    "impossible": ("solve", "reference", "--set", "budget.state_eur_per_year=3000000"),
    "check": ("check", "reference"),
    "sweep": ("sweep", "reference", "--vary", "posts.cap_fte=550,560"),
    "verify": ("verify", "plan.json"),
}


@each("name", slow_but(ANSWERS, "evaluate", "verify", "check"))
def test_every_answer_is_a_workbook_with_the_rows_of_its_csv(name, capsys, tmp_path):
    (tmp_path / "posts.csv").write_text("territory,role,new_fte\n53,facilitator,4.5\n")
    (tmp_path / "plan.json").write_text(run(capsys, "solve", "reference", "--format", "json")[1])
    command = [
        str(tmp_path / word) if word[-5:] in ("s.csv", ".json") else word for word in ANSWERS[name]
    ]
    path = tmp_path / f"{name}.xlsx"
    code, told, _ = run(capsys, *command, "--format", "csv")
    assert run(capsys, *command, "--out", str(path))[0] == code
    book = opened(path.read_bytes())
    assert book.sheetnames == ["Answer", "Data"]
    assert book["Data"].max_row == max(1, told.count("\n"))
    assert book["Answer"]["A1"].value.startswith(("reference", str(tmp_path), "path"))


def test_an_evaluation_is_saved_as_the_workbook_of_its_command(tmp_path):
    path = tmp_path / "judged.xlsx"
    solved("reference").evaluation.save(path)
    assert opened(path.read_bytes()).sheetnames == ["Answer", "Data"]


def test_an_answer_is_no_scenario(capsys, tmp_path):
    for lang in ("en", "fr"):
        path = str(tmp_path / f"{lang}.xlsx")
        assert run(capsys, "check", "reference", "--lang", lang, "--out", path)[0] == 0
        code, _, err = run(capsys, "check", path)
        assert code == 5
        assert "is the result of a command" in err


def test_every_question_has_a_workbook_and_french_csv():
    for question in (question for question in cli.commands.values() if "table" in question.formats):
        assert {"xlsx", "csv-fr"} <= question.formats.keys()


def test_french_csv_has_headings_semicolons_decimal_commas_and_a_mark():
    rows = [
        {"territory": "01", "role": "facilitator", "new_fte": -1.5, "unit": "0.25"},
        {"territory": "=x", "role": None, "new_fte": 2, "unit": "a.5"},
        {"territory": "2", "new_fte": 3.9979418990484845, "stopped_by": "growth", "kept": False},
    ]
    columns = ["territory", "role", "new_fte", "unit", "posts.cap_fte", "stopped_by", "kept"]
    columns += ["new_fte_coordinator_53", "below_rate"]
    assert as_french_csv(columns, rows) == (
        "\ufeffcode;rôle;ETP nouveaux;unité;plafond du réseau (posts.cap_fte);facteur limitant;"
        "kept;ETP nouveaux, coordinateur régional 53;en deçà\xa0: pente\n"
        "01;facilitateur;-1,5;0,25;;;;;\n'=x;;2;a.5;;;;;\n"
        "2;;3,997941899;;;limite de recrutement;non;;\n"
    )
    assert as_csv(columns, rows).startswith("territory,role,new_fte")


def test_french_csv_names_what_is_compared_in_french(capsys):
    code, out, _ = run(
        capsys, "compare", "reference", "tight-budget", "--why", "--format", "csv-fr"
    )
    assert code == 0
    rows = [line.split(";") for line in out.splitlines()]
    assert rows[1][:2] == ["donnée", "enveloppe annuelle de l’État (budget.state_eur_per_year)"]
    assert ["résultat", "sans poste nouveau", "tight-budget"] in [row[:3] for row in rows]
    assert ["résultat", "taux, local"] in [row[:2] for row in rows]
    bridge = "taux le plus bas\N{NO-BREAK SPACE}: enveloppe de l’État"
    assert ["effet d’un changement", bridge] in [row[:2] for row in rows]


def test_french_csv_is_read_back_by_evaluate(capsys, tmp_path):
    path = tmp_path / "posts.csv"
    assert run(capsys, "solve", "reference", "--format", "csv-fr", "--out", str(path))[0] == 0
    assert path.read_bytes().startswith(b"\xef\xbb\xbfcode;nom;r")
    code, out, _ = run(capsys, "evaluate", "reference", "--posts", str(path))
    assert code == 0
    assert f"as good as the best: {solved('reference').expected_contracts:,.1f}" in out
    code, _, err = run(
        capsys, "solve", "reference", "--format", "csv-fr", "--out", str(tmp_path / "x.json")
    )
    assert code == 2
    assert "disagree" in err
