"""Every figure of an explanation is found again by solving separately, and small ones by hand."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
from collections import Counter
from functools import cache

import numpy as np
import pytest
from conftest import ROOT, content, remembering, run, slow, small_problem, solved, table_problem
from limit_arrays import arrays_of, replace
from tables import each
from test_scenario_values import small  # noqa: F401 - a fixture

import fte_alloc as fa
from fte_alloc.programme.limits import AT_LEAST, AT_MOST, NEW, STATE, Limit
from fte_alloc.programme.objectives import Stage
from fte_alloc.questions.explain.explain import explain
from fte_alloc.questions.explain.page import explain_page
from fte_alloc.questions.explain.ranges import PostRanges
from fte_alloc.questions.explain.what_if import WhatIf
from fte_alloc.questions.objectives_in_words import plan_text
from fte_alloc.questions.places import typed_place_code
from fte_alloc.render.data import as_json
from fte_alloc.render.terminal import print_page

pytestmark = pytest.mark.usefixtures("at_root", "search_once")
HERE = ["53", "28", slow("11")]  # held by growth, by nothing, without posts


def explained(territory: str | None, scenario: str = "reference"):
    return _explained(territory, scenario)


@cache
def _explained(territory: str | None, scenario: str):
    with remembering():
        return explain(solved(scenario), territory)


@cache
def nation():
    return explained(None).document


def page_of(explanation) -> str:
    out = io.StringIO()
    print_page(explain_page(explanation), out)
    return out.getvalue()


def value(plan) -> float:
    return plan.stages[0].value


_BEST: dict[bytes, fa.Plan] = {}


def best(problem):
    """The best plan, found by solving anew; the very same problem is solved once."""
    key = content(problem)
    if key not in _BEST:
        _BEST[key] = fa.solve(problem, priced=False)
    return _BEST[key]


def new(plan, code: str) -> float:
    return next(
        row["new_fte"]
        for row in plan.document["posts"]
        if (row["role"], row["territory"]) == ("facilitator", code)
        and row["year"] == plan.document["years"][-1]
    )


def limited(problem, code: str, **fields: float):
    """The problem with other limits for one territory, which is its own area."""
    i = problem.territories.index(code)
    arrays = {name: getattr(arrays_of(problem), name).copy() for name in fields}
    for name, limit in fields.items():
        arrays[name][i] = limit
    return replace(problem, **arrays)


def evaluated_with(plan, code: str, fte: float) -> fa.Evaluation:
    """The plan with more or fewer posts in one territory and the others as they are, judged."""
    posts = {
        (row["role"], row["territory"], row["year"]): row["new_fte"]
        for row in plan.document["posts"]
    }
    for role, territory, year in posts:
        if role == "facilitator" and territory == code:
            posts[role, territory, year] += fte
    return plan.problem.evaluate(posts)


def coverage_with(plan, code: str, fte: float) -> float:
    return evaluated_with(plan, code, fte).objective("coverage")


def given_way(tried: dict) -> list[str]:
    return [limit["constraint"] for limit in tried["limits_given_way"]]


# -- one territory, figure by figure ---------------------------------------------------------------


@each("code", ["53", slow("28"), slow("11")])
def test_what_the_last_and_the_next_post_bring_here_is_judged_on_the_curves(code):
    plan, document = solved("reference"), explained(code).document
    base = value(plan)
    more = coverage_with(plan, code, 1.0)
    assert document["next_post"]["gain_here"] == pytest.approx(more - base, abs=1e-4)
    if code == "11":
        assert document["last_post"] is None
        return
    less = coverage_with(plan, code, -1.0)
    assert document["last_post"]["fte"] == 1.0
    assert document["last_post"]["gain_here"] == pytest.approx(base - less, abs=1e-4)


@each("code", HERE)
def test_what_the_plan_loses_and_gains_is_the_change_of_the_optimum(code):
    plan, document = solved("reference"), explained(code).document
    problem, posts = plan.problem, new(plan, code)
    room = {"growth_fte_per_year": posts + 1} if code == "53" else {}
    more = best(limited(problem, code, min_new_facilitators_fte=posts + 1, **room))
    row = document["next_post"]
    assert row["change_of_plan"] == pytest.approx(value(more) - value(plan), abs=1e-4)
    assert given_way(row) == (["growth"] if code == "53" else [])
    assert row["gain_here"] - row["gain_elsewhere"] == pytest.approx(row["change_of_plan"])
    if code != "11":
        less = best(limited(problem, code, max_new_facilitators_fte=posts - 1))
        row = document["last_post"]
        assert row["change_of_plan"] == pytest.approx(value(less) - value(plan), abs=1e-4)
        assert row["gain_elsewhere"] - row["gain_here"] == pytest.approx(row["change_of_plan"])
        assert row["change_of_plan"] < 0 < row["gain_elsewhere"] < row["gain_here"]


FREE = {
    "growth": {"growth_fte_per_year": np.inf},
    "coordinator_required": {"required_coordinators_fte": 0.0},
    "coordinator_max": {"max_new_coordinators_fte": np.inf},
}


@each("code", HERE)
def test_each_limit_costs_what_the_plan_without_it_gains(code):
    plan, document = solved("reference"), explained(code).document
    names = [limit["constraint"] for limit in document["limits"]]
    assert "coordinator_max" in names
    assert ("growth" in names) == (code == "53")
    assert ("coordinator_required" in names) == (code != "11")
    for limit in document["limits"]:
        free = best(limited(plan.problem, code, **FREE[limit["constraint"]]))
        assert limit["gain_without"] == pytest.approx(value(free) - value(plan), abs=1e-4)
        assert limit["new_facilitators_without_fte"] == pytest.approx(new(free, code), abs=1e-3)


@pytest.mark.slow
def test_limits_name_the_keys_and_lines_that_set_them():
    limits = [*explained("53").document["limits"], nation()["budget"], nation()["cap"]]
    settings = [setting for limit in limits for setting in limit["set_by"]]
    assert {s["key"].rpartition(".")[2] for s in settings} >= {
        "max_growth_share",
        "max_growth_fte",
        "required_fte_where_none",
        "cap_fte",
        "state_eur_per_year",
    }
    for setting in settings:
        file, _, line = setting["origin"].rpartition(":")
        text = (ROOT / file).read_text(encoding="utf-8").splitlines()[int(line) - 1]
        assert text.startswith(setting["key"].rpartition(".")[2])


OVERRIDES = {
    "contracts": lambda code, factor: {
        key: entry.value * factor
        for key, entry in fa.load("reference").inputs.entries.items()
        if key.startswith(f"contracts.{code}.")
    },
    "cost": lambda code, factor: {"posts.facilitator.cost_eur_per_fte": 46_000 * factor},
    "weight": lambda code, factor: {f"weights.territory.{code}": factor},
}


@each("code", ["28", slow("11")])
def test_at_a_threshold_the_post_is_there_and_just_short_of_it_is_not(code):
    document = explained(code).document["one_more"]
    wanted = new(solved("reference"), code) + 1
    assert document["new_facilitators_fte"] == pytest.approx(wanted)
    for change in document["changes"]:
        factor = change["factor"]
        if factor is None:
            assert (code, change["change"], change["reason"]) == ("11", "cost", "not_within")
            factor = 0.1
            plan = best(fa.load("reference", overrides=OVERRIDES["cost"](code, factor)))
            assert new(plan, code) < wanted
            continue
        with_it = fa.load("reference", overrides=OVERRIDES[change["change"]](code, factor))
        assert new(best(with_it), code) >= wanted - 1e-3
        short = factor * (0.999 if factor > 1 else 1.001)
        without = fa.load("reference", overrides=OVERRIDES[change["change"]](code, short))
        assert new(best(without), code) < wanted - 1e-3
        assert factor > 1 or change["change"] == "cost"


def test_the_inputs_searched_for_a_territory_are_counted():
    done: list[tuple[int, int]] = []
    found = explain(small_problem(), "A", progress=lambda *of: done.append(of))
    assert done == [(1, 3), (2, 3), (3, 3)]
    assert len(found.document["one_more"]["changes"]) == 3


def test_printed_thresholds_are_on_the_side_where_the_post_is_there():
    page, wanted = page_of(explained("28")), new(solved("reference"), "28") + 1
    factor = float(re.search(r"its contracts, of all kinds +[\d,]+ +[\d,]+ \(×([\d.]+)\)", page)[1])
    cost = float(re.search(r"EUR +46,000 +([\d,]+)", page)[1].replace(",", ""))
    weight = float(re.search(r"its weight +1 +([\d.]+)", page)[1])
    exact = {c["change"]: c["factor"] for c in explained("28").document["one_more"]["changes"]}
    assert exact["contracts"] <= factor <= exact["contracts"] * 1.0001
    assert exact["weight"] <= weight <= exact["weight"] * 1.0001
    assert exact["cost"] * 0.9999 <= cost / 46_000 <= exact["cost"]
    for name, printed in (("contracts", factor), ("cost", cost / 46_000), ("weight", weight)):
        plan = best(fa.load("reference", overrides=OVERRIDES[name]("28", printed)))
        assert wanted - 1e-3 <= new(plan, "28") <= wanted + 0.02


def test_where_growth_holds_no_adjustment_is_offered_but_the_limit_is():
    document, plan = explained("53").document, solved("reference")
    more = document["one_more"]
    assert document["territories"][0]["stopped_by"] == "growth"
    assert more["changes"] == []
    (raised,) = document["next_post"]["limits_given_way"]
    assert raised["to"] - raised["from"] == pytest.approx(1.0)
    again = best(limited(plan.problem, "53", growth_fte_per_year=raised["to"]))
    gained = value(again) - value(plan)
    assert document["next_post"]["change_of_plan"] == pytest.approx(gained, abs=1e-4)
    assert "with growth at 10.9, not 9.9" in page_of(explained("53"))
    assert "That is 2.0 and 60% of the 13.2 in place." in page_of(explained("53"))
    heavy = best(fa.load("reference", overrides={"weights.territory.53": 10}))
    assert new(heavy, "53") == pytest.approx(new(plan, "53"), abs=1e-6)


@each("code", HERE)
def test_who_is_next_is_what_more_money_and_cap_buy(code):
    plan, following = solved("reference"), explained(code).document["next_facilitator"]
    p = plan.problem
    more = best(
        replace(
            p,
            state_eur_per_year=arrays_of(p).state_eur_per_year + p.grant_eur_per_fte[0][0],
            cap_fte=arrays_of(p).cap_fte + 1,
        )
    )
    assert following["state_eur"] == pytest.approx(32_200)
    assert following["gain"] == pytest.approx(value(more) - value(plan), abs=1e-4)
    moved = {t: new(more, t) - new(plan, t) for t in p.territories}
    told = {row["territory"]: row["change_fte"] for row in following["posts"]}
    assert told == pytest.approx({t: fte for t, fte in moved.items() if abs(fte) > 5e-3}, abs=2e-3)
    assert sum(moved.values()) == pytest.approx(1.0, abs=1e-3)
    page = " ".join(page_of(explained(code)).split())
    for row in following["posts"]:
        assert f"{row['territory']} {row['name']} {row['change_fte']:+.2f}" in page


def assert_ends(problem, code: str, least: float, greatest: float, floor: float) -> None:
    """Both ends are reached by plans of the wanted worth, and a hundredth further none is."""
    for end, outward in ((least, -1.0), (greatest, 1.0)):
        there = limited(problem, code, min_new_facilitators_fte=end, max_new_facilitators_fte=end)
        assert value(best(there)) >= floor - 1e-8 * abs(floor)
        beyond = end + outward * 0.01
        if beyond < 0:
            continue
        further = limited(
            problem, code, min_new_facilitators_fte=beyond, max_new_facilitators_fte=beyond
        )
        try:
            assert value(best(further)) < floor
        except fa.InfeasibleError:
            assert beyond > arrays_of(problem).growth_fte_per_year[problem.territories.index(code)]


@each("code", ["53", slow("84"), "11"])
def test_a_range_ends_where_no_plan_is_near_enough_any_more(code):
    plan, within = solved("reference"), 2e-5
    least, greatest = PostRanges(plan, within).ends(code)
    assert least <= new(plan, code) <= greatest
    assert_ends(plan.problem, code, least, greatest, (1 - within) * value(plan))


def test_the_page_shows_the_figures_of_the_document():
    document, page = explained("53").document, page_of(explained("53"))
    last, after = document["last_post"], document["next_post"]
    shown = [last["gain_here"], last["gain_elsewhere"], -last["change_of_plan"]]
    found = re.search(r"last 1.0 FTE: 9.9 instead of 8.9 +([\d.]+) +([\d.]+) +\+([\d.]+)\n", page)
    assert [float(x) for x in found.groups()] == [round(x, 1) for x in shown]
    shown = [after["gain_here"], after["gain_elsewhere"], after["change_of_plan"]]
    found = re.search(
        r"next 1.0 FTE: 10.9 instead of 9.9 +([\d.]+) +([\d.]+) +\+([\d.]+)  with growth", page
    )
    assert [float(x) for x in found.groups()] == [round(x, 1) for x in shown]
    assert "It would get more, but growth holds it" in page
    assert "max_growth_share = 0.6 (models/france-2023/model.toml:16)" in page
    assert "84 Auvergne-Rhône-Alpes +0.24" in " ".join(page.split())
    ends = [f"{document['territories'][0][k]:.1f}" for k in ("least_fte", "greatest_fte")]
    assert f"any number in {ends[0]}–{ends[1]}" in page
    assert len(page.splitlines()) <= 35


@each(
    ("code", "sentence"),
    [
        (
            "28",
            "Another facilitator would bring no more here than elsewhere.",
        ),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in (
                (
                    "11",
                    "Even the first facilitator would bring less here than elsewhere.",
                ),
                ("52", "Its coordinator can support no more than 30 facilitators"),
            )
        ),
    ],
)
def test_the_reason_is_said_in_a_sentence(code, sentence):
    assert sentence in page_of(explained(code))


@each(
    ("code", "limit", "name", "sign"),
    map(
        slow,
        [
            ("28", {"partner_capacity_eur": 140_000}, "partners", 1),
            ("11", {"least_rate": 0.26}, "least", -1),
        ],
    ),
)
def test_other_limits_of_a_territory_hold_it_too(code, limit, name, sign):
    ((key, number),) = limit.items()
    problem = fa.load("reference", overrides={f"territories.{code}.{key}": number})
    explanation = explain(problem, code)
    document = explanation.document
    row = next(row for row in document["limits"] if row["constraint"] == name)
    assert document["territories"][0]["stopped_by"] == name
    assert row["set_by"][0]["key"] == f"territories.{code}.{key}"
    assert row["set_by"][0]["origin"].startswith("--set")
    assert row["limit"] == pytest.approx(number)
    freed = new(solved("reference"), code)
    assert row["new_facilitators_without_fte"] == pytest.approx(freed, abs=1e-3)
    gained = value(solved("reference")) - value(best(problem))
    assert row["gain_without"] == pytest.approx(gained, abs=1e-4)
    assert row["gain_without"] > 0
    forced = document["next_post" if sign > 0 else "last_post"]
    assert given_way(forced) == [name]
    assert forced["change_of_plan"] > 0
    assert "It would get" in page_of(explanation)


# -- the nation ------------------------------------------------------------------------------------


def test_the_next_and_the_last_money_and_cap_are_worth_what_solving_again_says():
    plan = solved("reference")
    p = plan.problem
    budget, cap, price = (nation()[key] for key in ("budget", "cap", "next_facilitator"))
    more = best(replace(p, state_eur_per_year=arrays_of(p).state_eur_per_year + 10_000))
    less = best(replace(p, state_eur_per_year=arrays_of(p).state_eur_per_year - 10_000))
    assert budget["next_gain"] == pytest.approx(value(more) - value(plan), abs=1e-4)
    assert budget["last_gain"] == pytest.approx(value(plan) - value(less), abs=1e-4)
    assert 0 < budget["next_gain"] < budget["last_gain"]
    assert budget["limit_eur"] - budget["used_eur"] == pytest.approx(0, abs=0.1)
    higher, lower = (best(replace(p, cap_fte=arrays_of(p).cap_fte + step)) for step in (1, -1))
    assert cap["next_gain"] == pytest.approx(value(higher) - value(plan), abs=1e-4)
    assert cap["last_gain"] == pytest.approx(value(plan) - value(lower), abs=1e-4)
    assert cap["next_gain"] == pytest.approx(0, abs=1e-4)
    assert cap["limit_fte"] == arrays_of(p).cap_fte[0]
    assert cap["used_fte"] == pytest.approx(plan.evaluation.used_fte[0])
    assert price["gain"] == explained("53").document["next_facilitator"]["gain"]


def test_every_row_is_judged_and_solved_again():
    plan = solved("reference")
    base, price = value(plan), nation()["next_facilitator"]["gain"]
    assert [row["territory"] for row in nation()["territories"]] == sorted(plan.problem.territories)
    for row in nation()["territories"]:
        code = row["territory"]
        assert row["new_facilitators_fte"] == pytest.approx(new(plan, code))
        more = coverage_with(plan, code, 1.0) - base
        assert row["next_post_gain"] == pytest.approx(more, abs=1e-4)
        if row["last_post_fte"] is not None:
            less = base - coverage_with(plan, code, -row["last_post_fte"])
            assert row["last_post_gain"] == pytest.approx(less, abs=1e-4)
        match row["stopped_by"]:
            case "growth":
                free = best(limited(plan.problem, code, growth_fte_per_year=np.inf))
                assert new(free, code) > new(plan, code) + 1
                assert row["next_post_gain"] > price
            case "worth_less":
                assert row["last_post_fte"] is None
                assert row["next_post_gain"] < price
            case _:
                assert row["next_post_gain"] < price < row["last_post_gain"] / row["last_post_fte"]
    counts = Counter(row["stopped_by"] for row in nation()["territories"])
    assert counts == {"coordinator": 5, "elsewhere": 4, "growth": 1, "worth_less": 8}


@each("nth", [slow(0), slow(2)])
def test_every_range_holds_when_solved_again(nth):
    plan = solved("reference")
    floor = (1 - 0.001) * value(plan)
    for row in nation()["territories"][nth::6]:
        assert_ends(plan.problem, row["territory"], row["least_fte"], row["greatest_fte"], floor)


def test_the_national_page_says_what_binds_and_what_is_left():
    page = page_of(explained(None))
    assert "5,400,000 EUR, 0 left over. Last 10,000 EUR: 18.1 contracts; next: 18.1." in page
    assert "19.6 left over. Last 1 FTE: 0.0 contracts; next: 0.0." in page
    assert re.search(r"53 Bretagne +9.9 +1.0 +60.8 +59.9 +limit on recruitment +1.3–9.9\n", page)
    assert re.search(r"52 Pays de la Loire +8.7 .*span from the next post on +0.3–12.0\n", page)
    assert len(page.splitlines()) <= 40


@pytest.mark.slow
def test_the_national_page_where_the_cap_binds():
    tighter = page_of(explained(None, "cap-560"))
    assert "560.0 of 560 FTE, 0.0 left over" in tighter
    assert re.search(r"EUR, 17\d,\d{3} left over. Last 10,000 EUR: 0.0", tighter)


# -- small cases by hand ---------------------------------------------------------------------------


def by_hand(**changes):
    """A: five posts bring 10 contracts each, five more 4 each; B: 8 each. Money for seven.

    So A gets 5 and B 2: 5 · 10 + 2 · 8 = 66 contracts.
    """
    points = ([(0, 0), (5, 50), (10, 70)], [(0, 0), (20, 160)])
    return table_problem(points, budget=7 * 7_000.0, **changes)


def test_last_and_next_of_a_small_problem_are_those_of_arithmetic():
    """A's last brings 10 and would bring 8 in B; its next 4, and costs 8 there."""
    document = fa.explain(by_hand(), "A").document
    expected = {"gain_here": 10, "gain_elsewhere": 8, "change_of_plan": -2}
    assert {k: document["last_post"][k] for k in expected} == pytest.approx(expected)
    expected = {"gain_here": 4, "gain_elsewhere": 8, "change_of_plan": -4}
    assert {k: document["next_post"][k] for k in expected} == pytest.approx(expected)
    assert document["territories"][0]["stopped_by"] == "elsewhere"
    assert document["next_facilitator"]["gain"] == pytest.approx(8)
    assert document["next_facilitator"]["posts"][0]["change_fte"] == 1
    assert {change["reason"] for change in document["one_more"]["changes"]} == {"no_inputs"}


