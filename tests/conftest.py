"""A small zoo of named problems, and the shipped scenarios solved once."""

from __future__ import annotations

import gc
import io
import os
import pickle
import re
import shutil
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import chdir, contextmanager
from dataclasses import fields, is_dataclass
from dataclasses import replace as dataclass_replace
from decimal import Decimal
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

# The matrices are small, and the processes as many as the cores: threads would only wait.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pytest
from limit_arrays import replace

import fte_alloc as fa
from fte_alloc import language
from fte_alloc.cli import comparison_commands as _comparing  # noqa: F401 - click names kinds of
from fte_alloc.cli import input_commands as _reading  # noqa: F401 - values in the language in
from fte_alloc.cli import main
from fte_alloc.cli import plan_commands as _planning  # noqa: F401 - force where they are imported
from fte_alloc.inputs import load as loading
from fte_alloc.inputs import resolve
from fte_alloc.inputs.codes import Codes
from fte_alloc.inputs.draft import Draft
from fte_alloc.inputs.input_files import read_bytes, real_path, shown_path
from fte_alloc.programme.curves import SaturatingCurves, TableCurves, demand_draws
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.infeasible import diagnose as diagnosing
from fte_alloc.questions.infeasible.diagnose import Diagnosis
from fte_alloc.questions.plan import Plan
from fte_alloc.questions.verify import verify as _verify  # noqa: F401 - before anything is patched
from fte_alloc.search import best_plan as planning
from fte_alloc.search import warm as _warm  # noqa: F401

#: What a test starts need not be compiled anew each time, nor the tests in the next run.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

#: Whatever the machine speaks, the commands under test speak English.
os.environ["LANGUAGE"] = "en"

ROOT = Path(__file__).resolve().parents[1]
SCENARIOS = sorted(path.stem for path in (ROOT / "scenarios").glob("*.toml"))
#: Those in which every area is one territory.
REGIONAL = [name for name in SCENARIOS if name != "departements"]


def pytest_sessionstart(session: pytest.Session) -> None:
    """Catalogues are compiled when the package is installed, not kept in git.

    The tests themselves are compiled by two processes from either end, each half once.
    """
    for path in Path(language.FOLDER).rglob("*.po"):
        compiled = path.with_suffix(".mo")
        if not compiled.exists():
            pytest.exit(f"{compiled} is not there: run python hatch_build.py", returncode=4)
    if os.environ.get("PYTEST_XDIST_WORKER") == "gw1" and session.config.args == ["tests"]:
        for path in sorted(Path(__file__).parent.glob("test_*.py"), reverse=True):
            import_module(path.stem)


def pytest_collection_finish() -> None:
    """What is imported and collected by now stays; waste in what comes is searched for seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def slow(case: object):
    """A case of a parametrised test that is left to ``pytest -m slow``."""
    return pytest.param(case, marks=pytest.mark.slow)


def slow_but(cases: Iterable[object], *quick: object) -> list[object]:
    """Cases of a test over a table, all but the quick ones left to ``pytest -m slow``."""
    return [case if case in quick else slow(case) for case in cases]


def needs(*tools: str) -> pytest.MarkDecorator:
    """A test that needs programmes or packages: skipped without them, with CI=true it fails."""
    missing = [tool for tool in tools if not (shutil.which(tool) or find_spec(tool))]
    reason = f"not installed: {', '.join(missing)}"
    return pytest.mark.skipif(bool(missing) and os.environ.get("CI") != "true", reason=reason)


@pytest.fixture
def at_root(monkeypatch):
    """The working directory is that of the project."""
    monkeypatch.chdir(ROOT)


def asked_once(question: Callable) -> Callable:
    """The question answered once, whatever it is asked with next."""
    answers: list[object] = []

    def asked(*arguments: object) -> object:
        if not answers:
            answers.append(question(*arguments))
        return answers[0]

    return asked


def run(capsys, *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command."""
    capsys.readouterr()
    try:
        main(list(arguments))
        code = 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 1
    out, err = capsys.readouterr()
    return code, out, err


