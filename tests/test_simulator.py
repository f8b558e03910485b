"""The simulator of a workbook answers as the judge does, whatever posts are typed."""

from __future__ import annotations

import csv
import io
import re
import string
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from conftest import needs, small_problem, solved, table_problem
from spreadsheet import formulas, opened, recomputed, stored, typed_into
from tables import each

import fte_alloc as fa
from fte_alloc import language
from fte_alloc.questions.column_names import BOOK_COLUMNS
from fte_alloc.questions.plan import Plan
from fte_alloc.questions.solve.answer import plan_answer
from fte_alloc.questions.solve.effort_table import effort_tables
from fte_alloc.render.workbook import workbook

pytestmark = pytest.mark.usefixtures("at_root")

SHEET = "Simulator"
Typed = Mapping[tuple[str, str], float | str]


@cache
def book_of(plan: Plan) -> bytes:
    return workbook(plan_answer(plan.document, plan))


class Simulated:
    """The cells of the sheet: lines of territories by heading, figures by name."""

    def __init__(self, data: bytes, sheet: str = SHEET) -> None:
        at = opened(data)[sheet]
        code = language._(BOOK_COLUMNS["code"][0])
        (head,) = (row for row in at.iter_rows() if row[0].value == code)
        self.columns = {cell.value: cell.column_letter for cell in head}
        self.rows: dict[str, int] = {}
        for (cell,) in at.iter_rows(min_row=head[0].row + 1, max_col=1):
            if cell.value in (None, language._("Total")):
                break
            self.rows[cell.value] = cell.row
        self.total = cell.row
        names = (row[0] for row in at.iter_rows(max_row=head[0].row - 1, max_col=1))
        self.figures = {cell.value: cell.row for cell in names if cell.value}

    def at(self, key: str, code: str = "") -> str:
        """The cell of a column, in the line of a territory or the total."""
        column = self.columns[language._(BOOK_COLUMNS[key][0])]
        return f"{column}{self.rows[code] if code else self.total}"


def posts_like(plan: Plan, number: int) -> tuple[np.ndarray, np.ndarray]:
    """The posts of a plan, some of them changed at random: by territory, by area [I,1], [A,1]."""
    rng, problem = np.random.default_rng(number), plan.problem
    x, z = (
        of.copy()
        for of in (plan.evaluation.new_facilitators_fte, plan.evaluation.new_coordinators_fte)
    )
    some = rng.choice(len(x), size=min(len(x), (1, 2, 4, len(x))[number % 4]), replace=False)
    for i in some:
        most = 1.2 * (problem.most_new_fte[0][i, 0] - 1.0)
        x[i] = (
            rng.uniform(0, most),
            np.round(rng.uniform(0, most), 1),
            np.floor(most * rng.random()),
        )[number % 3]
        if rng.random() < 0.5:
            z[problem.area_of[i]] = rng.choice([0.0, 0.5, 1.0, 2.0])
    return x, z


def typed_posts(plan: Plan, posts: tuple[np.ndarray, np.ndarray], at: Simulated) -> Typed:
    """What has to be typed for posts: cells of those that are not the plan's."""
    cells = {}
    of = plan.evaluation.new_facilitators_fte, plan.evaluation.new_coordinators_fte
    for key, new, old, lines in zip(
        ("your_f", "your_c"),
        posts,
        of,
        (np.arange(len(posts[0])), plan.problem.area_of),
        strict=True,
    ):
        for code, j in zip(plan.problem.territories, lines, strict=True):
            if new[j, 0] != old[j, 0]:
                cells[at.at(key, code)] = float(new[j, 0])
    return cells


