"""``compare --why``: the difference of two plans shared out over what differs between their inputs.

The mathematics is checked against averages over all orders, written out; the scenarios in between
against ones loaded with ``--set``; sums and signs on every pair of shipped scenarios.
"""

from __future__ import annotations

import io
import itertools
import json
import operator
import random
import re
from functools import cache

import numpy as np
import pytest
from conftest import ROOT, SCENARIOS, small_problem, solved
from limit_arrays import arrays_of
from tables import each

import fte_alloc as fa
from fte_alloc.errors import InputError, SolverError
from fte_alloc.inputs.build import build_problem
from fte_alloc.inputs.schema import PARAMETERS
from fte_alloc.numbers import adding_up
from fte_alloc.questions.answer import Grid
from fte_alloc.questions.compare.answer import compare_answer
from fte_alloc.questions.compare.compare import Comparison, compare
from fte_alloc.questions.sides import side_of
from fte_alloc.questions.why import shapley
from fte_alloc.questions.why.attribution import FIGURES, ScenariosBetween, attribute, attributions
from fte_alloc.questions.why.changes import change_label, change_name, changes, mixed_inputs
from fte_alloc.render.markdown import markdown
from fte_alloc.render.terminal import print_page
from fte_alloc.texts import Lines

pytestmark = pytest.mark.usefixtures("read_once")

REFERENCE = str(ROOT / "scenarios" / "reference.toml")


# -- the mathematics -------------------------------------------------------------------------------


def over_all_orders(figures) -> np.ndarray:
    """The definition: each change's effect when its turn comes, averaged over all orders."""
    count = len(figures).bit_length() - 1
    effects = []
    for order in itertools.permutations(range(count)):
        walk = [0, *itertools.accumulate((1 << i for i in order), operator.or_)]
        steps = np.diff(np.array([figures[mask] for mask in walk]), axis=0)
        effects.append(steps[np.argsort(order)])
    return np.mean(effects, axis=0)


def table(count: int, seed: int, figures: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(2**count, figures)) * 1000


@each("count", range(1, 7))
@each("seed", range(3))
def test_the_parts_are_the_average_over_all_orders_and_add_up(count, seed):
    figures = table(count, seed)
    parts = shapley.split(figures.__getitem__, count).parts
    assert parts == pytest.approx(over_all_orders(figures), abs=1e-9)
    assert parts.sum(axis=0) == pytest.approx(figures[-1] - figures[0], abs=1e-9)


def test_a_glove_is_worth_what_game_theory_says():
    """One right glove, two left ones, a pair is worth 1: 2/3, 1/6, 1/6 (Shapley 1953)."""
    worth = [[float(bool(mask & 1) and bool(mask & 6))] for mask in range(8)]
    assert shapley.split(worth.__getitem__, 3).parts[:, 0] == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def test_a_change_that_does_nothing_gets_nothing_and_like_changes_get_the_same():
    worth = [[float((mask & 3).bit_count() ** 2 + 5 * bool(mask & 8))] for mask in range(16)]
    assert shapley.split(worth.__getitem__, 4).parts[:, 0] == pytest.approx([2.0, 2.0, 0.0, 5.0])


def test_the_other_way_round_every_sign_flips():
    figures = table(5, 7)
    there, back = (shapley.split(way.__getitem__, 5).parts for way in (figures, figures[::-1]))
    assert back == pytest.approx(-there, abs=1e-9)


def blocks_of(count: int, impossible) -> tuple[int, ...]:
    """Blocks of changes whose figures are their own number, except impossible sets."""
    return shapley.split(lambda mask: None if mask in impossible else [float(mask)], count).blocks


@each(
    ("impossible", "blocks"),
    [
        ([], [0b001, 0b010, 0b100]),
        ([0b001, 0b101], [0b011, 0b100]),  # 0 never without 1, whatever of 2
        ([0b001], [0b111]),  # 0 never alone: with 1 or with 2 would be a choice
        ([0b001, 0b010, 0b100, 0b011, 0b101, 0b110], [0b111]),
    ],
)
def test_what_has_nothing_in_between_is_one_block(impossible, blocks):
    assert list(blocks_of(3, impossible)) == blocks


