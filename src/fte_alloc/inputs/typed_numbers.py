"""Numbers as people type them: what a text may mean, and how to write it."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from fte_alloc.language import _

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
    power = size - (2 if unit.startswith("%") else 0)
    sign = "" if typed["sign"] in ("", "+") else "-"
    found = [
        f"{sign}{Decimal(one + (typed['power'] or '')).scaleb(power):f}"
        for one in read
        if re.fullmatch(r"\d*\.?\d+", one)
    ]
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


def half_unit(value: float) -> float:
    """Half of the place value of a typed number's last digit: how far it may be rounded."""
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return 0.5 * 10.0 ** min(int(exponent), 0)
