"""Parts of the answer of ``compare``: why plans differ, and each plan under each scenario."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from fte_alloc import numbers as show
from fte_alloc.language import N_, _
from fte_alloc.names import RESULT_NAMES
from fte_alloc.questions.answer import WIDTH, Grid, Line, Page, Table
from fte_alloc.questions.cells import KINDS, Cell, Column, Content, Row, difference, kind_of
from fte_alloc.questions.compare.compare import Comparison
from fte_alloc.questions.compare.cross import Cross, Payoffs
from fte_alloc.questions.places import lines_of
from fte_alloc.questions.why.attribution import POSTS_OF, Attribution
from fte_alloc.questions.wording import quoted, shared_territory_words
from fte_alloc.texts import Lines, visible

BETWEEN = {
    "impossible": N_("no plan is possible"),
    "refused": N_("the scenario makes no sense"),
    "unproved": N_("a plan was not proved best"),
    "failed": N_("the solver failed"),
}
BRIDGE_MISSING = {
    "not_best": N_("Not told for {plan}: it is not the proved best plan of inputs that are known."),
    "no_inputs": N_("Not told for {plan}: its problem was given without the inputs it comes from."),
}

#: Kinds of cells of a figure and its change in a workbook; all other figures have standard kinds.
_KINDS = {"rate": ("fine_rate", "rate_change")}

# -- what each change did --------------------------------------------------------------------------


def bridge_page(comparison: Comparison) -> Page:
    """Lines on the effect of each change of inputs on each figure, per plan against the first."""
    page: Page = []
    titles = comparison.titles
    for why in comparison.why:
        ends = {"after": titles[why.after], "before": titles[why.before]}
        heading = _("Why “{after}” differs from “{before}”").format(**ends)
        page += [Line(heading, "head"), *_bridge(why, comparison), Line("")]
    if any(why.split and not why.split.orders and len(why.changes) > 1 for why in comparison.why):
        text = _(
            "Each change's effect is its average over all orders in which the changes can be made."
        )
        page.insert(-1, Line(text))
    return page


def _bridge(why: Attribution, comparison: Comparison) -> Page:
    if why.missing is not None:
        reason, plan = why.missing
        return [Line(_(BRIDGE_MISSING[reason]).format(plan=plan))]
    if not why.changes:
        return [Line(_("Nothing that decides a plan differs."))]
    heads = []
    for figure in why.figures:
        start, end = (
            KINDS[kind_of(figure)].written(side[figure] or 0.0) for side in (why.start, why.end)
        )
        change = _("{start} → {end}:").format(start=start, end=end)
        name = figure_name(comparison, figure)
        if figure == "lowest_rate":
            name = _("lowest {territory}, points").format(territory=_territory(comparison))
        heads.append((name, change))
    room = WIDTH - 4 - sum(max(map(len, column)) for column in zip(*heads, strict=True))
    rows = [
        [name, change, Lines("\n".join(map(visible, _folded(_parts(why, figure), room))))]
        for (name, change), figure in zip(heads, why.figures, strict=True)
    ]
    return [Grid(["", "", ""], rows, left_too=(2,)), *map(Line, _about_orders(why))]


def _about_orders(why: Attribution) -> Iterator[str]:
    """Sentences on changes that cannot be separated, and on orders if averages leave some out."""
    together = "; ".join(change.label for change in why.changes if len(change.names) > 1)
    orders, sampled = (why.split.orders, why.split.errors is not None) if why.split else (0, False)
    if sampled:
        yield _(
            "Averages over {orders} random orders of the changes, each with its standard error (±)."
        ).format(orders=orders)
    elif orders:
        text = _("Averages over {orders} of the {all} orders in which the changes can be made.")
        yield text.format(orders=orders, all=why.all_orders)
    for reason in why.obstacles:
        if orders and not sampled and reason in ("unproved", "failed"):
            yield _("Orders left out: in between, {reason}.").format(reason=_(BETWEEN[reason]))
        elif together:
            text = _("Told together: {names}. Between some of them {reason}.")
            yield text.format(names=together, reason=_(BETWEEN[reason]))


def _parts(why: Attribution, figure: str) -> list[str]:
    """Texts of the changes and their effects, rounded to add up to the difference shown."""
    shown, parts = KINDS[kind_of(figure)], why.parts(figure)
    digits, shift = shown.digits, shown.shift
    start, end = (show.rounded(side[figure] or 0.0, digits, shift) for side in (why.start, why.end))
    unit = 10.0**-shift
    amounts = show.adding_up([amount / unit for _, amount, _ in parts], end - start, digits)
    told = []
    for (change, __, error), amount in zip(parts, amounts, strict=True):
        text = show.count_change(amount, digits)
        if error is not None:
            text += " " + _("±{error}").format(error=show.count(error / unit, digits))
        told.append(_("{change} {amount}").format(change=change.label, amount=text))
    return told


def _folded(parts: Sequence[str], width: int) -> list[str]:
    """Lines of up to *width* characters, filled with parts that are not broken."""
    lines = [parts[0]]
    for part in parts[1:]:
        longer = lines[-1] + _(" · ") + part
        if len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def figure_name(comparison: Comparison, figure: str) -> str:
    """Name of a compared figure in the language in force."""
    if figure == "lowest_rate":
        codes = {row["territory"] if row else "–" for row in comparison.lowest}
        name = _(RESULT_NAMES["lowest"]).format(territory=_territory(comparison))
        return name + (_(" ({code})").format(code=min(codes)) if len(codes) == 1 else "")
    if figure.startswith(POSTS_OF):
        key, posts = figure.removeprefix(POSTS_OF), comparison.baseline.document["posts"]
        every = (*lines_of(posts, by_area=True), *lines_of(posts))
        label = next((line.label.strip() for line in every if line.keys[0] == key), key)
        return _("{place}, new FTE, both roles").format(place=label)
    names = RESULT_NAMES
    return str(_(names.get(figure, "")) or _(names[figure.removesuffix("_contracts")]))


def _territory(comparison: Comparison) -> str:
    return shared_territory_words(side.values for side in comparison.sides)[0]


def why_sheet(comparison: Comparison) -> Table:
    """Sheet with a table per figure: value of one plan, effects of changes, value of the other."""
    titles, tables = comparison.titles, []
    for why in comparison.why:
        ends = {"before": titles[why.before], "after": titles[why.after]}
        for figure in () if why.missing else why.figures:
            text = _("{figure}: from {before} to {after}")
            says = text.format(figure=figure_name(comparison, figure), **ends)
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
            tables.append(Table(says, columns, [start, *parts], end))
    text = _("What makes the difference, one group of inputs after the other.")
    sheet = (_("Why"), _("what makes the difference between two plans"))
    return _sheet(sheet, text, tables, [50.0, 18.0, 18.0, 60.0])


def _sheet(
    sheet: tuple[str, str], about: str, blocks: Sequence[Line | Table], widths: Sequence[float]
) -> Table:
    above = [Line(about), Line("")]
    return Table("", [], [], sheet=sheet, book=False, above=above, below=blocks, widths=widths)


# -- each plan under each scenario -----------------------------------------------------------------


def cross_page(comparison: Comparison) -> Page:
    """Table of each plan under each scenario; a sentence where all scenarios give equal values."""
    cross, titles = comparison.cross, comparison.titles
    if len(cross.scenarios) < 2 or not cross.crosses:
        return []
    broken = {
        plan: [scenario for scenario, limits in row.items() if limits]
        for plan, row in cross.violations.items()
    }
    if cross.is_alike:
        names = quoted(titles[plan] for plan, where in broken.items() if where)
        text = _("Limits of other scenarios are broken by: {names}.")
        breaks = [text.format(names=", ".join(names))] if names else []
        text = _(
            "These scenarios differ in limits or objectives only: a plan covers the same number of "
            "contracts under each of them."
        )
        return [Line(" ".join([text, *breaks]))]
    rows = [
        [
            titles[plan],
            *(
                _("–") if value is None else _("*") * (name in broken[plan]) + show.count(value)
                for name, value in row.items()
            ),
            _most_lost(cross.values, plan),
        ]
        for plan, row in cross.values.items()
    ]
    notes = _(
        "Most lost: contracts fewer than a scenario's own best plan covers, at most; *: breaks "
        "limits of that scenario; –: not judged, its years or posts are others."
    )
    headings = ["", *(titles[scenario] for scenario in cross.scenarios), _("most lost")]
    text = _("Each plan under each scenario: contracts it would cover")
    page: Page = [Line(""), Line(text, "head"), Grid(headings, rows, fold=(0,))]
    return [*page, *map(Line, (notes, *_judgement(cross, titles))), Line("")]


def _judgement(cross: Cross, titles: Mapping[str, str]) -> Iterator[str]:
    """Sentences on the dominated plans and on the plans with the least greatest regret."""
    if cross.dominated:
        yield _(
            "Never better than some other plan, and somewhere worse, where breaking limits is "
            "worst: {names}."
        ).format(names=", ".join(quoted(titles[name] for name in cross.dominated)))
    plans, __ = cross.least_regretted
    if plans:
        lost = _most_lost(cross.values, plans[0])
        yield _(
            "Safest of the plans that keep all limits: {names}; contracts lost at most: {regret}."
        ).format(names=", ".join(quoted(titles[name] for name in plans)), regret=lost)


def _most_lost(values: Payoffs, plan: str) -> str:
    """Greatest regret of a plan over all scenarios as text, from rounded numbers of contracts."""
    lost = [
        show.rounded(values[scenario][scenario] or 0.0) - show.rounded(value)
        for scenario, value in values[plan].items()
        if value is not None
    ]
    return show.count(max(0.0, *lost)) if lost else _("–")


def cross_sheet(comparison: Comparison) -> Table:
    """Sheet of the contracts covered and the regret of each plan under each scenario."""
    cross, titles = comparison.cross, comparison.titles
    place = {scenario: f"w{n}" for n, scenario in enumerate(cross.scenarios)}
    plans = list(cross.values)

    def table(what: str, title: str, cell: Callable[[str, str], Content]) -> Table:
        """Table with a line per plan and a column per scenario."""
        columns = [
            Column(f"{what}_in", "contracts", titles[name], key) for name, key in place.items()
        ]
        rows: list[Row] = [
            {"plan": titles[plan], **{key: cell(plan, name) for name, key in place.items()}}
            for plan in plans
        ]
        return Table(title, [Column("plan"), *columns], rows, name=f"cross {what}")

    def lost(plan: str, scenario: str) -> Content:
        best, value = cross.values[scenario][scenario], cross.values[plan][scenario]
        if best is None or value is None:
            return None
        own, this = (
            f"{{cross values:{place[scenario]}#{plans.index(p)}}}" for p in (scenario, plan)
        )
        return replace(difference(best, value, "contracts", (own, this)), kind="contracts")

    fewer = _("Contracts lost against the best plan for that scenario")
    tables = [
        table("values", _("Contracts covered"), lambda p, s: cross.values[p][s]),
        table("regrets", fewer, lost),
    ]
    text = _("Each plan (line) judged under the inputs of each scenario (column).")
    below: list[Line | Table] = [*tables, *map(Line, _judgement(cross, titles))]
    widths = [36.0, *[18.0] * max(4, len(place))]
    sheet = (_("Other scenarios"), _("every plan judged under the inputs of every other"))
    return _sheet(sheet, text, below, widths)
