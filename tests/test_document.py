"""``fte-alloc/plan/1`` of every shipped scenario: its keys, its arithmetic, its facts.

Posts, money and rates are added up again in plain Python, from the rows a reader of the document
sees and the few inputs it does not repeat.
"""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest
from conftest import ROOT, SCENARIOS, slow, small_problem, solved
from documents import faults_of
from limit_arrays import arrays_of, replace
from tables import each

import fte_alloc as fa
from fte_alloc.errors import InfeasibleError
from fte_alloc.questions.solve.answer import plan_answer
from fte_alloc.render.markdown import markdown

#: Of headline figures, in ``by_year`` too.
YEARLY = ("coverage", "network", "money")


def by_year(document):
    """The yearly figures, of a document of one year too."""
    years = document.get("by_year")
    if years is None:
        years = [{"year": document["years"][0]} | {key: document[key] for key in YEARLY}]
    return years


def place(post) -> str:
    """What a post is of: a facilitator of a territory, a coordinator of an area."""
    return post["territory" if post["role"] == "facilitator" else "area"]


def posts_in(document, year, role=None):
    return [p for p in document["posts"] if p["year"] == year and role in (None, p["role"])]


# -- form ------------------------------------------------------------------------------------------


@each("name", SCENARIOS)
def test_document_has_every_key_of_the_interface_with_its_type(name):
    plan = solved(name)
    assert faults_of(plan.document) == []
    assert plan.document["format"] == "fte-alloc/plan/1"
    assert plan.document["status"] == "optimal"


@each("name", SCENARIOS)
def test_by_year_is_there_where_there_are_several_years_and_ends_on_the_summary(name):
    plan = solved(name)
    document = plan.document
    assert ("by_year" in document) == (len(document["years"]) > 1)
    if "by_year" in document:
        assert [row["year"] for row in document["by_year"]] == document["years"]
        last = document["by_year"][-1]
        assert last["network"] == document["network"]
        assert last["money"] == document["money"]
        assert last["coverage"].items() <= document["coverage"].items()


@each("name", SCENARIOS)
def test_document_survives_json_without_nan_or_infinity(name):
    plan = solved(name)
    text = json.dumps(plan.document, allow_nan=False)
    assert json.loads(text) == plan.document


@each("name", SCENARIOS)
def test_every_table_and_list_is_of_plain_python_values(name):
    plan = solved(name)

    def types(value):
        if isinstance(value, dict):
            return set().union({type(k) for k in value}, *map(types, value.values()))
        if isinstance(value, list):
            return set().union(*map(types, value))
        return {type(value)}

    assert types(plan.document) <= {str, int, float, bool, type(None)}


@each("name", ["weakest-first", slow("half-posts"), slow("horizon-2025")])
def test_the_same_scenario_gives_the_same_bytes_twice(name):
    again = fa.solve(fa.load(str(ROOT / "scenarios" / f"{name}.toml")))
    assert json.dumps(again.document) == json.dumps(solved(name).document)


@each("name", SCENARIOS)
def test_rows_are_in_code_order(name):
    plan = solved(name)
    document = plan.document
    roles = {"facilitator": 0, "coordinator": 1}
    posts = [(p["year"], roles[p["role"]], place(p)) for p in document["posts"]]
    assert posts == sorted(set(posts))
    for table, code in (("territories", "territory"), ("segments", "segment")):
        rows = [(row["year"], row[code]) for row in document[table]]
        assert rows == sorted(set(rows))
    for row in document["territories"]:
        assert list(row["by_segment"]) == sorted(row["by_segment"])


@each("name", SCENARIOS)
def test_every_post_and_territory_of_the_problem_has_its_row(name):
    plan = solved(name)
    document, problem = plan.document, plan.problem
    keys = [(p["role"], place(p), p["year"]) for p in document["posts"]]
    assert keys == list(problem.post_keys())
    cells = [(row["territory"], row["year"]) for row in document["territories"]]
    assert cells == [(code, year) for year in problem.years for code in problem.territories]


# -- proof -----------------------------------------------------------------------------------------


