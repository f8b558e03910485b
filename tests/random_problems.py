"""Small problems drawn at random, with limits of every quantity, to compare two statements on."""

from __future__ import annotations

from dataclasses import replace as changed

import numpy as np
from conftest import small_problem
from limit_arrays import replace

from fte_alloc.programme.limits import Limit
from fte_alloc.programme.objectives import OBJECTIVES, Stage
from fte_alloc.programme.problem import Problem

QUANTITIES = ("new_fte", "opened_fte", "network_fte", "state_eur", "partner_eur", "rate", "share")


def random_problem(seed: int) -> Problem:
    """Two to five territories, one to three years, up to five limits of the user's own.

    Every other seed has costs and grants that differ by place.
    """
    chance = np.random.default_rng(seed)
    size, years = int(chance.integers(2, 6)), tuple(range(2023, 2023 + int(chance.integers(1, 4))))
    areas = tuple(str(chance.choice(["M", "N", "O"])) for _ in range(size))
    stages = chance.choice(list(OBJECTIVES), int(chance.integers(1, 4)), replace=False)
    some = len(set(areas))
    problem = small_problem(
        chance.uniform(10, 200, (size, 2)),
        existing=chance.uniform(0, 5, size),
        areas=areas,
        years=years,
        demand_cv=float(chance.choice([0.0, 0.4])),
        committed_facilitators_fte=chance.uniform(0, 2, size),
        existing_coordinators_fte=chance.choice([0.0, 1.0], some),
        committed_coordinators_fte=chance.choice([0.0, 0.5], some),
        supports_fte=float(chance.uniform(0, 6)),
        productivity_gain=float(chance.uniform(0, 0.5)),
        first_year_effectiveness=float(chance.uniform(0.3, 1)),
        cost_eur_per_fte=chance.uniform(9_000, 12_000, (2, len(years))),
        segment_weight=chance.uniform(0.5, 2, 2),
        territory_weight=chance.uniform(0.5, 2, size),
        target_rate=np.full(len(years), 0.5),
        step_fte=float(chance.choice([0.0, 0.0, 0.5])),
        stages=tuple(Stage(str(name)) for name in stages),
    )
    if seed % 2:
        apart = np.random.default_rng([seed, 1])
        problem = replace(
            problem,
            cost_eur_per_fte=[
                of * apart.uniform(1, 2, of.shape) for of in problem.cost_eur_per_fte
            ],
            grant_eur_per_fte=[
                of * apart.uniform(0.5, 1.2, of.shape) for of in problem.grant_eur_per_fte
            ],
        )
    absent = np.inf

    def some_of(count: int, low: float, high: float, none: float) -> np.ndarray:
        return np.where(chance.random(count) < 0.5, chance.uniform(low, high, count), none)

    problem = replace(
        problem,
        cap_fte=some_of(len(years), 20, 60, absent),
        state_eur_per_year=chance.uniform(5e4, 2e5, len(years)),
        partner_capacity_eur=some_of(size, 1e4, 5e4, absent),
        growth_fte_per_year=some_of(size, 0.5, 4, absent),
        min_new_facilitators_fte=some_of(size, 0.1, 1, 0.0),
        max_new_facilitators_fte=some_of(size, 1, 6, absent),
        required_coordinators_fte=some_of(some, 0.1, 1, 0.0),
        max_new_coordinators_fte=chance.uniform(0, 2, some),
        least_rate=some_of(size, 0.05, 0.3, 0.0),
    )
    own = [own_limit(problem, chance, number) for number in range(int(chance.integers(0, 6)))]
    return changed(problem, limits=(*problem.limits, *own))


