"""How time and memory of one solve grow with the number of territories.

    OPENBLAS_NUM_THREADS=1 .venv/bin/python benchmarks/growth.py [SIZE ...]

One solve, without prices, of 18, 101, 1,254 and 5,000 territories, each in a process of its own.
18 are the regions of the scenario ``reference``. More are made of them: territory j is region j
mod 18 in small, of a pseudo-random size that is the same on every run, and 101 of them are as large
as the 18 together, so that contracts, posts, cap, budget and limits grow in proportion beyond. 101
share 18 areas; after that there are 12.4 territories an area, as 1,254 intercommunalités would
share 101 départements.

Times are seconds of processor time, one thread, so that other work on the machine counts little.
"""

from __future__ import annotations

import json
import math
import platform
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import fte_alloc as fa
from fte_alloc.lp.solving import Live
from fte_alloc.programme.curves import SaturatingCurves
from fte_alloc.programme.statement import formulate
from fte_alloc.search.rounds import Search

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from limit_arrays import LimitArrays, arrays_of, with_arrays

#: Areas of a number of territories; the regions are areas of their own.
AREAS = {18: 18, 101: 18, 1254: 101, 5000: 403}
SMALLEST, LARGEST = 101, 5000
AIM = 1.3


def problem_of(territories: int) -> fa.Problem:
    """The reference scenario, or one of as many territories made of its regions."""
    p = fa.load("reference")
    regions = len(p.territories)
    if territories == regions:
        return p
    areas = AREAS.get(territories, math.ceil(territories * 101 / 1254))
    like = np.arange(territories) % regions
    size = np.random.default_rng(2023).uniform(0.5, 2.0, territories)
    nation = territories / SMALLEST  # how many Frances there are
    # Each region is divided among those made of it.
    size *= nation / np.bincount(like, size, regions)[like]
    # An area has its region's limits on coordinators, whatever its size.
    area_of = np.arange(territories) * areas // territories
    of_area = np.arange(areas) % regions
    contracts = p.contracts_per_year[like] * size[:, None, None]
    assert isinstance(p.curves, SaturatingCurves)
    curve = (like[:, None] * len(p.segments) + np.arange(len(p.segments))).ravel()
    curves = SaturatingCurves(
        contracts.ravel(),
        p.curves.floor_rate[curve],
        p.curves.ceiling_rate[curve],
        p.curves.contracts_per_fte[curve],
        p.curves.draws,
    )
    names = tuple(f"T{j:04d}" for j in range(territories))
    area_names = tuple(f"A{a:03d}" for a in range(areas))
    before = arrays_of(p)
    many = replace(
        p,
        limits=(),
        territories=names,
        territory_names=names,
        areas=area_names,
        area_names=area_names,
        area_of=area_of,
        contracts_per_year=contracts,
        curves=curves,
        existing_facilitators_fte=p.existing_facilitators_fte[like] * size,
        committed_facilitators_fte=p.committed_facilitators_fte[like] * size,
        territory_weight=np.ones(territories),
        existing_coordinators_fte=p.existing_coordinators_fte[of_area],
        committed_coordinators_fte=p.committed_coordinators_fte[of_area],
        inputs=None,
    )
    limits = LimitArrays(
        cap_fte=before.cap_fte * nation,
        state_eur_per_year=before.state_eur_per_year * nation,
        partner_capacity_eur=np.full(territories, np.inf),
        growth_fte_per_year=before.growth_fte_per_year[like] * size,
        min_new_facilitators_fte=np.zeros(territories),
        max_new_facilitators_fte=np.full(territories, np.inf),
        required_coordinators_fte=before.required_coordinators_fte[of_area],
        max_new_coordinators_fte=before.max_new_coordinators_fte[of_area],
        least_rate=np.zeros(territories),
    )
    return with_arrays(many, limits)


def measure(territories: int) -> dict[str, Any]:
    """Seconds of each part of one solve, and what it was of."""
    problem = problem_of(territories)
    solving: list[float] = []
    run = Live.run

    def timed(live: Live, *arguments: Any) -> Any:
        begun = time.process_time()
        answer = run(live, *arguments)
        solving.append(time.process_time() - begun)
        return answer

    Live.run = timed  # type: ignore[method-assign]
    start = time.process_time()
    programme = formulate(problem)
    formulated = time.process_time()
    search = Search(problem, programme, None)
    plan = search.run()
    searched = time.process_time()
    assert search.proved
    assert not plan.violations
    return {
        "territories": territories,
        "total": searched - start,
        "formulating": formulated - start,
        "searching": searched - formulated,
        "of it in the solver": sum(solving),
        "runs": len(solving),
        "rounds": search.rounds,
        "columns": len(search.live.matrix.columns),
        "rows": len(search.live.matrix.rows),
        "gap": max(proof.relative_gap for proof in search.proofs),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    """Print a line for each size, and the exponents."""
    sizes = [int(size) for size in sys.argv[1:]] or list(AREAS)
    print(f"Python {platform.python_version()}, {platform.machine()}, seconds of processor time")
    found = {}
    for size in sizes:
        command = [sys.executable, __file__, "--one", str(size)]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found[size] = line = json.loads(printed)
        print(
            f"{size:>5} territories: {line['total']:7.2f} s "
            f"(formulating {line['formulating']:.2f}, searching {line['searching']:.2f}, "
            f"of it in the solver {line['of it in the solver']:.2f}); "
            f"{line['rounds']} rounds, {line['runs']} runs, "
            f"{line['columns']} columns, {line['rows']} rows, "
            f"gap {line['gap']:.0e}, {line['memory_mb']} MB",
            flush=True,
        )
    if {SMALLEST, LARGEST} <= found.keys():
        for part in ("total", "formulating", "searching", "of it in the solver", "memory_mb"):
            ratio = found[LARGEST][part] / found[SMALLEST][part]
            exponent = math.log(ratio) / math.log(LARGEST / SMALLEST)
            aim = f" (aim {AIM} or less)" if part == "total" else ""
            name = part.removeprefix("of it ")
            print(f"exponent of {name}, {SMALLEST} to {LARGEST}: {exponent:.2f}{aim}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(int(sys.argv[2]))))
    else:
        main()
