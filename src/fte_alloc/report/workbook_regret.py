"""The plan regretted least as a workbook: what it loses where, and its posts beside the others'."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fte_alloc import words
from fte_alloc.analysis.compare import Comparison
from fte_alloc.analysis.side import side_of
from fte_alloc.programme.data import COORDINATOR, FACILITATOR, ROLES
from fte_alloc.report import numbers as show
from fte_alloc.report.cells import (
    Cell,
    Column,
    Content,
    Row,
    Table,
    difference,
    number_of,
    summed,
    widths,
)
from fte_alloc.report.formats import bar, shade
from fte_alloc.report.pages import Line
from fte_alloc.report.regret_page import regret_page, unit_of
from fte_alloc.report.sheets import Book, Sheet
from fte_alloc.report.workbook_inputs import (
    all_assumptions_sheet,
    contents,
    dictionary_sheet,
    differing_inputs,
    fill_dictionary,
)
from fte_alloc.report.workbook_territories import territories_name
from fte_alloc.texts import visible

if TYPE_CHECKING:
    from fte_alloc.analysis.regret_document import Regret

Document = Mapping[str, Any]
#: New posts of a plan, by role, code and year [FTE].
Posts = Mapping[tuple[str, str, int], float]
#: Columns of posts that the plan does not decide on, and their figures in a document.
_IN_PLACE = {"posts_existing": "existing_fte", "posts_committed": "committed_fte"}
#: Columns of the summary: names, at least so many of figures, text.
_NAMES, _FIGURES, _LEAST_FIGURES, _REST = 32.0, 18.0, 7, 30.0
#: A label at the start of a line of a page.
_LABEL = re.compile(r"^(\S.*?) {2,}")
#: More columns than this bear codes for names.
_LONG_CHART = 30
_COLUMNS = {"new_facilitators": "#2E75B6", "new_coordinators": "#9DC3E6"}
#: Marks of the plans beside this one, again from the start where there are more plans.
_MARKS = ("diamond", "circle", "triangle", "square", "x", "plus")
_COLOURS = ("#C55A11", "#548235", "#7030A0", "#7F6000", "#404040", "#C00000")


def regret_book(answer: Regret) -> bytes:
    """The workbook of ``regret``."""
    document = answer.document
    own = [side_of(plan.document, plan.problem, name) for name, plan in answer.own.items()]
    comparison = Comparison(tuple(own))
    book = Book(words.REGRET_TITLE_NAMES.format(names=", ".join(document["scenarios"])))
    figures = max(_LEAST_FIGURES, 5 + len(own), 2 * len(own))
    summary = book.sheet(words.BOOK_SHEETS["summary"], [_NAMES, *[_FIGURES] * figures, _REST])
    tables = [_posts_sheet(book, answer, year) for year in document["years"]]
    sheets = {
        "safe_chart": _chart_sheet(book, answer, tables[-1]),
        "assumptions": all_assumptions_sheet(book, comparison),
        "dictionary": dictionary_sheet(book),
    }
    holds = [(table.sheet, "safe_posts") for table in tables]
    _summary(summary, document, comparison, [*holds, *((s.name, k) for k, s in sheets.items())])
    fill_dictionary(sheets["dictionary"], [side.document for side in own])
    return book.finish()


# -- summary ---------------------------------------------------------------------------------------


def _summary(
    sheet: Sheet, document: Document, comparison: Comparison, holds: Sequence[tuple[str, str]]
) -> None:
    """What the page says, regrets, inputs that differ, contents."""
    sheet.sentence(sheet.book.title, "title")
    for block in regret_page(document):
        if isinstance(block, Line) and block.right:
            sheet.sentence(block.right, "good" if document["status"] == "optimal" else "warn")
        elif isinstance(block, Line) and block.text and block.tone != "head":
            sheet.sentence(_labelled(block.text), "warn" if block.tone == "warn" else "plain")
    sheet.row += 1
    sheet.sentence(words.REGRET_GRID[unit_of(document)], "section")
    _regrets(sheet, document)
    sheet.sentence(words.COMPARE_INPUTS, "section")
    differing_inputs(sheet, comparison)
    sheet.sentence(words.BOOK_CONTENTS, "section")
    contents(sheet, holds)
    sheet.fit_on_one_page()


def _labelled(text: str) -> str:
    """A line of a page as a sentence: a label before blanks gets a colon after it."""
    says = _LABEL.sub(lambda label: words.BOOK_LABEL.format(label=label[1]), text)
    return says[:1].upper() + says[1:]


def _regrets(sheet: Sheet, document: Document) -> None:
    """What this plan and every scenario's own lose in each scenario, and the most of it."""
    own, relative = document["own_plans"], document["relative"]
    unit = unit_of(document)
    counted, name = unit == "contracts", show.unit_after(2.0, unit)
    whole = "tenths" if counted else "weighted"
    measure, kind = ("relative_regret", "fine_rate") if relative else ("regret", whole)
    others = {f"own{n}": plan for n, plan in enumerate(own.values())}
    columns = [
        Column("world"),
        Column("world_best", whole, name),
        Column("world_value", whole, name),
        Column("world_regret", whole, name),
        Column("world_share", "fine_rate"),
        Column("world_chance", "rate"),
        *(Column("world_other", kind, other, f"own{n}") for n, other in enumerate(own)),
        *(
            ()
            if counted
            else (Column(f"world_{key}_counted", "tenths") for key in ("best", "value"))
        ),
    ]
    rows: list[Row] = []
    for scenario, by in document["by_scenario"].items():
        share, ends = by["relative_regret"], ("{world_best}", "{world_value}")
        row: dict[str, Content] = {
            "world": scenario,
            "world_best": by["optimum"],
            "world_value": by["value"],
            "world_regret": replace(
                difference(by["optimum"], by["value"], whole, ends), kind=whole
            ),
            "world_share": None if share is None else Cell(share, "1-{world_value}/{world_best}"),
            "world_chance": by["probability"],
            "world_best_counted": by["optimum_contracts"],
            "world_value_counted": by["value_contracts"],
        }
        for key, plan in others.items():
            lost = plan["by_scenario"][scenario]
            breaks = bool(lost["violations"])
            row[key] = Cell(words.REGRET_BREAKS, style="bad") if breaks else lost[measure]
        rows.append(row)
    most: dict[str, Content] = {"world": words.REGRET_LARGEST}
    for key in ("world_regret", "world_share", *others):
        found = [value for row in rows if (value := _value(row[key])) is not None]
        if len(found) == len(rows):
            most[key] = Cell(max(found), "MAX(<>)")
        elif key in others:
            most[key] = words.REGRET_BREAKS
    table = sheet.table(columns, rows, total=most)
    compared = ("world_share" if relative else "world_regret", *others)
    longest = max(_value(row[key]) or 0.0 for row in rows for key in compared)
    if longest > 0:
        sheet.highlight(table, bar(longest), *compared)


