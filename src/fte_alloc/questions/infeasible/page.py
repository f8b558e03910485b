"""The page of a scenario that no plan satisfies: contradicting limits and least repairs."""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence
from typing import Any

from fte_alloc import numbers as show
from fte_alloc.inputs.overrides import override_text
from fte_alloc.language import _, ngettext
from fte_alloc.names import IMPOSSIBLE_BY_SOLVER, ITEMS, limit_name
from fte_alloc.questions.answer import Grid, Line, Page, wrapped
from fte_alloc.questions.document import Document, page_head
from fte_alloc.questions.inputs_in_words import input_in_words
from fte_alloc.questions.places import area_key, territory_words
from fte_alloc.texts import Lines, visible

REPAIR_COLUMNS = ("repair", "key", "from", "to", "unit", "relative_change")


def impossible_page(document: Document) -> Page:
    """The page of ``solve`` where no plan is possible."""
    page: Page = [Line(page_head(document), "bad", right=_("NO PLAN IS POSSIBLE"))]
    if document["proof"] == "solver":
        page.append(Line(_(IMPOSSIBLE_BY_SOLVER), "warn"))
    for number, conflict in enumerate(document["conflict"]):
        title = _("Nor can these:") if number else _("These cannot hold together:")
        # The conflict is one least rate that no effort reaches.
        is_out_of_reach = conflict["short"] is None and len(conflict["items"]) == 1
        title = _("This cannot be reached:") if is_out_of_reach else title
        rows, unit, short = [], conflict["amount_unit"], conflict["items"][0]
        needed, excess = conflict["needed"], conflict["excess"]
        if needed is not None:
            needed = _enough(needed, conflict)
            excess = needed - short["amount"]
        for item in conflict["items"]:
            value = item["amount"]
            if value is None:
                said = item["value"] is None or "{quantity}" in ITEMS.get(item["limit"], "")
                amount = "" if said else _quantity(item["value"], item["unit"])
            elif is_out_of_reach:
                rate = show.four_decimals(value)
                amount = _("no effort exceeds {rate}").format(rate=rate)
            else:
                value = value if item is short or not unit else _enough(value, conflict)
                amount = _quantity(value, unit or item["unit"], excess)
            rows.append([_limit(document, item), amount, item["key"], _origin(document, item)])
        if needed is not None:
            beyond = _("{excess} too much").format(excess=_quantity(excess, unit))
            rows.append([_("all this needs at least"), _quantity(needed, unit, excess), beyond, ""])
        page += [Line(""), *_indented_table(title, rows, left=(2, 3))]
    return [*page, *_repairs(document)]


def _indented_table(title: str, rows: Sequence[Sequence[str]], left: Sequence[int]) -> Page:
    """Title and table without headings, its rows indented by two spaces."""
    shown = [[Lines("  " + visible(first)), *rest] for first, *rest in rows]
    return [Line(title, "head"), Grid([""] * len(shown[0]), shown, left_too=left)]


def repair_rows(document: Document) -> list[dict[str, Any]]:
    """Rows for CSV, one per change of every repair."""
    return [
        {"repair": number, **change}
        for number, repair in enumerate(document["repairs"], start=1)
        for change in repair["changes"]
    ]


# -- the conflict ----------------------------------------------------------------------------------


def _limit(document: Document, item: Document) -> str:
    """Text of an item of an account: its limit or posts, with place and year."""
    codes, template = item["territories"] or item["areas"], limit_name(ITEMS, item["limit"])
    where, value, count = "", item["value"], len(codes)
    if count == 1:
        key = codes[0] if item["territories"] else area_key(codes[0])
        name = document["names"].get(key, codes[0])
        where = _(", {name}").format(name=name if name == codes[0] else f"{codes[0]} {name}")
    elif codes and "{coordinators}" not in template:  # which has their number
        kind = territory_words(document["territory"])[1] if item["territories"] else _("areas")
        where = _(", {count} {territories}").format(count=count, territories=kind)
    coordinators = ngettext("{count} coordinator", "{count} coordinators", count)
    text = template.format(
        fte=show.fte(value or 0.0),
        rate=_("of each") if value is None else show.four_decimals(value),
        quantity="" if value is None else _quantity(value, item["unit"]),
        coordinators=coordinators.format(count=count),
        where=where,
    )
    several = len(document["years"]) > 1
    return text + (_(" ({year})").format(year=item["year"]) if several else "")


def _origin(document: Document, item: Document) -> str:
    """Origin of a limit as text: ``--set``, a line of a file, or a file and a number of lines."""
    origin = item["origin"].removeprefix("package:").removeprefix(f"models/{document['model']}/")
    if origin.startswith("--set "):
        origin = "--set"
    if item["rows"] > 1:
        lines = _("{file}, {count} rows") if origin.endswith(".csv") else _("{file}, {count} lines")
        origin = lines.format(file=origin, count=item["rows"])
    return str(origin)


def _enough(value: float, conflict: Document) -> float:
    """An amount that is needed, rounded up so that it is enough as ``_quantity`` shows it."""
    digits = 0 if conflict["amount_unit"] == "EUR" else 4
    parts = 10.0 ** max(digits, 1 - math.floor(math.log10(conflict["excess"])))
    return max(value, math.ceil(value * parts - 1e-6) / parts)


def _quantity(value: float, unit: str, excess: float | None = None) -> str:
    """An amount with its unit: EUR from 100 whole, others to 4 digits, or two of the excess."""
    digits = 0 if unit == "EUR" and abs(value) >= 100 else 4
    return show.quantity(show.enough_digits(value, excess or value, digits), unit)


# -- the repairs -----------------------------------------------------------------------------------


def _repairs(document: Document) -> Page:
    repairs = document["repairs"]
    if not repairs:
        text = _("No change of the limits a scenario can set makes it possible.")
        return [Line(""), Line(text, "warn")]
    singles = [of for of in repairs if len(of["changes"]) == 1]
    # Rates last: a lower one leaves others to pay, and looks small beside a rise of a limit.
    singles.sort(key=lambda of: of["changes"][0]["kind"] == "state_rate")
    page: Page = []
    if singles:
        title = _(
            "Any ONE of these is enough (least change under all limits, rounded to the safe side):"
        )
        rows = [_adjustment_lines(of["changes"][0], document) for of in singles]
        page += [Line(""), *_indented_table(title, rows, left=(1,))]
    for together in [of for of in repairs if len(of["changes"]) > 1]:
        text = _("ALL of these together are enough (least relative sum, State rates kept: {sum}):")
        title = text.format(sum=show.rate(together["relative_change"]))
        rows = [_adjustment_lines(change, document) for change in together["changes"]]
        page += [Line(""), *_indented_table(title, rows, left=(1,))]
    if not singles:
        page.append(Line(_("No single change is enough.")))
    tried = _("Try:  {command}").format(command=(singles or repairs)[0]["command"])
    return [*page, Line(""), Line(tried, whole=True)]


def _adjustment_lines(change: Document, document: Document) -> list[str]:
    before, after = change["from"], change["to"]
    percent = show.rate_change(change["relative_change"])
    quantity = show.quantity(show.four_decimals(after), change["unit"])
    names = {f"territories.{code}.name": name for code, name in document["names"].items()}
    words = wrapped(input_in_words(change["key"], names), "  ").lstrip()
    return [
        Lines(f"{words}\n    --set {shlex.quote(override_text(change['key'], after))}"),
        _("{before} → {after}").format(before=show.four_decimals(before), after=quantity),
        f"({percent})" if before else "",
    ]
