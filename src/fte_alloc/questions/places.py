"""Territories and areas: their codes and names, the words for them, and their rows of tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fte_alloc.errors import mistaken
from fte_alloc.inputs.codes import PostCodes
from fte_alloc.language import N_, _
from fte_alloc.names import NO_SUCH_PLACE
from fte_alloc.programme.data import COORDINATOR, FACILITATOR
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.answer import Table
from fte_alloc.questions.cells import (
    Cell,
    Column,
    Content,
    Row,
    cell_number,
    difference_cells,
    sum_cells,
)

#: Hints for a text that names a place of the other kind.
_OTHER_KIND = {
    "territory": N_("; an area is called so: --area {code}"),
    "area": N_("; a territory is called so: --territory {code}"),
}
#: Words for the territories of a model, by its own word: singular, plural, adjective.
TERRITORIES = {
    "region": (N_("region"), N_("regions"), N_("regional")),
    "département": (N_("département"), N_("départements"), N_("departmental")),
}


def typed_place_code(problem: Problem, kind: str, text: str) -> str:
    """Code of a ``territory`` or an ``area`` given by code or name.

    kind : ``territory`` or ``area``; errors name the option ``--territory`` or ``--area``

    Raises InputError for a text that matches no code or name, or several.
    """
    every = PostCodes.of(problem)
    codes, others = every.territories, every.areas
    if kind == "area":
        codes, others = others, codes
    code = codes.find(text)
    if code is None:
        other, hint = others.find(text), codes.hint(text)
        hint = _(_OTHER_KIND[kind]).format(code=other) if other else hint
        model = problem.inputs.name if problem.inputs else _("this problem")
        raise mistaken(f"--{kind} {text}", _(NO_SUCH_PLACE[kind]), model=model, hint=hint)
    return code


def place_key(row: Mapping[str, Any]) -> str:
    """Unique key of the place of a row: ``53``; of an area of several territories ``area 84``."""
    return str(row["territory"]) if row["territory"] else area_key(row["area"])


def area_key(area: str) -> str:
    """The key of an area as a whole, in the form of ``place_key``."""
    return f"area {area}"


def place_labels(posts: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Code and name of all territories and areas, by ``place_key``."""
    rows = sorted(posts, key=lambda row: str(row["role"]))  # names of territories override
    return {place_key(row): f"{row['territory'] or row['area']} {row['name']}" for row in rows}


