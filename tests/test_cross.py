"""Every plan judged under every scenario: by hand, by published regrets, in ``compare``."""

from __future__ import annotations

import dataclasses
import io
import itertools
import json
import random
import re

import pytest
from conftest import ROOT, small_problem, solved, table_problem
from limit_arrays import arrays_of
from spreadsheet import stored
from tables import each

import fte_alloc as fa
from fte_alloc import language
from fte_alloc.questions.answer import Grid
from fte_alloc.questions.compare.answer import compare_answer, cross_blocks
from fte_alloc.questions.compare.compare import (
    Comparison,
    Cross,
    compare,
    dominated,
    regrets,
)
from fte_alloc.questions.plan_document import evaluation_document
from fte_alloc.questions.sides import WITH_SET, side_of, side_titles
from fte_alloc.questions.verify.verify import proved_problem
from fte_alloc.questions.why.attribution import attributions
from fte_alloc.render.terminal import print_page
from fte_alloc.render.workbook import workbook

pytestmark = pytest.mark.usefixtures("read_once")

# -- a table of payoffs ----------------------------------------------------------------------------


def payoffs_of(rows: dict[str, list[float | None]]) -> dict[str, dict[str, float | None]]:
    return {plan: {f"scenario {w}": v for w, v in enumerate(row)} for plan, row in rows.items()}


def lost_of(payoffs):
    """Regrets against the best plan of the table."""
    scenarios = {scenario for row in payoffs.values() for scenario in row}
    return regrets(
        payoffs,
        {
            scenario: max(row[scenario] for row in payoffs.values() if row[scenario] is not None)
            for scenario in scenarios
        },
    )


def test_regrets_of_the_contractor_are_those_published():
    """Demand low or high. Source: Stevenson, Operations Management (case ``regret_contractor``;
    smartsolve.ai 3a5d80db62; brainmass 262457).
    """
    payoffs = payoffs_of({"Do nothing": [50, 60], "Expand": [20, 80], "Subcontract": [40, 70]})
    lost = lost_of(payoffs)
    assert lost == payoffs_of({"Do nothing": [0, 20], "Expand": [30, 0], "Subcontract": [10, 10]})
    assert dominated(payoffs) == ()


def test_regrets_can_be_against_a_plan_that_is_not_in_the_table():
    lost = regrets(payoffs_of({"a": [1, 2], "b": [3, None]}), {"scenario 0": 10, "scenario 1": 5})
    assert lost == payoffs_of({"a": [9, 3], "b": [7, None]})


def test_a_plan_beaten_everywhere_or_equal_and_somewhere_beaten_is_dominated():
    payoffs = payoffs_of({"a": [1, 2], "b": [1, 3], "c": [3, 1], "twin of c": [3, 1]})
    assert dominated(payoffs) == ("a",)
    assert dominated(payoffs_of({"a": [100.0, 100.0], "b": [100.00001, 100.0]})) == ()
    assert dominated(payoffs_of({"a": [100.0, 100.0], "b": [100.01, 100.0]})) == ("a",)


def test_plans_that_are_not_judged_in_the_same_scenarios_are_not_compared():
    payoffs = payoffs_of({"a": [1, None], "b": [2, 2]})
    assert dominated(payoffs) == ()


def test_what_is_not_possible_does_not_beat():
    never = float("-inf")
    payoffs = payoffs_of({"bold": [9, never], "modest": [5, 5], "worse": [4, 5]})
    assert dominated(payoffs) == ("worse",)


@each("seed", range(10))
def test_regrets_and_dominance_agree_with_their_definitions_on_random_tables(seed):
    chance = random.Random(seed)
    payoffs = payoffs_of({p: [chance.randrange(4) for _ in range(3)] for p in "abcde"})
    lost = lost_of(payoffs)
    for scenario in ("scenario 0", "scenario 1", "scenario 2"):
        assert min(row[scenario] for row in lost.values()) == 0
    beaten = {
        p
        for p, q in itertools.permutations(payoffs, 2)
        if all(payoffs[q][w] >= payoffs[p][w] for w in payoffs[p]) and payoffs[q] != payoffs[p]
    }
    assert set(dominated(payoffs)) == beaten


# -- plans -----------------------------------------------------------------------------------------