@each("name", SCENARIOS)
def test_every_stage_is_proved(name):
    """Continuous plans to 1e-9; half posts to 1e-6, by the solver's own bound."""
    plan = solved(name)
    for stage in plan.document["stages"]:
        limit = 1e-6 if plan.problem.step_fte else 1e-9
        gap = abs(stage["bound"] - stage["value"]) / max(1.0, abs(stage["bound"]))
        assert gap <= limit
        assert stage["relative_gap"] == pytest.approx(gap, abs=1e-15)
        better = stage["bound"] - stage["value"]
        rounding = 1e-10 * max(1.0, abs(stage["bound"]))  # on the wrong side of the bound
        assert (better if stage["sense"] == "maximise" else -better) >= -rounding


@each("name", SCENARIOS)
def test_stages_are_those_of_the_scenario_in_order(name):
    plan = solved(name)
    stages = [(s["objective"], s["sense"], s["concede"]) for s in plan.document["stages"]]
    assert stages == [(s.objective, s.sense, s.concede) for s in plan.problem.stages]


@each("name", SCENARIOS)
def test_bound_of_coverage_is_told_where_coverage_is_the_first_stage(name):
    plan = solved(name)
    coverage, first = plan.document["coverage"], plan.document["stages"][0]
    if first["objective"] == "coverage":
        assert coverage["upper_bound"] == first["bound"]
        assert coverage["relative_gap"] == first["relative_gap"]
        assert coverage["objective"] == pytest.approx(first["value"], rel=1e-9)
    else:
        assert coverage["upper_bound"] is None
        assert coverage["relative_gap"] is None


@each("name", SCENARIOS)
def test_duals_are_named_after_the_rows_of_the_programme_and_finite(name):
    plan = solved(name)
    from fte_alloc.programme.statement import formulate

    rows = {row.name for row in formulate(plan.problem).lp.constraints()}
    first, *later = plan.document["stages"]
    for stage in later if "tables" in first else ():  # tables prove these, too
        assert stage["duals"] == {}
    for stage in [first] if "tables" in first else [first, *later]:
        assert rows <= set(stage["duals"])
        assert all(math.isfinite(price) for price in stage["duals"].values())
        assert all(name.startswith("stage_") for name in set(stage["duals"]) - rows)


@each("name", SCENARIOS)
def test_prices_are_of_limits_with_a_unit_and_never_negative(name):
    plan = solved(name)
    problem = plan.problem
    national = {
        ("cap", t) for t in range(len(problem.years)) if np.isfinite(arrays_of(problem).cap_fte[t])
    }
    national |= {
        ("budget", t)
        for t in range(len(problem.years))
        if np.isfinite(arrays_of(problem).state_eur_per_year[t])
    }
    prices = plan.document["prices"]
    found = {(p["constraint"], problem.years.index(p["year"])) for p in prices if p["national"]}
    assert found == national
    units = {"budget": "1000 EUR", "partners": "1000 EUR", "least": "0.01 of rate"}
    for price in prices:
        assert price["stage"] == problem.stages[0].objective
        if not price["constraint"].startswith("limits."):
            assert price["unit"].endswith(f" per {units.get(price['constraint'], 'FTE')}")
        assert min(price["up"] or 0.0, price["down"] or 0.0) >= 0.0


@each("name", SCENARIOS)
def test_a_price_that_is_listed_for_a_territory_is_one(name):
    """What is worth nothing either way is left out, rounding too: 1e-6 of the largest price."""
    plan = solved(name)
    prices = plan.document["prices"]
    sides = ("up", "down", "one_more", "one_less")
    worth = [max(abs(p[side] or 0.0) for side in sides) for p in prices]
    local = [w for p, w in zip(prices, worth, strict=True) if p["territory"] is not None]
    assert all(w > 1e-6 * max(worth) for w in local)


# -- arithmetic ------------------------------------------------------------------------------------


