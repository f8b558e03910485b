"""Objectives in words: their values and gains, and what is proved of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fte_alloc import numbers as show
from fte_alloc.language import _
from fte_alloc.programme.objectives import OBJECTIVES, is_stage_by_solver
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.answer import Line, Page
from fte_alloc.questions.document import Document


def objective_text(objective: str, value: float) -> str:
    """A value of an objective as text, without its unit."""
    if OBJECTIVES[objective].unit == "rate":
        return show.rate(value, 2)
    return show.count(value, OBJECTIVES[objective].digits)


def objective_name(stage: Document, years: Sequence[int] = ()) -> str:
    """The name of the objective of a stage; unweighted coverage is called contracts covered."""
    plain = stage["objective"] == "coverage" and stage["unit"] == "contracts"
    name = _(OBJECTIVES["contracts" if plain else stage["objective"]].name)
    return name + years_suffix(stage["objective"], years)


def objective_with_unit(stage: Document, value: float, years: Sequence[int] = ()) -> str:
    """A value of the objective of a stage as text, with its unit."""
    shown, unit = objective_text(stage["objective"], value), stage["unit"]
    shown += "" if unit == "rate" else f" {show.unit_after(value, unit)}"
    return shown + years_suffix(stage["objective"], years)


def objective_at_most(stage: Document, value: float) -> str:
    """An upper limit on a difference in the objective of a stage, rounded up, with its unit."""
    shown = show.at_most(value, OBJECTIVES[stage["objective"]].digits)
    if stage["objective"] == "worst_rate":
        shown = show.at_most(100 * value, 2)
    return f"{shown} {show.unit_after(value, stage['unit'])}"


def proof_claim(document: Document) -> tuple[str, str]:
    """What is proved of the first objective of a plan, as a sentence, and the tone of its line."""
    stages = document["stages"]
    if document["status"] != "optimal":
        if not stages:
            return _("STOPPED, NOT PROVED"), "bad"
        text = _("STOPPED, NOT PROVED: the bound is {gap} away, relative")
        return text.format(gap=show.gap(stages[0]["relative_gap"])), "bad"
    first = stages[0]
    if is_stage_by_solver(first):
        bound, relaxed = (
            objective_with_unit(first, first[key]) for key in ("bound", "relaxation_bound")
        )
        text = _("BEST by the solver's bound: {bound}; without steps {relaxed} is proved")
        return text.format(bound=bound, relaxed=relaxed), "good"
    claim = stage_claim(document, first)
    if "shortfall" in first["objective"] and first["bound"] == 0 and len(stages) > 1:
        claim = _("target reached; {claim}").format(claim=stage_claim(document, stages[1]))
    return _("PROVED BEST: {claim}").format(claim=claim), "good"


def stage_claim(document: Document, stage: Mapping[str, Any]) -> str:
    """The bound on the objective of a stage, as a sentence: no plan does better."""
    objective = stage["objective"]
    template = _(OBJECTIVES[objective].proved)
    if objective == "coverage" and document["coverage"]["weighted"]:
        template = _("no plan exceeds {bound} weighted contracts")
    bound = objective_text(objective, stage["bound"])
    return template.format(bound=bound) + years_suffix(objective, document["years"])


def years_suffix(objective: str, years: Sequence[int]) -> str:
    """« in 2023–2025 » behind a sum over several years; empty for one year and for rates."""
    if len(years) < 2 or OBJECTIVES[objective].unit == "rate":
        return ""
    return _(" in {first}–{last}").format(first=years[0], last=years[-1])


def stage_lines(document: Document) -> Page:
    """Lines with the value of each stage; bound and gap follow where the plan is not optimal."""
    page: Page = []
    for number, stage in enumerate(document["stages"], start=1):
        how = _("bound {bound}, gap ≤ {gap}").format(
            bound=objective_text(stage["objective"], stage["bound"]),
            gap=show.gap(stage["relative_gap"], in_steps=is_stage_by_solver(stage)),
        )
        if document["status"] == "optimal":
            how = _("best by the solver's bound") if is_stage_by_solver(stage) else _("proved")
        value, concede = objective_text(stage["objective"], stage["value"]), ""
        if stage["concede"]:  # the share of its optimum that it leaves to later stages
            in_plan = objective_text(stage["objective"], stage["in_plan"])
            text = _("; gives up {concede}: {in_plan} in the plan")
            concede = text.format(concede=show.share(stage["concede"]), in_plan=in_plan)
        text = _("Stage {number}    {objective}: {value}, {how}{concede}")
        name = objective_name(stage, document["years"])
        words = {"objective": name, "value": value, "how": how, "concede": concede}
        page.append(Line(text.format(number=number, **words)))
    return page


def rounding_lines(document: Document) -> list[Line]:
    """A line on the largest loss of objective value due to steps; none for continuous posts."""
    if not (rounding := document.get("rounding")):
        return []
    text = _("Steps of {step} FTE cost at most {loss} ({share}) against continuous posts: proved.")
    loss, step = objective_at_most(rounding, rounding["loss"]), rounding["step_fte"]
    share = show.share_at_most(rounding["relative_loss"])
    return [Line(text.format(step=show.plain_value(step), loss=loss, share=share))]


def gain_in_words(objective: str, unit: str, gain: float = 2.0, years: Sequence[int] = ()) -> str:
    """Words after a gain in an objective: « contracts in 2023–2025 », « EUR saved »."""
    words = show.unit_after(gain, unit)
    if unit != "weighted contracts":
        words = show.counted(OBJECTIVES[objective].worth, gain, unit)
    return words + years_suffix(objective, years)


def plan_text(document: Document) -> str:
    """Text of the plan's value of its first objective and of the kind of proof."""
    one = document["objective"]
    objective = objective_name(one, document["years"])
    if one["unit"] == "weighted contracts":
        text = _(" (unweighted {contracts})")
        if len(document["years"]) > 1:
            text = _(" (unweighted {contracts} in {year})")
        contracts = show.count(one["expected_contracts"])
        objective += text.format(contracts=contracts, year=document["years"][-1])
    text = _("{value} {objective}, proved best")
    if one["concede"]:
        text = _("{value} {objective}, up to {share} of its best given up for later objectives")
    elif one["by_solver"]:
        text = _("{value} {objective}, best by the solver's bound")
    value = objective_text(one["objective"], one["value"])
    return text.format(value=value, objective=objective, share=show.share(one["concede"]))


