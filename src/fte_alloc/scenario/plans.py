"""Plans read back: a CSV typed by hand, the posts table of ``solve``, or a saved document."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fte_alloc import words
from fte_alloc.errors import InputError, Mistake
from fte_alloc.problem import FACILITATOR, ROLES, Problem
from fte_alloc.scenario.finding import shown_path
from fte_alloc.scenario.inputs import closest, plain
from fte_alloc.scenario.tables import Cell, read_bytes, read_table

PostKey = tuple[str, str, int]
PLAN_FORMAT = "fte-alloc/plan/1"


@dataclass(frozen=True)
class PostCodes:
    """How a plan may name its territories and areas.

    territory : code of a territory given by code or name
    areas : area of each territory, by code
    """

    territory: Callable[[str], str | None]
    areas: Mapping[str, str]

    @classmethod
    def of(cls, problem: Problem) -> PostCodes:
        named = dict(zip(map(plain, problem.territory_names), problem.territories, strict=True))
        named |= {code: code for code in problem.territories}
        areas = {
            c: problem.areas[a] for c, a in zip(problem.territories, problem.area_of, strict=True)
        }
        return cls(lambda text: named.get(text) or named.get(plain(text)), areas)

    def find(self, role: str, text: str) -> str | None:
        """Code of the territory of a facilitator, or of the area of a coordinator."""
        if role != FACILITATOR and text in self.areas.values():
            return text
        code = self.territory(text)
        if code is None or role == FACILITATOR:
            return code
        return self.areas[code]


def read_posts(path: Path, codes: PostCodes, years: Sequence[int]) -> dict[PostKey, float]:
    """New posts by (role, code, year) from a CSV file or a plan document.

    Raises InputError with every row that cannot be taken.
    """
    if path.suffix == ".json":
        document = read_plan(path)
        rows = [{**row, "line": None} for row in document["posts"]]
    else:
        rows = _csv_rows(path, years)
    name = shown_path(path)
    posts: dict[PostKey, float] = {}
    mistakes: list[Mistake] = []
    for row in rows:
        where = name if row["line"] is None else f"{name}:{row['line']}"
        role, text, year, fte = row["role"], row["territory"], row["year"], row["new_fte"]
        code = codes.find(role, text) if role in ROLES else None
        if role not in ROLES:
            what = words.UNKNOWN_ROLE.format(role=role, hint=closest(role, ROLES))
            mistakes.append(Mistake(where, what))
        elif code is None:
            hint = closest(text, codes.areas)
            what = words.UNKNOWN_TERRITORY_IN_TABLE.format(code=text, hint=hint)
            mistakes.append(Mistake(where, f"territory: {what}"))
        elif year not in years:
            known = ", ".join(map(str, years))
            mistakes.append(Mistake(where, words.UNKNOWN_YEAR.format(year=year, known=known)))
        elif (role, code, year) in posts:
            mistakes.append(
                Mistake(where, words.POST_TWICE.format(role=role, code=code, year=year))
            )
        else:
            posts[role, code, year] = fte
    if mistakes:
        raise InputError(mistakes)
    return posts


def _csv_rows(path: Path, years: Sequence[int]) -> list[dict[str, Any]]:
    name = shown_path(path)
    required = ["territory", "role", "new_fte", *(["year"] if len(years) > 1 else [])]
    table = read_table(path, name, required)
    rows, mistakes = [], []
    for row in table.rows:
        where = f"{name}:{row['territory'].line}"
        fte, year = row["new_fte"], row.get("year", Cell("", 0)).text or str(years[0])
        try:
            number = table.number(fte) if fte.text else 0.0
        except ValueError as error:
            what = words.IS_EXPECTED.format(value=f'"{fte.text}"', expected=error)
            mistakes.append(Mistake(where, f"new_fte: {what}"))
            continue
        if number < 0 or not year.isdigit():
            key, value, kind = (
                ("new_fte", fte.text, "amount") if number < 0 else ("year", year, "years")
            )
            what = words.IS_EXPECTED.format(value=value, expected=words.EXPECTED[kind])
            mistakes.append(Mistake(where, f"{key}: {what}"))
            continue
        rows.append(
            {
                "territory": row["territory"].text,
                "role": row["role"].text,
                "year": int(year),
                "new_fte": number,
                "line": row["territory"].line,
            }
        )
    mixed = table.mixes_decimals(["new_fte"])
    if mixed:
        what = words.MIXED_DECIMALS.format(
            point=mixed[1].text, comma=mixed[0].text, line=mixed[0].line
        )
        mistakes.append(Mistake(f"{name}:{mixed[1].line}", what))
    if mistakes:
        raise InputError(mistakes)
    return rows


def read_plan(path: Path) -> dict[str, Any]:
    """A saved ``fte-alloc/plan/1`` document."""
    name = shown_path(path)
    try:
        document = json.loads(read_bytes(path, name).decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        line = getattr(error, "lineno", 1)
        raise InputError([Mistake(f"{name}:{line}", words.NOT_A_PLAN)]) from None
    if not isinstance(document, dict) or document.get("format") != PLAN_FORMAT:
        raise InputError([Mistake(name, words.NOT_A_PLAN)])
    return document
