"""Why plans differ, and what they do in other worlds: the parts of ``compare`` about that."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from fte_alloc import words
from fte_alloc.analysis.attribution import POSTS_OF, Attribution
from fte_alloc.analysis.compare import Comparison
from fte_alloc.analysis.cross import Payoffs
from fte_alloc.report import numbers as show
from fte_alloc.report.names import territory_words
from fte_alloc.report.pages import Grid, Line, Page
from fte_alloc.report.terminal import WIDTH
from fte_alloc.texts import Lines, visible


@dataclass(frozen=True)
class _Manner:
    """How a figure is shown: itself, and a change to some digits; ``shift`` as in ``rounded``."""

    value: Callable[[float], str]
    change: Callable[[float, int], str]
    digits: int = 0
    shift: int = 0


_MANNERS = {
    "lowest_rate": _Manner(show.rate, show.count_change, 1, 2),
    "new_fte": _Manner(show.fte, show.count_change, 1),
}
_COUNT = _Manner(show.count, show.count_change)


# -- what each change did --------------------------------------------------------------------------


def bridge_page(comparison: Comparison) -> Page:
    """What each change did to each figure, for every plan against the first."""
    page: Page = []
    for why in comparison.why:
        heading = words.BRIDGE_HEADING.format(after=why.after, before=why.before)
        page += [Line(heading, "head"), *_bridge(why, comparison), Line("")]
    if any(why.split and not why.split.orders and len(why.changes) > 1 for why in comparison.why):
        page.insert(-1, Line(words.BRIDGE_SHAPLEY))
    return page


def _bridge(why: Attribution, comparison: Comparison) -> Page:
    if why.missing is not None:
        reason, plan = why.missing
        return [Line(words.BRIDGE_MISSING[reason].format(plan=plan))]
    if not why.changes:
        return [Line(words.BRIDGE_NOTHING)]
    heads = []
    for figure in why.figures:
        manner = _manner(figure)
        start, end = (manner.value(side[figure] or 0.0) for side in (why.start, why.end))
        heads.append((_name(figure, comparison), words.BRIDGE_CHANGE.format(start=start, end=end)))
    room = WIDTH - 4 - sum(max(map(len, column)) for column in zip(*heads, strict=True))
    rows = [
        [name, change, Lines("\n".join(map(visible, _folded(_parts(why, figure), room))))]
        for (name, change), figure in zip(heads, why.figures, strict=True)
    ]
    page: Page = [Grid(["", "", ""], rows, left_too=(2,))]
    return [*page, *map(Line, _told_of_orders(why))]


def _told_of_orders(why: Attribution) -> Iterator[str]:
    """What cannot be told apart, and which orders the averages are over where not all."""
    together = "; ".join(change.label for change in why.changes if len(change.names) > 1)
    orders, sampled = (why.split.orders, why.split.errors is not None) if why.split else (0, False)
    if sampled:
        yield words.BRIDGE_SAMPLED.format(orders=orders)
    elif orders:
        yield words.BRIDGE_ORDERS_LEFT.format(orders=orders, all=why.all_orders)
    for reason in why.obstacles:
        if orders and not sampled and reason in words.BRIDGE_LEFT_OUT:
            yield words.BRIDGE_LEFT_OUT[reason]
        elif together:
            yield words.BRIDGE_TOGETHER[reason].format(names=together)


def _parts(why: Attribution, figure: str) -> list[str]:
    """Each change with its amount; as shown, they add up to the difference shown."""
    manner, parts = _manner(figure), why.parts(figure)
    ends = [
        show.rounded(side[figure] or 0.0, manner.digits, manner.shift)
        for side in (why.start, why.end)
    ]
    unit = 10.0**-manner.shift
    amounts = show.adding_up(
        [amount / unit for _, amount, _ in parts], ends[1] - ends[0], manner.digits
    )
    told = []
    for (change, _, error), amount in zip(parts, amounts, strict=True):
        text = manner.change(amount, manner.digits)
        if error is not None:
            said = show.count(error / unit, manner.digits)
            text += " " + words.BRIDGE_ERROR.format(error=said)
        told.append(words.BRIDGE_PART.format(change=change.label, amount=text))
    return told


def _folded(parts: Sequence[str], width: int) -> list[str]:
    """Parts on as few lines as they take, none broken."""
    between = words.BRIDGE_BETWEEN
    lines = [parts[0]]
    for part in parts[1:]:
        longer = lines[-1] + between + part
        if len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def _manner(figure: str) -> _Manner:
    return _MANNERS["new_fte"] if figure.startswith(POSTS_OF) else _MANNERS.get(figure, _COUNT)


def _name(figure: str, comparison: Comparison) -> str:
    if figure == "lowest_rate":
        one, _, _ = territory_words(str(comparison.baseline.values.get("territory", "territory")))
        return words.BRIDGE_LOWEST.format(territory=one)
    if figure.startswith(POSTS_OF):
        code = figure.removeprefix(POSTS_OF)
        rows = comparison.baseline.document["posts"]
        name = next((row["name"] for row in rows if row["territory"] == code), "")
        return words.BRIDGE_POSTS_OF.format(code=code, name=name)
    return words.RESULT_NAMES[figure]


# -- in other worlds -------------------------------------------------------------------------------


def cross_page(comparison: Comparison) -> Page:
    """Each plan under each scenario; one sentence where no scenario values posts differently."""
    cross = comparison.cross
    if len(cross.worlds) < 2 or not cross.crosses:
        return []
    broken = {
        plan: [world for world, limits in row.items() if limits]
        for plan, row in cross.violations.items()
    }
    if cross.is_alike:
        names = [plan for plan, where in broken.items() if where]
        breaks = [words.CROSS_ALIKE_BREAKS.format(names=", ".join(names))] if names else []
        return [Line(" ".join([words.CROSS_ALIKE, *breaks]))]
    rows, most = [], {}
    for plan, row in cross.values.items():
        cells = [_cell(value, world in broken[plan]) for world, value in row.items()]
        most[plan] = most_lost(cross.values, plan)
        rows.append([plan, *cells, most[plan]])
    notes = [words.CROSS_LOST]
    if any(broken.values()):
        notes.append(words.CROSS_BREAKS_MEANING)
    if any(value is None for row in cross.values.values() for value in row.values()):
        notes.append(words.CROSS_NOT_JUDGED_MEANING)
    if cross.dominated:
        beaten = ", ".join(cross.dominated)
        notes.append(words.CROSS_DOMINATED.format(names=beaten))
    plans, _ = cross.least_regretted
    if plans:
        notes.append(words.CROSS_LEAST.format(names=", ".join(plans), regret=most[plans[0]]))
    headings = ["", *cross.worlds, words.CROSS_REGRET]
    page: Page = [Line(""), Line(words.CROSS_HEADING, "head"), Grid(headings, rows)]
    return [*page, *map(Line, notes), Line("")]


def most_lost(values: Payoffs, plan: str) -> str:
    """The most contracts a plan covers less than a scenario's own best, of the figures as shown."""
    lost = [
        show.rounded(values[world][world] or 0.0) - show.rounded(value)
        for world, value in values[plan].items()
        if value is not None
    ]
    return show.count(max(0.0, *lost)) if lost else str(words.CROSS_NOT_JUDGED)


def _cell(value: float | None, breaks: bool) -> str:
    if value is None:
        return words.CROSS_NOT_JUDGED
    return (words.CROSS_BREAKS if breaks else "") + show.count(value)