def test_a_post_that_must_be_there_costs_what_it_would_bring_elsewhere():
    """A's sixth brings 4 where 8 were possible, so that without its minimum B gets it."""
    explanation = fa.explain(by_hand(min_new_facilitators_fte=np.array([6.0, 0.0])), "A")
    document = explanation.document
    row = next(row for row in document["limits"] if row["constraint"] == "min_new")
    assert document["territories"][0]["stopped_by"] == "min_new"
    assert (row["limit"], row["set_by"]) == (6.0, [])
    assert row["new_facilitators_without_fte"] == pytest.approx(5.0)
    assert row["gain_without"] == pytest.approx(4.0)
    assert given_way(document["last_post"]) == ["min_new"]
    assert document["last_post"]["change_of_plan"] == pytest.approx(4.0)
    assert "It would get" in page_of(explanation)


def test_a_range_of_a_small_problem_is_that_of_arithmetic():
    """Two contracts may be lost: A without one post loses 10 − 8, with half a post more 8 − 4."""
    document = fa.explain(by_hand(), "A", within=2 / 66).document
    ends = [document["territories"][0][end] for end in ("least_fte", "greatest_fte")]
    assert ends == pytest.approx([4.0, 5.5], abs=1e-6)


def test_a_problem_built_in_python_has_both_pages():
    for territory in (None, "A", "B"):
        explanation = fa.explain(by_hand(), territory)
        page = page_of(explanation)
        assert "None" not in page
        assert json.loads(json.dumps(explanation.document))["scenario"] == ""
        assert len(explanation.table) > 1


