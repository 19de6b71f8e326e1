"""Which entries of a list moved to another place among the others."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple


class _Chain(NamedTuple):
    """Entries that kept their order, from the last one back; the better of two has more of them.

    Of two equally long ones a number made of the names decides, so that the way back finds the
    same one.
    """

    length: int
    weight: int
    last: str
    rest: _Chain | None


def moved(before: Sequence[str], after: Sequence[str]) -> frozenset[str]:
    """Give the fewest entries that must have moved, of those in both lists; names occur once.

    The others are a longest increasing subsequence, found in O(n log n) with a Fenwick tree.
    """
    place = {name: index for index, name in enumerate(after)}
    common = [name for name in before if name in place]
    best: list[_Chain | None] = [None] * (len(after) + 1)
    for name in common:
        rest = _best_before(best, place[name])
        length, weight = (rest.length, rest.weight) if rest else (0, 0)
        chain = _Chain(length + 1, weight + _weight(name), name, rest)
        slot = place[name] + 1
        while slot < len(best):
            best[slot] = _better(best[slot], chain)
            slot += slot & -slot
    stayed = set()
    chain_of_all = _best_before(best, len(after))
    while chain_of_all is not None:
        stayed.add(chain_of_all.last)
        chain_of_all = chain_of_all.rest
    return frozenset(common) - stayed


def _best_before(best: list[_Chain | None], slot: int) -> _Chain | None:
    found: _Chain | None = None
    while slot:
        found = _better(found, best[slot])
        slot -= slot & -slot
    return found


def _better(one: _Chain | None, other: _Chain | None) -> _Chain | None:
    if one is None or other is None:
        return one or other
    return one if one[:2] >= other[:2] else other


def _weight(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])
