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
from fte_alloc.errors import InputError
from fte_alloc.questions.answer import Sliders
from fte_alloc.questions.infeasible.diagnose import diagnose
from fte_alloc.questions.report import sliders
from fte_alloc.questions.report.sliders import slider_cases
from fte_alloc.questions.sweep.cases import vary
from fte_alloc.render.sliders import slider_scripts
from fte_alloc.search.rounds import RoundSearch

BUDGET = "budget.state_eur_per_year"
OWN = Sliders(["label"], [["1", "2", "3"]], [0], [], list)


def unpacked(columns: list, plans: int) -> list[list[str]]:
    """The texts of every plan: what render/slider.js does, in Python."""
    return [[texts[which[n]] for texts, which in columns] for n in range(plans)]


TEXTS = st.text("0123456789., \u202f−<>&\"'", max_size=12)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.none() | st.tuples(TEXTS, TEXTS), min_size=1, max_size=15))
@example([None, ("</script>&amp;", ""), ("0", "<p>"), None])
def test_texts_unpacked_are_those_of_the_pages(plans):
    pages = [f"<p>{escape(' '.join(plan or ''))}</p>" for plan in plans]
    given = [
        ("" if plan else "none", plan and page) for plan, page in zip(plans, pages, strict=True)
    ]
    data = data_of(slider_scripts(OWN, "<p>own</p>", given))
    assert unpacked([data["why"]], len(plans)) == [["" if plan else "none"] for plan in plans]
    for plan, found in zip(plans, unpacked(data["figures"], len(plans)), strict=True):
        assert plan is None or found == [" ".join(plan)]


def test_a_plan_like_the_one_before_takes_no_room():
    sizes = [
        len(slider_scripts(OWN, "<p>1.5</p>", [("", page) for page in pages]))
        for pages in (["<p>1.5</p>"] * 1000, ["<p>1.5</p>", "<p>1.6</p>"] * 500)
    ]
    assert sizes[1] < sizes[0] + 200


def test_what_moves_is_found_by_comparing_pages():
    base = '<p id="a">4.7 of 5.4</p>\n<g class="shade1"><rect width="12"/><b>x</b></g>'
    there = base.replace("4.7", "4.9").replace("shade1", "shade2").replace(">x<", "><")
    data = data_of(slider_scripts(OWN, base, [("", base), ("none", None), ("", there)]))
    assert data["places"] == [[0, "first"], [1, "tag"], [3, "first"]]
    assert unpacked(data["figures"], 3)[::2] == [
        ["4.7 of 5.4", '<g class="shade1">', "x"],
        ["4.9 of 5.4", '<g class="shade2">', ""],
    ]
    assert unpacked([data["why"]], 3) == [[""], ["none"], [""]]
    with pytest.raises(InputError, match="different columns"):
        slider_scripts(OWN, base, [("", base.replace("<b>x</b>", ""))])


def test_a_text_that_moves_beside_elements_leaves_them_as_they_are():
    """It would replace them if it were what the last element opened before it contains."""
    base = "<p><b>Cap<u>.</u></b> 1<br>2<i>k</i></p><p>3 <a>m</a> 4</p>"
    there = "".join(str(int(sign) + 5) if sign.isdigit() else sign for sign in base)
    data = data_of(slider_scripts(OWN, base, [("", base), ("", there)]))
    assert data["places"] == [[1, "after"], [3, "after"], [5, "first"], [6, "after"]]
    assert unpacked(data["figures"], 2)[1] == [" 6", "7", "8 ", " 9"]


def data_of(page: str) -> dict:
    (text,) = re.findall(r'id="grid">(.*?)</script>', page)
    return json.loads(zlib.decompress(b64decode(text)))


def test_nothing_typed_ends_the_data_of_the_script():
    title = "</script><!-- <script>"
    made = slider_scripts(
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
    cases = slider_cases(problem, [vary("posts.cap_fte=570:590:10"), vary(f"{BUDGET}=5e6,5.4e6")])
    assert cases.rows[::2] == tuple((cap, 5e6) for cap in (570, 580, 585, 590))
    assert cases.rows[1::2] == tuple((cap, 5.4e6) for cap in (570, 580, 585, 590))
    unset = slider_cases(problem, [vary("limits.growth.53=2,4")])  # None: as it is
    assert unset.rows == ((None,), (2,), (4,))


@pytest.mark.slow
def test_a_conflict_is_sought_once_a_line_of_the_grid(monkeypatch):
    sought = []
    monkeypatch.setattr(sliders, "diagnose", lambda p: sought.append(p) or diagnose(p))
    keys, known, texts = (BUDGET, "posts.cap_fte"), {}, []
    for case in ((3e6, 585), (3.2e6, 585), (3e6, 590), (3.1e6, 590), (3e6, 480)):
        problem = fa.load("reference", dict(zip(keys, case, strict=True)))
        texts.append(sliders._reason_without_plan(problem, keys, case, known))
    assert len(sought) == 3
    assert (
        texts[0]
        == texts[1]
        == texts[2]
        == (
            "No plan is possible. These cannot hold together: State budget; 82.0 renewed posts "
            "2,640,400 EUR; 17 coordinators 654,500 EUR; all this needs at least 3,294,900 EUR."
        )
    )
    assert "all this needs at least 483 FTE" in texts[4]


REFUSED = [
    (
        ["reference", "need-first", "--vary", f"{BUDGET}=5e6:6e6:5e5"],
        2,
        "one scenario",
        "un seul scénario",
    ),
    (
        ["reference", *(f"--vary={key}=1,2" for key in (BUDGET, "posts.cap_fte", "x"))],
        2,
        "once or twice",
        "deux fois",
    ),
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
    monkeypatch.setattr(RoundSearch, "run", None)
    for lang, says in (("en", english), ("fr", french)):
        out = str(tmp_path / "page.html")
        left, _, said = run(capsys, "report", *typed, "--out", out, "--lang", lang)
        assert left == code
        assert says in said
