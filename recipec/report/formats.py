"""How numbers are written: units, rounding, and the words for a change."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Final

from recipec.api import Interval, Metric

MINUS: Final = "−"
LEVEL: Final = 0.95
"""The confidence level of an interval that doesn't state another."""

_SPACE: Final = "\u00a0"
"""Between a number and its unit, so that they stay on one line."""


def significant(value: float, digits: int = 3) -> str:
    """Write a number with so many significant digits, never with an exponent."""
    if not math.isfinite(value):
        return {math.inf: "∞", -math.inf: f"{MINUS}∞"}.get(value, "not a number")
    if value == 0:
        return "0"
    rounded = float(f"{value:.{digits - 1}e}")
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    return f"{rounded:,.{decimals}f}".replace("-", MINUS)


def exact(value: int) -> str:
    """Write a count in full: `53,018`."""
    return f"{value:,}".replace("-", MINUS)


def span(low: str, high: str) -> str:
    """Write two quantities with their unit once, where it is the same: `683–720 µs`."""
    number, _, unit = low.partition(_SPACE)
    once = unit and " " not in unit and high.endswith(f"{_SPACE}{unit}") and " " not in high
    return f"{number}–{high}" if once else f"{low}–{high}"


def some(number: int, what: str) -> str:
    """Write how many there are of something: `1 layer`, `1,204 layers`."""
    return f"{exact(number)} {what}{'' if number == 1 else 's'}"


def _scaled(value: float, units: tuple[str, ...]) -> str:
    rounded = float(f"{value:.2e}") if math.isfinite(value) else value
    power = 0
    while math.isfinite(value) and abs(rounded) >= 1000 and power < len(units) - 1:
        rounded, value, power = rounded / 1000, value / 1000, power + 1
    unit = units[power]
    return f"{significant(value)}{_SPACE}{unit}" if unit else significant(value)


def size(value: float) -> str:
    """Write bytes in decimal units: `64.2 kB`."""
    if value < 1000 and value == int(value):
        return f"{int(value)}{_SPACE}B"
    return _scaled(value, ("B", "kB", "MB", "GB", "TB"))


def count(value: float) -> str:
    """Write a count: in full below a million, else `25.6 M`."""
    if math.isfinite(value) and value == int(value) and abs(value) < 1_000_000:
        return exact(int(value))
    return _scaled(value, ("", "k", "M", "G", "T"))


def duration(seconds: float) -> str:
    """Write seconds: `213 µs`, `12.4 s`, `3 min 12 s`, `1 h 4 min`."""
    if not math.isfinite(seconds) or seconds < 0:
        return f"{significant(seconds)}{_SPACE}s"
    if round(seconds) >= 3600:
        minutes = round(seconds / 60)
        return f"{minutes // 60:,}{_SPACE}h {minutes % 60}{_SPACE}min"
    if round(seconds) >= 60:
        whole = round(seconds)
        return f"{whole // 60}{_SPACE}min {whole % 60}{_SPACE}s"
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if float(f"{seconds / scale:.2e}") >= 1:
            return f"{significant(seconds / scale)}{_SPACE}{unit}"
    return f"{significant(seconds / 1e-9)}{_SPACE}ns" if seconds else f"0{_SPACE}s"


def share(value: float) -> str:
    """Write a share as a percentage with two decimals: `99.33 %`."""
    return f"{_percent(value)}{_SPACE}%"


def points(difference: float) -> str:
    """Write a difference of shares in percentage points, with its sign: `−0.22 pp`."""
    text = f"{difference * 100:+.2f}".replace("-", MINUS)
    if text in ("+0.00", f"{MINUS}0.00"):
        text = "±0.00"
    return f"{text}{_SPACE}pp"


def _percent(value: float) -> str:
    return f"{value * 100:.2f}".replace("-", MINUS)


def quantity(value: float, unit: str) -> str:
    """Write a metric's value in its unit (`bytes`, `s`, `1/s`, `1`, `share`)."""
    match unit:
        case "bytes":
            return size(value)
        case "s":
            return duration(value)
        case "1/s":
            return f"{significant(value) if abs(value) < 1e6 else count(value)}{_SPACE}/s"
        case "share":
            return share(value)
        case _:
            return count(value)


def interval(metric: Metric) -> str | None:
    """Write a metric's confidence interval and how much stands behind it, None without either."""
    said = []
    if metric.interval is not None:
        low, high = metric.interval.low, metric.interval.high
        if metric.unit == "share":
            said.append(f"{_percent(low)}–{share(high)}")
        else:
            said.append(span(quantity(low, metric.unit), quantity(high, metric.unit)))
        if metric.interval.level != LEVEL:
            said.append(level(metric.interval))
    if metric.count is not None:
        said.append(f"n{_SPACE}={_SPACE}{exact(metric.count)}")
    return ", ".join(said) or None


def moment(started: str) -> str:
    """Write an ISO 8601 time in UTC, `2026-11-24 04:12:55 UTC`; anything else stays as it is."""
    try:
        moment = datetime.fromisoformat(started)
    except ValueError:
        return started
    if moment.tzinfo is None:
        return f"{moment:%Y-%m-%d %H:%M:%S}"
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def level(interval: Interval) -> str:
    """Write an interval's confidence level: `95 %`."""
    return f"{significant(interval.level * 100)}{_SPACE}%".replace(f".0{_SPACE}", _SPACE)


def times(ratio: float) -> str:
    """Write a ratio: `1.67×`."""
    return f"{significant(ratio)}×"
