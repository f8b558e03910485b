"""Division of a difference among the changes that cause it, for any order (Shapley 1953).

This module does not depend on scenarios. Changes are bits 0 … n−1, a mask is a set of changes, and
*worth* returns the figures of a mask, or None where there are none. A block is the mask of changes
that are made only together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from itertools import accumulate
from math import comb
from operator import or_
from random import Random

import numpy as np

from fte_alloc.programme.curves import Floats

Figures = Sequence[float]
#: Function that returns the figures of a mask.
Worth = Callable[[int], Figures | None]

#: Largest number n of blocks for which all 2^n sets are evaluated.
MOST_EXACT = 8
#: Number of random orders, each with its reverse, where there are more blocks.
PAIRS = 64
SEED = 1953


@dataclass(frozen=True)
class Split:
    """Effect of each block of changes on each figure.

    blocks : masks, in the order of their first change
    parts : effects [B,F]; each column adds up to the whole difference
    errors : standard errors of the effects [B,F] where orders were sampled, else None
    """

    blocks: tuple[int, ...]
    parts: Floats
    errors: Floats | None = None


def split(worth: Worth, count: int) -> Split:
    """Divide the difference that all changes make together among the changes.

    worth : called once per mask; must return figures for no change and for all changes
    count : number of changes n, at least 1

    Changes are joined into blocks until every union of blocks has figures.
    """
    remembered = cache(worth)
    blocks = tuple(1 << i for i in range(count))
    while len(blocks) > MOST_EXACT:
        sampled, stuck = _sample(remembered, blocks)
        if sampled is not None:
            return sampled
        blocks = joined([*blocks, *stuck])
    found = {mask: remembered(_union(blocks, mask)) for mask in range(2 ** len(blocks))}
    coarse = finest(len(blocks), [mask for mask, figures in found.items() if figures is None])
    unions = (found[_union(coarse, mask)] for mask in range(2 ** len(coarse)))
    parts = shapley([figures for figures in unions if figures is not None])
    return Split(tuple(_union(blocks, block) for block in coarse), parts)


def shapley(figures: Sequence[Figures]) -> Floats:
    """Average effects of the changes over all orders [n,F].

    figures : figures of every mask, 2^n in the order of masks

    The effect is φ_i = Σ_{S∌i} |S|! (n−|S|−1)! / n! · (v(S ∪ i) − v(S)).
    """
    n = len(figures).bit_length() - 1
    v = np.array(figures, dtype=float)
    parts = np.zeros((n, v.shape[1]))
    for i in range(n):
        bit = 1 << i
        without = [mask for mask in range(2**n) if not mask & bit]
        share = np.array([1 / (n * comb(n - 1, mask.bit_count())) for mask in without])
        parts[i] = share @ (v[[mask | bit for mask in without]] - v[without])
    return parts


# -- changes that cannot be told apart -------------------------------------------------------------


def finest(count: int, impossible: Collection[int]) -> tuple[int, ...]:
    """Blocks of the finest partition in which every union of blocks is possible.

    Where several partitions have equally many blocks, changes in one block of any of them are in
    one block: to choose one partition would be as arbitrary as to choose an order.
    """
    fit = [
        blocks
        for blocks in partitions(count)
        if not any(all(mask & b in (0, b) for b in blocks) for mask in impossible)
    ]
    most = max(map(len, fit))
    return joined([block for blocks in fit if len(blocks) == most for block in blocks])


def partitions(count: int) -> Iterator[tuple[int, ...]]:
    """All partitions of the changes 0 … count − 1 into blocks."""
    if count == 0:
        yield ()
        return
    last = 1 << (count - 1)
    for blocks in partitions(count - 1):
        yield (*blocks, last)
        for j, block in enumerate(blocks):
            yield (*blocks[:j], block | last, *blocks[j + 1 :])


def joined(sets: Iterable[int]) -> tuple[int, ...]:
    """Disjoint masks that result from uniting overlapping masks, in order of their first change."""
    apart: list[int] = []
    for block in sets:
        touched = [other for other in apart if other & block]
        apart = [other for other in apart if not other & block]
        for other in touched:
            block |= other
        apart.append(block)
    return tuple(sorted(apart, key=lambda block: block & -block))


def _union(blocks: Sequence[int], mask: int) -> int:
    """Mask of all changes in the blocks that are selected by a mask of blocks."""
    return reduce(or_, (block for j, block in enumerate(blocks) if mask >> j & 1), 0)


# -- more changes than can all be mixed ------------------------------------------------------------


def _sample(worth: Worth, blocks: Sequence[int]) -> tuple[Split | None, list[int]]:
    """Split by random orders; else None and masks to be joined, from the first draw with a gap.

    An order and its reverse make one draw: their errors tend to cancel, and the pair passes through
    the same sets if the two plans are exchanged.
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
                effects.append(steps[np.argsort(way)])  # effects by index of the block
        if stuck:
            return None, stuck
        draws.append(np.mean(effects, axis=0))
    parts = np.array(draws)
    errors = parts.std(axis=0, ddof=1) / np.sqrt(PAIRS)
    return Split(tuple(blocks), parts.mean(axis=0), errors), []


def _stuck(walk: Sequence[Figures | None], way: Sequence[int]) -> Iterator[int]:
    """For each run of gaps, the union of the blocks that lead into the run and out of it."""
    into = 0
    for step in range(1, len(walk)):
        before, here = (walk[at] is None for at in (step - 1, step))
        if here and not before:
            into = way[step - 1]
        if before and not here:
            yield into | way[step - 1]
