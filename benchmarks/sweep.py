"""A sweep beside the loop a user would write, and beside bare re-solves, in one run, as ratios.

    .venv/bin/python benchmarks/sweep.py [CASES]

All solve the same cases of cap and budget for the scenario ``reference``, in one process:

* ours: ``fte_alloc.sweep`` from reading the files to the CSV on disk; every plan judged, bounded on
  the true curves, and settled to the last digit;
* (a) the plain loop: PuLP builds the programme anew, with 24 fixed tangents a curve, CBC solves it;
  no refinement, no bound, no check;
* (b) the same with HiGHS;
* (c) bare highspy: that programme built once, two limits changed, solved again hot, values read.

Ours and (c) are run before and after the others, so that a machine that slows down shows.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line does

import highspy
import numpy as np
import pulp

import fte_alloc as fa
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.sweep.cases import Cases

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from limit_arrays import arrays_of

CAP, BUDGET = "posts.cap_fte", "budget.state_eur_per_year"
TANGENTS = 24
AIM_PLAIN, AIM_BARE = 30.0, 3.0


def cases(count: int) -> Cases:
    """Caps from 540 to 640 FTE and budgets from 4 to 7 million EUR, as many as asked for."""
    caps = np.linspace(540, 640, 25)
    budgets = np.linspace(4e6, 7e6, count // len(caps))
    return Cases((CAP, BUDGET), tuple((float(c), float(b)) for c in caps for b in budgets))


# -- ours ------------------------------------------------------------------------------------------


def ours(wanted: Cases) -> fa.Problem:
    """The sweep and its file; the worst gap is asked for afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sweep.csv"
        found = fa.sweep("reference", wanted, out=path)
        assert path.read_text(encoding="utf-8").count("\n") == len(wanted.rows) + 1
    return found


# -- the loop a user would write -------------------------------------------------------------------


def tangents(p: Problem) -> tuple[np.ndarray, np.ndarray]:
    """Heights at 0 and slopes of 24 evenly spread tangents of every curve."""
    most = np.repeat(p.most_effort_fte.ravel(), len(p.segments))
    touch = most[:, None] * np.linspace(0, 1, TANGENTS)
    slopes = p.curves.slope(touch)
    return p.curves.value(touch) - slopes * touch, slopes


def plain(p: Problem, height: np.ndarray, slope: np.ndarray, cap: float, eur: float):
    """The programme as a user of PuLP would write it."""
    territories, segments = range(len(p.territories)), range(len(p.segments))
    limits = arrays_of(p)
    lp = pulp.LpProblem("plain", pulp.LpMaximize)
    x = [
        pulp.LpVariable(f"x_{i}", limits.min_new_facilitators_fte[i], limits.growth_fte_per_year[i])
        for i in territories
    ]
    required = np.where(p.fixed_coordinators_fte == 0, limits.required_coordinators_fte, 0)
    z = [
        pulp.LpVariable(f"z_{a}", required[a], limits.max_new_coordinators_fte[a])
        for a in range(len(p.areas))
    ]
    v = [pulp.LpVariable(f"v_{i}", 0) for i in territories]
    k = {(i, s): pulp.LpVariable(f"k_{i}_{s}", 0) for i in territories for s in segments}
    y = {(i, s): pulp.LpVariable(f"y_{i}_{s}", 0) for i in territories for s in segments}
    lp += pulp.lpSum(p.weight[i, 0, s] * y[i, s] for i in territories for s in segments)
    for i in territories:
        posts = float(p.fixed_facilitators_fte[i]) + x[i]
        spent = pulp.lpSum(k[i, s] for s in segments)
        lp += spent <= posts + p.productivity_gain * v[i]
        lp += v[i] <= posts
        for s in segments:
            for m in range(TANGENTS):
                c = i * len(p.segments) + s
                lp += y[i, s] <= height[c, m] + slope[c, m] * k[i, s]
    for a in range(len(p.areas)):
        inside = pulp.lpSum(v[i] for i in territories if p.area_of[i] == a)
        lp += inside <= p.supports_fte * (float(p.fixed_coordinators_fte[a]) + z[a])
    fixed = float(p.fixed_facilitators_fte.sum() + p.fixed_coordinators_fte.sum())
    lp += pulp.lpSum(x) + pulp.lpSum(z) <= cap - fixed, "cap"
    grant = [float(of[0, 0]) / 1000 for of in p.grant_eur_per_fte]
    committed = p.committed_facilitators_fte.sum(), p.committed_coordinators_fte.sum()
    paid = float(grant[0] * committed[0] + grant[1] * committed[1])
    lp += grant[0] * pulp.lpSum(x) + grant[1] * pulp.lpSum(z) <= eur / 1000 - paid, "budget"
    return lp