def side(name: str):
    return side_of(solved(name).document, solved(name).problem)


def test_the_table_is_what_judging_by_hand_gives():
    names = ("reference", "state-first", "tight-budget", "need-first")
    found = Cross([side(name) for name in names])
    assert found.scenarios == names
    for plan, scenario in itertools.product(names, names):
        e = solved(plan).evaluation
        judged = solved(scenario).problem.judge(e.new_facilitators_fte, e.new_coordinators_fte)
        there = judged.expected_contracts[:, -1].sum()
        own = solved(scenario).evaluation
        best = solved(scenario).problem.judge(own.new_facilitators_fte, own.new_coordinators_fte)
        regret = best.expected_contracts[:, -1].sum() - there
        assert found.values[plan][scenario] == pytest.approx(there, abs=1e-6)
        assert found.regrets[plan][scenario] == pytest.approx(regret, abs=1e-6)
        broken = {v.constraint for v in judged.violations}
        assert set(found.violations[plan][scenario]) == broken
    assert found.violations["reference"]["tight-budget"] == {"budget": 1}
    assert found.regrets["tight-budget"]["reference"] > 1000


def scenarios_apart():
    """One post for A or B; scenario 1 has its contracts in A, scenario 2 in B: 10 and 1 a post."""
    lean, rich = [(0, 0), (1, 1)], [(0, 0), (1, 10)]
    return [
        table_problem([rich, lean], cap=1),
        table_problem([lean, rich], cap=1),
        table_problem([[(0, 0), (1, 8)], [(0, 0), (1, 7)]], cap=1),
    ]


def test_a_plan_made_for_another_scenario_loses_what_it_would_have_found_there():
    """A's post brings 10, 1, 8 in the three scenarios, B's 1, 10, 7."""
    found = compare(scenarios_apart()).cross_evaluation
    assert list(found.values.values()) == [
        pytest.approx(row) for row in ({"": 10, " (2)": 1, " (3)": 8},
                                       {"": 1, " (2)": 10, " (3)": 7},
                                       {"": 10, " (2)": 1, " (3)": 8})
    ]  # fmt: skip
    assert found.regrets[" (2)"] == pytest.approx({"": 9, " (2)": 0, " (3)": 1})
    assert found.dominated == ()


def test_other_years_or_territories_cannot_be_judged():
    sides = [side("reference"), side("horizon-2025"), side("tight-budget")]
    found = Cross(sides)
    assert found.values["reference"]["horizon-2025"] is None
    assert found.values["horizon-2025"]["reference"] is None
    assert found.regrets["horizon-2025"]["tight-budget"] is None
    assert found.violations["horizon-2025"]["reference"] is None
    assert found.regrets["horizon-2025"]["horizon-2025"] == 0
    json.dumps(found.document, allow_nan=False)
    other = Cross(
        [side("reference"), side_of((p := fa.solve(small_problem())).document, p.problem)]
    )
    assert cross_blocks(other, {}) == []


def status_quo():
    problem = solved("reference").problem
    nothing = problem.judge(*problem.zeros())
    return side_of(evaluation_document(nothing), problem, "status-quo")


def test_the_status_quo_is_a_plan_and_no_scenario():
    sides = [side("reference"), side("state-first"), status_quo()]
    found = Cross(sides)
    assert found.scenarios == ("reference", "state-first")
    assert found.values["status-quo"]["reference"] == pytest.approx(52_519, abs=1)
    assert found.violations["status-quo"]["reference"] == {"coordinator_required": 17}
    assert "status-quo" in found.dominated
    (why,) = attributions([sides[0], sides[2]])
    assert why.missing == "status-quo"


def test_a_saved_plan_is_a_scenario_only_where_it_is_proved_again(monkeypatch):
    monkeypatch.chdir(ROOT)
    saved = fa.solve(fa.load("scenarios/cap-560.toml")).document
    problem = proved_problem(saved)
    assert problem is not None
    assert arrays_of(problem).cap_fte.tolist() == [560]
    assert side_of(saved, problem).problem is problem
    better = json.loads(json.dumps(saved))
    better["coverage"]["expected_contracts"] += 1
    assert proved_problem(better) is None
    assert side_of(better, None).problem is None


# -- on the page -----------------------------------------------------------------------------------


