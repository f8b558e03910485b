"""What a comparison ends with: who gains and loses, who breaks limits, what is proved."""

from __future__ import annotations

from fte_alloc.language import NN_, _, ngettext, pgettext
from fte_alloc.names import LIMIT_NAMES, of_limit
from fte_alloc.questions.answer import Line
from fte_alloc.questions.compare.compare import Comparison
from fte_alloc.questions.results import Side
from fte_alloc.questions.wording import by_solver, shared_territory_words

MOVES = {
    "gain": NN_("{count} gains", "{count} gain"),
    "lose": NN_("{count} loses", "{count} lose"),
    "keep": NN_("{count} keeps its own", "{count} keep theirs"),
}

#: Kinds of buyer whose rates differ by less are served alike [1].
_SAME_RATE = 1e-4


def closing(comparison: Comparison) -> list[Line]:
    """How many gain and lose, who breaks limits, what is proved."""
    others, titles = comparison.sides[1:], comparison.titles
    last = {titles[side.name]: side.document["years"][-1] for side in comparison.sides}
    lines = []
    if len(set(last.values())) > 1:
        said = _("{scenario}: figures of {year}")
        lines = [Line(said.format(scenario=n, year=year)) for n, year in last.items()]
    if comparison.by_area:
        lines.append(Line(_("Areas are compared: the plans have other territories in the same.")))
    for side in others:
        sentence = _moves(comparison, side)
        if len(others) > 1:
            text = _("{scenario}: {sentence}")
            sentence = text.format(scenario=titles[side.name], sentence=sentence)
        lines.append(Line(sentence))
    for side in comparison.sides:
        if broken := side.document.get("violations"):
            text = ngettext(
                "{scenario} breaks {count} limit ({first}): shown for reference only.",
                "{scenario} breaks {count} limits (such as {first}): shown for reference only.",
                len(broken),
            )
            first = of_limit(LIMIT_NAMES, broken[0]["constraint"])
            told = text.format(scenario=titles[side.name], count=len(broken), first=first)
            lines.append(Line(told, "warn"))
    return [*lines, Line(_proved(comparison))]


def _moves(comparison: Comparison, side: Side) -> str:
    """How many territories have more posts than in the first plan, how many fewer."""
    changes = comparison.moved(side).values()
    if not changes:
        before, after = (
            {(row["segment"], row["year"]): row["rate"] or 0.0 for row in s.document["segments"]}
            for s in (comparison.baseline, side)
        )
        if any(abs(rate - before.get(key, rate)) > _SAME_RATE for key, rate in after.items()):
            return _("No post moves; only the effort between kinds of buyer does.")
        return _("No post moves.")
    gain, lose = (sum(sign * change > 0 for change in changes) for sign in (1, -1))
    keep = len(comparison.read("posts")[0]) - gain - lose
    return _("{gain}; {lose}; {keep}.").format(
        **{
            key: ngettext(*MOVES[key], n or 2).format(count=n or pgettext("how many", "none"))
            for key, n in (("gain", gain), ("lose", lose), ("keep", keep))
        }
    )


def _proved(comparison: Comparison) -> str:
    """Which plans are proved best, and whether regional figures are assumed."""
    sides, titles = comparison.sides, comparison.titles
    plans = [side for side in sides if side.document["status"] != "judged"]
    unproved = [titles[s.name] for s in plans if s.document["status"] != "optimal"]
    solvers = [
        titles[s.name]
        for s in plans
        if titles[s.name] not in unproved and any(map(by_solver, s.document["stages"][:1]))
    ]
    figures = [
        side.document.get("regional_figures") or {"total": 0, "assumption": 0} for side in sides
    ]
    assumed = any(one["assumption"] for one in figures)
    __, ___, territorial = shared_territory_words(side.values for side in sides)
    ending = _("; {territorial} counts of posts and contracts assumed.") if assumed else _(".")
    if assumed and any(one["assumption"] < one["total"] for one in figures):
        ending = _("; {territorial} counts of posts and contracts assumed in part.")
    ending = ending.format(territorial=territorial)
    sentence = _("Best by the solver's bound, in steps: {names}")
    told = ((_("Not proved best: {names}"), unproved), (sentence, solvers))
    if said := [text.format(names=", ".join(names)) for text, names in told if names]:
        return str(_("; ").join(said) + ending)
    text = {1: _("The plan is proved best"), 2: _("Both plans proved best")}.get(
        len(plans), _("All plans proved best")
    )
    aims = [_aim(side) for side in plans]
    sentence = _(", each by its own objective")
    return str(text + (sentence if any(aim != aims[0] for aim in aims) else "") + ending)


def _aim(side: Side) -> object:
    """What a plan was made for: its stages and weights."""
    stages = [(stage["objective"], stage["concede"]) for stage in side.document["stages"]]
    weights = {key: value for key, value in side.values.items() if key.startswith("weights.")}
    return stages, weights
