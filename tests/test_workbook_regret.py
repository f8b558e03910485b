"""The workbook of the plan regretted least: its figures, beside those of every scenario's own."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from conftest import slow, small_problem
from spreadsheet import ONLY, formulas, half_away, opened, stored
from test_workbook import (
    ASSUMPTIONS,
    SUMMARY,
    agrees,
    explains_every_heading,
    rows_of,
    safe_book_of,
)

import fte_alloc as fa
from fte_alloc.questions.column_names import BOOK_COLUMNS
from fte_alloc.questions.regret.answer import regret_answer
from fte_alloc.render.workbook import workbook

NAMES = ("reference", "tight-budget", "need-first")
TITLES = dict(
    zip(NAMES, ("France, call of 2023", "A tighter budget", "Regions in need first"), strict=True),
    **{"on average": "on average"},
)
#: A scenario for each thing that scenarios may have besides.
SMALL = {
    "years": {"years": (2023, 2024), "cap": 4.0},
    "areas": {
        "cap": 4.0,
        "areas": ("X", "X"),
        "existing_coordinators_fte": np.array([0.1]),
        "max_new_coordinators_fte": np.array([1.0]),
        "supports_fte": 5.0,
        "productivity_gain": 0.5,
    },
    "nothing new": {"cap": 2.0},
    "one year": {},
}


def small_scenarios(**changes) -> dict[str, fa.Problem]:
    """Two scenarios whose contracts stand in different territories."""
    one = small_problem(**changes)
    two = small_problem(((20.0, 80.0), (100.0, 90.0)), **changes)
    return {"one": one, "two": two}


def heading(about: str, name: str = "") -> str:
    """What stands above a column."""
    return BOOK_COLUMNS[about][0].format(name=name)


def lines_of(data: bytes, sheet: str) -> dict[object, dict[str, object]]:
    """Lines of a sheet of posts, by code."""
    return {line["code"]: line for line in rows_of(data, sheet, heading("code"))}


# -- regrets ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("relative", [False, slow(True)])
def test_every_regret_is_there_and_the_largest_are_worked_out(relative):
    answer, data = safe_book_of(*NAMES, relative=relative)
    agrees(data)
    document = answer.document
    *rows, most = rows_of(data, SUMMARY, heading("scenario_name"))
    assert [row[heading("scenario_name")] for row in rows] == [
        TITLES[name] for name in document["scenarios"]
    ]
    measure, unit = "relative_regret" if relative else "regret", "weighted contracts"
    for row, (name, by) in zip(rows, document["by_scenario"].items(), strict=True):
        assert row[heading("scenario_best", unit)] == by["optimum"]
        assert row[heading("scenario_value", unit)] == by["value"]
        shown = half_away(by["optimum"], 1) - half_away(by["value"], 1)
        assert row[heading("scenario_regret", unit)] == pytest.approx(shown, abs=1e-9)
        assert row[heading("scenario_share")] == by["relative_regret"]
        assert row[heading("scenario_best_counted")] == by["optimum_contracts"]
        assert row[heading("scenario_value_counted")] == by["value_contracts"]
        for other, plan in document["own_plans"].items():
            lost = plan["by_scenario"][name]
            shown = "breaks" if lost["violations"] else lost[measure]
            assert row[heading("scenario_other", TITLES[other])] == shown
    largest = most[heading("scenario_share") if relative else heading("scenario_regret", unit)]
    assert largest == pytest.approx(
        answer.document["largest_regret"], abs=1e-9 if relative else 0.1
    )
    for other, plan in document["own_plans"].items():
        there = most[heading("scenario_other", TITLES[other])]
        if plan["largest_regret"] is None:
            assert there == "breaks"
        else:
            assert there == pytest.approx(plan["largest_regret"], rel=1e-9)
    texts = [text for (sheet, _), text in formulas(data).items() if sheet == SUMMARY]
    assert sum("MAX(" in text for text in texts) == 3
    assert sum("ROUND(" in text for text in texts) == len(NAMES)


def test_the_first_sheet_says_what_is_proved_and_what_differs():
    answer, data = safe_book_of(*NAMES)
    texts = [str(v) for (sheet, _), v in stored(data).items() if sheet == SUMMARY]
    assert any(text.startswith("PROVED: no plan keeps the largest regret below") for text in texts)
    assert any(text.startswith("Average: with all scenarios equally likely") for text in texts)
    assert any(
        text.startswith("108 of 108 regional counts of posts and contracts are ASSUMED")
        for text in texts
    )
    (budget,) = (
        row
        for row in rows_of(data, SUMMARY, heading("key"))
        if row["key"] == "budget.state_eur_per_year"
    )
    assert answer.document["scenarios"] == list(NAMES)
    assert {name: budget[TITLES[name]] for name in NAMES} == {
        name: 4.5e6 if name == "tight-budget" else 5.4e6 for name in NAMES
    }


# -- posts -----------------------------------------------------------------------------------------


def test_each_region_has_its_posts_beside_those_of_every_best_plan():
    """Added up from the document in plain Python; differences and sums are formulas."""
    answer, data = safe_book_of(*NAMES)
    document = answer.document
    plans = {"on average": document["average"]["posts"]}
    plans |= {name: plan["posts"] for name, plan in document["own_plans"].items()}
    lines = lines_of(data, "Regions")
    codes = sorted({post["territory"] for post in document["posts"]})
    assert list(lines) == [*codes, "Total"]
    for code, line in lines.items():

        def fte(posts, key, *roles, code=code):
            here = (p for p in posts if code in (p["territory"], "Total"))
            return sum(p[key] for p in here if not roles or p["role"] in roles)

        new = fte(document["posts"], "new_fte")
        assert line[heading("posts_of", "this plan")] == pytest.approx(new, rel=1e-12)
        for role in ("facilitator", "coordinator"):
            own = fte(document["posts"], "new_fte", role)
            assert line[heading(f"new_{role}s")] == pytest.approx(own, rel=1e-12)
        for name, posts in plans.items():
            theirs = fte(posts, "new_fte")
            assert line[heading("posts_of", TITLES[name])] == pytest.approx(theirs, rel=1e-12)
            change = half_away(theirs, 1) - half_away(new, 1)  # as shown
            assert line[heading("posts_change", TITLES[name])] == pytest.approx(change, abs=1e-9)
    texts = [text for (sheet, _), text in formulas(data).items() if sheet == "Regions"]
    assert sum("-" in text for text in texts) == len(plans) * len(lines)
    assert sum("SUM(" in text for text in texts) == 3 + len(plans)


def test_every_heading_is_in_the_dictionary():
    explains_every_heading(safe_book_of(*NAMES)[1])


def test_the_chart_shows_the_posts_of_both_roles_and_differences_are_shaded():
    data = safe_book_of(*NAMES)[1]
    parts = zipfile.ZipFile(io.BytesIO(data))
    (name,) = (n for n in parts.namelist() if n.startswith("xl/charts/chart"))
    assert parts.read(name).decode().count("<c:ser>") == 2
    rules = {
        rule.type for area in opened(data)["Regions"].conditional_formatting for rule in area.rules
    }
    assert "colorScale" in rules


@pytest.mark.parametrize("kind", ["years", "areas", *map(slow, ("nothing new", "one year"))])
def test_any_scenarios_have_a_workbook_whose_formulas_agree(kind):
    answer = fa.regret(small_scenarios(**SMALL[kind]))
    data = workbook(regret_answer(answer.document, answer))
    agrees(data)
    assert data == workbook(regret_answer(answer.document, answer))
    sheets = opened(data).sheetnames
    name = "Territories"
    codes = {"areas": [None, "A", "B", "Total"]}.get(kind, ["A", "B", "Total"])
    years = answer.document["years"]
    of_years = [f"{name} {year}" for year in years] if len(years) > 1 else [name]
    assert sheets[1 : 1 + len(years)] == of_years
    for sheet, year in zip(of_years, years, strict=True):
        lines = lines_of(data, sheet)
        assert list(lines) == codes
        new = [p["new_fte"] for p in answer.document["posts"] if p["year"] == year]
        total = lines["Total"][heading("posts_of", "this plan")]
        assert total == pytest.approx(sum(new), rel=1e-12)
    if kind == "areas":
        assert lines[None][heading("area")] == "X"
        new = heading("new_facilitators")
        assert lines[None][new] == lines["A"][new] + lines["B"][new] > 0
        assert lines["A"][heading("new_coordinators")] is None


def test_names_never_become_formulas():
    answer = fa.regret(dict(zip(("=1+1", "@cmd"), small_scenarios().values(), strict=True)))
    data = workbook(regret_answer(answer.document, answer))
    assert not [text for text in formulas(data).values() if not ONLY.fullmatch(text)]
    agrees(data)


# -- inputs ----------------------------------------------------------------------------------------


def test_every_input_of_every_scenario_stands_with_its_status_and_source():
    answer, data = safe_book_of(*NAMES)
    lines = {line["key"]: line for line in rows_of(data, ASSUMPTIONS, "key")}
    inputs = {scenario.name: scenario.problem.inputs for scenario in answer.scenarios}
    for name, said in inputs.items():
        for key in said.entries.keys() & lines.keys():
            entry = said.entries[key]
            if isinstance(entry.value, int | float):
                assert lines[key][TITLES[name]] == entry.value
                assert lines[key]["status"]
    assert lines["posts.cap_fte"]["source"].startswith("Call for projects of 3 May 2023, DREETS")
    assert lines["posts.cap_fte"]["unit"] == "FTE"
    assert lines["budget.state_eur_per_year"]["A tighter budget"] == 4_500_000
    assert "weights.indicators.unemployment_rate" in lines
