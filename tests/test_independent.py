"""The shipped scenarios worked out a second time, from the files and by another method.

No linear programme and no solver: with one year, one coordinator a region and one scarce resource,
the best plan is found by prices. A region takes facilitators until one more is worth less than the
price of a post; within the region effort is spread so that every kind of buyer has the same
marginal value; both prices are found by bisection.

The numbers are read from the model's files here, and the coverage curve is written here once more,
so that nothing but the files is shared with the package.

What is decided for coordinators: the model asks for one FTE in every region that has none and
allows one FTE a region, so 17 regions open exactly one and Île-de-France none, whatever its worth;
``test_limits_leave_no_choice_of_coordinators`` checks that the files say so. What
that is worth at the solution differs by region, and is worked out below: up to 30 · 0.10 effective
FTE where so many facilitators are left without support, less than its price in the small regions.
"""

from __future__ import annotations

import csv
import itertools
import math
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from conftest import SCENARIOS as SHIPPED
from conftest import run, slow_but, solved
from limit_arrays import replace
from tables import each

from fte_alloc.questions.answer import Line
from fte_alloc.questions.solve.answer import plan_answer

pytestmark = pytest.mark.usefixtures("read_once")

MODEL = Path(__file__).resolve().parents[1] / "models" / "france-2023"
FINE = MODEL.with_name("france-2023-departements")
HALVINGS = 60  # of 1e4 FTE: 1e-14 FTE

#: What each scenario changes, retyped.
SCENARIOS = {
    "reference": {},
    "cap-560": {"cap_fte": 560.0},
    "state-first": {"weights": {"state_hospital": 2.0}},
}


@dataclass(frozen=True)
class Facts:
    """Numbers of the files; arrays over regions (18) or regions × kinds of buyer (18, 3)."""

    regions: list[str]
    kinds: list[str]
    contracts: np.ndarray
    floor: np.ndarray
    ceiling: np.ndarray
    per_fte: float
    demand: np.ndarray
    weights: dict[str, float]
    existing: np.ndarray
    committed: np.ndarray
    coordinators: np.ndarray
    required: np.ndarray
    allowed: np.ndarray
    growth: np.ndarray
    gain: float
    span: float
    cap_fte: float
    budget_eur: float
    facilitator_eur: float
    coordinator_eur: float


@dataclass(frozen=True)
class Best:
    """The best plan, and the price of a facilitator post in weighted contracts per FTE."""

    facilitators: np.ndarray
    coordinators: np.ndarray
    effort: np.ndarray
    contracts: np.ndarray
    objective: float
    price: float
    region_price: np.ndarray
    held_by: str


def quantile_bin_means(deviation: float, count: int) -> np.ndarray:
    """Means of the *count* equiprobable bins of a lognormal of mean 1.

    With D = exp(sZ − s²/2), E[D; a < Z < b] = Φ(b − s) − Φ(a − s), here from erf.
    """
    s = math.sqrt(math.log(1.0 + deviation**2))
    edges = [NormalDist().inv_cdf(j / count) for j in range(1, count)]
    below = [0.0] + [0.5 * (1.0 + math.erf((z - s) / math.sqrt(2.0))) for z in edges] + [1.0]
    return np.array([count * (b - a) for a, b in itertools.pairwise(below)])


