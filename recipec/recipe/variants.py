"""Choosing variants of a matrix by their labels."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from recipec.diagnostics import UsageError, error
from recipec.recipe.matrix import Variant
from recipec.recipe.suggest import suggestion

SHOWN = 20
"""How many labels an error lists."""


def chosen_variant(variants: tuple[Variant, ...], wanted: str | None) -> Variant | None:
    """Give the one variant that is wanted, None without a matrix. Raises UsageError."""
    if wanted is None and not variants:
        return None
    chosen = chosen_variants(variants, () if wanted is None else (wanted,))
    if len(chosen) == 1:
        return chosen[0]
    fit = "the recipe has" if wanted is None else f"--variant {wanted} fits"
    hint = f"choose one with --variant: {listed([variant.label for variant in chosen])}"
    raise UsageError(error("several-variants", f"{fit} {len(chosen):,} variants", hint=hint))


def chosen_variants(
    variants: tuple[Variant, ...], patterns: tuple[str, ...]
) -> tuple[Variant, ...]:
    """Give the variants whose labels are named or fit a glob, in their own order; all of them when
    nothing is wanted. Raises UsageError for what fits none."""
    if not patterns:
        return variants
    chosen: set[str] = set()
    problems = []
    labels = [variant.label for variant in variants]
    for pattern in patterns:
        if pattern in labels:
            chosen.add(pattern)
        elif found := [label for label in labels if fnmatchcase(label, pattern)]:
            chosen.update(found)
        else:
            hint = suggestion(pattern, labels, "variants", close=True)
            hint = hint or (f"variants: {listed(labels)}" if labels else "it has no matrix")
            message = f"--variant {pattern}: the recipe has no such variant"
            problems.append(error("unknown-variant", message, hint=hint))
    if problems:
        raise UsageError(problems)
    return tuple(variant for variant in variants if variant.label in chosen)


def listed(labels: Sequence[str]) -> str:
    """Write labels, the first of them when there are many."""
    return "; ".join([*labels[:SHOWN], *(["…"] if len(labels) > SHOWN else [])])
