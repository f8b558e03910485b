"""Recomputation of a plan document from its inputs, posts, effort and prices, without a solver.

A figure that needs a solver is copied from the saved document unless arithmetic refutes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from fte_alloc.language import _
from fte_alloc.programme.bound import Bounds
from fte_alloc.programme.curves import Floats
from fte_alloc.programme.limits import AT_LEAST, OWN, Limit, limit_gains, limits_by_input
from fte_alloc.programme.objectives import GAP, STEP_GAP, StageProof, relative_gap, stage_row
from fte_alloc.programme.problem import FTE_TOLERANCE, Evaluation, Problem
from fte_alloc.programme.step_limits import LOWEST_RATE
from fte_alloc.programme.step_tables import CertifiedSums, certified_sums
from fte_alloc.questions.objectives_in_words import objective_unit
from fte_alloc.questions.places import place_key
from fte_alloc.questions.plan_document import document_price, proved_plan_document
from fte_alloc.questions.verify.compare_documents import Finding, by_label, leaves, number

#: Keys of ``coverage`` that documents of earlier versions do not have.
LATER = frozenset(["no_new_post_contracts", "objective_unit"])
#: Keys of ``prices`` that documents of earlier versions do not have.
LATER_OF_PRICES = frozenset(["national", "sense"])
#: Tolerance of a price: the gap of the first stage, divided by ``PRICE_MOVE``, a move of the limit,
#: plus the share ``PRICE_TOLERANCE`` of the rows' prices.
PRICE_MOVE, PRICE_TOLERANCE = 1e-3, 1e-3


@dataclass(frozen=True, kw_only=True)
class RecomputedStage(StageProof):
    """A stage proved again: its saved figures, and those recomputed from posts and prices.

    in_plan : value in the plan, recomputed
    bound : bound as saved
    recomputed_bound : bound that the saved prices or tables prove; that without steps where only
        the solver vouches for ``bound``
    recomputed_relaxation : bound without steps that the saved prices prove
    leeway : most by which the plan may pass the bound, as it misses earlier stages by rounding
    """

    unit: str
    recomputed_bound: float
    recomputed_relaxation: float
    leeway: float

    @property
    def own(self) -> float:
        """Value that the stage reached: the saved one if it concedes a share, else ``in_plan``."""
        return self.value if self.concede > 0 else self.in_plan

    @property
    def gap(self) -> float:
        """Relative gap of ``own`` to ``recomputed_bound``."""
        return relative_gap(self.own, self.recomputed_bound)

    @property
    def claimed(self) -> float:
        """The bound that the plan has to reach: the solver's, if any, else the recomputed one."""
        return self.bound if self.is_by_solver else self.recomputed_bound

    @property
    def sign(self) -> float:
        """1 where more is better, −1 where less is."""
        return 1.0 if self.sense == "maximise" else -1.0

    @property
    def lost(self) -> float:
        """Loss of the plan against ``claimed``, below 0 if the plan is better than that bound."""
        return self.sign * (self.claimed - self.in_plan)

    @property
    def rounding(self) -> float:
        """Largest difference ascribed to rounding, in the unit of the objective."""
        return (STEP_GAP if self.is_by_solver else GAP) * max(1.0, abs(self.claimed))

    @property
    def reached(self) -> bool:
        """Whether the plan loses at most what the stage concedes, up to rounding."""
        return self.lost <= self.concede * abs(self.claimed) + self.rounding


