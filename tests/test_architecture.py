"""Imports point one way, and heavy libraries stay in their rooms: the syntax trees are walked."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from planted_faults import FAULTS
from tables import each

SRC = Path(__file__).resolve().parents[1] / "src" / "fte_alloc"
MODULES = sorted(SRC.rglob("*.py"))

#: Rooms from the foundations up; a module may import its own room and those before it.
ORDER = [
    "texts",
    "shown",
    "errors",
    "language",
    "names",
    "output_files",
    "lp",
    "programme",
    "numbers",
    "inputs",
    "search",
    "questions",
    "render",
    "api",
    "cli",
]
#: Below the problem, a room may not look sideways either.
SIDEWAYS = {("search", "inputs")}
LIBRARIES = {
    "pulp": {"lp", "programme"},
    "highspy": {"lp"},
    "click": {"cli"},
    "rich": {"render"},
    "xlsxwriter": {"render"},
    "duckdb": {"questions"},
    "ijson": {"questions"},
}
#: Imported by no module at its head: only where they are used.
LAZY = {"pandas", "duckdb", "ijson"}


def room(path: Path) -> str:
    parts = path.relative_to(SRC).with_suffix("").parts
    return parts[0]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def statements(node: ast.AST, is_left_out: Callable[[ast.AST], bool]) -> Iterator[ast.AST]:
    """Statements within a node, at any depth, but for those left out and what is in them."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.expr) and not is_left_out(child):
            yield child
            yield from statements(child, is_left_out)


@cache
def imports(path: Path, *, at_start_only: bool = False) -> set[str]:
    """Dotted names a module imports, type-checking imports left out."""

    def is_left_out(node: ast.AST) -> bool:
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for_types = isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        return for_types or (at_start_only and is_function)

    found: set[str] = set()
    for node in statements(tree_of(path), is_left_out):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "fte_alloc":
                found.update(f"fte_alloc.{alias.name}" for alias in node.names)
            else:
                found.add(node.module)
    return found


@each("path", MODULES)
def test_imports_point_from_the_command_line_down_to_the_foundations(path):
    here = room(path)
    if here == "__init__":
        return
    for name in imports(path):
        if not name.startswith("fte_alloc."):
            continue
        there = name.split(".")[1]
        assert there in ORDER, f"{path}: unknown room {there}; add it to ORDER"
        assert ORDER.index(there) <= ORDER.index(here), f"{here} must not import {there}"
        assert (here, there) not in SIDEWAYS, f"{here} must not import {there}"


@each("path", MODULES)
def test_libraries_stay_in_their_rooms(path):
    for name in imports(path):
        library = name.split(".")[0]
        if library in LIBRARIES:
            assert room(path) in LIBRARIES[library], f"{room(path)} must not import {library}"
    start = {name.split(".")[0] for name in imports(path, at_start_only=True)}
    assert not start & LAZY


def test_every_room_is_known():
    rooms = {room(path) for path in MODULES} - {"__init__"}
    assert rooms == set(ORDER)


#: What runs in one process, a line after the other, and what is not imported by then.
NOT_NEEDED = [
    [
        (
            "import fte_alloc.cli",
            [
                *("numpy", "pandas", "rich", "pulp", "highspy"),
                *("fte_alloc.api", "fte_alloc.cli.command", "fte_alloc.cli.plan_commands"),
            ],
        ),
        (
            "from fte_alloc.cli import cli; [*cli.commands.values()]",
            ["numpy", "pandas", "rich", "pulp", "highspy", "pathlib", "fte_alloc.inputs"],
        ),
    ],
    [
        (
            "from fte_alloc.cli import main; main(['show'])",
            ["babel", "highspy", "pandas", "fte_alloc.cli.comparison_commands"],
        ),
    ],
    [
        (
            "import fte_alloc.programme.problem, fte_alloc.lp.certificate",
            ["pulp", "highspy", "pandas", "rich", "click"],
        ),
        ("import fte_alloc.programme.bound", ["pandas", "rich", "click"]),
        (
            "import fte_alloc as fa; fa.solve(fa.load('reference'))",
            ["pandas", "rich", "click", "xlsxwriter"],
        ),
    ],
]


@each("steps", NOT_NEEDED)
def test_what_is_not_needed_is_not_imported(steps):
    looks = (f"print([m for m in {absent!r} if m in sys.modules])" for _, absent in steps)
    lines = [line for (code, _), look in zip(steps, looks, strict=True) for line in (code, look)]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(["import sys", *lines])],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    told = [line for line in done.stdout.splitlines() if line.startswith("[")]
    assert told == ["[]"] * len(steps)


def test_no_module_has_grown_out_of_the_head():
    """A file that stops fitting in the head, 350 lines, is split."""
    long = {
        path.name: lines
        for path in MODULES
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 350
    }
    assert not long


def test_a_class_name_has_one_meaning():
    named = Counter(
        node.name
        for path in MODULES
        for node in tree_of(path).body
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, count in named.items() if count > 1] == []


@each("name", ["min_new", "max_new", "coordinator_required", "coordinator_max"])
def test_a_limit_is_data(name):
    """Names of built-in limits stand in the one list of them and in the tables of their names."""
    named = [
        str(path.relative_to(SRC))
        for path in MODULES
        if name in path.read_text("utf-8")
        and path.relative_to(SRC).parts[0] not in ("inputs", "names.py")
    ]
    assert named == []


def test_planted_faults_stand_where_they_are_said_to():
    """Each fault of ``planted_faults`` replaces a text that stands once in its file."""
    for fault in FAULTS:
        assert (SRC / fault.file).read_text("utf-8").count(fault.right) == 1, fault
        assert fault.right != fault.wrong
        near = (Path(__file__).with_name(f"test_{name}.py") for name in fault.near.split())
        assert all(path.exists() for path in near)
    rooms = {fault.file.partition("/")[0] for fault in FAULTS}
    assert {"lp", "programme", "search", "inputs", "questions", "render", "cli"} <= rooms
    assert len(FAULTS) >= 40


def in_circles(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """The files that are left, and what they import, when those that import none left have gone."""
    left = dict(graph)
    while free := [name for name, wanted in left.items() if not wanted & left.keys()]:
        for name in free:
            del left[name]
    return {name: wanted & left.keys() for name, wanted in left.items()}


def test_no_files_import_each_other_in_a_circle():
    """Imports within functions and for types alone count, too."""
    files = {
        ".".join(("fte_alloc", *path.relative_to(SRC).with_suffix("").parts)).removesuffix(
            ".__init__"
        ): path
        for path in MODULES
    }

    def imported(path: Path) -> set[str]:
        found: set[str] = set()
        for node in statements(tree_of(path), lambda _: False):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                whole = {f"{node.module}.{alias.name}" for alias in node.names}
                found |= whole if whole <= files.keys() else {node.module, *whole}
        return found & files.keys()

    graph = {name: imported(path) - {name} for name, path in files.items()}
    assert sum(map(len, graph.values())) > 500
    assert in_circles(graph) == {}


def test_a_circle_is_found():
    graph = {"a": {"b"}, "b": {"a"}, "c": {"a", "d"}, "d": set()}
    assert in_circles(graph) == {"a": {"b"}, "b": {"a"}, "c": {"a"}}
