"""Which layers a selector matched, in as few words as say it: `conv1, layer1.*`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

SHOWN: Final = 8
"""Names that are written; the rest is counted."""


def matched(names: Sequence[str], among: Sequence[str]) -> str:
    """Write which of a model's layers were matched: `12 of 20 layers: conv1, layer1.* and 2 more`.

    Where all layers below a name are matched, the name stands for them.
    """
    chosen = set(names)
    if among and chosen >= set(among):
        return "the only layer" if len(among) == 1 else f"all {len(among)} layers"
    total = f" of {len(among)}" if among else ""
    said = f"{len(chosen)}{total} layer{'' if (len(among) or len(chosen)) == 1 else 's'}"
    if not chosen:
        return said
    short = list(_shortened([n for n in among if n in chosen] or sorted(chosen), among))
    rest = len(short) - SHOWN
    listed = ", ".join(short[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")
    return f"{said}: {listed}"


def _shortened(names: Iterable[str], among: Iterable[str]) -> Iterable[str]:
    """Let a prefix stand for all layers below it, the shortest that is matched as a whole."""
    missing = set(among) - set(names)
    open_prefixes = {prefix for name in missing for prefix in _prefixes(name)}
    counts: dict[str, int] = {}
    for name in names:
        for prefix in _prefixes(name):
            counts[prefix] = counts.get(prefix, 0) + 1
    said: dict[str, None] = {}
    for name in names:
        whole = (p for p in _prefixes(name) if p not in open_prefixes and counts[p] > 1)
        shortest = next(whole, None)
        said[name if shortest is None else f"{shortest}.*"] = None
    return said


def _prefixes(name: str) -> Iterable[str]:
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts))]
