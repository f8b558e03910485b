"""Verification of a saved plan by arithmetic, without a solver: its inputs, figures and bounds.

Figures that need a solver are listed as not proved.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fte_alloc.errors import InputError
from fte_alloc.inputs.build import build_problem
from fte_alloc.inputs.draft import UnlistedFileError
from fte_alloc.inputs.input_files import package_root, read_bytes, real_path
from fte_alloc.inputs.plan_files import read_plan, upgraded_plan
from fte_alloc.inputs.resolve import read_inputs
from fte_alloc.inputs.sheets import SPREADSHEETS
from fte_alloc.language import _
from fte_alloc.names import NOTHING_LIMITS_POSTS
from fte_alloc.programme.problem import Evaluation, Problem
from fte_alloc.questions.frontier.frontier import READ as CURVES
from fte_alloc.questions.verify.compare_documents import Finding, by_label, differences, number
from fte_alloc.questions.verify.curve import SavedCurve
from fte_alloc.questions.verify.recompute import Recomputation, RecomputedStage, saved_table
from fte_alloc.shown import Tables

if TYPE_CHECKING:
    from fte_alloc.questions.document import Documented
    from fte_alloc.questions.plan import AnyPlan

_IN_PACKAGE = "package:"


@dataclass(frozen=True, repr=False)
class Verification(Tables):
    """The result of verifying a saved plan or trade-off curve.

    inputs : findings on files or values that differ or are missing; if any, nothing else is checked
    limits : findings on limits that the plan breaks
    figures : findings on figures that do not follow from inputs, posts, effort and prices
    claims : findings on values, bounds and a status that are not proved
    unproved : statements that are not proved, each with the paths of its figures
    bound : sentence on all bounds of a trade-off curve, which has no ``stages``; empty for a plan
    document, recomputed : document as saved, and as expected; None where it was not recomputed
    """

    document: Mapping[str, Any]
    recomputed: Mapping[str, Any] | None = None
    inputs: tuple[Finding, ...] = ()
    limits: tuple[Finding, ...] = ()
    figures: tuple[Finding, ...] = ()
    claims: tuple[Finding, ...] = ()
    stages: tuple[RecomputedStage, ...] = ()
    unproved: tuple[tuple[str, tuple[str, ...]], ...] = ()
    bound: str = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, on inputs, limits, figures and claims."""
        return self.inputs + self.limits + self.figures + self.claims

    @property
    def accepted(self) -> bool:
        """Whether there are no findings."""
        return not self.findings


def verify(
    plan: str | os.PathLike[str] | Mapping[str, Any] | AnyPlan | Documented,
    root: str | os.PathLike[str] | None = None,
) -> Verification:
    """Prove a saved plan, or a saved trade-off curve, again without a solver.

    plan : a plan or curve, found or read back; its document; or its JSON file
    root : folder of its input files; the working directory by default

    Raises InputError where the file cannot be read or is no plan.
    """
    if isinstance(plan, str | os.PathLike):
        document = read_plan(Path(plan), *CURVES)
    else:
        document = upgraded_plan(plan if isinstance(plan, Mapping) else plan.document)
    problem, findings = _inputs_again(document, None if root is None else Path(root).absolute())
    return (
        verify_document(document, problem)
        if problem
        else Verification(document, inputs=tuple(findings))
    )


def proved_problem(document: Mapping[str, Any]) -> Problem | None:
    """The problem that a saved document describes; None unless the document is verified."""
    problem, _ = _inputs_again(document, None)
    return problem if problem is not None and verify_document(document, problem).accepted else None


