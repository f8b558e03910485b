"""Contracts covered against effort as short tables for the formulas of a spreadsheet.

The efforts of a territory are cut into intervals. On each of them the curve is replaced by the
parabola through its ends and middle; an interval is halved until this fits at the quarters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fte_alloc.programme.curves import Floats
from fte_alloc.programme.effort import Splitter
from fte_alloc.programme.problem import Problem

#: Accepted error of the tables of all territories together [contracts].
_ALLOWED = 0.005
#: First number of intervals per territory, most halvings, number from which on none is halved.
_FIRST, _HALVINGS, _MOST = 4, 16, 150


@dataclass(frozen=True, eq=False)
class EffortTable:
    """Contracts that one territory covers, as a function of effort.

    efforts_fte : ends of the intervals, ascending [N+1]
    contracts : contracts covered at these ends [N+1]
    bends : contracts by which the curve exceeds the chord, in the middle of each interval [N]
    error : largest error at the quarters of the intervals [contracts]
    """

    efforts_fte: Floats
    contracts: Floats
    bends: Floats
    error: float

    def read(self, effort_fte: float) -> tuple[int, float, float, float]:
        """Index of the interval, position in it [1], contracts, and slope [contracts/FTE]."""
        ends, y = self.efforts_fte, self.contracts
        within = min(max(effort_fte, ends[0]), ends[-1])
        n = min(int(np.searchsorted(ends, within, side="right")) - 1, len(ends) - 2)
        width, rise, bend = ends[n + 1] - ends[n], y[n + 1] - y[n], 4 * self.bends[n]
        t = float((within - ends[n]) / width)
        value, slope = y[n] + t * rise + bend * t * (1 - t), (rise + bend * (1 - 2 * t)) / width
        return n, t, float(value), float(slope)


def effort_tables(p: Problem, most_fte: Floats) -> list[EffortTable]:
    """Tables by territory of contracts in the first year, by effort split best up to *most_fte*."""
    start, count = p.fixed_facilitators_fte, p.shape[0]
    most_fte = np.where(most_fte > start, most_fte, start + 1.0)  # posts without effect, too
    cuts = start + (most_fte - start) * np.linspace(0, 1, _FIRST + 1)[:, None]
    who = np.tile(np.arange(count), _FIRST)
    ends = np.stack([cuts[:-1].ravel(), cuts[1:].ravel()])
    for halving in range(_HALVINGS + 1):
        quarters = ends[0] + (ends[1] - ends[0]) * np.linspace(0, 1, 5)[:, None]
        value = np.stack([_covered(p, who, efforts) for efforts in quarters])
        chord = value[0] + (value[4] - value[0]) * np.array([[0.25], [0.75]])
        bend = value[2] - (value[0] + value[4]) / 2
        missed = np.abs(chord + 0.75 * bend - value[[1, 3]]).max(axis=0)
        few = np.bincount(who, minlength=count)[who] < _MOST
        halved = (missed > _ALLOWED / count) & few & (halving < _HALVINGS)
        if not halved.any():
            break
        (low, high), middle = ends[:, halved], quarters[2, halved]
        who = np.concatenate([who[~halved], who[halved], who[halved]])
        ends = np.hstack([ends[:, ~halved], [low, middle], [middle, high]])
    order, tables = np.argsort(ends[0], kind="stable"), []
    for i in range(count):
        at = order[who[order] == i]
        efforts, contracts = ([*of[0, at], of[-1, at[-1]]] for of in (ends, value))
        error = float(missed[at].max())
        tables.append(EffortTable(np.array(efforts), np.array(contracts), bend[at], error))
    return tables


def _covered(p: Problem, who: np.ndarray, effort_fte: Floats) -> Floats:
    """Contracts covered in the first year by each effort; *who*: index of its territory."""
    order, kinds = np.argsort(who, kind="stable"), len(p.segments)
    mine = who[order]
    curves = p.curves.take((mine[:, None] * kinds + np.arange(kinds)).ravel())
    required = (p.least_rates[:, 0] * p.contracts_per_year[:, 0].sum(axis=1))[mine]
    most = 10.0 * float(max(p.most_effort_fte.max(), effort_fte.max()))
    k = Splitter(curves, p.first_weight[mine, 0], required, most).split(effort_fte[order])
    found = np.empty(len(who))
    found[order] = curves.value(k.ravel()).reshape(k.shape).sum(axis=1)
    return found