@each("seed", range(20))
def test_unions_of_blocks_are_possible_and_do_not_depend_on_names_or_direction(seed):
    chance = random.Random(seed)
    impossible = {chance.randrange(1, 31) for _ in range(chance.randrange(1, 6))}
    blocks = blocks_of(5, impossible)
    assert sum(blocks) == 31
    unions = {
        sum(some) for n in range(len(blocks) + 1) for some in itertools.combinations(blocks, n)
    }
    assert not unions & impossible
    order = chance.sample(range(5), 5)

    def renamed(mask: int) -> int:
        return sum(1 << order[i] for i in range(5) if mask >> i & 1)

    again = blocks_of(5, {renamed(mask) for mask in impossible})
    assert set(again) == {renamed(block) for block in blocks}
    assert blocks_of(5, {31 - mask for mask in impossible}) == blocks


def test_blocks_are_split_by_what_their_unions_reach():
    """Changes 0 and 1 only together: what is left is a split over two blocks."""
    figures = table(3, 11)

    def worth(mask: int):
        return None if mask & 3 in (1, 2) else figures[mask]

    found = shapley.split(worth, 3)
    assert found.blocks == (0b011, 0b100)
    whole = over_all_orders(figures[[0, 0b011, 0b100, 0b111]])
    assert found.parts == pytest.approx(whole, abs=1e-9)


@each("seed", range(5))
def test_sampled_parts_are_within_their_error_of_the_exact_ones(seed):
    """Z-values of 6 changes and 40 figures: none beyond 4, and about as large as they should be."""
    figures = table(6, seed, figures=40)
    exact = shapley.split(figures.__getitem__, 6)
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(shapley, "MOST_EXACT", 2)
        changed.setattr(shapley, "PAIRS", 200)
        found = shapley.split(figures.__getitem__, 6)
    assert exact.errors is None
    z = (found.parts - exact.parts) / found.errors
    assert np.abs(z).max() < 4
    assert 0.7 < np.sqrt((z**2).mean()) < 1.4
    assert found.parts.sum(axis=0) == pytest.approx(figures[-1] - figures[0], abs=1e-9)


def test_samples_repeat_byte_for_byte_and_flip_with_the_direction(monkeypatch):
    figures = table(10, 3)
    first, again = (shapley.split(figures.__getitem__, 10) for _ in range(2))
    assert first.parts.tobytes() == again.parts.tobytes()
    assert first.errors.tobytes() == again.errors.tobytes()
    back = shapley.split(figures[::-1].__getitem__, 10)
    assert back.parts == pytest.approx(-first.parts, abs=1e-9)
    assert back.errors == pytest.approx(first.errors, abs=1e-9)
    monkeypatch.setattr(shapley, "SEED", 2)
    other = shapley.split(figures.__getitem__, 10)
    assert first.parts.tobytes() != other.parts.tobytes()


def test_samples_join_what_has_nothing_in_between_and_ask_once_a_set():
    figures, asked = table(11, 8), []

    def worth(mask: int):
        asked.append(mask)
        return None if mask & 5 in (1, 4) else figures[mask]

    found = shapley.split(worth, 11)
    assert 0b101 in found.blocks
    assert len(found.blocks) == 10
    assert len(asked) == len(set(asked)) < 2**11
    assert found.parts.sum(axis=0) == pytest.approx(figures[-1] - figures[0], abs=1e-9)


def test_few_enough_blocks_of_many_changes_are_not_sampled():
    figures = table(9, 9)

    def worth(mask: int):
        return None if mask & 3 in (1, 2) else figures[mask]

    found = shapley.split(worth, 9)
    assert found.errors is None
    unions = figures[[m for m in range(2**9) if m & 3 in (0, 3)]]
    assert found.parts == pytest.approx(shapley.split(unions.__getitem__, 8).parts, abs=1e-9)


# -- what differs ----------------------------------------------------------------------------------


def inputs_of(**overrides):
    return fa.load(REFERENCE, overrides).inputs


