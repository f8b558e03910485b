"""The trade-off curve of two objectives as a page of 100 columns, and as a plot."""

from __future__ import annotations

import math

import numpy as np

from fte_alloc import numbers as show
from fte_alloc.language import _
from fte_alloc.programme.objectives import OBJECTIVES
from fte_alloc.questions.answer import Answer, Axis, Grid, Line, Page, Plot
from fte_alloc.questions.document import Document, figures_by_place, page_head
from fte_alloc.questions.inputs_in_words import assumed_figures_lines
from fte_alloc.questions.objectives_in_words import objective_text, years_suffix
from fte_alloc.questions.places import place_lines, places_table
from fte_alloc.texts import Lines

#: Largest number of points in the table.
_SHOWN = 12


class FrontierObjective:
    """The objective a or b of a curve, in words and numbers.

    key : ``a`` or ``b``
    maximised : whether more of it is better
    name : its name in a sentence; heading : its name with the unit, unless the name implies it
    first, last : its values at the ends of the curve
    """

    def __init__(self, document: Document, key: str) -> None:
        self.key, self.objective = key, str(document["objectives"]["ab".index(key)])
        self.unit = str(document["units"][self.objective])
        self.maximised = document["senses"][self.objective] == "maximise"
        # Coverage without weights is the number of contracts.
        is_plain = self.objective == "coverage" and self.unit == "contracts"
        self._words = "contracts" if is_plain else self.objective
        words = OBJECTIVES[self._words]
        self.name = _(words.short or words.name) + years_suffix(self.objective, document["years"])
        self.heading = self.name
        if self.unit in ("EUR", "FTE"):  # the other names imply theirs
            unit = show.unit_after(2.0, self.unit)
            self.heading = _("{objective}, {unit}").format(objective=self.name, unit=unit)
        self.first, self.last = (float(document["points"][j][key]) for j in (0, -1))
        self.digits, self.shift = (2, 2) if self.unit == "rate" else (words.digits, 0)

    def value(self, value: float) -> str:
        """A value as text, with its unit where that is EUR or FTE."""
        text = objective_text(self.objective, value)
        unit = f" {show.unit_after(value, self.unit)}" if self.unit in ("EUR", "FTE") else ""
        return text + unit

    def named(self, point: Document) -> str:
        """Name of the objective and its value at a point."""
        value = self.value(point[self.key])
        return _("{objective}: {value}").format(objective=self.name, value=value)

    def in_unit(self, value: float) -> float:
        """A difference in the printed unit: percentage points for rates."""
        return float(10**self.shift * value)

    def plain_amount(self, value: float) -> str:
        """A difference as text, without its unit."""
        return show.count(self.in_unit(value), self.digits)


class CurveInWords:
    """The curve of a document, in words and numbers of pages and plots.

    a, b : the objective given up, and the objective gained, along the curve
    best : names of the two ends
    """

    def __init__(self, document: Document) -> None:
        self.document, self.points = document, document["points"]
        self.a, self.b = (FrontierObjective(document, key) for key in "ab")
        ends = {"scenario": page_head(document), "first": self.a.name, "second": self.b.name}
        self.title = _("{scenario} – {first} against {second}").format(**ends)
        text = _("best: {objective}")
        self.best = [text.format(objective=each.name) for each in (self.a, self.b)]

    @property
    def step(self) -> float:
        """Amount of objective b that a price refers to: a power of ten, at most half its range."""
        return float(10.0 ** math.floor(math.log10(abs(self.b.last - self.b.first) / 2)))

    @property
    def step_text(self) -> str:
        """The step as text with its unit, such as 0.1 points more, 1,000 EUR less."""
        value = self.b.in_unit(self.step)
        digits = max(0, -math.floor(math.log10(value) + 1e-9))
        step = f"{show.count(value, digits)} {show.unit_after(self.step, self.b.unit)}"
        text = _("{step} more") if self.b.maximised else _("{step} less")
        return text.format(step=step)

    @property
    def price_sentence(self) -> str:
        """Sentence on the cost, in objective a, of b's whole gain and of the first half of it."""
        a = self.a
        start, end = (show.rounded(value, a.digits, a.shift) for value in (a.first, a.last))
        unit = show.unit_after(abs(a.last - a.first), a.unit)
        whole = f"{show.count(abs(end - start), a.digits)} {unit}"
        gains, costs = np.array(sorted((point["b"], point["a"]) for point in self.points)).T
        middle = (self.b.first + self.b.last) / 2
        half = abs(float(np.interp(middle, gains, costs)) - a.first)  # on straight lines between
        half_way = f"{a.plain_amount(half)} {show.unit_after(half, a.unit)}"
        text = _(
            "Price      {objective} from {first} to {last}: all of it costs {all}, the first half "
            "of the way {half}."
        )
        first, last = (self.b.value(end) for end in (self.b.first, self.b.last))
        return text.format(objective=self.b.name, first=first, last=last, all=whole, half=half_way)