#: A figure of a page, with the spaces that align it: 56,703.2 or 24.8%, not a code, count or year.
_FIGURE = re.compile(r" *[−-]?\b(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+)\b")


def same_page(said: str, expected: str) -> bool:
    """Whether two pages agree: text, codes and counts exactly, figures to one in the last digit.

    No more can be asked: what is half a unit on one machine may lie on either side on another.
    """
    if _FIGURE.sub("#", said) != _FIGURE.sub("#", expected):
        return False
    pairs = zip(_FIGURE.findall(said), _FIGURE.findall(expected), strict=True)
    return all(
        one == other
        or (
            len(one.partition(".")[2]) == (digits := len(other.partition(".")[2]))
            and abs(_value(one) - _value(other)) <= Decimal(10) ** -digits
        )
        for one, other in pairs
    )


def _value(figure: str) -> Decimal:
    return Decimal(figure.strip().replace(",", "").replace("−", "-"))


def one_in(step: int, cases: Iterable[object]) -> list[object]:
    """Cases of a parametrised test, all but one in *step* left to ``pytest -m slow``.

    Where a number decides what kind of case it is, *step* must not divide the number of kinds.
    """
    return [slow(case) if n % step else case for n, case in enumerate(cases)]


class _Content(pickle.Pickler):
    """What a thing is made of: the same fields, the same bytes, whatever was worked out since."""

    def reducer_override(self, thing: object) -> object:
        if not is_dataclass(thing) or isinstance(thing, type):
            return NotImplemented
        if id(thing) in _BUILT:  # inputs, kept as long as the process lives
            return int, (id(thing),)
        return type(thing), tuple(getattr(thing, field.name) for field in fields(thing))


def content(thing: object) -> bytes:
    """By what the very same problem is known again."""
    told = io.BytesIO()
    writer = _Content(told)
    writer.fast = True  # else what is shared, and what is only equal, would differ
    writer.dump(thing)
    return told.getvalue()


_SOLVED: dict[tuple[bytes, bool], planning.Solution] = {}
_IMPOSSIBLE: dict[object, Diagnosis] = {}
_READ: dict[object, object] = {}
_BUILT: dict[int, Problem] = {}
#: For tests with ``search_once`` that compare two solves, which take neither from memory.
solve_anew = planning.best_plan
_read_inputs, _diagnose = loading.read_inputs, diagnosing.diagnose
_build_problem = loading.build_problem


def _remembered(
    problem: Problem, time_limit_s: float | None = None, *, priced: bool = True, **others: object
) -> planning.Solution:
    """The plan of the very same problem, if it was proved, whatever the inputs that gave it.

    Nothing is remembered where there is next to no time: so are searches stopped in tests.
    """
    if others or (time_limit_s is not None and time_limit_s <= 1.0):
        return solve_anew(problem, time_limit_s, priced=priced, **others)
    key = content(dataclass_replace(problem, inputs=None))
    found = _SOLVED.get((key, True)) or _SOLVED.get((key, priced))
    if found is None:
        found = solve_anew(problem, time_limit_s, priced=priced)
        if found.status == "optimal":
            _SOLVED[key, priced] = found
    plan = found.evaluation
    if plan.problem.inputs is not problem.inputs:
        plan = dataclass_replace(plan, problem=problem)
    prices = found.prices if priced else ()
    return dataclass_replace(found, problem=problem, evaluation=plan, prices=prices)


def _diagnosed(problem: Problem) -> Diagnosis:
    """Why no plan of the very same problem is possible; its document is English."""
    key = content(problem), language.in_force()
    if key not in _IMPOSSIBLE:
        _IMPOSSIBLE[key] = _diagnose(problem)
    return _IMPOSSIBLE[key]