def agrees_with_the_judge(
    plan: Plan, posts, values: Mapping[str, object], at: Simulated, off: float = 0.01
) -> int:
    """Compare every figure of the sheet; how many limits are broken."""
    judged = plan.problem.judge(*posts)
    contracts = judged.expected_contracts[:, 0].sum(axis=1)
    for code, covered in zip(plan.problem.territories, contracts, strict=True):
        assert values[at.at("covered", code)] == pytest.approx(covered, abs=off)
    assert values[at.at("covered")] == pytest.approx(contracts.sum(), abs=off)
    assert values[at.at("state")] == pytest.approx(judged.state_eur[0], abs=0.005)
    assert values[at.at("partners")] == pytest.approx(judged.partners_eur[0], abs=0.005)
    shown = {name: values.get(f"C{row}") for name, row in at.figures.items()}
    assert shown[language._("Contracts covered")] == values[at.at("covered")]
    network = shown.get(language._("cap (FTE)"), judged.used_fte[0])
    assert network == pytest.approx(judged.used_fte[0], abs=1e-9)
    assert shown[language._("Limits broken")] == len(judged.violations), judged.violations
    kept = language._("kept")
    broken = {v.territory for v in judged.violations if v.territory}
    assert broken <= {code for code in at.rows if values[at.at("limits", code)] != kept}
    return len(judged.violations)


def with_support(**changes) -> fa.Problem:
    """Two territories whose coordinators support facilitators; the regions' own limits."""
    return small_problem(
        existing=(3.0, 2.0),
        existing_coordinators_fte=np.array([0.0, 0.5]),
        committed_facilitators_fte=np.array([0.5, 0.0]),
        supports_fte=6.0,
        productivity_gain=0.5,
        first_year_effectiveness=0.8,
        max_new_coordinators_fte=np.array([1.0, 0.5]),
        required_coordinators_fte=np.array([0.5, 0.0]),
        **{"growth_fte_per_year": np.array([2.0, 3.0]), "budget": 40_000.0} | changes,
    )


PROBLEMS = {
    "support, growth, budget": with_support(),
    "floors": with_support(
        min_new_facilitators_fte=np.array([0.5, 0.0]),
        least_rate=np.array([0.0, 0.2]),
        partner_capacity_eur=np.array([np.inf, 5_000.0]),
    ),
    "steps": with_support(step_fte=0.5),
    "steps of one role": with_support(coordinator_step_fte=0.25),
    "weights": with_support(segment_weight=np.array([1.0, 5.0])),
    "no contracts": small_problem([(0.0, 0.0), (80.0, 20.0)]),
    "a table": table_problem([[(0, 0), (1, 9), (10, 20)], [(0, 0), (5, 30)]], cap=3.0),
}


@cache
def plan_of(name: str) -> Plan:
    return fa.solve(PROBLEMS[name])


def answers(plan: Plan, typed: Typed) -> dict[str, object]:
    """What the first sheet shows of what is typed there."""
    found = recomputed(book_of(plan), {(SHEET, cell): fte for cell, fte in typed.items()})
    return {cell: value for (sheet, cell), value in found.items() if sheet == SHEET}


@each("name", PROBLEMS)
def test_posts_typed_are_judged_as_by_the_judge(name):
    plan = plan_of(name)
    at, broken = Simulated(book_of(plan)), 0
    assert not agrees_with_the_judge(plan, (of_plan(plan)), answers(plan, {}), at)
    for number in range(4):
        posts = posts_like(plan, number)
        values = answers(plan, typed_posts(plan, posts, at))
        broken += agrees_with_the_judge(plan, posts, values, at)
    assert broken


