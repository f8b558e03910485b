"""Answer of ``compare``: inputs that differ, results, posts moved, and which plans are proved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from math import isclose

from fte_alloc import numbers as show
from fte_alloc.inputs.entries import entry_origin
from fte_alloc.language import _, listed, quoted
from fte_alloc.names import LIMIT_NAMES, LIMIT_WORDS, RESULT_NAMES, limit_name
from fte_alloc.programme.objectives import is_stage_by_solver
from fte_alloc.questions.answer import Answer, Grid, Line, Page, Table, wrapped
from fte_alloc.questions.cells import (
    KINDS,
    Cell,
    Column,
    Content,
    Row,
    cell_kind,
    cell_number,
    difference_cells,
)
from fte_alloc.questions.compare.compare import TIED, Comparison, Cross
from fte_alloc.questions.document import (
    headline_figures,
    inputs_of,
    last_year_rows,
    lowest_rate_row,
    territory_word,
)
from fte_alloc.questions.inputs_in_words import (
    assumed_figures_lines,
    assumptions,
    buyer_name,
    input_and_key,
    input_shown,
    value_cell,
)
from fte_alloc.questions.places import place_sheet_name, places_table
from fte_alloc.questions.why.page import figure_name, why_page, why_tables

#: Largest number of differing inputs that a page lists.
_MOST_INPUTS = 12
#: Results that are differences themselves and are shown with their sign.
_SIGNED = ("redirected_contracts", "gained_contracts")


def compare_answer(comparison: Comparison, most_inputs: int | None = _MOST_INPUTS) -> Answer:
    """Answer of ``compare``: blocks of page and workbook for a comparison of plans.

    most_inputs : number of differing inputs that a page lists; None: all
    """
    sides, titles, lines = comparison.sides, comparison.titles, comparison.lines
    territories = place_sheet_name(territory_word(comparison.baseline.document))
    holds = _("new posts of both roles, plan by plan")
    sheet = (_("Contracts"), _("contracts covered, plan by plan"))
    posts, contracts = (
        places_table(
            lines, what, [*zip(titles.values(), comparison.figures_by_place(what), strict=True)], of
        )
        for what, of in (("posts", (territories, holds)), ("contracts", sheet))
    )
    text = _(
        "Plans side by side. Every difference is that plan less the first, {baseline}; figures are "
        "those of the last year."
    )
    return Answer(
        _("Comparison: {names}").format(names=" – ".join(titles.values())),
        [
            inputs_table(comparison),
            _inputs(comparison, most_inputs),
            *_results(comparison),
            *why_tables(comparison),
            [Line(""), *why_page(comparison), *_posts(comparison, posts, contracts)],
            *cross_blocks(comparison.cross_evaluation, titles),
            *_closing_sentences(comparison),
        ],
        about=[Line(text.format(baseline=titles[comparison.baseline.name]))],
        sheets=[posts, contracts, assumptions(sides, comparison.all_inputs, comparison.inputs)],
    )


# -- inputs ----------------------------------------------------------------------------------------


def inputs_table(comparison: Comparison) -> Table | Line:
    """Table, for a workbook, of the inputs that differ, with value and origin in each plan."""
    if not comparison.inputs:
        return Line(_("No input differs."))
    sides, titles = list(enumerate(comparison.sides)), comparison.titles
    columns = [
        Column("key"),
        *(Column("value_in", "value", titles[side.name], f"value{n}") for n, side in sides),
        *(Column("origin_in", "text", titles[side.name], f"origin{n}") for n, side in sides),
    ]
    rows: list[Row] = [
        {"key": key}
        | {f"value{n}": value_cell(side.shown(key)) for n, side in sides}
        | {f"origin{n}": entry_origin(side.origin(key) or "") for n, side in sides}
        for key in comparison.inputs
    ]
    return Table(_("Inputs that differ"), columns, rows, page=False)


def _inputs(comparison: Comparison, most: int | None) -> Page:
    """Table, for a page, of the inputs that differ: value in the first plan, then in others."""
    base, *others = comparison.sides
    keys, titles, names = comparison.inputs, comparison.titles, inputs_of(base.document)
    if comparison.by_area:  # a code may mean different territories
        keys = [key for key in keys if key.split(".")[0] not in ("territories", "contracts")]
    rows = []
    for key in keys[:most]:
        changed = [side for side in others if side.value(key) != base.value(key)]
        before, *after = (input_shown(key, side.shown(key)) for side in (base, *changed))
        if len(others) > 1:
            plans = (titles[side.name] for side in changed)
            after = [f"{value} ({plan})" for value, plan in zip(after, plans, strict=True)]
        rows.append([input_and_key(key, names, "  "), f"{before} → {', '.join(after)}"])
    if count := len(keys[most:]) if most else 0:
        text = _("… and {count} more (--format csv lists them all)").format(count=count)
        rows.append([wrapped(text, "  "), ""])
    heading = _("Inputs that differ from {baseline}").format(baseline=titles[base.name])
    return [Line(heading, "head"), Grid(["", ""], rows, left_too=(1,), fold=(1,))] if rows else []


# -- results ---------------------------------------------------------------------------------------


def _results(comparison: Comparison) -> list[Table | Page]:
    """Table of headline figures in each plan, and of their differences to the first plan."""
    titles, label = list(comparison.titles.values()), Column("result", page=_("Results"))
    two = len(titles) == 2
    named, apart = [*enumerate(titles)], _("difference, 2nd − 1st") if two else None
    values = [Column("result_of", "value", of, f"v{n}", page=of, none="–") for n, of in named]
    changes = [
        Column("change", "value", of, f"d{n}", page=apart or of, none="–") for n, of in named[1:]
    ]
    rows = [*_figure_rows(comparison)]
    table = Table(_("Results"), [label, Column("unit"), *values, *changes], rows, page=False)
    if two:
        return [table, [Line(""), table.grid()]]
    heading = _("Differences: each plan less {baseline}").format(baseline=titles[0])
    figures, differ = [label, *values], [replace(label, page=""), *changes]
    page: Page = [Line(""), replace(table, columns=figures).grid(), Line(""), Line(heading, "head")]
    rows = [row for row in rows if "unit" in row]
    return [table, [*page, replace(table, columns=differ, rows=rows).grid()]]


def _figure_rows(comparison: Comparison) -> Iterator[dict[str, Content]]:
    """Rows of the headline figures, and a row that says whose rate is lowest."""
    document = comparison.baseline.document
    read = [headline_figures(side.document) for side in comparison.sides]
    buyers = {
        f"rate_{s['segment']}": buyer_name(document, s)
        for s in last_year_rows(document, "segments")
    }
    for key in [key for key, value in read[0].items() if value is not None]:
        kind = cell_kind(key)
        name = figure_name(comparison, key) if key not in buyers else ""
        row: dict[str, Content] = {
            "result": name or _("rate, {name}").format(name=buyers[key]),
            "unit": _("% (points)") if kind == "rate" else _(KINDS[kind].unit),
        }
        shown = f"{kind}_change" if key in _SIGNED else kind
        row |= {f"v{n}": Cell(found.get(key), kind=shown) for n, found in enumerate(read)}
        yield row | difference_cells(row, kind, len(read) - 1)
        if key == "lowest_rate":
            worst = [lowest_rate_row(side.document) for side in comparison.sides]
            code: dict[str, Content] = {"result": _(RESULT_NAMES["lowest_code"])}
            shown = "name" if len(worst) == 2 else "territory"
            for n, row_of in enumerate(worst):
                code |= {f"v{n}": str(row_of[shown]) if row_of else "–", f"d{n}": ""}
            yield code


# -- posts and contracts ---------------------------------------------------------------------------


def _posts(comparison: Comparison, posts: Table, contracts: Table) -> Page:
    """Table of places whose new posts differ; with two plans, also their change of contracts."""
    lines = list(zip(comparison.lines, posts.rows, contracts.rows, strict=True))
    after = [f"d{n}" for n in range(1, len(comparison.sides))]
    moved = {line.keys[0] for line, row, _of in lines if any(cell_number(row, d) for d in after)}
    rows = [
        {**row, "brings": brings.get("d1")}
        for line, row, brings in lines
        if moved.intersection(line.keys)
    ]
    if not rows:
        return [Line(_("New posts are the same in all plans."))]
    columns = list(posts.columns)
    if len(comparison.sides) == 2:
        text = _("contracts, 2nd − 1st")
        columns.append(Column("", "contracts_change", key="brings", page=text))
    text = _("New posts of both roles, FTE: {baseline}, then changes to it")
    head = Line(text.format(baseline=comparison.titles[comparison.baseline.name]), "head")
    return [head, replace(posts, columns=columns, rows=rows, total=None).grid()]


# -- every plan under every scenario ---------------------------------------------------------------


def broken_limits(
    broken: Mapping[str, Mapping[str, Iterable[str] | None]], titles: Mapping[str, str]
) -> list[Line]:
    """A sentence for each plan on the limits, by scenario, that it breaks there."""
    lines, words = [], LIMIT_NAMES | LIMIT_WORDS
    for plan, scenarios in broken.items():
        where = []
        for name, codes in scenarios.items():
            if codes:
                limits = ", ".join(limit_name(words, code) for code in dict.fromkeys(codes))
                text = _("“{scenario}” ({limits})")
                where.append(text.format(scenario=titles[name], limits=limits))
        if where:
            text = _("“{plan}” breaks limits of {scenarios}.")
            lines.append(Line(text.format(plan=titles[plan], scenarios=listed(where))))
    return lines


def cross_blocks(cross: Cross, titles: Mapping[str, str]) -> list[Line | Table]:
    """Table of each plan under each scenario; a sentence where all scenarios give equal values."""
    sentences = broken_limits(cross.violations, titles)
    known = [[v for v in row.values() if v is not None] for row in cross.values.values()]
    if all(len(row) < 2 for row in known):
        return [*sentences]
    if all(isclose(max(row), min(row), rel_tol=TIED) for row in known if row):
        text = _(
            "These scenarios differ in limits or objectives only: a plan covers the same number of "
            "contracts under each of them."
        )
        return [Line(text), *sentences]
    key = {scenario: f"w{n}" for n, scenario in enumerate(cross.scenarios)}
    line, rows = {plan: n for n, plan in enumerate(cross.values)}, list[Row]()
    for plan, row in cross.values.items():
        judged = [name for name, value in row.items() if value is not None]
        own = ",".join(f"ROUND({{{key[n]}#{line[n]}}},0)-ROUND({{{key[n]}}},0)" for n in judged)
        lost = Cell(_most_lost(cross, plan), f"MAX(0,{own})" if own else "")
        values = {key[name]: value for name, value in row.items()}
        rows.append({"plan": titles[plan], **values, "most_lost": lost})
    columns = [Column("plan", page="", fold=True)]
    for name, of in key.items():
        title = titles[name]
        columns.append(Column("values_in", "contracts", title, of, page=title, none="–"))
    columns.append(Column("most_lost", "contracts", page=_("most lost"), none="–"))
    text = _(
        "Most lost: contracts fewer than a scenario's own best plan covers, at most; –: not "
        "judged, its years or posts are others."
    )
    title = _("Each plan under each scenario: contracts it would cover")
    if cross.dominated:
        beaten = _(
            "By these numbers, where each contract counts as one and breaking limits is worst, "
            "never better than some other plan, and somewhere worse: {names}."
        )
        names = listed(quoted(titles[name] for name in cross.dominated))
        sentences.append(Line(beaten.format(names=names)))
    return [Line(""), Table(title, columns, rows), Line(text), *sentences, Line("")]


def _most_lost(cross: Cross, plan: str) -> float | None:
    """Greatest regret of a plan, from rounded numbers of contracts; None if it is not judged."""
    judged = {name: value for name, value in cross.values[plan].items() if value is not None}
    best = {name: cross.values[name][name] or 0.0 for name in judged}
    lost = (show.rounded(best[name]) - show.rounded(value) for name, value in judged.items())
    return max(0.0, *lost) if judged else None


# -- what it ends with -----------------------------------------------------------------------------


def _closing_sentences(comparison: Comparison) -> list[Line]:
    """Sentences on the years and areas compared, on proofs and on assumed figures."""
    sides, titles = comparison.sides, comparison.titles
    last = {titles[side.name]: side.document["years"][-1] for side in sides}
    lines = []
    if len(set(last.values())) > 1:
        text = _("{scenario}: figures of {year}")
        lines = [Line(text.format(scenario=n, year=year)) for n, year in last.items()]
    if comparison.by_area:
        lines.append(Line(_("Compared area by area: the plans divide the same areas differently.")))
    return [*lines, Line(_proved(comparison)), *assumed_figures_lines(*(s.document for s in sides))]


def _proved(comparison: Comparison) -> str:
    """Sentence on the plans that are proved best, and on those that are not."""
    found: dict[str, list[str]] = {}
    for side in comparison.sides:
        document = side.document
        if document["status"] == "judged":
            continue
        text = _("Proved best, each by its own objective: {names}")
        if document["status"] != "optimal":
            text = _("Not proved best: {names}")
        elif is_stage_by_solver(document["stages"][0]):
            text = _("Best by the solver's bound, in steps: {names}")
        found.setdefault(text, []).append(comparison.titles[side.name])
    parts = (text.format(names=listed(quoted(names))) for text, names in found.items())
    return _("; ").join(parts) + _(".")
