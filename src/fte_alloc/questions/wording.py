"""Names and words of models, scenarios, inputs and columns, in the language in force."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fte_alloc import language, names
from fte_alloc import numbers as show
from fte_alloc.inputs.schema import find
from fte_alloc.language import N_, _, ngettext
from fte_alloc.programme.objectives import OBJECTIVES
from fte_alloc.questions.column_names import BOOK_COLUMNS, BOOK_SUMMARY, DATA_COLUMNS
from fte_alloc.questions.document import Document, inputs_of
from fte_alloc.questions.sides import WITH_SET, Side
from fte_alloc.questions.why.changes import label_of, subject
from fte_alloc.texts import Lines, visible

if TYPE_CHECKING:
    from fte_alloc.inputs.entries import Inputs

#: Words for the territories of a model, by its own word: singular, plural, adjective.
TERRITORIES = {
    "region": (N_("region"), N_("regions"), N_("regional")),
    "département": (N_("département"), N_("départements"), N_("departmental")),
}
#: Units of inputs, as files write them.
INPUT_UNITS = {
    unit: unit
    for unit in (
        *(N_("EUR/yr"), N_("EUR/(FTE.yr)"), N_("contracts/yr"), N_("contracts/(FTE.yr)")),
        *(N_("inhabitants"), N_("FTE")),
    )
}
#: Words for codes in columns of data, by the last part of the name of the column.
_DATA_WORDS = {
    "name": names.COLUMN_NAMES,
    "role": names.ROLE_NAMES,
    "status": names.STATUS_NAMES | names.SWEEP_STATUS,
    "by": names.STOPPED_BY,
    "end": names.WEIGHT_ENDS,
    "unit": INPUT_UNITS | {unit: several for unit, (_one, several) in show.UNIT_NAMES.items()},
}
_POSTS_OF = re.compile(r"(?:new_fte_)?(facilitator|coordinator)[_.](\w+?)(?:[_.](\d{4}))?")
#: Longest text of an input on one line [characters].
_WIDE_TEXT = 40


def listed(names: Iterable[str]) -> str:
    """Items as a list in words: « a, b and c »."""
    *first, last = names
    return _(" and ").join([", ".join(first), last]) if first else last


def quoted(names: Iterable[str]) -> list[str]:
    """Titles in quotation marks."""
    return [_("“{name}”").format(name=name) for name in names]


def few(names: Sequence[str], most: int) -> str:
    """The first names of a list, and the number of those left out."""
    shown, more = ", ".join(names[:most]), len(names) - most
    return _("{names} and {count} more").format(names=shown, count=more) if more > 0 else shown


def others(count: int) -> str:
    """« , 3 others » as the end of a sentence that names one item of several; empty for 0."""
    text = ngettext(", {count} other", ", {count} others", count)
    return text.format(count=count) if count else ""


def named(values: Mapping[str, Any], key: str, otherwise: str) -> str:
    """A text of the inputs in the language in force (``<key>_fr``), else *otherwise*."""
    return str(values.get(f"{key}_{language.in_force()}") or otherwise)


def title_of(document: Document) -> str:
    """Title of the scenario of a document."""
    values = {"title_fr": document.get("title_fr"), **inputs_of(document)}
    return named(values, "title", document["title"])


def headed(document: Document) -> str:
    """Name and title of the scenario, as the head of a page."""
    title = title_of(document)
    return _("{scenario}: {title}").format(scenario=document["scenario"], title=title)


def titles_of(sides: Sequence[Side]) -> dict[str, str]:
    """Headings of compared plans by name: titles of scenarios where unique, else their names."""
    own = [s for s in sides if title_of(s.document) and s.document["status"] != "judged"]
    given = [title_of(side.document) for side in own if not side.name.endswith(WITH_SET)]
    found = {side.name: side.name for side in sides}
    for side in own:
        title = title_of(side.document)
        if side.name.endswith(WITH_SET):
            found[side.name] = _("{title}, changed").format(title=title)
        elif given.count(title) == 1:
            found[side.name] = title
    return found


def in_words(key: str, values: Mapping[str, Any]) -> str:
    """An input in words: its meaning, then its place, kind of buyer or other parts of its key."""
    path = tuple(key.split("."))
    if (parameter := find(path)) is None:
        return label_of(subject(path))
    where = {"segment": "coverage.segments.{}.name", "territory": "territories.{}.name"}
    codes = [part for part, of in zip(path, parameter.pattern, strict=False) if of == "*"]
    of = [
        named(values, at := where.get(kind, "").format(code), str(values.get(at, code)))
        for kind, code in zip(parameter.codes, codes, strict=True)
        if code != "*"
    ]
    return ", ".join([parameter.words, *(_(names.COLUMN_NAMES.get(name, name)) for name in of)])


def wrapped(text: str, indent: str = "") -> str:
    """A long text of the first column of a table, wrapped over several lines."""
    lines = textwrap.wrap(
        visible(text), _WIDE_TEXT, initial_indent=indent, subsequent_indent=indent
    )
    return Lines("\n".join(lines))


def keyed(key: str, values: Mapping[str, Any], indent: str = "") -> str:
    """An input in words, wrapped, and its key on the last line."""
    return Lines(f"{wrapped(in_words(key, values), indent)}\n{indent}  {visible(key)}")


def input_shown(key: str, value: object) -> str:
    """The value of an input as text; objectives of stages in words."""
    if key != "stages":
        return show.plain_value(data_word(key.rpartition(".")[2], value))
    names = {key: one.short or one.name for key, one in OBJECTIVES.items()}
    names["coverage"] = names["contracts"]  # whether coverage is weighted is shown by other inputs
    return re.sub(r"[a-z_]+", lambda name: _(names.get(name[0], name[0])), str(value))


def data_heading(key: str) -> str:
    """The heading of a column of data in words; an unknown column keeps its key."""
    heads = {key: head for key, (head, __) in (BOOK_COLUMNS | BOOK_SUMMARY).items()}
    if key in (heads := heads | names.STATUS_NAMES | names.RESULT_NAMES | DATA_COLUMNS):
        return _(heads[key])
    if posts := _POSTS_OF.fullmatch(key):
        role, *place = posts.groups("")
        return " ".join([_("new FTE,"), _(names.ROLE_NAMES[role]), *place]).rstrip()
    side, __, rest = key.partition("_")
    if side in ("below", "above"):
        text = _("below: {what}") if side == "below" else _("above: {what}")
        return text.format(what=data_heading("slope" if rest == "rate" else rest))
    if (objective := key.removesuffix("_unit")) in OBJECTIVES:
        return input_shown("stages", objective) + (_(", unit") if objective != key else "")
    return f"{in_words(key, {})} ({key})" if find(tuple(key.split("."))) else key


def data_word(key: str, value: Any) -> Any:
    """A value of a column of data, with codes and booleans in words."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    words = _DATA_WORDS.get(key.rpartition("_")[2], {})
    return names.of_limit(words, value) if isinstance(value, str) and value in words else value


