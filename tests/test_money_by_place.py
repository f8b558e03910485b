"""Posts that cost more in one place than in another: read, planned, priced, proved, explained."""

from __future__ import annotations

import copy
import csv
import json
from functools import cache

import numpy as np
import pytest
from conftest import run, small_problem, solved, table_problem
from limit_arrays import replace
from spreadsheet import recomputed, stored
from tables import each
from test_check_plan import check  # noqa: F401 - a fixture

import fte_alloc as fa
from fte_alloc.programme.statement import formulate
from fte_alloc.programme.step_limits import step_limits
from fte_alloc.questions.explain.page import explain_page
from fte_alloc.questions.infeasible.diagnose import diagnose
from fte_alloc.questions.solve.answer import plan_answer
from fte_alloc.questions.solve.tables import binding_nationally
from fte_alloc.render.markdown import markdown
from fte_alloc.render.workbook import workbook

pytestmark = pytest.mark.usefixtures("at_root", "search_once")

#: Cheap posts in 53, dear ones in 52, a lower rate in 28, a dear coordinator in 75.
PLACES = {
    "territories.53.facilitator_cost_eur_per_fte": 40_000,
    "territories.52.facilitator_cost_eur_per_fte": 60_000,
    "territories.28.facilitator_state_rate": 0.5,
    "territories.75.coordinator_cost_eur_per_fte": 70_000,
}


@cache
def apart() -> fa.Plan:
    """The best plan of ``reference`` where posts cost so."""
    return fa.solve(fa.load("reference", overrides=PLACES))


def grants(a: float, b: float) -> dict:
    """Grants of facilitators of A and B, those of coordinators being 7,000 EUR."""
    return {"grant_eur_per_fte": (np.array([[a], [b]]), np.full((2, 1), 7_000.0))}


# -- two territories, by hand ----------------------------------------------------------------------


@each(
    ("budget", "posts", "price"),
    [
        (21_000.0, (3.0, 0.0), 10 / 7),
        (35_000.0, (4.0, 0.5), 10 / 14),
    ],
)
def test_the_cheaper_place_gets_the_posts_and_money_is_worth_what_it_buys(budget, posts, price):
    """Each facilitator covers 10 contracts, up to 4 in a place; a grant is 7 kEUR in A, 14 in B.

    21 kEUR buy 3 posts of A; 35 buy all 4 and half a post of B.
    """
    cost = {"cost_eur_per_fte": (np.full((2, 1), 20_000.0),) * 2}
    problem = table_problem(
        [[(0, 0), (4, 40)]] * 2, budget=budget, **grants(7_000.0, 14_000.0), **cost
    )
    plan = fa.solve(problem)
    assert plan.evaluation.new_facilitators_fte.ravel() == pytest.approx(posts, abs=1e-6)
    assert plan.expected_contracts == pytest.approx(10 * sum(posts), abs=1e-6)
    (row,) = (row for row in plan.document["prices"] if row["constraint"] == "budget")
    assert [row[side] for side in ("up", "down")] == pytest.approx([price, price], rel=1e-6)
    money = 7_000 * posts[0] + 14_000 * posts[1]
    assert plan.document["money"]["state_eur"] == pytest.approx(money)


def by_hand():
    """Grants of 7 and 14 kEUR for facilitators, 9 and 18 for coordinators; partners pay 3 to 6.

    One facilitator renewed in A, half a one in B, half a coordinator in A.
    """
    return small_problem(
        budget=100_000.0,
        committed_facilitators_fte=np.array([1.0, 0.5]),
        committed_coordinators_fte=np.array([0.5, 0.0]),
        cost_eur_per_fte=([[10_000.0], [20_000.0]], [[12_000.0], [24_000.0]]),
        grant_eur_per_fte=([[7_000.0], [14_000.0]], [[9_000.0], [18_000.0]]),
        partner_capacity_eur=np.array([np.inf, 20_000.0]),
        max_new_coordinators_fte=np.array([1.0, 1.0]),
    )


def test_rows_count_what_a_post_costs_where_it_is():
    """100 − (7·1 + 14·½ + 9·½) = 81.5 kEUR are left; of B's partners 20 − 6·½ = 17."""
    model = formulate(by_hand()).lp
    rows = {
        name: ({v.name: c for v, c in row.items()}, -row.constant)
        for name in ("budget_2023", "partners_B_2023")
        for row in [model.get_constraint_by_name(name)]
    }
    posts = {"x_A_2023": 7.0, "x_B_2023": 14.0, "z_A_2023": 9.0, "z_B_2023": 18.0}
    assert rows == {
        "budget_2023": (posts, 81.5),
        "partners_B_2023": ({"x_B_2023": 6.0, "z_B_2023": 6.0}, 17.0),
    }
    most = [of.ravel().tolist() for of in by_hand().most_new_fte]
    assert most[0] == pytest.approx([10 - 2 - 2 + 1, 17 / 6 + 1])  # the cap; partners


