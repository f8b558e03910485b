"""Pages in headless Chromium, opened from a file with the network off."""

from __future__ import annotations

import os
import random
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import needs, remembering

import fte_alloc as fa
from fte_alloc import numbers as show
from fte_alloc.cli import main
from fte_alloc.questions.answer import Answer, Grid, Line, Sliders
from fte_alloc.render.html import html_page

pytestmark = [pytest.mark.slow, needs("chromium", "playwright", "axe_playwright_python")]

BUDGET, CAP = "budget.state_eur_per_year", "posts.cap_fte"
GRID = {BUDGET: "4e6:7e6:1e5", CAP: "560:600:5"}
#: As typed: the end of a script, a formula, a control character of terminals.
TITLE = "</script><b>=1+1 \\u001b[31m"
ODD = f'title = "{TITLE}"\nextends = "reference"\n'
#: A command line a page; in French, a grid with positions that no plan can take.
PAGES = {
    "static": ["report", "reference", "--lang", "en"],
    "sliders": ["report", "reference", "--lang", "en",
                *(f"--vary={key}={text}" for key, text in GRID.items())],
    "several": ["report", "reference", "state-first", "--lang", "fr"],
    "impossible": ["report", "odd.toml", "--lang", "fr", f"--vary={BUDGET}=3e6:5e6:2.5e5",
                   f"--vary={CAP}=470:500:10"],
    "curve": ["frontier", "reference", "--between", "coverage:state_cost", "--lang", "fr"],
}  # fmt: skip
READY_MS, REPAINT_MS = 2000, 50
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, Path]:
    folder, here = tmp_path_factory.mktemp("pages"), Path.cwd()
    found = {name: folder / f"{name}.html" for name in PAGES}
    os.chdir(folder)
    try:
        Path("odd.toml").write_text(ODD, "utf-8")
        with remembering():
            for name, typed in PAGES.items():
                main([*typed, "--quiet", "--out", str(found[name])])
    finally:
        os.chdir(here)
    return found


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium, pages):
    """Opens a page; any error, and any request but for the file itself, fails the test."""
    wrong, contexts = [], []

    def open_page(name: str, **options):
        contexts.append(chromium.new_context(offline=True, **options))
        page, file = contexts[-1].new_page(), pages[name].as_uri()
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request", lambda request: wrong.append(request.url) if request.url != file else None
        )
        page.goto(file)
        if options.get("java_script_enabled", True):  # plans are inflated once the page is there
            is_ready = (
                "() => !document.querySelector('#grid') || document.querySelector('#slider-0')"
            )
            page.wait_for_function(is_ready)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong


def move(page, *positions: int) -> None:
    """Move the sliders to positions, as a hand would."""
    page.evaluate(
        """positions => document.querySelectorAll("#sliders input").forEach((slider, n) => {
            slider.value = positions[n];
            slider.dispatchEvent(new Event("input"));
        })""",
        positions,
    )


def table(page) -> dict[str, dict[str, str]]:
    """The table of posts: its texts by place and column."""
    return page.evaluate(
        """() => {
            const columns = [...document.querySelectorAll("#posts thead th")].map(
                heading => heading.dataset.column);
            return Object.fromEntries([...document.querySelectorAll("#posts tbody tr")].map(
                row => [row.dataset.place, Object.fromEntries([...row.children].map(
                    (cell, n) => [columns[n], cell.textContent]))]));
        }"""
    )


def figures(document: dict) -> dict[str, dict[str, str]]:
    """The same of a plan, from its document."""
    found = {}
    for row in document["territories"]:
        posts = {p["role"]: p for p in document["posts"] if p["area"] == row["territory"]}
        paid = {
            role: (post["committed_fte"] + post["new_fte"])
            * document["money"]["per_fte"][role]["state_eur"]
            for role, post in posts.items()
        }
        fte = [
            post[f"{of}_fte"] for post in posts.values() for of in ("existing", "committed", "new")
        ]
        found[row["territory"]] = {
            "new_facilitators": show.fte(posts["facilitator"]["new_fte"]),
            "new_coordinators": show.fte(posts["coordinator"]["new_fte"]),
            "total": show.fte(sum(fte)),
            "covered": show.count(row["expected_contracts"]),
            "rate": show.rate(row["rate"]),
            "state": show.count(sum(paid.values())),
        }
    return found


def values(text: str) -> list[float]:
    """The values of a range LOW:HIGH:STEP."""
    low, high, step = map(float, text.split(":"))
    return [low + n * step for n in range(round((high - low) / step) + 1)]


