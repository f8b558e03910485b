"""Scenarios nothing can satisfy: what is said, and whether what is said is true.

``tests/impossible/`` has one scenario a kind of conflict, and the page each must print beside it;
``python tests/regenerate.py`` rewrites the pages. Whatever they propose is pasted and solved.
"""

from __future__ import annotations

import io
import json
import random
import re
from contextlib import chdir
from functools import cache

import numpy as np
import pytest
from conftest import ROOT, run, same_page, slow, slow_but, small_problem
from limit_arrays import replace
from tables import each

import fte_alloc as fa
from fte_alloc.inputs.overrides import parse_override
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.infeasible.adjustments import (
    Repair,
    adjusted,
    cheapest_combination,
    least_change,
)
from fte_alloc.questions.infeasible.diagnose import Diagnosis, diagnose
from fte_alloc.questions.infeasible.page import impossible_page
from fte_alloc.questions.plan import solve
from fte_alloc.render.terminal import print_page
from fte_alloc.search.feasibility import is_feasible

FOLDER = ROOT / "tests" / "impossible"
NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))

#: What contradicts what, conflict by conflict.
CONFLICTS = {
    "beyond-reach": [{"least"}],
    "crowded-cap": [{"cap", "existing", "committed", "coordinator_required"}],
    "dear-minima": [{"budget", "committed", "coordinator_required", "min_new"}],
    "dear-rates": [{"budget", "committed", "coordinator_required", "least", "span"}],
    "fast-growth": [{"growth", "min_new"}],
    "low-cap": [{"cap", "existing", "committed"}],
    "no-renewal": [{"budget", "committed"}],
    "odd-steps": [{"coordinator_max", "coordinator_required", "step_coordinator"}],
    "poor": [{"budget", "committed", "coordinator_required"}],
    "shrinking": [{"budget", "committed", "coordinator_required"}],
    "shy-partners": [{"partners", "committed"}],
    "small-maximum": [{"max_new", "least"}],
    "steep-rate": [{"growth", "least"}],
    "three-troubles": [
        {"cap", "existing", "committed", "coordinator_required"},
        {"growth", "least"},
        {"partners", "committed"},
    ],
    "two-troubles": [{"budget", "committed", "coordinator_required"}, {"growth", "min_new"}],
}
#: Repairs known by hand: 82 renewed posts at 32,200 EUR and 17 coordinators at 38,500; 401 + 82
#: posts in place and renewed; 0.6 · 13.24 + 2 posts that Bretagne can recruit; 14.96 · 13,800 EUR.
BY_HAND = {
    "crowded-cap": {"posts.cap_fte=500"},
    "dear-minima": {"budget.state_eur_per_year=5581100"},  # 3,294,900 + 71 · 32,200
    "fast-growth": {
        "territories.53.min_new_facilitators_fte=9.944",
        "posts.facilitator.max_growth_fte=4.056",
    },
    "low-cap": {"posts.cap_fte=483"},
    "no-renewal": {
        "budget.state_eur_per_year=2640400",
        "posts.facilitator.state_rate=0.6892",  # 2,600,000 / (82 · 46,000), rounded down
    },
    "odd-steps": {
        "posts.step_fte=0",
        "posts.coordinator.required_fte_where_none=0.75",
        "posts.coordinator.max_fte_per_area=1.5",
    },
    "poor": {
        "budget.state_eur_per_year=3294900",
        "posts.coordinator.required_fte_where_none=0.5494",  # (3,000,000 − 2,640,400) / 654,500
        "posts.coordinator.state_rate=0.3845",
    },
    "shrinking": {"budget.state_eur_per_year.2025=3294900"},
    "shy-partners": {"territories.11.partner_capacity_eur=206448"},
}


def typed(name: str) -> str:
    """A scenario as it is typed at the root of the project."""
    return f"tests/impossible/{name}.toml"


@cache
def found(name: str) -> Diagnosis:
    with chdir(ROOT):
        return diagnose(fa.load(typed(name)))


