"""`new` writes a scenario to fill in; untouched it is the one it was filled from."""

from __future__ import annotations

import subprocess
from pathlib import Path

import openpyxl
import pytest
from conftest import needs, run
from tables import each

import fte_alloc as fa
from fte_alloc.cli import main
from fte_alloc.errors import InputError
from fte_alloc.inputs.headings import heading_key
from fte_alloc.questions.new import new_workbook

pytestmark = pytest.mark.usefixtures("search_once")

SPOKEN = ("en", "fr")


def begun(
    folder: Path, base: str = "reference", spoken: str = "en", name: str = "study.xlsx"
) -> Path:
    """A new scenario, filled with the figures of another."""
    path = folder / f"{spoken}-{base}-{name}"
    main(["new", str(path), "--from", base, "--lang", spoken])
    return path


def changed(path: Path, cells: dict[tuple[str, str], object]) -> Path:
    """A workbook with other values in some cells, by sheet and cell."""
    book = openpyxl.load_workbook(path)
    for (sheet, cell), value in cells.items():
        book[sheet][cell] = value
    book.save(path)
    return path


@each(
    ("base", "spoken"),
    [
        ("reference", "en"),
        ("reference", "fr"),
        ("horizon-2025", "fr"),
        ("own-limits", "en"),
        ("departements", "fr"),
    ],
)
def test_untouched_it_is_the_scenario_it_was_filled_from(tmp_path, base, spoken):
    mine, theirs = fa.load(begun(tmp_path, base, spoken)).inputs, fa.load(base).inputs
    assert mine.resolved_sha256 == theirs.resolved_sha256
    assert mine.counts() == theirs.counts()
    assert mine.regional() == theirs.regional()
    assert not mine.warnings


CHANGES = {
    ("Territories", "D14"): 14.5,
    ("Contracts", "D8"): 39_123,
    ("Limits", "B5"): 1.5,
}
AS_SET = {
    "territories.53.existing_facilitators_fte": 14.5,
    "contracts.24.operators": 39_123,
}


def set_by_cells(path: Path) -> dict[str, float]:
    """What the changes are as --set: the key of a row of limits stands in it."""
    sheet = openpyxl.load_workbook(path)["Limits"]
    return {**AS_SET, sheet["G5"].value: 1.5}


def test_three_cells_changed_are_three_values_set(tmp_path):
    path = changed(begun(tmp_path), CHANGES)
    mine, theirs = fa.load(path), fa.load("reference", set_by_cells(path))
    assert mine.inputs.resolved_sha256 == theirs.inputs.resolved_sha256
    assert fa.solve(mine).document["posts"] == fa.solve(theirs).document["posts"]
    found = mine.inputs.entries
    assert found["contracts.24.operators"].origin.endswith("en-reference-study.xlsx, Contracts!D8")
    assert [found[key].status for key in set_by_cells(path)] == ["reported", "reported", "scenario"]
    assert mine.inputs.regional()["reported"] == 2


