"""A scenario nothing can satisfy: what contradicts what, and the least that would help."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fte_alloc import words
from fte_alloc.report import numbers as show
from fte_alloc.report.names import territory_words
from fte_alloc.report.pages import Grid, Line, Page
from fte_alloc.scenario.overrides import setting

Document = Mapping[str, Any]
REPAIR_COLUMNS = ("repair", "key", "from", "to", "unit", "relative_change")


def impossible_page(document: Document) -> Page:
    """The page of ``solve`` where no plan is possible."""
    page: Page = [Line(words.IMPOSSIBLE.format(scenario=document["scenario"]), "bad")]
    if document["proof"] == "solver":
        page.append(Line(words.IMPOSSIBLE_BY_SOLVER, "warn"))
    for number, conflict in enumerate(document["conflict"]):
        title = words.IMPOSSIBLE_CONFLICT_MORE if number else words.IMPOSSIBLE_CONFLICT
        title = words.IMPOSSIBLE_NO_EFFORT if _is_out_of_reach(conflict) else title
        rows = [_item(document, conflict, item) for item in conflict["items"]]
        rows += _needed(conflict)
        page += [Line(""), Line(title, "head"), _grid(rows, left=(2, 3))]
    return [*page, *_repairs(document)]


def _grid(rows: Sequence[Sequence[str]], left: Sequence[int] = ()) -> Grid:
    """Rows without headings, set in by two."""
    shown = [["  " + first, *rest] for first, *rest in rows]
    return Grid([""] * len(shown[0]), shown, left_too=left)


def repair_rows(document: Document) -> list[dict[str, Any]]:
    """One row a change of a repair, for CSV."""
    return [
        {"repair": number, **change}
        for number, repair in enumerate(document["repairs"], start=1)
        for change in repair["changes"]
    ]


# -- the conflict ----------------------------------------------------------------------------------


def _item(document: Document, conflict: Document, item: Document) -> list[str]:
    """One line of an account: what, how much, key, where it is set."""
    codes, template = item["territories"], words.of_limit(words.ITEMS, item["limit"])
    where = ""
    if len(codes) == 1:
        where = words.ITEM_WHERE.format(name=_name(document, codes[0]))
    elif codes and "{coordinators}" not in template:  # which counts them already
        _, territories, _ = territory_words(document["territory"])
        where = words.ITEM_WHERE_MANY.format(count=len(codes), territories=territories)
    fte = show.fte(item["value"] or 0.0)
    rate = words.ITEM_RATES if item["value"] is None else show.ten_thousandths(item["value"])
    coordinators = words.plural(words.COORDINATORS, len(codes)).format(count=len(codes))
    says = {"coordinators": coordinators, "where": where}
    text = template.format(fte=fte, rate=rate, **says)
    if len(document["years"]) > 1:
        text += words.ITEM_YEAR.format(year=item["year"])
    origin = item["origin"].removeprefix("package:").removeprefix(f"models/{document['model']}/")
    if origin.startswith("--set "):
        origin = "--set"
    if item["rows"] > 1:
        lines = words.ITEM_ROWS if origin.endswith(".csv") else words.ITEM_LINES
        origin = lines.format(file=origin, count=item["rows"])
    return [text, _amount(conflict, item), item["key"], origin]


def _amount(conflict: Document, item: Document) -> str:
    """What a line comes to, in the unit of the limit that is short where it counts against it."""
    if item["amount"] is None:
        return _quantity(item["value"], item["unit"]) if item["value"] is not None else ""
    if _is_out_of_reach(conflict):
        return words.ITEM_NO_EFFORT.format(rate=show.ten_thousandths(item["amount"]))
    return _quantity(item["amount"], conflict["amount_unit"] or item["unit"], conflict["excess"])


def _is_out_of_reach(conflict: Document) -> bool:
    """Whether a least rate is asked for that no effort reaches."""
    return conflict["short"] is None and len(conflict["items"]) == 1


def _needed(conflict: Document) -> Iterator[list[str]]:
    if conflict["needed"] is not None:
        unit = conflict["amount_unit"]
        excess = words.ITEM_EXCESS.format(excess=_quantity(conflict["excess"], unit))
        needed = _quantity(conflict["needed"], unit, conflict["excess"])
        yield [words.ITEM_NEEDED, needed, excess, ""]


def _quantity(value: float, unit: str, excess: float | None = None) -> str:
    """An amount with its unit: EUR whole, FTE to what decides, and to what is too much."""
    return show.quantity(show.telling(value, excess or value, 0 if unit == "EUR" else 4), unit)


def _name(document: Document, code: str) -> str:
    name = document["names"].get(code, code)
    return code if name == code else f"{code} {name}"


# -- the repairs -----------------------------------------------------------------------------------


def _repairs(document: Document) -> Page:
    repairs = document["repairs"]
    if not repairs:
        return [Line(""), Line(words.REPAIR_NOTHING, "warn")]
    singles = [repair for repair in repairs if len(repair["changes"]) == 1]
    together = [repair for repair in repairs if len(repair["changes"]) > 1]
    page: Page = [Line("")]
    if singles:
        title = words.REPAIR_ONE if len(singles) > 1 else words.REPAIR_THE_ONE
        rows = [_change(repair["changes"][0]) for repair in singles]
        page += [Line(title, "head"), _grid(rows, left=(1,))]
    for repair in together:
        title = words.REPAIR_ALL.format(sum=show.rate(repair["relative_change"]))
        rows = [_change(change) for change in repair["changes"]]
        page += [Line("")] if singles else []
        page += [Line(title, "head"), _grid(rows, left=(1,))]
    sentences = [] if singles else [words.REPAIR_NONE_ALONE]
    if together and singles:
        sentences.append(words.REPAIR_TOGETHER)
    elif len(singles) > 1:
        sentences.append(words.REPAIR_FIRST)
    never = [words.REPAIR_KINDS[kind] for kind in document["never_enough_alone"]]
    if never and singles:
        sentences.append(words.REPAIR_NEVER.format(kinds=_either(never)))
    page += [Line(" ".join(sentences))] if sentences else []
    cheapest = min(repairs, key=lambda repair: repair["relative_change"])
    tried = words.REPAIR_TRY.format(command=cheapest["command"])
    return [*page, Line(""), Line(tried, whole=True)]


def _change(change: Document) -> list[str]:
    before, after, unit = change["from"], change["to"], change["unit"]
    percent = show.rate_change(change["relative_change"])
    quantity = show.quantity(show.ten_thousandths(after), unit)
    return [
        "--set " + shlex.quote(setting(change["key"], after)),
        words.REPAIR_CHANGE.format(before=show.ten_thousandths(before), after=quantity),
        f"({percent})" if before else "",
    ]


def _either(names: Sequence[str]) -> str:
    *first, last = names
    return (", ".join(first) + words.REPAIR_OR if first else "") + last