def of_plan(plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    return plan.evaluation.new_facilitators_fte, plan.evaluation.new_coordinators_fte


@each("name", PROBLEMS)
def test_formulas_are_what_old_spreadsheets_take(name):
    """No longer than they read, their functions those of 2007, exponents in capitals."""
    known = {"ABS", "IF", "INDEX", "ISNUMBER", "ISTEXT", "MATCH", "MAX", "MID", "MIN", "NOT", "OR"}
    for formula in formulas(book_of(plan_of(name))).values():
        assert len(formula) < 8192
        plain = re.sub('"[^"]*"', "", formula)
        assert set(re.findall(r"([A-Z]+)\(", plain)) <= known | {"ROUND", "SUM"}
        assert not re.search(r"\de[+-]?\d", plain), formula


def test_what_is_no_number_and_what_the_table_does_not_hold_is_said():
    plan = plan_of("support, growth, budget")
    at = Simulated(book_of(plan))
    for typed, words in (
        ("two", "not a number"),
        (99.0, "growth; beyond the table"),
        (-1.0, "beyond the table"),
    ):
        values = answers(plan, {at.at("your_f", "A"): typed})
        assert values[at.at("limits", "A")] == words
        assert values[at.at("limits", "B")] == "kept"
    values = answers(plan, {at.at("your_c", "A"): 0.0})
    assert values[at.at("limits", "A")] == "required coordinator"
    with language.in_language("fr"):
        data, sheet = workbook(plan_answer(plan.document, plan)), language._("Simulator")
        at = Simulated(data, sheet)
        values = recomputed(data, {(sheet, at.at("your_f", "A")): 99.0})
        assert values[sheet, at.at("limits", "A")] == "recrutement\u202f; hors du tableau"


def test_what_one_more_facilitator_brings_is_the_slope():
    """Away from kinks: of posts without support, and of posts that are supported."""
    plan = plan_of("support, growth, budget")
    at, rises = Simulated(book_of(plan)), []
    for coordinators in (0.0, 1.0):
        posts = np.array([[1.0], [1.0]]), np.array([[coordinators], [0.5]])
        values = answers(plan, typed_posts(plan, posts, at))
        more = (posts[0] + np.array([[1e-4], [0.0]]), posts[1])
        ends = [plan.problem.judge(*of).expected_contracts[0].sum() for of in (posts, more)]
        rises.append((ends[1] - ends[0]) / 1e-4)
        assert values[at.at("brings", "A")] == pytest.approx(rises[-1], abs=0.01)
    assert rises[1] != pytest.approx(rises[0], rel=0.1)


def test_the_plan_is_stored_and_only_two_cells_a_line_are_open():
    plan = plan_of("floors")
    data = book_of(plan)
    at, sheet = Simulated(data), opened(data)[SHEET]
    open_cells = {c.coordinate for row in sheet.iter_rows() for c in row if not c.protection.locked}
    keys = ("your_f", "your_c")
    assert open_cells == {at.at(key, code) for key in keys for code in plan.problem.territories}
    working = opened(data)["Simulator - working"]
    assert sheet.protection.sheet
    assert working.protection.sheet
    assert not sheet.protection.password
    assert all(sheet[cell].value is None for cell in open_cells)
    for key, of in zip(("plan_f", "plan_c"), of_plan(plan), strict=True):
        assert [sheet[at.at(key, code)].value for code in "AB"] == of[:, 0].tolist()
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    rule = rules[at.at("your_f", "A")]
    assert (rule.type, rule.formula1, float(rule.formula2)) == ("decimal", "0", 4.0)


@each(
    ("problem", "words"),
    [
        (small_problem(years=(2023, 2024)), "one year only"),
        (small_problem(areas=("X", "X")), "share coordinators"),
    ],
)
def test_where_there_is_no_simulator_the_summary_says_why(problem, words):
    data = book_of(fa.solve(problem))
    assert SHEET not in opened(data).sheetnames
    assert any(words in str(v) for (sheet, _), v in stored(data).items() if sheet == "Summary")


def test_tables_of_curves_with_kinks_say_how_far_they_are_off():
    """Ten kinks that no parabola meets: intervals are halved around them."""
    points = [[(n**1.3, 60 * (1 - 0.8**n)) for n in range(12)]] * 2
    problem = table_problem(points, cap=20.0)
    most = np.array([22.0, 30.0])
    tables = effort_tables(problem, most)
    for i, table in enumerate(tables):
        assert len(table.bends) <= 150
        efforts = np.linspace(0.0, most[i], 501)
        true = np.interp(efforts, *zip(*points[0], strict=True))
        off = max(abs(table.read(e)[2] - y) for e, y in zip(efforts, true, strict=True))
        assert off <= max(0.0025, 2 * table.error)


def test_a_curve_that_posts_cannot_move_along_is_a_table_of_numbers():
    """No post adds effort: coordinators bring nothing, facilitators nothing in their first year."""
    problem = small_problem(existing=(3.0, 2.0), first_year_effectiveness=0.0)
    for table, effort in zip(effort_tables(problem, np.array([3.0, 2.0])), (3.0, 2.0), strict=True):
        assert np.isfinite(table.read(effort)).all()


# -- another program -------------------------------------------------------------------------------


def recalculated(folder: Path, books: Mapping[str, bytes]) -> dict[str, list[list[str]]]:
    """The second sheet of workbooks as LibreOffice works them out, all in one start of it.

    Its default is to believe what is stored.
    """
    for name in ("in", "profile/user"):
        (folder / name).mkdir(parents=True)
    (folder / "profile/user/registrymodifications.xcu").write_text(
        '<?xml version="1.0"?>'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry">'
        '<item oor:path="/org.openoffice.Office.Calc/Formula/Load">'
        '<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>'
    )
    for name, data in books.items():
        (folder / "in" / f"{name}.xlsx").write_bytes(data)
    command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless"]
    # Between commas, in UTF-8, in American English, all digits of numbers, the second sheet.
    as_csv = "csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,false,false,false,false,false,2"
    command += ["--convert-to", as_csv, "--outdir", str(folder / "out")]
    files = sorted(str(path) for path in (folder / "in").iterdir())
    subprocess.run([*command, *files], check=True, capture_output=True, timeout=300)
    texts = {name: next((folder / "out").glob(f"{name}-*")).read_text("utf-8") for name in books}
    return {name: [*csv.reader(io.StringIO(text))] for name, text in texts.items()}


def cells_of(rows: list[list[str]]) -> dict[str, float | str]:
    """Figures and texts of a sheet, by cell; rates are of 1."""
    letters, found = string.ascii_uppercase, {}
    for n, row in enumerate(rows, start=1):
        for letter, text in zip(letters, row, strict=False):
            number = re.fullmatch(r"(-?[\d.]+(?:E[-+]\d+)?)(%?)", text)
            figure = number and float(number[1]) / (100 if number[2] else 1)
            found[f"{letter}{n}"] = text if figure is None else figure
    return found


#: Plans, the language of their workbooks, and how often posts are drawn for them.
DRAWN = [
    ("reference", "en", 30),
    ("reference", "fr", 3),
    ("half-posts", "en", 4),
    ("own-limits", "en", 4),
    ("thirty-percent", "en", 2),
]


@pytest.mark.slow
@needs("soffice")
def test_libreoffice_answers_random_changes_as_the_judge_does(tmp_path):
    books, tried = {}, {}
    for name, lang, changes in DRAWN:
        plan = solved(name)
        with language.in_language(lang):
            sheet = language._("Simulator")
            data = workbook(plan_answer(plan.document, plan))
            assert len(data) < 500_000
            at = Simulated(data, sheet)
            for number in range(changes):
                posts = posts_like(plan, number)
                cells = typed_posts(plan, posts, at)
                book = f"{name}-{lang}-{number}"
                books[book] = typed_into(data, {(sheet, cell): fte for cell, fte in cells.items()})
                tried[book] = (name, lang), posts, at
    broken = {(name, lang): 0 for name, lang, _ in DRAWN}
    for book, rows in recalculated(tmp_path, books).items():
        (name, lang), posts, at = tried[book]
        with language.in_language(lang):
            broken[name, lang] += agrees_with_the_judge(solved(name), posts, cells_of(rows), at)
    assert all(broken.values()), broken
