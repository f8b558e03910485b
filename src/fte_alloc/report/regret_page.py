"""The plan regretted least, on a page of 100 columns: what it loses where, which posts it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fte_alloc import words
from fte_alloc.analysis.side import new_posts
from fte_alloc.report import numbers as show
from fte_alloc.report.pages import Grid, Line, Page
from fte_alloc.report.plan_page import regional_line

Document = Mapping[str, Any]
#: Names of scenarios stand in the title while there are no more of them.
_FEW = 3
#: Less than this is nothing [contracts].
_NOTHING = 0.001
#: Limits that plans break elsewhere are told for so many plans.
_MOST_BROKEN = 4


def regret_page(document: Document) -> Page:
    """The page of ``regret``."""
    beside: Page = []
    if not _is_nothing(document):
        beside.append(_average(document))
        beside += [] if document["same_units"] else [Line(words.REGRET_UNITS, "warn")]
    return [
        *_head(document),
        Line(""),
        Line(words.REGRET_GRID[unit_of(document)], "head"),
        _grid(document),
        *_counted(document),
        *_broken(document),
        Line(""),
        *_posts(document),
        Line(""),
        *beside,
        Line(words.REGRET_MEANS),
        *_assumed(document),
    ]


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


def _grid(document: Document) -> Grid:
    """Each scenario: its optimum, this plan, its regret, and that of every scenario's own plan."""
    own, key = document["own_plans"], "relative_regret" if document["relative"] else "regret"
    rows = [
        [
            name,
            show.count(by["optimum"], 1),
            show.count(by["value"], 1),
            _told(document, _regret(document, by)),
            *(_told(document, own[other]["by_scenario"][name][key]) for other in own),
        ]
        for name, by in document["by_scenario"].items()
    ]
    largest = [_told(document, plan["largest_regret"]) for plan in own.values()]
    rows.append(
        [words.REGRET_LARGEST, "", "", _told(document, max(_shown_regrets(document))), *largest]
    )
    return Grid([*words.REGRET_HEADINGS, *own], rows, total=True)


def _counted(document: Document) -> Page:
    """Contracts that this plan and every scenario's own cover, where some weigh more."""
    if unit_of(document) == "contracts":
        return []
    own = document["own_plans"]
    rows = [
        [
            name,
            show.count(by["value_contracts"], 1),
            *(
                words.REGRET_BREAKS if found["violations"] else show.count(found["contracts"], 1)
                for found in (plan["by_scenario"][name] for plan in own.values())
            ),
        ]
        for name, by in document["by_scenario"].items()
    ]
    headings = ["", words.REGRET_HEADINGS[2], *own]
    return [Line(""), Line(words.REGRET_GRID_COUNTED, "head"), Grid(headings, rows)]


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


def _posts(document: Document) -> Page:
    """New posts of the last year: this plan, the best on average, each scenario's own."""
    years, own = document["years"], document["own_plans"]
    plans = [
        new_posts({"years": years, "posts": rows})
        for rows in (document["posts"], document["average"]["posts"])
    ]
    plans += [new_posts({"years": years, "posts": plan["posts"]}) for plan in own.values()]
    names = {row["territory"]: row["name"] for row in reversed(document["posts"])}
    rows = [
        [f"{code} {names[code]}", *(show.fte(plan[code]) for plan in plans)]
        for code in sorted(names)
    ]
    rows.append([words.COUNTRY, *(show.fte(sum(plan.values())) for plan in plans)])
    heading = words.REGRET_POSTS
    if len(years) > 1:
        heading = words.REGRET_POSTS_IN.format(year=years[-1])
    grid = Grid([*words.REGRET_POST_HEADINGS, *own], rows, total=True)
    return [Line(heading, "head"), grid]


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
    return regional_line({"regional_figures": document["regional_figures"], "inputs": named})
