"""A saved plan proved again by arithmetic: its inputs, its figures, its bounds. No solver.

What the plan was made from is read again, byte for byte the same; its posts and their effort are
judged; every figure of the document is recomputed from them; and the saved prices prove the bound
of every stage (``proof``). What needs a solver is listed as not proved.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from fte_alloc import words
from fte_alloc.analysis.agreement import Agreement, Finding, by_label, number
from fte_alloc.coverage import Floats
from fte_alloc.document import objective_unit, price_unit, proved_document
from fte_alloc.errors import InputError
from fte_alloc.judging import Evaluation
from fte_alloc.problem import COORDINATOR, FACILITATOR, Problem
from fte_alloc.proof import GAP, LIMITS, STEP_GAP, StageProof, kept_slack, row_names, stage_bound
from fte_alloc.scenario import read_inputs
from fte_alloc.scenario.building import build_problem
from fte_alloc.scenario.finding import package_root, same_file
from fte_alloc.scenario.plans import read_plan
from fte_alloc.scenario.reading import read_bytes

OPTIMAL, STOPPED = "optimal", "stopped"
_IN_PACKAGE = "package:"


@dataclass(frozen=True)
class StageCheck:
    """One stage proved again.

    value : what the stage reached, in its own best plan where it concedes
    in_plan : what the plan reaches, recomputed
    bound : what no plan exceeds, as it was saved; the solver's word for plans in steps
    recomputed_bound : what the saved prices prove, without steps
    """

    objective: str
    sense: str
    unit: str
    concede: float
    value: float
    in_plan: float
    bound: float
    recomputed_bound: float
    in_steps: bool

    @property
    def gap(self) -> float:
        """What is left between value and the bound that is proved, relative to it."""
        return abs(self.recomputed_bound - self.value) / max(1.0, abs(self.recomputed_bound))

    @property
    def claimed(self) -> float:
        """The bound a plan has to reach: in steps the solver's, else the one proved here."""
        return self.bound if self.in_steps else self.recomputed_bound

    @property
    def sign(self) -> float:
        """1 where more is better, −1 where less is."""
        return 1.0 if self.sense == "maximise" else -1.0

    @property
    def lost(self) -> float:
        """How far the plan stays behind, below 0 where it is ahead."""
        return self.sign * (self.claimed - self.in_plan)

    @property
    def rounding(self) -> float:
        """Differences that count for nothing."""
        return (STEP_GAP if self.in_steps else GAP) * max(1.0, abs(self.claimed))

    @property
    def reached(self) -> bool:
        """Whether no more is lost than the stage gives away."""
        return self.lost <= self.concede * abs(self.claimed) + self.rounding