@each("name", SCENARIOS)
def test_posts_add_up_to_the_network(name):
    plan = solved(name)
    for figures in by_year(plan.document):
        rows, network = posts_in(plan.document, figures["year"]), figures["network"]
        for part in ("existing", "committed", "new"):
            assert sum(p[f"{part}_fte"] for p in rows) == pytest.approx(
                network[f"{part}_fte"], abs=1e-6
            )
        used = sum(p["existing_fte"] + p["committed_fte"] + p["new_fte"] for p in rows)
        assert used == pytest.approx(network["used_fte"], abs=1e-6)
        assert network["cap_fte"] is None or used <= network["cap_fte"] + 1e-6


@each("name", SCENARIOS)
def test_posts_times_grants_and_costs_are_the_money(name):
    plan = solved(name)
    problem = plan.problem
    for t, figures in enumerate(by_year(plan.document)):
        state = cost = 0.0
        for r, role in enumerate(("facilitator", "coordinator")):
            paid = sum(
                p["committed_fte"] + p["new_fte"]
                for p in posts_in(plan.document, figures["year"], role)
            )
            state += float(problem.grant_eur_per_fte[r][0, t]) * paid
            cost += float(problem.cost_eur_per_fte[r][0, t]) * paid
        money = figures["money"]
        assert money["state_eur"] == pytest.approx(state, rel=1e-6)
        assert money["full_cost_eur"] == pytest.approx(cost, rel=1e-6)
        assert money["partners_eur"] == pytest.approx(cost - state, rel=1e-6)
        budget = money["state_budget_eur"]
        assert budget is None or state <= budget * (1 + 1e-8)


@each("name", SCENARIOS)
def test_opened_posts_are_this_years_and_new_posts_all_of_them(name):
    plan = solved(name)
    in_post = {}
    for p in plan.document["posts"]:
        key = (p["role"], place(p))
        assert p["opened_fte"] == pytest.approx(p["new_fte"] - in_post.get(key, 0.0), abs=1e-9)
        assert p["opened_fte"] >= -1e-6
        in_post[key] = p["new_fte"]


@each("name", SCENARIOS)
def test_contracts_add_up_over_buyers_and_territories(name):
    plan = solved(name)
    for figures in by_year(plan.document):
        coverage = figures["coverage"]
        for table in ("segments", "territories"):
            rows = [row for row in plan.document[table] if row["year"] == figures["year"]]
            for what in ("contracts", "expected_contracts"):
                assert sum(row[what] for row in rows) == pytest.approx(coverage[what], rel=1e-9)
        rate = coverage["expected_contracts"] / coverage["contracts"]
        assert coverage["rate"] == pytest.approx(rate, rel=1e-12)
        assert coverage["expected_contracts"] >= coverage["status_quo_contracts"]
    for row in plan.document["territories"]:
        inside = sum(cell["expected_contracts"] for cell in row["by_segment"].values())
        assert inside == pytest.approx(row["expected_contracts"], rel=1e-9)
        assert row["rate"] == pytest.approx(row["expected_contracts"] / row["contracts"], rel=1e-12)


@each("name", SCENARIOS)
def test_weighted_contracts_add_up_to_the_objective(name):
    plan = solved(name)
    problem = plan.problem
    years = dict(zip(problem.years, problem.year_weight.tolist(), strict=True))
    segments = dict(zip(problem.segments, problem.segment_weight.tolist(), strict=True))
    objective = sum(
        years[row["year"]] * row["weight"] * segments[s] * cell["expected_contracts"]
        for row in plan.document["territories"]
        for s, cell in row["by_segment"].items()
    )
    assert objective == pytest.approx(plan.document["coverage"]["objective"], rel=1e-9)


@each("name", SCENARIOS)
def test_effort_is_that_of_the_facilitators_and_their_support(name):
    """Σ effort of a region ≤ facilitators + u · min(facilitators, m · its coordinators)."""
    plan = solved(name)
    problem = plan.problem
    assert problem.first_year_effectiveness == 1.0
    for area, year in itertools.product(problem.areas, problem.years):
        inside = {
            role: sum(
                p["existing_fte"] + p["committed_fte"] + p["new_fte"]
                for p in posts_in(plan.document, year, role)
                if p["area"] == area
            )
            for role in ("facilitator", "coordinator")
        }
        supported = min(inside["facilitator"], problem.supports_fte * inside["coordinator"])
        effort = sum(
            cell["effort_fte"]
            for row in plan.document["territories"]
            if (row["area"], row["year"]) == (area, year)
            for cell in row["by_segment"].values()
        )
        assert effort <= inside["facilitator"] + problem.productivity_gain * supported + 1e-6


