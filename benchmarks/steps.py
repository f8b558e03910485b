"""Plans in whole and half posts beside the same work in continuous posts, as ratios in one run.

    .venv/bin/python benchmarks/steps.py [RUNS]

Commands are whole processes, in turn A B A B …; so are problems of 101 and 306 territories
(``growth.problem_of``), solved in processes of their own, and ``fa.weights`` beside the command.
Times are seconds of processor time of a process, so that other work on the machine counts little;
a ratio is that of the medians.
"""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

#: Work, what it is compared with, and the most that the ratio should be.
COMPARED = [
    (("solve", "half-posts"), ("solve", "reference"), 2.5),
    (("explain", "half-posts"), ("explain", "reference"), 2.0),
    (("weights", "half-posts"), ("weights", "reference"), 4.0),
    (
        ("frontier", "half-posts", "--between", "coverage:state_cost"),
        ("frontier", "reference", "--between", "coverage:state_cost"),
        5.0,
    ),
    (
        ("frontier", "half-posts", "--between", "coverage:worst_rate"),
        ("frontier", "reference", "--between", "coverage:worst_rate"),
        5.0,
    ),
    (
        ("regret", "half-posts", "state-first", "--set", "posts.step_fte=0.5"),
        ("regret", "reference", "state-first"),
        5.0,
    ),
    (
        ("regret", "half-posts", "need-first", "--set", "posts.step_fte=0.5"),
        ("regret", "reference", "need-first"),
        5.0,
    ),
    (
        ("solve", "departements"),
        ("solve", "departements", "--set", "posts.step_fte=0"),
        4.0,
    ),
    (("problem", "306", "0.5"), ("problem", "306", "0"), 6.0),
    (("fa.weights", "reference"), ("weights", "reference"), 1.1),
]


def problem(territories: str, step_fte: str) -> None:
    """Solve a problem of so many territories, proved and with its prices."""
    from dataclasses import replace

    from growth import problem_of

    import fte_alloc as fa

    plan = fa.solve(replace(problem_of(int(territories)), step_fte=float(step_fte)))
    assert plan.status == "optimal"
    assert float(step_fte) == 0 or plan.stages[0].tables is not None


def weights(scenario: str) -> None:
    """``weights`` in Python."""
    import fte_alloc as fa

    assert fa.weights(fa.load(scenario)).document["weights"]


def seconds(work: Sequence[str]) -> float:
    """Processor time of a process of its own [s]."""
    own = {"problem": __file__, "fa.weights": __file__}.get(work[0])
    command = [sys.executable, *([own] if own else ["-m", "fte_alloc.cli"]), *work]
    environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    root = Path(__file__).resolve().parents[1]
    subprocess.run(command, check=True, capture_output=True, cwd=root, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main() -> None:
    """Print a line for each comparison."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"Python {platform.python_version()}, {platform.machine()}, {runs} runs of each")
    for ours, other, aim in COMPARED:
        names = " / ".join(" ".join(work) for work in (ours, other))
        try:
            pairs = [(seconds(ours), seconds(other)) for _ in range(runs)]
        except subprocess.CalledProcessError as error:
            print(f"{names}: {error.stderr.decode().strip().splitlines()[-1]}", flush=True)
            continue
        a, b = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(f"{names}: {a:.2f} s / {b:.2f} s = {a / b:.2f} (aim {aim:g})", flush=True)


if __name__ == "__main__":
    own = {"problem": problem, "fa.weights": weights}.get(sys.argv[1] if sys.argv[1:] else "")
    if own:
        own(*sys.argv[2:])
    else:
        main()