def plain_loop(wanted: Cases, solver: Callable[[], object]) -> list[float]:
    """The programme built and solved anew for every case."""
    p = fa.load("reference")
    lines = tangents(p)
    values = []
    for cap, eur in wanted.rows:
        lp = plain(p, *lines, cap, eur)
        lp.solve(solver())
        values.append(pulp.value(lp.objective))
    return values


def bare_loop(wanted: Cases) -> list[float]:
    """The programme built once; two limits changed, solved again, all values read."""
    p = fa.load("reference")
    lp = plain(p, *tangents(p), *wanted.rows[0])
    lp.solve(pulp.HiGHS(msg=False))
    highs: highspy.Highs = lp.solverModel
    rows = {constraint.name: n for n, constraint in enumerate(lp.constraints())}
    fixed = float(p.fixed_facilitators_fte.sum() + p.fixed_coordinators_fte.sum())
    grant = [float(of[0, 0]) / 1000 for of in p.grant_eur_per_fte]
    committed = p.committed_facilitators_fte.sum(), p.committed_coordinators_fte.sum()
    paid = float(grant[0] * committed[0] + grant[1] * committed[1])
    values = []
    for cap, eur in wanted.rows:
        highs.changeRowBounds(rows["cap"], -highspy.kHighsInf, cap - fixed)
        highs.changeRowBounds(rows["budget"], -highspy.kHighsInf, eur / 1000 - paid)
        highs.run()
        np.array(highs.getSolution().col_value)
        values.append(abs(highs.getInfo().objective_function_value))  # PuLP minimises −c·x
    return values


# -- side by side ----------------------------------------------------------------------------------


def timed(work: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def main() -> None:
    """Print seconds, ratios, and what the plain answers leave open."""
    wanted = cases(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
    count = len(wanted.rows)
    ours(Cases(wanted.keys, wanted.rows[:100]))  # imports are not what is compared
    first, found = timed(lambda: ours(wanted))
    bare_first, _ = timed(lambda: bare_loop(wanted))
    cbc, values = timed(lambda: plain_loop(wanted, lambda: pulp.PULP_CBC_CMD(msg=False)))
    highs, _ = timed(lambda: plain_loop(wanted, lambda: pulp.HiGHS(msg=False)))
    bare_last, bare_values = timed(lambda: bare_loop(wanted))
    last, _ = timed(lambda: ours(wanted))
    us, bare = (first + last) / 2, (bare_first + bare_last) / 2

    def line(name: str, seconds: float) -> str:
        return f"{name:<34} {seconds:8.2f} s  {1e3 * seconds / count:7.2f} ms a case"

    print(f"Python {platform.python_version()}, {platform.machine()}, {count} cases, one process")
    print(line("ours, judged, bounded, written", us), f" ({first:.2f} and {last:.2f})")
    print(line("(a) PuLP and CBC, built anew", cbc))
    print(line("(b) PuLP and HiGHS, built anew", highs))
    print(line("(c) bare highspy, hot", bare), f" ({bare_first:.2f} and {bare_last:.2f})")
    print(f"(a) / ours = {cbc / us:.1f} (aim {AIM_PLAIN:g} or more)")
    print(f"(b) / ours = {highs / us:.1f}")
    print(f"ours / (c) = {us / bare:.2f} (aim {AIM_BARE:g} or less)")
    rows = found.document["cases"]
    gap = max(case["relative_gap"] for case in rows)
    truth = np.array([case["objective"] for case in rows])
    print(f"every case proved: {all(case['status'] == 'optimal' for case in rows)}", end=", ")
    print(f"largest relative gap {gap:.1e} (aim 1e-6)")
    off = max(np.abs(np.array(v) / truth - 1).max() for v in (values, bare_values))
    print(f"the plain programmes promise up to {off:.2%} more contracts than any plan covers")


if __name__ == "__main__":
    main()