def _value(content: Content) -> float | None:
    """The number in a cell, None where there is a text or nothing."""
    value = content.value if isinstance(content, Cell) else content
    return None if value is None or isinstance(value, str) else float(value)


# -- posts -----------------------------------------------------------------------------------------


def _plans(answer: Regret) -> dict[str, Posts]:
    """The plans this one is put beside: the best on average, and each scenario's own."""
    document = answer.document
    found = {words.REGRET_POST_HEADINGS[2]: document["average"]["posts"]}
    found |= {name: plan["posts"] for name, plan in document["own_plans"].items()}
    return {name: _decided(posts) for name, posts in found.items()}


def _decided(posts: Sequence[Document]) -> Posts:
    return {(p["role"], p["territory"], p["year"]): p["new_fte"] for p in posts}


def _lines(answer: Regret) -> list[tuple[str, str, Mapping[str, str]]]:
    """Code, name and codes by role: a territory each, then areas that are not territories."""
    p = answer.worlds[0].problem
    apart = len(p.areas) < len(p.territories)
    lines: list[tuple[str, str, Mapping[str, str]]] = []
    for code, name, area in zip(p.territories, p.territory_names, p.area_of, strict=True):
        roles = {FACILITATOR: code} | ({} if apart else {COORDINATOR: p.areas[area]})
        lines.append((code, name, roles))
    for code, name in sorted(zip(p.areas, p.area_names, strict=True)) if apart else ():
        lines.append((code, words.BOOK_AREA.format(name=name), {COORDINATOR: code}))
    return lines