def pasted(name: str, options) -> Problem:
    """The scenario with the options of a repair, read as the command line reads them."""
    return fa.load(str(FOLDER / f"{name}.toml"), dict(parse_override(text) for text in options))


def singles(diagnosis: Diagnosis) -> list[Repair]:
    """Repairs of one change."""
    return [repair for repair in diagnosis.repairs if len(repair.values) == 1]


def one_unit_back(repair: Repair):
    """The same options, one of them one printed unit nearer to what the scenario has."""
    for adjustment, value in repair.values.items():
        if adjustment.kind != "step":
            back = round(value * adjustment.of.parts) - adjustment.direction
            if (back / adjustment.of.parts - adjustment.value) * adjustment.direction >= 0:
                others = [o for o in repair.options if not o.startswith(adjustment.key + "=")]
                yield [*others, f"{adjustment.key}={back / adjustment.of.parts}"]


def test_there_is_a_scenario_for_every_kind():
    assert set(CONFLICTS) == set(NAMES)
    assert len(NAMES) >= 12


#: Those worked out quickly.
LONG = ("dear-rates", "shrinking", "three-troubles", "steep-rate", "small-maximum")
LONG += ("dear-minima", "crowded-cap", "odd-steps", "no-renewal")
MOST = [slow(name) if name in LONG else name for name in NAMES]


@each("name", slow_but(NAMES, "poor", "fast-growth", "beyond-reach", "low-cap"))
def test_the_conflict_is_told_in_the_words_of_the_scenario(name):
    accounts = found(name).document["conflict"]
    assert [{item["limit"] for item in each["items"]} for each in accounts] == CONFLICTS[name]
    for account in accounts:
        for item in account["items"]:
            assert item["key"]
            assert ":" in item["origin"] or item["rows"] > 1


@each("name", MOST)
def test_the_page(name):
    out = io.StringIO()
    print_page(impossible_page(found(name).document), out)
    assert same_page(out.getvalue(), (FOLDER / f"{name}.txt").read_text(encoding="utf-8"))


def test_steps_that_the_budget_cannot_afford_are_counted(at_root, capsys):
    """5 FTE in each of 15 regions, above the most that one may have, and 1 FTE in two others."""
    code, out, err = run(capsys, "solve", "reference", "--set", "posts.step_fte=5")
    assert (code, err) == (3, "")
    needed = 2_640_400 + 0.7 * 55_000 * (15 * 5 + 2)
    told = f"all this needs at least {needed:,.0f} EUR {needed - 5.4e6:,.0f} EUR too much"
    assert told in " ".join(out.split())


def test_the_command_prints_the_page(at_root, capsys):
    page = (FOLDER / "fast-growth.txt").read_text(encoding="utf-8")
    code, out, err = run(capsys, "solve", typed("fast-growth"))
    assert (code, err) == (3, "")
    assert same_page(out, page)


@each("name", slow_but(NAMES, "fast-growth", "two-troubles"))
def test_every_repair_pasted_makes_it_possible_and_a_unit_less_does_not(name):
    repairs = found(name).repairs
    assert repairs
    for repair in repairs:
        assert solve(pasted(name, repair.options), priced=False).status == "optimal"
        for options in one_unit_back(repair):
            with pytest.raises(fa.InfeasibleError):
                solve(pasted(name, options), priced=False)


@each("name", [slow(name) if name in LONG else name for name in sorted(BY_HAND)])
def test_repairs_known_by_hand(name):
    options = {option for repair in singles(found(name)) for option in repair.options}
    assert options >= BY_HAND[name]


def test_what_is_needed_is_enough_beside_the_limits_that_it_does_not_contradict(at_root, capsys):
    """Renewed posts alone exceed 1 M EUR; what they need would leave the coordinators nothing."""
    diagnosis = diagnose(fa.load("reference", {"budget.state_eur_per_year": 1e6}))
    (account,) = diagnosis.document["conflict"]
    assert account["needed"] == pytest.approx(3_294_900)
    assert [item["limit"] for item in account["items"]] == [
        *("budget", "committed", "coordinator_required")
    ]
    out = io.StringIO()
    print_page(impossible_page(diagnosis.document), out)
    # A cut of a rate is a small change, and leaves the cost to others.
    assert "Try:" in out.getvalue().partition("--set posts.facilitator.state_rate=0.0915\n")[2]
    assert out.getvalue().endswith("--set budget.state_eur_per_year=3294900\n")


