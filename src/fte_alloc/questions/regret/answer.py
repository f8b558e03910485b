"""The answer of ``regret``: regrets of the safe plan, and its posts beside those of other plans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from fte_alloc import numbers as show
from fte_alloc.language import _, listed, quoted
from fte_alloc.programme.data import ROLES
from fte_alloc.questions.answer import Answer, Line, Table
from fte_alloc.questions.cells import Cell, Column, Content, Row, cell_value, difference_cell
from fte_alloc.questions.compare.answer import broken_limits, inputs_table
from fte_alloc.questions.compare.compare import Comparison
from fte_alloc.questions.document import Document, document_title, figures_by_place
from fte_alloc.questions.inputs_in_words import assumed_figures_lines, assumptions
from fte_alloc.questions.places import place_lines, place_sheet_name, places_table
from fte_alloc.questions.sides import side_of
from fte_alloc.questions.solve.answer import posts_chart

if TYPE_CHECKING:
    from fte_alloc.questions.regret.regret import Regret

#: Regrets below this count as none [contracts].
_NOTHING = 0.001


def regret_answer(document: Document, regret: Regret | None = None) -> Answer:
    """The answer of ``regret``; a workbook lists the inputs of the result, if that is given."""
    titles, notes = _titles(document), []
    if not (document["same_units"] or document["relative"]):
        text = _(
            "Units      The scenarios weigh contracts differently, so that their regrets are in "
            "different units; --relative measures each by its own optimum."
        )
        notes.append(Line(text, "warn"))
    text = _(
        "Regret     What the best plan for a scenario covers there and another does not, effort "
        "split anew. This plan keeps every limit of every scenario."
    )
    broken = {
        plan: {
            name: [limit["constraint"] for limit in by["violations"]]
            for name, by in own["by_scenario"].items()
        }
        for plan, own in document["own_plans"].items()
    }
    posts = [_posts(document, titles, year) for year in document["years"]]
    own = regret.own if regret else {}
    sides = tuple(side_of(own[n].document, own[n].problem, n) for n in titles if own)
    comparison = Comparison(sides)
    inputs = document["inputs"].get(min(document["scenarios"]), {})
    inputs = {**inputs, "values": {"territory": document["territory"]}}
    title = _("A safe plan for {names}").format(names=listed(quoted(titles.values())))
    return Answer(
        title,
        [
            *_head(document, titles, title),
            Line(""),
            *_regrets(document, titles),
            *broken_limits(broken, titles),
            Line(""),
            *posts,
            Line(""),
            _average(document, titles),
            *notes,
            Line(text),
            *assumed_figures_lines({**document, "inputs": inputs}),
            inputs_table(comparison),
        ],
        sheets=[
            *posts,
            posts_chart(document["years"][-1]),
            assumptions(sides, comparison.all_inputs, comparison.inputs),
        ],
    )


def _titles(document: Document) -> dict[str, str]:
    """Titles of the scenarios by name; their names where it has none or two are alike."""
    titles = {name: document_title(by) or name for name, by in document["by_scenario"].items()}
    return titles if len({*titles.values()}) == len(titles) else {name: name for name in titles}


# -- what is claimed -------------------------------------------------------------------------------


def _head(document: Document, titles: Mapping[str, str], title: str) -> list[Line]:
    """Title with the proved bound, and the sentence on the largest regret and its scenarios."""
    is_proved, bound = document["status"] == "optimal", document["lower_bound"]
    says = _("STOPPED, NOT PROVED: a plan may keep the largest regret down to {bound}")
    if is_proved:
        says = _("PROVED: no plan keeps the largest regret below {bound}")
        if document["proof"] == "solver":
            says = _("BEST by the solver's bound: no plan in steps keeps the largest below {bound}")
    claim = says.format(bound=_regret_text(document, bound, least=True))
    text = _("Loses      nothing: in every scenario it is as good as the best plan there.")
    by_scenario = document["by_scenario"].values()
    if any(by["regret"] >= _NOTHING for by in by_scenario):
        # Not below any regret that the table shows.
        largest = max(document["largest_regret"], *map(partial(_regret, document), by_scenario))
        text = _("Loses      at most {regret}, whichever scenario comes true; most in {names}.")
        worst = listed(quoted(titles[name] for name in document["worst"]))
        text = text.format(regret=_regret_with_unit(document, largest), names=worst)
    return [Line(title, "good" if is_proved else "warn", right=claim), Line(text)]


def _regret_text(document: Document, value: float, *, least: bool = False) -> str:
    """A regret as text, rounded up; rounded down where it is the *least* possible regret."""
    rounded = show.at_least if least else show.at_most
    if document["relative"]:
        return _("{number}%").format(number=rounded(100 * value, 3))
    return rounded(value)


def _regret_with_unit(document: Document, value: float) -> str:
    """A regret as text, rounded up, with its unit."""
    amount = _regret_text(document, value)
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


def _regrets(document: Document, titles: Mapping[str, str]) -> list[Line | Table]:
    """Table by scenario: optimum, value and regret of this plan, regret of each scenario's plan."""
    relative, unit = document["relative"], unit_of(document)
    counted, name = unit == "contracts", show.unit_after(2.0, unit)
    whole = "tenths" if counted else "weighted"
    measure, kind = ("relative_regret", "fine_rate") if relative else ("regret", whole)
    headings = (None, _("regret")) if relative else (_("regret"), None)
    by_one = [
        Column("scenario_best_counted", "tenths", key="optimum_contracts", page=_("its best plan")),
        Column("scenario_value_counted", "tenths", key="value_contracts", page=_("this plan")),
    ]
    columns = [
        Column("scenario_name", page=""),
        Column("scenario_best", whole, name, "optimum", page=_("optimum")),
        Column("scenario_value", whole, name, "value", page=_("this plan")),
        Column("scenario_regret", whole, name, "regret", page=headings[0]),
        Column("scenario_share", "fine_rate", key="relative_regret", page=headings[1]),
        Column("scenario_chance", "rate", key="probability"),
        *(Column("scenario_other", kind, titles[n], f"own {n}", page=titles[n]) for n in titles),
        *(replace(column, page=None) for column in by_one if not counted),
    ]
    rows = list[Row]()
    for scenario, by in document["by_scenario"].items():
        share, ends = by["relative_regret"], ("{optimum}", "{value}")
        row = {
            **by,
            "scenario_name": titles[scenario],
            "regret": replace(difference_cell(by["optimum"], by["value"], whole, ends), kind=whole),
            "relative_regret": None if share is None else Cell(share, "1-{value}/{optimum}"),
        }
        for name_of, plan in document["own_plans"].items():
            there = plan["by_scenario"][scenario]
            breaks = Cell(_("breaks"), style="bad")
            row[f"own {name_of}"] = breaks if there["violations"] else there[measure]
        rows.append(row)
    others = [f"own {n}" for n in titles]
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