def test_inputs_changed_since_they_were_read_are_not_searched(small):  # noqa: F811
    problem = fa.load("base")
    changed = replace(problem, contracts_per_year=problem.contracts_per_year * 1.01)
    changes = explain(changed, "01").document["one_more"]["changes"]
    assert {change["reason"] for change in changes} == {"no_inputs"}


def own_limit(name: str, quantity: str, sense: str, amount: float, **changes) -> Limit:
    return Limit(f"limits.{name}", quantity, (1,), (), 2023, sense, amount, **changes)


def with_limits(problem, *limits: Limit):
    return dataclasses.replace(problem, limits=(*problem.limits, *limits))


def test_a_limit_that_forbids_the_next_post_is_told_even_where_it_costs_nothing():
    """B's posts bring 1 contract each, A's 10 and a lower rate: B would get none anyway."""
    problem = table_problem(([(0, 0), (20, 200)], [(0, 500), (20, 520)]), budget=7 * 7_000.0)
    none = own_limit("none", NEW, AT_MOST, 0.0)
    stages = (Stage("worst_rate", 0.5), Stage("coverage"))
    for other in (problem, dataclasses.replace(problem, stages=stages)):
        page = page_of(fa.explain(with_limits(other, none), "B"))
        assert "No plan within the limits has more facilitators here." in page
        assert re.search(r"next 1.0 FTE: 1.0 instead of 0.0 .*not possible", page)
        assert "Own limit  none, reached at 0.0 FTE. If dropped here: 0.0" in page
    page = page_of(fa.explain(limited(problem, "B", max_new_facilitators_fte=0.0), "B"))
    assert "Even the first facilitator would bring less here than elsewhere." in page
    assert "Maximum    at most 0.0 new facilitators. If dropped here: 0.0 contracts" in page
    assert "Maximum" not in page_of(fa.explain(problem, "B"))


