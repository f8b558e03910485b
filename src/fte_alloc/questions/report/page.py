"""A report as a document: answer, maps, bars, causes, limits, all figures, sources, sheets."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from fte_alloc import numbers as show
from fte_alloc.errors import FteAllocError
from fte_alloc.inputs.entries import Inputs
from fte_alloc.inputs.overrides import command_line
from fte_alloc.inputs.schema import find_parameter
from fte_alloc.language import _
from fte_alloc.names import STATUS_NAMES
from fte_alloc.programme.data import ROLES
from fte_alloc.questions.answer import Answer, Block, Grid, Line, Page, Section, Sliders
from fte_alloc.questions.check import check_answer
from fte_alloc.questions.compare.answer import compare_answer
from fte_alloc.questions.compare.compare import Comparison
from fte_alloc.questions.document import Document, Documented, Progress, last_year_rows, page_head
from fte_alloc.questions.explain.explain import WITHIN, ExplanationFigures
from fte_alloc.questions.explain.page import explain_page
from fte_alloc.questions.explain.texts import set_by_lines
from fte_alloc.questions.inputs_in_words import (
    assumed_figures_lines,
    buyer_name,
    input_in_words,
    input_unit,
    source_of,
)
from fte_alloc.questions.objectives_in_words import proof_claim, rounding_lines, stage_lines
from fte_alloc.questions.places import place_lines
from fte_alloc.questions.plan import Plan
from fte_alloc.questions.plan_document import evaluation_document
from fte_alloc.questions.regret.answer import regret_answer
from fte_alloc.questions.regret.regret import regret
from fte_alloc.questions.report.charts import DRAWN, Areas, area_map, bars, by_area, charted_areas
from fte_alloc.questions.sides import side_of, side_titles, sides_named_apart
from fte_alloc.questions.solve import answer as solved
from fte_alloc.questions.solve.gains import limit_lines, next_lines
from fte_alloc.questions.solve.tables import no_new_post, posts_tables
from fte_alloc.questions.why.attribution import attributions

if TYPE_CHECKING:
    from fte_alloc.questions.regret.regret import Regret

#: Columns of the table of posts that only this page has room for.
_FULL = ("contracts", "covered", "state", "partners")
#: Largest number of areas named in the sentence on where posts differ most.
_MOST_PLACES = 4
#: Mark after a name or figure that rests on assumed counts.
MARK = "\u00a0†"


@dataclass(frozen=True)
class Report:
    """Contents of a report on one scenario or several; later ones are compared with the first.

    plan : best plan of the first scenario
    sheets : explanation of each area, or of its one territory, by code of the area; none where the
        plan is not proved
    comparison : all plans, with the causes of their differences
    regret : the plan with the least regret, or the error that leaves none; None for one scenario
    sliders : sliders of inputs, if any
    own : for a plan of sliders, report of the scenario's own plan, which sets shades of maps
    """

    plan: Plan
    sheets: Mapping[str, Documented]
    comparison: Comparison
    regret: Regret | FteAllocError | None = None
    sliders: Sliders | None = None
    own: Report | None = None

    @cached_property
    def areas(self) -> dict[str, Areas]:
        """Area rows of the plans drawn, by heading: first without new posts, then all plans."""
        nothing, sides = evaluation_document(self.plan.problem.status_quo), self.comparison.sides
        titles, before = {sides[0].name: _("the best plan")}, _("no new post")
        titles = side_titles(sides) if len(sides) > 1 else titles
        now = {side.document["coverage"]["status_quo_contracts"] for side in sides}
        if len(now) > 1:
            before = _("no new post, {scenario}").format(scenario=titles[sides[0].name])
        plans = {titles[side.name]: charted_areas(side.document) for side in sides}
        return {before: charted_areas(nothing), **plans}


def report(
    plans: Sequence[Plan], time_limit_s: float | None = None, progress: Progress | None = None
) -> Report:
    """Gather the contents of a report on the best plans of one scenario or several.

    time_limit_s : limit of every further solve [s]
    progress : called with the number of areas explained, and the number of all areas
    """
    sides = sides_named_apart([side_of(plan.document, plan.problem) for plan in plans])
    comparison = Comparison(sides, tuple(attributions(sides, time_limit_s=time_limit_s)))
    problems = {side.name: plan.problem for side, plan in zip(sides, plans, strict=True)}
    safest: Regret | FteAllocError | None = None
    try:
        safest = regret(problems, time_limit_s=time_limit_s) if len(plans) > 1 else None
    except FteAllocError as error:  # other places or years, or no plan is possible in all
        safest = error
    figures, sheets = ExplanationFigures(plans[0], WITHIN, None), dict[str, Documented]()
    figures.is_searching = False  # the search would take most of the time
    areas, area_of = plans[0].problem.areas, plans[0].problem.area_of
    for a, code in enumerate(areas if plans[0].status == "optimal" else ()):
        inside = np.flatnonzero(area_of == a).tolist()
        sheets[code] = Documented(plans[0].problem, figures.place_document(inside), (), ())
        if progress:
            progress(a + 1, len(areas))
    return Report(plans[0], sheets, comparison, safest)


def report_answer(report: Report) -> Answer:
    """``Answer`` of ``report``: the sections of its page, and a sheet per area."""
    document, inputs = report.plan.document, report.plan.problem.inputs
    limits = [*stage_lines(document), *rounding_lines(document), *limit_lines(document)]
    limits += [solved.buyers_line(document), *solved.held_legend(document)]
    sources = check_answer([inputs], quiet=True).page() if inputs else []
    title, answer, charts, table = plan_blocks(report)
    fixed = [
        Section("scenarios", _("What the scenarios change"), _scenarios(report)),
        Section("limits", _("What limits the plan"), limits),
        Section("sources", _("Where the figures come from"), sources),
        Section("verify", _("How to check this page"), _verify(document)),
    ]
    blocks, sheets = [title, answer, charts, *fixed[:2], table, *fixed[2:]], [*_sheets(report)]
    if report.sliders is not None:
        text = _("What follows is about the scenario ({values}), wherever the sliders are.")
        note = Line(text.format(values=report.sliders.own_values), "warn")
        blocks = [report.sliders, note, *fixed]
        sheets = [replace(one, blocks=[one.blocks[0], note, *one.blocks[1:]]) for one in sheets]
    blocks = [one for one in blocks if not isinstance(one, Section) or one.blocks]
    return Answer(page_head(document), [*blocks, *sheets])


def plan_blocks(report: Report) -> list[Block]:
    """Title, answer, pictures and table of a report: the blocks that sliders change."""
    document, own = report.plan.document, report.own
    nothing, plan, *_others = report.areas.values()
    links = {code: f"sheet-{code}" for code in report.sheets}
    assumed, note = _assumed_areas(report.plan)
    names = by_area(plan, "place")
    names |= {code: names[code] + MARK for code in assumed}
    shaded = [nothing, [*own.areas.values()][1]] if own else []
    drawn = [area_map(of, document, report.areas, names, links, shaded) for of in DRAWN]
    maps: list[Block] = [one for one in drawn if one]
    text = _("Outlines of the regions: DINUM, @gouvfr/dsfr-chart 2.0.4, MIT licence.")
    if not maps:
        text = _("No map: not every area of this model is a region whose outline is known.")
    charts = [*maps, Line(text), bars("posts", report.areas, names, links)]
    claim, tone = proof_claim(document)
    return [
        Line(page_head((own or report).plan.document), tone, claim, name="claim"),
        Section("answer", _("The answer"), _report_summary(report)),
        Section("charts", _("Where the posts are, and what they bring"), charts),
        Section("table", _("All figures"), [*_posts_tables(document, assumed, links), *note]),
    ]


def _report_summary(report: Report) -> Page:
    document = report.plan.document
    coverage, posts = document["coverage"], last_year_rows(document, "posts")
    new = {role: sum(p["new_fte"] for p in posts if p["role"] == role) for role in ROLES}
    new["new"] = sum(new.values())
    words = solved.figures_in_words(document)
    words |= {role: show.count(fte, 1) for role, fte in new.items()}
    gain = show.difference(no_new_post(coverage), coverage["expected_contracts"])
    text = _(
        "{new} new FTE ({facilitator} of facilitators, {coordinator} of coordinators) bring the "
        "contracts with a social clause to {contracts} of {all}, {rate}; they take {state}{budget} "
        "M EUR of State money and {partners} M EUR of the partners."
    )
    without = _("With no new post {before} have one, {before_rate}: {gain} by the plan")
    target = _("; ") + words["target"] if words["target"] else ""
    page: Page = [
        Line(text.format(**words), name="answer-plan"),
        Line(without.format(**words, gain=gain) + target + _("."), name="answer-before"),
        Line(" ".join(line.text for line in next_lines(document)), name="answer-next"),
    ]
    if report.own:
        page.insert(1, Line(_change(report.own, report), name="answer-change"))
    if len(document["years"]) > 1:
        page.append(Line(_("Figures of {year}.").format(year=document["years"][-1])))
    return [*page, *(line for line in assumed_figures_lines(document) if not line.whole)]


def _change(own: Report, report: Report) -> str:
    """Sentence on differences to the scenario's own plan: contracts, posts, main areas."""
    before, after = (of.plan.expected_contracts for of in (own, report))
    plan, other = ([*of.areas.values()][1] for of in (own, report))
    posts, there = (by_area(of, DRAWN["posts"][0]) for of in (plan, other))
    names = by_area(other, "place")
    moves = {code: (there[code] or 0.0) - (posts[code] or 0.0) for code in names}
    most = sorted(names, key=lambda code: -abs(moves[code]))[:_MOST_PLACES]
    moved = ((names[code], moves[code]) for code in most if abs(moves[code]) >= 0.05)
    places = [f"{name} {show.fte_change(fte)}" for name, fte in moved]
    text = _("Against the scenario: {contracts} contracts, {fte} FTE.")
    if places:
        text = _("Against the scenario: {contracts} contracts, {fte} FTE; most of it {places}.")
    fte = show.fte_change(sum(moves.values()))
    contracts = show.difference(before, after)
    return text.format(contracts=contracts, fte=fte, places=", ".join(places))