def names_between(before, after) -> list[str]:
    return [change.name for change in changes(before, after)]


def test_every_input_is_about_something_that_has_a_name():
    for parameter in PARAMETERS:
        path = tuple("x" if part == "*" else part for part in parameter.pattern)
        is_name = parameter.key.endswith((".name", ".name_fr"))
        if is_name or parameter.key in ("title", "title_fr", "territory"):
            continue
        assert change_label(change_name(path)) != f"column {change_name(path)}"
    assert change_label(change_name(("territories", "53", "jobless"))) == "column jobless"


def test_changes_are_what_a_user_would_name_in_the_order_of_the_rules():
    after = inputs_of(
        **{
            "territories.53.least_rate": 0.2,
            "territories.84.least_rate": 0.2,
            "posts.coordinator.max_fte_per_area": 2,
            "posts.coordinator.supports_fte": 20,
            "posts.facilitator.max_growth_share": 0.7,
            "posts.facilitator.max_growth_fte": 3,
            "posts.facilitator.cost_eur_per_fte": 47_000,
            "budget.state_eur_per_year": 6e6,
            "contracts.53.local": 5000,
            "weights.indicators.qpv_share": 0.5,
        }
    )
    found = changes(inputs_of(), after)
    assert [change.name for change in found] == [
        "budget",
        "costs",
        "growth",
        "coordinators",
        "indicator_weights",
        "contracts",
        "territories.least_rate",
    ]
    assert found[-1].keys == ("territories.53.least_rate", "territories.84.least_rate")
    assert [change.label for change in found[-2:]] == ["contracts", "rate to be reached at least"]


def test_names_titles_and_what_is_said_to_be_its_default_are_no_changes():
    after = inputs_of(
        **{
            "title": "Another",
            "territories.53.name": "Breizh",
            "weights.territory.53": 1.0,
            "weights.indicators.qpv_share": 0.0,
        }
    )
    assert changes(inputs_of(), after) == ()


def test_years_bring_along_what_is_counted_by_year_and_leave_what_a_scenario_sets_for_all():
    horizon = str(ROOT / "scenarios" / "horizon-2025.toml")
    flat = fa.load(horizon, {"posts.cap_fte": 600}).inputs
    assert names_between(inputs_of(), flat) == ["years", "cap"]
    by_year = fa.load(horizon, {"posts.cap_fte.2025": 600, "contracts.53.local": 5000}).inputs
    (only,) = changes(inputs_of(), by_year)
    assert only.name == "years"
    assert {"posts.cap_fte", "posts.cap_fte.2025", "contracts.53.local"} <= set(only.keys)


def test_a_limit_by_year_and_one_for_all_are_one_change_with_the_same_years():
    horizon = str(ROOT / "scenarios" / "horizon-2025.toml")
    before = fa.load(horizon).inputs
    after = fa.load(horizon, {"posts.cap_fte.2025": 600}).inputs
    (only,) = changes(before, after)
    assert only.name == "cap"
    mid = build_problem(mixed_inputs(before, after, only.keys))
    assert arrays_of(mid).cap_fte.tolist() == [585, 585, 600]
    back = build_problem(mixed_inputs(after, before, only.keys))
    assert arrays_of(back).cap_fte.tolist() == [585, 585, 585]


MODEL = """
years = [2023]
[posts]
cap_fte = {{ value = {cap}, unit = "FTE", status = "assumption", note = "." }}
[posts.facilitator]
cost_eur_per_fte = {{ value = 50000, unit = "EUR/(FTE.yr)", status = "assumption", note = "." }}
state_rate = {{ value = 0.5, unit = "1", status = "assumption", note = "." }}
{more}
[coverage]
contracts_per_fte = {{ value = 50, unit = "contracts/(FTE.yr)", status = "assumption", note = "." }}
[coverage.segments.all]
ceiling_rate = {{ value = 0.8, unit = "1", status = "assumption", note = "." }}
[tables.territories]
{columns}
[tables.contracts]
contracts_per_year = {{ unit = "contracts/yr", status = "assumption", note = "." }}
"""
COORDINATOR = """
[posts.coordinator]
cost_eur_per_fte = { value = 60000, unit = "EUR/(FTE.yr)", status = "assumption", note = "." }
state_rate = { value = 0.5, unit = "1", status = "assumption", note = "." }
supports_fte = { value = 5, unit = "FTE", status = "assumption", note = "." }
productivity_gain = { value = 0.2, unit = "1", status = "assumption", note = "." }
max_fte_per_area = { value = 1, unit = "FTE", status = "assumption", note = "." }
"""