def test_the_stricter_of_two_limits_is_told_and_one_change_is_tried(at_root):
    changes = {"53.least_rate": 0.25, "53.max_new_facilitators_fte": 3}
    strict = {f"territories.{key}": value for key, value in changes.items()}
    (account,) = diagnose(fa.load("reference", strict)).document["conflict"]
    assert [item["limit"] for item in account["items"]] == ["max_new", "least"]
    diagnosis = diagnose(fa.load("reference", {"budget.state_eur_per_year": 5.2}))
    assert len(diagnosis.repairs[-1].values) == 2
    out = io.StringIO()
    print_page(impossible_page(diagnosis.document), out)
    assert " 5.2 EUR " in out.getvalue()
    assert out.getvalue().endswith("solve reference --set budget.state_eur_per_year=3294900\n")


@each("name", MOST)
def test_an_account_adds_up(name):
    """Where demands do not help each other, what is given and demanded is what is needed."""
    for account in found(name).document["conflict"]:
        if account["short"] is None:
            continue
        limits, needed = {item["limit"] for item in account["items"]}, account["needed"]
        amounts = [item["amount"] for item in account["items"][1:]]
        counted = [amount for amount in amounts if amount is not None]
        if {"step_coordinator", "coordinator_max"} & limits:
            continue
        if {"least", "coordinator_required"} <= limits:
            assert sum(counted) >= needed - 1e-6  # coordinators raise the rate too
        else:
            assert sum(counted) == pytest.approx(needed, rel=1e-9)
        assert account["items"][0]["limit"] == account["short"]
        assert needed > account["items"][0]["value"]
        assert account["excess"] == needed - account["items"][0]["value"]


@each("name", MOST)
def test_a_conflict_goes_with_any_one_of_its_keys(name):
    """Limits of a first conflict let go one by one: the others hold together."""
    diagnosis = found(name)
    conflicts = diagnosis.document["conflict"]
    if len(conflicts) > 1 or name == "beyond-reach":
        return
    adjustments = {one.kind: one for c in singles(diagnosis) for one in c.values}
    for item in conflicts[0]["items"]:
        if item["limit"] in adjustments:
            adjustment = adjustments[item["limit"]]
            assert is_feasible(adjusted(diagnosis.problem, {adjustment: adjustment.extreme}))


@each("name", MOST)
def test_no_combination_is_cheaper_than_the_bound_says(name):
    """The combination found is within the rounding of its values of the least sum there is."""
    diagnosis = found(name)
    values, least = cheapest_combination(diagnosis.problem)
    assert diagnosis.document["least_relative_change"] == least
    linear = [c for c in diagnosis.repairs if all(lv.kind in KINDS for lv in c.values)]
    rounding = sum(1 / one.of.parts / one.scale for one in values)
    for repair in linear:
        assert repair.relative >= least - 1e-7
    assert min(c.relative for c in linear) <= least + rounding
    # As the pages of documents say: single changes by their size, then together what is less.
    alone = [c.relative for c in singles(diagnosis)]
    assert [c.relative for c in diagnosis.repairs[: len(alone)]] == sorted(alone)
    assert all(c.relative < min(alone, default=np.inf) for c in diagnosis.repairs[len(alone) :])


KINDS = {"budget", "cap", "coordinator_required", "coordinator_max", "growth", "least", "max_new"}
KINDS |= {"min_new", "partners"}


def test_two_conflicts_need_two_changes():
    """3,294,900 for what is fixed and 9.944 · 32,200 for Bretagne = 3,615,096.8, rounded up."""
    (together,) = found("two-troubles").repairs
    assert together.options == (
        "budget.state_eur_per_year=3615097",
        "territories.53.min_new_facilitators_fte=9.944",
    )


