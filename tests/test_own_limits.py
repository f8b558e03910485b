"""Limits of the user's own, end to end: kept, judged, priced, repaired, told by name, saved."""

from __future__ import annotations

import json

import numpy as np
import pytest
from conftest import ROOT, run
from spreadsheet import stored
from tables import each

import fte_alloc as fa
from fte_alloc.errors import InputError

pytestmark = pytest.mark.usefixtures("search_once")

#: A limit as it is written, and what the plan must keep: role, codes, quantity, sense, amount.
LIMITS = {
    "no coordinator, exempt": (
        'no-one = { territories = ["44"], role = "coordinator", at_most_fte = 0 }\n'
        'coordinator_required = { 44 = "none" }'
    ),
    "two together": 'west = { territories = ["53", "52"], role = "facilitator", at_most_fte = 2 }',
    "a share": (
        'dense = { where = "qpv_share >= 0.12", role = "facilitator", at_least_share = 0.25 }'
    ),
    "an envelope": 'envelope = { area = "75", at_most_state_eur = 400_000 }',
    "a network": 'corse = { territories = ["94"], at_least_network_fte = 5 }',
    "opened": 'opened = { area = "53", at_most_opened_fte = 5 }',
    "partners": 'paid = { territories = ["53"], at_most_partner_eur = 150_000 }',
    "a rate": 'overseas = { territories = ["01", "02", "03", "04", "06"], at_least_rate = 0.34 }',
    "twice": (
        'one = { territories = ["53"], role = "facilitator", at_most_fte = 5 }\n'
        'two = { territories = ["53"], role = "facilitator", at_most_fte = 5 }'
    ),
    "never binds": 'idle = { territories = ["53"], role = "facilitator", at_most_fte = 50 }',
}


@pytest.fixture
def scenario(tmp_path, at_root):
    """A scenario file with some limits beside those of another, by default ``reference``."""

    def write(limits: str, extends: str = "reference") -> str:
        path = tmp_path / "own.toml"
        path.write_text(f'extends = "{extends}"\n\n[limits]\n{limits}\n', encoding="utf-8")
        return str(path)

    return write


def counted(plan: fa.Plan, limit) -> float:
    """What a limit counts, added up in plain Python from the plan's posts and costs per post."""
    p, total = plan.problem, 0.0
    if limit.quantity == "rate":
        rows = [r for r in plan.document["territories"] if r["year"] == limit.year]
        inside = [r for r in rows if p.territories.index(r["territory"]) in limit.territories]
        return sum(r["expected_contracts"] for r in inside) / sum(r["contracts"] for r in inside)
    money = plan.document["money"]["per_fte"]
    everywhere = 0.0
    for row in plan.document["posts"]:
        codes = p.territories if row["role"] == "facilitator" else p.areas
        places = limit.territories if row["role"] == "facilitator" else limit.areas
        if row["year"] != limit.year or not places:
            continue
        fte = row["opened_fte"] if limit.quantity == "opened_fte" else row["new_fte"]
        if limit.quantity == "network_fte":
            fte += row["existing_fte"] + row["committed_fte"]
        if limit.quantity in ("state_eur", "partner_eur"):
            payer = {"state_eur": "state_eur", "partner_eur": "partners_eur"}[limit.quantity]
            fte = (fte + row["committed_fte"]) * money[row["role"]][payer]
        everywhere += fte
        total += fte if codes.index(row["territory"]) in places else 0.0
    return total / everywhere if limit.is_share else total


@each("name", ["an envelope", "a share"])
def test_a_limit_is_kept_judged_and_priced_as_typed(scenario, name):
    is_kept_judged_and_priced(scenario, name)


@pytest.mark.slow
@each("name", ["no coordinator, exempt", "two together", "opened", "partners", "a rate", "twice"])
def test_any_limit_is_kept_judged_and_priced_as_typed(scenario, name):
    is_kept_judged_and_priced(scenario, name)


