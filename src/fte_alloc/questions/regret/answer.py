"""The plan regretted least: what it loses where, and its posts beside those of other plans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from fte_alloc import numbers as show
from fte_alloc.language import _
from fte_alloc.names import LIMIT_NAMES, of_limit
from fte_alloc.questions.answer import Answer, Grid, Line, Page, Table
from fte_alloc.questions.cells import Cell, Column, Content, Row, difference, value_of
from fte_alloc.questions.claims import regional_lines
from fte_alloc.questions.compare.answer import inputs_table
from fte_alloc.questions.compare.compare import Comparison
from fte_alloc.questions.inputs_tables import assumptions, input_keys
from fte_alloc.questions.regret.posts import posts_chart, posts_table
from fte_alloc.questions.results import Document, side_of
from fte_alloc.questions.wording import listed, others, quoted, title_of

if TYPE_CHECKING:
    from fte_alloc.questions.regret.document import Regret


#: Names of scenarios stand in the title while there are no more of them.
_FEW = 3
#: Less than this is nothing [contracts].
_NOTHING = 0.001
#: Limits that plans break elsewhere are told for so many plans.
_MOST_BROKEN = 4


def regret_answer(document: Document, regret: Regret | None = None) -> Answer:
    """The answer of ``regret``.

    document : as ``fte-alloc/regret/1``
    regret : what it was made of, for the inputs in a workbook; pages do without
    """
    one = document["inputs"].get(min(document["scenarios"]), {})
    document, beside = _titled(document), list[Line | Grid]()
    if not _is_nothing(document):
        beside.append(_average(document))
        text = _(
            "Units      The scenarios weigh contracts differently, so that their regrets are in "
            "different units; --relative measures each by its own optimum."
        )
        beside += [] if document["same_units"] else [Line(text, "warn")]
    posts = [posts_table(document, year) for year in document["years"]]
    plans = regret.own.items() if regret else ()
    own = tuple(side_of(plan.document, plan.problem, name) for name, plan in plans)
    comparison = Comparison(own)
    every_input = assumptions(own, comparison.all_inputs, comparison.inputs)
    inputs = {**one, "values": {"territory": document["territory"]}}
    text = _(
        "Regret     What the best plan for a scenario covers there and another does not, effort "
        "split anew. This plan keeps every limit of every scenario."
    )
    return Answer(
        _("A safe plan for {names}").format(names=", ".join(document["scenarios"])),
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
            Line(text),
            *regional_lines({**document, "inputs": inputs}),
            inputs_table(comparison),
        ],
        sheets=[*posts, posts_chart(document), every_input],
        dictionary=input_keys([side.document for side in own]),
    )


def _titled(document: Document) -> Document:
    """The same document, its scenarios called by their titles where these tell them apart."""
    given = {name: title_of(by) for name, by in document["by_scenario"].items()}
    if len({*filter(None, given.values())}) < len(given):
        return document

    def renamed(part: Any, key: str) -> Any:
        if isinstance(part, Mapping):
            names = given if key in ("by_scenario", "own_plans") else {}
            return {names.get(k, k): renamed(of, "" if names else k) for k, of in part.items()}
        return [given[name] for name in part] if key in ("scenarios", "worst") else part

    told = ("scenarios", "worst", "by_scenario", "own_plans", "average")
    return {**document, **{key: renamed(document[key], key) for key in told}}


# -- what is claimed -------------------------------------------------------------------------------


def _head(document: Document) -> Page:
    """What the plan loses at most, where, and the proof that none loses less."""
    names, worst = document["scenarios"], document["worst"]
    by_scenario = document["by_scenario"].values()
    title = _("A safe plan for {count} scenarios").format(count=len(names))
    if len(names) <= _FEW:
        title = _("A safe plan for {names}").format(names=listed(quoted(names)))
    is_proved, bound = document["status"] == "optimal", document["lower_bound"]
    text = _("STOPPED, NOT PROVED: a plan may keep the largest regret down to {bound}")
    says = _("PROVED: no plan keeps the largest regret below {bound}") if is_proved else text
    if is_proved and _in_steps(document):
        says = _("BEST by the solver's bound: no plan in steps keeps the largest below {bound}")
    claim = says.format(bound=_limit(document, bound, least=True))
    optima_proved = all(by.get("proof") != "solver" for by in by_scenario)
    if is_proved and optima_proved and _is_nothing(document):
        amount = _measured({**document, "relative": False}, show.count(_NOTHING, 3), 0.0)
        claim = _("PROVED: less than {amount} are lost anywhere").format(amount=amount)
    page: Page = [Line(title, "good" if is_proved else "warn", right=claim)]
    if _is_nothing(document):
        text = _("Loses      nothing: in every scenario it is as good as the best plan there.")
        return [*page, Line(text)]
    # No less than any that is shown.
    largest = max(document["largest_regret"], *map(partial(_regret, document), by_scenario))
    regret = _measured(document, _limit(document, largest), largest)
    text = _("Loses      at most {regret}, whichever scenario comes true; most in {names}.")
    return [*page, Line(text.format(regret=regret, names=listed(quoted(worst))))]


def _in_steps(document: Document) -> bool:
    """Whether posts come in steps, so that the bound is the solver's."""
    return document.get("proof") == "solver"


