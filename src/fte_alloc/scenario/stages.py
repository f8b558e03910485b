"""The objectives of a scenario, served one after the other: ``[[stages]]``."""

from __future__ import annotations

from typing import Any

from fte_alloc import words
from fte_alloc.programme.data import SENSES
from fte_alloc.scenario import kinds
from fte_alloc.scenario.draft import Draft
from fte_alloc.scenario.inputs import Entry
from fte_alloc.scenario.names import closest
from fte_alloc.scenario.reading import Layer
from fte_alloc.scenario.written import KeyPath, written

#: Keys of one entry of ``[[stages]]``.
STAGE_KEYS = ("maximise", "minimise", "concede")


def put_stages(draft: Draft, layer: Layer, stages: Any) -> None:
    """Put a list of stages in the place of the one that was there."""
    if not isinstance(stages, list) or not stages:
        draft.refuse(layer.where(("stages",)), ("stages",), words.STAGES_LIST)
        return
    for path in [p for p in draft.entries if p[0] == "stages"]:
        del draft.entries[path]
    served: set[str] = set()
    for number, stage in enumerate(stages, start=1):
        _Stage(draft, layer, number).put(stage, served)


class _Stage:
    """One stage; messages count from 1, lines of files from 0."""

    def __init__(self, draft: Draft, layer: Layer, number: int) -> None:
        self.draft, self.layer = draft, layer
        self.path: KeyPath = ("stages", str(number))
        self.place: KeyPath = ("stages", str(number - 1))

    def put(self, stage: Any, served: set[str]) -> None:
        """Check a stage and put it.

        served : objectives of the stages before
        """
        if not isinstance(stage, dict):
            self._refuse((), words.STAGE_FORM.format(value=written(stage)))
            return
        strange = [key for key in stage if key not in STAGE_KEYS]
        for key in strange:
            left = [k for k in STAGE_KEYS if k not in stage]
            self._refuse((key,), words.UNKNOWN_KEY.format(hint=closest(key, left)))
        senses = [key for key in ("maximise", "minimise") if key in stage]
        if len(senses) != 1:
            if not strange:
                self._refuse((), words.STAGE_ONE_SENSE)
            return
        objective = self._objective(senses[0], stage[senses[0]])
        concede = stage.get("concede", 0.0)
        if what := kinds.fault("concede", concede):
            self._refuse(("concede",), what)
        elif objective in served:
            self._refuse((senses[0],), words.STAGE_TWICE.format(objective=objective))
        elif objective is not None:
            served.add(objective)
            self._put(senses[0], objective)
            self._put("concede", float(concede), "1")

    def _objective(self, sense: str, objective: Any) -> str | None:
        known = [name for name, s in SENSES.items() if s == sense]
        if isinstance(objective, str) and objective in known:
            return objective
        other = SENSES.get(objective) if isinstance(objective, str) else None
        if other:
            done = words.SENSES[other]
            what = words.OTHER_SENSE.format(objective=objective, other=other, done=done)
        else:
            hint = closest(objective, SENSES) if isinstance(objective, str) else ""
            what = words.UNKNOWN_OBJECTIVE.format(
                objective=written(objective), hint=hint, known=", ".join(known)
            )
        self._refuse((sense,), what)
        return None

    def _put(self, key: str, value: Any, unit: str | None = None) -> None:
        where = self.layer.where((*self.place, key))
        self.draft.put((*self.path, key), Entry(value, where, unit))

    def _refuse(self, below: KeyPath, what: str) -> None:
        where = self.layer.where((*self.place, *below))
        self.draft.refuse(where, (*self.path, *below), what)
