"""Figures as they are shown: rounded by one rule, differences that add up, units that are said.

What is expected is worked out in plain Python from inputs, posts and documents.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

import numpy as np
import pytest
from conftest import ROOT, slow, small_problem, solved
from spreadsheet import half_away
from tables import each
from test_independent import covered, read_facts, split, worth
from test_regret import answered

import fte_alloc as fa
from fte_alloc import numbers as show
from fte_alloc.language import in_language
from fte_alloc.questions.answer import Grid, Line
from fte_alloc.questions.compare.answer import compare_answer
from fte_alloc.questions.compare.compare import Comparison
from fte_alloc.questions.evaluate import evaluation_answer
from fte_alloc.questions.explain.page import explain_page
from fte_alloc.questions.frontier.page import frontier_page
from fte_alloc.questions.inputs_in_words import input_shown, input_unit
from fte_alloc.questions.objectives_in_words import plan_text, proof_claim
from fte_alloc.questions.plan_document import evaluation_document
from fte_alloc.questions.regret.answer import regret_answer
from fte_alloc.questions.sides import side_of
from fte_alloc.questions.solve.answer import plan_answer


def number(text: str) -> Decimal:
    """A number of a page in English; a dot is none."""
    plain = text.strip("%*").replace(",", "").replace("−", "-").replace("·", "0")
    return Decimal(plain)


def is_number(text: str) -> bool:
    return any(c.isdigit() or c == "·" for c in text) and not any(c.isalpha() for c in text)


def grids(page) -> list[Grid]:
    return [block for block in page if isinstance(block, Grid)]


@cache
def comparison(*names: str) -> Comparison:
    plans = [solved(name) for name in names]
    return Comparison(
        tuple(side_of(p.document, p.problem, n) for p, n in zip(plans, names, strict=True))
    )


# -- one rounding ----------------------------------------------------------------------------------


@each("typed", ["0.35", "0.45", "2.675", "1.005", "-0.25", "18.85", "1234.5"])
@each("digits", [0, 1, 2])
def test_half_is_rounded_away_from_zero_on_the_decimal_as_typed(typed, digits):
    expected = Decimal(typed).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    value = float(typed)
    assert number(show.count(value, digits)) == expected
    assert number(show.rate(value / 100, 1)) == number(show.rate_change(value / 100))
    assert number(show.rate(float(Decimal(typed).scaleb(-2)), digits)) == expected
    assert number(show.million(float(Decimal(typed).scaleb(6)))) == Decimal(typed).quantize(
        Decimal("0.01"), ROUND_HALF_UP
    )


def test_noise_of_binary_sums_does_not_decide():
    """As in a spreadsheet, whose cell of 0.1 + 0.05 − 0.05 + 2.25 is 2.35 as people read it."""
    assert (show.count(2.3499999999999996, 1), show.fte(0.05), show.fte(0.049)) == (
        "2.4",
        "0.1",
        "·",
    )


@each("kept", [0.0, 1e-8, -1e-8])
def test_a_search_that_stops_beside_a_half_shows_it(kept):
    """Of a budget of 4,995,000 EUR that is all spent, 5.00 M EUR are, not 4.99; but not of less."""
    assert (show.million(4_995_000 + 1e4 * kept), show.fte(560.05 + kept)) == ("5.00", "560.1")
    assert (show.million(4_994_990), show.fte(560.0499)) == ("4.99", "560.0")


def test_posts_at_a_limit_are_those_of_the_limit():
    """1.25 FTE as typed, in data as on the page; the solver stops at 1.2499999999."""
    problem = small_problem(
        ((92.0, 117.0, 28.0), (52.0, 35.0, 83.0)),
        existing=(4.0, 4.0),
        per_fte=5.0,
        cap=10.5,
        demand_cv=0.15,
        max_new_facilitators_fte=np.full(2, 1.25),
    )
    new = fa.solve(problem, priced=False).posts["new_fte"]
    assert new[new > 0].tolist() == [1.25, 1.25]


def test_posts_on_the_page_are_those_of_the_file_rounded():
    """Guyane's 0.35 renewed posts are 0.4, as any spreadsheet shows them."""
    with (ROOT / "models/france-2023/territories.csv").open(encoding="utf-8") as file:
        typed_rows = list(csv.DictReader(file))
    (grid,) = grids(plan_answer(solved("reference").document).page())
    shown = {row[0][:2]: row for row in grid.rows}
    for row in typed_rows:
        for column, kind in ((1, "existing"), (2, "committed")):
            keys = [k for k in row if k.startswith(kind) and k.endswith("_fte") and row[k]]
            typed = sum(Decimal(row[key]) for key in keys)
            expected = typed.quantize(Decimal("0.1"), ROUND_HALF_UP)
            assert number(shown[row["code"]][column]) == expected


