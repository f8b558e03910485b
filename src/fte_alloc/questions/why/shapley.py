"""A difference shared out over the changes that make it, whatever their order (Shapley 1953).

Nothing here knows of scenarios: changes are bits 0 … n−1, a mask says which of them are made, and
*worth* gives the figures of a mask, or says why there are none. A set of changes that is never made
without another is a block, itself a mask.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache, reduce
from itertools import accumulate
from operator import or_
from random import Random

import numpy as np

from fte_alloc.programme.curves import Floats


class Gap(Enum):
    """Why a set of changes has no figures: none can be, or none were found."""

    NEVER = "never"
    UNKNOWN = "unknown"


Figures = Sequence[float] | Gap
#: Figures of a set of changes, by mask.
Worth = Callable[[int], Figures]

#: Up to this many changes, all 2^n sets of them are looked at.
MOST_EXACT = 8
#: Pairs of random orders, each order with its reverse, where there are more.
PAIRS = 64
SEED = 1953


@dataclass(frozen=True)
class Split:
    """What each block of changes did to each figure.

    blocks : masks, in the order of their first change
    parts : [B,F]; each column adds up to the whole difference
    errors : standard errors of the parts [B,F] where orders were sampled, else None
    orders : how many orders count where not all do: those sampled, or those without unknowns
    """

    blocks: tuple[int, ...]
    parts: Floats
    errors: Floats | None = None
    orders: int = 0


def split(worth: Worth, count: int) -> Split:
    """Share the difference between no change and all of them out over the changes.

    worth : is asked once for a mask, and must know the figures of no change and of all
    count : n, at least 1

    Changes between which there never are figures stay one block. Orders that pass through unknown
    ones are left out; where none is left, or orders are sampled, unknown ones count as never.
    """
    remembered = cache(worth)
    blocks = tuple(1 << i for i in range(count))
    while len(blocks) > MOST_EXACT:
        sampled, stuck = _sample(remembered, blocks)
        if sampled is not None:
            return sampled
        blocks = joined([*blocks, *stuck])
    figures = [remembered(_union(blocks, mask)) for mask in range(2 ** len(blocks))]
    for impossible in ((Gap.NEVER,), tuple(Gap)):
        gaps = [m for m, f in enumerate(figures) if isinstance(f, Gap) and f in impossible]
        coarse = finest(len(blocks), gaps)
        of_coarse = [figures[_union(coarse, mask)] for mask in range(2 ** len(coarse))]
        parts, orders = shapley(of_coarse)
        if orders:
            break
    every = not any(isinstance(found, Gap) for found in of_coarse)
    return Split(
        tuple(_union(blocks, block) for block in coarse), parts, orders=0 if every else orders
    )


def shapley(figures: Sequence[Figures]) -> tuple[Floats, int]:
    """Each change's average effect over the orders in which the changes can be made [n,F].

    figures : of every mask, by mask

    φ_i = Σ_{S∌i} p(S) q(S ∪ i) / p(all) · (v(S ∪ i) − v(S)), where p(S) counts the orders that
    lead from no change to S without a gap, and q(S) those that lead from S to all. Without gaps
    p(S) q(S ∪ i) / p(all) = |S|! (n−|S|−1)! / n!. Also the number of orders, p(all); where that is
    0 there are no effects.
    """
    n = len(figures).bit_length() - 1
    masks, bits = range(2**n), [1 << i for i in range(n)]
    open_ = [not isinstance(found, Gap) for found in figures]
    to = [0] * 2**n  # p
    onward = [0] * 2**n  # q
    to[0] = onward[-1] = 1
    for mask in masks[1:]:
        to[mask] = open_[mask] * sum(to[mask ^ bit] for bit in bits if mask & bit)
    for mask in reversed(masks[:-1]):
        onward[mask] = open_[mask] * sum(onward[mask | bit] for bit in bits if not mask & bit)
    start = figures[0]
    assert not isinstance(start, Gap)
    v = np.array([start if isinstance(found, Gap) else found for found in figures], dtype=float)
    parts = np.zeros((n, v.shape[1]))
    for i, bit in enumerate(bits if to[-1] else []):
        without = [mask for mask in masks if not mask & bit]
        share = np.array([to[mask] * onward[mask | bit] / to[-1] for mask in without])
        parts[i] = share @ (v[[mask | bit for mask in without]] - v[without])
    return parts, to[-1]


# -- changes that cannot be told apart -------------------------------------------------------------


def finest(count: int, impossible: Collection[int]) -> tuple[int, ...]:
    """The finest blocks no union of which is impossible.

    Where several partitions are equally fine, what any of them joins is joined: to choose one of
    them would be as arbitrary as to choose an order.
    """
    fit = [
        blocks
        for blocks in partitions(count)
        if not any(all(mask & b in (0, b) for b in blocks) for mask in impossible)
    ]
    most = max(map(len, fit))
    return joined([block for blocks in fit if len(blocks) == most for block in blocks])


def partitions(count: int) -> Iterator[tuple[int, ...]]:
    """Every way to put the changes 0 … count − 1 into blocks."""
    if count == 0:
        yield ()
        return
    last = 1 << (count - 1)
    for blocks in partitions(count - 1):
        yield (*blocks, last)
        for j, block in enumerate(blocks):
            yield (*blocks[:j], block | last, *blocks[j + 1 :])


def joined(sets: Iterable[int]) -> tuple[int, ...]:
    """The sets, those that overlap made one, in the order of their first change."""
    apart: list[int] = []
    for block in sets:
        touched = [other for other in apart if other & block]
        apart = [other for other in apart if not other & block]
        for other in touched:
            block |= other
        apart.append(block)
    return tuple(sorted(apart, key=lambda block: block & -block))


def _union(blocks: Sequence[int], mask: int) -> int:
    """The changes in the blocks that a mask of blocks names."""
    return reduce(or_, (block for j, block in enumerate(blocks) if mask >> j & 1), 0)


# -- more changes than can all be mixed ------------------------------------------------------------


def _sample(worth: Worth, blocks: Sequence[int]) -> tuple[Split | None, list[int]]:
    """The average over random orders, or blocks to be joined because an order leads nowhere.

    An order and its reverse make one draw: they err in opposite directions, and the other way
    round, from all changes to none, they visit the same sets.
    """
    random = Random(SEED)
    draws = []
    for _ in range(PAIRS):
        order = random.sample(range(len(blocks)), len(blocks))
        effects, stuck = list[Floats](), list[int]()
        for way in (order, order[::-1]):
            made = [blocks[j] for j in way]
            walk = [worth(mask) for mask in accumulate([0, *made], or_)]
            stuck += _stuck(walk, made)
            if not stuck:
                steps = np.diff(np.array(walk, dtype=float), axis=0)
                effects.append(steps[np.argsort(way)])  # what each block did when its turn came
        if stuck:
            return None, stuck
        draws.append(np.mean(effects, axis=0))
    parts = np.array(draws)
    errors = parts.std(axis=0, ddof=1) / np.sqrt(PAIRS)
    return Split(tuple(blocks), parts.mean(axis=0), errors, 2 * PAIRS), []


def _stuck(walk: Sequence[Figures], way: Sequence[int]) -> Iterator[int]:
    """For each stretch without figures: the block that leads in, with the one that leads out."""
    into = 0
    for step in range(1, len(walk)):
        before, here = (isinstance(walk[at], Gap) for at in (step - 1, step))
        if here and not before:
            into = way[step - 1]
        if before and not here:
            yield into | way[step - 1]
