"""A plan as a workbook: figures, territories, kinds of buyer, prices, inputs, dictionary.

Whatever can be worked out in the sheets is a formula over the posts and contracts of the plan; its
stored value is the plan's own figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fte_alloc import words
from fte_alloc.report import numbers as show
from fte_alloc.report.cells import Cell, Column, Content, Row, Table, difference, widths
from fte_alloc.report.names import buyer_of, title_of
from fte_alloc.report.pages import Line
from fte_alloc.report.plan_page import (
    next_lines,
    no_new_post,
    objective_value,
    price_worth,
    proof,
    redirected,
    regional_line,
    rounding_lines,
    stage_claim,
    typed_price,
    with_unit,
)
from fte_alloc.report.sheets import Book, Sheet
from fte_alloc.report.workbook_inputs import (
    assumptions_sheet,
    contents,
    dictionary_sheet,
    fill_dictionary,
)
from fte_alloc.report.workbook_territories import buyers_sheets, territories_sheets

if TYPE_CHECKING:
    from fte_alloc.scenario.inputs import Inputs

Document = Mapping[str, Any]
#: Columns of the summary: names, at least so many of figures, text.
_NAMES, _FIGURES, _LEAST_FIGURES, _REST = 32.0, 18.0, 5, 30.0
#: More bars than this are thin ones, on a page in portrait.
_LONG_CHART = 30
_OBJECTIVE_KINDS = {"worst_rate": "fine_rate", "state_cost": "eur"}


def plan_book(document: Document, inputs: Inputs | None = None) -> bytes:
    """A ``fte-alloc/plan/1`` document as an xlsx file.

    inputs : where its values come from, None where only the document is at hand
    """
    title = words.TITLE.format(scenario=document["scenario"], title=title_of(document))
    book, years = Book(title.strip(" :") or words.THIS_PROBLEM), yearly(document)
    figures = max(_LEAST_FIGURES, len(years) + 1)
    summary = book.sheet(words.BOOK_SHEETS["summary"], [_NAMES, *[_FIGURES] * figures, _REST])
    territories = territories_sheets(book, years)
    chart = _chart_sheet(book, document["years"][-1], territories[-1])
    buyers = buyers_sheets(book, years)
    limits = _limits_sheet(book, document)
    assumptions = assumptions_sheet(book, document, inputs)
    dictionary = dictionary_sheet(book)
    holds = [
        *((table.sheet, "territories") for table in territories),
        (chart.name, "chart"),
        *((table.sheet, "buyers") for table in buyers),
        (limits.name, "limits"),
        (assumptions.name, "assumptions"),
        (dictionary.name, "dictionary"),
    ]
    _summary(summary, document, territories, buyers, holds)
    fill_dictionary(dictionary, [document])
    return book.finish()


def yearly(document: Document) -> list[dict[str, Any]]:
    """The document of each year: its figures, and the rows of that year only."""
    figures = document.get("by_year") or [{"year": document["years"][0]}]
    rows = ("posts", "territories", "segments")
    return [
        {
            **document,
            **year,
            **{k: [row for row in document[k] if row["year"] == year["year"]] for k in rows},
        }
        for year in figures
    ]


# -- summary ---------------------------------------------------------------------------------------


def opening(sheet: Sheet, documents: Sequence[Document]) -> None:
    """What is assumed, said once for plans that say the same."""
    said = set()
    for document in documents:
        figures = tuple(document.get("regional_figures", {}).values())
        for line in regional_line(document) if figures not in said else ():
            if isinstance(line, Line):
                sheet.sentence(line.text, line.tone)
        said.add(figures)


def _summary(
    sheet: Sheet,
    document: Document,
    territories: Sequence[Table],
    buyers: Sequence[Table],
    holds: Sequence[tuple[str, str]],
) -> None:
    """Title, proof, figures, kinds of buyer, stages, contents and a chart."""
    sheet.sentence(sheet.book.title, "title")
    sheet.sentence(words.BOOK_ABOUT)
    years = ", ".join(map(str, document["years"]))
    about = {"model": document["model"], "title": document["model_title"], "years": years}
    if document["model"]:
        sheet.sentence(words.BOOK_MODEL.format(**about))
    if len(document["years"]) > 1:
        sheet.sentence(words.BOOK_YEARS)
    sheet.sentence(*proof(document))
    for line in rounding_lines(document):
        if isinstance(line, Line):
            sheet.sentence(line.text)
    opening(sheet, [document])
    sheet.row += 1
    sheet.sentence(words.BOOK_FIGURES, "section")
    _figures(sheet, document, territories)
    sheet.sentence(words.BOOK_BUYERS, "section")
    _by_buyer(sheet, document, buyers)
    if document["stages"]:
        sheet.sentence(words.BOOK_STAGES, "section")
        _stages(sheet, document)
    sheet.sentence(words.BOOK_CONTENTS, "section")
    contents(sheet, holds)
    sheet.fit_on_one_page()


def _figures(sheet: Sheet, document: Document, territories: Sequence[Table]) -> None:
    """Headline figures, a column a year."""
    years = yearly(document)
    columns = [
        Column("figure"),
        *(Column("in_year", "value", str(y["year"]), f"y{y['year']}") for y in years),
        Column("unit"),
        Column("means", span=sheet.across - len(years) - 2),
    ]
    of_year = [_headlines(y, table) for y, table in zip(years, territories, strict=True)]
    keys = [k for k in words.BOOK_SUMMARY if any(k in found for found in of_year)]
    rows: list[Row] = []
    for key in keys:
        cells = [found.get(key) for found in of_year]
        kind = next(c.kind for c in cells if c)
        name, meaning = words.BOOK_SUMMARY[key]
        row: dict[str, Content] = {f"y{y['year']}": c for y, c in zip(years, cells, strict=True)}
        rows.append(row | {"figure": name, "unit": words.BOOK_UNITS[kind], "means": meaning})
    sheet.table(columns, rows, keys=keys)


def _headlines(year: Document, table: Table) -> dict[str, Cell]:
    """Headline figures of a year, those that there are."""
    coverage, network, money = (year[k] for k in ("coverage", "network", "money"))
    target, contracts, covered = (
        coverage[k] for k in ("target_rate", "contracts", "expected_contracts")
    )
    cap, budget, before = (
        network["cap_fte"],
        money["state_budget_eur"],
        no_new_post(coverage),
    )

    def posts(kind: str) -> str:
        """The total of a kind of posts, over roles."""
        found = (f"{kind}_facilitators", f"{kind}_coordinators")
        return "+".join(table.total(key) for key in found if key in table.columns)

    figures = {
        "contracts": Cell(contracts, table.total("contracts"), "contracts"),
        "expected_contracts": Cell(covered, table.total("covered"), "contracts"),
        "status_quo": Cell(before, kind="contracts"),
        "redirected": Cell(redirected(coverage), kind="contracts_change"),
        "gained": Cell(
            covered - coverage["status_quo_contracts"],
            "[expected_contracts]-[status_quo]-[redirected]",
            "contracts_change",
        ),
        "existing_fte": Cell(network["existing_fte"], posts("existing"), "fte"),
        "committed_fte": Cell(network["committed_fte"], posts("committed"), "fte"),
        "new_fte": Cell(network["new_fte"], posts("new"), "fte"),
        "used_fte": Cell(network["used_fte"], "[existing_fte]+[committed_fte]+[new_fte]", "fte"),
        "state_eur": Cell(money["state_eur"], table.total("state"), "eur"),
        "partners_eur": Cell(money["partners_eur"], table.total("partners"), "eur"),
        "full_cost_eur": Cell(money["full_cost_eur"], "[state_eur]+[partners_eur]", "eur"),
    }
    if not show.rounded(redirected(coverage)):
        del figures["redirected"]
        ends = ("[expected_contracts]", "[status_quo]")
        figures["gained"] = difference(covered, before, "contracts", ends)
    if contracts:
        figures["rate"] = Cell(coverage["rate"], "[expected_contracts]/[contracts]", "rate")
        figures["status_quo_rate"] = Cell(before / contracts, "[status_quo]/[contracts]", "rate")
    if target is not None:
        missing = max(0.0, target * contracts - covered)
        figures["target_rate"] = Cell(target, kind="rate")
        figures["missing"] = Cell(
            missing, "MAX(0,[target_rate]*[contracts]-[expected_contracts])", "contracts"
        )
    if cap is not None:
        figures["cap_fte"] = Cell(cap, kind="fte")
        used = network["used_fte"]
        figures["unused_fte"] = replace(
            difference(cap, used, "fte", ("[cap_fte]", "[used_fte]")), kind="fte"
        )
    if budget is not None:
        figures["state_budget_eur"] = Cell(budget, kind="eur")
        figures["unused_eur"] = replace(
            difference(budget, money["state_eur"], "eur", ("[state_budget_eur]", "[state_eur]")),
            kind="eur",
        )
    if money["full_cost_eur"]:
        share = money["state_eur"] / money["full_cost_eur"]
        figures["state_share"] = Cell(share, "[state_eur]/[full_cost_eur]", "rate")
    return figures


def _by_buyer(sheet: Sheet, document: Document, buyers: Sequence[Table]) -> None:
    """Contracts and rates by kind of buyer and year."""
    several = len(document["years"]) > 1
    tables = dict(zip(document["years"], buyers, strict=True))
    columns = [
        Column("buyer"),
        *([Column("year", "year")] if several else []),
        Column("contracts", "contracts"),
        Column("covered", "contracts"),
        Column("rate", "rate"),
    ]
    if any(row["weight"] != 1 for row in document["segments"]):
        columns.append(Column("weight", "fine"))
    rows: list[Row] = []
    for row in document["segments"]:
        covered = tables[row["year"]].total(f"covered_{row['segment']}")
        rows.append(
            {
                "buyer": buyer_of(document, row),
                "year": row["year"],
                "contracts": row["contracts"],
                "covered": Cell(row["expected_contracts"], covered),
                "rate": None if row["rate"] is None else Cell(row["rate"], "{covered}/{contracts}"),
                "weight": row["weight"],
            }
        )
    sheet.table(columns, rows)


def _stages(sheet: Sheet, document: Document) -> None:
    """What each stage reached, and what no plan does better."""
    columns = [
        Column("objective"),
        Column("reached", "fine"),
        Column("bound", "fine"),
        Column("gap", "gap"),
        Column("claim", span=sheet.across - 4),
    ]
    rows: list[Row] = []
    for stage in document["stages"]:
        objective = stage["objective"]
        plain = objective == "coverage" and not document["coverage"]["weighted"]
        kind = _OBJECTIVE_KINDS.get(objective, "fine")
        rows.append(
            {
                "objective": words.OBJECTIVES["contracts" if plain else objective],
                "reached": Cell(stage["value"], kind=kind),
                "bound": Cell(stage["bound"], kind=kind),
                "gap": float(
                    show.gap(stage["relative_gap"], in_steps=stage["relaxation_bound"] is not None)
                ),
                "claim": _claim(document, stage),
            }
        )
    sheet.table(columns, rows)


def _claim(document: Document, stage: Document) -> str:
    """What the bound of a stage says of all plans, and what the stage gives up."""
    objective = stage["objective"]
    claim = stage_claim(document, stage)
    if stage["relaxation_bound"] is not None:
        relaxed = with_unit(stage, stage["relaxation_bound"])
        claim = words.BOOK_BOUND_IN_STEPS.format(relaxed=relaxed)
    if stage["concede"]:
        in_plan = objective_value(objective, stage["in_plan"])
        says = {"concede": show.share(stage["concede"]), "in_plan": in_plan}
        claim += words.STAGE_CONCEDED.format(**says)
    return str(claim)


def _chart_sheet(book: Book, year: int, table: Table) -> Sheet:
    """New posts by territory, one bar a line, on a page of its own."""
    sheet = book.sheet(words.BOOK_SHEETS["chart"], [12.0] * 9)
    sheet.writer.fit_to_pages(1, 1)
    is_long = table.count > _LONG_CHART
    if is_long:
        sheet.writer.set_portrait()
    chart = book.writer.add_chart({"type": "bar", "subtype": "stacked"})
    colours = {"new_facilitators": "#2E75B6", "new_coordinators": "#F4B183"}
    for key, colour in colours.items():
        if key in table.columns:
            chart.add_series(
                {
                    "name": words.BOOK_SERIES[key],
                    "categories": f"={table.range('name')}",
                    "values": f"={table.range(key)}",
                    "fill": {"color": colour},
                    "gap": 40,
                }
            )
    chart.set_title({"name": words.BOOK_CHART.format(year=year), "name_font": {"size": 12}})
    chart.set_y_axis(
        {"reverse": True, "interval_unit": 1, "num_font": {"size": 8 if is_long else 9}}
    )
    lines = {"visible": True, "line": {"color": "#D9D9D9"}}
    chart.set_x_axis({"num_format": "#,##0", "major_gridlines": lines})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 800, "height": 140 + (16 if is_long else 25) * table.count})
    sheet.writer.insert_chart(0, 0, chart, {"object_position": 2})
    return sheet


# -- limits ----------------------------------------------------------------------------------------


def _limits_sheet(book: Book, document: Document) -> Sheet:
    """What one more and one less of each limit bring."""
    several = len(document["years"]) > 1
    names = {row["territory"]: row["name"] for row in document["posts"]}
    columns = [
        Column("limit", width=30),
        Column("code", "code"),
        Column("name", width=30),
        *([Column("year", "year")] if several else []),
        Column("one_more", "fine", width=16),
        Column("one_less", "fine", width=16),
        Column("unit", width=34),
    ]
    numbers = {  # one of a territory holds in every year
        (p["constraint"], p["territory"], p["year"] if p["territory"] is None else None): p
        for p in document["prices"]
    }
    rows: list[Row] = [
        {
            "limit": words.of_limit(words.BOOK_LIMITS, price["constraint"]),
            "code": price["territory"] or "",
            "name": names.get(price["territory"], ""),
            "year": year,
            **{side: _price(price, gain) for side, gain in typed_price(price).items()},
            "unit": price_unit(price),
        }
        for (*_, year), price in numbers.items()
        if any(gain is not None for gain in typed_price(price).values())
    ]
    sheet = book.sheet(words.BOOK_SHEETS["limits"], widths(columns, rows))
    sheet.sentence(words.BOOK_LIMITS_ABOUT)
    if several:
        sheet.sentence(words.BOOK_LIMITS_YEARS)
    lines = [line for line in next_lines(document) if isinstance(line, Line)]
    for line in lines:
        sheet.sentence(line.text)
    if not rows and not lines:
        none = words.BOOK_NO_LIMITS if document["status"] == "optimal" else words.BOOK_UNPROVED
        sheet.sentence(none)
    sheet.row += 1
    if rows:
        sheet.table(columns, rows, main=True)
    return sheet


def _price(price: Document, gain: float | None) -> Cell:
    is_rate = str(price["unit"]).startswith("rate")
    return Cell(gain, kind="tiny_rate" if is_rate else "fine")


def price_unit(price: Document) -> str:
    """What a price is counted in: ``contracts for 1 FTE``, ``EUR saved for 1 FTE``."""
    unit, _, per = str(price["unit"]).partition(" per ")
    worth = words.BOOK_PRICE_UNITS.get(unit) or price_worth(price)
    said = {"unit": worth, "per": words.BOOK_PRICE_PER[per]}
    return str(words.BOOK_PRICE_UNIT.format(**said))
