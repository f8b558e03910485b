"""Posts are read back from the workbook of a plan, and from tables as planners keep them."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from conftest import run, small_problem, solved
from spreadsheet import typed_into
from tables import each
from test_simulator import PROBLEMS, SHEET, Simulated, book_of, plan_of

import fte_alloc as fa
from fte_alloc.errors import InputError
from fte_alloc.inputs.codes import PostCodes
from fte_alloc.inputs.input_files import shown_path
from fte_alloc.inputs.plan_files import read_posts
from fte_alloc.questions.solve.answer import plan_answer
from fte_alloc.render.workbook import workbook

pytestmark = pytest.mark.usefixtures("at_root")


def read(path: Path, problem: fa.Problem) -> tuple[dict[tuple[str, str, int], float], list[str]]:
    """The posts of a file, none left out that are 0, and what is noted of it."""
    notes: list[str] = []
    posts = read_posts(path, PostCodes.of(problem), problem.years, note=notes.append)
    return {post: fte for post, fte in posts.items() if fte}, notes


def posts_of(plan) -> dict[tuple[str, str, int], float]:
    x, z = plan.evaluation.new_facilitators_fte, plan.evaluation.new_coordinators_fte
    arrays = {"facilitator": x, "coordinator": z}
    places = {role: codes.index for role, codes in plan.problem.codes.items()}
    keys = plan.problem.post_keys()
    found = {
        (role, code, year): float(arrays[role][places[role](code), plan.problem.years.index(year)])
        for role, code, year in keys
    }
    return {post: fte for post, fte in found.items() if fte}


def workbook_of(plan, lang: str) -> bytes:
    fa.use_language(lang)
    try:
        return workbook(plan_answer(plan.document, plan))
    finally:
        fa.use_language("en")


@each(
    ("problem", "languages"),
    [
        (PROBLEMS["support, growth, budget"], ("en", "fr")),
        (small_problem(years=(2023, 2024), cap=4.0), ("fr",)),
        (
            small_problem(
                areas=("X", "X"),
                supports_fte=3.0,
                productivity_gain=0.5,
                max_new_coordinators_fte=np.array([1.0]),
            ),
            ("en",),
        ),
    ],
)
def test_the_workbook_of_a_plan_is_taken_back_without_loss(problem, languages, tmp_path):
    plan = fa.solve(problem)
    for lang in languages:
        path = tmp_path / "plan.xlsx"
        path.write_bytes(workbook_of(plan, lang))
        assert read(path, problem)[0] == posts_of(plan)


def test_what_is_typed_over_the_plan_is_named(tmp_path):
    plan = plan_of("floors")
    at, path = Simulated(book_of(plan)), tmp_path / "plan.xlsx"
    path.write_bytes(book_of(plan))
    (note,) = read(path, plan.problem)[1]
    assert note.endswith("plan.xlsx, Simulator: the posts are the plan's; none is typed over")
    cells = {(SHEET, at.at("your_f", "B")): 1.25, (SHEET, at.at("your_c", "A")): 0.0}
    path.write_bytes(typed_into(book_of(plan), cells))
    posts, (note,) = read(path, plan.problem)
    before = posts_of(plan)
    kept = {post: fte for post, fte in before.items() if post[:2] != ("coordinator", "A")}
    assert posts == pytest.approx(kept | {("facilitator", "B", 2023): 1.25})  # saved to 16 digits
    assert "posts that are not the plan's: A A, coordinator 0.85 → 0; B B, facilitator" in note
    path.write_bytes(typed_into(book_of(plan), {(SHEET, at.at("your_f", "B")): "two"}))
    with pytest.raises(InputError, match=rf"Simulator!{at.at('your_f', 'B')}: .*two"):
        read(path, plan.problem)


# -- tables as planners keep them ------------------------------------------------------------------

FACILITATOR, COORDINATOR = (
    lambda code, role=role: (role, code, 2023) for role in ("facilitator", "coordinator")
)
BRETAGNE = {FACILITATOR("53"): 4.5, COORDINATOR("53"): 1.0}
#: Lines end with a bar.
TABLES = {
    "ours in French": "territoire;rôle;ETP nouveaux|Bretagne;facilitateur;4,5|53;coordinateur;1",
    "under a title": "Proposition du comité;;|;;|Région;Nouveaux facilitateurs (ETP);"
    "Nouveaux coordinateurs (ETP)|Bretagne;4,5;1|Total;4,5;1",
    "commas, English": 'region,new facilitators,new coordinators|Bretagne,"4.5",1',
    "other words": "Code;Fonction;Nouveaux postes|53;Facilitateurs;4,5 ETP|53;Coord. régional;1",
    "a year": "région;rôle;année;nouveaux ETP|BRETAGNE;facilitateur;2023;4.5|53;coord.;2023;1",
    "a column too many": "Région;Rôle;Nouveaux facilitateurs;Nouveaux coord.|Bretagne;x;4,5;1",
    "names as people write them": "région;facilitateurs nouveaux;coordinateurs nouveaux|"
    "Région Bretagne;4,5;|53 Bretagne;;1",
    "the columns of old": "territory,role,new_fte|53,facilitateur,4.5|53,coordinateur,1",
}
REFUSED = {
    "no such region": ("région;rôle;ETP nouveaux|Bretagn;facilitateur;4,5", ":2: .*Bretagn"),
    "no number": ("région;rôle;ETP nouveaux|Bretagne;facilitateur;n.c.", ":2: .*n.c."),
    "no role": ("région;rôle;ETP nouveaux|Bretagne;chargé;1", ':2: .*"chargé"'),
    "no such region, under its heading": ("région;nouveaux facilitateurs|X;4", ":2: région: .X"),
    "less than none": ("région;nouveaux facilitateurs|53;-2", ":2: nouveaux .*: is -2, expected"),
    "no name of a region": ("clé;rôle;ETP nouveaux|53;facilitateur;4,5", ":2: territory: "),
    "two slips in a row": ("région;rôle;ETP nouveaux|53;aide;n.c.", "(?s):2: ETP.*:2: rôle: .aide"),
    "twice": ("région;rôle;ETP nouveaux|53;facilitateur;1|Bretagne;facilitateur;2", "on line 2"),
    "which posts": ("région;rôle;ETP|Bretagne;facilitateur;1", "column|new FTE"),
}


@each("name", TABLES)
def test_tables_as_planners_keep_them_are_read(name, tmp_path):
    problem = solved("reference").problem
    path = tmp_path / "posts.csv"
    path.write_text(TABLES[name].replace("|", "\n"), encoding="utf-8")
    assert read(path, problem)[0] == BRETAGNE


@each("name", REFUSED)
def test_what_cannot_be_read_is_refused_with_its_line(name, tmp_path):
    text, what = REFUSED[name]
    path = tmp_path / "posts.csv"
    path.write_text(text.replace("|", "\n"), encoding="utf-8")
    with pytest.raises(InputError, match=what):
        read(path, solved("reference").problem)


def sheets(**rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, lines in rows.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    book.save(buffer := io.BytesIO())
    return buffer.getvalue()


def test_a_workbook_of_a_planner_is_judged(capsys, tmp_path):
    """A code that lost its zero, numbers and texts, a row of sums, another sheet."""
    rows = [
        ["Territoire", "Code", "Facilitateurs nouveaux", "Coordinateurs nouveaux", "Avis"],
        ["Guadeloupe", 1, None, 1, 3],
        ["Bretagne", "53", "4,5", 1.0],
        ["Ensemble", None, 4.5, 2],
    ]
    path = tmp_path / "comité.xlsx"
    path.write_bytes(sheets(Postes=rows, Notes=[["à revoir"]]))
    problem = solved("reference").problem
    posts, notes = read(path, problem)
    assert posts == BRETAGNE | {COORDINATOR("01"): 1.0}
    assert "Postes!" in notes[0]
    assert notes[1] == f'{shown_path(path)}, Postes!E1: column "Avis" is not read'
    left = "comité.xlsx: not named there, counted as 0: 01 (Guadeloupe) facilitator, 02 (Mart"
    assert left in notes[2]
    code, out, err = run(capsys, "evaluate", "reference", "--posts", str(path), "--lang", "fr")
    assert code == 1
    assert "53 Bretagne, facilitateur" in out
    assert "Ensemble" in err
    path.write_bytes(sheets(Postes=rows, Autres=rows))
    with pytest.raises(InputError, match=r"several sheets \(Postes, Autres\)"):
        read(path, problem)
    rows[2][2] = "12 ,5"
    path.write_bytes(sheets(Postes=rows))
    with pytest.raises(InputError, match=r"Postes!C3"):
        read(path, problem)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_workbook_saved_as_ods_is_taken_back_too(tmp_path):
    plan = solved("reference")
    data = workbook_of(plan, "fr")
    (tmp_path / "plan.xlsx").write_bytes(data)
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
    command += ["--convert-to", "ods", "--outdir", str(tmp_path), str(tmp_path / "plan.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    posts, _ = read(tmp_path / "plan.ods", plan.problem)
    assert posts == pytest.approx(posts_of(plan), rel=1e-13)  # saved to 15 digits
