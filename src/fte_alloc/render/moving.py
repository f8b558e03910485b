"""Pages with sliders: the texts that differ between plans, packed, and the script to show them.

The HTML of every plan is split into tags and texts, and those that differ from the page's own plan
are stored. Each is packed as words with a gap for every number: « 4.70 of 5.40 » is the words
« ▢ of ▢ » and the numbers 470 and 540. The numbers of a gap in all plans, in the order of the grid,
are a column, stored as differences from plan to plan. The JSON is deflated, in base64.
"""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from itertools import accumulate, pairwise
from typing import Any

from fte_alloc import numbers as show
from fte_alloc.errors import mistaken
from fte_alloc.language import _
from fte_alloc.questions.answer import Sliders

#: Largest number of digits of a number that JavaScript represents exactly.
_MOST_DIGITS = 15
_TAG, _NAME = re.compile(r"(<[^>]*>)"), re.compile(r"</?[\w-]+")
#: Words and gaps in turn; a gap is 2 × its decimals, plus 1 unless thousands stand unseparated.
_Words = tuple[str | int, ...]


def script(sliders: Sliders, own: str, pages: Iterable[tuple[str, str | None]]) -> str:
    """The script elements of a page: the plans of all positions as data, and the code.

    own : HTML of the parts that change with the sliders, for the plan of the page itself
    pages : for every position, the reason why there is no plan, and the HTML of those parts or None

    Raises InputError where the pages differ in their elements, beyond texts and attributes.
    """
    tokens, names = _TAG.split(own), _NAME.findall(own)
    reasons, plans = list[list[str]](), list[dict[int, str] | None]()
    for why, page in pages:
        if page and _NAME.findall(page) != names:
            raise mistaken("--vary", _("its plans have tables of different columns"))
        pairs = enumerate(zip(_TAG.split(page or own), tokens, strict=True))
        plans.append({n: one for n, (one, here) in pairs if one != here} if page else None)
        reasons.append([why])
    moved = sorted(set[int]().union(*filter(None, plans)))
    texts = [None if plan is None else [plan.get(n, tokens[n]) for n in moved] for plan in plans]
    data = {
        "labels": [_("{label}: {value}").format(label=of, value="\0") for of in sliders.labels],
        "values": sliders.values,
        "base": sliders.base,
        "heading": _("What if?"),
        "proved": _("Every position is a plan that was solved and proved, none is estimated."),
        "grey": _("Figures in grey are those of the last position that has a plan."),
        "back": _("Back to the scenario ({values})").format(values=sliders.own_values),
        "marks": _marks(""),
        "why": packed(reasons),
        "figures": packed(texts),
        # Index of the element that a tag opens, or of the last one opened before a text.
        "places": [sum(tag[1] != "/" for tag in tokens[1 : n + 1 : 2]) - 1 for n in moved],
    }
    text = json.dumps(data, separators=(",", ":")).encode()
    grid = b64encode(zlib.compress(text, 9)).decode()
    code = files(__package__).joinpath("slider.js").read_text(encoding="utf-8")
    return f'<script type="text/plain" id="grid">{grid}</script>\n<script>\n{code}</script>\n'


def packed(plans: Sequence[Sequence[str] | None]) -> dict[str, Any]:
    """The texts of plans, packed as a JSON object.

    plans : the texts of each plan, in the order of the grid; None where there is no plan

    ``words`` lists words and gaps in turn, and ``texts`` lists for each text its words, the column
    that selects one of them per plan, and those of its gaps. None is replaced by the plan before.
    """
    words, texts = dict[_Words, int](), list[list[Any]]()
    first: Sequence[str] = next((plan for plan in plans if plan is not None), ())
    filled = accumulate(plans, lambda before, plan: before if plan is None else plan, initial=first)
    for of_plans in zip(*[*filled][1:], strict=True):
        parts = {text: _parts(text) for text in of_plans}
        own = {each: n for n, each in enumerate(dict.fromkeys(w for w, _ in parts.values()))}
        told = [(own[each], *numbers) for each, numbers in map(parts.__getitem__, of_plans)]
        ids = [words.setdefault(each, len(words)) for each in own]
        texts.append([ids, *_columns(told)])
    return {"words": [*words], "texts": texts}


def _marks(text: str) -> list[str]:
    """The separators of thousands and decimals in a text; in a tag, those of English."""
    numbers = ("1,234", "1.5") if text.startswith("<") else map(show.localised, ("1,234", "1.5"))
    return [number[1] for number in numbers]


def _parts(text: str) -> tuple[_Words, tuple[int, ...]]:
    """A text split into words and gaps, and the numbers of the gaps, without decimal point."""
    thousands, point = map(re.escape, _marks(text))
    number = (
        rf"(?<![\d.,])([1-9]\d{{0,2}}(?:{thousands}\d{{3}})+|[1-9]\d*|0)(?:{point}(\d+))?(?!\d)"
    )
    parts, numbers, end = list[str | int](), list[int](), 0
    for found in re.finditer(number, text, re.ASCII):
        digits, is_apart = re.sub(r"\D", "", found[0]), not re.fullmatch(r"\d{4,}", found[1])
        if len(digits) <= _MOST_DIGITS:
            parts += [text[end : found.start()], 2 * len(found[2] or "") + is_apart]
            numbers.append(int(digits))
            end = found.end()
    return (*parts, text[end:]), tuple(numbers)


def _columns(rows: Sequence[tuple[int, ...]]) -> Iterator[list[int]]:
    """The columns of rows of numbers, each as its first number and the differences after it."""
    longest = max(map(len, rows))
    for column in zip(*(row + (0,) * (longest - len(row)) for row in rows), strict=True):
        yield [after - before for before, after in pairwise((0, *column))]
