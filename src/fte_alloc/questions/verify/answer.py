"""The answer of ``verify``: sentences on inputs, plan and bound, findings, unproved statements."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from fte_alloc import numbers as show
from fte_alloc.language import N_, _, few
from fte_alloc.questions.answer import Answer, Grid, Line, Page
from fte_alloc.questions.document import document_number
from fte_alloc.questions.objectives_in_words import (
    objective_at_most,
    objective_name,
    objective_text,
    objective_with_unit,
    stage_claim,
)
from fte_alloc.questions.verify.compare_documents import Finding, printable
from fte_alloc.questions.verify.verify import Verification

VERIFY_BOUND_NOT_CHECKED = N_("Not checked: there is no plan to compare it with.")

VERIFICATION = "fte-alloc/verification/2"
FINDING_COLUMNS = ("path", "saved", "recomputed")
#: Figures of a stage in the document, each with its name in ``RecomputedStage``.
_FIGURES = {"value": "own"} | {k: k for k in ("in_plan", "bound", "recomputed_bound", "gap")}
_MOST_SHOWN = 20


def verification_document(verified: Verification, plan: str) -> dict[str, Any]:
    """The result of ``verify`` as a ``fte-alloc/verification/2`` document."""
    return {
        "format": VERIFICATION,
        "plan": printable(plan),
        "accepted": verified.accepted,
        "sentences": sentences(verified),
        "findings": [asdict(finding) for finding in verified.findings],
        "unproved": [{"what": what, "paths": list(paths)} for what, paths in verified.unproved],
        "stages": [
            {"objective": stage.objective, "unit": stage.unit}
            | {key: document_number(getattr(stage, of)) for key, of in _FIGURES.items()}
            for stage in verified.stages
        ],
    }


def verify_answer(verified: Verification, plan: str = "") -> Answer:
    """``Answer`` of ``verify``: three sentences, stages, findings, unproved statements."""
    tone, claim = ("good", _("ACCEPTED")) if verified.accepted else ("bad", _("NOT ACCEPTED"))
    label, title = verified.document.get("scenario"), plan
    if isinstance(label, str):
        title = printable(label)
        title = _("{plan}: {scenario}").format(plan=plan, scenario=title) if plan else title
    labels = zip((_("Inputs"), _("Plan"), _("Bound")), sentences(verified), strict=True)
    page: Page = [Line(title, tone, claim), *(Line(f"{of:<11}{said}") for of, said in labels)]
    rows = []
    for stage in verified.stages:
        figures = (stage.own, stage.bound, stage.recomputed_bound)
        shown = [objective_text(stage.objective, figure) for figure in figures]
        gap = show.gap(stage.gap, in_steps=stage.is_by_solver)
        rows.append([objective_name(vars(stage)), *shown, gap])
    if rows:
        stages = (_("stage"), _("value"), _("bound saved"), _("bound recomputed"), _("gap ≤"))
        page += [Line(""), Grid(stages, rows)]
    if verified.findings:
        found = verified.findings[:_MOST_SHOWN]
        rows = [[one.path, show.exact(one.saved), show.exact(one.recomputed)] for one in found]
        headings = (_("not as it says"), _("saved"), _("recomputed"))
        page += [Line(""), Grid(headings, rows, left_too=(1, 2), fold=(0, 1, 2))]
    if (more := len(verified.findings) - _MOST_SHOWN) > 0:
        text = _("… and {count} more (--format json lists them all)")
        page.append(Line(text.format(count=more)))
    text = _("Not proved here: {what}.")
    unproved = [Line(text.format(what=what)) for what, __ in verified.unproved]
    return Answer(title, [*page, *([Line("")] if unproved else []), *unproved])


def sentences(verified: Verification) -> list[str]:
    """Three sentences on what is proved, and what is not, of the inputs, the plan and its bound."""
    if verified.inputs:
        wrong = _wrong_inputs(verified.inputs)
        text = _("Not checked: it can only be judged by the inputs it was made from.")
        return [wrong, text, _(VERIFY_BOUND_NOT_CHECKED)]
    text = _("The problem was given, not read from files.")
    if "inputs" in verified.document:
        text = _("The files are those the plan was made from, and give the same values.")
    return [text, _sentence_on_plan(verified), _sentence_on_bound(verified)]


def _wrong_inputs(findings: Sequence[Finding]) -> str:
    """Sentence that names the files that differ from those of the plan, else the first finding."""
    files = [one.path[13:-1] for one in findings if one.path.startswith("inputs.files[")]
    if files:
        text = _("Not those of the plan: {names}; solve again, or name their folder by --root DIR.")
        return text.format(names=few(files, 3))
    first = findings[0]
    text = _("They cannot be read again: {what} is {value}, expected {expected}; solve again.")
    return text.format(what=first.path, value=first.saved, expected=first.recomputed)


def _sentence_on_plan(verified: Verification) -> str:
    figures, limits = len(verified.figures), len(verified.limits)
    text = _("Its posts and effort keep every limit; all other figures follow from them.")
    if verified.recomputed is None:
        text = _("Some of its posts or efforts, {figures} in all, are no numbers; not judged.")
    elif limits:
        text = _("Its posts and their effort break limits, {limits} in all.")
    elif figures:
        text = _(
            "Figures do not follow from inputs, posts and effort, {figures} in all: solve again."
        )
    return text.format(figures=figures, limits=limits)


def _sentence_on_bound(verified: Verification) -> str:
    """Sentence on the bound of the first stage that the plan misses, else of the first stage."""
    stages = verified.stages
    if verified.recomputed is None:
        return _(VERIFY_BOUND_NOT_CHECKED)
    if verified.bound:
        return verified.bound if verified.accepted else _("Not all of the curve is proved.")
    if not stages:
        return _("The plan was stopped before any bound was proved, and claims none.")
    missed = [stage for stage in stages if not stage.reached and not verified.limits]
    stage = (missed or stages)[0]  # bounds of later stages are of plans that keep the earlier ones
    what = _("tables of its areas") if stages[0].tables else _("saved prices")
    if not math.isfinite(stage.recomputed_bound):
        return _("The {what} do not prove the claim of the plan.").format(what=what)
    lost = max(0.0, stage.sign * (stage.recomputed_bound - stage.in_plan))
    amount, rest = objective_at_most(vars(stage), lost), ""
    if verified.limits:
        rest = _(", by breaking limits")
    elif not stage.reached:
        rest = _(", so at most {amount} may be gained: it is not proved best").format(amount=amount)
    elif stage.is_by_solver:
        rest = _(", so steps cost at most {amount}").format(amount=amount)
    elif stage.concede:
        text = _(", giving up no more than the {concede} it may")
        rest = text.format(concede=show.share(stage.concede))
    claim = stage_claim(verified.recomputed, vars(stage) | {"bound": stage.recomputed_bound})
    value = objective_with_unit(vars(stage), stage.in_plan)
    text = _("The {what} prove by arithmetic that {claim}; the plan reaches {value}{rest}.")
    return text.format(what=what, claim=claim, value=value, rest=rest)
