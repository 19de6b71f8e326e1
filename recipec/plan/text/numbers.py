"""Numbers of a plan in words: counts in full, and estimates as roughly as they are known."""

from __future__ import annotations


def count(value: int) -> str:
    """Write a count in full: `53,018`."""
    return f"{value:,}"


def change(before: int, after: int) -> str:
    """Write how much a count changed, as a share of it: `−75%`; `−0.3%` where it is little."""
    if not before:
        return ""
    share = (after - before) / before * 100
    text = f"{share:+.0f}%" if abs(share) >= 1 else f"{share:+.1g}%"
    return text.replace("-", "−")


def duration(seconds: float) -> str:
    """Write seconds with two digits: `30 ms`, `4.2 s`, `3 min 10 s`, `1 h 20 min`, `2 d 3 h`."""
    if seconds < 0.0995:
        return "0 s" if seconds < 0.0005 else f"{_two(seconds * 1000)} ms"
    if seconds < 59.5:
        return f"{_two(seconds)} s"
    if seconds < 595:
        step = 10 if seconds >= 120 else 5
        minutes, rest = divmod(round(seconds / step) * step, 60)
        return f"{minutes} min" + (f" {rest} s" if rest else "")
    if seconds < 3570:
        return f"{round(seconds / 60)} min"
    minutes = round(seconds / 600) * 10 if seconds >= 7200 else round(seconds / 300) * 5
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h" + (f" {rest} min" if rest else "")
    days, hours = divmod(round(seconds / 3600), 24)
    return f"{days:,} d" + (f" {hours} h" if hours and days < 10 else "")


def size(value: float) -> str:
    """Write bytes with two digits: `640 B`, `180 kB`, `1.2 GB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if float(f"{value:.2g}") < 1000:
            return f"{_two(value)} {unit}"
        value /= 1000
    return f"{_two(value)} TB"


def _two(value: float) -> str:
    rounded = float(f"{value:.2g}")
    return f"{rounded:.0f}" if rounded >= 10 or rounded == int(rounded) else f"{rounded:g}"