def test_a_share_that_alone_limits_recruitment_is_changed():
    """Bretagne has 13.24 FTE: 0.3 of them are 3.972, 5 FTE are 0.37765, 15 FTE are 1.13294."""
    for fte, share in ((5, 0.3777), (15, 1.133)):
        given = {"max_growth_share": 0.3, "max_growth_fte": "none"}
        changed = {f"posts.facilitator.{key}": value for key, value in given.items()}
        problem = fa.load("reference", changed | {"territories.53.min_new_facilitators_fte": fte})
        diagnosis = diagnose(problem)
        key = "posts.facilitator.max_growth_share"
        assert f"{key}={share}" in {c.options[0] for c in singles(diagnosis)}
        assert key in {item["key"] for item in diagnosis.document["conflict"][0]["items"]}


def test_a_share_of_growth_counts_by_the_posts_in_place_in_the_least_sum():
    """Three minima of 0.39 of the posts in place: one share, from 0.3, changes by 30 %."""
    problem, key = fa.load("reference"), "posts.facilitator.max_growth_share"
    in_place = dict(zip(problem.territories, problem.existing_facilitators_fte, strict=True))
    minimum = "territories.{code}.min_new_facilitators_fte"
    least = {minimum.format(code=code): 0.39 * in_place[code] for code in ("24", "52", "53")}
    growth = {key: 0.3, "posts.facilitator.max_growth_fte": "none"}
    diagnosis = diagnose(fa.load("reference", growth | least))
    assert diagnosis.document["least_relative_change"] == pytest.approx(0.3, rel=1e-9)
    assert [repair.options for repair in diagnosis.repairs] == [(f"{key}=0.39",)]


def test_a_limit_of_nothing_can_be_raised():
    diagnosis = diagnose(fa.load("reference", {"budget.state_eur_per_year": 0}))
    assert "budget.state_eur_per_year=3294900" in {c.options[0] for c in singles(diagnosis)}


def test_what_was_set_is_told_as_set(at_root, capsys):
    sets = ("--set", "posts.cap_fte=490", "--set", "posts.step_fte=0.5")
    _, out, _ = run(capsys, "solve", "reference", *sets)
    assert (
        "Try:  fte-alloc solve reference --set posts.step_fte=0.5 --set posts.cap_fte=500\n" in out
    )
    assert re.search(r"posts\.cap_fte +--set\n", out)


def test_json_and_csv(tmp_path, capsys, at_root, monkeypatch):
    monkeypatch.setattr("fte_alloc.questions.infeasible.diagnose.diagnose", lambda _: found("poor"))
    file = tmp_path / "why.json"
    said = f"{file}: written.\ntests/impossible/poor.toml: no plan is possible.\n"
    assert run(capsys, "solve", typed("poor"), "--out", str(file)) == (3, "", said)
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document["format"] == "fte-alloc/infeasible/2"
    (conflict,) = document["conflict"]
    assert conflict["needed"] == pytest.approx(3_294_900)
    assert conflict["excess"] == pytest.approx(294_900)
    assert document["repairs"][0]["changes"] == [
        {
            "kind": "budget",
            "key": "budget.state_eur_per_year",
            "from": 3_000_000.0,
            "to": 3_294_900.0,
            "unit": "EUR",
            "relative_change": pytest.approx(0.0983),
        }
    ]
    rows = run(capsys, "solve", typed("poor"), "--format", "csv")[1].splitlines()
    assert rows[0] == "repair,key,from,to,unit,relative_change"
    assert rows[1].startswith("1,budget.state_eur_per_year,3000000.0,3294900.0,EUR,")


def test_a_problem_built_in_python_is_told_its_conflict():
    problem = small_problem(cap=1.5)
    diagnosis = fa.diagnose(problem)
    (account,) = diagnosis.document["conflict"]
    assert [item["limit"] for item in account["items"]] == ["cap", "existing"]
    assert diagnosis.repairs == []


def test_a_possible_problem_is_not_diagnosed():
    with pytest.raises(ValueError, match="a plan exists"):
        diagnose(fa.load("reference"))


