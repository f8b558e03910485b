"""Tools for any linear programme written in PuLP; they know nothing of posts."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fte_alloc.lp.certificate import Bound, dual_bound
    from fte_alloc.lp.conflicts import Conflict, conflict, conflict_of
    from fte_alloc.lp.inversion import Inverse, NoCostsError, inverse
    from fte_alloc.lp.repairs import BeyondRepairError, Repair, repair, repair_of
    from fte_alloc.lp.sensitivity import Range, Ranges, alternatives, ranges
    from fte_alloc.lp.solving import Outcome, solve
    from fte_alloc.lp.tradeoff import Point, frontier

_HOME = {
    "BeyondRepairError": "repairs",
    "Bound": "certificate",
    "Conflict": "conflicts",
    "Inverse": "inversion",
    "NoCostsError": "inversion",
    "Outcome": "solving",
    "Point": "tradeoff",
    "Range": "sensitivity",
    "Ranges": "sensitivity",
    "Repair": "repairs",
    "alternatives": "sensitivity",
    "conflict": "conflicts",
    "conflict_of": "conflicts",
    "dual_bound": "certificate",
    "frontier": "tradeoff",
    "inverse": "inversion",
    "ranges": "sensitivity",
    "repair": "repairs",
    "repair_of": "repairs",
    "solve": "solving",
}

__all__ = [
    "BeyondRepairError",
    "Bound",
    "Conflict",
    "Inverse",
    "NoCostsError",
    "Outcome",
    "Point",
    "Range",
    "Ranges",
    "Repair",
    "alternatives",
    "conflict",
    "conflict_of",
    "dual_bound",
    "frontier",
    "inverse",
    "ranges",
    "repair",
    "repair_of",
    "solve",
]


def __getattr__(name: str) -> Any:
    # On first use: whoever only judges plans imports no solver.
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