def text_of(*sides) -> str:
    out = io.StringIO()
    print_page(compare_answer(Comparison(tuple(sides))).page(), out)
    return out.getvalue()


def test_the_table_stands_where_scenarios_differ_and_says_what_breaks_limits():
    page = text_of(side("reference"), side("state-first"), side("tight-budget"))
    lines = page.splitlines()
    head = next(i for i, line in enumerate(lines) if line.startswith("Each plan under each"))
    titles = ["France, call of 2023", "State purchases first", "A tighter budget"]
    assert re.split("  +", lines[head + 1].strip()) == [*titles, "most lost"]
    first, _, last = (re.split("  +", line) for line in lines[head + 2 : head + 5])
    assert first == [titles[0], "58,366", "56,954", "58,366", "0"]
    assert last == [titles[2], "56,703", "55,261", "56,703", "1,693"]
    assert f"“{titles[0]}” breaks limits of “A tighter budget” (budget).\n" in page


def test_a_plan_best_by_its_own_weights_is_beaten_by_numbers_alone():
    """Contracts weigh more in need-first; its plan is the best one there."""
    names = ("reference", "state-first", "need-first")
    page = " ".join(text_of(*map(side, names)).split())
    assert "where each contract counts as one and breaking limits is worst, never better" in page
    assert "by its own objective: “France, call of 2023”, “State purchases first” and “Reg" in page


def test_one_sentence_stands_where_only_limits_differ():
    page = " ".join(text_of(side("cap-560"), side("tight-budget")).split())
    assert "a plan covers the same number of contracts under each of them." in page
    assert "“A lower cap” breaks limits of “A tighter budget” (budget)." in page
    assert "Each plan under each scenario" not in page


def test_nothing_is_said_of_scenarios_where_no_plan_can_be_judged_in_another():
    page = text_of(side("reference"), side("horizon-2025"))
    assert "Each plan" not in page
    assert "Each plan" not in text_of(side("reference"), status_quo())


def test_rows_give_the_value_and_the_distance_to_the_scenarios_own_best():
    comparison = Comparison((side("reference"), side("state-first"), status_quo()))
    rows = [row for row in comparison.rows() if row["section"] == "cross"]
    assert len(rows) == 6
    last = rows[-2]
    assert (last["scenario"], last["key"]) == ("status-quo", "reference")
    lost = comparison.cross_evaluation.regrets["status-quo"]["reference"]
    assert last["difference"] == -lost < -5000


# -- what plans are called -------------------------------------------------------------------------


def test_plans_are_called_by_titles_that_tell_them_apart():
    base = side("reference")
    changed = dataclasses.replace(base, name="reference" + WITH_SET)
    again = dataclasses.replace(base, name="reference (2)")
    untitled = side_of((p := fa.solve(small_problem())).document, p.problem, "untitled")
    assert list(side_titles([base, changed, again, status_quo(), untitled]).values()) == [
        "reference",
        "France, call of 2023, changed",
        "reference (2)",
        "status quo",
        "untitled",
    ]
    with language.in_language("fr"):
        titles = side_titles([base, changed, side("tight-budget")])
    assert list(titles.values()) == [
        "France, appel à projets de 2023",
        "France, appel à projets de 2023, modifié",
        "Un budget plus serré",
    ]


def test_headings_break_at_spaces_alone():
    headings = ["", "reference + --set", "Saint-Pierre-et-Miquelon twice", "unbreakableword" * 2]
    out = io.StringIO()
    print_page([Grid(headings, [["x" * 90, "1", "2", "3"]])], out)
    lines = out.getvalue().splitlines()
    broken = {word for line in lines[:-1] for word in line.split()}
    assert broken == {word for heading in headings for word in heading.split()}


def test_the_table_of_changes_speaks_french():
    sides = (side("reference"), side("state-first"))
    comparison = Comparison(sides, tuple(attributions(sides, "bretagne")))
    with language.in_language("fr"):
        data = workbook(compare_answer(comparison))
        texts = list(stored(data).values())
    assert "poids des acheteurs" in texts
    assert "Priorité aux achats de l’État" in texts
    assert any(str(text).startswith("53 Bretagne, ETP nouveaux") for text in texts)
    assert not any("buyer_weights" in str(text) or "new_fte." in str(text) for text in texts)