def _read(scenario: str, overrides: object = None, only: object = None) -> object:
    """A shipped scenario as it was read before, with the same changes and in the same language."""
    given, here = Path(scenario), Path.cwd()
    is_name = scenario in SCENARIOS and here == ROOT
    if only is not None or not (is_name or given.parent == ROOT / "scenarios"):
        return _read_inputs(scenario, overrides, only)
    key = given, here, repr(overrides), language.in_force()
    if key not in _READ:
        _READ[key] = _read_inputs(scenario, overrides)
    return _READ[key]


def _built(read: object) -> Problem:
    """The problem of inputs; those that were read before have theirs, with all worked out since."""
    if not any(read is known for known in _READ.values()):
        return _build_problem(read)
    if id(read) not in _BUILT:
        _BUILT[id(read)] = _build_problem(read)
    return _BUILT[id(read)]


_MODELS: dict[object, Draft] = {}
read_model_anew = resolve.read_model


def read_model(draft: Draft) -> None:
    """Read a model, or take over what the very same files gave before."""
    files = [draft.folder / name for name in ("model.toml", "territories.csv", "contracts.csv")]
    if not all(file.is_file() for file in files) or (
        draft.only is not None and not all(real_path(file) in draft.only for file in files)
    ):
        read_model_anew(draft)
        return
    held = tuple(read_bytes(file, file.name) for file in files)  # as by any command
    key = draft.folder, shown_path(draft.folder), language.in_force(), held
    if key not in _MODELS:
        if len(_MODELS) > 100:
            _MODELS.clear()
        fresh = Draft(folder=draft.folder)
        read_model_anew(fresh)
        _MODELS[key] = fresh
    for name, found in vars(_MODELS[key]).items():
        own = getattr(draft, name)
        if isinstance(found, list):
            own += found
        elif isinstance(found, dict | set) and not isinstance(found, Codes):
            own |= found
        elif name != "only":
            setattr(draft, name, found)


resolve.read_model = read_model


@pytest.fixture
def read_once(monkeypatch):
    """For tests that are not about reading: a shipped scenario is read once a process."""
    _remember_reading(monkeypatch)


