"""The figures of an explanation: of one territory, or of the plan as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from fte_alloc.programme.curves import Floats
from fte_alloc.programme.limits import NETWORK, RATE, STATE, Limit
from fte_alloc.questions.explain.ranges import PostRanges
from fte_alloc.questions.explain.thresholds import thresholds
from fte_alloc.questions.explain.what_if import Forced, WhatIf, names_of
from fte_alloc.questions.plan import Plan
from fte_alloc.questions.plan_document import objective_unit

FORMAT = "fte-alloc/explanation/1"
#: Plans that lose at most this share of the best are shown beside it [1].
WITHIN = 0.001
#: State money whose worth is told [EUR/yr].
TRANCHE_EUR = 10_000.0
#: Where the limits of all territories together are set.
NATIONAL_KEYS = {"budget": "budget.state_eur_per_year", "cap": "posts.cap_fte"}
#: A gain below this share of the plan's worth is none; posts that move less stay.
NO_GAIN, STAYS_FTE = 1e-8, 1e-3


class View:
    """The figures of an explanation, each solved for."""

    def __init__(self, what_if: WhatIf, within: float) -> None:
        self.what_if, self.within = what_if, within
        self.plan, self.problem = what_if.plan, what_if.problem

    # -- one territory -------------------------------------------------------------------------

    def territory(self, i: int) -> dict[str, Any]:
        """Everything about one territory."""
        w, p, code = self.what_if, self.problem, self.problem.territories[i]
        e, a = self.plan.evaluation, int(self.problem.area_of[i])
        last, more = self._last(i), w.forced(i, w.post_fte)
        contracts = float(p.contracts_per_year[i, -1].sum())
        covered = float(e.expected_contracts[i, -1].sum())
        return {
            **self._head(code),
            "name": p.territory_names[i],
            "area": p.areas[a],
            "existing_facilitators_fte": float(p.existing_facilitators_fte[i]),
            "committed_facilitators_fte": float(p.committed_facilitators_fte[i]),
            "new_facilitators_fte": w.posts(i),
            "contracts": contracts,
            "expected_contracts": covered,
            "rate": covered / contracts if contracts > 0 else None,
            "coordinator": self._coordinator(i),
            "stopped_by": self._stopped_by(i),
            "last_post": None if last is None else self._forced(last),
            "next_post": self._forced(more),
            "limits": [self._limit(i, limit) for limit in w.reached_limits(i)],
            "national_limits": list(self._national_limits()),
            "one_more": self._one_more(i),
            "next_facilitator": self._next_facilitator(i),
            "range": dict(zip(("least_fte", "greatest_fte"), self._ranges.ends(code), strict=True)),
        }

    def _last(self, i: int) -> Forced | None:
        """The territory without its last post; None where it has none."""
        return self.what_if.forced(i, -self.what_if.post_fte) if self._has_posts(i) else None

    def _has_posts(self, i: int) -> bool:
        return self.what_if.posts(i) > STAYS_FTE

    def _forced(self, forced: Forced) -> dict[str, Any]:
        """One post more or fewer, here alone and with everything else decided anew."""
        sign = 1.0 if forced.fte > 0 else -1.0
        change = None if forced.plan is None else self.what_if.gain(forced.plan)
        # A stage that concedes is held to a share of what it could reach, not to what it reaches.
        traded = change is not None and self.plan.stages[0].concede == 0
        return {
            "fte": abs(forced.fte),
            "gain_here": sign * forced.alone,
            "gain_elsewhere": sign * (forced.alone - (change or 0.0)) if traded else None,
            "change_of_plan": change,
            "limits_given_way": list(forced.lifted),
            "stages": None if forced.plan is None else self._stages(forced.plan),
        }

    def _stages(self, plan: Plan) -> list[dict[str, Any]]:
        """How much better another plan serves each stage."""
        return [
            {
                "objective": stage.objective,
                "unit": objective_unit(self.problem, stage.objective),
                "gain": self.what_if.gain(plan, number),
            }
            for number, stage in enumerate(self.plan.stages)
        ]

    def _coordinator(self, i: int) -> dict[str, Any]:
        """The coordinator of a territory's area: posts, and what the last of them brings."""
        w, p, a = self.what_if, self.problem, int(self.problem.area_of[i])
        e, new = self.plan.evaluation, self.what_if.coordinators(i)
        taken = min(new, p.step_fte or 1.0)
        z = e.new_coordinators_fte.copy()
        z[a] = np.maximum(z[a] - taken, 0.0)
        gain = -w.judged_gain(p.judge(e.new_facilitators_fte, z)) if taken > STAYS_FTE else None
        return {
            "new_coordinators_fte": new,
            "fixed_coordinators_fte": float(p.fixed_coordinators_fte[a]),
            "last_post_fte": taken if gain is not None else None,
            "last_post_gain": gain,
            "supports_fte": float(p.supports_fte),
            "is_full": w.is_coordinator_full(i),
            **self._set_by(["posts.coordinator.supports_fte"]),
        }

    def _stopped_by(self, i: int) -> str:
        """Why a territory gets no more: a lock or one of four reasons.

        A ceiling stops it only where it would get more without, a floor only where it would get
        fewer.
        """
        w, reached = self.what_if, self.what_if.reached_limits(i)
        for sign in (1.0, -1.0):
            wanted = [li for li in reached if li.territories and li.is_floor == (sign < 0)]
            free = w.without(*wanted) if wanted else None
            if wanted and (free is None or sign * (w.posts(i, free) - w.posts(i)) > STAYS_FTE):
                return wanted[0].name
        nothing = NO_GAIN * max(1.0, abs(self.plan.stages[0].in_plan))
        if len(self.plan.stages) > 1 and w.alone(i, w.post_fte) <= nothing:
            return "later"
        if not self._has_posts(i):
            return "worth_less"
        return "coordinator" if w.is_coordinator_full(i) else "elsewhere"

    def _limit(self, i: int, limit: Limit) -> dict[str, Any]:
        """A limit that leaves a territory no room, and the plan without it."""
        w, free = self.what_if, self.what_if.without(limit)
        return {
            "constraint": limit.name,
            "limit": limit.amount,
            "unit": "rate" if limit.quantity == RATE else limit.unit.name,
            **self._set_by(limit.keys),
            "gain_without": None if free is None else w.gain(free),
            "new_facilitators_without_fte": None if free is None else w.posts(i, free),
            "new_coordinators_without_fte": None if free is None else w.coordinators(i, free),
        }

    def _set_by(self, keys: Sequence[str]) -> dict[str, Any]:
        """Where inputs are set: every key that has a value, with the value and its origin."""
        entries = self.problem.inputs.entries if self.problem.inputs else {}
        return {
            "set_by": [
                {"key": key, "value": entry.value, "origin": entry.origin}
                for key, entry in entries.items()
                if entry.value is not None
                and any(key == head or key.startswith(head + ".") for head in keys)
            ]
        }

    def _one_more(self, i: int) -> dict[str, Any]:
        """What alone would give a territory one post more."""
        w, p = self.what_if, self.problem
        wanted = w.posts(i) + w.post_fte
        room = w.room_for(i, wanted)
        raised = w.again(w.changed(room)) if room else None
        held = w.most_facilitators_fte(i) < wanted - STAYS_FTE
        return {
            "new_facilitators_fte": wanted,
            "held_by": list(names_of(room)) if held else [],
            "raised_limits": [
                {"constraint": limit.name, "from": limit.amount, "to": value}
                for limit, value in {(li.name, li.code): (li, v) for li, v in room.items()}.values()
            ],
            "gain_with_raised_limits": None if raised is None else w.gain(raised),
            "new_facilitators_with_raised_limits_fte": None
            if raised is None
            else w.posts(i, raised),
            "changes": thresholds(w, i, held=held) if p.step_fte == 0 else [],
        }

    # -- the nation ----------------------------------------------------------------------------

    def nation(self) -> dict[str, Any]:
        """Everything about the plan as a whole."""
        p, e = self.problem, self.plan.evaluation
        rows = [self._row(i) for i in range(len(p.territories))]
        counts: dict[str, int] = {}
        for row in rows:
            counts[row["stopped_by"]] = counts.get(row["stopped_by"], 0) + 1
        return {
            **self._head(None),
            "budget": self._national(
                "budget", "state_eur", TRANCHE_EUR, p.most_in_country(STATE), e.state_eur
            ),
            "cap": self._national(
                "cap", "cap_fte", self.what_if.post_fte, p.most_in_country(NETWORK), e.used_fte
            ),
            "next_facilitator": self._next_facilitator(None),
            "stopped_by_counts": dict(sorted(counts.items())),
            "territories": rows,
        }

    def _row(self, i: int) -> dict[str, Any]:
        """One territory in a line."""
        w, p, code = self.what_if, self.problem, self.problem.territories[i]
        step = w.post_fte
        taken = min(step, w.posts(i)) if self._has_posts(i) else None
        least, greatest = self._ranges.ends(code)
        a = int(p.area_of[i])
        return {
            "territory": code,
            "name": p.territory_names[i],
            "new_facilitators_fte": w.posts(i),
            "new_coordinators_fte": w.coordinators(i) if p.area_of.tolist().index(a) == i else 0.0,
            "last_post_fte": taken,
            "last_post_gain": None if taken is None else -w.alone(i, -taken),
            "next_post_fte": step,
            "next_post_gain": w.alone(i, step),
            "stopped_by": self._stopped_by(i),
            "least_fte": least,
            "greatest_fte": greatest,
        }

    def _national_limits(self) -> Iterator[dict[str, Any]]:
        """National limits that are all used in the last year, and where they are set."""
        for limit, value, most, slack in self.plan.evaluation.limits():
            if (
                limit.is_national(self.problem.shape)
                and limit.year == self.problem.years[-1]
                and most - value <= 10 * slack
            ):
                yield {"constraint": limit.name, **self._set_by(limit.keys)}

    def _national(
        self, name: str, given: str, tranche: float, limits: Floats, used: Floats
    ) -> dict[str, Any] | None:
        """A national limit: how much of it is left, and what a little more or less of it does.

        name : of the limit, a key of ``NATIONAL_KEYS``
        given : what ``WhatIf.with_more`` calls it; its ending is the unit
        """
        w, unit, limit = self.what_if, given.rpartition("_")[2], float(limits[-1])
        if not np.isfinite(limit):
            return None
        more, less = (w.with_more(**{given: change}) for change in (tranche, -tranche))
        return {
            f"limit_{unit}": limit,
            f"used_{unit}": float(used[-1]),
            f"unused_{unit}": limit - float(used[-1]),
            **self._set_by([NATIONAL_KEYS[name]]),
            f"tranche_{unit}": tranche,
            "next_gain": None if more is None else w.gain(more),
            "next_posts": None if more is None else w.moves(more),
            "last_gain": None if less is None else -w.gain(less),
        }

    # -- both ----------------------------------------------------------------------------------

    def _head(self, territory: str | None) -> dict[str, Any]:
        p, first, inputs = self.problem, self.plan.stages[0], self.problem.inputs
        return {
            "format": FORMAT,
            "scenario": inputs.label if inputs else "",
            "title": inputs.title if inputs else "",
            "territory": territory,
            "territory_kind": inputs.territory if inputs else "territory",
            "year": p.years[-1],
            "years": list(p.years),
            "objective": {
                "objective": first.objective,
                "sense": first.sense,
                "unit": objective_unit(p, first.objective),
                "value": first.in_plan,
                "expected_contracts": self.plan.expected_contracts,
                "concede": first.concede,
            },
            "post_fte": self.what_if.post_fte,
            "step_fte": p.step_fte,
            "within_share": self.within,
        }

    def _next_facilitator(self, i: int | None) -> dict[str, Any]:
        """One facilitator more, with its grant and its place under the cap.

        i : the territory whose share and rank are told
        """
        w, p = self.what_if, self.problem
        grant = p.grant_eur_per_fte[0] * w.post_fte
        plan = w.with_more(grant, w.post_fte)
        moves = None if plan is None else w.moves(plan)
        found = {
            "fte": w.post_fte,
            "state_eur": float(grant[-1]),
            "gain": None if plan is None else w.gain(plan),
            "posts": moves,
        }
        if i is None:
            return found
        code = p.territories[i]
        share = next((m["facilitators_fte"] for m in moves or () if m["territory"] == code), None)
        gaining = [m["territory"] for m in moves or () if m["facilitators_fte"] >= STAYS_FTE]
        rank = gaining.index(code) + 1 if code in gaining else None
        return {**found, "territory_share_fte": share, "territory_rank": rank}

    @cached_property
    def _ranges(self) -> PostRanges:
        return PostRanges(self.plan, self.within)