# -- beside it -------------------------------------------------------------------------------------


def _average(document: Document, titles: Mapping[str, str]) -> Line:
    """Sentence on the regrets of the plan best on average, and on the safe plan's mean regret."""
    average = document["average"]
    chances = {titles[name]: by["probability"] for name, by in document["by_scenario"].items()}
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
    text = text.format(
        chances=chances_given,
        average=_regret_with_unit(document, average["average_regret"]),
        largest=_regret_text(document, average["largest_regret"]),
        names=listed(quoted(titles[name] for name in average["worst"])),
        safe=_regret_text(document, document["average_regret"]),
    )
    return Line(text)


def _posts(document: Document, titles: Mapping[str, str], year: int) -> Table:
    """Table of a year's new posts: this plan, and differences of the other plans to it."""

    def new(plan: Document, roles: tuple[str, ...] = ROLES) -> dict[str, float]:
        posts = [post for post in plan["posts"] if post["role"] in roles]
        return figures_by_place({"years": [year], "posts": posts}, "posts")

    plans = [(_("this plan"), new(document)), (_("on average"), new(document["average"]))]
    plans += [(title, new(document["own_plans"][name])) for name, title in titles.items()]
    years = document["years"]
    name = place_sheet_name(document["territory"], str(year) if len(years) > 1 else "")
    holds = _("posts of this plan, line by line, and what the best plans change")
    parts = {f"new_{role}s": new(document, (role,)) for role in ROLES}
    lines = place_lines(document["posts"])
    table = places_table(lines, "posts", plans, (name, holds), parts, f"posts {year}")
    title = _("New posts of both roles in {year}, FTE: the first plan, then changes to it")
    return replace(table, title=title.format(year=year), page=year == years[-1])