def _scenarios(report: Report) -> list[Block]:
    """Differences between several plans, their causes, and the plan with the least regret."""
    if (safest := report.regret) is None:
        return []
    page = compare_answer(report.comparison, most_inputs=None).page()
    if isinstance(safest, FteAllocError):
        text = _("No one plan is sought for all scenarios: {reason}")
        page.append(Line(text.format(reason=safest)))
    else:
        page += regret_answer(safest.document, safest).page()
    said = assumed_figures_lines(report.plan.document)  # of this scenario, in the answer
    return [[block for block in page if block not in said]]


def _posts_tables(
    document: Document, assumed: Collection[str], links: Mapping[str, str]
) -> Iterator[Grid]:
    """Tables of posts, contracts and money, one per year, with links from lines to sheets."""
    lines = place_lines(document["posts"])
    marks = [*(MARK * (line.area in assumed) for line in lines), ""]
    keys, to = [line.keys[0] for line in lines], [links.get(line.area, "") for line in lines]
    for table, year in zip(posts_tables(document), document["years"], strict=True):
        columns = [replace(c, page=c.heading) if c.id in _FULL else c for c in table.columns]
        grid = replace(table, columns=columns).grid()
        rows = [[row[0] + mark, *row[1:]] for row, mark in zip(grid.rows, marks, strict=True)]
        name = "posts" if year == document["years"][-1] else f"posts-{year}"
        yield replace(grid, rows=rows, name=name, keys=[*keys, "total"], links=to)