def read_facts(folder: Path = MODEL) -> Facts:
    model = tomllib.loads((folder / "model.toml").read_text(encoding="utf-8"))
    with (folder / "territories.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (folder / "contracts.csv").open(encoding="utf-8", newline="") as file:
        counts = {
            (r["territory"], r["segment"]): r["contracts_per_year"] for r in csv.DictReader(file)
        }

    posts, coverage = model["posts"], model["coverage"]
    facilitator, coordinator = posts["facilitator"], posts["coordinator"]
    regions, kinds = [r["code"] for r in rows], list(coverage["segments"])

    def column(name: str) -> np.ndarray:
        return np.array([float(r[name]) for r in rows])

    def by_kind(name: str) -> np.ndarray:
        return np.array([[coverage["segments"][s][name]["value"] for s in kinds]])

    def grant(role: dict) -> float:
        return role["cost_eur_per_fte"]["value"] * role["state_rate"]["value"]

    here = column("existing_coordinators_fte")
    required = coordinator["required_fte_where_none"]["value"]
    existing = column("existing_facilitators_fte")
    return Facts(
        regions=regions,
        kinds=kinds,
        contracts=np.array([[float(counts[i, s]) for s in kinds] for i in regions]),
        floor=by_kind("floor_rate"),
        ceiling=by_kind("ceiling_rate"),
        per_fte=float(coverage["contracts_per_fte"]["value"]),
        demand=quantile_bin_means(coverage["demand_cv"]["value"], coverage["draws"]["value"]),
        weights={},
        existing=existing,
        committed=column("committed_facilitators_fte"),
        coordinators=here,
        required=np.where(here == 0, required, 0.0),
        allowed=np.maximum(0.0, coordinator["max_fte_per_area"]["value"] - here),
        growth=facilitator["max_growth_share"]["value"] * existing
        + facilitator["max_growth_fte"]["value"],
        gain=coordinator["productivity_gain"]["value"],
        span=float(coordinator["supports_fte"]["value"]),
        cap_fte=float(posts["cap_fte"]["value"]),
        budget_eur=float(model["budget"]["state_eur_per_year"]["value"]),
        facilitator_eur=grant(facilitator),
        coordinator_eur=grant(coordinator),
    )


# -- the curve, and what a region does with a price ------------------------------------------------


def covered(facts: Facts, effort: np.ndarray) -> np.ndarray:
    """G(k) = α n + mean over draws of (β−α) n d (1 − exp(−h k / ((β−α) n d)))."""
    room = ((facts.ceiling - facts.floor) * facts.contracts)[..., None] * facts.demand
    gained = room * (1.0 - np.exp(-facts.per_fte * effort[..., None] / room))
    return facts.floor * facts.contracts + gained.mean(axis=-1)


def marginal(facts: Facts, effort: np.ndarray) -> np.ndarray:
    """G′(k) = mean over draws of h exp(−h k / ((β−α) n d))."""
    room = ((facts.ceiling - facts.floor) * facts.contracts)[..., None] * facts.demand
    return facts.per_fte * np.exp(-facts.per_fte * effort[..., None] / room).mean(axis=-1)


def worth(facts: Facts) -> np.ndarray:
    """Weight of a contract by kind of buyer (1, 3); regions and the year weigh 1."""
    return np.array([[facts.weights.get(s, 1.0) for s in facts.kinds]])


def effort_worth(facts: Facts, price: np.ndarray) -> np.ndarray:
    """Effort after which one more FTE is worth *price* for each region (18,) → (18, 3)."""
    target = price[:, None] / worth(facts)
    low, high = np.zeros_like(facts.contracts), np.full_like(facts.contracts, 1e4)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        steeper = marginal(facts, middle) > target
        low, high = np.where(steeper, middle, low), np.where(steeper, high, middle)
    return 0.5 * (low + high)


def facilitators_at(facts: Facts, price: float, coordinators: np.ndarray) -> np.ndarray:
    """New facilitators a region takes at a price per post.

    Effective FTE of F = e + g + x facilitators are F + u·min(m·c, F): one more is worth 1.1
    effective FTE while the coordinator can follow it and 1 beyond. The value is concave in x with a
    kink at F = m·c, where a region stays for every price between the two marginal values.
    """
    fixed = facts.existing + facts.committed
    followed = facts.span * coordinators
    effective = 1.0 + facts.gain
    some = np.full(len(fixed), price)
    inside = effort_worth(facts, some / effective).sum(axis=1) / effective
    beyond = effort_worth(facts, some).sum(axis=1) - facts.gain * followed
    in_post = np.where(inside <= followed, inside, np.maximum(beyond, followed))
    return np.clip(in_post - fixed, 0.0, facts.growth)


def split(facts: Facts, effort: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The best split of each region's effort (18,) over kinds of buyer, and its price."""
    low, high = np.full(len(effort), 1e-6), np.full(len(effort), 1e3)
    for _ in range(HALVINGS):
        middle = np.sqrt(low * high)
        spends_more = effort_worth(facts, middle).sum(axis=1) > effort
        low, high = np.where(spends_more, middle, low), np.where(spends_more, high, middle)
    price = np.sqrt(low * high)
    return effort_worth(facts, price), price


def best_plan(facts: Facts) -> Best:
    """The price at which the regions ask for the posts there are."""
    coordinators = facts.required
    in_post = facts.coordinators + coordinators
    network = facts.existing.sum() + facts.committed.sum() + in_post.sum()
    money = facts.facilitator_eur * facts.committed.sum()
    money += facts.coordinator_eur * coordinators.sum()
    room = {
        "cap": facts.cap_fte - network,
        "budget": (facts.budget_eur - money) / facts.facilitator_eur,
    }
    scarce = min(room, key=room.get)
    assert room[scarce] > 0

    low, high = 1e-6, 1e3
    for _ in range(HALVINGS):
        price = math.sqrt(low * high)
        if facilitators_at(facts, price, in_post).sum() > room[scarce]:
            low = price
        else:
            high = price
    facilitators = facilitators_at(facts, math.sqrt(low * high), in_post)
    assert facilitators.sum() == pytest.approx(room[scarce], abs=1e-9)

    staff = facts.existing + facts.committed + facilitators
    effective = staff + facts.gain * np.minimum(facts.span * in_post, staff)
    effort, region_price = split(facts, effective)
    contracts = covered(facts, effort)
    objective = float((worth(facts) * contracts).sum())
    price = math.sqrt(low * high)
    return Best(
        facilitators, coordinators, effort, contracts, objective, price, region_price, scarce
    )


@cache
def worked_out(scenario: str) -> tuple[Facts, Best]:
    facts = replace(read_facts(), **SCENARIOS[scenario])
    return facts, best_plan(facts)


# -- comparisons -----------------------------------------------------------------------------------


def test_limits_leave_no_choice_of_coordinators():
    facts = read_facts()
    assert np.array_equal(facts.required, facts.allowed)
    without = np.array([region != "11" for region in facts.regions])
    assert np.array_equal(facts.required, np.where(without, 1.0, 0.0))


@each("scenario", slow_but(SCENARIOS, "reference"))
def test_a_coordinator_more_is_worth_most_where_facilitators_lack_support(scenario):
    """Its worth is u·m·π_i where m facilitators or more are left without support, 0 where none is.

    π_i is the marginal value of effort in the region. Against it stands what its money or its place
    would buy as facilitators: price · grant of a coordinator / grant of a facilitator under the
    budget, the price itself under the cap. The limits thus bind in both directions: Île-de-France
    would take a second coordinator, the small regions would rather have none.
    """
    facts, best = worked_out(scenario)
    staff = facts.existing + facts.committed + best.facilitators
    in_post = facts.coordinators + best.coordinators
    alone = np.maximum(0.0, staff - facts.span * in_post)
    more = facts.gain * np.minimum(facts.span, alone) * best.region_price
    relative = facts.coordinator_eur / facts.facilitator_eur if best.held_by == "budget" else 1.0
    region = facts.regions.index("11")
    assert more[region] > best.price * relative
    small = staff < 8.0
    assert small.any()
    last_one = facts.gain * staff[small] * best.region_price[small]
    assert np.all(last_one < best.price * relative)


@each(
    ("scenario", "limit"), [("reference", "budget"), ("cap-560", "cap"), ("state-first", "budget")]
)
def test_the_scarce_resource_is_the_one_with_a_price(scenario, limit):
    """A post costs the price of one FTE of cap, or 32.2 times that of 1,000 EUR of budget."""
    facts, best = worked_out(scenario)
    assert best.held_by == limit
    national = {p.limit.name: p for p in solved(scenario).prices if p.limit.code is None}
    other = {"cap": "budget", "budget": "cap"}[limit]
    assert (national[other].up, national[other].down) == (0.0, 0.0)
    per_unit = best.price / (facts.facilitator_eur / 1000.0 if limit == "budget" else 1.0)
    assert national[limit].up == pytest.approx(per_unit, rel=1e-4)
    assert national[limit].down == pytest.approx(per_unit, rel=1e-4)


@each("scenario", SCENARIOS)
def test_objective_agrees_with_the_solved_plan(scenario):
    _, best = worked_out(scenario)
    plan = solved(scenario)
    assert plan.evaluation.objective("coverage") == pytest.approx(best.objective, rel=1e-8)
    assert plan.upper_bound == pytest.approx(best.objective, rel=1e-8)
    assert plan.expected_contracts == pytest.approx(best.contracts.sum(), rel=1e-7)


@each("scenario", SCENARIOS)
def test_every_new_post_agrees_with_the_solved_plan(scenario):
    facts, best = worked_out(scenario)
    posts = {
        (p["role"], p["territory"]): p["new_fte"] for p in solved(scenario).posts.to_dict("records")
    }
    assert len(posts) == 2 * len(facts.regions)
    for role, fte in (("facilitator", best.facilitators), ("coordinator", best.coordinators)):
        found = np.array([posts[role, region] for region in facts.regions])
        np.testing.assert_allclose(found, fte, rtol=0, atol=0.01)


@each("scenario", slow_but(SCENARIOS, "reference"))
def test_no_exchange_of_posts_improves_the_independent_plan(scenario):
    """Moving 0.01 FTE between any two regions within their limits covers no more."""
    facts, best = worked_out(scenario)
    in_post = facts.coordinators + best.coordinators

    def value(facilitators: np.ndarray) -> np.ndarray:
        staff = facts.existing + facts.committed + facilitators
        effort, _ = split(facts, staff + facts.gain * np.minimum(facts.span * in_post, staff))
        return (worth(facts) * covered(facts, effort)).sum(axis=1)

    now = value(best.facilitators)
    gain = value(best.facilitators + 0.01) - now
    loss = now - value(best.facilitators - 0.01)
    may_grow = best.facilitators + 0.01 <= facts.growth
    may_shrink = best.facilitators >= 0.01
    assert may_grow.any()
    assert may_shrink.any()
    assert gain[may_grow].max() < loss[may_shrink].min()


def covered_with_no_new_post(**changes) -> float:
    """Contracts of posts in place and renewed, their effort split for the contracts as weighed."""
    facts = replace(read_facts(), **changes)
    in_post = facts.existing + facts.committed
    effort = in_post + facts.gain * np.minimum(in_post, facts.span * facts.coordinators)
    return float(covered(facts, split(facts, effort)[0]).sum())


def covered_in_departements_with_no_new_post() -> float:
    """The same by département: the coordinator of Île-de-France supports where it is worth most.

    That is, at one price of effort for those that are supported in part.
    """
    facts = read_facts(FINE)
    with (FINE / "territories.csv").open(encoding="utf-8", newline="") as file:
        led = np.array([row["area"] == "11" for row in csv.DictReader(file)])
    in_post, low, high = facts.existing + facts.committed, 1e-6, 1e3
    for _ in range(HALVINGS):
        price = math.sqrt(low * high)
        wanted = effort_worth(facts, np.full(len(led), price)).sum(axis=1) - in_post
        supported = led * np.clip(wanted / facts.gain, 0.0, in_post)
        low, high = (price, high) if supported.sum() > facts.span else (low, price)
    effort = in_post + facts.gain * supported
    return float(covered(facts, split(facts, effort)[0]).sum())


@each("name", slow_but(SHIPPED, "reference", "state-first", "half-posts"))
def test_no_new_post_is_the_same_whatever_the_weights(name):
    """Weights of buyers re-direct the effort of posts in place; new posts do the rest."""
    plan = solved(name)
    double = {s["segment"]: s["weight"] for s in plan.document["segments"]}
    if name == "departements":  # which weighs nothing
        fact = aimed = covered_in_departements_with_no_new_post()
    else:
        fact, aimed = covered_with_no_new_post(), covered_with_no_new_post(weights=double)
    rows = [r for r in plan.document["territories"] if r["year"] == plan.problem.years[-1]]
    total = sum(row["expected_contracts"] for row in rows)
    years = plan.document.get("by_year", [])
    for coverage in (plan.document["coverage"], *(year["coverage"] for year in years)):
        assert coverage["no_new_post_contracts"] == pytest.approx(fact, rel=1e-9)
        assert coverage["status_quo_contracts"] == pytest.approx(aimed, rel=1e-9)
    lines = [line.text for line in plan_answer(plan.document).page() if isinstance(line, Line)]
    assert any(f"no new post: {fact:,.0f} =" in line for line in lines)
    told = [line for line in lines if line.startswith("Of these")]
    if any(weight != 1 for weight in double.values()):
        effort, new = (round(aimed) - round(fact), round(total) - round(aimed))
        (both,) = told
        assert f"−{-effort:,} contracts" in both
        assert f"+{new:,} by new posts" in both
    else:
        assert not told


def test_what_a_plan_gains_on_the_status_quo_is_told_apart(capsys, search_once):
    """From no new post to the plan: what the weights re-direct, then what new posts bring."""
    _, out, _ = run(capsys, "compare", "status-quo", "state-first", "--format", "csv")
    told = {
        (row["key"], row["scenario"]): float(row["value"])
        for row in csv.DictReader(out.splitlines())
        if row["section"] == "result"
    }
    fact, aimed = (
        covered_with_no_new_post(),
        covered_with_no_new_post(weights={"state_hospital": 2}),
    )
    total = sum(row["expected_contracts"] for row in solved("state-first").document["territories"])
    assert told["expected_contracts", "status-quo"] == pytest.approx(fact, rel=1e-9)
    assert told["redirected_contracts", "status-quo"] == told["gained_contracts", "status-quo"] == 0
    assert told["no_new_post_contracts", "state-first"] == pytest.approx(fact, rel=1e-9)
    assert told["redirected_contracts", "state-first"] == pytest.approx(aimed - fact, rel=1e-7)
    assert told["gained_contracts", "state-first"] == pytest.approx(total - aimed, rel=1e-7)