@pytest.mark.slow
@needs("soffice")
@pytest.mark.parametrize("ending", ["ods", "xls", "xlsx"])
def test_saved_by_libreoffice_it_is_the_same(tmp_path, ending):
    path = changed(begun(tmp_path), CHANGES)
    command = ["soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"]
    command += ["--convert-to", ending, "--outdir", str(tmp_path / "saved"), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    mine = fa.load(tmp_path / "saved" / f"{path.stem}.{ending}").inputs
    theirs = fa.load("reference", set_by_cells(path)).inputs
    assert mine.resolved_sha256 == theirs.resolved_sha256


@each("spoken", SPOKEN)
def test_headings_are_known_to_the_reader(tmp_path, spoken):
    book = openpyxl.load_workbook(begun(tmp_path, spoken=spoken))
    assert len(book.sheetnames) == 6
    for sheet in book.worksheets[1:3]:
        headings = [cell.value for cell in sheet[1]]
        assert all(
            heading_key(text) or "operators" in text or "opérateurs" in text for text in headings
        )
    sheet = book.worksheets[1]
    assert sheet.data_validations.dataValidation[0].sqref.ranges
    assert sheet["D2"].fill.start_color.rgb == "FFFFF2CC"


def test_a_folder_has_a_model_and_a_scenario_of_its_own(tmp_path):
    folder = begun(tmp_path, "tight-budget", name="mine")
    assert {path.name for path in folder.iterdir()} == {
        *("model.toml", "territories.csv", "contracts.csv", f"{folder.name}.toml"),
    }
    mine = fa.load(folder / f"{folder.name}.toml").inputs
    values, others = (
        {k: e.value for k, e in one.entries.items() if "title" not in k}
        for one in (mine, fa.load("tight-budget").inputs)
    )
    assert values == others
    table = folder / "territories.csv"
    table.write_text(table.read_text("utf-8").replace(",13.24,", ",14.5,"), "utf-8")
    assert (
        fa.load(folder / f"{folder.name}.toml").inputs.column("existing_facilitators_fte")["53"]
        == 14.5
    )


def test_nothing_is_written_over(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(capsys, "new", "study.xlsx")[0] == 0
    before = Path("study.xlsx").read_bytes()
    code, __, told = run(capsys, "new", "study.xlsx", "--from", "tight-budget")
    assert code == 5
    assert "study.xlsx: is there already, and nothing is written over" in told
    assert Path("study.xlsx").read_bytes() == before
    assert "study.pdf: expected a workbook, NAME.xlsx" in run(capsys, "new", "study.pdf")[2]
    assert not Path("study.pdf").exists()


def test_tables_of_a_model_may_have_headings_of_a_planner_s_own(tmp_path):
    folder = begun(tmp_path, name="mine")
    before = fa.load(folder / f"{folder.name}.toml").inputs
    territories, contracts = folder / "territories.csv", folder / "contracts.csv"
    rows = [line.split(",") for line in territories.read_text("utf-8").splitlines()[1:]]
    total = f"{sum(float(row[6]) for row in rows):.2f}".replace(".", ",")
    lines = [";".join(row).replace(".", ",") for row in rows]
    headings = "Code;Région;population;unemployment_rate;qpv_inhabitants;qpv_share;ETP en poste;"
    headings += "ETP reconduits;Coordinateurs en poste"
    lines = ["Postes au 12 mars;;;;;;;;", headings, *lines, f"Total;;;;;;{total};;"]
    territories.write_text("\n".join(lines), "utf-8")
    english, french = "territory,segment,contracts_per_year", "Région,Acheteur,Marchés"
    text = contracts.read_text("utf-8").replace(english, french)
    contracts.write_text(text.replace("state_hospital", "État"), "utf-8")
    after = fa.load(folder / f"{folder.name}.toml").inputs
    assert after.resolved_sha256 == before.resolved_sha256
    assert "is set aside" in str(after.warnings[0])
    assert after.entries["territories.01.population"].origin.endswith("territories.csv:3")
    contracts.write_text(text.replace("Marchés", "Marchez"), "utf-8")
    with pytest.raises(InputError, match=r"contracts\.csv:1: column contracts_per_year is missing"):
        fa.load(folder / f"{folder.name}.toml")


def test_a_limit_whose_cell_is_emptied_is_kept_and_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    limit = "territories.53.max_new_facilitators_fte"
    Path("mine.toml").write_text(f'extends = "reference"\n{limit} = 3\n', "utf-8")
    main(["new", "study.xlsx", "--from", "mine.toml", "--lang", "en"])
    assert fa.load("study.xlsx").inputs.value(limit) == 3
    changed(Path("study.xlsx"), {("Territories", "I14"): None, ("Limits", "B4"): None})
    inputs = fa.load("study.xlsx").inputs
    assert inputs.value(limit) == 3
    assert [str(warning).partition(": what")[0] for warning in inputs.warnings] == [
        "study.xlsx, Territories!I1: empty for Bretagne",
        "study.xlsx, Limits!B1: empty for posts.cap_fte",
    ]
    changed(Path("study.xlsx"), {("Territories", "I14"): "aucun", ("Limits", "B4"): "none"})
    inputs = fa.load("study.xlsx").inputs
    assert (inputs.value(limit), inputs.value("posts.cap_fte")) == (None, None)


def test_a_model_may_say_that_figures_are_reported(tmp_path):
    folder = begun(tmp_path, name="mine")
    model = folder / "model.toml"
    said = 'existing_facilitators_fte = { unit = "FTE", status = "assumption"'
    reported = 'existing_facilitators_fte = { unit = "FTE", status = "reported", source = "mail"'
    text = model.read_text("utf-8").replace(said, reported)
    model.write_text(text + '\n[sources.mail]\ntitle = "DREETS, 12 March"\n', "utf-8")
    inputs = fa.load(folder / f"{folder.name}.toml").inputs
    assert inputs.regional() == {"total": 108, "assumption": 90, "published": 0, "reported": 18}
    model.write_text(text.replace(', source = "mail"', ""), "utf-8")
    with pytest.raises(InputError, match="is reported, which needs a source"):
        fa.load(folder / f"{folder.name}.toml")


def test_figures_to_fill_in_are_told_apart_by_their_words():
    __, tables = new_workbook(fa.load("reference").inputs, "reference", "study.xlsx")
    figures = [row["figure"] for table in tables for row in table.rows if "figure" in row]
    assert "highest rate feasible, local authorities" in "; ".join(map(str, figures))
    assert len({*figures}) == len(figures) > 20
