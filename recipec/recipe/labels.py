"""Labels of variants: readable, unique, and safe as names of folders on any system.

`amount=0.3,importance=l1`: each axis by the end of its name that tells it from the others, each
value as text. Anything but letters, digits and `._+-` becomes `-`; lists are joined by `+`. What is
too long ends in `~` and a digest, and so does what would otherwise be the label of another variant.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final

from recipec.source import Value

MAX_LABEL: Final = 80
_MAX_VALUE: Final = 32
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._+-]+")
_SILENT: Final = frozenset({"vars", "stages", "data", "with", "default"})
"""Steps of a name that say little."""

Settings = Sequence[tuple[str, Value]]


def labels(variants: Sequence[Settings]) -> list[str]:
    """Give a label to each variant, which is the names it sets and their values."""
    short = _short({name for variant in variants for name, _ in variant})
    made = [
        ",".join(f"{short[name]}={_text(value)}" for name, value in variant).rstrip(".")
        for variant in variants
    ]
    counts = Counter(label.casefold() for label in made)
    return [
        label if counts[label.casefold()] == 1 and len(label) <= MAX_LABEL else _cut(label, variant)
        for label, variant in zip(made, variants, strict=True)
    ]


def _short(names: set[str]) -> dict[str, str]:
    """Give each name its shortest end that no other has."""
    steps = {name: [s for s in _steps(name) if s not in _SILENT] or _steps(name) for name in names}
    ends = Counter(end for own in steps.values() for end in _ends(own))
    short = {}
    for name, own in steps.items():
        end = next((end for end in _ends(own) if ends[end] == 1), tuple(own))
        short[name] = _safe(".".join(end)).lstrip(".-") or "axis"
    return short


def _ends(steps: list[str]) -> Iterator[tuple[str, ...]]:
    for length in range(1, len(steps) + 1):
        yield tuple(steps[-length:])


def _steps(name: str) -> list[str]:
    return [step.strip('"') for step in re.findall(r'"[^"]*"|[^."]+', name)]


def _text(value: Value) -> str:
    if isinstance(value, dict):
        text = json.dumps(value, sort_keys=True)
    elif isinstance(value, list):
        text = "+".join(map(_text, value))
    elif isinstance(value, bool):
        text = "true" if value else "false"
    else:
        text = "null" if value is None else str(value)
    safe = _safe(text) or "empty"
    return safe if len(safe) <= _MAX_VALUE else f"{safe[: _MAX_VALUE - 7]}~{_digest(value)[:6]}"


def _safe(text: str) -> str:
    return _UNSAFE.sub("-", text)


def _cut(label: str, variant: Settings) -> str:
    return f"{label[: MAX_LABEL - 9]}~{_digest(list(map(list, variant)))[:8]}"


def _digest(value: object) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
