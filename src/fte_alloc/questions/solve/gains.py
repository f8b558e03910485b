"""Sentences on prices: the gain from more State money, a higher cap and looser other limits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from fte_alloc import numbers as show
from fte_alloc.inputs.limits import FAMILIES
from fte_alloc.inputs.schema import LIMIT_AMOUNTS, find_parameter
from fte_alloc.language import N_, _, few, ngettext
from fte_alloc.names import LIMIT_WORDS, limit_name
from fte_alloc.programme.limits import AT_LEAST, OWN
from fte_alloc.questions.answer import Line
from fte_alloc.questions.document import Document, inputs_of
from fte_alloc.questions.inputs_in_words import input_unit, value_in_words
from fte_alloc.questions.objectives_in_words import gain_in_words
from fte_alloc.questions.places import place_key, place_labels

#: Amount of a limit that a price is for, in words, by the end of the price's unit.
LIMIT_PER = {
    "FTE": N_("1 FTE"),
    "1000 EUR": N_("1,000 EUR"),
    "0.01 of rate": N_("1 point of rate"),
    "0.01 of share": N_("1 point of share"),
}

#: Limits whose prices have sentences of their own.
_NATIONAL = ("budget", "cap")


def _gain_words(price: Document, gain: float, years: Sequence[int]) -> str:
    """Unit of the gain of a price, in words that follow the number *gain*."""
    return gain_in_words(price["stage"], price["unit"].partition(" per ")[0], gain, years)


def _gain(price: Document, gain: float) -> str:
    if price["unit"].startswith("rate"):
        return show.count(100 * gain, 3)
    return show.count(gain, 0 if gain >= 10 else 1)


def _loosened(price: Document) -> float:
    """Gain from loosening a limit by one unit of its input; of its year in old documents."""
    return price.get("one_less" if _is_floor(price) else "one_more", price["up"]) or 0.0


def _is_floor(price: Document) -> bool:
    """Whether the limit of a price is a floor; in version 0.1, it follows from its family."""
    return (price.get("sense") or FAMILIES[price["constraint"]].sense) == AT_LEAST


def next_lines(document: Document) -> list[Line]:
    """Sentences on the gain from more State money and a higher cap; none without a proved plan."""
    prices = document["prices"]
    if document["status"] != "optimal":
        return []
    if prices and all(p["up"] is None and p["down"] is None for p in prices):
        return [Line(_("No gain at the margin: a small change of money moves no post in steps."))]
    sentences: dict[str, list[str]] = {}
    for year in document["years"]:
        national = [p for p in prices if p["year"] == year and p["constraint"] in _NATIONAL]
        for price in reversed(national):  # the budget, then the cap
            sentences.setdefault(_national_price(document, price), []).append(str(year))
    return [
        Line(text)
        if len(years) == len(document["years"])
        else Line(_("In {years}: {sentence}").format(years=", ".join(years), sentence=text))
        for text, years in sentences.items()
    ]


def _national_price(document: Document, price: Document) -> str:
    """Sentence on the gain from 10,000 EUR more State money, or from 1 FTE more cap."""
    year = next((y for y in document.get("by_year", []) if y["year"] == price["year"]), document)
    network, money = year["network"], year["money"]
    gain = _loosened(price)
    if price["constraint"] == "budget":
        gain, unused = 10 * gain, show.count(money["state_budget_eur"] - money["state_eur"])
        more = _("Next 10,000 EUR of State money a year: about +{gain} {worth}.")
        none = _("More State money: none, {unused} EUR are unused.")
    else:
        unused = show.fte(unused_fte(network))
        more = _("One more FTE of cap: about +{gain} {worth}.")
        none = _("More cap: none, {unused} FTE are unused.")
    template = more if show.is_nonzero(_gain(price, gain)) else none
    worth = _gain_words(price, gain, document["years"])
    return template.format(gain=_gain(price, gain), worth=worth, unused=unused)


def unused_fte(network: Document) -> float:
    """Cap less the posts of the network, which are rounded as shown [FTE]."""
    return float(network["cap_fte"] - show.rounded(network["used_fte"], 1))


def limit_lines(document: Document) -> list[Line]:
    """Lines on gains from relaxing limits but budget and cap, and on user limits without gain."""
    costs = _limit_costs(document) if document["status"] == "optimal" else []
    heads = [_("Limits     at the margin, {limits}"), " " * 11 + "{limits}"]
    page = [Line(heads[min(n, 1)].format(limits=cost)) for n, cost in enumerate(costs)]
    own = [p for p in document["prices"] if p["constraint"].startswith(OWN) and p["up"] is not None]
    works = {p["constraint"] for p in own if _loosened(p)}
    idle = sorted({p["constraint"] for p in own} - works)
    text = _("No gain    {names}: a little looser changes nothing.")
    names = ", ".join(limit_name(LIMIT_WORDS, name) for name in idle)
    return page + ([Line(text.format(names=names))] if idle else [])


def _limit_costs(document: Document) -> Iterator[str]:
    """Text for each kind of local or user limit: its largest gain from relaxing, and the place."""
    labels, prices = place_labels(document["posts"]), document["prices"]
    own = [p["constraint"] for p in prices if p["constraint"].startswith(OWN)]
    for name in dict.fromkeys([*LIMIT_WORDS, *own]):
        each = {p["area"] and place_key(p): p for p in prices if p["constraint"] == name}
        priced = sorted(
            (p for p in each.values() if show.is_nonzero(_gain(p, _loosened(p)))),
            # Prices within rounding are equal: of these, the first place by code is named.
            key=lambda p: (-round(math.log(_loosened(p)), 5), p["territory"] or p["area"]),
        )
        if not priced or name in _NATIONAL:
            continue
        most, gain, more = priced[0], _loosened(priced[0]), len(priced) - 1
        cost_floor = _("{limit}: +{gain} {worth} for {per} less ({where})")
        cost = _("{limit}: +{gain} {worth} for {per} more ({where})")
        template = cost_floor if _is_floor(most) else cost
        names = [labels.get(place_key(p)) or _own_limit(document, name) for p in priced]
        where, least = few(names, 1), _gain(most, _loosened(priced[-1]))
        if least != _gain(most, gain):
            text = ngettext(
                "{name}; {count} other, at least +{least}",
                "{name}; {count} others, at least +{least}",
                more,
            )
            where = text.format(name=names[0], count=more, least=least)
        yield template.format(
            limit=limit_name(LIMIT_WORDS, name),
            gain=_gain(most, gain),
            worth=_gain_words(most, gain, document["years"]),
            per=_(LIMIT_PER[most["unit"].partition(" per ")[2]]),
            where=where,
        )


def _own_limit(document: Document, name: str) -> str:
    """What a limit of the user's own demands, by its inputs: amounts, then role and places."""
    amounts, places = list[str](), list[str]()
    for key, value in inputs_of(document).items():
        path = tuple(key.split("."))
        if key.startswith(f"{name}.") and (parameter := find_parameter(path)):
            text = show.plain_value(value_in_words(path[2], value))
            if path[2] in LIMIT_AMOUNTS:
                of = " ".join([parameter.words, *path[3:]])
                amounts.append(_(": ").join([of, f"{text} {input_unit(parameter.unit)}".rstrip()]))
            else:
                places.append(text)
    return _("; ").join([*amounts, *places]) or name
