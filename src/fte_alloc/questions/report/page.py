"""A report as a document: answer, maps, bars, causes, limits, all figures, sheets, sources."""

from __future__ import annotations

from dataclasses import replace

from fte_alloc import numbers as show
from fte_alloc.language import _
from fte_alloc.questions.answer import Answer, Block, Grid, Line, Section
from fte_alloc.questions.claims import proof
from fte_alloc.questions.explain.page import explain_page
from fte_alloc.questions.places import lines_of
from fte_alloc.questions.report.charts import area_map, area_names, posts_bars
from fte_alloc.questions.report.report import Report
from fte_alloc.questions.results import Document
from fte_alloc.questions.solve.answer import title_line
from fte_alloc.questions.solve.prices import limit_lines, next_lines
from fte_alloc.questions.solve.summary import no_new_post
from fte_alloc.questions.solve.tables import posts_tables


def report_answer(report: Report) -> Answer:
    """The document of a report."""
    document = report.plan.document
    links = {code: f"sheet-{code}" for code in report.sheets}
    title = replace(title_line(document, *proof(document)), name="claim")
    return Answer(
        title.text,
        [
            title,
            Section("answer", _("The answer"), _answer(document)),
            Section(
                "maps", _("Where the posts are, and what they bring"), _pictures(report, links)
            ),
            Section(
                "limits", _("What limits the plan"), [*next_lines(document), *limit_lines(document)]
            ),
            Section("table", _("All figures"), [_posts(document, links)]),
            *_sheets(report),
        ],
    )


def _answer(document: Document) -> list[Block]:
    """The best plan, and what it adds to the status quo."""
    coverage, network, money = (document[key] for key in ("coverage", "network", "money"))
    before, covered = no_new_post(coverage), coverage["expected_contracts"]
    text = _(
        "With {new} new posts, {covered} of {contracts} contracts are expected to have a social "
        "clause, {rate}, for {state} M EUR of State money."
    )
    plan = text.format(
        new=show.fte(network["new_fte"]),
        covered=show.count(covered),
        contracts=show.count(coverage["contracts"]),
        rate=show.rate(coverage["rate"]),
        state=show.million(money["state_eur"]),
    )
    text = _("Without a new post there are {before}, {rate}: the plan brings {more} more.")
    rate = before / coverage["contracts"] if coverage["contracts"] else None
    without = text.format(
        before=show.count(before), rate=show.rate(rate), more=show.difference(before, covered)
    )
    return [Line(plan, name="answer-plan"), Line(without, name="answer-before")]


def _pictures(report: Report, links: dict[str, str]) -> list[Block]:
    """Maps and bars."""
    plans = {_("no new post"): report.before, _("best plan"): report.plan.document}
    found: list[Block] = []
    for figure in ("rate", "posts"):
        drawn = area_map(figure, plans, links)
        found += [drawn] if drawn else []
    if not found:
        found.append(Line(_("No map: the areas of this model are not regions with an outline.")))
    return [*found, posts_bars(plans, links)]


def _posts(document: Document, links: dict[str, str]) -> Grid:
    """The table of posts, its lines leading to the sheets."""
    lines = lines_of(document["posts"])
    keys = [*(line.keys[0] for line in lines), "total"]
    to = [links.get(line.area, "") for line in lines]
    return replace(posts_tables(document)[0].grid(), name="posts", keys=keys, links=to)


def _sheets(report: Report) -> list[Section]:
    """A sheet an area."""
    names = area_names(report.plan.document)
    return [
        Section(f"sheet-{code}", names[code], explain_page(found), is_sheet=True)
        for code, found in report.sheets.items()
    ]