@each("name", SCENARIOS)
def test_limits_that_hold_a_territory_bind(name):
    """Growth, most posts and support are at their limit exactly where they are named.

    In steps, a limit on posts with room for less than a step is at its limit.
    """
    plan = solved(name)
    p, document = plan.problem, plan.document
    new = {(q["role"], place(q), q["year"]): q["new_fte"] for q in document["posts"]}
    opened = {(q["role"], place(q), q["year"]): q["opened_fte"] for q in document["posts"]}
    held = {(r["territory"], r["year"]): set(r["held_by"]) for r in document["territories"]}
    support = dict.fromkeys(itertools.product(p.areas, p.years), 0.0)
    for row in document["territories"]:
        code, year = row["territory"], row["year"]
        in_post = p.fixed_facilitators_fte[p.territories.index(code)]
        facilitators = in_post + new["facilitator", code, year]
        effort = sum(cell["effort_fte"] for cell in row["by_segment"].values())
        support[row["area"], year] += (effort - facilitators) / p.productivity_gain
    for i, code in enumerate(p.territories):
        a = p.area_of[i]
        for year in p.years:
            coordinators = p.fixed_coordinators_fte[a] + new["coordinator", p.areas[a], year]
            x, rise = (of["facilitator", code, year] for of in (new, opened))
            room = {
                "growth": arrays_of(p).growth_fte_per_year[i] - rise,
                "max_new": arrays_of(p).max_new_facilitators_fte[i] - x,
                "span": p.supports_fte * coordinators - support[p.areas[a], year],
            }
            least = {"growth": p.step_fte, "max_new": p.step_fte}
            full = {name for name, left in room.items() if left < max(1e-5, least.get(name, 0.0))}
            if coordinators == 0:
                full.discard("span")  # no coordinator supports anybody
            assert full == {n for n in held[code, year] if not n.startswith("limits.")}, code


# -- facts -----------------------------------------------------------------------------------------


def test_reference_is_held_by_the_budget_and_not_by_the_cap():
    document = solved("reference").document
    money, network = document["money"], document["network"]
    assert money["state_eur"] == pytest.approx(money["state_budget_eur"], rel=1e-8)
    assert network["used_fte"] < network["cap_fte"] - 10
    prices = {p["constraint"]: p for p in document["prices"] if p["territory"] is None}
    assert prices["cap"]["up"] == prices["cap"]["down"] == 0.0
    assert prices["budget"]["up"] > 1.0


def test_reference_opens_about_65_facilitators_and_17_coordinators():
    """The network ends near 565 FTE and 25 %, short of 30 %."""
    document = solved("reference").document
    opened = {
        role: sum(p["new_fte"] for p in posts_in(document, 2023, role))
        for role in ("facilitator", "coordinator")
    }
    assert opened["facilitator"] == pytest.approx(65, abs=1)
    assert opened["coordinator"] == pytest.approx(17, abs=1e-6)
    assert document["network"]["used_fte"] == pytest.approx(565, abs=1)
    assert document["coverage"]["rate"] == pytest.approx(0.25, abs=0.005)
    assert document["coverage"]["rate"] < document["coverage"]["target_rate"] == 0.30


def test_network_of_2022_gives_the_rates_of_2022():
    """482 facilitators and one coordinator: 22.3 % in all, operators 43.5 %.

    That leaves the others (0.223 · 235,629 − 0.435 · 38,082) / 197,547 = 18.2 %.
    """
    problem = solved("reference").problem
    judged = problem.evaluate({})
    assert problem.fixed_facilitators_fte.sum() == pytest.approx(482, abs=1e-9)
    assert problem.fixed_coordinators_fte.sum() == 1.0
    covered = judged.expected_contracts.sum(axis=(0, 1))
    contracts = problem.contracts_per_year.sum(axis=(0, 1))
    operators = problem.segments.index("operators")
    others = [s for s in range(len(problem.segments)) if s != operators]
    assert covered.sum() / contracts.sum() == pytest.approx(0.223, abs=0.001)
    assert covered[operators] / contracts[operators] == pytest.approx(0.435, abs=0.001)
    assert covered[others].sum() / contracts[others].sum() == pytest.approx(0.182, abs=0.001)


