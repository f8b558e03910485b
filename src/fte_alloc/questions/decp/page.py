"""The page of ``import decp``: rows kept and lost, contracts by territory and kind of buyer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fte_alloc import numbers as show
from fte_alloc.language import N_, _, ngettext
from fte_alloc.questions.answer import Answer, Block, Grid, Line, Page
from fte_alloc.questions.decp.count import SEGMENTS
from fte_alloc.questions.model_lines import ModelLines, model_lines, model_lines_page
from fte_alloc.texts import visible

Document = Mapping[str, Any]
COUNT_COLUMNS = ("territory", "segment", "contracts_per_year")
REASONS = {
    "unreadable": N_("lines that cannot be read"),
    "further": N_("further rows of a contract: holders, modifications"),
    "published_again": N_("published again: same buyer, id, first holder, date and amount"),
    "amount_missing": N_("without an amount"),
    "amount_implausible": N_("amount not plausible, by the ministry's rules"),
    "amount_below": N_("below {least} EUR"),
    "date": N_("without a plausible date"),
    "year": N_("of another year than {year}"),
    "outside": N_("in a territory that is not counted"),
    "place": N_("not placed: no territory by place of execution nor by buyer"),
    "buyer": N_("kind of buyer unknown"),
}
KINDS_OF_BUYER = {
    "state_hospital": N_("State, hospitals"),
    "local": N_("local authorities"),
    "operators": N_("operators"),
}


def import_answer(document: Document) -> Answer:
    """``Answer`` of ``import decp``: rows kept and lost, contracts, lines for ``model.toml``."""
    title = _("Contracts by territory and kind of buyer")
    on_files = [line for source in document["files"] for line in _lines_on_file(source)]
    blocks: list[Block] = [Line(title, "head"), on_files, Line(""), _rows(document), Line("")]
    blocks += [*_import_summary(document), Line(""), _contracts_table(document), Line("")]
    return Answer(title, [*blocks, model_lines_page(import_lines(document))])


def _lines_on_file(source: Mapping[str, Any]) -> Page:
    columns = source["columns"]
    renamed = ", ".join(f"{field} = {of}" for field, of in columns.items() if field != of)
    text = ngettext("{file}: {count} row", "{file}: {count} rows", source["rows"])
    first = text.format(file=source["name"], count=show.count(source["rows"]))
    page: Page = [Line(f"{first} ({renamed})" if renamed else first)]
    if "id" not in columns:
        text = _("  no column of ids: every row is taken for a contract; repeated ones count twice")
        page.append(Line(text, "warn"))
    elif "holder" not in columns:
        text = _("  no column of holders: contracts are told apart by buyer, id, date and amount")
        page.append(Line(text, "warn"))
    return page


def _rows(document: Document) -> Grid:
    """Table of the rows read, the rows and contracts lost, by reason, and the contracts kept."""
    least, year = show.count(document["min_amount_eur"]), document["year"]
    lost = {**document["dropped"], **document["unresolved"]}
    lost["published_again"] = document["published"] - document["contracts"]
    lost["further"] = lost.pop("repeated") - lost["published_again"]

    def reasons(*names: str) -> list[list[str]]:
        return [
            ["  " + _(REASONS[name]).format(least=least, year=year), show.count_change(-lost[name])]
            for name in names
            if lost[name]
        ]

    first = ("unreadable", "further", "published_again")
    rows = [
        [_("Rows read"), show.count(document["read"])],
        *reasons(*first),
        [_("Contracts"), show.count(document["contracts"])],
        *reasons(*(name for name in lost if name not in first)),
        [_("Contracts kept"), show.count(document["kept"])],
    ]
    return Grid(["", ""], rows, total=True)


def _import_summary(document: Document) -> Page:
    text = _("Placed     {place} by place of execution, {buyer} by buyer, {nowhere} not at all")
    located = {where: show.count(count) for where, count in document["located"].items()}
    page: Page = [Line(text.format(**located))]
    text = _(
        "Social     {with_one} with a social consideration, {without} without, {unknown} unknown"
    )
    social = {name: show.count(count) for name, count in document["social"]["all"].items()}
    page.append(Line(text.format(with_one=social["with"], **social)))
    if document["year"] is None and len(document["years"]) > 1:
        unknown = {"unknown": _("unknown")}
        counts = document["years"].items()
        years = [f"{unknown.get(year, year)} ({show.count(count)})" for year, count in counts]
        text = _("Years      all are counted as one year: {years}; --year YEAR counts one")
        page.append(Line(text.format(years=", ".join(years)), "warn"))
    return page


def _contracts_table(document: Document) -> Grid:
    counts = {
        (row["territory"], row["segment"]): row["contracts_per_year"] for row in document["counts"]
    }
    rows = [
        [f"{code} {name}", *(counts[code, segment] for segment in SEGMENTS)]
        for code, name in document["names"].items()
    ]
    rows.append([_("Total"), *(sum(row[j] for row in rows) for j in range(1, len(SEGMENTS) + 1))])
    shown = [[row[0], *map(show.count, [*row[1:], sum(row[1:])])] for row in rows]
    heads = ["", *(_(KINDS_OF_BUYER[segment]) for segment in SEGMENTS), _("total")]
    return Grid(heads, shown, total=True)


def import_lines(document: Document) -> ModelLines:
    """The lines for ``model.toml`` that describe contracts.csv and name the files it comes from."""
    when = _("of all dates in the files, counted as one year")
    if document["year"]:
        when = _("notified in {year}").format(year=document["year"])
    note = _(
        "contracts of at least {least} EUR {when}, one a buyer, id, first holder, date and amount; "
        "{kept} placed, {lost} not"
    ).format(
        when=when,
        least=show.count(document["min_amount_eur"]),
        kept=show.count(document["kept"]),
        lost=show.count(sum(document["unresolved"].values())),
    )
    column = {"unit": "contracts/yr", "status": "derived", "source": "decp", "note": note}
    names = (f"{Path(one['name']).name} (SHA-256 {one['sha256']})" for one in document["files"])
    title = "Données essentielles de la commande publique: " + ", ".join(names)
    publisher = _("buyers' notices (Licence Ouverte 2.0), counted by this project")
    source = {"title": visible(title), "publisher": publisher}
    described = {"contracts_per_year": column}
    return model_lines({"tables.contracts": described, "sources.decp": source})