def is_kept_judged_and_priced(scenario, name: str) -> None:
    problem = fa.load(scenario(LIMITS[name]))
    plan = fa.solve(problem)
    own = [limit for limit in problem.limits if limit.name.startswith("limits.")]
    assert own
    for limit in own:
        value, sign = counted(plan, limit), 1 if limit.sense == "at_most" else -1
        assert sign * value <= sign * limit.amount + 1e-6 * max(1.0, abs(limit.amount))
        price = next(p for p in plan.prices if p.limit == limit)
        binds = abs(value - limit.amount) <= 1e-5 * max(1.0, abs(limit.amount))
        if not binds:
            assert (price.one_more, price.one_less) == (0.0, 0.0)
        key = limit.keys[0]
        for side, told in ((1, price.one_more), (-1, price.one_less)):
            step = 1e-3 * limit.unit.priced
            if told is None or limit.amount + side * step < 0:
                continue
            moved = fa.load(problem.inputs.file, {key: limit.amount + side * step})
            gain = fa.solve(moved, priced=False).stages[0].value - plan.stages[0].value
            per = gain / step * limit.unit.priced
            assert told == pytest.approx(per, rel=2e-3, abs=2e-3 * abs(per) + 1e-4), (
                limit.name,
                side,
            )
    assert not problem.evaluate(plan.posts).violations  # the split of effort found anew, too
    assert fa.verify(json.loads(json.dumps(plan.document)), ROOT).accepted


@pytest.mark.slow
def test_a_limit_by_year_and_a_horizon(scenario, capsys):
    limits = (
        'by-year = { territories = ["53"], at_most_fte = { 2023 = 1, 2024 = "none", 2025 = 3 } }'
    )
    plan = fa.solve(fa.load(scenario(limits, "horizon-2025")))
    rows = [r for r in plan.document["posts"] if r["territory"] == "53"]
    posts = {year: sum(r["new_fte"] for r in rows if r["year"] == year) for year in (2023, 2025)}
    assert posts[2023] <= 1 + 1e-6
    assert posts[2025] <= 3 + 1e-6
    assert fa.verify(json.loads(json.dumps(plan.document)), ROOT).accepted
    fewest = '{ 2023 = 2, 2024 = "none", 2025 = "none" }'
    against = f'{limits}\nmore = {{ territories = ["53"], at_least_fte = {fewest} }}'
    code, out, _ = run(
        capsys, "solve", scenario(against, "horizon-2025"), "--format", "json", "--quiet"
    )
    document = json.loads(out)
    assert code == 3
    keys = {item["key"] for item in document["conflict"][0]["items"]}
    assert keys == {"limits.by-year.at_most_fte.2023", "limits.more.at_least_fte.2023"}
    for repair in document["repairs"]:
        changes = {one["key"]: one["to"] for one in repair["changes"]}
        done = fa.solve(fa.load(scenario(against, "horizon-2025"), changes), priced=False)
        assert done.status == "optimal"


def test_a_forbidden_and_a_required_coordinator_contradict_and_the_exemption_repairs(
    scenario, capsys
):
    file = scenario('no-one = { territories = ["44"], role = "coordinator", at_most_fte = 0 }')
    code, out, _ = run(capsys, "solve", file, "--format", "json", "--quiet")
    document = json.loads(out)
    assert code == 3
    keys = {item["key"] for item in document["conflict"][0]["items"]}
    assert keys == {"limits.no-one.at_most_fte", "posts.coordinator.required_fte_where_none"}
    exemption = next(
        r for r in document["repairs"] if "limits.coordinator_required" in str(r["set"])
    )
    (option,) = exemption["set"]
    key, value = option.split("=")
    assert fa.solve(fa.load(file, {key: float(value)}), priced=False).status == "optimal"