def test_nothing_is_feasible_below_what_is_already_promised():
    """82 renewed FTE at 32,200 EUR and 17 required coordinators at 38,500: 3,294,900 EUR."""
    problem = solved("reference").problem
    promised = 82 * 0.7 * 46_000 + 17 * 0.7 * 55_000
    assert promised == pytest.approx(3_294_900)
    least = replace(problem, state_eur_per_year=np.array([promised + 1.0]))
    plan = fa.solve(least)
    assert plan.evaluation.new_facilitators_fte.sum() == pytest.approx(0.0, abs=1e-3)
    assert plan.evaluation.new_coordinators_fte.sum() == pytest.approx(17.0, abs=1e-4)
    with pytest.raises(InfeasibleError):
        fa.solve(replace(problem, state_eur_per_year=np.array([promised - 1.0])))


def test_a_lower_cap_binds_and_a_tighter_budget_covers_less():
    lower, tighter = solved("cap-560").document, solved("tight-budget").document
    assert lower["network"]["used_fte"] == pytest.approx(560, abs=1e-6)
    assert lower["money"]["state_eur"] < lower["money"]["state_budget_eur"] - 1e5
    assert tighter["money"]["state_eur"] == pytest.approx(4_500_000, rel=1e-8)
    reference = solved("reference").document["coverage"]["objective"]
    assert max(lower["coverage"]["objective"], tighter["coverage"]["objective"]) < reference


def test_half_posts_are_halves_and_cover_no_more_than_continuous_ones():
    document = solved("half-posts").document
    assert all((2 * p["new_fte"]).is_integer() for p in document["posts"])
    reference = solved("reference").document["coverage"]
    assert 0 < reference["upper_bound"] - document["coverage"]["objective"] < 60
    assert document["stages"][0]["relaxation_bound"] == pytest.approx(
        reference["upper_bound"], rel=1e-7
    )


def test_the_page_shows_posts_and_rates_of_the_last_year():
    """Two posts a year may be added to the one in place: 2 new ones in 2023, 4 in 2024."""
    limit = np.array([2.0, 2.0])
    plan = fa.solve(small_problem(years=(2023, 2024), growth_fte_per_year=limit, cap=10.0))
    page = markdown(plan_answer(plan.document).page())
    assert "| FTE in 2024, both roles |" in page
    assert "| A A | 1.0 | · | 4.0 | · | 5.0 |" in page
    rates = {(r["year"], r["segment"]): r["rate"] for r in plan.document["segments"]}
    assert f"**By buyer** p {rates[2024, 'p']:.1%}; q {rates[2024, 'q']:.1%}" in page
    assert rates[2024, "p"] > rates[2023, "p"] + 0.01


def test_thirty_percent_is_reached_and_not_passed():
    document = solved("thirty-percent").document
    assert document["coverage"]["rate"] == pytest.approx(0.30, abs=1e-9)
    assert document["stages"][0]["value"] == 0.0


def test_weakest_first_gives_up_one_percent_of_the_worst_rate_at_most():
    document = solved("weakest-first").document
    first = document["stages"][0]
    worst = min(row["rate"] for row in document["territories"])
    assert worst >= 0.99 * first["value"] - 1e-9
    reference = min(row["rate"] for row in solved("reference").document["territories"])
    assert worst > reference + 0.005


def test_overrides_are_named_in_the_document():
    plan = fa.solve(
        fa.load(str(ROOT / "scenarios" / "reference.toml"), overrides={"posts.cap_fte": 550})
    )
    assert plan.document["scenario"] == "reference + posts.cap_fte=550"
    assert plan.document["inputs"]["overrides"] == {"posts.cap_fte": 550}
    assert plan.document["network"]["cap_fte"] == 550.0