@dataclass(frozen=True)
class Place:
    """A territory or an area as a row of a table.

    territory, area : codes; the row of an area has no territory
    within : codes of the territories whose rows follow that of the area; may be empty
    is_inside : whether the row of a territory follows that of its area
    """

    territory: str | None
    area: str
    name: str
    within: tuple[str, ...] = ()
    is_inside: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the places whose figures the row adds up, its own first."""
        return place_key({"territory": self.territory, "area": self.area}), *self.within

    @property
    def label(self) -> str:
        """Code and name, indented if the row follows that of its area."""
        return f"{'  ' * self.is_inside}{self.territory or self.area} {self.name}"

    @property
    def cells(self) -> dict[str, Content]:
        """Cells of its codes and name; rows of areas are highlighted."""
        codes = {"code": self.territory, "area": self.area}
        style = {"style": "mark"} if self.within else {}
        return {"place": self.label, **codes, "name": self.name, **style}

    def sum(self, figures: Mapping[str, float]) -> float:
        """The sum of figures, given by ``place_key``, over the places of the row."""
        return sum(figures.get(key, 0.0) for key in self.keys)

    def is_place_of(self, row: Mapping[str, Any]) -> bool:
        """Whether *row* is of this place or, for an area without *within*, of anything in it."""
        if self.territory is None and not self.within:
            return bool(row["area"] == self.area)
        return place_key(row) == self.keys[0]

    def contains(self, row: Mapping[str, Any]) -> bool:
        """Whether a row is of this place or of a territory within it."""
        return self.is_place_of(row) or row["territory"] in self.within


def place_lines(
    posts: Iterable[Mapping[str, Any]],
    *,
    by_area: bool = False,
    names: Mapping[str, str] | None = None,
) -> list[Place]:
    """The places of posts in order: areas by code, each followed by its territories.

    by_area : areas only
    names : names by ``place_key``, for rows without a name
    """
    territories: dict[str, Place] = {}
    areas: dict[str, Place] = {}
    for row in posts:
        named = row.get("name") or (names or {}).get(place_key(row), "")
        if row["role"] == FACILITATOR:
            territories[row["territory"]] = Place(row["territory"], row["area"], named)
        else:
            areas[row["area"]] = Place(row["territory"], row["area"], named)
    if by_area:
        return [replace(areas[code], territory=None) for code in sorted(areas)]
    if all(place.territory for place in areas.values()):
        return [territories[code] for code in sorted(territories)]
    lines: list[Place] = []
    for code in sorted(areas):
        inside = [territories[of] for of in sorted(territories) if territories[of].area == code]
        if areas[code].territory is None:
            lines.append(replace(areas[code], within=tuple(str(of.territory) for of in inside)))
            inside = [replace(place, is_inside=True) for place in inside]
        lines += inside
    return lines


def place_columns(lines: Sequence[Place]) -> list[Column]:
    """The columns of a sheet for code, name and area of places, as far as *lines* need them."""
    code, name, area = Column("code", "code"), Column("name"), Column("area", "code")
    if not any(line.territory for line in lines):
        return [area, name]
    return [code, name] if all(line.territory for line in lines) else [code, name, area]


def add_up_places(
    lines: Sequence[Place], rows: Sequence[MutableMapping[str, Content]], keys: Iterable[str]
) -> None:
    """Add to the row of each area the figures of its territories."""
    for n, line in enumerate(lines):
        for key in keys if line.within else ():
            first, last, own = n + 1, n + len(line.within), cell_number(rows[n], key)
            value = own + sum(cell_number(row, key) for row in rows[first : last + 1])
            formula = f"SUM({{{key}#{first}}}:{{{key}#{last}}})"
            rows[n][key] = Cell(value, f"{own!r}+{formula}" if own else formula)


def place_totals(
    lines: Sequence[Place], rows: Sequence[Row], keys: Iterable[str]
) -> dict[str, Content]:
    """The row of totals: for each key the sum over rows that no other row includes."""
    tops = [n for n, line in enumerate(lines) if not line.is_inside]
    if len(tops) == len(lines):
        return sum_cells(rows, keys)
    return {
        key: Cell(
            sum(cell_number(rows[n], key) for n in tops), "+".join(f"{{{key}#{n}}}" for n in tops)
        )
        for key in keys
    }


def places_table(
    lines: Sequence[Place],
    what: str,
    plans: Sequence[tuple[str, Mapping[str, float]]],
    sheet: tuple[str, str] | None = None,
    parts: Mapping[str, Mapping[str, float]] | None = None,
    name: str = "",
) -> Table:
    """Table of a figure of every place in every plan; a page has the first, then differences to it.

    what : ``posts`` or ``contracts``, a key of ``BY_PLACE``
    plans : titles of plans, each with the figure by ``place_key`` a place
    parts : further columns, each a figure by ``place_key`` a place
    name : name by which charts refer to it
    """
    titles, parts, after = [title for title, __ in plans], parts or {}, range(1, len(plans))
    kind = "fte" if what == "posts" else "contracts"
    columns = [
        Column("place", page="", book=False),
        *place_columns(lines),
        *(Column(key, kind) for key in parts),
        Column(f"{what}_of", kind, titles[0], "v0", 14, page=titles[0]),
        *(Column(f"{what}_of", kind, titles[n], f"v{n}", 14) for n in after),
        *(
            Column(f"{what}_change", f"{kind}_change", titles[n], f"d{n}", 14, page=titles[n])
            for n in after
        ),
    ]
    values = {**parts, **{f"v{n}": figures for n, (__, figures) in enumerate(plans)}}
    rows = [line.cells | {v: of.get(line.keys[0]) for v, of in values.items()} for line in lines]
    add_up_places(lines, rows, values)
    total = {"place": _("Total"), columns[1].id: _("Total")} | place_totals(lines, rows, values)
    return Table(
        "",
        columns,
        [row | difference_cells(row, kind, len(after)) for row in rows],
        total | difference_cells(total, kind, len(after)),
        name=name,
        sheet=sheet,
        rules=[("shade", [f"d{n}" for n in after])],
    )


def place_names(problem: Problem) -> dict[str, str]:
    """Names of territories, and of areas with several territories, by ``place_key``."""
    areas = zip(problem.areas, problem.area_names, strict=True)
    named = {place_key(problem.place(COORDINATOR, code)): name for code, name in areas}
    return named | dict(zip(problem.territories, problem.territory_names, strict=True))


def territory_words(word: str) -> tuple[str, str, str]:
    """Singular, plural and adjective for territories, from the model's word for a territory."""
    usual = (_("territory"), _("territories"), _("territorial"))
    one, several, of_it = map(_, TERRITORIES.get(word, (word or usual[0], *usual[1:])))
    return one, several, of_it


def shared_territory_words(values: Iterable[Mapping[str, Any]]) -> tuple[str, str, str]:
    """``territory_words`` for several plans, by their inputs; general words where they differ."""
    words = {of.get("territory", "") for of in values}
    return territory_words(words.pop() if len(words) == 1 else "")


def place_sheet_name(word: str | None, ending: str = "") -> str:
    """Sheet name of at most 31 characters: the model's word for territories, and a year, say."""
    name = word if word and word not in TERRITORIES else territory_words(word or "")[1]
    return f"{name.capitalize()[: 30 - len(ending)]} {ending}" if ending else name.capitalize()
