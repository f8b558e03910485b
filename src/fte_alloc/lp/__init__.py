"""Tools for any linear programme written in PuLP; they know nothing of posts."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fte_alloc.lp.certificate import Bound, dual_bound
    from fte_alloc.lp.sensitivity import Range, Ranges, alternatives, ranges
    from fte_alloc.lp.solving import Outcome, solve
    from fte_alloc.lp.tradeoff import Point, frontier

_HOME = {
    "Bound": "certificate",
    "dual_bound": "certificate",
    "Outcome": "solving",
    "solve": "solving",
    "Range": "sensitivity",
    "Ranges": "sensitivity",
    "alternatives": "sensitivity",
    "ranges": "sensitivity",
    "Point": "tradeoff",
    "frontier": "tradeoff",
}

__all__ = [
    "Bound",
    "Outcome",
    "Point",
    "Range",
    "Ranges",
    "alternatives",
    "dual_bound",
    "frontier",
    "ranges",
    "solve",
]


def __getattr__(name: str) -> Any:
    # On first use: whoever only judges plans imports no solver.
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
