"""The last bit of ``exp`` and ``log`` is another on another processor; pages are the same.

Every value of these functions is moved at random to a neighbouring number or left, and what the
commands print must not change; how far figures of documents may move is told in
``docs/mathematics.md``, under *What is determined*.
"""

from __future__ import annotations

import math
from contextlib import contextmanager

import numpy as np
import pytest
from conftest import ROOT, run, slow, solved
from tables import each

import fte_alloc as fa

#: Objectives and bounds, of themselves: continuous posts, posts in steps. Posts [FTE].
WITHIN, STEPS_WITHIN, POSTS_FTE = 1e-9, 1e-8, 1e-3
#: A committee's table, to be judged and justified.
TABLE = "territory,role,new_fte\n53,facilitator,9.9\n75,facilitator,10.1\n24,facilitator,6\n"
COMMANDS = (
    "solve reference",
    *map(
        slow,
        [
            *(f"solve {name}" for name in ("half-posts", "horizon-2025", "weakest-first")),
            "explain need-first",
            "compare tight-budget thirty-percent --why --territory Bretagne",
            "regret reference state-first need-first",
            "sweep reference --vary posts.cap_fte=560:580:20",
            "frontier tight-budget --between coverage:state_cost",
            "weights reference --weight weights.territory.53",
            "weights reference --explain-plan posts.csv",
            "evaluate reference --posts posts.csv",
            "verify plan.json",
            *(f"solve tests/impossible/{name}.toml" for name in ("poor", "dear-rates")),
        ],
    ),
)


def noisy(function, rng):
    """The function with values moved by one unit in the last place, up or down, or not at all."""

    def moved(*arguments, **named):
        value = function(*arguments, **named)
        towards = rng.choice([-np.inf, np.nan, np.inf], size=np.shape(value))
        near = np.where(np.isnan(towards), value, np.nextafter(value, towards))
        return near if np.ndim(value) else float(near)

    return moved


@contextmanager
def disturbed(seed: int):
    rng = np.random.default_rng(seed)
    with pytest.MonkeyPatch.context() as patch:
        for module in (np, math):
            for name in ("exp", "expm1", "log", "log1p"):
                patch.setattr(module, name, noisy(getattr(module, name), rng))
        yield


@pytest.fixture
def at_work(tmp_path, monkeypatch):
    """A working directory with the files that the commands name."""
    for name in ("models", "scenarios", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "posts.csv").write_text(TABLE)


@each("command", COMMANDS)
def test_pages_are_the_same_text(command, at_work, capsys):
    if "plan.json" in command:
        run(capsys, "solve", "reference", "--out", "plan.json")
    before = run(capsys, *command.split())
    with disturbed(1):
        assert run(capsys, *command.split()) == before


@each("name", ["reference", slow("half-posts"), slow("horizon-2025")])
def test_figures_of_documents_are_determined(name, at_work):
    """As far as ``docs/mathematics.md`` says; and they show that something was disturbed."""
    before = solved(name).document
    with disturbed(2):
        after = fa.solve(fa.load(name)).document
    assert after["stages"] != before["stages"]
    within = WITHIN if before["rounding"] is None else STEPS_WITHIN
    assert after["coverage"]["expected_contracts"] == pytest.approx(
        before["coverage"]["expected_contracts"], rel=within
    )
    for one, other in zip(before["stages"], after["stages"], strict=True):
        for key in ("value", "bound"):
            assert other[key] == pytest.approx(one[key], rel=within, abs=within)
    posts = [[row["new_fte"] for row in document["posts"]] for document in (before, after)]
    assert posts[1] == pytest.approx(posts[0], abs=POSTS_FTE)
