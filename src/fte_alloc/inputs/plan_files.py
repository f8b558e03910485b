"""Reading of plans: a CSV typed by hand, the posts table of ``solve``, or a saved document."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fte_alloc import language
from fte_alloc.errors import InputError, Mistake, mistaken
from fte_alloc.inputs.codes import PostCodes, did_you_mean
from fte_alloc.inputs.draft import limited_mistakes, repeated_row
from fte_alloc.inputs.headings import heading_words, role_of_text
from fte_alloc.inputs.input_files import read_bytes, shown_path
from fte_alloc.inputs.sheets import WORKBOOKS, csv_sheet, read_sheets, sheet_row
from fte_alloc.inputs.tables import PLACES, TypedTable, find_tables
from fte_alloc.inputs.values import is_number, show_value, value_fault, written_value, year_fault
from fte_alloc.language import N_, _, enough_digits, few
from fte_alloc.names import ROLE_NAMES, SIMULATOR_COLUMNS
from fte_alloc.programme.data import COORDINATOR, FACILITATOR, ROLES
from fte_alloc.texts import utf8

NOT_A_PLAN = N_("is not a saved plan (fte-alloc solve … --out PLAN.json)")

PostKey = tuple[str, str, int]
PLAN_FORMAT = "fte-alloc/plan/1"
_POST = ("territory", "area", "role", "year")


class _Post(NamedTuple):
    """New posts of a plan as they were written.

    where : place of the row
    cells : place and text of every value, where these are those of a table
    """

    where: str
    territory: str
    area: str
    role: str
    year: str
    new_fte: Any
    cells: Mapping[str, tuple[str, str]] = {}


#: A year in the name of a sheet.
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
_OF_ROLE = {role: f"new_{role}s_fte" for role in ROLES}


def read_posts(
    path: Path,
    codes: PostCodes,
    years: Sequence[int],
    data: bytes | None = None,
    note: Callable[[str], object] = str,
) -> dict[PostKey, float]:
    """New posts by (role, code, year) [FTE] from a CSV file, a workbook or a plan document.

    data : the bytes of the file, where they have been read
    note : function that takes each note on the file

    Raises InputError with every row that cannot be taken.
    """
    name = shown_path(path)
    data = read_bytes(path, name) if data is None else data
    mistakes, notes = list[Mistake](), list[str]()
    if path.suffix.lower() == ".json":
        rows = _rows_of_plan(read_plan(path, data=data), name)
    else:
        rows, mistakes, notes = _typed_posts(data, name, years)

    def wrong(column: str, what: str, /, **parts: object) -> None:
        where, heading = row.cells.get(column, (row.where, column))
        before = f"{heading}: " if heading else ""
        mistakes.append(Mistake(where, before + (what.format(**parts) if parts else what)))

    for text in notes:
        note(text)
    posts: dict[PostKey, float] = {}
    places: dict[PostKey, str] = {}
    for row in rows:
        territory, area, role, year, new_fte = row[1:6]
        code = codes.find(role, territory, area)
        shown = show_value(new_fte) if is_number(new_fte) else ""
        if role not in ROLES:
            text = _("{role}, expected facilitator or coordinator{hint}")
            wrong("role", text, role=written_value(role), hint=did_you_mean(role, ROLES))
        elif code is None and codes.find(role, territory):
            text = _("{territory} is not in {area}")
            wrong("area", text, territory=territory, area=codes.areas.find(area))
        elif code is None:
            is_area = bool(area and not territory) and role != FACILITATOR
            column, typed, known = "territory", territory, codes.territories
            text = _("{code} is no territory of the scenario{hint}")
            if is_area:
                column, typed, known = "area", area, codes.areas
                text = _("{code} is no area of the scenario{hint}")
            inside, hint = codes.areas.find(typed), known.hint(typed)
            if inside and not is_area:
                within = [code for code, area in codes.area_of.items() if area == inside]
                hint = _("; it is an area: give its territories ({codes})")
                hint = hint.format(codes=few(within, 14))
            wrong(column, text, code=written_value(typed), hint=hint)
        elif what := year_fault(year):
            wrong("year", what)
        elif int(year) not in years:
            text, listed = _("{year} is not among the years ({known})"), ", ".join(map(str, years))
            wrong("year", text, year=year, known=listed)
        elif what := value_fault("amount", new_fte, shown=shown):
            wrong("new_fte", what)
        else:
            key = (role, code, int(year))
            if key in posts:
                wrong("", repeated_row(f"{_shown(codes, role, code)}, {year}", places[key]))
            posts[key], places[key] = new_fte, row.where
    if mistakes:
        in_order = sorted(mistakes, key=lambda mistake: sheet_row(mistake.where)[1])
        raise InputError(limited_mistakes(in_order))
    every = [(FACILITATOR, code) for code in codes.territories]
    every += [(COORDINATOR, code) for code in codes.areas]
    left = [key for key in every if any((*key, year) not in posts for year in years)]
    if left:
        text = _("{file}: not named there, counted as 0: {posts}")
        note(text.format(file=name, posts=few([_shown(codes, *key) for key in left], 4)))
    return posts


def _shown(codes: PostCodes, role: str, code: str) -> str:
    """The posts of a role in a place, in words."""
    of = codes.territories if role == FACILITATOR else codes.areas
    return f"{of.code_and_name(code)} {_(ROLE_NAMES[role])}"


# -- tables as planners keep them ------------------------------------------------------------------


def _typed_posts(
    data: bytes, name: str, years: Sequence[int]
) -> tuple[list[_Post], list[Mistake], list[str]]:
    """New posts of a workbook or CSV file, the mistakes in them, and notes.

    Raises InputError where the file has no table of posts, or several.
    """
    more: dict[str, str] = {}
    for code in language.LANGUAGES:
        with language.in_language(code):
            texts = ((_(text), key) for key, text in SIMULATOR_COLUMNS.items())
            more |= {" ".join(heading_words(text)): key for text, key in texts}
    is_book = Path(name).suffix.lower() in WORKBOOKS
    sheets = read_sheets(data, name) if is_book else [csv_sheet(utf8(data), name, more)]
    tables = find_tables(sheets, more)
    for table in tables:
        table.unknown = N_("; write 0 for none")
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
        names = ", ".join(table.sheet.name for table in found)
        raise mistaken(name, text.format(sheets=names))
    (table,) = found
    named = _YEAR.search(table.sheet.name)
    year = named[0] if named else "" if len(years) > 1 else str(years[0])
    if not year and "year" not in table.headings:
        place, __ = next(iter(table.headings.values()))
        raise mistaken(place, _("column {column} is missing").format(column=_("year")))
    unread = _("column {text} is not read")
    notes = [f"{place}: {unread.format(text=written_value(text))}" for place, text in table.unread]
    return list(_of_table(table, year)), table.mistakes, [*map(str, table.aside), *notes]


def _of_table(table: TypedTable, usual: str) -> Iterator[_Post]:
    """The rows of a table with roles in rows or in columns; *usual* is the year where none is."""
    columns = {role: key for role, key in _OF_ROLE.items() if key in table.headings}
    place = next((key for key in PLACES if key in table.headings), "name")
    is_list = {"role", "new_fte"} <= table.headings.keys()
    for row in table.rows:
        where = next(iter(row.values())).where
        named = next((key for key in PLACES if row[key].text), place)
        year, area = row["year"].text or usual, row["area"].text
        posts = {role_of_text(row["role"].text): "new_fte"} if is_list else columns
        for role, key in posts.items():
            fte = table.number(row, key)
            if not row[key].text:
                if not is_list:
                    continue
                table.add_mistake(row, key, _("is empty, expected a number"))
            keys = {"territory": named, "area": "area", "role": "role", "year": "year"}
            cells = {
                column: (row[of].where, "" if table.sheet.name else table.headings[of][1])
                for column, of in (keys | {"new_fte": key}).items()
                if of in table.headings
            }
            # Where the number is wrong, which is told, the rest of the row is checked, too.
            yield _Post(where, row[named].text, area, role, year, fte or 0.0, cells)


def _of_simulator(table: TypedTable, year: str) -> tuple[list[_Post], list[str]]:
    """Posts on a workbook's simulator sheet (typed, else the plan's), and a note on the changes."""
    posts, changed = [], []
    for row in table.rows:
        code = row["code"]
        for role in ROLES:
            plan, yours = (table.number(row, f"{of}_{role[0]}", "FTE") for of in ("plan", "your"))
            fte = plan if yours is None else yours
            if fte is None:
                continue
            posts.append(_Post(code.where, code.text, "", role, year, fte))
            if plan is not None and fte != plan:
                place = f"{code.text} {row['name'].text}".rstrip()
                ends = (enough_digits(value, fte - plan, 2) for value in (plan, fte))
                changed.append(f"{place}, {_(ROLE_NAMES[role])} {' → '.join(ends)}")
    text = _("posts that are not the plan's: {posts}").format(posts=_("; ").join(changed))
    what = text if changed else _("the posts are the plan's; none is typed over")
    return posts, [f"{table.sheet.file}, {table.sheet.name}: {what}"]


# -- saved plans -----------------------------------------------------------------------------------


def read_plan(path: Path, *also: str, data: bytes | None = None) -> dict[str, Any]:
    """A saved ``fte-alloc/plan/1`` document, or one of *also*; *data*: its bytes, if read."""
    name = shown_path(path)
    data = read_bytes(path, name) if data is None else data
    try:
        document = json.loads(utf8(data).decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise mistaken(f"{name}:{error.lineno}", _(NOT_A_PLAN)) from None
    except (ValueError, RecursionError):
        document = None
    is_plan = isinstance(document, dict) and document.get("format") in (PLAN_FORMAT, *also)
    if not is_plan or _is_deep(document):
        raise mistaken(name, _(NOT_A_PLAN))
    return upgraded_plan(document)


def upgraded_plan(document: Mapping[str, Any]) -> dict[str, Any]:
    """A plan document with the area of each post and price, which version 0.1 did not write.

    The document is returned as it is where its rows are not those of a plan.
    """
    try:
        area_of = {row["territory"]: row["area"] for row in document["territories"]}
        several = {area for area, count in Counter(area_of.values()).items() if count > 1}
        alone = {area: code for code, area in area_of.items() if area not in several}

        def place(row: Mapping[str, Any]) -> dict[str, Any]:
            code = row["territory"]
            if COORDINATOR in (row.get("role") or row["constraint"]):
                return {"territory": alone.get(code), "area": code}
            return {"area": area_of.get(code)}

        rows = {
            of: [row if "area" in row else row | place(row) for row in document[of]]
            for of in ("posts", "prices")
        }
        return {**document, **rows}
    except (AttributeError, KeyError, TypeError):
        return dict(document)


def _is_deep(value: Any, left: int = 50) -> bool:
    """Whether values are nested more than *left* levels deep, which no plan is."""
    within = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return left == 0 or any(_is_deep(one, left - 1) for one in within)


def _rows_of_plan(document: Mapping[str, Any], name: str) -> list[_Post]:
    """The rows of a plan document; their places end in the number of the row."""
    try:
        texts = [[str(row.get(key) or "") for key in _POST] for row in document["posts"]]
        amounts = (row["new_fte"] for row in document["posts"])
        pairs = enumerate(zip(texts, amounts, strict=True), start=1)
        return [_Post._make((f"{name}:posts:{n}", *of, fte, {})) for n, (of, fte) in pairs]
    except (KeyError, TypeError):
        raise mistaken(name, _(NOT_A_PLAN)) from None
