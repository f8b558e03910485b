"""Sliders over plans: which plans, why some are missing, how all are packed into a page."""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64decode
from html import escape

import pytest
from conftest import run
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tables import each

import fte_alloc as fa
from fte_alloc import language
from fte_alloc import numbers as show
from fte_alloc.errors import InputError
from fte_alloc.questions.answer import Sliders
from fte_alloc.questions.infeasible.diagnose import diagnose
from fte_alloc.questions.report import grid
from fte_alloc.questions.report.grid import with_own
from fte_alloc.questions.sweep.cases import vary
from fte_alloc.render.moving import _marks, packed, script
from fte_alloc.search.rounds import Search

BUDGET = "budget.state_eur_per_year"


def unpacked(data: dict, plans: int) -> list[list[str]]:
    """The texts of every plan: what render/slider.js does, in Python."""

    def written(value: int, gap: int, marks: list[str]) -> str:
        thousands, point = marks
        decimals = gap // 2
        all_digits = str(value).rjust(decimals + 1, "0")
        whole = all_digits[: len(all_digits) - decimals]
        whole = f"{int(whole):,}".replace(",", thousands) if gap % 2 else whole
        return whole + (point + all_digits[-decimals:] if decimals else "")

    def text(own: list[int], which: list[int], *gaps: list[int], n: int) -> str:
        words = data["words"][own[sum(which[: n + 1])]]
        marks = [",", "."] if words[0].startswith("<") else data["marks"]
        return "".join(
            written(sum(gaps[j // 2][: n + 1]), part, marks) if j % 2 else part
            for j, part in enumerate(words)
        )

    return [[text(*each, n=n) for each in data["texts"]] for n in range(plans)]


FIGURES = st.one_of(
    st.builds(show.count, st.floats(-1e9, 1e9), st.integers(0, 3)),
    st.builds(show.rate, st.floats(-2, 2)),
    st.builds(show.million, st.floats(0, 1e9)),
    st.builds(show.fte, st.floats(0, 100)),
    st.text("0123456789., \u202f−</>script", max_size=12),
    st.text(max_size=4),
)
TEXTS = st.lists(FIGURES, max_size=4).map(" ".join)
PLANS = st.integers(1, 3).flatmap(
    lambda count: st.lists(
        st.none() | st.lists(TEXTS, min_size=count, max_size=count), min_size=1, max_size=15
    )
)


@settings(max_examples=30, deadline=None)
@given(PLANS, st.sampled_from(language.LANGUAGES))
@example([None, ["01 Guadeloupe, 1,234.50 of 0.05 = 1234"], ["0"], None], "en")
@example([["1,234,56.7 12,345 007 9999999999999999"], ["−1,5 ٣"]], "en")
def test_texts_unpacked_are_those_packed(plans, spoken):
    with language.speaking(spoken):
        data = packed(plans) | {"marks": _marks("")}
    for plan, found in zip(plans, unpacked(data, len(plans)), strict=True):
        assert plan is None or found == plan


def test_a_plan_like_the_one_before_takes_no_room():
    own = Sliders(["label"], [[str(n) for n in range(1000)]], [0], [], list)
    sizes = [
        len(script(own, "<p>1.5</p>", [("", page) for page in pages]))
        for pages in (["<p>1.5</p>"] * 1000, ["<p>1.5</p>", "<p>1.6</p>"] * 500)
    ]
    assert sizes[1] < sizes[0] + 200


def test_what_moves_is_found_by_comparing_pages():
    base = '<p id="a">4.7 of 5.4</p>\n<g class="shade1"><rect width="12"/><b>x</b></g>'
    there = base.replace("4.7", "4.9").replace("shade1", "shade2").replace(">x<", "><")
    pages = [("", base), ("none", None), ("", there)]
    own = Sliders(["label"], [["1", "2", "3"]], [0], [], list)
    data = data_of(script(own, base, pages))
    assert data["places"] == [0, 1, 3]
    assert unpacked(data["figures"] | {"marks": data["marks"]}, 3)[::2] == [
        ["4.7 of 5.4", '<g class="shade1">', "x"],
        ["4.9 of 5.4", '<g class="shade2">', ""],
    ]
    assert unpacked(data["why"] | {"marks": data["marks"]}, 3) == [[""], ["none"], [""]]
    with pytest.raises(InputError, match="different columns"):
        script(own, base, [("", base.replace("<b>x</b>", ""))])


def data_of(page: str) -> dict:
    (text,) = re.findall(r'id="grid">(.*?)</script>', page)
    return json.loads(zlib.decompress(b64decode(text)))


def test_nothing_typed_ends_the_data_of_the_script():
    title = "</script><!-- <script>"
    made = script(
        Sliders([title], [[title]], [0], [], list),
        "<p>a</p>",
        [("", f"<p>{escape(title)}</p>"), (title, None)],
    )
    data = data_of(made)
    assert data["values"] == [[title]]
    assert made.lower().count("<script") == 2
    assert "<!--" not in made


def test_the_scenarios_own_value_is_among_the_positions():
    problem = fa.load("reference")
    cases = with_own(problem, [vary("posts.cap_fte=570:590:10"), vary(f"{BUDGET}=5e6,5.4e6")])
    assert cases.rows[::2] == tuple((cap, 5e6) for cap in (570, 580, 585, 590))
    assert cases.rows[1::2] == tuple((cap, 5.4e6) for cap in (570, 580, 585, 590))
    unset = with_own(problem, [vary("limits.growth.53=2,4")])  # None: as it is
    assert unset.rows == ((None,), (2,), (4,))


@pytest.mark.slow
def test_a_conflict_is_sought_once_a_line_of_the_grid(monkeypatch):
    sought = []
    monkeypatch.setattr(grid, "diagnose", lambda p: sought.append(p) or diagnose(p))
    keys, known, texts = (BUDGET, "posts.cap_fte"), {}, []
    for case in ((3e6, 585), (3.2e6, 585), (3e6, 590), (3.1e6, 590), (3e6, 480)):
        problem = fa.load("reference", dict(zip(keys, case, strict=True)))
        texts.append(grid._why_not(problem, keys, case, known))
    assert len(sought) == 3
    assert (
        texts[0]
        == texts[1]
        == texts[2]
        == (
            "No plan is possible. These cannot hold together: State budget; 82.0 renewed posts "
            "2,640,400 EUR; 17 coordinators 654,500 EUR; needed at least 3,294,900 EUR."
        )
    )
    assert "needed at least 483 FTE" in texts[4]


REFUSED = [
    (
        ["reference", "need-first", "--vary", f"{BUDGET}=5e6:6e6:5e5"],
        2,
        "one scenario",
        "un seul scénario",
    ),
    (["reference", *(["--vary", f"{BUDGET}=5e6,6e6"] * 3)], 2, "once or twice", "deux fois"),
    (
        ["reference", "--vary", f"{BUDGET}=4e6:6e6:1e3"],
        5,
        "--vary: makes 2,001 plans of 18 territories, of 2,000 at most: take greater",
        "2\u202f001 répartitions",
    ),
    (["reference", "--vary", f"{BUDGET}=4e6:6e6"], 5, "KEY=LOW:HIGH:STEP", "BAS:HAUT:PAS"),
]


@each(("typed", "code", "english", "french"), REFUSED)
def test_what_has_no_room_is_refused_before_anything_is_solved(
    tmp_path, capsys, monkeypatch, typed, code, english, french
):
    monkeypatch.setattr(Search, "run", None)
    for lang, says in (("en", english), ("fr", french)):
        out = str(tmp_path / "page.html")
        left, _, said = run(capsys, "report", *typed, "--out", out, "--lang", lang)
        assert left == code
        assert says in said
