"""The answer of ``regret``: regrets of the safe plan, and its posts beside those of other plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from fte_alloc import numbers as show
from fte_alloc.language import _
from fte_alloc.names import LIMIT_NAMES, of_limit
from fte_alloc.programme.data import COORDINATOR, FACILITATOR, ROLES
from fte_alloc.questions.answer import Answer, Chart, Line, Table
from fte_alloc.questions.cells import (
    Cell,
    Column,
    Content,
    Row,
    cell_number,
    cell_value,
    difference_cell,
    sum_cell,
)
from fte_alloc.questions.compare.answer import inputs_table
from fte_alloc.questions.compare.compare import Comparison
from fte_alloc.questions.document import Document, document_title, figure_by_place
from fte_alloc.questions.inputs_in_words import assumed_figures_lines, assumptions
from fte_alloc.questions.places import (
    add_up_places,
    place_columns,
    place_lines,
    place_totals,
    territory_sheet_name,
)
from fte_alloc.questions.sides import side_of
from fte_alloc.questions.wording import listed, quoted

if TYPE_CHECKING:
    from fte_alloc.questions.regret.document import Regret


#: Columns of new posts by role.
_NEW = [f"new_{role}s" for role in ROLES]
#: Regrets below this count as none [contracts].
_NOTHING = 0.001


def regret_answer(document: Document, regret: Regret | None = None) -> Answer:
    """The answer of ``regret``.

    document : as ``fte-alloc/regret/1``
    regret : the result behind the document, whose inputs a workbook lists; pages need none
    """
    one = document["inputs"].get(min(document["scenarios"]), {})
    document, notes = _titled(document), []
    if not document["same_units"]:
        text = _(
            "Units      The scenarios weigh contracts differently, so that their regrets are in "
            "different units; --relative measures each by its own optimum."
        )
        notes.append(Line(text, "warn"))
    text = _(
        "Regret     What the best plan for a scenario covers there and another does not, effort "
        "split anew. This plan keeps every limit of every scenario."
    )
    posts = [posts_table(document, year) for year in document["years"]]
    plans = [(s.name, regret.own[s.name]) for s in regret.scenarios] if regret else []
    own = tuple(side_of(plan.document, plan.problem, name) for name, plan in plans)
    comparison = Comparison(own)
    every_input = assumptions(own, comparison.all_inputs, comparison.inputs)
    inputs = {**one, "values": {"territory": document["territory"]}}
    title = _("A safe plan for {names}").format(names=listed(quoted(document["scenarios"])))
    return Answer(
        title,
        [
            *_head(document, title),
            Line(""),
            *_regrets(document),
            *_broken(document),
            Line(""),
            *posts,
            Line(""),
            _average(document),
            *notes,
            Line(text),
            *assumed_figures_lines({**document, "inputs": inputs}),
            inputs_table(comparison),
        ],
        sheets=[*posts, posts_chart(document), every_input],
    )


def _titled(document: Document) -> Document:
    """The document with titles in place of scenario names, where all titles differ."""
    given = {name: document_title(by) for name, by in document["by_scenario"].items()}
    if len({*filter(None, given.values())}) < len(given):
        return document

    def titled(part: Any, key: str = "") -> Any:
        if key in ("scenarios", "worst"):
            return [given[name] for name in part]
        if key in ("by_scenario", "own_plans"):
            return {given[name]: titled(of) for name, of in part.items()}
        return {k: titled(of, k) for k, of in part.items()} if isinstance(part, dict) else part

    return dict(titled(dict(document)))


# -- what is claimed -------------------------------------------------------------------------------


def _head(document: Document, title: str) -> list[Line]:
    """Title with the proved bound, and the sentence on the largest regret and its scenarios."""
    is_proved, bound = document["status"] == "optimal", document["lower_bound"]
    says = _("STOPPED, NOT PROVED: a plan may keep the largest regret down to {bound}")
    if is_proved:
        says = _("PROVED: no plan keeps the largest regret below {bound}")
        if document["proof"] == "solver":
            says = _("BEST by the solver's bound: no plan in steps keeps the largest below {bound}")
    claim = says.format(bound=_limit(document, bound, least=True))
    text = _("Loses      nothing: in every scenario it is as good as the best plan there.")
    by_scenario = document["by_scenario"].values()
    if any(by["regret"] >= _NOTHING for by in by_scenario):
        # Not below any regret that the table shows.
        largest = max(document["largest_regret"], *map(partial(_regret, document), by_scenario))
        text = _("Loses      at most {regret}, whichever scenario comes true; most in {names}.")
        regret, worst = _measured(document, largest), listed(quoted(document["worst"]))
        text = text.format(regret=regret, names=worst)
    return [Line(title, "good" if is_proved else "warn", right=claim), Line(text)]


def _limit(document: Document, value: float, *, least: bool = False) -> str:
    """A regret as text, rounded up; rounded down where it is the *least* possible regret."""
    rounded = show.at_least if least else show.at_most
    if document["relative"]:
        return _("{number}%").format(number=rounded(100 * value, 3))
    return rounded(value)


def _measured(document: Document, value: float) -> str:
    """A regret as text, rounded up, with its unit."""
    amount = _limit(document, value)
    if document["relative"]:
        return _("{amount} of the optimum").format(amount=amount)
    return f"{amount} {show.unit_after(value, unit_of(document))}"


def unit_of(document: Document) -> str:
    """Unit of the optima: weighted contracts where any scenario has that unit, else contracts."""
    return max((by["unit"] for by in document["by_scenario"].values()), key=len)


def _regret(document: Document, by: Document) -> float:
    """Regret in a scenario: the difference of the two rounded figures shown, or a share [1]."""
    if document["relative"]:
        return float(by["relative_regret"])
    return show.rounded(by["optimum"], 1) - show.rounded(by["value"], 1)


# -- scenario by scenario --------------------------------------------------------------------------


def _regrets(document: Document) -> list[Line | Table]:
    """Table by scenario: optimum, value and regret of this plan, regrets of all own plans."""
    own, relative, unit = document["own_plans"], document["relative"], unit_of(document)
    counted, name = unit == "contracts", show.unit_after(2.0, unit)
    whole = "tenths" if counted else "weighted"
    measure, kind = ("relative_regret", "fine_rate") if relative else ("regret", whole)
    headings = (None, _("regret")) if relative else (_("regret"), None)
    others = {f"own{n}": plan for n, plan in enumerate(own.values())}
    columns = [
        Column("scenario_name", page=""),
        Column("scenario_best", whole, name, "optimum", page=_("optimum")),
        Column("scenario_value", whole, name, "value", page=_("this plan")),
        Column("scenario_regret", whole, name, "regret", page=headings[0]),
        Column("scenario_share", "fine_rate", key="relative_regret", page=headings[1]),
        Column("scenario_chance", "rate", key="probability"),
        *(
            Column("scenario_other", kind, other, f"own{n}", page=other)
            for n, other in enumerate(own)
        ),
    ]
    by_one = [
        Column("scenario_best_counted", "tenths", key="optimum_contracts", page=_("its best plan")),
        Column("scenario_value_counted", "tenths", key="value_contracts", page=_("this plan")),
    ]
    if not counted:
        columns += [replace(column, page=None) for column in by_one]
    rows = list[Row]()
    for scenario, by in document["by_scenario"].items():
        share, ends = by["relative_regret"], ("{optimum}", "{value}")
        row = {
            **by,
            "scenario_name": scenario,
            "regret": replace(difference_cell(by["optimum"], by["value"], whole, ends), kind=whole),
            "relative_regret": None if share is None else Cell(share, "1-{value}/{optimum}"),
        }
        for key, plan in others.items():
            there = plan["by_scenario"][scenario]
            breaks = Cell(_("breaks"), style="bad")
            row[key] = breaks if there["violations"] else there[measure]
        rows.append(row)
    most: dict[str, Content] = {"scenario_name": _("Largest regret")}
    for key in ("regret", "relative_regret", *others):
        figures = [value for row in rows if isinstance(value := cell_value(row[key]), float)]
        if len(figures) == len(rows):
            most[key] = Cell(max(figures), "MAX(<>)")
        elif key in others:
            most[key] = _("breaks")
    text = _(
        "Optimum and plan in {unit}, and the regret of this plan and of the best for each alone"
    )
    title, bars = text.format(unit=name), [("bar", (measure, *others))]
    tables: list[Line | Table] = [Table(title, columns, rows, most, rules=bars)]
    if not counted:
        text = _("Contracts covered, each counting as one")
        tables += [Line(""), Table(text, [columns[0], *by_one], rows, book=False)]
    return tables


def _broken(document: Document) -> list[Line]:
    """Sentences on the limits that the best plan of one scenario breaks in others."""
    lines = []
    for name, plan in document["own_plans"].items():
        broken = {other: by["violations"] for other, by in plan["by_scenario"].items()}
        where = [other for other, violations in broken.items() if violations]
        if where:
            codes = dict.fromkeys(v["constraint"] for of in broken.values() for v in of)
            limits = listed(of_limit(LIMIT_NAMES, code) for code in codes)
            text = _("breaks     the plan for “{scenario}” breaks {limits} in {others}.")
            says = text.format(scenario=name, limits=limits, others=listed(quoted(where)))
            lines.append(Line(says))
    return lines


# -- beside it -------------------------------------------------------------------------------------


def _average(document: Document) -> Line:
    """Sentence on the regrets of the plan best on average, and on the safe plan's mean regret."""
    average = document["average"]
    chances = {name: by["probability"] for name, by in document["by_scenario"].items()}
    chances_given = _("all scenarios equally likely")
    if max(chances.values()) - min(chances.values()) > 1e-9:
        chances_given = listed(
            _("{scenario} at {share}").format(scenario=name, share=show.rate(share, 0))
            for name, share in chances.items()
        )
    text = _(
        "Average    with {chances}, the best plan found loses {average}, and up to {largest} in "
        "{names}; the safe one loses {safe} on average."
    )
    says = {
        "average": _measured(document, average["average_regret"]),
        "largest": _limit(document, average["largest_regret"]),
        "safe": _limit(document, document["average_regret"]),
    }
    return Line(text.format(chances=chances_given, names=listed(quoted(average["worst"])), **says))


