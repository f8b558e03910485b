"""New posts from tables as planners keep them, and from the workbook of a plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fte_alloc import language
from fte_alloc.errors import Mistake, mistaken
from fte_alloc.inputs.headings import words_of
from fte_alloc.inputs.sheets import read_sheets
from fte_alloc.inputs.typed import PLACES, TypedTable, tables_of
from fte_alloc.inputs.values import plain, written
from fte_alloc.language import _, ngettext, telling
from fte_alloc.names import ROLE_NAMES, SIMULATOR_COLUMNS
from fte_alloc.programme.data import COORDINATOR, FACILITATOR, ROLES

#: One row of a plan as it was written: place, territory, area, role, year, new FTE.
TypedPost = tuple[str, str, str, str, str, float]
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
#: What roles are called, and the columns of new posts of one role.
_ROLES = {
    FACILITATOR: r"facilit(at(eur|rice|or)s?)?",
    COORDINATOR: r"coord((in|onn)at(eur|rice|or)s?)?( regiona(l|le|ux|les))?",
}
_OF_ROLE = {role: f"new_{role}s_fte" for role in ROLES}


def role_of(text: str) -> str:
    """The role that a text in French or English names; the text itself where it names none."""
    spelt = plain(text).replace(".", "")
    return next((role for role, words in _ROLES.items() if re.fullmatch(words, spelt)), text)


def typed_posts(
    data: bytes, name: str, years: Sequence[int]
) -> tuple[list[TypedPost], list[Mistake], list[str]]:
    """New posts of a workbook or CSV file, what is wrong with them, and what is to be noted.

    Raises InputError where it has no such table, or several.
    """
    more: dict[str, str] = {}
    for code in language.LANGUAGES:
        with language.speaking(code):
            more |= {" ".join(words_of(_(text))): key for key, text in SIMULATOR_COLUMNS.items()}
    tables = tables_of(read_sheets(data, name, more), more)
    simulators = [table for table in tables if SIMULATOR_COLUMNS.keys() <= table.headings.keys()]
    if len(simulators) == 1:
        (table,) = simulators
        rows, notes = _of_simulator(table, str(years[0]))
        return rows, table.mistakes, notes
    lists = [table for table in tables if {"role", "new_fte"} <= table.headings.keys()]
    wide = [table for table in tables if {*_OF_ROLE.values()} & table.headings.keys()]
    found = simulators or lists or wide
    if len(found) != 1:
        text = _("new posts stand on several sheets ({sheets}); keep one of them")
        if not found:
            text = _(
                "no new posts found: a row of headings such as region, role, new FTE, or region, "
                "new facilitators, new coordinators is expected"
            )
        sheets = ", ".join(table.sheet.name for table in found)
        raise mistaken(name, text.format(sheets=sheets))
    (table,) = found
    if len(years) > 1 and "year" not in table.headings and not _YEAR.search(table.sheet.name):
        place, __ = next(iter(table.headings.values()))
        raise mistaken(place, _("column {column} is missing{hint}").format(column="year", hint=""))
    unread = _("column {text} is not read")
    notes = [f"{place}: {unread.format(text=written(text))}" for place, text in table.unread]
    return list(_of_table(table, years)), table.mistakes, [*table.aside, *notes]


def _of_table(table: TypedTable, years: Sequence[int]) -> Iterator[TypedPost]:
    """The posts of a table with a role in every row, or with columns of each role."""
    named = _YEAR.search(table.sheet.name)
    usual = named[0] if named else "" if len(years) > 1 else str(years[0])
    columns = {role: key for role, key in _OF_ROLE.items() if key in table.headings}
    is_list = {"role", "new_fte"} <= table.headings.keys()
    for row in table.rows:
        place = next(row[key] for key in PLACES if key in row and row[key].text)
        year = row["year"].text if "year" in row and row["year"].text else usual
        area = row["area"].text if "area" in row else ""
        posts = {role_of(row["role"].text): "new_fte"} if is_list else columns
        for role, key in posts.items():
            if (fte := table.number(row[key], "FTE")) is not None:
                yield place.where, place.text, area, role, year, fte


def _of_simulator(table: TypedTable, year: str) -> tuple[list[TypedPost], list[str]]:
    """The posts typed in the workbook of a plan, else the plan's; what differs is noted."""
    posts, changed = [], []
    for row in table.rows:
        code = row["code"]
        for role in ROLES:
            plan, yours = (table.number(row[f"{of}_{role[0]}"], "FTE") for of in ("plan", "your"))
            fte = plan if yours is None else yours
            if fte is None:
                continue
            posts.append((code.where, code.text, "", role, year, fte))
            if plan is not None and fte != plan:
                place = f"{code.text} {row['name'].text}" if "name" in row else code.text
                ends = (telling(value, fte - plan, 2) for value in (plan, fte))
                changed.append(f"{place}, {_(ROLE_NAMES[role])} {' → '.join(ends)}")
    count = len(changed)
    text = ngettext(
        "{count} post is not the plan's: {posts}",
        "{count} posts are not the plan's: {posts}",
        count,
    ).format(count=count, posts="; ".join(changed))
    said = text if count else _("the posts are the plan's; none is typed over")
    return posts, [f"{table.sheet.file}, {table.sheet.name}: {said}"]
