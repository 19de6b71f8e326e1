"""What a person answered about the recipe to be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from recipec.api.recipe_parts import DataPart, Goal, ModelPart
from recipec.diagnostics import UsageError, error
from recipec.recipe import suggestion


@dataclass(frozen=True)
class Wish:
    """A new recipe, before it is written.

    `built_by` is what builds the model, `shape` that of its input with N for the batch, `answers`
    are those to the questions of the data, `max_drop` is how much accuracy may be lost, and
    `preferred` operators are taken where several would do.
    """

    name: str
    model: ModelPart
    built_by: str
    data: DataPart
    target: str
    goals: frozenset[Goal]
    max_drop: str = "1pp"
    weights: str | None = None
    shape: tuple[int | str, ...] | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    preferred: frozenset[str] = frozenset()


def model_named(text: str, parts: Mapping[str, ModelPart]) -> tuple[ModelPart, str]:
    """Find who makes a model, given its short name or where its code is. Raises UsageError."""
    for part in parts.values():
        if text in part.short_names:
            return part, part.short_names[text]
    if ":" in text and parts:
        return next(iter(parts.values())), text
    names = {name for part in parts.values() for name in part.short_names}
    hint = suggestion(text, names, close=True) or (
        "write package.module:name, or model.py:Net with model.py beside the recipe; "
        "`recipec init --list` shows the short names"
    )
    raise UsageError(error("bad-option", f"--model: there is no model {text!r}", hint=hint))


def shape_of(text: str) -> tuple[int | str, ...]:
    """Read `3,224,224` as the shape of one sample, with the batch before it. Raises UsageError."""
    sizes = re.split(r"\s*[,x×]\s*|\s+", text.strip().strip("[]()"))
    if sizes[0] == "N":
        sizes = sizes[1:]
    if not all(re.fullmatch("[1-9][0-9]{0,8}", size) for size in sizes):
        raise UsageError(
            error(
                "bad-option",
                f"--shape: {text!r} is not the shape of a sample",
                hint="write the sizes with commas, without the batch: 3,224,224",
            )
        )
    return ("N", *map(int, sizes))