def _limit(document: Document, value: float, *, least: bool = False) -> str:
    """A regret as a limit: rounded up, or down where it is the *least* there can be."""
    rounded = show.at_least if least else show.at_most
    if document["relative"]:
        return _("{number}%").format(number=rounded(100 * value, 3))
    return rounded(value)


def _measured(document: Document, amount: str, value: float) -> str:
    """A regret with what it is counted in."""
    if document["relative"]:
        return _("{amount} of the optimum").format(amount=amount)
    return f"{amount} {show.unit_after(value, unit_of(document))}"


def unit_of(document: Document) -> str:
    """What optima are counted in: weighted contracts as soon as one scenario's are."""
    return max((by["unit"] for by in document["by_scenario"].values()), key=len)


def _regret(document: Document, by: Document) -> float:
    """What this plan loses in a scenario: of the figures shown beside it, or as a share."""
    if document["relative"]:
        return float(by["relative_regret"])
    return show.rounded(by["optimum"], 1) - show.rounded(by["value"], 1)


def _is_nothing(document: Document) -> bool:
    """Whether every regret is below the smallest one that counts."""
    return all(by["regret"] < _NOTHING for by in document["by_scenario"].values())


# -- scenario by scenario --------------------------------------------------------------------------


def _regrets(document: Document) -> Table:
    """Each scenario: its optimum, this plan, its regret, and that of every scenario's own plan."""
    own, relative, unit = document["own_plans"], document["relative"], unit_of(document)
    counted, name = unit == "contracts", show.unit_after(2.0, unit)
    whole = "tenths" if counted else "weighted"
    measure, kind = ("relative_regret", "fine_rate") if relative else ("regret", whole)
    others = {f"own{n}": plan for n, plan in enumerate(own.values())}
    columns = [
        Column("scenario_name", page=""),
        Column("scenario_best", whole, name, page=_("optimum")),
        Column("scenario_value", whole, name, page=_("this plan")),
        Column("scenario_regret", whole, name, page=None if relative else _("regret")),
        Column("scenario_share", "fine_rate", page=_("regret") if relative else None),
        Column("scenario_chance", "rate"),
        *(
            Column("scenario_other", kind, other, f"own{n}", page=other)
            for n, other in enumerate(own)
        ),
    ]
    if not counted:
        columns += [Column(f"scenario_{key}_counted", "tenths") for key in ("best", "value")]
    rows: list[Row] = []
    for scenario, by in document["by_scenario"].items():
        share, ends = by["relative_regret"], ("{scenario_best}", "{scenario_value}")
        lost = replace(difference(by["optimum"], by["value"], whole, ends), kind=whole)
        row: dict[str, Content] = {
            "scenario_name": scenario,
            "scenario_best": by["optimum"],
            "scenario_value": by["value"],
            "scenario_regret": lost,
            "scenario_share": None
            if share is None
            else Cell(share, "1-{scenario_value}/{scenario_best}"),
            "scenario_chance": by["probability"],
            "scenario_best_counted": by["optimum_contracts"],
            "scenario_value_counted": by["value_contracts"],
        }
        for key, plan in others.items():
            there = plan["by_scenario"][scenario]
            breaks = Cell(_("breaks"), style="bad")
            row[key] = breaks if there["violations"] else there[measure]
        rows.append(row)
    most: dict[str, Content] = {"scenario_name": _("Largest regret")}
    for key in ("scenario_regret", "scenario_share", *others):
        figures = [value for row in rows if isinstance(value := value_of(row[key]), float)]
        if len(figures) == len(rows):
            most[key] = Cell(max(figures), "MAX(<>)")
        elif key in others:
            most[key] = _("breaks")
    compared = ("scenario_share" if relative else "scenario_regret", *others)
    title = _(
        "Weighted contracts, and the regret of this plan and of the best for each scenario alone"
    )
    if counted:
        title = _(
            "Contracts, and the regret of this plan and of the plan best for each scenario alone"
        )
    return Table(title, columns, rows, most, rules=[("bar", compared)])


