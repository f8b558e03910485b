"""Why plans differ, in words: what each change of inputs did, on a page and in a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fte_alloc import numbers as show
from fte_alloc.language import N_, _
from fte_alloc.names import RESULT_NAMES
from fte_alloc.questions.answer import WIDTH, Grid, Line, Page, Table
from fte_alloc.questions.cells import KINDS, Cell, Column, Row, kind_of
from fte_alloc.questions.compare.compare import Comparison
from fte_alloc.questions.places import lines_of
from fte_alloc.questions.why.attribution import POSTS_OF, Attribution
from fte_alloc.questions.why.shapley import PAIRS
from fte_alloc.questions.wording import shared_territory_words
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
    if any(len(why.changes) > 1 for why in comparison.why):
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
    """Sentences on sampled orders, and on changes that cannot be separated."""
    if why.split and why.split.errors is not None:
        text = _(
            "Averages over {orders} random orders of the changes, each with its standard error (±)."
        )
        yield text.format(orders=2 * PAIRS)
    together = "; ".join(change.label for change in why.changes if len(change.names) > 1)
    for reason in why.obstacles if together else ():
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
    return Table(
        "",
        [],
        [],
        sheet=sheet,
        book=False,
        above=[Line(text), Line("")],
        below=tables,
        widths=[50.0, 18.0, 18.0, 60.0],
    )
