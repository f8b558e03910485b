"""Numbers as people type them: what a text may mean, and how to write it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from textwrap import shorten

from fte_alloc.language import N_, _, localised

_TYPED = re.compile(
    r"(?P<sign>[+\-\u2212]?)\s*[€$£]?\s*"
    r"(?P<digits>(?:\d[\d.,'’_ \u00a0\u2009\u202f]*)?[.,]?\d+)[.,]?"
    r"(?P<power>[eE][+\-]?\d{1,2})?[\s\u00a0\u202f]*(?P<unit>[^\d,.;:=]*)"
)
_GAP = re.compile(r"(?<=\d)['’_ \u00a0\u2009\u202f](?=\d{3}(?!\d))")
_SIZES = {
    3: r"(?:k|mille|thousand)",
    6: r"(?:m|mio|millions?)",
    9: r"(?:g|mds?|mrd|bn|milliards?|billions?)",
}
#: Units that may follow a size: k€, MEUR.
_UNITS = r"(?:\s*(?:d[e'’]\s*)?(?:€|eur|euros?|fte|etp))?"
#: Units that may follow a number without a size; with other letters, as in 5OO, it is no number.
_UNIT = re.compile(rf"(?:%|\$|£|posts?|postes?|{_UNITS})\.?")
#: Units, and letters of sizes as in k€, that only numbers in columns of such a unit may name.
_UNITS_TYPED = {"FTE": "etp|fte|post", "EUR": "[€$£bghkm]|eur", "1": "%"}
#: Numbers that mean one thing, which 1.234 does not.
_PLAIN = re.compile(
    r"(?![+-]?[1-9]\d{0,2}\.\d{3}$)[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII
)


def finite_number(text: str) -> float:
    """The finite number that a text states. Raises ValueError for any other text."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def possible_numbers(text: str) -> list[str]:
    """Numbers that a text may mean, as TOML writes them: one, two if ambiguous, or none."""
    typed = _TYPED.fullmatch(text.strip())
    if not typed:
        return []
    digits, unit = _GAP.sub("", typed["digits"]), typed["unit"].strip().lower()
    sizes = (p for p, names in _SIZES.items() if re.fullmatch(rf"{names}{_UNITS}\.?", unit))
    size = next(sizes, 0)
    if not size and not _UNIT.fullmatch(unit):
        return []
    marks = re.findall(r"[.,]", digits)
    is_grouped = any(_groups(digits, mark) for mark in marks)
    if len(marks) > 1 and len(set(marks)) == 1:
        read = [digits.replace(marks[0], "")] if is_grouped else []
    elif len(set(marks)) == 2:
        whole, __, part = digits.rpartition(marks[-1])
        read = [f"{whole.replace(marks[0], '')}.{part}"] if _groups(whole, marks[0]) else []
    else:
        read = [digits.replace(",", ".")]
        if is_grouped and not size and not typed["power"]:
            read.insert(0, digits.replace(marks[0], ""))
    power, exponent = size - (2 if unit.startswith("%") else 0), typed["power"] or ""
    sign = "" if typed["sign"] in ("", "+") else "-"
    valid = (Decimal(one + exponent) for one in read if re.fullmatch(r"\d*\.?\d+", one))
    found = [f"{sign}{one.scaleb(power):f}" for one in valid]
    return [one.rstrip("0").rstrip(".") if "." in one else one for one in found]


def _groups(digits: str, mark: str) -> bool:
    """Whether a mark may separate the thousands of a number."""
    return bool(re.fullmatch(rf"[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{3}})+", digits))


def number_hint(text: str) -> str:
    """Hint « ; write X » for a number, or several between colons, typed wrongly; else empty."""
    parts = [possible_numbers(part) for part in text.split(":")]
    if not all(parts):
        return ""
    if len(parts) == 1 and len(parts[0]) == 2:
        what = _("; write {number} or {other}, whichever is meant")
        return what.format(number=parts[0][0], other=parts[0][1])
    number = ":".join(one[0] for one in parts)
    return "" if number == text.strip() else _("; write {number}").format(number=number)


_TWO_WAYS = N_(
    "is {value}, which can be read in two ways; write {whole} if the mark parts the thousands, "
    "{decimal}, with one more 0, if it is the decimal one"
)


def typed_number(text: str, unit: str, others: Callable[[], set[str]], unknown: str = "") -> float:
    """Number that a text of a table states. Raises ValueError if it is unreadable or ambiguous.

    unit : unit of its column
    others : function that returns the decimal marks in other numbers of the table
    unknown : end of the reason, which says what to write where there is no number
    """
    if _PLAIN.fullmatch(text):
        return float(text)
    found = possible_numbers(text)
    shown = json.dumps(shorten(text, 60, placeholder="…"), ensure_ascii=False)
    foreign = (words for of, words in _UNITS_TYPED.items() if not unit.startswith(of))
    is_foreign = any(re.search(words, text.lower()) for words in foreign)
    if not found or is_foreign or text.endswith(","):
        raise ValueError(_("is {value}, expected a number").format(value=shown) + unknown)
    if len(found) == 2:
        marks, mark = others(), "," if "," in text else "."
        if len(marks) != 1 or (mark not in marks and unit == "FTE"):
            parts = {"whole": found[0], "decimal": localised(f"{found[1]}0")}
            raise ValueError(_(_TWO_WAYS).format(value=shown, **parts))
        found = [found[1] if mark in marks else found[0]]
    return float(found[0])


def decimal_marks(texts: Iterable[str]) -> set[str]:
    """Decimal marks, point or comma, of the unambiguous numbers among some texts."""
    marks = set()
    for text in texts:
        found = re.findall(r"[.,]", text)
        read = possible_numbers(text) if found else []
        if len(read) == 1 and "%" not in text:
            is_one, by_three = found.count(found[-1]) == 1, text[-4:-3] == found[-1]
            is_decimal = is_one and ("." in read[0] or not by_three)
            other = {",": ".", ".": ","}[found[-1]]
            marks.add(found[-1] if is_decimal else other)
    return marks


def half_unit(value: float) -> float:
    """Half of the place value of a typed number's last digit: how far it may be rounded."""
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return 0.5 * 10.0 ** min(int(exponent), 0)
