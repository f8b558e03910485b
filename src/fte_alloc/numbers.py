"""Numbers as people read them, in the language in force. Data formats do not use this module.

Every number is rounded and written in English first; another language only changes its marks, so
that the digits are the same in all. Numbers are rounded as in spreadsheets (``rounded``); a
difference is between the two figures as shown (``difference``), a total is the exact one, rounded.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal

from fte_alloc.language import ENGLISH, N_, NN_, _, enough_digits, in_force, localised, ngettext
from fte_alloc.programme.objectives import GAP, STEP_GAP

QUANTITIES = {"EUR": N_("{number} EUR"), "FTE": N_("{number} FTE")}
#: Names of units of documents, singular and plural.
UNIT_NAMES = {
    "rate": NN_("points", "points"),
    "contracts": NN_("contract", "contracts"),
    "weighted contracts": NN_("weighted contract", "weighted contracts"),
}

__all__ = ["enough_digits", "localised"]

MINUS, NOTHING = "−", "·"
_HALF_AWAY = Context(prec=400, rounding=ROUND_HALF_UP)
_HAIR = Decimal("1e-10")


def rounded(value: float, digits: int = 0, shift: int = 0) -> float:
    """A number rounded to a number of decimals: 0.35 to one decimal is 0.4.

    Half is rounded away from zero, in the decimal number of 15 digits that spreadsheets show and
    people type, as the binary number may be a little less. The last bits of another machine, or a
    search that stops within 1e-12 of its objective, must not change the result either: 1e-10 of the
    number, or a thousandth of the last digit if less, is added to its absolute value first.

    shift : power of ten by which the number is multiplied first: 2 for a share in percent
    """
    if not math.isfinite(value):
        return float(value)
    typed = Decimal(f"{value:.15g}").scaleb(shift, _HALF_AWAY)
    unit = Decimal(1).scaleb(-digits)
    hair = min(abs(typed) * _HAIR, unit / 1000).copy_sign(typed)
    return float((typed + hair).quantize(unit, context=_HALF_AWAY)) + 0.0


def _with_digits(value: float, digits: int = 0, shift: int = 0) -> str:
    return f"{rounded(value, digits, shift):,.{digits}f}"


def to_digits(value: float, digits: int) -> float:
    """A number rounded to a number of significant digits."""
    size = math.floor(math.log10(abs(value))) if value and math.isfinite(value) else 0
    return rounded(value, digits - 1 - size)


def signed(text: str, value: float) -> str:
    """The text of a difference with its sign; a true minus, not a hyphen."""
    if not any(digit in text for digit in "123456789"):
        return text.replace("-", "")
    return text.replace("-", MINUS) if value < 0 else f"+{text}"


def is_nonzero(text: str) -> bool:
    """Whether the text of a number, as printed, differs from 0."""
    return any(digit in text for digit in "123456789")


def count(value: float, digits: int = 0) -> str:
    """A number of contracts or EUR as text: 57,536."""
    return localised(_with_digits(value, digits).replace("-", MINUS))


def count_change(value: float, digits: int = 0) -> str:
    """A difference of contracts or EUR as text: −1,632."""
    return localised(signed(_with_digits(value, digits), value))


def difference(before: float, after: float, digits: int = 0, shift: int = 0) -> str:
    """Difference between two figures as they are shown: from 18.9 to 18.8, −0.1.

    shift : as in ``rounded``
    """
    first, second = (rounded(value, digits, shift) for value in (before, after))
    return count_change(second - first, digits)


def fte(value: float) -> str:
    """Posts as text, to a tenth of an FTE; a dot for none."""
    return count(value, 1) if rounded(value, 1) else NOTHING


def fte_change(value: float) -> str:
    """A difference of posts as text: −1.9."""
    return count_change(value, 1)


def rate(value: float | None, digits: int = 1) -> str:
    """A share as text in percent: 24.4%; a dash for None."""
    return "–" if value is None else percent(_with_digits(value, digits, 2).replace("-", MINUS))


def rate_change(value: float, digits: int = 1) -> str:
    """A relative change as text in percent: −7.5%."""
    return percent(signed(_with_digits(value, digits, 2), value))


def share(value: float) -> str:
    """A share that is an input, in percent, to six digits: 30%, 0.5%."""
    return percent(f"{to_digits(100 * value, 6):g}")


def percent(text: str) -> str:
    """A number written in English as a percentage in the language in force."""
    return _("{number}%").format(number=localised(text))


def adding_up(parts: Sequence[float], total: float, digits: int = 0) -> list[float]:
    """Parts rounded by largest remainders, so that as shown they add up to a rounded total."""
    units = [part * 10**digits for part in parts]
    shown = [math.floor(unit) for unit in units]
    left = int(rounded(total, 0, digits)) - sum(shown)
    by_remainder = sorted(range(len(units)), key=lambda j: shown[j] - units[j])
    for j in by_remainder[:left]:
        shown[j] += 1
    return [unit / 10**digits for unit in shown]


def million(value: float) -> str:
    """An amount of EUR as text, in millions: 5.40."""
    return localised(_with_digits(value, 2, -6).replace("-", MINUS))


def four_decimals(value: float) -> str:
    """A number as text, with four decimals at most: 9.944."""
    return localised(_with_digits(value, 4).rstrip("0").rstrip("."))


def significant(value: float, digits: int) -> str:
    """A weight, or another number without a unit, to *digits* significant digits: 0.69198."""
    return localised(f"{Decimal(f'{to_digits(value, digits):.{digits}g}'):f}".replace("-", MINUS))


def quantity(text: str, unit: str) -> str:
    """The text of a number with its unit; a share has no unit."""
    if unit == "1":
        return text
    return _(QUANTITIES.get(unit, "{number} " + unit)).format(number=text)


def unit_after(value: float, unit: str) -> str:
    """The name of a unit after a value: in French, the singular after a value below 2."""
    return counted(UNIT_NAMES[unit], value, unit) if unit in UNIT_NAMES else _(unit)


def counted(forms: tuple[str, str], value: float, unit: str) -> str:
    """The singular or plural after a value as it is shown; French has the singular for 1.9."""
    return ngettext(*forms, rounded(value, 1, 2 if unit == "rate" else 0))


def plain_value(value: object) -> str:
    """An input value as text: 5,400,000, 0.7, none."""
    if value is None:
        return _("none")
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    whole = float(value).is_integer() or abs(value) >= 1e5
    return localised(_with_digits(value) if whole else f"{to_digits(value, 6):,.6g}")


def at_most(value: float, digits: int = 1) -> str:
    """An upper limit, rounded up so that it still holds as printed: 1,234.5."""
    return count(math.ceil(round(value * 10**digits, 3)) / 10**digits, digits)


def at_least(value: float, digits: int = 1) -> str:
    """Text of a lower limit, rounded down so that it still holds as printed: 1,234.5."""
    return count(math.floor(round(value * 10**digits, 3)) / 10**digits, digits)


def share_at_most(value: float) -> str:
    """An upper limit of a share, in percent, rounded up to two digits: 0.0056%."""
    if not 0 < value < 1:
        return rate(value)
    digits = 1 - math.floor(math.log10(100 * value))
    return percent(f"{math.ceil(round(100 * value * 10**digits, 3)) / 10**digits:.{digits}f}")


def gap(value: float, *, in_steps: bool = False) -> str:
    """An upper limit of a relative gap, in percent, rounded up to one digit: 0.06%.

    For a proved stage, it is the gap allowed: the digits of the actual gap are only rounding and
    differ between machines.
    """
    limit = max(value, STEP_GAP if in_steps else GAP)
    if not math.isfinite(limit):
        return str(limit)
    if limit == value:
        one = Decimal(value).adjusted()
        limit = float(f"{math.ceil(round(value / 10.0**one, 9)) * 10.0**one:.1g}")
    return percent(f"{Decimal(str(limit)).scaleb(2):f}")


def date(text: str) -> str:
    """A date of ISO 8601 as people write it: 03/05/2023 in French; any other text as it is."""
    parts = text.split("-")
    is_date = len(parts) == 3 and all(map(str.isdigit, parts)) and in_force() != ENGLISH
    return "/".join(reversed(parts)) if is_date else text


def exact(value: object) -> str:
    """Text of a saved value with all digits, as two may differ in the last; hashes are cut."""
    text = "null" if value is None else str(value)
    return f"{text[:15]}…" if text.startswith("sha256:") else text
