"""What a comparison costs beside the plans it compares, side by side in one run, as a ratio.

    .venv/bin/python benchmarks/compare.py [RUNS]

Both solve the same six scenarios, read anew each time; the comparison also puts them side by side,
judges each under the assumptions of all others, and makes its document, or its page. They take
turns, A B A B …, so that both meet the same machine; the ratio is that of the medians.
"""

from __future__ import annotations

import io
import platform
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout

import fte_alloc as fa
from fte_alloc.questions.compare.answer import compare_answer
from fte_alloc.render.terminal import print_page

NAMES = ("reference", "tight-budget", "cap-560", "need-first", "state-first", "weakest-first")
AIM = 3.0


def solve_each() -> None:
    for name in NAMES:
        fa.solve(fa.load(name))


def compare_as_data() -> None:
    assert fa.compare([fa.load(name) for name in NAMES]).document["cross"]


def compare_on_a_page(*, why: bool = False) -> None:
    with redirect_stdout(io.StringIO()) as page:
        print_page(compare_answer(fa.compare([fa.load(name) for name in NAMES], why=why)).page())
    assert page.getvalue()


def compare_with_why() -> None:
    compare_on_a_page(why=True)


COMPARED = {
    "as data": compare_as_data,
    "on a page": compare_on_a_page,
    "on a page with --why": compare_with_why,
}


def seconds(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    print(f"Python {platform.python_version()}, {platform.machine()}, {runs} runs of each")
    for what, ours in COMPARED.items():
        seconds(ours), seconds(solve_each)  # import what is imported late
        pairs = [(seconds(ours), seconds(solve_each)) for _ in range(runs)]
        a, b = (statistics.median(column) for column in zip(*pairs, strict=True))
        spread = sorted(x / y for x, y in pairs)
        print(
            f"compare six {what} / solve each of the six: {a * 1e3:.0f} ms / {b * 1e3:.0f} ms = "
            f"{a / b:.2f}  (pairs {spread[0]:.2f} to {spread[-1]:.2f}; aim {AIM:g})"
        )


if __name__ == "__main__":
    main()