def _verify(document: Document) -> list[Block]:
    """Commands that verify the plan, versions of the software, and files that were read."""
    if not (inputs := document.get("inputs")):
        return []
    made = ", ".join(f"{name} {version}" for name, version in document["software"].items())
    return [
        Line(_("The plan again, with all its figures, and its proof by arithmetic alone:")),
        Line(f"{command_line('solve', inputs)} --out plan.json", whole=True),
        Line("fte-alloc verify plan.json", whole=True),
        Line(_("Made with {software}, of these files:").format(software=made)),
        Grid([_("file"), _("hash")], [*map(list, inputs["files"].items())], left_too=(1,)),
    ]


def _sheets(report: Report) -> Iterator[Section]:
    """Sheets, one per area: its figures in every plan, its explanation, sources of its counts."""
    document, inputs = report.plan.document, report.plan.problem.inputs
    _areas, note = _assumed_areas(report.plan)
    said = assumed_figures_lines(document)
    drawn = {name: [by_area(of, DRAWN[f][0]) for f in DRAWN] for name, of in report.areas.items()}
    headings = [_("Figures it rests on"), _("value"), _("unit"), _("status"), _("source or reason")]
    for code, found in report.sheets.items():
        title, *parts = explain_page(found)
        assert isinstance(title, Line)
        limits = [*found.document["limits"], *found.document["national_limits"]]
        unsaid = [*said, *(line for limit in limits for line in set_by_lines(limit))]
        rows = [
            [name, show.rate(rates.get(code)), show.fte(posts.get(code) or 0.0)]
            for name, (rates, posts) in drawn.items()
        ]
        blocks: list[Block] = [Line(title.text), Grid(["", _("rate"), _("FTE, both roles")], rows)]
        for block in parts:
            if isinstance(block, Grid):
                blocks.append(block)
            elif not (block.whole or block in unsaid):  # no commands, no keys
                blocks.append(replace(block, text=re.sub(r"\s*:$", ".", block.text)))
        keys = dict.fromkeys(by["key"] for limit in limits for by in limit["set_by"])
        own: list[list[str]] = []
        if inputs:
            of, known = inputs.values, (key for key in keys if key in inputs.entries)
            own += [_figure(inputs, key, input_in_words(key, of)) for key in known]
            own += _counts(document, inputs, found.document["territory"] or "")
        if own:
            blocks += [Grid(headings, own, left_too=(2, 3, 4)), *note]
        yield Section(f"sheet-{code}", title.right, blocks, is_sheet=True)