def verify_document(document: Mapping[str, Any], problem: Problem) -> Verification:
    """Verify a document whose inputs are known to be those of the problem; see ``verify``."""
    for role, code in problem.unlimited()[:1]:
        what = _(NOTHING_LIMITS_POSTS).format(role=role, code=code)
        return Verification(document, inputs=(Finding.of("inputs", "optimal", what),))
    with np.errstate(all="ignore"):  # figures changed by hand may be of any size
        is_curve = document.get("format") in CURVES
        ours = SavedCurve(document, problem) if is_curve else Recomputation(document, problem)
        if ours.unread:
            return Verification(document, figures=tuple(ours.unread))
        saved = {key: value for key, value in document.items() if key != "software"}
        if problem.inputs and saved.get("title") == problem.inputs.value("title"):
            saved["title"] = problem.inputs.title  # earlier that of the scenario it extends, too
        found = [*differences(saved, ours.document)]
        figures = [one for one in found if isinstance(one, Finding)]
        # A bound holds for a stage at its place, so that the order of stages is compared, too.
        order = [*by_label(saved.get("stages"), "stages")]
        served = [stage.objective for stage in ours.stages]
        if sorted(order) == sorted(served) and order != served:
            figures.append(Finding.of("stages", ", ".join(order), ", ".join(served)))
        if isinstance(ours, SavedCurve):
            plans, claims, (bound, left) = ours.plans, ours.claims(), ours.conclusion
        else:
            plans, claims, (bound, left) = {"": ours.judged}, _claims(ours), ("", [])
        unproved = (*left, *_unproved(ours, [one for one in found if isinstance(one, str)]))
        return Verification(
            document,
            ours.document,
            limits=tuple(_broken_limits(plans)),
            figures=tuple(figures),
            claims=tuple(claims),
            stages=tuple(ours.stages),
            unproved=unproved,
            bound=bound,
        )


# -- inputs ----------------------------------------------------------------------------------------


def _inputs_again(
    document: Mapping[str, Any], root: Path | None
) -> tuple[Problem | None, list[Finding]]:
    """The problem read again from the saved inputs, or None and findings if an input differs."""
    inputs = saved_table(document.get("inputs"))
    files, own = saved_table(inputs.get("files")), inputs.get("file")
    overrides = inputs.get("overrides")
    if not isinstance(own, str) or own not in files:
        text = _("the scenario's own file, one of inputs.files")
        return None, [Finding.of("inputs.file", own or _("(not there)"), text)]
    if not isinstance(overrides, dict):
        return None, [Finding.of("inputs.overrides", overrides, _("a table"))]
    places = {name: _place(name, root) for name in files}
    shipped, own_root = real_path(package_root()), real_path(root or Path.cwd())
    foreign = [  # outside root and package, with links resolved
        name
        for name, place in places.items()
        if not any(real_path(place).is_relative_to(home) for home in (own_root, shipped))
    ]
    changed = {
        name: Finding.of(f"inputs.files[{name}]", files[name], found)
        for name, place in places.items()
        if (found := _digest(place, name in foreign)) != files[name]
    }
    if not all(real_path(places[name]).is_relative_to(shipped) for name in changed):
        return None, [*changed.values()]
    then = {real_path(place): name for name, place in places.items()}
    try:
        with contextlib.chdir(root or Path.cwd()):
            read = read_inputs(places[own], overrides, only=then)
            today = {real_path(_place(name, None)): name for name in read.files}
            problem = build_problem(read)
    except UnlistedFileError as unlisted:
        path = f"inputs.files[{unlisted}]"
        return None, [*changed.values(), Finding.of(path, _("(not there)"), _("(read)"))]
    except InputError as error:
        if foreign:  # the error would quote their content
            text = _("inputs (outside the folder, so that what is wrong in them is not shown)")
            return None, [Finding.of("inputs", ", ".join(foreign), text)]
        wrong = [Finding.of("inputs", m.where, m.what) for m in error.mistakes]
        return None, [*changed.values()] or wrong
    if read.resolved_sha256 == inputs.get("resolved_sha256"):
        changed = {}  # only notes of shipped files differ, as between versions
    unread = (name for place, name in sorted(then.items()) if place not in today)
    gone = _("(read)"), _("(not there)")
    findings = [*changed.values(), *(Finding.of(f"inputs.files[{n}]", *gone) for n in unread)]
    # Names of files and scenario can depend on the working directory: the saved names are kept.
    name = str(inputs.get("scenario"))
    name = name if Path(name).stem == Path(own).stem else read.name
    read = replace(read, name=name, file=own, files=files)
    return (None if findings else replace(problem, inputs=read)), findings


