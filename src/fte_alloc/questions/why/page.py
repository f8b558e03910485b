"""Why plans differ, in words: what each change of inputs did, on a page and in a workbook."""

from __future__ import annotations

from collections.abc import Iterator

from fte_alloc import numbers as show
from fte_alloc.language import N_, _
from fte_alloc.names import RESULT_NAMES
from fte_alloc.questions.answer import Grid, Line, Page, Table, wrapped
from fte_alloc.questions.cells import KINDS, Cell, Column, Content, cell_kind
from fte_alloc.questions.compare.compare import Comparison
from fte_alloc.questions.places import place_lines, shared_territory_words
from fte_alloc.questions.why.attribution import POSTS_OF, Attribution
from fte_alloc.questions.why.shapley import PAIRS

BETWEEN = {
    "impossible": N_("no plan is possible"),
    "refused": N_("the scenario makes no sense"),
    "unproved": N_("a plan was not proved best"),
    "failed": N_("the solver failed"),
}


def why_page(comparison: Comparison) -> Page:
    """Lines on the effect of each change of inputs on each figure, per plan against the first."""
    page: Page = []
    for why in comparison.why:
        page += [Line(_title(why, comparison), "head"), *_bridge(why, comparison), Line("")]
    if any(len(why.changes) > 1 for why in comparison.why):
        text = _(
            "Each change's effect is its average over all orders in which the changes can be made."
        )
        page.insert(-1, Line(text))
    return page


def _title(why: Attribution, comparison: Comparison) -> str:
    ends = {"after": comparison.titles[why.after], "before": comparison.titles[why.before]}
    return _("Why “{after}” differs from “{before}”").format(**ends)


def _bridge(why: Attribution, comparison: Comparison) -> Page:
    """Table of a line per change and a column per figure, and sentences on it."""
    if why.missing is not None:
        text = _("Not told for {plan}: it is not the proved best plan of inputs that are known.")
        return [Line(text.format(plan=comparison.titles[why.missing]))]
    if not why.changes:
        return [Line(_("Nothing that decides a plan differs."))]
    titles, headings = comparison.titles, [_effects_name(comparison, of) for of in why.effects]
    labels = [titles[why.before], *(c.label for c in why.changes), titles[why.after]]
    columns = [_column(why, figure) for figure in why.effects]
    rows = [list(row) for row in zip(map(wrapped, labels), *columns, strict=True)]
    return [Grid(["", *headings], rows, total=True), *map(Line, _about_orders(why))]


def _about_orders(why: Attribution) -> Iterator[str]:
    """Sentences on sampled orders, and on changes that cannot be separated."""
    if why.is_sampled:
        text = _(
            "Averages over {orders} random orders of the changes, each with its standard error (±)."
        )
        yield text.format(orders=2 * PAIRS)
    together = _("; ").join(change.label for change in why.changes if len(change.names) > 1)
    for reason in why.obstacles if together else ():
        text = _("Told together: {names}. Between some of them {reason}.")
        yield text.format(names=together, reason=_(BETWEEN[reason]))


def _column(why: Attribution, figure: str) -> list[str]:
    """Texts of a figure's column: value before, rounded effects that add up, value after."""
    kind, effects = KINDS[cell_kind(figure)], why.effects[figure]
    digits, unit = kind.digits, 10.0**-kind.shift
    ends = [side[figure] or 0.0 for side in (why.start, why.end)]
    start, end = (show.rounded(value, digits, kind.shift) for value in ends)
    amounts = show.adding_up([effect.amount / unit for effect in effects], end - start, digits)
    texts = [show.count_change(amount, digits) for amount in amounts]
    if why.is_sampled:
        errors = [show.count((effect.error or 0.0) / unit, digits) for effect in effects]
        pairs = zip(texts, errors, strict=True)
        texts = [" ".join([text, _("±{error}").format(error=error)]) for text, error in pairs]
    return [kind.written(ends[0]), *texts, kind.written(ends[1])]


def _effects_name(comparison: Comparison, figure: str) -> str:
    """Heading of a column of effects: the figure, with points as the unit of effects on a rate."""
    return figure_name(comparison, figure, _("lowest {territory}, points"))


def figure_name(comparison: Comparison, figure: str, lowest: str = "") -> str:
    """Name of a compared figure in the language in force, given a name for the lowest rate."""
    if figure == "lowest_rate":
        word = shared_territory_words(side.values for side in comparison.sides)[0]
        return (lowest or _(RESULT_NAMES["lowest"])).format(territory=word)
    if figure.startswith(POSTS_OF):
        key, posts = figure.removeprefix(POSTS_OF), comparison.baseline.document["posts"]
        every = (*place_lines(posts, by_area=True), *place_lines(posts))
        label = next((line.label.strip() for line in every if line.keys[0] == key), key)
        return _("{place}, new FTE, both roles").format(place=label)
    names = RESULT_NAMES
    return str(_(names.get(figure, "")) or _(names[figure.removesuffix("_contracts")]))


def why_tables(comparison: Comparison) -> Iterator[Table]:
    """Tables of a workbook, one per plan, that show how much each change moves each figure."""
    titles = comparison.titles
    for why in comparison.why:
        columns, start = [Column("group")], dict[str, Content](group=titles[why.before])
        rows: list[dict[str, Content]] = [{"group": change.label} for change in why.changes]
        end = dict[str, Content](group=titles[why.after])
        for n, (figure, effects) in enumerate(why.effects.items()):
            kind, name = cell_kind(figure), _effects_name(comparison, figure)
            columns.append(Column("amount", f"{kind}_change", name, f"amount{n}"))
            if why.is_sampled:
                columns.append(Column("error", f"{kind}_change", name, f"error{n}"))
            for row, effect in zip(rows, effects, strict=True):
                row |= {f"amount{n}": effect.amount, f"error{n}": effect.error}
            start[f"amount{n}"] = Cell(why.start[figure], kind=kind)
            end[f"amount{n}"] = Cell(why.end[figure], "SUM(<>)", kind)
        if why.effects:
            yield Table(_title(why, comparison), columns, [start, *rows], end, page=False)