def _counted(document: Document) -> list[Line | Table]:
    """Contracts that this plan and every scenario's own cover, where some weigh more."""
    if unit_of(document) == "contracts":
        return []
    own = document["own_plans"]
    headings = ["", _("this plan"), *own]
    columns = [Column(name, "tenths", page=name, book=False) for name in headings]
    rows = [
        {"": name, headings[1]: by["value_contracts"]}
        | {
            other: _("breaks") if found["violations"] else found["contracts"]
            for other, plan in own.items()
            if (found := plan["by_scenario"][name])
        }
        for name, by in document["by_scenario"].items()
    ]
    text = _("Contracts covered, each counting as one")
    return [Line(""), Table(text, columns, rows, book=False)]


def _broken(document: Document) -> Page:
    """Which limits the plans break that are best for one scenario and not possible in another."""
    found = []
    for name, plan in document["own_plans"].items():
        for other, by in plan["by_scenario"].items():
            if by["violations"]:
                first, *more = by["violations"]
                said = _(
                    "breaks     in “{other}”, the plan for “{scenario}” breaks {limit}{others}."
                )
                says = {"limit": of_limit(LIMIT_NAMES, first["constraint"]), "scenario": name}
                found.append(said.format(other=other, others=others(len(more)), **says))
    if not found:
        return []
    told = found[:_MOST_BROKEN]
    if len(found) > len(told):
        said = _("           … and {count} more such cases (--format json lists them).")
        told[-1] = said.format(count=len(found) - len(told) + 1)
    return [Line(text) for text in told]


# -- beside it -------------------------------------------------------------------------------------


def _average(document: Document) -> Line:
    """The plan best on average, and what the safe one loses on average."""
    average = document["average"]
    chances = {name: by["probability"] for name, by in document["by_scenario"].items()}
    told = _("all scenarios equally likely")
    if max(chances.values()) - min(chances.values()) > 1e-9:
        told = listed(
            _("{scenario} at {share}").format(scenario=name, share=show.rate(share, 0))
            for name, share in chances.items()
        )
    text = _(
        "Average    with {chances}, the best plan found loses {average}, and up to {largest} in "
        "{names}; the safe one loses {safe} on average."
    )
    if document["status"] == "optimal" and not _in_steps(document):
        text = _(
            "Average    with {chances}, the best plan loses {average}, proved, and up to {largest} "
            "in {names}; the safe one loses {safe} on average."
        )
    lost = average["average_regret"]
    says = {
        "average": _measured(document, _limit(document, lost), lost),
        "largest": _limit(document, average["largest_regret"]),
        "safe": _limit(document, document["average_regret"]),
    }
    return Line(text.format(chances=told, names=listed(quoted(average["worst"])), **says))
