"""Why plans differ, and what each does under the other scenarios: a part of ``compare``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from fte_alloc import words
from fte_alloc.analysis.attribution import POSTS_OF, Attribution
from fte_alloc.analysis.compare import Comparison
from fte_alloc.analysis.cross import Cross, Payoffs
from fte_alloc.report import numbers as show
from fte_alloc.report.cells import KINDS, Cell, Column, Content, Placed, Row, difference, kind_of
from fte_alloc.report.names import territory_words, titles_of
from fte_alloc.report.pages import Grid, Line, Page
from fte_alloc.report.sheets import Book, Sheet
from fte_alloc.report.terminal import WIDTH
from fte_alloc.texts import Lines, visible

#: Kinds of cells of a rate and of its change, in a workbook; other figures have their own.
_KINDS = {"rate": ("fine_rate", "rate_change")}

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
        start, end = (
            KINDS[kind_of(figure)].written(side[figure] or 0.0) for side in (why.start, why.end)
        )
        change = words.BRIDGE_CHANGE.format(start=start, end=end)
        name = figure_name(comparison, figure)
        if figure == "lowest_rate":
            name = words.BRIDGE_LOWEST.format(territory=_territory(comparison))
        heads.append((name, change))
    room = WIDTH - 4 - sum(max(map(len, column)) for column in zip(*heads, strict=True))
    rows = [
        [name, change, Lines("\n".join(map(visible, _folded(_parts(why, figure), room))))]
        for (name, change), figure in zip(heads, why.figures, strict=True)
    ]
    return [Grid(["", "", ""], rows, left_too=(2,)), *map(Line, _about_orders(why))]


def _about_orders(why: Attribution) -> Iterator[str]:
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
    shown, parts = KINDS[kind_of(figure)], why.parts(figure)
    digits, shift = shown.digits, shown.shift
    start, end = (show.rounded(side[figure] or 0.0, digits, shift) for side in (why.start, why.end))
    unit = 10.0**-shift
    amounts = show.adding_up([amount / unit for _, amount, _ in parts], end - start, digits)
    told = []
    for (change, _, error), amount in zip(parts, amounts, strict=True):
        text = show.count_change(amount, digits)
        if error is not None:
            text += " " + words.BRIDGE_ERROR.format(error=show.count(error / unit, digits))
        told.append(words.BRIDGE_PART.format(change=change.label, amount=text))
    return told


def _folded(parts: Sequence[str], width: int) -> list[str]:
    """Parts on as few lines as they take, none broken."""
    lines = [parts[0]]
    for part in parts[1:]:
        longer = lines[-1] + words.BRIDGE_BETWEEN + part
        if len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def figure_name(comparison: Comparison, figure: str) -> str:
    """What a figure that plans are compared by is called."""
    if figure == "lowest_rate":
        codes = {row["territory"] if row else "–" for row in comparison.lowest}
        name = words.RESULT_NAMES["lowest"].format(territory=_territory(comparison))
        return name + (words.LOWEST_SAME.format(code=min(codes)) if len(codes) == 1 else "")
    if figure.startswith(POSTS_OF):
        code = figure.removeprefix(POSTS_OF)
        rows = comparison.baseline.document["posts"]
        name = next((row["name"] for row in rows if row["territory"] == code), "")
        return str(words.BRIDGE_POSTS_OF.format(code=code, name=name))
    names = words.RESULT_NAMES
    return str(names.get(figure) or names[figure.removesuffix("_contracts")])


def _territory(comparison: Comparison) -> str:
    """What the model calls one territory."""
    return territory_words(comparison.baseline.values.get("territory", ""))[0]


def why_sheet(comparison: Comparison, book: Book) -> Sheet:
    """From one plan to another, one group of inputs after the other, a table a figure."""
    sheet = book.sheet(words.BOOK_SHEETS["why"], [50.0, 18.0, 18.0, 60.0])
    sheet.sentence(words.BOOK_WHY_ABOUT, gap=1)
    titles = titles_of(comparison.sides)
    for why in comparison.why:
        ends = {"before": titles[why.before], "after": titles[why.after]}
        for figure in () if why.missing else why.figures:
            says = words.BOOK_WHY.format(figure=figure_name(comparison, figure), **ends)
            sheet.sentence(says, "section")
            kind = kind_of(figure)
            value, change = _KINDS.get(kind, (kind, f"{kind}_change"))
            is_sampled = why.split is not None and why.split.errors is not None
            columns = [Column("group"), Column("amount", change)]
            columns += [Column("error", change)] if is_sampled else []
            start: Row = {"group": ends["before"], "amount": Cell(why.start[figure], kind=value)}
            parts: list[Row] = [
                {"group": part.label, "amount": amount, "error": error}
                for part, amount, error in why.parts(figure)
            ]
            end: Row = {"group": ends["after"], "amount": Cell(why.end[figure], "SUM(<>)", value)}
            sheet.table(columns, [start, *parts], total=end)
    return sheet


# -- each plan under each scenario -----------------------------------------------------------------


def cross_page(comparison: Comparison) -> Page:
    """Each plan under each scenario; one sentence where no scenario values posts differently."""
    cross, titles = comparison.cross, titles_of(comparison.sides)
    if len(cross.scenarios) < 2 or not cross.crosses:
        return []
    broken = {
        plan: [scenario for scenario, limits in row.items() if limits]
        for plan, row in cross.violations.items()
    }
    if cross.is_alike:
        names = [plan for plan, where in broken.items() if where]
        breaks = [words.CROSS_ALIKE_BREAKS.format(names=", ".join(names))] if names else []
        return [Line(" ".join([words.CROSS_ALIKE, *breaks]))]
    rows = [
        [
            titles[plan],
            *(_cell(value, scenario in broken[plan]) for scenario, value in row.items()),
            _most_lost(cross.values, plan),
        ]
        for plan, row in cross.values.items()
    ]
    notes = [words.CROSS_LOST]
    if any(broken.values()):
        notes.append(words.CROSS_BREAKS_MEANING)
    if any(value is None for row in cross.values.values() for value in row.values()):
        notes.append(words.CROSS_NOT_JUDGED_MEANING)
    headings = ["", *(titles[scenario] for scenario in cross.scenarios), words.CROSS_REGRET]
    page: Page = [Line(""), Line(words.CROSS_HEADING, "head"), Grid(headings, rows, fold=(0,))]
    return [*page, *map(Line, (*notes, *_judgement(cross))), Line("")]


def _judgement(cross: Cross) -> Iterator[str]:
    """Which plans another one beats, and which is the safest."""
    if cross.dominated:
        yield words.CROSS_DOMINATED.format(names=", ".join(cross.dominated))
    plans, _ = cross.least_regretted
    if plans:
        lost = _most_lost(cross.values, plans[0])
        yield words.CROSS_LEAST.format(names=", ".join(plans), regret=lost)


def _most_lost(values: Payoffs, plan: str) -> str:
    """The most contracts a plan covers less than a scenario's own best, of the figures as shown."""
    lost = [
        show.rounded(values[scenario][scenario] or 0.0) - show.rounded(value)
        for scenario, value in values[plan].items()
        if value is not None
    ]
    return show.count(max(0.0, *lost)) if lost else str(words.CROSS_NOT_JUDGED)


