"""Values that types let pass though they aren't meant: `true` for a number, infinity."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from recipec.api.notation import shown
from recipec.source import Path


def not_finite(given: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Give the places of infinities and NaN, each with a sentence: no JSON could carry them."""
    if isinstance(given, float) and not math.isfinite(given):
        yield path, f"{_name(path)} should be a finite number, not {shown(given)}"
    else:
        for step, inner in _inner(given):
            yield from not_finite(inner, (*path, step))


def not_of_its_type(given: object, read: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Give the places where `true` was read as 1 or 1 as `true`, each with a sentence.

    `given` is what a recipe holds, `read` what a model made of it.
    """
    if isinstance(given, bool) and isinstance(read, int | float) and not isinstance(read, bool):
        yield path, f"{_name(path)} should be a number, not {shown(given)}"
    elif isinstance(read, bool) and isinstance(given, int | float) and not isinstance(given, bool):
        yield path, f"{_name(path)} should be true or false, not {shown(given)}"
    else:
        for step, inner in _inner(given):
            yield from not_of_its_type(inner, _at(read, step), (*path, step))


def _inner(value: object) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, list | tuple):
        yield from enumerate(value)


def _at(read: object, step: str | int) -> object:
    if isinstance(read, BaseModel):
        fields = type(read).model_fields.items()
        return next((getattr(read, n) for n, f in fields if step in (n, f.alias)), None)
    if isinstance(read, Mapping):
        return read.get(step)
    if isinstance(read, list | tuple) and isinstance(step, int) and step < len(read):
        return read[step]
    return None


def _name(path: Path) -> str:
    name = str(path[-1]) if path else "this"
    return f"{path[-2]}[{name}]" if len(path) > 1 and isinstance(path[-1], int) else name
