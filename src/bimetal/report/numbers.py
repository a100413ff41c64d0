"""Numbers as people read them: percent, points, counts, money, sizes and ranges, one spelling everywhere."""

from __future__ import annotations

import math
from collections.abc import Callable

from bimetal.types import Interval

UNKNOWN = "not known"

_THIN = "\u202f"  # narrow no-break space: the unit never wraps away from its number
_MINUS = "\u2212"
_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "CHF": "CHF" + _THIN, "INR": "₹"}
_UNITS = (f"{_THIN}%", " points")
_SIZES = ("B", "kB", "MB", "GB", "TB")


def percent(share: float, digits: int = 0) -> str:
    """Spell a share of one.

    >>> percent(0.95).replace("\u202f", " ")
    '95 %'
    """
    return f"{number(share * 100, digits)}{_THIN}%" if math.isfinite(share) else UNKNOWN


def points(difference: float, digits: int = 1) -> str:
    """Spell a difference of two shares in percentage points, always signed.

    >>> points(0.031), points(0)
    ('+3.1 points', '0.0 points')
    """
    if not math.isfinite(difference):
        return UNKNOWN
    text = number(difference * 100, digits)
    positive = not text.startswith(_MINUS) and float(text.replace(",", "")) > 0
    return f"{'+' if positive else ''}{text} points"


def count(n: float) -> str:
    """Spell a whole number with its thousands apart.

    >>> count(12480)
    '12,480'
    """
    return number(n, 0)


def number(value: float, digits: int = 2) -> str:
    """Spell a plain number with a true minus sign; never a negative zero.

    >>> number(0.0712), number(-0.0001)
    ('0.07', '0.00')
    """
    if not math.isfinite(value):
        return UNKNOWN
    text = f"{abs(value):,.{digits}f}"
    negative = value < 0 and any(digit in text for digit in "123456789")
    return f"{_MINUS if negative else ''}{text}"


def statistic(value: float) -> str:
    """Spell a number of unknown scale: three decimals, more where it is small, powers of ten at the extremes.

    >>> statistic(0.0824), statistic(12), statistic(0.00042), statistic(3e-9)
    ('0.082', '12', '0.00042', '3e-09')
    """
    if not math.isfinite(value):
        return UNKNOWN
    if value and not 1e-4 <= abs(value) < 1e9:
        return f"{_MINUS if value < 0 else ''}{abs(value):.2g}"
    if float(value).is_integer():
        return number(value, 0)
    return number(value, 3 if abs(value) >= 0.01 else 5)


def money(amount: float, currency: str = "EUR") -> str:
    """Spell an amount: whole units from one hundred, cents below, two digits that count below a cent.

    `currency` is an ISO 4217 code.

    >>> money(1240.4), money(0.18, "USD"), money(0.0002)
    ('€1,240', '$0.18', '€0.0002')
    """
    if not math.isfinite(amount):
        return UNKNOWN
    cents = 2 if not 0 < abs(amount) < 0.01 else 1 - math.floor(math.log10(abs(amount)))
    text = number(amount, cents if abs(amount) < 100 else 0)
    text = text.rstrip("0") if cents > 2 else text
    sign, digits = (_MINUS, text[1:]) if text.startswith(_MINUS) else ("", text)
    return f"{sign}{_SYMBOLS.get(currency, currency + _THIN)}{digits}"


def size(n_bytes: float) -> str:
    """Spell a number of bytes, decimal prefixes.

    >>> size(48_211).replace("\u202f", " ")
    '48.2 kB'
    """
    amount, unit = float(n_bytes), 0
    while amount >= 999.95 and unit < len(_SIZES) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{number(amount, 1 if unit else 0)}{_THIN}{_SIZES[unit]}"


def span(low: float, high: float, spell: Callable[[float], str] = percent) -> str:
    """Spell a range, its unit once; signed ends are joined by a word.

    >>> span(0.78, 0.88).replace("\u202f", " "), span(-0.01, 0.02, points)
    ('78–88 %', '−1.0 to +2.0 points')
    """
    start, end = spell(low), spell(high)
    unit = next((each for each in _UNITS if start.endswith(each) and end.endswith(each)), "")
    joint = " to " if {"+", _MINUS} & {start[0], end[0]} else "–"
    return f"{start.removesuffix(unit)}{joint}{end}"


def bounded(interval: Interval, spell: Callable[[float], str] = percent) -> str:
    """Spell an estimate with its bounds; the bounds are left out where they are not known.

    >>> bounded(Interval(0.95, 0.93, 0.96)).replace("\u202f", " ")
    '95 % (93–96 %)'
    """
    if not (math.isfinite(interval.low) and math.isfinite(interval.high)):
        return spell(interval.estimate)
    return f"{spell(interval.estimate)} ({span(interval.low, interval.high, spell)})"