# -- differences are of the figures shown ----------------------------------------------------------


@each("names", [("reference", "need-first"), ("tight-budget", "cap-560")])
def test_differences_are_those_of_the_figures_shown(names):
    shown = grids(compare_answer(comparison(*names)).page())
    (results,) = (grid for grid in shown if "difference" in grid.headings[-1])
    told = [row for row in results.rows if all(map(is_number, row[1:4]))]
    assert len(told) > 10
    for row in told:
        assert number(row[3]) == number(row[2]) - number(row[1]), row


@pytest.mark.parametrize("code", [slow("24"), slow("52"), slow("53")])
def test_what_a_post_brings_adds_up_as_shown(code):
    """Elsewhere is what is brought here less what the plan gains."""
    page = explain_page(fa.explain(solved("state-first"), code))
    posts = next(g for g in grids(page) if len(g.headings) == 5)
    for row in posts.rows:
        assert number(row[1]) - number(row[3]) == number(row[2]), row


# -- weighted contracts are called so, with those that can be counted beside them ------------------


def recounted(posts, **weights: float) -> tuple[float, float]:
    """Contracts that posts cover, and the same weighted, from the model's files alone."""
    facts = replace(read_facts(), weights=weights)
    new = {(p["role"], p["territory"]): p["new_fte"] for p in posts}
    x, z = ([new[role, code] for code in facts.regions] for role in ("facilitator", "coordinator"))
    in_post = facts.existing + facts.committed + x
    effort = in_post + facts.gain * np.minimum(in_post, facts.span * (facts.coordinators + z))
    found = covered(facts, split(facts, effort)[0])
    return float(found.sum()), float((found * worth(facts)).sum())


def weighted_alone(page, value: float) -> list[str]:
    """Where a value stands without the word "weighted" in its line, its column or above a grid."""
    told, found, above = f"{value:,.1f}", [], ""
    for block in page:
        if isinstance(block, Line):
            above = block.text
            found += [t for t in (block.text, block.right) if told in t and "weighted" not in t]
            continue
        for row in block.rows:
            for j, cell in enumerate(row):
                named = f"{above} {row[0]} {block.headings[j]}".lower()
                if told in cell and "weighted" not in named:
                    found.append(cell)
    return found


@pytest.mark.slow
def test_regret_says_that_contracts_are_weighted_and_counts_them_beside():
    answer = answered("weights")
    document, page = answer.document, regret_answer(answer.document).page()
    assert document["unit"] == "weighted contracts"
    grid, by = grids(page)[1], document["by_scenario"]["state-first"]
    row = next(row for row in grid.rows if row[0] == by["title"])
    plans = {"optimum": document["own_plans"]["state-first"]["posts"], "value": document["posts"]}
    for column, (key, posts) in zip(("its best plan", "this plan"), plans.items(), strict=True):
        contracts, weighted = recounted(posts, state_hospital=2.0)
        shown = number(row[grid.headings.index(column)])
        assert float(shown) == pytest.approx(contracts, abs=0.06)
        assert by[f"{key}_contracts"] == pytest.approx(contracts, rel=1e-7)
        assert by[key] == pytest.approx(weighted, rel=1e-8)
    for value in (by["value"], by["optimum"], document["largest_regret"]):
        assert not weighted_alone(page, value)


