"""What is proved and what is assumed of a plan, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fte_alloc import words
from fte_alloc.report import numbers as show
from fte_alloc.report.names import inputs_of, territory_words
from fte_alloc.report.pages import Line
from fte_alloc.scenario.overrides import command
from fte_alloc.search.document import OBJECTIVE_UNITS

Document = Mapping[str, Any]
#: Decimals of objectives on pages, where they are not one.
DIGITS = {"state_cost": 0, "posts": 2, "change": 2}


def objective_value(objective: str, value: float) -> str:
    """A value of an objective as a page shows it."""
    if objective == "worst_rate":
        return show.rate(value, 2)
    return show.count(value, DIGITS.get(objective, 1))


def objective_name(stage: Document) -> str:
    """What the objective of a stage is called; coverage without weights is that of contracts."""
    plain = stage["objective"] == "coverage" and stage["unit"] == "contracts"
    return words.OBJECTIVES["contracts" if plain else stage["objective"]]


def conceded(stage: Document) -> str:
    """What a stage gives up, if anything."""
    if not stage["concede"]:
        return ""
    in_plan = objective_value(stage["objective"], stage["in_plan"])
    return words.STAGE_CONCEDED.format(concede=show.share(stage["concede"]), in_plan=in_plan)


def with_unit(stage: Document, value: float) -> str:
    """A value of the objective of a stage as a page shows it, with its unit."""
    shown, unit = objective_value(stage["objective"], value), stage["unit"]
    return shown if unit == "rate" else f"{shown} {show.unit_after(value, unit)}"


def amount_at_most(objective: str, unit: str, value: float) -> str:
    """A difference of an objective that is a limit, rounded up, with its unit."""
    if objective == "worst_rate":
        return f"{show.at_most(100 * value, 2)} {show.unit_after(value, unit)}"
    return f"{show.at_most(value, DIGITS.get(objective, 1))} {show.unit_after(value, unit)}"


def proof(document: Document) -> tuple[str, str]:
    """What is proved of the plan, in one sentence, and its tone."""
    stages = document["stages"]
    if document["status"] != "optimal":
        if not stages:
            return words.NOT_PROVED_AT_ALL, "bad"
        undecided = document.get("reason") == "rounds"
        claim = words.UNDECIDED if undecided else words.NOT_PROVED
        return claim.format(gap=show.gap(stages[0]["relative_gap"])), "bad"
    first = stages[0]
    if first["relaxation_bound"] is not None:
        bound, relaxed = (
            objective_value(first["objective"], first[key]) for key in ("bound", "relaxation_bound")
        )
        if first["unit"] != OBJECTIVE_UNITS[first["objective"]]:
            bound = with_unit(first, first["bound"])
        return words.IN_STEPS.format(bound=bound, relaxed=relaxed), "good"
    claim = stage_claim(document, first)
    if "shortfall" in first["objective"] and first["bound"] == 0 and len(stages) > 1:
        claim = words.PROVED_REACHED.format(claim=stage_claim(document, stages[1]))
    return words.PROVED_BEST.format(claim=claim), "good"


def stage_claim(document: Document, stage: Mapping[str, Any]) -> str:
    """What no plan can do better than a stage."""
    objective, years = stage["objective"], document["years"]
    template = words.PROVED[objective]
    if objective == "coverage" and document["coverage"]["weighted"]:
        template = words.PROVED_WEIGHTED
    over = ""
    if len(years) > 1 and objective != "worst_rate":
        over = words.OVER_YEARS.format(first=years[0], last=years[-1])
    return template.format(bound=objective_value(objective, stage["bound"])) + over


def rounding_lines(document: Document) -> list[Line]:
    """What steps cost at most against continuous posts."""
    rounding = document.get("rounding")
    if not rounding:
        return []
    step = rounding["step_fte"]
    steps = words.STEP_NAMES.get(step, words.STEPS_OF.format(step=show.plain_value(step)))
    loss = amount_at_most(rounding["objective"], rounding["unit"], rounding["loss"])
    share = show.share_at_most(rounding["relative_loss"])
    return [Line(words.ROUNDING.format(steps=steps, loss=loss, share=share))]


def regional_lines(*documents: Document) -> list[Line]:
    """How many regional figures are assumptions: on every page that depends on them.

    Plans that say the same say it once.
    """
    told: dict[tuple[int, ...], list[Line]] = {}
    for document in documents:
        figures = document.get("regional_figures")
        if figures and figures["total"] and tuple(figures.values()) not in told:
            told[tuple(figures.values())] = _assumed(
                document, figures["total"], figures["assumption"]
            )
    return [line for lines in told.values() for line in lines]


def _assumed(document: Document, total: int, assumed: int) -> list[Line]:
    """How many of so many regional figures are assumptions, and how to see each."""
    of_it = territory_words(inputs_of(document).get("territory", ""))[2]
    says = {"total": total, "assumed": assumed, "territorial": of_it}
    if not assumed:
        return [Line(words.REGIONAL_NONE_ASSUMED.format(**says))]
    told = words.REGIONAL_ALL_ASSUMED if assumed == total else words.REGIONAL_SOME_ASSUMED
    each = words.REGIONAL_EACH.format(command=command("check", document["inputs"]))
    return [Line(told.format(**says), "warn"), Line(each, "warn", whole=True)]
