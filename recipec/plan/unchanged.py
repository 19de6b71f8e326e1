"""A stage that changes nothing is a mistake, unless the recipe says that it may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from recipec.api import Unknown
from recipec.diagnostics import Diagnostic
from recipec.plan.model import Node
from recipec.plan.planning import Planning


def unchanged(
    node: Node, changed: Mapping[str, int | Unknown], planning: Planning
) -> Diagnostic | None:
    """Complain of a stage whose counted changes are all 0, planned or made."""
    if not changed or node.allow_unchanged or any(count != 0 for count in changed.values()):
        return None
    nothing = " and ".join(f"0 {what}" for what in changed)
    message = f"{node.id} ({node.operator}) changes nothing: {nothing}"
    others = [said for said in node.effects if not said.startswith("0 ")]  # that is told already
    if others:
        message += f"; {'; '.join(others)}"
    return planning.recipe.error("nothing-changed", message, node.at, _hint(node))


_AMOUNTS: Final = ("amount", "count", "parameters", "rank", "factor", "threshold", "below", "first")
_LAYERS: Final = ("include", "exclude", "layers", "nodes", "select", "selector", "pattern")
_GRAIN: Final = ("round_to", "group_size", "min_channels", "block")
"""Parameters by what they decide, whichever operator has them: how much is changed, where, and in
which steps."""


def _hint(node: Node) -> str:
    """Say which of the stage's own parameters decide how much it changes."""
    given = [name for name in node.given if name in node.params]
    ways = []
    for names, way in (
        (_AMOUNTS, "another {}"),
        (_GRAIN, "a smaller {}"),
        (_LAYERS, "other layers in {}"),
    ):
        chosen = [name for name in given if name in names]
        if chosen:
            ways.append(way.format(" or ".join(f"`{name}`" for name in chosen)))
    if not ways:
        return "leave the stage out, or allow it with `allow_unchanged: true` beside `uses:`"
    return f"choose {' or '.join(ways)}; or allow it with `allow_unchanged: true` beside `uses:`"


def counted(changed: Mapping[str, int | Unknown], known_after: str) -> list[str]:
    """Say what is changed: `48 channels removed`."""
    return [
        f"{what} (known after {known_after})" if isinstance(count, Unknown) else f"{count:,} {what}"
        for what, count in changed.items()
    ]
