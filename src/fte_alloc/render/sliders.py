"""Pages with sliders: the texts that differ between plans, deflated, and the script to show them.

The HTML of every plan is split into tags and texts. Of those that differ between plans, the data
hold each variant once, and its index for every position of the sliders.
"""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import unescape
from importlib.resources import files

from fte_alloc.errors import mistaken
from fte_alloc.language import _
from fte_alloc.questions.answer import Sliders

_TAG, _NAME = re.compile(r"(<[^>]*>)"), re.compile(r"</?[\w-]+")
#: Tags of elements that contain nothing.
_EMPTY = re.compile(r"<br>|.*/>", re.DOTALL)


def slider_scripts(sliders: Sliders, own: str, pages: Iterable[tuple[str, str]]) -> str:
    """The script elements of a page: the plans of all positions as data, and the code.

    own : HTML of the parts that change with the sliders, for the plan of the page itself
    pages : for every position, the reason why there is no plan, or else the HTML of those parts

    Raises InputError where the pages differ in their elements, beyond texts and attributes.
    """
    tokens, names = _tokens(own), _NAME.findall(own)
    reasons, plans = list[str](), list[dict[int, str]]()
    for why, page in pages:
        if page and _NAME.findall(page) != names:
            raise mistaken("--vary", _("its plans have tables of different columns"))
        pairs = enumerate(zip(_tokens(page or own), tokens, strict=True))
        plans.append({n: one for n, (one, here) in pairs if one != here})
        reasons.append(why)
    moved, places = sorted(set[int]().union(*plans)), _places(tokens)
    data = {
        "labels": [_("{label}: {value}").format(label=one, value="\0") for one in sliders.labels],
        "values": sliders.values,
        "base": sliders.base,
        "heading": _("What if?"),
        "proved": _("Every position is a plan that was solved and proved, none is estimated."),
        "grey": _("Figures in grey are those of the last position that has a plan."),
        "back": _("Back to the scenario ({values})").format(values=sliders.own_values),
        "why": _variants(reasons),
        "figures": [_variants([plan.get(n, tokens[n]) for plan in plans]) for n in moved],
        "places": [places[n] for n in moved],
    }
    text = json.dumps(data, separators=(",", ":")).encode()
    grid = b64encode(zlib.compress(text, 9)).decode()
    code = files(__package__).joinpath("slider.js").read_text(encoding="utf-8")
    return f'<script type="text/plain" id="grid">{grid}</script>\n<script>\n{code}</script>\n'


def _tokens(page: str) -> list[str]:
    """Texts (unescaped) and tags of an HTML page in turn, a text first."""
    return [part if n % 2 else unescape(part) for n, part in enumerate(_TAG.split(page))]


def _variants(texts: Sequence[str]) -> tuple[list[str], list[int]]:
    """The different texts, in order, and the index of each text among them."""
    index = {text: n for n, text in enumerate(dict.fromkeys(texts))}
    return list(index), [index[text] for text in texts]


def _places(tokens: Sequence[str]) -> list[tuple[int, str]]:
    """Position of each token: index of an element, and where the token is relative to it.

    ``tag``: it opens the element; ``first``: it is the text that the element begins with;
    ``after``: it is the text that comes after the end of the element.
    """
    places, open_elements, count = [(0, "first")], list[int](), 0
    for tag in tokens[1::2]:
        if tag.startswith("</"):
            element, where = open_elements.pop(), "after"
        else:
            element, where = count, "after" if _EMPTY.fullmatch(tag) else "first"
            open_elements += [element] if where == "first" else []
            count += 1
        places += [(element, "tag"), (element, where)]
    return places