# -- posts -----------------------------------------------------------------------------------------


def _plans(document: Document) -> dict[str, Sequence[Document]]:
    """Posts of the plan best on average and of each scenario's own plan, by heading."""
    average = {_("on average"): document["average"]["posts"]}
    return average | {name: plan["posts"] for name, plan in document["own_plans"].items()}


def posts_table(document: Document, year: int) -> Table:
    """Table of a year's new posts: this plan, other plans, differences."""
    others, years = _plans(document), document["years"]
    plans = [
        figure_by_place({"years": [year], "posts": posts}, "posts") for posts in others.values()
    ]
    lines = place_lines(document["posts"])
    columns = [
        Column("place", page="", book=False),
        *place_columns(lines),
        *(Column(key, "fte") for key in _NEW),
        Column("posts_new", "fte", page=_("this plan")),
    ]
    for n, name in enumerate(others):
        columns.append(Column("best_new", "fte", name, f"best{n}", 12, page=name))
        columns.append(Column("best_change", "fte_change", name, f"change{n}", 12))
    rows: list[dict[str, Content]] = []
    best = [f"best{n}" for n in range(len(plans))]
    for line in lines:
        posts = [post for post in document["posts"] if post["year"] == year and line.has(post)]
        new = {f"new_{post['role']}s": post["new_fte"] for post in posts}
        theirs = (plan.get(line.keys[0], 0.0) for plan in plans)
        rows.append({**line.cells, **new, **dict(zip(best, theirs, strict=True))})
    add_up_places(lines, rows, [*best, f"new_{FACILITATOR}s"])
    total = {
        "place": _("Total"),
        columns[1].id: _("Total"),
        **place_totals(lines, rows, [*best, *_NEW]),
    }
    for row in (*rows, total):
        row["posts_new"] = sum_cell(row, _NEW)
        for n, key in enumerate(best):
            ends = cell_number(row, "posts_new"), cell_number(row, key)
            row[f"change{n}"] = difference_cell(*ends, "fte", ("{posts_new}", f"{{{key}}}"))
    title = _(
        "New posts of both roles in {year}, FTE: this plan, the one best on average and the best "
        "for each alone"
    )
    return Table(
        title.format(year=year),
        columns,
        rows,
        total,
        name=f"posts {year}",
        sheet=(
            territory_sheet_name(document["territory"], str(year) if len(years) > 1 else ""),
            _("posts of this plan, line by line, beside those of the best plans"),
        ),
        page=year == years[-1],
        rules=[("bar", _NEW), ("shade", [f"change{n}" for n in range(len(best))])],
    )


def posts_chart(document: Document) -> Chart:
    """Chart of new posts by territory: this plan as columns, other plans as marks."""
    year = document["years"][-1]
    other = _("best plan: {name}")
    return Chart(
        _("New posts in {year}, FTE").format(year=year),
        (_("Chart"), _("new posts of this plan as columns, those of the best plans as marks")),
        f"posts {year}",
        {
            f"new_{FACILITATOR}s": (_("this plan: facilitators"), "#2E75B6"),
            f"new_{COORDINATOR}s": (_("this plan: coordinators"), "#9DC3E6"),
        },
        {f"best{n}": other.format(name=name) for n, name in enumerate(_plans(document))},
    )
