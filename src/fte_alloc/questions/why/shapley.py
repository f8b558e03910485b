"""Division of a difference among the changes that cause it, for any order (Shapley 1953).

This module does not depend on scenarios. Changes are bits 0 … n−1, a mask is a set of changes, and
*worth* returns the figures of a mask, or None where there are none. A block is the mask of changes
that are made only together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, permutations
from operator import or_
from random import Random

import numpy as np

from fte_alloc.programme.curves import Floats

#: Function that returns the figures of a mask.
Worth = Callable[[int], Sequence[float] | None]

#: Largest number of blocks for which all orders are walked.
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
    """Shapley values: the difference that all changes make together, divided among them.

    worth : called once per mask; must return figures for no change and for all changes
    count : number of changes n, at least 1

    The effect of a change is what it adds when its turn comes, on average over the orders. Where an
    order passes through masks without figures, the change that leads into them and the one that
    leads out of them are joined into a block, until no order does.
    """
    remembered = cache(worth)
    blocks = tuple(1 << i for i in range(count))
    while True:
        effects, stuck = [], set[int]()
        for orders in _draws(len(blocks)):
            ways = [[blocks[j] for j in order] for order in orders]
            walks = [[remembered(mask) for mask in accumulate([0, *way], or_)] for way in ways]
            stuck = {
                both for walk, way in zip(walks, ways, strict=True) for both in _stuck(walk, way)
            }
            if stuck:
                break
            steps = np.diff(np.array(walks, dtype=float), axis=1)  # in the order of each way
            by_block = np.argsort(orders, axis=1)[:, :, None]
            effects.append(np.take_along_axis(steps, by_block, axis=1).mean(axis=0))
        else:
            draws = np.array(effects)
            errors = None
            if len(draws) > 1:
                errors = draws.std(axis=0, ddof=1) / np.sqrt(len(draws))
            return Split(blocks, draws.mean(axis=0), errors)
        blocks = joined_blocks([*blocks, *stuck])


def _draws(count: int) -> Iterator[list[Sequence[int]]]:
    """Yield one list of all orders of few blocks; for many, random orders, each with its reverse.

    Errors of an order and its reverse tend to cancel; exchanged plans pass through the same masks.
    """
    if count <= MOST_EXACT:
        yield [*permutations(range(count))]
        return
    random = Random(SEED)
    for _ in range(PAIRS):
        order = random.sample(range(count), count)
        yield [order, order[::-1]]


def _stuck(walk: Sequence[Sequence[float] | None], way: Sequence[int]) -> Iterator[int]:
    """Yield blocks to join: those just before and at the end of a run of masks without figures."""
    into = 0
    for step in range(1, len(walk)):
        before, here = (walk[at] is None for at in (step - 1, step))
        if here and not before:
            into = way[step - 1]
        if before and not here:
            yield into | way[step - 1]


def joined_blocks(sets: Iterable[int]) -> tuple[int, ...]:
    """Disjoint masks that result from uniting overlapping masks, in order of their first change."""
    apart: list[int] = []
    for block in sets:
        touched = [other for other in apart if other & block]
        apart = [other for other in apart if not other & block]
        for other in touched:
            block |= other
        apart.append(block)
    return tuple(sorted(apart, key=lambda block: block & -block))