def _counts(document: Document, inputs: Inputs, code: str) -> Iterator[list[str]]:
    """Rows on the counts of posts and contracts of a territory, with sources and marks."""
    names = {}
    for segment in document["segments"]:
        name = _("contracts, {name}").format(name=buyer_name(document, segment))
        names[f"contracts.{code}.{segment['segment']}"] = name
    for key, entry in inputs.entries.items():
        of = key.startswith(f"territories.{code}.") and find_parameter(tuple(key.split(".")))
        name = of.words if of else names.get(key, names.get(key.rpartition(".")[0], ""))
        if name and entry.unit and entry.status != "default":
            yield _figure(inputs, key, name)


def _assumed_areas(plan: Plan) -> tuple[set[str], list[Line]]:
    """Codes of areas with assumed counts, and the line that explains their mark, if any."""
    document, inputs = plan.document, plan.problem.inputs
    areas = {
        row["area"]
        for row in document["territories"]
        if inputs and any(MARK in row[1] for row in _counts(document, inputs, row["territory"]))
    }
    text = _("† rests on counts of posts and contracts that are assumed: none of them published.")
    return areas, [Line(text, "warn")] if areas else []


def _figure(inputs: Inputs, key: str, name: str) -> list[str]:
    """Row of a figure: name, value, unit, status, source; an assumption has a mark and a reason."""
    entry = inputs.entries[key]
    is_assumed = entry.status == "assumption"
    source = _(entry.note) if is_assumed and entry.note else source_of(inputs, entry.source)
    value = show.plain_value(entry.value) + MARK * is_assumed
    return [name, value, input_unit(entry.unit), _(STATUS_NAMES[entry.status]), source]