def _remember_reading(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(loading, "read_inputs", _read)
    patch.setattr(loading, "build_problem", _built)


def _remember(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(planning, "best_plan", _remembered)
    patch.setattr(diagnosing, "diagnose", _diagnosed)
    _remember_reading(patch)


@contextmanager
def remembering() -> Iterator[None]:
    """What is read and solved here is remembered for the tests with ``search_once``."""
    with pytest.MonkeyPatch.context() as patch:
        _remember(patch)
        yield


@pytest.fixture
def search_once(monkeypatch):
    """For tests of what is said of plans: the same problem is solved once a process."""
    _remember(monkeypatch)  # that of the test itself, or what it patches would outlive the test


@contextmanager
def as_close_as(within: float) -> Iterator[None]:
    """Curves found here are that close to the straight lines between their points."""
    with pytest.MonkeyPatch.context() as patch:
        for place in ("frontier", "curve"):
            patch.setattr(f"fte_alloc.questions.frontier.{place}.WITHIN", within)
        yield


@pytest.fixture
def few_points() -> Iterator[None]:
    """For tests that are not about how close the points of curves are."""
    with as_close_as(1e-2):
        yield


@pytest.fixture(autouse=True)
def nothing_is_left_patched() -> Iterator[None]:
    """A test that leaves the memory of others behind fails itself, and not one that comes later."""
    yield
    assert planning.best_plan is solve_anew


#: Where the processes of one run leave what they have solved for each other.
_SHARED: list[Path] = []


@pytest.fixture(scope="session", autouse=True)
def shared_plans(tmp_path_factory) -> None:
    """The folder that all processes of this run know, where there are several."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        _SHARED.append(tmp_path_factory.getbasetemp().parent)


@cache
def solved(name: str) -> Plan:
    """A shipped scenario, solved once a run."""
    kept = [folder / f"{name}.pickle" for folder in _SHARED]
    for path in kept:
        if path.exists():
            return pickle.loads(path.read_bytes())
    with chdir(ROOT), remembering():
        plan = fa.solve(fa.load(name))
    for path in kept:
        whole = path.with_suffix(f".{os.getpid()}")
        whole.write_bytes(pickle.dumps(plan))
        whole.replace(path)
    return plan


@pytest.fixture(params=SCENARIOS)
def plan(request) -> Plan:
    """Every shipped scenario in turn."""
    return solved(request.param)


def cut_model(folder: Path, codes: Collection[str], source: str = "france-2023") -> None:
    """Write a shipped model cut down to some territories into a new folder."""
    shipped = ROOT / "models" / source
    folder.mkdir(parents=True)
    shutil.copy(shipped / "model.toml", folder)
    for name in ("territories.csv", "contracts.csv"):
        first, *lines = (shipped / name).read_text(encoding="utf-8").splitlines()
        kept = [first, *(line for line in lines if line.partition(",")[0] in codes)]
        (folder / name).write_text("\n".join(kept) + "\n", encoding="utf-8")


def small_problem(
    contracts=((100.0, 50.0), (80.0, 20.0)),
    *,
    existing=(1.0, 1.0),
    cap=10.0,
    budget=1e9,
    demand_cv=0.0,
    per_fte=20.0,
    areas=None,
    years=(2023,),
    **changes,
) -> Problem:
    """Territories A to Z, ZA, … with kinds of buyer p, q, …; grants of 7,000 EUR of 10,000.

    By default no coordinators, no committed posts, floors 0, ceilings 1, all weights 1.
    """
    n = np.array(contracts, dtype=float)
    territories, segments = n.shape
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    codes = (*letters, *(f"Z{letter}" for letter in letters))[:territories]
    area_codes = tuple(areas) if areas else codes
    area_names = tuple(sorted(set(area_codes)))
    n = np.repeat(n[:, None, :], len(years), axis=1)
    full = np.ones(n.size)

    def per_place(eur):
        return tuple(np.full((len(of), len(years)), eur) for of in (codes, area_names))

    problem = Problem(
        territories=codes,
        territory_names=codes,
        areas=area_names,
        area_names=area_names,
        area_of=np.array([area_names.index(a) for a in area_codes]),
        segments=tuple("pqrs"[:segments]),
        segment_names=tuple("pqrs"[:segments]),
        years=tuple(years),
        contracts_per_year=n,
        curves=SaturatingCurves(
            n.ravel(), 0 * full, full, per_fte * full, demand_draws(demand_cv, 9)
        ),
        existing_facilitators_fte=np.array(existing, dtype=float),
        committed_facilitators_fte=np.zeros(territories),
        existing_coordinators_fte=np.zeros(len(area_names)),
        committed_coordinators_fte=np.zeros(len(area_names)),
        supports_fte=0.0,
        productivity_gain=0.0,
        first_year_effectiveness=1.0,
        cost_eur_per_fte=per_place(10_000.0),
        grant_eur_per_fte=per_place(7_000.0),
        segment_weight=np.ones(segments),
        territory_weight=np.ones(territories),
        year_weight=np.ones(len(years)),
        target_rate=np.full(len(years), np.nan),
    )
    limits = {"cap_fte": cap, "state_eur_per_year": budget, "max_new_coordinators_fte": 0.0}
    return replace(problem, **(limits | changes))


def table_problem(points, contracts=1e6, **changes) -> Problem:
    """One kind of buyer p; points: for each territory a list of (effort, contracts)."""
    problem = small_problem([[contracts]] * len(points), existing=[0.0] * len(points), **changes)
    curves = TableCurves(
        tuple(tuple(float(e) for e, _ in curve) for curve in points),
        tuple(tuple(float(y) for _, y in curve) for curve in points),
    )
    return replace(problem, curves=curves)
