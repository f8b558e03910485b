"""Decides where co-financed posts go, and proves that no better distribution exists.

>>> import fte_alloc as fa
>>> problem = fa.load("reference", overrides={"posts.cap_fte": 600})
>>> plan = fa.solve(problem)
>>> round(plan.expected_contracts)
58366
"""

import _signal  # type: ignore[import-not-found]  # the built-in part of signal: no time is lost
import gc
import os
import sys

if (
    os.path.basename(sys.argv[0]).startswith("fte-alloc")  # noqa: PTH119 - imports little
    or "fte_alloc.cli" in sys.orig_argv
) and _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
    # A command: Ctrl-C during the imports exits at once; there is nothing to save or report yet.
    _signal.signal(_signal.SIGINT, lambda *_: os._exit(130))
    gc.set_threshold(50_000)  # waste is seldom searched for: all that is imported stays

from typing import Any


def __getattr__(name: str) -> Any:
    # On first use: ``fte-alloc --help`` imports neither numpy nor a solver.
    from fte_alloc.api import exported

    return exported(name)


def __dir__() -> list[str]:
    return list(__getattr__("__all__"))
