"""Workbooks hold the figures of documents, to the digit, and formulas that give them again."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import zipfile
from functools import cache

import numpy as np
import pytest
from conftest import run, small_problem, solved, table_problem
from limit_arrays import replace
from spreadsheet import ONLY, formulas, half_away, opened, recomputed, stored
from tables import each

import fte_alloc as fa
from fte_alloc.inputs.entries import Entry, Inputs
from fte_alloc.names import STATUS_NAMES
from fte_alloc.questions.answer import Table
from fte_alloc.questions.cells import Column
from fte_alloc.questions.column_names import BOOK_COLUMNS
from fte_alloc.questions.compare.answer import compare_answer
from fte_alloc.questions.compare.compare import Comparison, compare
from fte_alloc.questions.plan_document import evaluation_document
from fte_alloc.questions.regret.answer import regret_answer
from fte_alloc.questions.regret.regret import Regret
from fte_alloc.questions.sides import side_of, sides_named_apart
from fte_alloc.questions.solve.answer import plan_answer
from fte_alloc.questions.why.attribution import Attribution, Effect
from fte_alloc.questions.why.changes import Change
from fte_alloc.render.workbook import workbook
from fte_alloc.render.workbook_writer import WorkbookWriter

BOOK_SHEETS = {
    "summary": "Summary",
    "chart": "Chart",
    "contracts": "Contracts",
    "assumptions": "Assumptions",
    "dictionary": "Dictionary",
}

pytestmark = pytest.mark.usefixtures("at_root", "search_once")

SUMMARY, ASSUMPTIONS, DICTIONARY, CHART = (
    BOOK_SHEETS[k] for k in ("summary", "assumptions", "dictionary", "chart")
)
BAD_TEXTS = ("=1+1", "+SUM(A1)", "-2", "@cmd", "<r><t>x</t></r>", "{=1}", "http://a.b", "12")


@cache
def book_of(name: str) -> bytes:
    """The workbook of a shipped scenario."""
    plan = solved(name)
    return workbook(plan_answer(plan.document, plan))


@cache
def comparison_of(*names: str) -> tuple[Comparison, bytes]:
    """The workbook of a comparison of shipped scenarios."""
    comparison = compare([solved(name) for name in names])
    return comparison, workbook(compare_answer(comparison))


def safe_book_of(*names: str, relative: bool = False) -> tuple[Regret, bytes]:
    """The workbook of the plan regretted least over shipped scenarios."""
    return _safe_book_of(names, relative)


@cache
def _safe_book_of(names: tuple[str, ...], relative: bool) -> tuple[Regret, bytes]:
    answer = fa.regret([solved(name).problem for name in names], relative=relative)
    return answer, workbook(regret_answer(answer.document, answer))


def rows_of(data: bytes, sheet: str, first: str) -> list[dict[str, object]]:
    """Lines of a table by heading: below the line that starts with *first*, to an empty one."""
    lines = opened(data)[sheet].iter_rows(values_only=True)
    headings = None
    rows = []
    for line in lines:
        if headings is None:
            headings = line if line[0] == first else None
        elif not any(v is not None for v in line):
            break
        else:
            rows.append({h: v for h, v in zip(headings, line, strict=True) if h})
    return rows


def agrees(data: bytes) -> None:
    """Formulas give their stored values again."""
    values, again = stored(data), recomputed(data)
    assert again
    wrong = {
        place: (values.get(place), value)
        for place, value in again.items()
        if value != values.get(place)
        and value != pytest.approx(values.get(place), rel=1e-9, abs=1e-9)
    }
    assert not wrong


def numbers(value: object) -> list[float]:
    """All numbers of a document, years apart."""
    if isinstance(value, dict):
        return [n for k, v in value.items() if k != "year" for n in numbers(v)]
    if isinstance(value, list):
        return [n for v in value for n in numbers(v)]
    return [float(value)] if isinstance(value, int | float) and not isinstance(value, bool) else []


# -- the figures -----------------------------------------------------------------------------------


#: One year and several.
QUICK = ("reference", "horizon-2025")
#: Posts in steps, limits of the user's own, other objectives.
ODD = ("half-posts", "own-limits", "weakest-first", "thirty-percent")


@each("name", QUICK)
def test_formulas_give_the_stored_values_again(name):
    agrees(book_of(name))


@each("name", QUICK)
def test_every_figure_of_the_document_is_in_the_workbook_to_the_digit(name):
    has_every_figure(name)


@each("name", QUICK)
def test_each_territory_has_its_line_in_each_year(name):
    has_every_line(name)


@pytest.mark.slow
@each("name", ODD)
def test_workbooks_of_odd_plans_have_every_figure_and_line(name):
    agrees(book_of(name))
    has_every_figure(name)
    has_every_line(name)


def has_every_figure(name: str) -> None:
    document = json.loads(json.dumps(solved(name).document))
    there = {float(v) for v in stored(book_of(name)).values() if isinstance(v, int | float)}
    sections = ("posts", "territories", "money", "network")
    for row in document["territories"]:  # effort and contracts by kind of buyer are in JSON only
        del row["by_segment"]
    missing = {
        section: [n for n in numbers(document[section]) if n not in there and abs(n) > 0]
        for section in sections
    }
    assert not any(missing.values()), missing
    coverage = {k: document["coverage"][k] for k in ("expected_contracts", "contracts", "rate")}
    assert set(numbers(coverage)) <= there


@each("name", QUICK)
def test_one_more_of_a_minimum_costs_and_one_less_brings(name):
    rows = solved(name).document["prices"]
    for limit, sign in (("coordinator_required", -1), ("coordinator_max", 1)):
        of_it = [row for row in rows if row["constraint"] == limit]
        brings = [(row["one_more"] or 0, row["one_less"] or 0) for row in of_it]
        assert any(sign * (more - less) > 0 for more, less in brings)
        assert all(sign * more >= 0 >= sign * less for more, less in brings)


def has_every_line(name: str) -> None:
    """Posts, contracts and money of each line, added up from the document in plain Python."""
    document, data = solved(name).document, book_of(name)
    heading = {key: BOOK_COLUMNS[key][0] for key in BOOK_COLUMNS}
    for n, year in enumerate(document["years"]):
        money = document.get("by_year", [document])[n]["money"]["per_fte"]
        several = len(document["years"]) > 1
        lines = rows_of(data, f"Regions {year}" if several else "Regions", heading["code"])
        assert lines[-1][heading["code"]] == "Total"
        by_code = {line[heading["code"]]: line for line in lines[:-1]}
        territories = [r for r in document["territories"] if r["year"] == year]
        assert list(by_code) == [r["territory"] for r in territories]
        for row in territories:
            line = by_code[row["territory"]]
            posts = [
                p
                for p in document["posts"]
                if p["year"] == year and p["territory"] == row["territory"]
            ]
            fte = sum(p[k] for p in posts for k in ("existing_fte", "committed_fte", "new_fte"))
            assert line[heading["total"]] == pytest.approx(fte, rel=1e-12)
            assert line[heading["covered"]] == row["expected_contracts"]
            assert line[heading["rate"]] == row["rate"]
            for payer in ("state", "partners"):
                paid = sum(
                    (p["committed_fte"] + p["new_fte"]) * money[p["role"]][f"{payer}_eur"]
                    for p in posts
                )
                assert line[heading[payer]] == pytest.approx(paid, rel=1e-12)


def test_the_costs_of_a_post_are_those_of_the_inputs():
    """70 % of 46,000 and of 55,000 EUR come from the State."""
    per_fte = solved("reference").document["money"]["per_fte"]
    assert per_fte["facilitator"] == pytest.approx(
        {"state_eur": 32_200, "partners_eur": 13_800, "full_cost_eur": 46_000}
    )
    assert per_fte["coordinator"] == pytest.approx(
        {"state_eur": 38_500, "partners_eur": 16_500, "full_cost_eur": 55_000}
    )


def test_totals_rates_and_differences_are_formulas():
    found = formulas(book_of("reference"))
    regions = [text for (sheet, _), text in found.items() if sheet == "Regions"]
    assert sum(text.startswith("=SUM(") for text in regions) >= 18 + 10
    assert sum(text.count("/") == 1 for text in regions) == 18 + 1  # rates
    _, data = comparison_of("reference", "tight-budget")
    texts = list(formulas(data).values())
    assert sum("-" in text for text in texts) > 2 * 18


def test_what_is_proved_and_what_is_assumed_stand_on_the_first_sheet():
    texts = {v for (sheet, _), v in stored(book_of("reference")).items() if sheet == SUMMARY}
    assert "PROVED BEST: no plan covers more than 58,366.3" in texts
    assert any(
        str(t).startswith("108 of 108 regional counts of posts and contracts are ASSUMED")
        for t in texts
    )


# -- inputs and dictionary -------------------------------------------------------------------------


def test_every_input_stands_with_its_status_source_and_line():
    inputs = solved("reference").problem.inputs
    lines = {line["key"]: line for line in rows_of(book_of("reference"), ASSUMPTIONS, "key")}
    assert lines.pop("stages")["value"] == "coverage, state_cost"
    texts = ("title", "_fr", "maximise", "minimise", "concede")
    assert lines.keys() == {key for key in inputs.entries if not key.endswith(texts)}
    for key, line in lines.items():
        entry = inputs.entries[key]
        assert line["set at"] == entry.origin
        if isinstance(entry.value, int | float):
            assert line["value"] == entry.value
            assert line["status"] == STATUS_NAMES[entry.status]
    assert lines["posts.cap_fte"]["source"].startswith("Call for projects of 3 May 2023, DREETS")
    gain = lines["posts.coordinator.productivity_gain"]
    assert gain["note"] == "no productivity norm is published"
    assert gain["status"] == "assumption"


def test_a_document_alone_has_its_values_and_says_that_there_is_no_more():
    data = workbook(plan_answer(json.loads(json.dumps(solved("reference").document))))
    lines = rows_of(data, ASSUMPTIONS, "key")
    assert set(lines[0]) == {"key", "meaning", "value"}
    assert (
        "The plan was read from a file: it keeps values, not where they come from."
        in stored(data).values()
    )
    agrees(data)


def test_every_heading_is_in_the_dictionary():
    explains_every_heading(book_of("horizon-2025"))
    explains_every_heading(comparison_of("reference", "tight-budget", "horizon-2025")[1])


def explains_every_heading(data: bytes) -> None:
    book = opened(data)
    explained = {(line["sheet"], line["column"]) for line in rows_of(data, DICTIONARY, "sheet")}
    headings = {
        (sheet.title, cell.value)
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and cell.fill.fgColor.rgb == "FFDCE6F1"
    }
    assert headings
    assert headings - explained <= {(DICTIONARY, "key")}  # of the second table there


# -- any plan --------------------------------------------------------------------------------------


def test_areas_of_several_territories_have_lines_for_their_coordinators():
    """Two territories share an area, whose line with its coordinators stands above them."""
    problem = replace(
        small_problem(areas=("X", "X")),
        existing_coordinators_fte=np.array([0.5]),
        max_new_coordinators_fte=np.array([1.0]),
        supports_fte=30.0,
        productivity_gain=0.5,
    )
    data = workbook(plan_answer(fa.solve(problem).document))
    lines = rows_of(data, "Territories", "code")
    assert [line["code"] for line in lines] == [None, "A", "B", "Total"]
    assert [line["area"] for line in lines] == ["X", "X", "X", None]
    coordinators, facilitators, contracts = (
        [line[BOOK_COLUMNS[key][0]] for line in lines]
        for key in ("existing_coordinators", "existing_facilitators", "contracts")
    )
    assert coordinators == [0.5, None, None, 0.5]
    assert facilitators == [2, 1, 1, 2]
    assert contracts == [250, 150, 100, 250]
    agrees(data)


@each(
    "problem",
    [
        small_problem([(0.0, 0.0), (80.0, 20.0)]),
        table_problem([[(0, 0), (10, 20)], [(0, 0), (5, 30)]], cap=3.0),
        small_problem(years=(2023, 2024), cap=4.0),
        small_problem(step_fte=0.5, cap=5.5),
        small_problem(cap=2.0),
    ],
)
def test_any_plan_has_a_workbook_whose_formulas_agree(problem):
    document = fa.solve(problem).document
    data = workbook(plan_answer(document))
    agrees(data)
    empty = [r for r in document["territories"] if r["rate"] is None]
    for row in empty:
        line = rows_of(data, "Territories", "code")[0]
        assert line["code"] == row["territory"]
        assert line["rate"] is None


def test_sheets_bear_the_models_own_word_for_a_territory():
    plan = solved("reference")
    values = plan.document["inputs"]["values"]
    for word, name in (("département", "Départements"), ("canton", "Canton"), ("a/b:c" * 9, None)):
        changed = {**plan.document["inputs"], "values": values | {"territory": word}}
        data = workbook(plan_answer(plan.document | {"inputs": changed}))
        sheets = opened(data).sheetnames
        assert max(map(len, sheets)) <= 31
        assert name is None or name in sheets
        agrees(data)
    data = workbook(
        plan_answer(
            plan.document
            | {
                "inputs": {
                    **plan.document["inputs"],
                    "values": values | {"territory": "dictionary"},
                }
            }
        )
    )
    sheets = opened(data).sheetnames
    assert sheets[1 :: len(sheets) - 2] == ["Dictionary", "Dictionary (2)"]


# -- safe and the same -----------------------------------------------------------------------------


def test_text_never_becomes_a_formula_or_a_link():
    document = json.loads(json.dumps(solved("reference").document))
    for n, row in enumerate(document["territories"] + document["posts"]):
        row["name"] = BAD_TEXTS[n % len(BAD_TEXTS)]
    document["scenario"], document["title"] = "=HYPERLINK(1)", "&A&D 1\n2"
    document["inputs"]["values"]["note"] = "=cmd|' /C calc'!A0"
    entries = {
        key: Entry(f"={key}", "=a:1", "@", "scenario", "=s", "-n") for key in ("=x", "+y", "years")
    }
    sources = {"=s": {"title": "=t"}}
    said = Inputs("=", "=", "=", "=", "=", "=", entries, sources, {"=f": "=h"}, {})
    document["inputs"]["values"] |= {key: entry.value for key, entry in entries.items()}
    plan = solved("horizon-2025")  # of several years: without a simulator
    plan = replace(plan, problem=replace(plan.problem, inputs=said))
    plain = workbook(plan_answer(document, plan))
    for data in (plain, workbook(compare_answer(_twice(document)))):
        written = formulas(data).values()
        assert not [text for text in written if not ONLY.fullmatch(text)]
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
        assert not [n for n in names if "external" in n.lower() or "vba" in n.lower()]
    values = list(stored(plain).values())
    for text in BAD_TEXTS:
        assert text in [str(v).rstrip() for v in values]
    rels = [n for n in zipfile.ZipFile(io.BytesIO(plain)).namelist() if n.endswith(".rels")]
    assert not any(b"External" in zipfile.ZipFile(io.BytesIO(plain)).read(n) for n in rels)


def test_a_difference_that_rounds_to_zero_has_no_sign():
    """Rules show it as the zero of its format, in columns of changes and in cells of their own."""
    found = opened(workbook(compare_answer(_twice(solved("reference").document)))).worksheets[0]
    ends = [
        (float(rule.formula[0]), float(rule.formula[1]), rule.dxf.numFmt.formatCode)
        for area in found.conditional_formatting
        for rule in area.rules
        if rule.operator == "between"
    ]
    assert {code for *_, code in ends} >= {"0;0;0", "0.0;0.0;0.0"}
    assert all(low == -high and 0 < high < 0.51 for low, high, _ in ends)


def _twice(document):
    return Comparison(sides_named_apart([side_of(document, None), side_of(document, None)]))


def test_long_texts_are_cut_where_spreadsheets_end():
    document = json.loads(json.dumps(solved("reference").document))
    document["inputs"]["values"]["curves.01.local"] = [[float(n), n / 7] for n in range(5000)]
    data = workbook(plan_answer(document))
    assert max(len(v) for v in stored(data).values() if isinstance(v, str)) == 32_767


def test_the_same_plan_gives_the_same_bytes():
    plan = solved("horizon-2025")
    again = workbook(plan_answer(plan.document, plan))
    assert again == book_of("horizon-2025")
    comparison, data = comparison_of("reference", "tight-budget")
    assert workbook(compare_answer(comparison)) == data


def test_names_of_sheets_are_legal_and_each_its_own():
    book = WorkbookWriter("t")
    names = [book.sheet(name, [9.0]).name for name in ("a" * 40, "A" * 40, "'[x]:*?/\\'", "", " ")]
    assert names == ["a" * 31, "A" * 27 + " (2)", "x", "-", "- (2)"]
    book.finish()


def test_codes_of_digits_get_no_warning():
    """A spreadsheet would mark each as a number that is stored as text."""
    book = WorkbookWriter("t")
    book.sheet("s", [9.0]).table(Table("", [Column("code", "code")], [{"code": "01"}]))
    with zipfile.ZipFile(io.BytesIO(book.finish())) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert '<ignoredError sqref="A1:XFD1048576" numberStoredAsText="1"/>' in sheet


def test_headings_without_lines_are_a_table_too():
    book = WorkbookWriter("t")
    book.sheet("s", [9.0, 9.0]).table(
        Table("", [Column("code", "code"), Column("name")], []), main=True
    )
    assert stored(book.finish())["s", "A1"] == "code"


# -- comparisons -----------------------------------------------------------------------------------

#: Decimals that figures are shown with, by their names.
DIGITS = {"rate": 1, "eur": 0, "fte": 1, "posts": 1, "contracts": 0, "cross": 0}


def test_a_comparison_has_the_values_of_its_csv_and_formulas_that_agree():
    comparison, data = comparison_of("reference", "tight-budget", "horizon-2025")
    agrees(data)
    values = [v for v in stored(data).values() if isinstance(v, int | float)]
    for row in comparison.rows():
        if row["section"] not in ("input", "cross") and row["value"] is not None:
            assert row["value"] in values
            factor = 100 if "rate" in row["key"] else 1
            if row["difference"] is not None:  # of the two figures as they are shown
                digits = next(n for end, n in DIGITS.items() if end in row["key"] + row["section"])
                before = row["value"] - row["difference"]
                ends = [half_away(v * factor, digits) for v in (before, row["value"])]
                assert any(v == pytest.approx(ends[1] - ends[0], abs=1e-9) for v in values), row
    lines = rows_of(data, ASSUMPTIONS, "key")
    budget = next(line for line in lines if line["key"] == "budget.state_eur_per_year")
    titles = ("France, call of 2023", "A tighter budget")
    assert [budget[title] for title in titles] == [5_400_000, 4_500_000]


def test_plans_without_inputs_and_the_status_quo_can_be_compared():
    problem = solved("reference").problem
    nothing = problem.judge(*problem.zeros())
    quo = side_of(evaluation_document(nothing), problem, "status-quo")
    saved = side_of(json.loads(json.dumps(solved("cap-560").document)), None, "plan.json")
    bare = side_of(fa.solve(small_problem()).document, None, "bare")
    for sides in ((quo, saved), (saved, quo), (saved, bare)):
        comparison = Comparison(sides_named_apart(sides))
        agrees(workbook(compare_answer(comparison)))


def test_why_has_a_table():
    """A split by hand: two changes, the amount of one not known exactly."""
    comparison, _plain = comparison_of("reference", "tight-budget")
    figures = [
        {"expected_contracts": side.document["coverage"]["expected_contracts"]}
        for side in comparison.sides
    ]
    start, end = (found["expected_contracts"] for found in figures)
    budget, rest = Change(("budget",), ()), Change(("territories.=rest",), ())
    effects = [Effect(budget, end - start - 1.0, 0.0), Effect(rest, 1.0, 0.1)]
    of_figure = {"expected_contracts": effects}
    why = Attribution("reference", "tight-budget", *figures, of_figure)
    data = workbook(compare_answer(Comparison(comparison.sides, (why,))))
    agrees(data)
    lines = rows_of(data, SUMMARY, BOOK_COLUMNS["group"][0])[:4]
    amount = "expected contracts"
    assert [line[amount] for line in lines] == [start, end - start - 1.0, 1.0, end]
    assert lines[2][f"± {amount}"] == 0.1


def test_a_plan_under_another_scenario_loses_what_its_cells_say():
    comparison, data = comparison_of("reference", "state-first", "tight-budget")
    agrees(data)
    lines = rows_of(data, SUMMARY, "plan")[:3]
    assert [line["most lost"] for line in lines] == [0, 0, 1693]
    values = [row[1:4] for row in map(list, (line.values() for line in lines))]
    assert values == [list(row.values()) for row in comparison.cross_evaluation.values.values()]


# -- the command line ------------------------------------------------------------------------------


def test_the_ending_of_out_makes_a_workbook(capsys, tmp_path):
    for arguments, data in (
        (("compare", "reference", "tight-budget"), comparison_of("reference", "tight-budget")[1]),
        (("solve", "reference"), book_of("reference")),
    ):
        path = tmp_path / f"{arguments[0]}.xlsx"
        code, out, err = run(capsys, *arguments, "--out", str(path))
        assert (code, out, err) == (0, "", f"{path}: written.\n")
        assert path.read_bytes() == data
    path.unlink()
    assert run(capsys, *arguments, "--format", "xlsx", "--out", str(path))[0] == 0
    assert path.read_bytes() == data
    assert not [p for p in tmp_path.iterdir() if p.suffix != ".xlsx"]


def test_a_workbook_needs_a_file(capsys, tmp_path):
    code, out, err = run(capsys, "solve", "reference", "--format", "xlsx")
    assert (code, out) == (2, "")
    assert "--out FILE.xlsx" in err
    path = tmp_path / "x.xlsx"
    code, _, err = run(capsys, "solve", "reference", "--format", "csv", "--out", str(path))
    assert code == 2
    assert not path.exists()


def test_a_file_that_cannot_be_written_leaves_nothing_behind(capsys, tmp_path):
    path = tmp_path / "none" / "x.xlsx"
    code, _, err = run(capsys, "solve", "reference", "--out", str(path))
    assert code == 5
    assert "x.xlsx" in err


# -- another program -------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_works_out_the_same(tmp_path):
    """Stored values are taken out first, so that it has to calculate."""
    books = {
        "plan": book_of("reference"),
        "years": book_of("horizon-2025"),
        "comparison": comparison_of("reference", "tight-budget", "horizon-2025")[1],
        "regret": safe_book_of("reference", "tight-budget", "need-first")[1],
    }
    (tmp_path / "out").mkdir()
    for name, data in books.items():
        opened(data, data_only=False).save(tmp_path / f"{name}.xlsx")
        assert None in stored_formulas((tmp_path / f"{name}.xlsx").read_bytes())
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--headless",
            "--convert-to",
            "xlsx",
            "--outdir",
            str(tmp_path / "out"),
            *(str(tmp_path / f"{name}.xlsx") for name in books),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
    for name, data in books.items():
        theirs, ours = stored((tmp_path / "out" / f"{name}.xlsx").read_bytes()), stored(data)
        for place in formulas(data):
            known = ours[place]
            if not isinstance(known, str):
                known = pytest.approx(known, rel=1e-9, abs=1e-9)
            assert theirs[place] == known, place


def stored_formulas(data: bytes) -> list[object]:
    """Stored values of all formulas, None where there is none."""
    values = stored(data)
    return [values.get(place) for place in formulas(data)]
