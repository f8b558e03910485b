"""The plan regretted least: what it loses where, and its posts beside those of other plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from fte_alloc import words
from fte_alloc.analysis.compare import Comparison
from fte_alloc.analysis.side import side_of
from fte_alloc.programme.data import COORDINATOR, FACILITATOR, ROLES
from fte_alloc.report import numbers as show
from fte_alloc.report.answer import Answer, Column, Table
from fte_alloc.report.cells import Cell, Content, Row, difference, number_of, summed, value_of
from fte_alloc.report.claims import regional_lines
from fte_alloc.report.formats import bar, shade
from fte_alloc.report.names import territories_name
from fte_alloc.report.pages import Line, Page
from fte_alloc.report.sheets import Book, Sheet
from fte_alloc.report.workbook_inputs import all_assumptions_sheet, differing_inputs
from fte_alloc.texts import visible

if TYPE_CHECKING:
    from fte_alloc.analysis.regret_document import Regret

Document = Mapping[str, Any]
#: Names of scenarios stand in the title while there are no more of them.
_FEW = 3
#: Less than this is nothing [contracts].
_NOTHING = 0.001
#: Limits that plans break elsewhere are told for so many plans.
_MOST_BROKEN = 4
#: Columns of posts that the plan does not decide on, and their figures in a document.
_IN_PLACE = {"posts_existing": "existing_fte", "posts_committed": "committed_fte"}
#: More columns than this bear codes for names.
_LONG_CHART = 30
_COLUMNS = {"new_facilitators": "#2E75B6", "new_coordinators": "#9DC3E6"}
#: Marks of the plans beside this one, again from the start where there are more plans.
_MARKS = ("diamond", "circle", "triangle", "square", "x", "plus")
_COLOURS = ("#C55A11", "#548235", "#7030A0", "#7F6000", "#404040", "#C00000")


def regret_answer(document: Document, regret: Regret | None = None) -> Answer:
    """The answer of ``regret``.

    document : as ``fte-alloc/regret/1``
    regret : what it was made of, for the inputs in a workbook; pages do without
    """
    beside: Page = []
    if not _is_nothing(document):
        beside.append(_average(document))
        beside += [] if document["same_units"] else [Line(words.REGRET_UNITS, "warn")]
    posts = [_posts(document, year) for year in document["years"]]
    own = (
        ()
        if regret is None
        else tuple(side_of(plan.document, plan.problem, name) for name, plan in regret.own.items())
    )
    comparison = Comparison(own)
    return Answer(
        words.REGRET_TITLE_NAMES.format(names=", ".join(document["scenarios"])),
        [
            *_head(document),
            Line(""),
            _regrets(document),
            *_counted(document),
            *_broken(document),
            Line(""),
            *posts,
            Line(""),
            *beside,
            Line(words.REGRET_MEANS),
            *_assumed(document),
        ],
        sheets=[
            *posts,
            (partial(_chart_sheet, document), "safe_chart"),
            (lambda book: all_assumptions_sheet(book, comparison), "assumptions"),
        ],
        parts=[(words.COMPARE_INPUTS, lambda sheet: differing_inputs(sheet, comparison))],
        inputs=[side.document for side in own],
    )


# -- what is claimed -------------------------------------------------------------------------------


def _head(document: Document) -> Page:
    """What the plan loses at most, where, and the proof that none loses less."""
    names, worst = document["scenarios"], document["worst"]
    title = words.REGRET_TITLE.format(count=len(names))
    if len(names) <= _FEW:
        title = words.REGRET_TITLE_NAMES.format(names=_and(names))
    if document["status"] != "optimal":
        claim = words.REGRET_NOT_PROVED.format(bound=_amount(document, "lower_bound", least=True))
    elif _is_nothing(document):
        amount = _measured({**document, "relative": False}, show.count(_NOTHING, 3), 0.0)
        claim = words.REGRET_PROVED_NOTHING.format(amount=amount)
    else:
        claim = words.REGRET_PROVED.format(bound=_amount(document, "lower_bound", least=True))
    page: Page = [Line(title, "good" if document["status"] == "optimal" else "warn", right=claim)]
    if _is_nothing(document):
        return [*page, Line(words.REGRET_NOTHING_LOST)]
    regret = _measured(document, _limit(document, _largest(document)), _largest(document))
    page.append(Line(words.REGRET_SAFE.format(regret=regret, names=_and(worst))))
    return page


def _amount(document: Document, key: str, *, least: bool = False) -> str:
    """A regret as a limit: rounded up, or down where it is the *least* there can be."""
    return _limit(document, document[key], least=least)


def _limit(document: Document, value: float, *, least: bool = False) -> str:
    rounded = show.at_least if least else show.at_most
    if document["relative"]:
        return str(words.PERCENT.format(number=rounded(100 * value, 3)))
    return rounded(value)


def _measured(document: Document, amount: str, value: float) -> str:
    """A regret with what it is counted in."""
    if document["relative"]:
        return str(words.REGRET_OF_OPTIMUM.format(amount=amount))
    return f"{amount} {show.unit_after(value, unit_of(document))}"


def unit_of(document: Document) -> str:
    """What optima are counted in: weighted contracts as soon as one scenario's are."""
    return max((by["unit"] for by in document["by_scenario"].values()), key=len)