def test_the_least_effort_of_a_rate_is_that_of_one_curve():
    """f n = n (1 − exp(−h K / n)): K = −(n/h) ln(1 − f) with floor 0, ceiling 1, no uncertainty."""
    problem = small_problem([[100.0], [80.0]], least_rate=np.array([0.5, 0.0]), per_fte=20.0)
    expected = -100.0 / 20.0 * np.log(0.5)
    assert problem.least_effort_fte.ravel() == pytest.approx([expected, 0.0], rel=1e-9)


def test_a_least_rate_is_possible_up_to_what_its_effort_allows():
    """Existing 1 and at most 2.4657 more: 5 ln 2 = 3.4657 FTE are needed for one in two."""
    for most, possible in ((2.4658, True), (2.4656, False)):
        problem = small_problem(
            [[100.0], [80.0]],
            least_rate=np.array([0.5, 0.0]),
            max_new_facilitators_fte=np.array([most, np.inf]),
        )
        assert is_feasible(problem) is possible


def random_scenario(rng: random.Random) -> dict[str, float]:
    """A few limits of the reference scenario, each drawn around where it starts to hurt."""
    codes = ["24", "28", "44", "52", "53", "75", "76", "84", "94"]
    drawn: dict[str, float] = {}
    for _ in range(rng.randint(1, 4)):
        code = rng.choice(codes)
        key, low, high = rng.choice(
            [
                ("budget.state_eur_per_year", 2_500_000, 4_000_000),
                ("posts.cap_fte", 470, 520),
                (f"territories.{code}.min_new_facilitators_fte", 1, 30),
                (f"territories.{code}.least_rate", 0.2, 0.4),
                (f"territories.{code}.partner_capacity_eur", 20_000, 300_000),
                ("posts.facilitator.max_growth_share", 0.0, 0.6),
                ("posts.coordinator.max_fte_per_area", 1.0, 1.5),
            ]
        )
        drawn[key] = round(rng.uniform(low, high), 4)
    return drawn


@each("seed", map(slow, range(12)))
def test_random_impossible_scenarios(seed):
    rng = random.Random(seed)
    while True:
        overrides = random_scenario(rng)
        problem = fa.load("reference", overrides)
        if not is_feasible(problem):
            break
    with pytest.raises(fa.InfeasibleError):
        solve(problem)
    diagnosis = diagnose(problem)
    assert diagnosis.document["conflict"]
    assert diagnosis.repairs
    for repair in diagnosis.repairs:
        repaired = dict(parse_override(text) for text in repair.options)
        assert solve(fa.load("reference", overrides | repaired), priced=False).status == "optimal"
        for options in one_unit_back(repair):
            back = dict(parse_override(text) for text in options)
            with pytest.raises(fa.InfeasibleError):
                solve(fa.load("reference", overrides | back))


@pytest.mark.slow
def test_a_rate_may_be_wrong_on_both_sides():
    """A State rate too high for the budget and too low for the partners has no least change."""
    problem = fa.load(
        "reference",
        {"budget.state_eur_per_year": 3_000_000, "territories.11.partner_capacity_eur": 150_000},
    )
    diagnosis = diagnose(problem)
    (combination,) = diagnosis.repairs
    assert len(combination.values) > 1
    assert least_change(problem, next(iter(combination.values))) is None


@pytest.mark.slow
def test_shuffled_limits_give_the_same_answer():
    a = {"posts.cap_fte": 490, "budget.state_eur_per_year": 3e6}
    b = dict(reversed(a.items()))
    first, second = (diagnose(fa.load("reference", o)).document for o in (a, b))
    for document in (first, second):
        del document["scenario"], document["inputs"]  # as typed, and so are the commands
        for repair in document["repairs"]:
            del repair["command"]
    assert first == second


def test_replace_keeps_the_least_effort_right():
    problem = small_problem([[100.0]], existing=[1.0], least_rate=np.array([0.5]))
    assert problem.least_effort_fte[0, 0] > 0
    assert replace(problem, least_rate=np.zeros(1)).least_effort_fte[0, 0] == 0
