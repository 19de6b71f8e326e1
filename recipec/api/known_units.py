"""The quantities that recipes state, each with its units and what people write instead of them."""

from __future__ import annotations

from typing import Final

from recipec.api.quantities import Quantity, Unit

DURATION: Final = Quantity(
    "a duration",
    {
        "ns": Unit(power=-9),
        "us": Unit(power=-6),
        "µs": Unit(power=-6),
        "ms": Unit(power=-3),
        "s": Unit(),
        "min": Unit(60),
        "h": Unit(3600),
    },
    "5ms",
    lambda n: (f"{n}ms", f"{n}s"),
    most=1e9,
    meant={
        "m": ("min", "ms"),
        "sec": ("s",),
        "secs": ("s",),
        "second": ("s",),
        "seconds": ("s",),
        "msec": ("ms",),
        "usec": ("us",),
        "millis": ("ms",),
        "mins": ("min",),
        "minute": ("min",),
        "minutes": ("min",),
        "hr": ("h",),
        "hour": ("h",),
        "hours": ("h",),
    },
)
SIZE: Final = Quantity(
    "a size in bytes",
    {
        "B": Unit(),
        "kB": Unit(power=3),
        "MB": Unit(power=6),
        "GB": Unit(power=9),
        "TB": Unit(power=12),
        "KiB": Unit(2**10),
        "MiB": Unit(2**20),
        "GiB": Unit(2**30),
        "TiB": Unit(2**40),
    },
    "64MiB",
    lambda n: (f"{n}B", f"{n}MiB"),
    most=2**63,
    meant={
        "KB": ("kB", "KiB"),
        "kb": ("kB", "KiB"),
        "Kb": ("kB", "KiB"),
        "K": ("kB", "KiB"),
        "k": ("kB", "KiB"),
        "M": ("MB", "MiB"),
        "m": ("MB", "MiB"),
        "G": ("GB", "GiB"),
        "g": ("GB", "GiB"),
        "T": ("TB", "TiB"),
        "t": ("TB", "TiB"),
        "mb": ("MB", "MiB"),
        "gb": ("GB", "GiB"),
        "tb": ("TB", "TiB"),
        "kilobytes": ("kB", "KiB"),
        "megabytes": ("MB", "MiB"),
        "gigabytes": ("GB", "GiB"),
        "byte": ("B",),
        "bytes": ("B",),
    },
    explain=lambda n: f"{round(n):,} bytes",
)
RATIO: Final = Quantity(
    "a ratio",
    {"x": Unit()},
    "3x",
    lambda n: (f"{n}x", f"{1 + float(n) / 100:g}x") if float(n) >= 1 else (f"{n}x",),
    most=1e9,
    meant={"%": (), "×": ("x",), "times": ("x",)},
)
POINTS: Final = Quantity(
    "a number of percentage points",
    {"pp": Unit(power=-2)},
    "1pp",
    lambda n: (f"{n}pp", f"{float(n) * 100:g}pp") if float(n) < 1 else (f"{n}pp",),
    most=1.0,
    meant={"%": ("pp",), "points": ("pp",), "p": ("pp",)},
)
DROP: Final = Quantity(
    "a drop",
    {"pp": Unit(power=-2), "%": Unit(power=-2)},
    "1pp",
    lambda n: (f"{_percent(n)}pp", f"{_percent(n)}%"),
    most=1.0,
    meant={"points": ("pp",), "p": ("pp",), "percent": ("%", "pp")},
)
COUNT: Final = Quantity(
    "a count",
    {"k": Unit(power=3), "M": Unit(power=6), "G": Unit(power=9)},
    "25.6M",
    lambda n: (n,),
    most=1e18,
    also=", or none",
    meant={"K": ("k",), "m": ("M",), "g": ("G",), "B": ("G",), "b": ("G",), "million": ("M",)},
)
RATE: Final = Quantity(
    "a rate",
    {"/s": Unit(), "k/s": Unit(power=3), "M/s": Unit(power=6)},
    "1000/s",
    lambda n: (f"{n}/s",),
    most=1e18,
    meant={"K/s": ("k/s",), "m/s": ("M/s",), "1/s": ("/s",), "hz": ("/s",), "per": ("/s",)},
)


def _percent(digits: str) -> str:
    """Give a bare number as a percentage: below 1 it is more likely meant as a share."""
    return digits if float(digits) >= 1 or not float(digits) else f"{float(digits) * 100:g}"