def test_a_plan_is_judged_by_what_its_posts_cost_where_they_are():
    """State 7·3 + 14·1.5 + 9·1.5 = 55.5 kEUR; in all 10·3 + 20·1.5 + 12·1.5 = 78."""
    judged = by_hand().judge(np.array([[2.0], [1.0]]), np.array([[1.0], [0.0]]))
    assert judged.state_eur.tolist() == [55_500.0]
    assert judged.full_cost_eur.tolist() == [78_000.0]
    assert judged.partners_eur.tolist() == [22_500.0]


@each("unequal", [False, True])
def test_tables_of_steps_are_left_to_the_solver_where_grants_differ(unequal):
    """Their sums know totals of posts, not where they are."""
    dear = 8_000.0 if unequal else 7_000.0
    problem = small_problem(step_fte=0.5, budget=20_000.0, **grants(7_000.0, dear))
    assert (step_limits(problem) is None) == unequal
    limited = replace(problem, stages=problem.stages[:1], state_eur_per_year=np.array([np.inf]))
    assert step_limits(limited) is not None
    plan = fa.solve(problem, priced=False)
    best = max(
        problem.judge(np.array([[a / 2], [b / 2]]), np.zeros((2, 1))).objective("coverage")
        for a in range(6)
        for b in range(6)
        if 3_500 * a + dear / 2 * b <= 20_000
    )
    assert plan.expected_contracts == pytest.approx(best, rel=1e-8)


def test_in_steps_money_binds_where_not_even_the_cheapest_step_can_be_paid():
    """Half posts of A at 3.5 kEUR, of B at 14; B has its one, so 3 kEUR left are none, 4 are some.

    On the average a step costs far more than 4 kEUR.
    """
    values = {"posts.step_fte": 0.5}
    for left, binding in ((3_000.0, ["budget"]), (4_000.0, [])):
        problem = small_problem(budget=14_000.0 + left, **grants(7_000.0, 28_000.0))
        judged = problem.judge(np.array([[0.0], [0.5]]), np.zeros((2, 1)))
        document = fa.solve(problem, priced=False).document
        document = document | {"inputs": {"values": values}}
        money = document["money"] | {"state_eur": float(judged.state_eur[0])}
        assert binding_nationally(document | {"money": money}) == binding


# -- the default model with costs that differ ------------------------------------------------------


def test_a_cheaper_place_has_more_posts_and_the_plan_is_proved_without_a_solver(check):  # noqa: F811
    plan, before = apart(), solved("reference")
    assert fa.verify(plan.document).accepted
    document = json.loads(json.dumps(plan.document))
    code, said = check(document)
    assert (code, said.splitlines()[-1]) == (0, "accepted")
    (row,) = document["money"]["per_fte"]["coordinator"]["by_place"][1:]
    assert row["places"] == ["75"]
    assert row["full_cost_eur"] == 70_000
    assert before.document["money"]["per_fte"]["coordinator"].keys() == row.keys() - {"places"}
    row["state_eur"] -= 1_000
    assert not fa.verify(document).accepted
    posts = copy.deepcopy(plan.document)
    moved = {row["territory"]: row for row in posts["posts"] if row["role"] == "facilitator"}
    moved["52"]["new_fte"] += 0.5
    moved["53"]["new_fte"] -= 0.5
    assert check(posts)[0] == 1


def test_money_of_a_plan_is_its_posts_times_what_each_costs():
    document, problem = apart().document, apart().problem
    state = sum(
        (row["committed_fte"] + row["new_fte"])
        * problem.grant_eur_per_fte[r][codes.index(row["territory"]), 0]
        for r, (role, codes) in enumerate(problem.codes.items())
        for row in document["posts"]
        if row["role"] == role
    )
    assert document["money"]["state_eur"] == pytest.approx(state, rel=1e-9)
    assert document["money"]["per_fte"]["facilitator"]["state_eur"] is None


def test_a_workbook_names_the_places_of_each_cost_and_its_formulas_agree():
    data = workbook(plan_answer(apart().document, apart()))
    values, again = stored(data), recomputed(data)
    assert again
    for at, value in again.items():
        same = pytest.approx(value, rel=1e-9) if isinstance(value, float) else value
        assert values.get(at) == same
    names = [v for v in values.values() if isinstance(v, str) and v.startswith("facilitator (")]
    assert names == [
        "facilitator (01, 02, 03, 04, 06, 11 and 9 others)",
        *(f"facilitator ({code})" for code in ("28", "52", "53")),
    ]


def test_why_tells_what_the_cost_of_one_place_did():
    key = "territories.53.facilitator_cost_eur_per_fte"
    after = fa.load("reference", overrides={key: 30_000, "budget.state_eur_per_year": 5e6})
    found = fa.compare([fa.load("reference"), after], why=True)
    bridge = next(b for b in found.document["bridges"] if b["figure"] == "expected_contracts")
    parts = {part["group"]: part for part in bridge["parts"]}
    assert parts.keys() == {"budget", "costs"}
    assert parts["costs"]["keys"] == [key]
    alone = fa.solve(fa.load("reference", overrides={key: 30_000}), priced=False)
    poorer = fa.solve(
        fa.load("reference", overrides={"budget.state_eur_per_year": 5e6}), priced=False
    )
    ways = [
        alone.expected_contracts - bridge["start"],
        bridge["end"] - poorer.expected_contracts,
    ]
    assert min(ways) > 1
    assert parts["costs"]["amount"] == pytest.approx(sum(ways) / 2, rel=1e-6)


