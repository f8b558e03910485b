"""How long a newcomer waits: whole processes, side by side in one run, as ratios.

    .venv/bin/python benchmarks/startup.py [RUNS]

Each pair is run in turn, A B A B …, so that both meet the same machine; the ratio is that of the
medians. The last line splits one warm solve into time inside the solver and time around it.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

PROGRAMME = str(Path(sys.executable).with_name("fte-alloc"))
PAIRS = {
    "--help / import click": (
        [PROGRAMME, "--help"],
        [sys.executable, "-c", "import click"],
        1.5,
    ),
    "solve reference / import numpy, pulp, highspy": (
        [PROGRAMME, "solve", "reference"],
        [sys.executable, "-c", "import numpy, pulp, highspy"],
        2.0,
    ),
}


#: As on an ordinary machine: compiled modules are kept.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    # No timeout: with one, the end of a process is looked for every 50 ms only.
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    return time.perf_counter() - start


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    print(f"Python {platform.python_version()}, {platform.machine()}, {runs} runs of each")
    for name, (ours, theirs, aim) in PAIRS.items():
        seconds(ours), seconds(theirs)  # warm the disk cache
        pairs = [(seconds(ours), seconds(theirs)) for _ in range(runs)]
        a, b = (statistics.median(column) for column in zip(*pairs, strict=True))
        spread = sorted(x / y for x, y in pairs)
        print(
            f"{name}: {a * 1e3:.0f} ms / {b * 1e3:.0f} ms = {a / b:.2f}"
            f"  (pairs {spread[0]:.2f} to {spread[-1]:.2f}; aim {aim})"
        )
    import fte_alloc as fa
    from fte_alloc.lp.solving import CheckedProgramme

    fa.solve(fa.load("reference"))
    total, inside = [], list[float]()
    run = CheckedProgramme.run

    def timed(live: CheckedProgramme, *arguments: Any) -> Any:
        begun = time.perf_counter()
        answer = run(live, *arguments)
        inside[-1] += time.perf_counter() - begun
        return answer

    CheckedProgramme.run = timed  # type: ignore[method-assign]
    for _ in range(runs):
        start = time.perf_counter()
        problem = fa.load("reference")
        loaded = time.perf_counter()
        inside.append(0.0)
        plan = fa.solve(problem)
        total.append((time.perf_counter() - loaded, loaded - start))
    solve, load = (statistics.median(column) for column in zip(*total, strict=True))
    solver = statistics.median(inside)
    print(
        f"one warm solve: {solve * 1e3:.0f} ms, of which {solver * 1e3:.0f} ms inside the solver "
        f"({solver / solve:.0%}), {plan.rounds} rounds; reading the files {load * 1e3:.0f} ms"
    )


if __name__ == "__main__":
    main()
