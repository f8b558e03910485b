"""The page to send: its figures are those of the plan, nothing in it runs, everything leads on."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import numpy as np
import pytest
from conftest import run, solved, table_problem
from tables import each

import fte_alloc as fa
from fte_alloc import language
from fte_alloc.errors import FteAllocError
from fte_alloc.questions.answer import Map
from fte_alloc.questions.compare.compare import Comparison
from fte_alloc.questions.plan import solve
from fte_alloc.questions.report.charts import area_map, bars, charted_areas
from fte_alloc.questions.report.page import Report, _change, report, report_answer
from fte_alloc.questions.sides import side_of
from fte_alloc.render.html import html_page
from fte_alloc.render.svg import svg

pytestmark = pytest.mark.usefixtures("search_once")

#: Elements without an end.
VOID = {"meta", "br"}
#: Contracts that so many posts cover, of 100 in each region.
CURVES = [[(0, 0), (1, 10), (2, 15)], [(0, 0), (1, 8), (2, 9)]]


class Read(HTMLParser):
    """A document as nested elements; raises where one ends that has not begun."""

    def __init__(self, page):
        super().__init__()
        self.open, self.ids, self.links, self.tags, self.said = [], [], [], [], []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        self.tags.append((tag, told))
        self.ids += [told["id"]] if "id" in told else []
        self.links += [told["href"]] if "href" in told else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.said.append(data)


@cache
def two_regions(cap=2.0, areas=("53", "84")):
    """Best with a post in each: 10 + 8 contracts of 200; two in the first would cover 15."""
    return solve(table_problem(CURVES, contracts=100.0, cap=cap, areas=areas))


@cache
def page_of(*caps, areas=("53", "84")):
    return html_page(report_answer(report([two_regions(cap, areas) for cap in caps])))


def alone(plan):
    """The report of a plan without its sheets, which take most of the time."""
    return Report(plan, {}, Comparison((side_of(plan.document, plan.problem),)))


def cells(page, place, table="posts"):
    """The cells of a row of a table, by ``data-column`` of their heading."""
    whole = re.search(rf'<table id="{table}">.*?</table>', page, re.DOTALL)[0]
    keys = re.findall(r'data-column="(\w+)"', whole)
    row = re.search(rf'<tr[^>]*data-place="{place}">(.*?)</tr>', whole)[1]
    said = [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)]
    return dict(zip(keys, said, strict=True))


def test_of_several_scenarios_all_that_differs_is_listed_and_whose_posts_are_in_place_is_said():
    plan = solved("reference")
    base = side_of(plan.document, plan.problem)
    inputs = plan.document["inputs"]
    values = {k: 2 * v if k.startswith("contracts.") else v for k, v in inputs["values"].items()}
    coverage = {**plan.document["coverage"], "status_quo_contracts": 0.0}
    changed = {**plan.document, "title": "", "inputs": {**inputs, "values": values}}
    changed["coverage"] = coverage
    comparison = Comparison((base, side_of(changed, None, "doubled")))
    answer = report_answer(Report(plan, {}, comparison, FteAllocError("no regret")))
    page = html_page(answer)
    assert "--format" not in page
    assert page.count("contracts.94.") >= 3
    assert "no new post, France, call of 2023" in page


def test_the_figures_of_two_regions_stand_on_the_page():
    page = page_of(2.0)
    plan = re.search(r'id="answer-plan">(.*?)</p>', page)[1]
    assert plan.startswith("2.0 new FTE (2.0 of facilitators, 0.0 of coordinators)")
    assert "to 18 of 200, 9.0%; they take 0.01" in plan
    assert "With no new post 0 have one, 0.0%: +18 by the plan." in page
    for place, new, covered, rate in (("A", "1.0", "10", "10.0%"), ("B", "1.0", "8", "8.0%")):
        row = cells(page, place)
        assert (row["new_facilitators"], row["covered"], row["rate"]) == (new, covered, rate)
        assert (row["contracts"], row["state"], row["partners"]) == ("100", "7,000", "3,000")
    assert cells(page, "total")["covered"] == "18"
    # A third post would cover 5 more in the first region, 1 more in the second.
    sheet = re.search(r'<section id="sheet-53".*?</section>', page, re.DOTALL)[0]
    assert "1.0 new facilitators" in sheet
    assert re.search(
        r"next 1.0 FTE: 2.0 instead of 1.0</th><td>5.0</td><td>8.0</td><td>−3.0</td>", sheet
    )


def test_maps_and_bars_show_the_figures_of_the_table():
    page = page_of(2.0)
    figure = re.search(r'<svg[^>]*id="map-rate-1".*?</svg>', page, re.DOTALL)[0]
    for code, rate in (("53", "10.0%"), ("84", "8.0%"), ("11", "–")):
        place = re.search(rf'<(a|g)[^>]*data-place="{code}".*?</\1>', figure, re.DOTALL)[0]
        assert place.endswith(f">{rate}</text></{place[1]}>")
        assert ("shade" in place, "<a href" in place) == (code != "11", code != "11")
    chart = re.search(r'<svg[^>]*id="bars-posts".*?</svg>', page, re.DOTALL)[0]
    group = re.search(r'<g data-place="53">.*?</g>', chart, re.DOTALL)[0]
    widths = [
        float(w) for w in re.findall(r'data-series="\d" x="205" y="\d+" width="([\d.]+)"', group)
    ]
    assert widths == [0.0, 265.0]  # the longest bar, of 1 FTE


def test_a_figure_on_a_limit_as_it_is_shown_is_above_it():
    chart = Map("", "", "", {}, "rate", {}, {}, limits=(0.1, 0.2))
    assert [chart.shade(v) for v in (0.0994, 0.09951, 0.1, 0.1999, 0.5)] == [0, 1, 1, 2, 2]


@each(
    ("areas", "word", "mapped"),
    [(("53", "84"), "", True), (("X", "84"), "", False), (("01", "02"), "département", False)],
)
def test_a_map_is_drawn_of_regions_alone(areas, word, mapped):
    document = {**two_regions(2.0, areas).document}
    if word:  # whose codes are those of other places
        codes = dict(zip("AB", areas, strict=True))
        document["territories"] = [
            {**row, "territory": codes[row["territory"]]} for row in document["territories"]
        ]
        document["inputs"] = {"values": {"territory": word}}
    assert (area_map("rate", document, {"": charted_areas(document)}) is not None) == mapped


def test_a_plan_without_outlines_has_bars_and_says_so():
    page = page_of(2.0, areas=("X", "Y"))
    assert "No map: not every area" in page
    assert ('class="map"' in page, 'class="bars"' in page) == (False, True)


def test_every_link_leads_somewhere_and_every_id_is_one():
    read = Read(page_of(2.0, 1.0))
    assert len(read.ids) == len(set(read.ids))
    assert {link[1:] for link in read.links} <= set(read.ids)
    assert {"#sheet-53", "#sheet-84"} <= set(read.links)
    told = {name for __, attrs in read.tags for name in attrs.get("aria-labelledby", "").split()}
    assert told <= set(read.ids)
    assert {tag for tag, _ in read.tags}.isdisjoint({"script", "img", "link", "iframe"})


def test_two_scenarios_are_compared_and_the_safe_plan_told():
    page = page_of(2.0, 1.0)
    differ = page.partition('id="scenarios"')[2]
    assert re.search(r"expected contracts</th><td>18</td>.*?<td>10</td>", differ, re.DOTALL)
    assert 'id="scenarios"' in page
    assert 'id="scenarios"' not in page_of(2.0)


def test_a_picture_for_itself_has_its_style_and_its_description():
    document = two_regions().document
    plans = {"plan": charted_areas(document)}
    drawn = svg(area_map("rate", document, plans))
    assert "<style>" in drawn
    assert "All figures stand in the table of posts." in drawn
    assert "1.0</text>" in svg(bars("posts", plans))


def test_what_files_say_is_shown_as_typed(tmp_path):
    title = "</script><b>=1+1 \x1b[31m†"
    path = tmp_path / "evil.toml"
    path.write_text(f'extends = "reference"\ntitle = {json.dumps(title)}\n', "utf-8")
    page = html_page(report_answer(alone(solve(fa.load(str(path))))))
    assert "&lt;/script&gt;&lt;b&gt;=1+1 \\x1b[31m†</h1>" in page
    assert not re.search(r"</script|<b>|\x1b", page)
    Read(page)


def test_assumed_regions_are_marked_and_published_ones_are_not():
    plan = solved("reference")
    page = html_page(report_answer(alone(plan)))
    assert "Bretagne\u00a0†" in page
    assert "† rests on" in page
    inputs = plan.problem.inputs
    known = {
        key: entry._replace(status="published")
        if key.startswith(("territories.53.", "contracts.53."))
        else entry
        for key, entry in inputs.entries.items()
    }
    problem = replace(plan.problem, inputs=replace(inputs, entries=known))
    page = html_page(report_answer(alone(replace(plan, problem=problem))))
    assert "Bretagne\u00a0†" not in page
    assert "Normandie\u00a0†" in page


def test_what_a_slider_changes_is_told_with_its_sign():
    """From 54.43 to 82.38 new FTE, of them 2.31 to 10.03 in Auvergne-Rhône-Alpes."""
    less, more = (alone(solved(name)) for name in ("tight-budget", "reference"))
    places = "84 Auvergne-Rhône-Alpes {0}7.7, 75 Nouvelle-Aquitaine {0}5.8, 76 Occitanie {0}4.4, "
    text = "Against the scenario: {0}1,663 contracts, {0}28.0 FTE; most of it "
    text += places + "28 Normandie {0}2.9."
    assert _change(less, more) == text.format("+")
    assert _change(more, less) == text.format("\u2212")
    assert _change(more, more) == "Against the scenario: 0 contracts, 0.0 FTE."


def test_the_page_needs_a_file(capsys):
    code, _, err = run(capsys, "report", "reference")
    assert code == 2
    assert "--format html needs --out FILE.html" in err


def test_an_impossible_scenario_is_told_as_by_others(capsys, tmp_path, at_root):
    out = tmp_path / "page.html"
    cap = ["--set", "posts.cap_fte=400"]
    code, said, err = run(capsys, "report", "reference", *cap, "--out", str(out))
    assert (code, said, out.exists()) == (3, "", False)
    assert err.endswith("help: fte-alloc solve reference --set posts.cap_fte=400\n")


@pytest.mark.slow
def test_the_whole_page_of_the_reference(tmp_path, capsys, at_root):
    """Small, the same in another process, French, and its figures those of ``solve``."""
    report = ["report", "reference", "state-first", "--lang"]
    subprocess.run(
        [sys.executable, "-m", "fte_alloc.cli", *report, "en", "--out", tmp_path / "other.html"],
        env={**os.environ, "PYTHONHASHSEED": "0"},
        check=True,
        timeout=300,
    )
    for spoken in ("en", "fr"):
        assert run(capsys, *report, spoken, "--out", str(tmp_path / f"{spoken}.html"))[0] == 0
    names = ("other", "en", "fr")
    first, again, french = ((tmp_path / f"{name}.html").read_text("utf-8") for name in names)
    assert first == again
    assert len(first.encode()) <= 250_000
    read, read_fr = Read(first), Read(french)
    assert {link[1:] for link in read.links} <= set(read.ids)
    assert read_fr.ids == read.ids
    assert first.count("class=sheet") == 18
    sheet = first.partition('id="sheet-53"')[2].partition("</section>")[0]
    for of in (
        "new facilitators a year, as a share of those existing",
        "facilitators in place",
        "13.24\u00a0†",
        "3,449,370",
    ):
        assert of in sheet, of
    document = solved("reference").document
    for row in document["territories"]:
        shown = cells(first, row["territory"])
        assert shown["rate"] == f"{100 * row['rate']:.1f}%"
        assert shown["covered"] == f"{np.floor(row['expected_contracts'] + 0.5):,.0f}"
    parts = french.partition('id="sources"')[0]
    said = re.sub(r"<style>.*?</style>|<[^>]*>", " ", parts, flags=re.DOTALL)
    assert not re.search(r"\b(the|posts|contracts|plan of|with|facilitators)\b", said)


def test_the_page_speaks_french():
    with language.in_language(language.FRENCH):
        page = html_page(report_answer(alone(solved("reference"))))
    assert '<html lang="fr">' in page
    assert "La réponse" in page
    assert "24,8\u202f%" in page or "24,8\u00a0%" in page