def _regret(document: Document, by: Document) -> float:
    """What this plan loses in a scenario: of the figures shown beside it, or as a share."""
    if document["relative"]:
        return float(by["relative_regret"])
    return show.rounded(by["optimum"], 1) - show.rounded(by["value"], 1)


def _largest(document: Document) -> float:
    """The largest regret, no less than any that is shown."""
    return max(document["largest_regret"], *_shown_regrets(document))


def _shown_regrets(document: Document) -> list[float]:
    return [_regret(document, by) for by in document["by_scenario"].values()]


def _is_nothing(document: Document) -> bool:
    """Whether no scenario loses anything worth the name."""
    return all(by["regret"] < _NOTHING for by in document["by_scenario"].values())


def _told(document: Document, regret: float | None) -> str:
    """A regret in the measure of the page."""
    if regret is None:
        return words.REGRET_BREAKS
    return show.rate(regret, 3) if document["relative"] else show.count(regret, 1)


def _and(names: Iterable[str]) -> str:
    """A list in words: « a, b and c »."""
    *first, last = names
    return words.AND.join([", ".join(first), last]) if first else last


# -- scenario by scenario --------------------------------------------------------------------------


def _regrets(document: Document) -> Table:
    """Each scenario: its optimum, this plan, its regret, and that of every scenario's own plan."""
    own, relative, unit = document["own_plans"], document["relative"], unit_of(document)
    counted, name = unit == "contracts", show.unit_after(2.0, unit)
    whole = "tenths" if counted else "weighted"
    measure, kind = ("relative_regret", "fine_rate") if relative else ("regret", whole)
    others = {f"own{n}": plan for n, plan in enumerate(own.values())}
    empty, optimum, value, regret = words.REGRET_HEADINGS
    columns = [
        Column("world", page=empty),
        Column("world_best", whole, name, page=optimum),
        Column("world_value", whole, name, page=value),
        Column("world_regret", whole, name, page=None if relative else regret),
        Column("world_share", "fine_rate", page=regret if relative else None),
        Column("world_chance", "rate"),
        *(Column("world_other", kind, other, f"own{n}", page=other) for n, other in enumerate(own)),
    ]
    if not counted:
        columns += [Column(f"world_{key}_counted", "tenths") for key in ("best", "value")]
    rows: list[Row] = []
    for scenario, by in document["by_scenario"].items():
        share, ends = by["relative_regret"], ("{world_best}", "{world_value}")
        lost = replace(difference(by["optimum"], by["value"], whole, ends), kind=whole)
        row: dict[str, Content] = {
            "world": scenario,
            "world_best": by["optimum"],
            "world_value": by["value"],
            "world_regret": lost,
            "world_share": None if share is None else Cell(share, "1-{world_value}/{world_best}"),
            "world_chance": by["probability"],
            "world_best_counted": by["optimum_contracts"],
            "world_value_counted": by["value_contracts"],
        }
        for key, plan in others.items():
            there = plan["by_scenario"][scenario]
            breaks = Cell(words.REGRET_BREAKS, style="bad")
            row[key] = breaks if there["violations"] else there[measure]
        rows.append(row)
    most: dict[str, Content] = {"world": words.REGRET_LARGEST}
    for key in ("world_regret", "world_share", *others):
        found = [value_of(row[key]) for row in rows]
        figures = [value for value in found if isinstance(value, float)]
        if len(figures) == len(found):
            most[key] = Cell(max(figures), "MAX(<>)")
        elif key in others:
            most[key] = words.REGRET_BREAKS
    compared = ("world_share" if relative else "world_regret", *others)
    title = words.REGRET_GRID[unit]
    return Table(title, columns, rows, most, rules=[(bar, compared)])