def test_limits_of_the_users_own_are_told_in_their_units():
    problem = by_hand()
    for limit, shown in (
        (own_limit("share", NEW, AT_LEAST, 0.375, is_share=True), "share, reached at 37.5%. If"),
        (own_limit("money", STATE, AT_MOST, 7_000.0), "money, reached at 7,000 EUR. If"),
    ):
        assert f"Own limit  {shown}" in page_of(fa.explain(with_limits(problem, limit), "B"))


def test_coordinators_in_place_are_told_where_they_count_in_a_maximum():
    page = page_of(explained("11"))
    assert "Most       at most 0.0 new coordinator FTE, beside 1.0 in place or renewed." in page


def test_where_growth_is_0_no_input_is_searched(small):  # noqa: F811
    growth = {f"posts.facilitator.max_growth_{part}": 0 for part in ("fte", "share")}
    assert explain(fa.load("base", growth), "01").document["one_more"]["changes"] == []


def test_a_weight_of_0_is_not_searched_by_factors(small):  # noqa: F811
    document = explain(fa.load("base", {"weights.territory.01": 0}), "01").document
    reasons = {change["change"]: change["reason"] for change in document["one_more"]["changes"]}
    assert reasons["weight"] == "zero"


def test_over_years_the_unweighted_contracts_are_those_of_the_last():
    problem = small_problem(years=(2023, 2024), cap=6.0, territory_weight=np.array([0.5, 1.5]))
    page = page_of(fa.explain(problem))
    assert re.search(r"weighted in 2023–2024 \(unweighted \d+ in 2024\)", page)