REPAIRED = {
    "floor above what can be recruited": (
        'many = { territories = ["53", "52"], role = "facilitator", at_least_fte = 30 }'
    ),
    "envelope below renewed posts": 'poor = { area = "75", at_most_state_eur = 100_000 }',
    "network below posts in place": 'small = { territories = ["94"], at_most_network_fte = 1 }',
    "a rate out of reach": 'high = { territories = ["01", "02"], at_least_rate = 0.5 }',
    # Each of LIMITS with what contradicts it.
    "two together": LIMITS["two together"]
    + '\nmore = { areas = ["53", "52"], at_least_fte = 4.5 }',
    "opened": LIMITS["opened"] + '\nmore = { area = "53", at_least_opened_fte = 6 }',
    "partners": LIMITS["partners"]
    + '\nmore = { territories = ["53"], at_least_partner_eur = 160_000 }',
    "twice": LIMITS["twice"]
    + '\nmore = { territories = ["53"], role = "facilitator", at_least_fte = 6 }',
}


def test_every_single_repair_is_the_least_that_suffices(scenario, capsys):
    has_the_least_repairs(scenario, capsys, "twice")


@pytest.mark.slow
@each(
    "name",
    [
        "floor above what can be recruited",
        "envelope below renewed posts",
        "network below posts in place",
        "a rate out of reach",
        "two together",
        "opened",
        "partners",
    ],
)
def test_every_single_repair_of_any_limit_is_the_least_that_suffices(scenario, capsys, name):
    has_the_least_repairs(scenario, capsys, name)


def has_the_least_repairs(scenario, capsys, name: str) -> None:
    file = scenario(REPAIRED[name])
    code, out, _ = run(capsys, "solve", file, "--format", "json", "--quiet")
    document = json.loads(out)
    assert code == 3
    own = [r for r in document["repairs"] if r["changes"][0]["key"].startswith("limits.")]
    assert own
    for repair in own:
        (change,) = repair["changes"]
        unit = 1.0 if change["unit"] == "EUR" else 1e-4
        back = -unit if change["to"] > change["from"] else unit
        done = fa.solve(fa.load(file, {change["key"]: change["to"]}), priced=False)
        assert done.status == "optimal"
        with pytest.raises(fa.InfeasibleError):
            fa.solve(fa.load(file, {change["key"]: change["to"] + back}), priced=False)


@pytest.mark.slow
def test_limits_are_told_by_name_in_every_command(scenario, capsys):
    file = scenario(LIMITS["two together"] + "\n" + LIMITS["an envelope"])
    for command in (
        ("solve", file),
        ("explain", file, "--territory", "53"),
        ("compare", "reference", file, "--why"),
        ("check", file),
    ):
        code, out, _ = run(capsys, *command, "--quiet")
        assert code == 0, command
        assert "west" in out or command[0] == "check", command


def test_a_limit_has_its_part_in_the_difference_and_its_row_in_workbooks(
    scenario, capsys, tmp_path, search_once
):
    has_its_part_and_its_row(scenario, capsys, tmp_path, "an envelope")


@pytest.mark.slow
@each("name", ["no coordinator, exempt", "a share", "twice"])
def test_any_limit_has_its_part_in_the_difference_and_its_row_in_workbooks(
    scenario, capsys, tmp_path, search_once, name
):
    has_its_part_and_its_row(scenario, capsys, tmp_path, name)
    code, out, _ = run(capsys, "explain", scenario(LIMITS[name]), "--quiet")
    assert (code, "Traceback" in out) == (0, False)


def has_its_part_and_its_row(scenario, capsys, tmp_path, name: str) -> None:
    file = scenario(LIMITS[name])
    code, out, _ = run(capsys, "compare", "reference", file, "--why", "--format", "json", "--quiet")
    assert code == 0
    names = {key.split(".")[1] for key in fa.load(file).inputs.entries if key[:7] == "limits."}
    own = names - {"coordinator_required"}
    for bridge in json.loads(out)["bridges"]:
        told = " ".join(part["group"] for part in bridge["parts"])
        assert all(f"limits.{one}" in told for one in own)
        total = sum(part["amount"] for part in bridge["parts"])
        assert total == pytest.approx(bridge["end"] - bridge["start"], abs=1e-6)
    for command in (("solve", file), ("compare", "reference", file)):
        code, _, _ = run(capsys, *command, "--quiet", "--out", str(tmp_path / "book.xlsx"))
        assert code == 0
        cells = set(map(str, stored((tmp_path / "book.xlsx").read_bytes()).values()))
        assert all(any(one in cell for cell in cells) for one in own), command


