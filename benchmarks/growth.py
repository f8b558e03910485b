"""How time and memory of one solve grow with the number of territories.

    OPENBLAS_NUM_THREADS=1 .venv/bin/python benchmarks/growth.py [SIZE ...]

Three solves with prices of 18, 306, 1,254 and 5,000 territories, each size in a process of its own,
and after each HiGHS alone on the final programme: the first stage on its last tangents, from
nothing. Figures are medians. 18 are the regions of the scenario ``reference``. More are made of
them: territory j is region j mod 18 in small, of a pseudo-random size that is the same on every
run, and 101 of them are as large as the 18 together, so that contracts, posts, cap, budget and
limits grow in proportion beyond. 101 share 18 areas; after that there are 12.4 territories an area,
as 1,254 intercommunalités would share 101 départements.

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
from statistics import median
from typing import Any

import numpy as np

import fte_alloc as fa
from fte_alloc.lp.highs import OPTIMAL, HighsProgramme
from fte_alloc.lp.solving import CheckedProgramme
from fte_alloc.programme.curves import SaturatingCurves
from fte_alloc.programme.statement import formulate
from fte_alloc.search.prices import prices_of
from fte_alloc.search.rounds import RoundSearch
from fte_alloc.search.tangents import PERTURBATION

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from limit_arrays import LimitArrays, arrays_of, with_arrays

#: Areas of a number of territories; the regions are areas of their own.
AREAS = {18: 18, 101: 18}
SIZES, RUNS = (18, 306, 1254, 5000), 3
#: Territories as large as the 18 regions together, and those between which growth is told.
NATION, SMALLEST, LARGEST = 101, 306, 5000
#: Of the exponent, of prices next to the search, of all next to HiGHS alone.
AIM, PRICES_AIM, HIGHS_AIM = 1.2, 1, 4


def problem_of(territories: int) -> fa.Problem:
    """The reference scenario, or one of as many territories made of its regions."""
    p = fa.load("reference")
    regions = len(p.territories)
    if territories == regions:
        return p
    areas = AREAS.get(territories, math.ceil(territories * 101 / 1254))
    like = np.arange(territories) % regions
    size = np.random.default_rng(2023).uniform(0.5, 2.0, territories)
    nation = territories / NATION  # how many Frances there are
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
        cost_eur_per_fte=(p.cost_eur_per_fte[0][like], p.cost_eur_per_fte[1][of_area]),
        grant_eur_per_fte=(p.grant_eur_per_fte[0][like], p.grant_eur_per_fte[1][of_area]),
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


def measure(problem: fa.Problem) -> dict[str, float]:
    """Seconds of each part of one solve, and what it was of."""
    solving: list[float] = []
    run = CheckedProgramme.run

    def timed(live: CheckedProgramme, *arguments: Any) -> Any:
        begun = time.process_time()
        answer = run(live, *arguments)
        solving.append(time.process_time() - begun)
        return answer

    CheckedProgramme.run = timed  # type: ignore[method-assign]
    start = time.process_time()
    programme = formulate(problem)
    formulated = time.process_time()
    search: RoundSearch[fa.Evaluation] = RoundSearch(problem, programme, None)
    plan = search.run()
    searched, in_solver = time.process_time(), sum(solving)
    assert search.proved
    assert not plan.violations
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    assert prices_of(problem, search)
    priced = time.process_time()
    CheckedProgramme.run = run  # type: ignore[method-assign]
    alone = HighsProgramme(search.live.matrix, perturbation=PERTURBATION)
    begun = time.process_time()
    assert alone.run().status == OPTIMAL
    highs = time.process_time() - begun
    return {
        "total": priced - start,
        "formulating": formulated - start,
        "searching": searched - formulated,
        "of it in the solver": in_solver,
        "prices": priced - searched,
        "HiGHS alone": highs,
        "prices / search": (priced - searched) / (searched - formulated),
        "all / HiGHS alone": (priced - start) / highs,
        "rounds": search.rounds,
        "columns": len(search.live.matrix.columns),
        "rows": len(search.live.matrix.rows),
        "gap": max(proof.relative_gap for proof in search.proofs),
        "memory_mb": memory,
    }


def medians(territories: int) -> dict[str, float]:
    """The median of every figure of a few solves of the same problem."""
    problem = problem_of(territories)
    runs = [measure(problem) for _ in range(RUNS)]
    memory = {"memory_mb": runs[0]["memory_mb"]}  # later ones find that of the first taken
    return {name: median(run[name] for run in runs) for name in runs[0]} | memory


def main() -> None:
    """Print a line for each size, and the exponents."""
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    print(
        f"Python {platform.python_version()}, {platform.machine()}, "
        f"medians of {RUNS} runs, seconds of processor time"
    )
    found: dict[int, dict[str, float]] = {}
    for size in sizes:
        command = [sys.executable, __file__, "--one", str(size)]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found[size] = line = json.loads(printed)
        print(
            f"{size:>5} territories: {line['total']:7.2f} s "
            f"(formulating {line['formulating']:.2f}, searching {line['searching']:.2f}, "
            f"of it in the solver {line['of it in the solver']:.2f}, prices {line['prices']:.2f}); "
            f"{line['rounds']:.0f} rounds, {line['columns']:.0f} columns, {line['rows']:.0f} rows, "
            f"gap {line['gap']:.0e}, {line['memory_mb']:.0f} MB\n"
            f"      prices / search {line['prices / search']:.2f} (aim {PRICES_AIM} or less); "
            f"all / HiGHS alone {line['total']:.2f} s / {line['HiGHS alone']:.2f} s = "
            f"{line['all / HiGHS alone']:.2f}"
            + (f" (aim {HIGHS_AIM} or less)" if size == LARGEST else ""),
            flush=True,
        )
    if {SMALLEST, LARGEST} <= found.keys():
        parts = ("total", "formulating", "searching", "of it in the solver", "prices", "memory_mb")
        for part in parts:
            ratio = found[LARGEST][part] / found[SMALLEST][part]
            exponent = math.log(ratio) / math.log(LARGEST / SMALLEST)
            aim = f" (aim {AIM} or less)" if part == "total" else ""
            name = part.removeprefix("of it ")
            print(f"exponent of {name}, {SMALLEST} to {LARGEST}: {exponent:.2f}{aim}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(medians(int(sys.argv[2]))))
    else:
        main()
