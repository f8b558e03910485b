"""Contracts covered against effort as short tables, which a spreadsheet can read.

The efforts of a territory are cut into intervals, on each of which a parabola through both ends and
the middle stands for the curve. An interval is halved until its parabola fits at the quarters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fte_alloc.programme.curves import Floats
from fte_alloc.programme.effort import Splitter
from fte_alloc.programme.judge import first_weight
from fte_alloc.programme.room import Limited

#: Contracts by which the tables of all territories together may be off.
_ALLOWED = 0.005
#: Intervals of a territory to begin with, how often one may be halved, and how many there may be.
_FIRST, _HALVINGS, _MOST = 4, 16, 150


@dataclass(frozen=True, eq=False)
class EffortTable:
    """What one territory covers, by effort.

    efforts_fte : ends of the intervals, ascending [N+1]
    contracts : covered there [N+1]
    bends : contracts that the middle of each interval lies above its chord [N]
    error : of the contracts read, at most, as far as measured
    """

    efforts_fte: Floats
    contracts: Floats
    bends: Floats
    error: float

    def read(self, effort_fte: float) -> tuple[int, float, float, float]:
        """Interval of an effort from 0, share of it passed, contracts, contracts per FTE more."""
        ends, y = self.efforts_fte, self.contracts
        within = min(max(effort_fte, ends[0]), ends[-1])
        n = min(int(np.searchsorted(ends, within, side="right")) - 1, len(ends) - 2)
        width, rise, bend = ends[n + 1] - ends[n], y[n + 1] - y[n], 4 * self.bends[n]
        t = float((within - ends[n]) / width)
        value, slope = y[n] + t * rise + bend * t * (1 - t), (rise + bend * (1 - 2 * t)) / width
        return n, t, float(value), float(slope)


def effort_tables(p: Limited, most_fte: Floats) -> list[EffortTable]:
    """The table of each territory in the first year, its effort split as a plan is judged.

    most_fte : the effort at which each table ends [I]
    """
    start, count = p.fixed_facilitators_fte, p.shape[0]
    cuts = start + (most_fte - start) * np.linspace(0, 1, _FIRST + 1)[:, None]
    who = np.tile(np.arange(count), _FIRST)
    ends = np.stack([cuts[:-1].ravel(), cuts[1:].ravel()])
    quarters = np.linspace(0, 1, 5)[:, None]
    value = np.stack([_covered(p, who, at) for at in ends[0] + (ends[1] - ends[0]) * quarters])
    for halving in range(_HALVINGS + 1):
        chord = value[0] + (value[4] - value[0]) * np.array([[0.25], [0.75]])
        bend = value[2] - (value[0] + value[4]) / 2
        missed = np.abs(chord + 0.75 * bend - value[[1, 3]]).max(axis=0)
        few = np.bincount(who, minlength=count)[who] < _MOST
        halved = (missed > _ALLOWED / count) & few & (halving < _HALVINGS)
        if not halved.any():
            break
        parts, whole = np.tile(who[halved], 2), ends[:, halved]
        middle = whole.mean(axis=0)
        half = np.hstack([[whole[0], middle], [middle, whole[1]]])
        known = np.hstack([value[[0, 0, 1, 1, 2]][:, halved], value[[2, 2, 3, 3, 4]][:, halved]])
        for quarter in (1, 3):
            known[quarter] = _covered(p, parts, half[0] + (half[1] - half[0]) * (quarter / 4))
        who = np.concatenate([who[~halved], parts])
        ends, value = np.hstack([ends[:, ~halved], half]), np.hstack([value[:, ~halved], known])
    order, tables = np.argsort(ends[0], kind="stable"), []
    for i in range(count):
        at = order[who[order] == i]
        efforts, contracts = ([*of[0, at], of[-1, at[-1]]] for of in (ends, value))
        error = float(missed[at].max())
        tables.append(EffortTable(np.array(efforts), np.array(contracts), bend[at], error))
    return tables


def _covered(p: Limited, who: np.ndarray, effort_fte: Floats) -> Floats:
    """Contracts covered by efforts of some territories, by number."""
    order, kinds = np.argsort(who, kind="stable"), len(p.segments)
    mine = who[order]
    curves = p.curves.take((mine[:, None] * kinds + np.arange(kinds)).ravel())
    required = (p.least_rates[:, 0] * p.contracts_per_year[:, 0].sum(axis=1))[mine]
    most = 10.0 * float(max(p.most_effort_fte.max(), effort_fte.max()))
    k = Splitter(curves, first_weight(p)[mine, 0], required, most).split(effort_fte[order])
    found = np.empty(len(who))
    found[order] = curves.value(k.ravel()).reshape(k.shape).sum(axis=1)
    return found