def _place(name: str, root: Path | None) -> Path:
    """Path of a file named in a document; the root takes precedence over the package."""
    inside = name.removeprefix(_IN_PACKAGE)
    if inside == name or (root is not None and os.path.lexists(root / inside)):
        return (root or Path.cwd()) / inside
    return package_root() / inside


def _digest(path: Path, is_foreign: bool) -> str:
    """SHA-256 of a file, or why it is not read; outside the folder only input formats are read."""
    not_read = _("(not read: above 64 MB, or outside this folder and no .toml or .csv)")
    if is_foreign and real_path(path).suffix.lower() not in (".toml", *SPREADSHEETS):
        return not_read
    try:
        return "sha256:" + sha256(read_bytes(path, path.name, pipes=False)).hexdigest()
    except InputError:
        return not_read if os.path.lexists(path) else _("(no such file)")


# -- plan ------------------------------------------------------------------------------------------


def _broken_limits(plans: Mapping[str, Evaluation]) -> Iterator[Finding]:
    for at, v in ((at, v) for at, judged in plans.items() for v in judged.violations):
        parts = (v.constraint, v.territory or v.area, v.year)
        where = ", ".join(str(part) for part in parts if part)
        yield Finding.of(f"{at}limits[{where}]", v.value, v.limit)


def _claims(ours: Recomputation) -> Iterator[Finding]:
    """Findings on wrong bounds, unproved optimality, and values that differ from their bounds."""
    best = not ours.is_stopped
    for stage in ours.stages:
        path = f"stages[{stage.objective}]"
        beyond = stage.sign * (stage.bound - stage.recomputed_bound)
        if stage.is_by_solver and beyond > stage.rounding + stage.leeway:
            yield Finding.of(f"{path}.bound", stage.bound, stage.recomputed_bound)
        passed = stage.lost < -stage.rounding - stage.leeway  # the plan is better than its bound
        if passed and not ours.judged.violations:
            yield Finding.of(f"{path}.bound", stage.claimed, stage.in_plan)
        elif best and not stage.reached:
            text = _("not proved: {where} is not reached")
            yield Finding.of("status", "optimal", text.format(where=path))
        elif abs(stage.claimed - stage.own) > stage.rounding + stage.leeway and not ours.is_stopped:
            yield Finding.of(f"{path}.value", stage.own, stage.claimed)
        if not stage.reached:
            return  # later stages presume plans that keep this one


def _unproved(
    ours: Recomputation | SavedCurve, unknown: Sequence[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Statements that are not proved, each with the paths of its figures."""
    prices = tuple(
        f"prices[{label}].{side}"
        for label, rows in by_label(ours.saved.get("prices"), "prices").items()
        for side in ("up", "down", "one_more", "one_less")
        if number(saved_table(rows[0]).get(side)) is not None
    )
    if prices:
        text = _("gains at the margin ({count}): only that the saved prices allow them is checked")
        yield text.format(count=len(prices)), prices
    if any(stage.is_by_solver for stage in ours.stages):
        bounds = tuple(f"stages[{stage.objective}].bound" for stage in ours.stages)
        yield _("that no plan in steps does better: its bound is the solver's word"), bounds
    conceded = tuple(f"stages[{s.objective}].value" for s in ours.stages if s.concede > 0)
    if conceded:
        text = _("what a stage that gives something up could reach: that plan is not saved")
        yield text, conceded
    yield _("which versions of the software were used"), ("software",)
    if unknown:
        text = _("keys that this version does not know: {keys}")
        yield text.format(keys=", ".join(unknown[:5])), tuple(unknown)
