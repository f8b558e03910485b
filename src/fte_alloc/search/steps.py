"""The best plan in steps where tables of the areas apply, proved by their sum.

Multipliers are searched for where the best sum of tables needs them: each round takes the entries
of the best sum and those beside them. Where the plan of an entry stays below its bound, a tree over
the posts of its area closes the gap.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fte_alloc.programme.curves import Floats
from fte_alloc.programme.judge import Evaluation
from fte_alloc.programme.problem import Problem
from fte_alloc.programme.stage_proof import StageProof
from fte_alloc.programme.statement import tie_break_weights
from fte_alloc.programme.step_tables import Area, StepTables

#: Shares of the first stage: gap at which a plan is taken, what the tie-break may weigh in all.
CLOSED, TIES = 2e-10, 1e-10
#: Share of a stage that later ones may lose to rounding.
KEPT = 5e-10
MOST_ROUNDS, MOST_NODES = 60, 500
#: Multipliers are settled when the least line is this close to the crossing of its neighbours.
SETTLED = 1e-13


@dataclass(frozen=True, eq=False)
class Entry:
    """An entry of an area's table.

    bound : what no plan exceeds; value : of its best plan known; posts : that plan's, in steps [I]
    tree : what proves the bound, a multiplier or a tree
    """

    bound: float
    value: float
    posts: np.ndarray
    tree: Any


@dataclass(frozen=True, eq=False)
class Line:
    """Bounds at M multipliers: their values, slopes in the multiplier, and posts taken [M,I]."""

    sigma: Floats
    value: Floats
    slope: Floats
    posts: np.ndarray

    def where(self, which: np.ndarray, other: Line) -> Line:
        """These bounds, those of another where it says so."""
        return Line(
            np.where(which, other.sigma, self.sigma),
            np.where(which, other.value, self.value),
            np.where(which, other.slope, self.slope),
            np.where(which[:, None], other.posts, self.posts),
        )


class AreaSearch:
    """The table of an area as far as it is known, ties broken by *each*.

    each : what a step of each territory costs the tie-break [I]; leading : of a coordinator
    """

    def __init__(self, area: Area, each: Floats, leading: float) -> None:
        self.area, self.each = area, each
        self.is_alone = area.is_alone
        self.coordinators = leading * np.arange(len(area.capacity_fte))[:, None]
        self.entries: dict[tuple[int, int], Entry] = {}
        self.multipliers = [0.0]
        self._take(area.values if self.is_alone else area.table([0.0], each))

    def _take(self, table: Floats) -> None:
        if self.is_alone:
            x = np.arange(self.area.fewest[0], self.area.most[0] + 1)
            table = table - self.each[0] * x
        self.table = table - self.coordinators

    def learn(self, wanted: Sequence[tuple[int, int]]) -> bool:
        """Search the multipliers of entries (z, n); whether any were not known."""
        new = [at for at in wanted if at not in self.entries and self._is_inside(at)]
        if self.is_alone or not new:
            return False
        area = self.area
        low, high = (np.tile(of, (len(new), 1)) for of in (area.fewest, area.most))
        z, n = np.array(new).T
        bound, sigma, posts = self._least(n, area.capacity_fte[z], low, high)
        for j, at in enumerate(new):
            value, plan = self._best(at, posts[:, j])
            self.entries[at] = Entry(float(bound[j]), value, plan, float(sigma[j]))
        own = [of for of in set(sigma.tolist()) if of > 0 and of not in self.multipliers]
        if own:
            self.multipliers += sorted(own)
            table = area.table(sorted(own), self.each) - self.coordinators
            self.table = np.minimum(self.table, table)
        return True

    def _is_inside(self, at: tuple[int, int]) -> bool:
        return 0 <= at[1] < self.table.shape[1] and bool(self.area.within[at])

    def posts(self, at: tuple[int, int]) -> np.ndarray:
        """The posts of the best plan known of an entry, in steps [I]."""
        return self.area.fewest + at[1] if self.is_alone else self.entries[at].posts

    def gap(self, at: tuple[int, int]) -> float:
        """Bound of an entry less the value of its plan."""
        if self.is_alone:
            return 0.0
        entry = self.entries[at]
        return float(self.table[at] + self.coordinators[at[0], 0]) - entry.value

    # -- multipliers ---------------------------------------------------------------------------

    def _best(self, at: tuple[int, int], plans: np.ndarray) -> tuple[float, np.ndarray]:
        """The best of some plans of an entry, their support shared at one price."""
        capacity = np.full(len(plans), self.area.capacity_fte[at[0]])
        value = self._least(np.full(len(plans), at[1]), capacity, plans, plans)[0]
        best = int(np.argmax(value))
        return float(value[best]), plans[best]

    def _line(
        self, sigma: Floats, n: np.ndarray, capacity: Floats, low: np.ndarray, high: np.ndarray
    ) -> Line:
        """σ m … + max Σ h_i at each of M multipliers, at given sums and in given boxes of posts."""
        h, support = self.area.relaxed(sigma)
        h = h - self.each[:, None] * np.arange(h.shape[2])
        many, places, steps = h.shape
        at = np.arange(steps - 1)
        allowed = (at >= low[:, :, None]) & (at < high[:, :, None])
        gains = np.where(allowed, np.diff(h, axis=2), -np.inf).reshape(many, -1)
        order = np.argsort(-gains, axis=1, kind="stable")
        rank = np.empty_like(order)
        np.put_along_axis(rank, order, np.arange(gains.shape[1])[None, :], axis=1)
        asked = n + self.area.fewest.sum() - low.sum(axis=1)
        taken = (rank < asked[:, None]).reshape(many, places, -1).sum(axis=2)
        posts = low + taken
        is_possible = (asked >= 0) & np.all(posts <= high, axis=1)
        at_posts = posts.clip(0, steps - 1)[:, :, None]
        value, used = (
            np.take_along_axis(of, at_posts, axis=2)[:, :, 0].sum(axis=1) for of in (h, support)
        )
        line = np.where(is_possible, sigma * capacity + value, -np.inf)
        return Line(sigma, line, capacity - used, posts)

    def _least(
        self, n: np.ndarray, capacity: Floats, low: np.ndarray, high: np.ndarray
    ) -> tuple[Floats, Floats, np.ndarray]:
        """The least line of each of M entries: its value, multiplier, and posts beside it [2,M,I].

        The line is convex in the multiplier: the next one tried is where the tangents on either
        side cross, in turn with the middle.
        """
        area = self.area
        steepest = float((area.worth * area.curves.slope(np.zeros(len(area.worth)))).max())
        left, right = (
            self._line(np.full(len(n), sigma), n, capacity, low, high)
            for sigma in (0.0, area.gain * steepest)
        )
        for turn in range(100):
            best, width = np.minimum(left.value, right.value), right.sigma - left.sigma
            with np.errstate(divide="ignore", invalid="ignore"):
                away = (left.value - right.value + right.slope * width) / (right.slope - left.slope)
                below = best - left.value - left.slope * away
            open_ = (left.slope < 0) & (below > SETTLED * np.maximum(1.0, np.abs(best)))
            open_ &= width > 1e-15 * right.sigma
            if not open_.any():
                break
            away = np.where((away > 0) & (away < width) & (turn % 3 < 2), away, 0.5 * width)
            sigma = left.sigma + np.where(open_, away, 0.0)
            found = self._line(sigma, n, capacity, low, high)
            falls = found.slope < 0
            left = left.where(open_ & falls, found)
            right = right.where(open_ & ~falls, found)
        is_left = (left.value <= right.value) | (left.slope >= 0)
        least = right.where(is_left, left)
        return least.value, least.sigma, np.stack([left.posts, right.posts])

    # -- trees ---------------------------------------------------------------------------------

    def divide(self, at: tuple[int, int], goal: float) -> None:
        """Close the gap of an entry to *goal*, its territories divided by their posts."""
        entry, area = self.entries[at], self.area
        value, posts = entry.value, entry.posts
        whole = _Node(area.fewest, area.most)
        leaves = self._grow(at, [whole])
        value, posts = self._improve(at, leaves, value, posts)
        for __ in range(MOST_NODES):
            node = max(leaves, key=lambda leaf: leaf.bound)
            if node.bound - value <= goal or not node.divisible:
                break
            i = int(np.argmax(np.abs(node.posts[0] - node.posts[1])))
            steps = int(node.posts[:, i].min())
            below, above = (_Node(node.low.copy(), node.high.copy()) for __ in range(2))
            below.high[i], above.low[i] = steps, steps + 1
            node.parts = (i, steps, below, above)
            leaves.remove(node)
            new = self._grow(at, [below, above])
            leaves += new
            value, posts = self._improve(at, new, value, posts)
        bound = max(leaf.bound for leaf in leaves)
        if bound < entry.bound:
            self.table[at] = min(self.table[at], bound - self.coordinators[at[0], 0])
        self.entries[at] = Entry(bound, value, posts, whole.tree())

    def _grow(self, at: tuple[int, int], nodes: list[_Node]) -> list[_Node]:
        low, high = (np.stack([getattr(n, side) for n in nodes]) for side in ("low", "high"))
        capacity = np.full(len(nodes), self.area.capacity_fte[at[0]])
        bound, sigma, posts = self._least(np.full(len(nodes), at[1]), capacity, low, high)
        for j, node in enumerate(nodes):
            node.bound, node.sigma, node.posts = float(bound[j]), float(sigma[j]), posts[:, j]
        return nodes

    def _improve(
        self, at: tuple[int, int], nodes: list[_Node], value: float, posts: np.ndarray
    ) -> tuple[float, np.ndarray]:
        for node in nodes:
            if node.bound > value:
                found, plan = self._best(at, node.posts)
                if found > value:
                    value, posts = found, plan
        return value, posts


@dataclass(eq=False)
class _Node:
    """A box of posts: fewest and most steps of each territory, and what proves it."""

    low: np.ndarray
    high: np.ndarray
    bound: float = -np.inf
    sigma: float = 0.0
    posts: np.ndarray = field(default_factory=lambda: np.zeros((2, 0), int))
    parts: tuple[int, int, _Node, _Node] | None = None

    @property
    def divisible(self) -> bool:
        return bool(np.any(self.posts[0] != self.posts[1]))

    def tree(self) -> Any:
        """As ``Area.leaf_bound`` reads it."""
        if self.parts is None:
            return self.sigma
        i, steps, below, above = self.parts
        return [i, steps, below.tree(), above.tree()]


class StepSearch:
    """The best plan in steps, from tables.

    reason : why the gap of the first stage is not closed: ``time limit`` or ``rounds``; else None
    """

    def __init__(self, p: Problem, time_limit_s: float | None = None) -> None:
        self.problem, self.tables = p, StepTables(p)
        self.deadline = np.inf if time_limit_s is None else time.monotonic() + time_limit_s
        self.rounds = 0
        self.reason: str | None = None
        by_area, by_territory = np.split(tie_break_weights(p), [len(p.areas)])
        most = sum(
            float(tie @ steps)
            for tie, steps in zip((by_territory, by_area), self.tables.most, strict=True)
        )
        self.ties = TIES * max(1.0, self.tables.scale)
        small = self.ties / max(1.0, most)
        self.areas = [
            AreaSearch(area, small * by_territory[of], small * float(by_area[a]))
            for a, (of, area) in enumerate(zip(self.tables.members, self.tables.areas, strict=True))
        ]

    def run(self) -> tuple[Evaluation, list[StageProof]] | None:
        """The stages in turn: the plan, judged, and their proofs; None where there is no plan."""
        p, levels = self.problem, self.tables.allowed
        entries = self._best(levels)
        if entries is None:
            return None
        values, kept = [self._judged(entries).objective(p.stages[0].objective)], []
        kept = [values[0] - (p.stages[0].concede + KEPT) * abs(values[0])]
        for stage in p.stages[1:]:
            cost = self.tables.cost(stage.objective)
            entries = self._cheapest(levels, cost, kept[0]) or entries
            least = float(cost[self._totals(entries)])
            kept.append(least + (stage.concede + KEPT) * abs(least))
            levels = levels & (cost <= kept[-1])
            values.append(least)
        plan, certificate = self._judged(entries), self._certificate()
        sums = self.tables.certified(certificate)
        proofs = []
        for n, stage in enumerate(p.stages):
            in_plan = plan.objective(stage.objective)
            proofs.append(
                StageProof(
                    stage.objective,
                    stage.sense,
                    value=values[n] if stage.concede > 0 else in_plan,
                    bound=sums.stage_bound(n, kept),
                    concede=stage.concede,
                    in_plan=in_plan,
                    duals={},
                    kept={s.objective: k for s, k in zip(p.stages[:n], kept, strict=False)},
                    tables=certificate if n == 0 else None,
                )
            )
        return plan, proofs

    def _best(self, levels: np.ndarray, least: float = -np.inf) -> list[tuple[int, int]] | None:
        """The entries of the best plan at some totals [N,Z]; None where none reaches *least*."""
        while True:
            self.rounds += 1
            sums = self.tables.best_sums([area.table for area in self.areas])
            last = np.where(levels, sums[-1], -np.inf)
            n, z = map(int, np.unravel_index(int(np.argmax(last)), last.shape))
            most = float(last[n, z])
            if most == -np.inf or most < least:
                return None
            entries = self._entries(sums, n, z)
            beside = [[(z, n + d) for d in (-1, 0, 1)] for z, n in entries]
            learnt = [area.learn(of) for area, of in zip(self.areas, beside, strict=True)]
            if any(learnt):
                continue
            gaps = [area.gap(at) for area, at in zip(self.areas, entries, strict=True)]
            goal, a = CLOSED * max(1.0, abs(most)), int(np.argmax(gaps))
            if sum(gaps) <= goal:
                return entries
            if time.monotonic() > self.deadline:
                self.reason = "time limit"
                return entries
            self.areas[a].divide(entries[a], goal / 2 / len(gaps))
            if self.areas[a].gap(entries[a]) >= gaps[a]:
                self.reason = "rounds"
                return entries

    def _cheapest(
        self, levels: np.ndarray, cost: Floats, least: float
    ) -> list[tuple[int, int]] | None:
        """The entries of the best plan of those that cost the least and reach *least*."""
        least -= self.ties  # what breaks ties is taken off the tables
        while True:
            sums = self.tables.best_sums([area.table for area in self.areas])[-1]
            possible = levels & (sums >= least)
            if not possible.any():
                return None
            cheapest = possible & (cost <= cost[possible].min())
            entries = self._best(cheapest, least)
            if entries is not None:
                return entries

    def _totals(self, entries: Sequence[tuple[int, int]]) -> tuple[int, int]:
        """Where the totals of some entries stand among all totals [N,Z]."""
        return sum(n for _, n in entries), sum(z for z, _ in entries)

    def _judged(self, entries: Sequence[tuple[int, int]]) -> Evaluation:
        """The plan of some entries, judged."""
        x, z = self.problem.zeros()
        for a, (of, area, at) in enumerate(
            zip(self.tables.members, self.areas, entries, strict=True)
        ):
            x[of, 0] = area.posts(at) * self.tables.steps_fte[0]
            z[a, 0] = (self.tables.fewest[1][a] + at[0]) * self.tables.steps_fte[1]
        return self.problem.judge(x, z)

    def _certificate(self) -> dict[str, Any]:
        """What proves the tables, for ``StepTables.certified``."""
        p, tables = self.problem, self.tables
        branches = [
            {
                "area": p.areas[a],
                "coordinator_steps": int(tables.fewest[1][a]) + z,
                "facilitator_steps": int(tables.fewest[0][of].sum()) + n,
                "tree": _by_code(entry.tree, [p.territories[i] for i in of]),
            }
            for a, (of, area) in enumerate(zip(tables.members, self.areas, strict=True))
            for (z, n), entry in sorted(area.entries.items())
            if isinstance(entry.tree, list)
        ]
        multipliers = {
            code: area.multipliers[1:]
            for code, area in zip(p.areas, self.areas, strict=True)
            if len(area.multipliers) > 1
        }
        return {"multipliers": multipliers, "branches": branches}

    def _entries(self, sums: list[Floats], n: int, z: int) -> list[tuple[int, int]]:
        """The entries (z, n) of the areas that make up the best sum at totals n and z."""
        entries: list[tuple[int, int]] = []
        for before, area in zip(sums[-2::-1], self.areas[::-1], strict=True):
            table = np.where(area.area.within, area.table, -np.inf)
            rows, columns = (
                np.array(total) - at
                for total, at in zip((z, n), np.indices(table.shape), strict=True)
            )
            inside = (rows >= 0) & (columns >= 0)
            inside &= (rows < before.shape[1]) & (columns < before.shape[0])
            found = np.full(table.shape, -np.inf)
            found[inside] = table[inside] + before[columns[inside], rows[inside]]
            taken = divmod(int(np.argmax(found)), found.shape[1])
            entries.append(taken)
            z, n = z - taken[0], n - taken[1]
        return entries[::-1]


def _by_code(tree: Any, codes: Sequence[str]) -> Any:
    """A tree of territories by code, from one by number."""
    if not isinstance(tree, list):
        return tree
    i, steps, below, above = tree
    parts = {"at_most": _by_code(below, codes), "more": _by_code(above, codes)}
    return {"territory": codes[i], "steps": steps} | parts
