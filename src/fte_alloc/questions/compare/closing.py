"""What a comparison ends with: who gains and loses, who breaks limits, what is proved."""

from __future__ import annotations

from fte_alloc.language import _
from fte_alloc.names import LIMIT_NAMES, of_limit
from fte_alloc.questions.answer import Line
from fte_alloc.questions.claims import regional_lines
from fte_alloc.questions.compare.compare import Comparison
from fte_alloc.questions.wording import by_solver


def closing(comparison: Comparison) -> list[Line]:
    """How many gain and lose, who breaks limits, what is proved."""
    sides, titles = comparison.sides, comparison.titles
    last = {titles[side.name]: side.document["years"][-1] for side in sides}
    lines = []
    if len(set(last.values())) > 1:
        said = _("{scenario}: figures of {year}")
        lines = [Line(said.format(scenario=n, year=year)) for n, year in last.items()]
    if comparison.by_area:
        lines.append(Line(_("Areas are compared: the plans have other territories in the same.")))
    for side in sides[1:]:
        changes = comparison.moved(side).values()
        gain, lose = (sum(sign * change > 0 for change in changes) for sign in (1, -1))
        text = _("{scenario}: more posts in {gain} of {all} places, fewer in {lose}.")
        places = len(comparison.read("posts")[0])
        told = text.format(scenario=titles[side.name], gain=gain, lose=lose, all=places)
        lines.append(Line(told))
    for side in sides:
        if broken := side.document.get("violations"):
            text = _("{scenario} breaks limits, such as {first}: shown for reference only.")
            first = of_limit(LIMIT_NAMES, broken[0]["constraint"])
            lines.append(Line(text.format(scenario=titles[side.name], first=first), "warn"))
    return [*lines, Line(_proved(comparison)), *regional_lines(*(s.document for s in sides))]


def _proved(comparison: Comparison) -> str:
    """Which plans are proved best, and which are not."""
    found: dict[str, list[str]] = {}
    for side in comparison.sides:
        document = side.document
        if document["status"] == "judged":
            continue
        text = _("Proved best, each by its own objective: {names}")
        if document["status"] != "optimal":
            text = _("Not proved best: {names}")
        elif by_solver(document["stages"][0]):
            text = _("Best by the solver's bound, in steps: {names}")
        found.setdefault(text, []).append(comparison.titles[side.name])
    told = (text.format(names=", ".join(names)) for text, names in found.items())
    return _("; ").join(told) + _(".")