@pytest.mark.slow
def test_a_hand_typed_plan_that_keeps_a_rate_of_a_group_is_judged_to_keep_it(scenario):
    """Where weights pull effort elsewhere, the group's effort goes to its contracts first."""
    limits = LIMITS["a rate"] + "\n\n[weights.segment]\nstate_hospital = 30.0"
    problem = fa.load(scenario(limits))
    plan = fa.solve(problem, priced=False)
    assert problem.evaluate(plan.posts).violations == ()
    overseas = plan.posts.territory.isin(["01", "02", "03", "04", "06"])
    fewer = plan.posts.assign(new_fte=np.where(overseas, 0.0, plan.posts.new_fte))
    assert "limits.overseas" in {v.constraint for v in problem.evaluate(fewer).violations}


@each(
    ("limits", "said"),
    [
        ('a = { where = "qvp_share >= 0.1", at_most_fte = 2 }', "did you mean qpv_share?"),
        ('a = { where = "qpv_share >= 12 %", at_most_fte = 2 }', "write 0.12"),
        ('a = { where = "qpv_share >= 2", at_most_fte = 2 }', "from 0.0271 to 0.7579"),
        ("a = { at_most_fte = 2, at_least_fte = 1 }", "second amount beside at_most_fte"),
        ("a = { at_least_share = 25 }", "25 % is written 0.25"),
        ("a = { at_most_rate = 0.3 }", "at_least_rate"),
        ('a = { territories = ["Bretange"], at_most_fte = 1 }', "did you mean 53 (Bretagne)?"),
        ('a = { areas = ["54"], at_most_fte = 1 }', "no area 54"),
        ('a = { territories = ["53"], area = "53", at_most_fte = 1 }', "second kind of places"),
        ('a = { territories = ["53"] }', "no amount is given"),
        ("growth = { at_most_fte = 1 }", "growth is a built-in limit"),
        ("cap = { at_most_fte = 1 }", "cap is a built-in limit"),
        ('a = { territories = ["53"], role = "chief", at_most_fte = 1 }', '"facilitator" or'),
        ("a-b = { at_most_fte = 1 }\na_b = { at_most_fte = 2 }", "too alike"),
        ('a = { area = "53", role = "facilitator", at_least_rate = 0.1 }', "leave role out"),
    ],
)
def test_mistakes_are_told_with_their_remedy(scenario, limits, said):
    with pytest.raises(InputError) as caught:
        fa.load(scenario(limits))
    assert said in str(caught.value)


def test_the_first_mistake_of_every_limit_is_told_at_once(scenario):
    limits = 'a = { areas = ["5Z"], at_most_fte = 1 }\nb = { areas = ["6Z"], at_most_fte = 1 }'
    limits += '\nc = { area = "7Z", at_most_fte = "x" }'
    with pytest.raises(InputError) as caught:
        fa.load(scenario(limits))
    for said in ("no area 5Z", 'is "x"', "no area 6Z"):
        assert said in str(caught.value)
    assert "no amount" not in str(caught.value)


@each(
    ("changed", "said"),
    [
        ({"limits.wst.at_most_fte": 2}, "did you mean west?"),
        ({"limits.wst": "none"}, "did you mean west?"),
        ({"limits.west.at_least_fte": 2}, "second amount"),
    ],
)
def test_slips_of_set_are_refused(scenario, changed, said):
    file = scenario(LIMITS["two together"])
    with pytest.raises(InputError) as caught:
        fa.load(file, changed)
    assert said in str(caught.value)