class Recomputation:
    """A saved plan document recomputed, unless findings in ``unread`` say why it cannot be."""

    def __init__(self, document: Mapping[str, Any], problem: Problem) -> None:
        self.saved, self.problem = document, problem
        self.in_steps = problem.in_steps
        self.is_stopped = document.get("status") == "stopped"
        self.bounds = Bounds(problem)
        self._leaves = dict(leaves(document))
        self.unread: list[Finding] = []
        self.posts_and_effort = self._posts_and_effort()
        self.tables, self.sums = self._tables()

    def _posts_and_effort(self) -> tuple[Floats, Floats, Floats]:
        """x [I,T], z [A,T], k [I,T,S] as saved [FTE]; invalid figures are noted in ``unread``."""
        p = self.problem
        (x, z), k = p.zeros(), np.zeros_like(p.contracts_per_year)
        for (role, codes), new in zip(p.codes.items(), (x, z), strict=True):
            for j, t in np.ndindex(new.shape):
                place = place_key(p.place(role, codes[j]))
                new[j, t] = self._read(f"posts[{place}, {role}, {p.years[t]}].new_fte")
        for i, t, s in np.ndindex(k.shape):
            row = f"territories[{p.territories[i]}, {p.years[t]}]"
            path = f"{row}.by_segment[{p.segments[s]}].effort_fte"
            k[i, t, s] = effort = self._read(path)
            if effort < 0:
                self.unread.append(Finding.of(path, effort, _("an effort of at least 0")))
        return x, z, k

    def _read(self, path: str) -> float:
        """The number at a path; where there is none, 0, with a finding in ``unread``."""
        leaf = self._leaves.get(path)
        if number(leaf) is None:
            saved = _("(not there)") if leaf is None else leaf
            self.unread.append(Finding.of(path, saved, _("a number")))
        return self._number(path, 0.0)

    def _number(self, path: str, otherwise: float) -> float:
        found = number(self._leaves.get(path))
        return otherwise if found is None else found

    @cached_property
    def judged(self) -> Evaluation:
        """The evaluation of the saved posts and effort."""
        return self.problem.judge(*self.posts_and_effort)

    def _tables(self) -> tuple[Any, CertifiedSums | None]:
        """The saved tables of a plan in steps, and the bounds they prove; None if none is valid."""
        rows = [*by_label(self.saved.get("stages"), "stages").values(), [None]]
        saved = saved_table(rows[0][0]).get("tables")
        if saved is None:
            return None, None
        try:
            second = self.problem.stages[:2][-1].objective
            kept = self._number(f"stages[{second}].kept.{LOWEST_RATE}", 0.0)
            return saved, certified_sums(self.problem, saved, kept)
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError):
            path = f"stages[{self.problem.stages[0].objective}].tables"
            self.unread.append(Finding.of(path, saved, _("tables of these areas")))
            return None, None

    @cached_property
    def stages(self) -> list[RecomputedStage]:
        """Checks of all stages; of a stopped plan, of as many stages as it saved."""
        rows = by_label(self.saved.get("stages"), "stages")
        checks: list[RecomputedStage] = []
        for n, stage in enumerate(self.problem.stages[: len(rows) if self.is_stopped else None]):
            row = f"stages[{stage.objective}]"
            names = self.bounds.matrix.rows
            prices = {name: self._number(f"{row}.duals[{name}]", 0.0) for name in names}
            kept = self._kept(checks, row)
            bound = relaxed = self.bounds.of_stage(n, prices, kept)
            if self.sums is not None:
                bound = self.sums.stage_bound(n, [*kept.values()])
            in_plan = self.judged.objective(stage.objective)
            has_prices = n == 0 or not self.tables
            without_steps = self._number(f"{row}.relaxation_bound", relaxed)
            checks.append(
                RecomputedStage(
                    objective=stage.objective,
                    value=self._number(f"{row}.value", in_plan),
                    bound=self._number(f"{row}.bound", bound),
                    concede=stage.concede,
                    in_plan=in_plan,
                    duals=prices if has_prices else {},
                    relaxation_bound=without_steps if self.in_steps and has_prices else None,
                    kept=kept,
                    tables=self.tables if n == 0 else None,
                    unit=objective_unit(self.problem, stage.objective),
                    recomputed_bound=bound,
                    recomputed_relaxation=relaxed,
                    leeway=_leeway(prices, kept, checks),
                )
            )
        return checks

    def _kept(self, earlier: Sequence[RecomputedStage], row: str) -> dict[str, float]:
        """Values at which earlier stages are held: as saved if within rounding, else recomputed."""
        kept = {}
        for m, check in enumerate(earlier):
            promised = check.claimed - check.sign * check.concede * abs(check.claimed)
            stricter, looser = self.bounds.kept_slack(m, check.claimed)
            found = self._number(f"{row}.kept.{check.objective}", promised)
            is_kept = -stricter <= check.sign * (promised - found) <= looser
            kept[check.objective] = found if is_kept else promised
        return kept

    @cached_property
    def document(self) -> dict[str, Any]:
        """The expected document, without the versions of the software.

        Gaps and losses are differences of two saved figures, both of which are compared, too.
        """
        status = self.saved.get("status")
        known = str(status) if status in ("optimal", "stopped") else _("optimal or stopped")
        before = saved_table(self.saved.get("coverage")).keys()
        document = proved_plan_document(self.judged, known, list(self._prices()), self.stages)
        del document["software"]
        for part in (document, *document.get("by_year", ())):
            for key in LATER - before:
                part["coverage"].pop(key, None)
        for row, check in zip(document["stages"], self.stages, strict=True):
            row["value"] = check.own
            if not check.is_by_solver:
                row["bound"] = check.recomputed_bound
            if check.relaxation_bound is not None:
                row["relaxation_bound"] = check.recomputed_relaxation
        self._keep_span(document["territories"])
        label, named = self.saved.get("scenario"), document["scenario"]
        if isinstance(label, str) and sorted(label.split(" + ")) == sorted(named.split(" + ")):
            document["scenario"] = label  # the same overrides in another order
        whole: dict[str, Any] = json.loads(json.dumps(document))
        return whole

    def _keep_span(self, rows: Sequence[dict[str, Any]]) -> None:
        """Accept a saved ``span`` where no coordinator supports, as old versions wrote it."""
        p, saved = self.problem, by_label(self.saved.get("territories"), "territories")
        led = p.fixed_coordinators_fte[:, None] + self.judged.new_coordinators_fte
        span = p.supports_fte * led[p.area_of].T.ravel() * (p.productivity_gain > 0)
        for row, helped in zip(rows, span, strict=True):  # by year, then by territory
            label = f"{row['territory']}, {row['year']}"
            found = saved_table(saved.get(label, [None])[0]).get("held_by")
            if helped <= 10 * FTE_TOLERANCE and found == [*row["held_by"], "span"]:
                row["held_by"] = found

    def _prices(self) -> Iterator[dict[str, Any]]:
        """Expected rows of prices: limits, units, and saved gains unless they are refuted."""
        rows = by_label(self.saved.get("prices"), "prices")
        together = {one: each for each in limits_by_input(self.problem.limits) for one in each}
        for limit in () if self.is_stopped else self.problem.limits:
            of = limit.name, limit.code and place_key(self.problem.place_of(limit)), limit.year
            label = ", ".join(str(part) for part in of if part is not None)
            is_own = limit.name.startswith(OWN) and not self.in_steps
            if label not in rows and not (is_own or limit.is_national(self.problem.shape)):
                continue  # a limit without a price
            row = saved_table(rows.get(label, [None])[0])
            typed = [side for side in ("one_more", "one_less") if side in row]
            gains = {"up": self._price([limit], "up", row.get("up"))}
            gains["down"] = self._price([limit], "down", row.get("down"), number(row.get("up")))
            gains |= {side: self._typed(together[limit], side, row) for side in typed}
            priced = document_price(self.problem, limit, gains)
            lacking = LATER_OF_PRICES - row.keys()
            yield {key: value for key, value in priced.items() if key not in lacking}

    def _typed(self, number_: Sequence[Limit], side: str, row: Mapping[str, Any]) -> Any:
        """Expected ``one_more`` or ``one_less``; for several limits as saved, unless refuted."""
        sense, saved = number_[0].sense, row[side]
        if len(number_) == 1:
            alone = limit_gains(sense, number(row.get("up")), number(row.get("down")))
            return alone[side == "one_less"]
        loosens = (side == "one_less") == (sense == AT_LEAST)
        found = number(saved)
        if loosens or found is None:
            return self._price(number_, "up", saved)
        right = self._price(number_, "down", -found)
        return saved if right == -found else _("a loss: {loss}").format(loss=right)

    @cached_property
    def _amount_factors(self) -> dict[str, Floats]:
        """Least (``down``) and greatest (``up``) factor from a limit's amount to its quantity [L].

        A share is of the posts of the first stage's best plan, not saved if that stage concedes.
        """
        p, ends = self.problem, dict.fromkeys(("up", "down"), self.judged)
        if self.stages[0].concede > 0:
            idle = np.zeros_like(p.contracts_per_year)
            ends = {"up": p.judge(*p.most_new_fte, idle), "down": p.judge(*p.zeros(), idle)}
        return {side: judged.amount_factor for side, judged in ends.items()}

    def _price(
        self, limits: Sequence[Limit], side: str, saved: Any, up: float | None = None
    ) -> Any:
        """The saved price; if the rows' prices refute it, a text with the expected range.

        A move of limits changes the bound that prices prove by prices times the move: loosening
        gains at most the prices, tightening loses at least them, and *up*. None is not checked.
        """
        found, check = number(saved), self.stages[0]
        if saved is None:
            return None
        if found is None or found < 0:
            return _("a number of at least 0, or null")
        per = dict(zip(self.problem.limits, self._amount_factors[side].tolist(), strict=True))
        most = sum(
            abs(check.duals[one.row]) * per[one] * one.unit.priced / one.unit.row for one in limits
        )
        unproved = check.rounding + abs(check.recomputed_bound - check.own)
        most = max(most, up or 0.0)
        slack = PRICE_TOLERANCE * most + unproved / PRICE_MOVE
        if side == "up" and found > most + slack:
            return _("at most {most}, by the saved duals").format(most=most)
        if side == "down" and found < most - slack:
            return _("at least {least}, by the saved duals").format(least=most)
        return saved


def _leeway(
    prices: Mapping[str, float], kept: Mapping[str, float], earlier: Sequence[RecomputedStage]
) -> float:
    """Gain from shortfalls in earlier stages, Σ |price| · (value to be kept − value in plan).

    The rounding of a value to be kept counts as a shortfall, too: a large price multiplies it.
    """
    leeway = 0.0
    for m, check in enumerate(earlier):
        least = kept[check.objective]
        lack = max(0.0, check.sign * (least - check.in_plan)) + 4 * float(np.spacing(abs(least)))
        leeway += abs(prices[stage_row(m, check.objective)]) * lack
    return leeway


def saved_table(value: Any) -> Mapping[str, Any]:
    """The value of a saved document if it is a table (a dict), else an empty table."""
    return value if isinstance(value, dict) else {}