def test_posts_in_steps_are_explained_step_by_step():
    """Steps of two posts: A gets 4 or 6 of seven: 4·10 + 2·8 = 56 against 54 + 0."""
    document = fa.explain(by_hand(step_fte=2.0), "A").document
    assert document["new_facilitators_fte"] == pytest.approx(4.0)
    assert document["post_fte"] == 2.0
    last = document["last_post"]  # two there bring 20, two more in B 16
    assert last["gain_here"] == pytest.approx(20)
    assert last["change_of_plan"] == pytest.approx(-4)
    following = document["next_post"]  # one more at 10 and one at 4, for two in B
    assert following["gain_here"] == pytest.approx(14)
    assert following["change_of_plan"] == pytest.approx(-2)
    assert document["one_more"]["changes"] == []
    assert "; --set posts.step_fte=0 also" in page_of(fa.explain(by_hand(step_fte=2.0), "A"))
    coordinators = by_hand(coordinator_step_fte=1.0, max_new_coordinators_fte=1.0)
    page = " ".join(page_of(fa.explain(coordinators, "A")).split())
    assert "; --set posts.coordinator.step_fte=0 also" in page


def test_over_years_a_post_is_one_in_every_year():
    problem = small_problem(years=(2023, 2024), growth_fte_per_year=np.array([4.0, 4.0]), cap=6.0)
    explanation = fa.explain(problem, "A")
    document, plan = explanation.document, fa.solve(problem)
    assert document["year"] == 2024
    assert document["new_facilitators_fte"] == pytest.approx(new(plan, "A"))
    less = best(limited(problem, "A", max_new_facilitators_fte=new(plan, "A") - 1))
    more = best(limited(problem, "A", min_new_facilitators_fte=new(plan, "A") + 1))
    for key, forced in (("last_post", less), ("next_post", more)):
        change = document[key]["change_of_plan"]
        assert change == pytest.approx(value(forced) - value(plan), abs=1e-6)
        assert change < 0
    assert "one in every year" in page_of(explanation)