def test_an_explanation_moves_the_cost_of_the_place_itself():
    """The cost that gives 28 a post more is its own; of 52 that of all is left as it is."""
    key = "territories.28.facilitator_cost_eur_per_fte"
    own = {key: 46_000}
    found = fa.explain(fa.load("reference", overrides=own), "28")
    (change,) = (c for c in found.document["one_more"]["changes"] if c["change"] == "cost")
    assert (change["keys"], change["unit"]) == ([key], "EUR/(FTE.yr)")
    wanted = found.document["one_more"]["new_facilitators_fte"]
    for factor, there in ((1.0, True), (1.002, False)):
        overrides = {key: factor * change["needed"]}
        plan = fa.solve(fa.load("reference", overrides=overrides), priced=False)
        assert (plan.evaluation.new_facilitators_fte[8, 0] >= wanted - 1e-3) == there
    assert "| cost of a facilitator, EUR | 46,000 |" in markdown(explain_page(found))
    assert found.document["next_facilitator"]["state_eur"] == pytest.approx(32_200)


def test_the_nation_is_told_the_highest_grant():
    found = fa.explain(small_problem(**grants(5_000.0, 8_400.0)))
    assert found.document["next_facilitator"]["state_eur"] == pytest.approx(8_400)
    page = markdown(explain_page(found))
    assert "8,400 EUR more, highest grant of 1 FTE, and room" in page


def test_a_rate_of_one_place_repairs_what_the_budget_cannot_pay():
    """Renewed posts alone cost too much; a lower rate of 11, typed as proposed, is just enough."""
    overrides = {
        "territories.11.facilitator_state_rate": 0.9,
        "posts.coordinator.required_fte_where_none": "none",
        "budget.state_eur_per_year": 2_600_000,
    }
    problem = fa.load("reference", overrides=overrides)
    renewed = problem.committed_facilitators_fte
    short = float(renewed @ problem.grant_eur_per_fte[0][:, 0]) - 2_600_000
    rate = np.floor(1e4 * (0.9 - short / (46_000 * renewed[5]))) / 1e4
    diagnosis = diagnose(problem)
    options = {o for changes in diagnosis.repairs for o in changes.options}
    assert f"territories.11.facilitator_state_rate={rate:g}" in options
    assert any(o.startswith("posts.facilitator.state_rate=") for o in options)
    assert not any(o.startswith("posts.coordinator.state_rate=") for o in options)


def test_a_sweep_varies_the_cost_of_a_place():
    key = "territories.53.facilitator_cost_eur_per_fte"
    table = fa.sweep("reference", {key: [40_000, 55_000]}).table
    for row in table.to_dict("records"):
        plan = fa.solve(fa.load("reference", overrides={key: row[key]}), priced=False)
        assert row["expected_contracts"] == pytest.approx(plan.expected_contracts, abs=1e-5)
        assert row["state_eur"] == pytest.approx(plan.document["money"]["state_eur"], rel=1e-6)


def test_show_says_where_the_cost_of_a_place_is_set(capsys):
    setting = "territories.53.facilitator_cost_eur_per_fte=40000"
    code, out, _ = run(
        capsys, "show", "reference", "--set", setting, "--key", "cost_eur", "--format", "csv"
    )
    assert code == 0
    (row,) = [row for row in csv.DictReader(out.splitlines()) if row["key"].startswith("terr")]
    assert (row["value"], row["unit"]) == ("40000.0", "EUR/(FTE.yr)")
    assert (row["status"], row["origin"]) == ("scenario", f"'--set {setting}")


@each(
    ("scenario", "own", "changed", "expected"),
    [
        ("reference", PLACES, "posts.facilitator.cost_eur_per_fte", "2"),
        ("reference", PLACES, "posts.facilitator.state_rate", "1"),
        (
            "departements",
            {f"territories.{code}.coordinator_state_rate": 0.6 for code in ("01", "03")},
            "posts.coordinator.state_rate",
            "1",
        ),
        ("reference", PLACES, "posts.facilitator.max_growth_fte", ""),
        ("reference", {}, "posts.coordinator.cost_eur_per_fte", ""),
    ],
)
def test_a_change_for_all_places_names_how_many_it_does_not_reach(scenario, own, changed, expected):
    """The two départements are of one region, whose coordinators are one place."""
    warnings = fa.load(scenario, overrides={**own, changed: 0.5}).inputs.warnings
    column = changed.removeprefix("posts.").replace(".", "_")
    said = f"places with their own {column}, which this does not change: {expected}"
    assert [*map(str, warnings)] == ([f"--set {changed}=0.5: {said}"] if expected else [])