def _counted(document: Document) -> list[Line | Table]:
    """Contracts that this plan and every scenario's own cover, where some weigh more."""
    if unit_of(document) == "contracts":
        return []
    own = document["own_plans"]
    headings = ["", words.REGRET_HEADINGS[2], *own]
    columns = [Column(name, "tenths", page=name, book=False) for name in headings]
    rows = [
        {"": name, headings[1]: by["value_contracts"]}
        | {
            other: words.REGRET_BREAKS if found["violations"] else found["contracts"]
            for other, plan in own.items()
            if (found := plan["by_scenario"][name])
        }
        for name, by in document["by_scenario"].items()
    ]
    return [Line(""), Table(words.REGRET_GRID_COUNTED, columns, rows, book=False)]


def _broken(document: Document) -> Page:
    """Which limits the plans break that are best for one scenario and not possible in another."""
    found = []
    for name, plan in document["own_plans"].items():
        for other, by in plan["by_scenario"].items():
            if by["violations"]:
                first, *more = by["violations"]
                found.append(
                    words.REGRET_BROKEN.format(
                        scenario=name,
                        other=other,
                        limit=words.of_limit(words.LIMIT_NAMES, first["constraint"]),
                        others=words.plural(words.OTHERS, len(more)).format(count=len(more))
                        if more
                        else "",
                    )
                )
    if not found:
        return []
    told = found[:_MOST_BROKEN]
    if len(found) > len(told):
        told[-1] = words.REGRET_MORE_BROKEN.format(count=len(found) - len(told) + 1)
    return [Line(text) for text in told]


# -- posts -----------------------------------------------------------------------------------------


def _plans(document: Document) -> dict[str, Sequence[Document]]:
    """The plans this one is put beside: the best on average, and each scenario's own."""
    average = {words.REGRET_POST_HEADINGS[2]: document["average"]["posts"]}
    return average | {name: plan["posts"] for name, plan in document["own_plans"].items()}


def _posts(document: Document, year: int) -> Table:
    """Posts of this plan, of the others, and the differences; on a page the new ones alone."""
    plans, years = _plans(document), document["years"]
    this, *others = (
        {(p["role"], p["territory"]): p["new_fte"] for p in posts if p["year"] == year}
        for posts in (document["posts"], *plans.values())
    )
    opened = {role for plan in (this, *others) for (role, _), fte in plan.items() if fte}
    roles = [role for role in ROLES if role in opened | {FACILITATOR}]
    new, changes = [f"new_{role}s" for role in roles], [f"change{n}" for n in range(len(plans))]
    empty, this_plan, _ = words.REGRET_POST_HEADINGS
    columns = [
        Column("place", page=empty, book=False),
        Column("code", "code"),
        Column("name"),
        *(Column(key, "fte") for key in (*_IN_PLACE, *new)),
        Column("posts_new", "fte", page=this_plan),
        Column("total", "fte"),
    ]
    for n, name in enumerate(plans):
        columns += [Column(f"best_{role}s", "fte", name, f"{role}{n}", 12) for role in roles]
        columns.append(Column("best_new", "fte", name, f"best{n}", 12, page=name))
        columns.append(Column("best_change", "fte_change", name, f"change{n}", 12))
    rows: list[Row] = []
    for code, name, codes in _lines(document):
        row: dict[str, Content] = {"place": f"{code} {name}", "code": code, "name": name}
        row |= _in_place(document, codes)
        for role in [role for role in roles if role in codes]:
            place = role, codes[role]
            row[f"new_{role}s"] = this[place]
            row |= {f"{role}{n}": plan[place] for n, plan in enumerate(others)}
        rows.append(row | _worked_out(row, roles, len(plans)))
    total: dict[str, Content] = {"place": words.COUNTRY, "code": words.COUNTRY}
    for key in (*_IN_PLACE, *new, *(f"{role}{n}" for role in roles for n in range(len(plans)))):
        if key not in _IN_PLACE or all(row[key] is not None for row in rows):
            total[key] = summed(sum(number_of(row, key) for row in rows))
    total |= _worked_out(total, roles, len(plans))
    several = len(years) > 1
    return Table(
        words.REGRET_POSTS_IN.format(year=year) if several else words.REGRET_POSTS,
        columns,
        rows,
        total,
        name=f"posts {year}",
        sheet=(territories_name(document["territory"], str(year) if several else ""), "safe_posts"),
        page=year == years[-1],
        rules=[(bar, new), (shade, changes)],
    )