def _cell(value: float | None, breaks: bool) -> str:
    if value is None:
        return words.CROSS_NOT_JUDGED
    return (words.CROSS_BREAKS if breaks else "") + show.count(value)


def cross_sheet(comparison: Comparison, book: Book) -> Sheet:
    """What each plan reaches under each scenario, what it loses there, and what it breaks."""
    cross, titles = comparison.cross, titles_of(comparison.sides)
    place = {scenario: f"w{n}" for n, scenario in enumerate(cross.scenarios)}
    sheet = book.sheet(words.BOOK_SHEETS["cross"], [36.0, *[18.0] * max(4, len(place))])
    sheet.sentence(words.BOOK_CROSS_ABOUT, gap=1)

    def table(what: str, kind: str, cells: Mapping[str, Mapping[str, Content]]) -> Placed:
        """A line a plan, a column a scenario."""
        sheet.sentence(words.BOOK_CROSS[what], "section")
        columns = [Column(f"{what}_in", kind, titles[name], key) for name, key in place.items()]
        rows: list[Row] = [
            {"plan": titles[plan], **{key: row.get(name) for name, key in place.items()}}
            for plan, row in cells.items()
        ]
        return sheet.table([Column("plan"), *columns], rows)

    values, lines = table("values", "contracts", cross.values), list(cross.values)

    def lost(plan: str, scenario: str) -> Content:
        best, value = cross.values[scenario][scenario], cross.values[plan][scenario]
        if best is None or value is None:
            return None
        ends = [values.place(place[scenario], lines.index(line)) for line in (scenario, plan)]
        cell = difference(best, value, "contracts", (ends[0], ends[1]))
        return replace(cell, kind="contracts")

    table("regrets", "contracts", {p: {w: lost(p, w) for w in place} for p in lines})
    broken = {
        plan: {scenario: float(sum((limits or {}).values())) for scenario, limits in row.items()}
        for plan, row in cross.violations.items()
    }
    if any(count for row in broken.values() for count in row.values()):
        table("violations", "whole", broken)
    for text in _judgement(cross):
        sheet.sentence(text)
    return sheet
