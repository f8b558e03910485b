"""Sentences about a plan: what is proved of it, and how many of its inputs are assumed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fte_alloc import numbers as show
from fte_alloc.inputs.entries import command
from fte_alloc.language import _
from fte_alloc.programme.objectives import OBJECTIVES
from fte_alloc.questions.answer import Line
from fte_alloc.questions.document import Document, inputs_of
from fte_alloc.questions.wording import by_solver, territory_words


def objective_value(objective: str, value: float) -> str:
    """A value of an objective as text, without its unit."""
    if OBJECTIVES[objective].unit == "rate":
        return show.rate(value, 2)
    return show.count(value, OBJECTIVES[objective].digits)


def objective_name(stage: Document) -> str:
    """The name of the objective of a stage; unweighted coverage is called contracts covered."""
    plain = stage["objective"] == "coverage" and stage["unit"] == "contracts"
    return _(OBJECTIVES["contracts" if plain else stage["objective"]].name)


def conceded(stage: Document) -> str:
    """End of a sentence: the share of the optimum that a stage concedes to later ones; or empty."""
    if not stage["concede"]:
        return ""
    in_plan = objective_value(stage["objective"], stage["in_plan"])
    text = _("; gives up {concede}: {in_plan} in the plan")
    return text.format(concede=show.share(stage["concede"]), in_plan=in_plan)


def with_unit(stage: Document, value: float) -> str:
    """A value of the objective of a stage as text, with its unit."""
    shown, unit = objective_value(stage["objective"], value), stage["unit"]
    return shown if unit == "rate" else f"{shown} {show.unit_after(value, unit)}"


def amount_at_most(stage: Document, value: float) -> str:
    """An upper limit on a difference in the objective of a stage, rounded up, with its unit."""
    shown = show.at_most(value, OBJECTIVES[stage["objective"]].digits)
    if stage["objective"] == "worst_rate":
        shown = show.at_most(100 * value, 2)
    return f"{shown} {show.unit_after(value, stage['unit'])}"


def proof(document: Document) -> tuple[str, str]:
    """The claim that is proved of the plan, as a sentence, and the tone of its line."""
    stages = document["stages"]
    if document["status"] != "optimal":
        if not stages:
            return _("STOPPED, NOT PROVED"), "bad"
        text = _("STOPPED, NOT PROVED: the bound is {gap} away, relative")
        return text.format(gap=show.gap(stages[0]["relative_gap"])), "bad"
    first = stages[0]
    if by_solver(first):
        bound, relaxed = (with_unit(first, first[key]) for key in ("bound", "relaxation_bound"))
        text = _("BEST by the solver's bound: {bound}; without steps {relaxed} is proved")
        return text.format(bound=bound, relaxed=relaxed), "good"
    claim = stage_claim(document, first)
    if "shortfall" in first["objective"] and first["bound"] == 0 and len(stages) > 1:
        claim = _("target reached; {claim}").format(claim=stage_claim(document, stages[1]))
    return _("PROVED BEST: {claim}").format(claim=claim), "good"


def stage_claim(document: Document, stage: Mapping[str, Any]) -> str:
    """The bound on the objective of a stage, as a sentence: no plan does better."""
    objective, years = stage["objective"], document["years"]
    template = _(OBJECTIVES[objective].proved)
    if objective == "coverage" and document["coverage"]["weighted"]:
        template = _("no plan exceeds {bound} weighted contracts")
    over = ""
    if len(years) > 1 and objective != "worst_rate":
        over = _(" in {first}–{last}").format(first=years[0], last=years[-1])
    return template.format(bound=objective_value(objective, stage["bound"])) + over


def rounding_lines(document: Document) -> list[Line]:
    """The line on the largest loss by steps against continuous posts; none for continuous posts."""
    rounding = document.get("rounding")
    if not rounding:
        return []
    step = rounding["step_fte"]
    usual = {0.5: _("Half posts"), 1.0: _("Whole posts")}
    steps = usual.get(step, _("Steps of {step} FTE").format(step=show.plain_value(step)))
    loss = amount_at_most(rounding, rounding["loss"])
    share = show.share_at_most(rounding["relative_loss"])
    text = _("{steps} cost at most {loss} ({share}) against continuous posts: proved.")
    return [Line(text.format(steps=steps, loss=loss, share=share))]


def regional_lines(*documents: Document) -> list[Line]:
    """Lines on the number of assumed regional figures, once for documents with equal numbers."""
    known: dict[tuple[int, ...], list[Line]] = {}
    for document in documents:
        figures = document.get("regional_figures")
        if figures and figures["total"] and tuple(figures.values()) not in known:
            known[tuple(figures.values())] = _assumed(document, figures)
    return [line for lines in known.values() for line in lines]


def _assumed(document: Document, figures: Mapping[str, int]) -> list[Line]:
    """The lines on how many regional figures are assumed, and the command that lists them."""
    total, assumed = figures["total"], figures["assumption"]
    reported, published = figures.get("reported", 0), figures["published"]
    rest = {
        _(", {count} reported"): reported,
        _(", {count} derived or set by the scenario"): total - assumed - reported - published,
    }
    text = _(
        "{assumed} of {total} {territorial} counts of posts and contracts are ASSUMED, {published} "
        "published{rest}."
    )
    counted = text.format(
        assumed=assumed,
        total=total,
        territorial=territory_words(inputs_of(document).get("territory", ""))[2],
        published=published,
        rest="".join(more.format(count=count) for more, count in rest.items() if count),
    )
    if not assumed:
        return [Line(counted)]
    lines = [Line(counted, "warn")]
    file = str(document["inputs"].get("file", ""))
    if file.startswith("package:") or Path(file).is_file():  # otherwise the command would fail
        text = _("Each with its reason: {command}")
        each = text.format(command=command("check", document["inputs"]))
        lines.append(Line(each, "warn", whole=True))
    return lines