@dataclass(frozen=True)
class Verification:
    """What was found when a plan was proved again.

    inputs : files that differ or are missing, values that do; nothing else was checked then
    limits : limits that the plan breaks
    figures : figures that do not follow from inputs, posts, effort and prices
    claims : what the plan claims of itself and is not so
    checked : how many files were read, values resolved and figures recomputed
    unproved : what only a solver could tell, each with the paths of its figures
    """

    document: Mapping[str, Any]
    inputs: tuple[Finding, ...] = ()
    limits: tuple[Finding, ...] = ()
    figures: tuple[Finding, ...] = ()
    claims: tuple[Finding, ...] = ()
    stages: tuple[StageCheck, ...] = ()
    checked: tuple[int, int, int] = (0, 0, 0)
    unproved: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that is not as the plan says."""
        return self.inputs + self.limits + self.figures + self.claims

    @property
    def accepted(self) -> bool:
        """Whether all of the plan is as it says."""
        return not self.findings


def verify(
    plan: str | os.PathLike[str] | Mapping[str, Any], root: str | os.PathLike[str] | None = None
) -> Verification:
    """Prove a saved plan again.

    plan : a file of ``fte-alloc solve … --out PLAN.json``, or its document
    root : folder its input files are looked for in; the working directory by default

    Raises InputError where the file cannot be read or is no plan.
    """
    document = plan if isinstance(plan, Mapping) else read_plan(Path(plan))
    problem, findings = _inputs_again(document, Path(root or ".").absolute())
    if problem is None:
        return Verification(document, inputs=tuple(findings))
    return prove(document, problem)


def prove(document: Mapping[str, Any], problem: Problem) -> Verification:
    """As ``verify``, for a plan whose inputs are known to be those of the problem."""
    with np.errstate(all="ignore"):  # figures changed by hand may be of any size
        return _Proof(document, problem).verification()


# -- inputs ----------------------------------------------------------------------------------------


def _inputs_again(
    document: Mapping[str, Any], root: Path
) -> tuple[Problem | None, list[Finding]]:
    """The problem that the saved inputs give today, if every file is the same; else what differs."""
    saved = document.get("inputs")
    inputs: Mapping[str, Any] = saved if isinstance(saved, dict) else {}
    files, own, overrides = (inputs.get(key) for key in ("files", "file", "overrides"))
    known = isinstance(files, dict) and isinstance(own, str) and own in files
    if not known or not isinstance(overrides, dict):
        return None, [Finding.of("inputs", saved, words.INPUTS_EXPECTED)]
    places = {name: _place(name, root) for name in files}
    findings = [
        Finding.of(f"inputs.files[{name}]", files[name], found)
        for name, place in places.items()
        if (found := _digest(place)) != files[name]
    ]
    if findings:
        return None, findings
    try:
        with contextlib.chdir(root):
            read = read_inputs(places[own], overrides)
            today = {same_file(_place(name, root)): name for name in read.files}
            problem = build_problem(read)
    except InputError as error:
        return None, [Finding.of("inputs", m.where, m.what) for m in error.mistakes]
    then = {same_file(place): name for name, place in places.items()}
    for place in sorted(today.keys() ^ then.keys()):
        here, there = words.NOT_THERE, words.WAS_READ
        name = then.get(place) or today[place]
        said = (there, here) if place in then else (here, there)
        findings.append(Finding.of(f"inputs.files[{name}]", *said))
    # A name means its file here, however it was typed; files are the same, whatever they are
    # called from here.
    name = str(inputs.get("scenario"))
    name = name if Path(name).stem == Path(own).stem else read.name
    read = replace(read, name=name, file=own, files=files)
    return (None if findings else replace(problem, inputs=read)), findings


def _place(name: str, root: Path) -> Path:
    """Where a file of a document is to be found."""
    inside = name.removeprefix(_IN_PACKAGE)
    if inside == name or os.path.lexists(root / inside):
        return root / inside
    return package_root() / inside


def _digest(path: Path) -> str:
    try:
        return "sha256:" + sha256(read_bytes(path, path.name)).hexdigest()
    except InputError:
        return words.NO_FILE


# -- figures ---------------------------------------------------------------------------------------


class _Proof:
    """A document on its way to a verification."""

    def __init__(self, document: Mapping[str, Any], problem: Problem) -> None:
        self.document, self.problem = document, problem
        self.figures: list[Finding] = []
        self.in_steps = problem.step_fte > 0
        self.is_stopped = document.get("status") == STOPPED
        self.rows = row_names(problem)

    def verification(self) -> Verification:
        """Judge the plan, recompute the document, prove the bounds, compare."""
        inputs = self.problem.inputs
        read = (len(inputs.files), len(inputs.entries)) if inputs else (0, 0)
        for role, code in self.problem.unlimited()[:1]:
            what = words.NOTHING_LIMITS_POSTS.format(role=role, code=code)
            self.figures.append(Finding.of("inputs.values", OPTIMAL, what))
        x, z, k = self._allocation()
        if self.figures:
            return Verification(self.document, figures=tuple(self.figures), checked=(*read, 0))
        judged = self.problem.judge(x, z, k)
        stages, proofs = self._stages(judged)
        recomputed = self._recomputed(judged, stages, proofs)
        agreement = Agreement()
        saved = {key: value for key, value in self.document.items() if key != "software"}
        agreement.compare(saved, recomputed)
        order, wanted = list(by_label(saved.get("stages"), "stages")), [s.objective for s in stages]
        if sorted(order) == sorted(wanted) and order != wanted:
            found = Finding.of("stages", ", ".join(order), ", ".join(wanted))
            agreement.findings.append(found)
        return Verification(
            self.document,
            limits=tuple(_limits(judged)),
            figures=tuple(agreement.findings),
            claims=tuple(self._claims(stages)),
            stages=tuple(stages),
            checked=(*read, agreement.figures),
            unproved=tuple(self._unproved(stages, agreement.unknown)),
        )

    # -- posts and effort ----------------------------------------------------------------------

    def _allocation(self) -> tuple[Floats, Floats, Floats]:
        """x, z and k as they were saved; a figure that is none is a finding."""
        p = self.problem
        posts = by_label(self.document.get("posts"), "posts")
        territories = by_label(self.document.get("territories"), "territories")
        (x, z), k = p.zeros(), np.zeros_like(p.contracts_per_year)
        for role, codes, new in ((FACILITATOR, p.territories, x), (COORDINATOR, p.areas, z)):
            for j, t in np.ndindex(new.shape):
                label = f"{codes[j]}, {role}, {p.years[t]}"
                new[j, t] = self._number(posts, label, f"posts[{label}].new_fte", "new_fte")
        for i, t, s in np.ndindex(k.shape):
            label, segment = f"{p.territories[i]}, {p.years[t]}", p.segments[s]
            path = f"territories[{label}].by_segment[{segment}].effort_fte"
            keys = ("by_segment", segment, "effort_fte")
            k[i, t, s] = self._number(territories, label, path, *keys)
            if k[i, t, s] < 0:
                self.figures.append(Finding.of(path, k[i, t, s], words.EFFORT_EXPECTED))
        return x, z, k

    def _number(self, rows: Mapping[str, list[Any]], label: str, path: str, *keys: str) -> float:
        """A figure of a row, or 0 and a finding."""
        value: Any = rows.get(label, [None])[0]
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        found = number(value)
        if found is None:
            saved = words.NOT_THERE if value is None else value
            self.figures.append(Finding.of(path, saved, words.NUMBER_EXPECTED))
        return found or 0.0

    # -- stages --------------------------------------------------------------------------------

    def _stages(self, judged: Evaluation) -> tuple[list[StageCheck], list[StageProof]]:
        """Every stage proved again, and what the document should say of it."""
        rows = by_label(self.document.get("stages"), "stages")
        served = self.problem.stages[: len(rows) if self.is_stopped else None]
        checks: list[StageCheck] = []
        proofs: list[StageProof] = []
        for n, stage in enumerate(served):
            row = _table(rows.get(stage.objective, [{}])[0])
            duals = _table(row.get("duals"))
            prices = {name: number(duals.get(name)) or 0.0 for name in self.rows}
            proved = stage_bound(self.problem, n, prices, [proof.kept for proof in proofs])
            in_plan = judged.objective(stage.objective)
            value, bound, relaxed = (
                instead if (saved := number(row.get(key))) is None else saved
                for key, instead in (
                    ("value", in_plan),
                    ("bound", proved),
                    ("relaxation_bound", proved),
                )
            )
            check = StageCheck(
                objective=stage.objective,
                sense=stage.sense,
                unit=objective_unit(self.problem, stage.objective),
                concede=stage.concede,
                value=value if stage.concede > 0 else in_plan,
                in_plan=in_plan,
                bound=bound,
                recomputed_bound=proved,
                in_steps=self.in_steps,
            )
            proof = StageProof(
                objective=stage.objective,
                sense=stage.sense,
                value=value,
                bound=bound,
                concede=stage.concede,
                in_plan=in_plan,
                duals=prices,
                relaxation_bound=relaxed if self.in_steps else None,
                kept=None if n == len(served) - 1 else self._kept(n, check, row.get("kept")),
            )
            checks.append(check)
            proofs.append(proof)
        return checks, proofs

    def _kept(self, n: int, check: StageCheck, saved: Any) -> float:
        """What later stages had to keep: as saved, where concession and rounding explain it."""
        promised = check.claimed - check.sign * check.concede * abs(check.claimed)
        stricter, looser = kept_slack(self.problem, n, check.claimed)
        kept = number(saved)
        if kept is not None and -stricter <= check.sign * (promised - kept) <= looser:
            return kept
        return promised

    def _recomputed(
        self, judged: Evaluation, stages: Sequence[StageCheck], proofs: Sequence[StageProof]
    ) -> dict[str, Any]:
        """The document as it should be; what only a solver knows is taken from the saved one.

        Gaps and losses are differences of two saved figures, each of which is compared itself.
        """
        p, status = self.problem, self.document.get("status")
        known = str(status) if status in (OPTIMAL, STOPPED) else words.STATUS_EXPECTED
        nothing = p.judge(*p.zeros())
        document = proved_document(judged, nothing, known, list(self._prices()), proofs)
        del document["software"]
        for row, stage in zip(document["stages"], stages, strict=True):
            row["value"] = stage.value
            row["relaxation_bound" if self.in_steps else "bound"] = stage.recomputed_bound
        label, named = self.document.get("scenario"), document["scenario"]
        if isinstance(label, str) and sorted(label.split(" + ")) == sorted(named.split(" + ")):
            document["scenario"] = label  # the same overrides in another order
        whole: dict[str, Any] = json.loads(json.dumps(document))
        return whole

    # -- prices, which need a solver -----------------------------------------------------------

    def _prices(self) -> Iterator[dict[str, Any]]:
        """The rows of prices as far as arithmetic goes: limits that there are, units, signs."""
        if self.is_stopped:
            return
        first = self.problem.stages[0].objective
        rows = by_label(self.document.get("prices"), "prices")
        for constraint, code, year in self.rows.values():
            if constraint not in LIMITS or year is None:
                continue
            label = ", ".join(str(part) for part in (constraint, code, year) if part is not None)
            row = rows.get(label, [None])[0]
            if isinstance(row, dict) or code is None:
                row = row if isinstance(row, dict) else {}
                yield {
                    "constraint": constraint,
                    "territory": code,
                    "year": year,
                    "stage": first,
                    **{side: _price(row.get(side)) for side in ("up", "down")},
                    "unit": price_unit(self.problem, constraint),
                }

    def _unproved(
        self, stages: Sequence[StageCheck], unknown: Sequence[str]
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        """What cannot be recomputed without a solver, and the figures that are meant."""
        prices = tuple(
            f"prices[{label}].{side}"
            for label, rows in by_label(self.document.get("prices"), "prices").items()
            for side in ("up", "down")
            if isinstance(rows[0], dict) and number(rows[0].get(side)) is not None
        )
        if prices:
            yield words.UNPROVED_PRICES.format(count=len(prices)), prices
        if self.in_steps:
            bounds = tuple(f"stages[{stage.objective}].bound" for stage in stages)
            yield words.UNPROVED_STEPS, bounds
        own = tuple(f"stages[{stage.objective}].value" for stage in stages if stage.concede > 0)
        if own:
            yield words.UNPROVED_OWN, own
        yield words.UNPROVED_SOFTWARE, ("software",)
        if unknown:
            yield words.UNPROVED_KEYS.format(keys=", ".join(unknown[:5])), tuple(unknown)

    # -- claims --------------------------------------------------------------------------------

    def _claims(self, stages: Sequence[StageCheck]) -> Iterator[Finding]:
        """What is not so of a plan that says it is best, and of bounds that it passes."""
        for stage in stages:
            path = f"stages[{stage.objective}]"
            beyond = stage.sign * (stage.bound - stage.recomputed_bound)
            if stage.in_steps and beyond > stage.rounding:
                yield Finding.of(f"{path}.bound", stage.bound, stage.recomputed_bound)
            if stage.lost < -stage.rounding:
                yield Finding.of(f"{path}.bound", stage.claimed, stage.in_plan)
            elif not stage.reached and not self.is_stopped:
                yield Finding.of("status", OPTIMAL, words.NOT_REACHED.format(where=path))
            elif abs(stage.claimed - stage.value) > stage.rounding and not self.is_stopped:
                yield Finding.of(f"{path}.value", stage.value, stage.claimed)
            if not stage.reached:
                return  # what comes after is about plans that keep this stage


def _limits(judged: Evaluation) -> Iterator[Finding]:
    for v in judged.violations:
        where = ", ".join(str(part) for part in (v.constraint, v.territory, v.year) if part)
        yield Finding.of(f"limits[{where}]", v.value, v.limit)


def _price(value: Any) -> Any:
    """A price as it may be: none, or a number that is not below 0."""
    right = value is None or (number(value) is not None and value >= 0)
    return value if right else words.PRICE_EXPECTED


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