def steps_problem(seed: int, sizes: tuple[int, int] = (2, 4), room: float = 1.0) -> Problem:
    """One year in steps, where tables of areas apply; now and then no plan is possible.

    Every third seed has least rates, and kinds of buyers that count alike.
    sizes : fewest and most territories
    room : of cap and budget; 1 leaves some five posts
    """
    chance = np.random.default_rng(seed)
    size = int(chance.integers(sizes[0], sizes[1] + 1))
    codes = "MNOPQ"[: int(chance.integers(1, 6))]
    areas = tuple(str(chance.choice(list(codes))) for _ in range(size))
    some = len(set(areas))

    def some_of(count: int, low: float, high: float, none: float) -> np.ndarray:
        return np.where(chance.random(count) < 0.5, chance.uniform(low, high, count), none)

    first = Stage(str(chance.choice(["coverage", "contracts"])), float(chance.choice([0, 0, 0.01])))
    later = chance.permutation(["state_cost", "posts"])[: int(chance.integers(0, 3))]
    problem = small_problem(
        chance.uniform(10, 200, (size, 2)),
        existing=chance.uniform(0, 5, size),
        areas=areas,
        demand_cv=float(chance.choice([0.0, 0.4])),
        committed_facilitators_fte=chance.uniform(0, 2, size),
        existing_coordinators_fte=chance.choice([0.0, 1.0], some),
        committed_coordinators_fte=chance.choice([0.0, 0.5], some),
        supports_fte=float(chance.uniform(0, 6)),
        productivity_gain=float(chance.choice([0.0, chance.uniform(0, 0.5)], p=[0.1, 0.9])),
        first_year_effectiveness=float(chance.uniform(0.3, 1)),
        cost_eur_per_fte=chance.uniform(9_000, 12_000, (2, 1)),
        grant_eur_per_fte=chance.uniform(6_000, 9_000, (2, 1)),
        segment_weight=chance.uniform(0.5, 2, 2),
        territory_weight=chance.uniform(0.5, 2, size),
        step_fte=float(chance.choice([0.5, 1.0])),
        coordinator_step_fte=chance.choice([None, None, 0.25, 1.0]),
        stages=(first, *(Stage(str(name), float(chance.choice([0, 0.02]))) for name in later)),
    )
    in_place = problem.fixed_facilitators_fte.sum() + problem.fixed_coordinators_fte.sum()
    cap = in_place + chance.uniform(1, 5 * room) if chance.random() < 0.7 else np.inf
    renewed = problem.committed_facilitators_fte.sum() + problem.committed_coordinators_fte.sum()
    few = chance.random(size) < 0.15, chance.random(some) < 0.2
    problem = replace(
        problem,
        cap_fte=np.array([cap]),
        state_eur_per_year=np.array([8_000 * (renewed + chance.uniform(2, 6 * room))]),
        partner_capacity_eur=some_of(size, 1e4, 5e4, np.inf),
        growth_fte_per_year=some_of(size, 0.5, 4, np.inf),
        min_new_facilitators_fte=np.where(few[0], chance.uniform(0.1, 1, size), 0.0),
        max_new_facilitators_fte=some_of(size, 1, 6, np.inf),
        required_coordinators_fte=np.where(few[1], chance.uniform(0.1, 1, some), 0.0),
        max_new_coordinators_fte=chance.uniform(0, 2, some),
        least_rate=np.zeros(size),
    )
    own = []
    for name, likely in (("area", 0.3), ("nation", 0.2)):
        if chance.random() < likely:
            a, sense = int(chance.integers(some)), str(chance.choice(["at_most", "at_least"]))
            inside = np.flatnonzero(problem.area_of == a) if name == "area" else np.arange(size)
            places = tuple(inside.tolist()), (a,) if name == "area" else ()
            amount, year = float(chance.uniform(0.5, 3)), problem.years[0]
            own.append(Limit(f"limits.{name}", "new_fte", *places, year, sense, amount))
    if seed % 3 == 0:
        apart = np.random.default_rng([seed, 1])
        before, more = (
            problem.judge(*(np.minimum(of - 1.0, new) for of in problem.most_new_fte)).rate[:, 0]
            for new in (0.0, 3.0)
        )
        rates = before + (more - before) * apart.uniform(0, 0.7, size)
        rates = np.where(apart.random(size) < 0.6, rates, 0.0)
        problem = replace(problem, least_rate=rates, segment_weight=np.full(2, 0.8))
    return changed(problem, limits=(*problem.limits, *own))


def own_limit(p: Problem, chance: np.random.Generator, number: int) -> Limit:
    """A limit of the user's own on places drawn at random."""
    quantity = str(chance.choice(QUANTITIES))
    inside = np.flatnonzero(chance.random(len(p.territories)) < 0.6).tolist() or [0]
    whole = [a for a in range(len(p.areas)) if set(np.flatnonzero(p.area_of == a)) <= set(inside)]
    role = str(chance.choice(["both", "facilitator", "coordinator"]))
    is_rate, is_share = quantity == "rate", quantity == "share"
    if is_rate or (role == "coordinator" and not whole):
        role = "facilitator"
    amount = {"rate": 0.2, "share": 0.3, "state_eur": 5e4, "partner_eur": 2e4}.get(quantity, 3.0)
    return Limit(
        f"limits.own-{number}",
        "new_fte" if is_share else quantity,
        () if role == "coordinator" else tuple(inside),
        () if role == "facilitator" else tuple(whole),
        int(chance.choice(p.years)),
        "at_least" if is_rate else str(chance.choice(["at_most", "at_least"])),
        float(amount * chance.uniform(0.5, 1.5)),
        is_share=is_share,
        of_both=is_share and role == "both",
    )
