"""Numbers as people type them, with units, thousands marks and decimal commas: what was meant."""

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
#: What may stand together with a size: k€, MEUR.
_UNITS = r"(?:\s*(?:d[e'’]\s*)?(?:€|eur|euros?|fte|etp))?"
#: What may stand behind a number without a size; after other letters, as in 5OO, nothing is meant.
_UNIT = re.compile(rf"(?:%|\$|£|posts?|postes?|{_UNITS})\W*")
_SIZE = re.compile("|".join(rf"(?P<e{p}>{names}){_UNITS}\W*" for p, names in _SIZES.items()))


def finite(text: str) -> float:
    """A number of an option. Raises ValueError for none, an infinite one or NaN."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def meant(text: str) -> list[str]:
    """What a text that is no number may mean, as TOML writes it: one number, or two; or none."""
    typed = _TYPED.fullmatch(text.strip())
    if not typed:
        return []
    digits = _GAP.sub("", typed["digits"])
    unit = typed["unit"].strip().lower()
    size = _SIZE.fullmatch(unit)
    if not size and not _UNIT.fullmatch(unit):
        return []
    marks = re.findall(r"[.,]", digits)
    grouped = [m for m in dict.fromkeys(marks) if _groups(digits, m)]
    if len(marks) > 1 and len(set(marks)) == 1:
        read = [digits.replace(marks[0], "")] if grouped else []
    elif len(set(marks)) == 2:
        whole, _, part = digits.rpartition(marks[-1])
        read = [f"{whole.replace(marks[0], '')}.{part}"] if _groups(whole, marks[0]) else []
    else:
        read = [digits.replace(",", ".")]
        if grouped and not size and not typed["power"]:
            read.insert(0, digits.replace(marks[0], ""))
    sizes = size.groupdict() if size else {}
    power = next((int(name[1:]) for name, found in sizes.items() if found), 0)
    power -= 2 if unit.startswith("%") else 0
    sign = "" if typed["sign"] in ("", "+") else "-"
    return [
        sign + _written(Decimal(one + (typed["power"] or "")).scaleb(power))
        for one in read
        if re.fullmatch(r"\d*\.?\d+", one)
    ]


def _groups(digits: str, mark: str) -> bool:
    """Whether a mark may stand between thousands."""
    return bool(re.fullmatch(rf"[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{3}})+", digits))


def _written(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def hint(text: str) -> str:
    """« ; write X », of one number or of several between colons; empty for what is none."""
    parts = [meant(part) for part in text.split(":")]
    if not all(parts):
        return ""
    if len(parts) == 1 and len(parts[0]) == 2:
        said = _("; write {number} or {other}, whichever is meant")
        return said.format(number=parts[0][0], other=parts[0][1])
    number = ":".join(one[0] for one in parts)
    return "" if number == text.strip() else _("; write {number}").format(number=number)
