"""A plan proved again, in three sentences: its inputs, the plan, its bound; then what is not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from fte_alloc import words
from fte_alloc.analysis.agreement import Finding, writable
from fte_alloc.analysis.recompute import StageCheck
from fte_alloc.analysis.verify import Verification
from fte_alloc.report import numbers as show
from fte_alloc.report.answer import Answer
from fte_alloc.report.claims import (
    amount_at_most,
    objective_name,
    objective_value,
    stage_claim,
    with_unit,
)
from fte_alloc.report.pages import Grid, Line, Page

VERIFICATION = "fte-alloc/verification/1"
FINDING_COLUMNS = ("path", "saved", "recomputed")
#: What is recomputed of an accepted plan, by key of its document.
_PROVED = ("inputs", "posts", "territories", "segments", "coverage", "network", "money")
#: Figures of a stage, by key of the document.
_FIGURES = {"value": "own"} | {k: k for k in ("in_plan", "bound", "recomputed_bound", "gap")}
_MOST_SHOWN = 20


def verification_document(verified: Verification, plan: str) -> dict[str, Any]:
    """The result of ``verify`` as a ``fte-alloc/verification/1`` document.

    plan : what the plan is called
    """
    bounds = [
        f"stages[{stage.objective}].{'relaxation_bound' if stage.in_steps else 'bound'}"
        for stage in verified.stages
    ]
    return {
        "format": VERIFICATION,
        "plan": writable(plan),
        "accepted": verified.accepted,
        "sentences": sentences(verified),
        "findings": [asdict(finding) for finding in verified.findings],
        "proved": [*_PROVED, *bounds] if verified.accepted else [],
        "unproved": [{"what": what, "paths": list(paths)} for what, paths in verified.unproved],
        "stages": [
            {"objective": stage.objective, "unit": stage.unit}
            | {
                key: figure if math.isfinite(figure := getattr(stage, name)) else None
                for key, name in _FIGURES.items()
            }
            for stage in verified.stages
        ],
    }


def verify_answer(verified: Verification, plan: str) -> Answer:
    """The answer of ``verify``.

    plan : what the plan is called
    """
    tone, claim = ("good", words.ACCEPTED) if verified.accepted else ("bad", words.REFUSED)
    label, title = verified.document.get("scenario"), plan
    if isinstance(label, str):
        title = words.VERIFY_TITLE.format(plan=plan, scenario=writable(label))
    page: Page = [Line(title, tone, claim)]
    page += [
        Line(f"{about:<11}{sentence}")
        for about, sentence in zip(words.VERIFY_ABOUT, sentences(verified), strict=True)
    ]
    if verified.stages:
        page += [Line(""), Grid(words.VERIFY_STAGES, list(map(_stage_row, verified.stages)))]
    if verified.findings:
        page += [Line(""), *_findings(verified.findings)]
    if verified.unproved:
        page.append(Line(""))
    page += [Line(words.VERIFY_UNPROVED.format(what=what)) for what, _ in verified.unproved]
    return Answer(title, page)


def sentences(verified: Verification) -> list[str]:
    """What was proved, and what was not, of inputs, plan and bound."""
    if verified.inputs:
        told = _wrong_inputs(verified.inputs)
        return [told, words.VERIFY_PLAN_NOT_CHECKED, words.VERIFY_BOUND_NOT_CHECKED]
    files, values, _ = verified.checked
    told = words.VERIFY_INPUTS.format(files=files, values=values)
    return [told if files else words.VERIFY_INPUTS_WERE_GIVEN, _plan(verified), _bound(verified)]


def _wrong_inputs(findings: Sequence[Finding]) -> str:
    """Which files differ, are missing or were not read, else what is strange of the inputs."""
    names: dict[str, list[str]] = {}
    for finding in findings:
        if finding.path.startswith("inputs.files["):
            told = words.VERIFY_CHANGED
            if finding.recomputed == words.NO_FILE:
                told = words.VERIFY_MISSING
            elif finding.recomputed == words.NOT_READ:
                told = words.VERIFY_NOT_READ
            elif words.WAS_READ in (finding.saved, finding.recomputed):
                told = words.VERIFY_OTHERS
            name = finding.path.removeprefix("inputs.files[").removesuffix("]")
            names.setdefault(told, []).append(name)
    if names:
        return " ".join(told.format(names=_listed(those)) for told, those in names.items())
    first = findings[0]
    fault = words.IS_EXPECTED.format(value=first.saved, expected=first.recomputed)
    return words.VERIFY_INPUTS_STRANGE.format(what=f"{first.path} {fault}")


def _listed(names: Sequence[str]) -> str:
    """Some names, and how many more there are."""
    shown = ", ".join(names[:3])
    return words.MORE_FILES.format(names=shown, count=len(names) - 3) if names[3:] else shown


def _plan(verified: Verification) -> str:
    if verified.recomputed is None:
        return words.VERIFY_PLAN_UNREAD.format(figures=len(verified.figures))
    if verified.limits:
        return words.VERIFY_PLAN_BREAKS.format(limits=len(verified.limits))
    if verified.figures:
        return words.VERIFY_PLAN_DIFFERS.format(figures=len(verified.figures))
    return words.VERIFY_PLAN.format(figures=show.count(verified.checked[2]))


def _bound(verified: Verification) -> str:
    """What is proved of the first stage, or of the first that the plan does not reach."""
    stages = verified.stages
    if verified.recomputed is None:
        return words.VERIFY_BOUND_NOT_CHECKED
    if not stages:
        return words.VERIFY_BOUND_NONE
    stage = next((s for s in stages if not s.reached), stages[0])
    of = {"objective": stage.objective, "unit": stage.unit}
    claim = stage_claim(verified.recomputed, of | {"bound": stage.recomputed_bound})
    whole = claim[0].upper() + claim[1:]
    reached = with_unit(of, stage.in_plan)
    if not math.isfinite(stage.recomputed_bound) or any(
        finding.path.endswith("bound") for finding in verified.figures
    ):
        return words.VERIFY_BOUND_DIFFERS.format(claim=claim)
    if verified.limits:
        return words.VERIFY_BOUND_BROKEN.format(claim=whole, value=reached)
    if not stage.reached:
        is_best = verified.document.get("status") == "optimal"
        status = words.FEASIBLE_ONLY if is_best else words.STOPPED_ONLY
        says = {"claim": whole, "value": reached, "possible": _possible(stage), "status": status}
        return words.VERIFY_BOUND_OPEN.format(**says)
    if stage.in_steps:
        loss = max(0.0, stage.sign * (stage.recomputed_bound - stage.in_plan))
        share = show.share_at_most(loss / max(1.0, abs(stage.recomputed_bound)))
        amount = amount_at_most(stage.objective, stage.unit, loss)
        says = {"claim": claim, "value": reached, "loss": amount, "share": share}
        return words.VERIFY_BOUND_STEPS.format(**says)
    conceded = words.VERIFY_CONCEDED.format(concede=show.share(stage.concede))
    return words.VERIFY_BOUND.format(
        claim=claim,
        value=reached,
        conceded=conceded if stage.concede else "",
        rest=words.VERIFY_REST if stages[1:] else "",
    )


def _possible(stage: StageCheck) -> str:
    """How much better a plan could be, at most."""
    better = max(0.0, stage.sign * (stage.recomputed_bound - stage.in_plan))
    template = words.POSSIBLE_MORE if stage.sign > 0 else words.POSSIBLE_LESS
    share = better / max(1.0, abs(stage.in_plan))
    if stage.objective == "worst_rate":
        share = better / stage.in_plan if stage.in_plan > 0 else 1.0
    return template.format(
        amount=amount_at_most(stage.objective, stage.unit, better),
        share=show.share_at_most(share),
    )


def _stage_row(stage: StageCheck) -> Sequence[str]:
    values = (stage.own, stage.bound, stage.recomputed_bound)
    shown = [objective_value(stage.objective, value) for value in values]
    name = objective_name({"objective": stage.objective, "unit": stage.unit})
    return [name, *shown, show.gap(stage.gap, in_steps=stage.in_steps)]


def _findings(findings: Sequence[Finding]) -> Page:
    rows = [
        [finding.path, show.exact(finding.saved), show.exact(finding.recomputed)]
        for finding in findings[:_MOST_SHOWN]
    ]
    page: Page = [Grid(words.VERIFY_FINDINGS, rows, left_too=(1, 2), fold=(0, 1, 2))]
    more = len(findings) - _MOST_SHOWN
    return page + [Line(words.VERIFY_MORE_FINDINGS.format(count=more))] * (more > 0)