def gain_noun(document: Document, gain: float = 2.0) -> str:
    """Noun of a gain, such as contracts, in the singular or plural that the amount *gain* needs."""
    objective = document["objective"]
    return gain_in_words(objective["objective"], objective["unit"], gain, document["years"])


def gain_with_noun(document: Document, gain: float) -> str:
    """A gain as text with its sign and its noun: « +2.2 contracts »."""
    text = _("{gain} {worth}")
    return text.format(gain=gain_text(document, gain, signed=True), worth=gain_noun(document, gain))


def gain_text(document: Document, gain: float | None, *, signed: bool = False) -> str:
    """A gain as text, to the digits of its objective; a dash where no plan is known."""
    if gain is None:
        return _("–")
    text = objective_amount(document["objective"]["objective"], gain)
    if signed:
        return show.signed(text.replace(show.MINUS, "-"), gain)
    return text if show.is_nonzero(text) else text.replace(show.MINUS, "")


def objective_amount(objective: str, value: float, part: float = 0.0) -> str:
    """A value less a part of it, both rounded to the digits of the objective; rates in percent."""
    one = OBJECTIVES[objective]
    digits, shift = (3, 2) if one.unit == "rate" else (one.digits, 0)
    left = show.rounded(value, digits, shift) - show.rounded(part, digits, shift)
    return show.count(left, digits)


def objective_unit(problem: Problem, objective: str) -> str:
    """Unit of an objective; of coverage, weighted contracts where any weight is not 1."""
    weighted = objective == "coverage" and problem.is_weighted
    return "weighted contracts" if weighted else OBJECTIVES[objective].unit