@pytest.fixture
def model(tmp_path, monkeypatch):
    """Makes scenarios over small models of their own: rows of territories, then what differs."""
    monkeypatch.chdir(tmp_path)

    def make(
        name: str, columns: str, rows: dict[str, str], *, cap=12.0, more="", own="", counts=()
    ):
        folder = tmp_path / "models" / name
        folder.mkdir(parents=True)
        units = {"need": "1", "population": "inhabitants"}
        described = "\n".join(
            f'{c} = {{ unit = "{units.get(c, "FTE")}", status = "assumption", note = "." }}'
            for c in columns.split(",")
        )
        text = MODEL.format(cap=cap, more=more, columns=described)
        (folder / "model.toml").write_text(text, encoding="utf-8")
        lines = [f"code,name{columns and ','}{columns}", *(f"{c},{c}{r}" for c, r in rows.items())]
        (folder / "territories.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        number = dict(zip(rows, counts or [400] * len(rows), strict=True))
        lines = [
            "territory,segment,contracts_per_year",
            *(f"{c},all,{n}" for c, n in number.items()),
        ]
        (folder / "contracts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        file = tmp_path / f"{name}.toml"
        file.write_text(f'model = "{name}"\n{own}', encoding="utf-8")
        return fa.load(str(file))

    return make


def test_other_models_differ_by_column_other_territories_as_a_whole(model):
    first = model("first", "existing_facilitators_fte", {"A": ",1", "B": ",2"})
    second = model("second", "existing_facilitators_fte", {"A": ",3", "B": ",2"}, cap=15)
    third = model("third", "existing_facilitators_fte", {"A": ",1", "C": ",2"}, cap=15)
    assert names_between(first.inputs, second.inputs) == [
        "cap",
        "territories.existing_facilitators_fte",
    ]
    assert names_between(first.inputs, third.inputs) == ["model", "cap"]
    why = compare([first, third], why=True).why[0]
    assert [change.name for change in why.changes] == ["model", "cap"]
    for figure in FIGURES:
        total = sum(amount for _, amount, _ in why.effects[figure])
        assert total == pytest.approx(why.end[figure] - why.start[figure], abs=1e-6)


def test_a_role_that_only_one_scenario_has_is_one_change(model):
    without = model("without", "existing_facilitators_fte", {"A": ",1", "B": ",2"})
    with_it = model("with", "existing_facilitators_fte", {"A": ",1", "B": ",2"}, more=COORDINATOR)
    (only,) = changes(without.inputs, with_it.inputs)
    assert only.name == "coordinators"
    assert "posts.coordinator.cost_eur_per_fte" in only.keys
    back = mixed_inputs(with_it.inputs, without.inputs, only.keys)
    assert not [key for key in back.entries if key.startswith("posts.coordinator")]


def test_what_files_may_not_say_between_two_scenarios_is_told_together(model):
    """Weights by an indicator that only the other model has."""
    plain = model("plain", "existing_facilitators_fte", {"A": ",1", "B": ",2"}, more=COORDINATOR)
    needy = model(
        "needy",
        "existing_facilitators_fte,need,population",
        {"A": ",1,0.1,100", "B": ",2,0.3,100"},
        more=COORDINATOR,
        own="weights.indicators.need = 0.5\nposts.cap_fte = 13\n",
    )
    found = changes(plain.inputs, needy.inputs)
    with pytest.raises(InputError, match="no such column of rates"):
        mixed_inputs(plain.inputs, needy.inputs, found[1].keys)
    comparison = compare([plain, needy], why=True)
    (why,) = comparison.why
    assert [change.name for change in why.changes] == [
        "cap",
        "indicator_weights + territories.need + territories.population",
    ]
    assert why.obstacles == {"refused": 6}  # of 8: the weight without either of the columns
    page = " ".join(text_of(comparison).split())
    assert "column need + population. Between some of them the scenario makes no sense." in page


# -- plans -----------------------------------------------------------------------------------------


def text_of(comparison: Comparison) -> str:
    out = io.StringIO()
    print_page(compare_answer(comparison).page(), out)
    return out.getvalue()


@cache
def shared_between() -> ScenariosBetween:
    """What lies between the shipped scenarios, solved once a session.

    Some in steps would take minutes: what is not proved in time is a gap, which adds up too.
    """
    return ScenariosBetween({"53": "53"}, time_limit_s=5.0)


def side(name: str):
    return side_of(solved(name).document, solved(name).problem)


def between(first: str, second: str):
    before, after = side(first), side(second)
    found = changes(before.problem.inputs, after.problem.inputs)
    return attribute(before, after, found, shared_between())


QUICK = ("reference", "need-first", "tight-budget", "cap-560")
#: Beside which scenario each stands. With the lowest rate first over years nothing is proved in
#: time, and gaps cannot be compared.
OTHER = dict.fromkeys(SCENARIOS, "weakest-first") | {"horizon-2025": "need-first"}


@each(("first", "second"), itertools.pairwise(QUICK))
def test_every_pair_of_scenarios_adds_up_and_flips(first, second):
    adds_up_and_flips(first, second)


@pytest.mark.slow
@each(
    ("first", "second"),
    [(name, other) for name, other in OTHER.items() if name != other],
)
def test_every_shipped_scenario_adds_up_and_flips_beside_another(first, second):
    adds_up_and_flips(first, second)


def adds_up_and_flips(first: str, second: str) -> None:
    there, back = between(first, second), between(second, first)
    stopped = "unproved" in {**there.obstacles, **back.obstacles}  # time decides what is joined
    assert stopped or there.changes == back.changes
    assert there.missing is None
    posts = set() if "departements" in (first, second) else {"new_fte.53"}
    assert set(there.effects) == {*FIGURES, *posts}  # 53 is Bretagne or Mayenne
    for figure in there.effects:
        parts = [amount for _, amount, _ in there.effects[figure]]
        total = there.end[figure] - there.start[figure]
        assert sum(parts) == pytest.approx(total, abs=1e-6)
        returned = [-amount for _, amount, _ in back.effects[figure]]
        assert stopped or returned == pytest.approx(parts, abs=1e-6)


def test_the_way_back_solves_nothing_anew(monkeypatch):
    """A scenario in between is one whichever side it is reached from, whatever it is called."""
    between_, before, after = ScenariosBetween({}), side("tight-budget"), side("need-first")
    found = changes(before.problem.inputs, after.problem.inputs)
    assert len(found) == 2
    attribute(before, after, found, between_)
    monkeypatch.setattr("fte_alloc.questions.why.attribution.solve", None)
    attribute(after, before, changes(after.problem.inputs, before.problem.inputs), between_)


@pytest.mark.slow
def test_parts_are_those_of_scenarios_loaded_with_set_and_solved_in_every_order():
    """The same mixtures, put together by ``--set`` and not by this package's mixing."""
    settings = {
        "budget": {"budget.state_eur_per_year": 4_500_000},
        "cap": {"posts.cap_fte": 555},
        "coverage": {"coverage.contracts_per_fte": 70},
    }
    names = list(settings)
    plans = []
    for mask in range(8):
        made = [settings[name] for i, name in enumerate(names) if mask >> i & 1]
        overrides = {key: value for some in made for key, value in some.items()}
        plans.append(fa.solve(fa.load(REFERENCE, overrides), priced=False))
    why = compare([plans[0], plans[7]], why=True, territory="Bretagne").why[0]
    assert [change.name for change in why.changes] == names
    i, a = (getattr(plans[0].problem, codes).index("53") for codes in ("territories", "areas"))
    figures = [
        [
            e.expected_contracts[:, -1].sum(),
            np.nanmin(e.rate[:, -1]),
            e.state_eur[-1],
            e.new_fte[-1],
            e.new_facilitators_fte[i, -1] + e.new_coordinators_fte[a, -1],
        ]
        for e in (plan.evaluation for plan in plans)
    ]
    wanted = over_all_orders(figures)
    for f, figure in enumerate((*FIGURES, "new_fte.53")):
        parts = [amount for _, amount, _ in why.effects[figure]]
        assert parts == pytest.approx(wanted[:, f], abs=1e-6)
    assert min(abs(wanted[:, 0])) > 10


def test_a_change_that_does_nothing_gets_nothing(model):
    """The target counts for nothing in the default objectives; the budget pays for 40 FTE."""
    rows = {"A": ",1", "B": ",2"}
    own = "coverage.target_rate = 0.25\nposts.cap_fte = 10\nbudget.state_eur_per_year = 1e6\n"
    before = model("before", "existing_facilitators_fte", rows)
    after = model("after", "existing_facilitators_fte", rows, own=own)
    why = compare([before, after], why=True).why[0]
    assert [change.name for change in why.changes] == ["budget", "cap", "target"]
    for figure in FIGURES:
        amounts = {change.name: amount for change, amount, _ in why.effects[figure]}
        assert amounts["target"] == pytest.approx(0.0, abs=1e-6)
        assert amounts["budget"] == pytest.approx(0.0, abs=1e-6)
        assert abs(amounts["cap"]) > 1e-3


def test_two_changes_alike_get_the_same(model):
    """A facilitator in place and a renewed one work alike, and only a cap limits new ones."""
    own = {"A": ",1,1", "B": ",2,1"}
    columns = "existing_facilitators_fte,committed_facilitators_fte"
    before = model("before", columns, own, cap=20, counts=(300, 500))
    after = model("after", columns, {"A": ",3,3", "B": ",2,1"}, cap=20, counts=(300, 500))
    why = compare([before, after], why=True).why[0]
    assert len(why.changes) == 2
    for figure in ("expected_contracts", "lowest_rate", "new_fte"):
        (_, one, _), (_, other, _) = why.effects[figure]
        assert one == pytest.approx(other, abs=1e-6)
    assert why.effects["new_fte"][0][1] == pytest.approx(-2.0, abs=1e-6)


POOR = {"budget.state_eur_per_year": 3_000_000, "posts.coordinator.required_fte_where_none": 0.4}


def test_changes_that_are_only_possible_together_are_told_together():
    """82 renewed posts and 17 coordinators cost 3,294,900 EUR; 0.4 of each 2,902,200."""
    poor = fa.load(REFERENCE, {**POOR, "coverage.contracts_per_fte": 80})
    comparison = compare([solved("reference"), fa.solve(poor, priced=False)], why=True)
    why = comparison.why[0]
    assert [change.name for change in why.changes] == ["budget + coordinators", "coverage"]
    assert set(why.changes[0].keys) == set(POOR)
    assert why.obstacles == {"impossible": 2}
    for figure in FIGURES:
        total = sum(amount for _, amount, _ in why.effects[figure])
        assert total == pytest.approx(why.end[figure] - why.start[figure], abs=1e-6)
    page = " ".join(text_of(comparison).split())
    together = "Told together: most State money + coordinators."
    assert f"{together} Between some of them no plan is possible." in page
    bridge = comparison.document["bridges"][0]
    assert bridge["parts"][0]["group"] == "budget + coordinators"
    assert bridge["parts"][0]["keys"] == sorted(POOR)
    assert bridge["obstacles"] == {"impossible": 2}


@cache
def changed_twice() -> fa.Plan:
    changes_ = {"posts.cap_fte": 560, "budget.state_eur_per_year": 5_000_000}
    return fa.solve(fa.load(REFERENCE, changes_), priced=False)


def test_what_is_not_proved_in_time_is_told_together():
    sides = [side("reference"), side_of((plan := changed_twice()).document, plan.problem)]
    (why,) = attributions(sides, time_limit_s=0.0)
    assert [change.name for change in why.changes] == ["budget + cap"]
    assert why.obstacles == {"unproved": 2}
    page = text_of(Comparison(tuple(sides), (why,)))
    assert "a plan was not proved best." in " ".join(page.split())


def test_what_the_solver_fails_at_is_told_together(monkeypatch):
    def fail(*_, **__):
        raise SolverError

    plans = [solved("reference"), changed_twice()]
    monkeypatch.setattr("fte_alloc.questions.why.attribution.solve", fail)
    comparison = compare(plans, why=True)
    assert comparison.why[0].obstacles == {"failed": 2}
    page = " ".join(text_of(comparison).split())
    assert "most FTE in the network. Between some of them the solver failed." in page


def test_what_the_solver_fails_at_joins_as_few_changes_as_can_be(model, monkeypatch):
    """Of three changes the first alone is unknown: it joins another; which, would be a choice."""
    keys = ("budget.state_eur_per_year", "posts.cap_fte", "coverage.contracts_per_fte")

    def with_values(name: str, *values: float):
        own = "\n".join(f"{key} = {value}" for key, value in zip(keys, values, strict=True))
        return model(name, "existing_facilitators_fte", {"A": ",1", "B": ",2"}, own=own)

    before = with_values("before", 200_000, 12, 50)
    plans = [fa.solve(before), fa.solve(with_values("after", 150_000, 11, 45))]

    def fail_at_a_lower_budget_alone(problem, *limits, **options):
        if [problem.inputs.entries[key].value for key in keys] == [150_000, 12, 50]:
            raise SolverError
        return fa.solve(problem, *limits, **options)

    monkeypatch.setattr("fte_alloc.questions.why.attribution.solve", fail_at_a_lower_budget_alone)
    comparison = compare(plans, why=True)
    bridge = comparison.document["bridges"][0]
    assert [part["group"] for part in bridge["parts"]] == ["budget + cap + coverage"]
    assert bridge["obstacles"] == {"failed": 1}
    assert sum(p["amount"] for p in bridge["parts"]) == pytest.approx(
        bridge["end"] - bridge["start"], abs=1e-6
    )
    page = " ".join(text_of(comparison).split())
    assert "Between some of them the solver failed." in page


def test_sampled_bridges_are_within_their_error_of_the_exact_ones_and_say_it(
    model, monkeypatch, search_once
):
    columns = "existing_facilitators_fte"
    before = model("before", columns, {"A": ",1", "B": ",2"}, cap=9, more=COORDINATOR)
    after = model(
        "after",
        columns,
        {"A": ",1", "B": ",2"},
        cap=11,
        more=COORDINATOR,
        counts=(300, 450),
        own="posts.coordinator.supports_fte = 3\ncoverage.contracts_per_fte = 45\n",
    )
    plans = [fa.solve(before), fa.solve(after)]
    exact = compare(plans, why=True).why[0]
    assert len(exact.changes) == 4
    monkeypatch.setattr(shapley, "MOST_EXACT", 2)
    first, again = (compare(plans, why=True) for _ in range(2))
    for figure in FIGURES:
        pairs = zip(exact.effects[figure], first.why[0].effects[figure], strict=True)
        for (change, wanted, _), (same, amount, error) in pairs:
            assert change == same
            assert abs(amount - wanted) <= 4 * error + 1e-6
    assert json.dumps(first.document["bridges"]) == json.dumps(again.document["bridges"])
    bridge = first.document["bridges"][0]
    assert bridge["orders"] == 2 * shapley.PAIRS
    moves = [abs(part["amount"]) > 1e-6 for part in bridge["parts"]]
    assert moves == [True, False, True, True]  # coordinators have room to spare either way
    assert moves == [part["standard_error"] > 1e-6 for part in bridge["parts"]]
    page = text_of(first)
    assert f"Averages over {2 * shapley.PAIRS} random orders" in page
    assert " ±" in page


# -- said and written ------------------------------------------------------------------------------


def number_in(text: str) -> float:
    return float(text.translate(str.maketrans({"−": "-", ",": None, "+": None, "%": None})))


def test_a_bridge_has_a_column_a_figure_that_adds_up_as_shown():
    changed = fa.load(
        REFERENCE,
        {
            "budget.state_eur_per_year": 4_700_000,
            "posts.coordinator.max_fte_per_area": 1.4,
            "posts.facilitator.max_growth_fte": 1,
        },
    )
    plan = fa.solve(changed, priced=False)
    sides = (side("reference"), side_of(plan.document, changed, "changed"))
    page = text_of(Comparison(sides, tuple(attributions(sides, "bretagne"))))
    lines = page.splitlines()
    assert max(map(len, lines)) <= 100
    at = next(i for i, line in enumerate(lines) if line.startswith("Why "))
    start = next(i for i in range(at, len(lines)) if "58,366" in lines[i])
    before, budget, growth, coordinators, after = (
        re.split("  +", line.strip()) for line in lines[start : start + 5]
    )
    shown = [row[0] for row in (budget, growth, coordinators)]
    assert shown == ["most State money", "new facilitators a year", "coordinators"]
    for column in range(1, 6):
        first, *parts, last = (
            number_in(row[column]) for row in (before, budget, growth, coordinators, after)
        )
        assert sum(parts) == pytest.approx(last - first, abs=0.006)
    assert min(abs(number_in(row[1])) for row in (budget, growth, coordinators)) > 0
    heading = " ".join(" ".join(lines[at + 1 : start]).split())
    assert "53 Bretagne" in heading
    assert "points" in heading


@each("seed", range(30))
def test_rounded_parts_add_up_to_the_rounded_total(seed):
    chance = random.Random(seed)
    parts = [chance.uniform(-50, 50) for _ in range(chance.randrange(1, 8))]
    start = chance.uniform(0, 1000)
    for digits in (0, 1):
        total = round(start + sum(parts), digits) - round(start, digits)
        shown = adding_up(parts, total, digits)
        assert sum(shown) == pytest.approx(total, abs=1e-9)
        for part, rounded in zip(parts, shown, strict=True):
            assert abs(part - rounded) < 10**-digits
            assert round(rounded, digits) == rounded


def test_a_part_of_nothing_stays_nothing_when_rounded():
    assert adding_up([10.4, 0.0, 0.4, 1e-9], 11) == [11.0, 0.0, 0.0, 0.0]


def test_rows_of_bridges_are_in_long_form():
    comparison = compare([solved("reference"), solved("tight-budget")], why=True)
    rows = [row for row in comparison.rows() if row["section"] == "bridge"]
    assert [row["key"] for row in rows] == [f"{figure}: budget" for figure in FIGURES]
    assert {row["scenario"] for row in rows} == {"tight-budget"}
    assert rows[2]["difference"] == pytest.approx(-900_000, abs=0.01)


def test_without_why_there_are_no_bridges_and_nothing_is_solved(monkeypatch):
    plans = [solved("reference"), solved("tight-budget")]
    monkeypatch.setattr("fte_alloc.questions.why.attribution.solve", None)
    monkeypatch.setattr("fte_alloc.questions.plan.solve", None)
    comparison = compare(plans)
    assert comparison.document["bridges"] == []
    assert "Why " not in text_of(comparison)


def test_markdown_keeps_a_bridge_on_one_row():
    comparison = compare([solved("tight-budget"), solved("reference")])
    text = markdown([Grid(["", ""], [["a", Lines("b ·\nc")]])])
    assert "| a | b · c |" in text
    assert markdown(compare_answer(comparison).page()).count("\n| ") > 10


def test_problems_without_inputs_have_no_bridge_and_say_so():
    comparison = compare([small_problem(cap=4.0), small_problem(cap=5.0)], why=True)
    assert comparison.why[0].missing is not None
    assert comparison.document["bridges"] == []
    assert "it is not the proved best plan of inputs that are known" in text_of(comparison)


def test_an_unknown_territory_is_told_with_the_nearest():
    with pytest.raises(InputError, match="did you mean 53"):
        compare([solved("reference"), solved("cap-560")], why=True, territory="Bretange")
