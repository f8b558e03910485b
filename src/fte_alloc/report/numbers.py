"""Numbers as people read them. Data formats never go through here."""

from __future__ import annotations

import math
from collections.abc import Sequence

MINUS, NOTHING = "−", "·"


def signed(text: str, value: float) -> str:
    """A formatted difference with its sign; a true minus, not a hyphen."""
    if not any(digit in text for digit in "123456789"):
        return text.replace("-", "")
    return text.replace("-", MINUS) if value < 0 else f"+{text}"


def count(value: float, digits: int = 0) -> str:
    """Contracts, EUR: 57,536."""
    return f"{value:,.{digits}f}".replace("-", MINUS)


def count_change(value: float, digits: int = 0) -> str:
    """A difference of contracts or EUR: −1,632."""
    return signed(f"{value:,.{digits}f}", value)


def fte(value: float) -> str:
    """Posts to a tenth; a dot for none."""
    return NOTHING if abs(value) < 0.05 else f"{value:,.1f}".replace("-", MINUS)


def fte_change(value: float) -> str:
    """A difference of posts: −1.9."""
    return signed(f"{value:,.1f}", value)


def rate(value: float | None, digits: int = 1) -> str:
    """A share in percent: 24.4%."""
    return "–" if value is None else f"{100 * value:.{digits}f}%"


def points(value: float) -> str:
    """A difference of shares in points: −0.7."""
    return signed(f"{100 * value:.1f}", value)


def adding_up(parts: Sequence[float], total: float, digits: int = 0) -> list[float]:
    """Parts rounded so that, as shown, they add up to a rounded total; by largest remainders."""
    units = [part * 10**digits for part in parts]
    shown = [math.floor(unit) for unit in units]
    left = round(total * 10**digits) - sum(shown)
    by_remainder = sorted(range(len(units)), key=lambda j: shown[j] - units[j])
    for j in by_remainder[:left]:
        shown[j] += 1
    return [unit / 10**digits for unit in shown]


def million(value: float) -> str:
    """EUR in millions: 5.40."""
    return f"{value / 1e6:,.2f}"


def plain_value(value: object) -> str:
    """An input value: 5,400,000, 0.7, none."""
    if value is None:
        return "none"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    whole = float(value).is_integer() or abs(value) >= 1e5
    return f"{value:,.0f}" if whole else f"{value:,.6g}"


def at_most(value: float, digits: int = 1) -> str:
    """A limit, rounded up, so that it stays one once printed: 1,234.5."""
    return count(math.ceil(round(value * 10**digits, 3)) / 10**digits, digits)


def share_at_most(value: float) -> str:
    """A share that is a limit, in percent, two digits of it, rounded up: 0.0056%."""
    if not 0 < value < 1:
        return rate(value)
    digits = 1 - math.floor(math.log10(100 * value))
    return f"{math.ceil(round(100 * value * 10**digits, 3)) / 10**digits:.{digits}f}%"


def exact(value: object) -> str:
    """A saved value with all its digits: the difference may be in the last. Hashes are cut."""
    text = "null" if value is None else str(value)
    return f"{text[:15]}…" if text.startswith("sha256:") else text