def buyer_of(document: Document, segment: Mapping[str, Any]) -> str:
    """Name of the kind of buyer of a row of ``segments``."""
    key = f"coverage.segments.{segment['segment']}.name"
    return named(inputs_of(document), key, segment["name"])


def buyers_of(inputs: Inputs) -> dict[str, str]:
    """Names of the kinds of buyer of a scenario, by code."""
    names = inputs.codes("coverage.segments").items()
    return {code: named(inputs.values, f"coverage.segments.{code}.name", n) for code, n in names}


def unit_of(unit: str | None) -> str:
    """The unit of an input in the language in force; empty if there is none."""
    return _(INPUT_UNITS.get(unit, unit)) if unit else ""


def territory_words(word: str) -> tuple[str, str, str]:
    """Singular, plural and adjective for territories, from the model's word for a territory."""
    usual = (_("territory"), _("territories"), _("territorial"))
    one, several, of_it = map(_, TERRITORIES.get(word, (word or usual[0], *usual[1:])))
    return one, several, of_it


def shared_territory_words(values: Iterable[Mapping[str, Any]]) -> tuple[str, str, str]:
    """``territory_words`` for several plans, by their inputs; general words where they differ."""
    words = {of.get("territory", "") for of in values}
    return territory_words(words.pop() if len(words) == 1 else "")


def by_solver(stage: Mapping[str, Any]) -> bool:
    """Whether a stage's bound is the solver's alone: for posts in steps that no table proves."""
    return stage["relaxation_bound"] is not None and not stage.get("tables")


def gained(objective: str, unit: str, gain: float = 2.0) -> str:
    """Words for a gain in an objective: « contracts », « EUR saved ».

    gain : number before these words, which sets singular or plural
    """
    if unit == "weighted contracts":
        return show.unit_after(gain, unit)
    return show.counted(OBJECTIVES[objective].worth, gain, unit)


# -- sheets ----------------------------------------------------------------------------------------


def territories_name(word: str | None, ending: str = "") -> str:
    """Name of the sheet of territories, from the model's word for a territory."""
    name = word if word and word not in TERRITORIES else territory_words(word or "")[1]
    return with_ending(name.capitalize(), ending)


def with_ending(name: str, ending: str) -> str:
    """The name of a sheet with an ending, shortened so that both fit into 31 characters."""
    return f"{name[: 30 - len(ending)]} {ending}" if ending else name


def word_of(document: Document) -> str | None:
    """The word of the model for a territory, None if it gives none."""
    word = inputs_of(document).get("territory")
    return None if word is None else str(word)
