"""Layer selectors: one grammar for every operator that chooses layers.

layer1.*          a glob over layer names (`*` also matches dots)
re:layer[12]\\..*   a regular expression that must match the whole name
type:Conv2d       layers of a type; a glob too (`type:Conv*`)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from recipec.api.errors import OperatorError
from recipec.api.layers import Layer, LayerTable


def matches(selector: str, layer: Layer) -> bool:
    """Say whether a selector matches a layer. Raises OperatorError on a bad regular expression."""
    kind, _, rest = selector.partition(":")
    if kind == "type":
        return fnmatchcase(layer.type, rest)
    if kind == "re":
        try:
            return re.fullmatch(rest, layer.name) is not None
        except re.error as problem:
            raise OperatorError(f"{selector!r} is not a regular expression: {problem}") from problem
    return fnmatchcase(layer.name, selector)


def select(
    layers: LayerTable | Iterable[Layer],
    selectors: Sequence[str],
    *,
    at: tuple[str | int, ...] = (),
) -> tuple[Layer, ...]:
    """Give the layers that at least one selector matches, in their order.

    Raises OperatorError at `(*at, i)` for a selector that matches nothing: it is misspelt, or the
    model isn't what its author thought.
    """
    rows = _rows(layers)
    for index, selector in enumerate(selectors):
        if not any(matches(selector, layer) for layer in rows):
            raise OperatorError(
                f"{selector!r} matches no layer", at=(*at, index), hint=f"layers: {_names(rows)}"
            )
    return tuple(layer for layer in rows if any(matches(s, layer) for s in selectors))


def choose(
    layers: LayerTable | Iterable[Layer], include: Sequence[str], exclude: Sequence[str]
) -> tuple[Layer, ...]:
    """Give the layers that `include` selects (all when it is empty) and `exclude` doesn't.

    Raises OperatorError at `("include", i)` or `("exclude", i)` as `select` does.
    """
    rows = _rows(layers)
    wanted = select(rows, include, at=("include",)) if include else rows
    unwanted = {layer.name for layer in select(rows, exclude, at=("exclude",))}
    return tuple(layer for layer in wanted if layer.name not in unwanted)


def _rows(layers: LayerTable | Iterable[Layer]) -> tuple[Layer, ...]:
    return layers.layers if isinstance(layers, LayerTable) else tuple(layers)


def _names(layers: Sequence[Layer], limit: int = 12) -> str:
    shown = ", ".join(f"{layer.name} ({layer.type})" for layer in layers[:limit])
    return shown + (f" and {len(layers) - limit} more" if len(layers) > limit else "")
