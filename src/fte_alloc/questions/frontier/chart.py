"""The trade-off curve as a picture: what is gained across, what it costs upwards."""

from __future__ import annotations

from fte_alloc.language import _
from fte_alloc.questions.answer import Answer, Axis, Grid, Plot
from fte_alloc.questions.frontier.page import CurveInWords, ObjectiveInWords, frontier_page
from fte_alloc.questions.results import Document


def frontier_answer(document: Document) -> Answer:
    """The document of ``frontier``: its picture stands after the sentences at its head."""
    page, plot = frontier_page(document), frontier_plot(document)
    head = next((j for j, b in enumerate(page) if isinstance(b, Grid) or not b.text), len(page))
    return Answer(plot.title, [page[:head], plot, page[head:]])


def frontier_plot(document: Document) -> Plot:
    """The picture of ``frontier``; a sentence where one plan is best at both objectives."""
    curve = CurveInWords(document)
    if not document["conflict"]:
        return Plot(curve.title, _("One plan is best at both: there is no curve to draw."))
    told = [(curve.a.named(point), curve.b.named(point)) for point in curve.points]
    text = _("A curve of {count} points, from {first} to {last}. {price}")
    if curve.in_steps:
        text = _("{count} plans in steps under a curve, from {first} to {last}. {price}")
    text = text.format(
        count=len(told),
        first=", ".join(told[0]),
        last=", ".join(told[-1]),
        price=curve.price_sentence.partition("  ")[2].strip(),
    )
    tip = _("{number}: {first}, {second}")
    named = dict(zip((0, len(told) - 1), curve.best, strict=True))
    if curve.elbow is not None:
        named[document["elbow"]] = _("elbow")
    return Plot(
        curve.title,
        text,
        across=_axis(curve, curve.b, _("better to the right"), _("better to the left")),
        up=_axis(curve, curve.a, _("better upwards"), _("better downwards")),
        tips=[
            tip.format(number=number, first=first, second=second)
            for number, (first, second) in enumerate(told, start=1)
        ],
        named=named,
        beyond=_("no plan is here: proved"),
    )


def _axis(curve: CurveInWords, objective: ObjectiveInWords, more: str, less: str) -> Axis:
    """An axis; *more* and *less* say where it gets better if more of it is better, or less."""
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