def _posts_sheet(book: Book, answer: Regret, year: int) -> Table:
    """One line a territory: posts of this plan, of the others, and the differences."""
    document, this, plans = answer.document, _decided(answer.document["posts"]), _plans(answer)
    opened = {role for plan in (this, *plans.values()) for (role, *_), fte in plan.items() if fte}
    roles = [role for role in ROLES if role in opened | {FACILITATOR}]
    new, changes = [f"new_{role}s" for role in roles], [f"change{n}" for n in range(len(plans))]
    columns = [
        Column("code", "code"),
        Column("name"),
        *(Column(key, "fte") for key in (*_IN_PLACE, *new, "posts_new", "total")),
    ]
    for n, name in enumerate(plans):
        columns += [Column(f"best_{role}s", "fte", name, f"{role}{n}", 12) for role in roles]
        columns.append(Column("best_new", "fte", name, f"best{n}", 12))
        columns.append(Column("best_change", "fte_change", name, f"change{n}", 12))
    rows: list[Row] = []
    for code, name, codes in _lines(answer):
        row: dict[str, Content] = {"code": code, "name": name, **_in_place(document, codes)}
        for role in [role for role in roles if role in codes]:
            place = role, codes[role], year
            row[f"new_{role}s"] = this[place]
            row |= {f"{role}{n}": plan[place] for n, plan in enumerate(plans.values())}
        rows.append(row | _worked_out(row, roles, len(plans)))
    total: dict[str, Content] = {"code": words.COUNTRY}
    for key in (*_IN_PLACE, *new, *(f"{role}{n}" for role in roles for n in range(len(plans)))):
        if key not in _IN_PLACE or all(row[key] is not None for row in rows):
            total[key] = summed(sum(number_of(row, key) for row in rows))
    total |= _worked_out(total, roles, len(plans))
    ending = str(year) if len(document["years"]) > 1 else ""
    sheet = book.sheet(territories_name(document["territory"], ending), widths(columns, rows))
    table = sheet.table(columns, rows, total=total, main=True)
    for keys, rule in ((new, bar), (changes, shade)):
        most = max(abs(number_of(row, key)) for row in rows for key in keys)
        if most > 0:
            sheet.highlight(table, rule(most), *keys)
    return table


def _in_place(document: Document, codes: Mapping[str, str]) -> dict[str, Content]:
    """Posts in place and renewed of a line, None where scenarios differ in them."""
    posts = [
        post for post in document["posts"] if (post["role"], post["territory"]) in codes.items()
    ]
    found: dict[str, Content] = {}
    for key, figure in _IN_PLACE.items():
        known = [post[figure] for post in posts if post["year"] == document["years"][0]]
        found[key] = None if None in known else sum(known)
    return found


def _worked_out(line: Row, roles: Sequence[str], others: int) -> dict[str, Content]:
    """What follows from the posts of a line: new ones, all of them, differences to other plans."""
    keys = {"posts_new": [f"new_{role}s" for role in roles]}
    keys |= {f"best{n}": [f"{role}{n}" for role in roles] for n in range(others)}
    if all(line.get(key) is not None for key in _IN_PLACE):
        keys["total"] = [*_IN_PLACE, *keys["posts_new"]]
    sums = {key: sum(number_of(line, part) for part in parts) for key, parts in keys.items()}
    found: dict[str, Content] = {
        key: Cell(sums[key], "+".join(f"{{{part}}}" for part in parts))
        for key, parts in keys.items()
    }
    for n in range(others):
        ends = ("{posts_new}", f"{{best{n}}}")
        found[f"change{n}"] = difference(sums["posts_new"], sums[f"best{n}"], "fte", ends)
    return found


# -- chart -----------------------------------------------------------------------------------------


def _chart_sheet(book: Book, answer: Regret, table: Table) -> Sheet:
    """New posts by territory: this plan's as columns, those of the others as marks."""
    sheet = book.sheet(words.BOOK_SHEETS["chart"], [12.0] * 11)
    sheet.writer.fit_to_pages(1, 1)
    at = {"categories": f"={table.range('code' if table.count > _LONG_CHART else 'name')}"}
    chart = book.writer.add_chart({"type": "column", "subtype": "stacked"})
    marks = book.writer.add_chart({"type": "line"})
    for key, colour in _COLUMNS.items():
        if key in table.columns:
            says = {"name": words.BOOK_SAFE_SERIES[key], "values": f"={table.range(key)}"}
            chart.add_series({**at, **says, "fill": {"color": colour}, "gap": 60})
    for n, name in enumerate(_plans(answer)):
        look = {"type": _MARKS[n % len(_MARKS)], "size": 7}
        look |= {side: {"color": _COLOURS[n % len(_COLOURS)]} for side in ("fill", "border")}
        says = {"name": visible(words.BOOK_SAFE_SERIES["other"].format(name=name))}
        says["values"] = f"={table.range(f'best{n}')}"
        marks.add_series({**at, **says, "line": {"none": True}, "marker": look})
    chart.combine(marks)
    title = words.BOOK_CHART.format(year=answer.document["years"][-1])
    chart.set_title({"name": title, "name_font": {"size": 12}})
    lines = {"visible": True, "line": {"color": "#D9D9D9"}}
    chart.set_y_axis({"num_format": "#,##0", "major_gridlines": lines})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 980, "height": 600})
    sheet.writer.insert_chart(0, 0, chart, {"object_position": 2})
    return sheet
