"""Merging plain values: mappings key by key, anything else whole."""

from __future__ import annotations

from recipec.recipe.placed import Placed


def merge_values(base: Placed, over: Placed) -> Placed:
    """Merge mappings at every depth; anything else takes the place of what was there."""
    if not isinstance(base.value, dict) or not isinstance(over.value, dict):
        return over
    changed: dict[str, Placed] = {}
    for name, inner in over.items():
        beneath = base.get(name)
        changed[name] = inner if beneath is None else merge_values(beneath, inner)
    merged = base.updated(changed)
    return merged._replace(spans=over.spans._replace(children=merged.spans.children))