def frontier_page(document: Document) -> Page:
    """Text page of ``frontier``: price, table of points, posts at both ends and half way."""
    curve = CurveInWords(document)
    tone, claim = "good", _("PROVED: no plan is better at both")
    if document.get("proof") == "solver":
        claim = _("BEST by the solver's bound: no plan in steps is better at both")
    if document["status"] != "optimal":
        tone, claim = "warn", _("STOPPED, NOT PROVED everywhere")
    page: Page = [Line(curve.title, tone, right=claim)]
    if document["conflict"]:
        page += _curve_lines(curve)
    else:
        first, second = (each.named(curve.points[0]) for each in (curve.a, curve.b))
        text = _(
            "No price   The two do not conflict, one plan is best at both ({first}; {second})."
        )
        page.append(Line(text.format(first=first, second=second)))
    named = {**document["inputs"], "values": {"territory": document["territory"] or ""}}
    return [*page, *assumed_figures_lines({**document, "inputs": named})]


def _curve_lines(curve: CurveInWords) -> Page:
    document = curve.document
    text = _(
        "Curve      Every point is proved by two bounds; between two, it is no further from a "
        "straight line than {distance} of the way between the ends."
    )
    if "bound" in document:
        text = _(
            "Points     Every point is the best plan in steps at a level of the curve without "
            "steps; between two there may be others, none better than that curve."
        )
    text = text.format(distance=show.share_at_most(document["distance"]))
    points, posts = [Line(""), *_points(curve)], [Line(""), *_posts(curve)]
    return [Line(curve.price_sentence), *points, *posts, Line(""), Line(text)]


def representative(document: Document) -> list[int]:
    """Indices of a dozen points spread evenly, with both ends."""
    spread = np.linspace(0, len(document["points"]) - 1, _SHOWN).round()
    return sorted({*map(int, spread)})


def _points(curve: CurveInWords) -> Page:
    """Table of points: values, amounts given up and gained, prices."""
    points, a, b, shown = curve.points, curve.a, curve.b, representative(curve.document)
    price = _("price: {unit}\nper {step}")
    price = Lines(price.format(unit=show.unit_after(2.0, a.unit), step=curve.step_text))
    headings = ["", a.heading, b.heading, price]
    rows = []
    for j in shown:
        costs = points[j]["price_to_next"]
        values = (objective_text(each.objective, points[j][each.key]) for each in (a, b))
        rows.append(
            [str(j + 1), *values, "–" if costs is None else a.plain_amount(costs * curve.step)]
        )
    if "weighted contracts" in (a.unit, b.unit):
        headings.append(_("contracts,\nunweighted"))
        for row, j in zip(rows, shown, strict=True):
            row.append(show.count(points[j]["expected_contracts"], 1))
    title = _("{shown} of {count} points (--format csv lists them all)")
    return [Line(title.format(shown=len(shown), count=len(points)), "head"), Grid(headings, rows)]


def _posts(curve: CurveInWords) -> Page:
    """Table of new posts in the last year at the first point, half way, and at the last."""
    document, middle = curve.document, (curve.b.first + curve.b.last) / 2
    first, *inside, last = curve.points
    half = sorted(inside, key=lambda point: abs(point["b"] - middle))[:1]
    headings = [curve.best[0], *(_("half way") for _point in half), curve.best[1]]
    figures = [figures_by_place({**document, **point}, "posts") for point in (first, *half, last)]
    plans = list(zip(headings, figures, strict=True))
    lines = place_lines(first["posts"], names=document["names"])
    title = _("New posts of both roles in {year}, FTE: the first plan, then changes to it")
    heading = Line(title.format(year=document["years"][-1]), "head")
    return [heading, places_table(lines, "posts", plans).grid()]


# -- drawn -----------------------------------------------------------------------------------------


def frontier_answer(document: Document) -> Answer:
    """The answer of ``frontier``: its page, with the plot after the price."""
    page, plot = frontier_page(document), frontier_plot(document)
    return Answer(plot.title, [page[:2], plot, page[2:]])


def frontier_plot(document: Document) -> Plot:
    """The plot of ``frontier``; a sentence alone where one plan is best at both objectives."""
    curve = CurveInWords(document)
    if not document["conflict"]:
        return Plot(curve.title, _("One plan is best at both: there is no curve to draw."))
    values = [(curve.a.named(point), curve.b.named(point)) for point in curve.points]
    first, last = (", ".join(values[j]) for j in (0, -1))
    price = curve.price_sentence.partition("  ")[2].strip()
    text = _("{count} plans, from {first} to {last}. {price}")
    text = text.format(count=len(values), first=first, last=last, price=price)
    tip = _("{number}: {first}, {second}")
    return Plot(
        curve.title,
        text,
        across=_axis(curve, curve.b, _("better to the right"), _("better to the left")),
        up=_axis(curve, curve.a, _("better upwards"), _("better downwards")),
        tips=[
            tip.format(number=number, first=first, second=second)
            for number, (first, second) in enumerate(values, start=1)
        ],
        named=dict(zip((0, len(values) - 1), curve.best, strict=True)),
        beyond=_("no plan is here: proved"),
    )


def _axis(curve: CurveInWords, objective: FrontierObjective, more: str, less: str) -> Axis:
    """Axis of an objective, labelled *more* if it is maximised, else *less*."""
    label = objective.heading
    if objective.unit == "rate":
        label = _("{objective}, {unit}").format(objective=label, unit="%")
    better = more if objective.maximised else less
    return Axis(
        _("{objective} ({better})").format(objective=label, better=better),
        [objective.in_unit(point[objective.key]) for point in curve.points],
        objective.maximised,
        [objective.in_unit(point[objective.key]) for point in curve.document.get("bound", ())],
    )