def test_a_weighted_loss_is_called_so_and_counted_beside():
    plan = solved("state-first")
    judged = plan.problem.evaluate({})
    document = evaluation_document(judged) | plan.optimum_and_loss(judged)
    contracts, weighted = recounted(document["posts"], state_hospital=2.0)
    _, most = recounted(plan.document["posts"], state_hospital=2.0)
    assert document["optimum"]["unit"] == "weighted contracts"
    assert document["loss"] == pytest.approx(most - weighted, rel=1e-6)
    page = evaluation_answer(document).page()
    lines = [block.text for block in page if isinstance(block, Line)]
    loss = half_away(most, 1) - half_away(weighted, 1)
    assert any(
        f"weighted: {weighted:,.1f};" in t and f": −{loss:,.1f} weighted contracts (" in t
        for t in lines
    )
    assert any(text.startswith(f"Contracts  {contracts:,.0f} of") for text in lines)
    for value in (weighted, most, loss):
        assert not weighted_alone(page, value)


def test_a_page_with_a_column_of_weights_says_that_they_are_scaled():
    problem = small_problem(territory_weight=np.array([0.5, 1.5]))
    for of, is_told in ((problem, True), (small_problem(), False)):
        page = plan_answer(fa.solve(of, priced=False).document).page()
        lines = [block.text for block in page if isinstance(block, Line)]
        assert any(text.startswith("Weight     scaled to a mean") for text in lines) == is_told


def test_pages_of_a_weighted_plan_say_so_wherever_its_value_stands():
    plan = solved("state-first")
    contracts, weighted = recounted(plan.document["posts"], state_hospital=2.0)
    page = plan_answer(plan.document).page()
    assert not weighted_alone(page, weighted)
    assert f"{contracts:,.0f} of" in "".join(b.text for b in page if isinstance(b, Line))
    assert plan.document["coverage"]["objective_unit"] == "weighted contracts"
    assert solved("reference").document["coverage"]["objective_unit"] == "contracts"
    in_steps = {**plan.document["stages"][0], "relaxation_bound": weighted}
    assert "weighted contracts" in proof_claim({**plan.document, "stages": [in_steps]})[0]
    of_stage = {**in_steps, "value": weighted, "expected_contracts": contracts}
    of_stage["by_solver"] = False
    said = {"objective": of_stage, "step_fte": 0.0, "years": [2023]}
    assert plan_text(said).endswith(f"weighted (unweighted {contracts:,.0f}), proved best")


def test_tables_of_cases_say_the_unit_of_every_row():
    """A varied weight changes the unit from row to row."""
    done = fa.sweep("reference", {"weights.segment.state_hospital": [1, 2]})
    units = done.table["unit"].tolist()
    assert units == ["contracts", "weighted contracts"]
    for row in done.document["cases"]:
        posts = [
            {"role": role, "territory": code, "new_fte": row[f"new_fte_{role}_{code}"]}
            for role in ("facilitator", "coordinator")
            for code in read_facts().regions
        ]
        weight = row["weights.segment.state_hospital"]
        contracts, weighted = recounted(posts, state_hospital=float(weight))
        assert row["expected_contracts"] == pytest.approx(contracts, rel=1e-7)
        assert row["objective"] == pytest.approx(weighted, rel=1e-7)


@pytest.mark.slow
def test_a_curve_of_weighted_contracts_counts_them_beside(few_points):
    curve = fa.frontier(fa.load("state-first"), "coverage", "worst_rate")
    page = frontier_page(curve.document)
    first = curve.document["points"][0]
    contracts, weighted = recounted(first["posts"], state_hospital=2.0)
    assert not weighted_alone(page, first["a"])
    assert first["a"] == pytest.approx(weighted, rel=1e-7)
    assert first["expected_contracts"] == pytest.approx(contracts, rel=1e-6)
    grid = grids(page)[0]
    assert number(grid.rows[0][-1]) == number(f"{first['expected_contracts']:,.1f}")
    (row, *_) = curve.rows
    assert row["coverage_unit"] == "weighted contracts"


def test_what_an_objective_gives_up_is_a_share_in_the_language_in_force():
    written = "worst_rate − 0.01, coverage"
    assert input_shown("stages", written) == "lowest rate (1% given up), contracts covered"
    with in_language("fr"):
        french = "taux le plus bas (1\N{NO-BREAK SPACE}% abandonné), marchés clausés"
        assert input_shown("stages", written) == french


def test_small_numbers_without_a_unit_are_written_out():
    assert show.significant(9.3321e-05, 4) == "0.00009332"
    assert show.significant(-1.0, 5) == "−1"
    assert input_unit("1") == ""