def test_any_position_is_the_plan_that_solve_finds(opened):
    page, chance = opened("sliders"), random.Random(15)
    axes, own = [values(text) for text in GRID.values()], fa.solve("reference").expected_contracts
    for _ in range(50):
        positions = [chance.randrange(len(axis)) for axis in axes]
        given = dict(
            zip(GRID, (axis[n] for axis, n in zip(axes, positions, strict=True)), strict=True)
        )
        move(page, *positions)
        plan = fa.solve(fa.load("reference", given))
        document = plan.document
        there = table(page)
        for place, shown in figures(document).items():
            assert {key: there[place][key] for key in shown} == shown, given
        answer, coverage = page.inner_text("#answer"), document["coverage"]
        for figure in (
            f"{show.count(coverage['expected_contracts'])} of",
            f"{show.rate(coverage['rate'])};",
            f" {show.million(document['money']['state_eur'])} of {given[BUDGET] / 1e6:.2f} M EUR",
        ):
            assert figure in answer, given
        claim = show.count(document["stages"][0]["bound"], 1)
        assert page.inner_text("#claim").endswith(claim)
        for row in document["territories"]:
            drawn = f"[data-place='{row['area']}'] text >> nth=-1"
            assert page.text_content(f"#map-rate-1 {drawn}") == show.rate(row["rate"])
            assert page.text_content(f"#bars-posts {drawn}") == there[row["area"]]["total"]
        label = page.inner_text("label[for=slider-0]")
        assert label == f"Most State money: {given[BUDGET]:,.0f} EUR/yr"
        more = show.difference(own, coverage["expected_contracts"])
        change = page.inner_text("#answer-change")
        assert change.startswith(f"Against the scenario: {more} contracts, "), given


def test_a_text_beside_elements_moves_alone(chromium, tmp_path):
    """It would replace the label if it were what the last element opened before it contains."""

    def page_of(figure: str) -> list:
        return [Line("title", right="claim"), Line(f"State  {figure} & more"), Grid([""], [["a"]])]

    plans = [("", page_of(figure)) for figure in ("1", "<2>")]
    sliders = Sliders(["budget"], [["1", "2"]], [0], plans[0][1], lambda: plans)
    (tmp_path / "beside.html").write_text(html_page(Answer("title", [sliders])), "utf-8")
    page = chromium.new_page()
    page.goto((tmp_path / "beside.html").as_uri())
    page.wait_for_selector("#slider-0")
    sentence = page.locator("main p", has_text="State")
    assert sentence.inner_html() == "<strong>State</strong> 1 &amp; more"
    move(page, 1)
    assert sentence.inner_html() == "<strong>State</strong> &lt;2&gt; &amp; more"
    move(page, 0)
    assert sentence.inner_html() == "<strong>State</strong> 1 &amp; more"
    page.close()


def test_ready_and_moved_in_time(opened):
    page, chance = opened("sliders"), random.Random(7)
    ready = page.evaluate("performance.now()")  # its sliders are there
    axes = [len(values(text)) for text in GRID.values()]
    took = page.evaluate(
        """async moves => {
            const took = [], painted = () => new Promise(done =>
                requestAnimationFrame(() => { const port = new MessageChannel();
                    port.port1.onmessage = done; port.port2.postMessage(0); }));
            for (const positions of moves) {
                await painted();
                const begun = performance.now();
                document.querySelectorAll("#sliders input").forEach((slider, n) => {
                    slider.value = positions[n]; });
                document.querySelector("#sliders input").dispatchEvent(new Event("input"));
                document.body.getBoundingClientRect();
                await painted();
                took.push(performance.now() - begun);
            }
            return took;
        }""",
        [[chance.randrange(most) for most in axes] for _ in range(50)],
    )
    print(f"\nready after {ready:.0f} ms; a move repaints within {statistics.median(took):.1f} ms")
    assert ready <= READY_MS
    assert statistics.median(took) <= REPAINT_MS * 3  # the machine may be busy


def test_the_page_begins_with_the_scenario_and_comes_back_to_it(opened):
    page = opened("sliders")
    whole = page.inner_html("main")
    move(page, 0, 0)
    assert page.inner_html("main") != whole
    page.click("#base")
    assert page.inner_html("main") == whole


def test_a_position_has_an_address_and_sliders_stay_in_sight(opened, pages):
    page = opened("sliders")
    move(page, 20, 2)
    page.evaluate("scrollTo(0, 2000)")
    assert page.evaluate("document.getElementById('sliders').getBoundingClientRect().top") == 0
    page.dispatch_event("#slider-1", "change")
    assert page.url == pages["sliders"].as_uri() + "#at=20/2"
    told = page.inner_text("#answer-plan")
    page.reload()
    assert (page.input_value("#slider-0"), page.inner_text("#answer-plan")) == ("20", told)
    page.goto(pages["sliders"].as_uri() + "#at=400/x")  # no positions of this page
    assert page.evaluate("document.body.dataset.plan") == "proved"
    page.click("#base")
    assert page.url == pages["sliders"].as_uri()


