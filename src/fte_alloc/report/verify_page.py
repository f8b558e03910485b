"""A plan proved again, in three sentences: its inputs, the plan, its bound; then what is not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from fte_alloc import words
from fte_alloc.analysis.agreement import Finding, writable
from fte_alloc.analysis.recompute import StageCheck
from fte_alloc.analysis.verify import Verification
from fte_alloc.report import numbers as show
from fte_alloc.report.claims import amount_at_most, objective_value, stage_claim, with_unit
from fte_alloc.report.pages import Grid, Line, Page

VERIFICATION = "fte-alloc/verification/1"
FINDING_COLUMNS = ("path", "saved", "recomputed")
#: What is recomputed of an accepted plan, by key of its document.
_PROVED = ("inputs", "posts", "territories", "segments", "coverage", "network", "money")
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
        "findings": finding_rows(verified),
        "proved": [*_PROVED, *bounds] if verified.accepted else [],
        "unproved": [{"what": what, "paths": list(paths)} for what, paths in verified.unproved],
        "stages": [
            {
                "objective": stage.objective,
                "unit": stage.unit,
                "value": _finite(stage.own),
                "in_plan": _finite(stage.in_plan),
                "bound": _finite(stage.bound),
                "recomputed_bound": _finite(stage.recomputed_bound),
                "gap": _finite(stage.gap),
            }
            for stage in verified.stages
        ],
    }


def finding_rows(verified: Verification) -> list[dict[str, Any]]:
    """Every finding as a row."""
    return [
        {"path": f.path, "saved": f.saved, "recomputed": f.recomputed} for f in verified.findings
    ]


def verify_page(verified: Verification, plan: str) -> Page:
    """The page of ``verify``."""
    tone = "good" if verified.accepted else "bad"
    label = verified.document.get("scenario")
    title = plan
    if isinstance(label, str):
        title = words.VERIFY_TITLE.format(plan=plan, scenario=writable(label))
    page: Page = [Line(title, tone, words.ACCEPTED if verified.accepted else words.REFUSED)]
    page += [
        Line(f"{about:<11}{sentence}")
        for about, sentence in zip(words.VERIFY_ABOUT, sentences(verified), strict=True)
    ]
    if verified.stages:
        rows = [_stage_row(stage) for stage in verified.stages]
        page += [Line(""), Grid(words.VERIFY_STAGES, rows)]
    if verified.findings:
        page += [Line(""), *_findings(verified.findings)]
    if verified.unproved:
        page.append(Line(""))
    page += [Line(words.VERIFY_UNPROVED.format(what=what)) for what, _ in verified.unproved]
    return page


def sentences(verified: Verification) -> list[str]:
    """What was proved, and what was not, of inputs, plan and bound."""
    if verified.inputs:
        return [
            _inputs(verified),
            words.VERIFY_PLAN_NOT_CHECKED,
            words.VERIFY_BOUND_NOT_CHECKED,
        ]
    return [_inputs(verified), _plan(verified), _bound(verified)]


def _inputs(verified: Verification) -> str:
    files, values, _ = verified.checked
    names: dict[str, list[str]] = {}
    for finding in verified.inputs:
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
    if verified.inputs:
        first = verified.inputs[0]
        fault = words.IS_EXPECTED.format(value=first.saved, expected=first.recomputed)
        what = f"{first.path} {fault}"
        return words.VERIFY_INPUTS_STRANGE.format(what=what)
    if not files:
        return words.VERIFY_INPUTS_WERE_GIVEN
    return words.VERIFY_INPUTS.format(files=files, values=values)


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
    bound = {"objective": stage.objective, "bound": stage.recomputed_bound}
    said = stage_claim(verified.recomputed, bound)
    reached = with_unit({"objective": stage.objective, "unit": stage.unit}, stage.in_plan)
    if not math.isfinite(stage.recomputed_bound) or any(
        finding.path.endswith("bound") for finding in verified.figures
    ):
        return words.VERIFY_BOUND_DIFFERS.format(claim=said)
    if verified.limits:
        return words.VERIFY_BOUND_BROKEN.format(claim=_sentence(said), value=reached)
    if not stage.reached:
        return words.VERIFY_BOUND_OPEN.format(
            claim=_sentence(said),
            value=reached,
            possible=_possible(stage),
            status=words.FEASIBLE_ONLY
            if verified.document.get("status") == "optimal"
            else words.STOPPED_ONLY,
        )
    if stage.in_steps:
        loss = max(0.0, stage.sign * (stage.recomputed_bound - stage.in_plan))
        return words.VERIFY_BOUND_STEPS.format(
            claim=said,
            value=reached,
            loss=amount_at_most(stage.objective, stage.unit, loss),
            share=show.share_at_most(loss / max(1.0, abs(stage.recomputed_bound))),
        )
    conceded = words.VERIFY_CONCEDED.format(concede=show.share(stage.concede))
    return words.VERIFY_BOUND.format(
        claim=said,
        value=reached,
        conceded=conceded if stage.concede else "",
        rest=words.VERIFY_REST if stages[1:] else "",
    )


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


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
    plain = stage.objective == "coverage" and stage.unit == "contracts"
    name = words.OBJECTIVES["contracts" if plain else stage.objective]
    return [name, *shown, show.gap(stage.gap, in_steps=stage.in_steps)]


def _findings(findings: Sequence[Finding]) -> Page:
    rows = [
        [finding.path, show.exact(finding.saved), show.exact(finding.recomputed)]
        for finding in findings[:_MOST_SHOWN]
    ]
    page: Page = [Grid(words.VERIFY_FINDINGS, rows, left_too=(1, 2), fold=(0, 1, 2))]
    more = len(findings) - _MOST_SHOWN
    return page + [Line(words.VERIFY_MORE_FINDINGS.format(count=more))] * (more > 0)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