def test_one_coordinator_for_two_territories_is_counted_once():
    problem = small_problem(
        areas=("Z", "Z"),
        supports_fte=5.0,
        productivity_gain=0.2,
        max_new_coordinators_fte=np.array([1.0]),
        budget=40_000.0,
    )
    found, plan = fa.explain(problem), fa.solve(problem)
    (area,) = found.document["areas"]
    assert area["area"] == "Z"
    assert area["new_coordinators_fte"] == plan.evaluation.new_coordinators_fte.sum()
    assert area["new_facilitators_fte"] == plan.evaluation.new_facilitators_fte.sum()
    assert sum(row["new_coordinators_fte"] for row in found.rows) == area["new_coordinators_fte"]
    assert fa.explain(problem, "B").document["area"] == "Z"


def test_where_nothing_else_limits_posts_a_limit_has_no_cost_told():
    problem = small_problem(cap=np.inf, budget=np.inf, growth_fte_per_year=np.array([2.0, 3.0]))
    explanation = fa.explain(problem, "A")
    (limit,) = (li for li in explanation.document["limits"] if li["constraint"] == "growth")
    assert limit["gain_without"] is None
    assert explanation.document["territories"][0]["stopped_by"] == "growth"
    assert "nothing would limit the posts" in page_of(explanation)
    national = fa.explain(problem)
    assert national.document["budget"] is None
    assert "Money      no limit." in page_of(national)


def test_limits_of_ones_own_on_the_whole_country_are_neither_cap_nor_budget():
    problem = small_problem(cap=10.0, budget=50_000.0)
    whole = (0, 1), (), 2023, "at_most"
    own = (
        Limit("limits.few", "network_fte", *whole, 6.0),
        Limit("limits.eur", "state_eur", *whole, 2e4),
    )
    problem = dataclasses.replace(problem, limits=problem.limits + own)
    plan, document = fa.solve(problem).document, fa.explain(problem).document
    assert (plan["network"]["cap_fte"], plan["money"]["state_budget_eur"]) == (10.0, 50_000.0)
    assert (document["cap"]["limit_fte"], document["budget"]["limit_eur"]) == (10.0, 50_000.0)
    for key in ("cap", "budget"):  # the other limits stop all posts
        assert document[key]["last_gain"] == pytest.approx(0, abs=1e-6)


