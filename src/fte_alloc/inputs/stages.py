"""The objectives of a scenario, served one after the other: ``[[stages]]``."""

from __future__ import annotations

from typing import Any

from fte_alloc.inputs import kinds
from fte_alloc.inputs.draft import Draft
from fte_alloc.inputs.entries import Entry
from fte_alloc.inputs.names import closest
from fte_alloc.inputs.reading import Layer
from fte_alloc.inputs.written import written
from fte_alloc.language import N_, _
from fte_alloc.names import UNKNOWN_OBJECTIVE
from fte_alloc.programme.objectives import OBJECTIVES

SENSES_TEXTS = {"maximise": N_("maximised"), "minimise": N_("minimised")}

#: Keys of one entry of ``[[stages]]``.
STAGE_KEYS = ("maximise", "minimise", "concede")


def put_stages(draft: Draft, layer: Layer, stages: Any) -> None:
    """Put a list of stages in the place of the one that was there."""
    if not isinstance(stages, list) or not stages:
        text = _(
            "expected one [[stages]] table or more, or a whole list such as [{ maximise = "
            '"coverage" }]'
        )
        draft.refuse(layer, ("stages",), text)
        return
    for path in [p for p in draft.entries if p[0] == "stages"]:
        del draft.entries[path]
    served: set[str] = set()
    for number, stage in enumerate(stages):
        _put_stage(draft, layer, number, stage, served)


def _put_stage(draft: Draft, layer: Layer, number: int, stage: Any, served: set[str]) -> None:
    """Check a stage and put it.

    number : in lines of files counted from 0, in messages from 1
    served : objectives of the stages before
    """

    def where(*key: str) -> str:
        return layer.where(("stages", str(number), *key))

    def refuse(what: str, *key: str) -> None:
        draft.refuse(where(*key), ("stages", str(number + 1), *key), what)

    if not isinstance(stage, dict):
        text = _('is {value}, expected a table such as {{ maximise = "coverage" }}')
        refuse(text.format(value=written(stage)))
        return
    strange = [key for key in stage if key not in STAGE_KEYS]
    for key in strange:
        left = [known for known in STAGE_KEYS if known not in stage]
        refuse(_("unknown key{hint}").format(hint=closest(key, left)), key)
    senses = [key for key in ("maximise", "minimise") if key in stage]
    if len(senses) != 1:
        if not strange:
            refuse(_("expected either maximise or minimise"))
        return
    sense, objective, concede = senses[0], stage[senses[0]], stage.get("concede", 0.0)
    wrong = _objective_fault(sense, objective)
    if wrong:
        refuse(wrong, sense)
    if what := kinds.fault("concede", concede):
        refuse(what, "concede")
    elif not wrong and objective in served:
        refuse(_("{objective} is served twice").format(objective=objective), sense)
    elif not wrong:
        served.add(objective)
        path = ("stages", str(number + 1))
        draft.put((*path, sense), Entry(objective, where(sense)))
        draft.put((*path, "concede"), Entry(float(concede), where("concede"), "1"))


def _objective_fault(sense: str, objective: Any) -> str:
    """What is wrong with the objective of a stage; empty where it is one of its sense."""
    other = (
        OBJECTIVES[objective].sense
        if isinstance(objective, str) and objective in OBJECTIVES
        else None
    )
    if other == sense:
        return ""
    if other:
        done = _(SENSES_TEXTS[other])
        text = _('{objective} can only be {done}: {other} = "{objective}"')
        return text.format(objective=objective, other=other, done=done)
    hint = closest(objective, OBJECTIVES) if isinstance(objective, str) else ""
    known = ", ".join(name for name, one in OBJECTIVES.items() if one.sense == sense)
    return _(UNKNOWN_OBJECTIVE).format(objective=written(objective), hint=hint, known=known)