def test_set_changes_and_takes_away_a_limit(scenario):
    file = scenario(LIMITS["two together"])
    (limit,) = [
        li
        for li in fa.load(file, {"limits.west.at_most_fte": 3}).limits
        if li.name == "limits.west"
    ]
    assert limit.amount == 3.0
    assert not [li for li in fa.load(file, {"limits.west": "none"}).limits if "west" in li.name]


def test_set_changes_a_limit_of_the_whole_country_that_there_is(scenario):
    file = scenario("few = { at_most_fte = 40 }")
    limits = fa.load(file, {"limits.few.at_most_fte": 30}).limits
    assert [limit.amount for limit in limits if limit.name == "limits.few"] == [30.0]
    with pytest.raises(InputError, match="did you mean few"):
        fa.load(file, {"limits.fw.at_most_fte": 30})


def test_one_place_alone_may_recruit_more_as_a_repair(scenario, capsys):
    file = scenario('west = { territories = ["53"], role = "facilitator", at_least_fte = 15 }')
    code, out, _ = run(capsys, "solve", file, "--format", "json", "--quiet")
    sets = {one for repair in json.loads(out)["repairs"] for one in repair["set"]}
    assert (code, "limits.growth.53=15" in sets) == (3, True)
    plan = fa.solve(fa.load(file, {"limits.growth.53": 15.0}), priced=False)
    assert plan.evaluation.new_facilitators_fte.max() == pytest.approx(15, abs=1e-6)


def test_a_limit_at_the_edge_of_what_is_possible_is_not_said_to_have_no_effect(scenario, capsys):
    """At 9.944 a tenth of a post more leaves no plan: that is no limit that changes nothing."""
    file = scenario('west = { territories = ["53"], role = "facilitator", at_least_fte = 9.944 }')
    _, out, _ = run(capsys, "solve", file, "--quiet")
    assert (
        "No gain    limit west: a little looser changes nothing." in out or "No gain    west" in out
    )


def test_an_exemption_and_places_are_told_among_the_inputs_that_differ(
    scenario, capsys, search_once
):
    file = scenario(LIMITS["no coordinator, exempt"])
    _, out, _ = run(capsys, "compare", "reference", file, "--quiet")
    row = next(line for line in out.splitlines() if "new coordinators an area" in line)
    assert row.split()[-4:] == ["–", "→", "no", "requirement"]
    assert "\n    limits.coordinator_required.44\n" in out
    assert "['44']" not in out


def test_a_share_without_a_role_is_one_of_both_even_where_no_area_is_whole(scenario):
    few = 'few = { territories = ["75"], at_most_share = 0.5 }'
    problem = fa.load(scenario(few, "departements"))

    def broken(coordinators_fte: float) -> list[float]:
        posts = {("facilitator", "75", 2023): 0.5, ("coordinator", "44", 2023): coordinators_fte}
        own = problem.evaluate(posts).violations
        return [one.limit for one in own if one.constraint == "limits.few"]

    assert broken(0.5) == []
    assert broken(0.4) == [pytest.approx(0.45)]


def test_a_share_is_priced_by_posts_that_later_stages_may_take_away(scenario):
    stages = '[[stages]]\nmaximise = "coverage"\nconcede = 0.02\n[[stages]]\nminimise = "posts"'
    path = scenario(f"{LIMITS['a share'].replace('0.25', '0.35')}\n\n{stages}")
    document = json.loads(json.dumps(fa.solve(path).document))
    (price,) = (row for row in document["prices"] if row["constraint"] == "limits.dense")
    assert fa.verify(document, ROOT).accepted
    for side, wrong in (("up", 100 * price["up"]), ("down", 0.9 * price["down"])):
        moved = document["prices"] + [price | {side: wrong}]
        moved.remove(price)
        paths = {finding.path for finding in fa.verify(document | {"prices": moved}, ROOT).findings}
        assert f"prices[limits.dense, 2023].{side}" in paths