def test_what_is_drawn_first_is_what_the_script_draws(opened, pages):
    """The page without a script is that of the scenario; the sliders say what they need."""
    page, without = opened("sliders"), opened("sliders", java_script_enabled=False)
    for part in ("#charts", "#table", "#claim"):
        assert page.inner_html(part) == without.inner_html(part)
    assert page.inner_text("#answer") == without.inner_text("#answer")
    assert without.inner_text("#sliders") == "The sliders need a browser with scripts."


def test_positions_without_a_plan_say_why(opened):
    page = opened("impossible")
    before = table(page)
    move(page, 0, 4)
    said = page.inner_text("#why")
    assert "Aucune répartition n’est possible" in said
    assert "3\u202f294\u202f900\u00a0€" in said
    assert page.get_attribute("body", "data-plan") == "none"
    assert table(page) == before
    assert page.is_visible(".left-grey")
    move(page, 8, 4)
    assert page.get_attribute("body", "data-plan") == "proved"
    assert not page.is_visible(".left-grey")


def test_what_a_file_says_is_shown_as_typed(opened, pages):
    page = opened("impossible")
    assert "</script><b>=1+1 " in page.inner_text("h1")
    assert "\x1b" not in pages["impossible"].read_text("utf-8")
    assert page.query_selector("h1 b") is None


@pytest.mark.parametrize("name", PAGES)
def test_no_rule_of_wcag_is_broken(opened, name):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(name)
    found = Axe().run(page, options={"runOnly": WCAG}).response["violations"]
    if name == "impossible":
        move(page, 0, 0)
        found += Axe().run(page, options={"runOnly": WCAG}).response["violations"]
    assert not [(each["id"], each["nodes"][0]["html"][:200]) for each in found]


def test_the_keyboard_alone_is_enough(opened):
    page = opened("sliders")
    reached, focus = [], "document.activeElement"
    sheets = {f"#sheet-{code}" for code in fa.load("reference").areas}
    while not (sheets <= {*reached} and reached[-1] in sheets) and len(reached) < 200:
        page.keyboard.press("Tab")
        reached.append(page.evaluate(f"{focus}.getAttribute('href') || {focus}.id"))
        if reached[-1] == "slider-1":
            page.keyboard.press("Home")
            assert page.inner_text("label[for=slider-1] output") == "560 FTE"
            page.keyboard.press("ArrowRight")
            assert page.inner_text("label[for=slider-1] output") == "565 FTE"
    first = reached.index("slider-0")
    assert reached[first : first + 3] == ["slider-0", "slider-1", "base"]
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == reached[-1]


@pytest.mark.parametrize("name", ["static", "sliders"])
def test_without_style_it_reads_in_order(opened, name):
    page = opened(name)
    page.evaluate("document.querySelectorAll('style').forEach(style => style.remove())")
    text = page.inner_text("body")
    order = ["PROVED BEST", "82.4 new FTE", "Coverage rate", "Guadeloupe"]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    if name == "sliders":
        assert text.index("State money:") < places[1]


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_cut_on_small_screens(opened, name):
    page = opened(name)
    for width in (390, 640):  # 1,280 pixels at 200 %
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        cut = page.evaluate(
            """() => [...document.querySelectorAll("main *")].filter(element =>
                element.scrollWidth > element.clientWidth + 1 && element.tabIndex < 0
                && getComputedStyle(element).overflowX !== "visible").map(cut => cut.outerHTML)"""
        )
        assert not cut, width


@needs("pdftotext")
@pytest.mark.parametrize("name", ["static", "sliders", "several"])
def test_every_sheet_is_printed_on_a_page_of_its_own(opened, tmp_path, name):
    page = opened(name)
    page.pdf(path=tmp_path / "page.pdf", format="A4", prefer_css_page_size=True)
    command = ["pdftotext", "-layout", str(tmp_path / "page.pdf"), "-"]
    printed = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode()
    titles = page.eval_on_selector_all(".sheet h2", "all => all.map(title => title.textContent)")
    assert len(titles) == 18
    own = printed.split("\f")[-1 - len(titles) : -1]  # the last ones, where nothing follows
    first_lines = [re.sub(r"\s+", " ", text.strip().split("\n")[0]) for text in own]
    assert first_lines == [re.sub(r"\s+", " ", title) for title in titles]


def test_the_same_bytes_every_time(pages, tmp_path):
    """Made again in another process, whose sets and dicts are in another order."""
    (tmp_path / "odd.toml").write_text(ODD, "utf-8")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "fte_alloc.cli",
            *PAGES["impossible"],
            "--quiet",
            "--out=again.html",
        ],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        cwd=tmp_path,
        check=True,
        timeout=300,
    )
    assert (tmp_path / "again.html").read_bytes() == pages["impossible"].read_bytes()


def test_pages_are_small(pages):
    assert len(pages["static"].read_bytes()) <= 250_000
    assert len(pages["sliders"].read_bytes()) <= 250_000
