"""Answer of ``solve``: the best plan's posts, coverage with bounds, costs, limits and prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fte_alloc import numbers as show
from fte_alloc.language import _
from fte_alloc.names import HELD_MEANING, ROLE_NAMES, STOP_REASONS, limit_name
from fte_alloc.programme.data import FACILITATOR
from fte_alloc.programme.limits import OWN
from fte_alloc.questions.answer import Answer, Chart, Line, Page, Table
from fte_alloc.questions.cells import Column, Row
from fte_alloc.questions.document import Document, last_year_rows, page_head
from fte_alloc.questions.inputs_in_words import assumed_figures_lines, assumptions, buyer_name
from fte_alloc.questions.objectives_in_words import proof_claim, rounding_lines, stage_lines
from fte_alloc.questions.sides import side_of
from fte_alloc.questions.solve.gains import limit_lines, next_lines, unused_fte
from fte_alloc.questions.solve.simulator import Simulator, why_no_simulator
from fte_alloc.questions.solve.tables import headline_table, no_new_post, posts_tables

if TYPE_CHECKING:
    from fte_alloc.questions.plan import Plan


def plan_answer(document: Document, plan: Plan | None = None, *, by_area: bool = False) -> Answer:
    """Answer of ``solve``: blocks of page and workbook for a plan.

    document : a ``fte-alloc/plan/1`` document
    plan : plan of the document; with None, as for a saved document, the workbook has no simulator
        and no origins of inputs
    by_area : whether tables list areas only, without territories
    """
    posts = posts_tables(document, by_area=by_area)
    (claim, tone), stopped = proof_claim(document), []
    title = Line(page_head(document), tone, claim)
    if reason := document.get("reason"):
        text = _("Not proved best: {reason}.")
        stopped = [Line(text.format(reason=_(STOP_REASONS[reason])), "bad")]
    side = side_of(document, plan.problem if plan else None)
    missing = why_no_simulator(plan.problem) if plan else ""
    tried = Simulator(plan) if plan and not missing else None
    return Answer(
        title.text,
        [
            title,
            *stopped,
            *summary_lines(document),
            *stage_lines(document),
            *rounding_lines(document),
            posts[-1],
            buyers_line(document),
            [*held_legend(document)],
            *next_lines(document),
            *limit_lines(document),
            *assumed_figures_lines(document),
            headline_table(document),
        ],
        about=[*_about(document), *([Line(missing)] if missing else [])],
        sheets=[
            *([tried.sheet()] if tried else []),
            *posts,
            posts_chart(document["years"][-1]),
            tried.formulas_sheet() if tried else _posts(document),
            assumptions([side], side.values),
        ],
    )


def posts_chart(year: int) -> Chart:
    """Chart of the new posts in a year, from the table ``posts <year>``."""
    return Chart(
        _("New posts in {year}, FTE").format(year=year),
        (_("Chart"), _("new posts, line by line, as bars")),
        f"posts {year}",
        {
            "new_facilitators": (_("facilitators"), "#2E75B6"),
            "new_coordinators": (_("coordinators"), "#F4B183"),
        },
    )


def summary_lines(document: Document) -> Page:
    """Sentences on contracts, posts and money; several years have a line per year above them."""
    coverage, words = document["coverage"], figures_in_words(document)
    by_year = document.get("by_year", ())
    text = _(
        "{year}       {contracts} contracts = {rate}   {new} new FTE of both roles   {used} FTE   "
        "State {state} M EUR"
    )
    years = [text.format(year=of["year"], **figures_in_words(of)) for of in by_year]
    text = _(
        "Contracts  {contracts} of {all} = {rate}    no new post: {before} = {before_rate}    "
        "{target}"
    )
    lines = [*years, text.format(**words).rstrip()]
    before, without = no_new_post(coverage), coverage["status_quo_contracts"]
    if show.rounded(without - before):
        text = _("Of these   {effort} contracts by redirecting posts in place, {new} by new posts")
        effort = show.difference(before, without)
        new = show.difference(without, coverage["expected_contracts"])
        lines.append(text.format(effort=effort, new=new))
    text = _("Network    {used} FTE{cap}   State {state}{budget} M EUR   partners {partners} M EUR")
    return [Line(text) for text in (*lines, text.format(**words))]


def figures_in_words(year: Document) -> dict[str, str]:
    """Figures of a year as text, by the placeholder of the sentences that contain them."""
    coverage, network, money = (year[key] for key in ("coverage", "network", "money"))
    covered, contracts = coverage["expected_contracts"], coverage["contracts"]
    before, target, cap, budget = no_new_post(coverage), "", _(" (no cap)"), ""
    if coverage["target_rate"] is not None:
        missing = coverage["target_rate"] * contracts - covered
        text = _("{target} target: {missing} short")
        template = text if missing >= 0.5 else _("{target} target reached")
        share = show.share(coverage["target_rate"])
        target = template.format(target=share, missing=show.count(missing))
    if network["cap_fte"] is not None:
        unused = show.count(unused_fte(network), 1)
        text = _(" of {cap}, {unused} unused")
        cap = text.format(cap=show.plain_value(network["cap_fte"]), unused=unused)
    if money["state_budget_eur"] is not None:
        budget = _(" of {budget}").format(budget=show.million(money["state_budget_eur"]))
    return {
        "contracts": show.count(covered),
        "all": show.count(contracts),
        "rate": show.rate(coverage["rate"]),
        "before": show.count(before),
        "before_rate": show.rate(before / contracts if contracts else None),
        "target": target,
        "new": show.count(network["new_fte"], 1),
        "used": show.fte(network["used_fte"]),
        "cap": cap,
        "state": show.million(money["state_eur"]),
        "budget": budget,
        "partners": show.million(money["partners_eur"]),
    }


def buyers_line(document: Document) -> Line:
    """Line with the coverage rate of each kind of buyer in the last year."""
    rates = []
    for segment in last_year_rows(document, "segments"):
        weight = ""
        if segment["weight"] != 1:
            weight = _(" (weight {weight})").format(weight=show.plain_value(segment["weight"]))
        rates.append(f"{buyer_name(document, segment)} {show.rate(segment['rate'])}{weight}")
    return Line(_("By buyer   {rates}").format(rates="   ".join(rates)))


def held_legend(document: Document) -> Page:
    """Lines on the columns ``held by`` and ``weight``; none on a column without entries."""
    held = {name for row in document["territories"] for name in row["held_by"]}
    known = [name for name in HELD_MEANING if name in held]
    own = sorted(name for name in held if name.startswith(OWN))
    meanings = [limit_name(HELD_MEANING, name) for name in (*known, *own)]
    text = _("Held by    {meanings}").format(meanings=_("; ").join(meanings))
    page: Page = [Line(text)] if meanings else []
    if any(abs(row["weight"] - 1) > 1e-12 for row in last_year_rows(document, "territories")):
        page.append(Line(_("Weight     scaled to a mean of 1 over contracts: only ratios matter.")))
    return page


def _about(document: Document) -> list[Line]:
    """Lines for the workbook's summary on the model, the years, and what posts of a year mean."""
    lines, years = [], document["years"]
    if document["model"]:
        text, title = _("Model: {model} ({title}). Years: {years}."), _(document["model_title"])
        each = ", ".join(map(str, years))
        lines.append(Line(text.format(model=document["model"], title=title, years=each)))
    if len(years) > 1:
        lines.append(Line(_("Posts are those in post in the year, not only those opened in it.")))
    return lines


def _posts(document: Document) -> Table:
    """Sheet of new posts to edit and to pass to ``evaluate``, for workbooks without simulator."""
    rows: list[Row] = [
        {
            "code": post["territory" if post["role"] == FACILITATOR else "area"],
            "name": post["name"],
            "role": _(ROLE_NAMES[post["role"]]),
            "year": post["year"],
            "new_fte": post["new_fte"],
        }
        for post in document["posts"]
    ]
    year = [Column("year", "year")] if len(document["years"]) > 1 else []
    columns = [Column("code", "code"), Column("name"), Column("role"), *year]
    columns.append(Column("new_fte", "fine_fte", width=12))
    holds = _("new posts one by one, as evaluate --posts takes them back")
    return Table("", columns, rows, sheet=(_("Posts"), holds))
