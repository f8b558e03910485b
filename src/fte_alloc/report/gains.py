"""What explanations say alike: gains in words, posts that move, where a limit is set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fte_alloc import words
from fte_alloc.analysis.views import NO_GAIN
from fte_alloc.report import numbers as show
from fte_alloc.report.names import gained
from fte_alloc.report.pages import Line, Page
from fte_alloc.scenario.inputs import shown_origin
from fte_alloc.scenario.written import show_value

Document = Mapping[str, Any]
_SHOWN_FTE = 0.005
#: Digits of objectives, and powers of ten they are multiplied by.
_MANNERS = {"worst_rate": (3, 2), "state_cost": (0, 0), "posts": (2, 0), "change": (2, 0)}
_INDENT, _WIDE = " " * 11, 98


def title(document: Document, right: str) -> Line:
    """The scenario, and beside it what is explained."""
    says = {"scenario": document["scenario"], "title": document["title"]}
    return Line(words.TITLE.format(**says), "plain", right)


def years(document: Document) -> Page:
    """What a post more is where there are several years."""
    several = len(document["years"]) > 1
    return [Line(words.WHY_YEARS.format(year=document["year"]))] if several else []


def conceded(document: Document) -> Page:
    """That the first objective gives something up, where it does."""
    share = document["objective"]["concede"]
    return [Line(words.CONCEDED.format(concede=show.share(share)))] if share else []


def within(document: Document) -> str:
    """How much worse than the best the plans of a range may be."""
    return show.share(document["within_share"])


def continuous(document: Document) -> Page:
    """That ranges are of continuous posts, where the plan's are not."""
    return [Line(words.IN_CONTINUOUS_POSTS)] if document["step_fte"] > 0 else []


def worth(document: Document, gain: float = 2.0) -> str:
    """What is gained, in words.

    gain : how much, where it stands before them
    """
    return gained(document["objective"]["objective"], document["objective"]["unit"], gain)


def proof(document: Document) -> str:
    """That the plan is proved best, or whose word it is in steps."""
    return str(words.BEST_OF_SOLVER if document["step_fte"] > 0 else words.PROVED_AS_BEST)


def value_of_plan(document: Document) -> str:
    """What the plan reaches, with its objective."""
    objective = document["objective"]
    value = amount(objective["objective"], objective["value"])
    if objective["unit"] == "rate":
        value = words.PERCENT.format(number=value)
    told = words.VALUE_REACHED.format(value=value, objective=objective_name(objective))
    counted = objective.get("expected_contracts")
    if objective["unit"] != "weighted contracts" or counted is None:
        return told
    return words.VALUE_COUNTED.format(value=told, contracts=show.count(counted))


def objective_name(stage: Document) -> str:
    """Name of an objective; unweighted coverage is contracts."""
    plain = stage["objective"] == "coverage" and stage["unit"] == "contracts"
    return words.OBJECTIVES["contracts" if plain else stage["objective"]]


def no_gain(document: Document) -> float:
    """A gain up to here is none."""
    return NO_GAIN * max(1.0, abs(document["objective"]["value"]))


def gain_text(document: Document, gain: float, *, signed: bool = False) -> str:
    """A gain to the digits that tell something."""
    text = amount(document["objective"]["objective"], gain)
    if signed:
        return show.signed(text.replace(show.MINUS, "-"), gain)
    return text if any(digit in text for digit in "123456789") else text.replace(show.MINUS, "")


def amount(objective: str, value: float) -> str:
    """A value of an objective to the digits that tell something."""
    digits, shift = _MANNERS.get(objective, (1, 0))
    return show.count(show.rounded(value, digits, shift), digits)


def rest_text(document: Document, gain: float, part: float) -> str:
    """What is left of a gain without a part of it, both as they are shown."""
    objective = document["objective"]["objective"]
    digits, shift = _MANNERS.get(objective, (1, 0))
    left = show.rounded(gain, digits, shift) - show.rounded(part, digits, shift)
    return show.count(left, digits)


def fte(value: float) -> str:
    """Posts to a tenth, and 0.0 where there are none: the page is about this number."""
    return show.count(value, 1) if abs(value) >= 0.05 else show.count(0.0, 1)


def shares(moves: Sequence[Document]) -> Page:
    """Who gets how much, most first; who loses last."""
    said = []
    for move in moves:
        fte = move["facilitators_fte"] + move["coordinators_fte"]
        if abs(fte) >= _SHOWN_FTE:
            of_both = abs(move["coordinators_fte"]) >= _SHOWN_FTE
            roles = ("facilitators", "coordinators")
            says = {role: show.count_change(move[f"{role}_fte"], 2) for role in roles}
            says |= {"code": move["territory"], "name": move["name"]}
            says["fte"] = show.count_change(fte, 2)
            said.append((words.SHARE_OF_BOTH if of_both else words.SHARE).format(**says))
    lines: list[str] = []
    for text in said:  # a name and its figure stay on one line
        if lines and len(lines[-1]) + len(text) + 2 <= _WIDE:
            lines[-1] += f", {text}"
        else:
            lines.append(_INDENT + text)
    ends = [","] * (len(lines) - 1) + ["."]
    return [Line(line + end) for line, end in zip(lines, ends, strict=True)]


def set_by(setting: Document) -> Line:
    """An input that sets a limit, with its file and line."""
    says = {
        "key": setting["key"],
        "value": show_value(setting["value"]),
        "origin": shown_origin(setting["origin"]),
    }
    return Line(words.SET_BY.format(**says))
