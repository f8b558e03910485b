"""A difference shared out over the changes that make it, whatever their order (Shapley 1953).

Nothing here knows of scenarios: changes are bits 0 … n−1, a mask says which of them are made, and
*worth* gives the figures of a mask, or None where there are none to be had. A set of changes that
is never made without another is a block, itself a mask.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import comb
from operator import or_
from random import Random

import numpy as np

from fte_alloc.coverage import Floats

#: Figures of a set of changes, by mask; None where there is no such plan.
Worth = Callable[[int], Sequence[float] | None]

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
    orders : how many orders were sampled, 0 where all count
    """

    blocks: tuple[int, ...]
    parts: Floats
    errors: Floats | None = None
    orders: int = 0


def split(
    worth: Worth,
    count: int,
    *,
    most_exact: int = MOST_EXACT,
    pairs: int = PAIRS,
    seed: int = SEED,
) -> Split:
    """Share the difference between no change and all of them out over the changes.

    worth : is asked once for a mask, and must know the figures of no change and of all
    count : n, at least 1

    Changes that cannot be told apart, because what lies between has no figures, stay one block.
    """
    known: dict[int, Sequence[float] | None] = {}

    def remembered(mask: int) -> Sequence[float] | None:
        if mask not in known:
            known[mask] = worth(mask)
        return known[mask]

    blocks = _singles(count)
    while len(blocks) > most_exact:
        sampled, stuck = _sample(remembered, blocks, pairs, seed)
        if sampled is not None:
            return sampled
        blocks = joined([*blocks, *stuck])
    unions = [_union(blocks, mask) for mask in range(2 ** len(blocks))]
    impossible = [mask for mask, union in enumerate(unions) if remembered(union) is None]
    blocks = tuple(_union(blocks, block) for block in finest(len(blocks), impossible))
    return Split(
        blocks, shapley([_figures(known, _union(blocks, m)) for m in range(2 ** len(blocks))])
    )


def shapley(figures: Sequence[Sequence[float]]) -> Floats:
    """Each change's average effect over all orders in which the changes can be made [n,F].

    figures : of every mask, by mask [2^n,F]

    φ_i = Σ_{S∌i} |S|! (n−|S|−1)! / n! · (v(S ∪ i) − v(S))
    """
    v = np.asarray(figures, dtype=float)
    n = len(v).bit_length() - 1
    parts = np.zeros((n, v.shape[1]))
    for i in range(n):
        without = [mask for mask in range(len(v)) if not mask >> i & 1]
        share = np.array([1.0 / (n * comb(n - 1, mask.bit_count())) for mask in without])
        parts[i] = share @ (v[[mask | 1 << i for mask in without]] - v[without])
    return parts


# -- changes that cannot be told apart -------------------------------------------------------------


def finest(count: int, impossible: Collection[int]) -> tuple[int, ...]:
    """The finest blocks no union of which is impossible.

    Where several partitions are equally fine, what any of them joins is joined: to choose one of
    them would be as arbitrary as to choose an order.
    """
    fit = [
        blocks
        for blocks in partitions(count)
        if not any(_is_union(mask, blocks) for mask in impossible)
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


def _is_union(mask: int, blocks: Iterable[int]) -> bool:
    return all(mask & block in (0, block) for block in blocks)


def _union(blocks: Sequence[int], mask: int) -> int:
    """The changes in the blocks that a mask of blocks names."""
    union = 0
    for j, block in enumerate(blocks):
        if mask >> j & 1:
            union |= block
    return union


def _singles(count: int) -> tuple[int, ...]:
    return tuple(1 << i for i in range(count))


def _figures(known: dict[int, Sequence[float] | None], mask: int) -> Sequence[float]:
    found = known[mask]
    assert found is not None
    return found


# -- more changes than can all be mixed ------------------------------------------------------------


def _sample(
    worth: Worth, blocks: Sequence[int], pairs: int, seed: int
) -> tuple[Split | None, list[int]]:
    """The average over random orders, or blocks to be joined because an order leads nowhere.

    An order and its reverse make one draw: they err in opposite directions, and the other way
    round, from all changes to none, they visit the same sets.
    """
    random = Random(seed)
    draws = []
    for _ in range(pairs):
        order = random.sample(range(len(blocks)), len(blocks))
        both: list[tuple[list[int], list[Sequence[float] | None]]] = []
        stuck: list[int] = []
        for way in (order, order[::-1]):
            walk = [worth(mask) for mask in accumulate([0, *(blocks[j] for j in way)], or_)]
            stuck += _stuck(walk, [blocks[j] for j in way])
            both.append((way, walk))
        if stuck:
            return None, stuck
        draws.append(np.mean([_steps(way, walk) for way, walk in both], axis=0))
    parts = np.array(draws)
    errors = parts.std(axis=0, ddof=1) / np.sqrt(pairs)
    return Split(tuple(blocks), parts.mean(axis=0), errors, 2 * pairs), []


def _steps(way: Sequence[int], walk: Sequence[Sequence[float] | None]) -> Floats:
    """What each block did when its turn came [B,F]."""
    effects = np.diff(np.array(walk, dtype=float), axis=0)
    return effects[np.argsort(way)]


def _stuck(walk: Sequence[object], way: Sequence[int]) -> Iterator[int]:
    """For each stretch without figures: the block that leads in, with the one that leads out."""
    into = 0
    for step, figures in enumerate(walk):
        if figures is None and walk[step - 1] is not None:
            into = way[step - 1]
        if figures is not None and step and walk[step - 1] is None:
            yield into | way[step - 1]