def _lines(document: Document) -> list[tuple[str, str, Mapping[str, str]]]:
    """Code, name and codes by role: a territory each, then areas that are not territories."""
    named: dict[str, dict[str, str]] = {role: {} for role in ROLES}
    for post in document["posts"]:
        named[post["role"]][post["territory"]] = post["name"]
    areas = named[COORDINATOR]
    apart = areas.keys() != named[FACILITATOR].keys()
    lines: list[tuple[str, str, Mapping[str, str]]] = [
        (code, name, {FACILITATOR: code} if apart else dict.fromkeys(ROLES, code))
        for code, name in named[FACILITATOR].items()
    ]
    for code, name in sorted(areas.items()) if apart else ():
        lines.append((code, words.BOOK_AREA.format(name=name), {COORDINATOR: code}))
    return lines


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


def _chart_sheet(document: Document, book: Book) -> Sheet:
    """New posts by territory: this plan's as columns, those of the others as marks."""
    sheet = book.sheet(words.BOOK_SHEETS["chart"], [12.0] * 11)
    table = book.tables[f"posts {document['years'][-1]}"]
    sheet.writer.fit_to_pages(1, 1)
    at = {"categories": f"={table.range('code' if table.count > _LONG_CHART else 'name')}"}
    chart = book.writer.add_chart({"type": "column", "subtype": "stacked"})
    marks = book.writer.add_chart({"type": "line"})
    for key, colour in _COLUMNS.items():
        if key in table.columns:
            says = {"name": words.BOOK_SAFE_SERIES[key], "values": f"={table.range(key)}"}
            chart.add_series({**at, **says, "fill": {"color": colour}, "gap": 60})
    for n, name in enumerate(_plans(document)):
        look = {"type": _MARKS[n % len(_MARKS)], "size": 7}
        look |= {side: {"color": _COLOURS[n % len(_COLOURS)]} for side in ("fill", "border")}
        says = {"name": visible(words.BOOK_SAFE_SERIES["other"].format(name=name))}
        says["values"] = f"={table.range(f'best{n}')}"
        marks.add_series({**at, **says, "line": {"none": True}, "marker": look})
    chart.combine(marks)
    title = words.BOOK_CHART.format(year=document["years"][-1])
    chart.set_title({"name": title, "name_font": {"size": 12}})
    lines = {"visible": True, "line": {"color": "#D9D9D9"}}
    chart.set_y_axis({"num_format": "#,##0", "major_gridlines": lines})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 980, "height": 600})
    sheet.writer.insert_chart(0, 0, chart, {"object_position": 2})
    return sheet


# -- beside it -------------------------------------------------------------------------------------


def _average(document: Document) -> Line:
    """The plan best on average, and what the safe one loses on average."""
    average = document["average"]
    chances = {name: by["probability"] for name, by in document["by_scenario"].items()}
    told = words.REGRET_EQUAL
    if max(chances.values()) - min(chances.values()) > 1e-9:
        told = _and(
            words.REGRET_CHANCE.format(scenario=name, share=show.rate(share, 0))
            for name, share in chances.items()
        )
    sentence = (
        words.REGRET_AVERAGE if document["status"] == "optimal" else words.REGRET_AVERAGE_OPEN
    )
    return Line(
        sentence.format(
            chances=told,
            average=_measured(
                document, _limit(document, average["average_regret"]), average["average_regret"]
            ),
            largest=_limit(document, average["largest_regret"]),
            names=_and(average["worst"]),
            safe=_limit(document, document["average_regret"]),
        )
    )


def _assumed(document: Document) -> Page:
    """How many regional figures are assumed."""
    one = document["inputs"].get(min(document["scenarios"]), {})
    named = {**one, "values": {"territory": document["territory"]}}
    return [*regional_lines({"regional_figures": document["regional_figures"], "inputs": named})]