# -- other objectives ------------------------------------------------------------------------------


def test_where_less_is_better_a_post_of_a_small_problem_still_gains():
    problem = small_problem(
        cap=5.0, target_rate=np.array([0.9]), stages=(Stage("shortfall"), Stage("state_cost"))
    )
    explanation, plan = fa.explain(problem, "A"), fa.solve(problem)
    document = explanation.document
    assert (document["objective"]["sense"], document["objective"]["unit"]) == (
        "minimise",
        "contracts",
    )
    more = evaluated_with(plan, "A", 1.0).objective("shortfall")
    less = evaluated_with(plan, "A", -1.0).objective("shortfall")
    assert document["next_post"]["gain_here"] == pytest.approx(value(plan) - more, abs=1e-6)
    assert document["last_post"]["gain_here"] == pytest.approx(less - value(plan), abs=1e-6)
    assert document["last_post"]["gain_here"] > document["next_post"]["gain_here"] > 0
    assert document["last_post"]["change_of_plan"] < 0
    assert "contracts nearer target" in page_of(explanation)


@pytest.mark.slow
def test_where_less_is_better_gains_are_still_positive():
    plan, document = solved("thirty-percent"), explained("53", "thirty-percent").document
    assert document["objective"] == {
        "objective": "shortfall",
        "sense": "minimise",
        "unit": "contracts",
        "value": pytest.approx(0.0, abs=1e-6),
        "expected_contracts": pytest.approx(plan.expected_contracts),
        "concede": 0.0,
        "by_solver": False,
    }
    posts = {
        (row["role"], row["territory"], row["year"]): row["new_fte"]
        for row in plan.document["posts"]
    }
    posts["facilitator", "53", 2023] -= 1
    short = plan.problem.evaluate(posts).objective("shortfall")
    assert short > 40
    assert document["last_post"]["gain_here"] == pytest.approx(short, abs=1e-3)
    assert document["last_post"]["change_of_plan"] == pytest.approx(0, abs=1e-3)
    less = best(limited(plan.problem, "53", max_new_facilitators_fte=new(plan, "53") - 1))
    money = document["last_post"]["stages"][1]
    spent = less.stages[1].value - plan.stages[1].value
    assert money["objective"] == "state_cost"
    assert money["gain"] == pytest.approx(-spent, abs=0.01)
    assert money["gain"] < -100  # dearer without
    page = page_of(explained("53", "thirty-percent"))
    assert f"State money, EUR: {spent:,.0f} better" in page
    assert "contracts nearer target" in page
    reasons = {change["change"]: change["reason"] for change in document["one_more"]["changes"]}
    assert reasons == {"contracts": None, "cost": "not_within", "weight": "no_effect"}


@pytest.mark.slow
def test_a_conceded_first_objective_is_traded_with_the_right_signs():
    plan = solved("weakest-first")
    what_if, i = WhatIf(plan), plan.problem.territories.index("44")
    fewer, _ = what_if.forced([i], -1.0)
    posts = new(plan, "44")
    less = best(limited(plan.problem, "44", max_new_facilitators_fte=posts - 1))
    change = less.stages[0].in_plan - plan.stages[0].in_plan
    assert what_if.gain(fewer) == pytest.approx(change, abs=1e-8)
    assert what_if.gain_alone(i, -1.0) < 0 < -change < 0.01
    assert what_if.gain_alone(i, 1.0) == pytest.approx(
        0, abs=1e-9
    )  # others have the lowest rate too
    least, greatest = PostRanges(plan, 0.001).ends("44")
    assert least <= posts <= greatest


@pytest.mark.slow
def test_a_conceded_first_objective_has_no_price_elsewhere():
    document = explained("44", "weakest-first").document
    assert document["objective"]["unit"] == "rate"
    assert document["last_post"]["gain_here"] > 0
    assert document["last_post"]["gain_elsewhere"] is None
    page = page_of(explained("44", "weakest-first"))
    assert "gives up 1% of what it could reach" in page
    assert "The plan: effect on the whole" in page
    assert (
        plan_text(document)
        == "23.84% lowest rate, up to 1% of its best given up for later objectives"
    )


@pytest.mark.slow
def test_weighted_contracts_are_called_so():
    page = page_of(explained(None, "need-first"))
    assert ": 17.6 weighted contracts; next:" in page
    assert re.search(r"04 La Réunion .*limit on recruitment +1.8–7.3\n", page)


@each(
    ("scenario", "territory"),
    [
        ("reference", None),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in (
                *(("cap-560", None), ("need-first", None)),
                *(("weakest-first", "44"), ("thirty-percent", "53")),
            )
        ),
    ],
)
def test_pages_are_plain_text_of_at_most_100_columns(scenario, territory):
    page = page_of(explained(territory, scenario))
    assert max(map(len, page.splitlines())) <= 100
    assert "None" not in page
    assert "nan" not in page


@pytest.mark.slow
def test_years_of_a_shipped_scenario():
    scenario, step = "horizon-2025", 1.0
    plan = solved(scenario)
    document = explained("84", scenario).document
    problem, posts = plan.problem, new(plan, "84")
    for key, field, level in (
        ("last_post", "max_new_facilitators_fte", posts - step),
        ("next_post", "min_new_facilitators_fte", posts + step),
    ):
        forced = best(limited(problem, "84", **{field: level}))
        change = document[key]["change_of_plan"]
        assert change == pytest.approx(value(forced) - value(plan), abs=1e-3)
        assert document[key]["fte"] == step
    for change in document["one_more"]["changes"]:
        assert change["factor"] is not None
        overrides = {
            "contracts": lambda factor: {
                key: entry.value * factor
                for key, entry in problem.inputs.entries.items()
                if key.startswith("contracts.84.")
            },
            "cost": lambda factor: OVERRIDES["cost"]("84", factor),
            "weight": lambda factor: OVERRIDES["weight"]("84", factor),
        }[change["change"]](change["factor"])
        again = best(fa.load(scenario, overrides=overrides))
        assert new(again, "84") >= posts + 1 - 1e-3
    assert max(map(len, page_of(explained("84", scenario)).splitlines())) <= 100


# -- the command -----------------------------------------------------------------------------------


def test_a_name_with_accents_serves_with_and_without_them(capsys, search_once):
    slow_growth = ("--set", "posts.facilitator.max_growth_share=0")
    first = run(capsys, "explain", "reference", "--territory", "Île-de-France", *slow_growth)
    assert first[0] == 0
    assert first[1].splitlines()[0].startswith("reference + posts.facilitator.max_growth_share=0")
    assert "11 Île-de-France: 2.0 new facilitators" in first[1]
    for name in ("ile de france", "11", "Ile-de-France"):
        assert typed_place_code(solved("reference").problem, "territory", name) == "11"


def test_an_unknown_name_is_exit_5_with_a_hint(capsys, search_once):
    code, out, err = run(capsys, "explain", "reference", "--territory", "Bretange")
    assert (code, out) == (5, "")
    assert "--territory Bretange: no such territory in reference; did you mean 53" in err
    with pytest.raises(fa.InputError, match="no such territory in this problem"):
        fa.explain(by_hand(), "C")


def test_an_impossible_scenario_is_exit_3(capsys, search_once):
    arguments = ("explain", "reference", "--set", "budget.state_eur_per_year=3000000")
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (3, "")
    assert "no plan is possible" in err


def test_within_narrows_the_ranges_and_must_be_a_share(capsys, search_once):
    wide = explained("53").document["territories"][0]
    code, out, _ = run(
        capsys, "explain", "reference", "--territory", "53", "--within", "1e-5", "--format", "json"
    )
    document = json.loads(out)
    assert code == 0
    assert document["within_share"] == 1e-5
    assert (
        wide["least_fte"]
        < document["territories"][0]["least_fte"]
        < document["new_facilitators_fte"]
    )
    assert run(capsys, "explain", "reference", "--within", "1.5")[0] == 2


def test_json_is_the_document_unrounded_and_the_same_twice(capsys, search_once):
    arguments = ("explain", "reference", "--territory", "53", "--format", "json")
    code, out, _ = run(capsys, *arguments)
    assert (code, out) == (0, as_json(explained("53").document))
    document = json.loads(out)
    assert document["format"] == "fte-alloc/explanation/4"
    assert (document["scenario"], document["territory"]) == ("reference", "53")
    assert json.loads(json.dumps(nation()))["territory"] is None


def test_csv_has_a_row_a_territory_or_a_row_a_figure(capsys, monkeypatch):
    monkeypatch.setattr(
        "fte_alloc.questions.explain.explain.explain", lambda _, code, *__, **___: explained(code)
    )
    _, out, _ = run(capsys, "explain", "reference", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == 18
    bretagne = next(row for row in rows if row["territory"] == "53")
    expected = next(row for row in nation()["territories"] if row["territory"] == "53")
    assert float(bretagne["next_post_gain"]) == expected["next_post_gain"]
    assert bretagne["unit"] == "contracts"
    _, out, _ = run(capsys, "explain", "reference", "--territory", "53", "--format", "csv")
    figures = {row["key"]: row["value"] for row in csv.DictReader(io.StringIO(out))}
    gain = explained("53").document["last_post"]["gain_here"]
    assert float(figures["last_post.gain_here"]) == gain
    assert figures["territory"] == "53"


@pytest.mark.slow
def test_markdown_and_set_work_as_elsewhere(capsys, search_once):
    _, out, _ = run(
        capsys,
        "explain",
        "reference",
        "--territory",
        "53",
        "--set",
        "posts.cap_fte=590",
        "--format",
        "markdown",
    )
    assert out.startswith("# reference + posts.cap_fte=590: ")
    assert "| last 1.0 FTE: 9.9 instead of 8.9 | 60.8 | 58.2 | +2.6 |" in out
